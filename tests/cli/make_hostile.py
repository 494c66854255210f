"""make_hostile.py ROOT FOLDER: hostile model files, FOLDER/FORMAT/NAME, at least 40 of each format; every one is to be refused with
exit 3. cut-N is the beginning of N bytes of a good file. Pickles and array headers would leave the file HOSTILE-EXECUTED behind if
they were run, and paths lead out of the folder. check_hostile.py runs a command on all of them."""
import io
import os
import struct
import sys
import zipfile

root, folder = sys.argv[1:3]
sys.path.insert(0, os.path.join(root, "tests", "cli"))
from model_files import floats, message, node, number, tensor, value, varint  # noqa: E402  (beside this file)


def put(kind, name, data):
    os.makedirs(os.path.join(folder, kind), exist_ok=True)
    with open(os.path.join(folder, kind, name.replace(" ", "-").replace("/", "_")), "wb") as out:
        out.write(data.encode() if isinstance(data, str) else data)


def cuts(kind, data, first):
    """Eight places; the readers' own suites cut at every byte."""
    for at in range(first, len(data), (len(data) - first) // 8 + 1):
        put(kind, "cut-%05d" % at, data[:at])


# ---- safetensors ----

def safetensors(name, header, data=b"", length=None):
    header = header.encode() if isinstance(header, str) else header
    put("safetensors", name, struct.pack("<Q", len(header) if length is None else length) + header + data)


def entry(dtype, shape, begin, end):
    return '{"dtype":"%s","shape":[%s],"data_offsets":[%s,%s]}' % (dtype, shape, begin, end)


def one(dtype, shape, begin, end, size=4):
    return '{"w":' + entry(dtype, shape, begin, end) + "}", bytes(size)


good = ('{"up.weight":' + entry("F32", "1,1,3", 0, 12) + "}").encode()
good = struct.pack("<Q", len(good)) + good + floats([1, 2, 3])
cuts("safetensors", good, 9)
for name, header in (("no json", '{"a"'), ("two objects", "{} {}"), ("duplicate", '{"a":%s,"a":%s}' % ((entry("U8", "0", 0, 0),) * 2)),
                     ("bad utf8", b'{"\xff":{}}'), ("number", '{"a":1}'), ("text", '{"a":"b"}'), ("empty entry", '{"a":{}}'),
                     ("no dtype", '{"a":{"shape":[],"data_offsets":[0,0]}}'), ("extra key", '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1}}'),
                     ("no shape", '{"a":{"dtype":"U8","data_offsets":[0,0]}}'), ("no offsets", '{"a":{"dtype":"U8","shape":[0]}}'),
                     ("metadata number", '{"__metadata__":{"a":1}}'), ("metadata list", '{"__metadata__":[]}'), ("deep", '{"a":' + "[" * 5000 + "]" * 5000 + "}"),
                     ("bloated", '{"a":[' + "[]," * 300000 + "[]]}"), ("many values", '{"a":[' + "0," * 1100000 + "0]}"), ("nul in name", '{"a\\u0000b":' + entry("U8", "0", 0, 0) + "}"),
                     ("infinite", '{"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,0]}}'), ("only blanks", "{" + " " * 100)):
    safetensors(name, header)
for name, args in (("unknown type", ("F31", "1", 0, 4)), ("lower type", ("f32", "1", 0, 4)), ("negative extent", ("F32", "-1", 0, 4)), ("fraction", ("F32", "1.0", 0, 4)),
                   ("beyond 64 bits", ("F32", "99999999999999999999", 0, 4)), ("wraps to zero", ("F32", "4294967296,4294967296", 0, 0, 0)),
                   ("wraps to four", ("F32", "4611686018427387905,4", 0, 16, 16)), ("bits wrap", ("F32", "576460752303423488", 0, 0, 0)), ("shape too large", ("F32", "2", 0, 4)),
                   ("shape too small", ("F32", "1", 0, 8, 8)), ("backwards", ("F32", "1", 4, 0)), ("outside", ("F32", "1", 4, 8)), ("negative offset", ("F32", "1", -4, 0)),
                   ("near 2^63", ("F32", "1", 9223372036854775803, 9223372036854775807)), ("hole before", ("F32", "1", 1, 5, 5)), ("data behind", ("F32", "1", 0, 4, 5)),
                   ("half a byte", ("F4", "3", 0, 1, 1)), ("many axes", ("F32", ",".join("1" * 65), 0, 4)), ("offsets true", ("F32", "1", "true", "false"))):
    safetensors(name, *one(*args))
two = '{"a":%s,"b":%s}'
for name, a, b, size in (("overlap", (0, 4), (2, 6), 6), ("same range", (0, 4), (0, 4), 4), ("hole", (0, 4), (5, 9), 9)):
    safetensors(name, two % (entry("U8", "4", *a), entry("U8", "4", *b)), bytes(size))
safetensors("header past the end", "{}", b"", 1000)
safetensors("data without tensor", "{}", b"x")


# ---- npz ----

def npy(descr, shape, data=b"", order="False", text=None, version=1, magic=b"\x93NUMPY", length=None):
    text = (text if text is not None else "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n" % (descr, order, shape)).encode()
    return magic + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(text) if length is None else length) + text + data


