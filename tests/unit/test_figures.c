/* The figures against an independent computation (tests/oracle/make_figures.py: numpy, scipy, extended precision), the
 * printed table of classical kernels, trained layers, and the rules for zeros and infinities.
 *
 * Tolerances: sums of taps 1e-12 relative, extrema over frequency 1e-9 dB, both plus what eps in |H| makes of a level
 * that is small against sum|h|: a level of L dB below sum|h| is known to 8.7 * 8 eps * 10^(L/20) dB. */
#include "testing.h"

#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"

#define MOST_TAPS 1024
#define MOST_CHANNELS 64

static json_t *load(const char *name)
{
    char path[600];
    json_error_t error;
    (void)snprintf(path, sizeof path, "%s/tests/oracle/%s", test_root_folder(), name);
    json_t *root = json_load_file(path, 0, &error);
    CHECK_MESSAGE(root != NULL, "%s: %s", path, root == NULL ? error.text : "");
    return root;
}

/* null is NAN, the strings are infinities. */
static double number_of(const json_t *value)
{
    if (json_is_number(value))
        return json_number_value(value);
    if (json_is_string(value))
        return strcmp(json_string_value(value), "inf") == 0 ? (double)INFINITY : -(double)INFINITY;
    CHECK(json_is_null(value));
    return NAN;
}

static double element(const json_t *array, size_t i)
{
    return json_is_array(array) ? number_of(json_array_get(array, i)) : number_of(array);
}

static size_t whole(const json_t *array, size_t i)
{
    return (size_t)json_integer_value(json_array_get(array, i));
}

/* The case that is being compared. */
struct entry {
    const char *name;
    const json_t *json, *figures;
    tconv_kernel *kernel;
    tconv_figures *got;
    double spread;        /* sum|h| / |G|: how much rounding in H weighs against G; 1 where G = 0 */
};

static void compare(const struct entry *entry, const char *what, size_t index, double got, double want, double tolerance)
{
    bool same = isnan(want) ? (bool)isnan(got) : isinf(want) ? got == want : fabs(got - want) <= tolerance;
    CHECK_MESSAGE(same, "%s: %s[%zu] = %.17g, wanted %.17g: off by %.3g, tolerance %.3g", entry->name, what, index, got, want,
                  got - want, tolerance);
}

static void compare_relative(const struct entry *entry, const char *what, size_t index, double got, double want)
{
    compare(entry, what, index, got, want, 1e-12 * fabs(want) + 8.0 * DBL_EPSILON * entry->spread);
}

/* A level of `want` dB is made of an |H| at most that far below |G|. */
static void compare_db(const struct entry *entry, const char *what, size_t index, double got, double want)
{
    double weight = entry->spread * pow(10.0, fmin(fabs(want), 200.0) / 20.0);
    compare(entry, what, index, got, want, 1e-9 + 8.7 * 8.0 * DBL_EPSILON * weight);
}

/* 10 log10((E - E0)/E0): the energies are known to a few eps E, so a level of L dB to 4.3 * 8 eps * 10^(-L/10) dB. */
static void compare_energy_db(const struct entry *entry, double got, double want)
{
    double tolerance = 1e-9 + 4.3 * 8.0 * DBL_EPSILON * pow(10.0, fmin(fabs(want), 200.0) / 10.0);
    compare(entry, "image_energy_db", 0, got, want, tolerance);
}

static void set_geometry(const json_t *json, tconv_geometry *g, size_t first)
{
    const json_t *shape = json_object_get(json, "shape"), *dilation = json_object_get(json, "dilation");
    const json_t *begin = json_object_get(json, "padding_begin");
    *g = tconv_geometry_default(json_array_size(shape) - first);
    for (size_t i = 0; i < g->ndim; i++) {
        g->axis[i].n_taps = whole(shape, first + i);
        g->axis[i].stride = whole(json_object_get(json, "stride"), i);
        if (dilation != NULL)
            g->axis[i].dilation = whole(dilation, i);
        if (begin != NULL)
            g->axis[i].pad_begin = (int64_t)json_integer_value(json_array_get(begin, i));
    }
}

