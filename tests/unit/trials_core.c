/* Trials of lib/core: statuses, memory, buffers, kernels, tensors, geometry. */
#include "trials.h"

#include <string.h>

/* ---- what trials work on ---- */

static const double uneven[4] = { 0.25, 0.75, 0.5, 0.125 };
static tconv_kernel *kept_single, *kept_layer;
static tconv_figures *figures[2];
static tconv_comparisons *comparisons;

const tconv_kernel *trial_single(void)
{
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0] = (tconv_axis){ .stride = 2, .n_taps = 4, .dilation = 1, .pad_begin = 1, .pad_end = 1 };
    if (kept_single == NULL && tconv_kernel_create(&kept_single, &g, NULL) == TCONV_OK) {
        memcpy(kept_single->taps, uneven, sizeof uneven);
        kept_single->name = tconv_alloc_text("uneven", NULL);
    }
    return kept_single;
}

const tconv_kernel *trial_layer(void)
{
    tconv_geometry g = tconv_geometry_default(2);
    g.channels_in = g.channels_out = 2;
    g.axis[0] = (tconv_axis){ .stride = 2, .n_taps = 3, .dilation = 1, .pad_begin = 1, .pad_end = 1, .output_padding = 1 };
    g.axis[1] = (tconv_axis){ .stride = 2, .n_taps = 4, .dilation = 1, .pad_begin = 1, .pad_end = 1 };
    if (kept_layer == NULL && tconv_kernel_create(&kept_layer, &g, NULL) == TCONV_OK) {
        for (size_t i = 0; i < tconv_kernel_count(kept_layer); i++)
            kept_layer->taps[i] = (double)(7 * i % 23) / 8.0 - 1.25;
        kept_layer->name = tconv_alloc_text("up", NULL);
        kept_layer->weight = tconv_alloc_text("up.weight", NULL);
        kept_layer->operator_name = tconv_alloc_text("ConvTranspose", NULL);
        kept_layer->bias = tconv_alloc_zero(2, sizeof *kept_layer->bias, NULL);
    }
    return kept_layer;
}

const tconv_figures *trial_figures(const tconv_kernel *kernel)
{
    size_t which = kernel == trial_single() ? 0 : 1;
    if (figures[which] == NULL)
        CHECK(tconv_figures_create(&figures[which], kernel, NULL, NULL) == TCONV_OK);
    return figures[which];
}

const tconv_comparisons *trial_comparisons(void)
{
    const tconv_reference *against[2] = { tconv_reference_find("linear"), tconv_reference_find("lanczos3") };
    tconv_compare_options options = { .against = against, .n_against = 2, .edge = 0.8 };
    if (comparisons == NULL)
        CHECK(tconv_compare(&comparisons, trial_single(), &options, NULL) == TCONV_OK);
    return comparisons;
}

void trials_core_end(void)
{
    tconv_comparisons_destroy(comparisons);
    for (size_t i = 0; i < 2; i++)
        tconv_figures_destroy(figures[i]);
    tconv_kernel_destroy(kept_single);
    tconv_kernel_destroy(kept_layer);
}

/* ---- status, memory, numbers ---- */

static void statuses(struct trial *t)
{
    tconv_error error;
    QUIET(tconv_version());
    QUIET(tconv_status_text(TCONV_ENOMEM));
    QUIET(tconv_status_name(TCONV_ENOMEM));
    QUIET(tconv_fail(&error, TCONV_EFORMAT, "a sentence with %d", 1));
    QUIET(tconv_fail_at(&error, TCONV_EFORMAT, 1, 2, "a sentence with %s", "a text"));
    QUIET(tconv_fail_plain(&error, TCONV_ENOMEM));
    QUIET(tconv_fftw_inside());
    note(t, error.message, strlen(error.message));
}

