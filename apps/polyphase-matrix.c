/* polyphase-matrix - the layer as a matrix that one can look at, and its four views side by side. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/app.h"
#include "io/json.h"
#include "io/number.h"
#include "operator/matrix.h"
#include "operator/transpose.h"
#include "operator/zero_insert.h"

static const char help[] =
    "polyphase-matrix: the matrix C of a layer, its transpose, and four ways to the same output\n"
    "\n"
    "  echo '1 2 3' | polyphase-matrix - -s 2 -p 1 -n 3          three rows, shifted by the stride\n"
    "  echo '1 3 3 1' | polyphase-matrix - -s 2 -p 1 -n 4        linear interpolation\n"
    "  echo '1 2 3' | polyphase-matrix - -s 2 -n 3 --format mtx  for Octave, SciPy and others\n"
    "\n"
    "Usage: polyphase-matrix FILE -s S -n N [options]\n"
    "C is the strided cross-correlation that maps the large side (the layer's output) to the small one;\n"
    "its transpose C^T is the layer. FILE is a kernel: text or CSV, or .npy; - is standard input.\n"
    "\n"
    APP_GEOMETRY_HELP
    "Output:\n"
    "      --format text|mtx       for people, or Matrix Market (default text)\n"
    "      --transpose             with mtx: C^T instead of C\n"
    APP_COMMON_HELP
    "Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 the system failed.\n";

enum { OPTION_FORMAT = APP_OPTION_OWN, OPTION_TRANSPOSE };

static const struct option options[] = { { "format", required_argument, NULL, OPTION_FORMAT },
                                         { "transpose", no_argument, NULL, OPTION_TRANSPOSE },
                                         APP_GEOMETRY_OPTIONS, APP_COMMON_OPTIONS };

#define N_VIEWS 4
static const char *const view_names[N_VIEWS] = { "matrix", "zero-insertion", "polyphase", "FFT" };

struct request {
    tconv_geometry_options geometry;
    struct app_common common;
    bool market, transpose;
};

/* The layer, its matrices, and y = C^T x by each view for x = 1, 2, 3 .. */
struct example {
    tconv_kernel *kernel;
    tconv_file_format format;
    size_t n_in[TCONV_MAX_NDIM];
    tconv_matrix *c, *transposed;
    double *x, *y[N_VIEWS];
    double largest;                  /* difference between any two views */
};

static int parse(int argc, char **argv, struct request *request)
{
    *request = (struct request){ .market = false };
    int option, code = APP_DONE;
    while ((option = app_getopt(argc, argv, APP_GEOMETRY_LETTERS APP_COMMON_LETTERS, options)) != -1) {
        if (option == 0)
            return APP_USAGE;
        if (!app_geometry_option(option, optarg, &request->geometry, &code)
            && !app_common_option(option, optarg, help, &request->common, &code)) {
            request->transpose = request->transpose || option == OPTION_TRANSPOSE;
            if (option == OPTION_FORMAT && strcmp(optarg, "text") != 0 && strcmp(optarg, "mtx") != 0)
                code = app_usage("--format: '%s' is not text or mtx", optarg);
            else if (option == OPTION_FORMAT)
                request->market = strcmp(optarg, "mtx") == 0;
        }
        if (code != APP_DONE)
            return code;
    }
    if (optind == argc)
        return app_usage("which kernel? Name a file, or - for standard input");
    if (optind + 1 < argc)
        return app_usage("one kernel at a time, please: '%s' is one too many", argv[optind + 1]);
    if (request->geometry.input_size.count == 0)
        return app_usage("how many input samples? Say -n N: the matrix has a row for each");
    return APP_DONE;
}

static void release(struct example *e)
{
    tconv_matrix_destroy(e->c);
    tconv_matrix_destroy(e->transposed);
    tconv_kernel_destroy(e->kernel);
    tconv_free(e->x);
    for (int view = 0; view < N_VIEWS; view++)
        tconv_free(e->y[view]);
}

static tconv_status run_plan(const struct example *e, tconv_engine engine, double *y, tconv_error *error)
{
    tconv_transpose *plan;
    tconv_transpose_options o = tconv_transpose_default_options();
    o.engine = engine;
    tconv_status status = tconv_transpose_create(&plan, &e->kernel->geometry, e->kernel->taps, NULL, e->n_in, &o, error);
    if (status == TCONV_OK)
        tconv_transpose_execute(plan, 1, e->x, y);
    tconv_transpose_destroy(plan);
    return status;
}

