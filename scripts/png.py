"""A PNG reader that shares nothing with libpng: it checks what rdcodec reads and writes.

Source: W3C, "Portable Network Graphics (PNG) Specification", third edition.
"""

import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8)}
# First column, first row, column step and row step of the passes of Adam7.
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2))
ADAM7 += ((0, 1, 1, 2),)


class PNGError(ValueError):
    """The file breaks the specification; the message says where."""


@dataclass
class PNG:
    """What a PNG says, however it was filtered, interlaced and deflated."""

    width: int
    height: int
    depth: int
    color_type: int
    samples: np.ndarray  # (height, width, channels) of uint16, as stored
    palette: bytes = b""
    transparency: bytes = b""
    ancillary: list = field(default_factory=list)  # (type, payload), sorted


def chunks(data):
    """The chunks of a file as (type, payload)."""
    if data[:8] != SIGNATURE:
        raise PNGError("no PNG signature")
    at = 8
    while at < len(data):
        if len(data) < at + 12:
            raise PNGError(f"the file ends inside the chunk at byte {at}")
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 4 : at + 8 + length]
        if data[at + 8 + length : at + 12 + length] != struct.pack(">I", zlib.crc32(body)):
            raise PNGError(f"the chunk at byte {at} is cut off or has a wrong checksum")
        yield kind, body[4:]
        at += 12 + length


def stripped(data):
    """The file without what is not needed for its samples: metadata, animation."""
    kept = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
    result = bytearray(SIGNATURE)
    for kind, payload in chunks(data):
        if kind in kept:
            body = kind + payload
            result += struct.pack(">I", len(payload)) + body + struct.pack(">I", zlib.crc32(body))
    return bytes(result)


def unfilter(rows, filters, step):
    """Undoes the filters; `rows` is (height, bytes), `step` the distance of like bytes.

    A pixel needs those to the left of and above it, so pixels on one diagonal go together.
    """
    height, width = rows.shape[0], rows.shape[1] // step
    raw = rows.reshape(height, width, step).astype(np.int16)
    out = np.zeros((height + 1, width + 1, step), np.int16)
    for diagonal in range(width + height - 1):
        y = np.arange(max(0, diagonal - width + 1), min(height, diagonal + 1))
        x = diagonal - y
        left, up, corner = out[y + 1, x], out[y, x + 1], out[y, x]
        to_left, to_up = np.abs(up - corner), np.abs(left - corner)
        to_corner = np.abs(left + up - 2 * corner)
        paeth = np.where(to_up <= to_corner, up, corner)
        paeth = np.where((to_left <= to_up) & (to_left <= to_corner), left, paeth)
        choices = np.stack([np.zeros_like(left), left, up, (left + up) >> 1, paeth])
        prediction = choices[filters[y], np.arange(len(y))]
        out[y + 1, x + 1] = (raw[y, x] + prediction) & 255
    return out[1:, 1:].reshape(height, width * step).astype(np.uint8)


def unpack(rows, width, depth, channels):
    """Bytes of rows to (height, width, channels) samples."""
    if depth == 16:
        values = rows.reshape(len(rows), -1, 2).astype(np.uint16)
        values = values[..., 0] << 8 | values[..., 1]
    else:
        bits = np.unpackbits(rows, axis=1).reshape(len(rows), -1, depth)
        values = bits @ (1 << np.arange(depth)[::-1]).astype(np.uint16)
    return values[:, : width * channels].reshape(len(rows), width, channels).astype(np.uint16)


def read_pass(pixels, at, width, height, depth, channels):
    """One image or Adam7 pass that starts at byte `at`, and where the next one starts."""
    row_size = (width * depth * channels + 7) // 8
    end = at + height * (row_size + 1)
    if len(pixels) < end:
        raise PNGError("too little image data")
    block = np.frombuffer(pixels[at:end], np.uint8).reshape(height, row_size + 1)
    if block[:, 0].max() > 4:
        raise PNGError("unknown filter")
    rows = unfilter(block[:, 1:], block[:, 0], max(1, depth * channels // 8))
    return unpack(rows, width, depth, channels), end


def read(path):
    """The contents of a PNG file; raises PNGError."""
    parts = list(chunks(Path(path).read_bytes()))
    if not parts or parts[0][0] != b"IHDR" or len(parts[0][1]) != 13:
        raise PNGError("no IHDR")
    width, height, depth, color, packing, filtering, interlace = struct.unpack(
        ">IIBBBBB", parts[0][1]
    )
    if color not in CHANNELS or depth not in DEPTHS.get(color, (8, 16)):
        raise PNGError(f"depth {depth} with colour type {color}")
    if not width or not height or packing or filtering or interlace > 1:
        raise PNGError("IHDR holds a value that is not allowed")
    first = dict(reversed(parts))
    if b"IDAT" not in first or b"IEND" not in first:
        raise PNGError("no image data or no end")
    if color == PALETTE and b"PLTE" not in first:
        raise PNGError("no palette")
    try:
        pixels = zlib.decompress(b"".join(body for kind, body in parts if kind == b"IDAT"))
    except zlib.error as error:
        raise PNGError(str(error)) from None

    channels, at = CHANNELS[color], 0
    samples = np.zeros((height, width, channels), np.uint16)
    for left, top, right, down in ADAM7 if interlace else ((0, 0, 1, 1),):
        area = samples[top::down, left::right]
        if area.size:
            area[...], at = read_pass(pixels, at, area.shape[1], area.shape[0], depth, channels)

    # A palette in an RGB image is a suggestion, so it counts as ancillary.
    handled = {b"IHDR", b"IDAT", b"IEND", b"tRNS"} | ({b"PLTE"} if color == PALETTE else set())
    ancillary = sorted(part for part in parts if part[0] not in handled)
    palette = first[b"PLTE"] if color == PALETTE else b""
    transparency = first.get(b"tRNS", b"")
    return PNG(width, height, depth, color, samples, palette, transparency, ancillary)


def expand(png):
    """Samples that any codec takes: grey, grey and alpha, RGB or RGBA of 8 or 16 bits.

    A palette becomes RGB, or RGBA where entries have alpha; fewer than 8 bits are scaled up. As
    libpng has it, indices beyond the palette are black, and alpha of more entries than it has is none.
    """
    if png.color_type == PALETTE:
        listed = np.frombuffer(png.palette, np.uint8).reshape(-1, 3)
        table = np.zeros((256, 3), np.uint8)
        table[: len(listed)] = listed
        if 0 < len(png.transparency) <= len(listed):
            alpha = np.full(len(table), 255, np.uint8)
            alpha[: len(png.transparency)] = np.frombuffer(png.transparency, np.uint8)
            table = np.column_stack([table, alpha])
        return table[png.samples[..., 0]]
    if png.depth == 16:
        return png.samples
    return (png.samples * (255 // ((1 << png.depth) - 1))).astype(np.uint8)
