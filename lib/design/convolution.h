/* convolution.h - a stride-1 convolution layer as deep-learning libraries have it: the part that resize_conv.h and
 * depth_to_space.h join to an upsampling step, so that the two become one transposed convolution.
 *
 *     z[co][n] = b[co] + sum over ci of the group, r of  x[ci][n + d r - P] w[co][ci][r]        (a cross-correlation)
 *
 * Weights are (Cout, Cin/g, k1..kD), row-major: PyTorch's Conv and ONNX Conv. Borrowed by the calls that take this struct.
 */
#ifndef TCONV_DESIGN_CONVOLUTION_H
#define TCONV_DESIGN_CONVOLUTION_H

#include "../core/kernel.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_convolution {
    size_t ndim, channels_in, channels_out, groups;
    size_t n_taps[TCONV_MAX_NDIM], dilation[TCONV_MAX_NDIM];
    int64_t pad_begin[TCONV_MAX_NDIM], pad_end[TCONV_MAX_NDIM];   /* P: zeros appended at either end */
    const double *weights;      /* channels_out * channels_in/groups * K */
    const double *bias;         /* channels_out, or NULL */
} tconv_convolution;

/* One channel, one tap, dilation 1, no padding on each of `ndim` axes: a start to fill in. */
TCONV_API tconv_convolution tconv_convolution_default(size_t ndim);

/* TCONV_OK, or TCONV_EGEOMETRY with the figure that is wrong. */
TCONV_API TCONV_CHECKED tconv_status tconv_convolution_check(const tconv_convolution *convolution, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
