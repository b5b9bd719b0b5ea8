"""The wavefront as docs/FORMAT.md §10.10 says it, step after step: what it codes of a plane."""

import numpy as np

from format_model import (
    F,
    bits,
    exp,
    larger,
    log2,
    logistic,
    near_weights,
    places,
    smaller,
    symbol_shapes,
    wave_symbol_starts,
)

OWN = places("own")
NEAR = places("of a helper")
WEIGHTS = near_weights()
SHAPES = symbol_shapes()
STARTS = wave_symbol_starts().astype(int)
LANES = np.arange(8)
KINDS = {
    "sample": (3, ("current", "above", "above2")),
    "error": (3, ("current", "above", "above2", "below")),
    "sign": (3, ("current", "above")),
    "miss0": (2, ("current", "above")),
    "miss1": (2, ("current", "above")),
    "lane1": (2, ("current", "above", "above2")),
    "lane2": (2, ("current", "above", "above2")),
    "lane3": (2, ("current", "above", "above2")),
}


def level(x, beta, count):
    return np.minimum((bits(x + F(1)) >> (23 - beta)) - (127 << beta), count - 1)


def difference(d, omega):
    z = d * omega
    steps = sum((np.abs(z) > F(t)).astype(int) for t in (0.75, 2, 4.5, 10, 24))
    return 5 + np.where(z < 0, -steps, steps)


def differences(a, b, c, omega):
    first, second, third = (difference(d, omega) for d in (a, b, c))
    return (first * 11 + second) * 11 + third


def within(x, low, high):
    return smaller(larger(x, F(low)), F(high))


def only(mask, values):
    return np.where(mask, values, F(0)).astype(F)


def sharpened(x):
    return F(1) + exp(within(x, -20, 20))


def moved(rate, least):
    """A rate after it was used."""
    rate = rate - rate * rate * (F(1) - rate)
    return max(rate, F(least))


class Step:
    """What one step knows of its samples."""


