"""check_lessons.py PAGE TEXT: the page of the lessons is well formed, stands alone, and holds what the text holds."""
from html.parser import HTMLParser
import re
import sys

page, plain = (open(name).read() for name in sys.argv[1:3])
VOID = {"meta", "br"}
stack, ids, links, blocks, figures = [], [], [], [], []


class Page(HTMLParser):
    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        assert tag not in ("script", "img", "link", "iframe", "object"), tag
        for name, value in attributes:
            assert not name.startswith("on"), name
            if name in ("href", "xlink:href"):
                assert value.startswith(("#", "data:image/png;base64,")), value
                links.extend([value[1:]] if value[0] == "#" else [])
            links.extend(re.findall(r"url\(#([^)]*)\)", value or ""))
        if "id" in names:
            ids.append(names["id"])
        if tag == "pre":
            blocks.append("")
        if tag == "svg":
            figures.append(names["viewbox"])
        if tag not in VOID:
            stack.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            stack.pop()

    def handle_endtag(self, tag):
        assert stack.pop() == tag, (tag, self.getpos())

    def handle_data(self, data):
        if "pre" in stack:
            blocks[-1] += data


reader = Page()
reader.feed(page)
reader.close()
assert stack == [], stack
assert "Content-Security-Policy" in page
assert len(ids) == len(set(ids)), "a name is used twice"
assert set(links) <= set(ids), set(links) - set(ids)
assert not re.search(r"url\((?!#)|@import|src=", page), "the page needs another file"
assert not re.search(r"&(?!(amp|lt|gt|quot|#x27|#39);)", page), "an ampersand is not escaped"
assert "\ufffd" not in page + plain and "{{" not in page + plain

# Every block of commands and output, read back from the page, stands in the text: nothing was lost by escaping.
lines = [line.strip() for line in plain.split("\n")]
joined = "\n".join(lines)
for block in blocks:
    assert "\n".join(line.strip() for line in block.split("\n")).rstrip() in joined, block
lessons = len(re.findall(r"<section", page))
assert lessons == len(re.findall(r"^\d+\. .*\n=+$", plain, re.M)) == 12
assert page.count("<details>") == len(re.findall(r"^Exercise \d+\.\d+\. ", plain, re.M)) == 3 * lessons
assert len(figures) in (0, plain.count("[picture]")), "some pictures are missing"
for section in page.split("<section")[1:]:
    assert section.count("<figure>") >= 1, "a lesson has no picture: " + section[:80]
print("%d lessons, %d blocks, %d pictures" % (lessons, len(blocks), len(figures)))
