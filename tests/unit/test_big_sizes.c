/* Sizes at the ends of their types, and products that wrap: refused in words, or the right answer. No call writes or reads what
 * nobody has: arrays here are far smaller than the sizes that are named. */
#define _DEFAULT_SOURCE      /* MAP_NORESERVE */
#include "testing_network.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TWO31 ((size_t)1 << 31)
#define TWO32 ((size_t)1 << 32)
#define TWO61 ((size_t)1 << 61)
#define TWO62 ((size_t)1 << 62)
#define TWO63 ((size_t)1 << 63)
#define BUDGET ((size_t)64 << 20)

static const size_t big[] = { TWO31 - 1, TWO31,     TWO31 + 1, TWO32 - 1, TWO32,        TWO32 + 1,
                              TWO62,     TWO63 - 1, TWO63,     TWO63 + 5, SIZE_MAX - 1, SIZE_MAX };
#define N_BIG (sizeof big / sizeof *big)

/* So many doubles are nowhere: twice as many bytes as there are addresses, or the same wrapped round to few. */
static const size_t impossible[] = { TWO61, TWO61 + 1, TWO62, TWO63 - 1, TWO63, TWO63 + 5, SIZE_MAX - 1, SIZE_MAX };
#define N_IMPOSSIBLE (sizeof impossible / sizeof *impossible)

static const int64_t far[] = { (int64_t)TWO31,  -(int64_t)TWO31 - 1, (int64_t)TWO32, (int64_t)TWO62,
                               -(int64_t)TWO62, INT64_MAX,           INT64_MIN };
#define N_FAR (sizeof far / sizeof *far)

__extension__ typedef __int128 wide;

/* Refused, by a status that is about sizes; the sentence names the number, where there is one. */
static void refused(const char *what, size_t size, tconv_status status, const tconv_error *error, bool named)
{
    char number[32];
    (void)snprintf(number, sizeof number, "%zu", size);
    CHECK_MESSAGE(status == TCONV_EGEOMETRY || status == TCONV_ESIZE || status == TCONV_EARGUMENT || status == TCONV_EBUDGET
                  || status == TCONV_EUNSUPPORTED, "%s %zu: %s", what, size, tconv_status_name(status));
    if (error != NULL)
        CHECK_MESSAGE(error->message[0] != '\0' && (!named || strstr(error->message, number) != NULL), "%s %zu is told: \"%s\"",
                      what, size, error->message);
}

static tconv_geometry layer(size_t ndim, size_t s, size_t k)
{
    tconv_geometry g = tconv_geometry_default(ndim);
    for (size_t i = 0; i < ndim; i++)
        g.axis[i] = (tconv_axis){ .stride = s, .n_taps = k, .dilation = 1 };
    return g;
}

/* ---- geometry ---- */

static void every_figure_of_a_layer_has_its_limit(void)
{
    tconv_error error = { 0 };
    for (size_t i = 0; i < N_BIG; i++) {
        tconv_geometry g = layer(1, 2, 3), h;
        size_t *const fields[] = { &h.axis[0].stride, &h.axis[0].n_taps, &h.axis[0].dilation, &h.axis[0].output_padding,
                                   &h.channels_in,    &h.channels_out,   &h.groups,           &h.ndim };
        static const char *const names[] = { "stride",      "taps",         "dilation", "output padding",
                                             "channels in", "channels out", "groups",   "axes" };
        for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
            h = g;
            *fields[f] = big[i];
            refused(names[f], big[i], tconv_geometry_check(&h, &error), &error, true);
        }
    }
    for (size_t i = 0; i < N_FAR; i++)
        for (int end = 0; end < 2; end++) {
            tconv_axis axis = layer(1, 2, 3).axis[0];
            char number[32];
            *(end == 0 ? &axis.pad_begin : &axis.pad_end) = far[i];
            (void)snprintf(number, sizeof number, "%lld", (long long)far[i]);
            CHECK_MESSAGE(tconv_axis_check(&axis, &error) == TCONV_EGEOMETRY && strstr(error.message, number) != NULL,
                          "padding %s: \"%s\"", number, error.message);
        }
}

static int64_t pick_padding(void)
{
    return random_between(0, 1) == 0 ? (int64_t)random_between(0, 6) - 3
                                     : (int64_t)random_between(0, 2 * TWO31 / 2) - (int64_t)TWO31 / 2;
}

static tconv_axis random_axis(void)
{
    static const size_t strides[] = { 1, 2, 3, 32768, 65535, 65536 }, taps[] = { 1, 2, 7, 65536, TWO31 / 2 - 1, TWO31 / 2 };
    tconv_axis axis = { .stride = strides[random_between(0, 5)], .n_taps = taps[random_between(0, 5)], .dilation = 1,
                        .pad_begin = pick_padding(), .pad_end = pick_padding() };
    axis.output_padding = random_between(0, axis.stride - 1);
    return axis;
}

static size_t random_size(void)
{
    size_t size = big[random_between(0, N_BIG - 1)];
    return random_between(0, 1) == 0 ? size : size / random_between(1, 65536) + random_between(0, 2);
}

