"""check_geometry_json.py FILE: the keys of the contract, and figures that agree with one another and with trial."""
import json
import sys

TOP = ["tool", "version", "input", "layers", "sizes", "dialects", "candidates", "stack"]
LAYER = ["name", "operator", "role", "shape", "geometry", "coverage", "all_ones_index_db"]
GEOMETRY = ["ndim", "channels_in", "channels_out", "groups", "kernel", "stride", "dilation", "padding_begin", "padding_end",
            "output_padding", "effective_kernel", "correlation_padding", "input_size", "output_size", "output_formula",
            "receptive_field_offset", "pixel_offset", "centroid_offset", "gap", "connected"]
SIZES = ["layer", "axis", "formula", "first_valid_formula", "valid_count", "first_valid", "last_valid", "surplus",
         "repair_output_padding", "grid_distance", "even_coverage"]
CANDIDATE = ["k", "s", "p", "o", "d", "variance", "pixel_offset", "gap"]
STACK = ["input_rate_hz", "output_rate_hz", "output_sizes", "surplus", "pixel_offset", "equivalent", "stages"]


def refuse_constant(name):
    raise ValueError(name + " is not JSON")


def size(geometry, axis, n):
    """M of a layer for n inputs, by its definition."""
    return (geometry["stride"][axis] * (n - 1) + geometry["effective_kernel"][axis] - geometry["padding_begin"][axis]
            - geometry["padding_end"][axis] + geometry["output_padding"][axis])


document = json.loads(open(sys.argv[1]).read(), parse_constant=refuse_constant)
assert list(document) == TOP, list(document)
assert document["tool"] == "polyphase-geometry" and list(document["input"]) == ["file", "format"]
for layer in document["layers"]:
    g = layer["geometry"]
    assert list(layer) == LAYER and list(g) == GEOMETRY, (list(layer), list(g))
    assert g["channels_in"] is None and g["centroid_offset"] is None
    if g["input_size"] is not None:
        assert g["output_size"] == [size(g, i, n) for i, n in enumerate(g["input_size"])]
for one in document["sizes"]:
    g, axis = document["layers"][one["layer"]]["geometry"], one["axis"]
    assert list(one) == SIZES, list(one)
    assert one["surplus"] == size(g, axis, 100) - 100 * g["stride"][axis]
    if one["repair_output_padding"] is not None:
        assert size(g, axis, 100) - g["output_padding"][axis] + one["repair_output_padding"] == 100 * g["stride"][axis]
for one in document["dialects"]:
    g = document["layers"][one["layer"]]["geometry"]
    if one["pytorch"] is not None:
        for i, (p, o) in enumerate(zip(one["pytorch"]["padding"], one["pytorch"]["output_padding"])):
            assert p == g["padding_begin"][i] and 0 <= o < max(g["stride"][i], g["dilation"][i])
            assert g["stride"][i] * 99 + g["effective_kernel"][i] - 2 * p + o == size(g, i, 100)
for search in document["candidates"]:
    n, m = search["input_size"], search["output_size"]
    keys = []
    for c in search["layers"]:
        assert list(c) == CANDIDATE, list(c)
        assert c["s"] * (n - 1) + c["d"] * (c["k"] - 1) + 1 - 2 * c["p"] + c["o"] == m and 0 <= c["o"] < c["s"]
        keys.append((c["variance"] != 0, abs(c["pixel_offset"]), c["o"] != 0, c["k"]))
    assert keys == sorted(keys) and len(keys) <= search["total"]
if document["stack"] is not None:
    stack = document["stack"]
    assert list(stack) == STACK, list(stack)
    e, n = stack["equivalent"], 1000
    for layer in document["layers"]:
        n = size(layer["geometry"], 0, n)
    assert n == size(e, 0, 1000) == 1000 * e["stride"][0] + stack["surplus"]
