#!/usr/bin/env bash
# OpenCV 5.0 scales the samples of a text PGM to 255 and leaves those of the same binary PGM as they are.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q opencv-python-headless==5.0.0.93
"$folder/venv/bin/python" - <<'PY'
import cv2
import numpy as np
binary = b"P5\n4 1\n15\n" + bytes([0, 1, 7, 15])
text = b"P2\n4 1\n15\n0 1 7 15\n"
seen = [
    cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED).ravel().tolist()
    for data in (binary, text)
]
print(f"OpenCV {cv2.__version__}, samples 0 1 7 15 of maxval 15: binary {seen[0]}, text {seen[1]}")
assert seen == [[0, 1, 7, 15], [0, 17, 119, 255]], seen
PY
