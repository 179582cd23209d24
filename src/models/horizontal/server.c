/* Server optimisers in double precision over what clients get as floats. */
#include "src/models/horizontal/server.h"

#include <math.h>
#include <string.h>

enum { SERVER_STATE = 1 }; /* version of the saved bytes */

uint64_t server_length(const struct server *server)
{
    return server->count * (server->options.method == SERVER_SCAFFOLD ? 2 : 1);
}

static bool has_first(const struct server_options *options)
{
    return options->method == SERVER_ADAM || (options->method == SERVER_AVERAGE && options->momentum > 0);
}

int32_t server_init(struct server *server, fate_context *context, const struct server_options *options, const float *parameters,
                    uint64_t count)
{
    *server = (struct server){.context = context, .options = *options, .count = count};
    server->broadcast = memory_zeroed(context, server_length(server), sizeof(float));
    if (has_first(options)) server->first = memory_zeroed(context, count, sizeof(double));
    if (options->method == SERVER_ADAM) server->second = memory_zeroed(context, count, sizeof(double));
    if (server->broadcast == NULL || (has_first(options) && server->first == NULL) ||
        (options->method == SERVER_ADAM && server->second == NULL)) {
        server_free(server);
        return context_out_of_memory(context);
    }
    memcpy(server->broadcast, parameters, (size_t)count * sizeof(float));
    return FATE_OK;
}

void server_free(struct server *server)
{
    memory_free(server->context, server->broadcast);
    memory_free(server->context, server->first);
    memory_free(server->context, server->second);
    *server = (struct server){.context = server->context};
}

/* How far one parameter moves. */
static double move(struct server *server, uint64_t i, double mean)
{
    const struct server_options *options = &server->options;
    if (options->method == SERVER_ADAM) {
        server->first[i] = options->beta1 * server->first[i] + (1 - options->beta1) * mean;
        server->second[i] = options->beta2 * server->second[i] + (1 - options->beta2) * mean * mean;
        return options->learning_rate * server->first[i] / (sqrt(server->second[i]) + options->adaptivity);
    }
    if (server->first == NULL) return options->learning_rate * mean;
    server->first[i] = options->momentum * server->first[i] + mean;
    return options->learning_rate * server->first[i];
}

int32_t server_apply(struct server *server, const double *mean, double share)
{
    for (uint64_t i = 0; i < server->count; i++) {
        server->broadcast[i] = (float)((double)server->broadcast[i] + move(server, i, mean[i]));
        if (!isfinite(server->broadcast[i]))
            return context_fail(
                server->context, FATE_E_RANGE,
                "the parameters left the range of numbers in round %llu: choose a lower learning_rate or server_learning_rate",
                (unsigned long long)server->rounds + 1);
    }
    for (uint64_t i = server->count; i < server_length(server); i++)
        server->broadcast[i] = (float)((double)server->broadcast[i] + share * mean[i]);
    server->rounds++;
    return FATE_OK;
}

static void save_doubles(struct buffer *buffer, const double *values, uint64_t count)
{
    for (uint64_t i = 0; i < count && values != NULL; i++) buffer_double(buffer, values[i]);
}

void server_save(const struct server *server, struct buffer *buffer)
{
    buffer_u8(buffer, SERVER_STATE);
    buffer_u8(buffer, (uint8_t)server->options.method);
    buffer_u64(buffer, server->count);
    buffer_u64(buffer, server->rounds);
    for (uint64_t i = 0; i < server_length(server); i++) buffer_float(buffer, server->broadcast[i]);
    save_doubles(buffer, server->first, server->count);
    save_doubles(buffer, server->second, server->count);
}

static bool load_doubles(struct reader *reader, double *values, uint64_t count)
{
    bool good = true;
    for (uint64_t i = 0; i < count && values != NULL; i++) {
        values[i] = reader_double(reader);
        good = good && isfinite(values[i]);
    }
    return good;
}

int32_t server_load(struct server *server, struct reader *reader)
{
    bool good = reader_u8(reader) == SERVER_STATE && reader_u8(reader) == server->options.method && reader_u64(reader) == server->count;
    server->rounds = reader_u64(reader);
    for (uint64_t i = 0; i < server_length(server) && good; i++) {
        server->broadcast[i] = reader_float(reader);
        good = isfinite(server->broadcast[i]);
    }
    good = good && load_doubles(reader, server->first, server->count) && load_doubles(reader, server->second, server->count);
    if (!good || reader->failed)
        return context_fail(server->context, FATE_E_FORMAT,
                            "the stored state of the server's optimiser is damaged, or belongs to another job");
    return FATE_OK;
}
