#!/usr/bin/env bash
# WebP's slowest lossless method writes a smooth-edged drawing a tenth larger than its fastest.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pillow==13.0.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
import io
import numpy as np
from PIL import Image, ImageDraw, features
random = np.random.default_rng(3)
image = Image.new("RGB", (400, 300), (230, 230, 230))
draw = ImageDraw.Draw(image)
colors = [tuple(int(v) for v in random.integers(0, 256, 3)) for _ in range(12)]
for i in range(200):
    x, y = (int(v) for v in random.integers(0, 400, 2))
    r = int(random.integers(4, 40))
    if i % 3 == 0:
        draw.ellipse((x - r, y - r, x + r, y + r), fill=colors[i % 12])
    elif i % 3 == 1:
        draw.polygon([(x, y), (x + r, y + 2 * r), (x - r, y + r)], fill=colors[i % 12])
    else:
        draw.line((x, y, x + 4 * r, y - 2 * r), fill=colors[i % 12], width=3)
image = image.resize((800, 600), Image.Resampling.LANCZOS)
sizes = []
for method in (0, 6):
    file = io.BytesIO()
    image.save(file, "WEBP", lossless=True, quality=75, method=method)
    sizes.append(len(file.getvalue()))
print(f"libwebp {features.version('webp')}, quality 75: method 0 {sizes[0]}, method 6 {sizes[1]} bytes")
assert sizes[1] > 1.1 * sizes[0]
PY