/* What the sizes are, in integers that hold them. */
static void check_sizes(const tconv_axis *a, size_t n)
{
    tconv_error error = { 0 };
    size_t got = 0, first = 0, count = 0;
    wide k_eff = (wide)a->dilation * (wide)(a->n_taps - 1) + 1, pads = (wide)a->pad_begin + a->pad_end;
    wide m = (wide)a->stride * ((wide)n - 1) + k_eff - pads + (wide)a->output_padding;
    tconv_status status = tconv_axis_output_size(a, n, &got, &error), want = m < 1           ? TCONV_EGEOMETRY
                                                                             : m > INT64_MAX ? TCONV_ESIZE
                                                                                             : TCONV_OK;
    CHECK_MESSAGE(status == want && (want != TCONV_OK || (wide)got == m), "output of %zu: %s, %zu", n, tconv_status_name(status),
                  got);
    wide back = (wide)n + pads - k_eff;
    status = tconv_axis_forward_size(a, n, &got, &error);
    bool fits = status == TCONV_OK && back >= 0 && (wide)got == back / (wide)a->stride + 1;
    CHECK_MESSAGE(fits || (status == TCONV_EGEOMETRY && back < 0)
                      || (status == TCONV_ESIZE && ((wide)n > INT64_MAX || (wide)n + pads > INT64_MAX)),
                  "input of %zu: %s, %zu", n, tconv_status_name(status), got);
    wide least = (wide)a->stride * ((wide)n - 1) + k_eff - pads, last = least + (wide)a->stride - 1;
    status = tconv_axis_valid_sizes(a, n, &first, &count, &error);
    wide begin = least < 1 ? 1 : least, number = last < begin ? 0 : last - begin + 1;
    CHECK_MESSAGE(status == TCONV_ESIZE ? last > INT64_MAX || (wide)n > INT64_MAX
                                        : status == TCONV_OK && (wide)count == number && (number == 0 || (wide)first == begin),
                  "valid for %zu: %s, %zu from %zu", n, tconv_status_name(status), count, first);
    double distance = -1.0;
    status = tconv_axis_grid_distance(a, TCONV_GRID_ALIGN_CORNERS, n, &distance, &error);
    CHECK(status != TCONV_OK || distance >= 0.0);
}

static void sizes_are_right_or_refused_up_to_the_ends_of_their_types(void)
{
    for (size_t round = 0; round < test_rounds(20000); round++) {
        tconv_axis a = random_axis();
        if (tconv_axis_check(&a, NULL) != TCONV_OK)
            continue;
        check_sizes(&a, random_size());
        CHECK((wide)tconv_axis_surplus(&a) == (wide)a.n_taps - (wide)a.stride - a.pad_begin - a.pad_end + (wide)a.output_padding);
        int64_t slope, constant;
        tconv_axis_output_formula(&a, &slope, &constant);
        CHECK(slope == (int64_t)a.stride && constant == tconv_axis_surplus(&a));
        tconv_axis onnx = a;
        tconv_error error = { .message = "" };
        tconv_status status = tconv_axis_apply_onnx(&onnx, TCONV_PAD_SAME_UPPER, random_size(), random_size(), &error);
        CHECK_MESSAGE(status == TCONV_OK ? tconv_axis_check(&onnx, NULL) == TCONV_OK : error.message[0] != '\0', "%s",
                      tconv_status_name(status));
    }
}

static void layers_in_series_do_not_wrap_round(void)
{
    tconv_axis layers[5], whole;
    const tconv_kernel *chain[5];
    tconv_tone tone;
    tconv_kernel *kernel, *equal;
    tconv_error error = { 0 };
    size_t sizes[5];
    tconv_geometry g = layer(1, 65536, 1);
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
    for (size_t i = 0; i < 5; i++) {
        layers[i] = g.axis[0];
        chain[i] = kernel;
    }
    for (size_t count = 2; count <= 5; count++) {      /* strides of 2^32, 2^48, 2^64 and 2^80 */
        refused("layers", count, tconv_stack_equivalent(layers, count, &whole, &error), &error, false);
        refused("layers", count, tconv_cascade_equivalent(chain, count, &equal, &error), &error, false);
        if (count >= 4)
            refused("tones of layers", count, tconv_cascade_tones(chain, count, 1.0, &tone, &error), &error, false);
    }
    CHECK(tconv_stack_sizes(layers, 3, 2, sizes, &error) == TCONV_OK && sizes[2] == ((size_t)1 << 48) + 1);
    refused("layers", 5, tconv_stack_sizes(layers, 5, 2, sizes, &error), &error, false);
    tconv_kernel_destroy(kernel);
}

static void searches_end_and_are_right(void)
{
    for (size_t i = 0; i < N_BIG; i++)
        for (size_t j = 0; j < N_BIG; j++) {
            tconv_layer_query query = { .n_in = i % 3 == 0 ? 1 : big[i], .n_out = big[j] };
            tconv_axis found[4];
            size_t total = 0, m;
            tconv_error error = { .message = "" };
            tconv_status status = tconv_layer_search(&query, found, 4, &total, &error);
            CHECK(status == TCONV_OK || error.message[0] != '\0');
            for (size_t f = 0; status == TCONV_OK && f < 4 && f < total; f++)
                CHECK_MESSAGE(tconv_axis_output_size(&found[f], query.n_in, &m, NULL) == TCONV_OK && m == query.n_out,
                              "%zu to %zu", query.n_in, query.n_out);
        }
}

