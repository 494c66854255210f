/* Repair: branch gains become equal, the change is the smallest, the gain stays, what cannot be repaired is refused. */
#include "testing_definition.h"

#include <complex.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/constants.h"
#include "core/memory.h"
#include "core/polyphase.h"
#include "design/repair.h"

static tconv_kernel *random_layer(bool connected)
{
    tconv_geometry g = tconv_geometry_default(random_between(1, 3));
    tconv_kernel *kernel = NULL;
    g.groups = random_between(1, 2);
    g.channels_in = g.groups * random_between(1, 2);
    g.channels_out = g.groups * random_between(1, 2);
    do
        for (size_t i = 0; i < g.ndim; i++)
            g.axis[i] = (tconv_axis){ .stride = random_between(1, g.ndim == 3 ? 3 : 5), .n_taps = random_between(1, g.ndim == 3 ? 4 : 9),
                                      .dilation = random_between(1, 3), .pad_begin = (int64_t)random_between(0, 4) - 1 };
    while (tconv_geometry_connected(&g) != connected);
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
    for (size_t t = 0; t < tconv_kernel_count(kernel); t++)
        kernel->taps[t] = random_uniform(-0.3, 1.0);
    return kernel;
}

/* Neumaier's compensated sum (1974): right to an ulp or two without long double, which valgrind computes as double. */
static double sum_of(const double *taps, size_t count)
{
    double sum = 0.0, rest = 0.0;
    for (size_t t = 0; t < count; t++) {
        double next = sum + taps[t];
        rest += fabs(sum) >= fabs(taps[t]) ? (sum - next) + taps[t] : (taps[t] - next) + sum;
        sum = next;
    }
    return sum + rest;
}

/* index <= 1e-15; G the same; the change of a tap depends on its branch alone (KKT: change = C^T lambda); no other change
 * that makes the gains even is smaller: the change is orthogonal to every step that keeps the gains. */
static void projection_is_the_smallest_change_to_even_branches(void)
{
    static tconv_branch branches[128];
    static double old[65536], change[65536];
    for (size_t round = 0; round < test_rounds(1000); round++) {
        tconv_kernel *kernel = random_layer(true);
        const tconv_geometry *g = &kernel->geometry;
        size_t n_taps = tconv_geometry_taps(g), count = tconv_kernel_count(kernel), phases = tconv_geometry_phases(g);
        tconv_repair_report report;
        memcpy(old, kernel->taps, count * sizeof *old);
        CHECK(tconv_repair_project(kernel, &report, NULL) == TCONV_OK && report.pairs == count / n_taps);
        double changed = 0.0, size = 0.0, magnitude = 0.0;
        for (size_t pair = 0; pair < count / n_taps; pair++) {
            const double *taps = kernel->taps + pair * n_taps, *before = old + pair * n_taps;
            double gain = sum_of(before, n_taps);
            magnitude = fmax(magnitude, tconv_kernel_zero(before, n_taps) / (8.0 * DBL_EPSILON));
            CHECK_CLOSE("gain", pair, sum_of(taps, n_taps), gain, 2.0 * DBL_EPSILON * magnitude);
            CHECK(tconv_branches_of(g, taps, 0.0, branches) == TCONV_OK);
            for (size_t q = 0; q < phases; q++)
                CHECK_CLOSE("branch gain", q, branches[q].dc_gain, gain / (double)phases,
                            DBL_EPSILON * (fabs(gain) / (double)phases + 1.0));   /* an ulp of the branch's smallest tap */
            for (size_t t = 0; t < n_taps; t++) {
                change[t] = taps[t] - before[t];
                changed += change[t] * change[t];
                size += before[t] * before[t];
            }
            double first[128];
            bool seen[128] = { false };
            for (size_t t = 0; t < n_taps; t++) {
                size_t shape[TCONV_MAX_NDIM], r[TCONV_MAX_NDIM], q = 0;
                for (size_t i = 0; i < g->ndim; i++)
                    shape[i] = g->axis[i].n_taps;
                index_to_vector(t, shape, g->ndim, r);
                for (size_t i = 0; i < g->ndim; i++)
                    q = q * g->axis[i].stride + r[i] * g->axis[i].dilation % g->axis[i].stride;
                if (!seen[q])
                    first[q] = change[t];
                seen[q] = true;
                /* The smallest tap of a branch takes the roundings of all its n_q taps, half an ulp each. */
                CHECK_CLOSE("KKT residual", t, change[t], first[q],
                            (8.0 + (double)n_taps / (double)phases) * DBL_EPSILON * (fabs(before[t]) + fabs(first[q]) + 1.0));
            }
        }
        CHECK(report.index_after <= 1e-15 || report.spread_after <= 2.0 * DBL_EPSILON * magnitude / (double)phases);
        CHECK_CLOSE("relative change", round, report.relative_change, sqrt(changed / size), 1e-12);
        CHECK(report.largest_change >= report.relative_change * (1.0 - 1e-12));
        tconv_kernel_destroy(kernel);
    }
}

