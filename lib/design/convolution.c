#include "convolution.h"

tconv_convolution tconv_convolution_default(size_t ndim)
{
    tconv_convolution convolution = { .ndim = ndim, .channels_in = 1, .channels_out = 1, .groups = 1 };
    for (size_t i = 0; i < TCONV_MAX_NDIM; i++)
        convolution.n_taps[i] = convolution.dilation[i] = 1;
    return convolution;
}

/* The limits are those of a layer of stride 1 with the same figures. */
tconv_status tconv_convolution_check(const tconv_convolution *convolution, tconv_error *error)
{
    tconv_geometry like = tconv_geometry_default(convolution->ndim);
    like.channels_in = convolution->channels_in;
    like.channels_out = convolution->channels_out;
    like.groups = convolution->groups;
    for (size_t i = 0; i < convolution->ndim && i < TCONV_MAX_NDIM; i++)
        like.axis[i] = (tconv_axis){ .stride = 1, .n_taps = convolution->n_taps[i], .dilation = convolution->dilation[i],
                                     .pad_begin = convolution->pad_begin[i], .pad_end = convolution->pad_end[i] };
    return tconv_geometry_check(&like, error);
}
