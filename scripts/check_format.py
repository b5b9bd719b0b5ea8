"""Compares docs/FORMAT.md, its test vectors, the second decoder and the kernels.

    python3 scripts/check_format.py [--no-build]

What reference/ computes has to be what docs/format/vectors.txt says; that has to be what the portable
kernels print (needs clang, half a minute; not with --no-build); the document's tables and digests of
learned data have to be those of the sources. One line per difference and a total; exit status 1 after
any. What the wavefront codes is compared with the kernels alone: the second decoder only decodes.
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

import format_tables as tables
from format_tables import F

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from reference import jpeg_transforms, least_squares, sample_symbols, wavefront_symbols  # noqa: E402
from reference.functions import SQUASH, SQUASH_CODED, STRETCH  # noqa: E402
from reference.mixing import Counters, mixed_decision, table_inputs, update_tables  # noqa: E402
from reference.range_coder import RangeDecoder  # noqa: E402
from reference.weights import START_FILES, WEIGHTS_FILES  # noqa: E402

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
    decoder = RangeDecoder(bytes((i * 37 + 11) % 256 for i in range(40)))

    def state():
        return f"code {decoder.code:012X} range {decoder.range:012X}"

    for line in section("range: "):
        if words := re.match(r"decision (\d+): ", line):
            p = int(words[1])
            expect("range", f"decision {p}: {decoder.decision(p):d}, {state()}", line)
        elif words := re.match(r"uniform (\d+): ", line):
            n = int(words[1])
            expect("range", f"uniform {n}: {decoder.uniform(n)}, {state()}", line)
        elif words := re.match(r"symbol of target (\d+): (\d+) ... (\d+), ", line):
            target, start, end = (int(word) for word in words.groups())
            expect("target", decoder.target(), target)
            decoder.take(start, end - start)
            expect("range", state(), line.split(", ")[1])
        else:
            expect("range", f"bytes read: {decoder.position}", line)


def check_tables():
    squash = np.zeros(len(SQUASH), dtype=[("p", F), ("coded", np.uint32)])
    squash["p"], squash["coded"] = SQUASH, SQUASH_CODED
    lines = section("tables: ")
    expect("stretch", crc(STRETCH), lines[0].split()[1].rstrip(":"))
    expect("squash", crc(squash), lines[1].split(":")[0].split()[-1])
    for place, value in re.findall(r"\[(\d+)\] ([0-9A-F]{8})", lines[0]):
        expect(f"stretch {place}", pattern(STRETCH[int(place)]), value)


class Outcomes:
    """Stands for a range decoder: gives bits that are told, and notes their probabilities."""

    def __init__(self):
        self.state, self.noted = 0, []

    def decision(self, probability):
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        bit = self.state >> 31
        self.noted.append(f"{bit}:{probability}")
        return bool(bit)


def check_mixing():
    lines = iter(section("mixing: "))
    for head in lines:
        count, rate = int(head.split()[0]), F(head.split()[-1])
        counters = [Counters(4) for _ in range(count)]
        sets = []
        for weight in (0.3, 0.0625)[: 2 if "second set" in head else 1]:
            sets.append(np.zeros((-(-2 * count // 8), 8), F))
            sets[-1].reshape(-1)[:count] = F(weight)
        outcomes = Outcomes()
        for d in range(32):
            entries = [(d * (k + 1) >> k) % 4 for k in range(count)]
            inputs = np.zeros_like(sets[0])
            inputs.reshape(-1)[: 2 * count] = table_inputs(counters, entries)
            bit, _ = mixed_decision(outcomes, inputs, sets, [rate] * len(sets))
            update_tables(counters, entries, bit)
        expect("mixing", outcomes.noted, " ".join(next(lines) for _ in range(4)).split())
        weights = [pattern(w) for w in sets[0].reshape(-1)[: 2 * count]]
        expect("mixing, weights", weights, next(lines).split()[1:])
        first = counters[0]
        states = [n for state in zip(first.fast, first.quick, first.count) for n in state]
        expect("counters", states, [int(n) for n in next(lines).split(": ")[1].split()])


def check_symbols():
    for name, heading, starts_of, classes, kind in (
        ("samples", "starts of samples", sample_symbols.symbol_starts, 36, np.uint32),
        ("wavefront", "starts of the wavefront", wavefront_symbols.symbol_starts, 37, np.uint16),
    ):
        starts = [starts_of(c, fraction) for c in range(classes) for fraction in range(8)]
        lines = section(heading)
        expect(f"starts of {name}", crc(np.array(starts, kind)), lines[0].split()[1])
        for line in lines[1:]:
            words = re.match(r"class (\d+) fraction (\d+)", line).groups()
            chosen = starts[8 * int(words[0]) + int(words[1])]
            for place, value in re.findall(r"\[(\d+)\] (\d+)", line):
                expect(f"start {place} of {name}", chosen[int(place)], int(value))


def check_transforms():
    lines = section("inverse DCT: ")
    levels = [29 * k % 61 - 30 if 7 * k % 64 < 12 else 0 for k in range(64)]
    levels[0] = 20
    levels = np.array(levels).reshape(8, 8)
    steps = np.array([3 + k % 13 for k in range(64)]).reshape(8, 8)
    products = levels * steps
    for name, found in (
        ("exact", jpeg_transforms.slow_samples(products)),
        ("fast", jpeg_transforms.fast_samples(levels, steps)),
        ("scaled, across and down", jpeg_transforms.slow_samples(products, True, True)),
    ):
        start = lines.index(name + ":") + 1
        wanted = [[int(n) for n in line.split()] for line in lines[start : start + len(found)]]
        expect(f"inverse DCT, {name}", found.tolist(), wanted)


def check_least_squares():
    fit = least_squares.LeastSquares(6, 12, 4, ((0.8, 0.85),), False)
    fit.begin_row()
    for b in range(3):
        for k in range(4):
            features = [(11 * i + 7 * k + 5 * b) % 17 - 8 for i in range(6)]
            # Importance is 1 / (error² + 1): here 1, 1/2, 1/3, 1/4.
            fit.add(4 * b + k, np.array(features, F) / F(2), F((3 * k + b) % 7 - 3), F(k) ** F(0.5))
    for _ in range(2):
        fit.end_row()
    solutions = least_squares.solve(fit.windows[0])
    for b, line in enumerate(section("least squares ")):
        window = fit.windows[0][b]
        some = [pattern(window[0, 0]), pattern(window[1, 3]), pattern(window[2, 6])]
        weights = [pattern(w) for w in solutions[b]]
        expect("least squares", some + weights, re.findall(r"\b[0-9A-F]{8}\b", line))


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
    expect("rates", tables.counter_rates(), tuple([int(p[k]) for p in pairs] for k in range(2)))
    table = SOURCES / "DecoderCore" / "Coefficients" / "QuantisationTable.swift"
    for name, found in zip(("luma", "chroma"), tables.example_tables()):
        wanted = source_numbers(table, f"static let {name}: [Int32] = [", "]")
        expect(f"example table of {name}", found, [int(n) for n in wanted])
    scales = source_numbers(KERNELS / "include" / "ck_dct_other.h", "scales[64] = {")
    expect("scales of the fast DCT", tables.transform_scales(), [int(n) for n in scales])
    shapes = source_numbers(KERNELS / "wavefront_symbols.h", "wave_shapes[9][3] = {", "};")
    wanted = np.array(shapes, F).reshape(9, 3).T.tolist()
    expect("shapes of symbols", tables.symbol_shapes().tolist(), wanted)
    text = (KERNELS / "wavefront_predict.h").read_text(encoding="utf-8")
    weights = text[text.index("near_weights[3][13] = {") + len("near_weights[3][13] = {") :]
    found = [float(n) for n in re.findall(r"\d*\.?\d+", weights[: weights.index("};")])]
    wanted = np.array(found, F).reshape(3, 13).tolist()
    expect("weights of errors around", tables.near_weights().tolist(), wanted)
    check_profiles()
    check_learned()
    check_registry()


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
        values = tables.numbers(windows) + tables.numbers(rates) + [float(width), float(contexts)]
        wanted[int(number)] = [float(grade), *values]
    found = {}
    for row in tables.rows_after("| profile | level | windows: across, down |")[2:]:
        if row[0].isdigit():
            values = [n for cell in row[2:6] for n in tables.numbers(cell)]
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
        r"\| \[(\w+\.bin)\]\(.*?\) \| ([\d  ]+) \| `([0-9a-f]{64})` \|", tables.TEXT
    ):
        data = files.pop(name)
        expect(f"size of {name}", re.sub(r"\D", "", size), str(len(data)))
        expect(f"digest of {name}", digest, hashlib.sha256(data).hexdigest())
    expect("learned data that the document lacks", sorted(files), [])


def check_registry():
    """Names and digests of models, in Appendix B and in §7, are those of the files."""
    starts = b"".join((KERNELS / name).read_bytes() for name in START_FILES)
    whole = dict(re.findall(r"\| (weights\w*\.bin) \| `([0-9a-f]{64})` \|", tables.TEXT))
    missing, names = set(WEIGHTS_FILES), set()
    rows = tables.rows_after("| name | for | written by |")[2:]
    for name, _, writer, size, digest, place in rows:
        expect(f"form of {name}", bool(re.fullmatch(r"`[0-9a-f]{16}`", name)), True)
        expect(f"writer of {name}", bool(re.match(r"\d+\.\d+\.\d+, format \d+$", writer)), True)
        expect(f"{name} twice", name in names, False)
        names.add(name)
        link = re.match(r"\[(\w+\.bin)\]\(", place)
        if not link:  # in the history alone
            continue
        weights = (KERNELS / link[1]).read_bytes()
        missing.discard(link[1])
        named = hashlib.sha256(weights + starts).hexdigest()
        expect(f"size of {name}", re.sub(r"\D", "", size), str(len(weights)))
        expect(f"digest of {name}", digest, f"`{hashlib.sha256(weights).hexdigest()}`")
        expect(f"name of {link[1]}", name, f"`{named[:16]}`")
        expect(f"name of {link[1]} in §7", whole.get(link[1]), named)
    expect("models that the registry lacks", missing, set())


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
        subprocess.run(
            [clang, "-std=c2x", "-O2", include, *files, "-lz", "-o", program], check=True
        )
        printed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    expect("vectors.txt", printed == PRINTED, True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--no-build", action="store_true", help="do not run the kernels")
    arguments = parser.parse_args()
    checks = [
        check_range, check_tables, check_mixing, check_symbols, check_transforms,
        check_least_squares, check_sources,
    ]  # fmt: skip
    if not arguments.no_build:
        checks.append(check_kernels)
    for check in checks:
        check()
    print(f"{len(checks)} checks, {len(failures)} differences")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
