"""check_compare_json.py FILE [NEAREST]: the keys of the contract, and figures that agree with one another."""
import json
import math
import sys

TOP = ["tool", "version", "input", "kernel", "comparisons", "nearest_reference", "wiener_loss_db", "psd",
       "wiener_loss_white_db", "wiener_loss_brown_db"]
ENTRY = ["reference", "gain", "delay", "nmse", "nmse_db", "figures", "branches", "alias_of"]


def refuse_constant(name):
    raise ValueError(name + " is not JSON")


document = json.loads(open(sys.argv[1]).read(), parse_constant=refuse_constant)
assert list(document) == TOP, list(document)
assert document["tool"] == "polyphase-compare" and list(document["input"]) == ["file", "format"]
entries = document["comparisons"]
axes = document["kernel"]["geometry"]["ndim"]
phases = math.prod(document["kernel"]["geometry"]["stride"])
assert entries and len(document["kernel"]["branches"]) == phases
for entry in entries:
    assert list(entry) == ENTRY, list(entry)
    assert entry["figures"].keys() == document["kernel"]["figures"].keys()
    assert isinstance(entry["delay"], float) if axes == 1 else len(entry["delay"]) == axes
    assert len(entry["branches"]) == phases and 0.0 <= entry["nmse"] <= 1.0
    if entry["nmse"] > 0.0:
        assert abs(entry["nmse_db"] - 10.0 * math.log10(entry["nmse"])) < 1e-9
    else:
        assert entry["nmse_db"] == "-inf"
by_name = {entry["reference"]: entry for entry in entries}
nearest = by_name[document["nearest_reference"]]
assert nearest["alias_of"] is None
assert nearest["nmse"] <= min(entry["nmse"] for entry in entries) + 1e-15
assert (document["wiener_loss_db"] is None) == (axes > 1)
if len(sys.argv) > 2:
    assert document["nearest_reference"] == sys.argv[2], document["nearest_reference"]
    assert nearest["nmse"] < 1e-12
