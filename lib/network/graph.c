#include "graph.h"

#include <stdio.h>
#include <string.h>

#include "../core/memory.h"
#include "network.h"

#define MOST_BATCH 64

/* Sizes that stand for any: multiples of 2^8 3^2 5 7, unequal, and no whole multiples of each other. */
static const int64_t stand_in[2] = { 80640 * 11, 80640 * 13 };

const char *tconv_network_operator(size_t i)
{
    return tconv_layer_name(i);
}

size_t tconv_network_ndim(const tconv_network *network) { return network->ndim; }
size_t tconv_network_channels(const tconv_network *network) { return network->channels; }
size_t tconv_network_outputs(const tconv_network *network) { return network->n_outputs; }
size_t tconv_network_layers(const tconv_network *network) { return network->n_layers; }
size_t tconv_network_joins(const tconv_network *network) { return network->n_joins; }
bool tconv_network_single_precision(const tconv_network *network) { return network->options.single_precision; }

const char *tconv_network_output_name(const tconv_network *network, size_t i)
{
    return i < network->n_outputs ? tconv_onnx_output(network->graph, i)->name : NULL;
}

const tconv_network_layer *tconv_network_layer_at(const tconv_network *network, size_t i)
{
    return i < network->n_layers ? &network->layers[i] : NULL;
}

const tconv_network_join *tconv_network_join_at(const tconv_network *network, size_t i)
{
    return i < network->n_joins ? &network->joins[i] : NULL;
}

void tconv_network_destroy(tconv_network *network)
{
    if (network == NULL)
        return;
    for (size_t i = 0; network->values != NULL && i < network->n_values; i++)
        tconv_torus_free(&network->values[i]);
    for (size_t i = 0; network->steps != NULL && i < network->n_steps; i++)
        tconv_free(network->steps[i].in);
    tconv_name_table_free(&network->names);
    tconv_free(network->values);
    tconv_free(network->known);
    tconv_free(network->steps);
    tconv_free(network->outputs);
    tconv_free(network->layers);
    tconv_free(network->joins);
    tconv_free(network);
}

/* ---- which nodes are needed ---- */

static tconv_status value_number(tconv_network *n, const char *name, size_t *number, tconv_error *error)
{
    *number = TCONV_NO_INDEX;
    if (name[0] == '\0')
        return TCONV_OK;
    tconv_status status = tconv_name_table_add(&n->names, name, n->n_values, number);
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    if (*number == TCONV_NO_INDEX)
        *number = n->n_values++;
    return TCONV_OK;
}

static tconv_status number_values(tconv_network *n, struct tconv_network_step *step, tconv_error *error)
{
    const tconv_onnx_node *node = step->node;
    tconv_status status = TCONV_OK;
    step->in = tconv_alloc(node->n_inputs + node->n_outputs, sizeof *step->in, &status);
    if (step->in == NULL)
        return tconv_fail_plain(error, status);
    step->out = step->in + node->n_inputs;
    for (size_t i = 0; status == TCONV_OK && i < node->n_inputs; i++)
        status = value_number(n, node->inputs[i], &step->in[i], error);
    for (size_t i = 0; status == TCONV_OK && i < node->n_outputs; i++)
        status = value_number(n, node->outputs[i], &step->out[i], error);
    return status;
}

/* A network with one image in it, and nothing else that changes. */
static tconv_status check_inputs(const tconv_onnx_graph *graph, tconv_error *error)
{
    size_t count = tconv_onnx_inputs(graph), length = 0;
    char names[160] = "";
    if (count == 1)
        return TCONV_OK;
    for (size_t i = 0; i < count && i < 4; i++)
        length += (size_t)snprintf(names + length, sizeof names - length, "%s'%.32s'", i > 0 ? ", " : "", tconv_onnx_input(graph, i)->name);
    return tconv_fail(error, TCONV_EUNSUPPORTED, "the model has %zu inputs%s%s%s; one image is supported, and the others can be made initialisers",
                      count, count > 0 ? ": " : "", names, count > 4 ? " .." : "");
}

