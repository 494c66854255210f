#include "flat_repair_report.h"

#include <jansson.h>
#include <math.h>

#include "../io/json.h"
#include "../tconv.h"
#include "words.h"

#define BEFORE 34

static double levels(const tconv_flat_repair_report *report, double spread)
{
    return 255.0 * spread / (report->range[1] - report->range[0]);
}

static void row(tconv_buffer *out, const tconv_flat_repair_report *report, const char *what, double before, double after)
{
    tconv_buffer_format(out, "  %s", what);
    tconv_word_column(out, BEFORE);
    tconv_word_number(out, levels(report, before), 4, 12);
    tconv_word_number(out, levels(report, after), 4, 14);
    tconv_buffer_text(out, "\n");
}

static void side(tconv_buffer *out, const tconv_flat_repair_report *report, const char *what, size_t colours, const tconv_flat_spread *before,
                 const tconv_flat_spread *after)
{
    tconv_buffer_format(out, "%s: %zu flat colours", what, colours);
    tconv_word_column(out, BEFORE);
    tconv_buffer_text(out, "      before         after\n");
    row(out, report, "worst spread, of 255 levels", before->worst, after->worst);
    row(out, report, "rms deviation, of 255 levels", before->rms, after->rms);
    tconv_buffer_text(out, "  index");
    tconv_word_column(out, BEFORE);
    tconv_word_db(out, before->index_db, 12);
    tconv_word_db(out, after->index_db, 14);
    tconv_buffer_text(out, "\n");
}

static const char *verdict(const tconv_flat_repair *r)
{
    return r->even ? "There is nothing to correct: flat colours come out even, up to rounding. No file is written."
         : r->helps ? "It helps: flat colours that did not choose the correction come out more even."
                    : "It does not help: flat colours that did not choose the correction come out no more even (the rms deviation does not "
                      "fall by 1 dB, or the worst spread grows). What the last layer's branches differ by is not what shows. No file is "
                      "written.";
}

void tconv_flat_repair_text(tconv_buffer *out, const tconv_flat_repair_report *report)
{
    const tconv_flat_repair *r = report->repair;
    tconv_buffer_format(out, "%.80s: corrected for flat inputs\nlayer %.60s (%.30s)\n", report->file, r->layer, r->operator_name);
    side(out, report, "chosen on", r->fitted, &r->fitted_before, &r->fitted_after);
    side(out, report, "held out", r->held_out, &r->held_out_before, &r->held_out_after);
    tconv_buffer_format(out, "  change of %.60s", r->weight);
    tconv_word_column(out, BEFORE);
    tconv_word_number(out, 100.0 * r->relative_change, 4, 12);
    tconv_buffer_text(out, " % of its norm\n  change of random texture");
    tconv_word_column(out, BEFORE);
    tconv_word_number(out, 100.0 * r->texture_change, 4, 12);
    tconv_buffer_text(out, " % of its contrast (rms)\n");
    tconv_word_wrap(out, verdict(r), 0);
    tconv_buffer_text(out, "\n");
}

static json_t *spread_json(const tconv_flat_spread *spread, bool *failed)
{
    json_t *object = json_object();
    tconv_json_set(object, "peak_to_peak", tconv_json_real(spread->worst), failed);
    tconv_json_set(object, "rms", tconv_json_real(spread->rms), failed);
    tconv_json_set(object, "checkerboard_db", tconv_json_real(spread->index_db), failed);
    return object;
}

static json_t *set_json(size_t colours, const tconv_flat_spread *before, const tconv_flat_spread *after, bool *failed)
{
    json_t *object = json_object();
    tconv_json_set(object, "colours", tconv_json_size(colours), failed);
    tconv_json_set(object, "before", spread_json(before, failed), failed);
    tconv_json_set(object, "after", spread_json(after, failed), failed);
    return object;
}

tconv_status tconv_flat_repair_json(const tconv_flat_repair_report *report, tconv_buffer *out)
{
    const tconv_flat_repair *r = report->repair;
    bool failed = false;
    json_t *object = json_object(), *input = json_object();
    tconv_json_set(object, "tool", tconv_json_text("polyphase-repair"), &failed);
    tconv_json_set(object, "version", json_string(tconv_version()), &failed);
    tconv_json_set(input, "file", tconv_json_text(report->file), &failed);
    tconv_json_set(input, "format", tconv_json_text("onnx"), &failed);
    tconv_json_set(object, "input", input, &failed);
    tconv_json_set(object, "method", tconv_json_text("flat"), &failed);
    tconv_json_set(object, "output", r->helps ? tconv_json_text(report->output) : json_null(), &failed);
    tconv_json_set(object, "layer", tconv_json_text(r->layer), &failed);
    tconv_json_set(object, "operator", tconv_json_text(r->operator_name), &failed);
    tconv_json_set(object, "weight", tconv_json_text(r->weight), &failed);
    tconv_json_set(object, "ridge", tconv_json_real(r->ridge), &failed);
    tconv_json_set(object, "relative_change", tconv_json_real(r->relative_change), &failed);
    tconv_json_set(object, "texture_change", tconv_json_real(r->texture_change), &failed);
    tconv_json_set(object, "range", tconv_json_reals(report->range, 2, &failed), &failed);
    tconv_json_set(object, "fitted", set_json(r->fitted, &r->fitted_before, &r->fitted_after, &failed), &failed);
    tconv_json_set(object, "held_out", set_json(r->held_out, &r->held_out_before, &r->held_out_after, &failed), &failed);
    tconv_json_set(object, "helps", json_boolean(r->helps), &failed);
    tconv_json_set(object, "even_before", json_boolean(r->even), &failed);
    return tconv_json_write(object, failed, TCONV_JSON_INDENTED, out, NULL);
}
