/* Public functions on keys: making, holding, and their bytes.
 *
 * An exported key: "FATE", 'P' or 'S' (public, secret), major and minor version (one byte each), length of the scheme's name (one byte),
 * the name, bits of the modulus (four bytes), and what the scheme adds. A higher minor version adds nothing that must be known. */
#include "src/crypto/scheme.h"
#include "lib/random.h"
#include <sodium.h>
#include <string.h>

enum { VERSION_MAJOR = 1, VERSION_MINOR = 0 };

static const struct scheme *const schemes[] = {&scheme_paillier, &scheme_okamoto_uchiyama};

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
    return left == right || (left->scheme == right->scheme && left->bits == right->bits && left->scheme->same(left, right));
}

int32_t scheme_key_refuse_retired(const struct scheme_key *key)
{
    return context_fail(key->context, FATE_E_KEY,
                        "this secret key is retired: it was given a ciphertext whose plaintext is beyond the bound; make a new key");
}

int32_t fate_secret_key_generate(fate_context *context, fate_secret_key **key, const char *scheme, uint32_t bits, const uint8_t *seed)
{
    if (key != NULL) *key = NULL;
    if (context == NULL) return FATE_E_ARGUMENT;
    if (key == NULL || scheme == NULL)
        return context_fail(context, FATE_E_ARGUMENT, "fate_secret_key_generate: key and scheme must not be NULL");
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
    return result;
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
    buffer_u8(buffer, VERSION_MAJOR);
    buffer_u8(buffer, VERSION_MINOR);
    buffer_u8(buffer, (uint8_t)strlen(key->scheme->name));
    buffer_text(buffer, key->scheme->name);
    buffer_u32(buffer, key->bits);
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

static int32_t read_head(fate_context *context, struct reader *reader, char kind, const struct scheme **scheme, uint32_t *bits)
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
    if (!reader->failed && major != VERSION_MAJOR)
        return context_fail(context, FATE_E_VERSION,
                            "the %s key has format version %u; this library reads version %d: upgrade the older side", word,
                            (unsigned)major, VERSION_MAJOR);
    uint8_t length = reader_u8(reader);
    const uint8_t *name = reader_bytes(reader, length);
    *bits = reader_u32(reader);
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
    int32_t result = read_head(context, &reader, 'S', &scheme, &bits);
    return result == FATE_OK ? scheme->secret_import(context, key, bits, &reader) : result;
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
    int32_t result = read_head(context, &reader, 'P', &scheme, &bits);
    if (result == FATE_OK) result = scheme->public_import(context, &made, bits, &reader);
    return result == FATE_OK ? public_key_new(made, key) : result;
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