static void options_are_held_to_the_limits(void)
{
    for (size_t i = 0; i < N_FAR; i++) {
        tconv_geometry g;
        tconv_error error = { .message = "" };
        const tconv_option_list list = { 1, { far[i] } };
        const tconv_geometry_options options[] = { { .stride = list },
                                                   { .stride = { 1, { 2 } }, .dilation = list },
                                                   { .stride = { 1, { 2 } }, .padding = list },
                                                   { .stride = { 1, { 2 } }, .output_padding = list },
                                                   { .stride = { 1, { 2 } }, .output_shape = list, .input_size = { 1, { 5 } } },
                                                   { .stride = { 1, { 2 } }, .output_shape = { 1, { 5 } }, .input_size = list },
                                                   { .stride = { 1, { 2 } }, .output_shape = list, .input_size = list },
                                                   { .stride = { 1, { 2 } }, .groups = (size_t)far[i] } };
        for (size_t o = 0; o < sizeof options / sizeof *options; o++) {
            tconv_status status = tconv_geometry_of_shape(&options[o], (size_t[]){ 2, 2, 3 }, 3, &g, &error);
            refused("option", o, status, &error, false);
        }
        for (size_t axis = 0; axis < 3; axis++) {
            size_t shape[3] = { 2, 2, 3 };
            shape[axis] = (size_t)far[i];
            refused("extent", shape[axis],
                    tconv_geometry_of_shape(&(tconv_geometry_options){ .stride = { 1, { 2 } } }, shape, 3, &g, &error), &error,
                    false);
        }
    }
}

/* ---- memory ---- */

static void products_that_wrap_are_refused(void)
{
    static const size_t shapes[][3] = { { TWO32, TWO32, 1 },
                                        { TWO31, TWO31 * 4, 1 },
                                        { TWO63, 2, 1 },
                                        { (size_t)1 << 22, (size_t)1 << 21, (size_t)1 << 21 },
                                        { TWO61, 1, 1 },
                                        { TWO61, 1, 4 },
                                        { SIZE_MAX, SIZE_MAX, SIZE_MAX },
                                        { TWO31, 1, 1 } };
    tconv_memory_set_budget(BUDGET);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        tconv_tensor *tensor;
        refused("tensor", i, tconv_tensor_create(&tensor, TCONV_F64, shapes[i], 3), NULL, false);
        CHECK(tensor == NULL);
    }
    const size_t limit = (size_t)1 << 30;
    for (size_t ndim = 1; ndim <= 3; ndim++) {
        tconv_geometry g = layer(ndim, 65536, limit);
        tconv_kernel *kernel;
        tconv_error error = { 0 };
        g.channels_in = g.channels_out = limit;
        refused("kernel of axes", ndim, tconv_kernel_create(&kernel, &g, &error), &error, false);
        g.channels_in = g.channels_out = 1;
        refused("kernel of axes", ndim, tconv_kernel_create(&kernel, &g, &error), &error, false);
    }
    tconv_buffer out = { 0 };
    tconv_buffer_text(&out, "a");
    tconv_buffer_bytes(&out, "b", SIZE_MAX);
    CHECK(out.status == TCONV_ESIZE);
    tconv_buffer_free(&out);
    tconv_buffer_bytes(&out, "b", TWO62);
    CHECK(out.status == TCONV_EBUDGET || out.status == TCONV_ESIZE);
    tconv_buffer_free(&out);
    tconv_memory_set_budget(0);
}

/* ---- analysis and design ---- */

/* A kernel of a few taps whose strides make more phases than there is memory for, or than a layer may have. */
static void phases_that_no_memory_holds_are_refused(void)
{
    tconv_memory_set_budget(BUDGET);
    for (size_t ndim = 2; ndim <= 3; ndim++) {
        const tconv_geometry g = layer(ndim, 65536, 1);
        tconv_polyphase *split;
        tconv_figures *figures;
        tconv_kernel *kernel;
        tconv_error error = { 0 };
        refused("phases", ndim, tconv_polyphase_create(&split, &g, (double[]){ 1.0 }), NULL, false);
        tconv_status status = tconv_kernel_create(&kernel, &g, &error);
        if (status == TCONV_OK)
            status = tconv_figures_create(&figures, kernel, NULL, &error);
        refused("figures", ndim, status, &error, false);
        tconv_kernel_destroy(kernel);
    }
    tconv_memory_set_budget(0);
}

static void numbers_of_points_that_no_array_has_are_refused(void)
{
    const tconv_geometry g = layer(1, 2, 4);
    const double taps[4] = { 0.25, 0.75, 0.75, 0.25 };
    double a[4], b[4], c[4];
    tconv_bifrequency map[4];
    tconv_complex response[4];
    tconv_memory_set_budget(BUDGET);
    for (size_t i = 0; i < N_IMPOSSIBLE; i++) {
        size_t n = impossible[i];
        tconv_error error = { 0 };
        tconv_response *plan;
        refused("branch spectra", n, tconv_branch_spectra(&g, taps, 0, n, a, b, c), NULL, false);
        refused("image spectra", n, tconv_image_spectra(&g, taps, 0, n, a), NULL, false);
        refused("bifrequency map", n, tconv_bifrequency_map(&g, taps, 0, n, map), NULL, false);
        refused("response", n, tconv_response_along(&g, taps, 0, n, response), NULL, false);
        refused("phase", n, tconv_phase_along(&g, taps, 0, n, a), NULL, false);
        refused("group delay", n, tconv_group_delay_along(&g, taps, 0, n, a), NULL, false);
        refused("circle", n, tconv_response_create(&plan, &g, &n, TCONV_F64, &error), &error, true);
        refused("segment", n, tconv_welch(taps, n, n, a, &error), &error, false);
        refused("segment", n, tconv_welch(taps, 4, n, a, &error), &error, true);
    }
    tconv_memory_set_budget(0);
}

