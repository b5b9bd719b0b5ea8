"""Checks that JPEG files of all kinds come back byte for byte.

    python3 scripts/check_jpeg.py [FILE...] [--rdcodec PATH | --probe PATH] [--tools FOLDER]
                                  [--keep FOLDER]

Makes some hundred files with Pillow, imagecodecs and plain_jpeg.py, more with cjpeg and jpegtran
where they are (--tools: their folder, libraries beside it in ../lib), damages some, and adds those
that are named. A file is kept, refused for a reason, or wrong. --probe is a program that takes files
and prints a line for each, `kept …`, `refused … | FILE` or `WRONG …`; else rdcodec packs and unpacks
each, and the pictures of whole files that were made have to be those of Pillow's libjpeg-turbo. What
must be kept and is refused counts as wrong. Exit status 1 after any wrong file.
"""

import argparse
import collections
import io
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import plain_jpeg
from tool import DEFAULT_RDCODEC, run

SIZES = [(1, 1), (8, 8), (17, 9), (33, 64), (131, 77), (240, 163)]
BATCH = 64


def picture(width, height, channels, seed=1):
    """A smooth field with an edge, a texture and noise."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    planes = []
    for c in range(channels):
        field = 128 + 90 * np.sin((x * (c + 1) + 2 * y) / 37) * np.cos((y - c * x) / 53)
        field += 40 * ((x + 1.5 * y) % 61 < 17) + generator.normal(0, 6, field.shape)
        planes.append(field)
    samples = np.clip(np.stack(planes, axis=2), 0, 255).astype(np.uint8)
    return samples[..., 0] if channels == 1 else samples


def flat(width, height, channels):
    """One colour: long runs of blocks without anything."""
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.full(shape, 77, np.uint8)


def pillow(samples, mode, **options):
    """A file by Pillow's encoder."""
    target = io.BytesIO()
    Image.fromarray(samples, mode).save(target, "JPEG", **options)
    return target.getvalue()


def pillow_files():
    """Names and bytes of files by Pillow."""
    for width, height in SIZES:
        for mode, channels in (("L", 1), ("RGB", 3), ("CMYK", 4)):
            samples = picture(width, height, channels)
            for progressive in (False, True):
                for optimize in (False, True):
                    subsamplings = (0, 1, 2) if mode == "RGB" else (0,)
                    for subsampling in subsamplings:
                        name = f"{mode}-{width}x{height}-{progressive:d}{optimize:d}{subsampling}"
                        yield name, pillow(
                            samples, mode, quality=80, progressive=progressive, optimize=optimize,
                            subsampling=subsampling,
                        )
    samples = picture(203, 119, 3)
    for quality in (1, 5, 25, 50, 75, 90, 100):
        for progressive in (False, True):
            yield f"quality-{quality}-{progressive:d}", pillow(
                samples, "RGB", quality=quality, progressive=progressive
            )
    for blocks in (1, 3, 7, 1000):
        for progressive in (False, True):
            yield f"restarts-{blocks}-{progressive:d}", pillow(
                samples, "RGB", quality=70, progressive=progressive, restart_marker_blocks=blocks
            )
    yield "restart-rows", pillow(samples, "RGB", restart_marker_rows=1)
    yield "rgb", pillow(samples, "RGB", keep_rgb=True)
    yield "comment", pillow(samples, "RGB", comment=b"a comment", dpi=(300, 300))
    yield "profile", pillow(samples, "RGB", icc_profile=bytes(range(256)) * 300)
    yield "exif", pillow(samples, "RGB", exif=b"Exif\0\0" + bytes(500))
    for progressive in (False, True):
        for channels, mode in ((1, "L"), (3, "RGB")):
            yield f"flat-{mode}-{progressive:d}", pillow(
                flat(2100, 1500, channels), mode, progressive=progressive
            )
        yield f"large-{progressive:d}", pillow(
            picture(1500, 1100, 3), "RGB", quality=95, progressive=progressive, optimize=True
        )
    yield "wide", pillow(flat(65500, 1, 1), "L")
    yield "high", pillow(flat(1, 65500, 3), "RGB", progressive=True)


def imagecodecs_files():
    """Names and bytes of files by imagecodecs."""
    import imagecodecs

    for width, height in SIZES[2:]:
        samples = picture(width, height, 3)
        for sampling in ("444", "422", "420", "440", "411"):
            for optimize in (False, True):
                try:
                    data = imagecodecs.jpeg8_encode(
                        samples, level=85, subsampling=sampling, optimize=optimize
                    )
                except Exception:
                    continue
                yield f"imagecodecs-{sampling}-{width}-{optimize:d}", bytes(data)


