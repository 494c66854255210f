/* Text kernels: what is read, where errors are, what is written, in every shape that files come in. */
#include "testing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"
#include "testing_locale.h"

static tconv_status read_bytes(const char *bytes, size_t size, tconv_text_table *table, tconv_error *error)
{
    tconv_source *source;
    tconv_status status = tconv_source_open_memory(&source, bytes, size);
    CHECK(status == TCONV_OK);
    status = tconv_text_read(source, table, error);
    tconv_source_close(source);
    return status;
}

static void check_good(void)
{
    static const struct { const char *text; size_t rows, columns; double values[6]; } cases[] = {
        { "1", 1, 1, { 1 } },
        { "1\n", 1, 1, { 1 } },
        { "1 2 3\n", 1, 3, { 1, 2, 3 } },
        { "1\n2\n3", 3, 1, { 1, 2, 3 } },
        { "1,2,3", 1, 3, { 1, 2, 3 } },
        { "1;2;3", 1, 3, { 1, 2, 3 } },
        { "1\t2\t\t3\t", 1, 3, { 1, 2, 3 } },
        { "  1 ,\t2  ;3  ", 1, 3, { 1, 2, 3 } },
        { "1, 2\n3, 4\n", 2, 2, { 1, 2, 3, 4 } },
        { "1,2\n3,4\n", 2, 2, { 1, 2, 3, 4 } },
        { "0,25", 1, 2, { 0, 25 } },
        { "0,5\n1,0\n", 2, 2, { 0, 5, 1, 0 } },
        { "0, 5\n0, 1\n", 2, 2, { 0, 5, 0, 1 } },
        { "0,1,2\n0,3,4\n", 2, 3, { 0, 1, 2, 0, 3, 4 } },
        { "1, 2 3", 1, 3, { 1, 2, 3 } },
        { "1.5,2 3.5", 1, 3, { 1.5, 2, 3.5 } },
        { "1,2 3,4,5", 1, 5, { 1, 2, 3, 4, 5 } },
        { "1 2\r\n3 4\r\n", 2, 2, { 1, 2, 3, 4 } },
        { "1 2\r3 4\r", 2, 2, { 1, 2, 3, 4 } },
        { "\xef\xbb\xbf" "1 2\n", 1, 2, { 1, 2 } },
        { "# a kernel\n\n  \n1 2 # two\n# the end", 1, 2, { 1, 2 } },
        { "#\n#tconv\n# tconv is not meant here\n1#2\n", 1, 1, { 1 } },
        { "-1e-3 +.5 5.\n", 1, 3, { -1e-3, 0.5, 5 } },
        { "# \xc3\xa4\xe2\x88\x92\n1", 1, 1, { 1 } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tconv_text_table table;
        tconv_error error = { .status = TCONV_OK };
        tconv_status status = read_bytes(cases[i].text, strlen(cases[i].text), &table, &error);
        CHECK_MESSAGE(status == TCONV_OK && table.rows == cases[i].rows && table.columns == cases[i].columns,
                      "case %zu: %s, %zu x %zu", i, error.message, table.rows, table.columns);
        if (status == TCONV_OK)
            CHECK_SAME(table.values, cases[i].values, table.rows * table.columns * sizeof(double));
        tconv_text_free(&table);
        CHECK(table.values == NULL && tconv_memory_in_use() == 0);
    }
}

#define KEYS "the keys are stride, padding, pads, output_padding, dilation, groups, ndim"
#define ZERO "a zero byte: this is no text (UTF-16 must be saved as UTF-8)"

/* Every way in which a text is no kernel: the sentence, and its place. */
static const struct bad { const char *text; size_t size; tconv_status status; size_t line, column; const char *message; } bad[] = {
#define BAD(text, status, line, column, message) { text, sizeof(text) - 1, status, line, column, message }
    BAD("", TCONV_EFORMAT, 0, 0, "the file is empty"),
    BAD("\xef\xbb\xbf", TCONV_EFORMAT, 0, 0, "the file is empty"),
    BAD("\n", TCONV_EFORMAT, 0, 0, "there is no number in the file"),
    BAD("# only words\n   \n", TCONV_EFORMAT, 0, 0, "there is no number in the file"),
    BAD("# tconv: stride=2\n", TCONV_EFORMAT, 0, 0, "there is no number in the file"),
    BAD("abc", TCONV_EFORMAT, 1, 1, "'abc' is not a number"),
    BAD("1 2\n3 4\n5 abc\n", TCONV_EFORMAT, 3, 3, "'abc' is not a number"),
    BAD("1\n\n# c\r\n  x\n", TCONV_EFORMAT, 4, 3, "'x' is not a number"),
    BAD("1\rx\r", TCONV_EFORMAT, 2, 1, "'x' is not a number"),
    BAD("\xef\xbb\xbfx", TCONV_EFORMAT, 1, 1, "'x' is not a number"),
    BAD("1 \xef\xbb\xbf 2", TCONV_EFORMAT, 1, 3, "'\xef\xbb\xbf' is not a number"),
    BAD("\xc3\xa4\xc3\xb6 x", TCONV_EFORMAT, 1, 1, "'\xc3\xa4\xc3\xb6' is not a number"),
    BAD("1 2 3x", TCONV_EFORMAT, 1, 5, "'3x' is not a number"),
    BAD("[1, 2]", TCONV_EFORMAT, 1, 1, "'[1' is not a number"),
    BAD("tap,value\n0,1\n", TCONV_EFORMAT, 1, 1, "'tap' is not a number"),
    BAD("\"1\",\"2\"", TCONV_EFORMAT, 1, 1, "'\"1\"' is not a number"),
    BAD("1\xc2\xa0" "2", TCONV_EFORMAT, 1, 1, "'1\xc2\xa0" "2' is not a number"),
    BAD("1\v2", TCONV_EFORMAT, 1, 1, "'1?2' is not a number"),
    BAD("1.2.3", TCONV_EFORMAT, 1, 1, "'1.2.3' is not a number"),
    BAD("1e", TCONV_EFORMAT, 1, 1, "'1e' is not a number"),
    BAD("- 1", TCONV_EFORMAT, 1, 1, "'-' is not a number"),
    BAD("1d0", TCONV_EFORMAT, 1, 1, "'1d0' is not a number"),
    BAD("1 1+2i", TCONV_EFORMAT, 1, 3, "'1+2i' is not a number"),
    BAD("0x10", TCONV_EFORMAT, 1, 1, "'0x10' is hexadecimal; write a decimal number"),
    BAD("1 0x1.8p3", TCONV_EFORMAT, 1, 3, "'0x1.8p3' is hexadecimal; write a decimal number"),
    BAD("1 nan", TCONV_ENONFINITE, 1, 3, "'nan' is not a finite number; every value must be one"),
    BAD("1\n-INF", TCONV_ENONFINITE, 2, 1, "'-INF' is not a finite number; every value must be one"),
    BAD("infinity", TCONV_ENONFINITE, 1, 1, "'infinity' is not a finite number; every value must be one"),
    BAD("1 1e400", TCONV_EFORMAT, 1, 3, "'1e400' is too large; numbers up to about 1.8e308 can be read"),
    BAD("1 \xe2\x88\x92" "5", TCONV_EFORMAT, 1, 3, "'\xe2\x88\x92" "5' begins with a typographic dash; write an ordinary '-' (U+002D)"),
    BAD("1 \xe2\x80\x93" ".5", TCONV_EFORMAT, 1, 3, "'\xe2\x80\x93.5' begins with a typographic dash; write an ordinary '-' (U+002D)"),
    BAD("1,5 2,5", TCONV_EFORMAT, 1, 1, "'1,5' looks like a number with a decimal comma; write a decimal point"),
    BAD("1\n2 2,5\n", TCONV_EFORMAT, 2, 3, "'2,5' looks like a number with a decimal comma; write a decimal point"),
    BAD("1;2,5;3", TCONV_EFORMAT, 1, 3, "'2,5' looks like a number with a decimal comma; write a decimal point"),
    BAD("0,25\t0,75", TCONV_EFORMAT, 1, 1, "'0,25' looks like a number with a decimal comma; write a decimal point"),
    BAD("1,5e-3 2", TCONV_EFORMAT, 1, 1, "'1,5e-3' looks like a number with a decimal comma; write a decimal point"),
    BAD("1,05", TCONV_EFORMAT, 1, 1, "'1,05' looks like a number with a decimal comma; write a decimal point"),
    BAD("0,25\n-0,5", TCONV_EFORMAT, 2, 1, "'-0,5' looks like a number with a decimal comma; write a decimal point"),
    BAD("# c\n 0,25\n0,75\n0,75\n", TCONV_EFORMAT, 2, 2,
        "every row begins with '0,' as with decimal commas; write 0.5 for such a number, or '0, 5' for two"),
    BAD("1,,2", TCONV_EFORMAT, 1, 3, "an empty field: there is no number beside this ','"),
    BAD("1, ;2", TCONV_EFORMAT, 1, 4, "an empty field: there is no number beside this ';'"),
    BAD(",1", TCONV_EFORMAT, 1, 1, "an empty field: there is no number before this ','"),
    BAD("1,2,\n", TCONV_EFORMAT, 1, 4, "an empty field: there is no number beside this ','"),
    BAD("1,2, # end\n", TCONV_EFORMAT, 1, 4, "an empty field: there is no number beside this ','"),
    BAD("1\n;\n", TCONV_EFORMAT, 2, 1, "an empty field: there is no number before this ';'"),
    BAD("1 2 3\n 4 5\n", TCONV_EFORMAT, 2, 2, "2 numbers in this row, but 3 in the first (line 1); rows must be equally long"),
    BAD("# c\n1 2\n\n3 4 5\n", TCONV_EFORMAT, 4, 1, "3 numbers in this row, but 2 in the first (line 2); rows must be equally long"),
    BAD("1 2\n3\n", TCONV_EFORMAT, 2, 1, "1 number in this row, but 2 in the first (line 1); rows must be equally long"),
    BAD("1 \0 2", TCONV_EFORMAT, 1, 3, ZERO),
    BAD("1\n# a \0 comment", TCONV_EFORMAT, 2, 5, ZERO),
    BAD("\0", TCONV_EFORMAT, 1, 1, ZERO),
    BAD("\xff\xfe" "1\0\n\0", TCONV_EFORMAT, 1, 4, ZERO),
    BAD("# tconv: stride\n1", TCONV_EFORMAT, 1, 10, "'stride' is not a geometry as in 'stride=2'; " KEYS),
    BAD("# tconv: stride = 2\n1", TCONV_EFORMAT, 1, 10, "'stride' is not a geometry as in 'stride=2'; " KEYS),
    BAD("# tconv: strid=2\n1", TCONV_EFORMAT, 1, 10, "'strid' is not known; " KEYS),
    BAD("# tconv: auto_pad=valid\n1", TCONV_EFORMAT, 1, 10, "'auto_pad' is not known; " KEYS),
    BAD("# tconv: pad=2\n1", TCONV_EFORMAT, 1, 10, "'pad' is not known; " KEYS),
    BAD("# tconv: =2\n1", TCONV_EFORMAT, 1, 10, "'' is not known; " KEYS),
    BAD("# tconv: stride=\n1", TCONV_EFORMAT, 1, 17, "stride: '' is not a whole number"),
    BAD("# tconv: stride=2.0\n1", TCONV_EFORMAT, 1, 17, "stride: '2.0' is not a whole number"),
    BAD("# tconv: stride=2,x\n1", TCONV_EFORMAT, 1, 19, "stride: 'x' is not a whole number"),
    BAD("# tconv: stride=0\n1", TCONV_EFORMAT, 1, 17, "stride: 0 is not allowed; 1 to 65536 is"),
    BAD("# tconv: stride=-2\n1", TCONV_EFORMAT, 1, 17, "stride: -2 is not allowed; 1 to 65536 is"),
    BAD("# tconv: stride=65537\n1", TCONV_EFORMAT, 1, 17, "stride: 65537 is not allowed; 1 to 65536 is"),
    BAD("# tconv: stride=99999999999999999999\n1", TCONV_EFORMAT, 1, 17, "stride: 99999999999999999999 is not allowed; 1 to 65536 is"),
    BAD("# tconv: stride=2,2,2,2\n1", TCONV_EFORMAT, 1, 17, "stride: more than 3 values"),
    BAD("# tconv: pads=1,2,3,4,5,6,7\n1", TCONV_EFORMAT, 1, 15, "pads: more than 6 values"),
    BAD("# tconv: ndim=4\n1", TCONV_EFORMAT, 1, 15, "ndim: 4 is not allowed; 1 to 3 is"),
    BAD("# tconv: groups=0\n1", TCONV_EFORMAT, 1, 17, "groups: 0 is not allowed; 1 to 1073741824 is"),
    BAD("# tconv: output_padding=-1\n1", TCONV_EFORMAT, 1, 25, "output_padding: -1 is not allowed; 0 to 1073741824 is"),
    BAD("# tconv: stride=2 stride=3\n1", TCONV_EFORMAT, 1, 19, "stride is given a second time"),
    BAD("# tconv: stride=2\n1\n# tconv:\tpadding=1 stride=2", TCONV_EFORMAT, 3, 20, "stride is given a second time"),
    BAD("1 # tconv: str\xc3\xa4=1", TCONV_EFORMAT, 1, 12, "'str\xc3\xa4' is not known; " KEYS),
#undef BAD
};

static void check_bad(void)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        tconv_text_table table;
        tconv_error error = { .status = TCONV_OK };
        tconv_status status = read_bytes(bad[i].text, bad[i].size, &table, &error);
        CHECK_MESSAGE(status == bad[i].status && error.status == status, "case %zu '%s': %s", i, bad[i].text, tconv_status_name(status));
        CHECK_TEXT(error.message, bad[i].message);
        CHECK_MESSAGE(error.line == bad[i].line && error.column == bad[i].column, "case %zu '%s': at %zu:%zu, wanted %zu:%zu", i,
                      bad[i].text, error.line, error.column, bad[i].line, bad[i].column);
        CHECK(table.values == NULL && tconv_memory_in_use() == 0);
        CHECK(read_bytes(bad[i].text, bad[i].size, &table, NULL) == status);
    }
}

