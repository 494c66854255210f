/* polyphase-upsample - upsample an array, a sound or a picture by a kernel of one's own or by a method with a name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/model.h"
#include "common/progress.h"
#include "common/stages.h"
#include "design/reference.h"
#include "io/audio.h"
#include "io/npy.h"
#include "io/number.h"
#include "io/picture.h"
#include "io/text.h"
#include "operator/phase_bias.h"
#include "operator/pixel_shuffle.h"
#include "operator/resize.h"
#include "operator/stream.h"
#include "operator/transpose.h"

static const char help[] =
    "polyphase-upsample: make s samples of every one, by a transposed convolution or by resizing\n"
    "\n"
    "  echo '1 2 3' | polyphase-upsample - --method linear -s 2        numbers in, numbers out\n"
    "  echo '1 2 3' | polyphase-upsample - --method cubic -s 4\n"
    "  polyphase-upsample --methods                                    what --method knows\n"
    "\n"
    "Usage: polyphase-upsample INPUT -k KERNEL | --method NAME -s S [-o OUT] [options]\n"
    "INPUT is .npy of shape (n..), (C,n..) or (B,C,n..), audio (WAV, FLAC, AIFF ..; its rate times s) or\n"
    "PNG, or numbers as text; OUT is of the same kind. KERNEL is text or .npy; a kernel of one channel\n"
    "serves every channel. Or KERNEL is a model (ONNX, TFLite, safetensors, npz, PyTorch), of which\n"
    "--layer chooses a layer; its biases are added.\n"
    "  polyphase-upsample speech.wav --method sinc -s 2 -o twice.wav\n"
    "  polyphase-upsample photo.png --method cubic -s 3 -o large.png\n"
    "  polyphase-upsample x.npy -k kernel.txt -s 2 -p 1 -o y.npy\n"
    "  polyphase-upsample x.npy -k model.pt --layer 'up.weight:s=2,p=1' -o y.npy\n"
    "\n"
    "How:\n"
    "  -k, --kernel FILE           the taps of a transposed convolution\n"
    "      --layer GLOB            the layer of a model; 'GLOB:s=8,p=4' gives geometry to formats\n"
    "                              without a graph\n"
    "      --tensor NAME           the same for one tensor, with -s, -p and so on\n"
    "      --bias FILE             one number for each output channel (instead of the model's)\n"
    "  -m, --method NAME           nearest, linear, cubic (the border repeated), sinc, pixel-shuffle,\n"
    "                              or another of --methods\n"
    "      --methods               what --method knows, one a line with what it is\n"
    "      --engine NAME           auto, direct, gemm, fast-fir, fft or definition (default auto)\n"
    "      --dtype f32|f64         type of the sums and of a .npy output (default: the input's)\n"
    "      --threads N             workers (default 1); the result does not depend on it\n"
    "      --order crd|dcr         pixel-shuffle: channels as in PyTorch (default) or TensorFlow\n"
    "      --stages PREFIX         also write the two steps of the definition, for the eye:\n"
    "                              PREFIX-input.npy, PREFIX-zeros.npy (s - 1 zeros after each sample),\n"
    "                              PREFIX-filtered.npy (all of zeros * kernel, before crop and bias) and\n"
    "                              PREFIX-spectra.txt, their spectra as columns, images marked.\n"
    "                              Of audio: channel 0 of the first 65536 frames\n"
    "On a terminal the standard error shows progress once the work lasts over a second.\n"
    "\n"
    APP_GEOMETRY_HELP
    APP_COMMON_HELP
    "Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 the system failed.\n";

enum { OPTION_BIAS = APP_OPTION_OWN, OPTION_ENGINE, OPTION_DTYPE, OPTION_THREADS, OPTION_ORDER, OPTION_METHODS,
       OPTION_LAYER, OPTION_TENSOR, OPTION_STAGES };

static const struct option options[] = {
    { "kernel", required_argument, NULL, 'k' },           { "method", required_argument, NULL, 'm' },
    { "bias", required_argument, NULL, OPTION_BIAS },     { "engine", required_argument, NULL, OPTION_ENGINE },
    { "dtype", required_argument, NULL, OPTION_DTYPE },   { "threads", required_argument, NULL, OPTION_THREADS },
    { "order", required_argument, NULL, OPTION_ORDER },   { "methods", no_argument, NULL, OPTION_METHODS },
    { "layer", required_argument, NULL, OPTION_LAYER },   { "tensor", required_argument, NULL, OPTION_TENSOR },
    { "stages", required_argument, NULL, OPTION_STAGES },
    APP_GEOMETRY_OPTIONS, APP_COMMON_OPTIONS };

#define AUDIO_CHUNK 8192     /* frames read at a time */
#define AUDIO_STAGED 65536   /* frames that --stages shows */

