/* Copies of model files with one tensor replaced: the new values are there, every other byte or member is as it was. */
#include "testing_network.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool keep(void *state, const void *bytes, size_t size)
{
    bytes_add(state, bytes, size);
    return true;
}

static bool refuse(void *state, const void *bytes, size_t size)
{
    (void)state;
    (void)bytes;
    return size == 0;
}

static struct bytes read_file(const char *path)
{
    tconv_source *source;
    struct bytes file = { 0 };
    unsigned char *all;
    size_t size;
    if (tconv_source_open(&source, path, NULL) == TCONV_OK && tconv_source_read_all(source, &all, &size, NULL) == TCONV_OK) {
        bytes_add(&file, all, size);
        tconv_free(all);
    }
    tconv_source_close(source);
    return file;
}

/* Negate tensor `name`, read the copy, and compare all tensors; `same_size`: and every byte outside a short range. */
static void negate(const char *path, const char *name, bool same_size)
{
    struct bytes before = read_file(path), after = { 0 };
    tconv_container *c, *again = NULL;
    tconv_source *source;
    tconv_tensor *tensor = NULL;
    tconv_error error = { 0 };
    CHECK_MESSAGE(tconv_container_open(&c, path, NULL, &error) == TCONV_OK, "%s: %s", path, error.message);
    size_t at = c != NULL ? tconv_container_find(c, name) : SIZE_MAX;
    CHECK_MESSAGE(at != SIZE_MAX, "%s: %s", path, name);
    if (at == SIZE_MAX || tconv_container_load_tensor(c, at, &tensor, &error) != TCONV_OK) {
        tconv_container_close(c);
        bytes_free(&before);
        return;
    }
    for (size_t i = 0; i < tensor->count; i++)
        tconv_tensor_set(tensor, i, -tconv_tensor_get(tensor, i));
    CHECK_MESSAGE(tconv_container_replace(c, at, tensor->data, tensor->count, keep, &after, &error) == TCONV_OK, "%s: %s", path, error.message);
    CHECK(tconv_source_open_memory(&source, after.data, after.size) == TCONV_OK);
    CHECK_MESSAGE(tconv_container_open_source(&again, source, NULL, NULL, &error) == TCONV_OK, "%s: %s", path, error.message);
    for (size_t i = 0; again != NULL && i < tconv_container_tensors(c); i++) {
        tconv_tensor *was, *is;
        CHECK_TEXT(tconv_container_tensor(again, i)->name, tconv_container_tensor(c, i)->name);
        if (tconv_container_tensor(c, i)->derived || tconv_container_load_tensor(c, i, &was, &error) != TCONV_OK)
            continue;
        CHECK(tconv_container_load_tensor(again, i, &is, &error) == TCONV_OK);
        bool same = is != NULL && is->count == was->count;
        for (size_t n = 0; same && n < was->count; n++)
            same = tconv_tensor_get(is, n) == (i == at ? -tconv_tensor_get(was, n) : tconv_tensor_get(was, n));
        CHECK_MESSAGE(same, "%s: %s in the copy", path, tconv_container_tensor(c, i)->name);
        tconv_tensor_destroy(was);
        tconv_tensor_destroy(is);
    }
    if (same_size) {
        size_t first = 0, last = before.size;
        CHECK_MESSAGE(before.size == after.size, "%s has its size", path);
        while (first < before.size && before.data[first] == after.data[first])
            first++;
        while (last > first && before.data[last - 1] == after.data[last - 1])
            last--;
        CHECK_MESSAGE(last - first <= tconv_container_tensor(c, at)->bytes, "%s: only the tensor's bytes differ", path);
    }
    CHECK(tconv_container_replace(c, at, tensor->data, tensor->count, refuse, NULL, &error) == TCONV_EWRITE);
    CHECK(tconv_container_replace(c, at, tensor->data, tensor->count + 1, keep, &after, &error) == TCONV_EARGUMENT);
    ((double *)tensor->data)[0] = INFINITY;
    size_t size = after.size;
    CHECK(tconv_container_replace(c, at, tensor->data, tensor->count, keep, &after, &error) == TCONV_ENONFINITE && after.size == size);
    tconv_tensor_destroy(tensor);
    tconv_container_close(again);
    tconv_source_close(source);
    tconv_container_close(c);
    bytes_free(&before);
    bytes_free(&after);
}

