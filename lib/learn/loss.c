#include "loss.h"

#include <fftw3.h>
#include <math.h>
#include <string.h>

#include "../core/complex_number.h"
#include "../core/fftw_lock.h"
#include "../core/memory.h"
#include "../core/sum.h"

struct tconv_loss {
    const tconv_signals *signals;
    tconv_gradient_method method;
    tconv_phases phases;
    double **matrix, **right;         /* normal: A_q and b_q */
    double power;                     /* y.y */
    size_t fft[TCONV_MAX_NDIM], fft_real, fft_complex;
    double *real;                     /* fft: one signal on the grid of the transform */
    double complex *spectrum_x, *spectrum;
    fftw_plan forward, backward;
};

/* ---- normal equations ---- */

/* Any number of axes: A += v v^T, b += v y for every output, v its inputs. */
static void accumulate(tconv_loss *loss, size_t q, double *v)
{
    const tconv_phase *phase = &loss->phases.phase[q];
    double *a = loss->matrix[q], *b = loss->right[q];
    size_t n = phase->n_taps;
    int64_t u[TCONV_MAX_NDIM];
    for (size_t j = 0; j < phase->n_outputs; j++) {
        double y = loss->signals->y[tconv_phase_output(loss->signals, &loss->phases, phase, j, u)];
        for (size_t t = 0; t < n; t++)
            v[t] = tconv_phase_input(loss->signals, phase, t, u);
        for (size_t t = 0; t < n; t++) {
            b[t] += v[t] * y;
            for (size_t other = 0; other <= t; other++)
                a[t * n + other] += v[t] * v[other];
        }
    }
}

static double sample(const tconv_signals *signals, int64_t i)
{
    return i >= 0 && i < (int64_t)signals->n_in[0] ? signals->x[i] : 0.0;
}

/* 1-D, taps m = 0, 1, 2, .. of the phase (d = 1): with u = f..l,
 *     A[t+1][t'+1] = sum_u x[u-1-t] x[u-1-t'] = A[t][t'] + x[f-1-t] x[f-1-t'] - x[l-t] x[l-t']                    */
static void accumulate_line(tconv_loss *loss, size_t q)
{
    const tconv_signals *signals = loss->signals;
    const tconv_phase *phase = &loss->phases.phase[q];
    const tconv_axis *axis = &signals->geometry.axis[0];
    double *a = loss->matrix[q], *b = loss->right[q];
    int64_t first = phase->first[0], last = first + (int64_t)phase->count[0] - 1;
    size_t n = phase->n_taps;
    for (size_t t = 0; t < n; t++) {
        tconv_sum square = { 0 }, cross = { 0 };
        for (int64_t u = first; u <= last; u++) {
            double x = sample(signals, u - (int64_t)t);
            tconv_sum_add_product(&square, x, sample(signals, u));
            tconv_sum_add_product(&cross, x, signals->y[(int64_t)axis->stride * u + (int64_t)phase->q[0] - axis->pad_begin]);
        }
        a[t * n] = tconv_sum_value(&square);
        b[t] = tconv_sum_value(&cross);
    }
    for (size_t t = 1; t < n; t++)
        for (size_t other = 1; other <= t; other++)
            a[t * n + other] = a[(t - 1) * n + other - 1] + sample(signals, first - (int64_t)t) * sample(signals, first - (int64_t)other)
                             - sample(signals, last + 1 - (int64_t)t) * sample(signals, last + 1 - (int64_t)other);
}

