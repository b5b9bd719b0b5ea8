"""The bilevel method (FORMAT.md, §10.11)."""

import numpy as np

from reference.errors import corrupt
from reference.functions import F
from reference.hashes import digest, table_bits
from reference.mixing import Counters, mixed_decision, table_inputs, update_tables
from reference.range_coder import RangeDecoder
from reference.repeats import Distances, RepeatedPlace, read_distances
from reference.value_maps import ValueMap

CONTEXTS = 12
RATE = F(0.01)
START = F(0.22)
ROWS, COLUMNS = 6, 16
# Cells around, in columns to the left and rows up, from the highest bit down.
CELLS = ((1, 0), (2, 0), (0, 1), (0, 2), (3, 0), (4, 0), (1, 1), (-1, 1))


class BilevelCoder:
    """Decodes the pixels of one plane of two ranks."""

    def __init__(self, decoder: RangeDecoder, width: int, height: int, is_dither: bool) -> None:
        self.decoder = decoder
        self.width, self.height = width, height
        self.stride = width + 2 * COLUMNS
        pairs = read_distances(decoder, width, height, has_surfaces=False)
        outside = self.outside = decoder.uniform(1)
        self.period = None
        if is_dither:
            self.period = decoder.uniform(6) + 1, decoder.uniform(6) + 1
            if 1 in self.period:
                raise corrupt("period of a dither")
        size = (height + ROWS) * self.stride + COLUMNS
        self.pixels = bytearray([outside]) * size
        self.distances = Distances(pairs, self.stride, size, outside)
        self.bits = table_bits(width, height, 0, 12, 20)
        self.repeated = RepeatedPlace(self.bits, self.stride, size)
        count = 1 << max(self.bits, 16)
        self.counters = [Counters(count) for _ in range(CONTEXTS)]
        self.first = np.zeros((12, 3, 8), F)
        self.first.reshape(12, -1)[:, :CONTEXTS] = START
        self.second = np.zeros((64, 3, 8), F)

    def decode(self) -> np.ndarray:
        """The ranks, height × width."""
        for y in range(self.height):
            for x in range(self.width):
                self._decode_pixel(x, y)
        rows = [self._place(0, y) for y in range(self.height)]
        plane = [list(self.pixels[row : row + self.width]) for row in rows]
        return np.array(plane, np.int64)

    def _place(self, x: int, y: int) -> int:
        return (y + ROWS) * self.stride + x + COLUMNS

    def _row(self, up: int, left: int, right: int) -> int:
        """R: pixels of a row above as a number."""
        start = self.pixel - up * self.stride
        return self._number(start - left, start + right + 1)

    def _number(self, start: int, end: int) -> int:
        value = 0
        for pixel in self.pixels[start:end]:
            value = 2 * value + pixel
        return value

    def _before(self, count: int) -> int:
        """B: pixels before in the row as a number."""
        return self._number(self.pixel - count, self.pixel)

    def _joined(self, before: int, *rows: tuple[int, int, int]) -> int:
        """B(before), then rows (up, left, right), as one number whose last part is lowest."""
        value = self._before(before)
        for up, left, right in rows:
            value = value << (left + right + 1) | self._row(up, left, right)
        return value

    def _decode_pixel(self, x: int, y: int) -> None:
        place = self.pixel = self._place(x, y)
        near = self._row(2, 0, 0) << 5 | self._joined(2, (1, 1, 1))
        upper = self._row(3, 3, 3) << 3 | self._row(4, 1, 1)
        wider = digest(self._joined(8, (1, 5, 5), (2, 4, 4)), upper)
        lower = self._before(12) << 32 | self._row(1, 8, 8) << 15 | self._row(2, 7, 7)
        upper = (self._row(3, 5, 5) << 9 | self._row(4, 4, 4)) << 5 | self._row(5, 2, 2)
        widest = digest(lower, upper)
        source = self.repeated.look(place, digest(widest, wider))
        confidence = self.repeated.confidence
        repeated = self.pixels[source] if confidence else self.outside
        supports = self.distances.supports(place)
        given = [self.distances.source(index, self.pixels, place) for index in range(len(supports))]
        flags = sum(pixel << k for k, pixel in enumerate(given))
        digits = 0
        for support, pixel in zip(supports, given):
            level = 3 if support > 7 else 2 if support > 5 else 1 if support > 3 else 0
            digits = 8 * digits + 2 * level + pixel
        ones = sum(
            value.bit_count() for value in (self._before(8), self._row(1, 7, 8), self._row(2, 7, 8))
        )
        last = 4 * flags + (2 + repeated if confidence else 0)
        entries = [
            near,
            self._joined(4, (1, 2, 2), (2, 1, 1)),
            self._hashed(self._joined(5, (1, 3, 3), (2, 2, 2)), 2),
            self._hashed(self._joined(6, (1, 4, 4), (2, 3, 3), (3, 1, 1)), 3),
            self._hashed(wider, 4),
            self._hashed(widest, 5),
            self._hashed(self._joined(2, *((up, 1, 1) for up in range(1, 7))), 6),
            self._hashed(self._joined(16, (1, 2, 6)), 7),
            self._hashed(256 * (16 * (x % 16) + y % 16) + ones, 8),
            64 * (2 * confidence + repeated) + near,
            self._hashed(16 * digits + near % 16, 10),
            self._hashed(last, self._joined(3, (1, 2, 2))),
        ]
        second = near
        if self.period:
            entries[7] = self._cells(x, y)
            second = entries[7] >> 4
        support = max(supports, default=0)
        first = 3 * confidence + (2 if support > 6 else 1 if support > 3 else 0)
        bit = self._mix(entries, self.first[first], self.second[second])
        self.pixels[place] = bit
        self.repeated.learn(place, repeated == bit)
        self.distances.learn(place, given, bit)

    def _cells(self, x: int, y: int) -> int:
        """The pixels at the same place of the cells around, a bit each."""
        columns, rows = self.period
        value = 0
        for left, up in CELLS:
            x_there, y_there = x - left * columns, y - up * rows
            is_inside = 0 <= x_there < self.width and y_there >= 0
            pixel = self.pixels[self._place(x_there, y_there)] if is_inside else self.outside
            value = 2 * value + pixel
        return value

    def _hashed(self, value: int, salt: int) -> int:
        return digest(value, salt) >> (64 - self.bits)

    def _mix(self, entries: list[int], first: np.ndarray, second: np.ndarray) -> bool:
        inputs = np.array(table_inputs(self.counters, entries), F).reshape(3, 8)
        bit, _ = mixed_decision(self.decoder, inputs, [first, second], [RATE, RATE])
        update_tables(self.counters, entries, bit)
        return bit


def decode_bilevel(
    decoder: RangeDecoder, tile, maps: list[ValueMap], is_dither: bool
) -> list[np.ndarray | None]:
    """Methods 5 and 6: the ranks of the one plane of a `ResidualTile` that is not constant."""
    coded = [index for index, value_map in enumerate(maps) if not value_map.is_constant]
    if len(coded) != 1 or maps[coded[0]].ranks != 2:
        raise corrupt("planes of the bilevel method")
    ranks = [None] * tile.planes
    ranks[coded[0]] = BilevelCoder(decoder, tile.width, tile.height, is_dither).decode()
    return ranks
