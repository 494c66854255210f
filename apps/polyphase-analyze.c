/* polyphase-analyze - the main command: what a kernel does to its input, phase by phase, in figures and in words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/verdict.h"
#include "common/model.h"
#include "common/plot.h"
#include "common/sheet_table.h"
#include "report/layer_json.h"
#include "report/layer_text.h"
#include "report/model_text.h"
#include "report/page.h"
#include "network/step_response.h"

static const char help[] =
    "polyphase-analyze: where does a kernel's checkerboard come from, and what to do about it\n"
    "\n"
    "  echo '1 1 1' | polyphase-analyze - -s 2            the all-ones kernel: uneven coverage\n"
    "  echo '1 3 3 1' | polyphase-analyze - -s 2 -p 1     linear interpolation: even\n"
    "  printf '1 2 1\\n2 4 2\\n1 2 1\\n' | polyphase-analyze --json - -s 2 -p 1 --output-padding 1\n"
    "\n"
    "Usage: polyphase-analyze FILE.. -s S [options]\n"
    "FILE is a kernel: text or CSV (several rows: 2-D), or .npy; - is standard input. A comment\n"
    "'# tconv: stride=2 padding=1' in a text file stands for the options. Or FILE is a model: ONNX or\n"
    "TFLite (layers and geometry come from the graph), safetensors, npz or PyTorch (see --layer).\n"
    "\n"
    "Models:\n"
    "      --layer GLOB            full report of the layers whose name or weight matches\n"
    "      --layer 'GLOB:s=8,p=4'  geometry for formats without a graph; keys s, p, o, d, g; axes\n"
    "                              joined by x: s=1x2,p=0x2. May be given several times\n"
    "      --tensor NAME           the same for one tensor, with -s, -p and so on\n"
    "      --external-data         let ONNX read weights from files beneath the model's folder\n"
    APP_GEOMETRY_HELP
    "What is measured:\n"
    "      --edge E                edge of the passband in units of 1/(2s), 0 < E <= 1 (default 0.8)\n"
    "      --per-channel           the figures of every output channel too\n"
    "      --pair CI,CO            only the kernel from input channel CI to output channel CO\n"
    "      --mean FILE             mean of each input channel: the layer's answer to a flat input\n"
    "Checks:\n"
    "      --check LEVEL           exit 1 if a verdict is faint, visible or severe, or worse\n"
    "      --max-index DB          exit 1 if a checkerboard index is above DB\n"
    "      --levels A,B,C          dB at which faint, visible, severe begin (default -60,-48,-20)\n"
    "      --jsonl                 one JSON document a line, one line a file\n"
    "Pictures and pages:\n"
    "      --plot FILE             the layer on one sheet (several layers: their levels side by side) as\n"
    "                              .png, .svg or .pdf, by gnuplot, or .dat, the data; - draws on the\n"
    "                              terminal instead of the report. One file at a time\n"
    "      --report FILE.html      a page that needs nothing else: figures, charts, explanations with\n"
    "                              this kernel's numbers, glossary; - writes it to standard output\n"
    "                              instead of the text. One file at a time\n"
    APP_COMMON_HELP
    "Exit codes: 0 done, 1 a check was not met, 2 wrong usage, 3 bad input, 4 the system failed.\n";

enum {
    OPTION_EDGE = APP_OPTION_OWN, OPTION_PER_CHANNEL, OPTION_PAIR, OPTION_MEAN, OPTION_CHECK, OPTION_MAX_INDEX,
    OPTION_LEVELS, OPTION_JSONL, OPTION_LAYER, OPTION_TENSOR, OPTION_EXTERNAL_DATA, OPTION_PLOT,
    OPTION_REPORT
};

static const struct option options[] = {
    { "edge", required_argument, NULL, OPTION_EDGE },           { "per-channel", no_argument, NULL, OPTION_PER_CHANNEL },
    { "pair", required_argument, NULL, OPTION_PAIR },           { "mean", required_argument, NULL, OPTION_MEAN },
    { "check", required_argument, NULL, OPTION_CHECK },         { "max-index", required_argument, NULL, OPTION_MAX_INDEX },
    { "levels", required_argument, NULL, OPTION_LEVELS },       { "jsonl", no_argument, NULL, OPTION_JSONL },
    { "layer", required_argument, NULL, OPTION_LAYER },         { "tensor", required_argument, NULL, OPTION_TENSOR },
    { "external-data", no_argument, NULL, OPTION_EXTERNAL_DATA }, { "plot", required_argument, NULL, OPTION_PLOT },
    { "report", required_argument, NULL, OPTION_REPORT },
    APP_GEOMETRY_OPTIONS, APP_COMMON_OPTIONS };

struct request {
    tconv_geometry_options geometry;
    struct app_layer_request layers;
    struct app_common common;
    tconv_figure_options figures;
    tconv_levels levels;
    bool per_channel, jsonl, has_pair, has_check, has_max_index;
    size_t pair[2];
    tconv_level check;
    double max_index_db;
    const char *mean_file, *plot, *report;
    double *mean;
    size_t n_mean;
};

/* ---- options ---- */