struct request {
    tconv_geometry_options geometry;
    struct app_layer_request layers;
    struct app_common common;
    const char *input, *kernel, *method, *bias, *stages;
    char *const *inputs;                               /* names that no output may replace: input and kernel */
    tconv_engine engine;
    bool has_type;
    tconv_element type;
    size_t threads;
    tconv_shuffle_order order;
};

/* ---- options ---- */

static _Noreturn void list_methods(void)
{
    printf("pixel-shuffle: channels become phases\n");
    for (size_t i = 0; i < tconv_reference_count(); i++)
        printf("%s: %s\n", tconv_reference_at(i)->name, tconv_reference_at(i)->summary);
    exit(fflush(stdout) != 0 ? app_message(APP_SYSTEM, "standard output: cannot be written") : APP_DONE);
}

static int parse_own(int option, const char *value, struct request *r)
{
    switch (option) {
    case 'k': r->kernel = value; return APP_DONE;
    case 'm': r->method = value; return APP_DONE;
    case OPTION_BIAS: r->bias = value; return APP_DONE;
    case OPTION_METHODS: list_methods();
    case OPTION_LAYER: return app_add_layer_spec(&r->layers, value);
    case OPTION_TENSOR: r->layers.tensor = value; return APP_DONE;
    case OPTION_STAGES: r->stages = value; return APP_DONE;
    case OPTION_ENGINE:
        if (!tconv_engine_of_text(value, &r->engine))
            return app_usage("--engine: '%s' is not auto, direct, gemm, fast-fir, fft or definition", value);
        return APP_DONE;
    case OPTION_DTYPE:
        if (strcmp(value, "f32") != 0 && strcmp(value, "f64") != 0)
            return app_usage("--dtype: '%s' is not f32 or f64", value);
        r->has_type = true;
        r->type = strcmp(value, "f32") == 0 ? TCONV_F32 : TCONV_F64;
        return APP_DONE;
    case OPTION_THREADS:
        return app_size("--threads", value, 1, 256, &r->threads) ? APP_DONE : APP_USAGE;
    case OPTION_ORDER:
        if (strcmp(value, "crd") != 0 && strcmp(value, "dcr") != 0)
            return app_usage("--order: '%s' is not crd or dcr", value);
        r->order = strcmp(value, "crd") == 0 ? TCONV_SHUFFLE_CRD : TCONV_SHUFFLE_DCR;
        return APP_DONE;
    default: return APP_USAGE;
    }
}

static int check_request(const struct request *r)
{
    if (r->kernel == NULL && r->method == NULL)
        return app_usage("by what? Say -k KERNEL or --method NAME");
    if (r->kernel != NULL && r->method != NULL)
        return app_usage("-k and --method exclude each other");
    if (r->kernel == NULL && (r->layers.n_specs > 0 || r->layers.tensor != NULL))
        return app_usage("--layer and --tensor choose a layer of a model: name it by -k MODEL");
    if (r->stages != NULL && r->method != NULL && strcmp(r->method, "pixel-shuffle") == 0)
        return app_usage("--stages: pixel-shuffle inserts no zeros");
    if (r->method != NULL && strcmp(r->method, "pixel-shuffle") != 0 && tconv_reference_find(r->method) == NULL)
        return app_usage("--method: '%s' is unknown; --methods lists those that are known", r->method);
    if (r->method != NULL && r->geometry.stride.count == 0)
        return app_usage("how many times? Say -s S");
    return APP_DONE;
}

static int parse(int argc, char **argv, struct request *r)
{
    *r = (struct request){ .threads = 1 };
    int option, code = APP_DONE;
    while ((option = app_getopt(argc, argv, "k:m:" APP_GEOMETRY_LETTERS APP_COMMON_LETTERS, options)) != -1) {
        if (option == 0)
            return APP_USAGE;
        if (!app_geometry_option(option, optarg, &r->geometry, &code) && !app_common_option(option, optarg, help, &r->common, &code))
            code = parse_own(option, optarg, r);
        if (code != APP_DONE)
            return code;
    }
    if (optind + 1 != argc)
        return app_usage(optind == argc ? "which input? Name a .npy, audio or PNG file" : "one input at a time, please");
    r->input = argv[optind];
    r->layers.geometry = &r->geometry;
    return check_request(r);
}

