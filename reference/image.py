"""Decoded images, and files of them: PNG where it has their depth, and PAM."""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reference.container import Palette
from reference.errors import NotCoveredError

PAM_TYPES = {1: "GRAYSCALE", 2: "GRAYSCALE_ALPHA", 3: "RGB", 4: "RGB_ALPHA"}


@dataclass
class Image:
    """Samples, channels × height × width, in the order of PNG's colour type."""

    samples: np.ndarray
    color_type: int
    depth: int
    peak: int
    palette: Palette | None = None
    transparent: list[int] | None = None


def expand_palette(samples: np.ndarray, palette: Palette) -> np.ndarray:
    """Colours of indices; an index beyond the palette is opaque black (§4)."""
    table = np.zeros((4, 256), np.int64)
    table[3] = 255
    table[:3, : len(palette.colors)] = np.array(palette.colors).T
    table[3, : len(palette.alphas)] = palette.alphas
    channels = 4 if palette.alphas else 3
    return table[:channels][:, samples[0]]


def write_image(image: Image, path: Path) -> None:
    """Writes a PNG or PAM file, as the name ends."""
    data = pam_bytes(image) if path.suffix == ".pam" else png_bytes(image)
    path.write_bytes(data)


def pam_bytes(image: Image) -> bytes:
    """A PAM file; palettes become colours, a transparent colour becomes alpha."""
    samples, peak = image.samples, image.peak
    if image.palette is not None:
        samples, peak = expand_palette(samples, image.palette), 255
    elif image.transparent is not None and image.color_type in (0, 2):
        color = np.array(image.transparent).reshape(-1, 1, 1)
        alpha = np.where((samples == color).all(axis=0), 0, peak)
        samples = np.concatenate([samples, alpha[None]])
    channels, height, width = samples.shape
    kind = "BLACKANDWHITE" if channels == 1 and peak == 1 else PAM_TYPES[channels]
    header = (
        f"P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {channels}\nMAXVAL {peak}\n"
        f"TUPLTYPE {kind}\nENDHDR\n"
    )
    sample = ">u1" if peak < 256 else ">u2"
    return header.encode() + samples.transpose(1, 2, 0).astype(sample).tobytes()


def png_bytes(image: Image) -> bytes:
    """A PNG file without metadata."""
    channels, height, width = image.samples.shape
    depths = (1, 2, 4, 8, 16) if image.color_type in (0, 3) else (8, 16)
    if image.depth not in depths or image.peak != (1 << image.depth) - 1:
        raise NotCoveredError("PNG has no samples of this depth: write PAM")
    rows = image.samples.transpose(1, 2, 0).reshape(height, width * channels)
    if image.depth == 16:
        packed = rows.astype(">u2").view(np.uint8).reshape(height, -1)
    elif image.depth == 8:
        packed = rows.astype(np.uint8)
    else:
        places = np.arange(image.depth)[::-1]
        bits = (rows[:, :, None] >> places & 1).reshape(height, -1)
        packed = np.packbits(bits.astype(np.uint8), axis=1)
    lines = np.pad(packed, ((0, 0), (1, 0))).tobytes()
    size = struct.pack(">IIBBBBB", width, height, image.depth, image.color_type, 0, 0, 0)
    chunks = [(b"IHDR", size)]
    if image.palette is not None:
        chunks.append((b"PLTE", bytes(value for color in image.palette.colors for value in color)))
        if image.palette.alphas:
            chunks.append((b"tRNS", bytes(image.palette.alphas)))
    elif image.transparent is not None:
        values = image.transparent
        chunks.append((b"tRNS", struct.pack(f">{len(values)}H", *values)))
    chunks += [(b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk with its length and checksum."""
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
