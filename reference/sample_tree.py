"""A sample as a tree of mixed decisions (FORMAT.md, §10.6, §10.7)."""

import numpy as np

from reference.classes import difference_class, triple_class
from reference.functions import F, exp, log2
from reference.mixing import Counters, mixed_decision, table_inputs, update_tables
from reference.plane_coder import HELPER_LEVELS, LANES, LEVELS, PlaneCoder
from reference.range_coder import RangeDecoder
from reference.weights import DATA

NODES = 96
CLASSES = 11
CONTEXT_VALUES = (384, 1331, 968, 1331, 1152, 2048, 1331, 3072)
NLMS_STARTS = 40
STARTED_REGRESSORS = (16, 24, 32)


def sample_size(error: np.float32) -> int:
    """The size of the first segment."""
    if error < F(1.6):
        return 0
    if error < F(3.4):
        return 1
    size, limit = 2, 7
    while size < 12 and error >= limit:
        size += 1
        limit = 2 * limit + 1
    return size


class TreeCoder:
    """Decodes the samples of a plane by decisions."""

    def __init__(self, contexts: int, plane: PlaneCoder, started_color: int | None) -> None:
        """`started_color`: which of the three learned starts the plane has, or None."""
        self.plane = plane
        self.contexts = contexts
        self.ranks = plane.plane.ranks
        self.counters = [Counters(values * NODES) for values in CONTEXT_VALUES[:contexts]]
        vectors = (2 * contexts + LANES) // LANES
        self.first = np.zeros((LEVELS, NODES, vectors, LANES), F)
        self.second = np.zeros((HELPER_LEVELS, CLASSES, NODES, vectors, LANES), F)
        if started_color is None:
            start = [0.08] * contexts + [0.0] * contexts + [0.11] * LANES
            self.first[:] = np.array(start, F).reshape(vectors, LANES)
            self.rate = F(0.0022)
        else:
            self._start(started_color)
            self.rate = F(0.0008)

    def _start(self, color: int) -> None:
        data = np.frombuffer((DATA / "start_state.bin").read_bytes(), np.int8)
        sizes = {count: LEVELS * NODES * (2 * count + LANES) for count in (4, 8)}
        begin = 3 * (sizes[4] + NLMS_STARTS) if self.contexts == 8 else 0
        size = sizes[self.contexts]
        begin += color * (size + NLMS_STARTS)
        weights = data[begin : begin + size].astype(F) / F(64)
        self.first[:] = weights.reshape(self.first.shape)
        if self.plane.regressors == STARTED_REGRESSORS[color]:
            nlms = data[begin + size : begin + size + NLMS_STARTS].astype(F) / F(64)
            self.plane.nlms[:] = nlms[: len(self.plane.nlms)]

    def decode(self, decoder: RangeDecoder) -> int:
        """The rank at the place of the plane coder's last prediction."""
        plane = self.plane
        self.decoder = decoder
        self._set_contexts()
        count = self.ranks
        self.means = plane.means
        self.inverse = F(1.612903) / np.maximum(plane.lane_scales, F(0.05))
        error = plane.expected_error
        size = sample_size(error)
        low, end = 0, count
        m = plane.next_rank
        zero, one = np.zeros(LANES, F), np.ones(LANES, F)
        self.far = (one, zero, count)
        up = False
        if m < count:
            z = self._odds(m)
            up = self._decide(min(size, 7), -held(z))
            e = exp(z)
            r = F(1) / (F(1) + e)
            q = e * r
            self.far = (r, q, m) if up else (q, r, m)
            low, end = (m, end) if up else (low, m)
        self.direction = -1 if up else 1
        self.near = (zero, one, count if up else 0)
        step, number, goes_on = 1 << size, 0, True
        while goes_on and end - low > step:
            t = low + step if up else end - step
            bit = self._look(t, 8 + 2 * min(number, 9) + up)
            low, end = (t, end) if bit else (low, t)
            goes_on = bit == up
            if goes_on:
                step = 2 * step if number else step
                number += 1
        depth = 0
        while end - low > 1:
            width = end - low
            t = low + (width // 2 if up else (width + 1) // 2)
            if count > 1024 and 16 * width <= int(error):
                bit = decoder.decision(1 << 23)
            else:
                widths = sum(width > limit for limit in (2, 4, 8, 16))
                bit = self._look(t, 28 + 30 * up + 5 * min(depth, 5) + widths)
            low, end = (t, end) if bit else (low, t)
            depth += 1
        return low

    def _odds(self, t: int) -> np.ndarray:
        """z(t)."""
        return ((F(t) - F(0.5)) - self.means) * self.inverse

    def _look(self, t: int, node: int) -> bool:
        """A decision at t within the interval."""
        direction = F(self.direction)
        e = exp(self._odds(t) * direction)
        o = F(1) + e
        slope = F(1.2e-4) / F(self.ranks)
        q_near, r_near, near = self.near
        q_far, r_far, far = self.far
        before = (e * r_near - q_near) + (slope * F(abs(near - t))) * o
        after = (q_far - e * r_far) + (slope * F(abs(far - t))) * o
        ratio = np.maximum(after, F(1e-12)) / np.maximum(before, F(1e-12))
        bit = self._decide(node, held(log2(ratio) * (F(0.6931472) * direction)))
        r = F(1) / (F(1) + e)
        if bit == (self.direction == 1):
            self.near = (e * r, r, t)
        else:
            self.far = (e * r, r, t)
        return bit

    def _decide(self, node: int, lanes: np.ndarray) -> bool:
        """A mixed decision at a node."""
        entries = [NODES * value + node for value in self.values]
        inputs = np.concatenate([np.array(table_inputs(self.counters, entries), F), lanes]).reshape(
            -1, LANES
        )
        sets = [self.first[self.level, node], self.second[(*self.classes, node)]]
        bit, _ = mixed_decision(self.decoder, inputs, sets, [self.rate, self.rate])
        update_tables(self.counters, entries, bit)
        return bit

    def _set_contexts(self) -> None:
        """*Contexts*: values of the contexts, and the classes of sets of weights."""
        plane = self.plane
        samples, base = plane.plane.samples.flat, plane.base
        errors, stride = plane.plane.errors.flat, plane.plane.samples.stride
        scale = F(1) / (F(0.4) * plane.expected_error + F(0.4))
        x, m = plane.estimate, plane.next_rank
        fraction = min(max(int(np.floor((x + F(1) - F(m)) * F(8))), 0), 7)
        level, helper = int(plane.levels[6]), plane.helper_level
        self.level = level
        west, north = samples[base - 1], samples[base - stride]
        near = {
            "NE": samples[base - stride + 1],
            "NW": samples[base - stride - 1],
            "WW": samples[base - 2],
            "NN": samples[base - 2 * stride],
        }
        mean = plane.means
        self.classes = (helper, difference_class((mean[0] - mean[1]) * scale))

        def triple(*values: np.float32) -> int:
            return triple_class(*((value - x) * scale for value in values))

        e = [difference_class(errors[place] * scale) for place in (base - 1, base - stride)]
        values = [
            8 * level + fraction,
            triple(west, north, near["NE"]),
            (11 * e[0] + e[1]) * 8 + fraction,
            triple(near["NW"], near["WW"], near["NN"]),
        ]
        if self.contexts == 8:
            high = self.ranks - 1
            local = plane.local
            ratio = int(F(4) * (local[0] / (local[4] + F(0.1))))
            edge = int(abs(west - north) * scale)
            values += [
                48 * helper + level,
                2048 * m // (max(high, 2047) + 2),
                triple(mean[0], mean[1], mean[2]),
                64 * level + 8 * min(ratio, 7) + min(edge, 7),
            ]
        self.values = values


def held(x: np.ndarray) -> np.ndarray:
    """Log-odds within ±12."""
    return np.minimum(np.maximum(x, F(-12)), F(12))
