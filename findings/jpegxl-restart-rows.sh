#!/usr/bin/env bash
# libjxl 0.11.2 does not take a JPEG file whose restart interval changes between its scans, which is
# what libjpeg-turbo writes for a progressive file in 4:2:0 with restart markers by rows: an interval is
# counted in units of a scan, and a scan of luma alone has twice as many in a row. With markers by a
# number of units, without markers, or in 4:4:4 the same picture is taken and comes back.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -q install imagecodecs==2026.3.6 pillow==13.0.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import io
import sys

import imagecodecs
import numpy as np
from PIL import Image

print("imagecodecs 2026.3.6,", imagecodecs.jpegxl_version(), "; Pillow", Image.__version__)
y, x = np.mgrid[0:96, 0:128]
planes = [128 + 80 * np.sin(x / 9 + y / 17), 128 + 70 * np.cos(x / 13 - y / 7), (2 * x + y) % 256]
picture = Image.fromarray(np.stack(planes, axis=-1).astype(np.uint8))


def intervals(jpeg):
    """All restart intervals that a file sets."""
    places = [k for k in range(len(jpeg) - 6) if jpeg[k : k + 4] == b"\xff\xdd\x00\x04"]
    return [int.from_bytes(jpeg[k + 4 : k + 6], "big") for k in places]


def outcome(**options):
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85, **options)
    jpeg = file.getvalue()
    try:
        packed = imagecodecs.jpegxl_encode_jpeg(jpeg)
    except imagecodecs.JpegxlError as error:
        result = f"refused: {error}"
    else:
        same = bytes(imagecodecs.jpegxl_decode_jpeg(packed)) == jpeg
        result = "comes back" if same else "comes back changed"
    print(f"{options}: intervals {intervals(jpeg)}, {result}")
    return result.split(":")[0]


seen = [
    outcome(progressive=True, subsampling="4:2:0", restart_marker_rows=1),
    outcome(progressive=True, subsampling="4:2:0", restart_marker_blocks=4),
    outcome(progressive=True, subsampling="4:2:0"),
    outcome(progressive=True, subsampling="4:4:4", restart_marker_rows=1),
    outcome(progressive=False, subsampling="4:2:0", restart_marker_rows=1),
]
sys.exit(seen != ["refused"] + ["comes back"] * 4)
PYTHON
