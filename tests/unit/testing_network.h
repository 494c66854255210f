/* testing_network.h - ONNX models written in memory, node by node, and the opening of one as a network. */
#ifndef TCONV_TESTS_TESTING_NETWORK_H
#define TCONV_TESTS_TESTING_NETWORK_H

#include "testing_model.h"

struct onnx {                     /* zero is an empty model of opset 17 */
    struct bytes graph, node;     /* node: the one that is being written */
    int opset, names;
};

/* A node: inputs by name, separated by blanks ("-" = left out), outputs likewise; then its attributes, then onnx_end. */
void onnx_node(struct onnx *m, const char *op, const char *inputs, const char *outputs);
void onnx_ints(struct onnx *m, const char *name, const int64_t *values, size_t count);
void onnx_int(struct onnx *m, const char *name, int64_t value);
void onnx_float(struct onnx *m, const char *name, float value);
void onnx_string(struct onnx *m, const char *name, const char *value);
void onnx_attribute(struct onnx *m, const char *name, struct bytes *body, unsigned type);    /* of any type; frees the body */
void onnx_end(struct onnx *m);

/* An initialiser: f32, or i64. */
void onnx_floats(struct onnx *m, const char *name, const size_t *shape, size_t rank, const float *values);
void onnx_longs(struct onnx *m, const char *name, size_t rank, const int64_t *values, size_t count);

/* The input "x": (1, channels, open ..) with `ndim` axes of space, or of these sizes; and an output. */
void onnx_input(struct onnx *m, size_t channels, size_t ndim, const size_t *sizes);
void onnx_output(struct onnx *m, const char *name);

/* An input of any shape: -1 is an open size, rank 0 an input without a shape. */
void onnx_input_shape(struct onnx *m, const char *name, const int64_t *sizes, size_t rank);

/* A model as text. Statements end with a semicolon; words are separated by blanks:
 *
 *     OP a b > y | strides=[2,2] axis=1 alpha=0.5 mode=linear value=f32{1,2}     a node and its attributes; DOMAIN:OP, "-" = left out
 *     f32 NAME 2 3 : 1 2 3 4 5 6           an initialiser, of shape (2, 3); i64 likewise, with one axis or none
 *     in NAME 1 3 ?                        an input, "?" = an open size; without a name: none; unless told "x", (1, 2, open)
 *     out NAME                             an output, likewise; unless told "y"
 *     opset 9
 */
struct onnx onnx_text(const char *text);

/* The file; the model is used up. */
struct bytes onnx_file(struct onnx *m);

struct opened {
    struct bytes file;
    tconv_source *source;
    tconv_container *container;
    tconv_network *network;       /* NULL where it is refused */
    tconv_error error;
};
struct opened open_network(struct onnx *m, const tconv_network_options *options);
void close_network(struct opened *o);

/* Operators of one input and what they compute; the first TEST_SMOOTH neither jump nor explode. */
struct test_function {
    const char *op;
    double (*f)(double);
};
#define TEST_FUNCTIONS ((size_t)17)
#define TEST_SMOOTH ((size_t)14)
extern const struct test_function test_functions[TEST_FUNCTIONS];

/* FSRCNN, (Y, Cb, Cr) in and out, made from its weights file; each tensor that is missing fails a check. */
void onnx_fsrcnn(struct onnx *m, tconv_container *weights);

#endif
