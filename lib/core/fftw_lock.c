#include "fftw_lock.h"

#include <pthread.h>

static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

void tconv_fftw_lock(void)
{
    (void)pthread_mutex_lock(&planner);
}

void tconv_fftw_unlock(void)
{
    (void)pthread_mutex_unlock(&planner);
}