static void memory(struct trial *t)
{
    size_t size = 0;
    char *text = ANYTHING;
    QUIET_IS(true, tconv_size_mul(3, 5, &size));
    QUIET_IS(true, tconv_size_add(3, 5, &size));
    QUIET_IS(true, tconv_shape_count((size_t[]){ 2, 3 }, 2, &size));
    QUIET(tconv_memory_set_budget(0));
    QUIET(tconv_memory_budget());
    QUIET(tconv_memory_in_use());
    if (!TRY(tconv_memory_probe()) || !GET(text, tconv_alloc(3, 5, &t->status)))
        return;
    QUIET(tconv_free(text));
    if (GET(text, tconv_alloc_zero(3, 5, &t->status)))
        QUIET(tconv_free(text));
    if (t->status != TCONV_OK || !GET(text, tconv_alloc_text("a text", &t->status)))
        return;
    note(t, text, 7);
    QUIET(tconv_free(text));
}

static void random_numbers(struct trial *t)
{
    tconv_random random;
    double x[3];
    QUIET(random = tconv_random_seed(1));
    QUIET(tconv_random_seed(1));
    QUIET(tconv_random_bits(&random));
    QUIET(tconv_random_uniform(&random));
    QUIET(tconv_random_normal(&random));
    for (size_t i = 0; i < 3; i++)
        x[i] = tconv_random_normal(&random);
    note_doubles(t, x, 3);
}

static void buffers(struct trial *t)
{
    tconv_buffer out = { 0 };
    if (FILL(&out, tconv_buffer_text(&out, "a text")) && FILL(&out, tconv_buffer_bytes(&out, uneven, sizeof uneven)))
        for (size_t i = 0; i < 100; i++)
            if (!FILL(&out, tconv_buffer_format(&out, "%zu %s\n", i, "lines, so that it grows")))
                break;
    note_buffer(t, &out);
}

static void elements(struct trial *t)
{
    float single[4];
    double back[4];
    unsigned char half[8];
    QUIET(tconv_element_bytes(TCONV_F16));
    QUIET(tconv_element_text(TCONV_F16));
    QUIET(tconv_element_is_float(TCONV_F16));
    QUIET_IS(TCONV_OK, tconv_element_from_f64(TCONV_F16, false, uneven, 4, half, &t->error));
    QUIET_IS(TCONV_OK, tconv_element_to_f64(TCONV_F16, false, half, 4, back, &t->error));
    QUIET_IS(TCONV_OK, tconv_element_to_f32(TCONV_F16, false, half, 4, single, &t->error));
    QUIET(tconv_element_round(TCONV_BF16, 0.3));
    QUIET(tconv_first_non_finite(uneven, 4));
    note_doubles(t, back, 4);
}

/* ---- tensors, kernels, branches ---- */

static void tensors(struct trial *t)
{
    tconv_tensor *tensor = ANYTHING;
    char text[40];
    if (!MADE(tensor, tconv_tensor_create(&tensor, TCONV_F64, (size_t[]){ 2, 3 }, 2)))
        return;
    QUIET(tconv_tensor_set(tensor, 1, 2.5));
    QUIET(tconv_tensor_get(tensor, 1));
    QUIET(tconv_tensor_first_non_finite(tensor));
    QUIET(tconv_shape_text(tensor->shape, tensor->rank, text, sizeof text));
    note_doubles(t, tensor->data, tensor->count);
    note(t, text, strlen(text));
    QUIET(tconv_tensor_destroy(tensor));
}

static void kernels(struct trial *t)
{
    tconv_kernel *kernel = ANYTHING;
    const tconv_kernel *layer = trial_layer();
    if (MADE(kernel, tconv_kernel_create(&kernel, &layer->geometry, &t->error)))
        note_kernel(t, kernel);
    kernel = ANYTHING;
    if (t->status == TCONV_OK && MADE(kernel, tconv_kernel_extract(layer, 1, 0, &kernel, &t->error)))
        note_kernel(t, kernel);
    kernel = ANYTHING;
    if (t->status == TCONV_OK && MADE(kernel, tconv_kernel_channel(layer, 1, &kernel, &t->error)))
        note_kernel(t, kernel);
    QUIET(tconv_kernel_is_single(layer));
    QUIET(tconv_kernel_count(layer));
    QUIET(tconv_kernel_pair(layer, 0, 1));
}

