/* Public functions on keys: making, holding, and their bytes.
 *
 * An exported key: "FATE", 'P' or 'S' (public, secret), major and minor version (one byte each), length of the scheme's name (one byte),
 * the name, bits of the modulus (four bytes), options, and what the scheme adds. A higher minor version adds nothing that must be known.
 * Keys with default options have major version 1, which has no options; else it is 2, and the options are bits of an obfuscator's exponent
 * (four bytes) and flags (one byte; 1: tables are scanned; others are 0). */
#include "src/crypto/scheme.h"
#include "lib/random.h"
#include <sodium.h>
#include <string.h>

enum { VERSION_PLAIN = 1, VERSION_OPTIONS = 2, VERSION_MINOR = 0, FLAG_SCAN = 1 };

static const struct scheme *const schemes[] = {&scheme_paillier, &scheme_okamoto_uchiyama};

uint32_t scheme_security(uint32_t bits)
{
    return bits >= 4096 ? 152 : bits >= 3072 ? 128 : bits >= 2048 ? 112 : 0;
}

const struct scheme *scheme_find(const char *name, uint64_t length)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (strlen(schemes[i]->name) == length && memcmp(schemes[i]->name, name, (size_t)length) == 0) return schemes[i];
    return NULL;
}

struct scheme_key *scheme_key_hold(struct scheme_key *key)
{
    atomic_fetch_add(&key->references, 1);
    return key;
}

void scheme_key_free(struct scheme_key *key)
{
    if (key == NULL || atomic_fetch_sub(&key->references, 1) != 1) return;
    fate_context *context = key->context;
    key->scheme->key_free(key, context);
    fate_context_free(context);
}

bool scheme_key_same(const struct scheme_key *left, const struct scheme_key *right)
{
    return left == right ||
           (left->scheme == right->scheme && left->bits == right->bits && left->obfuscator_bits == right->obfuscator_bits &&
            left->scan_tables == right->scan_tables && left->scheme->same(left, right));
}

int32_t scheme_key_refuse_retired(const struct scheme_key *key)
{
    return context_fail(key->context, FATE_E_KEY,
                        "this secret key is retired: it was given a ciphertext whose plaintext is beyond the bound; make a new key");
}

/* What a key's maker may choose. */
struct options {
    uint64_t obfuscator_bits; /* 0: the default */
    uint64_t scan_tables;
};

static uint64_t *option_find(struct options *options, const char *name)
{
    if (strcmp(name, "obfuscator_bits") == 0) return &options->obfuscator_bits;
    return strcmp(name, "scan_tables") == 0 ? &options->scan_tables : NULL;
}

static int32_t check_options(fate_context *context, const struct scheme *scheme, uint32_t bits, const struct options *options)
{
    uint32_t least = scheme->obfuscator_least(bits);
    if (options->scan_tables > 1) return context_fail(context, FATE_E_KEY, "the key's option scan_tables must be 0 or 1");
    if (options->obfuscator_bits == 0 || (options->obfuscator_bits >= least && options->obfuscator_bits <= bits)) return FATE_OK;
    return context_fail(
        context, FATE_E_KEY, "the key's option obfuscator_bits is %llu, but for %s with %lu bits must lie between %lu and %lu",
        (unsigned long long)options->obfuscator_bits, scheme->name, (unsigned long)bits, (unsigned long)least, (unsigned long)bits);
}

/* Of a key that was just made. */
static void set_options(struct scheme_key *key, const struct options *options)
{
    uint32_t bits = options->obfuscator_bits == 0 ? key->obfuscator_bits : (uint32_t)options->obfuscator_bits;
    key->scheme->choose(key, bits, options->scan_tables != 0);
}

static int32_t generate(fate_context *context, fate_secret_key **key, const char *scheme, uint32_t bits, const struct options *options,
                        const uint8_t *seed)
{
    const struct scheme *found = scheme_find(scheme, strlen(scheme));
    if (found == NULL)
        return context_fail(context, FATE_E_UNSUPPORTED,
                            "there is no encryption scheme \"%.32s\"; \"paillier\" and \"okamoto-uchiyama\" are offered", scheme);
    uint8_t own[RANDOM_KEY];
    if (seed != NULL)
        memcpy(own, seed, sizeof own);
    else
        random_system(own, sizeof own);
    int32_t result = found->generate(context, key, bits, own);
    sodium_memzero(own, sizeof own);
    if (result == FATE_OK) result = check_options(context, found, bits, options);
    if (result == FATE_OK) {
        set_options((*key)->key, options);
    } else {
        fate_secret_key_free(*key);
        *key = NULL;
    }
    return result;
}

int32_t fate_secret_key_generate(fate_context *context, fate_secret_key **key, const char *scheme, uint32_t bits, const uint8_t *seed)
{
    const struct options options = {0};
    if (key != NULL) *key = NULL;
    if (context == NULL) return FATE_E_ARGUMENT;
    if (key == NULL || scheme == NULL)
        return context_fail(context, FATE_E_ARGUMENT, "fate_secret_key_generate: key and scheme must not be NULL");
    return generate(context, key, scheme, bits, &options, seed);
}

