/* element.h - the element types that files hold, read into double and written from it.
 *
 * Bytes are copied, never cast: no alignment is asked for, either byte order is read and written on any machine.
 */
#ifndef TCONV_CORE_ELEMENT_H
#define TCONV_CORE_ELEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(name, bytes, text): bf16 is the upper half of an f32. */
#define TCONV_ELEMENT_LIST(X)                                                           \
    X(TCONV_F64, 8, "f64") X(TCONV_F32, 4, "f32") X(TCONV_F16, 2, "f16")                \
    X(TCONV_BF16, 2, "bf16") X(TCONV_I8, 1, "i8") X(TCONV_I16, 2, "i16")                \
    X(TCONV_I32, 4, "i32") X(TCONV_I64, 8, "i64") X(TCONV_U8, 1, "u8")                  \
    X(TCONV_U16, 2, "u16") X(TCONV_U32, 4, "u32") X(TCONV_U64, 8, "u64")

#define TCONV_ELEMENT_NAME(name, bytes, text) name,
typedef enum { TCONV_ELEMENT_LIST(TCONV_ELEMENT_NAME) TCONV_ELEMENT_COUNT } tconv_element;
#undef TCONV_ELEMENT_NAME

TCONV_API size_t tconv_element_bytes(tconv_element element);       /* 0 for an unknown value */
TCONV_API const char *tconv_element_text(tconv_element element);   /* "f32"; "unknown" for an unknown value */
TCONV_API bool tconv_element_is_float(tconv_element element);

/* values[0..count-1] = the `count` elements at `bytes`, which are big-endian where `big_endian` says so. Exact, or
 * refused: TCONV_EUNSUPPORTED for a 64-bit integer that no double equals. NaN and infinities pass through (see
 * tconv_first_non_finite). *error names the first element that is refused. Thread-safe. */
TCONV_API TCONV_CHECKED tconv_status tconv_element_to_f64(tconv_element element, bool big_endian, const void *bytes,
                                                          size_t count, double *values, tconv_error *error);

/* The same into float: exact for f32, f16, bf16 and small integers, rounded to nearest otherwise. */
TCONV_API TCONV_CHECKED tconv_status tconv_element_to_f32(tconv_element element, bool big_endian, const void *bytes,
                                                          size_t count, float *values, tconv_error *error);

/* bytes = values as elements of a float type, rounded to nearest, ties to even. TCONV_ENONFINITE for a value that does
 * not fit the type (NaN, infinities, too large), and for every value where the type is no float. Thread-safe. */
TCONV_API TCONV_CHECKED tconv_status tconv_element_from_f64(tconv_element element, bool big_endian, const double *values,
                                                            size_t count, void *bytes, tconv_error *error);

/* What a float type stores of a value: the nearest of its numbers, +-infinity beyond them. Other types: the value. */
TCONV_API double tconv_element_round(tconv_element element, double value);

/* Index of the first NaN or infinity, `count` if there is none. */
TCONV_API size_t tconv_first_non_finite(const double *values, size_t count);

#ifdef __cplusplus
}
#endif
#endif
