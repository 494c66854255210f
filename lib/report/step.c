#include "step.h"

#include <math.h>
#include <string.h>

#include "../analysis/verdict.h"
#include "../io/json.h"
#include "../tconv.h"
#include "words.h"

/* 20 log10(peak to peak / range); -INFINITY where the spread is rounding. */
static double level_db(const tconv_step_report *report, const tconv_output_response *r)
{
    return r->flat ? -INFINITY : 20.0 * log10(r->worst / (report->range[1] - report->range[0]));
}

double tconv_step_spread_db(const tconv_step_response *response, const double range[2])
{
    double worst = 0.0;
    for (size_t o = 0; o < response->n_outputs; o++)
        worst = response->outputs[o].flat || response->outputs[o].worst < worst ? worst : response->outputs[o].worst;
    return 20.0 * log10(worst / (range[1] - range[0]));
}

/* The input whose answer is least even, and its worst level. */
static size_t worst_input(const tconv_step_report *report, double *db)
{
    size_t worst = 0;
    *db = -INFINITY;
    for (size_t i = 0; i < report->count; i++)
        for (size_t o = 0; o < report->responses[i]->n_outputs; o++) {
            double now = level_db(report, &report->responses[i]->outputs[o]);
            if (now > *db) {
                *db = now;
                worst = i;
            }
        }
    return worst;
}

/* ---- for people ---- */

static void say_inputs(const double *values, size_t channels, tconv_buffer *out)
{
    bool same = true;
    for (size_t c = 1; c < channels; c++)
        same = same && values[c] == values[0];
    for (size_t c = 0; c < (same ? 1 : channels) && c < 6; c++) {
        tconv_buffer_text(out, c > 0 ? " " : "");
        tconv_word_number(out, values[c], 2, 0);
    }
    tconv_buffer_text(out, channels > 6 && !same ? " .." : "");
}

/* Two sizes, or one in one dimension. */
static void say_period(const size_t *period, size_t ndim, tconv_buffer *out)
{
    tconv_buffer_format(out, ndim == 1 ? "%zu" : "%zux", period[0]);
    if (ndim > 1)
        tconv_buffer_format(out, "%zu", period[1]);
}

static size_t columns(const tconv_buffer *out)
{
    size_t n = 0;
    while (n < out->length && out->text[out->length - 1 - n] != '\n')
        n++;
    return n;
}

static void column(tconv_buffer *out, size_t at)
{
    do
        tconv_buffer_text(out, " ");
    while (out->status == TCONV_OK && columns(out) < at);
}

static void say_output(const tconv_step_report *report, size_t i, size_t o, tconv_buffer *out)
{
    const tconv_output_response *r = &report->responses[i]->outputs[o];
    double db = level_db(report, r);
    tconv_levels levels = tconv_levels_default();
    tconv_buffer_text(out, "  ");
    if (report->tile != NULL)
        tconv_buffer_text(out, "texture");
    else
        say_inputs(report->inputs + i * report->channels, report->channels, out);
    column(out, 24);
    if (r->name != NULL && report->responses[i]->n_outputs > 1)
        tconv_buffer_format(out, "%.16s ", r->name);
    say_period(r->period, r->ndim, out);
    column(out, 34);
    tconv_word_number(out, r->flat ? 0.0 : r->worst, 6, 10);
    tconv_word_number(out, r->flat ? 0.0 : 255.0 * r->worst / (report->range[1] - report->range[0]), 2, 12);
    tconv_buffer_text(out, "   ");
    tconv_word_db(out, r->checkerboard_db, 12);
    tconv_buffer_format(out, "   %s\n", report->tile != NULL ? "-" : tconv_level_text(tconv_level_of_db(db, &levels)));
}

