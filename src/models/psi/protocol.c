/* The protocol of private set intersection as tables: what is sent, why, and what each party learns. */
#include "src/models/psi/protocol.h"

#include "src/models/psi/guest.h"
#include "src/models/psi/host.h"
#include "src/models/psi/spill.h"
#include "src/models/psi/stored_party.h"

enum { SMALL = 1024 };

/* 2^32 masked ids have 2^37 bytes. */
#define VECTOR (UINT64_C(1) << 38)

#define MASKED_TEXT                                                                                                                             \
    "every different id, hashed into a group under a domain of this run (or of the stored set) and multiplied by a secret scalar of this run, " \
    "in the order of these bytes"
#define MASKED_REASON                                                                                                                            \
    "without the scalar a masked id cannot be told from a random element (decisional Diffie-Hellman); ids that the receiver does not have stay " \
    "unknown to it"
#define RETURNED_TEXT \
    "the first half of each of the receiver's masked ids after multiplication by the sender's scalar too, in the order of these bytes"
#define RETURNED_REASON \
    "equal ids are now equal on both sides, so that both can count them; the new order hides which of its ids stands where"

#define SAID_TEXT "with a stored set: the number of the receiver's set that the sender holds, or that it holds none"
#define SAID_REASON "the owner of the set decides by it whether the set is used again or made anew; the number is random"
#define OFFER_TEXT "with a stored set: the number, size and domain of the stored set that counts, and whether it comes now"
#define OFFER_REASON "both are to use the same set; number and domain are random, the size is known"
#define STORED_TEXT \
    "with a stored set: the first half of each different id's encoding, hashed under the set's domain and multiplied by the set's key, in the order of these bytes"
#define STORED_REASON \
    "without the key none of them can be told from random bytes; the holder keeps them, so that later alignments need not send them"
#define TWICE_TEXT "with a stored set: the receiver's masked ids after multiplication by the set's key too, in the order of these bytes"
#define TWICE_REASON \
    "the receiver takes its own scalar off, counts which of them are in the stored set, and does not know which of its ids stands where"

static const fate_protocol_message messages[PSI_MESSAGES] = {
    [MESSAGE_SIZE] = {"guest size", PSI_GUEST, PSI_HOST, SMALL, "how many different ids the guest has",
                      "the host ends the job when sizes are below or apart from what the job allows"},
    [MESSAGE_SIZE + 1] = {"host size", PSI_HOST, PSI_GUEST, SMALL, "how many different ids the host has",
                          "the guest ends the job when sizes are below or apart from what the job allows"},
    [MESSAGE_MASKED] = {"guest ids", PSI_GUEST, PSI_HOST, VECTOR, MASKED_TEXT, MASKED_REASON},
    [MESSAGE_MASKED + 1] = {"host ids", PSI_HOST, PSI_GUEST, VECTOR, MASKED_TEXT, MASKED_REASON},
    [MESSAGE_RETURNED] = {"host ids returned", PSI_GUEST, PSI_HOST, VECTOR, RETURNED_TEXT, RETURNED_REASON},
    [MESSAGE_RETURNED + 1] = {"guest ids returned", PSI_HOST, PSI_GUEST, VECTOR, RETURNED_TEXT, RETURNED_REASON},
    [MESSAGE_COMMON] =
        {"guest count", PSI_GUEST, PSI_HOST, SMALL, "how many ids the two have in common, as the guest found",
         "both have found it: a difference shows that one did not follow the protocol; with a stored set the holder alone finds it"},
    [MESSAGE_COMMON +
        1] = {"host count", PSI_HOST, PSI_GUEST, SMALL, "how many ids the two have in common, as the host found",
              "both have found it: a difference shows that one did not follow the protocol; with a stored set the holder alone finds it"},
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
    [MESSAGE_SAID] = {"guest holds", PSI_GUEST, PSI_HOST, SMALL, SAID_TEXT, SAID_REASON},
    [MESSAGE_SAID + 1] = {"host holds", PSI_HOST, PSI_GUEST, SMALL, SAID_TEXT, SAID_REASON},
    [MESSAGE_OFFER] = {"guest set", PSI_GUEST, PSI_HOST, SMALL, OFFER_TEXT, OFFER_REASON},
    [MESSAGE_OFFER + 1] = {"host set", PSI_HOST, PSI_GUEST, SMALL, OFFER_TEXT, OFFER_REASON},
    [MESSAGE_STORED] = {"guest stored ids", PSI_GUEST, PSI_HOST, VECTOR, STORED_TEXT, STORED_REASON},
    [MESSAGE_STORED + 1] = {"host stored ids", PSI_HOST, PSI_GUEST, VECTOR, STORED_TEXT, STORED_REASON},
    [MESSAGE_MASKED_TWICE] = {"host ids masked twice", PSI_GUEST, PSI_HOST, VECTOR, TWICE_TEXT, TWICE_REASON},
    [MESSAGE_MASKED_TWICE + 1] = {"guest ids masked twice", PSI_HOST, PSI_GUEST, VECTOR, TWICE_TEXT, TWICE_REASON},
    [MESSAGE_PLACES] =
        {"places", PSI_HOST, PSI_GUEST, VECTOR,
         "for each of the guest's ids that the host returned its place among the guest's masked ids; with the host's set stored",
         "the guest is to learn which of its ids are common, now that there are at least minimum_intersection of them"},
    [MESSAGE_PAIRS] =
        {"pairs", PSI_HOST, PSI_GUEST, VECTOR,
         "the places of the common ids in the guest's stored set, and which of the returned ids each is; with the guest's set stored",
         "the guest is to learn which of its ids are common, now that there are at least minimum_intersection of them"},
};