static void other_bytes_are_as_they_were(void)
{
    static const struct { const char *file, *tensor; bool same_size; } cases[] = {
        { "resize.onnx", "w", true },   { "typed.onnx", "w", true },  { "tiny.tflite", "w16", true }, { "plain.npz", "fortran", true },
        { "plain.npz", "big", true },   { "plain.npz", "half", true },{ "packed.npz", "up/W", false } };
    char path[640];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/tests/oracle/models/%s", test_root_folder(), cases[i].file);
        negate(path, cases[i].tensor, cases[i].same_size && strstr(cases[i].file, ".npz") == NULL);
    }
    const char *shared = test_shared_folder();
    if (shared == NULL) {
        test_skip("the shared folder is absent");
        return;
    }
    static const char *const models[][2] = { { "containers/multi_layer.safetensors", "conv1.weight" },
                                             { "models/waifu2x_upconv7_scale2.0x_model.onnx", "convolution6_W" },
                                             { "models/gtcrn_simple.onnx", "decoder.de_convs.4.conv.weight" },
                                             { "models/hifigan_float16.tflite", "conv1d_transpose;PartitionedCall/conv1d_transpose" },
                                             { "models/waifu2x_chainer_upresnet10_anime_style_scale_rgb.npz", "conv_post/W" } };
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/data/%s", shared, models[i][0]);
        negate(path, models[i][1], strstr(path, ".npz") == NULL);
    }
}

/* A kernel into a layer whose weight lies in another order of axes, and back: the same kernel. */
static void a_layer_is_replaced_in_its_own_order(void)
{
    char path[640];
    struct bytes after = { 0 };
    tconv_container *c, *again = NULL;
    tconv_source *source;
    tconv_kernel *kernel = NULL, *back = NULL;
    tconv_error error = { 0 };
    (void)snprintf(path, sizeof path, "%s/tests/oracle/models/tiny.tflite", test_root_folder());
    CHECK(tconv_container_open(&c, path, NULL, &error) == TCONV_OK);
    CHECK(tconv_container_load_layer(c, 0, &kernel, &error) == TCONV_OK);
    for (size_t i = 0; i < tconv_kernel_count(kernel); i++)
        kernel->taps[i] = (double)i / 16.0;
    CHECK_MESSAGE(tconv_container_replace_layer(c, 0, kernel, keep, &after, &error) == TCONV_OK, "%s", error.message);
    CHECK(tconv_source_open_memory(&source, after.data, after.size) == TCONV_OK);
    CHECK(tconv_container_open_source(&again, source, NULL, NULL, &error) == TCONV_OK);
    CHECK(again != NULL && tconv_container_load_layer(again, 0, &back, &error) == TCONV_OK);
    if (back != NULL)
        CHECK_SAME(back->taps, kernel->taps, tconv_kernel_count(kernel) * sizeof *kernel->taps);
    CHECK(tconv_container_replace_layer(c, 1, kernel, keep, &after, &error) == TCONV_EGEOMETRY);
    CHECK(tconv_container_replace_layer(c, 2, kernel, keep, &after, &error) == TCONV_EUNSUPPORTED);
    CHECK(tconv_container_replace_layer(c, 4, kernel, keep, &after, &error) == TCONV_EARGUMENT);
    CHECK(tconv_container_replace(c, tconv_container_find(c, "q"), kernel->taps, 16, keep, &after, &error) == TCONV_EUNSUPPORTED);
    tconv_kernel_destroy(kernel);
    tconv_kernel_destroy(back);
    tconv_container_close(again);
    tconv_source_close(source);
    tconv_container_close(c);
    bytes_free(&after);
}

