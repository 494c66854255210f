/* text.h - kernels as text: rows of numbers, readable and writable by hand.
 *
 *     # an interpolator of four taps
 *     # tconv: stride=2 padding=1
 *     0.25 0.75 0.75 0.25
 *
 * Numbers (number.h) are separated by blanks, tabs, commas or semicolons; `#` starts a comment up to the end of the
 * line; lines end with LF, CRLF or CR, the last one need not. A byte order mark of UTF-8 is skipped. A comment that begins
 * with "tconv:" gives geometry: the keys stride, padding, pads, output_padding, dilation, groups, ndim of
 * geometry_text.h, each once. Two commas without a number between them are an error, and so is what looks like decimal
 * commas: "1,5 2,5" or "1,5;2,5", where another character separates already, "1,05" or "-0,5" alone on a line,
 * and a column of which every row is like "0,5". ("1,5" alone is two numbers: a comma separates.)
 */
#ifndef TCONV_IO_TEXT_H
#define TCONV_IO_TEXT_H

#include <stddef.h>

#include "../core/buffer.h"
#include "../core/geometry_options.h"
#include "../core/kernel.h"
#include "../core/status.h"
#include "source.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_text_table {
    size_t rows, columns;               /* both >= 1 */
    double *values;                     /* rows * columns, row-major, all finite; owned */
    tconv_geometry_options given;       /* what the comments say */
} tconv_text_table;

/* Read all of it. On failure *table is empty (values NULL) and *error has line and column, both from 1, the column in
 * characters: TCONV_EFORMAT, TCONV_ENONFINITE (a nan or inf), TCONV_EREAD, TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_API TCONV_CHECKED tconv_status tconv_text_read(tconv_source *source, tconv_text_table *table, tconv_error *error);
TCONV_API void tconv_text_free(tconv_text_table *table);

/* Append a kernel of one channel and one or two dimensions as such a file: the title (may be NULL; each line of it
 * becomes a comment), the geometry, a 1-D kernel as one column, a 2-D kernel as rows. It reads back bit for bit. Errors:
 * TCONV_EUNSUPPORTED for other kernels (.npy holds them); a failure of the buffer. */
TCONV_API TCONV_CHECKED tconv_status tconv_text_write(const tconv_kernel *kernel, const char *title, tconv_buffer *out,
                                                      tconv_error *error);

/* Append `text` as comment lines "# ..", control characters as '?'. For every writer of this kind of file. */
TCONV_API void tconv_text_comment(tconv_buffer *out, const char *text);

#ifdef __cplusplus
}
#endif
#endif