/* All nodes of the graph itself, with numbers for their values. */
static tconv_status collect_nodes(tconv_network *n, tconv_error *error)
{
    size_t count = tconv_onnx_nodes(n->graph);
    tconv_status status = TCONV_OK;
    n->steps = tconv_alloc_zero(count, sizeof *n->steps, &status);
    n->n_outputs = tconv_onnx_outputs(n->graph);
    n->outputs = tconv_alloc(n->n_outputs, sizeof *n->outputs, &status);
    if (n->steps == NULL || n->outputs == NULL)
        return tconv_fail_plain(error, status);
    for (size_t i = 0; status == TCONV_OK && i < count; i++) {
        const tconv_onnx_node *node = tconv_onnx_node_at(n->graph, i);
        if (node->level != 0)
            continue;
        n->steps[n->n_steps] = (struct tconv_network_step){ .node = node, .layer = TCONV_NO_LAYER };
        status = number_values(n, &n->steps[n->n_steps++], error);
    }
    for (size_t i = 0; status == TCONV_OK && i < n->n_outputs; i++)
        status = value_number(n, tconv_onnx_output(n->graph, i)->name, &n->outputs[i], error);
    if (status == TCONV_OK && n->n_outputs == 0)
        status = tconv_fail(error, TCONV_EFORMAT, "the model has no output");
    if (status == TCONV_OK)
        status = check_inputs(n->graph, error);
    if (status == TCONV_OK)
        status = value_number(n, tconv_onnx_input(n->graph, 0)->name, &n->input, error);
    return status == TCONV_OK && n->input == TCONV_NO_INDEX ? tconv_fail(error, TCONV_EFORMAT, "the model's input has no name") : status;
}

/* Keep the nodes that outputs depend on; nodes are in an order in which each comes after what it needs. */
static tconv_status drop_unneeded(tconv_network *n, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    size_t kept = 0;
    bool *needed = tconv_alloc_zero(n->n_values, sizeof *needed, &status);
    if (needed == NULL)
        return tconv_fail_plain(error, status);
    for (size_t i = 0; i < n->n_outputs; i++)
        if (n->outputs[i] != TCONV_NO_INDEX)
            needed[n->outputs[i]] = true;
    for (size_t s = n->n_steps; s-- > 0;) {
        struct tconv_network_step *step = &n->steps[s];
        bool wanted = false;
        for (size_t o = 0; o < step->node->n_outputs; o++)
            wanted = wanted || (step->out[o] != TCONV_NO_INDEX && needed[step->out[o]]);
        for (size_t i = 0; wanted && i < step->node->n_inputs; i++)
            if (step->in[i] != TCONV_NO_INDEX)
                needed[step->in[i]] = true;
        if (!wanted) {
            tconv_free(step->in);
            step->in = NULL;
        }
    }
    for (size_t s = 0; s < n->n_steps; s++)
        if (n->steps[s].in != NULL)
            n->steps[kept++] = n->steps[s];
    n->n_steps = kept;
    tconv_free(needed);
    return TCONV_OK;
}

static tconv_status find_operators(tconv_network *n, tconv_error *error)
{
    for (size_t s = 0; s < n->n_steps; s++) {
        struct tconv_network_step *step = &n->steps[s];
        const tconv_onnx_node *node = step->node;
        step->op = tconv_onnx_is(node, node->op_type) ? tconv_layer_find(node->op_type) : NULL;
        if (step->op == NULL)
            return tconv_fail(error, TCONV_EUNSUPPORTED, "node '%.80s': the operator %.60s%s%.60s is not supported", tconv_node_name(node),
                              node->domain, node->domain[0] != '\0' ? "." : "", node->op_type);
        if (node->n_inputs < step->op->least_inputs || node->n_inputs > step->op->most_inputs)
            return tconv_fail(error, TCONV_EFORMAT, "node '%.80s' (%.40s) has %zu inputs and %zu outputs", tconv_node_name(node),
                              node->op_type, node->n_inputs, node->n_outputs);
        for (size_t i = 0; i < step->op->least_inputs; i++)
            if (step->in[i] == TCONV_NO_INDEX)
                return tconv_fail(error, TCONV_EFORMAT, "node '%.80s' (%.40s): its input %zu is left out", tconv_node_name(node),
                                  node->op_type, i);
    }
    return TCONV_OK;
}

/* ---- constants ---- */

static tconv_status load_constant(tconv_network *n, const char *name, size_t value, tconv_error *error)
{
    size_t index = tconv_container_find(n->container, name);
    if (index == TCONV_NO_INDEX || tconv_onnx_producer(n->graph, name) != NULL)
        return TCONV_OK;
    tconv_status status = tconv_layer_load(n->container, index, &n->values[value], n->options.most_elements, error);
    n->values[value].constant = true;
    n->known[value] = status == TCONV_OK;
    return status;
}

static tconv_status load_constants(tconv_network *n, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    n->values = tconv_alloc_zero(n->n_values, sizeof *n->values, &status);
    n->known = tconv_alloc_zero(n->n_values, sizeof *n->known, &status);
    if (n->values == NULL || n->known == NULL)
        return tconv_fail_plain(error, status);
    for (size_t s = 0; s < n->n_steps; s++)
        for (size_t i = 0; status == TCONV_OK && i < n->steps[s].node->n_inputs; i++) {
            size_t value = n->steps[s].in[i];
            if (value != TCONV_NO_INDEX && value != n->input && !n->known[value])
                status = load_constant(n, n->steps[s].node->inputs[i], value, error);
        }
    return status;
}

/* ---- the input ---- */