/* Every finite half and bfloat16 comes back from its double; halfway values go to the even neighbour. */
static void values_are_rounded_to_nearest(void)
{
    static const char *const kinds[] = { "F16", "BF16" };
    for (size_t kind = 0; kind < 2; kind++) {
        tconv_element element = kind == 0 ? TCONV_F16 : TCONV_BF16;
        static double values[3 * 65536];
        static unsigned char want[3 * 65536 * 2];
        size_t n = 0;
        for (uint32_t bits = 0; bits < 65536; bits++) {
            unsigned char b[2] = { (unsigned char)bits, (unsigned char)(bits >> 8) };
            unsigned char next[2] = { (unsigned char)(bits + 1), (unsigned char)((bits + 1) >> 8) };
            double value, after;
            CHECK(tconv_element_to_f64(element, false, b, 1, &value, NULL) == TCONV_OK);
            if (!isfinite(value))
                continue;
            values[n] = value;
            memcpy(want + 2 * n++, b, 2);
            if (tconv_element_to_f64(element, false, next, 1, &after, NULL) == TCONV_OK && isfinite(after) && (bits & 0x7fff) != 0x7fff) {
                values[n] = value + (after - value) / 2.0;
                memcpy(want + 2 * n++, (bits & 1) == 0 ? b : next, 2);
                values[n] = value + (after - value) / 4.0;
                memcpy(want + 2 * n++, b, 2);
            }
        }
        char header[128];
        struct bytes file = { 0 }, after = { 0 };
        tconv_source *source;
        tconv_container *c;
        tconv_error error = { 0 };
        (void)snprintf(header, sizeof header, "{\"w\":{\"dtype\":\"%s\",\"shape\":[%zu],\"data_offsets\":[0,%zu]}}", kinds[kind], n, 2 * n);
        bytes_little(&file, strlen(header), 8);
        bytes_text(&file, header);
        bytes_fill(&file, 0, 2 * n);
        CHECK(tconv_source_open_memory(&source, file.data, file.size) == TCONV_OK);
        CHECK(tconv_container_open_source(&c, source, NULL, NULL, &error) == TCONV_OK);
        CHECK_MESSAGE(tconv_container_replace(c, 0, values, n, keep, &after, &error) == TCONV_OK, "%s", error.message);
        CHECK(after.size == file.size);
        if (after.size == file.size)
            CHECK_SAME(after.data + after.size - 2 * n, want, 2 * n);
        tconv_container_close(c);
        tconv_source_close(source);
        bytes_free(&file);
        bytes_free(&after);
    }
}

/* A model in memory with its copy in which layers are replaced; both are open until closed. */
struct pair {
    struct bytes before, after;
    tconv_source *source[2];
    tconv_container *c[2];
};

static bool open_pair(struct pair *p, const char *spec)
{
    tconv_error error = { 0 };
    tconv_layer_spec parsed;
    size_t added;
    CHECK(tconv_source_open_memory(&p->source[0], p->before.data, p->before.size) == TCONV_OK);
    CHECK_MESSAGE(tconv_container_open_source(&p->c[0], p->source[0], NULL, NULL, &error) == TCONV_OK, "%s", error.message);
    if (p->c[0] != NULL && spec != NULL) {
        CHECK(tconv_layer_spec_parse(spec, &parsed, &error) == TCONV_OK);
        CHECK_MESSAGE(tconv_container_add_layers(p->c[0], parsed.glob, &parsed.options, &added, &error) == TCONV_OK, "%s", error.message);
    }
    return p->c[0] != NULL;
}

static void open_copy(struct pair *p)
{
    tconv_error error = { 0 };
    CHECK(tconv_source_open_memory(&p->source[1], p->after.data, p->after.size) == TCONV_OK);
    CHECK_MESSAGE(tconv_container_open_source(&p->c[1], p->source[1], NULL, NULL, &error) == TCONV_OK, "%s", error.message);
}

static void close_pair(struct pair *p)
{
    for (int i = 0; i < 2; i++) {
        tconv_container_close(p->c[i]);
        tconv_source_close(p->source[i]);
    }
    bytes_free(&p->before);
    bytes_free(&p->after);
}

static struct bytes safetensors_of(const char *header, size_t floats)
{
    struct bytes file = { 0 };
    bytes_little(&file, strlen(header), 8);
    bytes_text(&file, header);
    for (size_t i = 0; i < floats; i++)
        bytes_f32(&file, (const float[]){ (float)(i % 13) * 0.25f - 1.0f }, 1);
    return file;
}