static int parse_levels(const char *text, tconv_levels *levels)
{
    double values[3];
    if (!app_numbers("--levels", text, values, 3))
        return APP_USAGE;
    if (!(values[0] <= values[1] && values[1] <= values[2]))
        return app_usage("--levels: '%s' does not rise: faint, visible, severe", text);
    *levels = (tconv_levels){ values[0], values[1], values[2] };
    return APP_DONE;
}

static int parse_own(int option, const char *value, struct request *request)
{
    switch (option) {
    case OPTION_EDGE:
        if (!app_number("--edge", value, &request->figures.edge))
            return APP_USAGE;
        if (!(request->figures.edge > 0.0 && request->figures.edge <= 1.0))
            return app_usage("--edge: %s is not in 0 < E <= 1", value);
        return APP_DONE;
    case OPTION_PER_CHANNEL:
        request->per_channel = true;
        return APP_DONE;
    case OPTION_PAIR:
        request->has_pair = true;
        return app_pair(value, request->pair);
    case OPTION_MEAN:
        request->mean_file = value;
        return APP_DONE;
    case OPTION_CHECK:
        request->has_check = true;
        if (!tconv_level_of_text(value, &request->check) || request->check < TCONV_LEVEL_FAINT
            || request->check > TCONV_LEVEL_SEVERE)
            return app_usage("--check: '%s' is not faint, visible or severe", value);
        return APP_DONE;
    case OPTION_MAX_INDEX:
        request->has_max_index = true;
        return app_number("--max-index", value, &request->max_index_db) ? APP_DONE : APP_USAGE;
    case OPTION_LEVELS:
        return parse_levels(value, &request->levels);
    case OPTION_JSONL:
        request->jsonl = true;
        return APP_DONE;
    case OPTION_PLOT:
        request->plot = value;
        return app_plot_check(value);
    case OPTION_REPORT:
        request->report = value;
        return APP_DONE;
    case OPTION_LAYER:
        return app_add_layer_spec(&request->layers, value);
    case OPTION_TENSOR:
        request->layers.tensor = value;
        return APP_DONE;
    case OPTION_EXTERNAL_DATA:
        request->layers.external_data = true;
        return APP_DONE;
    default:
        return APP_USAGE;
    }
}

static int parse(int argc, char **argv, struct request *request)
{
    *request = (struct request){ .figures = { .edge = 0.8 }, .levels = tconv_levels_default() };
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
    if (request->plot != NULL && optind + 1 < argc)
        return app_usage("--plot draws one file at a time, and there are %d", argc - optind);
    if (request->report != NULL && optind + 1 < argc)
        return app_usage("--report shows one file at a time, and there are %d", argc - optind);
    request->layers.geometry = &request->geometry;
    return APP_DONE;
}

/* ---- one layer ---- */

/* A layer with everything that was measured of it. */
struct measured {
    tconv_kernel *kernel;
    tconv_figures *figures;
    tconv_verdict *verdict;
    tconv_figures **channels;   /* one per output channel with --per-channel */
    size_t n_channels;
    size_t input_size[TCONV_MAX_NDIM];   /* 0: not given */
    const char *note;
};

