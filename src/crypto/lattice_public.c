/* The joint seed of the lattice cipher and its public polynomials. */
#include "src/crypto/lattice_public.h"

#include "lib/bytes.h"
#include "lib/memory.h"
#include "lib/threads.h"
#include "src/crypto/lattice_sample.h"

#include <sodium.h>
#include <string.h>

void lattice_coin_commit(uint8_t *commitment, const uint8_t *nonce, const uint8_t *subject, uint32_t party)
{
    static const char label[] = "libfate lattice commitment 1";
    crypto_generichash_state state;
    uint8_t number[4];
    bytes_store_u32(number, party);
    crypto_generichash_init(&state, subject, LATTICE_SEED, LATTICE_SEED);
    crypto_generichash_update(&state, (const uint8_t *)label, sizeof label);
    crypto_generichash_update(&state, number, sizeof number);
    crypto_generichash_update(&state, nonce, LATTICE_SEED);
    crypto_generichash_final(&state, commitment, LATTICE_SEED);
    sodium_memzero(&state, sizeof state);
}

int32_t lattice_coin_check(fate_context *context, const uint8_t *commitment, const uint8_t *nonce, const uint8_t *subject, uint32_t party)
{
    uint8_t expected[LATTICE_SEED];
    lattice_coin_commit(expected, nonce, subject, party);
    if (sodium_memcmp(expected, commitment, sizeof expected) != 0)
        return context_fail(context, FATE_E_PROTOCOL, "lattice: the nonce of party %u is not the one that it committed to",
                            (unsigned)party);
    return FATE_OK;
}

void lattice_coin_seed(uint8_t *seed, const uint8_t *nonces, uint32_t count, const uint8_t *subject)
{
    static const char label[] = "libfate lattice seed 1";
    crypto_generichash_state state;
    crypto_generichash_init(&state, subject, LATTICE_SEED, LATTICE_SEED);
    crypto_generichash_update(&state, (const uint8_t *)label, sizeof label);
    crypto_generichash_update(&state, nonces, (uint64_t)count * LATTICE_SEED);
    crypto_generichash_final(&state, seed, LATTICE_SEED);
}

const uint64_t *lattice_public_block(const struct lattice_public *public_part, uint32_t block)
{
    const struct lattice_profile *profile = public_part->plan->profile;
    return public_part->transformed + (uint64_t)block * profile->digits * profile->degree;
}

struct expansion {
    struct lattice_public *made;
    struct lattice_word *words; /* degree a worker */
    int64_t *digits;            /* digits * degree a worker */
};

static int32_t expand(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct expansion *expansion = argument;
    struct lattice_public *made = expansion->made;
    const struct lattice_profile *profile = made->plan->profile;
    struct lattice_word *words = expansion->words + (uint64_t)worker * profile->degree;
    int64_t *digits = expansion->digits + (uint64_t)worker * profile->digits * profile->degree;
    for (uint64_t block = first; block < end; block++) {
        uint64_t *to = made->transformed + block * profile->digits * profile->degree;
        lattice_uniform(words, profile->degree, made->seed, block);
        lattice_digits(profile, digits, words);
        if (!lattice_digits_fit(profile, digits)) return FATE_E_PROTOCOL;
        for (uint32_t digit = 0; digit < profile->digits; digit++) {
            uint64_t at = (uint64_t)digit * profile->degree;
            made->ring.kernel->forward(&made->ring, to + at, digits + at);
            made->ring.kernel->scale(&made->ring, to + at);
        }
    }
    return FATE_OK;
}

int32_t lattice_public_make(fate_context *context, struct lattice_public *made, const struct lattice_plan *plan, const uint8_t *seed,
                            const struct lattice_kernel *kernel)
{
    const struct lattice_profile *profile = plan->profile;
    const uint64_t one = (uint64_t)profile->digits * profile->degree;
    struct expansion expansion = {made, NULL, NULL};
    memset(made, 0, sizeof *made);
    made->plan = plan;
    memcpy(made->seed, seed, sizeof made->seed);
    int32_t result = lattice_ring_make(context, &made->ring, profile->log_degree, kernel);
    if (result != FATE_OK) return result;
    made->transformed = lattice_allocate(context, (uint64_t)plan->blocks + 1, one * sizeof *made->transformed);
    expansion.words = memory_allocate(context, context->threads, profile->degree * sizeof *expansion.words);
    expansion.digits = memory_allocate(context, context->threads, one * sizeof *expansion.digits);
    if (made->transformed == NULL || expansion.words == NULL || expansion.digits == NULL)
        result = context_out_of_memory(context);
    else
        result = threads_run(context, (uint64_t)plan->blocks + 1, 1, expand, &expansion);
    memory_free(context, expansion.words);
    memory_free(context, expansion.digits);
    if (result == FATE_E_PROTOCOL)
        context_fail(context, result, "lattice: the joint seed is one of 2^120 that give no usable polynomials: toss again");
    if (result != FATE_OK) lattice_public_free(context, made);
    return result;
}

void lattice_public_free(fate_context *context, struct lattice_public *public_part)
{
    lattice_ring_free(context, &public_part->ring);
    lattice_free(context, public_part->transformed, 0);
    public_part->transformed = NULL;
}

void lattice_public_leave(const struct lattice_public *public_part, int64_t *integers, uint64_t *sums)
{
    const uint64_t degree = public_part->ring.degree;
    for (uint64_t at = 0; at < public_part->plan->profile->digits * degree; at += degree)
        public_part->ring.kernel->inverse(&public_part->ring, integers + at, sums + at);
}

enum { THREE_BITS = 35 }; /* of profile B's digits, which are three */

/* As the general case, with shifts that the compiler knows. */
static void join_three(struct lattice_word *words, const int64_t *integers, uint32_t degree, uint32_t count)
{
    const int64_t *second = integers + degree, *third = second + degree;
    for (uint32_t i = 0; i < count; i++) {
        lattice_wide high = (lattice_signed(third[i]) << THREE_BITS) + lattice_signed(second[i]);
        words[i] = lattice_word_of(lattice_wide_of(words[i]) + lattice_signed(integers[i]) + (high << THREE_BITS));
    }
}

/* Of a profile modulo 2^64. */
static void join_narrow(struct lattice_word *words, const int64_t *integers, uint32_t degree, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) words[i].low += (uint64_t)integers[i] + ((uint64_t)integers[degree + i] << 32);
}

void lattice_public_join(const struct lattice_profile *profile, struct lattice_word *words, const int64_t *integers, uint32_t first,
                         uint32_t count)
{
    if (profile->digits == 3 && profile->digit_bits == THREE_BITS) {
        join_three(words, integers + first, profile->degree, count);
        return;
    }
    if (profile->bits == 64) {
        join_narrow(words, integers + first, profile->degree, count);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        lattice_wide word = 0;
        for (uint32_t digit = profile->digits; digit-- > 0;)
            word = (word << profile->digit_bits) + lattice_signed(integers[digit * profile->degree + first + i]);
        words[i] = lattice_word_of(lattice_wide_of(words[i]) + word);
    }
}
