/* container_write.h - a copy of a model file in which some tensors have other values, and all else is as it was.
 *
 * safetensors, ONNX and TensorFlow Lite: every byte outside the tensors is the same byte. npz: every other member is the
 * same, packed as it was. The new values are rounded to the type that the tensor has (to nearest, ties to even). Tensors
 * that are made of others are followed back: copies and casts to what they copy, transposed ones turned back, weight
 * normalisation to its direction v = w and its length g = |w|. Integers with a scale are not written, nor PyTorch files
 * and folders of raw files. Nothing reaches the sink before all of it is known to fit.
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
 * written, integers; TCONV_EARGUMENT where count is another; TCONV_ENONFINITE where a value does not fit the type;
 * TCONV_EWRITE where the sink said no; and what reading can answer. */
TCONV_API TCONV_CHECKED tconv_status tconv_container_replace(tconv_container *container, size_t i, const double *values,
                                                             size_t count, tconv_sink sink, void *state, tconv_error *error);

/* A layer of the container and a kernel with its channels and its kernel size. Both are borrowed. */
typedef struct tconv_layer_change {
    size_t layer;
    const tconv_kernel *kernel;
} tconv_layer_change;

/* The weights of several layers at once, from the taps of kernels. The bias is left as it is, but for convolutions before a
 * depth to space, whose biases belong to phases: they become the kernel's. Layers may share a tensor where they agree on
 * its values. TCONV_EGEOMETRY where sizes differ or a tap is where such a convolution has no weight. */
TCONV_API TCONV_CHECKED tconv_status tconv_container_replace_layers(tconv_container *container, const tconv_layer_change *changes,
                                                                    size_t count, tconv_sink sink, void *state, tconv_error *error);

/* The same for one layer. */
TCONV_API TCONV_CHECKED tconv_status tconv_container_replace_layer(tconv_container *container, size_t i,
                                                                   const tconv_kernel *kernel, tconv_sink sink,
                                                                   void *state, tconv_error *error);

/* Could layer i be replaced? TCONV_OK, or TCONV_EUNSUPPORTED with the reason, before any work is done. */
TCONV_API TCONV_CHECKED tconv_status tconv_container_check_replace_layer(tconv_container *container, size_t i, tconv_error *error);

/* The element type that the weight of layer i is stored in; TCONV_ELEMENT_COUNT where it is none of those known. */
TCONV_API tconv_element tconv_container_layer_element(const tconv_container *container, size_t i);

#ifdef __cplusplus
}
#endif
#endif
