/* learn_work.h - the steps of polyphase-learn: the signal made small, the first taps, learning, what the kernel is measured by. */
#ifndef TCONV_APPS_COMMON_LEARN_WORK_H
#define TCONV_APPS_COMMON_LEARN_WORK_H

#include "app.h"
#include "design/compare.h"
#include "learn/learn.h"
#include "learn/lesson.h"
#include "report/learning.h"
#include "signal_in.h"

enum learn_part { PART_FIRST, PART_SECOND, PART_ALL, PART_NONE, PART_OTHER };

#define LEARN_MOST_LINES 5

struct learn_request {
    tconv_geometry_options geometry;
    struct app_common common;
    const char *file, *down, *init, *history, *plot;
    tconv_option_list taps;
    tconv_learning how;
    size_t channel, seed;
    enum learn_part train, test;
    char *const *inputs;               /* names that no output may replace */
};

/* All that is made on the way; one release. */
struct learn_work {
    struct app_signal signal;
    tconv_geometry geometry;
    tconv_lesson *train, *test;
    tconv_kernel *kernel;
    double *down[TCONV_MAX_NDIM], *history, *taps[LEARN_MOST_LINES];   /* taps[0] is kernel->taps, borrowed */
    tconv_learning_line line[LEARN_MOST_LINES];
    size_t n_lines;
    tconv_learned learned;
    double least;
    tconv_comparisons *comparisons;
    char channel_text[64], down_text[384];
};

/* Each step: an exit code, after a message. */

/* Read the signal; make the layer's geometry and the lessons of the parts to learn from and to test on. */
int learn_make_lessons(const struct learn_request *request, struct learn_work *work);

/* work->kernel with the taps of --init. */
int learn_start(const struct learn_request *request, struct learn_work *work);

/* Learn; work->history and work->learned. */
int learn_run(const struct learn_request *request, struct learn_work *work);

/* The losses of the learned kernel, the exact one, the Wiener prediction, sinc and linear; the comparison with the references. From
 * here on the kernel has the layer's own crop. */
int learn_measure(const struct learn_request *request, struct learn_work *work);

void learn_release(struct learn_work *work);

#endif
