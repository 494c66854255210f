"""make_npz.py FILE NAME N..: a .npz with one float32 array of that name and shape, values 1, 2, 3 .. divided by their number."""
import io
import struct
import sys
import zipfile

shape = [int(n) for n in sys.argv[3:]]
count = 1
for n in shape:
    count *= n
header = "{'descr': '<f4', 'fortran_order': False, 'shape': (%s,), }" % ", ".join(map(str, shape))
header += " " * (-(len(header) + 11) % 64) + "\n"
array = io.BytesIO()
array.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
array.write(struct.pack("<%df" % count, *[(i + 1) / count for i in range(count)]))
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr(sys.argv[2] + ".npy", array.getvalue())
