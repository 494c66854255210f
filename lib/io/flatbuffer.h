/* flatbuffer.h - fields of a FlatBuffers file, each read where it lies, every place checked (not installed).
 *
 * A table begins with the distance back to its list of field places; a place of 0, or none, is a field that is not
 * there. A field that holds a table, text or vector holds the distance forward to it. Nothing is trusted: a place
 * outside the file is TCONV_EFORMAT wherever it leads.
 */
#ifndef TCONV_IO_FLATBUFFER_H
#define TCONV_IO_FLATBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source.h"

typedef struct tconv_flat {        /* a reader; set source, the rest zero */
    tconv_source *source;
    tconv_status status;           /* the first failure; reads after it give 0 */
    tconv_error *error;
    uint64_t window_at;
    size_t window_size;
    unsigned char window[16384];
} tconv_flat;

/* `size` <= 8 bytes at a place, little-endian; 0 after a failure. */
uint64_t tconv_flat_number(tconv_flat *flat, uint64_t at, size_t size);

/* The place of field number `field` of the table at `table`; 0 where it is not there (also for table 0). */
uint64_t tconv_flat_field(tconv_flat *flat, uint64_t table, unsigned field);

/* The number in a field of `size` bytes, or `otherwise`. Signed: of `size` bytes in two's complement. */
int64_t tconv_flat_int(tconv_flat *flat, uint64_t table, unsigned field, size_t size, int64_t otherwise);

/* What a field points to; 0 where it is not there. */
uint64_t tconv_flat_child(tconv_flat *flat, uint64_t table, unsigned field);

/* The root table. */
uint64_t tconv_flat_root(tconv_flat *flat);

/* A vector field of elements of `size` bytes: the place of the first, *count elements, all within the file. 0 and 0
 * where it is not there. */
uint64_t tconv_flat_vector(tconv_flat *flat, uint64_t table, unsigned field, size_t size, size_t *count);

/* Element i of a vector of tables. */
uint64_t tconv_flat_table(tconv_flat *flat, uint64_t first, size_t i);

/* Keep the first failure. */
void tconv_flat_fail(tconv_flat *flat, tconv_status status, const char *what);

#endif
