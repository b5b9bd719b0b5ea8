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
from reference.value_maps import ValueMap, read_value_maps, samples_of
from reference.wavefront import decode_wavefront


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
    def plane_order(self) -> list[int]:
        """Planes in the order in which they are coded: alpha, green, red, blue."""
        colors = [1, 0, 2] if self.planes - self.has_alpha == 3 else [0]
        return [self.planes - 1, *colors] if self.has_alpha else colors


def decode_tile(stream: bytes, tile: ResidualTile) -> np.ndarray:
    """The samples of a tile, planes × height × width."""
    if not stream:
        raise corrupt("an empty residual stream")
    method, profile = stream[0] >> 4, stream[0] & 15
    if method > 5 or profile > (5, 5, 5, 5, 4, 0)[method]:
        raise corrupt("method or profile of a residual stream")
    blank = np.zeros((tile.height, tile.width), np.int64)
    if method == 4:
        maps, ranks = decode_wavefront(stream, tile)
        return samples_of(maps, [blank if plane is None else plane for plane in ranks])
    decoder = RangeDecoder(stream[1:])
    maps = read_value_maps(decoder, tile.planes, tile.depth, (tile.height, tile.width))
    if method == 0:
        ranks = decode_stored(decoder, tile, maps)
    elif method == 1:
        ranks = decode_planar(decoder, tile, maps, PROFILES[profile])
    elif method in (2, 3):
        ranks = decode_candidates(decoder, tile, maps, PROFILES[profile], method == 3)
    else:
        ranks = decode_bilevel(decoder, tile, maps)
    return samples_of(maps, [blank if plane is None else plane for plane in ranks])


def decode_stored(
    decoder: RangeDecoder, tile: ResidualTile, maps: list[ValueMap]
) -> list[np.ndarray | None]:
    """Method 0: the ranks as uniform bits."""
    ranks = [None] * tile.planes
    for index in tile.plane_order:
        count = maps[index].ranks
        if count > 1:
            length = (count - 1).bit_length()
            values = [decoder.uniform(length) for _ in range(tile.height * tile.width)]
            plane = np.minimum(np.array(values), count - 1)
            ranks[index] = plane.reshape(tile.height, tile.width)
    return ranks
