/* onnx.h - the graph of an ONNX model: nodes, attributes, shapes; the tensors are in its container.
 *
 * Nodes are in the order of the file; those of graphs within nodes (If, Loop, Scan) follow their node's graph and have a
 * level above 0. The names of ONNX (onnx.proto, IR version 3 on) are kept.
 */
#ifndef TCONV_IO_ONNX_H
#define TCONV_IO_ONNX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "container.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_onnx_attribute {
    const char *name;
    uint32_t type;                     /* AttributeProto.AttributeType: 1 float, 2 int, 3 string, 4 tensor, 6 floats, 7 ints .. */
    float f;
    int64_t i;
    const char *s;                     /* NULL where there is none */
    size_t n_floats, n_ints;
    const float *floats;
    const int64_t *ints;
    size_t tensor;                     /* its number in the container, SIZE_MAX = none */
} tconv_onnx_attribute;

typedef struct tconv_onnx_node {
    const char *name, *op_type, *domain;           /* "" where not told */
    size_t n_inputs, n_outputs, n_attributes;
    const char *const *inputs, *const *outputs;    /* "" = left out */
    const tconv_onnx_attribute *attributes;
    size_t level;                                  /* 0: of the model's own graph */
} tconv_onnx_node;

/* The declared shape of a value: an input, an output or an intermediate one. */
typedef struct tconv_onnx_value {
    const char *name;
    uint32_t element_type;             /* TensorProto.DataType, 0 = not told */
    bool has_shape;
    size_t rank;
    int64_t shape[TCONV_MAX_RANK];     /* -1 = open */
} tconv_onnx_value;

typedef struct tconv_onnx_graph tconv_onnx_graph;

/* The graph of an ONNX container, NULL for any other. Borrowed: valid as long as the container. */
TCONV_API const tconv_onnx_graph *tconv_container_onnx(const tconv_container *container);

TCONV_API size_t tconv_onnx_nodes(const tconv_onnx_graph *graph);
TCONV_API const tconv_onnx_node *tconv_onnx_node_at(const tconv_onnx_graph *graph, size_t i);
TCONV_API int64_t tconv_onnx_opset(const tconv_onnx_graph *graph);                 /* of the default domain */

/* The model's own inputs (those that are not initialisers too) and outputs. */
TCONV_API size_t tconv_onnx_inputs(const tconv_onnx_graph *graph);
TCONV_API const tconv_onnx_value *tconv_onnx_input(const tconv_onnx_graph *graph, size_t i);
TCONV_API size_t tconv_onnx_outputs(const tconv_onnx_graph *graph);
TCONV_API const tconv_onnx_value *tconv_onnx_output(const tconv_onnx_graph *graph, size_t i);

/* By name: the node that makes a value, the declared shape of a value; NULL where there is none. */
TCONV_API const tconv_onnx_node *tconv_onnx_producer(const tconv_onnx_graph *graph, const char *value);
TCONV_API const tconv_onnx_value *tconv_onnx_value_of(const tconv_onnx_graph *graph, const char *value);

/* An attribute of a node; NULL where it is not told. And its value, or `otherwise`. */
TCONV_API const tconv_onnx_attribute *tconv_onnx_find(const tconv_onnx_node *node, const char *name);
TCONV_API int64_t tconv_onnx_int(const tconv_onnx_node *node, const char *name, int64_t otherwise);
TCONV_API const char *tconv_onnx_string(const tconv_onnx_node *node, const char *name, const char *otherwise);

/* Is the node this operator of the standard domain? */
TCONV_API bool tconv_onnx_is(const tconv_onnx_node *node, const char *op_type);

/* The values of tensor `index` of an ONNX container, whose elements are i64, rounded to the nearest double where no double
 * equals them (INT64_MAX, "to the end" of a Slice, becomes 2^63). values has room for all of them. */
TCONV_API TCONV_CHECKED tconv_status tconv_onnx_load_integers(tconv_container *container, size_t index, double *values,
                                                              tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
