/* Secure aggregation of one round: what a client and the aggregator compute over the vectors, beside key streams of libsodium alone. Letters, keys and
 * shares are those of the protocol. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/horizontal.h"
#include <fate/fate.h>
#include <fate/simulator.h>

#include "src/models/aggregation/round_keys.h"

enum { NUMBERS = 1000000, WIDTH = 4, CLIENTS = 100, THRESHOLD = 51, RUNS = 3, PIECE = 8192 };

struct client {
    struct round_secrets secrets;
    struct round_keys keys;
};

static struct client clients[CLIENTS];
static uint8_t vectors[2][NUMBERS * WIDTH];

/* The key stream for one vector, piece by piece into the nearest cache: the least that a mask costs. */
static void stream(uint64_t mask)
{
    static uint8_t piece[PIECE];
    uint8_t key[crypto_stream_chacha20_KEYBYTES] = {(uint8_t)mask}, nonce[crypto_stream_chacha20_NONCEBYTES] = {0};
    for (uint64_t done = 0; done < sizeof vectors[0]; done += PIECE) {
        uint64_t left = sizeof vectors[0] - done;
        memcpy(nonce, &done, sizeof nonce);
        crypto_stream_chacha20(piece, left < PIECE ? left : PIECE, nonce, key);
    }
}

/* A client's vector with the masks that it shares with all others, and its own. */
static void mask_vector(const fate_context *context, uint32_t own)
{
    static struct mask masks[CLIENTS];
    uint32_t count = 0;
    for (uint32_t other = 0; other < CLIENTS; other++)
        if (other != own)
            bench_stop_if(!round_pair_mask(&masks[count++], clients[own].secrets.mask, clients[other].keys.mask, 1, own, other), "a key");
    round_own_mask(&masks[count++], clients[own].secrets.own, 1, false);
    bench_stop_if(masking_apply(context, vectors[0], NUMBERS, WIDTH, masks, count) != FATE_OK, "masking_apply");
}

/* Keys for a round, their shares in letters to all others, the masked vector, and its seal for the network. */
static void client_round(const fate_context *context, uint32_t own)
{
    static uint8_t shares[CLIENTS * SHARING_SECRET], sealed[sizeof vectors[0] + crypto_aead_chacha20poly1305_ietf_ABYTES];
    uint8_t letter[ROUND_LETTER] = {0}, closed[ROUND_SEALED], seed[32] = {3}, nonce[12] = {0};
    struct client again;
    round_keys_make(&again.secrets, &again.keys, seed);
    sharing_split(shares, again.secrets.mask, CLIENTS, THRESHOLD, seed);
    sharing_split(shares, again.secrets.own, CLIENTS, THRESHOLD, seed);
    for (uint32_t other = 0; other < CLIENTS; other++)
        if (other != own) {
            memcpy(letter, shares + other * SHARING_SECRET, SHARING_SECRET);
            bench_stop_if(!round_seal(closed, letter, clients[own].secrets.letter, clients[other].keys.letter, 1, own, other), "a letter");
            bench_stop_if(!round_open(letter, closed, clients[other].secrets.letter, clients[own].keys.letter, 1, own, other), "a letter");
        }
    mask_vector(context, own);
    crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, vectors[0], sizeof vectors[0], NULL, 0, NULL, nonce, seed);
}

/* THRESHOLD shares of a secret joined. */
static void join(uint8_t *joined, const uint8_t *secret)
{
    static uint8_t shares[CLIENTS * SHARING_SECRET];
    static uint8_t split;
    uint8_t places[THRESHOLD];
    const uint8_t seed[32] = {9};
    for (uint32_t i = 0; i < THRESHOLD; i++) places[i] = (uint8_t)(i + 1);
    if (!split) sharing_split(shares, secret, CLIENTS, THRESHOLD, seed); /* of the first secret: each takes as long */
    split = 1;
    bench_stop_if(!sharing_join(joined, places, shares, THRESHOLD), "sharing_join");
}

