"""Compares rate and distortion of rdcodec, WebP, JPEG XL and AVIF over 8-bit images.

    python3 scripts/compare_lossy.py FILE|FOLDER... [--rdcodec PATH] [--efforts 1,9]
        [--qualities 10,30,50,70,90] [--rates 0.1,1.5] [--psnr 33] [--json OUT] [-- OPTIONS]

Options after -- go to `rdcodec compress`. Rate is whole files in bits per pixel; distortion is PSNR
over RGB samples, and MS-SSIM in decibels. A point of a curve is the mean of all three over the
images at one setting; every folder has its own curves. BD-rates are over the distortions that both
curves reach at --rates bits per pixel. With several efforts, each is compared with the others'
codecs and with the first effort.
"""

import argparse
import json
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

import png
from curves import bd_rate, rate_at
from metrics import ms_ssim_decibels, psnr
from peers import LOSSY
from tool import DEFAULT_RDCODEC, png_files, run_or_stop


def read_rgb(path):
    """8-bit RGB samples of a file, without alpha."""
    samples = png.expand(png.read(path))
    if samples.dtype != np.uint8:
        raise SystemExit(f"{path}: not an 8-bit image")
    color = samples[..., : samples.shape[-1] - (samples.shape[-1] + 1) % 2]
    return np.ascontiguousarray(np.broadcast_to(color, (*color.shape[:2], 3)))


def own_name(effort):
    return f"rdcodec {effort}"


def measure(path, rdcodec, efforts, qualities, options):
    """{codec: [[setting, bits per pixel, PSNR, MS-SSIM in dB, encode seconds]]} of one image."""
    samples = read_rgb(path)
    pixels = samples.shape[0] * samples.shape[1]

    def point(setting, size, decoded, seconds):
        similarity = ms_ssim_decibels(samples, decoded)
        return [setting, 8 * size / pixels, psnr(samples, decoded), similarity, seconds]

    curves = {}
    for name, (encode, settings) in LOSSY.items():
        curves[name] = []
        for setting in settings:
            start = time.perf_counter()
            data, decoded = encode(samples, setting)
            seconds = time.perf_counter() - start
            curves[name].append(point(setting, len(data), decoded, seconds))
    with tempfile.TemporaryDirectory() as folder:
        packed, restored = Path(folder, "packed.rdc"), Path(folder, "restored.png")
        for effort in efforts:
            curves[own_name(effort)] = []
            for quality in qualities:
                start = time.perf_counter()
                run_or_stop(
                    rdcodec, "compress", path, packed, "--quality", quality, "--effort", effort,
                    "--force", "--no-verify", *options,
                )  # fmt: skip
                seconds = time.perf_counter() - start
                run_or_stop(rdcodec, "decompress", packed, restored, "--force")
                size = packed.stat().st_size
                curves[own_name(effort)].append(
                    point(float(quality), size, read_rgb(restored), seconds)
                )
    return curves


def mean_curves(images):
    """{codec: [[setting, bits per pixel, PSNR, MS-SSIM in dB]]}, means over the images."""
    return {
        name: np.array([image[name] for image in images], float).mean(axis=0).tolist()
        for name in images[0]
    }


def difference(anchor, test, column, rates):
    """BD-rate as text and as a number in percent; `column` 2 is PSNR, 3 MS-SSIM."""
    curves = [[(point[1], point[column]) for point in curve] for curve in (anchor, test)]
    found = bd_rate(*curves, rates)
    if found is None:
        return "-", None
    percent, (low, high) = 100 * found[0], found[1]
    return f"{percent:+.1f} % ({low:.1f} to {high:.1f} dB)", percent


def report(title, images, efforts, settings):
    """Prints the tables of one set of images; returns their numbers."""
    means = mean_curves(images)
    print(f"{title}: {len(images)} images")
    for name, curve in means.items():
        print(name)
        for setting, rate, decibels, similarity, _ in curve:
            print(
                f"  {setting:6g} {rate:8.4f} bpp {decibels:7.3f} dB  MS-SSIM {similarity:7.3f} dB"
            )

    print(f"\n{'':16}{f'bpp at {settings.psnr:g} dB':>16}")
    for name, curve in means.items():
        rate = rate_at([point[1:3] for point in curve], settings.psnr)
        print(f"{name:16}{'-' if rate is None else f'{rate:.4f}':>16}")

    numbers = []
    for effort in efforts:
        others = list(LOSSY) + ([own_name(efforts[0])] if effort != efforts[0] else [])
        print(f"\n{f'BD-rate of {own_name(effort)} against':28}{'by PSNR':>30}{'by MS-SSIM':>30}")
        for name in others:
            pair = [means[name], means[own_name(effort)]]
            (text, value), (other_text, other_value) = (
                difference(*pair, column, settings.rates) for column in (2, 3)
            )
            print(f"{name:28}{text:>30}{other_text:>30}")
            numbers.append(
                {"test": own_name(effort), "anchor": name, "psnr": value, "ms_ssim": other_value}
            )
    print()
    return {"mean": means, "bd_rate": numbers}


def pair(text):
    low, high = (float(part) for part in text.split(","))
    return low, high


def main():
    arguments = sys.argv[1:]
    split = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("places", nargs="+", metavar="FILE|FOLDER")
    parser.add_argument("--rdcodec", type=Path, default=DEFAULT_RDCODEC)
    parser.add_argument("--efforts", default="5", help="of rdcodec, with commas; the first is 0 %%")
    parser.add_argument("--qualities", default="5,20,35,50,65,80,95", help="of rdcodec")
    parser.add_argument("--rates", type=pair, default=(0.1, 1.5), help="bits per pixel to compare")
    parser.add_argument("--psnr", type=float, default=33, help="print rates here, in dB")
    parser.add_argument("--limit", type=int, help="only so many images of every folder")
    parser.add_argument("--jobs", type=int, default=1, help="files at once")
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    settings = parser.parse_args(arguments[:split])

    efforts, qualities = settings.efforts.split(","), settings.qualities.split(",")
    job = partial(
        measure,
        rdcodec=settings.rdcodec,
        efforts=efforts,
        qualities=qualities,
        options=arguments[split + 1 :],
    )
    # Files named by themselves form one set, every folder another.
    sets = [(place, png_files([place])) for place in settings.places if Path(place).is_dir()]
    single = [place for place in settings.places if not Path(place).is_dir()]
    if single:
        sets.append(("files", png_files(single)))
    output = {}
    with ProcessPoolExecutor(settings.jobs) as pool:
        for title, files in sets:
            files = files[: settings.limit]
            images = list(pool.map(job, files))
            output[str(title)] = {
                "files": [str(f) for f in files],
                "images": images,
                **report(title, images, efforts, settings),
            }
    if settings.json:
        settings.json.write_text(json.dumps(output, indent=2) + "\n")


if __name__ == "__main__":
    main()
