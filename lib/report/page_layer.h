/* page_layer.h - the section of one layer in a page (internal). */
#ifndef TCONV_REPORT_PAGE_LAYER_H
#define TCONV_REPORT_PAGE_LAYER_H

#include <stddef.h>

#include "../core/buffer.h"
#include "layer_json.h"

/* Append the section of layer `number`; `file` names the input in the text report at its end. A layer without figures has
 * its verdict and geometry only. */
tconv_status tconv_page_layer(tconv_buffer *out, const char *file, const tconv_json_layer *layer, size_t number);

/* The name that a layer goes by. */
const char *tconv_page_layer_name(const tconv_json_layer *layer);

/* "1x3x4": the sizes of every axis, of the taps ('k') or strides ('s'). */
void tconv_page_sizes(tconv_buffer *out, const tconv_geometry *geometry, int field);

#endif