static tconv_kernel *kernel_of(const json_t *json)
{
    tconv_geometry g;
    tconv_kernel *kernel;
    const json_t *taps = json_object_get(json, "taps"), *bias = json_object_get(json, "bias");
    bool layer = json_object_get(json, "groups") != NULL;
    set_geometry(json, &g, layer ? 2 : 0);
    if (layer) {
        g.groups = (size_t)json_integer_value(json_object_get(json, "groups"));
        g.channels_in = whole(json_object_get(json, "shape"), 0);
        g.channels_out = g.groups * whole(json_object_get(json, "shape"), 1);
    }
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
    if (kernel == NULL)
        return NULL;
    CHECK(json_array_size(taps) == tconv_kernel_count(kernel));
    for (size_t t = 0; t < tconv_kernel_count(kernel); t++)
        kernel->taps[t] = json_number_value(json_array_get(taps, t));
    if (json_is_array(bias)) {
        kernel->bias = tconv_alloc(g.channels_out, sizeof *kernel->bias, NULL);
        for (size_t co = 0; kernel->bias != NULL && co < g.channels_out; co++)
            kernel->bias[co] = json_number_value(json_array_get(bias, co));
    }
    return kernel;
}

/* ---- one kernel ---- */

static void compare_bands(const struct entry *e, const char *what, const double *got, size_t stride, size_t n)
{
    static const char *const keys[TCONV_BANDS] = { "0.5", "0.8" };
    for (size_t b = 0; b < TCONV_BANDS; b++) {
        const json_t *want = json_object_get(json_object_get(e->figures, what), keys[b]);
        for (size_t i = 0; i < n; i++)
            compare_db(e, what, 10 * b + i, got[b * stride + i], element(want, i));
    }
}

static void compare_figures(const struct entry *e)
{
    const tconv_figures *f = e->got;
    const struct {
        const char *key;
        double value;
        bool db;
    } list[] = {
        { "dc_gain", f->dc_gain, false },
        { "passband_gain_db", f->passband_gain_db, true },
        { "checkerboard_index", f->checkerboard_index, false },
        { "checkerboard_db", f->checkerboard_db, true },
        { "peak_to_peak", f->peak_to_peak, false },
        { "baseband_energy", f->baseband_energy, false },
        { "total_energy", f->total_energy, false },
        { "branch_energy_variation", f->branch_energy_variation, false },
        { "passband_ripple_db", f->passband_ripple_db, true },
        { "stopband_attenuation_db", f->stopband_attenuation_db, true },
        { "separability", f->separability, false },
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        double want = number_of(json_object_get(e->figures, list[i].key));
        (list[i].db ? compare_db : compare_relative)(e, list[i].key, 0, list[i].value, want);
    }
    compare_energy_db(e, f->image_energy_db, number_of(json_object_get(e->figures, "image_energy_db")));
    compare_bands(e, "image_rejection_db", f->image_rejection_db, 1, 1);
    compare_bands(e, "droop_db", f->droop_db[0], TCONV_MAX_NDIM, f->ndim);
    const json_t *offset = json_object_get(e->json, "centroid_offset");
    for (size_t i = 0; i < f->ndim; i++) {
        double cutoff = element(json_object_get(e->figures, "cutoff_6db"), i);
        compare(e, "cutoff_6db", i, f->cutoff_6db[i], cutoff, 1e-9);
        compare_relative(e, "centroid_offset", i, f->centroid_offset[i], element(offset, i));
    }
}

static void compare_branches(const struct entry *e)
{
    const json_t *list = json_object_get(e->json, "branches");
    CHECK(json_array_size(list) == e->got->phases);
    for (size_t q = 0; q < e->got->phases; q++) {
        const tconv_branch_figures *b = &e->got->branches[q];
        const json_t *want = json_array_get(list, q), *delay = json_object_get(want, "delay");
        compare_relative(e, "branch dc_gain", q, b->branch.dc_gain, number_of(json_object_get(want, "dc_gain")));
        compare_relative(e, "branch energy", q, b->branch.energy, number_of(json_object_get(want, "energy")));
        compare_db(e, "magnitude_deviation_db", q, b->magnitude_deviation_db, number_of(json_object_get(want, "magnitude_deviation_db")));
        CHECK(b->branch.taps == (size_t)json_integer_value(json_object_get(want, "taps")));
        CHECK(b->branch.has_delay == !json_is_null(delay));
        for (size_t i = 0; i < e->got->ndim; i++) {
            double error = element(json_object_get(want, "delay_error"), i);
            CHECK(b->branch.phase[i] == whole(json_object_get(want, "phase"), i));
            CHECK(b->branch.first_output[i] == whole(json_object_get(want, "first_output"), i));
            if (b->branch.has_delay)
                compare_relative(e, "delay", q, b->branch.delay[i], element(delay, i));
            compare(e, "delay_error", q, b->delay_error[i], error, 1e-9 * (1.0 + fabs(error)));
        }
    }
}

