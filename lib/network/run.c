/* Running a network, step after step in the order of the file. */
#include <math.h>
#include <string.h>

#include "../core/memory.h"
#include "network.h"

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
    if (status == TCONV_ESIZE)
        return tconv_fail(error, status, "the input '%.80s' would have more than %zu elements", tconv_onnx_input(n->graph, 0)->name,
                          n->options.most_elements);
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
static void note_step(tconv_network *n, struct tconv_network_step *step, const tconv_layer_call *call)
{
    const tconv_torus *out = &call->out[0];
    double steps[2] = { 1.0, 1.0 };
    for (size_t a = 0; a < out->rank; a++)
        if (out->axis[a].space >= 0)
            steps[out->axis[a].space] = out->axis[a].step;
    if (call->joins)
        n->joins[n->n_joins++] = (tconv_network_join){ tconv_node_name(step->node), step->node->op_type,
                                                       { call->shift[0], call->shift[1] }, { steps[0], steps[1] } };
    size_t f0 = call->factor[0] > 0 ? call->factor[0] : 1, f1 = call->factor[1] > 0 ? call->factor[1] : 1;
    if (f0 * f1 > 1) {
        step->layer = n->n_layers;
        n->layers[n->n_layers++] = (tconv_network_layer){ tconv_node_name(step->node), step->node->op_type, { f0, f1 },
                                                          { steps[0], steps[1] } };
    }
}

struct run {
    size_t equalised;               /* the layer with equal gains, TCONV_NO_LAYER */
    size_t numbered;                /* the value that becomes the numbers of its channels, TCONV_NO_INDEX */
    size_t last;                    /* the value after which the run ends, TCONV_NO_INDEX = all outputs */
    bool trial;
    double work;
    tconv_error *error;
};

static struct run new_run(const tconv_network *n, size_t equalised, tconv_error *error)
{
    return (struct run){ .equalised = equalised, .numbered = TCONV_NO_INDEX, .last = TCONV_NO_INDEX, .work = n->options.most_products,
                         .error = error };
}

static tconv_status gather_inputs(tconv_network *n, const struct tconv_network_step *step, const tconv_torus **in, bool *constant, tconv_error *error)
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

static bool all_known(const tconv_network *n, const struct tconv_network_step *step)
{
    for (size_t o = 0; o < step->node->n_outputs; o++)
        if (step->out[o] != TCONV_NO_INDEX && !n->known[step->out[o]])
            return false;
    return true;
}

/* Round to float, and see that all is finite (not in the trial). */
static tconv_status check_output(tconv_network *n, const struct tconv_network_step *step, const struct run *run, tconv_torus *out)
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

static void number_channels(tconv_torus *t)
{
    size_t plane = 1;
    for (size_t a = 2; a < t->rank; a++)
        plane *= t->axis[a].extent;
    for (size_t i = 0; i < t->count; i++)                 /* of a Conv: it has channels */
        t->data[i] = (double)(i / plane % t->axis[1].extent);
}

/* Channels and space in one axis: the mean over them may be taken, and they may be parted again. All else would depend on places. */
static tconv_status check_merged(tconv_layer_call *call)
{
    static const char *const allowed[] = { "InstanceNormalization", "Reshape", "Identity", "Shape" };
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): the first input is never left out, see graph.c */
    bool fits = call->n_in == 0 || call->in[0]->rank_before == 0;
    for (size_t i = 0; !fits && i < sizeof allowed / sizeof allowed[0]; i++)
        fits = strcmp(call->node->op_type, allowed[i]) == 0;
    for (size_t i = 1; fits && i < call->n_in; i++)
        fits = call->in[i] == NULL || call->in[i]->rank_before == 0;
    return fits ? TCONV_OK
                : tconv_layer_fail(call, TCONV_EUNSUPPORTED, "its input has channels and space in one axis, which only InstanceNormalization "
                                                             "may use, as group normalisation does");
}

/* No two axes may be the same axis of space: values for pairs of places are as many as the map is large. */
static tconv_status check_places(tconv_layer_call *call, const tconv_torus *out)
{
    unsigned seen = 0;
    for (size_t a = 0; a < out->rank; a++) {
        unsigned space = out->axis[a].space >= 0 ? 1u << out->axis[a].space : 0;
        if ((seen & space) != 0)
            return tconv_layer_fail(call, TCONV_EUNSUPPORTED, "it pairs places of the map with one another, so it is not shift-invariant");
        seen |= space;
    }
    return TCONV_OK;
}

