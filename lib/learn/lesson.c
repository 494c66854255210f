#include "lesson.h"

#include <math.h>
#include <string.h>

#include "../core/element.h"
#include "../core/memory.h"
#include "../core/sum.h"
#include "../design/sinc.h"

#define PASSED 0.8               /* of 1/(2s): where the passband of decimate ends */
#define STOPPED 1.0              /* .. and where its stopband begins */
#define ATTENUATION_DB 60.0

static int64_t ceil_divide(int64_t a, int64_t b)
{
    return a / b + (a % b > 0 ? 1 : 0);
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return -ceil_divide(-a, b);
}

/* ---- the filter ---- */

static tconv_status make_sinc(tconv_down_filter *filter, size_t stride, bool odd, tconv_error *error)
{
    tconv_window window = { .kind = TCONV_WINDOW_KAISER };
    tconv_sum sum = { 0 };
    tconv_status status = tconv_kaiser_order(ATTENUATION_DB, (STOPPED - PASSED) / (double)stride, &filter->n_taps, &window.beta, error);
    if (status != TCONV_OK)
        return status;
    filter->n_taps += (filter->n_taps % 2 == 1) == odd ? 0 : 1;
    filter->taps = tconv_alloc(filter->n_taps, sizeof *filter->taps, &status);
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    tconv_sinc_taps(stride, 0.5 * (PASSED + STOPPED), &window, 0.0, filter->n_taps, filter->taps);
    for (size_t j = 0; j < filter->n_taps; j++)
        tconv_sum_add(&sum, filter->taps[j]);
    for (size_t j = 0; j < filter->n_taps; j++)
        filter->taps[j] /= tconv_sum_value(&sum);
    return TCONV_OK;
}

/* g and b of one axis, and the centre that they give the layer. */
static tconv_status make_filter(tconv_lesson *lesson, size_t i, const tconv_downsampling *how, tconv_error *error)
{
    const tconv_axis *axis = &lesson->signals.geometry.axis[i];
    tconv_down_filter *filter = &lesson->filter[i];
    int64_t twice = (int64_t)tconv_axis_effective_taps(axis) - 1 - 2 * axis->pad_begin;   /* twice the place of x[0] */
    tconv_status status = TCONV_OK;
    *filter = (tconv_down_filter){ .n_taps = 1, .distance = 1 };
    lesson->pad_begin[i] = axis->pad_begin;
    lesson->centre[i] = 0.5 * ((double)tconv_axis_effective_taps(axis) - 1.0);
    if (how->kind == TCONV_DOWN_DECIMATE && axis->stride > 1) {
        status = make_sinc(filter, axis->stride, twice % 2 == 0, error);
        filter->begin = ((int64_t)filter->n_taps - 1 - twice) / 2;
        return status;
    }
    if (how->kind == TCONV_DOWN_CONVOLVE) {
        if (how->filter[i] == NULL)
            return tconv_fail(error, TCONV_EARGUMENT, "there is no filter for axis %zu", i);
        *filter = (tconv_down_filter){ .n_taps = axis->n_taps, .distance = axis->dilation, .begin = axis->pad_begin };
    } else {
        filter->begin = -floor_divide(twice, 2);
        lesson->centre[i] = (double)(axis->pad_begin - filter->begin);
    }
    filter->taps = tconv_alloc(filter->n_taps, sizeof *filter->taps, &status);
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    if (how->kind == TCONV_DOWN_CONVOLVE)
        memcpy(filter->taps, how->filter[i], filter->n_taps * sizeof *filter->taps);
    else
        filter->taps[0] = 1.0;
    return TCONV_OK;
}

/* ---- what is inside the signal ---- */

/* One axis. x[i] is made at s (i + *first): the first and all after it whose filter lies inside y. Of the layer's output,
 * counted uncropped, the samples from *low on have every input and lie inside y: *count of them. */
