/* The kernel of the lattice cipher for processors with AVX2 and FMA: products by Fourier transforms in doubles, of which it is proved below that
 * what they are rounded to is the exact integer.
 *
 * A real polynomial modulo X^n + 1 is a complex one modulo X^(n/2) - i: coefficient j and, as its imaginary part, coefficient j + n/2. It is
 * split by roots of X^(2m) - w^2 until nothing is left but values: two levels a pass, one complex product (but for one of four numbers) and two
 * additions. With u = 2^-53: a product with FMA is off by at most 2u of its size (Jeannerod, Kornerup, Louvet and Muller, Math. Comp. 86, 2017),
 * a root of unity as it is stored by 0.75u, an addition by u. So a pass adds at most 4.75u and a transform, of at most six passes, T = 28.5u (five
 * passes and a level, as for n = 4096: 27.5u); all to first order, whose rest is below 2^-45 of it.
 * Forward, a pass is a multiple of a unitary map, so T is of the Euclidean length: those of a and s after it are off by T|a| and T|s|. Products of
 * the transformed are off by (2T + 2u)|a||s| when absolute values are added up over all n/2 numbers and divided by n/2 (Cauchy and Schwarz), and adding
 * K of them up by Ku of what they all are together. Back, an output is a sum over all inputs with factors of size 1, and so is each number on the
 * way of those before it: a pass adds 4.75u of the sum of the absolute values. So a coefficient of a sum of K products is off by at most
 *     (3T + 2u + 3Ku) * sum of |a||s|  <=  (88 + 3K) 2^-53 * sum of |a||s|,
 * and is rounded rightly when this is below 1/2. lattice_digits_fit bounds |a| by 0.63 * 2^(digit_bits - 1) * sqrt(n), and `share` the sum of the |s|:
 *     digits of 35 bits, n = 4096: |s| in all 64,  K = 4:  100 * 0.63 * 2^(40 - 53) * 64 < 0.493
 *     digits of 32 bits, n = 8192: |s| in all 256, K = 16: 136 * 0.62 * 2^(37.5 - 53) * 256 < 0.47.
 *     digits of 32 bits, n = 4096: |s| of one product alone 572.5, which is sqrt(80 n): 87.5 * 0.63 * 2^(37 - 53) * 572.5 < 0.482.
 * No number is so small that it is subnormal, so that time does not depend on numbers. The rounding mode is to nearest, as C programs have it. */
#ifdef __x86_64__
#include "src/crypto/lattice_lanes.h"
#include "src/crypto/unroll.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define VECTOR static inline __attribute__((always_inline, target("avx2,fma")))
#define TARGET __attribute__((target("avx2,fma")))

