#!/usr/bin/env bash
# Netpbm's way to PNG and back is not exact: a maxval of 1000 comes back as 1023, with other samples.
# A PNG of 16 bits holds no such maxval; pnmtopng scales to 65535 and leaves "10 significant bits", which pngtopnm
# takes for a maxval of 2^10 - 1. Neither says that samples changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for package in netpbm=2:11.01.00-2 libnetpbm11=2:11.01.00-2; do
  apt-get -qq download "$package" 2>/dev/null
done
for file in *.deb; do dpkg -x "$file" .; done
export PATH=$folder/usr/bin:$PATH
export LD_LIBRARY_PATH=$folder/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo x86_64-linux-gnu)
printf 'P2\n4 1\n1000\n0 250 500 1000\n' >given.pgm
pnmtopng given.pgm 2>messages >there.png
pngtopnm -plain there.png 2>>messages | tr -s ' \n' ' ' >back.txt
pnmtopng --version >version 2>&1
sed -n 1p version
echo "P2 4 1 1000 0 250 500 1000 -> $(cat back.txt)"
[[ "$(cat back.txt)" == "P2 4 1 1023 0 256 512 1023 " ]]
! grep -qi -E "chang|los|scal|round" messages
