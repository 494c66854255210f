"""check_picture.py FILE..: is each a whole picture? PNG: signature, every chunk's length and checksum, IEND at the end, some
variety of bytes. SVG: parses as XML, has a path and text. PDF: first and last line. Prints what is wrong; exit 1."""
import struct
import sys
import xml.etree.ElementTree as tree
import zlib

for name in sys.argv[1:]:
    data = open(name, "rb").read()
    if name.endswith(".png"):
        assert data[:8] == b"\x89PNG\r\n\x1a\n", name
        at, kinds, pixels = 8, [], b""
        while at < len(data):
            length, kind = struct.unpack(">I4s", data[at:at + 8])
            body = data[at + 8:at + 8 + length]
            assert zlib.crc32(kind + body) == struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0], name
            pixels += body if kind == b"IDAT" else b""
            kinds.append(kind)
            at += 12 + length
        assert kinds[0] == b"IHDR" and kinds[-1] == b"IEND", name
        assert len(set(zlib.decompress(pixels))) > 16, name + " is blank"
    elif name.endswith(".svg"):
        root = tree.fromstring(data)
        tags = {element.tag.split("}")[-1] for element in root.iter()}
        assert root.tag.endswith("svg") and "path" in tags and "text" in tags, name
    else:
        assert data[:5] == b"%PDF-" and data.rstrip().endswith(b"%%EOF"), name
