/* polyphase-repair - taps that leave a checkerboard made into taps that leave none. */
#include <stdio.h>
#include <string.h>

#include "common/flat_repair.h"
#include "common/kernel_out.h"
#include "common/repair_model.h"
#include "design/repair.h"
#include "io/npy.h"
#include "report/repair_report.h"

static const char help[] =
    "polyphase-repair: change a kernel so that flat input comes out flat\n"
    "\n"
    "  echo '1 1 1' | polyphase-repair - -s 2               the smallest change, to standard output\n"
    "  echo '1 2 1 1' | polyphase-repair - -s 2 -o fixed.txt --json\n"
    "  echo '1 1 1' | polyphase-repair - -s 2 --method hold | polyphase-analyze - --check faint\n"
    "\n"
    "Usage: polyphase-repair FILE -s S [--method project|hold] [-o OUT] [options]\n"
    "       polyphase-repair MODEL --layer GLOB -o OUT [options]\n"
    "FILE is a kernel or a layer: text, CSV or .npy; - is standard input. Every pair of channels is\n"
    "repaired by itself. The result is written in the format that it came in, unless OUT ends in .npy\n"
    "or .txt; what changed is shown on standard error. Of a model, .onnx, .safetensors, .npz or .tflite,\n"
    "all but the layers is written as it was, byte for byte or member for member. PyTorch files are\n"
    "not written; one layer of any model can go to a .npy file.\n"
    "\n"
    "      --layer GLOB            repair the layers whose name or weight matches; may be repeated\n"
    "      --layer 'GLOB:s=8,p=4'  geometry for formats without a graph, as in polyphase-analyze\n"
    "      --tensor NAME           the same for one tensor, with -s, -p and so on\n"
    "      --method project        the smallest change that makes all branch sums equal; size, padding\n"
    "                              and gain stay (default)\n"
    "      --method hold           a convolution with a box of S: every image of DC is cancelled, high\n"
    "                              frequencies droop, the kernel grows by S - 1\n"
    "      --flat                  FILE is an ONNX model: correct its last upsampling layer along what\n"
    "                              flat inputs make of its input; checked on colours held out, written\n"
    "                              only if these come out more even (exit 1 if not)\n"
    "      --range LO,HI           --flat: of the network's output, for the levels (default 0,1)\n"
    "  -q, --quiet                 no table\n"
    APP_GEOMETRY_HELP
    "Common:\n"
    "  -o, --output FILE           write the kernel there instead of standard output\n"
    "      --json                  what changed as a JSON document on standard output; needs -o FILE\n"
    "      --max-bytes N           memory budget, K, M or G may follow (default 4G; 0: none)\n"
    "  -h, --help   -V, --version\n"
    "Exit codes: 0 done, 1 --flat does not help, 2 wrong usage, 3 bad input, 4 the system failed.\n";

enum { OPTION_METHOD = APP_OPTION_OWN, OPTION_LAYER, OPTION_TENSOR, OPTION_FLAT, OPTION_RANGE };

static const struct option options[] = {
    { "method", required_argument, NULL, OPTION_METHOD }, { "quiet", no_argument, NULL, 'q' },
    { "layer", required_argument, NULL, OPTION_LAYER },   { "tensor", required_argument, NULL, OPTION_TENSOR },
    { "flat", no_argument, NULL, OPTION_FLAT },           { "range", required_argument, NULL, OPTION_RANGE },
    APP_GEOMETRY_OPTIONS, APP_COMMON_OPTIONS };

struct request {
    tconv_geometry_options geometry;
    struct app_layer_request layers;
    struct app_common common;
    const char *file, *output;     /* output: NULL for standard output */
    bool hold, quiet, flat;
    double range[2];
};

/* The kernel, and what its file looked like. */
struct original {
    tconv_kernel *kernel;
    tconv_file_format format;      /* TCONV_FILE_FORMAT_COUNT: a layer of a model */
    const char *word;              /* the same for reports */
    tconv_npy_header header;       /* of .npy; of a model's layer the element type alone */
};

/* ---- options ---- */

