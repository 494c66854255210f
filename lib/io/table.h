/* table.h - tables for gnuplot: columns of numbers under a header that explains itself.
 *
 *     # |H(f)| of the branches
 *     # 1: f in cycles per input sample
 *     # 2: magnitude
 *     # block 0: branch 0
 *     0 1.5
 *     0.25 1.25
 *     <blank>
 *     <blank>
 *     # block 1: branch 1
 *     0 0.5
 *
 * Blocks are what gnuplot calls index 0, 1, ..: two blank lines divide them. Numbers read back to the same double; what
 * is not defined (NaN) is "?" (in gnuplot: set datafile missing "?"), infinite is "inf" or "-inf".
 */
#ifndef TCONV_IO_TABLE_H
#define TCONV_IO_TABLE_H

#include <stddef.h>

#include "../core/buffer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The header: the title (each line of it a comment) and the columns, numbered from 1 as gnuplot does. */
TCONV_API void tconv_table_begin(tconv_buffer *out, const char *title, const char *const *columns, size_t n_columns);

/* Begin block number `index`, 0 for the first, with its own title. A table of a single block needs none. */
TCONV_API void tconv_table_block(tconv_buffer *out, size_t index, const char *title);

/* One row. */
TCONV_API void tconv_table_row(tconv_buffer *out, const double *values, size_t count);

/* A blank line: the next scan line of a surface (gnuplot's grid data). */
TCONV_API void tconv_table_scan_line(tconv_buffer *out);

#ifdef __cplusplus
}
#endif
#endif
