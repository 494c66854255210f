#!/usr/bin/env python3
"""Sums of every tensor of the shared models, by readers independent of the library: zipfile and a restricted unpickler,
numpy, onnx's own package, and a few lines of struct for TensorFlow Lite.

    make_shared_sums.py ../shared/data      writes shared_sums.json beside this script

Debian: python3-numpy python3-onnx. Nothing in a pickle is executed: only the three names below are known.
"""
import collections
import io
import json
import os
import pickle
import struct
import sys
import zipfile
import numpy
import onnx
from onnx import numpy_helper

data = sys.argv[1]
result = {}


def note(path, tensors):
    result[path] = {name: {"shape": list(a.shape), "sum": float(a.astype(numpy.float64).sum()),
                           "weighted": float((a.astype(numpy.float64).ravel() * (numpy.arange(a.size) % 97 + 1)).sum())}
                    for name, a in tensors.items() if not a.size or abs(a.astype(numpy.float64)).max() < 2 ** 53}


def read_torch(path):
    archive = zipfile.ZipFile(path)
    name = next(n for n in archive.namelist() if n.endswith("data.pkl"))

    def rebuild(storage, offset, size, stride, *_):
        return numpy.lib.stride_tricks.as_strided(storage[offset:], size, [4 * s for s in stride]).copy()

    class Reader(pickle.Unpickler):
        def find_class(self, module, what):
            known = {("collections", "OrderedDict"): collections.OrderedDict, ("torch._utils", "_rebuild_tensor_v2"): rebuild,
                     ("torch", "FloatStorage"): numpy.dtype("<f4")}
            return known[module, what]

        def persistent_load(self, pid):
            return numpy.frombuffer(archive.read(name[:-len("data.pkl")] + "data/" + pid[2]), pid[1])

    return dict(Reader(io.BytesIO(archive.read(name))).load())


def read_tflite(path):
    b = open(path, "rb").read()
    u32 = lambda at: struct.unpack_from("<I", b, at)[0]

    def field(table, i):
        places = table - struct.unpack_from("<i", b, table)[0]
        offset = struct.unpack_from("<H", b, places + 4 + 2 * i)[0] if 4 + 2 * i < struct.unpack_from("<H", b, places)[0] else 0
        return table + offset if offset else None

    def child(table, i):
        at = field(table, i)
        return at + u32(at) if at else None

    model = u32(0)
    buffers, graphs = child(model, 4), child(model, 2)
    graph = graphs + 4 + u32(graphs + 4)
    tensors, found = child(graph, 0), {}
    kinds = {0: "<f4", 1: "<f2", 2: "<i4", 3: "u1", 4: "<i8", 9: "i1"}
    for i in range(u32(tensors)):
        t = tensors + 4 + 4 * i
        t += u32(t)
        at = field(t, 2)
        buffer = buffers + 4 + 4 * (u32(at) if at else 0)
        content = child(buffer + u32(buffer), 0)
        if not content or u32(content) == 0:
            continue
        shape, name = child(t, 0), child(t, 3)
        dims = struct.unpack_from("<%di" % u32(shape), b, shape + 4) if shape else ()
        kind = field(t, 1)
        values = numpy.frombuffer(b, kinds[b[kind] if kind else 0], offset=content + 4, count=int(numpy.prod(dims)))
        found[b[name + 4:name + 4 + u32(name)].decode()] = values.reshape(dims)
    return found


for x in ("2", "4"):
    note(f"models/FSRCNN-x{x}.pt", read_torch(f"{data}/models/FSRCNN-x{x}.pt"))
note("containers/conv_transpose2d.pt", read_torch(f"{data}/containers/conv_transpose2d.pt"))
note("models/waifu2x_chainer_upresnet10_anime_style_scale_rgb.npz",
     dict(numpy.load(f"{data}/models/waifu2x_chainer_upresnet10_anime_style_scale_rgb.npz")))
for model in ("gtcrn_simple", "waifu2x_upconv7_scale2.0x_model"):
    note(f"models/{model}.onnx", {t.name: numpy_helper.to_array(t) for t in onnx.load(f"{data}/models/{model}.onnx").graph.initializer})
note("models/hifigan_float16.tflite", read_tflite(f"{data}/models/hifigan_float16.tflite"))
manifest = json.load(open(f"{data}/models/fast_style_wave/manifest.json"))
note("models/fast_style_wave", {k: numpy.fromfile(f"{data}/models/fast_style_wave/{v['filename']}", "<f4").reshape(v["shape"])
                                for k, v in manifest.items()})
raw = open(f"{data}/containers/multi_layer.safetensors", "rb").read()
n = struct.unpack("<Q", raw[:8])[0]
note("containers/multi_layer.safetensors",
     {k: numpy.frombuffer(raw[8 + n + v["data_offsets"][0]:8 + n + v["data_offsets"][1]], {"F32": "<f4", "I64": "<i8"}[v["dtype"]])
      .reshape(v["shape"]) for k, v in json.loads(raw[8:8 + n]).items() if k != "__metadata__"})

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "shared_sums.json"), "w") as out:
    json.dump(result, out, sort_keys=True, separators=(",", ":"))
    out.write("\n")