static void aggregate(const fate_context *context)
{
    uint8_t own[SHARING_SECRET];
    struct mask mask;
    for (uint32_t i = 0; i < CLIENTS; i++) {
        masking_add(vectors[1], vectors[0], NUMBERS, WIDTH);
        join(own, clients[i].secrets.own);
        round_own_mask(&mask, own, 1, true);
        bench_stop_if(masking_apply(context, vectors[1], NUMBERS, WIDTH, &mask, 1) != FATE_OK, "masking_apply");
    }
}

/* A client that is lost after it shared its keys: its masks with all others are taken away. */
static void remove_lost(const fate_context *context)
{
    uint8_t secret[SHARING_SECRET];
    join(secret, clients[0].secrets.mask);
    mask_vector(context, 0);
}

static void streams_of_aggregator(void)
{
    for (uint32_t i = 0; i < CLIENTS; i++) {
        masking_add(vectors[1], vectors[0], NUMBERS, WIDTH);
        stream(i);
    }
}

static void bench_vectors(void)
{
    fate_context *context = NULL;
    double times[5][RUNS], ratios[3][RUNS];
    bench_stop_if(fate_context_new(&context, NULL) != FATE_OK || fate_context_set_threads(context, 1) != FATE_OK, "no context");
    for (uint32_t i = 0; i < CLIENTS; i++) {
        uint8_t seed[32] = {1, (uint8_t)i};
        round_keys_make(&clients[i].secrets, &clients[i].keys, seed);
    }
    for (int run = 0; run < RUNS; run++) {
        double at[6];
        at[0] = bench_now();
        client_round(context, (uint32_t)run + 1);
        at[1] = bench_now();
        for (uint64_t i = 0; i < CLIENTS; i++) stream(i);
        at[2] = bench_now();
        aggregate(context);
        at[3] = bench_now();
        streams_of_aggregator();
        at[4] = bench_now();
        remove_lost(context);
        at[5] = bench_now();
        for (int i = 0; i < 5; i++) times[i][run] = at[i + 1] - at[i];
        ratios[0][run] = times[0][run] / times[1][run];
        ratios[1][run] = times[2][run] / times[3][run];
        ratios[2][run] = times[4][run] / times[1][run];
    }
    bench_row("1 million numbers, 100 clients: a client's round, with keys, letters and seal", bench_median(times[0], RUNS), "s");
    bench_row("1 million numbers, 100 clients: key streams of a client's masks alone", bench_median(times[1], RUNS), "s");
    bench_row("client / key streams (bar: 1.5)", bench_median(ratios[0], RUNS), "times");
    bench_row("1 million numbers, 100 clients: aggregator, sums and own masks", bench_median(times[2], RUNS), "s");
    bench_row("1 million numbers, 100 clients: a key stream and an addition each", bench_median(times[3], RUNS), "s");
    bench_row("aggregator / key streams and additions (bar: 1.3)", bench_median(ratios[1], RUNS), "times");
    bench_row("1 million numbers, 100 clients: aggregator, for each lost client", bench_median(times[4], RUNS), "s");
    bench_row("lost client / key streams of its masks", bench_median(ratios[2], RUNS), "times");
    fate_context_free(context);
}

/* ---- whole rounds in the simulator ---- */

static fate_table *make_table(fate_context *context, uint64_t rows)
{
    fate_table *table = NULL;
    uint8_t *ids = bench_memory(rows, 8);
    uint64_t *offsets = bench_memory(rows + 1, sizeof *offsets);
    double *values = bench_memory(rows, sizeof *values);
    for (uint64_t i = 0; i < rows; i++) {
        char id[16];
        snprintf(id, sizeof id, "%08u", (unsigned)i);
        memcpy(ids + 8 * i, id, 8);
        offsets[i + 1] = 8 * (i + 1);
        values[i] = (double)(i % 100) / 100;
    }
    bool made = fate_table_new(context, &table, rows) == FATE_OK && fate_table_set_ids(table, ids, offsets) == FATE_OK &&
                fate_table_add_numbers(table, "x", values) == FATE_OK && fate_table_finish(table) == FATE_OK;
    bench_stop_if(!made, "no table");
    free(ids);
    free(offsets);
    free(values);
    return table;
}

