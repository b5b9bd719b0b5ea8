"""Files that are allowed and that the encoder does not write: made of those that it wrote."""

import zlib
from collections.abc import Callable, Iterator

import numpy as np

import pictures
from bitstream import Bitstream, parse, varint
from pictures import noise, photograph
from sources import Source, intact, of_samples, ripples

Compress = Callable[[Source], bytes]


def crafted(
    compress: Compress, files: dict[str, bytes]
) -> Iterator[tuple[str, bytes, tuple[np.ndarray, int] | None]]:
    """Names, files, and the samples that they hold where those are known otherwise."""
    known = {source.name: source.exact for source in intact()}

    def changed(name: str) -> Bitstream:
        return parse(files[name])

    yield "tiles-of-all-methods", *mosaic(compress)
    yield from shifts(compress)
    yield "wavefront-streams", *own_streams(compress)

    file = changed("small")
    for name in ("width", "height", "box size"):
        file.fields[name] = long_varint(file.fields[name])
    file.entries = [(long_varint(size), checksum) for size, checksum in file.entries]
    yield "long-varints", file.bytes(), known["small"]

    file = changed("small")
    stated(file, 1, 1, b"\2", b"\2")
    yield "layout-without-need", file.bytes(), known["small"]
    file = changed("small")
    stated(file, 1, 1, b"\0" + varint(1 << 16), b"\0" + varint(129))
    yield "longest-tile", file.bytes(), known["small"]

    file = changed("small")
    for index, stream in enumerate(file.streams):
        file.replace(index, stream + bytes(3 + index))
    yield "zeros-after-streams", file.bytes(), known["small"]

    file = changed("small")
    fields = list(file.fields.items())
    place = list(file.fields).index("position")
    range_fields = [("low", b"\0\0"), ("high", b"\xff\0")]
    file.fields = dict(fields[:place] + range_fields + fields[place:])
    file.fields["content"] = bytes([file.fields["content"][0] | 64])
    yield "range-without-need", file.bytes(), known["small"]

    file = changed("palette-beyond")
    boxes = file.boxes
    count = 120
    colors = [boxes[4 + k * 200 :][:count] for k in range(3)]
    box = bytes([1, count - 1, 0, 0]) + b"".join(colors)
    file.set_boxes(box)
    samples, peak = known["palette-beyond"]
    indices = np.minimum(photograph(20, 20, 1), 199)
    yield "index-beyond-palette", file.bytes(), (np.where(indices < count, samples, 0), peak)

    file = changed("palette-8-alpha")
    other = bytes([1, 0, 1, 0, 1, 2, 3, 4])
    file.set_boxes(other + file.boxes)
    yield "two-palettes", file.bytes(), known["palette-8-alpha"]
    file = changed("peak-1000")
    file.set_boxes(b"\4" + (900).to_bytes(2, "little") + file.boxes)
    yield "two-peaks", file.bytes(), known["peak-1000"]
    file = changed("metadata-texts")
    for kind in (14, 40, 62):
        file.set_boxes(file.boxes + bytes([3, 2 << 6 | kind]) + varint(5) + b"later")
    yield "metadata-of-later-versions", file.bytes(), known["metadata-texts"]
    file = changed("metadata-texts")
    file.set_boxes(b"")
    yield "without-boxes", file.bytes(), known["metadata-texts"]

    samples, peak = known["palette-8"]
    for bits in (1, 5, 9, 13):
        file = widened("palette-8", files, bits)
        wide = pictures.with_alpha(samples, peak, "opaque") if bits & 4 else samples
        yield f"widened-palette-{bits}", file, (wide * 257, 65535) if bits & 8 else (wide, peak)
    samples, peak = known["palette-8-alpha"]
    yield "widened-palette-alpha-1", widened("palette-8-alpha", files, 1), (samples, peak)
    yield "widened-palette-alpha-9", widened("palette-8-alpha", files, 9), (samples * 257, 65535)

    file = changed("photograph-effort-5")
    stated(file, 255, 3, b"\3", b"\3")
    samples, peak = known["photograph-effort-5"]
    height, width = samples.shape[:2]
    file.fields["width"] = varint(255 * width - 254)
    file.fields["height"] = varint(3 * height - 1)
    wide = samples.repeat(255, 1)[:, : 255 * width - 254].repeat(3, 0)[: 3 * height - 1]
    yield "repeated-255", file.bytes(), (wide, peak)

    file = changed("lossy-35")
    # A filter of fineness 0 with one group that says of each of its inputs that it has no level.
    file.fields["filter"] = bits_of("1" + "0000" + "10000" + "0" * 4 + "0" * 10)
    yield "filter-of-zeros", file.bytes(), None
    file = changed("preview-palette")
    file.fields["model"] = bytes(8)
    yield "palette-of-unknown-model", file.bytes(), known["preview-palette"]


def bits_of(text: str) -> bytes:
    """Bits, the highest of a byte first, and zeros."""
    text += "0" * (-len(text) % 8)
    return bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8))


