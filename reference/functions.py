"""Functions of floats (FORMAT.md, §6.3).

Those of binary32 take and return NumPy's float32, numbers or arrays; every operation is rounded.
"""

import math

import numpy as np

F = np.float32
COUNT_BITS = 24


def exp64(x: float) -> float:
    """eˣ in binary64."""
    scaled = x * float.fromhex("0x1.71547652b82fep0")
    k = math.copysign(math.floor(abs(scaled) + 0.5), scaled)
    r = (x - k * float.fromhex("0x1.62e42fee00000p-1")) - k * float.fromhex("0x1.a39ef35793c76p-33")
    s = 1.0
    for n in range(14, 0, -1):
        s = 1 + (r / n) * s
    return math.ldexp(s, int(k))


def gaussian_tail(x: float) -> float:
    """Q(x) for x ≥ 0, in binary64."""
    if x >= 8:
        return 0.0
    square = x * x
    term = total = x
    n = 1
    while term > total * 2.0**-54:
        n += 2
        term = term * (square / n)
        total = total + term
    density = float.fromhex("0x1.9884533d43651p-2") * exp64(-0.5 * square)
    return max(0.0, 0.5 - total * density)


def bits(x: np.ndarray) -> np.ndarray:
    """The patterns of float32 numbers, as i32."""
    return np.asarray(x, F).view(np.int32)


def pattern(x: np.ndarray) -> np.ndarray:
    """The float32 numbers of patterns."""
    return np.asarray(x, np.int32).view(F)[()]


def exp(x: np.ndarray) -> np.ndarray:
    """eˣ in binary32, x clamped to ±80."""
    x = np.where(x > F(-80), x, F(-80))
    x = np.where(x < F(80), x, F(80))
    t = x * F(1.44269504)
    r = (t + F(12582912)) - F(12582912)
    f = t - r
    f2 = f * f
    inner = (F(0.240222) + F(0.055507) * f) + f2 * (F(0.0096718) + F(0.0013264) * f)
    p = (F(1) + F(0.6931472) * f) + f2 * inner
    return pattern(bits(p) + (r.astype(np.int32) << 23))


def log2(x: np.ndarray) -> np.ndarray:
    """log₂ x in binary32."""
    patterns = bits(x)
    e = ((patterns >> 23) - 127).astype(F)
    t = pattern((patterns & 0x7FFFFF) | 0x3F800000) - F(1)
    t2 = t * t
    inner = (F(0.4575485901) + F(-0.2779042655) * t) + t2 * (F(0.1218895993) + F(-0.0258411228) * t)
    p = (F(1.4424810126) + F(-0.7181451002) * t) + t2 * inner
    return e + p * t


def ln(x: np.ndarray) -> np.ndarray:
    """ln x in binary32."""
    return log2(x) * F(0.6931472)


def logit(n: int) -> np.float32:
    """The log-odds of n · 2⁻²⁴."""
    odds = F(n) / F((1 << COUNT_BITS) - n)
    k = (int(bits(odds)) - 0x3F3504F3) >> 23
    m = pattern(int(bits(odds)) - (k << 23))
    s = (m - F(1)) / (m + F(1))
    q = s * s
    inner = F(0.57707804) + q * F(0.4121986)
    return (F(k) + s * (F(2.8853901) + q * (F(0.9617967) + q * inner))) * F(0.6931472)


def lane_sum(v: np.ndarray) -> np.float32:
    """The sum of eight lanes in the order of §6.3."""
    half = v[:4] + v[4:]
    quarter = half[:2] + half[2:]
    return quarter[0] + quarter[1]


def inner_product(a: np.ndarray, b: np.ndarray) -> np.float32:
    """Of vectors of eight lanes, vectors × 8: added one vector after the other, then lanes."""
    products = a * b
    total = products[0]
    for product in products[1:]:
        total = total + product
    return lane_sum(total)


def coded(p: float) -> int:
    """A probability as the range coder takes it."""
    scaled = float(p) * (1 << COUNT_BITS)
    return int(min(max(scaled, 16), (1 << COUNT_BITS) - 16))


def _stretch_table() -> np.ndarray:
    p = (np.arange(4096).astype(F) + F(0.5)) * F(2.0**-12)
    return ln(p / (F(1) - p))


def _squash_table() -> np.ndarray:
    x = (np.arange(7168).astype(F) + F(0.5)) * F(2.0**-8) - F(14)
    return F(1) / (F(1) + exp(-x))


STRETCH = _stretch_table()
SQUASH = _squash_table()
SQUASH_CODED = [coded(p) for p in SQUASH]
SQUASH_LIMIT = F(13.99)


def squash_index(t: np.float32) -> int:
    """The entry of the table of squash that t has."""
    if not t < SQUASH_LIMIT:
        t = SQUASH_LIMIT
    if not t > -SQUASH_LIMIT:
        t = -SQUASH_LIMIT
    return int((t + F(14)) * F(256))
