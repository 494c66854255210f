#!/usr/bin/env python3
"""Seeds of the fuzz targets for model containers, made from scratch: small files that reach every part of the readers.

    make_model_corpus.py      writes tests/fuzz/corpus/{safetensors,npz,torch,onnx,tflite,manifest}
"""
import io
import os
import shutil
import struct
import zipfile

here = os.path.dirname(os.path.abspath(__file__))


def write(target, name, data):
    folder = os.path.join(here, "corpus", target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as out:
        out.write(data)


def safetensors(name, header, data=b""):
    write("safetensors", name, struct.pack("<H", len(header)) + header + data)


entry = b'{"dtype":"%s","shape":[%s],"data_offsets":[%d,%d]}'
safetensors("one", b'{"a.weight":' + entry % (b"F32", b"1,1,2", 0, 8) + b"}", struct.pack("<2f", 0.5, 0.25))
safetensors("two", b'{"__metadata__":{"k":"v"},"w":' + entry % (b"F16", b"2", 0, 4) + b',"b":' + entry % (b"BF16", b"", 4, 6) + b"} ",
            bytes(6))
safetensors("norm", b'{"u.weight_g":' + entry % (b"F64", b"1,1,1", 0, 8) + b',"u.weight_v":' + entry % (b"I8", b"1,1,2", 8, 10) + b"}",
            struct.pack("<d", 2.0) + b"\3\4")
safetensors("lengths", b'{"a_g":' + entry % (b"F32", b"0", 0, 0) + b',"a_v":' + entry % (b"F32", b"", 0, 4) + b"}", bytes(4))
safetensors("empty", b"{}")
safetensors("types", b'{"a":' + entry % (b"F4", b"2", 0, 1) + b',"b":' + entry % (b"C64", b"1", 1, 9) + b"}", bytes(9))


def npy(descr, shape, data, fortran=False, version=1):
    text = "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }" % (descr, fortran, shape)
    text += " " * (-(len(text) + 11) % 16) + "\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(text)) + text.encode() + data


def archive(target, name, members, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for member, data in members:
            z.writestr(zipfile.ZipInfo(member), data, method)
    write(target, name, out.getvalue())


archive("npz", "plain", [("w.npy", npy("<f4", "(1, 1, 2)", bytes(8))), ("b.npy", npy(">f8", "()", bytes(8), version=2))])
archive("npz", "packed", [("w.npy", npy("<i2", "(2, 3)", bytes(12), fortran=True))], zipfile.ZIP_DEFLATED)
archive("npz", "object", [("o.npy", npy("|O", "(1,)", b"x")), ("readme", b"text")])


def text(s):
    return b"X" + struct.pack("<I", len(s)) + s


def storage(key, count, kind=b"FloatStorage"):
    return b"(" + text(b"storage") + b"ctorch\n" + kind + b"\n" + text(key) + text(b"cpu") + b"K" + bytes([count]) + b"tQ"


def numbers(*values):
    return b"(" + b"".join(b"K" + bytes([v]) for v in values) + b"t"


def tensor(key, count, offset, shape, stride, kind=b"FloatStorage"):
    return (b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage(key, count, kind) + b"K" + bytes([offset]) + numbers(*shape)
            + numbers(*stride) + b"\x89ccollections\nOrderedDict\n)RtR")


def dictionary(items):
    return b"}(" + b"".join(text(k) + v for k, v in items) + b"u"


state = dictionary([(b"w", tensor(b"0", 4, 0, (1, 2, 2), (4, 1, 2))), (b"b", tensor(b"0", 4, 1, (1,), (1,)))])
archive("npz", "torch", [("a/data.pkl", b"\x80\2" + state + b"."), ("a/byteorder", b"little"), ("a/data/0", bytes(16))])


def stream(name, state, keys):
    listed = b"\x80\2](" + b"".join(text(k) for k, _ in keys) + b"e."
    write("torch", name, b"\x80\2" + state + b"." + listed + b"".join(struct.pack("<Q", len(d) // 4) + d for _, d in keys))


stream("state", state, [(b"0", bytes(16))])
stream("nested", dictionary([(b"state_dict", state), (b"optimizer", b"](K\1NG" + bytes(8) + b"e"), (b"epoch", b"J" + bytes(4))]),
       [(b"0", bytes(16))])
stream("memo", b"(K\1q\0h\0tq\1h\1\x86r\2\0\0\0j\2\0\0\0\x86", [])
stream("protocol4", b"\x95" + bytes(8) + b"\x8c\1a\x94\x8c\5torch\x8c\4Size\x93)\x85R\x86\x8f\x90\x91", [])
stream("parameter", b"ctorch._utils\n_rebuild_parameter\n(" + tensor(b"0", 2, 0, (2, 1), (1, 1)) + b"\x88ccollections\nOrderedDict\n)Rt"
       b"R}(" + text(b"_x") + b"Nub", [(b"0", bytes(8))])
stream("hostile", b"cos\nsystem\n(" + text(b"true") + b"tR", [])
stream("type", b"ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v2\nctorch\nTensor\n(" + storage(b"0", 1)
       + b"K\0" + numbers(1) + numbers(1) + b"\x89Nt}tR", [(b"0", bytes(4))])


def varint(n):
    out = bytearray()
    while n >= 128:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out + bytes([n]))


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def node(op, inputs, outputs, *attributes, name=b"n"):
    return field(1, b"".join(field(1, i) for i in inputs) + b"".join(field(2, o) for o in outputs) + field(3, name) + field(4, op)
                 + b"".join(field(5, a) for a in attributes))


def ints(name, *values):
    return field(1, name) + b"".join(field(8, v) for v in values) + field(20, 7)


def word(name, value):
    return field(1, name) + field(4, value) + field(20, 3)


def weight(name, dims, data, kind=1):
    return b"".join(field(1, d) for d in dims) + field(2, kind) + field(8, name) + field(9, data)


def image(name, *dims):
    shape = b"".join(field(1, field(1, d)) for d in dims)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))


def model(name, graph, opset=13):
    write("onnx", name, field(1, 8) + field(7, graph) + field(8, field(2, opset)))


model("transposed", node(b"ConvTranspose", [b"x", b"w"], [b"y"], ints(b"strides", 2), ints(b"pads", 1, 1))
      + field(5, weight(b"w", (1, 1, 2), struct.pack("<2f", 1, 2))) + field(11, image(b"x", 1, 1, 3)))
model("same", node(b"ConvTranspose", [b"x", b"w"], [b"y"], ints(b"strides", 2), word(b"auto_pad", b"SAME_LOWER"), ints(b"output_shape", 6))
      + field(11, image(b"x", 1, 1, 3)) + field(11, image(b"w", 1, 1, 2)))
model("shuffle", node(b"Conv", [b"x", b"w"], [b"c"]) + node(b"Relu", [b"c"], [b"r"])
      + node(b"DepthToSpace", [b"r"], [b"y"], field(1, b"blocksize") + field(3, 2)) + field(5, weight(b"w", (4, 1, 1, 1), bytes(16))))
model("spelt", node(b"Conv", [b"x", b"w"], [b"c"]) + node(b"Reshape", [b"c", b"s"], [b"a"])
      + node(b"Transpose", [b"a"], [b"t"], ints(b"perm", 0, 1, 4, 2, 5, 3)) + node(b"Reshape", [b"t", b"s"], [b"y"])
      + field(5, weight(b"w", (4, 1, 1, 1), bytes(16)))
      + field(5, weight(b"s", (6,), struct.pack("<6q", 1, 1, 2, 2, 3, 3), 7)))
model("resize", node(b"Resize", [b"x", b"", b"s"], [b"u"], word(b"mode", b"linear")) + node(b"Pad", [b"u", b"p"], [b"q"])
      + node(b"Conv", [b"q", b"w"], [b"y"]) + field(5, weight(b"w", (1, 1, 2), bytes(8)))
      + field(5, weight(b"s", (3,), struct.pack("<3f", 1, 1, 2))) + field(5, weight(b"p", (6,), struct.pack("<6q", 0, 0, 1, 0, 0, 1), 7)))
axes = field(5, weight(b"w", (1,) * 8, bytes(4))) + field(11, image(b"x", 1, 1, 11, 12, 13, 14, 15, 16))
model("axes", node(b"Conv", [b"x", b"w"], [b"c"]) + node(b"DepthToSpace", [b"c"], [b"y"], field(1, b"blocksize") + field(3, 2)) + axes)
model("factors", node(b"Resize", [b"x", b"", b"s"], [b"u"]) + node(b"Conv", [b"u", b"w"], [b"y"])
      + field(5, weight(b"s", (8,), struct.pack("<8f", 1, 1, 2, 2, 2, 2, 2, 2))) + axes)
cast = lambda value, made: node(b"Cast", [value], [made], field(1, b"to") + field(3, 1))
model("obstacles", node(b"ConvTranspose", [b"x", b"w"], [b"a"], ints(b"strides", 0))            # no stride; groups that do not divide
      + node(b"ConvTranspose", [b"x", b"w"], [b"b"], field(1, b"group") + field(3, 2))
      + cast(b"w", b"v") + node(b"ConvTranspose", [b"x", b"v"], [b"d"])                          # weights that a node makes
      + cast(b"w", b"u") + node(b"Conv", [b"x", b"u"], [b"e"], ints(b"strides", 2))
      + cast(b"q", b"r") + node(b"Conv", [b"x", b"r"], [b"f"]) + node(b"DepthToSpace", [b"f"], [b"g"], field(1, b"blocksize") + field(3, 2))
      + node(b"ConstantOfShape", [b"s"], [b"k"], field(1, b"value") + field(5, weight(b"", (1,), bytes(4))) + field(20, 4))
      + node(b"ConvTranspose", [b"x", b"w"], [b"h"], ints(b"output_shape", 1000)) + field(11, image(b"x", 1, 1, 4))     # no pads give that
      + field(5, weight(b"w", (1, 1, 2), bytes(8))) + field(5, weight(b"q", (4, 1, 1, 1), bytes(16))))
model("upsample", node(b"Upsample", [b"x"], [b"u"], field(1, b"scales") + b"".join(varint(7 << 3 | 5) + struct.pack("<f", v) for v in (1, 1, 2)))
      + node(b"Conv", [b"u", b"w"], [b"y"]) + field(5, weight(b"w", (1, 1, 2), bytes(8))), 8)
model("strided", node(b"Conv", [b"x", b"w"], [b"y"], ints(b"strides", 2), word(b"auto_pad", b"SAME_UPPER")) + field(5, weight(b"w", (1, 1, 3), bytes(12))))
model("chain", node(b"Constant", [], [b"k"], field(1, b"value") + field(5, weight(b"", (), struct.pack("<f", 0.5))) + field(20, 4))
      + node(b"DequantizeLinear", [b"q", b"k"], [b"f"]) + node(b"Cast", [b"f"], [b"g"], field(1, b"to") + field(3, 1))
      + node(b"Transpose", [b"g"], [b"w"], ints(b"perm", 1, 0, 2)) + node(b"ConvTranspose", [b"x", b"w"], [b"y"])
      + field(5, weight(b"q", (1, 1, 2), b"\1\2", 3)))
typed = field(1, 1) + field(1, 1) + field(1, 2)
model("typed", node(b"ConvTranspose", [b"x", b"w"], [b"y"]) + field(5, typed + field(2, 1) + field(8, b"w") + field(4, bytes(8)))
      + field(5, typed + field(2, 10) + field(8, b"h") + field(5, b"\1\2")) + field(5, typed + field(2, 7) + field(8, b"i") + field(7, b"\1\2"))
      + field(5, typed + field(2, 11) + field(8, b"d") + field(10, bytes(16))))
model("external", field(5, field(1, 1) + field(2, 1) + field(8, b"w") + field(13, field(1, b"location") + field(2, b"../x")) + field(14, 1)))
model("loop", node(b"If", [b"c"], [b"y"], field(1, b"g") + field(6, node(b"Identity", [b"x"], [b"y"])) + field(20, 5)))

shutil.copy(os.path.join(here, "..", "oracle", "models", "tiny.tflite"), os.path.join(here, "tiny.seed"))
with open(os.path.join(here, "tiny.seed"), "rb") as seed:
    write("tflite", "tiny", seed.read())
os.remove(os.path.join(here, "tiny.seed"))
write("manifest", "two", b'{"a":{"filename":"a","shape":[3,3,1,2]},"b":{"filename":"b","shape":[]}}')
