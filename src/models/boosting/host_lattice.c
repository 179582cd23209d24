/* A host of a job with the lattice cipher, before its trees: the coin toss, its hint, and what of both is stored. */
#include "src/models/boosting/host_lattice.h"

#include <sodium.h>
#include <string.h>

#include "lib/threads.h"
#include "src/crypto/lattice_wire.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"

/* Columns that are added up together: so few that the cells of eight vectors stay in the second cache, and their rows' indices in a line or two. */
enum { GROUP_COLUMNS = 16, GROUP_BINS = 1024, FILL_ROWS = 1024 };

/* A hint is made and sent by so many parts. */
enum { PART_BYTES = 524288, PIECE_PARTS = 8 };

void host_lattice_free_level(struct host *host)
{
    struct host_lattice *lattice = host->lattice;
    memory_free(host->context, lattice->bytes);
    lattice_rows_free(host->context, &lattice->rows);
    lattice_free(host->context, lattice->sums, 0);
    memory_free(host->context, lattice->bins);
    memory_free(host->context, lattice->bin_places);
    memory_free(host->context, lattice->replies);
    node_rows_free(&lattice->node_rows);
    lattice->bytes = NULL;
    lattice->sums = NULL;
    lattice->bins = NULL;
    lattice->bin_places = NULL;
    lattice->replies = NULL;
    lattice->begun = lattice->adding = false;
    lattice->first = lattice->vectors = lattice->pass = lattice->vector = lattice->item = lattice->bin_count = 0;
    lattice->group = 0;
}

void host_lattice_free(struct host *host)
{
    struct host_lattice *lattice = host->lattice;
    if (lattice == NULL) return;
    host_lattice_free_level(host);
    lattice_public_free(host->context, &lattice->public_part);
    lattice_blinding_free(host->context, &lattice->blinding);
    lattice_toss_free(&lattice->toss);
    lattice_kept_free(&lattice->kept);
    memory_free(host->context, lattice->groups);
    memory_free(host->context, lattice->index);
    memory_free(host->context, lattice->starts);
    memory_free(host->context, lattice->listed);
    memory_free(host->context, lattice->offsets);
    memory_free(host->context, lattice->places);
    memory_free(host->context, lattice->fullest);
    memory_free_secret(host->context, lattice, sizeof *lattice);
    host->lattice = NULL;
}

/* ---- groups ---- */

static int32_t allocate_groups(struct host *host)
{
    struct host_lattice *lattice = host->lattice;
    const uint64_t count = host->columns.count, rows = fate_table_rows(host->table);
    lattice->groups = memory_zeroed(host->context, count, sizeof *lattice->groups);
    lattice->listed = memory_zeroed(host->context, count, sizeof *lattice->listed);
    lattice->starts = memory_zeroed(host->context, 2 * count, sizeof *lattice->starts);
    lattice->index = memory_allocate(host->context, rows * count, sizeof *lattice->index);
    lattice->offsets = memory_zeroed(host->context, count, sizeof *lattice->offsets);
    lattice->places = memory_zeroed(host->context, count, sizeof *lattice->places);
    lattice->fullest = memory_zeroed(host->context, count, sizeof *lattice->fullest);
    bool made = lattice->groups != NULL && lattice->listed != NULL && lattice->starts != NULL && lattice->index != NULL &&
                lattice->offsets != NULL && lattice->places != NULL && lattice->fullest != NULL;
    return made ? FATE_OK : context_out_of_memory(host->context);
}

/* Listed columns from the one at place `first` on that one group takes; *bins: theirs. */
static uint32_t group_columns(const struct host *host, uint32_t first, uint32_t *bins)
{
    const uint32_t *listed = host->lattice->listed;
    uint32_t count = 1;
    *bins = host->bins[listed[first]];
    while (count < GROUP_COLUMNS && first + count < host->lattice->listed_count && *bins + host->bins[listed[first + count]] <= GROUP_BINS)
        *bins += host->bins[listed[first + count++]];
    return count;
}

