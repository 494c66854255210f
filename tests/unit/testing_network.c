#include "testing_network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_names(struct bytes *to, unsigned field, const char *names)
{
    char name[64];
    while (*names != '\0') {
        size_t n = strcspn(names, " ");
        memcpy(name, names, n);
        name[n] = '\0';
        proto_text(to, field, strcmp(name, "-") == 0 ? "" : name);
        names += n + (names[n] == ' ');
    }
}

void onnx_node(struct onnx *m, const char *op, const char *inputs, const char *outputs)
{
    add_names(&m->node, 1, inputs);
    add_names(&m->node, 2, outputs);
    proto_text(&m->node, 4, op);
}

void onnx_attribute(struct onnx *m, const char *name, struct bytes *body, unsigned type)
{
    struct bytes a = { 0 };
    proto_text(&a, 1, name);
    bytes_add(&a, body->data, body->size);
    proto_number(&a, 20, type);
    bytes_free(body);
    proto_message(&m->node, 5, &a);
}

void onnx_ints(struct onnx *m, const char *name, const int64_t *values, size_t count)
{
    struct bytes body = { 0 };
    for (size_t i = 0; i < count; i++)
        proto_number(&body, 8, (uint64_t)values[i]);
    onnx_attribute(m, name, &body, 7);
}

void onnx_int(struct onnx *m, const char *name, int64_t value)
{
    struct bytes body = { 0 };
    proto_number(&body, 3, (uint64_t)value);
    onnx_attribute(m, name, &body, 2);
}

void onnx_float(struct onnx *m, const char *name, float value)
{
    struct bytes body = { 0 };
    proto_varint(&body, 2u << 3 | 5);
    bytes_f32(&body, &value, 1);
    onnx_attribute(m, name, &body, 1);
}

void onnx_string(struct onnx *m, const char *name, const char *value)
{
    struct bytes body = { 0 };
    proto_text(&body, 4, value);
    onnx_attribute(m, name, &body, 3);
}

void onnx_end(struct onnx *m)
{
    proto_message(&m->graph, 1, &m->node);
    m->node = (struct bytes){ 0 };
}

void onnx_floats(struct onnx *m, const char *name, const size_t *shape, size_t rank, const float *values)
{
    struct bytes t = { 0 }, raw = { 0 };
    size_t count = 1;
    for (size_t a = 0; a < rank; a++) {
        proto_number(&t, 1, shape[a]);
        count *= shape[a];
    }
    proto_number(&t, 2, 1);
    proto_text(&t, 8, name);
    bytes_f32(&raw, values, count);
    proto_bytes(&t, 9, raw.data, raw.size);
    bytes_free(&raw);
    proto_message(&m->graph, 5, &t);
}

void onnx_longs(struct onnx *m, const char *name, size_t rank, const int64_t *values, size_t count)
{
    struct bytes t = { 0 }, raw = { 0 };
    if (rank > 0)
        proto_number(&t, 1, count);
    proto_number(&t, 2, 7);
    proto_text(&t, 8, name);
    for (size_t i = 0; i < count; i++)
        bytes_little(&raw, (uint64_t)values[i], 8);
    proto_bytes(&t, 9, raw.data, raw.size);
    bytes_free(&raw);
    proto_message(&m->graph, 5, &t);
}

void onnx_input(struct onnx *m, size_t channels, size_t ndim, const size_t *sizes)
{
    int64_t shape[4] = { 1, (int64_t)channels, -1, -1 };
    for (size_t a = 0; sizes != NULL && a < ndim; a++)
        shape[a + 2] = (int64_t)sizes[a];
    onnx_input_shape(m, "x", shape, ndim + 2);
}

void onnx_input_shape(struct onnx *m, const char *name, const int64_t *sizes, size_t rank)
{
    struct bytes v = { 0 }, type = { 0 }, tensor = { 0 }, shape = { 0 };
    for (size_t a = 0; a < rank; a++) {
        struct bytes dim = { 0 };
        if (sizes[a] >= 0)
            proto_number(&dim, 1, (uint64_t)sizes[a]);
        else
            proto_text(&dim, 2, a == 2 ? "height" : "width");
        proto_message(&shape, 1, &dim);
    }
    proto_number(&tensor, 1, 1);
    if (rank > 0)
        proto_message(&tensor, 2, &shape);
    proto_message(&type, 1, &tensor);
    proto_text(&v, 1, name);
    proto_message(&v, 2, &type);
    proto_message(&m->graph, 11, &v);
}

void onnx_output(struct onnx *m, const char *name)
{
    struct bytes v = { 0 };
    proto_text(&v, 1, name);
    proto_message(&m->graph, 12, &v);
}

struct bytes onnx_file(struct onnx *m)
{
    struct bytes file = { 0 }, opset = { 0 };
    proto_number(&file, 1, 8);
    proto_message(&file, 7, &m->graph);
    proto_text(&opset, 1, "");
    proto_number(&opset, 2, (uint64_t)(m->opset > 0 ? m->opset : 17));
    proto_message(&file, 8, &opset);
    *m = (struct onnx){ 0 };
    return file;
}

