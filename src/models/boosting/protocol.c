/* The two protocols of vertical boosting as tables: what is sent, why, and what each party learns. */
#include "src/models/boosting/protocol.h"

#include "src/models/boosting/dump.h"
#include "src/models/boosting/exposure.h"
#include "src/models/boosting/guest_lattice.h"
#include "src/models/boosting/host_lattice.h"
#include "src/models/boosting/parameters.h"
#include "src/models/boosting/scoring.h"

enum { HOSTS_MOST = 63, MEBIBYTE = 1048576 };

/* ---- training ---- */

static const fate_protocol_message training_messages[TRAINING_MESSAGES] = {
    [MESSAGE_COLUMNS] =
        {"columns", ROLE_HOST, ROLE_GUEST, 4 * MEBIBYTE,
         "how many rows the host's tables have, a digest of their ids under a key that only this run's parties have, and for "
         "each of its columns, under a secret number, whether it is numeric, how many bins it has, and the direction that the "
         "host gave to it, if any; where training starts from an earlier model also the column's number in that model, if it has one, and a digest of the shape of its trees under such a key",
         "the rows must be the same ones before anything can be learned from them, and splits are named by number and bin; "
         "names and values of columns are not sent"},
    [MESSAGE_SETUP] = {"setup", ROLE_GUEST, ROLE_HOST, MEBIBYTE, "the guest's public key and the width of the encrypted numbers",
                       "with a public key one can add and multiply what is encrypted, but not read it"},
    [MESSAGE_EARLIER] =
        {"earlier leaves", ROLE_HOST, ROLE_GUEST, UINT64_C(1) << 40,
         "only where training starts from an earlier model: for every row of the training and validation tables and every tree of that "
         "model, which leaves remain possible given the host's own conditions",
         "training goes on from the scores that the earlier trees give to the rows; the host's thresholds and values are not sent"},
    [MESSAGE_ROUND] =
        {"round", ROLE_GUEST, ROLE_HOST, 64 * MEBIBYTE,
         "that a tree begins (with goss_top also which rows it is grown on), or the shape of a tree that the guest grew on its own columns, or that training is over and how "
         "many trees are kept",
         "each host keeps the shape of all trees, so that it can say which leaves its conditions leave possible"},
    [MESSAGE_GRADIENTS] = {"gradients", ROLE_GUEST, ROLE_HOST, UINT64_C(1) << 40,
                           "for every row of the tree's sample the gradient and hessian of the loss, encrypted under the guest's key",
                           "the host adds them up without being able to read them; in the clear they would give away the labels"},
    [MESSAGE_COUNTS] =
        {"counts", ROLE_HOST, ROLE_GUEST, UINT64_C(1) << 40,
         "for every bin of every column of the sample, at the root and at the smaller child of each split (with colsample_bylevel at both): "
         "how many rows it has",
         "the guest needs them to read the sums; they say which bin of a column is the fullest, whose sums need not be sent"},
    [MESSAGE_HISTOGRAMS] =
        {"histograms", ROLE_HOST, ROLE_GUEST, UINT64_C(1) << 40,
         "for every such bin but the fullest of each column and node, which is what the others leave of the node: the encrypted sums of "
         "its rows' gradients and hessians, with fresh randomness",
         "the guest chooses splits by these sums; it learns sums over the rows of a bin, and no row's value"},
    [MESSAGE_SPLITS] =
        {"splits", ROLE_GUEST, ROLE_HOST, 16 * MEBIBYTE,
         "the nodes that this host's columns split best, for each the column's number and the bins that go left; all of the "
         "host's columns that are equally good are named",
         "the host applies its own conditions and keeps them for its part of the model; splits of other parties are not sent"},
    [MESSAGE_PARTITION] = {"partition", ROLE_HOST, ROLE_GUEST, 64 * MEBIBYTE,
                           "for each of these nodes which of the named columns was taken, and which of the node's rows go right",
                           "all parties must know which rows the next nodes have; the threshold or categories are not sent"},
    [MESSAGE_CHILDREN] =
        {"children", ROLE_GUEST, ROLE_HOST, 64 * MEBIBYTE,
         "which nodes of the level are split, and for every row of these nodes whether it goes right; with grow leaf-wise at "
         "the last level also which splits of the tree stay",
         "the host adds up the children's rows at the next level"},
    [MESSAGE_OUTCOMES] = {"outcomes", ROLE_HOST, ROLE_GUEST, UINT64_C(1) << 40,
                          "for every row of the validation table and each condition of the host in this tree, whether the row goes right; "
                          "conditions that the host's other conditions rule out are sent as no",
                          "the guest measures the tree on the validation table, and stops when trees no longer help"},
    [MESSAGE_COMMITMENT] = {"lattice commitment", ROLE_HOST, ROLE_GUEST, 1024,
                            "cipher lattice (EXPERIMENTAL): a commitment to 32 random bytes",
                            "the public numbers of the cipher come from a coin toss, so that no party chooses them"},
    [MESSAGE_COMMITMENTS] = {"lattice commitments", ROLE_GUEST, ROLE_HOST, 65536, "cipher lattice: the commitments of all parties",
                             "each party opens its own when it has all others'"},
    [MESSAGE_NONCE] = {"lattice nonce", ROLE_HOST, ROLE_GUEST, 1024, "cipher lattice: the random bytes that the host has committed to",
                       "from those of all parties together the public numbers follow"},
    [MESSAGE_NONCES] = {"lattice nonces", ROLE_GUEST, ROLE_HOST, 65536, "cipher lattice: the random bytes of all parties",
                        "each party checks them against the commitments, and makes the same public numbers"},
    [MESSAGE_HINT] =
        {"hint", ROLE_HOST, ROLE_GUEST, UINT64_C(1) << 40,
         "cipher lattice: which bin of each column has the most rows of all, and for every bin its hint: 53 KB that look random (131 KB with the "
         "profile C), once for the training, or with lattice_vectors for several",
         "with the hint the guest can open what a host adds up; which bin is the fullest tells whose sums need not be sent"},
    [MESSAGE_VECTORS] =
        {"vectors", ROLE_GUEST, ROLE_HOST, UINT64_C(1) << 40,
         "cipher lattice: of the root and of the smaller child of each split (with colsample_bylevel of both) the gradients and hessians of all rows of the table, "
         "encrypted, and encrypted zeros for rows that are not in the node or the sample; and whether rows are counted too, by a vector of ones, as they are "
         "where min_samples asks for it or a row weighs nothing",
         "the host adds them up without being able to read them, or to tell which rows are in the node"},
    [MESSAGE_REPLIES] =
        {"replies", ROLE_HOST, ROLE_GUEST, UINT64_C(1) << 40,
         "cipher lattice: which of its columns the level may use, by their numbers, and for every bin of these but the fullest over the whole table: the "
         "encrypted sums of its rows, with fresh noise",
         "the guest chooses splits by these sums; it learns sums over the rows of a bin, and no row's value"},
    [MESSAGE_NODE_ROWS] = {"rows of nodes", ROLE_GUEST, ROLE_HOST, UINT64_C(1) << 30,
                           "cipher lattice: which rows are in the nodes that this host's columns split best; nothing where there are none",
                           "the host says which of them go right; other hosts do not learn which rows these are"},
    [MESSAGE_HELD] =
        {"kept hint", ROLE_HOST, ROLE_GUEST, 1024,
         "cipher lattice, only with lattice_vectors: which hint the host keeps of the same rows and bins, by its public numbers, and how many vectors "
         "were encrypted under it; or that it keeps none",
         "the hint need not be sent again; both sides must have counted the same"},
    [MESSAGE_CHOICE] = {"hint in use", ROLE_GUEST, ROLE_HOST, 1024,
                        "cipher lattice, only with lattice_vectors: that the kept hint is used again, and which, or that a new one is made",
                        "all parties must use the same public numbers"},
};

