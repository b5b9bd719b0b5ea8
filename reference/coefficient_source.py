"""Images that are coded as JPEG coefficients (FORMAT.md, §13.5)."""

from dataclasses import dataclass

import numpy as np

from reference.arithmetic import ceiling
from reference.chroma_sampling import TRIANGLE, Axis, Sampling, sampling_of
from reference.container import Coefficients, Container, Header, Lattice
from reference.corrections import Corrections
from reference.errors import corrupt
from reference.jpeg_transforms import dequantize, fast_samples, slow_samples
from reference.levels import BandDecoder, PlaneGrid

COLORS = Lattice(
    [
        [65536, 0, 91881, -91881 * 128],
        [65536, -22554, -46802, 69356 * 128],
        [65536, 116130, 0, -116130 * 128],
    ],
    8,
)


@dataclass
class Component:
    """A plane of coefficients: its size in samples, its phases as (columns, rows), its steps, and
    by what fraction (numerator, denominator) its axes are smaller than the first plane's."""

    width: int
    height: int
    phase: tuple[int, int]
    steps: list[int]
    column_ratio: tuple[int, int] = (1, 1)
    row_ratio: tuple[int, int] = (1, 1)
    is_scaled: bool = False

    @property
    def columns(self) -> int:
        """Columns of blocks."""
        return ceiling(self.width + self.phase[0], 8)

    @property
    def rows(self) -> int:
        """Rows of blocks."""
        return ceiling(self.height + self.phase[1], 8)


@dataclass
class Levels:
    """All levels of a plane, rows × columns × 64, and the differences of its blocks."""

    component: Component
    levels: np.ndarray
    differences: dict[tuple[int, int], np.ndarray]


def components_of(header: Header) -> list[Component]:
    """The planes of an image, in their order."""
    source = header.coefficients
    width, height = header.coded_width, header.coded_height
    if header.source == 4:
        return file_components(source, width, height)
    result = [Component(width, height, source.luma_phase, source.tables[0])]
    if header.color_type == 2:
        sampling = sampling_of(header.sampling, width, height)
        ratios = (
            (2, 1) if header.sampling & 1 else (1, 1),
            (2, 1) if header.sampling & 2 else (1, 1),
        )
        for table in source.tables[1:]:
            result.append(
                Component(
                    sampling.columns.cells, sampling.rows.cells, source.chroma_phase, table,
                    *ratios, source.scaled,
                )
            )  # fmt: skip
    return result


def file_components(source: Coefficients, width: int, height: int) -> list[Component]:
    """The planes of source 4."""
    largest = [max(factors[axis] for factors in source.factors) for axis in range(2)]
    first = source.factors[0]
    return [
        Component(
            ceiling(width * h, largest[0]), ceiling(height * v, largest[1]), (0, 0), table,
            (first[0], h), (first[1], v),
        )
        for (h, v), table in zip(source.factors, source.tables)
    ]  # fmt: skip


