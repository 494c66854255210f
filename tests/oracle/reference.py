"""Every figure of one transposed-convolution kernel, computed from its definition, slowly and independently of libtconv.

    H(f) = sum_n h[n] exp(-2 pi i f.n)      h the dilated kernel, f in cycles per output sample

Sums are exact (math.fsum) or in extended precision (numpy.longdouble). Extrema over continuous f: a dense grid, then
every promising grid point refined by L-BFGS-B with analytic gradients and a few Newton steps, the value evaluated in
extended precision. Zeros of |H| are looked for by Gauss-Newton from every local minimum of the grid.

Conventions: None = undefined, "inf" / "-inf" = infinite. |H| or a gain below 8 eps sum|h| counts as zero, an energy
below 64 eps times the total energy too.
"""
import itertools
import math

import numpy as np
from scipy.optimize import brentq, minimize

EPS = np.finfo(float).eps
LD = np.longdouble
TWO_PI = 2 * LD("3.14159265358979323846264338327950288")


class Filter:
    """A finite sequence h on Z^D and its frequency response."""

    def __init__(self, h):
        self.h = np.asarray(h, float)
        self.ndim = self.h.ndim
        self.sum_abs = math.fsum(abs(x) for x in self.h.flat)

    def at(self, f):
        """H at one point in extended precision."""
        value = self.h.astype(np.clongdouble)
        for axis in range(self.ndim):
            n = np.arange(value.shape[0], dtype=LD)
            value = np.tensordot(np.exp(-1j * (TWO_PI * LD(f[axis])) * n), value, axes=(0, 0))
        return complex(value), abs(value)

    def on_grid(self, axes):
        """H on the tensor grid of the given frequencies per axis."""
        value = self.h.astype(complex)
        for axis, f in enumerate(axes):
            e = np.exp(-2j * np.pi * np.outer(f, np.arange(self.h.shape[axis])))
            value = np.moveaxis(np.tensordot(e, value, axes=(1, axis)), 0, axis)
        return value

    def value_and_gradient(self, f):
        """H and its D partial derivatives at one point, in double."""
        es = [np.exp(-2j * np.pi * f[a] * np.arange(self.h.shape[a])) for a in range(self.ndim)]

        def contract(vectors):
            value = self.h.astype(complex)
            for v in vectors:
                value = np.tensordot(v, value, axes=(0, 0))
            return complex(value)

        value = contract(es)
        gradient = np.array([contract([e * (-2j * np.pi * np.arange(len(e))) if b == a else e
                                       for b, e in enumerate(es)]) for a in range(self.ndim)])
        return value, gradient


def grid_axes(lower, upper, points):
    return [np.array([lo]) if hi == lo else np.linspace(lo, hi, n) for lo, hi, n in zip(lower, upper, points)]


def local_maxima(values, most):
    """Indices of grid points not below any of their neighbours, the greatest first."""
    best = np.ones(values.shape, bool)
    padded = np.pad(values, 1, constant_values=-np.inf)
    for shift in itertools.product((0, 1, 2), repeat=values.ndim):
        if any(x != 1 for x in shift):
            best &= values >= padded[tuple(slice(x, x + n) for x, n in zip(shift, values.shape))]
    found = np.argwhere(best)
    order = np.argsort(-values[tuple(found.T)], kind="stable")[:most]
    return found[order]


def find_zero(filter_, lower, upper, points, level):
    """Points of the box at which |H| counts as zero (a list, empty if none was found)."""
    axes = grid_axes(lower, upper, points)
    magnitude = np.abs(filter_.on_grid(axes))
    found = []
    for index in local_maxima(-magnitude, 40 if len(axes) == 1 else 80):
        f = np.array([a[i] for a, i in zip(axes, index)])
        for _ in range(60):
            value, gradient = filter_.value_and_gradient(f)
            if abs(filter_.at(f)[1]) < level / 4:
                break
            j = np.array([gradient.real, gradient.imag])
            step = np.linalg.lstsq(j, -np.array([value.real, value.imag]), rcond=1e-10)[0]
            f = np.clip(f + step, lower, upper)
        if filter_.at(f)[1] < level:
            found.append(f)
    return found


