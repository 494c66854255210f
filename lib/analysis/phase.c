#include "phase.h"

#include <math.h>
#include <stdbool.h>

#include "../core/complex_number.h"
#include "../core/constants.h"
#include "../core/memory.h"
#include "../core/polyphase.h"
#include "evaluate.h"
#include "response.h"

#define POINTS_PER_SAMPLE 16      /* of the grid that the phase is unwrapped on */
#define MOST_POINTS ((size_t)1 << 25)
#define DIVISION_WORK 0x1p28      /* taps multiplied while cells are divided */
#define STEEP 0.7                 /* |H_b - H_a| beyond this part of the smaller one: a turn could be missed */
#define NARROWEST 1e-12

/* The kernel along one axis: its taps summed over the others. */
struct line {
    size_t n_taps, step;
    double centre, zero;    /* d(k-1)/2; the level of |H| that counts as zero */
    double *taps;
    tconv_filter filter;
};

static tconv_status line_create(struct line *line, const tconv_geometry *geometry, const double *taps, size_t axis,
                                size_t points)
{
    tconv_status status = TCONV_OK;
    tconv_filter filter = tconv_filter_of(geometry, taps);
    if (axis >= geometry->ndim || points < 2)
        return TCONV_EARGUMENT;
    line->n_taps = geometry->axis[axis].n_taps;
    line->step = geometry->axis[axis].dilation;
    line->centre = 0.5 * (double)(tconv_axis_effective_taps(&geometry->axis[axis]) - 1);
    line->taps = tconv_alloc(line->n_taps, sizeof *line->taps, &status);
    if (status != TCONV_OK)
        return status;
    tconv_filter_marginal(&filter, axis, line->taps, &line->filter);
    line->zero = tconv_kernel_zero(taps, tconv_geometry_taps(geometry));
    return TCONV_OK;
}

static tconv_status plan_of(size_t n_taps, size_t step, size_t n_fft, tconv_response **plan)
{
    tconv_geometry geometry = tconv_geometry_default(1);
    geometry.axis[0].n_taps = n_taps;
    geometry.axis[0].dilation = step;
    return tconv_response_create(plan, &geometry, &n_fft, TCONV_F64, NULL);
}

/* ---- even and odd part ---- */

/* About the centre, with p_j = d j (k odd) or d (j + 1/2) (k even), e_j = h[c + p_j] + h[c - p_j], o_j their difference:
 *
 *     H_c(f) = sum h[n] exp(-2 pi i f (n-c))       = sum e_j cos(2 pi f p_j)     - i sum o_j sin(2 pi f p_j)
 *     D_c(f) = sum (n-c) h[n] exp(-2 pi i f (n-c)) = sum p_j o_j cos(2 pi f p_j) - i sum p_j e_j sin(2 pi f p_j)
 *
 * folded: e, o, p o, p e in rows of `half` values. */
static void fold(const struct line *line, size_t half, double *folded)
{
    size_t k = line->n_taps;
    for (size_t j = 0; j < half; j++) {
        size_t right = k / 2 + j, left = (k - 1) / 2 - j;
        bool middle = right == left;
        double a = line->taps[right], b = middle ? 0.0 : line->taps[left];
        double p = (double)line->step * (k % 2 == 1 ? (double)j : (double)j + 0.5);
        folded[j] = a + b;
        folded[half + j] = middle ? 0.0 : a - b;
        folded[2 * half + j] = p * folded[half + j];
        folded[3 * half + j] = p * folded[j];
    }
}

/* exp(-i pi j d / n), exact at quarter turns: what half a step adds */
static double complex half_step(size_t j, size_t step, size_t n)
{
    size_t turn = j % (2 * n) * (step % (2 * n)) % (2 * n);
    if (2 * turn % n == 0) {
        static const double re[] = { 1, 0, -1, 0 }, im[] = { 0, -1, 0, 1 };
        return CMPLX(re[2 * turn / n], im[2 * turn / n]);
    }
    double angle = TCONV_PI * (double)turn / (double)n;
    return CMPLX(cos(angle), -sin(angle));
}

/* value[j] = H_c(j/n), j = 0..n/2, and moment[j] = D_c(j/n) where it is not NULL. */
static tconv_status centred(const struct line *line, size_t n, double complex *value, double complex *moment)
{
    tconv_status status = TCONV_OK;
    size_t half = (line->n_taps + 1) / 2, count = n / 2 + 1, rows = moment != NULL ? 4 : 2;
    tconv_response *plan = NULL;
    double *folded = tconv_alloc(half, 4 * sizeof *folded, &status);
    tconv_complex *sums = tconv_alloc(count, rows * sizeof *sums, &status);
    if (status == TCONV_OK)
        status = plan_of(half, line->step, n, &plan);
    if (status == TCONV_OK) {
        fold(line, half, folded);
        tconv_response_execute(plan, folded, rows, sums);
        for (size_t j = 0; j < count; j++) {
            double complex turn = line->n_taps % 2 == 1 ? CMPLX(1.0, 0.0) : half_step(j, line->step, n);
            double part[4];
            for (size_t r = 0; r < rows; r++) {
                tconv_complex s = sums[r * count + j];
                double complex turned = CMPLX(s.re, s.im) * turn;
                part[r] = r == 0 || r == 2 ? creal(turned) : cimag(turned);
            }
            value[j] = CMPLX(part[0], part[1]);       /* Im of sum o exp(-i..) is -sum o sin */
            if (moment != NULL)
                moment[j] = CMPLX(part[2], part[3]);
        }
    }
    tconv_response_destroy(plan);
    tconv_free(sums);
    tconv_free(folded);
    return status;
}

