/* Random networks on the torus against a plain run on a large image (the runner is here, and slow). */
#include "testing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testing_network.h"

/* ---- the plain runner: whole maps, borders padded by a value or wrapped round ---- */

struct map {
    size_t c, h, w;
    double *v;
};

static bool wrapped;          /* borders are wrapped round: nets with means over space */
static double border;         /* otherwise this lies outside: places that see it differ between two runs */

static struct map new_map(size_t c, size_t h, size_t w)
{
    struct map m = { c, h, w, calloc(c * h * w + 1, sizeof(double)) };
    if (m.v == NULL)
        abort();
    return m;
}

static double at(const struct map *m, size_t c, long y, long x)
{
    long h = (long)m->h, w = (long)m->w;
    if (wrapped)
        return m->v[(c * m->h + (size_t)(((y % h) + h) % h)) * m->w + (size_t)(((x % w) + w) % w)];
    return y < 0 || x < 0 || y >= h || x >= w ? border : m->v[(c * m->h + (size_t)y) * m->w + (size_t)x];
}

struct spec {                 /* one layer */
    int kind;
    size_t k, s, d, p, cout, groups;
    int function;
    const char *mode, *place;
    float w[4096], b[64], extra[4][64];
};

enum { CONV, CONV_TRANSPOSE, FUNCTION, BATCH_NORM, AVERAGE, LARGEST, RESIZE, SHUFFLE, UNSHUFFLE, SKIP_ADD, SKIP_CONCAT, CROP, CHANNELS,
       SOFTMAX, PRELU, LAST_MATRIX, SPELT_SHUFFLE, INSTANCE_NORM, GLOBAL, MEAN, KINDS };



static struct map run_conv(const struct map *x, const struct spec *l, bool two)
{
    size_t ky = two ? l->k : 1, reach = (l->k - 1) * l->d + 1, p = l->p, cin = x->c / l->groups, per = l->cout / l->groups;
    size_t ow = wrapped ? x->w / l->s : (x->w + 2 * p - reach) / l->s + 1, oh = !two ? 1 : wrapped ? x->h / l->s : (x->h + 2 * p - reach) / l->s + 1;
    struct map y = new_map(l->cout, oh, ow);
    for (size_t co = 0; co < l->cout; co++)
        for (size_t i = 0; i < oh; i++)
            for (size_t j = 0; j < ow; j++) {
                double sum = (double)l->b[co];
                for (size_t ci = 0; ci < cin; ci++)
                    for (size_t a = 0; a < ky; a++)
                        for (size_t b = 0; b < l->k; b++)
                            sum += (double)l->w[((co * cin + ci) * ky + a) * l->k + b]
                                 * at(x, co / per * cin + ci, two ? (long)(i * l->s + a * l->d) - (long)p : 0, (long)(j * l->s + b * l->d) - (long)p);
                y.v[(co * oh + i) * ow + j] = sum;
            }
    return y;
}

