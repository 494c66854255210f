#include "least_squares.h"

#include <math.h>

#include "../core/constants.h"
#include "../core/memory.h"
#include "../core/sum.h"
#include "sinc.h"
#include "solve.h"

/* The free numbers are a_m in A(f) = sum_m a_m cos(2 pi f u_m), u_m = m for odd k, m + 1/2 for even k. */
struct problem {
    size_t n, p;                  /* unknowns, constraints */
    double offset;                /* u_0 */
    double *q, *b, *a;            /* Q a = b without constraints */
    double *c, *d;                /* C a = d, row-major p x n */
    double *z, *schur, *lambda;   /* Z = Q^-1 C^T (column i at z + i n), C Z, the multipliers */
};

/* integral of cos(2 pi f t) from 0 to f = sin(2 pi f t)/(2 pi t) = f sinc(2 f t) */
static double cosine_integral(double f, double t)
{
    return f * tconv_sinc(2.0 * f * t);
}

/* integral of f cos(2 pi f t): its antiderivative at f */
static double ramp_integral(double f, double t)
{
    if (t == 0.0)
        return f * f / 2.0;
    double w = 2.0 * TCONV_PI * t;
    return f * sin(w * f) / w + cos(w * f) / (w * w);
}

/* Q[m][n] = sum W integral cos(2 pi f u_m) cos(2 pi f u_n) = (F(u_m - u_n) + F(u_m + u_n))/2,  F(t) = sum W integral cos,
 * b[m]    = sum W integral D(f) cos(2 pi f u_m). Both differences are whole numbers of steps, so F is tabled. */
static tconv_status fill_normal_equations(struct problem *p, const tconv_band *bands, size_t n_bands)
{
    tconv_status status = TCONV_OK;
    size_t entries = 2 * p->n, shift = p->offset > 0.0 ? 1 : 0;
    double *table = tconv_alloc(entries, sizeof *table, &status);
    if (table == NULL)
        return status;
    for (size_t t = 0; t < entries; t++) {
        tconv_sum sum = { 0 };
        for (size_t i = 0; i < n_bands; i++)
            tconv_sum_add(&sum, bands[i].weight * (cosine_integral(bands[i].high, (double)t) - cosine_integral(bands[i].low, (double)t)));
        table[t] = tconv_sum_value(&sum);
    }
    for (size_t m = 0; m < p->n; m++) {
        double u = (double)m + p->offset;
        tconv_sum right = { 0 };
        for (size_t i = 0; i < n_bands; i++) {
            const tconv_band *band = &bands[i];
            double slope = (band->gain_high - band->gain_low) / (band->high - band->low), start = band->gain_low - slope * band->low;
            tconv_sum_add(&right, band->weight * start * (cosine_integral(band->high, u) - cosine_integral(band->low, u)));
            if (slope != 0.0)
                tconv_sum_add(&right, band->weight * slope * (ramp_integral(band->high, u) - ramp_integral(band->low, u)));
        }
        p->b[m] = tconv_sum_value(&right);
        for (size_t n = 0; n < p->n; n++)
            p->q[m * p->n + n] = 0.5 * (table[m > n ? m - n : n - m] + table[m + n + shift]);
    }
    tconv_free(table);
    return TCONV_OK;
}

static double constraint_gap(const struct problem *p, size_t i)
{
    tconv_sum sum = { .high = p->d[i] };
    for (size_t m = 0; m < p->n; m++)
        tconv_sum_add_product(&sum, -p->c[i * p->n + m], p->a[m]);
    return tconv_sum_value(&sum);
}

/* a += Z lambda with (C Z) lambda = d - C a; once for the minimum, once more against rounding. */
static tconv_status meet_constraints(struct problem *p, const tconv_cholesky *factor, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    for (size_t i = 0; i < p->p && status == TCONV_OK; i++)
        status = tconv_cholesky_solve(factor, p->c + i * p->n, p->z + i * p->n, error);
    for (size_t i = 0; i < p->p; i++)
        for (size_t j = 0; j < p->p; j++) {
            tconv_sum sum = { 0 };
            for (size_t m = 0; m < p->n; m++)
                tconv_sum_add_product(&sum, p->c[i * p->n + m], p->z[j * p->n + m]);
            p->schur[i * p->p + j] = tconv_sum_value(&sum);
        }
    for (int pass = 0; pass < 3 && status == TCONV_OK; pass++) {
        for (size_t i = 0; i < p->p; i++)
            p->lambda[i] = constraint_gap(p, i);
        status = tconv_solve_symmetric(p->schur, p->p, p->lambda, p->lambda, error);
        for (size_t i = 0; i < p->p; i++)
            for (size_t m = 0; m < p->n; m++)
                p->a[m] += p->z[i * p->n + m] * p->lambda[i];
    }
    double scale = 1.0;
    for (size_t i = 0; i < p->p; i++)
        scale = fmax(scale, fabs(p->d[i]));
    for (size_t i = 0; i < p->p && status == TCONV_OK; i++)
        if (!(fabs(constraint_gap(p, i)) <= 1e-9 * scale))
            status = tconv_fail(error, TCONV_EARGUMENT, "%zu gains cannot be had exactly with %zu free taps", p->p, p->n);
    return status;
}

