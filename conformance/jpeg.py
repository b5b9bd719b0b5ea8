"""JPEG files of kinds that common encoders do not write, from levels that are whole numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bitstream import ceiling
from pictures import noise

# Codes of equal lengths, which need no tables of T.81: 12 of 4 bits, 162 of 8 bits.
DC_SYMBOLS = list(range(12))
AC_SYMBOLS = [0, 0xF0] + [run << 4 | size for run in range(16) for size in range(1, 11)]
ZIGZAG = sorted(
    range(64), key=lambda k: (k // 8 + k % 8, k // 8 if (k // 8 + k % 8) % 2 else k % 8)
)


@dataclass
class JPEG:
    """A sequential file; `factors` are (across, down) of each component."""

    width: int
    height: int
    factors: Sequence[tuple[int, int]]
    identifiers: Sequence[int] = (1, 2, 3, 4)
    segments: Sequence[tuple[int, bytes]] = ()
    """Markers' second bytes and contents, before the tables."""
    large_steps: bool = False
    interleaved: bool = True
    restart_interval: int = 0
    fill_zeros: bool = False
    fill_bytes: int = 0
    """How many FF stand before the first restart marker."""
    plain_hidden: bool = True
    """Whether blocks beyond the picture repeat the level of frequency 0 to their left."""
    trailing: bytes = b""
    seed: int = 1
    levels: list[np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        across = max(h for h, _ in self.factors)
        down = max(v for _, v in self.factors)
        self.units = (ceiling(self.height, 8 * down), ceiling(self.width, 8 * across))
        self.levels, self.shown = [], []
        for index, (h, v) in enumerate(self.factors):
            rows, columns = self.units[0] * v, self.units[1] * h
            shown_height = ceiling(self.height * v, down)
            shown_width = ceiling(self.width * h, across)
            self.shown.append((ceiling(shown_height, 8), ceiling(shown_width, 8)))
            self.levels.append(self._draw(index, rows, columns))

    def _draw(self, index: int, rows: int, columns: int) -> np.ndarray:
        """Levels in zigzag order: a slope, and few others, of low frequencies."""
        seed = self.seed + 10 * index
        levels = np.zeros((rows, columns, 64), np.int64)
        random = noise(seed, rows, columns, 64)
        reach = np.where(random % (2 + np.arange(64) // 2) == 0, random >> 16 & 7, 0) - 3
        levels[...] = np.where(random % (2 + np.arange(64) // 2) == 0, reach, 0)
        levels[..., 20:] = 0
        y, x = np.arange(rows)[:, None], np.arange(columns)[None]
        levels[..., 0] = 9 * y - 7 * x + noise(seed + 1, rows, columns) % 9
        if self.plain_hidden:
            shown_rows, shown_columns = self.shown[index]
            h = self.factors[index][0]
            levels[shown_rows:] = 0
            levels[:, shown_columns:] = 0
            for row in range(rows):
                for column in range(columns):
                    if row >= shown_rows:
                        levels[row, column, 0] = levels[row - 1, (column // h + 1) * h - 1, 0]
                    elif column >= shown_columns:
                        levels[row, column, 0] = levels[row, column - 1, 0]
        return levels

    def bytes(self) -> bytes:
        """The file."""
        parts = [b"\xff\xd8", *(_segment(*segment) for segment in self.segments)]
        steps = [3 + k // 2 for k in range(64)]
        if self.large_steps:
            steps = [60 * step for step in steps]
            table = b"\x10" + b"".join(step.to_bytes(2, "big") for step in steps)
        else:
            table = b"\x00" + bytes(steps)
        parts.append(_segment(0xDB, table))
        frame = bytes([8]) + self.height.to_bytes(2, "big") + self.width.to_bytes(2, "big")
        frame += bytes([len(self.factors)])
        for (h, v), identifier in zip(self.factors, self.identifiers):
            frame += bytes([identifier, h << 4 | v, 0])
        parts.append(_segment(0xC1 if self.large_steps else 0xC0, frame))
        parts.append(_segment(0xC4, b"\x00" + _lengths(4, 12) + bytes(DC_SYMBOLS)))
        parts.append(_segment(0xC4, b"\x10" + _lengths(8, 162) + bytes(AC_SYMBOLS)))
        if self.restart_interval:
            parts.append(_segment(0xDD, self.restart_interval.to_bytes(2, "big")))
        count = len(self.factors)
        scans = [list(range(count))] if self.interleaved else [[i] for i in range(count)]
        for members in scans:
            header = bytes([len(members)])
            header += b"".join(bytes([self.identifiers[i], 0]) for i in members)
            parts.append(_segment(0xDA, header + bytes([0, 63, 0])))
            parts.append(self._data(members))
        return b"".join([*parts, b"\xff\xd9", self.trailing])

    def _data(self, members: list[int]) -> bytes:
        if len(members) > 1:
            rows, columns = self.units
        else:
            rows, columns = self.shown[members[0]]
        writer = _BitWriter(self.fill_zeros)
        parts = []
        before = dict.fromkeys(members, 0)
        for unit in range(rows * columns):
            if self.restart_interval and unit and unit % self.restart_interval == 0:
                parts.append(writer.padded())
                number = unit // self.restart_interval - 1
                parts.append(b"\xff" * (self.fill_bytes if number == 0 else 0))
                parts.append(bytes([0xFF, 0xD0 + number % 8]))
                before = dict.fromkeys(members, 0)
            row, column = divmod(unit, columns)
            for i in members:
                h, v = self.factors[i] if len(members) > 1 else (1, 1)
                for y in range(row * v, (row + 1) * v):
                    for x in range(column * h, (column + 1) * h):
                        block = [int(level) for level in self.levels[i][y, x]]
                        writer.block(block, before[i])
                        before[i] = block[0]
        return b"".join([*parts, writer.padded()])


class _BitWriter:
    """Bits of a scan, with a zero byte after each FF."""

    def __init__(self, fills_zeros: bool) -> None:
        self.bits: list[str] = []
        self.fills_zeros = fills_zeros

    def block(self, levels: list[int], before: int) -> None:
        self._value(DC_SYMBOLS, 4, 0, levels[0] - before)
        last = max((k for k in range(64) if levels[k]), default=0)
        run = 0
        for k in range(1, last + 1):
            if not levels[k]:
                run += 1
                continue
            while run > 15:
                self._symbol(AC_SYMBOLS, 8, 0xF0)
                run -= 16
            self._value(AC_SYMBOLS, 8, run, levels[k])
            run = 0
        if last < 63:
            self._symbol(AC_SYMBOLS, 8, 0)

    def padded(self) -> bytes:
        """What was written, up to a whole byte; begins anew."""
        text = "".join(self.bits)
        text += ("0" if self.fills_zeros else "1") * (-len(text) % 8)
        self.bits = []
        data = bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8))
        return data.replace(b"\xff", b"\xff\x00")

    def _value(self, symbols: list[int], length: int, run: int, value: int) -> None:
        size = abs(value).bit_length()
        self._symbol(symbols, length, run << 4 | size)
        if size:
            self.bits.append(f"{value if value > 0 else value + (1 << size) - 1:0{size}b}")

    def _symbol(self, symbols: list[int], length: int, symbol: int) -> None:
        self.bits.append(f"{symbols.index(symbol):0{length}b}")


def adobe(transform: int) -> tuple[int, bytes]:
    """Adobe's segment, which says what components are."""
    return 0xEE, b"Adobe" + bytes([0, 100, 0, 0, 0, 0, transform])


JFIF = (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")


def _segment(marker: int, contents: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(contents) + 2).to_bytes(2, "big") + contents


def _lengths(length: int, count: int) -> bytes:
    return bytes(count if i == length else 0 for i in range(1, 17))
