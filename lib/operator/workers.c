#include "workers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "../core/memory.h"

struct member {
    tconv_workers *crew;
    size_t number;
    pthread_t thread;
};

struct tconv_workers {
    size_t count;
    struct member *member;            /* [1..count-1] have threads */
    pthread_mutex_t lock;
    pthread_cond_t begin, end;
    size_t round, busy;               /* under the lock: rounds begun; members still at work in this one */
    bool stop;
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

static void *serve(void *argument)
{
    struct member *member = argument;
    tconv_workers *crew = member->crew;
    size_t seen = 0;
    (void)pthread_mutex_lock(&crew->lock);
    for (;;) {
        while (crew->round == seen && !crew->stop)
            (void)pthread_cond_wait(&crew->begin, &crew->lock);
        if (crew->stop)
            break;
        seen = crew->round;
        (void)pthread_mutex_unlock(&crew->lock);
        work(crew, member->number);
        (void)pthread_mutex_lock(&crew->lock);
        if (--crew->busy == 0)
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
    for (crew->count = 1; crew->count < count; crew->count++) {
        struct member *member = &crew->member[crew->count];
        *member = (struct member){ .crew = crew, .number = crew->count };
        if (pthread_create(&member->thread, NULL, serve, member) != 0)
            break;
    }
    *workers = crew;
    return TCONV_OK;
}

void tconv_workers_destroy(tconv_workers *crew)
{
    if (crew == NULL)
        return;
    (void)pthread_mutex_lock(&crew->lock);
    crew->stop = true;
    (void)pthread_cond_broadcast(&crew->begin);
    (void)pthread_mutex_unlock(&crew->lock);
    for (size_t i = 1; i < crew->count; i++)
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
    if (crew->count == 1 || n_tasks <= run) {
        for (size_t i = 0; i < n_tasks; i++)
            task(context, 0, i);
        return;
    }
    (void)pthread_mutex_lock(&crew->lock);
    crew->task = task;
    crew->context = context;
    crew->n_tasks = n_tasks;
    crew->run = run;
    atomic_store(&crew->next, 0);
    crew->busy = crew->count - 1;
    crew->round++;
    (void)pthread_cond_broadcast(&crew->begin);
    (void)pthread_mutex_unlock(&crew->lock);
    work(crew, 0);
    (void)pthread_mutex_lock(&crew->lock);
    while (crew->busy > 0)
        (void)pthread_cond_wait(&crew->end, &crew->lock);
    (void)pthread_mutex_unlock(&crew->lock);
}
