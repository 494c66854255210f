/* models_table.h - the data of plots/models.gp: the upsampling layers of a model side by side. */
#ifndef TCONV_APPS_COMMON_MODELS_TABLE_H
#define TCONV_APPS_COMMON_MODELS_TABLE_H

#include "report/layer_json.h"

/* Append one row per layer that upsamples and has figures: layer, geometry index, index of the kernels, white-input
 * variation, in dB. Returns how many there are. Failure is kept in the buffer. */
size_t models_table_write(const tconv_json_layer *layers, size_t n_layers, tconv_buffer *table);

#endif
