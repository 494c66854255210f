/* json.h - what the writers of JSON reports share, over jansson.
 *
 * Numbers have 17 significant digits and a decimal point under every locale; a value that is not defined (NaN) is null,
 * an infinite one the string "inf" or "-inf". Keys keep the order in which they were set. Memory that runs out anywhere
 * leaves *failed set, so a document is built without a check at every value and checked once, when it is written:
 *
 *     bool failed = false;
 *     json_t *report = json_object();
 *     tconv_json_set(report, "tool", tconv_json_text("polyphase-analyze"), &failed);
 *     tconv_json_set(report, "dc_gain", tconv_json_real(2.0), &failed);
 *     status = tconv_json_write(report, failed, TCONV_JSON_INDENTED, &out, &error);
 *
 * Not part of tconv.h, because it needs jansson's header.
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

/* Parse `length` bytes; flags and *reason are jansson's. Where memory runs out jansson may call the text wrong, so a text that is
 * refused is tried once more with memory at hand. On failure NULL and *status: TCONV_ENOMEM or TCONV_EBUDGET where there is none,
 * TCONV_EFORMAT and *reason where the text is no JSON. The caller's: json_decref. */
json_t *tconv_json_parse(const char *text, size_t length, size_t flags, json_error_t *reason, tconv_status *status);

/* object[key] = value, or array[end] = value. The value's reference is taken, also on failure; NULL for any of them is a
 * failure that happened before: *failed is set, nothing else is done. */
void tconv_json_set(json_t *object, const char *key, json_t *value, bool *failed);
void tconv_json_add(json_t *array, json_t *value, bool *failed);

/* Values, as new references. NULL where memory ran out. */
json_t *tconv_json_real(double value);            /* null for NaN, "inf", "-inf"; -0 is 0 */
json_t *tconv_json_size(size_t value);            /* beyond INT64_MAX: a real */
json_t *tconv_json_text(const char *text);        /* null for NULL; bytes that are no UTF-8 become U+FFFD */

/* Arrays of `count` such values. */
json_t *tconv_json_reals(const double *values, size_t count, bool *failed);
json_t *tconv_json_sizes(const size_t *values, size_t count, bool *failed);
json_t *tconv_json_integers(const int64_t *values, size_t count, bool *failed);

typedef enum { TCONV_JSON_LINE, TCONV_JSON_INDENTED } tconv_json_style;

/* Append the document and a newline: on one line without blanks, or indented by two blanks. Releases `root`. `failed` is
 * what the building left. Errors: TCONV_ENOMEM, also for what failed while it was built; a failure of the buffer, which
 * is in out->status too. The sentence is never empty. */
TCONV_CHECKED tconv_status tconv_json_write(json_t *root, bool failed, tconv_json_style style, tconv_buffer *out,
                                                      tconv_error *error);

#ifdef __cplusplus
}
#endif
#endif
