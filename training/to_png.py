"""Writes images as RGB PNG files, for tools that read nothing else.

    python3 training/to_png.py FOLDER OUTPUT-FOLDER
"""

import sys
from pathlib import Path

from PIL import Image

source, target = map(Path, sys.argv[1:3])
target.mkdir(parents=True, exist_ok=True)
for path in sorted(source.iterdir()):
    Image.open(path).convert("RGB").save(target / f"{path.stem}.png", compress_level=1)
