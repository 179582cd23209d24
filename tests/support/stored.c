/* Alignments with a stored set for tests; see stored.h. */
#include "tests/support/stored.h"

#include <stdio.h>
#include <string.h>

#include "lib/bytes.h"

static void set_up(const struct stored_world *world, uint32_t party)
{
    fate_session *session = fate_simulator_session(world->simulator, party);
    (void)fate_session_set_option(session, "durable", 1);
    (void)fate_session_set_option(session, "window", 65536);
    (void)fate_session_set_option(session, "date", (int64_t)world->date);
    (void)fate_session_set_table(session, FATE_TABLE_DATA, world->tables[party]);
}

void stored_world_make(struct stored_world *world, const char *parameters, const char *duplicates, uint64_t seed, fate_context *context)
{
    char text[PSI_TEST_TEXT];
    struct psi_case from = {.hosts = 1, .parameters = parameters, .duplicates = duplicates};
    memset(world, 0, sizeof *world);
    world->context = context;
    world->date = 1700000000;
    psi_test_job(text, &from);
    (void)fate_simulator_new(context, &world->simulator, text, FATE_PURPOSE_ALIGN, seed);
    for (uint32_t party = 0; party < 2 && world->simulator != NULL; party++) set_up(world, party);
}

void stored_world_free(struct stored_world *world)
{
    fate_simulator_free(world->simulator);
    for (uint32_t party = 0; party < 2; party++) fate_table_free(world->tables[party]);
    memset(world, 0, sizeof *world);
}

void stored_world_set_ids(struct stored_world *world, uint32_t party, uint32_t end, uint32_t step, bool repeated)
{
    struct buffer csv;
    const fate_schema *schema = fate_job_schema(fate_simulator_job(world->simulator), party, FATE_PURPOSE_ALIGN);
    fate_session *session = fate_simulator_session(world->simulator, party);
    (void)fate_session_set_table(session, FATE_TABLE_DATA, NULL);
    fate_table_free(world->tables[party]);
    world->tables[party] = NULL;
    buffer_init(&csv, world->context);
    buffer_text(&csv, "id\n");
    for (uint32_t id = 0; id < end; id += step)
        for (int copy = 0; copy < (repeated && id % 3 == 0 ? 2 : 1); copy++) buffer_format(&csv, "k%06u\n", (unsigned)id);
    if (!csv.failed) (void)fate_table_parse_csv(world->context, &world->tables[party], "t", csv.bytes, csv.length, schema);
    buffer_free(&csv);
    (void)fate_session_set_table(session, FATE_TABLE_DATA, world->tables[party]);
}

void stored_world_again(struct stored_world *world)
{
    for (uint32_t party = 0; party < 2; party++) {
        simulated_store_remove(simulator_store(world->simulator, party), "alignment");
        (void)fate_simulator_restart(world->simulator, party);
        set_up(world, party);
    }
}

int32_t stored_world_run(const struct stored_world *world)
{
    return fate_simulator_run(world->simulator, 10000000);
}

/* A left join stands in an order of its own: each of the guest's rows once, a host's row where it has the id. */
static const char *check_left(fate_model *const *alignments, const struct stored_world *world)
{
    fate_table *aligned[2] = {NULL, NULL};
    const char *wrong = NULL;
    uint64_t length, other_length, found = 0, expected = 0;
    for (uint32_t party = 0; party < 2; party++)
        if (fate_table_align(world->tables[party], &aligned[party], alignments[party]) != FATE_OK) wrong = "no alignment";
    if (wrong == NULL && (fate_table_rows(aligned[0]) != fate_table_rows(world->tables[0]) ||
                          fate_table_rows(aligned[1]) != fate_table_rows(world->tables[0])))
        wrong = "another number of rows";
    for (uint64_t row = 0; wrong == NULL && row < fate_table_rows(aligned[0]); row++) {
        const uint8_t *id = fate_table_row_id(aligned[0], row, &length), *other = fate_table_row_id(aligned[1], row, &other_length);
        if (other_length == 0) continue;
        if (length != other_length || memcmp(id, other, (size_t)length) != 0) wrong = "rows of different ids";
        found++;
    }
    for (uint64_t row = 0, at = 0; wrong == NULL && row < fate_table_rows(world->tables[0]); row++) {
        const uint8_t *id = fate_table_row_id(world->tables[0], row, &length);
        for (; at < fate_table_rows(world->tables[1]); at++) {
            const uint8_t *other = fate_table_row_id(world->tables[1], at, &other_length);
            if (memcmp(id, other, 7) <= 0) break;
        }
        if (at < fate_table_rows(world->tables[1])) expected += memcmp(id, fate_table_row_id(world->tables[1], at, &length), 7) == 0;
    }
    if (wrong == NULL && found != expected) wrong = "another number of matched rows";
    for (uint32_t party = 0; party < 2; party++) fate_table_free(aligned[party]);
    return wrong;
}

static const char *check_inner(fate_model *const *alignments, fate_model *const *pooled)
{
    for (uint32_t party = 0; party < 2; party++) {
        const uint8_t *one = NULL, *other = NULL;
        uint64_t length = 0, other_length = 0;
        (void)fate_model_body(alignments[party], &one, &length);
        (void)fate_model_body(pooled[party], &other, &other_length);
        if (length == 0 || length != other_length || memcmp(one, other, (size_t)length) != 0)
            return "another alignment than in one process";
    }
    return NULL;
}

const char *stored_world_check(const struct stored_world *world, bool left)
{
    fate_model *alignments[2] = {NULL, NULL}, *pooled[2] = {NULL, NULL};
    const char *wrong = NULL;
    for (uint32_t party = 0; party < 2; party++)
        if (fate_session_model(fate_simulator_session(world->simulator, party), &alignments[party]) != FATE_OK) wrong = "no model";
    if (wrong == NULL && fate_align_pooled(world->context, pooled, fate_simulator_job(world->simulator),
                                           (const fate_table *const *)world->tables) != FATE_OK)
        wrong = "no pooled alignment";
    if (wrong == NULL) wrong = left ? check_left(alignments, world) : check_inner(alignments, pooled);
    for (uint32_t party = 0; party < 2; party++) {
        fate_model_free(alignments[party]);
        fate_model_free(pooled[party]);
    }
    return wrong;
}

uint64_t stored_world_sent(const struct stored_world *world, uint32_t party, const char *message)
{
    const fate_session *session = fate_simulator_session(world->simulator, party);
    const char *name;
    uint32_t peer;
    int32_t outgoing;
    uint64_t messages, bytes, sent = 0;
    for (uint32_t i = 0; fate_session_traffic(session, i, &name, &peer, &outgoing, &messages, &bytes) == FATE_OK; i++)
        if (outgoing != 0 && strcmp(name, message) == 0) sent += bytes;
    return sent;
}
