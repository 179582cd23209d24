/* Eight lanes of 64 bits: AVX-512 with its multiplication of 52-bit integers. Included by kernel_ifma.c alone. */
#ifndef CRYPTO_LANES_IFMA_H
#define CRYPTO_LANES_IFMA_H

#include <immintrin.h>
#include <stdint.h>

#define LANES 8
#define LANES_BLOCK 10 /* a column is added to twice in each step: twenty additions in turn leave time for that */
#define LANES_SHORTER_BLOCK 7
/* Halves of so many limbs are split, where that pays (kernel_ifma.c): with 30 it does not. */
#define LANES_SPLIT 40
#define LANES_FUNCTION static inline __attribute__((always_inline, target("avx512f,avx512ifma")))
#define LANES_TARGET __attribute__((target("avx512f,avx512ifma")))

typedef __m512i lanes;

enum { LANES_LOW_BIAS = 0, LANES_HIGH_BIAS = 0 };

LANES_FUNCTION lanes lanes_load(const uint64_t *from)
{
    return _mm512_loadu_si512(from);
}

LANES_FUNCTION void lanes_store(uint64_t *to, lanes a)
{
    _mm512_storeu_si512(to, a);
}

LANES_FUNCTION lanes lanes_set(uint64_t value)
{
    return _mm512_set1_epi64((long long)value);
}

LANES_FUNCTION lanes lanes_add(lanes a, lanes b)
{
    return _mm512_add_epi64(a, b);
}

LANES_FUNCTION lanes lanes_subtract(lanes a, lanes b)
{
    return _mm512_sub_epi64(a, b);
}

LANES_FUNCTION lanes lanes_and(lanes a, lanes b)
{
    return _mm512_and_si512(a, b);
}

LANES_FUNCTION lanes lanes_or(lanes a, lanes b)
{
    return _mm512_or_si512(a, b);
}

/* already, or the value where the mask has ones. */
LANES_FUNCTION lanes lanes_choose(lanes already, lanes mask, lanes value)
{
    return _mm512_ternarylogic_epi64(already, mask, value, 0xf8);
}

/* The same of factors; the mask is LANES_CHOSEN or 0. */
#define LANES_CHOSEN UINT64_MAX
LANES_FUNCTION lanes lanes_choose_factor(lanes already, lanes mask, lanes value)
{
    return lanes_choose(already, mask, value);
}

LANES_FUNCTION lanes lanes_right(lanes a, uint32_t count)
{
    return _mm512_srl_epi64(a, _mm_cvtsi32_si128((int)count));
}

LANES_FUNCTION lanes lanes_left(lanes a, uint32_t count)
{
    return _mm512_sll_epi64(a, _mm_cvtsi32_si128((int)count));
}

/* a where mask is all ones, b where it is zero. */
LANES_FUNCTION lanes lanes_select(lanes mask, lanes a, lanes b)
{
    return _mm512_ternarylogic_epi64(mask, a, b, 0xca);
}

/* sum, and a where mask is all ones. */
LANES_FUNCTION lanes lanes_or_where(lanes sum, lanes mask, lanes a)
{
    return _mm512_ternarylogic_epi64(sum, mask, a, 0xf8);
}

/* A limb as a factor, and back. */
LANES_FUNCTION lanes lanes_factor(lanes limb)
{
    return limb;
}

LANES_FUNCTION lanes lanes_limb(lanes factor)
{
    return factor;
}

/* sum = left + right and what the limb below carried, below 2^52, and what is carried to the next limb: 0 or 1. */
LANES_FUNCTION void lanes_add_factors(lanes *sum, lanes *carry, lanes left, lanes right)
{
    lanes all = _mm512_add_epi64(_mm512_add_epi64(left, right), *carry);
    *carry = _mm512_srli_epi64(all, 52);
    *sum = _mm512_and_si512(all, _mm512_set1_epi64(((long long)1 << 52) - 1));
}

/* carry times factor. */
LANES_FUNCTION lanes lanes_carried(lanes carry, lanes factor)
{
    return _mm512_and_si512(_mm512_sub_epi64(_mm512_setzero_si512(), carry), factor);
}

/* low += the low 52 bits of a*b, high += the rest. */
LANES_FUNCTION void lanes_multiply_add(lanes *low, lanes *high, lanes a, lanes b)
{
    *low = _mm512_madd52lo_epu64(*low, a, b);
    *high = _mm512_madd52hi_epu64(*high, a, b);
}

LANES_FUNCTION void lanes_multiply_add_low(lanes *low, lanes a, lanes b)
{
    *low = _mm512_madd52lo_epu64(*low, a, b);
}

LANES_FUNCTION void lanes_multiply_add_high(lanes *high, lanes a, lanes b)
{
    *high = _mm512_madd52hi_epu64(*high, a, b);
}

