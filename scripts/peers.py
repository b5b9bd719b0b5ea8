"""Other codecs at settings that people use, through imagecodecs and Pillow.

All get samples alone, so that no file holds metadata, and run on one thread.
"""

import io
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version as package_version
from pathlib import Path

import imagecodecs
import numpy as np
import PIL
from PIL import Image, features

try:
    import oxipng
except ImportError:  # then Pillow's own optimiser stands for it
    oxipng = None
try:
    import pillow_jxl  # another libjxl than that of imagecodecs
except ImportError:
    pillow_jxl = None
CJXL = shutil.which("cjxl")

# What a curve of a peer can be judged by.
PSNR, SIMILARITY, SCORE = "psnr", "ms_ssim", "ssimulacra2"
JOD, BUTTERAUGLI = "cvvdp", "butteraugli"
EYE = (SIMILARITY, SCORE, JOD, BUTTERAUGLI)


def _library(name):
    """Name and version of a library inside imagecodecs."""
    found = re.search(rf"{name}-([^,/]+)", imagecodecs.version())
    return f"{name} {found[1] if found else '?'} (imagecodecs {imagecodecs.__version__})"


def _pillow(name, feature):
    return f"{name} {features.version(feature)} (Pillow {PIL.__version__})"


def _aom():
    from PIL import _avif  # only where Pillow was built with libavif

    encoder = re.search(r"aom \[enc\]:([^,]+)", _avif.codec_versions())
    return f"aom {encoder[1] if encoder else '?'}, {_pillow('libavif', 'avif')}"


def _drop_single_channel(samples):
    return samples[..., 0] if samples.shape[-1] == 1 else samples


@dataclass(frozen=True)
class LosslessPeer:
    """A codec without loss at one effort."""

    encode: Callable  # samples to the file, or None where it lacks the format
    decode: Callable  # the file to its samples


def _png_modes(samples):
    """The image as Pillow's modes that hold it exactly: as it is, and of few colours with a palette."""
    image = Image.fromarray(samples)
    yield image
    if image.mode == "L" and not set(np.unique(samples)) - {0, 255}:
        yield image.convert("1", dither=Image.Dither.NONE)
    colors = image.getcolors(256) if image.mode in ("L", "RGB") else None
    if colors and image.mode == "RGB":
        table = {color: index for index, (_, color) in enumerate(sorted(colors, reverse=True))}
        flat = samples.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
        keys = np.array([r << 16 | g << 8 | b for r, g, b in table], np.uint32)
        order = np.argsort(keys)
        indices = order[np.searchsorted(keys[order], flat)].astype(np.uint8)
        palette = Image.fromarray(indices, "P")
        palette.putpalette([value for color in table for value in color])
        yield palette


def _png_optimized(samples):
    """PNG by oxipng's slowest setting but Zopfli, else the smallest of what Pillow makes."""
    samples = _drop_single_channel(samples)
    if samples.dtype == np.uint16 and samples.ndim == 3:
        file = imagecodecs.png_encode(samples, level=9)
        return oxipng.optimize_from_memory(file, level=6) if oxipng else file
    best = None
    for image in _png_modes(samples):
        file = io.BytesIO()
        image.save(file, "PNG", optimize=True)
        data = file.getvalue()
        if oxipng:
            data = oxipng.optimize_from_memory(data, level=6)
        best = data if best is None or len(data) < len(best) else best
        if oxipng:  # which finds the other modes by itself
            break
    return best


def _webp_lossless(samples):
    """WebP at its slowest lossless setting; None for 16 bits, which it does not have."""
    if samples.dtype == np.uint16 or max(samples.shape[:2]) > 16383:
        return None
    image = Image.fromarray(_drop_single_channel(samples))
    image = image.convert("RGBA" if image.mode in ("LA", "RGBA") else "RGB")
    file = io.BytesIO()
    image.save(file, "WEBP", lossless=True, quality=100, method=6, exact=True)
    return file.getvalue()


def _webp_decode(data):
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def _jpegxl_lossless(samples, effort):
    samples = np.ascontiguousarray(_drop_single_channel(samples))
    return imagecodecs.jpegxl_encode(samples, lossless=True, effort=effort, numthreads=1)


def _jpegxl_peer(effort):
    decode = partial(imagecodecs.jpegxl_decode, numthreads=1)
    return LosslessPeer(partial(_jpegxl_lossless, effort=effort), decode)


def _jpegxl_pillow(samples):
    """The libjxl of pillow-jxl-plugin at effort 9; None for more than 8 bits, and grey with alpha."""
    if samples.dtype == np.uint16 or samples.shape[-1] == 2:
        return None
    file = io.BytesIO()
    image = Image.fromarray(_drop_single_channel(samples))
    image.save(file, "JXL", lossless=True, effort=9, num_threads=1)
    return file.getvalue()


