#!/usr/bin/python3
"""make_figures.py [OUT]: write figures.json, the expected figures of many kernels (numpy, scipy; see reference.py),
and print the reference table of classical kernels beside the digits that the literature table states.

    /usr/bin/python3 tests/oracle/make_figures.py
"""
import json
import math
import os
import sys
import time

import numpy as np
from scipy import signal

from reference import Kernel, Layer

# ---- classical kernels, from their published formulas ----------------------------------------------------------------


def centred(function, support, s):
    """function(x) at the taps of a kernel of `support` input samples, half-pixel grid: k = support*s, centre (k-1)/2."""
    k = support * s
    return np.array([function(abs(n - (k - 1) / 2) / s) for n in range(k)])


def cubic_bc(b, c):
    """Mitchell and Netravali 1988, equation 8; Keys with a is (0, -a)."""
    def k(x):
        if x < 1:
            return ((12 - 9 * b - 6 * c) * x ** 3 + (-18 + 12 * b + 6 * c) * x ** 2 + (6 - 2 * b)) / 6
        if x < 2:
            return ((-b - 6 * c) * x ** 3 + (6 * b + 30 * c) * x ** 2 + (-12 * b - 48 * c) * x + (8 * b + 24 * c)) / 6
        return 0.0
    return k


def triangle(x):
    return max(0.0, 1 - x)


def lanczos3(x):
    return float(np.sinc(x) * np.sinc(x / 3)) if x < 3 else 0.0


def bigvgan():
    """12 taps, cutoff 0.25, half-width 0.3 (BigVGAN, kaiser_sinc_filter1d), times the ratio 2."""
    half = 6
    attenuation = 2.285 * (half - 1) * math.pi * 4 * 0.3 + 7.95
    t = np.arange(-half, half) + 0.5
    h = 0.5 * np.kaiser(2 * half, 0.1102 * (attenuation - 8.7)) * np.sinc(0.5 * t)
    return 2 * h / h.sum()


def stylegan3(layer):
    """Upsampling filter of one layer of StyleGAN3-T at 1024^2 (Karras et al. 2021, appendix; networks_stylegan3)."""
    layers, critical, resolution = 14, 2, 1024
    exponents = np.minimum(np.arange(layers + 1) / (layers - critical), 1)
    cutoffs = 2 * (resolution / 2 / 2) ** exponents
    stop = 2 ** 2.1
    stopbands = stop * (resolution / 2 * 2 ** 0.3 / stop) ** exponents
    rates = np.exp2(np.ceil(np.log2(np.minimum(stopbands * 2, resolution))))
    half_widths = np.maximum(stopbands, rates / 2) - cutoffs
    before = max(layer - 1, 0)
    high = max(rates[before], rates[layer]) * 2
    up = int(np.rint(high / rates[before]))
    return signal.firwin(6 * up, cutoffs[before], width=2 * half_widths[before], fs=high) * up, up


