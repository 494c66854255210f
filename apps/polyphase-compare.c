/* polyphase-compare - a kernel against sinc and the classics: which is it nearest to, and what does it give away. */
#include <stdio.h>
#include <string.h>

#include "common/compare_table.h"
#include "common/kernel_out.h"
#include "common/model.h"
#include "common/plot.h"
#include "common/psd.h"
#include "design/compare.h"
#include "report/comparison.h"

static const char help[] =
    "polyphase-compare: which classical filter is a kernel nearest to, and what does it give away\n"
    "\n"
    "  echo '1 3 3 1' | polyphase-compare - -s 2          bilinear interpolation, at a gain of 4\n"
    "  polyphase-design kaiser -s 4 | polyphase-compare - --against linear,cubic,lanczos3,sinc\n"
    "  polyphase-design cubic -s 2 | polyphase-compare - --psd ar1:0.9 --json\n"
    "\n"
    "Usage: polyphase-compare FILE -s S [options]\n"
    "FILE is a kernel (text, CSV, .npy; - is standard input), or a model with --layer and --pair.\n"
    "\n"
    "      --against NAME[,NAME..] compare with these only (polyphase-design --list has the names)\n"
    "      --edge E                edge of the passband in units of 1/(2s), 0 < E < 1 (default 0.8)\n"
    "      --plot FILE             |H| of the kernel and of the nearest references: .png, .svg or .pdf,\n"
    "                              by gnuplot, or .dat, the data; - draws it on the terminal instead of\n"
    "                              the report\n"
    APP_PSD_HELP
    "Models:\n"
    "      --layer GLOB            the layer whose name or weight matches\n"
    "      --layer 'GLOB:s=8,p=4'  geometry for formats without a graph; keys s, p, o, d, g\n"
    "      --tensor NAME           the same for one tensor, with -s, -p and so on\n"
    "      --pair CI,CO            the kernel from input channel CI to output channel CO\n"
    "      --external-data         let ONNX read weights from files beneath the model's folder\n"
    APP_GEOMETRY_HELP
    APP_COMMON_HELP
    "Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 the system failed.\n";

enum {
    OPTION_AGAINST = APP_OPTION_OWN, OPTION_EDGE, OPTION_PSD, OPTION_LAYER, OPTION_TENSOR, OPTION_PAIR, OPTION_EXTERNAL_DATA,
    OPTION_PLOT
};

static const struct option options[] = {
    { "against", required_argument, NULL, OPTION_AGAINST }, { "edge", required_argument, NULL, OPTION_EDGE },
    { "psd", required_argument, NULL, OPTION_PSD },         { "layer", required_argument, NULL, OPTION_LAYER },
    { "tensor", required_argument, NULL, OPTION_TENSOR },   { "pair", required_argument, NULL, OPTION_PAIR },
    { "external-data", no_argument, NULL, OPTION_EXTERNAL_DATA }, { "plot", required_argument, NULL, OPTION_PLOT },
    APP_GEOMETRY_OPTIONS, APP_COMMON_OPTIONS };

#define MOST_AGAINST 64

struct request {
    tconv_geometry_options geometry;
    struct app_layer_request layers;
    struct app_common common;
    struct app_psd psd;
    const tconv_reference *against[MOST_AGAINST];
    size_t n_against, pair[2];
    bool has_pair;
    double edge;
    const char *plot;
};

static int parse_against(const char *list, struct request *request)
{
    for (const char *at = list;; at++) {
        char name[64];
        size_t length = strcspn(at, ",");
        (void)snprintf(name, sizeof name, "%.*s", length < sizeof name ? (int)length : 0, at);
        const tconv_reference *reference = tconv_reference_find(name);
        if (reference == NULL)
            return app_usage("--against: '%.*s' is not a filter; polyphase-design --list has the names", (int)(length < 60 ? length : 60), at);
        if (request->n_against == MOST_AGAINST)
            return app_usage("--against: more than %d names", MOST_AGAINST);
        request->against[request->n_against++] = reference;
        at += length;
        if (*at == '\0')
            return APP_DONE;
    }
}

static int parse_own(int option, const char *value, struct request *request)
{
    switch (option) {
    case OPTION_AGAINST:
        return parse_against(value, request);
    case OPTION_EDGE:
        if (!app_number("--edge", value, &request->edge))
            return APP_USAGE;
        return request->edge > 0.0 && request->edge < 1.0 ? APP_DONE : app_usage("--edge: %s is not in 0 < E < 1", value);
    case OPTION_PSD:
        request->psd.text = value;
        return APP_DONE;
    case OPTION_LAYER:
        return app_add_layer_spec(&request->layers, value);
    case OPTION_TENSOR:
        request->layers.tensor = value;
        return APP_DONE;
    case OPTION_PAIR:
        request->has_pair = true;
        return app_pair(value, request->pair);
    case OPTION_EXTERNAL_DATA:
        request->layers.external_data = true;
        return APP_DONE;
    case OPTION_PLOT:
        request->plot = value;
        return app_plot_check(value);
    default:
        return APP_USAGE;
    }
}

