#!/usr/bin/env bash
# Compresses the sample images, restores them, checks that nothing changed, and sets one of them
# beside WebP at the same number of bytes.
#
#   scripts/demo.sh RDCODEC SAMPLES OUTPUT
set -euo pipefail

readonly rdcodec=$1 samples=$2 output=$3
jobs=$(getconf _NPROCESSORS_ONLN)
readonly jobs shown=still-life quality=60

byte_count() { wc -c <"$1" | tr -d ' '; }

row() { # NAME BEFORE AFTER REST
  awk -v name="$1" -v before="$2" -v after="$3" -v rest="$4" 'BEGIN {
    printf "  %-14s %10d %10d %9.1f %%   %s\n", name, before, after, 100 * after / before, rest }'
}

# Compresses what was restored once more: equal files mean equal samples, palettes and metadata.
is_exact() { # NAME
  "$rdcodec" compress "$output/$1.png" "$work/again.rdc" --force --quiet --jobs "$jobs"
  cmp -s "$output/$1.rdc" "$work/again.rdc"
}

compress_and_restore() {
  local png name before after verdict total_before=0 total_after=0
  printf '\n  %-14s %10s %10s %11s   %s\n' "lossless, bytes" PNG rdc "rdc / PNG" restored
  for png in "$samples"/*.png; do
    name=$(basename "$png" .png)
    "$rdcodec" compress "$png" "$output/$name.rdc" --force --quiet --jobs "$jobs"
    "$rdcodec" decompress "$output/$name.rdc" "$output/$name.png" --force --quiet --jobs "$jobs"
    verdict=exactly
    is_exact "$name" || verdict=WRONGLY
    [[ $verdict == exactly ]] || wrong=$((wrong + 1))
    before=$(byte_count "$png") after=$(byte_count "$output/$name.rdc")
    row "$name" "$before" "$after" "$verdict"
    total_before=$((total_before + before)) total_after=$((total_after + after))
    count=$((count + 1))
  done
  row total "$total_before" "$total_after" ""
}

# The largest WebP of at most LIMIT bytes, by whatever is there that writes WebP; 1 where nothing is.
webp() { # PNG WEBP LIMIT
  local low=0 high=100 middle
  if command -v cwebp >/dev/null; then
    while ((low < high)); do
      middle=$(((low + high + 1) / 2))
      cwebp -quiet -m 6 -q "$middle" "$1" -o "$work/try.webp" || return 1
      if (($(byte_count "$work/try.webp") <= $3)); then low=$middle; else high=$((middle - 1)); fi
    done
    cwebp -quiet -m 6 -q "$low" "$1" -o "$2"
  elif command -v python3 >/dev/null && python3 -c 'import PIL' 2>/dev/null; then
    python3 - "$@" <<'PYTHON'
import io, sys
from PIL import Image

image = Image.open(sys.argv[1]).convert("RGB")
best = b""
for quality in range(101):
    file = io.BytesIO()
    image.save(file, "WEBP", quality=quality, method=6)
    if len(file.getvalue()) <= int(sys.argv[3]) or not best:
        best = file.getvalue()
open(sys.argv[2], "wb").write(best)
PYTHON
  else
    return 1
  fi
}

figure() { # FILE CAPTION
  printf '<figure><div class=view><img src="%s" alt=""></div>' "$1"
  printf '<figcaption>%s</figcaption></figure>\n' "$2"
}

page() { # WEBP_BYTES RDC_BYTES; 0: no WebP
  cat <<'HTML'
<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>rdcodec beside WebP</title>
<style>
  :root { color-scheme: light dark }
  body { font: 1rem/1.4 system-ui, sans-serif; margin: 1rem }
  main { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)) }
  figure { margin: 0; min-width: 0 }
  .view { overflow: auto; max-height: 75vh; cursor: zoom-in }
  img { display: block; width: 100% }
  .zoom img { width: 400%; image-rendering: pixelated }
  figcaption { padding: .5rem 0 }
</style>
<h1>One picture, equal bytes</h1>
<p>Click to see it four times as large; scrolling one moves all.</p>
<main>
HTML
  figure "$shown.png" "original, restored from the lossless file"
  (($1 == 0)) || figure "$shown.webp" "WebP, $1 bytes"
  figure "$shown-lossy.png" "rdcodec, $2 bytes"
  cat <<'HTML'
</main>
<script>
  const views = [...document.querySelectorAll(".view")];
  document.querySelector("main").onclick = event => event.currentTarget.classList.toggle("zoom");
  for (const view of views) view.onscroll = () => {
    for (const other of views) {
      other.scrollLeft = view.scrollLeft;
      other.scrollTop = view.scrollTop;
    }
  };
</script>
HTML
}

beside_webp() {
  local png=$samples/$shown.png lossy=$output/$shown-lossy limit webp_bytes=0 rdc_bytes
  "$rdcodec" compress "$png" "$lossy.rdc" --quality "$quality" --force --quiet --jobs "$jobs"
  limit=$(byte_count "$lossy.rdc")
  printf '\n  %-14s %10s %10s %11s\n' "lossy, bytes" PNG file "file / PNG"
  rm -f "$output/$shown.webp"
  if webp "$png" "$output/$shown.webp" "$limit"; then
    webp_bytes=$(byte_count "$output/$shown.webp")
    # Not one byte more than WebP has.
    "$rdcodec" compress "$png" "$lossy.rdc" --target-size "$webp_bytes" --force --quiet \
      --jobs "$jobs"
    row "WebP" "$(byte_count "$png")" "$webp_bytes" "$shown"
  fi
  "$rdcodec" decompress "$lossy.rdc" "$lossy.png" --force --quiet --jobs "$jobs"
  rdc_bytes=$(byte_count "$lossy.rdc")
  row "rdcodec" "$(byte_count "$png")" "$rdc_bytes" "$shown"
  ((webp_bytes)) || echo "  No WebP to compare with: neither cwebp (package webp) nor Pillow is here."
  page "$webp_bytes" "$rdc_bytes" >"$output/compare.html"
}

# What the encoder minimises, and what the files hold of it.
objective() {
  printf '\n  %-14s %10s %10s %10s %10s\n' "lossless, bits" "R(z)" written "H(x|z)" written
  "$rdcodec" bench "$samples" --jobs "$jobs" --effort 3 --csv - --quiet | awk -F, '
    NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
    $column["codec"] == "rdcodec" && $column["file"] ~ /png$/ {
      name = $column["file"]; gsub(/.*\/|\.png$/, "", name)
      printf "  %-14s %10.0f %10d %10.0f %10d\n", name, $column["rateObjective"],
        $column["rateWritten"], $column["residualObjective"], $column["residualWritten"]
    }'
}

mkdir -p "$output"
work=$(mktemp -d)
readonly work
trap 'rm -rf "$work"' EXIT
count=0 wrong=0
compress_and_restore
beside_webp
objective
echo
if ((wrong)); then
  echo "$wrong of $count pictures were NOT restored exactly." >&2
  exit 1
fi
echo "All $count pictures were restored exactly: every sample, palette and metadata."
echo "Open $output/compare.html to see $shown beside WebP at equal bytes."
echo "The files are in $output: NAME.rdc, and NAME.png restored from it."
