/* constants.h - the one pi of this library (strict C11 has no M_PI). */
#ifndef TCONV_CORE_CONSTANTS_H
#define TCONV_CORE_CONSTANTS_H

#define TCONV_PI 3.14159265358979323846264338327950288

#endif