/* Scatter: every input sample leaves its kernel in the output. */
static struct map run_transpose(const struct map *x, const struct spec *l, bool two)
{
    size_t ky = two ? l->k : 1, reach = (l->k - 1) * l->d + 1, per = l->cout / l->groups, cin = x->c / l->groups;
    long ow = wrapped ? (long)(l->s * x->w) : (long)(l->s * (x->w - 1) + reach) - 2 * (long)l->p;
    long oh = !two ? 1 : wrapped ? (long)(l->s * x->h) : (long)(l->s * (x->h - 1) + reach) - 2 * (long)l->p;
    struct map y = new_map(l->cout, (size_t)oh, (size_t)ow);
    for (size_t i = 0; i < y.c * y.h * y.w; i++)
        y.v[i] = (double)l->b[i / (y.h * y.w)];
    for (size_t ci = 0; ci < x->c; ci++)
        for (size_t i = 0; i < x->h; i++)
            for (size_t j = 0; j < x->w; j++)
                for (size_t c = 0; c < per; c++)
                    for (size_t a = 0; a < ky; a++)
                        for (size_t b = 0; b < l->k; b++) {
                            long r = two ? (long)(i * l->s + a * l->d) - (long)l->p : 0, q = (long)(j * l->s + b * l->d) - (long)l->p;
                            if (wrapped) {
                                r = ((r % oh) + oh) % oh;
                                q = ((q % ow) + ow) % ow;
                            }
                            if (r >= 0 && q >= 0 && r < oh && q < ow)
                                y.v[((ci / cin * per + c) * (size_t)oh + (size_t)r) * (size_t)ow + (size_t)q]
                                    += (double)l->w[((ci * per + c) * ky + a) * l->k + b] * x->v[(ci * x->h + i) * x->w + j];
                        }
    if (!wrapped)      /* what lies outside is seen by the ends: mark them with the border's value */
        for (size_t i = 0; i < y.c * y.h * y.w; i++) {
            size_t r = i / y.w % y.h, q = i % y.w, edge = 2 * reach;
            if (q < edge || q + edge >= y.w || (two && (r < edge || r + edge >= y.h)))
                y.v[i] += border;
        }
    return y;
}

static struct map run_pool(const struct map *x, const struct spec *l, bool two)
{
    size_t ky = two ? l->k : 1;
    struct map y = new_map(x->c, !two ? 1 : wrapped ? x->h / l->s : (x->h + 2 * l->p - l->k) / l->s + 1,
                           wrapped ? x->w / l->s : (x->w + 2 * l->p - l->k) / l->s + 1);
    for (size_t i = 0; i < y.c * y.h * y.w; i++) {
        double sum = 0.0, most = -INFINITY;
        for (size_t a = 0; a < ky; a++)
            for (size_t b = 0; b < l->k; b++) {
                double v = at(x, i / (y.h * y.w), two ? (long)(i / y.w % y.h * l->s + a) - (long)l->p : 0, (long)(i % y.w * l->s + b) - (long)l->p);
                sum += v;
                most = fmax(most, v);
            }
        y.v[i] = l->kind == AVERAGE ? sum / (double)(ky * l->k) : most;
    }
    return y;
}

/* One axis of a resize: the value at coordinate u. */
static double interpolate(const struct map *x, const struct spec *l, size_t c, long y0, double u, bool along_y, long other)
{
    double sum = 0.0, base = floor(u), t = u - base;
    (void)y0;
    for (long i = -1; i <= 2; i++) {
        double w, dist = fabs((double)i - t);
        if (l->mode[0] == 'n')
            w = ceil(u - 0.5) == base + (double)i ? 1.0 : 0.0;
        else if (l->mode[0] == 'l')
            w = dist < 1.0 ? 1.0 - dist : 0.0;
        else
            w = dist <= 1.0 ? 1.25 * dist * dist * dist - 2.25 * dist * dist + 1.0
                            : dist < 2.0 ? -0.75 * (dist * dist * dist - 5.0 * dist * dist + 8.0 * dist - 4.0) : 0.0;
        if (w != 0.0)
            sum += w * (along_y ? at(x, c, (long)base + i, other) : at(x, c, other, (long)base + i));
    }
    return sum;
}

static struct map run_resize(const struct map *x, const struct spec *l, bool two)
{
    struct map wide = new_map(x->c, x->h, x->w * l->s), y;
    bool half = strcmp(l->place, "half_pixel") == 0;
    double s = (double)l->s;
    for (size_t i = 0; i < wide.c * wide.h * wide.w; i++) {
        double j = (double)(i % wide.w), u = half ? (j + 0.5) / s - 0.5 : j / s;
        wide.v[i] = interpolate(x, l, i / (wide.h * wide.w), 0, u, false, (long)(i / wide.w % wide.h));
    }
    if (!two)
        return wide;
    y = new_map(x->c, x->h * l->s, x->w * l->s);
    for (size_t i = 0; i < y.c * y.h * y.w; i++) {
        double j = (double)(i / y.w % y.h), u = half ? (j + 0.5) / s - 0.5 : j / s;
        y.v[i] = interpolate(&wide, l, i / (y.h * y.w), 0, u, true, (long)(i % y.w));
    }
    free(wide.v);
    return y;
}

