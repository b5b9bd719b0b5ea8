import shutil
from argparse import Namespace

import numpy as np
import pytest
from PIL import Image

import compare_speed
import contestants

RAMP = np.add.outer(np.arange(48) * 3, np.arange(64) * 2).astype(np.uint8)


def record(run, number, cpu, file="a", size=100, **more):
    cost = {"cpu": cpu, "elapsed": 2 * cpu, "peak": 1000}
    return {
        "file": file, "pixels": 10**6, "round": number, "run": run, "bytes": size,
        "encode": cost, "decode": cost | {"peak": None}, "exact": True, **more,
    }  # fmt: skip


def test_ratios_are_of_the_sums_of_one_round():
    records = [record("a", n, 2) for n in range(3)]
    records += [record("b", n, cpu, size=50) for n, cpu in enumerate([1, 4, 3])]
    records += [record(run, n, 2, file="c") for n in range(3) for run in "ab"]
    a, b = (compare_speed.sums(records, run) for run in "ab")
    assert compare_speed.ratios(b, a, "encode cpu") == (5 / 4, 3 / 4, 6 / 4)
    assert compare_speed.ratios(b, a, "bytes")[0] == 150 / 200
    assert compare_speed.ratios(b, a, "decode peak") is None
    assert compare_speed.megapixels_per_second(records, "a", "encode cpu") == 2 / 4
    lines = list(compare_speed.table(records, ["a", "b"], "a", 1))
    assert "1.250 (0.750-1.500)" in lines[2]
    assert len(lines) == 8


def test_psnr_is_of_colours_that_show():
    before = np.full((4, 4, 4), 65535, np.uint16)
    after = before.copy()
    before[0, 0, 3] = 0
    after[0, 0, :3] = 0
    assert compare_speed.quality(before, after) == np.inf
    after[1, 1, 0] -= 257
    assert compare_speed.quality(before, after) == pytest.approx(10 * np.log10(255**2 * 45))
    records = [record("a", 0, 1, psnr=40.0), record("a", 0, 1, file="c", psnr=42.0)]
    records += [record("b", 0, 1), record("b", 0, 1, file="c")]
    lines = list(compare_speed.table(records, ["a", "b"], "a", 1))
    assert "PSNR" in lines[0] and " 41.00 " in lines[1] and " - " in lines[2]


def test_a_picture_that_one_fails_at_counts_for_none():
    records = [record("a", 0, 1), record("a", 0, 1, file="c"), record("b", 0, 1, file="c")]
    records += [{"file": "a", "round": 0, "run": "b", "failure": "stores no 16 bits"}]
    assert {r["file"] for r in compare_speed.common(records)} == {"c"}
    assert list(compare_speed.faults(records)) == ["b: a: left out for all: stores no 16 bits"]
    records.append(record("b", 1, 1, file="c", exact=False))
    assert compare_speed.common(records) == []


def test_the_same_picture_in_any_form_is_the_same(tmp_path):
    grey, rgb = tmp_path / "grey.png", tmp_path / "rgb.png"
    Image.fromarray(RAMP).save(grey)
    Image.fromarray(np.dstack([RAMP] * 3)).save(rgb)
    np.save(tmp_path / "a.npy", RAMP[..., None])
    forms = [compare_speed.read(path) for path in (grey, rgb, tmp_path / "a.npy")]
    assert all(compare_speed.same(forms[0], form) for form in forms)
    forms[1][5, 5, 1] += 1
    assert not compare_speed.same(forms[0], forms[1])


def test_a_transparent_colour_is_alpha(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(RAMP).save(path, transparency=6)
    alpha = compare_speed.read(path)[..., 3]
    assert np.array_equal(alpha == 0, RAMP == 6)


@pytest.mark.parametrize("files", ["png", "pnm"])
@pytest.mark.parametrize("setting", ["imagecodecs:1", "imagecodecs:1@2", "cjxl:1", "cwebp:0"])
def test_programs_run_and_give_the_picture_back(setting, files, tmp_path):
    runners = contestants.parse(setting)
    if isinstance(runners, str):
        pytest.skip(runners)
    path = tmp_path / "a picture.png"
    Image.fromarray(np.dstack([RAMP, RAMP, RAMP[::-1]])).save(path)
    settings = Namespace(files=files, rounds=2, threads=1)
    records = list(compare_speed.Turns(runners, settings, tmp_path).run(path))
    assert [r["round"] for r in records] == [0, 1]
    for found in records:
        assert found.get("exact") or found["psnr"] > 25, found
        assert found["bytes"] > 0 and found["encode"]["cpu"] >= 0


@pytest.mark.skipif(not shutil.which("false"), reason="no false")
def test_a_program_that_fails_is_named(tmp_path):
    runners = contestants.parse(f"bad={shutil.which('false')}")
    path = tmp_path / "a.png"
    Image.fromarray(RAMP).save(path)
    settings = Namespace(files="png", rounds=1, threads=1)
    (found,) = compare_speed.Turns(runners, settings, tmp_path).run(path)
    assert "exit status 1" in found["failure"]


def test_two_settings_of_one_name_are_refused():
    with pytest.raises(SystemExit, match="one name"):
        compare_speed.collect(["imagecodecs:1", "imagecodecs:1"])
