/* Every public function when memory runs out: the k-th allocation fails, for every k, once and from then on. It says so in its
 * status and its sentence, hands nothing out, gives everything back, and the next call does as if nothing had been. */
#include "trials.h"

#include <ctype.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CUnit/CUnit.h>

#include "failing_memory.h"

char trial_anything[1];

#define MOST_NAMES 1024
static char *called[MOST_NAMES];      /* functions that a trial has called */
static size_t n_called, injected, spared, crashed;
static long leaked;                   /* by other libraries than ours, which counts its own */

/* ---- what the trials call ---- */

static size_t length_of_name(const char *text)
{
    size_t n = 0;
    while (isalnum((unsigned char)text[n]) || text[n] == '_')
        n++;
    return n;
}

static bool was_called(const char *name, size_t length)
{
    for (size_t i = 0; i < n_called; i++)
        if (strncmp(called[i], name, length) == 0 && called[i][length] == '\0')
            return true;
    return false;
}

void trial_watch(struct trial *t, const char *call)
{
    size_t length = length_of_name(call);
    if (!was_called(call, length) && n_called < MOST_NAMES)
        called[n_called++] = strndup(call, length);
    t->call = call;
    t->allocations = memory_seen() + memory_spared();
    memory_watch(true);
}

void trial_begin(struct trial *t, const char *call)
{
    t->says = strstr(call, "&t->error") != NULL;
    t->status = TCONV_OK;
    t->error = (tconv_error){ .status = TCONV_OK };
    trial_watch(t, call);
}

bool trial_end(struct trial *t, tconv_status status)
{
    memory_watch(false);
    t->status = status;
    return status == TCONV_OK;
}

bool trial_made(struct trial *t, const void *pointer)
{
    require(t, (t->status == TCONV_OK) == (pointer != NULL), "NULL after a failure, and only then");
    return t->status == TCONV_OK;
}

void trial_quiet(struct trial *t)
{
    memory_watch(false);
    require(t, memory_seen() + memory_spared() == t->allocations, "no allocation");
}

void require(struct trial *t, bool holds, const char *what)
{
    if (!holds && t->wrong == NULL)
        t->wrong = what;
}

void note(struct trial *t, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++)
        t->digest = (t->digest ^ at[i]) * UINT64_C(0x100000001b3);
    t->digest = (t->digest ^ size) * UINT64_C(0x100000001b3);
}

void note_doubles(struct trial *t, const double *values, size_t count)
{
    note(t, values, count * sizeof *values);
}

void note_buffer(struct trial *t, tconv_buffer *buffer)
{
    if (buffer->text != NULL)
        note(t, buffer->text, buffer->length);
    QUIET(tconv_buffer_free(buffer));
}

void note_kernel(struct trial *t, tconv_kernel *kernel)
{
    note_doubles(t, kernel->taps, tconv_kernel_count(kernel));
    if (kernel->bias != NULL)
        note_doubles(t, kernel->bias, kernel->geometry.channels_out);
    if (kernel->name != NULL)
        note(t, kernel->name, strlen(kernel->name));
    QUIET(tconv_kernel_destroy(kernel));
}

/* ---- running them ---- */

static bool verbose(void)
{
    return getenv("TCONV_TEST_VERBOSE") != NULL;
}

static struct trial run(const struct trial_case *c, size_t k, bool ever)
{
    struct trial t = { .status = TCONV_OK, .digest = UINT64_C(0xcbf29ce484222325) };
    memory_fail_at(k, ever);
    c->run(&t);
    memory_watch(false);
    return t;
}

/* What is wrong with a run of which an allocation failed, or NULL. */
static const char *fault_of(const struct trial *t, const struct trial *usual)
{
    if (t->wrong != NULL)
        return t->wrong;
    if (t->status == TCONV_OK)            /* it could do without */
        return t->digest == usual->digest ? NULL : "the same result";
    if (t->status != TCONV_ENOMEM)
        return "TCONV_ENOMEM";
    if (t->says && (t->error.status != TCONV_ENOMEM || strstr(t->error.message, "memory") == NULL))
        return "a sentence that says so";
    return NULL;
}

/* One run with a failure; false where there are not so many allocations. */
static bool attempt(const struct trial_case *c, size_t k, bool ever, const struct trial *usual)
{
    size_t in_use = tconv_memory_in_use();
    long live = memory_live();
    struct trial t = run(c, k, ever);
    size_t failed = memory_failed(), kept_bytes = tconv_memory_in_use() - in_use;
    long kept = memory_live() - live;
    memory_fail_at(0, false);
    injected += failed > 0;
    if (failed == 0)
        require(&t, t.status == TCONV_OK && t.digest == usual->digest, "the result from before");
    const char *fault = failed == 0 ? t.wrong : fault_of(&t, usual);
    const char *later = ever ? " and later" : "";
    CHECK_MESSAGE(fault == NULL, "%s, allocation %zu%s: %s: wanted %s; it gave %s, \"%s\"", c->name, k, later, t.call, fault,
                  tconv_status_name(t.status), t.error.message);
    CHECK_MESSAGE(kept_bytes == 0, "%s, allocation %zu%s: %zu bytes are kept after %s", c->name, k, later, kept_bytes, t.call);
    leaked += kept;
    if (kept != 0 && verbose())
        fprintf(stderr, "%s, allocation %zu%s: %ld blocks are kept after %s\n", c->name, k, later, kept, t.call);
    return failed > 0;
}

#ifdef TCONV_COVERAGE
extern void __gcov_dump(void);
static void dump_counts(void) { __gcov_dump(); }
#else
static void dump_counts(void) { }
#endif

