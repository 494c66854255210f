#!/usr/bin/env python3
"""Small model files written by the programs that own the formats (torch.save, numpy.savez, onnx), with a sum of every tensor.

    make_files.py            writes the files beside this script, and sums.json

Values are (7 i mod 23 - 11) / 8, exact in every float type used. Debian: python3-torch python3-numpy python3-onnx.
"""
import json
import os
import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

here = os.path.dirname(os.path.abspath(__file__))
sums = {}


def values(*shape, kind=numpy.float32):
    n = int(numpy.prod(shape)) if shape else 1
    return (((7 * numpy.arange(n)) % 23 - 11) / 8).astype(kind).reshape(shape)


def note(name, tensors):
    """sum and position-weighted sum, in double: what an independent reader must find."""
    sums[name] = {key: {"shape": list(t.shape), "sum": float(t.sum(dtype=numpy.float64)) if t.size else 0.0,
                        "weighted": float((t.astype(numpy.float64).ravel() * (numpy.arange(t.size) % 97 + 1)).sum())}
                  for key, t in tensors.items()}


def torch_tensors():
    base = torch.tensor(values(4, 3, 2, 2))
    weights = {
        "plain": base,
        "transposed": base.permute(1, 0, 3, 2),          # strides that are not those of C order
        "part": base[1:3, :, 1],                          # an offset, and the same storage
        "half": torch.tensor(values(2, 5, 3)).half(),
        "brain": torch.tensor(values(3, 1, 4)).bfloat16(),
        "double": torch.tensor(values(2, 2)).double(),
        "whole": torch.arange(-5, 5, dtype=torch.int64),
        "small": torch.tensor([-128, 0, 127], dtype=torch.int8),
        "truth": torch.tensor([True, False, True]),
        "scalar": torch.tensor(1.5),
        "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(torch.tensor(values(2, 1, 3))),
    }
    return weights


def flatten(prefix, value, out):
    if isinstance(value, torch.Tensor):
        out[prefix] = value.detach().double().numpy()
    elif isinstance(value, dict):
        for key, item in value.items():
            flatten(f"{prefix}.{key}" if prefix else str(key), item, out)
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            flatten(f"{prefix}.{i}" if prefix else str(i), item, out)


def save_torch(name, value, **options):
    torch.save(value, os.path.join(here, name), **options)
    out = {}
    flatten("", value, out)
    note(name, out)


save_torch("zip.pt", torch_tensors())
save_torch("stream.pt", torch_tensors(), _use_new_zipfile_serialization=False)
save_torch("protocol4.pt", torch_tensors(), pickle_protocol=4)

torch.manual_seed(1)
layer = torch.nn.utils.weight_norm(torch.nn.ConvTranspose1d(2, 3, 4, 2, 1))
with torch.no_grad():
    layer.weight_v.copy_(torch.tensor(values(2, 3, 4)))
    layer.weight_g.copy_(torch.tensor([[[2.0]], [[0.5]]]))
optimizer = torch.optim.Adam(layer.parameters())
layer(torch.ones(1, 2, 5)).sum().backward()
optimizer.step()
with torch.no_grad():
    layer.weight_v.copy_(torch.tensor(values(2, 3, 4)))
    layer.weight_g.copy_(torch.tensor([[[2.0]], [[0.5]]]))
save_torch("nested.tar", {"epoch": 3, "loss": 0.25, "note": "text", "state_dict": layer.state_dict(),
                          "optimizer": optimizer.state_dict(), "history": [torch.ones(1), None]})
v = values(2, 3, 4).astype(numpy.float64)
g = numpy.array([2.0, 0.5]).reshape(2, 1, 1)
fused = g * v / numpy.sqrt((v * v).sum(axis=(1, 2), keepdims=True))
sums["nested.tar"]["state_dict.weight"] = {"shape": [2, 3, 4], "sum": float(fused.sum()),
                                           "weighted": float((fused.ravel() * (numpy.arange(24) % 97 + 1)).sum())}

arrays = {"c": values(2, 3, 4), "fortran": numpy.asfortranarray(values(3, 4, 2, kind=numpy.float64)),
          "big": values(2, 2).astype(">f4"), "half": values(5).astype(numpy.float16), "whole": numpy.arange(6, dtype=numpy.uint8),
          "scalar": numpy.float64(2.5), "empty": numpy.zeros((0, 2), numpy.float32), "up/W": values(2, 2, 4, 4),
          "up/b": values(2)}
