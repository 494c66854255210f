"""check_readme.py README BUILD: what the README shows is what happens.

Every `$ command` of the console blocks prints what stands below it (a block may end early: what it shows must be how the
output begins; blanks at the ends of lines do not count). The C program is compiled and prints the figures of its comments; C
that is a file of the project is that file. Every line of the gallery makes its picture. The figures of the accuracy table
hold. Every command is in the table of commands."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

readme, build = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
root = readme.parent
quick = bool(os.environ.get("TCONV_TEST_QUICK"))
environment = dict(os.environ, PATH="%s:%s" % (build, os.environ["PATH"]))
text = readme.read_text()


def plain(shown):
    return "\n".join(line.rstrip() for line in shown.splitlines()).strip("\n")


ran = 0
for block in re.findall(r"```console\n(.*?)```", text, re.S):
    for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M):
        got = subprocess.run(command, shell=True, cwd=root, env=environment, capture_output=True, text=True)
        if got.returncode != 0 or not plain(got.stdout).startswith(plain(shown)):
            sys.exit("README: not as printed: %s\n%s\n%s" % (command, got.stdout, got.stderr))
        ran += 1
assert ran >= 4, "the README shows too little"

quoted = 0
for before, source in re.findall(r"([^\n]*)\n\n```c\n(.*?)```", text, re.S):
    file = re.search(r"\[(tests/examples/\w+\.c)\]", before)
    if file:
        assert source == (root / file.group(1)).read_text(), "the README's %s is not the file" % file.group(1)
        quoted += 1
        continue
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "example.c").write_text(source)
        subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-I", root / "lib", "example.c", build / "libtconv.so",
                        "-Wl,-rpath,%s" % build, "-o", "example"], check=True, cwd=folder)
        out = subprocess.check_output([folder + "/example"], text=True)
        for figure in re.findall(r"/\* ([0-9.]+) \*/", source):
            assert figure in out, out
assert quoted == len(list((root / "tests/examples").glob("*.c"))), "an example is not in the README"

gallery = re.sub(r"```.*?```", "", re.search(r"## Gallery\n(.*?)\n## ", text, re.S).group(1), flags=re.S)
lines = [re.split(r"  +", line.strip())[0] for line in re.findall(r"^    \S.*$", gallery, re.M)]
assert len(lines) >= 10
if not quick and subprocess.run(["sh", "-c", "command -v gnuplot"], capture_output=True).returncode == 0:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("tests", "plots"):
            os.symlink(root / name, os.path.join(folder, name))
        for line in lines:
            done = subprocess.run(line, shell=True, cwd=folder, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, "%s\n%s" % (line, done.stderr)
            made = pathlib.Path(folder, re.search(r"[\w-]+\.(svg|html)\b", line.replace("tests/", "")).group())
            assert made.stat().st_size > 1000 and made.read_text().rstrip().endswith(("</svg>", "</html>")), line
for picture in (root / "plots").glob("*.gp"):
    name = picture.stem
    assert name == "common" or any(name in line or (name == "sheet" and "analyze" in line) or (name == "response" and "-response" in line)
                                   for line in lines), "the gallery lacks " + name

for command in sorted(build.glob("polyphase-*")):
    assert re.search(r"^\| `%s\b" % command.name, text, re.M), "the table of commands lacks " + command.name

if (build / "accuracy").exists():
    promised = dict(re.findall(r"^\| ([^|`]+?) \| ([0-9.e-]+) \|", text, re.M))
    found = dict(re.findall(r"^(.{44}) +([0-9.e+-]+|inf|nan) ", subprocess.check_output([build / "accuracy"], text=True), re.M))
    found = {name.strip(): float(value) for name, value in found.items()}
    assert found.keys() == promised.keys(), found.keys() ^ promised.keys()
    for name, value in found.items():
        assert value <= float(promised[name]), "%s: %g, and the README says at most %s" % (name, value, promised[name])
timed = re.findall(r"^\| ([A-D]-[\w-]+) \|", text, re.M)
workloads = (root / "tests/bench/bench.c").read_text()
assert len(timed) >= 5 and all('"%s"' % name in workloads or name.startswith("A-") and "AUDIO(\"%s\"" % name in workloads for name in timed), timed
for target in re.findall(r"`make ([a-z]+)", text):
    assert re.search(r"^%s:" % target, (root / "Makefile").read_text() + (root / "scripts/install.mk").read_text(), re.M), "make " + target
for link in re.findall(r"\]\(([^)#:]+)\)", text):
    assert (root / link).exists(), link
