/* TensorProto: 1 dims, 2 data_type, 3 segment, 4 float_data, 5 int32_data, 6 string_data, 7 int64_data, 8 name,
 * 9 raw_data, 10 double_data, 11 uint64_data, 13 external_data, 14 data_location (onnx.proto). Elements stay in the
 * file until they are asked for. */
#include <inttypes.h>
#include <string.h>

#include "../core/memory.h"
#include "onnx_model.h"
#include "source.h"

#define MOST_DIMS ((size_t)64)

/* TensorProto.DataType: type, element, the field that holds it when it is not raw (0: raw only). */
static const struct {
    const char *type;
    tconv_element element;
    uint32_t field;
} data_types[] = {
    { "undefined", TCONV_ELEMENT_COUNT, 0 }, { "f32", TCONV_F32, 4 }, { "u8", TCONV_U8, 5 }, { "i8", TCONV_I8, 5 },
    { "u16", TCONV_U16, 5 }, { "i16", TCONV_I16, 5 }, { "i32", TCONV_I32, 5 }, { "i64", TCONV_I64, 7 },
    { "string", TCONV_ELEMENT_COUNT, 0 }, { "bool", TCONV_U8, 5 }, { "f16", TCONV_F16, 5 }, { "f64", TCONV_F64, 10 },
    { "u32", TCONV_U32, 11 }, { "u64", TCONV_U64, 11 }, { "c64", TCONV_ELEMENT_COUNT, 0 }, { "c128", TCONV_ELEMENT_COUNT, 0 },
    { "bf16", TCONV_BF16, 5 }, { "f8_e4m3", TCONV_ELEMENT_COUNT, 0 }, { "f8_e4m3fnuz", TCONV_ELEMENT_COUNT, 0 },
    { "f8_e5m2", TCONV_ELEMENT_COUNT, 0 }, { "f8_e5m2fnuz", TCONV_ELEMENT_COUNT, 0 }, { "u4", TCONV_ELEMENT_COUNT, 0 },
    { "i4", TCONV_ELEMENT_COUNT, 0 },
};

struct parsed {
    tconv_onnx_data data;
    size_t dims[MOST_DIMS], n_dims;
    uint64_t type;
    const char *name;
    bool segmented;
};

static tconv_proto *proto_of(tconv_container *c)
{
    return &((tconv_onnx_graph *)c->own)->proto;
}

static tconv_status add_dim(struct parsed *p, uint64_t value, tconv_error *error)
{
    if (value > INT64_MAX)
        return tconv_fail(error, TCONV_EFORMAT, "the tensor '%.120s' has a negative extent", p->name);
    if (p->n_dims == MOST_DIMS)
        return tconv_fail(error, TCONV_EFORMAT, "the tensor '%.120s' has more than %zu axes", p->name, MOST_DIMS);
    p->dims[p->n_dims++] = (size_t)value;
    return TCONV_OK;
}

static tconv_status add_dims(tconv_container *c, struct parsed *p, tconv_field *f, tconv_error *error)
{
    if (f->wire == TCONV_WIRE_VARINT)
        return add_dim(p, f->value, error);
    tconv_status status = TCONV_OK;
    while (status == TCONV_OK && f->bytes.at < f->bytes.end) {
        uint64_t value = 0;
        status = tconv_proto_varint(proto_of(c), &f->bytes, &value, error);
        if (status == TCONV_OK)
            status = add_dim(p, value, error);
    }
    return status;
}

/* Decimal digits only. */
static bool read_decimal(const char *text, uint64_t *value)
{
    *value = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++)
        if (*text < '0' || *text > '9' || __builtin_mul_overflow(*value, UINT64_C(10), value)
            || __builtin_add_overflow(*value, (uint64_t)(*text - '0'), value))
            return false;
    return true;
}

