"""Inverse DCTs of libjpeg (FORMAT.md, §13.5), in 32-bit integers that wrap around.

Blocks are … × 8 × 8, rows from the top.
"""

import numpy as np

from reference.tensors import wrap32

MULTIPLIERS = np.array(
    [
        [16384, 22725, 21407, 19266, 16384, 12873, 8867, 4520],
        [22725, 31521, 29692, 26722, 22725, 17855, 12299, 6270],
        [21407, 29692, 27969, 25172, 21407, 16819, 11585, 5906],
        [19266, 26722, 25172, 22654, 19266, 15137, 10426, 5315],
        [16384, 22725, 21407, 19266, 16384, 12873, 8867, 4520],
        [12873, 17855, 16819, 15137, 12873, 10114, 6967, 3552],
        [8867, 12299, 11585, 10426, 8867, 6967, 4799, 2446],
        [4520, 6270, 5906, 5315, 4520, 3552, 2446, 1247],
    ]
)


def _along(r: np.ndarray, axis: int) -> list[np.ndarray]:
    return list(np.moveaxis(r, axis, 0))


def _slow_pass(block: np.ndarray, axis: int) -> np.ndarray:
    """Eight values along an axis, before they are shifted."""
    r = _along(block, axis)
    z = 4433 * (r[2] + r[6])
    c, d = z - 15137 * r[6], z + 6270 * r[2]
    a, b = 8192 * (r[0] + r[4]), 8192 * (r[0] - r[4])
    even = (a + d, b + c, b - c, a - d)
    y = 9633 * (r[7] + r[3] + r[5] + r[1])
    p, q = 7373 * (r[7] + r[1]), 20995 * (r[5] + r[3])
    s, t = y - 16069 * (r[7] + r[3]), y - 3196 * (r[5] + r[1])
    odd = (
        12299 * r[1] - p + t,
        25172 * r[3] - q + s,
        16819 * r[5] - q + t,
        2446 * r[7] - p + s,
    )
    low = [e + o for e, o in zip(even, odd)]
    high = [e - o for e, o in zip(even, odd)]
    return np.stack([*low, *high[::-1]], axis=axis)


def _double_pass(block: np.ndarray, axis: int) -> np.ndarray:
    """Sixteen values along an axis from eight, before they are shifted."""
    r = _along(block, axis)
    k, d = 8192 * r[0], r[2] - r[6]
    g0, g1 = 11363 * d + 20995 * r[6], 2260 * d + 7373 * r[2]
    g2, g3 = 11363 * d - 4926 * r[2], 2260 * d - 4176 * r[6]
    far, near = 10703 * r[4], 4433 * r[4]
    even = (
        k + far + g0, k + near + g1, k - near + g2, k - far + g3,
        k - far - g3, k - near - g2, k + near - g1, k + far - g0,
    )  # fmt: skip
    c3, c5, c7 = 11086 * (r[1] + r[3]), 10217 * (r[1] + r[5]), 8956 * (r[1] + r[7])
    c9, c11, c13 = 7350 * (r[1] - r[7]), 5461 * (r[1] + r[5]), 3363 * (r[1] - r[3])
    p, q = 1136 * (r[3] + r[5]), 11529 * (r[5] - r[3])
    f, g = 5461 * (r[3] + r[7]), 10217 * (r[3] + r[7])
    h, m = 11086 * (r[5] + r[7]), 3363 * (r[7] - r[5])
    odd = (
        c3 + c5 + c7 - 18730 * r[1],
        c3 + p + 589 * r[3] - f,
        c5 + p - 9222 * r[5] - h,
        c7 - f + 8728 * r[7] - h,
        c9 - g + 25733 * r[7] + m,
        c11 + q - 6278 * r[5] + m,
        c13 + q + 16154 * r[3] - g,
        c9 + c11 + c13 - 15038 * r[1],
    )
    low = [e + o for e, o in zip(even, odd)]
    high = [e - o for e, o in zip(even, odd)]
    return np.stack([*low, *high[::-1]], axis=axis)


def slow_samples(
    coefficients: np.ndarray, double_rows: bool = False, double_columns: bool = False
) -> np.ndarray:
    """Samples of "islow", before 128 is added and they are clamped; twice as many along an axis that
    is doubled."""
    down = _double_pass if double_rows else _slow_pass
    across = _double_pass if double_columns else _slow_pass
    columns = wrap32(down(coefficients, -2) + (1 << 10)) >> 11
    return wrap32(across(columns, -1) + (1 << 17)) >> 18


def _fast_pass(block: np.ndarray, axis: int) -> np.ndarray:
    r = _along(block, axis)

    def scaled(x: np.ndarray, factor: int) -> np.ndarray:
        return wrap32(wrap32(x) * factor) >> 8

    e = r[2] + r[6]
    f = scaled(r[2] - r[6], 362) - e
    even = (r[0] + r[4] + e, r[0] - r[4] + f, r[0] - r[4] - f, r[0] + r[4] - e)
    p, q, s, t = r[5] + r[3], r[5] - r[3], r[1] + r[7], r[1] - r[7]
    z = scaled(q + t, 473)
    b7 = s + p
    b6 = scaled(q, -669) + z - b7
    b5 = scaled(s - p, 362) - b6
    b4 = scaled(t, 277) - z + b5
    odd = (b7, b6, b5, -b4)
    low = [x + y for x, y in zip(even, odd)]
    high = [x - y for x, y in zip(even, odd)]
    return wrap32(np.stack([*low, *high[::-1]], axis=axis))


def fast_samples(levels: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Samples of "ifast", before 128 is added and they are clamped."""
    products = levels * ((steps * MULTIPLIERS + 2048) >> 12)
    return _fast_pass(_fast_pass(np.clip(products, -32767, 32767), -2), -1) >> 5


def dequantize(levels: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Coefficients of levels."""
    return np.clip(levels * steps, -2047, 2047)
