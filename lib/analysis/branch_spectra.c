#include "branch_spectra.h"

#include <math.h>
#include <stdbool.h>

#include "../core/constants.h"
#include "../core/memory.h"
#include "../core/polyphase.h"
#include "phase.h"

/* One branch as a kernel of its own, along one axis: magnitude and phase delay. `work`: 2 * points doubles. */
static tconv_status one_branch(const double *branch, const size_t *shape, size_t ndim, size_t axis, double zero,
                               size_t points, tconv_complex *work, double *magnitude, double *delay)
{
    tconv_geometry geometry = tconv_geometry_default(ndim);
    bool empty = false;
    for (size_t i = 0; i < ndim; i++) {
        geometry.axis[i].n_taps = shape[i];
        empty = empty || shape[i] == 0;
    }
    for (size_t j = 0; j < points; j++) {
        magnitude[j] = 0.0;
        delay[j] = (double)NAN;
    }
    if (empty)
        return TCONV_OK;
    tconv_status status = tconv_response_along(&geometry, branch, axis, points, work);
    for (size_t j = 0; j < points && status == TCONV_OK; j++) {
        double size = hypot(work[j].re, work[j].im);
        magnitude[j] = size < zero ? 0.0 : size;
    }
    if (status != TCONV_OK || magnitude[0] == 0.0)
        return status;
    double *phase = (double *)work;
    status = tconv_phase_along(&geometry, branch, axis, points, phase);
    for (size_t j = 1; j < points && status == TCONV_OK; j++)
        if (magnitude[j] > 0.0)
            delay[j] = -(phase[j] - phase[0]) / (TCONV_PI * (double)j / (double)(points - 1));
    if (status == TCONV_OK)
        status = tconv_group_delay_along(&geometry, branch, axis, points, phase);   /* at v = 0 both delays meet */
    if (status == TCONV_OK)
        delay[0] = phase[0];
    return status;
}

static void errors_of(const tconv_geometry *geometry, size_t axis, size_t points, size_t count, const double *delay,
                      double *error)
{
    for (size_t j = 0; j < points; j++) {
        double sum = 0.0;
        size_t kept = 0;
        for (size_t q = 0; q < count; q++) {
            size_t phase[TCONV_MAX_NDIM];
            tconv_phase_of(geometry, q, phase);
            double aligned = delay[q * points + j] + (double)phase[axis] / (double)geometry->axis[axis].stride;
            error[q * points + j] = aligned;
            if (!isnan(aligned)) {
                sum += aligned;
                kept++;
            }
        }
        for (size_t q = 0; q < count; q++)
            error[q * points + j] -= kept > 0 ? sum / (double)kept : 0.0;
    }
}

tconv_status tconv_branch_spectra(const tconv_geometry *geometry, const double *taps, size_t axis, size_t points,
                                  double *magnitude, double *delay, double *error)
{
    tconv_status status = TCONV_OK;
    tconv_polyphase *split = NULL;
    if (axis >= geometry->ndim || points < 2)
        return TCONV_EARGUMENT;
    double zero = tconv_kernel_zero(taps, tconv_geometry_taps(geometry));
    tconv_complex *work = tconv_alloc(points, sizeof *work, &status);
    if (status == TCONV_OK)
        status = tconv_polyphase_create(&split, geometry, taps);
    size_t count = status == TCONV_OK ? tconv_polyphase_count(split) : 0;
    for (size_t q = 0; q < count && status == TCONV_OK; q++) {
        size_t shape[TCONV_MAX_NDIM];
        const double *branch = tconv_polyphase_branch(split, q, shape);
        status = one_branch(branch, shape, geometry->ndim, axis, zero, points, work, magnitude + q * points,
                            delay + q * points);
    }
    if (status == TCONV_OK)
        errors_of(geometry, axis, points, count, delay, error);
    if (split != NULL)
        tconv_polyphase_destroy(split);
    tconv_free(work);
    return status;
}