static tconv_status fit_axis(const tconv_lesson *lesson, size_t i, int64_t *first, size_t *n_in, int64_t *low, size_t *count, tconv_error *error)
{
    const tconv_axis *axis = &lesson->signals.geometry.axis[i];
    const tconv_down_filter *filter = &lesson->filter[i];
    int64_t s = (int64_t)axis->stride, n = (int64_t)lesson->n_large[i], pb = axis->pad_begin;
    int64_t reach = (int64_t)((filter->n_taps - 1) * filter->distance), k_eff = (int64_t)tconv_axis_effective_taps(axis);
    *first = filter->begin > 0 ? ceil_divide(filter->begin, s) : 0;
    int64_t inputs = floor_divide(n - 1 - reach + filter->begin, s) - *first + 1;
    *low = k_eff - 1 > pb - s * *first ? k_eff - 1 : pb - s * *first;
    int64_t high = s * (inputs - 1) + (axis->dilation == 1 ? s - 1 : 0), last = n - 1 + pb - s * *first;
    high = high < last ? high : last;
    if (inputs < 1 || high < *low)
        return tconv_fail(error, TCONV_EARGUMENT, "the signal is too short: of %lld samples along axis %zu, its smaller version by %lld leaves "
                          "%lld, too few for a kernel of %lld taps", (long long)n, i, (long long)s, (long long)(inputs > 0 ? inputs : 0), (long long)k_eff);
    *n_in = (size_t)inputs;
    *count = (size_t)(high - *low + 1);
    return TCONV_OK;
}

/* ---- x and y ---- */

/* One axis of an array (outer, n, inner) made smaller: to (outer, n_in, inner). */
static void shrink(const tconv_down_filter *filter, size_t stride, int64_t first, const double *from, size_t outer, size_t n, size_t inner,
                   size_t n_in, double *to)
{
    for (size_t o = 0; o < outer; o++)
        for (size_t i = 0; i < n_in; i++) {
            const double *begin = from + (o * n + (size_t)((int64_t)stride * ((int64_t)i + first) - filter->begin)) * inner;
            double *out = to + (o * n_in + i) * inner;
            for (size_t c = 0; c < inner; c++) {
                double sum = 0.0;
                for (size_t j = 0; j < filter->n_taps; j++)
                    sum += filter->taps[j] * begin[j * filter->distance * inner + c];
                out[c] = sum;
            }
        }
}

/* All axes, one after the other, through two buffers in turn. */
static tconv_status make_small(tconv_lesson *lesson, const int64_t *first, tconv_error *error)
{
    size_t ndim = lesson->signals.geometry.ndim, shape[TCONV_MAX_NDIM];
    const double *from = lesson->large;
    double *made = NULL;
    tconv_status status = TCONV_OK;
    memcpy(shape, lesson->n_large, sizeof shape);
    for (size_t i = 0; i < ndim && status == TCONV_OK; i++) {
        size_t outer = 1, inner = 1, n = shape[i], count = 0;
        for (size_t j = 0; j < i; j++)
            outer *= shape[j];
        for (size_t j = i + 1; j < ndim; j++)
            inner *= shape[j];
        shape[i] = lesson->signals.n_in[i];
        double *next = tconv_shape_count(shape, ndim, &count) ? tconv_alloc(count, sizeof *next, &status) : NULL;
        if (next != NULL)
            shrink(&lesson->filter[i], lesson->signals.geometry.axis[i].stride, first[i], from, outer, n, inner, shape[i], next);
        else
            status = status == TCONV_OK ? TCONV_ESIZE : status;
        tconv_free(made);
        from = made = next;
    }
    lesson->signals.x = made;
    return status == TCONV_OK ? TCONV_OK : tconv_fail_plain(error, status);
}

/* y = the large signal from begin[i] on, count[i] samples along each axis. */
static tconv_status cut_large(tconv_lesson *lesson, const int64_t *begin, const size_t *count, tconv_error *error)
{
    size_t ndim = lesson->signals.geometry.ndim, all = 0;
    tconv_status status = TCONV_OK;
    if (!tconv_shape_count(count, ndim, &all))
        return tconv_fail_plain(error, TCONV_ESIZE);
    double *y = tconv_alloc(all, sizeof *y, &status);
    if (y == NULL)
        return tconv_fail_plain(error, status);
    for (size_t j = 0; j < all; j++) {
        size_t rest = j, at = 0, scale = 1;
        for (size_t i = ndim; i-- > 0; rest /= count[i], scale *= lesson->n_large[i])
            at += scale * (size_t)(begin[i] + (int64_t)(rest % count[i]));
        y[j] = lesson->large[at];
    }
    lesson->signals.y = y;
    return TCONV_OK;
}

