/* learning.h - what was learned from a signal, beside the kernels that it is measured by, for people and as JSON.
 *
 * The keys of the JSON are a contract: added, never renamed. null is undefined, "inf" and "-inf" are infinite.
 */
#ifndef TCONV_REPORT_LEARNING_H
#define TCONV_REPORT_LEARNING_H

#include "../core/buffer.h"
#include "../core/kernel.h"
#include "../design/compare.h"
#include "../learn/learn.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_learning_line {       /* one kernel on both parts of the signal */
    const char *name, *what;
    double train, test;                    /* mean squared errors; NAN: not measured */
} tconv_learning_line;

typedef struct tconv_learning_report {     /* all borrowed */
    const char *tool, *file, *format;      /* "-" is said as standard input */
    const char *channel;                   /* "channel 0", "mean of 3 channels"; NULL where there is one */
    size_t ndim, n[TCONV_MAX_NDIM];        /* of the signal */
    size_t rate;                           /* Hz; 0: none */
    const char *train, *test;              /* "first half", "all"; test NULL: none */
    double train_power, test_power;        /* mean squares of the parts */
    const char *down;                      /* how it was made smaller, in words */
    const char *optimizer, *start;         /* "sgd"; the initialiser */
    bool separable;
    tconv_learned learned;
    double least;                          /* the least loss that these taps can reach on the trained part */
    const tconv_kernel *kernel;            /* the learned one, first among the lines */
    const tconv_learning_line *line;
    size_t n_lines;
    const tconv_comparisons *comparisons;  /* with the classical filters; NULL: none could be made */
} tconv_learning_report;

/* Append the report, at most 100 columns. Failure is kept in the buffer. Thread-safe. */
TCONV_API void tconv_learning_text(tconv_buffer *out, const tconv_learning_report *report);

/* Append the document and a newline. TCONV_ENOMEM, and the failures of the buffer. */
TCONV_API TCONV_CHECKED tconv_status tconv_learning_json(const tconv_learning_report *report, tconv_buffer *out);

#ifdef __cplusplus
}
#endif
#endif
