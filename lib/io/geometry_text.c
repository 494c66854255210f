#include "geometry_text.h"

#include <string.h>

#include "number.h"

/* The fields that hold lists, and what their values may be. */
static const struct list_field {
    const char *key;
    size_t offset;
    size_t most_values;
    int64_t least, most;
} list_fields[] = {
#define LIST(name, count, least, most) { #name, offsetof(tconv_geometry_options, name), count, least, most }
    LIST(stride, TCONV_MAX_NDIM, 1, (int64_t)TCONV_MAX_STRIDE),
    LIST(padding, TCONV_MAX_NDIM, -TCONV_MAX_PADDING, TCONV_MAX_PADDING),
    LIST(pads, 2 * TCONV_MAX_NDIM, -TCONV_MAX_PADDING, TCONV_MAX_PADDING),
    LIST(output_padding, TCONV_MAX_NDIM, 0, (int64_t)TCONV_MAX_TAPS),
    LIST(dilation, TCONV_MAX_NDIM, 1, (int64_t)TCONV_MAX_TAPS),
    LIST(output_shape, TCONV_MAX_NDIM, 1, INT64_MAX),
    LIST(input_size, TCONV_MAX_NDIM, 1, INT64_MAX),
#undef LIST
};

static const struct list_field *find_list(const char *key)
{
    for (size_t i = 0; i < sizeof list_fields / sizeof *list_fields; i++)
        if (strcmp(list_fields[i].key, key) == 0)
            return &list_fields[i];
    return NULL;
}

typedef struct {
    const char *key;
    size_t line, column;
    tconv_error *error;
} place;

static tconv_status parse_whole(const char *text, size_t length, int64_t least, int64_t most, int64_t *value,
                                const place *at, size_t skipped)
{
    char quote[TCONV_QUOTE_SIZE];
    size_t column = at->column == 0 ? 0 : at->column + skipped;
    tconv_number_result result = tconv_integer_parse(text, length, value);
    if (result != TCONV_NUMBER_OK && result != TCONV_NUMBER_TOO_LARGE)
        return tconv_fail_at(at->error, TCONV_EFORMAT, at->line, column, "%s: '%s' is not a whole number", at->key,
                             tconv_quote(text, length, quote));
    if (result == TCONV_NUMBER_TOO_LARGE || *value < least || *value > most)
        return tconv_fail_at(at->error, TCONV_EFORMAT, at->line, column, "%s: %s is not allowed; %lld to %lld is",
                             at->key, tconv_quote(text, length, quote), (long long)least, (long long)most);
    return TCONV_OK;
}

static tconv_status parse_list(const struct list_field *field, const char *value, char separator, tconv_option_list *list,
                               const place *at)
{
    tconv_option_list made = { 0 };
    const char *item = value;
    for (;;) {
        const char *end = strchr(item, separator);
        size_t length = end != NULL ? (size_t)(end - item) : strlen(item);
        if (made.count == field->most_values)
            return tconv_fail_at(at->error, TCONV_EFORMAT, at->line, at->column, "%s: more than %zu values", at->key,
                                 field->most_values);
        tconv_status status = parse_whole(item, length, field->least, field->most, &made.values[made.count], at,
                                          (size_t)(item - value));
        if (status != TCONV_OK)
            return status;
        made.count++;
        if (end == NULL)
            break;
        item = end + 1;
    }
    *list = made;
    return TCONV_OK;
}

static tconv_status parse_count(const char *value, int64_t most, size_t *count, const place *at)
{
    int64_t whole;
    tconv_status status = parse_whole(value, strlen(value), 1, most, &whole, at, 0);
    if (status == TCONV_OK)
        *count = (size_t)whole;
    return status;
}

/* Index of the value in `words`, -1 after an error that lists them. */
static int parse_word(const char *value, const char *const *words, size_t n_words, const char *allowed, const place *at)
{
    char quote[TCONV_QUOTE_SIZE];
    for (size_t i = 0; i < n_words; i++)
        if (strcmp(value, words[i]) == 0)
            return (int)i;
    (void)tconv_fail_at(at->error, TCONV_EFORMAT, at->line, at->column, "%s: '%s' is not known; %s is", at->key,
                        tconv_quote(value, strlen(value), quote), allowed);
    return -1;
}

