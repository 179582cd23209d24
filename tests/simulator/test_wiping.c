/* No secret is left in memory that was freed: a training of two parties, with restarts and evidence, and a scoring, whose secrets are noted while it runs and then
 * searched for in every block that the library has given back. */
#include "src/crypto/okamoto_key.h"
#include "src/crypto/paillier_key.h"
#include "src/models/boosting/guest_lattice.h"
#include "src/models/boosting/host_lattice.h"
#include "src/models/boosting/protocol.h"
#include "src/session/session.h"
#include "tests/support/boosting_tables.h"
#include "tests/support/keeper.h"
#include "tests/support/unit.h"

enum { SECRETS_MOST = 4096, PIECE = 16, NAME = 32 };

/* Pieces of secrets: any of them in freed memory is a find. */
struct secret {
    uint8_t bytes[PIECE];
    char name[NAME];
};

static struct secret secrets[SECRETS_MOST];
static uint32_t secret_count;

static void note_piece(const uint8_t *bytes, const char *name)
{
    static const uint8_t zero[PIECE];
    if (memcmp(bytes, zero, PIECE) == 0) return;
    for (uint32_t i = 0; i < secret_count; i++)
        if (memcmp(secrets[i].bytes, bytes, PIECE) == 0) return;
    assert_true(secret_count < SECRETS_MOST);
    memcpy(secrets[secret_count].bytes, bytes, PIECE);
    snprintf(secrets[secret_count++].name, NAME, "%s", name);
}

/* Whole pieces from the front, and the last bytes. */
static void note(const void *bytes, size_t length, const char *name)
{
    assert_true(length >= PIECE);
    for (size_t at = 0; at + PIECE <= length; at += PIECE) note_piece((const uint8_t *)bytes + at, name);
    note_piece((const uint8_t *)bytes + length - PIECE, name);
}

static void note_identity(const fate_identity *identity)
{
    uint8_t derived[RANDOM_KEY];
    note(identity->seed, sizeof identity->seed, "identity seed");
    note(identity->sign_secret, IDENTITY_KEY, "signing key"); /* the other half is public */
    note(identity->exchange_secret, sizeof identity->exchange_secret, "exchange key");
    random_derive(derived, identity->seed, "stored state", 0);
    note(derived, sizeof derived, "key of stored state");
}

static void note_peer(const struct peer *peer)
{
    const struct link *link = &peer->link;
    note(link->channel.send_key, sizeof link->channel.send_key, "channel key");
    note(link->channel.receive_key, sizeof link->channel.receive_key, "channel key");
    note(peer->evidence.key, sizeof peer->evidence.key, "key of digests in evidence");
    for (int i = 0; i < LINK_PENDING; i++) {
        const struct noise *noise = &link->pending[i].noise;
        if (!link->pending[i].used) continue;
        note(noise->ephemeral_secret, NOISE_KEY, "ephemeral key");
        if (!noise->has_key) continue; /* before the first exchange the chaining key is the protocol's name */
        note(noise->chaining_key, NOISE_HASH, "chaining key");
        note(noise->key, NOISE_KEY, "handshake key");
    }
}

static void note_limbs(const mp_limb_t *limbs, mp_size_t size, const char *name)
{
    note(limbs, (size_t)size * sizeof *limbs, name);
}

static void note_okamoto_key(const fate_secret_key *key)
{
    const struct okamoto_secret *secret = okamoto_secret_of(key);
    note_limbs(secret->ring.modulus.modulus, secret->ring.modulus.size, "prime");
    note_limbs(secret->ring.modulus.square, secret->ring.modulus.size, "power of two modulo a prime");
    note_limbs(secret->square.modulus, secret->square.size, "square of a prime");
    note_limbs(secret->minus_one, secret->ring.modulus.size, "prime less one");
    note_limbs(secret->factor, secret->ring.modulus.size, "factor of decryption");
    note_limbs(secret->other, secret->other_size, "other prime");
}

