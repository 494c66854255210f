/* Welch's spectrum: SciPy's, Parseval, white noise, and the images of a zero-inserted signal. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "tconv.h"
#include "testing_vectors.h"

#define PI 3.14159265358979323846

static void welch_of_scipy_agrees(void)
{
    struct vectors *file = vectors_open("response.txt");
    double density[64];
    while (vectors_next(file, "welch")) {
        size_t n = (size_t)file->parameter[0], segment = (size_t)file->parameter[1];
        CHECK(tconv_welch(file->value, n, segment, density, NULL) == TCONV_OK);
        CHECK(file->n_values == n + segment / 2 + 1);
        for (size_t i = 0; i <= segment / 2; i++)
            CHECK_CLOSE("density", i, density[i], file->value[n + i], 1e-13 * (1.0 + file->value[n + i]));
    }
    vectors_close(file);
}

/* White noise of variance 1: K averaged segments scatter about 2 by 2 sqrt(c/K), c < 1.1 for half overlap under Hann
 * (Welch 1967); all bins within six of those. */
static void white_noise_has_density_two(void)
{
    enum { N = 1 << 16, SEGMENT = 256 };
    static double x[N], density[SEGMENT / 2 + 1];
    for (size_t i = 0; i < N; i++)
        x[i] = random_normal();
    CHECK(tconv_welch(x, N, SEGMENT, density, NULL) == TCONV_OK);
    double total = 0.0;
    for (size_t i = 0; i <= SEGMENT / 2; i++) {
        if (i > 1 && i + 1 < SEGMENT / 2)
            CHECK_CLOSE("density", i, density[i], 2.0, 6.0 * 2.0 * sqrt(1.1 / (2.0 * N / SEGMENT)));
        total += density[i] / SEGMENT;
    }
    CHECK_CLOSE("its integral is the mean power", 0, total, 1.0, 0.05);
}

/* Zero-insertion repeats the spectrum: with s-fold segments the densities at v/s + m/s are that of x at v, bin for bin, but for the
 * window, which falls on other samples: exact for a tone on a bin, where it is the same. */
static void zero_insertion_repeats_the_spectrum_s_times(void)
{
    enum { N = 1024, SEGMENT = 64 };
    static double x[N], stuffed[8 * N], density[SEGMENT / 2 + 1], images[4 * SEGMENT + 1];
    for (size_t s = 2; s <= 8; s++) {
        size_t tone = random_between(4, SEGMENT / 2 - 4), length[] = { N };
        for (size_t i = 0; i < N; i++)
            x[i] = cos(2.0 * PI * (double)(tone * i % SEGMENT) / SEGMENT);
        tconv_zero_insert_f64(1, &s, length, x, stuffed);
        CHECK(tconv_welch(x, N, SEGMENT, density, NULL) == TCONV_OK);
        CHECK(tconv_welch(stuffed, s * (N - 1) + 1, s * SEGMENT, images, NULL) == TCONV_OK);
        for (size_t m = 0; 2 * (tone + m * SEGMENT) < s * SEGMENT; m++) {
            size_t at = tone + m * SEGMENT;
            CHECK_CLOSE("a peak at every image", m, images[at] / images[tone], 1.0, 1e-12);
            CHECK(images[at] > 100.0 * images[at + 3]);
        }
    }
}

static void segments_that_do_not_fit_are_refused(void)
{
    double x[4] = { 1, 2, 3, 4 }, density[4];
    tconv_error error;
    CHECK(tconv_welch(x, 4, 5, density, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "a segment of 5 samples; it is 2 up to the signal's 4");
    CHECK(tconv_welch(x, 4, 1, density, &error) == TCONV_EARGUMENT);
    CHECK(tconv_welch(x, 4, 2, density, &error) == TCONV_OK);
}

const struct test_suite suite = { "signal", {
    { "SciPy's welch agrees", welch_of_scipy_agrees },
    { "white noise has density two", white_noise_has_density_two },
    { "zero-insertion repeats the spectrum s times", zero_insertion_repeats_the_spectrum_s_times },
    { "segments that do not fit are refused", segments_that_do_not_fit_are_refused },
    { NULL, NULL } } };