/* Two layers at once, in another order than in the file; the tensor between them stays. */
static void several_layers_are_replaced_at_once(void)
{
    struct pair p = { .before = safetensors_of("{\"a.weight\":{\"dtype\":\"F32\",\"shape\":[1,1,4],\"data_offsets\":[0,16]},"
                                               "\"m\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[16,28]},"
                                               "\"b.weight\":{\"dtype\":\"F32\",\"shape\":[1,1,2],\"data_offsets\":[28,36]}}", 9) };
    tconv_kernel *kernel[2] = { NULL, NULL };
    tconv_error error = { 0 };
    if (open_pair(&p, "*.weight:s=2") && tconv_container_layers(p.c[0]) == 2) {
        for (size_t i = 0; i < 2; i++) {
            CHECK(tconv_container_check_replace_layer(p.c[0], i, &error) == TCONV_OK);
            CHECK(tconv_container_layer_element(p.c[0], i) == TCONV_F32);
            CHECK(tconv_container_load_layer(p.c[0], i, &kernel[i], &error) == TCONV_OK);
            for (size_t t = 0; kernel[i] != NULL && t < tconv_kernel_count(kernel[i]); t++)
                kernel[i]->taps[t] = 10.0 * (double)(i + 1) + (double)t;
        }
        const tconv_layer_change changes[] = { { 1, kernel[1] }, { 0, kernel[0] } };
        CHECK_MESSAGE(tconv_container_replace_layers(p.c[0], changes, 2, keep, &p.after, &error) == TCONV_OK, "%s", error.message);
        open_copy(&p);
        check_tensor(p.c[1], "a.weight", (size_t[]){ 1, 1, 4 }, 3, (double[]){ 10, 11, 12, 13 }, 4);
        check_tensor(p.c[1], "m", (size_t[]){ 3 }, 1, (double[]){ 0, 0.25, 0.5 }, 3);
        check_tensor(p.c[1], "b.weight", (size_t[]){ 1, 1, 2 }, 3, (double[]){ 20, 21 }, 2);
        /* the same layer twice: allowed where both agree */
        size_t size = p.after.size;
        CHECK(tconv_container_replace_layers(p.c[0], (tconv_layer_change[]){ { 0, kernel[0] }, { 0, kernel[0] } }, 2, keep, &p.after, &error) == TCONV_OK);
        CHECK(p.after.size == 2 * size);
        tconv_kernel *other = NULL;
        CHECK(tconv_container_load_layer(p.c[0], 0, &other, &error) == TCONV_OK);
        CHECK(tconv_container_replace_layers(p.c[0], (tconv_layer_change[]){ { 0, kernel[0] }, { 0, other } }, 2, keep, &p.after, &error)
              == TCONV_EUNSUPPORTED && p.after.size == 2 * size);
        CHECK_TEXT(error.message, "two layers share the tensor 'a.weight' and need different values in it");
        tconv_kernel_destroy(other);
    }
    tconv_kernel_destroy(kernel[0]);
    tconv_kernel_destroy(kernel[1]);
    close_pair(&p);
}

/* w = g v/|v| comes back as it was given, to two roundings of a float. */
static void weight_normalised_layers_are_replaced(void)
{
    struct pair p = { .before = safetensors_of("{\"up.weight_g\":{\"dtype\":\"F32\",\"shape\":[2,1,1],\"data_offsets\":[0,8]},"
                                               "\"up.weight_v\":{\"dtype\":\"F32\",\"shape\":[2,3,4],\"data_offsets\":[8,104]}}", 26) };
    tconv_kernel *kernel = NULL, *back = NULL;
    tconv_error error = { 0 };
    tconv_layer_spec spec;
    size_t added;
    if (open_pair(&p, "up.weight:s=2") && tconv_container_load_layer(p.c[0], 0, &kernel, &error) == TCONV_OK) {
        CHECK(kernel->weight_norm_fused);
        for (size_t t = 0; t < tconv_kernel_count(kernel); t++)
            kernel->taps[t] = random_uniform(-2.0, 2.0);
        CHECK_MESSAGE(tconv_container_replace_layer(p.c[0], 0, kernel, keep, &p.after, &error) == TCONV_OK, "%s", error.message);
        CHECK(p.after.size == p.before.size);
        open_copy(&p);
        CHECK(tconv_layer_spec_parse("up.weight:s=2", &spec, &error) == TCONV_OK);
        CHECK(tconv_container_add_layers(p.c[1], spec.glob, &spec.options, &added, &error) == TCONV_OK);
        CHECK(tconv_container_load_layer(p.c[1], 0, &back, &error) == TCONV_OK);
        for (size_t t = 0; back != NULL && t < tconv_kernel_count(kernel); t++)
            CHECK_CLOSE("tap", t, back->taps[t], kernel->taps[t], 0x1p-23 * fabs(kernel->taps[t]));
    }
    tconv_kernel_destroy(kernel);
    tconv_kernel_destroy(back);
    close_pair(&p);
}

