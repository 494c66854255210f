#include "plot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app.h"
#include "kernel_out.h"

#define TIME_LIMIT 10.0          /* seconds */
#define MOST_ROWS 4000           /* of one block that are drawn: beyond, the extremes of every few rows */
#define END_OF_DATA "TCONV_END_OF_DATA"

extern char **environ;

/* ---- kinds of picture ---- */

static const struct kind {
    const char *ending, *terminal, *begins, *ends;   /* what a whole file begins and ends with, blanks aside */
} kinds[] = {
    { ".png", "png", "\x89PNG\r\n\x1a\n", "IEND\xae\x42\x60\x82" },
    { ".svg", "svg", "<?xml", "</svg>" },
    { ".pdf", "pdf", "%PDF-", "%%EOF" },
    { "-", "dumb", "", "" } };

static const struct kind *kind_of(const char *path)
{
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t ending = strlen(kinds[i].ending);
        bool is_ending = length > ending && strcmp(path + length - ending, kinds[i].ending) == 0;
        if (strcmp(kinds[i].ending, "-") == 0 ? strcmp(path, "-") == 0 : is_ending)
            return &kinds[i];
    }
    return NULL;
}

/* A name that asks for the table itself. */
static bool is_table(const char *path)
{
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".dat") == 0;
}

int app_plot_check(const char *path)
{
    return kind_of(path) != NULL || is_table(path) ? APP_DONE
         : app_usage("--plot: '%s' ends in neither .png, .svg nor .pdf (nor .dat, for the data), and is not -", path);
}

/* ---- the script ---- */

void app_plot_quote(tconv_buffer *script, const char *text)
{
    tconv_buffer_text(script, "\"");
    for (; *text != '\0'; text++) {
        unsigned byte = (unsigned char)*text;
        bool plain = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == ' ';
        tconv_buffer_format(script, plain ? "%c" : "\\%03o", byte);
    }
    tconv_buffer_text(script, "\"");
}

/* The length of the UTF-8 character at `text`, 0 where there is none (RFC 3629: no overlong forms, no surrogates). */
static size_t utf8_length(const unsigned char *text)
{
    unsigned first = text[0], least = 0x80, most = 0xbf;
    size_t length = first < 0x80 ? 1 : first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3
                  : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
    if (first == 0xe0)
        least = 0xa0;
    else if (first == 0xed)
        most = 0x9f;
    else if (first == 0xf0)
        least = 0x90;
    else if (first == 0xf4)
        most = 0x8f;
    for (size_t i = 1; i < length; i++, least = 0x80, most = 0xbf)
        if (text[i] < least || text[i] > most)
            return 0;
    return length;
}

void app_plot_clean(tconv_buffer *out, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    while (*at != '\0') {
        size_t length = utf8_length(at);
        bool control = length == 1 ? *at < 0x20 || *at == 0x7f
                     : length == 2 ? at[0] == 0xc2 && at[1] < 0xa0                       /* U+0080 .. U+009F */
                     : length == 3 && at[0] == 0xef && at[1] == 0xbf && at[2] >= 0xbe;   /* U+FFFE, U+FFFF: not in XML */
        if (length == 0 || control)
            tconv_buffer_text(out, "?");
        else
            tconv_buffer_bytes(out, at, length);
        at += length > 0 ? length : 1;
    }
}

/* A line of data holds numbers only; of the comments just the key of response_tables.c passes. */
static bool is_harmless(const char *line, size_t length)
{
    static const char key[] = "# layer: ";
    static const char numbers[] = "0123456789+-.e?inf \t", words[] = "0123456789+-.,=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_ ";
    bool comment = length >= sizeof key - 1 && memcmp(line, key, sizeof key - 1) == 0;
    const char *allowed = comment ? words : numbers;
    for (size_t i = comment ? sizeof key - 1 : 0; i < length; i++)
        if (line[i] == '\0' || strchr(allowed, line[i]) == NULL)
            return false;
    return true;
}

/* The k-th number of a row; NaN where there is none. */
static double column(const char *line, size_t length, size_t k)
{
    const char *end = line + length;
    for (; k > 0 && line < end; k--) {
        while (line < end && *line != ' ')
            line++;
        while (line < end && *line == ' ')
            line++;
    }
    size_t width = 0;
    double value;
    while (line + width < end && line[width] != ' ')
        width++;
    return tconv_number_parse(line, width, &value) == TCONV_NUMBER_OK ? value : -1e308 * (width > 0 && line[0] == '-');
}

struct row {
    const char *text;
    size_t length;
};

