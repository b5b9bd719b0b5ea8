"""Other codecs at settings that people use, through imagecodecs and Pillow."""

import io
from functools import partial

import imagecodecs
import numpy as np
from PIL import Image


def _drop_single_channel(samples):
    return samples[..., 0] if samples.shape[-1] == 1 else samples


def webp_lossless(samples):
    """WebP at its slowest lossless setting; None for 16 bits, which it does not have."""
    if samples.dtype == np.uint16:
        return None
    image = Image.fromarray(_drop_single_channel(samples))
    image = image.convert("RGBA" if image.mode in ("LA", "RGBA") else "RGB")
    file = io.BytesIO()
    image.save(file, "WEBP", lossless=True, quality=100, method=6, exact=True)
    return file.getvalue()


def jpegxl_lossless(samples, effort):
    """JPEG XL on one thread."""
    samples = np.ascontiguousarray(_drop_single_channel(samples))
    return imagecodecs.jpegxl_encode(samples, lossless=True, effort=effort, numthreads=1)


LOSSLESS = {
    "WebP m6": webp_lossless,
    "JPEG XL e7": partial(jpegxl_lossless, effort=7),
    "JPEG XL e9": partial(jpegxl_lossless, effort=9),
}


def _webp(samples, quality):
    file = io.BytesIO()
    Image.fromarray(samples).save(file, "WEBP", quality=quality, method=6)
    return file.getvalue(), np.asarray(Image.open(file).convert("RGB"))


def _jpegxl(samples, distance):
    data = imagecodecs.jpegxl_encode(samples, lossless=False, distance=distance, effort=7)
    return data, imagecodecs.jpegxl_decode(data)


def _avif(samples, quality):
    data = imagecodecs.avif_encode(samples, level=quality, speed=6, pixelformat="444")
    return data, imagecodecs.avif_decode(data)


# Each takes RGB samples and a setting, and returns the file and what it decodes to.
LOSSY = {
    "WebP m6": (_webp, (3, 10, 30, 50, 70, 80, 88, 94)),
    "JPEG XL e7": (_jpegxl, (14, 8, 5.5, 3.8, 2.6, 1.8, 1.2, 0.8)),
    "AVIF 4:4:4 s6": (_avif, (15, 25, 35, 45, 55, 65, 75, 85)),
}