static void compare_images(const struct entry *e)
{
    const json_t *list = json_object_get(e->json, "images");
    CHECK(json_array_size(list) == e->got->phases - 1);
    for (size_t m = 0; m + 1 < e->got->phases; m++) {
        const json_t *want = json_array_get(list, m);
        for (size_t i = 0; i < e->got->ndim; i++)
            CHECK(e->got->images[m].m[i] == whole(json_object_get(want, "m"), i));
        compare_db(e, "image dc_db", m, e->got->images[m].dc_db, number_of(json_object_get(want, "dc_db")));
        compare_db(e, "image worst_db", m, e->got->images[m].worst_db, number_of(json_object_get(want, "worst_db")));
    }
}

static double spread_of(const tconv_kernel *kernel)
{
    double sum = 0.0, magnitude = 0.0;
    for (size_t t = 0; t < tconv_kernel_count(kernel); t++) {
        sum += kernel->taps[t];
        magnitude += fabs(kernel->taps[t]);
    }
    return fabs(sum) > 1e-9 * magnitude ? magnitude / fabs(sum) : 1.0;
}

static void compare_section(const char *section)
{
    json_t *root = load("figures.json");
    const json_t *list = json_object_get(root, section);
    CHECK(json_array_size(list) > 0);
    for (size_t c = 0; c < json_array_size(list); c++) {
        const json_t *json = json_array_get(list, c);
        struct entry e = { .json = json, .name = json_string_value(json_object_get(json, "name")) };
        tconv_figure_options options = { .edge = json_number_value(json_object_get(json, "edge")) };
        tconv_error error = { .message = "" };
        e.figures = json_object_get(json, "figures");
        e.kernel = kernel_of(json);
        if (e.kernel == NULL)
            break;
        e.spread = spread_of(e.kernel);
        CHECK_MESSAGE(tconv_figures_create(&e.got, e.kernel, &options, &error) == TCONV_OK, "%s: %s", e.name, error.message);
        if (e.got != NULL) {
            compare_figures(&e);
            compare_branches(&e);
            compare_images(&e);
        }
        tconv_figures_destroy(e.got);
        tconv_kernel_destroy(e.kernel);
    }
    json_decref(root);
}

static void classical_kernels_agree_with_an_independent_computation(void)
{
    compare_section("classical");
}

static void awkward_kernels_agree_with_an_independent_computation(void)
{
    compare_section("kernels");
}

/* The table of classical kernels in the field's literature, as printed: index, image rejection at 0.5 and 0.8 of the
 * band, gain there, image energy, branch energy variation. */
