/* Random networks on the torus against a plain run on a large image. */
#include "testing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testing_plain.h"

/* ---- the same layer as ONNX ---- */

static void name_of(char *name, const char *stem, int i)
{
    (void)snprintf(name, 32, "%s%d", stem, i);
}

static void emit_weights(struct onnx *m, const struct plain_layer *l, const size_t *shape, size_t rank, int i)
{
    char w[32], b[32];
    name_of(w, "w", i);
    name_of(b, "b", i);
    onnx_floats(m, w, shape, rank, l->w);
    onnx_floats(m, b, &l->cout, 1, l->b);
}

static void emit_window(struct onnx *m, const struct plain_layer *l, size_t ndim)
{
    int64_t k[4], s[4], d[4], p[4];
    for (size_t a = 0; a < 4; a++)
        k[a] = (int64_t)l->k, s[a] = (int64_t)l->s, d[a] = (int64_t)l->d, p[a] = (int64_t)l->p;
    onnx_ints(m, "kernel_shape", k, ndim);
    onnx_ints(m, "strides", s, ndim);
    onnx_ints(m, "pads", p, 2 * ndim);
    if (l->kind != AVERAGE && l->kind != LARGEST) {
        onnx_ints(m, "dilations", d, ndim);
        onnx_int(m, "group", (int64_t)l->groups);
    }
}

static void emit_convolution(struct onnx *m, const struct plain_layer *l, size_t channels, size_t ndim, int i, const char *in, const char *out)
{
    char inputs[96];
    bool transposed = l->kind == CONV_TRANSPOSE;
    size_t shape[4] = { transposed ? channels : l->cout, (transposed ? l->cout : channels) / l->groups, l->k, l->k };
    emit_weights(m, l, shape, ndim + 2, i);
    (void)snprintf(inputs, sizeof inputs, "%s w%d b%d", in, i, i);
    onnx_node(m, transposed ? "ConvTranspose" : "Conv", inputs, out);
    emit_window(m, l, ndim);
    onnx_end(m);
}

/* Reshape, Transpose, Reshape: the lengths from Shape, as exporters compute them. */
static void emit_spelt(struct onnx *m, const struct plain_layer *l, size_t channels, int i, const char *in, const char *out)
{
    int64_t r = (int64_t)l->s, c = (int64_t)channels / (r * r), first[4] = { 1, c, r, r }, two[1] = { r }, begin[2] = { 1, c };
    char n[16][32], inputs[160];
    for (int k = 0; k < 16; k++) {
        char stem[16];
        (void)snprintf(stem, sizeof stem, "s%c_", 'a' + k);
        name_of(n[k], stem, i);
    }
    onnx_longs(m, n[0], 1, first, 4);
    onnx_longs(m, n[1], 1, begin, 2);
    onnx_longs(m, n[2], 1, two, 1);
    onnx_longs(m, n[3], 0, (int64_t[]){ 2 }, 1);
    onnx_longs(m, n[4], 0, (int64_t[]){ 3 }, 1);
    onnx_longs(m, n[5], 1, (int64_t[]){ 0 }, 1);
    onnx_node(m, "Shape", in, n[6]);
    onnx_end(m);
    for (int axis = 0; axis < 2; axis++) {
        (void)snprintf(inputs, sizeof inputs, "%s %s", n[6], n[3 + axis]);
        onnx_node(m, "Gather", inputs, n[7 + axis]);
        onnx_int(m, "axis", 0);
        onnx_end(m);
        (void)snprintf(inputs, sizeof inputs, "%s %s", n[7 + axis], n[5]);
        onnx_node(m, "Unsqueeze", inputs, n[9 + axis]);
        onnx_end(m);
    }
    (void)snprintf(inputs, sizeof inputs, "%s %s %s", n[0], n[9], n[10]);
    onnx_node(m, "Concat", inputs, n[11]);
    onnx_int(m, "axis", 0);
    onnx_end(m);
    (void)snprintf(inputs, sizeof inputs, "%s %s", in, n[11]);
    onnx_node(m, "Reshape", inputs, n[12]);
    onnx_end(m);
    onnx_node(m, "Transpose", n[12], n[13]);
    onnx_ints(m, "perm", (int64_t[]){ 0, 1, 4, 2, 5, 3 }, 6);
    onnx_end(m);
    for (int axis = 0; axis < 2; axis++) {
        (void)snprintf(inputs, sizeof inputs, "%s %s", n[9 + axis], n[2]);
        onnx_node(m, "Mul", inputs, n[14 + axis]);
        onnx_end(m);
    }
    (void)snprintf(inputs, sizeof inputs, "%s %s %s", n[1], n[14], n[15]);
    onnx_node(m, "Concat", inputs, n[6][0] != '\0' ? "shape_of_spelt" : "");
    onnx_int(m, "axis", 0);
    onnx_end(m);
    (void)snprintf(inputs, sizeof inputs, "%s shape_of_spelt", n[13]);
    onnx_node(m, "Reshape", inputs, out);
    onnx_end(m);
}

