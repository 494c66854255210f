#include "fit.h"

#include <math.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/sum.h"
#include "reference.h"

#define SWEEPS 20
#define GOLDEN_STEPS 60
#define GOLDEN 0.38196601125010515

/* One axis at a time: v = h with the other axes' references summed out. */
struct line {
    const double *v;
    size_t n, axis;
    double *taps;             /* r at the delay tried */
    tconv_delayed *delayed;
    const void *context;
};

/* <v, r>^2/<r, r>: what of v's energy the best gain takes away. */
static double score(const struct line *line, double tau)
{
    double inner = 0.0, square = 0.0;
    line->delayed(line->context, line->axis, tau, line->taps);
    for (size_t n = 0; n < line->n; n++) {
        inner += line->v[n] * line->taps[n];
        square += line->taps[n] * line->taps[n];
    }
    return square > 0.0 ? inner * inner / square : 0.0;
}

/* Maximum in a..c by golden sections; at equal scores the middle stays, so a plateau is met near where it was found. */
static double refine(const struct line *line, double a, double b, double c)
{
    double at_b = score(line, b);
    for (int step = 0; step < GOLDEN_STEPS; step++) {
        double f = c - b > b - a ? b + GOLDEN * (c - b) : b - GOLDEN * (b - a), at_f = score(line, f);
        if (at_f > at_b) {
            *(f > b ? &a : &c) = b;
            b = f;
            at_b = at_f;
        } else {
            *(f > b ? &c : &a) = f;
        }
    }
    return b;
}

/* The best delay along the line: from the middle outwards, so that of equal ones the smallest is taken. */
static double best_delay(const struct line *line, double step)
{
    long steps = (long)ceil((double)line->n / (2.0 * step));
    double largest = score(line, 0.0), best = 0.0;
    for (long i = 1; i <= 2 * steps; i++) {
        double tau = step * (double)(i % 2 == 1 ? (i + 1) / 2 : -(i / 2)), at = score(line, tau);
        if (at > largest * (1.0 + 1e-12)) {
            largest = at;
            best = tau;
        }
    }
    return refine(line, best - step, best, best + step);
}

/* v[n] = sum of h over the other axes, weighted by their factors. */
static void contract(const double *h, size_t ndim, const size_t *n_taps, double *const factor[], size_t axis, double *v)
{
    size_t count = 1;
    memset(v, 0, n_taps[axis] * sizeof *v);
    for (size_t i = 0; i < ndim; i++)
        count *= n_taps[i];
    for (size_t t = 0; t < count; t++) {
        size_t rest = t, r = 0;
        double product = h[t];
        for (size_t i = ndim; i-- > 0; rest /= n_taps[i])
            if (i == axis)
                r = rest % n_taps[i];
            else
                product *= factor[i][rest % n_taps[i]];
        v[r] += product;
    }
}

static double squared_norm(const double *v, size_t n)
{
    double square = 0.0;
    for (size_t i = 0; i < n; i++)
        square += v[i] * v[i];
    return square > 0.0 ? square : 1.0;
}

static void finish(const double *h, size_t ndim, const size_t *n_taps, double *const factor[], tconv_fit *fit, double *fitted)
{
    const double *factors[TCONV_MAX_NDIM] = { NULL };
    size_t count = 1;
    tconv_sum inner = { 0 }, square = { 0 }, left = { 0 }, size = { 0 };
    for (size_t i = 0; i < ndim; i++) {
        factors[i] = factor[i];
        count *= n_taps[i];
    }
    tconv_separable_product(factors, n_taps, ndim, fitted);
    for (size_t t = 0; t < count; t++) {
        tconv_sum_add_product(&inner, h[t], fitted[t]);
        tconv_sum_add_product(&square, fitted[t], fitted[t]);
        tconv_sum_add_product(&size, h[t], h[t]);
    }
    fit->gain = tconv_sum_value(&square) > 0.0 ? tconv_sum_value(&inner) / tconv_sum_value(&square) : 0.0;
    for (size_t t = 0; t < count; t++) {
        fitted[t] *= fit->gain;
        tconv_sum_add_product(&left, h[t] - fitted[t], h[t] - fitted[t]);
    }
    fit->nmse = tconv_sum_value(&left) / tconv_sum_value(&size);
}

tconv_status tconv_fit_delays(const double *h, size_t ndim, const size_t *n_taps, const size_t *stride, tconv_delayed *delayed,
                              const void *context, tconv_fit *fit, double *fitted)
{
    tconv_status status = TCONV_OK;
    size_t total = 0;
    double *factor[TCONV_MAX_NDIM] = { NULL };
    *fit = (tconv_fit){ 0 };
    for (size_t i = 0; i < ndim; i++)
        total += n_taps[i];
    double *work = tconv_alloc(2 * total, sizeof *work, &status);
    if (work == NULL)
        return status;
    for (size_t i = 0, at = 0; i < ndim; at += n_taps[i++]) {
        factor[i] = work + at;
        delayed(context, i, 0.0, factor[i]);
    }
    double before = -1.0, now = 0.0;
    for (int sweep = 0; sweep < SWEEPS && now > before * (1.0 + 1e-14); sweep++) {
        before = now;
        for (size_t i = 0; i < ndim; i++) {
            struct line line = { work + total, n_taps[i], i, factor[i], delayed, context };
            contract(h, ndim, n_taps, factor, i, work + total);
            fit->delay[i] = best_delay(&line, (double)stride[i] / 8.0);
            now = score(&line, fit->delay[i]);
            for (size_t other = 0; other < ndim; other++)   /* v carries the other factors: take their norms out */
                if (other != i)
                    now /= squared_norm(factor[other], n_taps[other]);
            delayed(context, i, fit->delay[i], factor[i]);
        }
        if (ndim == 1)
            break;
    }
    finish(h, ndim, n_taps, factor, fit, fitted);
    tconv_free(work);
    return TCONV_OK;
}