static int parse(int argc, char **argv, struct request *request)
{
    *request = (struct request){ .range = { 0.0, 1.0 } };
    int option, code = APP_DONE;
    while ((option = app_getopt(argc, argv, "q" APP_GEOMETRY_LETTERS APP_COMMON_LETTERS, options)) != -1) {
        if (option == 0)
            return APP_USAGE;
        if (option == 'q')
            request->quiet = true;
        else if (option == OPTION_METHOD && strcmp(optarg, "project") != 0 && strcmp(optarg, "hold") != 0)
            return app_usage("--method: '%s' is not project or hold", optarg);
        else if (option == OPTION_METHOD)
            request->hold = strcmp(optarg, "hold") == 0;
        else if (option == OPTION_LAYER)
            code = app_add_layer_spec(&request->layers, optarg);
        else if (option == OPTION_TENSOR)
            request->layers.tensor = optarg;
        else if (option == OPTION_FLAT)
            request->flat = true;
        else if (option == OPTION_RANGE && !app_numbers("--range", optarg, request->range, 2))
            return APP_USAGE;
        else if (option == OPTION_RANGE && !(request->range[0] < request->range[1]))
            return app_usage("--range: '%s' does not rise", optarg);
        else if (option == OPTION_RANGE)
            continue;
        else if (!app_geometry_option(option, optarg, &request->geometry, &code))
            (void)app_common_option(option, optarg, help, &request->common, &code);
        if (code != APP_DONE)
            return code;
    }
    if (optind == argc)
        return app_usage("which kernel? Name a file, or - for standard input");
    if (argc - optind > 1)
        return app_usage("one file, please: '%s' is a second one", argv[optind + 1]);
    request->file = argv[optind];
    request->layers.geometry = &request->geometry;
    request->output = request->common.output != NULL && strcmp(request->common.output, "-") != 0 ? request->common.output : NULL;
    if (request->flat && (request->layers.n_specs > 0 || request->layers.tensor != NULL || request->hold))
        return app_usage("--flat corrects the last upsampling layer: --layer, --tensor and --method are for kernels");
    if (request->common.json && request->output == NULL)
        return app_usage("--json: the kernel goes to standard output already; -o FILE names another place for it");
    return APP_DONE;
}

/* ---- reading ---- */

static int read_original(const struct request *request, const struct app_model *model, struct original *original)
{
    tconv_error error;
    tconv_status status = TCONV_OK;
    const char *name = strcmp(request->file, "-") == 0 ? "standard input" : request->file;
    original->format = tconv_file_format_of(model->source);
    original->word = tconv_file_format_word(original->format);
    if (request->layers.n_specs > 0 || request->layers.tensor != NULL)
        return app_usage("%s: %s holds one kernel; --layer and --tensor are for models", name, tconv_file_format_what(original->format));
    if (original->format != TCONV_FILE_TEXT && original->format != TCONV_FILE_NPY)
        return app_message(APP_INPUT, "%s: %s cannot be repaired: text, .npy and model files can", name,
                           tconv_file_format_what(original->format));
    if (original->format == TCONV_FILE_NPY)
        status = tconv_npy_read_header(model->source, &original->header, &error);
    if (status == TCONV_OK)
        status = tconv_kernel_file_read(model->source, &request->geometry, &original->kernel, NULL, &error);
    if (status == TCONV_ENOSTRIDE || status == TCONV_EARGUMENT)
        return app_usage("%s: %s", name, error.message);
    return status == TCONV_OK ? APP_DONE : app_fail(request->file, &error);
}

/* ---- writing ---- */

static bool ends_in(const char *path, const char *ending)
{
    size_t length = path != NULL ? strlen(path) : 0;
    return length > strlen(ending) && strcmp(path + length - strlen(ending), ending) == 0;
}

static bool writes_npy(const struct request *request, const struct original *original)
{
    if (app_is_npy_name(request->output))
        return true;
    bool as_text = ends_in(request->output, ".txt") || ends_in(request->output, ".csv");
    return original->format == TCONV_FILE_NPY && !as_text;      /* layers of models come here for .npy or text only */
}

