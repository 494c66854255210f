/* ONNX models: the messages of onnx.proto that a graph needs, by their field numbers. */
#include "onnx.h"

#include <inttypes.h>
#include <string.h>

#include "../core/memory.h"
#include "onnx_model.h"

static tconv_onnx_graph *graph_of(tconv_container *c)
{
    return c->own;
}

static tconv_status add_item(void **array, size_t *capacity, size_t *count, size_t size, const void *item, tconv_error *error)
{
    tconv_status status = tconv_grow(array, capacity, *count, size);
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    memcpy((char *)*array + *count * size, item, size);
    ++*count;
    return TCONV_OK;
}

tconv_status tconv_onnx_text(tconv_container *container, const tconv_field *field, const char **text, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    uint64_t size = field->bytes.end - field->bytes.at;
    if (field->wire != TCONV_WIRE_BYTES || size > SIZE_MAX - 1)
        return tconv_fail(error, TCONV_EFORMAT, "protobuf field %" PRIu32 " is no text", field->number);
    char *copy = tconv_arena_take(&container->arena, (size_t)size + 1, &status);
    if (copy == NULL)
        return tconv_fail_plain(error, status);
    *text = copy;
    return tconv_source_read(container->source, field->bytes.at, (size_t)size, copy, error);
}

/* ---- attributes ---- */

static tconv_status read_float(const tconv_field *field, float *value, tconv_error *error)
{
    uint32_t bits = (uint32_t)field->value;
    if (field->wire != TCONV_WIRE_FIXED32)
        return tconv_fail(error, TCONV_EFORMAT, "a float attribute is no float");
    memcpy(value, &bits, sizeof bits);
    return TCONV_OK;
}

