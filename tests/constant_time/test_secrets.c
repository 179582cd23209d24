/* Secrets decide no branch and no address: keys, primes and plaintexts are marked as undefined, and valgrind's memcheck counts what
 * depends on them. tests/constant_time/run runs this under valgrind; exceptions.supp names what may depend on a secret, and why. */
#include <stdlib.h>
#include "lib/context.h"
#include "lib/memory.h"
#include "lib/random.h"
#include "src/crypto/lattice_sum.h"
#include "src/crypto/lattice_vector.h"
#include "src/crypto/lattice_wire.h"
#include "src/crypto/masking.h"
#include "src/crypto/ristretto.h"
#include "src/crypto/scheme.h"
#include "src/crypto/sharing.h"
#include "src/crypto/x25519.h"
#include "src/models/aggregation/round_keys.h"
#include "src/session/channel.h"
#include "src/session/identity.h"
#include "src/session/noise.h"
#include "tests/support/secret.h"
#include "tests/support/unit.h"

/* Clang inlines other functions and moves conditionally where gcc branches: the exceptions would have other names. */
#ifdef __clang__
enum { COMPILED_BY_CLANG = 1 };
#else
enum { COMPILED_BY_CLANG = 0 };
#endif

enum { KEY_BITS = 512, ITEMS = 3 };

/* The schemes in turn, with their tables read in both ways; Okamoto-Uchiyama needs longer keys for the same plaintexts. */
static const struct {
    const char *name;
    uint32_t bits;
    uint64_t scan_tables;
} schemes[] = {
    {"paillier", KEY_BITS, 0}, {"paillier", KEY_BITS, 1}, {"okamoto-uchiyama", 2 * KEY_BITS, 0}, {"okamoto-uchiyama", 2 * KEY_BITS, 1}};
enum { SCHEMES = sizeof schemes / sizeof schemes[0] };

static unsigned errors_before;

static int begin(void **state)
{
    fate_context *context = NULL;
    if (context_new(&context, NULL) != FATE_OK) return -1;
    context->accepts_small_keys = true;
    *state = context;
    errors_before = secret_errors();
    return 0;
}

/* Valgrind neither runs AVX-512 nor rounds as AVX2's kernel must, so the default is no kernel: this is their logic. */
static int begin_plain(void **state)
{
    return begin(state) == 0 && fate_context_set_kernel(*state, "plain") == FATE_OK ? 0 : -1;
}

static int end(void **state)
{
    fate_context_free(*state);
    return 0;
}

static void skip_unless_watched(void)
{
    if (!secret_is_watched()) skip();
}

static void assert_nothing_shows(void)
{
    assert_int_equal(secret_errors(), errors_before);
}

/* A result says whether something succeeded, which is no secret. */
static int32_t published(int32_t result)
{
    secret_publish(&result, sizeof result);
    return result;
}

/* The tests would be worth nothing if a branch on a secret went unseen. */
static void a_branch_on_a_secret_is_seen(void **state)
{
    (void)state;
    skip_unless_watched();
    volatile uint8_t secret = 5;
    volatile int seen = 0;
    secret_mark((void *)(uintptr_t)&secret, 1);
    if (secret & 1) seen = 1;
    assert_int_not_equal(secret_errors(), errors_before);
    assert_int_equal(seen, 1);
}

static void an_address_from_a_secret_is_seen(void **state)
{
    (void)state;
    skip_unless_watched();
    static const uint8_t table[256] = {7};
    volatile uint8_t secret = 0, seen;
    secret_mark((void *)(uintptr_t)&secret, 1);
    seen = *(const volatile uint8_t *)&table[secret];
    assert_int_not_equal(secret_errors(), errors_before);
    assert_int_equal(seen, 7);
}

/* ---- identities, handshake, channel ---- */

