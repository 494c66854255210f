"""SciPy: upfirdn; zeros inserted and oaconvolve (long kernels, planes); scipy.fft and freqz for the responses. One thread but for
scipy.fft."""
from rival import INPUT, TAPS, layers, measure, report, summed, threads, values, wanted
import numpy as np
import scipy.fft
import scipy.signal


def stuffed(x, k, w):
    u = np.zeros((w.h * w.sh, w.w * w.sw), x.dtype)
    u[::w.sh, ::w.sw] = x.reshape(w.h, w.w)
    y = scipy.signal.oaconvolve(u, k.reshape(w.kh, w.kw))
    return y[w.ph:w.ph + w.out[0], w.pw:w.pw + w.out[1]]


for w in layers():
    if w.cin * w.cout > 1 or threads > 1:
        continue
    for kind in w.types:
        real = np.float32 if kind == "f32" else np.float64
        x, k = values(w.h * w.w, INPUT).astype(real), values(w.kh * w.kw, TAPS).astype(real)
        if w.row:
            times, y = measure(lambda: scipy.signal.upfirdn(k, x, w.sw))
            report("scipy.upfirdn", w.id, kind, times, summed(w, np.append(y[w.pw:], np.zeros(w.out[1], real))[:w.out[1]]))
        if not w.row or w.kw >= 64:
            times, y = measure(lambda: stuffed(x, k, w))
            report("scipy.oaconvolve", w.id, kind, times, summed(w, np.ascontiguousarray(y)), "zeros inserted")
if wanted("E", "E-131072x16"):
    h = values(131072 * 16, TAPS).reshape(131072, 16)
    times, y = measure(lambda: scipy.fft.rfft(h, 512, workers=threads))
    report("scipy.fft.rfft", "E-131072x16", "f32", times, y[:4096].view(np.float32))
if wanted("E", "E-4096"):
    h = values(4096, TAPS)
    times, y = measure(lambda: scipy.fft.rfft(h, 1 << 20, workers=threads))
    report("scipy.fft.rfft", "E-4096", "f32", times, y.view(np.float32))
if wanted("E", "E-16") and threads == 1:
    h = values(16, TAPS)
    times, y = measure(lambda: scipy.signal.freqz(h, worN=512))
    report("scipy.freqz", "E-16", "f64", times, None, "each call")