static const struct {
    const char *name;
    double index, index_step, rejection[2], droop[2], image_energy, variation;
} printed[] = {
    { "nearest s=2", 0, 5e-4, { 7.66, 2.77 }, { -0.69, -1.84 }, -6.54, 0 },
    { "bilinear half-pixel s=2", 0, 5e-4, { 22.97, 8.32 }, { -2.06, -5.52 }, -14.65, 0 },
    { "bilinear integer s=2", 0, 5e-4, { 15.31, 5.55 }, { -1.38, -3.68 }, -10.87, 0.333 },
    { "Keys -0.5 s=2", 0, 5e-4, { 22.97, 8.32 }, { -0.57, -2.99 }, -13.12, 0 },
    { "Keys -0.75 s=2", 0, 5e-4, { 31.34, 10.07 }, { -0.13, -2.54 }, -14.22, 0 },
    { "Mitchell s=2", 0, 5e-4, { 25.13, 9.18 }, { -1.48, -4.71 }, -14.85, 0 },
    { "cubic B-spline s=2", 0, 5e-4, { 39.40, 14.36 }, { -3.65, -9.72 }, -22.36, 0 },
    { "Lanczos-3 s=2", 0, 5e-4, { 38.33, 13.19 }, { 0.10, -1.69 }, -15.28, 0 },
    { "BigVGAN 12-tap", 0, 5e-4, { 38.91, 11.30 }, { -0.09, -2.08 }, -14.55, 0 },
    { "StyleGAN3-T L1", 0, 5e-4, { 58.10, 41.21 }, { -9.63, -28.50 }, -64.41, 0 },
    { "StyleGAN3-T L13", 0, 5e-4, { 35.31, 21.24 }, { -0.19, -0.96 }, -17.32, 0 },
    { "Kaiser sinc 80 dB", 2.0e-5, 5e-7, { 89.88, 65.95 }, { 0.00, 0.00 }, -20.37, 0.043 },
    { "resample_poly default", 5.2e-4, 5e-6, { 62.97, 56.25 }, { 0.01, 0.02 }, -20.56, 0.040 },
    { "nearest s=4", 0, 5e-4, { 9.09, 3.34 }, { -0.86, -2.28 }, -5.61, 0 },
    { "bilinear half-pixel s=4", 0, 5e-4, { 19.61, 7.25 }, { -1.88, -4.99 }, -13.21, 0.190 },
    { "Keys -0.5 s=4", 0, 5e-4, { 23.50, 8.35 }, { -0.55, -2.90 }, -13.07, 0.154 },
    { "Lanczos-3 s=4", 2.0e-3, 5e-5, { 38.98, 13.22 }, { 0.10, -1.69 }, -15.29, 0.089 },
    { "StyleGAN3-T L2", 5.1e-4, 5e-6, { 59.25, 42.56 }, { -8.20, -24.70 }, -56.96, 0 },
    { "StyleGAN3-T L9", 2.3e-3, 5e-5, { 52.40, 32.15 }, { -2.60, -14.16 }, -46.13, 0 },
    { "ones k=3 s=2", 0.333, 5e-4, { 9.54, 9.54 }, { -1.89, -5.36 }, -10.87, 0.333 },
    { "ones k=16 s=10", 0.306, 5e-4, { 12.54, 10.98 }, { -2.41, -6.91 }, -9.41, 0.306 },
};

static void the_printed_table_comes_out_to_its_digits(void)
{
    json_t *root = load("figures.json");
    const json_t *list = json_object_get(root, "classical");
    size_t rows = sizeof printed / sizeof printed[0];
    CHECK(json_array_size(list) == rows);
    for (size_t c = 0; c < rows && c < json_array_size(list); c++) {
        const json_t *json = json_array_get(list, c);
        tconv_kernel *kernel = kernel_of(json);
        tconv_figures *f = NULL;
        CHECK_TEXT(json_string_value(json_object_get(json, "name")), printed[c].name);
        CHECK(kernel != NULL && tconv_figures_create(&f, kernel, NULL, NULL) == TCONV_OK);
        if (f != NULL) {
            double half = 0.005 + 1e-9;          /* two decimals are printed */
            CHECK_CLOSE("index", c, f->checkerboard_index, printed[c].index, printed[c].index_step);
            for (size_t b = 0; b < TCONV_BANDS; b++) {
                CHECK_CLOSE("rejection", c, f->image_rejection_db[b], printed[c].rejection[b], half);
                CHECK_CLOSE("droop", c, f->droop_db[b][0], printed[c].droop[b], half);
            }
            CHECK_CLOSE("image energy", c, f->image_energy_db, printed[c].image_energy, half);
            CHECK_CLOSE("branch energies", c, f->branch_energy_variation, printed[c].variation, 5e-4);
        }
        tconv_figures_destroy(f);
        tconv_kernel_destroy(kernel);
    }
    json_decref(root);
}

/* ---- many channels ---- */

