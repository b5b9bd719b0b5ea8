"""Chunks of real Zarr arrays."""

import numpy as np
import pytest

import rdcodec

zarr = pytest.importorskip("zarr")


def volume(shape, dtype=np.uint8):
    return (np.indices(shape).sum(0) * 3 % 251).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape, chunks", [((3, 70, 80, 3), (1, 40, 40, 3)), ((70, 80), (32, 32))])
def test_zarr_3(tmp_path, shape, chunks, dtype):
    from rdcodec.zarr import RdcodecCodec

    array = volume(shape, dtype)
    store = zarr.create_array(
        tmp_path / "a.zarr",
        shape=shape,
        chunks=chunks,
        dtype=array.dtype,
        serializer=RdcodecCodec(options={"effort": 1}),
        compressors=None,
    )
    store[:] = array
    again = zarr.open_array(tmp_path / "a.zarr")
    assert np.array_equal(again[:], array)
    again[..., 5:9, 5:9] = 0 if len(shape) == 2 else again[..., 5:9, 5:9]
    assert again[:].shape == shape
    chunk = next(path for path in (tmp_path / "a.zarr" / "c").rglob("*") if path.is_file())
    assert rdcodec.read_info(chunk).is_lossless


def test_numcodecs():
    from numcodecs import get_codec
    from numcodecs.registry import register_codec

    from rdcodec.numcodecs import Rdcodec

    register_codec(Rdcodec)
    codec = get_codec({"id": "rdcodec", "effort": 1})
    array = volume((1, 30, 40, 3))
    data = codec.encode(array)
    assert np.array_equal(codec.decode(data), array[0])
    out = np.empty_like(array)
    codec.decode(data, out=out)
    assert np.array_equal(out, array)
    assert codec.get_config() == {"id": "rdcodec", "threads": 1, "effort": 1}


def test_arrays_by_columns():
    from rdcodec.numcodecs import Rdcodec

    codec = Rdcodec(effort=1)
    array = np.asfortranarray(volume((30, 40)))
    out = np.empty_like(array)
    codec.decode(codec.encode(array), out=out)
    assert np.array_equal(out, array)
    with pytest.raises(TypeError):
        codec.encode(volume((4, 4), np.uint16).astype(">u2"))
