import sys

import pytest

import measured


def test_tells_time_memory_and_words():
    words = "a = b'1' * (200 << 20); sum(range(3_000_000)); print('no'); exit('why')"
    found = measured.run([sys.executable, "-c", words])
    assert found["status"] == 1
    assert found["message"] == "why"
    assert found["peak"] > 150e6
    assert 0 < found["cpu"] < found["elapsed"] + 1


def test_memory_of_this_process_does_not_count():
    held = b"\1" * (200 << 20)
    found = measured.run(["true"])
    assert found["status"] == 0
    assert found["peak"] < len(held) / 4


def test_a_program_that_is_not_there_is_an_error():
    with pytest.raises(OSError, match="no-such-program"):
        measured.run(["no-such-program"])
