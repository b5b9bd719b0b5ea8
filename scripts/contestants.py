"""The programs that `compare_speed.py` runs in turn, at one setting each.

A setting is text: NAME[=PATH][:EFFORTS][@QUALITY] [OPTION...]. Several efforts, with commas, make as
many contestants. The quality is in the program's own measure; without one it works without loss.
"""

import json
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import imagecodecs

import measured
from tool import DEFAULT_RDCODEC

# Of this program: that of `make bench`, which tests cannot look into, comes first.
BUILDS = (DEFAULT_RDCODEC.parents[2] / ".build-bench/release/rdcodec", DEFAULT_RDCODEC)


@dataclass(frozen=True)
class Kind:
    """How a program is called."""

    encoder: str
    decoder: str
    extension: str
    package: str  # of Debian
    version: str  # the argument that makes it say its version
    depth: int = 16  # largest that it stores
    reads_pnm: bool = True

    def encode(self, c, source, target, threads):
        """Arguments after the program's name."""
        raise NotImplementedError

    def decode(self, source, target, threads):
        raise NotImplementedError


class RDCodec(Kind):
    """Quality: 1 (smallest) to 100."""

    def encode(self, c, source, target, threads):
        effort = ["--effort", c.effort] if c.effort else []
        quality = ["--quality", c.quality] if c.quality else []
        return [
            "compress", source, target, "--jobs", threads, "--quiet", *effort, *quality, *c.options
        ]  # fmt: skip

    def decode(self, source, target, threads):
        return ["decompress", source, target, "--jobs", threads, "--quiet"]


class JPEGXL(Kind):
    """Quality: the distance, 0.1 to 25; from 20 on the picture is halved first, and may take more than at 19."""

    def encode(self, c, source, target, threads):
        effort = ["-e", c.effort] if c.effort else []
        # No worker threads, or that many.
        workers = f"--num_threads={0 if threads == 1 else threads}"
        return [source, target, "-d", c.quality or 0, *effort, workers, *c.options]

    def decode(self, source, target, threads):
        # 0 means none to new versions and all to old ones.
        return [source, target, f"--num_threads={threads}"]


class WebP(Kind):
    """Effort: -m, 0 to 6. Quality: 0 (smallest) to 100."""

    def encode(self, c, source, target, threads):
        mode = ["-q", c.quality] if c.quality else ["-lossless", "-exact"]
        effort = ["-m", c.effort] if c.effort else []
        more = ["-mt"] if threads > 1 else []
        return ["-quiet", *mode, *effort, *more, *c.options, source, "-o", target]

    def decode(self, source, target, threads):
        kind = {".ppm": ["-ppm"], ".pgm": ["-ppm"], ".pam": ["-pam"]}.get(Path(target).suffix, [])
        return ["-quiet", *kind, *(["-mt"] if threads > 1 else []), source, "-o", target]


class AVIF(Kind):
    """Effort: the speed, 0 (smallest) to 10. Quality: the quantiser, 0 to 63 (smallest)."""

    def encode(self, c, source, target, threads):
        effort = ["-s", c.effort] if c.effort else []
        # A constant quantiser: the one control that old and new versions share.
        quantiser = ["--min", 0, "--max", 63, "-a", "end-usage=q", "-a", f"cq-level={c.quality}"]
        mode = ["-y", 444, *quantiser] if c.quality else ["--lossless"]
        return [*mode, *effort, "-j", threads, *c.options, source, target]

    def decode(self, source, target, threads):
        return ["-j", threads, source, target]


class InMemory(Kind):
    """JPEG XL of imagecodecs, in a process of its own, without files. Quality as of JPEGXL."""

    def encode(self, c, source, target, threads):
        return ["encode", source, target, c.effort or 0, c.quality or 0, threads]

    def decode(self, source, target, threads):
        return ["decode", source, target, threads]


