#!/usr/bin/env bash
# Links the C library, with Swift's own inside, from what was built.
#
#   scripts/link_library.sh BUILD OUTPUT     BUILD: such as .build/release, after
#                                            `swift build … --product RDCodecC`;
#                                            OUTPUT: librdcodec.so.0, or librdcodec.a
set -euo pipefail

readonly build=${1:?BUILD is needed} output=${2:?OUTPUT is needed}
readonly swift=${SWIFT:-swift}

mapfile -t objects <"$build/RDCodecC.product/Objects.LinkFileList"

# Nothing but rdcodec.h can be seen from outside: another Swift library in the same process is none of
# our business.
shared() {
  "${swift}c" -emit-library -static-stdlib -o "$output" "${objects[@]}" -lpng16 -lz \
    -Xlinker -s -Xlinker --gc-sections -Xlinker -soname=librdcodec.so.0 \
    -Xlinker "--version-script=$(dirname "$0")/../Sources/RDCodecC/rdcodec.map"
}

# One object that holds all of it, of Swift's libraries what it needs; libpng, zlib and the system's
# libraries are left to whoever links it.
static() {
  local tools libraries work names
  tools=$(dirname "$(readlink -f "$(command -v "${swift}c")")")
  libraries=$tools/../lib/swift_static/linux
  work=$(mktemp -d)
  trap 'rm -rf "$work"' RETURN
  "$tools/swift-autolink-extract" "${objects[@]}" -o "$work/names"
  mapfile -t names < <(for name in $(sort -u "$work/names"); do
    if [[ -e $libraries/lib${name#-l}.a ]]; then echo "$name"; fi
  done)
  "$tools/clang" -r -nostdlib -fuse-ld=lld -o "$work/whole.o" \
    "$libraries/$(uname -m)/swiftrt.o" "${objects[@]}" -L "$libraries" \
    -Wl,--start-group "${names[@]}" -lswiftCore -ldispatch -lBlocksRuntime -Wl,--end-group
  objcopy --wildcard --keep-global-symbol='rdcodec_*' --strip-unneeded "$work/whole.o" \
    "$work/rdcodec.o"
  rm -f "$output"
  ar rcs "$output" "$work/rdcodec.o"
}

if [[ $output == *.a ]]; then static; else shared; fi