/* Sub-pixel layers of another program's making: taps and biases are written back to the convolution, and read again. */
static void sub_pixel_layers_are_replaced(void)
{
    static const char *const names[] = { "shuffle.onnx", "spelt_out.onnx", "depth_first.onnx" };
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        char path[640];
        struct pair p = { .before = { 0 } };
        tconv_kernel *kernel = NULL, *back = NULL;
        tconv_error error = { 0 };
        (void)snprintf(path, sizeof path, "%s/tests/oracle/models/%s", test_root_folder(), names[n]);
        p.before = read_file(path);
        if (open_pair(&p, NULL) && tconv_container_load_layer(p.c[0], 0, &kernel, &error) == TCONV_OK) {
            size_t biases = kernel->phase_bias != NULL ? kernel->geometry.channels_out * 4 : 0;
            CHECK((biases > 0) == (n == 0));          /* that of shuffle.onnx has one for each channel */
            for (size_t t = 0; t < tconv_kernel_count(kernel); t++)
                kernel->taps[t] = (double)(t % 31) / 8.0;
            for (size_t i = 0; i < biases; i++)
                kernel->phase_bias[i] = (double)i - 2.0;
            CHECK_MESSAGE(tconv_container_replace_layer(p.c[0], 0, kernel, keep, &p.after, &error) == TCONV_OK, "%s: %s", names[n], error.message);
            CHECK(p.after.size == p.before.size);
            open_copy(&p);
            CHECK(tconv_container_load_layer(p.c[1], 0, &back, &error) == TCONV_OK);
            if (back != NULL)
                CHECK_SAME(back->taps, kernel->taps, tconv_kernel_count(kernel) * sizeof *kernel->taps);
            if (back != NULL && biases > 0)
                CHECK(back->phase_bias != NULL && memcmp(back->phase_bias, kernel->phase_bias, biases * sizeof *kernel->phase_bias) == 0);
        }
        tconv_kernel_destroy(kernel);
        tconv_kernel_destroy(back);
        close_pair(&p);
    }
}

/* What cannot be written is told before any byte is. */
static void what_is_not_written_is_told(void)
{
    static const struct { const char *file, *spec, *part; } cases[] = {
        { "zip.pt", "transposed:s=2", "PyTorch files are read, never written" },
        { "stream.pt", "plain:s=2", "PyTorch files are read, never written" },
        { "chain.onnx", NULL, "stored as integers with a scale" },
        { "resize.onnx", NULL, "no weight that is its kernel" } };
    for (size_t n = 0; n < sizeof cases / sizeof cases[0]; n++) {
        char path[640];
        struct pair p = { .before = { 0 } };
        tconv_kernel *kernel = NULL;
        tconv_error error = { 0 };
        (void)snprintf(path, sizeof path, "%s/tests/oracle/models/%s", test_root_folder(), cases[n].file);
        p.before = read_file(path);
        if (open_pair(&p, cases[n].spec) && tconv_container_load_layer(p.c[0], 0, &kernel, &error) == TCONV_OK) {
            CHECK(tconv_container_check_replace_layer(p.c[0], 0, &error) == TCONV_EUNSUPPORTED);
            CHECK_MESSAGE(strstr(error.message, cases[n].part) != NULL, "%s: %s", cases[n].file, error.message);
            CHECK(tconv_container_replace_layer(p.c[0], 0, kernel, keep, &p.after, &error) == TCONV_EUNSUPPORTED && p.after.size == 0);
        }
        CHECK_MESSAGE(kernel != NULL, "%s has a layer: %s", cases[n].file, error.message);
        CHECK(tconv_container_check_replace_layer(p.c[0], 99, &error) == TCONV_EARGUMENT);
        CHECK(tconv_container_layer_element(p.c[0], 99) == TCONV_ELEMENT_COUNT);
        tconv_kernel_destroy(kernel);
        close_pair(&p);
    }
}

