#!/usr/bin/env bash
# Builds Debian packages of the tree with the Swift toolchain at hand: scripts/build_deb.sh [OUTPUT]
#
# OUTPUT is .build-deb unless told; the build in OUTPUT/source stays, so that the next one is short.
# The packages' maintainer is DEBFULLNAME and DEBEMAIL, or else the user of git.
set -euo pipefail
cd "$(dirname "$0")/.."

output=${1:-.build-deb}
mkdir -p "$output"
output=$(realpath "$output")
readonly output source=$output/source
# What the package is built from; no folder of builds, data or checkpoints among it.
readonly parts=(CHANGELOG.md LICENSE Makefile NOTICE Package.swift Sources Tests Benchmarks
  training/StartState desktop samples scripts)

fail() {
  echo "error: $*" >&2
  exit 1
}

missing=()
command -v dpkg-buildpackage >/dev/null || missing+=(dpkg-dev)
command -v dh >/dev/null || missing+=(debhelper)
((${#missing[@]})) && fail "please install as root: apt-get install ${missing[*]}"
scripts/prerequisites.sh

# Of a user of git there may be no name, of a release's archive no git.
name=${DEBFULLNAME:-$(git config user.name || true)}
address=${DEBEMAIL:-$(git config user.email || true)}
[[ $name && $address ]] || fail "set DEBFULLNAME and DEBEMAIL to the maintainer of the packages"
export DEBFULLNAME=$name DEBEMAIL=$address

mkdir -p "$source"
find "$source" -mindepth 1 -maxdepth 1 ! -name .build-install -exec rm -rf {} +
# Times of files are kept, and with them what was compiled before.
tar -cf - --exclude=__pycache__ "${parts[@]}" | tar -xf - -C "$source"
cp -r packaging/debian "$source/debian"
sed -i "s/@MAINTAINER@/$(printf '%s <%s>' "$name" "$address" | sed 's/[\/&]/\\&/g')/" \
  "$source/debian/control" "$source/debian/changelog"

rm -f "$output"/*.deb "$output"/*.buildinfo "$output"/*.changes
(cd "$source" && dpkg-buildpackage --build=binary --no-pre-clean --no-sign)
echo "Packages:"
for package in "$output"/*.deb; do
  echo "  $package ($(wc -c <"$package" | tr -d ' ') bytes)"
done
