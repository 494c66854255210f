"""check_lesson_claims.py LESSONS TEXT DATA: every number that the lessons say in words or digits is true, or was given.

LESSONS is scripts/lessons, TEXT the plain text built from it, DATA the folder of kernels. A number of the prose is one of:
  - a claim: its words stand in CLAIMS with a computation, made here from the definitions and without the project's code
    (or from what a command prints), which must be true;
  - given: it repeats a parameter of a command or file, which must be found in the lesson's source or in the file named.
A number that is neither fails the test, so that none can be added without its proof. Numbers that commands print into the
text ({{..}}) are the commands' own; scripts/lessons/build sees to it that decimals and figures with a unit are such.
"""
import cmath
import glob
import itertools
import json
import math
import random
import re
import subprocess
import sys
from fractions import Fraction as F

folder, text_name, data = sys.argv[1:4]
TEXT = open(text_name).read()
random.seed(1)

WORDS = "zero two three four five six seven eight nine ten twelve sixteen half twice quarter hundred thousands double".split()
NUMBER = re.compile(r"(?<![A-Za-z_])\d+|\b(?:%s)\b" % "|".join(WORDS))
# Names, not numbers: the grid, an offset in a formula's name, and the parameters of the layer that a command then takes.
NAMES = re.compile(r"half-pixel|stride-1|zero-inserted|inserted zero|not zero|\b[kspdo] = \d+")


# ---- definitions -------------------------------------------------------------------------------------------------------

def transposed(x, w, s, p=0, d=1, o=0):
    """y[s i + d r - p] += w[r] x[i], N samples to s(N - 1) + d(k - 1) + 1 - 2p + o."""
    full = {}
    for i, r in itertools.product(range(len(x)), range(len(w))):
        full[s * i + d * r] = full.get(s * i + d * r, 0) + w[r] * x[i]
    size = max(full) + 1 - 2 * p + o
    return [full.get(j + p, 0) for j in range(size)]


def matrix(w, s, p, small, large):
    """C: row i holds the taps from column s i - p on."""
    return [[w[j - s * i + p] if 0 <= j - s * i + p < len(w) else 0 for j in range(large)] for i in range(small)]


def counts(k, s, d=1):
    """How many taps reach each of the s phases of outputs."""
    return [sum((d * r) % s == phase for r in range(k)) for phase in range(s)]


def variance(values):
    mean = F(sum(values), len(values))
    return sum((value - mean) ** 2 for value in values) / len(values)


def response(h, f):
    return sum(tap * cmath.exp(-2j * math.pi * f * n) for n, tap in enumerate(h))


def branch_sums(h, s):
    return [sum(h[q::s]) for q in range(s)]


def taps(name):
    words = "".join(line for line in open(data + "/" + name) if not line.startswith("#")).split()
    return [float(word) for word in words]


def randoms(n):
    return [random.uniform(-1, 1) for _ in range(n)]


def near(a, b, tolerance=1e-12):
    return abs(a - b) <= tolerance * max(1, abs(a), abs(b))


def all_near(a, b):
    return len(a) == len(b) and all(near(p, q) for p, q in zip(a, b))


def centre(j, k, s, p):
    """The middle of the stretch of input that the taps 0 .. k - 1 of output j span, in input samples."""
    return (F(j + p, s) + F(j + p - (k - 1), s)) / 2


def decibels(ratio):
    return 20 * math.log10(ratio)


SMALL = [(k, s) for k in range(1, 17) for s in range(1, 9)]


# ---- what the text printed ---------------------------------------------------------------------------------------------

def output_of(command):
    """What the commands that begin so printed into the text, the first time."""
    after = TEXT.split("\n    $ " + command, 1)[1].split("\n\n[", 1)[0]
    return after


def answer(exercise):
    return TEXT.split("\nExercise %s.\n" % exercise)[-1].split("\nExercise ")[0]


