/* The loops of the lattice cipher's kernel for AVX2 that are no transforms. Each gives what the one in lattice_portable.c gives. */
#include "src/crypto/lattice_lanes.h"

#ifdef __x86_64__
#include "src/crypto/unroll.h"

#include <immintrin.h>
#include <string.h>

#define VECTOR static inline __attribute__((always_inline, target("avx2,fma")))
#define TARGET __attribute__((target("avx2,fma")))

enum { LANES = 4 };

VECTOR int32_t add_lanes(__m256i lanes)
{
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1)));
}

VECTOR void inner_planes(int32_t *out, const int8_t *small, const int16_t *planes, uint32_t plane_count, uint32_t count)
{
    __m256i sums[LATTICE_MOST_PLANES];
    FIELD_UNROLL
    for (uint32_t plane = 0; plane < plane_count; plane++) sums[plane] = _mm256_setzero_si256();
    for (uint32_t i = 0; i < count; i += 16) {
        __m256i factors = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)(small + i)));
        FIELD_UNROLL
        for (uint32_t plane = 0; plane < plane_count; plane++) {
            __m256i digits = _mm256_loadu_si256((const __m256i *)(const void *)(planes + (size_t)plane * count + i));
            sums[plane] = _mm256_add_epi32(sums[plane], _mm256_madd_epi16(digits, factors));
        }
    }
    FIELD_UNROLL
    for (uint32_t plane = 0; plane < plane_count; plane++) out[plane] += add_lanes(sums[plane]);
}

TARGET void lattice_lanes_inner(int32_t *out, const int8_t *small, const int16_t *planes, uint32_t plane_count, uint32_t count)
{
    if (plane_count == 7)
        inner_planes(out, small, planes, 7, count);
    else if (plane_count == 4)
        inner_planes(out, small, planes, 4, count);
    else if (plane_count == 8)
        inner_planes(out, small, planes, 8, count);
    else
        for (uint32_t plane = 0; plane < plane_count; plane++) inner_planes(out + plane, small, planes + (size_t)plane * count, 1, count);
}

/* Of each byte. */
VECTOR __m256i ones(__m256i bits)
{
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i nibble = _mm256_set1_epi8(15);
    return _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(bits, nibble)),
                           _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(bits, 4), nibble)));
}

VECTOR __m256i bytes_at(const void *from)
{
    return _mm256_loadu_si256((const __m256i *)from);
}

TARGET void lattice_lanes_binomial(int8_t *out, const uint8_t *bytes, uint32_t count)
{
    const __m256i odd = _mm256_set1_epi8(0x55);
    for (uint32_t i = 0; i < count; bytes += LATTICE_BINOMIAL_BYTES) {
        const __m256i rest = bytes_at(bytes + 160 * 4);
        __m256i pairs = _mm256_add_epi8(_mm256_and_si256(rest, odd), _mm256_and_si256(_mm256_srli_epi16(rest, 1), odd));
        for (uint32_t part = 0; part < 4 && i < count; part++, i += 32) {
            const uint8_t *from = bytes + 160 * (size_t)part;
            __m256i sum = _mm256_sub_epi8(_mm256_and_si256(pairs, _mm256_set1_epi8(3)), _mm256_set1_epi8(LATTICE_NOISE));
            FIELD_UNROLL
            for (uint32_t plane = 0; plane < 5; plane++) sum = _mm256_add_epi8(sum, ones(bytes_at(from + 32 * (size_t)plane)));
            _mm256_storeu_si256((__m256i *)(void *)(out + i), sum);
            pairs = _mm256_srli_epi16(pairs, 2);
        }
    }
}

/* A table of 63 steps as six levels of a search, of 1, 2, 4, 8, 16 and 32 steps, which fill eight lanes, or several times eight. Halves are apart,
 * the lower one so that signed comparisons order it. */
enum { LEVELS = 6, SEARCH_ROWS = 10 };

struct search {
    int32_t high[SEARCH_ROWS][8], low[SEARCH_ROWS][8];
};

static const uint8_t first_row[LEVELS] = {0, 1, 2, 3, 4, 6};

static void fill_search(struct search *search)
{
    for (uint32_t level = 0; level < LEVELS; level++)
        for (uint32_t i = 0; i < 8 || i >> level == 0; i++) {
            const uint64_t step = lattice_gaussian_table[(i & ((1u << level) - 1)) * (64u >> level) + (32u >> level) - 1];
            search->high[first_row[level] + i / 8][i % 8] = (int32_t)(step >> 32);
            search->low[first_row[level] + i / 8][i % 8] = (int32_t)((uint32_t)step ^ 0x80000000u);
        }
}

