"""Reads and writes PGM, PPM and PAM files, for programs that are fed without PNG.

Source: Netpbm, "pgm", "ppm" and "pam" format specifications. Headers with comments are not read.
"""

from pathlib import Path

import numpy as np

TUPLES = {1: "GRAYSCALE", 2: "GRAYSCALE_ALPHA", 3: "RGB", 4: "RGB_ALPHA"}


def read(path):
    """The samples of a file, (height, width, channels), and their largest value."""
    data = Path(path).read_bytes()
    if data.startswith(b"P7"):
        header, _, body = data.partition(b"ENDHDR\n")
        words = dict(line.split(None, 1) for line in header.splitlines() if b" " in line)
        names = (b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL")
        width, height, channels, peak = (int(words[name]) for name in names)
    else:
        kind, width, height, peak, body = _parts(data)
        channels = {b"P5": 1, b"P6": 3}[kind]
    samples = np.frombuffer(body, ">u2" if peak > 255 else "u1")
    return samples.reshape(height, width, channels), peak


def _parts(data):
    """Magic number, width, height, largest value and samples of a PGM or PPM file."""
    kind, width, height = data[:64].split(None, 3)[:3]
    start = data.index(height, data.index(width, 2) + len(width)) + len(height)
    peak = data[start : start + 16].split()[0]
    body = data[data.index(peak, start) + len(peak) + 1 :]
    return kind, int(width), int(height), int(peak), body


def extension(samples):
    """Of the file that `write` makes of these samples."""
    return {1: ".pgm", 3: ".ppm"}.get(samples.shape[2], ".pam")


def write(path, samples):
    """Writes 8 or 16 bits a sample: grey as PGM, RGB as PPM, what has alpha as PAM."""
    height, width, channels = samples.shape
    peak = 65535 if samples.dtype == np.uint16 else 255
    if channels in (1, 3):
        header = f"P{5 if channels == 1 else 6}\n{width} {height}\n{peak}\n"
    else:
        header = (
            f"P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {channels}\nMAXVAL {peak}\n"
            f"TUPLTYPE {TUPLES[channels]}\nENDHDR\n"
        )
    body = samples.astype(">u2") if peak > 255 else samples
    Path(path).write_bytes(header.encode() + body.tobytes())
