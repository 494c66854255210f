#include "name_table.h"

#include <stdint.h>
#include <string.h>

#include "../core/memory.h"

struct tconv_name_slot {
    const char *name;   /* NULL: free */
    size_t index;
};

/* FNV-1a, 64 bits (Fowler, Noll, Vo). */
static uint64_t hash_of(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    return hash;
}

/* The slot that holds the name, or the free one where it belongs. Capacity is a power of two, never full. */
static struct tconv_name_slot *slot_of(const tconv_name_table *table, const char *name)
{
    size_t mask = table->capacity - 1, at = (size_t)hash_of(name) & mask;
    while (table->slots[at].name != NULL && strcmp(table->slots[at].name, name) != 0)
        at = (at + 1) & mask;
    return &table->slots[at];
}

static tconv_status enlarge(tconv_name_table *table)
{
    tconv_status status = TCONV_OK;
    tconv_name_table larger = { .capacity = table->capacity == 0 ? 64 : 2 * table->capacity, .count = table->count };
    larger.slots = tconv_alloc_zero(larger.capacity, sizeof *larger.slots, &status);
    if (larger.slots == NULL)
        return status;
    for (size_t i = 0; i < table->capacity; i++)
        if (table->slots[i].name != NULL)
            *slot_of(&larger, table->slots[i].name) = table->slots[i];
    tconv_free(table->slots);
    *table = larger;
    return TCONV_OK;
}

tconv_status tconv_name_table_add(tconv_name_table *table, const char *name, size_t index, size_t *existing)
{
    *existing = TCONV_NO_INDEX;
    if (2 * (table->count + 1) > table->capacity) {
        tconv_status status = enlarge(table);
        if (status != TCONV_OK)
            return status;
    }
    struct tconv_name_slot *slot = slot_of(table, name);
    if (slot->name != NULL) {
        *existing = slot->index;
        return TCONV_OK;
    }
    *slot = (struct tconv_name_slot){ name, index };
    table->count++;
    return TCONV_OK;
}

size_t tconv_name_table_find(const tconv_name_table *table, const char *name)
{
    if (table->capacity == 0)
        return TCONV_NO_INDEX;
    const struct tconv_name_slot *slot = slot_of(table, name);
    return slot->name != NULL ? slot->index : TCONV_NO_INDEX;
}

void tconv_name_table_free(tconv_name_table *table)
{
    tconv_free(table->slots);
    *table = (tconv_name_table){ 0 };
}
