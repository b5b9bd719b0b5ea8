"""PSNR and MS-SSIM of 8-bit RGB images, as `rdcodec bench` computes them, and SSIMULACRA 2.1 by PyPI ssimulacra2.

Two more, which nothing here is made for: ColorVideoVDP (PyPI cvvdp) and Butteraugli (libjxl's program).
"""

import functools
import io
import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from ssimulacra2 import compute_ssimulacra2

# Of the five scales, finest first (Wang, Simoncelli and Bovik, 2003).
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
SIGMA, RADIUS = 1.5, 5
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
# Halved four times and rounded up, one window of 11 is left.
SMALLEST_SIDE = 161


def psnr(before, after):
    """In dB, over all samples; infinite for equal images."""
    error = np.mean((before.astype(np.float64) - after) ** 2)
    return 10 * np.log10(255**2 / error) if error else np.inf


def _means(planes):
    """Weighted means over every window that lies inside, for (height, width, channels)."""
    means = gaussian_filter(planes, SIGMA, radius=RADIUS, axes=(0, 1))
    return means[RADIUS:-RADIUS, RADIUS:-RADIUS]


def _similarity(a, b):
    """Per channel SSIM, and its contrast and structure alone; means over windows."""
    mean_a, mean_b = _means(a), _means(b)
    variances = _means(a * a + b * b) - mean_a**2 - mean_b**2
    covariance = _means(a * b) - mean_a * mean_b
    structure = (2 * covariance + C2) / (variances + C2)
    luminance = (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
    return np.mean(luminance * structure, axis=(0, 1)), np.mean(structure, axis=(0, 1))


def _halved(planes):
    """2 x 2 means; an odd last row or column counts twice."""
    height, width, channels = planes.shape
    planes = np.pad(planes, ((0, height % 2), (0, width % 2), (0, 0)), "edge")
    return planes.reshape((height + 1) // 2, 2, (width + 1) // 2, 2, channels).mean(axis=(1, 3))


def ms_ssim(before, after):
    """Mean over the channels, as `tf.image.ssim_multiscale` and MSSSIM.swift define it.

    Takes (height, width, channels); raises ValueError where a side is below 161 pixels.
    """
    if before.shape != after.shape:
        raise ValueError(f"images of different shapes: {before.shape} and {after.shape}")
    if min(before.shape[:2]) < SMALLEST_SIDE:
        raise ValueError(
            f"{before.shape[1]} x {before.shape[0]} pixels: MS-SSIM has five scales and needs"
            f" {SMALLEST_SIDE} pixels a side"
        )
    a, b = (image.astype(np.float64) for image in (before, after))
    product = np.ones(before.shape[2])
    for scale, weight in enumerate(WEIGHTS):
        if scale:
            a, b = _halved(a), _halved(b)
        full, structure = _similarity(a, b)
        value = full if scale == len(WEIGHTS) - 1 else structure
        product *= np.maximum(value, 0) ** weight
    return float(product.mean())


def decibels(similarity):
    """A similarity on a scale that is as even as that of PSNR; infinite for 1."""
    return -10 * np.log10(1 - similarity) if similarity < 1 else np.inf


def ssimulacra2(before, after):
    """Score of SSIMULACRA 2.1: 100 for equal images, about 90 where no difference is seen, below 0 for ruins."""

    def file(samples):
        stored = io.BytesIO()
        Image.fromarray(samples).save(stored, "PPM")
        return stored

    return float(compute_ssimulacra2(file(before), file(after)))


@functools.cache
def _viewer():
    """ColorVideoVDP's model of who sits before a 4K display of 30 inches, 200 cd/m2, at 0.75 m."""
    import pycvvdp  # a second to load, and PyTorch with it
    import torch

    torch.set_num_threads(1)
    return pycvvdp.cvvdp(display_name="standard_4k")


def cvvdp(before, after):
    """ColorVideoVDP in JOD: 10 for equal images, 1 less where three of four see which is the original."""
    score, _ = _viewer().predict(after, before, dim_order="HWC")
    return float(score)


def butteraugli(before, after):
    """Minus Butteraugli's 3-norm, so that more is better; by libjxl's `butteraugli_main`, as Debian has it."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("before.png", "after.png")]
        for file, samples in zip(files, (before, after)):
            Image.fromarray(samples).save(file)
        output = subprocess.run(
            ["butteraugli_main", *files, "--pnorm", "3"], check=True, capture_output=True, text=True
        ).stdout  # fmt: skip
    return -float(re.search(r"3-norm: ([0-9.]+)", output)[1])
