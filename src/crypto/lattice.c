/* The profiles of the lattice cipher, and which jobs they carry: bounds on noise that hold always, and a bound on what replies tell. */
#include "src/crypto/lattice.h"

#include <math.h>
#include <string.h>

static const struct lattice_profile profiles[] = {
    {.name = "B",
     .number = 1,
     .log_degree = 12,
     .degree = 4096,
     .bits = 104,
     .digits = 3,
     .digit_bits = 35,
     .limbs = 2,
     .limb_bits = 52,
     .planes = 7,
     .bytes = 13},
    {.name = "C",
     .number = 2,
     .log_degree = 13,
     .degree = 8192,
     .bits = 128,
     .digits = 4,
     .digit_bits = 32,
     .limbs = 4,
     .limb_bits = 32,
     .planes = 8,
     .bytes = 16},
    {.name = "A",
     .number = 3,
     .log_degree = 12,
     .degree = 4096,
     .bits = 64,
     .digits = 2,
     .digit_bits = 32,
     .limbs = 1,
     .limb_bits = 64,
     .planes = 4,
     .bytes = 8,
     .declared = true},
};

enum { PROFILES = sizeof profiles / sizeof profiles[0] };

const struct lattice_profile *lattice_profile_find(const char *name)
{
    for (int i = 0; i < PROFILES; i++)
        if (strcmp(profiles[i].name, name) == 0) return &profiles[i];
    return NULL;
}

const struct lattice_profile *lattice_profile_of(uint8_t number)
{
    for (int i = 0; i < PROFILES; i++)
        if (profiles[i].number == number) return &profiles[i];
    return NULL;
}

/* The least e with square <= 4^e. */
static int32_t half_exponent(double square)
{
    int exponent;
    frexp(square, &exponent); /* square <= 2^exponent */
    return exponent >= 0 ? (exponent + 1) / 2 : -(-exponent / 2);
}

/* A sum of three uniform numbers on D/4 integers each and the same one moved by d have a Hellinger distance of at most 3.025 d/D: a distance
 * of one step, times d, as it is a metric. Squares add up over replies; d has the variance 10.5 for each member and 14 n for r e' - e1 s; the
 * statistical distance is at most sqrt(2) times Hellinger's. 2 * 3.025^2 < 18.49. */
static int32_t leak_of(const struct lattice_plan *plan)
{
    const struct lattice_shape *shape = &plan->shape;
    double rows = (double)shape->rows, columns = (double)shape->columns, bins = (double)shape->bins;
    double variance = 10.5 * rows * columns + 14.0 * plan->profile->degree * bins;
    return half_exponent(18.49 * (double)shape->vectors * variance) - (int32_t)plan->scale;
}

/* In bits. A reply tells of the members x by <x, e>, of variance 10.5 for each, under a flood of deviation D/20: at most 10.5 m / (2 (D/20)^2) nats of m
 * members, the divergence of a Gaussian from the same one moved. */
static double declared_of(const struct lattice_plan *plan)
{
    const struct lattice_shape *shape = &plan->shape;
    const double members = (double)shape->rows * (double)shape->columns / (double)shape->bins, deviation = ldexp(0.05, (int)plan->scale);
    return 0.7213475204444817 * (double)shape->vectors * 10.5 * members / (deviation * deviation);
}

lattice_wide lattice_flood_bound(const struct lattice_plan *plan)
{
    const lattice_wide step = (lattice_wide)1 << plan->scale;
    return plan->profile->declared ? step * 11 / 40 : step / 8 * 3;
}

lattice_wide lattice_cut_bound(const struct lattice_plan *plan)
{
    return ((lattice_wide)1 << (plan->profile->bits - 8 * plan->reply_bytes)) >> 1;
}

/* |<x, e>| <= 21 rows, |ct(r e')| <= 21 n, |ct(e1 s)| <= 21 n. Where noise is drawn again until it is short (lattice_sample.h), the positive numbers of
 * a block of e add up to 13 n/8 at most, and the negative ones; |e'| <= sqrt(16 n), |r| and |e1| <= sqrt(80 n), |s| <= sqrt(n) (Cauchy and Schwarz). */
static uint64_t noise_of(const struct lattice_plan *plan)
{
    const uint64_t degree = plan->profile->degree;
    if (plan->profile->declared) return degree * 13 / 8 * plan->blocks + (36 + 9) * degree;
    return LATTICE_NOISE * (plan->shape.rows + 2 * degree);
}

/* Noise, flood and what is cut off must stay below D/2. Not so long that shifts below would not be defined. */
static bool carries(struct lattice_plan *plan)
{
    const uint32_t bits = plan->profile->bits, sum_bits = plan->shape.bits;
    if (sum_bits > LATTICE_MOST_BITS || sum_bits + 1 + LATTICE_LEAST_SCALE > bits) return false;
    plan->scale = bits - sum_bits - 1;
    plan->reply_bytes = (sum_bits + LATTICE_KEPT_BITS + 7) / 8;
    plan->noise = noise_of(plan);
    return plan->noise + lattice_flood_bound(plan) + lattice_cut_bound(plan) < (lattice_wide)1 << (plan->scale - 1);
}

static int32_t check_leak(fate_context *context, struct lattice_plan *plan)
{
    const struct lattice_shape *shape = &plan->shape;
    if (plan->profile->declared)
        plan->declared = declared_of(plan);
    else
        plan->leak = leak_of(plan);
    if (plan->profile->declared ? plan->declared <= LATTICE_MOST_DECLARED : plan->leak <= LATTICE_MOST_LEAK) return FATE_OK;
    return context_fail(context, FATE_E_RANGE,
                        "lattice: with profile %s, the replies to %llu vectors over %llu rows and %llu columns would "
                        "tell more than %s: use fewer vectors, gradients of fewer bits, or a larger profile",
                        plan->profile->name, (unsigned long long)shape->vectors, (unsigned long long)shape->rows,
                        (unsigned long long)shape->columns, plan->profile->declared ? "a quarter of a bit a bin" : "2^-38");
}

int32_t lattice_plan_make(fate_context *context, struct lattice_plan *plan, const struct lattice_profile *profile,
                          const struct lattice_shape *shape)
{
    memset(plan, 0, sizeof *plan);
    if (shape->rows == 0 || shape->columns == 0 || shape->bins < shape->columns || shape->vectors == 0 || shape->bits == 0)
        return context_fail(context, FATE_E_ARGUMENT, "lattice: a plan needs rows, columns, a bin a column, vectors and bits");
    if (shape->rows > LATTICE_MOST_ROWS)
        return context_fail(context, FATE_E_LIMIT, "lattice: %llu rows; at most %d can be encrypted", (unsigned long long)shape->rows,
                            LATTICE_MOST_ROWS);
    plan->profile = profile;
    plan->shape = *shape;
    plan->blocks = (uint32_t)((shape->rows + profile->degree - 1) / profile->degree);
    if (!carries(plan))
        return context_fail(context, FATE_E_RANGE,
                            "lattice: profile %s cannot carry sums of %u bits over %llu rows: use fewer rows, gradients of "
                            "fewer bits, or a larger profile",
                            profile->name, shape->bits, (unsigned long long)shape->rows);
    return check_leak(context, plan);
}
