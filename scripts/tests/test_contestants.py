import shutil

import pytest

import contestants

RDCODEC = shutil.which("true")  # anything that runs


def test_efforts_make_several_contestants():
    found = contestants.parse(f"before={RDCODEC}:1,5 --no-verify")
    assert [runner.label for runner in found] == ["before 1 --no-verify", "before 5 --no-verify"]
    assert [runner.effort for runner in found] == ["1", "5"]
    assert all(runner.is_lossless and runner.kind is contestants.RDCODEC for runner in found)
    arguments = found[1].kind.encode(found[1], "a.png", "a.rdc", 2)
    assert arguments[:3] == ["compress", "a.png", "a.rdc"]
    assert arguments[-3:] == ["--effort", "5", "--no-verify"]


def test_without_efforts_a_program_takes_its_own():
    (found,) = contestants.parse(f"before={RDCODEC}@50")
    assert (found.label, found.is_lossless) == ("before@50", False)
    arguments = found.kind.encode(found, "a.png", "a.rdc", 1)
    assert "--effort" not in arguments
    assert arguments[-2:] == ["--quality", "50"]


@pytest.mark.parametrize("name", contestants.KINDS)
@pytest.mark.parametrize("quality", ["", "@40"])
def test_every_kind_names_both_files(name, quality):
    kind = contestants.KINDS[name]
    runner = contestants.Contestant(name, kind, "", "", "3", quality.removeprefix("@"))
    encode = kind.encode(runner, "in", "out", 1)
    assert {"in", "out"} <= set(encode)
    assert ("40" in " ".join(map(str, encode))) == bool(quality)
    assert {"in", "out"} <= set(kind.decode("in", "out", 2))


@pytest.mark.parametrize("text", ["", "unknown", "cjxl:x", ":1", "cjxl@"])
def test_bad_settings_are_named(text):
    with pytest.raises(ValueError, match="is n"):
        contestants.parse(text)


def test_missing_programs_are_words(monkeypatch):
    assert contestants.parse("before=/no/such:1") == "no program /no/such"
    monkeypatch.setenv("PATH", "")
    assert "libjxl-tools" in contestants.parse("cjxl:7")