def archive(*members, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for member, data in members:
            z.writestr(zipfile.ZipInfo(member), data, method)
    return out.getvalue()


plain = npy("<f4", "(1, 1, 2)", bytes(8))
good = archive(("w.npy", plain))
cuts("npz", good, 4)
arrays = {
    "too short": npy("<f4", "(1, 1, 3)", bytes(8)), "too long": npy("<f4", "(1, 1, 1)", bytes(8)), "claims much": npy("<f8", "(1000000000000,)"),
    "wraps to zero": npy("<f4", "(4294967296, 4294967296)"), "bytes wrap": npy("<f8", "(2305843009213693953,)", bytes(8)), "beyond 64 bits": npy("<f4", "(99999999999999999999,)", bytes(8)),
    "negative": npy("<f4", "(-1,)", bytes(8)), "no header": npy("", "", text=""), "no dictionary": npy("", "", text="[]\n"), "key missing": npy("", "", bytes(4), text="{'descr': '<f4', 'shape': (1,), }\n"),
    "key twice": npy("", "", bytes(4), text="{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n"),
    "unknown key": npy("", "", bytes(4), text="{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}\n"), "order number": npy("<f4", "(1,)", bytes(4), "1"),
    "shape of texts": npy("<f4", "('1',)", bytes(4)), "deep": npy("<f4", "(" * 900 + "1," + ")" * 900, bytes(4)), "not closed": npy("", "", bytes(4), text="{'descr': '<f4', 'fortran_order': False, 'shape': (1,"),
    "text not closed": npy("", "", bytes(4), text="{'descr': '<f4"), "code": npy("", "", bytes(4), text="__import__('os').system('touch HOSTILE-EXECUTED')\n"), "magic": npy("<f4", "(1, 1, 1)", bytes(4), magic=b"\x93NUMPX"),
    "header longer": npy("<f4", "(1, 1, 1)", bytes(4), length=5000), "header of 4 GB": npy("<f4", "(1, 1, 1)", bytes(4), version=2, length=0xffffffff), "empty member": b"", "magic alone": b"\x93NUMPY"}
for name, data in arrays.items():
    put("npz", name, archive(("w.npy", data)))
    put("npz", name + " packed", archive(("w.npy", data), method=zipfile.ZIP_DEFLATED))
local, central, end = 0, good.index(b"PK\1\2"), good.index(b"PK\5\6")
for name, at, new in (("local method", 8, b"\x63\0"), ("local size", 18, b"\xff\xff"), ("local crc", 14, b"\x12\x34"), ("local name longer", 26, b"\xf4\1"), ("local name other", 30, b"xx"),
                      ("central method", central + 10, b"\x63\0"), ("central crc", central + 16, b"\x12\x34"), ("central packed size", central + 20, b"\7\0"), ("central size", central + 24, b"\xff\xff"),
                      ("central name longer", central + 28, b"\x60\xea"), ("central offset", central + 42, b"\x60\xea"), ("central magic", central, b"\0\0"), ("end count", end + 10, b"\7\0"), ("end disk", end + 4, b"\3\0"),
                      ("end size", end + 12, b"\x09\0"), ("end offset", end + 16, b"\x60\xea"), ("end comment", end + 20, b"\x90\1"), ("end magic", end, b"\0\0")):
    put("npz", name, good[:at] + new + good[at + len(new):])
put("npz", "same name twice", good[:central] + good[:central] + good[central:end] + good[central:end] + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 2, 2, 2 * (end - central), 2 * central, 0))
put("npz", "no arrays", archive(("readme", b"x")))
put("npz", "bomb", archive(("w.npy", npy("<f4", "(1, 1, 33554432)", bytes(4 << 25))), method=zipfile.ZIP_DEFLATED))


# ---- PyTorch ----

def word(text):
    return b"U" + bytes([len(text)]) + text.encode()


