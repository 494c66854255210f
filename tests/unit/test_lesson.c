/* Lessons: where x lies against y, borders left out, what decimation keeps, and the kernels that theory predicts for them. */
#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/signal.h"
#include "core/constants.h"
#include "core/memory.h"
#include "design/sinc.h"
#include "design/wiener.h"
#include "learn/baseline.h"
#include "learn/learn.h"

#define MOST ((size_t)1 << 17)

static double large[MOST];
static const double box[16] = { 0.25, 0.25, 0.25, 0.25 };

static tconv_geometry layer(size_t ndim, size_t s, size_t k, size_t d, int64_t pb)
{
    tconv_geometry g = tconv_geometry_default(ndim);
    for (size_t i = 0; i < ndim; i++)
        g.axis[i] = (tconv_axis){ .stride = s, .n_taps = k, .dilation = d, .pad_begin = pb, .pad_end = (int64_t)(d * (k - 1) + 1) - (int64_t)s - pb };
    return g;
}

/* large[n] = n along one axis: then y says where it lies, and so does x, for every filter of gain 1 that is symmetric. A tap r
 * that leads from x[i] to y[j] says how far they are apart: y[j] - x[i] = d r - centre. And no output lacks an input. */
static void check_axis(const tconv_lesson *lesson, size_t axis, size_t round)
{
    const tconv_geometry *g = &lesson->signals.geometry;
    const tconv_axis *a = &g->axis[axis];
    size_t n_out[TCONV_MAX_NDIM], inner_x = 1, inner_y = 1, n_in = lesson->signals.n_in[axis];
    for (size_t i = 0; i < g->ndim; i++)
        CHECK(tconv_axis_output_size(&g->axis[i], lesson->signals.n_in[i], &n_out[i], NULL) == TCONV_OK);
    for (size_t i = axis + 1; i < g->ndim; i++) {
        inner_x *= lesson->signals.n_in[i];
        inner_y *= n_out[i];
    }
    for (size_t j = 0; j < n_out[axis]; j++)
        for (size_t r = 0; r < a->n_taps; r++) {
            int64_t at = (int64_t)j + a->pad_begin - (int64_t)(a->dilation * r), i = at / (int64_t)a->stride;
            if (at % (int64_t)a->stride != 0)
                continue;
            CHECK_MESSAGE(at >= 0 && i < (int64_t)n_in, "round %zu: output %zu lacks the input of tap %zu", round, j, r);
            if (at >= 0 && i < (int64_t)n_in)
                CHECK_CLOSE("distance", round, lesson->signals.y[j * inner_y] - lesson->signals.x[(size_t)i * inner_x],
                            (double)(a->dilation * r) - lesson->centre[axis], 1e-9);
        }
}

static void x_lies_where_the_centre_says(void)
{
    size_t made = 0;
    for (size_t round = 0; round < test_rounds(400); round++) {
        size_t ndim = random_between(1, 3), s = random_between(1, 4), k = random_between(1, 7), d = random_between(1, 2);
        tconv_geometry g = layer(ndim, s, k, d, (int64_t)random_between(0, 12) - 4);
        size_t n = ndim == 1 ? 400 : ndim == 2 ? 220 : 40, shape[TCONV_MAX_NDIM] = { 1, 1, 1 }, axis = random_between(0, ndim - 1);
        size_t inner = 1, all = 1;
        for (size_t i = 0; i < ndim; i++) {
            shape[i] = n - random_between(0, 5);
            all *= shape[i];
            inner *= i > axis ? shape[i] : 1;
        }
        for (size_t j = 0; j < all; j++)
            large[j] = (double)(j / inner % shape[axis]);
        double even[16];
        for (size_t t = 0; t < k; t++)
            even[t] = 1.0 / (double)k;
        tconv_downsampling how = { .kind = (tconv_down_kind)random_between(0, 2), .filter = { even, even, even } };
        if (ndim == 3 && how.kind == TCONV_DOWN_DECIMATE)
            how.kind = TCONV_DOWN_KEEP;           /* its filter would be longer than these lines */
        tconv_lesson *lesson;
        tconv_error error;
        tconv_status status = tconv_lesson_create(&lesson, &g, &how, large, shape, &error);
        CHECK_MESSAGE(status == TCONV_OK, "%s", error.message);
        if (status == TCONV_OK) {
            check_axis(lesson, axis, round);
            made++;
        }
        tconv_lesson_destroy(lesson);
    }
    CHECK(made > 0);
}