static fate_simulator *make_simulator(fate_context *context, uint32_t parties)
{
    fate_simulator *simulator = NULL;
    uint64_t room = 64 * (uint64_t)parties + 400, used = 0;
    char *text = bench_memory(room, 1);
    used += (uint64_t)snprintf(text, (size_t)room,
                               "{\"algorithm\":\"secure-sum\",\"id\":\"id\",\"parties\":[{\"name\":\"a\",\"role\":\"aggregator\"}");
    for (uint32_t i = 1; i < parties; i++)
        used += (uint64_t)snprintf(text + used, (size_t)(room - used), ",{\"name\":\"c%u\",\"role\":\"client\"}", (unsigned)i);
    snprintf(text + used, (size_t)(room - used), "],\"parameters\":{\"bound\":1,\"ring_bits\":32,\"result\":\"aggregator\"}}");
    if (fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, 1) != FATE_OK) {
        fprintf(stderr, "bench_horizontal: %s\n", fate_context_error(context));
        exit(1);
    }
    free(text);
    return simulator;
}

/* The most bytes that a client sent and received; seconds: of all parties together. */
static uint64_t simulate(uint32_t client_count, uint64_t numbers, double *seconds)
{
    fate_context *context = NULL;
    uint64_t most = 0;
    double begin = bench_now();
    bench_stop_if(fate_context_new(&context, NULL) != FATE_OK || fate_context_set_threads(context, 1) != FATE_OK, "no context");
    fate_simulator *simulator = make_simulator(context, client_count + 1);
    fate_table *table = make_table(context, numbers);
    for (uint32_t party = 0; party <= client_count; party++) {
        bool set = fate_session_set_option(fate_simulator_session(simulator, party), "durable", 0) == FATE_OK &&
                   fate_session_set_table(fate_simulator_session(simulator, party), FATE_TABLE_DATA, table) == FATE_OK;
        bench_stop_if(!set, "a session");
    }
    if (fate_simulator_run(simulator, 1000000) != FATE_FINISHED) {
        fprintf(stderr, "bench_horizontal: %s\n", fate_context_error(context));
        exit(1);
    }
    for (uint32_t party = 1; party <= client_count; party++) {
        uint64_t sent = 0, received = 0;
        bench_stop_if(fate_session_counter(fate_simulator_session(simulator, party), "bytes_sent", &sent) != FATE_OK, "a counter");
        bench_stop_if(fate_session_counter(fate_simulator_session(simulator, party), "bytes_received", &received) != FATE_OK, "a counter");
        most = sent + received > most ? sent + received : most;
    }
    fate_simulator_free(simulator);
    fate_table_free(table);
    fate_context_free(context);
    *seconds = bench_now() - begin;
    return most;
}

/* What a vector costs is measured with few clients, what many clients cost with a short vector: bytes are a sum of both. */
static void bench_bytes(uint32_t client_count)
{
    double seconds = 0;
    char name[200];
    uint64_t vector = simulate(3, NUMBERS, &seconds), none = simulate(3, 1, &seconds), many = simulate(client_count, 1, &seconds);
    snprintf(name, sizeof name, "%u clients in the simulator: seconds of all parties together, without vectors", (unsigned)client_count);
    bench_row(name, seconds, "s");
    snprintf(name, sizeof name, "%u clients: bytes of a client sent and received, without the vector", (unsigned)client_count);
    bench_row(name, (double)many, "bytes");
    snprintf(name, sizeof name, "%u clients, 1 million numbers: bytes of a client / vector (bar: 1.05)", (unsigned)client_count);
    bench_row(name, (double)(vector - none + many) / (NUMBERS * WIDTH), "times");
}

void bench_aggregation(uint32_t client_count)
{
    bench_vectors();
    bench_bytes(client_count);
}