def maximise(objective, values_on_grid, axes, exact, extra=()):
    """Maximum over the box spanned by `axes` of objective(f) -> (value, gradient); exact(f) is the value returned."""
    lower = np.array([a[0] for a in axes])
    upper = np.array([a[-1] for a in axes])
    starts = [np.array([a[i] for a, i in zip(axes, index)])
              for index in local_maxima(values_on_grid, 8 if len(axes) == 1 else 14)]
    starts += [np.asarray(x, float) for x in extra]
    best, where = -math.inf, None
    for x in starts:
        candidates = [x]
        try:
            result = minimize(lambda f: tuple(-t for t in objective(f)), x, jac=True, method="L-BFGS-B",
                              bounds=list(zip(lower, upper)), options={"ftol": 1e-16, "gtol": 1e-11, "maxiter": 300})
            candidates.append(result.x)
            candidates.append(newton(objective, result.x, lower, upper))
        except (FloatingPointError, ZeroDivisionError):
            pass
        for c in candidates:
            c = np.clip(c, lower, upper)
            value = exact(c)
            if value > best:
                best, where = value, c
    return float(best), where


def newton(objective, x, lower, upper):
    x = x.copy()
    for _ in range(4):
        value, gradient = objective(x)
        free = [i for i in range(len(x)) if upper[i] > lower[i]
                and not (x[i] <= lower[i] and gradient[i] < 0) and not (x[i] >= upper[i] and gradient[i] > 0)]
        if not free:
            break
        hessian = np.zeros((len(free), len(free)))
        for column, i in enumerate(free):
            step = 1e-6
            up, down = x.copy(), x.copy()
            up[i] += step
            down[i] -= step
            hessian[:, column] = ((objective(up)[1] - objective(down)[1]) / (2 * step))[free]
        try:
            change = np.linalg.solve(hessian, -gradient[free])
        except np.linalg.LinAlgError:
            break
        new = x.copy()
        new[free] += change
        new = np.clip(new, lower, upper)
        if np.max(np.abs(change)) > 0.05 or objective(new)[0] < value - 1e-12:
            break
        x = new
    return x


def log_magnitude(filter_, f):
    """(log|H|, gradient) at one point."""
    value, gradient = filter_.value_and_gradient(f)
    magnitude = abs(value)
    if magnitude == 0.0:
        raise ZeroDivisionError
    return math.log(magnitude), (gradient / value).real


def decibel(ratio):
    ratio = LD(ratio)
    return float(20 * np.log10(ratio)) if ratio > 0 else "-inf"


def negative(x):
    return x if x is None else {"inf": "-inf", "-inf": "inf"}[x] if isinstance(x, str) else -x


def dilate(taps, dilation):
    taps = np.asarray(taps, float)
    h = np.zeros([d * (k - 1) + 1 for k, d in zip(taps.shape, dilation)])
    h[tuple(slice(None, None, d) for d in dilation)] = taps
    return h


def branches_of(h, stride):
    """{phase: h_q}, h_q[n] = h[s n + q]; an empty branch is one zero."""
    result = {}
    for q in itertools.product(*[range(s) for s in stride]):
        part = h[tuple(slice(a, None, s) for a, s in zip(q, stride))]
        result[q] = part if part.size else np.zeros((1,) * h.ndim)
    return result


def fsum(values):
    return math.fsum(np.asarray(values).flat)


def image_values(gains, stride):
    """H(m/s) by the definition H(f) = sum_n h[n] exp(-2 pi i f n), grouped by phase, in extended precision."""
    result = {}
    for m in itertools.product(*[range(s) for s in stride]):
        total = np.clongdouble(0)
        for q, g in gains.items():
            turn = LD(0)
            for a, b, s in zip(m, q, stride):
                turn += LD((a * b) % s) / LD(s)
            total += LD(g) * np.exp(-1j * TWO_PI * turn)
        result[m] = total
    return result


def baseband_energy(h, stride):
    """sum_{a,b} h[a] h[b] prod_i (1/s_i) sinc((a_i - b_i)/s_i)."""
    value = h.astype(LD)
    for axis, s in enumerate(stride):
        n = np.arange(h.shape[axis], dtype=LD)
        lag = (n[:, None] - n[None, :]) / LD(s)
        turn = TWO_PI / 2 * lag
        safe = np.where(turn == 0, LD(1), turn)
        matrix = np.where(turn == 0, LD(1), np.sin(safe) / safe) / LD(s)
        value = np.moveaxis(np.tensordot(matrix, value, axes=(1, axis)), 0, axis)
    return np.sum(value * h.astype(LD))