/* StringStringEntryProto: 1 key, 2 value; location, offset, length count, checksum is passed over. */
static tconv_status add_external(tconv_container *c, tconv_onnx_data *data, tconv_range message, tconv_error *error)
{
    const char *key = "", *value = "";
    for (bool done = false;;) {
        tconv_field f;
        tconv_status status = tconv_proto_next(proto_of(c), &message, &f, &done, error);
        if (status == TCONV_OK && !done && (f.number == 1 || f.number == 2))
            status = tconv_onnx_text(c, &f, f.number == 1 ? &key : &value, error);
        if (status != TCONV_OK)
            return status;
        if (done)
            break;
    }
    if (strcmp(key, "location") == 0)
        data->location = value;
    else if (strcmp(key, "offset") == 0)
        data->external_bad = data->external_bad || !read_decimal(value, &data->external_at);
    else if (strcmp(key, "length") == 0)
        data->external_bad = data->external_bad || !(data->has_external_size = read_decimal(value, &data->external_size));
    return TCONV_OK;
}

/* The bytes of one share of a typed field. */
static uint64_t share_of(const tconv_field *f)
{
    return f->wire == TCONV_WIRE_BYTES ? f->bytes.end - f->bytes.at : f->wire == TCONV_WIRE_FIXED64 ? 8
         : f->wire == TCONV_WIRE_FIXED32 ? 4 : 1;
}

static tconv_status parse(tconv_container *c, tconv_range message, struct parsed *p, tconv_error *error)
{
    *p = (struct parsed){ .data.message = message, .name = "" };
    for (bool done = false;;) {
        tconv_field f;
        tconv_status status = tconv_proto_next(proto_of(c), &message, &f, &done, error);
        if (status != TCONV_OK || done)
            return status;
        switch (f.number) {
        case 1: status = add_dims(c, p, &f, error); break;
        case 2: p->type = f.value; break;
        case 3: p->segmented = true; break;
        case 4: case 5: case 7: case 10: case 11:
            p->data.typed = f.number;
            p->data.typed_bytes += share_of(&f);
            break;
        case 8: status = tconv_onnx_text(c, &f, &p->name, error); break;
        case 9:
            if (f.wire != TCONV_WIRE_BYTES)
                return tconv_fail(error, TCONV_EFORMAT, "the raw data of the tensor '%.120s' are no bytes", p->name);
            p->data.has_raw = true;
            p->data.raw_at = f.bytes.at;
            p->data.raw_size = f.bytes.end - f.bytes.at;
            break;
        case 13:
            status = tconv_proto_enter(proto_of(c), &f, error);
            if (status == TCONV_OK)
                status = add_external(c, &p->data, f.bytes, error);
            break;
        case 14: p->data.external = f.value == 1; break;
        default: break;
        }
        if (status != TCONV_OK)
            return status;
    }
}

/* Why the tensor cannot be loaded, or NULL; a contradiction between shape and raw data is an error. */
static tconv_status judge(tconv_container *c, struct parsed *p, tconv_record *record, tconv_error *error)
{
    size_t types = sizeof data_types / sizeof data_types[0], count = 0, bytes = 0;
    size_t type = p->type < types ? (size_t)p->type : 0;
    record->info.type = data_types[type].type;
    record->info.element = data_types[type].element;
    tconv_status status = tconv_info_set_shape(&record->info, p->dims, p->n_dims, error);
    if (status != TCONV_OK)
        return status;
    size_t size = tconv_element_bytes(record->info.element);
    bool counted = tconv_shape_count(p->dims, p->n_dims, &count) && tconv_size_mul(count, size, &bytes);
    record->info.bytes = p->data.has_raw || p->data.external ? bytes : p->data.typed_bytes;
    if (size == 0)
        record->info.obstacle = "its element type is not supported";
    else if (p->segmented)
        record->info.obstacle = "it is stored in segments";
    else if (p->data.external && !c->options.external_data)
        record->info.obstacle = "its values are in another file, which is read only where that is allowed";
    else if (p->data.external && (p->data.location == NULL || p->data.external_bad || c->folder == NULL))
        record->info.obstacle = "its values are in another file, whose place is not told";
    else if (p->data.external && p->data.has_external_size && p->data.external_size != bytes)
        return tconv_fail(error, TCONV_EFORMAT, "the tensor '%.120s': its shape asks for %zu bytes, external_data has %" PRIu64,
                          p->name, bytes, p->data.external_size);
    else if (!p->data.external && p->data.has_raw && (!counted || p->data.raw_size != bytes))
        return tconv_fail(error, TCONV_EFORMAT, "the tensor '%.120s': its shape asks for %zu bytes, raw_data has %" PRIu64, p->name,
                          bytes, p->data.raw_size);
    else if (!p->data.external && !p->data.has_raw && count > 0 && p->data.typed != data_types[type].field)
        return tconv_fail(error, TCONV_EFORMAT, "the tensor '%.120s' has no values of its type %s", p->name, data_types[type].type);
    else if (!p->data.external && !p->data.has_raw && count > p->data.typed_bytes)
        return tconv_fail(error, TCONV_EFORMAT, "the tensor '%.120s': its shape asks for %zu values, there are %" PRIu64
                          " bytes of them", p->name, count, p->data.typed_bytes);
    return TCONV_OK;
}

