/* Layers of others, with their own inputs and outputs: the conformance models of ONNX for ConvTranspose, and layers cut out
 * of trained networks. The small protobuf walker knows the fields that these files use, and no others. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tconv.h"
#include "testing_layer.h"

struct span {
    const unsigned char *at, *end;
};

struct field {
    uint64_t number, value;        /* value: of a varint; fixed32 is kept as bytes */
    struct span bytes;
    bool is_bytes;
};

static bool varint(struct span *s, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; s->at < s->end && shift < 64; shift += 7) {
        unsigned char byte = *s->at++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static bool next_field(struct span *s, struct field *f)
{
    uint64_t key, length;
    if (s->at >= s->end || !varint(s, &key))
        return false;
    *f = (struct field){ .number = key >> 3 };
    switch (key & 7) {
    case 0: return varint(s, &f->value);
    case 1: length = 8; break;
    case 5: length = 4; break;
    default: if (!varint(s, &length)) return false;
    }
    if (length > (uint64_t)(s->end - s->at))
        return false;
    f->bytes = (struct span){ s->at, s->at + length };
    f->is_bytes = true;
    s->at += length;
    return true;
}

static bool equals(struct span s, const char *text)
{
    return (size_t)(s.end - s.at) == strlen(text) && memcmp(s.at, text, strlen(text)) == 0;
}

static size_t integers(const struct field *f, int64_t *values, size_t count)   /* one, or a packed list of them */
{
    uint64_t value = f->value;
    if (!f->is_bytes) {
        values[count++] = (int64_t)value;
        return count;
    }
    for (struct span s = f->bytes; count < 8 && varint(&s, &value);)
        values[count++] = (int64_t)value;
    return count;
}

struct tensor {
    struct span name;
    size_t rank, count;
    int64_t dims[8];
    float *data;
};

static struct tensor read_tensor(struct span s)
{
    struct tensor t = { .count = 1 };
    struct field f;
    struct span values = { NULL, NULL };
    while (next_field(&s, &f)) {
        if (f.number == 1)
            t.rank = integers(&f, t.dims, t.rank);
        else if (f.number == 4 || f.number == 9)
            values = f.bytes;
        else if (f.number == 8)
            t.name = f.bytes;
    }
    for (size_t i = 0; i < t.rank; i++)
        t.count *= (size_t)t.dims[i];
    CHECK((size_t)(values.end - values.at) == 4 * t.count);
    t.data = malloc(4 * t.count);
    memcpy(t.data, values.at, (size_t)(values.end - values.at));
    return t;
}

static struct span read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct span s = { NULL, NULL };
    if (file == NULL)
        return s;
    unsigned char *bytes = malloc((size_t)8 << 20);
    s = (struct span){ bytes, bytes + fread(bytes, 1, (size_t)8 << 20, file) };
    (void)fclose(file);
    return s;
}

struct node {
    struct span input[4];
    size_t n_inputs;
    int64_t strides[8], dilations[8], pads[8], output_padding[8], output_shape[8], group;
    size_t n_strides, n_dilations, n_pads, n_output_padding, n_output_shape;
    tconv_auto_pad auto_pad;
};