/* As many outputs as can be: one more at either end would lack an input or lie beyond the signal. */
static void no_output_is_wasted(void)
{
    const tconv_geometry g = layer(1, 2, 4, 1, 1);
    tconv_lesson *lesson;
    size_t n_out = 0;
    random_taps(large, 100);
    CHECK(tconv_lesson_create(&lesson, &g, &(tconv_downsampling){ .kind = TCONV_DOWN_KEEP }, large, (size_t[]){ 100 }, NULL) == TCONV_OK);
    CHECK(lesson->signals.n_in[0] == 50 && lesson->signals.x[0] == large[0] && lesson->signals.x[49] == large[98]);
    CHECK(tconv_axis_output_size(&lesson->signals.geometry.axis[0], 50, &n_out, NULL) == TCONV_OK && n_out == 97);
    CHECK(lesson->signals.y[0] == large[2] && lesson->signals.y[96] == large[98]);      /* y[1] lacks x[-1], y[99] lacks x[50] */
    tconv_lesson_destroy(lesson);
}

/* A tone below 0.8/(2s) comes through at its size, one beyond 1/(2s) is 60 dB down. */
static void decimation_keeps_the_band_and_nothing_else(void)
{
    for (size_t s = 2; s <= 5; s++)
        for (int above = 0; above < 2; above++)
            for (size_t k = 2 * s; k <= 2 * s + 1; k++) {
                const tconv_geometry g = layer(1, s, k, 1, (int64_t)(k - s) / 2);
                double f = (above ? 1.02 : 0.78) / (2.0 * (double)s), largest = 0.0;
                tconv_lesson *lesson;
                for (size_t n = 0; n < 6000; n++)
                    large[n] = cos(2.0 * TCONV_PI * f * (double)n);
                CHECK(tconv_lesson_create(&lesson, &g, &(tconv_downsampling){ .kind = TCONV_DOWN_DECIMATE }, large, (size_t[]){ 6000 }, NULL) == TCONV_OK);
                for (size_t i = 0; i < lesson->signals.n_in[0]; i++)
                    largest = fmax(largest, fabs(lesson->signals.x[i]));
                CHECK_CLOSE("tone", s, largest, above ? 0.0 : 1.0, above ? 1.5e-3 : 5e-3);   /* 60 dB, and how near samples come to a crest */
                tconv_lesson_destroy(lesson);
            }
}

static void make_noise(size_t n, double rho, double mean)
{
    double y = 0.0;
    for (size_t j = 0; j < n; j++) {
        y = rho * y + sqrt(1.0 - rho * rho) * random_normal();
        large[j] = y + mean;
    }
}

/* With every s-th sample kept, an odd kernel and no mean the prediction is design's, for the same spectrum. */
static void the_prediction_is_the_wiener_kernel(void)
{
    enum { N = 4096, K = 13 };
    static double values[N / 2 + 1];
    double taps[K], want[K];
    tconv_lesson *lesson;
    const tconv_geometry g = layer(1, 3, K, 1, 5);
    make_noise(N, 0.9, 0.0);
    double sum = 0.0;
    for (size_t j = 0; j < N; j++)
        sum += large[j] / N;
    for (size_t j = 0; j < N; j++)
        large[j] -= sum;
    CHECK(tconv_lesson_create(&lesson, &g, &(tconv_downsampling){ .kind = TCONV_DOWN_KEEP }, large, (size_t[]){ N }, NULL) == TCONV_OK);
    CHECK(tconv_lesson_wiener(lesson, taps, NULL) == TCONV_OK);
    CHECK(tconv_welch(large, N, N, values, NULL) == TCONV_OK);
    values[0] *= 2.0;
    values[N / 2] *= 2.0;
    const tconv_psd psd = { .kind = TCONV_PSD_SPECTRUM, .values = values, .count = N / 2 + 1 };
    CHECK(tconv_wiener_taps_at(&psd, 3, K, lesson->centre[0], want, NULL, NULL) == TCONV_OK);
    for (size_t t = 0; t < K; t++)
        CHECK_CLOSE("tap", t, taps[t], want[t], 1e-9);
    tconv_lesson_destroy(lesson);
}