static int64_t as_signed(uint64_t bits)
{
    int64_t value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Repeated numbers, packed or one by one: `bytes` is one field's share. Ints and floats share this; size is 8 or 4. */
struct numbers {
    void *items;
    size_t count, capacity;
};

static tconv_status add_numbers(tconv_proto *proto, struct numbers *to, const tconv_field *field, bool floats, tconv_error *error)
{
    tconv_range range = field->bytes;
    tconv_status status = TCONV_OK;
    size_t size = floats ? sizeof(float) : sizeof(int64_t);
    bool packed = field->wire == TCONV_WIRE_BYTES;
    if (!packed && field->wire != (floats ? TCONV_WIRE_FIXED32 : TCONV_WIRE_VARINT))
        return tconv_fail(error, TCONV_EFORMAT, "the numbers of an attribute have the wrong wire type");
    do {
        uint64_t bits = field->value;
        if (packed && range.at >= range.end)
            break;
        if (packed)
            status = floats ? tconv_proto_fixed(proto, &range, 4, &bits, error) : tconv_proto_varint(proto, &range, &bits, error);
        uint32_t low = (uint32_t)bits;
        if (status == TCONV_OK)
            status = add_item(&to->items, &to->capacity, &to->count, size, floats ? (void *)&low : (void *)&bits, error);
    } while (packed && status == TCONV_OK);
    return status;
}

/* A copy in the arena of what was collected. */
static tconv_status keep_numbers(tconv_container *c, struct numbers *from, size_t size, const void **kept, size_t *count,
                                 tconv_error *error)
{
    tconv_status status = TCONV_OK;
    void *copy = tconv_arena_take(&c->arena, from->count * size, &status);
    if (copy == NULL)
        return tconv_fail_plain(error, status);
    if (from->count > 0)
        memcpy(copy, from->items, from->count * size);
    *kept = copy;
    *count = from->count;
    return TCONV_OK;
}

static tconv_status read_graph(tconv_container *c, tconv_range message, size_t level, tconv_error *error);

/* AttributeProto: 1 name, 2 f, 3 i, 4 s, 5 t, 6 g, 7 floats, 8 ints, 11 graphs, 20 type. */
static tconv_status read_attribute(tconv_container *c, tconv_range message, tconv_onnx_attribute *a, const char *output,
                                   size_t level, tconv_error *error)
{
    tconv_onnx_graph *graph = graph_of(c);
    struct numbers ints = { 0 }, floats = { 0 };
    *a = (tconv_onnx_attribute){ .name = "", .tensor = TCONV_NO_INDEX };
    tconv_status status = TCONV_OK;
    for (bool done = false; status == TCONV_OK;) {
        tconv_field f;
        status = tconv_proto_next(&graph->proto, &message, &f, &done, error);
        if (status != TCONV_OK || done)
            break;
        if (f.number == 5 || f.number == 6 || f.number == 11)
            status = tconv_proto_enter(&graph->proto, &f, error);
        if (status != TCONV_OK)
            break;
        switch (f.number) {
        case 1: status = tconv_onnx_text(c, &f, &a->name, error); break;
        case 2: status = read_float(&f, &a->f, error); break;
        case 3: a->i = as_signed(f.value); break;
        case 4: status = tconv_onnx_text(c, &f, &a->s, error); break;
        case 5: status = tconv_onnx_add_tensor(c, f.bytes, output, false, &a->tensor, error); break;
        case 6: case 11: status = read_graph(c, f.bytes, level + 1, error); break;
        case 7: status = add_numbers(&graph->proto, &floats, &f, true, error); break;
        case 8: status = add_numbers(&graph->proto, &ints, &f, false, error); break;
        case 20: a->type = (uint32_t)f.value; break;
        default: break;
        }
    }
    if (status == TCONV_OK)
        status = keep_numbers(c, &ints, sizeof(int64_t), (const void **)&a->ints, &a->n_ints, error);
    if (status == TCONV_OK)
        status = keep_numbers(c, &floats, sizeof(float), (const void **)&a->floats, &a->n_floats, error);
    tconv_free(ints.items);
    tconv_free(floats.items);
    return status;
}

/* ---- nodes ---- */

/* How many inputs, outputs and attributes a NodeProto has, so that each is allocated once. */
static tconv_status count_parts(tconv_container *c, tconv_range message, size_t count[3], tconv_error *error)
{
    count[0] = count[1] = count[2] = 0;
    for (bool done = false;;) {
        tconv_field f;
        tconv_status status = tconv_proto_next(&graph_of(c)->proto, &message, &f, &done, error);
        if (status != TCONV_OK || done)
            return status;
        if (f.number == 1 || f.number == 2)
            count[f.number - 1]++;
        if (f.number == 5)
            count[2]++;
    }
}

/* The name of a tensor in an attribute of the node: that of a Constant is its output, that of a ConstantOfShape fills its
 * output. Of other nodes none is kept. NULL: no memory. */
static const char *name_of_tensor(tconv_container *c, const tconv_onnx_node *node, tconv_status *status)
{
    static const char filling[] = " (value)";
    if (node->n_outputs == 0 || (strcmp(node->op_type, "Constant") != 0 && strcmp(node->op_type, "ConstantOfShape") != 0))
        return "";
    size_t length = strlen(node->outputs[0]);
    if (strcmp(node->op_type, "Constant") == 0 || length == 0)
        return node->outputs[0];
    char *name = tconv_arena_take(&c->arena, length + sizeof filling, status);
    if (name != NULL) {
        memcpy(name, node->outputs[0], length);
        memcpy(name + length, filling, sizeof filling);
    }
    return name;
}

/* NodeProto: 1 input, 2 output, 3 name, 4 op_type, 5 attribute, 7 domain. */
static tconv_status read_node(tconv_container *c, tconv_range message, size_t level, tconv_error *error)
{
    tconv_onnx_graph *graph = graph_of(c);
    size_t count[3], at[3] = { 0 };
    tconv_status status = count_parts(c, message, count, error);
    if (status != TCONV_OK)
        return status;
    const char **inputs = tconv_arena_take(&c->arena, count[0] * sizeof *inputs, &status);
    const char **outputs = tconv_arena_take(&c->arena, count[1] * sizeof *outputs, &status);
    tconv_onnx_attribute *attributes = tconv_arena_take(&c->arena, count[2] * sizeof *attributes, &status);
    if (inputs == NULL || outputs == NULL || attributes == NULL)
        return tconv_fail_plain(error, status);
    tconv_onnx_node node = { .name = "", .op_type = "", .domain = "", .inputs = inputs, .outputs = outputs,
                             .attributes = attributes, .n_inputs = count[0], .n_outputs = count[1],
                             .n_attributes = count[2], .level = level };
    tconv_range first = message;
    for (bool done = false; status == TCONV_OK;) {         /* texts first: a Constant's tensor takes its output's name */
        tconv_field f;
        status = tconv_proto_next(&graph->proto, &first, &f, &done, error);
        if (status != TCONV_OK || done)
            break;
        switch (f.number) {
        case 1: status = tconv_onnx_text(c, &f, &inputs[at[0]++], error); break;
        case 2: status = tconv_onnx_text(c, &f, &outputs[at[1]++], error); break;
        case 3: status = tconv_onnx_text(c, &f, &node.name, error); break;
        case 4: status = tconv_onnx_text(c, &f, &node.op_type, error); break;
        case 7: status = tconv_onnx_text(c, &f, &node.domain, error); break;
        default: break;
        }
    }
    const char *output = status == TCONV_OK ? name_of_tensor(c, &node, &status) : "";
    if (output == NULL)
        return tconv_fail_plain(error, status);
    for (bool done = false; status == TCONV_OK;) {
        tconv_field f;
        status = tconv_proto_next(&graph->proto, &message, &f, &done, error);
        if (status != TCONV_OK || done)
            break;
        if (f.number != 5)
            continue;
        status = tconv_proto_enter(&graph->proto, &f, error);
        if (status == TCONV_OK)
            status = read_attribute(c, f.bytes, &attributes[at[2]++], output, level, error);
    }
    if (status != TCONV_OK)
        return status;
    void *nodes = graph->nodes;
    status = add_item(&nodes, &graph->nodes_capacity, &graph->n_nodes, sizeof node, &node, error);
    graph->nodes = nodes;
    return status;
}

/* ---- values: ValueInfoProto 1 name, 2 type; TypeProto 1 tensor_type; Tensor 1 elem_type, 2 shape; Shape 1 dim;
 * Dimension 1 dim_value ---- */

static tconv_status read_shape(tconv_container *c, tconv_range message, tconv_onnx_value *value, tconv_error *error)
{
    tconv_proto *proto = &graph_of(c)->proto;
    value->has_shape = true;
    for (bool done = false;;) {
        tconv_field f, d;
        tconv_status status = tconv_proto_next(proto, &message, &f, &done, error);
        if (status != TCONV_OK || done)
            return status;
        if (f.number != 1)
            continue;
        int64_t extent = -1;
        status = tconv_proto_enter(proto, &f, error);
        for (bool end = false; status == TCONV_OK;) {
            status = tconv_proto_next(proto, &f.bytes, &d, &end, error);
            if (status != TCONV_OK || end)
                break;
            if (d.number == 1 && d.wire == TCONV_WIRE_VARINT && d.value <= INT64_MAX)
                extent = (int64_t)d.value;
        }
        if (status != TCONV_OK)
            return status;
        if (value->rank < TCONV_MAX_RANK)
            value->shape[value->rank++] = extent;
        else
            value->has_shape = false;
    }
}

/* Go down the single fields `path` (ended by 0) from a message; *found = the last one's bytes. */
static tconv_status descend(tconv_container *c, tconv_range message, const uint32_t *path, tconv_range *found, bool *there,
                            uint64_t *number, tconv_error *error)
{
    tconv_proto *proto = &graph_of(c)->proto;
    *there = false;
    for (bool done = false;;) {
        tconv_field f;
        tconv_status status = tconv_proto_next(proto, &message, &f, &done, error);
        if (status != TCONV_OK || done)
            return status;
        if (f.number != path[0])
            continue;
        if (path[1] == 0) {
            *there = true;
            *found = f.bytes;
            *number = f.value;
        } else {
            status = tconv_proto_enter(proto, &f, error);
            if (status == TCONV_OK)
                status = descend(c, f.bytes, path + 1, found, there, number, error);
            if (status != TCONV_OK)
                return status;
        }
    }
}

/* Declare a value; the first declaration of a name counts. *index is its number. */
static tconv_status read_value(tconv_container *c, tconv_range message, size_t *index, tconv_error *error)
{
    tconv_onnx_graph *graph = graph_of(c);
    tconv_onnx_value value = { .name = "" };
    tconv_range found;
    bool there;
    uint64_t number;
    tconv_status status = descend(c, message, (const uint32_t[]){ 1, 0 }, &found, &there, &number, error);
    if (status == TCONV_OK && there)
        status = tconv_onnx_text(c, &(tconv_field){ .wire = TCONV_WIRE_BYTES, .bytes = found }, &value.name, error);
    if (status == TCONV_OK)
        status = descend(c, message, (const uint32_t[]){ 2, 1, 1, 0 }, &found, &there, &number, error);
    if (status == TCONV_OK && there)
        value.element_type = (uint32_t)number;
    if (status == TCONV_OK)
        status = descend(c, message, (const uint32_t[]){ 2, 1, 2, 0 }, &found, &there, &number, error);
    if (status == TCONV_OK && there)
        status = read_shape(c, found, &value, error);
    if (status != TCONV_OK)
        return status;
    size_t existing;
    status = tconv_name_table_add(&graph->value_names, value.name, graph->n_values, &existing);
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    *index = existing;
    if (existing != TCONV_NO_INDEX)
        return TCONV_OK;
    *index = graph->n_values;
    void *values = graph->values;
    status = add_item(&values, &graph->values_capacity, &graph->n_values, sizeof value, &value, error);
    graph->values = values;
    return status;
}

/* ---- graphs ---- */

static tconv_status read_declared(tconv_container *c, const tconv_field *f, size_t level, tconv_error *error)
{
    tconv_onnx_graph *graph = graph_of(c);
    size_t index;
    tconv_status status = read_value(c, f->bytes, &index, error);
    if (status != TCONV_OK || level > 0 || f->number == 13)
        return status;
    bool input = f->number == 11;
    void *list = input ? graph->inputs : graph->outputs;
    status = add_item(&list, input ? &graph->inputs_capacity : &graph->outputs_capacity,
                      input ? &graph->n_inputs : &graph->n_outputs, sizeof index, &index, error);
    *(input ? &graph->inputs : &graph->outputs) = list;
    return status;
}

/* GraphProto: 1 node, 5 initializer, 11 input, 12 output, 13 value_info. Recursion through node, attribute and graph
 * takes three messages each time, so TCONV_PROTO_DEPTH bounds it. */
static tconv_status read_graph(tconv_container *c, tconv_range message, size_t level, tconv_error *error)
{
    tconv_proto *proto = &graph_of(c)->proto;
    for (bool done = false;;) {
        tconv_field f;
        size_t index;
        tconv_status status = tconv_proto_next(proto, &message, &f, &done, error);
        if (status != TCONV_OK || done)
            return status;
        if (f.number != 1 && f.number != 5 && f.number != 11 && f.number != 12 && f.number != 13)
            continue;
        status = tconv_proto_enter(proto, &f, error);
        if (status == TCONV_OK && f.number == 1)
            status = read_node(c, f.bytes, level, error);
        else if (status == TCONV_OK && f.number == 5)
            status = tconv_onnx_add_tensor(c, f.bytes, NULL, level == 0, &index, error);
        else if (status == TCONV_OK)
            status = read_declared(c, &f, level, error);
        if (status != TCONV_OK)
            return status;
    }
}

/* OperatorSetIdProto: 1 domain, 2 version. */
static tconv_status read_opset(tconv_container *c, tconv_range message, tconv_error *error)
{
    const char *domain = "";
    int64_t version = 0;
    for (bool done = false;;) {
        tconv_field f;
        tconv_status status = tconv_proto_next(&graph_of(c)->proto, &message, &f, &done, error);
        if (status == TCONV_OK && !done && f.number == 1)
            status = tconv_onnx_text(c, &f, &domain, error);
        if (status != TCONV_OK)
            return status;
        if (done)
            break;
        if (f.number == 2)
            version = as_signed(f.value);
    }
    if (domain[0] == '\0' || strcmp(domain, "ai.onnx") == 0)
        graph_of(c)->opset = version;
    return TCONV_OK;
}

/* ModelProto: 7 graph, 8 opset_import. */
static tconv_status read_model(tconv_container *c, tconv_error *error)
{
    tconv_onnx_graph *graph = graph_of(c);
    tconv_range message = { 0, tconv_source_size(c->source), 0 };
    size_t graphs = 0;
    for (bool done = false;;) {
        tconv_field f;
        tconv_status status = tconv_proto_next(&graph->proto, &message, &f, &done, error);
        if (status == TCONV_OK && !done && (f.number == 7 || f.number == 8))
            status = tconv_proto_enter(&graph->proto, &f, error);
        if (status == TCONV_OK && !done && f.number == 7)
            status = ++graphs == 1 ? read_graph(c, f.bytes, 0, error)
                                   : tconv_fail(error, TCONV_EFORMAT, "the model has more than one graph");
        if (status == TCONV_OK && !done && f.number == 8)
            status = read_opset(c, f.bytes, error);
        if (status != TCONV_OK)
            return status;
        if (done)
            break;
    }
    return graphs == 1 ? TCONV_OK : tconv_fail(error, TCONV_EFORMAT, "the file holds no ONNX graph");
}

/* Which node makes each value; the first of a name counts, as subgraphs may use a name again. */
static tconv_status index_producers(tconv_onnx_graph *graph, tconv_error *error)
{
    for (size_t i = 0; i < graph->n_nodes; i++)
        for (size_t o = 0; o < graph->nodes[i].n_outputs; o++) {
            size_t existing;
            if (graph->nodes[i].outputs[o][0] == '\0')
                continue;
            tconv_status status = tconv_name_table_add(&graph->producers, graph->nodes[i].outputs[o], i, &existing);
            if (status != TCONV_OK)
                return tconv_fail_plain(error, status);
            if (existing != TCONV_NO_INDEX && graph->nodes[i].level == 0 && graph->nodes[existing].level == 0)
                return tconv_fail(error, TCONV_EFORMAT, "the value '%.200s' is made twice", graph->nodes[i].outputs[o]);
        }
    return TCONV_OK;
}

/* Inputs that are initialisers too (IR version 3) are no inputs. */
static void drop_initialised(tconv_container *c, tconv_onnx_graph *graph)
{
    size_t kept = 0;
    for (size_t i = 0; i < graph->n_inputs; i++)
        if (tconv_container_find(c, graph->values[graph->inputs[i]].name) == TCONV_NO_INDEX)
            graph->inputs[kept++] = graph->inputs[i];
    graph->n_inputs = kept;
}

static void close_onnx(tconv_container *c)
{
    tconv_onnx_graph *graph = graph_of(c);
    tconv_free(graph->nodes);
    tconv_free(graph->values);
    tconv_free(graph->inputs);
    tconv_free(graph->outputs);
    tconv_name_table_free(&graph->value_names);
    tconv_name_table_free(&graph->producers);
    tconv_free(graph);
}

tconv_status tconv_onnx_open(tconv_container *container, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    tconv_onnx_graph *graph = tconv_alloc_zero(1, sizeof *graph, &status);
    if (graph == NULL)
        return tconv_fail_plain(error, status);
    graph->proto.source = container->source;
    container->own = graph;
    container->close = close_onnx;
    container->load = tconv_onnx_load;
    container->locate = tconv_onnx_locate;
    container->has_graph = true;
    status = read_model(container, error);
    if (status == TCONV_OK)
        status = index_producers(graph, error);
    if (status == TCONV_OK)
        drop_initialised(container, graph);
    return status == TCONV_OK ? tconv_onnx_add_layers(container, error) : status;
}

/* ---- queries ---- */

const tconv_onnx_graph *tconv_container_onnx(const tconv_container *container)
{
    return container->format == TCONV_CONTAINER_ONNX ? container->own : NULL;
}

size_t tconv_onnx_nodes(const tconv_onnx_graph *graph)
{
    return graph->n_nodes;
}

const tconv_onnx_node *tconv_onnx_node_at(const tconv_onnx_graph *graph, size_t i)
{
    return i < graph->n_nodes ? &graph->nodes[i] : NULL;
}

int64_t tconv_onnx_opset(const tconv_onnx_graph *graph)
{
    return graph->opset;
}

size_t tconv_onnx_inputs(const tconv_onnx_graph *graph)
{
    return graph->n_inputs;
}

const tconv_onnx_value *tconv_onnx_input(const tconv_onnx_graph *graph, size_t i)
{
    return i < graph->n_inputs ? &graph->values[graph->inputs[i]] : NULL;
}

size_t tconv_onnx_outputs(const tconv_onnx_graph *graph)
{
    return graph->n_outputs;
}

const tconv_onnx_value *tconv_onnx_output(const tconv_onnx_graph *graph, size_t i)
{
    return i < graph->n_outputs ? &graph->values[graph->outputs[i]] : NULL;
}

const tconv_onnx_node *tconv_onnx_producer(const tconv_onnx_graph *graph, const char *value)
{
    size_t found = value[0] != '\0' ? tconv_name_table_find(&graph->producers, value) : TCONV_NO_INDEX;
    return found != TCONV_NO_INDEX ? &graph->nodes[found] : NULL;
}

const tconv_onnx_value *tconv_onnx_value_of(const tconv_onnx_graph *graph, const char *value)
{
    size_t found = tconv_name_table_find(&graph->value_names, value);
    return found != TCONV_NO_INDEX ? &graph->values[found] : NULL;
}

const tconv_onnx_attribute *tconv_onnx_find(const tconv_onnx_node *node, const char *name)
{
    for (size_t i = 0; i < node->n_attributes; i++)
        if (strcmp(node->attributes[i].name, name) == 0)
            return &node->attributes[i];
    return NULL;
}

int64_t tconv_onnx_int(const tconv_onnx_node *node, const char *name, int64_t otherwise)
{
    const tconv_onnx_attribute *a = tconv_onnx_find(node, name);
    return a != NULL ? a->i : otherwise;
}

const char *tconv_onnx_string(const tconv_onnx_node *node, const char *name, const char *otherwise)
{
    const tconv_onnx_attribute *a = tconv_onnx_find(node, name);
    return a != NULL && a->s != NULL ? a->s : otherwise;
}

bool tconv_onnx_is(const tconv_onnx_node *node, const char *op_type)
{
    return strcmp(node->op_type, op_type) == 0 && (node->domain[0] == '\0' || strcmp(node->domain, "ai.onnx") == 0);
}
