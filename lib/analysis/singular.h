/* singular.h - the largest singular value of a dense matrix (internal). */
#ifndef TCONV_ANALYSIS_SINGULAR_H
#define TCONV_ANALYSIS_SINGULAR_H

#include <stddef.h>

#include "../core/complex_number.h"
#include "../core/status.h"

/* *sigma = the largest singular value of the rows x cols matrix `a`, row-major, by Lanczos' method on A^H A with full
 * reorthogonalisation (Golub and Van Loan 2013, section 10.3) from a fixed start: relative error of a few eps, also
 * where singular values cluster, because at worst it runs through the whole space. Deterministic. Thread-safe.
 * TCONV_ENOMEM, TCONV_EBUDGET. */
TCONV_CHECKED tconv_status tconv_largest_singular(const double complex *a, size_t rows, size_t cols, double *sigma);

#endif
