"""Lets Pillow open and save .rdc files: `import rdcodec.pillow` registers it.

A file is opened lazily: its header alone is read until pixels are needed; `crop` of a picture that has not
been loaded decodes that part alone, and `draft` or `thumbnail` with a small size decodes the preview, where
the file has one.

Saving is lossless unless `quality` is given; all options of `rdcodec.encode` may be. Colour profile, Exif, XMP
and resolution come from the image's `info` and go there.
"""

from __future__ import annotations

import io
import warnings
from typing import IO, Any

import numpy as np
from PIL import Image, ImageFile

from . import _codec, errors

_MAGIC = b"\x8fRDC"
_METRES_PER_INCH = 0.0254


class RdcImageFile(ImageFile.ImageFile):
    """An .rdc file as Pillow has it."""

    format = "RDC"
    format_description = "Rate-distortion codec"

    # Of a copy, which has pixels and no file.
    _is_loaded = True

    def _open(self) -> None:
        try:
            self._file = _codec.RdcFile(self.fp.read())
        except (errors.DamagedError, errors.OtherFormatError, errors.UnsupportedError) as error:
            raise SyntaxError(str(error)) from error
        self._layer = "full"
        info = self._file.info
        self._size = (info.width, info.height)
        self._mode, self._bits = _mode(info)
        for name in ("icc_profile", "exif", "xmp"):
            data = getattr(self._file, name)
            if data is not None:
                # As Pillow's other formats have it.
                self.info[name] = b"Exif\x00\x00" + data if name == "exif" else data
        if info.resolution is not None:
            self.info["dpi"] = tuple(value * _METRES_PER_INCH for value in info.resolution)
        elif info.aspect is not None:
            self.info["aspect"] = info.aspect
        self.tile = []
        self._is_loaded = False

    def load(self):
        if self._is_loaded:
            return super().load()
        if self.mode == "P":
            # The palette as it is in the file, which pixels alone do not have.
            with Image.open(io.BytesIO(self._file.to_file("png"))) as png:
                png.load()
                self.im = png.im
                self.palette = png.palette
                if "transparency" in png.info:
                    self.info["transparency"] = png.info["transparency"]
        else:
            if self._bits == 8 and self._file.info.depth > 8:
                warnings.warn(
                    f"Pillow has no {self.mode} of {self._file.info.depth} bits; samples are rounded to 8",
                    errors.Note,
                    stacklevel=2,
                )
            pixels = self._file.decode(layer=self._layer, bits=self._bits)
            self.im = _image(pixels, self.mode).im
        self._is_loaded = True
        if self._exclusive_fp and self.fp is not None:
            self.fp.close()
        self.fp = None
        return super().load()

    def load_prepare(self) -> None:
        """There are no tiles to prepare for."""

    def load_end(self) -> None:
        """There are no tiles that end."""

    def draft(self, mode: str | None, size: tuple[int, int] | None):
        """Takes the preview for what is to be at most half as large."""
        if self._is_loaded or size is None or self.mode not in ("RGB", "L"):
            return None
        info = self._file.info
        is_small = 2 * size[0] <= info.width and 2 * size[1] <= info.height
        self._layer = "preview" if is_small and info.has_preview else "full"
        return self.mode, (0, 0, info.width, info.height)

    def crop(self, box=None):
        """Decodes no more than the part, if the picture has not been loaded."""
        if self._is_loaded or box is None or self.mode == "P" or self._layer != "full":
            return super().crop(box)
        left, upper, right, lower = (round(edge) for edge in box)
        info = self._file.info
        inside = 0 <= left < right <= info.width and 0 <= upper < lower <= info.height
        if not inside or (self._bits == 8 and info.depth > 8):
            return super().crop(box)
        region = (left, upper, right - left, lower - upper)
        part = _image(self._file.decode(region=region, bits=self._bits), self.mode)
        part.info = self.info.copy()
        return part