numpy.savez(os.path.join(here, "plain.npz"), **arrays)
note("plain.npz", {k: numpy.asarray(a) for k, a in arrays.items()})
numpy.savez_compressed(os.path.join(here, "packed.npz"), **arrays)
note("packed.npz", {k: numpy.asarray(a) for k, a in arrays.items()})

layers = {}


def graph(name, nodes, initializers, inputs, outputs, opset=13):
    g = helper.make_graph(nodes, name, inputs, outputs, initializers)
    model = helper.make_model(g, opset_imports=[helper.make_opsetid("", opset)], producer_name="tconv tests")
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, os.path.join(here, name))
    note(name, {i.name: numpy_helper.to_array(i).astype(numpy.float64) for i in initializers})


def image(name, *shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


graph("shuffle.onnx",
      [helper.make_node("Conv", ["x", "w", "b"], ["c"], name="conv", pads=[1, 1, 1, 1]),
       helper.make_node("Relu", ["c"], ["r"]),
       helper.make_node("DepthToSpace", ["r"], ["y"], name="shuffle", blocksize=2, mode="CRD")],
      [numpy_helper.from_array(values(8, 2, 3, 3), "w"), numpy_helper.from_array(values(8), "b")],
      [image("x", 1, 2, 5, 5)], [image("y", 1, 2, 10, 10)])
graph("spelt_out.onnx",
      [helper.make_node("Conv", ["x", "w"], ["c"], name="conv", pads=[1, 1, 1, 1]),
       helper.make_node("Reshape", ["c", "to6"], ["six"]),
       helper.make_node("Transpose", ["six"], ["turned"], perm=[0, 1, 4, 2, 5, 3]),
       helper.make_node("Reshape", ["turned", "to4"], ["y"], name="shuffle")],
      [numpy_helper.from_array(values(8, 2, 3, 3), "w"),
       numpy_helper.from_array(numpy.array([1, 2, 2, 2, 5, 5], numpy.int64), "to6"),
       numpy_helper.from_array(numpy.array([1, 2, 10, 10], numpy.int64), "to4")],
      [image("x", 1, 2, 5, 5)], [image("y", 1, 2, 10, 10)])
graph("resize.onnx",
      [helper.make_node("Resize", ["x", "", "scales"], ["u"], mode="nearest", coordinate_transformation_mode="asymmetric",
                        nearest_mode="floor"),
       helper.make_node("Pad", ["u", "pads"], ["p"], mode="reflect"),
       helper.make_node("Conv", ["p", "w"], ["y"], name="conv")],
      [numpy_helper.from_array(values(3, 2, 3, 3), "w"),
       numpy_helper.from_array(numpy.array([1, 1, 2, 3], numpy.float32), "scales"),
       numpy_helper.from_array(numpy.array([0, 0, 1, 1, 0, 0, 1, 1], numpy.int64), "pads")],
      [image("x", 1, 2, 5, 5)], [image("y", 1, 3, 10, 15)])
graph("depth_first.onnx",
      [helper.make_node("Conv", ["x", "w"], ["c"], name="conv", pads=[1, 1, 1, 1]),
       helper.make_node("DepthToSpace", ["c"], ["y"], name="shuffle", blocksize=2)],
      [numpy_helper.from_array(values(8, 2, 3, 3), "w")], [image("x", 1, 2, 5, 5)], [image("y", 1, 2, 10, 10)])
graph("linear.onnx",
      [helper.make_node("Resize", ["x", "", "", "sizes"], ["u"], mode="linear"),
       helper.make_node("Conv", ["u", "w"], ["y"], name="conv", pads=[1, 1, 1, 1])],
      [numpy_helper.from_array(values(3, 2, 3, 3), "w"), numpy_helper.from_array(numpy.array([1, 2, 10, 10], numpy.int64), "sizes")],
      [image("x", 1, 2, 5, 5)], [image("y", 1, 3, 10, 10)])
graph("chain.onnx",
      [helper.make_node("Constant", [], ["scale"], value=numpy_helper.from_array(numpy.array([0.5, 0.25], numpy.float32), "")),
       helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["f"], axis=0),
       helper.make_node("Transpose", ["f"], ["t"], perm=[1, 0, 2, 3]),
       helper.make_node("Identity", ["t"], ["w"]),
       helper.make_node("ConvTranspose", ["x", "w"], ["y"], name="up", strides=[2, 2], auto_pad="SAME_UPPER")],
      [numpy_helper.from_array(numpy.arange(-16, 16, dtype=numpy.int8).reshape(2, 1, 4, 4), "q"),
       numpy_helper.from_array(numpy.array([1, -2], numpy.int8), "zero")],
      [image("x", 1, 1, 5, 5)], [image("y", 1, 2, 10, 10)])
