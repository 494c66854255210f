#include "phase_bias.h"

/* (j + pb) mod s; a begin crop may be negative. */
static size_t phase_at(const tconv_axis *axis, size_t j)
{
    int64_t s = (int64_t)axis->stride, crop = (axis->pad_begin % s + s) % s;
    return (j + (size_t)crop) % axis->stride;
}

void tconv_phase_bias_add(const tconv_kernel *kernel, tconv_element element, size_t batch, const size_t *n_out, void *y)
{
    const tconv_geometry *g = &kernel->geometry;
    size_t phases = tconv_geometry_phases(g), outputs = 1;
    for (size_t i = 0; i < g->ndim; i++)
        outputs *= n_out[i];
    for (size_t row = 0; kernel->phase_bias != NULL && row < batch * g->channels_out; row++) {
        const double *own = kernel->phase_bias + row % g->channels_out * phases;
        double mean = kernel->bias[row % g->channels_out];
        for (size_t j = 0; j < outputs; j++) {
            size_t q = 0, scale = 1, rest = j;
            for (size_t i = g->ndim; i-- > 0; rest /= n_out[i]) {
                q += scale * phase_at(&g->axis[i], rest % n_out[i]);
                scale *= g->axis[i].stride;
            }
            if (element == TCONV_F32)
                ((float *)y)[row * outputs + j] += (float)(own[q] - mean);
            else
                ((double *)y)[row * outputs + j] += own[q] - mean;
        }
    }
}

void tconv_phase_bias_add_frames(const tconv_kernel *kernel, size_t copies, size_t first, size_t frames, double *y)
{
    size_t out = kernel->geometry.channels_out, channels = copies * out, phases = tconv_geometry_phases(&kernel->geometry);
    for (size_t j = 0; kernel->phase_bias != NULL && j < frames; j++) {
        size_t q = phase_at(&kernel->geometry.axis[0], first + j);
        for (size_t c = 0; c < channels; c++)
            y[j * channels + c] += kernel->phase_bias[c % out * phases + q] - kernel->bias[c % out];
    }
}