static void release(struct measured *layer)
{
    for (size_t co = 0; co < layer->n_channels; co++)
        tconv_figures_destroy(layer->channels[co]);
    tconv_free(layer->channels);
    tconv_verdict_destroy(layer->verdict);
    tconv_figures_destroy(layer->figures);
    tconv_kernel_destroy(layer->kernel);
}

static int choose_pair(const struct request *request, const char *file, struct measured *layer)
{
    tconv_error error;
    tconv_kernel *pair;
    if (tconv_kernel_extract(layer->kernel, request->pair[0], request->pair[1], &pair, &error) != TCONV_OK)
        return app_fail(file, &error);
    tconv_kernel_destroy(layer->kernel);
    layer->kernel = pair;
    return APP_DONE;
}

static int measure_channels(const struct request *request, const char *file, struct measured *layer)
{
    tconv_error error;
    tconv_status status = TCONV_OK;
    size_t count = layer->kernel->geometry.channels_out;
    layer->channels = tconv_alloc_zero(count, sizeof *layer->channels, &status);
    if (layer->channels == NULL)
        return app_fail_status(file, status);
    layer->n_channels = count;
    size_t per_group = count / layer->kernel->geometry.groups;
    size_t in_per_group = layer->kernel->geometry.channels_in / layer->kernel->geometry.groups;
    for (size_t co = 0; co < count; co++) {
        tconv_kernel *channel;
        tconv_figure_options own = request->figures;
        if (own.mean != NULL)
            own.mean += co / per_group * in_per_group;
        status = tconv_kernel_channel(layer->kernel, co, &channel, &error);
        if (status == TCONV_OK)
            status = tconv_figures_create(&layer->channels[co], channel, &own, &error);
        tconv_kernel_destroy(channel);
        if (status != TCONV_OK)
            return app_fail(file, &error);
    }
    return APP_DONE;
}

static int measure(const struct request *request, const char *file, struct measured *layer)
{
    tconv_error error;
    size_t channels_in = layer->kernel->geometry.channels_in;
    if (request->mean != NULL && request->n_mean != channels_in)
        return app_message(APP_INPUT, "%s: %zu mean values for %zu input channels", request->mean_file, request->n_mean, channels_in);
    if (tconv_figures_create(&layer->figures, layer->kernel, &request->figures, &error) != TCONV_OK)
        return app_fail(file, &error);
    tconv_status status = tconv_verdict_create(&layer->verdict, layer->kernel, layer->figures, &request->levels, 1.0);
    if (status != TCONV_OK)
        return app_fail_status(file, status);
    return request->per_channel ? measure_channels(request, file, layer) : APP_DONE;
}

/* N per axis into sizes[], 0 where -n is not given; refuses those from which nothing comes out. */
static int input_sizes(const struct request *request, const char *file, struct measured *layer)
{
    const tconv_option_list *n = &request->geometry.input_size;
    const tconv_geometry *g = &layer->kernel->geometry;
    for (size_t i = 0; i < g->ndim && n->count > 0; i++) {
        tconv_error error;
        size_t n_out;
        layer->input_size[i] = (size_t)n->values[n->count == 1 ? 0 : i];
        if (tconv_axis_output_size(&g->axis[i], layer->input_size[i], &n_out, &error) != TCONV_OK)
            return app_fail(file, &error);
    }
    return APP_DONE;
}

/* What there is to say of a layer whose taps are not analysed: its geometry. */
static int judge_geometry(const struct request *request, const char *file, const tconv_layer_info *info, struct measured *layer)
{
    tconv_status status = TCONV_OK;
    tconv_kernel *kernel = tconv_alloc_zero(1, sizeof *kernel, &status);
    layer->kernel = kernel;
    if (kernel != NULL) {
        kernel->geometry = info->geometry;
        kernel->role = info->role;
        kernel->weight_norm_fused = info->weight_norm_fused;
        kernel->name = tconv_alloc_text(info->name, &status);
        kernel->weight = tconv_alloc_text(info->weight, &status);
        kernel->operator_name = tconv_alloc_text(info->operator_name, &status);
    }
    if (status == TCONV_OK)
        status = tconv_verdict_create(&layer->verdict, kernel, NULL, &request->levels, 1.0);
    return status == TCONV_OK ? APP_DONE : app_fail_status(file, status);
}