/* ---- response and group delay ---- */

tconv_status tconv_response_along(const tconv_geometry *geometry, const double *taps, size_t axis, size_t points,
                                  tconv_complex *response)
{
    struct line line = { 0 };
    tconv_response *plan = NULL;
    tconv_status status = line_create(&line, geometry, taps, axis, points);
    if (status == TCONV_OK)
        status = plan_of(line.n_taps, line.step, tconv_response_circle(points), &plan);
    if (status == TCONV_OK)
        tconv_response_execute(plan, line.taps, 1, response);
    tconv_response_destroy(plan);
    tconv_free(line.taps);
    return status;
}

tconv_status tconv_group_delay_along(const tconv_geometry *geometry, const double *taps, size_t axis, size_t points,
                                     double *delay)
{
    struct line line = { 0 };
    tconv_status status = line_create(&line, geometry, taps, axis, points);
    double complex *value = status != TCONV_OK ? NULL : tconv_alloc(points, 2 * sizeof *value, &status);
    if (status == TCONV_OK)
        status = centred(&line, tconv_response_circle(points), value, value + points);
    for (size_t j = 0; j < points && status == TCONV_OK; j++) {
        double power = creal(value[j]) * creal(value[j]) + cimag(value[j]) * cimag(value[j]);
        double complex moment = value[points + j];
        delay[j] = cabs(value[j]) < line.zero || power == 0.0 ? (double)NAN
            : line.centre + (creal(moment) * creal(value[j]) + cimag(moment) * cimag(value[j])) / power;
    }
    tconv_free(value);
    tconv_free(line.taps);
    return status;
}

/* ---- phase ---- */

struct walk {
    tconv_evaluator *evaluator;
    double budget;      /* evaluations left */
    bool flipped;       /* an odd number of sign changes so far */
};

/* The turn from H_a to H_b on the straight way; exactly half a turn is a change of sign: up, then down. */
static double plain_turn(struct walk *walk, double complex a, double complex b)
{
    double cross = creal(a) * cimag(b) - cimag(a) * creal(b), dot = creal(a) * creal(b) + cimag(a) * cimag(b);
    double turn = atan2(cross, dot);
    if (dot < 0.0 && fabs(cross) <= 1e-9 * -dot) {
        turn = walk->flipped ? -TCONV_PI : TCONV_PI;
        walk->flipped = !walk->flipped;
    }
    return turn;
}

/* The turn of the phase of H from f = a to b, divided until H changes little from one end to the other. */
static double turn_between(struct walk *walk, double a, double complex at_a, double b, double complex at_b)
{
    bool on_a_line = creal(at_a) * cimag(at_b) == cimag(at_a) * creal(at_b);
    if (on_a_line || b - a < NARROWEST || walk->budget < 1.0
        || cabs(at_b - at_a) <= STEEP * fmin(cabs(at_a), cabs(at_b)))
        return plain_turn(walk, at_a, at_b);
    double middle = 0.5 * (a + b);
    walk->budget -= 1.0;
    double complex at_middle = tconv_evaluate(walk->evaluator, &middle);
    if (cabs(at_middle) == 0.0)
        return plain_turn(walk, at_a, at_b);
    return turn_between(walk, a, at_a, middle, at_middle) + turn_between(walk, middle, at_middle, b, at_b);
}

/* phase[j] of every `every`-th value, minus what the centre adds. */
static void unwrap(struct walk *walk, const struct line *line, const double complex *value, size_t n, size_t every,
                   size_t points, double *phase)
{
    double unwrapped = 0.0, before_f = 0.0;
    double complex before = 0.0;
    for (size_t j = 0; j <= (points - 1) * every; j++) {
        double f = (double)j / (double)n;
        bool vanishes = cabs(value[j]) < line->zero || cabs(value[j]) == 0.0;
        if (!vanishes) {
            double principal = carg(value[j]);
            unwrapped = cabs(before) == 0.0 ? principal : unwrapped + turn_between(walk, before_f, before, f, value[j]);
            unwrapped = principal + 2.0 * TCONV_PI * rint((unwrapped - principal) / (2.0 * TCONV_PI));   /* no drift */
            before = value[j];
            before_f = f;
        }
        if (j % every == 0)
            phase[j / every] = vanishes ? (double)NAN : unwrapped - 2.0 * TCONV_PI * f * line->centre;
    }
}

tconv_status tconv_phase_along(const tconv_geometry *geometry, const double *taps, size_t axis, size_t points, double *phase)
{
    struct line line = { 0 };
    struct walk walk = { 0 };
    tconv_status status = line_create(&line, geometry, taps, axis, points);
    if (status != TCONV_OK)
        return status;
    size_t length = line.step * (line.n_taps - 1) + 1, circle = tconv_response_circle(points), every = 1;
    while (circle * every < POINTS_PER_SAMPLE * length && 2 * circle * every <= MOST_POINTS)
        every *= 2;
    double complex *value = tconv_alloc(circle * every / 2 + 1, sizeof *value, &status);
    if (status == TCONV_OK)
        status = centred(&line, circle * every, value, NULL);
    if (status == TCONV_OK)
        status = tconv_evaluator_create(&walk.evaluator, &line.filter);
    if (status == TCONV_OK) {
        walk.budget = DIVISION_WORK / (double)line.n_taps;
        unwrap(&walk, &line, value, circle * every, every, points, phase);
    }
    tconv_evaluator_destroy(walk.evaluator);
    tconv_free(value);
    tconv_free(line.taps);
    return status;
}
