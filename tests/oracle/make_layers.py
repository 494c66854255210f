#!/usr/bin/python3
"""make_layers.py [SHARED [OUT]]: write layers.json, the figures of trained layers in the shared data folder.

Only figures are written, no weights. The files are read by the few lines below (raw float32, zip, flatbuffer, protobuf), which
share nothing with libtconv; the figures come from reference.py. The mean vector of flat_input_index is made up:
mean[ci] = 1 + ci/8. Expected values hold to 1e-12.

    /usr/bin/python3 tests/oracle/make_layers.py ../shared
"""
import json
import os
import struct
import sys
import zipfile

import numpy as np

from reference import Layer


def raw_float32(folder, name):
    """One variable of a checkpoint of raw little-endian files with a manifest."""
    with open(os.path.join(folder, "manifest.json"), encoding="ascii") as text:
        shape = json.load(text)[name]["shape"]
    return np.fromfile(os.path.join(folder, name), "<f4").reshape(shape)


def zip_storage(path, number, shape):
    """Storage `number` of a zipped state dict: raw little-endian float32, contiguous from offset 0."""
    with zipfile.ZipFile(path) as archive:
        return np.frombuffer(archive.read("archive/data/%d" % number), "<f4").reshape(shape)


class Flat:
    """Just enough of a flatbuffer: tables, vectors, scalars."""

    def __init__(self, data):
        self.data = data

    def u32(self, at):
        return struct.unpack_from("<I", self.data, at)[0]

    def root(self):
        return self.u32(0)

    def field(self, table, number):
        vtable = table - struct.unpack_from("<i", self.data, table)[0]
        size = struct.unpack_from("<H", self.data, vtable)[0]
        slot = 4 + 2 * number
        offset = struct.unpack_from("<H", self.data, vtable + slot)[0] if slot < size else 0
        return table + offset if offset else None

    def follow(self, at):
        return at + self.u32(at)

    def tables(self, table, number):
        vector = self.follow(self.field(table, number))
        return [self.follow(vector + 4 + 4 * i) for i in range(self.u32(vector))]


