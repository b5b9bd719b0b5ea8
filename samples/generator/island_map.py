"""A tourist map of an invented island, in flat palette colours without any smoothing."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .noise import fractal

WIDTH, HEIGHT = 512, 384
SEA = ["#7fb2d6", "#94c1df", "#aad0e8", "#c3e0f0"]
LAND = ["#f2e8c4", "#dde6b0", "#c3d99b", "#a9c98a", "#c9bb84", "#b89e72", "#a08264", "#efeeea"]
SHADES = 2  # every land colour, in light and in shade
INK, ROAD, ROUTE, RIVER, PAPER, FOREST = (
    "#2e2a26",
    "#b5533c",
    "#d8342b",
    "#4f93c4",
    "#fbf6e6",
    "#5f9160",
)
TOWNS = [
    ("Port Alder", 150, 236),
    ("Mirefield", 246, 268),
    ("Cairn", 300, 140),
    ("Lowick", 383, 208),
    ("Eastness", 424, 118),
]
ROADS = [[0, 1], [1, 3], [3, 4], [1, 2], [0, 2]]


def rgb(code):
    return tuple(int(code[i : i + 2], 16) for i in (1, 3, 5))


def elevation(octaves):
    """Height above the sea, (384, 512); about 0.5 on the summit."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    falloff = np.hypot((x - 275) / 235, (y - 190) / 165)
    shape = 0.95 * fractal(x / 120, y / 120, octaves, 72)
    shape += 0.34 * fractal(x / 75, y / 75, octaves, 14, ridged=True) ** 2
    return shape - 0.95 * falloff**1.2 + 0.06


def downhill(height, x, y):
    """The course of a river from (x, y) to the sea; it digs its way out of hollows."""
    path, seen = [], set()
    while height[y, x] > 0 and len(path) < 600:
        path.append((x, y))
        seen.add((x, y))
        around = [
            (x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (x + i, y + j) not in seen
        ]
        around = [(u, v) for u, v in around if 0 <= u < WIDTH and 0 <= v < HEIGHT]
        if not around:
            break
        x, y = min(around, key=lambda place: height[place[1], place[0]])
    return path


def winding(start, end, seed):
    """A road between two towns that sways a little."""
    t = np.linspace(0, 1, 40)
    start, end = np.array(start, float), np.array(end, float)
    line = start + (end - start) * t[:, None]
    sway = (fractal(t * 4, t * 0 + 0.5, 3, seed) - 0.5) * 70 * np.sin(np.pi * t)
    across = np.array([start[1] - end[1], end[0] - start[0]]) / np.hypot(*(end - start))
    return [tuple(point) for point in line + sway[:, None] * across]


def draw(_seed):
    """The picture, 512 x 384 with a palette of 26 colours."""
    height = elevation(7)
    lit = np.roll(height, 3, (0, 1)) < height + 0.004
    sea_band = np.clip((height + 0.21) / 0.07 + 1, 0, len(SEA) - 1).astype(int)
    climb = np.maximum(height / height.max(), 0) ** 1.5
    land_band = np.clip(1.1 * len(LAND) * climb, 0, len(LAND) - 1).astype(int)
    index = np.where(height > 0, len(SEA) + SHADES * land_band + ~lit, sea_band).astype(np.uint8)
    shaded = [tuple(round(channel * f) for channel in rgb(c)) for c in LAND for f in (1, 0.88)]
    colors = [rgb(c) for c in SEA] + shaded
    pens = {}
    for code in (INK, ROAD, ROUTE, RIVER, PAPER, FOREST):
        pens[code] = len(colors)
        colors.append(rgb(code))

    band = np.where(height > 0, land_band, -1)
    edge = (band != np.roll(band, 1, 0)) | (band != np.roll(band, 1, 1))
    image = Image.fromarray(np.where(edge & (height > 0) & (height < 0.01), pens[INK], index))
    pen = ImageDraw.Draw(image)
    pen.fontmode = "1"

    sparse = np.random.default_rng(4).random(height.shape) < 0.02
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    woods = (
        sparse
        & (land_band > 0)
        & (land_band < 4)
        & (height > 0.03)
        & (fractal(x / 40, y / 40, 4, 9) > 0.53)
    )
    for v, u in zip(*np.nonzero(woods)):
        pen.polygon([(u - 2, v + 2), (u, v - 3), (u + 2, v + 2)], pens[FOREST])
    for source in ((272, 172), (338, 170), (226, 150)):
        pen.line(downhill(elevation(4), *source), pens[RIVER], 2)
    for number, (a, b) in enumerate(ROADS):
        path = winding(TOWNS[a][1:], TOWNS[b][1:], 30 + number)
        pen.line(path, pens[INK], 4)
        pen.line(path, pens[PAPER] if number else pens[ROAD], 2)
    ferry = winding(TOWNS[0][1:], (20, 372), 3)
    for i in range(2, len(ferry) - 1, 2):
        pen.line(ferry[i : i + 2], pens[ROUTE], 2)
    for name, u, v in TOWNS:
        pen.ellipse((u - 4, v - 4, u + 4, v + 4), pens[PAPER], pens[INK], 2)
        for i, j in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            pen.text((u + 8 + i, v + j), name, pens[PAPER], ImageFont.load_default(13), "lm")
        pen.text((u + 8, v), name, pens[INK], ImageFont.load_default(13), "lm")

    for u in range(0, WIDTH, 64):
        pen.line([(u, 0), (u, 5)], pens[INK])
        pen.line([(u, HEIGHT - 6), (u, HEIGHT)], pens[INK])
    pen.rectangle((0, 0, WIDTH - 1, HEIGHT - 1), None, pens[INK], 2)
    pen.rectangle((12, 12, 158, 74), pens[PAPER], pens[INK])
    pen.text((22, 28), "Isle of Quill", pens[INK], ImageFont.load_default(18), "lm")
    pen.line([(22, 52), (82, 52)], pens[INK], 3)
    pen.line([(82, 52), (142, 52)], pens[PAPER], 3)
    pen.rectangle((22, 50, 142, 54), None, pens[INK])
    pen.text((22, 64), "0         5         10 km", pens[INK], ImageFont.load_default(10), "lm")
    image.putpalette([channel for c in colors for channel in c])
    return image
