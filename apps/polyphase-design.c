/* polyphase-design - the kernels that have a name: interpolators, windowed sincs, optimal filters, initialisers. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/kernel_out.h"
#include "common/psd.h"
#include "design/initialise.h"
#include "design/reference.h"
#include "io/geometry_text.h"
#include "io/number.h"

static const char help[] =
    "polyphase-design: an upsampling kernel by its name, as a file that the other commands read\n"
    "\n"
    "  polyphase-design linear -s 2 | polyphase-analyze -         bilinear upsampling, analysed\n"
    "  polyphase-design kaiser -s 8 --attenuation 80 -o sinc8.txt\n"
    "  polyphase-design he -s 2 -k 4 --channels 8,4 --ndim 2 --seed 1 -o layer.npy\n"
    "\n"
    "Usage: polyphase-design NAME -s S [options]\n"
    "NAME is a filter (--list says what each is):\n"
    "  nearest linear cubic cubic75 mitchell bspline lanczos2 lanczos3\n"
    "  sinc hann hamming blackman kaiser equiripple least-squares wiener\n"
    "or an initialiser of a layer that is to be trained: ones, icnr, xavier, he.\n"
    "\n"
    "The kernel:\n"
    "  -s, --stride S[,S..]        upsampling factor (also --up)\n"
    "  -k, --kernel K[,K..]        taps (also --taps); without it the filter's own length, for\n"
    "                              initialisers that of linear interpolation, 2s (2s - 1 for odd s)\n"
    "      --ndim D                spatial dimensions: the product of D equal kernels\n"
    "  -p, --padding P[,P..]       crop on both sides; without it what aligns the output\n"
    "      --grid GRID             aligned with half-pixel (default) or asymmetric (output j at input\n"
    "                              j/s) resizing\n"
    "      --gain WHAT             total: the taps sum to s (default); branches: every branch to 1, so\n"
    "                              flat input stays flat; raw: as the formula gives it (wiener's default)\n"
    "Filters:\n"
    "      --window W              of sinc: rectangular, hann, hamming, blackman, kaiser\n"
    "      --beta B                of the Kaiser window (default 7.857, for 80 dB)\n"
    "      --attenuation DB        of kaiser: gives beta and, without -k, the length\n"
    "      --cutoff C              of sinc, in units of 1/(2s) (default 1)\n"
    "      --edge E                passband to E/(2s), images from (2 - E)/(2s) (default 0.8)\n"
    "      --flat                  of least-squares: all branch sums equal, exactly\n"
    APP_PSD_HELP
    "Layers:\n"
    "      --channels CI,CO        a layer; a filter stands on the pairs (i, i) of each group, zeros\n"
    "                              elsewhere. Always written as .npy, shape (Cin, Cout/g, k..)\n"
    "  -g, --groups G              groups of channels\n"
    "      --fan FAN               of xavier and he: effective (default), operator or pytorch\n"
    "      --uniform               of xavier and he: uniform numbers, not normal ones\n"
    "      --seed N                of the random numbers (default 0)\n"
    "Common:\n"
    "      --list                  the names, one a line, with what they are\n"
    "  -o, --output FILE           write there instead of standard output; .npy writes an array\n"
    "      --max-bytes N           memory budget, K, M or G may follow (default 4G; 0: none)\n"
    "  -h, --help   -V, --version\n"
    "A text file carries its geometry in a comment, so the other commands need no options for it.\n"
    "Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 the system failed.\n";

enum {
    OPTION_GRID = APP_OPTION_OWN, OPTION_GAIN, OPTION_WINDOW, OPTION_BETA, OPTION_ATTENUATION, OPTION_CUTOFF, OPTION_EDGE,
    OPTION_FLAT, OPTION_PSD, OPTION_CHANNELS, OPTION_FAN, OPTION_UNIFORM, OPTION_SEED, OPTION_LIST
};

static const struct option options[] = {
    { "stride", required_argument, NULL, 's' },         { "up", required_argument, NULL, 's' },
    { "kernel", required_argument, NULL, 'k' },         { "taps", required_argument, NULL, 'k' },
    { "padding", required_argument, NULL, 'p' },        { "groups", required_argument, NULL, 'g' },
    { "ndim", required_argument, NULL, APP_OPTION_NDIM }, { "grid", required_argument, NULL, OPTION_GRID },
    { "gain", required_argument, NULL, OPTION_GAIN },   { "window", required_argument, NULL, OPTION_WINDOW },
    { "beta", required_argument, NULL, OPTION_BETA },   { "attenuation", required_argument, NULL, OPTION_ATTENUATION },
    { "cutoff", required_argument, NULL, OPTION_CUTOFF }, { "edge", required_argument, NULL, OPTION_EDGE },
    { "flat", no_argument, NULL, OPTION_FLAT },         { "psd", required_argument, NULL, OPTION_PSD },
    { "channels", required_argument, NULL, OPTION_CHANNELS }, { "fan", required_argument, NULL, OPTION_FAN },
    { "uniform", no_argument, NULL, OPTION_UNIFORM },   { "seed", required_argument, NULL, OPTION_SEED },
    { "list", no_argument, NULL, OPTION_LIST },         { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, 'V' },              { "output", required_argument, NULL, 'o' },
    { "max-bytes", required_argument, NULL, APP_OPTION_MAX_BYTES }, { NULL, 0, NULL, 0 } };

struct request {
    tconv_geometry_options geometry;      /* stride, padding, groups, ndim */
    struct app_common common;
    const char *name;
    tconv_option_list taps;
    tconv_design design;                  /* all but what the geometry says */
    tconv_initialiser initialiser;
    struct app_psd psd;
    size_t channels_in, channels_out;
    bool list, has_beta, has_fan;
    const char *filter_only, *initialiser_only;   /* an option that only makes sense for one of both kinds */
};

