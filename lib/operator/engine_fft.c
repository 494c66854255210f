/* engine_fft.c - overlap-save in the polyphase domain, along the last axis, for long kernels.
 *
 * The branches of theory view 3 are plain convolutions at the low rate, so each is a product of spectra there, where the
 * inserted zeros do not exist: with X a transform of n_fft input samples that serves all branches,
 *
 *     y[s*n + q - pb] = b + IFFT( sum over ci and outer taps of  X_ci H_q )[n],     n from `reach` on valid in each block,
 *
 * h_q[n] = h[s*n + q], reach = the longest branch less one (overlap-save: Oppenheim and Schafer, section 8.7; polyphase:
 * Crochiere and Rabiner 1983, section 3.3). Taps of outer axes select input rows, as in engine_direct.c. FFTW's estimated
 * plans give the same bits on every run. The factor 1/n_fft is in H.
 *
 * This file includes itself twice, once for float and once for double: the part under REAL is written once.
 */
#ifndef REAL

#include <fftw3.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../core/fftw_lock.h"
#include "engine.h"
#include "engine_fft_size.h"

#define REAL float
#define NAME(base) base##_f32
#define FFTW(base) fftwf_##base
#include "engine_fft.c"
#undef REAL
#undef NAME
#undef FFTW
#define REAL double
#define NAME(base) base##_f64
#define FFTW(base) fftw_##base
#include "engine_fft.c"

/* Seconds scale: multiplications of one block of n_fft per output position: one transform in, s out, s spectra multiplied. */
static double cost_per_position(size_t n_fft, size_t reach, size_t s)
{
    double n = (double)n_fft, flops = 2.5 * n * log2(n) * (double)(1 + s) + 4.0 * n * (double)s;
    return flops / (n - (double)reach) * (n_fft > 32768 ? 1.5 : 1.0);          /* beyond the cache every pass costs more */
}

size_t tconv_fft_size(const tconv_lifted *l)
{
    size_t reach = l->d[2] * (l->k[2] - 1) / l->s[2], extent = l->m[2] / l->s[2] + 2, best = 0;
    double least = INFINITY;
    for (size_t n = 16; n <= (size_t)1 << 40; n *= 2) {
        double cost = n > reach ? cost_per_position(n, reach, l->s[2]) : INFINITY;
        if (cost < least) {
            least = cost;
            best = n;
        }
        if (n >= reach + extent || (cost > least && n > 4 * (reach + 1)))       /* one block is enough, or it only gets worse */
            break;
    }
    return best;
}

static tconv_status create(void **state, tconv_tasks *tasks, const tconv_job *job, const double *taps, const double *bias)
{
    return job->element == TCONV_F32 ? create_f32(state, tasks, job, taps, bias) : create_f64(state, tasks, job, taps, bias);
}

/* Both states begin with the same field: which of them it is. */
static void destroy(void *state)
{
    if (state != NULL && *(const tconv_element *)state == TCONV_F32)
        destroy_f32(state);
    else if (state != NULL)
        destroy_f64(state);
}

static void run(void *state, const tconv_job *job, size_t worker, size_t task, size_t image, const void *x, void *y)
{
    (void)image;
    if (job->element == TCONV_F32)
        run_f32(state, job, worker, task, x, y);
    else
        run_f64(state, job, worker, task, x, y);
}

const tconv_engine_table tconv_engine_fft = { create, destroy, NULL, run };

#else

typedef FFTW(complex) NAME(spectrum);

struct NAME(fft) {
    tconv_element element;               /* first: see destroy() */
    size_t n_fft, bins, reach;           /* bins = n_fft/2 + 1, rounded up so that every spectrum is aligned */
    size_t valid, blocks;                /* positions of a block; blocks of a row */
    int64_t first_n;
    FFTW(plan) forward, backward;
    NAME(spectrum) *h;                   /* [pair of channels][r0][r1][q] */
    REAL *bias;
    size_t most_inputs, n_workers;
    struct NAME(fft_worker) {
        REAL *line;                      /* [s] lines of n_fft samples */
        NAME(spectrum) *x, *sum;         /* [most_inputs] spectra; one */
        size_t *input;                   /* [most_inputs]: which pair of outer taps, and channel, a spectrum is of */
        const void **row;                /* [s] */
    } *worker;
};

static void NAME(destroy)(struct NAME(fft) *e)
{
    if (e == NULL)
        return;
    tconv_fftw_lock();
    if (e->forward != NULL)
        FFTW(destroy_plan)(e->forward);
    if (e->backward != NULL)
        FFTW(destroy_plan)(e->backward);
    tconv_fftw_unlock();
    for (size_t i = 0; e->worker != NULL && i < e->n_workers; i++) {
        tconv_free(e->worker[i].line);
        tconv_free(e->worker[i].x);
        tconv_free(e->worker[i].sum);
        tconv_free(e->worker[i].input);
        tconv_free(e->worker[i].row);
    }
    tconv_free(e->worker);
    tconv_free(e->h);
    tconv_free(e->bias);
    tconv_free(e);
}