static struct map run_shuffle(const struct map *x, size_t r, bool crd)
{
    struct map y = new_map(x->c / (r * r), x->h * r, x->w * r);
    for (size_t c = 0; c < y.c; c++)
        for (size_t i = 0; i < y.h; i++)
            for (size_t j = 0; j < y.w; j++) {
                size_t part = i % r * r + j % r;
                y.v[(c * y.h + i) * y.w + j] = at(x, crd ? c * r * r + part : part * y.c + c, (long)(i / r), (long)(j / r));
            }
    return y;
}

static struct map run_unshuffle(const struct map *x, size_t r)
{
    struct map y = new_map(x->c * r * r, x->h / r, x->w / r);
    for (size_t i = 0; i < y.c * y.h * y.w; i++) {
        size_t c = i / (y.h * y.w), part = c / x->c;
        y.v[i] = at(x, c % x->c, (long)(i / y.w % y.h * r + part / r), (long)(i % y.w * r + part % r));
    }
    return y;
}

static void run_channelwise(struct map *y, const struct spec *l)
{
    size_t plane = y->h * y->w;
    for (size_t i = 0; i < y->c * plane; i++) {
        size_t c = i / plane;
        double *v = &y->v[i];
        if (l->kind == FUNCTION)
            *v = test_functions[l->function].f(*v);
        else if (l->kind == PRELU)
            *v *= *v < 0.0 ? (double)l->b[c] : 1.0;
        else if (l->kind == BATCH_NORM)
            *v = (double)l->extra[0][c] * (*v - (double)l->extra[2][c]) / sqrt((double)l->extra[3][c] + (double)1e-5f) + (double)l->extra[1][c];
    }
    for (size_t i = 0; l->kind == SOFTMAX && i < plane; i++) {
        double sum = 0.0;
        for (size_t c = 0; c < y->c; c++)
            sum += exp(y->v[c * plane + i]);
        for (size_t c = 0; c < y->c; c++)
            y->v[c * plane + i] = exp(y->v[c * plane + i]) / sum;
    }
    for (size_t c = 0; l->kind >= INSTANCE_NORM && c < y->c; c++) {
        double mean = 0.0, variance = 0.0, *v = y->v + c * plane;
        for (size_t i = 0; i < plane; i++)
            mean += v[i] / (double)plane;
        for (size_t i = 0; i < plane; i++)
            variance += (v[i] - mean) * (v[i] - mean) / (double)plane;
        for (size_t i = 0; i < plane; i++)
            v[i] = l->kind == INSTANCE_NORM ? (double)l->extra[0][c] * (v[i] - mean) / sqrt(variance + (double)0.125f) + (double)l->extra[1][c]
                 : l->kind == GLOBAL ? v[i] * mean : v[i] - mean;
    }
}

static struct map copy_map(const struct map *x)
{
    struct map y = new_map(x->c, x->h, x->w);
    memcpy(y.v, x->v, x->c * x->h * x->w * sizeof *y.v);
    return y;
}

