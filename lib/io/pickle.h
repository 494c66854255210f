/* pickle.h - the values of a Python pickle, as far as a PyTorch state dict needs them (not installed).
 *
 * The stream is a program for a stack machine. Here it only ever builds the passive values below: numbers, texts,
 * sequences, dictionaries, storages and tensors. A global is a name that is looked up in a fixed list, calling one
 * builds the value that it stands for, and nothing is imported or executed. A name outside the list ends the reading.
 */
#ifndef TCONV_IO_PICKLE_H
#define TCONV_IO_PICKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/element.h"
#include "arena.h"
#include "source.h"

typedef enum {
    TCONV_PICKLE_NONE, TCONV_PICKLE_BOOL, TCONV_PICKLE_INT, TCONV_PICKLE_FLOAT, TCONV_PICKLE_TEXT,
    TCONV_PICKLE_SEQUENCE,     /* tuple or list: items */
    TCONV_PICKLE_DICT,         /* key, value, key, value ..: items */
    TCONV_PICKLE_GLOBAL,       /* number = which */
    TCONV_PICKLE_STORAGE, TCONV_PICKLE_TENSOR,
    TCONV_PICKLE_OPAQUE        /* something harmless that no weight is made of */
} tconv_pickle_kind;

typedef struct tconv_pickle_value {
    tconv_pickle_kind kind;
    uint32_t count, room;      /* items: used, allocated; text: its bytes */
    union {
        int64_t number;                          /* also of a bool */
        const char *text;                        /* ends with a zero byte */
        uint32_t *items;                         /* numbers of values */
        struct tconv_pickle_storage *storage;
        struct tconv_pickle_tensor *tensor;
    } of;
} tconv_pickle_value;

typedef struct tconv_pickle_storage {
    const char *key;
    const char *type;              /* "f32"; "complex" and the like where element is TCONV_ELEMENT_COUNT */
    tconv_element element;
    uint64_t count;                /* elements */
    uint64_t begin;                /* elements before it in the storage of that key (views of the older stream) */
} tconv_pickle_storage;

#define TCONV_PICKLE_RANK 64

typedef struct tconv_pickle_tensor {
    const tconv_pickle_storage *storage;
    uint64_t offset;               /* elements */
    uint32_t rank;
    uint64_t *shape, *stride;      /* rank of each */
} tconv_pickle_tensor;

typedef struct tconv_pickle {      /* zero is empty */
    tconv_pickle_value *values;    /* by tconv_alloc: freed by tconv_pickle_free */
    size_t count, capacity;
    uint32_t root;
} tconv_pickle;

/* Read one pickle of `source` from *offset on, at most up to `end`; *offset moves behind it. Texts, items and tensors
 * are in the arena. TCONV_EFORMAT, TCONV_EUNSUPPORTED (an opcode or a global outside the lists), TCONV_EREAD,
 * TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_CHECKED tconv_status tconv_pickle_read(tconv_pickle *pickle, tconv_arena *arena, tconv_source *source,
                                             uint64_t *offset, uint64_t end, tconv_error *error);
void tconv_pickle_free(tconv_pickle *pickle);

#endif
