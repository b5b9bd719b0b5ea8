"""Huffman tables of JPEG files (FORMAT.md, §13.7, *Tables*; ITU-T T.81, annexes C and K)."""

from dataclasses import dataclass, field

from reference.errors import FormatError

DC_SYMBOLS = bytes(range(12))


def _hex(text: str) -> bytes:
    return bytes.fromhex(text)


def _runs(first: int, last: int, sizes: range) -> bytes:
    return bytes(16 * run + size for run in range(first, last + 1) for size in sizes)


# T.81, K.3 to K.6: codes of each length, then symbols.
EXAMPLES = {
    (False, 1): (_hex("00010501010101010100000000000000"), DC_SYMBOLS),
    (False, 2): (_hex("00030101010101010101010000000000"), DC_SYMBOLS),
    (True, 1): (
        _hex("0002010303020403050504040000017d"),
        _hex(
            "01020300041105122131410613516107227114328191a1082342b1c11552d1f0"
            "2433627282090a161718191a25262728292a3435363738393a"
        )
        + _runs(4, 7, range(3, 11))
        + _runs(8, 8, range(3, 11))
        + _runs(9, 13, range(2, 11))
        + _runs(14, 15, range(1, 11)),
    ),
    (True, 2): (
        _hex("00020102040403040705040400010277"),
        _hex(
            "000102031104052131061241510761711322328108144291a1b1c109233352f0"
            "156272d10a162434e125f11718191a262728292a35363738393a"
        )
        + _runs(4, 7, range(3, 11))
        + _runs(8, 15, range(2, 11)),
    ),
}


def wrong(message: str) -> FormatError:
    """Something in the rest of a JPEG file that cannot be (§12)."""
    return FormatError("wrongContents", message)


@dataclass
class HuffmanTable:
    """A table: codes of each length, and symbols; both are made later where it is optimal."""

    is_optimal: bool = False
    counts: bytes = bytes(16)
    symbols: bytes = b""
    frequencies: list[int] = field(default_factory=lambda: [0] * 256)
    codes: dict[int, tuple[int, int]] | None = None

    def make_codes(self) -> None:
        """Code and length of each symbol (T.81, annex C)."""
        self.codes = {}
        code = position = 0
        for length, count in enumerate(self.counts, start=1):
            for _ in range(count):
                if code >= 1 << length:
                    raise wrong("codes that do not fit")
                self.codes[self.symbols[position]] = (code, length)
                position += 1
                code += 1
            code *= 2

    def optimize(self) -> None:
        """Makes an optimal table of how often symbols are used (T.81, K.2, as libjpeg does)."""
        if not any(self.frequencies):
            return
        sizes = code_sizes([*self.frequencies, 1])
        bits = [0] * 33
        for size in sizes:
            if size > 32:
                raise wrong("a code of more than 32 bits")
            bits[size] += size > 0
        for length in range(32, 16, -1):
            while bits[length]:
                shorter = length - 2
                while bits[shorter] == 0:
                    shorter -= 1
                bits[length] -= 2
                bits[length - 1] += 1
                bits[shorter + 1] += 2
                bits[shorter] -= 1
        longest = max(length for length in range(17) if bits[length])
        bits[longest] -= 1
        self.counts = bytes(bits[1:17])
        used = [symbol for symbol in range(256) if sizes[symbol]]
        self.symbols = bytes(sorted(used, key=lambda symbol: (sizes[symbol], symbol)))


def code_sizes(frequencies: list[int]) -> list[int]:
    """Code sizes of symbols (T.81, figure K.1); of equal frequencies the highest goes first."""
    frequencies = list(frequencies)
    sizes = [0] * len(frequencies)
    groups = {symbol: [symbol] for symbol, count in enumerate(frequencies) if count}
    while len(groups) > 1:
        first, second = sorted(groups, key=lambda symbol: (frequencies[symbol], -symbol))[:2]
        frequencies[first] += frequencies[second]
        groups[first] += groups.pop(second)
        for symbol in groups[first]:
            sizes[symbol] += 1
    return sizes


def example_huffman(is_ac: bool, kind: int) -> HuffmanTable:
    """T.81's example for luma (1) or chroma (2)."""
    counts, symbols = EXAMPLES[is_ac, kind]
    return HuffmanTable(counts=counts, symbols=symbols)
