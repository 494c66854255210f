#include <stdio.h>
#include <string.h>

#include "design/initialise.h"
#include "design/reference.h"
#include "learn/baseline.h"
#include "learn_work.h"

/* ---- the lesson ---- */

/* The layer: -k, -s and so on over the signal's axes; where no crop is given, the one of the half-pixel grid and M = s N. */
static int make_geometry(const struct learn_request *r, size_t ndim, tconv_geometry *geometry)
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

static int make_downsampling(const struct learn_request *r, struct learn_work *w, tconv_downsampling *down)
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
static int make_lesson(const struct learn_request *r, const struct learn_work *w, enum learn_part part, const tconv_downsampling *down, tconv_lesson **lesson)
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

int learn_make_lessons(const struct learn_request *r, struct learn_work *w)
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

static int start_from_file(const struct learn_request *r, struct learn_work *w)
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

int learn_start(const struct learn_request *r, struct learn_work *w)
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
