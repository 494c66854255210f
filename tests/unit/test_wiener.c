/* Wiener kernels: white is the sinc, brown is linear, the orthogonality principle, the error by its definition. */
#include "testing_vectors.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "design/interpolators.h"
#include "design/sinc.h"
#include "design/wiener.h"

#define MOST_TAPS 256

static void white_gives_the_sinc_without_a_window(void)
{
    const tconv_psd white = { TCONV_PSD_WHITE, 0.0, NULL, 0 };
    const tconv_window none = { TCONV_WINDOW_RECTANGULAR, 0.0 };
    double h[MOST_TAPS], want[MOST_TAPS];
    for (size_t s = 1; s <= 8; s++)
        for (size_t k = 1; k <= 50; k++) {
            CHECK(tconv_wiener_taps(&white, s, k, h, NULL, NULL) == TCONV_OK);
            tconv_sinc_taps(s, 1.0, &none, 0.0, k, want);
            for (size_t n = 0; n < k; n++)
                CHECK_CLOSE("sinc", n, h[n], want[n], 4.0 * DBL_EPSILON);
        }
}

/* With samples on both sides the best prediction of a random walk is the straight line; beyond the last sample, that sample.
 * k of 2s - (s mod 2) and more, of the same parity: the triangle in the middle of zeros. */
static void brown_gives_linear_interpolation(void)
{
    const tconv_psd brown = { TCONV_PSD_BROWN, 0.0, NULL, 0 };
    double h[MOST_TAPS], want[MOST_TAPS];
    for (size_t s = 1; s <= 12; s++)
        for (size_t k = 2 * s; k <= 9 * s; k++) {
            CHECK(tconv_wiener_taps(&brown, s, k, h, NULL, NULL) == TCONV_OK);
            tconv_interpolator_taps(TCONV_LINEAR, s, ((double)k - 1.0) / 2.0, k, want);
            for (size_t n = 0; n < k; n++)
                CHECK_CLOSE("triangle", n, h[n], want[n], 1e-13);
        }
    CHECK(tconv_wiener_taps(&brown, 4, 4, h, NULL, NULL) == TCONV_OK);
    for (size_t n = 0; n < 4; n++)
        CHECK_CLOSE("only one sample", n, h[n], 1.0, 1e-15);
    double mse = -1.0;   /* linear, s = 2, half-pixel: t = 1/4 between samples 2 apart: t (2 - t)/2 with t = 1/2: 3/8 */
    CHECK(tconv_wiener_taps(&brown, 2, 4, h, &mse, NULL) == TCONV_OK);
    CHECK_CLOSE("bridge variance", 0, mse, 0.375, 1e-14);
}

/* A spectrum and autocorrelation for the tests: ar1 plus a tone, damped so that it is short. */
static void measured(double *r, size_t count, double rho)
{
    for (size_t t = 0; t < count; t++)
        r[t] = (pow(rho, (double)t) + 0.5 * cos(0.9 * (double)t)) * exp(-1e-3 * (double)(t * t));
}

/* Octave solves the same normal equations by its own factorization. */
static void predictors_are_those_of_octave(void)
{
    struct vectors *file = vectors_open("design-octave.txt");
    double h[MOST_TAPS];
    while (vectors_next(file, "wiener")) {
        const tconv_psd psd = { TCONV_PSD_AR1, file->parameter[2], NULL, 0 };
        CHECK(tconv_wiener_taps(&psd, (size_t)file->parameter[0], (size_t)file->parameter[1], h, NULL, NULL) == TCONV_OK);
        for (size_t n = 0; n < file->n_values; n++)
            CHECK_CLOSE("tap", n, h[n], file->value[n], 1e-12);
    }
    vectors_close(file);
}

/* At whole lags a stored autocorrelation is what is stored; between them the band-limited signal through it. */
static void a_stored_correlation_is_interpolated_by_the_sinc(void)
{
    double r[20];
    const double pi = 3.14159265358979323846;
    measured(r, 20, 0.6);
    const tconv_psd psd = { TCONV_PSD_AUTOCORRELATION, 0.0, r, 20 };
    for (int twice = -50; twice <= 50; twice++) {
        double t = 0.5 * twice, want = 0.0;
        for (int l = -19; l <= 19; l++)
            want += r[abs(l)] * (t == (double)l ? 1.0 : sin(pi * (t - (double)l)) / (pi * (t - (double)l)));
        CHECK_CLOSE("r(t)", (size_t)(twice + 50), tconv_psd_correlation(&psd, 3, t), want, 1e-13);
    }
}

