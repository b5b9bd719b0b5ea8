# Sourced: builds the program that runs known vectors.

# Where this Swift has its clang and linkers; without Swift, those on the path.
swift_tools() {
  if command -v swiftc >/dev/null; then
    dirname "$(readlink -f "$(command -v swiftc)")"
  else
    dirname "$(command -v clang)"
  fi
}

# One of them: FILE, FOLDER, the compiler with its flags.
compile_one() {
  local file=$1 folder=$2
  shift 2
  "$@" -c "$file" -o "$folder/$(basename "$file" .c).o"
}
export -f compile_one

# Compiles kernels, vectors and the program: CLANG, FOLDER, flags.
compile_vectors() {
  local clang=$1 folder=$2 file
  shift 2
  mkdir -p "$folder"
  rm -f "$folder"/*.o
  # What is learned takes no part.
  for file in Sources/CKernels/*.c scripts/core/vectors.c; do
    case $file in
      */weights.c | */start_state.c) ;;
      *) printf '%s\n' "$file" ;;
    esac
  done | xargs -P 2 -I '{}' bash -c 'compile_one "$@"' compile_one '{}' "$folder" "$clang" "$@" \
    -std=c2x -O3 -ISources/CKernels/include
}
