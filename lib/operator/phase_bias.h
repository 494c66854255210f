/* phase_bias.h - biases that differ over the output phases, added after the layer.
 *
 * A convolution before a pixel shuffle has a bias for each of the S phases of an output; a transposed convolution has one
 * for each output. The layer is run with kernel->bias, the means, and these add the rest, with q = (j + pb) mod s along
 * each axis (kernel.h):
 *
 *     y[co][j] += phase_bias[co][q] - bias[co]
 */
#ifndef TCONV_OPERATOR_PHASE_BIAS_H
#define TCONV_OPERATOR_PHASE_BIAS_H

#include <stddef.h>

#include "../core/element.h"
#include "../core/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

/* y (batch, Cout, m1..mD), row-major, of TCONV_F32 or TCONV_F64. Nothing where the kernel has no such biases. Pure. */
TCONV_API void tconv_phase_bias_add(const tconv_kernel *kernel, tconv_element element, size_t batch, const size_t *n_out, void *y);

/* The same in one dimension for `frames` frames of copies * Cout values (stream.h), the first of which is output sample
 * `first` of a signal. */
TCONV_API void tconv_phase_bias_add_frames(const tconv_kernel *kernel, size_t copies, size_t first, size_t frames, double *y);

#ifdef __cplusplus
}
#endif
#endif