/* ---- the kernel ---- */

/* s on each of ndim axes, from -s. */
static int strides_of(const struct request *r, size_t ndim, size_t *strides)
{
    const tconv_option_list *s = &r->geometry.stride;
    if (s->count != 1 && s->count != ndim)
        return app_usage("-s: %zu values for %zu axes", s->count, ndim);
    for (size_t i = 0; i < ndim; i++)
        strides[i] = (size_t)s->values[s->count == 1 ? 0 : i];
    return APP_DONE;
}

static int add_bias(const struct request *r, tconv_kernel *kernel)
{
    size_t count;
    if (r->bias == NULL)
        return APP_DONE;
    tconv_free(kernel->bias);
    tconv_free(kernel->phase_bias);
    kernel->phase_bias = NULL;
    int code = app_read_numbers(r->bias, &kernel->bias, &count);
    if (code == APP_DONE && count != kernel->geometry.channels_out)
        code = app_message(APP_INPUT, "%s: %zu values for %zu output channels", r->bias, count, kernel->geometry.channels_out);
    return code;
}

/* The kernel file, or one layer of a model with its biases. */
static int load_kernel(const struct request *r, tconv_kernel **kernel)
{
    struct app_model model;
    *kernel = NULL;
    int code = app_model_open(&model, r->kernel, &r->layers);
    if (code == APP_DONE)
        code = app_model_load_one(&model, &r->layers, NULL, false, kernel);
    if (code == APP_DONE && (*kernel)->role == TCONV_ROLE_GRADIENT)
        code = app_message(APP_INPUT, "%s: %s: a convolution of stride s, which makes its input smaller", r->kernel,
                           (*kernel)->name != NULL ? (*kernel)->name : "the layer");
    app_model_close(&model);
    return code;
}

/* The kernel file, or the named method as a kernel of `ndim` dimensions. */
static int make_kernel(const struct request *r, size_t ndim, tconv_kernel **kernel)
{
    tconv_error error;
    if (r->kernel != NULL) {
        int code = load_kernel(r, kernel);
        return code == APP_DONE ? add_bias(r, *kernel) : code;
    }
    tconv_design design = tconv_design_default(ndim, 1);
    int code = strides_of(r, ndim, design.stride);
    if (code == APP_DONE && tconv_reference_design(tconv_reference_find(r->method), &design, kernel, &error) != TCONV_OK)
        code = app_fail(r->method, &error);
    return code == APP_DONE ? add_bias(r, *kernel) : code;
}

/* ---- arrays ---- */

/* An array as the operator takes it: (batch, channels, n1..nD). */
struct array {
    size_t ndim, batch, channels, first, *shape;       /* first: where n1 stands in shape */
};

static int array_of(const struct request *r, tconv_tensor *x, size_t ndim, struct array *a)
{
    if (x->rank < ndim || x->rank > ndim + 2 || x->count == 0)
        return app_message(APP_INPUT, "%s: an array of rank %zu for %zu spatial dimensions; (n..), (C,n..) and (B,C,n..) are allowed, not empty",
                           r->input, x->rank, ndim);
    size_t lead = x->rank - ndim;
    *a = (struct array){ .ndim = ndim, .batch = lead == 2 ? x->shape[0] : 1, .channels = lead > 0 ? x->shape[lead - 1] : 1, .first = lead,
                         .shape = x->shape };
    return APP_DONE;
}

static int make_output(const struct request *r, const tconv_tensor *x, const struct array *a, tconv_element type, size_t channels,
                       const size_t *n_out, tconv_tensor **y)
{
    size_t shape[TCONV_MAX_RANK];
    memcpy(shape, x->shape, sizeof shape);
    memcpy(shape + a->first, n_out, a->ndim * sizeof *shape);
    if (a->first > 0)
        shape[a->first - 1] = channels;
    else if (channels != 1)
        return app_message(APP_INPUT, "%s: %zu output channels need an input of shape (C,n..)", r->input, channels);
    tconv_status status = tconv_tensor_create(y, type, shape, x->rank);
    return status == TCONV_OK ? APP_DONE : app_fail_status(r->input, status);
}

