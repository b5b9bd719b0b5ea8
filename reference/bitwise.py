"""Ranks bit by bit (FORMAT.md, §10.9)."""

import numpy as np

from reference.drawing_start import bit_sets
from reference.functions import F
from reference.hashes import digest, table_bits
from reference.mixing import Counters, mixed_decision, table_inputs, update_tables
from reference.plane_coder import PlaneCoder
from reference.range_coder import RangeDecoder

CONTEXTS = 12
RATE = F(0.008)
SHAPE_BITS = 3


class BitwiseCoder:
    """Decodes the ranks of a pixel whose colour is not known."""

    def __init__(self, decoder: RangeDecoder, candidates, planes: list[PlaneCoder]) -> None:
        """`candidates`: the `CandidateCoder` of the tile."""
        self.decoder, self.candidates, self.planes = decoder, candidates, planes
        self.bits = table_bits(candidates.width, candidates.height, 2, 12, 20)
        self.counters = [Counters(1 << self.bits) for _ in range(CONTEXTS)]
        self.sets = bit_sets()
        self.second = 0

    def note_listed(self) -> None:
        """Keeps the second colour that was listed for the last pixel."""
        listed = self.candidates.listed
        if len(listed) > 1:
            self.second = listed[1]

    def decode(self, x: int) -> list[int]:
        """The ranks of all planes, in the order of coding."""
        self.note_listed()
        ranks = []
        color = 0
        for plane, coder in enumerate(self.planes):
            coder.predict(x)
            rank = self._rank(plane, coder, color, ranks)
            coder.learn(rank)
            ranks.append(rank)
            color += rank << (16 * plane)
        return ranks

    def _rank(self, plane: int, coder: PlaneCoder, color: int, before: list[int]) -> int:
        count = coder.plane.ranks
        error = coder.expected_error
        error_class = 0 if error < 1 else 1 if error < 6 else 2
        hashes = self._hashes(plane, color, before, coder.next_rank, error_class)
        length = (count - 1).bit_length()
        if len(self.planes) == 1 and length > SHAPE_BITS:
            hashes[2], hashes[7] = self._shapes(length - SHAPE_BITS)
        prefix, value = 1, 0
        for number in range(length - 1, -1, -1):
            bit = False
            if value + (1 << number) < count:
                weights = 8 * (3 * plane + error_class) + number
                bit = self._decide(hashes, prefix, weights)
            prefix = 2 * prefix + bit
            value += bit << number
        return value

    def _decide(self, hashes: list[int], prefix: int, weights: int) -> bool:
        entries = [digest(h, prefix) >> (64 - self.bits) for h in hashes]
        inputs = np.array(table_inputs(self.counters, entries), F).reshape(3, 8)
        bit, _ = mixed_decision(self.decoder, inputs, [self.sets[weights]], [RATE])
        update_tables(self.counters, entries, bit)
        return bit

    def _shapes(self, shift: int) -> tuple[int, int]:
        """H of the contexts of shapes: of six and of eleven neighbours in eighths of the range."""
        colors, west = self.candidates.colors, self.candidates.pixel - 1
        north = self.candidates.pixel - self.candidates.stride
        top = north - self.candidates.stride
        small = [west, west - 1, north - 1, north, north + 1, top]
        large = [*small, west - 2, north - 2, north + 2, top - 1, top + 1]
        return tuple(
            digest(sum(colors[at] >> shift << 3 * i for i, at in enumerate(reversed(places))), salt)
            for places, salt in ((small, 10), (large, 11))
        )

    def _hashes(
        self, plane: int, color: int, before: list[int], m: int, error_class: int
    ) -> list[int]:
        """H of the twelve contexts."""
        candidates = self.candidates
        colors, place = candidates.colors, candidates.pixel
        north = place - candidates.stride
        west, above, north_west = colors[place - 1], colors[north], colors[north - 1]
        north_east, far_west = colors[north + 1], colors[place - 2]
        shift = 16 * plane
        w, n, v = (value >> shift & 0xFFFF for value in (west, above, north_west))
        a, b, c = w, n, 0
        if plane:
            c = before[-1]
            a += c - (west >> (shift - 16) & 0xFFFF)
            b += c - (above >> (shift - 16) & 0xFFFF)
        key = digest(color, plane)
        first = digest(digest(key, west), above)
        listed = candidates.listed
        return [
            first,
            digest(digest(first, north_west), digest(north_east, far_west)),
            digest(digest(plane, 1), (w << 20) + n),
            digest(key, 2),
            digest(key, west + 3),
            digest(key, above + (1 << 52)),
            digest(digest(key, listed[0]), self.second),
            digest(digest(plane, 5), (a << 20) + b),
            digest(digest(plane, 6), ((w + n - v) << 20) + c),
            digest(digest(plane, 7), 4 * m + error_class),
            digest(digest(key, 8), m - a),
            digest(digest(key, north_east), digest(above, 9)),
        ]