static const fate_protocol_step guest_steps[GUEST_STEPS] = {
    [GUEST_BIN] = {"bin columns", FATE_WAIT_NOTHING, 0, guest_bin},
    [GUEST_COMPARE] = {"compare rows", FATE_WAIT_ALL, MESSAGE_COLUMNS, guest_compare},
    [GUEST_SETUP] = {"make key", FATE_WAIT_NOTHING, 0, guest_setup},
    [GUEST_EARLIER] = {"take earlier leaves", FATE_WAIT_PART, MESSAGE_EARLIER, guest_earlier},
    [GUEST_CONTINUE] = {"score earlier trees", FATE_WAIT_NOTHING, 0, guest_continue},
    [GUEST_BEGIN] = {"begin tree", FATE_WAIT_NOTHING, 0, guest_begin},
    [GUEST_ENCRYPT] = {"encrypt gradients", FATE_WAIT_NOTHING, 0, guest_encrypt},
    [GUEST_SUM] = {"add up own columns", FATE_WAIT_NOTHING, 0, guest_sum},
    [GUEST_COUNT] = {"take counts", FATE_WAIT_ALL, MESSAGE_COUNTS, guest_count},
    [GUEST_COLLECT] = {"decrypt histograms", FATE_WAIT_PART, MESSAGE_HISTOGRAMS, guest_collect},
    [GUEST_CHOOSE] = {"choose splits", FATE_WAIT_NOTHING, 0, guest_choose},
    [GUEST_PARTITION] = {"take partitions", FATE_WAIT_ALL, MESSAGE_PARTITION, guest_partition},
    [GUEST_ASSIGN] = {"assign children", FATE_WAIT_NOTHING, 0, guest_assign},
    [GUEST_LEAVES] = {"weigh leaves", FATE_WAIT_NOTHING, 0, guest_leaves},
    [GUEST_OUTCOMES] = {"take outcomes", FATE_WAIT_PART, MESSAGE_OUTCOMES, guest_outcomes},
    [GUEST_JUDGE] = {"judge tree", FATE_WAIT_NOTHING, 0, guest_judge},
    [GUEST_END] = {"finish model", FATE_WAIT_NOTHING, 0, guest_end},
    [GUEST_COMMITMENTS] = {"take commitments", FATE_WAIT_ALL, MESSAGE_COMMITMENT, guest_commitments},
    [GUEST_NONCES] = {"toss coins", FATE_WAIT_ALL, MESSAGE_NONCE, guest_nonces},
    [GUEST_HINTS] = {"take hints", FATE_WAIT_PART, MESSAGE_HINT, guest_hints},
    [GUEST_VECTORS] = {"encrypt vectors", FATE_WAIT_NOTHING, 0, guest_vectors},
    [GUEST_PADS] = {"prepare pads", FATE_WAIT_NOTHING, 0, guest_pads},
    [GUEST_REPLIES] = {"open replies", FATE_WAIT_PART, MESSAGE_REPLIES, guest_replies},
    [GUEST_HELD] = {"compare kept hints", FATE_WAIT_ALL, MESSAGE_HELD, guest_held},
};

