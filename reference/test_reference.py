"""Decodes the golden files and compares them with what is expected of them.

Those that take more than a few seconds are left out unless RDC_REFERENCE_SLOW is set.
"""

import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from reference.container import read_container
from reference.decode import decode_exact, decode_preview
from reference.errors import FormatError
from reference.image import pam_bytes
from reference.jpeg_file import decode_jpeg

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "Tests" / "RDCodecTests" / "Golden" / "v9"
SLOW = {
    "beside", "drawing-2048", "drawing-wide", "effort-7", "effort-9", "follows", "lattice",
    "lattice-unknown", "lossy-filter", "planar-3", "planar-4", "planar-7", "planar-9", "rgb-16",
    "two-tiles", "two-tiles-1", "visual-preview", "wavefront-1", "wavefront-2", "wavefront-3",
    "wavefront-4", "wavefront-5", "wavefront-6", "wavefront-grey16", "wavefront-rgba16",
    "wavefront-shared", "wavefront-streams", "within-9",
}  # fmt: skip
EXPECTED = {
    name: values
    for name, *values in (
        line.split()
        for line in (Path(__file__).parent / "expected.txt").read_text().splitlines()
        if not line.startswith("#")
    )
}


def checksum(data: bytes) -> str:
    """A CRC-32 as the expected ones are written."""
    return f"{zlib.crc32(data):08x}"


def golden(name: str) -> bytes:
    """A golden file."""
    return (GOLDEN / f"{name}.rdc").read_bytes()


@pytest.mark.parametrize("name", EXPECTED)
def test_exact(name: str) -> None:
    if name in SLOW and "RDC_REFERENCE_SLOW" not in os.environ:
        pytest.skip("slow")
    assert checksum(pam_bytes(decode_exact(golden(name)))) == EXPECTED[name][0]


@pytest.mark.parametrize("name", [name for name in EXPECTED if name != "lossy-filter"])
def test_preview(name: str) -> None:
    if EXPECTED[name][1] == "-":
        with pytest.raises(FormatError, match="noPreview"):
            decode_preview(golden(name))
    else:
        assert checksum(pam_bytes(decode_preview(golden(name)))) == EXPECTED[name][1]


@pytest.mark.parametrize("name", EXPECTED)
def test_jpeg(name: str) -> None:
    container = read_container(golden(name), lossy_only=False)
    if EXPECTED[name][2] == "-":
        with pytest.raises(FormatError, match="noJPEG"):
            decode_jpeg(container)
    else:
        assert checksum(decode_jpeg(container)) == EXPECTED[name][2]


def test_damage() -> None:
    data = bytearray(golden("effort-3"))
    data[-10] ^= 1
    with pytest.raises(FormatError, match="checksumMismatch"):
        decode_exact(bytes(data))
    with pytest.raises(FormatError, match="truncated"):
        decode_exact(golden("effort-3")[:-5])
    assert decode_preview(golden("effort-3")[:-5]).samples.shape == (3, 40, 48)


def test_command(tmp_path: Path) -> None:
    output = tmp_path / "out.pam"
    command = [sys.executable, "-m", "reference.decode"]
    good = [*command, GOLDEN / "palette.rdc", output]
    assert subprocess.run(good, cwd=ROOT, check=False).returncode == 0
    assert checksum(output.read_bytes()) == EXPECTED["palette"][0]
    bad = [*command, GOLDEN / "palette.txt", output]
    result = subprocess.run(bad, cwd=ROOT, check=False, capture_output=True, text=True)
    assert result.returncode == 65
    assert len(result.stderr.splitlines()) == 1
