#!/usr/bin/env bash
# bjontegaard 1.3.0 gives a number, without a warning, for a curve whose rate falls while quality rises.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q bjontegaard==1.3.0
"$folder/venv/bin/python" -W error - <<'PY'
import bjontegaard
quality = [31.42, 34.24, 37.18, 40.28]
test = [112.75, 204.93, 407.8, 893.34], [31.24, 34.17, 37.21, 40.39]
rising = bjontegaard.bd_rate([85.95, 157.11, 309.58, 686.76], quality, *test, method="pchip")
falling = bjontegaard.bd_rate([85.0, 157.0, 140.0, 686.0], quality, *test, method="pchip")
print(f"BD-rate with pchip: rising anchor {rising:.2f} %, anchor that falls {falling:.2f} %")
assert abs(rising - 31.38) < 0.01 and abs(falling - 79.76) < 0.01
PY