static void identities(void **state)
{
    skip_unless_watched();
    fate_context *context = *state;
    uint8_t seed[IDENTITY_KEY] = {1, 2, 3}, *bytes = NULL;
    uint64_t length = 0;
    fate_identity *identity = NULL, *copy = NULL, *again = NULL;
    secret_mark(seed, sizeof seed);
    assert_int_equal(published(identity_from_seed(context, &identity, seed)), FATE_OK);
    assert_int_equal(published(identity_copy(context, &copy, identity)), FATE_OK);
    secret_publish(identity->text, sizeof identity->text);
    secret_publish(&identity->public_half, sizeof identity->public_half);
    assert_int_equal(published(fate_identity_export(identity, &bytes, &length)), FATE_OK);
    assert_int_equal(published(fate_identity_import(context, &again, bytes, length)), FATE_OK);
    fate_free(context, bytes);
    fate_identity_free(identity);
    fate_identity_free(copy);
    fate_identity_free(again);
    assert_nothing_shows();
}

/* One message of the handshake: what is sent is public. */
static void pass(fate_context *context, struct noise *from, struct noise *to)
{
    static const uint8_t payload[5] = {1, 2, 3, 4, 5};
    struct buffer message, received;
    buffer_init(&message, context);
    buffer_init(&received, context);
    assert_int_equal(published(noise_write(from, payload, sizeof payload, &message)), FATE_OK);
    secret_publish(message.bytes, message.length);
    assert_int_equal(published(noise_read(to, message.bytes, message.length, &received)), FATE_OK);
    assert_int_equal(received.length, sizeof payload);
    buffer_free(&message);
    buffer_free(&received);
}

static void use_channel(fate_context *context, const uint8_t keys[2][2][32])
{
    struct channel one, other;
    struct buffer frame, received;
    uint8_t content[1000] = {9}, header[4] = {0};
    secret_mark(content, sizeof content);
    channel_start(&one, keys[0][0], keys[0][1]);
    channel_start(&other, keys[1][0], keys[1][1]);
    buffer_init(&frame, context);
    buffer_init(&received, context);
    assert_int_equal(published(channel_seal(&one, header, sizeof header, content, sizeof content, &frame)), FATE_OK);
    secret_publish(frame.bytes, frame.length);
    assert_int_equal(published(channel_open(&other, header, sizeof header, frame.bytes, frame.length, &received)), FATE_OK);
    assert_int_equal(received.length, sizeof content);
    frame.bytes[20] ^= 1;
    assert_int_equal(published(channel_open(&other, header, sizeof header, frame.bytes, frame.length, &received)), FATE_E_FORMAT);
    buffer_free(&frame);
    buffer_free(&received);
    channel_wipe(&one);
    channel_wipe(&other);
}

static void handshake_and_channel(void **state)
{
    skip_unless_watched();
    uint8_t secrets[4][NOISE_KEY], keys[2][2][32];
    struct noise sides[2];
    for (int i = 0; i < 4; i++) memset(secrets[i], 17 * i + 1, NOISE_KEY);
    secret_mark(secrets, sizeof secrets);
    for (int i = 0; i < 2; i++) {
        noise_start(&sides[i], i == 0, (const uint8_t *)"fate", 4, secrets[2 * i], secrets[2 * i + 1]);
        secret_publish(sides[i].static_public, NOISE_KEY);
        secret_publish(sides[i].ephemeral_public, NOISE_KEY);
    }
    for (int i = 0; i < 3; i++) pass(*state, &sides[i % 2], &sides[1 - i % 2]);
    for (int i = 0; i < 2; i++) assert_int_equal(published(noise_split(&sides[i], keys[i][0], keys[i][1])), FATE_OK);
    use_channel(*state, (const uint8_t(*)[2][32])keys);
    for (int i = 0; i < 2; i++) noise_wipe(&sides[i]);
    assert_nothing_shows();
}

/* ---- encryption ---- */

