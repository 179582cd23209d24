/* Rows of a CSV file in another order. The file is read once to learn how long its records are, and then as often as the output has pieces that
 * fit into memory; each time from its beginning to its end, since records of one piece stand anywhere in it. */
#include "src/data/csv_rows.h"

#include <stdio.h>
#include <string.h>

#include "lib/file.h"
#include "src/data/csv.h"
#include "src/data/csv_field.h"
#include "src/data/order.h"

struct csv_rows {
    fate_context *context;
    const char *from;
    const uint32_t *rows;
    uint64_t count;
    bool numbered;
    uint32_t digits; /* of the last row's number */
    uint32_t fields;
    uint64_t record; /* the one that comes next; 0 is the first line */
    struct buffer text;
    uint32_t *lengths; /* of every record as it is written, with its line end */
    uint64_t length_count, length_room;
    uint64_t first, end; /* the rows of the present piece */
    uint64_t *wanted;    /* record << 32 | place in the piece, ascending */
    uint64_t next;
    uint64_t *offsets; /* of each place in the piece */
    uint8_t *piece;
};

static void write_record(struct buffer *text, const struct csv *csv)
{
    buffer_clear(text);
    for (uint32_t i = 0; i < csv->count; i++) {
        static const uint8_t nothing[1] = {0};
        uint64_t start = i == 0 ? 0 : csv->ends[i - 1];
        if (i > 0) buffer_u8(text, ',');
        csv_field_write(text, csv->text.bytes == NULL ? nothing : csv->text.bytes + start, csv->ends[i] - start);
    }
    buffer_u8(text, '\n');
}

static int32_t measure_record(void *receiver, const struct csv *csv)
{
    struct csv_rows *rows = receiver;
    write_record(&rows->text, csv);
    if (rows->text.failed) return context_out_of_memory(rows->context);
    if (rows->record++ == 0) rows->fields = csv->count;
    if (csv->count != rows->fields)
        return context_fail(rows->context, FATE_E_TABLE, "%s, line %llu: the number of fields is %u, but the first line names %u columns",
                            rows->from, (unsigned long long)csv->first_line, csv->count, rows->fields);
    if (rows->text.length > UINT32_MAX) return context_fail(rows->context, FATE_E_LIMIT, "a row of %s is longer than 4 GiB", rows->from);
    if (rows->length_count == rows->length_room) {
        uint64_t room = rows->length_room == 0 ? 1024 : 2 * rows->length_room;
        uint32_t *larger = memory_resize(rows->context, rows->lengths, room, sizeof *larger);
        if (larger == NULL) return context_out_of_memory(rows->context);
        rows->lengths = larger;
        rows->length_room = room;
    }
    rows->lengths[rows->length_count++] = (uint32_t)rows->text.length;
    return FATE_OK;
}

static uint64_t length_of(const struct csv_rows *rows, uint64_t row)
{
    uint64_t number = rows->numbered ? rows->digits + 1 : 0;
    /* Empty fields are written as "": only so a line of a single one is not taken for an empty line. */
    return number + (rows->rows[row] == UINT32_MAX ? 3 * (uint64_t)rows->fields : rows->lengths[rows->rows[row] + UINT64_C(1)]);
}

static void write_number(const struct csv_rows *rows, uint64_t row, uint8_t *at)
{
    char text[32];
    snprintf(text, sizeof text, "%0*llu,", (int)rows->digits, (unsigned long long)row + 1);
    memcpy(at, text, rows->digits + 1);
}

static int32_t place_record(void *receiver, const struct csv *csv)
{
    struct csv_rows *rows = receiver;
    uint64_t record = rows->record++, wanted = rows->end - rows->first;
    if (record == 0 || rows->next == wanted || rows->wanted[rows->next] >> 32 != record - 1) return FATE_OK;
    write_record(&rows->text, csv);
    if (rows->text.failed) return context_out_of_memory(rows->context);
    if (record >= rows->length_count || rows->text.length != rows->lengths[record])
        return context_fail(rows->context, FATE_E_TABLE, "%s was changed while it was read", rows->from);
    for (; rows->next < wanted && rows->wanted[rows->next] >> 32 == record - 1; rows->next++) {
        uint64_t place = rows->wanted[rows->next] & UINT32_MAX;
        uint8_t *at = rows->piece + rows->offsets[place] + (rows->numbered ? rows->digits + 1 : 0);
        memcpy(at, rows->text.bytes, (size_t)rows->text.length);
    }
    return FATE_OK;
}

static int32_t read_all(struct csv_rows *rows, int32_t (*record)(void *receiver, const struct csv *csv))
{
    struct csv csv;
    csv_init(&csv, rows->context, rows->from, record, rows);
    rows->record = 0;
    int32_t result = csv_read_file(&csv, rows->from);
    if (result == FATE_OK) result = csv_end(&csv);
    csv_free(&csv);
    return result;
}

