#include "wiener.h"

#include <math.h>
#include <stdbool.h>

#include "../core/constants.h"
#include "../core/geometry.h"
#include "../core/memory.h"
#include "../core/sum.h"
#include "sinc.h"
#include "solve.h"

tconv_status tconv_psd_check(const tconv_psd *psd, tconv_error *error)
{
    switch (psd->kind) {
    case TCONV_PSD_WHITE:
    case TCONV_PSD_BROWN: return TCONV_OK;
    case TCONV_PSD_AR1:
        if (psd->rho >= 0.0 && psd->rho < 1.0)
            return TCONV_OK;
        return tconv_fail(error, TCONV_EARGUMENT, "the correlation of an ar1 signal is out of range; 0 <= rho < 1 is allowed");
    case TCONV_PSD_AUTOCORRELATION:
        if (psd->values == NULL || psd->count < 1 || !(psd->values[0] > 0.0) || isinf(psd->values[0]))
            return tconv_fail(error, TCONV_EARGUMENT, "an autocorrelation begins with the signal's power, which is positive");
        for (size_t i = 1; i < psd->count; i++)
            if (!(fabs(psd->values[i]) <= psd->values[0]))
                return tconv_fail(error, TCONV_EARGUMENT, "the autocorrelation at lag %zu exceeds that at lag 0", i);
        return TCONV_OK;
    case TCONV_PSD_SPECTRUM: {
        double sum = 0.0;
        for (size_t i = 0; psd->values != NULL && i < psd->count; i++) {
            if (!(psd->values[i] >= 0.0) || isinf(psd->values[i]))
                return tconv_fail(error, TCONV_EARGUMENT, "the power spectrum at bin %zu is negative or not finite", i);
            sum += psd->values[i];
        }
        if (psd->count < 2 || !(sum > 0.0) || isinf(sum))
            return tconv_fail(error, TCONV_EARGUMENT, "a power spectrum has 2 bins or more, and some power");
        return TCONV_OK;
    }
    default: return tconv_fail(error, TCONV_EARGUMENT, "there is no signal model number %d", (int)psd->kind);
    }
}

/* r at a whole lag as stored; between two, r(t) = sum_l r[l] sinc(t - l) over both signs of l. */
static double stored_correlation(const tconv_psd *psd, double t)
{
    t = fabs(t);
    if (t == floor(t))
        return t < (double)psd->count ? psd->values[(size_t)t] : 0.0;
    tconv_sum sum = { 0 };
    tconv_sum_add_product(&sum, psd->values[0], tconv_sinc(t));
    for (size_t l = 1; l < psd->count; l++)
        tconv_sum_add_product(&sum, psd->values[l], tconv_sinc(t - (double)l) + tconv_sinc(t + (double)l));
    return tconv_sum_value(&sum);
}

/* r(t) = sum_i e_i P_i cos(2 pi f_i t), e = 1/2 at both ends (trapezoid): positive definite, as all P_i >= 0. */
static double spectrum_correlation(const tconv_psd *psd, double t)
{
    tconv_sum sum = { 0 };
    size_t last = psd->count - 1;
    for (size_t i = 0; i <= last; i++) {
        double turns = fmod((double)i * t, 2.0 * (double)last) / (2.0 * (double)last);
        tconv_sum_add_product(&sum, i == 0 || i == last ? 0.5 * psd->values[i] : psd->values[i], cos(2.0 * TCONV_PI * turns));
    }
    return tconv_sum_value(&sum);
}

double tconv_psd_correlation(const tconv_psd *psd, size_t stride, double t)
{
    switch (psd->kind) {
    case TCONV_PSD_WHITE: return tconv_sinc(t / (double)stride);
    case TCONV_PSD_BROWN: return -0.5 * fabs(t);
    case TCONV_PSD_AR1: return pow(psd->rho, fabs(t));
    case TCONV_PSD_AUTOCORRELATION: return stored_correlation(psd, t);
    default: return spectrum_correlation(psd, t);
    }
}

/* One phase: R (n x n) and p, in a form that is positive definite for brown too. */
struct phase {
    size_t n;
    double *matrix, *right, *branch;
};

/* Brown: with h[0] = 1 - sum of the others the unknowns weight the differences d_m = x[-m] - x[0], whose covariances are
 * bounded: E d_m d_m' = g(m) + g(m') - g(m - m'), E d_m (target - x[0]) = g(m) + g(t) - g(m - t), g(t) = |t|/2. */
static tconv_status solve_brown(const struct phase *p, double s, double target, tconv_error *error)
{
    size_t n = p->n - 1;
    for (size_t i = 0; i < n; i++) {
        double a = s * (double)(i + 1);
        p->right[i] = 0.5 * (a + fabs(target) - fabs(a + target));
        for (size_t j = 0; j < n; j++)
            p->matrix[i * n + j] = fmin(a, s * (double)(j + 1));
    }
    tconv_status status = n > 0 ? tconv_solve_symmetric(p->matrix, n, p->right, p->branch + 1, error) : TCONV_OK;
    p->branch[0] = 1.0;
    for (size_t i = 1; i <= n; i++)
        p->branch[0] -= p->branch[i];
    return status;
}

