#include "learn.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "../core/constants.h"
#include "../core/element.h"
#include "../core/memory.h"
#include "../design/solve.h"
#include "factors.h"

#define POWER_STEPS 100

/* One run: the numbers that are turned, their gradient, and the best seen. */
struct run {
    const tconv_signals *signals;
    const tconv_learning *how;
    tconv_loss *loss;
    tconv_factors factors;
    double *numbers, *gradient, *first, *second;    /* factors.count each; moments of the optimizer */
    double *taps, *gradient_taps, *best;            /* factors.taps each */
    double *history, best_loss;
    tconv_learned result;
};

tconv_learning tconv_learning_default(tconv_optimizer optimizer)
{
    return (tconv_learning){ .optimizer = optimizer, .epochs = 5000, .momentum = 0.9, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8 };
}

static tconv_status check_options(const tconv_learning *how, tconv_error *error)
{
    if ((unsigned)how->optimizer > TCONV_LEARN_ADAM || (unsigned)how->gradient > TCONV_GRADIENT_FFT)
        return tconv_fail(error, TCONV_EARGUMENT, "there is no optimizer number %d, or no gradient number %d", (int)how->optimizer, (int)how->gradient);
    if (!(how->rate >= 0.0) || isinf(how->rate))
        return tconv_fail(error, TCONV_EARGUMENT, "the rate is out of range; a positive number, or 0 for one of the library's choice, is allowed");
    if (!(how->momentum >= 0.0 && how->momentum < 1.0))
        return tconv_fail(error, TCONV_EARGUMENT, "the momentum is out of range; 0 <= momentum < 1 is allowed");
    if (!(how->beta1 >= 0.0 && how->beta1 < 1.0 && how->beta2 >= 0.0 && how->beta2 < 1.0 && how->epsilon > 0.0))
        return tconv_fail(error, TCONV_EARGUMENT, "Adam's figures are out of range; 0 <= beta < 1 and epsilon > 0 are allowed");
    return TCONV_OK;
}

/* The loss at the present numbers, and the gradient if asked for; keeps the best taps. */
static double evaluate(struct run *run, bool gradient)
{
    tconv_factors_taps(&run->factors, run->numbers, run->taps);
    double loss = tconv_loss_evaluate(run->loss, run->taps, gradient ? run->gradient_taps : NULL);
    if (gradient)
        tconv_factors_gradient(&run->factors, run->numbers, run->gradient_taps, run->gradient);
    if (loss < run->best_loss) {
        run->best_loss = loss;
        memcpy(run->best, run->taps, run->factors.taps * sizeof *run->best);
    }
    return loss;
}

static bool record(struct run *run, double loss)
{
    if (run->history != NULL)
        run->history[run->result.epochs] = loss;
    return run->how->progress == NULL || run->how->progress(run->how->context, run->result.epochs, loss);
}

/* The largest curvature of the loss over the taps, an eigenvalue of 2 A/M, by power iteration on differences of gradients:
 * g(w + v) - g(w) = 2/M A v. From a vector of alternating and constant parts, so that no band of frequencies is missing. */
static double largest_curvature(struct run *run, double *w, double *at_w)
{
    size_t n = run->factors.taps;
    double curvature = 0.0;
    memcpy(w, run->taps, n * sizeof *w);
    (void)tconv_loss_evaluate(run->loss, w, at_w);
    for (size_t t = 0; t < n; t++)
        run->taps[t] = w[t] + (t % 2 == 0 ? 1.0 : 0.25) + (t % 3 == 0 ? 0.5 : 0.0) + 1e-2 * cos((double)(t * t));
    for (int step = 0; step < POWER_STEPS; step++) {
        double norm = 0.0, change = 0.0;
        for (size_t t = 0; t < n; t++)
            norm += (run->taps[t] - w[t]) * (run->taps[t] - w[t]);
        (void)tconv_loss_evaluate(run->loss, run->taps, run->gradient_taps);
        for (size_t t = 0; t < n; t++)
            change += (run->gradient_taps[t] - at_w[t]) * (run->gradient_taps[t] - at_w[t]);
        curvature = fmax(curvature, sqrt(change / norm));
        if (!(change > 0.0))
            break;
        for (size_t t = 0; t < n; t++)
            run->taps[t] = w[t] + (run->gradient_taps[t] - at_w[t]) / sqrt(change);
    }
    return curvature;
}

