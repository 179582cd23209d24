/* exp, log and the logistic function from additions, products, quotients and exact scaling, so that their bits are the same on
 * every machine. Arguments are reduced as in fdlibm (Sun Microsystems, 1993: e_exp.c and e_log.c describe the method); the reduced
 * functions are plain Taylor sums whose coefficients are quotients of small integers. */
#include "lib/mathematics.h"

#include <float.h>
#include <stdint.h>
#include <string.h>

_Static_assert(FLT_EVAL_METHOD == 0 || FLT_EVAL_METHOD == 1, "doubles must be computed as doubles for results to repeat");
_Static_assert(DBL_MANT_DIG == 53 && DBL_MAX_EXP == 1024, "doubles must be IEEE 754 binary64");

/* ln 2 in two parts: the first has 21 zero bits at its end, so that its product with an exponent is exact. */
static const double LN2_HIGH = 0x1.62e42feep-1;
static const double LN2_LOW = 0x1.a39ef35793c76p-33;
static const double LN2_INVERSE = 0x1.71547652b82fep+0;
static const double EXP_LARGEST = 0x1.62e42fefa39efp+9;   /* above: infinity */
static const double EXP_SMALLEST = -0x1.74910d52d3051p+9; /* below: zero */

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t to_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* One fixed pattern: which one a machine's own 0/0 gives is not said anywhere. */
static double not_a_number(void)
{
    return from_bits(UINT64_C(0x7ff8000000000000));
}

static double infinity(int negative)
{
    return from_bits(negative ? UINT64_C(0xfff0000000000000) : UINT64_C(0x7ff0000000000000));
}

/* 2^exponent, exponent from -1022 to 1023. */
static double power_of_two(int exponent)
{
    return from_bits((uint64_t)(exponent + 1023) << 52);
}

static double scale(double value, int exponent)
{
    if (exponent > 1023) return value * 2.0 * power_of_two(exponent - 1);
    if (exponent < -1021) /* the second product rounds to a subnormal number */
        return value * power_of_two(exponent + 1000) * power_of_two(-1000);
    return value * power_of_two(exponent);
}

/* exp(r) - 1 - r for |r| <= 0.35. The first term left out is r^15/15! < 2^-60 of exp(r). */
static double exp_tail(double r)
{
    double sum = 1.0 / 87178291200.0;
    sum = sum * r + 1.0 / 6227020800.0;
    sum = sum * r + 1.0 / 479001600.0;
    sum = sum * r + 1.0 / 39916800.0;
    sum = sum * r + 1.0 / 3628800.0;
    sum = sum * r + 1.0 / 362880.0;
    sum = sum * r + 1.0 / 40320.0;
    sum = sum * r + 1.0 / 5040.0;
    sum = sum * r + 1.0 / 720.0;
    sum = sum * r + 1.0 / 120.0;
    sum = sum * r + 1.0 / 24.0;
    sum = sum * r + 1.0 / 6.0;
    sum = sum * r + 0.5;
    return sum * (r * r);
}

double mathematics_exp(double x)
{
    if (x != x) return not_a_number();
    if (x > EXP_LARGEST) return infinity(0);
    if (x < EXP_SMALLEST) return 0.0;
    /* x = k ln 2 + r + rest with |r| <= ln 2 / 2 and rest below half a unit of r */
    int k = (int)(x * LN2_INVERSE + (x < 0.0 ? -0.5 : 0.5));
    double high = x - k * LN2_HIGH;
    double low = k * LN2_LOW;
    double r = high - low;
    double rest = (high - r) - low;
    double sum = 1.0 + r;
    double lost = r - (sum - 1.0); /* exact, because |r| < 1 */
    return scale(sum + (lost + (rest + exp_tail(r))), k);
}

/* 2/3 s^2 + 2/5 s^4 + ... for |s| <= 0.1716. The first term left out is 2/25 s^24 < 2^-64. */
static double log_tail(double s)
{
    double square = s * s;
    double sum = 2.0 / 23.0;
    for (int odd = 21; odd >= 3; odd -= 2) sum = sum * square + 2.0 / odd;
    return sum * square;
}

/* x = 2^exponent * (1 + f) with 1 + f between sqrt(1/2) and sqrt(2); x > 0 and finite. */
static double split(double x, int *exponent)
{
    *exponent = 0;
    if (x < DBL_MIN) {
        x *= power_of_two(54);
        *exponent = -54;
    }
    uint64_t bits = to_bits(x);
    uint64_t fraction = bits & UINT64_C(0x000fffffffffffff);
    int above = fraction > UINT64_C(0x6a09e667f3bcd); /* of sqrt(2) */
    *exponent += (int)(bits >> 52) - 1023 + above;
    return from_bits(fraction | (uint64_t)(above ? 1022 : 1023) << 52) - 1.0;
}

double mathematics_log(double x)
{
    if (x != x || x < 0.0) return not_a_number();
    if (x == 0.0) return infinity(1);
    if (x > DBL_MAX) return x;
    int k;
    double f = split(x, &k);
    /* log(1 + f) = 2 artanh(s) with s = f/(2 + f), and 2s = f - f^2/2 + s f^2/2 keeps the leading term exact */
    double s = f / (2.0 + f);
    double half = 0.5 * f * f;
    return k * LN2_HIGH - ((half - (s * (half + log_tail(s)) + k * LN2_LOW)) - f);
}

double mathematics_sigmoid(double x)
{
    if (x >= 0.0) return 1.0 / (1.0 + mathematics_exp(-x));
    double e = mathematics_exp(x);
    return e / (1.0 + e);
}
