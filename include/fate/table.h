/* Tables: rows with ids, numeric and categorical columns, a label, weights. Read from CSV, or filled by the application.
 *
 * A column of numbers is an array of double; NaN is a missing value. A categorical column holds byte strings; a missing
 * value is none of them. After fate_table_finish rows stand in bytewise order of their ids and the table never changes.
 */
#ifndef FATE_TABLE_H
#define FATE_TABLE_H

#include <fate/context.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fate_schema fate_schema;
typedef struct fate_table fate_table;

/* What a column of a table is. */
enum fate_column_kind {
    FATE_COLUMN_NUMBER = 1,  /* doubles */
    FATE_COLUMN_CATEGORY = 2 /* byte strings from a finite list */
};

/* How the columns of a file are to be understood: which is the id, the label, the weight, and which are categorical.
 * A job has one ready for each party (fate_job_schema).
 * Returns FATE_OK, FATE_E_ARGUMENT, FATE_E_MEMORY; likewise the setters, which copy their strings. */
FATE_API int32_t fate_schema_new(fate_context *context, fate_schema **schema);
/* Names the id column; required. */
FATE_API int32_t fate_schema_set_id(fate_schema *schema, const char *column);
/* The same with more columns that together are the id, such as phone and date of birth, and with normalisers; called once for each. The
 * id of several columns is their texts with "|" between them, "\\" standing before every "|" and "\\" of a text.
 * normalise  in: "" or some of "trim" (blanks, tabs and line ends at both ends), "fold" (A to Z become a to z, other bytes stay) and
 *            "digits" (only 0 to 9 remain), with one blank between them; they are done in this order, whatever order they are named in
 * Returns as the others; FATE_E_ARGUMENT also for another normaliser, a column named twice, and more than 16 columns. */
FATE_API int32_t fate_schema_add_id(fate_schema *schema, const char *column, const char *normalise);
/* What is done with rows whose id stood in a row before. rule: "error" (the default: the table is refused), "first" (they are left out) or
 * "many" (they stay; the table can then only be aligned). */
FATE_API int32_t fate_schema_set_duplicates(fate_schema *schema, const char *rule);
/* only 1: columns that are not part of the id are not looked at. */
FATE_API int32_t fate_schema_set_ids_only(fate_schema *schema, int32_t only);
/* Names the label column; NULL for none. required: 0 when a table without that column is accepted (scoring). */
FATE_API int32_t fate_schema_set_label(fate_schema *schema, const char *column, int32_t required);
/* Names the weight column; NULL for none. Weights are finite and not negative. A table whose label may be missing may also lack it. */
FATE_API int32_t fate_schema_set_weight(fate_schema *schema, const char *column);
/* Adds a column to the categorical ones. A table need not have it. */
FATE_API int32_t fate_schema_add_categorical(fate_schema *schema, const char *column);
/* NULL is accepted. */
FATE_API void fate_schema_free(fate_schema *schema);

/* Reads a CSV file (RFC 4180: quotes, CRLF or LF, an optional byte order mark; the first line names the columns).
 * Empty fields and NA, N/A, NaN, null, NULL, None, ? are missing values, with quotes or without; ids, labels and weights must not be
 * missing. Numbers may have blanks around them, other fields are taken as they stand. Empty lines are skipped. Columns that the schema
 * does not name are numbers. A table may have no rows, and no columns but the id. The file is read in pieces and never kept whole.
 *
 * table   out: a finished table, NULL after an error; free with fate_table_free
 * path    in: file name
 * schema  in: not kept
 * Returns FATE_OK; FATE_E_FILE; FATE_E_TABLE when a row has too many or too few fields, a number cannot be read, an id is
 * empty or occurs twice, a column is named twice or a required one is missing: the sentence gives file, line, column and reason;
 * FATE_E_LIMIT above 2^32-2 rows, 65535 columns or a field of 16 MiB; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_table_read_csv(fate_context *context, fate_table **table, const char *path, const fate_schema *schema);

/* The same on bytes in memory; name stands for the file name in error sentences. Returns as fate_table_read_csv, never FATE_E_FILE. */
FATE_API int32_t fate_table_parse_csv(fate_context *context, fate_table **table, const char *name, const uint8_t *bytes, uint64_t length,
                                      const fate_schema *schema);

