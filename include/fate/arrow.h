/* Tables from, and scores to, the Arrow C Data Interface: what pandas, Polars, DuckDB, R and most databases' clients can hand over
 * without text in between. No Arrow library is needed. The two structures are those of the specification
 * (Apache Arrow, "The Arrow C data interface"), guarded so that they may be defined by another header too.
 */
#ifndef FATE_ARROW_H
#define FATE_ARROW_H

#include <fate/train.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

#endif /* ARROW_C_DATA_INTERFACE */

/* Makes a finished table from record batches: struct arrays (format "+s") whose children are the columns, by name.
 *
 * What a column is, the schema says, as for CSV: id, label, weight, categorical; any other is numeric, but for a dictionary-encoded one,
 * which is categorical. The types that are taken:
 *   id           utf8, large_utf8, binary, large_binary (u U z Z), dictionary-encoded ones, integers (as decimal text); never null or empty
 *   label, weight  integers, float32, float64, bool (0 and 1); never null or NaN; weights not negative
 *   categorical  as id, and bool ("true", "false"); null is missing, every text stands for itself, the empty one too; no zero bytes
 *   numeric      integers, float32, float64, bool; null and NaN are missing, infinities are refused; integers beyond 2^53 are rounded
 * A column of the null type (n) is all missing. Offsets, validity bitmaps and unaligned buffers are honoured. Metadata is not looked at.
 *
 * The interface tells no lengths of buffers, so that they are the producer's word; all else is checked before it is used.
 *
 * table          out: NULL after an error; free with fate_table_free
 * arrow_schema   in: one for all batches; only read, and released by the caller
 * batches        in: count record batches, rows in their order. On success each is released, as the specification wants of a
 *                consumer; after an error all are the caller's still. May be NULL when count is 0
 * schema         in: not kept
 * Returns FATE_OK; FATE_E_TABLE when a value or name is bad, a column is missing or an id occurs twice (the sentence names row, counted
 * from 1 over all batches, and column); FATE_E_UNSUPPORTED for a column of another type (the sentence says what to cast it to);
 * FATE_E_FORMAT when a structure is against the specification; FATE_E_LIMIT as for CSV; FATE_E_ARGUMENT, also for a structure that has
 * been released; FATE_E_MEMORY. */
FATE_API int32_t fate_table_import_arrow(fate_context *context, fate_table **table, const struct ArrowSchema *arrow_schema,
                                         struct ArrowArray *batches, uint64_t count, const fate_schema *schema);

/* Gives scores as a record batch: the id column under its name in the job, then a float64 column for each column of scores.
 * Ids are utf8 when all are valid UTF-8, else binary; large_utf8 or large_binary when they take 2 GiB or more. Nothing is null.
 *
 * table         in: the one that was scored
 * arrow_schema  out: set whole; after an error not touched. What is in both is a copy: it stays after scores, table and context are
 * array         out: freed, and goes with its release callback, which may be called from any thread; the allocator's release then is, too
 * Returns FATE_OK; FATE_E_ARGUMENT when an argument is NULL or the table has another number of rows; FATE_E_MEMORY. */
FATE_API int32_t fate_scores_export_arrow(const fate_scores *scores, const fate_table *table, struct ArrowSchema *arrow_schema,
                                          struct ArrowArray *array);

#ifdef __cplusplus
}
#endif
#endif
