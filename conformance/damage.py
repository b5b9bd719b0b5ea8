"""Damaged files, each with the kind of error (docs/FORMAT.md, §12) that decoders must find."""

import zlib
from collections.abc import Callable, Iterator

from bitstream import Bitstream, parse, varint
from crafted import bits_of, stated

Damaged = tuple[str, bytes, str, str]
"""Name, file, error of the full image, error of the preview."""

SHOWN = "shown"
"""A layer that decoders show all the same."""
NONE = "noPreview"


def damaged(files: dict[str, bytes]) -> Iterator[Damaged]:
    """All of them."""
    whole = files["small"]
    yield from of_bytes(whole)
    yield from of_fields(files)
    yield from of_boxes(files)
    yield from of_table(files)
    yield from of_streams(files)
    yield from of_sources(files)


def of_bytes(whole: bytes) -> Iterator[Damaged]:
    """Cut, longer, or changed without its checksums."""
    file = parse(whole)
    header = len(file.header())
    latents = header + 4 + len(file.streams[0])
    yield "empty", b"", *2 * ["notBitstream"]
    yield "signature", b"\x8fRDX" + whole[4:], *2 * ["notBitstream"]
    yield "signature-text", b"\n" + whole[1:], *2 * ["notBitstream"]
    for version in (0, 8, 10, 255):
        data = whole[:4] + bytes([version]) + whole[5:]
        yield f"version-{version}", data, *2 * ["otherVersion"]
    for count in (4, 5, 7, 12, 20, header - 1, header, header + 3):
        yield f"cut-at-{count}", whole[:count], *2 * ["truncated"]
    yield "cut-before-latents", whole[: header + 4], *2 * ["truncated"]
    yield "cut-in-latents", whole[: latents - 1], *2 * ["truncated"]
    yield "cut-after-latents", whole[:latents], "truncated", SHOWN
    yield "cut-in-residual", whole[:-1], "truncated", SHOWN
    yield "longer", whole + b"\0", "corrupt", SHOWN
    for place in (header, header + 3):
        yield (
            f"checksum-of-header-{place - header}",
            flipped(whole, place),
            *2 * ["checksumMismatch"],
        )
    yield "changed-width", flipped(whole, 7), *2 * ["checksumMismatch"]
    yield "changed-latents", flipped(whole, header + 6), *2 * ["checksumMismatch"]
    yield "changed-residual", flipped(whole, latents + 9), "checksumMismatch", SHOWN


def flipped(data: bytes, place: int) -> bytes:
    """With one bit changed."""
    return data[:place] + bytes([data[place] ^ 16]) + data[place + 1 :]


