#!/usr/bin/env bash
# Decodes the conformance set with the program, once with each set of kernels that this CPU runs.
#
# usage: test_conformance.sh [the program]
set -euo pipefail
cd "$(dirname "$0")/.."

program=$(realpath "${1:-.build/release/rdcodec}")
readonly program
readonly options=(--exit-codes --kinds --jobs "$(getconf _NPROCESSORS_ONLN)")

# has FLAG …: whether the CPU has all of them.
has() {
  local flag
  for flag in "$@"; do grep -qw -- "$flag" /proc/cpuinfo 2>/dev/null || return 1; done
}

run() {
  echo "RDCODEC_ISA=$1"
  RDCODEC_ISA=$1 "${PYTHON:-python3}" conformance/run.py "${options[@]}" \
    --jpeg-command "'$program' decompress {input} {output}" \
    "'$program' decompress {input} {output} --layer {layer}"
}

run portable
if has avx2; then run avx2; fi
if has avx2 avx512f avx512bw avx512dq avx512vl avx512_vnni; then run avx512; fi
