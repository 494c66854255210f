/* layer_parts.h - pieces of the text of a layer that several reports share (internal). */
#ifndef TCONV_REPORT_LAYER_PARTS_H
#define TCONV_REPORT_LAYER_PARTS_H

#include <stdbool.h>

#include "../core/buffer.h"
#include "../core/geometry.h"

#define TCONV_PART_LABEL 13   /* the column where the text after a label begins */

/* `what` and one figure of every axis: k, s, d, o, b(egin) or e(nd) of the padding. */
void tconv_part_axes(tconv_buffer *out, const tconv_geometry *geometry, const char *what, int field);

/* Are the crops of every axis equal at both ends? Has any axis a dilation ('d') or an output padding ('o')? */
bool tconv_part_symmetric(const tconv_geometry *geometry);
bool tconv_part_any(const tconv_geometry *geometry, int field);

/* "2N+1 (also valid: 2N to 2N+2)": all s sizes that the forward convolution maps back to N. */
void tconv_part_sizes(tconv_buffer *out, const tconv_axis *axis);

/* The labelled lines of the coverage: a picture where it is small, then mean and variance. */
void tconv_part_coverage(tconv_buffer *out, const tconv_geometry *geometry);

#endif
