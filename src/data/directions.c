/* Directions that an application gives to columns: with a number in it, a score may only rise, or only fall. */
#include "src/data/quote.h"
#include "src/data/table.h"
#include <string.h>

FATE_API int32_t fate_table_set_direction(fate_table *table, const char *column, int32_t direction)
{
    char name[QUOTE_TEXT];
    if (!table) return FATE_E_ARGUMENT;
    if (!column || direction < -1 || direction > 1)
        return context_bad_argument(table->context, "fate_table_set_direction: column is NULL, or direction is not -1, 0 or 1");
    for (uint32_t i = 0; i < table->column_count; i++) {
        if (strcmp(table->columns[i].name, column) != 0) continue;
        if (table->columns[i].kind != FATE_COLUMN_NUMBER)
            return context_fail(table->context, FATE_E_TABLE, "column %s holds categories, which have no direction",
                                quote_text(name, column));
        table->columns[i].direction = direction;
        return FATE_OK;
    }
    return context_fail(table->context, FATE_E_TABLE, "a direction is given for column %s, which the table does not have",
                        quote_text(name, column));
}

FATE_API int32_t fate_table_direction(const fate_table *table, uint32_t column)
{
    return table && column < table->column_count ? table->columns[column].direction : 0;
}
