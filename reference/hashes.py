"""Hashes of drawings, in unsigned integers of 64 bits that wrap around (FORMAT.md, §10.4, §10.9)."""

MASK = (1 << 64) - 1
FIRST = 0x9E3779B97F4A7C15
SECOND = 0xBF58476D1CE4E5B9


def combine(start: int, *values: int) -> int:
    """C(a, b, c …)."""
    h = start
    for value in values:
        h ^= value * FIRST & MASK
        h = (h ^ h >> 32) * SECOND & MASK
        h ^= h >> 29
    return h


def digest(a: int, b: int) -> int:
    """D(a, b); negative numbers are in two's complement."""
    b &= MASK
    h = (((a & MASK) ^ b) * FIRST + b) & MASK
    h = (h ^ h >> 32) * SECOND & MASK
    return h ^ h >> 29


def table_bits(width: int, height: int, more: int, low: int, high: int) -> int:
    """The bit length of a tile's number of pixels plus `more`, within low … high."""
    return min(max((width * height).bit_length() + more, low), high)
