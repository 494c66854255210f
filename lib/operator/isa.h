/* isa.h - which vector instructions this processor has, and which of them may be used.
 *
 * The one environment variable that the library reads: TCONV_MAX_ISA = portable, avx2 or avx512 is an upper limit for
 * every plan of the process (read once, at the first question; any other value is no limit). It lets tests and users
 * compare the paths on one machine.
 */
#ifndef TCONV_OPERATOR_ISA_H
#define TCONV_OPERATOR_ISA_H

#include "../core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    TCONV_ISA_ANY,         /* as a limit: no limit */
    TCONV_ISA_PORTABLE,    /* plain C with 16-byte vectors */
    TCONV_ISA_AVX2,        /* AVX2 and FMA */
    TCONV_ISA_AVX512       /* AVX-512 F, DQ, BW and VL */
} tconv_isa;

/* The best set that the processor has, TCONV_MAX_ISA allows and `limit` allows. Never TCONV_ISA_ANY. Thread-safe. */
TCONV_API tconv_isa tconv_isa_best(tconv_isa limit);

/* "portable", "avx2", "avx512"; "any" for TCONV_ISA_ANY. Static storage. */
TCONV_API const char *tconv_isa_text(tconv_isa isa);

#ifdef __cplusplus
}
#endif
#endif
