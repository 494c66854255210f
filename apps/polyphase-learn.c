/* polyphase-learn - make a real signal smaller and learn the kernel that undoes it; how near do sinc and Wiener come? */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/kernel_out.h"
#include "common/learned_table.h"
#include "common/plot.h"
#include "common/progress.h"
#include "common/signal_in.h"
#include "design/initialise.h"
#include "io/geometry_text.h"
#include "learn/baseline.h"
#include "learn/learn.h"
#include "learn/lesson.h"
#include "report/learning.h"

static const char help[] =
    "polyphase-learn: learn, from a real signal, the kernel that upsamples its smaller version\n"
    "\n"
    "  seq 200 | awk '{ print sin($1 / 5) }' | polyphase-learn - -s 2 -k 4\n"
    "  seq 200 | awk '{ print sin($1 / 5) }' | polyphase-learn - -s 2 -k 4 --json -o k.txt\n"
    "  seq 200 | awk '{ print sin($1 / 9) }' | polyphase-learn - -s 3 -k 9 --init he -o k.txt\n"
    "\n"
    "Usage: polyphase-learn SIGNAL -s S -k TAPS [-o KERNEL] [options]\n"
    "SIGNAL is audio (WAV, FLAC, AIFF ..), a PNG picture, .npy of shape (n..) or (C,n..), or numbers as\n"
    "text. It is learned on one half, tested on the other. With -o the report goes to standard output;\n"
    "without, the kernel does, and the report to standard error.\n"
    "  polyphase-learn speech.wav -s 2 -k 12 -o learned.txt --plot learned.svg\n"
    "  polyphase-learn photo.png -s 2 -k 8 --down decimate --optimizer adam -o learned.txt\n"
    "\n"
    "The kernel:\n"
    "  -k, --kernel K[,K..]        taps along each axis (also --taps); the crop is what aligns the output\n"
    "                              with the half-pixel grid, unless -p and so on say otherwise\n"
    "      --separable             of pictures: a product of one factor for each axis\n"
    "How the signal is made smaller:\n"
    "      --down keep             every S-th sample, nothing else (default)\n"
    "      --down decimate         an anti-aliasing filter first: a Kaiser sinc, 60 dB\n"
    "      --down conv[:NAME]      the strided convolution that the layer is the transpose of, its taps\n"
    "                              those of a filter of polyphase-design (default linear) at gain 1, or\n"
    "                              a FILE's, along every axis\n"
    "What is learned from:\n"
    "      --train PART            first, second (half along the first axis) or all (default first)\n"
    "      --test PART             the same, or none (default the other half)\n"
    "      --channel C             channel C alone, from 0 (default the mean of all)\n"
    "How:\n"
    "      --optimizer NAME        sgd (momentum, default), adam or exact (the normal equations)\n"
    "      --init NAME             the first taps: a filter of polyphase-design, ones, icnr, xavier, he,\n"
    "                              or a kernel FILE (default xavier)\n"
    "      --seed N                of random first taps (default 0)\n"
    "      --epochs N              passes over the signal (default 5000)\n"
    "      --rate R                step size (default: sgd from the curvature, adam 0.05)\n"
    "      --momentum M            of sgd, 0 <= M < 1 (default 0.9)\n"
    "      --gradient HOW          normal (equations, default), direct or fft: equal but for rounding\n"
    "What comes out:\n"
    "      --history FILE          the loss before and after every epoch, for plots/learning.gp\n"
    "      --plot FILE             kernel, Wiener prediction and sinc beside one another, and the loss:\n"
    "                              .png, .svg or .pdf, by gnuplot; - draws it on the terminal instead of\n"
    "                              the report\n"
    APP_GEOMETRY_HELP
    APP_COMMON_HELP
    "Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 the system failed.\n";

