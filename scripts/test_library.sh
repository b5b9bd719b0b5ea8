#!/usr/bin/env bash
# Builds a C program against the library, and runs it: plainly, with the library inside, with AddressSanitizer,
# and under valgrind where that is at hand.
#
#   scripts/test_library.sh LIBRARY       such as .build/library/librdcodec.so.0, with librdcodec.a beside it
set -euo pipefail

library=$(realpath "${1:?LIBRARY is needed}")
readonly library
readonly root=$(dirname "$0")/..
folder=$(mktemp -d)
readonly folder
trap 'rm -rf "$folder"' EXIT

compile() { # OUTPUT FLAGS
  local output=$1
  shift
  clang -std=c11 -Wall -Wextra -Werror -g -I "$root/Sources/CRDCodec/include" \
    "$root/Tests/CLibrary/library.c" -o "$output" -pthread "$@"
}

echo 'int main(void) { return rdcodec_version() == nullptr; }' >"$folder/header.cpp"
clang++ -Wall -Werror -include rdcodec.h -fsyntax-only -I "$root/Sources/CRDCodec/include" \
  "$folder/header.cpp"

readonly shared=("$library" -Wl,-rpath,"$(dirname "$library")")

compile "$folder/plain" "${shared[@]}"
"$folder/plain" | sed 's/^/C library: /'
compile "$folder/static" "$(dirname "$library")/librdcodec.a" -lpng16 -lz -lstdc++ -lm -ldl
"$folder/static" | sed 's/^/C library, static: /'
compile "$folder/sanitized" "${shared[@]}" -fsanitize=address -fuse-ld=lld
"$folder/sanitized" | sed 's/^/C library, AddressSanitizer: /'
if command -v valgrind >/dev/null; then
  # Swift tests the cases of large enumerations by parts of them that a case may leave unset, which is harmless
  # and which valgrind cannot know: uses of unset memory are not looked for. Nor does it know clang's debug
  # information.
  compile "$folder/bare" "${shared[@]}" -g0
  valgrind --quiet --error-exitcode=9 --undef-value-errors=no --leak-check=full \
    --errors-for-leak-kinds=definite --show-leak-kinds=definite \
    "$folder/bare" quick | sed 's/^/C library, valgrind: /'
else
  echo "C library, valgrind: skipped, it is not here"
fi