static void say_combs(const tconv_step_report *report, size_t worst, tconv_buffer *out)
{
    const tconv_step_response *response = report->responses[worst];
    tconv_buffer_text(out, "\ncombs        index change with the layer's branches at equal gains, at the worst input\n");
    for (size_t o = 0; o < response->n_outputs; o++)
        for (size_t k = 0; k < response->outputs[o].n_combs; k++) {
            const tconv_comb *comb = &response->outputs[o].combs[k];
            const tconv_network_layer *layer = tconv_network_layer_at(report->network, comb->layer);
            tconv_buffer_format(out, "  %.40s (%.20s)", layer->name, layer->operator_name);
            column(out, 40);
            tconv_buffer_text(out, "period ");
            say_period(comb->period, response->outputs[o].ndim, out);
            tconv_buffer_text(out, "  ");
            tconv_word_db(out, comb->change_db, 10);
            tconv_buffer_text(out, "\n");
        }
    if (response->n_outputs > 0 && response->outputs[0].n_combs == 0)
        tconv_buffer_text(out, "  no layer has branches of its own\n");
}

static void say_joins(const tconv_step_report *report, tconv_buffer *out)
{
    size_t ndim = tconv_network_ndim(report->network), shifted = 0;
    for (size_t j = 0; j < tconv_network_joins(report->network); j++) {
        const tconv_network_join *join = tconv_network_join_at(report->network, j);
        if (fabs(join->offset[0]) < 1e-9 && (ndim == 1 || fabs(join->offset[1]) < 1e-9))
            continue;
        if (shifted++ == 0)
            tconv_buffer_text(out, "\nalignment    maps that meet with different centres (samples of the layer's output)\n");
        tconv_buffer_format(out, "  %.40s (%.20s)", join->name, join->operator_name);
        column(out, 40);
        tconv_word_list(out, join->offset, ndim, 3);
        tconv_buffer_text(out, "\n");
    }
    size_t joins = tconv_network_joins(report->network);
    if (shifted == 0 && joins == 1)
        tconv_buffer_text(out, "\nalignment    the one layer where maps meet is aligned\n");
    else if (shifted == 0 && joins > 1)
        tconv_buffer_format(out, "\nalignment    all %zu layers where maps meet are aligned\n", joins);
}

static void say_verdict(const tconv_step_report *report, double db, tconv_buffer *out)
{
    tconv_levels levels = tconv_levels_default();
    if (report->tile != NULL) {
        tconv_buffer_text(out, "\nverdict      none: a texture is not to come out flat; see what equal gains change\n");
        return;
    }
    tconv_buffer_format(out, "\nverdict      flat input %s", tconv_level_text(tconv_level_of_db(db, &levels)));
    if (isfinite(db)) {
        tconv_buffer_text(out, ": the worst spread is ");
        tconv_word_db(out, db, 0);
        tconv_buffer_text(out, " of the range");
    }
    tconv_buffer_text(out, "\n             ");
    tconv_word_wrap(out, "This is the whole network's answer. The kernel of its last layer alone says less: trained layers carry the "
                         "position between samples in their channels, so its bare index may be large while flat areas stay even.", 13);
}

void tconv_step_text(const tconv_step_report *report, tconv_buffer *out)
{
    double db;
    size_t worst = worst_input(report, &db), ndim = tconv_network_ndim(report->network);
    tconv_buffer_format(out, "%.80s: exact answer to ", report->file);
    if (report->tile != NULL) {
        tconv_buffer_text(out, "a texture of period ");
        say_period(report->tile_period, ndim, out);
    } else {
        tconv_buffer_text(out, "flat input");
    }
    tconv_buffer_format(out, ", %zu channel%s, %zu-D\n\n", report->channels, report->channels == 1 ? "" : "s", ndim);
    tconv_buffer_format(out, "  %s            period    peak to peak  of 255 levels         index   verdict\n",
                        report->tile != NULL ? "input     " : "flat input");
    for (size_t i = 0; i < report->count; i++)
        for (size_t o = 0; o < report->responses[i]->n_outputs; o++)
            say_output(report, i, o, out);
    if (report->combs)
        say_combs(report, worst, out);
    say_joins(report, out);
    say_verdict(report, db, out);
}

/* ---- JSON ---- */

