/* geometry_options.h - the geometry of a layer as somebody says it: a user's options, a comment in a file, a graph.
 *
 * Every field may be absent. Two sources are merged (options over the file), then completed by the shape of the weights
 * into a checked tconv_geometry. A list has one value per axis, or one for all axes.
 *
 *     tconv_geometry_options given = { 0 };                        nothing is given
 *     given.stride = (tconv_option_list){ .count = 1, .values = { 2 } };
 *     tconv_geometry_of_shape(&given, (size_t[]){ 64, 32, 4, 4 }, 4, &geometry, &error);
 */
#ifndef TCONV_CORE_GEOMETRY_OPTIONS_H
#define TCONV_CORE_GEOMETRY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "geometry.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_MAX_OPTION_VALUES (2 * TCONV_MAX_NDIM)

typedef struct tconv_option_list {
    size_t count;                               /* 0: not given */
    int64_t values[TCONV_MAX_OPTION_VALUES];
} tconv_option_list;

typedef enum {
    TCONV_LAYOUT_IO,    /* (Cin, Cout/groups, k1..kD): PyTorch, ONNX */
    TCONV_LAYOUT_TF     /* (k1..kD, Cout/groups, Cin): TensorFlow, Keras */
} tconv_layout;

typedef struct tconv_geometry_options {
    tconv_option_list stride, dilation, output_padding;
    tconv_option_list padding;                  /* cropped on both sides */
    tconv_option_list pads;                     /* ONNX order: all begins, then all ends */
    tconv_option_list output_shape;             /* M per axis; needs input_size */
    tconv_option_list input_size;               /* N per axis */
    size_t groups, ndim;                        /* 0: not given */
    bool auto_pad_given, layout_given;
    tconv_auto_pad auto_pad;
    tconv_layout layout;
} tconv_geometry_options;

/* *merged = `base` with everything that `over` gives in its place. padding, pads, auto_pad and output_shape are four
 * ways to say one thing: where `over` gives one of them, those of `base` are forgotten. merged may be base or over. */
TCONV_API void tconv_geometry_options_merge(const tconv_geometry_options *base, const tconv_geometry_options *over,
                                            tconv_geometry_options *merged);

/* Fill stride, dilation, crops and output padding of the axes of *geometry, whose ndim, channels and n_taps are set,
 * and groups where given; then check it. Not given: dilation 1, no crop, no output padding, groups as they are.
 * Errors: TCONV_ENOSTRIDE; TCONV_EARGUMENT for options that contradict one another or have a wrong number of values;
 * TCONV_EGEOMETRY, TCONV_ESIZE for a layer that cannot be. */
TCONV_API TCONV_CHECKED tconv_status tconv_geometry_options_apply(const tconv_geometry_options *options,
                                                                  tconv_geometry *geometry, tconv_error *error);

/* The geometry of weights of this shape:
 *     rank 1, rank 2, and ndim = rank    one kernel of `rank` dimensions (rank 2 with an extent of 1 and ndim = 1: of one)
 *     rank r >= 3, ndim = r-2 or absent  (Cin, Cout/groups, k1..k(r-2)), or (k1..k(r-2), Cout/groups, Cin) in layout TF
 * Errors as tconv_geometry_options_apply, and TCONV_EUNSUPPORTED for other ranks, TCONV_EGEOMETRY for an empty array. */
TCONV_API TCONV_CHECKED tconv_status tconv_geometry_of_shape(const tconv_geometry_options *options, const size_t *shape,
                                                             size_t rank, tconv_geometry *geometry, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
