"""The layout of a JPEG file that is kept (FORMAT.md, §13.7, *Layout*)."""

from dataclasses import dataclass, field

from reference.byte_reader import ByteReader
from reference.container import example_table
from reference.jpeg_huffman import HuffmanTable, example_huffman, wrong

BASELINE, EXTENDED, PROGRESSIVE = 0, 1, 2
MAXIMUM_SCANS = 512


@dataclass
class FrameComponent:
    """A component: identifier, factors, number of its quantisation table."""

    identifier: int
    h: int
    v: int
    table: int


@dataclass
class Frame:
    """A frame header; `process` is 0 baseline, 1 extended, 2 progressive."""

    process: int
    width: int
    height: int
    components: list[FrameComponent]


@dataclass
class QuantizationTables:
    """A DQT segment: (number, whether steps have two bytes) of each table, and its steps."""

    entries: list[tuple[int, bool]]
    steps: list[list[int]] = field(default_factory=list)


@dataclass
class HuffmanTables:
    """A DHT segment: (number, whether AC) of each table, and the tables."""

    entries: list[tuple[int, bool]]
    kinds: list[int]
    tables: list[HuffmanTable] = field(default_factory=list)


@dataclass
class RestartInterval:
    """A DRI segment."""

    units: int = 0


@dataclass
class Member:
    """A component in a scan, with the numbers of its tables."""

    component: int
    dc: int
    ac: int


@dataclass
class Scan:
    """A scan: its header, and what deviates. Lists are dictionaries by place."""

    members: list[Member]
    first: int
    last: int
    high: int
    low: int
    flags: int = 0
    units: int | None = None
    early_runs: set[int] = field(default_factory=set)
    zero_runs: dict[int, int] = field(default_factory=dict)
    markers: dict[int, tuple[int, int]] = field(default_factory=dict)
    paddings: dict[int, int] = field(default_factory=dict)


@dataclass
class End:
    """The marker of the end."""


@dataclass
class Segment:
    """Another segment, or stray bytes where the marker is 0."""

    marker: int
    contents: bytes = b""


Part = Frame | QuantizationTables | HuffmanTables | RestartInterval | Scan | End | Segment


def read_layout(reader: ByteReader) -> tuple[Frame, list[Part]]:
    """The frame, and all parts in their order."""
    frame = read_frame(reader)
    arrangement = reader.u8()
    if arrangement > 64:
        raise wrong("arrangement")
    if arrangement == 0:
        shape = ByteReader(reader.bytes(reader.varint()), kind="wrongContents")
        parts = read_shape(shape, frame)
    else:
        scans = None
        if arrangement > 32:
            scans = [read_scan(reader, frame) for _ in range(reader.varint())]
        parts = arrange((arrangement - 1) & 31, frame, scans)
    if parts.count(frame) != 1:
        raise wrong("frames")
    read_contents(reader, parts)
    scans = [part for part in parts if isinstance(part, Scan)]
    if len(scans) > MAXIMUM_SCANS:
        raise wrong("scans")
    if scans:
        read_deviations(reader, scans)
    return frame, insert_segments(reader, parts)


def read_frame(reader: ByteReader) -> Frame:
    """The frame."""
    flags = reader.u8()
    process, count = flags & 3, (flags >> 2 & 3) + 1
    if process == 3 or flags >> 7:
        raise wrong("process")
    width, height = reader.unsigned(2), reader.unsigned(2)
    components = []
    for index in range(count):
        identifier = index + 1 if flags & 16 else reader.u8()
        factors = 0x11 if index and flags & 32 else reader.u8()
        usual = 1 if count == 3 and index else 0
        table = usual if flags & 64 else reader.u8()
        component = FrameComponent(identifier, factors >> 4, factors & 15, table)
        if not (1 <= component.h <= 4 and 1 <= component.v <= 4 and table <= 3):
            raise wrong("component")
        components.append(component)
    if not width or not height:
        raise wrong("size")
    return Frame(process, width, height, components)


