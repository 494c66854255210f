/* Trials of lib/analysis and lib/design. */
#include "trials.h"

#include <string.h>

#define POINTS 5

/* ---- analysis ---- */

static void spectra(struct trial *t)
{
    const tconv_kernel *kernel = trial_single();
    double magnitude[2 * POINTS], delay[2 * POINTS], error[2 * POINTS], gain[2 * POINTS], flat[2] = { 1.0, 0.75 };
    tconv_bifrequency map[2 * (2 * POINTS - 1)];
    tconv_complex image[2];
    if (TRY(tconv_branch_spectra(&kernel->geometry, kernel->taps, 0, POINTS, magnitude, delay, error)))
        note_doubles(t, delay, 2 * POINTS);
    if (t->status == TCONV_OK && TRY(tconv_image_spectra(&kernel->geometry, kernel->taps, 0, POINTS, gain)))
        note_doubles(t, gain, 2 * POINTS);
    if (t->status == TCONV_OK && TRY(tconv_bifrequency_map(&kernel->geometry, kernel->taps, 0, POINTS, map)))
        note_doubles(t, &map[3].gain, 1);
    if (t->status == TCONV_OK && TRY(tconv_images_of_gains(&kernel->geometry, flat, image)))
        note_doubles(t, &image[1].re, 1);
}

/* Many phases and a long kernel: the ways by FFT. */
static void spectra_of_a_long_kernel(struct trial *t)
{
    enum { S = 1030, K = 4 * S };
    static double taps[K], gains[S], baseband, total;
    static tconv_complex image[S];
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0] = (tconv_axis){ .stride = S, .n_taps = K, .dilation = 1 };
    for (size_t i = 0; i < K; i++)
        taps[i] = gains[i % S] = (double)(i % 7) - 2.0;
    if (TRY(tconv_images_of_gains(&g, gains, image)))
        note_doubles(t, &image[1].re, 1);
    if (t->status == TCONV_OK && TRY(tconv_baseband_energy(&g, taps, 1, &baseband, &total)))
        note_doubles(t, &baseband, 1);
}

static void responses(struct trial *t)
{
    const tconv_kernel *kernel = trial_single();
    tconv_complex response[POINTS];
    double values[POINTS], f[2] = { 0.1, 0.3 };
    if (TRY(tconv_response_along(&kernel->geometry, kernel->taps, 0, POINTS, response)))
        note_doubles(t, &response[1].re, 1);
    if (t->status == TCONV_OK && TRY(tconv_phase_along(&kernel->geometry, kernel->taps, 0, POINTS, values)))
        note_doubles(t, values, POINTS);
    if (t->status == TCONV_OK && TRY(tconv_group_delay_along(&kernel->geometry, kernel->taps, 0, POINTS, values)))
        note_doubles(t, values, POINTS);
    if (t->status == TCONV_OK && TRY(tconv_response_at(&kernel->geometry, kernel->taps, f, 2, response)))
        note_doubles(t, &response[1].im, 1);
}

static void response_plans(struct trial *t)
{
    const tconv_kernel *kernel = trial_layer();
    size_t n_fft[2] = { 0 };
    QUIET(n_fft[0] = tconv_response_circle(POINTS));
    QUIET(tconv_response_circle(POINTS));
    n_fft[1] = n_fft[0];
    for (int element = TCONV_F64; element <= TCONV_F32 && t->status == TCONV_OK; element++) {
        tconv_response *plan = ANYTHING;
        double response[16 * POINTS] = { 0 }, taps[12] = { 0 };
        if (!MADE(plan, tconv_response_create(&plan, &kernel->geometry, n_fft, (tconv_element)element, &t->error)))
            return;
        if (element == TCONV_F64)
            memcpy(taps, kernel->taps, sizeof taps);
        QUIET(tconv_response_count(plan));
        QUIET(tconv_response_execute(plan, taps, 1, response));
        note_doubles(t, response, 16 * POINTS);
        QUIET(tconv_response_destroy(plan));
    }
}

static void signals(struct trial *t)
{
    double x[64], density[9], baseband, total;
    for (size_t i = 0; i < 64; i++)
        x[i] = (double)(i * i % 13) - 6.0;
    if (TRY(tconv_welch(x, 64, 16, density, &t->error)))
        note_doubles(t, density, 9);
    if (t->status == TCONV_OK && TRY(tconv_baseband_energy(&trial_layer()->geometry, trial_layer()->taps, 4, &baseband, &total)))
        note_doubles(t, &baseband, 1);
}

