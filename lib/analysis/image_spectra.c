#include "image_spectra.h"

#include <math.h>

#include "../core/complex_number.h"
#include "../core/constants.h"
#include "../core/memory.h"
#include "../core/polyphase.h"
#include "response.h"

/* A kernel summed over all axes but one, those at the frequencies m_i/s_i: a complex line, real part then imaginary. */
static void contract(const tconv_geometry *geometry, const double *taps, size_t axis, const size_t *m, double *line)
{
    size_t k = geometry->axis[axis].n_taps, count = tconv_geometry_taps(geometry);
    for (size_t r = 0; r < 2 * k; r++)
        line[r] = 0.0;
    for (size_t t = 0; t < count; t++) {
        size_t rest = t, r = 0;
        double turns = 0.0;
        for (size_t i = geometry->ndim; i-- > 0; rest /= geometry->axis[i].n_taps) {
            size_t at = rest % geometry->axis[i].n_taps, s = geometry->axis[i].stride;
            if (i == axis)
                r = at;
            else
                turns += (double)(at * geometry->axis[i].dilation % s * m[i] % s) / (double)s;
        }
        line[r] += taps[t] * cos(2.0 * TCONV_PI * turns);
        line[k + r] -= taps[t] * sin(2.0 * TCONV_PI * turns);
    }
}

/* H at f = j/n from the transforms A, B (j = 0..n/2) of the line's real and imaginary part, both real: H = A + i B, and
 * beyond n/2 each is the conjugate of its mirror. */
static double gain_at(const tconv_complex *transform, size_t n, size_t j)
{
    size_t half = n / 2 + 1, wrapped = j % n, at = wrapped <= n / 2 ? wrapped : n - wrapped;
    double sign = wrapped <= n / 2 ? 1.0 : -1.0;
    tconv_complex a = transform[at], b = transform[half + at];
    return hypot(a.re - sign * b.im, sign * a.im + b.re);
}

/* The s images along the axis that share the other axes' m. */
static void gains_of_line(const tconv_geometry *geometry, size_t axis, const size_t *m, size_t points, double zero,
                          const tconv_complex *transform, double *gain)
{
    size_t s = geometry->axis[axis].stride, circle = 2 * (points - 1), n = circle * s;
    for (size_t own = 0; own < s; own++) {
        size_t image = 0;
        for (size_t i = 0; i < geometry->ndim; i++)
            image = image * geometry->axis[i].stride + (i == axis ? own : m[i]);
        for (size_t j = 0; j < points; j++) {
            double value = gain_at(transform, n, j + circle * own);   /* (v + m)/s = (j + circle m)/(circle s) */
            gain[image * points + j] = value < zero ? 0.0 : value;
        }
    }
}

tconv_status tconv_image_spectra(const tconv_geometry *geometry, const double *taps, size_t axis, size_t points, double *gain)
{
    tconv_status status = TCONV_OK;
    tconv_geometry one = tconv_geometry_default(1);
    tconv_response *plan = NULL;
    size_t n;
    if (axis >= geometry->ndim || points < 2)
        return TCONV_EARGUMENT;
    one.axis[0] = geometry->axis[axis];
    if (!tconv_size_mul(tconv_response_circle(points), one.axis[0].stride, &n))
        return TCONV_ESIZE;
    double zero = tconv_kernel_zero(taps, tconv_geometry_taps(geometry));
    double *line = tconv_alloc(one.axis[0].n_taps, 2 * sizeof *line, &status);
    tconv_complex *transform = tconv_alloc(n / 2 + 1, 2 * sizeof *transform, &status);
    if (status == TCONV_OK)
        status = tconv_response_create(&plan, &one, &n, TCONV_F64, NULL);
    for (size_t image = 0; image < tconv_geometry_phases(geometry) && status == TCONV_OK; image++) {
        size_t m[TCONV_MAX_NDIM];
        tconv_phase_of(geometry, image, m);
        if (m[axis] != 0)
            continue;
        contract(geometry, taps, axis, m, line);
        tconv_response_execute(plan, line, 2, transform);
        gains_of_line(geometry, axis, m, points, zero, transform, gain);
    }
    tconv_response_destroy(plan);
    tconv_free(transform);
    tconv_free(line);
    return status;
}

tconv_status tconv_bifrequency_map(const tconv_geometry *geometry, const double *taps, size_t axis, size_t points,
                                   tconv_bifrequency *map)
{
    tconv_status status = TCONV_OK;
    size_t total, phases = tconv_geometry_phases(geometry);
    if (axis >= geometry->ndim || points < 2)
        return TCONV_EARGUMENT;
    if (!tconv_size_mul(phases, points, &total))
        return TCONV_ESIZE;
    double *gain = tconv_alloc(total, sizeof *gain, &status);
    if (status == TCONV_OK)
        status = tconv_image_spectra(geometry, taps, axis, points, gain);
    size_t s = geometry->axis[axis].stride, step = 1, half = points - 1, width = 2 * points - 1;
    for (size_t i = axis + 1; i < geometry->ndim; i++)
        step *= geometry->axis[i].stride;      /* from image m to m + 1 along this axis */
    for (size_t m = 0; m < s && status == TCONV_OK; m++)
        for (size_t p = 0; p < width; p++) {
            size_t j = p >= half ? p - half : half - p, mirror = p >= half ? m : (s - m) % s;
            double v = ((double)p - (double)half) / (double)(2 * half), f = (v + (double)m) / (double)s;
            map[m * width + p] = (tconv_bifrequency){ v, f > 0.5 ? f - 1.0 : f, gain[mirror * step * points + j] };
        }
    tconv_free(gain);
    return status;
}
