"""A codec for numcodecs and Zarr 2: chunks of pictures, exact or lossy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numcodecs.abc import Codec
from numcodecs.compat import ensure_ndarray, ndarray_copy

from . import _codec


class Rdcodec(Codec):
    """Chunks whose last axes, after dropping those of length 1, are an image's.

    Options are those of `rdcodec.encode` that a file can say: numbers, words and truth values.
    """

    codec_id = "rdcodec"

    def __init__(self, **options: Any) -> None:
        self.options = {"threads": 1, **options}

    def encode(self, buf: Any) -> bytes:
        array = ensure_ndarray(buf)
        if not array.dtype.isnative:
            raise TypeError("samples must be in the machine's order of bytes")
        # As it lies in memory: columns first is a picture on its side.
        if array.flags.f_contiguous and not array.flags.c_contiguous:
            array = array.T
        return _codec.encode(as_picture(array), **self.options)

    def decode(self, buf: Any, out: Any = None) -> Any:
        array = _codec.decode(np.frombuffer(buf, np.uint8), threads=self.options["threads"])
        return array if out is None else ndarray_copy(array, out)

    def get_config(self) -> dict[str, Any]:
        return {"id": self.codec_id, **self.options}


def as_picture(array: Any) -> Any:
    """The array without axes of length 1 in front of an image."""
    while array.ndim > 2 and array.shape[0] == 1:
        array = array[0]
    return array
