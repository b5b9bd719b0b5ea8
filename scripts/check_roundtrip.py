"""Checks that rdcodec gives back every PNG: samples, palette, transparency and metadata.

    python3 scripts/check_roundtrip.py FILE|FOLDER... [--rdcodec PATH] [--jobs N] [-- OPTIONS]

Options after -- go to `rdcodec compress`. Reads with its own PNG reader. Files that break the
specification must be refused with exit status 65 and leave nothing behind. One line per
failure and a total; exit status 1 after any failure.
"""

import argparse
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

import png
from tool import DEFAULT_RDCODEC, own_and_passed_on, png_files, run

BAD_DATA = 65  # EX_DATAERR of sysexits.h


def difference(before, after):
    """The first thing in which two PNGs differ, or None."""
    for name in ("width", "height", "depth", "color_type", "palette", "transparency"):
        if getattr(before, name) != getattr(after, name):
            return f"{name} was {getattr(before, name)!r:.60}, is {getattr(after, name)!r:.60}"
    if not np.array_equal(before.samples, after.samples):
        y, x, channel = np.argwhere(before.samples != after.samples)[0]
        count = np.count_nonzero(before.samples != after.samples)
        return f"{count} samples differ, the first at x {x}, y {y}, channel {channel}"
    if before.ancillary != after.ancillary:
        lost = [k.decode() for k, v in before.ancillary if (k, v) not in after.ancillary]
        new = [k.decode() for k, v in after.ancillary if (k, v) not in before.ancillary]
        return f"metadata differ: lost {lost}, new {new}"
    return None


def check(path, rdcodec, options):
    """What is wrong (None: nothing), bytes before and after."""
    with tempfile.TemporaryDirectory() as folder:
        packed, restored = Path(folder, "packed.rdc"), Path(folder, "restored.png")
        status, message = run(rdcodec, "compress", path, packed, *options)
        try:
            before = png.read(path)
        except png.PNGError as reason:
            if status != BAD_DATA:
                return f"invalid ({reason}), but exit status {status}", 0, 0
            return "refused, but files were left" if any(Path(folder).iterdir()) else None, 0, 0
        if status:
            return f"compress: exit status {status}: {message}", 0, 0
        status, message = run(rdcodec, "decompress", packed, restored)
        if status:
            return f"decompress: exit status {status}: {message}", 0, 0
        try:
            failure = difference(before, png.read(restored))
        except png.PNGError as reason:
            failure = f"the restored file is invalid: {reason}"
        return failure, path.stat().st_size, packed.stat().st_size


def main():
    own, options = own_and_passed_on(sys.argv[1:])
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("places", nargs="+", metavar="FILE|FOLDER")
    parser.add_argument("--rdcodec", type=Path, default=DEFAULT_RDCODEC)
    parser.add_argument("--jobs", type=int, default=1, help="files at once")
    settings = parser.parse_args(own)

    files = png_files(settings.places)
    job = partial(check, rdcodec=settings.rdcodec, options=options)
    failures = refused = before = after = 0
    with ProcessPoolExecutor(settings.jobs) as pool:
        for path, (failure, *sizes) in zip(files, pool.map(job, files)):
            before, after = before + sizes[0], after + sizes[1]
            refused += failure is None and sizes[0] == 0
            if failure:
                failures += 1
                print(f"FAIL {path}: {failure}", flush=True)
    share = f", {100 * after / before:.2f} %" if before else ""
    print(
        f"{len(files)} files, {refused} invalid ones refused, {failures} failures;"
        f" {before} bytes of PNG, {after} bytes of rdc{share}"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
