/* The layers of an ONNX graph that upsample, or whose gradient does:
 *
 *   ConvTranspose                                              itself
 *   Conv (stride 1) -> [pointwise] -> DepthToSpace             sub-pixel convolution, orders DCR and CRD
 *   Conv (stride 1) -> [pointwise] -> Reshape, Transpose, Reshape    the same, spelt out
 *   Resize or Upsample -> [Pad] -> Conv (stride 1)             resize convolution
 *   Conv with a stride                                         role gradient
 *
 * Weights are followed through Identity, Cast, DequantizeLinear and Transpose to the tensor in the file. */
#include <string.h>

#include "../core/memory.h"
#include "onnx_model.h"

struct finder {
    tconv_onnx_scope scope;
    const tconv_onnx_node *node;       /* whose layer is being made */
    tconv_layer_record layer;
};

/* ---- the convolution of a node ---- */

static void obstruct(struct finder *f, const char *why)
{
    if (f->layer.info.obstacle == NULL)
        f->layer.info.obstacle = why;
}

/* The tensor in the file that a record is made of. */
static const tconv_record *origin(const tconv_container *c, size_t index)
{
    while (c->records[index].kind != TCONV_RECORD_STORED)
        index = c->records[index].part[0];
    return &c->records[index];
}

/* Name, weight and bias of the layer; its shape from the tensor, or else from the graph's declaration. */
static tconv_status set_weight(struct finder *f, const tconv_onnx_node *node)
{
    tconv_layer_record *layer = &f->layer;
    tconv_layer_info *info = &layer->info;
    tconv_status status = tconv_onnx_resolve(&f->scope, tconv_onnx_input_of(node, 1), &layer->weight);
    if (status == TCONV_OK)
        status = tconv_onnx_resolve(&f->scope, tconv_onnx_input_of(node, 2), &layer->bias);
    if (status != TCONV_OK)
        return status;
    const tconv_record *records = f->scope.container->records;
    info->weight = tconv_onnx_input_of(node, 1);
    if (layer->weight != TCONV_NO_INDEX) {
        const tconv_tensor_info *w = &records[layer->weight].info;
        info->weight = origin(f->scope.container, layer->weight)->info.name;
        info->rank = w->rank;
        memcpy(info->shape, w->shape, sizeof info->shape);
        info->has_taps = true;
        info->obstacle = w->obstacle;
    } else {
        const tconv_onnx_value *declared = tconv_onnx_value_of(f->scope.graph, info->weight);
        info->rank = declared != NULL && declared->has_shape ? declared->rank : 0;
        for (size_t i = 0; i < info->rank; i++)
            info->shape[i] = declared->shape[i] > 0 ? (size_t)declared->shape[i] : 0;
        info->note = "the weights are an input of the graph or computed by it: geometry only";
    }
    if (layer->bias != TCONV_NO_INDEX)
        info->bias = origin(f->scope.container, layer->bias)->info.name;
    else if (tconv_onnx_input_of(node, 2)[0] != '\0')
        info->bias = tconv_onnx_input_of(node, 2);
    info->name = f->node->name[0] != '\0' ? f->node->name : info->weight;
    return TCONV_OK;
}

static bool take_ints(const tconv_onnx_node *node, const char *name, size_t wanted, const int64_t **values)
{
    const tconv_onnx_attribute *a = tconv_onnx_find(node, name);
    *values = a != NULL && a->n_ints == wanted ? a->ints : NULL;
    return a == NULL || a->n_ints == wanted;
}