/* Load and measure one layer of a model, or a kernel file's one kernel. */
static int measure_layer(const struct request *request, struct app_model *model, size_t i, struct measured *layer)
{
    const tconv_layer_info *info = app_model_layer(model, i);
    if (info != NULL) {
        layer->note = info->obstacle != NULL ? info->obstacle : info->note;
        memcpy(layer->input_size, info->input_size, sizeof layer->input_size);
        bool ready = info->has_taps && info->has_geometry && info->obstacle == NULL;
        if (info->has_geometry && (!ready || info->role == TCONV_ROLE_GRADIENT || !info->upsamples))
            return judge_geometry(request, model->path, info, layer);
        if (!ready)
            return app_message(APP_INPUT, "%s: %s: %s", model->path, info->name, layer->note != NULL ? layer->note : "not known");
    }
    int code = app_model_load(model, i, &request->layers, &layer->kernel);
    if (code == APP_DONE && request->has_pair)
        code = choose_pair(request, model->path, layer);
    if (code == APP_DONE)
        code = input_sizes(request, model->path, layer);
    return code == APP_DONE ? measure(request, model->path, layer) : code;
}

/* What the whole network of an ONNX file answers to flat input becomes the flat_input verdict of its layers. A graph that
 * the network evaluation does not know leaves it unknown. */
static int judge_network(const struct request *request, struct app_model *model, struct measured *layers)
{
    if (model->container == NULL || tconv_container_kind(model->container) != TCONV_CONTAINER_ONNX || model->count == 0)
        return APP_DONE;
    tconv_network *network;
    tconv_error error;
    double spread;
    tconv_status status = tconv_network_create(&network, model->container, NULL, &error);
    if (status == TCONV_OK)
        status = tconv_network_grey_spread(network, &spread, &error);
    tconv_network_destroy(network);
    if (status == TCONV_ENOMEM || status == TCONV_EREAD)      /* any other: the network has no such answer */
        return app_fail(model->path, &error);
    for (size_t i = 0; i < model->count && status == TCONV_OK; i++)
        if (layers[i].verdict->flat_input == TCONV_LEVEL_UNKNOWN && layers[i].kernel->role == TCONV_ROLE_UPSAMPLE
            && tconv_verdict_set_flat_input(layers[i].verdict, spread, 1.0, &request->levels) != TCONV_OK)
            return app_fail_status(model->path, TCONV_ENOMEM);
    return APP_DONE;
}

/* ---- writing ---- */

static tconv_json_layer json_layer(const struct measured *layer)
{
    tconv_json_layer one = { .kernel = layer->kernel, .figures = layer->figures, .verdict = layer->verdict,
                             .channels = layer->channels, .n_channels = layer->n_channels, .note = layer->note };
    memcpy(one.input_size, layer->input_size, sizeof one.input_size);
    return one;
}

static void write_full_text(tconv_buffer *out, const char *file, const struct measured *layer)
{
    if (layer->figures == NULL)
        return;
    tconv_layer_text(out, &(tconv_layer_report){ .file = file, .kernel = layer->kernel, .figures = layer->figures,
                                                 .verdict = layer->verdict,
                                                 .input_size = layer->input_size[0] > 0 ? layer->input_size : NULL });
    if (layer->n_channels > 0)
        tconv_channels_text(out, layer->channels, layer->n_channels);
}

static int write_json(tconv_buffer *out, const struct request *request, const struct app_model *model,
                      const tconv_json_layer *layers)
{
    tconv_json_document document = { .tool = "polyphase-analyze", .file = model->path, .format = model->format,
                                     .layers = layers, .n_layers = model->count, .compact = request->jsonl };
    tconv_status status = tconv_json_write_document(&document, out);
    return status == TCONV_OK ? APP_DONE : app_fail_status(model->path, status);
}

