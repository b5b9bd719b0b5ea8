"""A codec for Zarr 3, which turns a chunk into an .rdc file and back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from zarr.abc.codec import ArrayBytesCodec
from zarr.core.array_spec import ArraySpec
from zarr.core.buffer import Buffer, NDBuffer
from zarr.registry import register_codec

from . import _codec
from .numcodecs import as_picture

_NAME = "rdcodec"


@dataclass(frozen=True)
class RdcodecCodec(ArrayBytesCodec):
    """Chunks of uint8 or uint16 that are (height, width) or (height, width, 1 to 4), after axes of length 1.

    `options`: those of `rdcodec.encode` that JSON can hold.
    """

    is_fixed_size = False
    options: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> RdcodecCodec:
        return cls(options=dict(data.get("configuration", {})))

    def to_dict(self) -> dict[str, Any]:
        return {"name": _NAME, "configuration": dict(self.options)}

    async def _encode_single(self, chunk_array: NDBuffer, chunk_spec: ArraySpec) -> Buffer:
        picture = as_picture(chunk_array.as_numpy_array())
        data = await asyncio.to_thread(_codec.encode, picture, **{"threads": 1, **self.options})
        return chunk_spec.prototype.buffer.from_bytes(data)

    async def _decode_single(self, chunk_bytes: Buffer, chunk_spec: ArraySpec) -> NDBuffer:
        data = chunk_bytes.to_bytes()
        threads = self.options.get("threads", 1)
        array = await asyncio.to_thread(_codec.decode, data, threads=threads)
        shape, dtype = tuple(chunk_spec.shape), chunk_spec.dtype.to_native_dtype()
        if array.size != np.prod(shape) or array.dtype != dtype:
            raise ValueError(
                f"a chunk of {array.shape} and {array.dtype} is none of {shape} and {dtype}"
            )
        return chunk_spec.prototype.nd_buffer.from_numpy_array(array.reshape(chunk_spec.shape))

    def compute_encoded_size(self, input_byte_length: int, chunk_spec: ArraySpec) -> int:
        raise NotImplementedError("what a picture comes to is not known before")


register_codec(_NAME, RdcodecCodec)
