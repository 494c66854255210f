#include "response_tables.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "io/number.h"
#include "io/table.h"
#include "io/text.h"

static double db_of(double magnitude)
{
    return tconv_ratio_db(magnitude, 1.0);
}

static double zero_of(const struct response_request *request)
{
    return tconv_kernel_zero(request->kernel->taps, tconv_kernel_count(request->kernel));
}

void response_table_key(const tconv_geometry *geometry, double fs, const char *what, tconv_buffer *out)
{
    tconv_buffer_format(out, "# layer: ndim=%zu stride=", geometry->ndim);
    for (size_t i = 0; i < geometry->ndim; i++)
        tconv_buffer_format(out, "%s%zu", i > 0 ? "," : "", geometry->axis[i].stride);
    tconv_buffer_text(out, " fs=");
    tconv_number_append(out, fs);
    tconv_buffer_format(out, " what=%s names=\n", what);
}

/* The header; `what` names the table. */
static void begin(const struct response_request *request, tconv_buffer *out, const char *what, const char *const *columns,
                  size_t n_columns)
{
    const tconv_geometry *g = &request->kernel->geometry;
    tconv_buffer title = { 0 };
    tconv_buffer_format(&title, "polyphase-response %s: %s of %s, stride %zu", tconv_version(), what,
                        strcmp(request->file, "-") == 0 ? "standard input" : request->file, g->axis[0].stride);
    for (size_t i = 1; i < g->ndim; i++)
        tconv_buffer_format(&title, " x %zu", g->axis[i].stride);
    if (title.status == TCONV_OK)
        tconv_table_begin(out, title.text, columns, n_columns);
    else
        out->status = title.status;
    tconv_buffer_free(&title);
    response_table_key(g, request->fs, request->what, out);
}

static const char floor_note[] = "|H| below 8 eps sum|h| is below the numerical floor and counts as zero: -inf dB";

static const char *output_frequency(const struct response_request *request)
{
    return request->fs > 0.0 ? "f in Hz" : "f in cycles per output sample";
}

static const char *input_frequency(const struct response_request *request)
{
    return request->fs > 0.0 ? "v, the input frequency, in Hz" : "v in cycles per input sample";
}

static double output_unit(const struct response_request *request)
{
    return request->fs > 0.0 ? request->fs : 1.0;
}

/* Hz (or cycles per input sample) of v = 1 along an axis */
static double input_unit(const struct response_request *request, size_t axis)
{
    return request->fs > 0.0 ? request->fs / (double)request->kernel->geometry.axis[axis].stride : 1.0;
}

static double grid_point(size_t j, size_t points)
{
    return (double)j / (double)(2 * (points - 1));
}

/* "along axis 1" before each block of a kernel of several axes. */
static void axis_block(const tconv_geometry *g, size_t axis, tconv_buffer *out)
{
    char title[64];
    if (g->ndim == 1)
        return;
    (void)snprintf(title, sizeof title, "along axis %zu, the other frequencies 0", axis);
    tconv_table_block(out, axis, title);
}

/* ---- along each axis ---- */

static tconv_status write_magnitude(const struct response_request *request, tconv_buffer *out)
{
    const char *columns[] = { output_frequency(request), "|H(f)|", "the same in dB: 20 log10 |H|" };
    const tconv_geometry *g = &request->kernel->geometry;
    tconv_status status = TCONV_OK;
    double zero = zero_of(request);
    tconv_complex *response = tconv_alloc(request->points, sizeof *response, &status);
    begin(request, out, "frequency response", columns, 3);
    tconv_text_comment(out, floor_note);
    for (size_t axis = 0; axis < g->ndim && status == TCONV_OK; axis++) {
        status = tconv_response_along(g, request->kernel->taps, axis, request->points, response);
        axis_block(g, axis, out);
        for (size_t j = 0; j < request->points && status == TCONV_OK; j++) {
            double size = hypot(response[j].re, response[j].im), shown = size < zero ? 0.0 : size;
            tconv_table_row(out, (double[]){ grid_point(j, request->points) * output_unit(request), shown, db_of(shown) }, 3);
        }
    }
    tconv_free(response);
    return status;
}

typedef tconv_status along_axis(const tconv_geometry *, const double *, size_t, size_t, double *);

static tconv_status write_curve(const struct response_request *request, tconv_buffer *out, const char *what,
                                const char *column, along_axis *compute)
{
    const char *columns[] = { output_frequency(request), column };
    const tconv_geometry *g = &request->kernel->geometry;
    tconv_status status = TCONV_OK;
    double *curve = tconv_alloc(request->points, sizeof *curve, &status);
    begin(request, out, what, columns, 2);
    tconv_text_comment(out, "? where |H| is below the numerical floor 8 eps sum|h|");
    for (size_t axis = 0; axis < g->ndim && status == TCONV_OK; axis++) {
        status = compute(g, request->kernel->taps, axis, request->points, curve);
        axis_block(g, axis, out);
        for (size_t j = 0; j < request->points && status == TCONV_OK; j++)
            tconv_table_row(out, (double[]){ grid_point(j, request->points) * output_unit(request), curve[j] }, 2);
    }
    tconv_free(curve);
    return status;
}

