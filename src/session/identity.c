/* Identities: two key pairs from one secret seed, the public half as one line of text, and the secret key file. */
#include "src/session/identity.h"

#include <sodium.h>
#include <string.h>

#include "lib/file.h"
#include "lib/random.h"

enum { PUBLIC_BYTES = 2 * IDENTITY_KEY, PUBLIC_CHECK = 4, FILE_CHECK = 16, FILE_LIMIT = 4096, KEY_TEXT = 48 };

static const char public_prefix[] = "fate1-";
static const char file_magic[] = "libfate secret key, version ";
static const char file_version[] = "1\n";
static const char seed_line[] = "secret: ";

static void checksum(uint8_t *out, size_t length, const char *label, const void *bytes, size_t bytes_length)
{
    uint8_t digest[32];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof digest);
    crypto_generichash_update(&state, (const uint8_t *)label, strlen(label) + 1);
    crypto_generichash_update(&state, bytes, bytes_length);
    crypto_generichash_final(&state, digest, sizeof digest);
    memcpy(out, digest, length);
    sodium_memzero(digest, sizeof digest);
    sodium_memzero(&state, sizeof state);
}

static void public_checksum(uint8_t *check, const uint8_t *keys)
{
    checksum(check, PUBLIC_CHECK, "fate public identity 1", keys, PUBLIC_BYTES);
}