static void measure(tconv_lesson *lesson, size_t count)
{
    tconv_sum power = { 0 }, mean = { 0 };
    for (size_t j = 0; j < count; j++) {
        tconv_sum_add_product(&power, lesson->large[j], lesson->large[j]);
        tconv_sum_add(&mean, lesson->large[j]);
    }
    lesson->power = tconv_sum_value(&power) / (double)count;
    lesson->mean = tconv_sum_value(&mean) / (double)count;
}

/* ---- the way in ---- */

static tconv_status fill(tconv_lesson *lesson, const tconv_downsampling *how, tconv_error *error)
{
    tconv_geometry *g = &lesson->signals.geometry;
    int64_t first[TCONV_MAX_NDIM], begin[TCONV_MAX_NDIM];
    size_t count[TCONV_MAX_NDIM], all = 0;
    tconv_status status = tconv_geometry_check(g, error);
    if (status == TCONV_OK && (g->channels_in != 1 || g->channels_out != 1))
        status = tconv_fail(error, TCONV_EARGUMENT, "a kernel is learned for one channel; this layer has %zu and %zu", g->channels_in, g->channels_out);
    if (status == TCONV_OK && (!tconv_shape_count(lesson->n_large, g->ndim, &all) || all > PTRDIFF_MAX / sizeof(double)))
        status = tconv_fail_plain(error, TCONV_ESIZE);
    if (status == TCONV_OK && all == 0)
        status = tconv_fail(error, TCONV_EARGUMENT, "the signal is empty");
    for (size_t i = 0; i < g->ndim && status == TCONV_OK; i++) {
        int64_t low;
        status = make_filter(lesson, i, how, error);
        if (status == TCONV_OK)
            status = fit_axis(lesson, i, &first[i], &lesson->signals.n_in[i], &low, &count[i], error);
        if (status != TCONV_OK)
            break;
        tconv_axis *axis = &g->axis[i];
        begin[i] = low - axis->pad_begin + (int64_t)axis->stride * first[i];
        axis->pad_begin = low;
        axis->output_padding = 0;
        axis->pad_end = (int64_t)(axis->stride * (lesson->signals.n_in[i] - 1) + tconv_axis_effective_taps(axis)) - low - (int64_t)count[i];
    }
    if (status == TCONV_OK) status = make_small(lesson, first, error);
    if (status == TCONV_OK) status = cut_large(lesson, begin, count, error);
    if (status == TCONV_OK) status = tconv_signals_check(&lesson->signals, error);
    if (status == TCONV_OK) measure(lesson, all);
    return status;
}

tconv_status tconv_lesson_create(tconv_lesson **lesson, const tconv_geometry *geometry, const tconv_downsampling *how,
                                 const double *large, const size_t *n_large, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    *lesson = NULL;
    tconv_lesson *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made == NULL)
        return tconv_fail_plain(error, status);
    made->signals.geometry = *geometry;
    made->large = large;
    for (size_t i = 0; i < geometry->ndim && i < TCONV_MAX_NDIM; i++)
        made->n_large[i] = n_large[i];
    status = fill(made, how, error);
    if (status != TCONV_OK)
        tconv_lesson_destroy(made);
    else
        *lesson = made;
    return status;
}

void tconv_lesson_destroy(tconv_lesson *lesson)
{
    if (lesson == NULL)
        return;
    for (size_t i = 0; i < TCONV_MAX_NDIM; i++)
        tconv_free(lesson->filter[i].taps);
    tconv_free((double *)(uintptr_t)lesson->signals.x);
    tconv_free((double *)(uintptr_t)lesson->signals.y);
    tconv_free(lesson);
}
