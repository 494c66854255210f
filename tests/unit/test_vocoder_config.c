/* Vocoder configurations: what is read, and where errors are. */
#include "testing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tconv.h"
#include "testing_locale.h"

static tconv_status read_text(const char *text, size_t size, tconv_vocoder_config *config, tconv_error *error)
{
    tconv_source *source;
    tconv_status status = tconv_source_open_memory(&source, text, size);
    CHECK(status == TCONV_OK);
    status = tconv_vocoder_config_read(source, config, error);
    tconv_source_close(source);
    CHECK(tconv_memory_in_use() == 0);
    return status;
}

static void check_good(void)
{
    static const struct { const char *text; size_t n, s[4], k[4]; int64_t p[4]; double rate; } cases[] = {
        { "{\"upsample_rates\": [8,8,2,2], \"upsample_kernel_sizes\": [16,16,4,4], \"sampling_rate\": 22050, \"hop_size\": 256}",
          4, { 8, 8, 2, 2 }, { 16, 16, 4, 4 }, { 4, 4, 1, 1 }, 22050.0 / 256.0 },
        { "{\"data\": {\"sampling_rate\": 40000, \"hop_length\": 400},\n \"model\": {\"upsample_rates\": [10,10,2,2],\n"
          "  \"upsample_kernel_sizes\": [16,16,4,4], \"resblock\": \"1\"}}\n",
          4, { 10, 10, 2, 2 }, { 16, 16, 4, 4 }, { 3, 3, 1, 1 }, 100.0 },
        { "{\"sampling_rate\": 24000.0, \"hop_size\": 480, \"generator\": {\"upsample_rates\": [8,5,3], \"upsample_kernel_sizes\": [16,11,7]}}",
          3, { 8, 5, 3 }, { 16, 11, 7 }, { 4, 3, 2 }, 50.0 },
        { "\xef\xbb\xbf{\"upsample_rates\":[3],\"upsample_kernel_sizes\":[4],\"sampling_rate\":1.5e3}", 1, { 3 }, { 4 }, { 0 }, 500.0 },
        { "{\"upsample_rates\":[2],\"upsample_kernel_sizes\":[2]}", 1, { 2 }, { 2 }, { 0 }, NAN },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tconv_vocoder_config config;
        tconv_error error = { .status = TCONV_OK };
        CHECK_MESSAGE(read_text(cases[i].text, strlen(cases[i].text), &config, &error) == TCONV_OK, "case %zu: %s", i, error.message);
        CHECK(config.n_layers == cases[i].n);
        for (size_t l = 0; l < config.n_layers; l++)
            CHECK(config.layers[l].stride == cases[i].s[l] && config.layers[l].n_taps == cases[i].k[l] && config.layers[l].dilation == 1
                  && config.layers[l].pad_begin == cases[i].p[l] && config.layers[l].pad_end == cases[i].p[l]
                  && config.layers[l].output_padding == 0);
        double rate = tconv_vocoder_frame_rate(&config);
        CHECK(isnan(rate) ? isnan(cases[i].rate) : rate == cases[i].rate);
    }
}

static void configurations_are_read(void)
{
    check_good();
}

static void a_decimal_comma_in_the_locale_changes_nothing(void)
{
    if (!test_comma_locale())
        return;
    check_good();
    test_plain_locale();
}