/* Starts an empty table to be filled column by column.
 *
 * Here no schema is asked: what a column is, the call says, and the job's "id", "label", "weight" and "categorical" are not looked up by
 * name. The ids are given with fate_table_set_ids, the label and the weight with their own setters (as columns they would be features, and
 * the label would be learned from itself), words with fate_table_add_categories, everything else with fate_table_add_numbers. Columns
 * have the same names in training and in scoring. For a host, three rows:
 *
 *   fate_table_new(context, &table, 3);
 *   fate_table_set_ids(table, (const uint8_t *)"r1r2r3", (const uint64_t[]){0, 2, 4, 6});
 *   fate_table_add_numbers(table, "income", (const double[]){1200, NAN, 900});
 *   fate_table_add_categories(table, "job", (const uint32_t[]){0, 1, UINT32_MAX}, (const char *const[]){"nurse", "smith"}, 2);
 *   fate_table_finish(table);                                           a guest calls fate_table_set_label(table, labels) before
 *
 * table  out: NULL after an error; free with fate_table_free
 * rows   number of rows of every column; 0 is allowed
 * Returns FATE_OK; FATE_E_LIMIT above 2^32-2 rows; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_table_new(fate_context *context, fate_table **table, uint64_t rows);

/* Sets the ids: byte strings laid end to end.
 * bytes    in: copied
 * offsets  in: rows+1 numbers, offsets[i] is where id i starts, offsets[rows] the total length; copied
 * Returns FATE_OK; FATE_E_TABLE when an id is empty or offsets descend; FATE_E_STATE after finish; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_table_set_ids(fate_table *table, const uint8_t *bytes, const uint64_t *offsets);

/* Adds a numeric column. values: rows doubles, copied; NaN is missing, infinities are refused (FATE_E_TABLE).
 * This and the setters below return FATE_OK; FATE_E_TABLE when a value or name is bad, naming row and column; FATE_E_LIMIT above
 * 65535 columns; FATE_E_STATE after finish; FATE_E_ARGUMENT; FATE_E_MEMORY. Arrays may be NULL when the table has no rows. */
FATE_API int32_t fate_table_add_numbers(fate_table *table, const char *column, const double *values);

/* Adds a categorical column.
 * codes         in: rows numbers below category_count; UINT32_MAX is missing; copied
 * categories    in: category_count texts, all different; copied */
FATE_API int32_t fate_table_add_categories(fate_table *table, const char *column, const uint32_t *codes, const char *const *categories,
                                           uint32_t category_count);

/* Sets labels (rows finite doubles) or weights (rows finite doubles, not negative); copied. */
FATE_API int32_t fate_table_set_label(fate_table *table, const double *values);
FATE_API int32_t fate_table_set_weight(fate_table *table, const double *values);

/* Says of a numeric column in which direction it may act: with 1 no score may fall as the column rises, all else being equal, with -1 none may rise;
 * 0, which every column begins with, says nothing. Algorithms that know constraints of this kind (vertical boosting: XGBoost's
 * monotone_constraints) keep them in training; each party gives directions to its own columns. May be called on a finished table too, until it is
 * given to a session or a pooled run; it is part of fate_table_digest.
 * Returns FATE_OK; FATE_E_TABLE when there is no numeric column of that name; FATE_E_ARGUMENT. */
FATE_API int32_t fate_table_set_direction(fate_table *table, const char *column, int32_t direction);

/* Checks the table and brings its rows into bytewise id order. After this it is constant, apart from directions.
 * Returns FATE_OK; FATE_E_TABLE when ids are missing or one occurs twice; FATE_E_STATE when called before; FATE_E_ARGUMENT for NULL;
 * FATE_E_MEMORY. */