/* All images, in at most 100 calls: between them the progress is told. */
static void execute(tconv_transpose *plan, size_t images, const tconv_tensor *x, tconv_tensor *y)
{
    size_t size = tconv_element_bytes(x->element), at_once = images / 100 + 1;
    for (size_t i = 0; i < images; i += at_once) {
        size_t n = images - i < at_once ? images - i : at_once;
        tconv_transpose_execute(plan, n, (const char *)x->data + x->count / images * i * size, (char *)y->data + y->count / images * i * size);
        app_progress(i + n, images);
    }
}

static int run_kernel(const struct request *r, tconv_tensor *x, const struct array *a, const tconv_kernel *kernel, tconv_tensor **y)
{
    const tconv_geometry *g = &kernel->geometry;
    bool single = tconv_kernel_is_single(kernel);
    tconv_transpose_options o = tconv_transpose_default_options();
    tconv_transpose *plan;
    tconv_error error;
    o.element = x->element;
    o.engine = r->engine;
    o.threads = r->threads;
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): make_kernel made one: neither a shuffle nor a resize */
    if (tconv_transpose_create(&plan, g, kernel->taps, kernel->bias, a->shape + a->first, &o, &error) != TCONV_OK)
        return app_fail(r->input, &error);
    tconv_transpose_info info = tconv_transpose_describe(plan);
    int code = make_output(r, x, a, x->element, single ? a->channels : g->channels_out, info.n_out, y);
    if (code == APP_DONE)
        execute(plan, single ? a->batch * a->channels : a->batch, x, *y);
    if (code == APP_DONE)
        tconv_phase_bias_add(kernel, x->element, single ? a->batch * a->channels : a->batch, info.n_out, (*y)->data);
    tconv_transpose_destroy(plan);
    return code;
}

static bool resize_mode(const char *method, tconv_resize_mode *mode)
{
    static const struct { const char *name; tconv_resize_mode mode; } table[] = {
        { "nearest", TCONV_RESIZE_NEAREST }, { "linear", TCONV_RESIZE_LINEAR }, { "cubic", TCONV_RESIZE_CUBIC }, { "cubic75", TCONV_RESIZE_CUBIC75 } };
    for (size_t i = 0; method != NULL && i < sizeof table / sizeof *table; i++)
        if (strcmp(method, table[i].name) == 0) {
            *mode = table[i].mode;
            return true;
        }
    return false;
}

static int run_resize(const struct request *r, tconv_tensor *x, const struct array *a, tconv_resize_mode mode, tconv_tensor **y)
{
    size_t s[TCONV_MAX_NDIM], n_out[TCONV_MAX_NDIM], *n_in = a->shape + a->first, rows = a->batch * a->channels;
    tconv_error error;
    int code = strides_of(r, a->ndim, s);
    for (size_t i = 0; i < a->ndim && code == APP_DONE; i++)
        if (!tconv_size_mul(n_in[i], s[i], &n_out[i]))
            code = app_fail_status(r->input, TCONV_ESIZE);
    if (code == APP_DONE)
        code = make_output(r, x, a, x->element, a->channels, n_out, y);
    if (code != APP_DONE)
        return code;
    size_t at_once = rows / 100 + 1;
    tconv_status status = TCONV_OK;
    for (size_t i = 0; i < rows && status == TCONV_OK; i += at_once) {
        size_t n = rows - i < at_once ? rows - i : at_once, from = x->count / rows * i, to = (*y)->count / rows * i;
        status = x->element == TCONV_F32
            ? tconv_resize_f32(mode, TCONV_GRID_HALF_PIXEL, a->ndim, n, n_in, n_out, (float *)x->data + from, (float *)(*y)->data + to, &error)
            : tconv_resize_f64(mode, TCONV_GRID_HALF_PIXEL, a->ndim, n, n_in, n_out, (double *)x->data + from, (double *)(*y)->data + to, &error);
        app_progress(i + n, rows);
    }
    return status == TCONV_OK ? APP_DONE : app_fail(r->input, &error);
}