static json_t *output_json(const tconv_step_report *report, const tconv_output_response *r, bool *failed)
{
    json_t *output = json_object(), *values = json_array(), *combs = json_array();
    size_t plane = r->period[0] * r->period[1];
    for (size_t c = 0; c < r->channels; c++)
        tconv_json_add(values, tconv_json_reals(r->values + c * plane, plane, failed), failed);
    for (size_t k = 0; k < r->n_combs; k++) {
        json_t *comb = json_object();
        const tconv_network_layer *layer = tconv_network_layer_at(report->network, r->combs[k].layer);
        tconv_json_set(comb, "layer", tconv_json_text(layer->name), failed);
        tconv_json_set(comb, "operator", tconv_json_text(layer->operator_name), failed);
        tconv_json_set(comb, "period", tconv_json_sizes(r->combs[k].period, r->ndim, failed), failed);
        tconv_json_set(comb, "change_db", tconv_json_real(r->combs[k].change_db), failed);
        tconv_json_add(combs, comb, failed);
    }
    tconv_levels levels = tconv_levels_default();
    tconv_json_set(output, "name", tconv_json_text(r->name), failed);
    tconv_json_set(output, "period", tconv_json_sizes(r->period, r->ndim, failed), failed);
    tconv_json_set(output, "values", values, failed);
    tconv_json_set(output, "peak_to_peak", tconv_json_reals(r->peak_to_peak, r->channels, failed), failed);
    tconv_json_set(output, "checkerboard_db", tconv_json_real(r->checkerboard_db), failed);
    tconv_json_set(output, "flat_input", report->tile != NULL ? json_null()
                           : tconv_json_text(tconv_level_text(tconv_level_of_db(level_db(report, r), &levels))), failed);
    tconv_json_set(output, "combs", combs, failed);
    return output;
}

static json_t *joins_json(const tconv_step_report *report, bool *failed)
{
    json_t *joins = json_array();
    size_t ndim = tconv_network_ndim(report->network);
    for (size_t j = 0; j < tconv_network_joins(report->network); j++) {
        const tconv_network_join *join = tconv_network_join_at(report->network, j);
        json_t *entry = json_object();
        tconv_json_set(entry, "layer", tconv_json_text(join->name), failed);
        tconv_json_set(entry, "operator", tconv_json_text(join->operator_name), failed);
        tconv_json_set(entry, "offset", tconv_json_reals(join->offset, ndim, failed), failed);
        tconv_json_set(entry, "step", tconv_json_reals(join->step, ndim, failed), failed);
        tconv_json_add(joins, entry, failed);
    }
    return joins;
}

static json_t *input_json(const tconv_step_report *report, size_t i, bool *failed)
{
    return report->tile != NULL ? json_null() : tconv_json_reals(report->inputs + i * report->channels, report->channels, failed);
}

tconv_status tconv_step_json(const tconv_step_report *report, tconv_buffer *out)
{
    bool failed = false;
    double db;
    tconv_error error;
    json_t *root = json_object(), *input = json_object(), *responses = json_array(), *worst = json_object();
    for (size_t i = 0; i < report->count; i++) {
        json_t *response = json_object(), *outputs = json_array();
        for (size_t o = 0; o < report->responses[i]->n_outputs; o++)
            tconv_json_add(outputs, output_json(report, &report->responses[i]->outputs[o], &failed), &failed);
        tconv_json_set(response, "flat_input", input_json(report, i, &failed), &failed);
        if (report->tile != NULL)
            tconv_json_set(response, "tile_period", tconv_json_sizes(report->tile_period, tconv_network_ndim(report->network), &failed), &failed);
        tconv_json_set(response, "outputs", outputs, &failed);
        tconv_json_add(responses, response, &failed);
    }
    size_t at = worst_input(report, &db);
    tconv_json_set(input, "file", tconv_json_text(report->file), &failed);
    tconv_json_set(input, "format", tconv_json_text("onnx"), &failed);
    tconv_json_set(worst, "flat_input", input_json(report, at, &failed), &failed);
    tconv_json_set(worst, "peak_to_peak", tconv_json_real(report->responses[at]->worst), &failed);
    tconv_json_set(root, "tool", tconv_json_text("polyphase-step"), &failed);
    tconv_json_set(root, "version", tconv_json_text(tconv_version()), &failed);
    tconv_json_set(root, "input", input, &failed);
    tconv_json_set(root, "range", tconv_json_reals(report->range, 2, &failed), &failed);
    tconv_json_set(root, "responses", responses, &failed);
    tconv_json_set(root, "alignment", joins_json(report, &failed), &failed);
    tconv_json_set(root, "worst", worst, &failed);
    return tconv_json_write(root, failed, TCONV_JSON_INDENTED, out, &error);
}