/* strides, dilations, pads, output_padding and the kernel size into *g, whose ndim is told; false with an obstacle. */
static bool set_axes(struct finder *f, const tconv_onnx_node *node, tconv_geometry *g)
{
    size_t n = g->ndim;
    const int64_t *strides, *dilations, *pads, *output_padding, *kernel;
    if (!take_ints(node, "strides", n, &strides) || !take_ints(node, "dilations", n, &dilations)
        || !take_ints(node, "pads", 2 * n, &pads) || !take_ints(node, "output_padding", n, &output_padding)
        || !take_ints(node, "kernel_shape", n, &kernel)) {
        obstruct(f, "an attribute of the node has not one value per axis");
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        tconv_axis *axis = &g->axis[i];
        int64_t s = strides != NULL ? strides[i] : 1, d = dilations != NULL ? dilations[i] : 1;
        int64_t o = output_padding != NULL ? output_padding[i] : 0;
        if (s < 1 || d < 1 || o < 0 || (kernel != NULL && f->layer.info.shape[i + 2] != 0
                                        && kernel[i] != (int64_t)f->layer.info.shape[i + 2])) {
            obstruct(f, "a stride, dilation, output padding or kernel size of the node is not possible");
            return false;
        }
        axis->stride = (size_t)s;
        axis->dilation = (size_t)d;
        axis->output_padding = (size_t)o;
        axis->n_taps = kernel != NULL && kernel[i] > 0 ? (size_t)kernel[i] : f->layer.info.shape[i + 2];
        axis->pad_begin = pads != NULL ? pads[i] : 0;
        axis->pad_end = pads != NULL ? pads[n + i] : 0;
    }
    return true;
}

static tconv_auto_pad auto_pad_of(const tconv_onnx_node *node)
{
    const char *word = tconv_onnx_string(node, "auto_pad", "NOTSET");
    return strcmp(word, "SAME_UPPER") == 0 ? TCONV_PAD_SAME_UPPER : strcmp(word, "SAME_LOWER") == 0 ? TCONV_PAD_SAME_LOWER
         : strcmp(word, "VALID") == 0 ? TCONV_PAD_VALID : TCONV_PAD_EXPLICIT;
}

/* A sentence of *reason as the obstacle. */
static tconv_status obstruct_by(struct finder *f, const tconv_error *reason)
{
    tconv_status status = TCONV_OK;
    char *kept = tconv_arena_text(&f->scope.container->arena, reason->message, strlen(reason->message), &status);
    if (kept == NULL)
        return tconv_fail_plain(f->scope.error, status);
    obstruct(f, kept);
    return TCONV_OK;
}

/* Spatial extent i that the graph declares for a value, 0 where it does not. */
static size_t declared_size(const struct finder *f, const char *value, size_t ndim, size_t i)
{
    const tconv_onnx_value *x = tconv_onnx_value_of(f->scope.graph, value);
    return x != NULL && x->has_shape && x->rank == ndim + 2 && x->shape[i + 2] > 0 ? (size_t)x->shape[i + 2] : 0;
}

static void set_input_size(struct finder *f, const char *value, size_t ndim)
{
    for (size_t i = 0; i < ndim && i < TCONV_MAX_NDIM; i++)
        f->layer.info.input_size[i] = declared_size(f, value, ndim, i);
}

/* The spatial dimensions by the rank of the weight; false with an obstacle. */
static bool start_geometry(struct finder *f, const tconv_onnx_node *node, tconv_geometry *g)
{
    size_t rank = f->layer.info.rank;
    if (rank < 3 || rank > 2 + TCONV_MAX_NDIM) {
        obstruct(f, rank == 0 ? "the shape of its weight is not known" : "its weight has not 1 to 3 spatial dimensions");
        return false;
    }
    *g = tconv_geometry_default(rank - 2);
    int64_t groups = tconv_onnx_int(node, "group", 1);
    g->groups = groups >= 1 ? (size_t)groups : 0;
    return true;
}

static tconv_status finish(struct finder *f, const tconv_geometry *g)
{
    tconv_error reason = { 0 };
    tconv_layer_info *info = &f->layer.info;
    if (info->obstacle == NULL && tconv_geometry_check(g, &reason) != TCONV_OK) {
        tconv_status status = obstruct_by(f, &reason);
        if (status != TCONV_OK)
            return status;
    }
    info->geometry = *g;
    info->has_geometry = info->obstacle == NULL;
    info->upsamples = info->has_geometry && tconv_geometry_phases(g) > 1;
    return tconv_catalogue_add_layer(f->scope.container, &f->layer, f->scope.error);
}

