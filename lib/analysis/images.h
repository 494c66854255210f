/* images.h - the spectral images of a constant input, through the duality.
 *
 * An input tone at v cycles per input sample comes out at f_m = (v + m)/s, m = 0..s-1, with gain |H(f_m)|: m = 0 is the
 * signal, the others are its images. For a constant input (v = 0) the branch DC gains g_q = sum_n h_q[n] and the samples
 * of H at the image frequencies are a DFT pair (Vaidyanathan 1993, 4.3):
 *
 *     H(m/s) = sum_q g_q exp(-2 pi i m q / s)
 *
 * so every image vanishes exactly when all g_q are equal: flat input, flat output.
 */
#ifndef TCONV_ANALYSIS_IMAGES_H
#define TCONV_ANALYSIS_IMAGES_H

#include <stddef.h>

#include "../core/geometry.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_complex {
    double re, im;
} tconv_complex;

/* image[m] = H(m/s) for all S images, row-major over m like the phases, from the S gains g_q. Sums are compensated, and
 * the roots of unity exact at the quarter turns. S * sum(s_i) operations; an axis
 * of stride above 1024 goes by FFT. `image` does not overlap `gain`. Thread-safe.
 * TCONV_ENOMEM, TCONV_EBUDGET. */
TCONV_API TCONV_CHECKED tconv_status tconv_images_of_gains(const tconv_geometry *geometry, const double *gain,
                                                           tconv_complex *image);

#ifdef __cplusplus
}
#endif
#endif
