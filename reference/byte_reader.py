"""Integers in files (FORMAT.md, §1)."""

from reference.errors import FormatError, corrupt


class ByteReader:
    """Reads little-endian integers and varints from bytes, from `position` on."""

    def __init__(self, data: bytes, position: int = 0, kind: str = "truncated") -> None:
        self.data = data
        self.position = position
        self.kind = kind

    @property
    def left(self) -> int:
        """Number of bytes that have not been read."""
        return len(self.data) - self.position

    def bytes(self, count: int) -> bytes:
        """The next `count` bytes."""
        if count > self.left:
            raise FormatError(self.kind, "the data ends early")
        taken = self.data[self.position : self.position + count]
        self.position += count
        return taken

    def unsigned(self, size: int) -> int:
        """An unsigned integer of `size` bytes."""
        return int.from_bytes(self.bytes(size), "little")

    def signed(self, size: int) -> int:
        """An integer of `size` bytes in two's complement."""
        return int.from_bytes(self.bytes(size), "little", signed=True)

    def u8(self) -> int:
        """An unsigned byte."""
        return self.unsigned(1)

    def varint(self) -> int:
        """Groups of seven bits, lowest first, at most nine of them."""
        value = 0
        for group in range(9):
            byte = self.u8()
            value |= (byte & 127) << (7 * group)
            if byte < 128:
                return value
        raise corrupt("a varint of more than nine bytes")
