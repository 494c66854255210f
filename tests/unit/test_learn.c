/* Learning: three gradients against their definition, the exact answer, and descent that reaches it from three starts. */
#include "testing_definition.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "design/initialise.h"
#include "design/wiener.h"
#include "learn/learn.h"

#define MOST 65536

static double x_memory[MOST], y_memory[MOST];

static tconv_kernel *kernel_of(const tconv_geometry *g)
{
    tconv_kernel *kernel = NULL;
    CHECK(tconv_kernel_create(&kernel, g, NULL) == TCONV_OK);
    return kernel;
}

static tconv_signals random_signals(size_t ndim)
{
    tconv_signals signals = { .geometry = tconv_geometry_default(ndim), .x = x_memory, .y = y_memory };
    for (bool possible = false; !possible;) {
        possible = true;
        for (size_t i = 0; i < ndim; i++) {
            signals.geometry.axis[i] = (tconv_axis){ .stride = random_between(1, 4), .n_taps = random_between(1, 6), .dilation = random_between(1, ndim == 1 ? 1 + random_between(0, 2) : 2),
                                                     .pad_begin = (int64_t)random_between(0, 9) - 3, .pad_end = (int64_t)random_between(0, 9) - 3 };
            signals.n_in[i] = random_between(1, ndim == 1 ? 30 : 7);
            size_t n_out;
            possible = possible && tconv_axis_output_size(&signals.geometry.axis[i], signals.n_in[i], &n_out, NULL) == TCONV_OK;
        }
    }
    random_taps(x_memory, 2048);
    random_taps(y_memory, 8192);
    return signals;
}

/* loss by running the layer; gradient by the differences that are exact for a quadratic: (L(w+e) - L(w-e))/(2e), e = 1. */
static void three_gradients_are_the_definition(void)
{
    static double y[MOST], taps[512], changed[512], gradient[3][512];
    for (size_t round = 0; round < test_rounds(1000); round++) {
        tconv_signals signals = random_signals(random_between(1, 3));
        const tconv_geometry *g = &signals.geometry;
        tconv_kernel *kernel = kernel_of(g);
        size_t n_out[TCONV_MAX_NDIM], n_taps = tconv_geometry_taps(g);
        random_taps(taps, n_taps);
        memcpy(kernel->taps, taps, n_taps * sizeof *taps);
        size_t count = transposed_by_definition(kernel, signals.x, signals.n_in, y, n_out, MOST);
        double want = 0.0, losses[3], direct = -1.0;
        for (size_t j = 0; j < count; j++)
            want += (y[j] - signals.y[j]) * (y[j] - signals.y[j]) / (double)count;
        CHECK(tconv_learn_loss(&signals, taps, &direct, NULL) == TCONV_OK);
        CHECK_CLOSE("loss", round, direct, want, 1e-12 * (1.0 + want));
        for (int method = 0; method < 3; method++) {
            tconv_loss *loss;
            CHECK(tconv_loss_create(&loss, &signals, (tconv_gradient_method)method) == TCONV_OK);
            losses[method] = tconv_loss_evaluate(loss, taps, gradient[method]);
            CHECK_CLOSE("loss", (size_t)method, losses[method], want, 1e-12 * (1.0 + want));
            CHECK_CLOSE("loss again", (size_t)method, tconv_loss_evaluate(loss, taps, NULL), losses[method], 0.0);
            size_t t = random_between(0, n_taps - 1);
            memcpy(changed, taps, n_taps * sizeof *taps);
            changed[t] = taps[t] + 1.0;
            double up = tconv_loss_evaluate(loss, changed, NULL);
            changed[t] = taps[t] - 1.0;
            double down = tconv_loss_evaluate(loss, changed, NULL);
            CHECK_CLOSE("gradient", t, gradient[method][t], (up - down) / 2.0, 1e-11 * (1.0 + up + down));
            for (t = 0; t < n_taps; t++)
                CHECK_CLOSE("gradients agree", t, gradient[method][t], gradient[0][t], 1e-12 * (1.0 + want));
            tconv_loss_destroy(loss);
        }
        tconv_kernel_destroy(kernel);
    }
}

