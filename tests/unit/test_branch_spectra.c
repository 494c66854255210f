/* Magnitude and delay of the branches: the ideal interpolator, the figures' extrema, and the branch's own response. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "tconv.h"

#define PI 3.14159265358979323846
#define MOST_TAPS 256
#define MOST_VALUES 8192

static tconv_geometry line_of(size_t k, size_t s)
{
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0].n_taps = k;
    g.axis[0].stride = s;
    return g;
}

/* A lone tap at n = s i + q is a branch of delay i and magnitude |h|; shifting a kernel by one moves each branch on. */
static void a_pure_delay_is_one(void)
{
    double taps[MOST_TAPS], magnitude[64], delay[64], error[64];
    for (size_t round = 0; round < test_rounds(1000); round++) {
        size_t k = random_between(1, 60), s = random_between(1, 6), at = random_between(0, k - 1);
        tconv_geometry g = line_of(k, s);
        memset(taps, 0, sizeof taps);
        taps[at] = random_uniform(0.5, 2.0) * (random_bits() % 2 == 0 ? 1.0 : -1.0);
        CHECK(tconv_branch_spectra(&g, taps, 0, 9, magnitude, delay, error) == TCONV_OK);
        for (size_t q = 0; q < s; q++)
            for (size_t j = 0; j < 9; j++) {
                if (at % s != q) {
                    CHECK(magnitude[q * 9 + j] == 0.0 && isnan(delay[q * 9 + j]) && isnan(error[q * 9 + j]));
                    continue;
                }
                CHECK_CLOSE("magnitude", j, magnitude[q * 9 + j], fabs(taps[at]), 8.0 * DBL_EPSILON * fabs(taps[at]));
                CHECK_CLOSE("delay", j, delay[q * 9 + j], (double)(at / s), 64.0 * DBL_EPSILON * (double)(at / s + 1));
                CHECK_CLOSE("its own mean", j, error[q * 9 + j], 0.0, 64.0 * DBL_EPSILON * (double)(at / s + 1));
            }
    }
}

/* sinc of 64 s taps under a Hann window: over half the band each branch is all-pass to 1e-4 with the delay c/s - q/s. */
static void a_long_windowed_sinc_has_all_pass_branches_with_the_ideal_delays(void)
{
    static double taps[64 * 5], magnitude[5 * 33], delay[5 * 33], error[5 * 33];
    for (size_t s = 2; s <= 5; s++) {
        size_t k = 64 * s;
        double c = 0.5 * (double)(k - 1);
        tconv_geometry g = line_of(k, s);
        for (size_t n = 0; n < k; n++) {
            double t = PI * ((double)n - c) / (double)s;
            taps[n] = sin(t) / t * (0.5 - 0.5 * cos(2.0 * PI * ((double)n + 0.5) / (double)k));
        }
        CHECK(tconv_branch_spectra(&g, taps, 0, 33, magnitude, delay, error) == TCONV_OK);
        for (size_t q = 0; q < s; q++)
            for (size_t j = 0; j <= 16; j++) {
                CHECK_CLOSE("magnitude", j, magnitude[q * 33 + j], 1.0, 1e-4);
                CHECK_CLOSE("delay", j, delay[q * 33 + j], c / (double)s - (double)q / (double)s, 1e-3);
                CHECK_CLOSE("error", j, error[q * 33 + j], 0.0, 1e-3);
            }
    }
}