/* Positive taps, so that the mean gain is of the size of the taps: then the index is at most 1e-15, without an or. */
static void the_index_after_projection_is_below_1e_15(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++) {
        tconv_kernel *kernel = random_layer(true);
        tconv_repair_report report;
        for (size_t t = 0; t < tconv_kernel_count(kernel); t++)
            kernel->taps[t] = fabs(kernel->taps[t]);
        CHECK(tconv_repair_project(kernel, &report, NULL) == TCONV_OK);
        CHECK_MESSAGE(report.index_after <= 1e-15, "round %zu: index %.3g", round, report.index_after);
        tconv_kernel_destroy(kernel);
    }
}

static void three_ones_become_known_taps(void)
{
    tconv_geometry g = tconv_geometry_default(1);
    tconv_kernel *kernel;
    tconv_repair_report report;
    g.axis[0] = (tconv_axis){ .stride = 2, .n_taps = 3, .dilation = 1 };
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
    kernel->taps[0] = kernel->taps[1] = kernel->taps[2] = 1.0;
    CHECK(tconv_repair_project(kernel, &report, NULL) == TCONV_OK);   /* g = 2, 1; G/S = 3/2: -1/4, +1/2, -1/4 */
    CHECK_SAME(kernel->taps, ((const double[]){ 0.75, 1.5, 0.75 }), 3 * sizeof(double));
    CHECK_CLOSE("change", 0, report.relative_change, sqrt(0.375 / 3.0), 1e-15);
    CHECK(report.spread_before == 1.0 && report.spread_after == 0.0 && report.index_after == 0.0);
    CHECK_CLOSE("index", 0, report.index_before, 1.0 / 3.0, 1e-15);
    CHECK(tconv_repair_project(kernel, &report, NULL) == TCONV_OK);   /* a second time changes nothing */
    CHECK(report.relative_change == 0.0);
    tconv_kernel_destroy(kernel);
}

static double image_gain(const double *taps, const tconv_geometry *g, const size_t *m)
{
    double complex sum = 0.0;
    for (size_t t = 0; t < tconv_geometry_taps(g); t++) {
        size_t shape[TCONV_MAX_NDIM], n[TCONV_MAX_NDIM];
        double turns = 0.0;
        for (size_t i = 0; i < g->ndim; i++)
            shape[i] = g->axis[i].n_taps;
        index_to_vector(t, shape, g->ndim, n);
        for (size_t i = 0; i < g->ndim; i++)
            turns += (double)(n[i] * m[i] % g->axis[i].stride) / (double)g->axis[i].stride;
        sum += taps[t] * cexp(-2.0 * I * TCONV_PI * turns);
    }
    return cabs(sum);
}

/* H(m/s) = 0 for all m != 0, G the same; the taps are the convolution with the box by its definition; outputs of the held
 * layer are the running means of the outputs of the old one. */
