/* TensorFlow Lite models (schema.fbs, version 3): constant tensors, and the operators
 *
 *   TRANSPOSE_CONV, and MediaPipe's custom Convolution2DTransposeBias      weights (Cout, k1, k2, Cin)
 *   CONV_2D -> DEPTH_TO_SPACE                                              weights (O, k1, k2, I), order DCR
 *   CONV_2D with a stride                                                  role gradient
 *
 * Weights are followed through DEQUANTIZE; quantised ones are loaded as (q - zero) scale. */
#include <inttypes.h>
#include <string.h>

#include "../core/memory.h"
#include "catalogue.h"
#include "flatbuffer.h"

enum { OP_CONV_2D = 3, OP_DEPTH_TO_SPACE = 5, OP_DEQUANTIZE = 6, OP_CUSTOM = 32, OP_TRANSPOSE_CONV = 67 };

#define MOST_NAME ((size_t)4096)
#define NONE (-1)

static const struct {
    const char *type;
    tconv_element element;
} tensor_types[] = {
    { "f32", TCONV_F32 }, { "f16", TCONV_F16 }, { "i32", TCONV_I32 }, { "u8", TCONV_U8 }, { "i64", TCONV_I64 },
    { "string", TCONV_ELEMENT_COUNT }, { "bool", TCONV_U8 }, { "i16", TCONV_I16 }, { "c64", TCONV_ELEMENT_COUNT },
    { "i8", TCONV_I8 }, { "f64", TCONV_F64 }, { "c128", TCONV_ELEMENT_COUNT }, { "u64", TCONV_U64 },
    { "resource", TCONV_ELEMENT_COUNT }, { "variant", TCONV_ELEMENT_COUNT }, { "u32", TCONV_U32 }, { "u16", TCONV_U16 },
    { "i4", TCONV_ELEMENT_COUNT },
};

/* How quantised elements become real ones. */
struct quantisation {
    uint64_t scales, zeros;        /* places in the file */
    size_t n_scales, n_zeros, axis;
};

struct tensor {                    /* of the subgraph */
    uint64_t table;
    size_t record;                 /* TCONV_NO_INDEX: no constant */
    uint64_t maker;                /* the operator that makes it, 0 = none */
    int maker_code;
};

struct tflite {
    tconv_flat flat;
    struct tensor *tensors;        /* of the subgraph that is read */
    size_t n_tensors;
    uint64_t text_bytes;           /* of names, which many tensors may share in a hostile file */
    size_t total;                  /* tensors and operators of all subgraphs, which may share them too */
};

static struct tflite *tflite_of(tconv_container *c)
{
    return c->own;
}

/* ---- tensors ---- */

static const char *name_of(tconv_container *c, uint64_t table, size_t number)
{
    struct tflite *t = tflite_of(c);
    size_t length;
    uint64_t at = tconv_flat_vector(&t->flat, table, 3, 1, &length);
    tconv_status status = TCONV_OK;
    t->text_bytes += length;
    if (length > MOST_NAME || t->text_bytes > tconv_source_size(c->source) + MOST_NAME) {
        tconv_flat_fail(&t->flat, TCONV_EFORMAT, "the names of the tensors are longer than the file");
        return "";
    }
    char *name = tconv_arena_take(&c->arena, length + 24, &status);
    if (name == NULL) {
        tconv_flat_fail(&t->flat, status, tconv_status_text(status));
        return "";
    }
    for (size_t i = 0; i < length; i++)
        name[i] = (char)tconv_flat_number(&t->flat, at + i, 1);
    if (name[0] != '\0' && tconv_container_find(c, name) == TCONV_NO_INDEX)
        return name;
    char *numbered = tconv_arena_format(&c->arena, &status, "%.900s#%zu", name, number);     /* no name, or a shared one */
    if (numbered == NULL)
        tconv_flat_fail(&t->flat, status, tconv_status_text(status));
    return numbered != NULL ? numbered : "";
}