static tconv_status make_normal(tconv_loss *loss)
{
    const tconv_geometry *g = &loss->signals->geometry;
    tconv_status status = TCONV_OK;
    double *v = tconv_alloc(loss->phases.taps, sizeof *v, &status);
    if (status == TCONV_OK) loss->matrix = tconv_alloc_zero(loss->phases.count, sizeof *loss->matrix, &status);
    if (status == TCONV_OK) loss->right = tconv_alloc_zero(loss->phases.count, sizeof *loss->right, &status);
    for (size_t q = 0; q < loss->phases.count && status == TCONV_OK; q++) {
        size_t n = loss->phases.phase[q].n_taps, squares = 0;
        if (!tconv_size_mul(n, n, &squares))
            status = TCONV_ESIZE;
        if (status == TCONV_OK) loss->matrix[q] = tconv_alloc_zero(squares, sizeof **loss->matrix, &status);
        if (status == TCONV_OK) loss->right[q] = tconv_alloc_zero(n, sizeof **loss->right, &status);
        if (status != TCONV_OK)
            break;
        if (g->ndim == 1 && g->axis[0].dilation == 1 && loss->phases.phase[q].n_outputs > 0)
            accumulate_line(loss, q);
        else
            accumulate(loss, q, v);
        for (size_t t = 0; t < n; t++)
            for (size_t other = t + 1; other < n; other++)
                loss->matrix[q][t * n + other] = loss->matrix[q][other * n + t];
    }
    tconv_free(v);
    return status;
}

static double evaluate_normal(const tconv_loss *loss, const double *taps, double *gradient)
{
    double scale = 1.0 / (double)loss->phases.outputs;
    tconv_sum total = { .high = loss->power };
    for (size_t q = 0; q < loss->phases.count; q++) {
        const tconv_phase *phase = &loss->phases.phase[q];
        const double *a = loss->matrix[q], *b = loss->right[q];
        for (size_t t = 0; t < phase->n_taps; t++) {
            double sum = 0.0, w = taps[phase->tap[t]];
            for (size_t other = 0; other < phase->n_taps; other++)
                sum += a[t * phase->n_taps + other] * taps[phase->tap[other]];
            tconv_sum_add(&total, w * (sum - 2.0 * b[t]));
            if (gradient != NULL)
                gradient[phase->tap[t]] = 2.0 * scale * (sum - b[t]);
        }
    }
    return fmax(tconv_sum_value(&total), 0.0) * scale;
}

/* ---- the sums as they stand ---- */

static double evaluate_direct(const tconv_loss *loss, const double *taps, double *gradient)
{
    double scale = 1.0 / (double)loss->phases.outputs;
    tconv_sum total = { 0 };
    int64_t u[TCONV_MAX_NDIM];
    if (gradient != NULL)
        memset(gradient, 0, loss->phases.taps * sizeof *gradient);
    for (size_t q = 0; q < loss->phases.count; q++) {
        const tconv_phase *phase = &loss->phases.phase[q];
        for (size_t j = 0; j < phase->n_outputs; j++) {
            double e = -loss->signals->y[tconv_phase_output(loss->signals, &loss->phases, phase, j, u)];
            for (size_t t = 0; t < phase->n_taps; t++)
                e += taps[phase->tap[t]] * tconv_phase_input(loss->signals, phase, t, u);
            tconv_sum_add_product(&total, e, e);
            for (size_t t = 0; gradient != NULL && t < phase->n_taps; t++)
                gradient[phase->tap[t]] += 2.0 * scale * e * tconv_phase_input(loss->signals, phase, t, u);
        }
    }
    return tconv_sum_value(&total) * scale;
}

/* ---- products of spectra ---- */

/* Position on the transform's grid of index vector i; false outside it. */
static bool grid_place(const tconv_loss *loss, const int64_t *i, size_t *at)
{
    *at = 0;
    for (size_t a = 0; a < loss->signals->geometry.ndim; a++) {
        if (i[a] < 0 || i[a] >= (int64_t)loss->fft[a])
            return false;
        *at = *at * loss->fft[a] + (size_t)i[a];
    }
    return true;
}

/* The grid holds x * h_q in full, N + max m samples along each axis, so nothing wraps round: lengths of 2, 3, 5, 7. */
static size_t fast_length(size_t least)
{
    for (size_t n = least;; n++) {
        size_t rest = n;
        for (size_t prime = 2; prime <= 7; prime++)
            while (rest % prime == 0)
                rest /= prime;
        if (rest == 1)
            return n;
    }
}