/* Every phase: E (target - estimate) x[i - m] = r(s m + q - c) - sum_m' r(s(m - m')) h[m'] = 0, relative to r(0). */
static void the_error_is_orthogonal_to_the_samples(void)
{
    double r[512], spectrum[129], h[MOST_TAPS];
    for (size_t round = 0; round < test_rounds(1000); round++) {
        size_t s = random_between(1, 9), k = random_between(1, 90);
        tconv_psd psd = { (tconv_psd_kind[]){ TCONV_PSD_WHITE, TCONV_PSD_AR1, TCONV_PSD_AUTOCORRELATION, TCONV_PSD_SPECTRUM }[round % 4],
                          random_uniform(0.0, 0.999), NULL, 0 };
        measured(r, 512, psd.rho);
        for (size_t i = 0; i < 129; i++)
            spectrum[i] = exp(-0.1 * (double)i * psd.rho) * random_uniform(0.0, 1.0);
        if (psd.kind == TCONV_PSD_AUTOCORRELATION) { psd.values = r; psd.count = 512; }
        if (psd.kind == TCONV_PSD_SPECTRUM) { psd.values = spectrum; psd.count = 129; }
        CHECK(tconv_wiener_taps(&psd, s, k, h, NULL, NULL) == TCONV_OK);
        double centre = ((double)k - 1.0) / 2.0, power = tconv_psd_correlation(&psd, s, 0.0);
        for (size_t n = 0; n < k; n++) {
            double left = tconv_psd_correlation(&psd, s, (double)n - centre), magnitude = fabs(left);
            for (size_t other = n % s; other < k; other += s) {
                left -= tconv_psd_correlation(&psd, s, (double)n - (double)other) * h[other];
                magnitude += fabs(tconv_psd_correlation(&psd, s, (double)n - (double)other) * h[other]);
            }
            CHECK_CLOSE("orthogonality", n, left / power, 0.0, 1e-10);
            CHECK(magnitude >= 0.0);
        }
    }
}

/* The error by simulation of the definition's expectations: y a sum of cosines of random phases with the given spectrum has
 * E y[n] y[n+t] = r(t), so the mean over phases is a sum over the bins of |sum_m h_q[m] e^(-2 pi i f s m) - e^(2 pi i f (q - c))|^2. */
static void the_error_is_that_of_its_definition(void)
{
    double spectrum[33], h[MOST_TAPS];
    for (size_t round = 0; round < test_rounds(1000); round++) {
        size_t s = random_between(1, 6), k = random_between(1, 40);
        double power = 0.0, want = 0.0, centre = random_uniform(0.0, (double)k), mse = -1.0;
        for (size_t i = 0; i <= 32; i++)
            spectrum[i] = random_uniform(0.0, 1.0);
        random_taps(h, k);
        for (size_t i = 0; i <= 32; i++) {
            double weight = i == 0 || i == 32 ? 0.5 * spectrum[i] : spectrum[i], w = 2.0 * 3.14159265358979323846 * (double)i / 64.0;
            power += weight;
            for (size_t q = 0; q < s; q++) {
                double re = -cos(w * ((double)q - centre)), im = -sin(w * ((double)q - centre));
                for (size_t n = q; n < k; n += s) {
                    re += h[n] * cos(w * (double)(n - q));
                    im -= h[n] * sin(w * (double)(n - q));
                }
                want += weight * (re * re + im * im) / (double)s;
            }
        }
        const tconv_psd psd = { TCONV_PSD_SPECTRUM, 0.0, spectrum, 33 };
        CHECK(tconv_prediction_error(&psd, s, h, k, centre, &mse, NULL) == TCONV_OK);
        CHECK_CLOSE("mse", round, mse, want / power, 1e-11 * (1.0 + want / power));
    }
}

