/* The host adds ciphertexts into bins, packs, re-randomises and sends the sums. */
#include <sodium.h>
#include "lib/random.h"
#include "src/models/boosting/host.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"

enum { CHUNK_CIPHERTEXTS = 8, PIECE_ROWS = 1024, PIECE_CHUNKS = 16, SEED_LEVELS = 64 };

void host_free_chunks(struct host *host)
{
    for (uint64_t i = 0; i < host->chunk_count; i++) {
        fate_ciphertexts_free(host->chunks[i].bins);
    }
    memory_free(host->context, host->chunks);
    host->chunks = NULL;
    host->chunk_count = 0;
}

/* Walks over the level's chunks; fills them in when chunks is not NULL. Returns how many there are. */
static uint64_t plan_chunks(const struct host *host, struct host_chunk *chunks)
{
    uint64_t count = 0;
    uint32_t most = CHUNK_CIPHERTEXTS * host->packing.pairs;
    for (uint32_t number = 0; number < host->columns.count; number++) {
        if (host->sampled[host->real[number]] == 0) {
            continue;
        }
        uint32_t cells = host->growth.summed_count * host->bins[number];
        for (uint32_t first = 0; first < cells; count++) {
            uint32_t length = cells - first < most ? cells - first : most;
            if (chunks != NULL) {
                chunks[count] = (struct host_chunk){.number = number, .first = first, .cells = length};
            }
            first += length;
        }
    }
    return count;
}

static int32_t new_bins(const struct host *host, struct host_chunk *chunk)
{
    return chunk->bins != NULL ? FATE_OK : fate_ciphertexts_new(host->key, &chunk->bins, chunk->cells);
}

int32_t host_begin_level(fate_turn *turn, struct host *host)
{
    host_free_chunks(host);
    host->position = 0;
    host->chunk_rows = 0;
    int32_t result = columns_draw(host->context, host->sampled, &host->parameters, host->tree, host->growth.level, fate_turn_party(turn),
                                  host->columns.count);
    if (result != FATE_OK) {
        return result;
    }
    uint64_t count = plan_chunks(host, NULL);
    host->chunks = memory_zeroed(host->context, count, sizeof *host->chunks);
    if (host->chunks == NULL) {
        return context_out_of_memory(host->context);
    }
    host->chunk_count = plan_chunks(host, host->chunks);
    /* At the root gradients are added to all bins as they come; below it, chunk after chunk. */
    for (uint64_t i = 0; i < count && host->growth.level == 0 && result == FATE_OK; i++) {
        result = new_bins(host, &host->chunks[i]);
    }
    return result == FATE_OK ? fate_turn_progress(turn, host->tree + 1, host->parameters.trees, host->growth.level + 1,
                                                  host->parameters.depth, host->rows_done)
                             : result;
}

/* The cell of a sampled row within a chunk; UINT32_MAX when it is not in it. */
static uint32_t chunk_cell(const struct host *host, const struct host_chunk *chunk, uint64_t place)
{
    uint32_t row = host->growth.sample[place];
    uint32_t slot = host->growth.slot[row];
    if (slot == GROWTH_NO_SLOT) {
        return UINT32_MAX;
    }
    uint32_t cell = slot * host->bins[chunk->number] + host->columns.data[host->real[chunk->number]][row];
    return cell >= chunk->first && cell - chunk->first < chunk->cells ? cell - chunk->first : UINT32_MAX;
}

/* Adds sampled rows first .. first+count to a chunk; count is at most PIECE_ROWS. */
static int32_t add_rows(const struct host *host, const struct host_chunk *chunk, uint64_t first, uint64_t count)
{
    uint32_t index[PIECE_ROWS];
    for (uint64_t i = 0; i < count; i++) {
        index[i] = chunk_cell(host, chunk, first + i);
    }
    return fate_ciphertexts_gather_add(chunk->bins, host->gradients, first, count, index);
}

static int32_t open_gradients(fate_turn *turn, struct host *host, const struct gradient_part *part)
{
    uint64_t length = part->count * fate_public_key_ciphertext_bytes(host->key);
    host->part_open = true;
    host->position = 0;
    return peer_checked(turn, host->guest, fate_ciphertexts_read(host->gradients, part->first, part->count, part->ciphertexts, length));
}

/* Adds a part to some of the chunks. */
static int32_t add_part(struct host *host, const struct gradient_part *part)
{
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < PIECE_CHUNKS && host->position < host->chunk_count && result == FATE_OK; i++) {
        const struct host_chunk *chunk = &host->chunks[host->position++];
        for (uint64_t done = 0; done < part->count && result == FATE_OK; done += PIECE_ROWS) {
            uint64_t left = part->count - done;
            result = add_rows(host, chunk, part->first + done, left < PIECE_ROWS ? left : PIECE_ROWS);
        }
    }
    return result;
}