/* JSON, or the overview of a model and the full text of the layers asked for. */
static int write_all(tconv_buffer *out, const struct request *request, const struct app_model *model, const struct measured *layers)
{
    tconv_status status = TCONV_OK;
    tconv_json_layer *list = tconv_alloc(model->count, sizeof *list, &status);
    if (list == NULL)
        return app_fail_status(model->path, status);
    int code = APP_DONE;
    bool overview = model->container != NULL && request->layers.n_specs == 0 && request->layers.tensor == NULL;
    for (size_t i = 0; i < model->count; i++)
        list[i] = json_layer(&layers[i]);
    if (request->common.json || request->jsonl)
        code = write_json(out, request, model, list);
    else if (overview || (model->container != NULL && model->count != 1) || (model->count == 1 && layers[0].figures == NULL))
        tconv_model_text(out, model->path, model->format, list, model->count);
    for (size_t i = 0; i < model->count && !overview && !request->common.json && !request->jsonl; i++) {
        tconv_buffer_text(out, model->count > 1 && layers[i].figures != NULL ? "\n\n" : "");
        write_full_text(out, model->path, &layers[i]);
    }
    tconv_free(list);
    return code == APP_DONE && out->status != TCONV_OK ? app_fail_status(model->path, out->status) : code;
}

static int plot(const struct request *request, const struct app_model *model, const struct measured *layers)
{
    char *inputs[] = { (char *)model->path, (char *)(request->mean_file != NULL ? request->mean_file : "-"), NULL };
    const char *slash = strrchr(model->path, '/'), *name = slash != NULL && slash[1] != '\0' ? slash + 1 : model->path;
    tconv_buffer table = { 0 }, title = { 0 };
    tconv_error error = { .message = "" };
    bool sheet = model->count == 1 && layers[0].figures != NULL;
    tconv_status status = TCONV_OK;
    tconv_json_layer *list = tconv_alloc(model->count, sizeof *list, &status);
    for (size_t i = 0; list != NULL && i < model->count; i++)
        list[i] = json_layer(&layers[i]);
    if (status != TCONV_OK)
        (void)tconv_fail_plain(&error, status);
    else if (sheet)
        status = sheet_table_write(name, layers[0].kernel, layers[0].figures, &table, &title, &error);
    else
        status = models_table_write(name, list, model->count, &table, &title, &error);
    int code = status != TCONV_OK ? app_fail(model->path, &error)
                                  : app_plot(request->plot, sheet ? "sheet" : "models", title.text, &table, inputs);
    tconv_free(list);
    tconv_buffer_free(&table);
    tconv_buffer_free(&title);
    return code;
}

/* The page of --report: a file that is complete or absent, or standard output. */
static int report(const struct request *request, const struct app_model *model, const struct measured *layers)
{
    char *inputs[] = { (char *)model->path, (char *)(request->mean_file != NULL ? request->mean_file : "-"), NULL };
    tconv_buffer page = { 0 };
    struct app_output output;
    tconv_status status = TCONV_OK;
    tconv_json_layer *list = tconv_alloc(model->count, sizeof *list, &status);
    for (size_t i = 0; list != NULL && i < model->count; i++)
        list[i] = json_layer(&layers[i]);
    tconv_json_document document = { .tool = "polyphase-analyze", .file = model->path, .format = model->format,
                                     .layers = list, .n_layers = model->count };
    if (list != NULL)
        status = tconv_page_write(&document, &page);
    int code = status == TCONV_OK ? app_output_open(&output, request->report, inputs) : app_fail_status(model->path, status);
    if (code == APP_DONE) {
        code = app_output_write(&output, page.text, page.length);
        code = app_worse(code, app_output_close(&output, code == APP_DONE));
    }
    tconv_free(list);
    tconv_buffer_free(&page);
    return code;
}

/* ---- checks ---- */

static int check(const struct request *request, const char *file, const struct measured *layer)
{
    int code = APP_DONE;
    const char *name = layer->kernel->name != NULL ? layer->kernel->name : "", *colon = *name != '\0' ? ": " : "";
    if (tconv_geometry_phases(&layer->kernel->geometry) == 1 || layer->kernel->role == TCONV_ROLE_GRADIENT)
        return code;
    if (request->has_check && tconv_verdict_reaches(layer->verdict, request->check))
        code = app_message(APP_THRESHOLD, "%s%s%s: geometry %s, kernel %s, flat input %s: the check asks for better than %s", file,
                           colon, name, tconv_level_text(layer->verdict->geometry), tconv_level_text(layer->verdict->kernel),
                           tconv_level_text(layer->verdict->flat_input), tconv_level_text(request->check));
    if (request->has_max_index && layer->figures != NULL && layer->figures->checkerboard_db > request->max_index_db)
        code = app_message(APP_THRESHOLD, "%s%s%s: the checkerboard index is above --max-index", file, colon, name);
    return code;
}

