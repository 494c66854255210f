#include "fftw_lock.h"

#include <pthread.h>
#include <signal.h>

#if defined(__GNUC__)
#define WITHOUT_A_CALL __attribute__((tls_model("initial-exec")))     /* as a handler of signals needs it, also in the shared library */
#else
#define WITHOUT_A_CALL
#endif

static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local volatile sig_atomic_t inside WITHOUT_A_CALL;

void tconv_fftw_lock(void)
{
    (void)pthread_mutex_lock(&planner);
    inside = 1;
}

void tconv_fftw_unlock(void)
{
    inside = 0;
    (void)pthread_mutex_unlock(&planner);
}

void tconv_fftw_enter(void)
{
    inside = 1;
}

void tconv_fftw_leave(void)
{
    inside = 0;
}

bool tconv_fftw_inside(void)
{
    return inside != 0;
}
