"""Images that are coded as points of a lattice of colours (FORMAT.md, §13.1 to §13.4)."""

import math

import numpy as np

from reference.chroma_sampling import sampling_of
from reference.container import Container, Lattice, Tile
from reference.corrections import Corrections
from reference.residual import ResidualTile, decode_tile
from reference.synthesis import Approximation, Prediction, predict

LUMA, FIRST, SECOND = 1, 0, 2


def lattice_prediction(approximation: Approximation, lattice: Lattice) -> Prediction | None:
    """P_dec of first chroma, luma and second chroma (§13.3)."""
    inverse = invert(lattice)
    if inverse is None:
        return None
    colors = predict(approximation, False, (0, 255))
    shifted = [colors.means[channel] - (row[3] >> 12) for channel, row in enumerate(lattice.rows)]
    coordinates = [
        sum(factor * plane for factor, plane in zip(row, shifted)) >> 16 for row in inverse
    ]
    luma, first, second = (np.clip(plane, 0, 16 << lattice.depth) for plane in coordinates)
    return Prediction(np.stack([first, luma, second]), colors.scales)


def invert(lattice: Lattice) -> list[list[int]] | None:
    """The inverse of the lattice in 2⁻¹⁶, rows for luma, first and second chroma."""
    rows = [[value * 2.0**-16 for value in row[:3]] for row in lattice.rows]

    def cross(a: list[float], b: list[float]) -> list[float]:
        return [
            a[1] * b[2] - a[2] * b[1],
            a[2] * b[0] - a[0] * b[2],
            a[0] * b[1] - a[1] * b[0],
        ]

    products = [cross(rows[i], rows[j]) for i, j in ((1, 2), (2, 0), (0, 1))]
    first = products[0]
    determinant = (rows[0][0] * first[0] + rows[0][1] * first[1]) + rows[0][2] * first[2]
    if not abs(determinant) > 2.0**-8:
        return None
    columns = [[math.floor(value / determinant * 2**16) for value in row] for row in products]
    if any(abs(value) >= 1 << 24 for column in columns for value in column):
        return None
    return [list(row) for row in zip(*columns)]


def decode_lattice(container: Container, approximation: Approximation | None) -> np.ndarray:
    """The image's samples, 3 × height × width."""
    header = container.header
    lattice = header.lattice
    width, height = header.coded_width, header.coded_height
    prediction = None
    if approximation is not None:
        prediction = lattice_prediction(approximation, lattice)
    sampling = sampling_of(header.sampling, width, height)
    homes = np.ix_(sampling.rows.homes, sampling.columns.homes)
    luma = np.zeros((height, width), np.int64)
    cells = np.zeros((2, sampling.rows.cells, sampling.columns.cells), np.int64)
    for index, tile in enumerate(header.tiles()):
        stream = container.residuals[index]
        rows, columns = tile_range(tile)
        if not header.sampling:
            planes = decode_planes(tile, stream, lattice, cut(prediction, rows, columns))
            luma[rows, columns] = planes[LUMA]
            cells[:, rows, columns] = planes[[FIRST, SECOND]]
            continue
        part = cut(prediction, rows, columns)
        if part is not None:
            part = Prediction(part.means[LUMA : LUMA + 1], part.scales[LUMA : LUMA + 1])
        context = ResidualTile(tile.width, tile.height, 1, False, lattice.depth, part)
        luma[rows, columns] = decode_tile(stream, context)[0]
        cell_rows = inside(sampling.rows.homes, rows)
        cell_columns = inside(sampling.columns.homes, columns)
        places = np.ix_(cell_rows, cell_columns)
        known = luma[homes][places]
        if known.size == 0:
            continue
        part = None
        if prediction is not None:
            means = np.stack([plane[homes][places] for plane in prediction.means])
            scales = np.stack([plane[homes][places] for plane in prediction.scales])
            part = Prediction(means, scales)
        size = known.shape
        context = ResidualTile(size[1], size[0], 3, False, lattice.depth, part, known)
        planes = decode_tile(container.chroma[index], context)
        for chroma, plane in ((0, FIRST), (1, SECOND)):
            cells[chroma][places] = planes[plane]
    chroma = [sampling.enlarge(plane) for plane in cells] if header.sampling else list(cells)
    corrections = Corrections(container.last, lattice, header.sampling != 0)
    return corrections.decode(np.stack([luma, *chroma]))


def decode_planes(
    tile: Tile, stream: bytes, lattice: Lattice, prediction: Prediction | None
) -> np.ndarray:
    """First chroma, luma and second chroma of a tile."""
    context = ResidualTile(tile.width, tile.height, 3, False, lattice.depth, prediction)
    return decode_tile(stream, context)


def tile_range(tile: Tile) -> tuple[slice, slice]:
    """Rows and columns of a tile."""
    return slice(tile.y, tile.y + tile.height), slice(tile.x, tile.x + tile.width)


def cut(prediction: Prediction | None, rows: slice, columns: slice) -> Prediction | None:
    """A part of P_dec."""
    if prediction is None:
        return None
    return Prediction(prediction.means[:, rows, columns], prediction.scales[:, rows, columns])


def inside(homes: np.ndarray, part: slice) -> np.ndarray:
    """Cells whose home lies in a part of an axis."""
    return np.flatnonzero((homes >= part.start) & (homes < part.stop))