enum {
    OPTION_SEPARABLE = APP_OPTION_OWN, OPTION_DOWN, OPTION_TRAIN, OPTION_TEST, OPTION_CHANNEL, OPTION_OPTIMIZER, OPTION_INIT, OPTION_SEED,
    OPTION_EPOCHS, OPTION_RATE, OPTION_MOMENTUM, OPTION_GRADIENT, OPTION_HISTORY, OPTION_PLOT
};

static const struct option options[] = {
    { "kernel", required_argument, NULL, 'k' },               { "taps", required_argument, NULL, 'k' },
    { "separable", no_argument, NULL, OPTION_SEPARABLE },     { "down", required_argument, NULL, OPTION_DOWN },
    { "train", required_argument, NULL, OPTION_TRAIN },       { "test", required_argument, NULL, OPTION_TEST },
    { "channel", required_argument, NULL, OPTION_CHANNEL },   { "optimizer", required_argument, NULL, OPTION_OPTIMIZER },
    { "init", required_argument, NULL, OPTION_INIT },         { "seed", required_argument, NULL, OPTION_SEED },
    { "epochs", required_argument, NULL, OPTION_EPOCHS },     { "rate", required_argument, NULL, OPTION_RATE },
    { "momentum", required_argument, NULL, OPTION_MOMENTUM }, { "gradient", required_argument, NULL, OPTION_GRADIENT },
    { "history", required_argument, NULL, OPTION_HISTORY },   { "plot", required_argument, NULL, OPTION_PLOT },
    APP_GEOMETRY_OPTIONS, APP_COMMON_OPTIONS };

enum part { PART_FIRST, PART_SECOND, PART_ALL, PART_NONE, PART_OTHER };
static const char *const part_words[] = { "first", "second", "all", "none" };
static const char *const part_names[] = { "the first half", "the second half", "all", NULL };
static const char *const optimizer_words[] = { "exact", "sgd", "adam" };
static const char *const gradient_words[] = { "normal", "direct", "fft" };

#define MOST_LINES 5

struct request {
    tconv_geometry_options geometry;
    struct app_common common;
    const char *file, *down, *init, *history, *plot;
    tconv_option_list taps;
    tconv_learning how;
    size_t channel, seed;
    enum part train, test;
    char *const *inputs;               /* names that no output may replace */
};

/* All that is made on the way; one release. */
struct work {
    struct app_signal signal;
    tconv_geometry geometry;
    tconv_lesson *train, *test;
    tconv_kernel *kernel;
    double *down[TCONV_MAX_NDIM], *history, *taps[MOST_LINES];   /* taps[0] is kernel->taps, borrowed */
    tconv_learning_line line[MOST_LINES];
    size_t n_lines;
    tconv_learned learned;
    double least;
    tconv_comparisons *comparisons;
    char channel_text[64], down_text[384];
};

/* ---- options ---- */