/* What no record fills: numbers, and rows that this file does not have. */
static void fill_rest(struct csv_rows *rows)
{
    for (uint64_t row = rows->first; row < rows->end; row++) {
        uint8_t *at = rows->piece + rows->offsets[row - rows->first];
        if (rows->numbered) {
            write_number(rows, row, at);
            at += rows->digits + 1;
        }
        for (uint32_t i = 0; rows->rows[row] == UINT32_MAX && i < rows->fields; i++) {
            at[0] = at[1] = '"';
            at[2] = i + 1 == rows->fields ? '\n' : ',';
            at += 3;
        }
    }
}

/* Chooses the rows of the next piece and makes room for it. *length: its bytes. */
static int32_t begin_piece(struct csv_rows *rows, uint64_t most, uint64_t *length)
{
    *length = 0;
    rows->first = rows->end;
    while (rows->end < rows->count && (rows->end == rows->first || *length + length_of(rows, rows->end) <= most))
        *length += length_of(rows, rows->end++);
    uint64_t count = rows->end - rows->first, at = 0;
    rows->piece = memory_allocate(rows->context, *length, 1);
    rows->wanted = memory_allocate(rows->context, count, sizeof *rows->wanted);
    rows->offsets = memory_allocate(rows->context, count, sizeof *rows->offsets);
    if (rows->piece == NULL || rows->wanted == NULL || rows->offsets == NULL) return context_out_of_memory(rows->context);
    for (uint64_t i = 0; i < count; i++) {
        rows->offsets[i] = at;
        rows->wanted[i] = (uint64_t)rows->rows[rows->first + i] << 32 | i;
        at += length_of(rows, rows->first + i);
    }
    rows->next = 0;
    return order_keys(rows->context, rows->wanted, count) ? FATE_OK : context_out_of_memory(rows->context);
}

static void end_piece(struct csv_rows *rows)
{
    memory_free(rows->context, rows->piece);
    memory_free(rows->context, rows->wanted);
    memory_free(rows->context, rows->offsets);
    rows->piece = NULL;
    rows->wanted = NULL;
    rows->offsets = NULL;
}

static int32_t write_piece(struct csv_rows *rows, struct file_writer *writer, uint64_t most)
{
    uint64_t length;
    int32_t result = begin_piece(rows, most, &length);
    if (result == FATE_OK) fill_rest(rows);
    if (result == FATE_OK) result = read_all(rows, place_record);
    if (result == FATE_OK) result = file_writer_append(writer, rows->piece, length);
    end_piece(rows);
    return result;
}

static int32_t take_header(void *receiver, const struct csv *csv)
{
    struct csv_rows *rows = receiver;
    if (rows->record++ > 0) return FATE_EMPTY; /* enough was read */
    write_record(&rows->text, csv);
    return rows->text.failed ? context_out_of_memory(rows->context) : FATE_OK;
}

static int32_t write_header(struct csv_rows *rows, struct file_writer *writer)
{
    int32_t result = read_all(rows, take_header);
    if (result == FATE_EMPTY) result = FATE_OK;
    if (result == FATE_OK && rows->numbered) result = file_writer_append(writer, "row,", 4);
    return result == FATE_OK ? file_writer_append(writer, rows->text.bytes, rows->text.length) : result;
}

static int32_t check_rows(const struct csv_rows *rows)
{
    if (rows->length_count == 0)
        return context_fail(rows->context, FATE_E_TABLE, "%s is empty; the first line must name the columns", rows->from);
    for (uint64_t i = 0; i < rows->count; i++)
        if (rows->rows[i] != UINT32_MAX && rows->rows[i] >= rows->length_count - 1)
            return context_fail(rows->context, FATE_E_TABLE, "%s has fewer rows than the table that was read from it", rows->from);
    return FATE_OK;
}

int32_t csv_rows_write(fate_context *context, const char *from, const char *to, const uint32_t *rows, uint64_t count, bool numbered,
                       uint64_t most)
{
    struct csv_rows work = {.context = context, .from = from, .rows = rows, .count = count, .numbered = numbered};
    struct file_writer writer;
    buffer_init(&work.text, context);
    for (uint64_t rest = count; rest > 0 || work.digits == 0; rest /= 10) work.digits++;
    int32_t result = read_all(&work, measure_record);
    if (result == FATE_OK) result = check_rows(&work);
    if (result == FATE_OK) {
        result = file_writer_open(&writer, context, to);
        if (result == FATE_OK) result = write_header(&work, &writer);
        while (result == FATE_OK && work.end < count) result = write_piece(&work, &writer, most);
        if (result == FATE_OK) result = file_writer_commit(&writer);
        file_writer_discard(&writer);
    }
    memory_free(context, work.lengths);
    buffer_free(&work.text);
    return result;
}
