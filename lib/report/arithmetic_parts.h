/* arithmetic_parts.h - a layer in the words of PyTorch, ONNX and TensorFlow, and what the texts of layers and of
 * stacks share (internal). */
#ifndef TCONV_REPORT_ARITHMETIC_PARTS_H
#define TCONV_REPORT_ARITHMETIC_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/buffer.h"
#include "../core/geometry.h"
#include "arithmetic.h"

/* Append "nn.ConvTranspose1d(Cin, Cout, kernel_size=4, stride=2, padding=1)". False, nothing appended, where it has no words. */
bool tconv_say_pytorch(tconv_buffer *out, const tconv_geometry *geometry);

/* Append "ConvTranspose kernel_shape=[4] strides=[2] pads=[1,1]", or nothing and false. */
bool tconv_say_onnx(tconv_buffer *out, const tconv_geometry *geometry);

/* Append which auto_pad and, with input sizes, which output_shape give the same: "or auto_pad=SAME_UPPER ..". False, nothing
 * appended, where there are none. */
bool tconv_say_onnx_modes(tconv_buffer *out, const tconv_geometry *geometry, const size_t *input_size);

/* Append the Keras layer, with a Cropping layer where it needs one, or a sentence that there is none and why. */
void tconv_say_tensorflow(tconv_buffer *out, const tconv_geometry *geometry);

/* Words under a label, wrapped; the words are given back. */
void tconv_part_wrapped(tconv_buffer *out, const char *name, tconv_buffer *words);

/* "1 sample short of 2N"; and "; output padding 1 gives exactly 2N" where that is so. */
void tconv_part_surplus(tconv_buffer *out, const tconv_axis *axis);
void tconv_part_repair(tconv_buffer *out, const tconv_axis *axis);

/* The text of layers in series. */
void tconv_arithmetic_stack_text(tconv_buffer *out, const tconv_arithmetic *arithmetic);

#endif
