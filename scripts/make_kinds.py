"""Draws small pictures of every kind that is neither a photograph nor a usual screenshot.

    python3 scripts/make_kinds.py FOLDER

Repeats of noise and patterns, pages and dithers of one bit, exact ramps and surfaces, channels that
follow from each other, enlarged pixel art, scans, thin images, photographs in wider formats. The
same pictures every time: compare_lossless.py tells which of them other codecs make smaller.
"""

import argparse
from pathlib import Path

import imagecodecs
import numpy as np
from PIL import Image

PICTURES = {}


def picture(*cases):
    """Registers a function that draws one picture for each of `cases`."""

    def register(draw):
        for case in cases:
            name = "_".join([draw.__name__, *(str(part) for part in case)])
            PICTURES[name] = (draw, case)
        return draw

    return register


def generator(*seed):
    return np.random.default_rng(
        [len(str(part)) * 1000 + sum(map(ord, str(part))) for part in seed]
    )


def grid(width, height):
    """Columns and rows of every pixel."""
    return np.meshgrid(np.arange(width), np.arange(height))


def clipped(values):
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def scene(width, height, seed):
    """A picture like a photograph: soft shapes, texture and noise, in RGB."""
    random = generator("scene", seed)
    x, y = grid(width, height)
    total = np.zeros((height, width, 3))
    for _ in range(40):
        fx, fy, phase = random.normal(0, 0.03), random.normal(0, 0.03), random.uniform(0, 6.28)
        wave = np.sin(fx * x + fy * y + phase)[..., None]
        total += wave * random.normal(8, 4) + wave * random.normal(0, 3, 3)
    for _ in range(12):
        cx, cy, radius = random.uniform(0, width), random.uniform(0, height), random.uniform(10, 80)
        inside = (x - cx) ** 2 + (y - cy) ** 2 < radius**2
        total[inside] += random.normal(0, 30, 3)
    return clipped(128 + total + random.normal(0, 3, (height, width, 3)))


