#include "status.h"

#include <stdarg.h>
#include <stdio.h>

const char *tconv_status_text(tconv_status status)
{
#define TEXT(name, text) text,
    static const char *const texts[] = { TCONV_STATUS_LIST(TEXT) };
#undef TEXT
    return (unsigned)status < TCONV_STATUS_COUNT ? texts[status] : "unknown status";
}

const char *tconv_status_name(tconv_status status)
{
#define NAME(name, text) #name,
    static const char *const names[] = { TCONV_STATUS_LIST(NAME) };
#undef NAME
    return (unsigned)status < TCONV_STATUS_COUNT ? names[status] : "unknown";
}

TCONV_PRINTF(5, 0)
static tconv_status fail_list(tconv_error *error, tconv_status status, size_t line, size_t column,
                              const char *format, va_list arguments)
{
    if (error == NULL)
        return status;
    error->status = status;
    error->line = line;
    error->column = column;
    (void)vsnprintf(error->message, sizeof error->message, format, arguments);
    for (char *c = error->message; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    return status;
}

tconv_status tconv_fail(tconv_error *error, tconv_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail_list(error, status, 0, 0, format, arguments);
    va_end(arguments);
    return status;
}

tconv_status tconv_fail_at(tconv_error *error, tconv_status status, size_t line, size_t column, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail_list(error, status, line, column, format, arguments);
    va_end(arguments);
    return status;
}

tconv_status tconv_fail_plain(tconv_error *error, tconv_status status)
{
    return tconv_fail(error, status, "%s", tconv_status_text(status));
}
