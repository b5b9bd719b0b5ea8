#!/usr/bin/env bash
# Links the C library, with Swift's own inside, from what was built.
#
#   scripts/link_library.sh BUILD OUTPUT     BUILD: such as .build/release, after
#                                            `swift build … --product RDCodecC`
set -euo pipefail

readonly build=${1:?BUILD is needed} output=${2:?OUTPUT is needed}
readonly swift=${SWIFT:-swift}

mapfile -t objects <"$build/RDCodecC.product/Objects.LinkFileList"

# Nothing but rdcodec.h can be seen from outside: another Swift library in the same process is none of
# our business.
"${swift}c" -emit-library -static-stdlib -o "$output" "${objects[@]}" -lpng16 -lz \
  -Xlinker -s -Xlinker --gc-sections -Xlinker -soname=librdcodec.so.0 \
  -Xlinker "--version-script=$(dirname "$0")/../Sources/RDCodecC/rdcodec.map"
