/* The loops of this file are compiled once for each instruction set; the widest that the processor has is measured.
 *
 * A multiply-add takes 4 cycles and two or more start in each, so 12 chains that do not wait for one another keep two
 * units busy (8 would do) and fit 16 registers with the two constants. A chain is a -> a*c + d with |c| < 1: it
 * converges, never to a denormal. */
#include "limits.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define MOST_THREADS 64
#define CHAINS 12
#define STEPS 400000L

typedef double (*chain_run)(void);

#define DEFINE_CHAINS(name, real, bytes, attribute)                          \
    attribute static double name(void)                                      \
    {                                                                        \
        typedef real vector __attribute__((vector_size(bytes)));             \
        static volatile real factor = (real)0.999, term = (real)1e-3;        \
        vector a[CHAINS], c = (vector){ 0 } + factor, d = (vector){ 0 } + term; \
        for (int i = 0; i < CHAINS; i++)                                     \
            a[i] = d + (real)i;                                              \
        for (long step = 0; step < STEPS; step++)                            \
            _Pragma("GCC unroll 12")                                         \
            for (int i = 0; i < CHAINS; i++)                                 \
                a[i] = a[i] * c + d;                                         \
        double sum = 0.0;                                                    \
        for (int i = 0; i < CHAINS; i++)                                     \
            sum += (double)a[i][0];                                          \
        return sum;                                                          \
    }

#if defined(__x86_64__)
#if defined(__clang__)
#define WIDE_VECTORS __attribute__((target("avx512f")))
#else
#define WIDE_VECTORS __attribute__((target("avx512f,prefer-vector-width=512")))
#endif
DEFINE_CHAINS(chains_512_f32, float, 64, WIDE_VECTORS)
DEFINE_CHAINS(chains_512_f64, double, 64, WIDE_VECTORS)
DEFINE_CHAINS(chains_256_f32, float, 32, __attribute__((target("avx2,fma"))))
DEFINE_CHAINS(chains_256_f64, double, 32, __attribute__((target("avx2,fma"))))
#endif
DEFINE_CHAINS(chains_128_f32, float, 16, )
DEFINE_CHAINS(chains_128_f64, double, 16, )

struct chain_share {
    chain_run chains;
    volatile double result;
};

static void run_chains(void *context)
{
    struct chain_share *s = context;
    s->result = s->chains();
}

/* Small copies are repeated inside a share, so that starting threads does not count. */
struct copy_share {
    char *from, *to;
    size_t bytes, times;
};

static void run_copies(void *context)
{
    struct copy_share *s = context;
    for (size_t i = 0; i < s->times; i++) {
        memcpy(s->to, s->from, s->bytes);
        __asm__ volatile("" ::: "memory");
    }
}

struct thread {
    void (*run)(void *);
    void *share;
    pthread_t id;
};

static void *start(void *context)
{
    struct thread *t = context;
    t->run(t->share);
    return NULL;
}

/* Seconds of the fastest of five rounds in which every share, `size` bytes from the one before, runs on a thread of its own. */
static double fastest(void (*run)(void *), void *shares, size_t size, size_t threads)
{
    double best = 1e9;
    for (int round = 0; round < 5; round++) {
        struct thread thread[MOST_THREADS];
        double begin = bench_now();
        for (size_t i = 1; i < threads; i++) {
            thread[i] = (struct thread){ .run = run, .share = (char *)shares + i * size };
            if (pthread_create(&thread[i].id, NULL, start, &thread[i]) != 0)
                return best;
        }
        run(shares);
        for (size_t i = 1; i < threads; i++)
            (void)pthread_join(thread[i].id, NULL);
        double taken = bench_now() - begin;
        best = taken < best ? taken : best;
    }
    return best;
}

static double flops(chain_run chains, size_t lanes, size_t threads)
{
    struct chain_share share[MOST_THREADS];
    for (size_t i = 0; i < threads; i++)
        share[i] = (struct chain_share){ .chains = chains };
    return 2.0 * CHAINS * (double)STEPS * (double)(lanes * threads) / fastest(run_chains, share, sizeof *share, threads);
}

static double copy_rate(size_t footprint, size_t threads)
{
    size_t half = footprint / 2 / threads / 64 * 64, most = (size_t)192 << 20;
    struct copy_share share[MOST_THREADS];
    char *from = bench_room(half * threads), *to = bench_room(half * threads);
    for (size_t i = 0; i < threads; i++)
        share[i] = (struct copy_share){ from + i * half, to + i * half, half, footprint < most ? most / footprint : 1 };
    double rate = 2.0 * (double)(half * threads * share[0].times) / fastest(run_copies, share, sizeof *share, threads);
    free(from);
    free(to);
    return rate;
}

struct bench_limits bench_measure_limits(size_t threads)
{
    static const size_t footprint[BENCH_FOOTPRINTS] = { (size_t)768 << 10, (size_t)48 << 20, (size_t)512 << 20 };
    struct bench_limits l = { 0 };
    threads = threads < 1 ? 1 : threads > MOST_THREADS ? MOST_THREADS : threads;
    l.flops_f32 = flops(chains_128_f32, 4, threads);
    l.flops_f64 = flops(chains_128_f64, 2, threads);
#if defined(__x86_64__)
    double wide;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        l.flops_f32 = (wide = flops(chains_256_f32, 8, threads)) > l.flops_f32 ? wide : l.flops_f32;
        l.flops_f64 = (wide = flops(chains_256_f64, 4, threads)) > l.flops_f64 ? wide : l.flops_f64;
    }
    if (__builtin_cpu_supports("avx512f")) {
        l.flops_f32 = (wide = flops(chains_512_f32, 16, threads)) > l.flops_f32 ? wide : l.flops_f32;
        l.flops_f64 = (wide = flops(chains_512_f64, 8, threads)) > l.flops_f64 ? wide : l.flops_f64;
    }
#endif
    for (int i = 0; i < BENCH_FOOTPRINTS; i++) {
        l.footprint[i] = (double)footprint[i];
        l.copy[i] = copy_rate(footprint[i], threads);
    }
    return l;
}

double bench_bound(const struct bench_limits *l, double products, double bytes, int is_f32, int *memory)
{
    int i = bytes < 2.0 * l->footprint[0] ? 0 : bytes < 4.0 * l->footprint[1] ? 1 : 2;
    double compute = 2.0 * products / (is_f32 ? l->flops_f32 : l->flops_f64), copy = bytes / l->copy[i];
    *memory = copy > compute;
    return *memory ? copy : compute;
}
