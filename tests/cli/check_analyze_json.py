"""check_analyze_json.py FILE [--model]: the document has exactly the keys of the contract, in their order, and values of their kind."""
import json
import sys

TOP = ["tool", "version", "input", "layers"]
LAYER = ["name", "weight", "operator", "role", "shape", "weight_norm_fused", "geometry", "coverage", "branches", "images",
         "figures", "verdict"]
GEOMETRY = ["ndim", "channels_in", "channels_out", "groups", "kernel", "stride", "dilation", "padding_begin", "padding_end",
            "output_padding", "effective_kernel", "correlation_padding", "input_size", "output_size", "output_formula",
            "receptive_field_offset", "pixel_offset", "centroid_offset", "gap", "connected"]
COVERAGE = ["shape", "counts", "mean", "variance"]
BRANCH = ["phase", "taps", "dc_gain", "energy", "delay", "magnitude_deviation_db", "delay_error", "first_output"]
IMAGE = ["m", "dc_db", "worst_db"]
FIGURES = ["dc_gain", "passband_gain_db", "checkerboard_index", "checkerboard_db", "peak_to_peak", "image_rejection_db",
           "droop_db", "baseband_energy", "total_energy", "image_energy_db", "branch_energy_variation", "passband_ripple_db",
           "stopband_attenuation_db", "cutoff_6db", "separability", "flat_input_index", "bias_spread"]
VERDICT = ["geometry", "kernel", "white_input", "flat_input", "reasons", "advice"]


def refuse_constant(name):
    raise ValueError(name + " is not JSON")


text = open(sys.argv[1]).read()
document = json.loads(text, parse_constant=refuse_constant)
assert list(document) == TOP, list(document)
assert document["tool"] == "polyphase-analyze" and list(document["input"]) == ["file", "format"]
for layer in document["layers"]:
    if "--model" in sys.argv:
        layer.pop("note", None)
        if "figures" not in layer:   # geometry alone: stride 1, role gradient, or no taps in the file
            assert [key for key in LAYER if key not in ("branches", "images", "figures")] == list(layer), list(layer)
            continue
    assert list(layer) == LAYER, list(layer)
    assert list(layer["geometry"]) == GEOMETRY, list(layer["geometry"])
    assert list(layer["coverage"]) == COVERAGE
    assert list(layer["figures"]) == FIGURES, list(layer["figures"])
    assert list(layer["verdict"]) == VERDICT
    ndim, phases = layer["geometry"]["ndim"], len(layer["branches"])
    assert len(layer["images"]) == phases - 1 and len(layer["coverage"]["counts"]) == phases
    assert all(list(branch) == BRANCH and len(branch["phase"]) == ndim for branch in layer["branches"])
    assert all(list(image) == IMAGE and len(image["m"]) == ndim for image in layer["images"])
    assert list(layer["figures"]["image_rejection_db"]) == ["0.5", "0.8"] == list(layer["figures"]["droop_db"])
    single = layer["geometry"]["channels_in"] * layer["geometry"]["channels_out"] == 1
    assert not single or isinstance(layer["figures"]["droop_db"]["0.8"], float if ndim == 1 else list)
    if layer["shape"] == [3] and layer["geometry"]["stride"] == [2]:
        assert abs(layer["figures"]["checkerboard_index"] - 1 / 3) < 1e-15
        assert layer["coverage"]["counts"] == [2, 1]
