"""Compares CPU time, memory and bytes of programs that take turns on the same pictures.

    python3 scripts/compare_speed.py FILE|FOLDER... [--run "SETTING"]... [--reference LABEL]
        [--rounds 5] [--threads 1] [--files png|pnm] [--json OUT]

A SETTING is NAME[=PATH][:EFFORTS][@QUALITY] [OPTION...]. NAME is rdcodec (this build: that of
`make bench`, else that of `make test`), cjxl, cwebp, avifenc, imagecodecs (its JPEG XL in memory,
in a process of its own), or any other word with the PATH of another build of rdcodec. Without
EFFORTS a program takes its own. Without QUALITY it works without loss; else qualities of rdcodec
and cwebp rise to 100, cjxl and imagecodecs have a distance and avifenc a quantiser, which fall.
OPTIONs go to the encoder, such as --no-verify to rdcodec, which otherwise decodes and compares what
it wrote.

    --run rdcodec:1,5 --run before=/tmp/rdcodec:1,5 --run "rdcodec --no-verify" --run cjxl:7

Every round runs every program on every picture, each round in another order. CPU time, user and
system, is that of the whole process with reading and writing files (of imagecodecs that of its call),
and memory is the largest peak. A ratio is that of the sums of one round; the table has the median
over rounds and, in brackets, the smallest and largest. Pictures lose their metadata first, and what a
program cannot store counts for none. PSNR is the mean over pictures, of colours that show. Every
file that was made without loss is decoded and compared; where one differs the picture counts for
none, and the exit status is 1.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

import contestants
import png
import pnm
from metrics import psnr
from tool import png_files

DEFAULT = ("rdcodec", "cjxl:7", "imagecodecs:7", "cwebp", "avifenc")


def rgba(samples, peak, key=None):
    """Samples of one to four channels as RGBA of 16 bits; `key` is the colour that is transparent."""
    scaled = samples.astype(np.uint16) * np.uint16(65535 // peak)
    channels = samples.shape[2]
    result = np.full((*samples.shape[:2], 4), 65535, np.uint16)
    result[..., :3] = scaled[..., :3] if channels > 2 else scaled[..., :1]
    if channels in (2, 4):
        result[..., 3] = scaled[..., -1]
    elif key is not None:
        result[(samples == key).all(axis=2), 3] = 0
    return result


def read(path):
    """The RGBA of 16 bits that a PNG, PNM, PAM or NumPy file shows."""
    if path.suffix == ".png":
        picture = png.read(path)
        if picture.color_type == png.PALETTE or not picture.transparency:
            samples = png.expand(picture)
            return rgba(samples, 65535 if samples.dtype == np.uint16 else 255)
        key = np.frombuffer(picture.transparency, ">u2")
        return rgba(picture.samples, (1 << picture.depth) - 1, key)
    if path.suffix == ".npy":
        samples = np.load(path)
        return rgba(samples, 65535 if samples.dtype == np.uint16 else 255)
    return rgba(*pnm.read(path))


def same(before, after):
    """Whether two pictures show the same at every pixel."""
    return before.shape == after.shape and np.array_equal(before, after)


def quality(before, after):
    """PSNR over the colours that are not fully transparent; infinite where they are equal."""
    shown = before[..., 3] > 0
    if not shown.any():
        return float("inf")
    return float(psnr(before[shown][:, :3] / 257, after[shown][:, :3] / 257))


@dataclass
class Source:
    """One picture in the forms that programs read."""

    name: str
    file: Path  # PNG or PNM
    samples: Path  # for what works in memory
    picture: np.ndarray
    depth: int

    @classmethod
    def make(cls, path, files, folder):
        samples = png.expand(png.read(path))
        depth = 16 if samples.dtype == np.uint16 else 8
        if files == "png":
            file = folder / "source.png"
            file.write_bytes(png.stripped(path.read_bytes()))
        else:
            file = folder / f"source{pnm.extension(samples)}"
            pnm.write(file, samples)
        np.save(folder / "source.npy", samples)
        return cls(str(path), file, folder / "source.npy", read(file), depth)

    @property
    def pixels(self):
        return self.picture.shape[0] * self.picture.shape[1]


class Turns:
    """Runs contestants on one picture after another and checks what they give back."""

    def __init__(self, runners, settings, folder):
        self.runners, self.settings, self.folder = runners, settings, folder
        self.checked = {}  # by picture, contestant and digest of what it decoded to

    def measure(self, runner, source):
        """What encoding and decoding took, or words about why they failed."""
        if source.depth > runner.kind.depth:
            return f"stores no {source.depth} bits"
        if source.file.suffix != ".png" and not runner.kind.reads_pnm:
            return f"reads no {source.file.suffix}"
        packed = self.folder / f"packed{runner.kind.extension}"
        suffix = ".npy" if runner.is_in_memory else source.file.suffix
        restored = self.folder / f"restored{suffix}"
        for file in (packed, restored):
            file.unlink(missing_ok=True)
        given = source.samples if runner.is_in_memory else source.file
        try:
            encode = runner.encode(given, packed, self.settings.threads)
            decode = runner.decode(packed, restored, self.settings.threads)
        except OSError as failure:
            return str(failure)
        found = {"bytes": packed.stat().st_size, "encode": encode, "decode": decode}
        return found | self.compare(runner, source, restored)

    def compare(self, runner, source, restored):
        """Whether the picture came back, or its PSNR; each decoded file is looked at once."""
        digest = hashlib.sha256(restored.read_bytes()).digest()
        key = (source.name, runner.label, digest)
        if key not in self.checked:
            after = read(restored)
            if runner.is_lossless:
                self.checked[key] = {"exact": same(source.picture, after)}
            elif source.picture.shape == after.shape:
                self.checked[key] = {"psnr": quality(source.picture, after)}
            else:
                self.checked[key] = {"exact": False}
        return self.checked[key]

    def run(self, path):
        """One record for each round and contestant of a picture."""
        source = Source.make(path, self.settings.files, self.folder)
        for number in range(self.settings.rounds):
            print(f"  round {number + 1}", file=sys.stderr, flush=True)
            start = number % len(self.runners)
            for runner in self.runners[start:] + self.runners[:start]:
                found = self.measure(runner, source)
                record = {"file": source.name, "pixels": source.pixels, "round": number}
                record |= {"run": runner.label}
                yield record | ({"failure": found} if isinstance(found, str) else found)


def common(records):
    """The records of pictures that every contestant stored as it was told."""
    failed = {r["file"] for r in records if "failure" in r or r.get("exact") is False}
    return [record for record in records if record["file"] not in failed]


def sums(records, label):
    """A contestant's totals by round: bytes, CPU and elapsed seconds, largest peaks."""
    rounds = {}
    for record in records:
        if record["run"] == label:
            rounds.setdefault(record["round"], []).append(record)
    result = []
    for _, parts in sorted(rounds.items()):
        total = {"bytes": sum(part["bytes"] for part in parts)}
        for way in ("encode", "decode"):
            for field in ("cpu", "elapsed"):
                total[f"{way} {field}"] = sum(part[way][field] for part in parts)
            peaks = [part[way]["peak"] for part in parts]
            total[f"{way} peak"] = None if None in peaks else max(peaks)
        result.append(total)
    return result


