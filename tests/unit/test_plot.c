/* The way to gnuplot: whatever bytes a title or a name of a file has, gnuplot prints them back and executes nothing; a picture
 * is whole or not there. */
#include "testing.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../apps/common/app.h"
#include "../../apps/common/plot.h"
#include "tconv.h"

#define CANARY "gnuplot-canary"

/* Pieces of every way that a string is known to run a command, or to end a script early. */
static const char *const hostile[] = {
    "`touch " CANARY "`", "system('touch " CANARY "')", "\n! touch " CANARY "\n", "\"; system \"touch " CANARY "\"; #",
    "'.system('touch " CANARY "').'", "| touch " CANARY, "< touch " CANARY, "@macro", "\\", "\"", "'", "''", "\\\"", "\\`",
    "$data", "TCONV_END_OF_DATA\n", "\nTCONV_END_OF_DATA\n! touch " CANARY "\n", "\\020", "\\0201", "0", "1234", "%s%n%d", "${HOME}", "{/Bold x}",
    "\xff\xfe", "\x01\x02", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\t\r\v\f\b", "]]>", "<!--", "&amp;", "eval 'x'", "#", "..", "//" };
#define N_HOSTILE (sizeof hostile / sizeof hostile[0])

static bool have_gnuplot(void)
{
    static int found = -1;
    if (found < 0)
        found = system("command -v gnuplot >/dev/null 2>&1") == 0;
    if (found == 0)
        test_skip("gnuplot is not installed");
    return found != 0;
}

/* In a folder of its own, so that a canary shows. */
static bool enter_folder(void)
{
    static char folder[] = "/tmp/tconv-plot-XXXXXX";
    static bool made = false;
    if (!made)
        made = mkdtemp(folder) != NULL;
    return made && chdir(folder) == 0;
}

static void random_text(char *text, size_t most)
{
    size_t length = 0, wanted = random_between(0, most);
    while (length < wanted) {
        if (random_bits() % 3 == 0) {
            const char *piece = hostile[random_bits() % N_HOSTILE];
            if (length + strlen(piece) > most)
                break;
            memcpy(text + length, piece, strlen(piece));
            length += strlen(piece);
        } else {
            text[length++] = (char)random_between(1, 255);
        }
    }
    text[length] = '\0';
}

/* gnuplot prints each string and a newline: the bytes of all must be those that went in. */
static void print_back(char (*texts)[128], size_t count)
{
    tconv_buffer script = { 0 }, want = { 0 };
    char name[] = "printed-XXXXXX";
    int output = mkstemp(name);
    tconv_buffer_text(&script, "set encoding utf8\nset print \"-\"\n");
    for (size_t i = 0; i < count; i++) {
        tconv_buffer_text(&script, "print ");
        app_plot_quote(&script, texts[i]);
        tconv_buffer_text(&script, "\n");
        tconv_buffer_format(&want, "%s\n", texts[i]);
    }
    CHECK(app_gnuplot(&script, output, 60.0, "test") == APP_DONE);
    char *got = malloc(want.length + 2);
    ssize_t length = got == NULL ? -1 : pread(output, got, want.length + 1, 0);
    CHECK_MESSAGE(length == (ssize_t)want.length, "gnuplot printed %zd bytes of %zu", length, want.length);
    if (length == (ssize_t)want.length)
        CHECK_SAME(got, want.text, want.length);
    free(got);
    (void)close(output);
    (void)unlink(name);
    tconv_buffer_free(&script);
    tconv_buffer_free(&want);
}

static void ten_thousand_byte_strings_come_back_equal_and_execute_nothing(void)
{
    enum { BATCH = 1000 };
    static char texts[BATCH][128];
    if (!have_gnuplot() || !enter_folder())
        return;
    size_t rounds = test_rounds(10);
    for (size_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < BATCH; i++)
            random_text(texts[i], 100);
        print_back(texts, BATCH);
    }
    CHECK_MESSAGE(access(CANARY, F_OK) != 0, "nothing was executed");
}