static tconv_status write_phase(const struct response_request *request, tconv_buffer *out)
{
    return write_curve(request, out, "phase", "phase in radians, unwrapped, the first tap at n = 0", tconv_phase_along);
}

static tconv_status write_group_delay(const struct response_request *request, tconv_buffer *out)
{
    return write_curve(request, out, "group delay", "group delay in output samples, the first tap at n = 0",
                       tconv_group_delay_along);
}

/* ---- branches and images ---- */

/* "branch (0, 1)" or "branch 1" */
static void vector_block(const tconv_geometry *g, const char *word, size_t number, const char *more, tconv_buffer *out)
{
    char title[128], vector[64] = "";
    size_t phase[TCONV_MAX_NDIM];
    tconv_phase_of(g, number, phase);
    for (size_t i = 0; i < g->ndim; i++)
        (void)snprintf(vector + strlen(vector), sizeof vector - strlen(vector), "%s%zu", i > 0 ? ", " : "", phase[i]);
    (void)snprintf(title, sizeof title, g->ndim > 1 ? "%s (%s)%s" : "%s %s%s", word, vector, more);
    tconv_table_block(out, number, title);
}

static tconv_status write_branches(const struct response_request *request, tconv_buffer *out)
{
    const char *columns[] = { input_frequency(request), "|H_q(v)|", "phase delay of the branch, input samples",
                              "its error against q/s, the mean of the branches taken off, input samples" };
    const tconv_geometry *g = &request->kernel->geometry;
    size_t count = tconv_geometry_phases(g), n = request->points, total;
    tconv_status status = TCONV_OK;
    if (!tconv_size_mul(count, n, &total))
        return TCONV_ESIZE;
    double *curves = tconv_alloc(total, 3 * sizeof *curves, &status);
    if (status == TCONV_OK)
        status = tconv_branch_spectra(g, request->kernel->taps, request->axis, n, curves, curves + total, curves + 2 * total);
    begin(request, out, "branches", columns, 4);
    for (size_t q = 0; q < count && status == TCONV_OK; q++) {
        vector_block(g, "branch", q, "", out);
        for (size_t j = 0; j < n; j++)
            tconv_table_row(out, (double[]){ grid_point(j, n) * input_unit(request, request->axis), curves[q * n + j],
                                             curves[total + q * n + j], curves[2 * total + q * n + j] }, 4);
    }
    tconv_free(curves);
    return status;
}

static tconv_status write_images(const struct response_request *request, tconv_buffer *out)
{
    const char *columns[] = { input_frequency(request), "gain |H((v + m)/s)|", "the same in dB",
                              "against the signal (m = 0) at the same v, dB" };
    const tconv_geometry *g = &request->kernel->geometry;
    size_t count = tconv_geometry_phases(g), n = request->points, total;
    tconv_status status = TCONV_OK;
    if (!tconv_size_mul(count, n, &total))
        return TCONV_ESIZE;
    double *gain = tconv_alloc(total, sizeof *gain, &status);
    if (status == TCONV_OK)
        status = tconv_image_spectra(g, request->kernel->taps, request->axis, n, gain);
    begin(request, out, "image gains", columns, 4);
    tconv_text_comment(out, floor_note);
    for (size_t m = 0; m < count && status == TCONV_OK; m++) {
        vector_block(g, m == 0 ? "signal" : "image", m, "", out);
        for (size_t j = 0; j < n; j++)
            tconv_table_row(out, (double[]){ grid_point(j, n) * input_unit(request, request->axis), gain[m * n + j],
                                             db_of(gain[m * n + j]), tconv_ratio_db(gain[m * n + j], gain[j]) }, 4);
    }
    tconv_free(gain);
    return status;
}

