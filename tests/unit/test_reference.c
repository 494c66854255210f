/* The registry of reference filters: names, gains, alignment, products over axes, refusals. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "tconv.h"

static double sum_of(const double *taps, size_t first, size_t step, size_t count)
{
    double sum = 0.0;
    for (size_t n = first; n < count; n += step)
        sum += taps[n];
    return sum;
}

static void every_reference_has_gain_s_and_is_aligned(void)
{
    for (size_t i = 0; i < tconv_reference_count(); i++)
        for (size_t s = 2; s <= 9; s++)
            for (int grid = 0; grid < 2; grid++) {
                const tconv_reference *reference = tconv_reference_at(i);
                tconv_design design = tconv_design_default(1, s);
                tconv_kernel *kernel;
                tconv_error error;
                design.edge = 0.6;
                design.grid = grid == 0 ? TCONV_GRID_HALF_PIXEL : TCONV_GRID_ASYMMETRIC;
                tconv_status status = tconv_reference_design(reference, &design, &kernel, &error);
                if (strcmp(reference->name, "equiripple") == 0 && status == TCONV_EARGUMENT)
                    continue;   /* too many taps for its bands: says so */
                CHECK_MESSAGE(status == TCONV_OK, "%s, stride %zu: %s", reference->name, s, error.message);
                if (status != TCONV_OK)
                    continue;
                size_t k = tconv_kernel_count(kernel), n_out = 0;
                const tconv_axis *axis = &kernel->geometry.axis[0];
                bool box = strcmp(reference->name, "nearest") == 0;
                CHECK_CLOSE(reference->name, s, sum_of(kernel->taps, 0, 1, k), (double)s,
                            strcmp(reference->name, "wiener") == 0 ? 0.3 : 1e-13 * (double)s);
                for (size_t n = 0; n < k && !box; n++)
                    CHECK_CLOSE(reference->name, n, kernel->taps[n], kernel->taps[k - 1 - n], 1e-14);
                if (grid == 0)
                    CHECK(tconv_axis_pixel_offset(axis) == 0.0);
                else
                    CHECK(box || tconv_axis_receptive_field_offset(axis) == 0.0);
                CHECK(tconv_axis_output_size(axis, 20, &n_out, NULL) == TCONV_OK && n_out == 20 * s);
                CHECK_TEXT(kernel->name, reference->name);
                tconv_kernel_destroy(kernel);
            }
}

static void names_and_aliases_are_found(void)
{
    static const struct { const char *name, *found; } cases[] = {
        { "bilinear", "linear" }, { "trilinear", "linear" }, { "catmull-rom", "cubic" }, { "remez", "equiripple" }, { "firls", "least-squares" },
        { "lanczos", "lanczos3" }, { "box", "nearest" }, { "b-spline", "bspline" }, { "hanning", "hann" } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const tconv_reference *reference = tconv_reference_find(cases[i].name);
        CHECK_TEXT(reference != NULL ? reference->name : "none", cases[i].found);
    }
    for (size_t i = 0; i < tconv_reference_count(); i++)
        CHECK(tconv_reference_find(tconv_reference_at(i)->name) == tconv_reference_at(i));
    CHECK(tconv_reference_at(tconv_reference_count()) == NULL);
    static const char *const none[] = { "", " ", "bi", "linea", "bilinear trilinear", "trilinear " };
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        CHECK(tconv_reference_find(none[i]) == NULL);
}

static void exact_taps_stay_exact(void)
{
    tconv_design design = tconv_design_default(1, 2);
    tconv_kernel *kernel;
    CHECK(tconv_reference_design(tconv_reference_find("linear"), &design, &kernel, NULL) == TCONV_OK);
    CHECK_SAME(kernel->taps, ((const double[]){ 0.25, 0.75, 0.75, 0.25 }), 4 * sizeof(double));
    CHECK(kernel->geometry.axis[0].pad_begin == 1 && kernel->geometry.axis[0].pad_end == 1);
    tconv_kernel_destroy(kernel);
}

