#!/usr/bin/env bash
# Builds the decoder core as Embedded Swift for two foreign machines, and checks that it decodes there
# what the native program decodes: WebAssembly, whose words have 32 bits, in node; and arm64, linked
# with a C library alone, in qemu. With that it stays free of Foundation, libm and the like. Where there
# is Python, the conformance set is asked as well.
#
# usage: test_core.sh [the native program]; GOLDEN names another folder of .rdc files
#
# Libraries and qemu come from Debian's archive, into .build-core/ without being installed; where
# that cannot be, this says so and succeeds.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/core/packages.sh
source scripts/core/packages.sh
# shellcheck source=scripts/core/build.sh
source scripts/core/build.sh

readonly program=${1:-.build/release/rdcodec}
readonly python=${PYTHON:-python3}
readonly out=$PWD/.build-core
readonly arm_packages=(
  libc6-arm64-cross libc6-dev-arm64-cross libgcc-12-dev-arm64-cross linux-libc-dev-arm64-cross
  qemu-user-static)
golden=${GOLDEN:-$(printf '%s\n' Tests/RDCodecTests/Golden/v* | sort -V | tail -n 1)}
readonly golden

skip() {
  echo "decoder core on other machines: skipped, $1"
  exit 0
}

build_arm() {
  local system=$out/packages/arm64/usr
  local libraries=$system/aarch64-linux-gnu/lib
  local gcc=$system/lib/gcc-cross/aarch64-linux-gnu/12
  local flags=(--target=aarch64-linux-gnu -isystem "$system/aarch64-linux-gnu/include")
  # Square roots as instructions: all that would be wanted of libm.
  build_core arm64 aarch64-none-none-elf "${flags[@]}" -- -Xcc -fno-math-errno
  "$tools/clang" "${flags[@]}" -O2 -ISources/DecoderCoreC -c scripts/core/main.c \
    -o "$out/arm64/main.o"
  "$tools/ld.lld" -static --gc-sections -o "$out/core-arm64" \
    "$libraries/crt1.o" "$libraries/crti.o" "$gcc/crtbeginT.o" "$out"/arm64/*.o \
    "$embedded/aarch64-none-none-elf/libswiftUnicodeDataTables.a" \
    --start-group "$libraries/libc.a" "$gcc/libgcc.a" "$gcc/libgcc_eh.a" --end-group \
    "$gcc/crtend.o" "$libraries/crtn.o"
}

# The golden files, and each cut short and with a byte changed.
make_inputs() {
  local file name size
  rm -rf "$out/inputs" && mkdir -p "$out/inputs"
  for file in "$golden"/*.rdc; do
    name=$(basename "$file" .rdc)
    size=$(wc -c <"$file")
    cp "$file" "$out/inputs/$name.rdc"
    head -c $((size * 2 / 3)) "$file" >"$out/inputs/$name-cut.rdc"
    { head -c $((size / 2)) "$file" && printf 'Z' && tail -c +$((size / 2 + 2)) "$file"; } \
      >"$out/inputs/$name-changed.rdc"
  done
}

# What the native program makes of them.
decode_natively() {
  local file name kind options
  rm -rf "$out/native" && mkdir -p "$out/native"
  for file in "$out"/inputs/*.rdc; do
    for kind in preview full part; do
      case $kind in
        part) options=(--region 5,3,20,11) ;;
        *) options=(--layer "$kind") ;;
      esac
      name=$out/native/$(basename "$file" .rdc).$kind
      "$program" decompress --quiet "${options[@]}" "$file" "$name.pam" 2>"$name.txt" ||
        rm -f "$name.pam"
    done
  done
}

# Compares what a machine made with what the native program made: pictures byte for byte; the core's
# messages have to be in the program's.
compare() {
  local machine=$1 expected name decoded=0 refused=0 wrong=0
  for expected in "$out"/native/*.txt; do
    name=$(basename "$expected" .txt)
    if [[ -e $out/native/$name.pam ]]; then
      if cmp -s "$out/native/$name.pam" "$out/decoded/$name.pam"; then
        decoded=$((decoded + 1))
        continue
      fi
    elif [[ -s $out/decoded/$name.txt && ! -e $out/decoded/$name.pam ]] &&
      grep -qF -- "$(cat "$out/decoded/$name.txt")" "$expected"; then
      refused=$((refused + 1))
      continue
    fi
    wrong=$((wrong + 1))
    echo "$machine: $name is not what the native program gives:" \
      "$(cat "$out/decoded/$name.txt" 2>/dev/null || echo other samples)"
  done
  echo "$machine: $decoded decodes identical, $refused refusals alike, $wrong different"
  [[ $wrong == 0 && $decoded -gt 0 ]]
}

# Decodes the conformance set into a folder of a machine's own: its name, and the command that does.
decode_set() {
  local folder=$out/conformance-$1
  shift
  rm -rf "$folder" && mkdir -p "$folder"
  "$@" --layers "$folder" conformance/files/*.rdc
}

# What the set says of that.
conform() {
  "$python" conformance/run.py --kinds --no-jpeg --outputs "$out/conformance-$1" |
    sed "s/^/$1, conformance set: /"
}

clean_decoded() { rm -rf "$out/decoded" && mkdir -p "$out/decoded"; }

missing=$(find_core_tools) || skip "$missing"
find_core_tools
command -v node >/dev/null || skip "there is no node"
[[ -x $program ]] || { echo "error: there is no $program" >&2 && exit 1; }
mkdir -p "$out"
unpack "$out/packages/wasm" "${wasm_packages[@]}" ||
  skip "Debian's packages ${wasm_packages[*]} are not to be had"
has_arm=1
unpack "$out/packages/arm64" "${arm_packages[@]}" || has_arm=0

build_wasm &
wasm_job=$!
arm_job=
if ((has_arm)); then
  build_arm &
  arm_job=$!
fi
make_inputs
decode_natively
wait "$wasm_job"
readonly models=(Sources/CKernels/weights.bin Sources/CKernels/weights_visual.bin)
failed=0
has_python=1
command -v "$python" >/dev/null || has_python=0
((has_python)) || echo "conformance set: skipped, there is no $python"

readonly wasm32=(node scripts/core/run.mjs "$out/core.wasm" "${models[@]}")
clean_decoded
"${wasm32[@]}" -- "$out/decoded" "$out"/inputs/*.rdc
compare wasm32 || failed=1
if ((has_python)); then
  decode_set wasm32 "${wasm32[@]}" || failed=1
  conform wasm32 || failed=1
fi
if ((has_arm)); then
  wait "$arm_job"
  readonly arm64=("$out/packages/arm64/usr/bin/qemu-aarch64-static" "$out/core-arm64" "${models[@]}")
  set_job=
  if ((has_python)); then
    # Beside the golden files, since emulation is slow.
    decode_set arm64 "${arm64[@]}" &
    set_job=$!
  fi
  clean_decoded
  "${arm64[@]}" -- "$out/decoded" "$out"/inputs/*.rdc
  compare arm64 || failed=1
  if ((has_python)); then
    wait "$set_job" || failed=1
    conform arm64 || failed=1
  fi
else
  echo "arm64: skipped, Debian's packages ${arm_packages[*]} are not to be had"
fi
exit "$failed"
