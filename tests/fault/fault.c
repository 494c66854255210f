/* fault.c - loaded before a command (LD_PRELOAD): makes the k-th allocation, or the k-th input or output operation, fail.
 *
 * Before main begins it becomes a server: it reads lines "MODE K FOLDER" from the descriptor that TCONV_FAULT names, forks, and
 * the child goes on to main in FOLDER, its input from in, its output to out, its messages to err there, with that fault
 * before it. The server waits and answers "STATUS SEEN": waitpid's status, and how many operations of the kind there were. So
 * thousands of faults cost thousands of forks, not thousands of starts.
 *
 *     alloc  alloc-ever    the k-th allocation; it and all later ones
 *     io     io-ever       the k-th open, read, write, seek, stat, sync, rename or pipe
 *     short                every read and write moves one byte
 *     eintr                every open, read and write is interrupted once before it does anything
 *     int    term          the signal arrives with the k-th write or open
 *     none                 nothing; SEEN counts allocations
 *     places               nothing; after SEEN comes the number of the first allocation that each place of the program makes: a
 *                          place is the chain of the last calls that led there
 *
 * Of stdio only what goes to standard output is counted; messages are let through, and unlink, which cleans up. */
#define _GNU_SOURCE
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_PLACES 16384
#define CHAIN 12

enum mode { NONE, PLACES, ALLOC, ALLOC_EVER, IO, IO_EVER, SHORT, EINTR_ONCE, INT, TERM };
static const char *const names[] = { "none", "places", "alloc", "alloc-ever", "io", "io-ever", "short", "eintr", "int", "term" };

struct shared {                            /* by server and child */
    unsigned long seen, n_places;
    struct { unsigned long chain, first; } place[MOST_PLACES];      /* a hash table; first 0: free */
};
static struct shared *shared;
static enum mode mode;
static unsigned long wanted, *seen;        /* &shared->seen */
static bool armed, interrupted;

/* What comes after main is not the command's (a program built for coverage writes its counts there). A handler of exit that is
 * registered in the constructor would run too late, after the program's own destructors: it is with the first operation. */
static void disarm(void)
{
    armed = false;
}

static bool is_armed(void)
{
    static bool registered;
    if (armed && !registered) {
        registered = true;
        (void)atexit(disarm);
    }
    return armed;
}

/* Is this the operation that fails? */
static bool due(enum mode once, enum mode ever)
{
    if (!is_armed() || (mode != once && mode != ever))
        return false;
    unsigned long count = __atomic_add_fetch(seen, 1, __ATOMIC_SEQ_CST);
    return count == wanted || (mode == ever && count > wanted);
}

/* ---- allocations ---- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

/* Note where allocation number k comes from, once for each place. Of threads one at a time. */
static void note_place(unsigned long k)
{
    static bool busy;
    void *call[CHAIN];
    unsigned long chain = 1469598103934665603u;
    if (__atomic_test_and_set(&busy, __ATOMIC_ACQUIRE))
        return;
    int depth = backtrace(call, CHAIN);
    for (int i = 0; i < depth; i++)
        chain = (chain ^ (unsigned long)call[i]) * 1099511628211u;
    unsigned long at = chain % MOST_PLACES;
    while (shared->place[at].first != 0 && shared->place[at].chain != chain)
        at = (at + 1) % MOST_PLACES;
    if (shared->place[at].first == 0 && shared->n_places < MOST_PLACES / 2) {
        shared->n_places++;
        shared->place[at].chain = chain;
        shared->place[at].first = k;
    }
    __atomic_clear(&busy, __ATOMIC_RELEASE);
}

static bool allocation_fails(void)
{
    if (is_armed() && (mode == NONE || mode == PLACES)) {
        unsigned long k = __atomic_add_fetch(seen, 1, __ATOMIC_SEQ_CST);
        if (mode == PLACES)
            note_place(k);
    }
    if (!due(ALLOC, ALLOC_EVER))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return allocation_fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return allocation_fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    return allocation_fails() ? NULL : __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size)
{
    return allocation_fails() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    void *got = memalign(alignment, size);
    if (got == NULL)
        return ENOMEM;
    *block = got;
    return 0;
}

/* ---- input and output ---- */

/* True with errno set where the operation fails. `first` tells whether it may be interrupted. */
static bool operation_fails(bool first, int reason)
{
    if (is_armed() && mode == EINTR_ONCE && first) {
        interrupted = !interrupted;
        errno = EINTR;
        return interrupted;
    }
    if (due(INT, TERM) && *seen == wanted)
        (void)raise(mode == INT ? SIGINT : SIGTERM);
    errno = reason;
    return due(IO, IO_EVER);
}

static size_t part(size_t size)
{
    return is_armed() && mode == SHORT && size > 1 ? 1 : size;
}

static int open_for_real(int folder, const char *path, int flags, mode_t permissions)
{
    return operation_fails(true, flags & O_CREAT ? ENOSPC : EACCES) ? -1 : (int)syscall(SYS_openat, folder, path, flags, permissions);
}

#define PERMISSIONS(flags) \
    mode_t permissions = 0; \
    va_list arguments; \
    va_start(arguments, flags); \
    if (flags & O_CREAT) \
        permissions = (mode_t)va_arg(arguments, int); \
    va_end(arguments)

int open(const char *path, int flags, ...)
{
    PERMISSIONS(flags);
    return open_for_real(AT_FDCWD, path, flags, permissions);
}

int open64(const char *path, int flags, ...)
{
    PERMISSIONS(flags);
    return open_for_real(AT_FDCWD, path, flags, permissions);
}