static bool available(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

/* ---- roots of unity ---- */

enum { LANES = 4, PARTS = 6 }; /* of a node: the real and imaginary parts of f, f^2 and f^3; four nodes stand side by side */

enum { LOG_TURNS = 15 }; /* every root is a power of one of order 2^15 */

struct root {
    long double real, imaginary;
};

static struct root multiply_roots(struct root left, struct root right)
{
    struct root product = {left.real * right.real - left.imaginary * right.imaginary,
                           left.real * right.imaginary + left.imaginary * right.real};
    return product;
}

/* Nodes are numbered as in a heap, from 1: node k splits X^m - w into 2k, X^(m/2) - sqrt(w), and 2k + 1, X^(m/2) + sqrt(w). The turn of w, in
 * parts of 2^-LOG_TURNS of a whole one. */
static uint32_t turn_of(uint32_t node)
{
    uint32_t turn = 1 << (LOG_TURNS - 2), level = 31;
    while (node >> level == 0) level--;
    while (level-- > 0) turn = turn / 2 + ((node >> level & 1) << (LOG_TURNS - 1));
    return turn;
}

/* By bisected angles. Long doubles have eleven bits more, and at most 14 products of them follow each other: a root is off by less than 2^-58
 * before it is rounded. */
static struct root root_of(const struct root *bisected, uint32_t turn)
{
    struct root root = {1, 0};
    for (uint32_t bit = 0; bit < LOG_TURNS; bit++)
        if (turn >> bit & 1) root = multiply_roots(root, bisected[LOG_TURNS - bit]);
    return root;
}

static void fill(struct lattice_ring *ring)
{
    double *table = (double *)(void *)ring->forward;
    struct root bisected[LOG_TURNS + 1] = {{1, 0}, {-1, 0}, {0, 1}}; /* of order 2^i */
    for (uint32_t i = 3; i <= LOG_TURNS; i++) {
        bisected[i].real = sqrtl((1 + bisected[i - 1].real) / 2);
        bisected[i].imaginary = bisected[i - 1].imaginary / (2 * bisected[i].real);
    }
    for (uint32_t node = 1; node < ring->degree / 4; node++) {
        double *to = table + node / LANES * LANES * PARTS + node % LANES;
        for (uint32_t power = 1; power <= 3; power++) {
            struct root root = root_of(bisected, turn_of(node) / 4 * power % (1 << LOG_TURNS));
            to[(2 * power - 2) * LANES] = (double)root.real;
            to[(2 * power - 1) * LANES] = (double)root.imaginary;
        }
    }
}

/* See above. */
static double share(const struct lattice_profile *profile, uint64_t absolute, uint64_t squares)
{
    const double room = profile->digit_bits <= 32 ? 4 : 1, part = sqrt((double)squares) / (64 * room), least = 1 / (4 * room);
    (void)absolute;
    if (profile->declared && part > 1 && squares <= 80 * (uint64_t)profile->degree) return 1; /* it stands alone */
    return part > least ? part : least;
}

/* ---- complex numbers, four at once ---- */

struct complex {
    __m256d real, imaginary;
};

VECTOR __m256d load(const double *from)
{
    return _mm256_loadu_pd(from);
}

/* Transformed polynomials stand in memory by four: their real parts and, in the same line of the cache, their imaginary ones. */
enum { LINE = 2 * LANES };

VECTOR struct complex take(const double *from)
{
    struct complex value = {load(from), load(from + LANES)};
    return value;
}

VECTOR void put(double *to, struct complex value)
{
    _mm256_storeu_pd(to, value.real);
    _mm256_storeu_pd(to + LANES, value.imaginary);
}

VECTOR struct complex add(struct complex left, struct complex right)
{
    struct complex sum = {_mm256_add_pd(left.real, right.real), _mm256_add_pd(left.imaginary, right.imaginary)};
    return sum;
}

VECTOR struct complex subtract(struct complex left, struct complex right)
{
    struct complex difference = {_mm256_sub_pd(left.real, right.real), _mm256_sub_pd(left.imaginary, right.imaginary)};
    return difference;
}

/* left + i right and left - i right */
VECTOR struct complex add_turned(struct complex left, struct complex right)
{
    struct complex sum = {_mm256_sub_pd(left.real, right.imaginary), _mm256_add_pd(left.imaginary, right.real)};
    return sum;
}

VECTOR struct complex subtract_turned(struct complex left, struct complex right)
{
    struct complex difference = {_mm256_add_pd(left.real, right.imaginary), _mm256_sub_pd(left.imaginary, right.real)};
    return difference;
}

VECTOR struct complex times(struct complex left, struct complex right)
{
    struct complex product = {
        _mm256_fmsub_pd(left.real, right.real, _mm256_mul_pd(left.imaginary, right.imaginary)),
        _mm256_fmadd_pd(left.real, right.imaginary, _mm256_mul_pd(left.imaginary, right.real)),
    };
    return product;
}

/* left times the conjugate of right */
VECTOR struct complex times_conjugate(struct complex left, struct complex right)
{
    struct complex product = {
        _mm256_fmadd_pd(left.real, right.real, _mm256_mul_pd(left.imaginary, right.imaginary)),
        _mm256_fmsub_pd(left.imaginary, right.real, _mm256_mul_pd(left.real, right.imaginary)),
    };
    return product;
}

/* f, f^2 and f^3 of one node, or of four that follow each other. */
struct roots {
    struct complex first, second, third;
};

VECTOR struct roots roots_of(const struct lattice_ring *ring, uint32_t node)
{
    const double *at = (const double *)(const void *)ring->forward + node / LANES * LANES * PARTS + node % LANES;
    struct roots roots = {
        {_mm256_broadcast_sd(at), _mm256_broadcast_sd(at + LANES)},
        {_mm256_broadcast_sd(at + 2 * LANES), _mm256_broadcast_sd(at + 3 * LANES)},
        {_mm256_broadcast_sd(at + 4 * LANES), _mm256_broadcast_sd(at + 5 * LANES)},
    };
    return roots;
}

VECTOR struct roots four_roots(const struct lattice_ring *ring, uint32_t node)
{
    const double *at = (const double *)(const void *)ring->forward + node * PARTS;
    struct roots roots = {take(at), take(at + LINE), take(at + 2 * LINE)};
    return roots;
}

/* ---- transforms ---- */

/* Two levels: from a + b Y + c Y^2 + d Y^3 its values at f, -f, if and -if. */
VECTOR void split(struct complex *values, const struct roots *roots)
{
    struct complex b = times(values[1], roots->first), c = times(values[2], roots->second), d = times(values[3], roots->third);
    struct complex sum = add(values[0], c), difference = subtract(values[0], c), other = add(b, d), turned = subtract(b, d);
    values[0] = add(sum, other);
    values[1] = subtract(sum, other);
    values[2] = add_turned(difference, turned);
    values[3] = subtract_turned(difference, turned);
}

/* And back, four times as large. */
VECTOR void merge(struct complex *values, const struct roots *roots)
{
    struct complex sum = add(values[0], values[1]), difference = add(values[2], values[3]);
    struct complex other = subtract(values[0], values[1]), turned = subtract(values[2], values[3]);
    values[0] = add(sum, difference);
    values[1] = times_conjugate(subtract_turned(other, turned), roots->first);
    values[2] = times_conjugate(subtract(sum, difference), roots->second);
    values[3] = times_conjugate(add_turned(other, turned), roots->third);
}

VECTOR void forward_pass(const struct lattice_ring *ring, double *out, uint32_t groups, size_t quarter)
{
    for (uint32_t group = 0; group < groups; group++) {
        const struct roots roots = roots_of(ring, groups + group);
        double *at = out + 8 * group * quarter;
        for (size_t i = 0; i < quarter; i += LANES, at += LINE) {
            struct complex values[4];
            FIELD_UNROLL
            for (uint32_t j = 0; j < 4; j++) values[j] = take(at + 2 * j * quarter);
            split(values, &roots);
            FIELD_UNROLL
            for (uint32_t j = 0; j < 4; j++) put(at + 2 * j * quarter, values[j]);
        }
    }
}

VECTOR void inverse_pass(const struct lattice_ring *ring, double *in, uint32_t groups, size_t quarter)
{
    for (uint32_t group = 0; group < groups; group++) {
        const struct roots roots = roots_of(ring, groups + group);
        double *at = in + 8 * group * quarter;
        for (size_t i = 0; i < quarter; i += LANES, at += LINE) {
            struct complex values[4];
            FIELD_UNROLL
            for (uint32_t j = 0; j < 4; j++) values[j] = take(at + 2 * j * quarter);
            merge(values, &roots);
            FIELD_UNROLL
            for (uint32_t j = 0; j < 4; j++) put(at + 2 * j * quarter, values[j]);
        }
    }
}

VECTOR void transpose(struct complex *values)
{
    __m256d parts[8];
    FIELD_UNROLL
    for (uint32_t i = 0; i < 4; i++) {
        parts[i] = values[i].real;
        parts[4 + i] = values[i].imaginary;
    }
    FIELD_UNROLL
    for (uint32_t i = 0; i < 8; i += 4) {
        __m256d a = _mm256_unpacklo_pd(parts[i], parts[i + 1]), b = _mm256_unpackhi_pd(parts[i], parts[i + 1]);
        __m256d c = _mm256_unpacklo_pd(parts[i + 2], parts[i + 3]), d = _mm256_unpackhi_pd(parts[i + 2], parts[i + 3]);
        parts[i] = _mm256_permute2f128_pd(a, c, 0x20);
        parts[i + 1] = _mm256_permute2f128_pd(b, d, 0x20);
        parts[i + 2] = _mm256_permute2f128_pd(a, c, 0x31);
        parts[i + 3] = _mm256_permute2f128_pd(b, d, 0x31);
    }
    FIELD_UNROLL
    for (uint32_t i = 0; i < 4; i++) {
        values[i].real = parts[i];
        values[i].imaginary = parts[4 + i];
    }
}

/* Whether the pass next to the last two levels is done with them: its groups are the sixteen values that these take at once. Where there are but two
 * groups, the pass belongs to the first level. */
VECTOR bool four_levels(const struct lattice_ring *ring)
{
    return ring->degree > 64;
}

/* The last levels, two of four nodes at once; values stay in the order in which these leave them. */
VECTOR void forward_end(const struct lattice_ring *ring, double *out)
{
    for (size_t i = 0; i < ring->degree / 2; i += 16, out += 4 * LINE) {
        const struct roots roots = four_roots(ring, (uint32_t)(ring->degree / 8 + i / 4));
        struct complex values[4];
        FIELD_UNROLL
        for (uint32_t j = 0; j < 4; j++) values[j] = take(out + j * LINE);
        if (four_levels(ring)) {
            const struct roots above = roots_of(ring, (uint32_t)((ring->degree / 2 + i) / 16));
            split(values, &above);
        }
        transpose(values);
        split(values, &roots);
        FIELD_UNROLL
        for (uint32_t j = 0; j < 4; j++) put(out + j * LINE, values[j]);
    }
}

/* i: the first of the values, as they are numbered in memory. */
VECTOR void inverse_sixteen(const struct lattice_ring *ring, double *to, size_t i, struct complex *values, const struct roots *roots)
{
    merge(values, roots);
    transpose(values);
    if (four_levels(ring)) {
        const struct roots above = roots_of(ring, (uint32_t)((ring->degree + i) / 32));
        merge(values, &above);
    }
    FIELD_UNROLL
    for (uint32_t j = 0; j < 4; j++) put(to + j * LINE, values[j]);
}

VECTOR void inverse_begin(const struct lattice_ring *ring, double *in)
{
    for (size_t i = 0; i < ring->degree; i += 4 * LINE) {
        const struct roots roots = four_roots(ring, (uint32_t)(ring->degree / 8 + i / LINE));
        struct complex values[4];
        FIELD_UNROLL
        for (uint32_t j = 0; j < 4; j++) values[j] = take(in + i + j * LINE);
        inverse_sixteen(ring, in + i, i, values, &roots);
    }
}

/* The same of count products, so that roots and the factor that is in all of them are read once. */
VECTOR void inverse_products(const struct lattice_ring *ring, double *out, const double *left, const double *right, uint32_t count)
{
    for (size_t i = 0; i < ring->degree; i += 4 * LINE) {
        const struct roots roots = four_roots(ring, (uint32_t)(ring->degree / 8 + i / LINE));
        for (size_t at = i; at < (size_t)count * ring->degree; at += ring->degree) {
            struct complex values[4];
            FIELD_UNROLL
            for (uint32_t j = 0; j < 4; j++) values[j] = times(take(left + at + j * LINE), take(right + i + j * LINE));
            inverse_sixteen(ring, out + at, i, values, &roots);
        }
    }
}

static const double magic = 6755399441055744.0; /* 1.5 * 2^52: its last place is 1 */

/* Exact for what is below 2^51. */
VECTOR __m256d doubles(const int64_t *in)
{
    const __m256d shift = _mm256_set1_pd(magic);
    __m256i value = _mm256_loadu_si256((const __m256i *)(const void *)in);
    return _mm256_sub_pd(_mm256_castsi256_pd(_mm256_add_epi64(value, _mm256_castpd_si256(shift))), shift);
}

VECTOR __m256d small_doubles(const int8_t *in)
{
    int32_t four;
    memcpy(&four, in, sizeof four);
    return _mm256_cvtepi32_pd(_mm_cvtepi8_epi32(_mm_cvtsi32_si128(four)));
}

VECTOR void round_to(int64_t *out, __m256d value)
{
    const __m256d shift = _mm256_set1_pd(magic);
    __m256i bits = _mm256_castpd_si256(_mm256_add_pd(value, shift));
    _mm256_storeu_si256((__m256i *)(void *)out, _mm256_sub_epi64(bits, _mm256_castpd_si256(shift)));
}

/* Coefficients i, ..., i + 3 and those that are their imaginary parts, of whichever polynomial is there. */
VECTOR struct complex enter(const struct lattice_ring *ring, const int64_t *in, const int8_t *small, size_t i)
{
    const size_t half = ring->degree / 2;
    struct complex value;
    if (small != NULL) {
        value.real = small_doubles(small + i);
        value.imaginary = small_doubles(small + i + half);
    } else {
        value.real = doubles(in + i);
        value.imaginary = doubles(in + i + half);
    }
    return value;
}

VECTOR void leave(const struct lattice_ring *ring, int64_t *out, size_t i, struct complex value)
{
    round_to(out + i, value.real);
    round_to(out + i + ring->degree / 2, value.imaginary);
}

/* The first level of an odd number of levels, and the last one back. The square root of i is f^2 of node 1. */
VECTOR void forward_level(const struct lattice_ring *ring, double *out, const int64_t *in, const int8_t *small)
{
    const size_t quarter = ring->degree / 4;
    const struct complex root = roots_of(ring, 1).second;
    for (size_t i = 0; i < quarter; i += LANES) {
        struct complex left = enter(ring, in, small, i), right = times(enter(ring, in, small, i + quarter), root);
        put(out + 2 * i, add(left, right));
        put(out + 2 * (i + quarter), subtract(left, right));
    }
}

/* That and the last of the passes in one. */
VECTOR void inverse_level(const struct lattice_ring *ring, int64_t *out, const double *in)
{
    const size_t quarter = ring->degree / 4, step = quarter / 4;
    const struct complex root = roots_of(ring, 1).second;
    const struct roots left_roots = roots_of(ring, 2), right_roots = roots_of(ring, 3);
    for (size_t i = 0; i < step; i += LANES) {
        struct complex left[4], right[4];
        FIELD_UNROLL
        for (uint32_t j = 0; j < 4; j++) left[j] = take(in + 2 * (i + j * step));
        merge(left, &left_roots);
        FIELD_UNROLL
        for (uint32_t j = 0; j < 4; j++) right[j] = take(in + 2 * (i + j * step + quarter));
        merge(right, &right_roots);
        FIELD_UNROLL
        for (uint32_t j = 0; j < 4; j++) {
            leave(ring, out, i + j * step, add(left[j], right[j]));
            leave(ring, out, i + j * step + quarter, times_conjugate(subtract(left[j], right[j]), root));
        }
    }
}

/* n/2 = 2^(log_degree - 1): an odd number of levels where log_degree is even. */
VECTOR void forward_any(const struct lattice_ring *ring, double *out, const int64_t *in, const int8_t *small)
{
    const uint32_t half = ring->degree / 2;
    uint32_t groups = 1;
    if (ring->log_degree % 2 == 0) {
        forward_level(ring, out, in, small);
        groups = 2;
    } else {
        for (uint32_t i = 0; i < half; i += LANES) put(out + 2 * (size_t)i, enter(ring, in, small, i));
    }
    for (; groups < half / 4 && (groups < half / 16 || !four_levels(ring)); groups *= 4) forward_pass(ring, out, groups, half / groups / 4);
    forward_end(ring, out);
}

TARGET static void forward(const struct lattice_ring *ring, uint64_t *transformed, const int64_t *in)
{
    forward_any(ring, (double *)(void *)transformed, in, NULL);
}

TARGET static void forward_small(const struct lattice_ring *ring, uint64_t *transformed, const int8_t *in)
{
    forward_any(ring, (double *)(void *)transformed, NULL, in);
}

VECTOR void inverse_end(const struct lattice_ring *ring, int64_t *out, double *in)
{
    const uint32_t half = ring->degree / 2;
    for (uint32_t groups = half / (four_levels(ring) ? 64 : 16); groups != 2 && groups > 0; groups /= 4)
        inverse_pass(ring, in, groups, half / groups / 4);
    if (ring->log_degree % 2 == 0)
        inverse_level(ring, out, in);
    else
        for (uint32_t i = 0; i < half; i += LANES) leave(ring, out, i, take(in + 2 * (size_t)i));
}

TARGET static void inverse(const struct lattice_ring *ring, int64_t *out, uint64_t *transformed)
{
    double *in = (double *)(void *)transformed;
    inverse_begin(ring, in);
    inverse_end(ring, out, in);
}

TARGET static void multiply(const struct lattice_ring *ring, int64_t *out, uint64_t *scratch, const uint64_t *left, const uint64_t *right,
                            uint32_t count)
{
    double *between = (double *)(void *)scratch;
    inverse_products(ring, between, (const double *)(const void *)left, (const double *)(const void *)right, count);
    for (size_t at = 0; at < (size_t)count * ring->degree; at += ring->degree) inverse_end(ring, out + at, between + at);
}

/* By a power of two, so exact. */
TARGET static void scale(const struct lattice_ring *ring, uint64_t *transformed)
{
    double *values = (double *)(void *)transformed;
    const __m256d factor = _mm256_set1_pd(2.0 / ring->degree);
    for (uint32_t i = 0; i < ring->degree; i += LANES) _mm256_storeu_pd(values + i, _mm256_mul_pd(load(values + i), factor));
}

VECTOR void accumulate_some(const struct lattice_ring *ring, double *sums, const uint64_t *const *left, const uint64_t *const *right,
                            const uint32_t count)
{
    for (size_t i = 0; i < ring->degree; i += LINE) {
        struct complex sum = take(sums + i);
        FIELD_UNROLL
        for (uint32_t j = 0; j < count; j++)
            sum = add(sum, times(take((const double *)(const void *)left[j] + i), take((const double *)(const void *)right[j] + i)));
        put(sums + i, sum);
    }
}

TARGET static void accumulate(const struct lattice_ring *ring, uint64_t *sums, const uint64_t *const *left, const uint64_t *const *right,
                              uint32_t count)
{
    double *to = (double *)(void *)sums;
    switch (count) {
    case 1: accumulate_some(ring, to, left, right, 1); break;
    case 2: accumulate_some(ring, to, left, right, 2); break;
    case 3: accumulate_some(ring, to, left, right, 3); break;
    default: accumulate_some(ring, to, left, right, LATTICE_MOST_PRODUCTS); break;
    }
}

const struct lattice_kernel lattice_avx2 = {.name = "avx2",
                                            .available = available,
                                            .fill = fill,
                                            .share = share,
                                            .forward = forward,
                                            .forward_small = forward_small,
                                            .scale = scale,
                                            .multiply = multiply,
                                            .accumulate = accumulate,
                                            .inverse = inverse,
                                            .inner = lattice_lanes_inner,
                                            .binomial = lattice_lanes_binomial,
                                            .gaussian = lattice_lanes_gaussian,
                                            .lengths = lattice_lanes_lengths,
                                            .hash = lattice_lanes_hash,
                                            .write = lattice_lanes_write,
                                            .add_rows = lattice_lanes_add_rows};
#else
extern int lattice_avx2_needs_x86_64;
#endif