static void compare_layer(const struct entry *e)
{
    const tconv_figures *f = e->got;
    const struct {
        const char *key;
        double value;
    } list[] = {
        { "dc_gain", f->dc_gain }, { "checkerboard_index", f->checkerboard_index }, { "baseband_energy", f->baseband_energy },
        { "total_energy", f->total_energy }, { "branch_energy_variation", f->branch_energy_variation },
        { "flat_input_index", f->flat_input_index },
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        compare_relative(e, list[i].key, 0, list[i].value, number_of(json_object_get(e->figures, list[i].key)));
    compare_db(e, "checkerboard_db", 0, f->checkerboard_db, number_of(json_object_get(e->figures, "checkerboard_db")));
    compare_energy_db(e, f->image_energy_db, number_of(json_object_get(e->figures, "image_energy_db")));
    CHECK(isnan(f->passband_gain_db) && isnan(f->peak_to_peak) && isnan(f->image_rejection_db[0]) && isnan(f->droop_db[0][0])
          && isnan(f->passband_ripple_db) && isnan(f->stopband_attenuation_db) && isnan(f->cutoff_6db[0])
          && isnan(f->separability) && isnan(f->centroid_offset[0]));
    const json_t *branches = json_object_get(e->json, "branches");
    CHECK(json_array_size(branches) == f->phases);
    for (size_t q = 0; q < f->phases; q++) {
        const json_t *want = json_array_get(branches, q);
        compare_relative(e, "branch dc_gain", q, f->branches[q].branch.dc_gain, number_of(json_object_get(want, "dc_gain")));
        compare_relative(e, "branch energy", q, f->branches[q].branch.energy, number_of(json_object_get(want, "energy")));
        CHECK(!f->branches[q].branch.has_delay && isnan(f->branches[q].magnitude_deviation_db) && isnan(f->branches[q].delay_error[0]));
    }
    compare_images(e);
}

static void layers_agree_with_an_independent_computation(void)
{
    json_t *root = load("figures.json");
    const json_t *list = json_object_get(root, "layers");
    CHECK(json_array_size(list) > 0);
    for (size_t c = 0; c < json_array_size(list); c++) {
        const json_t *json = json_array_get(list, c);
        double mean[MOST_CHANNELS];
        struct entry e = { .json = json, .name = json_string_value(json_object_get(json, "name")), .spread = 1.0 };
        e.figures = json_object_get(json, "figures");
        e.kernel = kernel_of(json);
        if (e.kernel == NULL)
            break;
        for (size_t ci = 0; ci < e.kernel->geometry.channels_in; ci++)
            mean[ci] = json_number_value(json_array_get(json_object_get(json, "mean"), ci));
        tconv_figure_options options = { .edge = 0.8, .mean = mean };
        CHECK(tconv_figures_create(&e.got, e.kernel, &options, NULL) == TCONV_OK);
        if (e.got != NULL)
            compare_layer(&e);
        tconv_figures_destroy(e.got);
        CHECK(tconv_figures_create(&e.got, e.kernel, NULL, NULL) == TCONV_OK);
        CHECK(e.got != NULL && isnan(e.got->flat_input_index));      /* no mean vector: undefined */
        tconv_figures_destroy(e.got);
        tconv_kernel_destroy(e.kernel);
    }
    json_decref(root);
}

/* ---- trained layers from the shared folder, where it is present ---- */

static unsigned char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = NULL;
    long end = -1;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0 && (end = ftell(file)) > 0 && fseek(file, 0, SEEK_SET) == 0)
        bytes = malloc((size_t)end);
    *size = bytes != NULL ? fread(bytes, 1, (size_t)end, file) : 0;
    if (file != NULL)
        fclose(file);
    return bytes;
}

/* The stored (not compressed) member `name` of a zip file: behind its local header, 30 bytes + name + extra field. */
static const unsigned char *stored_member(const unsigned char *bytes, size_t size, const char *name)
{
    size_t length = strlen(name);
    for (size_t at = 30; at + length < size; at++)
        if (memcmp(bytes + at, name, length) == 0 && memcmp(bytes + at - 30, "PK\3\4", 4) == 0 && bytes[at - 4] == length)
            return bytes + at + length + bytes[at - 2] + 256u * bytes[at - 1];
    return NULL;
}

/* Raw float32 of a (kh, kw, out, in) checkpoint into (in, out, kh, kw). */
static void fill_from_tf(tconv_kernel *kernel, const unsigned char *bytes)
{
    const tconv_geometry *g = &kernel->geometry;
    size_t taps = tconv_geometry_taps(g);
    for (size_t t = 0; t < taps; t++)
        for (size_t co = 0; co < g->channels_out; co++)
            for (size_t ci = 0; ci < g->channels_in; ci++) {
                float value;
                memcpy(&value, bytes + 4 * ((t * g->channels_out + co) * g->channels_in + ci), 4);
                kernel->taps[(ci * g->channels_out + co) * taps + t] = (double)value;
            }
}

