#include "testing_layer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testing.h"

static void *get(size_t count, size_t size)
{
    void *block = calloc(count > 0 ? count : 1, size);
    if (block == NULL)
        abort();
    return block;
}

bool layer_of(struct layer *layer, const tconv_geometry *g, const size_t *n_in, size_t batch)
{
    *layer = (struct layer){ .g = *g, .batch = batch, .small = 1, .large = 1 };
    for (size_t i = 0; i < g->ndim; i++) {
        layer->n_in[i] = n_in[i];
        if (tconv_axis_output_size(&g->axis[i], n_in[i], &layer->n_out[i], NULL) != TCONV_OK)
            return false;
        layer->small *= n_in[i];
        layer->large *= layer->n_out[i];
    }
    layer->x_count = batch * g->channels_in * layer->small;
    layer->y_count = batch * g->channels_out * layer->large;
    layer->w_count = g->channels_in * (g->channels_out / g->groups) * tconv_geometry_taps(g);
    layer->x = get(layer->x_count, sizeof(double));
    layer->w = get(layer->w_count, sizeof(double));
    layer->b = get(g->channels_out, sizeof(double));
    layer->x_f32 = get(layer->x_count, sizeof(float));
    layer->w_f32 = get(layer->w_count, sizeof(float));
    layer->b_f32 = get(g->channels_out, sizeof(float));
    return true;
}

void layer_free(struct layer *layer)
{
    free(layer->x);
    free(layer->w);
    free(layer->b);
    free(layer->x_f32);
    free(layer->w_f32);
    free(layer->b_f32);
}

static size_t skewed(size_t most)   /* small values more often than large ones, all of them at times */
{
    return random_between(1, random_between(0, 3) == 0 ? most : most < 6 ? most : 6);
}

void layer_random(struct layer *layer, size_t ndim, size_t most_outputs)
{
    static const size_t most_taps[] = { 0, 64, 16, 6 }, most_stride[] = { 0, 8, 8, 4 };
    for (;;) {
        tconv_geometry g = tconv_geometry_default(ndim);
        size_t n_in[TCONV_MAX_NDIM];
        g.groups = random_between(0, 3) == 0 ? random_between(2, 3) : 1;
        g.channels_in = g.groups * skewed(random_between(0, 9) == 0 ? 20 : 5);
        g.channels_out = g.groups * skewed(random_between(0, 9) == 0 ? 20 : 5);
        for (size_t i = 0; i < ndim; i++) {
            tconv_axis *axis = &g.axis[i];
            axis->stride = random_between(1, most_stride[ndim]);
            axis->n_taps = skewed(most_taps[ndim]);
            axis->dilation = random_between(0, 2) == 0 ? random_between(1, 4) : 1;
            int64_t effective = (int64_t)tconv_axis_effective_taps(axis);
            axis->pad_begin = (int64_t)random_between(0, (size_t)effective + 2) - 2;
            axis->pad_end = (int64_t)random_between(0, (size_t)effective + 2) - 2;
            size_t most = axis->stride > axis->dilation ? axis->stride : axis->dilation;
            axis->output_padding = random_between(0, 1) == 0 ? 0 : random_between(0, most - 1);
            n_in[i] = random_between(0, 5) == 0 ? 1 : skewed(ndim == 1 ? 90 : ndim == 2 ? 24 : 9);
        }
        if (!layer_of(layer, &g, n_in, random_between(0, 4) == 0 ? random_between(2, 3) : 1))
            continue;
        if (layer->large <= most_outputs)
            return;
        layer_free(layer);
    }
}

static void fill(double *values, float *rounded, size_t count, bool integers)
{
    for (size_t i = 0; i < count; i++) {
        rounded[i] = integers ? (float)random_small_integer(4) : (float)random_uniform(-1.0, 1.0);
        values[i] = rounded[i];
    }
}

static void fill_all(struct layer *layer, bool integers)
{
    fill(layer->x, layer->x_f32, layer->x_count, integers);
    fill(layer->w, layer->w_f32, layer->w_count, integers);
    fill(layer->b, layer->b_f32, layer->g.channels_out, integers);
}

void layer_fill_integers(struct layer *layer)
{
    fill_all(layer, true);
}

void layer_fill_reals(struct layer *layer)
{
    fill_all(layer, false);
}