int32_t fate_secret_key_generate_with(fate_context *context, fate_secret_key **key, const char *scheme, uint32_t bits,
                                      const char *const *names, const uint64_t *values, uint32_t count, const uint8_t *seed)
{
    struct options options = {0};
    if (key != NULL) *key = NULL;
    if (context == NULL) return FATE_E_ARGUMENT;
    if (key == NULL || scheme == NULL || (count != 0 && (names == NULL || values == NULL)))
        return context_fail(context, FATE_E_ARGUMENT, "fate_secret_key_generate_with: key, scheme, names and values must not be NULL");
    for (uint32_t i = 0; i < count; i++) {
        uint64_t *option = names[i] == NULL ? NULL : option_find(&options, names[i]);
        if (option == NULL)
            return context_fail(
                context, FATE_E_ARGUMENT,
                "fate_secret_key_generate_with: there is no option \"%.32s\"; \"obfuscator_bits\" and \"scan_tables\" are offered",
                names[i] == NULL ? "" : names[i]);
        *option = values[i];
    }
    return generate(context, key, scheme, bits, &options, seed);
}

/* A handle on a key that the caller holds; gives the hold up after an error. */
static int32_t public_key_new(struct scheme_key *key, fate_public_key **public_key)
{
    *public_key = memory_allocate(key->context, 1, sizeof **public_key);
    if (*public_key == NULL) {
        int32_t result = context_out_of_memory(key->context);
        scheme_key_free(key);
        return result;
    }
    (*public_key)->key = key;
    return FATE_OK;
}

int32_t fate_secret_key_public(const fate_secret_key *key, fate_public_key **public_key)
{
    if (public_key != NULL) *public_key = NULL;
    if (key == NULL) return FATE_E_ARGUMENT;
    if (public_key == NULL) return context_fail(key->key->context, FATE_E_ARGUMENT, "fate_secret_key_public: public_key must not be NULL");
    return public_key_new(scheme_key_hold(key->key), public_key);
}

static void append_head(struct buffer *buffer, const struct scheme_key *key, char kind)
{
    buffer_append(buffer, "FATE", 4);
    buffer_u8(buffer, (uint8_t)kind);
    bool plain = !key->scan_tables && key->obfuscator_bits == key->scheme->obfuscator_default(key->bits);
    buffer_u8(buffer, plain ? VERSION_PLAIN : VERSION_OPTIONS);
    buffer_u8(buffer, VERSION_MINOR);
    buffer_u8(buffer, (uint8_t)strlen(key->scheme->name));
    buffer_text(buffer, key->scheme->name);
    buffer_u32(buffer, key->bits);
    if (plain) return;
    buffer_u32(buffer, key->obfuscator_bits);
    buffer_u8(buffer, key->scan_tables ? FLAG_SCAN : 0);
}

static int32_t hand_over(struct buffer *buffer, uint8_t **bytes, uint64_t *length)
{
    fate_context *context = buffer->context;
    *bytes = buffer_take(buffer, length);
    if (*bytes != NULL) return FATE_OK;
    buffer_free(buffer);
    *length = 0;
    return context_out_of_memory(context);
}

int32_t fate_secret_key_export(const fate_secret_key *key, uint8_t **bytes, uint64_t *length)
{
    if (key == NULL) return FATE_E_ARGUMENT;
    if (bytes == NULL || length == NULL)
        return context_fail(key->key->context, FATE_E_ARGUMENT, "fate_secret_key_export: bytes and length must not be NULL");
    if (atomic_load(&key->key->retired)) return scheme_key_refuse_retired(key->key);
    struct buffer buffer;
    buffer_init(&buffer, key->key->context);
    buffer.secret = true;
    append_head(&buffer, key->key, 'S');
    key->key->scheme->secret_export(key, &buffer);
    return hand_over(&buffer, bytes, length);
}

int32_t fate_public_key_export(const fate_public_key *key, uint8_t **bytes, uint64_t *length)
{
    if (key == NULL) return FATE_E_ARGUMENT;
    if (bytes == NULL || length == NULL)
        return context_fail(key->key->context, FATE_E_ARGUMENT, "fate_public_key_export: bytes and length must not be NULL");
    struct buffer buffer;
    buffer_init(&buffer, key->key->context);
    append_head(&buffer, key->key, 'P');
    key->key->scheme->public_export(key->key, &buffer);
    return hand_over(&buffer, bytes, length);
}

