/* complex_number.h - C11's <complex.h>, with the CMPLX that some compilers leave out (internal). */
#ifndef TCONV_CORE_COMPLEX_NUMBER_H
#define TCONV_CORE_COMPLEX_NUMBER_H

#include <complex.h>

#ifndef CMPLX
#define CMPLX(re, im) __builtin_complex((double)(re), (double)(im))
#endif

#endif
