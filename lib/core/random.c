#include "random.h"

#include <math.h>

#include "constants.h"

tconv_random tconv_random_seed(uint64_t seed)
{
    return (tconv_random){ .state = seed };
}

uint64_t tconv_random_bits(tconv_random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);   /* 2^64 / golden ratio, made odd */
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);           /* the mix of the article's figure 17 */
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

double tconv_random_uniform(tconv_random *random)
{
    return (double)(tconv_random_bits(random) >> 11) * 0x1p-53;
}

/* x = sqrt(-2 ln u) cos(2 pi v), and the same with the sine: independent, standard normal, for u in (0, 1], v in [0, 1). */
double tconv_random_normal(tconv_random *random)
{
    if (random->has_spare) {
        random->has_spare = false;
        return random->spare;
    }
    double u = 1.0 - tconv_random_uniform(random), v = tconv_random_uniform(random);
    double radius = sqrt(-2.0 * log(u)), angle = 2.0 * TCONV_PI * v;
    random->spare = radius * sin(angle);
    random->has_spare = true;
    return radius * cos(angle);
}
