/* buffer.h - a text (or bytes) that grows while it is written: what the writers of reports and files write into.
 *
 * Failure is kept: after one, every further call does nothing, so a writer is checked once, at its end.
 *
 *     tconv_buffer out = { 0 };
 *     tconv_buffer_text(&out, "stride ");
 *     tconv_buffer_format(&out, "%zu\n", stride);
 *     if (out.status == TCONV_OK)
 *         fwrite(out.text, 1, out.length, stdout);
 *     tconv_buffer_free(&out);
 */
#ifndef TCONV_CORE_BUFFER_H
#define TCONV_CORE_BUFFER_H

#include <stddef.h>

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_buffer {
    char *text;             /* `length` bytes and a zero byte after them; NULL as long as nothing was written; owned */
    size_t length, capacity;
    tconv_status status;    /* TCONV_OK, or what went wrong first: TCONV_ESIZE, TCONV_EBUDGET, TCONV_ENOMEM */
} tconv_buffer;

/* Append `length` bytes; a text that ends with a zero byte; a printf-style text (integers and strings only: a %g would
 * follow the locale, see tconv_number_append). */
TCONV_API void tconv_buffer_bytes(tconv_buffer *buffer, const void *bytes, size_t length);
TCONV_API void tconv_buffer_text(tconv_buffer *buffer, const char *text);
TCONV_API void tconv_buffer_format(tconv_buffer *buffer, const char *format, ...) TCONV_PRINTF(2, 3);

/* Give the memory back and start anew, empty and without a failure. */
TCONV_API void tconv_buffer_free(tconv_buffer *buffer);

#ifdef __cplusplus
}
#endif
#endif
