"""check_width.py WIDTH[,WIDTH..] PAGE..: laid out by chromium in a frame of WIDTH pixels, is no page wider than that, and no
picture in it of no size? What scrolls within a box of its own is no wider."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

widths = sys.argv[1].split(",")
SCRIPT = """
const measure = f => { const d = f.contentDocument, r = d.documentElement;
    for (const x of d.querySelectorAll('details')) x.open = true;
    const all = [...d.querySelectorAll('svg')], flat = all.filter(s => s.getBoundingClientRect().height < 10).length;
    const past = [...d.querySelectorAll('p,h1,h2,h3,li,table,pre,svg,dd,td,figcaption')].filter(e => {
        if (e.getBoundingClientRect().right <= r.clientWidth + 1) return false;
        for (let a = e; a; a = a.parentElement) if (/auto|scroll/.test(f.contentWindow.getComputedStyle(a).overflowX)) return false;
        return true; }).length;
    return ['measured', f.title, r.scrollWidth, r.clientWidth, past, flat, all.length].join(' '); };
onload = () => { o.textContent = [...document.querySelectorAll('iframe')].map(measure).join('\\n'); };
"""
with tempfile.TemporaryDirectory() as folder:
    frame = pathlib.Path(folder, "frame.html")
    frames = ['<iframe title="%d" width=%s height=900 src="%s"></iframe>' % (number, width, pathlib.Path(page).resolve().as_uri())
              for number, page in enumerate(sys.argv[2:]) for width in widths]
    frame.write_text("<!DOCTYPE html><body><pre id=o></pre>%s<script>%s</script></body>" % ("".join(frames), SCRIPT))
    dom = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                          "--disable-background-networking", "--disable-component-update", "--disable-sync",
                          "--allow-file-access-from-files", "--user-data-dir=" + os.path.join(folder, "profile"),
                          "--virtual-time-budget=30000", "--window-size=1400,1000", "--dump-dom", frame.as_uri()],
                         capture_output=True, text=True, timeout=180).stdout
found = [tuple(map(int, words)) for words in re.findall(r"measured (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)", dom)]
assert len(found) == len(frames), "chromium laid out %d of %d pages" % (len(found), len(frames))
for number, scroll, client, past, flat, pictures in found:
    page = sys.argv[2 + number]
    print("%s: %d of %d pixels, %d pictures" % (page, scroll, client, pictures))
    assert scroll <= client and past == 0, "%s: %d pixels wide where there are %d; %d elements stand out" % (page, scroll, client, past)
    assert flat == 0, "%s: %d pictures have no height" % (page, flat)
