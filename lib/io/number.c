#include "number.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A decimal that lies exactly between two doubles has at most 767 significant digits; of those beyond, it matters only
 * whether one is not zero, and a single 1 stands for that. */
#define MOST_DIGITS 800
#define LARGE_EXPONENT 100000

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool same_word(const char *text, size_t length, const char *word)
{
    if (strlen(word) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if ((text[i] | 0x20) != word[i])
            return false;
    return true;
}

/* The number as digits[0..count-1] * 10^exponent. */
typedef struct {
    char digits[MOST_DIGITS];
    size_t count;
    int64_t exponent;
    bool more;      /* digits that are not all zero were left out */
} decimal;

static void add_digit(decimal *number, char digit, bool after_point)
{
    if (number->count == MOST_DIGITS) {
        number->more = number->more || digit != '0';
        number->exponent += !after_point;
        return;
    }
    number->exponent -= after_point;
    if (number->count > 0 || digit != '0')
        number->digits[number->count++] = digit;
}

/* Read [digits] [. digits] [e [+-] digits] whole; false where the text is something else. */
static bool scan_decimal(const char *text, size_t length, decimal *number)
{
    size_t at = 0, seen = 0;
    bool after_point = false;
    number->count = 0;
    number->exponent = 0;
    number->more = false;
    for (; at < length; at++) {
        if (text[at] == '.' && !after_point) {
            after_point = true;
        } else if (is_digit(text[at])) {
            add_digit(number, text[at], after_point);
            seen++;
        } else {
            break;
        }
    }
    if (seen == 0 || at == length)
        return seen != 0;
    if (text[at] != 'e' && text[at] != 'E')
        return false;
    at++;
    bool negative = at < length && text[at] == '-';
    at += at < length && (text[at] == '-' || text[at] == '+');
    if (at == length)
        return false;
    int64_t exponent = 0;
    for (; at < length && is_digit(text[at]); at++)
        if (exponent < INT64_MAX / 100)
            exponent = 10 * exponent + (text[at] - '0');
    number->exponent += negative ? -exponent : exponent;
    return at == length;
}

/* strtod meets no decimal point, so no locale matters to it. */
static double nearest_double(const decimal *number)
{
    char text[MOST_DIGITS + 32];
    int64_t exponent = number->exponent - number->more;
    if (number->count == 0)
        return 0.0;
    if (exponent > LARGE_EXPONENT) exponent = LARGE_EXPONENT;
    if (exponent < -LARGE_EXPONENT) exponent = -LARGE_EXPONENT;
    memcpy(text, number->digits, number->count);
    (void)snprintf(text + number->count, sizeof text - number->count, "%se%lld", number->more ? "1" : "",
                   (long long)exponent);
    return strtod(text, NULL);
}

/* U+2010..U+2015 (hyphens and dashes) and U+2212 (minus), as UTF-8. */
static size_t dash_bytes(const char *text, size_t length)
{
    if (length >= 3 && (memcmp(text, "\xe2\x88\x92", 3) == 0
                        || (memcmp(text, "\xe2\x80", 2) == 0 && (unsigned char)text[2] >= 0x90 && (unsigned char)text[2] <= 0x95)))
        return 3;
    return 0;
}

/* Why this is no number: text after its sign. */
static tconv_number_result reason(const char *text, size_t length)
{
    decimal number;
    size_t dash = dash_bytes(text, length);
    if (dash > 0 && scan_decimal(text + dash, length - dash, &number))
        return TCONV_NUMBER_UNICODE_MINUS;
    if (same_word(text, length, "nan") || same_word(text, length, "inf") || same_word(text, length, "infinity"))
        return TCONV_NUMBER_NOT_FINITE;
    if (length >= 3 && text[0] == '0' && (text[1] | 0x20) == 'x')
        return TCONV_NUMBER_HEXADECIMAL;
    const char *comma = memchr(text, ',', length);
    if (comma != NULL && comma > text && is_digit(comma[-1]) && comma + 1 < text + length && is_digit(comma[1])
        && memchr(text, '.', length) == NULL
        && scan_decimal(text, (size_t)(comma - text), &number)
        && scan_decimal(comma + 1, (size_t)(text + length - comma - 1), &number))
        return TCONV_NUMBER_DECIMAL_COMMA;
    return TCONV_NUMBER_MALFORMED;
}

tconv_number_result tconv_number_parse(const char *text, size_t length, double *value)
{
    decimal number;
    bool negative = length > 0 && text[0] == '-';
    size_t sign = length > 0 && (text[0] == '-' || text[0] == '+');
    if (!scan_decimal(text + sign, length - sign, &number))
        return reason(text + sign, length - sign);
    double magnitude = nearest_double(&number);
    if (isinf(magnitude))
        return TCONV_NUMBER_TOO_LARGE;
    *value = negative ? -magnitude : magnitude;
    return TCONV_NUMBER_OK;
}

tconv_number_result tconv_integer_parse(const char *text, size_t length, int64_t *value)
{
    bool negative = length > 0 && text[0] == '-';
    size_t sign = length > 0 && (text[0] == '-' || text[0] == '+');
    bool fits = true;
    int64_t whole = 0;
    if (length == sign)
        return TCONV_NUMBER_MALFORMED;
    for (size_t i = sign; i < length; i++) {
        if (!is_digit(text[i]))
            return reason(text + sign, length - sign);
        int digit = negative ? -(text[i] - '0') : text[i] - '0';
        fits = fits && !__builtin_mul_overflow(whole, 10, &whole) && !__builtin_add_overflow(whole, digit, &whole);
    }
    if (!fits)
        return TCONV_NUMBER_TOO_LARGE;
    *value = whole;
    return TCONV_NUMBER_OK;
}

const char *tconv_quote(const char *text, size_t length, char quote[TCONV_QUOTE_SIZE])
{
    size_t kept = length;
    if (length > 32)
        for (kept = 29; kept > 24 && ((unsigned char)text[kept] & 0xc0) == 0x80; kept--)
            ;
    if (kept > 0)
        memcpy(quote, text, kept);
    memcpy(quote + kept, "...", 4);
    if (kept == length)
        quote[kept] = '\0';
    for (size_t i = 0; i < kept; i++)
        if (quote[i] == '\0')
            quote[i] = '?';
    return quote;
}

tconv_status tconv_number_fail(tconv_number_result result, const char *text, size_t length, size_t line, size_t column,
                               tconv_error *error)
{
    char quote[TCONV_QUOTE_SIZE];
    const char *after = "is not a number";
    tconv_status status = TCONV_EFORMAT;
    switch (result) {
    case TCONV_NUMBER_OK:
        return TCONV_OK;
    case TCONV_NUMBER_MALFORMED:
        break;
    case TCONV_NUMBER_TOO_LARGE:
        after = "is too large; numbers up to about 1.8e308 can be read";
        break;
    case TCONV_NUMBER_NOT_FINITE:
        status = TCONV_ENONFINITE;
        after = "is not a finite number; every value must be one";
        break;
    case TCONV_NUMBER_DECIMAL_COMMA:
        after = "looks like a number with a decimal comma; write a decimal point";
        break;
    case TCONV_NUMBER_UNICODE_MINUS:
        after = "begins with a typographic dash; write an ordinary '-' (U+002D)";
        break;
    case TCONV_NUMBER_HEXADECIMAL:
        after = "is hexadecimal; write a decimal number";
        break;
    }
    return tconv_fail_at(error, status, line, column, "'%s' %s", tconv_quote(text, length, quote), after);
}

/* ---- writing ---- */

/* digits[0..count-1] with a point after the first, times 10^exponent, from printf's "d.ddde+dd", whatever stands for
 * the point. */
static int split_exponent_form(double magnitude, int precision, char digits[TCONV_NUMBER_SIZE], size_t *count)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%.*e", precision, magnitude);
    const char *at = text;
    size_t n = 0;
    for (; *at != 'e' && *at != '\0'; at++)
        if (is_digit(*at))
            digits[n++] = *at;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    *count = n;
    return *at == 'e' ? (int)strtol(at + 1, NULL, 10) : 0;
}

