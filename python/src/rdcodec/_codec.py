"""Arrays to .rdc files and back."""

from __future__ import annotations

import ctypes
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from . import _library as c
from ._files import write_aside
from .errors import AbsentError, CancelledError, InvalidError, Note

Array = NDArray[np.generic]
Data: TypeAlias = bytes | bytearray | memoryview | NDArray[np.uint8]
Source: TypeAlias = "str | os.PathLike[str] | BinaryIO"
Progress = Callable[[float], object]
Layer = Literal["full", "preview"]
Tune = Literal["psnr", "visual"]

_ICC, _EXIF, _XMP = 1, 2, 3


@dataclass(frozen=True)
class Limits:
    """What a file may make the library take; the defaults are the library's.

    `dimension`: largest width or height. `pixels`: largest width times height. `metadata_bytes`: of all
    metadata. `memory_bytes`: by an estimate from the header; 0 for no limit.
    """

    dimension: int = 1_000_000
    pixels: int = 1 << 28
    metadata_bytes: int = 64 << 20
    memory_bytes: int = 0

    def _structure(self) -> c.CLimits:
        limits = c.CLimits()
        c.library.rdcodec_limits_init(ctypes.byref(limits))
        for name in ("dimension", "pixels", "metadata_bytes", "memory_bytes"):
            setattr(limits, name, _whole(name, getattr(self, name), 0, (1 << 63) - 1))
        return limits


