/* Streaming: whatever the chunks, the bits of the direct engine on the whole signal. */
#include "testing.h"

#include <stdlib.h>
#include <string.h>

#include "tconv.h"
#include "testing_layer.h"

/* Interleaved frames of planar channels, and back. */
static void interleave(const double *planar, size_t channels, size_t frames, tconv_element element, void *to)
{
    for (size_t c = 0; c < channels; c++)
        for (size_t n = 0; n < frames; n++) {
            if (element == TCONV_F32)
                ((float *)to)[n * channels + c] = (float)planar[c * frames + n];
            else
                ((double *)to)[n * channels + c] = planar[c * frames + n];
        }
}

static size_t stream_in_chunks(tconv_stream *stream, const char *x, size_t frames, size_t in_bytes, size_t out_bytes, size_t most, char *y)
{
    size_t done = 0, written = 0;
    while (done < frames) {
        size_t count = random_between(0, most), room;
        count = count < frames - done ? count : frames - done;
        room = tconv_stream_room(stream, count);
        size_t got = tconv_stream_push(stream, x + done * in_bytes, count, y + written * out_bytes);
        CHECK(got <= room);
        written += got;
        done += count;
    }
    size_t room = tconv_stream_room(stream, 0), got = tconv_stream_finish(stream, y + written * out_bytes);
    CHECK_MESSAGE(got <= room, "finish wrote %zu frames into room for %zu", got, room);
    return written + got;
}

static void chunks_change_no_bit(void)
{
    for (size_t round = 0; round < test_rounds(2000); round++) {
        struct layer layer;
        layer_random(&layer, 1, 4000);
        layer_fill_reals(&layer);
        tconv_axis *axis = &layer.g.axis[0];
        if (round % 10 == 0)
            axis->pad_begin -= (int64_t)random_between(0, 40);
        if (round % 10 == 1)                                   /* a long tail after the last input */
            axis->pad_end -= (int64_t)random_between(0, 200);
        if (round % 10 == 2) {
            axis->dilation = random_between(1, 12);
            axis->output_padding = random_between(0, (axis->stride > axis->dilation ? axis->stride : axis->dilation) - 1);
        }
        struct layer again;
        if (!layer_of(&again, &layer.g, layer.n_in, random_between(1, 3))) {
            CHECK(round % 10 == 2);
            layer_free(&layer);
            continue;
        }
        layer_fill_reals(&again);
        size_t copies = again.batch, in = copies * again.g.channels_in, out = copies * again.g.channels_out;
        tconv_element element = round % 2 == 0 ? TCONV_F32 : TCONV_F64;
        size_t size = tconv_element_bytes(element);
        tconv_transpose_options o = { .element = element, .engine = TCONV_ENGINE_DIRECT };
        tconv_transpose *plan;
        tconv_stream *stream;
        CHECK(tconv_transpose_create(&plan, &again.g, again.w, again.b, again.n_in, &o, NULL) == TCONV_OK);
        CHECK(tconv_stream_create(&stream, &again.g, again.w, again.b, element, copies, NULL) == TCONV_OK);
        void *planar = malloc(again.y_count * size), *want = malloc(again.y_count * size), *x = malloc(again.x_count * size);
        char *y = malloc((again.y_count + out * tconv_stream_room(stream, again.n_in[0])) * size);
        tconv_transpose_execute(plan, copies, element == TCONV_F32 ? (void *)again.x_f32 : (void *)again.x, planar);
        for (size_t c = 0; c < out; c++)
            for (size_t n = 0; n < again.n_out[0]; n++)
                memcpy((char *)want + (n * out + c) * size, (char *)planar + (c * again.n_out[0] + n) * size, size);
        interleave(again.x, in, again.n_in[0], element, x);
        for (size_t way = 0; way < 3; way++) {                 /* one stream, used again after each finish */
            size_t most = way == 0 ? again.n_in[0] : way == 1 ? 1 : 7;
            size_t got = stream_in_chunks(stream, x, again.n_in[0], in * size, out * size, most, y);
            CHECK_MESSAGE(got == again.n_out[0], "round %zu: %zu frames, wanted %zu: %s", round, got, again.n_out[0], layer_text(&again));
            if (got == again.n_out[0])
                CHECK_MESSAGE(memcmp(y, want, again.y_count * size) == 0, "round %zu way %zu: %s", round, way, layer_text(&again));
        }
        tconv_transpose_destroy(plan);
        tconv_stream_destroy(stream);
        free(planar);
        free(want);
        free(x);
        free(y);
        layer_free(&again);
        layer_free(&layer);
    }
}

