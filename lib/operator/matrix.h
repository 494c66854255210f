/* matrix.h - the operator as an explicit matrix: C and its transpose, sparse for the test, dense for the eye.
 *
 *     (C z)[i] = sum_r w[r] z[s*i + d*r - pb]      C has a row for each input sample of the layer (the small side)
 *     y        = C^T x                             and a column for each output sample (the large side)
 *
 * With channels the rows are (ci, i1..iD) and the columns (co, j1..jD), row-major. k = 3, s = 2, p = 1 and M = 5 gives
 * the N = 3 rows  [w1 w2 0 0 0]  [0 w0 w1 w2 0]  [0 0 0 w0 w1].
 *
 *     tconv_matrix *c = NULL;
 *     if (tconv_matrix_create(&c, &kernel->geometry, kernel->taps, n_in, &error) == TCONV_OK)
 *         tconv_matrix_multiply_transpose(c, x, y);
 *     tconv_matrix_destroy(c);
 */
#ifndef TCONV_OPERATOR_MATRIX_H
#define TCONV_OPERATOR_MATRIX_H

#include <stddef.h>

#include "../core/geometry.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Compressed rows: the entries of row i are number start[i] to start[i+1]-1, columns ascending. A tap of value zero is
 * an entry all the same. Read-only after creation. */
typedef struct tconv_matrix {
    size_t rows, columns;
    size_t entries;              /* = start[rows] */
    size_t *start;               /* rows + 1 values; owned, as the others are */
    size_t *column;              /* `entries` values */
    double *value;
} tconv_matrix;

/* C of a layer with n_in[0..ndim-1] input samples, taps in the order of kernel.h. On failure *matrix is NULL:
 * TCONV_EGEOMETRY, TCONV_ESIZE, TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_API TCONV_CHECKED tconv_status tconv_matrix_create(tconv_matrix **matrix, const tconv_geometry *geometry,
                                                         const double *taps, const size_t *n_in, tconv_error *error);
TCONV_API void tconv_matrix_destroy(tconv_matrix *matrix);   /* NULL is fine */

/* *transposed = the transpose, a new matrix. Errors as above. */
TCONV_API TCONV_CHECKED tconv_status tconv_matrix_transpose(tconv_matrix **transposed, const tconv_matrix *matrix,
                                                            tconv_error *error);

/* dense[0..rows*columns-1] = the matrix, row-major. */
TCONV_API void tconv_matrix_dense(const tconv_matrix *matrix, double *dense);

/* to = matrix * from (`columns` values into `rows`), and to = transpose * from (`rows` values into `columns`). */
TCONV_API void tconv_matrix_multiply(const tconv_matrix *matrix, const double *from, double *to);
TCONV_API void tconv_matrix_multiply_transpose(const tconv_matrix *matrix, const double *from, double *to);

#ifdef __cplusplus
}
#endif
#endif