VECTOR __m256i choose(__m256i left, __m256i right, __m256i by)
{
    return _mm256_castps_si256(_mm256_blendv_ps(_mm256_castsi256_ps(left), _mm256_castsi256_ps(right), _mm256_castsi256_ps(by)));
}

/* The numbers with these indices, of a level. */
VECTOR __m256i look_up(const int32_t (*rows)[8], uint32_t level, __m256i index)
{
    const __m256i third = _mm256_slli_epi32(index, 28), fourth = _mm256_slli_epi32(index, 27); /* their bits, on top */
    __m256i found[4];
    FIELD_UNROLL
    for (uint32_t i = 0; i < 4; i++)
        if (i == 0 || (i < 2 && level == 4) || level == 5) found[i] = _mm256_permutevar8x32_epi32(bytes_at(rows[i]), index);
    if (level < 4) return found[0];
    found[0] = choose(found[0], found[1], third);
    return level == 4 ? found[0] : choose(found[0], choose(found[2], found[3], third), fourth);
}

/* How many steps are not above each of eight numbers of 63 bits. */
VECTOR __m256i steps_below(const struct search *search, __m256i high, __m256i low)
{
    __m256i index = _mm256_setzero_si256();
    FIELD_UNROLL
    for (uint32_t level = 0; level < LEVELS; level++) {
        const __m256i step_high = look_up(search->high + first_row[level], level, index);
        const __m256i step_low = look_up(search->low + first_row[level], level, index);
        __m256i above = _mm256_and_si256(_mm256_cmpeq_epi32(step_high, high), _mm256_cmpgt_epi32(step_low, low));
        above = _mm256_or_si256(above, _mm256_cmpgt_epi32(step_high, high));
        index = _mm256_add_epi32(_mm256_add_epi32(index, index), _mm256_add_epi32(above, _mm256_set1_epi32(1)));
    }
    return index;
}

/* The high or low halves of eight numbers in their order. */
#define HALVES(first, second, which) \
    _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(first), _mm256_castsi256_ps(second), which)), 0xd8)

/* By searches in which nothing is skipped, and of which every table is in registers or read as a whole. */
TARGET void lattice_lanes_gaussian(int8_t *out, const uint8_t *bytes, uint32_t count)
{
    struct search search;
    fill_search(&search);
    for (uint32_t i = 0; i < count; i += 8) {
        const __m256i first = bytes_at(bytes + 8 * (size_t)i), second = bytes_at(bytes + 8 * (size_t)i + 32);
        const __m256i high = HALVES(first, second, 0xdd), low = HALVES(first, second, 0x88), sign = _mm256_srai_epi32(high, 31);
        __m256i size =
            steps_below(&search, _mm256_and_si256(high, _mm256_set1_epi32(INT32_MAX)), _mm256_xor_si256(low, _mm256_set1_epi32(INT32_MIN)));
        size = _mm256_sub_epi32(_mm256_xor_si256(size, sign), sign);
        const __m128i half = _mm_packs_epi32(_mm256_castsi256_si128(size), _mm256_extracti128_si256(size, 1));
        _mm_storel_epi64((__m128i *)(void *)(out + i), _mm_packs_epi16(half, half));
    }
}

VECTOR uint64_t add_wide_lanes(__m256i lanes)
{
    __m128i sum = _mm_add_epi64(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
    return (uint64_t)_mm_cvtsi128_si64(_mm_add_epi64(sum, _mm_unpackhi_epi64(sum, sum)));
}

TARGET struct lattice_lengths lattice_lanes_lengths(const int8_t *numbers, uint32_t count)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i positive = zero, both = zero, squares = zero;
    for (uint32_t i = 0; i < count; i += 32) {
        const __m256i number = bytes_at(numbers + i), size = _mm256_abs_epi8(number);
        positive = _mm256_add_epi64(positive, _mm256_sad_epu8(_mm256_max_epi8(number, zero), zero));
        both = _mm256_add_epi64(both, _mm256_sad_epu8(size, zero));
        squares = _mm256_add_epi32(squares, _mm256_madd_epi16(_mm256_maddubs_epi16(size, size), _mm256_set1_epi16(1)));
    }
    struct lattice_lengths lengths = {.positive = add_wide_lanes(positive), .squares = (uint32_t)add_lanes(squares)};
    lengths.negative = add_wide_lanes(both) - lengths.positive;
    return lengths;
}

