/* Sealing and opening of frames. A frame: first nonce (8 bytes), length of the content (4), then the pieces, each with its tag. Each
 * piece authenticates a digest of the header, the first nonce, the length and its own index. */
#include "src/session/channel.h"

#include <sodium.h>
#include <string.h>

#include "src/session/noise.h"

enum { PIECE = NOISE_MESSAGE - NOISE_TAG, HEAD = 12, DIGEST = 32, BINDING = DIGEST + 8 + 8 + 4 };

void channel_start(struct channel *channel, const uint8_t *send_key, const uint8_t *receive_key)
{
    memset(channel, 0, sizeof *channel);
    memcpy(channel->send_key, send_key, sizeof channel->send_key);
    memcpy(channel->receive_key, receive_key, sizeof channel->receive_key);
}

void channel_wipe(struct channel *channel)
{
    sodium_memzero(channel, sizeof *channel);
}

static uint64_t piece_count(uint64_t length)
{
    return length == 0 ? 1 : (length + PIECE - 1) / PIECE;
}

static uint64_t piece_length(uint64_t length, uint64_t index)
{
    const uint64_t left = length - index * PIECE;
    return left < PIECE ? left : PIECE;
}

/* What a piece authenticates beside its content; the index is filled in for each piece. */
static void bind_frame(uint8_t *binding, const uint8_t *header, uint64_t header_length, uint64_t nonce, uint64_t length)
{
    crypto_generichash(binding, DIGEST, header, header_length, NULL, 0);
    bytes_store_u64(binding + DIGEST, nonce);
    bytes_store_u64(binding + DIGEST + 8, length);
}

static void bind_piece(uint8_t *binding, uint8_t *nonce_bytes, uint64_t nonce, uint64_t index)
{
    bytes_store_u32(binding + DIGEST + 16, (uint32_t)index);
    memset(nonce_bytes, 0, 4);
    bytes_store_u64(nonce_bytes + 4, nonce + index);
}

int32_t channel_seal(struct channel *channel, const uint8_t *header, uint64_t header_length, const uint8_t *content, uint64_t length,
                     struct buffer *frame)
{
    const uint64_t pieces = piece_count(length), nonce = channel->send_nonce;
    /* The last nonce, 2^64-1, is reserved by Noise. */
    if (length > CHANNEL_CONTENT_LIMIT || nonce > UINT64_MAX - 1 - pieces) return FATE_E_LIMIT;
    if (!buffer_reserve(frame, HEAD + length + pieces * NOISE_TAG)) return FATE_E_MEMORY;
    uint8_t binding[BINDING], nonce_bytes[crypto_aead_chacha20poly1305_IETF_NPUBBYTES];
    bind_frame(binding, header, header_length, nonce, length);
    buffer_u64(frame, nonce);
    buffer_u32(frame, (uint32_t)length);
    for (uint64_t i = 0; i < pieces; i++) {
        unsigned long long sealed = 0;
        bind_piece(binding, nonce_bytes, nonce, i);
        crypto_aead_chacha20poly1305_ietf_encrypt(frame->bytes + frame->length, &sealed, length == 0 ? NULL : content + i * PIECE,
                                                  piece_length(length, i), binding, BINDING, NULL, nonce_bytes, channel->send_key);
        frame->length += sealed;
    }
    channel->send_nonce = nonce + pieces;
    return FATE_OK;
}

static uint64_t *window_word(struct channel *channel, uint64_t nonce)
{
    return &channel->receive_seen[nonce % CHANNEL_WINDOW / 64];
}

static bool is_seen(struct channel *channel, uint64_t nonce)
{
    return nonce < channel->receive_highest && (*window_word(channel, nonce) >> (nonce % 64) & 1) != 0;
}

/* Marks a nonce as taken; the window moves on with the highest, and what it newly covers is unseen. */
static void mark_seen(struct channel *channel, uint64_t nonce)
{
    if (nonce >= channel->receive_highest) {
        if (nonce - channel->receive_highest >= CHANNEL_WINDOW) {
            memset(channel->receive_seen, 0, sizeof channel->receive_seen);
        } else {
            for (uint64_t n = channel->receive_highest; n <= nonce; n++) *window_word(channel, n) &= ~((uint64_t)1 << (n % 64));
        }
        channel->receive_highest = nonce + 1;
    }
    *window_word(channel, nonce) |= (uint64_t)1 << (nonce % 64);
}

/* Opens all pieces into plain, which has room. */
static bool open_pieces(const struct channel *channel, uint8_t *binding, const uint8_t *sealed, uint64_t nonce, uint64_t length,
                        uint8_t *plain)
{
    uint8_t nonce_bytes[crypto_aead_chacha20poly1305_IETF_NPUBBYTES];
    for (uint64_t i = 0; i < piece_count(length); i++) {
        const uint64_t sealed_length = piece_length(length, i) + NOISE_TAG;
        bind_piece(binding, nonce_bytes, nonce, i);
        if (crypto_aead_chacha20poly1305_ietf_decrypt(plain + i * PIECE, NULL, NULL, sealed, sealed_length, binding, BINDING, nonce_bytes,
                                                      channel->receive_key) != 0) {
            return false;
        }
        sealed += sealed_length;
    }
    return true;
}

int32_t channel_open(struct channel *channel, const uint8_t *header, uint64_t header_length, const uint8_t *sealed, uint64_t length,
                     struct buffer *content)
{
    struct reader reader;
    reader_init(&reader, sealed, length);
    const uint64_t nonce = reader_u64(&reader), content_length = reader_u32(&reader);
    if (reader.failed || content_length > CHANNEL_CONTENT_LIMIT) return FATE_E_FORMAT;
    const uint64_t pieces = piece_count(content_length);
    if (nonce > UINT64_MAX - 1 - pieces || reader_left(&reader) != content_length + pieces * NOISE_TAG) return FATE_E_FORMAT;
    if (nonce + CHANNEL_WINDOW < channel->receive_highest && nonce < channel->receive_highest) return FATE_EMPTY;
    if (!buffer_reserve(content, content_length + 1)) return FATE_E_MEMORY;
    uint8_t binding[BINDING];
    uint8_t *plain = content->bytes + content->length;
    bind_frame(binding, header, header_length, nonce, content_length);
    const bool authentic = open_pieces(channel, binding, sealed + HEAD, nonce, content_length, plain);
    if (!authentic || is_seen(channel, nonce)) {
        if (content_length > 0) sodium_memzero(plain, (size_t)content_length);
        return authentic ? FATE_EMPTY : FATE_E_FORMAT;
    }
    content->length += content_length;
    mark_seen(channel, nonce);
    return FATE_OK;
}
