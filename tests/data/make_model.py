#!/usr/bin/env python3
"""make_model.py: write the small ONNX models of this folder, by the protobuf fields of onnx.proto and nothing else.

step-even.onnx    3 -> 4 -> 3 channels: convolution, Relu, transposed convolution with k = 4, s = 2, whose branches have equal gains
step-uneven.onnx  the same with k = 3, s = 2, all taps equal: every other row and column is brighter
step-skip.onnx    a small U-Net: pool, convolution, transposed convolution that is half a sample off, and a skip connection
"""
import os
import struct

here = os.path.dirname(os.path.abspath(__file__))


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def message(field, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data)) + data


def tensor(name, shape, values):
    return b"".join(number(1, d) for d in shape) + number(2, 1) + message(8, name) + message(9, struct.pack("<%df" % len(values), *values))


def node(op, inputs, output, **attributes):
    out = b"".join(message(1, i) for i in inputs) + message(2, output) + message(3, output) + message(4, op)
    for name, value in attributes.items():
        if isinstance(value, int):
            attribute = message(1, name) + number(3, value) + number(20, 2)
        else:
            attribute = message(1, name) + b"".join(number(8, v) for v in value) + number(20, 7)
        out += message(5, attribute)
    return out


def value(name, shape):
    dims = b"".join(message(1, number(1, d) if isinstance(d, int) else message(2, d)) for d in shape)
    return message(1, name) + message(2, message(1, number(1, 1) + message(2, dims)))


def write(name, channels, nodes, tensors):
    graph = b"".join(message(1, n) for n in nodes) + message(2, name) + b"".join(message(5, t) for t in tensors)
    graph += message(11, value("image", [1, channels, "height", "width"])) + message(12, value("out", [1, channels, "", ""]))
    model = number(1, 8) + message(7, graph) + message(8, message(1, "") + number(2, 13))
    with open(os.path.join(here, name), "wb") as out:
        out.write(model)


def spread(count, seed):
    """Numbers in -0.5..0.5 without a library: a multiplicative congruence, in steps of 1/64."""
    out = []
    for _ in range(count):
        seed = seed * 48271 % 2147483647
        out.append((seed % 65 - 32) / 64)
    return out


weights = tensor("first.weight", [4, 3, 3, 3], [v / 8 for v in spread(108, 7)])
bias = tensor("first.bias", [4], [0.25, 0.5, 0.125, 0.375])
first = node("Conv", ["image", "first.weight", "first.bias"], "first", pads=[1, 1, 1, 1], kernel_shape=[3, 3])
rows = [1, 3, 3, 1]
even = [c * a * b / 64 for c in spread(12, 3) for a in rows for b in rows]
uneven = [c / 4 for c in spread(12, 3) for _ in range(9)]
for name, taps, size, pad in (("step-even.onnx", even, 4, 1), ("step-uneven.onnx", uneven, 3, 1)):
    write(name, 3, [first, node("Relu", ["first"], "active"),
                    node("ConvTranspose", ["active", "up.weight", "up.bias"], "out", strides=[2, 2], pads=[pad] * 4, kernel_shape=[size] * 2)],
          [weights, bias, tensor("up.weight", [4, 3, size, size], taps), tensor("up.bias", [3], [0.5, 0.5, 0.5])])
write("step-skip.onnx", 3,
      [node("MaxPool", ["image"], "small", kernel_shape=[2, 2], strides=[2, 2]),
       node("Conv", ["small", "first.weight", "first.bias"], "deep", pads=[1, 1, 1, 1], kernel_shape=[3, 3]),
       node("ConvTranspose", ["deep", "up.weight"], "up", strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1], kernel_shape=[3, 3]),
       node("Concat", ["image", "up"], "both", axis=1),
       node("Conv", ["both", "last.weight"], "out", kernel_shape=[1, 1])],
      [weights, bias, tensor("up.weight", [4, 3, 3, 3], uneven), tensor("last.weight", [3, 6, 1, 1], spread(18, 5))])