/* For every way of making it small the prediction's loss is the exact kernel's but for what chance leaves: with N samples
 * a phase and n taps it knows N/n times more than it needs, and both are within a few times n/N of the same number. */
static void the_prediction_is_near_the_exact_kernel(void)
{
    static const double uneven[8] = { 0.5, 0.3, 0.2, -0.1, 0.05, 0.0, 0.1, -0.05 };
    for (int kind = 0; kind < 3; kind++)
        for (int mean = 0; mean < 2; mean++) {
            const tconv_geometry g = layer(1, 2, 8, 1, 3);
            tconv_kernel *kernel;
            tconv_lesson *lesson;
            tconv_learned learned;
            tconv_learning exact = tconv_learning_default(TCONV_LEARN_EXACT);
            double taps[8], loss = 0.0;
            make_noise(100000, 0.8, mean);
            const tconv_downsampling how = { .kind = (tconv_down_kind)kind, .filter = { uneven } };
            CHECK(tconv_lesson_create(&lesson, &g, &how, large, (size_t[]){ 100000 }, NULL) == TCONV_OK);
            CHECK(tconv_kernel_create(&kernel, &lesson->signals.geometry, NULL) == TCONV_OK);
            CHECK(tconv_learn(kernel, &lesson->signals, &exact, NULL, &learned, NULL) == TCONV_OK);
            CHECK(tconv_lesson_wiener(lesson, taps, NULL) == TCONV_OK);
            CHECK(tconv_learn_loss(&lesson->signals, taps, &loss, NULL) == TCONV_OK);
            CHECK_MESSAGE(loss >= learned.loss && loss <= 1.002 * learned.loss, "kind %d, mean %d: predicted %g, exact %g", kind, mean, loss, learned.loss);
            tconv_kernel_destroy(kernel);
            tconv_lesson_destroy(lesson);
        }
}

static void references_are_taken_at_the_centre(void)
{
    for (size_t round = 0; round < test_rounds(100); round++) {
        size_t s = random_between(1, 4), k = random_between(1, 9), d = random_between(1, 2);
        const tconv_geometry g = layer(1, s, k, d, (int64_t)random_between(0, 8));
        double taps[9];
        tconv_lesson *lesson;
        random_taps(large, 300);
        CHECK(tconv_lesson_create(&lesson, &g, &(tconv_downsampling){ .kind = TCONV_DOWN_KEEP }, large, (size_t[]){ 300 }, NULL) == TCONV_OK);
        CHECK(tconv_lesson_reference(lesson, tconv_reference_find("sinc"), taps, NULL) == TCONV_OK);
        for (size_t t = 0; t < k; t++)
            CHECK_CLOSE("tap", t, taps[t], tconv_sinc(((double)(d * t) - lesson->centre[0]) / (double)s), 1e-15);
        CHECK(tconv_lesson_reference(lesson, tconv_reference_find("wiener"), taps, NULL) == TCONV_EARGUMENT);
        tconv_lesson_destroy(lesson);
    }
    /* two axes: the product */
    const tconv_geometry g = layer(2, 2, 3, 1, 1);
    double taps[9];
    tconv_lesson *lesson;
    random_taps(large, 400);
    CHECK(tconv_lesson_create(&lesson, &g, &(tconv_downsampling){ .kind = TCONV_DOWN_KEEP }, large, (size_t[]){ 20, 20 }, NULL) == TCONV_OK);
    CHECK(tconv_lesson_reference(lesson, tconv_reference_find("linear"), taps, NULL) == TCONV_OK);
    CHECK(taps[4] == 1.0 && taps[1] == 0.5 && taps[0] == 0.25 && taps[8] == 0.25);
    tconv_lesson_destroy(lesson);
}

