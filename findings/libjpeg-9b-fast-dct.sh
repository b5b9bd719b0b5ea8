#!/usr/bin/env bash
# The fast inverse DCT ("ifast") was one integer program from libjpeg 6b to 9a, in libjpeg-turbo and mozjpeg too: all give the same
# samples. From libjpeg 9b on it is another: half of all samples of the same file differ by one, while the default DCT ("islow") stays
# what it was. jpeglib 1.0.2 from PyPI has the libraries side by side.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -q install jpeglib==1.0.2 pillow==13.0.0 numpy==2.4.6
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys

import jpeglib
import numpy as np
from PIL import Image

path = f"{sys.argv[1]}/picture.jpg"
y, x = np.mgrid[0:96, 0:128]
grey = 128 + 60 * np.sin(x / 9 + y / 17) + 40 * np.cos(x * y / 90)
Image.fromarray(grey.clip(0, 255).astype(np.uint8)).save(path, quality=85)


def decoded(version, method):
    jpeglib.version.set(version)
    return jpeglib.read_spatial(path, dct_method=method).spatial.astype(int)


print("jpeglib", jpeglib.__version__)
wrong = False
for name, method in (("islow", 0), ("ifast", 1)):
    first = decoded("6b", method)
    for version in ("7", "8d", "9a", "9b", "9d", "9f", "turbo210", "mozjpeg403"):
        differing = (decoded(version, method) != first).mean()
        print(f"{name} of {version}: {100 * differing:.1f} % of samples unlike 6b's")
        is_other = name == "ifast" and version in ("9b", "9d", "9f")
        wrong |= bool(differing < 0.1 if is_other else differing > 0)
sys.exit(wrong)
PYTHON