@dataclass(frozen=True)
class Info:
    """What a file holds, read from its header.

    `channels` and `depth` are those of decoded pixels: a palette or a transparent colour is applied. `peak`
    is the largest sample, white or opaque. `max_error` is how far samples may be from the original's, 0
    where the file is lossless or has no bound. `quality` is the lossy layer's, 0 where there is none.
    `resolution` is in pixels per metre, across and down.
    """

    width: int
    height: int
    channels: int
    depth: int
    peak: int
    is_lossless: bool
    max_error: int
    has_preview: bool
    has_palette: bool
    keeps_jpeg: bool
    quality: float
    format_version: int
    resolution: tuple[int, int] | None
    aspect: tuple[int, int] | None
    cicp: tuple[int, int, int, bool] | None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of what `decode` returns."""
        size = (self.height, self.width)
        return size if self.channels == 1 else (*size, self.channels)

    @property
    def dtype(self) -> np.dtype:
        """The type of what `decode` returns: uint8 up to a depth of 8, else uint16."""
        return np.dtype(np.uint8 if self.depth <= 8 else np.uint16)


class RdcFile:
    """An .rdc file whose header has been read. May be used from several threads at once."""

    def __init__(self, data: Data, limits: Limits | None = None) -> None:
        view = _bytes(data)
        failure = c.CError()
        self._handle = c.library.rdcodec_open(
            view.ctypes.data, view.size, _limits(limits), ctypes.byref(failure)
        )
        if not self._handle:
            c.check(failure.code, failure)
        self._info: Info | None = None

    def __del__(self) -> None:
        # The library may be gone before the last file at the end of a program.
        if getattr(self, "_handle", None) and c.library:
            c.library.rdcodec_close(self._handle)

    # What a file says never changes.
    def __copy__(self) -> RdcFile:
        return self

    def __deepcopy__(self, memo: object) -> RdcFile:
        return self

    def __reduce__(self):
        raise TypeError("an RdcFile cannot be pickled: hand over its bytes")

    def __repr__(self) -> str:
        return f"<rdcodec.RdcFile {self.info.width}×{self.info.height}>"

    @property
    def info(self) -> Info:
        """What the header says."""
        if self._info is None:
            self._info = self._read_info()
        return self._info

    def _read_info(self) -> Info:
        raw = c.CInfo(size=ctypes.sizeof(c.CInfo))
        failure = c.CError()
        c.check(
            c.library.rdcodec_get_info(self._handle, ctypes.byref(raw), ctypes.byref(failure)),
            failure,
        )
        across, down = raw.pixels_per_metre_x, raw.pixels_per_metre_y
        size = (across, down) if across and down else None
        return Info(
            width=raw.width,
            height=raw.height,
            channels=raw.channels,
            depth=raw.depth,
            peak=raw.peak,
            is_lossless=bool(raw.is_lossless),
            max_error=raw.maximum_error,
            has_preview=bool(raw.has_preview),
            has_palette=bool(raw.has_palette),
            keeps_jpeg=bool(raw.keeps_jpeg),
            quality=raw.quality,
            format_version=raw.format_version,
            resolution=None if raw.pixels_per_metre_is_ratio else size,
            aspect=size if raw.pixels_per_metre_is_ratio else None,
            cicp=(raw.cicp[0], raw.cicp[1], raw.cicp[2], bool(raw.cicp[3]))
            if raw.has_cicp
            else None,
        )

    @property
    def icc_profile(self) -> bytes | None:
        """The colour profile, if there is one."""
        return self._metadata(_ICC)

    @property
    def exif(self) -> bytes | None:
        """Exif as a TIFF file, if there is some."""
        return self._metadata(_EXIF)

    @property
    def xmp(self) -> bytes | None:
        """XMP, if there is some."""
        return self._metadata(_XMP)

    def _metadata(self, kind: int) -> bytes | None:
        data = ctypes.POINTER(ctypes.c_uint8)()
        count = ctypes.c_size_t()
        failure = c.CError()
        code = c.library.rdcodec_get_metadata(
            self._handle, kind, ctypes.byref(data), ctypes.byref(count), ctypes.byref(failure)
        )
        if code == AbsentError.code:
            return None
        c.check(code, failure)
        return ctypes.string_at(data, count.value)

    def decode(
        self,
        *,
        region: tuple[int, int, int, int] | None = None,
        layer: Layer = "full",
        channels: int | None = None,
        bits: Literal[8, 16] | None = None,
        out: Array | None = None,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> Array:
        """As `rdcodec.decode`."""
        options = _decode_options(region, layer, channels, bits, threads)
        layout = c.CLayout()
        failure = c.CError()
        c.check(
            c.library.rdcodec_decode_layout(
                self._handle, ctypes.byref(options), ctypes.byref(layout), ctypes.byref(failure)
            ),
            failure,
        )
        shape: tuple[int, ...] = (layout.height, layout.width)
        if layout.channels > 1:
            shape += (layout.channels,)
        dtype = np.dtype(np.uint8 if layout.sample_bytes == 1 else np.uint16)
        if out is None:
            out = np.empty(shape, dtype)
        _check_out(out, shape, dtype)
        with _watched(options, progress):
            c.check(
                c.library.rdcodec_decode(
                    self._handle,
                    ctypes.byref(options),
                    out.ctypes.data,
                    out.strides[0] if layout.height > 1 else layout.row_bytes,
                    ctypes.byref(failure),
                ),
                failure,
            )
        return out

    def jpeg(self, *, threads: int = 0, progress: Progress | None = None) -> bytes:
        """The JPEG file that the .rdc was made of, byte for byte; else `AbsentError`."""
        options = _decode_options(None, "full", None, None, threads)
        output, failure = c.COutput(), c.CError()
        with _watched(options, progress):
            c.check(
                c.library.rdcodec_decode_jpeg(
                    self._handle, ctypes.byref(options), ctypes.byref(output), ctypes.byref(failure)
                ),
                failure,
            )
        return c.taken(output)[0]

    def to_file(
        self,
        format: str = "png",
        *,
        region: tuple[int, int, int, int] | None = None,
        layer: Layer = "full",
        threads: int = 0,
        progress: Progress | None = None,
    ) -> bytes:
        """The picture with its metadata as a PNG, PNM or PAM file."""
        options = _decode_options(region, layer, None, None, threads)
        output, failure = c.COutput(), c.CError()
        with _watched(options, progress):
            c.check(
                c.library.rdcodec_decode_file(
                    self._handle,
                    ctypes.byref(options),
                    format.encode(),
                    ctypes.byref(output),
                    ctypes.byref(failure),
                ),
                failure,
            )
        return _told(c.taken(output))


class EncodeOptions(TypedDict, total=False):
    """What `encode` and `encode_file` have in common; none of the first six keeps every sample.

    `quality`: 1 (smallest) to 100. `max_error`: every colour sample within 1 to 16. `target_…`: at most so many
    bytes or bits per pixel, or at least that PSNR in dB or score. `effort`: 1 (fastest) to 9, 5 by default.
    `preview`: of lossless files; False for none, or its quality. `tune`: "psnr", or "visual" for the eye.
    `keep_hidden_color`: of pixels with alpha 0; by default not in lossy files. `allow_exact`: a lossy file may
    be exact where that is smaller. `verify`: decode and compare. `recover_source`: look for what the pixels
    were made from. `threads`: 0 for one per CPU; it never changes the bytes. `progress`: called with 0 to 1;
    returning False cancels.
    """

    quality: float | None
    max_error: int | None
    target_bytes: int | None
    target_bpp: float | None
    target_psnr: float | None
    target_ssimulacra2: float | None
    effort: int
    preview: bool | float
    tune: Tune
    keep_hidden_color: bool | None
    allow_exact: bool
    verify: bool
    recover_source: bool
    threads: int
    progress: Progress | None


def encode(
    array: Array,
    *,
    depth: int | None = None,
    peak: int | None = None,
    icc_profile: bytes | None = None,
    exif: bytes | None = None,
    xmp: bytes | None = None,
    resolution: tuple[int, int] | None = None,
    **options: Unpack[EncodeOptions],
) -> bytes:
    """Encodes an image, without loss unless `EncodeOptions` say otherwise.

    `array`: (height, width) for grey, or (height, width, channels) with 1 grey, 2 grey and alpha, 3 RGB or 4
    RGBA; uint8 or uint16. Views are taken as they are where rows hold pixels side by side. `depth`, `peak`: bits
    of a sample and the largest one, where they are not those of the type. `resolution`: pixels per metre.
    """
    picture = _pixels(array)
    image = c.CImage()
    c.library.rdcodec_image_init(ctypes.byref(image))
    image.height, image.width = picture.shape[:2]
    image.channels = picture.shape[2]
    image.depth = 8 * picture.itemsize if depth is None else _whole("depth", depth, 1, 16)
    if (image.depth > 8) != (picture.itemsize > 1):
        raise InvalidError(f"samples of {depth} bits in an array of {picture.dtype}")
    image.peak = _whole("peak", peak or 0, 0, 65535)
    image.pixels = picture.ctypes.data
    image.stride = picture.strides[0] if image.height > 1 else 0
    for name, data in (("icc", icc_profile), ("exif", exif), ("xmp", xmp)):
        if data is not None:
            # Other libraries keep Exif behind the mark that it has in JPEG files.
            copy = bytes(data).removeprefix(b"Exif\x00\x00" if name == "exif" else b"")
            setattr(image, name, copy)
            setattr(image, name + "_count", len(copy))
    if resolution is not None:
        across, down = (_whole("resolution", value, 1, (1 << 32) - 1) for value in resolution)
        image.pixels_per_metre_x, image.pixels_per_metre_y = across, down
    encoding = _encode_options(**options)
    output, failure = c.COutput(), c.CError()
    with _watched(encoding, options.get("progress")):
        c.check(
            c.library.rdcodec_encode(
                ctypes.byref(image),
                ctypes.byref(encoding),
                ctypes.byref(output),
                ctypes.byref(failure),
            ),
            failure,
        )
    return c.taken(output)[0]


def encode_file(
    data: Data,
    *,
    strip_metadata: bool = False,
    limits: Limits | None = None,
    **options: Unpack[EncodeOptions],
) -> bytes:
    """Encodes the bytes of a PNG, PNM, PAM or JPEG file with its metadata, as `rdcodec compress` does.

    Without loss a JPEG file is kept byte for byte. Warns of what is left out, such as an animation.
    """
    encoding = _encode_options(**options)
    encoding.strips_metadata = strip_metadata
    view = _bytes(data)
    output, failure = c.COutput(), c.CError()
    with _watched(encoding, options.get("progress")):
        c.check(
            c.library.rdcodec_encode_file(
                view.ctypes.data,
                view.size,
                _limits(limits),
                ctypes.byref(encoding),
                ctypes.byref(output),
                ctypes.byref(failure),
            ),
            failure,
        )
    return _told(c.taken(output))


def decode(
    data: Data,
    *,
    region: tuple[int, int, int, int] | None = None,
    layer: Layer = "full",
    channels: int | None = None,
    bits: Literal[8, 16] | None = None,
    out: Array | None = None,
    limits: Limits | None = None,
    threads: int = 0,
    progress: Progress | None = None,
) -> Array:
    """The picture of an .rdc file: (height, width) for grey, else (height, width, channels).

    `region`: x, y, width and height of the part that is wanted. `layer`: "preview" for the lossy picture
    alone. `channels`: grey becomes RGB, and opaque alpha is added; fewer than there are are refused. `bits`: 8
    or 16 to have samples scaled, so that white is 255 or 65535; by default they are as in the file. `out`: an
    array to write into. `limits`: what the file may make the library take.
    """
    return RdcFile(data, limits).decode(
        region=region,
        layer=layer,
        channels=channels,
        bits=bits,
        out=out,
        threads=threads,
        progress=progress,
    )


def decode_jpeg(
    data: Data,
    *,
    limits: Limits | None = None,
    threads: int = 0,
    progress: Progress | None = None,
) -> bytes:
    """The JPEG file that the .rdc was made of, byte for byte; else `AbsentError`."""
    return RdcFile(data, limits).jpeg(threads=threads, progress=progress)


def decode_file(
    data: Data,
    format: str = "png",
    *,
    region: tuple[int, int, int, int] | None = None,
    layer: Layer = "full",
    limits: Limits | None = None,
    threads: int = 0,
    progress: Progress | None = None,
) -> bytes:
    """The picture with its metadata as the bytes of a PNG, PNM or PAM file."""
    return RdcFile(data, limits).to_file(
        format, region=region, layer=layer, threads=threads, progress=progress
    )


def open(source: Source, *, limits: Limits | None = None) -> RdcFile:
    """Reads an .rdc file from a path or a binary file object."""
    return RdcFile(_read(source), limits)


def read_info(source: Data | Source, *, limits: Limits | None = None) -> Info:
    """What a file holds: of a path, a file object, or bytes."""
    if isinstance(source, (bytes, bytearray, memoryview, np.ndarray)):
        return RdcFile(source, limits).info
    return open(source, limits=limits).info


def save(target: Source, array: Array, **options: Any) -> None:
    """Encodes an array into a file; the options are those of `encode`.

    A path is written aside and renamed, so that it never holds half a file.
    """
    data = encode(array, **options)
    if not isinstance(target, (str, os.PathLike)):
        target.write(data)
        return
    write_aside(target, data)


def _read(source: Source) -> bytes:
    return Path(source).read_bytes() if isinstance(source, (str, os.PathLike)) else source.read()


def _bytes(data: Data) -> NDArray[np.uint8]:
    if isinstance(data, str):
        raise TypeError("bytes are needed, not a str; rdcodec.open reads paths")
    return np.frombuffer(data, np.uint8)


def _pixels(array: Array) -> Array:
    """The array with three axes, whose rows hold pixels side by side."""
    array = np.asarray(array)
    if array.dtype == np.bool_:
        raise TypeError("an array of bool has no depth: use .astype(numpy.uint8) and depth=1")
    if array.dtype.kind != "u" or array.itemsize > 2:
        raise TypeError(f"samples must be uint8 or uint16, not {array.dtype}")
    if array.ndim == 2:
        array = array[:, :, np.newaxis]
    if array.ndim != 3 or not 1 <= array.shape[2] <= 4 or 0 in array.shape:
        raise InvalidError(f"an image of shape {array.shape} is none of 1 to 4 channels")
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    size, (height, width, count) = array.itemsize, array.shape
    rows, columns, samples = array.strides
    is_side_by_side = (count == 1 or samples == size) and (width == 1 or columns == count * size)
    if not is_side_by_side or (height > 1 and rows < width * count * size):
        array = np.ascontiguousarray(array)
    return array


def _check_out(out: Array, shape: tuple[int, ...], dtype: np.dtype) -> None:
    if not isinstance(out, np.ndarray) or out.shape != shape or out.dtype != dtype:
        what = getattr(out, "shape", None), getattr(out, "dtype", type(out))
        raise InvalidError(f"out must be an array of shape {shape} and {dtype}, not {what}")
    inner = out[0] if shape[0] else out
    overlaps = shape[0] > 1 and out.strides[0] < inner.nbytes
    if not out.flags.writeable or not inner.flags.c_contiguous or overlaps:
        raise InvalidError("out must be writeable, with the pixels of a row side by side")


def _limits(limits: Limits | None):
    return None if limits is None else ctypes.byref(limits._structure())


def _decode_options(region, layer, channels, bits, threads) -> c.CDecodeOptions:
    options = c.CDecodeOptions()
    c.library.rdcodec_decode_options_init(ctypes.byref(options))
    layers = {"full": 0, "preview": 1}
    if layer not in layers:
        raise InvalidError(f"layer must be 'full' or 'preview', not {layer!r}")
    options.layer = layers[layer]
    if region is not None:
        x, y, width, height = (int(value) for value in region)
        if min(x, y) < 0 or min(width, height) < 1 or max(x, y, width, height) >= 1 << 32:
            raise InvalidError(f"there is no region {region}")
        options.x, options.y, options.width, options.height = x, y, width, height
    options.channels = _whole("channels", channels or 0, 0, 4)
    options.bits = _whole("bits", bits or 0, 0, 16)
    options.threads = _threads(threads)
    return options


def _encode_options(
    *,
    effort: int = 5,
    preview: bool | float = True,
    tune: Tune = "psnr",
    keep_hidden_color: bool | None = None,
    allow_exact: bool = True,
    verify: bool = True,
    recover_source: bool = True,
    threads: int = 0,
    progress: Progress | None = None,
    **modes: float | None,
) -> c.CEncodeOptions:
    options = c.CEncodeOptions()
    c.library.rdcodec_encode_options_init(ctypes.byref(options))
    numbers = {
        "quality": 1,
        "max_error": 2,
        "target_bytes": 3,
        "target_bpp": 4,
        "target_psnr": 5,
        "target_ssimulacra2": 6,
    }
    unknown = ", ".join(modes.keys() - numbers.keys())
    if unknown:
        raise TypeError(f"there is no option {unknown}")
    given = {name: value for name, value in modes.items() if value is not None}
    if len(given) > 1:
        raise InvalidError(f"{' and '.join(given)} exclude each other")
    for name, value in given.items():
        options.mode, options.value = numbers[name], value
    options.effort = _whole("effort", effort, 1, 9)
    if isinstance(preview, (bool, np.bool_)):
        options.preview = -1 if preview else 0
    elif preview > 0:
        options.preview = preview
    else:
        raise InvalidError(f"a preview's quality is from 1 to 100, not {preview}")
    tunes = {"psnr": 0, "visual": 1}
    if tune not in tunes:
        raise InvalidError(f"tune must be 'psnr' or 'visual', not {tune!r}")
    options.tune = tunes[tune]
    options.keeps_hidden_color = -1 if keep_hidden_color is None else keep_hidden_color
    options.allows_exact = allow_exact
    options.verifies = verify
    options.recovers_source = recover_source
    options.threads = _threads(threads)
    return options


def _threads(threads: int) -> int:
    return _whole("threads", threads, 0, 1 << 16)


def _whole(name: str, value: int, low: int, high: int) -> int:
    if value != int(value) or not low <= value <= high:
        raise InvalidError(f"{name} must be a whole number from {low} to {high}, not {value}")
    return int(value)


@contextmanager
def _watched(
    options: c.CDecodeOptions | c.CEncodeOptions, progress: Progress | None
) -> Iterator[None]:
    """Lets a call report, and be ended by what its progress function raises, or by Ctrl-C."""
    raised: list[BaseException] = []
    was_asked: list[bool] = []

    def report(_: object, fraction: float) -> int:
        if raised:
            return 1
        try:
            if progress is not None and progress(fraction) is False:
                was_asked.append(True)
            return int(bool(was_asked))
        except BaseException as exception:
            raised.append(exception)
            return 1

    callback = c.PROGRESS(report)
    options.progress = callback
    try:
        yield
    except CancelledError:
        if raised:
            raise raised[0] from None
        if not was_asked:
            # Ctrl-C came as the report began, where no exception gets through.
            raise KeyboardInterrupt from None
        raise
    if raised:
        raise raised[0]


def _told(output: tuple[bytes, list[str]]) -> bytes:
    data, notes = output
    for note in notes:
        warnings.warn(note, Note, stacklevel=3)
    return data
