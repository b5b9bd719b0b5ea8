"""Measures how well rdcodec finds the JPEG file that a PNG was decoded from.

    python3 scripts/compare_decoded_jpeg.py PICTURE|FOLDER... [--rdcodec PATH] [--effort N]
        [--kinds WORD,...] [--every N] [--plain] [--each] [--json OUT]

Makes JPEG files of pictures with several encoders (Pillow with libjpeg-turbo, mozjpeg, jpegli,
simplejpeg), decodes them with several decoders (libjpeg-turbo, libjpeg 9, jpegli, ffmpeg,
libjpeg-turbo's fast ways), writes the pixels as PNG and compresses these. One line for each kind:
bytes over those of the JPEG files, how many pictures are above 0.85, 0.90 and 1.05 of theirs, the part of
corrections, CPU time in seconds a megapixel (of the whole program, its preview included; of all
pictures, and the median and most of one), with --plain the same without the search, and what rdcodec
calls the sources. Every file is restored and compared; exit status 1 where one is not the
same, or with --plain larger than without the search.

Needs Pillow and numpy; kinds whose peers (jpeglib, ajpegli, simplejpeg, av) are not installed are
left out.
"""

import argparse
import io
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from PIL import Image

from tool import DEFAULT_RDCODEC, png_files, run_or_stop

try:
    import jpeglib
except ImportError:
    jpeglib = None
try:
    import ajpegli
except ImportError:
    ajpegli = None
try:
    import simplejpeg
except ImportError:
    simplejpeg = None
try:
    import av
except ImportError:
    av = None


def pillow(picture, **settings):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", **settings)
    return file.getvalue()


def grey(picture, **settings):
    return pillow(np.asarray(Image.fromarray(picture).convert("L")), **settings)


def one_entry_changed(picture):
    tables = Image.open(io.BytesIO(pillow(picture, quality=80))).quantization
    tables = [list(tables[0]), list(tables[1])]
    tables[0][9] += 3
    return pillow(picture, qtables=tables, subsampling=2)


def mozjpeg(picture, quality):
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file, jpeglib.version("mozjpeg403"):
        spatial = jpeglib.from_spatial(picture)
        spatial.samp_factor = ((2, 2), (1, 1), (1, 1))
        spatial.write_spatial(file.name, qt=quality)
        return Path(file.name).read_bytes()


def default(picture):
    return pillow(picture, quality=80)


def turbo(data):
    return np.asarray(Image.open(io.BytesIO(data)))


def libjpeg(version, data):
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file, jpeglib.version(version):
        Path(file.name).write_bytes(data)
        return jpeglib.read_spatial(file.name).spatial


def ffmpeg(data):
    return next(av.open(io.BytesIO(data)).decode(video=0)).to_ndarray(format="rgb24")


def kinds():
    """By name: what makes a JPEG file of a picture, and what decodes it."""
    found = {}
    for quality in (5, 10, 15, 20, 25, 40, 60, 75, 80, 85, 90, 95, 98, 100):
        found[f"quality {quality} 4:2:0"] = (
            lambda p, q=quality: pillow(p, quality=q, subsampling=2),
            turbo,
        )
    for quality in (10, 90, 100):
        for subsampling, name in ((1, "4:2:2"), (0, "4:4:4")):
            found[f"quality {quality} {name}"] = (
                lambda p, q=quality, s=subsampling: pillow(p, quality=q, subsampling=s),
                turbo,
            )
        found[f"quality {quality} grey"] = (lambda p, q=quality: grey(p, quality=q), turbo)
    for name in ("web_low", "web_medium", "web_high", "low", "medium", "high", "maximum"):
        found[f"preset {name}"] = (lambda p, n=name: pillow(p, quality=n), turbo)
    found["default 80"] = (default, turbo)
    found["progressive 80"] = (lambda p: pillow(p, quality=80, progressive=True), turbo)
    found["one entry changed"] = (one_entry_changed, turbo)

    def ordinary(picture):
        return pillow(picture, quality=80, subsampling=2)

    if jpeglib:
        for quality in (60, 85):
            found[f"mozjpeg {quality}"] = (lambda p, q=quality: mozjpeg(p, q), turbo)
        for version in ("7", "8d", "9e"):
            for subsampling, name in ((2, "4:2:0"), (1, "4:2:2")):
                found[f"by libjpeg {version}, {name}"] = (
                    lambda p, s=subsampling: pillow(p, quality=80, subsampling=s),
                    lambda d, v=version: libjpeg(v, d),
                )
    if ajpegli:
        for quality in (60, 85):
            found[f"jpegli {quality}"] = (lambda p, q=quality: ajpegli.encode(p, quality=q), turbo)
        found["by jpegli"] = (ordinary, ajpegli.decode)
    if av:
        found["by ffmpeg"] = (ordinary, ffmpeg)
    if simplejpeg:

        def sampled(picture, sampling):
            return simplejpeg.encode_jpeg(picture, 80, "RGB", sampling)

        def fast_upsampling(data):
            return simplejpeg.decode_jpeg(data, fastupsample=True)

        def fast_transform(data):
            return simplejpeg.decode_jpeg(data, fastdct=True)

        for quality in (50, 80, 95):
            found[f"by the fast DCT, {quality} 4:2:0"] = (
                lambda p, q=quality: pillow(p, quality=q, subsampling=2),
                fast_transform,
            )
        found["by the fast DCT, 90 4:4:4"] = (
            lambda p: pillow(p, quality=90, subsampling=0),
            fast_transform,
        )
        found["by fast upsampling"] = (ordinary, fast_upsampling)
        for name in ("440", "411"):
            found[f"4:{name[1]}:{name[2]}"] = (lambda p, n=name: sampled(p, n), turbo)
            found[f"4:{name[1]}:{name[2]} by fast upsampling"] = (
                lambda p, n=name: sampled(p, n),
                fast_upsampling,
            )
    return found


