/* Numbers: what is one, the nearest double, the way out and back, and none of it moved by a locale. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"
#include "testing_locale.h"

static tconv_number_result parse(const char *text, double *value)
{
    *value = 77.0;
    return tconv_number_parse(text, strlen(text), value);
}

static void check_numbers(void)
{
    static const struct { const char *text; double value; } cases[] = {
        { "0", 0.0 }, { "-0", -0.0 }, { "+1", 1.0 }, { "1.5", 1.5 }, { ".5", 0.5 }, { "5.", 5.0 }, { "-1e3", -1000.0 },
        { "1E-3", 1e-3 }, { "1e+3", 1000.0 }, { "007", 7.0 }, { "0.1", 0.1 }, { "1e308", 1e308 }, { "4.9e-324", 0x1p-1074 },
        { "1e-400", 0.0 }, { "0e999999999999999999999999", 0.0 }, { "2.2250738585072014e-308", DBL_MIN },
        { "1.7976931348623157e308", DBL_MAX }, { "9007199254740993", 9007199254740992.0 },
        { "9007199254740993.00000000000000000000000000000001", 9007199254740994.0 },
        { "123456789012345678901234567890", 123456789012345678901234567890.0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value;
        CHECK_MESSAGE(parse(cases[i].text, &value) == TCONV_NUMBER_OK, "'%s' is a number", cases[i].text);
        CHECK_SAME(&value, &cases[i].value, sizeof value);
    }
}

static void check_refusals(void)
{
    static const struct { const char *text; tconv_number_result result; } cases[] = {
        { "", TCONV_NUMBER_MALFORMED }, { "-", TCONV_NUMBER_MALFORMED }, { "+", TCONV_NUMBER_MALFORMED },
        { ".", TCONV_NUMBER_MALFORMED }, { "-.", TCONV_NUMBER_MALFORMED }, { "e5", TCONV_NUMBER_MALFORMED },
        { "1e", TCONV_NUMBER_MALFORMED }, { "1e+", TCONV_NUMBER_MALFORMED }, { "1e5.", TCONV_NUMBER_MALFORMED },
        { "1.2.3", TCONV_NUMBER_MALFORMED }, { "--1", TCONV_NUMBER_MALFORMED }, { "+-1", TCONV_NUMBER_MALFORMED },
        { " 1", TCONV_NUMBER_MALFORMED }, { "1 ", TCONV_NUMBER_MALFORMED }, { "1f", TCONV_NUMBER_MALFORMED },
        { "abc", TCONV_NUMBER_MALFORMED }, { "1d5", TCONV_NUMBER_MALFORMED }, { "nanx", TCONV_NUMBER_MALFORMED },
        { "1,2,3", TCONV_NUMBER_MALFORMED }, { "1,", TCONV_NUMBER_MALFORMED }, { ",1", TCONV_NUMBER_MALFORMED },
        { "1e400", TCONV_NUMBER_TOO_LARGE }, { "-1e309", TCONV_NUMBER_TOO_LARGE },
        { "1e99999999999999999999999999", TCONV_NUMBER_TOO_LARGE },
        { "nan", TCONV_NUMBER_NOT_FINITE }, { "NaN", TCONV_NUMBER_NOT_FINITE }, { "-inf", TCONV_NUMBER_NOT_FINITE },
        { "+Infinity", TCONV_NUMBER_NOT_FINITE }, { "1,5", TCONV_NUMBER_DECIMAL_COMMA },
        { "-0,25", TCONV_NUMBER_DECIMAL_COMMA }, { "1,5e-3", TCONV_NUMBER_DECIMAL_COMMA },
        { "\xe2\x88\x92" "1.5", TCONV_NUMBER_UNICODE_MINUS }, { "\xe2\x80\x93" "2", TCONV_NUMBER_UNICODE_MINUS },
        { "\xe2\x88\x92", TCONV_NUMBER_MALFORMED }, { "0x10", TCONV_NUMBER_HEXADECIMAL }, { "-0X1p-3", TCONV_NUMBER_HEXADECIMAL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value;
        tconv_number_result result = parse(cases[i].text, &value);
        CHECK_MESSAGE(result == cases[i].result, "'%s': %d, wanted %d", cases[i].text, (int)result, (int)cases[i].result);
        CHECK(value == 77.0);
    }
    double value = 1.0;
    CHECK(tconv_number_parse("1\0", 2, &value) == TCONV_NUMBER_MALFORMED);
    CHECK(tconv_number_parse("12345", 2, &value) == TCONV_NUMBER_OK && value == 12.0);
}

/* The decimal half-way between two doubles goes to the even one, and anything after it decides: 53 bits plus a half,
 * written out in full (no more than 767 digits), then made longer by zeros and a final 1 past every buffer. */
