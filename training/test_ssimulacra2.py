"""Tests of the metric that the model for the eye is trained by: python -m unittest discover training

Scores were computed by PyPI ssimulacra2 0.3.0, which takes a window of eleven samples, and mirrors an image beyond
its top and bottom, where the published metric takes zeros. Photographs are those in RDCODEC_DATA, compressed
by Pillow 13.0.
"""

import io
import os
import unittest
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageFilter

import data
from distortion import distortion
from ssimulacra2 import LOSS_WEIGHTS, WEIGHTS, gaussian, score, weighted_sum

torch.set_num_threads(1)  # as training runs; more wait for each other on a busy machine
VALID = Path(os.environ.get("RDCODEC_DATA", "../shared/data"), "valid")
AS_PYPI = (True, False)
# Of the synthetic image
SYNTHETIC = {
    "noise": 71.719,
    "blocks": -14.110,
    "blur": 73.318,
    "colours": 73.102,
}
# Photograph, distortion, score
PHOTOGRAPHS = (
    ("azure-samples_003.png", "JPEG 20", 39.366),
    ("cq100_006.png", "JPEG 60", 61.049),
    ("cq100_076.png", "JPEG 90", 74.516),
    ("ct-material-kit_037.png", "WebP 30", 56.384),
    ("elementary-wallpapers_028.png", "WebP 80", 72.863),
    ("fedoradesign-backgrounds_026.png", "blur", 54.298),
    ("hoojaoh-data-stunning_005.png", "noise", 65.889),
    ("hoojaoh-data-stunning_027.png", "JPEG 20", 36.373),
    ("imazen-cid22_026.png", "JPEG 60", 72.404),
    ("imazen-cid22_108.png", "JPEG 90", 81.704),
    ("languageseed-work_suite_004.png", "WebP 30", 32.957),
    ("squeezesoftware-test_files_002.png", "WebP 80", 77.417),
)


