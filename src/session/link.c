/* Handshakes and the channel to one peer; see link.h. */
#include "src/session/link.h"

#include "src/session/control.h"

#include <sodium.h>
#include <string.h>

static const char PROLOGUE[] = "libfate channel 1";

enum { PAUSE_FIRST = 250, PAUSE_MOST = 4000, HINT_PAUSE = 1000 };

void link_init(struct link *link, fate_context *context, bool initiator, const uint8_t *own_secret, const uint8_t *peer_key)
{
    memset(link, 0, sizeof *link);
    link->context = context;
    link->initiator = initiator;
    link->pause = PAUSE_FIRST;
    memcpy(link->own_secret, own_secret, IDENTITY_KEY);
    memcpy(link->peer_key, peer_key, IDENTITY_KEY);
    buffer_init(&link->third, context);
}

static void pending_clear(struct pending_handshake *pending)
{
    noise_wipe(&pending->noise);
    memset(pending, 0, sizeof *pending);
}

void link_free(struct link *link)
{
    for (uint32_t i = 0; i < LINK_PENDING; i++) pending_clear(&link->pending[i]);
    channel_wipe(&link->channel);
    sodium_memzero(link->own_secret, sizeof link->own_secret);
    buffer_free(&link->third);
}

void link_close(struct link *link)
{
    channel_wipe(&link->channel);
    buffer_clear(&link->third);
    link->open = false;
    link->confirmed = false;
}

static void frame_header(struct buffer *frame, enum frame_kind kind, uint64_t id)
{
    buffer_u8(frame, (uint8_t)kind);
    buffer_u64(frame, id);
}

/* The channel id is bound into the handshake, so that frames of one handshake fit no other. */
static void start_noise(struct link *link, struct noise *noise, uint64_t id, const uint8_t *ephemeral)
{
    uint8_t prologue[sizeof PROLOGUE - 1 + 8];
    memcpy(prologue, PROLOGUE, sizeof PROLOGUE - 1);
    bytes_store_u64(prologue + sizeof PROLOGUE - 1, id);
    noise_start(noise, link->initiator, prologue, sizeof prologue, link->own_secret, ephemeral);
}

int32_t link_begin(struct link *link, uint64_t connection, uint64_t now, uint64_t id, const uint8_t *ephemeral, struct buffer *frame)
{
    struct pending_handshake *pending = &link->pending[0];
    pending_clear(pending);
    pending->used = true;
    pending->id = id;
    pending->link = connection;
    pending->begun = now;
    start_noise(link, &pending->noise, id, ephemeral);
    link->next_attempt = now + link->pause;
    link->pause = link->pause * 2 < PAUSE_MOST ? link->pause * 2 : PAUSE_MOST;
    link->handshakes++;
    frame_header(frame, FRAME_FIRST, id);
    int32_t result = noise_write(&pending->noise, NULL, 0, frame);
    return frame->failed ? FATE_E_MEMORY : result;
}

static struct pending_handshake *find_pending(struct link *link, uint64_t id)
{
    for (uint32_t i = 0; i < LINK_PENDING; i++)
        if (link->pending[i].used && link->pending[i].id == id) return &link->pending[i];
    return NULL;
}

/* A free place, or the oldest one: a flood of first messages costs no memory. */
static struct pending_handshake *place_pending(struct link *link)
{
    struct pending_handshake *oldest = &link->pending[0];
    for (uint32_t i = 0; i < LINK_PENDING; i++) {
        struct pending_handshake *pending = &link->pending[i];
        if (!pending->used) return pending;
        if (pending->begun < oldest->begun) oldest = pending;
    }
    pending_clear(oldest);
    return oldest;
}

static int32_t open_channel(const struct pending_handshake *pending, struct channel *channel)
{
    uint8_t send_key[32], receive_key[32];
    int32_t result = noise_split(&pending->noise, send_key, receive_key);
    if (result == FATE_OK) channel_start(channel, send_key, receive_key);
    sodium_memzero(send_key, sizeof send_key);
    sodium_memzero(receive_key, sizeof receive_key);
    return result;
}

