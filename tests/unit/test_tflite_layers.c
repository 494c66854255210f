/* TensorFlow Lite models made here, table by table: shared and far buffers, names, quantisation, layers that cannot be had. */
#include "testing_model.h"

#include <stdio.h>
#include <string.h>

#define MOST 8
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- flatbuffers: a table has its list of fields before it and 8 bytes for each ---- */

static void put(struct bytes *b, size_t at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        b->data[at + i] = (unsigned char)(value >> 8 * i);
}

static void align(struct bytes *b)
{
    bytes_fill(b, 0, (8 - b->size % 8) % 8);
}

static size_t table(struct bytes *b, unsigned fields, unsigned present)
{
    align(b);
    size_t list = b->size;
    bytes_little(b, 4 + 2 * fields, 2);
    bytes_little(b, 8 + 8 * fields, 2);
    for (unsigned i = 0; i < fields; i++)
        bytes_little(b, (present >> i & 1) != 0 ? 8 + 8 * i : 0, 2);
    align(b);
    size_t at = b->size;
    bytes_little(b, at - list, 4);
    bytes_fill(b, 0, 4 + 8 * fields);
    return at;
}

static void set(struct bytes *b, size_t at, unsigned field, uint64_t value)
{
    put(b, at + 8 + 8 * field, value, 8);
}

/* The place `slot` points to `target`, which lies behind it. */
static void point(struct bytes *b, size_t slot, size_t target)
{
    put(b, slot, target - slot, 4);
}

static void refer(struct bytes *b, size_t at, unsigned field, size_t target)
{
    point(b, at + 8 + 8 * field, target);
}

/* `count` elements of `size` bytes, which begin on a multiple of 8 with the length before them. */
static size_t vector(struct bytes *b, const void *data, size_t count, size_t size)
{
    align(b);
    bytes_fill(b, 0, 4);
    size_t at = b->size;
    bytes_little(b, count, 4);
    if (data != NULL)
        bytes_add(b, data, count * size);
    else
        bytes_fill(b, 0, count * size);
    return at;
}

static void numbers(struct bytes *b, size_t at, unsigned field, const int32_t *values, size_t count)
{
    size_t list = vector(b, NULL, count, 4);
    for (size_t i = 0; i < count; i++)
        put(b, list + 4 + 4 * i, (uint32_t)values[i], 4);
    refer(b, at, field, list);
}

/* ---- a model ---- */

struct tensor {
    const char *name;
    int32_t shape[9];
    size_t rank;
    unsigned type, buffer;
    size_t scales, zeros;       /* each scale 2, each zero point 1 */
    bool sparse;
};

struct operator {
    int code;                   /* builtin: 3, 5, 6, 67; 32: Convolution2DTransposeBias */
    int32_t in[4], out;
    size_t n_in;
    bool no_options;
    int32_t padding, stride[2]; /* 5: stride[0] is the block */
};

struct buffer {
    const void *data;           /* NULL: no data; with `far` at this place of the file */
    size_t size;
    uint64_t far;
};

struct design {
    const struct tensor *tensors;
    size_t n_tensors;
    const struct operator *operators;
    size_t n_operators;
    struct buffer buffers[MOST];
    size_t n_buffers;
};

static size_t write_tensor(struct bytes *b, const struct tensor *t)
{
    size_t at = table(b, 7, 0x0f | (t->scales > 0 ? 0x10 : 0) | (t->sparse ? 0x40 : 0));
    set(b, at, 1, t->type);
    set(b, at, 2, t->buffer);
    numbers(b, at, 0, t->shape, t->rank);
    refer(b, at, 3, vector(b, t->name, strlen(t->name), 1));
    if (t->scales > 0) {
        static const float scale[MOST] = { 2, 2, 2, 2, 2, 2, 2, 2 };
        static const int64_t zero[MOST] = { 1, 1, 1, 1, 1, 1, 1, 1 };
        size_t q = table(b, 7, 0x0c);
        refer(b, at, 4, q);
        refer(b, q, 2, vector(b, scale, t->scales, 4));
        refer(b, q, 3, vector(b, zero, t->zeros, 8));
    }
    if (t->sparse)
        refer(b, at, 6, table(b, 1, 0));
    return at;
}

