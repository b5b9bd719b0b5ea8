"""Residual streams: methods, profiles, and the order of planes (FORMAT.md, §10.1 to §10.3)."""

from dataclasses import dataclass

import numpy as np

from reference.bilevel import decode_bilevel
from reference.candidates import decode_candidates
from reference.errors import corrupt
from reference.planar import decode_planar
from reference.range_coder import RangeDecoder
from reference.residual_profile import PROFILES
from reference.synthesis import Prediction
from reference.value_maps import ValueMap, map_of, read_value_map, read_value_maps, samples_of
from reference.wavefront import decode_wavefront

KNOWN_PLANE = 1


@dataclass
class ResidualTile:
    """What is known of a tile before its residual stream is read.

    The last of `planes` planes is alpha where there is one. `prediction` has the means and scales
    of the colour planes, or is None. `known` is the plane of §13.2 that is not coded, or None.
    """

    width: int
    height: int
    planes: int
    has_alpha: bool
    depth: int
    prediction: Prediction | None
    known: np.ndarray | None = None

    @property
    def known_index(self) -> int | None:
        """The number of the known plane."""
        return None if self.known is None else KNOWN_PLANE

    @property
    def plane_order(self) -> list[int]:
        """Planes in the order in which they are coded: alpha, green, red, blue."""
        colors = [1, 0, 2] if self.planes - self.has_alpha == 3 else [0]
        return [self.planes - 1, *colors] if self.has_alpha else colors


def decode_tile(stream: bytes, tile: ResidualTile) -> np.ndarray:
    """The samples of a tile, planes × height × width.

    Solutions of least squares may be infinite or NaN (§1), which is no reason to complain.
    """
    with np.errstate(all="ignore"):
        return _decode_tile(stream, tile)


def _decode_tile(stream: bytes, tile: ResidualTile) -> np.ndarray:
    if not stream:
        raise corrupt("an empty residual stream")
    method, profile = stream[0] >> 4, stream[0] & 15
    if method > 6 or profile > (5, 5, 5, 5, 5, 0, 0)[method]:
        raise corrupt("method or profile of a residual stream")
    blank = np.zeros((tile.height, tile.width), np.int64)
    if method == 4:
        maps, ranks = decode_wavefront(stream, tile)
        return samples_of(maps, [blank if plane is None else plane for plane in ranks])
    decoder = RangeDecoder(stream[1:])
    size = (tile.height, tile.width)
    if tile.known is None:
        maps = read_value_maps(decoder, tile.planes, tile.depth, size)
    else:
        if method > 1:
            raise corrupt("method of a stream of cells")
        maps = [read_value_map(decoder, tile.depth) for _ in range(tile.planes - 1)]
        if any(value_map.follows is not None for value_map in maps):
            raise corrupt("a plane beside a known one follows another")
        maps.insert(KNOWN_PLANE, map_of(tile.known))
    if method == 0:
        ranks = decode_stored(decoder, tile, maps)
    elif method == 1:
        ranks = decode_planar(decoder, tile, maps, PROFILES[profile])
    elif method in (2, 3):
        ranks = decode_candidates(decoder, tile, maps, PROFILES[profile], method == 3)
    else:
        ranks = decode_bilevel(decoder, tile, maps, method == 6)
    return samples_of(maps, [blank if plane is None else plane for plane in ranks])


def decode_stored(
    decoder: RangeDecoder, tile: ResidualTile, maps: list[ValueMap]
) -> list[np.ndarray | None]:
    """Method 0: the ranks as uniform bits."""
    ranks = [None] * tile.planes
    for index in tile.plane_order:
        count = maps[index].ranks
        if index == tile.known_index:
            ranks[index] = maps[index].ranks_of(tile.known)
        elif count > 1:
            length = (count - 1).bit_length()
            values = [decoder.uniform(length) for _ in range(tile.height * tile.width)]
            plane = np.minimum(np.array(values), count - 1)
            ranks[index] = plane.reshape(tile.height, tile.width)
    return ranks
