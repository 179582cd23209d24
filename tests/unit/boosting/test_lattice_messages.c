/* Messages of jobs with the lattice cipher: what is written is read again, and nothing else is. */
#include "tests/support/unit.h"

#include "lib/context.h"
#include "lib/random.h"
#include "src/models/boosting/lattice_messages.h"

static const struct message_level level = {.tree = 3, .level = 2, .first = 3, .end = 7, .column_count = 11};
static fate_context *context;

static int start(void **state)
{
    (void)state;
    return context_new(&context, NULL);
}

static int stop(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static bool read_vectors(struct vectors_head written, uint32_t nodes, uint64_t most, uint64_t cut)
{
    struct vectors_head read;
    struct buffer bytes;
    buffer_init(&bytes, context);
    vectors_head_write(&bytes, &written);
    bool good = vectors_head_read(&read, bytes.bytes, bytes.length - cut, &level, 1, nodes, most);
    if (good) assert_memory_equal(&read, &written, sizeof read);
    buffer_free(&bytes);
    return good;
}

static void heads_of_vectors(void **state)
{
    (void)state;
    const struct vectors_head head = {.tree = 3, .level = 2, .nodes = 4, .node_vectors = 2, .first = 12};
    assert_true(read_vectors(head, 4, 20, 0));
    assert_false(read_vectors(head, 4, 20, 1));
    assert_false(read_vectors(head, 3, 20, 0));
    assert_false(read_vectors(head, 4, 19, 0));
    for (int change = 0; change < 5; change++) {
        struct vectors_head other = head;
        if (change == 0) other.tree++;
        if (change == 1) other.level++;
        if (change == 2) other.node_vectors = 1;
        if (change == 3) other.node_vectors = 4;
        if (change == 4) other.first = UINT64_MAX;
        assert_false(read_vectors(other, 4, 100, 0));
    }
    const struct vectors_head counted = {.tree = 3, .level = 2, .nodes = 1, .node_vectors = 3, .first = 0};
    assert_true(read_vectors(counted, 1, 3, 0));
}

static void heads_of_replies(void **state)
{
    (void)state;
    uint8_t columns[2] = {0x81, 0x07};
    const struct replies_head head = {3, 2, columns};
    struct message_level other = level;
    struct replies_head read;
    struct buffer bytes;
    buffer_init(&bytes, context);
    replies_head_write(&bytes, &head, 11);
    assert_true(replies_head_read(&read, bytes.bytes, bytes.length, &level));
    assert_memory_equal(read.columns, columns, 2);
    assert_false(replies_head_read(&read, bytes.bytes, bytes.length - 1, &level));
    other.level = 1;
    assert_false(replies_head_read(&read, bytes.bytes, bytes.length, &other));
    other = level;
    other.column_count = 10; /* a bit too many is set */
    assert_false(replies_head_read(&read, bytes.bytes, bytes.length, &other));
    buffer_free(&bytes);
}

enum { ROWS = 1003 };

/* Draws which node each row is in, and writes it. */
static void write_rows(struct buffer *bytes, const uint32_t *nodes, uint32_t count, uint32_t *place, uint64_t seed)
{
    const uint8_t key[RANDOM_KEY] = {1};
    struct random_stream random;
    random_stream_init(&random, key, seed);
    for (uint32_t row = 0; row < ROWS; row++) {
        uint64_t drawn = random_stream_below(&random, 2 * (uint64_t)count + 1);
        place[row] = drawn < count ? (uint32_t)drawn : UINT32_MAX;
    }
    buffer_init(bytes, context);
    node_rows_write(bytes, &level, nodes, count, place, ROWS);
    assert_false(bytes->failed);
}

static void rows_of_nodes(void **state)
{
    (void)state;
    const uint32_t nodes[] = {3, 4, 5, 6};
    uint32_t place[ROWS];
    for (uint32_t count = 0; count <= 4; count++) {
        struct node_rows rows;
        struct buffer bytes;
        uint64_t length, seen = 0;
        write_rows(&bytes, nodes, count, place, count);
        assert_int_equal(node_rows_read(context, &rows, bytes.bytes, bytes.length, &level, ROWS), FATE_OK);
        for (uint32_t i = 0; i < count; i++) {
            const uint32_t *own = node_rows_of(&rows, nodes[i], &length);
            for (uint64_t k = 0; k < length; k++) assert_true(place[own[k]] == i && (k == 0 || own[k] > own[k - 1]));
            seen += length;
        }
        for (uint32_t row = 0; row < ROWS; row++) seen -= place[row] != UINT32_MAX;
        assert_int_equal(seen, 0);
        assert_null(node_rows_of(&rows, 7, &length));
        node_rows_free(&rows);
        buffer_free(&bytes);
    }
}

static void expect_refused(const uint8_t *bytes, uint64_t length, uint64_t row_count)
{
    struct node_rows rows;
    assert_int_equal(node_rows_read(context, &rows, bytes, length, &level, row_count), FATE_E_PROTOCOL);
    node_rows_free(&rows);
}

static void rows_of_other_nodes_are_refused(void **state)
{
    (void)state;
    static const uint32_t wrong[][3] = {{3, 5, 7}, {2, 4, 5}, {4, 4, 5}, {5, 4, 6}};
    uint32_t place[ROWS];
    struct buffer bytes;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_rows(&bytes, wrong[i], 3, place, 9);
        expect_refused(bytes.bytes, bytes.length, ROWS);
        buffer_free(&bytes);
    }
    const uint32_t nodes[] = {3, 4, 5};
    write_rows(&bytes, nodes, 3, place, 10);
    for (uint64_t cut = 1; cut < bytes.length; cut += 7) expect_refused(bytes.bytes, bytes.length - cut, ROWS);
    expect_refused(bytes.bytes, bytes.length, ROWS + 8);
    expect_refused(bytes.bytes, bytes.length, ROWS - 8);
    bytes.bytes[bytes.length - 2] = 0xff; /* a place that no node has */
    expect_refused(bytes.bytes, bytes.length, ROWS);
    bytes.bytes[8] = 5; /* more nodes than the level has */
    expect_refused(bytes.bytes, bytes.length, ROWS);
    buffer_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_of_vectors),
        cmocka_unit_test(heads_of_replies),
        cmocka_unit_test(rows_of_nodes),
        cmocka_unit_test(rows_of_other_nodes_are_refused),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