/* Extents of a tensor; -1 in shape_signature is an open one, 0 here. False where there are too many. */
static bool shape_of(tconv_flat *flat, uint64_t table, size_t *shape, size_t *rank)
{
    size_t n_signature;
    uint64_t at = tconv_flat_vector(flat, table, 0, 4, rank), signature = tconv_flat_vector(flat, table, 7, 4, &n_signature);
    if (*rank > TCONV_MAX_RANK) {
        *rank = 0;
        return false;
    }
    for (size_t i = 0; i < *rank; i++) {
        uint32_t extent = (uint32_t)tconv_flat_number(flat, at + 4 * i, 4);
        bool open = n_signature == *rank && (uint32_t)tconv_flat_number(flat, signature + 4 * i, 4) > INT32_MAX;
        shape[i] = extent > INT32_MAX || open ? 0 : extent;
    }
    return true;
}

/* The bytes of a buffer: in the file's table, or (beyond 2 GB) at an offset of the file. */
static uint64_t data_of(tconv_container *c, uint64_t model, uint64_t number, uint64_t *size)
{
    tconv_flat *flat = &tflite_of(c)->flat;
    size_t n_buffers, count;
    uint64_t buffers = tconv_flat_vector(flat, model, 4, 4, &n_buffers);
    *size = 0;
    if (number >= n_buffers)
        return 0;
    uint64_t buffer = tconv_flat_table(flat, buffers, (size_t)number), at = tconv_flat_vector(flat, buffer, 0, 1, &count);
    *size = count;
    uint64_t offset = (uint64_t)tconv_flat_int(flat, buffer, 1, 8, 0), far = (uint64_t)tconv_flat_int(flat, buffer, 2, 8, 0);
    uint64_t whole = tconv_source_size(c->source);
    if (count == 0 && offset > 1 && far > 0 && offset <= whole && far <= whole - offset) {
        *size = far;
        return offset;
    }
    return at;
}

static const struct quantisation *quantisation_of(tconv_container *c, uint64_t table, tconv_record *record)
{
    tconv_flat *flat = &tflite_of(c)->flat;
    uint64_t parameters = tconv_flat_child(flat, table, 4);
    struct quantisation q = { 0 };
    q.scales = tconv_flat_vector(flat, parameters, 2, 4, &q.n_scales);
    q.zeros = tconv_flat_vector(flat, parameters, 3, 8, &q.n_zeros);
    int64_t axis = tconv_flat_int(flat, parameters, 6, 4, 0);
    q.axis = axis >= 0 && (size_t)axis < record->info.rank ? (size_t)axis : 0;
    if (q.n_scales == 0 || tconv_element_is_float(record->info.element))
        return NULL;
    if ((q.n_scales != 1 && (record->info.rank == 0 || q.n_scales != record->info.shape[q.axis]))
        || (q.n_zeros != q.n_scales && q.n_zeros > 1))
        record->info.obstacle = "the scales of its quantisation do not fit it";
    tconv_status status = TCONV_OK;
    struct quantisation *kept = tconv_arena_take(&c->arena, sizeof *kept, &status);
    if (kept == NULL)
        tconv_flat_fail(flat, status, tconv_status_text(status));
    else
        *kept = q;
    return kept;
}

/* Add tensor `number` of the subgraph if it is a constant. */
static tconv_status add_tensor(tconv_container *c, uint64_t model, size_t number, tconv_error *error)
{
    struct tflite *t = tflite_of(c);
    struct tensor *tensor = &t->tensors[number];
    tconv_record record = { .kind = TCONV_RECORD_STORED };
    size_t shape[TCONV_MAX_RANK], rank, type, bytes = 0;
    uint64_t size, at = data_of(c, model, (uint64_t)tconv_flat_int(&t->flat, tensor->table, 2, 4, 0) & UINT32_MAX, &size);
    if (t->flat.status != TCONV_OK || size == 0)
        return t->flat.status;
    record.info.name = name_of(c, tensor->table, number);
    type = (size_t)tconv_flat_int(&t->flat, tensor->table, 1, 1, 0);
    type = type < sizeof tensor_types / sizeof tensor_types[0] ? type : 5;
    record.info.type = tensor_types[type].type;
    record.info.element = tensor_types[type].element;
    record.info.bytes = size;
    record.offset = at;
    if (!shape_of(&t->flat, tensor->table, shape, &rank))
        record.info.obstacle = "it has more than 8 axes";
    tconv_status status = t->flat.status == TCONV_OK ? tconv_info_set_shape(&record.info, shape, rank, error) : t->flat.status;
    if (status != TCONV_OK)
        return status;
    if (record.info.element == TCONV_ELEMENT_COUNT)
        record.info.obstacle = "its element type is not supported";
    else if (tconv_flat_field(&t->flat, tensor->table, 6) != 0)
        record.info.obstacle = "it is stored sparsely";
    else if (record.info.obstacle == NULL
             && (!tconv_size_mul(tconv_info_count(&record.info), tconv_element_bytes(record.info.element), &bytes) || bytes != size))
        return tconv_fail(error, TCONV_EFORMAT, "the tensor '%.120s': its shape asks for %zu bytes, its buffer has %" PRIu64,
                          record.info.name, bytes, size);
    record.detail = quantisation_of(c, tensor->table, &record);
    if (t->flat.status != TCONV_OK)
        return t->flat.status;
    return tconv_catalogue_add(c, &record, &tensor->record, error);
}