/* The spectra of all branches of all kernels, times 1/n_fft. */
static void NAME(transform_taps)(struct NAME(fft) *e, const tconv_lifted *l, const double *taps)
{
    REAL *line = e->worker[0].line;
    size_t rows = l->weights / l->k[2];
    for (size_t row = 0; row < rows; row++)
        for (size_t q = 0; q < l->s[2]; q++) {
            /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): one thread at least has made its line */
            memset(line, 0, e->n_fft * sizeof *line);
            for (size_t r = 0; r < l->k[2]; r++)
                if (l->d[2] * r % l->s[2] == q)
                    line[l->d[2] * r / l->s[2]] = (REAL)(taps[row * l->k[2] + r] / (double)e->n_fft);
            TCONV_FFTW_RUN(FFTW(execute_dft_r2c)(e->forward, line, e->h + (row * l->s[2] + q) * e->bins));
        }
}

static tconv_status NAME(make_workers)(struct NAME(fft) *e, const tconv_job *job)
{
    const tconv_lifted *l = &job->shape;
    tconv_status status = TCONV_OK;
    size_t lines, spectra;
    if (!tconv_size_mul(e->n_fft, l->s[2], &lines) || !tconv_size_mul(e->bins, e->most_inputs, &spectra))
        return TCONV_ESIZE;
    e->worker = tconv_alloc_zero(job->threads, sizeof *e->worker, &status);
    e->n_workers = job->threads;
    for (size_t i = 0; i < job->threads && status == TCONV_OK; i++) {
        struct NAME(fft_worker) *w = &e->worker[i];
        w->line = tconv_alloc(lines, sizeof *w->line, &status);
        if (status == TCONV_OK) w->x = tconv_alloc(spectra, sizeof *w->x, &status);
        if (status == TCONV_OK) w->sum = tconv_alloc(e->bins, sizeof *w->sum, &status);
        if (status == TCONV_OK) w->input = tconv_alloc(e->most_inputs, sizeof *w->input, &status);
        if (status == TCONV_OK) w->row = tconv_alloc(l->s[2], sizeof *w->row, &status);
    }
    return status;
}

static tconv_status NAME(fill)(struct NAME(fft) *e, const tconv_job *job, const double *taps, const double *bias)
{
    const tconv_lifted *l = &job->shape;
    tconv_status status = TCONV_OK;
    size_t spectra, extent, channels = l->groups * l->cout;
    e->n_fft = tconv_fft_size(l);
    e->bins = (e->n_fft / 2 + 8) / 8 * 8;
    e->reach = l->d[2] * (l->k[2] - 1) / l->s[2];
    e->valid = e->n_fft - e->reach;
    e->first_n = tconv_floor_div(l->pb[2], (int64_t)l->s[2]);
    extent = (size_t)(tconv_floor_div((int64_t)l->m[2] - 1 + l->pb[2], (int64_t)l->s[2]) - e->first_n + 1);
    e->blocks = (extent + e->valid - 1) / e->valid;
    e->most_inputs = l->cin * l->k[0] * l->k[1];
    if (e->n_fft > INT32_MAX || !tconv_size_mul(l->weights / l->k[2], l->s[2], &spectra) || !tconv_size_mul(spectra, e->bins, &spectra))
        return TCONV_ESIZE;
    e->h = tconv_alloc(spectra, sizeof *e->h, &status);
    if (status == TCONV_OK) e->bias = tconv_alloc(channels, sizeof *e->bias, &status);
    if (status == TCONV_OK) status = NAME(make_workers)(e, job);
    if (status != TCONV_OK)
        return status;
    for (size_t co = 0; co < channels; co++)
        e->bias[co] = (REAL)bias[co];
    tconv_fftw_lock();
    e->forward = FFTW(plan_dft_r2c_1d)((int)e->n_fft, e->worker[0].line, e->worker[0].sum, FFTW_ESTIMATE);
    e->backward = FFTW(plan_dft_c2r_1d)((int)e->n_fft, e->worker[0].sum, e->worker[0].line, FFTW_ESTIMATE);
    tconv_fftw_unlock();
    if (e->forward == NULL || e->backward == NULL)
        return TCONV_ENOMEM;
    NAME(transform_taps)(e, l, taps);
    return TCONV_OK;
}

