#include "verdict.h"

#include <math.h>
#include <string.h>

#include "../core/memory.h"
#include "advice.h"

const char *tconv_level_text(tconv_level level)
{
#define TEXT(name, text) text,
    static const char *const texts[] = { TCONV_LEVEL_LIST(TEXT) };
#undef TEXT
    return (unsigned)level < TCONV_LEVEL_COUNT ? texts[level] : "unknown";
}

bool tconv_level_of_text(const char *text, tconv_level *level)
{
    for (int i = 0; i < TCONV_LEVEL_COUNT; i++)
        if (strcmp(text, tconv_level_text((tconv_level)i)) == 0) {
            *level = (tconv_level)i;
            return true;
        }
    return false;
}

tconv_levels tconv_levels_default(void)
{
    return (tconv_levels){ .faint = -60.0, .visible = -48.0, .severe = -20.0 };
}

tconv_level tconv_level_of_db(double db, const tconv_levels *levels)
{
    if (isnan(db))
        return TCONV_LEVEL_UNKNOWN;
    if (db < levels->faint)
        return TCONV_LEVEL_CLEAN;
    if (db < levels->visible)
        return TCONV_LEVEL_FAINT;
    return db < levels->severe ? TCONV_LEVEL_VISIBLE : TCONV_LEVEL_SEVERE;
}

double tconv_geometry_index_db(const tconv_geometry *geometry)
{
    double mean, variance;
    tconv_geometry_coverage(geometry, &mean, &variance);
    return tconv_ratio_db(sqrt(variance), mean);
}

static void grade(tconv_verdict *verdict, const tconv_kernel *kernel, const tconv_figures *figures,
                  const tconv_levels *levels, double range)
{
    if (tconv_geometry_phases(&kernel->geometry) == 1) {
        verdict->geometry = verdict->kernel = verdict->white_input = verdict->flat_input = TCONV_LEVEL_NONE;
        return;
    }
    verdict->geometry = !tconv_geometry_connected(&kernel->geometry)
                      ? TCONV_LEVEL_GAP : tconv_level_of_db(tconv_geometry_index_db(&kernel->geometry), levels);
    verdict->kernel = verdict->white_input = verdict->flat_input = TCONV_LEVEL_UNKNOWN;
    if (figures == NULL)
        return;
    verdict->kernel = figures->single ? tconv_level_of_db(figures->checkerboard_db, levels) : TCONV_LEVEL_UNKNOWN;
    verdict->white_input = isnan(figures->branch_energy_variation)
        ? TCONV_LEVEL_UNKNOWN : tconv_level_of_db(tconv_ratio_db(figures->branch_energy_variation, 1.0), levels);
    verdict->flat_input = isnan(figures->flat_input_peak_to_peak)
        ? TCONV_LEVEL_UNKNOWN : tconv_level_of_db(tconv_ratio_db(figures->flat_input_peak_to_peak, range), levels);
}

tconv_status tconv_verdict_create(tconv_verdict **verdict, const tconv_kernel *kernel, const tconv_figures *figures,
                                  const tconv_levels *levels, double range)
{
    tconv_status status = TCONV_OK;
    tconv_levels usual = tconv_levels_default();
    tconv_sentences reasons = { NULL, 0, 0, TCONV_OK }, advice = { NULL, 0, 0, TCONV_OK };
    *verdict = NULL;
    tconv_verdict *made = tconv_alloc_zero(1, sizeof *made, &status);
    if (made == NULL)
        return status;
    grade(made, kernel, figures, levels != NULL ? levels : &usual, range);
    tconv_write_reasons(&reasons, kernel, figures, made);
    tconv_write_advice(&advice, kernel, figures, made);
    made->reasons = reasons.text;
    made->n_reasons = reasons.count;
    made->advice = advice.text;
    made->n_advice = advice.count;
    if (reasons.status != TCONV_OK || advice.status != TCONV_OK) {
        tconv_verdict_destroy(made);
        return reasons.status != TCONV_OK ? reasons.status : advice.status;
    }
    *verdict = made;
    return TCONV_OK;
}

tconv_status tconv_verdict_set_flat_input(tconv_verdict *verdict, double spread, double range, const tconv_levels *levels)
{
    tconv_levels usual = tconv_levels_default();
    tconv_sentences reasons = { verdict->reasons, verdict->n_reasons, verdict->n_reasons, TCONV_OK };
    tconv_write_network_answer(&reasons, spread / range);
    verdict->reasons = reasons.text;
    verdict->n_reasons = reasons.count;
    verdict->flat_input = tconv_level_of_db(tconv_ratio_db(spread, range), levels != NULL ? levels : &usual);
    if (verdict->n_advice > 0 && strcmp(verdict->advice[verdict->n_advice - 1], TCONV_ADVICE_MEAN) == 0)
        tconv_free(verdict->advice[--verdict->n_advice]);
    return reasons.status;
}

static void free_texts(char **text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tconv_free(text[i]);
    tconv_free(text);
}

void tconv_verdict_destroy(tconv_verdict *verdict)
{
    if (verdict == NULL)
        return;
    free_texts(verdict->reasons, verdict->n_reasons);
    free_texts(verdict->advice, verdict->n_advice);
    tconv_free(verdict);
}

bool tconv_verdict_reaches(const tconv_verdict *verdict, tconv_level least)
{
    return verdict->geometry >= least || verdict->kernel >= least || verdict->flat_input >= least;
}
