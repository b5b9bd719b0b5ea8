"""JPEG files that come back byte for byte (FORMAT.md, §13.7)."""

import struct
import zlib

import numpy as np

from reference.arithmetic import ceiling
from reference.byte_reader import ByteReader
from reference.coefficient_source import Levels, decode_levels
from reference.container import Container, Header
from reference.errors import FormatError, intact_stream
from reference.jpeg_huffman import HuffmanTable, example_huffman, wrong
from reference.jpeg_layout import (
    End,
    Frame,
    HuffmanTables,
    Part,
    QuantizationTables,
    RestartInterval,
    Scan,
    Segment,
    read_layout,
)
from reference.jpeg_scan import Blocks, ScanCoder, ScanWriter
from reference.levels import ZIGZAG

START = b"\xff\xd8"
EXIF, XMP, PROFILE = 1, 2, 3
METADATA_KINDS = {EXIF: 2, XMP: 3, PROFILE: 1}
LARGEST_FILE = 1 << 40


def decode_jpeg(container: Container) -> bytes:
    """The JPEG file of a bitstream."""
    header = container.header
    if header.source not in (3, 4):
        raise FormatError("noJPEG", "the file was not made of a JPEG file")
    with intact_stream():
        planes = decode_levels(container)
    reader = ByteReader(inflate(container.last), kind="wrongContents")
    frame, parts = read_layout(reader)
    fill_segments(reader, header, parts)
    length, checksum = reader.varint(), reader.unsigned(4)
    if length > LARGEST_FILE:
        raise wrong("length of the JPEG file")
    blocks = all_blocks(frame, planes, reader)
    data = write_file(frame, parts, blocks)
    if len(data) != length or zlib.crc32(data) != checksum:
        raise wrong("the JPEG file has another length or checksum")
    return data


def inflate(stream: bytes) -> bytes:
    """The last stream, inflated."""
    reader = ByteReader(stream, kind="wrongContents")
    size = reader.varint()
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(reader.bytes(reader.left), size + 1)
    except zlib.error as error:
        raise wrong("the last stream does not inflate") from error
    if len(data) != size or not inflater.eof or inflater.unused_data:
        raise wrong("the last stream has another size")
    return data


def fill_segments(reader: ByteReader, header: Header, parts: list[Part]) -> None:
    """Contents of segments that come from metadata."""
    segments = [part for part in parts if isinstance(part, Segment) and part.marker]
    profiles = []
    for segment in segments:
        kind = reader.u8()
        if kind > PROFILE:
            raise wrong("contents of a segment")
        if kind == PROFILE:
            size = reader.varint()
            if size > 65535:
                raise wrong("size of a profile's part")
            profiles.append((segment, size))
        elif kind == EXIF:
            segment.contents = b"Exif\0\0" + metadata(header, EXIF)
        elif kind == XMP:
            xml = metadata(header, XMP)[1:]
            segment.contents = b"http://ns.adobe.com/xap/1.0/\0" + xml
    if not profiles:
        return
    profile = ByteReader(metadata(header, PROFILE), kind="wrongContents")
    profile.bytes(profile.varint())
    for index, (segment, size) in enumerate(profiles, start=1):
        if len(profiles) > 255:
            raise wrong("parts of a profile")
        numbers = bytes([index, len(profiles)])
        segment.contents = b"ICC_PROFILE\0" + numbers + profile.bytes(size)


def metadata(header: Header, kind: int) -> bytes:
    """The content of the first box of Exif, XMP or a profile."""
    for item, content in header.metadata:
        if item == METADATA_KINDS[kind]:
            return content
    raise wrong("metadata of a segment are not there")


