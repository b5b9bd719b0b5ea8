"""Planes of a tile, and the planar method (FORMAT.md, §10.3, §10.5)."""

import numpy as np

from reference.functions import F
from reference.padded_plane import PaddedPlane, known_plane
from reference.plane_coder import Plane, PlaneCoder, ranks_of
from reference.range_coder import RangeDecoder
from reference.residual_profile import Profile
from reference.sample_symbols import SingleExpertCoder, SymbolCoder
from reference.sample_tree import TreeCoder
from reference.value_maps import ValueMap


def make_planes(tile, maps: list[ValueMap | None]) -> tuple[list[int], list[Plane]]:
    """The planes of a `ResidualTile` that are not constant, in the order of coding, and their
    numbers; that of a known plane has no map."""
    numbers, planes = [], []
    for index in tile.plane_order:
        value_map = maps[index]
        if value_map is None:
            numbers.append(index)
            planes.append(known(tile.known))
            continue
        if value_map.is_constant:
            continue
        numbers.append(index)
        count = value_map.ranks
        samples = PaddedPlane(tile.width, tile.height, F(count - 1) * F(0.5))
        errors = PaddedPlane(tile.width, tile.height, F(0))
        unit = max(1, (1 << max(0, tile.depth - 8)) // value_map.step)
        is_alpha = tile.has_alpha and index == tile.planes - 1
        plane = Plane(count, unit, is_alpha, samples, errors)
        if tile.prediction is not None and not is_alpha:
            plane.mean = known_plane(value_map.place(tile.prediction.means[index]))
            plane.scale = tile.prediction.scales[index]
        planes.append(plane)
    return numbers, planes


def known(samples: np.ndarray) -> Plane:
    """The known plane of §13.2."""
    plane = known_plane(samples)
    flat, stride = plane.flat, plane.stride
    errors = PaddedPlane(plane.width, plane.height, F(0))
    around = (np.roll(flat, 1) + np.roll(flat, -1)) + (np.roll(flat, stride) + np.roll(flat, -stride))
    inner = ((flat - around * F(0.25)) * F(0.5)).reshape(plane.values.shape)
    rows, columns = slice(4, 4 + plane.height), slice(16, 16 + plane.width)
    errors.values[rows, columns] = inner[rows, columns]
    return Plane(0, 1, False, plane, errors)


def decode_planar(
    decoder: RangeDecoder, tile, maps: list[ValueMap | None], profile: Profile
) -> list[np.ndarray | None]:
    """Method 1: the ranks of planes, plane after plane."""
    ranks = [None] * tile.planes
    numbers, planes = make_planes(tile, maps)
    color = 0
    for index, (number, plane) in enumerate(zip(numbers, planes)):
        if maps[number] is None:
            color += 1
            continue
        if profile.level == 1:
            coder = SingleExpertCoder(profile, planes, index, tile.prediction is not None)
            samples = coder
        else:
            coder = PlaneCoder(profile, planes, index, False, tile.prediction is not None)
            started = color if plane.mean is not None else None
            samples = sample_coder(profile, coder, started)
        for y in range(tile.height):
            coder.begin_row(y)
            for x in range(tile.width):
                coder.predict(x)
                coder.learn(samples.decode(decoder))
            coder.end_row()
        ranks[number] = ranks_of(plane.samples)
        color += not plane.is_alpha
    return ranks


def sample_coder(profile: Profile, coder: PlaneCoder, started_color: int | None):
    """What decodes the samples that a plane coder predicts."""
    if profile.contexts:
        return TreeCoder(profile.contexts, coder, started_color)
    return SymbolCoder(coder)
