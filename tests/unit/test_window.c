/* Windows and Kaiser's formulas against SciPy, and what every window must be. */
#include "testing_vectors.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "design/window.h"

/* Cosines and square roots are right to an ulp, a window is a sum of three of them; I0 adds up to some 500 positive terms. */
#define TOL_WINDOW (8.0 * DBL_EPSILON)
#define TOL_BESSEL (64.0 * DBL_EPSILON)

static void windows_are_those_of(const char *name)
{
    struct vectors *file = vectors_open(name);
    while (vectors_next(file, "window")) {
        tconv_window window = { (tconv_window_kind)(int)file->parameter[0], file->parameter[1] };
        double w[16];
        CHECK(file->n_values == (size_t)file->parameter[2]);
        tconv_window_fill(&window, file->n_values, w);
        for (size_t n = 0; n < file->n_values; n++)
            CHECK_CLOSE(tconv_window_text(window.kind), n, w[n], file->value[n],
                        window.kind == TCONV_WINDOW_KAISER ? TOL_BESSEL : TOL_WINDOW);
    }
    vectors_close(file);
}

static void windows_are_those_of_scipy(void) { windows_are_those_of("design.txt"); }
static void windows_are_those_of_octave(void) { windows_are_those_of("design-octave.txt"); }

static void bessel_i0_is_that_of_scipy(void)
{
    struct vectors *file = vectors_open("design.txt");
    while (vectors_next(file, "i0"))
        CHECK_CLOSE("i0", (size_t)file->parameter[0], tconv_bessel_i0(file->parameter[0]), file->value[0],
                    TOL_BESSEL * file->value[0]);
    vectors_close(file);
}

static void kaiser_formulas_are_those_of_scipy(void)
{
    struct vectors *file = vectors_open("design.txt");
    while (vectors_next(file, "kaiser_beta"))
        CHECK_CLOSE("beta", (size_t)file->parameter[0], tconv_kaiser_beta(file->parameter[0]), file->value[0], 1e-14);
    vectors_close(file);
    file = vectors_open("design.txt");
    while (vectors_next(file, "kaiserord")) {
        size_t n_taps = 0;
        double beta = 0.0;
        CHECK(tconv_kaiser_order(file->parameter[0], file->parameter[1], &n_taps, &beta, NULL) == TCONV_OK);
        CHECK(n_taps == (size_t)file->value[0]);
        CHECK_CLOSE("beta", 0, beta, file->value[1], 1e-14);
    }
    vectors_close(file);
    file = vectors_open("design.txt");
    while (vectors_next(file, "kaiser_atten"))
        CHECK_CLOSE("attenuation", 0, tconv_kaiser_attenuation((size_t)file->parameter[0], file->parameter[1]), file->value[0], 1e-12);
    vectors_close(file);
}

/* Octave answers A - 7.95 over 2.285 width rounded in its own order: the length is the same. */
static void kaiser_lengths_are_those_of_octave(void)
{
    struct vectors *file = vectors_open("design-octave.txt");
    while (vectors_next(file, "kaiserord")) {
        size_t n_taps = 0;
        double beta = 0.0;
        CHECK(tconv_kaiser_order(file->parameter[0], file->parameter[1], &n_taps, &beta, NULL) == TCONV_OK);
        CHECK_CLOSE("taps", 0, (double)n_taps, file->value[0], 0.0);
        CHECK_CLOSE("beta", 0, beta, file->value[1], 1e-12);
    }
    vectors_close(file);
}

static void every_window_is_symmetric_and_one_in_the_middle(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++) {
        tconv_window window = { (tconv_window_kind)random_between(0, TCONV_WINDOW_COUNT - 1), random_uniform(0.0, TCONV_MAX_KAISER_BETA) };
        double w[64];
        size_t k = random_between(1, 63);
        tconv_window_fill(&window, k, w);
        bool sound = true;
        for (size_t n = 0; n < k; n++)
            sound = sound && w[n] == w[k - 1 - n] && w[n] > -TOL_WINDOW && w[n] <= 1.0 + TOL_WINDOW;
        CHECK_MESSAGE(sound, "%s of %zu taps is symmetric and between 0 and 1", tconv_window_text(window.kind), k);
        if (k % 2 == 1)
            CHECK_CLOSE("middle", k, w[k / 2], 1.0, TOL_WINDOW);
    }
    tconv_window hann = { TCONV_WINDOW_HANN, 0.0 };
    CHECK(tconv_window_at(&hann, 1.5) == 0.0 && tconv_window_at(&hann, -2.0) == 0.0);
}

static void windows_are_found_by_name(void)
{
    for (int i = 0; i < (int)TCONV_WINDOW_COUNT; i++) {
        tconv_window_kind kind = TCONV_WINDOW_COUNT;
        CHECK(tconv_window_find(tconv_window_text((tconv_window_kind)i), &kind) && (int)kind == i);
    }
    tconv_window_kind kind = TCONV_WINDOW_HANN;
    CHECK(!tconv_window_find("han", &kind) && kind == TCONV_WINDOW_HANN);
    CHECK_TEXT(tconv_window_text(TCONV_WINDOW_COUNT), "unknown");
}

static void impossible_windows_are_refused(void)
{
    tconv_error error;
    size_t n_taps = 7;
    double beta = 7.0;
    const tconv_window bad[] = { { TCONV_WINDOW_KAISER, -1.0 }, { TCONV_WINDOW_KAISER, 501.0 }, { TCONV_WINDOW_KAISER, (double)NAN } };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(tconv_window_check(&bad[i], &error) == TCONV_EARGUMENT);
        CHECK_TEXT(error.message, "the beta of a kaiser window is out of range; 0 to 500 is allowed");
    }
    CHECK(tconv_window_check(&(tconv_window){ TCONV_WINDOW_COUNT, 0.0 }, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "there is no window number 5");
    CHECK(tconv_kaiser_order(7.9, 0.1, &n_taps, &beta, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "Kaiser's formula holds from an attenuation of 8 dB on");
    CHECK(tconv_kaiser_order(80.0, 0.0, &n_taps, &beta, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "the transition width is a fraction of the Nyquist frequency, above 0 and at most 1");
    CHECK(tconv_kaiser_order(80.0, 1e-12, &n_taps, &beta, &error) == TCONV_ESIZE);
    CHECK(n_taps == 7 && beta == 7.0);
}

const struct test_suite suite = { "window", {
    { "windows are those of SciPy", windows_are_those_of_scipy },
    { "windows are those of Octave", windows_are_those_of_octave },
    { "Kaiser lengths are those of Octave", kaiser_lengths_are_those_of_octave },
    { "the Bessel function is that of SciPy", bessel_i0_is_that_of_scipy },
    { "Kaiser's formulas are those of SciPy", kaiser_formulas_are_those_of_scipy },
    { "every window is symmetric and one in the middle", every_window_is_symmetric_and_one_in_the_middle },
    { "windows are found by name", windows_are_found_by_name },
    { "impossible windows are refused", impossible_windows_are_refused },
    { NULL, NULL } } };