def first_places(length: int, phase: int, ratio: tuple[int, int], first_phase: int) -> list[int]:
    """The first plane's blocks for those of another along an axis."""
    numerator, denominator = ratio
    return [
        ((8 * x + 3 - phase) * numerator // denominator + first_phase) // 8 for x in range(length)
    ]


def make_grids(components: list[Component], band: int, bands: int) -> list[PlaneGrid]:
    """The grids of a band."""
    first = components[0]
    grids = []
    for index, component in enumerate(components):
        columns = first_places(
            component.columns, component.phase[0], component.column_ratio, first.phase[0]
        )
        rows = first_places(component.rows, component.phase[1], component.row_ratio, first.phase[1])
        before = components[index - 1]
        grids.append(
            PlaneGrid(
                steps=component.steps,
                columns=component.columns,
                first_row=component.rows * band // bands,
                last_row=component.rows * (band + 1) // bands,
                luma_rows=rows,
                luma_columns=[min(max(x, 0), first.columns - 1) for x in columns],
                has_differences=not component.is_scaled,
                is_as_before=(before.columns, before.rows) == (component.columns, component.rows),
            )
        )
    return grids


def decode_levels(container: Container) -> list[Levels]:
    """The levels of all planes."""
    header = container.header
    components = components_of(header)
    bands = header.coefficients.bands
    if not 1 <= bands <= components[0].rows:
        raise corrupt("bands")
    result = [
        Levels(part, np.zeros((part.rows, part.columns, 64), np.int64), {}) for part in components
    ]
    for band, stream in enumerate(container.bands):
        grids = make_grids(components, band, bands)
        decoder = BandDecoder(stream, grids)
        for index, part in enumerate(components):
            inside = samples_inside(part)
            result[index].differences |= decoder.decode_plane(index, inside)
            for (x, y), block in grids[index].blocks.items():
                result[index].levels[y, x] = block.levels
    return result


def samples_inside(component: Component):
    """A function: rows and columns of a block's samples that lie in the plane."""

    def axis(place: int, phase: int, length: int) -> range:
        start = 8 * place - phase
        return range(max(0, -start), min(8, length - start))

    def inside(x: int, y: int) -> tuple[range, range]:
        return (
            axis(y, component.phase[1], component.height),
            axis(x, component.phase[0], component.width),
        )

    return inside


def join_blocks(blocks: np.ndarray) -> np.ndarray:
    """Rows × columns × height × width of blocks as one plane."""
    rows, columns, height, width = blocks.shape
    return blocks.transpose(0, 2, 1, 3).reshape(rows * height, columns * width)


def plane_samples(part: Levels, is_fast: bool) -> np.ndarray:
    """The samples of a plane that is not scaled."""
    component = part.component
    steps = np.array(component.steps).reshape(8, 8)
    levels = part.levels.reshape(component.rows, component.columns, 8, 8)
    slow = slow_samples(dequantize(levels, steps))
    samples = np.clip((fast_samples(levels, steps) if is_fast else slow) + 128, 0, 255)
    for (x, y), difference in part.differences.items():
        samples[y, x] = np.clip(samples[y, x] + difference, 0, 255)
    left, top = component.phase
    whole = join_blocks(samples)
    return whole[top : top + component.height, left : left + component.width]


def scaled_samples(part: Levels, sampling: Sampling) -> np.ndarray:
    """The samples of scaled chroma, on the image's pixels."""
    component = part.component
    steps = np.array(component.steps).reshape(8, 8)
    levels = part.levels.reshape(component.rows, component.columns, 8, 8)
    rows, columns = sampling.rows, sampling.columns
    samples = slow_samples(dequantize(levels, steps), rows.is_halved, columns.is_halved)
    whole = join_blocks(np.clip(samples + 128, 0, 255))
    left, top = component.phase
    if columns.is_halved:
        left = 2 * left + columns.phase
    if rows.is_halved:
        top = 2 * top + rows.phase
    return whole[top : top + rows.length, left : left + columns.length]


def colors_of(planes: np.ndarray) -> np.ndarray:
    """R, G and B of Y, Cb and Cr."""
    luma, first, second = planes
    return np.stack(
        [
            np.clip(
                (row[0] * luma + row[1] * first + row[2] * second + row[3] + (1 << 15)) >> 16,
                0,
                255,
            )
            for row in COLORS.rows
        ]
    )


def decode_coefficients(container: Container) -> tuple[np.ndarray, list[Levels]]:
    """The image's samples, channels × height × width, and the levels."""
    header = container.header
    parts = decode_levels(container)
    source = header.coefficients
    width, height = header.coded_width, header.coded_height
    if header.source == 4:
        return component_picture(header, parts), parts
    luma = plane_samples(parts[0], source.fast)
    if header.color_type == 0:
        return luma[None], parts
    sampling = sampling_of(header.sampling, width, height)
    if source.scaled:
        chroma = [scaled_samples(part, sampling) for part in parts[1:]]
    else:
        chroma = [plane_samples(part, source.fast) for part in parts[1:]]
        if header.sampling:
            chroma = [sampling.enlarge(plane) for plane in chroma]
    planes = np.stack([luma, *chroma])
    if header.source == 2 and container.last:
        corrections = Corrections(container.last, COLORS, header.sampling != 0)
        return corrections.decode(planes), parts
    return colors_of(planes), parts


def component_picture(header: Header, parts: list[Levels]) -> np.ndarray:
    """The image of source 4."""
    source = header.coefficients
    width, height = header.coded_width, header.coded_height
    largest = [max(factors[axis] for factors in source.factors) for axis in range(2)]
    planes = [
        enlarge_component(plane_samples(part, False), factors, largest, width, height)
        for part, factors in zip(parts, source.factors)
    ]
    if source.colors == 0:
        return planes[0][None]
    if source.colors == 2:
        return np.stack(planes)
    if source.colors == 1:
        return colors_of(np.stack(planes))
    inks = np.stack(planes[:3])
    if source.colors == 4:
        inks = 255 - colors_of(inks)
    return (inks * planes[3] + 127) // 255


def enlarge_component(
    samples: np.ndarray,
    factors: tuple[int, int],
    largest: list[int],
    width: int,
    height: int,
) -> np.ndarray:
    """A component of source 4 at the image's size."""
    halved = [largest[axis] == 2 * factors[axis] for axis in range(2)]
    full = [largest[axis] == factors[axis] for axis in range(2)]
    is_smooth = all(half or whole for half, whole in zip(halved, full)) and not all(full)
    if is_smooth and not (halved[0] and samples.shape[1] <= 2):
        columns = Axis(width, halved[0], TRIANGLE, 0)
        rows = Axis(height, halved[1], TRIANGLE, 0)
        return Sampling(rows, columns).enlarge(samples)
    columns = np.arange(width) * factors[0] // largest[0]
    rows = np.arange(height) * factors[1] // largest[1]
    return samples[rows][:, columns]