# ---- claims, by lesson -------------------------------------------------------------------------------------------------

def four_ways_agree():
    table = output_of("echo '1 2 3' | polyphase-matrix - -s 2 -p 1 -n 3").split("four ways")[1]
    rows = [[float(word) for word in line.split()] for line in table.split("\n") if re.match(r" +\d+ ", line)]
    truth = transposed([1, 2, 3], [1, 2, 3], 2, 1)
    return "matrix    zero-insertion         polyphase               FFT" in table and len(rows) == len(truth) and all(
        len(row) == 5 and all(near(value, truth[j]) for value in row[1:]) for j, row in enumerate(rows))


def nonzeros_of_64():
    c = matrix([1, 2, 3], 2, 1, 64, 2 * 63 + 3 - 2)
    numbers = answer("1.3").split("awk")[1].split("\n")[1].replace(":", " ").split()
    return [int(word) for word in numbers[:4]] == [len(c), len(c[0]), sum(value != 0 for row in c for value in row), len(c) * len(c[0])]


def zeros_then_filter(k, s):
    x, h = randoms(7), randoms(k)
    inserted = [x[n // s] if n % s == 0 else 0 for n in range(s * (len(x) - 1) + 1)]
    return all_near(transposed(x, h, s), transposed(inserted, h, 1))


def correlation_needs_turning(k, s, p):
    """A correlation of the zero-inserted input, padded by p' = k - 1 - p, with the kernel turned round."""
    x, w = randoms(6), randoms(k)
    pad = k - 1 - p
    inserted = [0] * pad + [x[n // s] if n % s == 0 else 0 for n in range(s * (len(x) - 1) + 1)] + [0] * pad
    turned = w[::-1]
    y = [sum(turned[r] * inserted[j + r] for r in range(k)) for j in range(len(inserted) - k + 1)]
    return all_near(y, transposed(x, w, s, p))


def spectrum(x):
    return [sum(value * cmath.exp(-2j * math.pi * m * n / len(x)) for n, value in enumerate(x)) / len(x) for m in range(len(x))]


def images_of_a_tone(s, cycles=3, n=16):
    """A tone at v = cycles/n: after zeros its lines are at (v + m)/s, m = 0 .. s - 1, all of 1/s of its amplitude."""
    x = [cmath.exp(2j * math.pi * cycles * i / n) for i in range(n)]
    lines = spectrum([x[i // s] if i % s == 0 else 0 for i in range(n * s)])
    wanted = {cycles + n * m for m in range(s)}
    return all(near(abs(line), 1 / s if m in wanted else 0) for m, line in enumerate(lines))


def edge_of_band_equal():
    return all(near(abs(response(h, 0.25)), abs(response(h, 0.75))) for h in (randoms(k) for k in range(1, 20)))


def size_formula(k, s, d, n, pb, pe, o):
    full = set(s * i + d * r for i in range(n) for r in range(k))
    size = max(full) + 1 - pb - pe + o
    return size == s * (n - 1) + d * (k - 1) + 1 - pb - pe + o and (d != 1 or pb != pe or size == s * (n - 1) + k - 2 * pb + o)


def s_sizes_share_one():
    for k, s in SMALL:
        for p in range(0, k // 2 + 1):
            small = {}
            for m in range(k, 200):
                small.setdefault((m + 2 * p - k) // s + 1, []).append(m)
            for n in sorted(small)[2:-2]:
                if small[n] != [s * (n - 1) + k - 2 * p + o for o in range(s)]:
                    return False
    return True


def group_delay_at_zero(h):
    step = 1e-6
    phase = cmath.phase(response(h, step) / response(h, -step))
    return near(-phase / (4 * math.pi * step), sum(n * tap for n, tap in enumerate(h)) / sum(h), 1e-8)


def coverage_law():
    return all(sorted(counts(k, s)) == sorted([k // s + 1] * (k % s) + [k // s] * (s - k % s)) for k, s in SMALL)


def variance_law():
    return all(variance(counts(k, s)) == F(k % s, s) * (1 - F(k % s, s)) and (variance(counts(k, s)) == 0) == (k % s == 0)
               for k, s in SMALL)


def two_dimensions():
    one = counts(3, 2)
    two = [a * b for a in one for b in one]
    return max(one) == 2 * min(one) and max(two) == 4 * min(two)


def all_ones_db(k, s):
    c = counts(k, s)
    return "%.1f" % decibels(math.sqrt(variance(c)) / (sum(c) / s))


def branches_make_outputs(k, s, p):
    x, w = randoms(9), randoms(k)
    y = transposed(x, w, s, p)
    for j, value in enumerate(y):
        q, first = (j + p) % s, (j + p) // s
        made = sum(tap * x[first - n] for n, tap in enumerate(w[q::s]) if 0 <= first - n < len(x))
        if not near(made, value):
            return False
    return True


def duality(s):
    h = randoms(3 * s)
    g = branch_sums(h, s)
    return all(near(response(h, m / s), sum(g[q] * cmath.exp(-2j * math.pi * m * q / s) for q in range(s))) for m in range(s))


def one_statement(s):
    """Flat stays flat, sums are equal, images of a constant vanish: all three or none."""
    uneven = randoms(3 * s)
    mean = sum(uneven) / s
    even = [tap + (mean - branch_sums(uneven, s)[n % s]) / 3 for n, tap in enumerate(uneven)]
    for h, truth in ((uneven, False), (even, True)):
        middle = transposed([1] * 9, h, s)[3 * s:6 * s]
        flat = max(middle) - min(middle) < 1e-12
        equal = max(branch_sums(h, s)) - min(branch_sums(h, s)) < 1e-12
        gone = max(abs(response(h, m / s)) for m in range(1, s)) < 1e-12
        if (flat, equal, gone) != (truth,) * 3:
            return False
    return True


def backward_of_strided():
    """dL/dx of a convolution with equal taps, stride 2, for gy = 1: the pattern of the transposed layer on flat input."""
    gradient = [sum(row[j] for row in matrix([1, 1, 1], 2, 0, 9, 19)) for j in range(19)]
    return gradient == transposed([1] * 9, [1, 1, 1], 2) and set(gradient[4:-4]) == {1, 2}


def layer_of(model):
    return json.loads(subprocess.run(["polyphase-analyze", "--json", data + "/" + model], capture_output=True, check=True).stdout)["layers"][0]


def even_network_has_four_taps():
    even, uneven = layer_of("step-even.onnx"), layer_of("step-uneven.onnx")
    return even["geometry"]["kernel"] == [4, 4] and even["figures"]["checkerboard_index"] < 1e-6 < uneven["figures"]["checkerboard_index"]


def one_sample_between_dialects():
    """The odd one of three cropped samples at the begin or at the end: one shape, and the same values one sample apart."""
    x, w = randoms(9), randoms(5)
    full = transposed(x, w, 2)
    lower, upper = full[2:-1], full[1:-2]
    return len(lower) == len(upper) == 2 * len(x) and lower[:-1] == upper[1:] and lower != upper


def hold_shift(s):
    """A ramp through a hold, and through that hold with another after it and the s - 1 new outputs cropped, (s - 1)//2 of them at
    the begin: how many output samples later it comes."""
    hold = [F(1)] * s
    once = transposed(range(9), hold, s)
    again = transposed(range(9), transposed(hold, [F(1, s)] * s, 1), s)[(s - 1) // 2:][:len(once)]
    late = sum(once[j] - again[j] for j in range(3 * s, 4 * s))            # the mean over a period, times s outputs an input
    return len(again) == len(once) and late == (F(1, 2) if s % 2 == 0 else 0)


def he_keeps_the_variance():
    """E relu(z)^2 is half of Var z: hence the 2 over the fan."""
    n = 200000
    return abs(sum(max(0, random.gauss(0, 1)) ** 2 for _ in range(n)) / n - 0.5) < 4 * math.sqrt(1.25 / n)


def xavier_is_the_mean_of_both():
    return all(F(2, a + b) == 1 / (F(a + b) / 2) for a in (3, 64) for b in (5, 7))


def mean_meetings(k, s):
    return F(sum(counts(k, s)), s) == F(k, s)


def three_taps_come_near():
    losses = [float(loss) for loss in re.findall(r"^ +\d+  loss (\S+)  taps \S+ \S+ \S+$", TEXT, re.M)]
    a = 0.9
    best = (1 - 2 * a * a / (1 + a * a)) / 2        # neighbours at both sides; every other sample is kept as it is
    return near(best, (1 - a * a) / (1 + a * a) / 2) and losses[0] > 4 * best and abs(losses[-1] / best - 1) < 0.1


def composite_of_two():
    a, b, x = randoms(4), randoms(4), randoms(12)
    both = transposed(a, b, 2)                                     # a spread by the stride of b, then convolved with b
    cascade = transposed(transposed(x, a, 2, 1), b, 2, 1)
    return len(both) == 10 and (4 - 1) * 2 + 4 == 10 and all_near(cascade[8:-8], transposed(x, both, 4, 1 * 2 + 1)[8:-8])


def thousands_of_samples():
    return 100 * 10 * 10 * 2 * 2 == 40000 and "--stack 16,10,3/16,10,3/4,2,1/4,2,1 --fs 100" in TEXT


CLAIMS = {
    1: [("Five samples, three taps w = 1, 2, 3, stride 2, and one sample of padding on both sides give three rows",
         lambda: len(transposed([1, 1, 1], [1, 2, 3], 2, 1)) == 5 and (5 + 2 * 1 - 3) // 2 + 1 == 3),
        ("each holds the taps, two columns further right than the row above it",
         lambda: matrix([1, 2, 3], 2, 0, 2, 5)[1][2:] == matrix([1, 2, 3], 2, 0, 2, 5)[0][:3]),
        ("C takes five samples to three. Its transpose takes three to five",
         lambda: [len(matrix([1, 2, 3], 2, 1, 3, 5)), len(matrix([1, 2, 3], 2, 1, 3, 5)[0])] == [3, 5]
         and "C, 3 x 5" in TEXT and "C^T, 5 x 3" in TEXT),
        ("Where two copies overlap they add up", lambda: transposed([1, 1], [1, 2, 3], 2) == [1, 2, 3 + 1, 2, 3]),
        ("runs the layer in four ways: the matrix; zeros between the samples and then a filter; the branches of that filter; "
         "a product of spectra. The four differ by rounding only", four_ways_agree),
        ("for 64 input samples? (The third number.)", nonzeros_of_64)],
    2: [("Put s - 1 zeros between neighbouring samples, then run a filter over the result: this is the same layer",
         lambda: all(zeros_then_filter(k, s) for k, s in SMALL)),
        ("With four taps of linear interpolation the values in between appear",
         lambda: len(taps("linear4.txt")) == 4 and all_near(transposed([4, 8, 0, 4], taps("linear4.txt"), 2, 1)[1:-1], [5, 7, 6, 2, 1, 3])),
        ("p' = k - 1 - p and not p",
         lambda: all(correlation_needs_turning(k, s, p) for k, s in SMALL for p in range(0, (k + 1) // 2))),
        ("what happens at its two ends",
         lambda: all_near(transposed([1] * 5, taps("linear4.txt"), 2, 1), [0.75] + [1] * 8 + [0.75]))],
    3: [("leaves s - 1 copies, the images, at (v + m)/s for m = 1 .. s - 1", lambda: all(images_of_a_tone(s) for s in range(1, 6))),
        ("pass the baseband, up to 1/(2s), with a gain of s", lambda: all(images_of_a_tone(s) for s in range(1, 6))),
        ("At v = 0 the image is gone", lambda: near(abs(response(taps("linear4.txt"), 0.5)), 0)),
        ("equally strong, as for every kernel with s = 2", edge_of_band_equal)],
    4: [("M = s(N - 1) + d(k - 1) + 1 - pb - pe + o. With dilation d = 1 and the same crop p on both sides that is s(N - 1) + k - 2p + o",
         lambda: all(size_formula(k, s, d, n, pb, pe, o) for k, s in SMALL for d, n, pb, pe, o in
                     ((1, 5, 0, 0, 0), (1, 3, 1, 1, 1), (2, 4, 0, 1, 0), (3, 9, 2, 2, 2)))),
        ("so s different large sizes have the same small one; the output padding o, from 0 to s - 1", s_sizes_share_one),
        ("With stride 5 and k = 10, as in some audio codecs, no p makes exactly 5N without output padding: k - s is odd",
         lambda: all(len(transposed([1] * n, [1] * 10, 5, p)) != 5 * n for n in range(2, 40) for p in range(5)) and (10 - 5) % 2 == 1),
        ("A shift of one sample between two dialects is not an error of size", one_sample_between_dialects)],
    5: [("u(j) = (j + p - (k - 1)/2)/s, in input samples. Its value at j = 0 is the receptive field offset",
         lambda: all(centre(j, k, s, p) == (j + p - F(k - 1, 2)) / s for k, s in SMALL for j in range(9) for p in range(4))),
        ("(k - 1 - 2p')/(2s), for stride 2 the well-known (k - 1 - 2p')/4. Since p + p' = k - 1",
         lambda: all(centre(0, k, s, k - 1 - q) == F(k - 1 - 2 * q, 2 * s) for k, s in SMALL for q in range(k))),
        ("With p' = 1 in both, k = 3 (so p = 1)", lambda: 3 - 1 - 1 == 1 and centre(0, 3, 2, 1) == 0),
        ("and k = 5 (so p = 3)", lambda: 5 - 1 - 1 == 3 and centre(0, 5, 2, 3) == F(1, 2)),
        ("output j lies at (j + 1/2)/s - 1/2. A layer sits on it exactly when k - s = 2p",
         lambda: all((centre(j, k, s, p) == (j + F(1, 2)) / s - F(1, 2)) == (k - s == 2 * p)
                     for k, s in SMALL for j in range(5) for p in range(9))),
        ("half an output sample", lambda: abs(centre(7, 3, 2, 1) - (F(15, 4) - F(1, 2))) * 2 == F(1, 2)),
        ("at f = 0 it is the centroid of the taps", lambda: all(group_delay_at_zero([1 + tap / 2 for tap in randoms(k)]) for k in range(2, 12))),
        ("lies between the two", lambda: F(0 + 1, 2) == F(1, 2))],
    6: [("R are reached by Q + 1 inputs and the other s - R by Q", coverage_law),
        ("V = (R/s)(1 - R/s): it is 0 exactly when s divides k", variance_law),
        ("hold the bias or zero whatever the input",
         lambda: all(sum(not any(transposed(x, randoms(k), s)[j] for x in [randoms(9)]) for j in range(2 * s, 3 * s)) == s - k
                     for k, s in SMALL if k < s)),
        ("In two dimensions the counts multiply, so a ratio of 2 on each axis is a ratio of 4", two_dimensions),
        ("a multiple of s removes it", lambda: variance_law() and "a pattern of %s dB" % all_ones_db(3, 2) in " ".join(TEXT.split())
         and "k = 7 has %s dB" % all_ones_db(7, 2) in " ".join(TEXT.split()))],
    7: [("the taps q, q + s, q + 2s, and so on, running over the input at the low rate. Output j takes branch q = (j + p) mod s",
         lambda: all(branches_make_outputs(k, s, p) for k, s in SMALL for p in range(0, (k + 1) // 2))),
        ("the response of the filter at the multiples of 1/s is the discrete Fourier transform of the branch sums, "
         "H(m/s) = sum over q of g_q exp(-2 pi i m q/s)", lambda: all(duality(s) for s in range(1, 9))),
        ("These three are one statement", lambda: all(one_statement(s) for s in range(2, 9))),
        ("For s = 2 there is one image, with the gain g_0 - g_1 against g_0 + g_1 for the signal",
         lambda: all(near(response(h, 0.5), h[0] - h[1] + h[2]) and near(response(h, 0), sum(h)) for h in [randoms(3) for _ in range(9)])),
        ("at half the sampling rate", lambda: near(abs(response(taps("uneven4.txt"), 1 / 2)), 0.18)),
        ("The two branches: ideally the same gain everywhere, and delays half an input sample apart",
         lambda: len(branch_sums(taps("uneven4.txt"), 2)) == 2 and F(1, 2) - F(0, 2) == F(1, 2))],
    8: [("One grey level in 255", lambda: "One grey level in 255 is %.1f dB" % decibels(1 / 255) in " ".join(TEXT.split())),
        ("Another network of the same shape, with k = 4 and equal branch sums", even_network_has_four_taps),
        ("so k = 3 with stride 2 writes the same pattern into saliency maps", backward_of_strided)],
    9: [("Nearest resizing has the taps 1 1 at stride 2; a convolution with 1/4 1/2 1/4 after it makes their product, linear interpolation",
         lambda: all_near(transposed([1, 1], [0.25, 0.5, 0.25], 1), taps("linear4.txt"))),
        ("the first has its zeros at all multiples of 1/s",
         lambda: all(near(abs(response([1] * s, m / s)), 0) for s in range(2, 9) for m in range(1, s))),
        ("for even s, with a shift of half an output sample", lambda: all(hold_shift(s) for s in range(1, 9)))],
    10: [("Var w = 2/fan_in (He)", he_keeps_the_variance),
         ("2/(fan_in + fan_out) (Xavier)", xavier_is_the_mean_of_both),
         ("of the k taps only k/s meet a sample", lambda: all(mean_meetings(k, s) for k, s in SMALL)),
         ("Cout times all 16 taps", lambda: 4 * 4 == 16),
         ("and three taps come as near", three_taps_come_near)],
    11: [("Vocoders turn some hundred frames a second into tens of thousands of samples", thousands_of_samples),
         ("Sixteen taps are no multiple of ten: six phases get two taps, four get one",
          lambda: sorted(counts(16, 10)) == [1] * 4 + [2] * 6),
         ("which is (4 - 1) 2 + 4 = 10 taps, and the crop 1 times 2 plus 1", composite_of_two),
         ("before the two are convolved", composite_of_two)],
    12: [("0 is fine, 1 is a model that does not meet the bar",
          lambda: "step-even: exit 0" in TEXT and "step-uneven: exit 1" in TEXT)],
}

# Words of the prose, and where their numbers stand: in the lesson's own commands, or in a file.
GIVEN = {
    1: [("larger case, 16 inputs", "-n 16"), ("Shades are the taps 1, 2 and 3", "echo '1 2 3' | polyphase-matrix - -s 2 -p 1 -n 16"),
        ("an input of 4 samples", "-n 4 ")],
    2: [("a signal of two tones", "sin(0.6 * n) + 0.3 * sin(1.8 * n)"), ("And three equal taps?", "-k ones3.txt"),
        ("belongs to 5 taps and a crop of p = 1 at stride 2", "-k 5 -s 2 -p 1")],
    3: [("has a tone at stride 5", "linear -s 5")],
    4: [("k = 3, s = 2, p = 1: every step", "floor((x + 2 - 3) / 2.0) + 1"), ("take 32 samples to 128", "-n 32 -m 128"),
        ("for 10 inputs", "-k 7 -s 3 -p 2 -n 10")],
    5: [("when p goes from 0 to 1", "for p in 0 1"), ("is off by", "figure layers.0.geometry.pixel_offset.0")],
    6: [("3 x 3 taps with stride 2", "ones3x3.txt"), ("Of k = 2 to 8, which have even coverage at stride 3", "for k in 2 3 4 5 6 7 8; do polyphase-geometry -k $k -s 3"),
        ("Stride 2 and dilation 2", "-s 2 -p 2 -d 2")],
    7: [("output sample 0 of this kernel", "first_output"), ("the taps 1 2 3 4 5 6 at stride 3", "echo '1 2 3 4 5 6' | polyphase-analyze - -s 3")],
    8: [("Three equal taps with stride 2", "ones3.txt"), ("of 255 levels", "polyphase-step step-uneven.onnx"),
        ("3 x 3 equal taps", "ones3x3.txt")],
    9: [("then convolve with stride 1", "Resize first"), ("1 1 1 at stride 2", "polyphase-repair ones3.txt"),
        ("smallest multiple of 5 that can replace k = 7 at stride 5", "-k 7 -s 5 -p 1")],
    10: [("64 channels, 4 x 4 taps, stride 2", "he -s 2 -k 4 --ndim 2 --channels 64,64"), ("find three taps", "learn.awk"),
         ("with eight taps", "-s 2 -k 8"), ("sixteen taps that begin", "-s 2 -k 16"), ("one half of a signal", "polyphase-learn"),
         ("first three of eight taps", "-s 2 -k 8 --gain raw | grep -v '^#' | head -n 3"), ("the best four taps", "polyphase-compare uneven4.txt")],
    11: [("frame rate of 100 a second fall, after one layer of stride 10", "ones16-s10.txt --fs 1000"),
         ("Two layers of k = 4", "--stack 4,2,1/4,2,1"), ("both kernels of 16 become 20", "--stack 20,10,5/20,10,5/4,2,1/4,2,1"),
         ("of each 100 inputs", "--stack 10,5,3 -n 100"),
         ("Rates 8, 5, 3 with kernels 16, 11, 7 on 50 frames", "--stack 16,8,4/11,5,3/7,3,2 --fs 50")],
    12: [("as lesson 8 explained", "index of a layer with many channels")],
}


def prose_of(source):
    """The text of a lesson without its commands, and the commands."""
    kept, commands = [], []
    for line in source.split("\n"):
        (commands if re.match(r"[$&!] ", line) else kept).append(line)
    prose = " ".join(" ".join(kept).split())
    return re.sub(r"\{\{.*?\}\}|`[^`]*`", "", prose), source


failed = []
made = given = 0
for number, name in enumerate(sorted(glob.glob(folder + "/*.lesson")), 1):
    prose, source = prose_of(open(name).read())
    rest = prose
    for quote, proof in CLAIMS.get(number, []):
        if quote not in prose:
            failed.append("lesson %d does not say '%s'" % (number, quote))
        elif not proof():
            failed.append("lesson %d: not so: '%s'" % (number, quote))
        rest = rest.replace(quote, " .. ")
        made += 1
    for quote, place in GIVEN.get(number, []):
        if quote not in prose:
            failed.append("lesson %d does not say '%s'" % (number, quote))
        if place not in source:
            failed.append("lesson %d says '%s' and has nowhere '%s'" % (number, quote, place))
        rest = rest.replace(quote, " .. ")
        given += 1
    for match in NUMBER.finditer(NAMES.sub(" .. ", rest)):
        around = NAMES.sub(" .. ", rest)[max(0, match.start() - 50):match.end() + 30]
        failed.append("lesson %d: the number '%s' has no proof: '%s'" % (number, match.group(), around))
print("%d claims computed, %d numbers given" % (made, given))
print("\n".join(failed))
sys.exit(1 if failed else 0)
