#!/usr/bin/env bash
# Runs the tests of the Python package with a library, in an environment of its own, and those of the second decoder and of FORMAT.md.
#
#   scripts/test_python.sh LIBRARY VENV [cluster]     cluster: rdcodec.batch on two nodes alone
set -euo pipefail

library=$(realpath "${1:?LIBRARY is needed}")
readonly library venv=${2:?VENV is needed}
cd "$(dirname "$0")/.."

skip() {
  echo "Python package: skipped, $1"
  exit
}

command -v "${PYTHON:-python3}" >/dev/null || skip "there is no ${PYTHON:-python3}"
if [[ ! $venv/ready -nt scripts/test_python.sh ]]; then
  "${PYTHON:-python3}" -m venv "$venv" || skip "Python has no venv (Debian: python3-venv)"
  "$venv/bin/pip" install --quiet --disable-pip-version-check \
    'numpy>=1.24' 'pytest>=8' 'pillow>=10' 'zarr>=3' 'numcodecs>=0.13' 'imageio>=2.34' 'fsspec>=2024.2' ||
    skip "its packages are not to be had"
  touch "$venv/ready"
fi
tests=(python/tests)
if [[ ${3-} == cluster ]]; then
  "$venv/bin/pip" install --quiet --disable-pip-version-check 'ray>=2.40'
  export RDCODEC_TEST_CLUSTER=yes
  tests=(-s -k two_nodes python/tests/test_batch.py)
fi
echo "Python package:"
RDCODEC_LIBRARY=$library PYTHONPATH=python/src "$venv/bin/python" -m pytest -q "${tests[@]}" \
  -p no:cacheprovider
if [[ ${3-} != cluster ]]; then
  echo "Second decoder, FORMAT.md and its vectors:"
  "$venv/bin/python" -m pytest -q reference -p no:cacheprovider
  "$venv/bin/python" scripts/check_format.py
fi
