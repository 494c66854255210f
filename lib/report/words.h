/* words.h - numbers and lists as the text reports say them (internal): decimals, decibels, output formulas. */
#ifndef TCONV_REPORT_WORDS_H
#define TCONV_REPORT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/buffer.h"
#include "../core/geometry.h"

/* Append a number with so many decimals, at least `width` bytes wide; "-" for NAN, "inf" and "-inf". Numbers of 10^9
 * and more, and those that would show no digit, are written with an exponent. */
void tconv_word_number(tconv_buffer *out, double value, int decimals, int width);

/* Append a level: "-9.5 dB"; "below floor" under tconv_floor_db(); "-" for NAN; "inf dB" and "-inf dB". */
void tconv_word_db(tconv_buffer *out, double db, int width);

/* Append one value where all axes agree, else all of them, joined by 'x': "4x4" is said as "4x4" for a list of sizes
 * (`always_all`), "2" for a list of strides. */
void tconv_word_sizes(tconv_buffer *out, const long long *value, size_t count, bool always_all);

/* Append the numbers of several axes, separated by ", ". */
void tconv_word_list(tconv_buffer *out, const double *value, size_t count, int decimals);

/* Append "2N+1": the output size as a function of N, with `extra` added. */
void tconv_word_formula(tconv_buffer *out, const tconv_axis *axis, long long extra);

/* Append spaces until `column` bytes stand after the last newline. */
void tconv_word_column(tconv_buffer *out, size_t column);

/* Append words, broken into lines of at most 100 columns that begin at `column`. */
void tconv_word_wrap(tconv_buffer *out, const char *text, size_t column);

#endif