static void designs_of_too_many_taps_are_refused(void)
{
    tconv_band bands[TCONV_MAX_BANDS];
    const tconv_psd psd = { .kind = TCONV_PSD_WHITE };
    size_t n_bands = 0;
    double taps[4] = { 1.0 }, mse;
    tconv_error error = { 0 };
    CHECK(tconv_bands_interpolator(2, 0.8, 1.0, false, bands, &n_bands, NULL) == TCONV_OK);
    tconv_memory_set_budget(BUDGET);
    for (size_t i = 0; i < N_IMPOSSIBLE; i++) {
        size_t n = impossible[i];
        refused("equiripple", n, tconv_equiripple_taps(bands, n_bands, n, taps, NULL, &error), &error, false);
        refused("least squares", n, tconv_least_squares_taps(bands, n_bands, n, NULL, 0, taps, &error), &error, false);
        refused("constraints", n,
                tconv_least_squares_taps(bands, n_bands, 4, (tconv_constraint[]){ { 0.0, 2.0 } }, n, taps, &error), &error,
                false);
        refused("wiener", n, tconv_wiener_taps(&psd, 2, n, taps, &mse, &error), &error, false);
        refused("bands", n, tconv_bands_check(bands, n, 4, &error), &error, true);
    }
    for (size_t i = 0; i < N_BIG; i++)
        for (size_t r = 0; r < tconv_reference_count(); r++)
            for (int what = 0; what < 2; what++) {
                tconv_design design = tconv_design_default(1, what == 0 ? big[i] : 2);
                tconv_kernel *kernel;
                design.n_taps[0] = what == 0 ? 8 : big[i];
                tconv_status status = tconv_reference_design(tconv_reference_at(r), &design, &kernel, &error);
                refused(tconv_reference_at(r)->name, big[i], status, &error, false);
            }
    size_t n;
    double beta;
    refused("Kaiser", 0, tconv_kaiser_order(60.0, 1e-300, &n, &beta, &error), &error, false);
    refused("Kaiser", 0, tconv_kaiser_order(1e308, 1e-9, &n, &beta, &error), &error, false);
    tconv_memory_set_budget(0);
}

static void joined_layers_do_not_outgrow_a_layer(void)
{
    static const double weights[4] = { 1.0 };
    tconv_error error = { 0 };
    tconv_memory_set_budget(BUDGET);
    for (size_t i = 0; i < N_BIG; i++) {
        tconv_convolution c = tconv_convolution_default(2), d = c;
        tconv_kernel *kernel;
        size_t *const fields[] = { &d.channels_in, &d.channels_out, &d.groups, &d.n_taps[1], &d.dilation[1], &d.ndim };
        c.weights = weights;
        for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
            d = c;
            d.n_taps[1] = 2;
            *fields[f] = big[i];
            refused("convolution", big[i], tconv_convolution_check(&d, &error), &error, true);
        }
        refused("block", big[i], tconv_depth_to_space(&c, (size_t[]){ big[i], big[i] }, TCONV_DEPTH_CRD, &kernel, NULL, &error),
                &error, false);
        refused("block", big[i], tconv_depth_to_space(&c, (size_t[]){ big[i], 1 }, TCONV_DEPTH_DCR, &kernel, NULL, &error),
                &error, false);
        tconv_resize resize = { .scale = { big[i], big[i] }, .mode = TCONV_RESIZE_LINEAR, .grid = TCONV_GRID_HALF_PIXEL };
        refused("scale", big[i], tconv_resize_conv(&resize, &c, &kernel, &error), &error, false);
    }
    tconv_memory_set_budget(0);
}

/* ---- operators ---- */

static void plans_for_inputs_that_nobody_has_are_refused(void)
{
    const tconv_geometry g = layer(2, 2, 3);
    const double taps[9] = { 1.0 };
    tconv_error error = { 0 };
    tconv_memory_set_budget(BUDGET);
    for (size_t i = 0; i < N_BIG; i++)
        for (size_t axis = 0; axis < 2; axis++) {
            size_t n_in[2] = { 3, 3 };
            n_in[axis] = big[i];
            for (int engine = 0; engine < TCONV_ENGINE_COUNT; engine++) {
                tconv_transpose *plan;
                tconv_transpose_options options = tconv_transpose_default_options();
                options.engine = (tconv_engine)engine;
                refused(tconv_engine_text(options.engine), big[i],
                        tconv_transpose_create(&plan, &g, taps, NULL, n_in, &options, &error), &error, false);
            }
            tconv_matrix *matrix;
            refused("matrix", big[i], tconv_matrix_create(&matrix, &g, taps, n_in, &error), &error, false);
        }
    for (size_t i = 0; i < N_IMPOSSIBLE; i++) {
        const tconv_geometry line = layer(1, 2, 3);
        tconv_stream *stream;
        refused("copies", impossible[i], tconv_stream_create(&stream, &line, taps, NULL, TCONV_F64, impossible[i], &error),
                &error, false);
    }
    tconv_memory_set_budget(0);
}

