"""A file's header as a list of fields (docs/FORMAT.md, §3 to §5), to look at and to change."""

import struct
import zlib
from dataclasses import dataclass, field

GROUPS = (4, 3, 3, 3, 3)
"""Inputs of the filter's groups."""


def varint(value: int) -> bytes:
    """In the fewest bytes."""
    result = bytearray()
    while value > 127:
        result.append(value & 127 | 128)
        value >>= 7
    return bytes([*result, value])


def ceiling(value: int, divisor: int) -> int:
    """The quotient, rounded up."""
    return -(-value // divisor)


@dataclass
class Bitstream:
    """Fields by name, in their order, and streams."""

    fields: dict[str, bytes] = field(default_factory=dict)
    entries: list[tuple[bytes, int]] = field(default_factory=list)
    """Sizes as they are written, and checksums, of streams."""
    sums: list[int] = field(default_factory=list)
    """Of latents, then of samples."""
    streams: list[bytes] = field(default_factory=list)
    latent_count: int = 0
    residual_count: int = 0
    trailing: bytes = b""

    def header(self) -> bytes:
        """All before the header's checksum."""
        table = b"".join(size + struct.pack("<I", checksum) for size, checksum in self.entries)
        sums = b"".join(struct.pack("<I", checksum) for checksum in self.sums)
        return b"".join(self.fields.values()) + table + sums

    def bytes(self) -> bytes:
        """The file, with the checksum that its header has now."""
        header = self.header()
        checksum = struct.pack("<I", zlib.crc32(header))
        return header + checksum + b"".join(self.streams) + self.trailing

    def replace(self, index: int, stream: bytes) -> None:
        """Puts another stream in, and its size and checksum into the table."""
        self.streams[index] = stream
        self.entries[index] = (varint(len(stream)), zlib.crc32(stream))

    def number(self, name: str) -> int:
        """A field of little-endian bytes; 0 where it is not there."""
        return int.from_bytes(self.fields.get(name, b""), "little")

    @property
    def boxes(self) -> bytes:
        """Boxes as they inflate."""
        data = self.fields.get("deflated")
        return zlib.decompress(data) if data else b""

    def set_boxes(self, boxes: bytes) -> None:
        """Deflates other boxes."""
        data = zlib.compress(boxes, 9)
        self.fields["box size"] = varint(len(boxes))
        self.fields["deflated size"] = varint(len(data)) if boxes else b""
        self.fields["deflated"] = data if boxes else b""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.offset = data, 0
        self.fields: dict[str, bytes] = {}

    def take(self, name: str, count: int) -> int:
        part = self.data[self.offset : self.offset + count]
        self.fields[name] = part
        self.offset += count
        return int.from_bytes(part, "little")

    def varint(self, name: str) -> int:
        start, value, shift = self.offset, 0, 0
        while True:
            byte = self.data[self.offset]
            self.offset += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                self.fields[name] = self.data[start : self.offset]
                return value

    def side(self, name: str) -> int:
        value = self.take(name, 1)
        return 16 * (value or self.varint(name + ", varint"))


def parse(data: bytes) -> Bitstream:
    """Reads a file that is intact."""
    reader = _Reader(data)
    reader.take("signature", 4)
    reader.take("version", 1)
    content = reader.take("content", 1)
    kind = reader.take("color", 1)
    color_type = kind & 7
    if kind & 128 and reader.take("widening", 1) & 16:
        reader.take("packed", 4)
    width, height = reader.varint("width"), reader.varint("height")
    sides = None
    if content & 128:
        repetition = [reader.take(f"{axis} repetition", 1) for axis in ("column", "row")]
        width, height = (ceiling(size, n) for size, n in zip((width, height), repetition))
        sides = reader.side("tile width"), reader.side("tile height")
    if content & 64:
        reader.take("low", 2)
        reader.take("high", 2)
    content &= 63
    shift = reader.take("position", 2) >> 12
    if shift < 15:
        reader.take("model", 8)
    if content in (3, 4):
        reader.take("maximum error", 1)
    if content < 2:
        _filter(reader)
    source = reader.take("source", 1) if content == 2 else 0
    extra = _source(reader, source, color_type)
    if reader.varint("box size"):
        reader.take("deflated", reader.varint("deflated size"))
    if sides is None:
        sides = (_default_side(width), _default_side(height))
    tiles = ceiling(width, sides[0]) * ceiling(height, sides[1])
    result = Bitstream(reader.fields)
    if shift < 15:
        small = (ceiling(size, 1 << shift) for size in (width, height))
        columns, rows = (ceiling(size, side) for size, side in zip(small, sides))
        result.latent_count = columns * rows
    result.residual_count = tiles if content and source < 2 else 0
    sampled = source == 1 and reader.fields["lattice sampling"] != b"\0"
    count = result.latent_count + result.residual_count + (tiles if sampled else 0) + extra
    sizes = []
    for _ in range(count):
        sizes.append(reader.varint("entry"))
        result.entries.append((reader.fields.pop("entry"), reader.take("checksum", 4)))
    result.sums = [reader.take("checksum", 4) for _ in range(result.latent_count + tiles)]
    reader.fields.pop("checksum")
    offset = reader.offset + 4
    for size in sizes:
        result.streams.append(data[offset : offset + size])
        offset += size
    if result.bytes() != data:
        raise ValueError("a file that was not understood")
    return result


def _default_side(size: int) -> int:
    columns = ceiling(size, 768)
    return ceiling(ceiling(size, columns), 16) * 16


def _filter(reader: _Reader) -> None:
    start = reader.offset
    bits = "".join(f"{byte:08b}" for byte in reader.data[start : start + 400])
    position = 1
    if bits[0] == "1":
        position = 5
        for count in 3 * GROUPS:
            position += 1
            if bits[position - 1] == "0":
                continue
            for _ in range(count):
                position += 1
                if bits[position - 1] == "0":
                    continue
                size = bits.index("0", position + 1) - position - 1
                position += 2 + 2 * size
    reader.take("filter", ceiling(position, 8))


def _source(reader: _Reader, source: int, color_type: int) -> int:
    """Parameters; how many streams it has beside those of tiles."""
    if source == 1:
        reader.take("lattice", 48)
        reader.take("lattice depth", 1)
        reader.take("lattice sampling", 1)
        return 1
    if source in (2, 3):
        planes = 1
        if color_type == 2:
            planes = 3
            reader.take("sampling", 1)
        reader.take("phase of luma", 1)
        if color_type == 2:
            reader.take("phase of chroma", 1)
    elif source == 4:
        planes = (reader.take("components", 1) & 3) + 1
        for plane in range(planes):
            reader.take(f"factors {plane}", 1)
    else:
        return 0
    for plane in range(planes):
        code = reader.take(f"table {plane}", 1)
        reader.take(f"steps {plane}", {0: 64, 253: 1, 254: 128}.get(code, 0))
    bands = reader.take("bands", 1)
    return bands + (1 if source > 2 or color_type == 2 else 0)