/* Over a factor the curvature is that of the taps times the squared norm of the other factors. */
static double largest_scale(const struct run *run)
{
    double largest = 1.0, all = 1.0, norm[TCONV_MAX_NDIM] = { 1.0, 1.0, 1.0 };
    if (!run->factors.separable)
        return 1.0;
    for (size_t i = 0; i < run->factors.ndim; i++) {
        const double *f = run->numbers + tconv_factors_start(&run->factors, i);
        norm[i] = 0.0;
        for (size_t r = 0; r < run->factors.n_taps[i]; r++)
            norm[i] += f[r] * f[r];
        all *= norm[i];
    }
    for (size_t i = 0; i < run->factors.ndim; i++)
        largest = fmax(largest, norm[i] > 0.0 ? all / norm[i] : all);
    return largest;
}

/* ---- the optimizers ---- */

static tconv_status descend(struct run *run, tconv_error *error)
{
    const tconv_learning *how = run->how;
    bool adam = how->optimizer == TCONV_LEARN_ADAM;
    double loss = evaluate(run, true), power1 = 1.0, power2 = 1.0, limit = 1e6 * (loss + DBL_MIN);
    run->result.rate = how->rate;
    if (how->rate == 0.0) {
        /* Heavy ball is stable for rates below 2 (1 + momentum)/curvature; 1/curvature leaves room for the estimate. */
        double curvature = adam ? 0.0 : largest_curvature(run, run->first, run->second);
        run->result.rate = adam ? 0.05 : (curvature > 0.0 ? 1.0 / curvature : 1.0);
        loss = evaluate(run, true);
    }
    memset(run->first, 0, run->factors.count * sizeof *run->first);
    memset(run->second, 0, run->factors.count * sizeof *run->second);
    bool go_on = record(run, loss);
    while (go_on && run->result.epochs < how->epochs) {
        double rate = run->result.rate;
        power1 *= how->beta1;
        power2 *= how->beta2;
        if (adam)
            rate *= 0.5 + 0.5 * cos(TCONV_PI * (double)run->result.epochs / (double)how->epochs);
        else if (how->rate == 0.0)
            rate /= largest_scale(run) * (double)(run->factors.separable ? run->factors.ndim : 1);
        for (size_t i = 0; i < run->factors.count; i++) {
            double g = run->gradient[i];
            if (adam) {
                run->first[i] = how->beta1 * run->first[i] + (1.0 - how->beta1) * g;
                run->second[i] = how->beta2 * run->second[i] + (1.0 - how->beta2) * g * g;
                run->numbers[i] -= rate * (run->first[i] / (1.0 - power1)) / (sqrt(run->second[i] / (1.0 - power2)) + how->epsilon);
            } else {
                run->first[i] = how->momentum * run->first[i] - rate * g;
                run->numbers[i] += run->first[i];
            }
        }
        loss = evaluate(run, true);
        run->result.epochs++;
        if (!(loss <= limit))
            return tconv_fail(error, TCONV_EARGUMENT, "the loss grows without bound at epoch %zu: a smaller rate is needed", run->result.epochs);
        go_on = record(run, loss);
    }
    return TCONV_OK;
}

