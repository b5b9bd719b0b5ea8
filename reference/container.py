"""File layout, header, boxes and tile table (FORMAT.md, §2 to §5, §13.1, §13.5)."""

import zlib
from dataclasses import dataclass, field

from reference.arithmetic import ceiling
from reference.byte_reader import ByteReader
from reference.errors import FormatError, corrupt

SIGNATURE = b"\x8fRDC"
VERSION = 9
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
MAXIMUM_SIDE = 1_000_000
MAXIMUM_PIXELS = 1 << 28
MAXIMUM_BOXES = 64 << 20


@dataclass(frozen=True)
class Tile:
    """A rectangle of the coded image, in pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass
class Filter:
    """The filter of a lossy image (§9.2): weights of 16 inputs in each of three outputs."""

    weights: list[list[int]]


@dataclass
class Palette:
    """Colours of a palette image (§4): entries of (red, green, blue), alphas of the first."""

    colors: list[tuple[int, int, int]]
    alphas: list[int]


@dataclass
class Lattice:
    """Points of colours (§13.1): rows of (luma, first, second, offset) in 2⁻¹⁶."""

    rows: list[list[int]]
    depth: int


@dataclass
class Coefficients:
    """JPEG coefficients (§13.5): phases are (columns, rows), tables have 64 steps in rows."""

    luma_phase: tuple[int, int] = (0, 0)
    chroma_phase: tuple[int, int] = (0, 0)
    fast: bool = False
    scaled: bool = False
    colors: int | None = None
    factors: list[tuple[int, int]] = field(default_factory=list)
    tables: list[list[int]] = field(default_factory=list)
    bands: int = 1


@dataclass
class Header:
    """What stands before the streams (§3 to §5)."""

    content: int = 0
    color_type: int = 0
    depth: int = 8
    widening: int = 0
    packed_base: int = 0
    packed_shift: int = 0
    width: int = 0
    height: int = 0
    column_repetition: int = 1
    row_repetition: int = 1
    tile_width: int = 0
    tile_height: int = 0
    color_range: tuple[int, int] = (0, 255)
    position: int = 0
    latent_shift: int = 15
    model: int | None = None
    maximum_error: int = 0
    filter: Filter | None = None
    source: int = 0
    lattice: Lattice | None = None
    sampling: int = 0
    coefficients: Coefficients | None = None
    palette: Palette | None = None
    transparent: list[int] | None = None
    peak: int = 255
    metadata: list[tuple[int, bytes]] = field(default_factory=list)
    streams: list[tuple[int, int]] = field(default_factory=list)
    latent_checksums: list[int] = field(default_factory=list)
    sample_checksums: list[int] = field(default_factory=list)

    @property
    def has_latents(self) -> bool:
        """Whether there is a lossy image."""
        return self.latent_shift != 15

    @property
    def coded_width(self) -> int:
        """Columns without their repetitions."""
        return ceiling(self.width, self.column_repetition)

    @property
    def coded_height(self) -> int:
        """Rows without their repetitions."""
        return ceiling(self.height, self.row_repetition)

    @property
    def channels(self) -> int:
        """Channels of the coded image."""
        return CHANNELS[self.color_type]

    @property
    def has_alpha(self) -> bool:
        """Whether the last channel is alpha."""
        return self.color_type in (4, 6)

    @property
    def reduced_size(self) -> tuple[int, int]:
        """Width and height of what the latents describe (§3)."""
        side = 1 << self.latent_shift
        return ceiling(self.coded_width, side), ceiling(self.coded_height, side)

    def tiles(self) -> list[Tile]:
        """The tiles of the coded image."""
        return cover(self.coded_width, self.coded_height, self.tile_width, self.tile_height)

    def latent_tiles(self) -> list[Tile]:
        """The tiles of the reduced image; none without latents."""
        if not self.has_latents:
            return []
        return cover(*self.reduced_size, self.tile_width, self.tile_height)


@dataclass
class Container:
    """A header and the streams' bytes; a stream that is not whole is None."""

    header: Header
    latents: list[bytes | None]
    residuals: list[bytes | None]
    chroma: list[bytes | None]
    bands: list[bytes | None]
    last: bytes | None


