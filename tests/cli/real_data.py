"""real_data.py wav|plane|npz FILE OUT [MEMBER]: real data in a form that the commands read, by Python's own library.

wav: the samples as text. plane: the first plane of a little-endian float32 .npy file of rank 3, as rows of text.
npz: one member of an archive, as it is."""
import ast
import struct
import sys
import wave
import zipfile

kind, source, out = sys.argv[1:4]
if kind == "wav":
    with wave.open(source) as sound:
        assert sound.getsampwidth() == 2
        frames = sound.readframes(min(sound.getnframes(), 32000))
        samples = struct.unpack("<%dh" % (len(frames) // 2), frames)[:: sound.getnchannels()]
    with open(out, "w") as text:
        text.write("\n".join("%.9g" % (s / 32768) for s in samples) + "\n")
elif kind == "plane":
    data = open(source, "rb").read()
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10:10 + length].decode())
    assert header["descr"] == "<f4" and not header["fortran_order"]
    rows, columns = header["shape"][1:]
    values = struct.unpack_from("<%df" % (rows * columns), data, 10 + length)
    with open(out, "w") as text:
        for r in range(rows):
            text.write(" ".join("%.9g" % v for v in values[r * columns:(r + 1) * columns]) + "\n")
else:
    with zipfile.ZipFile(source) as archive, open(out, "wb") as member:
        member.write(archive.read(sys.argv[4]))
