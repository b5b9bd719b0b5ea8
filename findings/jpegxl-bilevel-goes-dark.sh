#!/usr/bin/env bash
# A PNG of one bit through cjxl -d 0 and djxl (libjxl 0.7.0 as Debian 12 has it) comes back almost black.
# White is 1 of 1 on the way in and 1 of 255 on the way out; both programs report success.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for package in libjxl-tools=0.7.0-10+deb12u1 libjxl0.7=0.7.0-10+deb12u1 libgif7 libopenexr-3-1-30 libimath-3-1-29 \
  libhwy1 libjpeg62-turbo liblcms2-2 libbrotli1 libtcmalloc-minimal4; do
  apt-get -qq download "$package" 2>/dev/null
done
for file in *.deb; do dpkg -x "$file" .; done
export PATH=$folder/usr/bin:$PATH
export LD_LIBRARY_PATH=$folder/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo x86_64-linux-gnu)
cat >png.py <<'P'
import struct, sys, zlib

def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

if sys.argv[1] == "write":  # 8 x 2 pixels of one bit: stripes, then their opposite
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 2, 1, 0, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(b"\x00\x55\x00\xaa"))
    open("given.png", "wb").write(b"\x89PNG\r\n\x1a\n" + head + rows + chunk(b"IEND", b""))
else:
    data, at, depth, rows = open("back.png", "rb").read(), 8, 0, b""
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        if name == b"IHDR":
            depth = data[at + 16]
        if name == b"IDAT":
            rows += data[at + 8 : at + 8 + size]
        at += size + 12
    raw, above = zlib.decompress(rows), [0] * 8
    stride, highest = 1 + depth, 0  # eight pixels of `depth` bits
    for y in range(2):
        line = []
        for x, value in enumerate(raw[y * stride + 1 : (y + 1) * stride]):
            left, corner = (line[x - 1], above[x - 1]) if x else (0, 0)
            nearest = min((left, above[x], corner), key=lambda v: abs(left + above[x] - corner - v))
            line.append(value + (0, left, above[x], (left + above[x]) // 2, nearest)[raw[y * stride]] & 255)
        above, highest = line, max(highest, *line)
    print(f"depth {depth}, highest sample {highest}")
P
python3 png.py write
cjxl -d 0 given.png there.jxl >messages 2>&1
djxl there.jxl back.png >>messages 2>&1
cjxl --version 2>&1 | sed -n 1p
seen=$(python3 png.py read)
echo "one bit, white is 1 of 1 -> $seen"
[[ $seen == "depth 8, highest sample 1" ]]
