#!/usr/bin/python3
"""Frequency responses and group delays by SciPy, and Welch spectra, for the suites of lib/analysis.

    /usr/bin/python3 tests/oracle/make_response.py > tests/oracle/response.txt          SciPy 1.10 was used

One case is two lines: a name with its parameters, then the values. freqz: k taps, points from 0 to 1/2 both included;
values: the taps, then re and im of every point. group_delay: the taps, then the delay of every point; kernels whose
zeros keep off the circle. welch: n samples, segment; values: the samples, then the one-sided density at a rate of 1."""
import numpy as np
from scipy import signal

print("# made by make_response.py: one line of name and parameters, one line of values")
random = np.random.RandomState(1)


def case(name, parameters, values):
    print(name, *("%.17g" % p for p in parameters))
    print(*("%.17g" % v for v in np.atleast_1d(values)))


for k in (1, 2, 3, 8, 16, 33, 48, 100):
    taps = random.uniform(-1, 1, k)
    for points in (2, 3, 33, 64):
        _, h = signal.freqz(taps, worN=np.linspace(0, np.pi, points))
        case("freqz", [k, points], np.concatenate([taps, np.column_stack([h.real, h.imag]).ravel()]))

for k in (1, 2, 3, 8, 17, 33, 48):
    zeros = random.uniform(0.3, 0.9, k // 2) * np.exp(1j * random.uniform(0, np.pi, k // 2))
    zeros = np.where(random.uniform(size=k // 2) < 0.5, zeros, 1 / zeros)      # inside and outside
    taps = np.real(np.poly(np.concatenate([zeros, zeros.conj(), [0.5] * (k - 1 - 2 * (k // 2))]))) if k > 1 else np.ones(1)
    taps /= np.abs(taps).max()
    _, delay = signal.group_delay((taps, 1), w=np.linspace(0, np.pi, 33))
    case("group_delay", [len(taps), 33], np.concatenate([taps, delay]))

for n, segment in ((64, 64), (300, 64), (257, 32), (500, 100), (333, 51)):
    x = random.normal(size=n)
    _, density = signal.welch(x, window="hann", nperseg=segment, noverlap=segment // 2, detrend=False)
    case("welch", [n, segment], np.concatenate([x, density]))
