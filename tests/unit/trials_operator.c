/* Trials of lib/operator and lib/learn. */
#include "trials.h"

#include <string.h>

#include "learn/loss.h"

static const double x[2 * 3 * 4] = { 1.0, -2.0, 0.5, 3.0, -1.5, 0.25, 2.0 };
static const size_t n_in[2] = { 3, 4 };
enum { N_OUT = 2 * 6 * 8 };       /* of trial_layer */

static void engines(struct trial *t)
{
    tconv_engine engine;
    tconv_transpose_options options;
    QUIET(tconv_engine_text(TCONV_ENGINE_FFT));
    QUIET_IS(true, tconv_engine_of_text("fft", &engine));
    QUIET(tconv_transpose_default_options());
    QUIET(tconv_isa_best(TCONV_ISA_ANY));
    QUIET(tconv_isa_text(TCONV_ISA_AVX2));
    const tconv_kernel *layer = trial_layer();
    options = tconv_transpose_default_options();
    for (size_t i = 0; i < 2 * TCONV_ENGINE_COUNT && t->status == TCONV_OK; i++) {
        tconv_transpose *plan = ANYTHING;
        double y[N_OUT] = { 0 };
        options.element = i % 2 == 0 ? TCONV_F64 : TCONV_F32;
        options.engine = (tconv_engine)(i / 2);
        options.threads = 1 + i % 2;
        if (!MADE(plan, tconv_transpose_create(&plan, &layer->geometry, layer->taps, layer->bias, n_in, &options, &t->error)))
            return;
        QUIET(tconv_transpose_describe(plan));
        QUIET(tconv_transpose_execute(plan, 1, x, y));
        note_doubles(t, y, N_OUT);
        QUIET(tconv_transpose_destroy(plan));
    }
}

static void definitions(struct trial *t)
{
    const tconv_kernel *layer = trial_layer();
    double y[N_OUT], xu[7], z[N_OUT] = { 1.0, 2.0 }, back[24], gradient[48], of_bias[2];
    float taps[48] = { 0.5f, 1.0f }, x32[24] = { 1.0f, 2.0f }, y32[N_OUT] = { 0 }, back32[24], gradient32[48], of_bias32[2],
          xu32[7];
    if (TRY(tconv_zero_insert_layer_f64(&layer->geometry, layer->taps, layer->bias, n_in, 1, x, y, &t->error)))
        note_doubles(t, y, N_OUT);
    if (t->status == TCONV_OK && TRY(tconv_zero_insert_layer_f32(&layer->geometry, taps, NULL, n_in, 1, x32, y32, &t->error)))
        note(t, y32, sizeof y32);
    QUIET(tconv_zero_insert_size(2, 4));
    QUIET(tconv_zero_insert_f64(1, (size_t[]){ 2 }, (size_t[]){ 4 }, x, xu));
    QUIET(tconv_zero_insert_f32(1, (size_t[]){ 2 }, (size_t[]){ 4 }, x32, xu32));
    const size_t n_large[2] = { 6, 8 };
    QUIET_IS(TCONV_OK, tconv_convolve_f64(&layer->geometry, layer->taps, n_large, n_in, 1, z, back, &t->error));
    QUIET_IS(TCONV_OK, tconv_convolve_f32(&layer->geometry, taps, n_large, n_in, 1, y32, back32, &t->error));
    QUIET_IS(TCONV_OK, tconv_gradient_f64(&layer->geometry, layer->taps, n_in, 1, x, z, gradient, of_bias, back, &t->error));
    QUIET_IS(TCONV_OK, tconv_gradient_f32(&layer->geometry, taps, n_in, 1, x32, y32, gradient32, of_bias32, back32, &t->error));
    QUIET(tconv_phase_bias_add(layer, TCONV_F64, 1, n_large, z));
    QUIET(tconv_phase_bias_add_frames(trial_single(), 1, 0, 4, z));
    QUIET(tconv_pixel_shuffle(TCONV_SHUFFLE_CRD, TCONV_F64, 1, 1, 1, (size_t[]){ 2 }, (size_t[]){ 3 }, x, xu));
}

