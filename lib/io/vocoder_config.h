/* vocoder_config.h - the upsampling layers of a neural vocoder out of its JSON configuration, in the manner of HiFi-GAN:
 *
 *     "upsample_rates": [8, 8, 2, 2],  "upsample_kernel_sizes": [16, 16, 4, 4],
 *     "sampling_rate": 22050,  "hop_size": 256            (or "hop_length"; both may be absent)
 *
 * Layer l is a ConvTranspose1d of stride u_l, k_l taps and padding floor((k_l - u_l)/2) (Kong, Kim and Bae 2020, models.py).
 * The keys stand at the top of the document or one object below ("model", "data", "generator"), each once.
 */
#ifndef TCONV_IO_VOCODER_CONFIG_H
#define TCONV_IO_VOCODER_CONFIG_H

#include <stddef.h>

#include "../core/geometry.h"
#include "../core/stack.h"
#include "../core/status.h"
#include "source.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_CONFIG_BYTES ((size_t)16 << 20)   /* a longer file is no configuration */

typedef struct tconv_vocoder_config {
    size_t n_layers;                            /* 1..TCONV_STACK_LAYERS */
    tconv_axis layers[TCONV_STACK_LAYERS];
    double sampling_rate;                       /* Hz; 0: not given */
    size_t hop_size;                            /* samples a frame; 0: not given */
} tconv_vocoder_config;

/* Read a configuration. A byte order mark is skipped. Thread-safe. Errors with line and column: TCONV_EFORMAT for what is no
 * JSON, for a key that is missing, of a wrong type or there twice, and for lists of different lengths; TCONV_EGEOMETRY for
 * layers that cannot be; TCONV_EUNSUPPORTED for a file over TCONV_CONFIG_BYTES; those of the source. */
TCONV_API TCONV_CHECKED tconv_status tconv_vocoder_config_read(tconv_source *source, tconv_vocoder_config *config,
                                                               tconv_error *error);

/* The rate of the stack's input in Hz: sampling_rate / hop_size, or over the product of the strides where no hop size is
 * given; NAN without a sampling rate. */
TCONV_API double tconv_vocoder_frame_rate(const tconv_vocoder_config *config);

#ifdef __cplusplus
}
#endif
#endif
