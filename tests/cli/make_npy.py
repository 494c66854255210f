"""make_npy.py FILE N..: a float32 .npy file of that shape with the values 1, 2, 3 .. divided by their number."""
import struct
import sys

shape = [int(n) for n in sys.argv[2:]]
count = 1
for n in shape:
    count *= n
header = "{'descr': '<f4', 'fortran_order': False, 'shape': (%s,), }" % ", ".join(map(str, shape))
header += " " * (-(len(header) + 11) % 64) + "\n"
with open(sys.argv[1], "wb") as out:
    out.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
    out.write(struct.pack("<%df" % count, *[(i + 1) / count for i in range(count)]))
