/* Keys of a round; see round_keys.h. */
#include "src/models/aggregation/round_keys.h"

#include <sodium.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/random.h"

static const uint8_t commitment_label[] = "fate own mask", letter_label[] = "fate letter", pair_label[] = "fate pair mask",
                     masked_label[] = "fate note: masked with", told_label[] = "fate note: told of";

void round_public(uint8_t *key, const uint8_t *secret)
{
    (void)crypto_scalarmult_base(key, secret); /* fails for no secret */
}

void round_commit(uint8_t *commitment, const uint8_t *own)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, ROUND_KEY);
    crypto_generichash_update(&state, commitment_label, sizeof commitment_label);
    crypto_generichash_update(&state, own, SHARING_SECRET);
    crypto_generichash_final(&state, commitment, ROUND_KEY);
    sodium_memzero(&state, sizeof state);
}

void round_keys_make(struct round_secrets *secrets, struct round_keys *keys, const uint8_t *seed)
{
    random_derive(secrets->letter, seed, "letters", 0);
    random_derive(secrets->mask, seed, "masks", 0);
    random_derive(secrets->own, seed, "own mask", 0);
    round_public(keys->letter, secrets->letter);
    round_public(keys->mask, secrets->mask);
    round_commit(keys->commitment, secrets->own);
}

/* What two parties alone know, for one use. */
static bool agree(uint8_t *out, const uint8_t *secret, const uint8_t *key, const uint8_t *label, uint64_t label_length, uint64_t round,
                  uint32_t first, uint32_t second)
{
    uint8_t shared[ROUND_KEY], place[16];
    crypto_generichash_state state;
    if (crypto_scalarmult(shared, secret, key) != 0) return false;
    bytes_store_u64(place, round);
    bytes_store_u32(place + 8, first);
    bytes_store_u32(place + 12, second);
    crypto_generichash_init(&state, shared, sizeof shared, ROUND_KEY);
    crypto_generichash_update(&state, label, label_length);
    crypto_generichash_update(&state, place, sizeof place);
    crypto_generichash_final(&state, out, ROUND_KEY);
    sodium_memzero(shared, sizeof shared);
    sodium_memzero(&state, sizeof state);
    return true;
}

/* Each key seals one letter, so that the nonce may be constant. */
static const uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

bool round_seal(uint8_t *sealed, const uint8_t *letter, const uint8_t *secret, const uint8_t *key, uint64_t round, uint32_t from,
                uint32_t to)
{
    uint8_t under[ROUND_KEY];
    if (!agree(under, secret, key, letter_label, sizeof letter_label, round, from, to)) return false;
    crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, letter, ROUND_LETTER, NULL, 0, NULL, nonce, under);
    sodium_memzero(under, sizeof under);
    return true;
}

bool round_open(uint8_t *letter, const uint8_t *sealed, const uint8_t *secret, const uint8_t *key, uint64_t round, uint32_t from,
                uint32_t to)
{
    uint8_t under[ROUND_KEY];
    if (!agree(under, secret, key, letter_label, sizeof letter_label, round, from, to)) return false;
    int bad = crypto_aead_chacha20poly1305_ietf_decrypt(letter, NULL, NULL, sealed, ROUND_SEALED, NULL, 0, nonce, under);
    sodium_memzero(under, sizeof under);
    return bad == 0;
}

bool round_note(uint8_t *note, enum round_note what, const uint8_t *secret, const uint8_t *key, uint64_t round, uint32_t from, uint32_t to)
{
    uint8_t whole[ROUND_KEY] = {0};
    bool made = what == NOTE_MASKED ? agree(whole, secret, key, masked_label, sizeof masked_label, round, from, to)
                                    : agree(whole, secret, key, told_label, sizeof told_label, round, from, to);
    memcpy(note, whole, ROUND_NOTE);
    sodium_memzero(whole, sizeof whole);
    return made;
}

bool round_pair_mask(struct mask *mask, const uint8_t *secret, const uint8_t *key, uint64_t round, uint32_t owner, uint32_t other)
{
    mask->subtracted = owner > other;
    return agree(mask->seed, secret, key, pair_label, sizeof pair_label, round, owner < other ? owner : other,
                 owner < other ? other : owner);
}

void round_own_mask(struct mask *mask, const uint8_t *own, uint64_t round, bool subtracted)
{
    random_derive(mask->seed, own, "mask", round);
    mask->subtracted = subtracted;
}