static void cascades(struct trial *t)
{
    const tconv_kernel *layers[2] = { trial_single(), trial_single() };
    tconv_kernel *whole = ANYTHING;
    tconv_tone tones[2];
    QUIET(tconv_cascade_tone_count(layers, 2));
    if (MADE(whole, tconv_cascade_equivalent(layers, 2, &whole, &t->error)))
        note_kernel(t, whole);
    if (t->status == TCONV_OK && TRY(tconv_cascade_tones(layers, 2, 100.0, tones, &t->error)))
        note_doubles(t, &tones[1].db, 1);
}

static void figures_of(struct trial *t, const tconv_kernel *kernel, const tconv_figure_options *options)
{
    tconv_figures *figures = ANYTHING;
    if (!MADE(figures, tconv_figures_create(&figures, kernel, options, &t->error)))
        return;
    note_doubles(t, &figures->checkerboard_db, 1);
    note_doubles(t, &figures->branches[1].delay_error[0], 1);
    QUIET(tconv_figures_destroy(figures));
}

static void figures(struct trial *t)
{
    static const double mean[2] = { 0.5, 0.25 };
    tconv_figure_options options = { .edge = 0.8, .mean = mean };
    QUIET(tconv_ratio_db(1.0, 2.0));
    QUIET(tconv_floor_db());
    figures_of(t, trial_single(), NULL);
    if (t->status == TCONV_OK)
        figures_of(t, trial_layer(), &options);
}

static void verdicts(struct trial *t)
{
    tconv_verdict *verdict = ANYTHING;
    tconv_levels levels;
    tconv_level level;
    QUIET(levels = tconv_levels_default());
    QUIET(tconv_levels_default());
    QUIET(tconv_level_text(TCONV_LEVEL_FAINT));
    QUIET(tconv_level_of_text("faint", &level));
    QUIET(tconv_level_of_db(-50.0, &levels));
    if (!MADE(verdict, tconv_verdict_create(&verdict, trial_single(), trial_figures(trial_single()), &levels, 1.0)))
        return;
    if (TRY(tconv_verdict_set_flat_input(verdict, 0.1, 1.0, &levels)))
        for (size_t i = 0; i < verdict->n_reasons; i++)
            note(t, verdict->reasons[i], strlen(verdict->reasons[i]));
    QUIET(tconv_verdict_reaches(verdict, TCONV_LEVEL_FAINT));
    QUIET(tconv_verdict_destroy(verdict));
}

/* ---- design ---- */

static void windows(struct trial *t)
{
    tconv_window window = { TCONV_WINDOW_KAISER, 5.0 };
    tconv_window_kind kind;
    double taps[9], beta = 0.0, centre;
    size_t n = 0;
    tconv_axis axis;
    QUIET(tconv_window_text(TCONV_WINDOW_HANN));
    QUIET(tconv_window_find("hann", &kind));
    QUIET_IS(TCONV_OK, tconv_window_check(&window, &t->error));
    QUIET(tconv_window_at(&window, 0.5));
    QUIET(tconv_window_fill(&window, 9, taps));
    QUIET(tconv_bessel_i0(2.0));
    QUIET(tconv_kaiser_beta(60.0));
    QUIET(tconv_kaiser_attenuation(20, 0.2));
    QUIET_IS(TCONV_OK, tconv_kaiser_order(60.0, 0.2, &n, &beta, &t->error));
    QUIET(tconv_sinc(0.5));
    QUIET(tconv_sinc_taps(2, 1.0, &window, 0.0, 9, taps));
    QUIET(tconv_interpolator_at(TCONV_LANCZOS3, 0.5));
    QUIET(tconv_interpolator_width(TCONV_LANCZOS3));
    QUIET(tconv_interpolator_axis(TCONV_LANCZOS2, 2, TCONV_GRID_HALF_PIXEL, &axis, &centre));
    QUIET(tconv_interpolator_taps(TCONV_LANCZOS2, 2, 3.5, 8, taps));
    note_doubles(t, taps, 8);
}

static void bands(struct trial *t)
{
    tconv_band band[TCONV_MAX_BANDS];
    tconv_constraint flat[2];
    tconv_ripple ripple;
    double taps[12];
    size_t n = 0, n_flat = 0;
    QUIET_IS(TCONV_OK, tconv_bands_interpolator(2, 0.8, 1.0, false, band, &n, &t->error));
    QUIET_IS(TCONV_OK, tconv_bands_check(band, n, 12, &t->error));
    QUIET(n_flat = tconv_constraints_flat(2, 12, flat));
    QUIET(tconv_constraints_flat(2, 12, flat));
    if (TRY(tconv_least_squares_taps(band, n, 12, flat, n_flat, taps, &t->error)))
        note_doubles(t, taps, 12);
    if (t->status == TCONV_OK && TRY(tconv_equiripple_taps(band, n, 12, taps, &ripple, &t->error)))
        note_doubles(t, taps, 12);
    QUIET(tconv_amplitude(taps, 12, 0.1));
}

