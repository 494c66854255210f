/* This file includes itself twice, once for float and once for double: the part under REAL is written once. */
#ifndef REAL

#include "convolve.h"

#include <stdint.h>
#include <string.h>

#include "lift.h"

#define REAL float
#define NAME(base) base##_f32
#include "convolve.c"
#undef REAL
#undef NAME
#define REAL double
#define NAME(base) base##_f64
#include "convolve.c"

#else

/* x[i] += sum_r w[r] z[s*i + d*r - pb] for one pair of channels, tap by tap, each over the i that stay inside z. */
static void NAME(correlate)(const tconv_lifted *l, const REAL *w, const REAL *z, REAL *x)
{
    for (size_t r0 = 0; r0 < l->k[0]; r0++)
        for (size_t r1 = 0; r1 < l->k[1]; r1++)
            for (size_t r2 = 0; r2 < l->k[2]; r2++, w++) {
                size_t first[3], last[3];
                tconv_lift_range(l, 0, r0, &first[0], &last[0]);
                tconv_lift_range(l, 1, r1, &first[1], &last[1]);
                tconv_lift_range(l, 2, r2, &first[2], &last[2]);
                if (first[2] == last[2])
                    continue;
                for (size_t i0 = first[0]; i0 < last[0]; i0++)
                    for (size_t i1 = first[1]; i1 < last[1]; i1++) {
                        size_t row = tconv_lift_place(l, 0, i0, r0) * l->m[1] + tconv_lift_place(l, 1, i1, r1);
                        const REAL *from = z + row * l->m[2] + tconv_lift_place(l, 2, first[2], r2);
                        REAL *to = x + (i0 * l->n[1] + i1) * l->n[2] + first[2], tap = *w;
                        size_t count = last[2] - first[2], s = l->s[2];
                        for (size_t i = 0; i < count; i++)
                            to[i] += tap * from[s * i];
                    }
            }
}

tconv_status NAME(tconv_convolve)(const tconv_geometry *geometry, const REAL *taps, const size_t *n_large,
                                  const size_t *n_small, size_t batch, const REAL *z, REAL *x, tconv_error *error)
{
    tconv_lifted l;
    tconv_status status = tconv_lift_pair(&l, geometry, n_small, n_large, error);
    if (status == TCONV_OK)
        status = tconv_lift_batch(&l, batch, error);
    if (status != TCONV_OK)
        return status;
    memset(x, 0, batch * l.groups * l.cin * l.small * sizeof *x);
    for (size_t image = 0; image < batch; image++)
        for (size_t g = 0; g < l.groups; g++)
            for (size_t ci = 0; ci < l.cin; ci++)
                for (size_t co = 0; co < l.cout; co++)
                    NAME(correlate)(&l, taps + ((g * l.cin + ci) * l.cout + co) * l.taps,
                                    z + ((image * l.groups + g) * l.cout + co) * l.large,
                                    x + ((image * l.groups + g) * l.cin + ci) * l.small);
    return TCONV_OK;
}

#endif