def of_fields(files: dict[str, bytes]) -> Iterator[Damaged]:
    """Reserved and impossible values of the header, whose checksum is right."""

    def of(name: str, change: Callable[[Bitstream], None]) -> bytes:
        file = parse(files[name])
        change(file)
        return file.bytes()

    def put(name: str, **fields: bytes) -> bytes:
        return of(name, lambda file: file.fields.update(known(file, fields)))

    def known(file: Bitstream, fields: dict[str, bytes]) -> dict[str, bytes]:
        named = {name.replace("_", " "): data for name, data in fields.items()}
        if missing := set(named) - set(file.fields):
            raise KeyError(missing)
        return named

    corrupt = 2 * ["corrupt"]
    for content in (5, 63):
        yield f"content-{content}", put("small", content=bytes([content])), *corrupt
    for kind in (1, 5, 7):
        yield f"color-type-{kind}", put("small", color=bytes([kind | 7 << 3])), *corrupt
    yield "palette-of-3-bits", put("preview-palette", color=bytes([3 | 2 << 3])), *corrupt
    yield "palette-of-16-bits", put("preview-palette", color=bytes([3 | 15 << 3])), *corrupt
    # The preview needs no palette, and is not refused for it.
    yield "palette-without-palette", put("small", color=b"\x3b"), "invalidImage", SHOWN
    yield "palette-of-grey", put("preview-palette", color=b"\x08"), "invalidImage", SHOWN
    yield "alpha-of-rgb", put("lossy-35", content=b"\1"), *corrupt
    for widening in (0, 3, 32, 17, 24, 255):
        data = of("opaque-rgba", lambda file, n=widening: put_number(file, "widening", n, 1))
        yield f"widening-{widening}", data, *corrupt
    yield "widening-palette-bit", put("opaque-rgba", widening=b"\1"), *corrupt
    yield "widening-grey-of-rgb", put("opaque-rgba", widening=b"\2"), *corrupt
    yield "widening-alpha-of-alpha", put("grey-as-rgba", widening=b"\4"), *corrupt
    yield "widening-16-of-16", of("grey-16", lambda file: widen(file, 8)), *corrupt
    yield "widening-lossy", of("lossy-35", lambda file: widen(file, 4)), *corrupt
    packed = parse(files["packed"]).fields["packed"]
    yield "packed-reserved", put("packed", packed=packed[:3] + b"\2"), *corrupt
    for name, size in (("0", 0), ("2-to-31", 1 << 31), ("2-to-62", 1 << 62)):
        yield f"width-{name}", put("small", width=varint(size)), *corrupt
    yield "height-0", put("small", height=varint(0)), *corrupt
    yield "width-endless", put("small", width=b"\x80" * 9 + b"\1"), *corrupt
    yield "width-beyond-limit", put("small", width=varint(1_000_001)), *2 * ["limitExceeded"]
    yield (
        "pixels-beyond-limit",
        put("small", width=varint(40_000), height=varint(40_000)),
        *2 * ["limitExceeded"],
    )
    for name, change in layouts():
        yield f"layout-{name}", of("small", change), *corrupt
    for low, high in ((9, 9), (10, 9), (0, 256)):
        data = of("small", lambda file, a=low, b=high: put_range(file, a, b))
        yield f"range-{low}-{high}", data, *corrupt
    yield "range-of-palette", of("preview-palette", lambda file: put_range(file, 0, 255)), *corrupt
    no_latents = of("grey-10", lambda file: put_range(file, 0, 255))
    yield "range-without-latents", no_latents, *corrupt
    for position in (2049, 4095, 6 << 12, 14 << 12, 15 << 12 | 1):
        data = put("small", position=position.to_bytes(2, "little"))
        yield f"position-{position}", data, *corrupt
    yield "position-without-latents", put("grey-10", position=b"\1\xf0"), *corrupt
    yield "no-latents-lossy", put("lossy-35", position=b"\0\xf0"), *corrupt
    yield "shift-of-filter", put("lossy-filter", position=b"\1\x10"), *corrupt
    yield "model-unknown", put("small", model=b"\1" * 8), *2 * ["unknownModel"]
    yield "model-unknown-lossy", put("lossy-rgba", model=b"\1" * 8), *2 * ["unknownModel"]
    for error in (0, 17, 255):
        yield f"maximum-error-{error}", put("within-5", maximum_error=bytes([error])), *corrupt
    filters = {
        "bits-after": "0" + "0000001",
        "fineness-15": "1" + "1111" + 15 * "0",
        "level-too-large": "1" + "0000" + "1" + "1" + "0" + "1110" + "111" + "000" + 14 * "0",
        "level-of-40-bits": "1" + "0000" + "1" + "1" + "0" + 40 * "1" + "0" + 40 * "1" + 17 * "0",
    }
    for name, bits in filters.items():
        yield f"filter-{name}", put("lossy-35", filter=bits_of(bits)), *corrupt
    for source in (5, 255):
        yield f"source-{source}", put("small", source=bytes([source])), *corrupt


def put_number(file: Bitstream, name: str, value: int, size: int) -> None:
    """Replaces a field."""
    file.fields[name] = value.to_bytes(size, "little")


def insert(file: Bitstream, after: str, fields: dict[str, bytes]) -> None:
    """Adds fields behind another."""
    result: dict[str, bytes] = {}
    for name, data in file.fields.items():
        result[name] = data
        if name == after:
            result |= fields
    file.fields = result


def widen(file: Bitstream, widening: int) -> None:
    """Says that the image is wider."""
    insert(file, "color", {"widening": bytes([widening])})
    file.fields["color"] = bytes([file.fields["color"][0] | 128])


def put_range(file: Bitstream, low: int, high: int) -> None:
    """States a colour range."""
    fields = {"low": low.to_bytes(2, "little"), "high": high.to_bytes(2, "little")}
    insert(file, "height", fields)
    file.fields["content"] = bytes([file.fields["content"][0] | 64])


