/* stack.h - layers in series along one axis: sizes, the one layer that equals them, samples lost, tone combs.
 *
 * Layer l = 1..L with stride s_l, dilated length k_l, crops pb_l and pe_l, output padding o_l. By the noble identity (a
 * filter before an s-fold upsampler is the same filter, zero-stuffed, behind it; Vaidyanathan 1993, 4.2) two layers are one:
 *
 *     s = s1 s2     h[n] = sum_m h1[m] h2[n - s2 m]     k = s2 (k1 - 1) + k2     pb = s2 pb1 + pb2,  so pe and o
 *
 * and L layers by repetition. Sizes and alignment are exact; samples differ only near the ends, where a layer's crop has
 * taken away what the next one would have smeared back.
 */
#ifndef TCONV_CORE_STACK_H
#define TCONV_CORE_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "geometry.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_STACK_LAYERS ((size_t)64)   /* the most layers in series */

/* M - s*N = k_eff - s - pb - pe + o, whatever N is: negative where samples are lost against the s-fold size. */
TCONV_API int64_t tconv_axis_surplus(const tconv_axis *axis);

/* The output padding with which M = s*N, all else the same. False where there is none in 0 .. max(s, d) - 1. */
TCONV_API bool tconv_axis_repair_padding(const tconv_axis *axis, size_t *output_padding);

/* sizes[0..count-1] = the output sizes of the layers for N input samples. TCONV_EGEOMETRY or TCONV_ESIZE naming the layer. */
TCONV_API TCONV_CHECKED tconv_status tconv_stack_sizes(const tconv_axis *layers, size_t count, size_t n_in, size_t *sizes,
                                                       tconv_error *error);

/* *whole = the layer that equals all of them, dilation 1. TCONV_EARGUMENT where count is not 1..TCONV_STACK_LAYERS,
 * TCONV_EGEOMETRY where a layer is not possible (naming it, from 1) or the whole is beyond the limits of one layer. */
TCONV_API TCONV_CHECKED tconv_status tconv_stack_equivalent(const tconv_axis *layers, size_t count, tconv_axis *whole,
                                                            tconv_error *error);

/* pixel_offset of the whole in samples of the stack's input: sum over l of pixel_offset_l / (s_1 .. s_(l-1)). */
TCONV_API double tconv_stack_pixel_offset(const tconv_axis *layers, size_t count);

/* s_1 .. s_(l-1), l from 0: layer l's input rate in units of the stack's. Where the layers before it treat every output
 * alike, layer l turns a constant into tones at the multiples of its own input rate. Layers as checked by
 * tconv_stack_equivalent. */
TCONV_API size_t tconv_stack_rate(const tconv_axis *layers, size_t layer);

/* Layer l of input rate F makes the tones F, 2F, .. up to half its output rate, floor(s/2) of them. */
TCONV_API size_t tconv_axis_tones(const tconv_axis *axis);

#ifdef __cplusplus
}
#endif
#endif
