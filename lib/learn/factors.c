#include "factors.h"

#include <math.h>
#include <string.h>

tconv_factors tconv_factors_of(const tconv_geometry *geometry, bool separable)
{
    tconv_factors factors = { .separable = separable && geometry->ndim > 1, .ndim = geometry->ndim, .taps = tconv_geometry_taps(geometry) };
    for (size_t i = 0; i < geometry->ndim; i++) {
        factors.n_taps[i] = geometry->axis[i].n_taps;
        factors.count += factors.n_taps[i];
    }
    if (!factors.separable)
        factors.count = factors.taps;
    return factors;
}

size_t tconv_factors_start(const tconv_factors *factors, size_t axis)
{
    size_t start = 0;
    for (size_t i = 0; i < axis; i++)
        start += factors->n_taps[i];
    return start;
}

double tconv_factors_others(const tconv_factors *factors, const double *numbers, size_t axis, size_t t, size_t *r)
{
    double product = 1.0;
    size_t start = factors->count;
    for (size_t i = factors->ndim; i-- > 0; t /= factors->n_taps[i]) {
        start -= factors->n_taps[i];
        if (i == axis)
            *r = t % factors->n_taps[i];
        else
            product *= numbers[start + t % factors->n_taps[i]];
    }
    return product;
}

void tconv_factors_taps(const tconv_factors *factors, const double *numbers, double *taps)
{
    if (!factors->separable) {
        memcpy(taps, numbers, factors->taps * sizeof *taps);
        return;
    }
    for (size_t t = 0; t < factors->taps; t++) {
        size_t r = 0;
        double others = tconv_factors_others(factors, numbers, 0, t, &r);
        taps[t] = others * numbers[r];
    }
}

void tconv_factors_gradient(const tconv_factors *factors, const double *numbers, const double *gradient_taps, double *gradient)
{
    if (!factors->separable) {
        memcpy(gradient, gradient_taps, factors->taps * sizeof *gradient);
        return;
    }
    memset(gradient, 0, factors->count * sizeof *gradient);
    for (size_t i = 0; i < factors->ndim; i++)
        for (size_t t = 0; t < factors->taps; t++) {
            size_t r = 0;
            double others = tconv_factors_others(factors, numbers, i, t, &r);
            gradient[tconv_factors_start(factors, i) + r] += gradient_taps[t] * others;
        }
}

bool tconv_factors_split(const tconv_factors *factors, const double *taps, double *numbers)
{
    if (!factors->separable) {
        memcpy(numbers, taps, factors->taps * sizeof *numbers);
        return true;
    }
    size_t largest = 0, step = factors->taps, start = 0;
    for (size_t t = 1; t < factors->taps; t++)
        if (fabs(taps[t]) > fabs(taps[largest]))
            largest = t;
    double peak = taps[largest], norms = 1.0;
    if (peak == 0.0)
        return false;
    for (size_t i = 0; i < factors->ndim; start += factors->n_taps[i], i++) {
        step /= factors->n_taps[i];
        size_t base = largest - largest / step % factors->n_taps[i] * step;
        double square = 0.0;
        for (size_t r = 0; r < factors->n_taps[i]; r++) {
            double value = taps[base + r * step] / (i > 0 ? peak : 1.0);
            numbers[start + r] = value;
            square += value * value;
        }
        norms *= sqrt(square);
    }
    double common = pow(norms, 1.0 / (double)factors->ndim);
    for (size_t i = 0; i < factors->ndim; i++) {
        double square = 0.0, *f = numbers + tconv_factors_start(factors, i);
        for (size_t r = 0; r < factors->n_taps[i]; r++)
            square += f[r] * f[r];
        for (size_t r = 0; r < factors->n_taps[i]; r++)
            f[r] *= common / sqrt(square);
    }
    return true;
}
