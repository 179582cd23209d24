/* Trial division and Miller-Rabin tests in constant time for the number that is accepted. */
#include "src/crypto/prime.h"
#include "lib/threads.h"
#include "src/crypto/montgomery.h"

/* Small primes, in groups whose products are below 2^64. */
struct divisors {
    uint16_t primes[PRIME_TRIAL_BOUND / 4];
    uint32_t groups;
    struct divisor_group {
        uint64_t product, inverse; /* modulo 2^64 */
        uint32_t first, end;       /* in primes */
    } group[PRIME_TRIAL_BOUND / 16];
};

static void divisors_fill(struct divisors *divisors)
{
    bool composite[PRIME_TRIAL_BOUND] = {false};
    uint32_t count = 0;
    divisors->groups = 0;
    for (uint32_t next = 3; next < PRIME_TRIAL_BOUND; next += 2) {
        if (composite[next]) continue;
        for (uint32_t i = next * next; i < PRIME_TRIAL_BOUND; i += 2 * next) composite[i] = true;
        struct divisor_group *group = divisors->group + divisors->groups - 1;
        if (divisors->groups == 0 || group->product > UINT64_MAX / next) {
            divisors->groups++;
            *++group = (struct divisor_group){.product = 1, .first = count};
        }
        divisors->primes[count++] = (uint16_t)next;
        group->product *= next;
        group->end = count;
    }
    for (uint32_t i = 0; i < divisors->groups; i++) divisors->group[i].inverse = limbs_invert_limb(divisors->group[i].product);
}

/* A number that the group's primes divide when they divide the given one: that times a power of 2^64, modulo the product or one more. From
 * the lowest limb up, multiples of the product are taken away that make the limb zero. No branch, no address, no division. */
static mp_limb_t remainder_of(const struct divisor_group *group, const mp_limb_t *number, mp_size_t size)
{
    mp_limb_t rest = 0, multiple[1], product[1] = {group->product};
    for (mp_size_t i = 0; i < size; i++) {
        mp_limb_t low, borrow = mpn_sub_n(&low, number + i, &rest, 1);
        low *= group->inverse;
        rest = mpn_mul_1(multiple, product, 1, low) + borrow;
    }
    return rest;
}

/* The number's least prime divisor among them, or 0. */
static uint32_t divisors_find(const struct divisors *divisors, const mp_limb_t *number, mp_size_t size)
{
    for (uint32_t i = 0; i < divisors->groups; i++) {
        const struct divisor_group *group = &divisors->group[i];
        const mp_limb_t rest = remainder_of(group, number, size);
        for (uint32_t j = group->first; j < group->end; j++)
            if (rest % divisors->primes[j] == 0) return divisors->primes[j];
    }
    return 0;
}

uint32_t prime_small_factor(const mp_limb_t *number, mp_size_t size)
{
    struct divisors divisors;
    divisors_fill(&divisors);
    return divisors_find(&divisors, number, size);
}

static bool small_is_prime(uint64_t number)
{
    if (number < 3 || number % 2 == 0) return number == 2;
    for (uint64_t divisor = 3; divisor * divisor <= number; divisor += 2)
        if (number % divisor == 0) return false;
    return true;
}

/* FIPS 186-5, table B.1, for the primes of an RSA modulus of 2048 bits (5 rounds, error below 2^-112) and 3072 bits (4 rounds, below
 * 2^-128). Shorter primes stand only in test keys: there 40 rounds hold for any number, random or not. */
static uint32_t rounds_for(uint64_t bits)
{
    return bits >= 1536 ? 4 : bits >= 1024 ? 5 : 40;
}

/* ---- Miller-Rabin ---- */

/* A round for a number that is 3 modulo 4: a base b passes when b^((number-1)/2) is 1 or -1. */
struct round {
    struct montgomery ring; /* of the number, without R^2 */
    mp_limb_t *base;
    struct random_stream after; /* where the stream stands once the base is drawn */
    bool passed;
};

enum { ROUND_NUMBERS = 3 };

/* memory: room for ROUND_NUMBERS numbers. */
static void round_init(struct round *round, mp_limb_t *memory, uint64_t bits)
{
    const mp_size_t size = limbs_for_bits(bits);
    round->ring = (struct montgomery){.size = size, .modulus = memory, .one = memory + size};
    round->base = memory + 2 * size;
}

