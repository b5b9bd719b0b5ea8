"""Runs a decoder over the conformance set: `run.py [OPTIONS] 'COMMAND'`.

The command is a template, such as `rdcodec decompress {input} {output} --layer {layer} --force`, that
writes a PAM file, or a JPEG file where `{output}` ends in .jpg. With `--outputs FOLDER` there is no
command, and what a decoder wrote of all files is there.
"""

import argparse
import fnmatch
import hashlib
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
LAYERS = ("exact", "preview", "jpeg")
SEVERE = {"wrongContents": 76, "noJPEG": 64}
"""Exit codes of rdcodec; of all other kinds of errors it is 65 (docs/USAGE.md)."""
DATA_ERROR = 65

MESSAGES = {
    "another kind of file, not rdc": "notBitstream",
    "an empty file, not rdc": "notBitstream",
    "format version": "otherVersion",
    "ends early": "truncated",
    "damaged file: invalid": "corrupt",
    "damaged file: wrong checksum": "checksumMismatch",
    "although the file is intact": "wrongContents",
    "more than the limit": "limitExceeded",
    "needs model": "unknownModel",
    "not a valid image": "invalidImage",
    "has no preview": "noPreview",
    "not made of a JPEG file": "noJPEG",
}
"""What rdcodec says, by its kind."""
KINDS = frozenset(MESSAGES.values())
NAMES = {kind: kind for kind in KINDS} | {"unsupported": "otherVersion"}
"""Kinds as decoders may call them."""


@dataclass
class Outcome:
    """What a decoder did with a layer: a SHA-256, or the kind of error where it says so."""

    digest: str | None
    exit_code: int
    message: str
    seconds: float
    timed_out: bool = False

    @property
    def kind(self) -> str | None:
        """As the first word of the message, or by what rdcodec says."""
        first = self.message.split(":")[0].strip()
        if first in NAMES:
            return NAMES[first]
        return next((kind for text, kind in MESSAGES.items() if text in self.message), None)


