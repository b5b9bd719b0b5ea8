#!/usr/bin/env bash
# Builds the page and the <rdc-img> element into a folder of static files: build_web.sh [FOLDER]
#
# The decoder core becomes one WebAssembly module; the models lie beside it, under the first 16
# digits of their names, and are fetched by files that need them.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/core/packages.sh
source scripts/core/packages.sh
# shellcheck source=scripts/core/build.sh
source scripts/core/build.sh

readonly target=${1:-build-web}
readonly out=$PWD/.build-core
readonly core=$out/core.wasm

# Whether the module is younger than all that it is made of.
is_current() {
  [[ -e $core && -z $(find Sources/CKernels Sources/Entropy Sources/DecoderCore \
    Sources/DecoderCoreC scripts/core -type f -newer "$core" -print -quit) ]]
}

mkdir -p "$out" "$target/models"
if ! is_current; then
  missing=$(find_core_tools) || { echo "error: $missing" >&2 && exit 1; }
  find_core_tools
  unpack "$out/packages/wasm" "${wasm_packages[@]}" ||
    { echo "error: Debian's packages ${wasm_packages[*]} are not to be had" >&2 && exit 1; }
  echo "Building the decoder core as WebAssembly; this takes two minutes."
  build_wasm
fi
cp web/* "$target"
cp "$core" "$target/core.wasm"
rm -f "$target"/models/*
# A bitstream names a model by all that was learned (docs/FORMAT.md).
for weights in weights.bin weights_visual.bin; do
  name=$(cd Sources/CKernels && cat "$weights" start_state.bin drawing_start.bin | sha256sum |
    cut -c 1-16)
  gzip -9 -n -c "Sources/CKernels/$weights" >"$target/models/$name.bin.gz"
done
echo "$target:"
(cd "$target" && for file in core.wasm models/*; do
  echo "  $file, $(wc -c <"$file") bytes, $(gzip -9 -c "$file" | wc -c) packed"
done)
