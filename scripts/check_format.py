"""Compares docs/FORMAT.md and its test vectors with the kernels.

    python3 scripts/check_format.py [--no-build]

What format_model.py and format_wavefront.py compute as the document says, with its tables, has to
be what docs/format/vectors.txt says; that has to be what the portable kernels print (needs clang,
half a minute; not with --no-build); tables and digests of learned data have to be those of the
sources. One line per difference and a total; exit status 1 after any.
"""

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np

import format_model as model
from format_model import F
from format_wavefront import Plane

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "Sources"
KERNELS = SOURCES / "CKernels"
VECTORS = ROOT / "docs" / "format" / "vectors.txt"
PRINTED = VECTORS.read_text(encoding="utf-8")

failures = []


def expect(what, found, wanted):
    if found != wanted:
        failures.append(what)
        print(f"{what}: {found}, not {wanted}", file=sys.stderr)


def crc(values):
    return f"{zlib.crc32(np.ascontiguousarray(values).tobytes()):08X}"


def pattern(x):
    return f"{int(np.asarray(x, F).view(np.uint32)):08X}"


def section(start):
    """The lines of a section of the vectors, without its heading."""
    place = PRINTED.index("\n\n" + start) + 2
    return PRINTED[place:].split("\n\n")[0].strip().split("\n")[1:]


# MARK: Vectors


def check_range():
    decoder = model.RangeDecoder(bytes((i * 37 + 11) % 256 for i in range(40)))

    def state():
        return f"code {decoder.code:012X} range {decoder.range:012X}"

    for line in section("range: "):
        if words := re.match(r"decision (\d+): ", line):
            p = int(words[1])
            expect("range", f"decision {p}: {decoder.decision(p)}, {state()}", line)
        elif words := re.match(r"uniform (\d+): ", line):
            n = int(words[1])
            expect("range", f"uniform {n}: {decoder.uniform(n)}, {state()}", line)
        elif words := re.match(r"symbol of target (\d+): (\d+) ... (\d+), ", line):
            target, start, end = (int(word) for word in words.groups())
            expect("target", decoder.target(), target)
            decoder.symbol(start, end - start)
            expect("range", state(), line.split(", ")[1])
        else:
            expect("range", f"bytes read: {decoder.position}", line)


def check_tables():
    stretch, squash = model.stretch_table(), model.squash_table()
    lines = section("tables: ")
    expect("stretch", crc(stretch), lines[0].split()[1].rstrip(":"))
    expect("squash", crc(squash), lines[1].split(":")[0].split()[-1])
    for place, value in re.findall(r"\[(\d+)\] ([0-9A-F]{8})", lines[0]):
        expect(f"stretch {place}", pattern(stretch[int(place)]), value)


