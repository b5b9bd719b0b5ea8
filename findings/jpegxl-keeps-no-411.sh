#!/usr/bin/env bash
# Lossless recompression of JPEG files is for 4:4:4, 4:2:2, 4:4:0 and 4:2:0: in 4:1:1, as of DV video, libjxl 0.11.2
# and Lepton (lepton-jpeg-python 0.5.8) both refuse the same picture, which libjpeg-turbo (simplejpeg 1.9.0) writes and
# Pillow opens; libjxl without a reason.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -q install imagecodecs==2026.3.6 lepton-jpeg-python==0.5.8 pillow==13.0.0 \
  simplejpeg==1.9.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import io
import sys

import imagecodecs
import lepton_jpeg_python as lepton
import numpy as np
import simplejpeg
from PIL import Image

print("imagecodecs 2026.3.6,", imagecodecs.jpegxl_version(), "; lepton-jpeg-python 0.5.8; simplejpeg 1.9.0")
y, x = np.mgrid[0:96, 0:128]
planes = [128 + 80 * np.sin(x / 9 + y / 17), 128 + 70 * np.cos(x / 13 - y / 7), (2 * x + y) % 256]
picture = np.ascontiguousarray(np.stack(planes, axis=-1).astype(np.uint8))


def attempt(encode, decode, jpeg):
    try:
        packed = encode(jpeg)
    except Exception as error:
        return f"refused: {error}"[:60]
    return "comes back" if bytes(decode(packed)) == jpeg else "comes back changed"


wrong = False
for sampling in ("444", "422", "440", "420", "411"):
    jpeg = simplejpeg.encode_jpeg(picture, quality=85, colorsubsampling=sampling)
    Image.open(io.BytesIO(jpeg)).load()
    seen = (
        attempt(imagecodecs.jpegxl_encode_jpeg, imagecodecs.jpegxl_decode_jpeg, jpeg),
        attempt(lepton.compress_bytes, lepton.decompress_bytes, jpeg),
    )
    print(f"4:{sampling[1]}:{sampling[2]}: JPEG XL {seen[0]}; Lepton {seen[1]}")
    expected = "refused" if sampling == "411" else "comes back"
    wrong |= any(result.split(":")[0] != expected for result in seen)
sys.exit(wrong)
PYTHON
