/* The guest encrypts the gradients of the sampled rows and sends them part by part. */
#include <sodium.h>
#include "lib/random.h"
#include "src/models/boosting/guest.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"

enum { PIECE_BYTES = 131072, PART_BYTES = 524288, PARTS_LEAST = 8, PART_ROWS_LEAST = 128 };

static uint64_t row_bytes(const struct guest *guest)
{
    return (uint64_t)guest->packing.row_ciphertexts * fate_public_key_ciphertext_bytes(guest->public_key);
}

/* Rows of a part. Large enough that a host's calls are worth their threads, small enough that there are several parts: hosts add one while
 * the next is encrypted. */
static uint64_t part_rows(const struct guest *guest)
{
    uint64_t most = 1 + (PART_BYTES - 1) / row_bytes(guest);
    uint64_t rows = guest->growth.sample_count / PARTS_LEAST;
    rows = rows < PART_ROWS_LEAST ? PART_ROWS_LEAST : rows;
    return rows < most ? rows : most;
}

/* Rows that are encrypted at once: some milliseconds' work for each thread, since a call starts and ends them. */
static uint64_t piece_rows(const struct guest *guest)
{
    return 1 + ((uint64_t)PIECE_BYTES * fate_context_threads(guest->context) - 1) / row_bytes(guest);
}

static int32_t new_part(struct guest *guest)
{
    uint64_t left = guest->growth.sample_count - guest->position, rows = part_rows(guest);
    guest->part_done = 0;
    guest->part_rows = left < rows ? left : rows;
    return fate_ciphertexts_new(guest->public_key, &guest->part, guest->part_rows * guest->packing.row_ciphertexts);
}

/* The seed of a part: parts never share one, because a ciphertext's randomness follows from its place in the part. */
static int32_t part_seed(fate_turn *turn, const struct guest *guest, uint8_t *seed)
{
    int32_t result = fate_turn_seed(turn, "gradients", guest->tree, seed);
    if (result == FATE_OK) {
        random_derive(seed, seed, "part", guest->position);
    }
    return result;
}

/* Packs the pairs of count rows of the part: words words a row. */
static int32_t pack_rows(const struct guest *guest, uint64_t count, uint64_t *values, uint64_t words)
{
    const struct packing *packing = &guest->packing;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t row = guest->growth.sample[guest->position + guest->part_done + i];
        if (!packing_write(packing, &guest->pairs[row * packing->outputs], &values[i * words])) {
            return context_fail(guest->context, FATE_E_INTERNAL, "a gradient is outside of the range that it was rounded to");
        }
    }
    return FATE_OK;
}

static int32_t encrypt_piece(fate_turn *turn, struct guest *guest)
{
    uint8_t seed[32];
    uint64_t ciphertexts = guest->packing.row_ciphertexts, words = ciphertexts * guest->packing.pair_words;
    uint64_t left = guest->part_rows - guest->part_done, most = piece_rows(guest), count = left < most ? left : most;
    uint64_t *values = memory_allocate(guest->context, count, words * sizeof *values);
    int32_t result = values == NULL ? context_out_of_memory(guest->context) : part_seed(turn, guest, seed);
    if (result == FATE_OK) {
        result = pack_rows(guest, count, values, words);
    }
    if (result == FATE_OK) {
        result = fate_secret_key_encrypt(guest->key, guest->part, guest->part_done * ciphertexts, count * ciphertexts, values,
                                         guest->packing.pair_words, seed);
    }
    memory_free_secret(guest->context, values, count * words * sizeof *values);
    sodium_memzero(seed, sizeof seed);
    guest->part_done += result == FATE_OK ? count : 0;
    return result;
}

static int32_t send_part(fate_turn *turn, struct guest *guest)
{
    uint64_t count = fate_ciphertexts_count(guest->part);
    uint64_t length = count * fate_public_key_ciphertext_bytes(guest->public_key);
    struct gradient_part part = {.first = guest->position, .count = guest->part_rows};
    struct buffer bytes;
    buffer_init(&bytes, guest->context);
    gradient_part_head(&bytes, &part);
    int32_t result = FATE_OK;
    if (!buffer_reserve(&bytes, length)) {
        result = context_out_of_memory(guest->context);
    }
    if (result == FATE_OK) {
        result = fate_ciphertexts_write(guest->part, 0, count, bytes.bytes + bytes.length);
        bytes.length += length;
    }
    if (result == FATE_OK) {
        bool last = guest->position + guest->part_rows == guest->growth.sample_count;
        result = fate_turn_send_all(turn, MESSAGE_GRADIENTS, bytes.bytes, bytes.length, last);
    }
    buffer_free(&bytes);
    fate_ciphertexts_free(guest->part);
    guest->part = NULL;
    guest->position += guest->part_rows;
    return result;
}

int32_t guest_encrypt(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    if (!guest->shared) {
        return FATE_OK;
    }
    int32_t result = guest->part == NULL ? new_part(guest) : FATE_OK;
    if (result == FATE_OK) {
        result = encrypt_piece(turn, guest);
    }
    if (result == FATE_OK && guest->part_done == guest->part_rows) {
        result = send_part(turn, guest);
    }
    if (result != FATE_OK) {
        return result;
    }
    if (guest->position < guest->growth.sample_count) {
        return FATE_AGAIN;
    }
    guest->position = 0;
    return FATE_OK;
}
