#include "progress.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* What the handler reads. It calls write() and alarm() only, which a handler may. */
static char program_name[64];
static size_t name_length;
static volatile sig_atomic_t seconds, percent = -1, active, shown;

static size_t put_number(char *text, int number)
{
    char digits[12];
    size_t n = 0, length = 0;
    do {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (n > 0)
        text[length++] = digits[--n];
    return length;
}

static size_t put_text(char *to, const char *text)
{
    size_t n = 0;
    for (; text[n] != '\0'; n++)
        to[n] = text[n];
    return n;
}

/* "\rname: 3 s, 40 %" and the rest of the line wiped out. */
static void show(int number)
{
    char line[128];
    int before = errno;
    size_t n = 0;
    (void)number;
    if (!active)
        return;
    seconds = seconds + 1;
    line[n++] = '\r';
    for (size_t i = 0; i < name_length; i++)
        line[n++] = program_name[i];
    n += put_text(line + n, ": ");
    n += put_number(line + n, (int)seconds);
    n += put_text(line + n, " s");
    if (percent >= 0) {
        n += put_text(line + n, ", ");
        n += put_number(line + n, (int)percent);
        n += put_text(line + n, " %");
    }
    n += put_text(line + n, "\033[K");
    if (write(STDERR_FILENO, line, n) > 0)
        shown = 1;
    (void)alarm(1);
    errno = before;
}

void app_progress_begin(const char *program, const struct app_output *output)
{
    struct sigaction action = { .sa_handler = show, .sa_flags = SA_RESTART };
    if (!isatty(STDERR_FILENO) || (output->path == NULL && isatty(STDOUT_FILENO)))
        return;
    name_length = strlen(program);
    name_length = name_length < sizeof program_name ? name_length : sizeof program_name;
    memcpy(program_name, program, name_length);
    seconds = 0;
    percent = -1;
    shown = 0;
    if (sigaction(SIGALRM, &action, NULL) != 0)
        return;
    active = 1;
    (void)alarm(1);
}

void app_progress(size_t done, size_t all)
{
    if (all > 0)
        percent = (sig_atomic_t)((double)(done < all ? done : all) / (double)all * 100.0);
}

void app_progress_end(void)
{
    static const char wipe[] = "\r\033[K";
    if (!active)
        return;
    active = 0;
    (void)alarm(0);
    if (shown && write(STDERR_FILENO, wipe, sizeof wipe - 1) > 0)
        shown = 0;
}
