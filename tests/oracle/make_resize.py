#!/usr/bin/python3
"""make_resize.py - PyTorch's interpolate: tests/oracle/resize.bin, read by tests/unit/test_resize.c.

Debian package python3-torch, run by /usr/bin/python3. Inputs come from the hash of make_transpose.py. Little-endian: int32
cases; for each int32 mode, grid, ndim, rows, then n and m of each axis, then float32 outputs, computed in double.
"""
import os
import random
import struct

import numpy as np
import torch

random.seed(7)


def values(count, seed):
    v = (np.arange(count, dtype=np.uint32) + np.uint32(seed)) * np.uint32(2654435761)
    v ^= v >> np.uint32(15)
    v *= np.uint32(2246822519)
    v ^= v >> np.uint32(13)
    return (v >> np.uint32(8)).astype(np.float64) / 16777216.0 - 0.5


HALF, CORNERS, ASYMMETRIC = 0, 1, 2
LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
out = []
for i in range(120):
    ndim = i % 3 + 1
    n = [random.randint(1, 7) for _ in range(ndim)]
    m = [a * random.randint(1, 4) if random.random() < 0.5 else random.randint(1, 14) for a in n]
    mode, grid, name, align = random.choice([(0, ASYMMETRIC, "nearest", None), (0, HALF, "nearest-exact", None),
                                             (1, HALF, LINEAR[ndim], False), (1, CORNERS, LINEAR[ndim], True)]
                                            + ([(3, HALF, "bicubic", False), (3, CORNERS, "bicubic", True)] * 2 if ndim == 2 else []))
    rows = random.randint(1, 2)
    x = torch.tensor(values(rows * int(np.prod(n)), 1).reshape([1, rows] + n))
    y = torch.nn.functional.interpolate(x, size=m, mode=name, align_corners=align)
    out.append(struct.pack("<4i", mode, grid, ndim, rows) + struct.pack("<%di" % (2 * ndim), *[v for p in zip(n, m) for v in p])
               + np.ascontiguousarray(y.numpy(), dtype="<f4").tobytes())
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "resize.bin")
with open(path, "wb") as f:
    f.write(struct.pack("<i", len(out)) + b"".join(out))
print(len(out), "cases,", os.path.getsize(path), "bytes")
