#include "comb.h"

#include <string.h>

#include "../core/memory.h"

static tconv_status refuse(const struct tconv_network_step *step, tconv_error *error, tconv_status status, const char *why)
{
    return tconv_fail(error, status, "node '%.80s' (%.40s): %s", tconv_node_name(step->node), step->node->op_type, why);
}

static const struct tconv_network_step *last_layer(const tconv_network *n)
{
    for (size_t s = n->n_steps; s-- > 0;)
        if (n->steps[s].layer != TCONV_NO_LAYER)
            return &n->steps[s];
    return NULL;
}

/* The Conv whose channels the layer lays out in space, through layers that only move values about. */
static const struct tconv_network_step *find_conv(const tconv_network *n, const struct tconv_network_step *layer)
{
    static const char *const movers[] = { "Reshape", "Transpose", "Identity", "Squeeze", "Unsqueeze" };
    const struct tconv_network_step *step = tconv_network_maker(n, layer->in[0]);
    for (size_t m = 0; step != NULL && m < sizeof movers / sizeof movers[0];) {
        bool moves = strcmp(step->node->op_type, movers[m]) == 0;
        step = moves ? tconv_network_maker(n, step->in[0]) : step;
        m = moves ? 0 : m + 1;
    }
    return step != NULL && strcmp(step->node->op_type, "Conv") == 0 ? step : NULL;
}

/* ---- a transposed convolution: branches of taps ---- */

static size_t per_axis(const tconv_onnx_node *node, const char *name, size_t axis)
{
    const tconv_onnx_attribute *a = tconv_onnx_find(node, name);
    return a != NULL && axis < a->n_ints ? (size_t)a->ints[axis] : 1;        /* the trial run has checked them */
}

/* Of every tap: along each axis (d r) mod s, row-major. */
static tconv_status branches_of_taps(struct tconv_comb_layer *c, const tconv_torus *w, tconv_error *error)
{
    const tconv_onnx_node *node = c->step->node;
    size_t ndim = w->rank - 2, counted = 0;
    tconv_status status = TCONV_OK;
    c->branches = 1;
    for (size_t a = 0; a < ndim; a++)
        c->branches *= per_axis(node, "strides", a);
    c->branch = tconv_alloc(c->taps, sizeof *c->branch, &status);
    bool *has = tconv_alloc_zero(c->branches, sizeof *has, &status);
    for (size_t t = 0; c->branch != NULL && has != NULL && t < c->taps; t++) {
        size_t rest = t, q = 0, scale = 1;
        for (size_t a = ndim; a-- > 0; rest /= w->axis[2 + a].extent) {
            size_t stride = per_axis(node, "strides", a);
            q += scale * (rest % w->axis[2 + a].extent * per_axis(node, "dilations", a) % stride);
            scale *= stride;
        }
        c->branch[t] = q;
        counted += has[q] ? 0 : 1;
        has[q] = true;
    }
    tconv_free(has);
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    return counted == c->branches ? TCONV_OK : refuse(c->step, error, TCONV_EGEOMETRY, "a branch has no taps that could be corrected");
}

/* ---- channels laid out in space ---- */

/* Where an element of the layer's output belongs: its unit (axes that are no space), then its branch. */
static size_t place_of(const tconv_walk *walk, const tconv_torus *t, const size_t factor[2])
{
    size_t unit = 0, q[2] = { 0, 0 };
    for (size_t a = 1; a < t->rank; a++) {
        if (t->axis[a].space == TCONV_FIXED)
            unit = unit * t->axis[a].extent + walk->at[a];
        else
            q[t->axis[a].space & 1] = walk->at[a];
    }
    return (unit * factor[0] + q[0]) * factor[1] + q[1];
}

/* The channel of every (unit, branch) from one block of the output, in which each channel is to be there once. They are the
 * numbers of channels that tconv_network_follow put in, moved about only: whole, and as many as the block has values. */
static bool read_channels(const tconv_torus *block, const size_t factor[2], size_t *numbers, bool *taken)
{
    tconv_walk walk;
    tconv_walk_begin(&walk, block);
    for (size_t i = 0; i < block->count; i++, tconv_walk_next(&walk)) {
        size_t channel = (size_t)block->data[i];
        if (taken[channel])
            return false;
        numbers[place_of(&walk, block, factor)] = channel;
        taken[channel] = true;
    }
    return true;
}

/* The layer's output, run with the numbers of the convolution's channels in place of its values: one block of branches. */
static tconv_status follow_channels(tconv_network *n, const struct tconv_comb_layer *c, const size_t factor[2], tconv_torus *block,
                                    tconv_error *error)
{
    tconv_torus out = { 0 };
    tconv_status status = tconv_network_follow(n, c->step->out[0], c->layer->out[0], &out, error);
    *block = (tconv_torus){ .rank = out.rank };
    memcpy(block->axis, out.axis, sizeof block->axis);
    for (size_t a = 0; a < out.rank; a++)
        if (a == 0 || out.axis[a].space != TCONV_FIXED)
            block->axis[a].extent = a == 0 ? 1 : factor[out.axis[a].space & 1];
    if (status == TCONV_OK)
        status = tconv_torus_select(&out, NULL, block, n->options.most_elements, error);
    tconv_torus_free(&out);
    return status;
}

