"""check_readme.py README BUILD: run every `$ command` of the console blocks and compare what is printed; compile and run the
C example. A block may end early: what it shows must be how the output begins."""
import os
import re
import subprocess
import sys

readme, build = sys.argv[1], os.path.abspath(sys.argv[2])
root = os.path.dirname(os.path.abspath(readme))
environment = dict(os.environ, PATH=build + ":" + os.environ["PATH"])
text = open(readme).read()
ran = 0
for block in re.findall(r"```console\n(.*?)```", text, re.S):
    for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M):
        got = subprocess.run(command, shell=True, cwd=root, env=environment, capture_output=True, text=True)
        if got.returncode != 0 or not got.stdout.startswith(shown.rstrip("\n")):
            sys.exit("README: not as printed: %s\n%s\n%s" % (command, got.stdout, got.stderr))
        ran += 1
for source in re.findall(r"```c\n(.*?)```", text, re.S):
    open("example.c", "w").write(source)
    wanted = re.search(r"^LIB_PACKAGES := (.*)$", open(root + "/Makefile").read(), re.M).group(1)
    packages = subprocess.check_output("pkg-config --libs " + wanted, shell=True, text=True).split()
    subprocess.run(["cc", "-std=c11", "-I", root + "/lib", "example.c", build + "/libtconv.a", *packages, "-lpthread", "-lm",
                    "-o", "example"], check=True)
    out = subprocess.check_output("./example", text=True)
    for figure in re.findall(r"/\* ([0-9.]+) \*/", source):
        assert figure in out, out
    ran += 1
assert ran >= 4, "the README shows too little"
