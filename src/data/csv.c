/* A state machine over the bytes of a CSV file. */
#include "src/data/csv.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "src/data/rows.h"
#include "src/data/table.h"
#include <string.h>

enum { CSV_STEP = 65536 };

enum csv_state {
    CSV_MARK,   /* at the start, a byte order mark may come */
    CSV_FIELD,  /* a field begins */
    CSV_PLAIN,  /* inside a field without quotes */
    CSV_QUOTED, /* inside quotes */
    CSV_QUOTE,  /* after a quote inside quotes: it ends the field or is doubled */
    CSV_RETURN  /* after a carriage return, which a line feed must follow */
};

static const uint8_t byte_order_mark[3] = {0xef, 0xbb, 0xbf};

void csv_init(struct csv *csv, fate_context *context, const char *name, int32_t (*record)(void *receiver, const struct csv *csv),
              void *receiver)
{
    memset(csv, 0, sizeof *csv);
    csv->context = context;
    csv->name = name;
    csv->state = CSV_MARK;
    csv->line = csv->first_line = 1;
    csv->record = record;
    csv->receiver = receiver;
    buffer_init(&csv->text, context);
}

void csv_free(struct csv *csv)
{
    buffer_free(&csv->text);
    memory_free(csv->context, csv->ends);
}

static int32_t fail_line(const struct csv *csv, uint64_t line, int32_t code, const char *reason)
{
    return context_fail(csv->context, code, "%s, line %llu, field %u: %s", csv->name, (unsigned long long)line, csv->count + 1, reason);
}

static uint64_t field_length(const struct csv *csv)
{
    return csv->text.length - (csv->count ? csv->ends[csv->count - 1] : 0);
}

static int32_t append(struct csv *csv, const uint8_t *bytes, uint64_t length)
{
    if (length > rows_longest_field - field_length(csv))
        return fail_line(csv, csv->first_line, FATE_E_LIMIT, "the field is longer than 16 MiB; is a closing quote missing?");
    if (!buffer_reserve(&csv->text, length)) return context_out_of_memory(csv->context);
    buffer_append(&csv->text, bytes, length);
    return FATE_OK;
}

static int32_t end_field(struct csv *csv)
{
    if (csv->count == TABLE_MOST_COLUMNS) return fail_line(csv, csv->first_line, FATE_E_LIMIT, "a row has at most 65535 fields");
    if (csv->count == csv->capacity) {
        uint32_t capacity = csv->capacity ? 2 * csv->capacity : 32;
        uint64_t *ends = memory_resize(csv->context, csv->ends, capacity, sizeof *ends);
        if (!ends) return context_out_of_memory(csv->context);
        csv->ends = ends;
        csv->capacity = capacity;
    }
    csv->ends[csv->count++] = csv->text.length;
    csv->state = CSV_FIELD;
    return FATE_OK;
}

/* Ends field and record, and hands the record on. csv->line is still that of its last line. */
static int32_t end_record(struct csv *csv)
{
    int32_t result = end_field(csv);
    bool empty = csv->count == 1 && csv->text.length == 0 && !csv->quoted;
    if (result == FATE_OK && !empty) result = csv->record(csv->receiver, csv);
    buffer_clear(&csv->text);
    csv->count = 0;
    csv->quoted = false;
    return result;
}

static int32_t end_line(struct csv *csv)
{
    int32_t result = end_record(csv);
    csv->line++;
    csv->first_line = csv->line;
    return result;
}

/* What ends a field: a comma or the end of the line. */
static int32_t take_separator(struct csv *csv, uint8_t byte)
{
    if (byte == ',') return end_field(csv);
    if (byte == '\n') return end_line(csv);
    csv->state = CSV_RETURN;
    return FATE_OK;
}

static bool is_separator(uint8_t byte)
{
    return byte == ',' || byte == '\n' || byte == '\r';
}

/* Each function below takes some bytes, at least one unless it changes the state, and returns their number in *taken. */

static int32_t take_mark(struct csv *csv, const uint8_t *bytes, uint64_t length, uint64_t *taken)
{
    (void)length;
    if (csv->mark == 0 && bytes[0] >= 0xfe) /* never a byte of UTF-8 */
        return fail_line(csv, csv->line, FATE_E_TABLE, "this looks like UTF-16; save the file as UTF-8");
    if (bytes[0] == byte_order_mark[csv->mark]) {
        *taken = 1;
        if (++csv->mark == sizeof byte_order_mark) csv->state = CSV_FIELD;
        return FATE_OK;
    }
    csv->state = csv->mark ? CSV_PLAIN : CSV_FIELD; /* what looked like a mark belongs to the first field */
    return append(csv, byte_order_mark, csv->mark);
}

static int32_t take_field(struct csv *csv, const uint8_t *bytes, uint64_t length, uint64_t *taken)
{
    (void)length;
    csv->state = CSV_PLAIN;
    if (bytes[0] != '"') return FATE_OK;
    csv->state = CSV_QUOTED;
    csv->quoted = true;
    csv->quote_line = csv->line;
    *taken = 1;
    return FATE_OK;
}

