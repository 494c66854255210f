#include "bands.h"

#include <math.h>

#include "../core/constants.h"
#include "../core/sum.h"

static bool band_is_sound(const tconv_band *band)
{
    return band->low >= 0.0 && band->low < band->high && band->high <= 0.5 && isfinite(band->gain_low)
        && isfinite(band->gain_high) && band->weight > 0.0 && isfinite(band->weight);
}

tconv_status tconv_bands_check(const tconv_band *bands, size_t n_bands, size_t n_taps, tconv_error *error)
{
    if (n_bands < 1 || n_bands > TCONV_MAX_BANDS)
        return tconv_fail(error, TCONV_EARGUMENT, "there are %zu bands; 1 to %d are allowed", n_bands, TCONV_MAX_BANDS);
    for (size_t b = 0; b < n_bands; b++) {
        if (!band_is_sound(&bands[b]))
            return tconv_fail(error, TCONV_EARGUMENT, "band %zu: allowed are 0 <= low < high <= 1/2 cycles per sample, "
                              "finite gains and a positive weight", b + 1);
        if (b > 0 && bands[b].low <= bands[b - 1].high)
            return tconv_fail(error, TCONV_EARGUMENT, "band %zu does not begin after the end of band %zu", b + 1, b);
    }
    if (n_taps % 2 == 0 && bands[n_bands - 1].high == 0.5 && bands[n_bands - 1].gain_high != 0.0)
        return tconv_fail(error, TCONV_EARGUMENT, "%zu taps, an even number, have gain 0 at 1/2 cycle per sample: "
                          "no other gain can be asked for there", n_taps);
    return TCONV_OK;
}

tconv_status tconv_bands_interpolator(size_t stride, double edge, double weight, bool images, tconv_band *bands,
                                      size_t *n_bands, tconv_error *error)
{
    if (!(edge > 0.0 && edge < 1.0))
        return tconv_fail(error, TCONV_EARGUMENT, "the edge is a fraction of the baseband, above 0 and below 1");
    if (images && stride / 2 + 1 > TCONV_MAX_BANDS)
        return tconv_fail(error, TCONV_EARGUMENT, "stride %zu has more images than the limit of %d bands", stride, TCONV_MAX_BANDS);
    double s = (double)stride;
    size_t count = 0;
    bands[count++] = (tconv_band){ 0.0, edge / (2.0 * s), s, s, 1.0 };
    if (!images && stride > 1)
        bands[count++] = (tconv_band){ (2.0 - edge) / (2.0 * s), 0.5, 0.0, 0.0, weight };
    for (size_t m = 1; images && 2 * m <= stride; m++)
        bands[count++] = (tconv_band){ (2.0 * (double)m - edge) / (2.0 * s),
                                       fmin((2.0 * (double)m + edge) / (2.0 * s), 0.5), 0.0, 0.0, weight };
    *n_bands = count;
    return TCONV_OK;
}

double tconv_amplitude(const double *taps, size_t n_taps, double freq_out)
{
    double centre = ((double)n_taps - 1.0) / 2.0;
    tconv_sum sum = { 0 };
    for (size_t n = 0; n < n_taps; n++)
        tconv_sum_add_product(&sum, taps[n], cos(2.0 * TCONV_PI * freq_out * ((double)n - centre)));
    return tconv_sum_value(&sum);
}
