#include "flat_colours.h"

#include "../core/memory.h"
#include "../core/random.h"

#define HELD_OUT_SEED 0x9e3779b97f4a7c15u      /* any other sequence */

tconv_status tconv_flat_colours(enum tconv_colours set, size_t channels, size_t wanted, uint64_t seed, double **colours, size_t *count,
                                tconv_error *error)
{
    bool fitted = set == TCONV_COLOURS_FITTED;
    size_t greys = fitted ? 5 : 4, corners = fitted && channels >= 2 && channels <= 4 ? (size_t)1 << channels : 0, values;
    tconv_status status = TCONV_OK;
    *colours = NULL;
    if (wanted > TCONV_MOST_FLAT_COLOURS)
        return tconv_fail(error, TCONV_EARGUMENT, "%zu colours; at most %zu are supported", wanted, TCONV_MOST_FLAT_COLOURS);
    *count = wanted != 0 ? wanted : TCONV_FLAT_COLOURS;
    *count = *count < greys + corners ? greys + corners : *count;
    if (!tconv_size_mul(*count, channels, &values))
        return tconv_fail_plain(error, TCONV_ESIZE);
    *colours = tconv_alloc(values, sizeof **colours, &status);
    if (*colours == NULL)
        return tconv_fail_plain(error, status);
    tconv_random random = tconv_random_seed(fitted ? seed : seed ^ HELD_OUT_SEED);
    for (size_t u = 0; u < *count; u++)
        for (size_t c = 0; c < channels; c++)
            (*colours)[u * channels + c] = u < greys ? (fitted ? 0.25 * (double)u : 0.125 + 0.25 * (double)u)
                                         : u < greys + corners ? (double)((u - greys) >> c & 1) : tconv_random_uniform(&random);
    return TCONV_OK;
}
