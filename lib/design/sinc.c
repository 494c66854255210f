#include "sinc.h"

#include <math.h>

#include "../core/constants.h"

/* sin(pi x) = (-1)^i sin(pi (x - i)) with i the integer nearest to x: exactly 0 at integers, and right to a few eps
 * however large x is, where sin(pi * x) as it stands would keep the rounding error of the product. */
double tconv_sinc(double x)
{
    if (x == 0.0)
        return 1.0;
    double nearest = round(x);
    double sine = sin(TCONV_PI * (x - nearest));
    return (fmod(nearest, 2.0) != 0.0 ? -sine : sine) / (TCONV_PI * x);
}

void tconv_sinc_taps(size_t stride, double cutoff, const tconv_window *window, double delay, size_t n_taps, double *taps)
{
    double s = (double)stride, centre = ((double)n_taps - 1.0) / 2.0, half = n_taps > 1 ? centre : 1.0;
    for (size_t n = 0; n < n_taps; n++) {
        double t = (double)n - centre - delay;
        taps[n] = cutoff * tconv_sinc(cutoff * t / s) * tconv_window_at(window, t / half);
    }
}
