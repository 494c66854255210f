/* Layers of a container: made from a geometry that the caller knows, and loaded as kernels. */
#include <stdio.h>
#include <string.h>

#include "../core/memory.h"
#include "catalogue.h"

#define MOST_SMALL_TAPS ((size_t)1 << 16)

/* ---- layers from a geometry ---- */

/* Where the axes of (Cin, Cout/g, k1..kD) are in a stored weight. */
static void order_axes(tconv_layout layout, size_t ndim, size_t *order)
{
    for (size_t i = 0; i < ndim + 2; i++)
        order[i] = layout == TCONV_LAYOUT_IO ? i : i == 0 ? ndim + 1 : i == 1 ? ndim : i - 2;
}

/* "up.weight" -> "up.bias", "up/W" -> "up/b", "up/kernel:0" -> "up/bias:0": the record, or TCONV_NO_INDEX. */
static size_t bias_of(const tconv_container *c, const char *weight, size_t channels)
{
    static const char *const pairs[][2] = { { "weight", "bias" }, { "W", "b" }, { "kernel:0", "bias:0" }, { "kernel", "bias" } };
    char name[1024];
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        size_t length = strlen(weight), tail = strlen(pairs[i][0]);
        if (length < tail || strcmp(weight + length - tail, pairs[i][0]) != 0 || length >= sizeof name - 8)
            continue;
        (void)snprintf(name, sizeof name, "%.*s%s", (int)(length - tail), weight, pairs[i][1]);
        size_t found = tconv_container_find(c, name);
        if (found != TCONV_NO_INDEX && c->records[found].info.rank == 1 && c->records[found].info.shape[0] == channels)
            return found;
    }
    return TCONV_NO_INDEX;
}

static tconv_status add_layer(tconv_container *c, size_t at, const tconv_geometry_options *options, tconv_error *error)
{
    const tconv_tensor_info *info = &c->records[at].info;
    tconv_layer_record layer = { .recipe = TCONV_RECIPE_WEIGHT, .weight = at, .bias = TCONV_NO_INDEX };
    tconv_geometry g;
    tconv_error reason;
    tconv_status status = tconv_geometry_of_shape(options, info->shape, info->rank, &g, &reason);
    if (status != TCONV_OK)
        return tconv_fail(error, status, "%.100s: %.200s", info->name, reason.message);
    layer.single = info->rank < 3 || g.ndim != info->rank - 2;
    order_axes(options->layout_given ? options->layout : TCONV_LAYOUT_IO, g.ndim, layer.order);
    layer.info = (tconv_layer_info){ .name = info->name, .weight = info->name, .operator_name = "ConvTranspose",
                                     .role = TCONV_ROLE_UPSAMPLE, .rank = info->rank, .geometry = g, .has_geometry = true,
                                     .has_taps = true, .upsamples = tconv_geometry_phases(&g) > 1,
                                     .weight_norm_fused = c->records[at].kind == TCONV_RECORD_FUSED,
                                     .obstacle = info->obstacle };
    memcpy(layer.info.shape, info->shape, sizeof info->shape);
    layer.bias = bias_of(c, info->name, g.channels_out);
    if (layer.bias != TCONV_NO_INDEX)
        layer.info.bias = c->records[layer.bias].info.name;
    return tconv_catalogue_add_layer(c, &layer, error);
}

tconv_status tconv_container_add_layers(tconv_container *container, const char *glob, const tconv_geometry_options *options,
                                        size_t *added, tconv_error *error)
{
    size_t matched = 0, ndim = options->ndim;
    bool wild = strpbrk(glob, "*?[") != NULL;
    *added = 0;
    for (size_t i = 0; i < container->n_records; i++) {
        const tconv_tensor_info *info = &container->records[i].info;
        if (info->optimizer || !tconv_glob_match(glob, info->name))
            continue;
        matched++;
        bool weight = info->rank >= 3 && info->rank <= 2 + TCONV_MAX_NDIM && (ndim == 0 || info->rank == ndim + 2 || info->rank == ndim);
        if (wild && !weight)
            continue;
        tconv_status status = add_layer(container, i, options, error);
        if (status != TCONV_OK)
            return status;
        ++*added;
    }
    if (*added == 0 && matched > 0)
        return tconv_fail(error, TCONV_ENOTFOUND, "of %zu tensors that match '%.200s' none has the axes of a weight", matched, glob);
    if (*added == 0)
        return tconv_fail(error, TCONV_ENOTFOUND, "no tensor matches '%.200s'", glob);
    return TCONV_OK;
}

