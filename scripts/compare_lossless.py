"""Compares PNG, WebP, JPEG XL and rdcodec, all lossless: whole files, and time on one thread.

    python3 scripts/compare_lossless.py FILE|FOLDER... [--efforts 1,5,9] [--json OUT] [--peers CACHE]

The other codecs get palettes as RGB(A) and at least 8 bits per sample; no file holds metadata but
the PNG, which counts as it is; the best PNG is oxipng's where it is installed, else Pillow's. Times are
of encoding and decoding in memory on one thread, rdcodec's as its `bench` tells them. Totals are over
the images that every codec can store. An image counts as larger where rdcodec needs more bytes than
the smallest of the others and 2 % at the highest effort told, 10 % at lower ones, and 64 bytes; those
are named at the end. A second libjxl (pillow-jxl-plugin) and cjxl count where they are installed. A
cache keeps what peers made of a file, so that another build can be compared in less time.
"""

import argparse
import hashlib
import json
import sys
import tempfile
import time
from pathlib import Path

import png
from peers import LOSSLESS, lossless_versions
from tool import DEFAULT_RDCODEC, png_files, run, version


def measure_peer(peer, samples):
    """Bytes and seconds of another codec, or None where it lacks the format."""
    start = time.perf_counter()
    data = peer.encode(samples)
    if data is None:
        return None
    between = time.perf_counter()
    peer.decode(data)
    end = time.perf_counter()
    return {"bytes": len(data), "encode": between - start, "decode": end - between}


def own(rdcodec, path, effort, folder, options):
    """The same of rdcodec, with the time of decoding."""
    report = Path(folder, "report.json")
    settings = ("--effort", effort, "--jobs", 1, "--no-progress", "--json", report, *options)
    status, message = run(rdcodec, "bench", path, *settings)
    # A bug that bench finds, such as bits beside the objective, does not keep sizes from being compared.
    if not report.exists():
        raise SystemExit(f"rdcodec bench {path}: exit status {status}: {message}")
    image = json.loads(report.read_text())["images"][0]
    report.unlink()
    return {
        "bytes": image["byteCount"],
        "encode": image["encodeSeconds"],
        "decode": image["decodeSeconds"],
    }


def measure_peers(path, data, known):
    """What every other codec makes of one image, and its size; `known` is what was measured before."""
    samples = png.expand(png.read(path))
    codecs = {"PNG": {"bytes": len(data)}, **known.get("codecs", {})}
    for name, peer in LOSSLESS.items():
        if name not in codecs:
            codecs[name] = measure_peer(peer, samples)
    pixels = samples.shape[0] * samples.shape[1]
    return {"pixels": pixels, "subpixels": samples.size, "codecs": codecs}


def measure(path, settings, folder, cache):
    """What every codec makes of one image."""
    data = path.read_bytes()
    key = hashlib.sha256(data).hexdigest()
    known = cache.get(key, {})
    if LOSSLESS.keys() - known.get("codecs", {}).keys():
        cache[key] = measure_peers(path, data, known)
        if settings.peers:
            settings.peers.write_text(json.dumps(cache))
    result = cache[key]
    codecs = dict(result["codecs"])
    source = Path(folder, "stripped.png")
    source.write_bytes(png.stripped(data))
    options = ["--no-preview"] if settings.no_preview else []
    for effort in settings.efforts:
        codecs[f"rdcodec {effort}"] = own(settings.rdcodec, source, effort, folder, options)
    return {"file": str(path), **result, "codecs": codecs}


def line(result, names, main):
    """Bytes by codec, and the main effort's share of the smallest peer's."""
    codecs = result["codecs"]
    numbers = "".join(f"{codecs[n]['bytes'] if codecs[n] else '-':>12}" for n in names)
    share = codecs[main]["bytes"] / best_peer(codecs)
    return f"{Path(result['file']).stem:32.32}{numbers}{share:>9.3f}"


def larger_files(results, efforts):
    """A line for each file of an effort that is larger than the best peer's, the worst first."""
    for effort in efforts:
        allowed = 1.02 if effort == max(efforts) else 1.10
        found = []
        for result in results:
            own, best = result["codecs"][f"rdcodec {effort}"]["bytes"], best_peer(result["codecs"])
            if own > allowed * best + 64:
                found.append((own / best, own, best, Path(result["file"]).stem))
        yield f"effort {effort}: {len(found)} of {len(results)} above {allowed:.2f} × best + 64"
        for share, own, best, name in sorted(found, reverse=True):
            yield f"  {share:7.3f} {own:>10} {best:>10} {name}"


def best_peer(codecs):
    return min(codecs[name]["bytes"] for name in LOSSLESS if codecs[name])


def totals(results, names):
    """A row of the final table for each codec."""
    pixels = sum(r["pixels"] for r in results) / 1e6
    subpixels = sum(r["subpixels"] for r in results)

    def total(name, key):
        values = [r["codecs"][name].get(key) for r in results]
        return None if None in values else sum(values)

    reference = total("JPEG XL e9", "bytes")
    for name in names:
        size = total(name, "bytes")
        speeds = "".join(
            f"{pixels / seconds:>12.2f}" if seconds else f"{'-':>12}"
            for seconds in (total(name, "encode"), total(name, "decode"))
        )
        yield f"{name:16}{size:>12}{8 * size / subpixels:>10.3f}{size / reference:>9.4f}{speeds}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("places", nargs="+", metavar="FILE|FOLDER")
    parser.add_argument("--rdcodec", type=Path, default=DEFAULT_RDCODEC)
    parser.add_argument(
        "--efforts", default="5", type=lambda text: [int(e) for e in text.split(",")]
    )
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    parser.add_argument("--peers", type=Path, metavar="CACHE", help="what the others made before")
    parser.add_argument("--no-preview", action="store_true", help="rdcodec's files without one")
    settings = parser.parse_args()
    cache = {}
    if settings.peers and settings.peers.exists():
        cache = json.loads(settings.peers.read_text())

    codecs = {**lossless_versions(), "rdcodec": version(settings.rdcodec)}
    for name, description in codecs.items():
        print(f"{name:12}{description}")
    names = ["PNG", *LOSSLESS, *(f"rdcodec {effort}" for effort in settings.efforts)]
    main_name = f"rdcodec {settings.efforts[len(settings.efforts) // 2]}"
    print(f"{'':32}" + "".join(f"{name:>12}" for name in names) + f"{'/ best':>9}")
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for path in png_files(settings.places):
            results.append(measure(path, settings, folder, cache))
            print(line(results[-1], names, main_name), flush=True)
    common = [r for r in results if None not in r["codecs"].values()]
    print(f"\n{len(results)} images; of {len(common)} that all can store:")
    print(f"{'':16}{'bytes':>12}{'bits/sub':>10}{'/ e9':>9}{'MP/s enc':>12}{'MP/s dec':>12}")
    for row in totals(common, names) if common else ():
        print(row)
    print("\n".join(larger_files(results, settings.efforts)))
    if settings.json:
        command = ["compare_lossless.py", *sys.argv[1:]]
        output = {"command": command, "codecs": codecs, "images": results}
        settings.json.write_text(json.dumps(output, indent=2) + "\n")


if __name__ == "__main__":
    main()