/* Of every `every` rows those where the second column is smallest and largest, in their order: the envelope stays. */
static void append_extremes(tconv_buffer *script, const struct row *rows, size_t count, size_t every)
{
    for (size_t begin = 0; begin < count; begin += every) {
        size_t least = begin, most = begin;
        for (size_t i = begin; i < count && i < begin + every; i++) {
            double value = column(rows[i].text, rows[i].length, 1);
            least = value < column(rows[least].text, rows[least].length, 1) ? i : least;
            most = value > column(rows[most].text, rows[most].length, 1) ? i : most;
        }
        for (size_t i = begin; i < count && i < begin + every; i++)
            if (i == least || i == most || i + 1 == count || i == 0) {
                tconv_buffer_bytes(script, rows[i].text, rows[i].length);
                tconv_buffer_text(script, "\n");
            }
    }
}

/* All lines but comments; a run of more than MOST_ROWS rows (no blank line between) is thinned out. */
static void append_data(tconv_buffer *script, const tconv_buffer *table)
{
    tconv_status status = TCONV_OK;
    size_t lines = 1, run = 0;
    for (size_t i = 0; i < table->length; i++)
        lines += table->text[i] == '\n' ? 1 : 0;
    struct row *rows = tconv_alloc(lines, sizeof *rows, &status);
    if (rows == NULL) {
        script->status = script->status == TCONV_OK ? status : script->status;
        return;
    }
    const char *line = table->text, *end = table->text + table->length;
    while (line < end) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((next != NULL ? next : end) - line);
        bool harmless = is_harmless(line, length), row = harmless && length > 0 && line[0] != '#';
        if (row)
            rows[run++] = (struct row){ line, length };
        if (!row || next == NULL || next + 1 == end) {
            append_extremes(script, rows, run, run > MOST_ROWS ? 2 * run / MOST_ROWS + 1 : 1);
            run = 0;
        }
        if (harmless && !row) {
            tconv_buffer_bytes(script, line, length);
            tconv_buffer_text(script, "\n");
        }
        line += length + 1;
    }
    tconv_free(rows);
}

static int write_script(tconv_buffer *script, const struct kind *kind, const char *name, const char *title,
                        const tconv_buffer *table)
{
    const struct app_picture *picture = app_pictures;
    while (picture->name != NULL && strcmp(picture->name, name) != 0)
        picture++;
    if (picture->name == NULL)
        return app_message(APP_SYSTEM, "there is no picture '%s'", name);      /* not counted: commands name their own */
    tconv_buffer clean = { 0 };
    app_plot_clean(&clean, title);
    tconv_buffer_format(script, "terminal = \"%s\"\ndata = \"$data\"\ntitle = ", kind->terminal);
    app_plot_quote(script, clean.text != NULL ? clean.text : "");
    tconv_buffer_text(script, "\n$data << " END_OF_DATA "\n");
    append_data(script, table);
    tconv_buffer_text(script, END_OF_DATA "\n");
    tconv_buffer_bytes(script, picture->text, picture->length);
    tconv_status status = clean.status != TCONV_OK ? clean.status : script->status;
    tconv_buffer_free(&clean);
    return status == TCONV_OK ? APP_DONE : app_fail_status("--plot", status);
}

/* ---- running gnuplot ---- */

/* The environment without what would move gnuplot, and with a locale of UTF-8 characters and plain numbers: in the C locale
 * gnuplot 5.4 warns that it cannot convert its degree sign. `kept` has room for all of it and two more. */
static void clean_environment(char **kept)
{
    static const char *const dropped[] = { "GNUTERM=", "GNUPLOT_", "GDFONTPATH=", "FIT_", "GNUHELP=", "GNUFITLOG=", "LC_", "LANG" };
    static char locale[] = "LC_ALL=C.UTF-8";
    for (char **variable = environ; *variable != NULL; variable++) {
        bool keep = true;
        for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++)
            keep = keep && strncmp(*variable, dropped[i], strlen(dropped[i])) != 0;
        if (keep)
            *kept++ = *variable;
    }
    *kept++ = locale;
    *kept = NULL;
}

struct child {
    pid_t id;
    int script, messages;      /* our ends of its standard input and standard error */
};

/* Standard input, output and messages of the child. */
static int connect_child(posix_spawn_file_actions_t *actions, int in, int output, int err)
{
    int result = posix_spawn_file_actions_adddup2(actions, in, 0);
    if (result == 0) result = posix_spawn_file_actions_adddup2(actions, output, 1);
    if (result == 0) result = posix_spawn_file_actions_adddup2(actions, err, 2);
    if (result == 0) result = posix_spawn_file_actions_addclose(actions, in);
    if (result == 0) result = posix_spawn_file_actions_addclose(actions, err);
    return result;
}

