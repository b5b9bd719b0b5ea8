"""Computes, with public implementations, the constants that the tests of the metrics hold.

    pip install scikit-image==0.26.0 tensorflow-cpu==2.21.0 -r scripts/requirements.txt
    python3 scripts/metrics_reference.py

The images are those of Tests/RDCodecTests/MetricsTests.swift, the curves those of
MetricsBDRateTests.swift.
"""

import numpy as np
import tensorflow as tf
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from curves import bd_rate
from split_mix import split_mix

# Width, height, channels, depth, seed.
SHAPES = (
    (192, 176, 3, 8, 7), (192, 176, 3, 16, 7), (80, 48, 1, 8, 8), (203, 181, 3, 8, 9),
    (161, 161, 3, 8, 10), (177, 305, 1, 8, 11), (162, 163, 3, 8, 12),
)  # fmt: skip


def images(width, height, channels, depth, seed):
    """A pattern of ramps and its noisy copy."""
    random, step = split_mix(seed), 257 if depth == 16 else 1
    clean = np.zeros((channels, height, width))
    noisy = clean.copy()
    for channel in range(channels):
        for y in range(height):
            for x in range(width):
                value = ((x * (channel + 1) + 2 * y) ^ ((x * y) >> 5)) & 255
                noise = next(random) % 32 - 16
                clean[channel, y, x] = value * step
                noisy[channel, y, x] = min(max(value + noise, 0), 255) * step
    return clean, noisy


def similarity(a, b, peak):
    return structural_similarity(
        a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=peak
    )


def multi_scale(clean, noisy, peak):
    """MS-SSIM by TensorFlow; None where it refuses the size."""
    pair = (tf.constant(np.moveaxis(planes, 0, 2), tf.float32) for planes in (clean, noisy))
    try:
        return float(tf.image.ssim_multiscale(*pair, peak))
    except tf.errors.InvalidArgumentError:
        return None


def main():
    for shape in SHAPES:
        clean, noisy = images(*shape)
        peak = 2 ** shape[3] - 1
        psnr = [peak_signal_noise_ratio(*pair, data_range=peak) for pair in zip(clean, noisy)]
        pooled = peak_signal_noise_ratio(clean, noisy, data_range=peak)
        ssim = [similarity(*pair, peak) for pair in zip(clean, noisy)]
        scales = multi_scale(clean, noisy, peak)
        print(shape, f"pooled {pooled!r} mean {np.mean(psnr)!r} SSIM {np.mean(ssim)!r}")
        print(f"  MS-SSIM {scales!r}")
    known = (
        zip([85.95, 157.11, 309.58, 686.76], [31.42, 34.24, 37.18, 40.28]),
        zip([112.75, 204.93, 407.8, 893.34], [31.24, 34.17, 37.21, 40.39]),
    )
    uneven = (
        zip([0.1, 0.3, 0.35, 1.2, 1.3, 4], [26, 27.5, 31, 33, 38, 39]),
        zip([0.2, 0.22, 0.9], [27, 30, 36.5]),
    )
    for anchor, test in (known, uneven):
        print(100 * bd_rate(list(anchor), list(test))[0])


if __name__ == "__main__":
    main()
