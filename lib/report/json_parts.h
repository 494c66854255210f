/* json_parts.h - the objects that the JSON documents of several commands are made of (internal). */
#ifndef TCONV_REPORT_JSON_PARTS_H
#define TCONV_REPORT_JSON_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "../analysis/figures.h"
#include "../core/geometry.h"
#include "../io/json.h"

/* A number where count is 1, else a list. */
json_t *tconv_json_per_axis(const double *value, size_t count, bool *failed);

/* The "geometry" and "coverage" objects of a layer. input_size: N per axis, 0 where not known; centroid: the offsets in
 * input samples, or NULL. */
json_t *tconv_json_geometry(const tconv_geometry *geometry, const size_t *input_size, const double *centroid, bool *failed);
json_t *tconv_json_coverage(const tconv_geometry *geometry, bool *failed);

/* The "figures" object and the "branches" array of a layer, or of a reference filter. */
json_t *tconv_json_figures(const tconv_figures *figures, bool *failed);
json_t *tconv_json_branches(const tconv_figures *figures, bool *failed);

#endif