static int run_shuffle(const struct request *r, tconv_tensor *x, const struct array *a, tconv_tensor **y)
{
    size_t s[TCONV_MAX_NDIM], n_out[TCONV_MAX_NDIM], phases = 1;
    int code = strides_of(r, a->ndim, s);
    for (size_t i = 0; i < a->ndim && code == APP_DONE; i++)
        if (!tconv_size_mul(a->shape[a->first + i], s[i], &n_out[i]) || !tconv_size_mul(phases, s[i], &phases))
            code = app_fail_status(r->input, TCONV_ESIZE);
    if (code == APP_DONE && (phases == 0 || a->channels % phases != 0))
        return app_message(APP_INPUT, "%s: %zu channels cannot be shuffled into %zu phases", r->input, a->channels, phases);
    if (code == APP_DONE)
        code = make_output(r, x, a, x->element, a->channels / phases, n_out, y);
    if (code == APP_DONE)
        tconv_pixel_shuffle(r->order, x->element, a->ndim, a->batch, a->channels / phases, s, a->shape + a->first, x->data, (*y)->data);
    return code;
}

/* How many of an array's axes are spatial: --ndim, the number of strides, or 1 for a list, 2 for all else. */
static size_t spatial(const struct request *r, size_t rank)
{
    if (r->geometry.ndim > 0)
        return r->geometry.ndim;
    return r->geometry.stride.count > 1 ? r->geometry.stride.count : rank == 1 ? 1 : 2;
}

static int upsample_array(const struct request *r, tconv_tensor *x, size_t ndim, tconv_tensor **y)
{
    struct array a;
    tconv_resize_mode mode = TCONV_RESIZE_NEAREST;
    tconv_kernel *kernel = NULL;
    int code = APP_DONE;
    bool by_resize = resize_mode(r->method, &mode), shuffle = r->method != NULL && strcmp(r->method, "pixel-shuffle") == 0;
    if (!shuffle && (!by_resize || r->stages != NULL))
        code = make_kernel(r, ndim, &kernel);
    if (code == APP_DONE)
        code = array_of(r, x, kernel != NULL ? kernel->geometry.ndim : ndim, &a);
    if (code == APP_DONE && kernel != NULL && !tconv_kernel_is_single(kernel) && kernel->geometry.channels_in != a.channels)
        code = app_message(APP_INPUT, "%s: %zu channels; the kernel takes %zu", r->input, a.channels, kernel->geometry.channels_in);
    if (code == APP_DONE && r->stages != NULL)
        code = app_stages_write(r->stages, kernel, x, a.first, r->inputs);
    if (code == APP_DONE)
        code = shuffle ? run_shuffle(r, x, &a, y) : by_resize ? run_resize(r, x, &a, mode, y) : run_kernel(r, x, &a, kernel, y);
    tconv_kernel_destroy(kernel);
    return code;
}

/* The same array in the type that --dtype asks for. */
static int convert(const struct request *r, tconv_tensor **x)
{
    size_t bad = tconv_tensor_first_non_finite(*x);
    if (bad < (*x)->count)
        return app_message(APP_INPUT, "%s: element %zu is NaN or infinite", r->input, bad);
    if (!r->has_type || r->type == (*x)->element)
        return APP_DONE;
    tconv_tensor *made;
    tconv_status status = tconv_tensor_create(&made, r->type, (*x)->shape, (*x)->rank);
    if (status != TCONV_OK)
        return app_fail_status(r->input, status);
    for (size_t i = 0; i < made->count; i++)
        tconv_tensor_set(made, i, tconv_tensor_get(*x, i));
    tconv_tensor_destroy(*x);
    *x = made;
    return APP_DONE;
}

/* Numbers as text: one row or column is a list, more are a table. */
static tconv_status read_text(tconv_source *source, tconv_tensor **x, tconv_error *error)
{
    tconv_text_table table;
    tconv_status status = tconv_text_read(source, &table, error);
    if (status != TCONV_OK)
        return status;
    bool list = table.rows == 1 || table.columns == 1;
    size_t shape[2] = { list ? table.rows * table.columns : table.rows, table.columns };
    status = tconv_tensor_create(x, TCONV_F64, shape, list ? 1 : 2);
    if (status == TCONV_OK)
        memcpy((*x)->data, table.values, (*x)->count * sizeof(double));
    else
        (void)tconv_fail_plain(error, status);
    tconv_text_free(&table);
    return status;
}

static void write_text(const tconv_tensor *y, tconv_buffer *out)
{
    size_t columns = y->rank > 0 ? y->shape[y->rank - 1] : 1;
    for (size_t i = 0; i < y->count; i++) {
        tconv_number_append(out, tconv_tensor_get(y, i));
        tconv_buffer_text(out, (i + 1) % columns == 0 ? "\n" : " ");
    }
}

