#include "repair_report.h"

#include <math.h>
#include <string.h>

#include "../io/geometry_text.h"
#include "../tconv.h"
#include "json_parts.h"
#include "words.h"

#define BEFORE 28

static void start(tconv_buffer *out, const char *what)
{
    tconv_buffer_format(out, "  %s", what);
    tconv_word_column(out, BEFORE);
}

static void row_db(tconv_buffer *out, const char *what, double before, double after)
{
    if (isnan(before) && isnan(after))
        return;
    start(out, what);
    tconv_word_db(out, before, 14);
    tconv_word_db(out, after, 14);
    tconv_buffer_text(out, "\n");
}

static void row_number(tconv_buffer *out, const char *what, double before, double after, double scale, const char *unit)
{
    if (isnan(before) && isnan(after))
        return;
    start(out, what);
    tconv_word_number(out, scale * before, 4, 14 - (int)strlen(unit));
    tconv_buffer_text(out, unit);
    tconv_word_number(out, scale * after, 4, 14 - (int)strlen(unit));
    tconv_buffer_format(out, "%s\n", unit);
}

static void write_change(tconv_buffer *out, const tconv_repair_sides *sides)
{
    const tconv_repair_report *report = sides->report;
    bool hold = strcmp(sides->method, "hold") == 0, moved = false;
    size_t ndim = sides->geometry_after->ndim;
    if (!hold) {
        start(out, "change of the taps");
        tconv_word_number(out, 100.0 * report->relative_change, 4, 12);
        tconv_buffer_text(out, " % of their norm");
        if (report->pairs > 1) {
            tconv_buffer_format(out, "; of %zu kernels the most changed one ", report->pairs);
            tconv_word_number(out, 100.0 * report->largest_change, 4, 0);
            tconv_buffer_text(out, " %");
        }
        tconv_buffer_text(out, "\n");
        if (report->pairs > 1)
            tconv_word_wrap(out, "a layer of many channels carries sub-pixel position in them, which equal branch sums take from flat "
                                 "areas: judge the network's output (polyphase-step, or pictures before and after), or train on", 2);
        return;
    }
    for (size_t i = 0; i < ndim; i++)
        moved = moved || report->shift[i] > 0.0;
    start(out, "position");
    tconv_buffer_text(out, "  ");
    if (moved) {
        tconv_buffer_text(out, "the output comes ");
        tconv_word_list(out, report->shift, ndim, 1);
        tconv_buffer_text(out, " output samples later\n");
    } else {
        tconv_buffer_text(out, "the output stays where it was\n");
    }
}

static void write_geometry(tconv_buffer *out, const char *label, const tconv_geometry *g)
{
    tconv_buffer_format(out, "  %s", label);
    for (size_t i = 0; i < g->ndim; i++)
        tconv_buffer_format(out, "%s%zu", i == 0 ? "k=" : ",", g->axis[i].n_taps);
    tconv_buffer_text(out, " ");
    tconv_geometry_text_write(g, out);
    tconv_buffer_text(out, "\n");
}

void tconv_repair_text(tconv_buffer *out, const tconv_repair_sides *sides)
{
    const tconv_figures *before = sides->before, *after = sides->after;
    bool hold = strcmp(sides->method, "hold") == 0;
    tconv_buffer_format(out, "%s: %s%s%s\n", strcmp(sides->file, "-") == 0 ? "standard input" : sides->file,
                        sides->layer != NULL ? sides->layer : "", sides->layer != NULL ? ": " : "",
                        hold ? "convolved with a hold of one stride, which has zeros at all images of DC"
                             : "all branch sums made equal by the smallest change of the taps");
    tconv_buffer_text(out, "                                    before         after\n");
    row_db(out, "checkerboard index", before->checkerboard_db, after->checkerboard_db);
    row_number(out, "flat input, peak to peak", before->peak_to_peak, after->peak_to_peak, 100.0, " %");
    row_number(out, "branch gains, spread", sides->report->spread_before, sides->report->spread_after, 1.0, "");
    if (sides->report->bias_spread > 0.0)
        row_number(out, "biases over the phases", sides->report->bias_spread, after->bias_spread, 1.0, "");
    row_number(out, "branch energies differ by", before->branch_energy_variation, after->branch_energy_variation, 100.0, " %");
    row_number(out, "DC gain", before->dc_gain, after->dc_gain, 1.0, "");
    row_db(out, "droop at 0.8 of the band", before->droop_db[1][0], after->droop_db[1][0]);
    row_db(out, "images rejected there", before->image_rejection_db[1], after->image_rejection_db[1]);
    row_db(out, "image energy", before->image_energy_db, after->image_energy_db);
    write_change(out, sides);
    if (hold) {
        write_geometry(out, "before: ", sides->geometry_before);
        write_geometry(out, "after:  ", sides->geometry_after);
    }
}