def expectations() -> Iterator[tuple[str, str, str]]:
    """Names, layers, and what is expected of each."""
    for line in (FOLDER / "expected.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        name, *values = line.split()
        for layer, value in zip(LAYERS, values, strict=True):
            if value != "-":
                yield name, layer, value


def canonical(pam: bytes) -> bytes:
    """Width, height, channels and maxval of a PAM file in a line, then its samples."""
    head, mark, samples = pam.partition(b"ENDHDR\n")
    if not pam.startswith(b"P7\n") or not mark:
        raise ValueError("not a PAM file")
    values = dict(re.findall(rb"^(WIDTH|HEIGHT|DEPTH|MAXVAL) +(\d+)$", head, re.MULTILINE))
    numbers = [int(values[name]) for name in (b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL")]
    width, height, channels, peak = numbers
    if len(samples) != width * height * channels * (1 if peak < 256 else 2):
        raise ValueError("a PAM file of another length")
    return f"{width} {height} {channels} {peak}\n".encode() + samples


def decode(command: str, layer: str, word: str, file: Path, limit: float | None) -> Outcome:
    """Runs the command on a file."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / ("output.jpg" if layer == "jpeg" else "output.pam")
        words = [
            part.format(input=file, output=output, layer=word) for part in shlex.split(command)
        ]
        start = time.monotonic()
        try:
            result = subprocess.run(
                words, capture_output=True, text=True, errors="replace", timeout=limit
            )
        except OSError as error:
            raise SystemExit(f"{words[0]}: {error.strerror}") from error
        except subprocess.TimeoutExpired:
            return Outcome(None, 0, "", time.monotonic() - start, timed_out=True)
        seconds = time.monotonic() - start
        lines = [line for line in result.stderr.splitlines() if "warning: " not in line]
        message = "\n".join(lines)
        if result.returncode:
            return Outcome(None, result.returncode, message, seconds)
        try:
            return Outcome(digest(output, layer), 0, message, seconds)
        except (OSError, ValueError, KeyError) as error:
            return Outcome(None, 0, f"no output: {error}", seconds)


def digest(output: Path, layer: str) -> str:
    """SHA-256 of what a decoder wrote, as the set has it."""
    data = output.read_bytes()
    return hashlib.sha256(data if layer == "jpeg" else canonical(data)).hexdigest()


def written(folder: Path, name: str, layer: str, word: str) -> Outcome:
    """What lies in a folder: NAME.LAYER.pam or NAME.LAYER.jpg, or NAME.LAYER.txt with the error."""
    output = folder / f"{name}.{word}.{'jpg' if layer == 'jpeg' else 'pam'}"
    text = folder / f"{name}.{word}.txt"
    if text.exists():
        if output.exists():
            return Outcome(None, 0, "output and an error", 0)
        return Outcome(None, 1, text.read_text(errors="replace"), 0)
    try:
        return Outcome(digest(output, layer), 0, "", 0)
    except (OSError, ValueError, KeyError) as error:
        return Outcome(None, 0, f"no output: {error}", 0)


def verdict(expected: str, outcome: Outcome, exit_codes: bool, kinds: bool) -> str:
    """`equal`, `refused alike`, `timed out`, or what is different."""
    if outcome.timed_out:
        return "timed out"
    if expected not in KINDS:
        if outcome.exit_code:
            return f"refused: {outcome.message.strip()}"
        if outcome.digest is None:
            return outcome.message
        return "equal" if outcome.digest == expected else "other samples"
    if outcome.exit_code == 0:
        return f"not refused, {expected}{'' if outcome.digest else f' ({outcome.message})'}"
    if outcome.exit_code < 0:
        return f"ended by signal {-outcome.exit_code}"
    if len(outcome.message.splitlines()) != 1:
        return f"{len(outcome.message.splitlines())} lines on standard error, not one"
    wanted = SEVERE.get(expected, DATA_ERROR)
    if exit_codes and outcome.exit_code != wanted:
        return f"exit code {outcome.exit_code}, not {wanted} of {expected}"
    if kinds and outcome.kind != expected:
        return f"refused as {outcome.kind}, not {expected}"
    return "refused alike"


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "command", nargs="?", help="with {input}, {output} and, if there is one, {layer}"
    )
    parser.add_argument(
        "--outputs",
        type=Path,
        metavar="FOLDER",
        help="in place of a command, what a decoder wrote: NAME.LAYER.pam or .jpg, or the error, .txt",
    )
    parser.add_argument("--jpeg-command", help="another command for JPEG files that were kept")
    parser.add_argument("--layers", default="full,preview,jpeg", help="what {layer} becomes")
    parser.add_argument("--no-jpeg", action="store_true", help="leave out JPEG files")
    parser.add_argument("--only", default="*", help="names of files, such as 'lossy-*'")
    parser.add_argument("--skip", default="", help="names of files to leave out")
    parser.add_argument("--exit-codes", action="store_true", help="compare them with rdcodec's")
    parser.add_argument("--kinds", action="store_true", help="compare kinds of errors")
    parser.add_argument("--limit", type=float, help="seconds for a file")
    parser.add_argument("--total", type=float, help="seconds after which no file is begun")
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    if (arguments.command is None) == (arguments.outputs is None):
        parser.error("a command, or --outputs")
    if arguments.outputs and arguments.exit_codes:
        parser.error("--outputs has no exit codes")
    words = dict(zip(LAYERS, arguments.layers.split(","), strict=True))
    begin = time.monotonic()

    def check(item: tuple[str, str, str]) -> str:
        name, layer, expected = item
        if arguments.total and time.monotonic() - begin > arguments.total:
            return "not begun"
        if arguments.outputs:
            outcome = written(arguments.outputs, name, layer, words[layer])
        else:
            command = arguments.command
            if layer == "jpeg" and arguments.jpeg_command:
                command = arguments.jpeg_command
            file = FOLDER / "files" / f"{name}.rdc"
            outcome = decode(command, layer, words[layer], file, arguments.limit)
        return verdict(expected, outcome, arguments.exit_codes, arguments.kinds)

    items = [
        item
        for item in expectations()
        if fnmatch.fnmatch(item[0], arguments.only)
        and not fnmatch.fnmatch(item[0], arguments.skip)
        and not (arguments.no_jpeg and item[1] == "jpeg")
    ]
    counts = {"equal": 0, "refused alike": 0, "different": 0, "timed out": 0, "not begun": 0}
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for (name, layer, _), result in zip(items, pool.map(check, items)):
            known = result if result in counts else "different"
            counts[known] += 1
            if known in ("different", "timed out"):
                print(f"{name} ({layer}): {result}", flush=True)
    print(", ".join(f"{count} {what}" for what, count in counts.items() if count or what[0] != "n"))
    return 1 if counts["different"] or not items else 0


if __name__ == "__main__":
    sys.exit(main())
