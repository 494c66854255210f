/* manifest.json: {"NAME": {"filename": "FILE", "shape": [3, 3, 64, 128]}, ..}, one file of little-endian float32 values per
 * array beside it (checkpoints of deeplearn.js, the forerunner of TensorFlow.js). */
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "../core/memory.h"
#include "catalogue.h"
#include "json.h"
#include "json_guard.h"

#define MOST_BYTES ((uint64_t)16 << 20)

static tconv_status add_array(tconv_container *c, const char *name, const json_t *entry, tconv_error *error)
{
    const char *file = json_string_value(json_object_get(entry, "filename"));
    const json_t *list = json_object_get(entry, "shape");
    size_t shape[TCONV_MAX_RANK], rank = json_array_size(list);
    if (file == NULL || !json_is_array(list) || rank > TCONV_MAX_RANK)
        return tconv_fail(error, TCONV_EFORMAT, "'%.120s' is no array with a filename and a shape of at most 8 extents", name);
    for (size_t i = 0; i < rank; i++) {
        const json_t *extent = json_array_get(list, i);
        if (!json_is_integer(extent) || json_integer_value(extent) < 0)
            return tconv_fail(error, TCONV_EFORMAT, "the shape of '%.120s' is no list of whole numbers from 0", name);
        shape[i] = (size_t)json_integer_value(extent);
    }
    tconv_status status = TCONV_OK;
    tconv_record record = { .kind = TCONV_RECORD_STORED };
    record.info.name = tconv_arena_text(&c->arena, name, strlen(name), &status);
    char *kept = record.info.name != NULL ? tconv_arena_text(&c->arena, file, strlen(file), &status) : NULL;
    if (kept == NULL)
        return tconv_fail_plain(error, status);
    record.detail = kept;
    tconv_info_set_element(&record.info, TCONV_F32);
    status = tconv_info_set_shape(&record.info, shape, rank, error);
    record.info.bytes = 4 * (uint64_t)tconv_info_count(&record.info);
    if (c->folder == NULL)
        record.info.obstacle = "its values are in another file, whose place is not known";
    return status == TCONV_OK ? tconv_catalogue_add(c, &record, NULL, error) : status;
}

static tconv_status load(tconv_container *c, const tconv_record *record, double *values, tconv_error *error)
{
    tconv_source *source;
    tconv_status status = tconv_source_open_beneath(&source, c->folder, record->detail, error);
    if (status != TCONV_OK)
        return status;
    if (tconv_source_size(source) != record->info.bytes)
        status = tconv_fail(error, TCONV_EFORMAT, "the shape of '%.120s' asks for %" PRIu64 " bytes, its file has %" PRIu64,
                            record->info.name, record->info.bytes, tconv_source_size(source));
    else
        status = tconv_read_elements(source, 0, TCONV_F32, false, tconv_info_count(&record->info), values, error);
    tconv_source_close(source);
    return status;
}

tconv_status tconv_manifest_open(tconv_container *container, tconv_error *error)
{
    unsigned char *bytes;
    size_t size;
    json_error_t reason;
    container->load = load;
    if (tconv_source_size(container->source) > MOST_BYTES)
        return tconv_fail(error, TCONV_EFORMAT, "the file looks like JSON, but is longer than a manifest's %" PRIu64 " bytes", MOST_BYTES);
    tconv_status status = tconv_source_read_all(container->source, &bytes, &size, error);
    if (status != TCONV_OK)
        return status;
    json_t *root = NULL;
    status = tconv_json_guard((const char *)bytes, size, error);
    if (status == TCONV_OK) {
        root = tconv_json_parse((const char *)bytes, size, JSON_REJECT_DUPLICATES, &reason, &status);
        if (root == NULL)
            status = status == TCONV_EFORMAT ? tconv_fail(error, status, "the manifest is no JSON: %.160s", reason.text)
                                             : tconv_fail_plain(error, status);
    }
    const char *name;
    json_t *entry;
    json_object_foreach(root, name, entry)
        if (status == TCONV_OK)
            status = add_array(container, name, entry, error);
    if (status == TCONV_OK && container->n_records == 0)
        status = tconv_fail(error, TCONV_EFORMAT, "the manifest lists no arrays");
    json_decref(root);
    tconv_free(bytes);
    return status;
}