static void use_channel(struct link *link, struct pending_handshake *pending, const struct channel *channel, uint64_t connection)
{
    channel_wipe(&link->channel);
    link->channel = *channel;
    link->open = true;
    link->wanted = false;
    link->confirmed = !link->initiator;
    link->id = pending->id;
    link->connection = connection;
}

static int32_t seal_refusal(struct channel *channel, uint64_t id, struct buffer *frame)
{
    uint8_t content = CONTROL_REFUSAL;
    frame_header(frame, FRAME_SEALED, id);
    if (frame->failed) return FATE_E_MEMORY;
    uint8_t header[FRAME_HEADER];
    memcpy(header, frame->bytes, FRAME_HEADER);
    return channel_seal(channel, header, FRAME_HEADER, &content, 1, frame);
}

static int32_t receive_first(struct link *link, uint64_t connection, uint64_t now, uint64_t id, const uint8_t *ephemeral,
                             const uint8_t *message, uint64_t length, struct buffer *answers, struct buffer *content,
                             enum link_found *found)
{
    if (link->initiator || find_pending(link, id) != NULL || (link->open && link->id == id)) return FATE_OK;
    struct pending_handshake *pending = place_pending(link);
    pending->used = true;
    pending->id = id;
    pending->link = connection;
    pending->begun = now;
    start_noise(link, &pending->noise, id, ephemeral);
    link->handshakes++;
    int32_t result = noise_read(&pending->noise, message, length, content);
    if (result == FATE_OK) {
        frame_header(&answers[0], FRAME_SECOND, id);
        result = noise_write(&pending->noise, NULL, 0, &answers[0]);
    }
    if (content->length != 0 && result == FATE_OK) result = FATE_E_FORMAT; /* handshakes carry nothing here */
    buffer_clear(content);
    if (result == FATE_OK) return answers[0].failed ? FATE_E_MEMORY : FATE_OK;
    pending_clear(pending);
    buffer_clear(&answers[0]);
    if (result == FATE_E_MEMORY) return result;
    link->rejected++;
    *found = LINK_CLOSE;
    return FATE_OK;
}

/* The pin is looked at after the handshake is complete: a wrong key can then be told so under seal. */
static int32_t settle(struct link *link, struct pending_handshake *pending, uint64_t connection, struct buffer *refusal,
                      enum link_found *found)
{
    struct channel channel;
    int32_t result = open_channel(pending, &channel);
    if (result == FATE_OK) {
        if (sodium_memcmp(pending->noise.remote_static, link->peer_key, IDENTITY_KEY) == 0) {
            use_channel(link, pending, &channel, connection);
            *found = LINK_OPENED;
        } else {
            link->refused_peer = true;
            link->rejected++;
            *found = LINK_REFUSE;
            result = seal_refusal(&channel, pending->id, refusal);
        }
    }
    channel_wipe(&channel);
    pending_clear(pending);
    return result;
}

static int32_t receive_second(struct link *link, uint64_t connection, uint64_t id, const uint8_t *message, uint64_t length,
                              struct buffer *answers, struct buffer *content, enum link_found *found)
{
    struct pending_handshake *pending = find_pending(link, id);
    if (!link->initiator || pending == NULL || pending->noise.step != 1) return FATE_OK;
    struct noise before = pending->noise;
    int32_t result = noise_read(&pending->noise, message, length, content);
    if (result != FATE_OK || content->length != 0) {
        /* Anybody can send a wrong second message: the handshake goes on waiting for the right one. */
        pending->noise = before;
        sodium_memzero(&before, sizeof before);
        buffer_clear(content);
        if (result == FATE_E_MEMORY) return result;
        link->rejected++;
        *found = LINK_CLOSE;
        return FATE_OK;
    }
    sodium_memzero(&before, sizeof before);
    frame_header(&answers[0], FRAME_THIRD, id);
    result = noise_write(&pending->noise, NULL, 0, &answers[0]);
    if (result == FATE_OK && answers[0].failed) result = FATE_E_MEMORY;
    if (result == FATE_OK) result = settle(link, pending, connection, &answers[1], found);
    if (result == FATE_OK && *found == LINK_OPENED) {
        buffer_clear(&link->third);
        buffer_append(&link->third, answers[0].bytes, answers[0].length);
        if (link->third.failed) result = FATE_E_MEMORY;
    }
    return result;
}