/* Some rows of all columns at a time: what is written stays in the first cache. */
static int32_t fill_groups(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct host *host = argument;
    const struct host_lattice *lattice = host->lattice;
    const uint64_t rows = fate_table_rows(host->table);
    (void)worker;
    for (uint64_t number = first; number < end; number++) {
        const struct lattice_group *group = &lattice->groups[number];
        const uint64_t before = (uint64_t)(group->index - lattice->index) / rows;
        uint16_t *index = lattice->index + before * rows;
        for (uint64_t begin = 0; begin < rows; begin += FILL_ROWS) {
            const uint64_t stop = rows - begin < FILL_ROWS ? rows : begin + FILL_ROWS;
            for (uint32_t i = 0; i < group->columns; i++) {
                const uint16_t *data = host->columns.data[host->real[lattice->listed[before + i]]];
                for (uint64_t row = begin; row < stop; row++) index[row * group->columns + i] = (uint16_t)(group->starts[i] + data[row]);
            }
        }
    }
    return FATE_OK;
}

static int32_t make_groups(struct host *host)
{
    struct host_lattice *lattice = host->lattice;
    const uint64_t rows = fate_table_rows(host->table);
    uint32_t *starts = lattice->starts;
    lattice->listed_bins = 0;
    lattice->group_count = 0;
    for (uint32_t first = 0; first < lattice->listed_count; lattice->group_count++) {
        struct lattice_group *group = &lattice->groups[lattice->group_count];
        uint32_t bins;
        group->columns = group_columns(host, first, &bins);
        group->first_bin = lattice->listed_bins;
        group->index = lattice->index + first * rows;
        group->starts = starts;
        starts[0] = 0;
        for (uint32_t i = 0; i < group->columns; i++) {
            lattice->places[lattice->listed[first + i]] = group->first_bin + starts[i];
            starts[i + 1] = starts[i] + host->bins[lattice->listed[first + i]];
        }
        starts += group->columns + 1;
        first += group->columns;
        lattice->listed_bins += bins;
    }
    return threads_run(host->context, lattice->group_count, 1, fill_groups, host);
}

int32_t host_lattice_list(struct host *host)
{
    struct host_lattice *lattice = host->lattice;
    uint32_t count = 0;
    bool same = true;
    for (uint32_t number = 0; number < host->columns.count; number++) {
        if (host->sampled[host->real[number]] == 0) continue;
        same = same && count < lattice->listed_count && lattice->listed[count] == number;
        lattice->listed[count++] = number;
    }
    if (same && count == lattice->listed_count) return FATE_OK;
    lattice->listed_count = count;
    return make_groups(host);
}

/* Of all columns, for the hint. */
static int32_t group_all(struct host *host)
{
    struct host_lattice *lattice = host->lattice;
    lattice->listed_count = host->columns.count;
    for (uint32_t number = 0; number < host->columns.count; number++) lattice->listed[number] = number;
    int32_t result = make_groups(host);
    memcpy(lattice->offsets, lattice->places, host->columns.count * sizeof *lattice->offsets);
    return result;
}

static int32_t find_fullest(struct host *host)
{
    for (uint32_t number = 0; number < host->columns.count; number++) {
        const uint16_t *data = host->columns.data[host->real[number]];
        uint32_t *counts = memory_zeroed(host->context, host->bins[number], sizeof *counts);
        if (counts == NULL) return context_out_of_memory(host->context);
        for (uint64_t row = 0; row < fate_table_rows(host->table); row++) counts[data[row]]++;
        host->lattice->fullest[number] = joint_bins_fullest(counts, host->bins[number]);
        memory_free(host->context, counts);
    }
    return FATE_OK;
}

static int32_t begin(struct host *host)
{
    if (host->lattice != NULL) return FATE_OK;
    host->lattice = memory_zeroed(host->context, 1, sizeof *host->lattice);
    if (host->lattice == NULL) return context_out_of_memory(host->context);
    lattice_terms_make(host->context, &host->lattice->terms, &host->parameters, fate_table_rows(host->table));
    /* Without columns a host gets no vectors, under whatever numbers. */
    host->lattice->limit = host->columns.count == 0 ? host->lattice->terms.most : host->lattice->terms.vectors;
    return FATE_OK;
}