def check_mixing():
    mixer = model.Mixer()
    lines = iter(section("mixing: "))
    for head in lines:
        count, rate = int(head.split()[0]), float(head.split()[-1])
        counters = [[model.Counter() for _ in range(4)] for _ in range(count)]
        sets = []
        for weight in (0.3, 0.0625)[: 2 if "second set" in head else 1]:
            sets.append(np.zeros(-(-2 * count // 8) * 8, F))
            sets[-1][:count] = F(weight)
        state, decisions = 0, []
        for d in range(32):
            state = (state * 1664525 + 1013904223) % 2**32
            bit = state >> 31
            chosen = [counters[k][(d * (k + 1) >> k) % 4] for k in range(count)]
            decisions.append(f"{bit}:{mixer.decide(chosen, sets, rate, bit)}")
        expect("mixing", decisions, " ".join(next(lines) for _ in range(4)).split())
        weights = [pattern(w) for w in sets[0][: 2 * count]]
        expect("mixing, weights", weights, next(lines).split()[1:])
        first = [n for c in counters[0] for n in (c.fast, c.quick, c.count)]
        expect("counters", first, [int(n) for n in next(lines).split(": ")[1].split()])


def check_symbols():
    for name, heading, starts in (
        ("samples", "starts of samples", model.sample_symbol_starts()),
        ("wavefront", "starts of the wavefront", model.wave_symbol_starts()),
    ):
        lines = section(heading)
        expect(f"starts of {name}", crc(starts), lines[0].split()[1])
        for line in lines[1:]:
            kind, fraction = (
                int(n) for n in re.match(r"class (\d+) fraction (\d+)", line).groups()
            )
            for place, value in re.findall(r"\[(\d+)\] (\d+)", line):
                found = int(starts[8 * kind + fraction][int(place)])
                expect(f"start {place} of {name}", found, int(value))


def check_transforms():
    lines = section("inverse DCT: ")
    levels = [29 * k % 61 - 30 if 7 * k % 64 < 12 else 0 for k in range(64)]
    levels[0] = 20
    steps = [3 + k % 13 for k in range(64)]
    products = [level * step for level, step in zip(levels, steps)]
    scales = model.transform_scales()
    multiplied = [
        level * (step * scale + 2048 >> 12) for level, step, scale in zip(levels, steps, scales)
    ]
    for name, found in (
        ("exact", model.inverse_dct(products, model.exact_pass)),
        ("fast", model.inverse_dct(multiplied, model.fast_pass, last_shift=5)),
        ("scaled, across and down", model.inverse_dct(products, model.double_pass)),
    ):
        start = lines.index(name + ":") + 1
        wanted = [[int(n) for n in line.split()] for line in lines[start : start + len(found)]]
        expect(f"inverse DCT, {name}", found, wanted)


def check_least_squares():
    sums = []
    for b in range(3):
        features = [
            np.array([(11 * i + 7 * k + 5 * b) % 17 - 8 for i in range(6)], F) / F(2)
            for k in range(4)
        ]
        targets = [F((3 * k + b) % 7 - 3) for k in range(4)]
        sums.append(model.block_sums(features, targets, [F(1) / F(k + 1) for k in range(4)]))
    windows = [np.zeros_like(part) for part in sums]
    for _ in range(2):
        model.spread(sums, windows, F(0.8), F(0.85))
    for b, line in enumerate(section("least squares ")):
        window = windows[b]
        some = [pattern(window[0, 0]), pattern(window[1, 3]), pattern(window[2, 6])]
        weights = [pattern(w) for w in model.solved(window)]
        expect("least squares", some + weights, re.findall(r"\b[0-9A-F]{8}\b", line))


WAVES = (  # mixed, P_dec, width, planes, top, unit
    (0, 0, 21, 2, 255, 0),
    (0, 1, 21, 2, 4095, 3),
    (0, 0, 5, 3, 255, 0),
    (1, 0, 21, 2, 255, 0),
    (1, 1, 21, 3, 4095, 3),
    (1, 0, 3, 2, 255, 0),
    (1, 0, 1, 2, 255, 0),
)


def wave_picture(k, width, top):
    """A plane of the vectors' picture, with what P_dec says of it."""
    ranks, means, scales = (np.zeros((19, width), int) for _ in range(3))
    for i in range(19 * width):
        y, x = divmod(i, width)
        v = (x * x + 3 * y * (x + 1) + 17 * k) % 23 + 4 * x + 2 * y + 9 * k
        v = v * (top + 1) // 256
        ranks[y, x] = top - v if i % 41 == 40 else v
        means[y, x] = ranks[y, x] * 16 + (7 * x + 5 * y) % 31 - 15
        scales[y, x] = (x + y) % 40
    return ranks, (means, scales)


def check_wavefront():
    for is_mixed, has_prediction, width, count, top, unit in WAVES:
        name = f"wavefront, profile {4 if is_mixed else 3}, W {width}, H 19, {count} planes k = 0 ..., top {top}"
        lines = [line for line in section(name) if line.startswith("plane")]
        pictures = [wave_picture(k, width, top) for k in range(count)]
        planes, coded = [], [[] for _ in range(count)]
        for k in range(count):
            helpers = [planes[-1], planes[0]][:k] if k else []
            prediction = pictures[k][1] if has_prediction else None
            fading, own, near = (0.85, 0.72), (12, 6, 6)[k], ((), (10,), (6, 8))[k]
            planes.append(
                Plane(
                    (width, 19),
                    top,
                    unit,
                    2,
                    fading,
                    own,
                    near,
                    helpers,
                    prediction,
                    bool(is_mixed),
                )
            )
        for turn in range(2 + count):
            for k in range(count):
                if 0 <= turn - k < 3:
                    if k:
                        planes[k - 1].look_below(turn - k)
                    planes[k].code(turn - k, pictures[k][0], coded[k])
        for k, line in enumerate(lines):
            list_ = np.array(coded[k], np.uint16 if is_mixed else np.uint32)
            expect(f"{name}, count", len(list_), int(re.search(r": (\d+)", line)[1]))
            expect(name, crc(list_), re.search(r"crc-32 ([0-9A-F]{8})", line)[1])
            for part, wanted in re.findall(r"of (\d+) ([0-9A-F]{8})", line):
                expect(f"{name}, the first {part}", crc(list_[: int(part)]), wanted)


# MARK: Sources


def source_numbers(path, start, end="}"):
    """The numbers of a list in a source file, between two texts."""
    text = path.read_text(encoding="utf-8")
    place = text.index(start) + len(start)
    text = re.sub(r"//.*", "", text[place : text.index(end, place)])
    return [float(n) for n in re.findall(r"-?\d*\.?\d+", text)]


def check_sources():
    rates = (KERNELS / "mixing.h").read_text(encoding="utf-8")
    pairs = re.findall(r"RATES\((\d+), (\d+)\)", rates)
    expect("rates", model.counter_rates(), tuple([int(p[k]) for p in pairs] for k in range(2)))
    table = SOURCES / "DecoderCore" / "Coefficients" / "QuantisationTable.swift"
    for name, found in zip(("luma", "chroma"), model.example_tables()):
        wanted = source_numbers(table, f"static let {name}: [Int32] = [", "]")
        expect(f"example table of {name}", found, [int(n) for n in wanted])
    scales = source_numbers(KERNELS / "include" / "ck_dct_other.h", "scales[64] = {")
    expect("scales of the fast DCT", model.transform_scales(), [int(n) for n in scales])
    shapes = source_numbers(KERNELS / "wavefront_symbols.h", "wave_shapes[9][3] = {", "};")
    wanted = np.array(shapes, F).reshape(9, 3).T.tolist()
    expect("shapes of symbols", model.symbol_shapes().tolist(), wanted)
    text = (KERNELS / "wavefront_predict.h").read_text(encoding="utf-8")
    weights = text[text.index("near_weights[3][13] = {") + len("near_weights[3][13] = {") :]
    found = [float(n) for n in re.findall(r"\d*\.?\d+", weights[: weights.index("};")])]
    wanted = np.array(found, F).reshape(3, 13).tolist()
    expect("weights of errors around", model.near_weights().tolist(), wanted)
    check_profiles()
    check_learned()


def check_profiles():
    """Numbers of residual profiles (§10.1), as windows, NLMS, block width and contexts."""
    source = SOURCES / "DecoderCore" / "Residual" / "ResidualProfile.swift"
    wanted = {}
    for words in re.findall(
        r"static let level(\d) = ResidualProfile\(\s*id: (\d), blockWidth: (\d+), windows: \[(.*?)\], "
        r"solvesInRow: (\w+),\s*rates: \[(.*?)\],\s*contextCount: (\d)",
        source.read_text(encoding="utf-8"),
        re.S,
    ):
        grade, number, width, windows, _, rates, contexts = words
        values = model.numbers(windows) + model.numbers(rates) + [float(width), float(contexts)]
        wanted[int(number)] = [float(grade), *values]
    found = {}
    for row in model.rows_after("| profile | level | windows: across, down |")[2:]:
        if row[0].isdigit():
            values = [n for cell in row[2:6] for n in model.numbers(cell)]
            found[int(row[0])] = [float(row[1]), *values]
    expect("residual profiles", found, wanted)


def check_learned():
    names = [
        "weights.bin",
        "weights_visual.bin",
        "start_state.bin",
        "drawing_start.bin",
        "level_start.bin",
    ]
    files = {name: (KERNELS / name).read_bytes() for name in names}
    for name, size, digest in re.findall(
        r"\| \[(\w+\.bin)\]\(.*?\) \| ([\d  ]+) \| `([0-9a-f]{64})` \|", model.TEXT
    ):
        data = files.pop(name)
        expect(f"size of {name}", re.sub(r"\D", "", size), str(len(data)))
        expect(f"digest of {name}", digest, hashlib.sha256(data).hexdigest())
    expect("learned data that the document lacks", sorted(files), [])


# MARK: Kernels


def check_kernels():
    swift = shutil.which("swiftc")
    clang = (
        Path(swift).resolve().parent / "clang" if swift else Path(shutil.which("clang") or "clang")
    )
    files = [
        KERNELS / "portable.c",
        KERNELS / "wavefront_plane.c",
        ROOT / "scripts/core/format_vectors.c",
    ]
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "format_vectors"
        include = f"-I{KERNELS / 'include'}"
        subprocess.run([clang, "-std=c2x", "-O2", include, *files, "-o", program], check=True)
        printed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    expect("vectors.txt", printed == PRINTED, True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--no-build", action="store_true", help="do not run the kernels")
    arguments = parser.parse_args()
    checks = [
        check_range, check_tables, check_mixing, check_symbols, check_transforms,
        check_least_squares, check_wavefront, check_sources,
    ]  # fmt: skip
    if not arguments.no_build:
        checks.append(check_kernels)
    for check in checks:
        check()
    print(f"{len(checks)} checks, {len(failures)} differences")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