static bool writes_floats(const struct request *request, const struct original *original)
{
    return original->format != TCONV_FILE_TEXT && writes_npy(request, original)
        && (original->header.element == TCONV_F32 || original->header.element == TCONV_F16 || original->header.element == TCONV_BF16);
}

/* The extents in the order of the file that was read: (k..), (k, 1), (Cin, Cout/g, k..) or, layout tf, (k.., Cout/g, Cin). */
static size_t npy_shape(const struct request *request, const struct original *original, const tconv_geometry *g, size_t *shape)
{
    size_t rank = original->format == TCONV_FILE_NPY ? original->header.rank
                : original->format == TCONV_FILE_FORMAT_COUNT ? g->ndim + 2 : g->ndim;
    bool tf = request->geometry.layout_given && request->geometry.layout == TCONV_LAYOUT_TF;
    if (rank == g->ndim + 2) {
        shape[tf ? rank - 1 : 0] = g->channels_in;
        shape[tf ? rank - 2 : 1] = g->channels_out / g->groups;
        for (size_t i = 0; i < g->ndim; i++)
            shape[tf ? i : i + 2] = g->axis[i].n_taps;
    } else if (rank == 2 && g->ndim == 1) {
        bool column = original->header.shape[1] == 1;
        shape[0] = column ? g->axis[0].n_taps : 1;
        shape[1] = column ? 1 : g->axis[0].n_taps;
    } else {
        for (size_t i = 0; i < g->ndim; i++)
            shape[i] = g->axis[i].n_taps;
    }
    return rank;
}

static int npy_bytes(const struct request *request, const struct original *original, const tconv_kernel *kernel, tconv_buffer *bytes)
{
    tconv_error error;
    tconv_tensor *tensor;
    size_t shape[TCONV_MAX_RANK] = { 0 }, rank = npy_shape(request, original, &kernel->geometry, shape);
    tconv_status status = tconv_tensor_create(&tensor, writes_floats(request, original) ? TCONV_F32 : TCONV_F64, shape, rank);
    if (status != TCONV_OK)
        return app_fail_status("the kernel", status);
    bool tf = rank == kernel->geometry.ndim + 2 && request->geometry.layout_given && request->geometry.layout == TCONV_LAYOUT_TF;
    size_t taps = tconv_geometry_taps(&kernel->geometry), in = kernel->geometry.channels_in;
    size_t out = kernel->geometry.channels_out / kernel->geometry.groups;
    for (size_t i = 0; i < tensor->count; i++) {
        size_t ci = i / (out * taps), co = i / taps % out, t = i % taps;
        tconv_tensor_set(tensor, tf ? (t * out + co) * in + ci : i, kernel->taps[i]);
    }
    status = tconv_npy_write(tensor, bytes, &error);
    tconv_tensor_destroy(tensor);
    return status == TCONV_OK ? APP_DONE : app_fail("the kernel", &error);
}

static int kernel_bytes(const struct request *request, const struct original *original, const tconv_kernel *kernel, tconv_buffer *bytes)
{
    char title[512];
    if (writes_npy(request, original))
        return npy_bytes(request, original, kernel, bytes);
    (void)snprintf(title, sizeof title, "%.400s, repaired by polyphase-repair --method %s",
                   strcmp(request->file, "-") == 0 ? "standard input" : request->file, request->hold ? "hold" : "project");
    return app_kernel_bytes(kernel, title, false, bytes);
}

/* ---- the repair ---- */

static int repair(const struct request *request, const struct original *original, tconv_kernel **kernel, tconv_repair_report *report)
{
    tconv_error error;
    tconv_status status;
    if (request->hold) {
        tconv_kernel *held = NULL;
        status = tconv_repair_hold(*kernel, &held, report, &error);
        tconv_kernel_destroy(*kernel);
        *kernel = held;
    } else {
        status = tconv_repair_project_as(*kernel, writes_floats(request, original) ? TCONV_F32 : TCONV_F64, report, &error);
    }
    if (status != TCONV_OK)
        return app_fail(request->file, &error);
    for (size_t i = 0; i < tconv_kernel_count(*kernel) && writes_floats(request, original); i++)
        (*kernel)->taps[i] = (double)(float)(*kernel)->taps[i];   /* measure what is written */
    return APP_DONE;
}