RDCODEC = RDCodec("rdcodec", "rdcodec", ".rdc", "", "--version")
KINDS = {
    "rdcodec": RDCODEC,
    "cjxl": JPEGXL("cjxl", "djxl", ".jxl", "libjxl-tools", "--version"),
    "cwebp": WebP("cwebp", "dwebp", ".webp", "webp", "-version", depth=8),
    "avifenc": AVIF("avifenc", "avifdec", ".avif", "libavif-bin", "--version", 8, reads_pnm=False),
    "imagecodecs": InMemory("", "", ".jxl", "", ""),
}
SETTING = re.compile(
    r"(?P<name>[^=:@]+)(=(?P<path>[^:@]+))?(:(?P<efforts>[\d,]+))?(@(?P<q>[\d.]+))?"
)


@dataclass(frozen=True)
class Contestant:
    """A program at one setting; `label` is its name in tables."""

    label: str
    kind: Kind
    encoder: str
    decoder: str
    effort: str = ""
    quality: str = ""
    options: list = field(default_factory=list)

    @property
    def is_lossless(self):
        return not self.quality

    @property
    def is_in_memory(self):
        return isinstance(self.kind, InMemory)

    def version(self):
        """What the program says of itself, and where it is."""
        if self.is_in_memory:
            return (
                f"{imagecodecs.jpegxl_version()} (imagecodecs {imagecodecs.__version__}), in memory"
            )
        command = [self.encoder, self.kind.version]
        result = subprocess.run(command, capture_output=True, text=True)
        lines = (result.stdout + result.stderr).strip().splitlines()
        return f"{lines[0] if lines else 'no version'} ({self.encoder})"

    def encode(self, source, target, threads):
        return self._run(self.encoder, self.kind.encode(self, source, target, threads))

    def decode(self, source, target, threads):
        return self._run(self.decoder, self.kind.decode(source, target, threads))

    def _run(self, program, arguments):
        """Seconds and bytes of one run; raises OSError with what the program said."""
        if not self.is_in_memory:
            cost = measured.run([program, *arguments])
            status, message = cost.pop("status"), cost.pop("message")
            if status:
                raise OSError(f"{program}: exit status {status}: {message}")
            return cost
        command = [sys.executable, Path(__file__).with_name("jpegxl_process.py"), *arguments]
        result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if result.returncode:
            raise OSError((result.stderr.strip().splitlines() or ["imagecodecs failed"])[-1])
        return json.loads(result.stdout)


def parse(text):
    """The contestants of one setting, or words about a program that is not here."""
    words = shlex.split(text)
    found = SETTING.fullmatch(words[0]) if words else None
    if not found:
        raise ValueError(f"{text!r} is not NAME[=PATH][:EFFORTS][@QUALITY] [OPTION...]")
    name, path = found["name"], found["path"]
    if name not in KINDS and not path:
        raise ValueError(f"{name} is none of {', '.join(KINDS)}; another build is NAME=PATH")
    kind = KINDS.get(name, RDCODEC)
    programs = locate(kind, path)
    if isinstance(programs, str):
        return programs
    options, quality = words[1:], found["q"] or ""
    result = []
    for effort in (found["efforts"] or "").split(","):
        at = f"@{quality}" if quality else ""
        label = " ".join([f"{name} {effort}".strip() + at, *options])
        result.append(Contestant(label, kind, *programs, effort, quality, options))
    return result


def locate(kind, path):
    """Encoder and decoder, or words about what is missing."""
    if isinstance(kind, InMemory):
        return "", ""
    if path or kind is RDCODEC:
        program = path or next(filter(Path.exists, BUILDS), BUILDS[0])
        encoder = shutil.which(Path(program).absolute())
        if not encoder:
            return f"no program {program}"
        beside = shutil.which(Path(encoder).with_name(kind.decoder))
        return encoder, encoder if kind is RDCODEC else beside or shutil.which(kind.decoder)
    encoder, decoder = shutil.which(kind.encoder), shutil.which(kind.decoder)
    if not (encoder and decoder):
        return f"no {kind.encoder} and {kind.decoder} on the PATH (Debian: {kind.package})"
    return encoder, decoder