static const fate_protocol_step host_steps[HOST_STEPS] = {
    [HOST_BIN] = {"bin columns", FATE_WAIT_NOTHING, 0, host_bin},
    [HOST_SETUP] = {"take key", FATE_WAIT_ALL, MESSAGE_SETUP, host_setup},
    [HOST_EARLIER] = {"send earlier leaves", FATE_WAIT_NOTHING, 0, host_earlier},
    [HOST_ROUND] = {"begin tree", FATE_WAIT_ALL, MESSAGE_ROUND, host_round},
    [HOST_COUNT] = {"count rows", FATE_WAIT_NOTHING, 0, host_count},
    [HOST_ADD] = {"add up gradients", FATE_WAIT_PART, MESSAGE_GRADIENTS, host_add},
    [HOST_SUM] = {"send histograms", FATE_WAIT_NOTHING, 0, host_sum},
    [HOST_SPLIT] = {"split own nodes", FATE_WAIT_ALL, MESSAGE_SPLITS, host_split},
    [HOST_CHILDREN] = {"take children", FATE_WAIT_ALL, MESSAGE_CHILDREN, host_children},
    [HOST_OUTCOMES] = {"send outcomes", FATE_WAIT_NOTHING, 0, host_outcomes},
    [HOST_COMMIT] = {"commit to a nonce", FATE_WAIT_NOTHING, 0, host_commit},
    [HOST_COMMITMENTS] = {"open the nonce", FATE_WAIT_ALL, MESSAGE_COMMITMENTS, host_commitments},
    [HOST_NONCES] = {"toss coins", FATE_WAIT_ALL, MESSAGE_NONCES, host_nonces},
    [HOST_HINT] = {"send hint", FATE_WAIT_NOTHING, 0, host_hint},
    [HOST_VECTORS] = {"add up vectors", FATE_WAIT_PART, MESSAGE_VECTORS, host_vectors},
    [HOST_REPLY] = {"send replies", FATE_WAIT_NOTHING, 0, host_reply},
    [HOST_NODE_ROWS] = {"take rows of nodes", FATE_WAIT_ALL, MESSAGE_NODE_ROWS, host_node_rows},
    [HOST_CHOICE] = {"take up the kept hint", FATE_WAIT_ALL, MESSAGE_CHOICE, host_choice},
};