int32_t host_lattice_make(struct host *host)
{
    int32_t result = begin(host);
    if (result != FATE_OK) return result;
    if (host->columns.count == 0) return FATE_OK;
    result = allocate_groups(host);
    if (result == FATE_OK) result = group_all(host);
    if (result == FATE_OK)
        result =
            lattice_terms_plan(host->context, &host->lattice->terms, host->columns.count, host->lattice->listed_bins, &host->lattice->plan);
    return result == FATE_OK ? find_fullest(host) : result;
}

/* ---- the coin toss ---- */

int32_t host_commit(fate_turn *turn, void *state)
{
    struct host *host = state;
    struct lattice_toss *toss = &host->lattice->toss;
    int32_t result = lattice_toss_begin(turn, toss, &host->lattice->terms, host->table);
    if (result != FATE_OK) return result;
    return fate_turn_send(turn, MESSAGE_COMMITMENT, host->guest, lattice_toss_commitment(toss, fate_turn_party(turn)), LATTICE_SEED, 1);
}

/* Takes what the guest says of all parties. */
static int32_t take_all(fate_turn *turn, struct host *host, bool nonces)
{
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_received(turn, host->guest, &bytes, &length);
    if (result != FATE_OK) return result;
    return peer_checked(turn, host->guest, lattice_toss_take(&host->lattice->toss, nonces, fate_turn_party(turn), bytes, length));
}

int32_t host_commitments(fate_turn *turn, void *state)
{
    struct host *host = state;
    int32_t result = take_all(turn, host, false);
    if (result != FATE_OK) return result;
    return fate_turn_send(turn, MESSAGE_NONCE, host->guest, lattice_toss_nonce(&host->lattice->toss, fate_turn_party(turn)), LATTICE_SEED,
                          1);
}

/* From the public seed to what blinds the hint. */
static int32_t make_blinding(struct host *host)
{
    struct host_lattice *lattice = host->lattice;
    if (host->columns.count == 0) return FATE_OK;
    int32_t result = lattice_public_make(host->context, &lattice->public_part, &lattice->plan, lattice->toss.seed, NULL);
    if (result != FATE_OK) return result;
    return lattice_blinding_make(host->context, &lattice->public_part, lattice->hint_seed, lattice->groups, lattice->group_count,
                                 &lattice->blinding);
}

int32_t host_nonces(fate_turn *turn, void *state)
{
    struct host *host = state;
    int32_t result = take_all(turn, host, true);
    if (result == FATE_OK) result = peer_checked(turn, host->guest, lattice_toss_end(&host->lattice->toss));
    if (result == FATE_OK) result = fate_turn_seed(turn, "lattice hint", 0, host->lattice->hint_seed);
    return result == FATE_OK ? make_blinding(host) : result;
}

/* ---- the hint ---- */

static bool keeps(const struct host *host)
{
    return host->parameters.lattice_vectors > 0 && host->columns.count > 0;
}

/* Keeps what a further training needs of a new hint. */
static int32_t record_hint(fate_turn *turn, struct host *host)
{
    struct host_lattice *lattice = host->lattice;
    struct lattice_record *record = &lattice->kept.record;
    *record = (struct lattice_record){.guest = false, .used = lattice->terms.vectors, .said = lattice->said};
    memcpy(record->binding, lattice->binding, LATTICE_SEED);
    memcpy(record->seed, lattice->toss.seed, LATTICE_SEED);
    memcpy(record->run, lattice->kept.run, LATTICE_SEED);
    memcpy(record->made, lattice->kept.run, LATTICE_SEED);
    memcpy(record->numbering, host->numbering, LATTICE_SEED);
    memcpy(record->blinding, lattice->hint_seed, LATTICE_SEED);
    return lattice_kept_put(turn, &lattice->kept);
}

static int32_t send_fullest(fate_turn *turn, const struct host *host)
{
    struct buffer bytes;
    buffer_init(&bytes, host->context);
    for (uint32_t number = 0; number < host->columns.count; number++) buffer_u32(&bytes, host->lattice->fullest[number]);
    int32_t result = bytes.failed ? context_out_of_memory(host->context)
                                  : fate_turn_send(turn, MESSAGE_HINT, host->guest, bytes.length == 0 ? NULL : bytes.bytes, bytes.length,
                                                   host->columns.count == 0);
    buffer_free(&bytes);
    return result;
}

