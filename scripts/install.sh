#!/usr/bin/env bash
# Builds the command and the C library for use without the Swift toolchain, and installs them with header,
# manual page, completions and what desktops know the format by under DESTDIR/PREFIX.
#
#   scripts/install.sh PREFIX [DESTDIR]
#   scripts/install.sh --uninstall PREFIX [DESTDIR]
#
# LIBDIR, lib unless set, is the folder of the libraries below PREFIX.
set -euo pipefail

readonly build=.build-install
readonly program=$build/release/rdcodec
readonly library=$build/librdcodec.so.0 archive=$build/librdcodec.a
readonly libraries=${LIBDIR:-lib}

# Where bash-completion, zsh and fish look by themselves.
files() { # ROOT
  cat <<LIST
$1/bin/rdcodec
$1/share/man/man1/rdcodec.1
$1/share/bash-completion/completions/rdcodec
$1/share/zsh/site-functions/_rdcodec
$1/share/fish/vendor_completions.d/rdcodec.fish
$1/include/rdcodec.h
$1/$libraries/librdcodec.so.0
$1/$libraries/pkgconfig/rdcodec.pc
$1/$libraries/librdcodec.so
$1/$libraries/librdcodec.a
LIST
}

# What desktops and other programs know the format by: a file of desktop/, and its place.
readonly desktop=(
  mime.xml:share/mime/packages/rdcodec.xml
  rdcodec.thumbnailer:share/thumbnailers/rdcodec.thumbnailer
  rdcodec.magic:share/rdcodec/rdcodec.magic
  imagemagick/delegates.xml:share/rdcodec/imagemagick/delegates.xml
  imagemagick/magic.xml:share/rdcodec/imagemagick/magic.xml)

build_program() {
  local swift=${SWIFT:-swift}
  if command -v "$swift" >/dev/null; then
    "$(dirname "$0")/prerequisites.sh"
    # Swift's libraries go into the program; symbols, which nobody reads there, stay out.
    "$swift" build -c release --scratch-path "$build" --product rdcodec --static-swift-stdlib \
      -Xlinker -s
    "$swift" build -c release --scratch-path "$build" --product RDCodecC --static-swift-stdlib
    SWIFT=$swift scripts/link_library.sh "$build/release" "$library"
    SWIFT=$swift scripts/link_library.sh "$build/release" "$archive"
  elif [[ -x $program && -e $library && -e $archive ]]; then
    echo "note: no swift on the PATH (sudo may hide it); installing what was built before" >&2
  else
    echo "error: no swift on the PATH; build first, by 'make program'" >&2
    exit 1
  fi
}

put() { # TARGET MODE; contents from standard input
  local folder
  folder=$(dirname "$1")
  mkdir -p "$folder"
  # Written aside: a program that is running cannot be overwritten, but replaced.
  cat >"$1.new"
  chmod "$2" "$1.new"
  mv -f "$1.new" "$1"
  echo "  $1 ($(wc -c <"$1" | tr -d ' ') bytes)"
}

if [[ ${1-} == --build ]]; then
  build_program
  exit
fi
uninstall=
if [[ ${1-} == --uninstall ]]; then
  uninstall=yes
  shift
fi
readonly root=${2-}${1:?PREFIX is needed}
mapfile -t targets < <(files "$root")
if [[ $uninstall ]]; then
  rm -f "${targets[@]}" "${desktop[@]/#*:/$root/}"
  exit
fi
build_program
echo "Installing:"
put "${targets[0]}" 755 <"$program"
"$program" generate-manual | put "${targets[1]}" 644
"$program" --generate-completion-script bash | put "${targets[2]}" 644
"$program" --generate-completion-script zsh | put "${targets[3]}" 644
"$program" --generate-completion-script fish | put "${targets[4]}" 644
put "${targets[5]}" 644 <Sources/CRDCodec/include/rdcodec.h
put "${targets[6]}" 644 <"$library"
put "${targets[7]}" 644 <<PKGCONFIG
prefix=$1
Name: rdcodec
Description: Rate-distortion image codec
Version: $("$program" --version | sed -n 's/^rdcodec //p')
Cflags: -I\${prefix}/include
Libs: -L\${prefix}/$libraries -lrdcodec
Libs.private: -lpng16 -lz -lstdc++ -lm -ldl -pthread
PKGCONFIG
ln -sf librdcodec.so.0 "${targets[8]}"
put "${targets[9]}" 644 <"$archive"
for entry in "${desktop[@]}"; do
  put "$root/${entry#*:}" 644 <"desktop/${entry%%:*}"
done
echo "For desktops to know .rdc files: update-mime-database $root/share/mime"