/* Group normalisation: the operator, or as exporters spell it: Reshape (0, groups, -1), InstanceNormalization with scale 1 and
 * bias 0, Reshape to the Shape of before, Mul and Add. */
static void emit_group_norm(struct onnx *m, const struct plain_layer *l, size_t channels, size_t ndim, int i, const char *in, const char *out)
{
    const float ones[64] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, zeros[64] = { 0 };
    const size_t column[3] = { channels, 1, 1 };
    char n[9][32], inputs[160];
    for (int k = 0; k < 9; k++) {
        char stem[8] = { 'g', 'n', (char)('a' + k), '_', 0 };
        name_of(n[k], stem, i);
    }
    onnx_floats(m, n[0], column, l->mode != NULL ? 1 : ndim + 1, l->extra[0]);
    onnx_floats(m, n[1], column, l->mode != NULL ? 1 : ndim + 1, l->extra[1]);
    if (l->mode != NULL) {
        (void)snprintf(inputs, sizeof inputs, "%s %s %s", in, n[0], n[1]);
        onnx_node(m, "GroupNormalization", inputs, out);
        onnx_int(m, "num_groups", (int64_t)l->groups);
        onnx_float(m, "epsilon", 0.125f);
        onnx_end(m);
        return;
    }
    onnx_longs(m, n[2], 1, (int64_t[]){ 0, (int64_t)l->groups, -1 }, 3);
    onnx_floats(m, n[3], &l->groups, 1, ones);
    onnx_floats(m, n[4], &l->groups, 1, zeros);
    (void)snprintf(inputs, sizeof inputs, "%s %s", in, n[2]);
    onnx_node(m, "Reshape", inputs, n[5]);
    onnx_end(m);
    (void)snprintf(inputs, sizeof inputs, "%s %s %s", n[5], n[3], n[4]);
    onnx_node(m, "InstanceNormalization", inputs, n[6]);
    onnx_float(m, "epsilon", 0.125f);
    onnx_end(m);
    onnx_node(m, "Shape", in, n[7]);
    onnx_end(m);
    (void)snprintf(inputs, sizeof inputs, "%s %s", n[6], n[7]);
    onnx_node(m, "Reshape", inputs, n[8]);
    onnx_end(m);
    (void)snprintf(inputs, sizeof inputs, "%s %s", n[8], n[0]);
    (void)strcat(n[8], "scaled");
    onnx_node(m, "Mul", inputs, n[8]);
    onnx_end(m);
    (void)snprintf(inputs, sizeof inputs, "%s %s", n[8], n[1]);
    onnx_node(m, "Add", inputs, out);
    onnx_end(m);
}

