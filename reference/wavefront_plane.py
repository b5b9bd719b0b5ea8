"""Planes of the wavefront: rows, predictions, what is learned (FORMAT.md, §10.10).

Vectors are float32 of eight lanes. Names are those of the text.
"""

from dataclasses import dataclass

import numpy as np

from reference.arithmetic import ceiling
from reference.functions import F, bits
from reference.least_squares import solve_leading
from reference.value_maps import ValueMap

LANES = 8
OWN_TAPS = (
    (-1, 0), (0, 1), (-1, 1), (1, 1), (-2, 0), (0, 2),
    (2, 1), (-2, 1), (1, 2), (-1, 2), (-3, 0), (3, 1),
)  # fmt: skip
HELPER_TAPS = (
    (0, 0), (-1, 0), (0, 1), (1, 0), (-1, 1), (1, 1), (-2, 0), (2, 0), (0, 2), (2, 1),
)  # fmt: skip
FEW = ((6,), (3, 3), (3, 1, 3))
SOME = ((7,), (4, 4), (4, 3, 4))
MANY = ((10,), (6, 9), (4, 6, 6))
MOST = ((12,), (6, 10), (6, 6, 8))
ALL = ((12,), (8, 10), (7, 6, 8))
ROW_NAMES = ("current", "above", "above2")
NEAR_WEIGHTS = tuple(
    tuple(F(weight) for weight in row)
    for row in (
        (0.153, 0.083, 0.121, 0.079, 0.117, 0.077, 0.060, 0.038, 0.013, 0.045, 0.0325, 0, 0),
        (0.172, 0.095, 0.139, 0.060, 0.107, 0.070, 0.075, 0.033, 0.061, 0.044, 0, 0, 0),
        (0.152, 0.078, 0.135, 0.046, 0.105, 0.062, 0.058, 0.028, 0.059, 0.035, 0, 0.053, 0.017),
    )
)


@dataclass(frozen=True)
class Profile:
    """A profile: numbers of neighbours, steps of a block, windows' across and down, mixed decisions."""

    taps: tuple[tuple[int, ...], ...]
    block: int
    windows: tuple[tuple[np.float32, np.float32], ...]
    mixed: bool


PROFILES = (
    Profile(FEW, 8, ((F(0.45), F(0.72)),), False),
    Profile(SOME, 4, ((F(0.7), F(0.7)),), False),
    Profile(MANY, 4, ((F(0.7), F(0.7)),), False),
    Profile(MOST, 2, ((F(0.85), F(0.72)),), False),
    Profile(MOST, 2, ((F(0.85), F(0.72)),), True),
    Profile(ALL, 2, ((F(0.95), F(0.85)), (F(0.7), F(0.65))), True),
)


@dataclass(frozen=True)
class Band:
    """Where a band's steps and lanes lie in a tile."""

    index: int
    count: int
    width: int
    height: int
    block: int

    @property
    def lag(self) -> int:
        """Steps by which a lane is behind the one above."""
        return 2 * self.block

    @property
    def skew(self) -> int:
        """Steps by which the last lane is behind the first."""
        return (LANES - 1) * self.lag

    @property
    def blocks(self) -> int:
        """Blocks of a band."""
        return ceiling(self.width + self.skew, self.block)

    @property
    def steps(self) -> int:
        """Steps of a band."""
        return self.blocks * self.block

    @property
    def border(self) -> int:
        """Steps of arrays before step 0 and behind the last."""
        return 8 * self.lag + 16

    @property
    def inside(self) -> np.ndarray:
        """Which lanes have a row of the tile."""
        return LANES * self.index + np.arange(LANES) < self.height

    def columns(self, t: int) -> np.ndarray:
        """The column of each lane in step t."""
        return t - self.lag * np.arange(LANES)

    def live(self, t: int) -> np.ndarray:
        """Which lanes have a sample in step t."""
        columns = self.columns(t)
        return self.inside & (columns >= 0) & (columns < self.width)


class Rows:
    """An array of lanes by step, which may be below 0."""

    def __init__(self, array: np.ndarray, border: int) -> None:
        self.array = array
        self.border = border

    def __getitem__(self, t: int) -> np.ndarray:
        return self.array[t + self.border]

    def __setitem__(self, t: int, value: np.ndarray) -> None:
        self.array[t + self.border] = value


