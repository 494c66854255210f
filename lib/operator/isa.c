#include "isa.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "simd.h"

static const char *const texts[] = { "any", "portable", "avx2", "avx512" };
static tconv_isa allowed = TCONV_ISA_PORTABLE;   /* by the processor and the environment */

static tconv_isa of_processor(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return TCONV_ISA_PORTABLE;
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") ? TCONV_ISA_AVX512 : TCONV_ISA_AVX2;
#else
    return TCONV_ISA_PORTABLE;
#endif
}

static void find_allowed(void)
{
    allowed = of_processor();
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): once, by pthread_once; nothing here changes the environment */
    const char *told = getenv("TCONV_MAX_ISA");
    for (int isa = TCONV_ISA_PORTABLE; told != NULL && isa < (int)allowed; isa++)
        if (strcmp(told, texts[isa]) == 0)
            allowed = (tconv_isa)isa;
}

tconv_isa tconv_isa_best(tconv_isa limit)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, find_allowed);
    return limit != TCONV_ISA_ANY && limit < allowed ? limit : allowed;
}

const char *tconv_isa_text(tconv_isa isa)
{
    return isa >= TCONV_ISA_ANY && isa <= TCONV_ISA_AVX512 ? texts[isa] : "unknown";
}

const tconv_simd *tconv_simd_of(tconv_isa isa, tconv_element element)
{
#if defined(__x86_64__)
    if (isa == TCONV_ISA_AVX512)
        return element == TCONV_F32 ? &tconv_simd_avx512_f32 : &tconv_simd_avx512_f64;
    if (isa == TCONV_ISA_AVX2)
        return element == TCONV_F32 ? &tconv_simd_avx2_f32 : &tconv_simd_avx2_f64;
#endif
    (void)isa;
    return element == TCONV_F32 ? &tconv_simd_portable_f32 : &tconv_simd_portable_f64;
}
