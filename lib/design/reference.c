#include "reference.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/sum.h"
#include "bands.h"
#include "equiripple.h"
#include "least_squares.h"
#include "sinc.h"

enum { INTERPOLATOR, SINC, EQUIRIPPLE, LEAST_SQUARES, WIENER };

#define AS_DESIGNED (-1)              /* the window that the design says */
#define SPANNED_INPUTS ((size_t)12)   /* input samples that a filter without a length of its own spans */

static const tconv_reference references[] = {
    { "nearest", " box hold ", "every input sample repeated s times", INTERPOLATOR, TCONV_NEAREST },
    { "linear", " bilinear trilinear triangle ", "straight lines between input samples", INTERPOLATOR, TCONV_LINEAR },
    { "cubic", " keys catmull-rom bicubic ", "Keys's cubic, a = -1/2", INTERPOLATOR, TCONV_CUBIC },
    { "cubic75", " bicubic75 ", "Keys's cubic, a = -3/4", INTERPOLATOR, TCONV_CUBIC75 },
    { "mitchell", " mitchell-netravali ", "Mitchell and Netravali's cubic, B = C = 1/3", INTERPOLATOR, TCONV_MITCHELL },
    { "bspline", " b-spline ", "cubic B-spline", INTERPOLATOR, TCONV_BSPLINE },
    { "lanczos2", " ", "sinc under a sinc of twice the width", INTERPOLATOR, TCONV_LANCZOS2 },
    { "lanczos3", " lanczos ", "sinc under a sinc of three times the width", INTERPOLATOR, TCONV_LANCZOS3 },
    { "sinc", " ", "sinc under the window that is asked for, else cut off", SINC, AS_DESIGNED },
    { "hann", " hanning ", "sinc under a Hann window", SINC, TCONV_WINDOW_HANN },
    { "hamming", " ", "sinc under a Hamming window", SINC, TCONV_WINDOW_HAMMING },
    { "blackman", " ", "sinc under a Blackman window", SINC, TCONV_WINDOW_BLACKMAN },
    { "kaiser", " ", "sinc under a Kaiser window", SINC, TCONV_WINDOW_KAISER },
    { "equiripple", " remez parks-mcclellan ", "the smallest largest error over the bands", EQUIRIPPLE, 0 },
    { "least-squares", " firls ", "the smallest squared error over the bands", LEAST_SQUARES, 0 },
    { "wiener", " ", "the smallest mean squared error for a kind of signal", WIENER, 0 },
};

size_t tconv_reference_count(void)
{
    return sizeof references / sizeof references[0];
}

const tconv_reference *tconv_reference_at(size_t index)
{
    return index < tconv_reference_count() ? &references[index] : NULL;
}

/* Does `list`, words between blanks, hold `name`? */
static bool is_among(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *word = list + 1; *word != '\0'; word = strchr(word, ' ') + 1)
        if (strncmp(word, name, length) == 0 && word[length] == ' ')
            return strchr(name, ' ') == NULL;
    return false;
}

const tconv_reference *tconv_reference_find(const char *name)
{
    for (size_t i = 0; i < tconv_reference_count(); i++)
        if (strcmp(references[i].name, name) == 0 || is_among(references[i].aliases, name))
            return &references[i];
    return NULL;
}

tconv_design tconv_design_default(size_t ndim, size_t stride)
{
    tconv_design design = { .ndim = ndim, .grid = TCONV_GRID_HALF_PIXEL, .cutoff = 1.0, .edge = 0.8, .stopband_weight = 1.0 };
    design.window = (tconv_window){ TCONV_WINDOW_RECTANGULAR, tconv_kaiser_beta(80.0) };
    for (size_t i = 0; i < TCONV_MAX_NDIM; i++)
        design.stride[i] = stride;
    return design;
}

static tconv_window window_of(const tconv_reference *reference, const tconv_design *design)
{
    tconv_window window = design->window;
    if (reference->member != AS_DESIGNED)
        window.kind = (tconv_window_kind)reference->member;
    if (window.kind == TCONV_WINDOW_KAISER && design->attenuation_db > 0.0)
        window.beta = tconv_kaiser_beta(design->attenuation_db);
    return window;
}

