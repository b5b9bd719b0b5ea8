"""Synthetic drawings and screens: flat areas, sharp edges, gradients, text, and insets of photographs.

The same seed, photographs and version of Pillow, whose letters change, give the same drawings.

The training set holds photographs alone. A model that never saw a flat area spends bits on it and stains it.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

LETTERS = np.array(
    list("eeeetttaaaooiinnsshhrrddlluuccmmffyywwggppbbvkxqjzETAOINSHRD0123456789.,-()/:   ")
)


def palette(random):
    """Two to seven colours; half of them are greys or pale, as screens are."""
    colours = random.integers(0, 256, (random.integers(2, 8), 3))
    for colour in colours:
        kind = random.random()
        if kind < 0.25:
            colour[:] = colour[0]
        elif kind < 0.45:
            colour[:] = 255 - colour // 8
    if random.random() < 0.5:
        colours[0] = 255 if random.random() < 0.7 else random.integers(0, 48)
    return [tuple(int(v) for v in colour) for colour in colours]


def gradient(random, size, colours):
    """A linear gradient between two colours, rounded without dither."""
    angle = random.random() * 2 * np.pi
    y, x = np.mgrid[:size, :size] / size - 0.5
    part = np.clip((x * np.cos(angle) + y * np.sin(angle)) * random.uniform(0.5, 1.5) + 0.5, 0, 1)[
        ..., None
    ]
    a, b = (np.array(colours[random.integers(len(colours))], float) for _ in range(2))
    return Image.fromarray(np.round(a * (1 - part) + b * part).astype(np.uint8))


def box(random, size):
    """A rectangle inside the image, small ones more often than large."""
    width, height = (max(3, int(size * random.random() ** 2)) for _ in range(2))
    x, y = (random.integers(-4, max(size - n, 1)) for n in (width, height))
    return [int(x), int(y), int(x + width), int(y + height)]


def shape(random, draw, size, colours):
    fill = colours[random.integers(len(colours))]
    outline = colours[random.integers(len(colours))] if random.random() < 0.4 else None
    kind, area, stroke = random.random(), box(random, size), int(random.integers(1, 5))
    if kind < 0.4:
        draw.rounded_rectangle(
            area,
            0 if random.random() < 0.6 else int(min(area[2] - area[0], area[3] - area[1]) // 4),
            fill,
            outline,
            stroke,
        )
    elif kind < 0.6:
        draw.ellipse(area, fill, outline, stroke)
    elif kind < 0.8:
        points = [
            tuple(int(v) for v in random.integers(0, size, 2)) for _ in range(random.integers(2, 6))
        ]
        draw.line(points, fill, stroke, joint="curve")
    else:
        draw.polygon(
            [tuple(int(v) for v in random.integers(0, size, 2)) for _ in range(3)], fill, outline
        )


def text(random, draw, size, colours):
    """Lines of letters as frequent as in English, black on most grounds."""
    height = int(random.choice([9, 10, 11, 12, 14, 16, 20, 28, 44]))
    font, fill = ImageFont.load_default(height), colours[-1] if random.random() < 0.5 else (0, 0, 0)
    x, y = (int(v) for v in random.integers(-8, size, 2))
    for line in range(random.integers(1, 14)):
        length = random.integers(2, 60)
        draw.text(
            (x, y + int(line * height * 1.3)), "".join(random.choice(LETTERS, length)), fill, font
        )


def drawing(random, size=448, photographs=()):
    """size x size x 3 uint8. Half are drawn at twice the size and reduced, so that edges are soft."""
    scale = int(random.integers(1, 3))
    side, colours = size * scale, palette(random)
    image = (
        gradient(random, side, colours)
        if random.random() < 0.25
        else Image.new("RGB", (side, side), colours[0])
    )
    draw = ImageDraw.Draw(image)
    for _ in range(random.integers(1, 16)):
        shape(random, draw, side, colours)
    for _ in range(random.integers(0, 7)):
        text(random, draw, side, colours)
    if scale > 1:
        image = image.resize((size, size), Image.Resampling.BOX)
    if len(photographs) and random.random() < 0.2:
        photograph = Image.fromarray(photographs[random.integers(len(photographs))])
        image.paste(
            photograph.resize((size // 2, size // 3)),
            tuple(int(v) for v in random.integers(0, size // 2, 2)),
        )
    return np.array(image)


def drawings(count, seed, photographs=()):
    random = np.random.default_rng(seed)
    return [drawing(random, photographs=photographs) for _ in range(count)]