# Of luma and chroma or other colours; the last ones have no integer ratios.
FACTORS_OF_THREE = (
    "11 11 11,41 11 11,42 11 11,44 11 11,14 11 11,31 11 11,13 11 11,33 11 11,22 12 21,12 21 21,"
    "12 21 11,11 22 22,11 21 12,22 22 11,22 11 22,42 21 21,21 11 21,44 22 11,44 41 14,41 21 11,"
    "14 12 11,24 12 11,32 21 11,43 22 11,23 12 31"
).split(",")
FACTORS_OF_FOUR = (
    "11 11 11 11,22 11 11 22,21 11 11 21,12 11 11 12,11 11 11 22,41 11 11 41,22 21 12 11,"
    "44 22 11 44,32 11 11 32"
).split(",")


def plain_files():
    """Names and bytes of files of any components and factors, by an encoder of this folder's own."""
    kinds = [
        ("YCbCr", 3, {}),
        ("JFIF", 3, {"jfif": True}),
        ("Adobe-RGB", 3, {"adobe": 0}),
        ("RGB", 3, {"ids": b"RGB"}),
        ("CMYK", 4, {}),
        ("Adobe-CMYK", 4, {"adobe": 0}),
        ("YCCK", 4, {"adobe": 2}),
        ("grey", 1, {}),
        ("pair", 2, {}),
    ]
    all_factors = {
        1: ["11", "21", "44", "23"],
        2: ["11 11", "22 11", "11 32"],
        3: FACTORS_OF_THREE,
        4: FACTORS_OF_FOUR,
    }
    for width, height in [(1, 1), (3, 5), (9, 8), (37, 50), (131, 77)]:
        samples = picture(width, height, 4)
        planes = [samples[..., i] for i in range(4)]
        for kind, count, options in kinds:
            factors = all_factors[count]
            if kind in ("JFIF", "RGB", "CMYK"):
                factors = factors[:3]
            for text in factors:
                pairs = [(int(t[0]), int(t[1])) for t in text.split()]
                name = f"plain-{kind}-{text.replace(' ', ',')}-{width}"
                yield name, plain_jpeg.encode(planes[:count], pairs, **options)
    samples = picture(80, 60, 4)
    planes = [samples[..., i] for i in range(4)]
    for quality in (2, 10, 24, 97):
        for count in (1, 3, 4):
            data = plain_jpeg.encode(planes[:count], [(1, 1)] * count, quality=quality)
            yield f"plain-quality-{quality}-{count}", data
    yield "plain-scans", plain_jpeg.encode(planes, [(2, 2), (1, 1), (1, 2), (2, 1)], interleaved=False)


def optimised_files(files):
    """What mozjpeg makes of files, where its package is installed."""
    try:
        from mozjpeg_lossless_optimization import optimize
    except ImportError:
        return
    for name, data in files:
        yield f"mozjpeg-{name}", optimize(data)