/* y = the layer of known taps on random input: the exact answer is those taps, wherever enough outputs see them. */
static void the_exact_answer_recovers_the_kernel(void)
{
    static double truth[512];
    for (size_t round = 0; round < test_rounds(200); round++) {
        tconv_signals signals = { .geometry = tconv_geometry_default(random_between(1, 2)), .x = x_memory, .y = y_memory };
        for (size_t i = 0; i < signals.geometry.ndim; i++) {
            size_t k = random_between(1, 6);
            signals.geometry.axis[i] = (tconv_axis){ .stride = random_between(1, 3), .n_taps = k, .dilation = random_between(1, 2), .pad_begin = (int64_t)(k / 2), .pad_end = (int64_t)(k / 3) };
            signals.n_in[i] = signals.geometry.ndim == 1 ? 200 : 24;
        }
        tconv_kernel *kernel = kernel_of(&signals.geometry);
        size_t n_out[TCONV_MAX_NDIM], n_taps = tconv_geometry_taps(&signals.geometry);
        random_taps(x_memory, 2048);
        random_taps(truth, n_taps);
        memcpy(kernel->taps, truth, n_taps * sizeof *truth);
        CHECK(transposed_by_definition(kernel, signals.x, signals.n_in, y_memory, n_out, MOST) > 0);
        memset(kernel->taps, 0, n_taps * sizeof *truth);
        tconv_learned learned;
        double history[2] = { -1.0, -1.0 };
        tconv_learning how = tconv_learning_default(TCONV_LEARN_EXACT);
        how.epochs = 1;
        CHECK(tconv_learn(kernel, &signals, &how, history, &learned, NULL) == TCONV_OK);
        for (size_t t = 0; t < n_taps; t++)
            CHECK_CLOSE("tap", t, kernel->taps[t], truth[t], 1e-11);
        CHECK(history[0] == learned.loss_before && history[1] == learned.loss && learned.loss < 1e-14 && learned.epochs == 1);
        tconv_kernel_destroy(kernel);
    }
}

/* An ar1 signal of `n_out` samples, x every s-th of them; kernel centred. In 2-D a field made by the recursion along both axes. */
static tconv_signals ar1_signals(size_t ndim, size_t n, size_t s, size_t k, double rho)
{
    tconv_signals signals = { .geometry = tconv_geometry_default(ndim), .x = x_memory, .y = y_memory };
    size_t m = s * n, many = ndim == 1 ? m : m * m;
    for (size_t i = 0; i < ndim; i++) {
        signals.n_in[i] = n;
        signals.geometry.axis[i] = (tconv_axis){ .stride = s, .n_taps = k, .dilation = 1, .pad_begin = (int64_t)(k - 1) / 2 };
        signals.geometry.axis[i].pad_end = (int64_t)k - (int64_t)s - signals.geometry.axis[i].pad_begin;
    }
    for (size_t j = 0; j < many; j++)
        y_memory[j] = random_normal();
    for (size_t step = 1; step <= (ndim == 1 ? 1 : m); step = step == 1 && ndim == 2 ? m : many + 1)
        for (size_t j = 0; j < many; j++)
            if ((step == 1 ? j % m : j / m) > 0)
                y_memory[j] = rho * y_memory[j - step] + sqrt(1.0 - rho * rho) * y_memory[j];
    for (size_t j = 0, i = 0; j < many; j++)
        if (j % s == 0 && (ndim == 1 || j / m % s == 0))
            x_memory[i++] = y_memory[j];
    return signals;
}

/* The exact kernel of a long signal is the Wiener kernel of its spectrum, but for chance: N = 20000 samples leave the loss
 * of the Wiener kernel above the smallest by a share of about (taps per phase)/N; centre (k-1)/2 = pb. */
static void the_exact_answer_is_the_wiener_kernel(void)
{
    tconv_signals signals = ar1_signals(1, 20000, 3, 17, 0.95);
    tconv_kernel *kernel = kernel_of(&signals.geometry);
    const tconv_psd psd = { TCONV_PSD_AR1, 0.95, NULL, 0 };
    double wiener[17], mse = -1.0, its_loss = -1.0;
    tconv_learned learned;
    tconv_learning how = tconv_learning_default(TCONV_LEARN_EXACT);
    CHECK(tconv_wiener_taps(&psd, 3, 17, wiener, &mse, NULL) == TCONV_OK);
    CHECK(tconv_learn(kernel, &signals, &how, NULL, &learned, NULL) == TCONV_OK);
    CHECK(tconv_learn_loss(&signals, wiener, &its_loss, NULL) == TCONV_OK);
    CHECK(its_loss >= learned.loss);
    CHECK_CLOSE("loss of the Wiener kernel", 0, its_loss / learned.loss, 1.0, 0.002);
    CHECK_CLOSE("loss it predicts", 0, its_loss, mse, 0.03 * mse);   /* 40000 squares of samples with some correlation */
    for (size_t t = 0; t < 17; t++)
        CHECK_CLOSE("tap", t, kernel->taps[t], wiener[t], 0.02);
    tconv_kernel_destroy(kernel);
}

