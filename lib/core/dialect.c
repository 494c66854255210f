#include "dialect.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))

bool tconv_axis_same_layer(const tconv_axis *a, const tconv_axis *b)
{
    int64_t slope_a, slope_b, constant_a, constant_b;
    tconv_axis_output_formula(a, &slope_a, &constant_a);
    tconv_axis_output_formula(b, &slope_b, &constant_b);
    return a->n_taps == b->n_taps && a->dilation == b->dilation && a->pad_begin == b->pad_begin && slope_a == slope_b
        && constant_a == constant_b;
}

bool tconv_axis_say_pytorch(const tconv_axis *axis, tconv_axis *said)
{
    int64_t extra = (int64_t)axis->output_padding + axis->pad_begin - axis->pad_end;
    if (axis->pad_begin < 0 || extra < 0 || extra >= (int64_t)MAX(axis->stride, axis->dilation))
        return false;
    *said = *axis;
    said->pad_end = axis->pad_begin;
    said->output_padding = (size_t)extra;
    return true;
}

bool tconv_axis_say_onnx(const tconv_axis *axis, tconv_axis *said)
{
    int64_t crop = axis->pad_end - (int64_t)axis->output_padding;   /* what is cropped at the end, all in all */
    if (axis->pad_begin < 0 || -crop >= (int64_t)MAX(axis->stride, axis->dilation))
        return false;
    *said = *axis;
    said->pad_end = MAX(crop, 0);
    said->output_padding = crop < 0 ? (size_t)-crop : 0;
    return true;
}

static tconv_axis bare(const tconv_axis *axis)
{
    return (tconv_axis){ .stride = axis->stride, .n_taps = axis->n_taps, .dilation = axis->dilation };
}

bool tconv_axis_is_auto_pad(const tconv_axis *axis, tconv_auto_pad mode)
{
    tconv_axis made = bare(axis);
    return mode != TCONV_PAD_EXPLICIT && tconv_axis_apply_onnx(&made, mode, 0, 0, NULL) == TCONV_OK
        && tconv_axis_same_layer(axis, &made);
}

bool tconv_axis_is_output_shape(const tconv_axis *axis, tconv_auto_pad mode, size_t n_in)
{
    size_t n_out;
    tconv_axis made = bare(axis);
    return tconv_axis_output_size(axis, n_in, &n_out, NULL) == TCONV_OK
        && tconv_axis_apply_onnx(&made, mode, n_in, n_out, NULL) == TCONV_OK && tconv_axis_same_layer(axis, &made);
}

bool tconv_axis_is_tensorflow(const tconv_axis *axis, bool same)
{
    tconv_axis made = bare(axis);
    return (axis->stride == 1 || axis->dilation == 1) && tconv_axis_apply_tensorflow(&made, same, NULL) == TCONV_OK
        && tconv_axis_same_layer(axis, &made);
}

bool tconv_axis_tensorflow_crop(const tconv_axis *axis, size_t *begin, size_t *end)
{
    int64_t slope, constant, valid;
    tconv_axis made = bare(axis);
    if ((axis->stride > 1 && axis->dilation > 1) || axis->pad_begin < 0
        || tconv_axis_apply_tensorflow(&made, false, NULL) != TCONV_OK)
        return false;
    tconv_axis_output_formula(axis, &slope, &constant);
    tconv_axis_output_formula(&made, &slope, &valid);
    if (valid - axis->pad_begin < constant)
        return false;
    *begin = (size_t)axis->pad_begin;
    *end = (size_t)(valid - axis->pad_begin - constant);
    return true;
}

bool tconv_geometry_say_pytorch(const tconv_geometry *geometry, tconv_geometry *said)
{
    *said = *geometry;
    for (size_t i = 0; i < geometry->ndim; i++)
        if (!tconv_axis_say_pytorch(&geometry->axis[i], &said->axis[i]))
            return false;
    return true;
}

bool tconv_geometry_say_onnx(const tconv_geometry *geometry, tconv_geometry *said)
{
    *said = *geometry;
    for (size_t i = 0; i < geometry->ndim; i++)
        if (!tconv_axis_say_onnx(&geometry->axis[i], &said->axis[i]))
            return false;
    return true;
}

bool tconv_geometry_is_auto_pad(const tconv_geometry *geometry, tconv_auto_pad mode)
{
    for (size_t i = 0; i < geometry->ndim; i++)
        if (!tconv_axis_is_auto_pad(&geometry->axis[i], mode))
            return false;
    return true;
}

bool tconv_geometry_is_output_shape(const tconv_geometry *geometry, tconv_auto_pad mode, const size_t *n_in)
{
    for (size_t i = 0; i < geometry->ndim; i++)
        if (!tconv_axis_is_output_shape(&geometry->axis[i], mode, n_in[i]))
            return false;
    return true;
}

bool tconv_geometry_strided_and_dilated(const tconv_geometry *geometry)
{
    bool strided = false, dilated = false;
    for (size_t i = 0; i < geometry->ndim; i++) {
        strided = strided || geometry->axis[i].stride > 1;
        dilated = dilated || geometry->axis[i].dilation > 1;
    }
    return strided && dilated;
}

bool tconv_geometry_is_tensorflow(const tconv_geometry *geometry, bool same)
{
    for (size_t i = 0; i < geometry->ndim; i++)
        if (!tconv_axis_is_tensorflow(&geometry->axis[i], same))
            return false;
    return !tconv_geometry_strided_and_dilated(geometry);
}

bool tconv_geometry_tensorflow_crop(const tconv_geometry *geometry, size_t *begin, size_t *end)
{
    for (size_t i = 0; i < geometry->ndim; i++)
        if (!tconv_axis_tensorflow_crop(&geometry->axis[i], &begin[i], &end[i]))
            return false;
    return !tconv_geometry_strided_and_dilated(geometry);
}
