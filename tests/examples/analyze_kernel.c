/* analyze_kernel FILE STRIDE: what a kernel does to a flat input, and what would be better. Exit 1 where it is severe. */
#include <stdio.h>
#include <stdlib.h>
#include <tconv.h>

int main(int argc, char **argv)
{
    tconv_source *source = NULL;
    tconv_kernel *kernel = NULL;
    tconv_figures *figures = NULL;
    tconv_verdict *verdict = NULL;
    tconv_error error;
    tconv_geometry_options options = { .stride = { .count = 1, .values = { argc > 2 ? atoi(argv[2]) : 2 } } };
    tconv_status status = tconv_source_open(&source, argc > 1 ? argv[1] : "-", &error);
    if (status == TCONV_OK)
        status = tconv_kernel_file_read(source, &options, &kernel, NULL, &error);
    if (status == TCONV_OK)
        status = tconv_figures_create(&figures, kernel, NULL, &error);
    if (status == TCONV_OK)
        status = tconv_verdict_create(&verdict, kernel, figures, NULL, 1.0);
    if (status == TCONV_OK) {
        for (size_t q = 0; q < figures->phases; q++)
            printf("branch %zu: DC gain %.3f\n", q, figures->branches[q].branch.dc_gain);
        printf("checkerboard index %.3f: %s\n", figures->checkerboard_index, tconv_level_text(verdict->kernel));
        for (size_t i = 0; i < verdict->n_advice; i++)
            printf("- %s\n", verdict->advice[i]);
    } else {
        fprintf(stderr, "%s\n", error.message);
    }
    int code = status != TCONV_OK ? 2 : tconv_verdict_reaches(verdict, TCONV_LEVEL_SEVERE) ? 1 : 0;
    tconv_verdict_destroy(verdict);
    tconv_figures_destroy(figures);
    tconv_kernel_destroy(kernel);
    tconv_source_close(source);
    return code;
}