static struct map run_layer(const struct map *x, const struct spec *l, bool two)
{
    struct map y, side;
    switch (l->kind) {
    case CONV: case LAST_MATRIX: return run_conv(x, l, two);
    case CONV_TRANSPOSE: return run_transpose(x, l, two);
    case AVERAGE: case LARGEST: return run_pool(x, l, two);
    case RESIZE: return run_resize(x, l, two);
    case SHUFFLE: case SPELT_SHUFFLE: return run_shuffle(x, l->s, l->kind == SPELT_SHUFFLE || l->mode[0] == 'C');
    case UNSHUFFLE: return run_unshuffle(x, l->s);
    case SKIP_ADD:
        y = run_conv(x, l, two);
        for (size_t i = 0; i < y.c * y.h * y.w; i++)
            y.v[i] += x->v[i];
        return y;
    case SKIP_CONCAT:
        side = run_conv(x, l, two);
        y = new_map(x->c + side.c, x->h, x->w);
        memcpy(y.v, x->v, x->c * x->h * x->w * sizeof *y.v);
        memcpy(y.v + x->c * x->h * x->w, side.v, side.c * x->h * x->w * sizeof *y.v);
        free(side.v);
        return y;
    case CROP:
        y = new_map(x->c, two ? x->h - l->k - l->p : 1, x->w - l->k - l->p);
        for (size_t i = 0; i < y.c * y.h * y.w; i++)
            y.v[i] = at(x, i / (y.h * y.w), two ? (long)(i / y.w % y.h + l->k) : 0, (long)(i % y.w + l->k));
        return y;
    case CHANNELS:      /* the second half of the channels, then the first */
        y = new_map(x->c, x->h, x->w);
        for (size_t i = 0; i < x->c * x->h * x->w; i++)
            y.v[i] = x->v[(i + x->c / 2 * x->h * x->w) % (x->c * x->h * x->w)];
        return y;
    default:
        y = copy_map(x);
        run_channelwise(&y, l);
        return y;
    }
}

/* ---- the same layer as ONNX ---- */

static void name_of(char *name, const char *stem, int i)
{
    (void)snprintf(name, 32, "%s%d", stem, i);
}

static void emit_weights(struct onnx *m, const struct spec *l, const size_t *shape, size_t rank, int i)
{
    char w[32], b[32];
    name_of(w, "w", i);
    name_of(b, "b", i);
    onnx_floats(m, w, shape, rank, l->w);
    onnx_floats(m, b, &l->cout, 1, l->b);
}

static void emit_window(struct onnx *m, const struct spec *l, size_t ndim)
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

static void emit_convolution(struct onnx *m, const struct spec *l, size_t channels, size_t ndim, int i, const char *in, const char *out)
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
static void emit_spelt(struct onnx *m, const struct spec *l, size_t channels, int i, const char *in, const char *out)
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

static void emit_layer(struct onnx *m, const struct spec *l, size_t channels, size_t ndim, int i)
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
static bool choose_layer(struct spec *l, int kind, size_t *channels, size_t *up, bool two, const bool *used)
{
    memset(l, 0, sizeof *l);
    l->kind = kind;
    l->groups = l->s = l->d = l->k = 1;
    l->cout = *channels;
    for (size_t i = 0; i < 4096; i++)
        l->w[i] = small_float();
    for (size_t i = 0; i < 64; i++) {
        l->b[i] = small_float();
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
        if (wrapped && kind != CONV_TRANSPOSE && (*up % (16 * l->s) != 0))
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
        if (wrapped)
            return false;
        break;
    case CHANNELS:
        return *channels > 1;
    case LAST_MATRIX:
        if (used[kind])
            return false;
        l->cout = random_between(1, 4);
        break;
    case INSTANCE_NORM: case GLOBAL: case MEAN:
        return wrapped;
    default:
        break;
    }
    *channels = kind == SKIP_CONCAT ? *channels + 1 : l->cout;
    return *up <= (two ? 64 * 4 : 64 * 8) && *up >= 16;
}

static struct map run_image(const struct spec *layers, int count, const struct map *image, bool two)
{
    struct map now = copy_map(image);
    for (int i = 0; i < count; i++) {
        struct map next = run_layer(&now, &layers[i], two);
        free(now.v);
        now = next;
    }
    return now;
}