def synthetic():
    """Ramps, waves of rising frequency and a few edges, 320 x 256."""
    y, x = np.mgrid[:256, :320].astype(float)
    waves = 40 * np.sin(x * x / 900) + 25 * np.cos(y * (x + 80) / 1500)
    edges = 60 * ((x // 50 + y // 40) % 2)
    red, green, blue = (
        a * x + b * y + c * waves + edges + d
        for a, b, c, d in ((0.2, 0.1, 1, 30), (0.1, 0.3, 0.8, 20), (0.3, 0.0, 0.5, 50))
    )
    return np.stack([red, green, blue], 2).clip(0, 255).round().astype(np.uint8)


def noise(image):
    random = np.random.default_rng(1).integers(-12, 13, image.shape)
    return (image.astype(int) + random).clip(0, 255).astype(np.uint8)


def blocks(image):
    height, width = image.shape[:2]
    means = image.reshape(height // 8, 8, width // 8, 8, 3).mean((1, 3))
    return ((image + 3 * means.repeat(8, 0).repeat(8, 1)) / 4).round().astype(np.uint8)


def blur(image):
    padded = np.pad(image.astype(float), ((1, 1), (1, 1), (0, 0)), "edge")
    rows = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    return ((rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4).round().astype(np.uint8)


def colours(image):
    return np.stack([image[..., 0] // 16 * 16 + 8, image[..., 1], image[..., 2] // 32 * 32 + 16], 2)


def compressed(image, kind, quality):
    file = io.BytesIO()
    Image.fromarray(image).save(file, kind, quality=quality)
    return np.array(Image.open(file).convert("RGB"))


def blurred(image, radius):
    return np.array(Image.fromarray(image).filter(ImageFilter.GaussianBlur(radius)))


DISTORTIONS = {
    "JPEG 20": lambda image: compressed(image, "JPEG", 20),
    "JPEG 60": lambda image: compressed(image, "JPEG", 60),
    "JPEG 90": lambda image: compressed(image, "JPEG", 90),
    "WebP 30": lambda image: compressed(image, "WEBP", 30),
    "WebP 80": lambda image: compressed(image, "WEBP", 80),
    "blur": lambda image: blurred(image, 1),
    "noise": noise,
}


def pair(image, distorted):
    return data.tensor(distorted), data.tensor(image)


class ScoreTests(unittest.TestCase):
    def test_synthetic_images_score_as_published(self):
        image = synthetic()
        for name, expected in SYNTHETIC.items():
            with self.subTest(name):
                found = score(*pair(image, globals()[name](image)), AS_PYPI).item()
                self.assertAlmostEqual(found, expected, delta=0.5)  # by the window

    @unittest.skipUnless(VALID.is_dir(), "RDCODEC_DATA names no folder with valid/")
    def test_photographs_score_as_published(self):
        for name, kind, expected in PHOTOGRAPHS:
            with self.subTest(name + ", " + kind):
                image = np.array(Image.open(VALID / name).convert("RGB"))
                found = score(*pair(image, DISTORTIONS[kind](image)), AS_PYPI).item()
                self.assertAlmostEqual(found, expected, delta=0.5)

    def test_equal_images_score_100(self):
        x = data.tensor(synthetic())
        self.assertAlmostEqual(score(x, x).item(), 100, places=5)

    def test_samples_beyond_the_range_count_as_its_ends(self):
        x = data.tensor(synthetic())
        beyond = torch.where(x == 127, 160.0, torch.where(x == -128, -150.0, x))
        self.assertGreater((beyond != x).sum(), 0)
        self.assertAlmostEqual(score(beyond, x).item(), 100, places=5)


class LossTests(unittest.TestCase):
    def test_slopes_are_those_of_finite_differences(self):
        x_hat, x = (v[:, :, :96, :96].double() for v in pair(synthetic(), blocks(synthetic())))
        x_hat.clamp_(-120, 120).requires_grad_()
        (slope,) = torch.autograd.grad(weighted_sum(x_hat, x).sum(), x_hat)
        torch.manual_seed(1)
        step = 1e-4 * torch.randn_like(x_hat)
        up, down = (weighted_sum(v, x).item() for v in (x_hat + step, x_hat - step))
        self.assertAlmostEqual((slope * step).sum().item() / ((up - down) / 2), 1, delta=1e-3)

    def test_slopes_of_equal_and_of_flat_images_are_finite(self):
        for x in (data.tensor(synthetic()), torch.zeros(2, 3, 96, 96)):
            x_hat = x.clone().requires_grad_()
            value = weighted_sum(x_hat, x)
            value.sum().backward()
            self.assertLess(value.max().item(), 1e-3)
            self.assertTrue(x_hat.grad.isfinite().all())

    def test_binary32_is_exact_enough(self):
        x_hat, x = pair(synthetic(), compressed(synthetic(), "JPEG", 95))
        exact = weighted_sum(x_hat.double(), x.double()).item()
        self.assertAlmostEqual(weighted_sum(x_hat, x).item() / exact, 1, delta=1e-3)

    def test_images_of_a_batch_do_not_mix(self):
        image = synthetic()
        pairs = [pair(image, f(image)) for f in (noise, blocks)]
        together = weighted_sum(*(torch.cat(v) for v in zip(*pairs)))
        for alone, value in zip(pairs, together):
            self.assertAlmostEqual(weighted_sum(*alone).item(), value.item(), delta=1e-4)

    def test_terms_left_out_weigh_little(self):
        x_hat, x = (v.double() for v in pair(synthetic(), blocks(synthetic())))
        whole_edges = LOSS_WEIGHTS * torch.tensor([1, 2, 2])
        kept, full = (weighted_sum(x_hat, x, w).item() for w in (whole_edges, WEIGHTS))
        self.assertLess(kept, full)
        self.assertGreater(kept, 0.99 * full)

    def test_a_window_beyond_the_ends_is_mirrored_or_ends(self):
        for size in (3, 6, 20):
            sums = gaussian(size, True, torch.float64, "cpu").sum(1)
            self.assertTrue(torch.allclose(sums, torch.ones_like(sums)))
            self.assertLess(gaussian(size, False, torch.float64, "cpu").sum(1).min().item(), 0.7)

    def test_distortion_for_psnr_is_the_squared_error(self):
        x_hat, x = torch.full((1, 3, 96, 96), 3.0), torch.zeros(1, 3, 96, 96)
        self.assertEqual(distortion(x_hat, x, "psnr").item(), 9)


if __name__ == "__main__":
    unittest.main()
