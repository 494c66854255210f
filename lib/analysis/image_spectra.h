/* image_spectra.h - the gain of the signal and of every image over the whole input band, and the bifrequency map.
 *
 * An input tone at v cycles per input sample comes out at f = (v + m)/s, m = 0..s-1, with the gain |H(f)|: m = 0 is the
 * signal, the others are its images. So on the plane of input and output frequencies the operator lives on s parallel
 * lines, and the gain along each is |H| itself (Crochiere and Rabiner 1983, 2.3; Akkarakaran and Vaidyanathan 2000).
 */
#ifndef TCONV_ANALYSIS_IMAGE_SPECTRA_H
#define TCONV_ANALYSIS_IMAGE_SPECTRA_H

#include <stddef.h>

#include "../core/geometry.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* gain (S, points), row-major: gain[m][j] = |H(f)| at f = (v + m)/s, v = 0 .. 1/2 in `points` >= 2 steps along `axis` and 0
 * along the other axes, m all S images, row-major over the axes as the phases are. (v < 0 needs no rows of its own:
 * |H((-v + m)/s)| = |H((v + s - m)/s)|.) Gains below 8 eps sum|h| are 0. Thread-safe. TCONV_EARGUMENT, TCONV_ESIZE,
 * TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_API TCONV_CHECKED tconv_status tconv_image_spectra(const tconv_geometry *geometry, const double *taps, size_t axis,
                                                         size_t points, double *gain);

/* One point of the bifrequency map of one axis. */
typedef struct tconv_bifrequency {
    double f_in;      /* v, cycles per input sample, -1/2 .. 1/2 */
    double f_out;     /* (v + m)/s taken to -1/2 .. 1/2, cycles per output sample */
    double gain;      /* |H(f_out)| */
} tconv_bifrequency;

/* map (s, 2 points - 1): line m at v = -1/2 .. 1/2 along `axis`, the frequencies of the other axes 0. Along a line f_out
 * rises, but where it leaves at 1/2 it comes in again at -1/2. Errors as above. */
TCONV_API TCONV_CHECKED tconv_status tconv_bifrequency_map(const tconv_geometry *geometry, const double *taps, size_t axis,
                                                           size_t points, tconv_bifrequency *map);

#ifdef __cplusplus
}
#endif
#endif
