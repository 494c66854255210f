#include "transpose.h"

#include <math.h>
#include <string.h>

#include "engine.h"
#include "workers.h"

/* Outputs of one image beyond this many bytes are stored past the cache: they would push the inputs out of it, and each
 * line would be read before it is overwritten (8 MiB of output: 0.36 ms against 0.47 ms on an AVX-512 server). */
#define AROUND_CACHE_BYTES ((size_t)6 << 20)

/* On an axis with a single input sample no second one exists for the stride to move: y[d*r - pb] = x[0] w[r] for every s.
 * A stride as long as the kernel leaves one tap per phase, so that nothing but taps that exist is multiplied. */
#define MOST_SPREAD 4096

/* What starting a thread takes, and what an execution must take for threads to help, in nanoseconds. */
#define START_NS 50000.0
#define SHARE_FROM_NS 5000.0

struct tconv_transpose {
    tconv_geometry geometry;
    tconv_job job;
    tconv_engine engine;
    const tconv_engine_table *table;
    void *state;
    tconv_tasks tasks;
    tconv_workers *workers;
    double image_ns, share_from; /* estimated time of one image; that of an execution which is shared out */
    double missed_ns;            /* of executions that would have been shared out, had the threads been started */
    size_t images;               /* run so far, over all executions */
    const void *x;               /* of the execution that runs */
    void *y;
};

static const char *const texts[] = {
#define TEXT(name, text) text,
    TCONV_ENGINE_LIST(TEXT)
#undef TEXT
};

const char *tconv_engine_text(tconv_engine engine)
{
    return (unsigned)engine < TCONV_ENGINE_COUNT ? texts[engine] : "unknown";
}

bool tconv_engine_of_text(const char *text, tconv_engine *engine)
{
    for (int i = 0; i < TCONV_ENGINE_COUNT; i++)
        if (strcmp(text, texts[i]) == 0) {
            *engine = (tconv_engine)i;
            return true;
        }
    return false;
}

tconv_transpose_options tconv_transpose_default_options(void)
{
    return (tconv_transpose_options){ .element = TCONV_F64, .engine = TCONV_ENGINE_AUTO, .threads = 1, .max_isa = TCONV_ISA_ANY,
                                      .share_from = SHARE_FROM_NS };
}

static const tconv_engine_table *table_of(tconv_engine engine)
{
    switch (engine) {
    case TCONV_ENGINE_DIRECT: return &tconv_engine_direct;
    case TCONV_ENGINE_GEMM: return &tconv_engine_gemm;
    case TCONV_ENGINE_FAST_FIR: return &tconv_engine_fast_fir;
    case TCONV_ENGINE_FFT: return &tconv_engine_fft;
    default: return &tconv_engine_definition;
    }
}

static tconv_engine cheapest(const tconv_job *job, bool forbid_fast_fir)
{
    tconv_engine best = TCONV_ENGINE_DIRECT;
    double least = INFINITY;
    for (tconv_engine engine = TCONV_ENGINE_DIRECT; engine <= TCONV_ENGINE_FFT; engine++) {
        double cost = engine == TCONV_ENGINE_FAST_FIR && forbid_fast_fir ? INFINITY : tconv_engine_cost(engine, job);
        if (cost < least) {
            least = cost;
            best = engine;
        }
    }
    return best;
}

static tconv_status check_options(const tconv_transpose_options *o, tconv_error *error)
{
    if (o->element != TCONV_F32 && o->element != TCONV_F64)
        return tconv_fail(error, TCONV_EARGUMENT, "a plan of element type %s is not possible; f32 and f64 are allowed",
                          tconv_element_text(o->element));
    if ((unsigned)o->engine >= TCONV_ENGINE_COUNT)
        return tconv_fail(error, TCONV_EARGUMENT, "engine number %u is unknown; 0 to %d are allowed", (unsigned)o->engine,
                          TCONV_ENGINE_COUNT - 1);
    if (o->engine == TCONV_ENGINE_FAST_FIR && o->forbid_fast_fir)
        return tconv_fail(error, TCONV_EARGUMENT, "the engine fast-fir is asked for and forbidden");
    if ((unsigned)o->max_isa > TCONV_ISA_AVX512)
        return tconv_fail(error, TCONV_EARGUMENT, "instruction set number %u is unknown; 0 to %d are allowed",
                          (unsigned)o->max_isa, TCONV_ISA_AVX512);
    return TCONV_OK;
}