static tconv_status load(tconv_container *c, const tconv_record *record, double *values, tconv_error *error)
{
    size_t count = tconv_info_count(&record->info), inner = 1;
    tconv_status status = tconv_read_elements(c->source, record->offset, record->info.element, false, count, values, error);
    const struct quantisation *q = record->detail;
    if (status != TCONV_OK || q == NULL)
        return status;
    tconv_flat *flat = &tflite_of(c)->flat;
    double *scales = tconv_alloc_zero(2 * q->n_scales, sizeof *scales, &status);
    if (scales == NULL)
        return tconv_fail_plain(error, status);
    double *zeros = scales + q->n_scales;
    status = tconv_read_elements(c->source, q->scales, TCONV_F32, false, q->n_scales, scales, error);
    flat->error = error;
    if (status == TCONV_OK && q->n_zeros > 0)
        status = tconv_read_elements(c->source, q->zeros, TCONV_I64, false, q->n_zeros, zeros, error);
    for (size_t i = 1; i < q->n_scales && q->n_zeros == 1; i++)
        zeros[i] = zeros[0];
    for (size_t i = q->axis + 1; i < record->info.rank; i++)
        inner *= record->info.shape[i];
    for (size_t i = 0; status == TCONV_OK && i < count; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): one scale at least, and extents of values that are there */
        size_t j = q->n_scales == 1 ? 0 : i / inner % q->n_scales;
        values[i] = (values[i] - zeros[j]) * scales[j];
    }
    tconv_free(scales);
    return status;
}

static bool locate(tconv_container *c, const tconv_record *record, uint64_t *at)
{
    (void)c;
    *at = record->offset;
    return record->detail == NULL;
}

/* ---- operators ---- */

/* Input or output number i of an operator, NONE where there is none of that number. */
static int64_t operand(struct tflite *t, uint64_t op, unsigned field, size_t i)
{
    size_t count;
    uint64_t at = tconv_flat_vector(&t->flat, op, field, 4, &count);
    uint64_t number = i < count ? tconv_flat_number(&t->flat, at + 4 * i, 4) : UINT32_MAX;
    return number < t->n_tensors ? (int64_t)number : NONE;
}

/* The constant behind a tensor, through DEQUANTIZE. */
static size_t constant_of(struct tflite *t, int64_t tensor)
{
    for (size_t steps = 0; tensor != NONE && steps < TCONV_MOST_DERIVATIONS; steps++) {
        const struct tensor *at = &t->tensors[tensor];
        if (at->record != TCONV_NO_INDEX)
            return at->record;
        if (at->maker == 0 || at->maker_code != OP_DEQUANTIZE)
            break;
        tensor = operand(t, at->maker, 1, 0);
    }
    return TCONV_NO_INDEX;
}

struct options {                   /* of TRANSPOSE_CONV and CONV_2D */
    bool same, known;
    size_t stride[2], dilation[2];
};

