/* json_parts.h - the objects that the JSON documents of several commands are made of (internal). */
#ifndef TCONV_REPORT_JSON_PARTS_H
#define TCONV_REPORT_JSON_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "../core/geometry.h"

/* object[key] = value, or array[end] = value, whose reference is taken. Memory that runs out anywhere leaves *failed set. */
void tconv_json_set(json_t *object, const char *key, json_t *value, bool *failed);
void tconv_json_add(json_t *array, json_t *value, bool *failed);

/* A number; null for NAN, "inf" and "-inf". A list of them; a list of sizes. */
json_t *tconv_json_real(double value);
json_t *tconv_json_reals(const double *value, size_t count, bool *failed);
json_t *tconv_json_sizes(const size_t *value, size_t count, bool *failed);

/* A number where count is 1, else a list. */
json_t *tconv_json_per_axis(const double *value, size_t count, bool *failed);

/* Text, with '?' for bytes that are no UTF-8; null for NULL. */
json_t *tconv_json_text(const char *text);

/* The "geometry" and "coverage" objects of a layer. input_size: N per axis, 0 where not known; centroid: the offsets in
 * input samples, or NULL. */
json_t *tconv_json_geometry(const tconv_geometry *geometry, const size_t *input_size, const double *centroid, bool *failed);
json_t *tconv_json_coverage(const tconv_geometry *geometry, bool *failed);

#endif