def _mode(info: _codec.Info) -> tuple[str, int]:
    """The mode of a file's picture, and the bits of its samples there."""
    if info.has_palette:
        return "P", 8
    if info.channels == 1:
        if info.peak == 1:
            return "1", 8
        return ("L", 8) if info.depth <= 8 else ("I;16", 16)
    return {2: "LA", 3: "RGB", 4: "RGBA"}[info.channels], 8


def _image(pixels, mode: str) -> Image.Image:
    if mode == "1":
        return Image.fromarray(pixels).convert("1", dither=Image.Dither.NONE)
    height, width = pixels.shape[:2]
    return Image.frombytes(mode, (width, height), pixels.astype(pixels.dtype.newbyteorder("<")))


def _save(image: Image.Image, file: IO[bytes], filename: str | bytes) -> None:
    options: dict[str, Any] = dict(image.encoderinfo)
    options.pop("save_all", None)
    metadata = {name: _metadata(image, options, name) for name in ("icc_profile", "exif", "xmp")}
    dpi = options.pop("dpi", image.info.get("dpi"))
    if dpi is not None:
        metadata["resolution"] = tuple(round(float(value) / _METRES_PER_INCH) for value in dpi)
    if image.mode == "P":
        file.write(_palette_file(image, metadata, options))
        return
    if image.mode == "1":
        pixels = np.asarray(image.convert("L")) // 255
        metadata["depth"] = 1
    elif image.mode in ("L", "LA", "RGB", "RGBA"):
        pixels = np.asarray(image)
    elif image.mode in ("I;16", "I;16L", "I;16B"):
        pixels = np.asarray(image).astype(np.uint16)
    else:
        raise OSError(f"cannot write mode {image.mode} as RDC")
    if "transparency" in image.info and image.mode in ("1", "I;16"):
        warnings.warn(
            f"the transparent sample of mode {image.mode} is left out", errors.Note, stacklevel=2
        )
    if "transparency" in image.info and image.mode in ("L", "RGB"):
        pixels = np.asarray(image.convert("LA" if image.mode == "L" else "RGBA"))
    file.write(
        _codec.encode(pixels, **{k: v for k, v in metadata.items() if v is not None}, **options)
    )


def _metadata(image: Image.Image, options: dict[str, Any], name: str) -> bytes | None:
    """What is given, or what the image brings along."""
    data = options.pop(name, image.info.get(name))
    if name == "exif":
        if isinstance(data, Image.Exif):
            data = data.tobytes()
        if data and data.startswith(b"Exif\x00\x00"):
            data = data[6:]
    if isinstance(data, str):
        data = data.encode("utf-8")
    return data or None


def _palette_file(image: Image.Image, metadata: dict, options: dict[str, Any]) -> bytes:
    """A picture with a palette keeps it by way of PNG."""
    png = io.BytesIO()
    given: dict[str, Any] = {}
    if metadata["icc_profile"]:
        given["icc_profile"] = metadata["icc_profile"]
    if metadata["exif"]:
        given["exif"] = b"Exif\x00\x00" + metadata["exif"]
    if "resolution" in metadata:
        given["dpi"] = tuple(value * _METRES_PER_INCH for value in metadata["resolution"])
    if metadata["xmp"]:
        from PIL import PngImagePlugin

        given["pnginfo"] = PngImagePlugin.PngInfo()
        given["pnginfo"].add_itxt("XML:com.adobe.xmp", metadata["xmp"].decode("utf-8"))
    image.save(png, "PNG", compress_level=1, **given)
    return _codec.encode_file(png.getvalue(), **options)


def _accept(prefix: bytes) -> bool:
    return prefix.startswith(_MAGIC)


def register() -> None:
    """Makes Pillow know .rdc files; importing this module has done it."""
    Image.register_open(RdcImageFile.format, RdcImageFile, _accept)
    Image.register_save(RdcImageFile.format, _save)
    Image.register_extension(RdcImageFile.format, ".rdc")
    Image.register_mime(RdcImageFile.format, "image/x-rdcodec")


register()
