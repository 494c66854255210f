#include "pixel_shuffle.h"

#include <string.h>

static size_t source_channel(tconv_shuffle_order order, size_t channels, size_t phases, size_t c, size_t q)
{
    return order == TCONV_SHUFFLE_CRD ? c * phases + q : q * channels + c;
}

void tconv_pixel_shuffle(tconv_shuffle_order order, tconv_element element, size_t ndim, size_t batch, size_t channels,
                         const size_t *strides, const size_t *n_in, const void *x, void *y)
{
    size_t s[3] = { 1, 1, 1 }, n[3] = { 1, 1, 1 }, size = tconv_element_bytes(element);
    for (size_t i = 0; i < ndim; i++) {
        s[3 - ndim + i] = strides[i];
        n[3 - ndim + i] = n_in[i];
    }
    size_t phases = s[0] * s[1] * s[2], small = n[0] * n[1] * n[2];
    for (size_t b = 0; b < batch; b++)
        for (size_t c = 0; c < channels; c++)
            for (size_t j0 = 0; j0 < s[0] * n[0]; j0++)
                for (size_t j1 = 0; j1 < s[1] * n[1]; j1++)
                    for (size_t j2 = 0; j2 < s[2] * n[2]; j2++) {
                        size_t q = (j0 % s[0] * s[1] + j1 % s[1]) * s[2] + j2 % s[2];
                        size_t from = (b * channels * phases + source_channel(order, channels, phases, c, q)) * small
                                    + (j0 / s[0] * n[1] + j1 / s[1]) * n[2] + j2 / s[2];
                        size_t to = (((b * channels + c) * s[0] * n[0] + j0) * s[1] * n[1] + j1) * s[2] * n[2] + j2;
                        memcpy((char *)y + to * size, (const char *)x + from * size, size);
                    }
}