static tconv_status channels_of_branches(tconv_network *n, struct tconv_comb_layer *c, tconv_error *error)
{
    const size_t *factor = tconv_network_layer_at(n, c->layer->layer)->factor;
    tconv_torus block;
    size_t channels = c->groups * c->outputs;
    bool fits = false;
    c->branches = factor[0] * factor[1];
    c->units = channels / c->branches;
    tconv_status status = follow_channels(n, c, factor, &block, error);
    if (status != TCONV_OK) {
        tconv_torus_free(&block);
        return status;
    }
    c->branch = tconv_alloc(channels, sizeof *c->branch, &status);
    bool *taken = tconv_alloc_zero(channels, sizeof *taken, &status);
    if (c->branch != NULL && taken != NULL && c->units * c->branches == channels && block.count == channels)
        fits = read_channels(&block, factor, c->branch, taken);
    tconv_free(taken);
    tconv_torus_free(&block);
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    return fits ? TCONV_OK : refuse(c->layer, error, TCONV_EUNSUPPORTED, "its branches are not the channels of one convolution");
}

/* ---- either ---- */

/* The number of the file's own tensor that is the weight. */
static tconv_status find_tensor(const tconv_network *n, struct tconv_comb_layer *c, tconv_error *error)
{
    const char *name = c->step->node->inputs[1];
    const tconv_onnx_node *maker = tconv_onnx_producer(n->graph, name);
    c->tensor = maker == NULL || tconv_onnx_is(maker, "Constant") ? tconv_container_find(n->container, name) : TCONV_NO_INDEX;
    return c->tensor != TCONV_NO_INDEX && n->known[c->step->in[1]] ? TCONV_OK
               : refuse(c->step, error, TCONV_EUNSUPPORTED, "its weight is computed, so there is no tensor of the file to correct");
}

tconv_status tconv_comb_find(tconv_network *n, struct tconv_comb_layer *c, tconv_error *error)
{
    const struct tconv_network_step *layer = last_layer(n);
    *c = (struct tconv_comb_layer){ .layer = layer };
    if (layer == NULL)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "no layer of the network has branches that could be corrected: a ConvTranspose, "
                                                     "or a Conv whose channels are laid out in space");
    c->transposed = strcmp(layer->node->op_type, "ConvTranspose") == 0;
    c->step = c->transposed ? layer : find_conv(n, layer);
    if (c->step == NULL)
        return refuse(layer, error, TCONV_EUNSUPPORTED, "what it lays out in space does not come straight from a Conv");
    tconv_status status = find_tensor(n, c, error);
    if (status != TCONV_OK)
        return status;
    const tconv_torus *w = &n->values[c->step->in[1]];
    c->features = c->step->in[0];
    c->groups = (size_t)tconv_onnx_int(c->step->node, "group", 1);
    c->inputs = c->transposed ? w->axis[0].extent / c->groups : w->axis[1].extent;
    c->outputs = c->transposed ? w->axis[1].extent : w->axis[0].extent / c->groups;
    c->units = c->groups * c->outputs;
    c->taps = w->count / w->axis[0].extent / w->axis[1].extent;
    c->weight = w->data;
    c->count = w->count;
    size_t bias = c->step->node->n_inputs > 2 ? c->step->in[2] : TCONV_NO_INDEX;
    c->bias = !c->transposed && bias != TCONV_NO_INDEX && n->known[bias] ? n->values[bias].data : NULL;
    return c->transposed ? branches_of_taps(c, w, error) : channels_of_branches(n, c, error);
}

size_t tconv_comb_group(const struct tconv_comb_layer *c, size_t unit, size_t q)
{
    return c->transposed ? unit / c->outputs : c->branch[unit * c->branches + q] / c->outputs;
}

size_t tconv_comb_taps(const struct tconv_comb_layer *c, size_t unit, size_t q, size_t in)
{
    size_t group = tconv_comb_group(c, unit, q);
    return c->taps * (c->transposed ? (group * c->inputs + in) * c->outputs + unit % c->outputs
                                    : c->branch[unit * c->branches + q] * c->inputs + in);
}

bool tconv_comb_has(const struct tconv_comb_layer *c, size_t q, size_t tap)
{
    return !c->transposed || c->branch[tap] == q;
}

double tconv_comb_gain(const struct tconv_comb_layer *c, size_t unit, size_t q, size_t in)
{
    const double *w = c->weight + tconv_comb_taps(c, unit, q, in);
    double sum = 0.0;
    for (size_t t = 0; t < c->taps; t++)
        sum += tconv_comb_has(c, q, t) ? w[t] : 0.0;
    return sum;
}
