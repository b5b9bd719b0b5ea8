"""Compresses, verifies or restores whole archives on Ray.

    python -m rdcodec.batch SOURCE … DEST                  compress pictures into .rdc files
    python -m rdcodec.batch --restore SOURCE … DEST        .rdc files back into what they were made of
    python -m rdcodec.batch --verify SOURCE …              decode every .rdc file and compare its checksums

A source is a folder, a file, a tar or WebDataset shard, or `@LIST`, a text file of paths; each may be a URL that
fsspec knows, such as s3://bucket/folder. DEST mirrors the folders. Work goes to Ray in shards of files: on this
machine, or with `--address` on a cluster whose nodes reach the same paths.

A shard's report, one JSON line a file, is written when the shard has ended, into DEST/.rdcodec-batch. Who starts
the same command again goes on: inputs are read again, and files whose bytes and options have not changed, and
whose outputs are there, are not coded again. Outputs are written aside and renamed. A file that fails is named
and the others go on; a worker that is lost has its shard done again.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import io
import json
import sys
import tarfile
import time
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

try:
    import fsspec
    from fsspec.implementations.local import LocalFileSystem
except ImportError:
    raise SystemExit(
        "error: rdcodec.batch needs fsspec and ray: pip install 'rdcodec[batch]'"
    ) from None

from . import _codec, errors
from ._files import write_aside
from ._library import library_version

_REPORTS = ".rdcodec-batch"
_PICTURES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".ppm", ".pgm", ".pbm", ".pnm", ".pam")
_BITSTREAMS = (".rdc",)
#: How many files of a shard are done before what is known of them is written.
_JOURNAL_STEP = 25


@dataclasses.dataclass(frozen=True)
class Job:
    """What is done to every file."""

    kind: str
    destination: str | None
    options: dict[str, Any]
    replaces: bool

    @property
    def extensions(self) -> tuple[str, ...]:
        """Of the files that it is for."""
        return _PICTURES if self.kind == "compress" else _BITSTREAMS

    @property
    def key(self) -> str:
        """Tells jobs apart whose outputs differ."""
        options = {name: value for name, value in self.options.items() if name != "threads"}
        return _digest(
            json.dumps([self.kind, options, library_version()], sort_keys=True).encode()
        )[:16]


@dataclasses.dataclass(frozen=True)
class Item:
    """A file, and where its output goes under the destination."""

    path: str
    name: str

    @property
    def is_archive(self) -> bool:
        return self.path.lower().endswith(".tar")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _is_local(path: str) -> bool:
    # fsspec would take "::" in a name for a chain of stores.
    return "://" not in path


def _read(path: str) -> bytes:
    if _is_local(path):
        return Path(path).read_bytes()
    with fsspec.open(path, "rb") as file:
        return file.read()


def _write(path: str, data: bytes) -> None:
    """Writes a file that is there as a whole or not at all."""
    if _is_local(path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        write_aside(path, data)
        return
    # Object stores show an object once all of it is there.
    fs, plain = fsspec.core.url_to_fs(path)
    fs.pipe_file(plain, data)


def _remove(path: str) -> None:
    if _is_local(path):
        Path(path).unlink(missing_ok=True)
        return
    fs, plain = fsspec.core.url_to_fs(path)
    fs.rm_file(plain)


def _exists(path: str) -> bool:
    if _is_local(path):
        return Path(path).exists()
    fs, plain = fsspec.core.url_to_fs(path)
    return fs.exists(plain)


def _join(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}"


def listing(sources: Iterable[str], job: Job) -> Iterator[Item]:
    """The files of some sources, in an order that does not change."""
    for source in sources:
        yield from _items(source, job)


def _items(source: str, job: Job) -> Iterator[Item]:
    if source.startswith("@"):
        for line in _read(source[1:]).decode().splitlines():
            path = line.strip()
            name = path.split("://")[-1].lstrip("/")
            if ".." in PurePosixPath(name).parts:
                raise SystemExit(f"error: {path} would be written outside the destination")
            if path:
                yield Item(path, name)
        return
    fs, plain = LocalFileSystem(), source
    if not _is_local(source):
        fs, plain = fsspec.core.url_to_fs(source)
    if not fs.exists(plain):
        raise SystemExit(f"error: {source} does not exist")
    if not fs.isdir(plain):
        yield Item(source, PurePosixPath(plain).name)
        return
    root = plain.rstrip("/")
    for path in sorted(fs.find(root)):
        name = path[len(root) :].lstrip("/")
        if _REPORTS in PurePosixPath(name).parts:
            continue
        if name.lower().endswith((*job.extensions, ".tar")):
            yield Item(path if _is_local(source) else fs.unstrip_protocol(path), name)


def shards(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of up to `size` files; an archive is one by itself."""
    shard: list[Item] = []
    for item in items:
        if item.is_archive:
            yield [item]
            continue
        shard.append(item)
        if len(shard) == size:
            yield shard
            shard = []
    if shard:
        yield shard


