#include "testing.h"

#include <CUnit/Basic.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_MESSAGES 20
#define DEFAULT_SEED 20160101u

static uint64_t seed = DEFAULT_SEED, state;
static size_t skipped, messages;

static void report(bool holds, const char *file, int line, const char *text)
{
    if (!holds && messages++ < MOST_MESSAGES)
        fprintf(stderr, "%s:%d: seed %" PRIu64 ": not so: %s\n", file, line, seed, text);
    CU_assertImplementation(holds ? CU_TRUE : CU_FALSE, (unsigned)line, "see above", file, "", CU_FALSE);
}

void check_that(bool holds, const char *file, int line, const char *format, ...)
{
    char text[512] = "";
    if (!holds) {
        va_list arguments;
        va_start(arguments, format);
        (void)vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
    }
    report(holds, file, line, text);
}

void check_close_at(const char *name, size_t index, double got, double want, double tolerance, const char *file, int line)
{
    bool close = fabs(got - want) <= tolerance || (isinf(got) && isinf(want) && (got > 0) == (want > 0));
    char text[256] = "";
    if (!close)
        (void)snprintf(text, sizeof text, "%s[%zu] = %.17g, wanted %.17g: off by %.3g, tolerance %.3g", name, index, got,
                       want, fabs(got - want), tolerance);
    report(close, file, line, text);
}

void check_text_at(const char *got, const char *want, const char *file, int line)
{
    bool same = got != NULL && strcmp(got, want) == 0;
    check_that(same, file, line, "\"%s\", wanted \"%s\"", got != NULL ? got : "(null)", want);
}

void test_skip(const char *format, ...)
{
    va_list arguments;
    skipped++;
    printf("SKIPPED: ");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
}

bool test_long_double(void)
{
    volatile long double one = 1.0L, least = LDBL_EPSILON;
    if (one + least > one)
        return true;
    test_skip("long double is no more precise than double here (valgrind): nothing to compare with");
    return false;
}

size_t test_rounds(size_t full)
{
    const char *quick = getenv("TCONV_TEST_QUICK");
    if (quick == NULL || strcmp(quick, "1") != 0)
        return full;
    return full >= 10 ? full / 10 : 1;
}

const char *test_root_folder(void)
{
    const char *root = getenv("TCONV_ROOT");
    return root != NULL ? root : ".";
}

const char *test_shared_folder(void)
{
    static char folder[512];
    struct stat info;
    const char *told = getenv("TCONV_SHARED");
    if (told != NULL)
        (void)snprintf(folder, sizeof folder, "%s", told);
    else
        (void)snprintf(folder, sizeof folder, "%s/../shared", test_root_folder());
    return stat(folder, &info) == 0 && S_ISDIR(info.st_mode) ? folder : NULL;
}

uint64_t random_bits(void)
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

size_t random_between(size_t least, size_t most)
{
    return least + (size_t)(random_bits() % (uint64_t)(most - least + 1));
}

double random_uniform(double least, double most)
{
    return least + (most - least) * ((double)(random_bits() >> 11) * 0x1p-53);
}

double random_normal(void)
{
    double radius = sqrt(-2.0 * log(random_uniform(0x1p-53, 1.0)));
    return radius * cos(6.283185307179586477 * random_uniform(0.0, 1.0));
}

int random_small_integer(int limit)
{
    return (int)random_between(0, 2 * (size_t)limit) - limit;
}

void random_taps(double *taps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        taps[i] = random_uniform(-1.0, 1.0);
}

static void begin_case(const CU_pTest test, const CU_pSuite in)
{
    (void)test;
    (void)in;
    state = seed;
}

int main(void)
{
    const char *told = getenv("TCONV_TEST_SEED");
    if (told != NULL)
        seed = strtoull(told, NULL, 10);
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 2;
    CU_pSuite run = CU_add_suite(suite.name, NULL, NULL);
    for (const struct test_case *c = suite.cases; run != NULL && c->name != NULL; c++)
        if (CU_add_test(run, c->name, c->run) == NULL)
            run = NULL;
    if (run == NULL)
        return 2;
    CU_set_test_start_handler(begin_case);
    CU_run_all_tests();
    unsigned failed = CU_get_number_of_tests_failed(), ran = CU_get_number_of_tests_run();
    for (CU_pFailureRecord record = CU_get_failure_list(); record != NULL; record = record->pNext)
        if (record->pNext == NULL || record->pNext->pTest != record->pTest)
            printf("FAILED: %s: %s\n", suite.name, record->pTest != NULL ? record->pTest->pName : "(suite)");
    printf("suite %s: seed %" PRIu64 ", %u assertions\n", suite.name, seed, CU_get_number_of_asserts());
    printf("%u passed, %u failed, %zu skipped\n", ran - failed, failed, skipped);
    CU_cleanup_registry();
    return failed != 0 || ran == 0 ? 1 : 0;
}
