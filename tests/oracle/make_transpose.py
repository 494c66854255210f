#!/usr/bin/python3
"""make_transpose.py - what PyTorch and SciPy make of random layers: tests/oracle/transpose.bin, read by tests/unit/test_transpose_oracle.c.

Debian packages python3-torch, python3-scipy; run by /usr/bin/python3. Inputs are not stored: both sides make them by the
same hash. Outputs are computed in double and stored as float32. The file, little-endian: int32 number of cases; then for
each case int32 kind (0 forward, 1 gradients, 2 upfirdn), ndim, batch, cin, cout, groups, bias?; per axis n, k, s, d, p, o;
then float32: forward and upfirdn: y; gradients: dL/dw, dL/db, dL/dx.
"""
import os
import random
import struct

import numpy as np
import scipy.signal
import torch

random.seed(5)


def values(count, seed):
    v = (np.arange(count, dtype=np.uint32) + np.uint32(seed)) * np.uint32(2654435761)
    v ^= v >> np.uint32(15)
    v *= np.uint32(2246822519)
    v ^= v >> np.uint32(13)
    return (v >> np.uint32(8)).astype(np.float64) / 16777216.0 - 0.5


SEED_X, SEED_W, SEED_B, SEED_GY = 1, 1000003, 2000003, 3000017
CONV = {1: torch.nn.functional.conv_transpose1d, 2: torch.nn.functional.conv_transpose2d, 3: torch.nn.functional.conv_transpose3d}


def random_case(ndim, most):
    while True:
        groups = random.choice([1, 1, 1, 2, 3])
        cin, cout, batch = groups * random.randint(1, 4), groups * random.randint(1, 4), random.choice([1, 1, 2])
        axes = []
        for _ in range(ndim):
            s, d = random.randint(1, 5 if ndim < 3 else 3), random.choice([1, 1, 2, 3])
            k, n = random.randint(1, {1: 17, 2: 6, 3: 4}[ndim]), random.randint(1, {1: 12, 2: 5, 3: 3}[ndim])
            p, o = random.randint(0, d * (k - 1)), random.randint(0, max(s, d) - 1)
            axes.append((n, k, s, d, p, o))
        m = [s * (n - 1) + d * (k - 1) + 1 - 2 * p + o for n, k, s, d, p, o in axes]
        if min(m) >= 1 and batch * cout * np.prod(m) <= most:
            return batch, cin, cout, groups, random.randint(0, 1), axes


def tensors(case):
    batch, cin, cout, groups, bias, axes = case
    x_shape = [batch, cin] + [a[0] for a in axes]
    w_shape = [cin, cout // groups] + [a[1] for a in axes]
    x = torch.tensor(values(int(np.prod(x_shape)), SEED_X).reshape(x_shape))
    w = torch.tensor(values(int(np.prod(w_shape)), SEED_W).reshape(w_shape))
    b = torch.tensor(values(cout, SEED_B)) if bias else None
    return x, w, b


def run(case, x, w, b):
    axes = case[5]
    return CONV[len(axes)](x, w, b, stride=[a[2] for a in axes], padding=[a[4] for a in axes], output_padding=[a[5] for a in axes],
                           groups=case[3], dilation=[a[3] for a in axes])


def header(kind, case):
    batch, cin, cout, groups, bias, axes = case
    return struct.pack("<7i", kind, len(axes), batch, cin, cout, groups, bias) + b"".join(struct.pack("<6i", *a) for a in axes)


def floats(*arrays):
    return b"".join(np.ascontiguousarray(a, dtype="<f4").tobytes() for a in arrays)


out = []
for i in range(240):
    case = random_case(i % 3 + 1, 500)
    out.append(header(0, case) + floats(run(case, *tensors(case)).numpy()))
for i in range(60):
    case = random_case(i % 3 + 1, 300)
    case = case[:4] + (1,) + case[5:]
    x, w, b = (t.requires_grad_() for t in tensors(case))
    y = run(case, x, w, b)
    y.backward(torch.tensor(values(y.numel(), SEED_GY).reshape(y.shape)))
    out.append(header(1, case) + floats(w.grad, b.grad, x.grad))
for i in range(60):
    n, k, s = random.randint(1, 30), random.randint(1, 40), random.randint(1, 9)
    y = scipy.signal.upfirdn(values(k, SEED_W), values(n, SEED_X), up=s)
    y = np.concatenate([y, np.zeros(max(0, s * (n - 1) + k - len(y)))])[:s * (n - 1) + k]
    out.append(header(2, (1, 1, 1, 1, 0, [(n, k, s, 1, 0, 0)])) + floats(y))
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "transpose.bin")
with open(path, "wb") as f:
    f.write(struct.pack("<i", len(out)) + b"".join(out))
print(len(out), "cases,", os.path.getsize(path), "bytes")