static void loops_over_arrays_that_nobody_has_are_refused(void)
{
    const tconv_geometry g = layer(1, 2, 3);
    const double taps[3] = { 1.0 }, x[4] = { 1.0 };
    double y[16], bias[1], gradient[3];
    const size_t one = 1;
    tconv_error error = { 0 };
    tconv_memory_set_budget(BUDGET);
    for (size_t i = 0; i < N_IMPOSSIBLE; i++) {
        size_t n = impossible[i];
        refused("input", n, tconv_zero_insert_layer_f64(&g, taps, NULL, &n, 1, x, y, &error), &error, false);
        refused("batch", n, tconv_zero_insert_layer_f64(&g, taps, NULL, &one, n, x, y, &error), &error, false);
        refused("large", n, tconv_convolve_f64(&g, taps, &n, &one, 1, x, y, &error), &error, false);
        refused("small", n, tconv_convolve_f64(&g, taps, &one, &n, 1, x, y, &error), &error, false);
        refused("batch", n, tconv_convolve_f64(&g, taps, (size_t[]){ 3 }, &one, n, x, y, &error), &error, false);
        refused("gradient", n, tconv_gradient_f64(&g, taps, &n, 1, x, x, gradient, bias, y, &error), &error, false);
        refused("gradient", n, tconv_gradient_f64(&g, taps, &one, n, x, x, gradient, bias, y, &error), &error, false);
        refused("resize from", n, tconv_resize_f64(TCONV_RESIZE_LINEAR, TCONV_GRID_HALF_PIXEL, 1, 1, &n, &one, x, y, &error),
                &error, false);
        refused("resize to", n, tconv_resize_f64(TCONV_RESIZE_LINEAR, TCONV_GRID_HALF_PIXEL, 1, 1, &one, &n, x, y, &error),
                &error, false);
        refused("rows", n, tconv_resize_f64(TCONV_RESIZE_NEAREST, TCONV_GRID_ASYMMETRIC, 1, n, &one, &one, x, y, &error), &error,
                false);
        for (int f = 0; f < 6; f++) {
            size_t v[6] = { 1, 1, 1, 1, 1, 2 };        /* batch, channels in and out, input, kernel, stride */
            v[f] = n;
            refused("resize, convolve", n,
                    tconv_resize_convolve_f64(TCONV_RESIZE_LINEAR, TCONV_GRID_HALF_PIXEL, 1, v[0], v[1], v[2], &v[3], &v[5],
                                              &v[4], &(size_t){ 0 }, taps, NULL, x, y, &error),
                    &error, false);
        }
    }
    tconv_memory_set_budget(0);
}

/* ---- learning, networks ---- */

static bool stop(void *context, size_t epoch, double loss)
{
    (void)loss;
    *(size_t *)context += 1;
    return epoch < 1;
}

static void signals_and_epochs(void)
{
    const double y[8] = { 1.0, 2.0, -1.0, 0.5 }, x[4] = { 1.0, -1.0, 0.5, 0.25 };
    tconv_signals signals = { .geometry = layer(1, 2, 2), .n_in = { 4 }, .x = x, .y = y };
    tconv_learning how = tconv_learning_default(TCONV_LEARN_SGD);
    tconv_learned learned;
    tconv_kernel *kernel;
    size_t calls = 0;
    tconv_error error = { .message = "" };
    CHECK(tconv_kernel_create(&kernel, &signals.geometry, NULL) == TCONV_OK);
    how.epochs = SIZE_MAX;
    how.progress = stop;
    how.context = &calls;
    CHECK(tconv_learn(kernel, &signals, &how, NULL, &learned, &error) == TCONV_OK && learned.epochs == 1 && calls == 2);
    tconv_kernel_destroy(kernel);
    for (size_t i = 0; i < N_IMPOSSIBLE; i++) {
        tconv_lesson *lesson;
        signals.n_in[0] = impossible[i];
        refused("signal", impossible[i], tconv_signals_check(&signals, &error), &error, false);
        refused("signal", impossible[i],
                tconv_lesson_create(&lesson, &signals.geometry, &(tconv_downsampling){ .kind = TCONV_DOWN_KEEP }, y,
                                    &impossible[i], &error),
                &error, false);
    }
}

