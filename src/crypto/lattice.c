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
    /* |<x, e>| <= 21 rows, |ct(r e')| <= 21 n, |ct(e1 s)| <= 21 n. */
    plan->noise = LATTICE_NOISE * (shape->rows + 2 * (uint64_t)profile->degree);
    /* The flood is at most 3D/8, what is cut off less than D/32: D/2 is not reached when 32 noise < 3D. */
    if (shape->bits > LATTICE_MOST_BITS || (lattice_wide)32 * plan->noise >= (lattice_wide)3 << (profile->bits - shape->bits - 1))
        return context_fail(context, FATE_E_RANGE,
                            "lattice: profile %s cannot carry sums of %u bits over %llu rows: use fewer rows, gradients of "
                            "fewer bits, or a larger profile",
                            profile->name, shape->bits, (unsigned long long)shape->rows);
    plan->scale = profile->bits - shape->bits - 1;
    plan->reply_bytes = (shape->bits + LATTICE_KEPT_BITS + 7) / 8;
    plan->leak = leak_of(plan);
    if (plan->leak > LATTICE_MOST_LEAK)
        return context_fail(context, FATE_E_RANGE,
                            "lattice: with profile %s, the replies to %llu vectors over %llu rows and %llu columns would "
                            "tell more than 2^%d: use fewer vectors, gradients of fewer bits, or a larger profile",
                            profile->name, (unsigned long long)shape->vectors, (unsigned long long)shape->rows,
                            (unsigned long long)shape->columns, LATTICE_MOST_LEAK);
    return FATE_OK;
}