static void note_key(const fate_secret_key *key)
{
    if (key->key->scheme == &scheme_okamoto_uchiyama) {
        note_okamoto_key(key);
        return;
    }
    const struct paillier_secret *secret = paillier_secret_of(key);
    for (int i = 0; i < 2; i++) {
        const struct paillier_half *half = &secret->halves[i];
        note_limbs(half->ring.modulus.modulus, half->ring.modulus.size, "prime");
        note_limbs(half->ring.modulus.square, half->ring.modulus.size, "power of two modulo a prime");
        note_limbs(half->square.modulus, half->square.size, "square of a prime");
        note_limbs(half->minus_one, half->ring.modulus.size, "prime less one");
        note_limbs(half->factor, half->ring.modulus.size, "factor of decryption");
        note_limbs(half->base, half->ring.size, "base modulo a prime");
    }
    note_limbs(secret->prime_inverse, secret->halves[0].ring.modulus.size, "inverse of a prime");
    note_limbs(secret->square_inverse, secret->halves[0].square.size, "inverse of a square");
}

static void note_seeds(const fate_session *session)
{
    static const char *const labels[] = {"key", "gradients", "histograms", "columns", "lattice vectors", "lattice hint"};
    for (size_t label = 0; label < sizeof labels / sizeof *labels; label++)
        for (uint64_t number = 0; number < 2; number++) {
            uint8_t seed[RANDOM_KEY], part[RANDOM_KEY];
            random_derive(seed, session->secret, labels[label], number);
            note(seed, sizeof seed, labels[label]);
            random_derive(part, seed, label == 1 ? "part" : "chunk", 0);
            note(part, sizeof part, "seed of obfuscators");
        }
}

/* The secret polynomials of vectors and of hints, and what floods follow from: pieces of them. Those of tests have 64 coefficients. */
static void note_guest_lattice(const struct guest_lattice *lattice)
{
    for (uint64_t i = 0; i < lattice->vectors && lattice->secrets != NULL; i++)
        if (lattice->secrets[i].reversed != NULL) note(lattice->secrets[i].reversed, lattice->secrets[i].degree, "secret of a vector");
}

static void note_host_lattice(const struct host_lattice *lattice)
{
    if (lattice->blinding.reversed == NULL) return;
    note(lattice->blinding.seed, sizeof lattice->blinding.seed, "seed of floods");
    note(lattice->blinding.reversed, lattice->blinding.degree, "blinding of a hint");
}

static void note_session(const fate_session *session)
{
    static const uint8_t zero[RANDOM_KEY];
    note_identity(session->identity);
    for (uint32_t i = 0; i < session->peer_count; i++) note_peer(&session->peers[i]);
    if (memcmp(session->secret, zero, sizeof zero) == 0) return;
    note(session->secret, sizeof session->secret, "session secret");
    note(session->run_secret, sizeof session->run_secret, "run secret");
    note_seeds(session);
    if (session->purpose != FATE_PURPOSE_TRAIN || session->state == NULL) return;
    if (session->role_index == ROLE_HOST) {
        const struct host *host = session->state;
        if (host->lattice != NULL) note_host_lattice(host->lattice);
        return;
    }
    const struct guest *guest = session->state;
    if (guest->key != NULL) note_key(guest->key);
    if (guest->lattice != NULL) note_guest_lattice(guest->lattice);
}

static const struct boosting_case usual = {
    .hosts = 1, .rows = 30, .validation_rows = 10, .columns = 3, .missing = true, .parameters = "\"trees\": 2, \"depth\": 2", .seed = 7};
static const struct boosting_case with_okamoto = {.hosts = 1,
                                                  .rows = 30,
                                                  .validation_rows = 10,
                                                  .columns = 3,
                                                  .parameters = "\"trees\": 2, \"depth\": 2, \"cipher\": \"okamoto-uchiyama\"",
                                                  .seed = 8};

