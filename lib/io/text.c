#include "text.h"

#include <stdbool.h>
#include <string.h>

#include "../core/memory.h"
#include "geometry_text.h"
#include "number.h"

typedef struct {
    const char *start, *end;    /* the line that is read, without its end mark */
    size_t line;                /* its number, from 1 */
    size_t first_row_line, first_row_column;
    size_t zero_comma_rows;     /* rows "0,5": two numbers, a 0 and what follows its comma at once */
    size_t count, capacity;     /* of table->values */
    tconv_text_table *table;
    tconv_error *error;
} reader;

/* Characters before `at`, plus 1: every byte counts but the second and later ones of a UTF-8 character. */
static size_t column_of(const reader *in, const char *at)
{
    size_t column = 1;
    for (const char *c = in->start; c < at; c++)
        column += ((unsigned char)*c & 0xc0) != 0x80;
    return column;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_separator(char c)
{
    return c == ',' || c == ';';
}

static tconv_status add_value(reader *in, double value)
{
    if (in->count == in->capacity) {
        tconv_status status = TCONV_OK;
        size_t capacity = in->capacity == 0 ? 64 : 2 * in->capacity;
        double *larger = tconv_alloc(capacity, sizeof *larger, &status);
        if (larger == NULL)
            return tconv_fail_plain(in->error, status);
        if (in->count > 0)
            memcpy(larger, in->table->values, in->count * sizeof *larger);
        tconv_free(in->table->values);
        in->table->values = larger;
        in->capacity = capacity;
    }
    in->table->values[in->count++] = value;
    return TCONV_OK;
}

/* ---- decimal commas ---- */

/* "1,05" and "-0,5": as two numbers, the second would begin with a needless zero, or the first be a negative one. */
static bool odd_pair(const char *word, size_t length)
{
    const char *comma = memchr(word, ',', length);
    bool needless = comma + 2 < word + length && comma[1] == '0' && comma[2] >= '0' && comma[2] <= '9';
    return needless || (comma == word + 2 && word[0] == '-' && word[1] == '0');
}

/* Where something else than commas separates the words of this line, are its commas decimal ones? Then *word is the
 * first such word. A comma that ends a word, two in one word, or a decimal point anywhere say no. */
static bool has_decimal_commas(const char *at, const char *end, const char **word, size_t *word_length)
{
    size_t words = 0, with_comma = 0;
    if (memchr(at, ',', (size_t)(end - at)) == NULL || memchr(at, '.', (size_t)(end - at)) != NULL)
        return false;
    while (at < end) {
        const char *begin = at;
        while (at < end && !is_blank(*at) && *at != ';')
            at++;
        size_t length = (size_t)(at - begin);
        if (length == 0) {
            at++;
            continue;
        }
        words++;
        if (memchr(begin, ',', length) == NULL)
            continue;
        double value;
        if (tconv_number_parse(begin, length, &value) != TCONV_NUMBER_DECIMAL_COMMA)
            return false;
        if (with_comma++ == 0) {
            *word = begin;
            *word_length = length;
        }
    }
    return with_comma > 0 && (words > 1 || odd_pair(*word, *word_length));
}

/* ---- one line ---- */

static tconv_status empty_field(reader *in, const char *at)
{
    return tconv_fail_at(in->error, TCONV_EFORMAT, in->line, column_of(in, at),
                         "an empty field: there is no number %s this '%c'", at == in->start ? "before" : "beside", *at);
}

static tconv_status read_numbers(reader *in, const char *at, const char *end)
{
    const char *pending = NULL;     /* a comma or semicolon that waits for its next number */
    size_t fields = 0;
    while (true) {
        while (at < end && is_blank(*at))
            at++;
        if (at == end)
            break;
        if (is_separator(*at)) {
            if (fields == 0 || pending != NULL)
                return empty_field(in, at);
            pending = at++;
            continue;
        }
        const char *token = at;
        while (at < end && !is_blank(*at) && !is_separator(*at))
            at++;
        double value;
        tconv_number_result result = tconv_number_parse(token, (size_t)(at - token), &value);
        if (result != TCONV_NUMBER_OK)
            return tconv_number_fail(result, token, (size_t)(at - token), in->line, column_of(in, token), in->error);
        tconv_status status = add_value(in, value);
        if (status != TCONV_OK)
            return status;
        fields++;
        pending = NULL;
    }
    if (pending != NULL)
        return empty_field(in, pending);
    return TCONV_OK;
}

static tconv_status read_row(reader *in, const char *end)
{
    const char *word = NULL, *first = in->start;
    size_t length = 0, before = in->count;
    char quote[TCONV_QUOTE_SIZE];
    while (first < end && is_blank(*first))
        first++;
    if (has_decimal_commas(in->start, end, &word, &length))
        return tconv_fail_at(in->error, TCONV_EFORMAT, in->line, column_of(in, word),
                             "'%s' looks like a number with a decimal comma; write a decimal point",
                             tconv_quote(word, length, quote));
    tconv_status status = read_numbers(in, in->start, end);
    size_t fields = in->count - before;
    if (status != TCONV_OK || fields == 0)
        return status;
    if (in->table->rows == 0) {
        in->table->columns = fields;
        in->first_row_line = in->line;
        in->first_row_column = column_of(in, first);
    }
    if (fields != in->table->columns)
        return tconv_fail_at(in->error, TCONV_EFORMAT, in->line, column_of(in, first),
                             "%zu number%s in this row, but %zu in the first (line %zu); rows must be equally long", fields,
                             fields == 1 ? "" : "s", in->table->columns, in->first_row_line);
    in->table->rows++;
    in->zero_comma_rows += fields == 2 && end - first >= 3 && first[0] == '0' && first[1] == ',' && !is_blank(first[2]);
    return TCONV_OK;
}

/* ---- the geometry comment ---- */

static const char *const geometry_keys[] = { "stride", "padding", "pads", "output_padding", "dilation", "groups", "ndim" };
#define GEOMETRY_KEYS "stride, padding, pads, output_padding, dilation, groups, ndim"

static tconv_status set_geometry(reader *in, const char *word, size_t length)
{
    char text[128], quote[TCONV_QUOTE_SIZE];
    size_t column = column_of(in, word);
    const char *equals = memchr(word, '=', length);
    if (equals == NULL || length >= sizeof text)
        return tconv_fail_at(in->error, TCONV_EFORMAT, in->line, column,
                             "'%s' is not a geometry as in 'stride=2'; the keys are " GEOMETRY_KEYS,
                             tconv_quote(word, length, quote));
    memcpy(text, word, length);
    text[length] = '\0';
    char *value = text + (equals - word);
    *value++ = '\0';
    bool known = false;
    for (size_t i = 0; i < sizeof geometry_keys / sizeof *geometry_keys; i++)
        known = known || strcmp(text, geometry_keys[i]) == 0;
    if (known && tconv_geometry_text_given(&in->table->given, text))
        return tconv_fail_at(in->error, TCONV_EFORMAT, in->line, column, "%s is given a second time", text);
    tconv_status status = TCONV_ENOTFOUND;
    if (known)
        status = tconv_geometry_text_set(&in->table->given, text, value, ',', in->line, column_of(in, equals + 1), in->error);
    if (status == TCONV_ENOTFOUND)
        return tconv_fail_at(in->error, TCONV_EFORMAT, in->line, column, "'%s' is not known; the keys are " GEOMETRY_KEYS,
                             tconv_quote(text, strlen(text), quote));
    return status;
}

static tconv_status read_comment(reader *in, const char *at)
{
    static const char mark[] = "tconv:";
    while (at < in->end && is_blank(*at))
        at++;
    if ((size_t)(in->end - at) < strlen(mark) || memcmp(at, mark, strlen(mark)) != 0)
        return TCONV_OK;
    at += strlen(mark);
    while (at < in->end) {
        const char *word = at;
        while (at < in->end && !is_blank(*at))
            at++;
        if (at > word) {
            tconv_status status = set_geometry(in, word, (size_t)(at - word));
            if (status != TCONV_OK)
                return status;
        } else {
            at++;
        }
    }
    return TCONV_OK;
}

static tconv_status read_line(reader *in)
{
    const char *comment = memchr(in->start, '#', (size_t)(in->end - in->start));
    const char *zero = memchr(in->start, '\0', (size_t)(in->end - in->start));
    if (zero != NULL)
        return tconv_fail_at(in->error, TCONV_EFORMAT, in->line, column_of(in, zero),
                             "a zero byte: this is no text (UTF-16 must be saved as UTF-8)");
    tconv_status status = read_row(in, comment != NULL ? comment : in->end);
    if (status == TCONV_OK && comment != NULL)
        status = read_comment(in, comment + 1);
    return status;
}

static tconv_status read_lines(reader *in, const char *at, const char *end)
{
    if (end - at >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
        at += 3;
    while (at < end) {
        in->line++;
        in->start = at;
        while (at < end && *at != '\n' && *at != '\r')
            at++;
        in->end = at;
        tconv_status status = read_line(in);
        if (status != TCONV_OK)
            return status;
        if (at < end)
            at += at + 1 < end && at[0] == '\r' && at[1] == '\n' ? 2 : 1;
    }
    if (in->table->rows == 0)
        return tconv_fail(in->error, TCONV_EFORMAT, "%s", in->line == 0 ? "the file is empty" : "there is no number in the file");
    if (in->zero_comma_rows == in->table->rows && in->table->rows >= 2)
        return tconv_fail_at(in->error, TCONV_EFORMAT, in->first_row_line, in->first_row_column,
                             "every row begins with '0,' as with decimal commas; write 0.5 for such a number, or '0, 5' for two");
    return TCONV_OK;
}

tconv_status tconv_text_read(tconv_source *source, tconv_text_table *table, tconv_error *error)
{
    unsigned char *bytes;
    size_t size;
    *table = (tconv_text_table){ 0 };
    tconv_status status = tconv_source_read_all(source, &bytes, &size, error);
    if (status != TCONV_OK)
        return status;
    reader in = { .table = table, .error = error };
    status = read_lines(&in, (const char *)bytes, (const char *)bytes + size);
    tconv_free(bytes);
    if (status != TCONV_OK)
        tconv_text_free(table);
    return status;
}

void tconv_text_free(tconv_text_table *table)
{
    tconv_free(table->values);
    *table = (tconv_text_table){ 0 };
}

/* ---- writing ---- */

void tconv_text_comment(tconv_buffer *out, const char *text)
{
    while (true) {
        size_t length = strcspn(text, "\n");
        /* a title must not turn into geometry */
        bool like_geometry = strncmp(text + strspn(text, " \t"), "tconv:", 6) == 0;
        tconv_buffer_text(out, like_geometry ? "# - " : length > 0 ? "# " : "#");
        for (size_t i = 0; i < length; i++)
            tconv_buffer_bytes(out, (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? "?" : &text[i], 1);
        tconv_buffer_text(out, "\n");
        if (text[length] == '\0')
            return;
        text += length + 1;
    }
}

tconv_status tconv_text_write(const tconv_kernel *kernel, const char *title, tconv_buffer *out, tconv_error *error)
{
    const tconv_geometry *g = &kernel->geometry;
    if (!tconv_kernel_is_single(kernel) || g->ndim > 2)
        return tconv_fail(error, TCONV_EUNSUPPORTED,
                          "a text file holds one kernel of one or two dimensions; this layer needs a .npy file");
    if (title != NULL)
        tconv_text_comment(out, title);
    tconv_buffer_text(out, "# tconv: ");
    tconv_geometry_text_write(g, out);
    tconv_buffer_text(out, "\n");
    size_t columns = g->ndim == 2 ? g->axis[1].n_taps : 1, count = tconv_geometry_taps(g);
    for (size_t i = 0; i < count; i++) {
        tconv_number_append(out, kernel->taps[i]);
        tconv_buffer_text(out, (i + 1) % columns == 0 ? "\n" : " ");
    }
    return out->status == TCONV_OK ? TCONV_OK : tconv_fail_plain(error, out->status);
}
