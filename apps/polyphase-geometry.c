/* polyphase-geometry - the arithmetic of layers without weights: sizes, alignment, coverage, the words of frameworks. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/app.h"
#include "io/number.h"
#include "report/arithmetic.h"

#define MOST_TEXT 12             /* candidates shown unless --most says otherwise */
#define MOST_JSON 1000
#define MOST_LISTED_PHASES ((size_t)1 << 20)

static const char help[] =
    "polyphase-geometry: sizes, alignment and coverage of transposed convolutions, without weights\n"
    "\n"
    "  polyphase-geometry -k 3 -s 2 -p 1 --output-padding 1 -n 5   one layer: sizes, alignment, advice\n"
    "  polyphase-geometry -n 32 -m 128 -s 4                        which layers make 128 out of 32?\n"
    "  polyphase-geometry --stack 16,10,3/16,10,3/4,2,1/4,2,1 --fs 100  layers in series, tones\n"
    "\n"
    "Usage: polyphase-geometry -k K -s S [options]\n"
    "       polyphase-geometry -n N -m M [-k K] [-s S] [-p P] [-d D]\n"
    "       polyphase-geometry --stack k,s,p[,o]/k,s,p.. | CONFIG.json [-n N] [--fs HZ]\n"
    "CONFIG.json is a vocoder's configuration with upsample_rates and upsample_kernel_sizes; - is\n"
    "standard input.\n"
    "\n"
    "  -k, --kernel-size K[,..]    taps\n"
    "  -m, --want-size M[,..]      wanted output size: finds every (k, s, p, o) with k up to 16 that\n"
    "                              makes it from -n, even coverage first, then the nearest to the\n"
    "                              half-pixel grid of image resizing\n"
    "      --most COUNT            how many of these to show (12, or 1000 with --json)\n"
    "      --stack LAYERS          layers in series: taps, stride, padding and output padding of each\n"
    "      --fs HZ                 sampling rate of the stack's input, for tones in Hz\n"
    APP_GEOMETRY_HELP
    APP_COMMON_HELP
    "Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 the system failed.\n";

enum { OPTION_STACK = APP_OPTION_OWN, OPTION_FS, OPTION_MOST };

static const struct option options[] = {
    { "kernel-size", required_argument, NULL, 'k' }, { "want-size", required_argument, NULL, 'm' },
    { "stack", required_argument, NULL, OPTION_STACK }, { "fs", required_argument, NULL, OPTION_FS },
    { "most", required_argument, NULL, OPTION_MOST },
    APP_GEOMETRY_OPTIONS, APP_COMMON_OPTIONS };

struct request {
    tconv_geometry_options geometry;
    struct app_common common;
    tconv_option_list taps, wanted;     /* -k and -m */
    const char *stack, *file;
    double rate;                        /* --fs, or NAN */
    size_t most;                        /* 0: not given */
};

/* What was asked for, ready for the report. */
struct answer {
    tconv_geometry layers[TCONV_STACK_LAYERS];
    tconv_arithmetic_search searches[TCONV_MAX_NDIM];
    tconv_axis *found[TCONV_MAX_NDIM];
    tconv_arithmetic arithmetic;
};

/* ---- options ---- */

static int parse_own(int option, const char *value, struct request *request)
{
    switch (option) {
    case 'k':
        return app_size_list("-k", value, &request->taps);
    case 'm':
        return app_size_list("-m", value, &request->wanted);
    case OPTION_STACK:
        request->stack = value;
        return APP_DONE;
    case OPTION_FS:
        if (!app_number("--fs", value, &request->rate))
            return APP_USAGE;
        return request->rate > 0.0 && request->rate <= 1e12 ? APP_DONE : app_usage("--fs: %s is not above 0 and up to 1e12 Hz", value);
    case OPTION_MOST:
        return app_size("--most", value, 1, 10000, &request->most) ? APP_DONE : APP_USAGE;
    default:
        return APP_USAGE;
    }
}

