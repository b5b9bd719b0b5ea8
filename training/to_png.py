"""Writes images as RGB PNG files, for tools that read nothing else; or synthetic drawings in their place.

    python3 training/to_png.py FOLDER OUTPUT-FOLDER [DRAWINGS]

DRAWINGS: so many drawings, some with pieces of the folder's images.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from drawings import drawings

SEED = 7

source, target = map(Path, sys.argv[1:3])
target.mkdir(parents=True, exist_ok=True)
images = ((path.stem, Image.open(path).convert("RGB")) for path in sorted(source.iterdir()))
if len(sys.argv) > 3:
    photographs = [np.array(image) for _, image in images]
    made = drawings(int(sys.argv[3]), SEED, photographs)
    images = ((f"drawing{i:04}", Image.fromarray(drawing)) for i, drawing in enumerate(made))
for name, image in images:
    image.save(target / f"{name}.png", compress_level=1)