FATE_API int32_t fate_table_finish(fate_table *table);

/* A source of rows whose data lives elsewhere. Each function returns FATE_OK or an application's code, which comes back
 * unchanged. They are called on the caller's thread, inside fate_table_read_rows only.
 * next   moves to the next row (the first call: to the first); FATE_EMPTY after the last
 * field  gives a column of the current row as text, with the meaning it would have in a CSV file; *text NULL is missing;
 *        the bytes are borrowed until the next call */
typedef struct fate_row_source {
    uint32_t struct_size;
    uint32_t abi_version;
    void *context;
    int32_t (*next)(void *context);
    int32_t (*field)(void *context, uint32_t column, const uint8_t **text, uint64_t *length);
} fate_row_source;

/* Reads a table from row callbacks.
 * columns  in: column_count names, in the order that field numbers them
 * source   in: copied, used during the call only
 * Returns as fate_table_read_csv (sentences count rows from 1), and a callback's own code; FATE_E_ARGUMENT when a callback returns
 * what is neither FATE_OK, FATE_EMPTY (next) nor a code of the application; FATE_E_VERSION for a source of another version. */
FATE_API int32_t fate_table_read_rows(fate_context *context, fate_table **table, const char *const *columns, uint32_t column_count,
                                      const fate_row_source *source, const fate_schema *schema);

/* Facts of a finished table. Functions on const tables may run concurrently, except where they return an
 * error. Out of range gives 0 or NULL. What they show is borrowed from
 * the table, which must not be freed while it is used. */
FATE_API uint64_t fate_table_rows(const fate_table *table);
/* Number of feature columns: id, label and weight do not count. */
FATE_API uint32_t fate_table_columns(const fate_table *table);
FATE_API const char *fate_table_column_name(const fate_table *table, uint32_t column);
/* enum fate_column_kind, 0 when out of range */
FATE_API int32_t fate_table_column_kind(const fate_table *table, uint32_t column);
/* as fate_table_set_direction */
FATE_API int32_t fate_table_direction(const fate_table *table, uint32_t column);
/* rows doubles of a numeric column, NULL for others */
FATE_API const double *fate_table_numbers(const fate_table *table, uint32_t column);
/* rows codes of a categorical column (UINT32_MAX missing), NULL for others; the categories are in bytewise order */
FATE_API const uint32_t *fate_table_codes(const fate_table *table, uint32_t column);
FATE_API uint32_t fate_table_category_count(const fate_table *table, uint32_t column);
FATE_API const char *fate_table_category(const fate_table *table, uint32_t column, uint32_t code);
/* rows labels, NULL when there are none; rows weights, NULL when there are none (all 1) */
FATE_API const double *fate_table_label(const fate_table *table);
FATE_API const double *fate_table_weight(const fate_table *table);
/* The id of a row: bytes, and their number in *length. */
FATE_API const uint8_t *fate_table_row_id(const fate_table *table, uint64_t row, uint64_t *length);

/* Keyed digest of the ids in order: equal for equal rows, and of no use to who does not have the key (BLAKE2b).
 * digest  out: 32 bytes
 * key     in: 32 bytes
 * Returns FATE_OK; FATE_E_STATE before finish; FATE_E_ARGUMENT. */
FATE_API int32_t fate_table_id_digest(const fate_table *table, uint8_t *digest, const uint8_t *key);

/* Digest of everything a table holds (ids, columns, labels, weights): binds stored state to a table.
 * digest  out: 32 bytes
 * Returns FATE_OK; FATE_E_STATE before finish; FATE_E_ARGUMENT. */
FATE_API int32_t fate_table_digest(const fate_table *table, uint8_t *digest);

/* NULL is accepted. */
FATE_API void fate_table_free(fate_table *table);

#ifdef __cplusplus
}
#endif
#endif
