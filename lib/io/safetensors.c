/* safetensors: 8 bytes N, little-endian; N bytes of JSON {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets":
 * [begin, end]}, .., "__metadata__": {"key": "value"}}, padded with blanks; then the bytes of the tensors, which cover
 * the rest of the file without a hole and without an overlap (safetensors README, "Format"). */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "../core/memory.h"
#include "catalogue.h"
#include "json.h"
#include "json_guard.h"

#define MOST_HEADER_BYTES UINT64_C(100000000)
#define MOST_RANK ((size_t)64)

/* Sub-byte types are in bits; `element` is TCONV_ELEMENT_COUNT for types that are listed but not loaded. */
static const struct {
    const char *text, *type;
    size_t bits;
    tconv_element element;
} types[] = {
    { "F64", "f64", 64, TCONV_F64 },   { "F32", "f32", 32, TCONV_F32 },   { "F16", "f16", 16, TCONV_F16 },
    { "BF16", "bf16", 16, TCONV_BF16 },{ "I64", "i64", 64, TCONV_I64 },   { "I32", "i32", 32, TCONV_I32 },
    { "I16", "i16", 16, TCONV_I16 },   { "I8", "i8", 8, TCONV_I8 },       { "U64", "u64", 64, TCONV_U64 },
    { "U32", "u32", 32, TCONV_U32 },   { "U16", "u16", 16, TCONV_U16 },   { "U8", "u8", 8, TCONV_U8 },
    { "BOOL", "bool", 8, TCONV_U8 },   { "C64", "c64", 64, TCONV_ELEMENT_COUNT },
    { "F8_E4M3", "f8_e4m3", 8, TCONV_ELEMENT_COUNT },     { "F8_E5M2", "f8_e5m2", 8, TCONV_ELEMENT_COUNT },
    { "F8_E8M0", "f8_e8m0", 8, TCONV_ELEMENT_COUNT },     { "F6_E2M3", "f6_e2m3", 6, TCONV_ELEMENT_COUNT },
    { "F6_E3M2", "f6_e3m2", 6, TCONV_ELEMENT_COUNT },     { "F4", "f4", 4, TCONV_ELEMENT_COUNT },
};

/* A list of whole numbers >= 0 of at most `most` entries. */
static bool read_sizes(const json_t *list, size_t most, size_t *sizes, size_t *count)
{
    if (!json_is_array(list) || json_array_size(list) > most)
        return false;
    *count = json_array_size(list);
    for (size_t i = 0; i < *count; i++) {
        const json_t *value = json_array_get(list, i);
        if (!json_is_integer(value) || json_integer_value(value) < 0)
            return false;
        sizes[i] = (size_t)json_integer_value(value);
    }
    return true;
}

static tconv_status check_metadata(const json_t *metadata, tconv_error *error)
{
    const char *key;
    json_t *value;
    if (!json_is_object(metadata))
        return tconv_fail(error, TCONV_EFORMAT, "__metadata__ is no object of texts");
    json_object_foreach((json_t *)(uintptr_t)metadata, key, value)
        if (!json_is_string(value))
            return tconv_fail(error, TCONV_EFORMAT, "__metadata__: '%.100s' is no text", key);
    return TCONV_OK;
}

static tconv_status bad(const char *name, const char *what, tconv_error *error)
{
    return tconv_fail(error, TCONV_EFORMAT, "the tensor '%.120s': %s", name, what);
}

/* The size in bytes that type and shape ask for, against the range. */
static tconv_status check_bytes(const char *name, size_t bits, const size_t *shape, size_t rank, uint64_t range,
                                tconv_error *error)
{
    size_t count, total;
    if (!tconv_shape_count(shape, rank, &count) || !tconv_size_mul(count, bits, &total))
        return bad(name, "its shape has more elements than can be counted", error);
    if (total % 8 != 0)
        return bad(name, "its elements do not fill whole bytes", error);
    if (total / 8 != range)
        return tconv_fail(error, TCONV_EFORMAT, "the tensor '%.120s': its shape asks for %zu bytes, data_offsets for %" PRIu64,
                          name, total / 8, range);
    return TCONV_OK;
}

static tconv_status add_tensor(tconv_container *c, const char *name, const json_t *entry, uint64_t data, uint64_t data_size,
                               tconv_error *error)
{
    size_t shape[MOST_RANK], rank, offsets[2], n_offsets, t = 0, n_types = sizeof types / sizeof types[0];
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    if (!json_is_object(entry) || json_object_size(entry) != 3 || dtype == NULL)
        return bad(name, "it is no object of dtype, shape and data_offsets", error);
    while (t < n_types && strcmp(types[t].text, dtype) != 0)
        t++;
    if (t == n_types)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "the tensor '%.120s': the dtype '%.40s' is not known", name, dtype);
    if (!read_sizes(json_object_get(entry, "shape"), MOST_RANK, shape, &rank))
        return bad(name, "its shape is no list of at most 64 whole numbers from 0", error);
    if (!read_sizes(json_object_get(entry, "data_offsets"), 2, offsets, &n_offsets) || n_offsets != 2
        || offsets[0] > offsets[1] || offsets[1] > data_size)
        return bad(name, "its data_offsets are no range within the file", error);
    tconv_status status = check_bytes(name, types[t].bits, shape, rank, offsets[1] - offsets[0], error);
    if (status != TCONV_OK)
        return status;
    tconv_record record = { .kind = TCONV_RECORD_STORED, .offset = data + offsets[0] };
    record.info = (tconv_tensor_info){ .type = types[t].type, .element = types[t].element, .bytes = offsets[1] - offsets[0] };
    record.info.name = tconv_arena_text(&c->arena, name, strlen(name), &status);
    if (record.info.name == NULL)
        return tconv_fail_plain(error, status);
    if (types[t].element == TCONV_ELEMENT_COUNT)
        record.info.obstacle = "its element type is not supported";
    status = tconv_info_set_shape(&record.info, shape, rank, error);
    return status == TCONV_OK ? tconv_catalogue_add(c, &record, NULL, error) : status;
}

