/* This file includes itself twice, once for float and once for double: the part under REAL is written once. */
#ifndef REAL

#include "zero_insert.h"

#include <string.h>

#include "lift.h"
#include "zero_insert_steps.h"

size_t tconv_zero_insert_size(size_t stride, size_t n_in)
{
    return stride * (n_in - 1) + 1;
}

#define REAL float
#define NAME(base) base##_f32
#include "zero_insert.c"
#undef REAL
#undef NAME
#define REAL double
#define NAME(base) base##_f64
#include "zero_insert.c"

#else

static void NAME(insert)(const size_t *s, const size_t *n, const REAL *x, REAL *xu)
{
    size_t rows = tconv_zero_insert_size(s[1], n[1]), columns = tconv_zero_insert_size(s[2], n[2]);
    memset(xu, 0, tconv_zero_insert_size(s[0], n[0]) * rows * columns * sizeof *xu);
    for (size_t i0 = 0; i0 < n[0]; i0++)
        for (size_t i1 = 0; i1 < n[1]; i1++)
            for (size_t i2 = 0; i2 < n[2]; i2++)
                xu[(s[0] * i0 * rows + s[1] * i1) * columns + s[2] * i2] = x[(i0 * n[1] + i1) * n[2] + i2];
}

void NAME(tconv_zero_insert)(size_t ndim, const size_t *stride, const size_t *n_in, const REAL *x, REAL *xu)
{
    size_t s[3] = { 1, 1, 1 }, n[3] = { 1, 1, 1 };
    for (size_t i = 0; i < ndim; i++) {
        s[3 - ndim + i] = stride[i];
        n[3 - ndim + i] = n_in[i];
    }
    NAME(insert)(s, n, x, xu);
}

/* y[j] += sum_r h[r] xu[j + pb - d*r] over the r for which xu has that sample, h = one kernel of K taps. */
static void NAME(filter)(const tconv_lifted *l, const REAL *taps, const REAL *xu, REAL *y)
{
    int64_t size[3];
    for (int a = 0; a < 3; a++)
        size[a] = (int64_t)tconv_zero_insert_size(l->s[a], l->n[a]);
    const int64_t d0 = (int64_t)l->d[0], d1 = (int64_t)l->d[1], d2 = (int64_t)l->d[2];
    for (size_t j0 = 0; j0 < l->m[0]; j0++)
        for (size_t j1 = 0; j1 < l->m[1]; j1++)
            for (size_t j2 = 0; j2 < l->m[2]; j2++) {
                REAL sum = *y;
                const REAL *h = taps;
                for (int64_t r0 = 0; r0 < (int64_t)l->k[0]; r0++)
                    for (int64_t r1 = 0; r1 < (int64_t)l->k[1]; r1++)
                        for (int64_t r2 = 0; r2 < (int64_t)l->k[2]; r2++, h++) {
                            int64_t at0 = (int64_t)j0 + l->pb[0] - d0 * r0, at1 = (int64_t)j1 + l->pb[1] - d1 * r1;
                            int64_t at2 = (int64_t)j2 + l->pb[2] - d2 * r2;
                            if (at0 >= 0 && at0 < size[0] && at1 >= 0 && at1 < size[1] && at2 >= 0 && at2 < size[2])
                                sum += *h * xu[(at0 * size[1] + at1) * size[2] + at2];
                        }
                *y++ = sum;
            }
}

void NAME(tconv_zero_insert_channel)(const tconv_lifted *l, const REAL *taps, const REAL *bias, size_t channel, REAL *xu,
                                     const REAL *x, REAL *y)
{
    size_t g = channel / l->cout, co = channel % l->cout;
    y += channel * l->large;
    for (size_t j = 0; j < l->large; j++)
        y[j] = bias != NULL ? bias[channel] : (REAL)0;
    for (size_t ci = g * l->cin; ci < (g + 1) * l->cin; ci++) {
        NAME(insert)(l->s, l->n, x + ci * l->small, xu);
        NAME(filter)(l, taps + (ci * l->cout + co) * l->taps, xu, y);
    }
}

tconv_status NAME(tconv_zero_insert_layer)(const tconv_geometry *geometry, const REAL *taps, const REAL *bias,
                                           const size_t *n_in, size_t batch, const REAL *x, REAL *y, tconv_error *error)
{
    tconv_lifted l;
    tconv_status status = tconv_lift(&l, geometry, n_in, error);
    if (status == TCONV_OK)
        status = tconv_lift_batch(&l, batch, error);
    if (status != TCONV_OK)
        return status;
    size_t count = 1;
    for (int a = 0; a < 3; a++)
        if (!tconv_size_mul(count, tconv_zero_insert_size(l.s[a], l.n[a]), &count))
            return tconv_fail(error, TCONV_ESIZE, "the zero-inserted input has too many samples to be represented");
    REAL *xu = tconv_alloc(count, sizeof *xu, &status);
    if (xu == NULL)
        return tconv_fail_plain(error, status);
    for (size_t image = 0; image < batch; image++)
        for (size_t channel = 0; channel < l.groups * l.cout; channel++)
            NAME(tconv_zero_insert_channel)(&l, taps, bias, channel, xu, x + image * l.groups * l.cin * l.small,
                                            y + image * l.groups * l.cout * l.large);
    tconv_free(xu);
    return TCONV_OK;
}

#endif