TARGET uint64_t lattice_lanes_hash(uint64_t *sums, const uint32_t *key, const int32_t *numbers, uint32_t count)
{
    const __m256i lower = _mm256_set1_epi64x(UINT32_MAX);
    __m256i total = _mm256_setzero_si256(), hashes[LATTICE_HASHES];
    FIELD_UNROLL
    for (uint32_t j = 0; j < LATTICE_HASHES; j++) hashes[j] = _mm256_setzero_si256();
    for (uint32_t i = 0; i < count; i += 8) {
        const __m256i number = bytes_at(numbers + i), size = _mm256_abs_epi32(number);
        total = _mm256_add_epi64(total, _mm256_add_epi64(_mm256_and_si256(size, lower), _mm256_srli_epi64(size, 32)));
        FIELD_UNROLL
        for (uint32_t j = 0; j < LATTICE_HASHES; j++) {
            const __m256i factor = _mm256_add_epi32(number, bytes_at(key + i + 2 * (size_t)j));
            hashes[j] = _mm256_add_epi64(hashes[j], _mm256_mul_epu32(factor, _mm256_srli_epi64(factor, 32)));
        }
    }
    FIELD_UNROLL
    for (uint32_t j = 0; j < LATTICE_HASHES; j++) sums[j] = add_wide_lanes(hashes[j]);
    return add_wide_lanes(total);
}

VECTOR __m256i wide_noise(const int8_t *noise)
{
    int32_t four;
    memcpy(&four, noise, sizeof four);
    return _mm256_cvtepi8_epi64(_mm_cvtsi32_si128(four));
}

VECTOR __m128i four_values(const int32_t *values)
{
    return values == NULL ? _mm_setzero_si128() : _mm_loadu_si128((const __m128i *)(const void *)values);
}

/* Of a profile modulo 2^64. */
VECTOR uint32_t write_narrow(uint64_t degree, uint32_t scale, uint8_t *bytes, const int64_t *integers, const int8_t *noise,
                             const int32_t *values, uint32_t count)
{
    const __m128i shift = _mm_cvtsi32_si128((int32_t)scale);
    uint32_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        const __m256i upper = _mm256_slli_epi64(bytes_at(integers + degree + i), 32);
        const __m256i value = _mm256_sll_epi64(_mm256_cvtepi32_epi64(four_values(values == NULL ? NULL : values + i)), shift);
        const __m256i word =
            _mm256_add_epi64(_mm256_add_epi64(bytes_at(integers + i), upper), _mm256_add_epi64(wide_noise(noise + i), value));
        _mm256_storeu_si256((__m256i *)(void *)(bytes + 8 * (size_t)i), word);
    }
    return i;
}

/* Words of 104 bits in two halves. */
struct halves {
    __m256i low, high;
};

/* Three integers at 0, 35 and 70. What a place has beyond 35 bits goes to the next; 2^63 is added meanwhile, so that it is never
 * negative. */
VECTOR struct halves join(__m256i first, __m256i second, __m256i third)
{
    const __m256i mask = _mm256_set1_epi64x((INT64_C(1) << 35) - 1), lift = _mm256_set1_epi64x(INT64_MIN);
    const __m256i lifted = _mm256_set1_epi64x(INT64_C(1) << 28);
    first = _mm256_add_epi64(first, lift);
    second = _mm256_add_epi64(_mm256_add_epi64(second, _mm256_sub_epi64(lift, lifted)), _mm256_srli_epi64(first, 35));
    third = _mm256_sub_epi64(_mm256_add_epi64(third, _mm256_srli_epi64(second, 35)), lifted);
    struct halves word = {
        _mm256_or_si256(_mm256_and_si256(first, mask), _mm256_slli_epi64(second, 35)),
        _mm256_or_si256(_mm256_srli_epi64(_mm256_and_si256(second, mask), 29), _mm256_slli_epi64(third, 6)),
    };
    return word;
}

