/* Experimental: hints that are kept for further trainings on the same rows and bins, where parameters.lattice_vectors says so. Guest and hosts each keep
 * a record of the hint, in which both count the vectors that were encrypted under it: before any is, all that the training may ask for, and at its
 * end those that there were. Before a training they compare. A party that is started again within a run must say what it said before: records tell
 * what they were before the run changed them. */
#ifndef SRC_MODELS_BOOSTING_LATTICE_KEPT_H
#define SRC_MODELS_BOOSTING_LATTICE_KEPT_H

#include <sodium.h>
#include "lib/bytes.h"
#include "src/models/boosting/lattice_terms.h"

enum {
    KEPT_NAME = 40,
    KEPT_SAID = 1 + LATTICE_SEED + 8,
    KEPT_CHOICE = 1 + LATTICE_SEED,
    KEPT_RECORD = 3 + 4 * LATTICE_SEED + 2 * 8 + KEPT_SAID + 2 * LATTICE_SEED
};

/* Host to guest: which hint it keeps, if any, and how many vectors were encrypted under it. */
struct lattice_said {
    bool holds;
    uint8_t seed[LATTICE_SEED]; /* the public one, which no other hint has */
    uint64_t used;
};

/* Guest to hosts: whether the kept hint serves again, and which. */
struct lattice_choice {
    bool kept;
    uint8_t seed[LATTICE_SEED];
};

struct lattice_record {
    bool guest;                    /* whose */
    bool spent;                    /* the guest is about to delete it */
    uint8_t binding[LATTICE_SEED]; /* a digest of the rows and bins, and of whose they are */
    uint8_t seed[LATTICE_SEED];
    uint64_t used;              /* numbers of vectors that are taken */
    uint64_t base;              /* of them, before `run` took its own */
    uint8_t run[LATTICE_SEED];  /* the last training that took any */
    uint8_t made[LATTICE_SEED]; /* the one that made the hint */
    /* of a host */
    struct lattice_said said;        /* in `run` */
    uint8_t numbering[LATTICE_SEED]; /* secret: columns keep their numbers, by which the hint goes */
    uint8_t blinding[LATTICE_SEED];  /* secret: the hint's blinding follows from it */
};

/* KEPT_RECORD, KEPT_SAID and KEPT_CHOICE bytes. Each read takes exactly as many (a record: at least), and fails on anything that its write does not
 * make. */
void lattice_record_write(struct buffer *out, const struct lattice_record *record);
bool lattice_record_read(struct lattice_record *record, bool guest, const uint8_t *bytes, uint64_t length);
void lattice_said_write(struct buffer *out, const struct lattice_said *said);
bool lattice_said_read(struct lattice_said *said, const uint8_t *bytes, uint64_t length);
void lattice_choice_write(struct buffer *out, const struct lattice_choice *choice);
bool lattice_choice_read(struct lattice_choice *choice, const uint8_t *bytes, uint64_t length);

/* A party's record while a training runs. */
struct lattice_kept {
    fate_context *context; /* NULL: not begun */
    char name[KEPT_NAME];  /* of the record; parts of hints have it before theirs */
    uint8_t run[LATTICE_SEED];
    bool looked; /* the store was asked */
    bool there;  /* it had a record */
    struct lattice_record record;
    struct buffer rest; /* what stands behind it */
};

/* Zeroed before. Begins, and reads the record: FATE_AGAIN until it has come. A record that cannot be read counts as none; FATE_E_ARGUMENT: the session
 * keeps nothing; FATE_E_MEMORY; errors of fate_turn_get. Again later: nothing. */
int32_t lattice_kept_find(fate_turn *turn, struct lattice_kept *kept, bool guest);
void lattice_kept_free(struct lattice_kept *kept);
/* Stores record and rest: FATE_AGAIN until they are. */
int32_t lattice_kept_put(fate_turn *turn, struct lattice_kept *kept);
/* At the end of a training: the hint of this seed has carried so many vectors. FATE_AGAIN until that is stored. */
int32_t lattice_kept_settle(fate_turn *turn, struct lattice_kept *kept, bool guest, const uint8_t *seed, uint64_t used);
/* The name of a party's record: the same in every job of the same parties, in this order, with a guest who is one of them. */
void lattice_kept_name(char *name, const fate_turn *turn, bool guest);

/* What a record is of a run, as far as it is bound to the same: what is to be compared. */
struct lattice_said lattice_kept_holds(const struct lattice_kept *kept, const uint8_t *binding);

/* A binding: begun with what is common, ended with crypto_generichash_final on LATTICE_SEED bytes. FATE_E_STATE as fate_table_id_digest. */
int32_t lattice_kept_bind(fate_turn *turn, crypto_generichash_state *state, const struct lattice_terms *terms, const fate_table *table);

#endif