static void read_attribute(struct span s, struct node *node)
{
    struct field f;
    struct span name = { NULL, NULL }, text = name;
    int64_t list[8], value = 0;
    size_t count = 0;
    while (next_field(&s, &f))
        switch (f.number) {
        case 1: name = f.bytes; break;
        case 3: value = (int64_t)f.value; break;
        case 4: text = f.bytes; break;
        case 8: count = integers(&f, list, count); break;
        default: break;
        }
#define LIST(field)                                                 \
    if (equals(name, #field)) {                                     \
        memcpy(node->field, list, count * sizeof *list);            \
        node->n_##field = count;                                    \
    }
    LIST(strides) LIST(dilations) LIST(pads) LIST(output_padding) LIST(output_shape)
    if (equals(name, "group"))
        node->group = value;
    if (equals(name, "auto_pad"))
        node->auto_pad = equals(text, "SAME_UPPER") ? TCONV_PAD_SAME_UPPER : equals(text, "SAME_LOWER") ? TCONV_PAD_SAME_LOWER
                       : equals(text, "VALID") ? TCONV_PAD_VALID : TCONV_PAD_EXPLICIT;
}

static bool read_node(struct span s, struct node *node)
{
    struct field f;
    bool right = false;
    *node = (struct node){ .group = 1 };
    while (next_field(&s, &f)) {
        if (f.number == 1 && node->n_inputs < 4)
            node->input[node->n_inputs++] = f.bytes;
        else if (f.number == 4)
            right = equals(f.bytes, "ConvTranspose");
        else if (f.number == 5)
            read_attribute(f.bytes, node);
    }
    return right;
}

static tconv_status geometry_of(const struct node *node, const struct tensor *x, const struct tensor *w, tconv_geometry *g, size_t *n_in)
{
    tconv_status status = TCONV_OK;
    *g = tconv_geometry_default(w->rank - 2);
    g->groups = (size_t)node->group;
    g->channels_in = (size_t)w->dims[0];
    g->channels_out = (size_t)(w->dims[1] * node->group);
    for (size_t i = 0; i < g->ndim && status == TCONV_OK; i++) {
        tconv_axis *axis = &g->axis[i];
        n_in[i] = (size_t)x->dims[2 + i];
        axis->n_taps = (size_t)w->dims[2 + i];
        axis->stride = node->n_strides > 0 ? (size_t)node->strides[i] : 1;
        axis->dilation = node->n_dilations > 0 ? (size_t)node->dilations[i] : 1;
        axis->output_padding = node->n_output_padding > 0 ? (size_t)node->output_padding[i] : 0;
        axis->pad_begin = node->n_pads > 0 ? node->pads[i] : 0;
        axis->pad_end = node->n_pads > 0 ? node->pads[g->ndim + i] : 0;
        size_t wanted = node->n_output_shape > 0 ? (size_t)node->output_shape[node->n_output_shape - g->ndim + i] : 0;
        status = tconv_axis_apply_onnx(axis, node->auto_pad, n_in[i], wanted, NULL);
    }
    return status;
}

/* Every engine in float, to 1e-6 relative to |b| + sum|h||x|; the file's own figures are float sums as well. */
static void compare(const char *name, const struct layer *layer, const float *want, double tolerance)
{
    long double *exact = malloc(layer->y_count * sizeof *exact);
    double *magnitude = malloc(layer->y_count * sizeof *magnitude);
    float *y = malloc(layer->y_count * sizeof *y);
    layer_by_definition(layer, exact, magnitude);
    for (tconv_engine engine = TCONV_ENGINE_AUTO; engine <= TCONV_ENGINE_DEFINITION; engine++) {
        tconv_transpose_options o = { .element = TCONV_F32, .engine = engine };
        tconv_transpose *plan;
        CHECK(tconv_transpose_create(&plan, &layer->g, layer->w, layer->b, layer->n_in, &o, NULL) == TCONV_OK);
        tconv_transpose_execute(plan, layer->batch, layer->x_f32, y);
        tconv_transpose_destroy(plan);
        double worst = 0.0;
        for (size_t j = 0; j < layer->y_count; j++)
            worst = fmax(worst, fabs((double)y[j] - (double)want[j]) / (magnitude[j] > 0.0 ? magnitude[j] : 1.0));
        /* fft is accurate in the norm, not output by output; the bound of fast-fir is one of |x[i]| + 2 |x[i-1]| + 2 |x[i+1]|
         * on each paired axis (engine_fast_fir.c): ten times as much */
        double allowed = engine == TCONV_ENGINE_FFT || engine == TCONV_ENGINE_FAST_FIR ? 10.0 * tolerance : tolerance;
        CHECK_MESSAGE(worst <= allowed, "%s, engine %s: off by %.3g of sum|h||x|", name, tconv_engine_text(engine), worst);
    }
    free(exact);
    free(magnitude);
    free(y);
}

static void put(double *values, float *rounded, const float *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = rounded[i] = from[i];
}

/* Input number `number` of the node: a test input file, or an initializer of the graph. */
static struct tensor operand(const struct node *node, const struct tensor *initial, size_t n_initial, const struct tensor *files,
                             size_t number)
{
    size_t file = 0;
    for (size_t i = 0; i <= number; i++) {
        bool found = false;
        for (size_t k = 0; k < n_initial && !found; k++)
            if ((size_t)(node->input[i].end - node->input[i].at) == (size_t)(initial[k].name.end - initial[k].name.at)
                && memcmp(node->input[i].at, initial[k].name.at, (size_t)(initial[k].name.end - initial[k].name.at)) == 0) {
                found = true;
                if (i == number)
                    return initial[k];
            }
        if (!found && i == number)
            return files[file];
        file += found ? 0 : 1;
    }
    return (struct tensor){ 0 };
}

static void run_model(const char *folder)
{
    char path[700];
    struct field f;
    struct node node = { 0 };
    struct tensor initial[4], files[3], want;
    size_t n_initial = 0;
    bool found = false;
    (void)snprintf(path, sizeof path, "%s/model.onnx", folder);
    struct span model = read_file(path), s = model;
    while (next_field(&s, &f))
        if (f.number == 7)
            for (struct span graph = f.bytes; next_field(&graph, &f);) {
                if (f.number == 1)
                    found = found || read_node(f.bytes, &node);
                else if (f.number == 5 && n_initial < 4)
                    initial[n_initial++] = read_tensor(f.bytes);
            }
    CHECK_MESSAGE(found, "%s has a ConvTranspose node", path);
    struct span bytes[4];
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(path, sizeof path, "%s/test_data_set_0/%s_%zu.pb", folder, i < 3 ? "input" : "output", i % 3);
        bytes[i] = read_file(path);
        if (i < 3)
            files[i] = bytes[i].at != NULL ? read_tensor(bytes[i]) : (struct tensor){ 0 };
    }
    CHECK(bytes[3].at != NULL);
    want = read_tensor(bytes[3]);
    struct tensor x = operand(&node, initial, n_initial, files, 0), w = operand(&node, initial, n_initial, files, 1);
    tconv_geometry g;
    size_t n_in[TCONV_MAX_NDIM];
    struct layer layer;
    CHECK(geometry_of(&node, &x, &w, &g, n_in) == TCONV_OK);
    CHECK(layer_of(&layer, &g, n_in, (size_t)x.dims[0]));
    CHECK_MESSAGE(layer.y_count == want.count && layer.w_count == w.count && layer.x_count == x.count, "%s: sizes", folder);
    put(layer.x, layer.x_f32, x.data, x.count);
    put(layer.w, layer.w_f32, w.data, w.count);
    if (node.n_inputs > 2)
        put(layer.b, layer.b_f32, operand(&node, initial, n_initial, files, 2).data, g.channels_out);
    if (layer.y_count == want.count)
        compare(folder, &layer, want.data, 1e-6);
    layer_free(&layer);
    for (size_t i = 0; i < n_initial; i++)
        free(initial[i].data);
    for (size_t i = 0; i < 4; i++) {
        free(i < 3 ? files[i].data : want.data);
        free((void *)(uintptr_t)bytes[i].at);
    }
    free((void *)(uintptr_t)model.at);
}

