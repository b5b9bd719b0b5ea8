"""Rate-distortion image files (.rdc), exact or lossy, from and to NumPy arrays.

>>> import numpy as np, rdcodec
>>> picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
>>> data = rdcodec.encode(picture)
>>> bool((rdcodec.decode(data) == picture).all())
True
"""

from ._codec import (
    EncodeOptions,
    Info,
    Limits,
    RdcFile,
    decode,
    decode_file,
    decode_jpeg,
    encode,
    encode_file,
    open,
    read_info,
    save,
)
from ._library import library_format_version, library_version
from .errors import (
    AbsentError,
    CancelledError,
    DamagedError,
    Error,
    InternalError,
    InvalidError,
    LimitError,
    Note,
    OtherFormatError,
    OutOfMemoryError,
    UnreachableError,
    UnsupportedError,
)

__all__ = [
    "AbsentError",
    "CancelledError",
    "DamagedError",
    "EncodeOptions",
    "Error",
    "Info",
    "InternalError",
    "InvalidError",
    "LimitError",
    "Limits",
    "Note",
    "OtherFormatError",
    "OutOfMemoryError",
    "RdcFile",
    "UnreachableError",
    "UnsupportedError",
    "decode",
    "decode_file",
    "decode_jpeg",
    "encode",
    "encode_file",
    "library_format_version",
    "library_version",
    "open",
    "read_info",
    "save",
]

__version__ = "0.1.0"
