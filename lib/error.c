/* Names and sentences of the result codes, from one list. tests/unit/lib/test_error.c compares it with enum fate_result. */
#include <fate/error.h>

#define RESULTS(ITEM)                                                                                \
    ITEM(FATE_OK, "Done.")                                                                           \
    ITEM(FATE_AGAIN, "More is to be done: call again later.")                                        \
    ITEM(FATE_FINISHED, "The job is finished.")                                                      \
    ITEM(FATE_EMPTY, "There is nothing.")                                                            \
    ITEM(FATE_E_ARGUMENT, "An argument is NULL, out of range or of the wrong object.")               \
    ITEM(FATE_E_MEMORY, "Out of memory.")                                                            \
    ITEM(FATE_E_STATE, "The object is not in a state that allows this call.")                        \
    ITEM(FATE_E_REENTERED, "A session was entered again from one of its own hooks.")                 \
    ITEM(FATE_E_CANCELLED, "The job was cancelled.")                                                 \
    ITEM(FATE_E_TIMEOUT, "A peer did not answer in time.")                                           \
    ITEM(FATE_E_FILE, "A file cannot be opened, read or written.")                                   \
    ITEM(FATE_E_EXISTS, "Something of that name exists and must not be overwritten.")                \
    ITEM(FATE_E_NETWORK, "An address cannot be used.")                                               \
    ITEM(FATE_E_FORMAT, "Bytes are truncated, altered or of another kind.")                          \
    ITEM(FATE_E_VERSION, "Bytes or tables were made by an incompatible version.")                    \
    ITEM(FATE_E_TABLE, "A table is bad.")                                                            \
    ITEM(FATE_E_JOB, "A job file is bad.")                                                           \
    ITEM(FATE_E_JOB_DIFFERS, "A peer has another job.")                                              \
    ITEM(FATE_E_IDENTITY, "An identity is not the one that the job pins for this party.")            \
    ITEM(FATE_E_REFUSED, "A peer refused this party's key: its job pins another one.")               \
    ITEM(FATE_E_PROTOCOL, "A peer sent what the protocol does not allow.")                           \
    ITEM(FATE_E_PEER, "A peer ended the job with an error of its own.")                              \
    ITEM(FATE_E_ROWS_DIFFER, "The parties' tables do not hold the same rows.")                       \
    ITEM(FATE_E_LIMIT, "A length or count is above its limit.")                                      \
    ITEM(FATE_E_RANGE, "A number does not fit the range that an encoding was made for.")             \
    ITEM(FATE_E_KEY, "A cryptographic key is malformed, too small or of another kind.")              \
    ITEM(FATE_E_STORE, "Stored state is damaged or belongs to another run, job, table or identity.") \
    ITEM(FATE_E_UNSUPPORTED, "This is not available here.")                                          \
    ITEM(FATE_E_MODEL, "A model is of another kind, party or job than the call needs.")              \
    ITEM(FATE_E_RANDOM, "The system's random number generator failed.")                              \
    ITEM(FATE_E_INTERNAL, "A defect in the library: please report it.")

struct result_entry {
    int32_t result;
    const char *name;
    const char *text;
};

#define ENTRY(result, text) {result, #result, text},
static const struct result_entry entries[] = {RESULTS(ENTRY)};

static const struct result_entry *find(int32_t result)
{
    static const struct result_entry application = {FATE_E_APPLICATION, "FATE_E_APPLICATION", "The application's own error."};
    static const struct result_entry unknown = {0, "unknown", "Unknown result."};
    if (result <= FATE_E_APPLICATION) return &application;
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
        if (entries[i].result == result) return &entries[i];
    return &unknown;
}

const char *fate_result_name(int32_t result)
{
    return find(result)->name;
}

const char *fate_result_text(int32_t result)
{
    return find(result)->text;
}