static void check_geometry_comment(void)
{
    static const char text[] = "# taps of a layer\n#tconv: stride=2,3 padding=-1\n1 2 # tconv: pads=0,1,2,3 dilation=2\n"
                               "  # tconv: output_padding=1,0 groups=4 ndim=2\n";
    tconv_text_table table;
    CHECK(read_bytes(text, strlen(text), &table, NULL) == TCONV_OK);
    const tconv_geometry_options *given = &table.given;
    CHECK(given->stride.count == 2 && given->stride.values[0] == 2 && given->stride.values[1] == 3);
    CHECK(given->padding.count == 1 && given->padding.values[0] == -1);
    CHECK(given->pads.count == 4 && given->pads.values[3] == 3);
    CHECK(given->dilation.count == 1 && given->dilation.values[0] == 2);
    CHECK(given->output_padding.count == 2 && given->output_padding.values[0] == 1 && given->output_padding.values[1] == 0);
    CHECK(given->groups == 4 && given->ndim == 2 && !given->auto_pad_given && !given->layout_given);
    CHECK(given->output_shape.count == 0 && given->input_size.count == 0);
    tconv_text_free(&table);
}

/* Only what is not usual is written, one number where it is that of every axis. */
static void check_geometry_words(void)
{
    tconv_geometry g = tconv_geometry_default(2);
    tconv_buffer out = { 0 };
    g.axis[0] = (tconv_axis){ .stride = 2, .n_taps = 4, .dilation = 1, .pad_begin = 1, .pad_end = 1 };
    g.axis[1] = (tconv_axis){ .stride = 3, .n_taps = 1, .dilation = 1, .pad_begin = 1, .pad_end = 1, .output_padding = 2 };
    g.groups = 4;
    tconv_geometry_text_write(&g, &out);
    CHECK_TEXT(out.text, "stride=2,3 padding=1 output_padding=0,2 groups=4 ndim=2");
    tconv_buffer_free(&out);
    g.axis[1] = g.axis[0];
    g.axis[1].pad_end = 0;
    g.groups = 1;
    tconv_geometry_text_write(&g, &out);
    CHECK_TEXT(out.text, "stride=2 pads=1,1,1,0");
    tconv_buffer_free(&out);
    out.status = TCONV_EBUDGET;                       /* a buffer that has failed before stays as it is */
    tconv_geometry_text_write(&g, &out);
    CHECK(out.status == TCONV_EBUDGET && out.length == 0);
    tconv_buffer_free(&out);
}