static tconv_status check_design(const tconv_reference *reference, const tconv_design *design, tconv_error *error)
{
    if (reference == NULL)
        return tconv_fail(error, TCONV_EARGUMENT, "there is no reference filter of that name");
    if (design->ndim < 1 || design->ndim > TCONV_MAX_NDIM)
        return tconv_fail(error, TCONV_EARGUMENT, "the number of spatial dimensions is %zu; 1 to %d is allowed", design->ndim, TCONV_MAX_NDIM);
    for (size_t i = 0; i < design->ndim; i++) {
        if (design->stride[i] < 1 || design->stride[i] > TCONV_MAX_STRIDE)
            return tconv_fail(error, TCONV_EARGUMENT, "the stride is %zu; 1 to %zu is allowed", design->stride[i], TCONV_MAX_STRIDE);
        if (design->n_taps[i] > TCONV_MAX_TAPS)
            return tconv_fail(error, TCONV_EARGUMENT, "the kernel size is %zu; at most %zu is allowed", design->n_taps[i], TCONV_MAX_TAPS);
    }
    if (design->grid != TCONV_GRID_HALF_PIXEL && design->grid != TCONV_GRID_ASYMMETRIC)
        return tconv_fail(error, TCONV_EARGUMENT, "reference filters are made for the half-pixel and the asymmetric grid only");
    if (reference->family != SINC)
        return TCONV_OK;
    if (!(design->cutoff > 0.0) || isinf(design->cutoff))
        return tconv_fail(error, TCONV_EARGUMENT, "the cutoff is a positive multiple of the baseband's edge");
    if (!(design->attenuation_db >= 0.0) || isinf(design->attenuation_db))
        return tconv_fail(error, TCONV_EARGUMENT, "the attenuation is a positive number of decibels");
    tconv_window window = window_of(reference, design);
    return tconv_window_check(&window, error);
}

/* k, centre and padding of one axis. */
static tconv_status lay_out(const tconv_reference *reference, const tconv_design *design, size_t i, tconv_axis *axis,
                            double *centre, tconv_error *error)
{
    size_t s = design->stride[i], n_taps = design->n_taps[i];
    bool half_pixel = design->grid == TCONV_GRID_HALF_PIXEL;
    if (n_taps == 0 && reference->family == INTERPOLATOR) {
        tconv_interpolator_axis((tconv_interpolator)reference->member, s, design->grid, axis, centre);
        return TCONV_OK;
    }
    if (n_taps == 0 && reference->family == SINC && window_of(reference, design).kind == TCONV_WINDOW_KAISER
        && design->attenuation_db > 0.0) {
        double beta, width = fmin(2.0 * (1.0 - design->edge) / (double)s, 1.0);   /* (2 - e)/(2s) - e/(2s), of Nyquist */
        tconv_status status = tconv_kaiser_order(design->attenuation_db, width, &n_taps, &beta, error);
        if (status != TCONV_OK)
            return status;
        n_taps += (n_taps % 2 != (half_pixel ? s % 2 : 1)) ? 1 : 0;
    }
    if (n_taps == 0) {   /* of the parity that the grid asks for */
        n_taps = SPANNED_INPUTS * s;
        n_taps -= (n_taps % 2 != (half_pixel ? s % 2 : 1)) ? 1 : 0;
    }
    *axis = (tconv_axis){ .stride = s, .n_taps = n_taps, .dilation = 1 };
    (void)tconv_axis_align(axis, design->grid);
    *centre = ((double)n_taps - 1.0) / 2.0;
    return TCONV_OK;
}

static tconv_status make_taps(const tconv_reference *reference, const tconv_design *design, const tconv_axis *axis,
                              double centre, double *taps, tconv_error *error)
{
    tconv_band bands[TCONV_MAX_BANDS];
    size_t n_bands = 0, s = axis->stride, k = axis->n_taps;
    tconv_status status = TCONV_OK;
    if (reference->family == EQUIRIPPLE || reference->family == LEAST_SQUARES)
        status = tconv_bands_interpolator(s, design->edge, design->stopband_weight, design->images, bands, &n_bands, error);
    if (status != TCONV_OK)
        return status;
    switch (reference->family) {
    case INTERPOLATOR:
        tconv_interpolator_taps((tconv_interpolator)reference->member, s, centre, k, taps);
        return TCONV_OK;
    case SINC: {
        tconv_window window = window_of(reference, design);
        tconv_sinc_taps(s, design->cutoff, &window, 0.0, k, taps);
        return TCONV_OK;
    }
    case EQUIRIPPLE: return tconv_equiripple_taps(bands, n_bands, k, taps, NULL, error);
    case LEAST_SQUARES: {
        tconv_constraint *flat = tconv_alloc(s / 2 + 1, sizeof *flat, &status);
        if (flat == NULL)
            return tconv_fail_plain(error, status);
        size_t n_flat = design->flat ? tconv_constraints_flat(s, k, flat) : 0;
        status = tconv_least_squares_taps(bands, n_bands, k, flat, n_flat, taps, error);
        tconv_free(flat);
        return status;
    }
    default: return tconv_wiener_taps(&design->psd, s, k, taps, NULL, error);
    }
}

/* Multiply every `step`-th tap from `first` so that they sum up to `gain`. Sums that are right to rounding stay as they
 * are: 1/4 shall stay 1/4. */
static bool scale_to(double *taps, size_t n_taps, size_t first, size_t step, double gain)
{
    tconv_sum sum = { 0 }, magnitude = { 0 };
    for (size_t n = first; n < n_taps; n += step) {
        tconv_sum_add(&sum, taps[n]);
        tconv_sum_add(&magnitude, fabs(taps[n]));
    }
    double have = tconv_sum_value(&sum), size = tconv_sum_value(&magnitude);
    if (!(fabs(have) > 1e-6 * size))
        return false;
    if (fabs(have - gain) > 4.0 * DBL_EPSILON * gain)
        for (size_t n = first; n < n_taps; n += step)
            taps[n] *= gain / have;
    return true;
}

