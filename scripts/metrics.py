"""PSNR and MS-SSIM of 8-bit RGB images, as `rdcodec bench` computes them."""

import numpy as np

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
WINDOW = np.exp(-((np.arange(11) - 5.0) ** 2) / (2 * 1.5**2))
WINDOW /= WINDOW.sum()


def psnr(before, after):
    """In dB, over all samples."""
    error = np.mean((before.astype(np.float64) - after) ** 2)
    return 10 * np.log10(255**2 / error) if error else np.inf


def _blurred(plane):
    """Weighted means over every window inside the plane."""
    for axis in (0, 1):
        count = plane.shape[axis] - len(WINDOW) + 1
        plane = sum(
            weight * plane.take(range(k, k + count), axis) for k, weight in enumerate(WINDOW)
        )
    return plane


def _similarity(a, b):
    """SSIM, and its contrast and structure alone; means over windows."""
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_a, mean_b = _blurred(a), _blurred(b)
    variances = _blurred(a * a + b * b) - mean_a**2 - mean_b**2
    covariance = _blurred(a * b) - mean_a * mean_b
    structure = (2 * covariance + c2) / (variances + c2)
    luminance = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    return np.mean(luminance * structure), np.mean(structure)


def _halved(plane):
    height, width = (side // 2 * 2 for side in plane.shape)
    return plane[:height, :width].reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))


def ms_ssim(before, after):
    """Mean over the channels; fewer scales where a side is below 176 pixels (MSSSIM.swift)."""
    scales = sum(min(before.shape[:2]) >> scale >= len(WINDOW) for scale in range(len(WEIGHTS)))
    weights = np.array(WEIGHTS[:scales]) / sum(WEIGHTS[:scales])
    values = []
    for channel in range(before.shape[2]):
        a, b = (image[..., channel].astype(np.float64) for image in (before, after))
        value = 1.0
        for scale, weight in enumerate(weights):
            if scale:
                a, b = _halved(a), _halved(b)
            full, structure = _similarity(a, b)
            value *= max(full if scale == scales - 1 else structure, 0) ** weight
        values.append(value)
    return float(np.mean(values))


def ms_ssim_decibels(before, after):
    """On a scale that is as even as that of PSNR."""
    return -10 * np.log10(1 - ms_ssim(before, after))