/* A table of random numbers, laid out in a random style, is read back bit for bit. */
static void check_random_tables(void)
{
    static const char *const separators[] = { " ", ", ", ",", ";", "\t", " ; ", "   " };
    static const char *const ends[] = { "\n", "\r\n", "\r", " # comment, 1\n" };
    for (size_t round = 0; round < test_rounds(1000); round++) {
        double values[400];
        size_t rows = random_between(1, 20), columns = random_between(1, 20);
        const char *separator = separators[random_between(0, 6)], *end = ends[random_between(0, 3)];
        tconv_buffer text = { 0 };
        if (random_between(0, 1) == 1)
            tconv_buffer_text(&text, "\xef\xbb\xbf");
        for (size_t i = 0; i < rows * columns; i++) {
            values[i] = ldexp(random_uniform(-1.0, 1.0), random_small_integer(1000)) + (round % 2 == 0 ? 0.125 : 0.0);
            tconv_number_append(&text, values[i]);
            tconv_buffer_text(&text, (i + 1) % columns != 0 ? separator : i + 1 < rows * columns || round % 3 == 0 ? end : "");
        }
        tconv_text_table table;
        tconv_error error = { .status = TCONV_OK };
        tconv_status status = read_bytes(text.text, text.length, &table, &error);
        CHECK_MESSAGE(status == TCONV_OK && table.rows == rows && table.columns == columns, "%s:\n%s", error.message, text.text);
        if (status == TCONV_OK)
            CHECK_SAME(table.values, values, rows * columns * sizeof *values);
        tconv_text_free(&table);
        tconv_buffer_free(&text);
    }
}