/* Fill a kernel from its file; false where this test does not read that kind of file. */
static bool fill_from_file(tconv_kernel *kernel, const char *file, const unsigned char *bytes, size_t size)
{
    size_t count = tconv_kernel_count(kernel);
    tconv_status status = TCONV_EFORMAT;
    if (strstr(file, "fast_style_wave") != NULL && size == 4 * count) {
        fill_from_tf(kernel, bytes);
        return true;
    }
    if (strstr(file, "FSRCNN") == NULL || strstr(file, ".pt") == NULL)
        return false;
    const unsigned char *weight = stored_member(bytes, size, "archive/data/18"), *bias = stored_member(bytes, size, "archive/data/19");
    kernel->bias = tconv_alloc(kernel->geometry.channels_out, sizeof *kernel->bias, NULL);
    if (weight != NULL && bias != NULL && kernel->bias != NULL)
        status = tconv_element_to_f64(TCONV_F32, false, weight, count, kernel->taps, NULL);
    if (status == TCONV_OK)
        status = tconv_element_to_f64(TCONV_F32, false, bias, kernel->geometry.channels_out, kernel->bias, NULL);
    CHECK(status == TCONV_OK);
    return status == TCONV_OK;
}

static bool compare_trained(const json_t *json, const char *shared)
{
    char path[700];
    size_t size;
    double mean[512];
    tconv_geometry g;
    struct entry e = { .json = json, .name = json_string_value(json_object_get(json, "tensor")), .spread = 1.0 };
    const char *file = json_string_value(json_object_get(json, "file"));
    e.figures = json_object_get(json, "figures");
    set_geometry(json, &g, 2);
    g.channels_in = whole(json_object_get(json, "shape"), 0);
    g.channels_out = whole(json_object_get(json, "shape"), 1);
    (void)snprintf(path, sizeof path, "%s/data/%s", shared, file);
    unsigned char *bytes = read_file(path, &size);
    CHECK(tconv_kernel_create(&e.kernel, &g, NULL) == TCONV_OK);
    bool compared = bytes != NULL && e.kernel != NULL && fill_from_file(e.kernel, file, bytes, size);
    for (size_t ci = 0; ci < g.channels_in && ci < 512; ci++)
        mean[ci] = 1.0 + (double)ci / 8.0;
    if (compared) {
        CHECK(tconv_figures_create(&e.got, e.kernel, &(tconv_figure_options){ .edge = 0.8, .mean = mean }, NULL) == TCONV_OK);
        if (e.got != NULL)
            compare_layer(&e);
        tconv_figures_destroy(e.got);
    }
    tconv_kernel_destroy(e.kernel);
    free(bytes);
    return compared;
}

static void trained_layers_agree_with_an_independent_computation(void)
{
    const char *shared = test_shared_folder();
    if (shared == NULL) {
        test_skip("trained layers: the shared data folder is not there");
        return;
    }
    json_t *root = load("layers.json");
    const json_t *list = json_object_get(root, "layers");
    size_t compared = 0;
    for (size_t c = 0; c < json_array_size(list); c++)
        compared += compare_trained(json_array_get(list, c), shared);
    CHECK_MESSAGE(compared == 4, "%zu trained layers compared", compared);
    json_decref(root);
}

/* ---- rules ---- */

static void the_zero_kernel_has_no_figures(void)
{
    tconv_geometry g = tconv_geometry_default(2);
    g.axis[0] = g.axis[1] = (tconv_axis){ .stride = 2, .n_taps = 3, .dilation = 1 };
    tconv_kernel *kernel;
    tconv_figures *f = NULL;
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK && tconv_figures_create(&f, kernel, NULL, NULL) == TCONV_OK);
    if (f == NULL)
        return;
    CHECK(f->dc_gain == 0.0 && f->total_energy == 0.0 && f->baseband_energy == 0.0);
    CHECK(isnan(f->checkerboard_index) && isnan(f->checkerboard_db) && isnan(f->peak_to_peak) && isnan(f->image_energy_db));
    CHECK(isnan(f->branch_energy_variation) && isnan(f->image_rejection_db[0]) && isnan(f->separability));
    for (size_t m = 0; m < 3; m++)
        CHECK(isnan(f->images[m].dc_db) && isnan(f->images[m].worst_db));
    tconv_figures_destroy(f);
    tconv_kernel_destroy(kernel);
}

