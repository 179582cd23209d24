/* Scoring row by row, both roles. */
#include "src/models/boosting/serving.h"

#include <sodium.h>
#include <string.h>
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"
#include "src/models/boosting/scoring.h"

enum { HOSTS_MOST = 63, MEBIBYTE = 1048576, MASK_BYTES_MOST = 900000, KNOWN = 1, UNKNOWN = 0 };

struct serving {
    fate_context *context;
    struct boosting_model model;
    const fate_table *table;    /* host */
    struct predictor predictor; /* host: of its table; guest: of the row that is asked about */
    bool model_ready, predictor_ready;
    const fate_table *row; /* guest */
    uint64_t mask_bytes;
    uint8_t *mask;
    double *scores;
};

static void drop_predictor(struct serving *serving)
{
    if (serving->predictor_ready) {
        predictor_free(&serving->predictor);
    }
    serving->predictor_ready = false;
}

static void serving_stop(fate_context *context, void *state)
{
    struct serving *serving = state;
    if (serving == NULL) {
        return;
    }
    drop_predictor(serving);
    if (serving->model_ready) {
        boosting_model_free(&serving->model);
    }
    memory_free(context, serving->mask);
    memory_free(context, serving->scores);
    memory_free(context, serving);
}

static int32_t take_table(struct serving *serving, const fate_table *table)
{
    drop_predictor(serving);
    int32_t result = predictor_init(&serving->predictor, serving->context, &serving->model, table);
    serving->predictor_ready = result == FATE_OK;
    return result;
}

/* Compares ids as bytes. */
static int compare_ids(const uint8_t *one, uint64_t one_length, const uint8_t *other, uint64_t other_length)
{
    int order = memcmp(one, other, one_length < other_length ? one_length : other_length);
    return order != 0 ? order : one_length < other_length ? -1 : one_length > other_length;
}

/* A host looks rows up by id, so its table has them in order. */
static int32_t check_table(const struct serving *serving)
{
    const fate_table *table = serving->table;
    for (uint64_t row = 1; row < fate_table_rows(table); row++) {
        uint64_t length, before_length;
        const uint8_t *id = fate_table_row_id(table, row, &length), *before = fate_table_row_id(table, row - 1, &before_length);
        if (compare_ids(before, before_length, id, length) >= 0) {
            return context_fail(serving->context, FATE_E_TABLE,
                                "rows are looked up by id: give the table as it was read, not an aligned one");
        }
    }
    return FATE_OK;
}

static int32_t make_serving(fate_turn *turn, struct serving *serving, bool guest)
{
    if (!guest && serving->table == NULL) {
        return context_fail(serving->context, FATE_E_TABLE, "a host answers from a table: give one before the job begins");
    }
    int32_t result = scoring_read_model(turn, &serving->model);
    serving->model_ready = result == FATE_OK;
    if (result == FATE_OK && !guest) {
        result = check_table(serving);
    }
    if (result == FATE_OK && !guest) {
        result = take_table(serving, serving->table);
    }
    if (result != FATE_OK) {
        return result;
    }
    serving->mask_bytes = predictor_mask_bytes(&serving->model);
    if (serving->mask_bytes > MASK_BYTES_MOST) {
        return context_fail(serving->context, FATE_E_LIMIT, "the model has so many leaves that one row's mask is longer than %d bytes",
                            (int)MASK_BYTES_MOST);
    }
    serving->mask = memory_zeroed(serving->context, serving->mask_bytes + 1, 1);
    serving->scores = memory_zeroed(serving->context, guest ? serving->model.outputs : 1, sizeof *serving->scores);
    return serving->mask == NULL || serving->scores == NULL ? context_out_of_memory(serving->context) : FATE_OK;
}

static int32_t serving_start(fate_turn *turn, void **state)
{
    fate_context *context = fate_turn_context(turn);
    struct serving *serving = memory_zeroed(context, 1, sizeof *serving);
    if (serving == NULL) {
        return context_out_of_memory(context);
    }
    serving->context = context;
    serving->table = fate_turn_table(turn, FATE_TABLE_DATA);
    int32_t result = make_serving(turn, serving, fate_turn_role(turn, fate_turn_party(turn)) == ROLE_GUEST);
    if (result != FATE_OK) {
        serving_stop(context, serving);
        return result;
    }
    *state = serving;
    return FATE_OK;
}

/* ---- models of one training ---- */

static int32_t send_shapes(fate_turn *turn, const struct serving *serving, uint32_t message)
{
    uint8_t digest[MESSAGE_DIGEST];
    int32_t result = scoring_trees_digest(turn, &serving->model, digest);
    return result == FATE_OK ? fate_turn_send_all(turn, message, digest, sizeof digest, 1) : result;
}

