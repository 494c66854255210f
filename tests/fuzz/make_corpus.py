#!/usr/bin/env python3
"""make_corpus.py: write the seed inputs tests/fuzz/corpus/{text,npy,kernel_file,vocoder_config}. Each is small and shows one feature."""
import os
import struct

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


def write(folder, name, data):
    os.makedirs(os.path.join(root, folder), exist_ok=True)
    with open(os.path.join(root, folder, name), "wb") as out:
        out.write(data)


def npy(descr, shape, payload, fortran="False", version=1):
    header = b"{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n" % (descr.encode(), fortran.encode(), shape.encode())
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header + payload


text = {
    "one": b"1", "row": b"1 2 3\n", "column": b"0.25\n-.75\n+5.\n1e-3\n", "commas": b"1, 2\n3, 4\n", "semicolons": b"1;2;3",
    "tabs": b"1\t2\n3\t4\n", "crlf": b"1 2\r\n3 4\r\n", "cr": b"1\r2\r", "bom": b"\xef\xbb\xbf1 2\n", "comment": b"# c\n\n1 # d\n",
    "geometry": b"# tconv: stride=2,2 padding=1 ndim=2\n1 2\n3 4\n",
    "all_keys": b"# tconv: stride=2 pads=1,0 output_padding=1 dilation=2 groups=1 ndim=1\n1 2 3\n",
    "decimal_comma": b"1,5 2,5\n", "lone_decimal_comma": b"-0,5\n1,05\n", "empty_field": b"1,,2", "nan": b"1 nan", "large": b"1e400",
    "hexadecimal": b"0x1p3", "minus": b"\xe2\x88\x925", "zero_byte": b"1\x002", "ragged": b"1 2\n3\n", "empty": b"",
    "long_number": b"0." + b"1" * 40 + b"e-10", "subnormal": b"4.9e-324 1e-400",
}
arrays = {
    "f8": npy("<f8", "(1,)", bytes(8)), "f8_rank0": npy("<f8", "()", bytes(8)), "f4_big": npy(">f4", "(2,)", bytes(8)),
    "f2": npy("<f2", "(2, 2)", bytes(range(8))), "i1": npy("|i1", "(3,)", b"\x01\xff\x80"), "u8": npy("=u8", "(1,)", b"\xff" * 8),
    "i2_fortran": npy("<i2", "(2, 3)", bytes(12), "True"), "rank3": npy("|u1", "(2, 1, 3)", bytes(range(6)), "True", 2),
    "version3": npy("<f4", "(1, 1, 2, 2)", bytes(16), version=3), "empty": npy("<f8", "(0,)", b""), "object": npy("|O", "(1,)", b""),
    "short": npy("<f8", "(2,)", bytes(8)), "many": npy("<f8", "(4294967296, 4294967296)", b""), "rank8": npy("|u1", "(1,1,1,1,1,1,1,2)", bytes(2)),
    "rank9": npy("|u1", "(1,1,1,1,1,1,1,1,1)", b"\0"), "nan": npy("<f4", "(1,)", b"\0\0\xc0\x7f"), "structure": npy("<i4", "(1,)", bytes(4)).replace(b"'<i4'", b"[()]  "[:5]),
}
for number, data in enumerate((
        b"x", b"1e", b"1e+", b"-", b"infinity", b"1 2.5 3,5", b"1,2 3", b"1, 2 3,4", b"1,", b",1", b"1;;2", b"1\n\n\n2\n", b"\xef\xbb\xbf",
        b"# only\n", b"# tconv: stride\n1", b"# tconv: =2\n1", b"# tconv: stride=0\n1", b"# tconv: stride=x\n1", b"# tconv: stride=2,2,2,2\n1",
        b"# tconv: stride=2 stride=2\n1", b"# tconv: ndim=9 \n1", b"# tconv: groups=2\n1 2", b"# tconv: kernel=2\n1", b"\xe2\x80\x935",
        b"# tconv: stride=99999999999999999999\n1", b"# tconv: padding=-1\n1", b"# tconv: " + b"a" * 140, b"1" * 70 + b"x" * 40,
        b"1 " * 70, b"0." + b"0" * 30 + b"1", b"1e99999999999999999999", b"\xc3\xa4" * 20, b"-0X1", b"-1,5e2;3", b"0,5\n0,25\n", b"1e5.",
        b"9" * 820 + b".5", b"1." + b"0" * 820 + b"1e-5")):
    text["more_%02d" % number] = data