static tconv_status write_bifrequency(const struct response_request *request, tconv_buffer *out)
{
    const char *columns[] = { request->fs > 0.0 ? "input frequency in Hz" : "input frequency, cycles per input sample",
                              request->fs > 0.0 ? "output frequency in Hz" : "output frequency, cycles per output sample",
                              "gain |H|", "the same in dB" };
    const tconv_geometry *g = &request->kernel->geometry;
    size_t s = g->axis[request->axis].stride, width = 2 * request->points - 1, total;
    tconv_status status = TCONV_OK;
    if (!tconv_size_mul(s, width, &total))
        return TCONV_ESIZE;
    tconv_bifrequency *map = tconv_alloc(total, sizeof *map, &status);
    if (status == TCONV_OK)
        status = tconv_bifrequency_map(g, request->kernel->taps, request->axis, request->points, map);
    begin(request, out, "bifrequency map", columns, 4);
    tconv_text_comment(out, "a blank line where a line leaves at f_out = 1/2 and comes in again at -1/2");
    for (size_t m = 0; m < s && status == TCONV_OK; m++) {
        char title[64];
        (void)snprintf(title, sizeof title, "line m = %zu", m);
        tconv_table_block(out, m, title);
        for (size_t j = 0; j < width; j++) {
            const tconv_bifrequency *at = &map[m * width + j];
            if (j > 0 && at->f_out < at[-1].f_out)
                tconv_table_scan_line(out);
            tconv_table_row(out, (double[]){ at->f_in * input_unit(request, request->axis), at->f_out * output_unit(request),
                                             at->gain, db_of(at->gain) }, 4);
        }
    }
    tconv_free(map);
    return status;
}

/* ---- two dimensions ---- */

static tconv_status write_surface(const struct response_request *request, tconv_buffer *out)
{
    const char *columns[] = { request->fs > 0.0 ? "f1 in Hz" : "f1 in cycles per output sample",
                              request->fs > 0.0 ? "f2 in Hz" : "f2 in cycles per output sample", "|H(f1, f2)|", "the same in dB" };
    const tconv_geometry *g = &request->kernel->geometry;
    size_t half = request->points - 1, n_fft[] = { 2 * half, 2 * half };
    tconv_status status = TCONV_OK;
    tconv_response *plan = NULL;
    status = tconv_response_create(&plan, g, n_fft, TCONV_F64, NULL);
    tconv_complex *response = status != TCONV_OK ? NULL : tconv_alloc(tconv_response_count(plan), sizeof *response, &status);
    if (response != NULL)
        tconv_response_execute(plan, request->kernel->taps, 1, response);
    double zero = zero_of(request);
    begin(request, out, "response surface", columns, 4);
    tconv_text_comment(out, floor_note);
    for (size_t a = 0; a <= 2 * half && status == TCONV_OK; a++) {
        if (a > 0)
            tconv_table_scan_line(out);
        for (size_t b = 0; b <= 2 * half; b++) {
            bool mirror = b < half;              /* f2 < 0: H(-f) is the conjugate of H(f) */
            /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): there are two points at the least */
            size_t j2 = mirror ? half - b : b - half, j1 = (a + half) % (2 * half), row = mirror ? (2 * half - j1) % (2 * half) : j1;
            tconv_complex h = response[row * (half + 1) + j2];
            double size = hypot(h.re, h.im), shown = size < zero ? 0.0 : size;
            tconv_table_row(out, (double[]){ ((double)a - (double)half) / (double)(2 * half) * output_unit(request),
                                             ((double)b - (double)half) / (double)(2 * half) * output_unit(request), shown,
                                             db_of(shown) }, 4);
        }
    }
    tconv_free(response);
    tconv_response_destroy(plan);
    return status;
}

static tconv_status write_coverage(const struct response_request *request, tconv_buffer *out)
{
    const char *columns[] = { "phase q along axis 0", "phase along axis 1", "phase along axis 2" };
    const tconv_geometry *g = &request->kernel->geometry;
    columns[g->ndim] = "how many taps reach an output of that phase";
    begin(request, out, "coverage", columns, g->ndim + 1);
    for (size_t q = 0; q < tconv_geometry_phases(g); q++) {
        size_t phase[TCONV_MAX_NDIM];
        double row[TCONV_MAX_NDIM + 1];
        tconv_phase_of(g, q, phase);
        row[g->ndim] = 1.0;
        for (size_t i = 0; i < g->ndim; i++) {
            row[i] = (double)phase[i];
            row[g->ndim] *= (double)tconv_axis_coverage(&g->axis[i], phase[i]);
        }
        if (g->ndim > 1 && q > 0 && phase[g->ndim - 1] == 0)
            tconv_table_scan_line(out);
        tconv_table_row(out, row, g->ndim + 1);
    }
    return TCONV_OK;
}

/* ---- a signal ---- */

/* One spectrum as a block. `unit`: Hz of one cycle per sample. */
static tconv_status write_spectrum(size_t index, const char *title, const double *x, size_t n, size_t segment, double unit,
                                   tconv_buffer *out)
{
    tconv_status status = TCONV_OK;
    double *density = tconv_alloc(segment / 2 + 1, sizeof *density, &status);
    if (status == TCONV_OK)
        status = tconv_welch(x, n, segment, density, NULL);
    tconv_table_block(out, index, title);
    for (size_t i = 0; i <= segment / 2 && status == TCONV_OK; i++)
        tconv_table_row(out, (double[]){ (double)i / (double)segment * unit, density[i] / unit,
                                         density[i] > 0.0 ? 0.5 * db_of(density[i] / unit) : -(double)INFINITY }, 3);
    tconv_free(density);
    return status;
}

