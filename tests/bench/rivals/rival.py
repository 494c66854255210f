"""What bench.h does, for the rivals in Python: options, layers, data, timing, one JSON object a line."""
import json
import sys
import time

import numpy as np

INPUT, TAPS, CHECK = 1, 1000003, 777
options = dict(threads="1", budget="0.2", table="", sets="", only="")
options.update((name[2:], value) for name, value in zip(sys.argv[1::2], sys.argv[2::2]))
threads, budget = int(options["threads"]), float(options["budget"])


class Layer:
    def __init__(self, fields):
        self.id, self.set, self.types = fields[0], fields[1], fields[15].split(",")
        for name, value in zip("n cin cout h w kh kw sh sw ph pw oph opw".split(), fields[2:15]):
            setattr(self, name, int(value))
        self.out = [s * (n - 1) + k - 2 * p + op for n, s, k, p, op in
                    ((self.h, self.sh, self.kh, self.ph, self.oph), (self.w, self.sw, self.kw, self.pw, self.opw))]
        self.row = self.h == 1 and self.kh == 1


def wanted(letter, name):
    return (not options["sets"] or letter in options["sets"]) and options["only"] in name


def layers():
    with open(options["table"]) as table:
        made = [Layer(line.split("\t")) for line in table if not line.startswith("#")]
    return [w for w in made if wanted(w.set, w.id)]


def values(count, seed, first=0):
    v = np.arange(first, first + count, dtype=np.uint32) + np.uint32(seed)
    v *= np.uint32(2654435761)
    v ^= v >> np.uint32(15)
    v *= np.uint32(2246822519)
    v ^= v >> np.uint32(13)
    return (v >> np.uint32(8)).astype(np.float32) * np.float32(1 / 16777216) - np.float32(0.5)


def measure(step):
    """As bench_measure: one run to warm up, then 3 to 400 until the budget is spent."""
    y, times, begin = step(), [], time.perf_counter()
    while len(times) < 400 and (len(times) < 3 or time.perf_counter() - begin < budget):
        start = time.perf_counter()
        y = step()
        times.append(time.perf_counter() - start)
        if times[-1] >= 1.0:
            break
    return times, y


def report(peer, name, kind, times, y=None, note=""):
    line = dict(peer=peer, wl=name, dt=kind, th=threads, min=min(times), med=sorted(times)[len(times) // 2], n=len(times))
    if y is not None:
        ck = n2 = 0.0
        y = y.reshape(-1)
        for at in range(0, y.size, 1 << 20):
            part = y[at:at + (1 << 20)].astype(np.float64)
            ck += float(part @ values(part.size, CHECK, at))
            n2 += float(part @ part)
        line.update(ck=ck, n2=n2)
    line["note"] = note
    print(json.dumps(line), flush=True)


def summed(layer, y):
    """The values that count: set A ends with s*N outputs."""
    y = y.reshape(-1)
    return y[:layer.w * layer.sw] if layer.set == "A" else y