static struct options options_of(struct tflite *t, uint64_t op, int code)
{
    struct options o = { .dilation = { 1, 1 } };
    size_t count;
    uint64_t custom = tconv_flat_vector(&t->flat, op, 5, 1, &count), table = tconv_flat_child(&t->flat, op, 4);
    if (code == OP_CUSTOM) {       /* TfLiteTransposeConvParams: padding 1 same 2 valid, stride width, stride height */
        uint32_t padding = count >= 12 ? (uint32_t)tconv_flat_number(&t->flat, custom, 4) : 0;
        o.known = padding == 1 || padding == 2;
        o.same = padding == 1;
        for (size_t i = 0; o.known && i < 2; i++)
            o.stride[i] = (uint32_t)tconv_flat_number(&t->flat, custom + 8 - 4 * i, 4);
        return o;
    }
    o.known = table != 0;
    o.same = tconv_flat_int(&t->flat, table, 0, 1, 0) == 0;
    o.stride[0] = (uint32_t)tconv_flat_int(&t->flat, table, 2, 4, 0);
    o.stride[1] = (uint32_t)tconv_flat_int(&t->flat, table, 1, 4, 0);
    if (code == OP_CONV_2D) {
        o.dilation[0] = (uint32_t)tconv_flat_int(&t->flat, table, 5, 4, 1);
        o.dilation[1] = (uint32_t)tconv_flat_int(&t->flat, table, 4, 4, 1);
    }
    return o;
}

/* The name of the tensor that an operator makes. */
static const char *made_name(tconv_container *c, uint64_t op)
{
    struct tflite *t = tflite_of(c);
    int64_t output = operand(t, op, 2, 0);
    return output != NONE ? name_of(c, t->tensors[output].table, (size_t)output) : "";
}

/* Weight (O, k1, k2, I) and bias of a layer; `order` gives (first, second, k1, k2). */
static void set_weight(tconv_container *c, tconv_layer_record *layer, int64_t weight, int64_t bias, bool transposed)
{
    struct tflite *t = tflite_of(c);
    tconv_layer_info *info = &layer->info;
    static const size_t io[] = { 3, 0, 1, 2 }, oi[] = { 0, 3, 1, 2 };
    layer->weight = constant_of(t, weight);
    layer->bias = constant_of(t, bias);
    memcpy(layer->order, transposed ? io : oi, sizeof io);
    if (layer->bias != TCONV_NO_INDEX)
        info->bias = c->records[layer->bias].info.name;
    if (layer->weight == TCONV_NO_INDEX) {
        info->weight = weight != NONE ? name_of(c, t->tensors[weight].table, (size_t)weight) : "";
        info->note = "the weights are computed by the graph: geometry only";
        if (weight == NONE || !shape_of(&t->flat, t->tensors[weight].table, info->shape, &info->rank))
            info->rank = 0;
    } else {
        const tconv_tensor_info *w = &c->records[layer->weight].info;
        info->weight = w->name;
        info->rank = w->rank;
        memcpy(info->shape, w->shape, sizeof info->shape);
        info->obstacle = w->obstacle;
        info->has_taps = true;
    }
    if (info->rank != 4 && info->obstacle == NULL)
        info->obstacle = "its weight has not 4 axes";
}

static void obstruct(tconv_layer_info *info, const char *why)
{
    if (info->obstacle == NULL)
        info->obstacle = why;
}

static tconv_status finish(tconv_container *c, tconv_layer_record *layer, const tconv_geometry *g, tconv_error *error)
{
    tconv_error reason = { 0 };
    tconv_status status = TCONV_OK;
    struct tflite *t = tflite_of(c);
    size_t channels = layer->recipe == TCONV_RECIPE_SHUFFLE ? layer->convolution.channels_out : g->channels_out;
    if (t->flat.status != TCONV_OK)
        return t->flat.status;
    if (layer->bias != TCONV_NO_INDEX && tconv_info_count(&c->records[layer->bias].info) != channels)
        obstruct(&layer->info, "its bias has not one value per output channel");
    if (layer->info.obstacle == NULL && tconv_geometry_check(g, &reason) != TCONV_OK) {
        layer->info.obstacle = tconv_arena_text(&c->arena, reason.message, strlen(reason.message), &status);
        if (layer->info.obstacle == NULL)
            return tconv_fail_plain(error, status);
    }
    layer->info.geometry = *g;
    layer->info.has_geometry = layer->info.obstacle == NULL;
    layer->info.upsamples = layer->info.has_geometry && tconv_geometry_phases(g) > 1;
    return tconv_catalogue_add_layer(c, layer, error);
}

