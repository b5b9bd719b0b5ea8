"""Parts of docs/FORMAT.md written out as it says, with the tables that it has.

Nothing here is quick or taken from the sources: scripts/check_format.py compares it with what the
kernels give. Arrays of eight are the lanes of a vector.
"""

import re
from pathlib import Path

import numpy as np

F = np.float32
DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "FORMAT.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
np.seterr(all="ignore")


# MARK: Tables of the document


def rows_after(heading):
    """Cells of the rows of the table whose header row begins with `heading`."""
    start = TEXT.index("\n" + heading) + 1
    rows = []
    for line in TEXT[start:].split("\n"):
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    return rows


def numbers(text):
    """All numbers of a text, with the minus sign that the document uses."""
    return [float(word) for word in re.findall(r"-?\d*\.?\d+", text.replace("−", "-"))]


def counter_rates():
    """§10.7: rates and quick rates by count."""
    rate, quick = rows_after("| count | 0 | 1 |")[2:4]
    values = [int(number) for number in numbers(" ".join(rate[1:]))]
    quicks = [int(number) for number in numbers(" ".join(quick[1:]))]
    last = quicks.pop()
    return values, quicks + [last] * (20 - len(quicks))


def places(name):
    """§10.10: a list of neighbours, as columns to the right and rows up."""
    line = re.search(rf"\n- {name}: (\(.*)\n", TEXT).group(1)
    values = [int(number) for number in numbers(line)]
    return list(zip(values[::2], values[1::2]))


def near_weights():
    rows = rows_after("| helpers | k₀ … k₁₂ |")[2:]
    return np.array([numbers(row[1]) for row in rows], F)


def symbol_shapes():
    rows = rows_after("| octave | 0 | 1 |")[2:]
    return np.array([numbers(" ".join(row[1:])) for row in rows], F)


def transform_scales():
    """§13.5: of the fast inverse DCT."""
    start = TEXT.index("with the scale of its place, row after row")
    lines = [line for line in TEXT[start:].split("\n")[1:] if line.startswith("| ")][2:10]
    return [int(number) for line in lines for number in numbers(line)]


def example_tables():
    """§13.5: K.1 and K.2 of T.81."""
    start = TEXT.index("\nK.1   ") + 1
    both = [numbers(re.sub(r"K\.\d", "", line)) for line in TEXT[start:].split("\n")[:8]]
    return [[int(n) for row in both for n in row[part : part + 8]] for part in (0, 8)]


# MARK: Functions (§6.3)


def bits(x):
    return np.asarray(x, F).view(np.int32)


def number(pattern):
    return np.asarray(pattern, np.int32).view(F)


def larger(a, b):
    return np.where(a > b, a, b).astype(F)


def smaller(a, b):
    return np.where(a < b, a, b).astype(F)


def exp(x):
    x = smaller(larger(np.asarray(x, F), F(-80)), F(80))
    t = x * F(1.44269504)
    r = (t + F(12582912)) - F(12582912)
    f = t - r
    f2 = f * f
    p = (F(1) + F(0.6931472) * f) + f2 * (
        (F(0.240222) + F(0.055507) * f) + f2 * (F(0.0096718) + F(0.0013264) * f)
    )
    return number(bits(p) + (r.astype(np.int32) << 23))


def log2(x):
    i = bits(x)
    e = ((i >> 23) - 127).astype(F)
    t = number((i & 0x7FFFFF) | 0x3F800000) - F(1)
    t2 = t * t
    p = (F(1.4424810126) + F(-0.7181451002) * t) + t2 * (
        (F(0.4575485901) + F(-0.2779042655) * t) + t2 * (F(0.1218895993) + F(-0.0258411228) * t)
    )
    return e + p * t


def logistic(x):
    return F(1) / (F(1) + exp(-np.asarray(x, F)))


def stretch_table():
    p = (np.arange(4096).astype(F) + F(0.5)) * F(2.0**-12)
    return log2(p / (F(1) - p)) * F(0.6931472)


def squash_table():
    """Pairs of p and coded(p)."""
    p = logistic((np.arange(7168).astype(F) + F(0.5)) * F(2.0**-8) - F(14))
    table = np.zeros(7168, dtype=[("p", F), ("coded", np.uint32)])
    table["p"] = p
    table["coded"] = np.clip((p * F(2**24)).astype(np.int64), 16, 2**24 - 16)
    return table


def lane_sum(v):
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]))


# MARK: Range decoder (§6.1)