static tconv_status make_fft(tconv_loss *loss)
{
    const tconv_geometry *g = &loss->signals->geometry;
    tconv_status status = TCONV_OK;
    int n[TCONV_MAX_NDIM] = { 0 };
    loss->fft_real = loss->fft_complex = 1;
    for (size_t i = 0; i < g->ndim; i++) {
        size_t reach = (tconv_axis_effective_taps(&g->axis[i]) - 1) / g->axis[i].stride;
        if (loss->signals->n_in[i] > ((size_t)1 << 30) || loss->signals->n_in[i] + reach > ((size_t)1 << 30))
            return TCONV_ESIZE;
        loss->fft[i] = fast_length(loss->signals->n_in[i] + reach);
        n[i] = (int)loss->fft[i];
        if (!tconv_size_mul(loss->fft_complex, i + 1 < g->ndim ? loss->fft[i] : loss->fft[i] / 2 + 1, &loss->fft_complex)
            || !tconv_size_mul(loss->fft_real, loss->fft[i], &loss->fft_real))
            return TCONV_ESIZE;
    }
    loss->real = tconv_alloc_zero(loss->fft_real, sizeof *loss->real, &status);
    if (status == TCONV_OK) loss->spectrum_x = tconv_alloc(loss->fft_complex, sizeof *loss->spectrum_x, &status);
    if (status == TCONV_OK) loss->spectrum = tconv_alloc(loss->fft_complex, sizeof *loss->spectrum, &status);
    if (status != TCONV_OK)
        return status;
    tconv_fftw_lock();
    loss->forward = fftw_plan_dft_r2c((int)g->ndim, n, loss->real, (fftw_complex *)loss->spectrum, FFTW_ESTIMATE);
    loss->backward = fftw_plan_dft_c2r((int)g->ndim, n, (fftw_complex *)loss->spectrum, loss->real, FFTW_ESTIMATE);
    tconv_fftw_unlock();
    if (loss->forward == NULL || loss->backward == NULL)
        return TCONV_ENOMEM;
    size_t inputs = 1;
    for (size_t i = 0; i < g->ndim; i++)
        inputs *= loss->signals->n_in[i];
    for (size_t j = 0; j < inputs; j++) {
        int64_t at[TCONV_MAX_NDIM];
        size_t rest = j, place;
        for (size_t i = g->ndim; i-- > 0; rest /= loss->signals->n_in[i])
            at[i] = (int64_t)(rest % loss->signals->n_in[i]);
        if (grid_place(loss, at, &place))
            loss->real[place] = loss->signals->x[j];
    }
    TCONV_FFTW_RUN(fftw_execute_dft_r2c(loss->forward, loss->real, (fftw_complex *)loss->spectrum_x));
    return TCONV_OK;
}

static void tap_place(const tconv_loss *loss, const tconv_phase *phase, size_t t, size_t *place)
{
    int64_t at[TCONV_MAX_NDIM];
    for (size_t i = 0; i < loss->signals->geometry.ndim; i++)
        at[i] = (int64_t)phase->shift[t * loss->signals->geometry.ndim + i];
    (void)grid_place(loss, at, place);
}

/* e = x * h_q - y by one pair of transforms; gradient_q[m] = sum_u e[u] x[u - m] = IFFT(E conj(X)) by another. Outputs
 * beyond the reach of x have e = -y and no gradient. */