static int32_t send_part(fate_turn *turn, struct host *host, const uint8_t *bytes, uint64_t count)
{
    struct host_lattice *lattice = host->lattice;
    const struct lattice_head head = {LATTICE_HINT, (uint32_t)count, lattice->position, 0, 0};
    struct buffer part;
    buffer_init(&part, host->context);
    if (buffer_reserve(&part, LATTICE_HEAD)) {
        lattice_head_write(&lattice->plan, part.bytes, &head);
        part.length = LATTICE_HEAD;
    }
    buffer_append(&part, bytes, count * lattice_item_bytes(&lattice->plan, LATTICE_HINT));
    lattice->position += count;
    int32_t result = part.failed ? context_out_of_memory(host->context)
                                 : fate_turn_send(turn, MESSAGE_HINT, host->guest, part.bytes, part.length,
                                                  lattice->position == lattice->plan.shape.bins);
    buffer_free(&part);
    return result;
}

/* Makes the next bins and sends them: parts do not depend on the number of threads, for a host that is started again must send the same ones. */
static int32_t send_bins(fate_turn *turn, struct host *host)
{
    struct host_lattice *lattice = host->lattice;
    const uint64_t one = lattice_item_bytes(&lattice->plan, LATTICE_HINT), left = lattice->plan.shape.bins - lattice->position;
    const uint64_t most = PART_BYTES / one, count = left < PIECE_PARTS * most ? left : PIECE_PARTS * most;
    uint8_t *bytes = memory_allocate(host->context, count, one);
    if (bytes == NULL) return context_out_of_memory(host->context);
    int32_t result = lattice_hint_make(host->context, &lattice->public_part, lattice->groups, lattice->group_count, &lattice->blinding,
                                       lattice->position, count, bytes);
    for (uint64_t done = 0; done < count && result == FATE_OK; done += most)
        result = send_part(turn, host, bytes + done * one, count - done < most ? count - done : most);
    memory_free(host->context, bytes);
    return result == FATE_OK && count < left ? FATE_AGAIN : result;
}

static int32_t begin_trees(fate_turn *turn, const struct host *host)
{
    return fate_turn_go_to(turn, host->earlier.trees == 0 ? HOST_ROUND : HOST_EARLIER);
}

int32_t host_hint(fate_turn *turn, void *state)
{
    struct host *host = state;
    struct host_lattice *lattice = host->lattice;
    int32_t result = FATE_OK;
    if (!lattice->begun) {
        if (keeps(host)) result = record_hint(turn, host);
        if (result != FATE_OK) return result;
        lattice->begun = true;
        result = send_fullest(turn, host);
        if (result == FATE_OK && host->columns.count > 0) return FATE_AGAIN;
    } else {
        result = send_bins(turn, host);
    }
    if (result != FATE_OK) return result;
    lattice->begun = false;
    return begin_trees(turn, host);
}

/* ---- a kept hint ---- */

/* Which bin each row is in makes the hint; edges are the table's. */
static int32_t bind(fate_turn *turn, struct host *host)
{
    crypto_generichash_state state;
    uint8_t table[LATTICE_SEED];
    int32_t result = lattice_kept_bind(turn, &state, &host->lattice->terms, host->table);
    if (result == FATE_OK) result = fate_table_digest(host->table, table);
    if (result != FATE_OK) return result;
    crypto_generichash_update(&state, table, sizeof table);
    for (uint32_t column = 0; column < host->columns.count; column++) {
        uint8_t bins[4];
        bytes_store_u32(bins, host->columns.shapes[column].bins);
        crypto_generichash_update(&state, bins, sizeof bins);
        crypto_generichash_update(&state, (const uint8_t *)host->columns.data[column],
                                  fate_table_rows(host->table) * sizeof *host->columns.data[column]);
    }
    crypto_generichash_final(&state, host->lattice->binding, LATTICE_SEED);
    return FATE_OK;
}

int32_t host_lattice_find(fate_turn *turn, struct host *host)
{
    int32_t result = begin(host);
    if (result != FATE_OK) return result;
    struct host_lattice *lattice = host->lattice;
    result = lattice_kept_find(turn, &lattice->kept, false);
    if (result != FATE_OK || host->columns.count == 0) return result;
    result = bind(turn, host);
    if (result != FATE_OK) return result;
    lattice->said = lattice_kept_holds(&lattice->kept, lattice->binding);
    if (lattice->kept.there && memcmp(lattice->kept.record.binding, lattice->binding, LATTICE_SEED) == 0)
        memcpy(host->numbering, lattice->kept.record.numbering, sizeof host->numbering);
    return FATE_OK;
}

