"""check_pages.py ROOT BUILD SHARE: what a command's --help lists is in its page and in its completions for bash, zsh and fish;
what its source takes is in its --help; what the pages hold is in no command's way: no option is invented."""
import pathlib
import re
import subprocess
import sys

root, build, share = (pathlib.Path(argument) for argument in sys.argv[1:])
OPTION = re.compile(r"(?<![\w-])--[a-z][A-Za-z0-9-]*")
commands = sorted(build.glob("polyphase-*"))
assert len(commands) >= 10, commands
shared = set(re.findall(r'\{ "([a-z-]+)", \w+_argument', (root / "apps/common/app.h").read_text()))
overview = (share / "man/man7/polyphase.7").read_text()
for command in commands:
    name = command.name
    text = subprocess.check_output([command, "--help"], text=True)
    # An option is listed on a line of its own, at its begin; one more hides in "(also --up)"
    listed = set()
    for line in text.splitlines():
        match = re.match(r"  +(-[a-zA-Z]\b|--)", line)
        if match:
            listed |= set(OPTION.findall(line[:30])) | set(re.findall(r"(?<!\S)-[a-zA-Z]\b", line[:30]))
        for also in re.findall(r"\(also (--[A-Za-z, -]+)\)", line):
            listed |= set(also.split(", "))
    assert len(listed) >= 6, (name, listed)
    source = root / "apps" / (name + ".c")
    if source.exists():
        taken = set(re.findall(r'\{ "([A-Za-z0-9-]+)",\s*\w+_argument', source.read_text()))
        if "APP_GEOMETRY_OPTIONS" in source.read_text():
            taken |= shared
        missing = {"--" + option for option in taken} - listed
        assert not missing, "%s --help does not list %s" % (name, missing)
    page = (share / "man/man1" / (name + ".1")).read_text().replace("\\-", "-")
    heads = re.findall(r"^\.TP\n(\\fB-.*)$", page, re.M)
    in_page = {option for head in heads for option in re.findall(r"\\fB(-{1,2}[A-Za-z0-9-]+)", head)}
    assert in_page == listed, (name, "page", in_page ^ listed)
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"):
        assert "\n.SH %s\n" % section in page, (name, section)
    assert (root / "scripts/install/man" / (name + ".txt")).exists(), "no prose for the page of " + name
    assert all(len(line) < 400 for line in page.splitlines())
    bash = (share / "bash-completion/completions" / name).read_text()
    offered = set(re.findall(r'\$current == -\*.*?compgen -W "([^"]*)"', bash, re.S)[0].split())
    assert offered == listed, (name, "bash", offered ^ listed)
    zsh = (share / "zsh/site-functions" / ("_" + name)).read_text()
    for option in listed:
        assert re.search(r"(?<![\w-])%s(?![\w-])" % re.escape(option), zsh), (name, "zsh", option)
    fish = (share / "fish/vendor_completions.d" / (name + ".fish")).read_text()
    offered = {"--" + option for option in re.findall(r" -l (\S+)", fish)} | {"-" + option for option in re.findall(r" -s (\S+)", fish)}
    assert offered == listed, (name, "fish", offered ^ listed)
    assert name.replace("-", "\\-") in overview, "polyphase(7) does not name " + name
print("%d commands" % len(commands))
