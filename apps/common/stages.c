#include "stages.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/signal.h"
#include "io/npy.h"
#include "io/number.h"
#include "io/table.h"
#include "kernel_out.h"
#include "operator/transpose.h"
#include "operator/zero_insert.h"

#define MOST_SEGMENT 1024   /* input samples of one Welch segment */
#define MOST_LISTED 8       /* images that the header lists one by one */

/* ---- the arrays ---- */

/* Zero rows into channels of n_in samples, each stretched by the strides. */
static void insert_zeros(const tconv_geometry *g, const tconv_tensor *x, const size_t *n_in, tconv_tensor *zeros)
{
    size_t stride[TCONV_MAX_NDIM], small = 1, large = 1;
    for (size_t i = 0; i < g->ndim; i++) {
        stride[i] = g->axis[i].stride;
        small *= n_in[i];
        large *= tconv_zero_insert_size(stride[i], n_in[i]);
    }
    for (size_t row = 0; row < x->count / small; row++)
        if (x->element == TCONV_F32)
            tconv_zero_insert_f32(g->ndim, stride, n_in, (const float *)x->data + row * small, (float *)zeros->data + row * large);
        else
            tconv_zero_insert_f64(g->ndim, stride, n_in, (const double *)x->data + row * small, (double *)zeros->data + row * large);
}

/* The layer without crop, output padding and bias. */
static tconv_status filter_all(const tconv_kernel *kernel, const tconv_tensor *x, size_t lead, tconv_tensor **filtered, tconv_error *error)
{
    tconv_geometry g = kernel->geometry;
    tconv_transpose_options o = tconv_transpose_default_options();
    tconv_transpose *plan;
    size_t shape[TCONV_MAX_RANK], images = 1;
    bool single = tconv_kernel_is_single(kernel);
    for (size_t i = 0; i < g.ndim; i++) {
        g.axis[i].pad_begin = g.axis[i].pad_end = 0;
        g.axis[i].output_padding = 0;
    }
    o.element = x->element;
    tconv_status status = tconv_transpose_create(&plan, &g, kernel->taps, NULL, x->shape + lead, &o, error);
    if (status != TCONV_OK)
        return status;
    tconv_transpose_info info = tconv_transpose_describe(plan);
    memcpy(shape, x->shape, sizeof shape);
    memcpy(shape + lead, info.n_out, g.ndim * sizeof *shape);
    for (size_t i = 0; i < lead; i++)
        images *= single || i + 1 < lead ? x->shape[i] : 1;
    if (!single && lead > 0)
        shape[lead - 1] = g.channels_out;
    status = tconv_tensor_create(filtered, x->element, shape, x->rank);
    if (status == TCONV_OK)
        tconv_transpose_execute(plan, images, x->data, (*filtered)->data);
    tconv_transpose_destroy(plan);
    return status == TCONV_OK ? TCONV_OK : tconv_fail_plain(error, status);
}

/* ---- their spectra ---- */

/* The mean of the Welch spectra of all rows along one axis, of `segment` samples each; 0 <= i <= segment/2. */
static tconv_status mean_spectrum(const tconv_tensor *x, size_t axis, size_t segment, double *density)
{
    size_t n = x->shape[axis], step = 1, bins = segment / 2 + 1;
    tconv_status status = TCONV_OK;
    for (size_t i = axis + 1; i < x->rank; i++)
        step *= x->shape[i];
    double *row = tconv_alloc(n, sizeof *row, &status);
    double *one = status == TCONV_OK ? tconv_alloc(bins, sizeof *one, &status) : NULL;
    memset(density, 0, bins * sizeof *density);
    size_t rows = x->count / n;
    for (size_t r = 0; r < rows && status == TCONV_OK; r++) {
        for (size_t i = 0; i < n; i++)
            row[i] = tconv_tensor_get(x, (r / step * n + i) * step + r % step);
        status = tconv_welch(row, n, segment, one, NULL);
        for (size_t i = 0; i < bins && status == TCONV_OK; i++)
            density[i] += one[i] / (double)rows;
    }
    tconv_free(one);
    tconv_free(row);
    return status;
}

/* One block: f in cycles per output sample, where x has 1/`spread` of the output's rate. Band m holds the frequencies of
 * which m/s is the nearest multiple of 1/s: m = 0 the signal, the others its images. */
static tconv_status write_spectrum(size_t index, const char *name, const tconv_tensor *x, size_t axis, size_t axis_number, size_t segment,
                                   size_t s, size_t spread, tconv_buffer *out)
{
    char title[96];
    tconv_status status = TCONV_OK;
    double *density = tconv_alloc(segment / 2 + 1, sizeof *density, &status);
    if (status == TCONV_OK)
        status = mean_spectrum(x, axis, segment, density);
    (void)snprintf(title, sizeof title, "axis %zu: %s", axis_number, name);
    tconv_table_block(out, index, title);
    for (size_t i = 0; i <= segment / 2 && status == TCONV_OK; i++) {
        double f = (double)i / (double)segment / (double)spread, power = density[i] * (double)spread;
        tconv_table_row(out, (double[]){ f, power, power > 0.0 ? 10.0 * log10(power) : -(double)INFINITY, fmax(ceil(f * (double)s - 0.5), 0.0) + 0.0 }, 4);
    }
    tconv_free(density);
    return status;
}