void layer_smooth(const struct layer *layer, struct layer *smooth)
{
    tconv_geometry g = layer->g;
    size_t n[3] = { 1, 1, 1 }, m[3] = { 1, 1, 1 }, longer[TCONV_MAX_NDIM], ndim = g.ndim;
    for (size_t i = 0; i < ndim; i++) {
        size_t ends = i + 2 >= ndim ? 1 : 0;
        n[3 - ndim + i] = layer->n_in[i];
        m[3 - ndim + i] = longer[i] = layer->n_in[i] + 2 * ends;
        g.axis[i].pad_begin += (int64_t)(ends * g.axis[i].stride);
        g.axis[i].pad_end += (int64_t)(ends * g.axis[i].stride);
    }
    CHECK(layer_of(smooth, &g, longer, layer->batch) && smooth->y_count == layer->y_count);
    memcpy(smooth->w, layer->w, layer->w_count * sizeof *layer->w);
    memcpy(smooth->b, layer->b, g.channels_out * sizeof *layer->b);
    memset(smooth->x, 0, smooth->x_count * sizeof *smooth->x);
    size_t reach1 = m[1] - n[1], reach2 = m[2] - n[2];                    /* 2, or 0 for an axis that is not there */
    for (size_t line = 0; line < layer->x_count / n[2]; line++)
        for (size_t i = 0; i < n[2]; i++)
            for (size_t a = 0; a <= reach1; a++)
                for (size_t b = 0; b <= reach2; b++) {
                    size_t plane = line / n[1], row = line % n[1] + a;
                    double weight = (reach1 == 0 || a == 1 ? 1.0 : 2.0) * (reach2 == 0 || b == 1 ? 1.0 : 2.0);
                    smooth->x[(plane * m[1] + row) * m[2] + i + b] += weight * fabs(layer->x[line * n[2] + i]);
                }
}

/* The place that input n and tap r (flat indices) reach, or SIZE_MAX. */
static size_t place(const struct layer *layer, size_t n, size_t r)
{
    size_t at = 0, scale = 1;
    for (size_t i = layer->g.ndim; i-- > 0;) {
        const tconv_axis *axis = &layer->g.axis[i];
        int64_t j = (int64_t)(axis->stride * (n % layer->n_in[i]) + axis->dilation * (r % axis->n_taps)) - axis->pad_begin;
        if (j < 0 || j >= (int64_t)layer->n_out[i])
            return SIZE_MAX;
        at += scale * (size_t)j;
        scale *= layer->n_out[i];
        n /= layer->n_in[i];
        r /= axis->n_taps;
    }
    return at;
}

size_t layer_by_definition(const struct layer *layer, long double *want, double *magnitude)
{
    const tconv_geometry *g = &layer->g;
    size_t taps = tconv_geometry_taps(g), cin = g->channels_in / g->groups, cout = g->channels_out / g->groups, most = 0;
    size_t *terms = get(layer->y_count, sizeof *terms);
    for (size_t j = 0; j < layer->y_count; j++) {
        want[j] = layer->b[j / layer->large % g->channels_out];
        if (magnitude != NULL)
            magnitude[j] = fabs((double)want[j]);
    }
    for (size_t n = 0; n < layer->small; n++)
        for (size_t r = 0; r < taps; r++) {
            size_t at = place(layer, n, r);
            if (at == SIZE_MAX)
                continue;
            for (size_t image = 0; image < layer->batch; image++)
                for (size_t ci = 0; ci < g->channels_in; ci++)
                    for (size_t co = 0; co < cout; co++) {
                        double x = layer->x[(image * g->channels_in + ci) * layer->small + n];
                        double w = layer->w[(ci * cout + co) * taps + r];
                        size_t j = (image * g->channels_out + ci / cin * cout + co) * layer->large + at;
                        want[j] += (long double)x * w;
                        if (magnitude != NULL)
                            magnitude[j] += fabs(x * w);
                        if (++terms[j] > most)
                            most = terms[j];
                    }
        }
    free(terms);
    return most;
}

const char *layer_text(const struct layer *layer)
{
    static char text[400];
    int used = snprintf(text, sizeof text, "%zu-D batch %zu channels %zu->%zu groups %zu", layer->g.ndim, layer->batch,
                        layer->g.channels_in, layer->g.channels_out, layer->g.groups);
    for (size_t i = 0; i < layer->g.ndim; i++) {
        const tconv_axis *a = &layer->g.axis[i];
        used += snprintf(text + used, sizeof text - (size_t)used, " [s %zu k %zu d %zu p %lld,%lld o %zu n %zu]", a->stride,
                         a->n_taps, a->dilation, (long long)a->pad_begin, (long long)a->pad_end, a->output_padding,
                         layer->n_in[i]);
    }
    return text;
}
