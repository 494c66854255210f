#!/usr/bin/python3
"""Print the checksums that tests/unit/test_element.c expects: all 65536 bit patterns of f16 and of bf16 as doubles.

FNV-1a, 64 bits, over the 8 little-endian bytes of each double in the order of the patterns; a NaN counts as 8 bytes
0xff. f16 is NumPy's float16, bf16 the upper half of NumPy's float32.
"""
import numpy as np


def checksum(values):
    bits = values.astype("<f8").view("<u8").copy()
    bits[np.isnan(values)] = 0xFFFFFFFFFFFFFFFF
    h = 0xCBF29CE484222325
    for byte in bits.tobytes():
        h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


patterns = np.arange(65536, dtype=np.uint32)
with np.errstate(invalid="ignore"):
    print("f16  0x%016x" % checksum(patterns.astype("<u2").view("<f2").astype(np.float64)))
    print("bf16 0x%016x" % checksum((patterns << 16).astype("<u4").view("<f4").astype(np.float64)))