int openat(int folder, const char *path, int flags, ...)
{
    PERMISSIONS(flags);
    return open_for_real(folder, path, flags, permissions);
}

int __open_2(const char *path, int flags) { return open_for_real(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_for_real(AT_FDCWD, path, flags, 0); }
int __openat_2(int folder, const char *path, int flags) { return open_for_real(folder, path, flags, 0); }
int __openat64_2(int folder, const char *path, int flags) { return open_for_real(folder, path, flags, 0); }

ssize_t read(int descriptor, void *bytes, size_t size)
{
    return operation_fails(true, EIO) ? -1 : syscall(SYS_read, descriptor, bytes, part(size));
}

ssize_t pread(int descriptor, void *bytes, size_t size, off_t offset)
{
    return operation_fails(true, EIO) ? -1 : syscall(SYS_pread64, descriptor, bytes, part(size), offset);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset)
{
    return operation_fails(true, ENOSPC) ? -1 : syscall(SYS_pwrite64, descriptor, bytes, part(size), offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off_t offset)
{
    return pwrite(descriptor, bytes, size, offset);
}

ssize_t pread64(int descriptor, void *bytes, size_t size, off_t offset)
{
    return pread(descriptor, bytes, size, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t size)
{
    return descriptor != STDERR_FILENO && operation_fails(true, ENOSPC) ? -1 : syscall(SYS_write, descriptor, bytes, part(size));
}

int fsync(int descriptor)
{
    return operation_fails(false, EIO) ? -1 : (int)syscall(SYS_fsync, descriptor);
}

int rename(const char *from, const char *to)
{
    return operation_fails(false, EACCES) ? -1 : (int)syscall(SYS_rename, from, to);
}

int pipe(int ends[2])
{
    return operation_fails(false, EMFILE) ? -1 : (int)syscall(SYS_pipe2, ends, 0);
}

int fstat(int descriptor, struct stat *info)
{
    return operation_fails(false, EIO) ? -1 : (int)syscall(SYS_newfstatat, descriptor, "", info, AT_EMPTY_PATH);
}

off_t lseek(int descriptor, off_t offset, int whence)
{
    return operation_fails(false, EIO) ? -1 : syscall(SYS_lseek, descriptor, offset, whence);
}

/* The descriptor is gone all the same, as on Linux. */
int close(int descriptor)
{
    bool fails = operation_fails(false, EIO);
    int status = (int)syscall(SYS_close, descriptor);
    errno = fails ? EIO : errno;
    return fails ? -1 : status;
}

size_t fwrite(const void *bytes, size_t size, size_t count, FILE *stream)
{
    return stream == stdout && operation_fails(false, ENOSPC) ? 0 : fwrite_unlocked(bytes, size, count, stream);
}

int fputs(const char *text, FILE *stream)
{
    return stream == stdout && operation_fails(false, ENOSPC) ? EOF : fputs_unlocked(text, stream);
}

int fflush(FILE *stream)
{
    return stream == stdout && operation_fails(false, ENOSPC) ? EOF : fflush_unlocked(stream);
}

/* ---- the server ---- */

static void die(const char *what)
{
    perror(what);
    _exit(111);
}

static void begin_child(const char *folder)
{
    static const struct { const char *name; int flags, descriptor; } files[] = {
        { "in", O_RDONLY, STDIN_FILENO }, { "out", O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO }, { "err", O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO },
    };
    if (chdir(folder) != 0)
        die(folder);
    for (size_t i = 0; i < 3; i++) {
        int descriptor = open(files[i].name, files[i].flags, 0666);
        if (descriptor < 0 || dup2(descriptor, files[i].descriptor) < 0)
            die(files[i].name);
        (void)close(descriptor);
    }
    (void)unsetenv("LD_PRELOAD");         /* what the command starts is left alone */
    (void)unsetenv("TCONV_FAULT");
    (void)alarm(60);
    armed = true;
}

/* Returns in the child only. */
static void serve(FILE *commands, FILE *answers)
{
    char line[4300], what[16], folder[4200];
    while (fgets(line, sizeof line, commands) != NULL) {
        if (sscanf(line, "%15s %lu %4199[^\n]", what, &wanted, folder) != 3)
            die("a command of three words");
        for (mode = NONE; strcmp(names[mode], what) != 0; mode++)
            if (mode == TERM)
                die(what);
        memset(shared, 0, sizeof *shared);
        pid_t child = fork();
        if (child == 0) {
            (void)fclose(commands);
            (void)fclose(answers);
            begin_child(folder);
            return;
        }
        int status = 0;
        if (child < 0 || waitpid(child, &status, 0) != child)
            die("fork");
        (void)fprintf(answers, "%d %lu", status, *seen);
        for (size_t i = 0; i < MOST_PLACES && shared->n_places > 0; i++)
            if (shared->place[i].first != 0)
                (void)fprintf(answers, " %lu", shared->place[i].first);
        (void)fprintf(answers, "\n");
        (void)fflush(answers);
    }
    _exit(0);
}

__attribute__((constructor)) static void begin(void)
{
    const char *descriptors = getenv("TCONV_FAULT");
    int in, out;
    if (descriptors == NULL || sscanf(descriptors, "%d,%d", &in, &out) != 2)
        return;
    void *warm[1];
    (void)backtrace(warm, 1);              /* loads what it needs, while nobody counts */
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    FILE *commands = fdopen(in, "r"), *answers = fdopen(out, "w");
    if (shared == MAP_FAILED || commands == NULL || answers == NULL)
        die("TCONV_FAULT");
    seen = &shared->seen;
    serve(commands, answers);
}
