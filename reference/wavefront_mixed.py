"""Samples of the wavefront as mixed decisions (FORMAT.md, §10.10, *Mixed decisions*)."""

import numpy as np

from reference.functions import F, exp, log2
from reference.rans import BitReader
from reference.wavefront_plane import (
    LANES,
    ROW_NAMES,
    Band,
    Cells,
    Kind,
    Step,
    WavefrontPlane,
    level,
    ordered_sum,
)

CENTER_LIMITS = np.array([0.75, 2, 4.5, 10, 24], F)
CONTEXT_VALUES = (256, 1331, 1331, 968, 1331, 1331, 1331)
LINES = 6
COUNTERS = 7
RATE_PLACE = 7
NODES = 64
LEVELS = 24
# Of the first four models, of those that two windows add, and of what counters say.
FIRST_WEIGHTS, COUNTERS_WEIGHT = (0.25, 0.05, 0.05, 0.05, 0, 0, 0), 0.15


def size_limits(top: int) -> np.ndarray:
    """What |error| in ranks is compared with to get a size (*Place*)."""
    limits = [F(1.15), F(2.4), F(5), F(10.7), F(22)]
    if top > 255:
        limit = F(46)
        while limit < F(8000):
            limits.append(limit)
            limit = limit * F(2.06)
    return np.array(limits, F)


