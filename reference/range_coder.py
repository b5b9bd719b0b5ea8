"""The range decoder (FORMAT.md, §6.1)."""

from reference.errors import FormatError

TOTAL_BITS = 24
TOTAL = 1 << TOTAL_BITS


class RangeDecoder:
    """Decodes one stream, from its first byte on."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.range = (1 << 48) - 1
        self.code = int.from_bytes(data[:6].ljust(6, b"\0"), "big")
        self.position = 6

    def _refill(self) -> None:
        while self.range < 1 << 40:
            byte = self.data[self.position] if self.position < len(self.data) else 0
            self.position += 1
            if self.position > len(self.data) + 6:
                raise FormatError("truncated", "a stream's symbols end early")
            self.range <<= 8
            self.code = (self.code << 8) | byte

    def decision(self, probability: int) -> bool:
        """A decision that is true with `probability` · 2⁻²⁴."""
        split = (self.range >> TOTAL_BITS) * probability
        true = self.code < split
        if true:
            self.range = split
        else:
            self.code -= split
            self.range -= split
        self._refill()
        return true

    def target(self) -> int:
        """Where in 0 ..< 2²⁴ the next symbol lies."""
        return min(self.code // (self.range >> TOTAL_BITS), TOTAL - 1)

    def take(self, start: int, size: int) -> None:
        """Removes the symbol that has start ..< start + size."""
        unit = self.range >> TOTAL_BITS
        self.code -= unit * start
        self.range = self.range - unit * start if start + size == TOTAL else unit * size
        self._refill()

    def uniform(self, count: int) -> int:
        """A number of `count` ≤ 24 bits with equal probabilities."""
        if count == 0:
            return 0
        shift = TOTAL_BITS - count
        value = self.target() >> shift
        self.take(value << shift, 1 << shift)
        return value
