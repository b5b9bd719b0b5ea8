"""The data of scans of JPEG files (FORMAT.md, §13.7, *Coding*; ITU-T T.81, F.1.2 and G.1.2)."""

from dataclasses import dataclass

import numpy as np

from reference.jpeg_huffman import HuffmanTable, wrong
from reference.jpeg_layout import PROGRESSIVE, Frame, Scan, needs_ac, needs_dc
from reference.levels import ZIGZAG

LONGEST_RUN = 32767
MOST_CORRECTIONS = 937


@dataclass
class Blocks:
    """A component's levels, rows × columns × 64, and how many rows and columns are shown."""

    levels: np.ndarray
    rows: int
    columns: int


@dataclass
class Symbol:
    """A symbol of a table, then bits."""

    table: HuffmanTable
    value: int
    bits: int = 0
    length: int = 0


@dataclass
class Bits:
    """Bits without a symbol."""

    bits: int
    length: int


@dataclass
class Restart:
    """A padding, and the marker after it: fill bytes and number."""

    fill: int
    number: int


Token = Symbol | Bits | Restart


def magnitude_bits(value: int) -> tuple[int, int]:
    """How many bits a value has, and the bits that tell it (T.81, F.1.2.1)."""
    length = abs(value).bit_length()
    if length > 15:
        raise wrong("a value of 16 bits or more")
    return length, value if value >= 0 else value + (1 << length) - 1


