#include "geometry.h"

#include <math.h>

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

size_t tconv_gcd(size_t a, size_t b)
{
    while (b != 0) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

tconv_geometry tconv_geometry_default(size_t ndim)
{
    tconv_geometry geometry = { .ndim = ndim, .channels_in = 1, .channels_out = 1, .groups = 1 };
    for (size_t i = 0; i < TCONV_MAX_NDIM; i++)
        geometry.axis[i] = (tconv_axis){ .stride = 1, .n_taps = 1, .dilation = 1 };
    return geometry;
}

static tconv_status check_range(const char *what, size_t value, size_t most, tconv_error *error)
{
    if (value >= 1 && value <= most)
        return TCONV_OK;
    return tconv_fail(error, TCONV_EGEOMETRY, "%s is %zu; 1 to %zu is allowed", what, value, most);
}

static tconv_status check_padding(const char *what, int64_t value, tconv_error *error)
{
    if (value >= -TCONV_MAX_PADDING && value <= TCONV_MAX_PADDING)
        return TCONV_OK;
    return tconv_fail(error, TCONV_EGEOMETRY, "%s is %lld; %lld to %lld is allowed", what, (long long)value,
                      -(long long)TCONV_MAX_PADDING, (long long)TCONV_MAX_PADDING);
}

tconv_status tconv_axis_check(const tconv_axis *axis, tconv_error *error)
{
    tconv_status status = check_range("the stride", axis->stride, TCONV_MAX_STRIDE, error);
    if (status == TCONV_OK) status = check_range("the kernel size", axis->n_taps, TCONV_MAX_TAPS, error);
    if (status == TCONV_OK) status = check_range("the dilation", axis->dilation, TCONV_MAX_TAPS, error);
    if (status == TCONV_OK) status = check_padding("the padding at the beginning", axis->pad_begin, error);
    if (status == TCONV_OK) status = check_padding("the padding at the end", axis->pad_end, error);
    if (status != TCONV_OK)
        return status;
    if (axis->n_taps > 1 && axis->dilation > (TCONV_MAX_TAPS - 1) / (axis->n_taps - 1))
        return tconv_fail(error, TCONV_EGEOMETRY, "dilation %zu makes %zu taps longer than the limit of %zu",
                          axis->dilation, axis->n_taps, TCONV_MAX_TAPS);
    if (axis->output_padding >= MAX(axis->stride, axis->dilation))
        return tconv_fail(error, TCONV_EGEOMETRY, "the output padding is %zu; 0 to %zu (less than stride or dilation) is allowed",
                          axis->output_padding, MAX(axis->stride, axis->dilation) - 1);
    return TCONV_OK;
}

tconv_status tconv_geometry_check(const tconv_geometry *geometry, tconv_error *error)
{
    const tconv_geometry *g = geometry;
    tconv_status status = check_range("the number of spatial dimensions", g->ndim, TCONV_MAX_NDIM, error);
    if (status == TCONV_OK) status = check_range("the number of input channels", g->channels_in, TCONV_MAX_TAPS, error);
    if (status == TCONV_OK) status = check_range("the number of output channels", g->channels_out, TCONV_MAX_TAPS, error);
    if (status == TCONV_OK) status = check_range("the number of groups", g->groups, TCONV_MAX_TAPS, error);
    if (status != TCONV_OK)
        return status;
    if (g->channels_in % g->groups != 0 || g->channels_out % g->groups != 0)
        return tconv_fail(error, TCONV_EGEOMETRY, "%zu groups do not divide %zu input and %zu output channels",
                          g->groups, g->channels_in, g->channels_out);
    size_t phases = 1, taps = 1;
    for (size_t i = 0; i < g->ndim && status == TCONV_OK; i++) {
        status = tconv_axis_check(&g->axis[i], error);
        if (status == TCONV_OK && (g->axis[i].stride > TCONV_MAX_TAPS / phases || g->axis[i].n_taps > TCONV_MAX_TAPS / taps))
            status = tconv_fail(error, TCONV_EGEOMETRY, "the product of the strides or of the kernel sizes exceeds %zu",
                                TCONV_MAX_TAPS);
        phases *= g->axis[i].stride;
        taps *= g->axis[i].n_taps;
    }
    return status;
}

size_t tconv_geometry_phases(const tconv_geometry *geometry)
{
    size_t phases = 1;
    for (size_t i = 0; i < geometry->ndim; i++)
        phases *= geometry->axis[i].stride;
    return phases;
}

size_t tconv_geometry_taps(const tconv_geometry *geometry)
{
    size_t taps = 1;
    for (size_t i = 0; i < geometry->ndim; i++)
        taps *= geometry->axis[i].n_taps;
    return taps;
}

size_t tconv_axis_effective_taps(const tconv_axis *axis)
{
    return axis->dilation * (axis->n_taps - 1) + 1;
}

int64_t tconv_axis_correlation_padding(const tconv_axis *axis)
{
    return (int64_t)tconv_axis_effective_taps(axis) - 1 - axis->pad_begin;
}

void tconv_axis_output_formula(const tconv_axis *axis, int64_t *slope, int64_t *constant)
{
    *slope = (int64_t)axis->stride;
    *constant = (int64_t)tconv_axis_effective_taps(axis) - (int64_t)axis->stride - axis->pad_begin - axis->pad_end
              + (int64_t)axis->output_padding;
}

/* s*N + constant as an int64; false where it is none. |constant| < 2^33, so that adding it to a product that fits a
 * uint64 either fits again or shows that the true value is out of range: nothing is refused that can be represented. */
static bool size_by_formula(const tconv_axis *axis, size_t n_in, int64_t constant, int64_t *size)
{
    uint64_t total, magnitude = constant < 0 ? (uint64_t)-constant : (uint64_t)constant;
    if (__builtin_mul_overflow((uint64_t)axis->stride, (uint64_t)n_in, &total))
        return false;
    if (constant < 0 && total < magnitude) {
        *size = -(int64_t)(magnitude - total);
        return true;
    }
    if (constant < 0)
        total -= magnitude;
    else if (__builtin_add_overflow(total, magnitude, &total))
        return false;
    *size = (int64_t)(total & INT64_MAX);
    return total <= INT64_MAX;
}

static tconv_status too_large(size_t n_in, tconv_error *error)
{
    return tconv_fail(error, TCONV_ESIZE, "an input of %zu samples gives an output size that cannot be represented", n_in);
}

tconv_status tconv_axis_output_size(const tconv_axis *axis, size_t n_in, size_t *n_out, tconv_error *error)
{
    int64_t slope, constant, size;
    tconv_axis_output_formula(axis, &slope, &constant);
    if (n_in < 1)
        return tconv_fail(error, TCONV_EGEOMETRY, "the input size is 0; at least 1 is allowed");
    if (!size_by_formula(axis, n_in, constant, &size))
        return too_large(n_in, error);
    if (size < 1)
        return tconv_fail(error, TCONV_EGEOMETRY, "an input of %zu samples gives an output of %lld; the padding crops everything",
                          n_in, (long long)size);
    *n_out = (size_t)size;
    return TCONV_OK;
}

tconv_status tconv_axis_forward_size(const tconv_axis *axis, size_t n_out, size_t *n_in, tconv_error *error)
{
    int64_t span, effective = (int64_t)tconv_axis_effective_taps(axis);
    if (n_out > INT64_MAX || __builtin_add_overflow((int64_t)n_out, axis->pad_begin + axis->pad_end - effective, &span))
        return tconv_fail(error, TCONV_ESIZE, "a size of %zu samples cannot be represented with its padding", n_out);
    if (span < 0)
        return tconv_fail(error, TCONV_EGEOMETRY, "%zu samples with padding %lld and %lld are shorter than the kernel's %lld",
                          n_out, (long long)axis->pad_begin, (long long)axis->pad_end, (long long)effective);
    *n_in = (size_t)(span / (int64_t)axis->stride) + 1;
    return TCONV_OK;
}

tconv_status tconv_axis_valid_sizes(const tconv_axis *axis, size_t n_in, size_t *first, size_t *count, tconv_error *error)
{
    int64_t slope, constant, least;
    tconv_axis_output_formula(axis, &slope, &constant);
    constant -= (int64_t)axis->output_padding;
    if (n_in < 1)
        return tconv_fail(error, TCONV_EGEOMETRY, "the input size is 0; at least 1 is allowed");
    if (!size_by_formula(axis, n_in, constant, &least) || least - 1 > INT64_MAX - slope)
        return too_large(n_in, error);
    int64_t most = least + (slope - 1);
    least = MAX(least, 1);
    *first = (size_t)least;
    *count = most >= least ? (size_t)(most - least) + 1 : 0;
    return TCONV_OK;
}

tconv_status tconv_axis_apply_onnx(tconv_axis *axis, tconv_auto_pad mode, size_t n_in, size_t n_out, tconv_error *error)
{
    if (mode == TCONV_PAD_VALID && n_out == 0) {
        axis->pad_begin = axis->pad_end = 0;
        return TCONV_OK;
    }
    if (mode == TCONV_PAD_EXPLICIT && n_out == 0)
        return TCONV_OK;
    if (n_out != 0 && n_in == 0)
        return tconv_fail(error, TCONV_EGEOMETRY, "an output shape needs the input size");
    int64_t slope, constant, total;
    tconv_axis uncropped = *axis;
    uncropped.pad_begin = uncropped.pad_end = 0;
    tconv_axis_output_formula(&uncropped, &slope, &constant);   /* total = s*N + constant - M, and M = s*N unless told */
    if (n_out == 0)
        total = constant;
    else if (n_out > INT64_MAX || !size_by_formula(axis, n_in, constant, &total)
             || __builtin_sub_overflow(total, (int64_t)n_out, &total))
        return too_large(n_in, error);
    if (total < 0) {                                            /* zeros are appended: output padding grows */
        uint64_t grown = axis->output_padding + (uint64_t)-total;
        if (grown >= MAX(axis->stride, axis->dilation))
            return tconv_fail(error, TCONV_EGEOMETRY, "an output of %zu samples from %zu is %lld more than the layer can make",
                              n_out, n_in, (long long)(grown - MAX(axis->stride, axis->dilation) + 1));
        axis->output_padding = (size_t)grown;
        total = 0;
    }
    int64_t half = total / 2;
    axis->pad_begin = mode == TCONV_PAD_SAME_UPPER ? half : total - half;
    axis->pad_end = total - axis->pad_begin;
    return tconv_axis_check(axis, error);
}

tconv_status tconv_axis_apply_tensorflow(tconv_axis *axis, bool same, tconv_error *error)
{
    int64_t excess = (int64_t)tconv_axis_effective_taps(axis) - (int64_t)axis->stride;
    int64_t total = same ? MAX(excess, 0) : 0;
    axis->pad_begin = total / 2;
    axis->pad_end = total - axis->pad_begin;
    axis->output_padding = excess < 0 ? (size_t)-excess : 0;
    return tconv_axis_check(axis, error);
}

double tconv_axis_receptive_field_offset(const tconv_axis *axis)
{
    int64_t twice = 2 * axis->pad_begin - (int64_t)tconv_axis_effective_taps(axis) + 1;
    return (double)twice / (2.0 * (double)axis->stride);
}

double tconv_axis_pixel_offset(const tconv_axis *axis)
{
    int64_t twice = 2 * axis->pad_begin - (int64_t)tconv_axis_effective_taps(axis) + (int64_t)axis->stride;
    return (double)twice / (2.0 * (double)axis->stride);
}

double tconv_axis_centroid_offset(const tconv_axis *axis, double centroid)
{
    return ((double)axis->pad_begin - centroid) / (double)axis->stride;
}

tconv_status tconv_axis_grid_distance(const tconv_axis *axis, tconv_grid grid, size_t n_in, double *distance,
                                      tconv_error *error)
{
    size_t n_out;
    tconv_status status = tconv_axis_output_size(axis, n_in, &n_out, error);
    if (status != TCONV_OK)
        return status;
    if (grid == TCONV_GRID_HALF_PIXEL) {
        *distance = fabs(tconv_axis_pixel_offset(axis));
        return TCONV_OK;
    }
    double offset = tconv_axis_receptive_field_offset(axis);
    *distance = fabs(offset);
    if (grid == TCONV_GRID_ALIGN_CORNERS && n_out > 1) {
        /* Both positions are linear in j, so the largest difference is at an end: j = 0 or j = M-1. */
        double last = offset + (double)(n_out - 1) / (double)axis->stride - (double)(n_in - 1);
        *distance = MAX(*distance, fabs(last));
    }
    return TCONV_OK;
}

size_t tconv_axis_gap(const tconv_axis *axis)
{
    return axis->stride - MIN(axis->n_taps, axis->stride / tconv_gcd(axis->stride, axis->dilation));
}

bool tconv_geometry_connected(const tconv_geometry *geometry)
{
    for (size_t i = 0; i < geometry->ndim; i++)
        if (tconv_axis_gap(&geometry->axis[i]) != 0)
            return false;
    return true;
}

/* The phases that taps reach are the multiples of g = gcd(s, d); d*r runs through these s/g phases with period s/g
 * in r, so the first k mod (s/g) of them, in the order of r, are reached once more than the others. */
size_t tconv_axis_coverage(const tconv_axis *axis, size_t phase)
{
    size_t s = axis->stride, g = tconv_gcd(s, axis->dilation), period = s / g;
    if (phase % g != 0)
        return 0;
    size_t whole = axis->n_taps / period, rest = axis->n_taps % period, step = axis->dilation % s, at = 0;
    for (size_t r = 0; r < rest; r++) {
        if (at == phase)
            return whole + 1;
        at = (at + step) % s;
    }
    return whole;
}

void tconv_geometry_coverage(const tconv_geometry *geometry, double *mean, double *variance)
{
    /* Per axis, `rest` phases have whole + 1 taps and s/g - rest have `whole`, the other s - s/g none. */
    double first = 1.0, second = 1.0, even = 1.0;
    for (size_t i = 0; i < geometry->ndim; i++) {
        const tconv_axis *axis = &geometry->axis[i];
        size_t s = axis->stride, period = s / tconv_gcd(s, axis->dilation);
        size_t whole = axis->n_taps / period, rest = axis->n_taps % period;
        double many = (double)(whole + 1) * (double)(whole + 1) * (double)rest;
        double few = (double)whole * (double)whole * (double)(period - rest);
        first *= (double)axis->n_taps / (double)s;
        second *= (many + few) / (double)s;
        even *= period == s && rest == 0 ? 1.0 : 0.0;
    }
    *mean = first;
    *variance = even != 0.0 ? 0.0 : second - first * first;
    if (geometry->ndim == 1 && even == 0.0 && tconv_gcd(geometry->axis[0].stride, geometry->axis[0].dilation) == 1) {
        double share = (double)(geometry->axis[0].n_taps % geometry->axis[0].stride) / (double)geometry->axis[0].stride;
        *variance = share * (1.0 - share);   /* the same figure without the cancellation */
    }
}

bool tconv_axis_even_coverage(const tconv_axis *axis, tconv_axis *better, double *shift)
{
    size_t s = axis->stride;
    *better = *axis;
    *shift = 0.0;
    if (tconv_gcd(s, axis->dilation) != 1)
        return false;
    if (axis->n_taps % s == 0)
        return true;
    better->n_taps = (axis->n_taps / s + 1) * s;
    int64_t effective = (int64_t)tconv_axis_effective_taps(better), old = (int64_t)tconv_axis_effective_taps(axis);
    /* pixel_offset' - pixel_offset = (2 (pb' - pb) - (k_eff' - k_eff))/(2 s): 0 when k_eff grows by an even number;
     * otherwise two crops are equally near, and the one whose |pixel_offset'| is smaller wins. */
    int64_t growth = effective - old, down = growth / 2;
    better->pad_begin = axis->pad_begin + down;
    if (growth % 2 != 0) {
        tconv_axis upper = *better;
        upper.pad_begin++;
        if (fabs(tconv_axis_pixel_offset(&upper)) < fabs(tconv_axis_pixel_offset(better)))
            *better = upper;
    }
    *shift = tconv_axis_pixel_offset(better) - tconv_axis_pixel_offset(axis);
    int64_t crop = growth - (better->pad_begin - axis->pad_begin) + axis->pad_end - (int64_t)axis->output_padding;
    /* Size kept: pe' - o' = crop. A symmetric crop with output padding is what every framework can say; then an end
     * padding alone; a negative one appends zeros. */
    int64_t most = (int64_t)MAX(s, axis->dilation) - 1, extra = better->pad_begin - crop;
    bool symmetric = extra >= 0 && extra <= most && better->pad_begin >= 0;
    bool grows = crop < 0 && -crop <= most;
    better->pad_end = symmetric ? better->pad_begin : grows ? 0 : crop;
    better->output_padding = symmetric ? (size_t)extra : grows ? (size_t)-crop : 0;
    if (tconv_axis_check(better, NULL) != TCONV_OK) {   /* beyond the longest kernel or the largest padding */
        *better = *axis;
        *shift = 0.0;
        return false;
    }
    return true;
}