static size_t write_operator(struct bytes *b, const struct operator *o, unsigned number)
{
    bool custom = o->code == 32;
    size_t at = table(b, 6, 0x07 | (o->no_options ? 0 : custom ? 0x20 : 0x10));
    set(b, at, 0, number);
    numbers(b, at, 1, o->in, o->n_in);
    numbers(b, at, 2, &o->out, 1);
    if (!o->no_options && custom) {
        size_t list = vector(b, NULL, 12, 1);
        put(b, list + 4, (uint32_t)o->padding, 4);
        put(b, list + 8, (uint32_t)o->stride[1], 4);
        put(b, list + 12, (uint32_t)o->stride[0], 4);
        refer(b, at, 5, list);
    } else if (!o->no_options) {
        size_t options = table(b, 3, o->code == 5 ? 1 : 7);
        refer(b, at, 4, options);
        set(b, options, 0, (uint64_t)(o->code == 5 ? o->stride[0] : o->padding));
        set(b, options, 1, (uint64_t)o->stride[1]);
        set(b, options, 2, (uint64_t)o->stride[0]);
    }
    return at;
}

static void write_codes(struct bytes *b, size_t model, const struct design *d)
{
    size_t list = vector(b, NULL, d->n_operators, 4);
    refer(b, model, 1, list);
    for (size_t i = 0; i < d->n_operators; i++) {
        int code = d->operators[i].code;
        size_t at = table(b, 4, code == 32 ? 0x0b : 0x09);
        point(b, list + 4 + 4 * i, at);
        set(b, at, 0, (uint64_t)code);
        set(b, at, 3, (uint64_t)code);
        if (code == 32)
            refer(b, at, 1, vector(b, "Convolution2DTransposeBias", 26, 1));
    }
}

/* The buffers, number 0 with nothing; those that are far lie at the end of the file. */
static void write_buffers(struct bytes *b, size_t model, const struct design *d)
{
    size_t list = vector(b, NULL, d->n_buffers + 1, 4);
    refer(b, model, 4, list);
    for (size_t i = 0; i <= d->n_buffers; i++) {
        const struct buffer *from = i > 0 ? &d->buffers[i - 1] : NULL;
        size_t at = table(b, 3, from == NULL ? 0 : from->far != 0 ? 6 : 1);
        point(b, list + 4 + 4 * i, at);
        if (from != NULL && from->far == 0)
            refer(b, at, 0, vector(b, from->data, from->size, 1));
        else if (from != NULL) {
            set(b, at, 1, from->far);
            set(b, at, 2, from->size);
        }
    }
}

static struct bytes model_of(const struct design *d)
{
    struct bytes b = { 0 };
    bytes_add(&b, "\0\0\0\0TFL3", 8);
    size_t model = table(&b, 5, 0x17), graphs = vector(&b, NULL, 1, 4);
    point(&b, 0, model);
    set(&b, model, 0, 3);
    refer(&b, model, 2, graphs);
    size_t graph = table(&b, 4, 0x09), tensors = vector(&b, NULL, d->n_tensors, 4);
    point(&b, graphs + 4, graph);
    refer(&b, graph, 0, tensors);
    for (size_t i = 0; i < d->n_tensors; i++)
        point(&b, tensors + 4 + 4 * i, write_tensor(&b, &d->tensors[i]));
    size_t operators = vector(&b, NULL, d->n_operators, 4);
    refer(&b, graph, 3, operators);
    for (size_t i = 0; i < d->n_operators; i++)
        point(&b, operators + 4 + 4 * i, write_operator(&b, &d->operators[i], (unsigned)i));
    write_codes(&b, model, d);
    write_buffers(&b, model, d);
    return b;
}

/* ---- weights ---- */

static const float four[] = { 1, -2, 3, 4.5f };

static bool keep(void *state, const void *bytes, size_t size)
{
    bytes_add(state, bytes, size);
    return true;
}