static int32_t read_head(fate_context *context, struct reader *reader, char kind, const struct scheme **scheme, uint32_t *bits,
                         struct options *options)
{
    const char *word = kind == 'S' ? "secret" : "public";
    const uint8_t *magic = reader_bytes(reader, 4);
    uint8_t found = reader_u8(reader);
    if (magic == NULL || memcmp(magic, "FATE", 4) != 0 || (found != 'S' && found != 'P'))
        return context_fail(context, FATE_E_FORMAT, "these bytes are not an encryption key");
    if (found != (uint8_t)kind)
        return context_fail(context, FATE_E_FORMAT, "these bytes are a %s key; a %s key is needed here", kind == 'S' ? "public" : "secret",
                            word);
    uint8_t major = reader_u8(reader);
    (void)reader_u8(reader);
    if (!reader->failed && (major < VERSION_PLAIN || major > VERSION_OPTIONS))
        return context_fail(context, FATE_E_VERSION,
                            "the %s key has format version %u; this library reads versions %d to %d: upgrade the older side", word,
                            (unsigned)major, VERSION_PLAIN, VERSION_OPTIONS);
    uint8_t length = reader_u8(reader);
    const uint8_t *name = reader_bytes(reader, length);
    *bits = reader_u32(reader);
    if (major == VERSION_OPTIONS) {
        options->obfuscator_bits = reader_u32(reader);
        uint8_t flags = reader_u8(reader);
        options->scan_tables = flags & FLAG_SCAN;
        if (!reader->failed && (flags & ~FLAG_SCAN) != 0)
            return context_fail(context, FATE_E_FORMAT, "the %s key has options that are not known", word);
    }
    if (reader->failed) return context_fail(context, FATE_E_FORMAT, "the %s key is truncated", word);
    *scheme = scheme_find((const char *)name, length);
    if (*scheme == NULL)
        return context_fail(context, FATE_E_KEY, "the %s key belongs to an encryption scheme that is not offered here", word);
    return FATE_OK;
}

int32_t fate_secret_key_import(fate_context *context, fate_secret_key **key, const uint8_t *bytes, uint64_t length)
{
    if (key != NULL) *key = NULL;
    if (context == NULL) return FATE_E_ARGUMENT;
    if (key == NULL || bytes == NULL)
        return context_fail(context, FATE_E_ARGUMENT, "fate_secret_key_import: key and bytes must not be NULL");
    struct reader reader;
    reader_init(&reader, bytes, length);
    const struct scheme *scheme = NULL;
    uint32_t bits = 0;
    struct options options = {0};
    int32_t result = read_head(context, &reader, 'S', &scheme, &bits, &options);
    if (result == FATE_OK) result = check_options(context, scheme, bits, &options);
    if (result == FATE_OK) result = scheme->secret_import(context, key, bits, &reader);
    if (result == FATE_OK) set_options((*key)->key, &options);
    return result;
}

int32_t fate_public_key_import(fate_context *context, fate_public_key **key, const uint8_t *bytes, uint64_t length)
{
    if (key != NULL) *key = NULL;
    if (context == NULL) return FATE_E_ARGUMENT;
    if (key == NULL || bytes == NULL)
        return context_fail(context, FATE_E_ARGUMENT, "fate_public_key_import: key and bytes must not be NULL");
    struct reader reader;
    reader_init(&reader, bytes, length);
    const struct scheme *scheme = NULL;
    uint32_t bits = 0;
    struct scheme_key *made = NULL;
    struct options options = {0};
    int32_t result = read_head(context, &reader, 'P', &scheme, &bits, &options);
    if (result == FATE_OK) result = check_options(context, scheme, bits, &options);
    if (result == FATE_OK) result = scheme->public_import(context, &made, bits, &reader);
    if (result != FATE_OK) return result;
    set_options(made, &options);
    return public_key_new(made, key);
}

const char *fate_public_key_scheme(const fate_public_key *key)
{
    return key == NULL ? NULL : key->key->scheme->name;
}

uint32_t fate_public_key_bits(const fate_public_key *key)
{
    return key == NULL ? 0 : key->key->bits;
}

uint32_t fate_public_key_plaintext_bits(const fate_public_key *key)
{
    return key == NULL ? 0 : key->key->plaintext_bits;
}

uint32_t fate_public_key_ciphertext_bytes(const fate_public_key *key)
{
    return key == NULL ? 0 : key->key->ciphertext_bytes;
}

int32_t fate_public_key_option(const fate_public_key *key, const char *name, uint64_t *value)
{
    if (value != NULL) *value = 0;
    if (key == NULL) return FATE_E_ARGUMENT;
    struct options options = {.obfuscator_bits = key->key->obfuscator_bits, .scan_tables = key->key->scan_tables};
    const uint64_t *option = name == NULL ? NULL : option_find(&options, name);
    if (name == NULL || value == NULL)
        return context_fail(key->key->context, FATE_E_ARGUMENT, "fate_public_key_option: name and value must not be NULL");
    if (option == NULL)
        return context_fail(key->key->context, FATE_E_ARGUMENT,
                            "fate_public_key_option: there is no option \"%.32s\"; \"obfuscator_bits\" and \"scan_tables\" are offered",
                            name);
    *value = *option;
    return FATE_OK;
}

void fate_secret_key_free(fate_secret_key *key)
{
    if (key == NULL) return;
    struct scheme_key *held = key->key;
    held->scheme->secret_free(key, held->context);
    scheme_key_free(held);
}

void fate_public_key_free(fate_public_key *key)
{
    if (key == NULL) return;
    struct scheme_key *held = key->key;
    memory_free(held->context, key);
    scheme_key_free(held);
}