/* R modulo the number, of exactly so many bits, is 2^bits less the number, doubled. */
static void round_enter(struct round *round, uint64_t bits)
{
    struct montgomery *ring = &round->ring;
    const mp_size_t size = ring->size;
    mp_limb_t taken;
    ring->inverse = 0 - limbs_invert_limb(ring->modulus[0]);
    mpn_com(ring->one, ring->modulus, size);
    ring->one[0] += 1; /* the number is odd: no carry */
    if (bits % 64 != 0) ring->one[size - 1] &= ((mp_limb_t)1 << bits % 64) - 1;
    for (uint64_t i = bits; i < 64 * (uint64_t)size; i++) {
        mp_limb_t top = mpn_lshift(ring->one, ring->one, size, 1);
        montgomery_take_modulus(ring, ring->one, top, &taken);
    }
}

/* Whether number is one or, less the modulus, minus one. */
static mp_limb_t is_one_or_minus_one(const struct montgomery *ring, const mp_limb_t *number, mp_limb_t *scratch)
{
    mpn_sub_n(scratch, ring->modulus, ring->one, ring->size);
    return limbs_equal(number, ring->one, ring->size) | limbs_equal(number, scratch, ring->size);
}

/* A base other than 0, 1 and -1, in Montgomery's form as it is. */
static void round_draw(struct round *round, uint64_t bits, struct random_stream *stream, mp_limb_t *scratch)
{
    const mp_size_t size = round->ring.size;
    do limbs_random(round->base, size, bits, stream);
    while (!limbs_less(round->base, round->ring.modulus, size) || limbs_is_zero(round->base, size) ||
           is_one_or_minus_one(&round->ring, round->base, scratch));
    round->after = *stream;
    round->passed = false;
}

static mp_size_t round_itch(mp_size_t size)
{
    const struct montgomery ring = {.size = size};
    return 2 * size + montgomery_power_itch(&ring);
}

static void round_run(struct round *round, uint64_t bits, mp_limb_t *scratch)
{
    const mp_size_t size = round->ring.size;
    mp_limb_t *exponent = scratch, *power = exponent + size;
    mpn_rshift(exponent, round->ring.modulus, size, 1);
    montgomery_power(&round->ring, power, round->base, exponent, bits - 1, power + size);
    round->passed = is_one_or_minus_one(&round->ring, power, exponent) != 0;
}

/* ---- tests and the search ---- */

enum { MOST_TOGETHER = 64, TOGETHER_A_THREAD = 8, STOP = 1 };

/* Rounds side by side, one of each of several candidates or several of one. Bases are drawn as if rounds came one after the other, so results
 * are the same for any number of them. */
struct search {
    struct divisors divisors;
    uint64_t bits;
    struct round rounds[MOST_TOGETHER];
    uint32_t together;      /* of the rounds */
    bool wanted;            /* no further round is begun when one comes out so */
    struct scratch numbers; /* of the rounds */
    struct scratch scratch; /* of workers */
};

static int32_t search_new(struct search **made, fate_context *context, uint64_t bits, uint32_t together)
{
    const mp_size_t size = limbs_for_bits(bits);
    struct search *search = memory_zeroed(context, 1, sizeof *search);
    *made = NULL;
    if (search == NULL) return context_out_of_memory(context);
    search->bits = bits;
    search->together = together;
    int32_t result = scratch_new(&search->numbers, context, together, ROUND_NUMBERS * size);
    if (result == FATE_OK) {
        result = scratch_new(&search->scratch, context, fate_context_threads(context), round_itch(size));
        if (result != FATE_OK) scratch_free(&search->numbers);
    }
    if (result != FATE_OK) {
        memory_free(context, search);
        return result;
    }
    divisors_fill(&search->divisors);
    for (uint32_t i = 0; i < together; i++) round_init(&search->rounds[i], scratch_of(&search->numbers, i), bits);
    *made = search;
    return FATE_OK;
}