static void check_ties(void)
{
    char text[4096];
    double value;
    for (size_t round = 0; round < test_rounds(1000); round++) {
        uint64_t even = (random_bits() >> 11 | (uint64_t)1 << 52) & ~(uint64_t)1;
        int shift = (int)random_between(0, 1000);
        (void)snprintf(text, sizeof text, "%.*f", shift, ldexp((double)even, -shift));
        double low = strtod(text, NULL), high = nextafter(low, INFINITY);
        long double middle = ((long double)low + (long double)high) / 2.0L;    /* 54 bits: exact where 64 are kept */
        if (middle <= (long double)low || middle >= (long double)high)
            continue;
        int length = snprintf(text, 2048, "%.1100Lf", middle);
        CHECK(tconv_number_parse(text, (size_t)length, &value) == TCONV_NUMBER_OK && value == low);
        memset(text + length, '0', 1000);
        text[length + 1000] = '1';
        CHECK(tconv_number_parse(text, (size_t)length + 1001, &value) == TCONV_NUMBER_OK && value == high);
    }
    memset(text, '0', sizeof text);
    CHECK(tconv_number_parse(text, sizeof text, &value) == TCONV_NUMBER_OK && value == 0.0);
    text[1] = '.';
    memcpy(text + sizeof text - 6, "1e4091", 6);                /* 0.000..1 with 4088 zeros before the 1 */
    CHECK(tconv_number_parse(text, sizeof text, &value) == TCONV_NUMBER_OK && value == 100.0);
    text[1] = '0';
    text[0] = '1';
    memcpy(text + sizeof text - 6, "e-4088", 6);                /* 1 and 4089 zeros before the e */
    CHECK(tconv_number_parse(text, sizeof text, &value) == TCONV_NUMBER_OK && value == 10.0);
}

