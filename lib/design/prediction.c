#include "prediction.h"

#include <math.h>
#include <stdbool.h>

#include "../core/memory.h"
#include "../core/sum.h"

#define GOLDEN_STEPS 60
#define GOLDEN 0.38196601125010515
#define NOTHING 1e-13      /* an error of this share of the power is rounding */

struct predictor {
    const tconv_psd *psd;
    size_t stride, n_taps;
    const double *taps;       /* at gain a already for brown */
};

/* What the centre shall make small: -|P| in units of r(0), or for brown the error itself; INFINITY if it fails. */
static double cost(const struct predictor *p, double centre)
{
    double mse = INFINITY;
    if (p->psd->kind == TCONV_PSD_BROWN)
        return tconv_prediction_error(p->psd, p->stride, p->taps, p->n_taps, centre, &mse, NULL) == TCONV_OK ? mse : (double)INFINITY;
    tconv_sum sum = { 0 };
    for (size_t n = 0; n < p->n_taps; n++)
        if (p->taps[n] != 0.0)
            tconv_sum_add_product(&sum, p->taps[n], tconv_psd_correlation(p->psd, p->stride, (double)n - centre));
    return -fabs(tconv_sum_value(&sum)) / ((double)p->stride * tconv_psd_correlation(p->psd, p->stride, 0.0));
}

static double best_centre(const struct predictor *p)
{
    double step = (double)p->stride / 8.0, middle = ((double)p->n_taps - 1.0) / 2.0;
    long steps = (long)ceil((double)p->n_taps / (2.0 * step));
    double b = middle, at_b = cost(p, b);
    for (long i = -steps; i <= steps; i++) {
        double c = middle + step * (double)i, at = cost(p, c);
        if (at < at_b) {
            b = c;
            at_b = at;
        }
    }
    double a = b - step, c = b + step;
    for (int i = 0; i < GOLDEN_STEPS; i++) {
        double f = c - b > b - a ? b + GOLDEN * (c - b) : b - GOLDEN * (b - a), at = cost(p, f);
        if (at < at_b) {
            *(f > b ? &a : &c) = b;
            b = f;
            at_b = at;
        } else {
            *(f > b ? &c : &a) = f;
        }
    }
    return b;
}

/* The gain that makes the mean branch sum 1; false where the sums are not equal to 1e-9 or some branch is empty. */
static bool flat_gain(const double *taps, size_t n_taps, size_t stride, double *gain)
{
    tconv_sum total = { 0 };
    for (size_t n = 0; n < n_taps; n++)
        tconv_sum_add(&total, taps[n]);
    double mean = tconv_sum_value(&total) / (double)stride;
    for (size_t q = 0; q < stride; q++) {
        tconv_sum sum = { 0 };
        for (size_t n = q; n < n_taps; n += stride)
            tconv_sum_add(&sum, taps[n]);
        if (!(fabs(tconv_sum_value(&sum) - mean) <= 1e-9 * fabs(mean)))
            return false;
    }
    *gain = 1.0 / mean;
    return mean != 0.0;
}

/* a = P/Q: the error at gain 1 is 1 - 2 P + Q, which gives Q. */
static tconv_status best_gain(const struct predictor *p, double centre, double *gain, tconv_error *error)
{
    double mse = 0.0, power = tconv_psd_correlation(p->psd, p->stride, 0.0);
    tconv_sum sum = { 0 };
    tconv_status status = tconv_prediction_error(p->psd, p->stride, p->taps, p->n_taps, centre, &mse, error);
    for (size_t n = 0; n < p->n_taps; n++)
        tconv_sum_add_product(&sum, p->taps[n], tconv_psd_correlation(p->psd, p->stride, (double)n - centre));
    double correlation = tconv_sum_value(&sum) / ((double)p->stride * power), energy = mse - 1.0 + 2.0 * correlation;
    *gain = energy > 0.0 ? correlation / energy : 0.0;
    return status;
}

/* What the search carries along: the first failure ends it. */
struct search {
    struct predictor p;
    double *work;
    tconv_status status;
    tconv_error *error;
};

/* The loss in dB with both centres at c; INFINITY where only the Wiener kernel's error is 0. */
static double loss_at(struct search *search, double c)
{
    const struct predictor *p = &search->p;
    double gain = 1.0, mse = 0.0, least = 0.0;
    if (search->status == TCONV_OK && p->psd->kind != TCONV_PSD_BROWN)
        search->status = best_gain(p, c, &gain, search->error);
    for (size_t n = 0; n < p->n_taps; n++)
        search->work[n] = gain * p->taps[n];
    if (search->status == TCONV_OK)
        search->status = tconv_prediction_error(p->psd, p->stride, search->work, p->n_taps, c, &mse, search->error);
    if (search->status == TCONV_OK)
        search->status = tconv_wiener_taps_at(p->psd, p->stride, p->n_taps, c, search->work, &least, search->error);
    if (search->status != TCONV_OK || mse <= NOTHING)
        return 0.0;
    return least > 0.0 ? fmax(10.0 * log10(mse / least), 0.0) : (double)INFINITY;
}

tconv_status tconv_wiener_loss(const tconv_psd *psd, size_t stride, const double *taps, size_t n_taps, double *loss_db, tconv_error *error)
{
    tconv_status status = tconv_psd_check(psd, error);
    double gain = 1.0;
    if (status != TCONV_OK)
        return status;
    if (stride < 1 || n_taps < 1)
        return tconv_fail(error, TCONV_EARGUMENT, "stride %zu and %zu taps: both are 1 or more", stride, n_taps);
    if (psd->kind == TCONV_PSD_BROWN && !flat_gain(taps, n_taps, stride, &gain)) {
        *loss_db = INFINITY;
        return TCONV_OK;
    }
    double *work = tconv_alloc(2 * n_taps, sizeof *work, &status);
    if (work == NULL)
        return tconv_fail_plain(error, status);
    for (size_t n = 0; n < n_taps; n++)
        work[n_taps + n] = gain * taps[n];
    struct search search = { { psd, stride, n_taps, work + n_taps }, work, TCONV_OK, error };
    *loss_db = loss_at(&search, ((double)n_taps - 1.0) / 2.0);
    if (*loss_db > 0.0)
        *loss_db = fmin(*loss_db, loss_at(&search, best_centre(&search.p)));
    tconv_free(work);
    return search.status;
}
