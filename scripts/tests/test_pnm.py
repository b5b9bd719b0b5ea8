import numpy as np
import pytest

import pnm


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_reads_what_was_written(channels, kind, tmp_path):
    peak = np.iinfo(kind).max
    samples = (np.arange(10 * 10 * channels) * 7919 % (peak + 1)).astype(kind)
    samples = samples.reshape(10, 10, channels)
    path = tmp_path / f"a{pnm.extension(samples)}"
    pnm.write(path, samples)
    found, found_peak = pnm.read(path)
    assert found_peak == peak
    assert np.array_equal(found, samples)


def test_header_in_one_line_and_samples_that_look_like_space(tmp_path):
    path = tmp_path / "a.pgm"
    path.write_bytes(b"P5 3 3 9\n\n\n\n 123 9")
    found, peak = pnm.read(path)
    assert (found.shape, peak) == ((3, 3, 1), 9)
    assert found.tobytes() == b"\n\n\n 123 9"
