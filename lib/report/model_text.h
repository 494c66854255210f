/* model_text.h - the overview of a model: one line for every layer, then what the columns mean and what to do. */
#ifndef TCONV_REPORT_MODEL_TEXT_H
#define TCONV_REPORT_MODEL_TEXT_H

#include <stddef.h>

#include "layer_json.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Append the table. Layers without figures (no taps, stride 1, or role gradient) have dashes for them. At most 100
 * columns; long names are cut in the middle. Failure is kept in the buffer. Thread-safe. */
TCONV_API void tconv_model_text(tconv_buffer *out, const char *file, const char *format, const tconv_json_layer *layers,
                                size_t n_layers);

#ifdef __cplusplus
}
#endif
#endif
