"""Arrays to bytes and back."""

import copy
import io
import multiprocessing
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest

import rdcodec

RNG = np.random.default_rng(7)


def picture(shape, dtype=np.uint8):
    """A smooth picture with some noise."""
    rows, columns = np.indices(shape[:2])
    base = rows * 3 + columns * 2
    if len(shape) == 3:
        base = base[:, :, np.newaxis] + np.arange(shape[2]) * 40
    noise = RNG.integers(0, 8, shape)
    return (base + noise).astype(dtype) if dtype == np.uint8 else (base * 91 + noise).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(
    "shape", [(1, 1), (19, 23), (19, 23, 1), (19, 23, 2), (19, 23, 3), (19, 23, 4)]
)
def test_every_sample_comes_back(shape, dtype):
    array = picture(shape, dtype)
    data = rdcodec.encode(array)
    decoded = rdcodec.decode(data)
    assert decoded.dtype == dtype
    assert np.array_equal(decoded, array.reshape(decoded.shape))
    info = rdcodec.read_info(data)
    assert info.shape == decoded.shape and info.dtype == decoded.dtype and info.is_lossless


def test_views_of_any_strides():
    array = picture((40, 50, 3))
    for view in (array[::2], array[::-1], array[:, ::-1], array[:, 5:20], array[..., ::-1]):
        assert np.array_equal(rdcodec.decode(rdcodec.encode(view)), view)
    transposed = array.transpose(1, 0, 2)
    assert np.array_equal(rdcodec.decode(rdcodec.encode(transposed)), transposed)
    big = picture((9, 9), np.uint16).astype(">u2")
    assert np.array_equal(rdcodec.decode(rdcodec.encode(big)), big)
    assert np.array_equal(rdcodec.decode(rdcodec.encode(array[:, :, 1])), array[:, :, 1])


