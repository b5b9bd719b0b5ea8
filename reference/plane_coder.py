"""The plane coder: what it expects of a sample and how it learns (FORMAT.md, §10.5)."""

from dataclasses import dataclass

import numpy as np

from reference.arithmetic import ceiling
from reference.classes import triple_class
from reference.functions import F, inner_product, lane_sum, log2
from reference.least_squares import LeastSquares
from reference.padded_plane import PaddedPlane
from reference.residual_profile import Profile

LANES = 8
LEVELS, HELPER_LEVELS = 48, 24
SKIPPED_ERROR = F(0.3)

Places = tuple[tuple[int, int], ...]


def places(**rows: tuple[int, int]) -> Places:
    """(row, column) of ranges of columns; `here`, `up1` … and `down1` name the rows."""
    numbers = {"here": 0, "up1": -1, "up2": -2, "up3": -3, "down1": 1}
    return tuple(
        (numbers[name], column)
        for name, (first, last) in rows.items()
        for column in range(first, last + 1)
    )


OWN_16 = places(here=(-3, -1), up1=(-3, 3), up2=(-2, 2), up3=(0, 0))
OWN_14 = places(here=(-3, -1), up1=(-2, 3), up2=(-1, 2), up3=(0, 0))
OWN_8 = places(here=(-2, -1), up1=(-2, 2), up2=(0, 0))
OWN_6 = places(here=(-2, -1), up1=(-1, 1), up2=(0, 0))
KNOWN_12 = places(here=(-2, 2), up1=(-1, 1), down1=(-1, 1), up2=(0, 0))
KNOWN_4 = places(here=(-1, 1), down1=(0, 0))
KNOWN_2 = places(here=(0, 1))
EARLIER_7 = places(here=(-2, 0), up1=(-1, 1), up2=(0, 0))
LATER_3 = places(here=(-1, -1), up1=(-1, 0))


@dataclass
class Plane:
    """A plane that is not constant: its samples as ranks and its errors, both with borders.

    `mean` and `scale` are those of P_dec, in ranks with borders and as numbers, or None.
    """

    ranks: int
    unit: np.float32
    is_alpha: bool
    samples: PaddedPlane
    errors: PaddedPlane
    mean: PaddedPlane | None = None
    scale: np.ndarray | None = None