class Kind:
    """Rows of one kind of values, in rings of bands (*Rows*)."""

    def __init__(self, band: Band, names: tuple[str, ...], rings: int) -> None:
        length = band.steps + 2 * band.border
        self.rings = [
            {name: Rows(np.zeros((length, LANES), F), band.border) for name in names}
            for _ in range(rings)
        ]
        self.has_above2 = "above2" in names

    def at(self, index: int) -> dict[str, Rows]:
        """The arrays that band `index` uses."""
        return self.rings[index % len(self.rings)]

    def start(self, band: Band, others: float, first: float | None) -> None:
        """As a band begins: what lies above before the first rows are known."""
        now, before = self.at(band.index), self.at(band.index - 1)
        for t in range(-5, band.lag):
            given = first is not None and band.index == 0
            now["above"][t][0] = first if given else before["current"][t + band.skew][7]
            now["above"][t][1:] = others
            if self.has_above2:
                now["above2"][t][0] = first if given else before["above"][t + band.skew][7]
                now["above2"][t][1:] = others

    def pad(self, band: Band, t: int, lane: int) -> None:
        """Left of a row lies what is above its first column."""
        now = self.at(band.index)
        value = now["above"][t][lane]
        for z in range(1, 5):
            now["current"][t - z][lane] = value
            if lane < LANES - 1:
                now["above"][t - z + band.lag][lane + 1] = value

    def advance(self, band: Band, t: int, value: np.ndarray, above: np.ndarray | None) -> None:
        """Notes a step's values, and what they are to the rows below."""
        now, before = self.at(band.index), self.at(band.index - 1)
        now["current"][t] = value
        target = now["above"][t + band.lag]
        target[0] = before["current"][t + LANES * band.lag][7]
        target[1:] = value[:-1]
        if self.has_above2:
            target = now["above2"][t + band.lag]
            target[0] = before["above"][t + LANES * band.lag][7]
            target[1:] = above[:-1]


def level(x: np.ndarray, precision: int, count: int) -> np.ndarray:
    """level(x, β, n) of *Expected |error|*."""
    exponents = (bits(x + F(1)) >> (23 - precision)) - (127 << precision)
    return np.minimum(exponents, count - 1)


def ordered_sum(products: np.ndarray) -> np.ndarray:
    """The sum along the first axis, one after the other."""
    return np.add.accumulate(products, axis=0)[-1]


class Fit:
    """Least squares of a plane by one window, one solution for each lane (*Fit*)."""

    def __init__(self, window: tuple[np.float32, np.float32], count: int, band: Band) -> None:
        self.across, self.down = window
        self.count = count
        self.shape = (count, count + 1, LANES)
        self.bridge = np.zeros((band.blocks + 2, count, count + 1), F)
        self.diagonal = np.arange(count)

    def begin_band(self) -> None:
        """Windows of the band's first block."""
        self.left = np.zeros(self.shape, F)
        self.window = np.zeros(self.shape, F)
        self.window[:, :, 0] = self.bridge[0]
        self._set_equations(self.window.copy())

    def _set_equations(self, equations: np.ndarray) -> None:
        equations[self.diagonal, self.diagonal] += F(2)
        self.equations = equations

    def solve(self) -> np.ndarray:
        """The weights of regressors, [regressor][lane]."""
        return solve_leading(self.equations, F(0), F(1))

    def add_block(self, number: int, features: np.ndarray, importance: np.ndarray) -> None:
        """Adds a block's samples: features [step][regressor, then target][lane]."""
        count = self.count
        weighted = features[:, :count] * importance[:, None]
        total = ordered_sum(weighted[:, :, None] * features[:, None])
        own = total + self.across * self.left
        following = self.left + self.across * total + self.down * self.window
        self.left = own
        if number >= 15:
            self.bridge[number - 15] = following[:, :, 7]
        self.window = np.zeros(self.shape, F)
        self.window[:, :, 1:] = following[:, :, :-1]
        self.window[:, :, 0] = self.bridge[number + 1]
        self._set_equations(self.window + F(0.9) * own)


