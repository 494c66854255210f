#include "evaluate.h"

#include <math.h>
#include <string.h>

#include "../core/constants.h"
#include "../core/memory.h"
#include "../core/sum.h"

#define BLOCK 64   /* phasors between two fresh evaluations of sine and cosine */

struct tconv_evaluator {
    tconv_filter filter;
    double complex *phasor[TCONV_MAX_NDIM];   /* exp(-2 pi i f_i n_i), n_taps[i] of them */
};

tconv_filter tconv_filter_of(const tconv_geometry *geometry, const double *taps)
{
    tconv_filter filter = { .ndim = geometry->ndim, .taps = taps };
    for (size_t i = 0; i < geometry->ndim; i++) {
        filter.n_taps[i] = geometry->axis[i].n_taps;
        filter.step[i] = geometry->axis[i].dilation;
        filter.stride[i] = geometry->axis[i].stride;
    }
    return filter;
}

size_t tconv_filter_count(const tconv_filter *filter)
{
    size_t count = 1;
    for (size_t i = 0; i < filter->ndim; i++)
        count *= filter->n_taps[i];
    return count;
}

tconv_status tconv_evaluator_create(tconv_evaluator **evaluator, const tconv_filter *filter)
{
    tconv_status status = TCONV_OK;
    *evaluator = NULL;
    tconv_evaluator *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made == NULL)
        return status;
    made->filter = *filter;
    for (size_t i = 0; i < filter->ndim && status == TCONV_OK; i++)
        made->phasor[i] = tconv_alloc(filter->n_taps[i], sizeof *made->phasor[i], &status);
    if (status != TCONV_OK) {
        tconv_evaluator_destroy(made);
        return status;
    }
    *evaluator = made;
    return TCONV_OK;
}

void tconv_evaluator_destroy(tconv_evaluator *evaluator)
{
    if (evaluator == NULL)
        return;
    for (size_t i = 0; i < TCONV_MAX_NDIM; i++)
        tconv_free(evaluator->phasor[i]);
    tconv_free(evaluator);
}

/* exp(-2 pi i f n), the product reduced to one period exactly before it is rounded. */
static double complex unit_phasor(double f, double n)
{
    double turns = f * n;
    double rest = fma(f, n, -turns);
    double angle = -2.0 * TCONV_PI * ((turns - rint(turns)) + rest);
    return CMPLX(cos(angle), sin(angle));
}

/* Place of tap r along axis i, from the centre: a multiple of 1/2, exact. */
static double place(const tconv_filter *filter, size_t i, size_t r)
{
    return (double)filter->step[i] * ((double)r - 0.5 * ((double)filter->n_taps[i] - 1.0));
}

static void prepare_phasors(tconv_evaluator *evaluator, const double *f)
{
    const tconv_filter *filter = &evaluator->filter;
    for (size_t i = 0; i < filter->ndim; i++) {
        double complex turn[BLOCK];
        size_t n = filter->n_taps[i];
        for (size_t j = 0; j < BLOCK && j < n; j++)
            turn[j] = unit_phasor(f[i], (double)(j * filter->step[i]));
        for (size_t r = 0; r < n; r += BLOCK) {
            double complex base = unit_phasor(f[i], place(filter, i, r));
            double x = creal(base), y = cimag(base);
            for (size_t j = 0; j < BLOCK && r + j < n; j++) {
                double c = creal(turn[j]), d = cimag(turn[j]);
                evaluator->phasor[i][r + j] = CMPLX(x * c - y * d, x * d + y * c);
            }
        }
    }
}

double complex tconv_evaluate(tconv_evaluator *evaluator, const double *f)
{
    const tconv_filter *filter = &evaluator->filter;
    prepare_phasors(evaluator, f);
    size_t last = filter->ndim - 1, row = filter->n_taps[last], rows = row == 0 ? 0 : tconv_filter_count(filter) / row;
    tconv_sum re = { 0 }, im = { 0 };
    for (size_t t = 0; t < rows; t++) {
        double inner_re = 0.0, inner_im = 0.0;
        const double *h = filter->taps + t * row;
        for (size_t r = 0; r < row; r++) {
            inner_re += h[r] * creal(evaluator->phasor[last][r]);
            inner_im += h[r] * cimag(evaluator->phasor[last][r]);
        }
        double complex inner = CMPLX(inner_re, inner_im);
        size_t rest = t;
        for (size_t i = last; i-- > 0; rest /= filter->n_taps[i])
            inner *= evaluator->phasor[i][rest % filter->n_taps[i]];
        tconv_sum_add(&re, creal(inner));
        tconv_sum_add(&im, cimag(inner));
    }
    return CMPLX(tconv_sum_value(&re), tconv_sum_value(&im));
}

