#include "app.h"

#include "core/fftw_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_BUDGET ((size_t)4 << 30)

/* The unfinished files (a report and a picture), taken away by the handler of a signal that ends the program. */
#define MOST_UNFINISHED 4
static char unfinished[MOST_UNFINISHED][4096];
static volatile sig_atomic_t is_unfinished[MOST_UNFINISHED];

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGABRT };

/* FFTW gives up by abort() where its memory runs out; any other abort is a defect, and dies as one. */
static void say_out_of_memory(void)      /* not counted: it comes before _exit */
{
    static const char says[] = ": out of memory in a Fourier transform\n";
    const char *name = app_program_name();
    if (write(STDERR_FILENO, name, strlen(name)) < 0 || write(STDERR_FILENO, says, sizeof says - 1) < 0)
        return;
}

static void clean_up(int number)         /* not counted: the signal ends the process */
{
    for (int i = 0; i < MOST_UNFINISHED; i++)
        if (is_unfinished[i])
            (void)unlink(unfinished[i]);
    if (number == SIGABRT && tconv_fftw_inside()) {
        say_out_of_memory();
        _exit(APP_SYSTEM);
    }
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

void app_begin(const char *name)
{
    app_name_program(name);
    tconv_memory_set_budget(DEFAULT_BUDGET);
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
        struct sigaction action = { .sa_handler = clean_up };
        struct sigaction before;
        if (sigaction(ending[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            (void)sigaction(ending[i], &action, NULL);
    }
    (void)signal(SIGXFSZ, SIG_IGN);   /* a file over the size limit is a failed write, with its message */
}

static void remember(struct app_output *output)
{
    for (output->slot = 0; output->slot < MOST_UNFINISHED; output->slot++)
        if (!is_unfinished[output->slot]) {
            memcpy(unfinished[output->slot], output->temporary, sizeof unfinished[0]);
            is_unfinished[output->slot] = 1;
            return;
        }
}

static void forget(const struct app_output *output)
{
    if (output->temporary[0] != '\0' && output->slot < MOST_UNFINISHED)
        is_unfinished[output->slot] = 0;
}

static bool same_file(const char *a, const char *b)
{
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* A device or a pipe cannot be replaced by a rename: it is written directly. */
static bool is_special(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

/* Signals wait while a file exists that clean_up does not know of yet. */
static void hold_signals(sigset_t *before)
{
    sigset_t held;
    (void)sigemptyset(&held);
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++)
        (void)sigaddset(&held, ending[i]);
    (void)sigprocmask(SIG_BLOCK, &held, before);
}

static int open_retrying(const char *path, int flags, mode_t mode)
{
    int descriptor;
    do
        descriptor = open(path, flags | O_CLOEXEC, mode);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

int app_output_open(struct app_output *output, const char *path, char *const *inputs)
{
    memset(output, 0, sizeof *output);
    output->descriptor = -1;
    if (path == NULL || strcmp(path, "-") == 0)
        return APP_DONE;
    for (; inputs != NULL && *inputs != NULL; inputs++)
        if (strcmp(*inputs, "-") != 0 && same_file(path, *inputs) && !is_special(path))
            return app_usage("%s: the output would replace an input", path);
    output->path = path;
    if (is_special(path)) {
        output->descriptor = open_retrying(path, O_WRONLY, 0);
    } else {
        int length = snprintf(output->temporary, sizeof output->temporary, "%s.%ld.tmp", path, (long)getpid());
        if (length < 0 || (size_t)length >= sizeof output->temporary)
            return app_message(APP_SYSTEM, "%.100s..: the name is too long", path);
        sigset_t before;
        hold_signals(&before);
        output->descriptor = open_retrying(output->temporary, O_RDWR | O_CREAT | O_EXCL, 0666);
        if (output->descriptor >= 0)
            remember(output);
        int error = errno;
        (void)sigprocmask(SIG_SETMASK, &before, NULL);
        errno = error;
    }
    if (output->descriptor < 0)
        return app_message(APP_SYSTEM, "%s: cannot be written: %s", path, strerror(errno));
    return APP_DONE;
}

static int failed(struct app_output *output)
{
    if (output->failed)
        return APP_SYSTEM;      /* not counted: callers stop at the first failure */
    output->failed = true;
    return app_message(APP_SYSTEM, "%s: cannot be written: %s", output->path != NULL ? output->path : "standard output",
                       strerror(errno));
}

int app_output_write(struct app_output *output, const char *bytes, size_t length)
{
    output->written = output->written || length > 0;
    if (output->path == NULL)
        return length > 0 && fwrite(bytes, 1, length, stdout) != length ? failed(output) : APP_DONE;
    while (length > 0) {
        ssize_t wrote = write(output->descriptor, bytes, length);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return failed(output);
        bytes += wrote;
        length -= (size_t)wrote;
    }
    return APP_DONE;
}

/* The folder of a file must be written too, for the new name to last. */
static void sync_folder(const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        strcpy(folder, ".");
    else
        (void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path) + 1, path);
    int descriptor = open_retrying(folder, O_RDONLY | O_DIRECTORY, 0);
    if (descriptor >= 0) {
        (void)fsync(descriptor);
        (void)close(descriptor);
    }
}

int app_output_close(struct app_output *output, bool commit)
{
    if (output->path == NULL) {
        if (output->failed)
            return APP_SYSTEM;
        return fflush(stdout) != 0 || ferror(stdout) ? failed(output) : APP_DONE;
    }
    if (output->descriptor < 0)
        return APP_SYSTEM;      /* not counted: callers do not close what they could not open */
    bool temporary = output->temporary[0] != '\0';
    int code = APP_DONE;
    if (commit && !output->failed && temporary && fsync(output->descriptor) != 0)
        code = failed(output);
    if (close(output->descriptor) != 0 && commit && code == APP_DONE && !output->failed)
        code = failed(output);
    output->descriptor = -1;
    if (commit && !output->failed && temporary && rename(output->temporary, output->path) != 0)
        code = failed(output);
    if (temporary && (!commit || output->failed))
        (void)unlink(output->temporary);
    else if (temporary)
        sync_folder(output->path);
    forget(output);
    return output->failed ? APP_SYSTEM : code;
}