def cover(width: int, height: int, tile_width: int, tile_height: int) -> list[Tile]:
    """Tiles row after row, cut at the right and bottom edge (§3)."""
    return [
        Tile(x, y, min(tile_width, width - x), min(tile_height, height - y))
        for y in range(0, height, tile_height)
        for x in range(0, width, tile_width)
    ]


def read_container(data: bytes, lossy_only: bool) -> Container:
    """The header and the streams that the requested image needs (§2)."""
    reader = ByteReader(data)
    header = read_header(reader)
    checked = reader.position
    if zlib.crc32(data[:checked]) != reader.unsigned(4):
        raise FormatError("checksumMismatch", "header")
    streams = []
    for size, checksum in header.streams:
        if size > reader.left:
            streams.append(None)
            reader.position = len(data)
            continue
        stream = reader.bytes(size)
        streams.append(stream)
        needed = not lossy_only or len(streams) <= len(header.latent_checksums)
        if needed and zlib.crc32(stream) != checksum:
            raise FormatError("checksumMismatch", f"stream {len(streams) - 1}")
    if reader.left and not lossy_only:
        raise corrupt("bytes after the last stream")
    latent_count = len(header.latent_checksums)
    needed_count = latent_count if lossy_only else len(streams)
    if any(stream is None for stream in streams[:needed_count]):
        raise FormatError("truncated", "a stream that is needed is not whole")
    counts = [latent_count, *stream_counts(header)]
    parts = []
    for count in counts:
        parts.append(streams[:count])
        streams = streams[count:]
    latents, residuals, chroma, bands, last = parts
    return Container(header, latents, residuals, chroma, bands, last[0] if last else None)


def stream_counts(header: Header) -> tuple[int, int, int, int]:
    """Numbers of residual streams, chroma streams, bands, and streams of a source at the end."""
    tiles = len(header.tiles())
    if header.content == 0:
        return 0, 0, 0, 0
    if header.source == 0:
        return tiles, 0, 0, 0
    if header.source == 1:
        return tiles, tiles if header.sampling else 0, 0, 1
    last = 1 if header.source in (3, 4) or header.color_type == 2 else 0
    return 0, 0, header.coefficients.bands, last


def read_header(reader: ByteReader) -> Header:
    """All of §3 to §5, up to the header's checksum."""
    if reader.bytes(4) != SIGNATURE:
        raise corrupt("this is no rdc file")
    version = reader.u8()
    if version != VERSION:
        raise FormatError("unsupported", f"version {version}")
    header = Header()
    content = reader.u8()
    header.content = content & 63
    states_range, states_layout = bool(content & 64), bool(content & 128)
    if header.content > 4:
        raise corrupt(f"content {header.content}")
    kind = reader.u8()
    header.color_type = kind & 7
    header.depth = (kind >> 3 & 15) + 1
    if header.color_type not in CHANNELS:
        raise corrupt(f"colour type {header.color_type}")
    if header.color_type == 3 and (header.content != 2 or header.depth not in (1, 2, 4, 8)):
        raise corrupt("a palette image of another content or depth")
    if header.content == 1 and not header.has_alpha:
        raise corrupt("content 1 without alpha")
    if kind & 128:
        read_widening(reader, header)
    read_sizes(reader, header, states_layout)
    if states_range:
        header.color_range = (reader.unsigned(2), reader.unsigned(2))
    read_rate(reader, header, states_range)
    if header.content in (3, 4):
        header.maximum_error = reader.u8()
        if not 1 <= header.maximum_error <= 16:
            raise corrupt("maximum error")
    if header.content in (0, 1):
        header.filter = read_filter(reader)
        if header.filter is not None and header.latent_shift != 0:
            raise corrupt("a filter with a latent shift")
    if header.content == 2:
        header.source = reader.u8()
        read_source(reader, header)
    read_boxes(reader, header)
    finish_range(header, states_range)
    read_tile_table(reader, header)
    return header


