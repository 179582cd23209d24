/* Records of CSV: RFC 4180 case by case, and the same records however the bytes are cut. */
#include "tests/support/data.h"

#include "src/data/csv.h"

/* Records as one text: fields in angle brackets, "\n" and the line after each record. */
static int32_t write_record(void *receiver, const struct csv *csv)
{
    struct buffer *out = receiver;
    uint64_t start = 0;
    for (uint32_t i = 0; i < csv->count; i++) {
        buffer_text(out, "<");
        if (csv->ends[i] > start) buffer_append(out, csv->text.bytes + start, csv->ends[i] - start);
        buffer_text(out, ">");
        start = csv->ends[i];
    }
    buffer_format(out, "%u\n", (unsigned)csv->first_line);
    return out->failed ? FATE_E_MEMORY : FATE_OK;
}

/* Feeds text in pieces of size bytes; the records are then in out. */
static int32_t split(struct buffer *out, const char *text, size_t length, size_t size)
{
    struct csv csv;
    int32_t result = FATE_OK;
    csv_init(&csv, context, "t.csv", write_record, out);
    for (size_t at = 0; at < length && result == FATE_OK; at += size)
        result = csv_feed(&csv, (const uint8_t *)text + at, length - at < size ? length - at : size);
    if (result == FATE_OK) result = csv_end(&csv);
    csv_free(&csv);
    return result;
}

static const struct {
    const char *text;
    const char *records; /* or the sentence */
    int32_t result;
} cases[] = {
    /* RFC 4180, section 2, rules 1 to 7 */
    {"aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n", "<aaa><bbb><ccc>1\n<zzz><yyy><xxx>2\n", FATE_OK},
    {"aaa,bbb,ccc\r\nzzz,yyy,xxx", "<aaa><bbb><ccc>1\n<zzz><yyy><xxx>2\n", FATE_OK},
    {"field_name,field_name\r\naaa,bbb\r\n", "<field_name><field_name>1\n<aaa><bbb>2\n", FATE_OK},
    {"a b, c ,d\n", "<a b>< c ><d>1\n", FATE_OK},
    {"\"aaa\",\"bbb\"\r\nzzz,yyy", "<aaa><bbb>1\n<zzz><yyy>2\n", FATE_OK},
    {"\"aaa\",\"b \r\nbb\",\"ccc\"\r\nzzz,yyy,xxx", "<aaa><b \r\nbb><ccc>1\n<zzz><yyy><xxx>3\n", FATE_OK},
    {"\"aaa\",\"b\"\"bb\",\"ccc\"", "<aaa><b\"bb><ccc>1\n", FATE_OK},
    /* ends of lines, empty lines, empty fields */
    {"", "", FATE_OK},
    {"\n\r\n\n", "", FATE_OK},
    {"a\n\n\nb\n", "<a>1\n<b>4\n", FATE_OK},
    {",\n", "<><>1\n", FATE_OK},
    {"a,,\n,,b", "<a><><>1\n<><><b>2\n", FATE_OK},
    {"\"\"\n", "<>1\n", FATE_OK},
    {"\"\"", "<>1\n", FATE_OK},
    {"\"\"\"\"", "<\">1\n", FATE_OK},
    {"\"a,b\nc\"\n\"\n\"\nd", "<a,b\nc>1\n<\n>3\n<d>5\n", FATE_OK},
    /* the byte order mark, and what only begins like one */
    {"\xef\xbb\xbf", "", FATE_OK},
    {"\xef\xbb\xbf"
     "a,b\n",
     "<a><b>1\n", FATE_OK},
    {"\xef\xbb\xbf\"a\"\n", "<a>1\n", FATE_OK},
    {"\xef\xbb\xbf\xef\xbb\xbf"
     "a\n",
     "<\xef\xbb\xbf"
     "a>1\n",
     FATE_OK},
    {"\xef\xbb"
     "a\n",
     "<\xef\xbb"
     "a>1\n",
     FATE_OK},
    {"\xef\xbb", "<\xef\xbb>1\n", FATE_OK},
    {"\xef\n", "<\xef>1\n", FATE_OK},
    {"a\n\xef\xbb\xbf"
     "b\n",
     "<a>1\n<\xef\xbb\xbf"
     "b>2\n",
     FATE_OK},
    {"\xff\xfe"
     "a",
     "t.csv, line 1, field 1: this looks like UTF-16; save the file as UTF-8", FATE_E_TABLE},
    {"\xfe\xff"
     "a",
     "t.csv, line 1, field 1: this looks like UTF-16; save the file as UTF-8", FATE_E_TABLE},
    /* quotes and carriage returns out of place */
    {"a\nb,c\"d\"",
     "t.csv, line 2, field 2: a quote stands inside a field that does not begin with one; put the field in quotes and double "
     "those inside",
     FATE_E_TABLE},
    {"a,\"b\"c", "t.csv, line 1, field 2: text follows the closing quote; double the quotes inside a field", FATE_E_TABLE},
    {"a\n\"b\n\nc", "t.csv, line 2, field 1: a quoted field begins here and never ends; close it with a quote", FATE_E_TABLE},
    {"a\"",
     "t.csv, line 1, field 1: a quote stands inside a field that does not begin with one; put the field in quotes and double those "
     "inside",
     FATE_E_TABLE},
    {"a\rb", "t.csv, line 1, field 1: a carriage return stands alone; end lines with LF or CRLF, or put the field in quotes", FATE_E_TABLE},
    {"a\n\r\rb", "t.csv, line 2, field 1: a carriage return stands alone; end lines with LF or CRLF, or put the field in quotes",
     FATE_E_TABLE},
    {"a\r", "t.csv, line 1, field 1: a carriage return stands alone; end lines with LF or CRLF, or put the field in quotes", FATE_E_TABLE},
    {"\"a\"\r,", "t.csv, line 1, field 1: a carriage return stands alone; end lines with LF or CRLF, or put the field in quotes",
     FATE_E_TABLE},
};

