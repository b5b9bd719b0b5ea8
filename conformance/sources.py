"""What the set's intact files are made of: pictures or JPEG files, and options of `compress`."""

import io
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

import pictures
from jpeg import JFIF, JPEG, adobe
from pictures import drawing, lattice, noise, photograph, slope, unknown_lattice, with_alpha


@dataclass
class Source:
    """A file to compress."""

    name: str
    data: bytes
    suffix: str = "pam"
    options: Sequence[str] = ()
    exact: tuple[np.ndarray, int] | None = None
    """Samples and peak that have to come back as they are."""
    within: int = 0
    """How far colours may be from these."""


def of_samples(
    name: str, samples: np.ndarray, options: str = "", peak: int = 255, within: int = 0
) -> Source:
    """A PAM file, which comes back unless it is lossy."""
    words = options.split()
    lossy = "--quality" in words
    exact = None if lossy else (samples, peak)
    return Source(name, pictures.pam(samples, peak), "pam", words, exact, within)


def of_png(name: str, data: bytes, options: str = "", exact: np.ndarray | None = None) -> Source:
    """A PNG file, with what its picture is as PAM."""
    return Source(name, data, "png", options.split(), None if exact is None else (exact, 255))


def intact() -> Iterator[Source]:
    """All of them."""
    yield from kinds()
    yield from efforts()
    yield from drawings()
    yield from wavefronts()
    yield from layouts()
    yield from lossy()
    yield from near_lossless()
    yield from previews()
    yield from widenings()
    yield from sources()
    yield from jpeg_files()
    yield from metadata()


