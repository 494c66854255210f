/* polyphase-step - a network's exact answer to flat input, per output phase, and which layer each comb comes from. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/app.h"
#include "common/plot.h"
#include "common/step_inputs.h"
#include "common/step_table.h"
#include "report/step.h"

static const char help[] =
    "polyphase-step: what a network makes of a flat image, exactly, without any image\n"
    "\n"
    "  polyphase-step \"${ROOT:-.}\"/tests/data/step-uneven.onnx               which layer makes the grid?\n"
    "  polyphase-step \"${ROOT:-.}\"/tests/data/step-even.onnx --input 0.2,0.4,0.6\n"
    "  polyphase-step --json \"${ROOT:-.}\"/tests/data/step-skip.onnx --sweep 8\n"
    "\n"
    "Usage: polyphase-step MODEL.onnx [options]\n"
    "(The examples run in the folder of the source.) Far from borders a network of\n"
    "shift-invariant layers answers a flat input with a periodic pattern, non-linearities included.\n"
    "\n"
    "      --input V,V,..          one flat input, a value per channel (a single value serves all)\n"
    "      --sweep WHAT            greys: 0, 0.25, .. 1 (default); colours: the corners and the\n"
    "                              centre of the colour cube; N: so many random flat inputs\n"
    "      --colour rgb|ycbcr      ycbcr: greys are (g, 0.5, 0.5) (also --color)\n"
    "      --range LO,HI           of the output, for levels and verdict (default 0,1)\n"
    "      --channels C            of the input, where the model does not tell\n"
    "      --single                round what every layer makes to single precision\n"
    "      --no-combs              do not look for the layer that each comb comes from (faster)\n"
    "      --tile FILE             not flat but a texture: a .npy array or text, (y,x) or (channels,..),\n"
    "                              that repeats for ever\n"
    "      --plot FILE             the pattern magnified, and the spread over the input level, as .png,\n"
    "                              .svg or .pdf, by gnuplot; - draws on the terminal instead of the\n"
    "                              report\n"
    APP_COMMON_HELP
    "Exit codes: 0 done, 2 wrong usage, 3 bad input or an operator that is not supported,\n"
    "4 the system failed.\n";

enum { OPTION_INPUT = APP_OPTION_OWN, OPTION_SWEEP, OPTION_COLOUR, OPTION_RANGE, OPTION_CHANNELS, OPTION_SINGLE, OPTION_NO_COMBS,
       OPTION_TILE, OPTION_PLOT };

static const struct option options[] = {
    { "input", required_argument, NULL, OPTION_INPUT },       { "sweep", required_argument, NULL, OPTION_SWEEP },
    { "colour", required_argument, NULL, OPTION_COLOUR },     { "color", required_argument, NULL, OPTION_COLOUR },
    { "range", required_argument, NULL, OPTION_RANGE },       { "channels", required_argument, NULL, OPTION_CHANNELS },
    { "single", no_argument, NULL, OPTION_SINGLE },           { "no-combs", no_argument, NULL, OPTION_NO_COMBS },
    { "tile", required_argument, NULL, OPTION_TILE },         { "plot", required_argument, NULL, OPTION_PLOT },
    APP_COMMON_OPTIONS };

#define MOST_SWEEP ((size_t)100000)
#define CURVE ((size_t)41)           /* greys of the picture's curve */

struct request {
    struct app_common common;
    const char *file, *tile, *plot;
    struct step_inputs inputs;
    bool combs;
    double range[2];
    tconv_network_options network;
};

/* ---- options ---- */