/* The number of `value` among words[], which are said in the message. */
static int choose(const char *option, const char *value, const char *const words[], size_t count, int *chosen)
{
    char all[96] = "";
    for (size_t i = 0; i < count; i++) {
        if (strcmp(value, words[i]) == 0) {
            *chosen = (int)i;
            return APP_DONE;
        }
        size_t length = strlen(all);
        (void)snprintf(all + length, sizeof all - length, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", words[i]);
    }
    return app_usage("%s: '%s' is not %s", option, value, all);
}

static int parse_taps(const char *value, struct request *r)
{
    tconv_geometry_options lists = { .groups = 0 };
    tconv_error error;
    if (tconv_geometry_text_set(&lists, "stride", value, ',', 0, 0, &error) != TCONV_OK)
        return app_usage("-k: %s", error.message);
    r->taps = lists.stride;
    return APP_DONE;
}

static int parse_number(const char *option, const char *value, double least, double below, double *number)
{
    if (!app_number(option, value, number))
        return APP_USAGE;
    return *number >= least && *number < below ? APP_DONE : app_usage("%s: %s is out of range", option, value);
}

static int parse_own(int option, const char *value, struct request *r)
{
    int chosen = 0, code = APP_DONE;
    switch (option) {
    case 'k': return parse_taps(value, r);
    case OPTION_SEPARABLE: r->how.separable = true; return APP_DONE;
    case OPTION_DOWN: r->down = value; return APP_DONE;
    case OPTION_INIT: r->init = value; return APP_DONE;
    case OPTION_HISTORY: r->history = value; return APP_DONE;
    case OPTION_TRAIN:
        code = choose("--train", value, part_words, 3, &chosen);
        r->train = (enum part)chosen;
        return code;
    case OPTION_TEST:
        code = choose("--test", value, part_words, 4, &chosen);
        r->test = (enum part)chosen;
        return code;
    case OPTION_CHANNEL: return app_size("--channel", value, 0, SIZE_MAX - 1, &r->channel) ? APP_DONE : APP_USAGE;
    case OPTION_OPTIMIZER:
        code = choose("--optimizer", value, optimizer_words, 3, &chosen);
        r->how.optimizer = (tconv_optimizer)chosen;
        return code;
    case OPTION_SEED: return app_size("--seed", value, 0, SIZE_MAX, &r->seed) ? APP_DONE : APP_USAGE;
    case OPTION_EPOCHS: return app_size("--epochs", value, 1, 100000000, &r->how.epochs) ? APP_DONE : APP_USAGE;
    case OPTION_RATE: return parse_number("--rate", value, 1e-300, 1e300, &r->how.rate);
    case OPTION_MOMENTUM: return parse_number("--momentum", value, 0.0, 1.0, &r->how.momentum);
    case OPTION_GRADIENT:
        code = choose("--gradient", value, gradient_words, 3, &chosen);
        r->how.gradient = (tconv_gradient_method)chosen;
        return code;
    case OPTION_PLOT: r->plot = value; return app_plot_check(value);
    default: return APP_USAGE;
    }
}

static int check_request(struct request *r)
{
    const char *output = r->common.output != NULL && strcmp(r->common.output, "-") != 0 ? r->common.output : NULL;
    if (r->geometry.stride.count == 0)
        return app_usage("the stride is not given: -s 2 would halve the signal and double it again");
    if (r->taps.count == 0)
        return app_usage("how many taps? Say -k TAPS");
    if (r->geometry.groups > 1 || r->geometry.layout_given)
        return app_usage("a kernel is learned for one channel: --groups and --layout have no part in it");
    if (r->common.json && output == NULL)
        return app_usage("--json: the kernel goes to standard output already; -o FILE names another place for it");
    if (r->plot != NULL && strcmp(r->plot, "-") == 0 && output == NULL)
        return app_usage("--plot -: the kernel goes to standard output already; -o FILE names another place for it");
    if (r->history != NULL && (strcmp(r->history, "-") == 0 || (output != NULL && strcmp(r->history, output) == 0)))
        return app_usage("--history: '%s' is taken; a file of its own, please", r->history);
    if (r->plot != NULL && output != NULL && strcmp(r->plot, output) == 0)
        return app_usage("--plot: '%s' is the kernel's file already", r->plot);
    if (r->test == PART_OTHER)
        r->test = r->train == PART_FIRST ? PART_SECOND : r->train == PART_SECOND ? PART_FIRST : PART_NONE;
    r->common.output = output;
    return APP_DONE;
}

static int parse(int argc, char **argv, struct request *r)
{
    *r = (struct request){ .how = tconv_learning_default(TCONV_LEARN_SGD), .channel = APP_MEAN_CHANNEL, .test = PART_OTHER,
                           .down = "keep", .init = "xavier" };
    int option, code = APP_DONE;
    while ((option = app_getopt(argc, argv, "k:" APP_GEOMETRY_LETTERS APP_COMMON_LETTERS, options)) != -1) {
        if (option == 0)
            return APP_USAGE;
        if (!app_geometry_option(option, optarg, &r->geometry, &code) && !app_common_option(option, optarg, help, &r->common, &code))
            code = parse_own(option, optarg, r);
        if (code != APP_DONE)
            return code;
    }
    if (optind + 1 != argc)
        return app_usage(optind == argc ? "which signal? Name audio, a PNG picture, .npy or text" : "one signal at a time, please");
    r->file = argv[optind];
    return check_request(r);
}

/* ---- the lesson ---- */

/* The layer: -k, -s and so on over the signal's axes; where no crop is given, the one of the half-pixel grid and M = s N. */
static int make_geometry(const struct request *r, size_t ndim, tconv_geometry *geometry)
{
    tconv_error error;
    const tconv_geometry_options *o = &r->geometry;
    *geometry = tconv_geometry_default(ndim);
    if (r->taps.count != 1 && r->taps.count != ndim)
        return app_usage("-k: %zu values for a signal of %zu dimension%s", r->taps.count, ndim, ndim == 1 ? "" : "s");
    for (size_t i = 0; i < ndim; i++)
        geometry->axis[i].n_taps = (size_t)r->taps.values[r->taps.count == 1 ? 0 : i];
    if (tconv_geometry_options_apply(o, geometry, &error) != TCONV_OK)
        return app_usage("%s", error.message);
    bool given = o->padding.count > 0 || o->pads.count > 0 || o->output_shape.count > 0 || o->auto_pad_given;
    for (size_t i = 0; i < ndim && !given; i++) {
        tconv_axis *axis = &geometry->axis[i];
        int64_t total = (int64_t)tconv_axis_effective_taps(axis) - (int64_t)axis->stride;
        axis->pad_begin = total >= 0 ? total / 2 : -((1 - total) / 2);
        axis->pad_end = total - axis->pad_begin + (int64_t)axis->output_padding;
    }
    return tconv_geometry_check(geometry, &error) == TCONV_OK ? APP_DONE : app_usage("%s", error.message);
}

/* The taps of conv:NAME along axis i, at gain 1, or a file's as they are. */
static int read_down_filter(const char *name, const tconv_geometry *g, size_t i, double **taps)
{
    tconv_error error;
    tconv_kernel *kernel = NULL;
    const tconv_reference *reference = tconv_reference_find(name);
    size_t k = g->axis[i].n_taps, count = 0;
    if (reference == NULL) {
        int code = app_read_numbers(name, taps, &count);
        if (code == APP_DONE && count != k)
            code = app_message(APP_INPUT, "%s: %zu taps; the strided convolution has the %zu of the layer", name, count, k);
        return code;
    }
    tconv_design design = tconv_design_default(1, g->axis[i].stride);
    design.n_taps[0] = k;
    if (tconv_reference_design(reference, &design, &kernel, &error) != TCONV_OK)
        return app_fail(name, &error);
    *taps = kernel->taps;
    kernel->taps = NULL;
    tconv_kernel_destroy(kernel);
    for (size_t t = 0; t < k; t++)
        (*taps)[t] /= (double)g->axis[i].stride;
    return APP_DONE;
}

static int make_downsampling(const struct request *r, struct work *w, tconv_downsampling *down)
{
    *down = (tconv_downsampling){ .kind = TCONV_DOWN_KEEP };
    char factors[64] = "";
    for (size_t i = 0; i < w->geometry.ndim; i++) {
        size_t at = strlen(factors);
        (void)snprintf(factors + at, sizeof factors - at, "%s%zu", i > 0 ? "x" : "", w->geometry.axis[i].stride);
    }
    if (strcmp(r->down, "keep") == 0) {
        (void)snprintf(w->down_text, sizeof w->down_text, "by %s: one sample kept, the others left out", factors);
    } else if (strcmp(r->down, "decimate") == 0) {
        down->kind = TCONV_DOWN_DECIMATE;
        (void)snprintf(w->down_text, sizeof w->down_text, "by %s, behind an anti-aliasing filter of 60 dB", factors);
    } else if (strcmp(r->down, "conv") == 0 || strncmp(r->down, "conv:", 5) == 0) {
        const char *name = r->down[4] == ':' ? r->down + 5 : "linear";
        down->kind = TCONV_DOWN_CONVOLVE;
        for (size_t i = 0; i < w->geometry.ndim; i++) {
            int code = read_down_filter(name, &w->geometry, i, &w->down[i]);
            if (code != APP_DONE)
                return code;
            down->filter[i] = w->down[i];
        }
        (void)snprintf(w->down_text, sizeof w->down_text, "by %s, by the matching strided convolution, its taps %.150s", factors, name);
    } else {
        return app_usage("--down: '%s' is not keep, decimate or conv[:NAME]", r->down);
    }
    return APP_DONE;
}

/* A part of the signal along its first axis. */
static int make_lesson(const struct request *r, const struct work *w, enum part part, const tconv_downsampling *down, tconv_lesson **lesson)
{
    tconv_error error;
    size_t n[TCONV_MAX_NDIM] = { 0 }, row = 1, half = w->signal.n[0] / 2, begin = part == PART_SECOND ? half : 0;
    for (size_t i = 0; i < w->signal.ndim; i++) {
        n[i] = w->signal.n[i];
        row *= i > 0 ? n[i] : 1;
    }
    n[0] = part == PART_ALL ? n[0] : part == PART_FIRST ? half : n[0] - half;
    if (tconv_lesson_create(lesson, &w->geometry, down, w->signal.values + begin * row, n, &error) != TCONV_OK)
        return app_fail(r->file, &error);
    return APP_DONE;
}

static int make_lessons(const struct request *r, struct work *w)
{
    tconv_downsampling down;
    int code = app_signal_read(r->file, r->geometry.ndim, r->channel, &w->signal);
    if (code == APP_DONE)
        code = make_geometry(r, w->signal.ndim, &w->geometry);
    if (code == APP_DONE)
        code = make_downsampling(r, w, &down);
    if (code == APP_DONE)
        code = make_lesson(r, w, r->train, &down, &w->train);
    if (code == APP_DONE && r->test != PART_NONE)
        code = make_lesson(r, w, r->test, &down, &w->test);
    return code;
}

/* ---- the first taps ---- */

static int start_from_file(const struct request *r, struct work *w)
{
    tconv_geometry_options given = r->geometry;
    tconv_kernel *kernel;
    given.ndim = w->geometry.ndim;
    int code = app_read_kernel(r->init, &given, &kernel, NULL);
    if (code != APP_DONE)
        return code;
    bool same = tconv_kernel_is_single(kernel) && kernel->geometry.ndim == w->geometry.ndim;
    for (size_t i = 0; same && i < w->geometry.ndim; i++)
        same = kernel->geometry.axis[i].n_taps == w->geometry.axis[i].n_taps;
    if (same)
        memcpy(w->kernel->taps, kernel->taps, tconv_geometry_taps(&w->geometry) * sizeof *kernel->taps);
    else
        code = app_message(APP_INPUT, "%s: is not a kernel of the taps that -k asks for", r->init);
    tconv_kernel_destroy(kernel);
    return code;
}

static int start(const struct request *r, struct work *w)
{
    tconv_error error;
    tconv_init_kind kind;
    const tconv_reference *reference = tconv_reference_find(r->init);
    tconv_status status = tconv_kernel_create(&w->kernel, &w->train->signals.geometry, &error);
    if (status != TCONV_OK)
        return app_fail("the kernel", &error);
    w->taps[0] = w->kernel->taps;
    if (reference != NULL && tconv_reference_is_continuous(reference))
        status = tconv_lesson_reference(w->train, reference, w->kernel->taps, &error);
    else if (reference != NULL)
        return app_usage("--init: %s is no function of time, so it cannot be put where this layer's centre is", r->init);
    else if (tconv_init_find(r->init, &kind))
        status = tconv_initialise(w->kernel, &(tconv_initialiser){ .kind = kind, .seed = r->seed }, &error);
    else
        return start_from_file(r, w);
    return status == TCONV_OK ? APP_DONE : app_fail(r->init, &error);
}

/* ---- learning ---- */

static bool show_progress(void *context, size_t epoch, double loss)
{
    (void)loss;
    app_progress(epoch, *(const size_t *)context);
    return true;
}

static int learn(const struct request *r, struct work *w)
{
    tconv_error error;
    tconv_status status = TCONV_OK;
    tconv_learning how = r->how;
    size_t epochs = how.epochs;
    how.progress = show_progress;
    how.context = &epochs;
    w->history = tconv_alloc(epochs + 1 > 2 ? epochs + 1 : 2, sizeof *w->history, &status);
    if (w->history == NULL)
        return app_fail_status(r->file, status);
    status = tconv_learn(w->kernel, &w->train->signals, &how, w->history, &w->learned, &error);
    if (status == TCONV_EARGUMENT)
        return app_usage("%s", error.message);
    return status == TCONV_OK ? APP_DONE : app_fail(r->file, &error);
}

/* ---- what it is measured by ---- */

/* Another kernel beside the learned one; a negative status leaves it out. */
static int add_line(struct work *w, const char *name, const char *what, const double *taps)
{
    tconv_error error;
    tconv_learning_line *line = &w->line[w->n_lines];
    *line = (tconv_learning_line){ .name = name, .what = what, .test = (double)NAN };
    tconv_status status = tconv_learn_loss(&w->train->signals, taps, &line->train, &error);
    if (status == TCONV_OK && w->test != NULL)
        status = tconv_learn_loss(&w->test->signals, taps, &line->test, &error);
    if (status != TCONV_OK)
        return app_fail(name, &error);
    w->n_lines++;
    return APP_DONE;
}

static int add_exact(const struct request *r, struct work *w)
{
    tconv_error error;
    tconv_kernel *kernel = NULL;
    tconv_learned learned;
    tconv_learning exact = tconv_learning_default(TCONV_LEARN_EXACT);
    exact.separable = r->how.separable;
    tconv_status status = tconv_kernel_create(&kernel, &w->train->signals.geometry, &error);
    if (status == TCONV_OK)
        status = tconv_learn(kernel, &w->train->signals, &exact, NULL, &learned, &error);
    int code = status == TCONV_OK ? APP_DONE : app_fail(r->file, &error);
    if (code == APP_DONE) {
        w->least = fmin(w->least, learned.loss);      /* of a product it is only a local minimum */
        code = add_line(w, "exact", r->how.separable && w->geometry.ndim > 1 ? "by alternating least squares" : "the least that these taps can reach",
                        kernel->taps);
    }
    tconv_kernel_destroy(kernel);
    return code;
}

static int add_baselines(const struct request *r, struct work *w)
{
    static const struct { const char *name, *reference, *what; } others[] = {
        { "wiener", NULL, "predicted from the spectrum alone" }, { "sinc", "sinc", "of this length, no window" }, { "linear", "linear", "" } };
    tconv_error error;
    int code = APP_DONE;
    for (size_t i = 0; i < sizeof others / sizeof *others && code == APP_DONE; i++) {
        tconv_status status = TCONV_OK;
        double *taps = w->taps[i + 1] = tconv_alloc(tconv_geometry_taps(&w->geometry), sizeof *taps, &status);
        if (taps == NULL)
            return app_fail_status(r->file, status);
        status = others[i].reference == NULL ? tconv_lesson_wiener(w->train, taps, &error)
                                             : tconv_lesson_reference(w->train, tconv_reference_find(others[i].reference), taps, &error);
        code = status == TCONV_OK ? add_line(w, others[i].name, others[i].what, taps) : app_fail(r->file, &error);
    }
    return code;
}

static int measure(const struct request *r, struct work *w)
{
    tconv_error error;
    w->least = w->learned.loss;
    int code = add_line(w, "learned", "", w->kernel->taps);
    if (code == APP_DONE && r->how.optimizer != TCONV_LEARN_EXACT)
        code = add_exact(r, w);
    if (code == APP_DONE)
        code = add_baselines(r, w);
    w->kernel->geometry = w->geometry;      /* from here on the layer's own crop, not the one that leaves borders out */
    if (code == APP_DONE && tconv_compare(&w->comparisons, w->kernel, NULL, &error) != TCONV_OK && error.status != TCONV_EARGUMENT)
        code = app_fail("the kernel", &error);
    return code;
}

/* ---- what comes out ---- */

static void write_title(const struct request *r, const struct work *w, int argc, char **argv, tconv_buffer *title)
{
    tconv_buffer_format(title, "learned from %s by %s, %s\n", strcmp(r->file, "-") == 0 ? "standard input" : r->file,
                        optimizer_words[r->how.optimizer], w->down_text);
    tconv_buffer_text(title, "made by: polyphase-learn");
    for (int i = 1; i < argc; i++) {
        static const char *const outputs[] = { "-o", "--output", "--plot", "--history" };
        bool output = false;
        for (size_t j = 0; j < sizeof outputs / sizeof *outputs; j++)
            output = output || strcmp(argv[i], outputs[j]) == 0;
        if (output)
            i++;
        else if (strncmp(argv[i], "--output=", 9) != 0 && strncmp(argv[i], "--plot=", 7) != 0 && strncmp(argv[i], "--history=", 10) != 0
                 && strcmp(argv[i], "--json") != 0)
            tconv_buffer_format(title, " %s", argv[i]);
    }
}

static int write_kernel(const struct request *r, const struct work *w, int argc, char **argv)
{
    tconv_buffer title = { 0 }, bytes = { 0 };
    write_title(r, w, argc, argv, &title);
    bool npy = app_is_npy_name(r->common.output) || w->geometry.ndim > 2;
    int code = title.status == TCONV_OK ? app_kernel_bytes(w->kernel, title.text, npy, &bytes) : app_fail_status("the title", title.status);
    if (code == APP_DONE)
        code = app_write_buffer(r->common.output, r->inputs, &bytes);
    tconv_buffer_free(&title);
    tconv_buffer_free(&bytes);
    return code;
}

static int write_curves(const struct request *r, const struct work *w)
{
    tconv_buffer history = { 0 }, table = { 0 };
    tconv_error error;
    struct learned_curves curves = { .geometry = &w->geometry, .taps = { w->kernel->taps, w->taps[1], w->taps[2] },
                                     .centre = w->train->centre[w->geometry.ndim - 1], .history = w->history,
                                     .epochs = w->learned.epochs, .least = w->least, .optimizer = optimizer_words[r->how.optimizer] };
    int code = APP_DONE;
    if (r->history != NULL) {
        learning_table_write(&curves, &history);
        code = app_write_buffer(r->history, r->inputs, &history);
    }
    if (code == APP_DONE && r->plot != NULL)
        code = learned_table_write(&curves, &table, &error) != TCONV_OK ? app_fail(r->plot, &error)
             : app_plot(r->plot, "learned", w->geometry.ndim == 1 ? "learned from a signal, beside theory"
                                                                  : "learned from a signal, beside theory (along the last axis)", &table, r->inputs);
    tconv_buffer_free(&history);
    tconv_buffer_free(&table);
    return code;
}

static int write_report(const struct request *r, struct work *w)
{
    tconv_buffer text = { 0 };
    tconv_status status = TCONV_OK;
    if (w->signal.channels > 1 && r->channel == APP_MEAN_CHANNEL)
        (void)snprintf(w->channel_text, sizeof w->channel_text, "the mean of its channels");
    else if (w->signal.channels > 1)
        (void)snprintf(w->channel_text, sizeof w->channel_text, "channel %zu", r->channel);
    tconv_learning_report report = {
        .tool = "polyphase-learn", .file = r->file, .format = tconv_file_format_word(w->signal.format),
        .channel = w->channel_text[0] != '\0' ? w->channel_text : NULL, .ndim = w->signal.ndim, .rate = w->signal.rate,
        .train = part_names[r->train], .test = part_names[r->test], .train_power = w->train->power,
        .test_power = w->test != NULL ? w->test->power : 0.0, .down = w->down_text, .optimizer = optimizer_words[r->how.optimizer],
        .start = r->init, .separable = r->how.separable && w->geometry.ndim > 1, .learned = w->learned, .least = w->least,
        .kernel = w->kernel, .line = w->line, .n_lines = w->n_lines, .comparisons = w->comparisons };
    memcpy(report.n, w->signal.n, sizeof report.n);
    if (r->common.json)
        status = tconv_learning_json(&report, &text);
    else
        tconv_learning_text(&text, &report);
    status = status == TCONV_OK ? text.status : status;
    int code = status == TCONV_OK ? APP_DONE : app_fail_status(r->file, status);
    if (code == APP_DONE && r->common.output == NULL)
        (void)fwrite(text.text, 1, text.length, stderr);
    else if (code == APP_DONE)
        code = app_write_buffer(NULL, NULL, &text);
    tconv_buffer_free(&text);
    return code;
}

static int run(const struct request *r, struct work *w, int argc, char **argv)
{
    struct app_output results = { .path = r->common.output };
    app_progress_begin("polyphase-learn", &results);
    int code = make_lessons(r, w);
    if (code == APP_DONE)
        code = start(r, w);
    if (code == APP_DONE)
        code = learn(r, w);
    if (code == APP_DONE)
        code = measure(r, w);
    app_progress_end();
    if (code == APP_DONE)
        code = write_kernel(r, w, argc, argv);
    if (code == APP_DONE && (r->plot == NULL || strcmp(r->plot, "-") != 0))
        code = write_report(r, w);
    if (code == APP_DONE)
        code = write_curves(r, w);
    return code;
}

static void release(struct work *w)
{
    app_signal_free(&w->signal);
    tconv_lesson_destroy(w->train);
    tconv_lesson_destroy(w->test);
    tconv_kernel_destroy(w->kernel);
    tconv_comparisons_destroy(w->comparisons);
    tconv_free(w->history);
    for (size_t i = 0; i < TCONV_MAX_NDIM; i++)
        tconv_free(w->down[i]);
    for (size_t i = 1; i < MOST_LINES; i++)
        tconv_free(w->taps[i]);
}

int main(int argc, char **argv)
{
    struct request request;
    struct work work = { .n_lines = 0 };
    app_begin("polyphase-learn");
    char **given = tconv_alloc((size_t)argc, sizeof *given, &(tconv_status){ TCONV_OK });   /* before getopt sorts them */
    if (given == NULL)
        return app_fail_status("the arguments", TCONV_ENOMEM);
    memcpy(given, argv, (size_t)argc * sizeof *given);
    int code = parse(argc, argv, &request);
    if (code == APP_DONE) {
        const char *filter = strncmp(request.down, "conv:", 5) == 0 ? request.down + 5 : "-";
        char *const inputs[] = { (char *)(uintptr_t)request.file, (char *)(uintptr_t)request.init, (char *)(uintptr_t)filter, NULL };
        request.inputs = inputs;
        code = run(&request, &work, argc, given);
    }
    release(&work);
    tconv_free(given);
    return code;
}
