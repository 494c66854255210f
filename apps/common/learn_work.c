#include "learn_work.h"

#include <math.h>
#include <string.h>

#include "learn/baseline.h"
#include "progress.h"

/* ---- learning ---- */

static bool show_progress(void *context, size_t epoch, double loss)
{
    (void)loss;
    app_progress(epoch, *(const size_t *)context);
    return true;
}

int learn_run(const struct learn_request *r, struct learn_work *w)
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
static int add_line(struct learn_work *w, const char *name, const char *what, const double *taps)
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

static int add_exact(const struct learn_request *r, struct learn_work *w)
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

static int add_baselines(const struct learn_request *r, struct learn_work *w)
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

int learn_measure(const struct learn_request *r, struct learn_work *w)
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

void learn_release(struct learn_work *w)
{
    app_signal_free(&w->signal);
    tconv_lesson_destroy(w->train);
    tconv_lesson_destroy(w->test);
    tconv_kernel_destroy(w->kernel);
    tconv_comparisons_destroy(w->comparisons);
    tconv_free(w->history);
    for (size_t i = 0; i < TCONV_MAX_NDIM; i++)
        tconv_free(w->down[i]);
    for (size_t i = 1; i < LEARN_MOST_LINES; i++)
        tconv_free(w->taps[i]);
}
