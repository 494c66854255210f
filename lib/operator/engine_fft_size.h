/* engine_fft_size.h - how long engine_fft.c's transforms are; its cost model asks too. Internal to lib/operator. */
#ifndef TCONV_OPERATOR_ENGINE_FFT_SIZE_H
#define TCONV_OPERATOR_ENGINE_FFT_SIZE_H

#include "lift.h"

/* The power of two with the fewest operations per output. */
size_t tconv_fft_size(const tconv_lifted *l);

#endif
