#include "json.h"

#include <math.h>
#include <string.h>

json_t *tconv_json_begin(tconv_json *document)
{
    document->failed = false;
    document->root = json_object();
    document->failed = document->root == NULL;
    return document->root;
}

void tconv_json_free(tconv_json *document)
{
    json_decref(document->root);
    document->root = NULL;
    document->failed = false;
}

void tconv_json_set(tconv_json *document, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0)   /* takes the value also when it fails, and NULL anywhere */
        document->failed = true;
}

void tconv_json_append(tconv_json *document, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0)
        document->failed = true;
}

static json_t *add_to(tconv_json *document, json_t *parent, const char *key, json_t *child)
{
    int failed = key != NULL ? json_object_set_new(parent, key, child) : json_array_append_new(parent, child);
    if (failed == 0)
        return child;
    document->failed = true;
    return NULL;
}

json_t *tconv_json_object(tconv_json *document, json_t *parent, const char *key)
{
    return add_to(document, parent, key, json_object());
}

json_t *tconv_json_array(tconv_json *document, json_t *parent, const char *key)
{
    return add_to(document, parent, key, json_array());
}

/* ---- values ---- */

json_t *tconv_json_real(double value)
{
    if (isnan(value))
        return json_null();
    if (isinf(value))
        return json_string(value > 0.0 ? "inf" : "-inf");
    return json_real(value);
}

json_t *tconv_json_size(size_t value)
{
    return value <= INT64_MAX ? json_integer((json_int_t)value) : json_real((double)value);
}

json_t *tconv_json_integer(int64_t value)
{
    return json_integer((json_int_t)value);
}

json_t *tconv_json_boolean(bool value)
{
    return json_boolean(value);
}

/* The length of the UTF-8 character at `text`, 0 where there is none (RFC 3629: no overlong forms, no surrogates,
 * nothing beyond U+10FFFF). */
static size_t character_length(const unsigned char *text)
{
    unsigned char first = text[0], least = 0x80, most = 0xbf;
    size_t length = first < 0x80 ? 1 : first >= 0xc2 && first <= 0xdf ? 2 : (first & 0xf0) == 0xe0 ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
    if (length == 0)
        return 0;
    if (first == 0xe0) least = 0xa0;
    if (first == 0xed) most = 0x9f;
    if (first == 0xf0) least = 0x90;
    if (first == 0xf4) most = 0x8f;
    for (size_t i = 1; i < length; i++, least = 0x80, most = 0xbf)
        if (text[i] < least || text[i] > most)
            return 0;
    return length;
}

json_t *tconv_json_text(const char *text)
{
    if (text == NULL)
        return json_null();
    json_t *plain = json_string(text);
    if (plain != NULL)
        return plain;
    tconv_buffer replaced = { 0 };
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; ) {
        size_t length = character_length(at);
        tconv_buffer_bytes(&replaced, length > 0 ? (const void *)at : "\xef\xbf\xbd", length > 0 ? length : 3);
        at += length > 0 ? length : 1;
    }
    plain = replaced.status == TCONV_OK && replaced.text != NULL ? json_string(replaced.text) : NULL;
    tconv_buffer_free(&replaced);
    return plain;
}

/* An array of `count` values, NULL as soon as one cannot be made. */
#define ARRAY_OF(make)                                          \
    json_t *array = json_array();                               \
    for (size_t i = 0; i < count && array != NULL; i++)         \
        if (json_array_append_new(array, make(values[i])) != 0) { \
            json_decref(array);                                 \
            array = NULL;                                       \
        }                                                       \
    return array

json_t *tconv_json_reals(const double *values, size_t count)
{
    ARRAY_OF(tconv_json_real);
}

json_t *tconv_json_sizes(const size_t *values, size_t count)
{
    ARRAY_OF(tconv_json_size);
}

json_t *tconv_json_integers(const int64_t *values, size_t count)
{
    ARRAY_OF(tconv_json_integer);
}

/* ---- writing ---- */

static int append(const char *bytes, size_t size, void *out)
{
    tconv_buffer *buffer = out;
    tconv_buffer_bytes(buffer, bytes, size);
    return buffer->status == TCONV_OK ? 0 : -1;
}

tconv_status tconv_json_write(const tconv_json *document, tconv_json_style style, tconv_buffer *out, tconv_error *error)
{
    size_t flags = JSON_REAL_PRECISION(17) | (style == TCONV_JSON_INDENTED ? JSON_INDENT(2) : 0);
    bool failed = document->failed || document->root == NULL || json_dump_callback(document->root, append, out, flags) != 0;
    tconv_buffer_text(out, "\n");
    if (out->status != TCONV_OK)
        return tconv_fail(error, out->status, "the JSON document cannot be made: %s", tconv_status_text(out->status));
    if (failed)
        return tconv_fail(error, TCONV_ENOMEM, "the JSON document cannot be made: out of memory");
    return TCONV_OK;
}
