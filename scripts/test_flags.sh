#!/usr/bin/env bash
# Tries what would make a compiler round otherwise than written, on the portable kernels and the
# search, and says of each flag what came of it:
#
#   refused   exactness.h does not let it compile
#   noticed   it compiles, and known vectors tell that results differ
#   harmless  it compiles, and all vectors are equal: the pragmas undo it, or this machine has no
#             instruction for it
#
# Anything else is a failure, and so is a wrong kernel (CK_WRONG_KERNEL) that vectors do not notice.
# usage: test_flags.sh [FLAGS ...], those of one try in one word; all take about five minutes
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/core/vectors.sh
source scripts/core/vectors.sh

readonly out=$PWD/.build-core base=$PWD/.build-core/vectors-flags
readonly tried=(portable wavefront_plane search search_portable)
failed=0

report() { printf '%-9s %s\n' "$1" "$2"; }
fail() {
  report FAILED "$1"
  failed=1
}

# Compiles some kernels with flags, and runs all vectors: the result in `outcome`, what it said in
# `$out/flags.log`. FLAGS as one word, kernels.
run_with() {
  local words=() folder=$out/vectors-flags-tried name
  read -ra words <<<"$1"
  shift
  rm -rf "$folder" && mkdir -p "$folder"
  cp "$base"/*.o "$folder/"
  for name in "$@"; do
    "$compiler" -std=c2x -O2 "${words[@]}" -ISources/CKernels/include \
      -c "Sources/CKernels/$name.c" -o "$folder/$name.o" 2>"$out/flags.log" && continue
    outcome=unclear
    grep -q 'error: "The kernels need' "$out/flags.log" && outcome=refused
    return 0
  done
  if ! "$compiler" "${words[@]}" -o "$folder/vectors" "$folder"/*.o >"$out/flags.log" 2>&1; then
    outcome=unclear
  elif "$folder/vectors" >"$out/flags.log" 2>&1; then
    outcome=harmless
  elif grep -q 'wrong: ' "$out/flags.log"; then
    outcome=noticed
  else
    outcome=unclear
  fi
}

try() {
  outcome=
  run_with "$1" "${tried[@]}"
  if [[ $outcome == unclear ]]; then
    fail "$1: see $out/flags.log"
  else
    report "$outcome" "$1"
  fi
}

# What no machine here can run has to be refused by the header alone: what it is, a compiler, flags.
refuse() {
  local what=$1
  shift
  if "$@" -x c -fsyntax-only Sources/CKernels/exactness.h 2>"$out/flags.log"; then
    fail "$what: not refused"
  elif grep -q 'The kernels need' "$out/flags.log"; then
    report refused "$what"
  else
    fail "$what: see $out/flags.log"
  fi
}

# A kernel whose last bit is wrong; the portable ones stay right where they are not the only ones.
try_wrong_kernel() {
  local kernel=portable
  if [[ $(uname -m) == x86_64 ]]; then
    kernel=avx2
    if ! "$base/vectors" | grep -q 'avx2:'; then
      report skipped "-DCK_WRONG_KERNEL: this CPU has no AVX2"
      return
    fi
  fi
  run_with -DCK_WRONG_KERNEL "$kernel"
  if [[ $outcome != noticed ]] || ! grep -q 'wrong: wavefront' "$out/flags.log"; then
    fail "-DCK_WRONG_KERNEL: $outcome"
  elif [[ $kernel == avx2 ]] && ! grep -q 'portable: .*; 0 wrong$' "$out/flags.log"; then
    fail "-DCK_WRONG_KERNEL: the portable kernels are wrong too"
  else
    report noticed "-DCK_WRONG_KERNEL: $(grep -c 'wrong: ' "$out/flags.log") vectors"
  fi
}

compiler=$(swift_tools)/clang
readonly compiler
fused=
if [[ $(uname -m) == x86_64 ]] && grep -qw fma /proc/cpuinfo 2>/dev/null; then fused=-mfma; fi
flags=(
  -ffast-math -Ofast -ffinite-math-only -ffp-eval-method=double
  "-ffp-contract=on $fused" "-ffp-contract=fast $fused" "-ffp-contract=fast-honor-pragmas $fused"
  "-fassociative-math -fno-signed-zeros -fno-trapping-math" -freciprocal-math
  "-freciprocal-math -mrecip=all" -fno-signed-zeros -fapprox-func
  "-funsafe-math-optimizations $fused" -fno-honor-nans -fno-honor-infinities
  "-ffp-model=fast $fused" "-ffp-model=aggressive $fused" -fdenormal-fp-math=positive-zero
  -mdaz-ftz -frounding-math -ffp-exception-behavior=strict -funsigned-char -fwrapv
  -fno-strict-aliasing)
if (($#)); then flags=("$@"); fi

mkdir -p "$out"
compile_vectors "$compiler" "$base"
"$compiler" -o "$base/vectors" "$base"/*.o
"$base/vectors" >"$out/flags.log" || { cat "$out/flags.log" && exit 1; }
refuse "a big-endian machine" "$compiler" --target=powerpc64-linux-gnu
refuse "x87 arithmetic" "$compiler" --target=i686-linux-gnu -mno-sse
if command -v gcc >/dev/null && ! gcc --version | grep -q clang; then refuse "GCC" gcc; fi
try_wrong_kernel
for flag in "${flags[@]}"; do try "$flag"; done
exit "$failed"
