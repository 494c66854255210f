/* solve.h - small dense symmetric systems A x = b with A positive definite, as the designs by least squares give them.
 *
 * Cholesky, A = L L^T, after scaling the diagonal to 1; then refinement of x with residuals in twice the working
 * precision (sum.h), so that x is right to a few eps as long as A's condition number is below some 1e14 (Higham 2002,
 * "Accuracy and Stability of Numerical Algorithms", section 12.1). Where rounding makes a pivot of a nearly singular A
 * negative, a multiple of eps of the unit matrix is added before the factorization, and refinement undoes it as far as
 * A determines x at all: the residual is small, x is the one of the smaller norms.
 */
#ifndef TCONV_DESIGN_SOLVE_H
#define TCONV_DESIGN_SOLVE_H

#include <stddef.h>

#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_cholesky tconv_cholesky;   /* a factored matrix; read-only, threads may share one */

/* Factor the n x n matrix (row-major; only its lower triangle is read; kept by reference: it must outlive the result).
 * TCONV_EARGUMENT where a diagonal element is negative or not finite, or A far from positive; a zero row and column make
 * that x 0. TCONV_ENOMEM, TCONV_EBUDGET, TCONV_ESIZE. */
TCONV_CHECKED tconv_status tconv_cholesky_create(tconv_cholesky **factor, const double *matrix, size_t n, tconv_error *error);
void tconv_cholesky_destroy(tconv_cholesky *factor);   /* NULL is fine */

/* x = A^-1 b; b and x of n values may be the same array. */
TCONV_CHECKED tconv_status tconv_cholesky_solve(const tconv_cholesky *factor, const double *b, double *x, tconv_error *error);

/* Both in one call. */
TCONV_CHECKED tconv_status tconv_solve_symmetric(const double *matrix, size_t n, const double *b, double *x, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
