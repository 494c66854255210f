#include "progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *program = "polyphase";

void app_name_program(const char *name)
{
    program = name;
}

const char *app_program_name(void)      /* not counted: for the handler of signals */
{
    return program;
}

static void print(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));
static void print(const char *format, va_list arguments)
{
    char text[1024];
    (void)vsnprintf(text, sizeof text, format, arguments);
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    app_progress_end();          /* a message has its own line */
    (void)fprintf(stderr, "%s: %s\n", program, text);
}

int app_message(int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print(format, arguments);
    va_end(arguments);
    return code;
}

int app_usage(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print(format, arguments);
    va_end(arguments);
    (void)fprintf(stderr, "Try '%s --help'.\n", program);
    return APP_USAGE;
}

static int exit_of_status(tconv_status status)
{
    switch (status) {
    case TCONV_OK:
        return APP_DONE;
    case TCONV_ENOSTRIDE:
        return APP_USAGE;
    case TCONV_ENOMEM:
    case TCONV_EWRITE:
        return APP_SYSTEM;
    default:
        return APP_INPUT;
    }
}

int app_fail(const char *file, const tconv_error *error)
{
    const char *name = strcmp(file, "-") == 0 ? "standard input" : file;
    const char *hint = error->status == TCONV_EBUDGET ? " (--max-bytes raises it)" : "";
    if (error->line != 0 && error->column != 0)
        app_message(0, "%s:%zu:%zu: %s%s", name, error->line, error->column, error->message, hint);
    else if (error->line != 0)
        app_message(0, "%s:%zu: %s%s", name, error->line, error->message, hint);
    else
        app_message(0, "%s: %s%s", name, error->message, hint);
    return exit_of_status(error->status);
}

int app_fail_status(const char *file, tconv_status status)
{
    tconv_error error;
    (void)tconv_fail_plain(&error, status);
    return app_fail(file, &error);
}

int app_worse(int a, int b)
{
    return a > b ? a : b;
}