/* A_q w_q = b_q for every phase: all at once. */
static tconv_status solve_taps(struct run *run, tconv_error *error)
{
    const tconv_phases *phases = tconv_loss_phases(run->loss);
    tconv_status status = TCONV_OK;
    for (size_t q = 0; q < phases->count && status == TCONV_OK; q++) {
        const tconv_phase *phase = &phases->phase[q];
        const double *a = tconv_loss_matrix(run->loss, q);
        if (phase->n_taps == 0)
            continue;
        status = tconv_solve_symmetric(a, phase->n_taps, tconv_loss_right(run->loss, q), run->gradient_taps, error);
        for (size_t t = 0; t < phase->n_taps && status == TCONV_OK; t++)
            if (a[t * phase->n_taps + t] > 0.0)      /* else no output reaches it */
                run->taps[phase->tap[t]] = run->gradient_taps[t];
    }
    return status;
}

/* One factor, the others held: F A F^T f = F b with F the matrix of the others' products. */
static tconv_status solve_factor(struct run *run, size_t axis, double *matrix, double *right, tconv_error *error)
{
    const tconv_phases *phases = tconv_loss_phases(run->loss);
    size_t n = run->factors.n_taps[axis], r = 0, other_r = 0;
    double *f = run->numbers + tconv_factors_start(&run->factors, axis);
    memset(matrix, 0, n * n * sizeof *matrix);
    memset(right, 0, n * sizeof *right);
    for (size_t t = 0; t < run->factors.taps; t++)
        run->taps[t] = tconv_factors_others(&run->factors, run->numbers, axis, t, &r);
    for (size_t q = 0; q < phases->count; q++) {
        const tconv_phase *phase = &phases->phase[q];
        const double *a = tconv_loss_matrix(run->loss, q), *b = tconv_loss_right(run->loss, q);
        for (size_t t = 0; t < phase->n_taps; t++) {
            (void)tconv_factors_others(&run->factors, run->numbers, axis, phase->tap[t], &r);
            right[r] += run->taps[phase->tap[t]] * b[t];
            for (size_t other = 0; other < phase->n_taps; other++) {
                (void)tconv_factors_others(&run->factors, run->numbers, axis, phase->tap[other], &other_r);
                matrix[r * n + other_r] += run->taps[phase->tap[t]] * run->taps[phase->tap[other]] * a[t * phase->n_taps + other];
            }
        }
    }
    return tconv_solve_symmetric(matrix, n, right, f, error);
}

static tconv_status alternate(struct run *run, tconv_error *error)
{
    size_t most = 1, squares = 0;
    tconv_status status = TCONV_OK;
    for (size_t i = 0; i < run->factors.ndim; i++)
        most = run->factors.n_taps[i] > most ? run->factors.n_taps[i] : most;
    if (!tconv_size_mul(most, most + 1, &squares))
        return tconv_fail_plain(error, TCONV_ESIZE);
    double *matrix = tconv_alloc(squares, sizeof *matrix, &status);
    if (matrix == NULL)
        return tconv_fail_plain(error, status);
    double loss = evaluate(run, false);
    bool go_on = record(run, loss);
    while (go_on && run->result.epochs < run->how->epochs && status == TCONV_OK) {
        for (size_t i = 0; i < run->factors.ndim && status == TCONV_OK; i++)
            status = solve_factor(run, i, matrix, matrix + most * most, error);
        double next = evaluate(run, false);
        run->result.epochs++;
        go_on = record(run, next) && next < loss * (1.0 - 1e-12);
        loss = next;
    }
    tconv_free(matrix);
    return status;
}

static tconv_status solve_exactly(struct run *run, tconv_error *error)
{
    if (!run->factors.separable)
        (void)record(run, tconv_loss_evaluate(run->loss, run->taps, NULL));
    tconv_status status = solve_taps(run, error);
    if (status != TCONV_OK)
        return status;
    if (run->factors.separable) {
        if (!tconv_factors_split(&run->factors, run->taps, run->numbers))
            return tconv_fail(error, TCONV_EARGUMENT, "the large signal has nothing to do with the small one: all taps are zero");
        return alternate(run, error);
    }
    memcpy(run->numbers, run->taps, run->factors.taps * sizeof *run->numbers);
    run->result.epochs = 1;
    (void)record(run, evaluate(run, false));
    return TCONV_OK;
}