def compressed(rdcodec, source, target, *options):
    """What is known of the file, and the CPU time that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run_or_stop(rdcodec, "compress", source, target, "--force", "--jobs", "1", *options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    info = subprocess.run(
        [str(rdcodec), "info", "--json", str(target)], capture_output=True, text=True, check=True
    )
    return json.loads(info.stdout), after.ru_utime - before.ru_utime


def measured(options, picture, kind, folder):
    """Sums of one picture, its source's name, and whether all is right."""
    encoder, decoder = kind
    jpeg = bytes(encoder(picture))
    pixels = np.ascontiguousarray(decoder(jpeg))
    source, packed, restored = folder / "a.png", folder / "a.rdc", folder / "b.png"
    Image.fromarray(pixels).save(source, compress_level=1)
    effort = ("--effort", str(options.effort))
    info, seconds = compressed(options.rdcodec, source, packed, *effort, "--no-verify")
    corrections = [s["byteCount"] for s in info["streams"] if s["name"] == "corrections"]
    sums = {
        "jpeg": len(jpeg),
        "bytes": info["byteCount"],
        "corrections": sum(corrections),
        "seconds": seconds,
        "pixels": pixels.shape[0] * pixels.shape[1],
    }
    run_or_stop(options.rdcodec, "decompress", packed, restored, "--force")
    is_right = np.array_equal(np.asarray(Image.open(restored)), pixels)
    if options.plain:
        info_plain, plain_seconds = compressed(
            options.rdcodec, source, packed, *effort, "--no-verify", "--no-source-recovery"
        )
        sums["plain"] = info_plain["byteCount"]
        sums["plain seconds"] = plain_seconds
        # The header says that nothing was found, or what was.
        is_right = is_right and sums["bytes"] <= sums["plain"] + 8
    return sums, info["source"], is_right


def line(name, sums, sources, ratios=(), times=()):
    found = ", ".join(f"{source} {count}" for source, count in sources.most_common())
    megapixels = sums["pixels"] / 1e6
    above = ""
    if ratios:
        counts = [sum(ratio > limit for ratio in ratios) for limit in (0.85, 0.90, 1.05)]
        above = f" ({'/'.join(map(str, counts))} above)"
    text = (
        f"{name:26} {sums['bytes'] / sums['jpeg']:6.3f} of {sums['jpeg']:>8}{above}, corrections"
        f" {sums['corrections'] / sums['bytes']:6.1%}, {sums['seconds'] / megapixels:5.2f} s/MP"
    )
    if times:
        text += f" ({statistics.median(times):.2f}, {max(times):.2f})"
    if "plain" in sums:
        text += (
            f"; without {sums['plain'] / sums['jpeg']:6.3f},"
            f" {sums['plain seconds'] / megapixels:5.2f} s/MP"
        )
    return f"{text}  {found}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("inputs", nargs="+", type=Path)
    parser.add_argument("--rdcodec", type=Path, default=DEFAULT_RDCODEC)
    parser.add_argument("--effort", type=int, default=5)
    parser.add_argument("--kinds", help="only kinds with one of these words in their names")
    parser.add_argument("--every", type=int, default=1, help="only every so many pictures")
    parser.add_argument("--plain", action="store_true", help="also without the search")
    parser.add_argument("--each", action="store_true", help="a line for each picture, too")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    wanted = options.kinds.split(",") if options.kinds else [""]
    totals, wrong = {}, 0
    files = [
        path
        for place in options.inputs
        for path in ([place] if place.is_file() else png_files([place]))
    ]
    pictures = [
        (path.stem, np.asarray(Image.open(path).convert("RGB"))) for path in files[:: options.every]
    ]
    with tempfile.TemporaryDirectory() as name:
        for kind_name, kind in kinds().items():
            if not any(word in kind_name for word in wanted):
                continue
            sums, sources = defaultdict(float), Counter()
            ratios, times = [], []
            for picture_name, picture in pictures:
                result, source, is_right = measured(options, picture, kind, Path(name))
                wrong += not is_right
                sources[source] += 1
                ratios.append(result["bytes"] / result["jpeg"])
                times.append(result["seconds"] / result["pixels"] * 1e6)
                for key, value in result.items():
                    sums[key] += value
                if options.each or not is_right:
                    mark = "" if is_right else "  WRONG"
                    print(line(f"  {picture_name}", result, Counter([source])) + mark, flush=True)
            totals[kind_name] = dict(sums)
            print(line(kind_name, sums, sources, ratios, times), flush=True)
    print(f"{wrong} files did not come back or were larger than without the search")
    if options.json:
        options.json.write_text(json.dumps(totals, indent=2) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