/* Two layers whose weights are the same bytes of the file: they are read, never written apart. */
static void weights_that_share_their_bytes_are_not_replaced(void)
{
    static const struct tensor tensors[] = { { "x", { 1, 2, 2, 1 }, 4, 0, 0, 0, 0, false },
                                             { "v", { 1, 2, 2, 1 }, 4, 0, 1, 0, 0, false },
                                             { "w", { 1, 2, 2, 1 }, 4, 0, 1, 0, 0, false },
                                             { "y", { 1, 4, 4, 1 }, 4, 0, 0, 0, 0, false },
                                             { "z", { 1, 8, 8, 1 }, 4, 0, 0, 0, 0, false } };
    static const struct operator operators[] = { { 32, { 0, 1 }, 3, 2, false, 1, { 2, 2 } },
                                                 { 32, { 3, 2 }, 4, 2, false, 1, { 2, 2 } } };
    struct design d = { tensors, 5, operators, 2, { { four, sizeof four, 0 } }, 1 };
    struct bytes file = model_of(&d), after = { 0 };
    tconv_source *source;
    tconv_container *c = check_opens("shared bytes", &file, &source);
    tconv_kernel *kernel[2] = { NULL, NULL };
    tconv_error error = { 0 };
    CHECK(c != NULL && tconv_container_layers(c) == 2);
    for (size_t i = 0; c != NULL && i < 2; i++)
        CHECK_MESSAGE(tconv_container_load_layer(c, i, &kernel[i], &error) == TCONV_OK, "%s", error.message);
    if (kernel[0] != NULL && kernel[1] != NULL) {
        CHECK_SAME(kernel[1]->taps, ((const double[]){ 1, -2, 3, 4.5 }), 4 * sizeof(double));
        const tconv_layer_change changes[] = { { 0, kernel[0] }, { 1, kernel[1] } };
        CHECK(tconv_container_replace_layers(c, changes, 2, keep, &after, &error) == TCONV_EUNSUPPORTED && after.size == 0);
        CHECK(strstr(error.message, "its bytes are another tensor's too") != NULL);
        CHECK(tconv_container_replace_layers(c, changes + 1, 1, keep, &after, &error) == TCONV_OK && after.size == file.size);
        CHECK_SAME(after.data, file.data, file.size);
    }
    tconv_kernel_destroy(kernel[0]);
    tconv_kernel_destroy(kernel[1]);
    tconv_container_close(c);
    tconv_source_close(source);
    bytes_free(&after);
    bytes_free(&file);
}

/* A buffer of a model beyond 2 GB says where its bytes are; a place outside the file is no constant. */
static void buffers_may_lie_behind_the_tables(void)
{
    static const struct tensor tensors[] = { { "w", { 2, 2 }, 2, 0, 1, 0, 0, false } };
    struct design d = { tensors, 1, NULL, 0, { { NULL, sizeof four, 4096 } }, 1 };
    for (size_t i = 0; i < 4; i++) {
        static const uint64_t places[] = { 4096, 4097, 1, UINT64_MAX };
        d.buffers[0].far = places[i];
        struct bytes file = model_of(&d);
        bytes_fill(&file, 0, 4096 - file.size);
        bytes_f32(&file, four, 4);
        tconv_source *source;
        tconv_container *c = check_opens("far", &file, &source);
        CHECK_MESSAGE(c != NULL && tconv_container_tensors(c) == (i == 0), "place %zu", i);
        if (c != NULL && i == 0)
            check_tensor(c, "w", (size_t[]){ 2, 2 }, 2, (double[]){ 1, -2, 3, 4.5 }, 4);
        tconv_container_close(c);
        tconv_source_close(source);
        bytes_free(&file);
    }
}

/* Tensors without a name, or with another's, are numbered; names of more bytes than the file has are shared by too many. */
static void names_are_unlike_and_bounded(void)
{
    static const struct tensor same[] = { { "w", { 4 }, 1, 0, 1, 0, 0, false }, { "w", { 4 }, 1, 0, 1, 0, 0, false },
                                          { "", { 4 }, 1, 0, 1, 0, 0, false } };
    static const char *const want[] = { "w", "w#1", "#2" };
    struct design d = { same, 3, NULL, 0, { { four, sizeof four, 0 } }, 1 };
    struct bytes file = model_of(&d);
    tconv_source *source;
    tconv_container *c = check_opens("names", &file, &source);
    for (size_t i = 0; c != NULL && i < 3; i++)
        CHECK_TEXT(tconv_container_tensor(c, i)->name, want[i]);
    tconv_container_close(c);
    tconv_source_close(source);
    bytes_free(&file);
    char name[4098];
    memset(name, 'n', 4097);
    for (size_t length = 4096; length <= 4097; length++) {
        name[length] = '\0';
        struct tensor t = { name, { 4 }, 1, 0, 1, 0, 0, false };
        d.tensors = &t;
        d.n_tensors = 1;
        file = model_of(&d);
        if (length == 4097) {
            check_refused("a long name", &file, TCONV_EFORMAT, "the names of the tensors are longer than the file");
        } else {
            c = check_opens("a long name", &file, &source);
            tconv_container_close(c);
            tconv_source_close(source);
        }
        name[length] = 'n';
        bytes_free(&file);
    }
}