/* The shape that names have: folders, endings, what a shell would expand. */
static void a_thousand_file_names_come_back_equal_and_execute_nothing(void)
{
    enum { BATCH = 1000 };
    static char texts[BATCH][128];
    if (!have_gnuplot() || !enter_folder())
        return;
    for (size_t i = 0; i < BATCH; i++) {
        char own[100];
        random_text(own, 80);
        for (char *c = own; *c != '\0'; c++)
            *c = *c == '\n' && random_bits() % 2 == 0 ? '/' : *c;
        (void)snprintf(texts[i], sizeof texts[i], "%s%s%s", i % 3 == 0 ? "./" : i % 3 == 1 ? "|" : "<", own, i % 2 == 0 ? ".txt" : ".png");
    }
    print_back(texts, BATCH);
    CHECK_MESSAGE(access(CANARY, F_OK) != 0, "nothing was executed");
}

static bool is_utf8_text(const char *text)
{
    tconv_buffer again = { 0 };
    app_plot_clean(&again, text);
    bool same = again.text == NULL ? text[0] == '\0' : strcmp(again.text, text) == 0;
    tconv_buffer_free(&again);
    return same;
}

static void cleaning_leaves_text_and_replaces_the_rest(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = { { "a title, 3 % off", "a title, 3 % off" }, { "\xc3\xa9t\xc3\xa9 \xe2\x88\x92 \xf0\x9f\x98\x80", "\xc3\xa9t\xc3\xa9 \xe2\x88\x92 \xf0\x9f\x98\x80" },
                  { "a\x01" "b\x7f", "a?b?" }, { "\xff\xfe", "??" }, { "\xc3", "?" }, { "\xe2\x88", "??" }, { "\xc0\x80", "??" },
                  { "\xed\xa0\x80", "???" }, { "\xf4\x90\x80\x80", "????" }, { "\xc2\x85", "?" }, { "\xef\xbf\xbf", "?" }, { "", "" } };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        tconv_buffer out = { 0 };
        app_plot_clean(&out, cases[c].text);
        CHECK_TEXT(out.text != NULL ? out.text : "", cases[c].want);
        tconv_buffer_free(&out);
    }
    for (size_t round = 0; round < test_rounds(10000); round++) {
        char text[128];
        tconv_buffer out = { 0 };
        random_text(text, 100);
        app_plot_clean(&out, text);
        CHECK(is_utf8_text(out.text != NULL ? out.text : ""));
        tconv_buffer_free(&out);
    }
}

static void a_table(tconv_buffer *table)
{
    tconv_buffer_text(table, "# title `touch " CANARY "`\n# layer: ndim=1 stride=2 fs=0 what=magnitude names=\n# layer: system('x')\n");
    for (int j = 0; j < 33; j++)
        tconv_buffer_format(table, "%d.%03d 1.5 3.52\n", 0, j * 15);
    tconv_buffer_text(table, "TCONV_END_OF_DATA\n! touch " CANARY "\n0.5 0 -inf\n");
}

/* Real pictures under hostile names and titles: at the name, whole, or an error and nothing there. */
static void pictures_under_hostile_names_are_whole_and_execute_nothing(void)
{
    if (!have_gnuplot() || !enter_folder())
        return;
    tconv_buffer table = { 0 };
    a_table(&table);
    size_t rounds = test_rounds(30), drawn = 0;
    for (size_t round = 0; round < rounds; round++) {
        char name[128], title[128], own[64];
        struct stat info;
        random_text(own, 40);
        random_text(title, 100);
        for (char *c = own; *c != '\0'; c++)
            *c = *c == '/' ? '_' : *c;
        (void)snprintf(name, sizeof name, "%s%s%s", round % 2 == 0 ? "|" : "", own, round % 3 == 0 ? ".svg" : ".png");
        int code = app_plot(name, "response", title, &table, NULL);
        CHECK_MESSAGE(code == APP_DONE, "round %zu draws", round);
        CHECK((stat(name, &info) == 0) == (code == APP_DONE));
        drawn += code == APP_DONE;
        (void)unlink(name);
    }
    CHECK(drawn == rounds);
    CHECK_MESSAGE(access(CANARY, F_OK) != 0, "nothing was executed");
    tconv_buffer_free(&table);
}