static void check_integers(void)
{
    static const struct { const char *text; tconv_number_result result; int64_t value; } cases[] = {
        { "0", TCONV_NUMBER_OK, 0 }, { "-3", TCONV_NUMBER_OK, -3 }, { "+12", TCONV_NUMBER_OK, 12 },
        { "9223372036854775807", TCONV_NUMBER_OK, INT64_MAX }, { "-9223372036854775808", TCONV_NUMBER_OK, INT64_MIN },
        { "9223372036854775808", TCONV_NUMBER_TOO_LARGE, 77 }, { "-9223372036854775809", TCONV_NUMBER_TOO_LARGE, 77 },
        { "99999999999999999999x", TCONV_NUMBER_MALFORMED, 77 },
        { "", TCONV_NUMBER_MALFORMED, 77 }, { "1.0", TCONV_NUMBER_MALFORMED, 77 }, { "1e3", TCONV_NUMBER_MALFORMED, 77 },
        { "0x1", TCONV_NUMBER_HEXADECIMAL, 77 }, { "2,5", TCONV_NUMBER_DECIMAL_COMMA, 77 }, { "inf", TCONV_NUMBER_NOT_FINITE, 77 },
        { "\xe2\x88\x92" "1", TCONV_NUMBER_UNICODE_MINUS, 77 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = 77;
        tconv_number_result result = tconv_integer_parse(cases[i].text, strlen(cases[i].text), &value);
        CHECK_MESSAGE(result == cases[i].result && value == cases[i].value, "'%s': %d", cases[i].text, (int)result);
    }
}

static void check_sentences(void)
{
    static const struct { const char *text, *message; tconv_status status; } cases[] = {
        { "abc", "'abc' is not a number", TCONV_EFORMAT },
        { "1e400", "'1e400' is too large; numbers up to about 1.8e308 can be read", TCONV_EFORMAT },
        { "-inf", "'-inf' is not a finite number; every value must be one", TCONV_ENONFINITE },
        { "1,5", "'1,5' looks like a number with a decimal comma; write a decimal point", TCONV_EFORMAT },
        { "\xe2\x88\x92" "5", "'\xe2\x88\x92" "5' begins with a typographic dash; write an ordinary '-' (U+002D)", TCONV_EFORMAT },
        { "0x1p3", "'0x1p3' is hexadecimal; write a decimal number", TCONV_EFORMAT },
        { "a\tb\x01", "'a?b?' is not a number", TCONV_EFORMAT },
        { "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "'abcdefghijklmnopqrstuvwxyzabc...' is not a number", TCONV_EFORMAT },
        { "abcdefghijklmnopqrstuvwxyzab\xe2\x88\x92\xe2\x88\x92", "'abcdefghijklmnopqrstuvwxyzab...' is not a number", TCONV_EFORMAT },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tconv_error error = { .status = TCONV_OK };
        double value;
        size_t length = strlen(cases[i].text);
        tconv_number_result result = tconv_number_parse(cases[i].text, length, &value);
        CHECK(tconv_number_fail(result, cases[i].text, length, 3, 7, &error) == cases[i].status);
        CHECK_TEXT(error.message, cases[i].message);
        CHECK(error.status == cases[i].status && error.line == 3 && error.column == 7);
    }
    CHECK(tconv_number_fail(TCONV_NUMBER_OK, "1", 1, 0, 0, NULL) == TCONV_OK);
}

static void check_written(void)
{
    static const struct { double value; const char *text; } cases[] = {
        { 0.0, "0" }, { -0.0, "-0" }, { 1.0, "1" }, { -3.0, "-3" }, { 0.1, "0.1" }, { 0.30000000000000004, "0.30000000000000004" },
        { 100.0, "100" }, { 1234.5, "1234.5" }, { 1e-5, "0.00001" }, { 1e-6, "1e-06" }, { 1.5e-7, "1.5e-07" },
        { 9007199254740993.0, "9007199254740992" }, { 1e16, "1e+16" }, { 1e15, "1000000000000000" }, { 1e100, "1e+100" },
        { 0x1p-1074, "5e-324" }, { DBL_MAX, "1.7976931348623157e+308" }, { 1.0 / 3.0, "0.3333333333333333" },
        { -0.000012345678901234567, "-0.000012345678901234568" }, { (double)INFINITY, "inf" }, { -(double)INFINITY, "-inf" },
        { (double)NAN, "nan" },
    };
    char text[TCONV_NUMBER_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(tconv_number_shortest(cases[i].value, text), cases[i].text);
}

static double random_double(void)
{
    uint64_t bits = random_bits();
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Read back by this library and by strtod of the C locale, which are two readers. */
static void check_round_trip(void)
{
    char text[TCONV_NUMBER_SIZE];
    size_t wrong = 0, rounds = test_rounds(1000000), longest = 0;
    for (size_t round = 0; round < rounds; round++) {
        double value = random_double(), back = 0.0;
        if (!isfinite(value))
            continue;
        tconv_number_shortest(value, text);
        size_t length = strlen(text);
        longest = length > longest ? length : longest;
        bool same = tconv_number_parse(text, length, &back) == TCONV_NUMBER_OK && memcmp(&back, &value, sizeof value) == 0;
        back = strtod(text, NULL);
        wrong += !(same && memcmp(&back, &value, sizeof value) == 0);
    }
    CHECK_MESSAGE(wrong == 0, "%zu of %zu random bit patterns do not read back", wrong, rounds);
    CHECK(longest < TCONV_NUMBER_SIZE && longest >= 23);
}

/* The definition: no text of fewer digits than that (within those of printf) reads back. */
static void check_shortness(void)
{
    for (size_t round = 0; round < test_rounds(10000); round++) {
        char text[TCONV_NUMBER_SIZE], other[64];
        double value = round % 2 == 0 ? random_double() : ldexp((double)random_small_integer(999), random_small_integer(20));
        if (!isfinite(value))
            continue;
        tconv_number_shortest(value, text);
        size_t digits = 0;
        for (const char *c = text; *c != '\0' && *c != 'e'; c++)
            digits += *c >= '0' && *c <= '9' && (digits > 0 || *c != '0');
        for (size_t fewer = 1; fewer < digits && fewer < 18 && strchr(text, 'e') != NULL; fewer++) {
            (void)snprintf(other, sizeof other, "%.*e", (int)fewer - 1, value);
            CHECK_MESSAGE(strtod(other, NULL) != value, "%s is shorter than %s", other, text);
        }
    }
}

static void check_fixed(void)
{
    static const struct { double value; int decimals; const char *text; } cases[] = {
        { 1.0, 3, "1.000" }, { -9.54, 1, "-9.5" }, { -0.01, 1, "0.0" }, { -0.0, 2, "0.00" }, { 2.5, 0, "2" }, { 3.5, 0, "4" },
        { 1e21, 1, "1000000000000000000000.0" }, { 1e300, 1, "1e+300" }, { (double)INFINITY, 2, "inf" },
        { -(double)INFINITY, 2, "-inf" }, { (double)NAN, 2, "nan" }, { 0.125, 2, "0.12" }, { 12.0, -5, "12" }, { 99.99, 1, "100.0" },
    };
    char text[TCONV_NUMBER_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(tconv_number_fixed(cases[i].value, cases[i].decimals, text, sizeof text), cases[i].text);
    for (size_t round = 0; round < test_rounds(10000); round++) {
        char want[400], got[400];
        double value = random_normal() * pow(10.0, random_uniform(-5.0, 20.0));
        int decimals = (int)random_between(0, 12);
        (void)snprintf(want, sizeof want, "%.*f", decimals, value);
        CHECK_TEXT(tconv_number_fixed(value, decimals, got, sizeof got),
                   strpbrk(want, "123456789") != NULL || value >= 0.0 ? want : want + 1);
    }
}

static void check_buffer(void)
{
    tconv_buffer out = { 0 };
    tconv_number_append(&out, -0.5);
    tconv_buffer_text(&out, " ");
    tconv_buffer_format(&out, "%zu of %s", (size_t)12, "x");
    CHECK_TEXT(out.text, "-0.5 12 of x");
    CHECK(out.length == 12 && out.status == TCONV_OK);
    for (size_t i = 0; i < 10000; i++)
        tconv_buffer_format(&out, "%04zu", i);
    CHECK(out.length == 40012 && strlen(out.text) == 40012 && memcmp(out.text + 12 + 4 * 4321, "4321", 4) == 0);
    tconv_memory_set_budget(tconv_memory_in_use() + 1000);
    for (size_t i = 0; i < 10000; i++)
        tconv_buffer_text(&out, "more");
    CHECK(out.status == TCONV_EBUDGET && out.text[out.length] == '\0');
    size_t length = out.length;
    tconv_memory_set_budget(0);
    tconv_buffer_text(&out, "nothing is added after a failure");
    tconv_buffer_format(&out, "%d", 5);
    CHECK(out.length == length && out.status == TCONV_EBUDGET);
    tconv_buffer_free(&out);
    CHECK(out.text == NULL && out.status == TCONV_OK && out.length == 0);
    tconv_buffer_bytes(&out, "", 0);
    CHECK_TEXT(out.text, "");
    tconv_buffer_free(&out);
    CHECK(tconv_memory_in_use() == 0);
}

static void check_comma_locale(void)
{
    char text[TCONV_NUMBER_SIZE];
    if (!test_comma_locale())
        return;
    (void)snprintf(text, sizeof text, "%.1f", 1.5);
    CHECK_TEXT(text, "1,5");                      /* the locale is a trap indeed */
    check_numbers();
    check_refusals();
    check_written();
    CHECK_TEXT(tconv_number_fixed(-9.54, 1, text, sizeof text), "-9.5");
    CHECK_TEXT(tconv_number_fixed(1234567.0, 2, text, sizeof text), "1234567.00");
    CHECK_TEXT(tconv_number_fixed(-0.001, 2, text, sizeof text), "0.00");
    for (size_t round = 0; round < test_rounds(10000); round++) {
        double value = random_double(), back = 0.0;
        if (!isfinite(value))
            continue;
        tconv_number_shortest(value, text);
        CHECK(strchr(text, ',') == NULL && tconv_number_parse(text, strlen(text), &back) == TCONV_NUMBER_OK);
        CHECK_SAME(&back, &value, sizeof value);
    }
    test_plain_locale();
}

const struct test_suite suite = { "number", {
    { "decimal numbers are read to the nearest double", check_numbers },
    { "all else is refused, with its reason", check_refusals },
    { "ties go to even, however many digits decide", check_ties },
    { "whole numbers", check_integers },
    { "every refusal has its sentence", check_sentences },
    { "numbers are written short", check_written },
    { "a million random bit patterns read back equal", check_round_trip },
    { "no shorter text would do", check_shortness },
    { "fixed decimals", check_fixed },
    { "a buffer grows, and keeps its failure", check_buffer },
    { "a locale with a decimal comma changes nothing", check_comma_locale },
    { NULL, NULL } } };
