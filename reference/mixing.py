"""Counters, mixed decisions and adaptive bits (FORMAT.md, §10.7, §6.4)."""

import numpy as np

from reference.functions import (
    SQUASH,
    SQUASH_CODED,
    STRETCH,
    F,
    inner_product,
    squash_index,
)
from reference.range_coder import RangeDecoder

LAST_COUNT = 19
RATES = (
    32768, 21845, 16384, 10922, 8192, 6553, 5041, 4096, 3276, 2621,
    2184, 1820, 1524, 1285, 1092, 936, 819, 728, 655, 595,
)  # fmt: skip
QUICK_RATES = tuple(max(rate, 4681) for rate in RATES)
STRETCH_LIST = STRETCH.tolist()
ONE, ZERO = F(1), F(0)


class Counters:
    """Counters, all new: probabilities at two rates and a count each."""

    def __init__(self, count: int) -> None:
        self.fast = [0] * count
        self.quick = [0] * count
        self.count = [0] * count

    def start(self, index: int, fast: int, count: int) -> None:
        """Gives a counter a learned start; a fast probability of 0 leaves it new."""
        if fast:
            self.fast[index] = fast
            self.quick[index] = fast >> 5
            self.count[index] = count

    def stretched(self, index: int) -> float:
        """The first input of a counter."""
        return STRETCH_LIST[(self.fast[index] + 32768) >> 4]

    def update(self, index: int, bit: bool) -> None:
        """Moves a counter to the outcome of its decision."""
        count = self.count[index]
        fast, quick = self.fast[index], self.quick[index]
        self.fast[index] = fast + (((32767 if bit else -32768) - fast) * RATES[count] >> 16)
        self.quick[index] = quick + (((1023 if bit else -1024) - quick) * QUICK_RATES[count] >> 16)
        if count < LAST_COUNT:
            self.count[index] = count + 1


def mixed_decision(
    decoder: RangeDecoder,
    inputs: np.ndarray,
    sets: list[np.ndarray],
    rates: list[np.float32],
) -> tuple[bool, np.float32]:
    """One decision and its error (bit − p); the sets of weights learn.

    `inputs` and each set are vectors × 8 lanes of float32.
    """
    total = sets[0]
    for weights in sets[1:]:
        total = total + weights
    entry = squash_index(inner_product(total, inputs))
    bit = decoder.decision(SQUASH_CODED[entry])
    error = (ONE if bit else ZERO) - SQUASH[entry]
    for weights, rate in zip(sets, rates):
        weights += (error * rate) * inputs
    return bit, error


def counter_inputs(counters: Counters, indices: list[int]) -> list[float]:
    """The stretched inputs of counters, then their quick ones."""
    inputs = [counters.stretched(index) for index in indices]
    inputs += [counters.quick[index] / 512 for index in indices]
    return inputs


def table_inputs(tables: list[Counters], entries: list[int]) -> list[float]:
    """The inputs of one counter of each table: stretched ones, then quick ones."""
    pairs = list(zip(tables, entries))
    inputs = [counters.stretched(entry) for counters, entry in pairs]
    inputs += [counters.quick[entry] / 512 for counters, entry in pairs]
    return inputs


def update_tables(tables: list[Counters], entries: list[int], bit: bool) -> None:
    """Moves one counter of each table to an outcome."""
    for counters, entry in zip(tables, entries):
        counters.update(entry, bit)


class AdaptiveBit:
    """A decision that learns by itself (§6.4)."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.state = 1 << 31
        self.count = 0

    def decode(self, decoder: RangeDecoder) -> bool:
        """Decodes one bit and learns it."""
        bit = decoder.decision(max(self.state >> 8, 1))
        mirror = (1 << 32) - 1 if bit else 0
        distance = self.state ^ mirror
        if self.count == 1 << self.limit:
            step = distance >> self.limit
        else:
            step = distance // (self.count + 2)
            self.count += 1
        self.state = (distance - step) ^ mirror
        return bit