def axis_filter(h, axis):
    """The one-dimensional sequence whose response is H along one axis, the other frequencies 0."""
    others = tuple(i for i in range(h.ndim) if i != axis)
    if not others:
        return Filter(h)
    moved = np.moveaxis(h, axis, 0).reshape(h.shape[axis], -1)
    return Filter(np.array([math.fsum(row) for row in moved]))


def unwrapped_phase(h):
    """f -> the continuous argument of H, 0 at f = 0, from the zeros r_j of H: H = c z^-n0 prod_j (1 - r_j/z).

    A zero inside the unit circle turns the argument by arg(1 - r/z), which stays within a quarter turn and needs no
    unwrapping; one outside is -r/z (1 - z/r), a delay of one sample and the same for 1/r. So a sharp turn beside a zero
    that is close to the circle goes the right way round however coarse the frequencies are.
    """
    first = int(np.nonzero(h)[0][0])
    zeros = np.roots(np.trim_zeros(h))
    inside, outside = zeros[np.abs(zeros) <= 1], zeros[np.abs(zeros) > 1]
    delay = first + len(outside)

    def phase(f):
        z = np.exp(2j * np.pi * np.asarray(f, float))[..., None]
        turn = np.sum(np.angle(1 - inside / z) - np.angle(1 - inside), axis=-1)
        turn += np.sum(np.angle(1 - z / outside) - np.angle(1 - 1 / outside), axis=-1)
        return turn - 2 * np.pi * np.asarray(f, float) * delay

    return phase