def storage(count=b"K\x04", kind="FloatStorage", key="0"):
    return b"(" + word("storage") + b"ctorch\n" + kind.encode() + b"\n" + word(key) + word("cpu") + count + b"tQ"


def view(store, offset=b"K\0", shape=b"K\x04", stride=b"K\x01"):
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + store + offset + b"(" + shape + b"t(" + stride + b"t\x89ccollections\nOrderedDict\n)RtR"


def state(*items):
    return b"}(" + b"".join(items) + b"u."


def stream(pickle):
    return (b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}." + pickle + b"\x80\x02](" + word("0") + b"e." + struct.pack("<Q", 4)
            + floats([1, 2, 3, 4]))


huge = b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"
command = "touch HOSTILE-EXECUTED"
pickles = {
    "os.system": b"cos\nsystem\n(" + word(command) + b"tR.", "posix.system": b"cposix\nsystem\n(" + word(command) + b"tR.", "nt.system": b"cnt\nsystem\n(" + word(command) + b"tR.",
    "subprocess.call": b"csubprocess\ncall\n(" + word(command) + b"\x88tR.", "subprocess.Popen": b"csubprocess\nPopen\n(" + word(command) + b"tR.", "builtins.eval": b"cbuiltins\neval\n(" + word("1") + b"tR.",
    "builtins.exec": b"\x8c\x08builtins\x8c\x04exec\x93(" + word("1") + b"tR.", "__builtin__.eval": b"c__builtin__\neval\n(" + word("1") + b"tR.", "getattr": b"cbuiltins\ngetattr\n.", "runpy": b"crunpy\nrun_path\n(" + word("x.py") + b"tR.",
    "torch.load": b"ctorch\nload\n(" + word("x.pt") + b"tR.", "dill": b"cdill._dill\n_create_function\n.", "INST os.system": b"(" + word(command) + b"ios\nsystem\n.", "OBJ os.system": b"(cos\nsystem\n" + word(command) + b"o.",
    "in a state dict": state(word("w"), b"cos\nsystem\n(" + word(command) + b"tR"), "as a hook": b"}ccollections\nOrderedDict\n)R(" + word("w") + b"cos\nsystem\nub.", "reduce of BUILD": b"cnets\nNet\n)\x81}b.",
    "a class": b"cnets\nGenerator\n)\x81.", "EXT1": b"\x82\x01.", "PERSID": b"Pmodule\n.", "NEWOBJ_EX": b"\x92.", "unknown opcode": b"\xff.", "empty stack": b".", "POP": b"0.", "DUP": b"2.", "tuple without mark": b"t.", "POP_MARK": b"1.",
    "within a mark": b"(N.", "TUPLE3 of two": b"NN\x87.", "REDUCE of number": b"K\x01)R.", "storage called": b"ctorch\nFloatStorage\n)R.", "APPEND to number": b"K\x01Na.", "odd SETITEMS": b"}(Nu.", "odd DICT": b"(Nd.", "memo unset": b"h\x05.",
    "memo far": b"Nr\xff\xff\xff\xff.", "long text": b"X\xff\xff\xff\x7f.", "text of 2^63": b"\x8d" + b"\xff" * 7 + b"\x7f.", "long number": b"\x8b\xff\xff\xff\x7f.", "STACK_GLOBAL of numbers": b"K\x01K\x02\x93.", "global without end": b"cos",
    "beyond storage": state(word("w"), view(storage(), shape=b"K\x05")), "offset beyond": state(word("w"), view(storage(), b"K\x04", b"K\x01")), "stride beyond": state(word("w"), view(storage(), shape=b"K\x02", stride=b"K\x04")),
    "negative stride": state(word("w"), view(storage(), b"K\x03", b"K\x02", b"J\xff\xff\xff\xff")), "extents wrap": state(word("w"), view(storage(), shape=huge + huge, stride=b"K\0K\0")),
    "storage too large": state(word("w"), view(storage(b"K\x05"), shape=b"K\x05")), "negative storage": state(word("w"), view(storage(b"J\xff\xff\xff\xff"), shape=b"K\x01")), "no storage": state(word("w"), view(b"N", shape=b"K\x01")),
    "one stride for two": state(word("w"), view(storage(), shape=b"K\x02K\x02")), "absent storage": state(word("w"), view(storage(key="../../../etc/passwd"))), "within itself": b"}q\x01" + word("w") + b"h\x01s" + word("v") + storage() + b"s.",
    "million lists": b"]" * 1100000 + b".", "deep stack": b"N" + b"2" * 1100000 + b"."}