/* Input and output of one image must fit the budget beside each other: say so before anything is computed. */
static tconv_status check_budget(const tconv_job *job, tconv_error *error)
{
    const tconv_lifted *l = &job->shape;
    size_t budget = tconv_memory_budget(), elements = l->groups * (l->cin * l->small + l->cout * l->large);
    if (budget == 0 || elements <= budget / job->size)
        return TCONV_OK;
    return tconv_fail(error, TCONV_EBUDGET, "input and output hold %zu elements of %zu bytes; the memory budget is %zu bytes",
                      elements, job->size, budget);
}

static tconv_status build(tconv_transpose *plan, const double *taps, const double *bias, const tconv_transpose_options *o,
                          tconv_error *error)
{
    tconv_job *job = &plan->job;
    tconv_status status = tconv_workers_create(&plan->workers, o->threads);
    if (status != TCONV_OK)
        return tconv_fail_plain(error, status);
    job->threads = tconv_workers_count(plan->workers);
    plan->engine = o->engine == TCONV_ENGINE_AUTO ? cheapest(job, o->forbid_fast_fir) : o->engine;
    plan->table = table_of(plan->engine);
    plan->image_ns = tconv_engine_cost(plan->engine, job);
    if (!isfinite(plan->image_ns))                   /* no estimate, as of the definition: worth a thread */
        plan->image_ns = START_NS;
    plan->share_from = o->share_from;
    if (o->share_from <= 0.0 || plan->image_ns >= fmax(START_NS, o->share_from))
        tconv_workers_start(plan->workers);
    size_t channels = job->shape.groups * job->shape.cout;
    double *no_bias = bias == NULL ? tconv_alloc_zero(channels, sizeof *no_bias, &status) : NULL;
    if (status == TCONV_OK)
        status = plan->table->create(&plan->state, &plan->tasks, job, taps, bias != NULL ? bias : no_bias);
    tconv_free(no_bias);
    return status == TCONV_OK ? TCONV_OK : tconv_fail_plain(error, status);
}

tconv_status tconv_transpose_create(tconv_transpose **plan, const tconv_geometry *geometry, const double *taps, const double *bias,
                                    const size_t *n_in, const tconv_transpose_options *options, tconv_error *error)
{
    *plan = NULL;
    tconv_transpose_options o = options != NULL ? *options : tconv_transpose_default_options();
    tconv_job job = { .element = o.element, .size = tconv_element_bytes(o.element) };
    tconv_status status = check_options(&o, error);
    if (status == TCONV_OK)
        status = tconv_lift(&job.shape, geometry, n_in, error);
    if (status == TCONV_OK)
        status = check_budget(&job, error);
    if (status != TCONV_OK)
        return status;
    for (int a = 0; a < 3; a++) {
        size_t effective = job.shape.d[a] * (job.shape.k[a] - 1) + 1;
        if (job.shape.n[a] == 1 && job.shape.s[a] < effective && effective <= MOST_SPREAD && o.engine != TCONV_ENGINE_DEFINITION)
            job.shape.s[a] = effective;
    }
    job.around_cache = job.shape.groups * job.shape.cout * job.shape.large * job.size >= AROUND_CACHE_BYTES;
    job.simd = tconv_simd_of(tconv_isa_best(o.max_isa), o.element);
    tconv_transpose *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made == NULL)
        return tconv_fail_plain(error, status);
    made->geometry = *geometry;
    made->job = job;
    status = build(made, taps, bias, &o, error);
    if (status != TCONV_OK) {
        tconv_transpose_destroy(made);
        return status;
    }
    *plan = made;
    return TCONV_OK;
}