/* ---- ConvTranspose ---- */

/* auto_pad and output_shape; they may need the size of the input. */
static tconv_status apply_dialect(struct finder *f, const tconv_onnx_node *node, tconv_geometry *g)
{
    const tconv_onnx_attribute *shape = tconv_onnx_find(node, "output_shape");
    size_t n = g->ndim, skip = shape != NULL && shape->n_ints == n + 2 ? 2 : 0;
    if (shape != NULL && shape->n_ints != n + skip) {
        obstruct(f, "output_shape has not one value per axis");
        return TCONV_OK;
    }
    for (size_t i = 0; i < n; i++) {
        tconv_error reason = { 0 };
        int64_t m = shape != NULL ? shape->ints[skip + i] : 0;
        if (shape != NULL && (m < 1 || f->layer.info.input_size[i] == 0)) {
            obstruct(f, "output_shape is told, but the graph does not say the size of the input");
            return TCONV_OK;
        }
        tconv_status status = tconv_axis_check(&g->axis[i], &reason);
        if (status == TCONV_OK)
            status = tconv_axis_apply_onnx(&g->axis[i], auto_pad_of(node), f->layer.info.input_size[i], (size_t)m, &reason);
        if (status != TCONV_OK)
            return obstruct_by(f, &reason);
    }
    return TCONV_OK;
}

static tconv_status add_transposed(struct finder *f, const tconv_onnx_node *node)
{
    tconv_geometry g = tconv_geometry_default(1);
    f->layer.info.operator_name = "ConvTranspose";
    f->layer.recipe = TCONV_RECIPE_WEIGHT;
    tconv_status status = set_weight(f, node);
    if (status != TCONV_OK)
        return status;
    if (start_geometry(f, node, &g)) {
        g.channels_in = f->layer.info.shape[0];
        if (!tconv_size_mul(f->layer.info.shape[1], g.groups, &g.channels_out))
            g.channels_out = 0;
        set_input_size(f, tconv_onnx_input_of(node, 0), g.ndim);
        if (set_axes(f, node, &g))
            status = apply_dialect(f, node, &g);
        if (status != TCONV_OK)
            return status;
        if (f->layer.bias != TCONV_NO_INDEX && tconv_info_count(&f->scope.container->records[f->layer.bias].info) != g.channels_out)
            obstruct(f, "its bias has not one value per output channel");
    }
    return finish(f, &g);
}

/* ---- convolutions ---- */

/* The convolution of a Conv node into *g: I = channels_in, O = channels_out. False with an obstacle. */
static bool set_convolution(struct finder *f, const tconv_onnx_node *node, tconv_geometry *g)
{
    if (!start_geometry(f, node, g))
        return false;
    g->channels_out = f->layer.info.shape[0];
    if (!tconv_size_mul(f->layer.info.shape[1], g->groups, &g->channels_in))
        g->channels_in = 0;
    if (!set_axes(f, node, g))
        return false;
    for (size_t i = 0; i < g->ndim; i++) {
        tconv_axis *axis = &g->axis[i];
        tconv_auto_pad mode = auto_pad_of(node);
        axis->output_padding = 0;
        if (mode == TCONV_PAD_EXPLICIT || axis->n_taps == 0 || axis->dilation > TCONV_MAX_TAPS / (axis->n_taps + 1))
            continue;
        if (mode == TCONV_PAD_VALID)
            axis->pad_begin = axis->pad_end = 0;
        else
            tconv_set_same(axis, declared_size(f, tconv_onnx_input_of(node, 0), g->ndim, i), mode == TCONV_PAD_SAME_LOWER);
    }
    if (f->layer.bias != TCONV_NO_INDEX && tconv_info_count(&f->scope.container->records[f->layer.bias].info) != g->channels_out)
        obstruct(f, "its bias has not one value per output channel");
    tconv_error reason = { 0 };
    if (tconv_geometry_check(g, &reason) != TCONV_OK)
        obstruct(f, "the geometry of its convolution is not possible");
    return f->layer.info.obstacle == NULL;
}