/* A key whose seed is secret, and with it all that follows from the seed but the public half. */
static fate_secret_key *make_key(fate_context *context, int scheme)
{
    uint8_t seed[RANDOM_KEY] = {4};
    const char *const names[] = {"scan_tables"};
    /* A kernel's lanes in plain C take long under valgrind. */
    const uint32_t bits = context->kernel == NULL ? schemes[scheme].bits : schemes[scheme].bits / 2;
    fate_secret_key *key = NULL;
    secret_mark(seed, sizeof seed);
    assert_int_equal(
        published(fate_secret_key_generate_with(context, &key, schemes[scheme].name, bits, names, &schemes[scheme].scan_tables, 1, seed)),
        FATE_OK);
    return key;
}

/* The public half as a peer has it. */
static fate_public_key *public_half(fate_context *context, const fate_secret_key *key)
{
    fate_public_key *own = NULL, *half = NULL;
    uint8_t *bytes = NULL;
    uint64_t length = 0;
    assert_int_equal(published(fate_secret_key_public(key, &own)), FATE_OK);
    assert_int_equal(published(fate_public_key_export(own, &bytes, &length)), FATE_OK);
    secret_publish(bytes, length);
    assert_int_equal(fate_public_key_import(context, &half, bytes, length), FATE_OK);
    fate_free(context, bytes);
    fate_public_key_free(own);
    return half;
}

static void making_a_key(void **state)
{
    skip_unless_watched();
    for (int scheme = 0; scheme < SCHEMES; scheme++) fate_secret_key_free(make_key(*state, scheme));
    assert_nothing_shows();
}

static void key_bytes_with(fate_context *context, int scheme)
{
    fate_secret_key *key = make_key(context, scheme), *again = NULL;
    uint8_t *bytes = NULL;
    uint64_t length = 0;
    assert_int_equal(published(fate_secret_key_export(key, &bytes, &length)), FATE_OK);
    assert_int_equal(published(fate_secret_key_import(context, &again, bytes, length)), FATE_OK);
    fate_free(context, bytes);
    fate_secret_key_free(again);
    fate_secret_key_free(key);
    assert_nothing_shows();
}

static void key_bytes(void **state)
{
    skip_unless_watched();
    for (int scheme = 0; scheme < SCHEMES; scheme++) key_bytes_with(*state, scheme);
}

struct secrets {
    uint8_t seed[RANDOM_KEY];
    uint64_t values[ITEMS][2];
    double numbers[ITEMS];
};

static void make_secrets(struct secrets *secrets)
{
    *secrets = (struct secrets){.seed = {8}, .values = {{1, 2}, {UINT64_MAX, 3}, {0, 0}}, .numbers = {-1.5, 0, 70000.25}};
    secret_mark(secrets, sizeof *secrets);
}

static void assert_decrypts(const fate_secret_key *key, const fate_ciphertexts *vector, const struct secrets *secrets, bool numbers)
{
    uint64_t values[ITEMS][2];
    double decrypted[ITEMS];
    struct secrets expected = *secrets;
    if (numbers)
        assert_int_equal(published(fate_secret_key_decrypt_numbers(key, vector, 0, ITEMS, decrypted, 20)), FATE_OK);
    else
        assert_int_equal(published(fate_secret_key_decrypt(key, vector, 0, ITEMS, values[0], 2)), FATE_OK);
    assert_nothing_shows();
    secret_publish(&expected, sizeof expected);
    secret_publish(values, sizeof values);
    secret_publish(decrypted, sizeof decrypted);
    if (numbers)
        assert_memory_equal(decrypted, expected.numbers, sizeof decrypted);
    else
        assert_memory_equal(values, expected.values, sizeof values);
}