struct opened open_network(struct onnx *m, const tconv_network_options *options)
{
    struct opened o = { .file = onnx_file(m) };
    CHECK(tconv_source_open_memory(&o.source, o.file.data, o.file.size) == TCONV_OK);
    if (tconv_container_open_source(&o.container, o.source, NULL, NULL, &o.error) == TCONV_OK
        && tconv_network_create(&o.network, o.container, options, &o.error) != TCONV_OK)
        CHECK(o.network == NULL);
    return o;
}

void close_network(struct opened *o)
{
    tconv_network_destroy(o->network);
    tconv_container_close(o->container);
    tconv_source_close(o->source);
    bytes_free(&o->file);
}

/* ---- functions of one value, by their definitions ---- */

static double relu(double x) { return fmax(x, 0.0); }
static double leaky(double x) { return x < 0.0 ? (double)0.01f * x : x; }
static double elu(double x) { return x < 0.0 ? exp(x) - 1.0 : x; }
static double sigm(double x) { return 1.0 / (1.0 + exp(-x)); }
static double gelu(double x) { return x * 0.5 * erfc(-x / sqrt(2.0)); }
static double swish(double x) { return x * fmin(fmax(x / 6.0 + 0.5, 0.0), 1.0); }
static double soft(double x) { return log(1.0 + exp(x)); }
static double hard(double x) { return fmin(fmax((double)0.2f * x + 0.5, 0.0), 1.0); }
static double selu(double x)
{
    double a = (double)1.67326319217681884765625f, g = (double)1.05070102214813232421875f;
    return x > 0.0 ? g * x : g * a * (exp(x) - 1.0);
}
static double sign(double x) { return x / (1.0 + fabs(x)); }
static double negative(double x) { return -x; }
const struct test_function test_functions[TEST_FUNCTIONS] = {
    { "Relu", relu }, { "LeakyRelu", leaky }, { "Elu", elu }, { "Sigmoid", sigm }, { "Gelu", gelu }, { "HardSwish", swish },
    { "Softplus", soft }, { "HardSigmoid", hard }, { "Selu", selu }, { "Softsign", sign }, { "Tanh", tanh }, { "Neg", negative },
    { "Abs", fabs }, { "Erf", erf }, { "Exp", exp }, { "Floor", floor }, { "Ceil", ceil },
};

/* ---- FSRCNN ---- */

/* Copy a tensor of the weights file as an initialiser; a slope of PRelu as (C, 1, 1). */
static void copy_weight(struct onnx *m, tconv_container *weights, const char *name, bool slope)
{
    tconv_tensor *t = NULL;
    tconv_error error = { .message = "" };
    size_t index = tconv_container_find(weights, name), shape[TCONV_MAX_RANK] = { 0 };
    CHECK_MESSAGE(index != SIZE_MAX && tconv_container_load_tensor(weights, index, &t, &error) == TCONV_OK, "%s: %s", name, error.message);
    if (t == NULL)
        return;
    float *values = malloc(t->count * sizeof *values);
    for (size_t i = 0; values != NULL && i < t->count; i++)
        values[i] = (float)tconv_tensor_get(t, i);
    memcpy(shape, t->shape, sizeof shape);
    if (slope)
        shape[1] = shape[2] = 1;
    if (values != NULL)
        onnx_floats(m, name, shape, slope ? 3 : t->rank, values);
    free(values);
    tconv_tensor_destroy(t);
}

/* FSRCNN (Dong, Loy and Tang, ECCV 2016) as its weights file names the layers. */
void onnx_fsrcnn(struct onnx *m, tconv_container *weights)
{
    static const struct { const char *name; int64_t pad; const char *activation; } layers[] = {
        { "feature_extract", 2, "activation_1" }, { "shrink", 0, "activation_2" }, { "map_1", 1, NULL }, { "map_2", 1, NULL },
        { "map_3", 1, NULL }, { "map_4", 1, "activation_3" }, { "expand", 0, "activation_4" }, { "deconv", 4, NULL },
    };
    char value[64] = "x", inputs[192], name[64];
    for (size_t i = 0; i < 8; i++) {
        const int64_t p = layers[i].pad;
        (void)snprintf(inputs, sizeof inputs, "%s %s.weight %s.bias", value, layers[i].name, layers[i].name);
        (void)snprintf(name, sizeof name, "%s.weight", layers[i].name);
        copy_weight(m, weights, name, false);
        (void)snprintf(name, sizeof name, "%s.bias", layers[i].name);
        copy_weight(m, weights, name, false);
        (void)snprintf(value, sizeof value, "%s", layers[i].name);
        onnx_node(m, i == 7 ? "ConvTranspose" : "Conv", inputs, value);
        onnx_ints(m, "pads", (int64_t[]){ p, p, p, p }, 4);
        if (i == 7) {
            onnx_ints(m, "strides", (int64_t[]){ 2, 2 }, 2);
            onnx_ints(m, "output_padding", (int64_t[]){ 1, 1 }, 2);
        }
        onnx_end(m);
        if (layers[i].activation == NULL)
            continue;
        (void)snprintf(name, sizeof name, "%s.weight", layers[i].activation);
        copy_weight(m, weights, name, true);
        (void)snprintf(inputs, sizeof inputs, "%s %s", layers[i].name, name);
        (void)snprintf(value, sizeof value, "%s", layers[i].activation);
        onnx_node(m, "PRelu", inputs, value);
        onnx_end(m);
    }
    onnx_input(m, 3, 2, NULL);
    onnx_output(m, "deconv");
}

