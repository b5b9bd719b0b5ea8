"""Divisions of integers (FORMAT.md, §1)."""


def ceiling(a: int, b: int) -> int:
    """⌈a / b⌉, b positive."""
    return -(-a // b)


def toward_zero(a: int, b: int) -> int:
    """a / b rounded towards zero, b positive."""
    return a // b if a >= 0 else -(-a // b)