VECTOR struct halves add_value(struct halves word, __m128i value, uint32_t scale)
{
    const __m256i wide = _mm256_cvtepi32_epi64(value), top = _mm256_set1_epi64x(INT64_MIN);
    if (scale >= 64) {
        word.high = _mm256_add_epi64(word.high, _mm256_sll_epi64(wide, _mm_cvtsi32_si128((int32_t)scale - 64)));
        return word;
    }
    const __m256i added = _mm256_sll_epi64(wide, _mm_cvtsi32_si128((int32_t)scale));
    const __m256i rest = _mm256_cvtepi32_epi64(_mm_sra_epi32(value, _mm_cvtsi32_si128(64 - (int32_t)scale)));
    word.low = _mm256_add_epi64(word.low, added);
    const __m256i carry = _mm256_cmpgt_epi64(_mm256_xor_si256(added, top), _mm256_xor_si256(word.low, top)); /* -1 */
    word.high = _mm256_sub_epi64(_mm256_add_epi64(word.high, rest), carry);
    return word;
}

/* 13 bytes a word: of the 16 that are written at once, the last three are overwritten by the next word. So the last one is left. */
VECTOR uint32_t write_three(uint64_t degree, uint32_t scale, uint8_t *bytes, const int64_t *integers, const int8_t *noise,
                            const int32_t *values, uint32_t count)
{
    uint32_t i = 0;
    for (; i + LANES < count; i += LANES, bytes += 13 * LANES) {
        struct halves word = join(_mm256_add_epi64(bytes_at(integers + i), wide_noise(noise + i)), bytes_at(integers + degree + i),
                                  bytes_at(integers + 2 * degree + i));
        if (values != NULL) word = add_value(word, four_values(values + i), scale);
        const __m256i even = _mm256_unpacklo_epi64(word.low, word.high), odd = _mm256_unpackhi_epi64(word.low, word.high);
        _mm_storeu_si128((__m128i *)(void *)bytes, _mm256_castsi256_si128(even));
        _mm_storeu_si128((__m128i *)(void *)(bytes + 13), _mm256_castsi256_si128(odd));
        _mm_storeu_si128((__m128i *)(void *)(bytes + 26), _mm256_extracti128_si256(even, 1));
        _mm_storeu_si128((__m128i *)(void *)(bytes + 39), _mm256_extracti128_si256(odd, 1));
    }
    return i;
}

TARGET void lattice_lanes_write(const struct lattice_profile *profile, uint32_t scale, uint8_t *bytes, const int64_t *integers,
                                const int8_t *noise, const int32_t *values, uint32_t count)
{
    uint32_t done = 0;
    if (profile->bits == 64)
        done = write_narrow(profile->degree, scale, bytes, integers, noise, values, count);
    else if (profile->bytes == 13 && profile->digits == 3 && profile->digit_bits == 35)
        done = write_three(profile->degree, scale, bytes, integers, noise, values, count);
    lattice_portable.write(profile, scale, bytes + (uint64_t)done * profile->bytes, integers + done, noise + done,
                           values == NULL ? NULL : values + done, count - done);
}

VECTOR void add_vectors(uint64_t *cells, const uint64_t *rows, const uint16_t *index, uint64_t row_count, uint32_t columns,
                        const uint32_t vectors)
{
    __m256i values[LATTICE_MOST_VECTORS];
    for (uint64_t row = 0; row < row_count; row++, index += columns) {
        FIELD_UNROLL
        for (uint32_t i = 0; i < vectors; i++)
            values[i] = _mm256_loadu_si256((const __m256i *)(const void *)(rows + (row * vectors + i) * 4));
        for (uint32_t column = 0; column < columns; column++) {
            __m256i *to = (__m256i *)(void *)(cells + (uint64_t)index[column] * vectors * 4);
            FIELD_UNROLL
            for (uint32_t i = 0; i < vectors; i++) _mm256_storeu_si256(to + i, _mm256_add_epi64(_mm256_loadu_si256(to + i), values[i]));
        }
    }
}

TARGET void lattice_lanes_add_rows(uint64_t *cells, const uint64_t *rows, const uint16_t *index, uint64_t row_count, uint32_t columns,
                                   uint32_t stride)
{
    switch (stride / 4) {
    case 1: add_vectors(cells, rows, index, row_count, columns, 1); break;
    case 2: add_vectors(cells, rows, index, row_count, columns, 2); break;
    case 3: add_vectors(cells, rows, index, row_count, columns, 3); break;
    case 4: add_vectors(cells, rows, index, row_count, columns, 4); break;
    case 5: add_vectors(cells, rows, index, row_count, columns, 5); break;
    case 6: add_vectors(cells, rows, index, row_count, columns, 6); break;
    case 7: add_vectors(cells, rows, index, row_count, columns, 7); break;
    default: add_vectors(cells, rows, index, row_count, columns, 8); break;
    }
}
#else
extern int lattice_lanes_needs_x86_64;
#endif
