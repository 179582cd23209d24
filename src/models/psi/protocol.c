/* The protocol of private set intersection as tables: what is sent, why, and what each party learns. */
#include "src/models/psi/protocol.h"

#include "src/models/psi/guest.h"
#include "src/models/psi/host.h"

enum { SMALL = 1024 };

/* 2^32 masked ids have 2^37 bytes. */
#define VECTOR (UINT64_C(1) << 38)

#define MASKED_TEXT \
    "every different id, hashed into a group under a domain of this run and multiplied by a secret scalar, in the order of these bytes"
#define MASKED_REASON                                                                                                                            \
    "without the scalar a masked id cannot be told from a random element (decisional Diffie-Hellman); ids that the receiver does not have stay " \
    "unknown to it"
#define RETURNED_TEXT \
    "the first half of each of the receiver's masked ids after multiplication by the sender's scalar too, in the order of these bytes"
#define RETURNED_REASON \
    "equal ids are now equal on both sides, so that both can count them; the new order hides which of its ids stands where"

static const fate_protocol_message messages[PSI_MESSAGES] = {
    [MESSAGE_SIZE] = {"guest size", PSI_GUEST, PSI_HOST, SMALL, "how many different ids the guest has",
                      "the host ends the job when sizes are below or apart from what the job allows"},
    [MESSAGE_SIZE + 1] = {"host size", PSI_HOST, PSI_GUEST, SMALL, "how many different ids the host has",
                          "the guest ends the job when sizes are below or apart from what the job allows"},
    [MESSAGE_MASKED] = {"guest ids", PSI_GUEST, PSI_HOST, VECTOR, MASKED_TEXT, MASKED_REASON},
    [MESSAGE_MASKED + 1] = {"host ids", PSI_HOST, PSI_GUEST, VECTOR, MASKED_TEXT, MASKED_REASON},
    [MESSAGE_RETURNED] = {"host ids returned", PSI_GUEST, PSI_HOST, VECTOR, RETURNED_TEXT, RETURNED_REASON},
    [MESSAGE_RETURNED + 1] = {"guest ids returned", PSI_HOST, PSI_GUEST, VECTOR, RETURNED_TEXT, RETURNED_REASON},
    [MESSAGE_COMMON] = {"guest count", PSI_GUEST, PSI_HOST, SMALL, "how many ids the two have in common, as the guest found",
                        "both have found it: a difference shows that one did not follow the protocol"},
    [MESSAGE_COMMON + 1] = {"host count", PSI_HOST, PSI_GUEST, SMALL, "how many ids the two have in common, as the host found",
                            "both have found it: a difference shows that one did not follow the protocol"},
    [MESSAGE_MATCHES] = {"matches", PSI_HOST, PSI_GUEST, VECTOR,
                         "the places of the common ids among the guest's masked ids; not with learn \"count\"",
                         "the guest is to learn which of its ids are common, now that there are at least minimum_intersection of them"},
    [MESSAGE_RESULT] = {"result", PSI_GUEST, PSI_HOST, SMALL,
                        "how many rows the common order has, and how many of the host's stand in it; only with learn \"both\"",
                        "all parties are to have the same order of rows"},
    [MESSAGE_ROWS] = {"rows", PSI_GUEST, PSI_HOST, VECTOR,
                      "the places among the host's masked ids of those in the common order, and with join \"left\" where they stand in it; "
                      "only with learn \"both\"",
                      "the host is to learn which of its rows are common; with a left join the order of the guest's rows is random"},
};

static const fate_protocol_step guest_steps[] = {
    {"tell size", FATE_WAIT_NOTHING, 0, party_tell_size},
    {"hear sizes", FATE_WAIT_ALL, MESSAGE_SIZE + 1, party_hear_sizes},
    {"mask own ids", FATE_WAIT_NOTHING, 0, party_mask},
    {"send own ids", FATE_WAIT_NOTHING, 0, party_send},
    {"mask hosts' ids", FATE_WAIT_PART, MESSAGE_MASKED + 1, party_take},
    {"compare ids", FATE_WAIT_PART, MESSAGE_RETURNED + 1, party_compare},
    {"return hosts' ids", FATE_WAIT_NOTHING, 0, party_return},
    {"tell count", FATE_WAIT_NOTHING, 0, party_tell_common},
    {"hear counts", FATE_WAIT_ALL, MESSAGE_COMMON + 1, guest_hear_common},
    {"take matches", FATE_WAIT_PART, MESSAGE_MATCHES, guest_take_matches},
    {"join", FATE_WAIT_NOTHING, 0, guest_join},
    {"send rows", FATE_WAIT_NOTHING, 0, guest_send_rows},
};