static int32_t take_plain(struct csv *csv, const uint8_t *bytes, uint64_t length, uint64_t *taken)
{
    uint64_t end = 0;
    while (end < length && !is_separator(bytes[end]) && bytes[end] != '"') end++;
    int32_t result = append(csv, bytes, end);
    *taken = end;
    if (result != FATE_OK || end == length) return result;
    if (bytes[end] == '"')
        return fail_line(csv, csv->line, FATE_E_TABLE,
                         "a quote stands inside a field that does not begin with one; put the field in quotes and double those inside");
    *taken = end + 1;
    return take_separator(csv, bytes[end]);
}

static int32_t take_quoted(struct csv *csv, const uint8_t *bytes, uint64_t length, uint64_t *taken)
{
    const uint8_t *quote = memchr(bytes, '"', (size_t)length);
    uint64_t end = quote ? (uint64_t)(quote - bytes) : length;
    int32_t result = append(csv, bytes, end);
    for (uint64_t i = 0; i < end; i++) csv->line += bytes[i] == '\n';
    if (quote) csv->state = CSV_QUOTE;
    *taken = quote ? end + 1 : end;
    return result;
}

static int32_t take_quote(struct csv *csv, const uint8_t *bytes, uint64_t length, uint64_t *taken)
{
    (void)length;
    *taken = 1;
    if (is_separator(bytes[0])) return take_separator(csv, bytes[0]);
    if (bytes[0] != '"') return fail_line(csv, csv->line, FATE_E_TABLE, "text follows the closing quote; double the quotes inside a field");
    csv->state = CSV_QUOTED;
    return append(csv, bytes, 1);
}

static int32_t take_return(struct csv *csv, const uint8_t *bytes, uint64_t length, uint64_t *taken)
{
    (void)length;
    if (bytes[0] != '\n')
        return fail_line(csv, csv->line, FATE_E_TABLE,
                         "a carriage return stands alone; end lines with LF or CRLF, or put the field in quotes");
    *taken = 1;
    return end_line(csv);
}

int32_t csv_feed(struct csv *csv, const uint8_t *bytes, uint64_t length)
{
    static int32_t (*const take[])(struct csv *, const uint8_t *, uint64_t, uint64_t *) = {
        [CSV_MARK] = take_mark,     [CSV_FIELD] = take_field, [CSV_PLAIN] = take_plain,
        [CSV_QUOTED] = take_quoted, [CSV_QUOTE] = take_quote, [CSV_RETURN] = take_return,
    };
    while (length > 0) {
        uint64_t taken = 0;
        int32_t result = take[csv->state](csv, bytes, length, &taken);
        if (result != FATE_OK) return result;
        bytes += taken;
        length -= taken;
    }
    return FATE_OK;
}

int32_t csv_end(struct csv *csv)
{
    if (csv->state == CSV_QUOTED)
        return fail_line(csv, csv->quote_line, FATE_E_TABLE, "a quoted field begins here and never ends; close it with a quote");
    if (csv->state == CSV_RETURN)
        return fail_line(csv, csv->line, FATE_E_TABLE,
                         "a carriage return stands alone; end lines with LF or CRLF, or put the field in quotes");
    if (csv->state == CSV_MARK) {
        int32_t result = append(csv, byte_order_mark, csv->mark); /* a file of one or two bytes */
        if (result != FATE_OK) return result;
    }
    return end_record(csv);
}

static int32_t fail_file(const struct csv *csv, const char *action, int number)
{
    char reason[128];
    if (strerror_r(number, reason, sizeof reason) != 0) snprintf(reason, sizeof reason, "error %d", number);
    return context_fail(csv->context, FATE_E_FILE, "cannot %s \"%s\": %s", action, csv->name, reason);
}

/* What a file is that begins in a way in which no table does, or NULL. */
static const char *other_format(const uint8_t *bytes, size_t length)
{
    if (length >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0) return "this looks like a compressed file; unpack it first";
    if (length >= 4 && memcmp(bytes, "PK\x03\x04", 4) == 0) return "this looks like a spreadsheet or an archive; save the table as CSV";
    return NULL;
}

static int32_t feed_file(struct csv *csv, int descriptor, uint8_t *step)
{
    bool first = true;
    for (;;) {
        ssize_t got = read(descriptor, step, CSV_STEP);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_file(csv, "read", errno);
        if (got == 0) return FATE_OK;
        const char *other = first ? other_format(step, (size_t)got) : NULL;
        if (other != NULL) return context_fail(csv->context, FATE_E_TABLE, "%s: %s", csv->name, other);
        first = false;
        int32_t result = csv_feed(csv, step, (uint64_t)got);
        if (result != FATE_OK) return result;
    }
}

int32_t csv_read_file(struct csv *csv, const char *path)
{
    uint8_t *step = memory_allocate(csv->context, CSV_STEP, 1);
    if (!step) return context_out_of_memory(csv->context);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    int32_t result = descriptor < 0 ? fail_file(csv, "open", errno) : feed_file(csv, descriptor, step);
    if (descriptor >= 0) close(descriptor);
    memory_free(csv->context, step);
    return result;
}