/* ---- tensors that are made of others ---- */

/* A node of one attribute: a list, or (`to`, `blocksize`) one number. */
static void write_node(struct onnx *m, const char *op, const char *inputs, const char *output, const char *attribute,
                       const int64_t *values, size_t count)
{
    onnx_node(m, op, inputs, output);
    if (strcmp(attribute, "to") == 0 || strcmp(attribute, "blocksize") == 0)
        onnx_int(m, attribute, values[0]);
    else if (count > 0)
        onnx_ints(m, attribute, values, count);
    onnx_end(m);
}

/* (k, Cout, Cin) behind Identity, Cast and Transpose: new taps go back into the order of the file. */
static void derived_weights_are_followed_back_to_the_file(void)
{
    static const double taps[] = { 0.5, -1, 2, 7, 8, 9.25 };
    struct onnx m = { .opset = 13 };
    struct pair p = { .before = { 0 } };
    tconv_kernel *kernel = NULL;
    tconv_error error = { 0 };
    onnx_input(&m, 2, 1, NULL);
    onnx_floats(&m, "w", (const size_t[]){ 3, 1, 2 }, 3, (const float[]){ 1, 2, 3, 4, 5, 6 });
    write_node(&m, "Identity", "w", "i", "", NULL, 0);
    write_node(&m, "Cast", "i", "c", "to", (const int64_t[]){ 11 }, 1);
    write_node(&m, "Transpose", "c", "t", "perm", (const int64_t[]){ 2, 1, 0 }, 3);
    write_node(&m, "Cast", "t", "r", "to", (const int64_t[]){ 1 }, 1);
    write_node(&m, "ConvTranspose", "x r", "y", "strides", (const int64_t[]){ 2 }, 1);
    p.before = onnx_file(&m);
    if (open_pair(&p, NULL) && tconv_container_load_layer(p.c[0], 0, &kernel, &error) == TCONV_OK) {
        CHECK(tconv_container_layer_element(p.c[0], 0) == TCONV_F32);
        memcpy(kernel->taps, taps, sizeof taps);
        CHECK_MESSAGE(tconv_container_replace_layer(p.c[0], 0, kernel, keep, &p.after, &error) == TCONV_OK, "%s", error.message);
        CHECK(p.after.size == p.before.size);
        open_copy(&p);
        check_tensor(p.c[1], "w", (size_t[]){ 3, 1, 2 }, 3, (double[]){ 0.5, 7, -1, 8, 2, 9.25 }, 6);
        check_tensor(p.c[1], "r", (size_t[]){ 2, 1, 3 }, 3, taps, 6);
    }
    CHECK(kernel != NULL);
    tconv_kernel_destroy(kernel);
    close_pair(&p);
}

/* Every tensor that cannot be replaced says why, and nothing is written. */
static void check_not_replaced(struct pair *p, const char *name, tconv_status status, const char *message)
{
    double values[8] = { 0 };
    tconv_error error = { 0 };
    size_t at = tconv_container_find(p->c[0], name);
    CHECK_MESSAGE(at != SIZE_MAX, "%s", name);
    size_t count = 1;
    for (size_t a = 0; at != SIZE_MAX && a < tconv_container_tensor(p->c[0], at)->rank; a++)
        count *= tconv_container_tensor(p->c[0], at)->shape[a];
    CHECK(tconv_container_replace(p->c[0], at, values, count, keep, &p->after, &error) == status && p->after.size == 0);
    CHECK_TEXT(error.message, message);
}