/* A thousand graphs, each the same thousand tensors. */
static void graphs_that_multiply_are_refused(void)
{
    struct bytes b = { 0 };
    bytes_add(&b, "\0\0\0\0TFL3", 8);
    size_t model = table(&b, 5, 0x05), graphs = vector(&b, NULL, 1000, 4);
    point(&b, 0, model);
    set(&b, model, 0, 3);
    refer(&b, model, 2, graphs);
    size_t graph = table(&b, 4, 0x01), tensors = vector(&b, NULL, 1000, 4), one = table(&b, 1, 0);
    for (size_t i = 0; i < 1000; i++) {
        point(&b, graphs + 4 + 4 * i, graph);
        point(&b, tensors + 4 + 4 * i, one);
    }
    refer(&b, graph, 0, tensors);
    check_refused("a million tensors", &b, TCONV_EFORMAT, "the graphs have more than 1000000 tensors and operators");
    bytes_free(&b);
}

/* (q - 1) 2 where the scales fit: one, or one for each place of the first axis. */
static void quantised_tensors_need_scales_that_fit(void)
{
    static const char q[] = { 1, 2, 3, -4, 5, 6 };
    static const struct { struct tensor t; const char *obstacle; double second; } cases[] = {
        { { "q", { 2, 3 }, 2, 9, 1, 1, 1, false }, NULL, 2 },
        { { "q", { 2, 3 }, 2, 9, 1, 2, 1, false }, NULL, 2 },
        { { "q", { 2, 3 }, 2, 9, 1, 2, 2, false }, NULL, 2 },
        { { "q", { 2, 3 }, 2, 9, 1, 2, 0, false }, NULL, 4 },
        { { "q", { 2, 3 }, 2, 9, 1, 3, 3, false }, "the scales of its quantisation do not fit it", 0 },
        { { "q", { 2, 3 }, 2, 9, 1, 2, 3, false }, "the scales of its quantisation do not fit it", 0 },
        { { "q", { 2, 3 }, 2, 9, 1, 0, 0, true }, "it is stored sparsely", 0 },
        { { "q", { 2, 3 }, 2, 17, 1, 0, 0, false }, "its element type is not supported", 0 },
        { { "q", { 2, 3 }, 2, 99, 1, 0, 0, false }, "its element type is not supported", 0 },
        { { "q", { 2, 3, 1, 1, 1, 1, 1, 1, 1 }, 9, 9, 1, 0, 0, false }, "it has more than 8 axes", 0 } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct design d = { &cases[i].t, 1, NULL, 0, { { q, sizeof q, 0 } }, 1 };
        struct bytes file = model_of(&d);
        tconv_source *source;
        tconv_container *c = check_opens("quantised", &file, &source);
        if (c != NULL && cases[i].obstacle == NULL)
            check_tensor(c, "q", (size_t[]){ 2, 3 }, 2, (double[]){ cases[i].second - 2, cases[i].second }, 2);
        if (c != NULL && cases[i].obstacle != NULL) {
            const char *obstacle = tconv_container_tensor(c, 0)->obstacle;
            CHECK_MESSAGE(obstacle != NULL && strcmp(obstacle, cases[i].obstacle) == 0, "tensor %zu: %s", i,
                          obstacle != NULL ? obstacle : "(none)");
        }
        tconv_container_close(c);
        tconv_source_close(source);
        bytes_free(&file);
    }
}

/* ---- layers that cannot be had ---- */

