#include "geometry_options.h"

#include "memory.h"
#include "tensor.h"

void tconv_geometry_options_merge(const tconv_geometry_options *base, const tconv_geometry_options *over,
                                  tconv_geometry_options *merged)
{
    tconv_geometry_options made = *base;
    bool crops = over->padding.count > 0 || over->pads.count > 0 || over->auto_pad_given || over->output_shape.count > 0;
    if (crops) {
        made.padding = over->padding;
        made.pads = over->pads;
        made.auto_pad_given = over->auto_pad_given;
        made.auto_pad = over->auto_pad;
        made.output_shape = over->output_shape;
    }
    if (over->stride.count > 0) made.stride = over->stride;
    if (over->dilation.count > 0) made.dilation = over->dilation;
    if (over->output_padding.count > 0) made.output_padding = over->output_padding;
    if (over->input_size.count > 0) made.input_size = over->input_size;
    if (over->groups != 0) made.groups = over->groups;
    if (over->ndim != 0) made.ndim = over->ndim;
    if (over->layout_given) {
        made.layout_given = true;
        made.layout = over->layout;
    }
    *merged = made;
}

/* ---- lists ---- */

static tconv_status check_list(const char *name, const tconv_option_list *list, size_t wanted, int64_t least, tconv_error *error)
{
    if (list->count > 1 && wanted == 1)
        return tconv_fail(error, TCONV_EARGUMENT, "%zu values of %s are given; 1 is needed", list->count, name);
    if (list->count > 1 && list->count != wanted)
        return tconv_fail(error, TCONV_EARGUMENT, "%zu values of %s are given; 1 or %zu are needed", list->count, name, wanted);
    for (size_t i = 0; i < list->count; i++)
        if (list->values[i] < least)
            return tconv_fail(error, TCONV_EARGUMENT, "%s is %lld; at least %lld is allowed", name,
                              (long long)list->values[i], (long long)least);
    return TCONV_OK;
}

/* The value for axis i: one serves all. `usual` where none is given. */
static int64_t value_of(const tconv_option_list *list, size_t i, int64_t usual)
{
    if (list->count == 0)
        return usual;
    return list->values[list->count == 1 ? 0 : i];
}

static tconv_status check_lists(const tconv_geometry_options *o, size_t ndim, tconv_error *error)
{
    tconv_status status = check_list("the stride", &o->stride, ndim, 1, error);
    if (status == TCONV_OK) status = check_list("the dilation", &o->dilation, ndim, 1, error);
    if (status == TCONV_OK) status = check_list("the output padding", &o->output_padding, ndim, 0, error);
    if (status == TCONV_OK) status = check_list("the padding", &o->padding, ndim, INT64_MIN, error);
    if (status == TCONV_OK) status = check_list("the pads (begins, then ends)", &o->pads, 2 * ndim, INT64_MIN, error);
    if (status == TCONV_OK) status = check_list("the output shape", &o->output_shape, ndim, 1, error);
    if (status == TCONV_OK) status = check_list("the input size", &o->input_size, ndim, 1, error);
    return status;
}

/* Each of these alone says what is cropped; auto_pad and output_shape go together. */
static tconv_status check_crops(const tconv_geometry_options *o, tconv_error *error)
{
    const char *second = o->pads.count > 0 && o->padding.count > 0 ? "the pads"
                       : o->auto_pad_given ? "auto-pad"
                       : o->output_shape.count > 0 ? "the output shape" : NULL;
    const char *first = o->padding.count > 0 ? "the padding" : o->pads.count > 0 ? "the pads" : NULL;
    if (first != NULL && second != NULL)
        return tconv_fail(error, TCONV_EARGUMENT, "%s and %s are both given; one of them says what is cropped", first, second);
    if (o->output_shape.count > 0 && o->input_size.count == 0)
        return tconv_fail(error, TCONV_EARGUMENT, "the output shape is given without the input size, which it needs");
    if (o->stride.count == 0)
        return tconv_fail(error, TCONV_ENOSTRIDE, "the stride is not given, neither as an option (-s 2) nor in the file ('# tconv: stride=2')");
    return TCONV_OK;
}

