/* polyphase-step - a network's exact answer to flat input, per output phase, and which layer each comb comes from. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/app.h"
#include "io/number.h"
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
    APP_COMMON_HELP
    "Exit codes: 0 done, 2 wrong usage, 3 bad input or an operator that is not supported,\n"
    "4 the system failed.\n";

enum { OPTION_INPUT = APP_OPTION_OWN, OPTION_SWEEP, OPTION_COLOUR, OPTION_RANGE, OPTION_CHANNELS, OPTION_SINGLE, OPTION_NO_COMBS };

static const struct option options[] = {
    { "input", required_argument, NULL, OPTION_INPUT },       { "sweep", required_argument, NULL, OPTION_SWEEP },
    { "colour", required_argument, NULL, OPTION_COLOUR },     { "color", required_argument, NULL, OPTION_COLOUR },
    { "range", required_argument, NULL, OPTION_RANGE },       { "channels", required_argument, NULL, OPTION_CHANNELS },
    { "single", no_argument, NULL, OPTION_SINGLE },           { "no-combs", no_argument, NULL, OPTION_NO_COMBS },
    APP_COMMON_OPTIONS };

#define MOST_SWEEP ((size_t)100000)
#define MOST_CORNERS ((size_t)6)     /* channels whose corners are all run */

struct request {
    struct app_common common;
    const char *file, *input;
    enum { GREYS, COLOURS, RANDOM } sweep;
    size_t random;
    bool ycbcr, combs;
    double range[2];
    tconv_network_options network;
};

/* ---- options ---- */

static int parse_own(int option, const char *value, struct request *request)
{
    switch (option) {
    case OPTION_INPUT:
        request->input = value;
        return APP_DONE;
    case OPTION_SWEEP:
        request->sweep = strcmp(value, "greys") == 0 ? GREYS : strcmp(value, "colours") == 0 || strcmp(value, "colors") == 0 ? COLOURS : RANDOM;
        if (request->sweep == RANDOM && (value[0] < '0' || value[0] > '9'))
            return app_usage("--sweep: '%s' is not greys, colours or a number of random inputs", value);
        return request->sweep != RANDOM || app_size("--sweep", value, 1, MOST_SWEEP, &request->random) ? APP_DONE : APP_USAGE;
    case OPTION_COLOUR:
        request->ycbcr = strcmp(value, "ycbcr") == 0;
        return request->ycbcr || strcmp(value, "rgb") == 0 ? APP_DONE : app_usage("--colour: '%s' is not rgb or ycbcr", value);
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
    return APP_DONE;
}

/* ---- flat inputs ---- */

static size_t count_inputs(const struct request *request, size_t channels)
{
    if (request->input != NULL)
        return 1;
    return request->sweep == GREYS ? 5 : request->sweep == RANDOM ? request->random
         : channels <= MOST_CORNERS ? ((size_t)1 << channels) + 1 : 3;
}

static int read_input(const struct request *request, size_t channels, double *values)
{
    size_t given = 1;
    for (const char *c = request->input; *c != '\0'; c++)
        given += *c == ',';
    if (given != 1 && given != channels)
        return app_usage("--input: %zu values for a network of %zu channels", given, channels);
    if (!app_numbers("--input", request->input, values, given))
        return APP_USAGE;
    for (size_t c = given; c < channels; c++)
        values[c] = values[0];
    return APP_DONE;
}

/* Input i of the sweep. */
static void make_input(const struct request *request, size_t i, size_t channels, tconv_random *random, double *values)
{
    size_t count = count_inputs(request, channels);
    for (size_t c = 0; c < channels; c++) {
        if (request->sweep == GREYS)
            values[c] = request->ycbcr && c > 0 ? 0.5 : 0.25 * (double)i;
        else if (request->sweep == RANDOM)
            values[c] = tconv_random_uniform(random);
        else
            values[c] = i + 1 == count ? 0.5 : channels <= MOST_CORNERS ? (double)(i >> (channels - 1 - c) & 1) : (double)i;
    }
}

static int run_inputs(const struct request *request, tconv_network *network, tconv_step_report *report)
{
    size_t channels = report->channels;
    tconv_random random = tconv_random_seed(1);
    tconv_error error;
    for (size_t i = 0; i < report->count; i++) {
        double *values = report->inputs + i * channels;
        if (request->input == NULL)
            make_input(request, i, channels, &random, values);
        else if (read_input(request, channels, values) != APP_DONE)
            return APP_USAGE;
        if (tconv_step_response_create(&report->responses[i], network, values, NULL, request->combs, &error) != TCONV_OK)
            return app_fail(request->file, &error);
    }
    return APP_DONE;
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

static int answer(const struct request *request, tconv_container *model, struct app_output *output)
{
    tconv_network *network;
    tconv_error error;
    tconv_status status = TCONV_OK;
    tconv_buffer text = { 0 };
    if (tconv_network_create(&network, model, &request->network, &error) != TCONV_OK)
        return refuse(request, &error);
    tconv_step_report report = { .file = request->file, .network = network, .channels = tconv_network_channels(network), .combs = request->combs,
                                 .range = { request->range[0], request->range[1] } };
    report.count = count_inputs(request, report.channels);
    report.inputs = tconv_alloc_zero(report.count * report.channels, sizeof *report.inputs, &status);
    report.responses = tconv_alloc_zero(report.count, sizeof *report.responses, &status);
    int code = status == TCONV_OK ? run_inputs(request, network, &report) : app_fail_status(request->file, status);
    if (code == APP_DONE && request->common.json)
        status = tconv_step_json(&report, &text);
    else if (code == APP_DONE)
        tconv_step_text(&report, &text);
    status = status == TCONV_OK ? text.status : status;
    if (code == APP_DONE && status != TCONV_OK)
        code = app_fail_status(request->file, status);
    if (code == APP_DONE)
        code = app_output_write(output, text.text, text.length);
    for (size_t i = 0; report.responses != NULL && i < report.count; i++)
        tconv_step_response_destroy(report.responses[i]);
    tconv_free(report.responses);
    tconv_free(report.inputs);
    tconv_buffer_free(&text);
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
    if (tconv_container_open(&model, request.file, NULL, &error) != TCONV_OK)
        return app_fail(request.file, &error);
    code = app_output_open(&output, request.common.output, argv + optind);
    if (code == APP_DONE) {
        code = answer(&request, model, &output);
        code = app_worse(code, app_output_close(&output, code == APP_DONE));
    }
    tconv_container_close(model);
    return code;
}
