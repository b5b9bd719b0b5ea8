#!/usr/bin/env bash
# libjxl 0.12.0 writes bilevel pages more than twice as large as 0.11.1, losslessly, at effort 7.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/see.py" <<'PY'
import io
import pillow_jxl  # registers the format
from PIL import Image, ImageDraw
image = Image.new("L", (1200, 1600), 255)
draw = ImageDraw.Draw(image)
words = "the quick brown fox jumps over a lazy dog while seven wizards box".split()
seed = 1
for y in range(60, 1540, 18):
    line = []
    for _ in range(22):
        seed = (seed * 1103515245 + 12345) % 2**31
        line.append(words[(seed >> 16) % len(words)])
    draw.text((80, y), " ".join(line), fill=0)
image = image.point(lambda value: 255 if value > 127 else 0)
file = io.BytesIO()
image.save(file, "JXL", lossless=True, effort=7)
assert Image.open(file).convert("L").tobytes() == image.tobytes()
print(len(file.getvalue()))
PY
for version in 1.3.4 1.3.8; do
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install -q pillow==13.0.0 "pillow-jxl-plugin==$version"
done
old=$("$folder/1.3.4/bin/python" "$folder/see.py")
new=$("$folder/1.3.8/bin/python" "$folder/see.py")
echo "a page of text, lossless, effort 7: libjxl 0.11.1 $old bytes, libjxl 0.12.0 $new bytes"
((new > 2 * old))
