"""Checks that version numbers are the same wherever they stand.

    python3 scripts/check_versions.py [--release]

Of the program, of the C library's ABI (its soname) and of the format: a line for each with its places,
a line for each place that says something else, exit status 1 after any. --release asks as well that
the changelog has a date for the version in place of "Unreleased". Needs Python alone.
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NUMBER = r"(\d+\.\d+\.\d+)"
HEADER = "Sources/CRDCodec/include/rdcodec.h"

# The first place of each is where it is said; all others follow. Of changelogs the newest entry counts.
PLACES = {
    "program": [
        # --version, the manual page, the pkg-config file, reports of bench.
        ("Sources/CommandSupport/Messages/ProgramVersion.swift", rf'number = "{NUMBER}"'),
        # rdcodec_version(), and with it library_version() of Python.
        (HEADER, r"_MAJOR (\d+)\s+#define \w+_MINOR (\d+)\s+#define \w+_PATCH (\d+)"),
        (HEADER, rf'/// "{NUMBER}"; the string stays'),
        ("Tests/CLibrary/library.c", rf'rdcodec_version\(\), "{NUMBER}"'),
        ("python/pyproject.toml", rf'^version = "{NUMBER}"'),
        ("python/src/rdcodec/__init__.py", rf'__version__ = "{NUMBER}"'),
        ("packaging/debian/changelog", rf"\Ardcodec \({NUMBER}-\d+\)"),
        ("CHANGELOG.md", rf"\A[\s\S]*?^## \[(?:Unreleased\]: )?{NUMBER}"),
    ],
    "soname": [
        ("scripts/link_library.sh", r"-soname=librdcodec\.so\.(\d+)"),
        ("scripts/install.sh", r"librdcodec\.so\.(\d+)"),
        ("Makefile", r"librdcodec\.so\.(\d+)"),
        ("python/src/rdcodec/_library.py", r"librdcodec\.so\.(\d+)"),
        ("python/hatch_build.py", r"librdcodec\.so\.(\d+)"),
        ("packaging/debian/control", r"librdcodec(\d+)"),
        ("packaging/debian/librdcodec0.install", r"librdcodec\.so\.(\d+)"),
        ("packaging/debian/librdcodec0.symbols", r"librdcodec(?:\.so\.)?(\d+)"),
        ("README.md", r"librdcodec\.so\.(\d+)"),
    ],
    "format": [
        ("Sources/DecoderCore/Container/Header.swift", r"static let version: UInt8 = (\d+)"),
        ("docs/FORMAT.md", r"\A# The rdc file format, version (\d+)"),
        ("docs/FORMAT.md", r"\| version \| u8 \| (\d+): the least version"),
        ("reference/container.py", r"^VERSION = (\d+)"),
        ("reference/test_reference.py", r'"Golden" / "v(\d+)"'),
        ("conformance/README.md", r"^Files of version (\d+)"),
        ("scripts/test_desktop.sh", r"rdcodec image data, version (\d+)"),
        ("CHANGELOG.md", r"\A[\s\S]*?Format version (\d+)"),
    ],
}


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def found(path, pattern):
    """All numbers that the pattern finds in a file, its groups joined by full stops."""
    matches = re.finditer(pattern, text(path), re.M)
    return {".".join(group for group in match.groups() if group) for match in matches}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--release", action="store_true", help="the changelog has to have a date")
    settings = parser.parse_args()
    wrong = []
    for kind, places in PLACES.items():
        numbers = [found(*place) for place in places]
        wanted = numbers[0]
        for (path, _), values in zip(places, numbers):
            if len(wanted) != 1 or values != wanted:
                wrong.append(f"{path}: {kind} is {' and '.join(sorted(values)) or 'missing'}")
        print(f"{kind} {' and '.join(sorted(wanted))}: {len(places)} places")
    heading = re.search(r"^## .*", text("CHANGELOG.md"), re.M)[0]
    if settings.release and not re.fullmatch(rf"## \[{NUMBER}\] - \d{{4}}-\d\d-\d\d", heading):
        wrong.append("CHANGELOG.md: the version has no date")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