good = stream(state(word("up.weight"), view(storage(), shape=b"K\x01K\x01K\x04", stride=b"K\x04K\x04K\x01")))
cuts("pt", good, 14)
for name, data in pickles.items():
    put("pt", name, stream(data))
    put("pt", name + " zip", archive(("a/data.pkl", b"\x80\x02" + data), ("a/data/0", floats([1, 2, 3, 4]))))
zipped = archive(("a/data.pkl", b"\x80\x02" + good[25:good.index(b"\x80\x02](")]), ("a/data/0", floats([1, 2, 3, 4])))
put("pt", "short storage zip", archive(("a/data.pkl", b"\x80\x02" + good[25:good.index(b"\x80\x02](")]), ("a/data/0", floats([1, 2]))))
cuts("pt", zipped, 4)


# ---- ONNX ----

def model(*parts, graph=None):
    return number(1, 8) + (message(7, graph if graph is not None else b"".join(parts)))


def layer(weight, attributes=None, shape=(1, 1, "n")):
    return message(1, node("ConvTranspose", ["x", "w"], "y", **(attributes or {"strides": [2]}))) + message(5, weight) + message(11, value("x", shape))


def weight(dims, kind=1, data=b"", extra=b"", field=9):
    return b"".join(number(1, d) for d in dims) + number(2, kind) + (message(field, data) if data else b"") + message(8, "w") + extra


def external(**entries):
    return b"".join(message(13, message(1, key) + message(2, text)) for key, text in entries.items()) + number(14, 1)


good = model(layer(tensor("w", [1, 1, 3], [1, 2, 3])))
cuts("onnx", good, 4)
eight = bytes(8)
for name, data in {
        "raw too short": weight([1, 1, 3], data=eight), "raw too long": weight([1, 1, 1], data=eight), "wraps to zero": weight([1 << 32, 1 << 32, 1], data=eight), "wraps": weight([(1 << 61) + 1, 1, 4], data=eight),
        "claims much": weight([1 << 20, 1 << 20, 4], data=eight), "negative extent": weight([1, 1], data=eight) + varint(1 << 3) + b"\xff" * 9 + b"\x01", "no values": weight([1, 1, 2]), "values of another type": weight([1, 1, 2], 11, eight, field=4),
        "too few typed": weight([1, 1, 3], data=eight, field=4), "typed within one": weight([1, 1, 2], data=eight + b"x", field=4), "too many typed": weight([1, 1, 1], data=eight, field=4), "unknown type": weight([1, 1, 2], 99, eight),
        "texts": weight([1, 1, 2], 8, eight), "complex": weight([1, 1, 1], 14, eight), "segment": weight([1, 1, 2], data=eight, extra=message(3, number(1, 0) + number(2, 1))), "many axes": weight([1] * 70, data=floats([1])),
        "nan": weight([1, 1, 2], data=floats([1, float("nan")])), "infinite": weight([1, 1, 2], data=floats([1, float("inf")])), "raw is number": weight([1, 1, 2]) + number(9, 5), "text is number": number(8, 5),
        "packed dims broken": message(1, b"\xff\xff") + number(2, 1) + message(8, "w"), "external by default": weight([1, 1, 2], extra=external(location="gone.bin")), "external length": weight([1, 1, 2], extra=external(location="w.bin", length="99999"))}.items():
    put("onnx", name, model(layer(data)))
for name, where in (("parent", "../secret.bin"), ("absolute", "/etc/hostname"), ("within", "a/../../secret.bin"), ("link", "link.bin"), ("link to folder", "linked/secret.bin"), ("device", "/dev/zero"), ("empty", ""), ("dot", "."),
                    ("missing", "missing.bin"), ("backslash", "..\\secret.bin"), ("twice up", "./../secret.bin"), ("slash end", "w.bin/"), ("fifo", "pipe")):
    put("onnx", "external-" + name, model(layer(weight([1, 1, 2], extra=external(location=where)))))
for name, extra in (("offset past the end", {"offset": "100"}), ("negative offset", {"offset": "-4"}), ("huge offset", {"offset": "18446744073709551612"}), ("offset of words", {"offset": "four"}), ("beyond 64 bits", {"offset": "99999999999999999999999"})):
    put("onnx", "external-" + name, model(layer(weight([1, 1, 2], extra=external(location="w.bin", **extra)))))
nested = b""
for _ in range(3000):
    nested = message(1, message(5, message(1, "a") + message(6, nested)))
