/* Values of an ONNX graph that are constants of its file, through Identity, Cast, DequantizeLinear and Transpose. */
#include <string.h>

#include "onnx_model.h"

const char *tconv_onnx_input_of(const tconv_onnx_node *node, size_t i)
{
    return i < node->n_inputs ? node->inputs[i] : "";
}

static tconv_status derive(const tconv_onnx_scope *f, const tconv_onnx_node *node, tconv_record record, size_t *index)
{
    record.info.name = node->outputs[0];
    record.info.derived = true;
    return tconv_catalogue_add(f->container, &record, index, f->error);
}

static tconv_status resolve(const tconv_onnx_scope *f, const char *value, size_t depth, size_t *index);

/* x scaled: (x - zero) scale along `axis` (opset 13; 10 has one scale only). */
static tconv_status resolve_dequantised(const tconv_onnx_scope *f, const tconv_onnx_node *node, size_t depth, size_t *index)
{
    size_t x, scale = TCONV_NO_INDEX, zero = TCONV_NO_INDEX;
    bool has_zero = tconv_onnx_input_of(node, 2)[0] != '\0';
    *index = TCONV_NO_INDEX;
    tconv_status status = resolve(f, tconv_onnx_input_of(node, 0), depth + 1, &x);
    if (status == TCONV_OK && x != TCONV_NO_INDEX)      /* each only if the one before is there: no 3^depth for a cycle */
        status = resolve(f, tconv_onnx_input_of(node, 1), depth + 1, &scale);
    if (status == TCONV_OK && scale != TCONV_NO_INDEX && has_zero)
        status = resolve(f, tconv_onnx_input_of(node, 2), depth + 1, &zero);
    if (status != TCONV_OK || scale == TCONV_NO_INDEX || (has_zero && zero == TCONV_NO_INDEX))
        return status;
    const tconv_record *records = f->container->records;
    tconv_record record = { .kind = TCONV_RECORD_DEQUANTISED, .part = { x, scale, zero }, .info = records[x].info };
    size_t scales = tconv_info_count(&records[scale].info);
    int64_t axis = tconv_onnx_int(node, "axis", 1), rank = (int64_t)record.info.rank;
    axis += axis < 0 ? rank : 0;
    record.axis = axis >= 0 && axis < rank ? (size_t)axis : 0;
    if (records[scale].info.rank > 1 || records[scale].info.obstacle != NULL
        || (scales != 1 && (axis < 0 || axis >= rank || scales != record.info.shape[record.axis]))
        || (zero != TCONV_NO_INDEX && tconv_info_count(&records[zero].info) != scales))
        record.info.obstacle = "the scales of its quantisation do not fit it";
    return derive(f, node, record, index);
}

static tconv_status resolve_transposed(const tconv_onnx_scope *f, const tconv_onnx_node *node, size_t depth, size_t *index)
{
    size_t x;
    *index = TCONV_NO_INDEX;
    tconv_status status = resolve(f, tconv_onnx_input_of(node, 0), depth + 1, &x);
    if (status != TCONV_OK || x == TCONV_NO_INDEX)
        return status;
    tconv_record record = { .kind = TCONV_RECORD_TRANSPOSED, .part = { x, TCONV_NO_INDEX, TCONV_NO_INDEX },
                            .info = f->container->records[x].info };
    const tconv_onnx_attribute *perm = tconv_onnx_find(node, "perm");
    size_t rank = record.info.rank, shape[TCONV_MAX_RANK], seen = 0;
    memcpy(shape, record.info.shape, sizeof shape);
    if (perm != NULL && perm->n_ints != rank)
        return TCONV_OK;
    for (size_t i = 0; i < rank; i++) {
        int64_t from = perm != NULL ? perm->ints[i] : (int64_t)(rank - 1 - i);
        if (from < 0 || from >= (int64_t)rank || (seen >> from & 1) != 0)
            return TCONV_OK;
        seen |= (size_t)1 << from;
        record.order[i] = (size_t)from;
        record.info.shape[i] = shape[from];
    }
    return derive(f, node, record, index);
}

