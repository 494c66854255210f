/* bench_network.c - milliseconds per flat input of a network (no combs), and what making it ready costs.
 *
 *     build/bench-network [MODEL.onnx ..]      without names: the project's own models, and real ones where ../shared is there
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tconv.h"

#define CHANNELS 64

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Random colours for `seconds`: the time of each, the least of them in *least. */
static double per_input(tconv_network *network, double seconds, double *least, size_t *count)
{
    double colour[CHANNELS], begin = now(), before = begin;
    tconv_random random = tconv_random_seed(1);
    *least = 1e9;
    for (*count = 0; before - begin < seconds; ++*count) {
        tconv_step_response *response;
        for (size_t c = 0; c < CHANNELS; c++)
            colour[c] = tconv_random_uniform(&random);
        if (tconv_step_response_create(&response, network, colour, NULL, false, NULL) != TCONV_OK)
            return -1.0;
        tconv_step_response_destroy(response);
        double after = now();
        *least = after - before < *least ? after - before : *least;
        before = after;
    }
    return (before - begin) / (double)*count;
}

static int one_model(const char *path)
{
    tconv_container *model;
    tconv_network *network;
    tconv_error error;
    size_t count;
    double begin = now(), least;
    if (tconv_container_open(&model, path, NULL, &error) != TCONV_OK) {
        fprintf(stderr, "bench-network: %s: %s\n", path, error.message);
        return 1;
    }
    if (tconv_network_create(&network, model, NULL, &error) != TCONV_OK || tconv_network_channels(network) > CHANNELS) {
        fprintf(stderr, "bench-network: %s: %s\n", path, network == NULL ? error.message : "too many channels");
        tconv_network_destroy(network);
        tconv_container_close(model);
        return 1;
    }
    double ready = now() - begin, mean = per_input(network, 1.0, &least, &count);
    printf("%-72.72s %10.3f %10.3f %10.3f %8zu\n", path, 1e3 * ready, 1e3 * mean, 1e3 * least, count);
    tconv_network_destroy(network);
    tconv_container_close(model);
    return mean < 0.0;
}

int main(int argc, char **argv)
{
    static const char *const own[] = { "tests/data/step-even.onnx", "tests/data/step-uneven.onnx", "tests/data/step-skip.onnx" };
    const char *real = "../shared/data/models/waifu2x_upconv7_scale2.0x_model.onnx";
    int failed = 0;
    printf("networks: milliseconds per flat input, f64, 1 thread\n%-72s %10s %10s %10s %8s\n", "model", "ready", "mean", "least", "inputs");
    for (int i = 1; i < argc; i++)
        failed |= one_model(argv[i]);
    for (size_t i = 0; argc == 1 && i < sizeof own / sizeof own[0]; i++)
        failed |= one_model(own[i]);
    FILE *there = argc == 1 ? fopen(real, "rb") : NULL;
    if (there != NULL) {
        (void)fclose(there);
        failed |= one_model(real);
    }
    return failed;
}