static int make_example(const struct request *request, const char *file, struct example *e)
{
    tconv_error error;
    const tconv_option_list *n = &request->geometry.input_size;
    int code = app_read_kernel(file, &request->geometry, &e->kernel, &e->format);
    if (code != APP_DONE)
        return code;
    const tconv_geometry *g = &e->kernel->geometry;
    for (size_t i = 0; i < g->ndim; i++)
        e->n_in[i] = (size_t)n->values[n->count == 1 ? 0 : i];
    tconv_status status = tconv_matrix_create(&e->c, g, e->kernel->taps, e->n_in, &error);
    if (status == TCONV_OK) status = tconv_matrix_transpose(&e->transposed, e->c, &error);
    if (status != TCONV_OK)
        return app_fail(file, &error);
    if (request->market)
        return APP_DONE;
    e->x = tconv_alloc(e->c->rows, sizeof *e->x, &status);
    for (int view = 0; view < N_VIEWS && status == TCONV_OK; view++)
        e->y[view] = tconv_alloc(e->c->columns, sizeof **e->y, &status);
    if (status != TCONV_OK)
        return app_fail_status(file, status);
    for (size_t i = 0; i < e->c->rows; i++)
        e->x[i] = (double)(i + 1);
    tconv_matrix_multiply(e->transposed, e->x, e->y[0]);
    status = tconv_zero_insert_layer_f64(g, e->kernel->taps, NULL, e->n_in, 1, e->x, e->y[1], &error);
    if (status == TCONV_OK) status = run_plan(e, TCONV_ENGINE_DIRECT, e->y[2], &error);
    if (status == TCONV_OK) status = run_plan(e, TCONV_ENGINE_FFT, e->y[3], &error);
    for (size_t j = 0; j < e->c->columns; j++)
        for (int a = 0; a < N_VIEWS; a++)
            for (int b = 0; b < a; b++)
                e->largest = fmax(e->largest, fabs(e->y[a][j] - e->y[b][j]));
    return status == TCONV_OK ? APP_DONE : app_fail(file, &error);
}

/* ---- writing ---- */

static const char *number_text(double value, char text[TCONV_NUMBER_SIZE])
{
    (void)tconv_number_shortest(value, text);
    return strlen(text) <= 9 ? text : tconv_number_fixed(value, 6, text, TCONV_NUMBER_SIZE);
}

static size_t widest(const tconv_matrix *m)
{
    size_t width = 1;
    char text[TCONV_NUMBER_SIZE];
    for (size_t e = 0; e < m->entries; e++) {
        size_t length = strlen(number_text(m->value[e], text));
        width = length > width ? length : width;
    }
    return width;
}

static void write_dense(tconv_buffer *out, const tconv_matrix *m, size_t width)
{
    char text[TCONV_NUMBER_SIZE];
    for (size_t i = 0; i < m->rows; i++) {
        size_t e = m->start[i];
        for (size_t j = 0; j < m->columns; j++) {
            bool there = e < m->start[i + 1] && m->column[e] == j;
            tconv_buffer_format(out, "  %*s", (int)width, there ? number_text(m->value[e], text) : "0");
            e += there ? 1 : 0;
        }
        tconv_buffer_text(out, "\n");
    }
}

static int write_text(tconv_buffer *out, const char *file, const struct example *e)
{
    char text[N_VIEWS][TCONV_NUMBER_SIZE];
    size_t width = widest(e->c), longest = e->c->rows > e->c->columns ? e->c->rows : e->c->columns;
    if (longest > 100 / (width + 2))
        return app_message(APP_USAGE, "%s: a matrix of %zu x %zu is wider than 100 columns; --format mtx writes any size", file,
                           e->c->rows, e->c->columns);
    tconv_buffer_format(out, "C, %zu x %zu: strided cross-correlation, from the layer's output back to its input\n\n", e->c->rows,
                        e->c->columns);
    write_dense(out, e->c, width);
    tconv_buffer_format(out, "\nC^T, %zu x %zu: the transposed convolution itself\n\n",
                        e->c->columns, e->c->rows);
    write_dense(out, e->transposed, width);
    tconv_buffer_text(out, "\ny = C^T x for x = 1, 2, 3 .., four ways\n\n       j");
    for (int view = 0; view < N_VIEWS; view++)
        tconv_buffer_format(out, "  %16s", view_names[view]);
    tconv_buffer_text(out, "\n");
    for (size_t j = 0; j < e->c->columns; j++) {
        tconv_buffer_format(out, "  %6zu", j);
        for (int view = 0; view < N_VIEWS; view++)
            tconv_buffer_format(out, "  %16s", number_text(e->y[view][j], text[view]));
        tconv_buffer_text(out, "\n");
    }
    tconv_buffer_text(out, "\nlargest difference between two of them: ");
    tconv_number_append(out, e->largest);
    tconv_buffer_text(out, "\n");
    return APP_DONE;
}

