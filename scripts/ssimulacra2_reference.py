"""Computes, with PyPI ssimulacra2, the scores that Tests/RDCodecTests/MetricsSSIMULACRA2Tests.swift holds.

    pip install -r scripts/requirements.txt
    python3 scripts/ssimulacra2_reference.py

Images and distortions are those of the tests: integers alone.
"""

import numpy as np

from metrics import ssimulacra2
from split_mix import split_mix

# Width, height, channels, distortion.
CASES = (
    (160, 120, 3, "blur"), (160, 120, 3, "noise"), (160, 120, 3, "faint noise"),
    (160, 120, 3, "quantisation"), (160, 120, 3, "colour shift"), (160, 120, 3, "blocks"),
    (160, 120, 3, "brightness"), (160, 120, 3, "negative"), (97, 61, 3, "blur"),
    (61, 97, 3, "noise"), (97, 61, 3, "blocks"), (333, 257, 3, "blocks"), (160, 120, 1, "noise"),
    (97, 61, 1, "blocks"), (8, 8, 3, "noise"), (9, 200, 3, "blur"), (200, 11, 3, "quantisation"),
)  # fmt: skip


def picture(width, height, channels):
    """Ramps, waves of rising frequency and edges, channels x height x width."""
    y, x = np.mgrid[:height, :width]
    planes = []
    for channel in range(channels):
        wave = abs((x * x // 24 + (3 + channel) * y) % 128 - 64)
        edge = 50 * ((x // 17 + y // 13) % 2)
        planes.append(20 + (x + (channel + 1) * y) // 3 + wave * (4 - channel) // 4 + edge)
    return np.minimum(np.stack(planes), 255)


def noise(planes, reach):
    random = split_mix(5)
    errors = [next(random) % (2 * reach + 1) - reach for _ in range(planes.size)]
    return planes + np.array(errors).reshape(planes.shape)


def blur(planes):
    padded = np.pad(planes, ((0, 0), (1, 1), (1, 1)), "edge")
    rows = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    return (rows[..., :-2] + 2 * rows[..., 1:-1] + rows[..., 2:] + 8) // 16


def blocks(planes):
    result = planes.copy()
    for y in range(0, planes.shape[1], 8):
        for x in range(0, planes.shape[2], 8):
            block = planes[:, y : y + 8, x : x + 8]
            count = block[0].size
            mean = block.sum((1, 2)) // count
            result[:, y : y + 8, x : x + 8] = (block + 3 * mean[:, None, None]) // 4
    return result


def colour_shift(planes):
    return np.stack([planes[0] + 10, planes[1] - 6, planes[2] // 32 * 32 + 16])


DISTORTIONS = {
    "blur": blur,
    "noise": lambda planes: noise(planes, 12),
    "faint noise": lambda planes: noise(planes, 1),
    "quantisation": lambda planes: planes // 16 * 16 + 8,
    "colour shift": colour_shift,
    "blocks": blocks,
    "brightness": lambda planes: planes + 5,
    "negative": lambda planes: 255 - planes,
}


def samples(planes):
    """As height x width x 3."""
    rgb = np.broadcast_to(planes, (3, *planes.shape[1:]))
    return np.ascontiguousarray(np.moveaxis(rgb, 0, 2).clip(0, 255).astype(np.uint8))


def main():
    for width, height, channels, name in CASES:
        before = picture(width, height, channels)
        score = ssimulacra2(samples(before), samples(DISTORTIONS[name](before)))
        print(f'(({width}, {height}), {channels}, "{name}", {score:.4f}),')


if __name__ == "__main__":
    main()