static const fate_protocol_step guest_steps[] = {
    {"tell size", FATE_WAIT_NOTHING, 0, party_tell_size},
    {"hear sizes", FATE_WAIT_ALL, MESSAGE_SIZE + 1, party_hear_sizes},
    {"mask own ids", FATE_WAIT_NOTHING, 0, party_mask},
    {"send own ids", FATE_WAIT_NOTHING, 0, party_send},
    {"mask hosts' ids", FATE_WAIT_PART, MESSAGE_MASKED + 1, party_take},
    {"compare ids", FATE_WAIT_PART, MESSAGE_RETURNED + 1, party_compare},
    {"return hosts' ids", FATE_WAIT_NOTHING, 0, party_return},
    [GUEST_TELL_COUNT] = {"tell count", FATE_WAIT_NOTHING, 0, party_tell_common},
    {"hear counts", FATE_WAIT_ALL, MESSAGE_COMMON + 1, guest_hear_common},
    {"take matches", FATE_WAIT_PART, MESSAGE_MATCHES, guest_take_matches},
    [GUEST_JOIN] = {"join", FATE_WAIT_NOTHING, 0, guest_join},
    {"send rows", FATE_WAIT_NOTHING, 0, guest_send_rows},
    [GUEST_OWNS] = {"own set: choose", FATE_WAIT_ALL, MESSAGE_SAID + 1, stored_owner_choose},
    {"own set: mask own ids", FATE_WAIT_NOTHING, 0, party_mask},
    {"own set: keep order", FATE_WAIT_NOTHING, 0, stored_owner_keep},
    {"own set: send", FATE_WAIT_NOTHING, 0, stored_owner_send},
    {"own set: mask host's ids", FATE_WAIT_PART, MESSAGE_MASKED + 1, stored_owner_take},
    {"own set: return host's ids", FATE_WAIT_NOTHING, 0, stored_owner_return},
    {"own set: hear count", FATE_WAIT_ALL, MESSAGE_COMMON + 1, stored_owner_hear_common},
    {"own set: read order", FATE_WAIT_NOTHING, 0, stored_owner_read_order},
    {"own set: take pairs", FATE_WAIT_PART, MESSAGE_PAIRS, stored_owner_take_pairs},
    [GUEST_HOLDS] = {"host's set: say which", FATE_WAIT_NOTHING, 0, stored_holder_say},
    {"host's set: hear which", FATE_WAIT_ALL, MESSAGE_OFFER + 1, stored_holder_hear},
    {"host's set: keep", FATE_WAIT_PART, MESSAGE_STORED + 1, stored_holder_keep},
    {"host's set: mask own ids", FATE_WAIT_NOTHING, 0, party_mask},
    {"host's set: send own ids", FATE_WAIT_NOTHING, 0, party_send},
    {"host's set: take ids back", FATE_WAIT_PART, MESSAGE_MASKED_TWICE + 1, stored_holder_take},
    {"host's set: look up", FATE_WAIT_NOTHING, 0, stored_holder_look_up},
    {"host's set: tell count", FATE_WAIT_NOTHING, 0, stored_holder_tell_common},
    {"host's set: take places", FATE_WAIT_PART, MESSAGE_PLACES, stored_holder_take_places},
    [GUEST_SPILLS] = {"spilled: clear", FATE_WAIT_NOTHING, 0, spill_clear},
    {"spilled: mask own ids", FATE_WAIT_NOTHING, 0, spill_mask},
    {"spilled: send own ids", FATE_WAIT_NOTHING, 0, spill_send},
    {"spilled: mask hosts' ids", FATE_WAIT_PART, MESSAGE_MASKED + 1, spill_take},
    {"spilled: compare ids", FATE_WAIT_PART, MESSAGE_RETURNED + 1, spill_compare},
    {"spilled: return hosts' ids", FATE_WAIT_NOTHING, 0, spill_return},
    {"spilled: read order", FATE_WAIT_NOTHING, 0, spill_recall},
    [GUEST_REMOVES] = {"spilled: remove", FATE_WAIT_NOTHING, 0, spill_remove},
};