static void malformed_configurations_are_refused_with_a_place(void)
{
    static const struct { const char *text; size_t line, column; const char *message; } cases[] = {
        { "", 1, 1, "not JSON: " },
        { " \n ", 2, 1, "not JSON: " },
        { "{", 1, 1, "not JSON: " },
        { "{\"upsample_rates\": [8,8\n", 2, 1, "not JSON: " },
        { "{\"a\": 1, \"a\": 2}", 1, 12, "not JSON: duplicate object key" },
        { "{\"upsample_rates\": [8], \"upsample_kernel_sizes\": [16],}", 1, 55, "not JSON: " },
        { "# comment\n{}", 1, 1, "not JSON: " },
        { "{\"upsample_rates\": [99999999999999999999]}", 1, 40, "not JSON: too big integer" },
        { "{\"sampling_rate\": 1e999}", 1, 23, "not JSON: real number overflow" },
        { "{\"upsample_rates\": [NaN]}", 1, 23, "not JSON: invalid token near 'NaN'" },
        { "\xff\xfe{\0}\0", 1, 1, "not JSON: " },
        { "{} x", 1, 4, "not JSON: end of file expected near 'x'" },
        { "[8, 8]", 1, 1, "a JSON object with 'upsample_rates' is needed; this is a list" },
        { "3", 1, 1, "a JSON object with 'upsample_rates' is needed; this is a whole number" },
        { "null", 1, 1, "a JSON object with 'upsample_rates' is needed; this is null" },
        { "{}", 1, 1, "'upsample_rates' is missing, at the top and one object below" },
        { "{\"upsample_rates\": [8]}", 1, 1, "'upsample_kernel_sizes' is missing, at the top and one object below" },
        { "{\"a\": {\"b\": {\"upsample_rates\": [8], \"upsample_kernel_sizes\": [8]}}}", 1, 1,
          "'upsample_rates' is missing, at the top and one object below" },
        { "{\"a\": [{\"upsample_rates\": [8], \"upsample_kernel_sizes\": [8]}]}", 1, 1,
          "'upsample_rates' is missing, at the top and one object below" },
        { "{\n  \"upsample_rates\": 8,\n  \"upsample_kernel_sizes\": [16]}", 2, 3,
          "'upsample_rates' is a whole number; a list of whole numbers is needed" },
        { "{\"x\": \"upsample_rates\", \"m\": {\"upsample_rates\": {}, \"upsample_kernel_sizes\": [16]}}", 1, 31,
          "'upsample_rates' is an object; a list of whole numbers is needed" },
        { "{\"upsample_rates\": [], \"upsample_kernel_sizes\": []}", 1, 2, "'upsample_rates' has 0 values; 1 to 64 are possible" },
        { "{\"upsample_rates\": [8, 8.0], \"upsample_kernel_sizes\": [16, 16]}", 1, 2,
          "value 2 of 'upsample_rates' is a number with a fraction; a whole number is needed" },
        { "{\"upsample_rates\": [\"8\"], \"upsample_kernel_sizes\": [16]}", 1, 2,
          "value 1 of 'upsample_rates' is a string; a whole number is needed" },
        { "{\"upsample_rates\": [true], \"upsample_kernel_sizes\": [16]}", 1, 2,
          "value 1 of 'upsample_rates' is true; a whole number is needed" },
        { "{\"upsample_rates\": [false], \"upsample_kernel_sizes\": [16]}", 1, 2,
          "value 1 of 'upsample_rates' is false; a whole number is needed" },
        { "{\"upsample_rates\" \t\r\n : 1, \"upsample_kernel_sizes\": [16]}", 1, 2,
          "'upsample_rates' is a whole number; a list of whole numbers is needed" },
        { "{\"hop_size\": {\"hop_size\": 3}, \"a\":\n {\"upsample_rates\": 2.5}, \"upsample_kernel_sizes\": [16]}", 2, 3,
          "'upsample_rates' is a number with a fraction; a list of whole numbers is needed" },
        { "{\"upsample_rates\": [[8]], \"upsample_kernel_sizes\": [16]}", 1, 2,
          "value 1 of 'upsample_rates' is a list; a whole number is needed" },
        { "{\"upsample_rates\": [0], \"upsample_kernel_sizes\": [16]}", 1, 2, "value 1 of 'upsample_rates' is 0; 1 to 65536 is allowed" },
        { "{\"upsample_rates\": [-8], \"upsample_kernel_sizes\": [16]}", 1, 2, "value 1 of 'upsample_rates' is -8; 1 to 65536 is allowed" },
        { "{\"upsample_rates\": [65537], \"upsample_kernel_sizes\": [16]}", 1, 2,
          "value 1 of 'upsample_rates' is 65537; 1 to 65536 is allowed" },
        { "{\"upsample_rates\": [8],\n\n \"upsample_kernel_sizes\": [16, 4]}", 3, 2,
          "'upsample_kernel_sizes' has 2 values and 'upsample_rates' 1; one of each a layer" },
        { "{\"upsample_rates\": [8, 8], \"upsample_kernel_sizes\": [16, 4]}", 1, 28,
          "layer 2: the kernel size 4 is below the rate 8, so that the padding (k - u)//2 would be negative" },
        { "{\"upsample_rates\": [1000, 1000], \"upsample_kernel_sizes\": [1000, 1000]}", 1, 2,
          "layers 1 to 2 together are beyond the limits of one layer (stride 65536, 1073741824 taps)" },
        { "{\"upsample_rates\": [8], \"upsample_kernel_sizes\": [16],\n \"sampling_rate\": \"22050\"}", 2, 2,
          "'sampling_rate' is no number above 0 and up to 10^12" },
        { "{\"upsample_rates\": [8], \"upsample_kernel_sizes\": [16], \"sampling_rate\": 0}", 1, 56,
          "'sampling_rate' is no number above 0 and up to 10^12" },
        { "{\"upsample_rates\": [8], \"upsample_kernel_sizes\": [16], \"hop_size\": 2.5}", 1, 56,
          "'hop_size' is no whole number from 1 to 1073741824" },
        { "{\"upsample_rates\": [8], \"upsample_kernel_sizes\": [16], \"d\": {\"hop_length\": 0}}", 1, 62,
          "'hop_length' is no whole number from 1 to 1073741824" },
        { "{\"upsample_rates\": [8], \"upsample_kernel_sizes\": [16],\n\"m\": {\"upsample_rates\": [4]}}", 1, 2,
          "'upsample_rates' is there 2 times; once is needed" },
        { "{\"a\": {\"upsample_rates\": [8]},\n \"b\": {\"upsample_rates\": [8]},\n \"upsample_kernel_sizes\": [16]}", 1, 8,
          "'upsample_rates' is there 2 times; once is needed" },
        { "{\"\\\"{\": {\"u\\\\\": [{}]}, \"upsample_rates\": 1, \"upsample_kernel_sizes\": [16]}", 1, 24,
          "'upsample_rates' is a whole number; a list of whole numbers is needed" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tconv_vocoder_config config;
        tconv_error error = { .status = TCONV_OK };
        tconv_status status = read_text(cases[i].text, strlen(cases[i].text), &config, &error);
        CHECK_MESSAGE(status == TCONV_EFORMAT || status == TCONV_EGEOMETRY, "case %zu: status %d", i, (int)status);
        CHECK_MESSAGE(strncmp(error.message, cases[i].message, strlen(cases[i].message)) == 0, "case %zu: '%s', wanted '%s'", i,
                      error.message, cases[i].message);
        CHECK_MESSAGE(error.line == cases[i].line && error.column == cases[i].column, "case %zu: %zu:%zu, wanted %zu:%zu", i,
                      error.line, error.column, cases[i].line, cases[i].column);
        CHECK(config.n_layers == 0);
    }
}

static void nesting_without_end_is_refused(void)
{
    static char text[100001];
    tconv_vocoder_config config;
    tconv_error error;
    memset(text, '[', sizeof text - 1);
    CHECK(read_text(text, sizeof text - 1, &config, &error) == TCONV_EFORMAT);
    CHECK(strstr(error.message, "depth") != NULL);
}

static void long_files_are_no_configurations(void)
{
    size_t size = TCONV_CONFIG_BYTES + 1;
    char *text = malloc(size);
    CHECK(text != NULL);
    if (text == NULL)
        return;
    tconv_vocoder_config config;
    tconv_error error;
    memset(text, ' ', size);
    CHECK(read_text(text, size, &config, &error) == TCONV_EUNSUPPORTED);
    CHECK_TEXT(error.message, "more than 16777216 bytes are no configuration");
    free(text);
}

static void any_change_of_a_byte_is_read_or_refused(void)
{
    static const char good[] = "{\"data\": {\"sampling_rate\": 40000, \"hop_length\": 400}, \"model\": {\"upsample_rates\": [10, 10, 2],"
                               " \"upsample_kernel_sizes\": [16, 16, 4]}}";
    for (size_t round = 0; round < test_rounds(5000); round++) {
        char text[sizeof good];
        tconv_vocoder_config config;
        tconv_error error = { .status = TCONV_OK };
        memcpy(text, good, sizeof good);
        for (size_t times = random_between(1, 3); times > 0; times--)
            text[random_between(0, sizeof good - 2)] = (char)random_between(0, 255);
        tconv_status status = read_text(text, random_between(0, 3) == 0 ? random_between(0, sizeof good - 1) : sizeof good - 1,
                                        &config, &error);
        if (status == TCONV_OK)
            CHECK(config.n_layers == 3);
        else
            CHECK(error.status == status && error.message[0] != '\0' && config.n_layers == 0);
    }
}

const struct test_suite suite = { "vocoder_config", {
    { "configurations are read", configurations_are_read },
    { "a decimal comma in the locale changes nothing", a_decimal_comma_in_the_locale_changes_nothing },
    { "malformed configurations are refused with a place", malformed_configurations_are_refused_with_a_place },
    { "nesting without end is refused", nesting_without_end_is_refused },
    { "long files are no configurations", long_files_are_no_configurations },
    { "any change of a byte is read or refused", any_change_of_a_byte_is_read_or_refused },
    { NULL, NULL } } };
