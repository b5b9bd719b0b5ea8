"""The model's architecture, said once: model.py builds from it, export.py writes it at the head of the weights file
(docs/FORMAT.md, section 7), and restore.py and experts.py read it there. Another architecture is another SHAPE.
"""

import struct
from dataclasses import astuple, dataclass

VERSION = 5  # of the weights file


@dataclass(frozen=True)
class Chain:
    """Blocks in a row, up to 8, and how many times wider they are inside, up to 4."""

    blocks: int
    expansion: int


@dataclass(frozen=True)
class Group:
    """Latents that are coded together: a multiple of 8, up to 256.

    The reaches, up to 4, say how many positions away the groups before (none before the first) are seen, and by
    the second half of the checkerboard the first.
    """

    channels: int
    reach_of_groups: int
    reach_of_first_half: int

    @property
    def first_half_kernel(self):
        return 2 * self.reach_of_first_half + 1

    @property
    def groups_kernel(self):
        return 2 * self.reach_of_groups + 1


@dataclass(frozen=True)
class Shape:
    width: int = 96  # features inside prior and synthesis: a multiple of 8, up to 512
    hyperlatents: int = 48  # a multiple of 8, up to 256
    analysis: Chain = Chain(4, 1)
    hyper_synthesis: Chain = Chain(1, 2)
    prior: Chain = Chain(1, 2)
    synthesis: Chain = Chain(3, 2)
    side: int = 4  # channels from the synthesis to the post-filter besides pixels: even, up to 32
    post_width: int = 32  # even, up to 128
    post: Chain = Chain(1, 1)
    groups: tuple = (Group(24, 0, 2), Group(56, 1, 2), Group(112, 1, 1))  # up to 8
    expert_width: int = 64  # hidden features of the hyperlatents' expert: a multiple of 8, up to 256
    # Rows and columns from a position, within 2, to the 4 to 12 neighbours that experts see, and contexts of the
    # first four: at positions of the first half, of the second, and of hyperlatents.
    first_neighbours: tuple = ((-1, -1), (-1, 1), (0, -2), (-2, 0))
    second_neighbours: tuple = ((0, -1), (0, 1), (-1, 0), (1, 0))
    hyper_neighbours: tuple = ((0, -1), (-1, 0), (-1, 1), (-1, -1), (0, -2), (-2, 0))

    @property
    def sizes(self):
        """Channels of every group."""
        return tuple(group.channels for group in self.groups)

    @property
    def latents(self):
        return sum(self.sizes)

    def pack(self):
        """The description as a weights file holds it."""
        values = [self.width, self.hyperlatents]
        for chain in (self.analysis, self.hyper_synthesis, self.prior, self.synthesis):
            values += astuple(chain)
        values += [self.side, self.post_width, *astuple(self.post), len(self.groups)]
        for group in self.groups:
            values += astuple(group)
        if len(self.first_neighbours) != len(self.second_neighbours):
            raise ValueError("both halves of the checkerboard need as many neighbours")
        values += [self.expert_width, len(self.first_neighbours)]
        return b"".join(
            [
                struct.pack(f"<{len(values)}H", *values),
                pack_offsets(self.first_neighbours + self.second_neighbours),
                struct.pack("<H", len(self.hyper_neighbours)),
                pack_offsets(self.hyper_neighbours),
            ]
        )

    @classmethod
    def unpack(cls, data, at=0):
        """The shape that is described in `data` from `at` on, and where its description ends."""
        fields = Fields(data, at)
        width, hyperlatents = fields.next(2)
        chains = [Chain(*fields.next(2)) for _ in range(4)]
        side, post_width = fields.next(2)
        post = Chain(*fields.next(2))
        groups = tuple(Group(*fields.next(3)) for _ in range(*fields.next(1)))
        expert_width, count = fields.next(2)
        first, second = fields.offsets(count), fields.offsets(count)
        hyper = fields.offsets(*fields.next(1))
        filter_shape = (side, post_width, post)
        expert_shape = (expert_width, first, second, hyper)
        return cls(width, hyperlatents, *chains, *filter_shape, groups, *expert_shape), fields.at


SHAPE = Shape()


def pack_offsets(offsets):
    return b"".join(struct.pack("<bb", *offset) for offset in offsets)


class Fields:
    """Reads values one after the other."""

    def __init__(self, data, at):
        self.data, self.at = data, at

    def next(self, count, kind="H"):
        values = struct.unpack_from(f"<{count}{kind}", self.data, self.at)
        self.at += struct.calcsize(f"<{count}{kind}")
        return values

    def offsets(self, count):
        return tuple(self.next(2, "b") for _ in range(count))