/* sum h e, sum n h e and sum n^2 h e along one axis: the loop that long kernels spend their time in. */
static void line_moments(const tconv_evaluator *evaluator, tconv_response_point *point)
{
    const tconv_filter *filter = &evaluator->filter;
    double re[3] = { 0.0 }, im[3] = { 0.0 };
    for (size_t r = 0; r < filter->n_taps[0]; r++) {
        double n = place(filter, 0, r);
        double x = filter->taps[r] * creal(evaluator->phasor[0][r]), y = filter->taps[r] * cimag(evaluator->phasor[0][r]);
        re[0] += x;
        im[0] += y;
        re[1] += n * x;
        im[1] += n * y;
        re[2] += n * n * x;
        im[2] += n * n * y;
    }
    point->value = CMPLX(re[0], im[0]);
    point->gradient[0] = CMPLX(re[1], im[1]);
    point->hessian[0][0] = CMPLX(re[2], im[2]);
}

static void moments(const tconv_evaluator *evaluator, tconv_response_point *point)
{
    const tconv_filter *filter = &evaluator->filter;
    size_t ndim = filter->ndim, count = tconv_filter_count(filter);
    for (size_t t = 0; t < count; t++) {
        double n[TCONV_MAX_NDIM] = { 0.0 };
        double complex term = filter->taps[t];
        size_t rest = t;
        for (size_t i = ndim; i-- > 0; rest /= filter->n_taps[i]) {
            size_t r = rest % filter->n_taps[i];
            n[i] = place(filter, i, r);
            double complex e = evaluator->phasor[i][r];
            term = CMPLX(creal(term) * creal(e) - cimag(term) * cimag(e), creal(term) * cimag(e) + cimag(term) * creal(e));
        }
        point->value += term;
        for (size_t i = 0; i < ndim; i++) {
            double complex first = n[i] * term;
            point->gradient[i] += first;
            for (size_t j = 0; j <= i; j++)
                point->hessian[i][j] += n[j] * first;
        }
    }
}

/* Each derivative by f_i brings down a factor -2 pi i n_i. */
void tconv_evaluate_point(tconv_evaluator *evaluator, const double *f, tconv_response_point *point)
{
    size_t ndim = evaluator->filter.ndim;
    memset(point, 0, sizeof *point);
    prepare_phasors(evaluator, f);
    if (ndim == 1)
        line_moments(evaluator, point);
    else
        moments(evaluator, point);
    for (size_t i = 0; i < ndim; i++) {
        double complex g = point->gradient[i];
        point->gradient[i] = 2.0 * TCONV_PI * CMPLX(cimag(g), -creal(g));
        for (size_t j = 0; j <= i; j++) {
            point->hessian[i][j] *= -4.0 * TCONV_PI * TCONV_PI;
            point->hessian[j][i] = point->hessian[i][j];
        }
    }
}

void tconv_filter_marginal(const tconv_filter *filter, size_t axis, double *taps, tconv_filter *marginal)
{
    size_t inner = 1, n = filter->n_taps[axis];
    for (size_t i = axis + 1; i < filter->ndim; i++)
        inner *= filter->n_taps[i];
    size_t outer = n * inner == 0 ? 0 : tconv_filter_count(filter) / (n * inner);
    for (size_t r = 0; r < n; r++) {
        tconv_sum sum = { 0 };
        for (size_t o = 0; o < outer; o++)
            for (size_t i = 0; i < inner; i++)
                tconv_sum_add(&sum, filter->taps[(o * n + r) * inner + i]);
        taps[r] = tconv_sum_value(&sum);
    }
    *marginal = (tconv_filter){ .ndim = 1, .n_taps = { n }, .step = { filter->step[axis] },
                                .stride = { filter->stride[axis] }, .taps = taps };
}