def ratios(own, other, key):
    """Median, smallest and largest ratio over rounds, or None where one does not know."""
    pairs = [(a[key], b[key]) for a, b in zip(own, other)]
    if any(a is None or not b for a, b in pairs):
        return None
    shares = [a / b for a, b in pairs]
    return median(shares), min(shares), max(shares)


def megapixels_per_second(records, label, key):
    pixels = sum({r["file"]: r["pixels"] for r in records}.values()) / 1e6
    seconds = median(total[key] for total in sums(records, label))
    return pixels / seconds if seconds else 0


def table(records, labels, reference, threads):
    """The lines of the final tables, one table for each direction."""
    width = max(map(len, labels)) + 2
    base = sums(records, reference)

    def spread(ratio):
        return f"{'-':>21}" if ratio is None else "{:>7.3f} ({:.3f}-{:.3f})".format(*ratio)

    for way in ("encode", "decode"):
        elapsed = f"{'elapsed':>9}" if threads > 1 else ""
        lossy = f"{'PSNR':>8}" if any("psnr" in record for record in records) else ""
        head = f"{lossy}{'MP/s':>9}{elapsed}{'CPU time':>21}{'MB':>8}{'memory':>21}"
        yield f"{way:{width}}{'bytes':>11}{'ratio':>8}{head}"
        for label in labels:
            own = sums(records, label)
            size = ratios(own, base, "bytes")[0]
            peaks = [total[f"{way} peak"] for total in own]
            peak = f"{'-':>8}" if None in peaks else f"{median(peaks) / 1e6:>8.0f}"
            speeds = f"{megapixels_per_second(records, label, f'{way} cpu'):>9.2f}"
            if threads > 1:
                speeds += f"{megapixels_per_second(records, label, f'{way} elapsed'):>9.2f}"
            values = [r["psnr"] for r in records if r["run"] == label and "psnr" in r]
            mean = f"{sum(values) / len(values):>8.2f}" if values else f"{'-':>{len(lossy)}}"
            yield (
                f"{label:{width}}{own[0]['bytes']:>11}{size:>8.4f}{mean if lossy else ''}{speeds}"
                f"{spread(ratios(own, base, f'{way} cpu'))}{peak}"
                f"{spread(ratios(own, base, f'{way} peak'))}"
            )
        yield ""


