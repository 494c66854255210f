/* JSON: numbers that read back under any locale, what JSON cannot hold, and failures that are never silent. */
#include "testing.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/json.h"
#include "tconv.h"
#include "testing_locale.h"

/* An allocator that fails from the n-th call on. */
static size_t calls_left;

static void *failing_malloc(size_t size)
{
    if (calls_left == 0)
        return NULL;
    calls_left--;
    return malloc(size);
}

static tconv_status build(tconv_buffer *out, tconv_json_style style, tconv_error *error)
{
    static const double values[] = { 0.1, -2.0, (double)INFINITY, -(double)INFINITY, (double)NAN, -0.0 };
    static const size_t sizes[] = { 0, 4, SIZE_MAX };
    static const int64_t integers[] = { INT64_MIN, -1, INT64_MAX };
    bool failed = false;
    json_t *report = json_object(), *figures = json_object(), *layers = json_array();
    tconv_json_set(report, "tool", tconv_json_text("x"), &failed);
    tconv_json_set(report, "none", tconv_json_text(NULL), &failed);
    tconv_json_set(figures, "values", tconv_json_reals(values, 6, &failed), &failed);
    tconv_json_set(figures, "sizes", tconv_json_sizes(sizes, 3, &failed), &failed);
    tconv_json_set(figures, "integers", tconv_json_integers(integers, 3, &failed), &failed);
    tconv_json_set(report, "figures", figures, &failed);
    tconv_json_add(layers, tconv_json_size(7), &failed);
    tconv_json_set(report, "layers", layers, &failed);
    return tconv_json_write(report, failed, style, out, error);
}

static const char one_line[] =
    "{\"tool\":\"x\",\"none\":null,\"figures\":{\"values\":[0.10000000000000001,-2.0,\"inf\",\"-inf\",null,0.0],"
    "\"sizes\":[0,4,1.8446744073709552e19],\"integers\":[-9223372036854775808,-1,9223372036854775807]},\"layers\":[7]}\n";

static void check_document(void)
{
    tconv_buffer out = { 0 };
    CHECK(build(&out, TCONV_JSON_LINE, NULL) == TCONV_OK);
    CHECK_TEXT(out.text, one_line);
    tconv_buffer_free(&out);
    CHECK(build(&out, TCONV_JSON_INDENTED, NULL) == TCONV_OK);
    CHECK(strncmp(out.text, "{\n  \"tool\": \"x\",\n", 17) == 0 && out.text[out.length - 1] == '\n');
    json_t *line = json_loads(one_line, 0, NULL), *indented = json_loadb(out.text, out.length, 0, NULL);
    CHECK(line != NULL && json_equal(line, indented));
    json_decref(line);
    json_decref(indented);
    tconv_buffer_free(&out);
    CHECK(tconv_memory_in_use() == 0);
}

static void check_reals(void)
{
    bool failed = false;
    json_t *object = json_object();
    tconv_buffer out = { 0 };
    double values[1000];
    size_t count = sizeof values / sizeof *values;
    for (size_t i = 0; i < count; ) {
        uint64_t bits = random_bits();
        memcpy(&values[i], &bits, sizeof bits);
        i += isfinite(values[i]) ? 1 : 0;
    }
    tconv_json_set(object, "v", tconv_json_reals(values, count, &failed), &failed);
    CHECK(tconv_json_write(object, failed, TCONV_JSON_LINE, &out, NULL) == TCONV_OK);
    const char *at = strchr(out.text, '[');
    for (size_t i = 0; i < count; i++) {
        double back = 0.0;
        size_t length = strcspn(at + 1, ",]");
        CHECK(tconv_number_parse(at + 1, length, &back) == TCONV_NUMBER_OK);
        CHECK_SAME(&back, &values[i], sizeof back);
        at += 1 + length;
    }
    tconv_buffer_free(&out);
}

