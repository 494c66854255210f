/* polyphase-learn - make a real signal smaller and learn the kernel that undoes it; how near do sinc and Wiener come? */
#include <stdio.h>
#include <string.h>

#include "common/kernel_out.h"
#include "common/learn_work.h"
#include "common/learned_table.h"
#include "common/plot.h"
#include "common/progress.h"
#include "io/geometry_text.h"

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
    "                              .png, .svg or .pdf, by gnuplot, or .dat, the data; - draws it on the\n"
    "                              terminal instead of the report\n"
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

static const char *const part_words[] = { "first", "second", "all", "none" };
static const char *const part_names[] = { "the first half", "the second half", "all", NULL };
static const char *const optimizer_words[] = { "exact", "sgd", "adam" };
static const char *const gradient_words[] = { "normal", "direct", "fft" };

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

static int parse_number(const char *option, const char *value, double least, double below, double *number)
{
    if (!app_number(option, value, number))
        return APP_USAGE;
    return *number >= least && *number < below ? APP_DONE : app_usage("%s: %s is out of range", option, value);
}

static int parse_own(int option, const char *value, struct learn_request *r)
{
    int chosen = 0, code = APP_DONE;
    switch (option) {
    case 'k': return app_size_list("-k", value, &r->taps);
    case OPTION_SEPARABLE: r->how.separable = true; return APP_DONE;
    case OPTION_DOWN: r->down = value; return APP_DONE;
    case OPTION_INIT: r->init = value; return APP_DONE;
    case OPTION_HISTORY: r->history = value; return APP_DONE;
    case OPTION_TRAIN:
        code = choose("--train", value, part_words, 3, &chosen);
        r->train = (enum learn_part)chosen;
        return code;
    case OPTION_TEST:
        code = choose("--test", value, part_words, 4, &chosen);
        r->test = (enum learn_part)chosen;
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

static int check_request(struct learn_request *r)
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

static int parse(int argc, char **argv, struct learn_request *r)
{
    *r = (struct learn_request){ .how = tconv_learning_default(TCONV_LEARN_SGD), .channel = APP_MEAN_CHANNEL, .test = PART_OTHER,
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

/* ---- what comes out ---- */

static void write_title(const struct learn_request *r, const struct learn_work *w, int argc, char **argv, tconv_buffer *title)
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

static int write_kernel(const struct learn_request *r, const struct learn_work *w, int argc, char **argv)
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

static int write_curves(const struct learn_request *r, const struct learn_work *w)
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

static int write_report(const struct learn_request *r, struct learn_work *w)
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

static int run(const struct learn_request *r, struct learn_work *w, int argc, char **argv)
{
    struct app_output results = { .path = r->common.output };
    app_progress_begin("polyphase-learn", &results);
    int code = learn_make_lessons(r, w);
    if (code == APP_DONE)
        code = learn_start(r, w);
    if (code == APP_DONE)
        code = learn_run(r, w);
    if (code == APP_DONE)
        code = learn_measure(r, w);
    app_progress_end();
    if (code == APP_DONE)
        code = write_kernel(r, w, argc, argv);
    if (code == APP_DONE && (r->plot == NULL || strcmp(r->plot, "-") != 0))
        code = write_report(r, w);
    if (code == APP_DONE)
        code = write_curves(r, w);
    return code;
}


int main(int argc, char **argv)
{
    struct learn_request request;
    struct learn_work work = { .n_lines = 0 };
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
    learn_release(&work);
    tconv_free(given);
    return code;
}
