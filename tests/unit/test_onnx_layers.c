/* Layers of ONNX graphs: constants in every place that a graph has for them, and what cannot be had, with the reason. */
#include "testing_network.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define LONGS(...) (const int64_t[]){ __VA_ARGS__ }, COUNT(((const int64_t[]){ __VA_ARGS__ }))
#define FLOATS(...) (const float[]){ __VA_ARGS__ }, COUNT(((const float[]){ __VA_ARGS__ }))

struct model {
    struct bytes file;
    tconv_source *source;
    tconv_container *c;       /* NULL where it does not open */
};

static struct model open_model(const char *name, struct onnx *m)
{
    struct model opened = { .file = onnx_file(m) };
    opened.c = check_opens(name, &opened.file, &opened.source);
    return opened;
}

static void close_model(struct model *m)
{
    tconv_container_close(m->c);
    tconv_source_close(m->source);
    bytes_free(&m->file);
}

static const tconv_layer_info *only_layer(const char *name, const struct model *m)
{
    const tconv_layer_info *layer = m->c != NULL ? tconv_container_layer(m->c, 0) : NULL;
    CHECK_MESSAGE(layer != NULL && tconv_container_layers(m->c) == 1, "%s: one layer", name);
    return layer;
}

static void check_obstacle(const char *name, const struct model *m, const char *part)
{
    const tconv_layer_info *layer = only_layer(name, m);
    tconv_kernel *kernel;
    tconv_error error = { 0 };
    if (layer == NULL)
        return;
    CHECK_MESSAGE(layer->obstacle != NULL && strstr(layer->obstacle, part) != NULL, "%s: '%s' holds '%s'", name,
                  layer->obstacle != NULL ? layer->obstacle : "(none)", part);
    CHECK(!layer->has_geometry && !layer->upsamples
          && tconv_container_load_layer(m->c, 0, &kernel, &error) == TCONV_EUNSUPPORTED);
}

/* ---- constants ---- */

static void floats_attribute(struct onnx *m, const char *name, const float *values, size_t count)
{
    struct bytes a = { 0 };
    proto_text(&a, 1, name);
    for (size_t i = 0; i < count; i++) {
        proto_varint(&a, 7u << 3 | 5);
        bytes_f32(&a, &values[i], 1);
    }
    proto_number(&a, 20, 6);
    proto_message(&m->node, 5, &a);
}

static void constant_floats(struct onnx *m, const char *name, const float *values, size_t count)
{
    onnx_node(m, "Constant", "", name);
    floats_attribute(m, "value_floats", values, count);
    onnx_end(m);
}

static void constant_longs(struct onnx *m, const char *name, const int64_t *values, size_t count)
{
    onnx_node(m, "Constant", "", name);
    onnx_ints(m, "value_ints", values, count);
    onnx_end(m);
}

/* Nearest times 2 on the asymmetric grid. */
static void resize(struct onnx *m, const char *inputs)
{
    onnx_node(m, "Resize", inputs, "u");
    onnx_string(m, "coordinate_transformation_mode", "asymmetric");
    onnx_string(m, "nearest_mode", "floor");
    onnx_end(m);
}

static void upsample(struct onnx *m, const char *inputs, bool told)
{
    onnx_node(m, "Upsample", inputs, "u");
    if (told)
        floats_attribute(m, "scales", FLOATS(1, 1, 2));
    onnx_end(m);
}

static void pad(struct onnx *m, const char *inputs, bool told)
{
    onnx_node(m, "Pad", inputs, "p");
    if (told)
        onnx_ints(m, "pads", LONGS(0, 0, 1, 0, 0, 1));
    onnx_end(m);
}

/* Ways to tell a factor of 2, and a padding of 1 on both sides. */
static void write_resize(struct onnx *m, size_t way)
{
    switch (way) {
    case 0:
        constant_floats(m, "s", FLOATS(1, 1, 2));
        upsample(m, "x s", false);
        pad(m, "u", true);
        break;
    case 1:
        constant_floats(m, "s", FLOATS(1, 1, 2));
        constant_longs(m, "c", LONGS(0, 0, 1, 0, 0, 1));
        resize(m, "x - s");
        pad(m, "u c", false);
        break;
    case 2:
        onnx_longs(m, "n", 1, LONGS(1, 1, 10));
        onnx_longs(m, "c", 1, LONGS(0, 0, 1, 0, 0, 1));
        onnx_node(m, "Identity", "n", "n2");
        onnx_end(m);
        resize(m, "x - - n2");
        pad(m, "u c", false);
        break;
    default:
        upsample(m, "x", true);
        constant_floats(m, "c", FLOATS(0, 0, 1, 0, 0, 1));
        pad(m, "u c", false);
        break;
    }
}