def tool_files(tools):
    """Names and bytes of files by cjpeg and jpegtran; the last field: whether they are refused."""
    tools = tools.resolve()
    libraries = sorted(tools.parent.glob("lib/**/libjpeg.so*"))
    environment = dict(os.environ)
    if libraries:
        environment["LD_LIBRARY_PATH"] = str(libraries[0].parent)

    def make(program, arguments, data):
        command = [str(tools / program), *map(str, arguments)]
        result = subprocess.run(command, input=data, capture_output=True, env=environment)
        return result.stdout if result.returncode == 0 and result.stdout else None

    def ppm(samples):
        kind = b"P5" if samples.ndim == 2 else b"P6"
        height, width = samples.shape[:2]
        return kind + b"\n%d %d\n255\n" % (width, height) + samples.tobytes()

    scripts = {
        "one-by-one": "0;1;2;",
        "two-and-one": "0 1;2;",
        "spectral": "0,1,2:0-0,0,0;0:1-9,0,0;2:1-63,0,0;1:1-63,0,0;0:10-63,0,0;",
        "deep": "0,1,2:0-0,0,3;0,1,2:0-0,3,2;0:1-63,0,3;1:1-63,0,3;2:1-63,0,3;0:1-63,3,2;"
        "0,1,2:0-0,2,1;0:1-63,2,1;1:1-63,3,2;0,1,2:0-0,1,0;0:1-63,1,0;1:1-63,2,1;"
        "2:1-63,3,2;2:1-63,2,1;1:1-63,1,0;2:1-63,1,0;",
        "separate-dc": "0:0-0,0,1;1:0-0,0,0;2:0-0,0,0;0:0-0,1,0;0:1-63,0,0;1:1-63,0,0;2:1-63,0,0;",
        "unfinished": "0,1,2:0-0,0,2;0:1-63,0,2;1:1-63,0,3;2:1-63,0,3;",
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, text in scripts.items():
            Path(folder, name).write_text(text.replace(";", ";\n"))
        for width, height in SIZES[1:]:
            source = ppm(picture(width, height, 3))
            for sample in ("1x1", "2x1", "1x2", "2x2", "4x1", "1x4", "4x2", "3x1", "2x2,1x2", "1x1,2x2",
                           "2x2,2x1,1x2", "3x2,1x2,1x1"):
                for extra in ((), ("-progressive",)):
                    data = make("cjpeg", ["-sample", sample, *extra], source)
                    if data:
                        yield f"cjpeg-{width}-{sample}-{'p' if extra else 'b'}", data, False
            for name in scripts:
                for restart in ((), ("-restart", "5B"), ("-restart", "1")):
                    data = make("cjpeg", ["-scans", Path(folder, name), *restart], source)
                    if data:
                        yield f"script-{name}-{width}-{'-'.join(restart)}", data, False
        large = ppm(picture(1203, 911, 3))
        noise = ppm(np.random.default_rng(3).integers(0, 256, (500, 700, 3), np.uint8))
        for name, source in (("large", large), ("noise", noise), ("flat", ppm(flat(999, 777, 3)))):
            for quality in (3, 30, 75, 98, 100):
                for extra in (("-progressive",), ("-optimize",), ("-scans", Path(folder, "deep"))):
                    data = make("cjpeg", ["-quality", quality, *extra], source)
                    yield f"cjpeg-{name}-{quality}-{extra[0]}{len(extra)}", data, False
        small = make("cjpeg", [], ppm(picture(300, 200, 3)))
        for extra in (("-progressive",), ("-optimize",), ("-rotate", 90), ("-flip", "horizontal"),
                      ("-grayscale",), ("-crop", "100x90+16+8"), ("-restart", "2B"),
                      ("-transverse", "-progressive"), ("-copy", "none")):
            yield f"jpegtran{'-'.join(map(str, extra))}", make("jpegtran", extra, small), False
        for extra in ((), ("-progressive",)):
            data = make("cjpeg", ["-arithmetic", *extra], large)
            if data:
                yield f"arithmetic{len(extra)}", data, True


def markers(data):
    """The places of markers up to the first scan's data, then of the others."""
    place = 2
    while place + 4 <= len(data):
        yield place
        if data[place + 1] == 0xD9:
            return
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        scan = data[place + 1] == 0xDA
        place += 2 + length
        if scan:
            while place + 1 < len(data) and not (
                data[place] == 0xFF and data[place + 1] not in (0, *range(0xD0, 0xD8))
            ):
                place += 1


def insert(data, place, more):
    return data[:place] + more + data[place:]


def altered_files(base):
    """Files that are unusual, yet whole: (name, bytes)."""
    for name, data in base:
        places = list(markers(data))
        filled = data
        for place in reversed(places):
            filled = insert(filled, place, b"\xff" * (place % 4))
        yield f"{name}-fill", filled
        yield f"{name}-noend", data[:-2]
        yield f"{name}-tail", data + bytes(range(256)) * 3
        yield f"{name}-twice", data + data
        commented = data
        for place in reversed(places):
            commented = insert(commented, place, b"\xff\xfe\x00\x05abc")
        yield f"{name}-comments", commented
        yield f"{name}-junk", insert(data, places[-1], b"\x12\x34\xff\x00\x56")
        yield f"{name}-restart-end", insert(data, places[-1], b"\xff\xd3")
        if "restarts" not in name:
            dri = insert(data, places[-2], b"\xff\xdd\x00\x04\x00\x03")
            yield f"{name}-dri-ignored", dri
        first = next((p for p in range(len(data) - 1) if data[p] == 0xFF and data[p + 1] == 0xD1), 0)
        if first:
            yield f"{name}-odd-restart", data[: first + 1] + b"\xd6" + data[first + 2 :]
            yield f"{name}-filled-restart", insert(data, first, b"\xff\xff")


def damaged_files(base, seed=5):
    """Files that are damaged: kept or refused, both are right."""
    chance = random.Random(seed)
    for name, data in base:
        for _ in range(12):
            yield f"{name}-cut", data[: chance.randrange(2, len(data))]
        for _ in range(25):
            other = bytearray(data)
            for _ in range(chance.choice((1, 1, 3))):
                other[chance.randrange(2, len(other))] ^= 1 << chance.randrange(8)
            yield f"{name}-flip", bytes(other)
        for place in list(markers(data))[:30]:
            yield f"{name}-header-cut", data[: place + 3]
            length = int.from_bytes(data[place + 2 : place + 4], "big")
            for change in (-1, 1):
                changed = ((length + change) & 0xFFFF).to_bytes(2, "big")
                yield f"{name}-length", data[: place + 2] + changed + data[place + 4 :]
            yield f"{name}-without", data[:place] + data[place + 2 + length :]


def probe(program, paths):
    """State and reason of each file, by a program that is given many."""
    for start in range(0, len(paths), BATCH):
        part = paths[start : start + BATCH]
        result = subprocess.run([program, *map(str, part)], capture_output=True, text=True)
        lines = result.stdout.splitlines()
        for path, line in zip(part, lines + ["WRONG crashed"] * (len(part) - len(lines))):
            state, _, rest = line.partition(" ")
            yield path, state, rest.split(" | ")[0]


def picture_fault(program, packed, path):
    """In what the picture differs from libjpeg-turbo's; None where it does not, or has none."""
    try:
        with Image.open(path) as image:
            expected = np.asarray(image if image.mode == "L" else image.convert("RGB"))
    except (OSError, SyntaxError, ValueError):
        return None
    shown = packed.with_suffix(".pnm")
    status, message = run(program, "decompress", packed, shown, "--force", "--quiet")
    if status:
        return message
    with Image.open(shown) as image:
        found = np.asarray(image)
    if found.shape != expected.shape:
        return f"a picture of {found.shape}, not {expected.shape}"
    count = int(np.count_nonzero(found != expected))
    return f"a picture with {count} other samples" if count else None


def pack(program, paths, compares):
    """The same by rdcodec; `compares` tells of which files pictures are compared."""
    with tempfile.TemporaryDirectory() as folder:
        packed, restored = Path(folder, "a.rdc"), Path(folder, "a.jpg")
        for path in paths:
            status, message = run(program, "compress", path, packed, "--force", "--quiet")
            if status:
                # Without the file's name and the place in it, so that reasons can be counted.
                reason = message.rpartition(f"{path}: ")[2].split(" (")[0].split("; ")[0]
                yield path, "refused" if status > 0 else "WRONG", reason
                continue
            status, message = run(program, "decompress", packed, restored, "--force", "--quiet")
            same = not status and restored.read_bytes() == path.read_bytes()
            if same and compares(path):
                message = picture_fault(program, packed, path)
            yield path, "WRONG" if not same or message else "kept", message


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rdcodec", type=Path, default=DEFAULT_RDCODEC)
    parser.add_argument("--probe", type=Path)
    parser.add_argument("--tools", type=Path)
    parser.add_argument("--keep", type=Path)
    settings = parser.parse_args()
    good = [*pillow_files(), *imagecodecs_files(), *plain_files()]
    good += list(optimised_files(good))
    files = [(name, data, "kept") for name, data in good]
    chosen = [
        (name, data)
        for name, data in good
        if name in ("RGB-131x77-002", "RGB-131x77-112", "L-33x64-100", "CMYK-17x9-010", "restarts-3-0",
                    "restarts-7-1", "plain-YCCK-22,11,11,22-37", "plain-YCbCr-41,11,11-37")
    ]
    files += [(name, data, "kept") for name, data in altered_files(chosen)]
    if settings.tools:
        for name, data, is_refused in tool_files(settings.tools):
            files.append((name, data, "refused" if is_refused else "kept"))
    files += [(name, data, None) for name, data in damaged_files(chosen)]
    with tempfile.TemporaryDirectory() as folder:
        folder = settings.keep or Path(folder)
        folder.mkdir(exist_ok=True)
        paths, expected = [], {}
        for index, (name, data, state) in enumerate(files):
            path = folder / f"{index:04d}-{name.replace('/', '_')}.jpg"
            path.write_bytes(data)
            paths.append(path)
            expected[path] = state
        paths += settings.files
        # What an unfinished file lacks, libjpeg makes up by smoothing; restarts that never come make it
        # lose its way.
        others = ("unfinished", "dri-ignored")
        compared = {
            path
            for path, state in expected.items()
            if state == "kept" and not any(name in path.name for name in others)
        }
        work = (
            probe(settings.probe, paths)
            if settings.probe
            else pack(settings.rdcodec, paths, compared.__contains__)
        )
        counts, wrong = collections.Counter(), 0
        for path, state, reason in work:
            if state == "WRONG" or expected.get(path) not in (None, state):
                print(f"{path}: {state}, not {expected.get(path)}: {reason}")
                wrong += 1
            counts[state if state == "kept" else f"{state}: {reason}"] += 1
    for what, count in counts.most_common():
        print(f"{count:5d} {what}")
    print(f"{len(paths)} files, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