static void check_hostile_texts(void)
{
    static const struct { const char *text, *json; } cases[] = {
        { "plain", "plain" }, { "a\"b\\c\n", "a\\\"b\\\\c\\n" }, { "\xc3\xa4", "\xc3\xa4" }, { "", "" },
        { "\xff", "\xef\xbf\xbd" }, { "a\xc3", "a\xef\xbf\xbd" }, { "\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd" },
        { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, { "\xf4\x90\x80\x80x", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx" },
        { "\xff\xf0\x9f\x98\x80\xe2\x88\x92", "\xef\xbf\xbd\xf0\x9f\x98\x80\xe2\x88\x92" }, { "\xe0\x9f\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
        /* the first and the last of each length, and what is just beyond (RFC 3629, section 4) */
        { "\x7f", "\x7f" }, { "\xc2\x80\xdf\xbf", "\xc2\x80\xdf\xbf" }, { "\xe0\xa0\x80\xed\x9f\xbf", "\xe0\xa0\x80\xed\x9f\xbf" },
        { "\xee\x80\x80\xef\xbf\xbf", "\xee\x80\x80\xef\xbf\xbf" }, { "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf" },
        { "\xc1\xbf", "\xef\xbf\xbd\xef\xbf\xbd" }, { "\xf0\x8f\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
        { "\xf5\x80\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, { "\x80", "\xef\xbf\xbd" }, { "\xbf", "\xef\xbf\xbd" },
        { "\xe1\x80\xc0", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, { "\xe1\x7f\x80", "\xef\xbf\xbd\x7f\xef\xbf\xbd" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[128];
        bool failed = false;
        json_t *object = json_object();
        tconv_buffer out = { 0 };
        tconv_json_set(object, "t", tconv_json_text(cases[i].text), &failed);
        CHECK(tconv_json_write(object, failed, TCONV_JSON_LINE, &out, NULL) == TCONV_OK);
        (void)snprintf(want, sizeof want, "{\"t\":\"%s\"}\n", cases[i].json);
        CHECK_TEXT(out.text, want);
        tconv_buffer_free(&out);
    }
    for (size_t round = 0; round < test_rounds(10000); round++) {     /* any bytes make a text that jansson takes */
        char text[16] = "";
        for (size_t i = 0; i + 1 < sizeof text; i++)
            text[i] = (char)random_between(1, 255);
        json_t *value = tconv_json_text(text);
        CHECK(json_is_string(value));
        json_decref(value);
    }
}

/* The n-th allocation fails, for every n until none does: a failure with a sentence every time, never half a document. */
static void check_out_of_memory(void)
{
    size_t failures = 0;
    tconv_status status = TCONV_ENOMEM;
    for (size_t n = 0; status != TCONV_OK && n < 1000; n++) {
        tconv_buffer out = { 0 };
        tconv_error error = { .message = "" };
        json_set_alloc_funcs(failing_malloc, free);
        calls_left = n;
        status = build(&out, TCONV_JSON_LINE, &error);
        json_set_alloc_funcs(malloc, free);
        failures += status != TCONV_OK;
        if (status == TCONV_OK) {
            CHECK_TEXT(out.text, one_line);
        } else {
            CHECK(status == TCONV_ENOMEM);
            CHECK_TEXT(error.message, "the JSON document cannot be made: out of memory");
        }
        tconv_buffer_free(&out);
    }
    CHECK_MESSAGE(status == TCONV_OK && failures > 20, "%zu failures", failures);
    tconv_buffer out = { 0 };
    tconv_error error;
    tconv_memory_set_budget(tconv_memory_in_use() + 300);
    CHECK(build(&out, TCONV_JSON_LINE, &error) == TCONV_EBUDGET);
    CHECK_TEXT(error.message, "the JSON document cannot be made: the memory budget would be exceeded");
    tconv_memory_set_budget(0);
    tconv_buffer_free(&out);
}

static void check_comma_locale(void)
{
    if (!test_comma_locale())
        return;
    check_document();
    check_reals();
    test_plain_locale();
}

const struct test_suite suite = { "json", {
    { "a document, on one line and indented", check_document },
    { "reals read back bit for bit", check_reals },
    { "texts of any bytes", check_hostile_texts },
    { "every failure of memory is reported", check_out_of_memory },
    { "a locale with a decimal comma changes nothing", check_comma_locale },
    { NULL, NULL } } };