/* The torus's value at every place of the middle of the image; when `wrapped`, everywhere. False: the middle sees the border. */
static bool compare(const char *name, const tconv_torus *t, const struct map *y, const struct map *other, bool two, double tolerance)
{
    size_t ph = two ? t->axis[2].extent : 1, pw = t->axis[t->rank - 1].extent;
    double scale = 1.0;
    CHECK_MESSAGE(t->axis[1].extent == y->c, "%s: channels", name);
    if (t->axis[1].extent != y->c)
        return true;
    if (y->h < ph || y->w < pw)
        return false;
    for (size_t i = 0; i < y->c * y->h * y->w; i++)
        scale = fmax(scale, fabs(y->v[i]));
    size_t h0 = wrapped ? 0 : (y->h - ph) / 2, w0 = wrapped ? 0 : (y->w - pw) / 2;
    size_t h1 = wrapped ? y->h : h0 + ph, w1 = wrapped ? y->w : w0 + pw;
    for (int pass = 0; pass < 2; pass++)
        for (size_t c = 0; c < y->c; c++)
            for (size_t i = h0; i < h1; i++)
                for (size_t j = w0; j < w1; j++) {
                    size_t place = (c * y->h + i) * y->w + j;
                    if (pass == 0 && y->v[place] != other->v[place])
                        return false;
                    if (pass == 1)
                        CHECK_CLOSE(name, place, t->data[(c * ph + i % ph) * pw + j % pw], y->v[place], tolerance * scale);
                }
    return true;
}

#define TILE 4

/* Run the layers on an image of the tile (flat: its first values) and compare. */
static void against_image(const char *name, tconv_network *network, const struct spec *layers, int count, size_t channels, bool two,
                          const double *tile, double tolerance)
{
    tconv_torus out = { 0 };
    tconv_error error = { .message = "" };
    const size_t period[2] = { TILE, TILE };
    size_t n = wrapped ? TILE : two ? 24 : 64;
    tconv_status status = tconv_network_run(network, tile, wrapped ? period : NULL, TCONV_NO_LAYER, &out, &error);
    CHECK_MESSAGE(status == TCONV_OK || status == TCONV_ENONFINITE, "%s: %s", name, error.message);
    for (bool done = status != TCONV_OK; !done; n *= 2) {
        struct map image = new_map(channels, two ? n : 1, n), y[2];
        for (size_t i = 0; i < channels * image.h * n; i++)
            image.v[i] = tile[wrapped ? i : i / (image.h * n)];
        for (int run = 0; run < 2; run++) {
            border = run;
            y[run] = run_image(layers, count, &image, two);
        }
        done = compare(name, &out, &y[0], &y[1], two, tolerance);
        free(y[0].v);
        free(y[1].v);
        free(image.v);
        if (!done && n >= 300) {
            CHECK_MESSAGE(done, "%s: the middle of the image sees the border", name);
            break;
        }
    }
    tconv_torus_free(&out);
}

static void one_random_network(size_t round)
{
    static struct spec layers[6];
    int count = (int)random_between(2, 5), made = 0;
    bool two = random_between(0, 1) == 1, used[KINDS] = { false };
    size_t channels0 = random_between(1, 4), channels = channels0, up = 64;
    char name[64];
    double tile[4 * TILE * TILE];
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
    for (size_t i = 0; i < 4 * TILE * TILE; i++)
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
            against_image(name, network, layers, made, channels0, two, tile, single ? 1e-5 : 1e-11);
        tconv_network_destroy(network);
        tconv_container_close(container);
        tconv_source_close(source);
    }
    bytes_free(&file);
}

static void random_networks_equal_the_middle_of_a_large_image(void)
{
    wrapped = false;
    for (size_t round = 0; round < test_rounds(600); round++)
        one_random_network(round);
}

static void networks_with_means_over_space_equal_a_wrapped_image_of_any_texture(void)
{
    wrapped = true;
    for (size_t round = 0; round < test_rounds(600); round++)
        one_random_network(round);
    wrapped = false;
}

const struct test_suite suite = { "network", {
    { "random networks equal the middle of a large image", random_networks_equal_the_middle_of_a_large_image },
    { "networks with means over space equal a wrapped image of any texture", networks_with_means_over_space_equal_a_wrapped_image_of_any_texture },
    { NULL, NULL } } };
