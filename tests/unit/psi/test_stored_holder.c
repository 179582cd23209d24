/* What the holder of a stored set keeps: only a whole set, in parts, none of an older one left; damaged parts are refused by name; a set that the
 * holder finds too old is asked for anew. */
#include "tests/support/unit.h"

#include <stdlib.h>
#include "src/models/psi/stored_party.h"
#include "tests/support/stored.h"

static fate_context *context;
static struct stored_world world;
static char name[STORED_NAME];

static void begin(const char *parameters, uint32_t ids)
{
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    stored_world_make(&world, parameters, NULL, 4, context);
    stored_world_set_ids(&world, 0, ids, 1, false); /* the guest's set is stored */
    stored_world_set_ids(&world, 1, 150, 7, false);
    stored_name(name, fate_simulator_job(world.simulator), 0, false, false);
}

static void end(void)
{
    stored_world_free(&world);
    fate_context_free(context);
}

/* The value of the holder under a name of the set's, or of its part. NULL: none. */
static struct simulated_value *value_of(int part)
{
    char key[96];
    if (part < 0)
        snprintf(key, sizeof key, "kept-%s", name);
    else
        snprintf(key, sizeof key, "kept-%s.%d", name, part);
    for (struct simulated_value *value = simulator_store(world.simulator, 1)->values; value != NULL; value = value->next)
        if (strcmp(value->key, key) == 0) return value;
    return NULL;
}

static void finish(void)
{
    int32_t result = stored_world_run(&world);
    if (result != FATE_FINISHED) fail_msg("%s", fate_context_error(context));
    assert_null(stored_world_check(&world, false));
    stored_world_again(&world);
}

static void parts_of_a_set(void **state)
{
    (void)state;
    begin("\"stored_set\": \"guest\"", STORED_ITEMS + 3);
    finish();
    assert_true(value_of(-1) != NULL && value_of(0) != NULL && value_of(1) != NULL && value_of(2) == NULL);
    assert_true(value_of(0)->length > (uint64_t)STORED_ITEMS * EXCHANGE_TAG);
    assert_true(value_of(1)->length < 200);
    stored_world_set_ids(&world, 0, 500, 1, false);
    finish();
    assert_true(value_of(0)->length < 600 * EXCHANGE_TAG);
    assert_null(value_of(1)); /* the smaller set leaves none of the larger one */
    end();
}

static void damaged_parts(void **state)
{
    (void)state;
    for (int how = 0; how < 3; how++) {
        begin("\"stored_set\": \"guest\"", 100);
        finish();
        if (how == 0) value_of(0)->bytes[40] ^= 1;
        if (how == 1) value_of(0)->length -= 1;
        if (how == 2) simulated_store_remove(simulator_store(world.simulator, 1), value_of(0)->key);
        assert_int_equal(stored_world_run(&world), FATE_E_STORE);
        assert_non_null(strstr(fate_context_error(context), how == 2 ? "missing or belongs to another" : "altered"));
        assert_non_null(strstr(fate_context_error(context), "kept-psi-held-"));
        simulated_store_remove(simulator_store(world.simulator, 1), value_of(-1)->key); /* as the sentence says */
        stored_world_again(&world);
        finish();
        end();
    }
}

/* A part of an older set is sealed as well, but belongs to another number. */
static void a_part_of_another_set(void **state)
{
    (void)state;
    begin("\"stored_set\": \"guest\"", 100);
    finish();
    struct simulated_value old = *value_of(0);
    uint8_t *bytes = malloc(old.length);
    assert_non_null(bytes);
    memcpy(bytes, old.bytes, old.length);
    stored_world_set_ids(&world, 0, 200, 2, false);
    finish();
    assert_int_equal(value_of(0)->length, old.length);
    memcpy(value_of(0)->bytes, bytes, old.length);
    free(bytes);
    assert_int_equal(stored_world_run(&world), FATE_E_STORE);
    assert_non_null(strstr(fate_context_error(context), "belongs to another"));
    end();
}

/* The holder's clock alone says that the set is too old. */
static void the_holder_too_counts_days(void **state)
{
    (void)state;
    begin("\"stored_set\": \"guest\", \"stored_days\": 1", 100);
    finish();
    assert_int_equal(fate_session_set_option(fate_simulator_session(world.simulator, 1), "date", (int64_t)world.date + 86400), FATE_OK);
    assert_int_equal(stored_world_run(&world), FATE_FINISHED);
    assert_true(stored_world_sent(&world, 0, "guest stored ids") > 0);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_a_set),
        cmocka_unit_test(damaged_parts),
        cmocka_unit_test(a_part_of_another_set),
        cmocka_unit_test(the_holder_too_counts_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
