"""check_exports.py INCLUDE LIBRARY: the table of the library holds every function that a public header declares with TCONV_API, and no
other name."""
import pathlib
import re
import subprocess
import sys

exported = {line.split()[-1].split("@")[0] for line in subprocess.check_output(["nm", "-D", "--defined-only", sys.argv[2]], text=True).splitlines()}
declared = set()
for header in pathlib.Path(sys.argv[1]).rglob("*.h"):
    text = re.sub(r"/\*.*?\*/", "", re.sub(r"#define.*", "", header.read_text()), flags=re.S)
    for statement in re.findall(r"TCONV_API[^;]*;", text):
        name = re.search(r"\b(tconv_\w+)\s*(\(|\[|;)", statement)
        assert name, (header, statement)
        declared.add(name.group(1))
assert len(declared) > 150, len(declared)
missing = declared - exported
assert not missing, missing
extra = {name for name in exported - declared if not re.fullmatch(r"TCONV_\d+", name)}      # but for the version's own
assert not extra, extra
