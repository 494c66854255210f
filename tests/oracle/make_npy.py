#!/usr/bin/env python3
"""make_npy.py: .npy files as NumPy writes them, for tests/unit/test_npy.c. Needs NumPy; writes tests/oracle/npy/.

Element i (C order) of every array is (7 i mod 50) - 20 for signed types, (7 i mod 50) for unsigned ones, and for
floating-point types a quarter of the signed one.
"""
import os
import numpy as np
from numpy.lib import format as npy

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "npy")
os.makedirs(folder, exist_ok=True)


def values(dtype, shape):
    base = (7 * np.arange(int(np.prod(shape)), dtype=np.int64)) % 50
    if dtype.kind != "u":
        base = base - 20
    if dtype.kind == "f":
        base = base / 4
    return base.reshape(shape).astype(dtype)


def write(name, array, version):
    with open(os.path.join(folder, name + ".npy"), "wb") as out:
        npy.write_array(out, array, version=version)


for code in ("f8", "f4", "f2", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"):
    write("little_" + code, values(np.dtype("<" + code), (2, 3, 4)), (1, 0))
    write("big_fortran_" + code, np.asfortranarray(values(np.dtype(">" + code), (3, 4, 2))), (2, 0))
write("version3", values(np.dtype("<f8"), (5,)), (3, 0))
write("rank0", values(np.dtype("<f8"), ()), (1, 0))
write("rank8", values(np.dtype("<f4"), (1, 2, 1, 3, 1, 2, 1, 2)), (1, 0))
write("rank4_fortran", np.asfortranarray(values(np.dtype("<f4"), (2, 3, 4, 5))), (1, 0))
write("empty", values(np.dtype("<f8"), (0, 3)), (1, 0))
write("bool", np.array([True, False]), (1, 0))
write("complex", np.array([1j]), (1, 0))
write("structure", np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f8")]), (1, 0))
write("text", np.array(["ab"]), (1, 0))
write("time", np.array(["2020-01-01"], dtype="datetime64[D]"), (1, 0))
with open(os.path.join(folder, "object.npy"), "wb") as out:
    npy.write_array(out, np.array([None]), version=(1, 0), allow_pickle=True)