/* A cast between floats that changes no value, or rounds to f32. */
static tconv_status resolve_cast(const tconv_onnx_scope *f, const tconv_onnx_node *node, size_t depth, size_t *index)
{
    size_t x;
    int64_t to = tconv_onnx_int(node, "to", 0);
    *index = TCONV_NO_INDEX;
    tconv_status status = resolve(f, tconv_onnx_input_of(node, 0), depth + 1, &x);
    if (status != TCONV_OK || x == TCONV_NO_INDEX)
        return status;
    tconv_record record = { .part = { x, TCONV_NO_INDEX, TCONV_NO_INDEX }, .info = f->container->records[x].info };
    tconv_element from = record.info.element;
    bool exact = to == 11 || (to == 1 && from != TCONV_F64 && tconv_element_bytes(from) <= 4 && from != TCONV_I32 && from != TCONV_U32)
              || (to == 10 && from == TCONV_F16) || (to == 16 && from == TCONV_BF16);
    if (!exact && to != 1)
        return TCONV_OK;
    record.kind = exact ? TCONV_RECORD_COPIED : TCONV_RECORD_ROUNDED;
    return derive(f, node, record, index);
}

/* The record of a value, or TCONV_NO_INDEX where it is not a constant of the file. */
static tconv_status resolve(const tconv_onnx_scope *f, const char *value, size_t depth, size_t *index)
{
    *index = value[0] != '\0' ? tconv_container_find(f->container, value) : TCONV_NO_INDEX;
    const tconv_onnx_node *node = tconv_onnx_producer(f->graph, value);
    if (*index != TCONV_NO_INDEX || node == NULL || depth >= TCONV_MOST_DERIVATIONS || strcmp(node->outputs[0], value) != 0)
        return TCONV_OK;
    if (tconv_onnx_is(node, "Identity"))
        return resolve(f, tconv_onnx_input_of(node, 0), depth + 1, index);
    if (tconv_onnx_is(node, "Cast"))
        return resolve_cast(f, node, depth, index);
    if (tconv_onnx_is(node, "DequantizeLinear"))
        return resolve_dequantised(f, node, depth, index);
    if (tconv_onnx_is(node, "Transpose"))
        return resolve_transposed(f, node, depth, index);
    return TCONV_OK;
}

/* A short constant (a shape, scales, pads) as numbers: *count <= most of them, or 0 where it is none. */
tconv_status tconv_onnx_small_constant(const tconv_onnx_scope *f, const char *value, size_t most, double *numbers, size_t *count)
{
    size_t index;
    *count = 0;
    const tconv_onnx_node *node = tconv_onnx_producer(f->graph, value);
    if (node != NULL && tconv_onnx_is(node, "Constant")) {
        const tconv_onnx_attribute *floats = tconv_onnx_find(node, "value_floats"), *ints = tconv_onnx_find(node, "value_ints");
        if (floats != NULL && floats->n_floats <= most)
            for (; *count < floats->n_floats; ++*count)
                numbers[*count] = (double)floats->floats[*count];
        if (ints != NULL && ints->n_ints <= most)
            for (; *count < ints->n_ints; ++*count)
                numbers[*count] = (double)ints->ints[*count];
        if (*count > 0)
            return TCONV_OK;
    }
    tconv_status status = resolve(f, value, 0, &index);
    if (status != TCONV_OK || index == TCONV_NO_INDEX)
        return status;
    const tconv_tensor_info info = f->container->records[index].info;
    if (info.obstacle != NULL || info.rank > 1 || tconv_info_count(&info) > most)
        return TCONV_OK;
    status = tconv_catalogue_load(f->container, index, numbers, f->error);
    if (status == TCONV_OK)
        *count = tconv_info_count(&info);
    return status;
}

/* The node that makes a value, looked at through nodes that pass it on: `*through` says whether any of them computes. */
const tconv_onnx_node *tconv_onnx_maker(const tconv_onnx_scope *f, const char *value, bool pointwise, bool *through)
{
    static const char *const plain[] = { "Identity", "Dropout", "Cast" };
    static const char *const computing[] = { "Relu", "LeakyRelu", "PRelu", "Clip", "Sigmoid", "Tanh", "Elu", "Selu", "HardSigmoid" };
    const tconv_onnx_node *node = tconv_onnx_producer(f->graph, value);
    for (size_t steps = 0; node != NULL && steps < TCONV_MOST_DERIVATIONS; steps++) {
        bool passes = false;
        for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
            passes = passes || tconv_onnx_is(node, plain[i]);
        for (size_t i = 0; pointwise && i < sizeof computing / sizeof computing[0]; i++)
            if (tconv_onnx_is(node, computing[i]))
                passes = *through = true;
        if (!passes)
            return node;
        node = tconv_onnx_producer(f->graph, tconv_onnx_input_of(node, 0));
    }
    return NULL;
}

tconv_status tconv_onnx_resolve(const tconv_onnx_scope *f, const char *value, size_t *index)
{
    return resolve(f, value, 0, index);
}
