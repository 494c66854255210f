#include "signals.h"

#include <string.h>

#include "../core/element.h"
#include "../core/memory.h"
#include "../core/polyphase.h"

tconv_status tconv_signals_check(const tconv_signals *signals, tconv_error *error)
{
    const tconv_geometry *g = &signals->geometry;
    size_t n_out[TCONV_MAX_NDIM], inputs, outputs;
    tconv_status status = tconv_geometry_check(g, error);
    if (status != TCONV_OK)
        return status;
    if (g->channels_in != 1 || g->channels_out != 1)
        return tconv_fail(error, TCONV_EARGUMENT, "a kernel is learned for one channel; this layer has %zu and %zu", g->channels_in, g->channels_out);
    for (size_t i = 0; i < g->ndim && status == TCONV_OK; i++) {
        if (signals->n_in[i] < 1)
            return tconv_fail(error, TCONV_EARGUMENT, "the signal is empty");
        status = tconv_axis_output_size(&g->axis[i], signals->n_in[i], &n_out[i], error);
    }
    if (status != TCONV_OK)
        return status;
    if (!tconv_shape_count(signals->n_in, g->ndim, &inputs) || !tconv_shape_count(n_out, g->ndim, &outputs)
        || inputs > PTRDIFF_MAX / sizeof(double) || outputs > PTRDIFF_MAX / sizeof(double))
        return tconv_fail_plain(error, TCONV_ESIZE);
    size_t bad = tconv_first_non_finite(signals->x, inputs);
    if (bad < inputs)
        return tconv_fail(error, TCONV_ENONFINITE, "sample %zu of the small signal is not finite", bad);
    bad = tconv_first_non_finite(signals->y, outputs);
    if (bad < outputs)
        return tconv_fail(error, TCONV_ENONFINITE, "sample %zu of the large signal is not finite", bad);
    return TCONV_OK;
}

static int64_t ceil_divide(int64_t a, int64_t b)
{
    return a / b + (a % b > 0 ? 1 : 0);
}

/* n = s u + q - pb in 0..M-1  <=>  ceil((pb - q)/s) <= u <= floor((M - 1 + pb - q)/s) */
static void find_outputs(tconv_phase *phase, const tconv_geometry *g, const size_t *n_out)
{
    phase->n_outputs = 1;
    for (size_t i = 0; i < g->ndim; i++) {
        int64_t s = (int64_t)g->axis[i].stride, q = (int64_t)phase->q[i], pb = g->axis[i].pad_begin;
        phase->first[i] = ceil_divide(pb - q, s);
        int64_t end = ceil_divide((int64_t)n_out[i] + pb - q, s);
        phase->count[i] = end > phase->first[i] ? (size_t)(end - phase->first[i]) : 0;
        phase->n_outputs *= phase->count[i];
    }
}

/* Phase number and m of tap t. */
static size_t place_tap(const tconv_geometry *g, size_t t, size_t *m)
{
    size_t q = 0, scale = 1;
    for (size_t i = g->ndim; i-- > 0;) {
        const tconv_axis *axis = &g->axis[i];
        size_t at = axis->dilation * (t % axis->n_taps);
        m[i] = at / axis->stride;
        q += scale * (at % axis->stride);
        scale *= axis->stride;
        t /= axis->n_taps;
    }
    return q;
}

tconv_status tconv_phases_create(tconv_phases *phases, const tconv_signals *signals)
{
    const tconv_geometry *g = &signals->geometry;
    tconv_status status = TCONV_OK;
    size_t m[TCONV_MAX_NDIM];
    *phases = (tconv_phases){ .count = tconv_geometry_phases(g), .taps = tconv_geometry_taps(g), .outputs = 1 };
    for (size_t i = 0; i < g->ndim && status == TCONV_OK; i++) {
        status = tconv_axis_output_size(&g->axis[i], signals->n_in[i], &phases->n_out[i], NULL);
        phases->outputs *= phases->n_out[i];
    }
    if (status == TCONV_OK)
        phases->phase = tconv_alloc_zero(phases->count, sizeof *phases->phase, &status);
    if (status != TCONV_OK)
        return status;
    for (size_t t = 0; t < phases->taps; t++)
        phases->phase[place_tap(g, t, m)].n_taps++;
    for (size_t q = 0; q < phases->count && status == TCONV_OK; q++) {
        tconv_phase *phase = &phases->phase[q];
        tconv_phase_of(g, q, phase->q);
        find_outputs(phase, g, phases->n_out);
        phase->tap = tconv_alloc(phase->n_taps, sizeof *phase->tap, &status);
        if (status == TCONV_OK) phase->shift = tconv_alloc(phase->n_taps * g->ndim, sizeof *phase->shift, &status);
        phase->n_taps = 0;
    }
    for (size_t t = 0; t < phases->taps && status == TCONV_OK; t++) {
        tconv_phase *phase = &phases->phase[place_tap(g, t, m)];
        /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): each tap is in a phase, and each phase has its shifts */
        memcpy(phase->shift + phase->n_taps * g->ndim, m, g->ndim * sizeof *m);
        phase->tap[phase->n_taps++] = t;
    }
    return status;
}

void tconv_phases_destroy(tconv_phases *phases)
{
    for (size_t q = 0; phases->phase != NULL && q < phases->count; q++) {
        tconv_free(phases->phase[q].tap);
        tconv_free(phases->phase[q].shift);
    }
    tconv_free(phases->phase);
    phases->phase = NULL;
}

size_t tconv_phase_output(const tconv_signals *signals, const tconv_phases *phases, const tconv_phase *phase, size_t j, int64_t *u)
{
    const tconv_geometry *g = &signals->geometry;
    size_t at = 0, scale = 1;
    for (size_t i = g->ndim; i-- > 0; j /= phase->count[i]) {
        u[i] = phase->first[i] + (int64_t)(j % phase->count[i]);
        at += scale * (size_t)((int64_t)g->axis[i].stride * u[i] + (int64_t)phase->q[i] - g->axis[i].pad_begin);
        scale *= phases->n_out[i];
    }
    return at;
}

double tconv_phase_input(const tconv_signals *signals, const tconv_phase *phase, size_t t, const int64_t *u)
{
    size_t ndim = signals->geometry.ndim, at = 0;
    for (size_t i = 0; i < ndim; i++) {
        int64_t place = u[i] - (int64_t)phase->shift[t * ndim + i];
        if (place < 0 || place >= (int64_t)signals->n_in[i])
            return 0.0;
        at = at * signals->n_in[i] + (size_t)place;
    }
    return signals->x[at];
}
