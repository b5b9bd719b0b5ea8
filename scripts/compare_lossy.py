"""Compares rate and PSNR of rdcodec, WebP, JPEG XL and AVIF over 8-bit images.

    python3 scripts/compare_lossy.py FILE|FOLDER... [--rdcodec PATH] [--qualities 10,30,50,70,90]
        [--psnr 33] [--json OUT] [-- OPTIONS]

Options after -- go to `rdcodec compress`. Rate is whole files in bits per pixel, PSNR is over
RGB samples; a point of a curve is the mean of both over the images at one setting. The rate at
a PSNR and the BD-rate are read off these mean curves.
"""

import argparse
import json
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

import png
from curves import bd_rate, rate_at
from peers import LOSSY
from tool import DEFAULT_RDCODEC, png_files, run_or_stop


def read_rgb(path):
    """8-bit RGB samples of a file, without alpha."""
    samples = png.expand(png.read(path))
    if samples.dtype != np.uint8:
        raise SystemExit(f"{path}: not an 8-bit image")
    color = samples[..., : samples.shape[-1] - (samples.shape[-1] + 1) % 2]
    return np.ascontiguousarray(np.broadcast_to(color, (*color.shape[:2], 3)))


def psnr(before, after):
    """In dB, over all samples."""
    error = np.mean((before.astype(np.float64) - after) ** 2)
    return 10 * np.log10(255**2 / error) if error else np.inf


def measure(path, rdcodec, qualities, options):
    """{codec: [(setting, bits per pixel, PSNR)]} of one image."""
    samples = read_rgb(path)
    pixels = samples.shape[0] * samples.shape[1]
    curves = {}
    for name, (encode, points) in LOSSY.items():
        curves[name] = []
        for setting in points:
            data, decoded = encode(samples, setting)
            curves[name].append((setting, 8 * len(data) / pixels, psnr(samples, decoded)))
    curves["rdcodec"] = []
    with tempfile.TemporaryDirectory() as folder:
        for quality in qualities:
            packed, restored = Path(folder, f"{quality}.rdc"), Path(folder, f"{quality}.png")
            run_or_stop(rdcodec, "compress", path, packed, "--quality", quality, *options)
            run_or_stop(rdcodec, "decompress", packed, restored)
            rate = 8 * packed.stat().st_size / pixels
            curves["rdcodec"].append((quality, rate, psnr(samples, read_rgb(restored))))
    return curves


def main():
    arguments = sys.argv[1:]
    split = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("places", nargs="+", metavar="FILE|FOLDER")
    parser.add_argument("--rdcodec", type=Path, default=DEFAULT_RDCODEC)
    parser.add_argument("--qualities", default="10,30,50,70,90", help="of rdcodec, with commas")
    parser.add_argument("--psnr", type=float, default=33, help="compare rates here, in dB")
    parser.add_argument("--jobs", type=int, default=1, help="files at once")
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    settings = parser.parse_args(arguments[:split])

    files = png_files(settings.places)
    qualities = settings.qualities.split(",")
    job = partial(
        measure, rdcodec=settings.rdcodec, qualities=qualities, options=arguments[split + 1 :]
    )
    with ProcessPoolExecutor(settings.jobs) as pool:
        images = list(pool.map(job, files))
    means = {}
    for name in images[0]:
        points = np.array([[point[1:] for point in image[name]] for image in images]).mean(axis=0)
        means[name] = points.tolist()
        print(f"{name}: mean of {len(files)} images")
        for (setting, *_), (rate, decibels) in zip(images[0][name], means[name]):
            print(f"  {setting!s:>6} {rate:8.4f} bpp {decibels:7.3f} dB")

    print(f"\n{'':16}{f'bpp at {settings.psnr:g} dB':>16}{'rdcodec, BD-rate against it':>30}")
    for name, curve in means.items():
        rate, versus = rate_at(curve, settings.psnr), bd_rate(curve, means["rdcodec"])
        rate = "-" if rate is None else f"{rate:.4f}"
        if name == "rdcodec" or versus is None:
            difference = "-"
        else:
            difference = f"{100 * versus[0]:+.1f} % ({versus[1][0]:.1f} to {versus[1][1]:.1f} dB)"
        print(f"{name:16}{rate:>16}{difference:>30}")
    if settings.json:
        report = {"files": [str(f) for f in files], "images": images, "mean": means}
        settings.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
