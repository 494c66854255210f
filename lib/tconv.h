/* tconv.h - transposed convolution as signal processing: zero-insertion plus a synthesis filter.
 *
 * One layer, one axis, stride s, kernel w[0..k-1], crop pb:
 *
 *     y[n] = sum over all i, r with  s*i + d*r - pb = n  of  x[i] * w[r]
 *
 * Reading order: core/geometry.h (sizes and alignment), core/kernel.h (a layer), core/polyphase.h (its branches), then
 * analysis/figures.h (what is measured) and analysis/verdict.h (what it means).
 *
 * Conventions: row-major arrays; frequencies in cycles per output sample unless a name says otherwise; decibels in
 * names that end in _db; every buffer belongs to whoever made it; no function prints, exits, or reads the locale.
 */
#ifndef TCONV_H
#define TCONV_H

#define TCONV_VERSION "0.1.0"

#include "core/buffer.h"
#include "core/dialect.h"
#include "core/element.h"
#include "core/fftw_lock.h"
#include "core/geometry.h"
#include "core/geometry_options.h"
#include "core/kernel.h"
#include "core/kernel_tensor.h"
#include "core/layer_search.h"
#include "core/memory.h"
#include "core/polyphase.h"
#include "core/random.h"
#include "core/stack.h"
#include "core/status.h"
#include "core/tensor.h"
#include "io/container.h"
#include "io/audio.h"
#include "io/container_write.h"
#include "io/geometry_text.h"
#include "io/kernel_file.h"
#include "io/layer_spec.h"
#include "io/npy.h"
#include "io/number.h"
#include "io/onnx.h"
#include "io/picture.h"
#include "io/source.h"
#include "io/table.h"
#include "io/text.h"
#include "learn/baseline.h"
#include "learn/learn.h"
#include "learn/lesson.h"
#include "network/graph.h"
#include "network/step_response.h"
#include "network/torus.h"
#include "operator/convolve.h"
#include "operator/gradient.h"
#include "operator/isa.h"
#include "operator/matrix.h"
#include "operator/phase_bias.h"
#include "operator/pixel_shuffle.h"
#include "operator/resize.h"
#include "operator/stream.h"
#include "operator/transpose.h"
#include "operator/zero_insert.h"
#include "analysis/branch_spectra.h"
#include "analysis/cascade.h"
#include "analysis/energy.h"
#include "analysis/figures.h"
#include "analysis/image_spectra.h"
#include "analysis/images.h"
#include "analysis/phase.h"
#include "analysis/response.h"
#include "analysis/signal.h"
#include "analysis/verdict.h"
#include "report/comparison.h"
#include "report/learning.h"
#include "report/repair_report.h"
#include "io/text.h"
#include "design/bands.h"
#include "design/compare.h"
#include "design/convolution.h"
#include "design/depth_to_space.h"
#include "design/equiripple.h"
#include "design/initialise.h"
#include "design/interpolators.h"
#include "design/least_squares.h"
#include "design/prediction.h"
#include "design/reference.h"
#include "design/repair.h"
#include "design/resize_conv.h"
#include "design/sinc.h"
#include "design/wiener.h"
#include "design/window.h"
#include "learn/learn.h"
#include "network/flat_repair.h"
#include "network/graph.h"
#include "network/step_response.h"
#include "network/torus.h"
#include "io/audio.h"
#include "io/container.h"
#include "io/container_write.h"
#include "io/geometry_text.h"
#include "io/kernel_file.h"
#include "io/layer_spec.h"
#include "io/npy.h"
#include "io/number.h"
#include "io/onnx.h"
#include "io/picture.h"
#include "io/source.h"
#include "io/table.h"
#include "io/text.h"
#include "io/vocoder_config.h"
#include "report/arithmetic.h"
#include "report/comparison.h"
#include "report/flat_repair_report.h"
#include "report/layer_json.h"
#include "report/layer_text.h"
#include "report/model_text.h"
#include "report/page.h"
#include "report/repair_report.h"
#include "report/step.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that runs, "0.1.0"; TCONV_VERSION is that of the header. Static storage. */
TCONV_API const char *tconv_version(void);

#ifdef __cplusplus
}
#endif
#endif