static void networks(void)
{
    static const double tile[3] = { 0.5, 0.5, 0.5 };
    char path[600];
    tconv_container *model;
    tconv_network *network;
    tconv_error error = { 0 };
    (void)snprintf(path, sizeof path, "%s/tests/data/step-uneven.onnx", test_root_folder());
    tconv_network_options options = { .most_elements = SIZE_MAX, .most_period = SIZE_MAX, .most_products = 1e308 };
    CHECK(tconv_container_open(&model, path, NULL, NULL) == TCONV_OK);
    tconv_memory_set_budget(BUDGET);
    for (int unlimited = 0; unlimited < 2; unlimited++) {
        CHECK(tconv_network_create(&network, model, unlimited ? &options : NULL, &error) == TCONV_OK);
        for (size_t i = 0; i < N_BIG; i++)
            for (size_t axis = 0; axis < 2; axis++) {
                tconv_torus out[1] = { { 0 } };
                size_t period[2] = { 1, 1 };
                period[axis] = big[i];
                refused("period", big[i], tconv_network_run(network, tile, period, TCONV_NO_LAYER, out, &error), &error, false);
                tconv_torus_free(&out[0]);
            }
        tconv_network_destroy(network);
    }
    for (size_t i = 0; i < N_BIG; i++) {
        tconv_flat_repair *repair;
        refused("colours", big[i],
                tconv_flat_repair_create(&repair, model, &(tconv_flat_repair_options){ .colours = big[i] }, &error), &error,
                true);
        CHECK(tconv_container_tensor(model, big[i]) == NULL && tconv_container_layer(model, big[i]) == NULL);
        tconv_tensor *tensor;
        tconv_kernel *kernel;
        CHECK(tconv_container_load_tensor(model, big[i], &tensor, &error) == TCONV_EARGUMENT);
        CHECK(tconv_container_load_layer(model, big[i], &kernel, &error) == TCONV_EARGUMENT);
        CHECK(tconv_network_operator(big[i]) == NULL && tconv_reference_at(big[i]) == NULL);
    }
    tconv_memory_set_budget(0);
    tconv_container_close(model);
}

/* A layer of a graph whose attributes are far out: it opens, and says why the layer cannot be had. */
static void attributes_of_graphs(void)
{
    static const char *const names[] = { "strides", "dilations", "pads", "output_padding", "output_shape", "group" };
    static const float weights[3] = { 1.0f, 2.0f, 1.0f };
    for (size_t i = 0; i < N_FAR; i++)
        for (size_t a = 0; a < sizeof names / sizeof *names; a++) {
            struct onnx m = { 0 };
            const int64_t values[2] = { far[i], far[i] };
            onnx_floats(&m, "w", (size_t[]){ 1, 1, 3 }, 3, weights);
            onnx_node(&m, "ConvTranspose", "x w", "y");
            if (a == 5)
                onnx_int(&m, names[a], far[i]);
            else
                onnx_ints(&m, names[a], values, a == 2 ? 2 : 1);
            onnx_end(&m);
            onnx_input(&m, 1, 1, NULL);
            onnx_output(&m, "y");
            struct opened o = open_network(&m, NULL);
            CHECK_MESSAGE(o.network == NULL && o.error.message[0] != '\0', "%s %lld in a network", names[a], (long long)far[i]);
            const tconv_layer_info *info = o.container != NULL ? tconv_container_layer(o.container, 0) : NULL;
            CHECK_MESSAGE(info != NULL && info->obstacle != NULL && info->obstacle[0] != '\0', "%s %lld of a layer", names[a],
                          (long long)far[i]);
            close_network(&o);
        }
}

/* ---- files and texts ---- */

static void texts_with_big_numbers(void)
{
    static const char *const numbers[] = {
        "2147483648",           "4294967297",           "9223372036854775807",       "9223372036854775808",
        "18446744073709551615", "18446744073709551617", "99999999999999999999999999"
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char text[200];
        tconv_error error = { .message = "" };
        tconv_layer_spec spec;
        tconv_geometry g = layer(1, 2, 3);
        tconv_geometry_options options = { 0 };
        (void)snprintf(text, sizeof text, "up:s=%s", numbers[i]);
        tconv_status status = tconv_layer_spec_parse(text, &spec, &error);
        if (status == TCONV_OK)
            status = tconv_geometry_options_apply(&spec.options, &g, &error);
        CHECK_MESSAGE(status != TCONV_OK && strstr(error.message, numbers[i]) != NULL, "%s: \"%s\"", text, error.message);
        status = tconv_geometry_text_set(&options, "stride", numbers[i], ',', 0, 0, &error);
        if (status == TCONV_OK)
            status = tconv_geometry_options_apply(&options, &g, &error);
        CHECK_MESSAGE(status != TCONV_OK && strstr(error.message, numbers[i]) != NULL, "%s: \"%s\"", numbers[i], error.message);
        (void)snprintf(text, sizeof text, "{\"upsample_rates\": [%s], \"upsample_kernel_sizes\": [3]}", numbers[i]);
        tconv_source *source;
        tconv_vocoder_config config;
        CHECK(tconv_source_open_memory(&source, text, strlen(text)) == TCONV_OK);
        status = tconv_vocoder_config_read(source, &config, &error);
        CHECK_MESSAGE(status == TCONV_EGEOMETRY || status == TCONV_EFORMAT, "%s: %s", text, tconv_status_name(status));
        tconv_source_close(source);
    }
}

static void reading_where_a_file_has_ended(void)
{
    tconv_source *source;
    char byte;
    tconv_error error = { .message = "" };
    CHECK(tconv_source_open_memory(&source, "0123456789", 10) == TCONV_OK);
    for (size_t i = 0; i < N_BIG; i++)
        for (size_t j = 0; j < N_BIG; j++) {
            CHECK(tconv_source_read(source, big[i], 1, &byte, &error) == TCONV_EFORMAT && error.message[0] != '\0');
            CHECK(tconv_source_read(source, 5, big[j], &byte, &error) == TCONV_EFORMAT);
            CHECK(tconv_source_read(source, big[i], big[j], &byte, &error) == TCONV_EFORMAT);
        }
    tconv_source_close(source);
}

