/* Runs of items, cut into buckets, in the party's store; see buckets.h. */
#include "src/models/psi/buckets.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/context.h"
#include "lib/memory.h"
#include "src/models/psi/sort.h"

/* Of the memory a bucket, with what sorts it, takes about 56 bytes an item, and a run 40. A session with a peer that stores runs alike keeps the
 * records of about a run until the peer has stored it, and writes them into its own state: a run is a quarter of a bucket. */
enum { BUCKET_SHARE = 128, RUN_SHARE = 512, PIECE_NAME = BUCKETS_NAME + 24, PIECE_HEAD = 4 + BUCKETS_DIGEST };

static uint64_t at_least(uint64_t number, uint64_t least)
{
    return number < least ? least : number;
}

int32_t buckets_init(struct buckets *buckets, fate_context *context, const char *name, uint32_t size, uint64_t memory, uint64_t total)
{
    memset(buckets, 0, sizeof *buckets);
    buckets->context = context;
    buckets->size = size;
    buckets->total = total;
    snprintf(buckets->name, sizeof buckets->name, "%s", name);
    uint64_t least = at_least(total / BUCKETS_MOST + (total % BUCKETS_MOST != 0), 1), in_bucket = at_least(memory / BUCKET_SHARE, least);
    buckets->run_items = at_least(memory / RUN_SHARE, least);
    buckets->count = size < BUCKETS_SORTED ? 1 : (uint32_t)at_least(total / in_bucket + (total % in_bucket != 0), 1);
    buckets->most_runs = (uint32_t)(total / buckets->run_items + 1);
    buckets->pieces = memory_zeroed(context, (uint64_t)buckets->most_runs * buckets->count, sizeof *buckets->pieces);
    return buckets->pieces == NULL ? context_out_of_memory(context) : FATE_OK;
}

void buckets_unload(struct buckets *buckets)
{
    memory_free(buckets->context, buckets->loaded);
    memory_free(buckets->context, buckets->order);
    buckets->loaded = NULL;
    buckets->order = NULL;
    buckets->complete = false;
}

void buckets_free(struct buckets *buckets)
{
    if (buckets->context == NULL) return;
    buckets_unload(buckets);
    memory_free(buckets->context, buckets->pieces);
    memory_free(buckets->context, buckets->items);
    buckets->pieces = NULL;
    buckets->items = NULL;
}

/* ---- making and storing runs ---- */

uint8_t *buckets_room(struct buckets *buckets)
{
    if (buckets->items == NULL) buckets->items = memory_allocate(buckets->context, buckets->run_items + BUCKETS_CHUNK, buckets->size);
    return buckets->items == NULL ? NULL : buckets->items + buckets->filled * buckets->size;
}

bool buckets_full(const struct buckets *buckets)
{
    return buckets->filled >= buckets->run_items;
}

/* Items ascend with the bucket's number, as their first bytes do. */
static uint32_t bucket_of(const struct buckets *buckets, const uint8_t *item)
{
    uint64_t head = (uint64_t)item[0] << 24 | (uint64_t)item[1] << 16 | (uint64_t)item[2] << 8 | item[3];
    return (uint32_t)(head * buckets->count >> 32);
}

void buckets_piece_name(char *text, size_t room, const char *name, uint32_t run, uint32_t which)
{
    snprintf(text, room, "%s-%u-%u", name, (unsigned)run, (unsigned)which);
}

static struct buckets_piece *piece_at(const struct buckets *buckets, uint32_t run, uint32_t which)
{
    return &buckets->pieces[(uint64_t)run * buckets->count + which];
}

static void digest_of(uint8_t *digest, const uint8_t *bytes, uint64_t length)
{
    crypto_generichash(digest, BUCKETS_DIGEST, bytes, length, NULL, 0);
}

/* Asks the store to keep one bucket of the run. */
static int32_t put_piece(fate_turn *turn, struct buckets *buckets, const char *name)
{
    struct buckets_piece *piece = piece_at(buckets, buckets->runs, buckets->at);
    uint64_t size = buckets->size, count = 0;
    for (uint64_t i = 0; i < buckets->filled; i++)
        count += buckets->count == 1 || bucket_of(buckets, buckets->items + i * size) == buckets->at;
    piece->count = (uint32_t)count;
    if (count == 0) return FATE_OK;
    uint8_t *bytes = memory_allocate(buckets->context, count, size), *to = bytes;
    if (bytes == NULL) return context_out_of_memory(buckets->context);
    for (uint64_t i = 0; i < buckets->filled; i++) {
        const uint8_t *item = buckets->items + i * size;
        if (buckets->count > 1 && bucket_of(buckets, item) != buckets->at) continue;
        memcpy(to, item, (size_t)size);
        to += size;
    }
    digest_of(piece->digest, bytes, count * size);
    int32_t result = fate_turn_put(turn, name, bytes, count * size);
    memory_free(buckets->context, bytes);
    return result;
}

int32_t buckets_store(fate_turn *turn, struct buckets *buckets)
{
    char name[PIECE_NAME];
    if (buckets->filled == 0) return FATE_OK;
    for (; buckets->at < buckets->count; buckets->at++) {
        buckets_piece_name(name, sizeof name, buckets->name, buckets->runs, buckets->at);
        int32_t result = buckets->asked ? fate_turn_put(turn, name, NULL, 0) : put_piece(turn, buckets, name);
        buckets->asked = result == FATE_AGAIN;
        if (result != FATE_OK) return result;
    }
    buckets->at = 0;
    buckets->runs++;
    buckets->filled = 0;
    memory_free(buckets->context, buckets->items);
    buckets->items = NULL;
    return FATE_OK;
}