static void tensors_that_are_not_replaced_say_why(void)
{
    struct pair p = { .before = safetensors_of("{\"f8\":{\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[0,1]},"
                                               "\"whole\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[1,4]}}", 1) };
    tconv_error error = { 0 };
    if (open_pair(&p, NULL)) {
        check_not_replaced(&p, "f8", TCONV_EUNSUPPORTED, "the tensor 'f8' cannot be replaced: its element type is not supported");
        check_not_replaced(&p, "whole", TCONV_EUNSUPPORTED, "the tensor 'whole' cannot be replaced: it does not hold floats");
        CHECK(tconv_container_replace(p.c[0], 2, NULL, 0, keep, &p.after, &error) == TCONV_EARGUMENT);
        CHECK_TEXT(error.message, "there is no tensor 2; the file has 2");
    }
    close_pair(&p);
    struct bytes graph = { 0 }, tensor = { 0 };                      /* floats one by one, and in two runs */
    p = (struct pair){ .before = { 0 } };
    for (size_t way = 0; way < 3; way++) {
        proto_number(&tensor, 1, 2);
        proto_number(&tensor, 2, 1);
        proto_text(&tensor, 8, way == 0 ? "single" : way == 1 ? "runs" : "together");
        for (size_t i = 0; i < 2 && way < 2; i++) {
            proto_varint(&tensor, 4u << 3 | (way == 0 ? 5 : 2));
            if (way == 1)
                proto_varint(&tensor, 4);
            bytes_f32(&tensor, (const float[]){ 1.5f }, 1);
        }
        if (way == 2)
            proto_bytes(&tensor, 4, "\0\0\0\0\0\0\0\0", 8);
        proto_message(&graph, 5, &tensor);
    }
    proto_number(&p.before, 1, 8);
    proto_message(&p.before, 7, &graph);
    if (open_pair(&p, NULL)) {
        check_tensor(p.c[0], "runs", (size_t[]){ 2 }, 1, (double[]){ 1.5, 1.5 }, 2);
        check_not_replaced(&p, "single", TCONV_EUNSUPPORTED,
                           "the tensor 'single' cannot be replaced: its values do not lie together in the file");
        check_not_replaced(&p, "runs", TCONV_EUNSUPPORTED,
                           "the tensor 'runs' cannot be replaced: its values do not lie together in the file");
        CHECK(tconv_container_replace(p.c[0], 2, (double[]){ 3, 4 }, 2, keep, &p.after, &error) == TCONV_OK);
        open_copy(&p);
        check_tensor(p.c[1], "together", (size_t[]){ 2 }, 1, (double[]){ 3, 4 }, 2);
    }
    close_pair(&p);
}

/* A value that no float is in one of two parts, or in the first of two tensors: nothing is written. */
static void parts_that_do_not_fit_write_nothing(void)
{
    struct pair p = { .before = safetensors_of("{\"a_g\":{\"dtype\":\"F32\",\"shape\":[2,1,1],\"data_offsets\":[0,8]},"
                                               "\"a_v\":{\"dtype\":\"F32\",\"shape\":[2,1,2],\"data_offsets\":[8,24]}}", 6) };
    tconv_error error = { 0 };
    if (open_pair(&p, NULL)) {
        size_t a = tconv_container_find(p.c[0], "a");
        CHECK(tconv_container_replace(p.c[0], a, (double[]){ 1, 2, NAN, 3 }, 4, keep, &p.after, &error) == TCONV_ENONFINITE
              && p.after.size == 0);
        CHECK_TEXT(error.message, "element 2 of the new values does not fit the type f32 of 'a_v'");
        /* the direction fits, its length 5e38 does not */
        CHECK(tconv_container_replace(p.c[0], a, (double[]){ 3e38, 3e38, 1, 0 }, 4, keep, &p.after, &error) == TCONV_ENONFINITE
              && p.after.size == 0);
        CHECK_TEXT(error.message, "element 0 of the new values does not fit the type f32 of 'a_g'");
        CHECK(tconv_container_replace(p.c[0], a, (double[]){ 3, 4, 0, 0 }, 4, keep, &p.after, &error) == TCONV_OK);
        open_copy(&p);
        check_tensor(p.c[1], "a_g", (size_t[]){ 2, 1, 1 }, 3, (double[]){ 5, 0 }, 2);
        check_tensor(p.c[1], "a", (size_t[]){ 2, 1, 2 }, 3, (double[]){ 3, 4, 0, 0 }, 4);
    }
    close_pair(&p);
}