static bool has_stride(const tconv_onnx_node *node)
{
    const tconv_onnx_attribute *strides = tconv_onnx_find(node, "strides");
    for (size_t i = 0; strides != NULL && i < strides->n_ints; i++)
        if (strides->ints[i] > 1)
            return true;
    return false;
}

/* The input gradient of a strided convolution: weights (O, I/g, k..) read as (Cin, Cout/g, k..). */
static tconv_status add_gradient(struct finder *f, const tconv_onnx_node *node)
{
    tconv_geometry g = tconv_geometry_default(1);
    f->layer.info.operator_name = "Conv";
    f->layer.info.role = TCONV_ROLE_GRADIENT;
    f->layer.recipe = TCONV_RECIPE_GRADIENT;
    tconv_status status = set_weight(f, node);
    if (status != TCONV_OK)
        return status;
    if (set_convolution(f, node, &g)) {
        size_t in = g.channels_in;
        g.channels_in = g.channels_out;
        g.channels_out = in;
    }
    f->layer.bias = TCONV_NO_INDEX;
    f->layer.info.bias = NULL;
    return finish(f, &g);
}

/* From the geometry of the convolution to that of the transposed convolution that the layer equals. */
static tconv_status set_equivalent(struct finder *f, tconv_geometry *g)
{
    tconv_error reason = { 0 };
    f->layer.convolution = tconv_convolution_of(g);
    tconv_status status = tconv_layer_equivalent(&f->layer, g, &reason);
    if (status == TCONV_EBUDGET || status == TCONV_ENOMEM)
        return tconv_fail_plain(f->scope.error, status);
    return status == TCONV_OK ? TCONV_OK : obstruct_by(f, &reason);
}

/* conv, then pixels of `block` along each axis. */
static tconv_status add_shuffle(struct finder *f, const tconv_onnx_node *conv, size_t block, tconv_depth_order order, bool through)
{
    tconv_geometry g = tconv_geometry_default(1);
    f->layer.info.operator_name = "Conv+DepthToSpace";
    f->layer.recipe = TCONV_RECIPE_SHUFFLE;
    f->layer.depth_order = order;
    tconv_status status = set_weight(f, conv);
    if (status != TCONV_OK)
        return status;
    for (size_t i = 0; i < TCONV_MAX_NDIM; i++)
        f->layer.block[i] = block;
    set_input_size(f, tconv_onnx_input_of(conv, 0), f->layer.info.rank >= 2 ? f->layer.info.rank - 2 : 0);
    if (through)
        f->layer.info.note = "a pointwise function stands between the convolution and the rearrangement";
    if (set_convolution(f, conv, &g))
        status = set_equivalent(f, &g);
    return status == TCONV_OK ? finish(f, &g) : status;
}

static const tconv_onnx_node *convolution_before(struct finder *f, const char *value, bool *through)
{
    *through = false;
    const tconv_onnx_node *conv = tconv_onnx_maker(&f->scope, value, true, through);
    return conv != NULL && tconv_onnx_is(conv, "Conv") && !has_stride(conv) ? conv : NULL;
}

static tconv_status find_depth_to_space(struct finder *f, const tconv_onnx_node *node)
{
    bool through;
    const tconv_onnx_node *conv = convolution_before(f, tconv_onnx_input_of(node, 0), &through);
    int64_t block = tconv_onnx_int(node, "blocksize", 0);
    if (conv == NULL || block < 2 || block > (int64_t)TCONV_MAX_STRIDE)
        return TCONV_OK;
    return add_shuffle(f, conv, (size_t)block, strcmp(tconv_onnx_string(node, "mode", "DCR"), "CRD") != 0 ? TCONV_DEPTH_DCR : TCONV_DEPTH_CRD, through);
}

