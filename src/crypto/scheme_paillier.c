/* Paillier's table of functions. */
#include "src/crypto/group_gather.h"
#include "src/crypto/group_vector.h"
#include "src/crypto/group_wire.h"
#include "src/crypto/paillier.h"
#include "src/crypto/paillier_bytes.h"

const struct scheme scheme_paillier = {
    .name = "paillier",
    .obfuscator_default = paillier_obfuscator_default,
    .obfuscator_least = paillier_obfuscator_least,
    .choose = paillier_choose,
    .generate = paillier_generate,
    .secret_export = paillier_secret_export,
    .secret_import = paillier_secret_import,
    .public_export = paillier_public_export,
    .public_import = paillier_public_import,
    .key_free = paillier_key_free,
    .secret_free = paillier_secret_free,
    .same = paillier_same,
    .items_bytes = group_items_bytes,
    .set_zero = group_set_zero,
    .encrypt = paillier_encrypt,
    .decrypt = paillier_decrypt,
    .decrypt_numbers = paillier_decrypt_numbers,
    .add = group_add,
    .subtract = group_subtract,
    .negate = group_negate,
    .multiply = group_multiply,
    .gather_add = group_gather_add,
    .weigh = group_weigh,
    .pack = group_pack,
    .rerandomise = paillier_rerandomise,
    .write = group_write,
    .read = group_read,
    .units = paillier_units,
};
