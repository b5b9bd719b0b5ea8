"""Repeat distances, surfaces, and the repeated place (FORMAT.md, §10.4)."""

from reference.errors import corrupt
from reference.hashes import MASK
from reference.range_coder import RangeDecoder

FIRST_PERIOD, LAST_PERIOD, EXCLUSIVE_OR, LAST_SURFACE = 5, 130, 131, 133
WRAPPING = {132: 0, 133: 4}


def read_distances(
    decoder: RangeDecoder, width: int, height: int, has_surfaces: bool
) -> list[tuple[int, int]]:
    """Pairs of rows up and columns to the left; surface s is (0, −s)."""
    count = decoder.uniform(3)
    if count > 4:
        raise corrupt("number of repeat distances")
    distances = []
    for _ in range(count):
        rows, columns = decoder.uniform(12), decoder.uniform(12) - 2048
        is_surface = has_surfaces and rows == 0 and -LAST_SURFACE <= columns <= 0
        if not is_surface and (
            rows >= height or abs(columns) >= width or (rows == 0 and columns <= 0)
        ):
            raise corrupt("repeat distance")
        distances.append((rows, columns))
    return distances


class Distances:
    """What distances give at places of an array, and how often they came true around."""

    def __init__(self, pairs: list[tuple[int, int]], stride: int, size: int, beyond: int) -> None:
        """`beyond`: what a distance gives where it leads before the array."""
        self.pairs = pairs
        self.stride = stride
        self.beyond = beyond
        self.came_true = [bytearray(size) for _ in pairs]

    def supports(self, place: int) -> list[int]:
        """The support of each distance, 0 … 8."""
        stride = self.stride
        return [
            2 * (true[place - 1] + true[place - stride])
            + true[place - stride - 1]
            + true[place - stride + 1]
            + true[place - 2]
            + true[place - 2 * stride]
            for true in self.came_true
        ]

    def source(self, index: int, values, place: int) -> int:
        """What distance `index` gives at a place of an array."""
        rows, columns = self.pairs[index]
        origin = place - rows * self.stride - columns
        return int(values[origin]) if origin >= 0 else self.beyond

    def learn(self, place: int, given: list[int], value: int) -> None:
        """Notes which distances gave the value at a place."""
        for true, source in zip(self.came_true, given):
            true[place] = source == value


def surface(
    s: int, colors: list[int], place: int, stride: int, first_row: bool, first_column: bool
) -> int:
    """The colour of surface s, before its ranks are held within the planes' range."""
    s = WRAPPING.get(s, s)
    west, north = colors[place - 1], colors[place - stride]
    if first_row and not FIRST_PERIOD <= s <= 67:
        return (2 * west - colors[place - 2]) & MASK
    if first_column and not first_row and not 68 <= s <= LAST_PERIOD:
        return (2 * north - colors[place - 2 * stride]) & MASK
    north_west = colors[place - stride - 1]
    if s == EXCLUSIVE_OR:
        return west ^ north ^ north_west
    if s >= FIRST_PERIOD:
        back = s - 3 if s <= 67 else (s - 66) * stride
        before = place - back - (1 if s <= 67 else stride)
        if before < 0:
            return 0
        base = west if s <= 67 else north
        return (base + colors[place - back] - colors[before]) & MASK
    return (
        west + north - north_west,
        2 * west - colors[place - 2],
        2 * north - colors[place - 2 * stride],
        west + colors[place - stride + 1] - north,
        2 * (west - north_west) + north + colors[place - stride - 2] - colors[place - 2],
    )[s] & MASK


def held_rank(s: int, rank: int, highest: int) -> int:
    """A rank that surface s gives, within 0 … highest."""
    if s in WRAPPING and highest & (highest + 1) == 0:
        return rank & highest
    return min(rank, highest)


class RepeatedPlace:
    """Follows a distance while what lies there repeats."""

    def __init__(self, bits: int, stride: int, size: int) -> None:
        self.bits, self.stride = bits, stride
        self.distance = self.length = 0
        self.table = [0] * (1 << bits)
        self.numbers = [0] * size
        self.confidence = 0

    def look(self, place: int, h: int) -> int:
        """Sets the confidence, and returns the repeated place."""
        self.slot = h >> (64 - self.bits)
        if self.length == 0:
            self.distance = self.numbers[place - self.stride]
            if self.distance == 0 and self.table[self.slot]:
                self.distance = place - self.table[self.slot]
        if self.distance > 0:
            self.confidence = 3 if self.length >= 16 else 2 if self.length >= 4 else 1
        else:
            self.confidence = 0
        return place - self.distance

    def learn(self, place: int, repeats: bool) -> None:
        """Notes whether the repeated place had what the place has."""
        if self.confidence and repeats:
            self.length = min(self.length + 1, 64)
        else:
            self.length //= 4
        above = self.numbers[place - self.stride]
        self.numbers[place] = self.distance if self.length >= 16 else above
        self.table[self.slot] = place
