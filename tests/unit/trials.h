/* trials.h - calls of public functions that run out of memory at every place where they can.
 *
 * A trial makes a few calls by the macros below and gives back what it has taken. The suite test_memory_failures runs it
 * undisturbed, then with the k-th allocation failing, then with it and all later ones, for k = 1, 2, .. until none is left.
 *
 *     static void kernel_create(struct trial *t)
 *     {
 *         tconv_kernel *kernel = ANYTHING;
 *         if (MADE(kernel, tconv_kernel_create(&kernel, &geometry, &t->error))) {
 *             note(t, kernel->taps, sizeof(double) * tconv_kernel_count(kernel));        must be the same every time
 *             tconv_kernel_destroy(kernel);
 *         }
 *     }
 *
 * The names of the functions that are called so are kept: one of the headers that never was is a failure of the suite.
 */
#ifndef TCONV_TESTS_TRIALS_H
#define TCONV_TESTS_TRIALS_H

#include "testing.h"
#include "tconv.h"

struct trial {
    tconv_status status;        /* of the call that ended last; the trial ends where it is not TCONV_OK */
    tconv_error error;
    bool says;                  /* the call takes the error */
    uint64_t digest;            /* of all that was noted */
    const char *call, *wrong;   /* the call that was made last; what is not as it should be */
    size_t allocations;         /* before it */
};

struct trial_case {
    const char *name;
    void (*run)(struct trial *t);
    size_t crashes, leaks;      /* how often a library that it calls, and not ours, is known to crash or to keep a block where its
                                   memory runs out. One that may crash runs in processes of its own */
};
extern const struct trial_case trials_core[], trials_design[], trials_io[], trials_model[], trials_operator[], trials_report[];

/* Give back what is kept from trial to trial, in memory and in files. */
void trials_core_end(void);
void trials_io_end(void);
void trials_model_end(void);
void trials_report_end(void);

/* A call that returns a status; one that may fail by what it writes into a buffer. True where it was TCONV_OK. Only allocations
 * between begin and end fail. */
#define TRY(...) (trial_begin(t, #__VA_ARGS__), trial_end(t, (__VA_ARGS__)))
#define FILL(buffer, ...) (trial_begin(t, #__VA_ARGS__), (__VA_ARGS__), trial_end(t, (buffer)->status))

/* A call that returns a pointer or NULL and sets t->status. */
#define GET(pointer, ...) \
    (trial_begin(t, #__VA_ARGS__), (pointer) = (__VA_ARGS__), trial_end(t, (pointer) != NULL ? TCONV_OK : t->status))

/* TRY, and the pointer is NULL after a failure and only then. */
#define MADE(pointer, ...) (TRY(__VA_ARGS__), trial_made(t, (pointer)))
extern char trial_anything[];
#define ANYTHING ((void *)trial_anything)

/* Calls that allocate nothing, which is checked. QUIET_IS also compares what they return: for those that must not be ignored. */
#define QUIET(...) (trial_watch(t, #__VA_ARGS__), (__VA_ARGS__), trial_quiet(t))
#define QUIET_IS(value, ...) \
    (trial_watch(t, #__VA_ARGS__), require(t, (__VA_ARGS__) == (value), "the value returned"), trial_quiet(t))

void trial_begin(struct trial *t, const char *call);
void trial_watch(struct trial *t, const char *call);
bool trial_end(struct trial *t, tconv_status status);
bool trial_made(struct trial *t, const void *pointer);
void trial_quiet(struct trial *t);
void require(struct trial *t, bool holds, const char *what);

void note(struct trial *t, const void *bytes, size_t size);
void note_doubles(struct trial *t, const double *values, size_t count);
void note_buffer(struct trial *t, tconv_buffer *buffer);      /* and free it */
void note_kernel(struct trial *t, tconv_kernel *kernel);      /* and destroy it */

/* Made once, when first asked for, and kept. `single`: 1-D, one channel, uneven; `layer`: 2-D, 2 channels in and out, a bias. */
const tconv_kernel *trial_single(void);
const tconv_kernel *trial_layer(void);
const tconv_figures *trial_figures(const tconv_kernel *kernel);
const tconv_comparisons *trial_comparisons(void);

#endif