def read_widening(reader: ByteReader, header: Header) -> None:
    """Widening and packed numbers (§3)."""
    widening = header.widening = reader.u8()
    if not 1 <= widening <= 31 or header.content != 2:
        raise corrupt("widening")
    palette, grey, _, deeper, packed = (widening >> bit & 1 for bit in range(5))
    if palette and (grey or header.color_type != 3 or header.depth != 8):
        raise corrupt("widening of a palette")
    if grey and header.color_type not in (0, 4):
        raise corrupt("widening of grey")
    if widening & 4 and header.has_alpha:
        raise corrupt("widening by alpha")
    if deeper and header.depth != 8:
        raise corrupt("widening of the depth")
    if header.color_type == 3 and not palette:
        raise corrupt("widening of indices")
    if packed:
        if widening & ~20 or header.color_type != 0 or header.depth != 16:
            raise corrupt("widening of packed numbers")
        value = reader.unsigned(4)
        if value >> 25:
            raise corrupt("packed numbers")
        header.packed_base, header.packed_shift = value & 0xFFFFFF, 8 * (value >> 24)


def read_sizes(reader: ByteReader, header: Header, states_layout: bool) -> None:
    """Image size, repetitions and the sides of tiles (§3)."""
    header.width, header.height = reader.varint(), reader.varint()
    if not (1 <= header.width < 1 << 31 and 1 <= header.height < 1 << 31):
        raise corrupt("size of the image")
    if max(header.width, header.height) > MAXIMUM_SIDE:
        raise FormatError("limitExceeded", "a side of the image")
    if header.width * header.height > MAXIMUM_PIXELS:
        raise FormatError("limitExceeded", "pixels of the image")
    if not states_layout:
        header.tile_width = default_side(header.coded_width)
        header.tile_height = default_side(header.coded_height)
        return
    header.column_repetition, header.row_repetition = reader.u8(), reader.u8()
    if not header.column_repetition or not header.row_repetition:
        raise corrupt("repetition of columns or rows")
    units = [read_side(reader), read_side(reader)]
    header.tile_width, header.tile_height = (16 * unit for unit in units)
    width = min(header.tile_width, header.coded_width)
    height = min(header.tile_height, header.coded_height)
    is_usual = max(units) <= 128 and header.tile_width * header.tile_height <= 1 << 21
    if not is_usual and width * height > 1 << 20:
        raise corrupt("pixels of a tile")


def default_side(length: int) -> int:
    """The side of tiles where the layout is not stated (§3)."""
    count = ceiling(length, 768)
    return 16 * ceiling(ceiling(length, count), 16)


def read_side(reader: ByteReader) -> int:
    """A side of a tile in units of 16 pixels (§3)."""
    side = reader.u8()
    if 1 <= side <= 128:
        return side
    side = reader.varint() if side == 0 else 0
    if not 129 <= side <= 1 << 16:
        raise corrupt("side of a tile")
    return side


def read_rate(reader: ByteReader, header: Header, states_range: bool) -> None:
    """Position, latent shift and the model's name (§3)."""
    value = reader.unsigned(2)
    header.position, header.latent_shift = value & 4095, value >> 12
    if header.latent_shift == 15:
        if header.content != 2 or header.position or states_range:
            raise corrupt("a file without latents")
        return
    if header.latent_shift > 5 or header.position > 2048:
        raise corrupt("position or latent shift")
    header.model = reader.unsigned(8)


FILTER_SHIFTS = (0, 2, 2, 0, 4, 6, 6, 3, 5, 5, 6, 7, 7, 6, 7, 7)
FILTER_GROUPS = (range(4), range(4, 7), range(7, 10), range(10, 13), range(13, 16))


class BitReader:
    """Bits of a header, the most significant of a byte first (§9.2)."""

    def __init__(self, reader: ByteReader) -> None:
        self.reader = reader
        self.byte = 0
        self.left = 0

    def bits(self, count: int) -> int:
        """An unsigned number of `count` bits."""
        value = 0
        for _ in range(count):
            if self.left == 0:
                self.byte, self.left = self.reader.u8(), 8
            self.left -= 1
            value = 2 * value + (self.byte >> self.left & 1)
        return value


