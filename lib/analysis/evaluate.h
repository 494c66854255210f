/* evaluate.h - H(f) of one kernel at any frequency, with its first and second derivatives (internal).
 *
 *     H(f) = sum_n h[n] exp(-2 pi i f.n),   f in cycles per output sample, one per axis
 *
 * with n counted from the kernel's geometric centre d(k-1)/2 of each axis: |H| is the same, and the phase and the
 * derivatives are as small as they can be. Taps of a dilated kernel stand at d*r.
 */
#ifndef TCONV_ANALYSIS_EVALUATE_H
#define TCONV_ANALYSIS_EVALUATE_H

#include <stddef.h>

#include "../core/complex_number.h"
#include "../core/geometry.h"
#include "../core/status.h"

/* A kernel as the evaluation sees it: an array of taps, row-major, a step between taps and an image period per axis. */
typedef struct tconv_filter {
    size_t ndim;
    size_t n_taps[TCONV_MAX_NDIM];    /* extents of `taps`; 0 along any axis is a filter of no taps, H = 0 */
    size_t step[TCONV_MAX_NDIM];      /* d: samples from tap to tap */
    size_t stride[TCONV_MAX_NDIM];    /* s: images stand at multiples of 1/s; 1 = none */
    const double *taps;               /* borrowed */
} tconv_filter;

/* The filter of one kernel's taps in its geometry. */
tconv_filter tconv_filter_of(const tconv_geometry *geometry, const double *taps);

/* The number of taps. */
size_t tconv_filter_count(const tconv_filter *filter);

typedef struct tconv_evaluator tconv_evaluator;   /* owns work space: one thread at a time */

TCONV_CHECKED tconv_status tconv_evaluator_create(tconv_evaluator **evaluator, const tconv_filter *filter);
void tconv_evaluator_destroy(tconv_evaluator *evaluator);   /* NULL is fine */

/* H(f), derivatives by f_i in cycles per output sample. The error of each sum is a few eps sum|h| (2 pi |n|)^order. */
typedef struct tconv_response_point {
    double complex value;
    double complex gradient[TCONV_MAX_NDIM];
    double complex hessian[TCONV_MAX_NDIM][TCONV_MAX_NDIM];
} tconv_response_point;

double complex tconv_evaluate(tconv_evaluator *evaluator, const double *f);
void tconv_evaluate_point(tconv_evaluator *evaluator, const double *f, tconv_response_point *point);

/* The sum of the filter over all axes but one: H along that axis where the other frequencies are 0. `taps` receives
 * n_taps[axis] compensated sums. */
void tconv_filter_marginal(const tconv_filter *filter, size_t axis, double *taps, tconv_filter *marginal);

#endif