static json_t *side(const tconv_geometry *geometry, const tconv_figures *figures, double spread, double index, bool *failed)
{
    json_t *object = json_object();
    tconv_json_set(object, "geometry", tconv_json_geometry(geometry, (const size_t[TCONV_MAX_NDIM]){ 0 },
                                                           figures->centroid_offset, failed), failed);
    tconv_json_set(object, "figures", tconv_json_figures(figures, failed), failed);
    tconv_json_set(object, "branches", tconv_json_branches(figures, failed), failed);
    tconv_json_set(object, "branch_gain_spread", tconv_json_real(spread), failed);
    tconv_json_set(object, "pairs_index", tconv_json_real(index), failed);
    return object;
}

/* What is the same for all layers of a file. */
static json_t *head(const tconv_repair_sides *sides, bool *failed)
{
    json_t *object = json_object(), *input = json_object();
    tconv_json_set(object, "tool", tconv_json_text(sides->tool), failed);
    tconv_json_set(object, "version", json_string(tconv_version()), failed);
    tconv_json_set(input, "file", tconv_json_text(sides->file), failed);
    tconv_json_set(input, "format", tconv_json_text(sides->format), failed);
    tconv_json_set(object, "input", input, failed);
    tconv_json_set(object, "method", tconv_json_text(sides->method), failed);
    tconv_json_set(object, "output", sides->output != NULL ? tconv_json_text(sides->output) : json_null(), failed);
    return object;
}

/* What was changed in one kernel. */
static void add_change(json_t *object, const tconv_repair_sides *sides, bool *failed)
{
    const tconv_repair_report *r = sides->report;
    bool hold = strcmp(sides->method, "hold") == 0;
    tconv_json_set(object, "pairs", tconv_json_size(r->pairs), failed);
    tconv_json_set(object, "relative_change", hold ? json_null() : tconv_json_real(r->relative_change), failed);
    tconv_json_set(object, "largest_change", hold ? json_null() : tconv_json_real(r->largest_change), failed);
    tconv_json_set(object, "shift", tconv_json_reals(r->shift, sides->geometry_after->ndim, failed), failed);
    tconv_json_set(object, "before", side(sides->geometry_before, sides->before, r->spread_before, r->index_before, failed), failed);
    tconv_json_set(object, "after", side(sides->geometry_after, sides->after, r->spread_after, r->index_after, failed), failed);
}

tconv_status tconv_repair_json(const tconv_repair_sides *sides, tconv_buffer *out)
{
    bool failed = false;
    json_t *object = head(sides, &failed);
    add_change(object, sides, &failed);
    return tconv_json_write(object, failed, TCONV_JSON_INDENTED, out, NULL);
}

tconv_status tconv_repair_layers_json(const tconv_repair_sides *sides, size_t count, tconv_buffer *out)
{
    bool failed = count == 0;
    json_t *object = head(sides, &failed), *layers = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *layer = json_object();
        tconv_json_set(layer, "name", tconv_json_text(sides[i].layer), &failed);
        tconv_json_set(layer, "weight", tconv_json_text(sides[i].weight), &failed);
        add_change(layer, &sides[i], &failed);
        tconv_json_add(layers, layer, &failed);
    }
    tconv_json_set(object, "layers", layers, &failed);
    return tconv_json_write(object, failed, TCONV_JSON_INDENTED, out, NULL);
}
