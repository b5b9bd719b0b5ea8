"""Compares whole-file sizes of PNG, WebP, JPEG XL and rdcodec, all lossless.

    python3 scripts/compare_lossless.py FILE|FOLDER... [--rdcodec PATH] [--json OUT] [-- OPTIONS]

Options after -- go to `rdcodec compress`. The other codecs get palettes as RGB(A) and at least
8 bits per sample, without metadata; rdcodec gets the file. Totals are over the images that
every codec can store.
"""

import argparse
import json
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import png
from peers import LOSSLESS
from tool import DEFAULT_RDCODEC, png_files, run_or_stop

CODECS = ("PNG", *LOSSLESS, "rdcodec")


def measure(path, rdcodec, options):
    """Bytes by codec; None where the codec lacks the format."""
    samples = png.expand(png.read(path))
    sizes = {"PNG": path.stat().st_size}
    for name, encode in LOSSLESS.items():
        data = encode(samples)
        sizes[name] = None if data is None else len(data)
    with tempfile.TemporaryDirectory() as folder:
        packed = Path(folder, "packed.rdc")
        run_or_stop(rdcodec, "compress", path, packed, *options)
        sizes["rdcodec"] = packed.stat().st_size
    return {"file": str(path), "subpixels": samples.size, "bytes": sizes}


def line(name, sizes):
    """A row of the table: bytes, then rdcodec's size as a share of each other codec's."""
    numbers = "".join(f"{sizes[codec] or '-':>12}" for codec in CODECS)
    shares = "".join(
        f"{100 * sizes['rdcodec'] / sizes[codec]:>12.1f} %" if sizes[codec] else f"{'-':>14}"
        for codec in CODECS[:-1]
    )
    return f"{name:32.32}{numbers}{shares}"


def main():
    arguments = sys.argv[1:]
    split = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("places", nargs="+", metavar="FILE|FOLDER")
    parser.add_argument("--rdcodec", type=Path, default=DEFAULT_RDCODEC)
    parser.add_argument("--jobs", type=int, default=1, help="files at once")
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    settings = parser.parse_args(arguments[:split])

    job = partial(measure, rdcodec=settings.rdcodec, options=arguments[split + 1 :])
    heads = "".join(f"{codec:>12}" for codec in CODECS)
    heads += "".join(f"{'/ ' + codec:>14}" for codec in CODECS[:-1])
    print(f"{'':32}{heads}")
    results = []
    with ProcessPoolExecutor(settings.jobs) as pool:
        for result in pool.map(job, png_files(settings.places)):
            results.append(result)
            print(line(Path(result["file"]).stem, result["bytes"]), flush=True)
    common = [r for r in results if None not in r["bytes"].values()]
    total = {codec: sum(r["bytes"][codec] for r in common) for codec in CODECS}
    subpixels = sum(r["subpixels"] for r in common)
    if common:
        print(line(f"total of {len(common)} images", total))
        rates = "".join(f"{8 * total[codec] / subpixels:>12.3f}" for codec in CODECS)
        print(f"{'bits per subpixel':32}{rates}")
    if settings.json:
        report = {"images": results, "total": total, "totalSubpixels": subpixels}
        settings.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