/* Reshape to (N, C, r, r, H, W), Transpose 0 1 4 2 5 3, Reshape: CRD. (N, r, r, C, H, W), 0 3 4 1 5 2: DCR. */
static tconv_status find_spelt_out(struct finder *f, const tconv_onnx_node *node)
{
    static const int64_t crd[] = { 0, 1, 4, 2, 5, 3 }, dcr[] = { 0, 3, 4, 1, 5, 2 };
    double shape[6];
    size_t count;
    bool through;
    const tconv_onnx_node *transpose = tconv_onnx_producer(f->scope.graph, tconv_onnx_input_of(node, 0));
    const tconv_onnx_attribute *perm = transpose != NULL && tconv_onnx_is(transpose, "Transpose")
                                     ? tconv_onnx_find(transpose, "perm") : NULL;
    const tconv_onnx_node *first = perm != NULL ? tconv_onnx_producer(f->scope.graph, tconv_onnx_input_of(transpose, 0)) : NULL;
    if (first == NULL || !tconv_onnx_is(first, "Reshape") || perm->n_ints != 6)
        return TCONV_OK;
    bool is_crd = memcmp(perm->ints, crd, sizeof crd) == 0, is_dcr = memcmp(perm->ints, dcr, sizeof dcr) == 0;
    const tconv_onnx_node *conv = is_crd || is_dcr ? convolution_before(f, tconv_onnx_input_of(first, 0), &through) : NULL;
    if (conv == NULL)
        return TCONV_OK;
    tconv_status status = tconv_onnx_small_constant(&f->scope, tconv_onnx_input_of(first, 1), 6, shape, &count);
    double r = shape[is_crd ? 2 : 1];
    if (status != TCONV_OK || count != 6 || r != shape[is_crd ? 3 : 2] || !(r >= 2 && r <= (double)TCONV_MAX_STRIDE))
        return status;
    return add_shuffle(f, conv, (size_t)r, is_dcr ? TCONV_DEPTH_DCR : TCONV_DEPTH_CRD, through);
}

/* ---- resize, then convolution ---- */

/* The factors of Resize or Upsample for all axes; *count = 0 where they are not constants. */
static tconv_status factors_of(struct finder *f, const tconv_onnx_node *resize, double *factors, size_t *count)
{
    bool upsample = tconv_onnx_is(resize, "Upsample");
    const tconv_onnx_attribute *told = upsample ? tconv_onnx_find(resize, "scales") : NULL;
    *count = 0;
    if (told != NULL && told->n_floats <= TCONV_MAX_RANK) {
        for (; *count < told->n_floats; ++*count)
            factors[*count] = (double)told->floats[*count];
        return TCONV_OK;
    }
    tconv_status status = tconv_onnx_small_constant(&f->scope, tconv_onnx_input_of(resize, upsample || resize->n_inputs == 2 ? 1 : 2), TCONV_MAX_RANK, factors, count);
    if (status != TCONV_OK || *count > 0 || upsample)
        return status;
    status = tconv_onnx_small_constant(&f->scope, tconv_onnx_input_of(resize, 3), TCONV_MAX_RANK, factors, count);      /* sizes */
    const tconv_onnx_value *x = tconv_onnx_value_of(f->scope.graph, tconv_onnx_input_of(resize, 0));
    bool known = x != NULL && x->has_shape && x->rank == *count;
    for (size_t i = 0; known && i < *count; i++) {
        known = x->shape[i] > 0 || i < 2;
        factors[i] = i < 2 ? 1.0 : factors[i] / (double)(x->shape[i] > 0 ? x->shape[i] : 1);
    }
    if (!known)
        *count = 0;
    return status;
}

/* Which word of a list; `count` if none. */
static size_t word_of(const char *word, const char *const *words, size_t count)
{
    size_t i = 0;
    while (i < count && strcmp(words[i], word) != 0)
        i++;
    return i;
}

