/* cascade.h - upsampling layers in series, non-linearities left out: the one kernel that equals them, and the tones that a
 * constant input is turned into.
 *
 *     H(f) = H_L(f) .. H_2(f s_3..s_L) H_1(f s_2..s_L)         (noble identity; Vaidyanathan 1993, 4.2)
 *
 * so h is h_1 zero-stuffed by s_2..s_L, convolved with h_2 zero-stuffed by s_3..s_L, and so on; its stride is s_1..s_L and
 * its crop p = sum_l p_l prod_{i>l} s_i. It equals running the layers one after the other away from borders, where a layer's
 * crop has taken away what the next one would have smeared back.
 */
#ifndef TCONV_ANALYSIS_CASCADE_H
#define TCONV_ANALYSIS_CASCADE_H

#include <stddef.h>

#include "../core/kernel.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* *equivalent = the kernel, of dilation 1 and without bias, that equals layers[0], then layers[1], ..: `count` >= 1 kernels of
 * one channel and the same number of axes. prod(k_1 .. ) products. The caller's, NULL on failure: TCONV_EARGUMENT (naming
 * the layer, from 1), TCONV_EGEOMETRY or TCONV_ESIZE where the whole is beyond the limits of one layer, TCONV_EBUDGET,
 * TCONV_ENOMEM. Thread-safe. */
TCONV_API TCONV_CHECKED tconv_status tconv_cascade_equivalent(const tconv_kernel *const *layers, size_t count,
                                                              tconv_kernel **equivalent, tconv_error *error);

/* One tone in the answer to a constant input. */
typedef struct tconv_tone {
    double hz;
    double db;          /* 20 log10(|H(f)|/|H(0)|) of the whole; -INFINITY: not there */
    size_t layer;       /* which layer makes it, from 0: the first whose images stand there */
} tconv_tone;

/* floor(S/2), S = s_1..s_L: the number of tones up to half the output rate. */
TCONV_API size_t tconv_cascade_tone_count(const tconv_kernel *const *layers, size_t count);

/* tones[0..floor(S/2)-1], rising, of 1-D layers whose input has `rate` samples a second: tone m stands at m * rate. A layer
 * of input rate F makes those at multiples of F, up to half its output rate. Errors as above. */
TCONV_API TCONV_CHECKED tconv_status tconv_cascade_tones(const tconv_kernel *const *layers, size_t count, double rate,
                                                         tconv_tone *tones, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
