"""check_stages.py PREFIX S TAP..: the files of --stages of a one-dimensional signal against the definition.

Zeros: xu[s i] = x[i]; filtered: xu * h in full. Spectra: Hann-windowed segments of xu hold the windowed samples of x and
zeros, so the spectrum of xu is that of x over s^2 and repeats with period 1/s: the images, each the mirror of the next.
"""
import sys

from compare_npy import read

prefix, s, taps = sys.argv[1], int(sys.argv[2]), [float(tap) for tap in sys.argv[3:]]
x = read(prefix + "-input.npy")[1]
zeros = read(prefix + "-zeros.npy")[1]
filtered = read(prefix + "-filtered.npy")[1]
want = [0.0] * (s * (len(x) - 1) + 1)
want[::s] = x
assert list(zeros) == want
full = [0.0] * (len(want) + len(taps) - 1)
for i, value in enumerate(want):
    for r, tap in enumerate(taps):
        full[i + r] += value * tap
assert len(filtered) == len(full) and max(abs(a - b) for a, b in zip(filtered, full)) < 1e-12 * max(map(abs, full))

blocks, header = [], []
for line in open(prefix + "-spectra.txt"):
    if line.startswith("# block"):
        blocks.append([])
    elif line.startswith("#"):
        header.append(line)
    elif line.strip():
        blocks[-1].append([float(word) for word in line.split()])
assert len(blocks) == 3
assert sum("image m = " in line for line in header) == s // 2
source, stuffed, synthesised = blocks
top = max(row[1] for row in stuffed)
for i in range(1, len(source) - 1):
    assert abs(stuffed[i][0] - source[i][0]) < 1e-12
    assert abs(stuffed[i][1] * s * s - source[i][1]) <= 1e-9 * top * s * s
half = len(source) - 1
for i in range(1, len(stuffed) - 1):
    mirror = i % (2 * half)
    mirror = min(mirror, 2 * half - mirror)
    if 0 < mirror < half:
        assert abs(stuffed[i][1] - stuffed[mirror][1]) <= 1e-9 * top
for row in stuffed:
    m = row[3]
    assert m == int(m) and 0 <= m <= s // 2
    assert (m - 0.5) / s - 1e-9 <= row[0] <= (m + 0.5) / s + 1e-9
assert {row[3] for row in stuffed} == set(range(s // 2 + 1))
# the filter leaves less of the images than there was, and more of the signal
share = lambda block: sum(row[1] for row in block if row[3] > 0) / sum(row[1] for row in block)
assert share(synthesised) < 0.5 * share(stuffed)
