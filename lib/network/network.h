/* network.h - what the reading and the running of a network share (internal). */
#ifndef TCONV_NETWORK_NETWORK_H
#define TCONV_NETWORK_NETWORK_H

#include <stdint.h>

#include "../io/name_table.h"
#include "../io/onnx.h"
#include "graph.h"
#include "layers.h"

struct tconv_network_step {         /* a node that is needed */
    const tconv_onnx_node *node;
    const tconv_layer_operator *op;
    size_t *in, *out;               /* values; TCONV_NO_INDEX = left out */
    size_t layer;                   /* its number among the layers with branches, TCONV_NO_LAYER */
};

struct tconv_network {
    tconv_container *container;
    const tconv_onnx_graph *graph;
    tconv_network_options options;
    size_t ndim, channels, batch;
    int64_t length[2];
    bool open_size, channels_last;
    tconv_name_table names;
    size_t n_values, input;
    tconv_torus *values;
    bool *known;                    /* the value is there: a constant, or made in this run */
    struct tconv_network_step *steps;
    size_t n_steps, n_outputs, *outputs;
    tconv_network_layer *layers;
    tconv_network_join *joins;
    size_t n_layers, n_joins;
};

/* The step that makes a value; NULL where none does. */
const struct tconv_network_step *tconv_network_maker(const tconv_network *network, size_t value);

/* One run that is thrown away: finds the layers and joins, folds the constants. */
TCONV_CHECKED tconv_status tconv_network_try(tconv_network *network, tconv_error *error);

/* As tconv_network_run as far as the value of that number: *copy, owned by the caller (freed also after a failure). */
TCONV_CHECKED tconv_status tconv_network_look(tconv_network *network, const double *tile, const size_t *period, size_t value,
                                              tconv_torus *copy, tconv_error *error);

/* Where channels go: value `from` is replaced by the number of its channel (its second axis), and *copy = what value `to`
 * becomes. Between the two only layers that move values about give whole numbers. */
TCONV_CHECKED tconv_status tconv_network_follow(tconv_network *network, size_t from, size_t to, tconv_torus *copy, tconv_error *error);

#endif