/* A long signal: many blocks of the stream, many tiles of the plan; memory does not grow. */
static void a_long_signal_takes_constant_memory(void)
{
    static const size_t strides[] = { 1, 2, 3, 8, 13 };
    for (size_t i = 0; i < 5; i++) {
        tconv_geometry g = tconv_geometry_default(1);
        g.axis[0] = (tconv_axis){ strides[i], 40, 1, 9, 7, 0 };
        struct layer layer;
        CHECK(layer_of(&layer, &g, (size_t[]){ 20000 }, 1));
        layer_fill_reals(&layer);
        tconv_stream *stream;
        tconv_transpose *plan;
        tconv_transpose_options o = { .element = TCONV_F32, .engine = TCONV_ENGINE_DIRECT };
        CHECK(tconv_transpose_create(&plan, &g, layer.w, layer.b, layer.n_in, &o, NULL) == TCONV_OK);
        CHECK(tconv_stream_create(&stream, &g, layer.w, layer.b, TCONV_F32, 1, NULL) == TCONV_OK);
        size_t before = tconv_memory_in_use();
        float *want = malloc(layer.y_count * sizeof *want), *y = malloc((layer.y_count + tconv_stream_room(stream, 5000)) * sizeof *y);
        tconv_transpose_execute(plan, 1, layer.x_f32, want);
        CHECK(stream_in_chunks(stream, (char *)layer.x_f32, 20000, 4, 4, 5000, (char *)y) == layer.y_count);
        CHECK_SAME(y, want, layer.y_count * sizeof *y);
        CHECK(tconv_memory_in_use() == before && before < (size_t)4 << 20);
        tconv_stream_destroy(stream);
        tconv_transpose_destroy(plan);
        free(want);
        free(y);
        layer_free(&layer);
    }
}

static void impossible_streams_are_refused_in_words(void)
{
    tconv_geometry g = tconv_geometry_default(2);
    tconv_stream *stream;
    tconv_error error;
    double one = 1.0;
    CHECK(tconv_stream_create(&stream, &g, &one, NULL, TCONV_F32, 1, &error) == TCONV_EGEOMETRY && stream == NULL);
    CHECK_TEXT(error.message, "a stream of 2 dimensions is not possible; 1 is allowed");
    g = tconv_geometry_default(1);
    CHECK(tconv_stream_create(&stream, &g, &one, NULL, TCONV_I16, 1, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "a stream of element type i16 is not possible; f32 and f64 are allowed");
    CHECK(tconv_stream_create(&stream, &g, &one, NULL, TCONV_F32, 0, &error) == TCONV_EARGUMENT);
    CHECK_TEXT(error.message, "a stream through 0 copies is not possible; 1 to 1073741824 are allowed");
    CHECK(tconv_stream_create(&stream, &g, &one, NULL, TCONV_F32, 1, &error) == TCONV_OK);
    double nothing;
    CHECK(tconv_stream_finish(stream, &nothing) == 0);
    tconv_stream_destroy(stream);
    size_t before = tconv_memory_in_use();
    for (size_t budget = 64;; budget += 64) {
        tconv_memory_set_budget(before + budget);
        tconv_status status = tconv_stream_create(&stream, &g, &one, NULL, TCONV_F32, 1, &error);
        tconv_stream_destroy(stream);
        if (status == TCONV_OK)
            break;
        CHECK(status == TCONV_EBUDGET && tconv_memory_in_use() == before);
    }
    tconv_memory_set_budget(0);
    CHECK(tconv_memory_in_use() == before);
}

const struct test_suite suite = { "stream", {
    { "chunks change no bit", chunks_change_no_bit },
    { "a long signal takes constant memory", a_long_signal_takes_constant_memory },
    { "impossible streams are refused in words", impossible_streams_are_refused_in_words },
    { NULL, NULL } } };
