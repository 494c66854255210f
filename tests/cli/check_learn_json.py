"""check_learn_json.py FILE[=TOLERANCE]..: the keys of the contract, and figures that agree; with a tolerance, a loss that is at
most so much above the least that the taps can reach, as a share of it. Says which file fails, and why."""
import json
import math
import sys

TOP = ["tool", "version", "input", "signal", "geometry", "learning", "kernels", "figures", "branches", "nearest_reference",
       "nearest_gain", "nearest_delay", "nearest_nmse_db"]
SIGNAL = ["size", "rate", "channel", "train", "test", "downsampling"]
LEARNING = ["optimizer", "init", "separable", "epochs", "rate", "loss_before", "loss", "least_loss"]
KERNEL = ["name", "train_loss", "test_loss", "train_error_db", "test_error_db"]


def refuse_constant(name):
    raise ValueError(name + " is not JSON")


def check(name, tolerance):
    document = json.loads(open(name).read(), parse_constant=refuse_constant)
    assert list(document) == TOP, list(document)
    assert document["tool"] == "polyphase-learn" and list(document["input"]) == ["file", "format"]
    assert list(document["signal"]) == SIGNAL and list(document["learning"]) == LEARNING
    course, kernels = document["learning"], document["kernels"]
    assert all(list(kernel) == KERNEL for kernel in kernels)
    names = [kernel["name"] for kernel in kernels]
    assert names[0] == "learned" and names[-3:] == ["wiener", "sinc", "linear"]
    assert ("exact" in names) == (course["optimizer"] != "exact")
    # the loss by the running sums of the course and by the sums as they stand
    assert math.isclose(kernels[0]["train_loss"], course["loss"], rel_tol=1e-6, abs_tol=1e-12)
    tested = [kernel["test_loss"] is not None for kernel in kernels]
    assert tested == [document["signal"]["test"] is not None] * len(kernels)
    for kernel in kernels:
        assert kernel["train_loss"] >= course["least_loss"] * (1 - 1e-9) - 1e-12, kernel
    if tolerance:
        assert course["loss"] <= course["least_loss"] * (1 + float(tolerance)), (course["loss"], course["least_loss"])


assert len(sys.argv) > 1
for argument in sys.argv[1:]:
    file, _, share = argument.partition("=")
    try:
        check(file, share)
    except Exception as problem:
        sys.exit("%s: %r" % (argument, problem))