static void layers_with_obstacles_are_listed(void)
{
    static const struct tensor tensors[] = { { "x", { 1, 2, 2, 1 }, 4, 0, 0, 0, 0, false },
                                             { "w", { 1, 2, 2, 1 }, 4, 0, 1, 0, 0, false },
                                             { "flat", { 4 }, 1, 0, 1, 0, 0, false },
                                             { "open", { 1, 2, 2, 1 }, 4, 0, 0, 0, 0, false },
                                             { "y", { 1, 4, 4, 1 }, 4, 0, 0, 0, 0, false },
                                             { "z", { 1, 4, 4, 1 }, 4, 0, 0, 0, 0, false } };
    static const struct { const char *name; struct operator o[2]; size_t n; const char *obstacle; } cases[] = {
        { "a weight of one axis", { { 67, { 3, 2, 0 }, 4, 3, false, 0, { 2, 2 } } }, 1, "its weight has not 4 axes" },
        { "no options", { { 67, { 3, 1, 0 }, 4, 3, true, 0, { 2, 2 } } }, 1, "its options are missing" },
        { "no custom options", { { 32, { 0, 1 }, 4, 2, true, 0, { 2, 2 } } }, 1, "its options are missing" },
        { "unknown custom padding", { { 32, { 0, 1 }, 4, 2, false, 3, { 2, 2 } } }, 1, "its options are missing" },
        { "a stride of 0", { { 67, { 3, 1, 0 }, 4, 3, false, 0, { 0, 2 } } }, 1,
          "its stride or its kernel size is not possible" },
        { "a bias of four values", { { 67, { 3, 1, 0, 2 }, 4, 4, false, 0, { 2, 2 } } }, 1,
          "its bias has not one value per output channel" },
        { "no weight", { { 67, { 3, -1, 0 }, 4, 3, false, 0, { 2, 2 } } }, 1, "its weight has not 4 axes" },
        { "a convolution of stride 2 with a weight of one axis", { { 3, { 0, 2 }, 4, 2, false, 0, { 2, 2 } } }, 1,
          "its weight has not 4 axes" },
        { "a stride of 65537", { { 3, { 0, 1 }, 4, 2, false, 0, { 65537, 2 } } }, 1,
          "its stride, dilation or kernel size is not possible" },
        { "a strided convolution before pixels",
          { { 3, { 0, 1 }, 4, 2, false, 0, { 1, 2 } }, { 5, { 4 }, 5, 1, false, 0, { 2, 0 } } }, 2,
          "its convolution has a stride" },
        { "a convolution without options before pixels",
          { { 3, { 0, 1 }, 4, 2, true, 0, { 1, 1 } }, { 5, { 4 }, 5, 1, false, 0, { 2, 0 } } }, 2,
          "its options are missing" },
        { "one channel for four pixels", { { 3, { 0, 1 }, 4, 2, false, 0, { 1, 1 } }, { 5, { 4 }, 5, 1, false, 0, { 2, 0 } } }, 2,
          "the rearrangement does not fit the convolution" } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct design d = { tensors, COUNT(tensors), cases[i].o, cases[i].n, { { four, sizeof four, 0 } }, 1 };
        struct bytes file = model_of(&d);
        tconv_source *source;
        tconv_container *c = check_opens(cases[i].name, &file, &source);
        size_t n = c != NULL ? tconv_container_layers(c) : 0;
        const char *obstacle = n > 0 ? tconv_container_layer(c, n - 1)->obstacle : NULL;
        CHECK_MESSAGE(obstacle != NULL && strcmp(obstacle, cases[i].obstacle) == 0, "%s: %s", cases[i].name,
                      obstacle != NULL ? obstacle : "(none)");
        tconv_container_close(c);
        tconv_source_close(source);
        bytes_free(&file);
    }
}

