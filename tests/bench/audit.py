"""audit.py BUILD SHARED: time and memory of an audit of all models of the shared data folder by polyphase-analyze.

The formats that hold no geometry are told it, one command each; those with a graph go in one. Exit 1 over 2 s or 256 MiB."""
import os
import resource
import subprocess
import sys
import time

build, shared = sys.argv[1:3]
models = os.path.join(shared, "data", "models")
if not os.path.isdir(models):
    print("audit of the shared models: skipped, the shared folder is not there")
    sys.exit(0)
graphs = sorted(os.path.join(models, name) for name in os.listdir(models) if name.endswith((".onnx", ".tflite")))
runs = [graphs, ["FSRCNN-x2.pt", "--layer", "deconv.weight:s=2,p=4,o=1"], ["FSRCNN-x4.pt", "--layer", "deconv.weight:s=4,p=4,o=3"],
        ["waifu2x_chainer_upresnet10_anime_style_scale_rgb.npz", "--layer", "conv_post/W:s=2,p=3"],
        ["fast_style_wave", "--layout", "tf", "--auto-pad", "same-upper", "--layer", "Variable_39:s=2", "--layer", "Variable_42:s=2"]]
total, layers = 0.0, 0
for arguments in runs:
    if arguments is not graphs:
        arguments = [os.path.join(models, arguments[0])] + arguments[1:]
    start = time.monotonic()
    run = subprocess.run([os.path.join(build, "polyphase-analyze"), "--jsonl"] + arguments, capture_output=True, check=True)
    total += time.monotonic() - start
    layers += run.stdout.count(b'"coverage"')
mebibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print("audit of all shared models: %d files, %d layers, %.2f s, at most %.0f MiB" % (len(graphs) + len(runs) - 1, layers, total, mebibytes))
sys.exit(total > 2.0 or mebibytes > 256)