static void onnx_models_give_the_outputs_that_onnx_ships(void)
{
    static const char *const names[] = {
        "node/test_convtranspose", "node/test_convtranspose_1d", "node/test_convtranspose_3d", "node/test_convtranspose_autopad_same",
        "node/test_convtranspose_dilations", "node/test_convtranspose_kernel_shape", "node/test_convtranspose_output_shape",
        "node/test_convtranspose_pad", "node/test_convtranspose_pads", "node/test_convtranspose_with_kernel",
        "pytorch-converted/test_ConvTranspose2d", "pytorch-converted/test_ConvTranspose2d_no_bias",
        "pytorch-operator/test_operator_convtranspose",
    };
    struct stat info;
    if (stat("/usr/share/libonnx-testdata/data/node", &info) != 0) {
        test_skip("libonnx-testdata is not installed: 13 conformance models not run");
        return;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char folder[300];
        (void)snprintf(folder, sizeof folder, "/usr/share/libonnx-testdata/data/%s", names[i]);
        run_model(folder);
    }
}

static void newer_onnx_models_give_their_outputs(void)
{
    static const char *const names[] = { "", "_1d", "_group_2", "_output_shape", "_pad" };
    if (test_shared_folder() == NULL) {
        test_skip("no shared folder: 5 newer conformance models not run");
        return;
    }
    for (size_t i = 0; i < 5; i++) {
        char folder[600];
        (void)snprintf(folder, sizeof folder, "%s/data/onnx_node/test_convtranspose%s", test_shared_folder(), names[i]);
        run_model(folder);
    }
}

/* ---- layers of trained networks ---- */

/* Float32 values of a .npy file of version 1 in C order: they follow its header. */
static float *read_npy(const char *name, size_t count)
{
    char path[600];
    (void)snprintf(path, sizeof path, "%s/data/vectors/%s", test_shared_folder(), name);
    struct span s = read_file(path);
    float *values = malloc(count * sizeof *values);
    size_t start = s.at == NULL ? 0 : 10 + s.at[8] + 256 * (size_t)s.at[9];
    CHECK_MESSAGE(s.at != NULL && (size_t)(s.end - s.at) == start + 4 * count, "%s holds %zu values", path, count);
    memcpy(values, s.at + start, 4 * count);
    free((void *)(uintptr_t)s.at);
    return values;
}

/* The bytes of a stored member of a zip file: after its local header, which carries the name. */
static const unsigned char *stored_member(struct span zip, const char *name)
{
    size_t length = strlen(name);
    for (const unsigned char *p = zip.at; p + 30 + length < zip.end; p++)
        if (memcmp(p, "PK\003\004", 4) == 0) {
            size_t n_name = p[26] + 256 * (size_t)p[27], extra = p[28] + 256 * (size_t)p[29];
            if (n_name >= length && p + 30 + n_name + extra < zip.end && memcmp(p + 30 + n_name - length, name, length) == 0)
                return p + 30 + n_name + extra;
        }
    return NULL;
}

