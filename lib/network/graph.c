#include "graph.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "../core/memory.h"
#include "../io/name_table.h"
#include "../io/onnx.h"
#include "layers.h"

#define MOST_BATCH 64

/* Sizes that stand for any: multiples of 2^8 3^2 5 7, unequal, and no whole multiples of each other. */
static const int64_t stand_in[2] = { 80640 * 11, 80640 * 13 };

struct step {                       /* a node that is needed */
    const tconv_onnx_node *node;
    const tconv_layer_operator *op;
    size_t *in, *out;               /* values; TCONV_NO_INDEX = left out */
    size_t layer;                   /* its number among the layers with branches, TCONV_NO_LAYER */
};

struct tconv_network {
    tconv_container *container;
    const tconv_onnx_graph *graph;
    tconv_network_options options;
    size_t ndim, channels, batch;
    int64_t length[2];
    bool open_size, channels_last;
    tconv_name_table names;
    size_t n_values, input;
    tconv_torus *values;
    bool *known;                    /* the value is there: a constant, or made in this run */
    struct step *steps;
    size_t n_steps, n_outputs, *outputs;
    tconv_network_layer *layers;
    tconv_network_join *joins;
    size_t n_layers, n_joins;
};

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

static tconv_status number_values(tconv_network *n, struct step *step, tconv_error *error)
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
        n->steps[n->n_steps] = (struct step){ .node = node, .layer = TCONV_NO_LAYER };
        status = number_values(n, &n->steps[n->n_steps++], error);
    }
    for (size_t i = 0; status == TCONV_OK && i < n->n_outputs; i++)
        status = value_number(n, tconv_onnx_output(n->graph, i)->name, &n->outputs[i], error);
    if (status == TCONV_OK && n->n_outputs == 0)
        status = tconv_fail(error, TCONV_EFORMAT, "the model has no output");
    if (status == TCONV_OK && tconv_onnx_inputs(n->graph) != 1)
        status = tconv_fail(error, TCONV_EUNSUPPORTED, "the model has %zu inputs; one image is supported", tconv_onnx_inputs(n->graph));
    return status == TCONV_OK ? value_number(n, tconv_onnx_input(n->graph, 0)->name, &n->input, error) : status;
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
        struct step *step = &n->steps[s];
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
        struct step *step = &n->steps[s];
        const tconv_onnx_node *node = step->node;
        step->op = tconv_onnx_is(node, node->op_type) ? tconv_layer_find(node->op_type) : NULL;
        if (step->op == NULL)
            return tconv_fail(error, TCONV_EUNSUPPORTED, "node '%.80s': the operator %.60s%s%.60s is not supported", tconv_node_name(node),
                              node->domain, node->domain[0] != '\0' ? "." : "", node->op_type);
        if (node->n_inputs < step->op->least_inputs || node->n_inputs > step->op->most_inputs || node->n_outputs == 0)
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
        const struct step *step = &n->steps[s];
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

/* ---- running ---- */

/* Fill the input's value: the tile for every item of the batch. */
static tconv_status set_input(tconv_network *n, const double *tile, const size_t *period, tconv_error *error)
{
    static const size_t flat[2] = { 1, 1 };
    tconv_torus *x = &n->values[n->input];
    tconv_walk walk;
    period = period != NULL ? period : flat;
    x->rank = n->ndim + 2;
    x->axis[0] = tconv_torus_fixed(n->batch);
    size_t channel_axis = n->channels_last ? x->rank - 1 : 1, first = n->channels_last ? 1 : 2;
    x->axis[channel_axis] = tconv_torus_fixed(n->channels);
    for (size_t d = 0; d < n->ndim; d++) {
        if (period[d] < 1 || period[d] > n->options.most_period)
            return tconv_fail(error, TCONV_EARGUMENT, "a period of %zu samples; 1 to %zu are allowed", period[d], n->options.most_period);
        x->axis[first + d] = (tconv_torus_axis){ (int)d, period[d], n->length[d], 1.0, 0.0 };
    }
    tconv_status status = tconv_torus_allocate(x, n->options.most_elements, error);
    if (status != TCONV_OK)
        return status;
    tconv_walk_begin(&walk, x);
    for (size_t i = 0; i < x->count; i++, tconv_walk_next(&walk)) {
        size_t at = walk.at[channel_axis];
        for (size_t d = 0; d < n->ndim; d++)
            at = at * period[d] + walk.at[first + d];
        x->data[i] = tile[at];
    }
    n->known[n->input] = true;
    return TCONV_OK;
}