static void problem_destroy(struct problem *p)
{
    tconv_free(p->q);
    tconv_free(p->b);
    tconv_free(p->a);
    tconv_free(p->c);
    tconv_free(p->d);
    tconv_free(p->z);
    tconv_free(p->schur);
    tconv_free(p->lambda);
}

static tconv_status problem_create(struct problem *p)
{
    tconv_status status = TCONV_OK;
    size_t rows = p->p > 0 ? p->p : 1, squares, all;
    if (!tconv_size_mul(p->n, p->n, &squares) || !tconv_size_mul(p->n, rows, &all))
        return TCONV_ESIZE;
    p->q = tconv_alloc(squares, sizeof *p->q, &status);
    if (status == TCONV_OK) p->b = tconv_alloc(p->n, sizeof *p->b, &status);
    if (status == TCONV_OK) p->a = tconv_alloc(p->n, sizeof *p->a, &status);
    if (status == TCONV_OK) p->c = tconv_alloc(all, sizeof *p->c, &status);
    if (status == TCONV_OK) p->d = tconv_alloc(rows, sizeof *p->d, &status);
    if (status == TCONV_OK) p->z = tconv_alloc(all, sizeof *p->z, &status);
    if (status == TCONV_OK) p->schur = tconv_alloc(rows * rows, sizeof *p->schur, &status);
    if (status == TCONV_OK) p->lambda = tconv_alloc(rows, sizeof *p->lambda, &status);
    return status;
}

size_t tconv_constraints_flat(size_t stride, size_t n_taps, tconv_constraint *constraints)
{
    size_t count = 0;
    constraints[count++] = (tconv_constraint){ 0.0, (double)stride };
    for (size_t m = 1; 2 * m <= stride; m++)
        if (2 * m < stride || n_taps % 2 == 1)
            constraints[count++] = (tconv_constraint){ (double)m / (double)stride, 0.0 };
    return count;
}

tconv_status tconv_least_squares_taps(const tconv_band *bands, size_t n_bands, size_t n_taps, const tconv_constraint *constraints,
                                      size_t n_constraints, double *taps, tconv_error *error)
{
    tconv_status status = tconv_bands_check(bands, n_bands, n_taps, error);
    if (status != TCONV_OK)
        return status;
    struct problem p = { .n = n_taps / 2 + n_taps % 2, .p = n_constraints, .offset = n_taps % 2 == 0 ? 0.5 : 0.0 };
    if (n_taps < 1 || p.p > p.n)
        return tconv_fail(error, TCONV_EARGUMENT, "%zu exact gains are too many for the %zu free taps of a symmetric filter of %zu",
                          p.p, p.n, n_taps);
    tconv_cholesky *factor = NULL;
    status = problem_create(&p);
    if (status == TCONV_OK)
        status = fill_normal_equations(&p, bands, n_bands);
    if (status != TCONV_OK) {
        problem_destroy(&p);
        return tconv_fail_plain(error, status);
    }
    for (size_t i = 0; i < p.p; i++) {
        p.d[i] = constraints[i].gain;
        for (size_t m = 0; m < p.n; m++)
            p.c[i * p.n + m] = cos(2.0 * TCONV_PI * constraints[i].freq_out * ((double)m + p.offset));
    }
    status = tconv_cholesky_create(&factor, p.q, p.n, error);
    if (status == TCONV_OK) status = tconv_cholesky_solve(factor, p.b, p.a, error);
    if (status == TCONV_OK && p.p > 0) status = meet_constraints(&p, factor, error);
    tconv_cholesky_destroy(factor);
    /* a_m counts the taps on both sides of the centre. */
    for (size_t m = 0; m < p.n && status == TCONV_OK; m++) {
        bool middle = m == 0 && n_taps % 2 == 1;
        taps[n_taps / 2 + m] = taps[n_taps - 1 - n_taps / 2 - m] = middle ? p.a[m] : 0.5 * p.a[m];
    }
    problem_destroy(&p);
    return status;
}