static void check_real_layer(const char *name, struct layer *layer, const char *input, const char *output)
{
    float *x = read_npy(input, layer->x_count), *want = read_npy(output, layer->y_count);
    put(layer->x, layer->x_f32, x, layer->x_count);
    /* both sides are float sums of up to 1400 products in some order: each within (K+2) u, usually sqrt(K) u */
    compare(name, layer, want, 64.0 * FLT_EPSILON);
    free(x);
    free(want);
}

static void the_last_layer_of_fsrcnn_gives_its_activations(void)
{
    if (test_shared_folder() == NULL) {
        test_skip("no shared folder: the layer of FSRCNN not run");
        return;
    }
    char path[600];
    (void)snprintf(path, sizeof path, "%s/data/models/FSRCNN-x2.pt", test_shared_folder());
    struct span zip = read_file(path);
    tconv_geometry g = tconv_geometry_default(2);
    g.channels_in = 56;
    g.channels_out = 3;
    g.axis[0] = g.axis[1] = (tconv_axis){ 2, 9, 1, 4, 4, 1 };
    struct layer layer;
    CHECK(layer_of(&layer, &g, (size_t[]){ 32, 32 }, 1));
    /* deconv.weight is storage 18 of the state dict, deconv.bias 19 (56*3*81 and 3 values) */
    const unsigned char *taps = zip.at != NULL ? stored_member(zip, "archive/data/18") : NULL;
    const unsigned char *bias = zip.at != NULL ? stored_member(zip, "archive/data/19") : NULL;
    CHECK(taps != NULL && bias != NULL);
    if (taps != NULL && bias != NULL) {
        float *values = malloc(4 * layer.w_count);
        memcpy(values, taps, 4 * layer.w_count);
        put(layer.w, layer.w_f32, values, layer.w_count);
        memcpy(values, bias, 4 * 3);
        put(layer.b, layer.b_f32, values, 3);
        free(values);
        check_real_layer("FSRCNN-x2 deconv", &layer, "FSRCNN-x2_deconv_input_chelsea_56x32x32.npy", "FSRCNN-x2_deconv_output_chelsea_3x64x64.npy");
    }
    layer_free(&layer);
    free((void *)(uintptr_t)zip.at);
}

static void a_layer_of_fast_style_transfer_gives_its_activations(void)
{
    if (test_shared_folder() == NULL) {
        test_skip("no shared folder: the layer of fast style transfer not run");
        return;
    }
    char path[600];
    (void)snprintf(path, sizeof path, "%s/data/models/fast_style_wave/Variable_42", test_shared_folder());
    struct span raw = read_file(path);
    tconv_geometry g = tconv_geometry_default(2);
    g.channels_in = 64;
    g.channels_out = 32;
    for (int i = 0; i < 2; i++) {
        g.axis[i].stride = 2;
        g.axis[i].n_taps = 3;
        CHECK(tconv_axis_apply_tensorflow(&g.axis[i], true, NULL) == TCONV_OK);
    }
    struct layer layer;
    CHECK(layer_of(&layer, &g, (size_t[]){ 24, 24 }, 1));
    CHECK(raw.at != NULL && (size_t)(raw.end - raw.at) == 4 * layer.w_count);
    for (size_t r = 0; raw.at != NULL && r < 9; r++)                  /* stored as (kh, kw, out, in) */
        for (size_t co = 0; co < 32; co++)
            for (size_t ci = 0; ci < 64; ci++) {
                float tap;
                memcpy(&tap, raw.at + 4 * ((r * 32 + co) * 64 + ci), 4);
                layer.w[(ci * 32 + co) * 9 + r] = layer.w_f32[(ci * 32 + co) * 9 + r] = tap;
            }
    check_real_layer("fast_style_wave Variable_42", &layer, "fast_style_wave_Variable_42_input_chelsea_64x24x24.npy",
                     "fast_style_wave_Variable_42_output_chelsea_32x48x48.npy");
    layer_free(&layer);
    free((void *)(uintptr_t)raw.at);
}

const struct test_suite suite = { "transpose_models", {
    { "ONNX's conformance models give the outputs that ONNX ships", onnx_models_give_the_outputs_that_onnx_ships },
    { "newer conformance models give their outputs", newer_onnx_models_give_their_outputs },
    { "the last layer of FSRCNN gives its activations", the_last_layer_of_fsrcnn_gives_its_activations },
    { "a layer of fast style transfer gives its activations", a_layer_of_fast_style_transfer_gives_its_activations },
    { NULL, NULL } } };
