"""Finds images and runs rdcodec."""

import subprocess
from pathlib import Path

DEFAULT_RDCODEC = Path(__file__).parent.parent / ".build/release/rdcodec"


def png_files(places):
    """The PNG files among `places`, folders searched through, sorted."""
    found = []
    for place in map(Path, places):
        found += sorted(place.rglob("*.png")) if place.is_dir() else [place]
    if not found:
        raise SystemExit("no PNG files there")
    return found


def own_and_passed_on(arguments):
    """A script's own arguments, and those after -- that rdcodec gets."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:split], arguments[split + 1 :]


def version(rdcodec):
    """The first line of what a program says of itself."""
    result = subprocess.run([str(rdcodec), "--version"], capture_output=True, text=True, check=True)
    return f"rdcodec {result.stdout.splitlines()[0].removeprefix('rdcodec ')}"


def run(rdcodec, command, source, target, *options):
    """Exit status and last message of one run."""
    arguments = [rdcodec, command, source, target, *options]
    result = subprocess.run([str(a) for a in arguments], capture_output=True, text=True)
    return result.returncode, (result.stderr.strip().splitlines() or [""])[-1]


def run_or_stop(rdcodec, command, source, target, *options):
    """Like `run`, for files that are known to be good."""
    status, message = run(rdcodec, command, source, target, *options)
    if status:
        raise SystemExit(f"rdcodec {command} {source}: exit status {status}: {message}")