static void pictures_and_audio(void)
{
    double level = 0.0;
    tconv_error error = { 0 };
    tconv_audio *audio;
    FILE *file = tmpfile();
    CHECK(file != NULL);
    for (size_t i = 0; i < N_BIG; i++) {
        for (size_t axis = 0; axis < (big[i] < TWO31 ? (size_t)1 : 3); axis++) {      /* 2^31 - 1 rows or columns may be */
            tconv_tensor picture = {
                .element = TCONV_F64, .stored_as = TCONV_F64, .rank = 3, .shape = { 1, 1, 1 }, .data = &level
            };
            tconv_buffer out = { 0 };
            picture.shape[axis] = big[i];
            picture.count = big[i];
            refused("picture", big[i], tconv_picture_write(&picture, 8, &out, &error), &error, true);
            tconv_buffer_free(&out);
        }
        const tconv_audio_info infos[2] = { { 10, big[i], 8000, 0x010002 }, { 10, 1, big[i], 0x010002 } };
        for (size_t f = 0; f < 2; f++)
            refused("audio", big[i], tconv_audio_create(&audio, fileno(file), &infos[f], &error), &error, true);
    }
    const tconv_audio_info none = { 10, 0, 8000, 0x010002 }, endless = { INT64_MAX, 1, 8000, 0x010002 };
    refused("channels", 0, tconv_audio_create(&audio, fileno(file), &none, &error), &error, true);
    CHECK(tconv_audio_create(&audio, fileno(file), &endless, &error) == TCONV_OK);      /* a forecast only */
    tconv_audio_close(audio);
    (void)fclose(file);
}

static void audio_gives_what_it_has(void)
{
    char path[] = "/tmp/tconv_big_XXXXXX";
    double frames[16] = { 0.5, -0.5 };
    const tconv_audio_info info = { 8, 2, 8000, 0x010002 };
    tconv_audio_info found;
    tconv_audio *audio;
    int descriptor = mkstemp(path);
    CHECK(tconv_audio_create(&audio, descriptor, &info, NULL) == TCONV_OK && tconv_audio_write(audio, frames, 8, NULL) == TCONV_OK
          && tconv_audio_finish(audio, NULL) == TCONV_OK);
    tconv_audio_close(audio);
    (void)close(descriptor);
    for (size_t i = 0; i < N_BIG; i++) {
        size_t got = 0;
        tconv_error error = { .message = "" };
        CHECK(tconv_audio_open(&audio, path, &found, NULL) == TCONV_OK);
        CHECK_MESSAGE(tconv_audio_read(audio, frames, big[i], &got, &error) == TCONV_OK && got == 8, "%zu frames: %zu, \"%s\"",
                      big[i], got, error.message);
        tconv_audio_close(audio);
    }
    (void)unlink(path);
}

/* ---- across 2^31, with memory that is there only where it is touched ---- */

/* Zero bytes, none of them in memory yet; NULL, said aloud, where there are not so many addresses. */
static void *sparse(size_t bytes)
{
    void *block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (block != MAP_FAILED)
        return block;
    test_skip("%zu GiB of addresses cannot be had", bytes >> 30);
    return NULL;
}

/* z of 2^32 + 1 floats, read at every 65536th: markers on either side of 2^31 and of 2^32 elements. */
static void a_convolution_reads_beyond_two_to_the_32(void)
{
    const size_t stride = 65536, n_small = TWO32 / stride + 1, n_large = TWO32 + 1, bytes = n_large * sizeof(float);
    float *z = sparse(bytes), *x = calloc(n_small, sizeof *x), *ones = calloc(n_small, sizeof *ones), gradient = 0.0f;
    const tconv_geometry g = layer(1, stride, 1);
    const float tap = 2.0f;
    if (z != NULL && x != NULL && ones != NULL) {
        const size_t at[] = { 0, TWO31 - stride, TWO31, TWO31 + stride, TWO32 - stride, TWO32 };
        for (size_t i = 0; i < 6; i++) {
            z[at[i]] = (float)(i + 1);
            ones[at[i] / stride] = 1.0f;
        }
        CHECK(tconv_convolve_f32(&g, &tap, &n_large, &n_small, 1, z, x, NULL) == TCONV_OK);
        for (size_t i = 0; i < 6; i++)
            CHECK_CLOSE("x", i, (double)x[at[i] / stride], 2.0 * (double)(i + 1), 0.0);
        CHECK(tconv_gradient_f32(&g, &tap, &n_small, 1, ones, z, &gradient, NULL, NULL, NULL) == TCONV_OK);
        CHECK_CLOSE("gradient", 0, (double)gradient, 21.0, 0.0);
    }
    if (z != NULL)
        (void)munmap(z, bytes);
    free(x);
    free(ones);
}