static const fate_protocol_step host_steps[] = {
    {"tell size", FATE_WAIT_NOTHING, 0, party_tell_size},
    {"hear size", FATE_WAIT_ALL, MESSAGE_SIZE, party_hear_sizes},
    {"mask own ids", FATE_WAIT_NOTHING, 0, party_mask},
    {"mask guest's ids", FATE_WAIT_PART, MESSAGE_MASKED, party_take},
    {"send own ids", FATE_WAIT_NOTHING, 0, party_send},
    {"return guest's ids", FATE_WAIT_NOTHING, 0, party_return},
    {"compare ids", FATE_WAIT_PART, MESSAGE_RETURNED, party_compare},
    [HOST_TELL_COUNT] = {"tell count", FATE_WAIT_NOTHING, 0, party_tell_common},
    {"hear count", FATE_WAIT_ALL, MESSAGE_COMMON, host_hear_common},
    {"tell matches", FATE_WAIT_NOTHING, 0, host_tell_matches},
    [HOST_HEAR_RESULT] = {"hear result", FATE_WAIT_ALL, MESSAGE_RESULT, host_hear_result},
    {"take rows", FATE_WAIT_PART, MESSAGE_ROWS, host_take_rows},
    [HOST_OWNS] = {"own set: choose", FATE_WAIT_ALL, MESSAGE_SAID, stored_owner_choose},
    {"own set: mask own ids", FATE_WAIT_NOTHING, 0, party_mask},
    {"own set: keep order", FATE_WAIT_NOTHING, 0, stored_owner_keep},
    {"own set: send", FATE_WAIT_NOTHING, 0, stored_owner_send},
    {"own set: mask guest's ids", FATE_WAIT_PART, MESSAGE_MASKED, stored_owner_take},
    {"own set: return guest's ids", FATE_WAIT_NOTHING, 0, stored_owner_return},
    {"own set: hear count", FATE_WAIT_ALL, MESSAGE_COMMON, stored_owner_hear_common},
    {"own set: tell places", FATE_WAIT_NOTHING, 0, stored_owner_tell_places},
    {"own set: read order", FATE_WAIT_NOTHING, 0, stored_owner_read_order},
    [HOST_HOLDS] = {"guest's set: say which", FATE_WAIT_NOTHING, 0, stored_holder_say},
    {"guest's set: hear which", FATE_WAIT_ALL, MESSAGE_OFFER, stored_holder_hear},
    {"guest's set: keep", FATE_WAIT_PART, MESSAGE_STORED, stored_holder_keep},
    {"guest's set: mask own ids", FATE_WAIT_NOTHING, 0, party_mask},
    {"guest's set: send own ids", FATE_WAIT_NOTHING, 0, party_send},
    {"guest's set: take ids back", FATE_WAIT_PART, MESSAGE_MASKED_TWICE, stored_holder_take},
    {"guest's set: look up", FATE_WAIT_NOTHING, 0, stored_holder_look_up},
    {"guest's set: tell count", FATE_WAIT_NOTHING, 0, stored_holder_tell_common},
    {"guest's set: tell pairs", FATE_WAIT_NOTHING, 0, stored_holder_tell_pairs},
    [HOST_SPILLS] = {"spilled: clear", FATE_WAIT_NOTHING, 0, spill_clear},
    {"spilled: mask own ids", FATE_WAIT_NOTHING, 0, spill_mask},
    {"spilled: mask guest's ids", FATE_WAIT_PART, MESSAGE_MASKED, spill_take},
    {"spilled: send own ids", FATE_WAIT_NOTHING, 0, spill_send},
    {"spilled: return guest's ids", FATE_WAIT_NOTHING, 0, spill_return},
    {"spilled: compare ids", FATE_WAIT_PART, MESSAGE_RETURNED, spill_compare},
    {"spilled: read order", FATE_WAIT_NOTHING, 0, spill_recall},
    [HOST_REMOVES] = {"spilled: remove", FATE_WAIT_NOTHING, 0, spill_remove},
};