for number, header in enumerate((
        b"", b"{", b"{}", b"[", b"{'descr'", b"{'descr", b"{'descr':", b"{'descr': 8", b"{'descr': '<f8'", b"{'descr': '<f8',}", b"{'a\\\\b': 1}",
        b"{'descr': '<f8', 'descr': '<f8'}", b"{'other': 1}", b"{'fortran_order': 0}", b"{'shape': 3}", b"{'shape': (3)}", b"{'shape': (3 4)}",
        b"{'shape': (-3,)}", b"{'shape': (99999999999999999999,)}", b"{'shape': (3L,)}", b"{'descr': '|f8'}", b"{'descr': '<c8'}", b"{'descr': '|S3'}",
        b"{'descr': '<M8'}", b"{'descr': '|V1'}", b"{'descr': '|b1'}", b"{'descr': '<f3'}", b"{'descr': [('a', 'b')]}",
        b"{'descr': '<f8', 'fortran_order': False, 'shape': ()} x", b"{\"descr\": \"<f8\"}")):
    arrays["header_%02d" % number] = b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + bytes(8)
arrays.update({
    "version_4": b"\x93NUMPY\4\0\0\0\0\0", "cut_magic": b"\x93NUM", "cut_version": b"\x93NUMPY\1", "cut_length": b"\x93NUMPY\2\0\0\0\0",
    "long_header": b"\x93NUMPY\2\0\1\0\1\0", "cut_header": b"\x93NUMPY\1\0\xff\0{}", "inexact": npy("<i8", "(2,)", bytes(8) + b"\1" + bytes(5) + b"\x20\0", "True"),
    "fortran_f4": npy("<f4", "(2, 2, 1)", bytes(16), "True"), "i8": npy(">i8", "(2,)", b"\xff" * 16), "rank2_f8": npy("<f8", "(2, 2)", bytes(32)),
    "inf": npy("<f8", "(1,)", bytes(6) + b"\xf0\x7f"), "minus_inf": npy("<f8", "(1,)", bytes(6) + b"\xf0\xff"),
})
for name, data in text.items():
    write("text", name, data)
    write("kernel_file", "text_" + name, bytes([4]) + data)
for name, data in arrays.items():
    write("npy", name, data)
    write("kernel_file", "npy_" + name, bytes([4]) + data)
for option in (0, 1, 2, 3, 12, 20, 36, 52, 68, 132, 148):
    write("kernel_file", "option_%d" % option, bytes([option]) + b"# tconv: padding=1\n1 2\n3 4\n")
    write("kernel_file", "array_%d" % option, bytes([option]) + npy("|i1", "(2, 2, 3)", bytes(range(12))))
others = {
    "zip": b"PK\3\4" + bytes(26), "safetensors": struct.pack("<Q", 2) + b"{}", "onnx": b"\x08\x07\x12\x07pytorch", "tflite": bytes(4) + b"TFL3",
    "pickle": b"\x80\x02}q\0.", "wav": b"RIFF$\0\0\0WAVE", "png": b"\x89PNG\r\n\x1a\n", "gzip": b"\x1f\x8b\x08", "hdf5": b"\x89HDF\r\n\x1a\n",
}
for name, data in others.items():
    write("kernel_file", name, bytes([4]) + data)
configurations = {
    "top": b'{"upsample_rates":[8,2],"upsample_kernel_sizes":[16,4],"sampling_rate":22050,"hop_size":256}',
    "nested": b'{"data":{"sampling_rate":4e4,"hop_length":40},"model":{"upsample_rates":[10],"upsample_kernel_sizes":[16]}}',
    "bom": b'\xef\xbb\xbf{"upsample_rates":[2],"upsample_kernel_sizes":[2]}', "lengths": b'{"upsample_rates":[2],"upsample_kernel_sizes":[2,2]}',
    "twice": b'{"upsample_rates":[2],"a":{"upsample_rates":[2]},"upsample_kernel_sizes":[2]}', "list": b"[1]", "empty": b"", "object": b"{}",
    "small_kernel": b'{"upsample_rates":[8],"upsample_kernel_sizes":[4]}', "escape": b'{"upsample\\u005frates":1,"upsample_kernel_sizes":[4]}',
    "wrong_type": b'{"a":"\\"{",\n"upsample_rates":"8","upsample_kernel_sizes":[4]}', "cut": b'{"upsample_rates":[8',
    "huge": b'{"upsample_rates":[65536,65536],"upsample_kernel_sizes":[65536,65536]}',
}
for name, data in configurations.items():
    write("vocoder_config", name, data)
