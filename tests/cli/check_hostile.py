"""check_hostile.py COMMAND FOLDER: run COMMAND on every file that make_hostile.py made: exit 3, one line on standard error that begins
with the command's name and holds the file's, nothing on standard output, within 10 s and an address space of 1 GiB.
With TCONV_TEST_QUICK every fourth file."""
import os
import resource
import subprocess
import sys

command, folder = sys.argv[1:3]
failures = []


resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))      # handed down to the command
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
count = {}
for kind in sorted(name for name in os.listdir(folder) if os.path.isdir(os.path.join(folder, name))):
    names = sorted(os.listdir(os.path.join(folder, kind)))
    options = ["--max-bytes", "64M"] + (["--external-data"] if kind == "onnx" else [])
    if kind not in ("onnx", "tflite"):
        options += ["--layer", "*:s=2"]
    for name in names[::4 if os.environ.get("TCONV_TEST_QUICK") else 1]:
        path = os.path.join(folder, kind, name)
        if not os.path.isfile(path) or name == "w.bin" or os.path.islink(path):
            continue
        run = subprocess.run([command, path] + options, capture_output=True, timeout=10, close_fds=False)
        lines = run.stderr.split(b"\n")
        if run.returncode != 3 or len(lines) != 2 or not lines[0].startswith(b"polyphase-") or name.encode() not in lines[0] or run.stdout:
            failures.append("%s: exit %d: %r" % (path, run.returncode, run.stderr[:200]))
    format_name = kind.split("-")[0]
    count[format_name] = count.get(format_name, 1) + sum(not name.startswith("cut-") for name in names if os.path.isfile(os.path.join(folder, kind, name)))
for format_name, files in count.items():
    print(format_name, files, "hostile files")          # its beginnings count as one
    if files < 40:
        failures.append("%s: %d files" % (format_name, files))
print("\n".join(failures))
sys.exit(1 if failures else 0)