/* lags[d] = r(s d); target: where the target lies, in output samples after x[i] (tap h_q[0]). */
static tconv_status solve_phase(const tconv_psd *psd, const struct phase *p, const double *lags, size_t stride, double target,
                                tconv_error *error)
{
    if (psd->kind == TCONV_PSD_BROWN)
        return solve_brown(p, (double)stride, target, error);
    for (size_t i = 0; i < p->n; i++) {
        p->right[i] = tconv_psd_correlation(psd, stride, (double)(stride * i) + target);
        for (size_t j = 0; j < p->n; j++)
            p->matrix[i * p->n + j] = lags[i > j ? i - j : j - i];
    }
    return tconv_solve_symmetric(p->matrix, p->n, p->right, p->branch, error);
}

static tconv_status check_all(const tconv_psd *psd, size_t stride, size_t n_taps, tconv_error *error)
{
    tconv_status status = tconv_psd_check(psd, error);
    if (status == TCONV_OK && (stride < 1 || n_taps < 1 || n_taps > TCONV_MAX_TAPS))
        status = tconv_fail(error, TCONV_EARGUMENT, "stride %zu and %zu taps: both are 1 or more", stride, n_taps);
    if (status == TCONV_OK && psd->kind == TCONV_PSD_BROWN && n_taps < stride)
        status = tconv_fail(error, TCONV_EARGUMENT, "%zu taps leave phases of stride %zu empty: the error for a random walk "
                            "has no bound; %zu taps or more are needed", n_taps, stride, stride);
    if (status == TCONV_OK && psd->kind == TCONV_PSD_AUTOCORRELATION && psd->count < n_taps)
        status = tconv_fail(error, TCONV_EARGUMENT, "the autocorrelation has %zu lags; a kernel of %zu taps needs that many",
                            psd->count, n_taps);
    return status;
}

tconv_status tconv_wiener_taps(const tconv_psd *psd, size_t stride, size_t n_taps, double *taps, double *mse, tconv_error *error)
{
    return tconv_wiener_taps_at(psd, stride, n_taps, ((double)n_taps - 1.0) / 2.0, taps, mse, error);
}

tconv_status tconv_wiener_taps_at(const tconv_psd *psd, size_t stride, size_t n_taps, double centre, double *taps, double *mse,
                                  tconv_error *error)
{
    tconv_status status = check_all(psd, stride, n_taps, error);
    if (status != TCONV_OK)
        return status;
    size_t most = (n_taps + stride - 1) / stride, squares = 0;
    if (!tconv_size_mul(most, most, &squares) || !tconv_size_add(squares, 3 * most, &squares))
        return tconv_fail_plain(error, TCONV_ESIZE);
    double *work = tconv_alloc(squares, sizeof *work, &status);
    if (work == NULL)
        return tconv_fail_plain(error, status);
    double *lags = work;
    for (size_t d = 0; d < most; d++)
        lags[d] = tconv_psd_correlation(psd, stride, (double)(stride * d));
    for (size_t q = 0; q < stride && q < n_taps && status == TCONV_OK; q++) {
        struct phase phase = { (n_taps - q + stride - 1) / stride, work + 3 * most, work + most, work + 2 * most };
        status = solve_phase(psd, &phase, lags, stride, (double)q - centre, error);
        for (size_t m = 0; m < phase.n; m++)
            taps[stride * m + q] = phase.branch[m];
    }
    tconv_free(work);
    if (status == TCONV_OK && mse != NULL)
        status = tconv_prediction_error(psd, stride, taps, n_taps, centre, mse, error);
    return status;
}

/* Brown: E (y0 - sum_m h_m x_m)^2 = 2 sum_m h_m g(t_m) - sum_m,m' h_m h_m' g(t_m - t_m') if sum h = 1: the same expression
 * as for the others with r = -g and r(0) = 0. */
tconv_status tconv_prediction_error(const tconv_psd *psd, size_t stride, const double *taps, size_t n_taps, double centre,
                                    double *mse, tconv_error *error)
{
    tconv_status status = check_all(psd, stride, n_taps, error);
    if (status != TCONV_OK)
        return status;
    size_t most = (n_taps + stride - 1) / stride;
    double *lags = tconv_alloc(most, sizeof *lags, &status);
    if (lags == NULL)
        return tconv_fail_plain(error, status);
    for (size_t d = 0; d < most; d++)
        lags[d] = tconv_psd_correlation(psd, stride, (double)(stride * d));
    double power = tconv_psd_correlation(psd, stride, 0.0);
    bool bounded = true;
    tconv_sum total = { 0 };
    for (size_t q = 0; q < stride; q++) {
        size_t n = q < n_taps ? (n_taps - q + stride - 1) / stride : 0;
        tconv_sum gain = { 0 };
        tconv_sum_add(&total, power);
        for (size_t i = 0; i < n; i++) {
            double h = taps[stride * i + q];
            tconv_sum_add(&gain, h);
            tconv_sum_add_product(&total, -2.0 * h, tconv_psd_correlation(psd, stride, (double)(stride * i + q) - centre));
            for (size_t j = 0; j < n; j++)
                tconv_sum_add_product(&total, h * taps[stride * j + q], lags[i > j ? i - j : j - i]);
        }
        bounded = bounded && (psd->kind != TCONV_PSD_BROWN || fabs(tconv_sum_value(&gain) - 1.0) <= 1e-9);
    }
    tconv_free(lags);
    double scale = psd->kind == TCONV_PSD_BROWN ? 1.0 : power;
    *mse = bounded ? fmax(tconv_sum_value(&total), 0.0) / ((double)stride * scale) : INFINITY;
    return TCONV_OK;
}
