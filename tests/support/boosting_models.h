/* Random models of several parties that belong together, without training: for the tests of bytes, dumps and masks. */
#ifndef TESTS_SUPPORT_BOOSTING_MODELS_H
#define TESTS_SUPPORT_BOOSTING_MODELS_H

#include "src/models/boosting/body.h"
#include "tests/support/boosting.h"

/* Trains a small model of all kinds of columns on set; the models are freed with test_models_free. */
static inline int32_t test_models_make(fate_context *context, struct boosting_model *models, const struct test_parties *set,
                                       const struct boosting_parameters *parameters)
{
    return pooled_train(context, models, parameters, set->parties, set->count, NULL);
}

static inline void test_models_free(struct boosting_model *models, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) boosting_model_free(&models[i]);
}

/* A shape with two numbers and a category a party, some values missing. */
static inline struct test_shape test_mixed_shape(uint64_t seed, uint32_t rows)
{
    return (struct test_shape){.seed = seed, .rows = rows, .kinds = 0x24 | 0x100, .missing = 0.15};
}

static const uint32_t test_cuts[3] = {3, 3, 3};

/* true when both models have the same bytes. */
static inline bool test_models_equal(fate_context *context, const struct boosting_model *a, const struct boosting_model *b)
{
    struct buffer first, second;
    buffer_init(&first, context);
    buffer_init(&second, context);
    assert_int_equal(boosting_model_write(a, &first), FATE_OK);
    assert_int_equal(boosting_model_write(b, &second), FATE_OK);
    bool equal = first.length == second.length && memcmp(first.bytes, second.bytes, first.length) == 0;
    buffer_free(&first);
    buffer_free(&second);
    return equal;
}

#endif