static void kernels_of_tensors(struct trial *t)
{
    tconv_tensor *tensor = ANYTHING;
    tconv_kernel *kernel = ANYTHING;
    tconv_geometry_options given = { .stride = { 1, { 2 } } };
    if (!MADE(tensor, tconv_kernel_to_tensor(trial_layer(), &tensor, &t->error)))
        return;
    if (MADE(kernel, tconv_kernel_from_tensor(tensor, &given, &kernel, &t->error)))
        note_kernel(t, kernel);
    tconv_tensor_destroy(tensor);
}

static void branches(struct trial *t)
{
    const tconv_kernel *kernel = trial_layer();
    tconv_polyphase *split = ANYTHING;
    tconv_branch branch[4];
    double taps[12];
    size_t shape[TCONV_MAX_NDIM];
    if (MADE(split, tconv_polyphase_create(&split, &kernel->geometry, kernel->taps))) {
        QUIET(tconv_polyphase_count(split));
        QUIET(tconv_polyphase_branch(split, 3, shape));
        QUIET(tconv_polyphase_merge(split, taps));
        note_doubles(t, taps, 12);
        QUIET(tconv_polyphase_destroy(split));
    }
    QUIET(tconv_phase_of(&kernel->geometry, 3, shape));
    QUIET(tconv_kernel_zero(kernel->taps, 12));
    if (t->status == TCONV_OK && TRY(tconv_branches_of(&kernel->geometry, kernel->taps, 0.0, branch)))
        for (size_t q = 0; q < 4; q++)
            note_doubles(t, &branch[q].dc_gain, 1);
}

/* ---- geometry: none of it allocates ---- */

static void sizes_of_an_axis(struct trial *t)
{
    const tconv_axis *axis = &trial_single()->geometry.axis[0];
    tconv_axis other = *axis;
    int64_t slope, constant;
    size_t n = 0, count = 0;
    double distance = 0.0;
    QUIET_IS(TCONV_OK, tconv_axis_check(axis, &t->error));
    QUIET(tconv_axis_effective_taps(axis));
    QUIET(tconv_axis_correlation_padding(axis));
    QUIET_IS(TCONV_OK, tconv_axis_output_size(axis, 5, &n, &t->error));
    QUIET_IS(TCONV_OK, tconv_axis_forward_size(axis, 10, &n, &t->error));
    QUIET_IS(TCONV_OK, tconv_axis_valid_sizes(axis, 5, &n, &count, &t->error));
    QUIET(tconv_axis_output_formula(axis, &slope, &constant));
    QUIET_IS(TCONV_OK, tconv_axis_apply_onnx(&other, TCONV_PAD_SAME_UPPER, 5, 0, &t->error));
    QUIET_IS(TCONV_OK, tconv_axis_apply_tensorflow(&other, true, &t->error));
    QUIET(tconv_axis_receptive_field_offset(axis));
    QUIET(tconv_axis_pixel_offset(axis));
    QUIET(tconv_axis_centroid_offset(axis, 1.5));
    QUIET_IS(TCONV_OK, tconv_axis_grid_distance(axis, TCONV_GRID_HALF_PIXEL, 5, &distance, &t->error));
    QUIET(tconv_axis_gap(axis));
    QUIET(tconv_axis_coverage(axis, 1));
    QUIET(tconv_axis_even_coverage(axis, &other, &distance));
    QUIET(tconv_axis_surplus(axis));
    QUIET(tconv_axis_repair_padding(axis, &n));
    QUIET(tconv_axis_tones(axis));
    QUIET(tconv_axis_align(&other, TCONV_GRID_HALF_PIXEL));
    QUIET(tconv_gcd(12, 18));
}

