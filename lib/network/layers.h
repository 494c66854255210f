/* layers.h - what the layers of a network share: one call of an operator on the torus (internal).
 *
 * Each family of operators is a file layers_NAME.c with a table of its operators; layers.c finds an operator in the
 * tables. An operator reads call->in, sets the axes of call->out[0], allocates and fills it.
 */
#ifndef TCONV_NETWORK_LAYERS_H
#define TCONV_NETWORK_LAYERS_H

#include "../io/container.h"
#include "../io/onnx.h"
#include "torus.h"

#define TCONV_LAYER_MOST_INPUTS ((size_t)256)

typedef struct tconv_layer_call {
    const tconv_onnx_node *node;
    int64_t opset;
    tconv_container *container;        /* for tensors in attributes */
    const tconv_torus *const *in;      /* NULL = left out */
    size_t n_in;
    tconv_torus *out;
    size_t n_out;
    bool equalise;                     /* give every branch of the layer the same gain */
    bool open_size;                    /* lengths are at a stand-in for any size, see torus.h */
    size_t most_elements, most_period;
    double *work;                      /* products that may still be spent */
    size_t factor[2];                  /* out: how many branches the layer has along each axis of space; 0 = none */
    double shift[2];                   /* out: where maps meet, the largest distance of their centres, in samples of the output */
    bool joins;                        /* out: several maps meet here */
    tconv_error *error;
} tconv_layer_call;

typedef struct tconv_layer_operator {
    const char *name;
    size_t least_inputs, most_inputs;
    tconv_status (*run)(tconv_layer_call *call);
} tconv_layer_operator;

/* The operator of the standard domain with this name, NULL where it is not supported; and the names of all, i from 0. */
const tconv_layer_operator *tconv_layer_find(const char *name);
const char *tconv_layer_name(size_t i);

/* Tables, ended by a NULL name. */
extern const tconv_layer_operator tconv_layers_axis[], tconv_layers_conv[], tconv_layers_matrix[], tconv_layers_norm[],
    tconv_layers_pointwise[], tconv_layers_pool[], tconv_layers_reduce[], tconv_layers_resize[], tconv_layers_shape[];

/* Fail with a sentence that begins with the node's name and operator. */
tconv_status tconv_layer_fail(tconv_layer_call *call, tconv_status status, const char *format, ...) TCONV_PRINTF(3, 4);

/* Put the node before the sentence of a failure that does not know it; the status is passed on. */
tconv_status tconv_layer_named(tconv_layer_call *call, tconv_status status);

/* The name of a node for messages: its own, else its first output's. */
const char *tconv_node_name(const tconv_onnx_node *node);

/* Input i, NULL where it is left out. */
const tconv_torus *tconv_layer_in(const tconv_layer_call *call, size_t i);

/* Refuse unless so many products are left to be spent. */
TCONV_CHECKED tconv_status tconv_layer_spend(tconv_layer_call *call, double products);

/* Allocate output o, whose axes are set. */
TCONV_CHECKED tconv_status tconv_layer_allocate(tconv_layer_call *call, size_t o);
TCONV_CHECKED tconv_status tconv_layer_select(tconv_layer_call *call, size_t o, const tconv_torus *from, size_t *const *index);

/* Output o = a copy of `from`, its axes being set already (so many elements), or not (`same`). */
TCONV_CHECKED tconv_status tconv_layer_copy(tconv_layer_call *call, size_t o, const tconv_torus *from, bool same);

/* `to` = tensor number `index` of a container, all of its axes fixed. Whole numbers that no double equals (the 2^63 - 1 that
 * means "to the end") are rounded. */
TCONV_CHECKED tconv_status tconv_layer_load(tconv_container *container, size_t index, tconv_torus *to, size_t most, tconv_error *error);

/* An axis number that may count from the end. */
TCONV_CHECKED tconv_status tconv_layer_axis(tconv_layer_call *call, int64_t axis, size_t rank, size_t *found);

/* Whole numbers: of attribute `name` where it is there, otherwise of input i (i = SIZE_MAX: none), which must be constant.
 * *count = SIZE_MAX where neither is there. At most `most`. */
TCONV_CHECKED tconv_status tconv_layer_integers(tconv_layer_call *call, const char *name, size_t i, int64_t *values, size_t most,
                                                size_t *count);

/* Of `axes` (attribute or input i): a mask of the axes of `rank`. *given = false where there is none. */
TCONV_CHECKED tconv_status tconv_layer_axes(tconv_layer_call *call, size_t i, size_t rank, unsigned *mask, bool *given);

float tconv_layer_float(const tconv_layer_call *call, const char *name, float otherwise);

/* A window that slides along one axis: convolutions and pools. The period of the output, its length and its place. */
typedef struct tconv_window_axis {
    size_t kernel, stride, dilation;
    int64_t pad_begin, pad_end;
} tconv_window_axis;

/* strides, dilations, pads, auto_pad of the node for an input with `ndim` axes after the first two. `transposed`: the
 * rules of ConvTranspose. */
TCONV_CHECKED tconv_status tconv_layer_windows(tconv_layer_call *call, const tconv_torus *x, const size_t *kernel, bool transposed,
                                               tconv_window_axis *windows);

/* The axis that such a window makes of `from`; and source[o * kernel + r] = the sample of the input's period that tap r
 * reads for output o. */
TCONV_CHECKED tconv_status tconv_layer_slide(tconv_layer_call *call, const tconv_torus_axis *from, const tconv_window_axis *window,
                                             bool ceiling, tconv_torus_axis *to, size_t **source);

/* The axis of several maps that meet: the same kind of axis, period = lcm, lengths equal. `b` with extent 1 and fixed
 * broadcasts. Notes in the call how far their centres are apart. */
TCONV_CHECKED tconv_status tconv_layer_meet(tconv_layer_call *call, tconv_torus_axis *a, const tconv_torus_axis *b);

#endif
