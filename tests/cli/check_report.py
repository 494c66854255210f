"""check_report.py PAGE JSON: the page is well formed, asks for nothing, runs nothing, and its figures are those of the document."""
from html.parser import HTMLParser
import json
import re
import sys

text = open(sys.argv[1], encoding="utf-8").read()
VOID = {"meta", "br"}
stack, ids, links, tables, cells = [], [], [], [], None


class Page(HTMLParser):
    def handle_starttag(self, tag, attributes):
        assert tag not in ("script", "img", "link", "iframe", "object", "embed", "base", "form", "image", "use", "foreignobject"), tag
        for name, value in attributes:
            assert not name.startswith("on"), name
            assert name not in ("src", "srcset", "xlink:href", "action"), name
            if name == "href":
                assert value.startswith("#"), value
                links.append(value[1:])
            if name in ("x", "y", "width", "height", "x1", "y1", "x2", "y2", "cx", "cy"):
                float(value)
                assert "n" not in value, value
            if name == "d":
                assert re.fullmatch(r"([ML][-0-9.]+ [-0-9.]+)*|M58 12V218H630", value), value[:80]
            if name == "id":
                ids.append(value)
        if tag == "table":
            tables.append([])
        if tag == "tr":
            tables[-1].append([])
        if tag in ("td", "th"):
            tables[-1][-1].append("")
        if tag not in VOID:
            stack.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            stack.pop()

    def handle_endtag(self, tag):
        assert stack.pop() == tag, (tag, self.getpos())

    def handle_data(self, data):
        if "td" in stack or "th" in stack:
            tables[-1][-1][-1] += data


reader = Page()
reader.feed(text)
reader.close()
assert stack == [], stack
assert len(ids) == len(set(ids)) and set(links) <= set(ids) and "glossary" in ids
assert "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"" in text
assert not re.search(r"url\(|@import|http://|https://", text)
assert not re.search(r"&(?!(amp|lt|gt|quot|#39);)", text)
assert "prefers-color-scheme:dark" in text and "@media print" in text
assert not re.search(r"\bnan\b|\(null\)", re.sub(r"<style>.*?</style>", "", text, flags=re.S))


def said(value, decimals):
    """A number as the page says it, None where it is written with an exponent."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if abs(value) >= 1e9 or (value != 0 and abs(value) < 0.5 * 10 ** -decimals):
        return None
    shown = "%.*f" % (decimals, value)
    return shown[1:] if shown.startswith("-") and float(shown) == 0 else shown


def agrees(cell, value, decimals):
    wanted = said(value, decimals)
    if wanted is None:
        assert abs(float(cell) - value) <= 0.06 * abs(value), (cell, value)
    elif isinstance(value, (int, float)):
        assert abs(float(cell) - float(wanted)) <= 1.01 * 10 ** -decimals, (cell, value)
    else:
        assert cell == wanted, (cell, value)


def agrees_db(cell, value):
    if cell != "below floor" and value is not None:
        cell = cell.removesuffix(" dB")
    if cell == "below floor":
        assert value < -312
    elif isinstance(value, (int, float)) and abs(value) < 0.05:
        assert cell == "0.0", (cell, value)
    else:
        agrees(cell, value, 1)


layers = json.load(open(sys.argv[2]))["layers"]
sections = re.findall(r'<section id="layer-(\d+)">(.*?)</section>', text, re.S)
assert len(sections) == len(layers)
assert ("overview" in ids) == (len(layers) > 1)
branch_tables = [t for t in tables if t[0][:1] == ["branch"]]
image_tables = [t for t in tables if t[0][:1] == ["image m"]]
axis_tables = [t for t in tables if t[0][:1] == ["axis"]]
assert len(axis_tables) == len(layers)
measured = [layer for layer in layers if layer.get("figures")]
assert len(branch_tables) == len(measured)
for layer, table in zip(layers, axis_tables):
    geometry = layer["geometry"]
    for axis, row in enumerate(table[1:]):
        agrees(row[2], geometry["pixel_offset"][axis], 3)
        agrees(row[3], geometry["receptive_field_offset"][axis], 3)
        agrees(row[4], geometry["padding_begin"][axis], 0)
        agrees(row[5], geometry["correlation_padding"][axis], 0)
        agrees(row[6], geometry["gap"][axis], 0)
for layer, table in zip(measured, branch_tables):
    assert len(table) - 1 == min(len(layer["branches"]), 64)
    for branch, row in zip(layer["branches"], table[1:]):
        agrees(row[1], branch["taps"], 0)
        agrees(row[2], branch["dc_gain"], 4)
        agrees(row[3], branch["energy"], 4)
for layer, table in zip([layer for layer in measured if layer["images"]], image_tables):
    assert len(table) - 1 == min(len(layer["images"]), 64)
    for image, row in zip(layer["images"], table[1:]):
        agrees_db(row[1], image["dc_db"])
        agrees_db(row[2], image["worst_db"])
for (number, section), layer in zip(sections, layers):
    for question, key in (("geometry", "geometry"), ("kernel", "kernel"), ("white input", "white_input"), ("flat input", "flat_input")):
        assert re.search(r">%s<b>%s</b>" % (question, layer["verdict"][key]), section), (question, layer["verdict"])
    if layer in measured and len(layer["branches"]) > 1:
        assert section.count("<svg") >= 3, "charts are missing"
print("%d layers, %d charts" % (len(layers), text.count("<svg")))
