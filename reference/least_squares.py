"""Windowed least squares (FORMAT.md, §10.5, *Experts*)."""

import numpy as np

from reference.arithmetic import ceiling
from reference.functions import F

RIDGE = F(0.4)
FLOOR = F(0.05) * F(0.4)


class LeastSquares:
    """One plane's blocks, and its windows.

    Equations are R × (R + 1) arrays, the right side last. Windows have a pair (across, down) each.
    """

    def __init__(
        self,
        regressors: int,
        width: int,
        block_width: int,
        windows: tuple[tuple[float, float], ...],
        fits_own_row: bool,
    ) -> None:
        self.count = regressors
        self.block_width = block_width
        self.blocks = ceiling(width, block_width)
        self.rates = [(F(across), F(down)) for across, down in windows]
        shape = (self.blocks, regressors, regressors + 1)
        self.sums = np.zeros(shape, F)
        self.windows = np.zeros((len(windows), *shape), F)
        self.fits_own_row = fits_own_row
        self.learned = False

    def begin_row(self) -> None:
        """Solves the windows of all blocks, unless they are fitted to the row itself."""
        self.sums[:] = 0
        self.learned = False
        if self.fits_own_row:
            self.running = np.zeros((len(self.windows), self.count, self.count + 1), F)
            self.fitted_block = -1
        else:
            self.weights = solve(self.windows)

    def block_weights(self, x: int) -> np.ndarray:
        """Weights of the block of column x, windows × R; called for ascending columns."""
        block = x // self.block_width
        if not self.fits_own_row:
            return self.weights[:, block]
        if self.fitted_block < block:
            while self.fitted_block < block:
                self._advance()
            self.weights = solve(self.windows[:, block] + self.running)
        return self.weights

    def _advance(self) -> None:
        """Goes on to the next block of the row that blocks are fitted to."""
        self.fitted_block += 1
        if self.fitted_block:
            for running, (across, _) in zip(self.running, self.rates):
                running[:] = across * (running + self.sums[self.fitted_block - 1])

    def add(self, x: int, features: np.ndarray, target: np.float32, error: np.float32) -> None:
        """Adds a sample; `error` is the expected |error|."""
        importance = F(1) / (error * error + F(1))
        sums = self.sums[x // self.block_width]
        sums[:, :-1] += (features * importance)[:, None] * features
        sums[:, -1] += (target * importance) * features
        self.learned = True

    def end_row(self) -> None:
        """Takes the row's sums into the windows."""
        if not self.learned:
            return
        for window, (across, down) in zip(self.windows, self.rates):
            running = np.zeros_like(self.sums[0])
            for block in range(self.blocks):
                window[block] = window[block] * down + running
                running = across * (running + self.sums[block])
            running = np.zeros_like(self.sums[0])
            for block in range(self.blocks - 1, -1, -1):
                total = running + self.sums[block]
                window[block] += total
                running = across * total


def solve(equations: np.ndarray) -> np.ndarray:
    """Solutions of many equations, … × R × (R + 1), which stay."""
    weights = solve_leading(np.moveaxis(equations, (-2, -1), (0, 1)).copy(), RIDGE, FLOOR)
    return np.moveaxis(weights, 0, -1).copy()


def solve_leading(a: np.ndarray, ridge: np.float32, least: np.float32) -> np.ndarray:
    """The same for R × (R + 1) × …; pivots have the ridge added and are at least `least`."""
    count = len(a)
    inverse = np.zeros((count, *a.shape[2:]), F)
    for i in range(count):
        factors = a[:i, i] * inverse[:i]
        row = a[i, i:]
        for k in range(i):
            row = row - factors[k] * a[k, i:]
        a[i, i:] = row
        pivot = row[0] + ridge
        inverse[i] = F(1) / np.where(pivot > least, pivot, least)
    weights = np.zeros_like(inverse)
    for i in range(count - 1, -1, -1):
        weights[i] = a[i, count] * inverse[i]
        a[:i, count] -= a[:i, i] * weights[i]
    return weights
