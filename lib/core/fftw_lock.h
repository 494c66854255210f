/* fftw_lock.h - one mutex round FFTW's planner, which is the only part of it that threads must not share
 * (FFTW 3.3.10 manual, "Thread safety"): making and destroying plans is done between these two calls. */
#ifndef TCONV_CORE_FFTW_LOCK_H
#define TCONV_CORE_FFTW_LOCK_H

void tconv_fftw_lock(void);
void tconv_fftw_unlock(void);

#endif