def read_scan(reader: ByteReader, frame: Frame) -> Scan:
    """A scan header."""
    members = []
    for _ in range(reader.u8()):
        value = reader.u8()
        members.append(Member(value & 3, value >> 2 & 3, value >> 4 & 3))
        if value >> 6 or members[-1].component >= len(frame.components):
            raise wrong("member of a scan")
    first, last, shifts = reader.u8(), reader.u8(), reader.u8()
    scan = Scan(members, first, last, shifts >> 4, shifts & 15)
    if len({member.component for member in members}) != len(members) or not 1 <= len(members) <= 4:
        raise wrong("members of a scan")
    if frame.process == PROGRESSIVE:
        is_dc = first == 0 and last == 0
        is_ac = 1 <= first <= last <= 63 and len(members) == 1
        if not (is_dc or is_ac) or scan.low > 13 or scan.high not in (0, scan.low + 1):
            raise wrong("a progressive scan")
    return scan


def read_shape(shape: ByteReader, frame: Frame) -> list[Part]:
    """The parts that a shape names."""
    parts = []
    while shape.left:
        entry = shape.u8()
        if entry == 0xC0:
            parts.append(frame)
        elif entry == 0xDB:
            values = [shape.u8() for _ in range(shape.u8())]
            if any(value & ~19 for value in values):
                raise wrong("quantisation table")
            parts.append(QuantizationTables([(value & 3, bool(value & 16)) for value in values]))
        elif entry == 0xC4:
            values = [shape.u8() for _ in range(shape.varint())]
            if any(value & 8 or value >> 4 > 3 for value in values):
                raise wrong("Huffman table")
            entries = [(value & 3, bool(value & 4)) for value in values]
            parts.append(HuffmanTables(entries, [value >> 4 for value in values]))
        elif entry == 0xDD:
            parts.append(RestartInterval())
        elif entry == 0xDA:
            parts.append(read_scan(shape, frame))
        elif entry == 0xD9:
            parts.append(End())
        else:
            raise wrong("entry of the shape")
    return parts


def needs_dc(frame: Frame, scan: Scan) -> bool:
    """Whether a scan needs DC tables."""
    return frame.process != PROGRESSIVE or (scan.first == 0 and scan.high == 0)


def needs_ac(frame: Frame, scan: Scan) -> bool:
    """Whether a scan needs AC tables."""
    return frame.process != PROGRESSIVE or scan.first > 0


def arrange(bits: int, frame: Frame, scans: list[Scan] | None) -> list[Part]:
    """The parts of an arrangement."""
    numbers = list(dict.fromkeys(component.table for component in frame.components))
    groups = [numbers] if bits & 1 else [[number] for number in numbers]
    parts = [QuantizationTables([(number, False) for number in group]) for group in groups]
    if not bits & 16:
        parts.append(frame)
    had = set()
    for index, scan in enumerate(own_scans(frame) if scans is None else scans):
        needed = []
        for member in scan.members:
            if needs_dc(frame, scan):
                needed.append((member.dc, False))
            if needs_ac(frame, scan):
                needed.append((member.ac, True))
        needed = [entry for entry in dict.fromkeys(needed) if bits & 4 or entry not in had]
        had.update(needed)
        groups = [needed] if bits & 2 else [[entry] for entry in needed]
        for group in groups:
            if group:
                kinds = [3 if bits & 4 else 1 if number == 0 else 2 for number, _ in group]
                parts.append(HuffmanTables(group, kinds))
        if index == 0:
            if bits & 16:
                parts.append(frame)
            if bits & 8:
                parts.append(RestartInterval())
        parts.append(scan)
    return [*parts, End()]


def own_scans(frame: Frame) -> list[Scan]:
    """The scans of the codes 1 … 32."""
    every = list(range(len(frame.components)))
    if frame.process != PROGRESSIVE:
        scripts = [(every, 0, 63, 0, 0)]
    elif len(every) == 3:
        scripts = [
            (every, 0, 0, 0, 1), ([0], 1, 5, 0, 2), ([2], 1, 63, 0, 1), ([1], 1, 63, 0, 1),
            ([0], 6, 63, 0, 2), ([0], 1, 63, 2, 1), (every, 0, 0, 1, 0), ([2], 1, 63, 1, 0),
            ([1], 1, 63, 1, 0), ([0], 1, 63, 1, 0),
        ]  # fmt: skip
    else:
        scripts = [(every, 0, 0, 0, 1)]
        for band in ((1, 5, 0, 2), (6, 63, 0, 2), (1, 63, 2, 1)):
            scripts += [([index], *band) for index in every]
        scripts.append((every, 0, 0, 1, 0))
        scripts += [([index], 1, 63, 1, 0) for index in every]
    scans = []
    for members, *numbers in scripts:
        scan = Scan([], *numbers)
        for index in members:
            number = 1 if frame.components[index].table else 0
            dc = number if needs_dc(frame, scan) else 0
            ac = number if needs_ac(frame, scan) else 0
            scan.members.append(Member(index, dc, ac))
        scans.append(scan)
    return scans