/* Conv of dilation 2 with a bias, then depth to space. */
static struct bytes dilated_shuffle(void)
{
    struct onnx m = { .opset = 13 };
    onnx_input(&m, 1, 1, NULL);
    onnx_floats(&m, "w", (const size_t[]){ 2, 1, 2 }, 3, (const float[]){ 1, 2, 3, 4 });
    onnx_floats(&m, "b", (const size_t[]){ 2 }, 1, (const float[]){ 5, 6 });
    write_node(&m, "Conv", "x w b", "c", "dilations", (const int64_t[]){ 2 }, 1);
    write_node(&m, "DepthToSpace", "c", "y", "blocksize", (const int64_t[]){ 2 }, 1);
    return onnx_file(&m);
}

/* Taps between those of a dilated convolution, and taps that no float is: the biases are not written either. */
static void kernels_that_no_convolution_has_are_refused(void)
{
    struct pair p = { .before = dilated_shuffle() };
    tconv_kernel *kernel = NULL;
    tconv_error error = { 0 };
    if (open_pair(&p, NULL) && tconv_container_load_layer(p.c[0], 0, &kernel, &error) == TCONV_OK) {
        /* h[2 (2 - 2 r) + q] = W_q[r] */
        CHECK_SAME(kernel->taps, ((const double[]){ 2, 4, 0, 0, 1, 3 }), 6 * sizeof(double));
        kernel->taps[2] = 1.0;
        CHECK(tconv_container_replace_layer(p.c[0], 0, kernel, keep, &p.after, &error) == TCONV_EGEOMETRY && p.after.size == 0);
        CHECK_TEXT(error.message, "the kernel has taps where the convolution has no weight (its dilation or its groups)");
        kernel->taps[2] = 0.0;
        kernel->taps[4] = 1e39;
        CHECK(tconv_container_replace_layer(p.c[0], 0, kernel, keep, &p.after, &error) == TCONV_ENONFINITE && p.after.size == 0);
        CHECK_TEXT(error.message, "element 0 of the new values does not fit the type f32 of 'w'");
        kernel->taps[4] = -1.0;
        kernel->phase_bias[0] = 7.0;
        CHECK(tconv_container_replace_layer(p.c[0], 0, kernel, keep, &p.after, &error) == TCONV_OK);
        open_copy(&p);
        check_tensor(p.c[1], "w", (size_t[]){ 2, 1, 2 }, 3, (double[]){ -1, 2, 3, 4 }, 4);
        check_tensor(p.c[1], "b", (size_t[]){ 2 }, 1, (double[]){ 7, 6 }, 2);
    }
    CHECK_MESSAGE(kernel != NULL, "%s", error.message);
    tconv_kernel_destroy(kernel);
    close_pair(&p);
}

const struct test_suite suite = { "container_write", {
    { "derived weights are followed back to the file", derived_weights_are_followed_back_to_the_file },
    { "tensors that are not replaced say why", tensors_that_are_not_replaced_say_why },
    { "parts that do not fit write nothing", parts_that_do_not_fit_write_nothing },
    { "kernels that no convolution has are refused", kernels_that_no_convolution_has_are_refused },
    { "several layers are replaced at once", several_layers_are_replaced_at_once },
    { "weight-normalised layers are replaced", weight_normalised_layers_are_replaced },
    { "sub-pixel layers are replaced", sub_pixel_layers_are_replaced },
    { "what is not written is told", what_is_not_written_is_told },
    { "the copy has the new values and every other byte as it was", other_bytes_are_as_they_were },
    { "a layer is replaced in its own order of axes", a_layer_is_replaced_in_its_own_order },
    { "values are rounded to the nearest, ties to even", values_are_rounded_to_nearest },
    { NULL, NULL } } };
