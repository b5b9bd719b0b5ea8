"""Archives: shards by themselves, and on a cluster where RDCODEC_TEST_CLUSTER is set (`make test-batch`)."""

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time

import numpy as np
import pytest

import rdcodec

pytest.importorskip("fsspec")
from rdcodec import batch

WITH_CLUSTER = pytest.mark.skipif(
    not os.environ.get("RDCODEC_TEST_CLUSTER"), reason="RDCODEC_TEST_CLUSTER is not set"
)


def png(seed, size=(12, 16, 3)):
    array = np.random.default_rng(seed).integers(0, 50, size, np.uint8)
    return rdcodec.decode_file(rdcodec.encode(array, effort=1, verify=False), "png")


def archive(folder, count=7):
    (folder / "sub").mkdir(parents=True)
    for index in range(count):
        (folder / ("sub" if index % 2 else ".") / f"p{index}.png").write_bytes(png(index))
    (folder / "notes.txt").write_text("no picture")


def job(destination, kind="compress", replaces=False, **options):
    if kind == "compress":
        options = {"effort": 1, **options}
    return batch.Job(kind, destination and str(destination), options, replaces)


def work(source, made):
    shards = batch.shards(batch.listing([str(source)], made), 3)
    reports = made.destination and f"{made.destination}/{batch._REPORTS}/{made.key}"
    return [record for shard in shards for record in batch.do_shard(shard, made, reports)]


def test_there_and_back(tmp_path):
    archive(tmp_path / "in")
    records = work(tmp_path / "in", job(tmp_path / "rdc"))
    assert [record["status"] for record in records] == ["done"] * 7
    assert (tmp_path / "rdc/sub/p1.rdc").exists()
    assert all(r["status"] == "done" for r in work(tmp_path / "rdc", job(None, "verify")))
    work(tmp_path / "rdc", job(tmp_path / "out", "restore"))
    for path in (tmp_path / "in").rglob("*.png"):
        again = tmp_path / "out" / path.relative_to(tmp_path / "in")
        assert np.array_equal(
            rdcodec.decode(rdcodec.encode_file(again.read_bytes(), effort=1)),
            rdcodec.decode(rdcodec.encode_file(path.read_bytes(), effort=1)),
        )


def test_failures_are_named_and_the_rest_goes_on(tmp_path):
    archive(tmp_path / "in")
    (tmp_path / "in/broken.png").write_bytes(png(1)[:40])
    records = work(tmp_path / "in", job(tmp_path / "rdc"))
    failed = [record for record in records if record["status"] == "failed"]
    assert len(records) == 8 and len(failed) == 1
    assert failed[0]["source"].endswith("broken.png") and "Error" in failed[0]["error"]
    assert not list((tmp_path / "rdc").rglob("*.part"))


def test_what_is_done_is_not_done_again(tmp_path):
    archive(tmp_path / "in", 3)
    made = job(tmp_path / "rdc")
    shard = next(batch.shards(batch.listing([str(tmp_path / "in")], made), 3))
    reports = str(tmp_path / "rdc/.rdcodec-batch/x")
    first = batch.do_shard(shard, made, reports)
    # As if the worker had been lost before its end.
    report = tmp_path / f"rdc/.rdcodec-batch/x/{batch.shard_key(shard, made)}.jsonl"
    report.rename(report.with_suffix(".part.jsonl"))
    outputs = {path: path.stat().st_mtime_ns for path in (tmp_path / "rdc").rglob("*.rdc")}
    (tmp_path / "in/p0.png").write_bytes(png(99))
    next(path for path in outputs if path.name == "p0.rdc").unlink()
    second = batch.do_shard(shard, made, reports)
    assert [r["status"] for r in second] == ["done"] * 3
    assert {r["sha256"] for r in first} != {r["sha256"] for r in second}
    kept = [path for path in outputs if path.name != "p0.rdc"]
    assert all(path.stat().st_mtime_ns == outputs[path] for path in kept)
    assert [json.loads(line) for line in report.read_text().splitlines()] == second


def test_nothing_is_overwritten_unless_asked(tmp_path):
    archive(tmp_path / "in", 1)
    target = tmp_path / "rdc/p0.rdc"
    target.parent.mkdir()
    target.write_bytes(b"mine")
    (record,) = work(tmp_path / "in", job(tmp_path / "rdc"))
    assert record["status"] == "failed" and target.read_bytes() == b"mine"
    (record,) = work(tmp_path / "in", job(tmp_path / "rdc", replaces=True))
    assert record["status"] == "done" and target.read_bytes() != b"mine"


def test_archives_keep_what_is_no_picture(tmp_path):
    (tmp_path / "in").mkdir()
    with tarfile.open(tmp_path / "in/a.tar", "w") as tar:
        for name, data in (("0.png", png(0)), ("0.json", b"{}"), ("1.png", png(1))):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    (record,) = work(tmp_path / "in", job(tmp_path / "rdc"))
    assert record["status"] == "done"
    with tarfile.open(tmp_path / "rdc/a.tar") as tar:
        assert tar.getnames() == ["0.rdc", "0.json", "1.rdc"]
        assert rdcodec.read_info(tar.extractfile("1.rdc").read()).width == 16
        assert tar.extractfile("0.json").read() == b"{}"


