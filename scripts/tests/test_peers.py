import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from metrics import psnr
from peers import LOSSLESS, LOSSY, lossless_versions
from tool import own_and_passed_on

RAMP = np.add.outer(np.arange(48) * 3, np.arange(64) * 2).astype(np.uint8)
RGB = np.stack([RAMP, RAMP[::-1], 255 - RAMP], axis=2)


@pytest.mark.parametrize("name", LOSSY)
def test_lossy_peers_get_better_and_larger(name):
    peer = LOSSY[name]
    files, pictures = zip(*(peer.encode(RGB, q) for q in (peer.qualities[0], peer.qualities[-1])))
    assert len(files[0]) < len(files[1])
    assert psnr(RGB, pictures[0]) < psnr(RGB, pictures[1])
    assert pictures[1].shape == RGB.shape


@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_peers_give_back_grey_and_rgb(name):
    peer = LOSSLESS[name]
    assert np.array_equal(peer.decode(peer.encode(RGB)), RGB)
    grey = peer.decode(peer.encode(RAMP[..., None]))
    assert np.array_equal(grey if grey.ndim == 2 else grey[..., 0], RAMP)


def test_webp_has_no_16_bits():
    assert LOSSLESS["WebP m6"].encode(RGB.astype(np.uint16)) is None


@pytest.mark.parametrize("name", LOSSY)
def test_no_peer_writes_metadata(name, tmp_path):
    # An image that Pillow would pass a profile on from.
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = tmp_path / "a.png"
    Image.fromarray(RGB).save(path, icc_profile=profile)
    data, _ = LOSSY[name].encode(np.asarray(Image.open(path)), LOSSY[name].qualities[0])
    if not name.startswith("JPEG XL"):
        with Image.open(io.BytesIO(data)) as image:
            assert "icc_profile" not in image.info
    assert profile not in data


def test_every_peer_says_what_it_is():
    assert lossless_versions().keys() == LOSSLESS.keys()
    for words in [*lossless_versions().values(), *(peer.description for peer in LOSSY.values())]:
        assert any(character.isdigit() for character in words)
        assert "?" not in words and "None" not in words


def test_arguments_after_two_dashes_are_passed_on():
    assert own_and_passed_on(["a", "--", "--tune", "visual"]) == (["a"], ["--tune", "visual"])
    assert own_and_passed_on(["a", "-b"]) == (["a", "-b"], [])