static const fate_protocol_role training_roles[] = {
    [ROLE_GUEST] =
        {"guest", 1, 1,
         "Of each host: how many columns it has, which are numeric, how many bins each has, which have a direction (the score only rises or only falls "
         "with the column), and with colsample_bytree or colsample_bylevel, over many "
         "trees, which number stands at which place of the host's table. For each bin and each node that is examined: how many rows "
         "fall into it, and the sums of their gradients and hessians. Which rows go right at each node that a host splits, and on "
         "the validation table the outcome of each of a host's conditions that its other conditions do not rule out; where training starts from "
         "an earlier model the same of that model's conditions, on the rows of both tables. Never a name, a "
         "threshold or a value of a host's column. But the guest knows the gradients: exact sums of known numbers add up, so that after "
         "many nodes the rows of a bin are determined in principle, as with every exact scheme: for small tables by lattice methods, "
         "for others by linear algebra once there are as many sums as rows. With the cipher lattice and lattice_vectors also that a host's table and bins are "
         "those of an earlier training, and which column had which number then.",
         guest_steps, sizeof(fate_protocol_step), GUEST_STEPS, guest_start, guest_save, guest_load, guest_stop, 0},
    [ROLE_HOST] =
        {"host", 0, HOSTS_MOST,
         "How many trees there are and their shape; of the trees that all parties grow, which training rows are together in which node, "
         "which splits are its own and which of its columns are equally good for one, with grow leaf-wise also of splits that the tree does not keep; the rows and columns of each tree's sample and, in a cross-validation, of each fold, which "
         "follow from the job's seed; with goss_top the rows of each tree instead follow from the gradients: rows that are kept tree after tree are "
         "those whose labels the model misses. Rows that end up together tend to have similar labels: that is what the host can guess about "
         "labels. Never a label, a gradient, a sum, a weight of a leaf, a score, or which party has another condition; where there "
         "are only two parties, every split that is not its own is the guest's. The numbers of rows in its bins it knows itself. "
         "With the experimental cipher lattice it learns less: no rows of samples or folds, which of them goss_top keeps included, and which rows are in a node only "
         "of nodes that its own columns split; and in which trees rows are counted, as they are where min_samples is above 1 or some row weighs nothing.",
         host_steps, sizeof(fate_protocol_step), HOST_STEPS, host_start, host_save, host_load, host_stop, 0},
};

const fate_protocol boosting_training = {
    .struct_size = sizeof(fate_protocol),
    .abi_version = FATE_ABI_VERSION,
    .name = "vertical-boosting",
    .purpose = FATE_PURPOSE_TRAIN,
    .summary =
        "Gradient boosted trees over columns that are spread between parties with the same rows: the guest has the labels, its gradients "
        "travel encrypted, hosts add them up by bins of their own columns (SecureBoost; encrypted by Paillier or Okamoto-Uchiyama, or by an EXPERIMENTAL lattice cipher that nobody outside the project has reviewed). The model equals, bit "
        "for bit, the one that would come from all columns in one table. Parameters that change what a party learns say so; the others change nothing "
        "of that kind.",
    .limits =
        "All parties are taken to follow the protocol. Not protected against: a guest that sends false gradients, such as ones that single out "
        "rows, and so learns which bin a row is in; a guest that asks for splits which no gain justifies and so learns the bins of single rows; "
        "a host that hides good splits, or claims bins that its table does not have, and so spoils the model; parties that put together what each has learned; conclusions from "
        "the finished model and from the sums named above. The guest checks that sums "
        "are such as the node's rows can give, and that the rows which a host sends left have the very sums by which the split was chosen. "
        "guest_trees (the first trees on the guest's columns alone) and min_bin_rows (no smaller bins) lessen what can be concluded. "
        "With the cipher okamoto-uchiyama a host must be trusted further: an answer to a ciphertext that only a cheating host makes would give "
        "the guest's key away, so the guest then ends the job and gives the key up; where a host may cheat, keep paillier.",
    .label_role = "guest",
    .roles = training_roles,
    .role_size = sizeof(fate_protocol_role),
    .role_count = sizeof training_roles / sizeof *training_roles,
    .messages = training_messages,
    .message_size = sizeof(fate_protocol_message),
    .message_count = TRAINING_MESSAGES,
    .parameters = parameters_table,
    .parameter_size = sizeof(fate_protocol_parameter),
    .parameter_count = PARAMETERS_COUNT,
    .check = parameters_check,
    .dump = dump_models,
    .outlook = exposure_outlook,
};