/* ---- buckets back into memory ---- */

uint64_t buckets_items(const struct buckets *buckets, uint32_t which)
{
    uint64_t count = 0;
    for (uint32_t run = 0; run < buckets->runs; run++) count += piece_at(buckets, run, which)->count;
    return count;
}

bool buckets_piece_is(const struct buckets_piece *piece, uint32_t size, const uint8_t *bytes, uint64_t length)
{
    uint8_t digest[BUCKETS_DIGEST];
    if (length != (uint64_t)piece->count * size) return false;
    digest_of(digest, bytes, length);
    return memcmp(digest, piece->digest, sizeof digest) == 0;
}

static int32_t get_piece(fate_turn *turn, struct buckets *buckets)
{
    const struct buckets_piece *piece = piece_at(buckets, buckets->at, buckets->which);
    const uint8_t *bytes;
    uint64_t length;
    char name[PIECE_NAME];
    if (piece->count == 0) return FATE_OK;
    buckets_piece_name(name, sizeof name, buckets->name, buckets->at, buckets->which);
    int32_t result = fate_turn_get(turn, name, &bytes, &length);
    if (result != FATE_OK && result != FATE_EMPTY) return result;
    if (result == FATE_EMPTY || !buckets_piece_is(piece, buckets->size, bytes, length))
        return context_fail(buckets->context, FATE_E_STORE,
                            "the spilled ids \"kept-%s\" in the store are %s: begin anew, with the option \"restart\" at every party", name,
                            result == FATE_EMPTY ? "missing" : "not those that this run has stored");
    memcpy(buckets->loaded + buckets->read * buckets->size, bytes, (size_t)length);
    buckets->read += piece->count;
    return FATE_OK;
}

int32_t buckets_load(fate_turn *turn, struct buckets *buckets, uint32_t which)
{
    if (buckets->loaded != NULL && buckets->which == which && buckets->complete) return FATE_OK;
    if (buckets->loaded == NULL || buckets->which != which) {
        buckets_unload(buckets);
        buckets->which = which;
        buckets->at = 0;
        buckets->read = 0;
        buckets->loaded_count = buckets_items(buckets, which);
        buckets->loaded = memory_allocate(buckets->context, buckets->loaded_count, buckets->size);
        if (buckets->loaded == NULL) return context_out_of_memory(buckets->context);
    }
    for (; buckets->at < buckets->runs; buckets->at++) {
        int32_t result = get_piece(turn, buckets);
        if (result != FATE_OK) return result;
    }
    buckets->at = 0;
    if (buckets->size >= BUCKETS_SORTED) {
        buckets->order = psi_sort(buckets->context, buckets->loaded, buckets->loaded_count, buckets->size);
        if (buckets->order == NULL) return context_out_of_memory(buckets->context);
    }
    buckets->complete = true;
    return FATE_OK;
}

const uint8_t *buckets_item(const struct buckets *buckets, uint64_t place)
{
    return buckets->loaded + (buckets->order == NULL ? place : buckets->order[place]) * (uint64_t)buckets->size;
}

/* ---- as bytes ---- */

void buckets_write(const struct buckets *buckets, struct buffer *out)
{
    uint64_t pieces = (uint64_t)buckets->runs * buckets->count;
    if (!buffer_reserve(out, 12 + pieces * PIECE_HEAD + buckets->filled * buckets->size)) return;
    buffer_u32(out, buckets->runs);
    for (uint64_t i = 0; i < pieces; i++) {
        buffer_u32(out, buckets->pieces[i].count);
        buffer_append(out, buckets->pieces[i].digest, BUCKETS_DIGEST);
    }
    buffer_u64(out, buckets->filled);
    if (buckets->filled > 0) buffer_append(out, buckets->items, buckets->filled * buckets->size);
}

int32_t buckets_read(struct buckets *buckets, struct reader *in)
{
    uint64_t stored = 0;
    buckets->runs = reader_u32(in);
    if (in->failed || buckets->runs > buckets->most_runs) return FATE_E_FORMAT;
    for (uint64_t i = 0; i < (uint64_t)buckets->runs * buckets->count; i++) {
        buckets->pieces[i].count = reader_u32(in);
        const uint8_t *digest = reader_bytes(in, BUCKETS_DIGEST);
        if (digest == NULL) return FATE_E_FORMAT;
        memcpy(buckets->pieces[i].digest, digest, BUCKETS_DIGEST);
        stored += buckets->pieces[i].count;
    }
    uint64_t filled = reader_u64(in);
    if (in->failed || stored > buckets->total || filled > buckets->total - stored || filled >= buckets->run_items + BUCKETS_CHUNK)
        return FATE_E_FORMAT;
    const uint8_t *items = reader_bytes(in, filled * buckets->size);
    if (items == NULL) return FATE_E_FORMAT;
    uint8_t *to = filled == 0 ? NULL : buckets_room(buckets);
    if (filled > 0 && to == NULL) return FATE_E_MEMORY;
    if (filled > 0) memcpy(to, items, (size_t)(filled * buckets->size));
    buckets->filled = filled;
    return buckets->runs < buckets->most_runs || filled == 0 ? FATE_OK : FATE_E_FORMAT;
}