def classical():
    kaiser = 2 * signal.firwin(49, 0.5, window=("kaiser", signal.kaiser_beta(80)))
    # name, taps, stride, then the printed row: CI, IRR 0.5, IRR 0.8, droop 0.5, droop 0.8, image energy, energy CV
    rows = [
        ("nearest s=2", np.ones(2), 2, "0", "7.66", "2.77", "-0.69", "-1.84", "-6.54", "0"),
        ("bilinear half-pixel s=2", centred(triangle, 2, 2), 2, "0", "22.97", "8.32", "-2.06", "-5.52", "-14.65", "0"),
        ("bilinear integer s=2", np.array([0.5, 1, 0.5]), 2, "0", "15.31", "5.55", "-1.38", "-3.68", "-10.87", "0.333"),
        ("Keys -0.5 s=2", centred(cubic_bc(0, 0.5), 4, 2), 2, "0", "22.97", "8.32", "-0.57", "-2.99", "-13.12", "0"),
        ("Keys -0.75 s=2", centred(cubic_bc(0, 0.75), 4, 2), 2, "0", "31.34", "10.07", "-0.13", "-2.54", "-14.22", "0"),
        ("Mitchell s=2", centred(cubic_bc(1 / 3, 1 / 3), 4, 2), 2, "0", "25.13", "9.18", "-1.48", "-4.71", "-14.85", "0"),
        ("cubic B-spline s=2", centred(cubic_bc(1, 0), 4, 2), 2, "0", "39.40", "14.36", "-3.65", "-9.72", "-22.36", "0"),
        ("Lanczos-3 s=2", centred(lanczos3, 6, 2), 2, "0", "38.33", "13.19", "0.10", "-1.69", "-15.28", "0"),
        ("BigVGAN 12-tap", bigvgan(), 2, "0", "38.91", "11.30", "-0.09", "-2.08", "-14.55", "0"),
        ("StyleGAN3-T L1", *stylegan3(1), "0", "58.10", "41.21", "-9.63", "-28.50", "-64.41", "0"),
        ("StyleGAN3-T L13", *stylegan3(13), "0", "35.31", "21.24", "-0.19", "-0.96", "-17.32", "0"),
        ("Kaiser sinc 80 dB", kaiser[:-1], 2, "2.0e-05", "89.88", "65.95", "0.00", "0.00", "-20.37", "0.043"),
        ("resample_poly default", 2 * signal.firwin(41, 0.5, window=("kaiser", 5.0)), 2, "5.2e-04", "62.97", "56.25",
         "0.01", "0.02", "-20.56", "0.040"),
        ("nearest s=4", np.ones(4), 4, "0", "9.09", "3.34", "-0.86", "-2.28", "-5.61", "0"),
        ("bilinear half-pixel s=4", centred(triangle, 2, 4), 4, "0", "19.61", "7.25", "-1.88", "-4.99", "-13.21", "0.190"),
        ("Keys -0.5 s=4", centred(cubic_bc(0, 0.5), 4, 4), 4, "0", "23.50", "8.35", "-0.55", "-2.90", "-13.07", "0.154"),
        ("Lanczos-3 s=4", centred(lanczos3, 6, 4), 4, "2.0e-03", "38.98", "13.22", "0.10", "-1.69", "-15.29", "0.089"),
        ("StyleGAN3-T L2", *stylegan3(2), "5.1e-04", "59.25", "42.56", "-8.20", "-24.70", "-56.96", "0"),
        ("StyleGAN3-T L9", *stylegan3(9), "2.3e-03", "52.40", "32.15", "-2.60", "-14.16", "-46.13", "0"),
        ("ones k=3 s=2", np.ones(3), 2, "0.333", "9.54", "9.54", "-1.89", "-5.36", "-10.87", "0.333"),
        ("ones k=16 s=10", np.ones(16), 10, "0.306", "12.54", "10.98", "-2.41", "-6.91", "-9.41", "0.306"),
    ]
    return rows


def as_printed(value, like):
    """`value` with as many digits as the table printed."""
    if like == "0":
        return "0" if value < 5e-4 else "%.3f" % value
    if "e" in like:
        return "%.1e" % value
    return "%.*f" % (len(like.split(".")[1]), value)


def compare_with_table(rows, entries):
    different = 0
    for row, entry in zip(rows, entries):
        f = entry["figures"]
        got = [f["checkerboard_index"], f["image_rejection_db"]["0.5"], f["image_rejection_db"]["0.8"],
               f["droop_db"]["0.5"], f["droop_db"]["0.8"], f["image_energy_db"], f["branch_energy_variation"]]
        words = []
        for value, like in zip(got, row[3:]):
            text = as_printed(value, like)
            same = text == like or text == "-" + like and float(like) == 0
            different += not same
            words.append(text if same else "%s(table %s)" % (text, like))
        print("%-26s k=%2d s=%2d  %s" % (row[0], len(row[1]), row[2], "  ".join(words)))
    print("%d figures differ from the printed table" % different)


# ---- kernels made up to be awkward -----------------------------------------------------------------------------------

generator = np.random.default_rng(20161017)


def dyadic(shape, bits=8):
    """Random taps that are short decimals and exact doubles: multiples of 2^-bits, about normal."""
    return np.round(generator.standard_normal(shape) * 2 ** bits) / 2 ** bits


