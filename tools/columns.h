/* Reads a CSV file of which only some columns matter: all others are taken as they are, whatever they hold. */
#ifndef TOOLS_COLUMNS_H
#define TOOLS_COLUMNS_H

#include <fate/fate.h>

/* path    file name
 * id      the id column
 * number  columns of this name, or of this name and _0, _1, ..., must hold numbers; or NULL; label, weight: likewise, as fate_schema_set_label and _weight
 * Returns 0 and the table (free with fate_table_free), or an exit code after the error was printed. */
int columns_read(fate_context *context, fate_table **table, const char *path, const char *id, const char *number, const char *label,
                 const char *weight);

#endif