tconv_status tconv_geometry_text_set(tconv_geometry_options *options, const char *key, const char *value, char separator,
                                     size_t line, size_t column, tconv_error *error)
{
    static const char *const auto_pads[] = { "same-upper", "same-lower", "valid" };
    static const char *const layouts[] = { "io", "tf" };
    static const tconv_auto_pad modes[] = { TCONV_PAD_SAME_UPPER, TCONV_PAD_SAME_LOWER, TCONV_PAD_VALID };
    place at = { key, line, column, error };
    const struct list_field *field = find_list(key);
    if (field != NULL)
        return parse_list(field, value, separator, (tconv_option_list *)(void *)((char *)options + field->offset), &at);
    if (strcmp(key, "groups") == 0)
        return parse_count(value, (int64_t)TCONV_MAX_TAPS, &options->groups, &at);
    if (strcmp(key, "ndim") == 0)
        return parse_count(value, TCONV_MAX_NDIM, &options->ndim, &at);
    if (strcmp(key, "auto_pad") == 0) {
        int mode = parse_word(value, auto_pads, 3, "same-upper, same-lower or valid", &at);
        if (mode < 0)
            return TCONV_EFORMAT;
        options->auto_pad = modes[mode];
        options->auto_pad_given = true;
        return TCONV_OK;
    }
    if (strcmp(key, "layout") == 0) {
        int layout = parse_word(value, layouts, 2, "io or tf", &at);
        if (layout < 0)
            return TCONV_EFORMAT;
        options->layout = layout == 0 ? TCONV_LAYOUT_IO : TCONV_LAYOUT_TF;
        options->layout_given = true;
        return TCONV_OK;
    }
    char quote[TCONV_QUOTE_SIZE];
    return tconv_fail_at(error, TCONV_ENOTFOUND, line, column, "'%s' is no part of a geometry",
                         tconv_quote(key, strlen(key), quote));
}

bool tconv_geometry_text_given(const tconv_geometry_options *options, const char *key)
{
    const struct list_field *field = find_list(key);
    if (field != NULL)
        return ((const tconv_option_list *)(const void *)((const char *)options + field->offset))->count > 0;
    if (strcmp(key, "groups") == 0) return options->groups != 0;
    if (strcmp(key, "ndim") == 0) return options->ndim != 0;
    if (strcmp(key, "auto_pad") == 0) return options->auto_pad_given;
    if (strcmp(key, "layout") == 0) return options->layout_given;
    return false;
}

/* " key=v,v", as " key=v" where all are equal and `one_for_all` allows it; nothing where all are `usual`. */
static void write_list(tconv_buffer *out, const char *key, const int64_t *values, size_t count, int64_t usual, bool one_for_all)
{
    size_t equal = 1, plain = 0;
    while (equal < count && values[equal] == values[0])
        equal++;
    while (plain < count && values[plain] == usual)
        plain++;
    if (plain == count)
        return;
    for (size_t i = 0; i < (one_for_all && equal == count ? 1 : count); i++)
        if (i == 0)
            tconv_buffer_format(out, "%s%s=%lld", out->length > 0 ? " " : "", key, (long long)values[i]);
        else
            tconv_buffer_format(out, ",%lld", (long long)values[i]);
}

void tconv_geometry_text_write(const tconv_geometry *geometry, tconv_buffer *out)
{
    const tconv_geometry *g = geometry;
    int64_t stride[TCONV_MAX_NDIM] = { 0 }, pads[2 * TCONV_MAX_NDIM] = { 0 };
    int64_t output_padding[TCONV_MAX_NDIM] = { 0 }, dilation[TCONV_MAX_NDIM] = { 0 };
    bool symmetric = true, thin = false;
    for (size_t i = 0; i < g->ndim; i++) {
        stride[i] = (int64_t)g->axis[i].stride;
        pads[i] = g->axis[i].pad_begin;
        pads[g->ndim + i] = g->axis[i].pad_end;
        output_padding[i] = (int64_t)g->axis[i].output_padding;
        dilation[i] = (int64_t)g->axis[i].dilation;
        symmetric = symmetric && g->axis[i].pad_begin == g->axis[i].pad_end;
        thin = thin || g->axis[i].n_taps == 1;
    }
    tconv_buffer made = { 0 };
    write_list(&made, "stride", stride, g->ndim, 0, true);
    if (symmetric)
        write_list(&made, "padding", pads, g->ndim, 0, true);
    else
        write_list(&made, "pads", pads, 2 * g->ndim, 0, false);
    write_list(&made, "output_padding", output_padding, g->ndim, 0, true);
    write_list(&made, "dilation", dilation, g->ndim, 1, true);
    if (g->groups != 1)
        tconv_buffer_format(&made, " groups=%zu", g->groups);
    if (g->ndim == 2 && thin)
        tconv_buffer_text(&made, " ndim=2");
    if (made.status == TCONV_OK)
        tconv_buffer_bytes(out, made.text, made.length);
    else if (out->status == TCONV_OK)
        out->status = made.status;
    tconv_buffer_free(&made);
}
