#include "arithmetic_parts.h"

#include "../core/dialect.h"

/* One number where all axes agree, else "(2, 3)". */
static void write_tuple(tconv_buffer *out, const char *name, const size_t *value, size_t ndim)
{
    bool same = true;
    for (size_t i = 1; i < ndim; i++)
        same = same && value[i] == value[0];
    tconv_buffer_format(out, ", %s=", name);
    if (same) {
        tconv_buffer_format(out, "%zu", value[0]);
        return;
    }
    for (size_t i = 0; i < ndim; i++)
        tconv_buffer_format(out, "%s%zu", i == 0 ? "(" : ",", value[i]);
    tconv_buffer_text(out, ")");
}

/* "strides=[2,2]" with a blank before it; nothing where all are `usual`. */
static void write_attribute(tconv_buffer *out, const char *name, const size_t *value, size_t count, size_t usual)
{
    bool needed = false;
    for (size_t i = 0; i < count; i++)
        needed = needed || value[i] != usual;
    if (!needed)
        return;
    tconv_buffer_format(out, " %s=[", name);
    for (size_t i = 0; i < count; i++)
        tconv_buffer_format(out, "%s%zu", i == 0 ? "" : ",", value[i]);
    tconv_buffer_text(out, "]");
}

/* The figures of all axes, each as a list. */
struct lists {
    size_t taps[TCONV_MAX_NDIM], stride[TCONV_MAX_NDIM], dilation[TCONV_MAX_NDIM], output_padding[TCONV_MAX_NDIM];
    size_t pads[2 * TCONV_MAX_NDIM];
    bool padded, extra, dilated;
};

/* Of an axis whose crops are not negative. */
static struct lists lists_of(const tconv_geometry *g)
{
    struct lists lists = { .padded = false };
    for (size_t i = 0; i < g->ndim; i++) {
        const tconv_axis *axis = &g->axis[i];
        lists.taps[i] = axis->n_taps;
        lists.stride[i] = axis->stride;
        lists.dilation[i] = axis->dilation;
        lists.output_padding[i] = axis->output_padding;
        lists.pads[i] = (size_t)axis->pad_begin;
        lists.pads[g->ndim + i] = (size_t)axis->pad_end;
        lists.padded = lists.padded || axis->pad_begin != 0;
        lists.extra = lists.extra || axis->output_padding != 0;
        lists.dilated = lists.dilated || axis->dilation != 1;
    }
    return lists;
}

bool tconv_say_pytorch(tconv_buffer *out, const tconv_geometry *geometry)
{
    tconv_geometry said;
    if (!tconv_geometry_say_pytorch(geometry, &said))
        return false;
    struct lists lists = lists_of(&said);
    tconv_buffer_format(out, "nn.ConvTranspose%zud(Cin, Cout", said.ndim);
    write_tuple(out, "kernel_size", lists.taps, said.ndim);
    write_tuple(out, "stride", lists.stride, said.ndim);
    if (lists.padded) write_tuple(out, "padding", lists.pads, said.ndim);
    if (lists.extra) write_tuple(out, "output_padding", lists.output_padding, said.ndim);
    if (lists.dilated) write_tuple(out, "dilation", lists.dilation, said.ndim);
    if (said.groups > 1) tconv_buffer_format(out, ", groups=%zu", said.groups);
    tconv_buffer_text(out, ")");
    return true;
}

bool tconv_say_onnx(tconv_buffer *out, const tconv_geometry *geometry)
{
    tconv_geometry said;
    if (!tconv_geometry_say_onnx(geometry, &said))
        return false;
    struct lists lists = lists_of(&said);
    tconv_buffer_text(out, "ConvTranspose");
    write_attribute(out, "kernel_shape", lists.taps, said.ndim, 0);
    write_attribute(out, "strides", lists.stride, said.ndim, 1);
    write_attribute(out, "pads", lists.pads, 2 * said.ndim, 0);
    write_attribute(out, "output_padding", lists.output_padding, said.ndim, 0);
    write_attribute(out, "dilations", lists.dilation, said.ndim, 1);
    if (said.groups > 1) tconv_buffer_format(out, " group=%zu", said.groups);
    return true;
}

