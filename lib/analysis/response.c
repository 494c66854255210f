#include "response.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "../core/complex_number.h"
#include <fftw3.h>   /* after complex.h: its complex numbers are C's */
#include "../core/constants.h"
#include "../core/fftw_lock.h"
#include "../core/memory.h"
#include "../operator/isa.h"
#include "evaluate.h"
#include "pruned.h"

#define STAGE_BYTES ((size_t)64 << 10)
#define AROUND_CACHE_BYTES ((size_t)8 << 20)
#define MOST_DIRECT_TAPS 32   /* up to here the pruned sum is faster than the FFT: k/2 products against 5 log2 N per point */

struct tconv_response {
    tconv_element element;
    size_t ndim, n_fft[TCONV_MAX_NDIM], n_taps;
    size_t count;            /* values per response */
    size_t *place;           /* where each tap goes in `padded` */
    void *padded, *spectrum; /* of the FFT */
    fftw_plan plan;
    fftwf_plan plan_f32;
    tconv_pruned_run *run;   /* the pruned sum; NULL = FFT */
    tconv_pruned pruned;
    size_t *order;           /* its tables */
    void *cosine, *sine;
    void *stage;             /* responses on their way past the cache */
    size_t staged;           /* how many fit */
};

size_t tconv_response_circle(size_t points)
{
    return points < 2 ? 1 : points - 1 > SIZE_MAX / 2 ? SIZE_MAX : 2 * (points - 1);
}

size_t tconv_response_count(const tconv_response *plan)
{
    return plan->count;
}

void tconv_response_destroy(tconv_response *plan)
{
    if (plan == NULL)
        return;
    tconv_fftw_lock();
    if (plan->plan != NULL)
        fftw_destroy_plan(plan->plan);
    if (plan->plan_f32 != NULL)
        fftwf_destroy_plan(plan->plan_f32);
    tconv_fftw_unlock();
    tconv_free(plan->place);
    tconv_free(plan->padded);
    tconv_free(plan->spectrum);
    tconv_free(plan->order);
    tconv_free(plan->cosine);
    tconv_free(plan->sine);
    tconv_free(plan->stage);
    tconv_free(plan);
}

/* ---- few taps: the sum ---- */

/* exp(2 pi i j / n), j < n, exact where 4 j / n is whole. */
static double complex root_of_unity(size_t j, size_t n)
{
    static const double quarter_re[] = { 1, 0, -1, 0 }, quarter_im[] = { 0, 1, 0, -1 };
    if (4 * j % n == 0)
        return CMPLX(quarter_re[4 * j / n % 4], quarter_im[4 * j / n % 4]);
    double angle = 2.0 * TCONV_PI * (double)j / (double)n;
    return CMPLX(cos(angle), sin(angle));
}

/* A long sum is slower than an FFT, and on a short circle less accurate. */
static bool is_pruned(const tconv_response *plan)
{
    return plan->ndim == 1 && plan->n_taps <= MOST_DIRECT_TAPS && 8 * plan->n_taps <= plan->n_fft[0] && plan->n_fft[0] % 2 == 0;
}

static tconv_pruned_run *run_of(tconv_element element)
{
#if defined(__x86_64__)
    tconv_isa isa = tconv_isa_best(TCONV_ISA_ANY);
    if (isa == TCONV_ISA_AVX512)
        return element == TCONV_F64 ? tconv_pruned_avx512_f64 : tconv_pruned_avx512_f32;
    if (isa == TCONV_ISA_AVX2)
        return element == TCONV_F64 ? tconv_pruned_avx2_f64 : tconv_pruned_avx2_f32;
#endif
    return element == TCONV_F64 ? tconv_pruned_portable_f64 : tconv_pruned_portable_f32;
}

/* The tables of cosines and sines, the taps at even places first. */
static void fill_tables(tconv_response *plan, size_t n, size_t quarter)
{
    size_t listed = 0;
    for (size_t odd = 0; odd < 2; odd++) {
        for (size_t t = 0; t < plan->n_taps; t++)
            if (plan->place[t] % 2 == odd)
                plan->order[listed++] = t;
        plan->pruned.even = odd == 0 ? listed : plan->pruned.even;
    }
    for (size_t t = 0; t < plan->n_taps; t++)
        for (size_t j = 0; j <= n / 4; j++) {
            double complex root = root_of_unity(plan->place[plan->order[t]] * j % n, n);
            size_t at = t * quarter + j;
            if (plan->element == TCONV_F64) {
                ((double *)plan->cosine)[at] = creal(root);
                ((double *)plan->sine)[at] = cimag(root);
            } else {
                ((float *)plan->cosine)[at] = (float)creal(root);
                ((float *)plan->sine)[at] = (float)cimag(root);
            }
        }
}