static tconv_status NAME(create)(void **state, tconv_tasks *tasks, const tconv_job *job, const double *taps, const double *bias)
{
    tconv_status status = TCONV_OK;
    struct NAME(fft) *e = tconv_alloc_zero(1, sizeof *e, &status);
    *state = NULL;
    if (e == NULL)
        return status;
    e->element = job->element;
    status = NAME(fill)(e, job, taps, bias);
    if (status != TCONV_OK) {
        NAME(destroy)(e);
        return status;
    }
    *tasks = (tconv_tasks){ .run = job->shape.groups * job->shape.m[0] * job->shape.m[1] * e->blocks };
    *state = e;
    return TCONV_OK;
}

/* Transform the input rows that output row j = (j0, j1) needs, from position `first` on; their number. */
static size_t NAME(transform_inputs)(const struct NAME(fft) *e, struct NAME(fft_worker) *w, const tconv_job *job, const REAL *x,
                                     const size_t *j, int64_t first)
{
    const tconv_lifted *l = &job->shape;
    size_t count = 0;
    for (size_t ci = 0; ci < l->cin; ci++)
        for (size_t r = 0; r < l->k[0] * l->k[1]; r++) {
            int64_t f0 = (int64_t)j[0] + l->pb[0] - (int64_t)(l->d[0] * (r / l->k[1])), s0 = (int64_t)l->s[0];
            int64_t f1 = (int64_t)j[1] + l->pb[1] - (int64_t)(l->d[1] * (r % l->k[1])), s1 = (int64_t)l->s[1];
            if (f0 < 0 || f1 < 0 || f0 % s0 != 0 || f1 % s1 != 0 || f0 / s0 >= (int64_t)l->n[0] || f1 / s1 >= (int64_t)l->n[1])
                continue;
            size_t row = (ci * l->n[0] + (size_t)(f0 / s0)) * l->n[1] + (size_t)(f1 / s1);
            tconv_job_padded_row(job, x + row * l->n[2], first - (int64_t)e->reach, e->n_fft, l->n[2], w->line);
            TCONV_FFTW_RUN(FFTW(execute_dft_r2c)(e->forward, w->line, w->x + count * e->bins));
            w->input[count++] = ci * l->cout * l->k[0] * l->k[1] + r;
        }
    return count;
}

/* sum = sum over the inputs of x h, h the spectra of phase q of output channel co, and the bias: a constant is bin 0. */
static void NAME(multiply)(const struct NAME(fft) *e, struct NAME(fft_worker) *w, const tconv_job *job, size_t g, size_t co,
                           size_t q, size_t count)
{
    const tconv_lifted *l = &job->shape;
    size_t bins = e->n_fft / 2 + 1, outer = l->k[0] * l->k[1];
    if (count == 0)
        memset(w->sum, 0, bins * sizeof *w->sum);
    for (size_t input = 0; input < count; input++) {
        size_t kernel = (g * l->cin * l->cout + co) * outer + w->input[input];
        job->simd->multiply_spectra(w->x + input * e->bins, e->h + (kernel * l->s[2] + q) * e->bins, input > 0, w->sum, bins);
    }
    *(REAL *)w->sum += e->bias[g * l->cout + co];
}

static void NAME(run)(const struct NAME(fft) *e, const tconv_job *job, size_t worker, size_t task, const REAL *x, REAL *y)
{
    const tconv_lifted *l = &job->shape;
    struct NAME(fft_worker) *w = &e->worker[worker];
    size_t block = task % e->blocks, row = task / e->blocks % (l->m[0] * l->m[1]), g = task / e->blocks / (l->m[0] * l->m[1]);
    int64_t first = e->first_n + (int64_t)(block * e->valid), s = (int64_t)l->s[2];
    int64_t end = tconv_floor_div((int64_t)l->m[2] - 1 + l->pb[2], s) + 1;
    size_t positions = end - first < (int64_t)e->valid ? (size_t)(end - first) : e->valid;
    size_t j[2] = { row / l->m[1], row % l->m[1] };
    size_t count = NAME(transform_inputs)(e, w, job, x + g * l->cin * l->small, j, first);
    for (size_t co = 0; co < l->cout; co++) {
        for (size_t q = 0; q < l->s[2]; q++) {
            REAL *line = w->line + q * e->n_fft;
            NAME(multiply)(e, w, job, g, co, q, count);
            TCONV_FFTW_RUN(FFTW(execute_dft_c2r)(e->backward, w->sum, line));
            w->row[q] = line;
        }
        tconv_job_write_row(job, w->row, l->s[2], e->reach, s * first - l->pb[2], positions,
                            y + ((g * l->cout + co) * l->m[0] * l->m[1] + row) * l->m[2]);
    }
}

#endif