/* Which of the three uses it is, and that no option of another is there. */
static int check_use(const struct request *request, int operands)
{
    const tconv_geometry_options *g = &request->geometry;
    bool layer = request->taps.count > 0 || g->stride.count > 0 || g->padding.count > 0 || g->pads.count > 0 || g->dilation.count > 0
              || g->output_padding.count > 0 || g->auto_pad_given || g->output_shape.count > 0 || request->wanted.count > 0;
    if (operands > 1)
        return app_usage("one configuration at a time; %d are given", operands);
    if (operands == 1 && request->stack != NULL)
        return app_usage("--stack and a configuration are both given; one of them says the layers");
    if (operands == 1 || request->stack != NULL)
        return layer ? app_usage("the layers come from %s; beside them only -n and --fs are of use", request->stack != NULL
                                 ? "--stack" : "the configuration") : APP_DONE;
    if (!isnan(request->rate))
        return app_usage("--fs is of use with --stack or a configuration");
    if (request->wanted.count > 0 && g->input_size.count == 0)
        return app_usage("-m is given without -n: from which input size?");
    if (request->wanted.count > 0 && (g->pads.count > 0 || g->auto_pad_given || g->output_shape.count > 0))
        return app_usage("a search (-m) takes the padding as -p");
    if (request->wanted.count > 0 || (request->taps.count > 0 && g->stride.count > 0))
        return APP_DONE;
    if (request->taps.count > 0)
        return app_usage("which stride? -s is missing (or give -n and -m to search)");
    if (g->stride.count > 0)
        return app_usage("how many taps? -k is missing (or give -n and -m to search)");
    return app_usage("give a layer (-k and -s), two sizes (-n and -m), --stack or a configuration");
}

static int parse(int argc, char **argv, struct request *request)
{
    *request = (struct request){ .rate = NAN };
    int option, code = APP_DONE;
    while ((option = app_getopt(argc, argv, "k:m:" APP_GEOMETRY_LETTERS APP_COMMON_LETTERS, options)) != -1) {
        if (option == 0)
            return APP_USAGE;
        if (!app_geometry_option(option, optarg, &request->geometry, &code)
            && !app_common_option(option, optarg, help, &request->common, &code))
            code = parse_own(option, optarg, request);
        if (code != APP_DONE)
            return code;
    }
    code = check_use(request, argc - optind);
    request->file = optind < argc ? argv[optind] : NULL;
    return code;
}

/* ---- one layer, and searches ---- */

/* As many dimensions as the longest list has values. */
static size_t count_axes(const struct request *request)
{
    const tconv_geometry_options *g = &request->geometry;
    const size_t counts[] = { request->taps.count, request->wanted.count, g->stride.count, g->padding.count, g->pads.count / 2,
                              g->dilation.count, g->output_padding.count, g->input_size.count, g->output_shape.count };
    size_t axes = g->ndim != 0 ? g->ndim : 1;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0] && g->ndim == 0; i++)
        axes = counts[i] > axes ? counts[i] : axes;
    return axes;
}

static int64_t value_of(const tconv_option_list *list, size_t axis)
{
    return list->count == 0 ? 0 : list->values[list->count == 1 ? 0 : axis];
}

static int check_counts(const char *name, const tconv_option_list *list, size_t axes)
{
    if (list->count <= 1 || list->count == axes)
        return APP_DONE;
    return app_usage("%s: %zu values for %zu dimension%s", name, list->count, axes, axes == 1 ? "" : "s");
}

static int build_layer(const struct request *request, struct answer *answer)
{
    tconv_error error;
    tconv_geometry *layer = &answer->layers[0];
    if (request->geometry.groups != 0)
        layer->channels_in = layer->channels_out = request->geometry.groups;
    for (size_t i = 0; i < layer->ndim; i++)
        layer->axis[i].n_taps = (size_t)value_of(&request->taps, i);
    if (tconv_geometry_options_apply(&request->geometry, layer, &error) != TCONV_OK)
        return app_usage("%s", error.message);
    if (request->common.json && tconv_geometry_phases(layer) > MOST_LISTED_PHASES)
        return app_usage("--json lists the coverage of every phase; the product of the strides is %zu, up to %zu are listed",
                         tconv_geometry_phases(layer), MOST_LISTED_PHASES);
    answer->arithmetic.n_layers = 1;
    return APP_DONE;
}

