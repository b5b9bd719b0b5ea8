"""Pillow opens and saves .rdc files."""

import io
import pickle

import numpy as np
import pytest
from PIL import Image

import rdcodec
import rdcodec.pillow


def gradient(mode, size=(40, 30)):
    image = Image.radial_gradient("L").resize(size)
    if mode == "P":
        return image.convert("RGB").quantize(16)
    if mode == "I;16":
        return Image.fromarray(np.asarray(image).astype(np.uint16) * 257 + 3)
    return image.convert(mode)


def saved(image, **options):
    file = io.BytesIO()
    image.save(file, "RDC", **options)
    file.seek(0)
    return file


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_modes_come_back(mode):
    image = gradient(mode)
    with Image.open(saved(image)) as again:
        assert (again.format, again.mode, again.size) == ("RDC", mode, image.size)
        assert again.tobytes() == image.tobytes()
        if mode == "P":
            assert again.getpalette()[: 3 * 16] == image.getpalette()[: 3 * 16]


@pytest.mark.parametrize("mode", ["CMYK", "F", "I", "HSV"])
def test_other_modes_are_refused(mode):
    with pytest.raises(OSError, match=mode):
        saved(gradient("L").convert(mode))


def test_paths_are_known_by_their_extension(tmp_path):
    path = tmp_path / "a.rdc"
    gradient("RGB").save(path, quality=60, effort=1)
    with Image.open(path) as image:
        assert image.size == (40, 30)
        assert Image.MIME["RDC"] == "image/x-rdcodec"


def test_metadata_goes_along():
    image = gradient("RGB")
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    with Image.open(saved(image, exif=exif, dpi=(300, 300), xmp=b"<x/>")) as again:
        assert again.getexif()[0x010F] == "Maker"
        assert again.info["dpi"] == pytest.approx((300, 300), rel=1e-3)
        assert again.info["xmp"] == b"<x/>"
        png = io.BytesIO()
        again.save(png, "PNG")
        with Image.open(saved(again)) as third:
            assert third.getexif()[0x010F] == "Maker"


def test_a_part_is_decoded_alone():
    image = gradient("RGB", (300, 200))
    again = Image.open(saved(image))
    assert again.crop((30, 20, 130, 90)).tobytes() == image.crop((30, 20, 130, 90)).tobytes()
    assert not again._is_loaded
    assert again.crop((-5, -5, 20, 20)).tobytes() == image.crop((-5, -5, 20, 20)).tobytes()


def test_thumbnails_come_from_the_preview():
    noise = np.random.default_rng(1).integers(0, 40, (200, 300, 3), np.uint8)
    image = Image.fromarray(np.asarray(gradient("RGB", (300, 200))) // 2 + noise)
    again = Image.open(saved(image, preview=50.0))
    again.thumbnail((60, 60))
    assert again.size == (60, 40)
    plain = image.copy()
    plain.thumbnail((60, 60))
    difference = np.abs(np.asarray(again).astype(int) - np.asarray(plain).astype(int))
    assert difference.mean() < 4


def test_transparency_of_one_colour():
    image = gradient("RGB")
    image.info["transparency"] = image.getpixel((0, 0))
    with Image.open(saved(image)) as again:
        assert again.mode == "RGBA" and again.getpixel((0, 0))[3] == 0


def test_what_is_damaged():
    data = saved(gradient("RGB")).getvalue()
    with pytest.raises(OSError):
        Image.open(io.BytesIO(data[:20]))
    with pytest.raises((OSError, rdcodec.Error)):
        Image.open(io.BytesIO(data[:-5])).load()


def test_sixteen_bits_of_colour_are_said_to_be_rounded():
    array = np.random.default_rng(1).integers(0, 65536, (9, 9, 3), np.uint16)
    image = Image.open(io.BytesIO(rdcodec.encode(array)))
    with pytest.warns(rdcodec.Note, match="16 bits"):
        image.load()
    assert np.array_equal(np.asarray(image), (array.astype(int) * 255 + 32767) // 65535)


def test_imageio():
    imageio = pytest.importorskip("imageio.v3")
    array = np.asarray(gradient("RGB"))
    data = imageio.imwrite("<bytes>", array, extension=".rdc", plugin="pillow")
    assert np.array_equal(imageio.imread(data, plugin="pillow", extension=".rdc"), array)


def test_parts_keep_the_profile_and_a_draft_can_be_taken_back():
    again = Image.open(saved(gradient("RGB", (300, 200)), preview=50.0, xmp=b"<x/>"))
    assert again.crop((0, 0, 20, 20)).info["xmp"] == b"<x/>"
    again.draft("RGB", (60, 40))
    again.draft("RGB", (300, 200))
    assert again.tobytes() == gradient("RGB", (300, 200)).tobytes()


def test_pickled_images():
    image = pickle.loads(pickle.dumps(Image.open(saved(gradient("RGB")))))
    assert image.crop((0, 0, 5, 5)).tobytes() == gradient("RGB").crop((0, 0, 5, 5)).tobytes()
    image.thumbnail((10, 10))