static tconv_status apply_axis(const tconv_geometry_options *o, size_t ndim, size_t i, tconv_axis *axis, tconv_error *error)
{
    axis->stride = (size_t)value_of(&o->stride, i, 1);
    axis->dilation = (size_t)value_of(&o->dilation, i, 1);
    axis->output_padding = (size_t)value_of(&o->output_padding, i, 0);
    axis->pad_begin = o->pads.count > 0 ? value_of(&o->pads, i, 0) : value_of(&o->padding, i, 0);
    axis->pad_end = o->pads.count > 0 ? value_of(&o->pads, ndim + i, 0) : value_of(&o->padding, i, 0);
    tconv_status status = tconv_axis_check(axis, error);
    if (status != TCONV_OK || (!o->auto_pad_given && o->output_shape.count == 0))
        return status;
    return tconv_axis_apply_onnx(axis, o->auto_pad_given ? o->auto_pad : TCONV_PAD_EXPLICIT,
                                 (size_t)value_of(&o->input_size, i, 0), (size_t)value_of(&o->output_shape, i, 0), error);
}

tconv_status tconv_geometry_options_apply(const tconv_geometry_options *options, tconv_geometry *geometry, tconv_error *error)
{
    if (geometry->ndim < 1 || geometry->ndim > TCONV_MAX_NDIM)
        return tconv_geometry_check(geometry, error);
    tconv_status status = check_lists(options, geometry->ndim, error);
    if (status == TCONV_OK)
        status = check_crops(options, error);
    for (size_t i = 0; i < geometry->ndim && status == TCONV_OK; i++)
        status = apply_axis(options, geometry->ndim, i, &geometry->axis[i], error);
    if (options->groups != 0)
        geometry->groups = options->groups;
    return status == TCONV_OK ? tconv_geometry_check(geometry, error) : status;
}

/* ---- shapes ---- */

/* A kernel without channels: its extents are taps; of (k, 1) and (1, k) in one dimension, the larger one. */
static tconv_geometry single_geometry(const size_t *shape, size_t rank, size_t ndim)
{
    tconv_geometry geometry = tconv_geometry_default(ndim);
    for (size_t i = 0; i < rank; i++) {
        size_t axis = ndim == rank ? i : 0;
        if (geometry.axis[axis].n_taps == 1)
            geometry.axis[axis].n_taps = shape[i];
    }
    return geometry;
}

static tconv_status layer_geometry(const tconv_geometry_options *options, const size_t *shape, size_t rank,
                                   tconv_geometry *geometry, tconv_error *error)
{
    bool tensorflow = options->layout_given && options->layout == TCONV_LAYOUT_TF;
    size_t groups = options->groups != 0 ? options->groups : 1, ndim = rank - 2;
    *geometry = tconv_geometry_default(ndim);
    geometry->groups = groups;
    geometry->channels_in = tensorflow ? shape[rank - 1] : shape[0];
    size_t out_per_group = tensorflow ? shape[rank - 2] : shape[1];
    if (!tconv_size_mul(out_per_group, groups, &geometry->channels_out))
        return tconv_fail(error, TCONV_ESIZE, "%zu groups of %zu output channels cannot be represented", groups, out_per_group);
    for (size_t i = 0; i < ndim; i++)
        geometry->axis[i].n_taps = tensorflow ? shape[i] : shape[i + 2];
    return TCONV_OK;
}

tconv_status tconv_geometry_of_shape(const tconv_geometry_options *options, const size_t *shape, size_t rank,
                                     tconv_geometry *geometry, tconv_error *error)
{
    char text[192];
    tconv_status status = TCONV_OK;
    size_t ndim = options->ndim != 0 ? options->ndim : rank <= 2 ? rank : rank - 2;
    tconv_shape_text(shape, rank, text, sizeof text);
    if (rank < 1 || rank > TCONV_MAX_NDIM + 2)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "an array of shape %s has %zu dimensions; 1 to %d can be a kernel or the weights of a layer",
                          text, rank, TCONV_MAX_NDIM + 2);
    for (size_t i = 0; i < rank; i++)
        if (shape[i] == 0)
            return tconv_fail(error, TCONV_EGEOMETRY, "an array of shape %s is empty; a kernel has at least one tap", text);
    bool line = rank == 2 && ndim == 1 && (shape[0] == 1 || shape[1] == 1);
    if (ndim == rank || line)
        *geometry = single_geometry(shape, rank, ndim);
    else if (rank >= 3 && ndim == rank - 2)
        status = layer_geometry(options, shape, rank, geometry, error);
    else
        return tconv_fail(error, TCONV_EARGUMENT, "an array of shape %s has no %zu spatial dimensions; it is %s", text, ndim,
                          rank == 1 ? "a kernel of one dimension" : rank == 2 ? "a kernel of two dimensions"
                          : "a layer of two dimensions less, or one kernel of as many");
    return status == TCONV_OK ? tconv_geometry_options_apply(options, geometry, error) : status;
}