half = TensorProto(name="h", data_type=TensorProto.FLOAT16, dims=[2, 1, 3])
half.int32_data.extend(int(bits) for bits in values(2, 1, 3).astype(numpy.float16).ravel().view(numpy.uint16))
floats = helper.make_tensor("w", TensorProto.FLOAT, [1, 1, 4], [0.25, 0.75, 0.75, 0.25])
graph("typed.onnx",
      [helper.make_node("ConvTranspose", ["x", "w"], ["y"], name="up", strides=[2], pads=[1, 1], output_padding=[0])],
      [floats, half], [image("x", 1, 1, "n")], [image("y", 1, 1, "m")])


def impulse(name, run, channels, stride, taps, crop):
    """The kernel that the layers amount to, measured: what comes of a lone 1 at (6, 6) of each input channel."""
    rows = []
    with torch.no_grad():
        for ci in range(channels):
            x = torch.zeros(1, channels, 13, 13, dtype=torch.float64)
            flat = run(x)
            x[0, ci, 6, 6] = 1
            y = (run(x) - flat)[0].numpy()
            begin = [6 * s - p for s, p in zip(stride, crop)]
            assert abs(y).sum() == abs(y[:, begin[0]:begin[0] + taps[0], begin[1]:begin[1] + taps[1]]).sum()
            rows.append(y[:, begin[0]:begin[0] + taps[0], begin[1]:begin[1] + taps[1]])
    kernel = numpy.stack(rows)
    layers[name] = {"shape": list(kernel.shape), "sum": float(kernel.sum()),
                    "weighted": float((kernel.ravel() * (numpy.arange(kernel.size) % 97 + 1)).sum())}


F = torch.nn.functional
w8, w3 = torch.tensor(values(8, 2, 3, 3)).double(), torch.tensor(values(3, 2, 3, 3)).double()
impulse("shuffle.onnx", lambda x: F.pixel_shuffle(F.conv2d(x, w8, torch.tensor(values(8)).double(), padding=1), 2), 2, (2, 2), (6, 6), (2, 2))
impulse("spelt_out.onnx", lambda x: F.pixel_shuffle(F.conv2d(x, w8, padding=1), 2), 2, (2, 2), (6, 6), (2, 2))
impulse("depth_first.onnx", lambda x: F.pixel_shuffle(F.conv2d(x, w8, padding=1).reshape(1, 4, 2, 13, 13).transpose(1, 2)
                                                      .reshape(1, 8, 13, 13), 2), 2, (2, 2), (6, 6), (2, 2))
impulse("resize.onnx", lambda x: F.conv2d(F.pad(F.interpolate(x, scale_factor=(2, 3), mode="nearest"), (1, 1, 1, 1), mode="reflect"), w3),
        2, (2, 3), (4, 5), (1, 1))
impulse("linear.onnx", lambda x: F.conv2d(F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False), w3, padding=1),
        2, (2, 2), (6, 6), (2, 2))
q = torch.arange(-16, 16).double().reshape(2, 1, 4, 4)
q = ((q - torch.tensor([1., -2.]).double().reshape(2, 1, 1, 1)) * torch.tensor([0.5, 0.25]).double().reshape(2, 1, 1, 1)).transpose(0, 1)
impulse("chain.onnx", lambda x: F.conv_transpose2d(x, q, stride=2, padding=1), 1, (2, 2), (4, 4), (1, 1))
sums["layers"] = layers

with open(os.path.join(here, "sums.json"), "w") as out:
    json.dump(sums, out, sort_keys=True, separators=(",", ":"))
    out.write("\n")