class PlaneCoder:
    """Predicts the samples of one plane.

    `predict` sets what the text names: means and local errors of lanes, the scales' cells,
    estimate, m, and levels.
    """

    def __init__(
        self, profile: Profile, planes: list[Plane], index: int, candidates: bool, prediction: bool
    ) -> None:
        """`planes`: all that are not constant, in the order of coding; `prediction`: whether the
        tile has a P_dec."""
        plane = self.plane = planes[index]
        self.candidates = candidates
        self.before = planes[:index]
        self.guide = next((other for other in self.before if not other.is_alpha), None)
        self.high = F(plane.ranks - 1)
        self.unit = plane.unit
        self.per_unit = F(1) / self.unit
        self.width = plane.samples.width
        self.sources = self._sources(planes, index, prediction)
        self.regressors = sum(len(offsets) for _, offsets in self.sources)
        padded = LANES * ceiling(self.regressors, LANES)
        self.features = np.zeros(padded, F)
        self.squares = LeastSquares(
            self.regressors, self.width, profile.block_width, profile.windows, profile.fits_own_row
        )
        self.windows = len(profile.windows)
        self.has_nlms = profile.has_nlms
        self.nlms = np.zeros(padded, F)
        self.nlms_floor = F(2 * self.regressors) * self.unit * self.unit
        self._set_lanes()
        height = plane.samples.height
        self.misses = np.ones((height + 2, self.width + 4, LANES), F)
        start, value = [], F(0.15)
        for _ in range(LEVELS):
            start.append(value)
            value = value * F(1.2599)
        shape = (LEVELS, HELPER_LEVELS, LANES)
        self.scales = np.broadcast_to(np.array(start)[:, None, None], shape).copy()
        self.scale_counts = np.full(shape, 2, F)
        self.bias_means = np.zeros((2, 1331), F)
        self.bias_counts = np.zeros((2, 1331), np.int64)
        self.correction = np.zeros(LANES, F)

    def _sources(
        self, planes: list[Plane], index: int, prediction: bool
    ) -> list[tuple[PaddedPlane, np.ndarray]]:
        """The planes that regressors come from, with offsets of places."""
        plane, candidates = planes[index], self.candidates
        first = OWN_14 if candidates or prediction else OWN_16
        own = (first, OWN_8, OWN_6)[min(index, 2)]
        lists = [(plane.samples, own)]
        for number, other in enumerate(planes):
            if number < index:
                near = KNOWN_2 if other.is_alpha else KNOWN_12
                lists.append((other.samples, EARLIER_7 if candidates else near))
            elif number > index and candidates:
                lists.append((other.samples, LATER_3))
        if plane.mean is not None:
            lists.append((plane.mean, KNOWN_4 if index == 1 else KNOWN_2))
        return [
            (source, np.array([source.offset(*place) for place in near])) for source, near in lists
        ]

    def _set_lanes(self) -> None:
        experts = self.windows + self.has_nlms
        factors = [1.5, 1, 1, 0, 0, 0, 0, 0]
        for lane in range(experts, 3):
            factors[lane] = 0
        if self.plane.mean is not None:
            factors[5] = 1
        self.factors = np.array(factors, F)

    def begin_row(self, y: int) -> None:
        """Before a row is coded."""
        self.y = y
        self.plane.samples.begin_row(y)
        self.squares.begin_row()
        self.misses[y + 2, :2] = self.misses[y + 1, 2]

    def end_row(self) -> None:
        """After a row."""
        self.plane.samples.end_row(self.y)
        self.misses[self.y + 2, self.width + 2 :] = self.misses[self.y + 2, self.width + 1]
        self.squares.end_row()

    def predict(self, x: int) -> None:
        """Everything that is known before the sample is."""
        self.x = x
        plane = self.plane
        base = self.base = plane.samples.place(x, self.y)
        self.fill_features(base)
        high = self.high
        weights = self.squares.block_weights(x)
        means = [self._expert(row) for row in weights]
        if self.has_nlms:
            means.append(self._expert(self.nlms[: self.regressors]))
        means += [means[0]] * (3 - len(means))
        means += [*self._plain_means(base), F(0), F(0)]
        means = np.array(means, F)
        means = np.where(means > 0, means, F(0))
        means = np.where(means < high, means, high)
        row, above, above2 = (self.misses[self.y + 2 - up] for up in range(3))
        at = x + 2
        local = (
            (row[at - 1] + above[at]) * F(2)
            + (above[at - 1] + above[at + 1])
            + (row[at - 2] + above2[at])
        ) * F(0.125)
        self.local = local
        epsilon = local + F(0.03)
        epsilon = epsilon * epsilon
        shares = self.factors / (epsilon * epsilon)
        blend = self.blend = lane_sum(shares * means) / lane_sum(shares)
        self._correct(base, blend)
        means[6], means[7] = self.estimate, self.corrected_mean
        self.means = means
        self._set_scales()

    def fill_features(self, base: int) -> None:
        """Regressors at a place, each less its plane's reference."""
        position = 0
        for source, offsets in self.sources:
            flat = source.flat
            reference = (flat[base - 1] + flat[base - source.stride]) * F(0.5)
            if position == 0:
                self.reference = reference
            end = position + len(offsets)
            self.features[position:end] = flat[base + offsets] - reference
            position = end

    def _expert(self, weights: np.ndarray) -> np.float32:
        padded = np.zeros_like(self.features)
        padded[: len(weights)] = weights
        product = inner_product(padded.reshape(-1, LANES), self.features.reshape(-1, LANES))
        return self.reference + product

    def _plain_means(self, base: int) -> list[np.float32]:
        """Means of lanes 3, 4 and 5."""
        flat, stride = self.plane.samples.flat, self.plane.samples.stride
        west, north = flat[base - 1], flat[base - stride]
        if self.guide is None:
            means, other = [west, north], flat[base - stride + 1]
        else:
            guide = self.guide.samples.flat
            here = guide[base]
            means = [west + (here - guide[base - 1]), north + (here - guide[base - stride])]
            other = west
        if self.plane.mean is not None:
            other = self.plane.mean.flat[base]
        return [*means, other]

    def _correct(self, base: int, blend: np.float32) -> None:
        """Bias, correction and estimate."""
        samples, errors = self.plane.samples.flat, self.plane.errors.flat
        stride, u = self.plane.samples.stride, self.per_unit
        west, north = samples[base - 1] - blend, samples[base - stride] - blend
        north_east = samples[base - stride + 1] - blend
        near = [base - 1, base - stride, base - stride - 1, base - stride + 1, base - 2]
        e = errors[[*near, base - 2 * stride]]
        self.bias_cells = (
            triple_class(west * u, north * u, north_east * u),
            triple_class(e[0] * u, e[1] * u, e[3] * u),
        )
        first, second = self.bias_cells
        bias = F(0.5) * (self.bias_means[0, first] + self.bias_means[1, second])
        self.history = np.array([*e, west, north], F)
        estimate = blend + bias
        corrected = estimate + lane_sum(self.correction * self.history)
        self.estimate = self.held(estimate)
        self.corrected_mean = self.held(corrected)

    def held(self, value: np.float32) -> np.float32:
        """A value within 0 … high, 0 for NaN."""
        value = value if value > 0 else F(0)
        return value if value < self.high else self.high

    def _set_scales(self) -> None:
        """Levels, the cells of scales, and s."""
        self.levels = level(self.local)
        self.helper_level = self._helper_level()
        contexts = np.full(LANES, self.helper_level)
        if self.plane.scale is not None:
            contexts[5] = 3 * self.plane.scale[self.y, self.x] // 8
        self.cells = (self.levels, contexts, np.arange(LANES))
        self.lane_scales = self.scales[self.cells]
        self.expected_error = max(self.lane_scales[6], F(0.05))
        self.next_rank = int(np.floor(self.estimate + F(1)))

    def _helper_level(self) -> int:
        if not self.before:
            return 0
        total = F(0)
        for other in self.before:
            errors, stride, base = other.errors.flat, other.errors.stride, self.base
            total += F(2) * abs(errors[base]) + abs(errors[base - 1]) + abs(errors[base - stride])
            if not self.candidates:
                total += abs(errors[base + 1]) + abs(errors[base + stride])
        count = F((4 if self.candidates else 6) * len(self.before))
        return int(level(np.array([total / count]))[0]) // 2

    def learn(self, rank: int) -> None:
        """*Learning*: the sample at the place of the last prediction is known."""
        value = F(rank)
        features = self.features
        self.squares.add(
            self.x, features[: self.regressors], value - self.reference, self.expected_error
        )
        if self.has_nlms:
            rows = features.reshape(-1, LANES)
            energy = inner_product(rows, rows)
            miss = value - self.means[self.windows]
            self.nlms += ((F(0.032) * miss) / (energy + self.nlms_floor)) * features
        misses = np.abs(value - self.means)
        counts = self.scale_counts[self.cells]
        rates = np.maximum(F(1) / (counts + F(1.5)), F(0.005))
        self.scales[self.cells] += (misses - self.lane_scales) * rates
        self.scale_counts[self.cells] = counts + F(1)
        for table, cell in enumerate(self.bias_cells):
            count = min(self.bias_counts[table, cell] + 1, 127)
            self.bias_counts[table, cell] = count
            mean = self.bias_means[table, cell]
            self.bias_means[table, cell] = mean + ((value - self.blend) - mean) / F(count + 4)
        energy = lane_sum(self.history * self.history)
        step = (F(0.003) * (value - self.corrected_mean)) / (energy + F(8) * self.unit * self.unit)
        self.correction += step * self.history
        self._keep(value, value - self.estimate, misses)

    def note(self, x: int, rank: int) -> None:
        """A sample that another method coded."""
        self.x = x
        self.base = self.plane.samples.place(x, self.y)
        self._keep(F(rank), F(0), SKIPPED_ERROR)

    def _keep(self, value: np.float32, error: np.float32, misses: np.ndarray) -> None:
        self.plane.samples.flat[self.base] = value
        self.plane.errors.flat[self.base] = error
        self.misses[self.y + 2, self.x + 2] = misses


def level(x: np.ndarray) -> np.ndarray:
    """The level of an |error|, 0 … 47."""
    product = log2(x * F(6) + F(1)) * F(2.7)
    return np.clip(product, F(0), F(LEVELS - 1)).astype(np.int64)


def ranks_of(plane: PaddedPlane) -> np.ndarray:
    """The samples of a plane as integers, height × width."""
    return plane.values[plane.inner].astype(np.int64)