class Cells:
    """Cells with a mean and a rate each, which learn."""

    def __init__(self, means: np.ndarray, rate: float, last_rate: float) -> None:
        self.means = means.astype(F)
        self.rates = np.full(len(means), rate, F)
        self.last_rate = F(last_rate)

    def learn(self, cells: np.ndarray, values: np.ndarray, live: np.ndarray) -> None:
        """Moves the cells of live lanes to values; of lanes that share one the last counts."""
        means, rates = self.means[cells], self.rates[cells]
        moved = means + (values - means) * rates
        slower = np.maximum(rates - rates * rates * (F(1) - rates), self.last_rate)
        self.means[cells[live]] = moved[live]
        self.rates[cells[live]] = slower[live]


class WavefrontPlane:
    """One plane: its rows, its predictions and what it learns."""

    def __init__(
        self,
        profile: Profile,
        value_map: ValueMap,
        unit: int,
        bands: list[Band],
        helpers: list["WavefrontPlane"],
        prediction: tuple[np.ndarray, np.ndarray] | None,
    ) -> None:
        """`helpers`: helper 1, then helper 2. `prediction`: ranks and codes of P_dec."""
        self.profile, self.bands, self.helpers = profile, bands, helpers
        self.prediction = prediction
        self.unit = unit
        self.top = value_map.ranks - 1
        self.scale_up, self.scale_down = F(1 << unit), F(2.0**-unit)
        self.highest = F(self.top) * self.scale_down
        self.sixteenth = F(16) / (self.highest + F(1))
        counts = profile.taps[len(helpers)]
        self.own_taps = OWN_TAPS[2 : counts[0]]
        self.helper_taps = [HELPER_TAPS[:count] for count in counts[1:]]
        regressors = counts[0] - 1 + sum(counts[1:]) + (prediction is not None)
        band = bands[0]
        self.sample = Kind(band, ROW_NAMES, 3)
        self.error = Kind(band, (*ROW_NAMES, "below"), 3)
        self.misses = [Kind(band, ROW_NAMES[:2], 2) for _ in range(1 + len(profile.windows))]
        self.mean, self.scale = Kind(band, ("current",), 1), Kind(band, ("current",), 1)
        self.fits = [Fit(window, regressors, band) for window in profile.windows]
        self.followed_weights = np.zeros((regressors, LANES), F)
        sizes = (640, 320, 320, 320) if prediction is not None else (640, 320, 320)
        self.tables = [Cells(np.ones(size), 0.18, 0.0099) for size in sizes]
        self.ranks = np.zeros((band.height, band.width), np.int64)

    def begin_band(self, band: Band) -> None:
        """As a band begins."""
        self.band = band
        self.sample.start(band, 0, F(0.5) * self.highest)
        self.error.start(band, 0, 2)
        for miss in self.misses:
            miss.start(band, 1, None)
        for kind in (self.sample, self.error):
            kind.pad(band, 0, 0)
        if self.prediction is not None:
            self._place_prediction()
        if self.helpers:
            self.helpers[0].set_below(band)
        for fit in self.fits:
            fit.begin_band()

    def _place_prediction(self) -> None:
        band = self.band
        means, codes = self.prediction
        for lane in np.flatnonzero(band.inside):
            row = LANES * band.index + lane
            first = band.border + lane * band.lag
            steps = slice(first, first + band.width)
            self.mean.at(0)["current"].array[steps, lane] = means[row]
            self.scale.at(0)["current"].array[steps, lane] = codes[row]

    def set_below(self, band: Band) -> None:
        """Errors one row down, for the plane that this one helps."""
        now, following = self.error.at(band.index), self.error.at(band.index + 1)
        for t in range(-2, band.steps - 1 + 3):
            below = now["below"][t]
            below[:-1] = now["current"][t + band.lag][1:]
            if band.index == band.count - 1:
                below[7] = now["current"][t][7]
            else:
                below[7] = following["current"][t - band.skew][0]

    def decode_band(self, coder) -> None:
        """Decodes the rows of the band; `coder.decode(step)` sets the ranks of a step."""
        band = self.band
        for block in range(band.blocks):
            self.weights = [fit.solve() for fit in self.fits]
            features, importance = [], []
            for t in range(block * band.block, (block + 1) * band.block):
                step = Step(self, t)
                step.predict()
                coder.decode(step)
                step.learn()
                features.append(step.features)
                importance.append(step.importance)
            for fit in self.fits:
                fit.add_block(block, np.stack(features), np.stack(importance))


