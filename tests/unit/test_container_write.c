/* Copies of model files with one tensor replaced: the new values are there, every other byte or member is as it was. */
#include "testing_model.h"

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

const struct test_suite suite = { "container_write", {
    { "the copy has the new values and every other byte as it was", other_bytes_are_as_they_were },
    { "a layer is replaced in its own order of axes", a_layer_is_replaced_in_its_own_order },
    { "values are rounded to the nearest, ties to even", values_are_rounded_to_nearest },
    { NULL, NULL } } };
