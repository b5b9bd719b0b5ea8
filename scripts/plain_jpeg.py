"""Baseline JPEG files of any components and sampling factors, which other encoders do not make.

encode(planes, factors, quality=80, adobe=None, jfif=False, ids=None, interleaved=None)
"""

import numpy as np

ZIGZAG = sorted(
    range(64), key=lambda p: (p // 8 + p % 8, p // 8 if (p // 8 + p % 8) % 2 else p % 8)
)
STEPS = np.fromstring(
    "16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62 "
    "18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 98 112 "
    "100 103 99",
    dtype=int,
    sep=" ",
)
DC_COUNTS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]
# All AC symbols in codes of eight bits, but for the last few.
AC_SYMBOLS = [0x00, *(run << 4 | size for size in range(1, 11) for run in range(16)), 0xF0]
AC_COUNTS = [0, 0, 0, 0, 0, 0, 0, len(AC_SYMBOLS), 0, 0, 0, 0, 0, 0, 0, 0]


def codes(counts, symbols):
    """The code and its length of each symbol."""
    result, code, place = {}, 0, 0
    for length, count in enumerate(counts, 1):
        for _ in range(count):
            result[symbols[place]] = (code, length)
            code, place = code + 1, place + 1
        code <<= 1
    return result


DC_CODES, AC_CODES = codes(DC_COUNTS, range(12)), codes(AC_COUNTS, AC_SYMBOLS)


class Bits:
    """Coded data with a zero after each 0xFF."""

    def __init__(self):
        self.bits = []

    def put(self, value, count):
        self.bits += [value >> i & 1 for i in reversed(range(count))]

    def value(self, value):
        size = abs(value).bit_length()
        return size, value if value >= 0 else value + (1 << size) - 1

    def bytes(self):
        bits = self.bits + [1] * (-len(self.bits) % 8)
        return np.packbits(np.array(bits, np.uint8)).tobytes().replace(b"\xff", b"\xff\0")


def levels(plane, columns, rows, steps):
    """Quantised coefficients of a plane, in zigzag order, for so many blocks."""
    height, width = plane.shape
    padded = np.pad(plane, ((0, 8 * rows - height), (0, 8 * columns - width)), "edge") - 128.0
    k, x = np.mgrid[0:8, 0:8]
    basis = np.cos((2 * x + 1) * k * np.pi / 16) * np.where(k == 0, np.sqrt(1 / 8), 0.5)
    blocks = padded.reshape(rows, 8, columns, 8).transpose(0, 2, 1, 3)
    coefficients = (basis @ blocks @ basis.T).reshape(rows, columns, 64)
    return np.rint(coefficients / steps).astype(int)[..., ZIGZAG]


def put_block(bits, block, before):
    """One block after one whose first level is known."""
    size, value = bits.value(int(block[0] - before))
    bits.put(*DC_CODES[size])
    bits.put(value, size)
    run = 0
    last = max(np.flatnonzero(block), default=0)
    for level in block[1 : last + 1]:
        if level == 0:
            run += 1
            continue
        for _ in range(run // 16):
            bits.put(*AC_CODES[0xF0])
        size, value = bits.value(int(level))
        bits.put(*AC_CODES[run % 16 << 4 | size])
        bits.put(value, size)
        run = 0
    if last < 63:
        bits.put(*AC_CODES[0])


def segment(marker, payload):
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload


def encode(planes, factors, quality=80, adobe=None, jfif=False, ids=None, interleaved=None):
    """The file of planes of the picture's size; each keeps as many samples as its factors say."""
    count = len(planes)
    ids = ids or range(1, count + 1)
    height, width = planes[0].shape
    largest = [max(f[i] for f in factors) for i in (0, 1)]
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    steps = np.clip((STEPS * percent + 50) // 100, 1, 32767)
    is_wide = steps.max() > 255
    file = b"\xff\xd8"
    if jfif:
        file += segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
    if adobe is not None:
        file += segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([adobe]))
    ordered = [int(steps[z]) for z in ZIGZAG]
    wide = b"\x10" + b"".join(step.to_bytes(2, "big") for step in ordered)
    file += segment(0xDB, wide if is_wide else b"\0" + bytes(ordered))
    frame = b"\x08" + height.to_bytes(2, "big") + width.to_bytes(2, "big") + bytes([count])
    for name, (h, v) in zip(ids, factors):
        frame += bytes([name, h << 4 | v, 0])
    file += segment(0xC1 if is_wide else 0xC0, frame)
    file += segment(0xC4, b"\0" + bytes(DC_COUNTS) + bytes(range(12)))
    file += segment(0xC4, b"\x10" + bytes(AC_COUNTS) + bytes(AC_SYMBOLS))
    units = [-(-width // (8 * largest[0])), -(-height // (8 * largest[1]))]
    blocks, shown = [], []
    for plane, (h, v) in zip(planes, factors):
        size = [-(-width * h // largest[0]), -(-height * v // largest[1])]
        rows = np.minimum(np.arange(size[1]) * largest[1] // v, height - 1)
        columns = np.minimum(np.arange(size[0]) * largest[0] // h, width - 1)
        small = plane[np.ix_(rows, columns)].astype(float)
        blocks.append(levels(small, units[0] * h, units[1] * v, steps))
        shown.append([-(-s // 8) for s in size])
    if interleaved is None:
        interleaved = count > 1 and sum(h * v for h, v in factors) <= 10
    scans = [list(range(count))] if interleaved and count > 1 else [[i] for i in range(count)]
    for members in scans:
        names = b"".join(bytes([ids[m], 0]) for m in members)
        file += segment(0xDA, bytes([len(members)]) + names + b"\0\x3f\0")
        bits, before = Bits(), [0] * count
        is_alone = len(members) == 1
        for y in range(shown[members[0]][1] if is_alone else units[1]):
            for x in range(shown[members[0]][0] if is_alone else units[0]):
                for m in members:
                    h, v = (1, 1) if is_alone else factors[m]
                    for j in range(y * v, y * v + v):
                        for i in range(x * h, x * h + h):
                            put_block(bits, blocks[m][j, i], before[m])
                            before[m] = blocks[m][j, i][0]
        file += bits.bytes()
    return file + b"\xff\xd9"
