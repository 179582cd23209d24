/* The decoders of secure aggregation: lists, an aggregator's stored clients, and the body of a model of sums. */
#include <string.h>

#include "lib/context.h"
#include "src/models/aggregation/members.h"
#include "src/models/aggregation/outcome.h"
#include "src/session/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PARTIES = 12 };

static void read_lists(const uint8_t *data, size_t size)
{
    const uint32_t sizes[] = {ITEM_NOTHING, ITEM_KEYS, ITEM_LETTER, ITEM_SIGNATURE, ITEM_SHARE};
    for (int i = 0; i < 5; i++) {
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
    dump_outcome(context, data, size);
    fate_context_free(context);
    return 0;
}