/* What one step tells of itself, in the trial run at creation. */
static void note_step(tconv_network *n, struct step *step, const tconv_layer_call *call)
{
    const tconv_torus *out = &call->out[0];
    double steps[2] = { 1.0, 1.0 };
    bool space = false;
    for (size_t a = 0; a < out->rank; a++)
        if (out->axis[a].space >= 0 && out->axis[a].space < 2) {
            steps[out->axis[a].space] = out->axis[a].step;
            space = true;
        }
    if (call->joins && space)
        n->joins[n->n_joins++] = (tconv_network_join){ tconv_node_name(step->node), step->node->op_type,
                                                       { call->shift[0], call->shift[1] }, { steps[0], steps[1] } };
    size_t f0 = call->factor[0] > 0 ? call->factor[0] : 1, f1 = call->factor[1] > 0 ? call->factor[1] : 1;
    if (f0 * f1 > 1 && space) {
        step->layer = n->n_layers;
        n->layers[n->n_layers++] = (tconv_network_layer){ tconv_node_name(step->node), step->node->op_type, { f0, f1 },
                                                          { steps[0], steps[1] } };
    }
}

struct run {
    size_t equalised;
    bool trial;
    double work;
    tconv_error *error;
};

static tconv_status gather_inputs(tconv_network *n, const struct step *step, const tconv_torus **in, bool *constant, tconv_error *error)
{
    *constant = true;
    for (size_t i = 0; i < step->node->n_inputs; i++) {
        in[i] = NULL;
        if (step->in[i] == TCONV_NO_INDEX)
            continue;
        if (!n->known[step->in[i]])
            return tconv_fail(error, TCONV_EFORMAT, "node '%.80s' (%.40s): nothing before it makes its input '%.80s'",
                              tconv_node_name(step->node), step->node->op_type, step->node->inputs[i]);
        in[i] = &n->values[step->in[i]];
        *constant = *constant && in[i]->constant;
    }
    return TCONV_OK;
}

static bool all_known(const tconv_network *n, const struct step *step)
{
    for (size_t o = 0; o < step->node->n_outputs; o++)
        if (step->out[o] != TCONV_NO_INDEX && !n->known[step->out[o]])
            return false;
    return true;
}

/* Round to float, and see that all is finite (not in the trial). */
static tconv_status check_output(tconv_network *n, const struct step *step, const struct run *run, tconv_torus *out)
{
    for (size_t i = 0; i < out->count; i++) {
        if (n->options.single_precision && !out->integer)
            out->data[i] = (double)(float)out->data[i];
        if (!run->trial && !isfinite(out->data[i]))
            return tconv_fail(run->error, TCONV_ENONFINITE, "node '%.80s' (%.40s) makes a NaN or an infinity", tconv_node_name(step->node),
                              step->node->op_type);
    }
    return TCONV_OK;
}

/* Let the step's operator fill `out`, and keep what the graph names. */
static tconv_status run_call(tconv_network *n, struct step *step, struct run *run, const tconv_torus **in, tconv_torus *out, bool constant)
{
    const tconv_onnx_node *node = step->node;
    tconv_layer_call call = {
        .node = node, .opset = tconv_onnx_opset(n->graph), .container = n->container, .in = in, .n_in = node->n_inputs, .out = out,
        .n_out = node->n_outputs, .equalise = step->layer != TCONV_NO_LAYER && step->layer == run->equalised, .open_size = n->open_size,
        .most_elements = n->options.most_elements, .most_period = n->options.most_period, .work = &run->work, .error = run->error,
    };
    tconv_status status = step->op->run(&call);
    if (status == TCONV_OK && run->trial)
        note_step(n, step, &call);
    for (size_t o = 0; status == TCONV_OK && o < node->n_outputs; o++) {
        size_t value = step->out[o];
        if (value == TCONV_NO_INDEX || out[o].data == NULL || n->known[value])
            continue;
        status = check_output(n, step, run, &out[o]);
        out[o].constant = constant || strcmp(node->op_type, "Shape") == 0;
        n->values[value] = out[o];
        n->known[value] = true;
        out[o] = (tconv_torus){ 0 };
    }
    return status;
}