static void check_long_line(void)
{
    tconv_buffer text = { 0 };
    tconv_text_table table;
    tconv_error error;
    size_t count = 300000;
    for (size_t i = 0; i < count; i++)
        tconv_buffer_format(&text, "%zu ", i);
    CHECK(read_bytes(text.text, text.length, &table, NULL) == TCONV_OK && table.rows == 1 && table.columns == count);
    CHECK(table.values[count - 1] == (double)(count - 1));
    tconv_text_free(&table);
    size_t column = text.length + 1;
    tconv_buffer_text(&text, "x");
    CHECK(read_bytes(text.text, text.length, &table, &error) == TCONV_EFORMAT && error.column == column);
    tconv_memory_set_budget(tconv_memory_in_use() + 1000000);     /* less than the file */
    CHECK(read_bytes(text.text, text.length, &table, &error) == TCONV_EBUDGET);
    tconv_memory_set_budget(tconv_memory_in_use() + text.length + 1000000);     /* less than the file and the numbers */
    CHECK(read_bytes(text.text, text.length, &table, &error) == TCONV_EBUDGET);
    CHECK_TEXT(error.message, "the memory budget would be exceeded");
    tconv_memory_set_budget(0);
    tconv_buffer_free(&text);
    CHECK(tconv_memory_in_use() == 0);
}