static void learn_from(const tconv_signals *signals, const tconv_learning *how, tconv_init_kind start, double best)
{
    tconv_kernel *kernel = kernel_of(&signals->geometry);
    tconv_learned learned = { 0 };
    tconv_error error;
    CHECK(tconv_initialise(kernel, &(tconv_initialiser){ .kind = start, .seed = 3 }, NULL) == TCONV_OK);
    double *history = malloc((how->epochs + 1) * sizeof *history);
    tconv_status status = tconv_learn(kernel, signals, how, history, &learned, &error);
    CHECK_MESSAGE(status == TCONV_OK, "%s", error.message);
    CHECK_MESSAGE(learned.loss <= 1.001 * best && learned.loss >= best * (1.0 - 1e-9), "optimizer %d, gradient %d from %s: loss %.9g, exact %.9g",
                  (int)how->optimizer, (int)how->gradient, tconv_init_text(start), learned.loss, best);
    CHECK(history != NULL && learned.epochs == how->epochs && history[0] > history[learned.epochs]);
    double loss = -1.0;
    CHECK(tconv_learn_loss(signals, kernel->taps, &loss, NULL) == TCONV_OK);
    CHECK_CLOSE("loss", 0, loss, learned.loss, 1e-9 * learned.loss);
    free(history);
    tconv_kernel_destroy(kernel);
}

static const tconv_init_kind starts[] = { TCONV_INIT_ONES, TCONV_INIT_BILINEAR, TCONV_INIT_XAVIER };

static double exact_loss(const tconv_signals *signals, bool separable)
{
    tconv_kernel *kernel = kernel_of(&signals->geometry);
    tconv_learning how = tconv_learning_default(TCONV_LEARN_EXACT);
    tconv_learned learned = { 0 };
    how.separable = separable;
    CHECK(tconv_learn(kernel, signals, &how, NULL, &learned, NULL) == TCONV_OK);
    tconv_kernel_destroy(kernel);
    return learned.loss;
}

static void descent_reaches_the_exact_loss_from_three_starts(void)
{
    static const struct { size_t s, k; double rho; } cases[] = { { 2, 8, 0.9 }, { 2, 24, 0.98 }, { 4, 33, 0.95 } };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        tconv_signals signals = ar1_signals(1, 3000, cases[c].s, cases[c].k, cases[c].rho);
        double best = exact_loss(&signals, false);
        for (size_t start = 0; start < 3; start++) {
            tconv_learning sgd = tconv_learning_default(TCONV_LEARN_SGD), adam = tconv_learning_default(TCONV_LEARN_ADAM);
            learn_from(&signals, &sgd, starts[start], best);
            learn_from(&signals, &adam, starts[start], best);
        }
    }
}

/* The same by the sums as they stand and by spectra: a short signal, as an epoch costs its length. */
static void descent_with_other_gradients_reaches_it_too(void)
{
    tconv_signals signals = ar1_signals(1, 150, 2, 8, 0.9);
    double best = exact_loss(&signals, false);
    for (int method = 1; method < 3; method++) {
        tconv_learning how = tconv_learning_default(method == 1 ? TCONV_LEARN_SGD : TCONV_LEARN_ADAM);
        how.gradient = (tconv_gradient_method)method;
        learn_from(&signals, &how, TCONV_INIT_HE, best);
    }
}

static void pictures_are_learned_with_and_without_separation(void)
{
    tconv_signals signals = ar1_signals(2, 40, 2, 6, 0.9);
    double best = exact_loss(&signals, false), product = exact_loss(&signals, true);
    CHECK(product >= best * (1.0 - 1e-12));
    CHECK(product < 1.05 * best);        /* the field is a product of two ar1, so is its Wiener kernel */
    for (size_t start = 0; start < 3; start++) {
        tconv_learning sgd = tconv_learning_default(TCONV_LEARN_SGD), adam = tconv_learning_default(TCONV_LEARN_ADAM);
        learn_from(&signals, &sgd, starts[start], best);
        learn_from(&signals, &adam, starts[start], best);
        sgd.separable = adam.separable = true;
        learn_from(&signals, &sgd, starts[start], product);
        learn_from(&signals, &adam, starts[start], product);
    }
}

static bool stop_at_three(void *context, size_t epoch, double loss)
{
    *(double *)context = loss;
    return epoch < 3;
}

static void progress_can_stop_it(void)
{
    tconv_signals signals = ar1_signals(1, 100, 2, 4, 0.9);
    tconv_kernel *kernel = kernel_of(&signals.geometry);
    double last = -1.0;
    tconv_learned learned = { 0 };
    tconv_learning how = tconv_learning_default(TCONV_LEARN_SGD);
    how.progress = stop_at_three;
    how.context = &last;
    CHECK(tconv_learn(kernel, &signals, &how, NULL, &learned, NULL) == TCONV_OK && learned.epochs == 3 && last > 0.0);
    tconv_kernel_destroy(kernel);
}

