#include "comparison.h"

#include "../tconv.h"
#include "json_parts.h"

static json_t *entry_object(const tconv_comparisons *all, size_t i, size_t ndim, bool *failed)
{
    const tconv_comparison *entry = &all->entry[i];
    json_t *object = json_object();
    tconv_json_set(object, "reference", tconv_json_text(entry->reference->name), failed);
    tconv_json_set(object, "gain", tconv_json_real(entry->gain), failed);
    tconv_json_set(object, "delay", tconv_json_per_axis(entry->delay, ndim, failed), failed);
    tconv_json_set(object, "nmse", tconv_json_real(entry->nmse), failed);
    tconv_json_set(object, "nmse_db", tconv_json_real(entry->nmse_db), failed);
    tconv_json_set(object, "figures", tconv_json_figures(entry->figures, failed), failed);
    tconv_json_set(object, "branches", tconv_json_branches(entry->figures, failed), failed);
    tconv_json_set(object, "alias_of", entry->alias_of == i ? json_null()
                                       : tconv_json_text(all->entry[entry->alias_of].reference->name), failed);
    return object;
}

tconv_status tconv_comparison_json(const tconv_comparison_report *report, tconv_buffer *out)
{
    const tconv_comparisons *all = report->comparisons;
    size_t ndim = report->kernel->geometry.ndim;
    bool failed = false;
    json_t *object = json_object(), *input = json_object(), *list = json_array(), *kernel = json_object();
    tconv_json_set(object, "tool", tconv_json_text(report->tool), &failed);
    tconv_json_set(object, "version", json_string(tconv_version()), &failed);
    tconv_json_set(input, "file", tconv_json_text(report->file), &failed);
    tconv_json_set(input, "format", tconv_json_text(report->format), &failed);
    tconv_json_set(object, "input", input, &failed);
    tconv_json_set(kernel, "name", tconv_json_text(report->name), &failed);
    tconv_json_set(kernel, "geometry", tconv_json_geometry(&report->kernel->geometry, (const size_t[TCONV_MAX_NDIM]){ 0 },
                                                           all->figures->centroid_offset, &failed), &failed);
    tconv_json_set(kernel, "figures", tconv_json_figures(all->figures, &failed), &failed);
    tconv_json_set(kernel, "branches", tconv_json_branches(all->figures, &failed), &failed);
    tconv_json_set(object, "kernel", kernel, &failed);
    for (size_t i = 0; i < all->count; i++)
        tconv_json_add(list, entry_object(all, i, ndim, &failed), &failed);
    tconv_json_set(object, "comparisons", list, &failed);
    tconv_json_set(object, "nearest_reference", tconv_json_text(all->entry[all->nearest].reference->name), &failed);
    tconv_json_set(object, "wiener_loss_db", tconv_json_real(all->wiener_loss_db), &failed);
    tconv_json_set(object, "psd", tconv_json_text(report->psd), &failed);
    tconv_json_set(object, "wiener_loss_white_db", tconv_json_real(all->wiener_loss_white_db), &failed);
    tconv_json_set(object, "wiener_loss_brown_db", tconv_json_real(all->wiener_loss_brown_db), &failed);
    return tconv_json_write(object, failed, TCONV_JSON_INDENTED, out, NULL);
}