static bool reads_back(double magnitude, const char *digits, size_t count, int exponent)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%.*se%d", (int)count, digits, exponent - (int)count + 1);
    return strtod(text, NULL) == magnitude;
}

/* Lay d.ddd * 10^exponent out. */
static void lay_out(const char *digits, size_t count, int exponent, char *text)
{
    if (exponent < -5 || exponent >= 16) {
        *text++ = digits[0];
        if (count > 1) {
            *text++ = '.';
            memcpy(text, digits + 1, count - 1);
            text += count - 1;
        }
        (void)snprintf(text, 8, "e%+03d", exponent);
        return;
    }
    if (exponent < 0) {
        memcpy(text, "0.00000", 2 + (size_t)(-exponent - 1));
        text += 2 + (-exponent - 1);
    }
    for (size_t i = 0; i < count || (int)i <= exponent; i++) {
        *text++ = i < count ? digits[i] : '0';
        if ((int)i == exponent && i + 1 < count)
            *text++ = '.';
    }
    *text = '\0';
}

const char *tconv_number_shortest(double value, char text[TCONV_NUMBER_SIZE])
{
    char digits[TCONV_NUMBER_SIZE], *at = text;
    double magnitude = fabs(value);
    if (isnan(value))
        return memcpy(text, "nan", 4);
    if (signbit(value))
        *at++ = '-';
    if (isinf(value)) {
        memcpy(at, "inf", 4);
        return text;
    }
    /* 15 digits survive the way through a normal double, so trying fewer cannot help; a subnormal holds fewer. */
    size_t count = 0;
    int exponent = 0;
    for (int precision = magnitude < DBL_MIN ? 0 : 14; precision <= 16; precision++) {
        exponent = split_exponent_form(magnitude, precision, digits, &count);
        if (reads_back(magnitude, digits, count, exponent))
            break;
    }
    lay_out(digits, count, exponent, at);
    return text;
}

void tconv_number_append(tconv_buffer *buffer, double value)
{
    char text[TCONV_NUMBER_SIZE];
    tconv_buffer_text(buffer, tconv_number_shortest(value, text));
}

const char *tconv_number_fixed(double value, int decimals, char *text, size_t size)
{
    char made[400], *to = text;
    if (decimals < 0) decimals = 0;
    if (decimals > 30) decimals = 30;
    int length = isfinite(value) ? snprintf(made, sizeof made, "%.*f", decimals, fabs(value)) : -1;
    if (length < 0 || (size_t)length + 2 > size)
        return tconv_number_shortest(value, text);
    if (signbit(value) && strpbrk(made, "123456789") != NULL)
        *to++ = '-';
    size_t whole = strspn(made, "0123456789");
    memcpy(to, made, whole);
    to += whole;
    if (decimals > 0) {
        *to++ = '.';
        memcpy(to, made + (size_t)length - (size_t)decimals, (size_t)decimals);
        to += decimals;
    }
    *to = '\0';
    return text;
}
