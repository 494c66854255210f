/* fftw_lock.h - one mutex round FFTW's planner, which is the only part of it that threads must not share
 * (FFTW 3.3.10 manual, "Thread safety"): making and destroying plans is done between these two calls.
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

/* Is a thread making or destroying a plan? Where memory runs out inside its planner, FFTW calls abort(), and no library can
 * prevent that: a program that must not die of it asks this in its handler of SIGABRT, to tell it from any other abort.
 * Async-signal-safe. */
TCONV_API bool tconv_fftw_planning(void);

#ifdef __cplusplus
}
#endif

#endif