static void impossible_lessons_are_refused_and_change_nothing(void)
{
    enum { OPTIMIZER, RATE, MOMENTUM, BETA, DIVERGES, CHANNELS, EMPTY, NAN_X, NAN_Y, NAN_TAP, ZERO, GEOMETRY, CASES };
    static const char *const messages[CASES] = {
        "there is no optimizer number 3, or no gradient number 0",
        "the rate is out of range; a positive number, or 0 for one of the library's choice, is allowed",
        "the momentum is out of range; 0 <= momentum < 1 is allowed",
        "Adam's figures are out of range; 0 <= beta < 1 and epsilon > 0 are allowed",
        NULL, "a kernel is learned for one channel; this layer has 2 and 1", "the signal is empty",
        "sample 5 of the small signal is not finite", "sample 6 of the large signal is not finite", "tap 1 of the kernel is not finite",
        "a separable kernel cannot be learned from taps that are all zero: every gradient is zero there",
        "the kernel's geometry is not that of the signals" };
    for (int c = 0; c < CASES; c++) {
        tconv_signals signals = ar1_signals(2, 10, 2, 4, 0.9);
        tconv_kernel *kernel = kernel_of(&signals.geometry);
        tconv_learning how = tconv_learning_default(TCONV_LEARN_SGD);
        double before[16];
        tconv_error error;
        for (size_t t = 0; t < 16; t++)
            kernel->taps[t] = c == ZERO ? 0.0 : 1.0;
        switch (c) {
        case OPTIMIZER: how.optimizer = (tconv_optimizer)3; break;
        case RATE: how.rate = -1.0; break;
        case MOMENTUM: how.momentum = 1.0; break;
        case BETA: how.beta2 = 1.0; break;
        case DIVERGES: how.rate = 100.0; break;
        case CHANNELS: signals.geometry.channels_in = 2; break;
        case EMPTY: signals.n_in[1] = 0; break;
        case NAN_X: x_memory[5] = (double)NAN; break;
        case NAN_Y: y_memory[6] = (double)INFINITY; break;
        case NAN_TAP: kernel->taps[1] = (double)NAN; break;
        case ZERO: how.separable = true; break;
        default: kernel->geometry.axis[0].stride = 3; break;
        }
        memcpy(before, kernel->taps, sizeof before);
        tconv_status status = tconv_learn(kernel, &signals, &how, NULL, NULL, &error);
        CHECK(status == (c >= NAN_X && c <= NAN_TAP ? TCONV_ENONFINITE : TCONV_EARGUMENT));
        if (messages[c] != NULL)
            CHECK_TEXT(error.message, messages[c]);
        else
            CHECK(strstr(error.message, "the loss grows without bound at epoch") != NULL);
        CHECK_SAME(kernel->taps, before, sizeof before);
        tconv_kernel_destroy(kernel);
    }
}

static void running_out_of_budget_leaves_nothing_behind(void)
{
    tconv_signals signals = ar1_signals(2, 10, 2, 4, 0.9);
    tconv_kernel *kernel = kernel_of(&signals.geometry);
    size_t before = tconv_memory_in_use(), refused = 0;
    for (size_t room = 0; room < 60; room++)
        for (int kind = 0; kind < 6; kind++) {
            tconv_learning how = tconv_learning_default(kind % 2 == 0 ? TCONV_LEARN_EXACT : TCONV_LEARN_ADAM);
            how.epochs = 2;
            how.gradient = (tconv_gradient_method)(kind / 2);
            how.separable = room % 2 == 0;
            CHECK(tconv_initialise(kernel, &(tconv_initialiser){ .kind = TCONV_INIT_ONES }, NULL) == TCONV_OK);
            tconv_memory_set_budget(before + 1 + 300 * room);
            tconv_status status = tconv_learn(kernel, &signals, &how, NULL, NULL, NULL);
            tconv_memory_set_budget(0);
            CHECK(status == TCONV_OK || status == TCONV_EBUDGET);
            CHECK(tconv_memory_in_use() == before);
            refused += status == TCONV_EBUDGET ? 1 : 0;
        }
    CHECK(refused > 20);
    tconv_kernel_destroy(kernel);
}

const struct test_suite suite = { "learn", {
    { "three gradients are the definition", three_gradients_are_the_definition },
    { "the exact answer recovers the kernel", the_exact_answer_recovers_the_kernel },
    { "the exact answer is the Wiener kernel", the_exact_answer_is_the_wiener_kernel },
    { "descent reaches the exact loss from three starts", descent_reaches_the_exact_loss_from_three_starts },
    { "descent with other gradients reaches it too", descent_with_other_gradients_reaches_it_too },
    { "pictures are learned with and without separation", pictures_are_learned_with_and_without_separation },
    { "progress can stop it", progress_can_stop_it },
    { "impossible lessons are refused and change nothing", impossible_lessons_are_refused_and_change_nothing },
    { "running out of budget leaves nothing behind", running_out_of_budget_leaves_nothing_behind },
    { NULL, NULL } } };