def faults(records):
    """Lines about what differed and what could not be measured, each once."""
    for record in records:
        place = f"{record['run']}: {record['file']}"
        if record.get("exact") is False:
            yield f"{place}: left out for all: what was decoded differs"
        elif "failure" in record:
            yield f"{place}: left out for all: {record['failure']}"


def collect(texts):
    """Contestants of all settings; prints the versions of those that are here, and who is not."""
    runners = []
    for text in texts:
        found = contestants.parse(text)
        if isinstance(found, str):
            print(f"left out: {text}: {found}")
            continue
        name = text.split()[0].partition(":")[0].partition("=")[0].partition("@")[0]
        print(f"{name:14}{found[0].version()}")
        runners += found
    labels = [runner.label for runner in runners]
    if len(set(labels)) < len(labels):
        raise SystemExit("two settings have one name")
    return runners


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("places", nargs="+", metavar="FILE|FOLDER")
    parser.add_argument("--run", action="append", metavar="SETTING", help="as above; repeatable")
    parser.add_argument("--reference", help="what ratios are of (the first)", metavar="LABEL")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--files", choices=["png", "pnm"], default="png", help="read and written")
    parser.add_argument("--json", type=Path, help="also write all numbers to this file")
    settings = parser.parse_args()
    if settings.rounds < 1 or settings.threads < 1:
        parser.error("at least one round and one thread")

    try:
        runners = collect(settings.run or DEFAULT)
    except ValueError as error:
        parser.error(str(error))
    labels = [runner.label for runner in runners]
    reference = settings.reference or (labels or [""])[0]
    if reference not in labels:
        raise SystemExit(f"nothing to compare with: {reference!r} is none of {', '.join(labels)}")
    versions = {runner.label: runner.version() for runner in runners}

    records = []
    with tempfile.TemporaryDirectory() as folder:
        turns = Turns(runners, settings, Path(folder))
        files = png_files(settings.places)
        for number, path in enumerate(files):
            print(f"{number + 1}/{len(files)} {path}", file=sys.stderr, flush=True)
            records += turns.run(path)
    for line in dict.fromkeys(faults(records)):
        print(line)
    counted = common(records)
    count = len({record["file"] for record in counted})
    print(
        f"\n{count} of {len(files)} pictures, rounds: {settings.rounds}, threads: {settings.threads},"
        f" {settings.files} files; ratios are of {reference}\n"
    )
    if counted:
        print("\n".join(table(counted, labels, reference, settings.threads)).rstrip())
    if settings.json:
        command = ["compare_speed.py", *sys.argv[1:]]
        output = {"command": command, "versions": versions, "reference": reference}
        settings.json.write_text(json.dumps(output | {"runs": records}, indent=2) + "\n")
    return 1 if any(record.get("exact") is False for record in records) else 0


if __name__ == "__main__":
    sys.exit(main())
