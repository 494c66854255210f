/* Comparison: known gains and delays are recovered, the right reference is named, the loss against Wiener is right. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "tconv.h"

#define MOST_TAPS 128

static tconv_kernel *kernel_1d(size_t s, size_t k)
{
    tconv_geometry g = tconv_geometry_default(1);
    tconv_kernel *kernel = NULL;
    g.axis[0] = (tconv_axis){ .stride = s, .n_taps = k, .dilation = 1 };
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
    return kernel;
}

/* The reference of k taps delayed by tau, by the definition: at the delayed grid, or interpolated by sincs. False where it
 * cannot be made. */
static bool delayed_reference(const tconv_reference *reference, size_t s, size_t k, double tau, double *taps)
{
    tconv_design design = tconv_design_default(1, s);
    tconv_kernel *made;
    design.n_taps[0] = k;
    if (tconv_reference_is_continuous(reference)) {
        tconv_reference_delayed(reference, &design, 0, tau, k, taps);
        return true;
    }
    if (tconv_reference_design(reference, &design, &made, NULL) != TCONV_OK)
        return false;
    for (size_t n = 0; n < k; n++) {
        taps[n] = 0.0;
        for (size_t j = 0; j < k; j++)
            taps[n] += made->taps[j] * tconv_sinc((double)n - (double)j - tau);
    }
    tconv_kernel_destroy(made);
    return true;
}

static size_t natural_length(const tconv_reference *reference, size_t s)
{
    tconv_design design = tconv_design_default(1, s);
    tconv_kernel *made;
    size_t k = 10 * s;
    if (strcmp(reference->name, "equiripple") != 0 && tconv_reference_design(reference, &design, &made, NULL) == TCONV_OK) {
        k = tconv_kernel_count(made);
        tconv_kernel_destroy(made);
    }
    return k + 2;   /* room for a delay */
}

static void gains_and_delays_are_recovered(void)
{
    for (size_t i = 1; i < tconv_reference_count(); i++)      /* the box is the same for many delays */
        for (size_t s = 2; s <= 4; s++) {
            const tconv_reference *reference = tconv_reference_at(i);
            size_t k = natural_length(reference, s);
            double gain = random_uniform(0.2, 3.0) * (random_bits() % 2 == 0 ? 1.0 : -1.0), tau = random_uniform(-0.9, 0.9);
            tconv_kernel *kernel = kernel_1d(s, k);
            tconv_comparisons *comparisons;
            tconv_error error;
            if (delayed_reference(reference, s, k, tau, kernel->taps)) {
                for (size_t n = 0; n < k; n++)
                    kernel->taps[n] *= gain;
                tconv_status status = tconv_compare(&comparisons, kernel, &(tconv_compare_options){ .against = &reference, .n_against = 1, .edge = 0.8 }, &error);
                CHECK_MESSAGE(status == TCONV_OK, "%s: %s", reference->name, error.message);
                if (status == TCONV_OK) {
                    CHECK_CLOSE(reference->name, s, comparisons->entry[0].gain, gain, 1e-6);
                    CHECK_CLOSE(reference->name, s, comparisons->entry[0].delay[0], tau, 1e-6);
                    CHECK_CLOSE(reference->name, s, comparisons->entry[0].nmse, 0.0, 1e-12);
                    CHECK_CLOSE("figures", s, comparisons->entry[0].figures->dc_gain, comparisons->figures->dc_gain, 1e-5);
                }
                tconv_comparisons_destroy(comparisons);
            }
            tconv_kernel_destroy(kernel);
        }
}

/* Scaled, delayed, and with noise of 1 % of the kernel's root mean square. Strides of 4 and 5: with fewer taps the noise alone can make
 * Keys's cubic of Lanczos's. A name counts if it or an alias of it comes first. */
static void every_reference_is_named_through_noise(void)
{
    for (size_t i = 0; i < tconv_reference_count(); i++)
        for (size_t s = 4; s <= 5; s++) {
            const tconv_reference *reference = tconv_reference_at(i);
            size_t k = natural_length(reference, s);
            double gain = random_uniform(0.5, 2.0), tau = random_uniform(-0.45, 0.45), square = 0.0;
            tconv_kernel *kernel = kernel_1d(s, k);
            tconv_comparisons *comparisons;
            if (delayed_reference(reference, s, k, tau, kernel->taps)) {
                for (size_t n = 0; n < k; n++)
                    square += kernel->taps[n] * kernel->taps[n];
                for (size_t n = 0; n < k; n++)
                    kernel->taps[n] = gain * (kernel->taps[n] + 0.01 * sqrt(square / (double)k) * random_normal());
                CHECK(tconv_compare(&comparisons, kernel, NULL, NULL) == TCONV_OK);
                size_t own = 0;
                while (own < comparisons->count && comparisons->entry[own].reference != reference)
                    own++;
                CHECK_MESSAGE(own < comparisons->count && comparisons->entry[own].alias_of == comparisons->nearest, "%s, stride %zu, %zu taps: called %s", reference->name, s, k,
                              comparisons->entry[comparisons->nearest].reference->name);
                CHECK(comparisons->entry[comparisons->nearest].nmse < 5e-4);
                tconv_comparisons_destroy(comparisons);
            }
            tconv_kernel_destroy(kernel);
        }
}

