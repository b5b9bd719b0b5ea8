"""Runs the command lines of README.md and docs/USAGE.md on the sample images.

    python3 scripts/check_readme.py [--rdcodec PATH] [DOCUMENT...]

Every line of an indented or sh block that runs rdcodec is executed by bash, in order, in a
temporary folder with a copy of samples/; one folder for each document. Any exit status but 0 is a
failure, and so is a link to a file that is not there. Needs nothing but Python and bash.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "docs/USAGE.md")
RUNS = re.compile(r"(^|[|;&]\s*)rdcodec\s")
SLOWEST = 120  # seconds that a line may take


def command_lines(document):
    """(line number, command) of every line that runs rdcodec, those ended by a backslash joined."""
    found, fence, start, pending = [], None, 0, ""
    for number, line in enumerate(document.splitlines(), 1):
        if line.startswith("```"):
            fence = line[3:].strip() if fence is None else None
            continue
        is_code = fence == "sh" if fence is not None else line.startswith("    ")
        if not is_code:
            pending = ""
            continue
        start = start if pending else number
        pending += line.strip()
        if pending.endswith("\\"):
            pending = pending[:-1]
            continue
        if RUNS.search(pending):
            found.append((start, pending))
        pending = ""
    return found


def dead_links(path):
    """Links to files that are not there."""
    prose = re.sub(r"(?ms)^```.*?^```", "", path.read_text(encoding="utf-8"))
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose)
    local = [target for target in targets if "://" not in target]
    return [target for target in local if not (path.parent / target).exists()]


def check(path, rdcodec):
    """Runs one document's lines; returns how many ran and what failed."""
    lines = command_lines(path.read_text(encoding="utf-8"))
    failures = [f"{path.name}: no file behind the link to {target}" for target in dead_links(path)]
    with tempfile.TemporaryDirectory() as folder:
        programs, work = Path(folder, "bin"), Path(folder, "work")
        programs.mkdir()
        work.mkdir()
        (programs / "rdcodec").symlink_to(rdcodec.resolve())
        shutil.copytree(
            ROOT / "samples", work / "samples", ignore=shutil.ignore_patterns("gener*", "__*")
        )
        environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"}
        for number, line in lines:
            try:
                result = subprocess.run(
                    ["bash", "-euo", "pipefail", "-c", line], cwd=work, env=environment,
                    stdin=subprocess.DEVNULL, capture_output=True, timeout=SLOWEST,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                failures.append(f"{path.name}:{number}: {line}\n  not done after {SLOWEST} s")
                continue
            if result.returncode:
                message = result.stderr.decode(errors="replace").strip()
                failures.append(
                    f"{path.name}:{number}: {line}\n  exit status {result.returncode}: {message}"
                )
    return len(lines), failures


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("documents", nargs="*", type=Path, metavar="DOCUMENT")
    parser.add_argument("--rdcodec", type=Path, default=ROOT / ".build/release/rdcodec")
    settings = parser.parse_args()
    if not settings.rdcodec.exists():
        raise SystemExit(f"{settings.rdcodec} is not there; build it first")

    total, failures = 0, []
    for path in settings.documents or [ROOT / name for name in DOCUMENTS]:
        count, failed = check(path, settings.rdcodec)
        if not count:
            failed.append(f"{path.name}: no line runs rdcodec")
        total, failures = total + count, failures + failed
    print("\n".join([*failures, f"{total} command lines, {len(failures)} failures"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