def _jpegxl_program(samples):
    """The program cjxl at effort 9, whichever is installed."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "a.png"), Path(folder, "a.jxl")
        source.write_bytes(imagecodecs.png_encode(_drop_single_channel(samples)))
        options = ("-d", "0", "-e", "9", "--num_threads=0", "--quiet")
        run = subprocess.run([CJXL, source, target, *options], capture_output=True)
        return target.read_bytes() if run.returncode == 0 else None


LOSSLESS = {
    "PNG best": LosslessPeer(_png_optimized, imagecodecs.png_decode),
    "WebP m6": LosslessPeer(_webp_lossless, _webp_decode),
    "JPEG XL e7": _jpegxl_peer(7),
    "JPEG XL e9": _jpegxl_peer(9),
}
if pillow_jxl:
    LOSSLESS["pillow-jxl"] = LosslessPeer(_jpegxl_pillow, imagecodecs.jpegxl_decode)
if CJXL:
    LOSSLESS["cjxl e9"] = LosslessPeer(_jpegxl_program, imagecodecs.jpegxl_decode)


def lossless_versions():
    """What made the files of every lossless peer."""
    webp, jpegxl = _pillow("libwebp", "webp"), _library("libjxl")
    optimizer = "oxipng, level 6" if oxipng else f"Pillow {PIL.__version__}, optimised"
    versions = {
        "PNG best": optimizer,
        "WebP m6": f"{webp}, lossless, quality 100, method 6",
        "JPEG XL e7": f"{jpegxl}, lossless, effort 7",
        "JPEG XL e9": f"{jpegxl}, lossless, effort 9",
    }
    if pillow_jxl:
        plugin = f"pillow-jxl-plugin {package_version('pillow-jxl-plugin')}"
        versions["pillow-jxl"] = f"libjxl of {plugin}, lossless, effort 9"
    if CJXL:
        said = subprocess.run([CJXL, "--version"], capture_output=True, text=True).stdout
        versions["cjxl e9"] = f"{said.splitlines()[0]}, -d 0 -e 9"
    return versions


@dataclass(frozen=True)
class LossyPeer:
    """A codec at one setting of everything but quality."""

    encode: Callable  # 8-bit RGB samples and a quality to the file and what it decodes to
    qualities: tuple  # of the points of a curve
    ranges: tuple  # of qualities, from the worst to the best, in which files grow
    judged_by: tuple  # the measures that this setting is meant for
    description: str  # library, version and settings


def _through_pillow(samples, format, **options):
    file = io.BytesIO()
    Image.fromarray(samples).save(file, format, **options)
    with Image.open(file) as image:
        return file.getvalue(), np.asarray(image.convert("RGB"))


def _webp(samples, quality):
    return _through_pillow(samples, "WEBP", quality=quality, method=6)


def _jpegxl(samples, distance):
    data = imagecodecs.jpegxl_encode(
        samples, lossless=False, distance=distance, effort=7, numthreads=1
    )
    return data, imagecodecs.jpegxl_decode(data)


def _avif(samples, quality, tune):
    return _through_pillow(
        samples, "AVIF", quality=quality, speed=6, subsampling="4:4:4", codec="aom",
        max_threads=1, advanced={"tune": tune},
    )  # fmt: skip


def _avif_peer(tune, judged_by):
    return LossyPeer(
        partial(_avif, tune=tune), (15, 25, 35, 45, 55, 65, 75, 85), ((1, 99),), judged_by,
        f"{_aom()}, 4:4:4, speed 6, tune={tune}",
    )  # fmt: skip


# One AVIF for each measure: its usual tuning for the eye spends bits that PSNR does not see.
LOSSY = {
    "WebP m6": LossyPeer(
        _webp, (3, 10, 30, 50, 70, 80, 88, 94), ((0, 100),), (PSNR, *EYE),
        f"{_pillow('libwebp', 'webp')}, method 6",
    ),
    "JPEG XL e7": LossyPeer(
        # From 20 on libjxl halves the picture first, and takes more bytes than just before.
        _jpegxl, (14, 8, 5.5, 3.8, 2.6, 1.8, 1.2, 0.8), ((25.0, 20.0), (19.9, 0.1)), (PSNR, *EYE),
        f"{_library('libjxl')}, effort 7, by distance",
    ),
    "AVIF psnr": _avif_peer("psnr", (PSNR,)),
    "AVIF iq": _avif_peer("iq", EYE),
}  # fmt: skip