static int parse(int argc, char **argv, struct request *request)
{
    *request = (struct request){ .edge = 0.8, .psd = { .text = "white" } };
    int option, code = APP_DONE;
    while ((option = app_getopt(argc, argv, APP_GEOMETRY_LETTERS APP_COMMON_LETTERS, options)) != -1) {
        if (option == 0)
            return APP_USAGE;
        if (!app_geometry_option(option, optarg, &request->geometry, &code)
            && !app_common_option(option, optarg, help, &request->common, &code))
            code = parse_own(option, optarg, request);
        if (code != APP_DONE)
            return code;
    }
    if (optind == argc)
        return app_usage("which kernel? Name a file, or - for standard input");
    if (argc - optind > 1)
        return app_usage("one file, please: '%s' is a second one", argv[optind + 1]);
    request->layers.geometry = &request->geometry;
    return APP_DONE;
}

/* The one kernel that the options choose. */
static int load(const struct request *request, struct app_model *model, tconv_kernel **kernel)
{
    int code = app_model_open(model, model->path, &request->layers);
    if (code != APP_DONE)
        return code;
    return app_model_load_one(model, &request->layers, request->has_pair ? request->pair : NULL, true, kernel);
}

static int compare(const struct request *request, const struct app_model *model, const tconv_kernel *kernel, tconv_buffer *out,
                   tconv_buffer *drawn)
{
    tconv_error error;
    tconv_comparisons *comparisons;
    char name[512];
    tconv_compare_options how = { .against = request->n_against > 0 ? request->against : NULL, .n_against = request->n_against,
                                  .psd = &request->psd.psd, .edge = request->edge };
    tconv_status status = tconv_compare(&comparisons, kernel, &how, &error);
    if (status != TCONV_OK)
        return app_fail(model->path, &error);
    const tconv_layer_info *info = app_model_layer(model, 0);
    if (request->has_pair)
        (void)snprintf(name, sizeof name, "%.400s%spair %zu,%zu", info != NULL ? info->name : "", info != NULL ? ", " : "",
                       request->pair[0], request->pair[1]);
    else
        (void)snprintf(name, sizeof name, "%.400s", info != NULL ? info->name : "");
    tconv_comparison_report report = { .tool = "polyphase-compare", .file = model->path, .format = model->format,
                                       .name = name[0] != '\0' ? name : NULL, .psd = request->psd.text, .kernel = kernel,
                                       .comparisons = comparisons };
    if (request->common.json)
        status = tconv_comparison_json(&report, out);
    else
        tconv_comparison_text(out, &report);
    int code = APP_DONE;
    if (request->plot != NULL && compare_table_write(kernel, comparisons, drawn, &error) != TCONV_OK)
        code = app_fail(model->path, &error);
    tconv_comparisons_destroy(comparisons);
    if (code != APP_DONE)
        return code;
    return status == TCONV_OK ? APP_DONE : app_fail_status(model->path, status);
}

int main(int argc, char **argv)
{
    struct request request;
    struct app_model model = { .path = NULL };
    tconv_kernel *kernel = NULL;
    tconv_buffer text = { 0 }, drawn = { 0 };
    app_begin("polyphase-compare");
    int code = parse(argc, argv, &request);
    if (code == APP_DONE)
        code = app_psd_open(request.psd.text, &request.psd);
    if (code == APP_DONE) {
        model.path = argv[optind];
        code = load(&request, &model, &kernel);
    }
    if (code == APP_DONE)
        code = compare(&request, &model, kernel, &text, &drawn);
    if (code == APP_DONE) {
        char *const inputs[] = { argv[optind], (char *)(request.psd.measured ? request.psd.text : "-"), NULL };
        bool drawn_instead = request.plot != NULL && strcmp(request.plot, "-") == 0 && request.common.output == NULL;
        if (!drawn_instead)
            code = app_write_buffer(request.common.output, inputs, &text);
        if (code == APP_DONE && request.plot != NULL)
            code = app_plot(request.plot, "compare", "the kernel and the references nearest to it", &drawn, inputs);
    }
    tconv_buffer_free(&drawn);
    tconv_buffer_free(&text);
    tconv_kernel_destroy(kernel);
    app_model_close(&model);
    app_psd_close(&request.psd);
    return code;
}
