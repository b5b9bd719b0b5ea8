# Sourced: builds the decoder core with Embedded Swift, for other machines than this one.
#
# Wants packages.sh, and $out: the folder that all of it goes into.

readonly wasm_packages=(wasi-libc libclang-rt-14-dev-wasm32)

# Sets $tools and $embedded: Swift's clang and linkers, and its libraries for other machines.
# Says what is missing where one is.
find_core_tools() {
  local tool file
  for tool in swiftc apt-get dpkg; do
    command -v "$tool" >/dev/null || { echo "there is no $tool" && return 1; }
  done
  tools=$(dirname "$(readlink -f "$(command -v swiftc)")")
  [[ $("$tools/swiftc" -print-target-info 2>/dev/null) ]] ||
    { echo "swiftc does not answer" && return 1; }
  embedded=$(dirname "$tools")/lib/swift/embedded
  for file in "$tools/clang" "$tools/wasm-ld" "$tools/ld.lld" \
    "$embedded/wasm32-unknown-none-wasm"; do
    [[ -e $file ]] || { echo "this Swift has no $(basename "$file")" && return 1; }
  done
}

# Builds the core's three modules and its kernels: NAME, TRIPLE, flags of C, "--", flags of Swift.
build_core() {
  local folder=$out/$1 triple=$2 c_flags=() module file
  shift 2
  while [[ $1 != -- ]]; do
    c_flags+=("$1")
    shift
  done
  shift
  mkdir -p "$folder"
  echo "module CKernels { umbrella \"$PWD/Sources/CKernels/include\" export * module * { export * } }" \
    >"$folder/module.modulemap"
  rm -f "$folder"/*.o
  for file in Sources/CKernels/*.c; do
    # The weights come as bytes.
    [[ $file == */weights.c ]] ||
      "$tools/clang" "${c_flags[@]}" -std=c2x -O3 -ISources/CKernels/include \
        -c "$file" -o "$folder/$(basename "$file" .c).o"
  done
  for module in Entropy DecoderCore DecoderCoreC; do
    # shellcheck disable=SC2046
    "$tools/swiftc" -target "$triple" -enable-experimental-feature Embedded -wmo -O \
      -parse-as-library -swift-version 6 -package-name rdcodec -suppress-warnings \
      -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
      -I "$folder" "$@" -module-name "$module" -emit-module \
      -emit-module-path "$folder/$module.swiftmodule" -c -o "$folder/$module.o" \
      $(find "Sources/$module" -name '*.swift')
  done
}

# The core as one module without imports, with 128-bit vectors: $out/core.wasm.
build_wasm() {
  local system=$out/packages/wasm/usr
  local flags=(--target=wasm32-unknown-wasi -isystem "$system/include/wasm32-wasi" -msimd128
    -mbulk-memory)
  build_core wasm32 wasm32-unknown-none-wasm "${flags[@]}" -- \
    -Xfrontend -disable-stack-protector -Xcc -msimd128 -Xcc -mbulk-memory
  "$tools/clang" "${flags[@]}" -O2 -c scripts/core/runtime.c -o "$out/wasm32/runtime.o"
  # shellcheck disable=SC2046
  "$tools/wasm-ld" --no-entry --gc-sections -O2 --strip-all -z stack-size=1048576 \
    --max-memory=4294967296 --export=malloc --export=free --export=rdc_seed \
    $(grep -oE '\brdc_[a-z_]+\(' Sources/DecoderCoreC/rdc_core.h | tr -d '(' | sort -u |
      sed 's/^/--export=/') \
    -o "$out/core.wasm" "$out"/wasm32/*.o \
    "$embedded/wasm32-unknown-none-wasm/libswiftUnicodeDataTables.a" \
    "$system/lib/wasm32-wasi/libc.a" \
    "$system"/lib/llvm-14/lib/clang/*/lib/wasi/libclang_rt.builtins-wasm32.a
}
