/* Four lanes of 64 bits: AVX2, multiplying 52-bit limbs as doubles with fused multiply-add, rounding down. With h = a*b + 2^104, the bits
 * of h are 0x467 * 2^52 + the product's high half; a*b + (2^104 + 2^52 - h) is exact, with bits 0x433 * 2^52 + the low half. The bits
 * are added as integers; what the exponents add is known beforehand. Included by kernel_fma.c alone. */
#ifndef CRYPTO_LANES_FMA_H
#define CRYPTO_LANES_FMA_H

#include <immintrin.h>
#include <stdint.h>

#define LANES 4
#define LANES_BLOCK 5 /* five factors, six columns, and what a product needs: all sixteen registers */
#define LANES_SHORTER_BLOCK 0
/* Halves of so many limbs are split; their sums may have limbs of 2^52, whose products are exact here. */
#define LANES_SPLIT 30
#define LANES_FUNCTION static inline __attribute__((always_inline, target("avx2,fma")))
#define LANES_TARGET __attribute__((target("avx2,fma")))

typedef __m256i lanes;

#define LANES_LOW_BIAS ((uint64_t)0x433 << 52)
#define LANES_HIGH_BIAS ((uint64_t)0x467 << 52)

LANES_FUNCTION lanes lanes_load(const uint64_t *from)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

LANES_FUNCTION void lanes_store(uint64_t *to, lanes a)
{
    _mm256_storeu_si256((__m256i *)(void *)to, a);
}

LANES_FUNCTION lanes lanes_set(uint64_t value)
{
    return _mm256_set1_epi64x((long long)value);
}

LANES_FUNCTION lanes lanes_add(lanes a, lanes b)
{
    return _mm256_add_epi64(a, b);
}

LANES_FUNCTION lanes lanes_subtract(lanes a, lanes b)
{
    return _mm256_sub_epi64(a, b);
}

LANES_FUNCTION lanes lanes_and(lanes a, lanes b)
{
    return _mm256_and_si256(a, b);
}

LANES_FUNCTION lanes lanes_or(lanes a, lanes b)
{
    return _mm256_or_si256(a, b);
}

/* already, or the value where the mask has ones. */
LANES_FUNCTION lanes lanes_choose(lanes already, lanes mask, lanes value)
{
    return lanes_or(already, lanes_and(value, mask));
}

/* The same of factors; the mask is LANES_CHOSEN or 0. */
#define LANES_CHOSEN ((uint64_t)0x3ff << 52) /* the factor 1 */
LANES_FUNCTION lanes lanes_choose_factor(lanes already, lanes mask, lanes value)
{
    return _mm256_castpd_si256(_mm256_fmadd_pd(_mm256_castsi256_pd(value), _mm256_castsi256_pd(mask), _mm256_castsi256_pd(already)));
}

LANES_FUNCTION lanes lanes_right(lanes a, uint32_t count)
{
    return _mm256_srl_epi64(a, _mm_cvtsi32_si128((int)count));
}

LANES_FUNCTION lanes lanes_left(lanes a, uint32_t count)
{
    return _mm256_sll_epi64(a, _mm_cvtsi32_si128((int)count));
}

/* a where mask is all ones, b where it is zero. */
LANES_FUNCTION lanes lanes_select(lanes mask, lanes a, lanes b)
{
    return _mm256_xor_si256(b, _mm256_and_si256(mask, _mm256_xor_si256(a, b)));
}

/* sum, and a where mask is all ones. */
LANES_FUNCTION lanes lanes_or_where(lanes sum, lanes mask, lanes a)
{
    return lanes_or(sum, lanes_and(mask, a));
}

/* Of the low 32 bits. */
LANES_FUNCTION lanes lanes_multiply_half(lanes a, lanes b)
{
    return _mm256_mul_epu32(a, b);
}

LANES_FUNCTION void lanes_multiply_half_add(lanes *sum, lanes a, lanes b)
{
    *sum = _mm256_add_epi64(*sum, _mm256_mul_epu32(a, b));
    /* Compilers would add the products first, and run out of registers. */
    __asm__("" : "+x"(*sum));
}

/* A limb as a factor, and back: 2^52 + limb has the limb as its lowest bits. */
LANES_FUNCTION lanes lanes_factor(lanes limb)
{
    __m256d biased = _mm256_castsi256_pd(_mm256_or_si256(limb, lanes_set(LANES_LOW_BIAS)));
    return _mm256_castpd_si256(_mm256_sub_pd(biased, _mm256_set1_pd(0x1p52)));
}

LANES_FUNCTION lanes lanes_limb(lanes factor)
{
    __m256d biased = _mm256_add_pd(_mm256_castsi256_pd(factor), _mm256_set1_pd(0x1p52));
    return _mm256_xor_si256(_mm256_castpd_si256(biased), lanes_set(LANES_LOW_BIAS));
}

/* sum = left + right, at most 2^52, and what is carried to the next limb: 0 or 1, as a factor. */
LANES_FUNCTION void lanes_add_factors(lanes *sum, lanes *carry, lanes left, lanes right)
{
    const __m256d shifter = _mm256_set1_pd(0x1.8p104);
    __m256d all = _mm256_add_pd(_mm256_castsi256_pd(left), _mm256_castsi256_pd(right));
    __m256d whole = _mm256_sub_pd(_mm256_add_pd(all, shifter), shifter); /* a multiple of 2^52: 0 or 2^52 */
    *sum = _mm256_castpd_si256(_mm256_add_pd(_mm256_castsi256_pd(*carry), _mm256_sub_pd(all, whole)));
    *carry = _mm256_castpd_si256(_mm256_mul_pd(whole, _mm256_set1_pd(0x1p-52)));
}

