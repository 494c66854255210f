#include "step_response.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "../core/memory.h"

void tconv_step_response_destroy(tconv_step_response *response)
{
    if (response == NULL)
        return;
    for (size_t i = 0; response->outputs != NULL && i < response->n_outputs; i++) {
        tconv_free(response->outputs[i].values);
        tconv_free(response->outputs[i].peak_to_peak);
        tconv_free(response->outputs[i].combs);
    }
    tconv_free(response->outputs);
    tconv_free(response);
}

/* ---- one output ---- */

/* Which value of `out` belongs to the first item of the batch, and its place: channel, then the place in the period. */
static bool place_of(const tconv_torus *out, const tconv_walk *walk, const size_t period[2], size_t *place)
{
    size_t channel = 0, at[2] = { 0, 0 };
    for (size_t a = 0; a < out->rank; a++) {
        int space = out->axis[a].space;
        if (space >= 0)
            at[space] = walk->at[a];
        else if (a > 0)
            channel = channel * out->axis[a].extent + walk->at[a];
        else if (walk->at[a] > 0)
            return false;
    }
    *place = (channel * period[0] + at[0]) * period[1] + at[1];
    return true;
}

static void period_of(const tconv_torus *out, size_t period[2], size_t *channels, double step[2])
{
    *channels = 1;
    period[0] = period[1] = 1;
    step[0] = step[1] = 1.0;
    for (size_t a = 0; a < out->rank; a++) {
        int space = out->axis[a].space;
        if (space >= 0) {
            period[space] = out->axis[a].extent;
            step[space] = out->axis[a].step;
        } else if (a > 0) {
            *channels *= out->axis[a].extent;
        }
    }
}

static tconv_status take_values(const tconv_torus *out, tconv_output_response *r, double step[2], tconv_error *error)
{
    tconv_status status = TCONV_OK;
    tconv_walk walk;
    period_of(out, r->period, &r->channels, step);
    size_t plane = r->period[0] * r->period[1];
    r->values = tconv_alloc_zero(r->channels * plane, sizeof *r->values, &status);      /* no more than out->count */
    r->peak_to_peak = tconv_alloc_zero(r->channels, sizeof *r->peak_to_peak, &status);
    if (r->values == NULL || r->peak_to_peak == NULL)
        return tconv_fail_plain(error, status);
    tconv_walk_begin(&walk, out);
    for (size_t i = 0, place; i < out->count; i++, tconv_walk_next(&walk))
        if (place_of(out, &walk, r->period, &place))
            r->values[place] = out->data[i];
    return TCONV_OK;
}

/* The figures of theory.md 6. Variances are of differences from the first value, so equal values have none. */
static void measure(tconv_output_response *r, double eps)
{
    size_t plane = r->period[0] * r->period[1];
    double variances = 0.0, means = 0.0, largest = 0.0;
    r->worst = 0.0;
    for (size_t c = 0; c < r->channels; c++) {
        const double *v = r->values + c * plane;
        double least = v[0], most = v[0], sum = 0.0, squares = 0.0;
        for (size_t i = 0; i < plane; i++) {
            least = v[i] < least ? v[i] : least;
            most = v[i] > most ? v[i] : most;
            largest = fabs(v[i]) > largest ? fabs(v[i]) : largest;
            sum += v[i] - v[0];
        }
        double shift = sum / (double)plane;
        for (size_t i = 0; i < plane; i++)
            squares += (v[i] - v[0] - shift) * (v[i] - v[0] - shift);
        variances += squares / (double)plane;
        means += (v[0] + shift) * (v[0] + shift);
        r->peak_to_peak[c] = most - least;
        r->worst = most - least > r->worst ? most - least : r->worst;
    }
    r->flat = r->worst <= 256.0 * eps * largest;
    r->checkerboard_db = largest == 0.0 ? NAN : r->flat ? -INFINITY : means > 0.0 ? 10.0 * log10(variances / means) : INFINITY;
}

static void clear_run(tconv_torus *outputs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tconv_torus_free(&outputs[i]);
}

static double precision(const tconv_network *network)
{
    return tconv_network_single_precision(network) ? (double)FLT_EPSILON : DBL_EPSILON;
}

/* ---- combs ---- */

static double change(double before, double after)
{
    return before == after || (isnan(before) && isnan(after)) ? 0.0 : after - before;
}

/* The period in samples of the output: branches of the layer times output samples per sample of the layer. */
static size_t comb_period(size_t factor, double layer_step, double output_step)
{
    double period = (double)factor * layer_step / output_step, nearest = floor(period + 0.5);
    return nearest >= 1.0 && nearest < 1e9 && fabs(period - nearest) < 1e-6 ? (size_t)nearest : 0;
}

