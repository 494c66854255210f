/* response.h - the frequency response of kernels: on a grid by FFT, at any frequency by the sum itself.
 *
 *     H(f) = sum_n h[n] exp(-2 pi i f.n),   f in cycles per output sample, one per axis
 *
 * h is the dilated kernel, its first tap at n = 0 (what freqz computes). One plan serves any number of kernels of one
 * shape, so 131072 responses cost one plan:
 *
 *     tconv_response *plan = NULL;
 *     size_t n_fft[] = { tconv_response_circle(512) };               // f = 0 .. 1/2 in 512 points, both ends
 *     if (tconv_response_create(&plan, &kernel->geometry, n_fft, TCONV_F64, &error) == TCONV_OK)
 *         tconv_response_execute(plan, kernel->taps, 1, response);   // response[j] = H(j/n_fft)
 *     tconv_response_destroy(plan);
 *
 * Accuracy of a transform of N points: L2 error below 1.0 u sqrt(log2 N) relative to the L2 norm of H where N has no prime
 * factor above 13, twice that elsewhere; single values far below the
 * largest are only as right as that norm allows (there, use tconv_response_at). The bits do not depend on the number of
 * kernels executed at once.
 */
#ifndef TCONV_ANALYSIS_RESPONSE_H
#define TCONV_ANALYSIS_RESPONSE_H

#include <stddef.h>

#include "../core/element.h"
#include "../core/geometry.h"
#include "../core/status.h"
#include "images.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_response tconv_response;   /* owns its work space: one execution at a time per plan */

/* The circle whose upper half is `points` >= 2 frequencies from 0 to 1/2, both included: 2 (points - 1), or SIZE_MAX, which no plan
 * takes, where that is none. */
TCONV_API size_t tconv_response_circle(size_t points);

/* Plan the response of kernels with the spatial shape and dilation of `geometry` (a checked one; its channels and strides
 * play no part) on n_fft[i] >= 1 frequencies round the circle of axis i: f_i = j_i / n_fft[i]. Any n_fft will do, also one
 * shorter than the kernel. element is TCONV_F64 or TCONV_F32. On failure *plan is NULL and *error says why:
 * TCONV_EARGUMENT, TCONV_ESIZE, TCONV_EBUDGET, TCONV_ENOMEM. Thread-safe. */
TCONV_API TCONV_CHECKED tconv_status tconv_response_create(tconv_response **plan, const tconv_geometry *geometry,
                                                           const size_t *n_fft, tconv_element element, tconv_error *error);
TCONV_API void tconv_response_destroy(tconv_response *plan);   /* NULL is fine */

/* Values per kernel: n_fft[0] * .. * (n_fft[D-1]/2 + 1), row-major, the last axis going from f = 0 to 1/2 only (taps are
 * real: H(-f) is the conjugate of H(f)). */
TCONV_API size_t tconv_response_count(const tconv_response *plan);

/* response (count, tconv_response_count(plan)) = H of `count` kernels, taps (count, k1..kD), both row-major and of the
 * plan's element type: tconv_complex, or float pairs re, im. They do not overlap. Nothing is allocated, but by FFTW
 * where some n_fft has a large prime factor (core/fftw_lock.h), nothing can fail. */
TCONV_API void tconv_response_execute(tconv_response *plan, const void *taps, size_t count, void *response);

/* response[i] = H(f[i][0..ndim-1]) for `count` frequencies, any finite numbers: every product of the definition, the
 * phases reduced exactly. Error of one value: a few eps sum|h|. Thread-safe. TCONV_EARGUMENT (a frequency is not finite),
 * TCONV_ENOMEM, TCONV_EBUDGET. */
TCONV_API TCONV_CHECKED tconv_status tconv_response_at(const tconv_geometry *geometry, const double *taps, const double *f,
                                                       size_t count, tconv_complex *response);

#ifdef __cplusplus
}
#endif
#endif