@picture((64, 64, 3), (32, 48, 1), (100, 37, 3), (128, 128, 1), (256, 16, 3), (17, 200, 1))
def repeat_noise(width, height, channels):
    noise = generator("noise", width, height).integers(0, 256, (height, width, channels))
    tiled = np.tile(noise, (-(-448 // height), -(-512 // width), 1))
    return tiled[:448, :512].astype(np.uint8)


@picture(("xor", 1), ("product", 1), ("and", 1), ("xor", 3), ("square", 1))
def repeat_pattern(kind, channels):
    x, y = grid(512, 512)
    drawn = {"xor": x ^ y, "product": x * y, "and": x & y, "square": x * x + y * y}[kind]
    if channels == 1:
        return (drawn % 256).astype(np.uint8)
    return np.stack([drawn % 256, (2 * drawn) % 256, (drawn + 3 * x) % 256], -1).astype(np.uint8)


@picture((8,), (11,), (24,))
def repeat_hatch(period):
    x, y = grid(400, 400)
    return clipped(128 + 120 * np.sin(2 * np.pi * ((x + y) % period) / period))


@picture((5,), (9,))
def repeat_moire(step):
    x, y = grid(512, 384)
    return clipped(127.5 + 127.5 * np.sin(x * x / (60 * step)) * np.sin(y * y / (75 * step)))


@picture(("down", 2), ("across", 2), ("down", 3), ("both", 2))
def repeat_scene(direction, count):
    part = scene(240, 160, direction)
    shape = {"down": (count, 1), "across": (1, count), "both": (count, count)}[direction]
    return np.tile(part, (*shape, 1))


@picture(("rows",), ("columns",), ("changed",))
def repeat_sprites(kind):
    random = generator("sprites", kind)
    sprite = scene(48, 48, "sprite")
    sheet = np.tile(sprite, (8, 1, 1) if kind != "columns" else (1, 8, 1))
    if kind == "changed":
        for _ in range(60):
            row, column = random.integers(0, sheet.shape[0]), random.integers(0, 48)
            sheet[row, column] = random.integers(0, 256, 3)
    return sheet


@picture(("half",), ("brick",))
def repeat_shifted(kind):
    part = scene(96, 64, kind)
    rows = [np.roll(part, 48 * (row % 2) if kind == "brick" else 31 * row, 1) for row in range(6)]
    return np.tile(np.concatenate(rows), (1, 4, 1))


def glyphs(size, count, seed):
    """Black shapes like letters, of strokes."""
    random = generator("glyphs", seed)
    shapes = []
    for _ in range(count):
        shape = np.zeros((size, size), bool)
        for _ in range(random.integers(2, 5)):
            at, length = random.integers(1, size - 3), random.integers(size // 2, size - 1)
            stroke = max(1, size // 8)
            if random.integers(2):
                shape[at : at + stroke, 1:length] = True
            else:
                shape[1:length, at : at + stroke] = True
        shapes.append(shape)
    return shapes


def page(width, height, size, seed):
    """White with lines of letters."""
    random = generator("page", seed)
    shapes = glyphs(size, 40, seed)
    black = np.zeros((height, width), bool)
    for top in range(size, height - 2 * size, size + size // 2):
        left = size
        while left < width - 2 * size:
            if random.random() > 0.16:
                black[top : top + size, left : left + size] |= shapes[random.integers(40)]
            left += size + int(random.integers(0, 3))
    return black


@picture((10, 800, 1000), (16, 1000, 1200), (24, 1240, 900), (7, 320, 200))
def bilevel_page(size, width, height):
    return ~page(width, height, size, size)


@picture(("lines",), ("circles",), ("noise",))
def bilevel_art(kind):
    x, y = grid(600, 500)
    random = generator("art", kind)
    if kind == "lines":
        black = np.zeros((500, 600), bool)
        for _ in range(60):
            slope, offset = random.normal(0, 2), random.uniform(-300, 800)
            black |= np.abs(y - slope * x - offset) < 1 + np.abs(slope)
        return ~black
    if kind == "circles":
        return (np.hypot(x - 300, y - 250) // 12) % 2 == 0
    return random.random((500, 600)) < 0.5


def bayer(order):
    matrix = np.zeros((1, 1), int)
    for _ in range(order):
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    return matrix


@picture((2, "across"), (3, "across"), (3, "diagonal"), (3, "scene"), (4, "across"))
def dither_bayer(order, kind):
    x, y = grid(640, 480)
    grey = {
        "across": x / 640,
        "diagonal": (x + y) / 1120,
        "scene": scene(640, 480, "dither")[..., 1] / 256,
    }[kind]
    side = 1 << order
    return np.tile(bayer(order), (-(-480 // side), -(-640 // side)))[:480, :640] < grey * side**2


@picture(("scene",), ("across",))
def dither_halftone(kind):
    x, y = grid(600, 480)
    grey = scene(600, 480, "dots")[..., 1] / 256 if kind == "scene" else x / 600
    return np.sin(x * 0.6 + y * 0.6) * np.sin(x * 0.6 - y * 0.6) < 2 * grey - 1


@picture(("across",), ("down",), ("diagonal",), ("corner",), ("radial",), ("cone",))
def ramp_rgb(kind):
    x, y = grid(512, 512)
    drawn = {
        "across": np.stack([x / 2, 255 - x / 2, 128 + 0 * x], -1),
        "down": np.stack([y / 2, y / 4, y / 3], -1),
        "diagonal": np.stack([(x + y) / 4, x / 2, y / 2], -1),
        "corner": np.stack([x / 2, y / 2, x * y / 1024], -1),
        "radial": np.stack([np.hypot(x - 256, y - 256) * k for k in (0.7, 0.5, 0.3)], -1),
        "cone": np.stack([np.arctan2(y - 256, x - 256) * k + 128 for k in (40, 30, 20)], -1),
    }[kind]
    return clipped(np.floor(drawn))


@picture((6,), (7,))
def ramp_hald(level):
    side = level * level
    blue, green, red = np.meshgrid(*[np.arange(side) * 255 / (side - 1)] * 3, indexing="ij")
    return clipped(np.stack([red, green, blue], -1).reshape(level**3, level**3, 3))


@picture(("across",), ("diagonal",), ("radial",), ("saddle",), ("steps",))
def ramp_16bit(kind):
    x, y = grid(400, 300)
    drawn = {
        "across": x * 160,
        "diagonal": x * 90 + y * 97,
        "radial": 65535 - np.hypot(x - 200, y - 150) * 250,
        "saddle": 32768 + (x - 200) * (y - 150),
        "steps": (x + y) // 10 * 900,
    }[kind]
    return np.clip(drawn, 0, 65535).astype(np.uint16)


@picture(("triangles",), ("discs",), ("fade",))
def alpha_shapes(kind):
    x, y = grid(480, 360)
    random = generator("alpha", kind)
    image = np.zeros((360, 480, 4))
    if kind == "fade":
        image[..., :3] = (200, 40, 90)
        image[..., 3] = 255 * x / 480
        return clipped(np.floor(image))
    for _ in range(30):
        color, (cx, cy) = random.integers(0, 256, 4), random.uniform(0, 400, 2)
        if kind == "discs":
            inside = np.hypot(x - cx, y - cy) < 50
        else:
            sides = random.normal(0, 1, (3, 2))
            inside = np.all([a * (x - cx) + b * (y - cy) < 40 for a, b in sides], axis=0)
        weight = color[3] / 255
        image[inside] = image[inside] * (1 - weight) + color * weight
    return clipped(np.floor(image))


@picture(("g_equals_b",), ("all_equal",), ("one_constant",), ("inverse",), ("swapped_halves",))
def channels(kind):
    r, g, b = np.moveaxis(scene(384, 256, "channels"), -1, 0)
    planes = {
        "g_equals_b": (r, g, g),
        "all_equal": (g, g, g),
        "one_constant": (r, g, 0 * b + 77),
        "inverse": (r, 255 - r, r // 2),
        "swapped_halves": (g, g, np.roll(g, 0) ^ 255),
    }[kind]
    return np.stack(planes, -1)


@picture(("smooth", 256), ("scene", 256), ("scene", 64), ("scene", 12))
def colormap(kind, count):
    t = np.linspace(0, 1, count)
    table = np.stack([t**2 * 230, np.sqrt(t) * 200 + 30 * t, 90 + 120 * np.sin(3 * t)], -1)
    x, y = grid(384, 256)
    value = (np.sin(x / 60) + np.cos(y / 45) + 2) / 4
    if kind == "scene":
        value = scene(384, 256, "map")[..., 1] / 256
    return clipped(table)[np.clip(value * count, 0, count - 1).astype(int)]


@picture(("terrain",), ("heights",), ("normals",))
def packed(kind):
    random = generator("packed", kind)
    x, y = grid(384, 256)
    height = 900 + sum(
        random.normal(0, 90) * np.sin(x * random.normal(0, 0.04) + y * random.normal(0, 0.04))
        for _ in range(30)
    )
    if kind == "normals":
        dx, dy = np.gradient(height, axis=1) / 8, np.gradient(height, axis=0) / 8
        norm = np.sqrt(dx * dx + dy * dy + 1)
        return clipped(np.stack([-dx / norm, -dy / norm, 1 / norm], -1) * 127.5 + 127.5)
    if kind == "terrain":
        value = ((height + 10000) * 10).astype(int)
        return np.stack([value >> 16, value >> 8 & 255, value & 255], -1).astype(np.uint8)
    value = np.clip(height * 30, 0, 65535).astype(int)
    return np.stack([value >> 8, value & 255, 0 * value], -1).astype(np.uint8)


def art(side, colors, seed):
    """Pixel art: blocks of few colours, mirrored."""
    random = generator("art", seed, side)
    half = random.integers(0, colors, (side, side // 2))
    for _ in range(2):
        near = np.roll(half, random.integers(0, 2, 2), (0, 1))
        half = np.where(random.random(half.shape) < 0.5, near, half)
    table = random.integers(0, 256, (colors, 3))
    return table[np.concatenate([half, half[:, ::-1]], 1)].astype(np.uint8)


@picture((2.5, 64), (1.5, 96), (3.3, 48), (2, 64), (3, 60))
def pixelart(factor, side):
    image = art(side, 12, factor)
    places = (np.arange(int(side * factor)) / factor).astype(int)
    return image[places][:, places]


@picture((1,), (2,), (4,))
def scan(noise):
    black = page(500, 400, 14, noise).astype(float)
    soft = sum(np.roll(black, shift, axis) for shift in (-1, 0, 1) for axis in (0, 1)) / 6
    return clipped(235 - 200 * soft + generator("scan", noise).normal(0, noise, black.shape))


@picture(
    ("black", 99999, 1), ("black", 1, 30000), ("ramp", 50000, 2), ("scene", 30000, 4),
    ("scene", 2, 20000), ("bits", 40000, 1),
)  # fmt: skip
def thin(kind, width, height):
    if kind == "black":
        return np.zeros((height, width), np.uint8)
    x, y = grid(width, height)
    if kind == "ramp":
        return ((x // 7 + y) % 256).astype(np.uint8)
    if kind == "bits":
        return x // 13 % 3 == 0
    wave = 128 + 60 * np.sin((x + y) / 30) + 40 * np.sin((x - y) / 7)
    return clipped(wave + generator("thin", width).normal(0, 2, (height, width)))


def decoded_jpeg(quality):
    return imagecodecs.jpeg_decode(imagecodecs.jpeg_encode(scene(320, 240, "jpeg"), level=quality))


@picture(("scene_opaque",), ("scene_257",), ("jpeg_opaque",), ("jpeg_257",), ("jpeg_rgb",))
def wide(kind):
    image = decoded_jpeg(85) if kind.startswith("jpeg") else scene(320, 240, "wide")
    if kind.endswith("opaque"):
        return np.concatenate([image, np.full((240, 320, 1), 255, np.uint8)], -1)
    return image.astype(np.uint16) * 257 if kind.endswith("257") else image


@picture(("black",), ("colour",), ("alpha",), ("white_16",))
def constant(kind):
    return {
        "black": np.zeros((700, 900), np.uint8),
        "colour": np.full((700, 900, 3), (12, 200, 90), np.uint8),
        "alpha": np.full((300, 300, 4), (1, 2, 3, 4), np.uint8),
        "white_16": np.full((300, 300), 65535, np.uint16),
    }[kind]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, (draw, case) in PICTURES.items():
        samples = np.ascontiguousarray(draw(*case))
        if samples.shape[-1] == 1 and samples.ndim == 3:
            samples = samples[..., 0]
        if samples.dtype == bool:
            Image.fromarray(samples).save(folder / f"{name}.png")
        else:
            (folder / f"{name}.png").write_bytes(imagecodecs.png_encode(samples, level=6))
    print(f"{len(PICTURES)} pictures")


if __name__ == "__main__":
    main()
