/* json_guard.h - what a JSON text would cost, before it is parsed (not installed). */
#ifndef TCONV_IO_JSON_GUARD_H
#define TCONV_IO_JSON_GUARD_H

#include <stddef.h>

#include "../core/status.h"

/* The directories of safetensors files and manifests are an object of objects of short lists. Refused with TCONV_EFORMAT:
 * nesting deeper than 3, more than 1,000,000 values, and texts whose parsed form would take more than 32 bytes for each
 * byte (jansson takes up to 300 bytes for an object or list and 100 for any other value). Pure. */
TCONV_CHECKED tconv_status tconv_json_guard(const char *json, size_t size, tconv_error *error);

#endif