static void every_case_in_pieces_of_every_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t length = strlen(cases[i].text);
        for (size_t size = 1; size <= length + 1; size++) {
            struct buffer out;
            buffer_init(&out, context);
            assert_int_equal(split(&out, cases[i].text, length, size), cases[i].result);
            buffer_u8(&out, 0);
            assert_string_equal(cases[i].result == FATE_OK ? (const char *)out.bytes : fate_context_error(context), cases[i].records);
            buffer_free(&out);
        }
    }
}

/* What is quoted comes back as it was: any bytes in any fields, cut anywhere. */
static void written_records_are_read_again(void **state)
{
    (void)state;
    uint64_t chance = 11;
    for (uint32_t round = 0; round < 300; round++) {
        struct buffer text, expected, out;
        buffer_init(&text, context);
        buffer_init(&expected, context);
        buffer_init(&out, context);
        uint32_t line = 1;
        for (uint32_t record = data_below(&chance, 5); record > 0; record--) {
            uint32_t first = line;
            for (uint32_t field = 0, fields = 1 + data_below(&chance, 4); field < fields; field++) {
                buffer_text(&text, field ? ",\"" : "\"");
                buffer_text(&expected, "<");
                for (uint32_t length = data_below(&chance, 6); length > 0; length--) {
                    uint8_t byte = (uint8_t) "a\",\n\r\0\xff "[data_below(&chance, 8)];
                    line += byte == '\n';
                    buffer_u8(&expected, byte);
                    buffer_append(&text, "\"", byte == '"');
                    buffer_u8(&text, byte);
                }
                buffer_text(&text, "\"");
                buffer_text(&expected, ">");
            }
            buffer_text(&text, round % 2 ? "\r\n" : "\n");
            buffer_format(&expected, "%u\n", first);
            line++;
        }
        assert_int_equal(split(&out, (const char *)text.bytes, text.length, 1 + data_below(&chance, 40)), FATE_OK);
        assert_int_equal(out.length, expected.length);
        if (out.length > 0) assert_memory_equal(out.bytes, expected.bytes, out.length);
        buffer_free(&text);
        buffer_free(&expected);
        buffer_free(&out);
    }
}

static int32_t count_record(void *receiver, const struct csv *csv)
{
    (void)csv;
    return ++*(uint32_t *)receiver == 2 ? FATE_E_APPLICATION : FATE_OK;
}

static void a_receiver_can_stop(void **state)
{
    (void)state;
    struct csv csv;
    uint32_t count = 0;
    csv_init(&csv, context, "t.csv", count_record, &count);
    assert_int_equal(csv_feed(&csv, (const uint8_t *)"a\nb\nc\n", 6), FATE_E_APPLICATION);
    assert_int_equal(count, 2);
    csv_free(&csv);
}

static void limits_hold(void **state)
{
    (void)state;
    enum { MIB = 1 << 20 };
    struct csv csv;
    uint32_t count = 2;
    uint8_t *bytes = memory_allocate(context, MIB, 1);
    memset(bytes, 'a', MIB);
    csv_init(&csv, context, "t.csv", count_record, &count);
    for (uint32_t i = 0; i < 16; i++) assert_int_equal(csv_feed(&csv, bytes, MIB), FATE_OK);
    assert_int_equal(csv_feed(&csv, bytes, 1), FATE_E_LIMIT);
    assert_string_equal(fate_context_error(context),
                        "t.csv, line 1, field 1: the field is longer than 16 MiB; is a closing quote missing?");
    csv_free(&csv);
    memset(bytes, ',', MIB);
    csv_init(&csv, context, "t.csv", count_record, &count);
    assert_int_equal(csv_feed(&csv, bytes, 65535), FATE_OK);
    assert_int_equal(csv_feed(&csv, bytes, 1), FATE_E_LIMIT);
    assert_string_equal(fate_context_error(context), "t.csv, line 1, field 65536: a row has at most 65535 fields");
    csv_free(&csv);
    memory_free(context, bytes);
}

static int32_t split_all(void)
{
    struct buffer out;
    buffer_init(&out, context);
    int32_t result = split(&out, "\xef,a\n\"b\"\"c\",d\n1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4\n", 80, 7);
    buffer_free(&out);
    return result;
}

static void failing_allocations(void **state)
{
    (void)state;
    data_fail_allocations(split_all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_in_pieces_of_every_size),
        cmocka_unit_test(written_records_are_read_again),
        cmocka_unit_test(a_receiver_can_stop),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
