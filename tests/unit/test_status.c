/* Codes, their texts, and the sentences that calls leave behind. */
#include "testing.h"

#include <stdio.h>
#include <string.h>

#include "tconv.h"

static void every_code_has_a_name_and_a_text_of_its_own(void)
{
#define ROW(name, text) { name, #name, text },
    static const struct {
        tconv_status status;
        const char *name, *text;
    } list[] = { TCONV_STATUS_LIST(ROW) };
#undef ROW
    CHECK(TCONV_OK == 0 && sizeof list / sizeof list[0] == TCONV_STATUS_COUNT);
    for (size_t i = 0; i < TCONV_STATUS_COUNT; i++) {
        CHECK(list[i].status == (tconv_status)i);
        CHECK_TEXT(tconv_status_name((tconv_status)i), list[i].name);
        CHECK_TEXT(tconv_status_text((tconv_status)i), list[i].text);
        for (size_t j = 0; j < i; j++)
            CHECK(strcmp(list[i].text, list[j].text) != 0 && strcmp(list[i].name, list[j].name) != 0);
    }
}

static void a_code_outside_the_list_has_a_text_too(void)
{
    static const int others[] = { TCONV_STATUS_COUNT, TCONV_STATUS_COUNT + 1, 1 << 20, -1 };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        tconv_status status;
        memcpy(&status, &others[i], sizeof status);
        CHECK_TEXT(tconv_status_text(status), "unknown status");
        CHECK_TEXT(tconv_status_name(status), "unknown");
    }
}

static void a_failure_fills_the_error_and_returns_its_status(void)
{
    tconv_error error = { .status = TCONV_EREAD, .line = 9, .column = 9, .message = "old" };
    CHECK(tconv_fail(&error, TCONV_EFORMAT, "row %zu has %d values, not %s", (size_t)3, 4, "five") == TCONV_EFORMAT);
    CHECK(error.status == TCONV_EFORMAT && error.line == 0 && error.column == 0);
    CHECK_TEXT(error.message, "row 3 has 4 values, not five");
    CHECK(tconv_fail_at(&error, TCONV_ENONFINITE, 12, 7, "'%s' is not a number", "abc") == TCONV_ENONFINITE);
    CHECK(error.status == TCONV_ENONFINITE && error.line == 12 && error.column == 7);
    CHECK_TEXT(error.message, "'abc' is not a number");
    CHECK(tconv_fail_plain(&error, TCONV_ENOMEM) == TCONV_ENOMEM);
    CHECK(error.status == TCONV_ENOMEM && error.line == 0);
    CHECK_TEXT(error.message, "out of memory");
}

static void nobody_needs_to_want_the_sentence(void)
{
    CHECK(tconv_fail(NULL, TCONV_EFORMAT, "%s", "text") == TCONV_EFORMAT);
    CHECK(tconv_fail_at(NULL, TCONV_EREAD, 1, 2, "%d", 3) == TCONV_EREAD);
    CHECK(tconv_fail_plain(NULL, TCONV_ESIZE) == TCONV_ESIZE);
}

static void control_characters_become_question_marks(void)
{
    tconv_error error;
    char all[257];
    for (int c = 1; c < 256; c++)
        all[c - 1] = (char)c;
    all[255] = '\0';
    CHECK(tconv_fail(&error, TCONV_EFORMAT, "%s", all) == TCONV_EFORMAT);
    for (int c = 1; c < 256; c++) {
        char want = c < 0x20 || c == 0x7f ? '?' : (char)c;
        CHECK_MESSAGE(error.message[c - 1] == want, "character %d", c);
    }
    CHECK(strlen(error.message) == 255);
}

static void a_sentence_too_long_is_cut_and_ended(void)
{
    char text[2 * TCONV_MESSAGE_SIZE];
    for (size_t length = TCONV_MESSAGE_SIZE - 2; length <= TCONV_MESSAGE_SIZE + 2; length++) {
        tconv_error error;
        memset(&error, 0x55, sizeof error);
        memset(text, 'x', length);
        text[length] = '\0';
        CHECK(tconv_fail(&error, TCONV_EFORMAT, "%s", text) == TCONV_EFORMAT);
        size_t want = length < TCONV_MESSAGE_SIZE - 1 ? length : TCONV_MESSAGE_SIZE - 1;
        CHECK(memchr(error.message, '\0', sizeof error.message) != NULL && strlen(error.message) == want);
        CHECK(strncmp(error.message, text, want) == 0);
    }
}

static void the_version_of_the_library_is_that_of_its_header(void)
{
    CHECK_TEXT(tconv_version(), TCONV_VERSION);
}

const struct test_suite suite = { "status", {
    { "every code has a name and a text of its own", every_code_has_a_name_and_a_text_of_its_own },
    { "a code outside the list has a text too", a_code_outside_the_list_has_a_text_too },
    { "a failure fills the error and returns its status", a_failure_fills_the_error_and_returns_its_status },
    { "nobody needs to want the sentence", nobody_needs_to_want_the_sentence },
    { "control characters become question marks", control_characters_become_question_marks },
    { "a sentence too long is cut and ended", a_sentence_too_long_is_cut_and_ended },
    { "the version of the library is that of its header", the_version_of_the_library_is_that_of_its_header },
    { NULL, NULL } } };
