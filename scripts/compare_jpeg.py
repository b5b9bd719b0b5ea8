"""Compares how small JPEG files become that have to come back byte for byte.

    python3 scripts/compare_jpeg.py PNG|FOLDER... [--rdcodec PATH] [--json OUT]

Makes JPEG files of pictures with libjpeg-turbo (Pillow) at qualities 75, 85 and 92, in 4:2:0 and
4:4:4, and progressive ones, and compresses each with rdcodec (with and without preview), with JPEG
XL (imagecodecs, as cjxl does with JPEG files) and with Lepton (lepton-jpeg-python), which all keep
the file. One line for each kind: bytes of the files, and each program's fraction of them; "above"
counts files that are larger than Lepton's by 200 bytes or more. Every file of rdcodec is restored
and compared; exit status 1 where one is not the same.
"""

import argparse
import io
import json
import sys
import tempfile
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

import imagecodecs
import lepton_jpeg_python as lepton
from PIL import Image

from tool import DEFAULT_RDCODEC, png_files, run_or_stop

KINDS = {
    f"quality {quality} {name}": {"quality": quality, "subsampling": subsampling}
    for quality in (75, 85, 92)
    for name, subsampling in (("4:2:0", 2), ("4:4:4", 0))
} | {"progressive 85 4:2:0": {"quality": 85, "subsampling": 2, "progressive": True}}


def sizes(rdcodec, jpeg, folder):
    """Bytes by program, and whether the file came back."""
    source, packed, restored = folder / "a.jpg", folder / "a.rdc", folder / "b.jpg"
    source.write_bytes(jpeg)
    result = {"jpeg": len(jpeg)}
    for name, options in (("rdcodec", []), ("no preview", ["--no-preview"])):
        run_or_stop(rdcodec, "compress", source, packed, "--force", *options)
        result[name] = packed.stat().st_size
    run_or_stop(rdcodec, "decompress", packed, restored, "--force")
    result["jpeg xl"] = len(imagecodecs.jpegxl_encode_jpeg(jpeg))
    result["lepton"] = len(lepton.compress_bytes(jpeg))
    result["above"] = int(result["rdcodec"] >= result["lepton"] + 200)
    return result, restored.read_bytes() == jpeg


def line(name, sums):
    parts = [f"{key} {sums[key] / sums['jpeg']:.4f}" for key in sums if key not in ("jpeg", "above")]
    return f"{name:24} {sums['jpeg']:>10}  " + "  ".join(parts) + f"  above {sums['above']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("inputs", nargs="+", type=Path)
    parser.add_argument("--rdcodec", type=Path, default=DEFAULT_RDCODEC)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    totals = defaultdict(lambda: defaultdict(int))
    different = 0
    with tempfile.TemporaryDirectory() as name:
        for path in png_files(options.inputs):
            picture = Image.open(path).convert("RGB")
            for kind, setting in KINDS.items():
                file = io.BytesIO()
                picture.save(file, "JPEG", **setting)
                result, same = sizes(options.rdcodec, file.getvalue(), Path(name))
                different += not same
                for key, value in result.items():
                    totals[kind][key] += value
                    totals["all"][key] += value
    lepton_version = version("lepton-jpeg-python")
    print(
        f"{imagecodecs.jpegxl_version()}, lepton-jpeg-python {lepton_version},"
        f" Pillow {Image.__version__}"
    )
    for kind, sums in totals.items():
        if kind != "all":
            print(line(kind, sums))
    print(line("all", totals["all"]))
    print(f"{different} files of rdcodec did not come back")
    if options.json:
        options.json.write_text(json.dumps(totals, indent=2) + "\n")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