static const fate_protocol_role roles[] = {
    [PSI_GUEST] =
        {"guest", 1, 1,
         "How many different ids each host has, and how many of them the guest has too. With learn \"both\" or \"guest\": which of its own ids each "
         "host has. With several hosts it learns this for each of them apart, and so more than which ids are common to all. With learn \"count\" and "
         "several hosts it learns how many ids it has in common with each, and nobody learns how many are common to all: each host returns the guest's ids "
         "in an order of its own, and only who learns which they are can bring these together. Nothing of ids that it does not have itself. With a stored set, the host's or its own, see the limits.",
         guest_steps, sizeof(fate_protocol_step), sizeof guest_steps / sizeof *guest_steps, party_start, party_save, party_load, party_stop,
         0},
    [PSI_HOST] =
        {"host", 1, PSI_HOSTS_MOST,
         "How many different ids the guest has, and how many of them it has itself. With learn \"both\": which of its own ids are common to all "
         "parties, or with join \"left\" which of them the guest has, and how many rows the guest's table has; where the guest has several "
         "rows of one id, how many. Nothing of other ids, and nothing of other hosts but what follows from ids common to all. With a stored set, the guest's or its own, see the "
         "limits.",
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
        "platform knows nothing else. A stored set (stored_set) is used again under one key and domain: its holder can link the alignments made "
        "with it. It sees which places of the set were common in which of them, and when its own ids differ by one between two alignments it "
        "learns whether that id is common, whatever minimum_intersection is, and with learn \"guest\" the host too where it holds the guest's set. "
        "stored_queries and stored_days bound how long a key is used. The owner believes the holder's count, and the pairs that it names.",
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
    .outlook = psi_parameters_outlook,
    .sends = psi_parameters_sends,
};
