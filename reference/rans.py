"""rANS decoders of the wavefront (FORMAT.md, §10.10, *Stream*, *Symbols*, *Mixed decisions*)."""

from bisect import bisect_right

from reference.byte_reader import ByteReader
from reference.errors import FormatError, corrupt

STREAM_LIMIT = 1 << 28


class BlockReader:
    """The blocks of a stream: states, then words; a block ends with a band."""

    def __init__(self, data: bytes, states: int, word_size: int, first: int, limit: int) -> None:
        """`states` of two words of `word_size` bytes each, whose first value is `first`; a block
        ends with the first band after which `count` is above `limit`."""
        self.reader = ByteReader(data)
        self.state_count = states
        self.word_size = word_size
        self.first = first
        self.limit = limit
        self.block = None
        self.states = []
        self.count = 0

    def begin_band(self) -> None:
        """Opens a block where none is open."""
        if self.block is not None:
            return
        size = self.reader.varint()
        if not 32 <= size < STREAM_LIMIT or size % self.word_size:
            raise corrupt("size of a block")
        self.block = ByteReader(self.reader.bytes(size))
        self.states = []
        for _ in range(self.state_count):
            upper = self.word()
            self.states.append(upper << (8 * self.word_size) | self.word())
        self.count = 0

    def word(self) -> int:
        """The block's next word."""
        return self.block.unsigned(self.word_size)

    def end_band(self, is_last: bool) -> None:
        """Closes the block where it ends here."""
        if not is_last and self.count <= self.limit:
            return
        if self.block.left or any(state != self.first for state in self.states):
            raise FormatError("wrongContents", "the end of a block")
        self.block = None
        if is_last and self.reader.left:
            raise corrupt("bytes after the last block")


class SymbolReader(BlockReader):
    """Symbols in 2⁻¹⁶ from four states of 64 bits."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data, states=4, word_size=4, first=1 << 31, limit=1 << 19)

    def target(self) -> int:
        """Where in 0 ..< 2¹⁶ the next symbol lies."""
        return self.states[self.count % 4] & 0xFFFF

    def take(self, start: int, end: int) -> None:
        """Removes the symbol that has start ..< end."""
        index = self.count % 4
        state = self.states[index]
        target = state & 0xFFFF
        if not start <= target < end:
            raise corrupt("a symbol of the wavefront")
        state = (end - start) * (state >> 16) + target - start
        if state < 1 << 31:
            state = state << 32 | self.word()
        self.states[index] = state
        self.count += 1

    def low_bits(self, count: int) -> int:
        """`count` bits as one symbol."""
        shift = 16 - count
        value = self.target() >> shift
        self.take(value << shift, (value + 1) << shift)
        return value


class BitReader(BlockReader):
    """Decisions in 2⁻¹⁴ from eight states of 32 bits, one for each lane."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data, states=8, word_size=2, first=1 << 16, limit=1 << 17)

    def decision(self, lane: int, probability: int) -> bool:
        """A decision of a lane that is true with `probability` · 2⁻¹⁴."""
        state = self.states[lane]
        target = state & 0x3FFF
        bit = target < probability
        start, size = (0, probability) if bit else (probability, (1 << 14) - probability)
        state = size * (state >> 14) + target - start
        if state < 1 << 16:
            state = state << 16 | self.word()
        self.states[lane] = state
        return bit


def symbol_of(starts: list[int], target: int) -> int:
    """The largest symbol 0 … 255 whose start is not above the target."""
    return bisect_right(starts, target, 0, 256) - 1