static tconv_status prepare_pruned(tconv_response *plan)
{
    tconv_status status = TCONV_OK;
    size_t n = plan->n_fft[0], size = plan->element == TCONV_F64 ? sizeof(double) : sizeof(float);
    size_t quarter = (n / 4 + TCONV_PRUNED_BLOCK) / TCONV_PRUNED_BLOCK * TCONV_PRUNED_BLOCK;   /* beyond n/4 zeros */
    plan->staged = STAGE_BYTES / (plan->count * 2 * size);
    plan->order = tconv_alloc(plan->n_taps, sizeof *plan->order, &status);
    plan->cosine = tconv_alloc_zero(plan->n_taps * quarter, size, &status);
    plan->sine = tconv_alloc_zero(plan->n_taps * quarter, size, &status);
    if (plan->staged > 0)
        plan->stage = tconv_alloc(plan->staged * plan->count, 2 * size, &status);
    if (status != TCONV_OK)
        return status;
    plan->pruned = (tconv_pruned){ .half = n / 2, .n_taps = plan->n_taps, .quarter = quarter, .order = plan->order,
                                   .cosine = plan->cosine, .sine = plan->sine };
    fill_tables(plan, n, quarter);
    plan->run = run_of(plan->element);
    return TCONV_OK;
}

/* Results that fill the cache go round it, several responses at a time so that whole lines are stored. */
static void run_pruned(const tconv_response *plan, const char *taps, size_t count, char *response)
{
    size_t size = plan->element == TCONV_F64 ? sizeof(double) : sizeof(float);
    size_t in = plan->n_taps * size, out = plan->count * 2 * size;
    bool around = plan->stage != NULL && count * out >= AROUND_CACHE_BYTES;
    size_t group = around ? plan->staged : 1;
    for (size_t b = 0; b < count; b += group) {
        size_t now = count - b < group ? count - b : group;
        for (size_t i = 0; i < now; i++)
            plan->run(&plan->pruned, taps + (b + i) * in, around ? (char *)plan->stage + i * out : response + (b + i) * out);
        if (around)
            tconv_copy_around_cache(response + b * out, plan->stage, now * out);
    }
}

/* ---- the FFT ---- */