/* Matrix Market, coordinate format (Boisvert, Pozo and Remington, NIST 5935, 1996): indices from 1. */
static void write_market(tconv_buffer *out, const tconv_matrix *m, const char *name)
{
    tconv_buffer_format(out, "%%%%MatrixMarket matrix coordinate real general\n%% %s of a transposed convolution, polyphase-matrix %s\n",
                        name, tconv_version());
    tconv_buffer_format(out, "%zu %zu %zu\n", m->rows, m->columns, m->entries);
    for (size_t i = 0; i < m->rows; i++)
        for (size_t e = m->start[i]; e < m->start[i + 1]; e++) {
            tconv_buffer_format(out, "%zu %zu ", i + 1, m->column[e] + 1);
            tconv_number_append(out, m->value[e]);
            tconv_buffer_text(out, "\n");
        }
}

static json_t *entries_json(const tconv_matrix *m, bool *failed)
{
    json_t *list = json_array();
    for (size_t i = 0; i < m->rows; i++)
        for (size_t e = m->start[i]; e < m->start[i + 1]; e++) {
            json_t *entry = json_array();
            tconv_json_add(entry, tconv_json_size(i), failed);
            tconv_json_add(entry, tconv_json_size(m->column[e]), failed);
            tconv_json_add(entry, tconv_json_real(m->value[e]), failed);
            tconv_json_add(list, entry, failed);
        }
    return list;
}

static int write_json(tconv_buffer *out, const char *file, const struct example *e)
{
    tconv_error error;
    bool failed = false;
    json_t *document = json_object(), *input = json_object(), *views = json_object();
    for (int view = 0; view < N_VIEWS; view++)
        tconv_json_set(views, view_names[view], tconv_json_reals(e->y[view], e->c->columns, &failed), &failed);
    tconv_json_set(input, "file", tconv_json_text(file), &failed);
    tconv_json_set(input, "format", tconv_json_text(tconv_file_format_word(e->format)), &failed);
    tconv_json_set(document, "tool", tconv_json_text("polyphase-matrix"), &failed);
    tconv_json_set(document, "version", tconv_json_text(tconv_version()), &failed);
    tconv_json_set(document, "input", input, &failed);
    tconv_json_set(document, "rows", tconv_json_size(e->c->rows), &failed);
    tconv_json_set(document, "columns", tconv_json_size(e->c->columns), &failed);
    tconv_json_set(document, "entries", entries_json(e->c, &failed), &failed);
    tconv_json_set(document, "x", tconv_json_reals(e->x, e->c->rows, &failed), &failed);
    tconv_json_set(document, "views", views, &failed);
    tconv_json_set(document, "largest_difference", tconv_json_real(e->largest), &failed);
    return tconv_json_write(document, failed, TCONV_JSON_INDENTED, out, &error) == TCONV_OK ? APP_DONE : app_fail(file, &error);
}

static int write_all(const struct request *request, const char *file, const struct example *e, struct app_output *output)
{
    tconv_buffer text = { 0 };
    int code = APP_DONE;
    if (request->market)
        write_market(&text, request->transpose ? e->transposed : e->c, request->transpose ? "the transpose of C" : "C");
    else
        code = request->common.json ? write_json(&text, file, e) : write_text(&text, file, e);
    if (code == APP_DONE && text.status != TCONV_OK)
        code = app_fail_status(file, text.status);
    if (code == APP_DONE)
        code = app_output_write(output, text.text, text.length);
    tconv_buffer_free(&text);
    return code;
}

int main(int argc, char **argv)
{
    struct request request;
    struct example example = { .kernel = NULL };
    struct app_output output;
    app_begin("polyphase-matrix");
    int code = parse(argc, argv, &request);
    if (code == APP_DONE)
        code = make_example(&request, argv[optind], &example);
    if (code == APP_DONE)
        code = app_output_open(&output, request.common.output, argv + optind);
    if (code == APP_DONE) {
        code = write_all(&request, argv[optind], &example, &output);
        code = app_worse(code, app_output_close(&output, code == APP_DONE));
    }
    release(&example);
    return code;
}
