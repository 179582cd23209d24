/* The handshake's state machine: symmetric state (chaining key, hash, cipher key) and the three messages of XX, names as in the
 * Noise specification. */
#include "src/session/noise.h"

#include <sodium.h>
#include <string.h>

enum { BLOCK = 128, SEALED_KEY = NOISE_KEY + NOISE_TAG };

/* 33 bytes, less than a hash: the specification then pads with zeros instead of hashing. */
static const char protocol_name[] = "Noise_XX_25519_ChaChaPoly_BLAKE2b";

/* HMAC-BLAKE2b of first and then second (RFC 2104); the key is shorter than a block. */
static void hmac(uint8_t *out, const uint8_t *key, size_t key_length, const uint8_t *first, size_t first_length, const uint8_t *second,
                 size_t second_length)
{
    uint8_t pad[BLOCK] = {0}, inner[NOISE_HASH];
    crypto_generichash_state state;
    memcpy(pad, key, key_length);
    for (size_t i = 0; i < BLOCK; i++) pad[i] ^= 0x36;
    crypto_generichash_init(&state, NULL, 0, NOISE_HASH);
    crypto_generichash_update(&state, pad, BLOCK);
    crypto_generichash_update(&state, first, first_length);
    crypto_generichash_update(&state, second, second_length);
    crypto_generichash_final(&state, inner, NOISE_HASH);
    for (size_t i = 0; i < BLOCK; i++) pad[i] ^= 0x36 ^ 0x5c;
    crypto_generichash_init(&state, NULL, 0, NOISE_HASH);
    crypto_generichash_update(&state, pad, BLOCK);
    crypto_generichash_update(&state, inner, NOISE_HASH);
    crypto_generichash_final(&state, out, NOISE_HASH);
    sodium_memzero(pad, sizeof pad);
    sodium_memzero(inner, sizeof inner);
    sodium_memzero(&state, sizeof state);
}

/* The specification's HKDF with two outputs of NOISE_HASH bytes each. */
static void hkdf(uint8_t *one, uint8_t *two, const uint8_t *chaining_key, const uint8_t *material, size_t length)
{
    static const uint8_t byte_one[1] = {1}, byte_two[1] = {2};
    uint8_t key[NOISE_HASH], first[NOISE_HASH];
    hmac(key, chaining_key, NOISE_HASH, material, length, NULL, 0);
    hmac(first, key, NOISE_HASH, byte_one, 1, NULL, 0);
    hmac(two, key, NOISE_HASH, first, NOISE_HASH, byte_two, 1);
    memcpy(one, first, NOISE_HASH);
    sodium_memzero(key, sizeof key);
    sodium_memzero(first, sizeof first);
}

static void mix_hash(struct noise *noise, const uint8_t *bytes, uint64_t length)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, NOISE_HASH);
    crypto_generichash_update(&state, noise->hash, NOISE_HASH);
    crypto_generichash_update(&state, bytes, length);
    crypto_generichash_final(&state, noise->hash, NOISE_HASH);
}

/* Mixes the shared secret of two keys; false when it is zero because theirs is of small order. */
static bool mix_exchange(struct noise *noise, const uint8_t *secret, const uint8_t *theirs)
{
    uint8_t shared[NOISE_KEY], next_key[NOISE_HASH];
    const bool good = crypto_scalarmult(shared, secret, theirs) == 0;
    if (good) {
        hkdf(noise->chaining_key, next_key, noise->chaining_key, shared, NOISE_KEY);
        memcpy(noise->key, next_key, NOISE_KEY);
        noise->has_key = true;
        noise->nonce = 0;
    }
    sodium_memzero(shared, sizeof shared);
    sodium_memzero(next_key, sizeof next_key);
    return good;
}

static void write_nonce(uint8_t *bytes, uint64_t nonce)
{
    memset(bytes, 0, crypto_aead_chacha20poly1305_IETF_NPUBBYTES);
    bytes_store_u64(bytes + 4, nonce);
}

/* EncryptAndHash: appends to out, which has room. */
static void seal(struct noise *noise, const uint8_t *plain, uint64_t length, struct buffer *out)
{
    uint8_t nonce[crypto_aead_chacha20poly1305_IETF_NPUBBYTES];
    uint8_t *sealed = out->bytes + out->length;
    unsigned long long sealed_length = length;
    if (noise->has_key) {
        write_nonce(nonce, noise->nonce++);
        crypto_aead_chacha20poly1305_ietf_encrypt(sealed, &sealed_length, plain, length, noise->hash, NOISE_HASH, NULL, nonce, noise->key);
    } else if (length > 0) {
        memcpy(sealed, plain, (size_t)length);
    }
    mix_hash(noise, sealed, sealed_length);
    out->length += sealed_length;
}

/* DecryptAndHash into plain, which has room; false when it is not authentic. */
static bool open_sealed(struct noise *noise, const uint8_t *sealed, uint64_t length, uint8_t *plain)
{
    uint8_t nonce[crypto_aead_chacha20poly1305_IETF_NPUBBYTES];
    unsigned long long plain_length = 0;
    if (noise->has_key) {
        write_nonce(nonce, noise->nonce++);
        if (crypto_aead_chacha20poly1305_ietf_decrypt(plain, &plain_length, NULL, sealed, length, noise->hash, NOISE_HASH, nonce,
                                                      noise->key) != 0) {
            return false;
        }
    } else if (length > 0) {
        memcpy(plain, sealed, (size_t)length);
    }
    mix_hash(noise, sealed, length);
    return true;
}