/* Stride, dilation, taps of both axes. */
static void set_axes(const tconv_layer_info *info, const struct options *o, tconv_geometry *g)
{
    for (size_t i = 0; i < 2; i++)
        g->axis[i] = (tconv_axis){ .stride = o->stride[i], .n_taps = info->shape[1 + i], .dilation = o->dilation[i] };
}

/* The crop of axis i: from the sizes where the graph declares both, else the formula of SAME or VALID. */
static void set_crop(tconv_axis *axis, bool same, size_t n_in, size_t n_out, tconv_layer_info *info)
{
    if (tconv_axis_check(axis, NULL) != TCONV_OK || tconv_axis_apply_tensorflow(axis, same, NULL) != TCONV_OK) {
        obstruct(info, "its stride or its kernel size is not possible");
        return;
    }
    int64_t slope, constant;
    tconv_axis uncropped = *axis;
    uncropped.pad_begin = uncropped.pad_end = 0;
    uncropped.output_padding = 0;
    tconv_axis_output_formula(&uncropped, &slope, &constant);
    if (n_in == 0 || n_out == 0)
        return;
    int64_t total = slope * (int64_t)n_in + constant - (int64_t)n_out;
    axis->pad_begin = total > 0 ? total / 2 : 0;
    axis->pad_end = total > 0 ? total - axis->pad_begin : 0;
    axis->output_padding = total < 0 ? (size_t)-total : 0;
}

static tconv_status add_transposed(tconv_container *c, uint64_t op, int code, tconv_error *error)
{
    struct tflite *t = tflite_of(c);
    tconv_layer_record layer = { .recipe = TCONV_RECIPE_WEIGHT };
    bool custom = code == OP_CUSTOM;
    int64_t x = operand(t, op, 1, custom ? 0 : 2), y = operand(t, op, 2, 0);
    size_t in[TCONV_MAX_RANK] = { 0 }, out[TCONV_MAX_RANK] = { 0 }, in_rank = 0, out_rank = 0;
    struct options o = options_of(t, op, code);
    layer.info = (tconv_layer_info){ .role = TCONV_ROLE_UPSAMPLE, .name = made_name(c, op),
                                     .operator_name = custom ? "Convolution2DTransposeBias" : "TRANSPOSE_CONV" };
    set_weight(c, &layer, operand(t, op, 1, 1), operand(t, op, 1, custom ? 2 : 3), true);
    tconv_geometry g = tconv_geometry_default(2);
    if (!o.known)
        obstruct(&layer.info, "its options are missing");
    if (layer.info.obstacle == NULL) {
        g.channels_in = layer.info.shape[3];
        g.channels_out = layer.info.shape[0];
        set_axes(&layer.info, &o, &g);
        if (x != NONE)
            (void)shape_of(&t->flat, t->tensors[x].table, in, &in_rank);
        if (y != NONE)
            (void)shape_of(&t->flat, t->tensors[y].table, out, &out_rank);
        for (size_t i = 0; i < 2; i++) {
            layer.info.input_size[i] = in_rank == 4 ? in[1 + i] : 0;
            set_crop(&g.axis[i], o.same, layer.info.input_size[i], out_rank == 4 ? out[1 + i] : 0, &layer.info);
        }
    }
    return finish(c, &layer, &g, error);
}

/* The convolution of a CONV_2D into *g, its own channels; SAME for inputs that the stride divides where their size is open. */
static void set_convolution(struct tflite *t, tconv_layer_record *layer, uint64_t op, tconv_geometry *g)
{
    struct options o = options_of(t, op, OP_CONV_2D);
    *g = tconv_geometry_default(2);
    if (!o.known)
        obstruct(&layer->info, "its options are missing");
    if (layer->info.obstacle != NULL)
        return;
    g->channels_in = layer->info.shape[3];
    g->channels_out = layer->info.shape[0];
    set_axes(&layer->info, &o, g);
    size_t in[TCONV_MAX_RANK] = { 0 }, rank = 0;
    int64_t x = operand(t, op, 1, 0);
    if (x != NONE)
        (void)shape_of(&t->flat, t->tensors[x].table, in, &rank);
    for (size_t i = 0; i < 2; i++) {
        if (tconv_axis_check(&g->axis[i], NULL) != TCONV_OK || tconv_axis_apply_tensorflow(&g->axis[i], o.same, NULL) != TCONV_OK)
            obstruct(&layer->info, "its stride, dilation or kernel size is not possible");
        else if (o.same && rank == 4 && in[1 + i] != 0)
            tconv_set_same(&g->axis[i], in[1 + i], false);
        g->axis[i].output_padding = 0;
    }
}