def distance_class(distance: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """D(d, ω), 0 … 10."""
    z = distance * scale
    count = (CENTER_LIMITS[:, None] < np.abs(z)).sum(axis=0)
    return 5 + np.sign(z).astype(np.int64) * count


def triple_class(a: np.ndarray, b: np.ndarray, c: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """D₃, 0 … 1330."""
    classes = [distance_class(distance, scale) for distance in (a, b, c)]
    return (11 * classes[0] + classes[1]) * 11 + classes[2]


def held(x: np.ndarray, limit: float) -> np.ndarray:
    """Within ±limit, −limit for NaN."""
    x = np.where(x > -limit, x, F(-limit))
    return np.where(x < limit, x, F(limit))


class MixedPlane(WavefrontPlane):
    """A plane, with what mixed decisions learn."""

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        band = self.bands[0]
        self.sign = Kind(band, ROW_NAMES[:2], 3)
        self.models = 4 if len(self.profile.windows) == 1 else 7
        self.lanes = [Kind(band, ROW_NAMES, 2) for _ in range(self.models - 1)]
        self.centers = [Cells(np.zeros(1331), 0.2, 0.0075) for _ in range(2)]
        levels = np.arange(640) // 16
        means = (4 + levels % 4) * 2.0 ** (levels // 4) / 32
        self.scales = [Cells(means, 0.1, 0.01) for _ in range(self.models - 1)]
        self.correction = np.zeros((12 if self.helpers else 8, LANES), F)
        weights = np.array([*FIRST_WEIGHTS[: self.models], COUNTERS_WEIGHT], F)
        self.mixing = [np.tile(weights, (sets, NODES, 1)) for sets in (LEVELS, 16)]
        self.lines = []
        for values in CONTEXT_VALUES:
            lines = np.zeros((values, LINES, COUNTERS + 1), F)
            lines[:, :, RATE_PLACE] = 0.125
            self.lines.append(lines)
        self.size_limits = size_limits(self.top)

    def begin_band(self, band: Band) -> None:
        """As a band begins."""
        super().begin_band(band)
        self.sign.start(band, 0, 0)
        for lane in self.lanes:
            lane.start(band, 1, None)


class MixedCoder:
    """Decodes the samples of a step in rounds of decisions of all lanes."""

    def __init__(self, reader: BitReader) -> None:
        self.reader = reader

    def decode(self, step: Step) -> None:
        """Decodes the live lanes' ranks."""
        mixed = MixedStep(step, self.reader)
        mixed.center()
        step.expect_error()
        ranks = [0] * LANES
        if step.live.any():
            mixed.set_models()
            mixed.set_place()
            mixed.set_counters()
            ranks = mixed.decide()
            mixed.learn_counters()
        step.set_ranks(ranks)
        if step.live.any():
            mixed.learn_models()
            mixed.learn_centers()
        signed = np.where(step.live, step.value - step.expected, F(0))
        step.plane.sign.advance(step.band, step.t, signed, None)


class MixedStep:
    """The mixed decisions of a step."""

    def __init__(self, step: Step, reader: BitReader) -> None:
        self.step, self.plane, self.reader = step, step.plane, reader
        self.t, self.live = step.t, step.live
        self.sign = step.plane.sign.at(step.band.index)
        self.current_sign, self.above_sign = self.sign["current"], self.sign["above"]
        helpers = step.plane.helpers
        self.helper_sign = None
        if helpers:
            self.helper_sign = helpers[0].sign.at(step.band.index)["current"]

    def sample(self, right: int, up: int) -> np.ndarray:
        """A neighbour in the plane itself."""
        return self.step.rows_at(self.step.sample, (right, up))

    def center(self) -> None:
        """*Centre*: moves the blend by what it misses by."""
        step, t = self.step, self.t
        blend = self.blend = step.expected
        signs = (self.current_sign[t - 1], self.above_sign[t], self.above_sign[t + 1])
        around = (step.west - blend, step.north - blend, self.sample(1, 1) - blend)
        self.center_cells = [triple_class(*around, F(1)), triple_class(*signs, F(1))]
        means = [table.means[cells] for table, cells in zip(self.plane.centers, self.center_cells)]
        step.expected = step.held(blend + (means[0] + means[1]) * F(0.25))

    def set_models(self) -> None:
        """*Models*: four, or seven."""
        step, plane, t = self.step, self.plane, self.t
        expected = step.expected
        current, above = self.current_sign, self.above_sign
        h = [
            current[t - 1],
            above[t],
            above[t - 1],
            above[t + 1],
            current[t - 2],
            step.west - expected,
            step.north - expected,
            step.fitted - step.followed,
        ]
        west, north = step.west, step.north
        if self.helper_sign is not None:
            sign = self.helper_sign
            helper_above = plane.helpers[0].sign.at(step.band.index)["above"]
            h += [sign[t], sign[t + 1], sign[t - 1], helper_above[t]]
            rows = step.helper_rows[0]
            west = west + (rows["current"][t] - rows["current"][t - 1])
            north = north + (rows["current"][t] - rows["above"][t])
        self.inputs = np.stack(h)
        self.corrected = expected + ordered_sum(self.inputs * plane.correction)
        others = [self.corrected, west, north]
        if plane.models > len(others) + 1:
            others += [step.refitted, step.fitted, step.followed]
        self.places = [expected, *(step.held(x) for x in others)]
        inverse = [step.expected_error * plane.scale_up]
        self.scale_cells = []
        for kind, table in zip(plane.lanes, plane.scales):
            rows = kind.at(step.band.index)
            current, above, above2 = (rows[name] for name in ROW_NAMES)
            around = (
                (current[t - 1] + above[t]) * F(2)
                + (above[t - 1] + above[t + 1])
                + (current[t - 2] + above2[t])
            ) * F(0.125)
            cells = 16 * level(around * F(8), 2, 40) + step.side
            self.scale_cells.append(cells)
            inverse.append(table.means[cells] * plane.scale_up)
        self.means = np.stack(self.places) * plane.scale_up
        self.inverse = F(1.7) / np.maximum(np.stack(inverse), F(0.05))

    def set_place(self) -> None:
        """*Place*."""
        step, plane = self.step, self.plane
        error = step.expected_error
        following = self.means[0] + F(1)
        self.rounded = np.minimum(np.floor(following).astype(np.int64), plane.top)
        fraction = (following - self.rounded.astype(F)) * F(8)
        self.fraction = np.clip(fraction.astype(np.int64), 0, 7)
        scaled = error * plane.scale_up
        self.size = (plane.size_limits[:, None] <= scaled).sum(axis=0)
        sixteenth = np.floor(step.expected * plane.sixteenth).astype(np.int64)
        self.sets = (level(error * F(8), 1, LEVELS), sixteenth)

    def set_counters(self) -> None:
        """*Counters*: lines of seven contexts, and the sums of their counters."""
        step, t = self.step, self.t
        x = step.expected
        scale = F(1) / (step.expected_error * F(0.4) + F(0.4))
        current, above = self.current_sign, self.above_sign
        west, north = step.west, step.north
        far_west, far_north = self.sample(-2, 0), self.sample(0, 2)
        signs = 11 * distance_class(current[t - 1], scale) + distance_class(above[t], scale)
        if self.helper_sign is None:
            beside = (self.places[3] - x, west - far_west, north - far_north)
            missed = (above[t + 1], above[t - 1], current[t - 2])
        else:
            rows = step.helper_rows[0]
            center = step.helper_center(rows)
            slope = west - north
            if len(step.helper_rows) == 2:
                other = step.helper_rows[1]
                slope = other["current"][t] - step.helper_center(other)
            beside = (rows["current"][t] - center, rows["current"][t + 1] - center, slope)
            sign = self.helper_sign
            missed = (sign[t], sign[t + 1], sign[t - 1])
        contexts = [
            np.floor(x * (F(16) * self.plane.sixteenth)).astype(np.int64),
            triple_class(west - x, north - x, self.sample(1, 1) - x, scale),
            triple_class(self.places[2] - x, step.fitted - x, step.followed - x, scale),
            signs * 8 + self.fraction,
            triple_class(self.sample(-1, 1) - x, far_west - x, far_north - x, scale),
            triple_class(*beside, scale),
            triple_class(*missed, scale),
        ]
        line = np.minimum(self.size, LINES - 1)
        self.lines = [
            [lines[value, place] for value, place in zip(context.tolist(), line.tolist())]
            for lines, context in zip(self.plane.lines, contexts)
        ]
        sums = np.stack([np.stack(lines) for lines in self.lines])
        self.counters = ordered_sum(sums)[:, :COUNTERS].T
        self.errors = np.zeros((COUNTERS, LANES), F)

    def learn_counters(self) -> None:
        """Moves the counters of all lanes, dead ones too."""
        errors = self.errors.T
        for lane in range(LANES):
            for lines in self.lines:
                line = lines[lane]
                rate = line[RATE_PLACE]
                line[:COUNTERS] = np.maximum(line[:COUNTERS] + rate * errors[lane], F(-100))
                line[RATE_PLACE] = max(rate + rate * (rate * F(-0.2)), F(0.03))

    def decide(self) -> list[int]:
        """*Decisions*: the ranks of live lanes."""
        live, c, size = self.live, self.counters, self.size
        count = self.plane.top + 1
        off = self.rounded.astype(F) - F(0.5) - self.means
        x = held(-off * self.inverse, 12)
        nodes = np.minimum(size, 7)
        up, errors = self._round(live, nodes, x, c[0])
        self.errors[0] = errors
        start = np.zeros(LANES, np.int64)
        end = np.where(up, count - self.rounded, self.rounded)
        off = np.where(up, off, -off)
        near = bounded_exp(off * self.inverse)
        far = np.full((self.plane.models, LANES), F(1e14))
        segment_size = np.left_shift(1, size)
        segment = segment_size < end
        rounds = 0
        depth = np.zeros(LANES, np.int64)
        counted = np.where(up, c[2], c[1])
        while True:
            on = live & (end - start > 1)
            if not on.any():
                break
            width = end - start
            doubled = np.where(start == 0, segment_size, 2 * start)
            middle = np.where(segment, doubled, start + (width >> 1))
            widths = sum((width > limit).astype(np.int64) for limit in (2, 4, 8, 16))
            halves = 22 + 20 * up + 5 * np.minimum(depth, 3) + widths
            nodes = np.where(segment, 8 + 2 * min(rounds, 6) + up, halves)
            here = bounded_exp((middle.astype(F) + off) * self.inverse)
            product = near * far * here
            beyond = np.maximum(far - here, F(0)) * near
            beyond = beyond + ((end - middle).astype(F) * F(4e-7)) * product
            within = np.maximum(here - near, F(0)) * far
            within = within + ((middle - start).astype(F) * F(4e-7)) * product
            with np.errstate(all="ignore"):
                x = held(log2(beyond / within) * F(0.6931472), 12)
            bit, errors = self._round(on, nodes, x, counted)
            if rounds == 0:
                self.errors[1] = np.where(up, F(0), errors)
                self.errors[2] = np.where(up, errors, F(0))
            elif rounds == 1:
                for index, mask in enumerate(
                    (~segment & ~up, ~segment & up, segment & ~up, segment & up), start=3
                ):
                    self.errors[index] = np.where(mask, errors, F(0))
            near = np.where(bit, here, near)
            far = np.where(bit, far, here)
            depth = depth + ~segment
            segment = segment & bit & (2 * middle < end)
            start = np.where(bit, middle, start)
            end = np.where(bit, end, middle)
            counted = np.zeros(LANES, F)
            if rounds == 0:
                halved, doubling = np.where(up, c[4], c[3]), np.where(up, c[6], c[5])
                counted = np.where(segment, doubling, halved)
            rounds += 1
        return np.where(up, self.rounded + start, self.rounded - 1 - start).tolist()

    def _round(
        self, on: np.ndarray, nodes: np.ndarray, x: np.ndarray, counted: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """One decision of every lane that is on: bits, and errors (0 of the others)."""
        nodes = np.where(on, nodes, 0)
        weights = [table[place, nodes].T for table, place in zip(self.plane.mixing, self.sets)]
        inputs = np.concatenate([x, counted[None]])
        dot = ordered_sum((weights[0] + weights[1]) * inputs)
        p = F(1) / (F(1) + exp(-held(dot, 11.5)))
        coded = np.clip((p * F(1 << 14)).astype(np.int64), 2, (1 << 14) - 2)
        bit = np.zeros(LANES, bool)
        lanes = np.flatnonzero(on)
        for lane in lanes.tolist():
            bit[lane] = self.reader.decision(lane, int(coded[lane]))
        self.reader.count += 1
        errors = np.where(on, bit.astype(F) - p, F(0))
        changes = (errors * F(0.0015)) * inputs
        changes[-1] = (errors * F(0.004)) * counted
        for table, place in zip(self.plane.mixing, self.sets):
            for lane in lanes:
                table[place[lane], nodes[lane]] += changes[:, lane]
        return bit, errors

    def learn_models(self) -> None:
        """Scales of all models but the first, and the correction."""
        step, plane, live = self.step, self.plane, self.live
        for place, kind, table, cells in zip(
            self.places[1:], plane.lanes, plane.scales, self.scale_cells
        ):
            distance = np.abs(step.value - place)
            above = kind.at(step.band.index)["above"][self.t].copy()
            kind.advance(step.band, self.t, np.where(live, distance, F(1)), above)
            table.learn(cells, distance, live)
        energy = ordered_sum(self.inputs * self.inputs)
        change = (step.value - self.corrected) * F(0.008) / (F(8) + energy)
        plane.correction += np.where(live, change, F(0)) * self.inputs

    def learn_centers(self) -> None:
        """The cells that the centre comes from."""
        missed = self.step.value - self.blend
        for table, cells in zip(self.plane.centers, self.center_cells):
            table.learn(cells, missed, self.live)


def bounded_exp(a: np.ndarray) -> np.ndarray:
    """X(a)."""
    return F(1) + exp(held(a, 20))
