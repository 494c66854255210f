/* Element types: every 16-bit pattern, both byte orders, 64-bit integers exact or refused. */
#include "testing.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "tconv.h"

/* From tests/oracle/make_elements.py (NumPy). */
#define CHECKSUM_F16 UINT64_C(0x5616f7e89b6a3d85)
#define CHECKSUM_BF16 UINT64_C(0xba4d8118f06e97b5)

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void put(unsigned char *bytes, uint64_t bits, size_t size, bool big_endian)
{
    for (size_t i = 0; i < size; i++)
        bytes[big_endian ? size - 1 - i : i] = (unsigned char)(bits >> 8 * i & 0xff);
}

/* FNV-1a over the little-endian bytes of the doubles, a NaN as eight bytes 0xff. */
static uint64_t checksum_of_all_patterns(tconv_element element, bool big_endian)
{
    static unsigned char bytes[2 * 65536 + 1];
    static double values[65536];
    for (uint32_t pattern = 0; pattern < 65536; pattern++)
        put(bytes + 1 + 2 * pattern, pattern, 2, big_endian);     /* an odd address: no alignment is asked for */
    CHECK(tconv_element_to_f64(element, big_endian, bytes + 1, 65536, values, NULL) == TCONV_OK);
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < 65536; i++) {
        uint64_t bits = isnan(values[i]) ? UINT64_MAX : bits_of(values[i]);
        for (int b = 0; b < 8; b++)
            hash = (hash ^ (bits >> 8 * b & 0xff)) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static void every_half_is_the_double_that_numpy_makes_of_it(void)
{
    CHECK(checksum_of_all_patterns(TCONV_F16, false) == CHECKSUM_F16);
    CHECK(checksum_of_all_patterns(TCONV_F16, true) == CHECKSUM_F16);
    CHECK(checksum_of_all_patterns(TCONV_BF16, false) == CHECKSUM_BF16);
    CHECK(checksum_of_all_patterns(TCONV_BF16, true) == CHECKSUM_BF16);
}

static void values_known_by_hand(void)
{
    static const struct {
        tconv_element element;
        uint64_t bits;
        double value;
    } cases[] = {
        { TCONV_F16, 0x3c00, 1.0 },                       { TCONV_F16, 0xc000, -2.0 },      { TCONV_F16, 0x7bff, 65504.0 },
        { TCONV_F16, 0x0400, 0x1p-14 },                   { TCONV_F16, 0x0001, 0x1p-24 },   { TCONV_F16, 0x8001, -0x1p-24 },
        { TCONV_F16, 0x03ff, 0x3ffp-24 },                 { TCONV_F16, 0x7c00, INFINITY },  { TCONV_F16, 0xfc00, -INFINITY },
        { TCONV_F16, 0x8000, -0.0 },                      { TCONV_F16, 0x3555, 0x555p-12 },
        { TCONV_BF16, 0x3f80, 1.0 },                      { TCONV_BF16, 0xff80, -INFINITY }, { TCONV_BF16, 0x0001, 0x1p-133 },
        { TCONV_BF16, 0x4049, 3.140625 },                 { TCONV_F32, 0x00000001, 0x1p-149 },
        { TCONV_F32, 0x7f7fffff, 0x1.fffffep127 },        { TCONV_F32, 0x80000000, -0.0 },
        { TCONV_F64, UINT64_C(0x400921fb54442d18), 3.141592653589793 }, { TCONV_F64, 1, 0x0.0000000000001p-1022 },
        { TCONV_I8, 0x80, -128 },                         { TCONV_I8, 0x7f, 127 },          { TCONV_I8, 0xff, -1 },
        { TCONV_I16, 0x8000, -32768 },                    { TCONV_I16, 0xfffe, -2 },        { TCONV_I32, 0x80000000, -2147483648.0 },
        { TCONV_I32, 0x7fffffff, 2147483647.0 },          { TCONV_I64, UINT64_MAX, -1 },    { TCONV_I64, UINT64_C(1) << 63, -0x1p63 },
        { TCONV_U8, 0xff, 255 },                          { TCONV_U16, 0xffff, 65535 },     { TCONV_U32, 0xffffffff, 4294967295.0 },
        { TCONV_U64, UINT64_C(1) << 63, 0x1p63 },         { TCONV_U64, UINT64_C(1) << 53, 0x1p53 },
        { TCONV_U64, 0xfffffffffffff800, 0x1.fffffffffffffp63 },
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++)
        for (int order = 0; order < 2; order++) {
            unsigned char bytes[9];
            double value = 77.0;
            put(bytes + 1, cases[c].bits, tconv_element_bytes(cases[c].element), order == 1);
            CHECK(tconv_element_to_f64(cases[c].element, order == 1, bytes + 1, 1, &value, NULL) == TCONV_OK);
            CHECK_MESSAGE(bits_of(value) == bits_of(cases[c].value), "case %zu order %d: %a, wanted %a", c, order, value,
                          cases[c].value);
            float narrow = 77.0F;
            CHECK(tconv_element_to_f32(cases[c].element, order == 1, bytes + 1, 1, &narrow, NULL) == TCONV_OK);
            CHECK(bits_of((double)narrow) == bits_of((double)(float)cases[c].value));
        }
}

/* An integer of up to 64 bits equals a double when at most 53 bits lie between its highest and its lowest set bit. */
static bool is_a_double(uint64_t magnitude)
{
    while (magnitude != 0 && magnitude % 2 == 0)
        magnitude /= 2;
    return magnitude < UINT64_C(1) << 53;
}

static void check_integer(uint64_t bits)
{
    unsigned char bytes[8];
    double value;
    tconv_error error;
    uint64_t magnitude = bits >> 63 != 0 ? ~bits + 1 : bits;
    put(bytes, bits, 8, false);
    tconv_status status = tconv_element_to_f64(TCONV_U64, false, bytes, 1, &value, &error);
    CHECK_MESSAGE(status == (is_a_double(bits) ? TCONV_OK : TCONV_EUNSUPPORTED), "u64 %llu", (unsigned long long)bits);
    if (status == TCONV_OK)
        CHECK(ldexp((double)(bits >> 32), 32) + (double)(bits & UINT32_MAX) == value);
    status = tconv_element_to_f64(TCONV_I64, false, bytes, 1, &value, &error);
    CHECK_MESSAGE(status == (is_a_double(magnitude) ? TCONV_OK : TCONV_EUNSUPPORTED), "i64 %llu", (unsigned long long)bits);
    if (status == TCONV_OK) {
        double want = ldexp((double)(magnitude >> 32), 32) + (double)(magnitude & UINT32_MAX);
        CHECK(value == (bits >> 63 != 0 ? -want : want));
    }
}

static void sixty_four_bit_integers_are_exact_or_refused(void)
{
    for (int shift = 0; shift < 64; shift++)
        for (uint64_t add = 0; add < 5; add++) {
            check_integer((UINT64_C(1) << shift) + add - 2);
            check_integer(~(UINT64_C(1) << shift) + add - 2);
        }
    for (size_t round = 0; round < test_rounds(10000); round++)
        check_integer(random_bits() >> random_between(0, 63) << random_between(0, 63));
}

static void the_first_element_that_is_refused_is_named(void)
{
    unsigned char bytes[4 * 8] = { 0 };
    double values[4];
    float narrow[4];
    tconv_error error;
    put(bytes + 8, (UINT64_C(1) << 53) - 1, 8, true);
    put(bytes + 16, (UINT64_C(1) << 53) + 1, 8, true);
    put(bytes + 24, UINT64_MAX, 8, true);
    CHECK(tconv_element_to_f64(TCONV_U64, true, bytes, 4, values, &error) == TCONV_EUNSUPPORTED);
    CHECK_TEXT(error.message, "element 2 of type u64 is not exactly a double; integers up to 2^53 are");
    CHECK(values[0] == 0.0 && values[1] == 0x1p53 - 1.0);
    CHECK(tconv_element_to_f32(TCONV_I64, true, bytes, 4, narrow, &error) == TCONV_EUNSUPPORTED);
    CHECK_TEXT(error.message, "element 2 of type i64 is not exactly a double; integers up to 2^53 are");
    CHECK(tconv_element_to_f64(TCONV_U64, true, bytes, 2, values, NULL) == TCONV_OK);
    CHECK(tconv_element_to_f64(TCONV_U64, true, bytes, 0, NULL, NULL) == TCONV_OK);
}

static void floats_pass_through_bit_for_bit_in_either_order(void)
{
    for (size_t round = 0; round < test_rounds(2000); round++) {
        uint64_t bits = random_bits();
        bool big = round % 2 == 1;
        unsigned char bytes[8];
        double value;
        float narrow;
        put(bytes, bits, 8, big);
        CHECK(tconv_element_to_f64(TCONV_F64, big, bytes, 1, &value, NULL) == TCONV_OK && bits_of(value) == bits);
        uint32_t half = (uint32_t)bits;
        float same;
        memcpy(&same, &half, sizeof same);
        if (isnan(same))
            continue;                          /* a NaN may become quiet on its way through a register */
        put(bytes, half, 4, big);
        CHECK(tconv_element_to_f32(TCONV_F32, big, bytes, 1, &narrow, NULL) == TCONV_OK);
        CHECK_SAME(&narrow, &same, sizeof narrow);
        CHECK(tconv_element_to_f64(TCONV_F32, big, bytes, 1, &value, NULL) == TCONV_OK && bits_of(value) == bits_of((double)same));
    }
}

static void types_know_their_size_and_name(void)
{
#define ROW(name, bytes, text) { name, bytes, text },
    static const struct {
        tconv_element element;
        size_t bytes;
        const char *text;
    } list[] = { TCONV_ELEMENT_LIST(ROW) };
#undef ROW
    for (size_t i = 0; i < TCONV_ELEMENT_COUNT; i++) {
        CHECK(tconv_element_bytes(list[i].element) == list[i].bytes);
        CHECK_TEXT(tconv_element_text(list[i].element), list[i].text);
        CHECK(tconv_element_is_float(list[i].element) == (strchr(list[i].text, 'f') != NULL));
    }
    CHECK(tconv_element_bytes(TCONV_ELEMENT_COUNT) == 0 && !tconv_element_is_float(TCONV_ELEMENT_COUNT));
    CHECK_TEXT(tconv_element_text(TCONV_ELEMENT_COUNT), "unknown");
}

static void the_first_value_that_is_not_finite_is_found(void)
{
    static const double bad[] = { NAN, INFINITY, -INFINITY };
    double values[20] = { 0.0 };
    values[5] = 0x1.fffffffffffffp1023;
    CHECK(tconv_first_non_finite(values, 20) == 20 && tconv_first_non_finite(values, 0) == 0);
    for (size_t b = 0; b < 3; b++)
        for (size_t i = 20; i-- > 0;) {
            values[i] = bad[b];
            CHECK(tconv_first_non_finite(values, 20) == i);
            if (b < 2 && i == 0)
                memset(values, 0, sizeof values);
        }
}

/* Rounding is to the nearest number of the type, and what is written is what is read. */
static void values_are_rounded_as_they_are_written(void)
{
    static const tconv_element types[] = { TCONV_F64, TCONV_F32, TCONV_F16, TCONV_BF16 };
    static const struct { tconv_element element; double value, want; } cases[] = {
        { TCONV_F16, 1.0 + 0x1p-11, 1.0 },          { TCONV_F16, 1.0 + 0x1.8p-10, 1.0 + 0x1p-9 }, { TCONV_F16, 65519.0, 65504.0 },
        { TCONV_F16, 65520.0, (double)INFINITY },   { TCONV_F16, -65520.0, -(double)INFINITY },   { TCONV_F16, 0x1p-25, 0.0 },
        { TCONV_F16, 0x1.8p-25, 0x1p-24 },          { TCONV_BF16, 1.0 + 0x1p-8, 1.0 },            { TCONV_BF16, -0.0, -0.0 },
        { TCONV_F32, 0.1, (double)0.1f },           { TCONV_F32, 1e39, (double)INFINITY },        { TCONV_F64, 0.1, 0.1 },
        { TCONV_I32, 0.3, 0.3 } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_MESSAGE(bits_of(tconv_element_round(cases[i].element, cases[i].value)) == bits_of(cases[i].want), "case %zu", i);
    CHECK(isnan(tconv_element_round(TCONV_F16, (double)NAN)));
    for (size_t n = 0; n < test_rounds(20000); n++) {
        unsigned char bytes[8];
        double value = ldexp(random_uniform(-1.0, 1.0), (int)random_between(0, 30) - 20), back;
        tconv_element type = types[n % 4];
        bool big_endian = n / 4 % 2 == 1;
        CHECK(tconv_element_from_f64(type, big_endian, &value, 1, bytes, NULL) == TCONV_OK);
        CHECK(tconv_element_to_f64(type, big_endian, bytes, 1, &back, NULL) == TCONV_OK);
        CHECK(bits_of(back) == bits_of(tconv_element_round(type, value)));
    }
    unsigned char bytes[8];
    tconv_error error;
    CHECK(tconv_element_from_f64(TCONV_F16, false, (double[]){ 1.0, 1e6 }, 2, bytes, &error) == TCONV_ENONFINITE);
    CHECK_TEXT(error.message, "element 1 of the new values does not fit the type f16");
    CHECK(tconv_element_from_f64(TCONV_I8, false, (double[]){ 1.0 }, 1, bytes, &error) == TCONV_ENONFINITE);
}

const struct test_suite suite = { "element", {
    { "values are rounded as they are written", values_are_rounded_as_they_are_written },
    { "every half is the double that NumPy makes of it", every_half_is_the_double_that_numpy_makes_of_it },
    { "values known by hand", values_known_by_hand },
    { "64-bit integers are exact or refused", sixty_four_bit_integers_are_exact_or_refused },
    { "the first element that is refused is named", the_first_element_that_is_refused_is_named },
    { "floats pass through bit for bit in either order", floats_pass_through_bit_for_bit_in_either_order },
    { "types know their size and name", types_know_their_size_and_name },
    { "the first value that is not finite is found", the_first_value_that_is_not_finite_is_found },
    { NULL, NULL } } };