/* Mode, grid and rounding, or an obstacle. tf_half_pixel_for_nn, floor((j + 1/2)/s), is floor(j/s) for whole s. */
static void set_base(struct finder *f, const tconv_onnx_node *resize)
{
    static const char *const roundings[] = { "round_prefer_floor", "round_prefer_ceil", "floor", "ceil" };
    static const char *const grids[] = { "half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "asymmetric",
                                         "tf_half_pixel_for_nn" };
    bool old = tconv_onnx_is(resize, "Upsample") || f->scope.graph->opset == 10;
    const char *mode = tconv_onnx_string(resize, "mode", "nearest");
    size_t grid = word_of(old ? "asymmetric" : tconv_onnx_string(resize, "coordinate_transformation_mode", "half_pixel"), grids, 5);
    size_t rounding = word_of(old ? "floor" : tconv_onnx_string(resize, "nearest_mode", roundings[0]), roundings, 4);
    const tconv_onnx_attribute *cubic = tconv_onnx_find(resize, "cubic_coeff_a");
    tconv_resize *to = &f->layer.resize;
    to->grid = grid < 3 ? TCONV_GRID_HALF_PIXEL : TCONV_GRID_ASYMMETRIC;
    to->rounding = rounding == 0 ? TCONV_ROUND_PREFER_FLOOR : rounding == 1 ? TCONV_ROUND_PREFER_CEIL
                 : rounding == 2 ? TCONV_ROUND_FLOOR : TCONV_ROUND_CEIL;
    if (strcmp(mode, "nearest") == 0) {
        to->mode = TCONV_RESIZE_NEAREST;
    } else if (strcmp(mode, "linear") == 0 || strcmp(mode, "bilinear") == 0) {
        to->mode = TCONV_RESIZE_LINEAR;
    } else if (strcmp(mode, "cubic") == 0 && (cubic == NULL || cubic->f == -0.75f || cubic->f == -0.5f)
               && tconv_onnx_int(resize, "exclude_outside", 0) == 0) {
        to->mode = cubic != NULL && cubic->f == -0.5f ? TCONV_RESIZE_CUBIC : TCONV_RESIZE_CUBIC75;
    } else {
        obstruct(f, "its resize is neither nearest, linear nor cubic with a = -0.5 or -0.75");
    }
    if (grid == 5 || rounding == 4 || (grid == 4 && (to->mode != TCONV_RESIZE_NEAREST || rounding != 2)))
        obstruct(f, "its resize is on neither the half-pixel grid nor the asymmetric one");
}

/* Whole factors of at least 1 into the layer's blocks; false where the layer does not upsample at all. */
static bool set_blocks(struct finder *f, const double *factors, size_t count)
{
    bool up = false;
    if (count == 0) {
        obstruct(f, "the factors of its resize are not constants");
        return true;
    }
    if (count < 3 || count > 2 + TCONV_MAX_NDIM) {
        obstruct(f, "its resize has not 1 to 3 spatial dimensions");
        return true;
    }
    if (count != f->layer.info.rank || factors[0] != 1.0 || factors[1] != 1.0) {
        obstruct(f, "its resize changes the channels or has not one factor per axis");
        return true;
    }
    for (size_t i = 2; i < count; i++) {
        up = up || factors[i] > 1.0;
        if (!(factors[i] >= 1.0 && factors[i] <= (double)TCONV_MAX_STRIDE) || factors[i] != (double)(size_t)factors[i])
            obstruct(f, "a factor of its resize is no whole number");
        else
            f->layer.resize.scale[i - 2] = (size_t)factors[i];
    }
    return up;
}