def made_up():
    """(name, taps, stride, dilation, pad_begin, edge)"""
    cases = []

    def add(name, taps, stride, dilation=None, pad_begin=None, edge=0.8):
        cases.append((name, np.asarray(taps, float), stride, dilation, pad_begin, edge))

    for k, s in [(1, 1), (5, 1), (9, 1), (1, 2), (2, 2), (3, 2), (4, 2), (5, 2), (8, 2), (13, 2), (2, 3), (3, 3), (7, 3),
                 (9, 3), (12, 3), (3, 4), (8, 4), (11, 4), (16, 4), (3, 5), (10, 5), (13, 5), (6, 6), (13, 6), (7, 7),
                 (17, 7), (16, 8), (5, 8), (20, 9), (16, 10), (25, 10)]:
        add("random k=%d s=%d" % (k, s), dyadic(k), [s], None, [int(generator.integers(-2, 5))])
    # positive taps: figures of a smooth kernel
    for k, s, e in [(4, 2, 0.5), (6, 3, 0.9), (9, 4, 0.95), (12, 5, 0.6), (7, 2, 1.0), (5, 1, 0.5)]:
        add("positive k=%d s=%d edge=%g" % (k, s, e), np.abs(dyadic(k)) + np.hanning(k + 2)[1:-1].round(3), [s], None, None, e)
    add("negative gain", [-0.25, -0.75, -0.75, -0.25], [2], None, [1])
    add("negative gain random", -np.abs(dyadic(9)) - 0.5, [3], None, [2])
    add("one negative branch", [1, -0.25, 2, -0.5, 1, -0.25], [2])
    add("zero sum", [1, -2, 1.5, -0.5], [2])
    add("zero sum k=7 s=3", [1, 2, -1, 0.5, -3, 0.25, 0.25], [3])
    add("every branch sums to zero", [1, 2, -1, -2], [2])
    add("one branch sums to zero", [1, 1, 2, -2, 1, 1], [2])
    add("one branch sums to zero s=3", [1, 0.5, 0.25, 1, -0.5, 0.5], [3])
    add("zero kernel", np.zeros(4), [2])
    add("zero at f=0.1, inside both bands", [1, -2 * math.cos(2 * math.pi * 0.1), 1], [2])
    add("zero at f=0.15, inside the wider band", np.convolve([1, -2 * math.cos(2 * math.pi * 0.15), 1], [1, 2, 1.5]), [2])
    add("zero at f=0.22, outside", np.convolve([1, -2 * math.cos(2 * math.pi * 0.22), 1], [1, 2, 1.5]), [2])
    add("double zero at f=0.05", np.convolve([1, -2 * math.cos(2 * math.pi * 0.05), 1], [1, -2 * math.cos(2 * math.pi * 0.05), 1]), [3])
    add("branch with a zero at f=0.25", [1, 2, 0, 1, 1, 0.5], [2])
    add("near zero in the band", np.convolve([1, -2 * 1.001 * math.cos(2 * math.pi * 0.11), 1.001 ** 2], [1, 1.25]), [2])
    for radius in (0.99, 1.01, 0.999, 1.001):
        beside = [1, -2 * radius * math.cos(2 * math.pi * 0.23), radius ** 2]
        add("branch zero beside the circle, radius %g" % radius, np.ravel(np.column_stack([beside, [0.5, 1, 0.75]])), [2])
    add("a delta", [0, 0, 1, 0, 0, 0], [2], None, [2])
    add("all pass branches", [0.5, 1, 0.5, 1], [2])
    add("decimals that do not sum to zero exactly", [0.1, 0.2, -0.3, 0.7, 0.3, 0.1], [2])
    for k, s, d in [(3, 2, 2), (4, 2, 3), (5, 3, 2), (5, 4, 2), (6, 6, 4), (3, 3, 3), (4, 1, 2), (4, 4, 3), (7, 5, 3)]:
        add("dilated k=%d s=%d d=%d" % (k, s, d), dyadic(k), [s], [d], [1])
    add("long smooth k=257 s=4", 4 * signal.firwin(257, 0.22, window=("kaiser", 8.0)), [4], None, [126])
    add("long random k=64 s=8", dyadic(64, 6), [8], None, [28])
    # two axes
    hat, keys = centred(triangle, 2, 2), centred(cubic_bc(0, 0.5), 4, 2)
    add("bilinear 4x4 s=2", np.outer(hat, hat), [2, 2], None, [1, 1])
    add("ones 3x3 s=2", np.ones((3, 3)), [2, 2], None, [1, 1])
    add("Keys 8x8 s=2", np.outer(keys, keys), [2, 2], None, [3, 3])
    add("ones 2x3 s=2x3", np.ones((2, 3)), [2, 3])
    add("separable random s=3x2", np.outer(dyadic(5, 4) + 1, dyadic(4, 4) + 1), [3, 2])
    for shape, stride, dilation in [((3, 3), (2, 2), None), ((4, 4), (2, 2), None), ((5, 4), (3, 2), None),
                                    ((4, 5), (1, 2), None), ((1, 5), (1, 2), None), ((3, 3), (1, 1), None),
                                    ((9, 9), (2, 2), None), ((8, 8), (4, 4), None), ((2, 3), (3, 2), None),
                                    ((3, 3), (2, 2), (2, 3)), ((3, 2), (4, 2), (2, 1)), ((6, 3), (3, 1), (1, 2))]:
        smooth = np.ones(shape) + 0.4 * dyadic(shape, 7)
        add("random %s s=%s d=%s" % (shape, stride, dilation), np.round(smooth * 1024) / 1024, list(stride),
            list(dilation) if dilation else None, [1, 0])
    for shape, stride in [((3, 3), (2, 2)), ((4, 4), (2, 2)), ((6, 5), (2, 3)), ((4, 4), (1, 2))]:
        add("normal %s s=%s" % (shape, stride), dyadic(shape, 7), list(stride))
    add("zero sum 2x2", [[1, -1], [2, -2]], [2, 2])
    # three axes
    for shape, stride in [((2, 2, 2), (2, 2, 2)), ((3, 3, 3), (2, 2, 2)), ((3, 2, 4), (1, 2, 2)), ((1, 3, 2), (1, 2, 3))]:
        smooth = np.ones(shape) + 0.3 * dyadic(shape, 7)
        add("random %s s=%s" % (shape, stride), np.round(smooth * 1024) / 1024, list(stride))
    add("trilinear s=2", np.einsum("i,j,k->ijk", hat, hat, hat), [2, 2, 2], None, [1, 1, 1])
    return cases


