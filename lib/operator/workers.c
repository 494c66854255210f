#include "workers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "../core/memory.h"

/* How often a thread looks for news before it goes to sleep: some tens of microseconds. To wake a sleeping one takes as
 * long, which is all that a small layer has; longer waits belong to others. */
#define LOOKS 2000

static inline void pause_a_little(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

struct member {
    tconv_workers *crew;
    size_t number;
    pthread_t thread;
};

struct tconv_workers {
    size_t count, started;
    struct member *member;            /* [1..started-1] have threads */
    pthread_mutex_t lock;
    pthread_cond_t begin, end;
    atomic_size_t round, busy;        /* rounds begun; members at work in this one. Changed under the lock, looked at outside */
    size_t asleep;                    /* members that wait for `begin` */
    bool open;                        /* whether a member may still join this round */
    atomic_bool stop;
    tconv_task *task;                 /* of this round */
    void *context;
    size_t n_tasks, run;
    atomic_size_t next;               /* the first task that nobody has taken */
};

static void work(tconv_workers *crew, size_t number)
{
    for (;;) {
        size_t first = atomic_fetch_add(&crew->next, crew->run);
        if (first >= crew->n_tasks)
            return;
        size_t last = crew->n_tasks - first < crew->run ? crew->n_tasks : first + crew->run;
        for (size_t task = first; task < last; task++)
            crew->task(crew->context, number, task);
    }
}

/* Wait, under the lock, for a round after `seen`, or the end. */
static void await_round(tconv_workers *crew, size_t seen)
{
    (void)pthread_mutex_unlock(&crew->lock);
    for (int look = 0; look < LOOKS && atomic_load(&crew->round) == seen && !atomic_load(&crew->stop); look++)
        pause_a_little();
    (void)pthread_mutex_lock(&crew->lock);
    crew->asleep++;
    while (atomic_load(&crew->round) == seen && !atomic_load(&crew->stop))
        (void)pthread_cond_wait(&crew->begin, &crew->lock);
    crew->asleep--;
}

static void *serve(void *argument)
{
    struct member *member = argument;
    tconv_workers *crew = member->crew;
    size_t seen = 0;
    (void)pthread_mutex_lock(&crew->lock);
    for (;;) {
        await_round(crew, seen);
        if (atomic_load(&crew->stop))
            break;
        seen = atomic_load(&crew->round);
        if (!crew->open)
            continue;                                 /* too late: the others have done it all */
        atomic_fetch_add(&crew->busy, 1);
        (void)pthread_mutex_unlock(&crew->lock);
        work(crew, member->number);
        (void)pthread_mutex_lock(&crew->lock);
        if (atomic_fetch_sub(&crew->busy, 1) == 1)
            (void)pthread_cond_signal(&crew->end);
    }
    (void)pthread_mutex_unlock(&crew->lock);
    return NULL;
}

tconv_status tconv_workers_create(tconv_workers **workers, size_t count)
{
    tconv_status status = TCONV_OK;
    *workers = NULL;
    tconv_workers *crew = tconv_alloc_zero(1, sizeof *crew, &status);
    if (crew == NULL)
        return status;
    count = count < 1 ? 1 : count > TCONV_MOST_THREADS ? TCONV_MOST_THREADS : count;
    crew->member = tconv_alloc_zero(count, sizeof *crew->member, &status);
    if (crew->member == NULL) {
        tconv_free(crew);
        return status;
    }
    (void)pthread_mutex_init(&crew->lock, NULL);
    (void)pthread_cond_init(&crew->begin, NULL);
    (void)pthread_cond_init(&crew->end, NULL);
    crew->count = count;
    crew->started = 1;
    *workers = crew;
    return TCONV_OK;
}

void tconv_workers_start(tconv_workers *crew)
{
    while (crew->started < crew->count) {
        struct member *member = &crew->member[crew->started];
        *member = (struct member){ .crew = crew, .number = crew->started };
        if (pthread_create(&member->thread, NULL, serve, member) == 0)
            crew->started++;
        else
            crew->count = crew->started;              /* not asked for again */
    }
}

void tconv_workers_destroy(tconv_workers *crew)
{
    if (crew == NULL)
        return;
    (void)pthread_mutex_lock(&crew->lock);
    atomic_store(&crew->stop, true);
    (void)pthread_cond_broadcast(&crew->begin);
    (void)pthread_mutex_unlock(&crew->lock);
    for (size_t i = 1; i < crew->started; i++)
        (void)pthread_join(crew->member[i].thread, NULL);
    (void)pthread_cond_destroy(&crew->begin);
    (void)pthread_cond_destroy(&crew->end);
    (void)pthread_mutex_destroy(&crew->lock);
    tconv_free(crew->member);
    tconv_free(crew);
}

size_t tconv_workers_count(const tconv_workers *crew)
{
    return crew->count;
}

void tconv_workers_run(tconv_workers *crew, tconv_task *task, void *context, size_t n_tasks, size_t run)
{
    if (crew->started == 1 || n_tasks <= run) {
        for (size_t i = 0; i < n_tasks; i++)
            task(context, 0, i);
        return;
    }
    (void)pthread_mutex_lock(&crew->lock);
    crew->task = task;
    crew->context = context;
    crew->n_tasks = n_tasks;
    crew->run = run;
    crew->open = true;
    atomic_store(&crew->next, 0);
    atomic_fetch_add(&crew->round, 1);
    if (crew->asleep > 0)
        (void)pthread_cond_broadcast(&crew->begin);
    (void)pthread_mutex_unlock(&crew->lock);
    work(crew, 0);
    (void)pthread_mutex_lock(&crew->lock);
    crew->open = false;                               /* who has not begun by now need not */
    (void)pthread_mutex_unlock(&crew->lock);
    for (int look = 0; look < LOOKS && atomic_load(&crew->busy) > 0; look++)
        pause_a_little();
    (void)pthread_mutex_lock(&crew->lock);
    while (atomic_load(&crew->busy) > 0)
        (void)pthread_cond_wait(&crew->end, &crew->lock);
    (void)pthread_mutex_unlock(&crew->lock);
}
