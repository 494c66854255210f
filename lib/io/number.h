/* number.h - decimal numbers in and out, the same under every locale.
 *
 * A number is [+-] digits [. digits] [e [+-] digits], with at least one digit before the e; nothing else: no
 * hexadecimal, no "nan", no "inf", no blanks. It is read to the nearest double, however many digits it has. Nothing
 * here calls setlocale or is moved by it: strtod only ever sees digits and an exponent, and what printf made is taken
 * apart at the first character that is no digit. All functions are thread-safe.
 *
 *     double value;
 *     tconv_number_result result = tconv_number_parse("0.25", 4, &value);
 *     if (result != TCONV_NUMBER_OK)
 *         return tconv_number_fail(result, "0.25", 4, line, column, error);
 */
#ifndef TCONV_IO_NUMBER_H
#define TCONV_IO_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#include "../core/buffer.h"
#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    TCONV_NUMBER_OK,
    TCONV_NUMBER_MALFORMED,       /* not a number */
    TCONV_NUMBER_TOO_LARGE,       /* a number beyond the largest double, or integer, like 1e400 */
    TCONV_NUMBER_NOT_FINITE,      /* nan, inf, infinity, in any case, signed or not */
    TCONV_NUMBER_DECIMAL_COMMA,   /* 1,5 */
    TCONV_NUMBER_UNICODE_MINUS,   /* a number after U+2212, or another dash of typography, in UTF-8 */
    TCONV_NUMBER_HEXADECIMAL      /* 0x1p-3 */
} tconv_number_result;

/* *value = the double nearest to the number text[0..length-1], which needs no end mark; a tiny one becomes a
 * subnormal or a zero. *value is left alone unless the result is TCONV_NUMBER_OK. */
TCONV_API TCONV_CHECKED tconv_number_result tconv_number_parse(const char *text, size_t length, double *value);

/* The same for a whole number [+-] digits. */
TCONV_API TCONV_CHECKED tconv_number_result tconv_integer_parse(const char *text, size_t length, int64_t *value);

/* Fill *error with the sentence that belongs to `result`, quoting the text (its beginning, if long), at line and
 * column (0 = none). Returns TCONV_EFORMAT, or TCONV_ENONFINITE for nan and inf; TCONV_OK where result is OK. */
TCONV_API tconv_status tconv_number_fail(tconv_number_result result, const char *text, size_t length, size_t line,
                                         size_t column, tconv_error *error);

/* A copy of text[0..length-1] that fits a message: at most about 32 bytes, "..." where it was cut, never within a
 * UTF-8 character. Returns `quote`. */
#define TCONV_QUOTE_SIZE 40
TCONV_API const char *tconv_quote(const char *text, size_t length, char quote[TCONV_QUOTE_SIZE]);

/* Write the number with as few digits (of 15, 16 or 17, without zeros at their end) as read back to the same double,
 * plain from 1e-5 up to 1e16 and with an exponent beyond: "0.1", "-3", "1.5e-07", "-0"; "nan", "inf" and "-inf" for
 * what is no number. Returns `text`. */
#define TCONV_NUMBER_SIZE 32
TCONV_API const char *tconv_number_shortest(double value, char text[TCONV_NUMBER_SIZE]);

/* The same at the end of a buffer. */
TCONV_API void tconv_number_append(tconv_buffer *buffer, double value);

/* Write the number rounded to `decimals` (0..30) digits after the point, for people: "-9.5" never "-0.0". Where that does
 * not fit `size` (>= TCONV_NUMBER_SIZE) bytes, tconv_number_shortest. Returns `text`. */
TCONV_API const char *tconv_number_fixed(double value, int decimals, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
