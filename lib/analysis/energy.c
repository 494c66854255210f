#include "energy.h"

#include <fftw3.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "../core/constants.h"
#include "../core/fftw_lock.h"
#include "../core/memory.h"
#include "../core/sum.h"

#define DIRECT_LENGTH 2048   /* longer axes are convolved by FFT */

/* (1/s) sinc(l/s), exactly 0 at the multiples of s. */
static double sinc_weight(size_t lag, size_t s)
{
    if (lag == 0)
        return 1.0 / (double)s;
    if (lag % s == 0)
        return 0.0;
    double turns = (double)(lag % (2 * s)) / (double)s;
    return sin(TCONV_PI * turns) / (TCONV_PI * (double)lag);
}

/* What one axis needs: the weights of lags 0..n-1 and, for a long axis, two transforms of length `size`. */
struct axis_work {
    size_t n, size;
    double *weight;
    double *line, *spectrum_of_weight;      /* FFT path only: size and size + 2 doubles */
    double *spectrum_of_line;
    fftw_plan forward, backward;
};

static void axis_work_free(struct axis_work *work)
{
    tconv_fftw_lock();
    if (work->forward != NULL) fftw_destroy_plan(work->forward);
    if (work->backward != NULL) fftw_destroy_plan(work->backward);
    tconv_fftw_unlock();
    tconv_free(work->weight);
    tconv_free(work->line);
    tconv_free(work->spectrum_of_weight);
    tconv_free(work->spectrum_of_line);
}

static tconv_status plan_convolution(struct axis_work *work)
{
    tconv_status status = TCONV_OK;
    for (work->size = 1; work->size < 2 * work->n; work->size *= 2) {}
    work->line = tconv_alloc_zero(work->size, sizeof *work->line, &status);
    work->spectrum_of_line = tconv_alloc(work->size + 2, sizeof *work->line, &status);
    work->spectrum_of_weight = tconv_alloc(work->size + 2, sizeof *work->line, &status);
    if (status != TCONV_OK)
        return status;
    tconv_fftw_lock();
    work->forward = fftw_plan_dft_r2c_1d((int)work->size, work->line, (fftw_complex *)work->spectrum_of_line, FFTW_ESTIMATE);
    work->backward = fftw_plan_dft_c2r_1d((int)work->size, (fftw_complex *)work->spectrum_of_line, work->line, FFTW_ESTIMATE);
    tconv_fftw_unlock();
    if (work->forward == NULL || work->backward == NULL)
        return TCONV_ENOMEM;
    memset(work->line, 0, work->size * sizeof *work->line);
    for (size_t l = 0; l < work->n; l++)
        work->line[l] = work->line[(work->size - l) % work->size] = work->weight[l];
    TCONV_FFTW_RUN(fftw_execute(work->forward));
    memcpy(work->spectrum_of_weight, work->spectrum_of_line, (work->size + 2) * sizeof *work->line);
    return TCONV_OK;
}

static tconv_status axis_work_create(struct axis_work *work, const tconv_axis *axis)
{
    tconv_status status = TCONV_OK;
    work->n = axis->n_taps;
    work->weight = tconv_alloc(work->n, sizeof *work->weight, &status);
    if (work->weight == NULL)
        return status;
    for (size_t l = 0; l < work->n; l++)
        work->weight[l] = sinc_weight(axis->dilation * l, axis->stride);
    return work->n > DIRECT_LENGTH ? plan_convolution(work) : TCONV_OK;
}

/* out[a] = sum_b weight[|a - b|] in[b] along a line of elements `stride` apart. */
static void weigh_line(struct axis_work *work, const double *in, double *out, size_t stride)
{
    size_t n = work->n;
    if (work->forward == NULL) {
        for (size_t a = 0; a < n; a++) {
            tconv_sum sum = { 0 };
            for (size_t b = 0; b < n; b++)
                tconv_sum_add_product(&sum, work->weight[a > b ? a - b : b - a], in[b * stride]);
            out[a * stride] = tconv_sum_value(&sum);
        }
        return;
    }
    memset(work->line, 0, work->size * sizeof *work->line);
    for (size_t a = 0; a < n; a++)
        work->line[a] = in[a * stride];
    TCONV_FFTW_RUN(fftw_execute(work->forward));
    for (size_t j = 0; j < work->size + 2; j += 2) {
        double c = work->spectrum_of_line[j], d = work->spectrum_of_line[j + 1];
        double x = work->spectrum_of_weight[j], y = work->spectrum_of_weight[j + 1];
        work->spectrum_of_line[j] = (c * x - d * y) / (double)work->size;
        work->spectrum_of_line[j + 1] = (c * y + d * x) / (double)work->size;
    }
    TCONV_FFTW_RUN(fftw_execute(work->backward));
    for (size_t a = 0; a < n; a++)
        out[a * stride] = work->line[a];
}

/* One kernel: apply each axis's weights in turn, then the inner product with the kernel itself. */
static double energy_of_kernel(const tconv_geometry *geometry, struct axis_work *work, const double *h, double *from, double *to)
{
    size_t count = tconv_geometry_taps(geometry), stride = 1;
    memcpy(from, h, count * sizeof *h);
    for (size_t i = geometry->ndim; i-- > 0;) {
        size_t n = geometry->axis[i].n_taps;
        for (size_t line = 0; line < count / n; line++) {
            size_t begin = line / stride * stride * n + line % stride;
            weigh_line(&work[i], from + begin, to + begin, stride);
        }
        double *swap = from;
        from = to;
        to = swap;
        stride *= n;
    }
    tconv_sum sum = { 0 };
    for (size_t t = 0; t < count; t++)
        tconv_sum_add_product(&sum, h[t], from[t]);
    return tconv_sum_value(&sum);
}

tconv_status tconv_baseband_energy(const tconv_geometry *geometry, const double *taps, size_t kernels,
                                   double *baseband, double *total)
{
    tconv_status status = TCONV_OK;
    struct axis_work work[TCONV_MAX_NDIM];
    memset(work, 0, sizeof work);
    size_t count = tconv_geometry_taps(geometry);
    double *a = tconv_alloc(count, sizeof *a, &status), *b = tconv_alloc(count, sizeof *b, &status);
    for (size_t i = 0; i < geometry->ndim && status == TCONV_OK; i++)
        status = axis_work_create(&work[i], &geometry->axis[i]);
    tconv_sum inside = { 0 }, all = { 0 };
    for (size_t c = 0; c < kernels && status == TCONV_OK; c++) {
        const double *h = taps + c * count;
        tconv_sum_add(&inside, energy_of_kernel(geometry, work, h, a, b));
        for (size_t t = 0; t < count; t++)
            tconv_sum_add_product(&all, h[t], h[t]);
    }
    *baseband = tconv_sum_value(&inside);
    *total = tconv_sum_value(&all);
    for (size_t i = 0; i < geometry->ndim; i++)
        axis_work_free(&work[i]);
    tconv_free(a);
    tconv_free(b);
    return status;
}
