#include "testing_definition.h"

#include <string.h>

void index_to_vector(size_t index, const size_t *shape, size_t ndim, size_t *vector)
{
    for (size_t i = ndim; i-- > 0; index /= shape[i])
        vector[i] = index % shape[i];
}

static size_t product(const size_t *shape, size_t ndim)
{
    size_t count = 1;
    for (size_t i = 0; i < ndim; i++)
        count *= shape[i];
    return count;
}

size_t transposed_by_definition(const tconv_kernel *kernel, const double *x, const size_t *n_in, double *y, size_t *n_out, size_t most)
{
    const tconv_geometry *g = &kernel->geometry;
    size_t k[TCONV_MAX_NDIM];
    for (size_t i = 0; i < g->ndim; i++) {
        k[i] = g->axis[i].n_taps;
        if (tconv_axis_output_size(&g->axis[i], n_in[i], &n_out[i], NULL) != TCONV_OK)
            return 0;
    }
    size_t many_in = product(n_in, g->ndim), many_out = product(n_out, g->ndim), taps = product(k, g->ndim);
    CHECK(g->channels_out * many_out <= most);
    if (g->channels_out * many_out > most)
        return 0;
    memset(y, 0, g->channels_out * many_out * sizeof *y);
    for (size_t co = 0; co < g->channels_out; co++) {
        for (size_t j = 0; j < many_out && kernel->bias != NULL; j++)
            y[co * many_out + j] = kernel->bias[co];
        for (size_t ci = 0; ci < g->channels_in; ci++) {
            const double *w = tconv_kernel_pair(kernel, ci, co);
            for (size_t a = 0; w != NULL && a < many_in * taps; a++) {
                size_t i[TCONV_MAX_NDIM], r[TCONV_MAX_NDIM], at = 0;
                bool inside = true;
                index_to_vector(a / taps, n_in, g->ndim, i);
                index_to_vector(a % taps, k, g->ndim, r);
                for (size_t axis = 0; axis < g->ndim; axis++) {
                    const tconv_axis *x_axis = &g->axis[axis];
                    int64_t n = (int64_t)(x_axis->stride * i[axis] + x_axis->dilation * r[axis]) - x_axis->pad_begin;
                    inside = inside && n >= 0 && n < (int64_t)n_out[axis];
                    at = inside ? at * n_out[axis] + (size_t)n : 0;
                }
                if (inside)
                    y[co * many_out + at] += x[ci * many_in + a / taps] * w[a % taps];
            }
        }
    }
    return g->channels_out * many_out;
}

size_t convolved_by_definition(const tconv_convolution *convolution, const double *x, const size_t *n_in, double *z, size_t *n_out, size_t most)
{
    const tconv_convolution *c = convolution;
    for (size_t i = 0; i < c->ndim; i++) {
        int64_t size = (int64_t)n_in[i] + c->pad_begin[i] + c->pad_end[i] - (int64_t)(c->dilation[i] * (c->n_taps[i] - 1));
        if (size < 1)
            return 0;
        n_out[i] = (size_t)size;
    }
    size_t many_in = product(n_in, c->ndim), many_out = product(n_out, c->ndim), taps = product(c->n_taps, c->ndim);
    size_t in = c->channels_in / c->groups, out = c->channels_out / c->groups;
    CHECK(c->channels_out * many_out <= most);
    if (c->channels_out * many_out > most)
        return 0;
    for (size_t co = 0; co < c->channels_out; co++)
        for (size_t j = 0; j < many_out; j++) {
            double sum = c->bias != NULL ? c->bias[co] : 0.0;
            for (size_t a = 0; a < in * taps; a++) {
                size_t n[TCONV_MAX_NDIM], r[TCONV_MAX_NDIM], at = 0;
                bool inside = true;
                index_to_vector(j, n_out, c->ndim, n);
                index_to_vector(a % taps, c->n_taps, c->ndim, r);
                for (size_t axis = 0; axis < c->ndim; axis++) {
                    int64_t place = (int64_t)(n[axis] + c->dilation[axis] * r[axis]) - c->pad_begin[axis];
                    inside = inside && place >= 0 && place < (int64_t)n_in[axis];
                    at = inside ? at * n_in[axis] + (size_t)place : 0;
                }
                if (inside)
                    sum += x[(co / out * in + a / taps) * many_in + at] * c->weights[(co * in + a / taps) * taps + a % taps];
            }
            z[co * many_out + j] = sum;
        }
    return c->channels_out * many_out;
}
