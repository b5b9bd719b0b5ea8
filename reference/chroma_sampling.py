"""Smaller chroma planes: their cells, and how they are enlarged (FORMAT.md, §13.2, §13.4)."""

from dataclasses import dataclass

import numpy as np

from reference.arithmetic import ceiling

REPLICATED, BILINEAR, TRIANGLE = 0, 1, 2


@dataclass(frozen=True)
class Axis:
    """An axis of `length` pixels: whether it is halved, with which filter and phase."""

    length: int
    is_halved: bool
    filter_kind: int
    phase: int

    @property
    def cells(self) -> int:
        """How many cells there are."""
        if not self.is_halved:
            return self.length
        if self.filter_kind == BILINEAR:
            return ceiling(self.length - self.phase, 2)
        return (self.length - 1 + self.phase) // 2 + 1

    @property
    def homes(self) -> np.ndarray:
        """The pixel that each cell has its home at."""
        cells = np.arange(self.cells)
        if not self.is_halved:
            return cells
        if self.filter_kind == BILINEAR:
            return 2 * cells + self.phase
        return np.maximum(0, 2 * cells - self.phase)

    def sources(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Near and far cells of each pixel, and their weights."""
        pixels = np.arange(self.length)
        if not self.is_halved:
            return pixels, pixels, np.full_like(pixels, 4), np.zeros_like(pixels)
        if self.filter_kind == BILINEAR:
            is_home = (pixels - self.phase) % 2 == 0
            near = (pixels - self.phase) >> 1
            far = np.where(is_home, near, near + 1)
            near_weight = np.where(is_home, 4, 2)
        else:
            near = (pixels + self.phase) >> 1
            far, near_weight = near, np.full_like(pixels, 4)
            if self.filter_kind == TRIANGLE:
                far = np.where(self.is_first(), near - 1, near + 1)
                near_weight = np.full_like(pixels, 3)
        last = self.cells - 1
        return np.clip(near, 0, last), np.clip(far, 0, last), near_weight, 4 - near_weight

    def is_first(self) -> np.ndarray:
        """Whether a pixel is the first that its cell covers."""
        return (np.arange(self.length) + self.phase) % 2 == 0


@dataclass(frozen=True)
class Sampling:
    """Both axes of a sampling (§13.1)."""

    rows: Axis
    columns: Axis

    def enlarge(self, cells: np.ndarray) -> np.ndarray:
        """Chroma of every pixel from that of cells, rows × columns."""
        rows, columns = self.rows.sources(), self.columns.sources()
        total = np.zeros((self.rows.length, self.columns.length), np.int64)
        for row in range(2):
            for column in range(2):
                weights = rows[2 + row][:, None] * columns[2 + column]
                total += weights * cells[rows[row]][:, columns[column]]
        return (total + self._bias()) >> 4

    def _bias(self) -> np.ndarray | int:
        rows, columns = self.rows, self.columns
        if columns.filter_kind != TRIANGLE or not (rows.is_halved or columns.is_halved):
            return 8
        if rows.is_halved and columns.is_halved:
            return np.where(columns.is_first(), 8, 7)[None]
        if columns.is_halved:
            return np.where(columns.is_first(), 4, 8)[None]
        return np.where(rows.is_first(), 4, 8)[:, None]


def sampling_of(value: int, width: int, height: int) -> Sampling:
    """The sampling that a header states, for an image of this size."""
    filter_kind = value >> 2 & 3
    return Sampling(
        Axis(height, bool(value & 2), filter_kind, value >> 5 & 1),
        Axis(width, bool(value & 1), filter_kind, value >> 4 & 1),
    )