/* The figures' extrema are taken over the same curves: on 401 points the curve reaches them to a part in a hundred. */
static void the_figures_are_the_extrema_of_these_curves(void)
{
    static double magnitude[MOST_VALUES], delay[MOST_VALUES], error[MOST_VALUES];
    enum { POINTS = 401 };
    size_t compared = 0;
    for (size_t round = 0; round < test_rounds(100); round++) {
        size_t s = random_between(2, 5), k = s * random_between(2, 4);
        tconv_geometry g = line_of(k, s);
        tconv_kernel *kernel;
        tconv_figures *figures;
        CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
        for (size_t n = 0; n < k; n++)
            kernel->taps[n] = (n / s == 1 ? 1.0 : 0.0) + random_uniform(-0.3, 0.3);
        CHECK(tconv_figures_create(&figures, kernel, NULL, NULL) == TCONV_OK);
        CHECK(tconv_branch_spectra(&g, kernel->taps, 0, POINTS, magnitude, delay, error) == TCONV_OK);
        for (size_t q = 0; q < s; q++) {
            double largest = 0.0;
            for (size_t j = 0; j <= 320; j++)      /* 0.8/2 */
                largest = fmax(largest, fabs(error[q * POINTS + j]));
            if (isnan(figures->branches[q].delay_error[0]))
                continue;
            compared++;
            CHECK_CLOSE("delay error", round, largest, figures->branches[q].delay_error[0],
                        0.01 * figures->branches[q].delay_error[0] + 1e-9);
            CHECK_CLOSE("delay at 0", round, delay[q * POINTS], figures->branches[q].branch.delay[0], 1e-12);
        }
        tconv_figures_destroy(figures);
        tconv_kernel_destroy(kernel);
    }
    CHECK(compared > 20);
}

static void along_an_axis_of_a_product_they_are_those_of_that_axis(void)
{
    double a[6], b[4], taps[24], whole_magnitude[6 * 9], whole_delay[6 * 9], whole_error[6 * 9];
    double magnitude[3 * 9], delay[3 * 9], error[3 * 9];
    for (size_t round = 0; round < test_rounds(300); round++) {
        tconv_geometry g = tconv_geometry_default(2), one = line_of(6, 3);
        g.axis[0] = one.axis[0];
        g.axis[1] = (tconv_axis){ .stride = 2, .n_taps = 4, .dilation = 1 };
        for (size_t i = 0; i < 6; i++)
            a[i] = random_uniform(0.1, 1.0);
        for (size_t i = 0; i < 4; i++)
            b[i] = random_uniform(0.1, 1.0);
        for (size_t i = 0; i < 24; i++)
            taps[i] = a[i / 4] * b[i % 4];
        CHECK(tconv_branch_spectra(&g, taps, 0, 9, whole_magnitude, whole_delay, whole_error) == TCONV_OK);
        CHECK(tconv_branch_spectra(&one, a, 0, 9, magnitude, delay, error) == TCONV_OK);
        for (size_t q = 0; q < 6; q++)
            for (size_t j = 0; j < 9; j++) {
                double gain = b[q % 2] + b[q % 2 + 2];
                CHECK_CLOSE("magnitude", j, whole_magnitude[q * 9 + j], gain * magnitude[q / 2 * 9 + j], 1e-13);
                if (magnitude[q / 2 * 9 + j] > 1e-3) {
                    CHECK_CLOSE("delay", j, whole_delay[q * 9 + j], delay[q / 2 * 9 + j], 1e-9);
                    CHECK_CLOSE("error", j, whole_error[q * 9 + j], error[q / 2 * 9 + j], 1e-9);
                }
            }
    }
}

static void bad_arguments_are_refused(void)
{
    double taps[2] = { 1, 1 }, work[32];
    tconv_geometry g = line_of(2, 2);
    CHECK(tconv_branch_spectra(&g, taps, 1, 4, work, work + 8, work + 16) == TCONV_EARGUMENT);
    CHECK(tconv_branch_spectra(&g, taps, 0, 1, work, work + 8, work + 16) == TCONV_EARGUMENT);
}

const struct test_suite suite = { "branch_spectra", {
    { "a pure delay is one", a_pure_delay_is_one },
    { "a long windowed sinc has all-pass branches with the ideal delays",
      a_long_windowed_sinc_has_all_pass_branches_with_the_ideal_delays },
    { "the figures are the extrema of these curves", the_figures_are_the_extrema_of_these_curves },
    { "along an axis of a product they are those of that axis", along_an_axis_of_a_product_they_are_those_of_that_axis },
    { "bad arguments are refused", bad_arguments_are_refused },
    { NULL, NULL } } };
