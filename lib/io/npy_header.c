#include "npy_header.h"

#include <string.h>

#include "../core/memory.h"
#include "number.h"

/* Of Python's literals, just those that NumPy writes: one dict of three known keys whose values are a string without
 * escapes, a truth value and a tuple of whole numbers. No nesting, so no recursion. */
typedef struct {
    const char *begin, *at, *end;
    tconv_error *error;
} scanner;

static tconv_status malformed(const scanner *scan, const char *what)
{
    return tconv_fail(scan->error, TCONV_EFORMAT, "the .npy header is malformed at its byte %zu: %s",
                      (size_t)(scan->at - scan->begin), what);
}

static void skip_blanks(scanner *scan)
{
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r'))
        scan->at++;
}

/* Skip blanks and take the character if it is next. */
static bool take(scanner *scan, char wanted)
{
    skip_blanks(scan);
    if (scan->at == scan->end || *scan->at != wanted)
        return false;
    scan->at++;
    return true;
}

static bool take_word(scanner *scan, const char *word)
{
    size_t length = strlen(word);
    skip_blanks(scan);
    if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
        return false;
    scan->at += length;
    return true;
}

static tconv_status parse_string(scanner *scan, const char **text, size_t *length)
{
    skip_blanks(scan);
    if (scan->at == scan->end || (*scan->at != '\'' && *scan->at != '"'))
        return malformed(scan, "a string in quotes is needed");
    const char *close = memchr(scan->at + 1, *scan->at, (size_t)(scan->end - scan->at - 1));
    if (close == NULL)
        return malformed(scan, "a string does not end");
    *text = scan->at + 1;
    *length = (size_t)(close - *text);
    if (memchr(*text, '\\', *length) != NULL)
        return malformed(scan, "a backslash in a string");
    scan->at = close + 1;
    return TCONV_OK;
}

/* ---- descr ---- */

static bool host_is_big_endian(void)
{
    unsigned one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 0;
}

/* What the letters that are not read stand for (numpy's array protocol). */
static const char *refused_kind(char letter)
{
    switch (letter) {
    case 'b': return "truth values";
    case 'c': return "complex numbers";
    case 'O': return "Python objects";
    case 'S': case 'a': case 'U': return "strings";
    case 'V': return "raw bytes";
    case 'M': case 'm': return "times";
    default: return NULL;
    }
}

static tconv_status parse_type(const scanner *scan, const char *text, size_t length, tconv_npy_header *header)
{
    static const struct { char kind, bytes; tconv_element element; } types[] = {
        { 'f', '8', TCONV_F64 }, { 'f', '4', TCONV_F32 }, { 'f', '2', TCONV_F16 },
        { 'i', '1', TCONV_I8 }, { 'i', '2', TCONV_I16 }, { 'i', '4', TCONV_I32 }, { 'i', '8', TCONV_I64 },
        { 'u', '1', TCONV_U8 }, { 'u', '2', TCONV_U16 }, { 'u', '4', TCONV_U32 }, { 'u', '8', TCONV_U64 },
    };
    char quote[TCONV_QUOTE_SIZE];
    (void)tconv_quote(text, length, quote);
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): a NUL is no byte order */
    if (length >= 2 && memchr("<>=|", text[0], 4) != NULL) {
        const char *kind = refused_kind(text[1]);
        if (kind != NULL)
            return tconv_fail(scan->error, TCONV_EUNSUPPORTED, "the array holds %s ('%s'); only real numbers are read", kind, quote);
        for (size_t i = 0; length == 3 && i < sizeof types / sizeof *types; i++) {
            if (types[i].kind != text[1] || types[i].bytes != text[2])
                continue;
            if (text[0] == '|' && text[2] != '1')
                return tconv_fail(scan->error, TCONV_EFORMAT, "the type '%s' leaves its byte order open; '<' or '>' is needed", quote);
            header->element = types[i].element;
            header->big_endian = text[0] == '>' || (text[0] == '=' && host_is_big_endian());
            return TCONV_OK;
        }
    }
    return tconv_fail(scan->error, TCONV_EUNSUPPORTED, "the type '%s' is not read; f2, f4, f8, i1 to i8 and u1 to u8 are, after '<', '>', '=' or '|'",
                      quote);
}

static tconv_status parse_descr(scanner *scan, tconv_npy_header *header)
{
    const char *text;
    size_t length;
    skip_blanks(scan);
    if (scan->at < scan->end && *scan->at == '[')
        return tconv_fail(scan->error, TCONV_EUNSUPPORTED, "the array holds structures; only real numbers are read");
    tconv_status status = parse_string(scan, &text, &length);
    return status == TCONV_OK ? parse_type(scan, text, length, header) : status;
}

