"""Model files by Python's own library: made, and compared part by part with a reader that shares nothing with the commands.

    model_files.py make FOLDER                 small models in which one layer has one channel, one has several, one is sub-pixel
    model_files.py same BEFORE AFTER NAME..    only the tensors named differ, and they do: every other byte of a safetensors file,
                                               every other member of an archive as it is packed, every other field of an ONNX model
    model_files.py flat FILE LO HI             the numbers lo..hi-1 of a text are all equal
    model_files.py torch FILE..                PyTorch (or else NumPy) runs the single-channel layer on ones: flat. Exit 77: neither is there
"""
import io
import json
import os
import struct
import sys
import zipfile

UNEVEN = [1.0, 1.25, 0.5]
LAYER = [((7 * i) % 23 - 11) / 8 for i in range(2 * 2 * 5)]


def floats(values, code="f"):
    return struct.pack("<%d%s" % (len(values), code), *values)


# ---- safetensors ----

def write_safetensors(path):
    tensors = {"first": ("F32", [3], floats([1, 2, 3])), "up.weight": ("F32", [1, 1, 3], floats(UNEVEN)),
               "many.weight": ("F32", [2, 2, 5], floats(LAYER)), "half.weight": ("F16", [1, 1, 5], floats([1, 2, 3, 4, 5.5], "e")),
               "norm.weight_g": ("F32", [1, 1, 1], floats([2.0])), "norm.weight_v": ("F32", [1, 1, 3], floats(UNEVEN)),
               "whole": ("I64", [2], struct.pack("<2q", 5, 7))}
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, (dtype, shape, values) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + data)


def read_safetensors(path):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    parts = {"": data[:8 + size]}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            parts[name] = data[8 + size + begin:8 + size + end]
    return parts, len(data)


# ---- npz ----

def npy(values, shape, order=False):
    header = "{'descr': '<f4', 'fortran_order': %s, 'shape': (%s,), }" % (order, ", ".join(map(str, shape)))
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + floats(values)


