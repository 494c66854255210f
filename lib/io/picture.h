/* picture.h - PNG pictures as arrays: grey, grey with alpha, RGB and RGBA, 8 or 16 bits a sample.
 *
 * Palettes become RGB, fewer than 8 bits become 8. Values are the file's own, 0 .. 2^bits - 1, as doubles; colour profiles
 * and gamma are not applied. The array is (channels, height, width).
 */
#ifndef TCONV_IO_PICTURE_H
#define TCONV_IO_PICTURE_H

#include "../core/buffer.h"
#include "../core/status.h"
#include "../core/tensor.h"
#include "source.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_PICTURE_MAX_SIDE 32768

/* Read a PNG: *picture has shape (1 to 4, height, width) and type f64, *bits is 8 or 16. On failure *picture is NULL:
 * TCONV_EFORMAT, TCONV_ESIZE, TCONV_EBUDGET, TCONV_ENOMEM, TCONV_EREAD. */
TCONV_API TCONV_CHECKED tconv_status tconv_picture_read(tconv_source *source, tconv_tensor **picture, int *bits, tconv_error *error);

/* Append the picture as a PNG of 8 or 16 bits: values are rounded to the nearest level and clipped to 0 .. 2^bits - 1.
 * shape (1 to 4, height, width). TCONV_EARGUMENT; failures of the buffer stay in it. */
TCONV_API TCONV_CHECKED tconv_status tconv_picture_write(const tconv_tensor *picture, int bits, tconv_buffer *out, tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
