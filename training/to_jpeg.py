"""Writes images as JPEG files of many qualities and samplings, for what the models of their levels start from.

    python3 training/to_jpeg.py OUTPUT-FOLDER FILE...

Of every image two files, of settings drawn at random.
"""

import random
import sys
from pathlib import Path

from PIL import Image

SEED = 5
# Quality, and Pillow's number of the sampling: 0 is 4:4:4, 1 4:2:2, 2 4:2:0
SETTINGS = (
    (50, 2),
    (65, 2),
    (75, 2),
    (80, 2),
    (85, 2),
    (90, 2),
    (80, 1),
    (90, 1),
    (75, 0),
    (92, 0),
    (95, 0),
    (97, 0),
)

target = Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
choice = random.Random(SEED)
for path in sorted(map(Path, sys.argv[2:])):
    image = Image.open(path).convert("RGB")
    for quality, sampling in choice.sample(SETTINGS, 2):
        image.save(
            target / f"{path.stem}_{quality}_{sampling}.jpg", quality=quality, subsampling=sampling
        )