/* With the secret key: primes, plaintexts and seeds are secret. */
static void owner_encryption_and_decryption_with(fate_context *context, int scheme)
{
    fate_secret_key *key = make_key(context, scheme);
    fate_public_key *own = NULL;
    fate_ciphertexts *vector = NULL;
    struct secrets secrets;
    make_secrets(&secrets);
    assert_int_equal(published(fate_secret_key_public(key, &own)), FATE_OK);
    assert_int_equal(published(fate_ciphertexts_new(own, &vector, ITEMS)), FATE_OK);
    assert_int_equal(published(fate_secret_key_encrypt(key, vector, 0, ITEMS, secrets.values[0], 2, secrets.seed)), FATE_OK);
    assert_decrypts(key, vector, &secrets, false);
    assert_int_equal(published(fate_secret_key_encrypt_numbers(key, vector, 0, ITEMS, secrets.numbers, 20, secrets.seed)), FATE_OK);
    fate_ciphertexts_free(vector);
    fate_public_key_free(own);
    fate_secret_key_free(key);
    assert_nothing_shows();
}

static void owner_encryption_and_decryption(void **state)
{
    skip_unless_watched();
    for (int scheme = 0; scheme < SCHEMES; scheme++) owner_encryption_and_decryption_with(*state, scheme);
}

/* With the public half: plaintexts and seeds are secret; decryption of what others encrypted. */
static void public_encryption_with(fate_context *context, int scheme)
{
    fate_secret_key *key = make_key(context, scheme);
    fate_public_key *half = public_half(context, key), *own = NULL;
    fate_ciphertexts *vector = NULL, *received = NULL;
    struct secrets secrets;
    uint8_t bytes[ITEMS * KEY_BITS / 4];
    make_secrets(&secrets);
    assert_int_equal(published(fate_secret_key_public(key, &own)), FATE_OK);
    assert_int_equal(fate_ciphertexts_new(half, &vector, ITEMS), FATE_OK);
    assert_int_equal(published(fate_public_key_encrypt_numbers(half, vector, 0, ITEMS, secrets.numbers, 20, secrets.seed)), FATE_OK);
    assert_int_equal(published(fate_ciphertexts_rerandomise(vector, secrets.seed)), FATE_OK);
    assert_int_equal(published(fate_ciphertexts_write(vector, 0, ITEMS, bytes)), FATE_OK);
    secret_publish(bytes, sizeof bytes);
    assert_int_equal(fate_ciphertexts_new(half, &received, ITEMS), FATE_OK);
    assert_int_equal(fate_ciphertexts_read(received, 0, ITEMS, bytes, ITEMS * (uint64_t)key->key->ciphertext_bytes), FATE_OK);
    /* The owner's n is public, and the same, but valgrind knows that it was made from secrets. */
    struct scheme_key *public_key = received->key;
    received->key = own->key;
    assert_decrypts(key, received, &secrets, true);
    received->key = public_key;
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(received);
    fate_public_key_free(half);
    fate_public_key_free(own);
    fate_secret_key_free(key);
    assert_nothing_shows();
}

static void public_encryption(void **state)
{
    skip_unless_watched();
    for (int scheme = 0; scheme < SCHEMES; scheme++) public_encryption_with(*state, scheme);
}

/* That something is out of range shows, nothing else. */
static void unpacking(void **state)
{
    skip_unless_watched();
    enum { SLOTS = 3, SLOT_BITS = 50 };
    uint64_t packed[ITEMS * 3], values[ITEMS * SLOTS];
    const uint64_t most = (UINT64_C(1) << SLOT_BITS) - 2;
    for (uint64_t i = 0; i < ITEMS * 3; i++) packed[i] = i % 3 == 2 ? i : i * UINT64_C(0x9e3779b97f4a7c15);
    secret_mark(packed, sizeof packed);
    assert_int_equal(published(fate_plaintexts_unpack(*state, values, ITEMS * SLOTS, 1, packed, 3, SLOT_BITS, SLOTS, &most)), FATE_OK);
    assert_nothing_shows();
}

/* ---- curves ---- */

/* The context is the portable kernel's, or that of the name. AVX2's runs under valgrind: it has integers alone. */
static int begin_curve(void **state, const char *kernel)
{
    if (begin(state) != 0) return -1;
    ((fate_context *)*state)->kernel = kernel;
    return 0;
}