/* The frequency axis of all three is that of the output: the input's v is v/s there. */
static tconv_status write_spectra(const struct response_request *request, tconv_buffer *out)
{
    const char *columns[] = { output_frequency(request), request->fs > 0.0 ? "power density per Hz" : "power density per cycle",
                              "the same in dB: 10 log10" };
    const tconv_geometry *g = &request->kernel->geometry;
    size_t s = g->axis[0].stride, n[] = { request->n_signal }, segment = 2 * (request->points - 1);
    tconv_status status = TCONV_OK;
    tconv_transpose *plan = NULL;
    while (segment > n[0])
        segment /= 2;
    double unit = output_unit(request), *stuffed = tconv_alloc(s * (n[0] - 1) + 1, sizeof *stuffed, &status), *filtered = NULL;
    if (status == TCONV_OK)
        status = tconv_transpose_create(&plan, g, request->kernel->taps, NULL, n, NULL, NULL);
    size_t n_out = status == TCONV_OK ? tconv_transpose_describe(plan).n_out[0] : 0;
    if (status == TCONV_OK)
        filtered = tconv_alloc(n_out, sizeof *filtered, &status);
    begin(request, out, "spectra of a signal", columns, 3);
    if (status == TCONV_OK) {
        tconv_zero_insert_f64(1, &s, n, request->signal, stuffed);
        tconv_transpose_execute(plan, 1, request->signal, filtered);
        status = write_spectrum(0, "input", request->signal, n[0], segment, unit / (double)s, out);
    }
    size_t wide = s * segment;
    while (wide > s * (n[0] - 1) + 1 || wide > n_out)
        wide /= 2;
    if (status == TCONV_OK)
        status = write_spectrum(1, "zero-inserted", stuffed, s * (n[0] - 1) + 1, wide, unit, out);
    if (status == TCONV_OK)
        status = write_spectrum(2, "after the synthesis filter", filtered, n_out, wide, unit, out);
    tconv_transpose_destroy(plan);
    tconv_free(filtered);
    tconv_free(stuffed);
    return status;
}

/* ---- the list ---- */

const struct response_table response_tables[] = {
    { "magnitude", "frequency response", "response", 512, write_magnitude },
    { "phase", "phase", "phase", 512, write_phase },
    { "group-delay", "group delay", "phase", 512, write_group_delay },
    { "branches", "branches", "branches", 512, write_branches },
    { "images", "image gains", "images", 512, write_images },
    { "bifrequency", "bifrequency map", "bifrequency", 129, write_bifrequency },
    { "surface", "response surface", "surface", 65, write_surface },
    { "coverage", "coverage", "coverage", 512, write_coverage },
    { "spectra", "spectra of a signal", "spectra", 513, write_spectra },
    { NULL, NULL, NULL, 0, NULL } };

static tconv_status check(const struct response_table *table, const struct response_request *request, tconv_error *error)
{
    const tconv_geometry *g = &request->kernel->geometry;
    if (table->write != write_coverage && !tconv_kernel_is_single(request->kernel))
        return tconv_fail(error, TCONV_EARGUMENT, "the file holds %zu x %zu kernels, and a response is that of one", g->channels_in,
                          g->channels_out);
    if (table->write == write_surface && g->ndim != 2)
        return tconv_fail(error, TCONV_EARGUMENT, "a surface is that of a 2-D kernel; this one has %zu dimension%s", g->ndim,
                          g->ndim > 1 ? "s" : "");
    if (table->write == write_surface && request->points > 2049)
        return tconv_fail(error, TCONV_EARGUMENT, "a surface of %zu points along an axis; it has at most 2049", request->points);
    if (table->write == write_spectra && g->ndim != 1)
        return tconv_fail(error, TCONV_EARGUMENT, "spectra are those of a 1-D kernel; this one has %zu dimensions", g->ndim);
    if (table->write == write_spectra && request->n_signal < 4)
        return tconv_fail(error, TCONV_EARGUMENT, "a signal of %zu samples is too short for a spectrum", request->n_signal);
    if (request->axis >= g->ndim)
        return tconv_fail(error, TCONV_EARGUMENT, "the kernel has no axis %zu; they are 0 to %zu", request->axis, g->ndim - 1);
    return TCONV_OK;
}

tconv_status response_table_write(const struct response_table *table, const struct response_request *request,
                                  tconv_buffer *out, tconv_error *error)
{
    tconv_status status = check(table, request, error);
    if (status != TCONV_OK)
        return status;
    struct response_request own = *request;
    own.what = table->name;
    status = table->write(&own, out);
    if (status == TCONV_OK)
        status = out->status;
    return status == TCONV_OK ? TCONV_OK : tconv_fail_plain(error, status);
}
