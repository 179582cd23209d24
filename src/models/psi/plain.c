/* The intersection of tables in one process; see plain.h. Ids stand in bytewise order in every table. */
#include "src/models/psi/plain.h"

#include <string.h>

#include "src/models/psi/set.h"

struct plain {
    fate_context *context;
    const struct psi_parameters *parameters;
    struct psi_set *sets;
    uint32_t count, guest;
    uint32_t **partners; /* of each party, for every id of the guest its row there, or TABLE_NO_ROW */
    uint64_t *sizes;     /* of each party's intersection with the guest */
    struct alignment *alignments;
};

static int compare(const struct psi_set *one, uint64_t id, const struct psi_set *other, uint64_t other_id)
{
    uint64_t length, other_length;
    const uint8_t *bytes = psi_set_id(one, id, &length), *other_bytes = psi_set_id(other, other_id, &other_length);
    int order = memcmp(bytes, other_bytes, (size_t)(length < other_length ? length : other_length));
    return order != 0 ? order : length < other_length ? -1 : length > other_length;
}

static int32_t find_partners(struct plain *plain, uint32_t party)
{
    const struct psi_set *own = &plain->sets[plain->guest], *other = &plain->sets[party];
    uint32_t *partners = memory_allocate(plain->context, own->count, sizeof *partners);
    plain->partners[party] = partners;
    if (partners == NULL) return context_out_of_memory(plain->context);
    for (uint64_t id = 0, at = 0; id < own->count; id++) {
        int order = 1;
        while (at < other->count && (order = compare(own, id, other, at)) > 0) at++;
        partners[id] = at < other->count && order == 0 ? psi_set_row(other, at) : TABLE_NO_ROW;
        plain->sizes[party] += partners[id] != TABLE_NO_ROW;
    }
    int32_t result = psi_parameters_check_sizes(plain->context, plain->parameters, own->count, other->count);
    return result == FATE_OK ? psi_parameters_check_intersection(plain->context, plain->parameters, plain->sizes[party]) : result;
}

static bool is_common(const struct plain *plain, uint64_t id)
{
    for (uint32_t party = 0; party < plain->count; party++)
        if (plain->partners[party] != NULL && plain->partners[party][id] == TABLE_NO_ROW) return false;
    return true;
}

/* Who learns rows gets them. */
static int32_t make_rows(struct plain *plain, uint32_t party, uint64_t common, uint64_t rows)
{
    struct alignment *alignment = &plain->alignments[party];
    const struct psi_set *own = &plain->sets[plain->guest];
    bool guest = party == plain->guest, both = plain->parameters->learn == PSI_LEARN_BOTH;
    alignment->own = plain->sets[party].count;
    alignment->peer = !guest ? own->count : plain->count == 2 ? plain->sets[1 - party].count : 0;
    if (guest || (both && !plain->parameters->left)) alignment->intersection = common;
    if (guest && plain->parameters->learn == PSI_LEARN_COUNT && plain->count > 2)
        alignment->intersection = 0; /* known of each pair alone */
    if (!guest && !(both && !plain->parameters->left)) alignment->intersection = plain->sizes[party];
    if (plain->parameters->learn == PSI_LEARN_COUNT || (!guest && !both)) return FATE_OK;
    alignment->left = plain->parameters->left;
    int32_t result = alignment_reserve(alignment, rows);
    if (result != FATE_OK) return result;
    uint64_t at = 0;
    for (uint64_t id = 0; id < own->count; id++)
        for (uint32_t i = 0; (alignment->left || is_common(plain, id)) && i < psi_set_rows(own, id); i++)
            alignment->rows[at++] = guest ? psi_set_row(own, id) + i : plain->partners[party][id];
    return FATE_OK;
}

static int32_t align_all(struct plain *plain)
{
    const struct psi_set *own = &plain->sets[plain->guest];
    uint64_t common = 0, rows = 0;
    int32_t result = FATE_OK;
    for (uint32_t party = 0; party < plain->count && result == FATE_OK; party++)
        if (party != plain->guest) result = find_partners(plain, party);
    if (result != FATE_OK) return result;
    for (uint64_t id = 0; id < own->count; id++) {
        bool here = is_common(plain, id);
        common += here;
        rows += here || plain->parameters->left ? psi_set_rows(own, id) : 0;
    }
    if (plain->parameters->learn != PSI_LEARN_COUNT) result = psi_parameters_check_intersection(plain->context, plain->parameters, common);
    for (uint32_t party = 0; party < plain->count && result == FATE_OK; party++) result = make_rows(plain, party, common, rows);
    return result;
}

int32_t plain_align(fate_context *context, struct alignment *alignments, const struct psi_parameters *parameters,
                    const fate_table *const *tables, uint32_t count, uint32_t guest)
{
    struct plain plain = {.context = context, .parameters = parameters, .count = count, .guest = guest, .alignments = alignments};
    memset(alignments, 0, count * sizeof *alignments);
    plain.sets = memory_zeroed(context, count, sizeof *plain.sets);
    plain.partners = memory_zeroed(context, count, sizeof *plain.partners);
    plain.sizes = memory_zeroed(context, count, sizeof *plain.sizes);
    int32_t result = plain.sets && plain.partners && plain.sizes ? FATE_OK : context_out_of_memory(context);
    for (uint32_t party = 0; party < count && result == FATE_OK; party++) {
        result = alignment_init(&alignments[party], context, tables[party]);
        if (result == FATE_OK) result = psi_set_make(&plain.sets[party], context, tables[party]);
    }
    if (result == FATE_OK) result = align_all(&plain);
    for (uint32_t party = 0; party < count; party++) {
        if (plain.sets != NULL && plain.sets[party].context != NULL) psi_set_free(&plain.sets[party]);
        if (plain.partners != NULL) memory_free(context, plain.partners[party]);
    }
    memory_free(context, plain.sets);
    memory_free(context, plain.partners);
    memory_free(context, plain.sizes);
    return result;
}
