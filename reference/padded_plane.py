"""Planes with borders (FORMAT.md, §10.5, *Borders*)."""

import numpy as np

from reference.functions import F

COLUMNS, ROWS = 16, 4


class PaddedPlane:
    """A plane of float32 with 16 columns and 4 rows around it.

    `flat` is all of it, row after row; `place(x, y)` is where a sample lies there, and `stride`
    the length of a row.
    """

    def __init__(self, width: int, height: int, fill: np.float32) -> None:
        self.width, self.height = width, height
        self.stride = width + 2 * COLUMNS
        self.values = np.full((height + 2 * ROWS, self.stride), fill, F)
        self.flat = self.values.reshape(-1)

    @property
    def inner(self) -> tuple[slice, slice]:
        """Rows and columns without the borders."""
        return slice(ROWS, ROWS + self.height), slice(COLUMNS, COLUMNS + self.width)

    def place(self, x: int, y: int) -> int:
        """Where sample (x, y) lies in `flat`."""
        return (y + ROWS) * self.stride + x + COLUMNS

    def offset(self, row: int, column: int) -> int:
        """What a place that lies so far away has more."""
        return row * self.stride + column

    def begin_row(self, y: int) -> None:
        """The left border becomes the first sample of the row above."""
        self.values[y + ROWS, :COLUMNS] = self.values[y + ROWS - 1, COLUMNS]

    def end_row(self, y: int) -> None:
        """The right border repeats the last sample; first and last row are copied."""
        row = self.values[y + ROWS]
        row[COLUMNS + self.width :] = row[COLUMNS + self.width - 1]
        if y == 0:
            self.values[:ROWS] = row
        if y == self.height - 1:
            self.values[ROWS + self.height :] = row


def known_plane(samples: np.ndarray) -> PaddedPlane:
    """A plane that is known as a whole: borders repeat what lies at the edge."""
    height, width = samples.shape
    plane = PaddedPlane(width, height, F(0))
    plane.values[:] = np.pad(samples.astype(F), ((ROWS, ROWS), (COLUMNS, COLUMNS)), mode="edge")
    return plane
