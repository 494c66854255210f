#include "spectrum.h"

#include <complex.h>
#include <fftw3.h>
#include <stdbool.h>
#include <string.h>

#include "../core/fftw_lock.h"
#include "../core/memory.h"

#define GRID_STEP 20         /* L is a multiple of it */
#define MOST_POINTS ((size_t)1 << 25)
#define MOST_POINTS_3D ((size_t)1 << 22)

/* Grid sizes for one oversampling; false where they exceed the limit. */
static bool choose_grid(tconv_spectrum *spectrum, const tconv_filter *filter, size_t oversampling)
{
    size_t most = filter->ndim == 3 ? MOST_POINTS_3D : MOST_POINTS, total = 1;
    spectrum->oversampling = (double)MOST_POINTS;
    for (size_t i = 0; i < filter->ndim; i++) {
        size_t length = filter->n_taps[i] == 0 ? 1 : filter->step[i] * (filter->n_taps[i] - 1) + 1;
        size_t s = filter->stride[i], unit = s * GRID_STEP;
        if (length > most / oversampling || unit > most)
            return false;
        size_t n = (length * oversampling + unit - 1) / unit * unit;
        if (n > most / total)
            return false;
        total *= n;
        spectrum->n[i] = n;
        spectrum->period[i] = n / s;
        double ratio = (double)n / (double)length;
        spectrum->oversampling = ratio < spectrum->oversampling ? ratio : spectrum->oversampling;
    }
    return true;
}

static void place_taps(const tconv_spectrum *spectrum, const tconv_filter *filter, double *padded)
{
    size_t last = filter->ndim - 1, row = 2 * (spectrum->n[last] / 2 + 1);
    for (size_t t = 0; t < tconv_filter_count(filter); t++) {
        size_t at = 0, scale = 1, rest = t;
        for (size_t i = filter->ndim; i-- > 0; rest /= filter->n_taps[i]) {
            at += scale * filter->step[i] * (rest % filter->n_taps[i]);
            scale *= i == last ? row : spectrum->n[i];
        }
        padded[at] = filter->taps[t];
    }
}

/* In-place real-to-complex transform of `padded`, whose rows are 2 (n/2 + 1) doubles long. */
static tconv_status transform(const tconv_spectrum *spectrum, const tconv_filter *filter, double *padded, size_t count)
{
    int n[TCONV_MAX_NDIM];
    for (size_t i = 0; i < spectrum->ndim; i++)
        n[i] = (int)spectrum->n[i];
    tconv_fftw_lock();
    fftw_plan plan = fftw_plan_dft_r2c((int)spectrum->ndim, n, padded, (fftw_complex *)padded, FFTW_ESTIMATE);
    tconv_fftw_unlock();
    if (plan == NULL)
        return TCONV_ENOMEM;
    memset(padded, 0, 2 * count * sizeof *padded);
    place_taps(spectrum, filter, padded);
    TCONV_FFTW_RUN(fftw_execute(plan));
    tconv_fftw_lock();
    fftw_destroy_plan(plan);
    tconv_fftw_unlock();
    return TCONV_OK;
}

tconv_status tconv_spectrum_create(tconv_spectrum **spectrum, const tconv_filter *filter)
{
    tconv_status status = TCONV_OK;
    *spectrum = NULL;
    tconv_spectrum *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made == NULL)
        return status;
    made->ndim = filter->ndim;
    size_t oversampling = 16;
    while (oversampling >= 2 && !choose_grid(made, filter, oversampling))
        oversampling /= 2;
    if (oversampling < 2) {
        tconv_free(made);
        return TCONV_ESIZE;
    }
    size_t count = made->n[made->ndim - 1] / 2 + 1;
    for (size_t i = 0; i + 1 < made->ndim; i++)
        count *= made->n[i];
    made->power = tconv_alloc(2 * count, sizeof *made->power, &status);
    if (made->power != NULL)
        status = transform(made, filter, made->power, count);
    if (status != TCONV_OK) {
        tconv_spectrum_destroy(made);
        return status;
    }
    for (size_t j = 0; j < count; j++) {          /* in place: entry j is written after entries 2j, 2j+1 are read */
        double re = made->power[2 * j], im = made->power[2 * j + 1];
        made->power[j] = re * re + im * im;
    }
    *spectrum = made;
    return TCONV_OK;
}

void tconv_spectrum_destroy(tconv_spectrum *spectrum)
{
    if (spectrum == NULL)
        return;
    tconv_free(spectrum->power);
    tconv_free(spectrum);
}

double tconv_spectrum_power(const tconv_spectrum *spectrum, const ptrdiff_t *j)
{
    size_t last = spectrum->ndim - 1, wrapped[TCONV_MAX_NDIM];
    for (size_t i = 0; i <= last; i++) {
        ptrdiff_t n = (ptrdiff_t)spectrum->n[i], rest = j[i] % n;
        wrapped[i] = (size_t)(rest < 0 ? rest + n : rest);
    }
    bool mirror = wrapped[last] > spectrum->n[last] / 2;   /* H(-f) is the conjugate of H(f) */
    size_t at = 0;
    for (size_t i = 0; i <= last; i++) {
        size_t n = spectrum->n[i], index = mirror && wrapped[i] != 0 ? n - wrapped[i] : wrapped[i];
        at = at * (i == last ? n / 2 + 1 : n) + index;
    }
    return spectrum->power[at];
}