/* No other kernel does better; and more taps never do worse if the centre stays (k + 2s keeps it and adds to both ends). */
static void no_other_kernel_does_better(void)
{
    double h[MOST_TAPS], other[MOST_TAPS];
    for (size_t round = 0; round < test_rounds(1000); round++) {
        const tconv_psd psd = { TCONV_PSD_AR1, random_uniform(0.0, 0.99), NULL, 0 };
        size_t s = random_between(1, 5), k = random_between(1, 40);
        double best, changed, longer;
        CHECK(tconv_wiener_taps(&psd, s, k, h, &best, NULL) == TCONV_OK);
        for (size_t n = 0; n < k; n++)
            other[n] = h[n] + random_uniform(-1e-3, 1e-3);
        CHECK(tconv_prediction_error(&psd, s, other, k, ((double)k - 1.0) / 2.0, &changed, NULL) == TCONV_OK);
        CHECK(changed > best);
        CHECK(tconv_wiener_taps(&psd, s, k + 2 * s, h, &longer, NULL) == TCONV_OK);
        CHECK(longer <= best + 1e-14);
    }
}

static void a_random_walk_needs_branch_sums_of_one(void)
{
    const tconv_psd brown = { TCONV_PSD_BROWN, 0.0, NULL, 0 };
    double mse;
    CHECK(tconv_prediction_error(&brown, 2, (double[]){ 0.25, 0.75, 0.75, 0.25 }, 4, 1.5, &mse, NULL) == TCONV_OK);
    CHECK_CLOSE("mse", 0, mse, 0.375, 1e-14);
    CHECK(tconv_prediction_error(&brown, 2, (double[]){ 0.25, 0.75, 0.75, 0.26 }, 4, 1.5, &mse, NULL) == TCONV_OK);
    CHECK(isinf(mse));
}

static void impossible_spectra_are_refused(void)
{
    static const double negative[] = { 1.0, -1.0, 1.0 }, nothing[] = { 0.0, 0.0 }, large[] = { 1.0, 2.0 };
    static const struct { tconv_psd psd; size_t s, k; const char *message; } cases[] = {
        { { TCONV_PSD_AR1, 1.0, NULL, 0 }, 2, 4, "the correlation of an ar1 signal is out of range; 0 <= rho < 1 is allowed" },
        { { TCONV_PSD_AR1, -0.5, NULL, 0 }, 2, 4, "the correlation of an ar1 signal is out of range; 0 <= rho < 1 is allowed" },
        { { TCONV_PSD_AUTOCORRELATION, 0.0, NULL, 0 }, 2, 4, "an autocorrelation begins with the signal's power, which is positive" },
        { { TCONV_PSD_AUTOCORRELATION, 0.0, large, 2 }, 2, 2, "the autocorrelation at lag 1 exceeds that at lag 0" },
        { { TCONV_PSD_AUTOCORRELATION, 0.0, large, 1 }, 2, 4, "the autocorrelation has 1 lags; a kernel of 4 taps needs that many" },
        { { TCONV_PSD_SPECTRUM, 0.0, negative, 3 }, 2, 4, "the power spectrum at bin 1 is negative or not finite" },
        { { TCONV_PSD_SPECTRUM, 0.0, nothing, 2 }, 2, 4, "a power spectrum has 2 bins or more, and some power" },
        { { TCONV_PSD_BROWN, 0.0, NULL, 0 }, 4, 3, "3 taps leave phases of stride 4 empty: the error for a random walk has no bound; 4 taps or more are needed" },
        { { TCONV_PSD_WHITE, 0.0, NULL, 0 }, 0, 3, "stride 0 and 3 taps: both are 1 or more" },
        { { (tconv_psd_kind)9, 0.0, NULL, 0 }, 2, 3, "there is no signal model number 9" },
    };
    double h[MOST_TAPS];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tconv_error error;
        CHECK(tconv_wiener_taps(&cases[i].psd, cases[i].s, cases[i].k, h, NULL, &error) == TCONV_EARGUMENT);
        CHECK_TEXT(error.message, cases[i].message);
    }
}

const struct test_suite suite = { "wiener", {
    { "white gives the sinc without a window", white_gives_the_sinc_without_a_window },
    { "brown gives linear interpolation", brown_gives_linear_interpolation },
    { "predictors are those of Octave", predictors_are_those_of_octave },
    { "a stored correlation is interpolated by the sinc", a_stored_correlation_is_interpolated_by_the_sinc },
    { "the error is orthogonal to the samples", the_error_is_orthogonal_to_the_samples },
    { "the error is that of its definition", the_error_is_that_of_its_definition },
    { "no other kernel does better", no_other_kernel_does_better },
    { "a random walk needs branch sums of one", a_random_walk_needs_branch_sums_of_one },
    { "impossible spectra are refused", impossible_spectra_are_refused },
    { NULL, NULL } } };
