/* container_write.h - a copy of a model file in which one tensor has other values, and all else is as it was.
 *
 * safetensors, ONNX and TensorFlow Lite: every byte outside the tensor is the same byte. npz: every other member is the
 * same, packed as it was. The new values are rounded to the type that the tensor has (to nearest, ties to even).
 */
#ifndef TCONV_IO_CONTAINER_WRITE_H
#define TCONV_IO_CONTAINER_WRITE_H

#include "container.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Takes the next bytes of the copy; false stops the writing. */
typedef bool (*tconv_sink)(void *state, const void *bytes, size_t size);

/* values[0..count-1], row-major, for tensor i. TCONV_EUNSUPPORTED with the reason: a format or storage that is not
 * written, integers, tensors that are computed from others; TCONV_EARGUMENT where count is another; TCONV_ENONFINITE
 * where a value does not fit the type; TCONV_EWRITE where the sink said no; and what reading can answer. */
TCONV_API TCONV_CHECKED tconv_status tconv_container_replace(tconv_container *container, size_t i, const double *values,
                                                             size_t count, tconv_sink sink, void *state, tconv_error *error);

/* The same for the weight of layer i, from the taps of a kernel with the layer's channels and kernel size.
 * TCONV_EGEOMETRY where they differ. The bias is left as it is. */
TCONV_API TCONV_CHECKED tconv_status tconv_container_replace_layer(tconv_container *container, size_t i,
                                                                   const tconv_kernel *kernel, tconv_sink sink,
                                                                   void *state, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
