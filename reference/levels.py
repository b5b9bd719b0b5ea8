"""Levels of JPEG coefficients (FORMAT.md, §13.6)."""

from dataclasses import dataclass, field
from functools import cache

import numpy as np

from reference.arithmetic import toward_zero
from reference.corrections import MagnitudeModel
from reference.functions import SQUASH, F
from reference.jpeg_transforms import dequantize, slow_samples
from reference.mixing import AdaptiveBit, Counters, mixed_decision, table_inputs, update_tables
from reference.range_coder import RangeDecoder
from reference.weights import DATA

MASK = (1 << 32) - 1
CONTEXTS = 12
RATE = F(0.001)
START_COUNTERS = 145600
START_COUNT = 2
SET_COUNTS = (128, 1036, 1620)
INNER, EDGE, MEAN = 1, 2, 3
LARGEST = 2047
MEAN_LIMIT = 2047 * 255

# Places of a block, row after row, in zigzag order.
ZIGZAG = sorted(
    range(64),
    key=lambda p: (p // 8 + p % 8, p // 8 if (p // 8 + p % 8) % 2 else p % 8),
)
INNER_ZIGZAG = [p for p in ZIGZAG if p >= 8 and p % 8]


@dataclass
class Block:
    """A block: levels row after row, numbers of levels that are not 0, and what it leaves.

    `missed` is by how much the mean's prediction was missed; `rows` and `columns` are samples in
    rows and columns 6 and 7.
    """

    levels: list[int] = field(default_factory=lambda: [0] * 64)
    inner: int = 0
    row: int = 0
    column: int = 0
    missed: int = 0
    rows: np.ndarray | None = None
    columns: np.ndarray | None = None


EMPTY = Block()


@dataclass
class PlaneGrid:
    """A plane's blocks in a band, and where the first plane's blocks lie.

    `luma_rows` and `luma_columns` are the first plane's blocks for rows and columns of the grid.
    """

    steps: list[int]
    columns: int
    first_row: int
    last_row: int
    luma_rows: list[int]
    luma_columns: list[int]
    has_differences: bool
    is_as_before: bool
    blocks: dict[tuple[int, int], Block] = field(default_factory=dict)

    def block(self, x: int, y: int) -> Block | None:
        """A block of the band, None outside."""
        return self.blocks.get((x, y))


def level_class(n: int) -> int:
    """C(n)."""
    if n <= 4:
        return n
    return 5 + sum(n >= limit for limit in (7, 10, 15, 23, 41, 100))


def sign_of(x: int) -> int:
    """2 above 0, 1 below, 0."""
    return 2 if x > 0 else 1 if x < 0 else 0


def context_hash(a: int, b: int, c: int, d: int) -> int:
    """The hash of a context."""
    h = (65599 * a + b) * 0x2C1B3C6D & MASK
    h = ((h ^ h >> 15) + (2049 * c + d) * 0x297A2D39) & MASK
    h = (h ^ h >> 14) * 0x9E3779B1 & MASK
    return h ^ h >> 16


@cache
def _starts() -> tuple[list[int], list[np.ndarray]]:
    """Fast probabilities of counters, and weights of the three kinds."""
    data = np.frombuffer((DATA / "level_start.bin").read_bytes(), np.int8)
    odds = data[:START_COUNTERS].astype(np.int64)
    entries = (odds * 16 + 14 * 256).clip(0, 7167)
    fast = ((SQUASH[entries] - F(0.5)) * F(65536)).astype(np.int64)
    fast[odds == 0] = 0
    weights = data[START_COUNTERS:].astype(F) / F(128)
    sets = []
    for count in SET_COUNTS:
        sets.append(weights[: 24 * count].reshape(count, 3, 8))
        weights = weights[24 * count :]
    return fast.tolist(), sets


class LevelModels:
    """Counters and weights of a band."""

    def __init__(self, decoder: RangeDecoder, level_count: int) -> None:
        self.decoder = decoder
        length = level_count.bit_length()
        self.line_bits = min(max(length - 4, 10), 16)
        self.sign_bits = min(max(length - 5, 10), 14)
        self.lines = [Counters(8 << self.line_bits) for _ in range(CONTEXTS)]
        self.signs = [Counters(1 << self.sign_bits) for _ in range(CONTEXTS)]
        self.starts, sets = _starts()
        self.sets = [kind.copy() for kind in sets]

    def line_places(self, hashes: list[int], part: int) -> list[int]:
        """The first counter of part j's line in each context."""
        shift = 32 - self.line_bits
        return [8 * (((h ^ part * 0x9E3779B1 & MASK) * 0x85EBCA6B & MASK) >> shift) for h in hashes]

    def decide(self, places: list[int], start: int, sets: tuple[int, int, int]) -> bool:
        """A decision with a counter in each context."""
        return self._decide(self.lines, places, start, sets)

    def decide_sign(self, hashes: list[int], start: int, sets: tuple[int, int, int]) -> bool:
        """Whether a level is negative."""
        shift = 32 - self.sign_bits
        places = [(h * 0x85EBCA6B & MASK) >> shift for h in hashes]
        return self._decide(self.signs, places, start, sets)

    def _decide(
        self, tables: list[Counters], places: list[int], start: int, sets: tuple[int, int, int]
    ) -> bool:
        fast = self.starts[start]
        for counters, place in zip(tables, places):
            if not (counters.fast[place] or counters.quick[place] or counters.count[place]):
                counters.start(place, fast, START_COUNT)
        inputs = np.array(table_inputs(tables, places), F).reshape(3, 8)
        weights = [kind[index] for kind, index in zip(self.sets, sets)]
        bit, _ = mixed_decision(self.decoder, inputs, weights, [RATE] * 3)
        update_tables(tables, places, bit)
        return bit


class BandDecoder:
    """Decodes the planes of one band."""

    def __init__(self, stream: bytes, grids: list[PlaneGrid]) -> None:
        self.decoder = RangeDecoder(stream)
        self.grids = grids
        count = sum(64 * grid.columns * (grid.last_row - grid.first_row) for grid in grids)
        self.models = LevelModels(self.decoder, count)
        self.difference_bits = [AdaptiveBit(12) for _ in grids]
        self.sample_bits = [AdaptiveBit(6) for _ in range(12)]
        self.difference_models = [MagnitudeModel() for _ in grids]

    def decode_plane(self, index: int, inside) -> dict[tuple[int, int], np.ndarray]:
        """Decodes the blocks of a plane into its grid; the result are differences.

        `inside(x, y)` has rows and columns of a block's samples in the plane.
        """
        grid = self.grids[index]
        differences = {}
        for y in range(grid.first_row, grid.last_row):
            for x in range(grid.columns):
                coder = BlockCoder(self, index, x, y)
                grid.blocks[x, y] = coder.decode()
                if grid.has_differences and self.difference_bits[index].decode(self.decoder):
                    differences[x, y] = self._differences(index, *inside(x, y))
        return differences

    def _differences(self, index: int, rows: range, columns: range) -> np.ndarray:
        result = np.zeros((8, 8), np.int64)
        has = np.zeros((9, 9), np.int64)
        for row in rows:
            for column in columns:
                near = int(has[row + 1, column] + has[row, column + 1])
                if self.sample_bits[3 * index + near].decode(self.decoder):
                    has[row + 1, column + 1] = 1
                    result[row, column] = self.difference_models[index].decode(self.decoder)
        return result


class BlockCoder:
    """Decodes the levels of one block."""

    def __init__(self, band: BandDecoder, index: int, x: int, y: int) -> None:
        self.models, self.decoder = band.models, band.decoder
        self.plane, self.kind = index, min(index, 1)
        grid = self.grid = band.grids[index]
        self.steps = grid.steps
        self.left_block, self.above_block = grid.block(x - 1, y), grid.block(x, y - 1)
        self.left, self.above = self.left_block or EMPTY, self.above_block or EMPTY
        self.above_left = grid.block(x - 1, y - 1) or EMPTY
        self.above_right = grid.block(x + 1, y - 1) or EMPTY
        self.first = self.before = EMPTY
        if index:
            place = (grid.luma_columns[x], grid.luma_rows[y])
            self.first = band.grids[0].block(*place) or EMPTY
        if index > 1 and grid.is_as_before:
            self.before = band.grids[index - 1].block(x, y) or EMPTY
        self.block = Block()
        self.levels = self.block.levels

    def decode(self) -> Block:
        """The block, with what it leaves to others."""
        block = self.block
        block.inner = self._inner_number()
        self._inner_levels(block.inner)
        block.row = self._edge_number(True)
        self._edge_levels(block.row, True)
        block.column = self._edge_number(False)
        self._edge_levels(block.column, False)
        self._mean()
        return block

    def _number(self, count: int, limit: int, hashes: list[int], start: int, kind: int) -> int:
        """A number of `count` bits, at most `limit`; kind 0: inner, 1: row, 2: column."""
        value, known = 0, 1
        places, group = [], 1
        for bit in range(count):
            if bit % 3 == 0:
                places = self.models.line_places(hashes, 20 + known)
                begin = start + (8 * known if bit else 0)
                group = 1
            number = count - 1 - bit
            one = 1 << number
            true = False
            if value + one <= limit:
                sets = (
                    64 * self.kind + number + 6 * kind,
                    1024 + 3 * self.plane + kind,
                    4 * (396 + 3 * self.kind + kind) + number % 3,
                )
                counters = [place + group for place in places]
                true = self.models.decide(counters, begin + group, sets)
            value += one * true
            known = 2 * known + true
            group = 2 * group + true
        return value

    def _inner_number(self) -> int:
        numbers = [
            block.inner
            for block in (
                self.left, self.above, self.above_left, self.above_right, self.first, self.before,
            )
        ]  # fmt: skip
        left, above, q, r, y, b = numbers
        has_both = self.left_block is not None and self.above_block is not None
        m = (left + above + 1) >> 1 if has_both else left + above
        w = (2 * left + 2 * above + q + r + 2) // 3
        k = 600 + self.kind
        hashes = [
            context_hash(*context)
            for context in (
                (k, m, b, 0), (k, left, 1, 0), (k, above, 2, 0), (k, left >> 1, above >> 1, 3),
                (k, w, 4, 0), (k, y, m >> 1, 5), (k, b, y >> 2, 6), (k, self.plane, 7, 0),
                (k, w >> 1, y, 8), (k, r, m, 9), (k, q, m, 10),
                (k, self.left.row + self.left.column, self.above.row + self.above.column, 11),
            )
        ]  # fmt: skip
        start = 127040 + 128 * (50 * self.kind + (y if self.plane else m))
        return self._number(6, 49, hashes, start, 0)

    def _edge_number(self, is_row: bool) -> int:
        name = "row" if is_row else "column"
        left, above, q, r, y, b = (
            getattr(block, name)
            for block in (
                self.left, self.above, self.above_left, self.above_right, self.first, self.before,
            )
        )  # fmt: skip
        n = self.block.inner
        total = level_class(n)
        o = 0 if is_row else self.block.row
        k = 700 + 2 * self.kind + is_row
        hashes = [
            context_hash(*context)
            for context in (
                (k, 8 * left + above, 0, 0), (k, n, 1, 0), (k, n >> 1, left + above, 2),
                (k, o, n, 3), (k, o, left + above, 4), (k, y, b, 5),
                (k, 8 * y + b, left + above, 6), (k, self.plane, 7, 0),
                (k, q + r, left + above, 8), (k, left, total, 9), (k, above, total, 10),
                (k, 8 * o + y, total, 11),
            )
        ]  # fmt: skip
        start = 139840 + 8 * (12 * (15 * (2 * self.kind + is_row) + left + above) + total)
        return self._number(3, 7, hashes, start, 1 if is_row else 2)

    def _inner_levels(self, count: int) -> None:
        kind, plane = self.kind, self.plane
        rest = count
        t = t2 = 0
        for i, p in enumerate(INNER_ZIGZAG):
            if rest == 0:
                return
            v, u = divmod(p, 8)
            own, left, above = self.levels, self.left.levels, self.above.levels
            w = abs(own[p - 1]) if u > 1 else 0
            vertical = abs(own[p - 8]) if v > 1 else 0
            z = abs(own[p - 9]) if u > 1 and v > 1 else 0
            big_l, big_a = abs(left[p]), abs(above[p])
            q, r_size = abs(self.above_left.levels[p]), abs(self.above_right.levels[p])
            y_size, b_size = abs(self.first.levels[p]), abs(self.before.levels[p])
            total = 13 * (big_l + big_a) + 6 * q
            m = level_class((total + 8) >> 4)
            inside = level_class(2 * (w + vertical) + z)
            everything = level_class((total + 4 * r_size + 10 * (w + vertical) + 8) >> 4)
            r = level_class(rest)
            k = 64 * kind + p
            x = abs(left[p + 1]) + abs(above[p + 1]) if u < 7 else 0
            y = abs(left[p + 8]) + abs(above[p + 8]) if v < 7 else 0
            c = level_class
            contexts = [
                (k, m, r, 0), (k, c(big_l), c(big_a), 1), (k, 16 * c(w) + c(vertical), c(z), 2),
                (k, rest, 0, 3), (k, everything, r, 4),
                (rest, 49 - i, 4 * min(t, 3) + min(t2, 3), 5),
                (k, c(y_size), 16 * plane + r, 6) if plane else (k, c(r_size), c(q), 6),
                (k, c(b_size), 4 * everything + plane, 7) if plane
                else (k, c(t + t2), c(x + y), 7),
                (k, c(x), c(y), 8), (k, plane, 0, 9), (u + v, inside, 16 * m + r, 10),
                (k, inside, r, 11),
            ]  # fmt: skip
            third = 96 * kind + 8 * everything + min(r, 7)
            start = 8 * (11 * (12 * (49 * kind + i) + everything) + r)
            size = self._size(INNER, p, contexts, start, third, rest == 49 - i, 11)
            value = 0
            if size:
                s1, s2 = sign_of(left[p]), sign_of(above[p])
                s3 = sign_of(own[p - 1]) if u > 1 else 0
                value = self._signed(INNER, p, size, s1, s2, s3, self._plane_sign(p))
                rest -= 1
            own[p] = value
            t, t2 = abs(value), t

    def _plane_sign(self, p: int) -> int:
        """s4 of inner and edge levels."""
        if self.plane == 0:
            return 0
        return sign_of((self.first if self.plane == 1 else self.before).levels[p])

    def _edge_levels(self, count: int, is_row: bool) -> None:
        kind, plane = self.kind, self.plane
        rest = count
        step, across = (1, 8) if is_row else (8, 1)
        total = level_class(self.block.inner)
        c = level_class
        for j in range(1, 8):
            if rest == 0:
                return
            p = j * step
            own, left, above = self.levels, self.left.levels, self.above.levels
            expected = self._continued(j, step, across, is_row)
            f = abs(expected)
            fine = f >> 1 if f < 24 else 12 + min((f - 24) >> 3, 40)
            co = c((f + 2) >> 2)
            big_l, big_a = abs(left[p]), abs(above[p])
            q, r_size = abs(self.above_left.levels[p]), abs(self.above_right.levels[p])
            y_size, b_size = abs(self.first.levels[p]), abs(self.before.levels[p])
            m = c((13 * (big_l + big_a) + 6 * q + 8) >> 4)
            k = 128 + 64 * kind + p
            b1, b2 = abs(own[p + across]), abs(own[p + 2 * across])
            t = abs(own[p - step]) if j > 1 else 0
            g = abs(own[p + across + step]) if j < 7 else 0
            inside = c(2 * b1 + b2 + t + g)
            contexts = [
                (k, fine, 0, 0), (k, co, rest, 1), (k, c(big_l), c(big_a), 2), (k, rest, total, 3),
                (k, m, co, 4), (k, c(t), 16 * rest + co, 5),
                (k, c(y_size), 4 * c(b_size) + plane, 6) if plane else (k, c(r_size), m, 6),
                (k, c(b_size), 4 * co + plane, 7) if plane else (k, inside, m, 7),
                (k, c(b1), co, 8), (k, plane, 0, 9), (j, fine, inside, 10),
                (k, inside, 16 * rest + total, 11),
            ]  # fmt: skip
            third = 192 + 96 * kind + 8 * co + rest
            number = 14 * kind + j - 1 + (0 if is_row else 7)
            start = 103488 + 8 * (8 * (12 * number + co) + rest)
            size = self._size(EDGE, p, contexts, start, third, rest == 8 - j, 11)
            if size:
                s1 = min(max(expected >> 1, -24), 24) + 25
                s2 = sign_of((left if is_row else above)[p])
                s3 = sign_of(own[p + across])
                own[p] = self._signed(EDGE, p, size, s1, s2, s3, self._plane_sign(p))
                rest -= 1

    def _continued(self, j: int, step: int, across: int, is_row: bool) -> int:
        """What a level at an edge is expected to be, in eighths."""
        there = self.above_block if is_row else self.left_block
        if there is None:
            return 0
        p = j * step
        total = 0
        for i in range(1, 8):
            place = p + across * i
            product = self.steps[place] * there.levels[place]
            total += (-product if i % 2 else product) - self.steps[place] * self.levels[place]
        first = self.steps[p] * there.levels[p]
        value = toward_zero((256 * first + 362 * total) >> 5, self.steps[p])
        return min(max(value, -(1 << 30)), 1 << 30)

    def _mean(self) -> None:
        """The level at frequency 0."""
        kind, plane = self.kind, self.plane
        steps = np.array(self.steps).reshape(8, 8)
        levels = np.array(self.levels).reshape(8, 8)
        x = slow_samples(dequantize(levels, steps))
        expected, spread, gap, fraction = self._expected_mean(x)
        c = level_class
        s, g, total = c(spread), c(abs(gap)), c(self.block.inner)
        left, above = abs(self.left.missed), abs(self.above.missed)
        y, b = abs(self.first.missed), abs(self.before.missed)
        j = c(left + above)
        k = 800 + kind
        contexts = [
            (k, spread, 0, 0), (k, s, g, 1), (k, s, total, 2), (k, j, s, 3), (k, j, total, 4),
            (k, c(y), 4 * s + plane, 5), (k, c(b), 4 * s + plane, 6), (k, plane, 7, 0),
            (k, c(left), c(above), 8), (k, g, total, 9), (k, fraction, s, 10),
            (k, 16 * self.block.row + total, s, 11),
        ]  # fmt: skip
        start = 124992 + 8 * (12 * kind + s)
        missed = self._size(MEAN, 0, contexts, start, 384 + s, False, 12)
        if missed:
            other = self.before if plane > 1 else self.above
            missed = self._signed(
                MEAN, 0, missed, fraction, 12 * sign_of(gap) + g, sign_of(self.left.missed),
                sign_of(other.missed),
            )  # fmt: skip
        block = self.block
        block.missed = missed
        level = self.levels[0] = min(max(expected + missed, -LARGEST), LARGEST)
        mean = min(max(level * self.steps[0], -MEAN_LIMIT), MEAN_LIMIT)
        whole = x + ((mean + 4) >> 3)
        block.rows, block.columns = whole[6:], whole[:, 6:]

    def _expected_mean(self, x: np.ndarray) -> tuple[int, int, int, int]:
        """Level, spread, gap and fraction."""
        step = self.steps[0]
        sums, ranges = [], []
        if self.above_block is not None:
            g, h = self.above_block.rows
            sums, ranges = edge_sum(3 * h - g - (3 * x[0] - x[1]), sums, ranges)
        if self.left_block is not None:
            g, h = self.left_block.columns.T
            sums, ranges = edge_sum(3 * h - g - (3 * x[:, 0] - x[:, 1]), sums, ranges)
        if not sums:
            return 0, 31, 0, 4
        gap = 0
        if len(sums) == 2:
            u, v = ranges
            w = 256 * (v + 8) // (u + v + 16)
            total = sums[0] * w + sums[1] * (256 - w)
            gap = toward_zero(sums[1] - sums[0], 2 * step)
        else:
            total = 256 * sums[0]
        expected = toward_zero(total >> 6, step)
        level = min(max((expected + 4) >> 3, -LARGEST), LARGEST)
        spread = min(4 * min(ranges) // step, 63)
        return level, spread, gap, (expected + 4) % 8

    def _size(
        self,
        z: int,
        p: int,
        contexts: list[tuple[int, int, int, int]],
        start: int,
        third: int,
        is_known: bool,
        longest: int,
    ) -> int:
        """The magnitude of a level, of at most `longest` bits; `is_known`: it is not 0."""
        models = self.models
        hashes = [context_hash(*context) for context in contexts]
        first = 16 * (4 * self.kind + z)
        second = 4 * (64 * self.plane + p)
        places = models.line_places(hashes, 1)
        length = 0
        if is_known:
            length = 1
        while length < longest:
            if length == 7:
                places = models.line_places(hashes, 2)
            number = length if length < 7 else length - 7
            begin = start if length < 7 else 125184 + 8 * z
            part = min(length, 2)
            sets = (first + length, second + part, 4 * third + part)
            counters = [place + number for place in places]
            if not models.decide(counters, begin + number, sets):
                break
            length += 1
        if length < 2:
            return length
        places = models.line_places(hashes, 2 + length)
        begin = 125216 + 8 * (16 * (4 * self.kind + z) + length)
        value = 1
        for number in range(length - 1):
            counter = (0, 1 + (value & 1))[number] if number < 2 else min(number + 1, 7)
            sets = (first + (14 if number else 13), second + 3, 4 * third + 3)
            counters = [place + counter for place in places]
            value = 2 * value + models.decide(counters, begin + counter, sets)
        return value

    def _signed(self, z: int, p: int, size: int, s1: int, s2: int, s3: int, s4: int) -> int:
        """A level of a magnitude that is not 0."""
        k, plane = 64 * (4 + z) + p, self.plane
        w, q = min(size, 3), 3 * s2 + s3
        contexts = (
            (k, s1, w, 0), (k, s1, plane, 1), (k, s2, s3, 2), (k, s4, plane, 3), (z, s1, s2, 4),
            (z, s1, w, 5), (k, s1, s4, 6), (k, s2, plane, 7), (k, s3, plane, 8), (k, plane, 0, 9),
            (z, q, s4, 10), (k, 9 * s1 + q, s4, 11),
        )  # fmt: skip
        hashes = [context_hash(*context) for context in contexts]
        sets = (
            16 * (4 * self.kind + z) + 15,
            4 * (64 * plane + p) + 3,
            4 * (401 + z),
        )
        start = 126240 + 4 * (50 * z + s1) + w
        return -size if self.models.decide_sign(hashes, start, sets) else size


def edge_sum(
    estimates: np.ndarray, sums: list[int], ranges: list[int]
) -> tuple[list[int], list[int]]:
    """Sums and ranges with those of one more edge."""
    spread = int(estimates.max() - estimates.min())
    return [*sums, int(estimates.sum())], [*ranges, spread]