static void wiener_of(struct trial *t, const tconv_psd *psd)
{
    double taps[8], mse = 0.0, loss = 0.0;
    QUIET_IS(TCONV_OK, tconv_psd_check(psd, &t->error));
    QUIET(tconv_psd_correlation(psd, 2, 1.5));
    if (TRY(tconv_wiener_taps(psd, 2, 8, taps, &mse, &t->error))
        && TRY(tconv_wiener_taps_at(psd, 2, 8, 3.0, taps, &mse, &t->error))
        && TRY(tconv_prediction_error(psd, 2, taps, 8, 3.0, &mse, &t->error)))
        note_doubles(t, &mse, 1);
    if (t->status == TCONV_OK && TRY(tconv_wiener_loss(psd, 2, taps, 8, &loss, &t->error)))
        note_doubles(t, &loss, 1);
}

static void wiener(struct trial *t)
{
    static const double spectrum[5] = { 4.0, 3.0, 1.0, 0.5, 0.25 };
    wiener_of(t, &(tconv_psd){ .kind = TCONV_PSD_AR1, .rho = 0.9 });
    if (t->status == TCONV_OK)
        wiener_of(t, &(tconv_psd){ .kind = TCONV_PSD_SPECTRUM, .values = spectrum, .count = 5 });
    if (t->status == TCONV_OK)
        wiener_of(t, &(tconv_psd){ .kind = TCONV_PSD_BROWN });
}

static void references(struct trial *t)
{
    static const char *const names[] = { "sinc", "kaiser", "lanczos3", "equiripple", "least-squares", "wiener" };
    tconv_design design;
    double taps[8];
    const double *const factors[2] = { taps, taps };
    double product[64];
    QUIET(tconv_design_default(1, 2));
    design = tconv_design_default(1, 2);
    design.n_taps[0] = 8;
    QUIET(tconv_reference_count());
    QUIET(tconv_reference_at(0));
    for (size_t i = 0; i < sizeof names / sizeof *names && t->status == TCONV_OK; i++) {
        const tconv_reference *reference = tconv_reference_find(names[i]);
        tconv_kernel *kernel = ANYTHING;
        if (MADE(kernel, tconv_reference_design(reference, &design, &kernel, &t->error)))
            note_kernel(t, kernel);
    }
    QUIET(tconv_reference_find("lanczos3"));
    QUIET(tconv_reference_is_continuous(tconv_reference_find("lanczos3")));
    QUIET(tconv_reference_delayed(tconv_reference_find("lanczos3"), &design, 0, 0.25, 8, taps));
    QUIET(tconv_separable_product(factors, (size_t[]){ 8, 8 }, 2, product));
}

static void comparisons(struct trial *t)
{
    const tconv_reference *against[] = { tconv_reference_find("linear"), tconv_reference_find("equiripple"),
                                         tconv_reference_find("wiener") };
    tconv_psd psd = { .kind = TCONV_PSD_AR1, .rho = 0.5 };
    tconv_compare_options options = { .against = against, .n_against = 3, .psd = &psd, .edge = 0.8 };
    tconv_comparisons *made = ANYTHING;
    if (!MADE(made, tconv_compare(&made, trial_single(), &options, &t->error)))
        return;
    note(t, &made->count, sizeof made->count);
    for (size_t i = 0; i < made->count; i++)
        note_doubles(t, &made->entry[i].nmse, 1);
    QUIET(tconv_comparisons_destroy(made));
}

static void initialisers(struct trial *t)
{
    const tconv_geometry *g = &trial_layer()->geometry;
    tconv_initialiser how = { .kind = TCONV_INIT_HE, .seed = 1 };
    tconv_init_kind kind;
    QUIET(tconv_init_text(TCONV_INIT_HE));
    QUIET(tconv_init_find("he", &kind));
    QUIET(tconv_fan_in(g, TCONV_FAN_EFFECTIVE));
    QUIET(tconv_fan_out(g, TCONV_FAN_EFFECTIVE));
    QUIET(tconv_init_variance(g, &how));
    QUIET(tconv_output_variance(g, 0.1, 1));
    QUIET(tconv_gradient_variance(g, 0.1));
    for (int i = 0; i < TCONV_INIT_COUNT && t->status == TCONV_OK; i++) {
        tconv_kernel *kernel;
        how.kind = (tconv_init_kind)i;
        require(t, tconv_kernel_create(&kernel, g, NULL) == TCONV_OK, "a kernel");
        if (TRY(tconv_initialise(kernel, &how, &t->error)))
            note_doubles(t, kernel->taps, tconv_kernel_count(kernel));
        tconv_kernel_destroy(kernel);
    }
}