static void scaling_the_taps_scales_the_gain_and_nothing_else(void)
{
    static const double factors[] = { 2.0, -0.5, 3.0, 1e-3, 0x1p600, 0x1p-600, -0x1p1000 };
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0] = (tconv_axis){ .stride = 3, .n_taps = 11, .dilation = 1 };
    tconv_kernel *kernel;
    tconv_figures *base, *f;
    double taps[11];
    random_taps(taps, 11);
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
    memcpy(kernel->taps, taps, sizeof taps);
    CHECK(tconv_figures_create(&base, kernel, NULL, NULL) == TCONV_OK);
    for (size_t c = 0; c < sizeof factors / sizeof factors[0]; c++) {
        double factor = factors[c];
        for (size_t t = 0; t < 11; t++)
            kernel->taps[t] = taps[t] * factor;
        CHECK(tconv_figures_create(&f, kernel, NULL, NULL) == TCONV_OK);
        CHECK_CLOSE("dc_gain", c, f->dc_gain, base->dc_gain * factor, 1e-12 * fabs(base->dc_gain * factor));
        CHECK_CLOSE("index", c, f->checkerboard_index, base->checkerboard_index, 1e-12 * base->checkerboard_index);
        CHECK_CLOSE("passband gain", c, f->passband_gain_db, base->passband_gain_db + 20.0 * log10(fabs(factor)), 1e-9);
        CHECK_CLOSE("rejection", c, f->image_rejection_db[1], base->image_rejection_db[1], 1e-9);
        CHECK_CLOSE("ripple", c, f->passband_ripple_db, base->passband_ripple_db, 1e-9);
        CHECK_CLOSE("attenuation", c, f->stopband_attenuation_db, base->stopband_attenuation_db, 1e-9);
        CHECK_CLOSE("image energy", c, f->image_energy_db, base->image_energy_db, 1e-9);
        CHECK_CLOSE("droop", c, f->droop_db[1][0], base->droop_db[1][0], 1e-9);
        for (size_t q = 0; q < 3; q++) {
            CHECK_CLOSE("delay", c, f->branches[q].branch.delay[0], base->branches[q].branch.delay[0], 1e-10);
            CHECK_CLOSE("delay error", c, f->branches[q].delay_error[0], base->branches[q].delay_error[0], 1e-8);
        }
        tconv_figures_destroy(f);
    }
    tconv_figures_destroy(base);
    tconv_kernel_destroy(kernel);
}

static void what_cannot_be_measured_is_refused(void)
{
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0] = (tconv_axis){ .stride = 2, .n_taps = 4, .dilation = 1 };
    size_t before = tconv_memory_in_use();
    tconv_kernel *kernel;
    tconv_figures *f;
    tconv_error error;
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
    static const double bad_edges[] = { 0.0, -0.1, 1.0000001, NAN, INFINITY };
    for (size_t c = 0; c < sizeof bad_edges / sizeof bad_edges[0]; c++) {
        CHECK(tconv_figures_create(&f, kernel, &(tconv_figure_options){ .edge = bad_edges[c] }, &error) == TCONV_EARGUMENT);
        CHECK(f == NULL);
        CHECK_TEXT(error.message, "the edge of the passband is not in 0 < edge <= 1");
    }
    kernel->taps[2] = NAN;
    CHECK(tconv_figures_create(&f, kernel, NULL, &error) == TCONV_ENONFINITE && f == NULL);
    CHECK(strstr(error.message, "2") != NULL);
    kernel->taps[2] = -INFINITY;
    CHECK(tconv_figures_create(&f, kernel, NULL, NULL) == TCONV_ENONFINITE && f == NULL);
    tconv_kernel_destroy(kernel);
    CHECK(tconv_memory_in_use() == before);
}

static void a_measurement_that_runs_out_of_budget_leaves_nothing(void)
{
    tconv_geometry g = tconv_geometry_default(2);
    g.axis[0] = g.axis[1] = (tconv_axis){ .stride = 2, .n_taps = 3, .dilation = 1 };
    tconv_kernel *kernel;
    tconv_figures *f = NULL;
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
    random_taps(kernel->taps, 9);
    size_t before = tconv_memory_in_use(), failures = 0;
    tconv_status status = TCONV_EBUDGET;
    for (size_t room = 64; status != TCONV_OK && room < ((size_t)1 << 32); room += room / 16 + 64) {
        tconv_error error = { .message = "" };
        tconv_memory_set_budget(before + room);
        status = tconv_figures_create(&f, kernel, NULL, &error);
        CHECK(status == TCONV_OK || (status == TCONV_EBUDGET && f == NULL && error.message[0] != '\0'));
        CHECK(status == TCONV_OK || tconv_memory_in_use() == before);
        failures += status != TCONV_OK;
    }
    tconv_memory_set_budget(0);
    CHECK(status == TCONV_OK && failures > 10);
    tconv_figures_destroy(f);
    CHECK(tconv_memory_in_use() == before);
    tconv_kernel_destroy(kernel);
}