/* A stream that has made more than 2^31 outputs, in a few megabytes. */
static void a_stream_goes_on_beyond_two_to_the_31(void)
{
    enum { STRIDE = 65536, CHUNK = 16 };
    const tconv_geometry g = layer(1, STRIDE, 1);
    const double tap = 3.0;
    size_t pushes = TWO31 / STRIDE / CHUNK + 1, made = 0;
    float x[CHUNK], *y = NULL;
    tconv_stream *stream;
    if (test_rounds(10) != 10) {
        test_skip("2^31 outputs of a stream: not in a quick run");
        return;
    }
    CHECK(tconv_stream_create(&stream, &g, &tap, NULL, TCONV_F32, 1, NULL) == TCONV_OK);
    y = malloc((tconv_stream_room(stream, CHUNK) + 1) * sizeof *y);
    for (size_t i = 0; i < CHUNK; i++)
        x[i] = (float)(i + 1);
    for (size_t p = 0; p < pushes && y != NULL; p++) {
        size_t before = made, got = tconv_stream_push(stream, x, CHUNK, y);
        made += got;
        for (size_t n = (before + STRIDE - 1) / STRIDE * STRIDE; n < made; n += STRIDE)
            CHECK(y[n - before] == 3.0f * x[n / STRIDE % CHUNK] && (n + 1 >= made || y[n - before + 1] == 0.0f));
    }
    made += y != NULL ? tconv_stream_finish(stream, y) : 0;
    CHECK_MESSAGE(made == (pushes * CHUNK - 1) * STRIDE + 1 && made > TWO31, "%zu outputs", made);
    tconv_stream_destroy(stream);
    free(y);
}

/* A safetensors file of 5 GiB, nearly all of it a hole; the small tensor at its end is read. */
static void a_tensor_beyond_four_gigabytes_is_read(void)
{
    const uint64_t hole = (uint64_t)5 << 30;
    char path[] = "/tmp/tconv_big_XXXXXX", header[300], length[8];
    int descriptor = mkstemp(path);
    (void)snprintf(header, sizeof header,
                   "{\"hole\":{\"dtype\":\"U8\",\"shape\":[%llu],\"data_offsets\":[0,%llu]},"
                   "\"w\":{\"dtype\":\"F32\",\"shape\":[1,1,2],\"data_offsets\":[%llu,%llu]}}",
                   (unsigned long long)hole, (unsigned long long)hole, (unsigned long long)hole, (unsigned long long)hole + 8);
    const float values[2] = { 0.25f, 4.0f };
    for (size_t i = 0; i < 8; i++)
        length[i] = (char)(strlen(header) >> (8 * i) & 255);
    off_t at = (off_t)(8 + strlen(header) + hole);
    bool made = write(descriptor, length, 8) == 8 && write(descriptor, header, strlen(header)) == (ssize_t)strlen(header)
             && pwrite(descriptor, values, 8, at) == 8;
    (void)close(descriptor);
    tconv_container *model = NULL;
    tconv_tensor *tensor = NULL;
    tconv_error error = { .message = "" };
    if (!made)
        test_skip("a file of 5 GiB with a hole cannot be made");
    else {
        CHECK_MESSAGE(tconv_container_open(&model, path, NULL, &error) == TCONV_OK, "%s", error.message);
        CHECK(tconv_container_load_tensor(model, tconv_container_find(model, "w"), &tensor, &error) == TCONV_OK);
        CHECK(tensor != NULL && tconv_tensor_get(tensor, 0) == 0.25 && tconv_tensor_get(tensor, 1) == 4.0);
        tconv_tensor_destroy(tensor);
        tconv_status status = tconv_container_load_tensor(model, tconv_container_find(model, "hole"), &tensor, &error);
        CHECK_MESSAGE(status == TCONV_EBUDGET && strstr(error.message, "5368709120") != NULL, "%s: %s", tconv_status_name(status),
                      error.message);
    }
    tconv_container_close(model);
    (void)unlink(path);
}

const struct test_suite suite = { "big_sizes", {
    { "every figure of a layer has its limit", every_figure_of_a_layer_has_its_limit },
    { "sizes are right or refused up to the ends of their types", sizes_are_right_or_refused_up_to_the_ends_of_their_types },
    { "layers in series do not wrap round", layers_in_series_do_not_wrap_round },
    { "searches end and are right", searches_end_and_are_right },
    { "options are held to the limits", options_are_held_to_the_limits },
    { "products that wrap are refused", products_that_wrap_are_refused },
    { "phases that no memory holds are refused", phases_that_no_memory_holds_are_refused },
    { "numbers of points that no array has are refused", numbers_of_points_that_no_array_has_are_refused },
    { "designs of too many taps are refused", designs_of_too_many_taps_are_refused },
    { "joined layers do not outgrow a layer", joined_layers_do_not_outgrow_a_layer },
    { "plans for inputs that nobody has are refused", plans_for_inputs_that_nobody_has_are_refused },
    { "loops over arrays that nobody has are refused", loops_over_arrays_that_nobody_has_are_refused },
    { "signals and epochs", signals_and_epochs },
    { "networks", networks },
    { "attributes of graphs", attributes_of_graphs },
    { "texts with big numbers", texts_with_big_numbers },
    { "reading where a file has ended", reading_where_a_file_has_ended },
    { "pictures and audio", pictures_and_audio },
    { "audio gives what it has", audio_gives_what_it_has },
    { "a convolution reads beyond 2^32", a_convolution_reads_beyond_two_to_the_32 },
    { "a stream goes on beyond 2^31", a_stream_goes_on_beyond_two_to_the_31 },
    { "a tensor beyond four gigabytes is read", a_tensor_beyond_four_gigabytes_is_read },
    { NULL, NULL } } };