static tconv_status measure_combs(tconv_step_response *response, tconv_network *network, const double *tile, const size_t *period,
                                  tconv_torus *outputs, tconv_error *error)
{
    for (size_t l = 0; l < tconv_network_layers(network); l++) {
        const tconv_network_layer *layer = tconv_network_layer_at(network, l);
        tconv_status status = tconv_network_run(network, tile, period, l, outputs, error);
        for (size_t i = 0; status == TCONV_OK && i < response->n_outputs; i++) {
            tconv_output_response *r = &response->outputs[i], equalised = { .name = NULL };
            double step[2];
            tconv_comb *comb = &r->combs[r->n_combs];
            status = take_values(&outputs[i], &equalised, step, error);
            if (status == TCONV_OK) {
                measure(&equalised, precision(network));
                *comb = (tconv_comb){ .layer = l, .change_db = change(r->checkerboard_db, equalised.checkerboard_db) };
                for (size_t d = 0; d < 2; d++)
                    comb->period[d] = comb_period(layer->factor[d], layer->step[d], step[d]);
                r->n_combs++;
            }
            tconv_free(equalised.values);
            tconv_free(equalised.peak_to_peak);
        }
        clear_run(outputs, response->n_outputs);
        if (status != TCONV_OK)
            return status;
    }
    return TCONV_OK;
}

static tconv_status fill(tconv_step_response *response, tconv_network *network, const double *tile, const size_t *period, bool combs,
                         tconv_torus *outputs, tconv_error *error)
{
    tconv_status status = tconv_network_run(network, tile, period, TCONV_NO_LAYER, outputs, error);
    for (size_t i = 0; status == TCONV_OK && i < response->n_outputs; i++) {
        tconv_output_response *r = &response->outputs[i];
        double step[2];
        r->name = tconv_network_output_name(network, i);
        r->ndim = tconv_network_ndim(network);
        if (outputs[i].count == 0)
            status = tconv_fail(error, TCONV_EUNSUPPORTED, "the output '%.80s' is empty", r->name);
        if (status == TCONV_OK)
            status = take_values(&outputs[i], r, step, error);
        if (status != TCONV_OK)
            break;
        measure(r, precision(network));
        response->worst = r->worst > response->worst ? r->worst : response->worst;
        r->combs = tconv_alloc_zero(tconv_network_layers(network), sizeof *r->combs, &status);
        if (r->combs == NULL)
            status = tconv_fail_plain(error, status);
    }
    clear_run(outputs, response->n_outputs);
    return status == TCONV_OK && combs ? measure_combs(response, network, tile, period, outputs, error) : status;
}

tconv_status tconv_step_response_create(tconv_step_response **response, tconv_network *network, const double *tile, const size_t *period, bool combs,
                                   tconv_error *error)
{
    tconv_status status = TCONV_OK;
    *response = NULL;
    tconv_step_response *r = tconv_alloc_zero(1, sizeof *r, &status);
    if (r == NULL)
        return tconv_fail_plain(error, status);
    r->n_outputs = tconv_network_outputs(network);
    r->outputs = tconv_alloc_zero(r->n_outputs, sizeof *r->outputs, &status);
    tconv_torus *outputs = tconv_alloc_zero(r->n_outputs, sizeof *outputs, &status);
    status = r->outputs != NULL && outputs != NULL ? fill(r, network, tile, period, combs, outputs, error) : tconv_fail_plain(error, status);
    tconv_free(outputs);
    if (status == TCONV_OK)
        *response = r;
    else
        tconv_step_response_destroy(r);
    return status;
}

tconv_status tconv_network_grey_spread(tconv_network *network, double *worst, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    size_t channels = tconv_network_channels(network);
    double *grey = tconv_alloc(channels, sizeof *grey, &status);
    if (grey == NULL)
        return tconv_fail_plain(error, status);
    *worst = 0.0;
    for (int level = 0; level <= 4 && status == TCONV_OK; level++) {
        tconv_step_response *response;
        for (size_t c = 0; c < channels; c++)
            grey[c] = 0.25 * level;
        status = tconv_step_response_create(&response, network, grey, NULL, false, error);
        for (size_t i = 0; status == TCONV_OK && i < response->n_outputs; i++)
            *worst = response->outputs[i].flat || response->outputs[i].worst <= *worst ? *worst : response->outputs[i].worst;
        tconv_step_response_destroy(status == TCONV_OK ? response : NULL);
    }
    tconv_free(grey);
    return status;
}
