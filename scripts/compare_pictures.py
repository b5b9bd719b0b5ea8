r"""Writes crops of an image as rdcodec, JPEG XL, WebP and AVIF show it at the same rates.

    python3 scripts/compare_pictures.py FILE... --out FOLDER [--rates 0.15,0.3,0.6]
        [--peers NAME,NAME] [--crop X,Y] [--size 224] [--zoom 2] [--rdcodec PATH] [-- OPTIONS]

One PNG per file: a row for every rate in bits per pixel, a column for every codec after the
original; the label says what the whole file took, and its PSNR. Every codec gets the setting whose
file is the largest within the rate, or its smallest file; none holds metadata. Without --crop the
busiest part of the image is shown. Options after -- go to `rdcodec compress`.

The picture of the README:

    python3 scripts/compare_pictures.py samples/landscape.png --out docs/pictures --rates 0.2 \
        --size 208 --zoom 1 --peers "WebP m6,AVIF iq"
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from compare_lossy import read_rgb
from metrics import psnr
from peers import LOSSY, SCORE
from tool import DEFAULT_RDCODEC, own_and_passed_on, run, run_or_stop

LABEL_HEIGHT = 16


def peer_at(peer, samples, rate):
    """The image of another codec at its largest file within `rate`, and the size."""
    limit = rate * samples.shape[0] * samples.shape[1] / 8
    found = [largest_within(limit, peer, samples, low, high) for low, high in peer.ranges]
    fitting = [result for result in found if len(result[0]) <= limit]
    data, image = (
        max(fitting, key=lambda result: len(result[0]))
        if fitting
        else min(found, key=lambda result: len(result[0]))
    )
    return image, len(data)


def largest_within(limit, peer, samples, low, high):
    """The largest file within `limit` bytes of those between two qualities, or that of `low`."""
    whole = isinstance(low, int) and isinstance(high, int)
    best = peer.encode(samples, low)
    for _ in range(7 if whole else 9):
        middle = (low + high) / 2
        found = peer.encode(samples, round(middle) if whole else middle)
        if len(found[0]) <= limit:
            low, best = middle, max(best, found, key=lambda result: len(result[0]))
        else:
            high = middle
    return best


def own_at(rdcodec, path, rate, options):
    """The same of rdcodec."""
    with tempfile.TemporaryDirectory() as folder:
        packed, restored = Path(folder, "packed.rdc"), Path(folder, "restored.png")
        common = ("compress", path, packed, "--strip-metadata", *options)
        status, _ = run(rdcodec, *common, "--target-bpp", rate)
        if status:
            run_or_stop(rdcodec, *common, "--quality", 1)
        run_or_stop(rdcodec, "decompress", packed, restored)
        return read_rgb(restored), packed.stat().st_size


def busiest(samples, size):
    """The left upper corner of the crop with the largest differences between neighbours."""
    grey = samples.mean(axis=2)
    energy = np.abs(np.diff(grey, axis=1))[:-1] + np.abs(np.diff(grey, axis=0))[:, :-1]
    sums = np.pad(energy, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    height, width = (min(size, side) for side in energy.shape)
    windows = (
        sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width]
        + sums[:-height, :-width]
    )  # fmt: skip
    y, x = np.unravel_index(np.argmax(windows), windows.shape)
    return int(x), int(y)


def cell(samples, corner, size, zoom, label):
    """A crop, enlarged without smoothing, under its label."""
    x, y = corner
    crop = Image.fromarray(np.ascontiguousarray(samples[y : y + size, x : x + size]))
    crop = crop.resize((crop.width * zoom, crop.height * zoom), Image.NEAREST)
    picture = Image.new("RGB", (crop.width, crop.height + LABEL_HEIGHT), "white")
    picture.paste(crop, (0, LABEL_HEIGHT))
    ImageDraw.Draw(picture).text((2, 2), label, fill="black")
    return picture


def sheet(rows):
    """Rows of pictures of one size as one picture."""
    gap, first = 4, rows[0][0]
    width = len(rows[0]) * (first.width + gap) - gap
    picture = Image.new("RGB", (width, len(rows) * (first.height + gap) - gap), "white")
    for r, row in enumerate(rows):
        for c, part in enumerate(row):
            picture.paste(part, (c * (first.width + gap), r * (first.height + gap)))
    return picture


def compare(path, settings, options):
    samples = read_rgb(path)
    pixels = samples.shape[0] * samples.shape[1]
    corner = settings.crop or busiest(samples, settings.size)
    crop = (corner, settings.size, settings.zoom)
    rows = []
    for rate in settings.rates:
        row = [cell(samples, *crop, f"original: {path.stat().st_size} bytes of PNG")]
        found = {"rdcodec": own_at(settings.rdcodec, path, rate, options)}
        found |= {name: peer_at(LOSSY[name], samples, rate) for name in settings.peers}
        for name, (decoded, size) in found.items():
            label = f"{name}: {size} bytes, {psnr(samples, decoded):.1f} dB"
            row.append(cell(decoded, *crop, label))
            print(f"{Path(path).stem}: {label}, {8 * size / pixels:.3f} bpp", flush=True)
        rows.append(row)
    target = settings.out / f"{Path(path).stem}.png"
    sheet(rows).save(target, optimize=True)
    print(target)


def numbers(kind):
    return lambda text: tuple(kind(part) for part in text.split(","))


def names(text):
    found = text.split(",")
    if unknown := [name for name in found if name not in LOSSY]:
        raise argparse.ArgumentTypeError(f"{unknown[0]} is none of {', '.join(LOSSY)}")
    return found


def main():
    own, options = own_and_passed_on(sys.argv[1:])
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, help="folder of the pictures")
    parser.add_argument("--rates", type=numbers(float), default=(0.15, 0.3, 0.6))
    parser.add_argument(
        "--peers",
        type=names,
        default=[name for name, peer in LOSSY.items() if SCORE in peer.judged_by],
        help=f"of {', '.join(LOSSY)}; those meant for the eye otherwise",
    )
    parser.add_argument("--crop", type=numbers(int), help="left and upper edge, in pixels")
    parser.add_argument("--size", type=int, default=224, help="sides of the crop")
    parser.add_argument("--zoom", type=int, default=2)
    parser.add_argument("--rdcodec", type=Path, default=DEFAULT_RDCODEC)
    settings = parser.parse_args(own)
    settings.out.mkdir(parents=True, exist_ok=True)
    for path in settings.files:
        compare(path, settings, options)


if __name__ == "__main__":
    main()