static const fate_protocol_step host_steps[] = {
    {"tell size", FATE_WAIT_NOTHING, 0, party_tell_size},
    {"hear size", FATE_WAIT_ALL, MESSAGE_SIZE, party_hear_sizes},
    {"mask own ids", FATE_WAIT_NOTHING, 0, party_mask},
    {"mask guest's ids", FATE_WAIT_PART, MESSAGE_MASKED, party_take},
    {"send own ids", FATE_WAIT_NOTHING, 0, party_send},
    {"return guest's ids", FATE_WAIT_NOTHING, 0, party_return},
    {"compare ids", FATE_WAIT_PART, MESSAGE_RETURNED, party_compare},
    {"tell count", FATE_WAIT_NOTHING, 0, party_tell_common},
    {"hear count", FATE_WAIT_ALL, MESSAGE_COMMON, host_hear_common},
    {"tell matches", FATE_WAIT_NOTHING, 0, host_tell_matches},
    {"hear result", FATE_WAIT_ALL, MESSAGE_RESULT, host_hear_result},
    {"take rows", FATE_WAIT_PART, MESSAGE_ROWS, host_take_rows},
};

static const fate_protocol_role roles[] = {
    [PSI_GUEST] =
        {"guest", 1, 1,
         "How many different ids each host has, and how many of them the guest has too. With learn \"both\" or \"guest\": which of its own ids each "
         "host has. With several hosts it learns this for each of them apart, and so more than which ids are common to all. Nothing of ids that "
         "it does not have itself.",
         guest_steps, sizeof(fate_protocol_step), sizeof guest_steps / sizeof *guest_steps, party_start, party_save, party_load, party_stop,
         0},
    [PSI_HOST] =
        {"host", 1, PSI_HOSTS_MOST,
         "How many different ids the guest has, and how many of them it has itself. With learn \"both\": which of its own ids are common to all "
         "parties, or with join \"left\" which of them the guest has, and how many rows the guest's table has; where the guest has several "
         "rows of one id, how many. Nothing of other ids, and nothing of other hosts but what follows from ids common to all.",
         host_steps, sizeof(fate_protocol_step), sizeof host_steps / sizeof *host_steps, party_start, party_save, party_load, party_stop,
         0},
};

const fate_protocol psi_protocol = {
    .struct_size = sizeof(fate_protocol),
    .abi_version = FATE_ABI_VERSION,
    .name = "psi",
    .purpose = FATE_PURPOSE_ALIGN,
    .summary =
        "Private set intersection: parties find which rows they share, by ids that are masked with secret scalars of both (Diffie-Hellman on "
        "ristretto255, or on X25519), and bring their tables into one common order. How many ids are common is known first; which ones is "
        "told only if there are enough.",
    .limits =
        "All parties are taken to follow the protocol. Not protected against: a party that puts ids into its table that it does not have, "
        "such as all phone numbers of a town, and so learns which of them the other party has; minimum_set and maximum_ratio make "
        "this harder, and only trust or a look at the data rules it out. Counting alone, repeated with one id changed, tells whether the other "
        "party has that id: let such jobs be few, and sets large. A party that returns wrong ids can make common ids look as if they were not; "
        "only a difference in the counts is noticed. Lies cannot make a party give away an id that the other does not name. With the "
        "protocol ecdh-x25519 the same id has the same hash in every run, and whether the hash is a point of the curve or of its twist "
        "survives masking: each masked id gives away one bit of its hash, so that masked sets can be told apart. Use it only where the other "
        "platform knows nothing else.",
    .label_role = NULL,
    .roles = roles,
    .role_size = sizeof(fate_protocol_role),
    .role_count = sizeof roles / sizeof *roles,
    .messages = messages,
    .message_size = sizeof(fate_protocol_message),
    .message_count = PSI_MESSAGES,
    .parameters = psi_parameters_table,
    .parameter_size = sizeof(fate_protocol_parameter),
    .parameter_count = PSI_PARAMETERS,
    .check = psi_parameters_check,
};