LANES_FUNCTION void lanes_transpose(lanes *rows)
{
    lanes pairs[8], fours[8];
    for (int i = 0; i < 8; i += 2) {
        pairs[i] = _mm512_unpacklo_epi64(rows[i], rows[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_epi64(rows[i], rows[i + 1]);
    }
    for (int i = 0; i < 2; i++) {
        fours[i] = _mm512_shuffle_i64x2(pairs[i], pairs[i + 2], 0x88);
        fours[i + 2] = _mm512_shuffle_i64x2(pairs[i], pairs[i + 2], 0xdd);
        fours[i + 4] = _mm512_shuffle_i64x2(pairs[i + 4], pairs[i + 6], 0x88);
        fours[i + 6] = _mm512_shuffle_i64x2(pairs[i + 4], pairs[i + 6], 0xdd);
    }
    for (int i = 0; i < 4; i++) {
        rows[i] = _mm512_shuffle_i64x2(fours[i], fours[i + 4], 0x88);
        rows[i + 4] = _mm512_shuffle_i64x2(fours[i], fours[i + 4], 0xdd);
    }
}

LANES_FUNCTION lanes lanes_two_rows(const uint64_t *low, const uint64_t *high)
{
    __m256i first = _mm256_loadu_si256((const __m256i *)(const void *)low);
    return _mm512_inserti64x4(_mm512_castsi256_si512(first), _mm256_loadu_si256((const __m256i *)(const void *)high), 1);
}

/* out[j] = limb at + j of the rows, j below the number of lanes. Halves of rows meet as they are loaded, which leaves two shuffles for each
 * limb. */
LANES_FUNCTION void lanes_load_square(lanes *out, const uint64_t *const *rows, uint32_t at){
#define LOAD_FOUR(first)                                                               \
    {                                                                                  \
        lanes a = lanes_two_rows(rows[0] + at + first, rows[2] + at + first);          \
        lanes b = lanes_two_rows(rows[1] + at + first, rows[3] + at + first);          \
        lanes c = lanes_two_rows(rows[4] + at + first, rows[6] + at + first);          \
        lanes d = lanes_two_rows(rows[5] + at + first, rows[7] + at + first);          \
        lanes even = _mm512_unpacklo_epi64(a, b), odd = _mm512_unpackhi_epi64(a, b);   \
        lanes even2 = _mm512_unpacklo_epi64(c, d), odd2 = _mm512_unpackhi_epi64(c, d); \
        out[first] = _mm512_shuffle_i64x2(even, even2, 0x88);                          \
        out[first + 1] = _mm512_shuffle_i64x2(odd, odd2, 0x88);                        \
        out[first + 2] = _mm512_shuffle_i64x2(even, even2, 0xdd);                      \
        out[first + 3] = _mm512_shuffle_i64x2(odd, odd2, 0xdd);                        \
    }
    LOAD_FOUR(0) LOAD_FOUR(4)
#undef LOAD_FOUR
}

LANES_FUNCTION void lanes_store_two_rows(uint64_t *low, uint64_t *high, lanes a)
{
    _mm256_storeu_si256((__m256i *)(void *)low, _mm512_castsi512_si256(a));
    _mm256_storeu_si256((__m256i *)(void *)high, _mm512_extracti64x4_epi64(a, 1));
}

/* The way back. */
LANES_FUNCTION void lanes_store_square(uint64_t *const *rows, uint32_t at, const lanes *in)
{
    const lanes lower = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), upper = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
#define STORE_FOUR(first)                                                                                                    \
    {                                                                                                                        \
        lanes even = _mm512_unpacklo_epi64(in[first], in[first + 1]), odd = _mm512_unpackhi_epi64(in[first], in[first + 1]); \
        lanes even2 = _mm512_unpacklo_epi64(in[first + 2], in[first + 3]);                                                   \
        lanes odd2 = _mm512_unpackhi_epi64(in[first + 2], in[first + 3]);                                                    \
        lanes_store_two_rows(rows[0] + at + first, rows[2] + at + first, _mm512_permutex2var_epi64(even, lower, even2));     \
        lanes_store_two_rows(rows[1] + at + first, rows[3] + at + first, _mm512_permutex2var_epi64(odd, lower, odd2));       \
        lanes_store_two_rows(rows[4] + at + first, rows[6] + at + first, _mm512_permutex2var_epi64(even, upper, even2));     \
        lanes_store_two_rows(rows[5] + at + first, rows[7] + at + first, _mm512_permutex2var_epi64(odd, upper, odd2));       \
    }
    STORE_FOUR(0)
    STORE_FOUR(4)
#undef STORE_FOUR
}

typedef uint32_t lanes_state;

LANES_FUNCTION lanes_state lanes_begin(void)
{
    return 0;
}

LANES_FUNCTION void lanes_end(lanes_state state)
{
    (void)state;
}

#endif
