/* The decoders of secure aggregation: lists, an aggregator's stored clients, and the body of a model of sums. */
#include <stdlib.h>
#include <string.h>

#include "lib/context.h"
#include "src/models/aggregation/members.h"
#include "src/models/aggregation/outcome.h"
#include "src/session/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PARTIES = 12 };

static void read_lists(const uint8_t *data, size_t size)
{
    const uint32_t sizes[] = {ITEM_NOTHING, ITEM_KEYS, ITEM_LETTER, ITEM_SIGNATURE, ITEM_SHARE, ITEM_NOTE};
    for (int i = 0; i < 6; i++) {
        struct list list;
        uint64_t round;
        if (!list_read(&list, &round, data, size, sizes[i], PARTIES)) continue;
        for (uint32_t party = 0; party <= PARTIES; party++) (void)list_find(&list, party);
    }
}

static void load_members(fate_context *context, const uint8_t *data, size_t size)
{
    struct members members = {0};
    struct reader in;
    bool out[PARTIES] = {false};
    reader_init(&in, data, size);
    if (members_init(&members, context, PARTIES) == FATE_OK && members_load(&members, &in) == FATE_OK) members_thin(&members, true, out);
    members_free(&members);
}

/* What clients have chosen, one after the other; neighbours are so on both sides, and holders are among them. */
static void choose(fate_context *context, const uint8_t *data, size_t size)
{
    struct members members = {0};
    bool wanted[PARTIES], out[PARTIES] = {false};
    uint32_t neighbours[NEIGHBOURS_ROOM], others[NEIGHBOURS_ROOM], chosen = size > 0 ? 2 + data[0] % 4 : 2;
    if (members_init(&members, context, PARTIES) != FATE_OK) abort();
    for (uint32_t party = 0; party < PARTIES; party++) wanted[party] = members.items[party].joined = true;
    (void)members_begin_chosen(&members, wanted, chosen, 2);
    for (uint32_t party = 0; party < PARTIES && size >= 4 * (size_t)chosen; party++, data += 4 * chosen, size -= 4 * (size_t)chosen)
        members.items[party].keyed = members_choose(&members, party, data, 4 * (uint64_t)chosen) == FATE_OK;
    if (members_link(&members) != FATE_OK) abort();
    for (uint32_t party = 0; party < PARTIES; party++) {
        uint32_t count = members_neighbours(&members, party, neighbours);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t back = members_neighbours(&members, neighbours[i], others), found = 0;
            for (uint32_t j = 0; j < back; j++) found += others[j] == party;
            if (found != 1) abort();
        }
        count = members_holders(&members, party, neighbours);
        for (uint32_t i = 0; i < count; i++)
            if (members_place(&members, party, neighbours[i]) > chosen) abort();
    }
    members_thin(&members, false, out);
    members_free(&members);
}

static void dump_outcome(fate_context *context, const uint8_t *data, size_t size)
{
    fate_model *model = NULL;
    char *text = NULL;
    const uint8_t digest[32] = {0};
    if (model_new(context, &model, "secure-sum", "c", "client", digest, data, size) != FATE_OK) return;
    (void)outcome_dump(context, (const fate_model *const *)&model, 1, "json", &text);
    memory_free(context, text);
    fate_model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context;
    if (context_new(&context, NULL) != FATE_OK) return 0;
    read_lists(data, size);
    load_members(context, data, size);
    choose(context, data, size);
    dump_outcome(context, data, size);
    fate_context_free(context);
    return 0;
}