class RangeDecoder:
    def __init__(self, data):
        self.data = data
        self.position = 6
        self.code = int.from_bytes(data[:6].ljust(6, b"\0"), "big")
        self.range = 2**48 - 1

    def refill(self):
        while self.range < 2**40:
            self.range *= 256
            byte = self.data[self.position] if self.position < len(self.data) else 0
            self.code = self.code * 256 + byte
            self.position += 1

    def decision(self, p):
        split = (self.range >> 24) * p
        bit = self.code < split
        if bit:
            self.range = split
        else:
            self.code -= split
            self.range -= split
        self.refill()
        return int(bit)

    def target(self):
        return min(self.code // (self.range >> 24), 2**24 - 1)

    def symbol(self, start, size):
        unit = self.range >> 24
        self.code -= unit * start
        self.range = self.range - unit * start if start + size == 2**24 else unit * size
        self.refill()

    def uniform(self, n):
        value = self.target() >> (24 - n)
        self.symbol(value << (24 - n), 1 << (24 - n))
        return value


# MARK: Mixing (§10.7)


class Counter:
    rates = counter_rates()

    def __init__(self):
        self.fast = self.quick = self.count = 0

    def learn(self, bit):
        rate, quick = (rates[self.count] for rates in self.rates)
        self.fast += ((32767 if bit else -32768) - self.fast) * rate >> 16
        self.quick += ((1023 if bit else -1024) - self.quick) * quick >> 16
        self.count = min(self.count + 1, 19)


class Mixer:
    """Decisions mixed from counters alone."""

    def __init__(self):
        self.stretch = stretch_table()
        self.squash = squash_table()

    def decide(self, counters, sets, rate, bit):
        """What the bit is coded with; counters and weights learn it."""
        size = -(-2 * len(counters) // 8) * 8
        x = np.zeros(size, F)
        for k, counter in enumerate(counters):
            x[k] = self.stretch[(counter.fast + 32768) >> 4]
            x[len(counters) + k] = F(counter.quick) * F(2.0**-9)
        total = sets[0].copy()
        for weights in sets[1:]:
            total = total + weights
        product = np.zeros(8, F)
        for start in range(0, size, 8):
            product = product + total[start : start + 8] * x[start : start + 8]
        t = lane_sum(product)
        t = t if t < F(13.99) else F(13.99)
        t = t if t > F(-13.99) else F(-13.99)
        p, coded = self.squash[int((t + F(14)) * F(256))]
        gain = (F(bit) - p) * F(rate)
        for weights in sets:
            weights += gain * x
        for counter in counters:
            counter.learn(bit)
        return int(coded)


# MARK: Symbols (§10.8, §10.10)


def sample_symbol_starts():
    """S₀ … S₂₅₆ of class after class, fraction after fraction."""
    starts = []
    y = np.arange(256).astype(F)
    for c in range(36):
        a = number((488 + c) * 2**21 + 2**20)
        for f in range(8):
            x = y - (F(128) + (F(f) + F(0.5)) / F(8))
            part = logistic(x * (F(1.45) / a)) * F(0.97) + logistic(x * (F(0.3) / a)) * F(0.03)
            s = (F(64) + F(4) * (y - F(1))) + F(16776132) * part
            s = s.astype(np.int64)
            s[0], s[1] = 0, 64
            starts.append(np.append(s, 2**24))
    return np.array(starts).astype(np.uint32)


def wave_symbol_starts():
    shapes = symbol_shapes()
    starts = []
    y = np.arange(264).astype(F)
    for c in range(37):
        sigma = (F(1) + F(c % 4) * F(0.25) + F(0.125)) * F(2.0 ** (c // 4 - 5))
        reach = min(int(F(10) * sigma) + 8, 127)
        a = min(max((F(c) + F(0.5)) * F(0.25) - F(0.5), F(0)), F(8))
        i = min(int(a), 7)
        shape = [h[i] * (F(1) - (a - F(i))) + h[i + 1] * (a - F(i)) for h in shapes]
        first, last = 128 - reach, 128 + reach + 1
        for f in range(8):
            e = (y - (F(128) + (F(f) + F(0.5)) / F(8))) * (shape[0] / sigma)
            b = logistic(e) * (F(1) - shape[1]) + logistic(e * shape[2]) * shape[1]
            room = F(65535 - 16 - (2 * reach + 1)) / (b[last] - b[first])
            row, start = [0], 0
            for k in range(1, 257):
                z = min(max(k, first), last)
                following = 16 + (z - first) + int(room * (b[z] - b[first]) + F(0.5))
                if first < z == k and following <= start:
                    following = start + 1
                start = min(following, 65535)
                row.append(start)
            starts.append(row)
    return np.array(starts).astype(np.uint16)


# MARK: Inverse DCT (§13.5)


def wrapped(v):
    return (v + 2**31) % 2**32 - 2**31


def exact_pass(r, n):
    z = 4433 * (r[2] + r[6])
    c, d = z - 15137 * r[6], z + 6270 * r[2]
    a, b = 8192 * (r[0] + r[4]), 8192 * (r[0] - r[4])
    even = [a + d, b + c, b - c, a - d]
    y = 9633 * (r[7] + r[3] + r[5] + r[1])
    p, q = 7373 * (r[7] + r[1]), 20995 * (r[5] + r[3])
    s, t = y - 16069 * (r[7] + r[3]), y - 3196 * (r[5] + r[1])
    odd = [
        12299 * r[1] - p + t,
        25172 * r[3] - q + s,
        16819 * r[5] - q + t,
        2446 * r[7] - p + s,
    ]
    out = [e + o for e, o in zip(even, odd)] + [e - o for e, o in zip(even, odd)][::-1]
    return [wrapped(v + 2 ** (n - 1)) >> n for v in out]


def fast_pass(r, _):
    def times(x, c):
        return wrapped(x * c) >> 8

    e = r[2] + r[6]
    f = times(r[2] - r[6], 362) - e
    even = [r[0] + r[4] + e, r[0] - r[4] + f, r[0] - r[4] - f, r[0] + r[4] - e]
    p, q, s, t = r[5] + r[3], r[5] - r[3], r[1] + r[7], r[1] - r[7]
    z = times(q + t, 473)
    b7 = s + p
    b6 = times(q, -669) + z - b7
    b5 = times(s - p, 362) - b6
    b4 = times(t, 277) - z + b5
    a0, a1, a2, a3 = even
    out = [a0 + b7, a1 + b6, a2 + b5, a3 - b4, a3 + b4, a2 - b5, a1 - b6, a0 - b7]
    return [wrapped(v) for v in out]


def double_pass(r, n):
    k, d = 8192 * r[0], r[2] - r[6]
    g0, g1 = 11363 * d + 20995 * r[6], 2260 * d + 7373 * r[2]
    g2, g3 = 11363 * d - 4926 * r[2], 2260 * d - 4176 * r[6]
    s, t = 10703 * r[4], 4433 * r[4]
    even = [k + s + g0, k + t + g1, k - t + g2, k - s + g3]
    even += [k - s - g3, k - t - g2, k + t - g1, k + s - g0]
    c3, c5, c7 = 11086 * (r[1] + r[3]), 10217 * (r[1] + r[5]), 8956 * (r[1] + r[7])
    c9, c11, c13 = 7350 * (r[1] - r[7]), 5461 * (r[1] + r[5]), 3363 * (r[1] - r[3])
    p, q = 1136 * (r[3] + r[5]), 11529 * (r[5] - r[3])
    f, g = 5461 * (r[3] + r[7]), 10217 * (r[3] + r[7])
    h, m = 11086 * (r[5] + r[7]), 3363 * (r[7] - r[5])
    odd = [
        c3 + c5 + c7 - 18730 * r[1],
        c3 + p + 589 * r[3] - f,
        c5 + p - 9222 * r[5] - h,
        c7 - f + 8728 * r[7] - h,
        c9 - g + 25733 * r[7] + m,
        c11 + q - 6278 * r[5] + m,
        c13 + q + 16154 * r[3] - g,
        c9 + c11 + c13 - 15038 * r[1],
    ]
    out = [e + o for e, o in zip(even, odd)] + [e - o for e, o in zip(even, odd)][::-1]
    return [wrapped(v + 2 ** (n - 1)) >> n for v in out]


def inverse_dct(block, one_pass, last_shift=0):
    """Samples before 128 is added, of 8 × 8 coefficients, row after row."""
    rows = [list(map(int, block[8 * k : 8 * k + 8])) for k in range(8)]
    columns = [one_pass([row[x] for row in rows], 11) for x in range(8)]
    height = len(columns[0])
    lines = [one_pass([columns[x][y] for x in range(8)], 18) for y in range(height)]
    return [[v >> last_shift for v in line] for line in lines]


# MARK: Least squares (§10.5)


def block_sums(features, targets, weights):
    """Sums of a block; the right side is the last column."""
    order = len(features[0])
    sums = np.zeros((order, order + 1), F)
    for f, target, h in zip(features, targets, weights):
        for i in range(order):
            for j in range(i, order):
                sums[i, j] = sums[i, j] + (f[i] * h) * f[j]
            sums[i, order] = sums[i, order] + (target * h) * f[i]
    return sums


def spread(sums, windows, across, down):
    run = np.zeros_like(sums[0])
    for b in range(len(sums)):
        windows[b] = windows[b] * down + run
        run = across * (run + sums[b])
    run = np.zeros_like(sums[0])
    for b in reversed(range(len(sums))):
        q = run + sums[b]
        windows[b] = windows[b] + q
        run = across * q


def solved(window):
    a = window.copy()
    order = len(a)
    z = a[:, order].copy()
    v = np.zeros(order, F)
    w = np.zeros(order, F)
    for i in range(order):
        phi = [a[k, i] * v[k] for k in range(i)]
        for j in range(i, order):
            for k in range(i):
                a[i, j] = a[i, j] - phi[k] * a[k, j]
        for k in range(i):
            z[i] = z[i] - phi[k] * z[k]
        v[i] = F(1) / larger(a[i, i] + F(0.4), F(0.05) * F(0.4))
    for i in reversed(range(order)):
        w[i] = z[i] * v[i]
        for k in range(i):
            z[k] = z[k] - a[k, i] * w[i]
    return w