static tconv_status set_gain(const tconv_reference *reference, const tconv_design *design, const tconv_axis *axis,
                             double *taps, tconv_error *error)
{
    tconv_gain gain = design->gain;
    if (gain == TCONV_GAIN_DEFAULT)
        gain = reference->family == WIENER ? TCONV_GAIN_RAW : TCONV_GAIN_TOTAL;
    if (gain == TCONV_GAIN_TOTAL && !scale_to(taps, axis->n_taps, 0, 1, (double)axis->stride))
        return tconv_fail(error, TCONV_EARGUMENT, "%s with %zu taps at stride %zu has no gain at frequency 0 to scale", reference->name,
                          axis->n_taps, axis->stride);
    for (size_t q = 0; gain == TCONV_GAIN_BRANCHES && q < axis->stride; q++)
        if (!scale_to(taps, axis->n_taps, q, axis->stride, 1.0))
            return tconv_fail(error, TCONV_EARGUMENT, "branch %zu of %s with %zu taps at stride %zu has no gain to scale", q,
                              reference->name, axis->n_taps, axis->stride);
    return TCONV_OK;
}

void tconv_separable_product(const double *const factor[], const size_t n_taps[], size_t ndim, double *taps)
{
    size_t count = 1;
    for (size_t i = 0; i < ndim; i++)
        count *= n_taps[i];
    for (size_t t = 0; t < count; t++) {
        size_t rest = t;
        double product = 1.0;
        for (size_t i = ndim; i-- > 0; rest /= n_taps[i])
            /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): callers set a factor for each axis */
            product *= factor[i][rest % n_taps[i]];
        taps[t] = product;
    }
}

static tconv_status make_kernel(const tconv_geometry *geometry, const char *name, double *const factor[], tconv_kernel **kernel,
                                tconv_error *error)
{
    const double *axes[TCONV_MAX_NDIM] = { NULL };
    size_t n_taps[TCONV_MAX_NDIM] = { 0 };
    tconv_kernel *made;
    tconv_status status = tconv_kernel_create(&made, geometry, error);
    if (status != TCONV_OK)
        return status;
    for (size_t i = 0; i < geometry->ndim; i++) {
        axes[i] = factor[i];
        n_taps[i] = geometry->axis[i].n_taps;
    }
    tconv_separable_product(axes, n_taps, geometry->ndim, made->taps);
    made->name = tconv_alloc_text(name, &status);
    if (status != TCONV_OK) {
        tconv_kernel_destroy(made);
        return tconv_fail_plain(error, status);
    }
    *kernel = made;
    return TCONV_OK;
}

tconv_status tconv_reference_design(const tconv_reference *reference, const tconv_design *design, tconv_kernel **kernel,
                                    tconv_error *error)
{
    *kernel = NULL;
    tconv_status status = check_design(reference, design, error);
    if (status != TCONV_OK)
        return status;
    tconv_geometry geometry = tconv_geometry_default(design->ndim);
    double *factor[TCONV_MAX_NDIM] = { NULL };
    for (size_t i = 0; i < design->ndim && status == TCONV_OK; i++) {
        double centre = 0.0;
        tconv_axis *axis = &geometry.axis[i];
        status = lay_out(reference, design, i, axis, &centre, error);
        if (status == TCONV_OK) status = tconv_axis_check(axis, error);
        if (status != TCONV_OK)
            break;
        factor[i] = tconv_alloc(axis->n_taps, sizeof *factor[i], &status);
        if (factor[i] == NULL)
            status = tconv_fail_plain(error, status);
        if (status == TCONV_OK) status = make_taps(reference, design, axis, centre, factor[i], error);
        if (status == TCONV_OK) status = set_gain(reference, design, axis, factor[i], error);
    }
    if (status == TCONV_OK)
        status = make_kernel(&geometry, reference->name, factor, kernel, error);
    for (size_t i = 0; i < design->ndim; i++)
        tconv_free(factor[i]);
    return status;
}

bool tconv_reference_is_continuous(const tconv_reference *reference)
{
    return reference->family == INTERPOLATOR || reference->family == SINC;
}

void tconv_reference_delayed(const tconv_reference *reference, const tconv_design *design, size_t axis, double delay,
                             size_t n_taps, double *taps)
{
    size_t s = design->stride[axis];
    double centre = ((double)n_taps - 1.0) / 2.0;
    tconv_window window = window_of(reference, design);
    if (reference->family == INTERPOLATOR)
        tconv_interpolator_taps((tconv_interpolator)reference->member, s, centre + delay, n_taps, taps);
    else
        tconv_sinc_taps(s, design->cutoff, &window, delay, n_taps, taps);
}