/* carry times factor, with the bias of a low half. */
LANES_FUNCTION lanes lanes_carried(lanes carry, lanes factor)
{
    return _mm256_castpd_si256(_mm256_fmadd_pd(_mm256_castsi256_pd(carry), _mm256_castsi256_pd(factor), _mm256_set1_pd(0x1p52)));
}

LANES_FUNCTION void lanes_multiply_add(lanes *low, lanes *high, lanes a, lanes b)
{
    __m256d x = _mm256_castsi256_pd(a), y = _mm256_castsi256_pd(b);
    __m256d upper = _mm256_fmadd_pd(x, y, _mm256_set1_pd(0x1p104));
    __m256d lower = _mm256_fmadd_pd(x, y, _mm256_sub_pd(_mm256_set1_pd(0x1p104 + 0x1p52), upper));
    *high = _mm256_add_epi64(*high, _mm256_castpd_si256(upper));
    *low = _mm256_add_epi64(*low, _mm256_castpd_si256(lower));
    /* As above. */
    __asm__("" : "+x"(*low), "+x"(*high));
}

/* One half alone. */
LANES_FUNCTION void lanes_multiply_add_low(lanes *low, lanes a, lanes b)
{
    __m256d x = _mm256_castsi256_pd(a), y = _mm256_castsi256_pd(b);
    __m256d upper = _mm256_fmadd_pd(x, y, _mm256_set1_pd(0x1p104));
    __m256d lower = _mm256_fmadd_pd(x, y, _mm256_sub_pd(_mm256_set1_pd(0x1p104 + 0x1p52), upper));
    *low = _mm256_add_epi64(*low, _mm256_castpd_si256(lower));
}

LANES_FUNCTION void lanes_multiply_add_high(lanes *high, lanes a, lanes b)
{
    __m256d upper = _mm256_fmadd_pd(_mm256_castsi256_pd(a), _mm256_castsi256_pd(b), _mm256_set1_pd(0x1p104));
    *high = _mm256_add_epi64(*high, _mm256_castpd_si256(upper));
}

LANES_FUNCTION void lanes_transpose(lanes *rows)
{
    lanes even = _mm256_unpacklo_epi64(rows[0], rows[1]), odd = _mm256_unpackhi_epi64(rows[0], rows[1]);
    lanes even2 = _mm256_unpacklo_epi64(rows[2], rows[3]), odd2 = _mm256_unpackhi_epi64(rows[2], rows[3]);
    rows[0] = _mm256_permute2x128_si256(even, even2, 0x20);
    rows[1] = _mm256_permute2x128_si256(odd, odd2, 0x20);
    rows[2] = _mm256_permute2x128_si256(even, even2, 0x31);
    rows[3] = _mm256_permute2x128_si256(odd, odd2, 0x31);
}

LANES_FUNCTION lanes lanes_two_rows(const uint64_t *low, const uint64_t *high)
{
    __m128i first = _mm_loadu_si128((const __m128i *)(const void *)low);
    return _mm256_inserti128_si256(_mm256_castsi128_si256(first), _mm_loadu_si128((const __m128i *)(const void *)high), 1);
}

LANES_FUNCTION void lanes_store_two_rows(uint64_t *low, uint64_t *high, lanes a)
{
    _mm_storeu_si128((__m128i *)(void *)low, _mm256_castsi256_si128(a));
    _mm_storeu_si128((__m128i *)(void *)high, _mm256_extracti128_si256(a, 1));
}

/* out[j] = limb at + j of the rows, j below the number of lanes; halves of rows meet as they are loaded. */
LANES_FUNCTION void lanes_load_square(lanes *out, const uint64_t *const *rows, uint32_t at)
{
    lanes a = lanes_two_rows(rows[0] + at, rows[2] + at), b = lanes_two_rows(rows[1] + at, rows[3] + at);
    lanes c = lanes_two_rows(rows[0] + at + 2, rows[2] + at + 2), d = lanes_two_rows(rows[1] + at + 2, rows[3] + at + 2);
    out[0] = _mm256_unpacklo_epi64(a, b);
    out[1] = _mm256_unpackhi_epi64(a, b);
    out[2] = _mm256_unpacklo_epi64(c, d);
    out[3] = _mm256_unpackhi_epi64(c, d);
}

/* The way back. */
LANES_FUNCTION void lanes_store_square(uint64_t *const *rows, uint32_t at, const lanes *in)
{
    lanes a = in[0], b = in[1], c = in[2], d = in[3];
    lanes_store_two_rows(rows[0] + at, rows[2] + at, _mm256_unpacklo_epi64(a, b));
    lanes_store_two_rows(rows[1] + at, rows[3] + at, _mm256_unpackhi_epi64(a, b));
    lanes_store_two_rows(rows[0] + at + 2, rows[2] + at + 2, _mm256_unpacklo_epi64(c, d));
    lanes_store_two_rows(rows[1] + at + 2, rows[3] + at + 2, _mm256_unpackhi_epi64(c, d));
}

typedef uint32_t lanes_state;

/* Rounding down, all exceptions masked; and back to the caller's. */
LANES_FUNCTION lanes_state lanes_begin(void)
{
    lanes_state state = _mm_getcsr();
    _mm_setcsr(_MM_MASK_MASK | _MM_ROUND_DOWN);
    return state;
}

LANES_FUNCTION void lanes_end(lanes_state state)
{
    _mm_setcsr(state);
}

#endif