static int by_offset(const void *a, const void *b)
{
    const tconv_record *x = *(const tconv_record *const *)a, *y = *(const tconv_record *const *)b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return (x->info.bytes > y->info.bytes) - (x->info.bytes < y->info.bytes);
}

/* Sorted by place, each range begins where the one before it ends, the first at `data`, and the last ends the file. */
static tconv_status check_cover(const tconv_container *c, uint64_t data, uint64_t end, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    const tconv_record **sorted = tconv_alloc(c->n_records, sizeof *sorted, &status);
    if (sorted == NULL)
        return tconv_fail_plain(error, status);
    for (size_t i = 0; i < c->n_records; i++)
        sorted[i] = &c->records[i];
    qsort(sorted, c->n_records, sizeof *sorted, by_offset);
    uint64_t at = data;
    for (size_t i = 0; i < c->n_records && status == TCONV_OK; i++) {
        if (sorted[i]->offset != at)
            status = tconv_fail(error, TCONV_EFORMAT, "the tensor '%.120s' %s: it begins at byte %" PRIu64 " of the data, %" PRIu64
                                " would follow", sorted[i]->info.name, sorted[i]->offset < at ? "overlaps another" : "leaves a hole",
                                sorted[i]->offset - data, at - data);
        at = sorted[i]->offset + sorted[i]->info.bytes;
    }
    if (status == TCONV_OK && at != end)
        status = tconv_fail(error, TCONV_EFORMAT, "the last %" PRIu64 " bytes of the file belong to no tensor", end - at);
    tconv_free(sorted);
    return status;
}

static tconv_status load(tconv_container *c, const tconv_record *record, double *values, tconv_error *error)
{
    return tconv_read_elements(c->source, record->offset, record->info.element, false, tconv_info_count(&record->info),
                               values, error);
}

static bool locate(tconv_container *c, const tconv_record *record, uint64_t *at)
{
    (void)c;
    *at = record->offset;
    return true;
}

static tconv_status read_header(tconv_container *c, const char *json, size_t size, tconv_error *error)
{
    tconv_status status = tconv_json_guard(json, size, error);
    if (status != TCONV_OK)
        return status;
    json_error_t reason;
    json_t *header = tconv_json_parse(json, size, JSON_REJECT_DUPLICATES, &reason, &status);
    if (header == NULL)
        return status == TCONV_EFORMAT
                 ? tconv_fail(error, status, "the header is no JSON at byte %d: %.160s", reason.position + 8, reason.text)
                 : tconv_fail_plain(error, status);
    const char *name;
    json_t *entry;
    uint64_t data = 8 + (uint64_t)size, end = tconv_source_size(c->source);
    json_object_foreach(header, name, entry) {
        if (status != TCONV_OK)
            break;
        status = strcmp(name, "__metadata__") == 0 ? check_metadata(entry, error)
                                                   : add_tensor(c, name, entry, data, end - data, error);
    }
    json_decref(header);
    return status == TCONV_OK ? check_cover(c, data, end, error) : status;
}

tconv_status tconv_safetensors_open(tconv_container *container, tconv_error *error)
{
    unsigned char bytes[8];
    uint64_t file = tconv_source_size(container->source), size = 0;
    tconv_status status = tconv_source_read(container->source, 0, sizeof bytes, bytes, error);
    if (status != TCONV_OK)
        return status;
    for (size_t i = 0; i < sizeof bytes; i++)
        size |= (uint64_t)bytes[i] << 8 * i;
    if (size > MOST_HEADER_BYTES || size > file - 8)
        return tconv_fail(error, TCONV_EFORMAT, "the header claims %" PRIu64 " bytes; the file has %" PRIu64 " and %" PRIu64
                          " are allowed", size, file - 8, MOST_HEADER_BYTES);
    char *json = tconv_alloc((size_t)size, 1, &status);
    if (json == NULL)
        return tconv_fail_plain(error, status);
    status = tconv_source_read(container->source, 8, (size_t)size, json, error);
    container->load = load;
    container->locate = locate;
    if (status == TCONV_OK && (size == 0 || json[0] != '{'))
        status = tconv_fail(error, TCONV_EFORMAT, "the header does not begin with '{'");
    if (status == TCONV_OK)
        status = read_header(container, json, (size_t)size, error);
    tconv_free(json);
    return status;
}