static tconv_status add_gradient(tconv_container *c, uint64_t op, tconv_error *error)
{
    struct tflite *t = tflite_of(c);
    tconv_layer_record layer = { .recipe = TCONV_RECIPE_GRADIENT };
    tconv_geometry g;
    layer.info = (tconv_layer_info){ .role = TCONV_ROLE_GRADIENT, .name = made_name(c, op), .operator_name = "CONV_2D" };
    set_weight(c, &layer, operand(t, op, 1, 1), NONE, false);
    set_convolution(t, &layer, op, &g);
    size_t in = g.channels_in;
    g.channels_in = g.channels_out;
    g.channels_out = in;
    return finish(c, &layer, &g, error);
}

static tconv_status add_shuffle(tconv_container *c, uint64_t op, tconv_error *error)
{
    struct tflite *t = tflite_of(c);
    int64_t x = operand(t, op, 1, 0), block = tconv_flat_int(&t->flat, tconv_flat_child(&t->flat, op, 4), 0, 4, 0);
    if (x == NONE || t->tensors[x].maker == 0 || t->tensors[x].maker_code != OP_CONV_2D || block < 2 || block > 65536)
        return t->flat.status;
    uint64_t conv = t->tensors[x].maker;
    tconv_layer_record layer = { .recipe = TCONV_RECIPE_SHUFFLE, .depth_order = TCONV_DEPTH_DCR,
                                 .block = { (size_t)block, (size_t)block, (size_t)block } };
    tconv_geometry g = tconv_geometry_default(2);
    layer.info = (tconv_layer_info){ .role = TCONV_ROLE_UPSAMPLE, .name = made_name(c, op),
                                     .operator_name = "CONV_2D+DEPTH_TO_SPACE" };
    set_weight(c, &layer, operand(t, conv, 1, 1), operand(t, conv, 1, 2), false);
    set_convolution(t, &layer, conv, &g);
    layer.convolution = tconv_convolution_of(&g);
    if (layer.info.obstacle == NULL && g.axis[0].stride * g.axis[1].stride != 1)
        obstruct(&layer.info, "its convolution has a stride");
    tconv_status status = layer.info.obstacle == NULL ? tconv_layer_equivalent(&layer, &g, NULL) : TCONV_OK;
    if (status == TCONV_EBUDGET || status == TCONV_ENOMEM)
        return tconv_fail_plain(error, status);
    if (status != TCONV_OK)
        obstruct(&layer.info, "the rearrangement does not fit the convolution");
    return finish(c, &layer, &g, error);
}

/* The builtin code of an operator; CUSTOM only for the one that is known, else NONE. */
static int code_of(struct tflite *t, uint64_t model, uint64_t op)
{
    static const char known[] = "Convolution2DTransposeBias";
    size_t n_codes, length;
    uint64_t codes = tconv_flat_vector(&t->flat, model, 1, 4, &n_codes);
    uint64_t index = (uint64_t)tconv_flat_int(&t->flat, op, 0, 4, 0) & UINT32_MAX;
    if (index >= n_codes)
        return NONE;
    uint64_t table = tconv_flat_table(&t->flat, codes, (size_t)index);
    int64_t old = tconv_flat_int(&t->flat, table, 0, 1, 0), code = tconv_flat_int(&t->flat, table, 3, 4, 0);
    code = code > old ? code : old;
    if (code != OP_CUSTOM)
        return code >= 0 && code < 1024 ? (int)code : NONE;
    uint64_t at = tconv_flat_vector(&t->flat, table, 1, 1, &length);
    bool same = length == sizeof known - 1;
    for (size_t i = 0; same && i < length; i++)
        same = tconv_flat_number(&t->flat, at + i, 1) == (unsigned char)known[i];
    return same ? OP_CUSTOM : NONE;
}

