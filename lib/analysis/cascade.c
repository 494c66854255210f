#include "cascade.h"

#include <math.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/polyphase.h"
#include "figures.h"
#include "response.h"

/* Two axes in series: s = s1 s2, k = s2 (k1_eff - 1) + k2_eff, and so the crops; what the first layer's output padding adds
 * is less crop at the end. */
static tconv_status join_axes(const tconv_axis *first, const tconv_axis *second, size_t number, tconv_axis *whole,
                              tconv_error *error)
{
    size_t s = second->stride, k, stride;
    if (!tconv_size_mul(s, tconv_axis_effective_taps(first) - 1, &k) || !tconv_size_add(k, tconv_axis_effective_taps(second), &k)
        || !tconv_size_mul(s, first->stride, &stride) || k > TCONV_MAX_TAPS || stride > TCONV_MAX_STRIDE)
        return tconv_fail(error, TCONV_EGEOMETRY, "up to layer %zu the layers make a kernel or stride that is too long for one layer", number);
    int64_t step = (int64_t)s;   /* all below 2^31 * 2^16: no overflow */
    *whole = (tconv_axis){ .stride = stride, .n_taps = k, .dilation = 1,
                           .pad_begin = step * first->pad_begin + second->pad_begin,
                           .pad_end = step * (first->pad_end - (int64_t)first->output_padding) + second->pad_end,
                           .output_padding = second->output_padding };
    return tconv_axis_check(whole, error);
}

static tconv_status check_layer(const tconv_kernel *layer, size_t ndim, size_t number, tconv_error *error)
{
    if (!tconv_kernel_is_single(layer))
        return tconv_fail(error, TCONV_EARGUMENT, "layer %zu has several channels; a cascade is of single kernels", number);
    if (layer->geometry.ndim != ndim)
        return tconv_fail(error, TCONV_EARGUMENT, "layer %zu has %zu dimensions, the first one %zu", number, layer->geometry.ndim, ndim);
    return TCONV_OK;
}

/* Where tap t of a kernel stands in `whole`, its places times scale[i]. */
static size_t place_of(const tconv_geometry *geometry, size_t t, const tconv_axis *scale, const tconv_geometry *whole)
{
    size_t at = 0, unit = 1;
    for (size_t i = geometry->ndim; i-- > 0; t /= geometry->axis[i].n_taps) {
        at += unit * (t % geometry->axis[i].n_taps) * geometry->axis[i].dilation * (scale != NULL ? scale[i].stride : 1);
        unit *= whole->axis[i].n_taps;
    }
    return at;
}

/* whole[s2 d1 r1 + d2 r2] += w1[r1] w2[r2] */
static tconv_status join(const tconv_kernel *first, const tconv_kernel *second, size_t number, tconv_kernel **joined,
                         tconv_error *error)
{
    tconv_geometry geometry = tconv_geometry_default(first->geometry.ndim);
    for (size_t i = 0; i < geometry.ndim; i++) {
        tconv_status status = join_axes(&first->geometry.axis[i], &second->geometry.axis[i], number, &geometry.axis[i], error);
        if (status != TCONV_OK)
            return status;
    }
    tconv_status status = tconv_kernel_create(joined, &geometry, error);
    if (status != TCONV_OK)
        return status;
    for (size_t a = 0; a < tconv_kernel_count(first); a++) {
        double *at = (*joined)->taps + place_of(&first->geometry, a, second->geometry.axis, &geometry);
        for (size_t b = 0; b < tconv_kernel_count(second); b++)
            at[place_of(&second->geometry, b, NULL, &geometry)] += first->taps[a] * second->taps[b];
    }
    return TCONV_OK;
}

tconv_status tconv_cascade_equivalent(const tconv_kernel *const *layers, size_t count, tconv_kernel **equivalent,
                                      tconv_error *error)
{
    *equivalent = NULL;
    if (count == 0)
        return tconv_fail(error, TCONV_EARGUMENT, "a cascade has at least one layer");
    tconv_kernel identity = { .geometry = tconv_geometry_default(layers[0]->geometry.ndim), .taps = (double[]){ 1.0 } };
    tconv_kernel *whole = NULL;
    for (size_t l = 0; l < count; l++) {
        tconv_kernel *joined = NULL;
        tconv_status status = check_layer(layers[l], identity.geometry.ndim, l + 1, error);
        if (status == TCONV_OK)
            status = join(whole != NULL ? whole : &identity, layers[l], l + 1, &joined, error);
        tconv_kernel_destroy(whole);
        if (status != TCONV_OK)
            return status;
        whole = joined;
    }
    *equivalent = whole;
    return TCONV_OK;
}

/* ---- tones ---- */

size_t tconv_cascade_tone_count(const tconv_kernel *const *layers, size_t count)
{
    size_t product = 1;
    for (size_t l = 0; l < count; l++)
        if (!tconv_size_mul(product, layers[l]->geometry.axis[0].stride, &product))
            return SIZE_MAX / 2;
    return product / 2;
}

/* H_1 stands at its DC gain where s_1 divides m, H_2 where s_1 s_2 does, ..: the first layer that does not makes tone m. */
static size_t maker_of(const tconv_kernel *const *layers, size_t count, size_t m)
{
    size_t product = 1;
    for (size_t l = 0; l + 1 < count; l++) {
        product *= layers[l]->geometry.axis[0].stride;
        if (m % product != 0)
            return l;
    }
    return count - 1;
}

tconv_status tconv_cascade_tones(const tconv_kernel *const *layers, size_t count, double rate, tconv_tone *tones,
                                 tconv_error *error)
{
    tconv_kernel *whole;
    tconv_status status = tconv_cascade_equivalent(layers, count, &whole, error);
    if (status != TCONV_OK)
        return status;
    if (whole->geometry.ndim != 1) {
        tconv_kernel_destroy(whole);
        return tconv_fail(error, TCONV_EARGUMENT, "tones are those of 1-D layers");
    }
    size_t phases = whole->geometry.axis[0].stride;
    tconv_branch *branches = tconv_alloc(phases, sizeof *branches, &status);
    double *gain = tconv_alloc(phases, sizeof *gain, &status);
    tconv_complex *image = tconv_alloc(phases, sizeof *image, &status);
    double zero = tconv_kernel_zero(whole->taps, tconv_kernel_count(whole));
    if (status == TCONV_OK)
        status = tconv_branches_of(&whole->geometry, whole->taps, zero, branches);
    for (size_t q = 0; q < phases && status == TCONV_OK; q++)
        gain[q] = branches[q].dc_gain;
    if (status == TCONV_OK)
        status = tconv_images_of_gains(&whole->geometry, gain, image);
    for (size_t m = 1; m <= phases / 2 && status == TCONV_OK; m++) {
        double level = hypot(image[m].re, image[m].im), signal = hypot(image[0].re, image[0].im);
        tones[m - 1] = (tconv_tone){ (double)m * rate, tconv_ratio_db(level < zero ? 0.0 : level, signal < zero ? 0.0 : signal),
                                     maker_of(layers, count, m) };
    }
    tconv_free(image);
    tconv_free(gain);
    tconv_free(branches);
    tconv_kernel_destroy(whole);
    return status == TCONV_OK ? TCONV_OK : tconv_fail_plain(error, status);
}
