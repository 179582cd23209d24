/* Okamoto-Uchiyama's table of functions. */
#include "src/crypto/group_gather.h"
#include "src/crypto/group_wire.h"
#include "src/crypto/okamoto.h"
#include "src/crypto/okamoto_bytes.h"

const struct scheme scheme_okamoto_uchiyama = {
    .name = "okamoto-uchiyama",
    .obfuscator_default = okamoto_obfuscator_default,
    .obfuscator_least = okamoto_obfuscator_least,
    .choose = okamoto_choose,
    .generate = okamoto_generate,
    .secret_export = okamoto_secret_export,
    .secret_import = okamoto_secret_import,
    .public_export = okamoto_public_export,
    .public_import = okamoto_public_import,
    .key_free = okamoto_key_free,
    .secret_free = okamoto_secret_free,
    .same = okamoto_same,
    .items_bytes = group_items_bytes,
    .set_zero = group_set_zero,
    .encrypt = okamoto_encrypt,
    .decrypt = okamoto_decrypt,
    .decrypt_numbers = okamoto_decrypt_numbers,
    .add = group_add,
    .subtract = group_subtract,
    .negate = group_negate,
    .multiply = group_multiply,
    .gather_add = group_gather_add,
    .weigh = group_weigh,
    .pack = group_pack,
    .rerandomise = okamoto_rerandomise,
    .write = group_write,
    .read = group_read,
    .units = okamoto_units,
};