/* ---- scoring ---- */

static const fate_protocol_message scoring_messages[SCORING_MESSAGES] = {
    [MESSAGE_REQUEST] =
        {"request", ROLE_GUEST, ROLE_HOST, MEBIBYTE,
         "how many rows are to be scored, and digests of their ids and of the shape of the model's trees under keys that only this "
         "run's parties have",
         "the host answers only when its table has the same rows and its model the same trees"},
    [MESSAGE_ROWS] = {"rows", ROLE_HOST, ROLE_GUEST, MEBIBYTE, "the same of the host's table and model",
                      "the guest finds out before scoring when the rows or models differ"},
    [MESSAGE_LEAVES] = {"leaves", ROLE_HOST, ROLE_GUEST, UINT64_C(1) << 40,
                        "for every row and tree, which leaves remain possible given the host's own conditions",
                        "the leaf that all parties leave possible gives the row's score; the host's thresholds and values are not sent"},
};

enum { SCORING_GUEST_STEPS = 4, SCORING_HOST_STEPS = 3 };

static const fate_protocol_step scoring_guest_steps[SCORING_GUEST_STEPS] = {
    {"ask", FATE_WAIT_NOTHING, 0, scoring_ask},
    {"compare rows", FATE_WAIT_ALL, MESSAGE_ROWS, scoring_compare},
    {"intersect leaves", FATE_WAIT_PART, MESSAGE_LEAVES, scoring_collect},
    {"finish scores", FATE_WAIT_NOTHING, 0, scoring_finish},
};

static const fate_protocol_step scoring_host_steps[SCORING_HOST_STEPS] = {
    {"announce rows", FATE_WAIT_NOTHING, 0, scoring_announce},
    {"compare rows", FATE_WAIT_ALL, MESSAGE_REQUEST, scoring_agree},
    {"send leaves", FATE_WAIT_NOTHING, 0, scoring_send},
};

static const fate_protocol_role scoring_roles[] = {
    [ROLE_GUEST] =
        {"guest", 1, 1,
         "The scores; and for each row the outcome of every condition of a host that the host's other conditions do not rule out, also "
         "off the row's path.",
         scoring_guest_steps, sizeof(fate_protocol_step), SCORING_GUEST_STEPS, scoring_start, NULL, NULL, scoring_stop, 0},
    [ROLE_HOST] = {"host", 0, HOSTS_MOST, "That these rows are scored, and how many they are; no score.", scoring_host_steps,
                   sizeof(fate_protocol_step), SCORING_HOST_STEPS, scoring_start, NULL, NULL, scoring_stop, 0},
};

const fate_protocol boosting_scoring = {
    .struct_size = sizeof(fate_protocol),
    .abi_version = FATE_ABI_VERSION,
    .name = "vertical-boosting",
    .purpose = FATE_PURPOSE_PREDICT,
    .summary =
        "Scores rows with the parties' models of one training, in one round trip: each host says which leaves its conditions leave possible, "
        "and the guest adds up the weights of those that all parties leave.",
    .limits = "All parties are taken to follow the protocol. Not protected against: a guest that scores many rows and studies how a host's "
              "values are spread over its conditions; a host that sends false leaves and so spoils scores.",
    .label_role = "guest",
    .roles = scoring_roles,
    .role_size = sizeof(fate_protocol_role),
    .role_count = sizeof scoring_roles / sizeof *scoring_roles,
    .messages = scoring_messages,
    .message_size = sizeof(fate_protocol_message),
    .message_count = SCORING_MESSAGES,
};