/* The table on standard error, or the document on standard output once the kernel is in its file. */
static int report_sides(const struct request *request, const struct tconv_repair_sides *sides)
{
    tconv_buffer text = { 0 };
    int code = APP_DONE;
    if (request->common.json) {
        tconv_status status = tconv_repair_json(sides, &text);
        code = status == TCONV_OK ? app_write_buffer(NULL, NULL, &text) : app_fail_status(request->file, status);
    } else if (!request->quiet) {
        tconv_repair_text(&text, sides);
        code = text.status == TCONV_OK ? APP_DONE : app_fail_status(request->file, text.status);
        if (code == APP_DONE)
            (void)fwrite(text.text, 1, text.length, stderr);
    }
    tconv_buffer_free(&text);
    return code;
}

static int run(const struct request *request, struct original *original, char *const *inputs)
{
    tconv_error error;
    tconv_repair_report report;
    tconv_figures *before = NULL, *after = NULL;
    tconv_buffer bytes = { 0 };
    tconv_geometry geometry = original->kernel->geometry;
    tconv_status status = tconv_figures_create(&before, original->kernel, NULL, &error);
    int code = status == TCONV_OK ? repair(request, original, &original->kernel, &report) : app_fail(request->file, &error);
    if (code == APP_DONE && tconv_figures_create(&after, original->kernel, NULL, &error) != TCONV_OK)
        code = app_fail(request->file, &error);
    if (code == APP_DONE)
        code = kernel_bytes(request, original, original->kernel, &bytes);
    if (code == APP_DONE)
        code = app_write_buffer(request->output, inputs, &bytes);
    if (code == APP_DONE)
        code = report_sides(request, &(tconv_repair_sides){
            .tool = "polyphase-repair", .file = request->file, .format = original->word,
            .method = request->hold ? "hold" : "project", .output = request->output, .report = &report,
            .geometry_before = &geometry, .geometry_after = &original->kernel->geometry, .before = before, .after = after });
    tconv_buffer_free(&bytes);
    tconv_figures_destroy(before);
    tconv_figures_destroy(after);
    return code;
}

/* A model: a copy of the file, or one layer as a kernel of its own. */
static int run_model(const struct request *request, struct app_model *model, struct original *original, char *const *inputs)
{
    if (request->layers.n_specs == 0 && request->layers.tensor == NULL)
        return app_usage("%s: which layers? --layer GLOB chooses them, --layer '*' all", request->file);
    if (app_is_npy_name(request->output) || ends_in(request->output, ".txt") || ends_in(request->output, ".csv")) {
        original->format = TCONV_FILE_FORMAT_COUNT;
        original->word = model->format;
        int code = app_repair_one(model, &request->layers, &original->kernel, &original->header.element);
        return code == APP_DONE ? run(request, original, inputs) : code;
    }
    if (request->hold)
        return app_usage("--method hold makes the kernel longer, and a model's layers keep their sizes: use project, or -o FILE.npy for "
                         "one layer by itself");
    return app_repair_model(model, &(struct app_repair){ .output = request->output, .json = request->common.json, .quiet = request->quiet,
                                                         .inputs = inputs });
}

int main(int argc, char **argv)
{
    struct request request;
    struct app_model model = { .container = NULL };
    struct original original = { .kernel = NULL };
    app_begin("polyphase-repair");
    int code = parse(argc, argv, &request);
    if (code == APP_DONE && request.flat)
        return app_flat_repair(&(struct app_flat_repair){ .file = request.file, .output = request.output, .json = request.common.json,
                                                          .quiet = request.quiet, .range = { request.range[0], request.range[1] } },
                               argv + optind);
    if (code == APP_DONE)
        code = app_model_open(&model, request.file, &request.layers);
    if (code == APP_DONE && model.container != NULL) {
        code = run_model(&request, &model, &original, argv + optind);
    } else if (code == APP_DONE) {
        code = read_original(&request, &model, &original);
        if (code == APP_DONE)
            code = run(&request, &original, argv + optind);
    }
    tconv_kernel_destroy(original.kernel);
    app_model_close(&model);
    return code;
}