static void write_public(char *text, size_t size, const struct public_identity *identity)
{
    uint8_t bytes[PUBLIC_BYTES + PUBLIC_CHECK];
    const size_t prefix = strlen(public_prefix);
    memcpy(bytes, identity->sign, IDENTITY_KEY);
    memcpy(bytes + IDENTITY_KEY, identity->exchange, IDENTITY_KEY);
    public_checksum(bytes + PUBLIC_BYTES, bytes);
    memcpy(text, public_prefix, prefix);
    sodium_bin2base64(text + prefix, size - prefix, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool identity_parse_public(struct public_identity *identity, const char *text)
{
    uint8_t bytes[PUBLIC_BYTES + PUBLIC_CHECK], check[PUBLIC_CHECK], shared[IDENTITY_KEY];
    const size_t prefix = strlen(public_prefix);
    size_t length = 0;
    const char *end = NULL;
    if (strncmp(text, public_prefix, prefix) != 0) return false;
    if (sodium_base642bin(bytes, sizeof bytes, text + prefix, strlen(text + prefix), NULL, &length, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0) {
        return false;
    }
    if (length != sizeof bytes || *end != '\0') return false;
    public_checksum(check, bytes);
    if (memcmp(check, bytes + PUBLIC_BYTES, PUBLIC_CHECK) != 0) return false;
    /* A key of small order would make every shared secret zero, whoever holds the other half. */
    static const uint8_t one[IDENTITY_KEY] = {1};
    if (crypto_core_ed25519_is_valid_point(bytes) != 1 || crypto_scalarmult(shared, one, bytes + IDENTITY_KEY) != 0) return false;
    memcpy(identity->sign, bytes, IDENTITY_KEY);
    memcpy(identity->exchange, bytes + IDENTITY_KEY, IDENTITY_KEY);
    return true;
}

int32_t identity_from_seed(fate_context *context, fate_identity **identity, const uint8_t *seed)
{
    fate_identity *made = memory_zeroed(context, 1, sizeof *made);
    *identity = made;
    if (made == NULL) return context_out_of_memory(context);
    uint8_t sign_seed[IDENTITY_KEY];
    made->context = context_hold(context);
    memcpy(made->seed, seed, IDENTITY_KEY);
    random_derive(sign_seed, seed, "fate identity: signatures", 0);
    crypto_sign_seed_keypair(made->public_half.sign, made->sign_secret, sign_seed);
    random_derive(made->exchange_secret, seed, "fate identity: exchange", 0);
    (void)crypto_scalarmult_base(made->public_half.exchange, made->exchange_secret);
    write_public(made->text, sizeof made->text, &made->public_half);
    sodium_memzero(sign_seed, sizeof sign_seed);
    return FATE_OK;
}

int32_t identity_copy(fate_context *context, fate_identity **copy, const fate_identity *identity)
{
    return identity_from_seed(context, copy, identity->seed);
}

int32_t fate_identity_generate(fate_context *context, fate_identity **identity)
{
    uint8_t seed[IDENTITY_KEY];
    if (identity != NULL) *identity = NULL;
    if (context == NULL || identity == NULL) return context_bad_argument(context, "fate_identity_generate: identity is NULL");
    random_system(seed, sizeof seed);
    const int32_t result = identity_from_seed(context, identity, seed);
    sodium_memzero(seed, sizeof seed);
    return result;
}

static void append_base64(struct buffer *buffer, const uint8_t *bytes, size_t length)
{
    char text[KEY_TEXT];
    sodium_bin2base64(text, sizeof text, bytes, length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    buffer_append(buffer, text, sodium_base64_encoded_len(length, sodium_base64_VARIANT_URLSAFE_NO_PADDING) - 1);
    sodium_memzero(text, sizeof text);
}

/* The file: head, public line, secret line, checksum line. */
static void write_file(struct buffer *buffer, const fate_identity *identity)
{
    uint8_t check[FILE_CHECK];
    buffer->secret = true;
    buffer_text(buffer, file_magic);
    buffer_text(buffer, file_version);
    buffer_text(buffer, "public: ");
    buffer_text(buffer, identity->text);
    buffer_text(buffer, "\n");
    buffer_text(buffer, seed_line);
    append_base64(buffer, identity->seed, IDENTITY_KEY);
    buffer_text(buffer, "\n");
    if (buffer->failed) return;
    checksum(check, sizeof check, "fate secret key file 1", buffer->bytes, (size_t)buffer->length);
    buffer_text(buffer, "checksum: ");
    append_base64(buffer, check, sizeof check);
    buffer_text(buffer, "\n");
}

int32_t fate_identity_export(const fate_identity *identity, uint8_t **bytes, uint64_t *length)
{
    if (bytes != NULL) *bytes = NULL;
    if (identity == NULL) return FATE_E_ARGUMENT;
    if (bytes == NULL || length == NULL) return context_bad_argument(identity->context, "fate_identity_export: bytes or length is NULL");
    struct buffer buffer;
    buffer_init(&buffer, identity->context);
    write_file(&buffer, identity);
    uint64_t taken = 0;
    *bytes = buffer_take(&buffer, &taken);
    buffer_free(&buffer);
    if (*bytes == NULL) return context_out_of_memory(identity->context);
    *length = taken;
    return FATE_OK;
}

int32_t fate_identity_write(const fate_identity *identity, const char *path)
{
    if (identity == NULL) return FATE_E_ARGUMENT;
    if (path == NULL) return context_bad_argument(identity->context, "fate_identity_write: path is NULL");
    struct buffer buffer;
    buffer_init(&buffer, identity->context);
    write_file(&buffer, identity);
    const int32_t result =
        buffer.failed ? context_out_of_memory(identity->context) : file_create_secret(identity->context, path, buffer.bytes, buffer.length);
    buffer_free(&buffer);
    return result;
}

/* Finds the line that starts with a label; NULL when there is none. *length: of what follows the label. */
static const char *find_line(const char *text, size_t text_length, const char *label, size_t *length)
{
    const size_t label_length = strlen(label);
    for (size_t at = 0; at < text_length;) {
        const char *end = memchr(text + at, '\n', text_length - at);
        const size_t line = end == NULL ? text_length - at : (size_t)(end - (text + at));
        if (line >= label_length && memcmp(text + at, label, label_length) == 0) {
            *length = line - label_length;
            return text + at + label_length;
        }
        at += line + 1;
    }
    return NULL;
}

static int32_t damaged(fate_context *context, const char *name)
{
    return context_fail(context, FATE_E_FORMAT, "%s: the secret key is damaged: restore it from a copy", name);
}

/* Reads the secret, writes the file that belongs to it, and compares: what was altered anywhere is found. */
static int32_t read_file(fate_context *context, fate_identity **identity, const char *name, const char *text, size_t length)
{
    uint8_t seed[IDENTITY_KEY];
    size_t line_length = 0, seed_length = 0;
    const char *line = find_line(text, length, seed_line, &line_length);
    if (line == NULL) return damaged(context, name);
    const int decoded =
        sodium_base642bin(seed, sizeof seed, line, line_length, NULL, &seed_length, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    int32_t result = decoded != 0 || seed_length != sizeof seed ? damaged(context, name) : identity_from_seed(context, identity, seed);
    sodium_memzero(seed, sizeof seed);
    if (result != FATE_OK) return result;
    struct buffer expected;
    buffer_init(&expected, context);
    write_file(&expected, *identity);
    /* Vaults and editors may drop the last line's end. */
    const size_t lacking = length > 0 && text[length - 1] != '\n' ? 1 : 0;
    if (expected.failed) {
        result = context_out_of_memory(context);
    } else if (expected.length != length + lacking || sodium_memcmp(expected.bytes, text, length) != 0) {
        result = damaged(context, name);
    }
    buffer_free(&expected);
    if (result != FATE_OK) {
        fate_identity_free(*identity);
        *identity = NULL;
    }
    return result;
}

static int32_t not_a_key(fate_context *context, const char *name)
{
    return context_fail(context, FATE_E_FORMAT, "%s: not a secret key file: make one with `fate keygen`", name);
}

static int32_t import(fate_context *context, fate_identity **identity, const char *name, const uint8_t *bytes, uint64_t length)
{
    const size_t magic = strlen(file_magic), version = strlen(file_version);
    if (length < magic + version || length > FILE_LIMIT || memcmp(bytes, file_magic, magic) != 0) {
        return not_a_key(context, name);
    }
    if (memcmp(bytes + magic, file_version, version) != 0) {
        return context_fail(context, FATE_E_VERSION, "%s: the secret key has another version than this library reads", name);
    }
    return read_file(context, identity, name, (const char *)bytes, (size_t)length);
}

int32_t fate_identity_import(fate_context *context, fate_identity **identity, const uint8_t *bytes, uint64_t length)
{
    if (identity != NULL) *identity = NULL;
    if (context == NULL || identity == NULL || (bytes == NULL && length > 0))
        return context_bad_argument(context, "fate_identity_import: identity or bytes is NULL");
    return import(context, identity, "secret key", bytes, length);
}

int32_t fate_identity_read(fate_context *context, fate_identity **identity, const char *path)
{
    if (identity != NULL) *identity = NULL;
    if (context == NULL || identity == NULL || path == NULL)
        return context_bad_argument(context, "fate_identity_read: identity or path is NULL");
    struct buffer buffer;
    buffer_init(&buffer, context);
    buffer.secret = true;
    int32_t result = file_read(context, &buffer, path, FILE_LIMIT);
    if (result == FATE_OK) result = import(context, identity, path, buffer.bytes, buffer.length);
    if (result == FATE_E_LIMIT) result = not_a_key(context, path);
    buffer_free(&buffer);
    return result;
}

const char *fate_identity_public(const fate_identity *identity)
{
    return identity == NULL ? NULL : identity->text;
}

void fate_identity_free(fate_identity *identity)
{
    if (identity == NULL) return;
    fate_context *context = identity->context;
    memory_free_secret(context, identity, sizeof *identity);
    fate_context_free(context);
}