class Step:
    """A step of a band: one place for each lane."""

    def __init__(self, plane: WavefrontPlane, t: int) -> None:
        self.plane, self.t = plane, t
        band = self.band = plane.band
        if t % band.lag == 0 and band.lag <= t <= band.skew:
            for kind in (plane.sample, plane.error):
                kind.pad(band, t, t // band.lag)
        self.live = band.live(t)
        sample = self.sample = plane.sample.at(band.index)
        self.west, self.north = sample["current"][t - 1], sample["above"][t]
        self.helper_rows = [helper.sample.at(band.index) for helper in plane.helpers]

    def rows_at(self, rows: dict[str, Rows], tap: tuple[int, int]) -> np.ndarray:
        """What a neighbour (columns to the right, rows up) is in all lanes."""
        right, up = tap
        return rows[ROW_NAMES[up]][self.t + right]

    def helper_center(self, rows: dict[str, Rows]) -> np.ndarray:
        """The mean of W and N of a helper."""
        return (rows["current"][self.t - 1] + rows["above"][self.t]) * F(0.5)

    def predict(self) -> None:
        """*Prediction*: the fitted, the followed, with two windows the refitted, and their blend."""
        plane, t = self.plane, self.t
        center = self.center = (self.west + self.north) * F(0.5)
        regressors = [self.west - center]
        regressors += [self.rows_at(self.sample, tap) - center for tap in plane.own_taps]
        for rows, taps in zip(self.helper_rows, plane.helper_taps):
            helper_center = self.helper_center(rows)
            regressors += [self.rows_at(rows, tap) - helper_center for tap in taps]
        if plane.prediction is not None:
            regressors.append(plane.mean.at(0)["current"][t] - center)
        f = self.regressors = np.stack(regressors)
        self.fitted = center + ordered_sum(plane.weights[0] * f)
        self.followed = center + ordered_sum(plane.followed_weights * f)
        self.energy = ordered_sum(f * f)
        self.predictions = [self.fitted, self.followed]
        missed = [self._missed(miss) for miss in plane.misses]
        fitted = missed[0] * F(0.25)
        if len(missed) == 2:
            step = (self.followed - self.fitted) * (fitted / (fitted + missed[1]))
        else:
            self.refitted = center + ordered_sum(plane.weights[1] * f)
            self.predictions.append(self.refitted)
            a, b, c = F(1) / fitted, F(1) / missed[1], F(4) / missed[2]
            step = (self.followed - self.fitted) * b + (self.refitted - self.fitted) * c
            step = step / (a + b + c)
        self.expected = self.held(self.fitted + step)

    def held(self, values: np.ndarray) -> np.ndarray:
        """Values within 0 … highest."""
        values = np.where(values > 0, values, F(0))
        return np.where(values < self.plane.highest, values, self.plane.highest)

    def _missed(self, kind: Kind) -> np.ndarray:
        t, rows = self.t, kind.at(self.band.index)
        current, above = rows["current"], rows["above"]
        around = (above[t - 1] + above[t + 1] + current[t - 2]) * F(0.5)
        total = current[t - 1] + above[t] + around + F(0.5)
        square = total * total
        return square * square

    def expect_error(self) -> None:
        """*Expected |error|*."""
        plane, t = self.plane, self.t
        k = NEAR_WEIGHTS[len(plane.helpers)]
        rows = plane.error.at(self.band.index)
        current, above, above2 = (rows[name] for name in ROW_NAMES)
        gradient = np.abs(self.expected - self.west) + np.abs(self.expected - self.north)
        near = (
            current[t - 1] * k[0]
            + current[t - 2] * k[1]
            + above[t] * k[2]
            + above[t - 1] * k[3]
            + above[t + 1] * k[4]
            + above[t + 2] * k[5]
            + above2[t] * k[6]
            + (above2[t - 1] + above2[t + 1]) * k[7]
            + np.abs(self.fitted - self.followed) * k[8]
            + (above[t - 2] + current[t - 3]) * k[9]
        )
        errors = [helper.error.at(self.band.index) for helper in plane.helpers]
        if not errors:
            near = near + gradient * k[10]
            north_west = self.rows_at(self.sample, (-1, 1))
            north_east = self.rows_at(self.sample, (1, 1))
            second = (
                np.abs(north_west - self.north)
                + np.abs(north_east - self.north)
                + np.abs(self.west - north_west)
            )
        else:
            second = self._around(errors[0])
        if len(errors) == 2:
            first = errors[0]
            beside = (first["current"][t + 1] + first["below"][t]) * k[12]
            near = near + (first["current"][t] * k[11] + beside)
            second = (second + self._around(errors[1])) * F(0.5)
        near = near + F(0.02)
        near = np.minimum(np.where(near > F(0.02), near, F(0.02)), F(1 << 14))
        self.side = level(second, 1, 16)
        coarse = 16 * level(near * F(8), 1, 20)
        self.cells = [
            16 * level(near * F(8), 2, 40) + self.side,
            coarse + level(gradient, 1, 16),
            coarse + np.floor(self.expected * plane.sixteenth).astype(np.int64),
        ]
        m = [table.means[cells] for table, cells in zip(plane.tables, self.cells)]
        if plane.prediction is None:
            mean = m[0] * F(0.34) + m[1] * F(0.33) + m[2] * F(0.33)
        else:
            codes = plane.scale.at(0)["current"][t].astype(np.int64)
            self.cells.append(coarse + codes)
            m.append(plane.tables[3].means[self.cells[3]])
            mean = (m[0] + m[1] + (m[2] + m[3])) * F(0.25)
        self.near = near
        self.expected_error = near * mean

    def _around(self, errors: dict[str, Rows]) -> np.ndarray:
        t, current = self.t, errors["current"]
        return (
            current[t] * F(2)
            + (current[t - 1] + current[t + 1])
            + (errors["above"][t] + errors["below"][t])
        )

    def set_ranks(self, ranks: list[int]) -> None:
        """Notes the ranks of live lanes; those of the others are not looked at."""
        plane, band = self.plane, self.band
        self.ranks = np.array(ranks)
        self.value = np.where(self.live, self.ranks.astype(F) * plane.scale_down, F(0))
        columns = band.columns(self.t)
        for lane in np.flatnonzero(self.live):
            plane.ranks[LANES * band.index + lane, columns[lane]] = ranks[lane]

    def learn(self) -> None:
        """*Learning*."""
        plane, band, t, live = self.plane, self.band, self.t, self.live
        inside = band.inside
        errors = plane.error.at(band.index)
        error_above = errors["above"][t].copy()
        north = self.north.copy()
        v = np.where(live, self.value, np.where(inside, self.west, north))
        dead_error = np.where(inside, errors["current"][t - 1], error_above)
        error = np.where(live, np.abs(v - self.expected), dead_error)
        plane.sample.advance(band, t, v, north)
        plane.error.advance(band, t, error, error_above)
        for kind, prediction in zip(plane.misses, self.predictions):
            kind.advance(band, t, np.where(live, np.abs(v - prediction), F(1)), None)
        change = (v - self.followed) * F(0.032) / (F(20) + self.energy)
        change = np.where(live, change, F(0))
        plane.followed_weights += change * self.regressors
        self.features = np.concatenate([self.regressors, (v - self.center)[None]])
        ratio = error / self.near
        for table, cells in zip(plane.tables, self.cells):
            table.learn(cells, ratio, live)
        importance = F(1) / (self.expected_error * self.expected_error + F(0.2))
        self.importance = np.where(live, importance, F(0))
        if band.index == 0:
            for rows in (plane.sample.at(0), errors):
                for z in range(1, 6):
                    rows["above"][t + z][0] = rows["above2"][t + z][0] = rows["current"][t][0]
