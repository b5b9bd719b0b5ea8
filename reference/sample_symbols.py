"""Samples as symbols (FORMAT.md, §10.8)."""

import math
from bisect import bisect_right
from functools import cache

import numpy as np

from reference.functions import F, bits, exp, pattern
from reference.least_squares import LeastSquares
from reference.plane_coder import Plane, PlaneCoder
from reference.range_coder import TOTAL, RangeDecoder
from reference.residual_profile import Profile


@cache
def symbol_starts(size_class: int, fraction: int) -> list[int]:
    """S₀ … S₂₅₆ of a class of |error| and a fraction in eighths, in 2⁻²⁴."""
    a = pattern((488 + size_class) * (1 << 21) + (1 << 20))
    mean = (F(fraction) + F(0.5)) / F(8)
    x = np.arange(2, 256).astype(F) - (F(128) + mean)

    def logistic(x: np.ndarray) -> np.ndarray:
        return F(1) / (F(1) + exp(-x))

    share = logistic(x * (F(1.45) / a)) * F(0.97) + logistic(x * (F(0.3) / a)) * F(0.03)
    fixed = (64 + 4 * (np.arange(2, 256) - 1)).astype(F)
    starts = np.floor(fixed + F(16776132) * share).astype(np.int64)
    return [0, 64, *starts.tolist(), TOTAL]


def decode_symbol(decoder: RangeDecoder, mean: np.float32, error: np.float32, ranks: int) -> int:
    """A rank below `ranks` whose mean and |error| are expected."""
    error = min(max(error, F(2.0**-5)), F(63488))
    pattern_of_error = int(bits(error))
    shift = max((pattern_of_error >> 23) - 127 - 3, 0)
    size_class = (pattern_of_error >> 21) - 4 * (shift + 122)
    place = (mean + F(0.5)) * F(2.0**-shift)
    middle = math.floor(place)
    fraction = int((place - F(middle)) * F(8))
    starts = symbol_starts(size_class, fraction)
    symbol = bisect_right(starts, decoder.target(), 0, 256) - 1
    decoder.take(starts[symbol], starts[symbol + 1] - starts[symbol])
    if symbol == 0:
        value = decoder.uniform((ranks - 1).bit_length())
    else:
        value = ((middle - 128 + symbol) << shift) + decoder.uniform(shift)
    return min(max(value, 0), ranks - 1)


class SymbolCoder:
    """Decodes the samples of a plane as symbols, by lane 7 of the plane coder."""

    def __init__(self, plane: PlaneCoder) -> None:
        self.plane = plane

    def decode(self, decoder: RangeDecoder) -> int:
        """The rank at the place of the plane coder's last prediction."""
        plane = self.plane
        return decode_symbol(decoder, plane.means[7], plane.lane_scales[7], plane.plane.ranks)


class SingleExpertCoder(PlaneCoder):
    """Level 1, planar: one window of least squares, and scales of its own."""

    def __init__(self, profile: Profile, planes: list[Plane], index: int, prediction: bool) -> None:
        super().__init__(profile, planes, index, candidates=False, prediction=prediction)
        start, value = [], self.unit / F(6)
        for _ in range(48):
            start.append(value)
            value = value * F(1.189)
        self.cell_means = np.broadcast_to(np.array(start)[:, None], (48, 24)).copy()
        self.cell_counts = np.full((48, 24), 2, F)

    def predict(self, x: int) -> None:
        """The mean and the |error| expected of it."""
        self.x = x
        base = self.base = self.plane.samples.place(x, self.y)
        self.fill_features(base)
        self.mean = self.held(self._expert(self.squares.block_weights(x)[0]))
        e, stride = self.plane.errors.flat, self.plane.samples.stride
        near = (
            (abs(e[base - 1]) + abs(e[base - stride])) * F(2)
            + (abs(e[base - stride - 1]) + abs(e[base - stride + 1]))
            + (abs(e[base - 2]) + abs(e[base - 2 * stride]))
        ) * F(0.125)
        other = F(0)
        for plane in self.before:
            e = plane.errors.flat
            other += (
                abs(e[base]) * F(2)
                + (abs(e[base - 1]) + abs(e[base + 1]))
                + (abs(e[base - stride]) + abs(e[base + stride]))
            )
        if self.before:
            other = other / F(6 * len(self.before))
        u = self.per_unit
        row = min((int(bits(near * u * F(6) + F(1))) >> 21) - 508, 47)
        column = min((int(bits(other * u * F(6) + F(1))) >> 22) - 254, 23)
        self.cell = (row, column)
        self.cell_mean = self.cell_means[self.cell]

    def decode(self, decoder: RangeDecoder) -> int:
        """The rank at the place of the last prediction."""
        return decode_symbol(decoder, self.mean, self.cell_mean, self.plane.ranks)

    def learn(self, rank: int) -> None:
        """Learns the sample."""
        value = F(rank)
        miss = value - self.mean
        count = self.cell_counts[self.cell]
        rate = max(F(1) / (count + F(1.5)), F(0.01))
        self.cell_means[self.cell] = self.cell_mean + (abs(miss) - self.cell_mean) * rate
        self.cell_counts[self.cell] = count + F(1)
        squares: LeastSquares = self.squares
        if self.x % squares.block_width % 2 == 0:
            features = self.features[: self.regressors]
            squares.add(self.x, features, value - self.reference, self.cell_mean)
        self.plane.samples.flat[self.base] = value
        self.plane.errors.flat[self.base] = miss