/* ---- fortran_order and shape ---- */

static tconv_status parse_order(scanner *scan, tconv_npy_header *header)
{
    if (take_word(scan, "True"))
        header->fortran_order = true;
    else if (take_word(scan, "False"))
        header->fortran_order = false;
    else
        return malformed(scan, "fortran_order is True or False");
    return TCONV_OK;
}

static tconv_status parse_extent(scanner *scan, size_t *extent)
{
    const char *start = scan->at;
    size_t value = 0;
    for (; scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9'; scan->at++)
        if (!tconv_size_mul(value, 10, &value) || !tconv_size_add(value, (size_t)(*scan->at - '0'), &value))
            return malformed(scan, "an extent of the shape is too large");
    if (scan->at == start)
        return malformed(scan, "the shape is a tuple of whole numbers, none negative");
    if (scan->at < scan->end && *scan->at == 'L')     /* as Python 2 wrote a long one */
        scan->at++;
    *extent = value;
    return TCONV_OK;
}

/* () or (3,) or (3, 4) or (3, 4,); as in Python, (3) is no tuple. */
static tconv_status parse_shape(scanner *scan, tconv_npy_header *header)
{
    if (!take(scan, '('))
        return malformed(scan, "the shape is a tuple of whole numbers, none negative");
    bool comma = true;
    header->rank = 0;
    while (!take(scan, ')')) {
        size_t extent = 0;
        if (!comma)
            return malformed(scan, "a comma or ')' is needed");
        tconv_status status = parse_extent(scan, &extent);
        if (status != TCONV_OK)
            return status;
        if (header->rank == TCONV_MAX_RANK)
            return tconv_fail(scan->error, TCONV_EUNSUPPORTED, "the array has more than %d dimensions", TCONV_MAX_RANK);
        header->shape[header->rank++] = extent;
        comma = take(scan, ',');
    }
    if (header->rank == 1 && !comma)
        return malformed(scan, "a shape of one extent is written (3,)");
    return TCONV_OK;
}

/* ---- the whole ---- */

static tconv_status parse_entry(scanner *scan, tconv_npy_header *header, unsigned *seen)
{
    static const struct { const char *key; tconv_status (*parse)(scanner *, tconv_npy_header *); } entries[] = {
        { "descr", parse_descr }, { "fortran_order", parse_order }, { "shape", parse_shape },
    };
    const char *key;
    char quote[TCONV_QUOTE_SIZE];
    size_t length, i;
    tconv_status status = parse_string(scan, &key, &length);
    if (status != TCONV_OK)
        return status;
    for (i = 0; i < 3; i++)
        if (strlen(entries[i].key) == length && memcmp(entries[i].key, key, length) == 0)
            break;
    if (i == 3)
        return tconv_fail(scan->error, TCONV_EFORMAT, "the .npy header has the key '%s'; it may have descr, fortran_order and shape only",
                          tconv_quote(key, length, quote));
    if ((*seen & 1u << i) != 0)
        return tconv_fail(scan->error, TCONV_EFORMAT, "the .npy header has the key '%s' twice", entries[i].key);
    *seen |= 1u << i;
    if (!take(scan, ':'))
        return malformed(scan, "a ':' is needed after a key");
    return entries[i].parse(scan, header);
}

tconv_status tconv_npy_parse_header(const char *text, size_t length, tconv_npy_header *header, tconv_error *error)
{
    static const char *const keys[] = { "descr", "fortran_order", "shape" };
    scanner scan = { text, text, text + length, error };
    unsigned seen = 0;
    bool comma = true;
    if (!take(&scan, '{'))
        return malformed(&scan, "a '{' is needed");
    while (!take(&scan, '}')) {
        if (!comma)
            return malformed(&scan, "a comma or '}' is needed");
        tconv_status status = parse_entry(&scan, header, &seen);
        if (status != TCONV_OK)
            return status;
        comma = take(&scan, ',');
    }
    skip_blanks(&scan);
    if (scan.at != scan.end)
        return malformed(&scan, "there is something after the '}'");
    for (size_t i = 0; i < 3; i++)
        if ((seen & 1u << i) == 0)
            return tconv_fail(error, TCONV_EFORMAT, "the .npy header has no key '%s'", keys[i]);
    return TCONV_OK;
}