/* Measure every chosen layer, write, check. The taps of a layer are given back once they are measured, but for those of a
 * single kernel, which the full text shows, and where a picture or a page shows them. */
static int analyze_layers(const struct request *request, struct app_model *model, struct measured *layers, const char *before,
                          struct app_output *output)
{
    tconv_buffer text = { 0 };
    int code = APP_DONE;
    for (size_t i = 0; i < model->count && code == APP_DONE; i++) {
        code = measure_layer(request, model, i, &layers[i]);
        bool shown = layers[i].figures != NULL && (layers[i].figures->single || request->report != NULL
                                                   || (request->plot != NULL && model->count == 1));
        if (code == APP_DONE && !shown) {
            tconv_free(layers[i].kernel->taps);
            layers[i].kernel->taps = NULL;
        }
    }
    if (code == APP_DONE)
        code = judge_network(request, model, layers);
    if (code == APP_DONE) {
        tconv_buffer_text(&text, before);
        code = write_all(&text, request, model, layers);
    }
    bool drawn_instead = ((request->plot != NULL && strcmp(request->plot, "-") == 0)
                          || (request->report != NULL && strcmp(request->report, "-") == 0)) && request->common.output == NULL;
    if (code == APP_DONE && !drawn_instead)
        code = app_output_write(output, text.text, text.length);
    if (code == APP_DONE && request->plot != NULL)
        code = plot(request, model, layers);
    if (code == APP_DONE && request->report != NULL)
        code = report(request, model, layers);
    for (size_t i = 0; i < model->count && code <= APP_THRESHOLD; i++)
        code = app_worse(code, check(request, model->path, &layers[i]));
    tconv_buffer_free(&text);
    return code;
}

static int analyze(const struct request *request, const char *file, const char *before, struct app_output *output)
{
    struct app_model model;
    struct measured *layers = NULL;
    tconv_status status = TCONV_OK;
    int code = app_model_open(&model, file, &request->layers);
    if (code == APP_DONE) {
        layers = tconv_alloc_zero(model.count, sizeof *layers, &status);
        code = layers == NULL ? app_fail_status(file, status) : analyze_layers(request, &model, layers, before, output);
    }
    for (size_t i = 0; layers != NULL && i < model.count; i++)
        release(&layers[i]);
    tconv_free(layers);
    app_model_close(&model);
    return code;
}

/* Every file in turn; several JSON documents make one array. */
static int analyze_all(const struct request *request, char **files, size_t count, struct app_output *output)
{
    bool array = request->common.json && !request->jsonl && count > 1, first = true;
    int code = APP_DONE;
    for (size_t i = 0; i < count; i++) {
        const char *before = array ? (first ? "[\n" : ",\n") : request->common.json || request->jsonl || first ? "" : "\n\n";
        int one = analyze(request, files[i], before, output);
        first = first && one != APP_DONE && one != APP_THRESHOLD;
        code = app_worse(code, one);
        if (one == APP_SYSTEM)
            break;
    }
    if (array && code != APP_SYSTEM && (!first || request->common.output == NULL))       /* no file of nothing */
        code = app_worse(code, app_output_write(output, first ? "[\n]\n" : "]\n", strlen(first ? "[\n]\n" : "]\n")));
    return code;
}

int main(int argc, char **argv)
{
    struct request request;
    struct app_output output;
    app_begin("polyphase-analyze");
    int code = parse(argc, argv, &request);
    if (code == APP_DONE && request.mean_file != NULL)
        code = app_read_numbers(request.mean_file, &request.mean, &request.n_mean);
    if (code == APP_DONE) {
        request.figures.mean = request.mean;
        code = app_output_open(&output, request.common.output, argv + optind);
        if (code == APP_DONE) {
            code = analyze_all(&request, argv + optind, (size_t)(argc - optind), &output);
            code = app_worse(code, app_output_close(&output, code != APP_SYSTEM && (code != APP_INPUT || output.written)));
        }
    }
    tconv_free(request.mean);
    return code;
}
