#include "layer_spec.h"

#include <stdint.h>
#include <string.h>

/* A value has at most this many digits: far above every limit of geometry.h, far below an overflow. */
#define MOST_DIGITS 12

static bool is_key(const char *text)
{
    return *text != '\0' && strchr("spodg", *text) != NULL && text[1] == '=';
}

/* Where the geometry begins: after the last ':' that is followed by "key="; NULL where there is none. */
static const char *geometry_of(const char *text)
{
    const char *found = NULL;
    for (const char *at = strchr(text, ':'); at != NULL; at = strchr(at + 1, ':'))
        if (is_key(at + 1))
            found = at + 1;
    return found;
}

/* One value with an optional minus at *at, which is moved behind it. */
static bool read_value(const char **at, int64_t *value)
{
    bool negative = **at == '-';
    const char *digit = *at + (negative ? 1 : 0);
    int64_t sum = 0;
    size_t digits = 0;
    for (; *digit >= '0' && *digit <= '9'; digit++, digits++) {
        if (digits == MOST_DIGITS)
            return false;
        sum = 10 * sum + (*digit - '0');
    }
    *at = digit;
    *value = negative ? -sum : sum;
    return digits > 0;
}

static tconv_status wrong(const char *text, const char *at, tconv_error *error)
{
    return tconv_fail(error, TCONV_EFORMAT, "'%.200s': at '%.40s' a whole number is missing or wrong; "
                      "s=2, s=1x2 and the like are allowed", text, at);
}

/* "1x2x3" into list; *at is moved behind it. */
static tconv_status read_list(const char *text, const char **at, tconv_option_list *list, tconv_error *error)
{
    const char *start = *at;
    for (;;) {
        if (list->count == TCONV_MAX_NDIM)
            return tconv_fail(error, TCONV_EFORMAT, "'%.200s': '%.40s' has more than %d axes", text, start, TCONV_MAX_NDIM);
        if (!read_value(at, &list->values[list->count]))
            return wrong(text, start, error);
        list->count++;
        if (**at != 'x')
            return TCONV_OK;
        ++*at;
    }
}

tconv_status tconv_layer_spec_parse(const char *text, tconv_layer_spec *spec, tconv_error *error)
{
    *spec = (tconv_layer_spec){ .has_geometry = false };
    const char *at = geometry_of(text);
    size_t length = at != NULL ? (size_t)(at - text) - 1 : strlen(text);
    if (length == 0)
        return tconv_fail(error, TCONV_EFORMAT, "'%.200s': the name of a layer is missing; '*' stands for any", text);
    if (length >= sizeof spec->glob)
        return tconv_fail(error, TCONV_EFORMAT, "a layer name of %zu bytes is too long; %zu are allowed", length,
                          sizeof spec->glob - 1);
    memcpy(spec->glob, text, length);
    spec->has_geometry = at != NULL;
    tconv_option_list groups = { 0 };
    while (at != NULL) {
        if (!is_key(at))
            return tconv_fail(error, TCONV_EFORMAT, "'%.200s': '%.40s' is no key=value; s, p, o, d and g are allowed", text, at);
        tconv_geometry_options *options = &spec->options;
        tconv_option_list *list = *at == 's' ? &options->stride : *at == 'p' ? &options->padding
                                : *at == 'o' ? &options->output_padding : *at == 'd' ? &options->dilation : &groups;
        if (list->count != 0)
            return tconv_fail(error, TCONV_EFORMAT, "'%.200s': the key %c is there twice", text, *at);
        at += 2;
        const char *value = at;
        tconv_status status = read_list(text, &at, list, error);
        if (status != TCONV_OK)
            return status;
        if (*at != '\0' && *at != ',')
            return wrong(text, value, error);
        at = *at == ',' ? at + 1 : NULL;
    }
    if (groups.count > 1 || (groups.count == 1 && groups.values[0] < 1))
        return tconv_fail(error, TCONV_EFORMAT, "'%.200s': g, the number of groups, is one number of at least 1", text);
    if (groups.count == 1)
        spec->options.groups = (size_t)groups.values[0];
    return TCONV_OK;
}

/* Does the bracket expression after '[' hold c? *end = behind its ']'; NULL where it is not closed, and '[' is then
 * a character like any other. */
static bool in_bracket(const char *at, char c, const char **end)
{
    bool negated = *at == '!' || *at == '^', holds = false;
    if (negated)
        at++;
    for (const char *first = at; *at != '\0' && (*at != ']' || at == first); at++) {
        unsigned char low = (unsigned char)*at, high = low;
        if (at[1] == '-' && at[2] != ']' && at[2] != '\0') {
            high = (unsigned char)at[2];
            at += 2;
        }
        holds = holds || (low <= (unsigned char)c && (unsigned char)c <= high);
    }
    *end = *at == ']' ? at + 1 : NULL;
    return holds != negated;
}

/* One pass with one resumption point: a later '*' makes earlier ones settled, so time is |glob| |name|. */
bool tconv_glob_match(const char *glob, const char *name)
{
    const char *star = NULL, *resume = NULL;
    while (*name != '\0') {
        const char *end = NULL;
        bool bracket = *glob == '[', holds = bracket && in_bracket(glob + 1, *name, &end);
        if (bracket && end == NULL)
            bracket = false;
        if (*glob == '*') {
            star = ++glob;
            resume = name;
        } else if (bracket ? holds : *glob == '?' || *glob == *name) {
            glob = bracket ? end : glob + 1;
            name++;
        } else if (star != NULL) {
            glob = star;
            name = ++resume;
        } else {
            return false;
        }
    }
    while (*glob == '*')
        glob++;
    return *glob == '\0';
}