tconv_status tconv_onnx_add_tensor(tconv_container *container, tconv_range message, const char *name, bool once,
                                   size_t *index, tconv_error *error)
{
    struct parsed p;
    tconv_record record = { .kind = TCONV_RECORD_STORED };
    *index = TCONV_NO_INDEX;
    tconv_status status = parse(container, message, &p, error);
    if (status != TCONV_OK)
        return status;
    if (name != NULL)
        p.name = name;
    if (!once && (p.name[0] == '\0' || tconv_container_find(container, p.name) != TCONV_NO_INDEX))
        return TCONV_OK;
    record.info.name = p.name;
    tconv_onnx_data *data = tconv_arena_take(&container->arena, sizeof *data, &status);
    if (data == NULL)
        return tconv_fail_plain(error, status);
    *data = p.data;
    record.detail = data;
    status = judge(container, &p, &record, error);
    return status == TCONV_OK ? tconv_catalogue_add(container, &record, index, error) : status;
}

/* ---- loading ---- */

/* The double next to 64 bits that are a whole number. */
static double nearest_double(uint64_t bits)
{
    int64_t value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

/* One value of a typed field as the element that it stands for: int32_data and uint64_data hold bits of smaller ones. */
static tconv_status convert(tconv_element element, bool rounded, uint64_t bits, double *value, tconv_error *error)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(bits >> 8 * i);
    if (!rounded || element != TCONV_I64)
        return tconv_element_to_f64(element, false, bytes, 1, value, error);
    *value = nearest_double(bits);
    return TCONV_OK;
}

/* `rounded`: 64-bit integers may be rounded to doubles, else they are refused where no double equals them. */
static tconv_status load_typed(tconv_container *c, const tconv_record *record, bool rounded, double *values, tconv_error *error)
{
    const tconv_onnx_data *data = record->detail;
    tconv_proto *proto = proto_of(c);
    tconv_range message = data->message;
    size_t count = tconv_info_count(&record->info), n = 0;
    size_t fixed = data->typed == 4 ? 4 : data->typed == 10 ? 8 : 0;
    for (bool done = false;;) {
        tconv_field f;
        tconv_status status = tconv_proto_next(proto, &message, &f, &done, error);
        if (status != TCONV_OK)
            return status;
        if (done)
            break;
        if (f.number != data->typed)
            continue;
        bool packed = f.wire == TCONV_WIRE_BYTES;
        if (!packed && f.wire != (fixed == 4 ? TCONV_WIRE_FIXED32 : fixed == 8 ? TCONV_WIRE_FIXED64 : TCONV_WIRE_VARINT))
            return tconv_fail(error, TCONV_EFORMAT, "the values of the tensor '%.120s' have the wrong wire type", record->info.name);
        if (packed && fixed != 0 && (f.bytes.end - f.bytes.at) / fixed <= count - n) {      /* floats lie there as they are */
            size_t now = (size_t)(f.bytes.end - f.bytes.at) / fixed;
            if ((f.bytes.end - f.bytes.at) % fixed != 0)
                return tconv_fail(error, TCONV_EFORMAT, "the values of the tensor '%.120s' end within one", record->info.name);
            status = tconv_read_elements(c->source, f.bytes.at, record->info.element, false, now, values + n, error);
            if (status != TCONV_OK)
                return status;
            n += now;
            continue;
        }
        for (bool more = true; more; more = packed && f.bytes.at < f.bytes.end) {
            uint64_t bits = f.value;
            if (packed && f.bytes.at >= f.bytes.end)
                break;
            if (packed)
                status = fixed != 0 ? tconv_proto_fixed(proto, &f.bytes, fixed, &bits, error)
                                    : tconv_proto_varint(proto, &f.bytes, &bits, error);
            if (status == TCONV_OK && n == count)
                status = tconv_fail(error, TCONV_EFORMAT, "the tensor '%.120s' has more values than its shape asks for", record->info.name);
            if (status == TCONV_OK)
                status = convert(record->info.element, rounded, bits, &values[n++], error);
            if (status != TCONV_OK)
                return status;
        }
    }
    if (n != count)
        return tconv_fail(error, TCONV_EFORMAT, "the tensor '%.120s' has %zu values; its shape asks for %zu", record->info.name, n,
                          count);
    return TCONV_OK;
}

