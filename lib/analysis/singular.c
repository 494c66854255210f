#include "singular.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../core/memory.h"

#define CHECK_EVERY 4

static double complex inner(const double complex *a, const double complex *b, size_t n)
{
    double re = 0.0, im = 0.0;
    for (size_t i = 0; i < n; i++) {
        re += creal(a[i]) * creal(b[i]) + cimag(a[i]) * cimag(b[i]);
        im += creal(a[i]) * cimag(b[i]) - cimag(a[i]) * creal(b[i]);
    }
    return CMPLX(re, im);
}

static double normalise(double complex *v, size_t n)
{
    double length = sqrt(creal(inner(v, v, n)));
    for (size_t i = 0; i < n && length > 0.0; i++)
        v[i] /= length;
    return length;
}

/* w = A^H A v (rows long in between), or w = A A^H v where the matrix has fewer rows than columns. */
static void multiply(const double complex *a, size_t rows, size_t cols, bool wide, const double complex *v,
                     double complex *between, double complex *w)
{
    size_t n = wide ? rows : cols, m = wide ? cols : rows;
    memset(w, 0, n * sizeof *w);
    for (size_t j = 0; j < m; j++)
        between[j] = 0.0;
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < cols; c++) {
            double complex x = a[r * cols + c];
            if (wide)    /* between = A^H v */
                between[c] += CMPLX(creal(x) * creal(v[r]) + cimag(x) * cimag(v[r]), creal(x) * cimag(v[r]) - cimag(x) * creal(v[r]));
            else         /* between = A v */
                between[r] += CMPLX(creal(x) * creal(v[c]) - cimag(x) * cimag(v[c]), creal(x) * cimag(v[c]) + cimag(x) * creal(v[c]));
        }
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < cols; c++) {
            double complex x = a[r * cols + c];
            if (wide)    /* w = A between */
                w[r] += CMPLX(creal(x) * creal(between[c]) - cimag(x) * cimag(between[c]), creal(x) * cimag(between[c]) + cimag(x) * creal(between[c]));
            else         /* w = A^H between */
                w[c] += CMPLX(creal(x) * creal(between[r]) + cimag(x) * cimag(between[r]), creal(x) * cimag(between[r]) - cimag(x) * creal(between[r]));
        }
}

/* The largest eigenvalue of the symmetric tridiagonal matrix, by bisection with Sturm counts. */
static double largest_eigenvalue(const double *diagonal, const double *beside, size_t n)
{
    double low = 0.0, high = 0.0;
    for (size_t i = 0; i < n; i++) {
        double radius = (i > 0 ? beside[i - 1] : 0.0) + (i + 1 < n ? beside[i] : 0.0);
        low = fmax(low, diagonal[i]);
        high = fmax(high, diagonal[i] + radius);
    }
    for (int step = 0; step < 200 && high - low > 0.25 * DBL_EPSILON * high; step++) {
        double middle = 0.5 * (low + high), pivot = diagonal[0] - middle;
        bool above = pivot > 0.0;             /* an eigenvalue above the middle? */
        for (size_t i = 1; i < n && !above; i++) {
            pivot = diagonal[i] - middle - beside[i - 1] * beside[i - 1] / (pivot == 0.0 ? -DBL_MIN : pivot);
            above = pivot > 0.0;
        }
        if (above)
            low = middle;
        else
            high = middle;
        if (middle == low && middle == high)
            break;
    }
    return 0.5 * (low + high);
}

static void start_vector(double complex *v, size_t n)
{
    uint64_t state = 1;
    for (size_t i = 0; i < n; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        v[i] = 0.5 + (double)(state >> 40) * 0x1p-24;
    }
    normalise(v, n);
}

struct lanczos {
    double complex *basis, *between, *w;
    double *diagonal, *beside;
};

static void orthogonalise(double complex *w, const double complex *basis, size_t vectors, size_t n)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < vectors; k++) {
            double complex share = inner(basis + k * n, w, n);
            for (size_t i = 0; i < n; i++)
                w[i] -= CMPLX(creal(share) * creal(basis[k * n + i]) - cimag(share) * cimag(basis[k * n + i]),
                              creal(share) * cimag(basis[k * n + i]) + cimag(share) * creal(basis[k * n + i]));
        }
}

static double run_lanczos(const double complex *a, size_t rows, size_t cols, struct lanczos *work)
{
    bool wide = rows < cols;
    size_t n = wide ? rows : cols;
    double before = -1.0, largest = 0.0;
    start_vector(work->basis, n);
    for (size_t k = 0; k < n; k++) {
        double complex *v = work->basis + k * n;
        multiply(a, rows, cols, wide, v, work->between, work->w);
        work->diagonal[k] = creal(inner(v, work->w, n));
        orthogonalise(work->w, work->basis, k + 1, n);
        double rest = normalise(work->w, n);
        bool last = k + 1 == n || !(rest > DBL_EPSILON * largest);
        if (last || k % CHECK_EVERY == 0) {
            largest = largest_eigenvalue(work->diagonal, work->beside, k + 1);
            if (last || largest - before <= DBL_EPSILON * largest)
                break;
            before = largest;
        }
        work->beside[k] = rest;
        memcpy(v + n, work->w, n * sizeof *v);
    }
    return sqrt(fmax(largest, 0.0));
}

tconv_status tconv_largest_singular(const double complex *a, size_t rows, size_t cols, double *sigma)
{
    tconv_status status = TCONV_OK;
    size_t n = rows < cols ? rows : cols, m = rows < cols ? cols : rows, square;
    *sigma = 0.0;
    if (n == 0)
        return TCONV_OK;
    if (n == 1) {
        *sigma = sqrt(creal(inner(a, a, m)));
        return TCONV_OK;
    }
    if (!tconv_size_mul(n, n, &square))
        return TCONV_ESIZE;
    struct lanczos work = { NULL, NULL, NULL, NULL, NULL };
    work.basis = tconv_alloc(square, sizeof *work.basis, &status);
    work.between = tconv_alloc(m, sizeof *work.between, &status);
    work.w = tconv_alloc(n, sizeof *work.w, &status);
    work.diagonal = tconv_alloc(n, sizeof *work.diagonal, &status);
    work.beside = tconv_alloc(n, sizeof *work.beside, &status);
    if (status == TCONV_OK)
        *sigma = run_lanczos(a, rows, cols, &work);
    tconv_free(work.basis);
    tconv_free(work.between);
    tconv_free(work.w);
    tconv_free(work.diagonal);
    tconv_free(work.beside);
    return status;
}