/* The same in a process of its own. */
static bool attempt_apart(const struct trial_case *c, size_t k, bool ever, const struct trial *usual)
{
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        unsigned before = CU_get_number_of_failures();
        bool failed = attempt(c, k, ever, usual);
        CHECK_MESSAGE(leaked == 0, "%s, allocation %zu: %ld blocks are kept", c->name, k, leaked);
        (void)fflush(NULL);
        dump_counts();
        _exit(CU_get_number_of_failures() != before ? 2 : failed ? 1 : 0);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGABRT)) {
        crashed++;
        return true;
    }
    CHECK_MESSAGE(WIFEXITED(status) && WEXITSTATUS(status) <= 1, "%s, allocation %zu: ends with %d", c->name, k, status);
    bool failed = WIFEXITED(status) && WEXITSTATUS(status) == 1;
    injected += failed;
    return failed;
}

static void exhaust(const struct trial_case *c)
{
    struct trial usual = run(c, 0, false);
    usual = run(c, 0, false);             /* what is kept for ever, such as FFTW's tables, is there now */
    spared += memory_spared();
    CHECK_MESSAGE(usual.status == TCONV_OK && usual.wrong == NULL, "%s: %s: wanted %s; it gave %s, \"%s\"", c->name, usual.call,
                  usual.wrong != NULL ? usual.wrong : "success", tconv_status_name(usual.status), usual.error.message);
    bool apart = c->crashes > 0 && memory_complete();
    crashed = 0;
    leaked = 0;
    for (int ever = 0; ever < 2 && usual.status == TCONV_OK; ever++)
        for (size_t k = 1; apart ? attempt_apart(c, k, ever == 1, &usual) : attempt(c, k, ever == 1, &usual); k++)
            ;
    CHECK_MESSAGE(crashed <= c->crashes, "%s: %zu crashes", c->name, crashed);
    CHECK_MESSAGE(leaked <= (long)c->leaks, "%s: %ld blocks are lost", c->name, leaked);
    if (crashed > 0 || leaked > 0)
        test_skip("%s: %zu crashes and %ld blocks lost inside a library that memory ran out for", c->name, crashed, leaked);
}

static void exhaust_all(const struct trial_case *cases)
{
    for (const struct trial_case *c = cases; c->name != NULL; c++) {
        size_t before = injected;
        exhaust(c);
        if (verbose())
            fprintf(stderr, "%s: %zu\n", c->name, injected - before);
    }
}

static void core(void) { exhaust_all(trials_core); }
static void design(void) { exhaust_all(trials_design); }
static void files(void) { exhaust_all(trials_io); }
static void models(void) { exhaust_all(trials_model); }
static void operators(void) { exhaust_all(trials_operator); }
static void reports(void) { exhaust_all(trials_report); }

/* ---- which functions there are ---- */

static char *text_of(const char *path)
{
    FILE *in = fopen(path, "rb");
    char *text = calloc(1, 1 << 17);
    size_t size = in != NULL && text != NULL ? fread(text, 1, (1 << 17) - 1, in) : 0;
    CHECK_MESSAGE(size > 0 && size < (1 << 17) - 1, "%s is read", path);
    if (in != NULL)
        (void)fclose(in);
    return text;
}

static void blank_comments(char *text)
{
    for (char *from = strstr(text, "/*"); from != NULL; from = strstr(from, "/*")) {
        const char *to = strstr(from, "*/");
        size_t length = to != NULL ? (size_t)(to + 2 - from) : strlen(from);
        memset(from, ' ', length);
    }
}

/* Every function that the header declares with TCONV_API: the first name before a parenthesis. */
static size_t check_header(const char *path)
{
    size_t functions = 0;
    char *text = text_of(path);
    blank_comments(text);
    for (const char *at = strstr(text, "\nTCONV_API "); at != NULL; at = strstr(at + 1, "\nTCONV_API ")) {
        const char *end = at + strcspn(at, ";"), *name = strstr(at, "tconv_");
        while (name != NULL && name < end && name[length_of_name(name)] != '(')
            name = strstr(name + length_of_name(name), "tconv_");
        if (name == NULL || name >= end)
            continue;                     /* data */
        functions++;
        CHECK_MESSAGE(was_called(name, length_of_name(name)), "%s: %.*s is in a trial", path, (int)length_of_name(name), name);
    }
    free(text);
    return functions;
}

static void no_public_function_is_left_out(void)
{
    char pattern[600];
    glob_t headers;
    size_t functions = 0;
    (void)snprintf(pattern, sizeof pattern, "%s/lib/*/*.h", test_root_folder());
    CHECK(glob(pattern, 0, NULL, &headers) == 0);
    for (size_t i = 0; i < headers.gl_pathc; i++)
        functions += check_header(headers.gl_pathv[i]);
    globfree(&headers);
    (void)snprintf(pattern, sizeof pattern, "%s/lib/tconv.h", test_root_folder());
    functions += check_header(pattern);
    CHECK_MESSAGE(functions > 300, "%zu functions", functions);
    printf("%zu public functions, %zu allocations made to fail\n", functions, injected);
    CHECK(injected > 1000);
    if (!memory_complete())
        test_skip("only the library's own allocations fail here, not those of the libraries that it calls");
    if (spared > 0)
        test_skip("%zu allocations in FFTW's planner, which ends the process where they fail", spared);
    trials_report_end();
    trials_model_end();
    trials_io_end();
    trials_core_end();
    for (size_t i = 0; i < n_called; i++)
        free(called[i]);
}

const struct test_suite suite = { "memory_failures", {
    { "core", core },
    { "design and analysis", design },
    { "files", files },
    { "models", models },
    { "operators, learning", operators },
    { "reports", reports },
    { "no public function is left out", no_public_function_is_left_out },
    { NULL, NULL } } };
