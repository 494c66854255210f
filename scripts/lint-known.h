/* lint-known.h - what the analysers of scripts/lint could not know, since they see one source at a time: that blocks of
 * tconv_alloc must be freed, once; that no block is a status other than TCONV_OK, and a failure is one too. It comes before
 * every source but those that define these functions. No program is built with it. */
#ifndef LINT_KNOWN_H
#define LINT_KNOWN_H

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/status.h"
#ifdef LINT_APP
#include "common/app.h"
#endif

static inline void *known_block(void *block, tconv_status *status)
{
    if (block == NULL && status != NULL)
        *status = TCONV_ENOMEM;
    return block;
}

static inline char *known_text(const char *text, tconv_status *status)
{
    return text == NULL ? NULL : known_block(strdup(text), status);
}

#define tconv_alloc(count, size, status) known_block(malloc((count) * (size) + TCONV_ALIGNMENT), status)   /* never 0 bytes */
#define tconv_alloc_zero(count, size, status) known_block(calloc((count) + TCONV_ALIGNMENT, size), status)
#define tconv_alloc_text(text, status) known_text(text, status)
#define tconv_free(block) free(block)

#define tconv_fail(error, status, ...) ((void)tconv_fail(error, status, __VA_ARGS__), (status))
#define tconv_fail_at(error, status, ...) ((void)tconv_fail_at(error, status, __VA_ARGS__), (status))
#define tconv_fail_plain(error, status) ((void)tconv_fail_plain(error, status), (status))
#define app_message(code, ...) ((void)app_message(code, __VA_ARGS__), (code))
#define app_usage(...) ((void)app_usage(__VA_ARGS__), APP_USAGE)
#define app_fail(file, error) ((void)app_fail(file, error), APP_INPUT)
#define app_fail_status(file, status) ((void)app_fail_status(file, status), APP_INPUT)

#endif