/* 0, or an errno. */
static int start(struct child *child, int output)
{
    int in[2] = { -1, -1 }, err[2] = { -1, -1 }, result = 0;
    size_t count = 0;
    while (environ[count] != NULL)
        count++;
    char **environment = malloc((count + 2) * sizeof *environment);
    char *const arguments[] = { "gnuplot", "-d", "/dev/stdin", NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t standard;
    if (environment == NULL || pipe(in) != 0 || pipe(err) != 0) {
        result = errno != 0 ? errno : ENOMEM;
        goto close_all;
    }
    clean_environment(environment);
    (void)fcntl(in[1], F_SETFD, FD_CLOEXEC);
    (void)fcntl(err[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(in[1], F_SETFL, O_NONBLOCK);
    (void)sigemptyset(&standard);
    (void)sigaddset(&standard, SIGPIPE);
    (void)sigaddset(&standard, SIGXFSZ);
    result = posix_spawn_file_actions_init(&actions);
    if (result != 0)
        goto close_all;      /* not counted: the C library's never fails */
    result = connect_child(&actions, in[0], output, err[1]);
    if (result == 0)
        result = posix_spawnattr_init(&attributes);
    if (result == 0) {
        (void)posix_spawnattr_setsigdefault(&attributes, &standard);
        (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
        result = posix_spawnp(&child->id, "gnuplot", &actions, &attributes, arguments, environment);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
close_all:
    free(environment);
    if (in[0] >= 0)
        (void)close(in[0]);
    if (err[1] >= 0)
        (void)close(err[1]);
    child->script = in[1];
    child->messages = err[0];
    if (result != 0) {
        if (in[1] >= 0)
            (void)close(in[1]);
        if (err[0] >= 0)
            (void)close(err[0]);
    }
    return result;
}

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Feed the script and collect the messages until the child closes its standard error. False where the time is over. */
static bool talk(struct child *child, const tconv_buffer *script, double seconds, char *messages, size_t size)
{
    size_t sent = 0, got = 0;
    double end = now() + seconds;
    messages[0] = '\0';
    for (;;) {
        struct pollfd wait[] = { { child->messages, POLLIN, 0 }, { child->script, POLLOUT, 0 } };
        double left = end - now();
        if (left <= 0.0)
            return false;
        int ready = poll(wait, child->script >= 0 ? 2 : 1, (int)(left * 1000.0) + 1);
        if (ready < 0 && errno != EINTR)
            return true;      /* not counted: for lack of the kernel's memory only */
        if (ready <= 0)
            continue;
        if (child->script >= 0 && wait[1].revents != 0) {
            ssize_t wrote = write(child->script, script->text + sent, script->length - sent);
            if (wrote > 0)
                sent += (size_t)wrote;
            if ((wrote < 0 && errno != EAGAIN && errno != EINTR) || sent == script->length) {
                (void)close(child->script);      /* an early end: the status says why */
                child->script = -1;
            }
        }
        if (wait[0].revents != 0) {
            char rest[256];
            bool room = got + 1 < size;
            ssize_t more = read(child->messages, room ? messages + got : rest, room ? size - 1 - got : sizeof rest);
            if (more == 0 || (more < 0 && errno != EINTR))
                return true;
            if (more > 0 && room)
                messages[got += (size_t)more] = '\0';
        }
    }
}

/* The status of the child, killed if it does not end in the time left. */
static int wait_for(const struct child *child, bool in_time)
{
    int status = -1;
    if (!in_time)
        (void)kill(child->id, SIGKILL);
    while (waitpid(child->id, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

/* What gnuplot says begins with blank lines and the place in the script; show the sentence. */
static const char *sentence_of(char *messages)
{
    char *at = messages;
    for (char *line = strtok(messages, "\n"); line != NULL; line = strtok(NULL, "\n"))
        if (line[strspn(line, " \t^")] != '\0')
            at = line;
    return at;
}

int app_gnuplot(const tconv_buffer *script, int output, double seconds, const char *what)
{
    struct child child = { .script = -1, .messages = -1 };
    struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
    char messages[1024];
    int error = start(&child, output);
    if (error == ENOENT)
        return app_message(APP_SYSTEM, "%s: gnuplot is not installed (on Debian: apt-get install gnuplot-nox)", what);
    if (error != 0)
        return app_message(APP_SYSTEM, "%s: gnuplot cannot be started: %s", what, strerror(error));
    (void)sigaction(SIGPIPE, &ignore, &before);      /* only round the writing to gnuplot */
    bool in_time = talk(&child, script, seconds, messages, sizeof messages);
    (void)sigaction(SIGPIPE, &before, NULL);
    if (child.script >= 0)
        (void)close(child.script);      /* not counted: after the time limit, of a minute, only */
    (void)close(child.messages);
    int status = wait_for(&child, in_time);
    if (!in_time)
        return app_message(APP_SYSTEM, "%s: gnuplot was stopped after %d seconds", what, (int)seconds);
    if (messages[0] != '\0')
        return app_message(APP_SYSTEM, "%s: gnuplot failed: %s", what, sentence_of(messages));
    if (WIFSIGNALED(status))
        return app_message(APP_SYSTEM, "%s: gnuplot was ended by signal %d", what, WTERMSIG(status));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return app_message(APP_SYSTEM, "%s: gnuplot failed", what);
    return APP_DONE;
}

/* ---- the picture ---- */

static bool read_at(int descriptor, char *bytes, size_t size, off_t at)
{
    while (size > 0) {
        ssize_t got = pread(descriptor, bytes, size, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        bytes += got;
        size -= (size_t)got;
        at += got;
    }
    return true;
}

/* Does the file begin and end as a whole picture of its kind does? */
static bool is_whole(int descriptor, const struct kind *kind)
{
    char bytes[64];
    off_t size = lseek(descriptor, 0, SEEK_END);
    size_t begins = strlen(kind->begins), ends = strlen(kind->ends), tail = size < (off_t)sizeof bytes ? (size_t)size : sizeof bytes;
    if (size <= 0 || (size_t)size < begins + ends)
        return false;
    if (!read_at(descriptor, bytes, begins, 0) || memcmp(bytes, kind->begins, begins) != 0 || !read_at(descriptor, bytes, tail, size - (off_t)tail))
        return false;
    while (tail > 0 && (bytes[tail - 1] == '\n' || bytes[tail - 1] == ' '))
        tail--;
    return tail >= ends && memcmp(bytes + tail - ends, kind->ends, ends) == 0;
}

/* A picture of characters: through a file without a name to standard output. */
static int draw_characters(const tconv_buffer *script)
{
    FILE *drawn = tmpfile();
    struct app_output output;
    if (drawn == NULL)
        return app_message(APP_SYSTEM, "--plot -: no temporary file: %s", strerror(errno));      /* not counted: /tmp is there */
    int code = app_gnuplot(script, fileno(drawn), TIME_LIMIT, "--plot -");
    if (code == APP_DONE && !is_whole(fileno(drawn), kind_of("-")))
        code = app_message(APP_SYSTEM, "--plot -: the picture that gnuplot made is cut off");
    if (code == APP_DONE)
        code = app_output_open(&output, NULL, NULL);
    rewind(drawn);
    char bytes[4096];
    size_t count;
    while (code == APP_DONE && (count = fread(bytes, 1, sizeof bytes, drawn)) > 0)
        code = app_output_write(&output, bytes, count);
    if (code == APP_DONE && ferror(drawn))
        code = app_message(APP_SYSTEM, "--plot -: the picture cannot be read back");      /* not counted: it was just written */
    if (code == APP_DONE)
        code = app_output_close(&output, true);
    (void)fclose(drawn);
    return code;
}

static int draw_file(const char *path, const struct kind *kind, const tconv_buffer *script, char *const *inputs)
{
    struct app_output output;
    int code = app_output_open(&output, path, inputs);
    if (code != APP_DONE)
        return code;
    code = app_gnuplot(script, output.descriptor, TIME_LIMIT, path);
    if (code == APP_DONE && output.temporary[0] != '\0' && !is_whole(output.descriptor, kind))
        code = app_message(APP_SYSTEM, "%s: the picture that gnuplot made is cut off", path);
    return app_worse(code, app_output_close(&output, code == APP_DONE));
}

int app_plot(const char *path, const char *picture, const char *title, const tconv_buffer *table, char *const *inputs)
{
    const struct kind *kind = kind_of(path);
    tconv_buffer script = { 0 };
    if (is_table(path))
        return app_write_buffer(path, inputs, table);
    if (kind == NULL)
        return app_plot_check(path);      /* not counted: checked with the options */
    int code = write_script(&script, kind, picture, title, table);
    if (code == APP_DONE)
        code = strcmp(path, "-") == 0 ? draw_characters(&script) : draw_file(path, kind, &script, inputs);
    tconv_buffer_free(&script);
    return code;
}