def test_depth_and_peak():
    array = picture((9, 9), np.uint16) % 1000
    data = rdcodec.encode(array, depth=10, peak=999)
    info = rdcodec.read_info(data)
    assert (info.depth, info.peak) == (10, 999)
    assert np.array_equal(rdcodec.decode(data), array)
    scaled = rdcodec.decode(data, bits=8)
    assert scaled.dtype == np.uint8
    assert np.array_equal(scaled, (array.astype(int) * 255 + 499) // 999)


def test_channels_are_added():
    grey = picture((9, 9))
    data = rdcodec.encode(grey)
    rgba = rdcodec.decode(data, channels=4)
    assert np.array_equal(rgba[:, :, 1], grey) and (rgba[:, :, 3] == 255).all()
    with pytest.raises(rdcodec.InvalidError):
        rdcodec.decode(rdcodec.encode(picture((9, 9, 3))), channels=1)


def test_region_and_out():
    array = picture((60, 70, 3))
    data = rdcodec.encode(array)
    wanted = array[10:30, 20:65]
    assert np.array_equal(rdcodec.decode(data, region=(20, 10, 45, 20)), wanted)
    canvas = np.zeros((100, 100, 3), np.uint8)
    result = rdcodec.decode(data, out=canvas[5:65, 10:80])
    assert np.array_equal(canvas[5:65, 10:80], array) and np.shares_memory(result, canvas)
    assert not canvas[:5].any() and not canvas[:, :10].any()
    with pytest.raises(rdcodec.InvalidError):
        rdcodec.decode(data, out=np.zeros((60, 70), np.uint8))
    with pytest.raises(rdcodec.InvalidError):
        rdcodec.decode(data, out=np.zeros((60, 140, 3), np.uint8)[:, ::2])
    for region in ((0, 0, 71, 1), (-1, 0, 3, 3), (0, 0, 0, 4)):
        with pytest.raises(rdcodec.InvalidError):
            rdcodec.decode(data, region=region)


def test_lossy_and_bounds():
    array = picture((64, 64, 3))
    lossy = rdcodec.encode(array, quality=40, allow_exact=False)
    assert not rdcodec.read_info(lossy).is_lossless
    assert rdcodec.decode(lossy).shape == array.shape
    near = rdcodec.decode(rdcodec.encode(array, max_error=2))
    assert np.abs(near.astype(int) - array).max() <= 2
    assert len(rdcodec.encode(array, target_bytes=1500)) <= 1500
    with pytest.raises(rdcodec.InvalidError, match="exclude"):
        rdcodec.encode(array, quality=3, max_error=1)
    with pytest.raises(rdcodec.UnreachableError):
        rdcodec.encode(array, target_bytes=10)


def test_preview_is_optional():
    array = picture((64, 64, 3))
    with_preview = rdcodec.encode(array, preview=30.0)
    assert rdcodec.decode(with_preview, layer="preview").shape == array.shape
    without = rdcodec.encode(array, preview=False)
    with pytest.raises(rdcodec.AbsentError):
        rdcodec.decode(without, layer="preview")


def test_threads_never_change_bytes():
    array = picture((300, 400, 3))
    assert len({rdcodec.encode(array, threads=count) for count in (1, 2, 5)}) == 1


def test_metadata():
    array = picture((5, 5, 3))
    data = rdcodec.encode(
        array, exif=b"II*\0\x08\0\0\0\0\0\0\0\0\0", xmp=b"<x/>", resolution=(3937, 3937)
    )
    file = rdcodec.open(io.BytesIO(data))
    assert file.exif.startswith(b"II*") and file.xmp == b"<x/>" and file.icc_profile is None
    assert file.info.resolution == (3937, 3937)


def test_files(tmp_path):
    array = picture((12, 13, 3))
    path = tmp_path / "a.rdc"
    rdcodec.save(path, array)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.rdc"]
    assert np.array_equal(rdcodec.open(path).decode(), array)
    assert rdcodec.read_info(str(path)).width == 13
    png = rdcodec.decode_file(path.read_bytes(), "png")
    assert png.startswith(b"\x89PNG")
    assert np.array_equal(rdcodec.decode(rdcodec.encode_file(png)), array)
    with pytest.raises(FileNotFoundError):
        rdcodec.open(tmp_path / "none.rdc")
    with pytest.raises(rdcodec.InvalidError):
        rdcodec.decode_file(path.read_bytes(), "gif")


def test_errors():
    data = rdcodec.encode(picture((30, 30, 3)))
    with pytest.raises(rdcodec.OtherFormatError, match="PNG") as caught:
        rdcodec.decode(b"\x89PNG\r\n\x1a\n" + b"0" * 40)
    assert caught.value.code == 2 and isinstance(caught.value, ValueError)
    with pytest.raises(rdcodec.DamagedError):
        rdcodec.decode(data[:-3])
    with pytest.raises(rdcodec.LimitError):
        rdcodec.decode(data, limits=rdcodec.Limits(pixels=10))
    with pytest.raises(TypeError):
        rdcodec.decode("a.rdc")
    for wrong in (np.zeros((2, 2)), np.zeros((2, 2), bool), np.zeros((2, 2), np.int16)):
        with pytest.raises(TypeError):
            rdcodec.encode(wrong)
    for wrong in (np.zeros((2, 2, 5), np.uint8), np.zeros((0, 2), np.uint8), np.zeros(3, np.uint8)):
        with pytest.raises(rdcodec.InvalidError):
            rdcodec.encode(wrong)
    with pytest.raises(rdcodec.InvalidError):
        rdcodec.encode(np.full((2, 2), 9, np.uint8), depth=3)
    with pytest.raises(rdcodec.InvalidError):
        rdcodec.encode(picture((4, 4)), effort=10)


def test_progress_and_cancellation():
    array = picture((64, 64, 3))
    seen = []
    rdcodec.encode(array, progress=seen.append)
    assert seen and max(seen) == 1 and min(seen) >= 0
    with pytest.raises(rdcodec.CancelledError):
        rdcodec.encode(array, progress=lambda fraction: False)

    def fail(fraction):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rdcodec.decode(rdcodec.encode(array), progress=fail)


def test_many_threads_at_once():
    array = picture((64, 64, 3))
    data = rdcodec.encode(array)
    wrong = []

    def work():
        for _ in range(10):
            if not np.array_equal(rdcodec.decode(data, threads=2), array):
                wrong.append(1)

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong


def _decodes(data):
    return int(rdcodec.decode(data, threads=2).sum())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_goes_on():
    array = picture((64, 64, 3))
    data = rdcodec.encode(array, threads=2)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        sums = pool.map_async(_decodes, [data] * 4).get(timeout=60)
    assert sums == [int(array.sum())] * 4


def test_copies_are_the_file_itself():
    file = rdcodec.open(io.BytesIO(rdcodec.encode(picture((9, 9, 3)))))
    other = copy.copy(file)
    twin = copy.deepcopy(file)
    del file
    assert np.array_equal(other.decode(), twin.decode())
    with pytest.raises(TypeError):
        pickle.dumps(other)


def test_numbers_do_not_wrap():
    array = picture((4, 4, 3))
    for options in (
        {"effort": (1 << 32) + 5},
        {"depth": (1 << 32) + 8},
        {"peak": (1 << 32) + 255},
        {"resolution": (-1, 5)},
    ):
        with pytest.raises(rdcodec.InvalidError):
            rdcodec.encode(array, **options)
    with pytest.raises(rdcodec.InvalidError):
        rdcodec.decode(rdcodec.encode(array), limits=rdcodec.Limits(pixels=1 << 64))


def test_one_row_of_any_stride():
    array = picture((5, 6, 3))
    assert np.array_equal(rdcodec.decode(rdcodec.encode(array[::-1][:1])), array[-1:])
    out = np.zeros((5, 6, 3), np.uint8)
    rdcodec.decode(rdcodec.encode(array[-1:]), out=out[::-1][:1])
    assert np.array_equal(out[-1:], array[-1:])


def test_exif_as_jpeg_files_have_it():
    tiff = b"II*\0\x08\0\0\0\0\0\0\0\0\0"
    data = rdcodec.encode(picture((4, 4)), exif=b"Exif\0\0" + tiff)
    assert rdcodec.open(io.BytesIO(data)).exif == tiff


def test_unknown_options_are_refused():
    with pytest.raises(TypeError, match="qualty"):
        rdcodec.encode(picture((4, 4)), qualty=3)


def test_no_memory_is_an_error():
    """In a process of its own, which has little of it."""
    script = """
import resource, numpy, rdcodec
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
for side in (20_000, 1 << 30):
    try:
        rdcodec.encode(numpy.broadcast_to(numpy.zeros((1, 1), numpy.uint8), (side, side)), effort=1)
    except MemoryError:
        print("refused")
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stdout.split() == ["refused"] * 2, result.stderr
