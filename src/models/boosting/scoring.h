/* Scoring: each host says once, for every row, which leaves its conditions leave possible; the guest intersects and adds up weights. */
#ifndef SRC_MODELS_BOOSTING_SCORING_H
#define SRC_MODELS_BOOSTING_SCORING_H

#include <fate/protocol.h>
#include "src/models/boosting/predict.h"

/* Rows that are masked, sent and scored together. */
struct scoring_block {
    uint8_t *masks; /* intersection so far; NULL before the first and after the last host */
    uint32_t hosts; /* that have sent theirs */
};

/* One party's state, of either role. */
struct scoring {
    fate_context *context;
    const fate_table *table;
    struct boosting_model model;
    struct predictor predictor;
    bool model_ready, predictor_ready;
    uint64_t rows;
    uint64_t block_rows; /* of every block but the last; equal at all parties */
    uint64_t position;   /* next row to send, or to score alone */
    uint32_t guest, host_count;
    /* guest */
    struct scoring_block *blocks;
    uint64_t block_count;
    uint64_t *taken; /* rows taken from each party */
    double *scores;
    double *leaves; /* of each tree, one for each row; NULL: not asked for */
};

int32_t scoring_start(fate_turn *turn, void **state);
void scoring_stop(fate_context *context, void *state);

int32_t scoring_ask(fate_turn *turn, void *state);
int32_t scoring_compare(fate_turn *turn, void *state);
int32_t scoring_collect(fate_turn *turn, void *state);
int32_t scoring_finish(fate_turn *turn, void *state);

int32_t scoring_announce(fate_turn *turn, void *state);
int32_t scoring_agree(fate_turn *turn, void *state);
int32_t scoring_send(fate_turn *turn, void *state);

/* What serving shares. The party's model, checked and read: FATE_E_MODEL, FATE_E_FORMAT, FATE_E_MEMORY; free with boosting_model_free. */
int32_t scoring_read_model(fate_turn *turn, struct boosting_model *model);
/* A digest (32 bytes) of the trees' shapes, which are in every party's model: two models of one training give the same. */
int32_t scoring_trees_digest(fate_turn *turn, const struct boosting_model *model, uint8_t *digest);
/* FATE_E_MODEL: this party's model and that of another have other trees. */
int32_t scoring_models_differ(fate_turn *turn, uint32_t party);

#endif