static void hold_puts_zeros_on_the_images(void)
{
    static double x[4096], y[65536], held_y[65536];
    for (size_t round = 0; round < test_rounds(300); round++) {
        tconv_kernel *kernel = random_layer(random_bits() % 2 == 0), *held;
        const tconv_geometry *g = &kernel->geometry, *to;
        tconv_repair_report report;
        tconv_error error;
        CHECK(tconv_repair_hold(kernel, &held, &report, &error) == TCONV_OK);
        to = &held->geometry;
        size_t n_taps = tconv_geometry_taps(to), phases = tconv_geometry_phases(g), m[TCONV_MAX_NDIM];
        for (size_t pair = 0; pair < report.pairs; pair++) {
            const double *taps = held->taps + pair * n_taps, *before = kernel->taps + pair * tconv_geometry_taps(g);
            double magnitude = tconv_kernel_zero(before, tconv_geometry_taps(g)) / 8.0;   /* eps sum|h| */
            CHECK_CLOSE("gain", pair, sum_of(taps, n_taps), sum_of(before, tconv_geometry_taps(g)), 2.0 * magnitude);
            for (size_t image = 1; image < phases; image++) {
                tconv_phase_of(g, image, m);
                CHECK_CLOSE("image", image, image_gain(taps, to, m), 0.0, 16.0 * magnitude);
            }
        }
        CHECK(report.spread_after <= 4.0 * DBL_EPSILON * tconv_kernel_zero(kernel->taps, tconv_kernel_count(kernel)) / (8.0 * DBL_EPSILON));
        for (size_t i = 0; i < g->ndim; i++)
            CHECK(report.shift[i] == (g->axis[i].stride % 2 == 0 ? 0.5 : 0.0));
        size_t n_in[TCONV_MAX_NDIM], n_out[TCONV_MAX_NDIM], n_held[TCONV_MAX_NDIM], count = g->channels_in;
        for (size_t i = 0; i < g->ndim; i++)
            count *= n_in[i] = g->ndim == 3 ? 3 : 5;
        random_taps(x, count);
        if (g->ndim == 1 && transposed_by_definition(kernel, x, n_in, y, n_out, 65536) > 0) {
            CHECK(transposed_by_definition(held, x, n_in, held_y, n_held, 65536) > 0 && n_held[0] == n_out[0]);
            size_t s = g->axis[0].stride, before = (s - 1) / 2 + (s % 2 == 0 ? 1 : 0);   /* mean of y[j - before .. j - before + s - 1] */
            for (size_t j = s; j + s < n_out[0]; j++) {
                double mean = 0.0;
                for (size_t i = 0; i < s; i++)
                    mean += y[j + i - before] / (double)s;
                CHECK_CLOSE("running mean", j, held_y[j], mean, 1e-13);
            }
        }
        tconv_kernel_destroy(kernel);
        tconv_kernel_destroy(held);
    }
}

static void hold_keeps_what_is_not_taps(void)
{
    tconv_geometry g = tconv_geometry_default(1);
    tconv_kernel *kernel, *held;
    tconv_status status = TCONV_OK;
    g.channels_out = 2;
    g.axis[0] = (tconv_axis){ .stride = 2, .n_taps = 3, .dilation = 4, .pad_begin = 1, .pad_end = 2, .output_padding = 3 };
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
    kernel->bias = tconv_alloc(2, sizeof(double), &status);
    kernel->bias[0] = 3.0;
    kernel->bias[1] = 4.0;
    kernel->name = tconv_alloc_text("up1", &status);
    kernel->taps[1] = 1.0;
    CHECK(tconv_repair_hold(kernel, &held, NULL, NULL) == TCONV_OK);
    const tconv_axis *axis = &held->geometry.axis[0];
    size_t old_size = 0, new_size = 0;
    CHECK(axis->n_taps == 10 && axis->dilation == 1 && axis->pad_begin == 1 && axis->pad_end == 0 && axis->output_padding == 0);
    CHECK(tconv_axis_output_size(&g.axis[0], 7, &old_size, NULL) == TCONV_OK && tconv_axis_output_size(axis, 7, &new_size, NULL) == TCONV_OK);
    CHECK(old_size == new_size && held->bias[1] == 4.0);
    CHECK_TEXT(held->name, "up1");
    CHECK(held->taps[4] == 0.5 && held->taps[5] == 0.5 && held->taps[3] == 0.0 && held->taps[6] == 0.0);
    tconv_kernel_destroy(kernel);
    tconv_kernel_destroy(held);
}

static void gaps_are_refused_and_left_alone(void)
{
    tconv_geometry g = tconv_geometry_default(1);
    tconv_kernel *kernel;
    tconv_error error;
    g.channels_in = 2;
    g.axis[0] = (tconv_axis){ .stride = 3, .n_taps = 2, .dilation = 1 };
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
    const double taps[] = { 1.0, -1.0, 0.5, 0.25 };
    memcpy(kernel->taps, taps, sizeof taps);
    CHECK(tconv_repair_project(kernel, NULL, &error) == TCONV_EGEOMETRY);
    CHECK_TEXT(error.message, "phases of the output that no tap reaches cannot be repaired (kernel pair 1 has gain elsewhere): "
                              "a larger kernel is needed, or the method hold");
    CHECK_SAME(kernel->taps, taps, sizeof taps);
    kernel->taps[2] = kernel->taps[3] = 0.0;      /* gain 0 everywhere: all branch gains can be 0 */
    tconv_repair_report report;
    CHECK(tconv_repair_project(kernel, &report, &error) == TCONV_OK && isinf(report.index_before) && report.index_after == 0.0);
    for (size_t t = 0; t < 4; t++)
        CHECK(kernel->taps[t] == 0.0);
    kernel->geometry.axis[0] = (tconv_axis){ .stride = TCONV_MAX_STRIDE, .n_taps = 2, .dilation = TCONV_MAX_TAPS - 1 };
    tconv_kernel *held;
    CHECK(tconv_repair_hold(kernel, &held, NULL, &error) == TCONV_EGEOMETRY && held == NULL);
    CHECK_TEXT(error.message, "the kernel size is 1073807359; 1 to 1073741824 is allowed");
    tconv_kernel_destroy(kernel);
}

