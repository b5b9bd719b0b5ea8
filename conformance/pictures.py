"""Pictures from whole numbers alone, the same on every machine, and files of them."""

import struct
import zlib
from collections.abc import Iterable

import numpy as np

MASK = (1 << 64) - 1
PAM_TYPES = {1: "GRAYSCALE", 2: "GRAYSCALE_ALPHA", 3: "RGB", 4: "RGB_ALPHA"}
COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}


def noise(seed: int, *shape: int) -> np.ndarray:
    """Numbers below 2³², by SplitMix64: the n-th depends on seed and n alone."""
    count = int(np.prod(shape))
    golden = 0x9E3779B97F4A7C15
    z = (np.arange(1, count + 1, dtype=np.uint64) * np.uint64(golden)) + np.uint64(
        seed * golden * 1009 & MASK
    )
    z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return ((z ^ z >> np.uint64(31)) >> np.uint64(32)).astype(np.int64).reshape(shape)


def waves(seed: int, height: int, width: int, cell: int) -> np.ndarray:
    """Values 0 … 255 between random ones at every `cell` pixels, by bilinear interpolation."""
    grid = noise(seed, height // cell + 2, width // cell + 2) >> 24
    y, x = np.arange(height)[:, None], np.arange(width)[None]
    (row, down), (column, across) = np.divmod(y, cell), np.divmod(x, cell)
    upper = grid[row, column] * (cell - across) + grid[row, column + 1] * across
    lower = grid[row + 1, column] * (cell - across) + grid[row + 1, column + 1] * across
    return (upper * (cell - down) + lower * down) // (cell * cell)


def photograph(
    height: int, width: int, channels: int = 3, depth: int = 8, grain: int = 4, seed: int = 1
) -> np.ndarray:
    """Smooth areas of two sizes, colours that are alike, and `grain` values of noise (of 8 bits)."""
    scale = 16
    luma = scale * (waves(seed, height, width, 24) * 3 + waves(seed + 1, height, width, 7)) // 4
    planes = []
    for channel in range(channels):
        color = waves(seed + 10 + channel, height, width, 31) - 128
        rough = noise(seed + 20 + channel, height, width) % (scale * max(grain, 1))
        value = luma + scale * color // 4 + (rough if grain else 0)
        planes.append(np.clip(value, 0, scale * 255))
    values = np.stack(planes, axis=-1)
    return values * ((1 << depth) - 1) // (scale * 255)


def with_alpha(colors: np.ndarray, peak: int, kind: str = "soft") -> np.ndarray:
    """Colours under an alpha that rises from corner to corner, or a disc with a hard edge."""
    height, width = colors.shape[:2]
    y, x = np.arange(height)[:, None], np.arange(width)[None]
    if kind == "soft":
        alpha = np.clip((x + y) * 2 * peak // (width + height) - peak // 4, 0, peak)
    elif kind == "opaque":
        alpha = np.full((height, width), peak)
    else:
        inside = (2 * x - width) ** 2 + (2 * y - height) ** 2 < min(width, height) ** 2
        alpha = np.where(inside, peak, 0)
    return np.concatenate([colors, alpha[..., None]], axis=-1)


def places(height: int, width: int) -> np.ndarray:
    """A drawing as numbers 0 … 3: areas with irregular edges, and letters that come again."""
    y, x = np.arange(height)[:, None], np.arange(width)[None]
    letters = ((x // 3 + y // 4 * 5) % 7 == 0) & (y % 16 < 8)
    areas = np.where((x * x + y * 9) // 700 % 3 == 1, 2 + (x + y) // 40 % 2, 0)
    return np.where(letters, 1, areas)


def drawing(height: int, width: int, channels: int = 3, peak: int = 255) -> np.ndarray:
    """The same in colours."""
    table = np.array([[255, 255, 255], [20, 20, 30], [200, 60, 40], [30, 90, 200]])
    return (table * peak // 255)[places(height, width)][..., :channels]


def page(height: int, width: int) -> np.ndarray:
    """Rings beside a dither, of one bit."""
    y, x = np.arange(height)[:, None], np.arange(width)[None]
    rings = (x * x + y * y) // 200 & 1
    dither = (x * 5 + y * 3) % 8 < x * 8 // width
    return np.where(x < width // 2, rings, dither)[..., None].astype(np.int64)


def dither(height: int, width: int) -> np.ndarray:
    """A slope by the thresholds of a cell of 6 × 4 pixels, of one bit."""
    y, x = np.arange(height)[:, None], np.arange(width)[None]
    thresholds = (7 * (x % 6) + 10 * (y % 4)) % 24
    return (24 * x > thresholds * width)[..., None].astype(np.int64)


def glyphs(height: int, width: int) -> np.ndarray:
    """Random marks of 7 × 9 pixels, of which each comes again at distances of its own."""
    table = noise(77, 12, 9, 7) >> 30 > 1
    y, x = np.arange(height)[:, None], np.arange(width)[None]
    which = noise(78, height // 11 + 1, width // 8 + 1)[y // 11, x // 8] % 12
    inside = (y % 11 < 9) & (x % 8 < 7)
    ink = inside & table[which, np.minimum(y % 11, 8), np.minimum(x % 8, 6)]
    return np.where(ink, 0, 1)[..., None].astype(np.int64)


def slope(height: int, width: int, across: int, down: int, start: int = 0) -> np.ndarray:
    """Numbers that rise evenly."""
    y, x = np.arange(height)[:, None], np.arange(width)[None]
    return (start + across * x + down * y)[..., None]


def lattice(height: int, width: int, chroma: str, seed: int = 3) -> np.ndarray:
    """RGB of luma and chroma by JPEG's rule, with chroma that has been smaller in some way."""
    luma = photograph(height, width, 1, seed=seed)[..., 0]
    columns, rows = (width + 1) // 2, (height + 1) // 2
    y, x = np.arange(height)[:, None], np.arange(width)[None]
    planes = []
    for plane in range(2):
        cells = 64 + photograph(rows, columns, 1, seed=seed + 40 + plane)[..., 0] // 2

        def cell(y: np.ndarray, x: np.ndarray, cells: np.ndarray = cells) -> np.ndarray:
            return cells[np.clip(y, 0, rows - 1), np.clip(x, 0, columns - 1)]

        near_y, near_x = y // 2, x // 2
        far_y, far_x = near_y + 2 * (y % 2) - 1, near_x + 2 * (x % 2) - 1
        if chroma == "full":
            value = cell(near_y, near_x) + (3 * x + 5 * y) % 7
        elif chroma == "replicated":
            value = cell(near_y, near_x)
        elif chroma == "bilinear":
            total = cell(near_y, near_x) + cell(near_y, near_x + x % 2)
            total = total + cell(near_y + y % 2, near_x) + cell(near_y + y % 2, near_x + x % 2)
            value = total + 2 >> 2
        elif chroma == "across":
            value = 3 * cell(near_y, near_x) + cell(near_y, far_x) + 1 + x % 2 >> 2
        else:
            near = 3 * cell(near_y, near_x) + cell(near_y, far_x)
            far = 3 * cell(far_y, near_x) + cell(far_y, far_x)
            value = 3 * near + far + 8 - x % 2 >> 4
        planes.append(value - 128)
    blue, red = planes
    colors = [
        luma + (91881 * red + 32768 >> 16),
        luma + (-22554 * blue - 46802 * red + 32768 >> 16),
        luma + (116130 * blue + 32768 >> 16),
    ]
    return np.clip(np.stack(colors, axis=-1), 0, 255)


def unknown_lattice(height: int, width: int, seed: int = 5) -> np.ndarray:
    """Points of a lattice that no standard names, as PhotoCD's are of another."""
    luma = photograph(height, width, 1, seed=seed)[..., 0] * 7 // 10
    first, second = (
        (photograph(height, width, 1, seed=seed + k)[..., 0] - 110) // 4 for k in (1, 2)
    )
    colors = [
        136 * luma + 182 * first,
        136 * luma - 93 * first - 43 * second,
        136 * luma + 222 * second,
    ]
    return np.clip(np.stack(colors, axis=-1) // 100, 0, 255)


def fast_jpeg(samples: np.ndarray) -> np.ndarray:
    """A grey picture as decoders with the fast inverse DCT give it of a JPEG file (§13.5)."""
    height, width = samples.shape[0] // 8, samples.shape[1] // 8
    blocks = samples[..., 0].reshape(height, 8, width, 8).transpose(0, 2, 1, 3) - 128
    k, n = np.arange(8)[:, None], np.arange(8)[None]
    basis = np.rint(np.cos((2 * n + 1) * k * np.pi / 16) * 4096).astype(np.int64)
    basis[0] = 2896
    coefficients = basis @ blocks @ basis.T
    steps = 3 + 2 * (k + n)
    levels = (coefficients + (steps << 25)) // (steps << 26)
    factors = np.array([16384, 22725, 21407, 19266, 16384, 12873, 8867, 4520])
    scale = (factors[:, None] * factors[None] + (1 << 13)) >> 14
    values = levels * ((steps * scale + 2048) >> 12)
    values = _fast_inverse(np.moveaxis(values, 2, 0))
    values = _fast_inverse(np.moveaxis(values, 3, 0))
    # Now columns, rows, then blocks' rows and columns.
    shown = np.clip((values >> 5) + 128, 0, 255).transpose(2, 1, 3, 0)
    return shown.reshape(8 * height, 8 * width)[..., None]


def _fast_inverse(r: np.ndarray) -> np.ndarray:
    """Along the first axis."""

    def times(value: np.ndarray, factor: int) -> np.ndarray:
        return value * factor >> 8

    e = r[2] + r[6]
    f = times(r[2] - r[6], 362) - e
    a = [r[0] + r[4] + e, r[0] - r[4] + f, r[0] - r[4] - f, r[0] + r[4] - e]
    p, q, s, t = r[5] + r[3], r[5] - r[3], r[1] + r[7], r[1] - r[7]
    z = times(q + t, 473)
    b7 = s + p
    b6 = times(q, -669) + z - b7
    b5 = times(s - p, 362) - b6
    b4 = times(t, 277) - z + b5
    out = [a[0] + b7, a[1] + b6, a[2] + b5, a[3] - b4, a[3] + b4, a[2] - b5, a[1] - b6, a[0] - b7]
    return np.stack(out)


def canonical(samples: np.ndarray, peak: int) -> bytes:
    """The bytes whose SHA-256 `expected.txt` has: height × width × channels with a header."""
    height, width, channels = samples.shape
    header = f"{width} {height} {channels} {peak}\n".encode()
    return header + samples.astype(">u1" if peak < 256 else ">u2").tobytes()


def pam(samples: np.ndarray, peak: int) -> bytes:
    """A PAM file."""
    height, width, channels = samples.shape
    kind = "BLACKANDWHITE" if channels == 1 and peak == 1 else PAM_TYPES[channels]
    header = (
        f"P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {channels}\nMAXVAL {peak}\n"
        f"TUPLTYPE {kind}\nENDHDR\n"
    )
    return header.encode() + samples.astype(">u1" if peak < 256 else ">u2").tobytes()


def png(
    samples: np.ndarray,
    depth: int,
    color_type: int | None = None,
    before: Iterable[tuple[bytes, bytes]] = (),
    after: Iterable[tuple[bytes, bytes]] = (),
) -> bytes:
    """A PNG file, with chunks before and after the image data."""
    height, width, channels = samples.shape
    kind = COLOR_TYPES[channels] if color_type is None else color_type
    rows = samples.reshape(height, width * channels)
    if depth == 16:
        packed = rows.astype(">u2").view(np.uint8).reshape(height, -1)
    elif depth == 8:
        packed = rows.astype(np.uint8)
    else:
        bits = rows[:, :, None] >> np.arange(depth)[::-1] & 1
        packed = np.packbits(bits.astype(np.uint8).reshape(height, -1), axis=1)
    lines = np.pad(packed, ((0, 0), (1, 0))).tobytes()
    size = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    chunks = [(b"IHDR", size), *before, (b"IDAT", zlib.compress(lines)), *after, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
