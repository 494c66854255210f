#include "images.h"

#include <fftw3.h>
#include <math.h>

#include "../core/constants.h"
#include "../core/fftw_lock.h"
#include "../core/memory.h"
#include "../core/sum.h"

#define LONGEST_DIRECT 1024   /* strides up to it are summed as the equation says */

/* exp(-2 pi i j / s), j < s, exact where 4 j / s is whole. */
static tconv_complex root_of_unity(size_t j, size_t s)
{
    static const tconv_complex quarter[] = { { 1, 0 }, { 0, -1 }, { -1, 0 }, { 0, 1 } };
    if (4 * j % s == 0)
        return quarter[4 * j / s % 4];
    double angle = 2.0 * TCONV_PI * (double)j / (double)s;
    return (tconv_complex){ cos(angle), -sin(angle) };
}

/* The DFT along one axis, in place: lines of s elements `stride` apart. `line` holds s of them. */
static void transform_axis(tconv_complex *image, size_t count, size_t s, size_t stride, const tconv_complex *root,
                           tconv_complex *line)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): strides are >= 1 */
    for (size_t l = 0; l < count / s; l++) {
        tconv_complex *at = image + l / stride * stride * s + l % stride;
        for (size_t q = 0; q < s; q++)
            line[q] = at[q * stride];
        for (size_t m = 0; m < s; m++) {
            tconv_sum re = { 0 }, im = { 0 };
            size_t turn = 0;   /* m*q mod s */
            for (size_t q = 0; q < s; q++, turn = (turn + m) % s) {
                tconv_sum_add_product(&re, line[q].re, root[turn].re);
                tconv_sum_add_product(&re, -line[q].im, root[turn].im);
                tconv_sum_add_product(&im, line[q].re, root[turn].im);
                tconv_sum_add_product(&im, line[q].im, root[turn].re);
            }
            at[m * stride] = (tconv_complex){ tconv_sum_value(&re), tconv_sum_value(&im) };
        }
    }
}

/* The same by FFT, for strides so large that s^2 sums would take seconds. */
static tconv_status transform_long_axis(tconv_complex *image, size_t count, size_t s, size_t stride)
{
    tconv_status status = TCONV_OK;
    tconv_complex *line = tconv_alloc(s, sizeof *line, &status);
    if (line == NULL)
        return status;
    tconv_fftw_lock();
    fftw_plan plan = fftw_plan_dft_1d((int)s, (fftw_complex *)line, (fftw_complex *)line, FFTW_FORWARD, FFTW_ESTIMATE);
    tconv_fftw_unlock();
    for (size_t l = 0; plan != NULL && l < count / s; l++) {
        tconv_complex *at = image + l / stride * stride * s + l % stride;
        for (size_t q = 0; q < s; q++)
            line[q] = at[q * stride];
        TCONV_FFTW_RUN(fftw_execute(plan));
        for (size_t m = 0; m < s; m++)
            at[m * stride] = line[m];
    }
    tconv_fftw_lock();
    if (plan != NULL)
        fftw_destroy_plan(plan);
    tconv_fftw_unlock();
    tconv_free(line);
    return plan != NULL ? TCONV_OK : TCONV_ENOMEM;
}

tconv_status tconv_images_of_gains(const tconv_geometry *geometry, const double *gain, tconv_complex *image)
{
    tconv_status status = TCONV_OK;
    size_t count = tconv_geometry_phases(geometry), stride = 1;
    for (size_t q = 0; q < count; q++)
        image[q] = (tconv_complex){ gain[q], 0.0 };
    for (size_t i = geometry->ndim; i-- > 0;) {
        size_t s = geometry->axis[i].stride;
        if (s > LONGEST_DIRECT) {
            status = transform_long_axis(image, count, s, stride);
            if (status != TCONV_OK)
                return status;
            stride *= s;
            continue;
        }
        tconv_complex *work = tconv_alloc(2 * s, sizeof *work, &status);
        if (work == NULL)
            return status;
        for (size_t j = 0; j < s; j++)
            work[j] = root_of_unity(j, s);
        transform_axis(image, count, s, stride, work, work + s);
        tconv_free(work);
        stride *= s;
    }
    return TCONV_OK;
}
