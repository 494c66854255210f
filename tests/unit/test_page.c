/* The page of a report: escaping byte by byte, and failure kept. What the page says is compared with the JSON document by
 * tests/cli/report.test. */
#include <stdio.h>
#include <string.h>

#include "report/html.h"
#include "report/page.h"
#include "tconv.h"
#include "testing.h"

static void escaped(const char *text, const char *want)
{
    tconv_buffer out = { 0 };
    tconv_buffer_text(&out, "");
    tconv_html_text(&out, text);
    CHECK_TEXT(out.text != NULL ? out.text : "", want);
    tconv_buffer_free(&out);
}

static void text_is_escaped(void)
{
    escaped("", "");
    escaped("a<b>&\"c'd", "a&lt;b&gt;&amp;&quot;c&#39;d");
    escaped("line\nand\ttab", "line and tab");
    escaped("\x01\x7f", "\xef\xbf\xbd\xef\xbf\xbd");
    escaped("\xc2\x85", "\xef\xbf\xbd");                              /* a C1 control is one character */
    escaped("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xb5", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xb5");
    escaped("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");                  /* an overlong slash */
    escaped("\xe0\x80\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    escaped("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  /* a surrogate */
    escaped("\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    escaped("\xc3", "\xef\xbf\xbd");                                  /* cut short */
    escaped("\xf0\x9f\x8e", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    escaped("\xff<", "\xef\xbf\xbd&lt;");
}

/* Whatever bytes come in, what goes out is UTF-8 without a character that means something to a browser. */
static void no_bytes_get_through(void)
{
    for (size_t round = test_rounds(20000); round > 0; round--) {
        char text[24];
        size_t length = random_between(0, sizeof text - 1);
        for (size_t i = 0; i < length; i++)
            text[i] = (char)random_between(1, 255);
        text[length] = '\0';
        tconv_buffer out = { 0 }, again = { 0 };
        tconv_html_text(&out, text);
        CHECK(out.status == TCONV_OK);
        bool plain = out.text == NULL || strpbrk(out.text, "<>\"'") == NULL;
        CHECK_MESSAGE(plain, "a bracket or quote got through");
        tconv_html_text(&again, out.text != NULL ? out.text : "");      /* whole characters stay as they are, but for & */
        size_t ampersands = 0;
        for (size_t i = 0; i < out.length; i++)
            ampersands += out.text[i] == '&' ? 1 : 0;
        CHECK_MESSAGE(again.length == out.length + 4 * ampersands, "%zu bytes became %zu", out.length, again.length);
        tconv_buffer_free(&again);
        tconv_buffer_free(&out);
    }
}

/* A page of one kernel at every memory budget up to what it needs: it fails as it should, or is whole. */
static void memory_that_runs_out_is_said(void)
{
    tconv_geometry geometry = tconv_geometry_default(2);
    tconv_kernel *kernel = NULL;
    tconv_figures *figures = NULL;
    tconv_verdict *verdict = NULL;
    geometry.axis[0].n_taps = geometry.axis[1].n_taps = 3;
    geometry.axis[0].stride = geometry.axis[1].stride = 2;
    CHECK(tconv_kernel_create(&kernel, &geometry, NULL) == TCONV_OK);
    random_taps(kernel->taps, 9);
    CHECK(tconv_figures_create(&figures, kernel, NULL, NULL) == TCONV_OK);
    CHECK(tconv_verdict_create(&verdict, kernel, figures, NULL, 1.0) == TCONV_OK);
    tconv_json_layer layer = { .kernel = kernel, .figures = figures, .verdict = verdict };
    tconv_json_document document = { .tool = "test", .file = "k.txt", .format = "text", .layers = &layer, .n_layers = 1 };
    size_t failures = 0;
    bool whole = false;
    for (size_t budget = 256; !whole && budget < ((size_t)1 << 26); budget = budget * 3 / 2) {
        tconv_buffer page = { 0 };
        tconv_memory_set_budget(budget);
        tconv_status status = tconv_page_write(&document, &page);
        tconv_memory_set_budget(0);
        whole = status == TCONV_OK;
        CHECK_MESSAGE(whole || status == TCONV_EBUDGET || status == TCONV_ENOMEM, "%s", tconv_status_text(status));
        if (whole)
            CHECK_TEXT(page.text + page.length - 8, "</html>\n");
        failures += whole ? 0 : 1;
        tconv_buffer_free(&page);
    }
    CHECK(whole);
    CHECK(failures > 3);
    tconv_verdict_destroy(verdict);
    tconv_figures_destroy(figures);
    tconv_kernel_destroy(kernel);
}

const struct test_suite suite = { "page", {
    { "text is escaped", text_is_escaped },
    { "no bytes get through", no_bytes_get_through },
    { "memory that runs out is said", memory_that_runs_out_is_said },
    { NULL, NULL } } };
