#include "element.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

size_t tconv_element_bytes(tconv_element element)
{
#define BYTES(name, bytes, text) bytes,
    static const size_t sizes[] = { TCONV_ELEMENT_LIST(BYTES) };
#undef BYTES
    return (unsigned)element < TCONV_ELEMENT_COUNT ? sizes[element] : 0;
}

const char *tconv_element_text(tconv_element element)
{
#define TEXT(name, bytes, text) text,
    static const char *const texts[] = { TCONV_ELEMENT_LIST(TEXT) };
#undef TEXT
    return (unsigned)element < TCONV_ELEMENT_COUNT ? texts[element] : "unknown";
}

bool tconv_element_is_float(tconv_element element)
{
    return element == TCONV_F64 || element == TCONV_F32 || element == TCONV_F16 || element == TCONV_BF16;
}

/* The `size` bytes at `bytes` as one unsigned number. */
static uint64_t read_bits(const unsigned char *bytes, size_t size, bool big_endian)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits |= (uint64_t)bytes[i] << 8 * (big_endian ? size - 1 - i : i);
    return bits;
}

static double from_f32_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

/* IEEE 754 binary16: sign, 5 bits of exponent (bias 15), 10 of fraction. */
static double from_f16_bits(uint32_t bits)
{
    uint32_t exponent = bits >> 10 & 31, fraction = bits & 1023;
    double magnitude;
    if (exponent == 31)
        magnitude = fraction != 0 ? (double)NAN : (double)INFINITY;
    else if (exponent == 0)
        magnitude = ldexp((double)fraction, -24);
    else
        magnitude = ldexp((double)(fraction | 1024), (int)exponent - 25);
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

/* Two's complement of `size` bytes, without implementation-defined conversions. */
static int64_t from_signed_bits(uint64_t bits, size_t size)
{
    uint64_t sign = (uint64_t)1 << (8 * size - 1);
    if ((bits & sign) == 0)
        return (int64_t)bits;
    return -(int64_t)((sign - 1) - (bits & (sign - 1))) - 1;
}

/* The double nearest to element i; false where a 64-bit integer is not a double. */
static bool read_element(tconv_element element, uint64_t bits, double *value)
{
    switch (element) {
    case TCONV_F64:
        memcpy(value, &bits, sizeof *value);
        return true;
    case TCONV_F32:
        *value = from_f32_bits((uint32_t)bits);
        return true;
    case TCONV_F16:
        *value = from_f16_bits((uint32_t)bits);
        return true;
    case TCONV_BF16:
        *value = from_f32_bits((uint32_t)bits << 16);
        return true;
    case TCONV_U8: case TCONV_U16: case TCONV_U32: case TCONV_U64:
        *value = (double)bits;
        return *value < 0x1p64 && (uint64_t)*value == bits;
    case TCONV_I8: case TCONV_I16: case TCONV_I32: case TCONV_I64: {
        int64_t whole = from_signed_bits(bits, tconv_element_bytes(element));
        *value = (double)whole;
        return *value < 0x1p63 && (int64_t)*value == whole;
    }
    case TCONV_ELEMENT_COUNT:
        break;
    }
    return false;
}

static tconv_status refuse(tconv_element element, size_t index, tconv_error *error)
{
    return tconv_fail(error, TCONV_EUNSUPPORTED, "element %zu of type %s is not exactly a double; integers up to 2^53 are",
                      index, tconv_element_text(element));
}

tconv_status tconv_element_to_f64(tconv_element element, bool big_endian, const void *bytes, size_t count,
                                  double *values, tconv_error *error)
{
    const unsigned char *at = bytes;
    size_t size = tconv_element_bytes(element);
    for (size_t i = 0; i < count; i++)
        if (!read_element(element, read_bits(at + i * size, size, big_endian), &values[i]))
            return refuse(element, i, error);
    return TCONV_OK;
}

tconv_status tconv_element_to_f32(tconv_element element, bool big_endian, const void *bytes, size_t count,
                                  float *values, tconv_error *error)
{
    const unsigned char *at = bytes;
    size_t size = tconv_element_bytes(element);
    for (size_t i = 0; i < count; i++) {
        double value;
        if (!read_element(element, read_bits(at + i * size, size, big_endian), &value))
            return refuse(element, i, error);
        values[i] = (float)value;
    }
    return TCONV_OK;
}

size_t tconv_first_non_finite(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return i;
    return count;
}

/* ---- back into bytes ---- */

/* A magnitude as a binary float of p significant bits and exponents emin..emax, to nearest: false where it overflows. */
static bool round_to(double a, int p, int emin, int emax, uint64_t *bits)
{
    int e;
    *bits = 0;
    if (a == 0.0)
        return true;
    (void)frexp(a, &e);                              /* a in [2^(e-1), 2^e) */
    e = e - 1 < emin ? emin : e - 1;
    double q = nearbyint(ldexp(a, p - 1 - e)), hidden = ldexp(1.0, p - 1);
    if (q == 2.0 * hidden) {
        q = hidden;
        e++;
    }
    if (e > emax)
        return false;
    *bits = q < hidden ? (uint64_t)q : ((uint64_t)(e - emin + 1) << (p - 1)) + (uint64_t)(q - hidden);
    return true;
}

/* One value as the bits of its type; false where it does not fit, or the type holds no fractions. */
static bool encode(tconv_element element, double value, uint64_t *bits)
{
    uint64_t sign = signbit(value) ? 1 : 0;
    float single = (float)value;
    uint32_t low;
    if (!isfinite(value))
        return false;
    switch (element) {
    case TCONV_F64:
        memcpy(bits, &value, sizeof *bits);
        return true;
    case TCONV_F32:
        memcpy(&low, &single, sizeof low);
        *bits = low;
        return isfinite(single);
    case TCONV_F16:
    case TCONV_BF16:
        if (!(element == TCONV_F16 ? round_to(fabs(value), 11, -14, 15, bits) : round_to(fabs(value), 8, -126, 127, bits)))
            return false;
        *bits |= sign << 15;
        return true;
    default:
        return false;
    }
}

tconv_status tconv_element_from_f64(tconv_element element, bool big_endian, const double *values, size_t count, void *bytes,
                                    tconv_error *error)
{
    unsigned char *to = bytes;
    size_t size = tconv_element_bytes(element);
    for (size_t i = 0; i < count; i++) {
        uint64_t bits = 0;
        if (!encode(element, values[i], &bits))
            return tconv_fail(error, TCONV_ENONFINITE, "element %zu of the new values does not fit the type %s", i,
                              tconv_element_text(element));
        for (size_t b = 0; b < size; b++)
            to[i * size + b] = (unsigned char)(bits >> 8 * (big_endian ? size - 1 - b : b));
    }
    return TCONV_OK;
}

double tconv_element_round(tconv_element element, double value)
{
    uint64_t bits = 0;
    if (!tconv_element_is_float(element) || isnan(value) || !encode(element, value, &bits))
        return tconv_element_is_float(element) && !isnan(value) ? copysign((double)INFINITY, value) : value;
    return read_element(element, bits, &value) ? value : (double)NAN;
}