/* A weight that the graph computes: its declared shape gives the geometry. Operators that are no layers are passed over. */
static void geometry_without_weights_is_told(void)
{
    static const struct tensor tensors[] = { { "x", { 1, 2, 3, 1 }, 4, 0, 0, 0, 0, false },
                                             { "open", { 1, 4, 3, 1 }, 4, 0, 0, 0, 0, false },
                                             { "y", { 1, 4, 9, 1 }, 4, 0, 0, 0, 0, false },
                                             { "z", { 1, 1, 1, 1 }, 4, 0, 0, 0, 0, false } };
    static const struct operator operators[] = { { 67, { -1, 1, 0 }, 2, 3, false, 0, { 2, 3 } },
                                                 { 5, { 0 }, 3, 1, false, 0, { 2, 0 } },
                                                 { 99, { 0 }, 3, 1, false, 0, { 1, 1 } },
                                                 { 3, { 0, 1 }, 3, 2, true, 0, { 2, 2 } } };
    struct design d = { tensors, 4, operators, 4, { { NULL, 0, 0 } }, 0 };
    struct bytes file = model_of(&d);
    tconv_source *source;
    tconv_container *c = check_opens("geometry", &file, &source);
    CHECK(c != NULL && tconv_container_layers(c) == 1 && tconv_container_tensors(c) == 0);
    if (c != NULL && tconv_container_layers(c) == 1) {
        const tconv_layer_info *layer = tconv_container_layer(c, 0);
        CHECK(layer->has_geometry && !layer->has_taps && layer->upsamples && layer->input_size[0] == 2
              && layer->input_size[1] == 3);
        CHECK_TEXT(layer->weight, "open");
        CHECK_TEXT(layer->note, "the weights are computed by the graph: geometry only");
        /* 2 (N - 1) + 4 - 4 = 2 and 3 (N - 1) + 3 - 9 = 0 samples to crop */
        CHECK(layer->geometry.axis[0].pad_begin == 1 && layer->geometry.axis[0].pad_end == 1
              && layer->geometry.axis[1].pad_begin == 0
              && layer->geometry.axis[1].pad_end == 0 && layer->geometry.axis[1].stride == 3
              && layer->geometry.axis[1].output_padding == 0);
    }
    tconv_container_close(c);
    tconv_source_close(source);
    bytes_free(&file);
}

/* N = ceil(M/2), total = 2 (N - 1) + 3 - M where M is declared; a multiple of the stride where it is open. */
static void strided_convolutions_know_the_size_of_their_input(void)
{
    static const struct { struct tensor x; int64_t begin[2], end[2]; } cases[] = {
        { { "x", { 1, 5, 6, 1 }, 4, 0, 0, 0, 0, false }, { 1, 0 }, { 1, 1 } },
        { { "x", { 1, 0, 1, 1 }, 4, 0, 0, 0, 0, false }, { 0, 1 }, { 1, 1 } },
        { { "x", { 5, 6 }, 2, 0, 0, 0, 0, false }, { 0, 0 }, { 1, 1 } } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct tensor tensors[] = { cases[i].x, { "w", { 1, 3, 3, 1 }, 4, 0, 1, 0, 0, false },
                                          { "y", { 1, 3, 3, 1 }, 4, 0, 0, 0, 0, false } };
        static const struct operator operators[] = { { 3, { 0, 1 }, 2, 2, false, 0, { 2, 2 } } };
        static const float nine[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
        struct design d = { tensors, 3, operators, 1, { { nine, sizeof nine, 0 } }, 1 };
        struct bytes file = model_of(&d);
        tconv_source *source;
        tconv_container *c = check_opens("strided", &file, &source);
        const tconv_layer_info *layer = c != NULL ? tconv_container_layer(c, 0) : NULL;
        CHECK(layer != NULL && layer->has_geometry && layer->role == TCONV_ROLE_GRADIENT);
        for (size_t a = 0; layer != NULL && a < 2; a++)
            CHECK_MESSAGE(layer->geometry.axis[a].pad_begin == cases[i].begin[a]
                          && layer->geometry.axis[a].pad_end == cases[i].end[a],
                          "case %zu, axis %zu: %lld %lld", i, a, (long long)layer->geometry.axis[a].pad_begin,
                          (long long)layer->geometry.axis[a].pad_end);
        tconv_container_close(c);
        tconv_source_close(source);
        bytes_free(&file);
    }
}

const struct test_suite suite = { "tflite_layers", {
    { "strided convolutions know the size of their input", strided_convolutions_know_the_size_of_their_input },
    { "weights that share their bytes are not replaced", weights_that_share_their_bytes_are_not_replaced },
    { "buffers may lie behind the tables", buffers_may_lie_behind_the_tables },
    { "names are unlike and bounded", names_are_unlike_and_bounded },
    { "graphs that multiply are refused", graphs_that_multiply_are_refused },
    { "quantised tensors need scales that fit", quantised_tensors_need_scales_that_fit },
    { "layers with obstacles are listed", layers_with_obstacles_are_listed },
    { "geometry without weights is told", geometry_without_weights_is_told },
    { NULL, NULL } } };
