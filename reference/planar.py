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


def make_planes(tile, maps: list[ValueMap]) -> tuple[list[int], list[Plane]]:
    """The planes of a `ResidualTile` that are not constant, in the order of coding, and their
    numbers."""
    numbers, planes = [], []
    for index in tile.plane_order:
        value_map = maps[index]
        if value_map.is_constant:
            continue
        numbers.append(index)
        if index == tile.known_index:
            planes.append(known(value_map.ranks_of(tile.known), value_map.ranks))
            continue
        count = value_map.ranks
        samples = PaddedPlane(tile.width, tile.height, F(count - 1) * F(0.5))
        errors = PaddedPlane(tile.width, tile.height, F(0))
        unit = max(F(1), F(1 << max(0, tile.depth - 8)) / F(value_map.step))
        is_alpha = tile.has_alpha and index == tile.planes - 1
        plane = Plane(count, unit, is_alpha, samples, errors)
        if tile.prediction is not None and not is_alpha:
            plane.mean = known_plane(value_map.place(tile.prediction.means[index]))
            plane.scale = tile.prediction.scales[index]
        planes.append(plane)
    return numbers, planes


def known(ranks: np.ndarray, count: int) -> Plane:
    """The known plane of §13.2, with its errors."""
    height, width = ranks.shape
    plane = PaddedPlane(width, height, F(count - 1) * F(0.5))
    for y in range(height):
        plane.begin_row(y)
        plane.flat[plane.place(0, y) : plane.place(width, y)] = ranks[y]
        plane.end_row(y)
    values = plane.values
    around = np.zeros_like(values)
    around[1:-1, 1:-1] = ((values[1:-1, :-2] + values[1:-1, 2:]) + values[:-2, 1:-1]) + values[
        2:, 1:-1
    ]
    errors = PaddedPlane(width, height, F(0))
    inner = errors.inner
    errors.values[inner] = ((values - around * F(0.25)) * F(0.5))[inner]
    return Plane(count, F(1), False, plane, errors)


def decode_planar(
    decoder: RangeDecoder, tile, maps: list[ValueMap], profile: Profile
) -> list[np.ndarray | None]:
    """Method 1: the ranks of planes, plane after plane."""
    ranks = [None] * tile.planes
    numbers, planes = make_planes(tile, maps)
    color = 0
    for index, (number, plane) in enumerate(zip(numbers, planes)):
        if number == tile.known_index:
            ranks[number] = ranks_of(plane.samples)
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
