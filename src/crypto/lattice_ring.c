/* The tables of a transform, digits of polynomials, and the choice of a kernel. */
#include "src/crypto/lattice_ring.h"
#include "lib/memory.h"

#include <math.h>
#include <sodium.h>
#include <string.h>

static const struct lattice_kernel *const kernels[] = {
#ifdef __x86_64__
    &lattice_avx2,
#endif
    &lattice_portable,
};

enum { KERNELS = sizeof kernels / sizeof kernels[0], LINE = 64 };

const struct lattice_kernel *lattice_kernel_of(const fate_context *context)
{
    for (int i = 0; i < KERNELS && context->kernel != NULL; i++)
        if (strcmp(kernels[i]->name, context->kernel) == 0 && kernels[i]->available()) return kernels[i];
    for (int i = 0; i < KERNELS - 1; i++)
        if (kernels[i]->available()) return kernels[i];
    return kernels[KERNELS - 1];
}

/* Where memory begins stands before what is handed out. */
void *lattice_allocate(fate_context *context, uint64_t count, uint64_t size)
{
    if (count > (UINT64_MAX - LINE - sizeof(void *)) / size) return NULL;
    void *memory = memory_allocate(context, 1, count * size + LINE + sizeof(void *));
    if (memory == NULL) return NULL;
    uint64_t past = (uintptr_t)memory % LINE, skipped = LINE - past;
    if (skipped < sizeof(void *)) skipped += LINE;
    memcpy((uint8_t *)memory + skipped - sizeof memory, &memory, sizeof memory);
    return (uint8_t *)memory + skipped;
}

void lattice_free(fate_context *context, void *pointer, uint64_t bytes)
{
    void *memory;
    if (pointer == NULL) return;
    sodium_memzero(pointer, bytes);
    memcpy(&memory, (uint8_t *)pointer - sizeof memory, sizeof memory);
    memory_free(context, memory);
}

int32_t lattice_ring_make(fate_context *context, struct lattice_ring *ring, uint32_t log_degree, const struct lattice_kernel *kernel)
{
    memset(ring, 0, sizeof *ring);
    ring->kernel = kernel != NULL ? kernel : lattice_kernel_of(context);
    ring->log_degree = log_degree;
    ring->degree = (uint32_t)1 << log_degree;
    ring->memory = lattice_allocate(context, 4 * (uint64_t)ring->degree, sizeof *ring->memory);
    if (ring->memory == NULL) return context_out_of_memory(context);
    ring->forward = ring->memory;
    ring->forward_quotient = ring->forward + ring->degree;
    ring->inverse = ring->forward_quotient + ring->degree;
    ring->inverse_quotient = ring->inverse + ring->degree;
    ring->kernel->fill(ring);
    return FATE_OK;
}

void lattice_ring_free(fate_context *context, struct lattice_ring *ring)
{
    lattice_free(context, ring->memory, 0);
    ring->memory = NULL;
}

/* The lowest `bits` bits of *word as a number from -2^(bits-1) on; *word loses them, and gets what the number is too small by. */
static int64_t take_digit(lattice_wide *word, uint32_t bits)
{
    uint64_t half = (uint64_t)1 << (bits - 1);
    *word += half;
    int64_t digit = (int64_t)((uint64_t)*word & (2 * half - 1)) - (int64_t)half;
    *word >>= bits;
    return digit;
}

/* The top digit drops what reaches 2^k. Where digits end beyond k it has a bit to spare, so it need not be balanced. A word of 128 bits whose first
 * sum wraps round loses a multiple of 2^k. */
void lattice_digits(const struct lattice_profile *profile, int64_t *digits, const struct lattice_word *words)
{
    for (uint32_t i = 0; i < profile->degree; i++) {
        lattice_wide word = lattice_reduce(lattice_wide_of(words[i]), profile->bits);
        for (uint32_t digit = 0; digit < profile->digits; digit++)
            digits[digit * profile->degree + i] = take_digit(&word, profile->digit_bits);
    }
}

/* A random digit's square is 4^(digit_bits-1)/3 in the mean, with a deviation of 0.3 of 4^(digit_bits-1): what is allowed is 13 deviations of the sum
 * above its mean. */
bool lattice_digits_fit(const struct lattice_profile *profile, const int64_t *digits)
{
    const double degree = profile->degree, half = (double)((uint64_t)1 << (profile->digit_bits - 1));
    bool fit = true;
    for (uint32_t digit = 0; digit < profile->digits; digit++) {
        double squares = 0;
        for (uint32_t i = 0; i < profile->degree; i++) {
            double part = (double)digits[(size_t)digit * profile->degree + i] / half;
            squares += part * part;
        }
        fit = fit && squares <= degree / 3 + 4 * sqrt(degree);
    }
    return fit;
}

void lattice_reverse(int8_t *out, const int8_t *in, uint32_t degree)
{
    out[0] = in[0];
    for (uint32_t i = 1; i < degree; i++) out[i] = (int8_t)-in[degree - i];
}

uint32_t lattice_chunk(const struct lattice_profile *profile)
{
    return profile->degree < LATTICE_CHUNK ? profile->degree : LATTICE_CHUNK;
}

void lattice_planes(const struct lattice_profile *profile, int16_t *planes, const struct lattice_word *words)
{
    const uint32_t chunk = lattice_chunk(profile);
    for (uint32_t i = 0; i < profile->degree; i++) {
        int16_t *to = planes + i / chunk * chunk * profile->planes + i % chunk;
        lattice_wide word = lattice_reduce(lattice_wide_of(words[i]), profile->bits);
        for (uint32_t plane = 0; plane < profile->planes; plane++) to[plane * chunk] = (int16_t)take_digit(&word, 16);
    }
}

lattice_wide lattice_planes_join(const int32_t *sums, uint32_t plane_count)
{
    lattice_wide joined = 0;
    for (uint32_t plane = plane_count; plane-- > 0;) joined = (joined << 16) + lattice_signed(sums[plane]);
    return joined;
}
