#include "window.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "../core/constants.h"
#include "../core/geometry.h"

static const char *const names[] = {
#define TEXT(name, text) text,
    TCONV_WINDOW_LIST(TEXT)
#undef TEXT
};

const char *tconv_window_text(tconv_window_kind kind)
{
    return (unsigned)kind < TCONV_WINDOW_COUNT ? names[kind] : "unknown";
}

bool tconv_window_find(const char *name, tconv_window_kind *kind)
{
    for (size_t i = 0; i < TCONV_WINDOW_COUNT; i++)
        if (strcmp(name, names[i]) == 0) {
            *kind = (tconv_window_kind)i;
            return true;
        }
    return false;
}

tconv_status tconv_window_check(const tconv_window *window, tconv_error *error)
{
    if ((unsigned)window->kind >= TCONV_WINDOW_COUNT)
        return tconv_fail(error, TCONV_EARGUMENT, "there is no window number %d", (int)window->kind);
    if (window->kind == TCONV_WINDOW_KAISER && !(window->beta >= 0.0 && window->beta <= TCONV_MAX_KAISER_BETA))
        return tconv_fail(error, TCONV_EARGUMENT, "the beta of a kaiser window is out of range; 0 to 500 is allowed");
    return TCONV_OK;
}

/* I0(x) = sum_m ((x/2)^m / m!)^2. All terms are positive, so nothing cancels; the sum stops where terms no longer count. */
double tconv_bessel_i0(double x)
{
    double quarter = x * x / 4.0, term = 1.0, sum = 1.0;
    for (double m = 1.0; term > sum * DBL_EPSILON / 16.0; m += 1.0) {
        term *= quarter / (m * m);
        sum += term;
    }
    return sum;
}

double tconv_window_at(const tconv_window *window, double x)
{
    if (!(fabs(x) <= 1.0))
        return 0.0;
    double c = cos(TCONV_PI * x);
    switch (window->kind) {
    case TCONV_WINDOW_HANN: return 0.5 + 0.5 * c;
    case TCONV_WINDOW_HAMMING: return 0.54 + 0.46 * c;
    case TCONV_WINDOW_BLACKMAN: return 0.42 + 0.5 * c + 0.08 * cos(2.0 * TCONV_PI * x);
    case TCONV_WINDOW_KAISER: return tconv_bessel_i0(window->beta * sqrt((1.0 - x) * (1.0 + x))) / tconv_bessel_i0(window->beta);
    default: return 1.0;
    }
}

void tconv_window_fill(const tconv_window *window, size_t count, double *values)
{
    for (size_t n = 0; n < count; n++) {
        double from_centre = 2.0 * (double)n - (double)(count - 1);
        values[n] = tconv_window_at(window, count > 1 ? from_centre / (double)(count - 1) : 0.0);
    }
}

double tconv_kaiser_beta(double attenuation_db)
{
    double a = attenuation_db;
    if (a > 50.0)
        return 0.1102 * (a - 8.7);
    return a > 21.0 ? 0.5842 * pow(a - 21.0, 0.4) + 0.07886 * (a - 21.0) : 0.0;
}

double tconv_kaiser_attenuation(size_t n_taps, double width)
{
    return 2.285 * ((double)n_taps - 1.0) * TCONV_PI * width + 7.95;
}

tconv_status tconv_kaiser_order(double attenuation_db, double width, size_t *n_taps, double *beta, tconv_error *error)
{
    if (!(attenuation_db >= 8.0) || !isfinite(attenuation_db))
        return tconv_fail(error, TCONV_EARGUMENT, "Kaiser's formula holds from an attenuation of 8 dB on");
    if (!(width > 0.0 && width <= 1.0))
        return tconv_fail(error, TCONV_EARGUMENT, "the transition width is a fraction of the Nyquist frequency, above 0 and at most 1");
    double count = ceil((attenuation_db - 7.95) / (2.285 * TCONV_PI * width) + 1.0);
    if (count > (double)TCONV_MAX_TAPS)
        return tconv_fail(error, TCONV_ESIZE, "such a narrow transition needs more than %zu taps", TCONV_MAX_TAPS);
    *n_taps = (size_t)count;
    *beta = tconv_kaiser_beta(attenuation_db);
    return TCONV_OK;
}