static tconv_status load_external(tconv_container *c, const tconv_record *record, const tconv_onnx_data *data, double *values,
                                  tconv_error *error)
{
    tconv_source *source;
    tconv_status status = tconv_source_open_beneath(&source, c->folder, data->location, error);
    if (status != TCONV_OK)
        return status;
    status = tconv_read_elements(source, data->external_at, record->info.element, false, tconv_info_count(&record->info), values,
                                 error);
    tconv_source_close(source);
    return status;
}

tconv_status tconv_onnx_load(tconv_container *container, const tconv_record *record, double *values, tconv_error *error)
{
    const tconv_onnx_data *data = record->detail;
    if (data->external)
        return load_external(container, record, data, values, error);
    if (!data->has_raw)
        return load_typed(container, record, false, values, error);
    return tconv_read_elements(container->source, data->raw_at, record->info.element, false, tconv_info_count(&record->info),
                               values, error);
}

/* Raw data lie together; so does one packed run of floats or doubles. */
bool tconv_onnx_locate(tconv_container *container, const tconv_record *record, uint64_t *at)
{
    const tconv_onnx_data *data = record->detail;
    tconv_range message = data->message;
    size_t runs = 0;
    *at = data->raw_at;
    if (data->external || data->has_raw)
        return !data->external;
    for (bool done = false;;) {
        tconv_field f;
        if (tconv_proto_next(proto_of(container), &message, &f, &done, NULL) != TCONV_OK)
            return false;
        if (done)
            break;
        if (f.number != data->typed)
            continue;
        *at = f.bytes.at;
        if (++runs > 1 || f.wire != TCONV_WIRE_BYTES || f.bytes.end - f.bytes.at != tconv_info_count(&record->info)
                                                        * tconv_element_bytes(record->info.element))
            return false;
    }
    return runs == 1 && (data->typed == 4 || data->typed == 10);
}

tconv_status tconv_onnx_load_integers(tconv_container *container, size_t index, double *values, tconv_error *error)
{
    const tconv_record *record = &container->records[index];
    const tconv_onnx_data *data = record->detail;
    size_t count = tconv_info_count(&record->info);
    if (record->info.obstacle != NULL || record->info.element != TCONV_I64 || record->kind != TCONV_RECORD_STORED
        || data->external)
        return tconv_catalogue_load(container, index, values, error);
    if (!data->has_raw)
        return load_typed(container, record, true, values, error);
    for (size_t i = 0; i < count; i++) {
        unsigned char bytes[8];
        uint64_t bits = 0;
        tconv_status status = tconv_source_read(container->source, data->raw_at + 8 * i, sizeof bytes, bytes, error);
        if (status != TCONV_OK)
            return status;
        for (size_t b = 0; b < sizeof bytes; b++)
            bits |= (uint64_t)bytes[b] << 8 * b;
        values[i] = nearest_double(bits);
    }
    return TCONV_OK;
}
