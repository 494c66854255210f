#include "signal.h"

#include <math.h>

#include "../core/constants.h"
#include "../core/memory.h"
#include "response.h"

static void add_segment(tconv_response *plan, const double *x, const double *window, size_t length, double *windowed,
                        tconv_complex *transform, double *density)
{
    for (size_t n = 0; n < length; n++)
        windowed[n] = window[n] * x[n];
    tconv_response_execute(plan, windowed, 1, transform);
    for (size_t i = 0; i <= length / 2; i++)
        density[i] += transform[i].re * transform[i].re + transform[i].im * transform[i].im;
}

tconv_status tconv_welch(const double *x, size_t n, size_t segment, double *density, tconv_error *error)
{
    if (segment < 2 || segment > n)
        return tconv_fail(error, TCONV_EARGUMENT, "a segment of %zu samples; it is 2 up to the signal's %zu", segment, n);
    tconv_status status = TCONV_OK;
    tconv_geometry line = tconv_geometry_default(1);
    tconv_response *plan = NULL;
    line.axis[0].n_taps = segment;
    double *window = tconv_alloc(segment, 2 * sizeof *window, &status);
    tconv_complex *transform = tconv_alloc(segment / 2 + 1, sizeof *transform, &status);
    status = status != TCONV_OK ? tconv_fail_plain(error, status)
                                : tconv_response_create(&plan, &line, &segment, TCONV_F64, error);
    if (status == TCONV_OK) {
        double power = 0.0;
        size_t count = 0;
        for (size_t i = 0; i < segment; i++) {
            window[i] = 0.5 - 0.5 * cos(2.0 * TCONV_PI * (double)i / (double)segment);
            power += window[i] * window[i];
        }
        for (size_t i = 0; i <= segment / 2; i++)
            density[i] = 0.0;
        for (size_t begin = 0; begin + segment <= n; begin += segment - segment / 2, count++)
            add_segment(plan, x + begin, window, segment, window + segment, transform, density);
        for (size_t i = 0; i <= segment / 2; i++)
            density[i] *= (i == 0 || 2 * i == segment ? 1.0 : 2.0) / (power * (double)count);
    }
    tconv_response_destroy(plan);
    tconv_free(transform);
    tconv_free(window);
    return status;
}