static void matrices(struct trial *t)
{
    const tconv_kernel *kernel = trial_single();
    tconv_matrix *matrix = ANYTHING, *turned = ANYTHING;
    double dense[4 * 8], y[8];
    if (!MADE(matrix, tconv_matrix_create(&matrix, &kernel->geometry, kernel->taps, &n_in[1], &t->error)))
        return;
    if (MADE(turned, tconv_matrix_transpose(&turned, matrix, &t->error))) {
        QUIET(tconv_matrix_dense(turned, dense));
        QUIET(tconv_matrix_multiply(turned, x, y));
        QUIET(tconv_matrix_multiply_transpose(matrix, x, y));
        note_doubles(t, dense, 32);
        QUIET(tconv_matrix_destroy(turned));
    }
    tconv_matrix_destroy(matrix);
}

static void resizes(struct trial *t)
{
    static const float x32[12] = { 1.0f, 2.0f, 4.0f };
    static const double taps[2 * 2 * 9] = { 0.5, 0.25, 1.0 };
    const size_t n_out[2] = { 6, 8 }, strides[2] = { 2, 2 }, kernel[2] = { 3, 3 }, padding[2] = { 1, 1 };
    double y[N_OUT];
    float y32[48];
    if (TRY(tconv_resize_f64(TCONV_RESIZE_CUBIC, TCONV_GRID_HALF_PIXEL, 2, 1, n_in, n_out, x, y, &t->error)))
        note_doubles(t, y, 48);
    if (t->status == TCONV_OK
        && TRY(tconv_resize_f32(TCONV_RESIZE_LINEAR, TCONV_GRID_HALF_PIXEL, 2, 1, n_in, n_out, x32, y32, &t->error)))
        note(t, y32, sizeof y32);
    if (t->status == TCONV_OK
        && TRY(tconv_resize_convolve_f64(TCONV_RESIZE_NEAREST, TCONV_GRID_ASYMMETRIC, 2, 1, 2, 2, n_in, strides, kernel, padding,
                                         taps, NULL, x, y, &t->error)))
        note_doubles(t, y, N_OUT);
}

static void streams(struct trial *t)
{
    const tconv_kernel *kernel = trial_single();
    for (int element = TCONV_F64; element <= TCONV_F32 && t->status == TCONV_OK; element++)
        for (size_t copies = 1; copies <= 2 && t->status == TCONV_OK; copies++) {
            tconv_stream *stream = ANYTHING;
            double y[64] = { 0 };
            if (!MADE(stream, tconv_stream_create(&stream, &kernel->geometry, kernel->taps, NULL, (tconv_element)element, copies,
                                                  &t->error)))
                return;
            size_t room = tconv_stream_room(stream, 5), frames = 0;
            QUIET(tconv_stream_room(stream, 5));
            require(t, room * copies <= 64, "room for it");
            QUIET(tconv_stream_push(stream, x, 5, y));
            QUIET(frames = tconv_stream_finish(stream, y));
            QUIET(tconv_stream_finish(stream, y));
            note_doubles(t, y, 64);
            note(t, &frames, sizeof frames);
            QUIET(tconv_stream_destroy(stream));
        }
}

/* ---- learning ---- */

static double large[80];

static tconv_lesson *new_lesson(struct trial *t)
{
    const tconv_downsampling how = { .kind = TCONV_DOWN_DECIMATE };
    const size_t n = 80;
    tconv_lesson *lesson = ANYTHING;
    for (size_t i = 0; i < n; i++)
        large[i] = (double)(i * i % 17) - 8.0 + (double)i / 16.0;
    return MADE(lesson, tconv_lesson_create(&lesson, &trial_single()->geometry, &how, large, &n, &t->error)) ? lesson : NULL;
}

