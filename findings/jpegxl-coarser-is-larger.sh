#!/usr/bin/env bash
# libjxl 0.11.2 makes a larger file at distance 20, and at 25, the coarsest, than at 19.9.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q numpy==2.3.5 imagecodecs==2026.3.6
"$folder/venv/bin/python" - <<'PY'
import imagecodecs
import numpy as np

assert "libjxl-0.11.2" in imagecodecs.version()
# Texture with the spectrum of a photograph.
rng = np.random.default_rng(1)
height, width = 336, 448
frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None]) + 0.01
planes = [
    np.fft.ifft2(np.fft.fft2(rng.standard_normal((height, width))) / frequency**0.9).real
    for _ in range(3)
]
planes = [plane / plane.std() for plane in planes]
grey = planes[0][..., None] + 0.2 * np.stack(planes, -1)
image = np.clip(128 + 45 * grey, 0, 255).astype(np.uint8)
sizes = {}
for distance in (15, 19.9, 20, 25):
    data = imagecodecs.jpegxl_encode(image, distance=distance, effort=7, numthreads=1)
    error = imagecodecs.jpegxl_decode(data).astype(float) - image
    sizes[distance] = len(data)
    print(f"distance {distance}: {len(data)} bytes, {10 * np.log10(255**2 / np.mean(error**2)):.2f} dB")
assert sizes[15] > sizes[19.9]
assert sizes[20] > 1.5 * sizes[19.9] and sizes[25] > 1.3 * sizes[19.9]
PY
