"""Classes of differences (FORMAT.md, §10.5, §10.10)."""

from bisect import bisect_left

LIMITS = (0.75, 2.0, 4.5, 10.0, 24.0)


def difference_class(difference: float) -> int:
    """D(v): 0 … 10, 5 for differences near 0."""
    count = bisect_left(LIMITS, abs(difference))
    return 5 - count if difference < 0 else 5 + count


def triple_class(a: float, b: float, c: float) -> int:
    """D₃(a, b, c): 0 … 1330."""
    return (11 * difference_class(a) + difference_class(b)) * 11 + difference_class(c)
