#include "interpolators.h"

#include <math.h>

#include "sinc.h"

/* Keys 1981, equation (15): cubic convolution with the free parameter a, |t| < 2. */
static double keys(double a, double t)
{
    if (t < 1.0)
        return ((a + 2.0) * t - (a + 3.0)) * t * t + 1.0;
    return a * (((t - 5.0) * t + 8.0) * t - 4.0);
}

/* Mitchell and Netravali 1988, equation (8). */
static double mitchell_netravali(double b, double c, double t)
{
    if (t < 1.0)
        return ((12.0 - 9.0 * b - 6.0 * c) * t * t * t + (-18.0 + 12.0 * b + 6.0 * c) * t * t + (6.0 - 2.0 * b)) / 6.0;
    return ((-b - 6.0 * c) * t * t * t + (6.0 * b + 30.0 * c) * t * t + (-12.0 * b - 48.0 * c) * t + (8.0 * b + 24.0 * c)) / 6.0;
}

size_t tconv_interpolator_width(tconv_interpolator kind)
{
    switch (kind) {
    case TCONV_NEAREST: return 1;
    case TCONV_LINEAR: return 2;
    case TCONV_LANCZOS3: return 6;
    default: return 4;
    }
}

double tconv_interpolator_at(tconv_interpolator kind, double t)
{
    if (kind == TCONV_NEAREST)
        return t >= -0.5 && t < 0.5 ? 1.0 : 0.0;
    t = fabs(t);
    if (!(t < (double)tconv_interpolator_width(kind) / 2.0))
        return 0.0;
    switch (kind) {
    case TCONV_LINEAR: return 1.0 - t;
    case TCONV_CUBIC: return keys(-0.5, t);
    case TCONV_CUBIC75: return keys(-0.75, t);
    case TCONV_MITCHELL: return mitchell_netravali(1.0 / 3.0, 1.0 / 3.0, t);
    case TCONV_BSPLINE: return mitchell_netravali(1.0, 0.0, t);
    case TCONV_LANCZOS2: return tconv_sinc(t) * tconv_sinc(t / 2.0);
    case TCONV_LANCZOS3: return tconv_sinc(t) * tconv_sinc(t / 3.0);
    default: return 0.0;
    }
}

void tconv_interpolator_axis(tconv_interpolator kind, size_t stride, tconv_grid grid, tconv_axis *axis, double *centre)
{
    size_t parity = grid == TCONV_GRID_HALF_PIXEL ? (stride - 1) % 2 : 0;
    size_t width = stride * tconv_interpolator_width(kind);   /* 2 s W */
    /* 2c = the largest number of that parity below 2 s W; the half-open box keeps its one end. */
    size_t twice = (width - 1) % 2 == parity ? width - 1 : width - 2;
    size_t n_taps = twice + 1;
    if (kind == TCONV_NEAREST && parity != (stride - 1) % 2) {
        twice = stride;
        n_taps = stride;
    }
    *axis = (tconv_axis){ .stride = stride, .n_taps = n_taps, .dilation = 1 };
    axis->pad_begin = (int64_t)(grid == TCONV_GRID_HALF_PIXEL ? (twice + 1 - stride) / 2 : twice / 2);
    axis->pad_end = (int64_t)n_taps - (int64_t)stride - axis->pad_begin;
    *centre = (double)twice / 2.0;
}

void tconv_interpolator_taps(tconv_interpolator kind, size_t stride, double centre, size_t n_taps, double *taps)
{
    for (size_t n = 0; n < n_taps; n++)
        taps[n] = tconv_interpolator_at(kind, ((double)n - centre) / (double)stride);
}

double tconv_axis_align(tconv_axis *axis, tconv_grid grid)
{
    /* 2 pb wanted: u(0) = (2 pb - k_eff + 1)/(2s) is 0 on the sample grid, (1 - s)/(2s) on the half-pixel grid. */
    int64_t effective = (int64_t)tconv_axis_effective_taps(axis), s = (int64_t)axis->stride;
    int64_t twice = effective - (grid == TCONV_GRID_HALF_PIXEL ? s : 1);
    int64_t odd = ((twice % 2) + 2) % 2;
    axis->pad_begin = (twice - odd) / 2;
    axis->pad_end = effective - s - axis->pad_begin;
    axis->output_padding = 0;
    return odd != 0 ? -0.5 / (double)axis->stride : 0.0;
}