def long_varint(data: bytes) -> bytes:
    """The same number in two more bytes."""
    return data[:-1] + bytes([data[-1] | 128, 128, 0])


def stated(file: Bitstream, columns: int, rows: int, width: bytes, height: bytes) -> None:
    """States a layout."""
    layout = {
        "column repetition": bytes([columns]), "row repetition": bytes([rows]),
        "tile width": width, "tile height": height,
    }  # fmt: skip
    fields: dict[str, bytes] = {}
    for name, data in file.fields.items():
        fields[name] = data
        if name == "height":
            fields |= layout
    fields["content"] = bytes([fields["content"][0] | 128])
    file.fields = fields


def widened(name: str, files: dict[str, bytes], bits: int) -> bytes:
    """An exact palette image with a widening."""
    file = parse(files[name])
    fields: dict[str, bytes] = {}
    for key, data in file.fields.items():
        fields[key] = data
        if key == "color":
            fields[key] = bytes([data[0] | 128])
            fields["widening"] = bytes([bits])
    file.fields = fields
    return file.bytes()


def mosaic(compress: Compress) -> tuple[bytes, tuple[np.ndarray, int]]:
    """Tiles of 32 × 32 pixels that were coded apart, by other methods and profiles."""
    rough = np.concatenate([noise(200, 32, 32, 3) >> 24, photograph(32, 32, seed=201)], 1)
    middle = np.concatenate([pictures.drawing(32, 32), photograph(32, 32, seed=202, grain=9)], 1)
    bits = pictures.page(32, 32) * [255, 0, 0] + [0, 70, 90]
    lower = np.concatenate([bits, pictures.slope(32, 32, 1, 2) * [1, 2, 1] + [0, 9, 90]], 1)
    samples = np.concatenate([rough, middle, lower], 0)[:90, :52]
    streams, sums = [], []
    file = None
    for number, (row, column) in enumerate((r, c) for r in range(3) for c in range(2)):
        part = samples[32 * row : 32 * row + 32, 32 * column : 32 * column + 32]
        options = f"--effort {(5, 9, 7, 3, 5, 1)[number]} --no-preview --no-source-recovery"
        coded = parse(compress(of_samples(f"mosaic-{number}", part, options)))
        if coded.number("color") >> 7 or coded.number("content") >> 6 or coded.latent_count:
            raise ValueError(f"tile {number} is not coded as it is")
        if number == 1:
            file = coded
        streams.append(coded.streams[0])
        sums.append(coded.sums[0])
    file.fields["width"], file.fields["height"] = varint(52), varint(90)
    stated(file, 1, 1, b"\2", b"\2")
    file.entries = [(varint(len(stream)), zlib.crc32(stream)) for stream in streams]
    file.streams, file.sums = streams, sums
    return file.bytes(), (samples, 255)


def shifts(compress: Compress) -> Iterator[tuple[str, bytes, tuple[np.ndarray, int]]]:
    """Previews of all reductions: latents of a smaller image beside samples as they are."""
    samples = noise(210, 21, 25, 3) >> 24
    stored = parse(compress(of_samples("stored", samples, "--effort 1 --no-preview")))
    for shift in range(6):
        small = photograph((20 >> shift) + 1, (24 >> shift) + 1, seed=211)
        options = "--quality 60 --no-exact --effort 2"
        lossy = parse(compress(of_samples(f"reduced-{shift}", small, options)))
        file = parse(stored.bytes())
        fields: dict[str, bytes] = {}
        for name, data in file.fields.items():
            if name == "position":
                position = lossy.number("position") & 0xFFF
                fields["position"] = (position | shift << 12).to_bytes(2, "little")
                fields["model"] = lossy.fields["model"]
            else:
                fields[name] = data
        file.fields = fields
        file.entries = lossy.entries[:1] + stored.entries
        file.streams = lossy.streams[:1] + stored.streams
        file.sums = lossy.sums[:1] + stored.sums
        file.latent_count = 1
        yield f"shift-{shift}", file.bytes(), (samples, 255)


def own_streams(compress: Compress) -> tuple[bytes, tuple[np.ndarray, int]]:
    """Grey and alpha by wavefront, each with its stream: those of two grey images."""
    samples = ripples(257, 513, 2, 29)
    options = "--effort 5 --no-preview --no-source-recovery"
    both = parse(compress(of_samples("streams", samples, options)))
    streams = []
    for channel in range(2):
        grey = samples[..., channel : channel + 1]
        coded = parse(compress(of_samples(f"streams-{channel}", grey, options)))
        stream = coded.streams[0]
        if stream[0] != 0x44:
            raise ValueError("not coded by wavefront")
        streams.append(stream[2 + stream[1] :])
    head = both.streams[0][: 2 + both.streams[0][1]]
    if head[0] != 0x44:
        raise ValueError("not coded by wavefront")
    both.replace(0, head + varint(len(streams[1])) + streams[1] + streams[0])
    return both.bytes(), (samples, 255)
