#!/usr/bin/env bash
# Compresses the sample images, restores them, checks the round trip and prints the sizes.
#
#   scripts/demo.sh RDCODEC SAMPLES OUTPUT
set -euo pipefail

readonly rdcodec=$1 samples=$2 output=$3
jobs=$(getconf _NPROCESSORS_ONLN)
readonly jobs quality=50 lossy_sample=still-life

byte_count() { wc -c <"$1" | tr -d ' '; }

row() { # NAME BEFORE AFTER
  awk -v name="$1" -v before="$2" -v after="$3" 'BEGIN {
    printf "  %-22s %10d %10d %8.1f %%\n", name, before, after, 100 * after / before }'
}

mkdir -p "$output"
echo
printf '  %-22s %10s %10s %10s\n' "lossless, bytes" PNG rdc "rdc / PNG"
total_before=0 total_after=0
for png in "$samples"/*.png; do
  name=$(basename "$png" .png)
  "$rdcodec" compress "$png" "$output/$name.rdc" --force --quiet --jobs "$jobs"
  "$rdcodec" decompress "$output/$name.rdc" "$output/$name.png" --force --quiet --jobs "$jobs"
  before=$(byte_count "$png") after=$(byte_count "$output/$name.rdc")
  row "$name" "$before" "$after"
  total_before=$((total_before + before)) total_after=$((total_after + after))
done
row total "$total_before" "$total_after"

lossy=$output/$lossy_sample-q$quality
"$rdcodec" compress "$samples/$lossy_sample.png" "$lossy.rdc" \
  --quality "$quality" --force --quiet --jobs "$jobs"
"$rdcodec" decompress "$lossy.rdc" "$lossy.png" --force --quiet --jobs "$jobs"
echo
printf '  %-22s %10s %10s %10s\n' "lossy, bytes" PNG rdc "rdc / PNG"
row "$lossy_sample, quality $quality" \
  "$(byte_count "$samples/$lossy_sample.png")" "$(byte_count "$lossy.rdc")"

echo
echo "Round trip of every sample, and bits by the objective and as written:"
"$rdcodec" bench "$samples" --jobs "$jobs"
echo
echo "The files are in $output: NAME.rdc, NAME.png (restored), $(basename "$lossy").png (lossy)."