def layouts() -> Iterator[tuple[str, Callable[[Bitstream], None]]]:
    """Layouts that are not allowed."""
    yield "repetition-0", lambda file: stated(file, 0, 1, b"\4", b"\3")
    yield "row-repetition-0", lambda file: stated(file, 1, 0, b"\4", b"\3")
    yield "side-of-129", lambda file: stated(file, 1, 1, b"\x81", b"\3")
    yield "side-of-255", lambda file: stated(file, 1, 1, b"\4", b"\xff")
    yield "long-side-of-128", lambda file: stated(file, 1, 1, b"\0" + varint(128), b"\3")
    yield "long-side-of-0", lambda file: stated(file, 1, 1, b"\0\0", b"\3")
    yield "side-too-long", lambda file: stated(file, 1, 1, b"\0" + varint((1 << 16) + 1), b"\3")

    def too_large(file: Bitstream) -> None:
        stated(file, 1, 1, b"\x80", b"\x41")
        file.fields["width"] = file.fields["height"] = varint(2000)

    yield "tile-too-large", too_large


def of_boxes(files: dict[str, bytes]) -> Iterator[Damaged]:
    """Boxes that are wrong."""
    corrupt = 2 * ["corrupt"]

    def boxes(name: str, data: bytes) -> bytes:
        file = parse(files[name])
        file.set_boxes(data)
        return file.bytes()

    def item(kind: int, content: bytes, position: int = 1) -> bytes:
        return bytes([3, position << 6 | kind]) + varint(len(content)) + content

    plain = "small"
    for tag in (0, 5, 128, 255):
        yield f"box-{tag}", boxes(plain, bytes([tag]) + bytes(9)), *corrupt
    wrong = {
        "kind-0": (item(0, b"1234"), "corrupt"),
        "position-3": (item(1, b"\1ax", 3), "corrupt"),
        "longer-than-boxes": (bytes([3, 2, 99]) + b"1234", "truncated"),
        "intent-4": (item(8, b"\4"), "corrupt"),
        "intent-empty": (item(8, b""), "truncated"),
        "resolution-short": (item(5, bytes(8)), "truncated"),
        "resolution-long": (item(5, bytes(10)), "corrupt"),
        "resolution-unit-2": (item(5, bytes(8) + b"\2"), "corrupt"),
        "text-flags": (item(12, b"\4\1a"), "corrupt"),
        "keyword-of-80": (item(12, b"\0\x50" + 80 * b"a"), "invalidImage"),
        "other-format-2": (item(63, b"\2abCd"), "corrupt"),
        "peak-below-half": (b"\4\x7f\0", "invalidImage"),
        "peak-of-depth": (b"\4\xff\0", "invalidImage"),
        "colors-2": (b"\2\2\0\0\0\0", "corrupt"),
        "cut-palette": (b"\1\xff\0\0abc", "truncated"),
    }
    for name, (data, kind) in wrong.items():
        yield f"box-{name}", boxes(plain, data), kind, kind
    yield (
        "box-peak-of-palette",
        boxes("preview-palette", parse(files["preview-palette"]).boxes + b"\4\2\0"),
        *corrupt,
    )
    palette = parse(files["preview-palette"]).boxes
    yield "box-no-palette", boxes("preview-palette", b""), "invalidImage", SHOWN
    five = b"\1\4\0\0" + bytes(15)
    yield "box-palette-too-long", boxes("preview-palette", five), "invalidImage", SHOWN
    more = palette[:2] + b"\5\0" + palette[4:] + bytes(3)
    yield "box-alphas-too-many", boxes("preview-palette", more), *corrupt
    color = parse(files["transparent-grey"])
    color.set_boxes(b"\2\1\x10\0")
    yield "box-color-beyond-peak", color.bytes(), "invalidImage", NONE
    file = parse(files["metadata-texts"])
    data = file.fields["deflated"]
    changes = {
        "no-zlib": b"\0" + data[1:],
        "checksum": data[:-1] + bytes([data[-1] ^ 1]),
        "after-zlib": data + b"\0",
        "short-zlib": data[:-9],
    }
    for name, changed in changes.items():
        file = parse(files["metadata-texts"])
        file.fields["deflated"], file.fields["deflated size"] = changed, varint(len(changed))
        yield f"box-{name}", file.bytes(), *corrupt
    for difference in (-1, 1):
        file = parse(files["metadata-texts"])
        file.fields["box size"] = varint(len(file.boxes) + difference)
        yield f"box-size-{difference:+}", file.bytes(), *corrupt
    file.fields["box size"] = varint(1 << 27)
    yield "box-size-beyond-limit", file.bytes(), *2 * ["limitExceeded"]
    file = parse(files["metadata-texts"])
    file.fields["deflated size"] = varint(1 << 40)
    yield "box-deflated-beyond-file", file.bytes(), *2 * ["truncated"]


