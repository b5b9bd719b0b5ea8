#!/usr/bin/env bash
# Runs the kernels' known vectors on all machines that can be had here: this one, with every
# instruction set that it has, and under valgrind; arm64, and riscv64 without vectors, in qemu;
# WebAssembly in node. Each has to give the same bits.
#
# usage: test_machines.sh            compare
#        test_machines.sh --record   write Sources/CKernels/known_vectors_expected.h, after kernels
#                                    or formats were changed on purpose
#        test_machines.sh --time     how long the check takes that a decoder makes
#
# Libraries and qemu come from Debian's archive, as in test_core.sh; what cannot be had is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/core/packages.sh
source scripts/core/packages.sh
# shellcheck source=scripts/core/vectors.sh
source scripts/core/vectors.sh

readonly out=$PWD/.build-core
readonly wasm_packages=(wasi-libc libclang-rt-14-dev-wasm32)
skipped=()
failed=0

# Debian's cross libraries for a machine: of C, and of its compiler.
cross_packages() {
  printf '%s\n' "libc6-$1-cross" "libc6-dev-$1-cross" "libgcc-12-dev-$1-cross" \
    "linux-libc-dev-$1-cross"
}

build_native() {
  compile_vectors "$tools/clang" "$out/vectors-native"
  "$tools/clang" -o "$out/vectors-native/vectors" "$out"/vectors-native/*.o
}

# For Linux on another machine, called by compare_build: NAME, MACHINE of the triple, flags.
# shellcheck disable=SC2329
build_linux() {
  local name=$1 triple=$2-linux-gnu folder=$out/vectors-$1 system libraries gcc
  shift 2
  system=$out/packages/$name/usr
  libraries=$system/$triple/lib
  gcc=$system/lib/gcc-cross/$triple/12
  compile_vectors "$tools/clang" "$folder" "--target=$triple" \
    -isystem "$system/$triple/include" "$@"
  "$tools/ld.lld" -static --gc-sections -o "$folder/vectors" \
    "$libraries/crt1.o" "$libraries/crti.o" "$gcc/crtbeginT.o" "$folder"/*.o \
    --start-group "$libraries/libc.a" "$gcc/libgcc.a" "$gcc/libgcc_eh.a" --end-group \
    "$gcc/crtend.o" "$libraries/crtn.o"
}

# shellcheck disable=SC2329
build_wasm() {
  local folder=$out/vectors-wasm32 system=$out/packages/wasm/usr
  compile_vectors "$tools/clang" "$folder" --target=wasm32-unknown-wasi \
    -isystem "$system/include/wasm32-wasi" -msimd128 -mbulk-memory
  "$tools/wasm-ld" --gc-sections -z stack-size=1048576 -o "$folder/vectors" \
    "$system/lib/wasm32-wasi/crt1.o" "$folder"/*.o "$system/lib/wasm32-wasi/libc.a" \
    "$system"/lib/llvm-14/lib/clang/*/lib/wasi/libclang_rt.builtins-wasm32.a
}

# Compares on a machine: NAME, its build's folder, what runs it there.
compare() {
  local name=$1 folder=$2
  shift 2
  "$@" "$folder/vectors" "$name" || { failed=1 && echo "$name: FAILED"; }
}

# The same of a build that a command makes: NAME, "--" after what runs it there, the command.
compare_build() {
  local name=$1 runner=()
  shift
  while [[ $1 != -- ]]; do
    runner+=("$1")
    shift
  done
  shift
  if "$@" >"$out/vectors-$name.log" 2>&1; then
    compare "$name" "$out/vectors-$name" "${runner[@]}"
  else
    failed=1
    echo "$name: FAILED to build"
    tail -n 5 "$out/vectors-$name.log"
  fi
}

# On Linux in qemu: NAME in Debian's packages, in its triples and in qemu's programs, flags.
compare_linux() {
  local name=$1 machine=$2 emulated=$3 packages
  shift 3
  mapfile -t packages < <(cross_packages "$name")
  if ! unpack "$out/packages/arm64" qemu-user-static; then
    skipped+=("$name: Debian's qemu-user-static is not to be had")
  elif ! unpack "$out/packages/$name" "${packages[@]}"; then
    skipped+=("$name: Debian's packages ${packages[*]} are not to be had")
  else
    compare_build "$name" "$out/packages/arm64/usr/bin/qemu-$emulated-static" -- \
      build_linux "$name" "$machine" "$@"
  fi
}

compare_wasm() {
  if ! command -v node >/dev/null; then
    skipped+=("wasm32: there is no node")
  elif ! unpack "$out/packages/wasm" "${wasm_packages[@]}"; then
    skipped+=("wasm32: Debian's packages ${wasm_packages[*]} are not to be had")
  else
    compare_build wasm32 node --no-warnings scripts/core/wasi.mjs -- build_wasm
  fi
}

tools=$(swift_tools)
readonly tools
mkdir -p "$out"
build_native
case ${1:-} in
  --record)
    "$out/vectors-native/vectors" --record >"$out/known_vectors_expected.h"
    mv "$out/known_vectors_expected.h" Sources/CKernels/known_vectors_expected.h
    exit
    ;;
  --time)
    "$out/vectors-native/vectors" --time
    exit
    ;;
esac

compare "$(uname -m)" "$out/vectors-native"
if command -v valgrind >/dev/null; then
  compare "$(uname -m) in valgrind" "$out/vectors-native" valgrind -q --error-exitcode=9
else
  skipped+=("valgrind: it is not here")
fi

if command -v apt-get >/dev/null && command -v dpkg >/dev/null; then
  compare_linux arm64 aarch64 aarch64
  # Vectors are plain code there: the base set with floats.
  compare_linux riscv64 riscv64 riscv64 -march=rv64gc -mabi=lp64d
  compare_wasm
else
  skipped+=("arm64, riscv64 and wasm32: their libraries are Debian's, and there is no apt-get")
fi
for reason in ${skipped[@]+"${skipped[@]}"}; do echo "skipped $reason"; done
exit "$failed"