def shard_key(shard: list[Item], job: Job) -> str:
    """The name of a shard's report."""
    return _digest(json.dumps([job.key, [item.path for item in shard]]).encode())[:20]


class _Journal:
    """What has been done of a shard: read by whoever does it again."""

    def __init__(self, base: str | None, key: str) -> None:
        self.path = base and _join(base, f"{key}.part.jsonl")
        self.final = base and _join(base, f"{key}.jsonl")
        self.known: dict[str, dict[str, Any]] = {}
        self.records: list[dict[str, Any]] = []
        for path in (self.final, self.path):
            if path and _exists(path):
                for line in _read(path).decode().splitlines():
                    record = json.loads(line)
                    self.known[record["source"]] = record

    def add(self, record: dict[str, Any]) -> None:
        self.records.append(record)
        if self.path and len(self.records) % _JOURNAL_STEP == 0:
            self._save(self.path)

    def end(self) -> None:
        if not self.final or not self.path:
            return
        self._save(self.final)
        if _exists(self.path):
            _remove(self.path)

    def _save(self, path: str) -> None:
        _write(path, "".join(json.dumps(record) + "\n" for record in self.records).encode())


def do_shard(shard: list[Item], job: Job, reports: str | None) -> list[dict[str, Any]]:
    """Does a shard's files one after the other; what was done before is not done again."""
    journal = _Journal(reports, shard_key(shard, job))
    for item in shard:
        journal.add(_do(item, job, journal.known.get(item.path)))
    journal.end()
    return journal.records


def _still_holds(known: dict[str, Any], digest: str, job: Job) -> bool:
    if known["status"] == "failed" or job.replaces or known["sha256"] != digest:
        return False
    return "output" not in known or _exists(known["output"])


def _do(item: Item, job: Job, known: dict[str, Any] | None) -> dict[str, Any]:
    """Does a file, unless what is known of it holds still."""
    start = time.monotonic()
    record: dict[str, Any] = {"source": item.path, "status": "done"}
    try:
        data = _read(item.path)
        digest = _digest(data)
        if known is not None and _still_holds(known, digest, job):
            return known
        record |= {"sha256": digest, "bytes_in": len(data)}
        with warnings.catch_warnings(record=True) as notes:
            warnings.simplefilter("always", errors.Note)
            output, name = (
                _archive(data, item, job) if item.is_archive else convert(data, item.name, job)
            )
        if notes:
            record["notes"] = [str(note.message) for note in notes]
        record["bytes_out"] = len(output)
        if job.destination is not None:
            record["output"] = _join(job.destination, name)
            if not job.replaces and _exists(record["output"]) and _read(record["output"]) != output:
                raise FileExistsError(f"{record['output']} is there, and is another; see --replace")
            _write(record["output"], output)
    except (errors.Error, OSError, ValueError, tarfile.TarError) as error:
        record |= {"status": "failed", "error": f"{type(error).__name__}: {error}"}
    record["seconds"] = round(time.monotonic() - start, 3)
    return record


def convert(data: bytes, name: str, job: Job) -> tuple[bytes, str]:
    """The output of one file, and its name; of `verify` nothing."""
    stem = str(PurePosixPath(name).with_suffix(""))
    threads = job.options.get("threads", 1)
    if job.kind == "compress":
        return _codec.encode_file(data, **{"threads": 1, **job.options}), f"{stem}.rdc"
    file = _codec.RdcFile(data)
    if job.kind == "verify":
        file.decode(threads=threads)
        if file.info.keeps_jpeg:
            file.jpeg(threads=threads)
        return b"", name
    if file.info.keeps_jpeg:
        return file.jpeg(threads=threads), f"{stem}.jpg"
    return file.to_file("png", threads=threads), f"{stem}.png"


