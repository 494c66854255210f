/* workers.h - a fixed crew of threads that share out numbered tasks. Internal to lib/operator.
 *
 * Tasks are independent, so who does which changes no result. Until tconv_workers_start there are no threads, and the caller
 * does it all: starting one takes as long as a small layer (40 us were measured). Between runs the
 * threads look for the next one for some tens of microseconds, then sleep on a condition variable. A run ends when its tasks
 * are done: threads that have not begun by then are not waited for.
 */
#ifndef TCONV_OPERATOR_WORKERS_H
#define TCONV_OPERATOR_WORKERS_H

#include <stddef.h>

#include "../core/status.h"

#define TCONV_MOST_THREADS 256

typedef struct tconv_workers tconv_workers;

/* Do task `task` as worker number `worker`, 0 <= worker < the size of the crew. */
typedef void tconv_task(void *context, size_t worker, size_t task);

/* A crew of `count` workers, the caller of tconv_workers_run being number 0. On failure *workers is NULL: TCONV_EBUDGET,
 * TCONV_ENOMEM. */
TCONV_CHECKED tconv_status tconv_workers_create(tconv_workers **workers, size_t count);
void tconv_workers_destroy(tconv_workers *workers);   /* NULL is fine */

size_t tconv_workers_count(const tconv_workers *workers);

/* Start the threads, unless that was done before. Where the system gives fewer or none, the others do their work. */
void tconv_workers_start(tconv_workers *workers);

/* Do tasks 0..n_tasks-1, handed out in runs of `run` >= 1 consecutive numbers, and return when all are done. */
void tconv_workers_run(tconv_workers *workers, tconv_task *task, void *context, size_t n_tasks, size_t run);

#endif
