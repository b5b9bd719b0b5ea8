import dataclasses
import struct
import zlib

import numpy as np
import pytest

import png


def chunk(kind, payload):
    body = kind + payload
    return struct.pack(">I", len(payload)) + body + struct.pack(">I", zlib.crc32(body))


def file(*extra, depth=8, color=2):
    """A PNG of 2 x 1 pixels with further chunks before the samples."""
    header = struct.pack(">IIBBBBB", 2, 1, depth, color, 0, 0, 0)
    pixels = zlib.compress(bytes([0, 1, 2, 3, 4, 5, 6]))
    parts = [(b"IHDR", header), *extra, (b"IDAT", pixels), (b"IEND", b"")]
    return png.SIGNATURE + b"".join(chunk(*part) for part in parts)


def test_reads_samples_and_metadata(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(file((b"tEXt", b"a\0b")))
    found = png.read(path)
    assert found.samples.tolist() == [[[1, 2, 3], [4, 5, 6]]]
    assert found.ancillary == [(b"tEXt", b"a\0b")]


def test_stripped_keeps_samples_and_transparency_alone():
    clear = (b"tRNS", bytes(6))
    full = file((b"iCCP", b"profile"), clear, (b"acTL", bytes(8)))
    assert png.stripped(full) == file(clear)


def test_damage_is_an_error(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(file()[:-20])
    with pytest.raises(png.PNGError):
        png.read(path)


def test_palettes_and_low_depths_become_8_bits():
    palette = png.PNG(2, 1, 1, png.PALETTE, np.array([[[0], [1]]], np.uint16), bytes(range(6)))
    assert png.expand(palette).tolist() == [[[0, 1, 2], [3, 4, 5]]]
    beyond = dataclasses.replace(palette, samples=np.array([[[1], [2]]], np.uint16))
    assert png.expand(beyond).tolist() == [[[3, 4, 5], [0, 0, 0]]]
    assert png.expand(dataclasses.replace(beyond, transparency=bytes(3))).shape == (1, 2, 3)
    grey = png.PNG(2, 1, 2, png.GREY, np.array([[[1], [3]]], np.uint16))
    assert png.expand(grey).tolist() == [[[85], [255]]]