def _archive(data: bytes, item: Item, job: Job) -> tuple[bytes, str]:
    """An archive whose pictures are converted; all other members stay as they are."""
    result = io.BytesIO()
    end = 0
    names: set[str] = set()
    with (
        tarfile.open(fileobj=io.BytesIO(data)) as source,
        tarfile.open(fileobj=result, mode="w") as target,
    ):
        for member in source:
            end = member.offset_data + (-(-member.size // 512) * 512 if member.isreg() else 0)
            is_picture = member.name.lower().endswith(job.extensions)
            if is_picture and (member.islnk() or member.issym()):
                raise ValueError(f"{member.name} is a link, whose picture would have another name")
            contents = source.extractfile(member) if member.isfile() else None
            if contents is None or not is_picture:
                target.addfile(member, contents)
                continue
            output, name = convert(contents.read(), member.name, job)
            if name in names:
                raise ValueError(f"two members would become {name}")
            names.add(name)
            changed = tarfile.TarInfo(name)
            changed.mtime, changed.mode, changed.size = member.mtime, member.mode, len(output)
            target.addfile(changed, io.BytesIO(output))
    # tarfile takes a damaged header for the end.
    if len(data) < end + 512 or data[end:].strip(b"\x00"):
        raise tarfile.ReadError("the archive is damaged, or ends early")
    return result.getvalue(), item.name


@dataclasses.dataclass
class Summary:
    """What a run came to."""

    done: int = 0
    failed: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    failures: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    def add(self, records: Iterable[dict[str, Any]]) -> None:
        for record in records:
            if record["status"] == "failed":
                self.failed += 1
                self.failures.append({name: record[name] for name in ("source", "error")})
            else:
                self.done += 1
                self.bytes_in += record["bytes_in"]
                self.bytes_out += record["bytes_out"]

    def __str__(self) -> str:
        files = self.done + self.failed
        text = f"{files} files, {self.failed} failed"
        if self.bytes_in and self.bytes_out:
            text += f", {self.bytes_in} bytes became {self.bytes_out} ({self.bytes_out / self.bytes_in:.3f})"
        return text


def run(
    job: Job, sources: list[str], *, address: str | None, shard_size: int, quiet: bool
) -> Summary:
    """Does a job on Ray; returns when all shards have a report."""
    try:
        import ray
    except ImportError:
        raise SystemExit("error: rdcodec.batch needs ray: pip install 'rdcodec[batch]'") from None

    ray.init(address=address, log_to_driver=False, logging_level="error", ignore_reinit_error=True)
    reports = job.destination and _join(job.destination, f"{_REPORTS}/{job.key}")
    remote = ray.remote(num_cpus=job.options.get("threads", 1), max_retries=8)(do_shard)
    # Few more than can run at once: what waits takes memory.
    slots = max(2, 2 * int(ray.cluster_resources().get("CPU", 1)))
    summary = Summary()
    largest = max(node["Resources"].get("CPU", 0) for node in ray.nodes())
    if job.options.get("threads", 1) > largest:
        raise SystemExit(f"error: no node has {job.options['threads']} CPUs; use fewer --threads")
    waiting = shards(_distinct(listing(sources, job), job, summary), shard_size)
    running: dict[Any, list[Item]] = {}
    shows, shown = not quiet and sys.stderr.isatty(), 0.0

    def start() -> bool:
        for shard in waiting:
            running[remote.remote(shard, job, reports)] = shard
            return True
        return False

    while True:
        while len(running) < slots and start():
            pass
        if not running:
            break
        ended, _ = ray.wait(list(running), timeout=1)
        for reference in ended:
            shard = running.pop(reference)
            try:
                summary.add(ray.get(reference))
            except ray.exceptions.RayError as error:
                message = f"{type(error).__name__}: {str(error).splitlines()[0]}"
                summary.add(
                    {"source": item.path, "status": "failed", "error": message} for item in shard
                )
        if shows and time.monotonic() - shown > 1:
            shown = time.monotonic()
            print(
                f"\r{summary}; {len(running)} shards under way ",
                end="",
                file=sys.stderr,
                flush=True,
            )
    if shows:
        print(file=sys.stderr)
    if reports:
        _write(
            _join(reports, "summary.json"),
            json.dumps(dataclasses.asdict(summary), indent=1).encode(),
        )
    return summary


def _distinct(items: Iterable[Item], job: Job, summary: Summary) -> Iterator[Item]:
    """The items whose outputs are no other's; the others fail."""
    seen: set[int] = set()
    for item in items:
        name = item.name if item.is_archive else str(PurePosixPath(item.name).with_suffix(""))
        if hash(name) in seen and job.destination is not None:
            error = "another input has the same name but for its extension or folder"
            summary.add([{"source": item.path, "status": "failed", "error": error}])
            continue
        seen.add(hash(name))
        yield item


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m rdcodec.batch",
        description="Compress, verify or restore archives of pictures on Ray.",
    )
    parser.add_argument(
        "paths", nargs="+", metavar="SOURCE … DEST", help="folders, files, tars, @LIST; URLs too"
    )
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--verify", action="store_true", help="decode .rdc files and compare checksums; no DEST"
    )
    kind.add_argument(
        "--restore", action="store_true", help=".rdc files become PNG, or the JPEG they were"
    )
    parser.add_argument("--effort", type=int, default=5, choices=range(1, 10), metavar="1…9")
    parser.add_argument(
        "--quality", type=float, help="lossy, from 1 to 100; without it nothing is lost"
    )
    parser.add_argument("--tune", choices=["psnr", "visual"], default="psnr")
    parser.add_argument(
        "--no-preview", action="store_true", help="leave the preview out of lossless files"
    )
    parser.add_argument("--strip-metadata", action="store_true")
    parser.add_argument(
        "--threads", type=int, default=1, help="of each file (default 1: files side by side)"
    )
    parser.add_argument(
        "--shard-size", type=int, default=1000, help="files of a shard (default 1000)"
    )
    parser.add_argument("--address", help="a Ray cluster; without it this machine")
    parser.add_argument(
        "--replace", action="store_true", help="do again what was done, over what is there"
    )
    parser.add_argument("-q", "--quiet", action="store_true")
    arguments = parser.parse_args(words)
    if not arguments.verify and len(arguments.paths) < 2:
        parser.error("a destination is needed")
    if arguments.shard_size < 1 or arguments.threads < 1:
        parser.error("shards and threads are counted from 1")
    return arguments


