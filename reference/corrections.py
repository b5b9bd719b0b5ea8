"""What has to be added to points of a lattice (FORMAT.md, §13.4)."""

import numpy as np

from reference.container import Lattice
from reference.functions import F
from reference.mixing import AdaptiveBit, Counters, mixed_decision, table_inputs, update_tables
from reference.range_coder import RangeDecoder

MASK = (1 << 32) - 1
CONTEXTS = 7
RATE = F(0.01)
START = F(0.35)


class MagnitudeModel:
    """Integers other than 0, by adaptive bits."""

    LAST_EXPONENT = 13

    def __init__(self) -> None:
        self.sign = AdaptiveBit(6)
        self.exponents = [AdaptiveBit(6) for _ in range(self.LAST_EXPONENT)]
        self.halves = [AdaptiveBit(6) for _ in range(self.LAST_EXPONENT + 1)]

    def decode(self, decoder: RangeDecoder) -> int:
        """An integer."""
        negative = self.sign.decode(decoder)
        exponent = 0
        while exponent < self.LAST_EXPONENT and self.exponents[exponent].decode(decoder):
            exponent += 1
        size = 1 << exponent
        if exponent:
            size += self.halves[exponent].decode(decoder) << (exponent - 1)
            size += decoder.uniform(exponent - 1)
        return -size if negative else size


def position_of(lattice: Lattice, point: tuple[int, int, int]) -> list[int]:
    """Where a point's colour lies, in 2⁻¹⁶ with a half added, channel by channel."""
    return [
        row[0] * point[0] + row[1] * point[1] + row[2] * point[2] + row[3] + (1 << 15)
        for row in lattice.rows
    ]


def plain_color(position: list[int]) -> list[int]:
    """The colour of a point."""
    return [min(max(value >> 16, 0), 255) for value in position]


class Corrections:
    """Decodes the stream of corrections of an image."""

    def __init__(self, stream: bytes, lattice: Lattice, has_sampling: bool) -> None:
        self.decoder = RangeDecoder(stream)
        self.lattice = lattice
        self.has_sampling = has_sampling
        self.highest = (1 << lattice.depth) - 1
        self.first_bits = [AdaptiveBit(10) for _ in range(64)]
        self.second_bits = [AdaptiveBit(10) for _ in range(64)]
        self.chroma_models = [MagnitudeModel() for _ in range(4)]
        self.same_bits = [AdaptiveBit(12) for _ in range(2)]
        self.was_same = True
        self.known = {}
        self.counters = [Counters(1 << 16) for _ in range(CONTEXTS)]
        self.sets = np.zeros((18, 2, 8), F)
        self.sets.reshape(18, -1)[:, :CONTEXTS] = START
        self.size_models = [MagnitudeModel() for _ in range(6)]

    def decode(self, planes: np.ndarray) -> np.ndarray:
        """The image's samples from its points: luma, first and second chroma."""
        _, height, width = planes.shape
        result = np.zeros((3, height, width), np.int64)
        differs = np.zeros((height + 1, width + 2), np.int64)
        for y in range(height):
            for x in range(width):
                point = tuple(planes[:, y, x].tolist())
                if self.has_sampling:
                    around = differs[y, x : x + 3].tolist()
                    near = differs[y + 1, x] + 2 * around[0] + 4 * around[1] + 8 * around[2]
                    point, differs[y + 1, x + 1] = self._chroma(point, int(near))
                result[:, y, x] = self._color(point)
        return result

    def _chroma(self, point: tuple[int, int, int], near: int) -> tuple[tuple[int, int, int], bool]:
        """The point with its own chroma, and whether that differs from what was made."""
        decoder = self.decoder
        color = plain_color(position_of(self.lattice, point))
        at_edge = any(value in (0, 255) for value in color)
        context = 2 * near + at_edge
        a = self.first_bits[context].decode(decoder)
        b = self.second_bits[2 * context + a].decode(decoder)
        luma, first, second = point
        if a:
            first += self.chroma_models[b].decode(decoder)
        if b:
            second += self.chroma_models[2 + a].decode(decoder)
        first, second = (min(max(value, 0), self.highest) for value in (first, second))
        return (luma, first, second), a or b

    def _color(self, point: tuple[int, int, int]) -> list[int]:
        """The samples of a point."""
        position = position_of(self.lattice, point)
        plain = plain_color(position)
        if point in self.known:
            self.was_same = self.same_bits[self.was_same].decode(self.decoder)
        if point not in self.known or not self.was_same:
            self.known[point] = [
                self._value(channel, position[channel], plain[channel], point)
                for channel in range(3)
            ]
        added = self.known[point]
        return [min(max(value + more, 0), 255) for value, more in zip(plain, added)]

    def _value(self, channel: int, position: int, plain: int, point: tuple[int, int, int]) -> int:
        """What is added to a channel."""
        s = 2 * channel + (plain in (0, 255))
        fraction = position & 0xFFFF
        f = fraction >> 11
        luma, first, second = point

        def combine(a: int, b: int) -> int:
            h = s * 0x3D4D51CB & MASK
            h = (h ^ a) * 0x9E3779B1 & MASK
            h = (h ^ h >> 15 ^ b) * 0x85EBCA77 & MASK
            return h ^ h >> 13

        hashes = [
            combine(f, luma),
            combine(f, first),
            combine(f, second),
            combine(fraction >> 8, 0),
            combine(luma, first),
            combine(luma, second),
            combine(first, second) ^ (f >> 2) * 0x1F35,
        ]
        if not self._decide(hashes, s, 0):
            return 0
        negative = self._decide(hashes, s, 1)
        size = 1
        if self._decide(hashes, s, 2):
            size += abs(self.size_models[s].decode(self.decoder))
        return -size if negative else size

    def _decide(self, hashes: list[int], s: int, number: int) -> bool:
        entries = [(h + number * 0x2C1B) & 0xFFFF for h in hashes]
        inputs = np.array([*table_inputs(self.counters, entries), 0, 0], F).reshape(2, 8)
        weights = self.sets[3 * s + number]
        bit, _ = mixed_decision(self.decoder, inputs, [weights], [RATE])
        update_tables(self.counters, entries, bit)
        return bit
