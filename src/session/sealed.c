/* Bytes sealed for a party's own store; see sealed.h. */
#include "src/session/sealed.h"

#include <sodium.h>
#include <string.h>

enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    ABOUT = 512 /* the most bytes of magic and about together */
};

static void seal_key(const fate_session *session, uint8_t *key)
{
    random_derive(key, session->identity->seed, "stored state", 0);
}

static uint64_t join(uint8_t *joined, const uint8_t *magic, const void *about, uint64_t about_length)
{
    uint64_t length = about_length < ABOUT - SEALED_MAGIC ? about_length : ABOUT - SEALED_MAGIC;
    memcpy(joined, magic, SEALED_MAGIC);
    if (length > 0) memcpy(joined + SEALED_MAGIC, about, (size_t)length);
    return SEALED_MAGIC + length;
}

int32_t sealed_write(fate_session *session, const uint8_t *magic, const void *about, uint64_t about_length, const uint8_t *plain,
                     uint64_t length, struct buffer *sealed)
{
    uint8_t key[RANDOM_KEY], joined[ABOUT];
    uint64_t joined_length = join(joined, magic, about, about_length);
    buffer_append(sealed, magic, SEALED_MAGIC);
    if (!buffer_reserve(sealed, NONCE + length + TAG)) return FATE_E_MEMORY;
    uint8_t *nonce = sealed->bytes + sealed->length;
    session_random(session, nonce, NONCE);
    seal_key(session, key);
    unsigned long long written = 0;
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE, &written, plain, length, joined, joined_length, NULL, nonce, key);
    sodium_memzero(key, sizeof key);
    sealed->length += NONCE + written;
    return FATE_OK;
}

int32_t sealed_read(const fate_session *session, const uint8_t *magic, const void *about, uint64_t about_length, const uint8_t *bytes,
                    uint64_t length, struct buffer *plain)
{
    uint8_t key[RANDOM_KEY], joined[ABOUT];
    uint64_t joined_length = join(joined, magic, about, about_length);
    if (length < SEALED_MAGIC + NONCE + TAG || memcmp(bytes, magic, SEALED_MAGIC) != 0) return FATE_E_FORMAT;
    if (!buffer_reserve(plain, length - SEALED_MAGIC - NONCE - TAG + 1)) return FATE_E_MEMORY;
    seal_key(session, key);
    unsigned long long opened = 0;
    int bad = crypto_aead_xchacha20poly1305_ietf_decrypt(plain->bytes + plain->length, &opened, NULL, bytes + SEALED_MAGIC + NONCE,
                                                         length - SEALED_MAGIC - NONCE, joined, joined_length, bytes + SEALED_MAGIC, key);
    sodium_memzero(key, sizeof key);
    if (bad != 0) return FATE_E_STORE;
    plain->length += opened;
    return FATE_OK;
}