void tconv_transpose_destroy(tconv_transpose *plan)
{
    if (plan == NULL)
        return;
    tconv_workers_destroy(plan->workers);
    if (plan->table != NULL)
        plan->table->destroy(plan->state);
    tconv_free(plan);
}

static const void *input_of(const tconv_transpose *plan, size_t image)
{
    const tconv_lifted *l = &plan->job.shape;
    return tconv_job_const_at(&plan->job, plan->x, image * l->groups * l->cin * l->small);
}

static void prepare_task(void *context, size_t worker, size_t task)
{
    tconv_transpose *plan = context;
    plan->table->prepare(plan->state, &plan->job, worker, task, plan->x);
}

static void run_task(void *context, size_t worker, size_t task)
{
    tconv_transpose *plan = context;
    const tconv_lifted *l = &plan->job.shape;
    size_t image = task / plan->tasks.run;
    plan->table->run(plan->state, &plan->job, worker, task % plan->tasks.run, plan->images + image, input_of(plan, image),
                     tconv_job_at(&plan->job, plan->y, image * l->groups * l->cout * l->large));
}

/* Whether an execution that takes that long is worth sharing. Threads are started once such ones have added up to what
 * starting takes, so that a plan of a few small executions never pays for them. */
static bool worth_sharing(tconv_transpose *plan, double ns)
{
    if (ns < plan->share_from)
        return false;
    plan->missed_ns += ns;
    if (plan->missed_ns >= START_NS)
        tconv_workers_start(plan->workers);
    return true;
}

/* Consecutive tasks share packed inputs, so a worker takes several at a time; four turns each even out their speeds. */
static void share_out(tconv_transpose *plan, tconv_task *task, size_t tasks, bool alone)
{
    size_t run = alone ? tasks : tasks / (4 * plan->job.threads);
    tconv_workers_run(plan->workers, task, plan, tasks, run > 0 ? run : 1);
}

/* Images at x go to y: all at once, or one after the other where each is prepared. */
void tconv_transpose_execute(tconv_transpose *plan, size_t batch, const void *x, void *y)
{
    const tconv_lifted *l = &plan->job.shape;
    size_t together = plan->tasks.prepare > 0 ? 1 : batch;
    bool alone = !worth_sharing(plan, (double)batch * plan->image_ns);
    plan->x = x;
    plan->y = y;
    for (size_t done = 0; done < batch; done += together) {
        if (plan->tasks.prepare > 0)
            share_out(plan, prepare_task, plan->tasks.prepare, alone);
        share_out(plan, run_task, together * plan->tasks.run, alone);
        plan->images += together;
        plan->x = input_of(plan, together);
        plan->y = tconv_job_at(&plan->job, plan->y, together * l->groups * l->cout * l->large);
    }
}

tconv_transpose_info tconv_transpose_describe(const tconv_transpose *plan)
{
    const tconv_lifted *l = &plan->job.shape;
    tconv_transpose_info info = { .element = plan->job.element, .engine = plan->engine, .isa = plan->job.simd->isa,
                                  .threads = plan->job.threads, .products = (double)(l->groups * l->cin * l->cout) };
    for (size_t i = 0; i < plan->geometry.ndim; i++)
        info.n_out[i] = l->m[3 - plan->geometry.ndim + i];
    for (int a = 0; a < 3; a++) {                      /* products of one axis: the inputs that each tap sends somewhere */
        double axis = 0.0;
        for (size_t r = 0, first, last; r < l->k[a]; r++) {
            tconv_lift_range(l, a, r, &first, &last);
            axis += (double)(last - first);
        }
        info.products *= axis;
    }
    return info;
}