static int run_array(const struct request *r, tconv_source *source, tconv_file_format format, struct app_output *output)
{
    tconv_tensor *x = NULL, *y = NULL;
    tconv_buffer bytes = { 0 };
    tconv_error error;
    int bits = 0, code = APP_DONE;
    bool picture = format == TCONV_FILE_PICTURE;
    const char *to = r->common.output != NULL ? r->common.output : "standard output";
    tconv_status status = picture ? tconv_picture_read(source, &x, &bits, &error) : format == TCONV_FILE_NPY ? tconv_npy_read(source, &x, &error)
                                                                                 : read_text(source, &x, &error);
    if (status != TCONV_OK)
        return app_fail(r->input, &error);
    code = convert(r, &x);
    if (code == APP_DONE)
        code = upsample_array(r, x, picture ? 2 : spatial(r, x->rank), &y);
    tconv_tensor_destroy(x);
    if (code == APP_DONE) {
        if (format == TCONV_FILE_TEXT)
            write_text(y, &bytes);
        else
            status = picture ? tconv_picture_write(y, bits, &bytes, &error) : tconv_npy_write(y, &bytes, &error);
        if (status != TCONV_OK)
            code = app_fail(to, &error);
        else if (bytes.status != TCONV_OK)
            code = app_fail_status(to, bytes.status);
    }
    tconv_tensor_destroy(y);
    if (code == APP_DONE)
        code = app_output_write(output, bytes.text, bytes.length);
    tconv_buffer_free(&bytes);
    return code;
}

/* ---- audio ---- */

/* The stages of channel 0 of the beginning: a second reading of the file. */
static int stage_audio(const struct request *r, const tconv_kernel *kernel)
{
    tconv_audio *in = NULL;
    tconv_audio_info info;
    tconv_tensor *x = NULL;
    tconv_error error;
    tconv_status status = TCONV_OK;
    if (!tconv_kernel_is_single(kernel))
        return app_usage("--stages: of audio only with a kernel of one channel");
    if (tconv_audio_open(&in, r->input, &info, &error) != TCONV_OK)
        return app_fail(r->input, &error);
    double *frames = tconv_alloc(AUDIO_STAGED * info.channels, sizeof *frames, &status);
    size_t got = 0;
    if (frames == NULL)
        (void)tconv_fail_plain(&error, status);
    else
        status = tconv_audio_read(in, frames, AUDIO_STAGED, &got, &error);
    tconv_audio_close(in);
    if (status != TCONV_OK) {
        tconv_free(frames);
        return app_fail(r->input, &error);
    }
    status = tconv_tensor_create(&x, TCONV_F64, (size_t[]){ got }, 1);
    for (size_t i = 0; i < got && status == TCONV_OK; i++)
        tconv_tensor_set(x, i, frames[i * info.channels]);
    tconv_free(frames);
    int code = status != TCONV_OK ? app_fail_status(r->input, status)
             : got == 0 || tconv_tensor_first_non_finite(x) < got ? app_message(APP_INPUT, "%s: no samples, or one that is NaN or infinite", r->input)
             : app_stages_write(r->stages, kernel, x, 0, r->inputs);
    tconv_tensor_destroy(x);
    return code;
}

static int stream_audio(const struct request *r, tconv_audio *in, tconv_audio *out, tconv_stream *stream, const tconv_kernel *kernel,
                        size_t channels_in, size_t frames, double *x, double *y)
{
    tconv_error error;
    size_t got, made, done = 0, written = 0, copies = tconv_kernel_is_single(kernel) ? channels_in : 1;
    do {
        if (tconv_audio_read(in, x, AUDIO_CHUNK, &got, &error) != TCONV_OK)
            return app_fail(r->input, &error);
        for (size_t i = 0; i < got * channels_in; i++)
            if (!(x[i] - x[i] == 0.0))
                return app_message(APP_INPUT, "%s: a sample is NaN or infinite", r->input);
        made = got > 0 ? tconv_stream_push(stream, x, got, y) : tconv_stream_finish(stream, y);
        tconv_phase_bias_add_frames(kernel, copies, written, made, y);
        written += made;
        if (tconv_audio_write(out, y, made, &error) != TCONV_OK)
            return app_fail(r->common.output, &error);
        app_progress(done += got, frames);
    } while (got > 0);
    return tconv_audio_finish(out, &error) == TCONV_OK ? APP_DONE : app_fail(r->common.output, &error);
}

