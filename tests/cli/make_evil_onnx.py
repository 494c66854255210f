"""make_evil_onnx.py IN OUT: rename the node "out" of a model of tests/data to "<b>", a name of the same length."""
import sys

data = open(sys.argv[1], "rb").read()
assert b"\x1a\x03out" in data        # field 3 of NodeProto: its name
open(sys.argv[2], "wb").write(data.replace(b"\x1a\x03out", b"\x1a\x03<b>"))
