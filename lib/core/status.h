/* status.h - what a call of this library can answer, and where an error is.
 *
 * One list holds the codes and their texts, so that they cannot drift apart. Every function that can fail returns
 * a tconv_status (the compiler warns when it is ignored) and, where it takes a tconv_error, says there in one
 * sentence what is wrong, where, and what would be allowed. The library prints nothing and never exits.
 *
 *     tconv_error error;
 *     if (tconv_geometry_check(&geometry, &error) != TCONV_OK)
 *         fprintf(stderr, "%s\n", error.message);
 */
#ifndef TCONV_CORE_STATUS_H
#define TCONV_CORE_STATUS_H

#include <stddef.h>

#if defined(__GNUC__)
#define TCONV_API __attribute__((visibility("default")))
#define TCONV_CHECKED __attribute__((warn_unused_result))
#define TCONV_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define TCONV_API
#define TCONV_CHECKED
#define TCONV_PRINTF(text, first)
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define TCONV_STATUS_LIST(X)                                                  \
    X(TCONV_OK,           "success")                                          \
    X(TCONV_ENOMEM,       "out of memory")                                    \
    X(TCONV_EBUDGET,      "the memory budget would be exceeded")              \
    X(TCONV_ESIZE,        "a size is too large to be represented")            \
    X(TCONV_EARGUMENT,    "an argument is outside its range")                 \
    X(TCONV_EGEOMETRY,    "the geometry of the layer is not possible")        \
    X(TCONV_ENOSTRIDE,    "the stride is not given")                          \
    X(TCONV_EFORMAT,      "the input is malformed")                           \
    X(TCONV_EUNSUPPORTED, "the input uses something that is not supported")   \
    X(TCONV_ENONFINITE,   "a value is NaN or infinite")                       \
    X(TCONV_ENOTFOUND,    "nothing of that name is there")                    \
    X(TCONV_EREAD,        "the input cannot be read")                         \
    X(TCONV_EWRITE,       "the output cannot be written")

#define TCONV_STATUS_NAME(name, text) name,
typedef enum { TCONV_STATUS_LIST(TCONV_STATUS_NAME) TCONV_STATUS_COUNT } tconv_status;
#undef TCONV_STATUS_NAME

/* The text of a code; never NULL, "unknown status" for a value outside the list. Static storage. */
TCONV_API const char *tconv_status_text(tconv_status status);

/* The name of a code, "TCONV_OK" and so on; never NULL. Static storage. */
TCONV_API const char *tconv_status_name(tconv_status status);

#define TCONV_MESSAGE_SIZE 320

/* What went wrong, filled in by the call that failed and left alone by calls that succeed. */
typedef struct tconv_error {
    tconv_status status;
    size_t line, column;                /* in a text, both from 1; 0 = the place has none */
    char message[TCONV_MESSAGE_SIZE];   /* one sentence without a newline, never empty after a failure */
} tconv_error;

/* Fill *error (NULL is fine) with a status and a printf-style sentence, control characters replaced by '?', and
 * return the status: `return tconv_fail(error, TCONV_EFORMAT, "...")`. A text too long is cut. Only integer and
 * string conversions belong in the format: a %g would follow the locale. */
TCONV_API tconv_status tconv_fail(tconv_error *error, tconv_status status, const char *format, ...) TCONV_PRINTF(3, 4);

/* The same at a line and column of a text. */
TCONV_API tconv_status tconv_fail_at(tconv_error *error, tconv_status status, size_t line, size_t column,
                                     const char *format, ...) TCONV_PRINTF(5, 6);

/* The same with the status's own text as the sentence. */
TCONV_API tconv_status tconv_fail_plain(tconv_error *error, tconv_status status);

#ifdef __cplusplus
}
#endif
#endif