def main(words: list[str] | None = None) -> int:
    """The command; 0, or 1 where a file failed."""
    arguments = _arguments(words)
    kind = "verify" if arguments.verify else "restore" if arguments.restore else "compress"
    options: dict[str, Any] = {"threads": arguments.threads}
    if kind == "compress":
        options |= {"effort": arguments.effort, "tune": arguments.tune}
        options |= {"preview": not arguments.no_preview, "strip_metadata": arguments.strip_metadata}
        if arguments.quality is not None:
            options["quality"] = arguments.quality
    *sources, destination = arguments.paths if kind != "verify" else (*arguments.paths, None)
    for source in sources:
        if destination is not None and _lies_in(destination, source):
            print(f"error: {destination} lies in {source}; choose another place", file=sys.stderr)
            return 2
    job = Job(kind, destination and _whole(destination), options, arguments.replace)
    summary = run(
        job,
        [_whole(source) for source in sources],
        address=arguments.address,
        shard_size=arguments.shard_size,
        quiet=arguments.quiet,
    )
    print(summary)
    for failure in summary.failures:
        print(f"failed: {failure['source']}: {failure['error']}")
    return 1 if summary.failed else 0


def _lies_in(path: str, folder: str) -> bool:
    """Whether one of the files that are read would be one that was written."""
    if folder.startswith("@") or "://" in path or "://" in folder:
        return False
    return Path(path).resolve().is_relative_to(Path(folder).resolve())


def _whole(path: str) -> str:
    """A path that holds wherever a worker runs."""
    if path.startswith("@"):
        return "@" + _whole(path[1:])
    return path if "://" in path else str(Path(path).absolute())


if __name__ == "__main__":
    sys.exit(main())
