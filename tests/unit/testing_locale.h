/* testing_locale.h - a locale whose decimal point is a comma, made on the spot where the system has none. */
#ifndef TCONV_TESTS_TESTING_LOCALE_H
#define TCONV_TESTS_TESTING_LOCALE_H

#include <stdbool.h>

/* setlocale(LC_ALL, a comma locale). False, with a skip said aloud, where there is none and localedef cannot make it. */
bool test_comma_locale(void);

/* Back to "C". */
void test_plain_locale(void);

#endif
