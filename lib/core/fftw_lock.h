/* fftw_lock.h - one mutex round FFTW's planner, which is the only part of it that threads must not share
 * (FFTW 3.3.10 manual, "Thread safety"): making and destroying plans is done between the first two calls.
 */
#ifndef TCONV_CORE_FFTW_LOCK_H
#define TCONV_CORE_FFTW_LOCK_H

#include <stdbool.h>

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

void tconv_fftw_lock(void);
void tconv_fftw_unlock(void);

/* An execution of a plan: TCONV_FFTW_RUN(fftw_execute(plan)). Any number at a time. It is told from all else because plans of
 * lengths with a large prime factor allocate while they run. */
void tconv_fftw_enter(void);
void tconv_fftw_leave(void);
#define TCONV_FFTW_RUN(...) (tconv_fftw_enter(), (__VA_ARGS__), tconv_fftw_leave())

/* Is this thread making, running or destroying a plan? Where memory runs out there, FFTW calls abort(), and no library can
 * prevent that: a program that must not die of it asks this in its handler of SIGABRT, to tell it from any other abort.
 * Async-signal-safe. */
TCONV_API bool tconv_fftw_inside(void);

#ifdef __cplusplus
}
#endif

#endif