/* ---- options ---- */

/* The number of `value` among words[]; false after a message. */
static bool choose(const char *option, const char *value, const char *const words[], size_t count, size_t *chosen)
{
    char all[160] = "";
    for (size_t i = 0; i < count; i++) {
        if (strcmp(value, words[i]) == 0) {
            *chosen = i;
            return true;
        }
        size_t length = strlen(all);
        (void)snprintf(all + length, sizeof all - length, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", words[i]);
    }
    app_usage("%s: '%s' is not %s", option, value, all);
    return false;
}

static int parse_window(const char *value, tconv_window *window)
{
    const char *words[TCONV_WINDOW_COUNT];
    size_t kind;
    for (int i = 0; i < TCONV_WINDOW_COUNT; i++)
        words[i] = tconv_window_text((tconv_window_kind)i);
    if (!choose("--window", value, words, TCONV_WINDOW_COUNT, &kind))
        return APP_USAGE;
    window->kind = (tconv_window_kind)kind;
    return APP_DONE;
}

static int parse_channels(const char *value, struct request *request)
{
    tconv_geometry_options lists = { .groups = 0 };
    tconv_error error;
    if (tconv_geometry_text_set(&lists, "stride", value, ',', 0, 0, &error) != TCONV_OK || lists.stride.count != 2)
        return app_usage("--channels: '%s' is not two numbers CI,CO from 1", value);
    request->channels_in = (size_t)lists.stride.values[0];
    request->channels_out = (size_t)lists.stride.values[1];
    return APP_DONE;
}

static int parse_filter_option(int option, const char *value, struct request *request)
{
    static const char *const grids[] = { "half-pixel", "asymmetric" }, *const gains[] = { "total", "branches", "raw" };
    size_t chosen;
    tconv_design *design = &request->design;
    switch (option) {
    case OPTION_GRID:
        if (!choose("--grid", value, grids, 2, &chosen))
            return APP_USAGE;
        design->grid = chosen == 0 ? TCONV_GRID_HALF_PIXEL : TCONV_GRID_ASYMMETRIC;
        return APP_DONE;
    case OPTION_GAIN:
        request->filter_only = "--gain";
        if (!choose("--gain", value, gains, 3, &chosen))
            return APP_USAGE;
        design->gain = chosen == 0 ? TCONV_GAIN_TOTAL : chosen == 1 ? TCONV_GAIN_BRANCHES : TCONV_GAIN_RAW;
        return APP_DONE;
    case OPTION_WINDOW:
        request->filter_only = "--window";
        return parse_window(value, &design->window);
    case OPTION_BETA:
        request->filter_only = "--beta";
        request->has_beta = true;
        return app_number("--beta", value, &design->window.beta) ? APP_DONE : APP_USAGE;
    case OPTION_ATTENUATION:
        request->filter_only = "--attenuation";
        return app_number("--attenuation", value, &design->attenuation_db) ? APP_DONE : APP_USAGE;
    case OPTION_CUTOFF:
        request->filter_only = "--cutoff";
        return app_number("--cutoff", value, &design->cutoff) ? APP_DONE : APP_USAGE;
    case OPTION_EDGE:
        request->filter_only = "--edge";
        if (!app_number("--edge", value, &design->edge))
            return APP_USAGE;
        return design->edge > 0.0 && design->edge < 1.0 ? APP_DONE : app_usage("--edge: %s is not in 0 < E < 1", value);
    case OPTION_FLAT:
        request->filter_only = "--flat";
        design->flat = true;
        return APP_DONE;
    default:
        request->filter_only = "--psd";
        request->psd.text = value;
        return APP_DONE;
    }
}

static int parse_own(int option, const char *value, struct request *request)
{
    static const char *const fans[] = { "effective", "operator", "pytorch" };
    size_t chosen;
    switch (option) {
    case 'k':
        return app_size_list("-k", value, &request->taps);
    case OPTION_CHANNELS:
        return parse_channels(value, request);
    case OPTION_FAN:
        request->initialiser_only = "--fan";
        request->has_fan = true;
        if (!choose("--fan", value, fans, 3, &chosen))
            return APP_USAGE;
        request->initialiser.fan = (tconv_fan)chosen;
        return APP_DONE;
    case OPTION_UNIFORM:
        request->initialiser_only = "--uniform";
        request->initialiser.uniform = true;
        return APP_DONE;
    case OPTION_SEED:
        if (!app_size("--seed", value, 0, SIZE_MAX, &chosen))
            return APP_USAGE;
        request->initialiser.seed = chosen;
        return APP_DONE;
    case OPTION_LIST:
        request->list = true;
        return APP_DONE;
    default:
        return parse_filter_option(option, value, request);
    }
}

static int parse(int argc, char **argv, struct request *request)
{
    *request = (struct request){ .design = tconv_design_default(1, 1), .psd = { .text = "white" } };
    int option, code = APP_DONE;
    while ((option = app_getopt(argc, argv, "s:k:p:g:hVo:", options)) != -1) {
        if (option == 0)
            return APP_USAGE;
        if (!app_geometry_option(option, optarg, &request->geometry, &code)
            && !app_common_option(option, optarg, help, &request->common, &code))
            code = parse_own(option, optarg, request);
        if (code != APP_DONE)
            return code;
    }
    if (request->list)
        return optind == argc ? APP_DONE : app_usage("--list takes no name");
    if (optind == argc)
        return app_usage("which kernel? Give a name such as linear, lanczos3 or he; --list says all");
    if (argc - optind > 1)
        return app_usage("one name, please: '%s' is a second one", argv[optind + 1]);
    request->name = argv[optind];
    if (request->geometry.stride.count == 0)
        return app_usage("the stride is not given: -s 2 would double the rate");
    return APP_DONE;
}

/* ---- the kernel ---- */

static int64_t value_of(const tconv_option_list *list, size_t axis)
{
    return list->count == 0 ? 0 : list->values[list->count == 1 ? 0 : axis];
}

/* D, from --ndim or the longest list; every list has one value or D. */
static int count_axes(const struct request *request, size_t *ndim)
{
    const tconv_option_list *lists[] = { &request->geometry.stride, &request->taps, &request->geometry.padding };
    static const char *const names[] = { "-s", "-k", "-p" };
    *ndim = request->geometry.ndim > 0 ? request->geometry.ndim : 1;
    for (size_t i = 0; i < 3 && request->geometry.ndim == 0; i++)
        *ndim = lists[i]->count > *ndim ? lists[i]->count : *ndim;
    for (size_t i = 0; i < 3; i++)
        if (lists[i]->count > 1 && lists[i]->count != *ndim)
            return app_usage("%s has %zu values for %zu dimensions", names[i], lists[i]->count, *ndim);
    return *ndim <= TCONV_MAX_NDIM ? APP_DONE : app_usage("%zu dimensions; 1 to %d are possible", *ndim, TCONV_MAX_NDIM);
}

static int check_kind(const struct request *request, const tconv_reference *reference, bool initialiser)
{
    if (reference == NULL && !initialiser)
        return app_usage("'%s' is not the name of a kernel; --list says all", request->name);
    if (reference != NULL && request->initialiser_only != NULL)
        return app_usage("%s has no part in %s: it belongs to xavier and he", request->initialiser_only, request->name);
    if (initialiser && request->filter_only != NULL)
        return app_usage("%s has no part in the initialiser %s", request->filter_only, request->name);
    if (initialiser && request->has_fan && request->initialiser.kind != TCONV_INIT_XAVIER
        && request->initialiser.kind != TCONV_INIT_HE)
        return app_usage("--fan has no part in %s: it belongs to xavier and he", request->name);
    if (reference != NULL && strcmp(request->psd.text, "white") != 0 && strcmp(reference->name, "wiener") != 0)
        return app_usage("--psd has no part in %s: it belongs to wiener", request->name);
    return APP_DONE;
}

/* A user's padding goes over the one that aligns. */
static int set_padding(const struct request *request, tconv_geometry *geometry)
{
    tconv_error error;
    for (size_t i = 0; i < geometry->ndim && request->geometry.padding.count > 0; i++)
        geometry->axis[i].pad_begin = geometry->axis[i].pad_end = value_of(&request->geometry.padding, i);
    return tconv_geometry_check(geometry, &error) == TCONV_OK ? APP_DONE : app_usage("%s", error.message);
}

/* Put one kernel on the pairs (i, i) of every group of a layer. */
static int spread(const struct request *request, tconv_kernel **kernel)
{
    tconv_error error;
    tconv_kernel *layer, *one = *kernel;
    tconv_geometry g = one->geometry;
    g.channels_in = request->channels_in;
    g.channels_out = request->channels_out;
    g.groups = request->geometry.groups > 0 ? request->geometry.groups : 1;
    tconv_status status = tconv_kernel_create(&layer, &g, &error);
    if (status == TCONV_EGEOMETRY)
        return app_usage("%s", error.message);
    if (status != TCONV_OK)
        return app_fail(request->name, &error);
    size_t taps = tconv_geometry_taps(&g), in = g.channels_in / g.groups, out = g.channels_out / g.groups;
    for (size_t ci = 0; ci < g.channels_in; ci++)
        if (ci % in < out)
            memcpy(layer->taps + (ci * out + ci % in) * taps, one->taps, taps * sizeof *one->taps);
    tconv_kernel_destroy(one);
    *kernel = layer;
    return APP_DONE;
}

static int make_filter(struct request *request, const tconv_reference *reference, size_t ndim, tconv_kernel **kernel)
{
    tconv_error error;
    tconv_design *design = &request->design;
    design->ndim = ndim;
    for (size_t i = 0; i < ndim; i++) {
        design->stride[i] = (size_t)value_of(&request->geometry.stride, i);
        design->n_taps[i] = (size_t)value_of(&request->taps, i);
    }
    if (request->has_beta && design->attenuation_db > 0.0)
        return app_usage("--beta and --attenuation say the same thing: give one of them");
    int code = app_psd_open(request->psd.text, &request->psd);
    if (code != APP_DONE)
        return code;
    design->psd = request->psd.psd;
    tconv_status status = tconv_reference_design(reference, design, kernel, &error);
    if (status == TCONV_EARGUMENT || status == TCONV_EGEOMETRY)
        return app_usage("%s: %s", request->name, error.message);
    if (status != TCONV_OK)
        return app_fail(request->name, &error);
    code = set_padding(request, &(*kernel)->geometry);
    return code == APP_DONE && request->channels_in > 0 ? spread(request, kernel) : code;
}

static int make_initialised(const struct request *request, size_t ndim, tconv_kernel **kernel)
{
    tconv_error error;
    tconv_geometry g = tconv_geometry_default(ndim);
    for (size_t i = 0; i < ndim; i++) {
        size_t s = (size_t)value_of(&request->geometry.stride, i), k = (size_t)value_of(&request->taps, i);
        g.axis[i].stride = s;
        g.axis[i].n_taps = k > 0 ? k : 2 * s - s % 2;
        (void)tconv_axis_align(&g.axis[i], request->design.grid);
    }
    if (request->channels_in > 0) {
        g.channels_in = request->channels_in;
        g.channels_out = request->channels_out;
        g.groups = request->geometry.groups > 0 ? request->geometry.groups : 1;
    }
    int code = set_padding(request, &g);
    if (code != APP_DONE)
        return code;
    tconv_status status = tconv_kernel_create(kernel, &g, &error);
    if (status == TCONV_OK) status = tconv_initialise(*kernel, &request->initialiser, &error);
    return status == TCONV_OK ? APP_DONE : app_fail(request->name, &error);
}

static int make(struct request *request, tconv_kernel **kernel)
{
    size_t ndim;
    const tconv_reference *reference = tconv_reference_find(request->name);
    bool initialiser = reference == NULL && tconv_init_find(request->name, &request->initialiser.kind);
    int code = check_kind(request, reference, initialiser);
    if (code == APP_DONE)
        code = count_axes(request, &ndim);
    if (code == APP_DONE && request->geometry.groups > 1 && request->channels_in == 0)
        code = app_usage("-g %zu: groups need --channels", request->geometry.groups);
    if (code != APP_DONE)
        return code;
    return initialiser ? make_initialised(request, ndim, kernel) : make_filter(request, reference, ndim, kernel);
}

/* ---- writing ---- */

/* "linear, stride 2: straight lines between input samples", and how to make it again. */
static void write_title(tconv_buffer *title, const struct request *request, int argc, char **argv)
{
    const tconv_reference *reference = tconv_reference_find(request->name);
    if (reference != NULL)
        tconv_buffer_format(title, "%s: %s\n", reference->name, reference->summary);
    tconv_buffer_text(title, "made by: polyphase-design");
    for (int i = 1; i < argc; i++) {
        bool output = strcmp(argv[i], "-o") == 0 || strcmp(argv[i], "--output") == 0;
        if (!output && strncmp(argv[i], "--output=", 9) != 0)
            tconv_buffer_format(title, " %s", argv[i]);
        i += output ? 1 : 0;
    }
}

static int write_kernel(const struct request *request, const tconv_kernel *kernel, int argc, char **argv)
{
    tconv_buffer title = { 0 }, bytes = { 0 };
    const char *path = request->common.output;
    bool npy = app_is_npy_name(path) || !tconv_kernel_is_single(kernel) || kernel->geometry.ndim > 2;
    if (npy && (path == NULL || strcmp(path, "-") == 0) && isatty(STDOUT_FILENO))
        return app_usage("this kernel is written as .npy, which is no text for a terminal: -o layer.npy names a file");
    write_title(&title, request, argc, argv);
    int code = title.status == TCONV_OK ? app_kernel_bytes(kernel, title.text, npy, &bytes) : app_fail_status("the title", title.status);
    if (code == APP_DONE)
        code = app_write_buffer(path, (char *const[]){ (char *)(request->psd.measured ? request->psd.text : "-"), NULL }, &bytes);
    tconv_buffer_free(&title);
    tconv_buffer_free(&bytes);
    return code;
}

static int write_list(const char *path)
{
    static const struct { tconv_init_kind kind; const char *summary; } initialisers[] = {
        { TCONV_INIT_ONES, "all taps 1: shows what the geometry alone does" },
        { TCONV_INIT_ICNR, "He numbers, each repeated s times: begins as nearest" },
        { TCONV_INIT_XAVIER, "random, variance 2/(fan_in + fan_out)" },
        { TCONV_INIT_HE, "random, variance 2/fan_in" } };
    tconv_buffer text = { 0 };
    for (size_t i = 0; i < tconv_reference_count(); i++) {
        const tconv_reference *one = tconv_reference_at(i);
        int length = (int)strlen(one->aliases) - 1;   /* without the blank at its end */
        tconv_buffer_format(&text, "%-14s %s%s%.*s\n", one->name, one->summary, length > 0 ? "; also" : "", length, one->aliases);
    }
    for (size_t i = 0; i < sizeof initialisers / sizeof *initialisers; i++)
        tconv_buffer_format(&text, "%-14s initialiser: %s\n", tconv_init_text(initialisers[i].kind), initialisers[i].summary);
    int code = app_write_buffer(path, NULL, &text);
    tconv_buffer_free(&text);
    return code;
}

int main(int argc, char **argv)
{
    struct request request;
    tconv_kernel *kernel = NULL;
    app_begin("polyphase-design");
    char **given = tconv_alloc((size_t)argc, sizeof *given, &(tconv_status){ TCONV_OK });   /* before getopt sorts them */
    if (given == NULL)
        return app_fail_status("the arguments", TCONV_ENOMEM);
    memcpy(given, argv, (size_t)argc * sizeof *given);
    int code = parse(argc, argv, &request);
    if (code == APP_DONE && request.list)
        code = write_list(request.common.output);
    else if (code == APP_DONE)
        code = make(&request, &kernel);
    if (code == APP_DONE && !request.list)
        code = write_kernel(&request, kernel, argc, given);
    app_psd_close(&request.psd);
    tconv_kernel_destroy(kernel);
    tconv_free(given);
    return code;
}
