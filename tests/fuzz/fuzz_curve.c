/* Points from a peer: whatever bytes come, every kernel takes and refuses the same ones as libsodium, and those for vectors make the same bytes of them. */
#include "src/crypto/ristretto.h"
#include "src/crypto/x25519.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 9 };

static void require(bool right)
{
    if (!right) abort();
}

static void expect_decision(const uint8_t *element, bool accepted, bool accepts_identity)
{
    bool valid = crypto_core_ristretto255_is_valid_point(element) != 0 && element[CURVE_BYTES - 1] < 128;
    require(accepted == (valid && (accepts_identity || !sodium_is_zero(element, CURVE_BYTES))));
}

struct results {
    uint64_t bad[4];
    uint8_t products[MOST * CURVE_BYTES], coordinates[MOST * CURVE_BYTES], hashes[MOST * CURVE_BYTES];
};

static void compute(fate_context *context, struct results *results, const uint8_t *bytes, uint64_t count, const uint8_t *scalar)
{
    memset(results, 0, sizeof *results);
    require(ristretto_check_many(context, bytes, count, true, &results->bad[0]) == FATE_OK);
    require(ristretto_check_many(context, bytes, count, false, &results->bad[1]) == FATE_OK);
    require(ristretto_multiply_many(context, results->products, bytes, count, scalar, &results->bad[2]) == FATE_OK);
    require(x25519_multiply_many(context, results->coordinates, bytes, count, scalar, &results->bad[3]) == FATE_OK);
    require(ristretto_hash_many(context, results->hashes, bytes, count / 2) == FATE_OK);
}

/* The kernels in plain C are slow: one of the two, and what it accepts. */
static void try_plain(fate_context *context, const struct results *expected, const uint8_t *bytes, uint64_t count)
{
    uint64_t bad;
    context->kernel = count > 0 && bytes[1] % 2 == 0 ? "plain" : "plain-ten";
    require(ristretto_check_many(context, bytes, count, true, &bad) == FATE_OK);
    require(bad == expected->bad[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const kernels[] = {"avx512", "avx2"};
    static struct results expected, results;
    fate_context *context = NULL;
    uint8_t scalar[CURVE_BYTES] = {77, 3};
    uint64_t count = size / CURVE_BYTES < MOST ? size / CURVE_BYTES : MOST;
    if (context_new(&context, NULL) != FATE_OK) return 0;
    context->threads = 1;
    context->kernel = "portable";
    compute(context, &expected, data, count, scalar);
    for (uint64_t i = 0; i <= expected.bad[0] && i < count; i++) expect_decision(data + i * CURVE_BYTES, i < expected.bad[0], true);
    for (uint64_t i = 0; i <= expected.bad[1] && i < count; i++) expect_decision(data + i * CURVE_BYTES, i < expected.bad[1], false);
    require(expected.bad[1] == expected.bad[2]);
    for (uint32_t k = 0; k < sizeof kernels / sizeof kernels[0]; k++) {
        if (curve_kernel_find(kernels[k]) == NULL) continue;
        context->kernel = kernels[k];
        compute(context, &results, data, count, scalar);
        require(memcmp(&results, &expected, sizeof results) == 0);
    }
    try_plain(context, &expected, data, count);
    fate_context_free(context);
    return 0;
}
