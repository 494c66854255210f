/* This file includes itself twice, once for float and once for double: the part under REAL is written once. */
#ifndef REAL

#include "gradient.h"

#include <stdint.h>

#include "convolve.h"
#include "lift.h"

#define REAL float
#define NAME(base) base##_f32
#include "gradient.c"
#undef REAL
#undef NAME
#define REAL double
#define NAME(base) base##_f64
#include "gradient.c"

#else

/* sum_i x[i] gy[s*i + d*r - pb] for one pair of channels, one tap and one image. */
static double NAME(tap_gradient)(const tconv_lifted *l, const size_t *r, const REAL *x, const REAL *gy)
{
    double sum = 0.0;
    size_t first[3], last[3];
    for (int a = 0; a < 3; a++) {
        tconv_lift_range(l, a, r[a], &first[a], &last[a]);
        if (first[a] == last[a])
            return 0.0;
    }
    for (size_t i0 = first[0]; i0 < last[0]; i0++)
        for (size_t i1 = first[1]; i1 < last[1]; i1++) {
            size_t row = tconv_lift_place(l, 0, i0, r[0]) * l->m[1] + tconv_lift_place(l, 1, i1, r[1]);
            const REAL *g = gy + row * l->m[2] + tconv_lift_place(l, 2, first[2], r[2]);
            const REAL *from = x + (i0 * l->n[1] + i1) * l->n[2] + first[2];
            for (size_t i = 0; i < last[2] - first[2]; i++)
                sum += (double)from[i] * (double)g[l->s[2] * i];
        }
    return sum;
}

static void NAME(taps_gradient)(const tconv_lifted *l, size_t batch, const REAL *x, const REAL *gy, REAL *gradient)
{
    for (size_t g = 0; g < l->groups; g++)
        for (size_t ci = 0; ci < l->cin; ci++)
            for (size_t co = 0; co < l->cout; co++)
                for (size_t tap = 0; tap < l->taps; tap++) {
                    size_t r[3] = { tap / (l->k[1] * l->k[2]), tap / l->k[2] % l->k[1], tap % l->k[2] };
                    double sum = 0.0;
                    for (size_t image = 0; image < batch; image++)
                        sum += NAME(tap_gradient)(l, r, x + ((image * l->groups + g) * l->cin + ci) * l->small,
                                                  gy + ((image * l->groups + g) * l->cout + co) * l->large);
                    *gradient++ = (REAL)sum;
                }
}

static void NAME(bias_gradient)(const tconv_lifted *l, size_t batch, const REAL *gy, REAL *gradient)
{
    for (size_t co = 0; co < l->groups * l->cout; co++) {
        double sum = 0.0;
        for (size_t image = 0; image < batch; image++)
            for (size_t j = 0; j < l->large; j++)
                sum += (double)gy[(image * l->groups * l->cout + co) * l->large + j];
        gradient[co] = (REAL)sum;
    }
}

tconv_status NAME(tconv_gradient)(const tconv_geometry *geometry, const REAL *taps, const size_t *n_in, size_t batch,
                                  const REAL *x, const REAL *gy, REAL *gradient_taps, REAL *gradient_bias,
                                  REAL *gradient_input, tconv_error *error)
{
    tconv_lifted l;
    tconv_status status = tconv_lift(&l, geometry, n_in, error);
    if (status == TCONV_OK)
        status = tconv_lift_batch(&l, batch, error);
    if (status != TCONV_OK)
        return status;
    if (gy == NULL || (gradient_taps != NULL && x == NULL) || (gradient_input != NULL && taps == NULL))
        return tconv_fail(error, TCONV_EARGUMENT, "a gradient of the taps needs the input, one of the input needs the taps");
    if (gradient_taps != NULL)
        NAME(taps_gradient)(&l, batch, x, gy, gradient_taps);
    if (gradient_bias != NULL)
        NAME(bias_gradient)(&l, batch, gy, gradient_bias);
    if (gradient_input == NULL)
        return TCONV_OK;
    size_t n_out[TCONV_MAX_NDIM];
    for (size_t i = 0; i < geometry->ndim; i++)
        n_out[i] = l.m[3 - geometry->ndim + i];
    return NAME(tconv_convolve)(geometry, taps, n_out, n_in, batch, gy, gradient_input, error);
}

#endif
