/* flat_colours.h - the two sets of flat colours of a repair, which share no colour (internal). */
#ifndef TCONV_NETWORK_FLAT_COLOURS_H
#define TCONV_NETWORK_FLAT_COLOURS_H

#include <stddef.h>
#include <stdint.h>

#include "../core/status.h"

#define TCONV_FLAT_COLOURS ((size_t)64)         /* unless told */
#define TCONV_MOST_FLAT_COLOURS ((size_t)512)

enum tconv_colours {
    TCONV_COLOURS_FITTED,       /* the greys 0, 1/4 .. 1, the corners of the colour cube (2 to 4 channels), random ones */
    TCONV_COLOURS_HELD_OUT      /* the greys 1/8, 3/8, 5/8, 7/8, random ones of another sequence */
};

/* *colours: *count x channels values in [0, 1], the caller's (tconv_free). `wanted`: how many, 0 for 64; a set is never
 * smaller than what is listed above. TCONV_EARGUMENT for more than 512, TCONV_ENOMEM, TCONV_EBUDGET. */
TCONV_CHECKED tconv_status tconv_flat_colours(enum tconv_colours set, size_t channels, size_t wanted, uint64_t seed, double **colours,
                                              size_t *count, tconv_error *error);

#endif
