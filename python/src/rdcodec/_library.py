"""The functions of rdcodec.h, by ctypes, which releases the GIL while they run."""

from __future__ import annotations

import ctypes
import os
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char,
    c_char_p,
    c_double,
    c_int32,
    c_size_t,
    c_uint8,
    c_uint32,
    c_uint64,
    c_void_p,
)
from pathlib import Path

from . import errors

PROGRESS = CFUNCTYPE(c_int32, c_void_p, c_double)


class CError(Structure):
    _fields_ = [("code", c_int32), ("message", c_char * 508)]


class CLimits(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("dimension", c_uint64),
        ("pixels", c_uint64),
        ("metadata_bytes", c_uint64),
        ("memory_bytes", c_uint64),
    ]


class CInfo(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("width", c_uint32),
        ("height", c_uint32),
        ("channels", c_uint32),
        ("depth", c_uint32),
        ("peak", c_uint32),
        ("is_lossless", c_int32),
        ("maximum_error", c_int32),
        ("has_preview", c_int32),
        ("has_palette", c_int32),
        ("keeps_jpeg", c_int32),
        ("quality", c_double),
        ("format_version", c_uint32),
        ("pixels_per_metre_x", c_uint32),
        ("pixels_per_metre_y", c_uint32),
        ("pixels_per_metre_is_ratio", c_int32),
        ("cicp", c_uint8 * 4),
        ("has_cicp", c_int32),
    ]


class CDecodeOptions(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("layer", c_int32),
        ("x", c_uint32),
        ("y", c_uint32),
        ("width", c_uint32),
        ("height", c_uint32),
        ("channels", c_uint32),
        ("bits", c_uint32),
        ("threads", c_uint32),
        ("progress", PROGRESS),
        ("context", c_void_p),
    ]


class CLayout(Structure):
    _fields_ = [
        ("width", c_uint32),
        ("height", c_uint32),
        ("channels", c_uint32),
        ("sample_bytes", c_uint32),
        ("depth", c_uint32),
        ("peak", c_uint32),
        ("row_bytes", c_size_t),
    ]


class COutput(Structure):
    _fields_ = [("bytes", POINTER(c_uint8)), ("count", c_size_t), ("notes", c_char_p)]


class CImage(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("width", c_uint32),
        ("height", c_uint32),
        ("channels", c_uint32),
        ("depth", c_uint32),
        ("peak", c_uint32),
        ("pixels", c_void_p),
        ("stride", c_size_t),
        ("icc", c_char_p),
        ("icc_count", c_size_t),
        ("exif", c_char_p),
        ("exif_count", c_size_t),
        ("xmp", c_char_p),
        ("xmp_count", c_size_t),
        ("pixels_per_metre_x", c_uint32),
        ("pixels_per_metre_y", c_uint32),
    ]


class CEncodeOptions(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("mode", c_int32),
        ("value", c_double),
        ("effort", c_int32),
        ("preview", c_double),
        ("tune", c_int32),
        ("keeps_hidden_color", c_int32),
        ("allows_exact", c_int32),
        ("verifies", c_int32),
        ("recovers_source", c_int32),
        ("strips_metadata", c_int32),
        ("memory_bytes", c_uint64),
        ("threads", c_uint32),
        ("progress", PROGRESS),
        ("context", c_void_p),
    ]


_FUNCTIONS = {
    "rdcodec_version": (c_char_p, []),
    "rdcodec_format_version": (c_uint32, []),
    "rdcodec_limits_init": (None, [POINTER(CLimits)]),
    "rdcodec_decode_options_init": (None, [POINTER(CDecodeOptions)]),
    "rdcodec_encode_options_init": (None, [POINTER(CEncodeOptions)]),
    "rdcodec_image_init": (None, [POINTER(CImage)]),
    "rdcodec_open": (c_void_p, [c_void_p, c_size_t, POINTER(CLimits), POINTER(CError)]),
    "rdcodec_close": (None, [c_void_p]),
    "rdcodec_get_info": (c_int32, [c_void_p, POINTER(CInfo), POINTER(CError)]),
    "rdcodec_get_metadata": (
        c_int32,
        [c_void_p, c_int32, POINTER(POINTER(c_uint8)), POINTER(c_size_t), POINTER(CError)],
    ),
    "rdcodec_decode_layout": (
        c_int32,
        [c_void_p, POINTER(CDecodeOptions), POINTER(CLayout), POINTER(CError)],
    ),
    "rdcodec_decode": (
        c_int32,
        [c_void_p, POINTER(CDecodeOptions), c_void_p, c_size_t, POINTER(CError)],
    ),
    "rdcodec_output_free": (None, [POINTER(COutput)]),
    "rdcodec_decode_jpeg": (
        c_int32,
        [c_void_p, POINTER(CDecodeOptions), POINTER(COutput), POINTER(CError)],
    ),
    "rdcodec_decode_file": (
        c_int32,
        [c_void_p, POINTER(CDecodeOptions), c_char_p, POINTER(COutput), POINTER(CError)],
    ),
    "rdcodec_encode": (
        c_int32,
        [POINTER(CImage), POINTER(CEncodeOptions), POINTER(COutput), POINTER(CError)],
    ),
    "rdcodec_encode_file": (
        c_int32,
        [
            c_void_p,
            c_size_t,
            POINTER(CLimits),
            POINTER(CEncodeOptions),
            POINTER(COutput),
            POINTER(CError),
        ],
    ),
}


def _load() -> ctypes.CDLL:
    # A wheel brings its own library; a checkout takes the one that the variable names.
    beside = Path(__file__).with_name("librdcodec.so.0")
    given = os.environ.get("RDCODEC_LIBRARY")
    library = ctypes.CDLL(given or (str(beside) if beside.exists() else "librdcodec.so.0"))
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return library


library = _load()


def check(code: int, failure: CError) -> None:
    """Raises the exception of a code that is not success."""
    if code:
        raise errors.error(code, failure.message.decode("utf-8", "replace"))


def taken(output: COutput) -> tuple[bytes, list[str]]:
    """Bytes and notes of an output, which is freed."""
    try:
        data = ctypes.string_at(output.bytes, output.count)
        notes = (output.notes or b"").decode("utf-8", "replace")
    finally:
        library.rdcodec_output_free(ctypes.byref(output))
    return data, notes.split("\n") if notes else []


def library_version() -> str:
    """The version of the native library."""
    return library.rdcodec_version().decode()


def library_format_version() -> int:
    """The version of the format, the only one that is written and read."""
    return library.rdcodec_format_version()