static void emit_layer(struct onnx *m, const struct plain_layer *l, size_t channels, size_t ndim, int i)
{
    char in[32], out[32], t[4][32], inputs[160];
    if (i == 0)
        strcpy(in, "x");
    else
        name_of(in, "v", i - 1);
    name_of(out, "v", i);
    for (int k = 0; k < 4; k++) {
        char stem[8] = { 't', (char)('a' + k), '_', 0 };
        name_of(t[k], stem, i);
    }
    switch (l->kind) {
    case CONV: case CONV_TRANSPOSE:
        emit_convolution(m, l, channels, ndim, i, in, out);
        return;
    case SKIP_ADD: case SKIP_CONCAT:
        emit_convolution(m, l, channels, ndim, i, in, t[0]);
        (void)snprintf(inputs, sizeof inputs, "%s %s", in, t[0]);
        onnx_node(m, l->kind == SKIP_ADD ? "Add" : "Concat", inputs, out);
        if (l->kind == SKIP_CONCAT)
            onnx_int(m, "axis", 1);
        break;
    case AVERAGE: case LARGEST:
        onnx_node(m, l->kind == AVERAGE ? "AveragePool" : "MaxPool", in, out);
        emit_window(m, l, ndim);
        break;
    case FUNCTION:
        onnx_node(m, test_functions[l->function].op, in, out);
        break;
    case PRELU: {
        size_t shape[3] = { channels, 1, 1 };
        onnx_floats(m, t[0], shape, ndim + 1, l->b);
        (void)snprintf(inputs, sizeof inputs, "%s %s", in, t[0]);
        onnx_node(m, "PRelu", inputs, out);
        break;
    }
    case BATCH_NORM: case INSTANCE_NORM:
        for (int k = 0; k < 4; k++)
            onnx_floats(m, t[k], &channels, 1, l->extra[k]);
        (void)snprintf(inputs, sizeof inputs, l->kind == BATCH_NORM ? "%s %s %s %s %s" : "%s %s %s", in, t[0], t[1], t[2], t[3]);
        onnx_node(m, l->kind == BATCH_NORM ? "BatchNormalization" : "InstanceNormalization", inputs, out);
        if (l->kind == INSTANCE_NORM)
            onnx_float(m, "epsilon", 0.125f);
        break;
    case RESIZE: {
        float scales[4] = { 1.0f, 1.0f, (float)l->s, (float)l->s };
        size_t rank = ndim + 2;
        onnx_floats(m, t[0], &rank, 1, scales);
        (void)snprintf(inputs, sizeof inputs, "%s - %s", in, t[0]);
        onnx_node(m, "Resize", inputs, out);
        onnx_string(m, "mode", l->mode);
        onnx_string(m, "coordinate_transformation_mode", l->place);
        break;
    }
    case SHUFFLE: case UNSHUFFLE:
        onnx_node(m, l->kind == SHUFFLE ? "DepthToSpace" : "SpaceToDepth", in, out);
        onnx_int(m, "blocksize", (int64_t)l->s);
        if (l->kind == SHUFFLE)
            onnx_string(m, "mode", l->mode);
        break;
    case SPELT_SHUFFLE:
        emit_spelt(m, l, channels, i, in, out);
        return;
    case GROUP_NORM:
        emit_group_norm(m, l, channels, ndim, i, in, out);
        return;
    case CROP:
        onnx_longs(m, t[0], 1, (int64_t[]){ (int64_t)l->k, (int64_t)l->k }, ndim);
        onnx_longs(m, t[1], 1, (int64_t[]){ l->p > 0 ? -(int64_t)l->p : INT64_MAX, l->p > 0 ? -(int64_t)l->p : INT64_MAX }, ndim);
        onnx_longs(m, t[2], 1, (int64_t[]){ 2, 3 }, ndim);
        (void)snprintf(inputs, sizeof inputs, "%s %s %s %s", in, t[0], t[1], t[2]);
        onnx_node(m, "Slice", inputs, out);
        break;
    case CHANNELS:
        onnx_longs(m, t[0], 1, (int64_t[]){ (int64_t)(channels / 2), (int64_t)(channels - channels / 2) }, 2);
        (void)snprintf(inputs, sizeof inputs, "%s %s", in, t[0]);
        (void)snprintf(t[3], sizeof t[3], "p%d q%d", i, i);
        onnx_node(m, "Split", inputs, t[3]);
        onnx_int(m, "axis", 1);
        onnx_end(m);
        (void)snprintf(inputs, sizeof inputs, "q%d p%d", i, i);
        onnx_node(m, "Concat", inputs, out);
        onnx_int(m, "axis", 1);
        break;
    case SOFTMAX:
        onnx_node(m, "Softmax", in, out);
        onnx_int(m, "axis", 1);
        break;
    case LAST_MATRIX: {      /* (.., channels) times (channels, cout): w is kept as a 1x1 convolution's (cout, channels) */
        float turned[4096];
        size_t shape[2] = { channels, l->cout };
        for (size_t a = 0; a < channels * l->cout; a++)
            turned[a] = l->w[a % l->cout * channels + a / l->cout];
        onnx_floats(m, t[0], shape, 2, turned);
        onnx_floats(m, t[3], &l->cout, 1, l->b);
        onnx_node(m, "Transpose", in, t[1]);
        onnx_ints(m, "perm", ndim == 1 ? (int64_t[]){ 0, 2, 1, 0 } : (int64_t[]){ 0, 2, 3, 1 }, ndim + 2);
        onnx_end(m);
        (void)snprintf(inputs, sizeof inputs, "%s %s", t[1], t[0]);
        onnx_node(m, "MatMul", inputs, t[2]);
        onnx_end(m);
        (void)snprintf(inputs, sizeof inputs, "%s %s", t[2], t[3]);
        onnx_node(m, "Add", inputs, "biased");
        onnx_end(m);
        onnx_node(m, "Transpose", "biased", out);
        onnx_ints(m, "perm", ndim == 1 ? (int64_t[]){ 0, 2, 1, 0 } : (int64_t[]){ 0, 3, 1, 2 }, ndim + 2);
        break;
    }
    default:                 /* GLOBAL, MEAN */
        if (l->kind == GLOBAL)
            onnx_node(m, "GlobalAveragePool", in, t[0]);
        else
            onnx_node(m, "ReduceMean", in, t[0]);
        if (l->kind == MEAN)
            onnx_ints(m, "axes", (int64_t[]){ 2, -1 }, ndim);
        onnx_end(m);
        (void)snprintf(inputs, sizeof inputs, "%s %s", in, t[0]);
        onnx_node(m, l->kind == GLOBAL ? "Mul" : "Sub", inputs, out);
        break;
    }
    onnx_end(m);
}

