"""Learned starts of drawings (FORMAT.md, §10.4, *Start*)."""

from functools import cache

import numpy as np

from reference.functions import F
from reference.mixing import Counters
from reference.weights import DATA

COUNTER_RUNS = ((0, 3072), (1, 12288), (2, 6144), (6, 1215), (7, 12288))
START_COUNT = 2
PLAIN_SETS, DISTANCE_SETS, BIT_SETS = 96, 384, 96


@cache
def _data() -> np.ndarray:
    return np.frombuffer((DATA / "drawing_start.bin").read_bytes(), "<i2")


def start_counters(tables: list[Counters]) -> None:
    """Starts the counters of six or eight contexts."""
    position = 0
    for context, count in COUNTER_RUNS:
        if context < len(tables):
            for index, fast in enumerate(_data()[position : position + count].tolist()):
                tables[context].start(index, fast, START_COUNT)
        position += count


def _weights(skipped: int, sets: int, size: int) -> np.ndarray:
    begin = sum(count for _, count in COUNTER_RUNS) + skipped
    values = _data()[begin : begin + sets * size].astype(F) / F(4096)
    return values.reshape(sets, size // 8, 8).copy()


def candidate_sets(has_distances: bool) -> np.ndarray:
    """Sets of weights of candidates, with or without distances."""
    if has_distances:
        return _weights(PLAIN_SETS * 16, DISTANCE_SETS, 16)
    return _weights(0, PLAIN_SETS, 16)


def bit_sets() -> np.ndarray:
    """Sets of weights of ranks that are coded bit by bit (§10.9)."""
    return _weights((PLAIN_SETS + DISTANCE_SETS) * 16, BIT_SETS, 24)