static const struct boosting_case with_lattice = {.hosts = 1,
                                                  .rows = 30,
                                                  .validation_rows = 10,
                                                  .columns = 3,
                                                  .parameters = "\"trees\": 2, \"depth\": 2, \"cipher\": \"lattice\"",
                                                  .seed = 9};

/* Runs to the end and notes secrets at every tick; with restarts where they lead to nothing lost. */
static void run(fate_simulator *simulator, bool restarts)
{
    int32_t result = FATE_AGAIN;
    for (uint32_t tick = 0; tick < 100000 && result == FATE_AGAIN; tick++) {
        for (uint32_t party = 0; party < 2; party++) note_session(fate_simulator_session(simulator, party));
        if (restarts && (tick == 12 || tick == 20)) assert_int_equal(fate_simulator_restart(simulator, tick == 12 ? 0 : 1), FATE_OK);
        result = fate_simulator_run(simulator, 1);
    }
    assert_int_equal(result, FATE_FINISHED);
}

static void train(fate_context *context, const struct boosting_case *from, fate_simulator *simulator, fate_table **tables)
{
    for (uint32_t party = 0; party < 2; party++) {
        fate_session *session = fate_simulator_session(simulator, party);
        tables[party] = boosting_table(context, from, party, party == 0, FATE_TABLE_DATA);
        tables[party + 2] = boosting_table(context, from, party, party == 0, FATE_TABLE_VALIDATION);
        assert_int_equal(fate_session_set_table(session, FATE_TABLE_DATA, tables[party]), FATE_OK);
        assert_int_equal(fate_session_set_table(session, FATE_TABLE_VALIDATION, tables[party + 2]), FATE_OK);
        assert_int_equal(fate_session_set_option(session, "durable", 1), FATE_OK);
        assert_int_equal(fate_session_set_evidence(session, NULL, 0), FATE_OK);
    }
    run(simulator, true);
    assert_true(fate_simulator_now(simulator) > 30); /* the restarts were in the middle */
}

static void score(fate_context *context, const char *text, uint64_t seed, fate_simulator *trained, fate_table **tables)
{
    fate_simulator *simulator = NULL;
    fate_model *models[2] = {NULL, NULL};
    assert_int_equal(fate_simulator_new(context, &simulator, text, FATE_PURPOSE_PREDICT, seed), FATE_OK);
    for (uint32_t party = 0; party < 2; party++) {
        fate_session *session = fate_simulator_session(simulator, party);
        uint8_t other[RANDOM_KEY] = {1, (uint8_t)party}; /* the training's numbers would come again, public ones as secrets */
        session_simulate(session, other);
        assert_int_equal(fate_session_model(fate_simulator_session(trained, party), &models[party]), FATE_OK);
        assert_int_equal(fate_session_set_table(session, FATE_TABLE_DATA, tables[party]), FATE_OK);
        assert_int_equal(fate_session_set_model(session, models[party]), FATE_OK);
    }
    run(simulator, false);
    fate_simulator_free(simulator);
    for (int i = 0; i < 2; i++) fate_model_free(models[i]);
}

static void assert_none_found(const struct keeper *keeper)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < secret_count; i++) {
        const struct kept_block *block = keeper_find(keeper, secrets[i].bytes, PIECE);
        if (block == NULL) continue;
        found++;
        print_error("a %s lies in a freed block of %zu bytes, allocation %llu\n", secrets[i].name, block->size,
                    (unsigned long long)block->number);
    }
    assert_int_equal(found, 0);
}

