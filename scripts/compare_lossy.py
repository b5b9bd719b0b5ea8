"""Compares rate and distortion of rdcodec, WebP, JPEG XL and AVIF over 8-bit images.

    python3 scripts/compare_lossy.py FILE|FOLDER... [--rdcodec PATH] [--efforts 1,9]
        [--qualities 10,30,50,70,90] [--rates 0.1,1.5] [--scores 40,85] [--psnr 33] [--more] [--json OUT]
        [-- OPTIONS]

Options after -- go to `rdcodec compress`. Rate is whole files, without metadata, in bits per pixel;
distortion is PSNR over RGB samples, MS-SSIM in decibels, and SSIMULACRA 2.1 (PyPI ssimulacra2); with
--more also ColorVideoVDP (PyPI cvvdp) and Butteraugli's 3-norm (libjxl-devtools of Debian), which no
encoder and no model here is made for. A point of a curve is the mean of them over the images at one
setting; every folder has its own curves. BD-rates are over the distortions that both curves reach at
--rates bits per pixel, by SSIMULACRA 2.1 between --scores, and AVIF's by each measure is that of the
encoder tuned for it. With several efforts, each is compared with the others' codecs and with the
first effort.
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
from curves import CurveError, bd_rate, rate_at
from metrics import SMALLEST_SIDE, butteraugli, cvvdp, decibels, ms_ssim, psnr, ssimulacra2
from peers import BUTTERAUGLI, JOD, LOSSY, PSNR, SCORE, SIMILARITY
from tool import DEFAULT_RDCODEC, own_and_passed_on, png_files, run_or_stop, version

# Where a point holds each measure: [setting, bits per pixel, seconds, PSNR, MS-SSIM in dB, score, JOD, minus
# Butteraugli], the last two only where they were asked for.
COLUMNS = {PSNR: 3, SIMILARITY: 4, SCORE: 5, JOD: 6, BUTTERAUGLI: 7}
MORE = {JOD: cvvdp, BUTTERAUGLI: butteraugli}
TITLES = {
    PSNR: "by PSNR", SIMILARITY: "by MS-SSIM", SCORE: "by SSIMULACRA 2.1", JOD: "by CVVDP",
    BUTTERAUGLI: "by Butteraugli",
}  # fmt: skip
UNITS = {PSNR: " dB", SIMILARITY: " dB", SCORE: "", JOD: " JOD", BUTTERAUGLI: ""}


def read_rgb(path):
    """8-bit RGB samples of a file, without alpha."""
    samples = png.expand(png.read(path))
    if samples.dtype != np.uint8:
        raise SystemExit(f"{path}: not an 8-bit image")
    color = samples[..., : samples.shape[-1] - (samples.shape[-1] + 1) % 2]
    return np.ascontiguousarray(np.broadcast_to(color, (*color.shape[:2], 3)))


def own_name(effort):
    return f"rdcodec {effort}"


def measure(path, rdcodec, efforts, qualities, more, options):
    """{codec: [point]} of one image; MS-SSIM is None below 161 pixels a side."""
    samples = read_rgb(path)
    pixels = samples.shape[0] * samples.shape[1]

    def point(setting, size, decoded, seconds):
        is_large = min(samples.shape[:2]) >= SMALLEST_SIDE
        similarity = decibels(ms_ssim(samples, decoded)) if is_large else None
        values = [psnr(samples, decoded), similarity, ssimulacra2(samples, decoded)]
        values += [MORE[name](samples, decoded) for name in more]
        return [setting, 8 * size / pixels, seconds, *values]

    curves = {}
    for name, peer in LOSSY.items():
        curves[name] = []
        for setting in peer.qualities:
            start = time.perf_counter()
            data, decoded = peer.encode(samples, setting)
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
                    "--strip-metadata", "--force", "--no-verify", *options,
                )  # fmt: skip
                seconds = time.perf_counter() - start
                run_or_stop(rdcodec, "decompress", packed, restored, "--force")
                size = packed.stat().st_size
                curves[own_name(effort)].append(
                    point(float(quality), size, read_rgb(restored), seconds)
                )
    return curves


def mean(values):
    """Of a list that may hold None or infinity, which then is the mean."""
    return None if None in values else float(np.mean(values))


def mean_curves(images):
    """{codec: [point]}, means over the images."""
    return {
        name: [[mean(column) for column in zip(*points)] for points in zip(*(i[name] for i in images))]
        for name in images[0]
    }  # fmt: skip


def curve(points, column):
    """(rate, dB) of the points that are not exact; raises CurveError where an image has no MS-SSIM."""
    pairs = [(point[1], point[column]) for point in points]
    if any(quality is None for _, quality in pairs):
        raise CurveError(f"an image has a side below {SMALLEST_SIDE} pixels")
    return [(rate, quality) for rate, quality in pairs if np.isfinite(quality)]


def difference(anchor, test, measure, settings):
    """BD-rate as text, and as a number in percent or None."""
    column, is_score = COLUMNS[measure], measure == SCORE
    limits = {"qualities": settings.scores} if is_score else {"rates": settings.rates}
    try:
        found = bd_rate(curve(anchor, column), curve(test, column), **limits)
    except CurveError as reason:
        return f"none ({reason})", None
    if found is None:
        return "no common range", None
    percent, (low, high) = 100 * found[0], found[1]
    return f"{percent:+.1f} % ({low:.1f} to {high:.1f}{UNITS[measure]})", percent


def text(value, form):
    return "-" if value is None else f"{value:{form}}"


def report(title, images, efforts, settings):
    """Prints the tables of one set of images; returns their numbers."""
    means = mean_curves(images)
    print(f"{title}: {len(images)} images")
    for name, points in means.items():
        print(name)
        for setting, rate, _, quality, similarity, score, *more in points:
            print(
                f"  {setting:6g} {rate:8.4f} bpp {quality:7.3f} dB"
                f"  MS-SSIM {text(similarity, '7.3f')} dB  SSIMULACRA 2.1 {score:7.2f}",
                *(f" {TITLES[name][3:]} {value:7.3f}" for name, value in zip(MORE, more)),
            )

    print(f"\n{'':16}{f'bpp at {settings.psnr:g} dB':>16}")
    for name, points in means.items():
        try:
            rate = text(rate_at(curve(points, COLUMNS[PSNR]), settings.psnr), ".4f")
        except CurveError as reason:
            rate = f"none ({reason})"
        print(f"{name:16}{rate:>16}")

    numbers = []
    for effort in efforts:
        others = list(LOSSY) + ([own_name(efforts[0])] if effort != efforts[0] else [])
        print(f"\n{f'BD-rate of {own_name(effort)} against':28}")
        for name in others:
            row = {"test": own_name(effort), "anchor": name}
            measures = LOSSY[name].judged_by if name in LOSSY else COLUMNS
            known = len(means[name][0])
            for measure in (m for m in measures if COLUMNS[m] < known):
                words, row[measure] = difference(
                    means[name], means[own_name(effort)], measure, settings
                )
                print(f"  {name:16}{TITLES[measure]:18}{words}")
            numbers.append(row)
    print()
    return {"mean": means, "bd_rate": numbers}


def pair(text):
    low, high = (float(part) for part in text.split(","))
    return low, high


def main():
    own, options = own_and_passed_on(sys.argv[1:])
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("places", nargs="+", metavar="FILE|FOLDER")
    parser.add_argument("--rdcodec", type=Path, default=DEFAULT_RDCODEC)
    parser.add_argument("--efforts", default="5", help="of rdcodec, with commas; the first is 0 %%")
    parser.add_argument("--qualities", default="5,20,35,50,65,80,95", help="of rdcodec")
    parser.add_argument("--rates", type=pair, default=(0.1, 1.5), help="bits per pixel to compare")
    parser.add_argument("--scores", type=pair, default=(40, 85), help="SSIMULACRA 2.1 to compare")
    parser.add_argument("--psnr", type=float, default=33, help="print rates here, in dB")
    parser.add_argument("--more", action="store_true", help="measure by CVVDP and Butteraugli as well")
    parser.add_argument("--limit", type=int, help="only so many images of every folder")
    parser.add_argument("--jobs", type=int, default=1, help="files at once")
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    settings = parser.parse_args(own)

    efforts, qualities = settings.efforts.split(","), settings.qualities.split(",")
    codecs = {name: peer.description for name, peer in LOSSY.items()}
    codecs["rdcodec"] = f"{version(settings.rdcodec)}, --strip-metadata {' '.join(options)}".strip()
    for name, description in codecs.items():
        print(f"{name:12}{description}")
    print()
    job = partial(
        measure, rdcodec=settings.rdcodec, efforts=efforts, qualities=qualities,
        more=list(MORE) if settings.more else [], options=options,
    )  # fmt: skip
    # Files named by themselves form one set, every folder another.
    sets = [(place, png_files([place])) for place in settings.places if Path(place).is_dir()]
    single = [place for place in settings.places if not Path(place).is_dir()]
    if single:
        sets.append(("files", png_files(single)))
    output = {"command": ["compare_lossy.py", *sys.argv[1:]], "codecs": codecs, "sets": {}}
    with ProcessPoolExecutor(settings.jobs) as pool:
        for title, files in sets:
            files = files[: settings.limit]
            images = list(pool.map(job, files))
            output["sets"][str(title)] = {
                "files": [str(f) for f in files],
                "images": images,
                **report(title, images, efforts, settings),
            }
    if settings.json:
        settings.json.write_text(json.dumps(output, indent=2) + "\n")


if __name__ == "__main__":
    main()
