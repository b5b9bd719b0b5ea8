import numpy as np
import pytest

from metrics import decibels, ms_ssim, psnr


def pattern(width, height):
    """Ramps and what is left of them after rounding to steps of 16: without a random generator."""
    y, x, channel = np.mgrid[:height, :width, :3]
    clean = ((x * (channel + 1) + 2 * y) ^ ((x * y) >> 5)) & 255
    return clean.astype(np.uint8), (clean // 16 * 16 + 8).astype(np.uint8)


# TensorFlow 2.21.0, tf.image.ssim_multiscale, in single precision: it is off by up to 4e-6.
@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (176, 176, 0.994648277759552),
        (161, 161, 0.9939717650413513),
        (162, 163, 0.9940133690834045),
        (177, 305, 0.9966292977333069),
        (255, 200, 0.9963533282279968),
    ],
)
def test_agrees_with_tensorflow(width, height, expected):
    assert ms_ssim(*pattern(width, height)) == pytest.approx(expected, abs=5e-6)


def test_small_images_are_refused():
    with pytest.raises(ValueError, match=r"300 x 160 pixels: .* needs 161"):
        ms_ssim(*pattern(300, 160))


def test_different_shapes_are_refused():
    with pytest.raises(ValueError, match="different shapes"):
        ms_ssim(pattern(200, 200)[0], pattern(200, 201)[0])


def test_equal_images_are_infinitely_good():
    clean, _ = pattern(161, 161)
    assert ms_ssim(clean, clean) == 1
    assert decibels(1) == psnr(clean, clean) == np.inf


def test_psnr_is_of_all_samples():
    before = np.zeros((1, 2, 3), np.uint8)
    after = before.copy()
    after[0, 0, 1] = 3  # a mean squared error of 1.5
    assert psnr(before, after) == pytest.approx(46.369891, abs=1e-6)