static bool write_output_shape(tconv_buffer *out, const tconv_geometry *g, const size_t *input_size, const char *before)
{
    size_t size[TCONV_MAX_NDIM];
    for (size_t i = 0; i < g->ndim; i++)
        if (input_size[i] == 0 || tconv_axis_output_size(&g->axis[i], input_size[i], &size[i], NULL) != TCONV_OK)
            return false;
    bool plain = tconv_geometry_is_output_shape(g, TCONV_PAD_EXPLICIT, input_size);
    bool upper = tconv_geometry_is_output_shape(g, TCONV_PAD_SAME_UPPER, input_size);
    tconv_buffer_text(out, before);
    tconv_buffer_text(out, plain || upper ? "or" : "not");
    write_attribute(out, "output_shape", size, g->ndim, 0);
    tconv_buffer_text(out, plain ? " instead of pads" : upper ? " and auto_pad=SAME_UPPER instead of pads"
                                                              : " instead of pads: it would crop elsewhere");
    return true;
}

bool tconv_say_onnx_modes(tconv_buffer *out, const tconv_geometry *geometry, const size_t *input_size)
{
    static const struct { tconv_auto_pad mode; const char *name; } modes[] = {
        { TCONV_PAD_SAME_UPPER, "SAME_UPPER" }, { TCONV_PAD_SAME_LOWER, "SAME_LOWER" }, { TCONV_PAD_VALID, "VALID" } };
    size_t found = 0;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (tconv_geometry_is_auto_pad(geometry, modes[i].mode))
            tconv_buffer_format(out, found++ == 0 ? "or auto_pad=%s" : " or %s", modes[i].name);
    if (found > 0)
        tconv_buffer_text(out, " without pads and output_padding");
    return write_output_shape(out, geometry, input_size, found > 0 ? "; " : "") || found > 0;
}

static void write_keras(tconv_buffer *out, const tconv_geometry *g, const char *padding)
{
    struct lists lists = lists_of(g);
    tconv_buffer_format(out, "Conv%zuDTranspose(Cout", g->ndim);
    write_tuple(out, "kernel_size", lists.taps, g->ndim);
    write_tuple(out, "strides", lists.stride, g->ndim);
    tconv_buffer_format(out, ", padding=\"%s\"", padding);
    if (lists.dilated) write_tuple(out, "dilation_rate", lists.dilation, g->ndim);
    tconv_buffer_text(out, ")");
}

void tconv_say_tensorflow(tconv_buffer *out, const tconv_geometry *g)
{
    size_t begin[TCONV_MAX_NDIM], end[TCONV_MAX_NDIM];
    if (g->groups > 1) {
        tconv_buffer_text(out, "cannot say this: its transposed convolutions have no groups");
    } else if (tconv_geometry_is_tensorflow(g, true)) {
        write_keras(out, g, "same");
    } else if (tconv_geometry_is_tensorflow(g, false)) {
        write_keras(out, g, "valid");
    } else if (tconv_geometry_strided_and_dilated(g)) {
        tconv_buffer_text(out, "cannot say this: a stride and a dilation together are refused there");
    } else if (tconv_geometry_tensorflow_crop(g, begin, end)) {
        tconv_buffer_text(out, "no padding mode alone gives this layer; ");
        write_keras(out, g, "valid");
        tconv_buffer_format(out, " and then Cropping%zuD(", g->ndim);
        for (size_t i = 0; i < g->ndim; i++)
            tconv_buffer_format(out, "%s(%zu,%zu)", i == 0 ? (g->ndim > 1 ? "(" : "") : ",", begin[i], end[i]);
        tconv_buffer_text(out, g->ndim > 1 ? ")) does" : ") does");
    } else {
        tconv_buffer_text(out, "cannot say this: neither \"same\" nor \"valid\" gives this crop and this size");
    }
}
