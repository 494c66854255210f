/* Tables for gnuplot: header, rows, blocks, and numbers that read back. */
#include "testing.h"

#include <math.h>
#include <string.h>

#include "tconv.h"
#include "testing_locale.h"

static const char *const columns[] = { "f in cycles per\tsample", "gain\nin dB" };

static void write_example(tconv_buffer *out)
{
    tconv_table_begin(out, "a title\nof two lines", columns, 2);
    tconv_table_block(out, 0, "image 1");
    tconv_table_row(out, (double[]){ 0.0, -0.5 }, 2);
    tconv_table_row(out, (double[]){ 0.1, (double)NAN }, 2);
    tconv_table_block(out, 1, "image 2");
    tconv_table_row(out, (double[]){ 1e-300, -(double)INFINITY }, 2);
    tconv_table_scan_line(out);
    tconv_table_row(out, (double[]){ 3.0, (double)INFINITY }, 2);
}

static void check_example(void)
{
    tconv_buffer out = { 0 };
    write_example(&out);
    CHECK_TEXT(out.text, "# a title\n# of two lines\n# 1: f in cycles per?sample\n# 2: gain\n# in dB\n# block 0: image 1\n0 -0.5\n0.1 ?\n"
                         "\n\n# block 1: image 2\n1e-300 -inf\n\n3 inf\n");
    tconv_buffer_free(&out);
}

/* A table without NaN and infinities is a text kernel: the reader of the one reads the other. */
static void check_read_back(void)
{
    for (size_t round = 0; round < test_rounds(1000); round++) {
        double values[60];
        size_t rows = random_between(1, 10), width = random_between(1, 6);
        tconv_buffer out = { 0 };
        tconv_source *source = NULL;
        tconv_text_table table;
        tconv_table_begin(&out, "tconv: stride=2", columns, 2);
        for (size_t i = 0; i < rows * width; i++)
            values[i] = ldexp(random_uniform(-1.0, 1.0), random_small_integer(300));
        for (size_t r = 0; r < rows; r++)
            tconv_table_row(&out, values + r * width, width);
        CHECK(out.status == TCONV_OK && tconv_source_open_memory(&source, out.text, out.length) == TCONV_OK);
        CHECK(tconv_text_read(source, &table, NULL) == TCONV_OK && table.rows == rows && table.columns == width);
        CHECK(table.given.stride.count == 0);
        CHECK_SAME(table.values, values, rows * width * sizeof *values);
        tconv_text_free(&table);
        tconv_source_close(source);
        tconv_buffer_free(&out);
    }
}

static void check_failure(void)
{
    size_t failures = 0;
    for (size_t budget = 64; budget < 1200; budget += 8) {
        tconv_buffer out = { 0 };
        tconv_memory_set_budget(tconv_memory_in_use() + budget);
        write_example(&out);
        failures += out.status == TCONV_EBUDGET;
        CHECK(out.status == TCONV_OK || out.status == TCONV_EBUDGET);
        CHECK(out.status == TCONV_EBUDGET || out.length == strlen(out.text));
        tconv_memory_set_budget(0);
        tconv_buffer_free(&out);
    }
    CHECK(failures > 10 && failures < 142 && tconv_memory_in_use() == 0);
}

static void check_comma_locale(void)
{
    if (!test_comma_locale())
        return;
    check_example();
    test_plain_locale();
}

const struct test_suite suite = { "table", {
    { "header, rows and blocks", check_example },
    { "numbers read back bit for bit", check_read_back },
    { "a failure of memory is kept", check_failure },
    { "a locale with a decimal comma changes nothing", check_comma_locale },
    { NULL, NULL } } };
