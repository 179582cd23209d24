/* The guest goes on from an earlier model: whether the hosts' parts belong to it, and the margins that rows have after its trees. */
#include <sodium.h>
#include <stdio.h>
#include "src/models/boosting/guest.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/scoring.h"

/* The highest number of a party's column in the model. */
static uint32_t numbers_used(const struct boosting_model *model, uint32_t party)
{
    uint32_t most = 0;
    for (uint32_t tree = 0; tree < model->tree_count; tree++) {
        for (uint32_t i = 0; i < model->trees[tree].count; i++) {
            const struct boosting_node *node = &model->trees[tree].nodes[i];
            if (node->kind == BOOSTING_OTHER && node->party == party && node->column > most) {
                most = node->column;
            }
        }
    }
    return most;
}

/* Takes the numbers: each from 1 to the highest that the model uses stands at one column. */
static int32_t take_numbers(fate_turn *turn, struct guest *guest, struct guest_party *host, const message_columns *message)
{
    uint32_t used = numbers_used(&guest->model, host->party), seen = 0;
    uint8_t *taken = memory_zeroed(guest->context, (uint64_t)used + 1, 1);
    bool right = true;
    if (taken == NULL) {
        return context_out_of_memory(guest->context);
    }
    for (uint32_t i = 0; i < host->count && right; i++) {
        uint32_t number = message->columns[i]->earlier;
        right = number <= used && (number == 0 || taken[number] == 0);
        if (right && number > 0) {
            taken[number] = 1;
            seen++;
        }
        host->model_number[i] = number;
    }
    memory_free(guest->context, taken);
    host->model_numbers = used;
    return right && seen == used ? FATE_OK : peer_violation(turn, host->party, "columns that are not those of the earlier model");
}

int32_t guest_compare_earlier(fate_turn *turn, struct guest *guest, struct guest_party *host, const message_columns *message)
{
    uint8_t digest[MESSAGE_DIGEST];
    if ((message->earlier_digest.len > 0) != (guest->earlier.trees > 0)) {
        const fate_job *job = fate_turn_job(turn);
        char sentence[CONTEXT_SENTENCE];
        bool own = guest->earlier.trees > 0;
        snprintf(sentence, sizeof sentence, "%.200s starts from an earlier model and %.200s does not: give one to all parties or to none",
                 fate_job_party_name(job, own ? guest->own : host->party), fate_job_party_name(job, own ? host->party : guest->own));
        return fate_turn_fail(turn, FATE_E_MODEL, sentence, sentence);
    }
    if (guest->earlier.trees > 0) {
        int32_t result = scoring_trees_digest(turn, &guest->model, digest);
        if (result != FATE_OK) {
            return result;
        }
        if (sodium_memcmp(digest, message->earlier_digest.data, sizeof digest) != 0) {
            return scoring_models_differ(turn, host->party);
        }
    }
    return take_numbers(turn, guest, host, message);
}

int32_t guest_earlier(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    struct guest_party *host = &guest->parties[fate_turn_from(turn)];
    const uint8_t *bytes;
    uint64_t length;
    struct outcome_part part;
    int32_t result = fate_turn_received(turn, host->party, &bytes, &length);
    if (result != FATE_OK) {
        return result;
    }
    if (!outcome_part_read(&part, bytes, length, host->outcome_rows, guest->earlier.all_rows, guest->earlier.mask_bytes)) {
        return peer_violation(turn, host->party, "leaves of earlier trees that do not follow or have a wrong length");
    }
    earlier_intersect(&guest->earlier, part.first, part.count, part.bits);
    host->outcome_rows += part.count;
    if (fate_turn_last(turn) != 0 && host->outcome_rows != guest->earlier.all_rows) {
        return peer_violation(turn, host->party, "leaves of earlier trees for too few rows");
    }
    return FATE_OK;
}

int32_t guest_continue(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    int32_t result =
        earlier_score(&guest->earlier, &guest->parameters, &guest->margins, &guest->validation_margins, fate_table_label(guest->validation),
                      fate_table_weight(guest->validation), &guest->stopping, &guest->stopped);
    if (result == FATE_E_PROTOCOL) {
        char sentence[CONTEXT_SENTENCE];
        snprintf(sentence, sizeof sentence, "%s", fate_context_error(guest->context));
        return fate_turn_fail(turn, FATE_E_MODEL, sentence,
                              "the parties' earlier models do not fit together: use the models of one training");
    }
    guest->tree = guest->earlier.trees;
    earlier_close(&guest->earlier);
    return result == FATE_OK ? fate_turn_checkpoint(turn) : result;
}