def tflite_float16(path, shape):
    """The one float16 tensor of this shape: Model.subgraphs[0].tensors and Model.buffers of the TFLite schema."""
    with open(path, "rb") as file:
        flat = Flat(file.read())
    model = flat.root()
    buffers = flat.tables(model, 4)
    found = []
    for tensor in flat.tables(flat.tables(model, 2)[0], 0):
        at = flat.field(tensor, 0)
        kind = flat.field(tensor, 1)
        if at is None or kind is None or flat.data[kind] != 1:
            continue
        vector = flat.follow(at)
        if list(struct.unpack_from("<%di" % flat.u32(vector), flat.data, vector + 4)) == list(shape):
            data = flat.follow(flat.field(buffers[flat.u32(flat.field(tensor, 2))], 0))
            found.append(np.frombuffer(flat.data, "<f2", flat.u32(data) // 2, data + 4).reshape(shape))
    if len(found) != 1:
        raise SystemExit("%s: %d tensors of shape %s" % (path, len(found), shape))
    return found[0]


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value, at


def fields(data):
    """(number, value) of a protobuf message: integers, or the bytes of a field of length."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        else:
            size, at = (varint(data, at) if key & 7 == 2 else ({5: 4, 1: 8}[key & 7], at))
            value, at = data[at:at + size], at + size
        yield key >> 3, value


def onnx_tensor(data):
    """TensorProto: 1 dims, 4 float_data, 8 name, 9 raw_data; float32 only."""
    dims, name, values = [], "", b""
    for number, value in fields(data):
        if number == 1:
            dims += [value] if isinstance(value, int) else list(value)
        elif number == 8:
            name = value.decode()
        elif number in (4, 9):
            values += value
    return name, np.frombuffer(values, "<f4").reshape(dims) if len(values) == 4 * int(np.prod(dims)) else None


def onnx_layers(path):
    """(weight, taps, stride, groups, bias) of every ConvTranspose with a stride above 1. NodeProto: 1 input, 4 op_type,
    5 attribute; AttributeProto: 1 name, 3 i, 8 ints."""
    with open(path, "rb") as file:
        graph = [value for number, value in fields(file.read()) if number == 7][0]
    tensors = dict(onnx_tensor(value) for number, value in fields(graph) if number == 5)
    for number, node in fields(graph):
        if number != 1 or (4, b"ConvTranspose") not in list(fields(node)):
            continue
        inputs = [value.decode() for n, value in fields(node) if n == 1]
        attributes = {}
        for n, value in fields(node):
            if n == 5:
                parts = list(fields(value))
                attributes[[v for k, v in parts if k == 1][0].decode()] = [v for k, v in parts if k in (3, 8)]
        stride = [b for v in attributes.get("strides", []) for b in ([v] if isinstance(v, int) else v)]
        if max(stride, default=1) > 1:
            yield (inputs[1], tensors[inputs[1]], stride, attributes.get("group", [1])[0],
                   tensors[inputs[2]] if len(inputs) > 2 else None)


def layers_of(models):
    """(file, tensor, taps (Cin, Cout/g, k..), stride, groups, bias, what the container reader is told)"""
    style = os.path.join(models, "fast_style_wave")
    for name in ("Variable_39", "Variable_42"):                       # (kh, kw, out, in)
        yield "models/fast_style_wave/" + name, name, raw_float32(style, name).transpose(3, 2, 0, 1), [2, 2], 1, None, \
            {"path": "models/fast_style_wave", "spec": name + ":s=2", "layout": "tf", "weight": name}
    file = "waifu2x_chainer_upresnet10_anime_style_scale_rgb.npz"
    with np.load(os.path.join(models, file)) as archive:
        yield "models/" + file, "conv_post/W", archive["conv_post/W"], [2, 2], 1, None, \
            {"path": "models/" + file, "spec": "conv_post/W:s=2,p=3", "weight": "conv_post/W"}
    for scale in (2, 4):
        file = "FSRCNN-x%d.pt" % scale
        path = os.path.join(models, file)
        yield "models/" + file, "deconv.weight", zip_storage(path, 18, (56, 3, 9, 9)), [scale] * 2, 1, zip_storage(path, 19, (3,)), \
            {"path": "models/" + file, "spec": "deconv.weight:s=%d,p=4,o=%d" % (scale, scale - 1), "weight": "deconv.weight"}
    file = "hifigan_float16.tflite"
    for number, (shape, stride) in enumerate((((128, 1, 16, 256), 8), ((64, 1, 16, 128), 8), ((32, 1, 8, 64), 4))):      # (out, 1, k, in)
        taps = tflite_float16(os.path.join(models, file), shape)
        yield "models/" + file, "float16 %s" % (shape,), taps[:, 0].transpose(2, 0, 1), [stride], 1, None, \
            {"path": "models/" + file, "weight": "conv1d_transpose%s;PartitionedCall/conv1d_transpose%s" % (("_%d" % number if number else "",) * 2)}
    for file in ("waifu2x_upconv7_scale2.0x_model.onnx", "gtcrn_simple.onnx"):
        for weight, taps, stride, groups, bias in onnx_layers(os.path.join(models, file)):
            yield "models/" + file, weight, taps, stride, groups, bias, {"path": "models/" + file, "weight": weight}


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    shared = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "..", "..", "..", "shared")
    path = sys.argv[2] if len(sys.argv) > 2 else os.path.join(here, "layers.json")
    entries = []
    for file, tensor, taps, stride, groups, bias, container in layers_of(os.path.join(shared, "data", "models")):
        taps = taps.astype(float)
        layer = Layer(taps, stride, groups)
        mean = 1 + np.arange(layer.cin) / 8
        entries.append({"file": file, "tensor": tensor, "container": container, "shape": list(taps.shape), "stride": stride,
                        "bias": bias is not None, "figures": layer.figures(mean, bias),
                        "branches": layer.branch_list(), "images": layer.image_list()})
        print("%-70s %s index %.3f dB" % (file + " " + tensor, taps.shape, entries[-1]["figures"]["checkerboard_db"]))
    with open(path, "w", encoding="ascii") as out:
        out.write('{"made_by": "tests/oracle/make_layers.py", "layers": [\n')
        out.write(",\n".join(json.dumps(e, separators=(",", ":"), allow_nan=False) for e in entries))
        out.write("\n]}\n")
    print("%s: %d bytes" % (path, os.path.getsize(path)))


if __name__ == "__main__":
    main()
