/* learn_taps: gradient descent on the taps of one layer. The target is linear interpolation of a random signal; from equal
 * taps the descent finds 1/4 3/4 3/4 1/4. Prints the loss and the taps. */
#include <stdio.h>
#include <tconv.h>

enum { N = 256, M = 2 * N, K = 4 };

int main(void)
{
    const double wanted[K] = { 0.25, 0.75, 0.75, 0.25 };
    double taps[K] = { 0.5, 0.5, 0.5, 0.5 }, x[N], target[M], y[M], gradient[K];
    const size_t n_in[] = { N };
    tconv_geometry geometry = tconv_geometry_default(1);
    geometry.axis[0].stride = 2;
    geometry.axis[0].n_taps = K;
    geometry.axis[0].pad_begin = geometry.axis[0].pad_end = 1;
    tconv_transpose *layer = NULL;
    tconv_error error;
    tconv_status status = tconv_transpose_create(&layer, &geometry, wanted, NULL, n_in, NULL, &error);
    unsigned long noise = 1;
    for (size_t i = 0; i < N; i++)
        x[i] = (double)((noise = noise * 16807 % 2147483647) % 2001) / 1000.0 - 1.0;
    if (status == TCONV_OK)
        tconv_transpose_execute(layer, 1, x, target);
    for (int step = 0; step <= 200 && status == TCONV_OK; step++) {
        tconv_transpose_destroy(layer);
        status = tconv_transpose_create(&layer, &geometry, taps, NULL, n_in, NULL, &error);
        if (status != TCONV_OK)
            break;
        tconv_transpose_execute(layer, 1, x, y);
        double loss = 0.0;
        for (size_t j = 0; j < M; j++) {
            y[j] = 2.0 * (y[j] - target[j]) / M;       /* dL/dy of the mean squared error */
            loss += y[j] * y[j] * M / 4.0;
        }
        status = tconv_gradient_f64(&geometry, taps, n_in, 1, x, y, gradient, NULL, NULL, &error);
        if (step % 50 == 0)
            printf("step %3d   loss %.2e   taps %.4f %.4f %.4f %.4f\n", step, loss, taps[0], taps[1], taps[2], taps[3]);
        for (size_t r = 0; r < K && status == TCONV_OK; r++)
            taps[r] -= gradient[r];
    }
    if (status != TCONV_OK)
        fprintf(stderr, "%s\n", error.message);
    tconv_transpose_destroy(layer);
    return status != TCONV_OK;
}
