#include "app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/geometry_text.h"
#include "io/number.h"

#define MOST_LETTERS 64

/* Edit distance of two words (Wagner and Fischer 1974), for "did you mean". */
static size_t distance(const char *a, const char *b)
{
    size_t row[MOST_LETTERS + 1], n = strlen(b);
    if (n > MOST_LETTERS)
        return n;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
            diagonal = row[j];
            size_t insert = row[j - 1] + 1, drop = row[j] + 1;
            row[j] = change < insert ? change : insert;
            row[j] = drop < row[j] ? drop : row[j];
        }
    }
    return row[n];
}

static void report_unknown(const char *word, const struct option *options)
{
    char name[MOST_LETTERS + 1];
    const char *begin = word + strspn(word, "-");
    size_t length = strcspn(begin, "=");
    const char *nearest = NULL;
    size_t least = 4;
    if (length > 0 && length <= MOST_LETTERS) {
        memcpy(name, begin, length);
        name[length] = '\0';
        for (const struct option *o = options; o->name != NULL; o++)
            if (distance(name, o->name) < least && distance(name, o->name) * 2 <= length) {
                least = distance(name, o->name);
                nearest = o->name;
            }
    }
    if (nearest != NULL)
        app_usage("unknown option '%s'; did you mean '--%s'?", word, nearest);
    else
        app_usage("unknown option '%s'", word);
}

int app_getopt(int argc, char **argv, const char *letters, const struct option *options)
{
    char with_colon[128];
    (void)snprintf(with_colon, sizeof with_colon, ":%s", letters);   /* ':' : a missing value is told apart */
    opterr = 0;
    int at = optind > 0 ? optind : 1;
    int option = getopt_long(argc, argv, with_colon, options, NULL);
    if (option == ':') {
        app_usage("the option '%s' needs a value", argv[optind - 1]);
        return 0;
    }
    if (option != '?')
        return option;
    const char *word = optind > at && optind <= argc ? argv[optind - 1] : argv[at];
    if (optopt != 0 && optopt < 256 && !(word[0] == '-' && word[1] == '-'))
        app_usage("unknown option '-%c'", optopt);
    else if (optopt != 0)
        app_usage("the option '%s' takes no value", word);
    else
        report_unknown(word, options);
    return 0;
}

bool app_geometry_option(int option, const char *value, tconv_geometry_options *given, int *code)
{
    static const struct { int option; const char *key, *name; } table[] = {
        { 's', "stride", "-s" }, { 'p', "padding", "-p" }, { APP_OPTION_PADS, "pads", "--pads" },
        { APP_OPTION_OUTPUT_PADDING, "output_padding", "--output-padding" }, { 'd', "dilation", "-d" },
        { 'g', "groups", "-g" }, { APP_OPTION_AUTO_PAD, "auto_pad", "--auto-pad" },
        { APP_OPTION_OUTPUT_SHAPE, "output_shape", "--output-shape" }, { 'n', "input_size", "-n" },
        { APP_OPTION_NDIM, "ndim", "--ndim" }, { APP_OPTION_LAYOUT, "layout", "--layout" } };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].option != option)
            continue;
        tconv_error error;
        *code = APP_DONE;
        if (tconv_geometry_text_set(given, table[i].key, value, ',', 0, 0, &error) != TCONV_OK)
            *code = app_usage("%s: %s", table[i].name, error.message);
        return true;
    }
    return false;
}

static _Noreturn void print_and_exit(const char *text)
{
    exit(fputs(text, stdout) < 0 || fflush(stdout) != 0 ? app_message(APP_SYSTEM, "standard output: cannot be written") : APP_DONE);
}

static _Noreturn void print_version(const char *help)
{
    char text[512];
    int length = (int)strcspn(help, " \n:");
    (void)snprintf(text, sizeof text, "%.*s (libtconv) %s\nLicense GPLv3+: GNU GPL version 3 or later "
                   "<https://gnu.org/licenses/gpl.html>.\nThere is no warranty, to the extent permitted by law.\n",
                   length, help, tconv_version());
    print_and_exit(text);
}

/* A number of bytes with K, M or G behind it. */
static bool parse_bytes(const char *text, size_t *bytes)
{
    static const char suffixes[] = "KMG";
    size_t length = strlen(text), shift = 0;
    const char *suffix = length > 0 ? strchr(suffixes, text[length - 1]) : NULL;
    if (suffix != NULL && *suffix != '\0') {
        shift = 10 * (size_t)(suffix - suffixes + 1);
        length--;
    }
    int64_t value;
    if (tconv_integer_parse(text, length, &value) != TCONV_NUMBER_OK || value < 0)
        return false;
    return tconv_size_mul((size_t)value, (size_t)1 << shift, bytes);
}

bool app_common_option(int option, const char *value, const char *help, struct app_common *common, int *code)
{
    size_t bytes;
    *code = APP_DONE;
    switch (option) {
    case 'h':
        print_and_exit(help);
    case 'V':
        print_version(help);
    case 'o':
        common->output = value;
        return true;
    case APP_OPTION_JSON:
        common->json = true;
        return true;
    case APP_OPTION_MAX_BYTES:
        if (parse_bytes(value, &bytes))
            tconv_memory_set_budget(bytes);
        else
            *code = app_usage("--max-bytes: '%s' is not a number of bytes like 500M or 4G", value);
        return true;
    default:
        return false;
    }
}

bool app_numbers(const char *option, const char *text, double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(text, ",");
        bool last = i + 1 == count;
        if (tconv_number_parse(text, length, &values[i]) != TCONV_NUMBER_OK || (text[length] == '\0') != last) {
            if (count == 1)
                app_usage("%s: '%s' is not a number", option, text);
            else
                app_usage("%s: '%s' is not %zu numbers separated by commas", option, text, count);
            return false;
        }
        text += length + (last ? 0 : 1);
    }
    return true;
}

bool app_number(const char *option, const char *text, double *value)
{
    return app_numbers(option, text, value, 1);
}

int app_size_list(const char *option, const char *text, tconv_option_list *list)
{
    tconv_geometry_options scratch = { 0 };
    tconv_error error;
    if (tconv_geometry_text_set(&scratch, "input_size", text, ',', 0, 0, &error) != TCONV_OK) {
        const char *reason = strchr(error.message, ':');
        return app_usage("%s%s", option, reason != NULL ? reason : error.message);
    }
    *list = scratch.input_size;
    return APP_DONE;
}

bool app_size(const char *option, const char *text, size_t least, size_t most, size_t *value)
{
    int64_t number;
    if (tconv_integer_parse(text, strlen(text), &number) == TCONV_NUMBER_OK && number >= 0 && (uint64_t)number >= least
        && (uint64_t)number <= most) {
        *value = (size_t)number;
        return true;
    }
    app_usage("%s: '%s' is not a whole number from %zu to %zu", option, text, least, most);
    return false;
}

int app_pair(const char *text, size_t pair[2])
{
    double values[2];
    if (!app_numbers("--pair", text, values, 2))
        return APP_USAGE;
    for (size_t i = 0; i < 2; i++) {
        if (!(values[i] >= 0.0 && values[i] < 1e9 && values[i] == (double)(size_t)values[i]))
            return app_usage("--pair: '%s' is not two channel numbers CI,CO counted from 0", text);
        pair[i] = (size_t)values[i];
    }
    return APP_DONE;
}
