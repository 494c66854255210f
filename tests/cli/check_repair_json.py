"""check_repair_json.py FILE: the keys of the contract, and an index that a repair has taken away."""
import json
import sys

TOP = ["tool", "version", "input", "method", "output", "pairs", "relative_change", "largest_change", "shift", "before", "after"]
SIDE = ["geometry", "figures", "branches", "branch_gain_spread", "pairs_index"]


def refuse_constant(name):
    raise ValueError(name + " is not JSON")


document = json.loads(open(sys.argv[1]).read(), parse_constant=refuse_constant)
assert list(document) == TOP, list(document)
assert document["tool"] == "polyphase-repair" and list(document["input"]) == ["file", "format"]
before, after = document["before"], document["after"]
assert list(before) == SIDE and list(after) == SIDE
assert after["figures"]["checkerboard_index"] <= 1e-15 and after["pairs_index"] <= 1e-15
assert abs(after["figures"]["dc_gain"] - before["figures"]["dc_gain"]) <= 1e-14 * before["figures"]["dc_gain"]
if document["method"] == "project":
    assert after["geometry"] == {**before["geometry"], "centroid_offset": after["geometry"]["centroid_offset"]}
    assert document["relative_change"] >= 0.0
else:
    assert document["relative_change"] is None