/* Taps of a narrow type: every tap is one of its numbers, and the gains agree to a step of each branch's smallest tap, where
 * rounding the exact answer would leave a step of its largest. Biases that differ over the phases become their mean. */
static void taps_of_a_narrow_type_are_made_even(void)
{
    static const tconv_element types[] = { TCONV_F32, TCONV_F16, TCONV_BF16 };
    static const int steps[] = { 23, 10, 7 };
    double finer = 0.0, coarser = 0.0;
    for (size_t round = 0; round < test_rounds(600); round++) {
        tconv_element type = types[round % 3];
        tconv_kernel *kernel = random_layer(true), *exact = NULL;
        size_t count = tconv_kernel_count(kernel), taps = tconv_geometry_taps(&kernel->geometry);
        size_t phases = tconv_geometry_phases(&kernel->geometry), out = kernel->geometry.channels_out;
        for (size_t t = 0; t < count; t++)
            kernel->taps[t] = tconv_element_round(type, kernel->taps[t]);
        kernel->bias = tconv_alloc(out, sizeof *kernel->bias, NULL);
        kernel->phase_bias = tconv_alloc(out * phases, sizeof *kernel->phase_bias, NULL);
        for (size_t co = 0; co < out; co++)
            kernel->bias[co] = (double)co + (double)(phases - 1) / 2.0;
        for (size_t i = 0; i < out * phases; i++)
            kernel->phase_bias[i] = (double)(i / phases) + (double)(i % phases);
        CHECK(tconv_kernel_create(&exact, &kernel->geometry, NULL) == TCONV_OK);
        memcpy(exact->taps, kernel->taps, count * sizeof *exact->taps);
        tconv_repair_report report, plain;
        CHECK(tconv_repair_project_as(kernel, type, &report, NULL) == TCONV_OK);
        CHECK(report.bias_spread == (double)(phases - 1) && kernel->phase_bias == NULL);
        CHECK(tconv_repair_project(exact, &plain, NULL) == TCONV_OK && plain.bias_spread == 0.0);
        double rounded = 0.0, largest = 0.0;
        for (size_t t = 0; t < count; t++) {
            largest = fmax(largest, fabs(kernel->taps[t]));
            CHECK(kernel->taps[t] == tconv_element_round(type, kernel->taps[t]));
            exact->taps[t] = tconv_element_round(type, exact->taps[t]);
        }
        tconv_repair_report of_rounded;
        CHECK(tconv_repair_project(exact, &of_rounded, NULL) == TCONV_OK);       /* its spread before is what rounding left */
        rounded = of_rounded.spread_before;
        finer += report.spread_after;
        coarser += rounded;
        /* a branch is off by half a step of its smallest tap, two branches by one: at most eps max |h| */
        CHECK_MESSAGE(report.spread_after <= ldexp(largest, -steps[round % 3]) + 1e-15 * (double)taps, "spread %g", report.spread_after);
        tconv_kernel_destroy(kernel);
        tconv_kernel_destroy(exact);
    }
    CHECK_MESSAGE(finer < 0.5 * coarser, "spreads of %g against %g by rounding", finer, coarser);
}

const struct test_suite suite = { "repair", {
    { "taps of a narrow type are made even", taps_of_a_narrow_type_are_made_even },
    { "projection is the smallest change to even branches", projection_is_the_smallest_change_to_even_branches },
    { "the index after projection is below 1e-15", the_index_after_projection_is_below_1e_15 },
    { "three ones become known taps", three_ones_become_known_taps },
    { "hold puts zeros on the images", hold_puts_zeros_on_the_images },
    { "hold keeps what is not taps", hold_keeps_what_is_not_taps },
    { "gaps are refused and left alone", gaps_are_refused_and_left_alone },
    { NULL, NULL } } };
