/* fuzz_container.h - what the targets of model containers share: open the bytes, load all that can be loaded. */
#ifndef TCONV_TESTS_FUZZ_CONTAINER_H
#define TCONV_TESTS_FUZZ_CONTAINER_H

#include "fuzz.h"

#include <string.h>

#include "tconv.h"

/* Layers of up to this many are loaded: hostile files list the same one thousands of times. */
#define FUZZ_MOST_LOADED 64

static void fuzz_layers(tconv_container *container)
{
    tconv_error error = { 0 };
    for (size_t i = 0; i < tconv_container_layers(container) && i < FUZZ_MOST_LOADED; i++) {
        tconv_kernel *kernel;
        const tconv_layer_info *layer = tconv_container_layer(container, i);
        FUZZ_CHECK(layer->name != NULL && layer->weight != NULL && layer->operator_name != NULL);
        if (layer->has_geometry)
            FUZZ_CHECK(tconv_geometry_check(&layer->geometry, NULL) == TCONV_OK);
        tconv_status status = tconv_container_load_layer(container, i, &kernel, &error);
        FUZZ_CHECK((status == TCONV_OK) == (kernel != NULL));
        FUZZ_CHECK(status == TCONV_OK || error.message[0] != '\0');
        if (kernel != NULL)
            FUZZ_CHECK(tconv_first_non_finite(kernel->taps, tconv_kernel_count(kernel)) == tconv_kernel_count(kernel));
        tconv_kernel_destroy(kernel);
    }
}

static void fuzz_container(const void *bytes, size_t size, tconv_container_format format)
{
    tconv_source *source;
    tconv_container *container;
    tconv_error error = { 0 };
    size_t before = tconv_memory_in_use();
    tconv_memory_set_budget(before + FUZZ_BUDGET);
    if (tconv_container_recognise(bytes, size) == format && tconv_source_open_memory(&source, bytes, size) == TCONV_OK) {
        tconv_status status = tconv_container_open_source(&container, source, NULL, NULL, &error);
        FUZZ_CHECK((status == TCONV_OK) == (container != NULL));
        FUZZ_CHECK(status == TCONV_OK || error.message[0] != '\0');
        for (size_t i = 0; container != NULL && i < tconv_container_tensors(container) && i < FUZZ_MOST_LOADED; i++) {
            tconv_tensor *tensor;
            tconv_layout layout;
            char text[64];
            const tconv_tensor_info *info = tconv_container_tensor(container, i);
            FUZZ_CHECK(tconv_container_find(container, info->name) == i);
            (void)tconv_tensor_candidate(info, &layout, text, sizeof text);
            status = tconv_container_load_tensor(container, i, &tensor, &error);
            FUZZ_CHECK((status == TCONV_OK) == (tensor != NULL));
            tconv_tensor_destroy(tensor);
        }
        if (container != NULL) {
            size_t added;
            tconv_geometry_options options = { .stride = { .count = 1, .values = { 2 } } };
            fuzz_layers(container);
            if (!tconv_container_has_graph(container)
                && tconv_container_add_layers(container, "*", &options, &added, &error) == TCONV_OK)
                fuzz_layers(container);
        }
        tconv_container_close(container);
        tconv_source_close(source);
    }
    FUZZ_CHECK(tconv_memory_in_use() == before);
    tconv_memory_set_budget(0);
}

#endif