def test_archives_that_would_lose_something(tmp_path):
    (tmp_path / "in").mkdir()
    with tarfile.open(tmp_path / "in/a.tar", "w") as tar:
        for name in ("a.png", "b.png"):
            member = tarfile.TarInfo(name)
            member.size = len(png(0))
            tar.addfile(member, io.BytesIO(png(0)))
    whole = (tmp_path / "in/a.tar").read_bytes()
    second = whole.index(b"b.png")
    for damaged in (
        whole[:second] + b"\xff" * 200 + whole[second + 200 :],
        whole[: second + 300],
        whole[:second].replace(b"a.png", b"b.png") + whole[second:],
    ):
        (tmp_path / "in/a.tar").write_bytes(damaged)
        (record,) = work(tmp_path / "in", job(tmp_path / "rdc"))
        assert record["status"] == "failed"


def test_outputs_that_would_be_one(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a.png", "a.ppm", "a.png::b.png"):
        (tmp_path / "in" / name).write_bytes(png(0))
    summary = batch.Summary()
    items = batch.listing([str(tmp_path / "in")], job(tmp_path / "rdc"))
    kept = list(batch._distinct(items, job(tmp_path / "rdc"), summary))
    assert len(kept) == 2 and summary.failed == 1
    records = batch.do_shard(kept, job(tmp_path / "rdc"), None)
    assert (tmp_path / "rdc/a.png::b.rdc").exists(), records


def test_a_destination_among_the_sources_is_refused(tmp_path, capsys):
    source = tmp_path / "source"
    source.mkdir()
    for destination in (source, source / "packed", source / ".." / "source" / "packed"):
        assert batch.main([str(source), str(destination)]) == 2
        assert "lies in" in capsys.readouterr().err
    assert not list(source.iterdir())


def test_a_list_of_paths(tmp_path):
    archive(tmp_path / "in", 2)
    paths = [str(path) for path in (tmp_path / "in").rglob("*.png")]
    (tmp_path / "list.txt").write_text("\n".join(paths) + "\n")
    items = list(batch.listing([f"@{tmp_path / 'list.txt'}"], job(tmp_path / "rdc")))
    assert [item.path for item in items] == paths


def test_another_store(tmp_path):
    archive(tmp_path / "in", 2)
    made = batch.Job("compress", "memory://rdc", {"effort": 1}, False)
    items = batch.listing([str(tmp_path / "in")], made)
    records = batch.do_shard(list(items), made, "memory://rdc/reports")
    assert all(record["status"] == "done" for record in records)
    assert rdcodec.read_info(batch._read("memory://rdc/p0.rdc")).width == 16


@WITH_CLUSTER
def test_two_nodes_lose_a_worker_and_a_driver(tmp_path):
    """2000 files: a worker is killed mid-way, the driver too, and started again."""
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    source, target = tmp_path / "in", tmp_path / "rdc"
    source.mkdir()
    pictures = [png(seed, (24, 24, 3)) for seed in range(50)]
    for index in range(2000):
        (source / f"{index:04}.png").write_bytes(pictures[index % 50])
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    cluster.add_node(num_cpus=1)
    command = [sys.executable, "-m", "rdcodec.batch", "--effort", "1", "--shard-size", "100", "-q"]
    command += ["--address", cluster.address, str(source), str(target)]
    start = time.monotonic()
    try:
        driver = subprocess.Popen(command)
        _wait_for(lambda: len(list(target.rglob("*.rdc"))) >= 300)
        _wait_for(_kill_a_worker)
        _wait_for(lambda: len(list(target.rglob("*.rdc"))) >= 800)
        driver.kill()
        driver.wait()
        result = subprocess.run(command, capture_output=True, text=True, timeout=900)
    finally:
        ray.shutdown()
        cluster.shutdown()
    seconds = time.monotonic() - start
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.startswith("2000 files, 0 failed")
    reports = [path for path in target.rglob("*.jsonl") if ".part" not in path.name]
    lines = [json.loads(line) for path in reports for line in path.read_text().splitlines()]
    assert len(reports) == 20 and len({line["source"] for line in lines}) == len(lines) == 2000
    outputs = sorted(target.rglob("*.rdc"))
    assert len(outputs) == 2000 and not list(target.rglob("*.part"))
    assert all(path.read_bytes() == outputs[i % 50].read_bytes() for i, path in enumerate(outputs))
    print(f"2000 files in {seconds:.0f} s, a worker and a driver lost")


def _kill_a_worker():
    """Whether one was at work, by its title: Ray names workers by what they do."""
    found = subprocess.run(["pgrep", "-f", "ray::do_shard"], capture_output=True, text=True)
    for word in found.stdout.split():
        try:
            os.kill(int(word), signal.SIGKILL)
            return True
        except ProcessLookupError:
            continue
    return False


def _wait_for(condition, seconds=600):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)