static void equal_kernels_are_aliases(void)
{
    tconv_kernel *kernel = kernel_1d(2, 24);
    tconv_comparisons *comparisons;
    CHECK(delayed_reference(tconv_reference_find("sinc"), 2, 24, 0.0, kernel->taps));
    CHECK(tconv_compare(&comparisons, kernel, NULL, NULL) == TCONV_OK);
    CHECK_TEXT(comparisons->entry[comparisons->nearest].reference->name, "sinc");
    size_t wiener = comparisons->count - 1;
    CHECK_TEXT(comparisons->entry[wiener].reference->name, "wiener");
    CHECK(comparisons->entry[wiener].alias_of == comparisons->nearest && comparisons->nearest != wiener);
    tconv_comparisons_destroy(comparisons);
    tconv_kernel_destroy(kernel);
}

/* A Wiener kernel loses nothing for its own spectrum at any gain; linear loses nothing for brown; whoever is neither loses
 * what two mean squared errors say. */
static void the_loss_against_wiener_is_right(void)
{
    double h[MOST_TAPS];
    for (size_t round = 0; round < test_rounds(100); round++) {
        size_t s = random_between(2, 5), k = random_between(2 * s, 8 * s);
        const tconv_psd ar1 = { TCONV_PSD_AR1, random_uniform(0.3, 0.99), NULL, 0 }, brown = { TCONV_PSD_BROWN, 0.0, NULL, 0 };
        double loss = -1.0, gain = random_uniform(-3.0, 3.0);
        CHECK(tconv_wiener_taps(&ar1, s, k, h, NULL, NULL) == TCONV_OK);
        for (size_t n = 0; n < k; n++)
            h[n] *= gain;
        CHECK(tconv_wiener_loss(&ar1, s, h, k, &loss, NULL) == TCONV_OK);
        CHECK_CLOSE("Wiener for its own", round, loss, 0.0, 1e-6);
        tconv_interpolator_taps(TCONV_LINEAR, s, ((double)k - 1.0) / 2.0, k, h);
        for (size_t n = 0; n < k; n++)
            h[n] *= 7.0;
        CHECK(tconv_wiener_loss(&brown, s, h, k, &loss, NULL) == TCONV_OK);
        CHECK_CLOSE("linear for brown", round, loss, 0.0, 1e-6);
    }
    /* nearest, s = 2, brown: x one half away from both outputs at the best centre: error 1/2 (1/2); linear of 2 taps is nearest too */
    double loss = -1.0;
    const tconv_psd brown = { TCONV_PSD_BROWN, 0.0, NULL, 0 };
    CHECK(tconv_wiener_loss(&brown, 2, (double[]){ 1.0, 1.0 }, 2, &loss, NULL) == TCONV_OK);
    CHECK_CLOSE("nearest for brown", 0, loss, 0.0, 1e-6);
    tconv_interpolator_taps(TCONV_CUBIC, 2, 3.5, 8, h);   /* at 1/4 between samples: both errors by hand, variogram |t|/2 */
    CHECK(tconv_wiener_loss(&brown, 2, h, 8, &loss, NULL) == TCONV_OK);
    double mse = -1.0;
    CHECK(tconv_prediction_error(&brown, 2, h, 8, 3.5, &mse, NULL) == TCONV_OK);
    CHECK_CLOSE("cubic for brown", 0, loss, 10.0 * log10(mse / 0.375), 1e-9);
    CHECK(loss > 0.01);
    CHECK(tconv_wiener_loss(&brown, 2, (double[]){ 1.0, 1.0, 1.0 }, 3, &loss, NULL) == TCONV_OK && isinf(loss));
}

/* White, and a symmetric kernel, which predicts best at its middle: the ratio of its error at the best of many gains, 1e-4 apart,
 * and that of the sinc. */
static void the_loss_is_a_ratio_of_errors(void)
{
    const tconv_psd white = { TCONV_PSD_WHITE, 0.0, NULL, 0 };
    double h[8], sinc[8], least, mse = INFINITY, loss;
    tconv_interpolator_taps(TCONV_CUBIC, 2, 3.5, 8, h);
    CHECK(tconv_wiener_taps(&white, 2, 8, sinc, &least, NULL) == TCONV_OK);
    for (double gain = 0.9; gain < 1.2; gain += 1e-4) {
        double scaled[8], one = 0.0;
        for (size_t n = 0; n < 8; n++)
            scaled[n] = gain * h[n];
        CHECK(tconv_prediction_error(&white, 2, scaled, 8, 3.5, &one, NULL) == TCONV_OK);
        mse = fmin(mse, one);
    }
    CHECK(tconv_wiener_loss(&white, 2, h, 8, &loss, NULL) == TCONV_OK);
    CHECK_CLOSE("loss", 0, loss, 10.0 * log10(mse / least), 1e-5);
    CHECK(loss > 0.1);
}