static void lessons(struct trial *t)
{
    tconv_lesson *lesson = new_lesson(t);
    double taps[4], loss = 0.0;
    if (lesson == NULL)
        return;
    QUIET_IS(TCONV_OK, tconv_signals_check(&lesson->signals, &t->error));
    if (TRY(tconv_lesson_wiener(lesson, taps, &t->error)))
        note_doubles(t, taps, 4);
    if (t->status == TCONV_OK && TRY(tconv_lesson_reference(lesson, tconv_reference_find("lanczos2"), taps, &t->error)))
        note_doubles(t, taps, 4);
    if (t->status == TCONV_OK && TRY(tconv_learn_loss(&lesson->signals, taps, &loss, &t->error)))
        note_doubles(t, &loss, 1);
    QUIET(tconv_lesson_destroy(lesson));
}

static void learn(struct trial *t, const tconv_learning *how)
{
    double history[8];
    tconv_learned learned;
    tconv_kernel *kernel;
    tconv_lesson *lesson = new_lesson(t);
    if (lesson == NULL)
        return;
    require(t, tconv_kernel_create(&kernel, &lesson->signals.geometry, NULL) == TCONV_OK, "a kernel");
    memcpy(kernel->taps, trial_single()->taps, 4 * sizeof *kernel->taps);
    if (!TRY(tconv_learn(kernel, &lesson->signals, how, history, &learned, &t->error)))
        require(t, memcmp(kernel->taps, trial_single()->taps, 4 * sizeof *kernel->taps) == 0, "the taps as they were");
    note_doubles(t, kernel->taps, 4);
    tconv_kernel_destroy(kernel);
    tconv_lesson_destroy(lesson);
}

static void learning(struct trial *t)
{
    static const tconv_gradient_method methods[] = { TCONV_GRADIENT_NORMAL, TCONV_GRADIENT_DIRECT, TCONV_GRADIENT_FFT };
    tconv_learning how;
    QUIET(tconv_learning_default(TCONV_LEARN_EXACT));
    how = tconv_learning_default(TCONV_LEARN_EXACT);
    learn(t, &how);
    for (size_t i = 0; i < 3 && t->status == TCONV_OK; i++) {
        how = tconv_learning_default(i == 0 ? TCONV_LEARN_SGD : TCONV_LEARN_ADAM);
        how.epochs = 3;
        how.gradient = methods[i];
        learn(t, &how);
    }
}

static void learning_a_product(struct trial *t)
{
    static double small[9], large2[36];
    tconv_signals signals = { .geometry = tconv_geometry_default(2), .n_in = { 3, 3 }, .x = small, .y = large2 };
    tconv_learning how = tconv_learning_default(TCONV_LEARN_EXACT);
    tconv_learned learned;
    tconv_kernel *kernel;
    for (size_t i = 0; i < 36; i++)
        large2[i] = small[i % 9] = (double)(i * 5 % 11) - 4.0;
    for (size_t a = 0; a < 2; a++)
        signals.geometry.axis[a] = (tconv_axis){ .stride = 2, .n_taps = 4, .dilation = 1, .pad_begin = 1, .pad_end = 1 };
    how.separable = true;
    how.epochs = 2;
    require(t, tconv_kernel_create(&kernel, &signals.geometry, NULL) == TCONV_OK, "a kernel");
    for (size_t i = 0; i < 16; i++)
        kernel->taps[i] = 0.25;
    (void)TRY(tconv_learn(kernel, &signals, &how, NULL, &learned, &t->error));
    note_doubles(t, kernel->taps, 16);
    tconv_kernel_destroy(kernel);
}

const struct trial_case trials_operator[] = { { "engines", engines, 0, 0 },
                                              { "definitions", definitions, 0, 0 },
                                              { "matrices", matrices, 0, 0 },
                                              { "resizes", resizes, 0, 0 },
                                              { "streams", streams, 0, 0 },
                                              { "lessons", lessons, 0, 0 },
                                              { "learning", learning, 0, 0 },
                                              { "learning a product", learning_a_product, 0, 0 },
                                              { NULL, NULL, 0, 0 } };
