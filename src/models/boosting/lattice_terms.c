/* What a job asks of the lattice cipher, and the coin toss for its public seed. */
#include "src/models/boosting/lattice_terms.h"

#include <sodium.h>
#include <string.h>

#include "lib/memory.h"
#include "src/models/boosting/exposure.h"
#include "src/models/boosting/objective.h"
#include "src/models/boosting/peer.h"

/* Every number of a row is below 2^OBJECTIVE_BITS, so that the absolute values of all rows add up to less than 2^(OBJECTIVE_BITS + e) for 2^e rows. */
static uint32_t sum_bits(uint64_t rows)
{
    uint32_t bits = OBJECTIVE_BITS;
    while (rows > (uint64_t)1 << (bits - OBJECTIVE_BITS)) bits++;
    return bits;
}

void lattice_terms_make(const fate_context *context, struct lattice_terms *terms, const struct boosting_parameters *parameters,
                        uint64_t rows)
{
    uint64_t vectors = exposure_sums(parameters);
    *terms = (struct lattice_terms){
        .profile = *parameters->lattice, .rows = rows, .vectors = vectors == 0 ? 1 : vectors, .bits = sum_bits(rows)};
    terms->most = parameters->lattice_vectors > terms->vectors ? parameters->lattice_vectors : terms->vectors;
#ifdef FATE_TEST_BUILD
    if (context->accepts_small_keys) {
        terms->profile.log_degree = 6;
        terms->profile.degree = 64;
    }
#else
    (void)context;
#endif
}

int32_t lattice_terms_plan(fate_context *context, const struct lattice_terms *terms, uint64_t columns, uint64_t bins,
                           struct lattice_plan *plan)
{
    const struct lattice_shape shape = {terms->rows, columns, bins, terms->most, terms->bits};
    return lattice_plan_make(context, plan, &terms->profile, &shape);
}

/* The common seed is of this run alone; the digest of ids says which rows. */
static int32_t make_subject(fate_turn *turn, uint8_t *subject, const struct lattice_terms *terms, const fate_table *table)
{
    uint8_t key[32], job[32], ids[MESSAGE_DIGEST], numbers[8 + 8 + 4 + 1];
    crypto_generichash_state state;
    int32_t result = fate_turn_common_seed(turn, "lattice subject", key);
    if (result == FATE_OK) result = fate_job_digest(fate_turn_job(turn), job);
    if (result == FATE_OK) result = peer_id_digest(turn, table, "lattice ids", ids);
    if (result != FATE_OK) return result;
    bytes_store_u64(numbers, terms->rows);
    bytes_store_u64(numbers + 8, terms->vectors);
    bytes_store_u32(numbers + 16, terms->bits);
    numbers[20] = terms->profile.number;
    crypto_generichash_init(&state, key, sizeof key, LATTICE_SEED);
    crypto_generichash_update(&state, job, sizeof job);
    crypto_generichash_update(&state, ids, sizeof ids);
    crypto_generichash_update(&state, numbers, sizeof numbers);
    crypto_generichash_final(&state, subject, LATTICE_SEED);
    sodium_memzero(key, sizeof key);
    sodium_memzero(&state, sizeof state);
    return FATE_OK;
}

int32_t lattice_toss_begin(fate_turn *turn, struct lattice_toss *toss, const struct lattice_terms *terms, const fate_table *table)
{
    const uint32_t own = fate_turn_party(turn);
    toss->context = fate_turn_context(turn);
    toss->parties = fate_job_party_count(fate_turn_job(turn));
    toss->commitments = memory_zeroed(toss->context, toss->parties, LATTICE_SEED);
    toss->nonces = memory_zeroed(toss->context, toss->parties, LATTICE_SEED);
    if (toss->commitments == NULL || toss->nonces == NULL) return context_out_of_memory(toss->context);
    int32_t result = make_subject(turn, toss->subject, terms, table);
    if (result == FATE_OK) result = fate_turn_seed(turn, "lattice nonce", 0, lattice_toss_nonce(toss, own));
    if (result == FATE_OK) lattice_coin_commit(lattice_toss_commitment(toss, own), lattice_toss_nonce(toss, own), toss->subject, own);
    return result;
}

void lattice_toss_free(struct lattice_toss *toss)
{
    if (toss->context == NULL) return;
    memory_free(toss->context, toss->commitments);
    memory_free_secret(toss->context, toss->nonces, (uint64_t)toss->parties * LATTICE_SEED);
    toss->commitments = toss->nonces = NULL;
}

uint8_t *lattice_toss_commitment(const struct lattice_toss *toss, uint32_t party)
{
    return toss->commitments + (uint64_t)party * LATTICE_SEED;
}

uint8_t *lattice_toss_nonce(const struct lattice_toss *toss, uint32_t party)
{
    return toss->nonces + (uint64_t)party * LATTICE_SEED;
}

int32_t lattice_toss_take(struct lattice_toss *toss, bool nonces, uint32_t own, const uint8_t *bytes, uint64_t length)
{
    uint8_t *to = nonces ? toss->nonces : toss->commitments;
    const uint64_t at = (uint64_t)own * LATTICE_SEED;
    if (length != (uint64_t)toss->parties * LATTICE_SEED || sodium_memcmp(bytes + at, to + at, LATTICE_SEED) != 0)
        return context_fail(toss->context, FATE_E_PROTOCOL, "%s of another number of parties, or others of this party than it sent",
                            nonces ? "nonces" : "commitments");
    memcpy(to, bytes, length);
    return FATE_OK;
}

int32_t lattice_toss_end(struct lattice_toss *toss)
{
    int32_t result = FATE_OK;
    for (uint32_t party = 0; party < toss->parties && result == FATE_OK; party++)
        result =
            lattice_coin_check(toss->context, lattice_toss_commitment(toss, party), lattice_toss_nonce(toss, party), toss->subject, party);
    if (result == FATE_OK) lattice_coin_seed(toss->seed, toss->nonces, toss->parties, toss->subject);
    return result;
}