static void pictures_are_compared_axis_by_axis(void)
{
    tconv_design design = tconv_design_default(2, 2);
    tconv_kernel *kernel;
    tconv_comparisons *comparisons;
    const double *axis[2];
    double taps[2][10];
    design.stride[1] = 3;
    design.n_taps[0] = design.n_taps[1] = 10;
    CHECK(tconv_reference_design(tconv_reference_find("mitchell"), &design, &kernel, NULL) == TCONV_OK);
    tconv_reference_delayed(tconv_reference_find("mitchell"), &design, 0, 0.3, 10, taps[0]);
    tconv_reference_delayed(tconv_reference_find("mitchell"), &design, 1, -0.8, 10, taps[1]);
    axis[0] = taps[0];
    axis[1] = taps[1];
    tconv_separable_product(axis, (size_t[]){ 10, 10 }, 2, kernel->taps);
    CHECK(tconv_compare(&comparisons, kernel, NULL, NULL) == TCONV_OK);
    const tconv_comparison *nearest = &comparisons->entry[comparisons->nearest];
    CHECK_TEXT(nearest->reference->name, "mitchell");
    CHECK_CLOSE("delay", 0, nearest->delay[0], 0.3, 1e-6);
    CHECK_CLOSE("delay", 1, nearest->delay[1], -0.8, 1e-6);
    CHECK_CLOSE("gain", 0, nearest->gain, 1.0, 1e-6);
    CHECK(isnan(comparisons->wiener_loss_white_db) && isnan(comparisons->wiener_loss_brown_db));
    tconv_comparisons_destroy(comparisons);
    tconv_kernel_destroy(kernel);
}

static void what_cannot_be_compared_is_refused(void)
{
    enum { LAYER, ZERO, BAD_TAP, EDGE, NO_NAME, NO_REFERENCE, CASES };
    static const char *const messages[CASES] = {
        "one kernel can be compared, not a layer of 1 x 2: choose a pair of channels", "the kernel is zero: nothing is near to it", "tap 1 is not finite",
        "the edge is a fraction of the baseband, above 0 and below 1", "there is no reference filter of that name", "none of the references can be made with these taps" };
    for (int c = 0; c < CASES; c++) {
        tconv_geometry g = tconv_geometry_default(1);
        tconv_kernel *kernel;
        tconv_comparisons *comparisons;
        tconv_error error;
        const tconv_reference *against = c == NO_NAME ? NULL : tconv_reference_find("remez");
        tconv_compare_options options = { .against = &against, .n_against = 1, .edge = c == EDGE ? 1.0 : 0.8 };
        g.axis[0] = (tconv_axis){ .stride = 2, .n_taps = 2, .dilation = 1 };
        g.channels_out = c == LAYER ? 2 : 1;
        CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
        kernel->taps[0] = c == ZERO ? 0.0 : 1.0;
        kernel->taps[1] = c == BAD_TAP ? (double)NAN : 0.0;
        CHECK(tconv_compare(&comparisons, kernel, &options, &error) == (c == BAD_TAP ? TCONV_ENONFINITE : TCONV_EARGUMENT) && comparisons == NULL);
        CHECK_TEXT(error.message, messages[c]);
        tconv_kernel_destroy(kernel);
    }
}

static void running_out_of_budget_leaves_nothing_behind(void)
{
    tconv_kernel *kernel = kernel_1d(2, 9);
    random_taps(kernel->taps, 9);
    size_t before = tconv_memory_in_use(), refused = 0;
    for (size_t room = 1; room < 2000000; room = room * 5 / 4 + 100) {
        tconv_comparisons *comparisons;
        tconv_memory_set_budget(before + room);
        tconv_status status = tconv_compare(&comparisons, kernel, NULL, NULL);
        tconv_memory_set_budget(0);
        CHECK(status == TCONV_OK || (status == TCONV_EBUDGET && comparisons == NULL));
        refused += status == TCONV_EBUDGET ? 1 : 0;
        tconv_comparisons_destroy(comparisons);
        CHECK(tconv_memory_in_use() == before);
    }
    CHECK(refused > 5);
    tconv_kernel_destroy(kernel);
}

const struct test_suite suite = { "compare", {
    { "gains and delays are recovered", gains_and_delays_are_recovered },
    { "every reference is named through noise", every_reference_is_named_through_noise },
    { "equal kernels are aliases", equal_kernels_are_aliases },
    { "the loss against Wiener is right", the_loss_against_wiener_is_right },
    { "the loss is a ratio of errors", the_loss_is_a_ratio_of_errors },
    { "pictures are compared axis by axis", pictures_are_compared_axis_by_axis },
    { "what cannot be compared is refused", what_cannot_be_compared_is_refused },
    { "running out of budget leaves nothing behind", running_out_of_budget_leaves_nothing_behind },
    { NULL, NULL } } };