/* ---- random networks ---- */

static float small_float(void)
{
    return (float)random_uniform(-0.6, 0.6);
}

/* A layer that fits `channels`; *channels and *up (samples per input sample, times 64) afterwards. False: try another. */
static bool choose_layer(struct plain_layer *l, int kind, size_t *channels, size_t *up, bool two, const bool *used)
{
    memset(l, 0, sizeof *l);
    l->kind = kind;
    l->groups = l->s = l->d = l->k = 1;
    l->cout = *channels;
    for (size_t i = 0; i < 4096; i++)
        l->own[i] = small_float();
    l->w = l->own;
    l->b = l->own + 4096 - 64;
    for (size_t i = 0; i < 64; i++) {
        l->extra[0][i] = 1.0f + small_float(), l->extra[1][i] = small_float(), l->extra[2][i] = small_float(), l->extra[3][i] = 1.0f + small_float();
    }
    switch (kind) {
    case CONV: case CONV_TRANSPOSE: case AVERAGE: case LARGEST:
        l->k = random_between(1, 3) + (kind == CONV_TRANSPOSE);
        l->s = random_between(1, 2) + (kind == CONV_TRANSPOSE && random_between(0, 3) == 0);
        l->d = kind < FUNCTION ? random_between(1, 2) : 1;
        l->p = kind < FUNCTION ? random_between(0, (l->k - 1) * l->d) : random_between(0, l->k - 1) / 2;
        if (kind < FUNCTION) {
            l->groups = *channels % 2 == 0 ? random_between(1, 2) : 1;
            l->cout = l->groups * random_between(1, 2);
        }
        if (plain_wrapped && kind != CONV_TRANSPOSE && (*up % (16 * l->s) != 0))
            return false;
        *up = kind == CONV_TRANSPOSE ? *up * l->s : *up / l->s;
        break;
    case SKIP_ADD: case SKIP_CONCAT:
        l->k = 3, l->d = random_between(1, 2), l->p = l->d;
        l->cout = kind == SKIP_ADD ? *channels : 1;
        break;
    case FUNCTION:
        l->function = (int)random_between(0, TEST_SMOOTH - 1);
        break;
    case RESIZE:
        l->s = random_between(2, 3);
        l->mode = (const char *[]){ "nearest", "linear", "cubic" }[random_between(0, 2)];
        l->place = (const char *[]){ "half_pixel", "asymmetric" }[random_between(0, 1)];
        *up *= l->s;
        break;
    case SHUFFLE: case SPELT_SHUFFLE:
        l->s = 2;
        l->mode = random_between(0, 1) == 0 ? "CRD" : "DCR";
        if (!two || *channels % 4 != 0 || used[kind])
            return false;
        l->cout = *channels / 4;
        *up *= 2;
        break;
    case UNSHUFFLE:
        l->s = 2;
        if (!two || *channels > 3 || *up % 32 != 0)
            return false;
        l->cout = *channels * 4;
        *up /= 2;
        break;
    case CROP:
        l->k = random_between(0, 3), l->p = random_between(0, 3);
        if (plain_wrapped)
            return false;
        break;
    case CHANNELS:
        return *channels > 1;
    case LAST_MATRIX:
        if (used[kind])
            return false;
        l->cout = random_between(1, 4);
        break;
    case GROUP_NORM:
        l->groups = *channels % 2 == 0 ? random_between(1, 2) : 1;
        l->mode = random_between(0, 1) == 0 ? "operator" : NULL;
        return plain_wrapped;
    case INSTANCE_NORM: case GLOBAL: case MEAN:
        return plain_wrapped;
    default:
        break;
    }
    *channels = kind == SKIP_CONCAT ? *channels + 1 : l->cout;
    return *up <= (two ? 64 * 4 : 64 * 8) && *up >= 16;
}

