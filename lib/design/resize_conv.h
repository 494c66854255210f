/* resize_conv.h - Resize followed by a convolution, as the one transposed convolution that it equals.
 *
 * Along one axis of scale s, with the convolution of convolution.h (P zeros at the beginning, dilation d, k taps w):
 *
 *     h  = base * flip(dilated w)               a convolution; length len(base) + d(k-1)
 *     pb = pb_base + d(k-1) - P,                pe = such that the size is the same: s N + P + P_end - d(k-1)
 *
 * base is the synthesis filter of the resize step, pb_base its crop. Nearest neighbour repeats samples: base = box_s of s
 * ones, and input source(j) = floor((j + pb_base)/s), so that pb_base depends on grid and rounding alone; this is exact up
 * to the borders wherever 0 <= source(j) < N. Linear and cubic have base = phi(n/s) (interpolators.h) and are exact away from the borders,
 * where resizing repeats the first sample and a transposed convolution takes zeros. H has the zeros of base at every m/s.
 */
#ifndef TCONV_DESIGN_RESIZE_CONV_H
#define TCONV_DESIGN_RESIZE_CONV_H

#include "../core/resize_mode.h"
#include "convolution.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How nearest rounds u, the place of output j in the input (ONNX Resize, nearest_mode). */
typedef enum { TCONV_ROUND_PREFER_FLOOR, TCONV_ROUND_PREFER_CEIL, TCONV_ROUND_FLOOR, TCONV_ROUND_CEIL } tconv_rounding;

typedef struct tconv_resize {                 /*                                            Typically             */
    size_t scale[TCONV_MAX_NDIM];             /* s, whole                                   2, 2                  */
    tconv_resize_mode mode;                   /*                                            nearest               */
    tconv_grid grid;                          /* half-pixel u = (j + 1/2)/s - 1/2; asymmetric u = j/s  asymmetric */
    tconv_rounding rounding;                  /* nearest only                               floor                 */
} tconv_resize;

/* base[0..*n_base-1] of one axis and *pad_begin = pb_base. base has room for 4 s values. TCONV_EUNSUPPORTED: the align-corners
 * grid, whose steps are no whole fraction of a sample. TCONV_EARGUMENT: a mode or rounding that is none. */
TCONV_API TCONV_CHECKED tconv_status tconv_resize_filter(const tconv_resize *resize, size_t axis, double *base, size_t *n_base,
                                                         int64_t *pad_begin, tconv_error *error);

/* *kernel = the transposed convolution that equals resize, then convolution: taps (Cin, Cout/g, ..), the bias copied,
 * operator_name "Resize+Conv". On failure NULL: as above; TCONV_EGEOMETRY where the result is larger than allowed;
 * TCONV_ENOMEM, TCONV_EBUDGET, TCONV_ESIZE. */
TCONV_API TCONV_CHECKED tconv_status tconv_resize_conv(const tconv_resize *resize, const tconv_convolution *convolution,
                                                       tconv_kernel **kernel, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