def all_blocks(frame: Frame, planes: list[Levels], reader: ByteReader) -> list[Blocks]:
    """The blocks of every component, hidden ones too; `reader` is at their levels."""
    components = frame.components
    if len(components) != len(planes):
        raise wrong("components")
    largest_h = max(component.h for component in components)
    largest_v = max(component.v for component in components)
    unit_columns = ceiling(frame.width, 8 * largest_h)
    unit_rows = ceiling(frame.height, 8 * largest_v)
    has_hidden = reader.left > 0
    result = []
    for component, plane in zip(components, planes):
        rows = ceiling(ceiling(frame.height * component.v, largest_v), 8)
        columns = ceiling(ceiling(frame.width * component.h, largest_h), 8)
        if plane.levels.shape[:2] != (rows, columns):
            raise wrong("blocks of a component")
        if len(components) == 1:
            result.append(Blocks(plane.levels, rows, columns))
            continue
        shape = (unit_rows * component.v, unit_columns * component.h, 64)
        levels = np.zeros(shape, np.int64)
        levels[:rows, :columns] = plane.levels
        for row in range(shape[0]):
            for column in range(shape[1]):
                if row < rows and column < columns:
                    continue
                if has_hidden:
                    values = np.frombuffer(reader.bytes(128), "<i2")
                    levels[row, column] = values
                elif row < rows:
                    levels[row, column, 0] = levels[row, column - 1, 0]
                else:
                    last = (column // component.h + 1) * component.h - 1
                    levels[row, column, 0] = levels[row - 1, last, 0]
        result.append(Blocks(levels, rows, columns))
    if reader.left:
        raise wrong("bytes after the hidden levels")
    return result


def write_file(frame: Frame, parts: list[Part], blocks: list[Blocks]) -> bytes:
    """The file: first the symbols of all scans, then, with tables that are known, its bytes."""
    tokens = {}
    tables: dict[tuple[int, bool], HuffmanTable] = {}
    for is_ac in (False, True):
        for number in range(2):
            tables[number, is_ac] = example_huffman(is_ac, number + 1)
    defined = list(tables.values())
    interval = 0
    for index, part in enumerate(parts):
        if isinstance(part, HuffmanTables):
            tables |= zip(part.entries, part.tables)
            defined += part.tables
        elif isinstance(part, RestartInterval):
            interval = part.units
        elif isinstance(part, Scan):
            tokens[index] = ScanCoder(frame, part, blocks, tables, interval).code()
    for table in defined:
        if table.is_optimal:
            table.optimize()
        table.make_codes()
    data = bytearray(START)
    for index, part in enumerate(parts):
        data += part_bytes(part, frame)
        if isinstance(part, Scan):
            data += ScanWriter(part).write(tokens[index])
    return bytes(data)


def segment_bytes(marker: int, contents: bytes) -> bytes:
    """A segment."""
    if len(contents) > 65533:
        raise wrong("size of a segment")
    return struct.pack(">BBH", 0xFF, marker, len(contents) + 2) + contents


def part_bytes(part: Part, frame: Frame) -> bytes:
    """A part, of a scan its header alone."""
    if isinstance(part, End):
        return b"\xff\xd9"
    if isinstance(part, Segment):
        return segment_bytes(part.marker, part.contents) if part.marker else part.contents
    if isinstance(part, Frame):
        contents = struct.pack(">BHHB", 8, part.height, part.width, len(part.components))
        for component in part.components:
            factors = 16 * component.h + component.v
            contents += bytes([component.identifier, factors, component.table])
        return segment_bytes(0xC0 + part.process, contents)
    if isinstance(part, RestartInterval):
        return segment_bytes(0xDD, struct.pack(">H", part.units))
    if isinstance(part, QuantizationTables):
        contents = b""
        for (number, is_wide), steps in zip(part.entries, part.steps):
            kind = ">64H" if is_wide else ">64B"
            contents += bytes([16 * is_wide + number])
            contents += struct.pack(kind, *(steps[place] for place in ZIGZAG))
        return segment_bytes(0xDB, contents)
    if isinstance(part, HuffmanTables):
        contents = b""
        for (number, is_ac), table in zip(part.entries, part.tables):
            contents += bytes([16 * is_ac + number]) + table.counts + table.symbols
        return segment_bytes(0xC4, contents)
    contents = bytes([len(part.members)])
    for member in part.members:
        identifier = frame.components[member.component].identifier
        contents += bytes([identifier, 16 * member.dc + member.ac])
    contents += bytes([part.first, part.last, 16 * part.high + part.low])
    return segment_bytes(0xDA, contents)