class Kernel:
    """One kernel with its strides; `figures()` returns what interfaces.md lists."""

    def __init__(self, taps, stride, dilation=None, pad_begin=None, edge=0.8):
        taps = np.asarray(taps, float)
        self.ndim = taps.ndim
        self.stride = list(stride)
        self.dilation = list(dilation or [1] * self.ndim)
        self.pad_begin = list(pad_begin or [0] * self.ndim)
        self.edge = edge
        self.taps = taps
        self.h = dilate(taps, self.dilation)
        self.H = Filter(self.h)
        self.zero = 8 * EPS * self.H.sum_abs
        self.S = math.prod(self.stride)
        self.G = fsum(self.h)
        self.is_zero = self.H.sum_abs == 0
        self.G_is_zero = abs(self.G) < self.zero or self.G == 0
        self.branches = branches_of(self.h, self.stride)
        self.gains = {q: fsum(part) for q, part in self.branches.items()}
        self.images = image_values(self.gains, self.stride)

    # ---- grids -------------------------------------------------------------------------------------------------

    def points(self, spans, lengths=None):
        """Points per axis: dense against the fastest oscillation that a kernel of these lengths can show."""
        lengths = lengths or self.h.shape
        per = {1: 64, 2: 20, 3: 9}[self.ndim]
        least = {1: 2001, 2: 81, 3: 25}[self.ndim]
        most = {1: 40001, 2: 401, 3: 61}[self.ndim]
        return [int(min(most, max(least, per * n * span))) | 1 for n, span in zip(lengths, spans)]

    def over_g(self, numerator):
        """numerator/|G| as a level, by the rules for zeros."""
        if self.is_zero:
            return None
        zero = numerator < self.zero
        if self.G_is_zero:
            return None if zero else "inf"
        return "-inf" if zero else decibel(LD(numerator) / abs(LD(self.G)))

    # ---- images ------------------------------------------------------------------------------------------------

    def passband_zeros(self, beta):
        lower = [-beta / (2 * s) for s in self.stride]
        upper = [beta / (2 * s) for s in self.stride]
        return find_zero(self.H, lower, upper, self.points([b - a for a, b in zip(lower, upper)]), self.zero)

    def worst_image(self, m, beta):
        """max over |v_i| <= beta/2 of 20 log10(|H((v+m)/s)|/|H(v/s)|)."""
        if self.is_zero:
            return None
        if self.zeros(beta):
            return "inf"
        s = np.array(self.stride, float)
        offset = np.array(m) / s
        lower, upper = -beta / (2 * s), beta / (2 * s)
        axes = grid_axes(lower, upper, self.points(upper - lower))
        shifted = [a + o for a, o in zip(axes, offset)]
        with np.errstate(divide="ignore"):
            below = np.log(np.abs(self.H.on_grid(axes)))
            values = np.log(np.abs(self.H.on_grid(shifted))) - below
        exact_offset = [LD(a) / LD(b) for a, b in zip(m, self.stride)]

        def objective(f):
            a, da = log_magnitude(self.H, f + offset)
            b, db = log_magnitude(self.H, f)
            return a - b, da - db

        def exact(f):
            above = self.H.at([LD(x) + o for x, o in zip(f, exact_offset)])[1]
            return np.log10(above / self.H.at(f)[1]) if above > 0 else -math.inf

        minima = [np.array([a[i] for a, i in zip(axes, index)]) for index in local_maxima(-below, 8)]
        best, _ = maximise(objective, values, axes, exact, minima)
        return "-inf" if best == -math.inf else 20 * best

    def zeros(self, beta):
        if not hasattr(self, "_zeros"):
            self._zeros = {}
        if beta not in self._zeros:
            self._zeros[beta] = self.passband_zeros(beta)
        return self._zeros[beta]

    def rejection(self, beta):
        if self.S == 1 or self.is_zero:
            return None
        worst = [self.worst_image(m, beta) for m in self.images if any(m)]
        if "inf" in worst:
            return "-inf"
        finite = [x for x in worst if x != "-inf"]
        return -max(finite) if finite else "inf"

    # ---- bands -------------------------------------------------------------------------------------------------

    def extreme_log10(self, lower, upper, sign):
        """max (sign 1) or min (sign -1) of log10|H| over a box."""
        axes = grid_axes(lower, upper, self.points([b - a for a, b in zip(lower, upper)]))
        with np.errstate(divide="ignore"):
            values = sign * np.log(np.abs(self.H.on_grid(axes)))

        def objective(f):
            value, gradient = log_magnitude(self.H, f)
            return sign * value, sign * gradient

        def exact(f):
            magnitude = self.H.at(f)[1]
            return sign * np.log10(magnitude) if magnitude > 0 else -sign * math.inf

        return sign * maximise(objective, values, axes, exact)[0]

    def ripple(self):
        if self.is_zero:
            return None
        if self.zeros(self.edge):
            return "inf"
        lower = [-self.edge / (2 * s) for s in self.stride]
        upper = [self.edge / (2 * s) for s in self.stride]
        return 20 * (self.extreme_log10(lower, upper, 1) - self.extreme_log10(lower, upper, -1))

    def attenuation(self):
        if self.S == 1 or self.is_zero:
            return None
        best = -math.inf
        for axis, s in enumerate(self.stride):
            if s > 1:
                lower, upper = [-0.5] * self.ndim, [0.5] * self.ndim
                lower[axis] = (2 - self.edge) / (2 * s)          # |H(-f)| = |H(f)|: one side is enough
                best = max(best, self.extreme_log10(lower, upper, 1))
        if self.G_is_zero:
            return None if 10 ** best < self.zero else "-inf"
        return "inf" if 10 ** best < self.zero else float(20 * (np.log10(abs(LD(self.G))) - LD(best)))

    def droop(self, beta):
        values = []
        for axis in range(self.ndim):
            f = [LD(0)] * self.ndim
            f[axis] = LD(beta) / LD(2 * self.stride[axis])
            values.append(self.over_g(float(self.H.at(f)[1])))
        return values[0] if self.ndim == 1 else values

    def cutoff(self):
        values = []
        for axis, s in enumerate(self.stride):
            line = axis_filter(self.h, axis)
            half = abs(self.G) / 2
            f = np.linspace(0, 0.5, max(20001, 64 * len(line.h)))
            below = np.nonzero(np.abs(line.on_grid([f])) <= half)[0]
            if self.G_is_zero or len(below) == 0:
                values.append(None)
                continue
            i = below[0]
            root = brentq(lambda x: float(line.at([x])[1] - half), f[i - 1], f[i], xtol=1e-16, rtol=1e-15)
            values.append(root * 2 * s)
        return values[0] if self.ndim == 1 else values

    # ---- branches ----------------------------------------------------------------------------------------------

    def branch_deviation(self):
        """max over |f_i| <= e/2 of |20 log10(|H_q|/mean_q |H_q|)|, one per branch."""
        if self.is_zero:
            return {q: None for q in self.branches}
        filters = {q: Filter(part) for q, part in self.branches.items()}
        count = len(filters)
        lower, upper = [-self.edge / 2] * self.ndim, [self.edge / 2] * self.ndim
        longest = [max(f.h.shape[a] for f in filters.values()) for a in range(self.ndim)]
        points = self.points([self.edge] * self.ndim, longest)
        axes = grid_axes(lower, upper, points)
        magnitudes = {q: np.abs(f.on_grid(axes)) for q, f in filters.items()}
        mean = sum(magnitudes.values()) / count
        zeros = {q: find_zero(f, lower, upper, points, self.zero) if f.sum_abs else [[0.0] * self.ndim]
                 for q, f in filters.items()}
        cusps = [z for q, found in zeros.items() if filters[q].sum_abs for z in found]

        def log_mean(f):
            total, gradient = 0.0, np.zeros(self.ndim)
            for filter_ in filters.values():
                value, slope = filter_.value_and_gradient(f)
                if value != 0:
                    total += abs(value)
                    gradient += (slope * np.conj(value)).real / abs(value)
            return math.log(total / count), gradient / total

        result = {}
        for q, filter_ in filters.items():
            if zeros[q]:
                result[q] = "inf"
                continue
            best = 0.0
            for sign in (1, -1):
                def objective(f):
                    a, da = log_magnitude(filter_, f)
                    b, db = log_mean(f)
                    return sign * (a - b), sign * (da - db)

                def exact(f):
                    total = sum(x.at(f)[1] for x in filters.values()) / count
                    return sign * np.log10(filter_.at(f)[1] / total)

                values = sign * (np.log(magnitudes[q]) - np.log(mean))
                best = max(best, maximise(objective, values, axes, exact, cusps)[0])
            result[q] = 20 * best
        return result

    def branch_delay(self, q):
        gain = self.gains[q]
        if abs(gain) < self.zero or gain == 0:
            return None
        part = self.branches[q]
        delay = []
        for axis in range(self.ndim):
            n = np.arange(part.shape[axis]).reshape([-1 if i == axis else 1 for i in range(self.ndim)])
            delay.append(fsum(part * n) / gain)
        return delay[0] if self.ndim == 1 else delay

    def branch_delay_error(self):
        """max over 0 < f <= e/2 of |tau_q + q/s - mean|, one list over the axes per branch (a number in 1-D)."""
        per_axis = [self.delay_error_along(axis) for axis in range(self.ndim)]
        result = {}
        for q in self.branches:
            values = [per_axis[axis][q] for axis in range(self.ndim)]
            result[q] = values[0] if self.ndim == 1 else None if self.branch_delay(q) is None else values
        return result

    def delay_error_along(self, axis):
        top = self.edge / 2
        lines = {}
        for q, part in self.branches.items():
            if self.branch_delay(q) is None:
                continue
            line = axis_filter(part, axis)
            n = int(max(2001, 64 * len(line.h))) | 1
            if not find_zero(line, [0.0], [top], [n], self.zero):
                lines[q] = line
        if not lines:
            return {q: None for q in self.branches}
        longest = max(len(line.h) for line in lines.values())
        f = np.linspace(0, top, max(8001, 200 * longest))
        unwrapped = {q: unwrapped_phase(line.h) for q, line in lines.items()}

        def delay_of(q, x):
            """Phase delay + q/s at frequency x: the principal value, turned by whole cycles to the unwrapped one."""
            shift = LD(q[axis]) / LD(self.stride[axis])
            if x == 0:
                whole = self.branch_delay(q)
                return LD(whole if self.ndim == 1 else whole[axis]) + shift
            value = np.clongdouble(0)
            n = np.arange(len(lines[q].h), dtype=LD)
            value = np.sum(lines[q].h.astype(LD) * np.exp(-1j * TWO_PI * LD(x) * n)) * math.copysign(1, self.gains[q])
            phase = np.arctan2(value.imag, value.real)
            near = LD(unwrapped[q](x))
            phase += TWO_PI * np.rint((near - phase) / TWO_PI)
            return -phase / (TWO_PI * LD(x)) + shift

        with np.errstate(divide="ignore", invalid="ignore"):
            grid = {q: -unwrapped[q](f) / (2 * np.pi * f) + q[axis] / self.stride[axis] for q in lines}
        for q in lines:
            grid[q][0] = float(delay_of(q, 0))
        mean = sum(grid.values()) / len(grid)
        result = {q: None for q in self.branches}
        for q in lines:
            def error(x):
                return abs(delay_of(q, x) - sum(delay_of(p, x) for p in lines) / len(lines))

            values = np.abs(grid[q] - mean)
            best = LD(0)
            for (i,) in local_maxima(values, 4):
                best = max(best, error(f[i]), self.golden(error, f[max(i - 1, 0)], f[min(i + 1, len(f) - 1)]))
            result[q] = float(best)
        return result

    @staticmethod
    def golden(function, a, b):
        """Maximum of a function that is unimodal on [a, b]."""
        ratio = (math.sqrt(5) - 1) / 2
        c, d = b - ratio * (b - a), a + ratio * (b - a)
        fc, fd = function(c), function(d)
        for _ in range(34):                  # the cell is 5e-5 wide at most: 5e-12 is far inside a flat top
            if fc > fd:
                b, d, fd = d, c, fc
                c = b - ratio * (b - a)
                fc = function(c)
            else:
                a, c, fc = c, d, fd
                d = a + ratio * (b - a)
                fd = function(d)
        return max(fc, fd)

    # ---- the table ---------------------------------------------------------------------------------------------

    def figures(self):
        gains = list(self.gains.values())
        magnitudes = {m: float(abs(v)) for m, v in self.images.items()}
        power = math.fsum(v * v for m, v in magnitudes.items() if any(m) and v >= self.zero)
        spread = max(gains) - min(gains)
        if self.S == 1:
            index, peak = 0.0, 0.0
        elif self.is_zero:
            index = peak = None
        elif self.G_is_zero:
            index = "inf" if power > 0 else None
            peak = "inf" if spread >= self.zero else None
        else:
            index = math.sqrt(power) / abs(self.G)
            peak = spread * self.S / abs(self.G) if spread >= self.zero else 0.0
        energy = np.sum(self.h.astype(LD) ** 2)
        inside = baseband_energy(self.h, self.stride)
        if self.S == 1 or self.is_zero:
            image_energy = None
        elif inside < 64 * EPS * energy:
            image_energy = "inf"
        elif energy - inside < 64 * EPS * energy:
            image_energy = "-inf"
        else:
            image_energy = float(10 * np.log10((energy - inside) / inside))
        energies = [fsum(part * part) for part in self.branches.values()]
        mean = math.fsum(energies) / self.S
        variation = math.sqrt(math.fsum((x - mean) ** 2 for x in energies) / self.S) / mean if mean > 0 else None
        separability = None
        if self.ndim == 2 and not self.is_zero:
            singular = np.linalg.svd(self.taps, compute_uv=False)
            separability = float(singular[0] ** 2 / np.sum(singular ** 2))
        return {
            "dc_gain": self.G,
            "passband_gain_db": None if self.is_zero else "-inf" if self.G_is_zero else decibel(abs(LD(self.G)) / self.S),
            "checkerboard_index": index,
            "checkerboard_db": index if index is None or isinstance(index, str) else decibel(index),
            "peak_to_peak": peak,
            "image_rejection_db": {"0.5": self.rejection(0.5), "0.8": self.rejection(0.8)},
            "droop_db": {"0.5": self.droop(0.5), "0.8": self.droop(0.8)},
            "baseband_energy": float(inside),
            "total_energy": float(energy),
            "image_energy_db": image_energy,
            "branch_energy_variation": variation,
            "passband_ripple_db": self.ripple(),
            "stopband_attenuation_db": self.attenuation(),
            "cutoff_6db": self.cutoff(),
            "separability": separability,
        }

    def branch_list(self):
        deviation, delay_error = self.branch_deviation(), self.branch_delay_error()
        counts = branches_of(dilate(np.ones(self.taps.shape), self.dilation), self.stride)
        return [{"phase": list(q), "taps": int(fsum(counts[q])), "dc_gain": self.gains[q],
                 "energy": fsum(part * part), "delay": self.branch_delay(q),
                 "magnitude_deviation_db": deviation[q], "delay_error": delay_error[q],
                 "first_output": [(a - p) % s for a, p, s in zip(q, self.pad_begin, self.stride)]}
                for q, part in self.branches.items()]

    def image_list(self):
        return [{"m": list(m), "dc_db": self.over_g(float(abs(v))), "worst_db": self.worst_image(m, 0.8)}
                for m, v in self.images.items() if any(m)]

    def centroid_offset(self):
        if self.G_is_zero:
            return None
        result = []
        for axis in range(self.ndim):
            n = np.arange(self.h.shape[axis]).reshape([-1 if i == axis else 1 for i in range(self.ndim)])
            result.append((self.pad_begin[axis] - fsum(self.h * n) / self.G) / self.stride[axis])
        return result


