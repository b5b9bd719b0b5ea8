#!/usr/bin/env bash
# Tries what `make web` built in real browsers, and compares it with the native program:
#
#   test_web.sh [PROGRAM] [BUILT]
#
# CHROMIUM and FIREFOX name other browsers than those on the path; empty: none. Where there is none, this says so
# and succeeds. Nothing but node is needed to drive them.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly program=${1:-.build/release/rdcodec} built=${2:-build-web}
readonly out=$PWD/.build-core/web
golden=${GOLDEN:-$(printf '%s\n' Tests/RDCodecTests/Golden/v* | sort -V | tail -n 1)}
readonly golden

skip() {
  echo "the page in browsers: skipped, $1"
  exit 0
}

# The golden files, and each cut short and with a byte changed; and a picture to look at.
make_inputs() {
  local file name size
  rm -rf "$out/inputs" && mkdir -p "$out/inputs"
  for file in "$golden"/*.rdc; do
    name=$(basename "$file" .rdc)
    cp "$file" "$out/inputs/$name.rdc"
  done
  "$program" compress --quiet samples/still-life.png "$out/inputs/photograph.rdc"
  # With what a file may say beside the picture.
  "$program" compress --quiet "$out/annotated.png" "$out/inputs/annotated.rdc" -e 1
  for file in "$out"/inputs/*.rdc; do
    name=$(basename "$file" .rdc)
    size=$(wc -c <"$file")
    head -c $((size * 2 / 3)) "$file" >"$out/inputs/$name-cut.rdc"
    { head -c $((size / 2)) "$file" && printf 'Z' && tail -c +$((size / 2 + 2)) "$file"; } \
      >"$out/inputs/$name-changed.rdc"
  done
}

# What the native program makes of them.
decode_natively() {
  local file name layer
  rm -rf "$out/native" && mkdir -p "$out/native"
  for file in "$out"/inputs/*.rdc; do
    name=$out/native/$(basename "$file" .rdc)
    for layer in preview full; do
      "$program" decompress --quiet --layer "$layer" --format pam "$file" "$name.$layer.pam" \
        2>"$name.$layer.txt" || rm -f "$name.$layer.pam"
    done
    case $name in
      *-cut | *-changed) ;;
      *)
        "$program" info --json "$file" >"$name.json"
        "$program" decompress --quiet --format png "$file" "$name.full.png"
        ;;
    esac
  done
}

command -v node >/dev/null || skip "there is no node"
chromium=${CHROMIUM-$(command -v chromium || command -v chromium-browser ||
  command -v google-chrome || true)}
firefox=${FIREFOX-$(command -v firefox-esr || command -v firefox || true)}
[[ $chromium$firefox ]] || skip "there is no Chromium or Firefox"
[[ -x $program ]] || { echo "error: there is no $program" >&2 && exit 1; }
[[ -e $built/core.wasm ]] || { echo "error: make web builds $built" >&2 && exit 1; }
mkdir -p "$out"
node scripts/web/annotated.mjs "$out/annotated.png"
make_inputs
decode_natively
status=0
for kind in chromium firefox; do
  if [[ ${!kind} ]]; then
    node scripts/web/test.mjs "$kind" "${!kind}" "$built" "$out/inputs" "$out/native" \
      "$out/shots" || status=1
  else
    echo "$kind: skipped, there is none"
  fi
done
exit "$status"
