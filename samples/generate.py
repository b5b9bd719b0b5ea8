"""Writes the sample images into this folder: python3 samples/generate.py [NAME...]

Needs NumPy and Pillow with FreeType. Seeds are fixed, so a run repeats the same samples.
"""

import struct
import sys
import time
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from generator import icon, interface, island_map, landscape, page, still_life, studies

FOLDER = Path(__file__).parent
SEED = 20250
PICTURES = {
    "still-life": still_life.draw,  # RGB: texture, soft shadows, blur, path-tracing noise
    "landscape": landscape.draw,  # RGB: fractal detail and film grain; carries metadata
    "gradient": studies.gradient,  # RGB: almost nothing but fine grain
    "interface": interface.draw,  # RGB: flat colour and small text
    "icon": icon.draw,  # RGBA: soft alpha, colour under transparent pixels
    "island-map": island_map.draw,  # palette
    "radiograph": studies.radiograph,  # 16-bit grey with sensor noise
    "page": page.draw,  # 1-bit
}


def landscape_metadata():
    """What a camera or an editor would leave in the file: gamma, primaries, size, Exif, text."""
    chunks = PngInfo()
    chunks.add(b"gAMA", struct.pack(">I", 45455))
    primaries = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
    chunks.add(b"cHRM", struct.pack(">8I", *primaries))
    chunks.add_text("Title", "Lake below the ridge")
    chunks.add_text("Author", "The rdcodec authors")
    chunks.add_itxt("Description", "Höhenfeld, gerechnet von vorn nach hinten", lang="de")
    exif = Image.Exif()
    exif[0x010E] = "Lake below the ridge"  # ImageDescription
    exif[0x0112] = 1  # Orientation
    exif[0x0131] = "rdcodec samples"  # Software
    return {"pnginfo": chunks, "exif": exif, "dpi": (144, 144)}


def main(names):
    for name in names or PICTURES:
        start = time.monotonic()
        picture = PICTURES[name](SEED)
        image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
        extra = landscape_metadata() if name == "landscape" else {}
        path = FOLDER / f"{name}.png"
        image.save(path, optimize=True, **extra)
        kilobytes = path.stat().st_size / 1000
        print(
            f"{path.name:18} {image.width} x {image.height} {image.mode:5} {kilobytes:6.1f} kB"
            f"  {time.monotonic() - start:5.1f} s"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
