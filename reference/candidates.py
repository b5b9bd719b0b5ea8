"""Colours as candidates, and the methods that code pixel after pixel (FORMAT.md, §10.3, §10.4)."""

import numpy as np

from reference.bitwise import BitwiseCoder
from reference.drawing_start import candidate_sets, start_counters
from reference.errors import corrupt
from reference.functions import F
from reference.hashes import MASK, combine, table_bits
from reference.mixing import Counters, mixed_decision, table_inputs, update_tables
from reference.planar import make_planes, sample_coder
from reference.plane_coder import PlaneCoder
from reference.range_coder import RangeDecoder
from reference.repeats import Distances, RepeatedPlace, held_rank, read_distances, surface
from reference.residual_profile import Profile
from reference.value_maps import ValueMap

CONTEXT_BITS = 18
RATE = F(0.005)
BORDER = 8
CANDIDATES = 3
UNKNOWN = 3


class ColorHistory:
    """Which colour followed a neighbourhood, by its hash."""

    def __init__(self, bits: int) -> None:
        self.bits = bits
        size = 1 << bits
        self.colors, self.checks = [0] * size, [0] * size
        self.confidences, self.ages = bytearray(size), bytearray(size)

    def look(self, h: int) -> tuple[int, int]:
        """A colour and a confidence 0 … 3."""
        slot = self.slot = h >> (64 - self.bits)
        self.check = h & 0xFFFF
        confidence = self.confidences[slot]
        self.known = self.checks[slot] == self.check and confidence > 0
        if not self.known:
            return 0, 0
        return self.colors[slot], 3 if confidence > 6 else 2 if confidence > 2 else 1

    def learn(self, color: int) -> None:
        """Learns the colour at the neighbourhood that was looked up last."""
        slot = self.slot
        confidence = self.confidences[slot]
        if self.known and self.colors[slot] == color:
            self.confidences[slot] = min(confidence, 254) + 1
        elif self.known:
            self.confidences[slot] = confidence >> 2
            if confidence >> 2 < 2:
                self.colors[slot], self.confidences[slot] = color, 1
        elif confidence > 8 and self.ages[slot] % 4:
            self.confidences[slot] = confidence - 1
            self.ages[slot] = (self.ages[slot] + 1) & 255
        else:
            self.colors[slot], self.checks[slot] = color, self.check
            self.confidences[slot] = self.ages[slot] = 1


