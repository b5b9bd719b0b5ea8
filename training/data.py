"""Images for training and validation, and the random crops that training sees."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image


def load(folder, pattern, limit=None):
    """The images of a folder as uint8 arrays of shape H x W x 3, sorted by name."""
    files = sorted(Path(folder).glob(pattern))[:limit]
    if not files:
        raise SystemExit(
            f"no {pattern} in {folder}: set --data to the folder that holds train/ and valid/"
        )
    return [np.array(Image.open(f).convert("RGB")) for f in files]


def tensor(image):
    """1 x 3 x H x W floats in [-128, 127]."""
    return torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None].float() - 128


class Crops:
    """Random square crops, flipped left-right and transposed at random; a pure function of the seed.

    A fraction of the crops is taken from `drawings`, the rest from `photographs`. A fraction `grey` loses its colour.
    """

    def __init__(self, photographs, drawings, fraction, grey, size, seed):
        self.photographs = [i for i in photographs if min(i.shape[:2]) >= size]
        self.drawings, self.fraction, self.grey, self.size = drawings, fraction, grey, size
        self.random = np.random.default_rng(seed)

    def batch(self, count):
        crops = []
        for _ in range(count):
            images = self.drawings if self.random.random() < self.fraction else self.photographs
            image = images[self.random.integers(len(images))]
            y, x = (self.random.integers(n - self.size + 1) for n in image.shape[:2])
            crop = image[y : y + self.size, x : x + self.size][:, :: self.random.choice((-1, 1))]
            if self.random.random() < self.grey:
                crop = np.repeat((crop.mean(2, keepdims=True) + 0.5).astype(np.uint8), 3, 2)
            crops.append(tensor(crop.transpose(1, 0, 2) if self.random.integers(2) else crop))
        return torch.cat(crops)