/* x[0] = 1 is u[0] = u[1] = 1; y[n] = sum of w[k] u[n + k - 1] is 3 5 3 1 from n = -1 on. */
static void factors_and_pads_are_constants_of_any_kind(void)
{
    static const double want[] = { 3, 5, 3, 1 };
    for (size_t way = 0; way < 4; way++) {
        struct onnx m = { .opset = 13 };
        char name[32];
        (void)snprintf(name, sizeof name, "way %zu", way);
        onnx_input(&m, 1, 1, (const size_t[]){ 5 });
        onnx_floats(&m, "w", (const size_t[]){ 1, 1, 3 }, 3, (const float[]){ 1, 2, 3 });
        write_resize(&m, way);
        onnx_node(&m, "Conv", "p w", "y");
        onnx_end(&m);
        struct model opened = open_model(name, &m);
        const tconv_layer_info *layer = only_layer(name, &opened);
        tconv_kernel *kernel = NULL;
        tconv_error error = { 0 };
        CHECK_MESSAGE(layer != NULL && tconv_container_load_layer(opened.c, 0, &kernel, &error) == TCONV_OK, "%s: %s", name,
                      error.message);
        if (kernel != NULL) {
            const tconv_axis *axis = &kernel->geometry.axis[0];
            CHECK_MESSAGE(axis->stride == 2 && axis->n_taps == 4 && axis->pad_begin == 1 && axis->pad_end == 1, "%s", name);
            CHECK(layer->input_size[0] == 5 && layer->upsamples);
            for (size_t i = 0; i < 4 && i < axis->n_taps; i++)
                CHECK_CLOSE(name, i, kernel->taps[i], want[i], 0.0);
        }
        tconv_kernel_destroy(kernel);
        close_model(&opened);
    }
}

static const char not_constant[] = "the factors of its resize are not constants",
    bad_padding[] = "the padding between its resize and its convolution";

static void write_odd_constant(struct onnx *m, size_t which)
{
    switch (which) {
    case 0: constant_floats(m, "s", FLOATS(1, 1, 2, 1, 1, 1, 1, 1, 1)); break;
    case 1: constant_longs(m, "s", LONGS(1, 1, 2, 1, 1, 1, 1, 1, 1)); break;
    case 2: onnx_floats(m, "s", (const size_t[]){ 3, 1 }, 2, (const float[]){ 1, 1, 2 }); break;
    case 3: onnx_floats(m, "s", (const size_t[]){ 9 }, 1, (const float[]){ 1, 1, 2, 1, 1, 1, 1, 1, 1 }); break;
    case 4:
        onnx_node(m, "Cast", "x", "s");
        onnx_int(m, "to", 1);
        onnx_end(m);
        break;
    case 5:
        onnx_floats(m, "s0", (const size_t[]){ 3 }, 1, (const float[]){ 1, 1, 2 });
        onnx_node(m, "Cast", "s0", "s");
        onnx_int(m, "to", 7);
        onnx_end(m);
        break;
    default: constant_floats(m, "s", FLOATS(1, 1, 2)); break;
    }
}

