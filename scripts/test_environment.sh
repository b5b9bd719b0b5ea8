#!/usr/bin/env bash
# Runs the program as a host would that has set another floating-point environment: rounding towards
# zero, up and down, and subnormal numbers flushed to zero. Files and pictures have to be the same.
#
# usage: test_environment.sh PROGRAM [PICTURE...]
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:?the program}
shift
pictures=("$@")
[[ $# -gt 0 ]] || pictures=(samples/gradient.png)

[[ $(uname -sm) == "Linux x86_64" ]] || { echo "float environment: skipped, not x86-64" && exit 0; }
compiler=$(command -v clang || command -v gcc) || { echo "float environment: skipped, no C compiler" && exit 0; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/host.c" <<'C'
#include <immintrin.h>
#include <stdlib.h>

__attribute__((constructor)) static void set(void) {
  const char *bits = getenv("HOST_FLOAT");
  if (bits) _mm_setcsr(_mm_getcsr() | (unsigned)strtol(bits, NULL, 16));
}
C
"$compiler" -shared -fPIC -o "$folder/host.so" "$folder/host.c"

hosted() { HOST_FLOAT=$1 LD_PRELOAD=$folder/host.so "$program" "${@:2}"; }

compared=0
for picture in "${pictures[@]}"; do
  for options in "--effort 1" "--effort 3" "--effort 5" "--quality 50" "--max-error 8"; do
    # shellcheck disable=SC2086
    "$program" compress --quiet --force $options "$picture" "$folder/right.rdc"
    "$program" decompress --quiet --force "$folder/right.rdc" "$folder/right.pam"
    # Down, up, towards zero; zeros for subnormal results and inputs.
    for bits in 2000 4000 6000 8040; do
      # shellcheck disable=SC2086
      hosted "$bits" compress --quiet --force $options "$picture" "$folder/hosted.rdc"
      hosted "$bits" decompress --quiet --force "$folder/right.rdc" "$folder/hosted.pam"
      hosted "$bits" verify --quiet "$folder/right.rdc"
      for kind in rdc pam; do
        cmp "$folder/right.$kind" "$folder/hosted.$kind" ||
          { echo "float environment: $picture $options is another $kind under $bits" && exit 1; }
      done
      compared=$((compared + 2))
    done
  done
done
echo "float environment: $compared files and pictures the same under four others"