static void a_script_that_fails_says_so_and_one_that_hangs_is_stopped(void)
{
    static const char *const failing[] = { "plot 'no-such-file'\n", "no such command\n", "plot sin(x\n", "exit status 3\n" };
    if (!have_gnuplot() || !enter_folder())
        return;
    int output = open("/dev/null", O_WRONLY);
    int usual = dup(STDERR_FILENO), caught = open("messages", O_RDWR | O_CREAT | O_TRUNC, 0600);
    (void)fflush(stderr);
    CHECK(usual >= 0 && caught >= 0 && dup2(caught, STDERR_FILENO) >= 0);
    for (size_t i = 0; i < sizeof failing / sizeof failing[0]; i++) {
        tconv_buffer script = { 0 };
        tconv_buffer_text(&script, failing[i]);
        CHECK(app_gnuplot(&script, output, 10.0, "test") == APP_SYSTEM);
        tconv_buffer_free(&script);
    }
    tconv_buffer script = { 0 };
    tconv_buffer_text(&script, "pause 30\n");
    CHECK(app_gnuplot(&script, output, 0.2, "test") == APP_SYSTEM);
    tconv_buffer_free(&script);
    /* a warning with status 0 is a failure too */
    tconv_buffer_text(&script, "set terminal dumb\nset yrange [1:1]\nplot 1\n");
    CHECK(app_gnuplot(&script, output, 10.0, "test") == APP_SYSTEM);
    tconv_buffer_free(&script);
    (void)fflush(stderr);
    CHECK(dup2(usual, STDERR_FILENO) >= 0);
    char said[2048] = "";
    CHECK(pread(caught, said, sizeof said - 1, 0) > 0);
    (void)close(usual);
    (void)close(caught);
    CHECK_MESSAGE(strstr(said, "test: gnuplot failed") != NULL, "the messages are: %s", said);
    CHECK_MESSAGE(strstr(said, "test: gnuplot was stopped after 0 seconds") != NULL, "the messages are: %s", said);
    (void)close(output);
}

static void every_picture_is_embedded_once_with_its_common_part(void)
{
    static const char *const names[] = { "response", "step", "phase", "branches", "coverage", "images", "bifrequency", "surface", "spectra",
                                         "compare", "learned", "learning", "models", "sheet" };
    size_t count = 0;
    for (const struct app_picture *p = app_pictures; p->name != NULL; p++, count++) {
        tconv_buffer text = { 0 };
        tconv_buffer_bytes(&text, p->text, p->length);
        CHECK_MESSAGE(text.text != NULL && strstr(text.text, "set datafile missing") != NULL, "%s holds common.gp", p->name);
        CHECK_MESSAGE(text.text != NULL && strstr(text.text, "load ") == NULL, "%s loads nothing", p->name);
        tconv_buffer_free(&text);
    }
    CHECK(count == sizeof names / sizeof names[0]);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        bool found = false;
        for (const struct app_picture *p = app_pictures; p->name != NULL; p++)
            found = found || strcmp(p->name, names[i]) == 0;
        CHECK_MESSAGE(found, "there is a picture %s", names[i]);
    }
}

const struct test_suite suite = { "plot", {
    { "ten thousand byte strings come back equal and execute nothing", ten_thousand_byte_strings_come_back_equal_and_execute_nothing },
    { "a thousand file names come back equal and execute nothing", a_thousand_file_names_come_back_equal_and_execute_nothing },
    { "cleaning leaves text and replaces the rest", cleaning_leaves_text_and_replaces_the_rest },
    { "pictures under hostile names are whole and execute nothing", pictures_under_hostile_names_are_whole_and_execute_nothing },
    { "every picture is embedded once, with its common part", every_picture_is_embedded_once_with_its_common_part },
    { "a script that fails says so, and one that hangs is stopped", a_script_that_fails_says_so_and_one_that_hangs_is_stopped },
    { NULL, NULL } } };
