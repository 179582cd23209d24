/* An alignment: which row of this party's table stands at each place of the common order. As bytes it is the body of a model of the algorithm
 * that made it; whatever the protocol, it is the same. */
#ifndef SRC_MODELS_PSI_ALIGNMENT_H
#define SRC_MODELS_PSI_ALIGNMENT_H

#include <fate/table.h>
#include "lib/bytes.h"
#include "src/data/table.h"

enum { ALIGNMENT_DIGEST = 32 };

struct alignment {
    fate_context *context;
    bool has_rows; /* false: this party learns no rows */
    bool left;     /* TABLE_NO_ROW may stand in rows, and tag names the order */
    uint64_t own, peer, intersection;
    uint8_t ids[ALIGNMENT_DIGEST]; /* of the table */
    uint8_t tag[TABLE_TAG];
    uint64_t count;
    uint32_t *rows;
};

/* No rows yet; the digest is of the table's ids. FATE_E_MEMORY. */
int32_t alignment_init(struct alignment *alignment, fate_context *context, const fate_table *table);
void alignment_free(struct alignment *alignment);
/* Room for count rows. FATE_E_MEMORY. */
int32_t alignment_reserve(struct alignment *alignment, uint64_t count);

/* Appends the body. */
void alignment_write(const struct alignment *alignment, struct buffer *body);
/* FATE_E_FORMAT when it is damaged; FATE_E_MEMORY. Free it also after an error. */
int32_t alignment_read(struct alignment *alignment, fate_context *context, const uint8_t *body, uint64_t length);
/* Whether the alignment belongs to the table, and its rows are the table's. FATE_E_TABLE, FATE_E_MODEL, FATE_E_FORMAT. */
int32_t alignment_check(const struct alignment *alignment, const fate_table *table);

#endif