static int parse_own(int option, const char *value, struct request *request)
{
    switch (option) {
    case OPTION_INPUT:
        request->inputs.given = value;
        return APP_DONE;
    case OPTION_SWEEP:
        request->inputs.sweep = strcmp(value, "greys") == 0 ? STEP_GREYS
                              : strcmp(value, "colours") == 0 || strcmp(value, "colors") == 0 ? STEP_COLOURS : STEP_RANDOM;
        if (request->inputs.sweep == STEP_RANDOM && (value[0] < '0' || value[0] > '9'))
            return app_usage("--sweep: '%s' is not greys, colours or a number of random inputs", value);
        return request->inputs.sweep != STEP_RANDOM || app_size("--sweep", value, 1, MOST_SWEEP, &request->inputs.random) ? APP_DONE : APP_USAGE;
    case OPTION_COLOUR:
        request->inputs.ycbcr = strcmp(value, "ycbcr") == 0;
        return request->inputs.ycbcr || strcmp(value, "rgb") == 0 ? APP_DONE : app_usage("--colour: '%s' is not rgb or ycbcr", value);
    case OPTION_RANGE:
        if (!app_numbers("--range", value, request->range, 2))
            return APP_USAGE;
        return request->range[0] < request->range[1] ? APP_DONE : app_usage("--range: '%s' does not rise", value);
    case OPTION_CHANNELS:
        return app_size("--channels", value, 1, 1 << 16, &request->network.channels) ? APP_DONE : APP_USAGE;
    case OPTION_SINGLE:
        request->network.single_precision = true;
        return APP_DONE;
    case OPTION_NO_COMBS:
        request->combs = false;
        return APP_DONE;
    case OPTION_TILE:
        request->tile = value;
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
    *request = (struct request){ .combs = true, .range = { 0.0, 1.0 } };
    int option, code = APP_DONE;
    while ((option = app_getopt(argc, argv, APP_COMMON_LETTERS, options)) != -1) {
        if (option == 0)
            return APP_USAGE;
        if (!app_common_option(option, optarg, help, &request->common, &code))
            code = parse_own(option, optarg, request);
        if (code != APP_DONE)
            return code;
    }
    if (optind + 1 != argc)
        return app_usage(optind == argc ? "which model? Name an ONNX file" : "one model at a time");
    request->file = argv[optind];
    if (request->tile != NULL && request->inputs.given != NULL)
        return app_usage("--tile and --input are two inputs; one at a time");
    return APP_DONE;
}

/* ---- running ---- */

static int run_inputs(const struct request *request, tconv_network *network, tconv_step_report *report)
{
    tconv_error error;
    int code = report->tile != NULL ? APP_DONE : step_inputs_fill(&request->inputs, report->channels, report->inputs);
    for (size_t i = 0; code == APP_DONE && i < report->count; i++) {
        const double *values = report->tile != NULL ? report->tile : report->inputs + i * report->channels;
        if (tconv_step_response_create(&report->responses[i], network, values, report->tile != NULL ? report->tile_period : NULL,
                                       request->combs, &error) != TCONV_OK)
            code = app_fail(request->file, &error);
    }
    return code;
}

/* ---- the answer ---- */

/* The message for an operator that is not supported is followed by those that are. */
static int refuse(const struct request *request, const tconv_error *error)
{
    int code = app_fail(request->file, error);
    if (error->status != TCONV_EUNSUPPORTED)
        return code;
    tconv_buffer list = { 0 };
    for (size_t i = 0; tconv_network_operator(i) != NULL; i++)
        tconv_buffer_format(&list, "%s%s", i > 0 ? " " : "", tconv_network_operator(i));
    if (list.text != NULL)
        (void)app_message(code, "supported are: %s", list.text);
    tconv_buffer_free(&list);
    return code;
}

/* The spread at so many greys from 0 to 1, in dB of the range. */
static int run_curve(const struct request *request, tconv_network *network, size_t channels, double *levels, double *spreads)
{
    tconv_error error;
    tconv_status status = TCONV_OK;
    double *values = tconv_alloc(channels, sizeof *values, &status);
    int code = values != NULL ? APP_DONE : app_fail_status(request->file, status);
    for (size_t g = 0; code == APP_DONE && g < CURVE; g++) {
        tconv_step_response *response;
        levels[g] = (double)g / (double)(CURVE - 1);
        step_input_grey(&request->inputs, levels[g], channels, values);
        if (tconv_step_response_create(&response, network, values, NULL, false, &error) != TCONV_OK) {
            code = app_fail(request->file, &error);
        } else {
            spreads[g] = tconv_step_spread_db(response, request->range);
            tconv_step_response_destroy(response);
        }
    }
    tconv_free(values);
    return code;
}

static int draw(const struct request *request, tconv_network *network, const tconv_step_report *report, char *const *inputs)
{
    double levels[CURVE], spreads[CURVE];
    tconv_buffer table = { 0 }, title = { 0 };
    int code = run_curve(request, network, report->channels, levels, spreads);
    if (code == APP_DONE) {
        tconv_status status = step_table_write(report, levels, spreads, CURVE, &table, &title);
        code = status == TCONV_OK ? app_plot(request->plot, "step", title.text, &table, inputs) : app_fail_status(request->file, status);
    }
    tconv_buffer_free(&table);
    tconv_buffer_free(&title);
    return code;
}

static int prepare(const struct request *request, tconv_step_report *report)
{
    tconv_status status = TCONV_OK;
    int code = APP_DONE;
    if (request->tile != NULL)
        code = step_read_tile(request->tile, report->channels, tconv_network_ndim(report->network), &report->tile, report->tile_period);
    report->count = request->tile != NULL ? 1 : step_inputs_count(&request->inputs, report->channels);
    report->inputs = tconv_alloc_zero(report->count * report->channels, sizeof *report->inputs, &status);
    report->responses = tconv_alloc_zero(report->count, sizeof *report->responses, &status);
    return status == TCONV_OK ? code : app_worse(code, app_fail_status(request->file, status));
}

static int write_report(const struct request *request, const tconv_step_report *report, struct app_output *output)
{
    tconv_buffer text = { 0 };
    tconv_status status = TCONV_OK;
    if (request->common.json)
        status = tconv_step_json(report, &text);
    else
        tconv_step_text(report, &text);
    status = status == TCONV_OK ? text.status : status;
    int code = status == TCONV_OK ? app_output_write(output, text.text, text.length) : app_fail_status(request->file, status);
    tconv_buffer_free(&text);
    return code;
}

static int answer(const struct request *request, tconv_container *model, struct app_output *output, char *const *inputs)
{
    tconv_network *network;
    tconv_error error;
    bool drawn_instead = request->plot != NULL && strcmp(request->plot, "-") == 0 && request->common.output == NULL;
    if (tconv_network_create(&network, model, &request->network, &error) != TCONV_OK)
        return refuse(request, &error);
    tconv_step_report report = { .file = request->file, .network = network, .channels = tconv_network_channels(network), .combs = request->combs,
                                 .range = { request->range[0], request->range[1] } };
    int code = prepare(request, &report);
    if (code == APP_DONE)
        code = run_inputs(request, network, &report);
    if (code == APP_DONE && !drawn_instead)
        code = write_report(request, &report, output);
    if (code == APP_DONE && request->plot != NULL)
        code = draw(request, network, &report, inputs);
    for (size_t i = 0; report.responses != NULL && i < report.count; i++)
        tconv_step_response_destroy(report.responses[i]);
    tconv_free(report.responses);
    tconv_free(report.inputs);
    tconv_free(report.tile);
    tconv_network_destroy(network);
    return code;
}

int main(int argc, char **argv)
{
    struct request request;
    struct app_output output;
    tconv_container *model;
    tconv_error error;
    app_begin("polyphase-step");
    int code = parse(argc, argv, &request);
    if (code != APP_DONE)
        return code;
    if (tconv_container_open(&model, request.file, &(tconv_container_options){ .onnx_only = true }, &error) != TCONV_OK)
        return app_fail(request.file, &error);
    code = app_output_open(&output, request.common.output, argv + optind);
    if (code == APP_DONE) {
        code = answer(&request, model, &output, argv + optind);
        code = app_worse(code, app_output_close(&output, code == APP_DONE));
    }
    tconv_container_close(model);
    return code;
}
