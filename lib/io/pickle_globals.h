/* pickle_globals.h - the names that a pickle may ask for, and what calling them builds (internal to pickle.c). */
#ifndef TCONV_IO_PICKLE_GLOBALS_H
#define TCONV_IO_PICKLE_GLOBALS_H

#include "../core/element.h"

typedef enum {
    TCONV_GLOBAL_DICT,             /* an empty dictionary, or its one argument */
    TCONV_GLOBAL_SEQUENCE,         /* its one argument: torch.Size, list, set */
    TCONV_GLOBAL_TENSOR,           /* (storage, offset, size, stride, ..) */
    TCONV_GLOBAL_PARAMETER,        /* (tensor, ..): the tensor */
    TCONV_GLOBAL_FROM_TYPE,        /* (function, type, arguments, state): function(arguments) */
    TCONV_GLOBAL_STORAGE,          /* names the type of a storage, is never called */
    TCONV_GLOBAL_OPAQUE            /* a value that no weight is made of */
} tconv_global_meaning;

typedef struct tconv_global {
    const char *module, *name;
    tconv_global_meaning meaning;
    const char *type;              /* of a storage */
    tconv_element element;
} tconv_global;

/* The entry of this name, NULL for any name outside the list. */
const tconv_global *tconv_global_find(const char *module, const char *name);
const tconv_global *tconv_global_at(size_t number);
size_t tconv_global_number(const tconv_global *global);

#endif
