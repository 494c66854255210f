#include "testing_plain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool plain_wrapped;
static double border;         /* what lies outside: places that see it differ between two runs */

static struct plain_map new_map(size_t c, size_t h, size_t w)
{
    struct plain_map m = { c, h, w, calloc(c * h * w + 1, sizeof(double)) };
    if (m.v == NULL)
        abort();
    return m;
}

static double at(const struct plain_map *m, size_t c, long y, long x)
{
    long h = (long)m->h, w = (long)m->w;
    if (plain_wrapped)
        return m->v[(c * m->h + (size_t)(((y % h) + h) % h)) * m->w + (size_t)(((x % w) + w) % w)];
    return y < 0 || x < 0 || y >= h || x >= w ? border : m->v[(c * m->h + (size_t)y) * m->w + (size_t)x];
}

static struct plain_map run_conv(const struct plain_map *x, const struct plain_layer *l, bool two)
{
    size_t ky = two ? l->k : 1, reach = (l->k - 1) * l->d + 1, p = l->p, cin = x->c / l->groups, per = l->cout / l->groups;
    size_t ow = plain_wrapped ? x->w / l->s : (x->w + 2 * p - reach) / l->s + 1, oh = !two ? 1 : plain_wrapped ? x->h / l->s : (x->h + 2 * p - reach) / l->s + 1;
    struct plain_map y = new_map(l->cout, oh, ow);
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
static struct plain_map run_transpose(const struct plain_map *x, const struct plain_layer *l, bool two)
{
    size_t ky = two ? l->k : 1, reach = (l->k - 1) * l->d + 1, per = l->cout / l->groups, cin = x->c / l->groups;
    long ow = plain_wrapped ? (long)(l->s * x->w) : (long)(l->s * (x->w - 1) + reach) - 2 * (long)l->p;
    long oh = !two ? 1 : plain_wrapped ? (long)(l->s * x->h) : (long)(l->s * (x->h - 1) + reach) - 2 * (long)l->p;
    struct plain_map y = new_map(l->cout, (size_t)oh, (size_t)ow);
    for (size_t i = 0; i < y.c * y.h * y.w; i++)
        y.v[i] = (double)l->b[i / (y.h * y.w)];
    for (size_t ci = 0; ci < x->c; ci++)
        for (size_t i = 0; i < x->h; i++)
            for (size_t j = 0; j < x->w; j++)
                for (size_t c = 0; c < per; c++)
                    for (size_t a = 0; a < ky; a++)
                        for (size_t b = 0; b < l->k; b++) {
                            long r = two ? (long)(i * l->s + a * l->d) - (long)l->p : 0, q = (long)(j * l->s + b * l->d) - (long)l->p;
                            if (plain_wrapped) {
                                r = ((r % oh) + oh) % oh;
                                q = ((q % ow) + ow) % ow;
                            }
                            if (r >= 0 && q >= 0 && r < oh && q < ow)
                                y.v[((ci / cin * per + c) * (size_t)oh + (size_t)r) * (size_t)ow + (size_t)q]
                                    += (double)l->w[((ci * per + c) * ky + a) * l->k + b] * x->v[(ci * x->h + i) * x->w + j];
                        }
    if (!plain_wrapped)      /* what lies outside is seen by the ends: mark them with the border's value */
        for (size_t i = 0; i < y.c * y.h * y.w; i++) {
            size_t r = i / y.w % y.h, q = i % y.w, edge = 2 * reach;
            if (q < edge || q + edge >= y.w || (two && (r < edge || r + edge >= y.h)))
                y.v[i] += border;
        }
    return y;
}

static struct plain_map run_pool(const struct plain_map *x, const struct plain_layer *l, bool two)
{
    size_t ky = two ? l->k : 1;
    struct plain_map y = new_map(x->c, !two ? 1 : plain_wrapped ? x->h / l->s : (x->h + 2 * l->p - l->k) / l->s + 1,
                           plain_wrapped ? x->w / l->s : (x->w + 2 * l->p - l->k) / l->s + 1);
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
static double interpolate(const struct plain_map *x, const struct plain_layer *l, size_t c, double u, bool along_y, long other)
{
    double sum = 0.0, base = floor(u), t = u - base;
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

static struct plain_map run_resize(const struct plain_map *x, const struct plain_layer *l, bool two)
{
    struct plain_map wide = new_map(x->c, x->h, x->w * l->s), y;
    bool half = strcmp(l->place, "half_pixel") == 0;
    double s = (double)l->s;
    for (size_t i = 0; i < wide.c * wide.h * wide.w; i++) {
        double j = (double)(i % wide.w), u = half ? (j + 0.5) / s - 0.5 : j / s;
        wide.v[i] = interpolate(x, l, i / (wide.h * wide.w), u, false, (long)(i / wide.w % wide.h));
    }
    if (!two)
        return wide;
    y = new_map(x->c, x->h * l->s, x->w * l->s);
    for (size_t i = 0; i < y.c * y.h * y.w; i++) {
        double j = (double)(i / y.w % y.h), u = half ? (j + 0.5) / s - 0.5 : j / s;
        y.v[i] = interpolate(&wide, l, i / (y.h * y.w), u, true, (long)(i % y.w));
    }
    free(wide.v);
    return y;
}

static struct plain_map run_shuffle(const struct plain_map *x, size_t r, bool crd)
{
    struct plain_map y = new_map(x->c / (r * r), x->h * r, x->w * r);
    for (size_t c = 0; c < y.c; c++)
        for (size_t i = 0; i < y.h; i++)
            for (size_t j = 0; j < y.w; j++) {
                size_t part = i % r * r + j % r;
                y.v[(c * y.h + i) * y.w + j] = at(x, crd ? c * r * r + part : part * y.c + c, (long)(i / r), (long)(j / r));
            }
    return y;
}

static struct plain_map run_unshuffle(const struct plain_map *x, size_t r)
{
    struct plain_map y = new_map(x->c * r * r, x->h / r, x->w / r);
    for (size_t i = 0; i < y.c * y.h * y.w; i++) {
        size_t c = i / (y.h * y.w), part = c / x->c;
        y.v[i] = at(x, c % x->c, (long)(i / y.w % y.h * r + part / r), (long)(i % y.w * r + part % r));
    }
    return y;
}

static void run_channelwise(struct plain_map *y, const struct plain_layer *l)
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
    for (size_t g = 0; l->kind == GROUP_NORM && g < l->groups; g++) {
        size_t count = y->c / l->groups * plane;
        double mean = 0.0, variance = 0.0, *v = y->v + g * count;
        for (size_t i = 0; i < count; i++)
            mean += v[i] / (double)count;
        for (size_t i = 0; i < count; i++)
            variance += (v[i] - mean) * (v[i] - mean) / (double)count;
        for (size_t i = 0; i < count; i++) {
            size_t c = (g * count + i) / plane;
            v[i] = (double)l->extra[0][c] * (v[i] - mean) / sqrt(variance + (double)0.125f) + (double)l->extra[1][c];
        }
    }
    for (size_t c = 0; l->kind >= INSTANCE_NORM && l->kind != GROUP_NORM && c < y->c; c++) {
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

static struct plain_map copy_map(const struct plain_map *x)
{
    struct plain_map y = new_map(x->c, x->h, x->w);
    memcpy(y.v, x->v, x->c * x->h * x->w * sizeof *y.v);
    return y;
}

static struct plain_map run_layer(const struct plain_map *x, const struct plain_layer *l, bool two)
{
    struct plain_map y, side;
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

static struct plain_map run_image(const struct plain_layer *layers, int count, const struct plain_map *image, bool two)
{
    struct plain_map now = copy_map(image);
    for (int i = 0; i < count; i++) {
        struct plain_map next = run_layer(&now, &layers[i], two);
        free(now.v);
        now = next;
    }
    return now;
}

/* The torus's value at every place of the middle of the image; when plain_wrapped, everywhere. False: the middle sees the border. */
static bool compare(const char *name, const tconv_torus *t, const struct plain_map *y, const struct plain_map *other, bool two, double tolerance)
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
    size_t h0 = plain_wrapped ? 0 : (y->h - ph) / 2, w0 = plain_wrapped ? 0 : (y->w - pw) / 2;
    size_t h1 = plain_wrapped ? y->h : h0 + ph, w1 = plain_wrapped ? y->w : w0 + pw;
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

void plain_check(const char *name, tconv_network *network, const struct plain_layer *layers, int count, size_t channels, bool two,
                 const double *tile, double tolerance)
{
    tconv_torus out = { 0 };
    tconv_error error = { .message = "" };
    const size_t period[2] = { PLAIN_TILE, PLAIN_TILE };
    size_t n = plain_wrapped ? PLAIN_TILE : two ? 24 : 64;
    tconv_status status = tconv_network_run(network, tile, plain_wrapped ? period : NULL, TCONV_NO_LAYER, &out, &error);
    CHECK_MESSAGE(status == TCONV_OK || status == TCONV_ENONFINITE, "%s: %s", name, error.message);
    for (bool done = status != TCONV_OK; !done; n *= 2) {
        struct plain_map image = new_map(channels, two ? n : 1, n), y[2];
        for (size_t i = 0; i < channels * image.h * n; i++)
            image.v[i] = tile[plain_wrapped ? i : i / (image.h * n)];
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
