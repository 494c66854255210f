/* random.h - random numbers that are the same on every machine: one seed, one sequence.
 *
 * splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): the state moves by
 * a fixed odd step, and each output is a mix of the state's 64 bits. Uniform numbers are its upper 53 bits times 2^-53,
 * so they are exact everywhere; normal ones (Box and Muller 1958) are as equal as the logarithm and the cosine of two C
 * libraries are: to the last bit or two.
 *
 *     tconv_random random = tconv_random_seed(1);
 *     double x = tconv_random_normal(&random);
 *
 * A generator belongs to one thread.
 */
#ifndef TCONV_CORE_RANDOM_H
#define TCONV_CORE_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tconv_random {
    uint64_t state;
    double spare;        /* Box and Muller make two at a time */
    bool has_spare;
} tconv_random;

/* Any seed will do, 0 too; different seeds give unrelated sequences. */
TCONV_API tconv_random tconv_random_seed(uint64_t seed);

TCONV_API uint64_t tconv_random_bits(tconv_random *random);       /* 64 bits */
TCONV_API double tconv_random_uniform(tconv_random *random);      /* in [0, 1), a multiple of 2^-53 */
TCONV_API double tconv_random_normal(tconv_random *random);       /* mean 0, variance 1 */

#ifdef __cplusplus
}
#endif
#endif