static int search_axis(const struct request *request, struct answer *answer, size_t axis)
{
    tconv_error error;
    tconv_status status = TCONV_OK;
    const tconv_geometry_options *g = &request->geometry;
    tconv_arithmetic_search *search = &answer->searches[axis];
    size_t most = request->most != 0 ? request->most : request->common.json ? MOST_JSON : MOST_TEXT;
    search->query = (tconv_layer_query){
        .n_in = (size_t)value_of(&g->input_size, axis), .n_out = (size_t)value_of(&request->wanted, axis),
        .n_taps = (size_t)value_of(&request->taps, axis), .stride = (size_t)value_of(&g->stride, axis),
        .dilation = (size_t)value_of(&g->dilation, axis), .padding_given = g->padding.count > 0, .padding = value_of(&g->padding, axis) };
    answer->found[axis] = tconv_alloc(most, sizeof *answer->found[axis], &status);
    if (status != TCONV_OK)
        return app_fail_status("the search", status);
    if (tconv_layer_search(&search->query, answer->found[axis], most, &search->total, &error) != TCONV_OK)
        return app_usage("%s", error.message);
    search->found = answer->found[axis];
    search->shown = search->total < most ? search->total : most;
    answer->arithmetic.n_searches = axis + 1;
    return APP_DONE;
}

static int build_layer_and_searches(const struct request *request, struct answer *answer)
{
    const tconv_geometry_options *g = &request->geometry;
    size_t axes = count_axes(request);
    answer->layers[0] = tconv_geometry_default(axes);
    int code = check_counts("-k", &request->taps, axes);
    if (code == APP_DONE) code = check_counts("-m", &request->wanted, axes);
    if (code == APP_DONE) code = check_counts("-n", &g->input_size, axes);
    if (code == APP_DONE) code = check_counts("-s", &g->stride, axes);
    if (code == APP_DONE) code = check_counts("-p", &g->padding, axes);
    if (code == APP_DONE) code = check_counts("-d", &g->dilation, axes);
    for (size_t i = 0; i < axes; i++)
        answer->arithmetic.input_size[i] = (size_t)value_of(&g->input_size, i);
    /* With -m a layer is meant only where its padding is said too: without, the padding is what is searched. */
    bool known = request->taps.count > 0 && g->stride.count > 0
              && (request->wanted.count == 0 || g->padding.count > 0 || g->output_padding.count > 0);
    if (code == APP_DONE && known)
        code = build_layer(request, answer);
    for (size_t i = 0; i < axes && code == APP_DONE && request->wanted.count > 0; i++)
        code = search_axis(request, answer, i);
    return code;
}

/* ---- layers in series ---- */

/* "k,s,p[,o]": up to the next slash. */
static int parse_stage(const char *text, size_t length, tconv_axis *axis)
{
    int64_t value[4] = { 0 };
    size_t count = 0;
    for (const char *at = text, *end = text + length;; at++) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        size_t width = (size_t)((comma != NULL ? comma : end) - at);
        if (count == 4 || tconv_integer_parse(at, width, &value[count]) != TCONV_NUMBER_OK)
            return app_usage("--stack: '%.*s' is not k,s,p or k,s,p,o in whole numbers", length < 60 ? (int)length : 60, text);
        count++;
        at += width;
        if (comma == NULL)
            break;
    }
    if (count < 3 || value[0] < 1 || value[1] < 1 || value[3] < 0)
        return app_usage("--stack: '%.*s' is not k,s,p or k,s,p,o with k and s from 1", length < 60 ? (int)length : 60, text);
    *axis = (tconv_axis){ .n_taps = (size_t)value[0], .stride = (size_t)value[1], .dilation = 1, .pad_begin = value[2],
                          .pad_end = value[2], .output_padding = (size_t)value[3] };
    return APP_DONE;
}

