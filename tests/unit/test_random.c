/* The generator: known values of splitmix64, moments, the same sequence from the same seed. */
#include "testing.h"

#include <math.h>
#include <string.h>

#include "core/random.h"

/* The first outputs for seed 1234567, as published with the reference implementation of splitmix64 and its ports. */
static void the_bits_are_those_of_splitmix64(void)
{
    static const uint64_t published[] = { UINT64_C(6457827717110365317), UINT64_C(3203168211198807973), UINT64_C(9817491932198370423),
                                          UINT64_C(4593380528125082431), UINT64_C(16408922859458223821) };
    tconv_random random = tconv_random_seed(1234567);
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++)
        CHECK(tconv_random_bits(&random) == published[i]);
}

/* n draws: a mean is off by about sigma/sqrt(n); six of these are allowed. Fourth moment of a uniform variable's square
 * deviation: 1/80 - 1/144 = 1/180; of a normal one's: 3 - 1 = 2. */
static void the_moments_are_right(void)
{
    size_t n = test_rounds(1000000);
    double uniform = 0.0, uniform_square = 0.0, normal = 0.0, normal_square = 0.0, six = 6.0 / sqrt((double)n);
    tconv_random random = tconv_random_seed(5);
    bool in_range = true;
    for (size_t i = 0; i < n; i++) {
        double u = tconv_random_uniform(&random), z = tconv_random_normal(&random);
        in_range = in_range && u >= 0.0 && u < 1.0 && isfinite(z);
        uniform += u;
        uniform_square += (u - 0.5) * (u - 0.5);
        normal += z;
        normal_square += z * z;
    }
    CHECK(in_range);
    CHECK_CLOSE("mean", 0, uniform / (double)n, 0.5, six * sqrt(1.0 / 12.0));
    CHECK_CLOSE("variance", 0, uniform_square / (double)n, 1.0 / 12.0, six * sqrt(1.0 / 180.0));
    CHECK_CLOSE("mean", 1, normal / (double)n, 0.0, six);
    CHECK_CLOSE("variance", 1, normal_square / (double)n, 1.0, six * sqrt(2.0));
}

static void a_seed_is_a_sequence(void)
{
    tconv_random a = tconv_random_seed(9), b = tconv_random_seed(9), c = tconv_random_seed(10);
    size_t equal = 0, other = 0;
    for (size_t i = 0; i < 1000; i++) {
        double x = tconv_random_normal(&a);
        equal += x == tconv_random_normal(&b) ? 1 : 0;
        other += x == tconv_random_normal(&c) ? 1 : 0;
    }
    CHECK(equal == 1000 && other == 0);
}

const struct test_suite suite = { "random", {
    { "the bits are those of splitmix64", the_bits_are_those_of_splitmix64 },
    { "the moments are right", the_moments_are_right },
    { "a seed is a sequence", a_seed_is_a_sequence },
    { NULL, NULL } } };