/* A Pad between the two adds to the convolution's own padding; what it pads with matters at borders only. */
static tconv_status add_padding(struct finder *f, const tconv_onnx_node *pad, tconv_geometry *g)
{
    double pads[2 * TCONV_MAX_RANK];
    size_t count = 0, rank = g->ndim + 2;
    const tconv_onnx_attribute *told = tconv_onnx_find(pad, "pads");
    tconv_status status = TCONV_OK;
    if (told != NULL && told->n_ints == 2 * rank)
        for (; count < told->n_ints; count++)
            pads[count] = (double)told->ints[count];
    else
        status = tconv_onnx_small_constant(&f->scope, tconv_onnx_input_of(pad, 1), sizeof pads / sizeof pads[0], pads, &count);
    bool fits = count == 2 * rank && pads[0] == 0 && pads[1] == 0 && pads[rank] == 0 && pads[rank + 1] == 0;
    for (size_t i = 0; fits && i < count; i++)
        fits = pads[i] >= -(double)TCONV_MAX_PADDING / 2 && pads[i] <= (double)TCONV_MAX_PADDING / 2;
    if (!fits)
        obstruct(f, "the padding between its resize and its convolution is not constant or pads channels");
    for (size_t i = 0; fits && i < g->ndim; i++) {
        g->axis[i].pad_begin += (int64_t)pads[2 + i];
        g->axis[i].pad_end += (int64_t)pads[rank + 2 + i];
    }
    return status;
}

static tconv_status find_resize(struct finder *f, const tconv_onnx_node *conv, bool *found)
{
    bool through = false;
    double factors[TCONV_MAX_RANK];
    size_t count;
    const tconv_onnx_node *pad = tconv_onnx_maker(&f->scope, tconv_onnx_input_of(conv, 0), false, &through), *resize = pad;
    *found = false;
    if (pad != NULL && tconv_onnx_is(pad, "Pad"))
        resize = tconv_onnx_maker(&f->scope, tconv_onnx_input_of(pad, 0), false, &through);
    else
        pad = NULL;
    if (resize == NULL || (!tconv_onnx_is(resize, "Resize") && !tconv_onnx_is(resize, "Upsample")))
        return TCONV_OK;
    f->layer.info.operator_name = tconv_onnx_is(resize, "Resize") ? "Resize+Conv" : "Upsample+Conv";
    f->layer.recipe = TCONV_RECIPE_RESIZE;
    tconv_geometry g = tconv_geometry_default(1);
    tconv_status status = set_weight(f, conv);
    if (status == TCONV_OK)
        status = factors_of(f, resize, factors, &count);
    if (status != TCONV_OK || !set_blocks(f, factors, count))
        return status;
    *found = true;
    set_input_size(f, tconv_onnx_input_of(resize, 0), f->layer.info.rank >= 2 ? f->layer.info.rank - 2 : 0);
    set_base(f, resize);
    if (set_convolution(f, conv, &g)) {
        if (pad != NULL)
            status = add_padding(f, pad, &g);
        if (status == TCONV_OK && f->layer.info.obstacle == NULL)
            status = set_equivalent(f, &g);
    }
    return status == TCONV_OK ? finish(f, &g) : status;
}

/* ---- all nodes ---- */

static void start_layer(struct finder *f, const tconv_onnx_node *node)
{
    f->node = node;
    f->layer = (tconv_layer_record){ .weight = TCONV_NO_INDEX, .bias = TCONV_NO_INDEX,
                                     .info = { .role = TCONV_ROLE_UPSAMPLE, .geometry = tconv_geometry_default(1) } };
    for (size_t i = 0; i < TCONV_MAX_RANK; i++)
        f->layer.order[i] = i;
}

tconv_status tconv_onnx_add_layers(tconv_container *container, tconv_error *error)
{
    struct finder f = { .scope = { container, container->own, error } };
    tconv_status status = TCONV_OK;
    for (size_t i = 0; status == TCONV_OK && i < f.scope.graph->n_nodes; i++) {
        const tconv_onnx_node *node = &f.scope.graph->nodes[i];
        bool found = false;
        start_layer(&f, node);
        if (tconv_onnx_is(node, "ConvTranspose")) {
            status = add_transposed(&f, node);
        } else if (tconv_onnx_is(node, "DepthToSpace")) {
            status = find_depth_to_space(&f, node);
        } else if (tconv_onnx_is(node, "Reshape")) {
            status = find_spelt_out(&f, node);
        } else if (tconv_onnx_is(node, "Conv") && has_stride(node)) {
            status = add_gradient(&f, node);
        } else if (tconv_onnx_is(node, "Conv")) {
            status = find_resize(&f, node, &found);
        }
    }
    return status;
}