def read_filter(reader: ByteReader) -> Filter | None:
    """The filter's weights (§9.2)."""
    bits = BitReader(reader)
    result = None
    if bits.bits(1):
        fineness = bits.bits(4)
        if fineness > 14:
            raise corrupt("fineness of the filter")
        weights = [[0] * 16 for _ in range(3)]
        for output in range(3):
            for group in FILTER_GROUPS:
                if bits.bits(1):
                    for index in group:
                        shift = 14 - fineness + FILTER_SHIFTS[index]
                        weights[output][index] = read_level(bits, shift) << shift
        result = Filter(weights)
    if bits.byte & ((1 << bits.left) - 1):
        raise corrupt("bits after the filter")
    return result


def read_level(bits: BitReader, shift: int) -> int:
    """One level of the filter (§9.2)."""
    if not bits.bits(1):
        return 0
    negative = bits.bits(1)
    length = 0
    while bits.bits(1):
        length += 1
        if length > 16:
            raise corrupt("level of the filter")
    size = (1 << length) + bits.bits(length)
    if size > (1 << 16) >> shift:
        raise corrupt("level of the filter")
    return -size if negative else size


def read_source(reader: ByteReader, header: Header) -> None:
    """Parameters of a source (§13.1, §13.5)."""
    if header.source == 0:
        return
    if header.source > 4:
        raise corrupt(f"source {header.source}")
    rgb = header.color_type == 2
    if header.depth != 8 or not (rgb or (header.source > 1 and header.color_type == 0)):
        raise corrupt("a source of another colour type or depth")
    if header.source == 1:
        rows = [[reader.signed(4) for _ in range(4)] for _ in range(3)]
        if any(abs(value) >= 1 << 28 for row in rows for value in row):
            raise corrupt("lattice")
        depth = reader.u8()
        if not 1 <= depth <= 12:
            raise corrupt("depth of coordinates")
        header.lattice = Lattice(rows, depth)
        header.sampling = read_sampling(reader, header)
        return
    header.coefficients = read_coefficients(reader, header)


def read_sampling(reader: ByteReader, header: Header) -> int:
    """How chroma planes are smaller (§13.1)."""
    sampling = reader.u8()
    if sampling == 0:
        return 0
    columns, rows, filter_kind = sampling & 1, sampling >> 1 & 1, sampling >> 2 & 3
    if sampling > 63 or not (columns or rows) or filter_kind == 3:
        raise corrupt("sampling")
    if (sampling & 16 and not columns) or (sampling & 32 and not rows):
        raise corrupt("phase of an axis that is not halved")
    if filter_kind == 1 and min(header.coded_width, header.coded_height) < 2:
        raise corrupt("a bilinear sampling of one pixel")
    return sampling


def read_coefficients(reader: ByteReader, header: Header) -> Coefficients:
    """Parameters of JPEG coefficients (§13.5)."""
    result = Coefficients()
    rgb = header.color_type == 2
    if header.source == 4:
        value = reader.u8()
        count, result.colors = (value & 3) + 1, value >> 2
        if result.colors > 4 or (result.colors in (1, 2) and count != 3):
            raise corrupt("components")
        if (result.colors in (3, 4) and count != 4) or rgb != (result.colors != 0):
            raise corrupt("components")
        for _ in range(count):
            factors = reader.u8()
            result.factors.append((factors >> 4, factors & 15))
        if any(not 1 <= side <= 4 for pair in result.factors for side in pair):
            raise corrupt("sampling factors")
    else:
        if rgb:
            header.sampling = read_sampling(reader, header)
        phase = reader.u8()
        result.luma_phase = (phase & 7, phase >> 3 & 7)
        result.fast, result.scaled = bool(phase & 64), bool(phase & 128)
        if header.source == 3 and phase > 63:
            raise corrupt("phase of luma")
        if result.scaled and (header.sampling == 0 or header.sampling & 12):
            raise corrupt("scaled chroma")
        count = 1
        if rgb:
            count = 3
            phase = reader.u8()
            if phase > 63:
                raise corrupt("phase of chroma")
            result.chroma_phase = (phase & 7, phase >> 3)
    for _ in range(count):
        previous = result.tables[-1] if result.tables else None
        result.tables.append(read_table(reader, previous, header.source == 4))
    result.bands = reader.u8()
    return result


# ITU-T T.81, tables K.1 and K.2, row after row.
EXAMPLE_LUMA = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
EXAMPLE_CHROMA = (
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
)  # fmt: skip


