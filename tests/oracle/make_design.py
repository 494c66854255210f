#!/usr/bin/python3
"""Windows, windowed sincs, equiripple and least-squares filters by SciPy, for the suites of lib/design.

    /usr/bin/python3 tests/oracle/make_design.py > tests/oracle/design.txt          SciPy 1.10 was used

One case is two lines: a name with its parameters, then the values. remez works on a grid: with 16000 points per ripple
its taps are off by about 1e-10, the square of the spacing."""
import numpy as np
from scipy import signal, special

print("# made by make_design.py: one line of name and parameters, one line of values")


def case(name, parameters, values):
    print(name, *("%.17g" % p for p in parameters))
    print(*("%.17g" % v for v in np.atleast_1d(values)))


for count in (1, 2, 5, 12):
    for number, window in enumerate(("boxcar", "hann", "hamming", "blackman", ("kaiser", 0.0), ("kaiser", 8.6), ("kaiser", 120.0))):
        beta = window[1] if isinstance(window, tuple) else 0.0
        case("window", [min(number, 4), beta, count], signal.get_window(window, count, fftbins=False))
for x in (0.0, 0.1, 1.0, 7.5, 30.0, 400.0):
    case("i0", [x], special.i0(x))
for a in (10, 21, 21.5, 37, 50, 50.1, 67, 80, 120):
    case("kaiser_beta", [a], signal.kaiser_beta(a))
for a, width in ((20, 0.3), (60, 0.1), (80, 0.02), (37.5, 0.5)):
    case("kaiserord", [a, width], signal.kaiserord(a, width))
for k, width in ((12, 0.6), (49, 0.1)):
    case("kaiser_atten", [k, width], signal.kaiser_atten(k, width))

# firwin(k, b/s) has sum 1; a synthesis filter of stride s has gain s. Parameters: window, beta, s, b, k.
for s, b, k in ((2, 1.0, 24), (2, 1.0, 49), (3, 0.9, 31), (4, 1.0, 48), (5, 1.2, 17)):
    for number, window in enumerate(("boxcar", "hann", "hamming", "blackman", ("kaiser", 7.857))):
        beta = window[1] if isinstance(window, tuple) else 0.0
        case("firwin", [number, beta, s, b, k], s * signal.firwin(k, b / s, window=window))

# BigVGAN's upsampler: ratio 2, 12 taps, cutoff 0.5/ratio and half-width 0.6/ratio cycles per output sample, sum 1 times 2.
half_width = 0.6 / 2
attenuation = 2.285 * (12 // 2 - 1) * np.pi * 4 * half_width + 7.95
case("bigvgan", [], 2 * signal.firwin(12, 0.5, window=("kaiser", signal.kaiser_beta(attenuation))))

# StyleGAN3-T at 1024: 14 layers, the last 2 critically sampled; parameters: layer, s, in cutoff, half-width, in rate.
layers, critical, size = 14, 2, 1024
exponents = np.minimum(np.arange(layers + 1) / (layers - critical), 1)
cutoffs = 2 * (size / 2 / 2) ** exponents
stopbands = 2 ** 2.1 * (size / 2 * 2 ** 0.3 / 2 ** 2.1) ** exponents
rates = np.exp2(np.ceil(np.log2(np.minimum(stopbands * 2, size))))
half_widths = np.maximum(stopbands, rates / 2) - cutoffs
for layer in range(1, layers + 1):
    rate = 2 * max(rates[layer - 1], rates[layer])
    s = int(rate / rates[layer - 1])
    h = signal.firwin(6 * s, cutoffs[layer - 1], width=2 * half_widths[layer - 1], fs=rate)
    case("stylegan3", [layer, s, cutoffs[layer - 1], half_widths[layer - 1], rates[layer - 1]], s * h)


def interpolator_bands(s, edge, images):
    edges, gains = [0, edge / (2 * s)], [s]
    if images:
        for m in range(1, s // 2 + 1):
            edges += [(2 * m - edge) / (2 * s), min((2 * m + edge) / (2 * s), 0.5)]
            gains += [0]
    else:
        edges, gains = edges + [(2 - edge) / (2 * s), 0.5], gains + [0]
    return edges, gains


# Parameters: s, edge, weight of the images, images only, k.
for s, edge, weight, images, k in ((2, 0.8, 1, 0, 12), (2, 0.8, 1, 0, 13), (2, 0.8, 10, 0, 25), (2, 0.8, 0.1, 0, 32), (3, 0.7, 1, 0, 33),
                                   (3, 0.8, 4, 1, 32), (4, 0.8, 1, 1, 49), (4, 0.8, 10, 1, 48), (5, 0.6, 1, 1, 25), (2, 0.9, 1, 0, 63)):
    edges, gains = interpolator_bands(s, edge, images)
    weights = [1] + [weight] * (len(gains) - 1)
    case("remez", [s, edge, weight, images, k],
         signal.remez(k, edges, gains, weight=weights, fs=1, grid_density=16000, maxiter=200))
for s, edge, weight, images, k in ((2, 0.8, 1, 0, 13), (2, 0.8, 10, 0, 25), (3, 0.7, 1, 0, 33), (4, 0.8, 1, 1, 49), (5, 0.6, 1, 1, 25)):
    edges, gains = interpolator_bands(s, edge, images)
    weights = [1] + [weight] * (len(gains) - 1)
    case("firls", [s, edge, weight, images, k], signal.firls(k, edges, np.repeat(gains, 2), weight=weights, fs=1))
# A band with a slope: parameters k; gain 0 to 1 over 0..0.2, 1 to 0.25 over 0.25..0.5, weights 1 and 3.
case("firls_sloped", [21], signal.firls(21, [0, 0.2, 0.25, 0.5], [0, 1, 1, 0.25], weight=[1, 3], fs=1))