static int32_t compare_shapes(fate_turn *turn, const struct serving *serving, uint32_t party)
{
    uint8_t digest[MESSAGE_DIGEST];
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_received(turn, party, &bytes, &length);
    if (result == FATE_OK) {
        result = scoring_trees_digest(turn, &serving->model, digest);
    }
    if (result == FATE_OK && length != sizeof digest) {
        return peer_violation(turn, party, "a digest of a wrong length");
    }
    if (result == FATE_OK && sodium_memcmp(digest, bytes, sizeof digest) != 0) {
        return scoring_models_differ(turn, party);
    }
    return result;
}

static int32_t serving_tell(fate_turn *turn, void *state)
{
    return send_shapes(turn, state, MESSAGE_SHAPES);
}

static int32_t serving_compare(fate_turn *turn, void *state)
{
    int32_t result = FATE_OK;
    for (uint32_t host = peer_next(turn, ROLE_HOST, 0); host != UINT32_MAX && result == FATE_OK;
         host = peer_next(turn, ROLE_HOST, host + 1)) {
        result = compare_shapes(turn, state, host);
    }
    return result;
}

static int32_t serving_agree(fate_turn *turn, void *state)
{
    int32_t result = compare_shapes(turn, state, peer_next(turn, ROLE_GUEST, 0));
    return result == FATE_OK ? send_shapes(turn, state, MESSAGE_READY) : result;
}

/* ---- questions ---- */

static int32_t serving_ask(fate_turn *turn, void *state)
{
    struct serving *serving = state;
    const uint8_t *id = NULL;
    uint64_t length = 0;
    int32_t result = fate_turn_question(turn, &serving->row);
    if (result == FATE_OK && serving->row != NULL) {
        id = fate_table_row_id(serving->row, 0, &length);
        result = take_table(serving, serving->row);
    }
    if (result == FATE_OK) {
        result = fate_turn_send_all(turn, MESSAGE_QUESTION, id, length, 1); /* no id is empty: an empty one ends the session */
    }
    return result == FATE_OK && serving->row == NULL ? fate_turn_finish(turn) : result;
}

/* Intersects the leaves that a host leaves possible. *known: it has the row. */
static int32_t take_leaves(fate_turn *turn, struct serving *serving, uint32_t host, bool *known)
{
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_received(turn, host, &bytes, &length);
    if (result != FATE_OK) {
        return result;
    }
    if (length == 0 || (bytes[0] == KNOWN ? length != serving->mask_bytes + 1 : bytes[0] != UNKNOWN || length != 1)) {
        return peer_violation(turn, host, "leaves of a wrong length");
    }
    *known = *known && bytes[0] == KNOWN;
    if (bytes[0] == KNOWN) {
        predictor_intersect(serving->mask, bytes + 1, serving->mask_bytes);
    }
    return FATE_OK;
}

static int32_t serving_answer(fate_turn *turn, void *state)
{
    struct serving *serving = state;
    bool known = true;
    int32_t result = FATE_OK;
    predictor_masks(&serving->predictor, 0, 1, serving->mask);
    for (uint32_t host = peer_next(turn, ROLE_HOST, 0); host != UINT32_MAX && result == FATE_OK;
         host = peer_next(turn, ROLE_HOST, host + 1)) {
        result = take_leaves(turn, serving, host, &known);
    }
    if (result == FATE_OK && known) {
        result = predictor_scores(&serving->predictor, 0, 1, serving->mask, serving->scores);
    }
    if (result == FATE_OK) {
        result = fate_turn_answer(turn, serving->scores, known ? serving->model.outputs : 0);
    }
    return result == FATE_OK ? fate_turn_go_to(turn, SERVING_ASK) : result;
}

