#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"

/* Room for `more` bytes and the zero byte; the block at least doubles, so n bytes cost O(n). */
static bool reserve(tconv_buffer *buffer, size_t more)
{
    size_t needed;
    if (buffer->status != TCONV_OK)
        return false;
    if (!tconv_size_add(buffer->length, more, &needed) || !tconv_size_add(needed, 1, &needed)) {
        buffer->status = TCONV_ESIZE;
        return false;
    }
    if (needed <= buffer->capacity)
        return true;
    size_t capacity = needed < 256 ? 256 : needed;
    if (buffer->capacity <= capacity / 2 || !tconv_size_mul(buffer->capacity, 2, &needed))
        needed = capacity;
    char *larger = tconv_alloc(needed, 1, &buffer->status);
    if (larger == NULL)
        return false;
    if (buffer->length > 0)
        memcpy(larger, buffer->text, buffer->length);
    tconv_free(buffer->text);
    buffer->text = larger;
    buffer->capacity = needed;
    return true;
}

void tconv_buffer_bytes(tconv_buffer *buffer, const void *bytes, size_t length)
{
    if (!reserve(buffer, length))
        return;
    if (length > 0)
        memcpy(buffer->text + buffer->length, bytes, length);
    buffer->length += length;
    buffer->text[buffer->length] = '\0';
}

void tconv_buffer_text(tconv_buffer *buffer, const char *text)
{
    tconv_buffer_bytes(buffer, text, strlen(text));
}

void tconv_buffer_format(tconv_buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0 && buffer->status == TCONV_OK)
        buffer->status = TCONV_ESIZE;
    if (length >= 0 && reserve(buffer, (size_t)length)) {
        (void)vsnprintf(buffer->text + buffer->length, (size_t)length + 1, format, again);
        buffer->length += (size_t)length;
    }
    va_end(again);
    va_end(arguments);
}

void tconv_buffer_free(tconv_buffer *buffer)
{
    tconv_free(buffer->text);
    *buffer = (tconv_buffer){ 0 };
}
