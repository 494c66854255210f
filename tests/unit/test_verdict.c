/* The verdict: which level a check meets, what the network's own answer changes. */
#include <math.h>
#include <string.h>

#include "tconv.h"
#include "testing.h"

static void a_check_is_met_by_any_of_three_levels(void)
{
    for (int level = TCONV_LEVEL_CLEAN; level <= TCONV_LEVEL_SEVERE; level++)
        for (int least = TCONV_LEVEL_FAINT; least <= TCONV_LEVEL_SEVERE; least++)
            for (int which = 0; which < 3; which++) {
                tconv_verdict verdict = { .geometry = TCONV_LEVEL_CLEAN, .kernel = TCONV_LEVEL_CLEAN, .white_input = TCONV_LEVEL_SEVERE,
                                          .flat_input = TCONV_LEVEL_CLEAN };
                *(which == 0 ? &verdict.geometry : which == 1 ? &verdict.kernel : &verdict.flat_input) = (tconv_level)level;
                CHECK(tconv_verdict_reaches(&verdict, (tconv_level)least) == (level >= least));
            }
}

static tconv_verdict *judge(const double *taps, size_t channels)
{
    tconv_kernel *kernel = NULL;
    tconv_figures *figures = NULL;
    tconv_verdict *verdict = NULL;
    tconv_geometry g = tconv_geometry_default(1);
    g.axis[0] = (tconv_axis){ 2, 4, 1, 1, 1, 0 };
    g.channels_in = g.channels_out = channels;
    CHECK(tconv_kernel_create(&kernel, &g, NULL) == TCONV_OK);
    for (size_t t = 0; t < tconv_kernel_count(kernel); t++)
        kernel->taps[t] = taps[t % 4];
    CHECK(tconv_figures_create(&figures, kernel, NULL, NULL) == TCONV_OK);
    CHECK(tconv_verdict_create(&verdict, kernel, figures, NULL, 1.0) == TCONV_OK);
    tconv_figures_destroy(figures);
    tconv_kernel_destroy(kernel);
    return verdict;
}

/* Linear interpolation is given no advice: nothing is taken away, and a sentence about the network comes. */
static void the_answer_of_a_network_replaces_the_advice_to_give_a_mean(void)
{
    const double linear[] = { 0.25, 0.75, 0.75, 0.25 }, uneven[] = { 1, 1, 0.5, 0.25 };
    tconv_verdict *verdict = judge(linear, 1);
    size_t reasons = verdict->n_reasons;
    CHECK(verdict->n_advice == 0 && verdict->kernel == TCONV_LEVEL_CLEAN);
    CHECK(tconv_verdict_set_flat_input(verdict, 0.5, 2.0, NULL) == TCONV_OK);       /* -12 dB of the range */
    CHECK(verdict->n_advice == 0 && verdict->n_reasons == reasons + 1 && verdict->flat_input == TCONV_LEVEL_SEVERE);
    CHECK(strstr(verdict->reasons[reasons], "63.75 in 255") != NULL);
    tconv_verdict_destroy(verdict);

    verdict = judge(uneven, 2);
    size_t advice = verdict->n_advice;
    CHECK(advice > 0 && strstr(verdict->advice[advice - 1], "--mean FILE") != NULL && verdict->flat_input == TCONV_LEVEL_UNKNOWN);
    CHECK(tconv_verdict_set_flat_input(verdict, 1e-6, 1.0, NULL) == TCONV_OK);      /* -120 dB */
    CHECK(verdict->n_advice == advice - 1 && verdict->flat_input == TCONV_LEVEL_CLEAN);
    CHECK(tconv_verdict_set_flat_input(verdict, 1e-6, 1.0, &(tconv_levels){ -140, -130, -100 }) == TCONV_OK);     /* its own levels */
    CHECK(verdict->n_advice == advice - 1 && verdict->flat_input == TCONV_LEVEL_VISIBLE);
    tconv_verdict_destroy(verdict);
}

const struct test_suite suite = { "verdict", {
    { "a check is met by any of three levels", a_check_is_met_by_any_of_three_levels },
    { "the answer of a network replaces the advice to give a mean", the_answer_of_a_network_replaces_the_advice_to_give_a_mean },
    { NULL, NULL } } };
