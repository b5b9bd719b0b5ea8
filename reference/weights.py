"""The weights file: layers, tables, vectors and the model's shape (FORMAT.md, §7)."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reference.byte_reader import ByteReader
from reference.errors import FormatError, corrupt

DATA = Path(__file__).resolve().parent.parent / "Sources" / "CKernels"
WEIGHTS_FILES = ("weights.bin", "weights_visual.bin")
START_FILES = ("start_state.bin", "drawing_start.bin")


@dataclass(frozen=True)
class Convolution:
    """Weights of a convolution: outputs × rows × columns × inputs."""

    weights: np.ndarray
    bias: np.ndarray
    shift: int


@dataclass(frozen=True)
class Depthwise:
    """Weights of a depthwise convolution: 3 × 3 × channels."""

    weights: np.ndarray
    bias: np.ndarray
    shift: int


@dataclass(frozen=True)
class Group:
    """A group of latents: its channels, those before it, and reaches (§7)."""

    channels: int
    before: int
    reach_before: int
    reach_anchors: int


@dataclass(frozen=True)
class Shape:
    """How wide and deep a model is (§7); neighbours are (row, column) from the position."""

    features: int
    hyperlatents: int
    hyper_blocks: int
    prior_blocks: int
    blocks: int
    side_channels: int
    post_features: int
    post_blocks: int
    groups: list[Group]
    expert_hidden: int
    first_half: list[tuple[int, int]]
    second_half: list[tuple[int, int]]
    hyper_neighbours: list[tuple[int, int]]

    @property
    def latents(self) -> int:
        """Channels of latents."""
        return sum(group.channels for group in self.groups)

    @property
    def steps(self) -> int:
        """Halves of groups."""
        return 2 * len(self.groups)


@dataclass(frozen=True)
class Model:
    """All entries of a weights file."""

    shape: Shape
    entries: dict[str, object]


def load_model(name: int) -> Model:
    """The built-in model of this name (§7)."""
    starts = b"".join((DATA / file).read_bytes() for file in START_FILES)
    for file in WEIGHTS_FILES:
        data = (DATA / file).read_bytes()
        digest = hashlib.sha256(data + starts).digest()
        if int.from_bytes(digest[:8], "big") == name:
            return read_weights(data)
    raise FormatError("unknownModel", f"{name:016x}")


def read_weights(data: bytes) -> Model:
    """Reads a weights file."""
    reader = ByteReader(data)
    if reader.bytes(4) != b"RDCM" or reader.unsigned(2) != 5:
        raise corrupt("weights file")
    count = reader.unsigned(2)
    shape = read_shape(reader)
    entries = {}
    for _ in range(count):
        name = reader.bytes(reader.u8()).decode()
        entries[name] = read_entry(reader)
    return Model(shape, entries)


def read_shape(reader: ByteReader) -> Shape:
    """The description of the model's shape."""

    def number() -> int:
        return reader.unsigned(2)

    features, hyperlatents = number(), number()
    number(), number()  # blocks and expansion of the analysis, which serves the encoder
    hyper_blocks, _, prior_blocks, _, blocks, _ = (number() for _ in range(6))
    side_channels, post_features, post_blocks, _ = (number() for _ in range(4))
    groups = []
    before = 0
    for _ in range(number()):
        channels, reach_before, reach_anchors = number(), number(), number()
        groups.append(Group(channels, before, reach_before, reach_anchors))
        before += channels
    expert_hidden = number()

    def neighbours(count: int) -> list[tuple[int, int]]:
        return [(reader.signed(1), reader.signed(1)) for _ in range(count)]

    count = number()
    first_half, second_half = neighbours(count), neighbours(count)
    hyper_neighbours = neighbours(number())
    return Shape(
        features, hyperlatents, hyper_blocks, prior_blocks, blocks, side_channels,
        post_features, post_blocks, groups, expert_hidden, first_half, second_half,
        hyper_neighbours,
    )  # fmt: skip


def read_entry(reader: ByteReader) -> object:
    """A layer, a table (rows × columns, i64) or a vector (i16)."""
    kind = reader.u8()

    def integers(count: int, size: int) -> np.ndarray:
        return np.frombuffer(reader.bytes(count * size), f"<i{size}").astype(np.int64)

    if kind == 0:
        outputs, rows, columns, inputs = (reader.unsigned(2) for _ in range(4))
        shift = reader.u8()
        bias = integers(outputs, 4)
        weights = integers(outputs * rows * columns * inputs, 2)
        return Convolution(weights.reshape(outputs, rows, columns, inputs), bias, shift)
    if kind == 1:
        channels, shift = reader.unsigned(2), reader.u8()
        bias = integers(channels, 4)
        return Depthwise(integers(9 * channels, 2).reshape(3, 3, channels), bias, shift)
    if kind == 2:
        rows, columns = reader.unsigned(2), reader.unsigned(2)
        return integers(rows * columns, 4).reshape(rows, columns)
    if kind == 3:
        return integers(reader.unsigned(4), 2)
    raise corrupt("kind of an entry")
