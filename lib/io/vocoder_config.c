#include "vocoder_config.h"

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "../core/memory.h"
#include "json.h"
#include "number.h"

/* The text of the document and what jansson made of it. */
struct document {
    const char *text;
    size_t length;
    json_t *root;
};

/* ---- places ---- */

/* jansson keeps no positions of values, so keys are looked for again in the text, which is well-formed JSON by then: a walk
 * over its strings and brackets. `parent` is NULL for a key of the top object. A key written with escapes is not found. */
static void find_place(const struct document *document, const char *parent, const char *key, size_t *line, size_t *column)
{
    const char *at = document->text, *end = at + document->length, *begin_of_line = at;
    size_t depth = 0, wanted = parent != NULL ? 2 : 1, row = 1;
    bool inside = parent == NULL;
    *line = *column = 0;
    for (; at < end; at++) {
        if (*at == '\n') {
            row++;
            begin_of_line = at + 1;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if (*at == '}' || *at == ']') {
            depth--;
        } else if (*at == '"') {
            const char *word = at + 1, *stop = word;
            while (stop < end && *stop != '"')
                stop += *stop == '\\' ? 2 : 1;
            const char *after = stop + 1;
            while (after < end && strchr(" \t\r\n", *after) != NULL)
                after++;
            size_t length = (size_t)(stop - word);
            if (after < end && *after == ':') {
                if (inside && depth == wanted && length == strlen(key) && memcmp(word, key, length) == 0) {
                    *line = row;
                    *column = (size_t)(at - begin_of_line) + 1;
                    return;
                }
                if (parent != NULL && depth == 1)
                    inside = length == strlen(parent) && memcmp(word, parent, length) == 0;
            }
            at = stop;
        }
    }
}

/* A value with the key it was found under and where that stands. */
struct found {
    json_t *value;      /* borrowed; NULL: not there */
    const char *key;
    size_t line, column;
};

static tconv_status find(const struct document *document, const char *key, struct found *found, tconv_error *error)
{
    const char *name, *parent = NULL;
    json_t *child;
    size_t times = 0;
    *found = (struct found){ .key = key, .value = json_object_get(document->root, key) };
    times = found->value != NULL;
    json_object_foreach(document->root, name, child) {
        json_t *value = json_object_get(child, key);    /* NULL unless the child is an object */
        if (value == NULL)
            continue;
        times++;
        if (found->value == NULL) {
            parent = name;
            found->value = value;
        }
    }
    if (found->value != NULL)
        find_place(document, parent, key, &found->line, &found->column);
    if (times > 1)
        return tconv_fail_at(error, TCONV_EFORMAT, found->line, found->column, "'%s' is there %zu times; once is needed", key, times);
    return TCONV_OK;
}

/* ---- values ---- */

static const char *type_of(const json_t *value)
{
    static const char *const names[] = { [JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list", [JSON_STRING] = "a string",
                                         [JSON_INTEGER] = "a whole number", [JSON_REAL] = "a number with a fraction",
                                         [JSON_TRUE] = "true", [JSON_FALSE] = "false", [JSON_NULL] = "null" };
    return names[json_typeof(value)];
}

static tconv_status read_list(const struct found *found, size_t *values, size_t *count, size_t most, tconv_error *error)
{
    if (!json_is_array(found->value))
        return tconv_fail_at(error, TCONV_EFORMAT, found->line, found->column, "'%s' is %s; a list of whole numbers is needed",
                             found->key, type_of(found->value));
    *count = json_array_size(found->value);
    if (*count < 1 || *count > TCONV_STACK_LAYERS)
        return tconv_fail_at(error, TCONV_EFORMAT, found->line, found->column, "'%s' has %zu values; 1 to %zu are possible",
                             found->key, *count, TCONV_STACK_LAYERS);
    for (size_t i = 0; i < *count; i++) {
        json_t *item = json_array_get(found->value, i);
        if (!json_is_integer(item))
            return tconv_fail_at(error, TCONV_EFORMAT, found->line, found->column, "value %zu of '%s' is %s; a whole number is needed",
                                 i + 1, found->key, type_of(item));
        json_int_t value = json_integer_value(item);
        if (value < 1 || (uint64_t)value > most)
            return tconv_fail_at(error, TCONV_EFORMAT, found->line, found->column, "value %zu of '%s' is %lld; 1 to %zu is allowed",
                                 i + 1, found->key, (long long)value, most);
        values[i] = (size_t)value;
    }
    return TCONV_OK;
}

static tconv_status read_layers(const struct found *rates, const struct found *kernels, tconv_vocoder_config *config,
                                tconv_error *error)
{
    size_t stride[TCONV_STACK_LAYERS], taps[TCONV_STACK_LAYERS], count;
    tconv_status status = read_list(rates, stride, &config->n_layers, TCONV_MAX_STRIDE, error);
    if (status == TCONV_OK)
        status = read_list(kernels, taps, &count, TCONV_MAX_TAPS, error);
    if (status != TCONV_OK)
        return status;
    if (count != config->n_layers)
        return tconv_fail_at(error, TCONV_EFORMAT, kernels->line, kernels->column, "'%s' has %zu values and '%s' %zu; one of each a layer",
                             kernels->key, count, rates->key, config->n_layers);
    for (size_t l = 0; l < count; l++) {
        if (taps[l] < stride[l])
            return tconv_fail_at(error, TCONV_EGEOMETRY, kernels->line, kernels->column, "layer %zu: the kernel size %zu is below the rate "
                                 "%zu, so that the padding (k - u)//2 would be negative", l + 1, taps[l], stride[l]);
        int64_t padding = (int64_t)((taps[l] - stride[l]) / 2);
        config->layers[l] = (tconv_axis){ .stride = stride[l], .n_taps = taps[l], .dilation = 1, .pad_begin = padding,
                                          .pad_end = padding };
    }
    tconv_axis whole;
    tconv_error reason;
    status = tconv_stack_equivalent(config->layers, count, &whole, &reason);
    return status == TCONV_OK ? status : tconv_fail_at(error, status, rates->line, rates->column, "%s", reason.message);
}

static tconv_status read_rate(const struct document *document, tconv_vocoder_config *config, tconv_error *error)
{
    struct found rate;
    tconv_status status = find(document, "sampling_rate", &rate, error);
    if (status != TCONV_OK || rate.value == NULL)
        return status;
    config->sampling_rate = json_number_value(rate.value);
    if (!json_is_number(rate.value) || !(config->sampling_rate > 0.0 && config->sampling_rate <= 1e12))
        return tconv_fail_at(error, TCONV_EFORMAT, rate.line, rate.column, "'sampling_rate' is no number above 0 and up to 10^12");
    return TCONV_OK;
}

static tconv_status read_hop(const struct document *document, tconv_vocoder_config *config, tconv_error *error)
{
    struct found hop;
    tconv_status status = find(document, "hop_size", &hop, error);
    if (status == TCONV_OK && hop.value == NULL)
        status = find(document, "hop_length", &hop, error);
    if (status != TCONV_OK || hop.value == NULL)
        return status;
    json_int_t value = json_integer_value(hop.value);
    if (!json_is_integer(hop.value) || value < 1 || (uint64_t)value > TCONV_MAX_TAPS)
        return tconv_fail_at(error, TCONV_EFORMAT, hop.line, hop.column, "'%s' is no whole number from 1 to %zu", hop.key,
                             TCONV_MAX_TAPS);
    config->hop_size = (size_t)value;
    return TCONV_OK;
}

static tconv_status read_document(const struct document *document, tconv_vocoder_config *config, tconv_error *error)
{
    struct found rates, kernels;
    if (!json_is_object(document->root))
        return tconv_fail_at(error, TCONV_EFORMAT, 1, 1, "a JSON object with 'upsample_rates' is needed; this is %s",
                             type_of(document->root));
    tconv_status status = find(document, "upsample_rates", &rates, error);
    if (status == TCONV_OK)
        status = find(document, "upsample_kernel_sizes", &kernels, error);
    if (status != TCONV_OK)
        return status;
    if (rates.value == NULL || kernels.value == NULL)
        return tconv_fail_at(error, TCONV_EFORMAT, 1, 1, "'%s' is missing, at the top and one object below",
                             rates.value == NULL ? "upsample_rates" : "upsample_kernel_sizes");
    status = read_layers(&rates, &kernels, config, error);
    if (status == TCONV_OK) status = read_rate(document, config, error);
    if (status == TCONV_OK) status = read_hop(document, config, error);
    return status;
}

static tconv_status parse(const char *text, size_t length, tconv_vocoder_config *config, tconv_error *error)
{
    json_error_t reason;
    struct document document = { .text = text, .length = length };
    tconv_status status;
    document.root = tconv_json_parse(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &reason, &status);
    if (document.root == NULL && status != TCONV_EFORMAT)
        return tconv_fail_plain(error, status);
    if (document.root == NULL)
        return tconv_fail_at(error, TCONV_EFORMAT, reason.line > 0 ? (size_t)reason.line : 1,
                             reason.column > 0 ? (size_t)reason.column : 1, "not JSON: %s", reason.text);
    status = read_document(&document, config, error);
    json_decref(document.root);
    return status;
}

tconv_status tconv_vocoder_config_read(tconv_source *source, tconv_vocoder_config *config, tconv_error *error)
{
    unsigned char *bytes;
    size_t size;
    memset(config, 0, sizeof *config);
    if (tconv_source_size(source) > TCONV_CONFIG_BYTES)
        return tconv_fail(error, TCONV_EUNSUPPORTED, "more than %zu bytes are no configuration", TCONV_CONFIG_BYTES);
    tconv_status status = tconv_source_read_all(source, &bytes, &size, error);
    if (status != TCONV_OK)
        return status;
    size_t mark = size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    status = parse((const char *)bytes + mark, size - mark, config, error);
    tconv_free(bytes);
    if (status != TCONV_OK)
        memset(config, 0, sizeof *config);
    return status;
}

double tconv_vocoder_frame_rate(const tconv_vocoder_config *config)
{
    double hop = config->hop_size != 0 ? (double)config->hop_size : (double)tconv_stack_rate(config->layers, config->n_layers);
    return config->sampling_rate > 0.0 ? config->sampling_rate / hop : NAN;
}