/* (batch, y, x, channels), when all that reads the input is a Transpose to channels first. In one dimension that looks like
 * its inverse: then the axis whose length is declared holds the channels. */
static bool is_channels_last(const tconv_network *n, const tconv_onnx_value *input, size_t rank)
{
    bool found = false;
    if (!input->has_shape || input->shape[rank - 1] <= 0 || (rank == 3 && input->shape[1] > 0))
        return false;
    for (size_t s = 0; s < n->n_steps; s++) {
        const tconv_onnx_node *node = n->steps[s].node;
        if (node->n_inputs == 0 || n->steps[s].in[0] != n->input || strcmp(node->op_type, "Shape") == 0)
            continue;
        const tconv_onnx_attribute *perm = tconv_onnx_find(node, "perm");
        if (strcmp(node->op_type, "Transpose") != 0 || perm == NULL || perm->n_ints != rank || perm->ints[1] != (int64_t)rank - 1)
            return false;
        found = true;
    }
    return found;
}

/* The weight that meets the input first: its rank and channels where the model does not declare them. */
static const tconv_torus *first_weight(const tconv_network *n, int64_t *groups)
{
    for (size_t s = 0; s < n->n_steps; s++) {
        const struct tconv_network_step *step = &n->steps[s];
        const char *op = step->node->op_type;
        if ((strcmp(op, "Conv") != 0 && strcmp(op, "ConvTranspose") != 0) || step->in[0] != n->input || !n->known[step->in[1]])
            continue;
        *groups = strcmp(op, "Conv") == 0 ? tconv_onnx_int(step->node, "group", 1) : 0;
        return &n->values[step->in[1]];
    }
    return NULL;
}

static tconv_status read_input(tconv_network *n, tconv_error *error)
{
    const tconv_onnx_value *input = tconv_onnx_input(n->graph, 0);
    int64_t groups = 1;
    const tconv_torus *weight = first_weight(n, &groups);
    size_t rank = input->has_shape ? input->rank : weight != NULL ? weight->rank : 0;
    if (rank != 3 && rank != 4)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "the input '%.80s' has %zu axes; (batch, channels, x) and (batch, channels, y, x) are "
                                                     "supported", input->name, rank);
    n->ndim = rank - 2;
    n->channels_last = is_channels_last(n, input, rank);
    int64_t declared[4] = { -1, -1, -1, -1 };
    for (size_t a = 0; input->has_shape && a < rank; a++)
        declared[a] = input->shape[a];
    int64_t channels = declared[n->channels_last ? rank - 1 : 1];
    n->batch = declared[0] > 0 && declared[0] <= MOST_BATCH ? (size_t)declared[0] : 1;
    if (channels <= 0 && weight != NULL && weight->rank == rank)
        channels = groups > 0 && groups < 1 << 20 ? (int64_t)weight->axis[1].extent * groups : (int64_t)weight->axis[0].extent;
    if (channels <= 0)
        channels = (int64_t)n->options.channels;
    if (channels <= 0 || channels > 1 << 20)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "the input '%.80s' does not tell how many channels it has", input->name);
    n->channels = (size_t)channels;
    for (size_t d = 0; d < n->ndim; d++) {
        int64_t length = declared[d + (n->channels_last ? 1 : 2)];
        n->length[d] = length > 0 && length < 1 << 24 ? length : stand_in[d];
        n->open_size = n->open_size || length != n->length[d];
    }
    return TCONV_OK;
}

/* ---- creation ---- */

tconv_status tconv_network_create(tconv_network **network, tconv_container *container, const tconv_network_options *options,
                                  tconv_error *error)
{
    tconv_status status = TCONV_OK;
    const tconv_onnx_graph *graph = tconv_container_onnx(container);
    *network = NULL;
    if (graph == NULL)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "the file holds no ONNX graph; the answer of a network needs one");
    tconv_network *n = tconv_alloc_zero(1, sizeof *n, &status);
    if (n == NULL)
        return tconv_fail_plain(error, status);
    n->container = container;
    n->graph = graph;
    n->options = options != NULL ? *options : (tconv_network_options){ 0 };
    n->options.most_elements = n->options.most_elements != 0 ? n->options.most_elements : (size_t)1 << 24;
    n->options.most_period = n->options.most_period != 0 ? n->options.most_period : 4096;
    n->options.most_products = n->options.most_products > 0.0 ? n->options.most_products : 1e10;
    status = collect_nodes(n, error);
    if (status == TCONV_OK)
        status = drop_unneeded(n, error);
    if (status == TCONV_OK)
        status = find_operators(n, error);
    if (status == TCONV_OK)
        status = load_constants(n, error);
    if (status == TCONV_OK)
        status = read_input(n, error);
    if (status == TCONV_OK)
        status = tconv_network_try(n, error);
    if (status == TCONV_OK)
        *network = n;
    else
        tconv_network_destroy(n);
    return status;
}