int32_t host_lattice_say(fate_turn *turn, const struct host *host)
{
    struct buffer bytes;
    buffer_init(&bytes, host->context);
    lattice_said_write(&bytes, &host->lattice->said);
    int32_t result =
        bytes.failed ? context_out_of_memory(host->context) : fate_turn_send(turn, MESSAGE_HELD, host->guest, bytes.bytes, bytes.length, 1);
    buffer_free(&bytes);
    return result == FATE_OK ? fate_turn_go_to(turn, HOST_CHOICE) : result;
}

/* Takes the numbers of this training, and stores that before anything is sent under it. */
static int32_t take_up(fate_turn *turn, struct host *host)
{
    struct host_lattice *lattice = host->lattice;
    struct lattice_record *record = &lattice->kept.record;
    record->base = lattice->said.used;
    record->used = record->base + lattice->terms.vectors;
    record->said = lattice->said;
    memcpy(record->run, lattice->kept.run, LATTICE_SEED);
    int32_t result = lattice_kept_put(turn, &lattice->kept);
    if (result != FATE_OK) return result;
    lattice->used = record->base;
    lattice->limit = record->used;
    memcpy(lattice->toss.seed, record->seed, LATTICE_SEED);
    memcpy(lattice->hint_seed, record->blinding, LATTICE_SEED);
    return make_blinding(host);
}

int32_t host_choice(fate_turn *turn, void *state)
{
    struct host *host = state;
    const struct host_lattice *lattice = host->lattice;
    const struct lattice_said *said = &lattice->said;
    struct lattice_choice choice;
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_received(turn, host->guest, &bytes, &length);
    if (result != FATE_OK) return result;
    if (!lattice_choice_read(&choice, bytes, length)) return peer_violation(turn, host->guest, "a choice of a hint that cannot be read");
    if (!choice.kept) return fate_turn_go_to(turn, HOST_COMMIT);
    if (keeps(host)) {
        if (!said->holds || memcmp(said->seed, choice.seed, LATTICE_SEED) != 0)
            return peer_violation(turn, host->guest, "the choice of a hint that this host does not keep");
        if (said->used > lattice->terms.most || lattice->terms.vectors > lattice->terms.most - said->used)
            return peer_violation(turn, host->guest, "the choice of a hint that cannot carry the training's vectors");
        result = take_up(turn, host);
    }
    return result == FATE_OK ? begin_trees(turn, host) : result;
}

int32_t host_lattice_end(fate_turn *turn, struct host *host)
{
    struct host_lattice *lattice = host->lattice;
    return keeps(host) ? lattice_kept_settle(turn, &lattice->kept, false, lattice->toss.seed, lattice->used) : FATE_OK;
}

/* ---- the stored state ---- */

void host_lattice_save(const struct host *host, struct buffer *bytes)
{
    const struct host_lattice *lattice = host->lattice;
    buffer_append(bytes, lattice->toss.seed, LATTICE_SEED);
    buffer_append(bytes, lattice->hint_seed, LATTICE_SEED);
    buffer_u64(bytes, lattice->used);
    buffer_u64(bytes, lattice->limit);
}

int32_t host_lattice_load(struct host *host, struct reader *reader)
{
    const uint8_t *seed = reader_bytes(reader, LATTICE_SEED), *hint_seed = reader_bytes(reader, LATTICE_SEED);
    const uint64_t used = reader_u64(reader), limit = reader_u64(reader);
    if (seed == NULL || hint_seed == NULL || !reader_finished(reader))
        return context_fail(host->context, FATE_E_STORE,
                            "the stored state of the training is damaged: begin anew with the option \"restart\"");
    int32_t result = host_lattice_make(host);
    if (result != FATE_OK) return result;
    memcpy(host->lattice->toss.seed, seed, LATTICE_SEED);
    memcpy(host->lattice->hint_seed, hint_seed, LATTICE_SEED);
    host->lattice->used = used;
    host->lattice->limit = limit;
    return make_blinding(host);
}