static void branch_gains_can_be_made_even(void)
{
    static const char *const names[] = { "lanczos3", "hamming", "kaiser", "least-squares", "wiener" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        for (size_t s = 2; s <= 5; s++) {
            tconv_design design = tconv_design_default(1, s);
            tconv_kernel *kernel;
            design.gain = TCONV_GAIN_BRANCHES;
            CHECK(tconv_reference_design(tconv_reference_find(names[i]), &design, &kernel, NULL) == TCONV_OK);
            for (size_t q = 0; q < s; q++)
                CHECK_CLOSE(names[i], q, sum_of(kernel->taps, q, s, tconv_kernel_count(kernel)), 1.0, 1e-14);
            tconv_kernel_destroy(kernel);
        }
}

static void products_over_axes_are_products(void)
{
    tconv_design design = tconv_design_default(3, 2), single[3];
    tconv_kernel *kernel, *axis[3] = { NULL };
    design.stride[1] = 3;
    design.stride[2] = 1;
    design.n_taps[1] = 5;
    CHECK(tconv_reference_design(tconv_reference_find("cubic"), &design, &kernel, NULL) == TCONV_OK);
    for (size_t i = 0; i < 3; i++) {
        single[i] = tconv_design_default(1, design.stride[i]);
        single[i].n_taps[0] = design.n_taps[i];
        CHECK(tconv_reference_design(tconv_reference_find("cubic"), &single[i], &axis[i], NULL) == TCONV_OK);
        CHECK(memcmp(&kernel->geometry.axis[i], &axis[i]->geometry.axis[0], sizeof(tconv_axis)) == 0);
    }
    size_t k1 = tconv_kernel_count(axis[1]), k2 = tconv_kernel_count(axis[2]);
    for (size_t t = 0; t < tconv_kernel_count(kernel); t++)
        CHECK_CLOSE("product", t, kernel->taps[t],
                    axis[0]->taps[t / (k1 * k2)] * axis[1]->taps[t / k2 % k1] * axis[2]->taps[t % k2], 2.0 * DBL_EPSILON);
    for (size_t i = 0; i < 3; i++)
        tconv_kernel_destroy(axis[i]);
    tconv_kernel_destroy(kernel);
}

/* kaiser_order(80 dB, width 2 (1 - e)/s of Nyquist): the stopband is 80 dB down from (2 - e)/(2s) on, to a dB or so. */
static void an_attenuation_gives_length_and_beta(void)
{
    tconv_design design = tconv_design_default(1, 2);
    tconv_kernel *kernel;
    design.attenuation_db = 80.0;
    CHECK(tconv_reference_design(tconv_reference_find("kaiser"), &design, &kernel, NULL) == TCONV_OK);
    size_t k = tconv_kernel_count(kernel);
    CHECK(k == 52);   /* ceil((80 - 7.95)/(2.285 pi 0.2) + 1) = 52, even as the grid wants */
    double worst = 0.0;
    for (double f = 0.3; f <= 0.5; f += 1e-4)
        worst = fmax(worst, fabs(tconv_amplitude(kernel->taps, k, f)));
    CHECK_CLOSE("stopband", 0, -20.0 * log10(worst / 2.0), 80.0, 1.5);
    tconv_kernel_destroy(kernel);
}

/* A continuous reference at delay 0 is itself; at a delay of a whole tap, itself moved; others say that they are not. */
static void continuous_references_can_be_delayed(void)
{
    double still[31], moved[31];
    for (size_t i = 0; i < tconv_reference_count(); i++) {
        const tconv_reference *reference = tconv_reference_at(i);
        tconv_design design = tconv_design_default(1, 3);
        tconv_kernel *kernel;
        if (!tconv_reference_is_continuous(reference))
            continue;
        design.n_taps[0] = 31;
        design.gain = TCONV_GAIN_RAW;
        CHECK(tconv_reference_design(reference, &design, &kernel, NULL) == TCONV_OK);
        tconv_reference_delayed(reference, &design, 0, 0.0, 31, still);
        tconv_reference_delayed(reference, &design, 0, 1.0, 31, moved);
        CHECK_SAME(still, kernel->taps, sizeof still);
        for (size_t n = 2; n < 31; n++)
            CHECK_CLOSE(reference->name, n, moved[n], still[n - 1], 1e-15);
        tconv_kernel_destroy(kernel);
    }
    CHECK(!tconv_reference_is_continuous(tconv_reference_find("wiener")) && !tconv_reference_is_continuous(tconv_reference_find("remez"))
          && !tconv_reference_is_continuous(tconv_reference_find("firls")) && tconv_reference_is_continuous(tconv_reference_find("sinc")));
}

static void impossible_designs_are_refused(void)
{
    static const struct { const char *name; size_t ndim, s, k; double cutoff, attenuation, beta; tconv_grid grid; const char *message; } cases[] = {
        { "gauss", 1, 2, 0, 1, 0, 1, TCONV_GRID_HALF_PIXEL, "there is no reference filter of that name" },
        { "linear", 0, 2, 0, 1, 0, 1, TCONV_GRID_HALF_PIXEL, "the number of spatial dimensions is 0; 1 to 3 is allowed" },
        { "linear", 4, 2, 0, 1, 0, 1, TCONV_GRID_HALF_PIXEL, "the number of spatial dimensions is 4; 1 to 3 is allowed" },
        { "linear", 1, 0, 0, 1, 0, 1, TCONV_GRID_HALF_PIXEL, "the stride is 0; 1 to 65536 is allowed" },
        { "linear", 1, 2, (size_t)1 << 31, 1, 0, 1, TCONV_GRID_HALF_PIXEL, "the kernel size is 2147483648; at most 1073741824 is allowed" },
        { "linear", 1, 2, 0, 1, 0, 1, TCONV_GRID_ALIGN_CORNERS, "reference filters are made for the half-pixel and the asymmetric grid only" },
        { "sinc", 1, 2, 0, 0, 0, 1, TCONV_GRID_HALF_PIXEL, "the cutoff is a positive multiple of the baseband's edge" },
        { "kaiser", 1, 2, 0, 1, -1, 1, TCONV_GRID_HALF_PIXEL, "the attenuation is a positive number of decibels" },
        { "kaiser", 1, 2, 0, 1, 0, 1000, TCONV_GRID_HALF_PIXEL, "the beta of a kaiser window is out of range; 0 to 500 is allowed" },
        { "hann", 1, 2, 2, 1, 0, 1, TCONV_GRID_HALF_PIXEL, "hann with 2 taps at stride 2 has no gain at frequency 0 to scale" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tconv_design design = tconv_design_default(cases[i].ndim, cases[i].s);
        tconv_error error;
        tconv_kernel *kernel;
        design.n_taps[0] = cases[i].k;
        design.cutoff = cases[i].cutoff;
        design.attenuation_db = cases[i].attenuation;
        design.window.beta = cases[i].beta;
        design.grid = cases[i].grid;
        CHECK(tconv_reference_design(tconv_reference_find(cases[i].name), &design, &kernel, &error) == TCONV_EARGUMENT && kernel == NULL);
        CHECK_TEXT(error.message, cases[i].message);
    }
    tconv_design design = tconv_design_default(1, 4);
    tconv_error error;
    tconv_kernel *kernel;
    design.n_taps[0] = 3;
    design.gain = TCONV_GAIN_BRANCHES;
    CHECK(tconv_reference_design(tconv_reference_find("linear"), &design, &kernel, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "branch 3 of linear with 3 taps at stride 4 has no gain to scale");
}

static void running_out_of_budget_leaves_nothing_behind(void)
{
    size_t before = tconv_memory_in_use();
    for (size_t i = 0; i < tconv_reference_count(); i++)
        for (size_t room = 0; room < 40; room++) {
            tconv_design design = tconv_design_default(2, 3);
            tconv_kernel *kernel;
            design.n_taps[0] = design.n_taps[1] = 15;
            tconv_memory_set_budget(before + 1 + 300 * room);
            tconv_status status = tconv_reference_design(tconv_reference_at(i), &design, &kernel, NULL);
            CHECK(status == TCONV_OK || (status == TCONV_EBUDGET && kernel == NULL));
            CHECK(room > 0 || status == TCONV_EBUDGET);
            tconv_memory_set_budget(0);
            tconv_kernel_destroy(kernel);
            CHECK(tconv_memory_in_use() == before);
        }
}

const struct test_suite suite = { "reference", {
    { "every reference has gain s and is aligned", every_reference_has_gain_s_and_is_aligned },
    { "names and aliases are found", names_and_aliases_are_found },
    { "exact taps stay exact", exact_taps_stay_exact },
    { "branch gains can be made even", branch_gains_can_be_made_even },
    { "products over axes are products", products_over_axes_are_products },
    { "an attenuation gives length and beta", an_attenuation_gives_length_and_beta },
    { "continuous references can be delayed", continuous_references_can_be_delayed },
    { "impossible designs are refused", impossible_designs_are_refused },
    { "running out of budget leaves nothing behind", running_out_of_budget_leaves_nothing_behind },
    { NULL, NULL } } };
