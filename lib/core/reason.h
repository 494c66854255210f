/* reason.h - what the system says about an error number, in English whatever the program's locale: messages of the library
 * are the same everywhere. Safe in several threads, unlike strerror. Internal to lib. */
#ifndef TCONV_CORE_REASON_H
#define TCONV_CORE_REASON_H

#include <locale.h>
#include <string.h>

/* The text of errno value `reason`; valid until the thread asks again. The "C" locale is a constant: nothing to free. */
static inline const char *tconv_reason(int reason)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return plain != (locale_t)0 ? strerror_l(reason, plain) : "system error";
}

#endif
