"""PyTorch: conv_transpose1d/2d, NCHW and channels last; torch.fft for the responses."""
from rival import INPUT, TAPS, layers, measure, report, summed, threads, values, wanted
import torch
import torch.nn.functional as F

MOST_COLUMNS = 2.2e9    # bytes of the buffer of k x input that a layer would take

torch.set_num_threads(threads)
torch.set_grad_enabled(False)
for w in layers():
    x0 = torch.from_numpy(values(w.cin * w.h * w.w, INPUT)).reshape(1, w.cin, w.h, w.w)
    k0 = torch.from_numpy(values(w.cin * w.cout * w.kh * w.kw, TAPS)).reshape(w.cin, w.cout, w.kh, w.kw)
    for kind in w.types:
        x, k = (x0, k0) if kind == "f32" else (x0.double(), k0.double())
        if w.cout * w.kh * w.kw * w.h * w.w * x.element_size() > MOST_COLUMNS:
            continue
        if w.row:
            x, k = x[:, :, 0], k[:, :, 0]
            times, y = measure(lambda: F.conv_transpose1d(x, k, None, w.sw, w.pw, w.opw))
        else:
            step = lambda: F.conv_transpose2d(x, k, None, (w.sh, w.sw), (w.ph, w.pw), (w.oph, w.opw))
            times, y = measure(step)
        report("torch", w.id, kind, times, summed(w, y.numpy()))
        if not w.row and w.cin > 1 and kind == "f32":
            x, k = x.to(memory_format=torch.channels_last), k.to(memory_format=torch.channels_last)
            times, y = measure(step)
            report("torch-nhwc", w.id, kind, times, y.contiguous().numpy())
if wanted("E", "E-131072x16"):
    x = torch.from_numpy(values(131072 * 16, TAPS)).reshape(131072, 16)
    times, y = measure(lambda: torch.fft.rfft(x, 512))
    report("torch.fft.rfft", "E-131072x16", "f32", times, torch.view_as_real(y[:4096]).contiguous().numpy())
if wanted("E", "E-4096"):
    x = torch.from_numpy(values(4096, TAPS))
    times, y = measure(lambda: torch.fft.rfft(x, 1 << 20))
    report("torch.fft.rfft", "E-4096", "f32", times, torch.view_as_real(y).contiguous().numpy())