static void impossible_lessons_are_refused(void)
{
    tconv_geometry g = layer(1, 2, 8, 1, 3);
    tconv_lesson *lesson;
    tconv_error error;
    double taps[8];
    make_noise(100, 0.5, 0.0);
    CHECK(tconv_lesson_create(&lesson, &g, &(tconv_downsampling){ .kind = TCONV_DOWN_KEEP }, large, (size_t[]){ 6 }, &error) == TCONV_EARGUMENT);
    CHECK(lesson == NULL && strstr(error.message, "the signal is too short") != NULL);
    CHECK(tconv_lesson_create(&lesson, &g, &(tconv_downsampling){ .kind = TCONV_DOWN_CONVOLVE }, large, (size_t[]){ 100 }, &error) == TCONV_EARGUMENT);
    CHECK(tconv_lesson_create(&lesson, &g, &(tconv_downsampling){ .kind = TCONV_DOWN_KEEP }, large, (size_t[]){ 0 }, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "the signal is empty");
    g.channels_in = 2;
    CHECK(tconv_lesson_create(&lesson, &g, &(tconv_downsampling){ .kind = TCONV_DOWN_KEEP }, large, (size_t[]){ 100 }, &error) == TCONV_EARGUMENT);
    g.channels_in = 1;
    large[50] = (double)NAN;
    CHECK(tconv_lesson_create(&lesson, &g, &(tconv_downsampling){ .kind = TCONV_DOWN_KEEP }, large, (size_t[]){ 100 }, &error) == TCONV_ENONFINITE);
    CHECK(lesson == NULL);
    memset(large, 0, 100 * sizeof *large);
    CHECK(tconv_lesson_create(&lesson, &g, &(tconv_downsampling){ .kind = TCONV_DOWN_KEEP }, large, (size_t[]){ 100 }, &error) == TCONV_OK);
    CHECK(tconv_lesson_wiener(lesson, taps, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "the signal is silent");
    tconv_lesson_destroy(lesson);
}

static void running_out_of_budget_leaves_nothing_behind(void)
{
    const tconv_geometry g = layer(2, 2, 4, 1, 1);
    size_t before = tconv_memory_in_use(), refused = 0;
    double taps[16];
    random_taps(large, 100 * 100);
    for (size_t room = 0; room < 200; room++) {
        tconv_lesson *lesson = NULL;
        tconv_memory_set_budget(before + 1 + 600 * room);
        tconv_status status = tconv_lesson_create(&lesson, &g, &(tconv_downsampling){ .kind = (tconv_down_kind)(room % 3), .filter = { box, box } }, large,
                                                  (size_t[]){ 100, 100 }, NULL);
        if (status == TCONV_OK) status = tconv_lesson_wiener(lesson, taps, NULL);
        if (status == TCONV_OK) status = tconv_lesson_reference(lesson, tconv_reference_find("sinc"), taps, NULL);
        tconv_lesson_destroy(lesson);
        tconv_memory_set_budget(0);
        CHECK(status == TCONV_OK || status == TCONV_EBUDGET);
        CHECK(tconv_memory_in_use() == before);
        refused += status == TCONV_EBUDGET ? 1 : 0;
    }
    CHECK(refused > 20);
}

const struct test_suite suite = { "lesson", {
    { "x lies where the centre says", x_lies_where_the_centre_says },
    { "no output is wasted", no_output_is_wasted },
    { "decimation keeps the band and nothing else", decimation_keeps_the_band_and_nothing_else },
    { "the prediction is the Wiener kernel", the_prediction_is_the_wiener_kernel },
    { "the prediction is near the exact kernel", the_prediction_is_near_the_exact_kernel },
    { "references are taken at the centre", references_are_taken_at_the_centre },
    { "impossible lessons are refused", impossible_lessons_are_refused },
    { "running out of budget leaves nothing behind", running_out_of_budget_leaves_nothing_behind },
    { NULL, NULL } } };
