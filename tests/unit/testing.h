/* testing.h - what every unit suite shares: the table of cases, checks that print, random numbers, skips.
 *
 * A suite is one file test_NAME.c that defines `suite`; testing.c has main(), runs it under CUnit, prints the seed,
 * the number of assertions and the line "N passed, N failed, N skipped", and fails the process when anything failed.
 *
 *     static void the_branches_merge_to_the_kernel(void) { .. }
 *     const struct test_suite suite = { "polyphase", {
 *         { "the branches merge to the kernel", the_branches_merge_to_the_kernel },
 *         { NULL, NULL } } };
 *
 * TCONV_TEST_QUICK=1 asks for fewer random cases: take counts from test_rounds(). TCONV_TEST_SEED=N changes the seed.
 */
#ifndef TCONV_TESTS_TESTING_H
#define TCONV_TESTS_TESTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEST_MAX_CASES 64

struct test_case {
    const char *name;
    void (*run)(void);
};

struct test_suite {
    const char *name;
    struct test_case cases[TEST_MAX_CASES];
};

extern const struct test_suite suite;

/* Count one assertion; on failure print the sentence (at most 20 of a suite) and fail the running case. */
void check_that(bool holds, const char *file, int line, const char *format, ...) __attribute__((format(printf, 4, 5)));
#define CHECK(condition) check_that((condition), __FILE__, __LINE__, "%s", #condition)
#define CHECK_MESSAGE(condition, ...) check_that((condition), __FILE__, __LINE__, __VA_ARGS__)

/* |got - want| <= tolerance; prints case, index, both values, difference and tolerance. Equal infinities are close;
 * NaN is close to nothing. */
void check_close_at(const char *name, size_t index, double got, double want, double tolerance, const char *file, int line);
#define CHECK_CLOSE(name, index, got, want, tolerance) check_close_at(name, index, got, want, tolerance, __FILE__, __LINE__)

/* Same bytes. */
#define CHECK_SAME(got, want, bytes) check_that(memcmp(got, want, bytes) == 0, __FILE__, __LINE__, "%s is %s bit for bit", #got, #want)

/* Equal strings; prints both. */
void check_text_at(const char *got, const char *want, const char *file, int line);
#define CHECK_TEXT(got, want) check_text_at(got, want, __FILE__, __LINE__)

/* Say aloud that something could not be tested here, and count it. */
void test_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether long double is as precise as the compiler says; valgrind computes it in double. Skips aloud where it is not. */
bool test_long_double(void);

/* `full`, or a tenth of it (at least 1) in a quick run. */
size_t test_rounds(size_t full);

/* The folder of shared real data (TCONV_SHARED, else ../shared beside the project), or NULL where it is absent. */
const char *test_shared_folder(void);

/* The project's own folder, so that suites find tests/data from anywhere: TCONV_ROOT or ".". */
const char *test_root_folder(void);

/* Random numbers (splitmix64): the same on every machine. The state begins at the printed seed in every case. */
uint64_t random_bits(void);
size_t random_between(size_t least, size_t most);      /* both included */
double random_uniform(double least, double most);
double random_normal(void);
int random_small_integer(int limit);                   /* -limit..limit */
void random_taps(double *taps, size_t count);          /* uniform in [-1, 1) */

#endif
