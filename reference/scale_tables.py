"""What the scale tables of Gaussians give to latents (FORMAT.md, §6.2, §8.4)."""

import math
from functools import cache

import numpy as np

from reference.functions import COUNT_BITS, F, gaussian_tail, logit

TABLES = 104
TOTAL = 1 << COUNT_BITS
BUCKETS = 20
LOW_SCALES = 12


def _sigmas() -> list[float]:
    root = math.sqrt(math.sqrt(math.sqrt(2.0)))
    square = root * root
    sigma = ((2.0**-4 * square) * square) * square
    result = []
    for _ in range(TABLES):
        result.append(sigma)
        sigma = sigma * root
    return result


SIGMAS = _sigmas()


@cache
def mass(table: int, magnitude: int) -> int:
    """M(v): the share of magnitudes from v on, escape included, in 2⁻²⁴."""
    if magnitude <= 0:
        return TOTAL
    sigma = SIGMAS[table]
    support = math.floor(sigma * 5) + 3
    free = TOTAL - (2 * support + 2)
    place = min(magnitude, support + 1)
    tail = math.floor(free * gaussian_tail((place - 0.5) / sigma) + 0.5)
    if magnitude > support:
        return 1 + 2 * tail
    return 2 * (support - magnitude + 1) + 2 * tail + 1


def low_bits(table: int) -> int:
    """How many low bits of a magnitude its bucket leaves out."""
    return 0 if table < 44 else (table - 36) // 8


@cache
def bucket_odds(table: int) -> list[np.float32]:
    """ln odds of "the bucket exceeds k", k = 0 … 19."""
    shift = low_bits(table)
    result = []
    for k in range(BUCKETS):
        within, beyond = mass(table, k << shift), mass(table, (k + 1) << shift)
        count = 1677721
        if within >= 256:
            count = min(max(TOTAL * beyond // within, 16), TOTAL - 16)
        result.append(logit(count))
    return result


@cache
def activity(table: int) -> int:
    """The probability of a magnitude other than 0, in 2⁻¹⁶."""
    return mass(table, 1) >> 8


@cache
def nonzero(table: int) -> np.float32:
    """The probability of a magnitude other than 0."""
    return F(mass(table, 1) * 2.0**-24)


@cache
def cost(table: int) -> int:
    """−ln of the probability of 0, in 2⁻²⁴; 0 for tables that are not of low scales."""
    if table >= LOW_SCALES:
        return 0
    p = mass(table, 1) * 2.0**-24
    s = 0.0
    for n in range(24, 0, -1):
        s = p * (s + 1 / n)
    return max(1, math.floor(s * 2.0**24))


@cache
def feature_factor(table: int) -> int:
    """R: what makes a feature of an expert of a symbol."""
    return math.floor(2.0**21 / max(SIGMAS[table], 0.5) + 0.5)