static int begin_curve_portable(void **state)
{
    return begin_curve(state, "portable");
}

static int begin_curve_plain(void **state)
{
    return begin_curve(state, "plain");
}

static int begin_curve_plain_ten(void **state)
{
    return begin_curve(state, "plain-ten");
}

static int begin_curve_avx2(void **state)
{
    return begin_curve(state, "avx2");
}

/* Scalars, and what ids are hashed to. What a product is zero for, or no element, shows: it was sent by a peer, or is sent to one. */
static void curves(void **state)
{
    skip_unless_watched();
    fate_context *context = *state;
    if (curve_kernel_find(context->kernel) == NULL) skip();
    uint8_t seed[RISTRETTO_SEED] = {1, 2}, scalar[RISTRETTO_SCALAR], hashes[ITEMS * RISTRETTO_HASH] = {3};
    uint8_t elements[ITEMS * RISTRETTO_BYTES], coordinates[ITEMS * X25519_BYTES];
    uint64_t bad = 0;
    for (uint32_t i = 0; i < sizeof hashes; i++) hashes[i] = (uint8_t)(i * i * 13 + i);
    memcpy(coordinates, hashes, sizeof coordinates);
    secret_mark(seed, sizeof seed);
    secret_mark(hashes, sizeof hashes);
    secret_mark(coordinates, sizeof coordinates);
    ristretto_scalar_from_seed(scalar, seed);
    assert_int_equal(ristretto_hash_many(context, elements, hashes, ITEMS), FATE_OK);
    if (curve_kernel_of(context) == &curve_portable) /* libsodium returns early for what is no element */
        secret_publish(elements, sizeof elements);
    assert_int_equal(ristretto_check_many(context, elements, ITEMS, false, &bad), FATE_OK);
    assert_int_equal(ristretto_multiply_many(context, elements, elements, ITEMS, scalar, &bad), FATE_OK);
    assert_int_equal(ristretto_hash_multiply_many(context, elements, hashes, ITEMS, scalar), FATE_OK);
    assert_int_equal(x25519_multiply_many(context, coordinates, coordinates, ITEMS, scalar, &bad), FATE_OK);
    secret_publish(&bad, sizeof bad);
    assert_nothing_shows();
    assert_int_equal(bad, ITEMS);
}

/* ---- secure aggregation ---- */

/* Whether a received letter is genuine shows: a false one ends the round. What two parties agree on, the shares and the masked vector do not. */
static void aggregation(void **state)
{
    skip_unless_watched();
    enum { SHARES = 5, THRESHOLD = 3, VALUES = 40 };
    uint8_t seeds[2][32] = {{1}, {2}}, shares[SHARES * SHARING_SECRET], joined[SHARING_SECRET], letter[ROUND_LETTER], opened[ROUND_LETTER];
    uint8_t sealed[ROUND_SEALED], values[VALUES * 8];
    const uint8_t places[THRESHOLD] = {1, 2, 3};
    struct round_secrets secrets[2];
    struct round_keys keys[2];
    struct mask masks[2];
    memset(values, 7, sizeof values);
    secret_mark(seeds, sizeof seeds);
    secret_mark(values, sizeof values);
    for (int i = 0; i < 2; i++) round_keys_make(&secrets[i], &keys[i], seeds[i]);
    secret_publish(keys, sizeof keys);
    sharing_split(shares, secrets[0].own, SHARES, THRESHOLD, seeds[1]);
    memcpy(letter, shares, sizeof letter);
    bool ok = round_seal(sealed, letter, secrets[0].letter, keys[1].letter, 4, 0, 1);
    secret_publish(&ok, sizeof ok);
    assert_true(ok);
    secret_publish(sealed, sizeof sealed);
    ok = round_open(opened, sealed, secrets[1].letter, keys[0].letter, 4, 0, 1);
    secret_publish(&ok, sizeof ok);
    assert_true(ok);
    ok = round_pair_mask(&masks[0], secrets[0].mask, keys[1].mask, 4, 0, 1);
    secret_publish(&ok, sizeof ok);
    assert_true(ok);
    round_own_mask(&masks[1], secrets[0].own, 4, false);
    assert_int_equal(masking_apply(*state, values, VALUES, 8, masks, 2), FATE_OK);
    assert_true(sharing_join(joined, places, shares, THRESHOLD));
    assert_nothing_shows();
    secret_publish(joined, sizeof joined);
    secret_publish(secrets, sizeof secrets);
    assert_memory_equal(joined, secrets[0].own, sizeof joined);
}

