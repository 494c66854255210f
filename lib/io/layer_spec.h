/* layer_spec.h - which layers, and with what geometry: 'GLOB', or 'GLOB:s=8,p=4' for files without a graph.
 *
 *     up.*.weight:s=8,p=4            one value serves every axis
 *     conv_post/W:s=1x2,p=0x2        or one per axis, joined by x
 *
 * The text is split at the last ':' that is followed by `key=`; names with colons ("kernel:0") are whole. Keys, each at
 * most once: s stride, p padding (both sides), o output padding, d dilation, g groups.
 */
#ifndef TCONV_IO_LAYER_SPEC_H
#define TCONV_IO_LAYER_SPEC_H

#include <stdbool.h>

#include "../core/geometry_options.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_SPEC_GLOB_SIZE 256

typedef struct tconv_layer_spec {
    char glob[TCONV_SPEC_GLOB_SIZE];     /* shell wildcards: * ? [..] */
    bool has_geometry;                   /* false: a GLOB alone */
    tconv_geometry_options options;      /* what the keys say */
} tconv_layer_spec;

/* Read one. TCONV_EFORMAT with a sentence that names the part that is wrong and what is allowed. Pure. */
TCONV_API TCONV_CHECKED tconv_status tconv_layer_spec_parse(const char *text, tconv_layer_spec *spec, tconv_error *error);

/* Does the name match the glob? '/' and a leading '.' are characters like any other. Without the exponential time
 * that fnmatch may take. Pure. */
TCONV_API bool tconv_glob_match(const char *glob, const char *name);

#ifdef __cplusplus
}
#endif
#endif