def of_table(files: dict[str, bytes]) -> Iterator[Damaged]:
    """The tile table."""
    name = "small"
    file = parse(files[name])
    file.entries[1] = (varint((1 << 32) + 1), file.entries[1][1])
    yield "stream-too-long", file.bytes(), *2 * ["corrupt"]
    file = parse(files[name])
    file.entries[1] = (varint(len(file.streams[1]) + 1), file.entries[1][1])
    yield "stream-beyond-file", file.bytes(), "truncated", SHOWN
    file = parse(files[name])
    file.entries[1] = (varint(len(file.streams[1]) - 1), file.entries[1][1])
    yield "stream-short-of-end", file.bytes(), "corrupt", SHOWN
    file = parse(files[name])
    file.sums[0] ^= 1
    yield "contents-of-latents", file.bytes(), *2 * ["wrongContents"]
    for other in ("small", "preview-grey", "preview-palette", "lattice-effort-7",
                  "decoded-jpeg-effort-9", "within-5"):  # fmt: skip
        file = parse(files[other])
        file.sums[-1] ^= 1 << 31
        yield f"contents-of-samples-{other}", file.bytes(), "wrongContents", SHOWN
    file = parse(files["lossy-rgba"])
    file.sums[-1] ^= 2
    yield "contents-of-samples-lossy-rgba", file.bytes(), "wrongContents", SHOWN
    file = parse(files["lossy-35"])
    file.sums[-1] ^= 2
    yield "contents-of-samples-lossy", file.bytes(), *2 * ["wrongContents"]
    file = parse(files["two-tiles-lossy"])
    file.sums[-1] ^= 2
    yield "contents-of-second-tile", file.bytes(), *2 * ["wrongContents"]
    file = parse(files[name])
    file.fields["width"] = varint(900_000)
    yield "more-tiles-than-bytes", file.bytes(), *2 * ["truncated"]


