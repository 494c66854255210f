/* json.h - what the writers of JSON reports share, over jansson.
 *
 * Numbers have 17 significant digits and a decimal point under every locale; a value that is not defined (NaN) is null,
 * an infinite one the string "inf" or "-inf". Keys keep the order in which they were set. A failure (memory) is kept in
 * the document, so a report is built without a check at every value and checked once, when it is written:
 *
 *     tconv_json document = { 0 };
 *     json_t *report = tconv_json_begin(&document);
 *     tconv_json_set(&document, report, "tool", tconv_json_text("polyphase-analyze"));
 *     json_t *figures = tconv_json_object(&document, report, "figures");
 *     tconv_json_set(&document, figures, "dc_gain", tconv_json_real(2.0));
 *     status = tconv_json_write(&document, TCONV_JSON_INDENTED, &out, &error);
 *     tconv_json_free(&document);
 *
 * Not part of tconv.h, because it needs jansson's header.
 *
 * NULL in the place of an object, array or value is a failure that happened before: it is kept, nothing else is done.
 */
#ifndef TCONV_IO_JSON_H
#define TCONV_IO_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/buffer.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_json {
    json_t *root;       /* owned */
    bool failed;        /* a value could not be made or kept */
} tconv_json;

/* The root object of a new document; borrowed, as everything below: it lives as long as the document. */
TCONV_API json_t *tconv_json_begin(tconv_json *document);
TCONV_API void tconv_json_free(tconv_json *document);

/* Set key = value, append a value. The value is given away, also on failure. */
TCONV_API void tconv_json_set(tconv_json *document, json_t *object, const char *key, json_t *value);
TCONV_API void tconv_json_append(tconv_json *document, json_t *array, json_t *value);

/* A new empty object or array at a key of `parent`, or, with key NULL, at the end of the array `parent`. Borrowed; NULL
 * on failure. */
TCONV_API json_t *tconv_json_object(tconv_json *document, json_t *parent, const char *key);
TCONV_API json_t *tconv_json_array(tconv_json *document, json_t *parent, const char *key);

/* Values, to give away. NULL where memory ran out. */
TCONV_API json_t *tconv_json_real(double value);
TCONV_API json_t *tconv_json_size(size_t value);            /* beyond INT64_MAX: a real */
TCONV_API json_t *tconv_json_integer(int64_t value);
TCONV_API json_t *tconv_json_boolean(bool value);
TCONV_API json_t *tconv_json_text(const char *text);        /* NULL is null; bytes that are no UTF-8 become U+FFFD */
TCONV_API json_t *tconv_json_reals(const double *values, size_t count);
TCONV_API json_t *tconv_json_sizes(const size_t *values, size_t count);
TCONV_API json_t *tconv_json_integers(const int64_t *values, size_t count);

typedef enum { TCONV_JSON_LINE, TCONV_JSON_INDENTED } tconv_json_style;

/* Append the document and a newline: on one line, or indented by two blanks. Errors: TCONV_ENOMEM, also for what failed
 * while it was built; a failure of the buffer. The sentence is never empty. */
TCONV_API TCONV_CHECKED tconv_status tconv_json_write(const tconv_json *document, tconv_json_style style, tconv_buffer *out,
                                                      tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
