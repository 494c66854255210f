/* name_table.h - from a name to a number, in constant time: which tensor, which node made this value.
 *
 * Open addressing over FNV-1a hashes. The names are borrowed: they must outlive the table.
 */
#ifndef TCONV_IO_NAME_TABLE_H
#define TCONV_IO_NAME_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/status.h"

typedef struct tconv_name_table {    /* zero is an empty table */
    struct tconv_name_slot *slots;
    size_t capacity, count;
} tconv_name_table;

#define TCONV_NO_INDEX ((size_t)-1)

/* Add `name` -> index. *existing = TCONV_NO_INDEX, or the index that the name already has (then nothing is added). */
TCONV_CHECKED tconv_status tconv_name_table_add(tconv_name_table *table, const char *name, size_t index, size_t *existing);

/* Its index, or TCONV_NO_INDEX. */
size_t tconv_name_table_find(const tconv_name_table *table, const char *name);

void tconv_name_table_free(tconv_name_table *table);

#endif
