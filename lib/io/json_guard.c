#include "json_guard.h"

#include <stdbool.h>

#define MOST_DEPTH ((size_t)3)
#define MOST_VALUES ((size_t)1000000)
#define HEAVY_BYTES ((size_t)300)
#define LIGHT_BYTES ((size_t)100)
#define FREE_BYTES ((size_t)16 << 20)

tconv_status tconv_json_guard(const char *json, size_t size, tconv_error *error)
{
    size_t depth = 0, values = 0, memory = 0;
    bool text = false;
    for (size_t i = 0; i < size; i++) {
        char c = json[i];
        if (text && c == '\\') {
            i++;
        } else if (c == '"') {
            text = !text;
        } else if (!text && (c == '{' || c == '[')) {
            if (++depth > MOST_DEPTH)
                return tconv_fail(error, TCONV_EFORMAT, "the JSON text is nested deeper than %zu at its byte %zu", MOST_DEPTH, i);
            memory += HEAVY_BYTES;
            values++;
        } else if (!text && (c == '}' || c == ']')) {
            depth -= depth > 0;
        } else if (!text && (c == ',' || c == ':')) {
            memory += LIGHT_BYTES;
            values += c == ',';
        }
    }
    if (values > MOST_VALUES)
        return tconv_fail(error, TCONV_EFORMAT, "the JSON text has %zu values; %zu are allowed", values, MOST_VALUES);
    if (memory > 32 * size + FREE_BYTES)
        return tconv_fail(error, TCONV_EFORMAT, "the JSON text of %zu bytes would take %zu bytes of memory", size, memory);
    return TCONV_OK;
}