/* ---- layers that equal a transposed convolution ---- */

void tconv_set_same(tconv_axis *axis, size_t m, bool odd_at_begin)
{
    size_t last = m != 0 ? (m - 1) % axis->stride + 1 : axis->stride, effective = tconv_axis_effective_taps(axis);
    int64_t total = effective > last ? (int64_t)(effective - last) : 0;
    axis->pad_begin = odd_at_begin ? total - total / 2 : total / 2;
    axis->pad_end = total - axis->pad_begin;
}

tconv_convolution tconv_convolution_of(const tconv_geometry *geometry)
{
    tconv_convolution made = tconv_convolution_default(geometry->ndim);
    made.channels_in = geometry->channels_in;
    made.channels_out = geometry->channels_out;
    made.groups = geometry->groups;
    for (size_t i = 0; i < geometry->ndim; i++) {
        made.n_taps[i] = geometry->axis[i].n_taps;
        made.dilation[i] = geometry->axis[i].dilation;
        made.pad_begin[i] = geometry->axis[i].pad_begin;
        made.pad_end[i] = geometry->axis[i].pad_end;
    }
    return made;
}

/* The axes do not depend on weights or channels: those of the same layer with one output channel and zero weights. */
tconv_status tconv_layer_equivalent(const tconv_layer_record *layer, tconv_geometry *geometry, tconv_error *error)
{
    tconv_convolution small = layer->convolution;
    bool shuffle = layer->recipe == TCONV_RECIPE_SHUFFLE;
    size_t blocks = 1, count = 1;
    for (size_t i = 0; i < small.ndim; i++) {
        size_t extent = shuffle ? layer->block[i] : layer->resize.scale[i];
        if (!tconv_size_mul(blocks, shuffle ? extent : 1, &blocks) || !tconv_size_mul(count, small.n_taps[i], &count)
            || blocks > MOST_SMALL_TAPS || count > MOST_SMALL_TAPS || extent > MOST_SMALL_TAPS)
            return tconv_fail(error, TCONV_EGEOMETRY, "its kernel or its factor is larger than a layer's");
    }
    if (shuffle && small.channels_out % blocks != 0)
        return tconv_fail(error, TCONV_EGEOMETRY, "depth to space by %zu pixels does not divide %zu channels", blocks, small.channels_out);
    bool whole = small.groups == 1 || !shuffle
              || (layer->depth_order == TCONV_DEPTH_CRD && small.channels_out / small.groups % blocks == 0);
    small.channels_in = small.groups = 1;
    small.channels_out = blocks;
    tconv_status status = TCONV_OK;
    double *zeros = tconv_alloc_zero(blocks * count, sizeof *zeros, &status);
    if (zeros == NULL)
        return tconv_fail_plain(error, status);
    small.weights = zeros;
    tconv_kernel *kernel = NULL;
    status = shuffle ? tconv_depth_to_space(&small, layer->block, layer->depth_order, &kernel, NULL, error)
                     : tconv_resize_conv(&layer->resize, &small, &kernel, error);
    tconv_free(zeros);
    if (status != TCONV_OK)
        return status;
    *geometry = kernel->geometry;
    tconv_kernel_destroy(kernel);
    geometry->channels_in = layer->convolution.channels_in;
    geometry->channels_out = layer->convolution.channels_out / blocks;
    geometry->groups = whole ? layer->convolution.groups : 1;
    return TCONV_OK;
}

/* ---- candidates ---- */

