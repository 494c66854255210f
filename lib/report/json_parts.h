/* json_parts.h - the objects that the JSON documents of several commands are made of (internal). */
#ifndef TCONV_REPORT_JSON_PARTS_H
#define TCONV_REPORT_JSON_PARTS_H

#include <stddef.h>

#include "../core/geometry.h"
#include "../io/json.h"

/* A number where count is 1, else a list of them. */
json_t *tconv_json_per_axis(const double *value, size_t count);

/* Set the "geometry" and "coverage" objects of a layer. input_size: N per axis, 0 where not known, or NULL; centroid: the
 * offsets in input samples, or NULL. */
void tconv_json_set_geometry(tconv_json *document, json_t *layer, const tconv_geometry *geometry, const size_t *input_size,
                             const double *centroid);
void tconv_json_set_coverage(tconv_json *document, json_t *layer, const tconv_geometry *geometry);

#endif