static tconv_kernel *copy_of(const tconv_kernel *kernel)
{
    tconv_kernel *copy;
    if (tconv_kernel_create(&copy, &kernel->geometry, NULL) == TCONV_OK)
        memcpy(copy->taps, kernel->taps, tconv_kernel_count(kernel) * sizeof *copy->taps);
    return copy;
}

static void repairs(struct trial *t)
{
    const tconv_kernel *layer = trial_layer();
    size_t bytes = tconv_kernel_count(layer) * sizeof *layer->taps;
    tconv_kernel *copy = copy_of(layer), *held = ANYTHING;
    tconv_repair_report report;
    if (TRY(tconv_repair_project(copy, &report, &t->error)))
        note_doubles(t, copy->taps, tconv_kernel_count(copy));
    else
        require(t, memcmp(copy->taps, layer->taps, bytes) == 0, "the taps untouched");
    tconv_kernel_destroy(copy);
    if (t->status != TCONV_OK)
        return;
    copy = copy_of(layer);
    if (TRY(tconv_repair_project_as(copy, TCONV_F32, &report, &t->error)))
        note_doubles(t, copy->taps, tconv_kernel_count(copy));
    else
        require(t, memcmp(copy->taps, layer->taps, bytes) == 0, "the taps untouched");
    tconv_kernel_destroy(copy);
    if (t->status == TCONV_OK && MADE(held, tconv_repair_hold(layer, &held, &report, &t->error)))
        note_kernel(t, held);
}

static void joined_convolutions(struct trial *t)
{
    static const double weights[4 * 2 * 9] = { 0.5, -0.25, 1.0, 0.125 }, bias[4] = { 0.0, 1.0, 0.5, 0.25 };
    const size_t block[2] = { 2, 2 };
    tconv_convolution c;
    tconv_kernel *kernel = ANYTHING;
    double spread, back[4 * 2 * 9], back_bias[4], base[8];
    size_t n_base;
    int64_t pad;
    tconv_resize resize = { .scale = { 2, 2 }, .mode = TCONV_RESIZE_LINEAR, .grid = TCONV_GRID_HALF_PIXEL };
    QUIET(tconv_convolution_default(2));
    c = tconv_convolution_default(2);
    c.channels_in = 2;
    c.channels_out = 4;
    c.n_taps[0] = c.n_taps[1] = 3;
    c.pad_begin[0] = c.pad_begin[1] = c.pad_end[0] = c.pad_end[1] = 1;
    c.weights = weights;
    c.bias = bias;
    QUIET_IS(TCONV_OK, tconv_convolution_check(&c, &t->error));
    if (!MADE(kernel, tconv_depth_to_space(&c, block, TCONV_DEPTH_CRD, &kernel, &spread, &t->error)))
        return;
    if (TRY(tconv_space_to_depth(kernel, &c, block, TCONV_DEPTH_CRD, back, back_bias, &t->error)))
        note_doubles(t, back, 72);
    note_kernel(t, kernel);
    QUIET_IS(TCONV_OK, tconv_resize_filter(&resize, 0, base, &n_base, &pad, &t->error));
    kernel = ANYTHING;
    if (t->status == TCONV_OK && MADE(kernel, tconv_resize_conv(&resize, &c, &kernel, &t->error)))
        note_kernel(t, kernel);
}

const struct trial_case trials_design[] = { { "spectra", spectra, 0, 0 },
                                            { "spectra of a long kernel", spectra_of_a_long_kernel, 0, 0 },
                                            { "responses", responses, 0, 0 },
                                            { "response plans", response_plans, 0, 0 },
                                            { "signals", signals, 0, 0 },
                                            { "cascades", cascades, 0, 0 },
                                            { "figures", figures, 0, 0 },
                                            { "verdicts", verdicts, 0, 0 },
                                            { "windows", windows, 0, 0 },
                                            { "bands", bands, 0, 0 },
                                            { "wiener", wiener, 0, 0 },
                                            { "references", references, 0, 0 },
                                            { "comparisons", comparisons, 0, 0 },
                                            { "initialisers", initialisers, 0, 0 },
                                            { "repairs", repairs, 0, 0 },
                                            { "joined convolutions", joined_convolutions, 0, 0 },
                                            { NULL, NULL, 0, 0 } };