def read_contents(reader: ByteReader, parts: list[Part]) -> None:
    """The contents of tables and restart intervals."""
    before = None
    for part in parts:
        if isinstance(part, QuantizationTables):
            for _, is_wide in part.entries:
                before = read_steps(reader, before, is_wide)
                part.steps.append(before)
        elif isinstance(part, HuffmanTables):
            for (_, is_ac), kind in zip(part.entries, part.kinds):
                part.tables.append(read_huffman(reader, is_ac, kind))
        elif isinstance(part, RestartInterval):
            part.units = reader.varint()
            if part.units > 65535:
                raise wrong("restart interval")


def read_steps(reader: ByteReader, before: list[int] | None, is_wide: bool) -> list[int]:
    """The steps of a table, row after row."""
    code = reader.u8()
    if code == 0:
        return [reader.unsigned(2 if is_wide else 1) for _ in range(64)]
    if code <= 200:
        return example_table(code, 32767 if is_wide else 255)
    if code != 255 or before is None or (not is_wide and max(before) > 255):
        raise wrong("steps of a table")
    return before


def read_huffman(reader: ByteReader, is_ac: bool, kind: int) -> HuffmanTable:
    """A Huffman table."""
    if kind == 3:
        return HuffmanTable(is_optimal=True)
    if kind:
        return example_huffman(is_ac, kind)
    counts = reader.bytes(16)
    if sum(counts) > 256:
        raise wrong("symbols of a Huffman table")
    return HuffmanTable(counts=counts, symbols=reader.bytes(sum(counts)))


def read_deviations(reader: ByteReader, scans: list[Scan]) -> None:
    """Flags of scans, and what they promise."""
    kind = reader.u8()
    if kind > 2:
        raise wrong("flags of scans")
    flags = reader.u8() if kind == 1 else 0
    for scan in scans:
        scan.flags = reader.u8() if kind == 2 else flags
    for scan in scans:
        if scan.flags & 8:
            scan.units = reader.varint()
        if scan.flags & 16:
            scan.early_runs = set(read_places(reader, lambda: (reader.varint(), None)))
        if scan.flags & 32:

            def zero_run() -> tuple[int, int]:
                value = reader.varint()
                return value >> 2, value & 3

            scan.zero_runs = read_places(reader, zero_run)
        if scan.flags & 64:

            def marker() -> tuple[int, tuple[int, int]]:
                place, value = reader.varint(), reader.varint()
                return place, (value >> 3, value & 7)

            scan.markers = read_places(reader, marker)
        if scan.flags & 128:
            scan.paddings = read_places(reader, lambda: (reader.varint(), reader.u8()))


def read_places(reader: ByteReader, entry) -> dict:
    """A list by ascending places; `entry()` has what a place is coded as, and a value."""
    result = {}
    place = 0
    for index in range(reader.varint()):
        distance, value = entry()
        if index and distance < 1:
            raise wrong("places of a list")
        place += distance
        result[place] = value
    return result


def insert_segments(reader: ByteReader, parts: list[Part]) -> list[Part]:
    """All parts, with other segments and stray bytes among them."""
    result, position = [], 0
    segments, sizes = [], []
    for _ in range(reader.varint()):
        gap = reader.varint()
        segment = Segment(reader.u8())
        sizes.append(reader.varint())
        if segment.marker and sizes[-1] > 65533:
            raise wrong("size of a segment")
        result += parts[position : position + gap]
        position += gap
        if position > len(parts):
            raise wrong("place of a segment")
        result.append(segment)
        segments.append(segment)
    for segment, size in zip(segments, sizes):
        segment.contents = reader.bytes(size)
    return result + parts[position:]
