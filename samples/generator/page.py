"""A printed page in black and white: headings, two columns of text and a halftone."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .noise import smoothstep

WIDTH, HEIGHT = 720, 960
TITLE = "THE LANTERN GAZETTE"
LEAD = "Keeper counts the ships"
TEXT = """
Every evening the keeper of the northern light climbs two hundred and six steps with a notebook
under his arm. He writes down what he sees: the hour, the weather, and each sail that passes
before the lamp is lit. The books go back ninety years and fill a wall of the lower room.

What would a stranger need, he was asked, to have the sea of any one night again? Not much, he
said. Most nights are like the night before. It is enough to write what was different, and the
less you expected it the longer you must write. A calm needs one word. A storm needs a page, and
a whale needs two, since nobody will believe it.

His daughter, who keeps the accounts of the harbour, put the same thought into numbers. Give the
likely things short names and the rare things long ones, and the book grows thin. Guess better
and it grows thinner still. Guess badly and you pay for every surprise.

There are two ways of being wrong, she added. One is to say too little, and then the picture in
the reader's head is blurred. The other is to say too much, and then the boat with the post sinks
under the paper. Between them lies a line, and along it everybody may choose where to stand. The
art is only to push the whole line towards the corner.

The harbour board has voted to print the books. Subscribers may order the set complete, or a
smaller one in which the waves are left out.
""".strip()


def wrapped(text, font, width):
    """Lines of words no wider than `width`; None between paragraphs."""
    for paragraph in text.split("\n\n"):
        line = ""
        for word in paragraph.split():
            if line and font.getlength(f"{line} {word}") > width:
                yield line, False
                line = word
            else:
                line = f"{line} {word}".strip()
        yield line, True


def justify(pen, x, y, line, font, width):
    """Sets a line so that it fills the column."""
    words = line.split()
    gap = (width - sum(font.getlength(word) for word in words)) / max(len(words) - 1, 1)
    for word in words:
        pen.text((round(x), y), word, 0, font)
        x += font.getlength(word) + gap


def lighthouse(width, height):
    """A tower, its beam and the sea, as grey levels in [0, 1]."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = (x - 0.36 * width) / height, y / height
    picture = 0.30 + 0.25 * y
    beam = smoothstep(0.13, 0.02, np.abs(y - 0.24 + 0.10 * x) / (0.18 + np.abs(x)))
    picture = np.where(x > 0, picture + 0.55 * beam * np.exp(-0.7 * x), picture)
    wave = 0.78 + 0.012 * np.sin(60 * x + 3 * np.sin(9 * x))
    sea = 0.22 + 0.20 * np.sin(170 * (y - 0.6) ** 2 * 3 + 8 * np.sin(7 * x)) * (y - 0.6)
    picture = np.where(y > wave, sea, picture)
    body = 0.045 + 0.05 * (y - 0.3)
    tower = (np.abs(x) < body) & (y > 0.3) & (y < 0.82)
    stripes = np.where((y * 7.5) % 1 < 0.5, 0.92, 0.12) * (0.75 - 3.5 * x)
    picture = np.where(tower, stripes, picture)
    rock = y > 0.80 + 1.2 * np.maximum(np.abs(x) - 0.10, 0) ** 1.3 + 0.01 * np.sin(70 * x)
    picture = np.where(rock, 0.08 + 0.06 * np.sin(40 * x + 60 * y), picture)
    picture = np.where(np.hypot(x, y - 0.25) < 0.05, 1.0, picture)
    return np.clip(picture, 0, 1)


def draw(_seed):
    """The picture, 720 x 960 with one bit per pixel."""
    image = Image.new("1", (WIDTH, HEIGHT), 1)
    pen = ImageDraw.Draw(image)
    pen.text((WIDTH // 2, 62), TITLE, 0, ImageFont.load_default(46), "mm")
    pen.line([(48, 98), (WIDTH - 48, 98)], 0, 3)
    pen.line([(48, 104), (WIDTH - 48, 104)], 0, 1)
    small = ImageFont.load_default(14)
    pen.text((48, 120), "No. 4 117", 0, small, "lm")
    pen.text((WIDTH // 2, 120), "Morning edition", 0, small, "mm")
    pen.text((WIDTH - 48, 120), "Price two pence", 0, small, "rm")
    pen.line([(48, 136), (WIDTH - 48, 136)], 0, 1)
    pen.text((48, 172), LEAD, 0, ImageFont.load_default(34), "lm")

    grey = Image.fromarray((lighthouse(624, 250) * 255).astype(np.uint8))
    image.paste(grey.convert("1"), (48, 204))
    pen.rectangle((48, 204, 671, 453), None, 0, 2)

    body = ImageFont.load_default(16)
    column, row, width = 48, 474, 300
    for line, ends in wrapped(TEXT, body, width - 12):
        if row > HEIGHT - 62:
            column, row = 372, 474
        if ends:
            pen.text((column, row), line, 0, body)
        else:
            justify(pen, column, row, line, body, width)
        row += 20 + (9 if ends else 0)
    pen.line([(360, 474), (360, HEIGHT - 56)], 0, 1)
    return image