def example_table(code: int, largest: int) -> list[int]:
    """The example of a code 1 … 200, with steps up to `largest` (§13.5)."""
    example, quality = (EXAMPLE_LUMA, code) if code <= 100 else (EXAMPLE_CHROMA, code - 100)
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return [min(max((step * percent + 50) // 100, 1), largest) for step in example]


def read_table(reader: ByteReader, previous: list[int] | None, any_kind: bool) -> list[int]:
    """A table of quantisation steps (§13.5)."""
    code = reader.u8()
    if 1 <= code <= 200:
        return example_table(code, 255)
    if code == 255 and previous is not None:
        return previous
    if any_kind and code == 253:
        code = reader.u8()
        if 1 <= code <= 200:
            return example_table(code, 32767)
    size = {0: 1, 254: 2 if any_kind else 0}.get(code, 0)
    if size:
        steps = [reader.unsigned(size) for _ in range(64)]
        if all(steps):
            return steps
    raise corrupt("table of quantisation steps")


def read_boxes(reader: ByteReader, header: Header) -> None:
    """Palette, transparent colour, peak, and metadata as they are (§4)."""
    header.peak = (1 << header.depth) - 1
    size = reader.varint()
    if size == 0:
        if header.color_type == 3:
            raise corrupt("no palette")
        return
    if size > MAXIMUM_BOXES + 2048:
        raise FormatError("limitExceeded", "boxes")
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(reader.bytes(reader.varint()), size + 1)
    except zlib.error as error:
        raise corrupt("boxes do not inflate") from error
    if len(inflated) != size or not inflater.eof or inflater.unused_data:
        raise corrupt("boxes of another size")
    boxes = ByteReader(inflated, kind="corrupt")
    while boxes.left:
        read_box(boxes, header)
    if (header.color_type == 3) != (header.palette is not None):
        raise corrupt("palette")
    if header.palette is not None and len(header.palette.colors) > 1 << header.depth:
        raise FormatError("invalidImage", "a palette of more colours than the depth allows")


def read_box(boxes: ByteReader, header: Header) -> None:
    """One box (§4)."""
    tag = boxes.u8()
    if tag == 1:
        count = boxes.u8() + 1
        alpha_count = boxes.unsigned(2)
        if alpha_count > count:
            raise corrupt("alpha values of the palette")
        planes = [boxes.bytes(count) for _ in range(3)]
        header.palette = Palette(list(zip(*planes)), list(boxes.bytes(alpha_count)))
    elif tag == 2:
        count = boxes.u8()
        if count not in (1, 3):
            raise corrupt("transparent colour")
        header.transparent = [boxes.unsigned(2) for _ in range(count)]
    elif tag == 3:
        kind = boxes.u8()
        if kind >> 6 == 3 or kind & 63 == 0:
            raise corrupt("kind or position of metadata")
        header.metadata.append((kind & 63, boxes.bytes(boxes.varint())))
    elif tag == 4:
        header.peak = boxes.unsigned(2)
        limit = 1 << header.depth
        if header.color_type == 3 or not limit // 2 <= header.peak <= limit - 2:
            raise corrupt("peak")
    else:
        raise corrupt(f"box {tag}")


def finish_range(header: Header, states_range: bool) -> None:
    """The samples that stand for 0 and 255 in x̂ (§3)."""
    if not states_range:
        header.color_range = (0, 255 if header.color_type == 3 else header.peak)
        return
    low, high = header.color_range
    if header.color_type == 3 or not low < high <= header.peak:
        raise corrupt("colour range")


def read_tile_table(reader: ByteReader, header: Header) -> None:
    """Sizes and checksums of streams, then checksums of what they hold (§5)."""
    latent_count = len(header.latent_tiles())
    count = latent_count + sum(stream_counts(header))
    if count > reader.left // 5:
        raise FormatError("truncated", "tile table")
    for _ in range(count):
        size = reader.varint()
        if size > 1 << 32:
            raise FormatError("limitExceeded", "a stream")
        header.streams.append((size, reader.unsigned(4)))
    header.latent_checksums = [reader.unsigned(4) for _ in range(latent_count)]
    header.sample_checksums = [reader.unsigned(4) for _ in header.tiles()]