def kinds() -> Iterator[Source]:
    """Colour types and depths."""
    for depth in (1, 2, 4, 8, 10, 12, 16):
        peak = (1 << depth) - 1
        yield of_samples(f"grey-{depth}", photograph(30, 37, 1, depth), peak=peak)
    for depth in (8, 16):
        peak = (1 << depth) - 1
        colors = photograph(20, 26, 3, depth)
        yield of_samples(f"rgb-{depth}", colors, peak=peak)
        yield of_samples(f"rgba-{depth}", with_alpha(colors, peak), peak=peak)
        yield of_samples(f"grey-alpha-{depth}", with_alpha(colors[..., :1], peak), peak=peak)
    yield of_samples("rgb-5", photograph(22, 27, 3, 5), peak=31)
    yield of_samples("rgb-10", photograph(22, 27, 3, 10), peak=1023)
    yield of_samples("rgba-12", with_alpha(photograph(18, 21, 3, 12), 4095, "disc"), peak=4095)
    yield of_samples("peak-1000", photograph(24, 31, 1, 10) * 1000 // 1023, peak=1000)
    yield of_samples("peak-200-rgb", photograph(20, 25, 3, 8) * 200 // 255, peak=200)
    for depth in (1, 2, 4, 8):
        indices = pictures.places(40, 48)[..., None] % (1 << depth)
        if depth == 8:
            indices = photograph(24, 40, 1)
        colors = (noise(50 + depth, 1 << depth, 3) >> 24).tolist()
        for alphas in (0, (1 << depth) // 2):
            yield palette(
                f"palette-{depth}" + ("-alpha" if alphas else ""), indices, colors, alphas
            )
    yield palette("palette-beyond", np.minimum(photograph(20, 20, 1), 199), colors[:200], 0)
    grey = photograph(24, 30, 1, 4)
    data = pictures.png(grey, 4, before=[(b"tRNS", struct.pack(">H", int(grey[5, 5, 0])))])
    yield of_png("transparent-grey", data)
    colors = drawing(30, 40)
    data = pictures.png(colors, 8, before=[(b"tRNS", struct.pack(">3H", 20, 20, 30))])
    alpha = np.where((colors == [20, 20, 30]).all(axis=-1), 0, 255)
    yield of_png("transparent-rgb", data, exact=np.concatenate([colors, alpha[..., None]], -1))
    yield of_samples("one-pixel", photograph(1, 1))
    yield of_samples("one-row", photograph(1, 61))
    yield of_samples("one-column", photograph(61, 1, 1))
    yield of_samples("constant", np.full((20, 30, 3), 77))
    yield of_samples("hidden-color", hidden_color())


def palette(name: str, indices: np.ndarray, colors: list, alphas: int) -> Source:
    """A palette image, and what it shows."""
    depth = max(1, int(len(colors) - 1).bit_length())
    depth = next(d for d in (1, 2, 4, 8) if d >= depth)
    values = [17 * n % 256 for n in range(alphas)]
    chunks = [(b"PLTE", bytes(value for color in colors for value in color))]
    if alphas:
        chunks.append((b"tRNS", bytes(values)))
    table = np.array([[*color, 255] for color in colors])
    table[:alphas, 3] = values
    shown = table[indices[..., 0]][..., : 4 if alphas else 3]
    return of_png(name, pictures.png(indices, depth, 3, before=chunks), exact=shown)


def hidden_color() -> np.ndarray:
    """Colours that go on under transparent pixels."""
    return with_alpha(photograph(24, 28, seed=8), 255, "disc")


def efforts() -> Iterator[Source]:
    """All efforts, on a photograph too small for the wavefront, on a drawing, on noise."""
    for effort in range(1, 10):
        small = photograph(32, 40, grain=6, seed=30)
        yield of_samples(f"photograph-effort-{effort}", small, f"--effort {effort} --no-preview")
    for effort in (1, 3, 5, 7, 9):
        yield of_samples(f"drawing-effort-{effort}", drawing(60, 80), f"--effort {effort}")
    for effort in (1, 5):
        rough = noise(4, 16, 20, 3) >> 24
        yield of_samples(f"noise-effort-{effort}", rough, f"--effort {effort} --no-preview")
    for effort in (2, 3, 4, 7, 9):
        deep = photograph(26, 34, 1, 16, seed=31)
        yield of_samples(f"grey-16-effort-{effort}", deep, f"--effort {effort}", 65535)


def drawings() -> Iterator[Source]:
    """Methods for drawings."""
    yield of_samples("bilevel-page", pictures.page(70, 110), "--no-preview", 1)
    yield of_samples("bilevel-glyphs", pictures.glyphs(90, 120), "--no-preview", 1)
    yield of_samples("bilevel-rgb", pictures.page(180, 190).repeat(3, -1) * [200, 9, 77])
    yield of_samples("bilevel-large", pictures.glyphs(190, 200), "--no-preview", 1)
    yield of_samples("dither", pictures.dither(190, 180), "--no-preview", 1)
    y, x = np.arange(70)[:, None], np.arange(80)[None]
    yield of_samples("surfaces-exclusive-or", (x ^ y)[..., None] & 255, "--no-preview")
    yield of_samples("surfaces-wrapped", (3 * x + 5 * y)[..., None] & 255, "--no-preview")
    yield of_samples("surfaces", slope(60, 80, 3, 5), "--no-preview", 65535)
    yield of_samples("surfaces-rgb", slope(60, 80, 1, 1) + np.array([0, 40, 100]))
    cells = noise(9, 8, 10) % 5
    tiled = np.tile(drawing(24, 30), (3, 3, 1)) ^ cells.repeat(9, 0).repeat(9, 1)[:72, :90, None]
    yield of_samples("repeats-afar", tiled, "--effort 7")
    yield of_samples("checkers", (np.indices((40, 50)).sum(0)[..., None] % 2 * [255, 90, 3]))
    few = (photograph(40, 50) // 85) * 85
    yield of_samples("few-values", few)
    yield of_samples("few-values-effort-9", few, "--effort 9")
    cut = with_alpha(drawing(50, 60), 255, "disc")
    cut[cut[..., 3] == 0] = 0
    yield of_samples("icon", cut)
    yield of_samples("icon-effort-8", cut, "--effort 8")


def smooth(height: int, width: int, channels: int, grain: int = 2, depth: int = 8) -> np.ndarray:
    """Large enough for the wavefront, with little to code."""
    return photograph(height, width, channels, depth, grain=grain, seed=60) // 4 * 2 + 1


def wavefronts() -> Iterator[Source]:
    """Profiles of the wavefront: tiles of 2¹⁴ pixels and more."""
    for effort in range(1, 6):
        grey = smooth(120, 140, 1)
        yield of_samples(f"wavefront-effort-{effort}", grey, f"--effort {effort} --no-preview")
    yield of_samples("wavefront-rgb-1", smooth(116, 143, 3, 1), "--effort 1")
    yield of_samples("wavefront-rgb-4", smooth(116, 143, 3, 1), "--effort 4 --preview 20")
    mixed = with_alpha(smooth(116, 143, 3, 1), 255)
    yield of_samples("wavefront-rgba-5", mixed, "--effort 5")
    yield of_samples("wavefront-rgb-7", smooth(116, 143, 3, 1), "--effort 7 --preview 20")
    yield of_samples("wavefront-rgba-9", mixed, "--effort 9 --no-preview")
    deep = photograph(118, 140, 1, 16, grain=0, seed=61) // 16 * 16 + 5
    yield of_samples("wavefront-grey-16-2", deep, "--effort 2", 65535)
    yield of_samples("wavefront-grey-16-5", deep, "--effort 5", 65535)
    follows = smooth(116, 143, 3, 2)
    follows[..., 0] = follows[..., 1] * follows[..., 1] // 255
    follows[..., 2] = follows[..., 1]
    yield of_samples("planes-follow", follows, "--effort 2")
    beside = smooth(116, 143, 3, 2)
    beside[:, :-3, 0] = beside[:, 3:, 1]
    yield of_samples("plane-beside", beside, "--effort 3")
    yield of_samples("wavefront-shared", ripples(257, 513, 3), "--effort 5 --no-preview")


def ripples(height: int, width: int, channels: int, rarity: int = 60) -> np.ndarray:
    """Steep ramps with rare bumps: of little entropy, and yet nothing that repeats."""
    y, x = np.arange(height)[:, None], np.arange(width)[None]
    steps = [(1, 2), (2, 1), (1, 3)][:channels]
    planes = [np.abs((a * x + b * y) % 510 - 255) for a, b in steps]
    bumps = noise(6, height, width, channels) % rarity == 0
    return np.minimum(np.stack(planes, -1) + bumps, 255)


def layouts() -> Iterator[Source]:
    """Tiles."""
    yield of_samples("two-tiles-across", photograph(18, 785, 1, grain=2, seed=70), "--effort 3")
    tall = photograph(14, 785, 1, grain=5, seed=71).transpose(1, 0, 2)
    yield of_samples("two-tiles-down", tall, "--effort 1")
    yield of_samples("two-tiles-lossy", photograph(20, 800, seed=72), "--quality 20 --no-exact")
    yield of_samples("two-tiles-latents", photograph(18, 785, 1, grain=2, seed=70), "--preview 10")
    yield of_samples("thin", drawing(2, 3000), "--no-preview")
    yield of_samples("wide-drawing", drawing(14, 2060))
    yield of_samples("drawing-2048", drawing(10, 2048))
    yield of_samples("two-tiles-lattice", lattice(18, 785, "replicated"), "--effort 1")
    tall = photograph(10, 10, seed=74)
    yield of_samples("repeated", tall.repeat(3, 0).repeat(2, 1))
    yield of_samples("repeated-columns", drawing(30, 20).repeat(5, 1)[:, :98])
    yield of_samples("repeated-rows", photograph(12, 40, 1, seed=75).repeat(7, 0)[:80])


def lossy() -> Iterator[Source]:
    """Approximations of both models."""
    colors = photograph(48, 64, grain=3, seed=80)
    for quality in (1, 10, 35, 60, 85, 100):
        words = f"--quality {quality} --no-exact"
        yield of_samples(f"lossy-{quality}", colors, words)
    for quality in (5, 50, 90):
        words = f"--quality {quality} --no-exact --tune visual"
        yield of_samples(f"lossy-visual-{quality}", colors, words)
    yield of_samples("lossy-effort-9", colors, "--quality 40 --no-exact --effort 9")
    grey = photograph(40, 47, 1, seed=81)
    yield of_samples("lossy-grey", grey, "--quality 50 --no-exact")
    yield of_samples("lossy-grey-visual", grey, "--quality 50 --no-exact --tune visual")
    yield of_samples("lossy-rgba", with_alpha(colors[:40], 255), "--quality 45 --no-exact")
    disc = with_alpha(grey, 255, "disc")
    yield of_samples("lossy-grey-alpha", disc, "--quality 45 --no-exact --effort 2")
    hidden = "--quality 45 --no-exact --keep-hidden-color"
    yield of_samples("lossy-hidden-color", hidden_color(), hidden)
    deep = photograph(33, 41, 3, 16, seed=82)
    yield of_samples("lossy-16", deep, "--quality 70 --no-exact", 65535)
    narrow = photograph(33, 41, 3, 8, seed=83) * 16 + 1000
    yield of_samples("lossy-range", narrow, "--quality 70 --no-exact", 65535)
    wide = photograph(80, 144, 3, grain=2, seed=84)
    wide[..., 2] //= 3
    yield of_samples("lossy-filter", wide, "--quality 75 --no-exact")
    yield of_samples("lossy-filter-visual", wide, "--quality 75 --no-exact --tune visual")
    yield of_samples("lossy-of-10-bits", photograph(30, 40, 1, 10), "--quality 60 --no-exact", 1023)
    yield of_samples("lossy-bits", drawing(30, 40, 1, 3), "--quality 60 --no-exact", 3)


def near_lossless() -> Iterator[Source]:
    """Samples within a bound."""
    colors = photograph(36, 44, grain=6, seed=90)
    for error in (1, 2, 5, 9, 16):
        yield of_samples(f"within-{error}", colors, f"--max-error {error}", within=error)
    mixed = with_alpha(colors, 255)
    yield of_samples("within-2-rgba", mixed, "--max-error 2", within=2)
    deep = photograph(30, 34, 1, 16, seed=91)
    yield of_samples("within-16-grey-16", deep, "--max-error 16", 65535, 16)
    yield of_samples("within-3-effort-9", colors, "--max-error 3 --effort 9", within=3)
    yield of_samples("within-4-wavefront", smooth(120, 140, 1, 9), "--max-error 4", within=4)


def previews() -> Iterator[Source]:
    """Reductions, and qualities of full size."""
    colors = photograph(24, 34, grain=12, seed=100)
    for quality in (1, 30, 70, 95):
        yield of_samples(f"preview-{quality}", colors, f"--preview {quality} --effort 2")
    yield of_samples("small", photograph(20, 24, grain=3, seed=99), "--preview 30")
    yield of_samples("preview-visual", colors, "--preview 40 --tune visual")
    yield of_samples("preview-grey", colors[..., :1], "--preview 50")
    yield of_samples("preview-drawing", drawing(40, 50), "--preview 15")
    indices = pictures.places(30, 41)[..., None]
    table = [[9, 9, 9], [250, 3, 80], [90, 200, 10], [0, 80, 255]]
    shown = palette("preview-palette", indices, table, 2)
    yield Source(shown.name, shown.data, "png", ["--preview", "25"], shown.exact)
    deep = photograph(22, 30, 3, 16, seed=101)
    yield of_samples("preview-16", deep, "--preview 20", 65535)
    rough = (noise(102, 30, 44, 3) >> 25) + photograph(30, 44) // 3
    yield of_samples("preview-reduced", rough, "--effort 3")


def widenings() -> Iterator[Source]:
    """Images that are wider than what is coded."""
    colors = photograph(24, 32, grain=3, seed=110)
    yield of_samples("opaque-rgba", with_alpha(colors, 255, "opaque"))
    yield of_samples("opaque-grey", with_alpha(colors[..., :1], 255, "opaque"))
    yield of_samples("grey-as-rgb", colors[..., :1].repeat(3, -1))
    grey = with_alpha(colors[..., :1].repeat(3, -1), 255)
    yield of_samples("grey-as-rgba", grey)
    yield of_samples("twice-8-bits", colors * 257, peak=65535)
    yield of_samples("twice-8-bits-grey-alpha", with_alpha(colors[..., :1], 255) * 257, peak=65535)
    everything = with_alpha(colors[..., :1].repeat(3, -1), 255, "opaque") * 257
    yield of_samples("all-but-palette", everything, peak=65535)
    index = photograph(40, 44, 1, grain=9, seed=111)[..., 0] // 16
    table = noise(112, 16, 3) >> 24
    yield of_samples("palette-form", table[index], "--effort 3")
    yield of_samples("palette-form-opaque-16", with_alpha(table[index] * 257, 65535, "opaque"),
                     "--effort 3", 65535)  # fmt: skip
    soft = np.concatenate([table, noise(113, 16, 1) >> 24], -1)
    yield of_samples("palette-form-alpha", soft[index], "--effort 3")
    numbers = slope(40, 50, 37, 113, 65000)[..., 0] + noise(114, 40, 50) % 9
    packed = np.stack([numbers >> 16, numbers >> 8 & 255, numbers & 255], -1)
    yield of_samples("packed", packed)
    yield of_samples("packed-opaque", with_alpha(packed, 255, "opaque"))
    high = np.stack([numbers >> 8 & 255, numbers & 255, np.full_like(numbers, 7)], -1)
    yield of_samples("packed-shifted", high)


def decoded(data: bytes) -> np.ndarray:
    """A JPEG file's picture."""
    samples = np.asarray(Image.open(io.BytesIO(data))).astype(np.int64)
    return samples[..., None] if samples.ndim == 2 else samples


def pillow(samples: np.ndarray, mode: str = "RGB", **options: object) -> bytes:
    """A JPEG file of a common encoder."""
    plain = samples[..., 0] if mode == "L" else samples
    output = io.BytesIO()
    image = Image.frombytes(mode, plain.shape[1::-1], plain.astype(np.uint8).tobytes())
    image.save(output, "JPEG", **options)
    return output.getvalue()


def sources() -> Iterator[Source]:
    """Images that were made of something smaller."""
    for chroma in ("full", "replicated", "bilinear", "triangle", "across"):
        yield of_samples(f"lattice-{chroma}", lattice(55, 66, chroma), "--effort 2")
    yield of_samples("lattice-effort-7", lattice(51, 64, "triangle"), "--effort 7 --preview 30")
    yield of_samples("lattice-unknown", unknown_lattice(60, 70), "--effort 1")
    cropped = lattice(62, 75, "triangle")[1:, 1:]
    yield of_samples("lattice-phase", cropped, "--effort 1")
    damaged = lattice(50, 64, "bilinear").copy()
    for n in range(40):
        damaged[n, n * 37 % 64, n % 3] = n * 6
    yield of_samples("lattice-corrections", damaged, "--effort 1")
    colors = photograph(72, 88, grain=9, seed=120)
    for sampling in ("4:4:4", "4:2:2", "4:2:0"):
        name = "decoded-jpeg-" + sampling.replace(":", "")
        yield of_samples(name, decoded(pillow(colors, quality=80, subsampling=sampling)))
    grey = decoded(pillow(colors[..., :1], "L", quality=60))
    yield of_samples("decoded-jpeg-grey", grey)
    cropped = decoded(pillow(colors, quality=75, subsampling="4:2:0"))[3:, 5:]
    yield of_samples("decoded-jpeg-cropped", cropped)
    marked = decoded(pillow(colors, quality=75, subsampling="4:2:0")).copy()
    marked[20:30, 20:36] = [255, 0, 9]
    yield of_samples("decoded-jpeg-corrections", marked)
    yield of_samples("decoded-jpeg-fast", pictures.fast_jpeg(photograph(72, 88, 1, seed=121)))
    yield of_samples("decoded-jpeg-effort-9", grey, "--effort 9 --preview 40")


def jpeg_files() -> Iterator[Source]:
    """JPEG files that are kept."""
    colors = photograph(41, 53, grain=3, seed=130)
    four = np.concatenate([255 - colors, colors[..., :1] // 3], -1)
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"
    files = {
        "baseline": pillow(colors, quality=75),
        "444": pillow(colors, quality=90, subsampling="4:4:4"),
        "422": pillow(colors, quality=50, subsampling="4:2:2"),
        "grey": pillow(colors[..., :1], "L", quality=70),
        "progressive": pillow(colors, quality=75, progressive=True),
        "progressive-grey": pillow(colors[..., :1], "L", quality=85, progressive=True),
        "progressive-cmyk": pillow(four, "CMYK", quality=60, progressive=True),
        "optimized": pillow(colors, quality=75, optimize=True),
        "cmyk": pillow(four, "CMYK", quality=75),
        "restarts": pillow(colors, quality=75, restart_marker_blocks=3),
        "restarts-progressive": pillow(colors, quality=75, progressive=True, restart_marker_rows=1),
        "metadata": pillow(
            colors, quality=30, exif=exif, icc_profile=bytes(range(200)) * 3, comment=b"a comment"
        ),
        "rgb": pillow(colors, quality=75, keep_rgb=True),
        "quality-100": pillow(colors[:16, :16], quality=100),
        "quality-1": pillow(colors, quality=1),
    }
    half = ((2, 2), (1, 1), (1, 1))
    drawn = {
        "own-420": JPEG(45, 37, half, segments=[JFIF]),
        "own-hidden": JPEG(45, 37, half, segments=[JFIF], plain_hidden=False),
        "own-440": JPEG(33, 29, ((1, 2), (1, 1), (1, 1)), segments=[JFIF]),
        "own-411": JPEG(70, 20, ((4, 1), (1, 1), (1, 1)), segments=[JFIF]),
        "own-thirds": JPEG(50, 41, ((3, 1), (1, 1), (2, 1)), segments=[JFIF]),
        "own-chroma-larger": JPEG(40, 30, ((1, 1), (2, 2), (1, 2)), segments=[JFIF]),
        "own-grey-factors": JPEG(30, 25, ((2, 2),)),
        "own-two-components": JPEG(30, 25, ((2, 1), (1, 1))),
        "own-rgb-by-names": JPEG(30, 25, ((1, 1),) * 3, identifiers=(82, 71, 66)),
        "own-ycck": JPEG(37, 26, (*half, (2, 2)), segments=[adobe(2)]),
        "own-cmyk-adobe": JPEG(25, 26, ((1, 1),) * 4, segments=[adobe(0)]),
        "own-large-steps": JPEG(24, 20, half, segments=[JFIF], large_steps=True),
        "own-scans-apart": JPEG(45, 37, half, segments=[JFIF], interleaved=False),
        "own-restarts": JPEG(61, 50, half, segments=[JFIF], restart_interval=2),
        "own-fill": JPEG(
            61, 50, half, segments=[JFIF], restart_interval=1, fill_bytes=3, fill_zeros=True
        ),
        "own-trailing": JPEG(20, 20, ((1, 1),), trailing=b"\0after the end\xff\xd8\xff"),
        "own-narrow": JPEG(3, 40, half, segments=[JFIF]),
    }
    files |= {name: file.bytes() for name, file in drawn.items()}
    files["own-cut"] = files["own-420"][:-60]
    for name, data in files.items():
        options = ["--no-preview"] if "grey" in name else []
        yield Source(f"jpeg-{name}", data, "jpg", options)
    yield Source("jpeg-effort-9", files["baseline"], "jpg", ["--effort", "9", "--preview", "20"])


def metadata() -> Iterator[Source]:
    """What a file says beside its picture."""
    profile = b"name\0\0" + zlib.compress(bytes(range(256)) * 2)
    xmp = b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
    white = struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
    chunks = {
        "profile": [(b"iCCP", profile)],
        "srgb": [(b"sRGB", b"\1"), (b"gAMA", struct.pack(">I", 45455)), (b"cHRM", white)],
        "exif": [(b"eXIf", b"MM\0*\0\0\0\x08\0\0\0\0\0\0")],
        "xmp": [(b"iTXt", xmp)],
        "physical": [(b"pHYs", struct.pack(">IIB", 2835, 2835, 1)), (b"bKGD", bytes(6)),
                     (b"sBIT", b"\5\6\5")],
        "cicp": [(b"cICP", bytes([9, 16, 0, 1]))],
    }  # fmt: skip
    after = [
        (b"tEXt", b"Title\0plain"),
        (b"zTXt", b"Comment\0\0" + zlib.compress(b"deflated " * 9)),
        (b"iTXt", b"Author\0\0\0de\0Autor\0\xce\xb1\xce\xb2"),
        (b"tIME", struct.pack(">H5B", 2020, 2, 29, 12, 0, 1)),
        (b"abCd", b"of somebody"),
    ]
    colors = photograph(16, 20, seed=140)
    for name, before in chunks.items():
        data = pictures.png(colors, 8, before=before)
        yield of_png(f"metadata-{name}", data, exact=colors)
    data = pictures.png(colors, 8, after=after)
    yield of_png("metadata-texts", data, exact=colors)
    every = [chunk for name in ("srgb", "physical") for chunk in chunks[name]]
    data = pictures.png(colors, 8, before=every, after=after)
    yield of_png("metadata-lossy", data, "--quality 30 --no-exact")
