#include "fftw_lock.h"

#include <pthread.h>
#include <signal.h>

static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;
static volatile sig_atomic_t planning;        /* written with the mutex held */

void tconv_fftw_lock(void)
{
    (void)pthread_mutex_lock(&planner);
    planning = 1;
}

void tconv_fftw_unlock(void)
{
    planning = 0;
    (void)pthread_mutex_unlock(&planner);
}

bool tconv_fftw_planning(void)
{
    return planning != 0;
}
