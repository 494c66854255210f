/* graph.h - a network read from an ONNX model, evaluated exactly on a torus (theory.md 6, step response of a network).
 *
 * Far from borders a network of shift-invariant layers answers a flat input with a periodic pattern; its period is known
 * before, so a handful of samples say what an image of any size shows, non-linearities included.
 *
 *     tconv_container *model;  tconv_network *network;  tconv_torus out[1] = { { 0 } };
 *     status = tconv_container_open(&model, "model.onnx", NULL, &error);
 *     status = tconv_network_create(&network, model, NULL, &error);
 *     double grey[3] = { 0.5, 0.5, 0.5 };
 *     status = tconv_network_run(network, grey, NULL, TCONV_NO_LAYER, out, &error);     one period of output 0
 *
 * A network has one input, an image: (batch, channels, x) or (batch, channels, y, x). Operators that are not known or not
 * shift-invariant are refused with their node, never guessed. Lengths of axes are numbers at a stand-in size, see torus.h.
 */
#ifndef TCONV_NETWORK_GRAPH_H
#define TCONV_NETWORK_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/status.h"
#include "../io/container.h"
#include "torus.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_NO_LAYER ((size_t)-1)

typedef struct tconv_network_options {     /* zero: the defaults                                    Typically */
    size_t channels;                       /* of the input where the model does not tell            0 */
    bool single_precision;                 /* round what every layer makes to float                 false */
    size_t most_elements;                  /* of one value                                          2^24 */
    size_t most_period;                    /* samples of a period along one axis                    4096 */
    double most_products;                  /* multiplications of one run                            1e10 */
} tconv_network_options;

typedef struct tconv_network tconv_network;    /* read-only after creation, but see tconv_network_run */

/* Read the graph of an ONNX container, which is borrowed and must outlive the network; options may be NULL. Constants are
 * folded and every needed layer is tried once. On failure *network is NULL: TCONV_EUNSUPPORTED names the node and operator,
 * TCONV_EFORMAT, TCONV_ESIZE, TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_API TCONV_CHECKED tconv_status tconv_network_create(tconv_network **network, tconv_container *container,
                                                          const tconv_network_options *options, tconv_error *error);
TCONV_API void tconv_network_destroy(tconv_network *network);    /* NULL is fine */

/* The names of the supported operators, i from 0; NULL after the last. Static storage. */
TCONV_API const char *tconv_network_operator(size_t i);

TCONV_API size_t tconv_network_ndim(const tconv_network *network);        /* axes of space: 1 or 2 */
TCONV_API size_t tconv_network_channels(const tconv_network *network);    /* of the input */
TCONV_API size_t tconv_network_outputs(const tconv_network *network);
TCONV_API const char *tconv_network_output_name(const tconv_network *network, size_t i);
TCONV_API bool tconv_network_single_precision(const tconv_network *network);

/* A layer with branches of its own: a transposed convolution, or channels that are laid out in space. */
typedef struct tconv_network_layer {
    const char *name, *operator_name;      /* of the node; borrowed */
    size_t factor[2];                      /* branches along each axis of space */
    double step[2];                        /* between samples of its output, in samples of the network's input */
} tconv_network_layer;

TCONV_API size_t tconv_network_layers(const tconv_network *network);
TCONV_API const tconv_network_layer *tconv_network_layer_at(const tconv_network *network, size_t i);

/* A layer at which several maps meet: how far the centres of their receptive fields are apart (theory.md 2), the second
 * map's minus the first one's, the largest where more than two meet. */
typedef struct tconv_network_join {
    const char *name, *operator_name;
    double offset[2];                      /* in samples of the layer's own output */
    double step[2];                        /* between those samples, in samples of the network's input */
} tconv_network_join;

TCONV_API size_t tconv_network_joins(const tconv_network *network);
TCONV_API const tconv_network_join *tconv_network_join_at(const tconv_network *network, size_t i);

/* Run the network on a flat input of `tile[channel]` (period NULL), or on a texture: tile has channels x period[0] (x
 * period[1]) values, row-major, that repeat for ever. equalised: number of a layer whose branches get the same gain, or
 * TCONV_NO_LAYER. outputs: as many as the network has, empty ones; the caller frees them (tconv_torus_free), also those of a
 * failed call. A network may be used by one thread at a time. TCONV_ENONFINITE names the node that made the first NaN or
 * infinity; TCONV_ESIZE where the limits are passed. */
TCONV_API TCONV_CHECKED tconv_status tconv_network_run(tconv_network *network, const double *tile, const size_t *period,
                                                       size_t equalised, tconv_torus *outputs, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