static bool says_so(const char *name)
{
    static const char *const words[] = { "deconv", "transpose", "upsampl", "upscale", "upconv", "conv_post", "convt", "tconv",
                                         "up.", "up_", "ups." };
    char lower[256];
    size_t n = 0;
    for (; name[n] != '\0' && n + 1 < sizeof lower; n++)
        lower[n] = (char)(name[n] >= 'A' && name[n] <= 'Z' ? name[n] + 32 : name[n]);
    lower[n] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strstr(lower, words[i]) != NULL)
            return true;
    return false;
}

/* The largest and the smallest extent of the n spatial axes at k, and their product. */
static size_t spread(const size_t *k, size_t n, size_t *most, size_t *product)
{
    size_t least = k[0];
    *most = k[0];
    *product = 1;
    for (size_t i = 0; i < n; i++) {
        least = k[i] < least ? k[i] : least;
        *most = k[i] > *most ? k[i] : *most;
        *product = k[i] == 0 || *product > TCONV_MAX_TAPS / k[i] ? TCONV_MAX_TAPS : *product * k[i];
    }
    return *most - least;
}

int tconv_tensor_candidate(const tconv_tensor_info *tensor, tconv_layout *layout, char *text, size_t size)
{
    if (size > 0)
        text[0] = '\0';
    *layout = TCONV_LAYOUT_IO;
    if (tensor->obstacle != NULL || tensor->optimizer || tensor->rank < 3 || tensor->rank > 2 + TCONV_MAX_NDIM
        || (tensor->element != TCONV_ELEMENT_COUNT && !tconv_element_is_float(tensor->element)))
        return 0;
    /* Kernels are as long as wide more often than not, and smaller than the numbers of channels. */
    size_t n = tensor->rank - 2, most, most_tf, product, product_tf;
    size_t uneven = spread(tensor->shape + 2, n, &most, &product), uneven_tf = spread(tensor->shape, n, &most_tf, &product_tf);
    if (most_tf > 1 && ((uneven_tf == 0 && uneven > 0) || ((uneven_tf == 0) == (uneven == 0) && product_tf < product))) {
        *layout = TCONV_LAYOUT_TF;
        most = most_tf;
        product = product_tf;
    }
    if (most <= 1 || product >= TCONV_MAX_TAPS || tconv_info_count(tensor) == 0)
        return 0;
    if (most == 2)
        (void)snprintf(text, size, "%s:s=2,p=0", tensor->name);
    else if (most % 2 == 0)
        (void)snprintf(text, size, "%s:s=%zu,p=%zu", tensor->name, most / 2, most / 4);
    else
        (void)snprintf(text, size, "%s:s=2,p=%zu,o=1", tensor->name, (most - 1) / 2);
    return says_so(tensor->name) ? 2 : 1;
}

/* ---- loading ---- */

static tconv_status check_finite(const char *name, const double *values, size_t count, tconv_error *error)
{
    size_t first = tconv_first_non_finite(values, count);
    if (first == count)
        return TCONV_OK;
    return tconv_fail(error, TCONV_ENONFINITE, "the tensor '%.160s': element %zu is NaN or infinite", name, first);
}

/* Record i in memory of its own, its axes in `order` where that is not NULL, all finite. */
static tconv_status load_finite(tconv_container *c, size_t i, const size_t *order, double **values, tconv_error *error)
{
    tconv_status status = tconv_catalogue_check(c, i, error);
    const tconv_tensor_info info = c->records[i].info;
    size_t count = tconv_info_count(&info);
    bool moved = false;
    for (size_t a = 0; order != NULL && a < info.rank; a++)
        moved = moved || order[a] != a;
    double *stored = NULL, *ordered = NULL;
    *values = NULL;
    if (status != TCONV_OK)
        return status;
    stored = tconv_alloc(count, sizeof *stored, &status);
    if (stored != NULL && moved)
        ordered = tconv_alloc(count, sizeof *ordered, &status);
    if (status != TCONV_OK) {
        tconv_free(stored);
        return tconv_fail_plain(error, status);
    }
    status = tconv_catalogue_load(c, i, stored, error);
    if (status == TCONV_OK)
        status = check_finite(info.name, stored, count, error);
    if (status == TCONV_OK && moved)
        tconv_permute(info.shape, order, info.rank, stored, ordered);
    *values = status == TCONV_OK ? moved ? ordered : stored : NULL;
    if (*values != stored)
        tconv_free(stored);
    if (*values != ordered)
        tconv_free(ordered);
    return status;
}

