/* polyphase-response - a kernel's frequency response, its branches and its images, as columns for gnuplot or as a picture. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/model.h"
#include "common/plot.h"
#include "common/response_tables.h"

static const char help[] =
    "polyphase-response: frequency response, branches and spectral images of a kernel\n"
    "\n"
    "  echo '1 3 3 1' | polyphase-response - -s 2 --points 9\n"
    "  echo '1 1 1' | polyphase-response - -s 2 --what images --plot -\n"
    "  printf '1 2 1\\n2 4 2\\n1 2 1\\n' | polyphase-response - -s 2 --what surface --points 17\n"
    "\n"
    "Usage: polyphase-response FILE [-s S] [--what WHAT] [options]\n"
    "FILE is a kernel: text or CSV (several rows: 2-D), or .npy; - is standard input. A comment\n"
    "'# tconv: stride=2 padding=1' in a text file stands for the options. Columns of numbers come out,\n"
    "a '#' header says what they are. Or FILE is a model, and --layer chooses one of its layers.\n"
    "\n"
    "Models:\n"
    "      --layer GLOB            the layer; 'GLOB:s=8,p=4' gives geometry to formats without a graph\n"
    "      --tensor NAME           the same for one tensor, with -s, -p and so on\n"
    "      --pair CI,CO            only the kernel from input channel CI to output channel CO\n"
    "\n"
    "What to compute (f in cycles per output sample, v in cycles per input sample, or both in Hz):\n"
    "      --what magnitude        f, |H|, dB; one block per axis (the default)\n"
    "      --what phase            f, phase in radians, unwrapped\n"
    "      --what group-delay      f, group delay in output samples\n"
    "      --what branches         v, |H_q|, phase delay, delay error; one block per branch\n"
    "      --what images           v, gain, dB; one block per image, the signal itself first\n"
    "      --what bifrequency      input frequency, output frequency, gain\n"
    "      --what surface          f1, f2, |H|, dB of a 2-D kernel\n"
    "      --what coverage         phase, how many taps reach it\n"
    "      --what spectra          power density of --signal: as it is, zero-inserted, filtered\n"
    "      --points N              frequencies from 0 to 1/2, both included (default 512, surface\n"
    "                              65) (also --nfft, --worN)\n"
    "      --fs HZ                 output sampling rate: frequencies in Hz\n"
    "      --axis A                the axis of branches, images, bifrequency (from 0, default 0)\n"
    "      --signal FILE           text or .npy samples, for --what spectra\n"
    "Pictures:\n"
    "      --plot FILE             .png, .svg or .pdf by gnuplot, or .dat, the data; - draws on the\n"
    "                              terminal. The columns are then written only where -o says\n"
    "      --title TEXT            of the picture\n"
    APP_GEOMETRY_HELP
    APP_COMMON_HELP
    "Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 the system failed (gnuplot too).\n";

enum { OPTION_WHAT = APP_OPTION_OWN, OPTION_POINTS, OPTION_FS, OPTION_AXIS, OPTION_SIGNAL, OPTION_PLOT, OPTION_TITLE,
       OPTION_LAYER, OPTION_TENSOR, OPTION_PAIR };

static const struct option options[] = {
    { "what", required_argument, NULL, OPTION_WHAT },     { "points", required_argument, NULL, OPTION_POINTS },
    { "nfft", required_argument, NULL, OPTION_POINTS },   { "worN", required_argument, NULL, OPTION_POINTS },
    { "fs", required_argument, NULL, OPTION_FS },         { "axis", required_argument, NULL, OPTION_AXIS },
    { "signal", required_argument, NULL, OPTION_SIGNAL }, { "plot", required_argument, NULL, OPTION_PLOT },
    { "title", required_argument, NULL, OPTION_TITLE },   { "layer", required_argument, NULL, OPTION_LAYER },
    { "tensor", required_argument, NULL, OPTION_TENSOR }, { "pair", required_argument, NULL, OPTION_PAIR },
    APP_GEOMETRY_OPTIONS, APP_COMMON_OPTIONS };

struct request {
    struct app_layer_request layers;
    bool has_pair;
    size_t pair[2];
    tconv_geometry_options geometry;
    struct app_common common;
    const struct response_table *what;
    struct response_request table;
    const char *plot, *title, *signal;
};

static int parse_what(const char *value, struct request *request)
{
    char known[256] = "";
    for (const struct response_table *t = response_tables; t->name != NULL; t++) {
        if (strcmp(value, t->name) == 0) {
            request->what = t;
            return APP_DONE;
        }
        (void)snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", t == response_tables ? "" : ", ", t->name);
    }
    return app_usage("--what: '%s' is none of %s", value, known);
}

static int parse_own(int option, const char *value, struct request *request)
{
    switch (option) {
    case OPTION_WHAT:
        return parse_what(value, request);
    case OPTION_POINTS:
        return app_size("--points", value, 2, (size_t)1 << 24, &request->table.points) ? APP_DONE : APP_USAGE;
    case OPTION_FS:
        if (!app_number("--fs", value, &request->table.fs))
            return APP_USAGE;
        return request->table.fs > 0.0 ? APP_DONE : app_usage("--fs: %s is not a rate above 0", value);
    case OPTION_AXIS:
        return app_size("--axis", value, 0, TCONV_MAX_NDIM - 1, &request->table.axis) ? APP_DONE : APP_USAGE;
    case OPTION_SIGNAL:
        request->signal = value;
        return APP_DONE;
    case OPTION_PLOT:
        request->plot = value;
        return app_plot_check(value);
    case OPTION_TITLE:
        request->title = value;
        return APP_DONE;
    case OPTION_LAYER:
        return app_add_layer_spec(&request->layers, value);
    case OPTION_TENSOR:
        request->layers.tensor = value;
        return APP_DONE;
    case OPTION_PAIR:
        request->has_pair = true;
        return app_pair(value, request->pair);
    default:
        return APP_USAGE;
    }
}

static int parse(int argc, char **argv, struct request *request)
{
    *request = (struct request){ .what = response_tables };
    int option, code = APP_DONE;
    while ((option = app_getopt(argc, argv, APP_GEOMETRY_LETTERS APP_COMMON_LETTERS, options)) != -1) {
        if (option == 0)
            return APP_USAGE;
        if (option == APP_OPTION_JSON)
            return app_usage("--json: the columns are the data; there is no JSON of a response");
        if (!app_geometry_option(option, optarg, &request->geometry, &code)
            && !app_common_option(option, optarg, help, &request->common, &code))
            code = parse_own(option, optarg, request);
        if (code != APP_DONE)
            return code;
    }
    if (optind + 1 != argc)
        return app_usage(optind == argc ? "which kernel? Name a file, or - for standard input" : "one kernel at a time");
    if ((request->signal != NULL) != (strcmp(request->what->name, "spectra") == 0))
        return app_usage("--what spectra and --signal FILE go together");
    request->layers.geometry = &request->geometry;
    if (request->table.points == 0)
        request->table.points = request->what->points;
    return APP_DONE;
}

static int write_table(const struct request *request, const tconv_buffer *table, char *const *inputs)
{
    struct app_output output;
    int code = app_output_open(&output, request->common.output, inputs);
    if (code != APP_DONE)
        return code;
    code = app_output_write(&output, table->text, table->length);
    return app_worse(code, app_output_close(&output, code == APP_DONE));
}

static int respond(struct request *request, const char *file, char *const *inputs)
{
    tconv_buffer table = { 0 };
    tconv_error error = { .message = "" };
    struct app_model model;
    int code = app_model_open(&model, file, &request->layers);
    if (code == APP_DONE)
        code = app_model_load_one(&model, &request->layers, request->has_pair ? request->pair : NULL, true, &request->table.kernel);
    app_model_close(&model);
    if (code == APP_DONE && request->signal != NULL)
        code = app_read_numbers(request->signal, &request->table.signal, &request->table.n_signal);
    if (code == APP_DONE) {
        request->table.file = file;
        if (response_table_write(request->what, &request->table, &table, &error) != TCONV_OK)
            code = app_fail(file, &error);
    }
    if (code == APP_DONE && (request->plot == NULL || request->common.output != NULL))
        code = write_table(request, &table, inputs);
    if (code == APP_DONE && request->plot != NULL) {
        char title[256];
        const char *slash = strrchr(file, '/'), *name = slash != NULL && slash[1] != '\0' ? slash + 1 : file;
        (void)snprintf(title, sizeof title, "%s: %s", strcmp(file, "-") == 0 ? "standard input" : name, request->what->title);
        code = app_plot(request->plot, request->what->picture, request->title != NULL ? request->title : title, &table, inputs);
    }
    tconv_buffer_free(&table);
    return code;
}

int main(int argc, char **argv)
{
    struct request request;
    app_begin("polyphase-response");
    int code = parse(argc, argv, &request);
    if (code == APP_DONE) {
        char *inputs[] = { argv[optind], (char *)(request.signal != NULL ? request.signal : "-"), NULL };
        code = respond(&request, argv[optind], inputs);
    }
    tconv_kernel_destroy(request.table.kernel);
    tconv_free(request.table.signal);
    return code;
}