put("onnx", "deep", model(graph=nested))
put("onnx", "bloated", model(graph=message(1, b"") * 1100000))
put("onnx", "two graphs", model(layer(tensor("w", [1, 1, 3], [1, 2, 3]))) + message(7, b""))
put("onnx", "no graph", number(1, 8) + message(2, "nobody"))
put("onnx", "made twice", model(message(1, node("Relu", ["x"], "y")) + message(1, node("Relu", ["x"], "y"))))
put("onnx", "tensor twice", model(message(5, tensor("w", [1], [1])) * 2))
put("onnx", "group wire", number(1, 8) + b"\x3b")
put("onnx", "long varint", number(1, 8) + b"\x3a" + b"\xff" * 11)
put("onnx", "length of 2^63", number(1, 8) + b"\x3a" + b"\xff" * 8 + b"\x7f")
put("onnx", "field 0", number(1, 8) + b"\x02\x00")


# ---- TensorFlow Lite: places of a good file that point elsewhere or claim much ----

with open(os.path.join(root, "tests", "oracle", "models", "tiny.tflite"), "rb") as file:
    good = file.read()
cuts("tflite", good, 8)
for at in [0, 12, 16, 24, 32, 40, 56, 64, 72, 80, 92, 104, 132, 144, 172, 184, 200, 216, 256, 264, 296, 304, 328, 340, 352, 384, 396, 404,
           412, 420, 428, 436, 444, 456, 464, 504, 516, 540, 552, 568, 592, 600, 608, 632, 712, 760, 808, 868, 944, 1020, 1120, 1208, 1320]:
    put("tflite", "place %d" % at, good[:at] + struct.pack("<I", 0x7fffffff) + good[at + 4:])


# ---- manifest ----

def manifest(text):
    return text if isinstance(text, bytes) else text.encode()


good = b'{"w":{"filename":"w.bin","shape":[1,1,2]}}'
cuts("manifest", good, 1)
for name, text in {
        "no arrays": "{}", "list": '{"w":[]}', "number": '{"w":1}', "text": '{"w":"x"}', "null": '{"w":null}', "empty": '{"w":{}}', "no filename": '{"w":{"shape":[2]}}', "no shape": '{"w":{"filename":"w.bin"}}',
        "filename number": '{"w":{"filename":1,"shape":[2]}}', "shape number": '{"w":{"filename":"w.bin","shape":2}}', "shape texts": '{"w":{"filename":"w.bin","shape":["2"]}}', "negative": '{"w":{"filename":"w.bin","shape":[-2]}}',
        "fraction": '{"w":{"filename":"w.bin","shape":[1.0]}}', "true": '{"w":{"filename":"w.bin","shape":[true]}}', "nested shape": '{"w":{"filename":"w.bin","shape":[[2]]}}', "nine axes": '{"w":{"filename":"w.bin","shape":[1,1,1,1,1,1,1,1,1]}}',
        "wraps to zero": '{"w":{"filename":"w.bin","shape":[4294967296,4294967296]}}', "wraps": '{"w":{"filename":"w.bin","shape":[2305843009213693953,8]}}', "beyond 64 bits": '{"w":{"filename":"w.bin","shape":[99999999999999999999]}}',
        "duplicate": '{"w":{"filename":"w.bin","shape":[2]},"w":{"filename":"w.bin","shape":[2]}}', "duplicate key": '{"w":{"filename":"w.bin","filename":"x","shape":[2]}}', "two objects": "{} {}", "bad utf8": b'{"\xff":{}}',
        "nul in name": '{"a\\u0000b":{"filename":"w.bin","shape":[2]}}', "comment": '{/* x */"w":{"filename":"w.bin","shape":[2]}}', "deep": '{"w":' + "[" * 5000 + "]" * 5000 + "}", "bloated": '{"w":[' + "[]," * 300000 + "[]]}", "many values": '{"w":[' + "0," * 1100000 + "0]}",
        "infinite": '{"w":{"filename":"w.bin","shape":[1e999]}}', "nan": '{"w":{"filename":"w.bin","shape":[NaN]}}'}.items():
    put("manifest", name, manifest(text))
for name, where in (("parent", "../secret.bin"), ("absolute", "/etc/hostname"), ("within", "a/../../secret.bin"), ("link", "link.bin"), ("link to folder", "linked/secret.bin"), ("device", "/dev/zero"), ("empty name", ""), ("dot", "."),
                    ("missing", "missing.bin"), ("fifo", "pipe"), ("itself", "manifest.json")):
    put("manifest-layers", name, '{"w":{"filename":"%s","shape":[1,1,2]}}' % where)
for name, shape in (("too long", "1,1,3"), ("too short", "1,1,1"), ("claims much", "1,1,1000000000000")):
    put("manifest-layers", name, '{"w":{"filename":"w.bin","shape":[%s]}}' % shape)