class ScanCoder:
    """Makes the symbols of one scan; Huffman tables count them."""

    def __init__(
        self,
        frame: Frame,
        scan: Scan,
        blocks: list[Blocks],
        tables: dict[tuple[int, bool], HuffmanTable],
        interval: int,
    ) -> None:
        """`tables` by number and whether they are AC tables."""
        self.frame, self.scan, self.blocks = frame, scan, blocks
        self.interval = interval
        self.tables = {}
        for member in scan.members:
            if needs_dc(frame, scan):
                self.tables[member.component, False] = tables.get((member.dc, False))
            if needs_ac(frame, scan):
                self.tables[member.component, True] = tables.get((member.ac, True))
        if any(table is None for table in self.tables.values()):
            raise wrong("a Huffman table that is not there")
        self.tokens: list[Token] = []
        self.run = 0
        self.run_corrections: list[int] = []
        self.run_table: HuffmanTable | None = None

    def code(self) -> list[Token]:
        """All of the scan."""
        units = self._units()
        scan = self.scan
        if scan.units is not None:
            if scan.units > len(units):
                raise wrong("units of a scan")
            units = units[: scan.units]
        self.predictions = [0] * len(self.frame.components)
        place = restarts = 0
        for index, unit in enumerate(units):
            for component, row, column in unit:
                self._block(place, component, self.blocks[component].levels[row, column])
                place += 1
            is_end = self.interval and (index + 1) % self.interval == 0
            if is_end and index + 1 < len(units) and not scan.flags & 1:
                self._flush_run()
                self.tokens.append(Restart(*scan.markers.get(restarts, (0, restarts % 8))))
                restarts += 1
                self.predictions = [0] * len(self.frame.components)
        self._flush_run()
        return self.tokens

    def _units(self) -> list[list[tuple[int, int, int]]]:
        """Units of (component, row, column) of blocks."""
        members = [member.component for member in self.scan.members]
        if len(members) == 1:
            part = self.blocks[members[0]]
            return [
                [(members[0], row, column)]
                for row in range(part.rows)
                for column in range(part.columns)
            ]
        components = self.frame.components
        first = components[members[0]]
        shape = self.blocks[members[0]].levels.shape
        units = []
        for row in range(shape[0] // first.v):
            for column in range(shape[1] // first.h):
                units.append(
                    [
                        (index, row * components[index].v + y, column * components[index].h + x)
                        for index in members
                        for y in range(components[index].v)
                        for x in range(components[index].h)
                    ]
                )
        return units

    def _block(self, place: int, component: int, levels: np.ndarray) -> None:
        """A block at its place in the scan."""
        scan = self.scan
        if place in scan.early_runs:
            self._flush_run()
        values = [int(levels[p]) for p in ZIGZAG]
        if self.frame.process != PROGRESSIVE:
            self._mean(component, values[0])
            self._sequential(place, component, values)
        elif scan.first == 0:
            if scan.high:
                self.tokens.append(Bits(values[0] >> scan.low & 1, 1))
            else:
                self._mean(component, values[0] >> scan.low)
        elif scan.high:
            self._later_band(place, component, values)
        else:
            self._first_band(place, component, values)

    def _symbol(self, table: HuffmanTable, value: int, bits: int = 0, length: int = 0) -> None:
        self._flush_run()
        table.frequencies[value] += 1
        self.tokens.append(Symbol(table, value, bits, length))

    def _mean(self, component: int, value: int) -> None:
        length, bits = magnitude_bits(value - self.predictions[component])
        self.predictions[component] = value
        self._symbol(self.tables[component, False], length, bits, length)

    def _level(self, table: HuffmanTable, zeros: int, value: int) -> None:
        """A level other than 0 after zeros."""
        for _ in range(zeros // 16):
            self._symbol(table, 0xF0)
        length, bits = magnitude_bits(value)
        self._symbol(table, 16 * (zeros % 16) + length, bits, length)

    def _sequential(self, place: int, component: int, values: list[int]) -> None:
        table = self.tables[component, True]
        last = 0
        for k in range(1, 64):
            if values[k]:
                self._level(table, k - last - 1, values[k])
                last = k
        for _ in range(self.scan.zero_runs.get(place, 0)):
            self._symbol(table, 0xF0)
            last += 16
        if last < 63:
            self._symbol(table, 0)

    def _first_band(self, place: int, component: int, values: list[int]) -> None:
        scan, table = self.scan, self.tables[component, True]
        last = scan.first - 1
        for k in range(scan.first, scan.last + 1):
            size = abs(values[k]) >> scan.low
            if size:
                self._level(table, k - last - 1, size if values[k] > 0 else -size)
                last = k
        if place in scan.zero_runs:
            self._flush_run()
            for _ in range(scan.zero_runs[place]):
                self._symbol(table, 0xF0)
                last += 16
        if last < scan.last:
            self._join_run(table, [])

    def _later_band(self, place: int, component: int, values: list[int]) -> None:
        scan, table = self.scan, self.tables[component, True]
        sizes = {k: abs(values[k]) >> scan.low for k in range(scan.first, scan.last + 1)}
        last_new = max((k for k, size in sizes.items() if size == 1), default=-1)
        more = scan.zero_runs.get(place, 0)
        zeros = 0
        waiting: list[int] = []

        def zero_runs(limit: int) -> int:
            nonlocal zeros, waiting
            count = min(zeros // 16, limit)
            for _ in range(count):
                self._symbol(table, 0xF0)
                self._corrections(waiting)
                waiting = []
                zeros -= 16
            return count

        for k, size in sizes.items():
            if size == 0:
                zeros += 1
                continue
            if k <= last_new:
                zero_runs(zeros)
            else:
                more -= zero_runs(more)
            if size > 1:
                waiting.append(size & 1)
                continue
            self._symbol(table, 16 * zeros + 1, values[k] > 0, 1)
            self._corrections(waiting)
            waiting = []
            zeros = 0
        zero_runs(more)
        if zeros or waiting:
            self._join_run(table, waiting)

    def _corrections(self, bits: list[int]) -> None:
        self.tokens += [Bits(bit, 1) for bit in bits]

    def _join_run(self, table: HuffmanTable, corrections: list[int]) -> None:
        """Adds a block to the run of ended blocks."""
        self.run += 1
        self.run_table = table
        self.run_corrections += corrections
        too_many = len(self.run_corrections) > MOST_CORRECTIONS and not self.scan.flags & 2
        if self.run == LONGEST_RUN or too_many:
            self._flush_run()

    def _flush_run(self) -> None:
        """Writes the run of ended blocks, where there is one."""
        if self.run:
            length = self.run.bit_length() - 1
            run, self.run = self.run, 0
            bits = run - (1 << length)
            self._symbol(self.run_table, 16 * length, bits, length)
            self._corrections(self.run_corrections)
            self.run_corrections = []


class ScanWriter:
    """Writes the data of a scan."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.data = bytearray()
        self.value = self.length = self.paddings = 0

    def write(self, tokens: list[Token]) -> bytes:
        """The data of a scan."""
        for token in tokens:
            if isinstance(token, Restart):
                self._pad()
                self.data += b"\xff" * token.fill + bytes([0xFF, 0xD0 + token.number])
                continue
            if isinstance(token, Symbol):
                if token.value not in token.table.codes:
                    raise wrong("a symbol without a code")
                self._put(*token.table.codes[token.value])
            self._put(token.bits, token.length)
        self._pad()
        return bytes(self.data)

    def _put(self, bits: int, length: int) -> None:
        self.value = self.value << length | bits
        self.length += length
        while self.length >= 8:
            self.length -= 8
            byte = self.value >> self.length & 255
            self.value &= (1 << self.length) - 1
            self.data.append(byte)
            if byte == 0xFF:
                self.data.append(0)

    def _pad(self) -> None:
        """Fills a byte that has some bits."""
        if self.length == 0:
            return
        count = 8 - self.length
        usual = 0 if self.scan.flags & 4 else 255
        bits = self.scan.paddings.get(self.paddings, usual)
        self.paddings += 1
        self._put(bits & ((1 << count) - 1), count)
