/* onnx_model.h - what the parts of the ONNX reader share (not installed). */
#ifndef TCONV_IO_ONNX_MODEL_H
#define TCONV_IO_ONNX_MODEL_H

#include "catalogue.h"
#include "onnx.h"
#include "proto.h"

struct tconv_onnx_graph {
    tconv_proto proto;
    int64_t opset;
    tconv_onnx_node *nodes;
    size_t n_nodes, nodes_capacity;
    tconv_onnx_value *values;                  /* all that are declared */
    size_t n_values, values_capacity;
    tconv_name_table value_names, producers;
    size_t *inputs, n_inputs, inputs_capacity; /* of the model: numbers of values */
    size_t *outputs, n_outputs, outputs_capacity;
};

/* Where the elements of a TensorProto are. */
typedef struct tconv_onnx_data {
    tconv_range message;               /* all of it, for the typed fields */
    bool has_raw;
    uint64_t raw_at, raw_size;
    uint32_t typed;                    /* 4 float_data, 5 int32_data, 7 int64_data, 10 double_data, 11 uint64_data */
    uint64_t typed_bytes;
    bool external, external_bad;
    const char *location;
    uint64_t external_at, external_size;
    bool has_external_size;
} tconv_onnx_data;

/* The text of a bytes field, in the container's arena. */
TCONV_CHECKED tconv_status tconv_onnx_text(tconv_container *container, const tconv_field *field, const char **text,
                                           tconv_error *error);

/* Read a TensorProto and add it to the catalogue under its own name, or `name` where that is not NULL. *index is its
 * number, TCONV_NO_INDEX where the name is already there and `once` is false. */
TCONV_CHECKED tconv_status tconv_onnx_add_tensor(tconv_container *container, tconv_range message, const char *name, bool once,
                                                 size_t *index, tconv_error *error);

/* container->load of ONNX. */
tconv_status tconv_onnx_load(tconv_container *container, const tconv_record *record, double *values, tconv_error *error);

/* container->locate of ONNX. */
bool tconv_onnx_locate(tconv_container *container, const tconv_record *record, uint64_t *at);

/* Whose values are looked at, and where a failure is told. */
typedef struct tconv_onnx_scope {
    tconv_container *container;
    tconv_onnx_graph *graph;
    tconv_error *error;
} tconv_onnx_scope;

/* Input i of a node, "" where it is left out. */
const char *tconv_onnx_input_of(const tconv_onnx_node *node, size_t i);

/* The record of a value, derived ones added as they are met; TCONV_NO_INDEX where it is no constant of the file. */
TCONV_CHECKED tconv_status tconv_onnx_resolve(const tconv_onnx_scope *scope, const char *value, size_t *index);

/* A short constant (a shape, scales, pads) as numbers: *count <= most of them, or 0 where it is none. */
TCONV_CHECKED tconv_status tconv_onnx_small_constant(const tconv_onnx_scope *scope, const char *value, size_t most,
                                                     double *numbers, size_t *count);

/* The node that makes a value, looked at through nodes that pass it on and, with `pointwise`, through activations:
 * *through is set where one was met. NULL where none makes it. */
const tconv_onnx_node *tconv_onnx_maker(const tconv_onnx_scope *scope, const char *value, bool pointwise, bool *through);

/* Find the layers of the graph and add them. */
TCONV_CHECKED tconv_status tconv_onnx_add_layers(tconv_container *container, tconv_error *error);

#endif