static void sizes_of_a_geometry(struct trial *t)
{
    const tconv_geometry *g = &trial_layer()->geometry;
    tconv_geometry_options given = { .stride = { 1, { 2 } } }, merged;
    tconv_geometry made;
    double mean, variance;
    QUIET(made = tconv_geometry_default(1));
    QUIET(tconv_geometry_default(2));
    QUIET_IS(TCONV_OK, tconv_geometry_check(g, &t->error));
    QUIET(tconv_geometry_phases(g));
    QUIET(tconv_geometry_taps(g));
    QUIET(tconv_geometry_connected(g));
    QUIET(tconv_geometry_coverage(g, &mean, &variance));
    QUIET(tconv_geometry_index_db(g));
    QUIET(tconv_geometry_options_merge(&given, &given, &merged));
    QUIET_IS(TCONV_OK, tconv_geometry_options_apply(&given, &made, &t->error));
    QUIET_IS(TCONV_OK, tconv_geometry_of_shape(&given, (size_t[]){ 2, 2, 3 }, 3, &made, &t->error));
}

static void dialects(struct trial *t)
{
    const tconv_geometry *g = &trial_layer()->geometry;
    const tconv_axis *axis = &g->axis[0];
    tconv_axis said;
    tconv_geometry all;
    size_t begin[TCONV_MAX_NDIM], end[TCONV_MAX_NDIM];
    QUIET(tconv_axis_same_layer(axis, axis));
    QUIET(tconv_axis_say_pytorch(axis, &said));
    QUIET(tconv_axis_say_onnx(axis, &said));
    QUIET(tconv_axis_is_auto_pad(axis, TCONV_PAD_SAME_UPPER));
    QUIET(tconv_axis_is_output_shape(axis, TCONV_PAD_SAME_UPPER, 5));
    QUIET(tconv_axis_is_tensorflow(axis, true));
    QUIET(tconv_axis_tensorflow_crop(axis, begin, end));
    QUIET(tconv_geometry_say_pytorch(g, &all));
    QUIET(tconv_geometry_say_onnx(g, &all));
    QUIET(tconv_geometry_is_auto_pad(g, TCONV_PAD_SAME_UPPER));
    QUIET(tconv_geometry_is_output_shape(g, TCONV_PAD_SAME_UPPER, (size_t[]){ 5, 5 }));
    QUIET(tconv_geometry_is_tensorflow(g, true));
    QUIET(tconv_geometry_tensorflow_crop(g, begin, end));
    QUIET(tconv_geometry_strided_and_dilated(g));
}

static void stacks_and_searches(struct trial *t)
{
    const tconv_axis *axis = &trial_single()->geometry.axis[0];
    const tconv_axis layers[2] = { *axis, *axis };
    tconv_axis whole, found[4];
    size_t sizes[2], total = 0;
    tconv_layer_query query = { .n_in = 4, .n_out = 8 };
    QUIET_IS(TCONV_OK, tconv_stack_sizes(layers, 2, 5, sizes, &t->error));
    QUIET_IS(TCONV_OK, tconv_stack_equivalent(layers, 2, &whole, &t->error));
    QUIET(tconv_stack_pixel_offset(layers, 2));
    QUIET(tconv_stack_rate(layers, 1));
    QUIET(tconv_layer_order(&layers[0], &layers[1]));
    if (TRY(tconv_layer_search(&query, found, 4, &total, &t->error)))
        note(t, &found[0].n_taps, sizeof found[0].n_taps);
}

const struct trial_case trials_core[] = {
    { "statuses", statuses, 0, 0 }, { "memory", memory, 0, 0 }, { "random numbers", random_numbers, 0, 0 },
    { "buffers", buffers, 0, 0 }, { "elements", elements, 0, 0 }, { "tensors", tensors, 0, 0 }, { "kernels", kernels, 0, 0 },
    { "kernels of tensors", kernels_of_tensors, 0, 0 }, { "branches", branches, 0, 0 },
    { "sizes of an axis", sizes_of_an_axis, 0, 0 }, { "sizes of a geometry", sizes_of_a_geometry, 0, 0 },
    { "dialects", dialects, 0, 0 }, { "stacks and searches", stacks_and_searches, 0, 0 }, { NULL, NULL, 0, 0 } };
