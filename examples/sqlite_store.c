/* A party that keeps its state in SQLite: sqlite_store JOB.json PARTY KEY TABLE.csv MODEL DATABASE
 *
 * Kill it at any moment and start it again: it continues where the database says, and ends with the same model.
 * pkg-config: sqlite3 */
#include <fate/fate.h>
#include <sqlite3.h>
#include <stdio.h>

enum { DATABASE_FAILED = FATE_E_APPLICATION - 1 }; /* a code of the application's own: it comes back from fate_train as it is */

/* Prepares a statement, with the key (or prefix) as its first parameter; NULL after an error. */
static sqlite3_stmt *prepare(sqlite3 *database, const char *text, const char *key)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(database, text, -1, &statement, NULL) != SQLITE_OK) return NULL;
    if (sqlite3_bind_text(statement, 1, key, -1, SQLITE_TRANSIENT) == SQLITE_OK) return statement;
    sqlite3_finalize(statement);
    return NULL;
}

/* Stores durably before it returns: the statement is a transaction, and with synchronous = FULL SQLite flushes it to the disk. */
static int32_t store_put(void *context, const char *key, const uint8_t *bytes, uint64_t length)
{
    sqlite3_stmt *statement = prepare(context, "INSERT OR REPLACE INTO state (key, bytes) VALUES (?1, ?2)", key);
    int done = statement != NULL &&
               sqlite3_bind_blob64(statement, 2, length > 0 ? (const void *)bytes : "", length, SQLITE_STATIC) == SQLITE_OK &&
               sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_finalize(statement);
    return done ? FATE_OK : DATABASE_FAILED;
}

static int32_t store_get(void *context, const char *key, fate_reply *reply)
{
    int32_t result = DATABASE_FAILED;
    sqlite3_stmt *statement = prepare(context, "SELECT bytes FROM state WHERE key = ?1", key);
    int found = statement != NULL ? sqlite3_step(statement) : SQLITE_ERROR;
    if (found == SQLITE_DONE) result = FATE_EMPTY;
    if (found == SQLITE_ROW)
        result = fate_reply_bytes(reply, sqlite3_column_blob(statement, 0), (uint64_t)sqlite3_column_bytes(statement, 0));
    sqlite3_finalize(statement);
    return result;
}

static int32_t store_delete(void *context, const char *key)
{
    sqlite3_stmt *statement = prepare(context, "DELETE FROM state WHERE key = ?1", key);
    int done = statement != NULL && sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_finalize(statement);
    return done ? FATE_OK : DATABASE_FAILED;
}

static int32_t store_list(void *context, const char *prefix, fate_reply *reply)
{
    int32_t result = FATE_OK;
    int row = SQLITE_ERROR;
    sqlite3_stmt *statement = prepare(context, "SELECT key FROM state WHERE substr(key, 1, length(?1)) = ?1", prefix);
    while (statement != NULL && result == FATE_OK && (row = sqlite3_step(statement)) == SQLITE_ROW)
        result = fate_reply_name(reply, (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return result != FATE_OK || row == SQLITE_DONE ? result : DATABASE_FAILED;
}

/* Opens the database. The lock is kept as long as the program runs, so that no second one can run the same job from it. */
static int open_database(sqlite3 **database, const char *path)
{
    static const char setup[] = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; BEGIN EXCLUSIVE;"
                                "CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, bytes BLOB NOT NULL); COMMIT";
    return sqlite3_open(path, database) == SQLITE_OK && sqlite3_exec(*database, setup, NULL, NULL, NULL) == SQLITE_OK;
}

/* What examples/train.c does, with a store. */
static int32_t train(fate_context *context, char **argv, const fate_store *store)
{
    fate_job *job = NULL;
    fate_identity *identity = NULL;
    fate_table *table = NULL;
    fate_transport *transport = NULL;
    fate_model *model = NULL;
    uint32_t party = 0;
    int32_t result = fate_job_read(context, &job, argv[1]);
    if (result == FATE_OK) result = fate_job_find_party(job, argv[2], &party);
    if (result == FATE_OK) result = fate_identity_read(context, &identity, argv[3]);
    if (result == FATE_OK) result = fate_table_read_csv(context, &table, argv[4], fate_job_schema(job, party, FATE_PURPOSE_TRAIN));
    if (result == FATE_OK) result = fate_tcp_for_job(context, &transport, job, party, NULL);
    if (result == FATE_OK) result = fate_train(context, &model, job, argv[2], identity, table, NULL, transport, store, NULL);
    if (result == FATE_OK) result = fate_model_write(model, argv[5]);
    fate_model_free(model);
    fate_transport_free(transport);
    fate_table_free(table);
    fate_identity_free(identity);
    fate_job_free(job);
    return result;
}

int main(int argc, char **argv)
{
    fate_context *context;
    sqlite3 *database = NULL;
    if (argc != 7) return fprintf(stderr, "usage: sqlite_store JOB.json PARTY KEY TABLE.csv MODEL DATABASE\n"), 2;
    if (!open_database(&database, argv[6]))
        return fprintf(stderr, "%s: %s\n", argv[6], sqlite3_errmsg(database)), sqlite3_close(database), 1;
    if (fate_context_new(&context, NULL) != FATE_OK) return 1;
    const fate_store store = {.struct_size = sizeof store,
                              .abi_version = FATE_ABI_VERSION,
                              .context = database,
                              .put = store_put,
                              .get = store_get,
                              .delete_ = store_delete,
                              .list = store_list};
    int32_t result = train(context, argv, &store);
    if (result == DATABASE_FAILED)
        fprintf(stderr, "%s: %s\n", argv[6], sqlite3_errmsg(database));
    else if (result != FATE_OK)
        fprintf(stderr, "%s: %s\n", fate_result_name(result), fate_context_error(context));
    fate_context_free(context);
    sqlite3_close(database);
    return result == FATE_OK ? 0 : 1;
}