static void ratios_keep_zeros_apart(void)
{
    CHECK(tconv_ratio_db(10.0, 1.0) == 20.0 && tconv_ratio_db(1.0, 1.0) == 0.0);
    CHECK(tconv_ratio_db(0.0, 1.0) == -INFINITY && tconv_ratio_db(1.0, 0.0) == INFINITY && isnan(tconv_ratio_db(0.0, 0.0)));
    CHECK_CLOSE("floor", 0, tconv_floor_db(), -313.07, 0.005);
    CHECK(tconv_band_beta[0] == 0.5 && tconv_band_beta[1] == 0.8);
    tconv_figures_destroy(NULL);
}

/* b_q + g_q mu by hand: two input channels with branch sums (1, 3) and (2, 2), mu = (1, -1), biases 0.5 and -1.5:
 * answers -1 + 0.5 and 1 - 1.5 are equal. Without the biases they differ by 2. */
static void biases_of_phases_count_for_flat_input(void)
{
    tconv_geometry g = tconv_geometry_default(1);
    tconv_kernel *kernel;
    tconv_figures *figures;
    g.axis[0].stride = g.axis[0].n_taps = 2;
    g.channels_in = 2;
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
    for (int scaled = 0; scaled < 2; scaled++) {          /* far beyond the range where squares overflow */
        double unit = scaled == 0 ? 1.0 : 0x1p600;
        memcpy(kernel->taps, (double[]){ 1.0 * unit, 3.0 * unit, 2.0 * unit, 2.0 * unit }, 4 * sizeof(double));
        tconv_free(kernel->bias);
        tconv_free(kernel->phase_bias);
        kernel->bias = tconv_alloc(1, sizeof *kernel->bias, NULL);
        kernel->phase_bias = tconv_alloc(2, sizeof *kernel->phase_bias, NULL);
        CHECK(kernel->bias != NULL && kernel->phase_bias != NULL);
        kernel->bias[0] = -0.5 * unit;
        kernel->phase_bias[0] = 0.5 * unit;
        kernel->phase_bias[1] = -1.5 * unit;
        const tconv_figure_options options = { .edge = 0.8, .mean = (double[]){ 1.0, -1.0 } };
        CHECK(tconv_figures_create(&figures, kernel, &options, NULL) == TCONV_OK);
        CHECK(figures->flat_input_peak_to_peak == 0.0 && figures->flat_input_index == 0.0 && figures->bias_spread == 2.0 * unit);
        tconv_figures_destroy(figures);
        tconv_free(kernel->phase_bias);
        kernel->phase_bias = NULL;
        CHECK(tconv_figures_create(&figures, kernel, &options, NULL) == TCONV_OK);      /* -1 and 1 about -0.5: 1 / 0.5 */
        CHECK(figures->flat_input_peak_to_peak == 2.0 * unit && figures->flat_input_index == 2.0 && figures->bias_spread == 0.0);
        tconv_figures_destroy(figures);
    }
    tconv_free(kernel->bias);
    kernel->bias = NULL;
    CHECK(tconv_figures_create(&figures, kernel, NULL, NULL) == TCONV_OK && isnan(figures->bias_spread));
    tconv_figures_destroy(figures);
    tconv_kernel_destroy(kernel);
}

const struct test_suite suite = { "figures", {
    { "biases of phases count for flat input", biases_of_phases_count_for_flat_input },
    { "classical kernels agree with an independent computation", classical_kernels_agree_with_an_independent_computation },
    { "the printed table comes out to its digits", the_printed_table_comes_out_to_its_digits },
    { "awkward kernels agree with an independent computation", awkward_kernels_agree_with_an_independent_computation },
    { "layers agree with an independent computation", layers_agree_with_an_independent_computation },
    { "trained layers agree with an independent computation", trained_layers_agree_with_an_independent_computation },
    { "the zero kernel has no figures", the_zero_kernel_has_no_figures },
    { "scaling the taps scales the gain and nothing else", scaling_the_taps_scales_the_gain_and_nothing_else },
    { "what cannot be measured is refused", what_cannot_be_measured_is_refused },
    { "a measurement that runs out of budget leaves nothing", a_measurement_that_runs_out_of_budget_leaves_nothing },
    { "ratios keep zeros apart", ratios_keep_zeros_apart },
    { NULL, NULL } } };