/* ---- the way in ---- */

static tconv_status run_create(struct run *run)
{
    tconv_status status = tconv_loss_create(&run->loss, run->signals, run->how->optimizer == TCONV_LEARN_EXACT ? TCONV_GRADIENT_NORMAL : run->how->gradient);
    size_t many = run->factors.count > run->factors.taps ? run->factors.count : run->factors.taps;
    double **arrays[] = { &run->numbers, &run->gradient, &run->first, &run->second, &run->taps, &run->gradient_taps, &run->best };
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0] && status == TCONV_OK; i++)
        *arrays[i] = tconv_alloc_zero(many, sizeof **arrays[i], &status);
    return status;
}

static void run_destroy(struct run *run)
{
    tconv_loss_destroy(run->loss);
    tconv_free(run->numbers);
    tconv_free(run->gradient);
    tconv_free(run->first);
    tconv_free(run->second);
    tconv_free(run->taps);
    tconv_free(run->gradient_taps);
    tconv_free(run->best);
}

static bool same_axes(const tconv_geometry *a, const tconv_geometry *b)
{
    bool same = a->ndim == b->ndim && a->channels_in == b->channels_in && a->channels_out == b->channels_out;
    for (size_t i = 0; same && i < a->ndim; i++)
        same = a->axis[i].stride == b->axis[i].stride && a->axis[i].n_taps == b->axis[i].n_taps && a->axis[i].dilation == b->axis[i].dilation
            && a->axis[i].pad_begin == b->axis[i].pad_begin;
    return same;
}

tconv_status tconv_learn(tconv_kernel *kernel, const tconv_signals *signals, const tconv_learning *how, double *history,
                         tconv_learned *learned, tconv_error *error)
{
    tconv_status status = tconv_signals_check(signals, error);
    if (status == TCONV_OK) status = check_options(how, error);
    if (status != TCONV_OK)
        return status;
    if (!same_axes(&kernel->geometry, &signals->geometry))
        return tconv_fail(error, TCONV_EARGUMENT, "the kernel's geometry is not that of the signals");
    struct run run = { .signals = signals, .how = how, .history = history, .best_loss = INFINITY };
    run.factors = tconv_factors_of(&signals->geometry, how->separable);
    size_t bad = tconv_first_non_finite(kernel->taps, run.factors.taps);
    if (bad < run.factors.taps)
        return tconv_fail(error, TCONV_ENONFINITE, "tap %zu of the kernel is not finite", bad);
    status = run_create(&run);
    if (status != TCONV_OK) {
        run_destroy(&run);
        return tconv_fail_plain(error, status);
    }
    memcpy(run.taps, kernel->taps, run.factors.taps * sizeof *run.taps);
    run.result.loss_before = tconv_loss_evaluate(run.loss, kernel->taps, NULL);
    if (how->optimizer == TCONV_LEARN_EXACT)
        status = solve_exactly(&run, error);
    else if (!tconv_factors_split(&run.factors, kernel->taps, run.numbers))
        status = tconv_fail(error, TCONV_EARGUMENT, "a separable kernel cannot be learned from taps that are all zero: every gradient is zero there");
    else
        status = descend(&run, error);
    if (status == TCONV_OK) {
        memcpy(kernel->taps, run.best, run.factors.taps * sizeof *kernel->taps);
        run.result.loss = run.best_loss;
        if (learned != NULL)
            *learned = run.result;
    }
    run_destroy(&run);
    return status;
}

tconv_status tconv_learn_loss(const tconv_signals *signals, const double *taps, double *value, tconv_error *error)
{
    tconv_status status = tconv_signals_check(signals, error);
    tconv_loss *loss = NULL;
    if (status != TCONV_OK)
        return status;
    status = tconv_loss_create(&loss, signals, TCONV_GRADIENT_DIRECT);
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    *value = tconv_loss_evaluate(loss, taps, NULL);
    tconv_loss_destroy(loss);
    return TCONV_OK;
}