class Plane:
    def __init__(
        self, size, top, unit, block, fading, own, near, helpers=(), prediction=None, is_mixed=False
    ):
        self.width, self.height = size
        self.top, self.unit, self.block = top, unit, block
        self.across, self.down = (F(value) for value in fading)
        self.helpers, self.prediction, self.is_mixed = helpers, prediction, is_mixed
        self.lag = 2 * block
        self.skew = 7 * self.lag
        self.blocks = -(-(self.width + self.skew) // block)
        self.steps = self.blocks * block
        self.zero = 8 * self.lag + 16
        length = self.steps + 2 * self.zero
        self.rows = {
            name: [{part: np.zeros((length, 8), F) for part in parts} for _ in range(rings)]
            for name, (rings, parts) in KINDS.items()
        }
        self.mean = np.zeros((length, 8), F)
        self.scale = np.zeros((length, 8), int)
        self.highest = F(top) * F(2.0**-unit)
        self.sixteenth = F(16) / (self.highest + F(1))
        self.taps = [(0, *tap) for tap in OWN[2:own]]
        for index in range(len(helpers)):
            self.taps += [(index + 1, *tap) for tap in NEAR[: near[index]]]
        self.order = 1 + len(self.taps) + (prediction is not None)
        self.bridge = np.zeros((self.blocks + 2, self.order, self.order + 1), F)
        self.gradients = np.zeros((self.order, 8), F)
        self.cells = [np.tile(np.array([1, 0.18], F), (n, 1)) for n in (640, 320, 320, 320)]
        self.misses = [np.tile(np.array([0, 0.2], F), (1331, 1)) for _ in range(2)]
        scales = [[F((4 + k % 4) << (k // 4)) / F(32), F(0.1)] for k in range(40)]
        self.scales = {e: np.repeat(np.array(scales, F), 16, axis=0) for e in (1, 2, 3)}
        self.correction = np.zeros((12, 8), F)
        self.weights = np.tile(np.array([0.5, 0.1, 0.1, 0.1], F), (24, 64, 1))
        counts = (256, 1331, 1331, 968, 1331, 1331, 1331)
        self.counters = [np.zeros((n, 6, 8), F) for n in counts]
        for lines in self.counters:
            lines[:, :, 7] = F(0.125)

    def kind(self, name, band):
        rings = self.rows[name]
        return rings[band % len(rings)]

    # Rows

    def start(self, name, band, others, first=None):
        rows, before = self.kind(name, band), self.kind(name, band - 1)
        for part, source in (("above", "current"), ("above2", "above")):
            if part not in rows:
                continue
            for t in range(self.zero - 5, self.zero + self.lag):
                rows[part][t] = F(others)
                is_first = first is not None and band == 0
                rows[part][t, 0] = first if is_first else before[source][t + self.skew, 7]

    def pad(self, name, band, t, lane):
        rows = self.kind(name, band)
        value = rows["above"][t, lane]
        for z in range(1, 5):
            rows["current"][t - z, lane] = value
            if lane < 7:
                rows["above"][t - z + self.lag, lane + 1] = value

    def advance(self, name, band, t, value, above=None):
        rows, before = self.kind(name, band), self.kind(name, band - 1)
        moves = [("above", value, "current")]
        if above is not None:
            moves.append(("above2", above.copy(), "above"))
        rows["current"][t] = value
        for part, lanes, source in moves:
            rows[part][t + self.lag, 1:] = lanes[:7]
            rows[part][t + self.lag, 0] = before[source][t + 8 * self.lag, 7]

    def look_below(self, band):
        rows, following = self.kind("error", band), self.kind("error", band + 1)
        is_last = 8 * (band + 1) >= self.height
        for t in range(self.zero - 2, self.zero + self.steps + 2):
            rows["below"][t, :7] = rows["current"][t + self.lag, 1:]
            next_row = following["current"][t - self.skew, 0]
            rows["below"][t, 7] = rows["current"][t, 7] if is_last else next_row

    # A band

    def code(self, band, ranks, coded):
        """Codes a band of rows of ranks; adds what it codes to `coded`."""
        self.band, self.ranks, self.coded = band, ranks, coded
        self.inside = 8 * band + LANES < self.height
        for name, first in (("sample", F(0.5) * self.highest), ("error", F(2))):
            self.start(name, band, 0, first)
            self.pad(name, band, self.zero, 0)
        for name in ("miss0", "miss1"):
            self.start(name, band, 1)
        if self.is_mixed:
            self.start("sign", band, 0, F(0))
            for e in (1, 2, 3):
                self.start(f"lane{e}", band, 1)
        if self.prediction:
            self.place_prediction()
        shape = (self.order, self.order + 1, 8)
        self.left, self.window = np.zeros(shape, F), np.zeros(shape, F)
        self.window[:, :, 0] = self.bridge[0]
        self.equations = self.window.copy()
        for i in range(self.order):
            self.equations[i, i] += F(2)
        for block in range(self.blocks):
            self.fitted_weights = self.solved()
            done = [self.code_step(block * self.block + j) for j in range(self.block)]
            self.fit(block, [s.features for s in done], [s.importance for s in done])

    def place_prediction(self):
        means, scales = self.prediction
        for lane in LANES[self.inside]:
            row, start = 8 * self.band + lane, self.zero + lane * self.lag
            part = slice(start, start + self.width)
            self.mean[part, lane] = np.array(means[row]).astype(F) * F(2.0 ** (-4 - self.unit))
            self.scale[part, lane] = np.array(scales[row]) >> 2

    def code_step(self, step):
        s = Step()
        t = s.t = self.zero + step
        if step % self.lag == 0 and self.lag <= step <= self.skew:
            for name in ("sample", "error"):
                self.pad(name, self.band, t, step // self.lag)
        column = step - LANES * self.lag
        s.live = (column >= 0) & (column < self.width) & self.inside
        s.rank = np.array(
            [self.ranks[8 * self.band + r][column[r]] if s.live[r] else 0 for r in LANES]
        )
        s.value = s.rank.astype(F) * F(2.0**-self.unit)
        self.predict(s)
        if self.is_mixed:
            self.centre(s)
        self.expect_error(s)
        if not self.is_mixed:
            self.list_symbols(s)
        elif s.live.any():
            self.set_models(s)
            self.code_decisions(s)
            self.settle_models(s)
            self.settle_centre(s)
        if self.is_mixed:
            self.advance("sign", self.band, t, only(s.live, s.value - s.expected))
        self.learn(s)
        return s

    def predict(self, s):
        t = s.t
        s.samples = self.kind("sample", self.band)
        s.errors = self.kind("error", self.band)
        s.signs = self.kind("sign", self.band)
        s.near = [helper.kind("sample", self.band) for helper in self.helpers]
        s.west = s.samples["current"][t - 1].copy()
        s.north = s.samples["above"][t].copy()
        s.references = [(s.west + s.north) * F(0.5)]
        s.references += [(rows["current"][t - 1] + rows["above"][t]) * F(0.5) for rows in s.near]
        s.features = [s.west - s.references[0]]
        for source, right, up in self.taps:
            rows = [s.samples, *s.near][source][("current", "above", "above2")[up]]
            s.features.append(rows[t + right] - s.references[source])
        if self.prediction:
            s.features.append(self.mean[t] - s.references[0])
        fit, follow, s.energy = (np.zeros(8, F) for _ in range(3))
        for w, g, f in zip(self.fitted_weights, self.gradients, s.features):
            fit, follow, s.energy = fit + w * f, follow + g * f, s.energy + f * f
        s.fitted, s.followed = s.references[0] + fit, s.references[0] + follow
        a, c = self.missed("miss0", t) * F(0.25), self.missed("miss1", t)
        blend = s.fitted + (s.followed - s.fitted) * (a / (a + c))
        s.expected = within(blend, 0, self.highest)

    def missed(self, name, t):
        rows = self.kind(name, self.band)
        now, above = rows["current"], rows["above"]
        around = above[t - 1] + above[t + 1] + now[t - 2]
        size = now[t - 1] + above[t] + around * F(0.5) + F(0.5)
        size = size * size
        return size * size

    def expect_error(self, s):
        t, k = s.t, WEIGHTS[len(self.helpers)]
        now, above, above2 = (s.errors[part] for part in ("current", "above", "above2"))
        gradient = np.abs(s.expected - s.west) + np.abs(s.expected - s.north)
        near = (
            now[t - 1] * k[0]
            + now[t - 2] * k[1]
            + above[t] * k[2]
            + above[t - 1] * k[3]
            + above[t + 1] * k[4]
            + above[t + 2] * k[5]
            + above2[t] * k[6]
            + (above2[t - 1] + above2[t + 1]) * k[7]
            + np.abs(s.fitted - s.followed) * k[8]
            + (above[t - 2] + now[t - 3]) * k[9]
        )

        def around(e):
            beside = e["current"][t - 1] + e["current"][t + 1]
            return e["current"][t] * F(2) + beside + (e["above"][t] + e["below"][t])

        others = [helper.kind("error", self.band) for helper in self.helpers]
        if not others:
            near = near + gradient * k[10]
            corner, right = s.samples["above"][t - 1], s.samples["above"][t + 1]
            second = np.abs(corner - s.north) + np.abs(right - s.north) + np.abs(s.west - corner)
        else:
            second = around(others[0])
        if len(others) > 1:
            e = others[0]
            more = (e["current"][t + 1] + e["below"][t]) * k[12]
            near = near + (e["current"][t] * k[11] + more)
            second = (second + around(others[1])) * F(0.5)
        s.nearby = within(near + F(0.02), F(0.02), 2**14)
        s.side = level(second, 1, 16)
        coarse = 16 * level(s.nearby * F(8), 1, 20)
        s.cells = [
            16 * level(s.nearby * F(8), 2, 40) + s.side,
            coarse + level(gradient, 1, 16),
            coarse + (s.expected * self.sixteenth).astype(int),
        ]
        if self.prediction:
            s.cells.append(coarse + self.scale[t])
        s.taken = [self.cells[z][cell].copy() for z, cell in enumerate(s.cells)]
        m = [taken[:, 0] for taken in s.taken]
        if self.prediction:
            s.error = s.nearby * ((m[0] + m[1] + (m[2] + m[3])) * F(0.25))
        else:
            s.error = s.nearby * (m[0] * F(0.34) + m[1] * F(0.33) + m[2] * F(0.33))

    def learn(self, s):
        t, band = s.t, self.band
        above = s.errors["above"][t].copy()
        value = np.where(s.live, s.value, np.where(self.inside, s.west, s.north)).astype(F)
        dead = np.where(self.inside, s.errors["current"][t - 1], above)
        error = np.where(s.live, np.abs(value - s.expected), dead).astype(F)
        self.advance("sample", band, t, value, s.north)
        self.advance("error", band, t, error, above)
        for name, of in (("miss0", s.fitted), ("miss1", s.followed)):
            self.advance(name, band, t, np.where(s.live, np.abs(value - of), F(1)).astype(F))
        if band == 0:
            for rows, first in ((s.samples, value[0]), (s.errors, error[0])):
                for part in ("above", "above2"):
                    rows[part][t + 1 : t + 6, 0] = first
        delta = only(s.live, (value - s.followed) * F(0.032) / (F(20) + s.energy))
        for i, f in enumerate(s.features):
            self.gradients[i] += delta * f
        s.features.append(value - s.references[0])
        ratio = error / s.nearby
        for table, cell, taken in zip(self.cells, s.cells, s.taken):
            for lane in LANES[s.live]:
                mean, rate = taken[lane]
                mean = mean + (ratio[lane] - mean) * rate
                table[cell[lane]] = mean, moved(rate, 0.0099)
        s.importance = only(s.live, F(1) / (s.error * s.error + F(0.2)))

    # Fit

    def solved(self):
        order, a = self.order, self.equations.copy()
        inverse, weights = np.zeros((order, 8), F), np.zeros((order, 8), F)
        for i in range(order):
            factors = [a[k, i] * inverse[k] for k in range(i)]
            for c in range(i, order + 1):
                for k in range(i):
                    a[i, c] = a[i, c] - factors[k] * a[k, c]
            inverse[i] = F(1) / larger(a[i, i], F(1))
        for i in reversed(range(order)):
            weights[i] = a[i, order] * inverse[i]
            for k in range(i):
                a[k, order] = a[k, order] - a[k, i] * weights[i]
        return weights

    def fit(self, block, features, importance):
        for i in range(self.order):
            for c in range(i, self.order + 1):
                total = (features[0][i] * importance[0]) * features[0][c]
                for f, h in zip(features[1:], importance[1:]):
                    total = total + (f[i] * h) * f[c]
                left = self.left[i, c]
                own = total + self.across * left
                following = left + self.across * total + self.down * self.window[i, c]
                self.left[i, c] = own
                if block >= 15:
                    self.bridge[block - 15, i, c] = following[7]
                self.window[i, c, 1:] = following[:7]
                self.window[i, c, 0] = self.bridge[block + 1, i, c]
                self.equations[i, c] = self.window[i, c] + F(0.9) * own
            self.equations[i, i] += F(2)

    # Symbols

    def list_symbols(self, s):
        steps = F(2.0**self.unit)
        x = within(s.error * steps, 2.0**-5, 63488)
        shift = np.maximum((bits(x) >> 23) - 127 - 3, 0)
        kind = (bits(x) >> 21) - 4 * (shift + 122)
        place = (s.expected * steps + F(0.5)) * np.exp2(-shift.astype(float)).astype(F)
        middle = place.astype(int)
        fraction = ((place - middle.astype(F)) * F(8)).astype(int)
        below = []
        for r in LANES[s.live]:
            starts = STARTS[8 * kind[r] + fraction[r]]
            bucket, last = s.rank[r] >> shift[r], self.top >> shift[r]
            y, count = bucket - middle[r] + 128, shift[r]
            low = high = 0
            if 1 <= y <= 255:
                low = 16 if bucket == 0 else starts[y]
                high = 65535 if bucket == last else starts[y + 1]
            if high <= low:  # an escape
                low, high, count = 0, 16, int(self.top).bit_length()
            self.coded.append(low << 16 | (high - low))
            if count:
                below.append(((s.rank[r] & ((1 << count) - 1)) << (16 - count), 1 << (16 - count)))
        self.coded += [start << 16 | size for start, size in below]

    # Mixed decisions

    def centre(self, s):
        t, one = s.t, F(1)
        now, above = s.signs["current"], s.signs["above"]
        s.blend = s.expected
        right = s.samples["above"][t + 1]
        around = (s.west - s.blend, s.north - s.blend, right - s.blend)
        s.miss_cells = [
            differences(*around, one),
            differences(now[t - 1], above[t], above[t + 1], one),
        ]
        s.miss_taken = [self.misses[z][cell].copy() for z, cell in enumerate(s.miss_cells)]
        mean = s.miss_taken[0][:, 0] + s.miss_taken[1][:, 0]
        s.expected = within(s.blend + mean * F(0.25), 0, self.highest)

    def settle_centre(self, s):
        for table, cell, taken in zip(self.misses, s.miss_cells, s.miss_taken):
            for r in LANES[s.live]:
                mean, rate = taken[r]
                mean = mean + ((s.value[r] - s.blend[r]) - mean) * rate
                table[cell[r]] = mean, moved(rate, 0.0075)

    def set_models(self, s):
        t, steps, x = s.t, F(2.0**self.unit), s.expected
        now, above = s.signs["current"], s.signs["above"]
        history = [now[t - 1], above[t], above[t - 1], above[t + 1], now[t - 2]]
        history += [s.west - x, s.north - x, s.fitted - s.followed]
        west, north = s.west, s.north
        if self.helpers:
            signs = self.helpers[0].kind("sign", self.band)
            history += [signs["current"][t + k] for k in (0, 1, -1)] + [signs["above"][t]]
            rows = s.near[0]
            west = west + (rows["current"][t] - rows["current"][t - 1])
            north = north + (rows["current"][t] - rows["above"][t])
        s.history = [h.copy() for h in history]
        s.history_energy, correction = np.zeros(8, F), np.zeros(8, F)
        for h, k in zip(s.history, self.correction):
            s.history_energy, correction = s.history_energy + h * h, correction + h * k
        s.corrected = x + correction
        s.place = [x] + [within(v, 0, self.highest) for v in (s.corrected, west, north)]
        s.inverse = [F(1.7) / larger(s.error * steps, F(0.05))]
        s.scale_cells, s.scale_taken = [None], [None]
        for e in (1, 2, 3):
            rows = self.kind(f"lane{e}", self.band)
            now, above = rows["current"], rows["above"]
            twice, once = now[t - 1] + above[t], above[t - 1] + above[t + 1]
            around = (twice * F(2) + once + (now[t - 2] + rows["above2"][t])) * F(0.125)
            cell = 16 * level(around * F(8), 2, 40) + s.side
            s.scale_cells.append(cell)
            s.scale_taken.append(self.scales[e][cell].copy())
            s.inverse.append(F(1.7) / larger(s.scale_taken[e][:, 0] * steps, F(0.05)))
        s.mean = [place * steps for place in s.place]
        s.rounded = np.minimum((s.mean[0] + F(1)).astype(int), self.top)
        fraction = ((s.mean[0] + F(1) - s.rounded.astype(F)) * F(8)).astype(int)
        s.fraction = np.clip(fraction, 0, 7)
        bounds = [F(b) for b in (1.15, 2.4, 5, 10.7, 22)]
        bound = F(46)
        while self.top > 255 and bound < 8000:
            bounds.append(bound)
            bound = bound * F(2.06)
        s.size = sum((s.error * steps >= b).astype(int) for b in bounds)
        s.weight_level = level(s.error * F(8), 1, 24)
        s.contexts = self.contexts(s)

    def contexts(self, s):
        t, x = s.t, s.expected
        omega = F(1) / (s.error * F(0.4) + F(0.4))
        now, above, above2 = (s.samples[part] for part in ("current", "above", "above2"))
        signs, signs_above = s.signs["current"], s.signs["above"]
        west2, north2 = now[t - 2], above2[t]
        both = difference(signs[t - 1], omega) * 11 + difference(signs_above[t], omega)
        contexts = [
            (x * (F(16) * self.sixteenth)).astype(int),
            differences(s.west - x, s.north - x, above[t + 1] - x, omega),
            differences(s.place[2] - x, s.fitted - x, s.followed - x, omega),
            both * 8 + s.fraction,
            differences(above[t - 1] - x, west2 - x, north2 - x, omega),
        ]
        if not self.helpers:
            fifth = (s.place[3] - x, s.west - west2, s.north - north2)
            sixth = (signs_above[t + 1], signs_above[t - 1], signs[t - 2])
        else:
            rows = s.near[0]["current"]
            third = s.west - s.north
            if len(self.helpers) > 1:
                third = s.near[1]["current"][t] - s.references[2]
            fifth = (rows[t] - s.references[1], rows[t + 1] - s.references[1], third)
            other = self.helpers[0].kind("sign", self.band)["current"]
            sixth = (other[t], other[t + 1], other[t - 1])
        return [*contexts, differences(*fifth, omega), differences(*sixth, omega)]

    def round(self, s, inputs, bias, node, on, bit):
        """Codes a round of decisions; returns their errors."""
        weights = self.weights[s.weight_level, node].copy()
        dot = weights[:, 0] * inputs[0]
        for e in (1, 2, 3):
            dot = dot + weights[:, e] * inputs[e]
        p = logistic(within(dot + bias, -11.5, 11.5))
        coded = np.clip((p * F(2**14)).astype(int), 2, 2**14 - 2)
        self.coded.append(np.where(on, coded | bit.astype(int) << 15, 0).astype(np.uint16))
        error = only(on, bit.astype(F) - p)
        gain = error * F(0.002)
        for r in LANES:
            for e in range(4):
                self.weights[s.weight_level[r], node[r], e] += gain[r] * inputs[e][r]
        return error

    def code_decisions(self, s):
        lines = np.minimum(s.size, 5)
        sums = self.counters[0][s.contexts[0], lines].T.copy()
        for counters, context in zip(self.counters[1:], s.contexts[1:]):
            sums = sums + counters[context, lines].T
        errors = np.zeros((7, 8), F)
        offset = [s.rounded.astype(F) - F(0.5) - mean for mean in s.mean]
        inputs = [within(-off * inverse, -12, 12) for off, inverse in zip(offset, s.inverse)]
        up = s.rank >= s.rounded
        first_node = np.minimum(s.size, 7)
        errors[0] = self.round(s, inputs, sums[0] * F(0.3), first_node, s.live, up)
        start, end = np.zeros(8, int), np.where(up, self.top + 1 - s.rounded, s.rounded)
        distance = np.where(up, s.rank - s.rounded, s.rounded - 1 - s.rank)
        offset = [np.where(up, off, -off).astype(F) for off in offset]
        near = [sharpened(off * inverse) for off, inverse in zip(offset, s.inverse)]
        far = [np.full(8, F(1e14)) for _ in offset]
        first = 1 << s.size
        segment, rounds, depth = first < end, 0, np.zeros(8, int)
        bias = np.where(up, sums[2], sums[1]).astype(F) * F(0.3)
        while True:
            width = end - start
            on = s.live & (width > 1)
            if not on.any():
                break
            doubled = np.where(start == 0, first, 2 * start)
            middle = np.where(segment, doubled, start + (width >> 1))
            wider = sum((width > bound).astype(int) for bound in (2, 4, 8, 16))
            halving = 22 + 20 * up + 5 * np.minimum(depth, 3) + wider
            node = np.where(on, np.where(segment, 8 + 2 * min(rounds, 6) + up, halving), 0)
            to_end = (end - middle).astype(F) * F(4e-7)
            to_start = (middle - start).astype(F) * F(4e-7)
            here = []
            for e in range(4):
                value = sharpened((middle.astype(F) + offset[e]) * s.inverse[e])
                whole = near[e] * far[e] * value
                beyond = larger(far[e] - value, F(0)) * near[e] + to_end * whole
                inside = larger(value - near[e], F(0)) * far[e] + to_start * whole
                inputs[e] = within(log2(beyond / inside) * F(0.6931472), -12, 12)
                here.append(value)
            bit = distance >= middle
            error = self.round(s, inputs, bias, node, on, bit)
            bias = np.zeros(8, F)
            if rounds == 0:
                errors[1], errors[2] = only(~up, error), only(up, error)
            if rounds == 1:
                for i, mask in ((3, ~segment & ~up), (4, ~segment & up)):
                    errors[i] = only(mask, error)
                for i, mask in ((5, segment & ~up), (6, segment & up)):
                    errors[i] = only(mask, error)
            start, end = np.where(bit & on, middle, start), np.where(~bit & on, middle, end)
            near = [np.where(bit, v, n).astype(F) for v, n in zip(here, near)]
            far = [np.where(bit, f, v).astype(F) for v, f in zip(here, far)]
            depth = depth + ~segment
            segment = segment & bit & (2 * start < end)
            if rounds == 0:
                inside = np.where(up, sums[4], sums[3])
                bias = np.where(segment, np.where(up, sums[6], sums[5]), inside).astype(F) * F(0.3)
            rounds += 1
        for r in LANES:
            for counters, context in zip(self.counters, s.contexts):
                line = counters[context[r], lines[r]]
                rate = line[7]
                for i in range(7):
                    line[i] = max(line[i] + rate * errors[i][r], F(-100))
                line[7] = max(rate + rate * (rate * F(-0.2)), F(0.03))

    def settle_models(self, s):
        for e in (1, 2, 3):
            above = self.kind(f"lane{e}", self.band)["above"][s.t].copy()
            missed = np.abs(s.value - s.place[e])
            self.advance(
                f"lane{e}", self.band, s.t, np.where(s.live, missed, F(1)).astype(F), above
            )
            for r in LANES[s.live]:
                mean, rate = s.scale_taken[e][r]
                mean = mean + (missed[r] - mean) * rate
                self.scales[e][s.scale_cells[e][r]] = mean, moved(rate, 0.01)
        step = (s.value - s.corrected) * F(0.008) / (F(8) + s.history_energy)
        step = only(s.live, step)
        for i, h in enumerate(s.history):
            self.correction[i] += step * h