class Layer:
    """Many channels: taps (Cin, Cout/groups, k1..kD)."""

    def __init__(self, taps, stride, groups=1, dilation=None):
        self.taps = np.asarray(taps, float)
        self.ndim = self.taps.ndim - 2
        self.stride, self.groups = list(stride), groups
        self.dilation = list(dilation or [1] * self.ndim)
        self.S = math.prod(self.stride)
        cin, per_group = self.taps.shape[:2]
        self.cin, self.cout = cin, per_group * groups
        self.gain = {}                # phase -> (Cout, Cin) matrix of branch gains
        self.energy = {}
        self.E = self.E0 = 0.0
        for q in itertools.product(*[range(s) for s in self.stride]):
            self.gain[q] = np.zeros((self.cout, cin))
            self.energy[q] = []
        inside, total = [], []
        for ci in range(cin):
            group = ci // (cin // groups)
            for j in range(per_group):
                h = dilate(self.taps[ci, j], self.dilation)
                for q, part in branches_of(h, self.stride).items():
                    self.gain[q][group * per_group + j, ci] = fsum(part)
                    self.energy[q].append(fsum(part * part))
                inside.append(baseband_energy(h, self.stride))
                total.append(np.sum(h.astype(LD) ** 2))
        self.E0, self.E = sum(inside), sum(total)
        self.H = {}
        for m in self.gain:
            matrix = np.zeros((self.cout, cin), np.clongdouble)
            for q, g in self.gain.items():
                turn = sum((LD((a * b) % s) / LD(s) for a, b, s in zip(m, q, self.stride)), LD(0))
                matrix += g.astype(LD) * np.exp(-1j * TWO_PI * turn)
            self.H[m] = matrix

    @staticmethod
    def frobenius(matrix):
        return float(np.sqrt(np.sum(np.abs(matrix) ** 2)))

    @staticmethod
    def largest(matrix):
        return float(np.linalg.svd(matrix.astype(complex), compute_uv=False)[0])

    def figures(self, mean=None, bias=None):
        zero = tuple([0] * self.ndim)
        f0 = self.frobenius(self.H[zero])
        others = [m for m in self.H if any(m)]
        index = math.sqrt(math.fsum(self.frobenius(self.H[m]) ** 2 for m in others)) / f0 if others else 0.0
        energies = [math.fsum(e) for e in self.energy.values()]
        average = math.fsum(energies) / self.S
        flat = None
        if mean is not None:
            level = self.H[zero] @ np.asarray(mean, LD)
            if bias is not None:
                level = level + self.S * np.asarray(bias, LD)
            flat = math.sqrt(math.fsum(self.frobenius(self.H[m] @ np.asarray(mean, LD)) ** 2 for m in others))
            flat /= self.frobenius(level)
        return {
            "dc_gain": f0,
            "checkerboard_index": index,
            "checkerboard_db": decibel(index),
            "baseband_energy": float(self.E0),
            "total_energy": float(self.E),
            "image_energy_db": float(10 * np.log10((self.E - self.E0) / self.E0)) if self.S > 1 else None,
            "branch_energy_variation": math.sqrt(math.fsum((x - average) ** 2 for x in energies) / self.S) / average,
            "flat_input_index": flat,
        }

    def branch_list(self):
        return [{"phase": list(q), "dc_gain": self.frobenius(g), "energy": math.fsum(self.energy[q])}
                for q, g in self.gain.items()]

    def image_list(self):
        zero = tuple([0] * self.ndim)
        return [{"m": list(m), "dc_db": decibel(self.frobenius(self.H[m]) / self.frobenius(self.H[zero])),
                 "worst_db": decibel(self.largest(self.H[m]) / self.largest(self.H[zero]))}
                for m in self.H if any(m)]