/* The kernel of a recipe from its weight of `count` values, and its bias (or NULL). Both are consumed. */
static tconv_status make_kernel(const tconv_layer_record *layer, size_t count, double *weight, double *bias,
                                tconv_kernel **kernel, tconv_error *error)
{
    tconv_status status;
    tconv_convolution convolution = layer->convolution;
    convolution.weights = weight;
    convolution.bias = bias;
    if (layer->recipe == TCONV_RECIPE_SHUFFLE) {
        status = tconv_depth_to_space(&convolution, layer->block, layer->depth_order, kernel, NULL, error);
    } else if (layer->recipe == TCONV_RECIPE_RESIZE) {
        status = tconv_resize_conv(&layer->resize, &convolution, kernel, error);
    } else {
        status = tconv_kernel_create(kernel, &layer->info.geometry, error);
        if (status == TCONV_OK && tconv_kernel_count(*kernel) != count) {      /* a reader's promise, kept */
            tconv_kernel_destroy(*kernel);
            *kernel = NULL;
            status = tconv_fail(error, TCONV_EFORMAT, "the weight has %zu values, which is not what its geometry asks for", count);
        }
        if (status == TCONV_OK) {
            tconv_free((*kernel)->taps);
            (*kernel)->taps = weight;
            (*kernel)->bias = bias;
            return TCONV_OK;
        }
    }
    tconv_free(weight);
    tconv_free(bias);
    return status;
}

static tconv_status copy_names(tconv_kernel *kernel, const tconv_layer_info *info, tconv_error *error)
{
    tconv_status status = TCONV_OK;
    tconv_free(kernel->name);
    tconv_free(kernel->weight);
    tconv_free(kernel->operator_name);
    kernel->name = kernel->weight = kernel->operator_name = NULL;
    kernel->role = info->role;
    kernel->weight_norm_fused = info->weight_norm_fused;
    kernel->name = tconv_alloc_text(info->name, &status);
    kernel->weight = tconv_alloc_text(info->weight, &status);
    kernel->operator_name = tconv_alloc_text(info->operator_name, &status);
    return status == TCONV_OK ? status : tconv_fail_plain(error, status);
}

tconv_status tconv_container_load_layer(tconv_container *container, size_t i, tconv_kernel **kernel, tconv_error *error)
{
    *kernel = NULL;
    if (i >= container->n_layers)
        return tconv_fail(error, TCONV_EARGUMENT, "there is no layer %zu; the file has %zu", i, container->n_layers);
    const tconv_layer_record *layer = &container->layers[i];
    if (layer->info.obstacle != NULL || !layer->info.has_geometry || !layer->info.has_taps)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "the layer '%.120s' cannot be loaded: %.160s", layer->info.name,
                          layer->info.obstacle != NULL ? layer->info.obstacle : "its weights are not in the file");
    double *weight = NULL, *bias = NULL;
    tconv_kernel *made = NULL;
    bool ordered = !layer->single;
    tconv_status status = load_finite(container, layer->weight, ordered ? layer->order : NULL, &weight, error);
    if (status == TCONV_OK && layer->bias != TCONV_NO_INDEX)
        status = load_finite(container, layer->bias, NULL, &bias, error);
    if (status != TCONV_OK) {
        tconv_free(weight);
        return status;
    }
    status = make_kernel(layer, tconv_info_count(&container->records[layer->weight].info), weight, bias, &made, error);
    if (status == TCONV_OK)
        status = copy_names(made, &layer->info, error);
    if (status != TCONV_OK)
        tconv_kernel_destroy(made);
    else
        *kernel = made;
    return status;
}
