/* stream.h - a one-dimensional layer on a signal of any length, in constant memory, chunk by chunk.
 *
 *     y[s*m + e] as in transpose.h, as soon as the inputs that it needs have come
 *
 * Chunks may be cut anywhere: the outputs, one after the other, have the bits of engine `direct` on the whole signal with
 * the same instruction set. Frames are interleaved, as audio is: x[n*channels + c].
 *
 *     tconv_stream *stream = NULL;
 *     if (tconv_stream_create(&stream, &geometry, taps, NULL, TCONV_F32, 2, &error) == TCONV_OK) {
 *         while ((n = read(x, 4096)) > 0)
 *             write(y, tconv_stream_push(stream, x, n, y));        room for tconv_stream_room(stream, 4096) frames
 *         write(y, tconv_stream_finish(stream, y));
 *     }
 *     tconv_stream_destroy(stream);
 */
#ifndef TCONV_OPERATOR_STREAM_H
#define TCONV_OPERATOR_STREAM_H

#include <stddef.h>

#include "../core/element.h"
#include "../core/geometry.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_stream tconv_stream;   /* one thread at a time */

/* A stream through `copies` >= 1 independent copies of the layer (its ndim is 1), side by side: copy c reads input channels
 * c*Cin .. and writes output channels c*Cout .. of a frame. With Cin = Cout = 1 they share one kernel: stereo is copies 2.
 * taps and bias (may be NULL) as in transpose.h; element TCONV_F32 or TCONV_F64 is the type of x and y. On failure *stream
 * is NULL: TCONV_EGEOMETRY, TCONV_EARGUMENT, TCONV_ESIZE, TCONV_EBUDGET, TCONV_ENOMEM. */
TCONV_API TCONV_CHECKED tconv_status tconv_stream_create(tconv_stream **stream, const tconv_geometry *geometry,
                                                         const double *taps, const double *bias, tconv_element element,
                                                         size_t copies, tconv_error *error);
TCONV_API void tconv_stream_destroy(tconv_stream *stream);   /* NULL is fine */

/* Output frames that any one push of up to `frames` input frames, or finish (frames = 0), may write. */
TCONV_API size_t tconv_stream_room(const tconv_stream *stream, size_t frames);

/* Take `frames` input frames, write the output frames that are then known; their number. */
TCONV_API size_t tconv_stream_push(tconv_stream *stream, const void *x, size_t frames, void *y);

/* The signal has ended: write the frames that are left, M(N) in all for N >= 1 inputs; their number. The stream is then as
 * new. Nothing is written for an empty signal, or one whose output would be empty. */
TCONV_API size_t tconv_stream_finish(tconv_stream *stream, void *y);

#ifdef __cplusplus
}
#endif
#endif
