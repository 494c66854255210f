#include "solve.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/sum.h"

#define REFINEMENTS 8

struct tconv_cholesky {
    size_t n;
    const double *matrix;
    double *scale;    /* 1/sqrt(A[i][i]), 0 for an empty row */
    double *lower;    /* L of the scaled matrix, row-major */
};

/* L L^T = D A D + ridge. False at a pivot that is not positive. */
static bool factorize(tconv_cholesky *f, double ridge)
{
    size_t n = f->n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double *row = f->lower + i * n, *other = f->lower + j * n;
            double value = f->matrix[i * n + j] * f->scale[i] * f->scale[j];
            if (i == j)
                value = f->scale[i] > 0.0 ? 1.0 + ridge : 1.0;
            for (size_t l = 0; l < j; l++)
                value -= row[l] * other[l];
            if (i != j)
                row[j] = value / other[j];
            else if (value > (double)n * DBL_EPSILON)
                row[j] = sqrt(value);
            else
                return false;
        }
    return true;
}

tconv_status tconv_cholesky_create(tconv_cholesky **factor, const double *matrix, size_t n, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    size_t count = 0;
    *factor = NULL;
    if (!tconv_size_mul(n, n, &count))
        return tconv_fail_plain(error, TCONV_ESIZE);
    for (size_t i = 0; i < n; i++)
        if (!(matrix[i * n + i] >= 0.0) || isinf(matrix[i * n + i]))
            return tconv_fail(error, TCONV_EARGUMENT, "the system of equations is not positive: diagonal element %zu", i);
    tconv_cholesky *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made != NULL) {
        made->n = n;
        made->matrix = matrix;
        made->scale = tconv_alloc(n, sizeof *made->scale, &status);
        if (status == TCONV_OK) made->lower = tconv_alloc(count, sizeof *made->lower, &status);
    }
    if (status != TCONV_OK) {
        tconv_cholesky_destroy(made);
        return tconv_fail_plain(error, status);
    }
    for (size_t i = 0; i < n; i++)
        made->scale[i] = matrix[i * n + i] > 0.0 ? 1.0 / sqrt(matrix[i * n + i]) : 0.0;
    bool done = factorize(made, 0.0);
    /* Rounding moves the eigenvalues of the scaled matrix by up to about n^2 eps (Higham 2002, theorem 10.5). */
    for (double ridge = 4.0 * (double)n * DBL_EPSILON; !done && ridge < 1e-6; ridge *= 8.0)
        done = factorize(made, ridge);
    if (!done) {
        tconv_cholesky_destroy(made);
        return tconv_fail(error, TCONV_EARGUMENT, "the system of %zu equations is not positive definite", n);
    }
    *factor = made;
    return TCONV_OK;
}

void tconv_cholesky_destroy(tconv_cholesky *factor)
{
    if (factor == NULL)
        return;
    tconv_free(factor->scale);
    tconv_free(factor->lower);
    tconv_free(factor);
}

/* v = D (L L^T)^-1 D v: forward, then backward substitution. */
static void substitute(const tconv_cholesky *f, double *v)
{
    size_t n = f->n;
    for (size_t i = 0; i < n; i++) {
        double value = v[i] * f->scale[i];
        for (size_t l = 0; l < i; l++)
            value -= f->lower[i * n + l] * v[l];
        v[i] = value / f->lower[i * n + i];
    }
    for (size_t i = n; i-- > 0;) {
        v[i] /= f->lower[i * n + i];
        for (size_t l = 0; l < i; l++)
            v[l] -= f->lower[i * n + l] * v[i];
    }
    for (size_t i = 0; i < n; i++)
        v[i] *= f->scale[i];
}

/* r = b - A x in twice the working precision; returns the largest |r_i| scale_i. */
static double residual(const tconv_cholesky *f, const double *b, const double *x, double *r)
{
    size_t n = f->n;
    double largest = 0.0;
    for (size_t i = 0; i < n; i++) {
        tconv_sum sum = { .high = b[i] };
        for (size_t j = 0; j < n; j++)
            tconv_sum_add_product(&sum, j <= i ? -f->matrix[i * n + j] : -f->matrix[j * n + i], x[j]);
        r[i] = tconv_sum_value(&sum);
        largest = fmax(largest, fabs(r[i]) * f->scale[i]);
    }
    return largest;
}

tconv_status tconv_cholesky_solve(const tconv_cholesky *factor, const double *b, double *x, tconv_error *error)
{
    size_t n = factor->n;
    tconv_status status = TCONV_OK;
    double *work = tconv_alloc(3 * n, sizeof *work, &status);
    if (work == NULL)
        return tconv_fail_plain(error, status);
    double *right = work, *best = work + n, *step = work + 2 * n;
    memcpy(right, b, n * sizeof *right);
    memcpy(best, b, n * sizeof *best);
    substitute(factor, best);
    double least = residual(factor, right, best, step);
    for (int round = 0; round < REFINEMENTS && least > 0.0; round++) {
        substitute(factor, step);
        for (size_t i = 0; i < n; i++)
            x[i] = best[i] + step[i];
        double left = residual(factor, right, x, step);
        if (!(left < least))
            break;
        least = left;
        memcpy(best, x, n * sizeof *best);
    }
    memcpy(x, best, n * sizeof *x);
    tconv_free(work);
    return TCONV_OK;
}

tconv_status tconv_solve_symmetric(const double *matrix, size_t n, const double *b, double *x, tconv_error *error)
{
    tconv_cholesky *factor;
    tconv_status status = tconv_cholesky_create(&factor, matrix, n, error);
    if (status == TCONV_OK)
        status = tconv_cholesky_solve(factor, b, x, error);
    tconv_cholesky_destroy(factor);
    return status;
}