/* ---- the lattice cipher ---- */

enum { LATTICE_ROWS = 70, LATTICE_BINS = 3 };

/* What one round needs; the bins are the host's table, for which nothing is claimed. */
struct lattice_test {
    struct lattice_profile profile;
    struct lattice_plan plan;
    struct lattice_public public_part;
    uint16_t index[LATTICE_ROWS];
    uint32_t starts[2];
    struct lattice_group group;
    struct lattice_blinding blinding;
    struct lattice_hint hint;
    struct lattice_secret secret;
    struct lattice_rows rows;
    uint8_t hint_bytes[LATTICE_BINS * 64 * 13], bytes[(64 + LATTICE_ROWS) * 13], replies[LATTICE_BINS * 13];
    uint64_t bins[LATTICE_BINS], sums[LATTICE_BINS * 4];
    struct lattice_word pads[LATTICE_BINS];
};

static void lattice_hint(fate_context *context, struct lattice_test *test, const char *name)
{
    const struct lattice_shape shape = {LATTICE_ROWS, 1, LATTICE_BINS, 10, 20};
    uint8_t seed[LATTICE_SEED] = {1}, host_seed[LATTICE_SEED] = {2};
    memset(test, 0, sizeof *test);
    test->profile = *lattice_profile_find(name);
    test->profile.degree = 64;
    test->profile.log_degree = 6;
    test->starts[1] = LATTICE_BINS;
    for (uint32_t i = 0; i < LATTICE_ROWS; i++) test->index[i] = (uint16_t)(i * i % LATTICE_BINS);
    for (uint64_t i = 0; i < LATTICE_BINS; i++) test->bins[i] = i;
    test->group = (struct lattice_group){test->index, test->starts, 1, 0};
    assert_int_equal(lattice_plan_make(context, &test->plan, &test->profile, &shape), FATE_OK);
    assert_int_equal(lattice_public_make(context, &test->public_part, &test->plan, seed, NULL), FATE_OK);
    secret_mark(host_seed, sizeof host_seed);
    assert_int_equal(published(lattice_blinding_make(context, &test->public_part, host_seed, &test->group, 1, &test->blinding)), FATE_OK);
    assert_int_equal(
        published(lattice_hint_make(context, &test->public_part, &test->group, 1, &test->blinding, 0, LATTICE_BINS, test->hint_bytes)),
        FATE_OK);
    secret_publish(test->hint_bytes, sizeof test->hint_bytes);
    assert_int_equal(lattice_hint_new(context, &test->hint, &test->plan), FATE_OK);
    assert_int_equal(lattice_hint_take(context, &test->hint, &test->plan, 0, LATTICE_BINS, test->hint_bytes), FATE_OK);
}

