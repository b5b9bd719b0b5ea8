"""Samples of the wavefront as symbols (FORMAT.md, §10.10, *Symbols*)."""

import math
from functools import cache

import numpy as np

from reference.functions import F, bits, exp
from reference.rans import SymbolReader, symbol_of

SHAPES = (
    (1.03, 1.336, 2.22, 1.852, 1.506, 1.426, 1.441, 1.467, 1.517),
    (0.149, 0.065, 0.197, 0.146, 0.006, 0.005, 0.014, 0.046, 0.132),
    (0.297, 0.205, 0.278, 0.478, 0.307, 0.246, 0.356, 0.482, 0.604),
)
ESCAPE = 16
WHOLE = 65535


@cache
def symbol_starts(size_class: int, fraction: int) -> list[int]:
    """S₀ … S₂₅₆ of a class of |error| and a fraction in eighths, in 2⁻¹⁶."""
    sigma = (F(1) + F(size_class % 4) * F(0.25) + F(0.125)) * F(2.0 ** (size_class // 4 - 5))
    reach = min(int(F(10) * sigma) + 8, 127)
    a = (F(size_class) + F(0.5)) * F(0.25) - F(0.5)
    a = min(max(a, F(0)), F(8))
    i = min(int(a), 7)
    part = a - F(i)
    shape = [F(h[i]) * (F(1) - part) + F(h[i + 1]) * part for h in SHAPES]
    first, last = 128 - reach, 128 + reach + 1
    mean = F(128) + (F(fraction) + F(0.5)) / F(8)

    def logistic(x: np.float32) -> np.float32:
        return F(1) / (F(1) + exp(-x))

    def below(y: int) -> np.float32:
        e = (F(y) - mean) * (shape[0] / sigma)
        return logistic(e) * (F(1) - shape[1]) + logistic(e * shape[2]) * shape[1]

    room = F(WHOLE - ESCAPE - (2 * reach + 1)) / (below(last) - below(first))
    starts = [0]
    start = 0
    for y in range(1, 257):
        z = min(max(y, first), last)
        following = ESCAPE + (z - first)
        following += math.floor(room * (below(z) - below(first)) + F(0.5))
        if first < z == y and following <= start:
            following = start + 1
        start = min(following, WHOLE)
        starts.append(start)
    return starts


class SymbolCoder:
    """Decodes the samples of a step, one symbol for each live lane, then low bits."""

    def __init__(self, reader: SymbolReader) -> None:
        self.reader = reader

    def decode(self, step) -> None:
        """Decodes the live lanes' ranks."""
        step.expect_error()
        plane, reader = step.plane, self.reader
        x = np.minimum(np.maximum(step.expected_error * plane.scale_up, F(2.0**-5)), F(63488))
        patterns = bits(x)
        shifts = np.maximum((patterns >> 23) - 127 - 3, 0)
        classes = (patterns >> 21) - 4 * (shifts + 122)
        places = (step.expected * plane.scale_up + F(0.5)) * np.ldexp(F(1), -shifts)
        floors = np.floor(places)
        fractions = ((places - floors) * F(8)).astype(np.int64)
        top = plane.top
        found = []
        for lane in np.flatnonzero(step.live).tolist():
            shift, middle = int(shifts[lane]), int(floors[lane])
            starts = symbol_starts(int(classes[lane]), int(fractions[lane]))
            bucket, low = self._bucket(starts, middle, top >> shift)
            found.append((lane, bucket, top.bit_length() if low is None else shift))
        ranks = [0] * len(step.live)
        for lane, bucket, count in found:
            value = reader.low_bits(count) if count else 0
            ranks[lane] = min((bucket << count) + value, top)
        step.set_ranks(ranks)

    def _bucket(self, starts: list[int], middle: int, last: int) -> tuple[int, int | None]:
        """A symbol's bucket and 0, or 0 and None for an escape."""
        symbol = symbol_of(starts, self.reader.target())
        if symbol == 0:
            self.reader.take(0, starts[1])
            return 0, None
        bucket = middle - 128 + symbol
        start, end = starts[symbol], starts[symbol + 1]
        if bucket <= 0:
            bucket, start, end = 0, ESCAPE, starts[129 - middle]
        if bucket >= last:
            bucket = last
            start, end = (starts[last + 128 - middle] if last else ESCAPE), WHOLE
        self.reader.take(start, end)
        return bucket, 0