class CandidateCoder:
    """Decodes whether a pixel has one of up to three colours."""

    def __init__(self, decoder: RangeDecoder, width: int, height: int, highest: list[int]) -> None:
        """`highest`: the highest rank of each plane, in the order of coding."""
        self.decoder = decoder
        self.width, self.height = width, height
        self.highest = highest
        self.stride = width + 2 * BORDER
        size = (height + 2) * self.stride
        self.colors = [0] * size
        self.outcomes = bytearray(size)
        pairs = read_distances(decoder, width, height, has_surfaces=True)
        self.distances = Distances(pairs, self.stride, size, 0)
        bits = table_bits(width, height, 0, 8, 19)
        self.histories = [ColorHistory(bits) for _ in range(5)]
        self.repeated = RepeatedPlace(bits, self.stride, size)
        count = 8 if pairs else 6
        self.counters = [Counters(1 << CONTEXT_BITS) for _ in range(count)]
        start_counters(self.counters)
        self.sets = candidate_sets(bool(pairs))
        self.rates = [RATE]

    def place(self, x: int, y: int) -> int:
        """Where pixel (x, y) lies in the array of colours."""
        return (y + 2) * self.stride + x + BORDER

    def begin_row(self, y: int) -> None:
        """The eight places before the first pixel become the first colour of the row above."""
        if y:
            first = self.place(0, y)
            self.colors[first - BORDER : first] = [self.colors[first - self.stride]] * BORDER

    def end_row(self, y: int) -> None:
        """The eight places behind the last pixel become its colour."""
        last = self.place(self.width - 1, y)
        self.colors[last + 1 : last + 1 + BORDER] = [self.colors[last]] * BORDER

    def decode(self, x: int, y: int) -> int | None:
        """The pixel's colour, or None where it is none of the listed."""
        place = self.pixel = self.place(x, y)
        colors, stride = self.colors, self.stride
        self._look(place)
        self.given = [
            self._distance_color(index, x, y) for index in range(len(self.distances.pairs))
        ]
        self.supports = self.distances.supports(place)
        self.listed = self._collect(place)
        north = place - stride
        outcomes = self.outcomes
        past = min(outcomes[place - 1], 3) * 3 + min(outcomes[north], 2)
        past = (past * 3 + min(outcomes[north + 1], 2)) * 3 + min(outcomes[place - 2], 2)
        near = [colors[place - 1], colors[north], colors[north + 1], colors[north - 1]]
        for number, color in enumerate(self.listed):
            if self._decide(number, color, near, past, outcomes[place - 1]):
                outcomes[place] = number
                return color
        outcomes[place] = UNKNOWN
        return None

    def _look(self, place: int) -> None:
        """Hashes, and what the six sources have."""
        colors, north = self.colors, place - self.stride
        west, above = colors[place - 1], colors[north]
        n1, n2, n3 = colors[north + 1 : north + 4]
        north_west, far_west = colors[north - 1], colors[place - 2]
        start = combine(west, 1)
        run = combine(5, *(colors[place - back] for back in range(1, 8)), above)
        self.hashes = [
            combine(start, above, north_west, n1, far_west, colors[north - self.stride], n2),
            combine(start, above, north_west, n1, 1),
            combine(start, above, 2),
            combine(run, 3),
            combine(run, colors[place - 8], n1, n2, n3),
        ]
        self.sources = [history.look(h) for history, h in zip(self.histories, self.hashes)]
        source = self.repeated.look(place, self.hashes[4])
        confidence = self.repeated.confidence
        self.sources.append((colors[source] if confidence else 0, confidence))

    def _distance_color(self, index: int, x: int, y: int) -> int:
        rows, columns = self.distances.pairs[index]
        if rows or columns > 0:
            return self.distances.source(index, self.colors, self.pixel)
        color = surface(-columns, self.colors, self.pixel, self.stride, y == 0, x == 0)
        ranks = [
            held_rank(-columns, color >> (16 * plane) & 0xFFFF, highest)
            for plane, highest in enumerate(self.highest)
        ]
        return join(ranks)

    def _collect(self, place: int) -> list[int]:
        """Up to three distinct colours."""
        sources, given = self.sources, list(zip(self.given, self.supports))
        found = [color for color, support in given if support > 6]
        if sources[5][1] == 3:
            found.append(sources[5][0])
        found += [sources[k][0] for k in (4, 0, 3, 5) if sources[k][1]]
        found += [color for color, support in given if support > 2]
        found += [sources[k][0] for k in (1, 2) if sources[k][1]]
        north = place - self.stride
        found += [self.colors[place - 1], self.colors[north], self.colors[north + 1]]
        return list(dict.fromkeys(found))[:CANDIDATES]

    def _decide(
        self, number: int, color: int, near: list[int], past: int, outcome_west: int
    ) -> bool:
        """Whether the pixel has a listed colour; `near`: W, N, NE, NW."""
        match = trust = 0
        for k, (source, confidence) in enumerate(self.sources):
            matches = confidence > 0 and source == color
            match |= matches << k
            trust = 4 * trust + (confidence if matches else 0)
        neighbours = sum((other == color) << k for k, other in enumerate(near))
        kind = (match != 0) + 2 * (neighbours & 3 == 3)
        shift = 64 - CONTEXT_BITS
        h = self.hashes
        entries = [
            1024 * number + 16 * match + neighbours,
            4096 * number + trust,
            2048 * number + 4 * past + kind,
            combine(h[1], number) >> shift,
            combine(h[0], number) >> shift,
            combine(h[2], (color + number) & MASK) >> shift,
        ]
        weights = 32 * number + kind + 4 * (trust >= 3072) + 8 * (outcome_west == 0)
        weights += 16 * (trust % 4 == 3)
        if self.supports:
            gives = [source == color for source in self.given]
            pairs = list(zip(gives, self.supports))
            s = max((support for give, support in pairs if give), default=0)
            o = max((support for give, support in pairs if not give), default=0)
            entries.append(((5 * number + sum(gives)) * 9 + s) * 9 + o)
            digits = 0
            for give, support in pairs:
                digits = 8 * digits + 2 * ((support + 1) // 3) + give
            entries.append(4096 * number + digits)
            weights += 96 * ((s > 5) + 2 * (o > 5))
        return self._mix(entries, weights)

    def _mix(self, entries: list[int], weights: int) -> bool:
        inputs = np.zeros(16, F)
        inputs[: 2 * len(entries)] = table_inputs(self.counters, entries)
        bit, _ = mixed_decision(
            self.decoder, inputs.reshape(2, 8), [self.sets[weights]], self.rates
        )
        update_tables(self.counters, entries, bit)
        return bit

    def learn(self, color: int) -> None:
        """Learns the colour of the last pixel."""
        place = self.pixel
        self.colors[place] = color
        for history in self.histories:
            history.learn(color)
        self.repeated.learn(place, self.sources[5][0] == color)
        self.distances.learn(place, self.given, color)


def join(ranks: list[int]) -> int:
    """A colour of ranks, the first coded plane's lowest."""
    return sum(rank << (16 * plane) for plane, rank in enumerate(ranks))


def decode_candidates(
    decoder: RangeDecoder,
    tile,
    maps: list[ValueMap],
    profile: Profile,
    is_bitwise: bool,
) -> list[np.ndarray | None]:
    """Methods 2 and 3: the ranks of a `ResidualTile`, pixel after pixel."""
    numbers, planes = make_planes(tile, maps)
    if not planes:
        return [None] * tile.planes
    if is_bitwise and any(plane.ranks > 256 for plane in planes):
        raise corrupt("planes of too many ranks for the bitwise method")
    ranks = [None] * tile.planes
    for number in numbers:
        ranks[number] = np.zeros((tile.height, tile.width), np.int64)
    highest = [plane.ranks - 1 for plane in planes]
    candidates = CandidateCoder(decoder, tile.width, tile.height, highest)
    has_prediction = tile.prediction is not None
    profile = profile.of_candidates()
    coders = [
        PlaneCoder(profile, planes, index, True, has_prediction) for index in range(len(planes))
    ]
    if is_bitwise:
        bitwise = BitwiseCoder(decoder, candidates, coders)
    else:
        samples = [sample_coder(profile, coder, None) for coder in coders]
    for y in range(tile.height):
        candidates.begin_row(y)
        for coder in coders:
            coder.begin_row(y)
        for x in range(tile.width):
            color = candidates.decode(x, y)
            if color is not None:
                found = [color >> (16 * plane) & 0xFFFF for plane in range(len(planes))]
                for coder, rank in zip(coders, found):
                    coder.note(x, rank)
            elif is_bitwise:
                found = bitwise.decode(x)
            else:
                found = []
                for coder, sample in zip(coders, samples):
                    coder.predict(x)
                    found.append(sample.decode(decoder))
                    coder.learn(found[-1])
            candidates.learn(join(found))
            if is_bitwise:
                bitwise.note_listed()
            for number, rank in zip(numbers, found):
                ranks[number][y, x] = rank
        candidates.end_row(y)
        for coder in coders:
            coder.end_row()
    return ranks