static int run_audio(const struct request *r, struct app_output *output)
{
    tconv_audio *in = NULL, *out = NULL;
    tconv_audio_info info;
    tconv_kernel *kernel = NULL;
    tconv_stream *stream = NULL;
    tconv_error error;
    tconv_status status = TCONV_OK;
    double *x = NULL, *y = NULL;
    if (output->path == NULL || output->temporary[0] == '\0')
        return app_usage("audio needs -o FILE, a regular file: its header is completed at the end");
    if (tconv_audio_open(&in, r->input, &info, &error) != TCONV_OK)
        return app_fail(r->input, &error);
    int code = make_kernel(r, 1, &kernel);
    if (code == APP_DONE && kernel->geometry.ndim != 1)
        code = app_message(APP_INPUT, "%s: a kernel of %zu dimensions; audio has 1", r->kernel, kernel->geometry.ndim);
    if (code == APP_DONE && !tconv_kernel_is_single(kernel) && kernel->geometry.channels_in != info.channels)
        code = app_message(APP_INPUT, "%s: %zu channels; the kernel takes %zu", r->input, info.channels, kernel->geometry.channels_in);
    if (code == APP_DONE && r->stages != NULL)
        code = stage_audio(r, kernel);
    if (code == APP_DONE) {
        bool single = tconv_kernel_is_single(kernel);
        size_t frames = info.frames > 0 ? (size_t)info.frames : 0;
        size_t channels = info.channels;
        if (tconv_stream_create(&stream, &kernel->geometry, kernel->taps, kernel->bias, TCONV_F64, single ? channels : 1, &error) != TCONV_OK)
            code = app_fail(r->input, &error);
        info.rate *= kernel->geometry.axis[0].stride;
        info.frames *= (int64_t)kernel->geometry.axis[0].stride;
        info.channels = single ? channels : kernel->geometry.channels_out;
        if (code == APP_DONE) x = tconv_alloc(AUDIO_CHUNK * channels, sizeof *x, &status);
        if (x != NULL) y = tconv_alloc(tconv_stream_room(stream, AUDIO_CHUNK) * info.channels, sizeof *y, &status);
        if (status != TCONV_OK)
            code = app_fail_status(r->input, status);
        if (code == APP_DONE && tconv_audio_create(&out, output->descriptor, &info, &error) != TCONV_OK)
            code = app_fail(r->common.output, &error);
        if (code == APP_DONE)
            code = stream_audio(r, in, out, stream, kernel, channels, frames, x, y);
    }
    tconv_audio_close(out);
    tconv_audio_close(in);
    tconv_stream_destroy(stream);
    tconv_kernel_destroy(kernel);
    tconv_free(x);
    tconv_free(y);
    return code;
}

/* ---- all ---- */

static int run(const struct request *r, struct app_output *output)
{
    tconv_source *source;
    tconv_error error;
    if (tconv_source_open(&source, r->input, &error) != TCONV_OK)
        return app_fail(r->input, &error);
    tconv_file_format format = tconv_file_format_of(source);
    int code;
    if (format == TCONV_FILE_AUDIO && (r->method == NULL || strcmp(r->method, "pixel-shuffle") != 0))
        code = run_audio(r, output);
    else if (format == TCONV_FILE_NPY || format == TCONV_FILE_PICTURE || format == TCONV_FILE_TEXT)
        code = run_array(r, source, format, output);
    else
        code = app_message(APP_INPUT, "%s: %s; .npy, audio, PNG and text files can be upsampled", r->input, tconv_file_format_what(format));
    tconv_source_close(source);
    return code;
}

int main(int argc, char **argv)
{
    struct request request;
    struct app_output output;
    app_begin("polyphase-upsample");
    int code = parse(argc, argv, &request);
    char *const inputs[] = { optind < argc ? argv[optind] : NULL, (char *)(uintptr_t)request.kernel, NULL };
    request.inputs = inputs;
    if (code == APP_DONE)
        code = app_output_open(&output, request.common.output, inputs);
    if (code == APP_DONE) {
        app_progress_begin("polyphase-upsample", &output);
        code = run(&request, &output);
        app_progress_end();
        code = app_worse(code, app_output_close(&output, code == APP_DONE));
    }
    return code;
}