static void one_random_network(size_t round)
{
    static struct plain_layer layers[6];
    int count = (int)random_between(2, 5), made = 0;
    bool two = random_between(0, 1) == 1, used[KINDS] = { false };
    size_t channels0 = random_between(1, 4), channels = channels0, up = 64;
    char name[64];
    double tile[4 * PLAIN_TILE * PLAIN_TILE];
    struct onnx m = { 0 };
    count = two && count > 4 ? 4 : count;
    for (int tries = 0; made < count && tries < 200; tries++) {
        size_t c = channels, u = up;
        int kind = made == 0 && random_between(0, 1) == 0 ? CONV_TRANSPOSE : (int)random_between(0, KINDS - 1);
        if (!choose_layer(&layers[made], kind, &c, &u, two, used) || c > 16)
            continue;
        emit_layer(&m, &layers[made], channels, two ? 2 : 1, made);
        made++;
        used[kind] = true;
        channels = c;
        up = u;
    }
    (void)snprintf(name, sizeof name, "v%d", made - 1);
    onnx_input(&m, channels0, two ? 2 : 1, NULL);
    onnx_output(&m, name);
    for (size_t i = 0; i < 4 * PLAIN_TILE * PLAIN_TILE; i++)
        tile[i] = random_uniform(-1.0, 1.0);
    struct bytes file = onnx_file(&m);
    for (int single = 0; single < 2; single++) {
        const tconv_network_options options = { .single_precision = single == 1 };
        tconv_source *source = NULL;
        tconv_container *container = NULL;
        tconv_network *network = NULL;
        tconv_error error = { .message = "" };
        CHECK(tconv_source_open_memory(&source, file.data, file.size) == TCONV_OK);
        bool opened = tconv_container_open_source(&container, source, NULL, NULL, &error) == TCONV_OK
                   && tconv_network_create(&network, container, &options, &error) == TCONV_OK;
        (void)snprintf(name, sizeof name, "round %zu (%d layers, last %d)%s", round, made, layers[made - 1].kind, single ? " float" : "");
        CHECK_MESSAGE(opened, "%s: %s", name, error.message);
        if (opened)
            plain_check(name, network, layers, made, channels0, two, tile, single ? 1e-5 : 1e-11);
        tconv_network_destroy(network);
        tconv_container_close(container);
        tconv_source_close(source);
    }
    bytes_free(&file);
}

static void random_networks_equal_the_middle_of_a_large_image(void)
{
    plain_wrapped = false;
    for (size_t round = 0; round < test_rounds(600); round++)
        one_random_network(round);
}

static void networks_with_means_over_space_equal_a_wrapped_image_of_any_texture(void)
{
    plain_wrapped = true;
    for (size_t round = 0; round < test_rounds(600); round++)
        one_random_network(round);
    plain_wrapped = false;
}

const struct test_suite suite = { "network", {
    { "random networks equal the middle of a large image", random_networks_equal_the_middle_of_a_large_image },
    { "networks with means over space equal a wrapped image of any texture", networks_with_means_over_space_equal_a_wrapped_image_of_any_texture },
    { NULL, NULL } } };