static void check_case(const struct boosting_case *from)
{
    struct keeper keeper;
    fate_allocator allocator = keeper_allocator(&keeper);
    fate_context *context = NULL;
    fate_simulator *simulator = NULL;
    fate_table *tables[4] = {NULL};
    char text[4096];
    secret_count = 0;
    assert_int_equal(fate_context_new(&context, &allocator), FATE_OK);
    context->accepts_small_keys = true;
    boosting_job(text, from, 0);
    assert_int_equal(fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, from->seed), FATE_OK);
    train(context, from, simulator, tables);
    score(context, text, from->seed, simulator, tables);
    fate_simulator_free(simulator);
    for (int i = 0; i < 4; i++) fate_table_free(tables[i]);
    fate_context_free(context);
    assert_int_equal(keeper.live, 0);
    assert_true(secret_count > 50);
    assert_none_found(&keeper);
    keeper_free(&keeper);
}

static void training_and_scoring_leave_no_secret_behind(void **state)
{
    (void)state;
    check_case(&usual);
    check_case(&with_okamoto);
    check_case(&with_lattice);
}

/* An encryption key: exported, imported, damaged. */
static void check_scheme(fate_context *context, const char *scheme, uint32_t bits)
{
    fate_secret_key *key = NULL, *other = NULL;
    uint8_t *bytes = NULL;
    uint64_t length = 0;
    assert_int_equal(fate_secret_key_generate(context, &key, scheme, bits, NULL), FATE_OK);
    note_key(key);
    assert_int_equal(fate_secret_key_export(key, &bytes, &length), FATE_OK);
    assert_int_equal(fate_secret_key_import(context, &other, bytes, length), FATE_OK);
    fate_secret_key_free(other);
    bytes[12 + strlen(scheme)] ^= 1; /* a prime becomes even */
    assert_int_equal(fate_secret_key_import(context, &other, bytes, length), FATE_E_KEY);
    memset(bytes, 0, length);
    fate_free(context, bytes);
    fate_secret_key_free(key);
}

/* Files of keys: written, read, exported, imported, damaged. */
static void keys_leave_no_secret_behind(void **state)
{
    (void)state;
    struct keeper keeper;
    fate_allocator allocator = keeper_allocator(&keeper);
    fate_context *context = NULL;
    fate_identity *identity = NULL, *again = NULL;
    uint8_t *bytes = NULL;
    uint64_t length = 0;
    secret_count = 0;
    assert_int_equal(fate_context_new(&context, &allocator), FATE_OK);
    context->accepts_small_keys = true;
    assert_int_equal(fate_identity_generate(context, &identity), FATE_OK);
    note_identity(identity);
    assert_int_equal(fate_identity_export(identity, &bytes, &length), FATE_OK);
    const char *line = strstr((const char *)bytes, "secret: ");
    assert_non_null(line);
    note(line + 8, 32, "secret line");
    assert_int_equal(fate_identity_import(context, &again, bytes, length), FATE_OK);
    fate_identity_free(again);
    bytes[length - 3] ^= 1;
    assert_int_equal(fate_identity_import(context, &again, bytes, length), FATE_E_FORMAT);
    memset(bytes, 0, length);
    fate_free(context, bytes);
    fate_identity_free(identity);
    check_scheme(context, "paillier", 512);
    check_scheme(context, "okamoto-uchiyama", 768);
    fate_context_free(context);
    assert_int_equal(keeper.live, 0);
    assert_none_found(&keeper);
    keeper_free(&keeper);
}

/* A search that finds nothing anywhere would pass too. */
static void what_is_left_behind_is_found(void **state)
{
    (void)state;
    struct keeper keeper;
    fate_allocator allocator = keeper_allocator(&keeper);
    uint8_t secret[PIECE] = "sixteen letters";
    uint8_t *block = allocator.allocate(&keeper, 100);
    memcpy(block + 37, secret, PIECE);
    assert_null(keeper_find(&keeper, secret, PIECE));
    block = allocator.resize(&keeper, block, 200);
    assert_non_null(keeper_find(&keeper, secret, PIECE));
    allocator.release(&keeper, block);
    assert_int_equal(keeper.live, 0);
    keeper_free(&keeper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_behind_is_found),
        cmocka_unit_test(keys_leave_no_secret_behind),
        cmocka_unit_test(training_and_scoring_leave_no_secret_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
