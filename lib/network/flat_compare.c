/* What a repair did: both sets of colours, and texture, through the network before and after it. */
#include <float.h>
#include <math.h>

#include "../core/memory.h"
#include "../core/random.h"
#include "flat_colours.h"
#include "flat_repair.h"
#include "graph.h"
#include "step_response.h"

#define TEXTURES 3
#define TEXTURE_PERIOD ((size_t)4)
#define ROUNDING (256.0 * DBL_EPSILON)       /* of the mean: a spread below is none */
#define GAIN 0.8912509                       /* -1 dB */

/* ---- flat colours ---- */

struct sums {
    double variance, power, worst;
    size_t values;
};

static void add_output(struct sums *s, const tconv_output_response *r)
{
    size_t plane = r->period[0] * r->period[1];
    for (size_t c = 0; c < r->channels; c++) {
        const double *v = r->values + c * plane;
        double shift = 0.0, squares = 0.0;
        for (size_t i = 0; i < plane; i++)
            shift += (v[i] - v[0]) / (double)plane;
        for (size_t i = 0; i < plane; i++)
            squares += (v[i] - v[0] - shift) * (v[i] - v[0] - shift) / (double)plane;
        s->variance += squares;
        s->power += (v[0] + shift) * (v[0] + shift);
        s->values++;
    }
    s->worst = r->worst > s->worst ? r->worst : s->worst;
}

static tconv_status measure(tconv_network *network, const double *colours, size_t count, tconv_flat_spread *spread, bool *even, tconv_error *error)
{
    struct sums sums = { 0.0, 0.0, 0.0, 0 };
    size_t channels = tconv_network_channels(network);
    for (size_t u = 0; u < count; u++) {
        tconv_step_response *response;
        tconv_status status = tconv_step_response_create(&response, network, colours + u * channels, NULL, false, error);
        if (status != TCONV_OK)
            return status;
        for (size_t o = 0; o < response->n_outputs; o++)
            add_output(&sums, &response->outputs[o]);
        tconv_step_response_destroy(response);
    }
    *spread = (tconv_flat_spread){ .worst = sums.worst, .rms = sqrt(sums.variance / (double)sums.values) };
    spread->index_db = sums.power > 0.0 ? 10.0 * log10(sums.variance / sums.power) : NAN;
    if (even != NULL)
        *even = sums.variance <= ROUNDING * ROUNDING * sums.power;
    return TCONV_OK;
}

static tconv_status measure_set(enum tconv_colours set, const tconv_flat_repair *repair, tconv_network *before, tconv_network *after,
                                tconv_flat_spread *a, tconv_flat_spread *b, size_t *count, bool *even, tconv_error *error)
{
    double *colours;
    tconv_status status = tconv_flat_colours(set, repair->channels, repair->options.colours, repair->options.seed, &colours, count, error);
    if (status == TCONV_OK)
        status = measure(before, colours, *count, a, even, error);
    if (status == TCONV_OK)
        status = measure(after, colours, *count, b, NULL, error);
    tconv_free(colours);
    return status;
}

/* ---- texture ---- */

static void add_textures(const tconv_step_response *a, const tconv_step_response *b, double *difference, double *deviation)
{
    for (size_t o = 0; o < a->n_outputs && o < b->n_outputs; o++) {
        const tconv_output_response *x = &a->outputs[o], *y = &b->outputs[o];
        size_t plane = x->period[0] * x->period[1];
        for (size_t c = 0; c < x->channels && c < y->channels; c++) {
            double mean = 0.0;
            for (size_t i = 0; i < plane; i++)
                mean += x->values[c * plane + i] / (double)plane;
            for (size_t i = 0; i < plane; i++) {
                double d = y->values[c * plane + i] - x->values[c * plane + i], v = x->values[c * plane + i] - mean;
                *difference += d * d;
                *deviation += v * v;
            }
        }
    }
}

static tconv_status compare_textures(tconv_flat_repair *repair, tconv_network *before, tconv_network *after, tconv_error *error)
{
    const size_t period[2] = { TEXTURE_PERIOD, TEXTURE_PERIOD };
    size_t values = repair->channels * (tconv_network_ndim(before) == 2 ? TEXTURE_PERIOD * TEXTURE_PERIOD : TEXTURE_PERIOD);
    tconv_random random = tconv_random_seed(repair->options.seed);
    double difference = 0.0, deviation = 0.0;
    tconv_status status = TCONV_OK;
    double *tile = tconv_alloc(values, sizeof *tile, &status);
    if (tile == NULL)
        return tconv_fail_plain(error, status);
    for (size_t t = 0; status == TCONV_OK && t < TEXTURES; t++) {
        tconv_step_response *a = NULL, *b = NULL;
        for (size_t i = 0; i < values; i++)
            tile[i] = tconv_random_uniform(&random);
        status = tconv_step_response_create(&a, before, tile, period, false, error);
        if (status == TCONV_OK)
            status = tconv_step_response_create(&b, after, tile, period, false, error);
        if (status == TCONV_OK)
            add_textures(a, b, &difference, &deviation);
        tconv_step_response_destroy(a);
        tconv_step_response_destroy(b);
    }
    tconv_free(tile);
    repair->texture_change = deviation > 0.0 ? sqrt(difference / deviation) : NAN;
    return status;
}

tconv_status tconv_flat_repair_compare(tconv_flat_repair *repair, tconv_container *before, tconv_container *after, tconv_error *error)
{
    const tconv_network_options options = { .channels = repair->options.channels };
    tconv_network *a = NULL, *b = NULL;
    tconv_flat_repair *r = repair;
    tconv_status status = tconv_network_create(&a, before, &options, error);
    if (status == TCONV_OK)
        status = tconv_network_create(&b, after, &options, error);
    if (status == TCONV_OK)
        status = measure_set(TCONV_COLOURS_FITTED, r, a, b, &r->fitted_before, &r->fitted_after, &r->fitted, NULL, error);
    if (status == TCONV_OK)
        status = measure_set(TCONV_COLOURS_HELD_OUT, r, a, b, &r->held_out_before, &r->held_out_after, &r->held_out, &r->even, error);
    if (status == TCONV_OK)
        status = compare_textures(r, a, b, error);
    if (status == TCONV_OK)
        r->helps = !r->even && r->held_out_after.rms <= GAIN * r->held_out_before.rms && r->held_out_after.worst <= r->held_out_before.worst;
    tconv_network_destroy(a);
    tconv_network_destroy(b);
    return status;
}