static tconv_status run_step(tconv_network *n, struct step *step, struct run *run)
{
    bool constant;
    tconv_status status = TCONV_OK;
    if (all_known(n, step))
        return TCONV_OK;
    const tconv_torus **in = tconv_alloc(step->node->n_inputs, sizeof *in, &status);
    tconv_torus *out = tconv_alloc_zero(step->node->n_outputs, sizeof *out, &status);
    if (in == NULL || out == NULL)
        status = tconv_fail_plain(run->error, status);
    if (status == TCONV_OK)
        status = gather_inputs(n, step, in, &constant, run->error);
    if (status == TCONV_OK)
        status = run_call(n, step, run, in, out, constant);
    for (size_t o = 0; out != NULL && o < step->node->n_outputs; o++)
        tconv_torus_free(&out[o]);
    tconv_free(out);
    tconv_free((void *)in);
    return status;
}

/* Forget what the run made; constants stay. */
static void forget(tconv_network *n)
{
    for (size_t i = 0; i < n->n_values; i++)
        if (n->known[i] && !n->values[i].constant) {
            tconv_torus_free(&n->values[i]);
            n->known[i] = false;
        } else if (!n->known[i]) {
            tconv_torus_free(&n->values[i]);
        }
}

static tconv_status run_all(tconv_network *n, const double *tile, const size_t *period, struct run *run)
{
    tconv_status status = set_input(n, tile, period, run->error);
    for (size_t s = 0; status == TCONV_OK && s < n->n_steps; s++)
        status = run_step(n, &n->steps[s], run);
    for (size_t i = 0; status == TCONV_OK && i < n->n_outputs; i++)
        if (n->outputs[i] == TCONV_NO_INDEX || !n->known[n->outputs[i]])
            status = tconv_fail(run->error, TCONV_EFORMAT, "nothing makes the output '%.80s'", tconv_network_output_name(n, i));
    return status;
}

tconv_status tconv_network_run(tconv_network *network, const double *tile, const size_t *period, size_t equalised, tconv_torus *outputs,
                               tconv_error *error)
{
    struct run run = { equalised, false, network->options.most_products, error };
    if (equalised != TCONV_NO_LAYER && equalised >= network->n_layers)
        return tconv_fail(error, TCONV_EARGUMENT, "there is no layer %zu to equalise", equalised);
    tconv_status status = run_all(network, tile, period, &run);
    for (size_t i = 0; status == TCONV_OK && i < network->n_outputs; i++) {
        const tconv_torus *from = &network->values[network->outputs[i]];
        outputs[i] = (tconv_torus){ .rank = from->rank };
        memcpy(outputs[i].axis, from->axis, sizeof from->axis);
        status = tconv_torus_select(from, NULL, &outputs[i], network->options.most_elements, error);
    }
    forget(network);
    return status;
}

/* ---- creation ---- */

static tconv_status try_all(tconv_network *n, tconv_error *error)
{
    struct run run = { TCONV_NO_LAYER, true, n->options.most_products, error };
    tconv_status status = TCONV_OK;
    n->layers = tconv_alloc_zero(n->n_steps, sizeof *n->layers, &status);
    n->joins = tconv_alloc_zero(n->n_steps, sizeof *n->joins, &status);
    double *grey = tconv_alloc(n->channels, sizeof *grey, &status);
    if (n->layers == NULL || n->joins == NULL || grey == NULL)
        status = tconv_fail_plain(error, status);
    for (size_t c = 0; status == TCONV_OK && c < n->channels; c++)
        grey[c] = 0.5;
    if (status == TCONV_OK)
        status = run_all(n, grey, NULL, &run);
    forget(n);
    tconv_free(grey);
    return status;
}

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
        status = try_all(n, error);
    if (status == TCONV_OK)
        *network = n;
    else
        tconv_network_destroy(n);
    return status;
}