/* Let the step's operator fill `out`, and keep what the graph names. */
static tconv_status run_call(tconv_network *n, struct tconv_network_step *step, struct run *run, const tconv_torus **in, tconv_torus *out,
                             bool constant)
{
    const tconv_onnx_node *node = step->node;
    tconv_layer_call call = {
        .node = node, .opset = tconv_onnx_opset(n->graph), .container = n->container, .in = in, .n_in = node->n_inputs, .out = out,
        .n_out = node->n_outputs, .equalise = step->layer != TCONV_NO_LAYER && step->layer == run->equalised, .open_size = n->open_size,
        .most_elements = n->options.most_elements, .most_period = n->options.most_period, .work = &run->work, .error = run->error,
    };
    tconv_status status = check_merged(&call);
    if (status == TCONV_OK)
        status = step->op->run(&call);
    for (size_t o = 0; status == TCONV_OK && o < node->n_outputs; o++)
        status = check_places(&call, &out[o]);
    if (status == TCONV_OK && run->trial)
        note_step(n, step, &call);
    for (size_t o = 0; status == TCONV_OK && o < node->n_outputs; o++) {
        size_t value = step->out[o];
        if (value == TCONV_NO_INDEX || out[o].data == NULL || n->known[value])
            continue;
        status = check_output(n, step, run, &out[o]);
        out[o].constant = constant || strcmp(node->op_type, "Shape") == 0;
        if (value == run->numbered)
            number_channels(&out[o]);
        n->values[value] = out[o];
        n->known[value] = true;
        out[o] = (tconv_torus){ 0 };
    }
    return status;
}

static tconv_status run_step(tconv_network *n, struct tconv_network_step *step, struct run *run)
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
    for (size_t s = 0; status == TCONV_OK && s < n->n_steps; s++) {
        if (run->last != TCONV_NO_INDEX && n->known[run->last])
            return TCONV_OK;
        status = run_step(n, &n->steps[s], run);
    }
    for (size_t i = 0; status == TCONV_OK && run->last == TCONV_NO_INDEX && i < n->n_outputs; i++)
        if (n->outputs[i] == TCONV_NO_INDEX || !n->known[n->outputs[i]])
            status = tconv_fail(run->error, TCONV_EFORMAT, "nothing makes the output '%.80s'", tconv_network_output_name(n, i));
        else if (n->values[n->outputs[i]].rank_before > 0)
            status = tconv_fail(run->error, TCONV_EUNSUPPORTED, "the output '%.80s' has channels and space in one axis",
                                tconv_network_output_name(n, i));
    return status;
}

static tconv_status copy_value(const tconv_network *n, size_t value, tconv_torus *copy, tconv_error *error)
{
    const tconv_torus *from = &n->values[value];
    *copy = (tconv_torus){ .rank = from->rank };
    memcpy(copy->axis, from->axis, sizeof from->axis);
    return tconv_torus_select(from, NULL, copy, n->options.most_elements, error);
}

tconv_status tconv_network_run(tconv_network *network, const double *tile, const size_t *period, size_t equalised, tconv_torus *outputs,
                               tconv_error *error)
{
    struct run run = new_run(network, equalised, error);
    if (equalised != TCONV_NO_LAYER && equalised >= network->n_layers)
        return tconv_fail(error, TCONV_EARGUMENT, "there is no layer %zu to equalise", equalised);
    tconv_status status = run_all(network, tile, period, &run);
    for (size_t i = 0; status == TCONV_OK && i < network->n_outputs; i++)
        status = copy_value(network, network->outputs[i], &outputs[i], error);
    forget(network);
    return status;
}

/* A run that ends with one value. */
static tconv_status run_until(tconv_network *network, const double *tile, const size_t *period, struct run *run, tconv_torus *copy)
{
    tconv_status status = run_all(network, tile, period, run);
    if (status == TCONV_OK && !network->known[run->last])
        status = tconv_fail(run->error, TCONV_EARGUMENT, "the run does not make the value that is asked for");
    if (status == TCONV_OK)
        status = copy_value(network, run->last, copy, run->error);
    forget(network);
    return status;
}

tconv_status tconv_network_look(tconv_network *network, const double *tile, const size_t *period, size_t value, tconv_torus *copy,
                                tconv_error *error)
{
    struct run run = new_run(network, TCONV_NO_LAYER, error);
    run.last = value;
    return run_until(network, tile, period, &run, copy);
}

tconv_status tconv_network_follow(tconv_network *network, size_t from, size_t to, tconv_torus *copy, tconv_error *error)
{
    struct run run = new_run(network, TCONV_NO_LAYER, error);
    tconv_status status = TCONV_OK;
    double *zero = tconv_alloc_zero(network->channels, sizeof *zero, &status);
    if (zero == NULL)
        return tconv_fail_plain(error, status);
    run.numbered = from;
    run.last = to;
    status = run_until(network, zero, NULL, &run, copy);
    tconv_free(zero);
    return status;
}

tconv_status tconv_network_try(tconv_network *n, tconv_error *error)
{
    struct run run = new_run(n, TCONV_NO_LAYER, error);
    tconv_status status = TCONV_OK;
    run.trial = true;
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


const struct tconv_network_step *tconv_network_maker(const tconv_network *network, size_t value)
{
    for (size_t s = 0; s < network->n_steps; s++)
        for (size_t o = 0; o < network->steps[s].node->n_outputs; o++)
            if (value != TCONV_NO_INDEX && network->steps[s].out[o] == value)
                return &network->steps[s];
    return NULL;
}