static void write_odd_pad(struct onnx *m, size_t which)
{
    if (which == 0)
        constant_longs(m, "c", LONGS(0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    if (which == 1)
        onnx_longs(m, "c", 1, LONGS(0, 1, 1, 0, 0, 1));
    if (which == 2)
        onnx_longs(m, "c", 1, LONGS(0, 0, (int64_t)1 << 30, 0, 0, 1));
    onnx_node(m, "Pad", "u c", "p");
    if (which == 3)
        onnx_ints(m, "pads", LONGS(1, 1));
    onnx_end(m);
}

static void other_factors_and_pads_are_obstacles(void)
{
    for (size_t which = 0; which < 10; which++) {
        struct onnx m = { .opset = 13 };
        char name[32];
        (void)snprintf(name, sizeof name, "constant %zu", which);
        onnx_input(&m, 1, 1, NULL);
        onnx_floats(&m, "w", (const size_t[]){ 1, 1, 3 }, 3, (const float[]){ 1, 2, 3 });
        write_odd_constant(&m, which);
        resize(&m, "x - s");
        if (which >= 6)
            write_odd_pad(&m, which - 6);
        onnx_node(&m, "Conv", which >= 6 ? "p w" : "u w", "y");
        onnx_end(&m);
        struct model opened = open_model(name, &m);
        check_obstacle(name, &opened, which >= 6 ? bad_padding : not_constant);
        close_model(&opened);
    }
}

/* ---- weights behind other operators ---- */

/* A tensor of doubles. */
static void onnx_doubles(struct onnx *m, const char *name, size_t count, const double *values)
{
    struct bytes t = { 0 }, raw = { 0 };
    proto_number(&t, 1, 1);
    proto_number(&t, 1, 1);
    proto_number(&t, 1, count);
    proto_number(&t, 2, 11);
    proto_text(&t, 8, name);
    for (size_t i = 0; i < count; i++) {
        uint64_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        bytes_little(&raw, bits, 8);
    }
    proto_message(&t, 9, &raw);
    proto_message(&m->graph, 5, &t);
}

static void transposed(struct onnx *m, const char *weight)
{
    char inputs[32];
    (void)snprintf(inputs, sizeof inputs, "x %s", weight);
    onnx_node(m, "ConvTranspose", inputs, "y");
    onnx_ints(m, "strides", LONGS(2));
    onnx_end(m);
}

static void write_cast(struct onnx *m, const char *from, int64_t to)
{
    onnx_node(m, "Cast", from, "c");
    onnx_int(m, "to", to);
    onnx_end(m);
}

/* f32 of a double is rounded; a wider or equal type is the same values; any other cast is not followed. */
static void casts_of_weights_are_followed(void)
{
    static const double values[] = { 0.1, 1.0 + 0x1p-30, -3.0 }, rounded[] = { (double)0.1f, 1.0, -3.0 };
    static const struct { bool wide; int64_t to; const double *want; } cases[] = {
        { true, 1, rounded }, { true, 11, values }, { false, 1, rounded }, { false, 11, rounded },
        { false, 10, NULL }, { false, 7, NULL }, { false, 16, NULL } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct onnx m = { .opset = 13 };
        onnx_input(&m, 1, 1, NULL);
        if (cases[i].wide)
            onnx_doubles(&m, "w", 3, values);
        else
            onnx_floats(&m, "w", (const size_t[]){ 1, 1, 3 }, 3, (const float[]){ 0.1f, 1.0f, -3.0f });
        write_cast(&m, "w", cases[i].to);
        transposed(&m, "c");
        struct model opened = open_model("cast", &m);
        const tconv_layer_info *layer = only_layer("cast", &opened);
        CHECK_MESSAGE(layer != NULL && layer->has_taps == (cases[i].want != NULL), "cast %zu", i);
        tconv_kernel *kernel = NULL;
        if (layer != NULL && layer->has_taps && tconv_container_load_layer(opened.c, 0, &kernel, NULL) == TCONV_OK) {
            CHECK_SAME(kernel->taps, cases[i].want, sizeof values);
            CHECK_TEXT(kernel->weight, "w");
        }
        CHECK((kernel != NULL) == (cases[i].want != NULL));
        tconv_kernel_destroy(kernel);
        close_model(&opened);
    }
}

/* (k, Cout, Cin) with its axes backwards; orders of axes that are none are not followed. */
static void transposed_weights_are_followed(void)
{
    static const struct { int64_t order[4]; size_t count; bool good; } cases[] = {
        { { 0 }, 0, true }, { { 2, 1, 0 }, 3, true }, { { 2, 1 }, 2, false }, { { 2, 1, 2 }, 3, false },
        { { 2, 1, 3 }, 3, false },
        { { 2, 1, -1 }, 3, false } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct onnx m = { .opset = 13 };
        onnx_input(&m, 2, 1, NULL);
        onnx_floats(&m, "w", (const size_t[]){ 3, 1, 2 }, 3, (const float[]){ 1, 10, 2, 20, 3, 30 });
        onnx_node(&m, "Transpose", "w", "t");
        if (cases[i].count > 0)
            onnx_ints(&m, "perm", cases[i].order, cases[i].count);
        onnx_end(&m);
        transposed(&m, "t");
        struct model opened = open_model("transposed", &m);
        const tconv_layer_info *layer = only_layer("transposed", &opened);
        tconv_kernel *kernel = NULL;
        CHECK_MESSAGE(layer != NULL && layer->has_taps == cases[i].good, "order %zu", i);
        if (cases[i].good && layer != NULL && tconv_container_load_layer(opened.c, 0, &kernel, NULL) == TCONV_OK)
            CHECK_SAME(kernel->taps, ((const double[]){ 1, 2, 3, 10, 20, 30 }), 6 * sizeof(double));
        CHECK((kernel != NULL) == cases[i].good);
        tconv_kernel_destroy(kernel);
        close_model(&opened);
    }
}

/* Scales, zero points and axes that do not belong to a weight; one scale for all has no axis. */
static void quantised_weights_need_scales_that_fit(void)
{
    static const struct { size_t scales, zeros; int64_t axis; bool two_axes; const char *obstacle; } cases[] = {
        { 2, 2, 1, false, NULL }, { 2, 2, -2, false, NULL }, { 1, 1, 7, false, NULL }, { 2, 0, 1, false, NULL },
        { 2, 1, 1, false, "the scales of its quantisation do not fit it" },
        { 3, 3, 1, false, "the scales of its quantisation do not fit it" },
        { 2, 2, 3, false, "the scales of its quantisation do not fit it" },
        { 2, 2, -4, false, "the scales of its quantisation do not fit it" },
        { 2, 2, 1, true, "the scales of its quantisation do not fit it" } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct onnx m = { .opset = 13 };
        onnx_input(&m, 1, 1, NULL);
        onnx_floats(&m, "q", (const size_t[]){ 1, 2, 2 }, 3, (const float[]){ 3, 4, 5, 6 });
        onnx_floats(&m, "s", (const size_t[]){ cases[i].scales, 1 }, cases[i].two_axes ? 2 : 1, (const float[]){ 2, 4, 8 });
        onnx_floats(&m, "z", (const size_t[]){ cases[i].zeros }, 1, (const float[]){ 1, 2, 3 });
        onnx_node(&m, "DequantizeLinear", cases[i].zeros > 0 ? "q s z" : "q s", "d");
        onnx_int(&m, "axis", cases[i].axis);
        onnx_end(&m);
        transposed(&m, "d");
        struct model opened = open_model("quantised", &m);
        if (cases[i].obstacle != NULL)
            check_obstacle("quantised", &opened, cases[i].obstacle);
        tconv_kernel *kernel = NULL;
        if (opened.c != NULL && cases[i].obstacle == NULL && tconv_container_load_layer(opened.c, 0, &kernel, NULL) == TCONV_OK) {
            const double *want = cases[i].scales == 1 ? (const double[]){ 4, 6, 8, 10 }
                               : cases[i].zeros == 0 ? (const double[]){ 6, 8, 20, 24 } : (const double[]){ 4, 6, 12, 16 };
            CHECK_SAME(kernel->taps, want, 4 * sizeof *want);
        }
        CHECK_MESSAGE((kernel != NULL) == (cases[i].obstacle == NULL), "scales %zu", i);
        tconv_kernel_destroy(kernel);
        close_model(&opened);
    }
}

/* Parts of a chain that are no constants: the layer has its geometry only. */
static void computed_weights_have_no_taps(void)
{
    static const char *const inputs[] = { "q x", "x s", "q s x", "- s" };
    for (size_t i = 0; i < COUNT(inputs); i++) {
        struct onnx m = { .opset = 13 };
        onnx_input(&m, 1, 1, NULL);
        onnx_floats(&m, "q", (const size_t[]){ 1, 2, 2 }, 3, (const float[]){ 3, 4, 5, 6 });
        onnx_floats(&m, "s", (const size_t[]){ 1 }, 1, (const float[]){ 2 });
        onnx_node(&m, "DequantizeLinear", inputs[i], "d");
        onnx_end(&m);
        transposed(&m, "d");
        struct model opened = open_model(inputs[i], &m);
        const tconv_layer_info *layer = only_layer(inputs[i], &opened);
        CHECK_MESSAGE(layer != NULL && !layer->has_taps && !layer->has_geometry, "%s", inputs[i]);
        check_obstacle(inputs[i], &opened, "the shape of its weight is not known");
        close_model(&opened);
    }
}

/* ---- obstacles ---- */

static void weights_that_are_no_layers_are_obstacles(void)
{
    static const struct {
        const char *name, *op; size_t shape[4], rank, biases; int64_t group, pads, strides; const char *part;
    } cases[] = {
        { "groups that wrap", "ConvTranspose", { 1, 4, 1 }, 3, 0, INT64_MAX, 0, 2, "the number of output channels is 0" },
        { "no group", "ConvTranspose", { 1, 1, 1 }, 3, 0, 0, 0, 2, "the number of output channels is 0" },
        { "a bias of two values", "ConvTranspose", { 1, 1, 1 }, 3, 2, 1, 0, 2, "its bias has not one value per output channel" },
        { "two axes", "ConvTranspose", { 1, 1 }, 2, 0, 1, 0, 2, "its weight has not 1 to 3 spatial dimensions" },
        { "groups that wrap (Conv)", "Conv", { 1, 4, 1 }, 3, 0, INT64_MAX, 0, 2,
          "the geometry of its convolution is not possible" },
        { "groups that do not divide (Conv)", "Conv", { 4, 1, 1 }, 3, 0, 3, 0, 2,
          "the geometry of its convolution is not possible" },
        { "a bias of two values (Conv)", "Conv", { 1, 1, 1 }, 3, 2, 1, 0, 2, "its bias has not one value per output channel" },
        { "two axes (Conv)", "Conv", { 1, 1 }, 2, 0, 1, 0, 2, "its weight has not 1 to 3 spatial dimensions" },
        { "a padding that the block takes beyond", "DepthToSpace", { 2, 1, 1 }, 3, 0, 1, (int64_t)1 << 30, 1, "the padding" },
        { "three channels for two pixels", "DepthToSpace", { 3, 1, 1 }, 3, 0, 1, 0, 1, "does not divide 3 channels" } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct onnx m = { .opset = 13 };
        bool shuffle = strcmp(cases[i].op, "DepthToSpace") == 0;
        onnx_input(&m, 1, 1, NULL);
        onnx_floats(&m, "w", cases[i].shape, cases[i].rank, (const float[]){ 1, 2, 3, 4 });
        onnx_floats(&m, "b", &cases[i].biases, 1, (const float[]){ 1, 2 });
        onnx_node(&m, shuffle ? "Conv" : cases[i].op, cases[i].biases > 0 ? "x w b" : "x w", "c");
        onnx_int(&m, "group", cases[i].group);
        onnx_ints(&m, "strides", &cases[i].strides, 1);
        onnx_ints(&m, "pads", (const int64_t[]){ cases[i].pads, 0 }, 2);
        onnx_end(&m);
        if (shuffle) {
            onnx_node(&m, "DepthToSpace", "c", "y");
            onnx_int(&m, "blocksize", 2);
            onnx_end(&m);
        }
        struct model opened = open_model(cases[i].name, &m);
        check_obstacle(cases[i].name, &opened, cases[i].part);
        close_model(&opened);
    }
}

/* An input of eight axes, as the weight: sizes are kept for three axes of space, and nothing lies over others. */
static void layers_of_many_axes_are_obstacles(void)
{
    for (size_t way = 0; way < 3; way++) {
        struct onnx m = { .opset = 13 };
        static const size_t ones[] = { 1, 1, 1, 1, 1, 1, 1, 1 };
        static const int64_t sizes[] = { 1, 1, 11, 12, 13, 14, 15, 16 };
        onnx_input_shape(&m, "x", sizes, 8);
        onnx_floats(&m, "w", ones, 8, (const float[]){ 1 });
        if (way == 1) {
            constant_floats(&m, "s", FLOATS(1, 1, 2, 2, 2, 2, 2, 2));
            resize(&m, "x - s");
        }
        onnx_node(&m, way == 2 ? "ConvTranspose" : "Conv", way == 1 ? "u w" : "x w", "c");
        onnx_end(&m);
        if (way == 0) {
            onnx_node(&m, "DepthToSpace", "c", "y");
            onnx_int(&m, "blocksize", 2);
            onnx_end(&m);
        }
        struct model opened = open_model("many axes", &m);
        const tconv_layer_info *layer = only_layer("many axes", &opened);
        for (size_t i = 0; layer != NULL && i < 3; i++)
            CHECK(layer->input_size[i] == (way == 2 ? 0 : (size_t)sizes[i + 2]));
        check_obstacle("many axes", &opened,
                       way == 1 ? "its resize has not 1 to 3 spatial dimensions"
                                : "its weight has not 1 to 3 spatial dimensions");
        close_model(&opened);
    }
}

/* The weight has no values, the node says that it has three taps: the kernel that both promise is not made. */
static void a_weight_without_taps_is_refused_when_it_is_loaded(void)
{
    struct onnx m = { .opset = 13 };
    onnx_input(&m, 1, 1, NULL);
    onnx_floats(&m, "w", (const size_t[]){ 1, 1, 0 }, 3, (const float[]){ 0 });
    onnx_node(&m, "ConvTranspose", "x w", "y");
    onnx_ints(&m, "kernel_shape", LONGS(3));
    onnx_ints(&m, "strides", LONGS(2));
    onnx_end(&m);
    struct model opened = open_model("no taps", &m);
    tconv_kernel *kernel;
    tconv_error error = { 0 };
    if (only_layer("no taps", &opened) != NULL) {
        CHECK(tconv_container_load_layer(opened.c, 0, &kernel, &error) == TCONV_EFORMAT && kernel == NULL);
        CHECK_TEXT(error.message, "the weight has 0 values, which is not what its geometry asks for");
    }
    close_model(&opened);
}

/* CRD keeps the pixels of an output channel together, so that groups stay groups where they do not part them. */
static void groups_survive_depth_to_space_in_one_order(void)
{
    static const struct { const char *mode; size_t channels, groups; } cases[] = {
        { "CRD", 8, 2 }, { "CRD", 4, 1 }, { "DCR", 8, 1 } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct onnx m = { .opset = 13 };
        float taps[8];
        for (size_t t = 0; t < 8; t++)
            taps[t] = (float)t + 1.0f;
        onnx_input(&m, 2, 2, NULL);
        onnx_floats(&m, "w", (const size_t[]){ cases[i].channels, 1, 1, 1 }, 4, taps);
        onnx_node(&m, "Conv", "x w", "c");
        onnx_int(&m, "group", 2);
        onnx_end(&m);
        onnx_node(&m, "DepthToSpace", "c", "y");
        onnx_int(&m, "blocksize", 2);
        onnx_string(&m, "mode", cases[i].mode);
        onnx_end(&m);
        struct model opened = open_model(cases[i].mode, &m);
        const tconv_layer_info *layer = only_layer(cases[i].mode, &opened);
        tconv_kernel *kernel = NULL;
        if (layer != NULL && tconv_container_load_layer(opened.c, 0, &kernel, NULL) == TCONV_OK) {
            CHECK(layer->geometry.groups == cases[i].groups && kernel->geometry.groups == cases[i].groups);
            CHECK(layer->geometry.channels_in == 2 && layer->geometry.channels_out == cases[i].channels / 4);
            const double *last = tconv_kernel_pair(kernel, 1, cases[i].channels / 4 - 1);   /* last channel, last phase */
            CHECK(last != NULL && last[3] == (double)cases[i].channels);
        }
        CHECK(kernel != NULL);
        tconv_kernel_destroy(kernel);
        close_model(&opened);
    }
}

/* ---- padding and resizing by words ---- */

/* Conv of stride 2: N = ceil(M/2), total = 2 (N - 1) + k_eff - M, the odd one at the end (upper) or the beginning (lower). */
static void convolutions_are_padded_by_words(void)
{
    static const struct { const char *word; size_t taps, size; int64_t dilation, begin, end; } cases[] = {
        { "SAME_UPPER", 3, 5, 1, 1, 1 }, { "SAME_UPPER", 3, 6, 1, 0, 1 }, { "SAME_LOWER", 3, 6, 1, 1, 0 },
        { "SAME_UPPER", 3, 0, 1, 0, 1 },
        { "SAME_LOWER", 4, 0, 1, 1, 1 }, { "SAME_UPPER", 1, 6, 1, 0, 0 }, { "SAME_LOWER", 3, 5, 2, 2, 2 },
        { "VALID", 3, 6, 1, 0, 0 },
        { "NOTSET", 3, 6, 1, 7, 8 } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct onnx m = { .opset = 13 };
        onnx_input(&m, 1, 1, cases[i].size > 0 ? &cases[i].size : NULL);
        onnx_floats(&m, "w", (const size_t[]){ 1, 1, cases[i].taps }, 3, (const float[]){ 1, 2, 3, 4 });
        onnx_node(&m, "Conv", "x w", "y");
        onnx_string(&m, "auto_pad", cases[i].word);
        onnx_ints(&m, "strides", LONGS(2));
        onnx_ints(&m, "dilations", &cases[i].dilation, 1);
        if (strcmp(cases[i].word, "NOTSET") == 0)
            onnx_ints(&m, "pads", LONGS(7, 8));
        onnx_end(&m);
        struct model opened = open_model(cases[i].word, &m);
        const tconv_layer_info *layer = only_layer(cases[i].word, &opened);
        if (layer != NULL) {
            const tconv_axis *axis = &layer->geometry.axis[0];
            CHECK_MESSAGE(layer->obstacle == NULL && layer->role == TCONV_ROLE_GRADIENT && axis->pad_begin == cases[i].begin
                          && axis->pad_end == cases[i].end, "%s, case %zu: %lld %lld", cases[i].word, i,
                          (long long)axis->pad_begin, (long long)axis->pad_end);
        }
        close_model(&opened);
    }
}

/* Keys' kernel. */
static double keys(double a, double t)
{
    t = t < 0 ? -t : t;
    return t < 1 ? ((a + 2) * t - (a + 3)) * t * t + 1 : t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
}

struct words {
    const char *mode, *grid, *rounding;
    float a;
    int64_t outside;
    int opset;
};

/* Times 2, then a convolution of one tap. */
static struct model resized(const struct words *w)
{
    struct onnx m = { .opset = w->opset > 0 ? w->opset : 13 };
    onnx_input(&m, 1, 1, NULL);
    onnx_floats(&m, "w", (const size_t[]){ 1, 1, 1 }, 3, (const float[]){ 1 });
    onnx_floats(&m, "s", (const size_t[]){ 3 }, 1, (const float[]){ 1, 1, 2 });
    onnx_node(&m, "Resize", w->opset == 10 ? "x s" : "x - s", "u");
    if (w->mode != NULL)
        onnx_string(&m, "mode", w->mode);
    if (w->grid != NULL)
        onnx_string(&m, "coordinate_transformation_mode", w->grid);
    if (w->rounding != NULL)
        onnx_string(&m, "nearest_mode", w->rounding);
    if (w->a != 0.0f)
        onnx_float(&m, "cubic_coeff_a", w->a);
    if (w->outside != 0)
        onnx_int(&m, "exclude_outside", w->outside);
    onnx_end(&m);
    onnx_node(&m, "Conv", "u w", "y");
    onnx_end(&m);
    return open_model("resized", &m);
}

/* Output n lies at n/2 - 1/4 of the input: x[0] weighs in it with the kernel of that distance, from n = -3 to 4 (cubic),
 * from -1 to 2 (linear). */
static void resizes_are_interpolations(void)
{
    static const struct { struct words words; double a; size_t taps; } cases[] = {
        { { "cubic", "half_pixel", NULL, 0.0f, 0, 0 }, -0.75, 8 },
        { { "cubic", "pytorch_half_pixel", NULL, -0.75f, 0, 0 }, -0.75, 8 },
        { { "cubic", "half_pixel_symmetric", NULL, -0.5f, 0, 0 }, -0.5, 8 },
        { { "linear", "half_pixel", NULL, 0.0f, 0, 0 }, 0.0, 4 },
        { { "bilinear", NULL, NULL, 0.0f, 0, 0 }, 0.0, 4 } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct model opened = resized(&cases[i].words);
        tconv_kernel *kernel = NULL;
        tconv_error error = { 0 };
        CHECK_MESSAGE(opened.c != NULL && tconv_container_load_layer(opened.c, 0, &kernel, &error) == TCONV_OK, "%s",
                      error.message);
        if (kernel != NULL) {
            const tconv_axis *axis = &kernel->geometry.axis[0];
            CHECK_MESSAGE(axis->n_taps == cases[i].taps && axis->pad_begin == (int64_t)cases[i].taps / 2 - 1,
                          "case %zu: %zu taps", i, axis->n_taps);
            for (size_t j = 0; j < axis->n_taps; j++) {
                double t = ((double)j - (double)(cases[i].taps / 2 - 1)) / 2.0 - 0.25;
                CHECK_CLOSE("tap", j, kernel->taps[j], cases[i].taps == 8 ? keys(cases[i].a, t) : 1.0 - (t < 0 ? -t : t), 1e-15);
            }
        }
        tconv_kernel_destroy(kernel);
        close_model(&opened);
    }
}

/* Nearest neighbours in all words; times 2 they are one box of two, whose first output is 0 or -1. */
static void nearest_neighbours_are_a_box(void)
{
    static const struct { struct words words; int64_t begin; } cases[] = {
        { { "nearest", "asymmetric", "floor", 0.0f, 0, 0 }, 0 },
        { { "nearest", "asymmetric", "ceil", 0.0f, 0, 0 }, 1 },
        { { "nearest", "asymmetric", "round_prefer_floor", 0.0f, 0, 0 }, 0 },
        { { "nearest", "asymmetric", "round_prefer_ceil", 0.0f, 0, 0 }, 1 },
        { { NULL, NULL, NULL, 0.0f, 0, 0 }, 0 },
        { { "nearest", "tf_half_pixel_for_nn", "floor", 0.0f, 0, 0 }, 0 },
        { { "nearest", NULL, NULL, 0.0f, 0, 10 }, 0 } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct model opened = resized(&cases[i].words);
        tconv_kernel *kernel = NULL;
        tconv_error error = { 0 };
        CHECK_MESSAGE(opened.c != NULL && tconv_container_load_layer(opened.c, 0, &kernel, &error) == TCONV_OK, "%s",
                      error.message);
        if (kernel != NULL) {
            const tconv_axis *axis = &kernel->geometry.axis[0];
            CHECK_MESSAGE(axis->n_taps == 2 && axis->pad_begin == cases[i].begin && kernel->taps[0] == 1.0
                          && kernel->taps[1] == 1.0,
                          "case %zu: %zu taps, %lld", i, axis->n_taps, (long long)axis->pad_begin);
        }
        tconv_kernel_destroy(kernel);
        close_model(&opened);
    }
}

static void other_resizes_are_obstacles(void)
{
    static const char mode[] = "neither nearest, linear nor cubic", grid[] = "neither the half-pixel grid nor the asymmetric one";
    static const struct { struct words words; const char *part; } cases[] = {
        { { "area", NULL, NULL, 0.0f, 0, 0 }, mode },
        { { "cubic", NULL, NULL, -0.6f, 0, 0 }, mode },
        { { "cubic", NULL, NULL, -0.5f, 1, 0 }, mode },
        { { "linear", "align_corners", NULL, 0.0f, 0, 0 }, grid },
        { { "nearest", "asymmetric", "up", 0.0f, 0, 0 }, grid },
        { { "linear", "tf_half_pixel_for_nn", "floor", 0.0f, 0, 0 }, grid },
        { { "nearest", "tf_half_pixel_for_nn", "ceil", 0.0f, 0, 0 }, grid } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct model opened = resized(&cases[i].words);
        check_obstacle(cases[i].part, &opened, cases[i].part);
        close_model(&opened);
    }
}

const struct test_suite suite = { "onnx_layers", {
    { "convolutions are padded by words", convolutions_are_padded_by_words },
    { "resizes are interpolations", resizes_are_interpolations },
    { "nearest neighbours are a box", nearest_neighbours_are_a_box },
    { "other resizes are obstacles", other_resizes_are_obstacles },
    { "factors and pads are constants of any kind", factors_and_pads_are_constants_of_any_kind },
    { "other factors and pads are obstacles", other_factors_and_pads_are_obstacles },
    { "casts of weights are followed", casts_of_weights_are_followed },
    { "transposed weights are followed", transposed_weights_are_followed },
    { "quantised weights need scales that fit", quantised_weights_need_scales_that_fit },
    { "computed weights have no taps", computed_weights_have_no_taps },
    { "weights that are no layers are obstacles", weights_that_are_no_layers_are_obstacles },
    { "layers of many axes are obstacles", layers_of_many_axes_are_obstacles },
    { "a weight without taps is refused when it is loaded", a_weight_without_taps_is_refused_when_it_is_loaded },
    { "groups survive depth to space in one order", groups_survive_depth_to_space_in_one_order },
    { NULL, NULL } } };
