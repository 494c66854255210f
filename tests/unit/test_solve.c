/* Symmetric systems: residuals, exactness on hard matrices, refusals. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "design/solve.h"

#define MOST 24

/* A = B^T B + I is positive definite with a condition number of a few hundred: x is right to that many eps. */
static void random_systems_are_solved(void)
{
    double b_matrix[MOST][MOST], a[MOST * MOST], x[MOST], want[MOST], right[MOST];
    for (size_t round = 0; round < test_rounds(1000); round++) {
        size_t n = random_between(1, MOST);
        random_taps(&b_matrix[0][0], MOST * MOST);
        random_taps(want, n);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                a[i * n + j] = i == j ? 1.0 : 0.0;
                for (size_t l = 0; l < n; l++)
                    a[i * n + j] += b_matrix[l][i] * b_matrix[l][j];
            }
        for (size_t i = 0; i < n; i++) {
            right[i] = 0.0;
            for (size_t j = 0; j < n; j++)
                right[i] += a[i * n + j] * want[j];
        }
        CHECK(tconv_solve_symmetric(a, n, right, x, NULL) == TCONV_OK);
        for (size_t i = 0; i < n; i++)
            CHECK_CLOSE("x", i, x[i], want[i], 1e-12);
    }
}

/* The Hilbert matrix of order 10, scaled to whole numbers so that it is exact: condition 1.6e13. x = (1, .., 1) has a
 * right side that is exact too, so refinement must find it, where plain elimination is off by 1e-4. */
static void a_hilbert_matrix_is_solved_by_refinement(void)
{
    enum { N = 10 };
    const double multiple = 232792560.0;   /* lcm of 1..19 */
    double a[N * N], right[N], x[N];
    for (size_t i = 0; i < N; i++) {
        right[i] = 0.0;
        for (size_t j = 0; j < N; j++) {
            a[i * N + j] = multiple / (double)(i + j + 1);
            right[i] += a[i * N + j];
        }
    }
    CHECK(tconv_solve_symmetric(a, N, right, x, NULL) == TCONV_OK);
    for (size_t i = 0; i < N; i++)
        CHECK_CLOSE("x", i, x[i], 1.0, 1e-10);
}

static void a_singular_system_that_can_be_met_is_met(void)
{
    const double a[] = { 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0 }, right[] = { 2.0, 2.0, 0.0 };
    double x[3];
    CHECK(tconv_solve_symmetric(a, 3, right, x, NULL) == TCONV_OK);
    CHECK_CLOSE("residual", 0, x[0] + x[1], 2.0, 1e-14);
    CHECK(x[2] == 0.0);
}

static void an_indefinite_matrix_is_refused(void)
{
    tconv_error error;
    double x[2];
    CHECK(tconv_solve_symmetric((double[]){ 1.0, 2.0, 2.0, 1.0 }, 2, (double[]){ 1.0, 1.0 }, x, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "the system of 2 equations is not positive definite");
    CHECK(tconv_solve_symmetric((double[]){ 1.0, 0.0, 0.0, -1.0 }, 2, (double[]){ 1.0, 1.0 }, x, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "the system of equations is not positive: diagonal element 1");
}

const struct test_suite suite = { "solve", {
    { "random systems are solved", random_systems_are_solved },
    { "a Hilbert matrix is solved by refinement", a_hilbert_matrix_is_solved_by_refinement },
    { "a singular system that can be met is met", a_singular_system_that_can_be_met_is_met },
    { "an indefinite matrix is refused", an_indefinite_matrix_is_refused },
    { NULL, NULL } } };
