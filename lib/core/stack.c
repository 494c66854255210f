#include "stack.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))

int64_t tconv_axis_surplus(const tconv_axis *axis)
{
    int64_t slope, constant;
    tconv_axis_output_formula(axis, &slope, &constant);
    return constant;
}

bool tconv_axis_repair_padding(const tconv_axis *axis, size_t *output_padding)
{
    int64_t wanted = (int64_t)axis->output_padding - tconv_axis_surplus(axis);
    if (wanted < 0 || wanted >= (int64_t)MAX(axis->stride, axis->dilation))
        return false;
    *output_padding = (size_t)wanted;
    return true;
}

tconv_status tconv_stack_sizes(const tconv_axis *layers, size_t count, size_t n_in, size_t *sizes, tconv_error *error)
{
    tconv_error reason;
    for (size_t l = 0; l < count; l++) {
        tconv_status status = tconv_axis_output_size(&layers[l], l == 0 ? n_in : sizes[l - 1], &sizes[l], &reason);
        if (status != TCONV_OK)
            return tconv_fail(error, status, "layer %zu: %s", l + 1, reason.message);
    }
    return TCONV_OK;
}

static tconv_status too_large(size_t layer, tconv_error *error)
{
    return tconv_fail(error, TCONV_EGEOMETRY, "layers 1 to %zu together are beyond the limits of one layer (stride %zu, %zu taps)",
                      layer + 1, TCONV_MAX_STRIDE, TCONV_MAX_TAPS);
}

/* *whole followed by `next`: every length of the whole is stretched by the next stride. */
static bool append(tconv_axis *whole, const tconv_axis *next)
{
    int64_t s = (int64_t)next->stride, taps, begin, end, extra;
    if (__builtin_mul_overflow((int64_t)whole->n_taps - 1, s, &taps)
        || __builtin_add_overflow(taps, (int64_t)tconv_axis_effective_taps(next), &taps)
        || __builtin_mul_overflow(whole->pad_begin, s, &begin) || __builtin_mul_overflow(whole->pad_end, s, &end)
        || __builtin_mul_overflow((int64_t)whole->output_padding, s, &extra))
        return false;
    whole->stride *= next->stride;      /* at most 2^32: the check that follows refuses it */
    whole->n_taps = (size_t)taps;
    whole->pad_begin = begin + next->pad_begin;
    whole->pad_end = end + next->pad_end;
    extra += (int64_t)next->output_padding;
    if (extra >= (int64_t)whole->stride) {      /* o >= s (allowed where d > s): the rest becomes a smaller crop */
        whole->pad_end -= extra - (int64_t)(whole->stride - 1);
        extra = (int64_t)(whole->stride - 1);
    }
    whole->output_padding = (size_t)extra;
    return tconv_axis_check(whole, NULL) == TCONV_OK;
}

tconv_status tconv_stack_equivalent(const tconv_axis *layers, size_t count, tconv_axis *whole, tconv_error *error)
{
    if (count < 1 || count > TCONV_STACK_LAYERS)
        return tconv_fail(error, TCONV_EARGUMENT, "%zu layers in series; 1 to %zu are possible", count, TCONV_STACK_LAYERS);
    tconv_error reason;
    *whole = (tconv_axis){ .stride = 1, .n_taps = 1, .dilation = 1 };   /* the layer that changes nothing */
    for (size_t l = 0; l < count; l++) {
        if (tconv_axis_check(&layers[l], &reason) != TCONV_OK)
            return tconv_fail(error, TCONV_EGEOMETRY, "layer %zu: %s", l + 1, reason.message);
        if (!append(whole, &layers[l]))
            return too_large(l, error);
    }
    return TCONV_OK;
}

double tconv_stack_pixel_offset(const tconv_axis *layers, size_t count)
{
    double offset = 0.0, rate = 1.0;
    for (size_t l = 0; l < count; l++) {
        offset += tconv_axis_pixel_offset(&layers[l]) / rate;
        rate *= (double)layers[l].stride;
    }
    return offset;
}

size_t tconv_stack_rate(const tconv_axis *layers, size_t layer)
{
    size_t rate = 1;
    for (size_t l = 0; l < layer; l++)
        rate *= layers[l].stride;
    return rate;
}

size_t tconv_axis_tones(const tconv_axis *axis)
{
    return axis->stride / 2;
}