def of_streams(files: dict[str, bytes]) -> Iterator[Damaged]:
    """Streams that are intact by their checksums, and cannot be decoded."""

    def residual(name: str, change: Callable[[bytes], bytes]) -> bytes:
        file = parse(files[name])
        file.replace(file.latent_count, change(file.streams[file.latent_count]))
        return file.bytes()

    name = "small"
    wrong = "wrongContents"
    for first in (0x06, 0x1F, 0x26, 0x45, 0x4F, 0x51, 0x60, 0xFF):
        data = residual(name, lambda stream, n=first: bytes([n]) + stream[1:])
        yield f"method-{first:02x}", data, wrong, SHOWN
    yield "method-bilevel-of-rgb", residual(name, lambda s: b"\x50" + s[1:]), wrong, SHOWN
    yield "residual-empty", residual(name, lambda s: b""), wrong, SHOWN
    yield "residual-one-byte", residual(name, lambda s: s[:1]), wrong, SHOWN
    yield "residual-half", residual(name, lambda s: s[: len(s) // 2]), wrong, SHOWN
    yield "residual-other-method", residual(name, lambda s: b"\x01" + s[1:]), wrong, SHOWN
    # The map of a plane whose values go up to more than 2^depth, in its first bits.
    yield "map-beyond-depth", residual(name, lambda s: s[:1] + b"\xff" * 12 + s[13:]), wrong, SHOWN
    for other in ("wavefront-effort-1", "wavefront-effort-5"):
        yield f"{other}-cut", residual(other, lambda s: s[:-2]), wrong, NONE
        yield f"{other}-longer", residual(other, lambda s: s + b"\0\0"), wrong, NONE
        yield f"{other}-state", residual(other, lambda s: flipped(s, 30)), wrong, NONE
        yield f"{other}-word", residual(other, lambda s: flipped(s, len(s) - 9)), wrong, NONE
        yield f"{other}-head", residual(other, lambda s: s[:1] + b"\x7f" + s[2:]), wrong, NONE
    for other in ("bilevel-glyphs", "drawing-effort-1", "drawing-effort-5", "noise-effort-1"):
        yield f"{other}-half", residual(other, lambda s: s[: len(s) // 2]), wrong, NONE
        yield f"{other}-bit", residual(other, lambda s: flipped(s, len(s) // 2)), wrong, NONE
    for count in (0, 5):
        file = parse(files[name])
        file.replace(0, file.streams[0][:count])
        yield f"latents-of-{count}-bytes", file.bytes(), wrong, wrong


def of_sources(files: dict[str, bytes]) -> Iterator[Damaged]:
    """Parameters and streams of sources."""

    def put(name: str, field: str, data: bytes) -> bytes:
        file = parse(files[name])
        if field not in file.fields:
            raise KeyError(field)
        file.fields[field] = data
        return file.bytes()

    def stream(name: str, index: int, data: bytes) -> bytes:
        file = parse(files[name])
        file.replace(index, data)
        return file.bytes()

    name = "lattice-effort-7"
    corrupt = 2 * ["corrupt"]
    matrix = parse(files[name]).fields["lattice"]
    yield "lattice-too-large", put(name, "lattice", b"\0\0\0\x10" + matrix[4:]), *corrupt
    for depth in (0, 13):
        yield f"lattice-depth-{depth}", put(name, "lattice depth", bytes([depth])), *corrupt
    for sampling in (4, 15, 0x40, 0x80, 0x31):
        yield (
            f"lattice-sampling-{sampling:02x}",
            put(name, "lattice sampling", bytes([sampling])),
            *corrupt,
        )
    last = len(parse(files[name]).streams) - 1
    for index, part in ((1, "residual"), (2, "chroma"), (last, "corrections")):
        yield f"lattice-no-{part}", stream(name, index, b""), "wrongContents", SHOWN
    name = "decoded-jpeg-effort-9"
    for code in (201, 252, 253, 254, 255):
        yield f"jpeg-table-{code}", put(name, "table 0", bytes([code])), *corrupt
    yield "jpeg-step-0", put(name, "table 0", bytes(65)), *corrupt
    for bands in (0, 255):
        yield f"jpeg-bands-{bands}", put(name, "bands", bytes([bands])), *corrupt
    yield "jpeg-phase-128-of-grey", put(name, "phase of luma", b"\x80"), *corrupt
    yield "jpeg-no-levels", stream(name, 1, b""), "wrongContents", SHOWN
    name = "jpeg-effort-9"
    yield "jpeg-file-fast", put(name, "phase of luma", b"\x40"), *corrupt
    yield "jpeg-file-phase", put(name, "phase of chroma", b"\x40"), *corrupt
    name = "jpeg-cmyk"
    yield "jpeg-components-reserved", put(name, "components", bytes([3 | 5 << 2])), *corrupt
    yield "jpeg-components-colors", put(name, "components", bytes([3 | 1 << 2])), *corrupt
    yield "jpeg-factors-0", put(name, "factors 0", b"\x01"), *corrupt
    yield "jpeg-factors-5", put(name, "factors 1", b"\x15"), *corrupt
    yield "jpeg-other-colors", put(name, "components", bytes([3 | 4 << 2])), "wrongContents", SHOWN


def damaged_jpegs(files: dict[str, bytes]) -> Iterator[tuple[str, bytes, str]]:
    """Files whose picture is whole, and whose JPEG file cannot be made."""
    name = "jpeg-metadata"
    whole = parse(files[name])
    last = len(whole.streams) - 1
    size, data = whole.streams[last][:2], whole.streams[last]
    count = 1 if size[0] < 128 else 2
    inflated = zlib.decompress(data[count:])

    def file(stream: bytes) -> bytes:
        changed = parse(files[name])
        changed.replace(last, stream)
        return changed.bytes()

    def packed(content: bytes) -> bytes:
        return file(varint(len(content)) + zlib.compress(content, 9))

    yield "no-zlib", file(data[:count] + b"\0" + data[count + 1 :]), "wrongContents"
    yield "after-zlib", file(data + b"\0"), "wrongContents"
    yield "empty", file(b""), "wrongContents"
    yield "checksum", packed(inflated[:-1] + bytes([inflated[-1] ^ 1])), "wrongContents"
    yield "flags", packed(bytes([inflated[0] | 128]) + inflated[1:]), "wrongContents"
    yield "process", packed(bytes([inflated[0] | 3]) + inflated[1:]), "wrongContents"
    yield "cut", packed(inflated[:-9]), "wrongContents"
    yield "longer", packed(inflated + b"\0\0"), "wrongContents"
    yield "size-beyond-limit", file(varint(1 << 40) + data[count:]), "limitExceeded"
    picture = parse(files["small"]).bytes()
    yield "none", picture, "noJPEG"
