"""Checks that more effort never takes more bytes, and that more quality is never worse.

    python3 scripts/check_monotone.py FILE|FOLDER... [--rdcodec PATH] [--jobs N] [--only MODE]

Without loss, an effort may take at most the bytes of every lower one. With loss, a quality may take
at most 2 % fewer bytes than a lower one, and its mean squared error may be at most 2 % larger; at
quality 100, pictures of 8 bits must have no sample further off than --limit. Colours under alpha 0
do not count. One line per violation and a total; exit status 1 after any.
"""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np

import png
import pnm
from tool import DEFAULT_RDCODEC, png_files, run, run_or_stop

TOLERANCE = 0.02
BAD_DATA = 65  # EX_DATAERR of sysexits.h


class RefusedError(Exception):
    """The program does not take this file."""


def numbers(text):
    return [int(part) for part in text.split(",")]


def colors_and_alpha(samples, peak):
    """RGB and alpha of samples with one to four channels, on a scale of 0 to 255."""
    samples = samples.astype(np.float64) * (255 / peak)
    channels = samples.shape[2]
    colors = samples[..., :3] if channels > 2 else samples[..., :1].repeat(3, axis=2)
    alpha = samples[..., -1] if channels in (2, 4) else np.full(samples.shape[:2], 255.0)
    return colors, alpha


def original(path):
    """RGB and alpha of a PNG, and whether a sample has 8 bits."""
    picture = png.read(path)
    samples = png.expand(picture)
    colors, alpha = colors_and_alpha(samples, 65535 if picture.depth == 16 else 255)
    if picture.transparency and picture.color_type != png.PALETTE:
        key = np.frombuffer(picture.transparency, ">u2")
        alpha = np.where((picture.samples == key).all(axis=2), 0, 255)
    return colors, alpha, picture.depth == 8


def compress(rdcodec, path, packed, *options):
    """Bytes of the file that these options give."""
    fixed = ("--force", "--quiet", "--jobs", 1, "--no-verify")
    status, message = run(rdcodec, "compress", path, packed, *fixed, *options)
    if status == BAD_DATA:
        raise RefusedError(message)
    if status:
        raise SystemExit(f"rdcodec compress {path}: exit status {status}: {message}")
    return packed.stat().st_size


def efforts_of(path, settings):
    """Bytes by effort, without loss."""
    with tempfile.TemporaryDirectory() as folder:
        return {
            effort: compress(settings.rdcodec, path, Path(folder, "a.rdc"), "--effort", effort)
            for effort in settings.efforts
        }


def qualities_of(path, effort, tune, settings):
    """Bytes, mean squared error and largest error by quality."""
    colors, alpha, _ = original(path)
    result = {}
    with tempfile.TemporaryDirectory() as folder:
        packed, restored = Path(folder, "a.rdc"), Path(folder, "a.pam")
        for quality in settings.qualities:
            size = compress(
                settings.rdcodec, path, packed, "--quality", quality, "--effort", effort,
                "--tune", tune,
            )
            run_or_stop(
                settings.rdcodec, "decompress", packed, restored, "--force", "--quiet", "--jobs", 1
            )
            errors = np.abs(colors_and_alpha(*pnm.read(restored))[0] - colors)[alpha > 0]
            result[quality] = (size, np.mean(errors**2), errors.max()) if errors.size else (size, 0, 0)
    return result


def effort_violations(sizes):
    """What is larger than a lower effort, as text."""
    for effort, size in sizes.items():
        lower = [(sizes[e], e) for e in sizes if e < effort]
        if lower and size > min(lower)[0]:
            least, best = min(lower)
            yield (
                f"effort {effort} takes {size} bytes, {100 * (size / least - 1):.2f} % more than"
                f" effort {best} ({least})"
            )


def quality_violations(points, has_eight_bits, limit):
    """What is smaller or worse than a lower quality, as text."""
    smaller = [
        (points[a][0] / points[b][0], a, b)
        for a, b in combinations(points, 2)
        if points[b][0] < (1 - TOLERANCE) * points[a][0]
    ]
    worse = [
        (points[b][1] / max(points[a][1], 1e-9), a, b)
        for a, b in combinations(points, 2)
        if points[b][1] > (1 + TOLERANCE) * points[a][1] + 1e-9
    ]
    if smaller:
        ratio, a, b = max(smaller)
        yield f"quality {b} takes {points[b][0]} bytes, {a} takes {points[a][0]} ({ratio:.2f} times)"
    if worse:
        ratio, a, b = max(worse)
        yield (
            f"quality {b} has a mean squared error of {points[b][1]:.3g}, {a} of"
            f" {points[a][1]:.3g} ({ratio:.2f} times)"
        )
    if has_eight_bits and 100 in points and points[100][2] > limit:
        yield f"quality 100 has an error of {points[100][2]:.0f}"


def check(job, settings):
    """The lines of one picture in one mode: violations, and numbers for the table; None: refused."""
    try:
        return found_in(*job, settings)
    except RefusedError:
        return None


def found_in(path, mode, settings):
    if mode is None:
        sizes = efforts_of(path, settings)
        rows = [("lossless", e, size, 0, 0) for e, size in sizes.items()]
        found = effort_violations(sizes)
    else:
        effort, tune = mode
        points = qualities_of(path, effort, tune, settings)
        rows = [(f"{tune} {effort}", q, *numbers) for q, numbers in points.items()]
        found = (
            f"{tune}, effort {effort}: {text}"
            for text in quality_violations(points, original(path)[2], settings.limit)
        )
    table = [f"{path.name}\t{m}\t{x}\t{n}\t{mse:.6g}\t{e:.6g}" for m, x, n, mse, e in rows]
    return [f"{path.name}: {text}" for text in found], table


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("places", nargs="+", metavar="FILE|FOLDER")
    parser.add_argument("--rdcodec", type=Path, default=DEFAULT_RDCODEC)
    parser.add_argument("--jobs", type=int, default=1, help="runs at once")
    parser.add_argument("--only", choices=["lossless", "lossy"])
    parser.add_argument("--efforts", type=numbers, default=[1, 3, 5, 7, 9])
    parser.add_argument("--qualities", type=numbers, default=[5, 15, 30, 45, 60, 75, 90, 100])
    parser.add_argument("--lossy-efforts", type=numbers, default=[1, 5])
    parser.add_argument("--tunes", default="psnr,visual", type=lambda text: text.split(","))
    parser.add_argument("--limit", type=float, default=8, help="largest error at quality 100")
    parser.add_argument("--table", type=Path, help="also write all numbers to this file")
    settings = parser.parse_args()

    modes = [] if settings.only == "lossy" else [None]
    if settings.only != "lossless":
        modes += [(effort, tune) for tune in settings.tunes for effort in settings.lossy_efforts]
    jobs = [(path, mode) for path in png_files(settings.places) for mode in modes]
    violations, refused, table = 0, 0, ["picture\tmode\tstep\tbytes\tmse\tlargest error"]
    with ThreadPoolExecutor(settings.jobs) as pool:
        for result in pool.map(partial(check, settings=settings), jobs):
            if result is None:
                refused += 1
                continue
            found, rows = result
            violations += len(found)
            table += rows
            for text in found:
                print(text, flush=True)
            if settings.table:
                settings.table.write_text("\n".join(table) + "\n")
    print(f"{len(jobs)} sweeps, {refused} of them refused, {violations} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