static tconv_status add_layer(tconv_container *c, uint64_t op, int code, tconv_error *error)
{
    struct tflite *t = tflite_of(c);
    struct options o;
    switch (code) {
    case OP_TRANSPOSE_CONV: case OP_CUSTOM:
        return add_transposed(c, op, code, error);
    case OP_DEPTH_TO_SPACE:
        return add_shuffle(c, op, error);
    case OP_CONV_2D:
        o = options_of(t, op, code);
        return o.known && (o.stride[0] > 1 || o.stride[1] > 1) ? add_gradient(c, op, error) : t->flat.status;
    default:
        return t->flat.status;
    }
}

static tconv_status read_subgraph(tconv_container *c, uint64_t model, uint64_t subgraph, tconv_error *error)
{
    struct tflite *t = tflite_of(c);
    tconv_status status = TCONV_OK;
    size_t n_operators;
    uint64_t tensors = tconv_flat_vector(&t->flat, subgraph, 0, 4, &t->n_tensors);
    uint64_t operators = tconv_flat_vector(&t->flat, subgraph, 3, 4, &n_operators);
    if (t->flat.status != TCONV_OK)
        return t->flat.status;
    t->total += t->n_tensors < TCONV_MOST_TENSORS ? t->n_tensors : TCONV_MOST_TENSORS;
    t->total += n_operators < TCONV_MOST_TENSORS ? n_operators : TCONV_MOST_TENSORS;
    if (t->total >= TCONV_MOST_TENSORS)
        return tconv_fail(error, TCONV_EFORMAT, "the graphs have more than %zu tensors and operators", TCONV_MOST_TENSORS);
    tconv_free(t->tensors);
    t->tensors = tconv_alloc_zero(t->n_tensors, sizeof *t->tensors, &status);
    if (t->tensors == NULL)
        return tconv_fail_plain(error, status);
    for (size_t i = 0; status == TCONV_OK && i < t->n_tensors; i++) {
        t->tensors[i] = (struct tensor){ .table = tconv_flat_table(&t->flat, tensors, i), .record = TCONV_NO_INDEX };
        status = add_tensor(c, model, i, error);
    }
    for (size_t i = 0; status == TCONV_OK && i < n_operators; i++) {
        uint64_t op = tconv_flat_table(&t->flat, operators, i);
        int64_t output = operand(t, op, 2, 0);
        if (output != NONE && t->tensors[output].maker == 0) {
            t->tensors[output].maker = op;
            t->tensors[output].maker_code = code_of(t, model, op);
        }
        status = t->flat.status;
    }
    for (size_t i = 0; status == TCONV_OK && i < n_operators; i++) {
        uint64_t op = tconv_flat_table(&t->flat, operators, i);
        status = add_layer(c, op, code_of(t, model, op), error);
    }
    return status == TCONV_OK ? t->flat.status : status;
}

static void close_tflite(tconv_container *c)
{
    tconv_free(tflite_of(c)->tensors);
    tconv_free(c->own);
}

tconv_status tconv_tflite_open(tconv_container *container, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    size_t n_subgraphs;
    tconv_error unused;
    struct tflite *t = tconv_alloc_zero(1, sizeof *t, &status);
    if (t == NULL)
        return tconv_fail_plain(error, status);
    t->flat.source = container->source;
    t->flat.error = error != NULL ? error : &unused;
    container->own = t;
    container->close = close_tflite;
    container->load = load;
    container->locate = locate;
    container->has_graph = true;
    uint64_t model = tconv_flat_root(&t->flat);
    int64_t version = tconv_flat_int(&t->flat, model, 0, 4, 0);
    uint64_t subgraphs = tconv_flat_vector(&t->flat, model, 2, 4, &n_subgraphs);
    if (t->flat.status != TCONV_OK)
        return t->flat.status;
    if (version != 3)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "version %" PRId64 " of the TensorFlow Lite format is not read; 3 is", version);
    if (n_subgraphs == 0 || n_subgraphs > 1000)
        return tconv_fail(error, TCONV_EFORMAT, "the model has %zu graphs; 1 to 1000 are allowed", n_subgraphs);
    for (size_t i = 0; status == TCONV_OK && i < n_subgraphs; i++)
        status = read_subgraph(container, model, tconv_flat_table(&t->flat, subgraphs, i), error);
    t->flat.error = NULL;
    return status;
}
