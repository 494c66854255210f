"""make_fsrcnn.py WEIGHTS.pt OUT.onnx: FSRCNN-x2 (Dong, Loy and Tang, ECCV 2016), (Y, Cb, Cr) in and out, as an ONNX model made of a state
dict, read with Python's own zipfile and pickle."""
import array
import collections
import pickle
import sys
import zipfile

from model_files import node, tensor, write_onnx

LAYERS = [("feature_extract", 2, "activation_1"), ("shrink", 0, "activation_2"), ("map_1", 1, None), ("map_2", 1, None), ("map_3", 1, None),
          ("map_4", 1, "activation_3"), ("expand", 0, "activation_4"), ("deconv", 4, None)]


class StateDict(pickle.Unpickler):
    def __init__(self, archive, folder):
        super().__init__(archive.open(folder + "/data.pkl"))
        self.archive, self.folder = archive, folder

    def find_class(self, module, name):
        if name == "_rebuild_tensor_v2":
            return self.rebuild
        return collections.OrderedDict if name == "OrderedDict" else name

    def persistent_load(self, place):
        return array.array("f", self.archive.read("%s/data/%s" % (self.folder, place[2])))

    @staticmethod
    def rebuild(storage, offset, size, strides, *rest):
        count = 1
        for extent, stride in zip(reversed(size), reversed(strides)):
            assert stride == count or extent == 1, "not contiguous"
            count *= extent
        return list(size), list(storage[offset:offset + count])


archive = zipfile.ZipFile(sys.argv[1])
state = StateDict(archive, archive.namelist()[0].split("/")[0]).load()
nodes, tensors, now = [], [], "x"
for name, pad, slope in LAYERS:
    weights = [name + ".weight", name + ".bias"]
    more = dict(strides=[2, 2], output_padding=[1, 1]) if name == "deconv" else {}
    nodes.append(node("ConvTranspose" if more else "Conv", [now] + weights, "y" if more else name, pads=[pad] * 4, **more))
    now = name
    if slope:
        nodes.append(node("PRelu", [now, slope + ".weight"], slope))
        weights.append(slope + ".weight")
        now = slope
    for weight in weights:
        size, values = state[weight]
        tensors.append(tensor(weight, size + [1, 1] if weight.startswith("activation") else size, values))
write_onnx(sys.argv[2], nodes, tensors, [1, 3, "h", "w"])
