/* npy.h - NumPy's .npy files: one array each (numpy/lib/format.py, format versions 1.0, 2.0 and 3.0).
 *
 * Strict: the header is at most 65536 bytes and has exactly the keys descr, fortran_order and shape; the data fill the
 * file to its last byte. Nothing is allocated by what a header claims before the file's size has borne it out. Objects,
 * strings, structures, complex numbers, truth values and times are refused by name.
 */
#ifndef TCONV_IO_NPY_H
#define TCONV_IO_NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/buffer.h"
#include "../core/element.h"
#include "../core/status.h"
#include "../core/tensor.h"
#include "source.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_NPY_MAX_HEADER 65536

typedef struct tconv_npy_header {
    tconv_element element;              /* f64, f32, f16, i8..i64, u8..u64 */
    bool big_endian, fortran_order;
    size_t rank, shape[TCONV_MAX_RANK];
    size_t count;                       /* product of the shape; 1 for rank 0 */
    uint64_t data_offset;               /* where the first element stands in the file */
} tconv_npy_header;

/* Does the source begin as a .npy file does? */
TCONV_API bool tconv_npy_is(tconv_source *source);

/* Type and shape, checked against the size of the source, without reading the data. Errors: TCONV_EFORMAT,
 * TCONV_EUNSUPPORTED (a type, version or rank that is not read), TCONV_EREAD, TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_API TCONV_CHECKED tconv_status tconv_npy_read_header(tconv_source *source, tconv_npy_header *header,
                                                           tconv_error *error);

/* The array in C order: f32 and f16 as float, all else as double, every value exact. NaN and infinities pass. On failure
 * *tensor is NULL; errors as above, and TCONV_EUNSUPPORTED for a 64-bit integer that no double equals. */
TCONV_API TCONV_CHECKED tconv_status tconv_npy_read(tconv_source *source, tconv_tensor **tensor, tconv_error *error);

/* Append the tensor as a .npy file, version 1.0, little-endian, C order. Errors: those of the buffer. */
TCONV_API TCONV_CHECKED tconv_status tconv_npy_write(const tconv_tensor *tensor, tconv_buffer *out, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
