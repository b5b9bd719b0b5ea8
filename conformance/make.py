"""Makes the conformance set anew: `make.py RDCODEC`, the program that writes the files.

What is known of a file otherwise, such as its samples or why it is damaged, is compared with what
the program makes of it. The rest of `expected.txt` is what the program gives.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from bitstream import Bitstream, parse
from crafted import crafted
from damage import SHOWN, damaged, damaged_jpegs
from pictures import canonical as canonical_samples
from run import KINDS, LAYERS, Outcome, canonical, decode, verdict
from sources import Source, intact

FOLDER = Path(__file__).resolve().parent
LARGEST_SET = 400_000
"""Bytes of all files."""

METHODS = {
    "0": "stored", "1": "planar", "2": "candidates", "3": "bitwise", "4": "wavefront",
    "5": "bilevel", "6": "dither",
}  # fmt: skip
REQUIRED = {
    *(f"content {content}" for content in range(5)),
    *(f"color type {kind}" for kind in (0, 2, 3, 4, 6)),
    *(f"grey {depth}" for depth in (1, 2, 4, 8, 10, 12, 16)),
    *(f"planar {profile}" for profile in range(6)),
    *(f"wavefront {profile}" for profile in range(5)),
    "stored 1", "stored 4", "bilevel 0", "dither 0",
    *(f"candidates {profile}" for profile in (0, 1, 4, 5)),
    *(f"bitwise {profile}" for profile in (0, 1, 2, 3)),
    *(f"source {source}" for source in range(5)),
    *(f"widening bit {bit}" for bit in range(5)),
    *(f"shift {shift}" for shift in (*range(6), 15)),
    "repetition", "layout", "range", "filter", "several tiles", "long tile", "two models",
    "tiles of a lossy image", "tiles of a source", "tiles beside a preview",
    "lattice", "lattice 4:2:0 replicated", "lattice 4:2:0 bilinear", "lattice 4:2:0 triangle",
    "JPEG 4:4:4", "JPEG 4:2:2", "JPEG 4:2:0", "JPEG grey", "fast inverse DCT",
}  # fmt: skip
"""What some file has to have."""


class Maker:
    """The program, the files that it wrote, and what is expected of them."""

    def __init__(self, program: Path) -> None:
        self.program = program
        self.files: dict[str, bytes] = {}
        self.lines: list[str] = []
        self.problems: list[str] = []
        self.features: set[str] = set()
        self.models: set[bytes] = set()

    def compress(self, source: Source) -> bytes:
        """A file of a picture or a JPEG file."""
        with tempfile.TemporaryDirectory() as folder:
            picture = Path(folder) / f"{source.name}.{source.suffix}"
            output = Path(folder) / f"{source.name}.rdc"
            picture.write_bytes(source.data)
            words = [self.program, "compress", picture, output, "--jobs", "1", "--no-verify"]
            words += ["--quiet", *source.options]
            subprocess.run(words, check=True, stderr=subprocess.PIPE)
            return output.read_bytes()

    def add(self, name: str, data: bytes, values: Iterable[str]) -> None:
        """Keeps a file and its line."""
        if name in self.files:
            self.problems.append(f"{name}: twice")
        (FOLDER / "files" / f"{name}.rdc").write_bytes(data)
        self.files[name] = data
        self.lines.append(" ".join([name, *values]))

    def decoded(self, name: str, data: bytes, layer: str) -> Outcome:
        """What the program makes of a file."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{name}.rdc"
            file.write_bytes(data)
            command = f"'{self.program}' decompress {{input}} {{output}}"
            if layer != "jpeg":
                command += " --layer {layer}"
            word = "full" if layer == "exact" else layer
            return decode(command, layer, word, file, None)

    def value(self, name: str, data: bytes, layer: str, expected: str | None = None) -> str:
        """What `expected.txt` says of a layer; `expected` is what is known of it."""
        outcome = self.decoded(name, data, layer)
        if expected in (None, SHOWN):
            found = outcome.digest or outcome.kind or "unknown"
            if expected == SHOWN and not outcome.digest:
                self.problems.append(f"{name} ({layer}): {outcome.message}")
            return found
        result = verdict(expected, outcome, exit_codes=True, kinds=True)
        if result not in ("equal", "refused alike"):
            self.problems.append(f"{name} ({layer}): {result}")
        return expected

    def add_intact(self, source: Source) -> None:
        """A file that the program writes."""
        data = self.compress(source)
        expected = None
        if source.exact and not source.within:
            samples, peak = source.exact
            expected = hashlib.sha256(canonical_samples(samples, peak)).hexdigest()
        values = [self.value(source.name, data, "exact", expected)]
        values.append(self.value(source.name, data, "preview"))
        kept = "-"
        if source.suffix == "jpg":
            digest = hashlib.sha256(source.data).hexdigest()
            kept = self.value(source.name, data, "jpeg", digest)
        self.add(source.name, data, [*values, kept])
        if source.within:
            self.check_bound(source, data)
        self.look(source.name, data)

    def check_bound(self, source: Source, data: bytes) -> None:
        """Compares samples within a bound."""
        with tempfile.TemporaryDirectory() as folder:
            file, output = Path(folder) / "file.rdc", Path(folder) / "output.pam"
            file.write_bytes(data)
            subprocess.run([self.program, "decompress", "-q", file, output], check=True)
            content = canonical(output.read_bytes()).partition(b"\n")[2]
        samples, peak = source.exact
        found = np.frombuffer(content, ">u1" if peak < 256 else ">u2").astype(np.int64)
        difference = np.abs(found.reshape(samples.shape) - samples)
        if difference.max() > source.within or (
            samples.shape[2] in (2, 4) and difference[..., -1].any()
        ):
            self.problems.append(f"{source.name}: beyond the bound")

    def look(self, name: str, data: bytes) -> None:
        """Notes what a file has."""
        file = parse(data)
        content, shift = file.number("content"), file.number("position") >> 12
        kind = file.number("color")
        found = {f"content {content & 63}", f"color type {kind & 7}", f"shift {shift}"}
        if kind & 7 == 0 and not kind & 128:
            found.add(f"grey {(kind >> 3 & 15) + 1}")
        found |= {f"widening bit {bit}" for bit in range(5) if file.number("widening") >> bit & 1}
        if content & 63 == 2:
            found.add(f"source {file.number('source')}")
        found |= layout(file, content)
        if file.number("filter") & 128:
            found.add("filter")
        if file.number("source") == 2 and file.number("phase of luma") & 64:
            found.add("fast inverse DCT")
        self.models.add(file.fields.get("model", b""))
        if len(self.models) > 2:
            found.add("two models")
        if file.number("source") == 0:
            for stream in file.streams[file.latent_count :]:
                method, profile = f"{stream[0]:02x}"
                found.add(f"{METHODS[method]} {profile}")
        else:
            path = FOLDER / "files" / f"{name}.rdc"
            words = [self.program, "info", "--json", path]
            result = subprocess.run(words, check=True, capture_output=True)
            found.add(json.loads(result.stdout)["source"])
        self.features |= found