int32_t host_add(fate_turn *turn, void *state)
{
    struct host *host = state;
    const uint8_t *bytes;
    uint64_t length;
    struct gradient_part part;
    int32_t result = fate_turn_received(turn, host->guest, &bytes, &length);
    if (result != FATE_OK) {
        return result;
    }
    if (!gradient_part_read(&part, bytes, length, host->gradient_rows, host->growth.sample_count,
                            fate_public_key_ciphertext_bytes(host->key))) {
        return peer_violation(turn, host->guest, "encrypted gradients that do not follow or have a wrong length");
    }
    if (!host->part_open) {
        result = open_gradients(turn, host, &part);
    }
    if (result == FATE_OK) {
        result = add_part(host, &part);
    }
    if (result != FATE_OK) {
        return result;
    }
    if (host->position < host->chunk_count) {
        return FATE_AGAIN;
    }
    host->part_open = false;
    host->position = 0;
    host->gradient_rows += part.count;
    if (fate_turn_last(turn) != 0 && host->gradient_rows != host->growth.sample_count) {
        return peer_violation(turn, host->guest, "encrypted gradients of too few rows");
    }
    return FATE_OK;
}

/* Head and counts of a chunk's message. */
static int32_t write_counts(const struct host *host, const struct host_chunk *chunk, struct buffer *bytes)
{
    struct histogram_part part = {
        .tree = host->tree, .level = host->growth.level, .column = chunk->number, .first = chunk->first, .cells = chunk->cells};
    uint32_t *counts = memory_zeroed(host->context, chunk->cells, sizeof *counts);
    if (counts == NULL) {
        return context_out_of_memory(host->context);
    }
    for (uint64_t place = 0; place < host->growth.sample_count; place++) {
        uint32_t cell = chunk_cell(host, chunk, place);
        if (cell != UINT32_MAX) {
            counts[cell]++;
        }
    }
    histogram_part_head(bytes, &part);
    for (uint32_t cell = 0; cell < chunk->cells; cell++) {
        buffer_u32(bytes, counts[cell]);
    }
    memory_free(host->context, counts);
    return FATE_OK;
}

/* Fresh obfuscators: the guest knows every ciphertext that it made, and could test guesses of which were summed. */
static int32_t rerandomise(fate_turn *turn, const struct host *host, fate_ciphertexts *packed)
{
    uint8_t seed[32];
    int32_t result = fate_turn_seed(turn, "histograms", (uint64_t)host->tree * SEED_LEVELS + host->growth.level, seed);
    if (result == FATE_OK) {
        random_derive(seed, seed, "chunk", host->position);
        result = fate_ciphertexts_rerandomise(packed, seed);
    }
    sodium_memzero(seed, sizeof seed);
    return result;
}

static int32_t write_sums(fate_turn *turn, const struct host *host, const struct host_chunk *chunk, struct buffer *bytes)
{
    fate_ciphertexts *packed = NULL;
    int32_t result = fate_ciphertexts_pack(chunk->bins, &packed, host->packing.pair_bits, host->packing.pairs);
    if (result == FATE_OK) {
        result = rerandomise(turn, host, packed);
    }
    uint64_t count = fate_ciphertexts_count(packed);
    uint64_t length = count * fate_public_key_ciphertext_bytes(host->key);
    if (result == FATE_OK && !buffer_reserve(bytes, length)) {
        result = context_out_of_memory(host->context);
    }
    if (result == FATE_OK) {
        result = fate_ciphertexts_write(packed, 0, count, bytes->bytes + bytes->length);
        bytes->length += length;
    }
    fate_ciphertexts_free(packed);
    return result;
}

static int32_t send_chunk(fate_turn *turn, struct host *host, struct host_chunk *chunk)
{
    struct buffer bytes;
    buffer_init(&bytes, host->context);
    int32_t result = write_counts(host, chunk, &bytes);
    if (result == FATE_OK) {
        result = write_sums(turn, host, chunk, &bytes);
    }
    if (result == FATE_OK) {
        bool last = host->position + 1 == host->chunk_count;
        result = fate_turn_send(turn, MESSAGE_HISTOGRAMS, host->guest, bytes.bytes, bytes.length, last);
    }
    buffer_free(&bytes);
    fate_ciphertexts_free(chunk->bins);
    chunk->bins = NULL;
    return result;
}

int32_t host_sum(fate_turn *turn, void *state)
{
    struct host *host = state;
    if (host->chunk_count == 0) {
        return fate_turn_send(turn, MESSAGE_HISTOGRAMS, host->guest, NULL, 0, 1);
    }
    struct host_chunk *chunk = &host->chunks[host->position];
    int32_t result = new_bins(host, chunk);
    uint64_t left = host->growth.sample_count - host->chunk_rows;
    if (host->growth.level > 0 && left > 0 && result == FATE_OK) {
        uint64_t count = left < PIECE_ROWS ? left : PIECE_ROWS;
        result = add_rows(host, chunk, host->chunk_rows, count);
        host->chunk_rows += count;
        return result == FATE_OK ? FATE_AGAIN : result;
    }
    if (result == FATE_OK) {
        result = send_chunk(turn, host, chunk);
    }
    host->position++;
    host->chunk_rows = 0;
    if (result != FATE_OK) {
        return result;
    }
    return host->position < host->chunk_count ? FATE_AGAIN : FATE_OK;
}
