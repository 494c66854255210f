#!/usr/bin/env python3
"""tiny.tflite, written byte by byte after the published schema (version 3): a TRANSPOSE_CONV with float16 weights behind
DEQUANTIZE and a bias, a Convolution2DTransposeBias, a CONV_2D with int8 weights before DEPTH_TO_SPACE, and a strided CONV_2D.

    make_tflite.py            writes tiny.tflite beside this script
"""
import os
import struct

TABLE, VECTOR, TEXT, TABLES = range(4)


class Writer:
    def __init__(self):
        self.out = bytearray(8)          # root offset, identifier

    def align(self, n):
        self.out += bytes(-len(self.out) % n)

    def emit(self, node):
        kind, value = node
        self.align(8)
        if kind == TEXT:
            data = value.encode()
            at = len(self.out)
            self.out += struct.pack("<I", len(data)) + data + b"\0"
            return at
        if kind == VECTOR:
            form, items = value
            if struct.calcsize("<" + form) == 8:
                self.out += bytes(4)     # the elements begin on a multiple of 8
            at = len(self.out)
            self.out += struct.pack("<I", len(items)) + struct.pack("<%d%s" % (len(items), form), *items)
            return at
        if kind == TABLES:
            at = len(self.out)
            self.out += struct.pack("<I", len(value)) + bytes(4 * len(value))
            for i, child in enumerate(value):
                slot = at + 4 + 4 * i
                self.patch(slot, self.emit(child) - slot)
            return at
        n = max(value, default=-1) + 1   # fields: number -> (format, scalar) or node
        places = len(self.out)
        self.out += bytes(4 + 2 * n)
        self.align(8)
        at = len(self.out)
        self.out += struct.pack("<i", at - places) + bytes(4)
        slots = {}
        for i, field in sorted(value.items()):
            struct.pack_into("<H", self.out, places + 4 + 2 * i, len(self.out) - at)
            if isinstance(field[0], str):
                self.out += struct.pack("<" + field[0], field[1])
                self.align(8)
            else:
                slots[len(self.out)] = field
                self.out += bytes(8)
        struct.pack_into("<HH", self.out, places, 4 + 2 * n, len(self.out) - at)
        for slot, child in slots.items():
            self.patch(slot, self.emit(child) - slot)
        return at

    def patch(self, at, value):
        struct.pack_into("<I", self.out, at, value)


def tensor(name, shape, kind, buffer, **more):
    fields = {0: (VECTOR, ("i", shape)), 1: ("b", kind), 2: ("I", buffer), 3: (TEXT, name)}
    if "scales" in more:
        fields[4] = (TABLE, {2: (VECTOR, ("f", more["scales"])), 3: (VECTOR, ("q", more["zeros"])), 6: ("i", more["axis"])})
    return TABLE, fields


def operator(code, inputs, outputs, options=None, custom=None):
    fields = {0: ("I", code), 1: (VECTOR, ("i", inputs)), 2: (VECTOR, ("i", outputs))}
    if options is not None:
        fields[4] = (TABLE, options)
    if custom is not None:
        fields[5] = (VECTOR, ("B", list(custom)))
    return TABLE, fields


values = [((7 * i) % 23 - 11) / 8 for i in range(64)]
buffers = [b"",
           struct.pack("<24e", *values[:24]),                      # 1: transposed weights (2, 3, 2, 2), f16
           struct.pack("<2f", 0.5, -0.25),                         # 2: bias
           struct.pack("<4f", *values[:4]),                        # 3: custom weights (1, 2, 2, 1)
           struct.pack("<1f", 0.125),                              # 4: its bias
           bytes(v & 255 for v in range(-8, 8)),                   # 5: int8 weights (4, 2, 2, 1)
           struct.pack("<4i", 1, 6, 4, 2)]                         # 6: output shape
tensors = [tensor("x", [1, 3, 2, 2], 0, 0), tensor("w16", [2, 3, 2, 2], 1, 1), tensor("w", [2, 3, 2, 2], 0, 0),
           tensor("b", [2], 0, 2), tensor("shape", [4], 2, 6), tensor("up", [1, 6, 4, 2], 0, 0),
           tensor("cw", [1, 2, 2, 1], 0, 3), tensor("cb", [1], 0, 4), tensor("custom", [1, 6, 4, 1], 0, 0),
           tensor("q", [4, 2, 2, 1], 9, 5, scales=[0.5, 0.25, 1.0, 2.0], zeros=[0, 1, -1, 0], axis=0),
           tensor("conv", [1, 6, 4, 4], 0, 0), tensor("shuffled", [1, 12, 8, 1], 0, 0), tensor("down", [1, 3, 2, 4], 0, 0)]
operators = [operator(0, [1], [2]),
             operator(1, [4, 2, 0, 3], [5], {0: ("b", 0), 1: ("i", 2), 2: ("i", 2)}),
             operator(2, [0, 6, 7], [8], custom=struct.pack("<iii", 1, 2, 2)),
             operator(3, [8, 9], [10], {0: ("b", 0), 1: ("i", 1), 2: ("i", 1)}),
             operator(4, [10], [11], {0: ("i", 2)}),
             operator(3, [8, 9], [12], {0: ("b", 1), 1: ("i", 2), 2: ("i", 2)})]
codes = [(TABLE, {0: ("b", 6), 3: ("i", 6)}), (TABLE, {0: ("b", 67), 3: ("i", 67)}),
         (TABLE, {0: ("b", 32), 1: (TEXT, "Convolution2DTransposeBias"), 3: ("i", 32)}),
         (TABLE, {0: ("b", 3), 3: ("i", 3)}), (TABLE, {0: ("b", 5), 3: ("i", 5)})]
writer = Writer()
root = writer.emit((TABLE, {0: ("I", 3), 1: (TABLES, codes),
                            2: (TABLES, [(TABLE, {0: (TABLES, tensors), 1: (VECTOR, ("i", [0])), 2: (VECTOR, ("i", [11])),
                                                  3: (TABLES, operators)})]),
                            4: (TABLES, [(TABLE, {0: (VECTOR, ("B", list(b)))}) if b else (TABLE, {}) for b in buffers])}))
writer.patch(0, root)
writer.out[4:8] = b"TFL3"
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "tiny.tflite"), "wb") as out:
    out.write(writer.out)