static void search_free(struct search *search, fate_context *context)
{
    scratch_free(&search->numbers);
    scratch_free(&search->scratch);
    memory_free_secret(context, search, sizeof *search);
}

static int32_t run_rounds(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    struct search *search = argument;
    for (uint64_t i = first; i < end; i++) {
        round_run(&search->rounds[i], search->bits, scratch_of(&search->scratch, worker));
        if (search->rounds[i].passed == search->wanted) return STOP; /* those before it are run to their end */
    }
    return FATE_OK;
}

/* The first of so many rounds that comes out so, or NULL. */
static const struct round *first_round(struct search *search, fate_context *context, uint32_t count, bool wanted)
{
    search->wanted = wanted;
    if (threads_run(context, count, 1, run_rounds, search) == FATE_OK) return NULL;
    const struct round *round = search->rounds;
    while (round->passed != wanted) round++;
    return round;
}

/* Whether the number passes so many rounds; the stream goes on behind the last base that the answer needed. */
static bool passes_rounds(struct search *search, fate_context *context, const mp_limb_t *number, uint32_t rounds,
                          struct random_stream *stream)
{
    for (uint32_t count; rounds > 0; rounds -= count) {
        count = rounds < search->together ? rounds : search->together;
        for (uint32_t i = 0; i < count; i++) {
            struct round *round = &search->rounds[i];
            mpn_copyi(round->ring.modulus, number, round->ring.size);
            round_enter(round, search->bits);
            round_draw(round, search->bits, stream, search->scratch.limbs);
        }
        const struct round *failed = first_round(search, context, count, false);
        if (failed == NULL) continue;
        *stream = failed->after;
        return false;
    }
    return true;
}

int32_t prime_test(fate_context *context, bool *is_prime, const mp_limb_t *number, uint64_t bits, struct random_stream *stream)
{
    *is_prime = false;
    if (bits <= 32) {
        *is_prime = small_is_prime(number[0]);
        return FATE_OK;
    }
    struct search *search;
    int32_t result = search_new(&search, context, bits, 1);
    if (result != FATE_OK) return result;
    if (divisors_find(&search->divisors, number, limbs_for_bits(bits)) == 0)
        *is_prime = passes_rounds(search, context, number, rounds_for(bits), stream);
    search_free(search, context);
    return FATE_OK;
}

static void draw_candidate(mp_limb_t *number, uint64_t bits, struct random_stream *stream)
{
    limbs_random(number, limbs_for_bits(bits), bits, stream);
    number[0] |= 3;
    number[(bits - 1) / 64] |= (mp_limb_t)1 << ((bits - 1) % 64);
    number[(bits - 2) / 64] |= (mp_limb_t)1 << ((bits - 2) % 64);
}

/* The next candidate that passes a round. */
static void find_candidate(struct search *search, fate_context *context, mp_limb_t *number, struct random_stream *stream)
{
    const struct round *passed = NULL;
    while (passed == NULL) {
        for (uint32_t i = 0; i < search->together; i++) {
            struct round *round = &search->rounds[i];
            do draw_candidate(round->ring.modulus, search->bits, stream);
            while (divisors_find(&search->divisors, round->ring.modulus, round->ring.size) != 0);
            round_enter(round, search->bits);
            round_draw(round, search->bits, stream, search->scratch.limbs);
        }
        passed = first_round(search, context, search->together, true);
    }
    mpn_copyi(number, passed->ring.modulus, passed->ring.size);
    *stream = passed->after;
}

int32_t prime_generate(fate_context *context, mp_limb_t *prime, uint64_t bits, struct random_stream *stream)
{
    if (bits <= 32) {
        do draw_candidate(prime, bits, stream);
        while (!small_is_prime(prime[0]));
        return FATE_OK;
    }
    const uint32_t threads = fate_context_threads(context), together = threads * TOGETHER_A_THREAD;
    struct search *search;
    int32_t result = search_new(&search, context, bits, threads == 1 ? 1 : together > MOST_TOGETHER ? MOST_TOGETHER : together);
    if (result != FATE_OK) return result;
    do find_candidate(search, context, prime, stream);
    while (!passes_rounds(search, context, prime, rounds_for(bits) - 1, stream));
    search_free(search, context);
    return FATE_OK;
}