void noise_start(struct noise *noise, bool initiator, const uint8_t *prologue, uint64_t prologue_length, const uint8_t *static_secret,
                 const uint8_t *ephemeral_secret)
{
    memset(noise, 0, sizeof *noise);
    noise->initiator = initiator;
    memcpy(noise->static_secret, static_secret, NOISE_KEY);
    memcpy(noise->ephemeral_secret, ephemeral_secret, NOISE_KEY);
    /* Multiplying the base point cannot fail. */
    (void)crypto_scalarmult_base(noise->static_public, static_secret);
    (void)crypto_scalarmult_base(noise->ephemeral_public, ephemeral_secret);
    memcpy(noise->hash, protocol_name, sizeof protocol_name - 1);
    memcpy(noise->chaining_key, noise->hash, NOISE_HASH);
    mix_hash(noise, prologue, prologue_length);
}

/* XX: -> e; <- e, ee, s, es; -> s, se. The step counts the messages, so its number says whose turn it is. */
static bool is_turn(const struct noise *noise, bool writing)
{
    const bool initiator_writes = noise->step % 2 == 0;
    return noise->step < NOISE_MESSAGES && (initiator_writes == noise->initiator) == writing;
}

/* Bytes of keys in a message, before its payload. */
static uint64_t key_bytes(uint32_t step)
{
    static const uint64_t bytes[NOISE_MESSAGES] = {NOISE_KEY, NOISE_KEY + SEALED_KEY, SEALED_KEY};
    return bytes[step];
}

static uint64_t overhead(uint32_t step)
{
    return key_bytes(step) + (step == 0 ? 0 : NOISE_TAG);
}

static int32_t dead(struct noise *noise)
{
    noise_wipe(noise);
    noise->step = NOISE_DEAD;
    return FATE_E_FORMAT;
}

static void write_ephemeral(struct noise *noise, struct buffer *out)
{
    buffer_append(out, noise->ephemeral_public, NOISE_KEY);
    mix_hash(noise, noise->ephemeral_public, NOISE_KEY);
}

static bool write_keys(struct noise *noise, struct buffer *out)
{
    if (noise->step == 0) {
        write_ephemeral(noise, out);
        return true;
    }
    if (noise->step == 1) {
        write_ephemeral(noise, out);
        if (!mix_exchange(noise, noise->ephemeral_secret, noise->remote_ephemeral)) return false;
    }
    seal(noise, noise->static_public, NOISE_KEY, out);
    return mix_exchange(noise, noise->static_secret, noise->remote_ephemeral);
}

int32_t noise_write(struct noise *noise, const uint8_t *payload, uint64_t length, struct buffer *out)
{
    if (!is_turn(noise, true)) return FATE_E_STATE;
    if (length > NOISE_MESSAGE || length + overhead(noise->step) > NOISE_MESSAGE) return FATE_E_LIMIT;
    if (!buffer_reserve(out, length + overhead(noise->step))) return FATE_E_MEMORY;
    const uint64_t before = out->length;
    if (!write_keys(noise, out)) {
        out->length = before;
        return dead(noise);
    }
    seal(noise, payload, length, out);
    noise->step++;
    return FATE_OK;
}

static void read_ephemeral(struct noise *noise, const uint8_t *message)
{
    memcpy(noise->remote_ephemeral, message, NOISE_KEY);
    mix_hash(noise, message, NOISE_KEY);
}

static bool read_keys(struct noise *noise, const uint8_t *message)
{
    if (noise->step == 0) {
        read_ephemeral(noise, message);
        return true;
    }
    if (noise->step == 1) {
        read_ephemeral(noise, message);
        if (!mix_exchange(noise, noise->ephemeral_secret, noise->remote_ephemeral)) return false;
        message += NOISE_KEY;
    }
    return open_sealed(noise, message, SEALED_KEY, noise->remote_static) &&
           mix_exchange(noise, noise->ephemeral_secret, noise->remote_static);
}

int32_t noise_read(struct noise *noise, const uint8_t *message, uint64_t length, struct buffer *payload)
{
    if (!is_turn(noise, false)) return FATE_E_STATE;
    if (length < overhead(noise->step) || length > NOISE_MESSAGE) return dead(noise);
    const uint64_t keys = key_bytes(noise->step), payload_length = length - overhead(noise->step);
    if (!buffer_reserve(payload, payload_length + 1)) return FATE_E_MEMORY;
    if (!read_keys(noise, message)) return dead(noise);
    if (!open_sealed(noise, message + keys, length - keys, payload->bytes + payload->length)) return dead(noise);
    payload->length += payload_length;
    noise->step++;
    return FATE_OK;
}

int32_t noise_split(const struct noise *noise, uint8_t *send_key, uint8_t *receive_key)
{
    if (noise->step != NOISE_MESSAGES) return FATE_E_STATE;
    uint8_t one[NOISE_HASH], two[NOISE_HASH];
    hkdf(one, two, noise->chaining_key, NULL, 0);
    memcpy(send_key, noise->initiator ? one : two, NOISE_KEY);
    memcpy(receive_key, noise->initiator ? two : one, NOISE_KEY);
    sodium_memzero(one, sizeof one);
    sodium_memzero(two, sizeof two);
    return FATE_OK;
}

void noise_wipe(struct noise *noise)
{
    sodium_memzero(noise, sizeof *noise);
}
