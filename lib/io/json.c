#include "json.h"

#include <math.h>
#include <string.h>

#include "../core/memory.h"

void tconv_json_set(json_t *object, const char *key, json_t *value, bool *failed)
{
    if (json_object_set_new(object, key, value) != 0)   /* takes the value also when it fails, and NULL anywhere */
        *failed = true;
}

void tconv_json_add(json_t *array, json_t *value, bool *failed)
{
    if (json_array_append_new(array, value) != 0)
        *failed = true;
}

/* ---- reading ---- */

json_t *tconv_json_parse(const char *text, size_t length, size_t flags, json_error_t *reason, tconv_status *status)
{
    *status = TCONV_OK;
    json_t *root = json_loadb(text, length, flags, reason);
    if (root != NULL)
        return root;
    *status = tconv_memory_probe();
    if (*status != TCONV_OK)
        return NULL;
    root = json_loadb(text, length, flags, reason);
    if (root == NULL)
        *status = json_error_code(reason) == json_error_out_of_memory || reason->text[0] == '\0' ? TCONV_ENOMEM : TCONV_EFORMAT;
    return root;
}

/* ---- values ---- */

json_t *tconv_json_real(double value)
{
    if (isnan(value))
        return json_null();
    if (isinf(value))
        return json_string(value > 0.0 ? "inf" : "-inf");
    return json_real(value == 0.0 ? 0.0 : value);
}

json_t *tconv_json_size(size_t value)
{
    return value <= INT64_MAX ? json_integer((json_int_t)value) : json_real((double)value);
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

json_t *tconv_json_reals(const double *values, size_t count, bool *failed)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        tconv_json_add(array, tconv_json_real(values[i]), failed);
    return array;
}

json_t *tconv_json_sizes(const size_t *values, size_t count, bool *failed)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        tconv_json_add(array, tconv_json_size(values[i]), failed);
    return array;
}

json_t *tconv_json_integers(const int64_t *values, size_t count, bool *failed)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        tconv_json_add(array, json_integer((json_int_t)values[i]), failed);
    return array;
}

/* ---- writing ---- */

static int append(const char *bytes, size_t size, void *out)
{
    tconv_buffer *buffer = out;
    tconv_buffer_bytes(buffer, bytes, size);
    return buffer->status == TCONV_OK ? 0 : -1;
}

tconv_status tconv_json_write(json_t *root, bool failed, tconv_json_style style, tconv_buffer *out, tconv_error *error)
{
    size_t flags = JSON_REAL_PRECISION(17) | (style == TCONV_JSON_INDENTED ? JSON_INDENT(2) : JSON_COMPACT);
    failed = failed || root == NULL || json_dump_callback(root, append, out, flags) != 0;
    json_decref(root);
    tconv_buffer_text(out, "\n");
    if (failed && out->status == TCONV_OK)
        out->status = TCONV_ENOMEM;     /* jansson gives no reason, and there is no other */
    if (out->status == TCONV_OK)
        return TCONV_OK;
    return tconv_fail(error, out->status, "the JSON document cannot be made: %s", tconv_status_text(out->status));
}
