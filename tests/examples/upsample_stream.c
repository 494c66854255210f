/* upsample_stream: numbers on standard input, four times as many on standard output, whatever their count, in constant memory. */
#include <stdio.h>
#include <stdlib.h>
#include <tconv.h>

enum { STRIDE = 4, CHUNK = 1024 };

int main(void)
{
    tconv_design design = tconv_design_default(1, STRIDE);
    tconv_kernel *kernel = NULL;
    tconv_stream *stream = NULL;
    double x[CHUNK], *y = NULL;
    tconv_error error;
    tconv_status status = tconv_reference_design(tconv_reference_find("kaiser"), &design, &kernel, &error);
    if (status == TCONV_OK)
        status = tconv_stream_create(&stream, &kernel->geometry, kernel->taps, NULL, TCONV_F64, 1, &error);
    if (status == TCONV_OK && (y = malloc((tconv_stream_room(stream, CHUNK) + tconv_stream_room(stream, 0)) * sizeof *y)) == NULL)
        status = TCONV_ENOMEM;
    for (size_t n = 1; status == TCONV_OK && n > 0;) {
        for (n = 0; n < CHUNK && scanf("%lf", &x[n]) == 1; n++)
            ;
        size_t made = n > 0 ? tconv_stream_push(stream, x, n, y) : tconv_stream_finish(stream, y);
        for (size_t j = 0; j < made; j++)
            printf("%.17g\n", y[j]);
    }
    if (status != TCONV_OK)
        fprintf(stderr, "%s\n", status == TCONV_ENOMEM ? tconv_status_text(status) : error.message);
    free(y);
    tconv_stream_destroy(stream);
    tconv_kernel_destroy(kernel);
    return status != TCONV_OK;
}