def write_npz(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("first.npy", npy([1, 2, 3], [3]), zipfile.ZIP_DEFLATED)
        archive.writestr("up/W.npy", npy(UNEVEN, [1, 1, 3]), zipfile.ZIP_STORED)
        archive.writestr("many/W.npy", npy(LAYER, [2, 2, 5], True), zipfile.ZIP_DEFLATED)
        archive.writestr("last.npy", npy([4.0] * 100, [100]), zipfile.ZIP_DEFLATED)
        archive.writestr("readme.txt", "not an array", zipfile.ZIP_STORED)


def read_npz(path):
    """What each member holds, as it is packed but for its place in the file: of arrays the header and the values apart."""
    data, parts = open(path, "rb").read(), {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        for info in archive.infolist():
            name, extra = struct.unpack_from("<2H", data, info.header_offset + 26)
            start = info.header_offset + 30 + name + extra
            packed = data[start:start + info.compress_size]
            parts[info.filename.removesuffix(".npy")] = (info.compress_type, info.date_time, info.file_size, packed)
        parts["order"] = [info.filename for info in archive.infolist()]
        headers = {}
        for info in archive.infolist():
            member = archive.read(info)
            if info.filename.endswith(".npy"):
                headers[info.filename] = member[:10 + struct.unpack("<H", member[8:10])[0]]
        parts["headers"] = headers
    return parts, None


# ---- ONNX ----

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


def tensor(name, shape, values, raw=True):
    return b"".join(number(1, d) for d in shape) + number(2, 1) + message(9 if raw else 4, floats(values)) + message(8, name)


def node(op, inputs, output, **attributes):
    out = b"".join(message(1, i) for i in inputs) + message(2, output) + message(3, output) + message(4, op)
    for name, value in attributes.items():
        if isinstance(value, int):
            out += message(5, message(1, name) + number(3, value) + number(20, 2))
        elif isinstance(value, str):
            out += message(5, message(1, name) + message(4, value) + number(20, 3))
        else:
            out += message(5, message(1, name) + b"".join(number(8, v) for v in value) + number(20, 7))
    return out


def value(name, shape):
    dims = b"".join(message(1, number(1, d) if isinstance(d, int) else message(2, d)) for d in shape)
    return message(1, name) + message(2, message(1, number(1, 1) + message(2, dims)))


def write_onnx(path, nodes, tensors, shape, extra=b"", outputs=("y",), known=()):
    graph = b"".join(message(1, n) for n in nodes) + message(2, "g") + b"".join(message(5, t) for t in tensors)
    graph += message(11, value("x", shape)) + b"".join(message(12, value(name, shape)) for name in outputs)
    graph += b"".join(message(13, value(name, dims)) for name, dims in known)
    with open(path, "wb") as out:
        out.write(number(1, 8) + message(2, "tests") + message(7, graph) + message(8, message(1, "") + number(2, 13)) + extra)


def fields(data):
    at = 0
    while at < len(data):
        start = at

        def read():
            nonlocal at
            result = shift = 0
            while True:
                byte = data[at]
                at += 1
                result |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    return result
        key = read()
        if key & 7 == 0:
            content = read()
        else:
            size = read() if key & 7 == 2 else {1: 8, 5: 4}[key & 7]
            content = data[at:at + size]
            at += size
        yield key >> 3, content, data[start:at]


def read_onnx(path):
    """Nodes one by one, initializers with the values apart, everything else as bytes."""
    data, parts, nodes = open(path, "rb").read(), {}, 0
    for i, (field, content, whole) in enumerate(fields(data)):
        if field != 7:
            parts["model %d" % i] = whole
            continue
        for j, (inner, body, graph_bytes) in enumerate(fields(content)):
            if inner == 1:
                parts["node %d" % nodes] = body
                nodes += 1
            elif inner == 5:
                name = [c for f, c, _ in fields(body) if f == 8][0].decode()
                parts[name] = [c for f, c, _ in fields(body) if f in (4, 5, 7, 9, 10, 11)]
                parts["shape of " + name] = [w for f, c, w in fields(body) if f not in (4, 5, 7, 9, 10, 11)]
            else:
                parts["graph %d" % j] = graph_bytes
    assert nodes > 0
    return parts, len(data)


def make(folder):
    write_safetensors(os.path.join(folder, "one.safetensors"))
    write_npz(os.path.join(folder, "one.npz"))
    up = dict(strides=[2], pads=[1, 1], output_padding=[1], kernel_shape=[3])
    write_onnx(os.path.join(folder, "one.onnx"),
               [node("Relu", ["x"], "r"), node("ConvTranspose", ["r", "up.weight", "up.bias"], "up", **up),
                node("ConvTranspose", ["up", "typed.weight"], "y", **up)],
               [tensor("up.weight", [1, 1, 3], UNEVEN), tensor("up.bias", [1], [0.25]), tensor("typed.weight", [1, 1, 3], UNEVEN, False)],
               [1, 1, "n"], message(14, message(1, "key") + message(2, "metadata")))
    write_onnx(os.path.join(folder, "shared.onnx"),
               [node("ConvTranspose", ["x", "w"], "a", **up), node("ConvTranspose", ["a", "w"], "b", strides=[1], pads=[1, 1])],
               [tensor("w", [1, 1, 3], UNEVEN)], [1, 1, "n"])
    taps = [((5 * i) % 17 - 8) / 8 for i in range(4 * 9)]
    write_onnx(os.path.join(folder, "pixels.onnx"),
               [node("Conv", ["x", "w", "b"], "c", pads=[1, 1, 1, 1]), node("DepthToSpace", ["c"], "y", blocksize=2, mode="CRD")],
               [tensor("w", [4, 1, 3, 3], taps), tensor("b", [4], [0.5, 0.0, 0.25, -0.25])], [1, 1, "h", "w"])
    write_onnx(os.path.join(folder, "pointwise.onnx"),
               [node("Conv", ["x", "w"], "c", pads=[1, 1, 1, 1]), node("Relu", ["c"], "r"), node("DepthToSpace", ["r"], "y", blocksize=2, mode="CRD")],
               [tensor("w", [4, 1, 3, 3], taps)], [1, 1, "h", "w"])
    # a gap, and weights that the graph computes
    write_onnx(os.path.join(folder, "computed.onnx"),
               [node("ConvTranspose", ["x", "w"], "gap", strides=[4], kernel_shape=[2]), node("Add", ["k", "k"], "twice"),
                node("ConvTranspose", ["gap", "twice"], "y", strides=[2], kernel_shape=[4])],
               [tensor("w", [1, 1, 2], [1.0, 2.0]), tensor("k", [1, 1, 4], [1.0, 3.0, 3.0, 1.0])], [1, 1, "n"], known=[("twice", [1, 1, 4])])
    # two outputs; maps that meet with equal centres
    write_onnx(os.path.join(folder, "aligned.onnx"),
               [node("ConvTranspose", ["x", "w"], "a", strides=[2], pads=[1, 1], kernel_shape=[4]), node("Relu", ["a"], "r"), node("Add", ["a", "r"], "y")],
               [tensor("w", [1, 1, 4], [0.25, 0.75, 0.75, 0.25])], [1, 1, "n"], outputs=("y", "a"))
    write_onnx(os.path.join(folder, "twice-aligned.onnx"),
               [node("Relu", ["x"], "r"), node("Add", ["x", "r"], "s"), node("Add", ["s", "r"], "y")], [], [1, 1, "n"])
    write_onnx(os.path.join(folder, "strided.onnx"), [node("Conv", ["x", "w"], "y", strides=[2], pads=[1, 1])],
               [tensor("w", [1, 1, 4], [1.0, 3.0, 3.0, 1.0])], [1, 1, "n"])
    write_onnx(os.path.join(folder, "plain.onnx"), [node("Relu", ["x"], "y")], [], [1, 1, "n"])


READERS = {".safetensors": read_safetensors, ".npz": read_npz, ".onnx": read_onnx}


def same(before, after, names):
    read = READERS[os.path.splitext(before)[1]]
    (was, old), (is_, new) = read(before), read(after)
    assert list(was) == list(is_), "the parts are the same, in their order"
    assert old == new, "the length is the same"
    for name in was:
        if name in names:
            assert was[name] != is_[name], name + " is another"
        else:
            assert was[name] == is_[name], name + " is as it was"
    assert all(name in was for name in names), names


def weights(path):
    parts, _ = READERS[os.path.splitext(path)[1]](path)
    if path.endswith(".npz"):
        with zipfile.ZipFile(path) as archive:
            return struct.unpack("<3f", archive.read("up/W.npy")[-12:])
    data = parts["up.weight"]
    return struct.unpack("<3f", data[0] if isinstance(data, list) else data)


def run_elsewhere(paths):
    try:
        import torch
        program = "torch " + torch.__version__
    except ImportError:
        torch = None
        try:
            import numpy
            program = "numpy " + numpy.__version__
        except ImportError:
            sys.exit(77)
    for path in paths:
        if torch is not None:
            if path.endswith(".npz"):
                import numpy
                w = torch.from_numpy(numpy.load(path)["up/W"])
            else:
                w = torch.tensor(weights(path)).reshape(1, 1, 3)
            y = torch.nn.functional.conv_transpose1d(torch.ones(1, 1, 20), w, stride=2, padding=1, output_padding=1)[0, 0, 2:-2].tolist()
        else:
            w = numpy.load(path)["up/W"].ravel() if path.endswith(".npz") else numpy.array(weights(path), "<f4")
            up = numpy.zeros(39, "<f4")
            up[::2] = 1
            y = numpy.convolve(up, w)[3:-3].tolist()
        assert max(y) - min(y) <= 2e-7 * max(map(abs, y)), (path, y)
        print(path, "in", program, "is flat:", y[0])


if __name__ == "__main__":
    command, rest = sys.argv[1], sys.argv[2:]
    if command == "make":
        make(rest[0])
    elif command == "same":
        same(rest[0], rest[1], rest[2:])
    elif command == "flat":
        numbers = [float(v) for v in open(rest[0]).read().split()][int(rest[1]):int(rest[2])]
        assert len(numbers) > 4 and max(numbers) - min(numbers) <= 1e-12 * max(map(abs, numbers)), numbers
    else:
        run_elsewhere(rest)