static int32_t receive_third(struct link *link, uint64_t connection, uint64_t id, const uint8_t *message, uint64_t length,
                             struct buffer *answers, struct buffer *content, enum link_found *found)
{
    struct pending_handshake *pending = find_pending(link, id);
    if (link->initiator || pending == NULL || pending->noise.step != 2) return FATE_OK;
    struct noise before = pending->noise;
    int32_t result = noise_read(&pending->noise, message, length, content);
    if (result == FATE_OK && content->length == 0)
        result = settle(link, pending, connection, &answers[0], found);
    else if (result != FATE_E_MEMORY) {
        pending->noise = before;
        link->rejected++;
        *found = LINK_CLOSE;
        result = FATE_OK;
    }
    sodium_memzero(&before, sizeof before);
    buffer_clear(content);
    return result;
}

static int32_t receive_sealed(struct link *link, uint64_t connection, uint64_t now, uint64_t id, const uint8_t *bytes, uint64_t length,
                              struct buffer *answers, struct buffer *content, enum link_found *found)
{
    if (!link->open || link->id != id) {
        if (find_pending(link, id) != NULL) return FATE_OK; /* overtook the third message */
        if (link->last_hint == 0 || now - link->last_hint >= HINT_PAUSE) {
            link->last_hint = now == 0 ? 1 : now;
            frame_header(&answers[0], FRAME_UNKNOWN, id);
            if (answers[0].failed) return FATE_E_MEMORY;
        }
        return FATE_OK;
    }
    int32_t result = channel_open(&link->channel, bytes, FRAME_HEADER, bytes + FRAME_HEADER, length - FRAME_HEADER, content);
    if (result == FATE_E_MEMORY) return result;
    if (result == FATE_EMPTY) {
        link->repeated++;
    } else if (result != FATE_OK) {
        link->rejected++;
        *found = LINK_CLOSE;
    } else {
        link->confirmed = true;
        link->connection = connection;
        link->pause = PAUSE_FIRST;
        buffer_clear(&link->third);
        *found = LINK_CONTENT;
    }
    return FATE_OK;
}

int32_t link_receive(struct link *link, uint64_t connection, uint64_t now, const uint8_t *ephemeral, const uint8_t *bytes, uint64_t length,
                     struct buffer *answers, struct buffer *content, enum link_found *found)
{
    *found = LINK_NOTHING;
    if (length < FRAME_HEADER || length > FRAME_LIMIT) {
        link->rejected++;
        *found = LINK_CLOSE;
        return FATE_OK;
    }
    uint64_t id = bytes_load_u64(bytes + 1);
    const uint8_t *body = bytes + FRAME_HEADER;
    uint64_t body_length = length - FRAME_HEADER;
    switch (bytes[0]) {
    case FRAME_FIRST: return receive_first(link, connection, now, id, ephemeral, body, body_length, answers, content, found);
    case FRAME_SECOND: return receive_second(link, connection, id, body, body_length, answers, content, found);
    case FRAME_THIRD: return receive_third(link, connection, id, body, body_length, answers, content, found);
    case FRAME_SEALED: return receive_sealed(link, connection, now, id, bytes, length, answers, content, found);
    case FRAME_UNKNOWN:
        if (link->initiator && link->open && link->id == id) link->wanted = true;
        return FATE_OK;
    default:
        link->rejected++;
        *found = LINK_CLOSE;
        return FATE_OK;
    }
}

int32_t link_seal(struct link *link, const uint8_t *content, uint64_t length, struct buffer *frame)
{
    if (!link->open) return FATE_E_STATE;
    uint64_t start = frame->length;
    frame_header(frame, FRAME_SEALED, link->id);
    if (frame->failed) return FATE_E_MEMORY;
    uint8_t header[FRAME_HEADER];
    memcpy(header, frame->bytes + start, FRAME_HEADER);
    int32_t result = channel_seal(&link->channel, header, FRAME_HEADER, content, length, frame);
    return frame->failed ? FATE_E_MEMORY : result;
}
