/* Eight lanes of 64 bits in plain C, with the meaning of lanes_ifma.h: tests run the vector kernels' logic with it on any machine. Included
 * by kernel_plain.c alone. */
#ifndef CRYPTO_LANES_PLAIN_H
#define CRYPTO_LANES_PLAIN_H

#include <stdint.h>
#include <string.h>

#define LANES 8
#define LANES_BLOCK 10
#define LANES_SHORTER_BLOCK 7
#define LANES_SPLIT 40
#define LANES_FUNCTION static inline
#define LANES_TARGET

typedef struct {
    uint64_t lane[LANES];
} lanes;
__extension__ typedef unsigned __int128 lanes_product;

enum { LANES_LOW_BIAS = 0, LANES_HIGH_BIAS = 0 };

LANES_FUNCTION lanes lanes_load(const uint64_t *from)
{
    lanes a;
    memcpy(a.lane, from, sizeof a.lane);
    return a;
}

LANES_FUNCTION void lanes_store(uint64_t *to, lanes a)
{
    memcpy(to, a.lane, sizeof a.lane);
}

LANES_FUNCTION lanes lanes_set(uint64_t value)
{
    lanes a;
    for (int i = 0; i < LANES; i++) a.lane[i] = value;
    return a;
}

LANES_FUNCTION lanes lanes_add(lanes a, lanes b)
{
    for (int i = 0; i < LANES; i++) a.lane[i] += b.lane[i];
    return a;
}

LANES_FUNCTION lanes lanes_subtract(lanes a, lanes b)
{
    for (int i = 0; i < LANES; i++) a.lane[i] -= b.lane[i];
    return a;
}

LANES_FUNCTION lanes lanes_and(lanes a, lanes b)
{
    for (int i = 0; i < LANES; i++) a.lane[i] &= b.lane[i];
    return a;
}

LANES_FUNCTION lanes lanes_or(lanes a, lanes b)
{
    for (int i = 0; i < LANES; i++) a.lane[i] |= b.lane[i];
    return a;
}

LANES_FUNCTION lanes lanes_choose(lanes already, lanes mask, lanes value)
{
    return lanes_or(already, lanes_and(value, mask));
}

/* The same of factors; the mask is LANES_CHOSEN or 0. */
#define LANES_CHOSEN UINT64_MAX
LANES_FUNCTION lanes lanes_choose_factor(lanes already, lanes mask, lanes value)
{
    return lanes_choose(already, mask, value);
}

LANES_FUNCTION lanes lanes_right(lanes a, uint32_t count)
{
    for (int i = 0; i < LANES; i++) a.lane[i] >>= count;
    return a;
}

LANES_FUNCTION lanes lanes_left(lanes a, uint32_t count)
{
    for (int i = 0; i < LANES; i++) a.lane[i] <<= count;
    return a;
}

/* a where mask is all ones, b where it is zero. */
LANES_FUNCTION lanes lanes_select(lanes mask, lanes a, lanes b)
{
    for (int i = 0; i < LANES; i++) a.lane[i] = (a.lane[i] & mask.lane[i]) | (b.lane[i] & ~mask.lane[i]);
    return a;
}

/* sum, and a where mask is all ones. */
LANES_FUNCTION lanes lanes_or_where(lanes sum, lanes mask, lanes a)
{
    return lanes_or(sum, lanes_and(mask, a));
}

/* Of the low 32 bits. */
LANES_FUNCTION lanes lanes_multiply_half(lanes a, lanes b)
{
    for (int i = 0; i < LANES; i++) a.lane[i] = (a.lane[i] & UINT32_MAX) * (b.lane[i] & UINT32_MAX);
    return a;
}

LANES_FUNCTION void lanes_multiply_half_add(lanes *sum, lanes a, lanes b)
{
    *sum = lanes_add(*sum, lanes_multiply_half(a, b));
}

LANES_FUNCTION lanes lanes_factor(lanes limb)
{
    return limb;
}

LANES_FUNCTION lanes lanes_limb(lanes factor)
{
    return factor;
}

LANES_FUNCTION void lanes_add_factors(lanes *sum, lanes *carry, lanes left, lanes right)
{
    const uint64_t mask = ((uint64_t)1 << 52) - 1;
    for (int i = 0; i < LANES; i++) {
        uint64_t all = left.lane[i] + right.lane[i] + carry->lane[i];
        sum->lane[i] = all & mask;
        carry->lane[i] = all >> 52;
    }
}

LANES_FUNCTION lanes lanes_carried(lanes carry, lanes factor)
{
    for (int i = 0; i < LANES; i++) factor.lane[i] &= 0 - carry.lane[i];
    return factor;
}

/* As the instruction does, only the low 52 bits of the factors count. */
LANES_FUNCTION void lanes_multiply_add(lanes *low, lanes *high, lanes a, lanes b)
{
    const uint64_t mask = ((uint64_t)1 << 52) - 1;
    for (int i = 0; i < LANES; i++) {
        lanes_product product = (lanes_product)(a.lane[i] & mask) * (b.lane[i] & mask);
        low->lane[i] += (uint64_t)product & mask;
        high->lane[i] += (uint64_t)(product >> 52);
    }
}

LANES_FUNCTION void lanes_multiply_add_low(lanes *low, lanes a, lanes b)
{
    lanes high = lanes_set(0);
    lanes_multiply_add(low, &high, a, b);
}

LANES_FUNCTION void lanes_multiply_add_high(lanes *high, lanes a, lanes b)
{
    lanes low = lanes_set(0);
    lanes_multiply_add(&low, high, a, b);
}

LANES_FUNCTION void lanes_transpose(lanes *rows)
{
    for (int i = 0; i < LANES; i++)
        for (int j = 0; j < i; j++) {
            uint64_t kept = rows[i].lane[j];
            rows[i].lane[j] = rows[j].lane[i];
            rows[j].lane[i] = kept;
        }
}

LANES_FUNCTION void lanes_load_square(lanes *out, const uint64_t *const *rows, uint32_t at)
{
    for (int lane = 0; lane < LANES; lane++)
        for (int j = 0; j < LANES; j++) out[j].lane[lane] = rows[lane][at + (uint32_t)j];
}

LANES_FUNCTION void lanes_store_square(uint64_t *const *rows, uint32_t at, const lanes *in)
{
    for (int lane = 0; lane < LANES; lane++)
        for (int j = 0; j < LANES; j++) rows[lane][at + (uint32_t)j] = in[j].lane[lane];
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