def layout(file: Bitstream, content: int) -> set[str]:
    """What is special about a file's size and tiles."""
    found = set()
    if content & 128:
        found.add("layout")
        if file.fields["column repetition"] + file.fields["row repetition"] != b"\1\1":
            found.add("repetition")
        if "tile width, varint" in file.fields or "tile height, varint" in file.fields:
            found.add("long tile")
    if content & 64:
        found.add("range")
    if len(file.sums) - file.latent_count > 1:
        found.add("several tiles")
        if content & 63 == 0:
            found.add("tiles of a lossy image")
        elif file.number("source"):
            found.add("tiles of a source")
        elif file.latent_count:
            found.add("tiles beside a preview")
    return found


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    maker = Maker(parser.parse_args().program.resolve())
    (FOLDER / "files").mkdir(exist_ok=True)
    for old in (FOLDER / "files").glob("*.rdc"):
        old.unlink()
    for source in intact():
        maker.add_intact(source)
    written = len(maker.files)
    for name, data, exact in crafted(maker.compress, dict(maker.files)):
        expected = exact and hashlib.sha256(canonical_samples(*exact)).hexdigest()
        values = [maker.value(name, data, "exact", expected)]
        values.append(maker.value(name, data, "preview"))
        maker.add(name, data, [*values, "-"])
        maker.look(name, data)
    allowed = len(maker.files) - written
    sources = dict(maker.files)
    for name, data, full, preview in damaged(sources):
        name = f"damaged-{name}"
        values = [maker.value(name, data, "exact", full)]
        values.append(maker.value(name, data, "preview", preview))
        maker.add(name, data, [*values, "-"])
    for name, data, kind in damaged_jpegs(sources):
        name = f"damaged-jpeg-file-{name}"
        values = [maker.value(name, data, layer, SHOWN) for layer in LAYERS[:1]]
        values += [maker.value(name, data, "preview"), maker.value(name, data, "jpeg", kind)]
        maker.add(name, data, values)
    head = "# file, then SHA-256 or error: of the exact samples, the preview's, the JPEG file\n"
    (FOLDER / "expected.txt").write_text(head + "\n".join(maker.lines) + "\n")
    size = sum(map(len, maker.files.values()))
    if size > LARGEST_SET:
        maker.problems.append(f"{size} bytes are too many")
    maker.problems += [f"no file has: {feature}" for feature in sorted(REQUIRED - maker.features)]
    for line in maker.lines:
        name, *values = line.split()
        if any(len(value) < 64 and value not in KINDS | {"-"} for value in values):
            maker.problems.append(f"{name}: an error of no known kind")
    print("\n".join(maker.problems))
    damages = len(maker.files) - written - allowed
    print(f"{written} written, {allowed} crafted, {damages} damaged; {size} bytes")
    return 1 if maker.problems else 0


if __name__ == "__main__":
    sys.exit(main())
