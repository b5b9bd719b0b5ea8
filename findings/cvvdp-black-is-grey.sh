#!/usr/bin/env bash
# ColorVideoVDP 0.5.7 gives a black picture in place of a grey one 10 JOD, the score of equal pictures: it sees no
# difference of brightness between flat pictures, while a tint of the same grey costs almost 1 JOD.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q cvvdp==0.5.7
"$folder/venv/bin/python" - <<'PY'
import numpy as np
import pycvvdp

metric = pycvvdp.cvvdp(display_name="standard_4k")


def jod(test, reference):
    return float(metric.predict(test, reference, dim_order="HWC")[0])


grey = np.full((256, 256, 3), 128, np.uint8)
tinted = grey.copy()
tinted[..., 0] = 200
ramp = np.broadcast_to(np.arange(256, dtype=np.uint8)[None, :, None], grey.shape).copy()
black, white, red, flat = (
    jod(grey * 0, grey), jod(grey + 127, grey), jod(tinted, grey), jod(grey, ramp)
)
print(f"JOD against flat grey: black {black}, white {white}, reddish {red:.2f}; grey against a ramp {flat:.2f}")
assert black == white == 10
assert abs(red - 9.13) < 0.02 and abs(flat - 3.11) < 0.02
PY