/* The rows of a vector are added up at addresses that are the host's bins. That values are not too large shows, and whether replies fit. */
static void check_lattice(fate_context *context, const char *name)
{
    struct lattice_test *test = calloc(1, sizeof *test);
    uint8_t guest_seed[LATTICE_SEED] = {3};
    int32_t values[LATTICE_ROWS];
    int64_t opened[LATTICE_BINS], total = 0;
    assert_non_null(test);
    lattice_hint(context, test, name);
    const struct lattice_kernel *kernel = test->public_part.ring.kernel;
    for (int32_t i = 0; i < LATTICE_ROWS; i++) values[i] = 100 * i - 3000;
    secret_mark(guest_seed, sizeof guest_seed);
    secret_mark(values, sizeof values);
    assert_int_equal(published(lattice_encrypt(context, &test->public_part, guest_seed, 0, 0, values, test->bytes, &test->secret)),
                     FATE_OK);
    secret_publish(test->bytes, sizeof test->bytes);
    assert_int_equal(lattice_rows_new(context, &test->rows, &test->plan, 1), FATE_OK);
    const struct lattice_sent sent = {0, 0, test->bytes};
    assert_int_equal(lattice_rows_take(context, &test->rows, &test->blinding, &sent), FATE_OK);
    assert_int_equal(lattice_add(context, &test->rows, kernel, &test->group, 1, test->sums), FATE_OK);
    assert_int_equal(
        lattice_reply(context, &test->rows, kernel, &test->blinding, test->sums, test->bins, NULL, LATTICE_BINS, test->replies), FATE_OK);
    secret_publish(test->replies, sizeof test->replies);
    assert_int_equal(lattice_pads(context, &test->public_part, &test->hint, &test->secret, 1, test->bins, LATTICE_BINS, test->pads),
                     FATE_OK);
    assert_int_equal(published(lattice_open(context, &test->plan, test->pads, test->replies, LATTICE_BINS, opened)), FATE_OK);
    assert_nothing_shows();
    secret_publish(opened, sizeof opened);
    for (int i = 0; i < LATTICE_BINS; i++) total += opened[i];
    assert_int_equal(total, 100 * 69 * 35 - 3000 * LATTICE_ROWS);
    lattice_secret_free(context, &test->secret);
    lattice_rows_free(context, &test->rows);
    lattice_blinding_free(context, &test->blinding);
    lattice_hint_free(context, &test->hint);
    lattice_public_free(context, &test->public_part);
    free(test);
}

static void lattice(void **state)
{
    skip_unless_watched();
    check_lattice(*state, "B");
    check_lattice(*state, "A");
}

static int begin_portable(void **state)
{
    if (begin(state) != 0) return -1;
    ((fate_context *)*state)->kernel = "portable";
    return 0;
}

int main(void)
{
    if (COMPILED_BY_CLANG) {
        puts("skipped: the exceptions are named as gcc compiles them");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_branch_on_a_secret_is_seen, begin, end),
        cmocka_unit_test_setup_teardown(an_address_from_a_secret_is_seen, begin, end),
        cmocka_unit_test_setup_teardown(identities, begin, end),
        cmocka_unit_test_setup_teardown(handshake_and_channel, begin, end),
        cmocka_unit_test_setup_teardown(making_a_key, begin, end),
        cmocka_unit_test_setup_teardown(key_bytes, begin, end),
        cmocka_unit_test_setup_teardown(owner_encryption_and_decryption, begin, end),
        cmocka_unit_test_setup_teardown(public_encryption, begin, end),
        cmocka_unit_test_setup_teardown(unpacking, begin, end),
        cmocka_unit_test_setup_teardown(aggregation, begin, end),
        {"making_a_key_plain", making_a_key, begin_plain, end, NULL},
        {"owner_encryption_and_decryption_plain", owner_encryption_and_decryption, begin_plain, end, NULL},
        {"public_encryption_plain", public_encryption, begin_plain, end, NULL},
        {"curves_portable", curves, begin_curve_portable, end, NULL},
        {"curves_plain", curves, begin_curve_plain, end, NULL},
        {"curves_plain_ten", curves, begin_curve_plain_ten, end, NULL},
        {"curves_avx2", curves, begin_curve_avx2, end, NULL},
        cmocka_unit_test_setup_teardown(lattice, begin, end),
        {"lattice_portable", lattice, begin_portable, end, NULL},
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