static int parse_stack(const char *text, tconv_axis *axes, size_t *count)
{
    tconv_axis whole;
    tconv_error error;
    int code = APP_DONE;
    for (*count = 0; code == APP_DONE; text++) {
        size_t length = strcspn(text, "/");
        if (*count == TCONV_STACK_LAYERS)
            return app_usage("--stack: more than %zu layers", TCONV_STACK_LAYERS);
        code = parse_stage(text, length, &axes[*count]);
        ++*count;
        text += length;
        if (*text == '\0')
            break;
    }
    if (code == APP_DONE && tconv_stack_equivalent(axes, *count, &whole, &error) != TCONV_OK)
        code = app_usage("--stack: %s", error.message);
    return code;
}

static int read_config(const char *path, tconv_axis *axes, size_t *count, double *rate)
{
    tconv_error error;
    tconv_source *source;
    tconv_vocoder_config config;
    tconv_status status = tconv_source_open(&source, path, &error);
    if (status == TCONV_OK)
        status = tconv_vocoder_config_read(source, &config, &error);
    tconv_source_close(source);
    if (status != TCONV_OK)
        return app_fail(path, &error);
    memcpy(axes, config.layers, config.n_layers * sizeof *axes);
    *count = config.n_layers;
    *rate = tconv_vocoder_frame_rate(&config);
    return APP_DONE;
}

static int build_stack(const struct request *request, struct answer *answer)
{
    tconv_axis axes[TCONV_STACK_LAYERS];
    size_t count = 0;
    double rate = NAN;
    if (request->geometry.input_size.count > 1)
        return app_usage("-n: layers in series have one axis");
    int code = request->stack != NULL ? parse_stack(request->stack, axes, &count) : read_config(request->file, axes, &count, &rate);
    if (code != APP_DONE)
        return code;
    for (size_t l = 0; l < count; l++) {
        answer->layers[l] = tconv_geometry_default(1);
        answer->layers[l].axis[0] = axes[l];
    }
    answer->arithmetic.is_stack = true;
    answer->arithmetic.n_layers = count;
    answer->arithmetic.file = request->file;
    answer->arithmetic.format = request->file != NULL ? "json" : NULL;
    answer->arithmetic.input_rate = isnan(request->rate) ? rate : request->rate;
    answer->arithmetic.input_size[0] = (size_t)value_of(&request->geometry.input_size, 0);
    return APP_DONE;
}

/* ---- writing ---- */

static int write_answer(const struct request *request, const struct answer *answer, char *const *inputs)
{
    struct app_output output;
    tconv_buffer text = { 0 };
    if (!request->common.json)
        tconv_arithmetic_text(&text, &answer->arithmetic);
    tconv_status status = request->common.json ? tconv_arithmetic_json(&answer->arithmetic, "polyphase-geometry", &text) : text.status;
    int code = status == TCONV_OK ? APP_DONE : app_fail_status("the report", status);
    if (code == APP_DONE)
        code = app_output_open(&output, request->common.output, inputs);
    if (code == APP_DONE) {
        code = app_output_write(&output, text.text, text.length);
        code = app_worse(code, app_output_close(&output, code == APP_DONE));
    }
    tconv_buffer_free(&text);
    return code;
}

int main(int argc, char **argv)
{
    static struct request request;
    static struct answer answer;
    app_begin("polyphase-geometry");
    int code = parse(argc, argv, &request);
    answer.arithmetic = (tconv_arithmetic){ .layers = answer.layers, .searches = answer.searches, .input_rate = NAN };
    if (code == APP_DONE)
        code = request.stack != NULL || request.file != NULL ? build_stack(&request, &answer)
                                                             : build_layer_and_searches(&request, &answer);
    if (code == APP_DONE)
        code = write_answer(&request, &answer, argv + optind);
    for (size_t i = 0; i < TCONV_MAX_NDIM; i++)
        tconv_free(answer.found[i]);
    return code;
}