static tconv_status prepare_fft(tconv_response *plan, size_t total)
{
    tconv_status status = TCONV_OK;
    int n[TCONV_MAX_NDIM];
    for (size_t i = 0; i < plan->ndim; i++)
        n[i] = (int)plan->n_fft[i];
    bool wide = plan->element == TCONV_F64;
    plan->padded = tconv_alloc_zero(total, wide ? sizeof(double) : sizeof(float), &status);
    plan->spectrum = tconv_alloc(plan->count, 2 * (wide ? sizeof(double) : sizeof(float)), &status);
    if (status != TCONV_OK)
        return status;
    tconv_fftw_lock();
    if (wide)
        plan->plan = fftw_plan_dft_r2c((int)plan->ndim, n, plan->padded, plan->spectrum, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
    else
        plan->plan_f32 = fftwf_plan_dft_r2c((int)plan->ndim, n, plan->padded, plan->spectrum, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
    tconv_fftw_unlock();
    return plan->plan == NULL && plan->plan_f32 == NULL ? TCONV_ENOMEM : TCONV_OK;
}

/* Taps that fall on one place of a short circle add up: H at its frequencies does not tell them apart. */
#define DEFINE_TRANSFORM(REAL, NAME, ALIGNMENT, EXECUTE, COMPLEX, PLAN)                                                \
    static void NAME(tconv_response *plan, const REAL *taps, REAL *response)                                           \
    {                                                                                                                  \
        REAL *padded = plan->padded;                                                                                   \
        for (size_t t = 0; t < plan->n_taps; t++)                                                                      \
            padded[plan->place[t]] = 0;                                                                                \
        for (size_t t = 0; t < plan->n_taps; t++)                                                                      \
            padded[plan->place[t]] += taps[t];                                                                         \
        if (ALIGNMENT(response) == ALIGNMENT(plan->spectrum)) {                                                        \
            TCONV_FFTW_RUN(EXECUTE(plan->PLAN, padded, (COMPLEX *)response));                                          \
            return;                                                                                                    \
        }                                                                                                              \
        TCONV_FFTW_RUN(EXECUTE(plan->PLAN, padded, plan->spectrum));                                                   \
        memcpy(response, plan->spectrum, plan->count * sizeof(COMPLEX));                                               \
    }
DEFINE_TRANSFORM(double, transform_f64, fftw_alignment_of, fftw_execute_dft_r2c, fftw_complex, plan)
DEFINE_TRANSFORM(float, transform_f32, fftwf_alignment_of, fftwf_execute_dft_r2c, fftwf_complex, plan_f32)

/* ---- the plan ---- */

static tconv_status place_taps(tconv_response *plan, const tconv_geometry *geometry)
{
    tconv_status status = TCONV_OK;
    plan->place = tconv_alloc(plan->n_taps, sizeof *plan->place, &status);
    for (size_t t = 0; t < plan->n_taps && status == TCONV_OK; t++) {
        size_t rest = t, scale = 1, at = 0;
        for (size_t i = geometry->ndim; i-- > 0; rest /= geometry->axis[i].n_taps) {
            at += scale * (geometry->axis[i].dilation * (rest % geometry->axis[i].n_taps) % plan->n_fft[i]);
            scale *= plan->n_fft[i];
        }
        plan->place[t] = at;
    }
    return status;
}

/* The sizes, checked: *total samples round all circles. */
static tconv_status take_sizes(tconv_response *plan, const tconv_geometry *geometry, const size_t *n_fft, size_t *total,
                               tconv_error *error)
{
    *total = 1;
    for (size_t i = 0; i < geometry->ndim; i++) {
        plan->n_fft[i] = n_fft[i];
        if (n_fft[i] == 0)
            return tconv_fail(error, TCONV_EARGUMENT, "n_fft of axis %zu is 0; it is at least 1", i);
        if (n_fft[i] > (size_t)INT32_MAX || !tconv_size_mul(*total, n_fft[i], total) || *total > (size_t)INT32_MAX * 16)
            return tconv_fail(error, TCONV_ESIZE, "a response of %zu points along axis %zu is too large", n_fft[i], i);
    }
    plan->count = *total / n_fft[geometry->ndim - 1] * (n_fft[geometry->ndim - 1] / 2 + 1);
    return TCONV_OK;
}

tconv_status tconv_response_create(tconv_response **plan, const tconv_geometry *geometry, const size_t *n_fft,
                                   tconv_element element, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    size_t total;
    *plan = NULL;
    if (element != TCONV_F64 && element != TCONV_F32)
        return tconv_fail(error, TCONV_EARGUMENT, "a response is computed in f64 or f32");
    tconv_response *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made == NULL)
        return tconv_fail_plain(error, status);
    made->element = element;
    made->ndim = geometry->ndim;
    made->n_taps = tconv_geometry_taps(geometry);
    status = take_sizes(made, geometry, n_fft, &total, error);
    if (status == TCONV_OK) {
        status = place_taps(made, geometry);
        if (status == TCONV_OK)
            status = is_pruned(made) ? prepare_pruned(made) : prepare_fft(made, total);
        if (status != TCONV_OK)
            (void)tconv_fail_plain(error, status);
    }
    if (status != TCONV_OK) {
        tconv_response_destroy(made);
        return status;
    }
    *plan = made;
    return TCONV_OK;
}

void tconv_response_execute(tconv_response *plan, const void *taps, size_t count, void *response)
{
    if (plan->run != NULL) {
        run_pruned(plan, taps, count, response);
        return;
    }
    for (size_t b = 0; b < count; b++) {
        if (plan->element == TCONV_F64)
            transform_f64(plan, (const double *)taps + b * plan->n_taps, (double *)response + 2 * b * plan->count);
        else
            transform_f32(plan, (const float *)taps + b * plan->n_taps, (float *)response + 2 * b * plan->count);
    }
}

/* ---- any frequency ---- */

/* exp(-2 pi i f c), the product reduced to one period before it is rounded */
static double complex shift_of(double f, double c)
{
    double turns = f * c, rest = fma(f, c, -turns), angle = -2.0 * TCONV_PI * ((turns - rint(turns)) + rest);
    return CMPLX(cos(angle), sin(angle));
}

tconv_status tconv_response_at(const tconv_geometry *geometry, const double *taps, const double *f, size_t count,
                               tconv_complex *response)
{
    tconv_filter filter = tconv_filter_of(geometry, taps);
    tconv_evaluator *evaluator;
    for (size_t i = 0; i < count * geometry->ndim; i++)
        if (!isfinite(f[i]))
            return TCONV_EARGUMENT;
    tconv_status status = tconv_evaluator_create(&evaluator, &filter);
    if (status != TCONV_OK)
        return status;
    for (size_t p = 0; p < count; p++) {
        double complex value = tconv_evaluate(evaluator, f + p * geometry->ndim);   /* counted from the centre */
        for (size_t i = 0; i < geometry->ndim; i++)
            value *= shift_of(f[p * geometry->ndim + i], 0.5 * (double)(tconv_axis_effective_taps(&geometry->axis[i]) - 1));
        response[p] = (tconv_complex){ creal(value), cimag(value) };
    }
    tconv_evaluator_destroy(evaluator);
    return TCONV_OK;
}
