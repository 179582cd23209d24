/* A protocol for tests of the engine; see rounds.h. */
#include "tests/support/rounds.h"

#include "lib/bytes.h"

#include <stdio.h>
#include <string.h>

enum { NUMBERS = 0, SUM = 1 };
enum { LEADER = 0, WORKER = 1 };

struct rounds {
    int64_t rounds, parts, round, part;
    uint64_t sum;
};

static int32_t rounds_start(fate_turn *turn, void **state)
{
    struct rounds *made = fate_allocate(fate_turn_context(turn), sizeof *made);
    if (made == NULL) return FATE_E_MEMORY;
    *state = made;
    int32_t result = fate_job_integer(fate_turn_job(turn), "rounds", &made->rounds);
    return result == FATE_OK ? fate_job_integer(fate_turn_job(turn), "parts", &made->parts) : result;
}

static void rounds_stop(fate_context *context, void *state)
{
    fate_free(context, state);
}

static int32_t rounds_save(fate_turn *turn, const void *state)
{
    return fate_turn_save(turn, state, sizeof(struct rounds));
}

static int32_t rounds_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length)
{
    (void)turn;
    if (length != sizeof(struct rounds)) return FATE_E_STORE;
    memcpy(state, bytes, sizeof(struct rounds));
    return FATE_OK;
}

static int32_t finish(fate_turn *turn, const struct rounds *rounds)
{
    double sum = (double)rounds->sum;
    int32_t result = fate_turn_set_result(turn, "sum", &sum, 1);
    if (result == FATE_OK) result = fate_turn_set_model(turn, (const uint8_t *)&rounds->sum, sizeof rounds->sum);
    return result == FATE_OK ? fate_turn_finish(turn) : result;
}

/* Part p of round r of worker w carries 1000 copies of w + r * p. */
static int32_t worker_send(fate_turn *turn, void *state)
{
    struct rounds *rounds = state;
    uint8_t bytes[8000];
    uint64_t value = fate_turn_party(turn) + (uint64_t)(rounds->round * rounds->part);
    for (int i = 0; i < 1000; i++) bytes_store_u64(bytes + 8 * i, value);
    bool last = rounds->part + 1 == rounds->parts;
    int32_t result = fate_turn_send_all(turn, NUMBERS, bytes, sizeof bytes, last);
    if (result != FATE_OK) return result;
    rounds->part = last ? 0 : rounds->part + 1;
    return last ? FATE_OK : FATE_AGAIN;
}

static int32_t worker_take(fate_turn *turn, void *state)
{
    struct rounds *rounds = state;
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_received(turn, 0, &bytes, &length);
    if (result != FATE_OK) return result;
    if (length != 8) return FATE_E_PROTOCOL;
    rounds->sum = bytes_load_u64(bytes);
    rounds->round++;
    if (rounds->round == rounds->rounds) return finish(turn, rounds);
    fate_turn_checkpoint(turn);
    return fate_turn_go_to(turn, 0);
}

static int32_t leader_take(fate_turn *turn, void *state)
{
    struct rounds *rounds = state;
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_received(turn, fate_turn_from(turn), &bytes, &length);
    if (result != FATE_OK) return result;
    for (uint64_t i = 0; i + 8 <= length; i += 8) rounds->sum += bytes_load_u64(bytes + i);
    return FATE_OK;
}

static int32_t leader_answer(fate_turn *turn, void *state)
{
    struct rounds *rounds = state;
    uint8_t bytes[8];
    bytes_store_u64(bytes, rounds->sum);
    int32_t result = fate_turn_send_all(turn, SUM, bytes, sizeof bytes, 1);
    if (result == FATE_OK) result = fate_turn_progress(turn, (uint32_t)rounds->round + 1, (uint32_t)rounds->rounds, 0, 0, 0);
    if (result != FATE_OK) return result;
    rounds->round++;
    if (rounds->round == rounds->rounds) return finish(turn, rounds);
    fate_turn_checkpoint(turn);
    return fate_turn_go_to(turn, 0);
}

int32_t rounds_register(fate_context *context)
{
    static const fate_protocol_message messages[] = {
        {"numbers", WORKER, LEADER, 0, "numbers", "they are summed"},
        {"sum", LEADER, WORKER, 0, "the sum", "it is the result"},
    };
    static const fate_protocol_step leader[] = {{"take numbers", FATE_WAIT_PART, NUMBERS, leader_take},
                                                {"answer", FATE_WAIT_NOTHING, 0, leader_answer}};
    static const fate_protocol_step worker[] = {{"send numbers", FATE_WAIT_NOTHING, 0, worker_send},
                                                {"take sum", FATE_WAIT_ALL, SUM, worker_take}};
    static const fate_protocol_role roles[] = {
        {"leader", 1, 1, "the sum", leader, sizeof leader[0], 2, rounds_start, rounds_save, rounds_load, rounds_stop, 0},
        {"worker", 1, 20, "the sum", worker, sizeof worker[0], 2, rounds_start, rounds_save, rounds_load, rounds_stop, 0},
    };
    static const fate_protocol_parameter parameters[] = {
        {"rounds", FATE_PARAMETER_INTEGER, "3", 1, 1000, NULL, "rounds"},
        {"parts", FATE_PARAMETER_INTEGER, "4", 1, 100000, NULL, "parts of a message"},
    };
    fate_protocol protocol = {.struct_size = sizeof protocol,
                              .abi_version = FATE_ABI_VERSION,
                              .name = "rounds",
                              .purpose = FATE_PURPOSE_TRAIN,
                              .summary = "workers send numbers, a leader sums them",
                              .limits = "nothing is protected",
                              .roles = roles,
                              .role_size = sizeof roles[0],
                              .role_count = 2,
                              .messages = messages,
                              .message_size = sizeof messages[0],
                              .message_count = 2,
                              .parameters = parameters,
                              .parameter_size = sizeof parameters[0],
                              .parameter_count = 2};
    return fate_protocol_register(context, &protocol);
}

void rounds_job(char *text, uint32_t workers, uint32_t rounds, uint32_t parts)
{
    int at = snprintf(
        text, 4096,
        "{\"algorithm\":\"rounds\",\"id\":\"id\",\"parties\":[{\"name\":\"leader\",\"role\":\"leader\",\"address\":\"127.0.0.1:9001\"}");
    for (uint32_t i = 1; i <= workers; i++) at += snprintf(text + at, 4096 - (size_t)at, ",{\"name\":\"worker%u\",\"role\":\"worker\"}", i);
    snprintf(text + at, 4096 - (size_t)at, "],\"parameters\":{\"rounds\":%u,\"parts\":%u}}", rounds, parts);
}

double rounds_expected(uint32_t workers, uint32_t rounds, uint32_t parts)
{
    uint64_t sum = 0;
    for (uint64_t worker = 1; worker <= workers; worker++)
        for (uint64_t round = 0; round < rounds; round++)
            for (uint64_t part = 0; part < parts; part++) sum += 1000 * (worker + round * part);
    return (double)sum;
}