static double evaluate_fft(tconv_loss *loss, const double *taps, double *gradient)
{
    double mean = 1.0 / (double)loss->phases.outputs, unscale = 1.0 / (double)loss->fft_real;
    tconv_sum total = { 0 };
    for (size_t q = 0; q < loss->phases.count; q++) {
        const tconv_phase *phase = &loss->phases.phase[q];
        size_t place;
        memset(loss->real, 0, loss->fft_real * sizeof *loss->real);
        for (size_t t = 0; t < phase->n_taps; t++) {
            tap_place(loss, phase, t, &place);
            loss->real[place] = taps[phase->tap[t]] * unscale;
        }
        TCONV_FFTW_RUN(fftw_execute(loss->forward));
        for (size_t i = 0; i < loss->fft_complex; i++)
            loss->spectrum[i] *= loss->spectrum_x[i];
        TCONV_FFTW_RUN(fftw_execute(loss->backward));
        /* The residual lies where there are outputs; elsewhere it is none. Outputs are marked off by a sum that skips them. */
        double *e = loss->real;
        size_t next = 0;
        for (size_t j = 0; j < phase->n_outputs; j++) {
            int64_t u[TCONV_MAX_NDIM];
            double y = loss->signals->y[tconv_phase_output(loss->signals, &loss->phases, phase, j, u)];
            if (!grid_place(loss, u, &place)) {
                tconv_sum_add_product(&total, y, y);
                continue;
            }
            memset(e + next, 0, (place - next) * sizeof *e);
            e[place] -= y;
            next = place + 1;
            tconv_sum_add_product(&total, e[place], e[place]);
        }
        if (gradient == NULL)
            continue;
        memset(e + next, 0, (loss->fft_real - next) * sizeof *e);
        TCONV_FFTW_RUN(fftw_execute(loss->forward));
        for (size_t i = 0; i < loss->fft_complex; i++)
            loss->spectrum[i] *= conj(loss->spectrum_x[i]);
        TCONV_FFTW_RUN(fftw_execute(loss->backward));
        for (size_t t = 0; t < phase->n_taps; t++) {
            tap_place(loss, phase, t, &place);
            gradient[phase->tap[t]] = 2.0 * mean * unscale * loss->real[place];
        }
    }
    return tconv_sum_value(&total) * mean;
}

/* ---- the way in ---- */

tconv_status tconv_loss_create(tconv_loss **loss, const tconv_signals *signals, tconv_gradient_method method)
{
    tconv_status status = TCONV_OK;
    *loss = NULL;
    tconv_loss *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made == NULL)
        return status;
    made->signals = signals;
    made->method = method;
    status = tconv_phases_create(&made->phases, signals);
    if (status == TCONV_OK && method == TCONV_GRADIENT_NORMAL) {
        tconv_sum power = { 0 };
        for (size_t j = 0; j < made->phases.outputs; j++)
            tconv_sum_add_product(&power, signals->y[j], signals->y[j]);
        made->power = tconv_sum_value(&power);
        status = make_normal(made);
    }
    if (status == TCONV_OK && method == TCONV_GRADIENT_FFT)
        status = make_fft(made);
    if (status != TCONV_OK) {
        tconv_loss_destroy(made);
        return status;
    }
    *loss = made;
    return TCONV_OK;
}

void tconv_loss_destroy(tconv_loss *loss)
{
    if (loss == NULL)
        return;
    for (size_t q = 0; q < loss->phases.count; q++) {
        if (loss->matrix != NULL) tconv_free(loss->matrix[q]);
        if (loss->right != NULL) tconv_free(loss->right[q]);
    }
    tconv_free(loss->matrix);
    tconv_free(loss->right);
    tconv_fftw_lock();
    if (loss->forward != NULL) fftw_destroy_plan(loss->forward);
    if (loss->backward != NULL) fftw_destroy_plan(loss->backward);
    tconv_fftw_unlock();
    tconv_free(loss->real);
    tconv_free(loss->spectrum_x);
    tconv_free(loss->spectrum);
    tconv_phases_destroy(&loss->phases);
    tconv_free(loss);
}

double tconv_loss_evaluate(tconv_loss *loss, const double *taps, double *gradient)
{
    switch (loss->method) {
    case TCONV_GRADIENT_NORMAL: return evaluate_normal(loss, taps, gradient);
    case TCONV_GRADIENT_FFT: return evaluate_fft(loss, taps, gradient);
    default: return evaluate_direct(loss, taps, gradient);
    }
}

const tconv_phases *tconv_loss_phases(const tconv_loss *loss) { return &loss->phases; }
const double *tconv_loss_matrix(const tconv_loss *loss, size_t q) { return loss->matrix[q]; }
const double *tconv_loss_right(const tconv_loss *loss, size_t q) { return loss->right[q]; }
