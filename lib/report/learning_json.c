#include "learning.h"

#include <math.h>
#include <string.h>

#include "../tconv.h"
#include "json_parts.h"

static json_t *line_object(const tconv_learning_report *r, size_t i, bool *failed)
{
    json_t *object = json_object();
    const tconv_learning_line *line = &r->line[i];
    tconv_json_set(object, "name", tconv_json_text(line->name), failed);
    tconv_json_set(object, "train_loss", tconv_json_real(line->train), failed);
    tconv_json_set(object, "test_loss", tconv_json_real(line->test), failed);
    tconv_json_set(object, "train_error_db", tconv_json_real(r->train_power > 0.0 ? 10.0 * log10(line->train / r->train_power) : (double)NAN), failed);
    tconv_json_set(object, "test_error_db", tconv_json_real(r->test_power > 0.0 ? 10.0 * log10(line->test / r->test_power) : (double)NAN), failed);
    return object;
}

static void set_comparison(json_t *object, const tconv_learning_report *r, bool *failed)
{
    const tconv_comparisons *all = r->comparisons;
    const tconv_comparison *near = all != NULL ? &all->entry[all->nearest] : NULL;
    tconv_json_set(object, "figures", all != NULL ? tconv_json_figures(all->figures, failed) : json_null(), failed);
    tconv_json_set(object, "branches", all != NULL ? tconv_json_branches(all->figures, failed) : json_null(), failed);
    tconv_json_set(object, "nearest_reference", tconv_json_text(near != NULL ? near->reference->name : NULL), failed);
    tconv_json_set(object, "nearest_gain", tconv_json_real(near != NULL ? near->gain : (double)NAN), failed);
    tconv_json_set(object, "nearest_delay", near != NULL ? tconv_json_per_axis(near->delay, r->ndim, failed) : json_null(), failed);
    tconv_json_set(object, "nearest_nmse_db", tconv_json_real(near != NULL ? near->nmse_db : (double)NAN), failed);
}

tconv_status tconv_learning_json(const tconv_learning_report *r, tconv_buffer *out)
{
    bool failed = false;
    json_t *object = json_object(), *input = json_object(), *signal = json_object(), *course = json_object(), *list = json_array();
    tconv_json_set(object, "tool", tconv_json_text(r->tool), &failed);
    tconv_json_set(object, "version", json_string(tconv_version()), &failed);
    tconv_json_set(input, "file", tconv_json_text(r->file), &failed);
    tconv_json_set(input, "format", tconv_json_text(r->format), &failed);
    tconv_json_set(object, "input", input, &failed);
    tconv_json_set(signal, "size", tconv_json_sizes(r->n, r->ndim, &failed), &failed);
    tconv_json_set(signal, "rate", r->rate > 0 ? tconv_json_size(r->rate) : json_null(), &failed);
    tconv_json_set(signal, "channel", tconv_json_text(r->channel), &failed);
    tconv_json_set(signal, "train", tconv_json_text(r->train), &failed);
    tconv_json_set(signal, "test", tconv_json_text(r->test), &failed);
    tconv_json_set(signal, "downsampling", tconv_json_text(r->down), &failed);
    tconv_json_set(object, "signal", signal, &failed);
    tconv_json_set(object, "geometry", tconv_json_geometry(&r->kernel->geometry, (const size_t[TCONV_MAX_NDIM]){ 0 },
                                                           r->comparisons != NULL ? r->comparisons->figures->centroid_offset : NULL, &failed), &failed);
    tconv_json_set(course, "optimizer", tconv_json_text(r->optimizer), &failed);
    tconv_json_set(course, "init", tconv_json_text(r->start), &failed);
    tconv_json_set(course, "separable", json_boolean(r->separable), &failed);
    tconv_json_set(course, "epochs", tconv_json_size(r->learned.epochs), &failed);
    tconv_json_set(course, "rate", tconv_json_real(strcmp(r->optimizer, "exact") == 0 ? (double)NAN : r->learned.rate), &failed);
    tconv_json_set(course, "loss_before", tconv_json_real(r->learned.loss_before), &failed);
    tconv_json_set(course, "loss", tconv_json_real(r->learned.loss), &failed);
    tconv_json_set(course, "least_loss", tconv_json_real(r->least), &failed);
    tconv_json_set(object, "learning", course, &failed);
    for (size_t i = 0; i < r->n_lines; i++)
        tconv_json_add(list, line_object(r, i, &failed), &failed);
    tconv_json_set(object, "kernels", list, &failed);
    set_comparison(object, r, &failed);
    return tconv_json_write(object, failed, TCONV_JSON_INDENTED, out, NULL);
}
