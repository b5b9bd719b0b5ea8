#!/usr/bin/env bash
# Fuzzes what reads files that others made, and the round trip: scripts/fuzz.sh MINUTES [TARGET ...]
#
# The minutes are shared out among the targets, which run one after the other. Each starts with the
# inputs in Fuzz/Regressions; what it learns stays in .build-fuzz/corpus, what broke it in
# .build-fuzz/crashes. The exit status is 1 after any crash, timeout or failed check.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly build=.build-fuzz
readonly data=${RDCODEC_DATA:-../shared/data}
readonly all=(decode inspect png netpbm jpeg weights roundtrip)
readonly minutes=${1:?"usage: scripts/fuzz.sh MINUTES [TARGET ...]"}
shift
targets=("$@")
((${#targets[@]})) || targets=("${all[@]}")
for target in "${targets[@]}"; do
  [[ " ${all[*]} " == *" $target "* ]] || {
    echo "error: no target $target; there are: ${all[*]}" >&2
    exit 2
  }
done
readonly seconds=$(awk "BEGIN { n = int($minutes * 60 / ${#targets[@]}); print n < 1 ? 1 : n }")

# Swift's own backtraces would end the process before the input is kept.
export SWIFT_BACKTRACE=enable=no
export ASAN_OPTIONS=quarantine_size_mb=16:detect_leaks=0:${ASAN_OPTIONS:-}

# The package manager hands only the last --sanitize to Swift's compiler, and several in an order that
# changes from run to run, which builds all anew.
RDCODEC_FUZZ=1 "${SWIFT:-swift}" build -c release --scratch-path "$build" --product fuzz \
  ${FUZZ_BUILD_FLAGS:-} --sanitize=fuzzer -Xcc -fsanitize=address -Xswiftc -sanitize=fuzzer,address \
  -Xswiftc -enable-testing
readonly program=$build/release/fuzz
mkdir -p "$build/crashes" "$build/logs"

# Seeds: written by the program, bitstreams of the newest version, pictures that are small.
rm -rf "$build/seeds"
RDCODEC_FUZZ_SEEDS=$build/seeds "$program"
newest=$(printf '%s\n' Tests/RDCodecTests/Golden/v* | sort -V | tail -n 1)
for file in "$newest"/*.rdc; do
  (($(wc -c <"$file") <= 6000)) && cp "$file" "$build/seeds/decode/"
done
cp "$build"/seeds/decode/* "$build/seeds/inspect/"
find samples "$data/pngsuite" -name '*.png' -size -6k -exec cp {} "$build/seeds/png/" \; 2>/dev/null || true

longest() {
  case $1 in
    weights) echo 81920 ;;
    roundtrip) echo 1024 ;;
    inspect | netpbm) echo 4096 ;;
    *) echo 8192 ;;
  esac
}

# The number behind a name in a log's last line that has it.
figure() { grep -oE "$2:? +[0-9]+" "$1" | tail -n 1 | grep -oE '[0-9]+$' || echo 0; }

printf '%-10s %11s %7s %7s %9s %8s  %s\n' target executions cov ft "peak MB" seconds result
failed=0
for target in "${targets[@]}"; do
  corpus=$build/corpus/$target log=$build/logs/$target.log
  mkdir -p "$corpus"
  options=(
    "-artifact_prefix=$build/crashes/$target-" "-max_len=$(longest "$target")" -timeout=20
    -rss_limit_mb=1024 -malloc_limit_mb=256 -print_final_stats=1
  )
  result=none start=$SECONDS
  regressions=()
  for file in Fuzz/Regressions/"$target"/*; do [[ -f $file ]] && regressions+=("$file"); done
  if ((${#regressions[@]})) &&
    ! RDCODEC_FUZZ_TARGET=$target "$program" "${options[@]}" "${regressions[@]}" >"$log" 2>&1; then
    result="FAILED at a regression: $log"
  elif ! RDCODEC_FUZZ_TARGET=$target "$program" "${options[@]}" -max_total_time="$seconds" \
    "$corpus" "$build/seeds/$target" >"$log" 2>&1; then
    result="FAILED: $log"
  fi
  [[ $result == none ]] || failed=1
  printf '%-10s %11d %7d %7d %9d %8d  %s\n' "$target" "$(figure "$log" number_of_executed_units)" \
    "$(figure "$log" cov)" "$(figure "$log" ft)" "$(figure "$log" peak_rss_mb)" \
    $((SECONDS - start)) "$result"
done
exit "$failed"
