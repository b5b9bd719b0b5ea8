#!/usr/bin/env bash
# Tries desktop/ with the programs that read it, as far as they are here: test_desktop.sh [PROGRAM]
#
# All of it in a folder of its own: nothing is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

program=$(realpath "${1:-.build/release/rdcodec}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
readonly program folder desktop=$PWD/desktop picture=$PWD/samples/still-life.png
failed=0

check() { # WHAT FOUND EXPECTED
  if [[ $2 == "$3" ]]; then
    echo "$1: $2"
  else
    echo "$1: '$2' in place of '$3'"
    failed=1
  fi
}

# Whether all of these are there; if not, says so.
has() { # WHAT PROGRAM ...
  local what=$1 tool
  shift
  for tool in "$@"; do
    command -v "$tool" >/dev/null || { echo "$what: skipped, there is no $tool" && return 1; }
  done
}

# Width, height and kind of a PNG file, from its header.
png_size() {
  od -An -t u1 -j 16 -N 8 "$1" | awk '{ print $1 * 16777216 + $2 * 65536 + $3 * 256 + $4 " x " \
    $5 * 16777216 + $6 * 65536 + $7 * 256 + $8 }'
}

mkdir "$folder/bin"
ln -s "$program" "$folder/bin/rdcodec"
PATH=$folder/bin:$PATH
"$program" compress --quiet -e 1 "$picture" "$folder/a picture.rdc"
cp "$folder/a picture.rdc" "$folder/nameless"
cd "$folder"

if has "file" file; then
  check "file" "$(file -b -m "$desktop/rdcodec.magic" nameless)" "rdcodec image data, version 9"
  check "file --mime-type" "$(file -b --mime-type -m "$desktop/rdcodec.magic" nameless)" \
    image/x-rdcodec
fi

export XDG_DATA_HOME=$folder/data
mkdir -p "$XDG_DATA_HOME/mime/packages"
cp "$desktop/mime.xml" "$XDG_DATA_HOME/mime/packages/rdcodec.xml"
if has "gio" update-mime-database gio; then
  update-mime-database "$XDG_DATA_HOME/mime"
  for name in "a picture.rdc" nameless; do
    check "gio, $name" "$(gio info -a standard::content-type "$name" | awk '/content-type:/ { print $2 }')" \
      image/x-rdcodec
  done
  if has "xdg-mime" xdg-mime; then
    check "xdg-mime" "$(XDG_CURRENT_DESKTOP=GNOME xdg-mime query filetype "a picture.rdc")" \
      image/x-rdcodec
  fi
fi

# As a desktop does it: each word of the line is an argument, and the output's name says nothing.
read -ra words < <(sed -n 's/^Exec=//p' "$desktop/rdcodec.thumbnailer")
for size in 128 256 1024; do
  : >thumbnail
  arguments=()
  for word in "${words[@]}"; do
    case $word in
      %s) arguments+=("$size") ;;
      %i) arguments+=("$folder/a picture.rdc") ;;
      %o) arguments+=("$folder/thumbnail") ;;
      *) arguments+=("$word") ;;
    esac
  done
  "${arguments[@]}"
  case $size in
    128) expected="128 x 85" ;;
    256) expected="256 x 171" ;;
    *) expected="768 x 512" ;;
  esac
  check "thumbnail of $size" "$(png_size thumbnail)" "$expected"
done

# ImageMagick 7 calls it magick.
for tool in magick convert; do
  "$tool" -version 2>/dev/null | grep -q ImageMagick && convert=$tool && break
done
if [[ ${convert-} ]]; then
  export MAGICK_CONFIGURE_PATH=$desktop/imagemagick
  identify=("${convert/convert/identify}")
  [[ $convert == convert ]] || identify=(magick identify)
  for name in "a picture.rdc" nameless; do
    check "ImageMagick identify, $name" "$("${identify[@]}" -format '%wx%h %z' "$name")" \
      "768x512 8"
  done
  "$convert" "a picture.rdc" restored.ppm
  "$program" decompress --quiet "a picture.rdc" expected.ppm
  check "ImageMagick reads" "$(tail -c 1179648 restored.ppm | sha256sum)" \
    "$(tail -c 1179648 expected.ppm | sha256sum)"
  "$convert" "$picture" -crop 100x80+10+10 +repage part.rdc
  check "ImageMagick writes" "$("$program" info part.rdc | sed -n 's/^size *//p')" "100 x 80"
else
  echo "ImageMagick: skipped, there is none"
fi
exit "$failed"