/* The row of an id; false: the table has none. */
static bool find_row(const fate_table *table, const uint8_t *id, uint64_t length, uint64_t *row)
{
    uint64_t low = 0, high = fate_table_rows(table);
    while (low < high) {
        uint64_t middle = low + (high - low) / 2, own_length;
        const uint8_t *own = fate_table_row_id(table, middle, &own_length);
        int order = compare_ids(own, own_length, id, length);
        if (order == 0) {
            *row = middle;
            return true;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return false;
}

static int32_t serving_reply(fate_turn *turn, void *state)
{
    struct serving *serving = state;
    uint32_t guest = peer_next(turn, ROLE_GUEST, 0);
    const uint8_t *id;
    uint64_t length, row = 0;
    int32_t result = fate_turn_received(turn, guest, &id, &length);
    if (result != FATE_OK || length == 0) {
        return result == FATE_OK ? fate_turn_finish(turn) : result;
    }
    bool known = find_row(serving->table, id, length, &row);
    serving->mask[0] = known ? KNOWN : UNKNOWN;
    if (known) {
        predictor_masks(&serving->predictor, row, 1, serving->mask + 1);
    }
    result = fate_turn_send(turn, MESSAGE_POSSIBLE, guest, serving->mask, known ? serving->mask_bytes + 1 : 1, 1);
    return result == FATE_OK ? fate_turn_go_to(turn, SERVING_REPLY) : result;
}

/* ---- the tables ---- */

static const fate_protocol_message serving_messages[SERVING_MESSAGES] = {
    [MESSAGE_SHAPES] = {"shapes", ROLE_GUEST, ROLE_HOST, 0,
                        "a digest of the shape of the model's trees under a key that only this run's parties have",
                        "the host answers only when its model has the same trees"},
    [MESSAGE_READY] = {"ready", ROLE_HOST, ROLE_GUEST, 0, "the same of the host's model",
                       "the guest finds out at once when the models differ"},
    [MESSAGE_QUESTION] = {"question", ROLE_GUEST, ROLE_HOST, MEBIBYTE, "the id of the row that is scored now; an empty one at the end",
                          "the host looks its own values of that row up"},
    [MESSAGE_POSSIBLE] = {"possible leaves", ROLE_HOST, ROLE_GUEST, MEBIBYTE,
                          "whether the host has that row, and for every tree which leaves remain possible given its conditions",
                          "the leaf that all parties leave possible gives the score; the host's thresholds and values are not sent"},
};

static const fate_protocol_step guest_steps[SERVING_GUEST_STEPS] = {
    [SERVING_TELL] = {"tell shapes", FATE_WAIT_NOTHING, 0, serving_tell},
    [SERVING_COMPARE] = {"compare models", FATE_WAIT_ALL, MESSAGE_READY, serving_compare},
    [SERVING_ASK] = {"ask", FATE_WAIT_QUESTION, 0, serving_ask},
    [SERVING_ANSWER] = {"intersect leaves", FATE_WAIT_ALL, MESSAGE_POSSIBLE, serving_answer},
};

static const fate_protocol_step host_steps[SERVING_HOST_STEPS] = {
    [SERVING_AGREE] = {"compare models", FATE_WAIT_ALL, MESSAGE_SHAPES, serving_agree},
    [SERVING_REPLY] = {"send leaves", FATE_WAIT_ALL, MESSAGE_QUESTION, serving_reply},
};

static const fate_protocol_role serving_roles[] = {
    [ROLE_GUEST] =
        {.name = "guest",
         .minimum = 1,
         .maximum = 1,
         .learns = "The scores of the rows that it asks about; which of these ids each host has; and for each row the outcome of every "
                   "condition of a host that the host's other conditions do not rule out, also off the row's path.",
         .steps = guest_steps,
         .step_size = sizeof(fate_protocol_step),
         .step_count = SERVING_GUEST_STEPS,
         .start = serving_start,
         .stop = serving_stop},
    [ROLE_HOST] = {.name = "host",
                   .minimum = 0,
                   .maximum = HOSTS_MOST,
                   .learns = "The ids that are asked about, and when; no score.",
                   .steps = host_steps,
                   .step_size = sizeof(fate_protocol_step),
                   .step_count = SERVING_HOST_STEPS,
                   .start = serving_start,
                   .stop = serving_stop},
};

const fate_protocol boosting_serving = {
    .struct_size = sizeof(fate_protocol),
    .abi_version = FATE_ABI_VERSION,
    .name = "vertical-boosting",
    .purpose = FATE_PURPOSE_SERVE,
    .summary =
        "Scores single rows with the parties' models of one training in a session that stays open, each in one round trip: the guest names an "
        "id, each host says which leaves its conditions leave possible.",
    .limits =
        "All parties are taken to follow the protocol. Not protected against: a guest that asks about ids to find out which a host has; a "
        "guest that asks about many rows and studies how a host's values are spread over its conditions; a host that sends false leaves and so "
        "spoils scores. Nothing limits how many rows are asked about.",
    .label_role = "guest",
    .roles = serving_roles,
    .role_size = sizeof(fate_protocol_role),
    .role_count = sizeof serving_roles / sizeof *serving_roles,
    .messages = serving_messages,
    .message_size = sizeof(fate_protocol_message),
    .message_count = SERVING_MESSAGES,
};
