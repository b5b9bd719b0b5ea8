#!/usr/bin/env bash
# AVIF quality 60 loses 7 dB on texture from Pillow 11.3 to 13.0: libavif 1.4 tunes for the eye unasked.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/see.py" <<'PY'
import io
import sys
import numpy as np
import PIL
from PIL import Image, features
grey = np.clip(128 + np.random.default_rng(1).normal(0, 40, (256, 256, 1)), 0, 255)
samples = grey.astype(np.uint8).repeat(3, 2)
def decibels(**options):
    file = io.BytesIO()
    Image.fromarray(samples).save(file, "AVIF", quality=60, subsampling="4:4:4", codec="aom", **options)
    error = np.asarray(Image.open(file).convert("RGB")).astype(float) - samples
    return 10 * np.log10(255**2 / np.mean(error**2))
unasked, psnr = decibels(), decibels(advanced={"tune": "psnr"})
print(f"Pillow {PIL.__version__}, libavif {features.version('avif')}: {unasked:.1f} dB, tune=psnr {psnr:.1f} dB")
low, high = (float(value) for value in sys.argv[1:])
assert low < psnr - unasked < high
PY
for version in 11.3.0 13.0.0; do
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install -q "pillow==$version" numpy==2.4.6
done
"$folder/11.3.0/bin/python" "$folder/see.py" -0.1 0.1
"$folder/13.0.0/bin/python" "$folder/see.py" 6 9
