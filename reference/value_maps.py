"""Which values planes use, and planes that follow others (FORMAT.md, §10.2)."""

from dataclasses import dataclass

import numpy as np

from reference.errors import corrupt
from reference.functions import F
from reference.mixing import AdaptiveBit
from reference.range_coder import RangeDecoder

STEP_PROBABILITY = 1 << 20
MISSING_PROBABILITY = 1 << 21
LEAST_FLAG = 64
MOST_FLAG = (1 << 24) - 64
LARGEST_EXPONENT = 15


@dataclass
class ValueMap:
    """The values of a plane in ascending order; `follows` is the plane it follows, or None."""

    values: np.ndarray
    step: int
    follows: int | None = None
    relation: "Relation | None" = None

    @property
    def ranks(self) -> int:
        """n, the number of ranks; 1 for a plane that is not coded."""
        return 1 if self.follows is not None else len(self.values)

    @property
    def is_plain(self) -> bool:
        """Whether ranks are the samples themselves."""
        return self.values[0] == 0 and self.step == 1 and self.values[-1] == len(self.values) - 1

    def ranks_of(self, samples: np.ndarray) -> np.ndarray:
        """The ranks of samples."""
        return np.searchsorted(self.values, samples)

    def place(self, means: np.ndarray) -> np.ndarray:
        """Where means of P_dec in sixteenths of a sample step lie among ranks, float32 (§10.5)."""
        x = (means.astype(F) / F(16) - F(self.values[0])) / F(self.step)
        used = (self.values - self.values[0]) // self.step
        if used[-1] == len(used) - 1:
            return x
        index = np.maximum(np.searchsorted(used.astype(F), x, side="right") - 1, 0)
        gaps = np.append(np.diff(used), 1)
        part = (x - used[index].astype(F)) / gaps[index].astype(F)
        return index.astype(F) + np.clip(part, F(0), F(1))

    @property
    def is_constant(self) -> bool:
        """Whether no rank of the plane is coded."""
        return self.ranks == 1


@dataclass
class Relation:
    """How a plane follows another: samples beside, or a sample for each rank, or the same."""

    offset: int = 0
    edge: np.ndarray | None = None
    table: list[int] | None = None


def read_value_maps(
    decoder: RangeDecoder, count: int, depth: int, size: tuple[int, int]
) -> list[ValueMap]:
    """The maps of planes in plane order; `size` is (height, width) of the tile."""
    maps = [read_value_map(decoder, depth) for _ in range(count)]
    read_relations(decoder, maps, depth, size)
    return maps


def read_relations(
    decoder: RangeDecoder, maps: list[ValueMap], depth: int, size: tuple[int, int]
) -> None:
    """How planes follow others, after all maps; `size` is (height, width) of the tile."""
    for value_map in maps:
        if value_map.follows is not None:
            other = maps[value_map.follows] if value_map.follows < len(maps) else value_map
            if other.follows is not None or other.is_constant:
                raise corrupt("a plane that follows another")
            value_map.relation = read_relation(decoder, depth, size, other.ranks)


def read_value_map(decoder: RangeDecoder, depth: int) -> ValueMap:
    """One plane's map."""
    low = decoder.uniform(depth)
    span = decoder.uniform(depth) + 1
    if span == 1:
        return ValueMap(np.array([low]), 1)
    step = 1
    if decoder.decision(STEP_PROBABILITY):
        step = decoder.uniform(depth)
        if step == 0:
            return ValueMap(np.array([low]), 1, follows=decoder.uniform(2))
    if low + step * (span - 1) >= 1 << depth:
        raise corrupt("values of a plane")
    used = np.ones(span, bool)
    if decoder.decision(MISSING_PROBABILITY):
        probabilities = [1 << 23] * 4
        history = 0
        for index in range(1, span - 1):
            flag = decoder.decision(probabilities[history])
            if flag:
                probabilities[history] += (MOST_FLAG - probabilities[history]) >> 4
            else:
                probabilities[history] -= (probabilities[history] - LEAST_FLAG) >> 4
            used[index] = flag
            history = 2 * history % 4 + flag
    return ValueMap(low + step * np.flatnonzero(used), step)


def map_of(samples: np.ndarray) -> ValueMap:
    """The map of a plane that is known (§13.2)."""
    low = int(samples.min())
    step = int(np.gcd.reduce((samples - low).ravel()))
    if step == 0:
        return ValueMap(np.array([low]), 1)
    used = np.unique((samples - low) // step)
    span = int(used[-1]) + 1
    ratio = span / len(used)
    if ratio > 1.125 and samples.size * (ratio - 1) > 4 * span:
        return ValueMap(low + step * used, step)
    return ValueMap(low + step * np.arange(span), step)


def read_relation(
    decoder: RangeDecoder, depth: int, size: tuple[int, int], other_ranks: int
) -> Relation:
    """How a plane follows another with `other_ranks` ranks."""
    height, width = size
    if decoder.decision(1 << 20):
        offset = decoder.uniform(8) - 128
        if offset == 0 or abs(offset) >= width:
            raise corrupt("a plane beside another")
        edge = [decoder.uniform(depth) for _ in range(height * abs(offset))]
        return Relation(offset=offset, edge=np.array(edge).reshape(height, abs(offset)))
    if not decoder.decision(1 << 23):
        return Relation()
    models = [DifferenceModel() for _ in range(3)]
    table = []
    difference = sample = 0
    for _ in range(other_ranks):
        difference = models[min(abs(difference), 2)].decode(decoder)
        sample += difference
        if not 0 <= sample < 1 << depth:
            raise corrupt("samples of a plane that follows another")
        table.append(sample)
    return Relation(table=table)


class DifferenceModel:
    """Adaptive bits of a difference from the sample before."""

    def __init__(self) -> None:
        self.zero = AdaptiveBit(5)
        self.sign = AdaptiveBit(5)
        self.exponents = [AdaptiveBit(5) for _ in range(LARGEST_EXPONENT)]

    def decode(self, decoder: RangeDecoder) -> int:
        """A difference."""
        if self.zero.decode(decoder):
            return 0
        negative = self.sign.decode(decoder)
        exponent = 0
        while exponent < LARGEST_EXPONENT and self.exponents[exponent].decode(decoder):
            exponent += 1
        size = (1 << exponent) + decoder.uniform(exponent)
        return -size if negative else size


def samples_of(maps: list[ValueMap], ranks: list[np.ndarray | None]) -> np.ndarray:
    """The samples of all planes; the ranks of planes that are not coded are not used."""
    shape = next((plane.shape for plane in ranks if plane is not None), None)
    samples = []
    for value_map, plane in zip(maps, ranks):
        if value_map.follows is not None:
            samples.append(None)
        elif value_map.is_constant:
            samples.append(np.full(shape, value_map.values[0]))
        else:
            samples.append(value_map.values[plane])
    for index, value_map in enumerate(maps):
        if value_map.follows is not None:
            other = value_map.follows
            samples[index] = follow(value_map.relation, samples[other], ranks[other])
    return np.stack(samples)


def follow(relation: Relation, samples: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """The samples of a plane that follows another with these samples and ranks."""
    if relation.table is not None:
        return np.array(relation.table)[ranks]
    if relation.offset == 0:
        return samples.copy()
    result = np.roll(samples, -relation.offset, axis=1)
    if relation.offset > 0:
        result[:, -relation.offset :] = relation.edge
    else:
        result[:, : -relation.offset] = relation.edge
    return result
