"""compare_npy.py A B TOLERANCE: float .npy arrays of one shape, largest |a - b| <= TOLERANCE * largest |b|."""
import array
import ast
import struct
import sys


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x93NUMPY\x01\x00"
    end = 10 + struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10:end].decode())
    assert not header["fortran_order"]
    return header["shape"], array.array({"<f4": "f", "<f8": "d"}[header["descr"]], data[end:])


if __name__ == "__main__":
    (shape, a), (other, b) = read(sys.argv[1]), read(sys.argv[2])
    assert shape == other, (shape, other)
    assert len(a) > 0 and max(abs(value) for value in b) > 0
    error, scale = max(abs(p - q) for p, q in zip(a, b)), max(abs(value) for value in b)
    print("largest difference", error, "of", scale)
    assert error <= float(sys.argv[3]) * scale
