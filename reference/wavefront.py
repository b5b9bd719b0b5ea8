"""The wavefront method: stream, planes and bands in turns (FORMAT.md, §10.10)."""

import numpy as np

from reference.arithmetic import ceiling
from reference.byte_reader import ByteReader
from reference.errors import corrupt
from reference.functions import F
from reference.range_coder import RangeDecoder
from reference.rans import BitReader, SymbolReader
from reference.value_maps import ValueMap, read_relations, read_value_map
from reference.wavefront_mixed import MixedCoder, MixedPlane
from reference.wavefront_plane import LANES, PROFILES, Band, Profile, WavefrontPlane
from reference.wavefront_symbols import SymbolCoder

SHARED_PIXELS = 1 << 17


def decode_wavefront(stream: bytes, tile) -> tuple[list[ValueMap], list[np.ndarray | None]]:
    """Maps and ranks of a tile (`ResidualTile`) whose stream is that of the wavefront."""
    profile = PROFILES[stream[0] & 15]
    reader = ByteReader(stream, 1)
    head = reader.varint()
    if head >> 31:
        raise corrupt("size of the head")
    decoder = RangeDecoder(reader.bytes(head))
    maps, units = [], []
    for _ in range(tile.planes):
        value_map = read_value_map(decoder, tile.depth)
        length = (value_map.ranks - 1).bit_length()
        unit = decoder.uniform(4) if length > 8 else 0
        if unit > max(length - 8, 0):
            raise corrupt("unit of a plane")
        maps.append(value_map)
        units.append(unit)
    read_relations(decoder, maps, tile.depth, (tile.height, tile.width))
    order = [index for index in tile.plane_order if not maps[index].is_constant]
    streams = read_streams(reader, tile, len(order))
    make_reader = BitReader if profile.mixed else SymbolReader
    shared = len(streams) == 1
    readers = [make_reader(data) for data in streams] * (len(order) if shared else 1)
    planes = make_planes(profile, tile, maps, units, order)
    decode_bands(planes, readers, shared)
    ranks = [None] * tile.planes
    for index, plane in zip(order, planes):
        ranks[index] = plane.ranks
    return maps, ranks


def read_streams(reader: ByteReader, tile, count: int) -> list[bytes]:
    """The streams of the coded planes, or the one that they share."""
    if count == 0:
        return []
    sizes = []
    if count > 1 and tile.width * tile.height >= SHARED_PIXELS:
        sizes = [reader.varint()]
        if sizes[0] == 0:
            return [reader.bytes(reader.left)]
        sizes += [reader.varint() for _ in range(count - 2)]
    streams = [reader.bytes(size) for size in sizes]
    return [*streams, reader.bytes(reader.left)]


def make_planes(
    profile: Profile, tile, maps: list[ValueMap], units: list[int], order: list[int]
) -> list[WavefrontPlane]:
    """The coded planes in the order of coding, with their helpers."""
    count = ceiling(tile.height, LANES)
    bands = [Band(i, count, tile.width, tile.height, profile.block) for i in range(count)]
    planes, colors = [], []
    for index in order:
        is_alpha = tile.has_alpha and index == tile.planes - 1
        helpers = []
        if not is_alpha and colors:
            helpers = [colors[-1]] if len(colors) == 1 else [colors[-1], colors[0]]
        prediction = None
        if not is_alpha and tile.prediction is not None:
            prediction = plane_prediction(tile, maps[index], units[index], index)
        kind = MixedPlane if profile.mixed else WavefrontPlane
        plane = kind(profile, maps[index], units[index], bands, helpers, prediction)
        planes.append(plane)
        if not is_alpha:
            colors.append(plane)
    return planes


def plane_prediction(
    tile, value_map: ValueMap, unit: int, index: int
) -> tuple[np.ndarray, np.ndarray]:
    """Means of P_dec in values, and codes of their scales."""
    means = tile.prediction.means[index]
    if not value_map.is_plain:
        means = (value_map.place(means) * F(16)).astype(np.int64)
    values = means.astype(F) * F(2.0 ** (-4 - unit))
    return values, (tile.prediction.scales[index] >> 2).astype(F)


def decode_bands(planes: list[WavefrontPlane], readers: list, shared: bool) -> None:
    """All bands, in turns."""
    if not planes:
        return
    bands = planes[0].bands
    for turn in range(len(bands) + len(planes) - 1):
        for k, (plane, reader) in enumerate(zip(planes, readers)):
            index = turn - k
            if not 0 <= index < len(bands):
                continue
            reader.begin_band()
            plane.begin_band(bands[index])
            coder = MixedCoder(reader) if plane.profile.mixed else SymbolCoder(reader)
            plane.decode_band(coder)
            is_last = index == len(bands) - 1 and (not shared or k == len(planes) - 1)
            reader.end_band(is_last)