/* "image m = 1 of axis 0: f = 0.25 to 0.5": where they lie, as they stand in column 4. */
static void mark_images(const tconv_geometry *g, tconv_buffer *out)
{
    for (size_t i = 0; i < g->ndim; i++) {
        size_t s = g->axis[i].stride;
        for (size_t m = 0; m <= s / 2 && m <= MOST_LISTED; m++) {
            double least = m == 0 ? 0.0 : ((double)m - 0.5) / (double)s, most = fmin(((double)m + 0.5) / (double)s, 0.5);
            tconv_buffer_format(out, m == 0 ? "# axis %zu: the signal: f = " : "# axis %zu: image m = %zu: f = ", i, m);
            tconv_number_append(out, least);
            tconv_buffer_text(out, " to ");
            tconv_number_append(out, most);
            tconv_buffer_text(out, "\n");
        }
        if (s / 2 > MOST_LISTED)
            tconv_buffer_format(out, "# axis %zu: and so on: image m from (m - 1/2)/%zu to (m + 1/2)/%zu, up to m = %zu\n", i, s, s, s / 2);
    }
}

static tconv_status write_spectra(const tconv_geometry *g, const tconv_tensor *const stage[3], size_t lead, tconv_buffer *out)
{
    static const char *const names[] = { "input", "zero-inserted", "after the synthesis filter" };
    static const char *const columns[] = { "f in cycles per output sample", "power density per cycle per output sample, mean of all rows along the axis",
                                           "the same in dB: 10 log10", "band m: 0 is the signal, 1 and more its images around f = m/s" };
    tconv_status status = TCONV_OK;
    tconv_table_begin(out, "power spectra of the stages of a transposed convolution (Welch, Hann window)", columns, 4);
    mark_images(g, out);
    size_t block = 0;
    for (size_t i = 0; i < g->ndim; i++) {
        size_t n = stage[0]->shape[lead + i], s = g->axis[i].stride, segment = MOST_SEGMENT;
        while (segment > 2 && (segment > n || s * segment > s * (n - 1) + 1))
            segment /= 2;
        if (n < 3) {
            tconv_buffer_format(out, "# axis %zu: %zu samples are too few for a spectrum\n", i, n);
            continue;
        }
        for (size_t k = 0; k < 3 && status == TCONV_OK; k++)
            status = write_spectrum(block++, names[k], stage[k], lead + i, i, k == 0 ? segment : s * segment, s, k == 0 ? s : 1, out);
    }
    return status;
}

/* ---- the files ---- */

static int write_file(const char *prefix, const char *suffix, tconv_status status, const tconv_buffer *bytes, char *const *inputs)
{
    char path[4000];
    int length = snprintf(path, sizeof path, "%s%s", prefix, suffix);
    if (length < 0 || (size_t)length >= sizeof path)
        return app_message(APP_SYSTEM, "%s: the name is too long", prefix);
    return status != TCONV_OK ? app_fail_status(path, status) : app_write_buffer(path, inputs, bytes);
}

static int write_array(const char *prefix, const char *suffix, const tconv_tensor *x, char *const *inputs)
{
    tconv_buffer bytes = { 0 };
    int code = write_file(prefix, suffix, tconv_npy_write(x, &bytes, NULL), &bytes, inputs);
    tconv_buffer_free(&bytes);
    return code;
}

int app_stages_write(const char *prefix, const tconv_kernel *kernel, const tconv_tensor *x, size_t lead, char *const *inputs)
{
    const tconv_geometry *g = &kernel->geometry;
    tconv_tensor *zeros = NULL, *filtered = NULL;
    tconv_buffer table = { 0 };
    tconv_error error;
    size_t shape[TCONV_MAX_RANK];
    memcpy(shape, x->shape, sizeof shape);
    tconv_status status = filter_all(kernel, x, lead, &filtered, &error);
    if (status != TCONV_OK)
        return app_fail("--stages", &error);
    for (size_t i = 0; i < g->ndim; i++)       /* no overflow: shorter than what was filtered */
        shape[lead + i] = tconv_zero_insert_size(g->axis[i].stride, x->shape[lead + i]);
    status = tconv_tensor_create(&zeros, x->element, shape, x->rank);
    int code = status == TCONV_OK ? APP_DONE : app_fail_status("--stages", status);
    if (code == APP_DONE) {
        insert_zeros(g, x, x->shape + lead, zeros);
        code = write_array(prefix, "-input.npy", x, inputs);
    }
    if (code == APP_DONE)
        code = write_array(prefix, "-zeros.npy", zeros, inputs);
    if (code == APP_DONE)
        code = write_array(prefix, "-filtered.npy", filtered, inputs);
    if (code == APP_DONE) {
        status = write_spectra(g, (const tconv_tensor *const[]){ x, zeros, filtered }, lead, &table);
        code = write_file(prefix, "-spectra.txt", status, &table, inputs);
    }
    tconv_buffer_free(&table);
    tconv_tensor_destroy(filtered);
    tconv_tensor_destroy(zeros);
    return code;
}