def layers():
    """(name, taps, stride, groups, dilation, mean, bias)"""
    cases = []
    for cin, cout, groups, shape, stride, dilation in [
            (2, 3, 1, (4,), (2,), None), (4, 6, 2, (5,), (3,), None), (3, 3, 3, (7,), (2,), (2,)), (1, 2, 1, (6,), (4,), None),
            (5, 1, 1, (3,), (5,), None), (3, 2, 1, (3, 3), (2, 2), None), (4, 4, 2, (4, 3), (1, 2), None),
            (6, 4, 2, (2, 5), (3, 2), (1, 2)), (2, 2, 1, (2, 3, 2), (2, 2, 1), None), (4, 2, 2, (3, 3, 3), (2, 2, 2), None),
            (8, 5, 1, (4, 4), (4, 4), None), (3, 4, 1, (5,), (1,), None)]:
        taps = dyadic((cin, cout // groups) + shape, 6)
        mean = np.abs(dyadic(cin, 6))
        bias = dyadic(cout, 6) if len(cases) % 2 == 0 else None
        cases.append(("layer %d->%d groups %d %s s=%s" % (cin, cout, groups, shape, stride), taps, list(stride), groups,
                      list(dilation) if dilation else [1] * len(shape), mean, bias))
    return cases


def kernel_entry(name, taps, stride, dilation=None, pad_begin=None, edge=0.8):
    kernel = Kernel(taps, stride, dilation, pad_begin, edge)
    return {"name": name, "shape": list(kernel.taps.shape), "stride": kernel.stride, "dilation": kernel.dilation,
            "padding_begin": kernel.pad_begin, "edge": edge, "taps": [float(x) for x in kernel.taps.flat],
            "centroid_offset": kernel.centroid_offset(), "figures": kernel.figures(),
            "branches": kernel.branch_list(), "images": kernel.image_list()}


def layer_entry(name, taps, stride, groups, dilation, mean, bias):
    layer = Layer(taps, stride, groups, dilation)
    return {"name": name, "shape": list(taps.shape), "stride": stride, "dilation": dilation, "groups": groups,
            "channels_out": layer.cout, "taps": [float(x) for x in taps.flat], "mean": [float(x) for x in mean],
            "bias": None if bias is None else [float(x) for x in bias],
            "figures": layer.figures(mean, bias), "branches": layer.branch_list(), "images": layer.image_list()}


def write_compact(path, sections):
    """One entry a line, so that a change can be read."""
    with open(path, "w", encoding="ascii") as out:
        out.write('{"made_by": "tests/oracle/make_figures.py"')
        for key, entries in sections.items():
            lines = ",\n".join(json.dumps(e, separators=(",", ":"), allow_nan=False) for e in entries)
            out.write(',\n"%s": [\n%s\n]' % (key, lines))
        out.write("}\n")


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "figures.json")
    rows = classical()
    table = [kernel_entry(row[0], row[1], [row[2]]) for row in rows]
    compare_with_table(rows, table)
    made = []
    for case in made_up():
        begin = time.time()
        made.append(kernel_entry(*case))
        print("%-50s %.1f s" % (case[0], time.time() - begin), flush=True)
    write_compact(path, {"classical": table, "kernels": made, "layers": [layer_entry(*case) for case in layers()]})
    print("%s: %d bytes" % (path, os.path.getsize(path)))


if __name__ == "__main__":
    main()