static tconv_kernel *make_kernel(const tconv_geometry *geometry)
{
    tconv_kernel *kernel;
    CHECK(tconv_kernel_create(&kernel, geometry, NULL) == TCONV_OK);
    random_taps(kernel->taps, tconv_kernel_count(kernel));
    return kernel;
}

static void check_written(void)
{
    tconv_geometry g = tconv_geometry_default(1);
    tconv_buffer out = { 0 };
    g.axis[0] = (tconv_axis){ .stride = 2, .n_taps = 3, .dilation = 1, .pad_begin = 1, .pad_end = 1 };
    tconv_kernel *kernel = make_kernel(&g);
    kernel->taps[0] = 0.1;
    kernel->taps[1] = -0.0;
    kernel->taps[2] = 1e-7;
    CHECK(tconv_text_write(kernel, "two\nlines\x1b of\ntconv: stride=9", &out, NULL) == TCONV_OK);
    CHECK_TEXT(out.text, "# two\n# lines? of\n# - tconv: stride=9\n# tconv: stride=2 padding=1\n0.1\n-0\n1e-07\n");
    tconv_buffer_free(&out);
    tconv_kernel_destroy(kernel);
    g = tconv_geometry_default(2);
    g.axis[0] = (tconv_axis){ .stride = 2, .n_taps = 2, .dilation = 2, .pad_begin = -1, .pad_end = 1, .output_padding = 1 };
    g.axis[1] = (tconv_axis){ .stride = 3, .n_taps = 1, .dilation = 1, .pad_begin = 0, .pad_end = 2 };
    kernel = make_kernel(&g);
    kernel->taps[0] = 1.0;
    kernel->taps[1] = 2.0;
    CHECK(tconv_text_write(kernel, NULL, &out, NULL) == TCONV_OK);
    CHECK_TEXT(out.text, "# tconv: stride=2,3 pads=-1,0,1,2 output_padding=1,0 dilation=2,1 ndim=2\n1\n2\n");
    tconv_buffer_free(&out);
    tconv_memory_set_budget(tconv_memory_in_use() + 100);
    tconv_error error;
    CHECK(tconv_text_write(kernel, NULL, &out, &error) == TCONV_EBUDGET);
    tconv_memory_set_budget(0);
    tconv_buffer_free(&out);
    tconv_kernel_destroy(kernel);
    g.channels_out = 2;
    kernel = make_kernel(&g);
    CHECK(tconv_text_write(kernel, NULL, &out, &error) == TCONV_EUNSUPPORTED && out.length == 0);
    CHECK_TEXT(error.message, "a text file holds one kernel of one or two dimensions; this layer needs a .npy file");
    tconv_kernel_destroy(kernel);
}

static void check_comma_locale(void)
{
    if (!test_comma_locale())
        return;
    check_good();
    check_bad();
    check_written();
    test_plain_locale();
}

const struct test_suite suite = { "text", {
    { "numbers in every layout", check_good },
    { "malformed texts are refused at their place, with a sentence", check_bad },
    { "geometry in comments", check_geometry_comment },
    { "geometry in words, only what is not usual", check_geometry_words },
    { "random tables in random layouts read back", check_random_tables },
    { "long lines, and the memory budget", check_long_line },
    { "kernels are written with their geometry", check_written },
    { "a locale with a decimal comma changes nothing", check_comma_locale },
    { NULL, NULL } } };
