"""A mock of a photo tool's window: flat panels, small text, buttons and charts."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SIZE, SCALE = (800, 500), 4
INK, MUTED, LINE, PAPER, PANEL = "#1f2933", "#7b8794", "#e4e7eb", "#ffffff", "#f5f7fa"
BLUE, GREEN, ORANGE, RED = "#2f6fde", "#2fa36b", "#e08a2c", "#d64545"


def font(size):
    return ImageFont.load_default(size)


class Canvas:
    """Draws shapes at four times the size, so that edges come out smooth, and text at its own."""

    def __init__(self):
        self.image = Image.new("RGB", [SCALE * n for n in SIZE], PANEL)
        self.shapes = ImageDraw.Draw(self.image)
        self.labels = []

    def box(self, x, y, width, height, fill, radius=0, outline=None):
        corners = [SCALE * n for n in (x, y, x + width, y + height)]
        corners[2] -= 1
        corners[3] -= 1
        self.shapes.rounded_rectangle(corners, radius * SCALE, fill, outline, SCALE)

    def dot(self, x, y, radius, fill):
        self.shapes.ellipse(
            [SCALE * n for n in (x - radius, y - radius, x + radius, y + radius)], fill
        )

    def line(self, points, fill, width=1.0):
        scaled = [(SCALE * x, SCALE * y) for x, y in points]
        self.shapes.line(scaled, fill, round(SCALE * width), joint="curve")

    def text(self, x, y, words, size=12, fill=INK, anchor="lm"):
        self.labels.append(((x, y), words, size, fill, anchor))

    def finish(self):
        image = self.image.reduce(SCALE)
        draw = ImageDraw.Draw(image)
        for place, words, size, fill, anchor in self.labels:
            draw.text(place, words, fill, font(size), anchor)
        return image


def window_frame(canvas):
    canvas.box(0, 0, 800, 36, "#2b3440")
    for x, fill in ((18, "#ff5f57"), (36, "#febc2e"), (54, "#28c840")):
        canvas.dot(x, 18, 5.5, fill)
    canvas.text(400, 18, "Harbour at noon.rdc,  768 x 512", 13, "#e4e7eb", "mm")
    canvas.box(640, 8, 146, 20, "#3b4756", 10)
    canvas.text(654, 18, "Search files", 11, "#9aa5b1")


def sidebar(canvas):
    canvas.box(0, 36, 172, 464, "#e9edf2")
    canvas.text(18, 58, "LIBRARY", 10, MUTED)
    rows = [
        ("All images", "1 284"),
        ("Recent", "36"),
        ("Photographs", "902"),
        ("Drawings", "117"),
        ("Screenshots", "265"),
    ]
    for i, (name, count) in enumerate(rows):
        y = 82 + 28 * i
        if i == 2:
            canvas.box(8, y - 13, 156, 26, BLUE, 6)
        canvas.box(18, y - 5, 11, 10, "#ffffff" if i == 2 else "#9fb3c8", 2)
        canvas.text(38, y, name, 12, "#ffffff" if i == 2 else INK)
        canvas.text(156, y, count, 11, "#dbe7ff" if i == 2 else MUTED, "rm")
    canvas.text(18, 238, "SETTINGS", 10, MUTED)
    for i, (name, on) in enumerate(
        [("Keep metadata", 1), ("Instant preview", 1), ("Use all cores", 0)]
    ):
        y = 262 + 30 * i
        canvas.text(18, y, name)
        canvas.box(126, y - 8, 30, 16, GREEN if on else "#cbd2d9", 8)
        canvas.dot(148 if on else 134, y, 6, "#ffffff")
    canvas.text(18, 372, "Effort", 12)
    canvas.text(156, 372, "5", 12, MUTED, "rm")
    canvas.box(18, 388, 138, 4, "#cbd2d9", 2)
    canvas.box(18, 388, 70, 4, BLUE, 2)
    canvas.dot(88, 390, 7, "#ffffff")
    canvas.dot(88, 390, 5.5, BLUE)
    canvas.box(18, 452, 138, 30, BLUE, 6)
    canvas.text(87, 467, "Compress", 13, "#ffffff", "mm")


def curve_chart(canvas):
    """Rate against distortion for three methods."""
    canvas.box(188, 52, 376, 236, PAPER, 8, LINE)
    canvas.text(204, 72, "Rate and distortion", 14)
    canvas.text(204, 90, "bits per pixel, lower and further left is better", 10, MUTED)
    for i in range(6):
        y = 110 + 28 * i
        canvas.line([(230, y), (548, y)], LINE)
        canvas.text(222, y, f"{5 - i}.0", 10, MUTED, "rm")
        canvas.text(238 + 60 * i, 264, f"{0.5 * i:.1f}", 10, MUTED, "mm")
    rate = np.linspace(0.08, 1, 40)
    for level, fill, name in (
        (1.15, RED, "fixed"),
        (0.85, ORANGE, "adaptive"),
        (0.58, BLUE, "learned"),
    ):
        y = 250 - 135 * level * np.exp(-2.6 * rate) - 14 * level
        canvas.line(list(zip(238 + 300 * rate, y)), fill, 2)
        for i in (4, 14, 26):
            canvas.dot(238 + 300 * rate[i], y[i], 3.2, fill)
        x = 352 + 70 * ["fixed", "adaptive", "learned"].index(name)
        canvas.box(x, 122, 9, 9, fill, 2)
        canvas.text(x + 14, 127, name, 11)


def bar_chart(canvas):
    canvas.box(580, 52, 204, 236, PAPER, 8, LINE)
    canvas.text(596, 72, "Size by layer", 14)
    canvas.text(596, 90, "kilobytes", 10, MUTED)
    for i, (a, b) in enumerate([(22, 96), (30, 84), (41, 66), (55, 58), (74, 47), (96, 41)]):
        x = 600 + 30 * i
        canvas.box(x, 262 - a, 18, a, BLUE)
        canvas.box(x, 262 - a - b / 2, 18, b / 2, "#a9c6f8")
        canvas.text(x + 9, 272, f"q{20 + 15 * i}", 10, MUTED, "mm")
    canvas.line([(594, 262), (776, 262)], MUTED)


def file_table(canvas):
    canvas.box(188, 304, 596, 180, PAPER, 8, LINE)
    canvas.box(189, 305, 594, 26, PANEL, 7)
    columns = (204, 370, 470, 560, 650)
    for x, name in zip(columns, ("Name", "Pixels", "Before", "After", "State")):
        canvas.text(x, 318, name, 11, MUTED)
    rows = [
        ("harbour at noon", "768 x 512", "611 KB", "388 KB", "exact", GREEN),
        ("lighthouse, fog", "3024 x 4032", "14.2 MB", "8.7 MB", "exact", GREEN),
        ("station map", "1200 x 900", "96 KB", "41 KB", "exact", GREEN),
        ("wedding 0417", "6000 x 4000", "38.9 MB", "2.1 MB", "quality 60", ORANGE),
        ("scan, page 12", "2480 x 3508", "182 KB", "-", "unreadable", RED),
    ]
    for i, (*cells, state, fill) in enumerate(rows):
        y = 346 + 28 * i
        if i:
            canvas.line([(196, y - 14), (776, y - 14)], LINE)
        for x, words in zip(columns, cells):
            canvas.text(x, y, words)
        canvas.dot(656, y, 4, fill)
        canvas.text(666, y, state)


def draw(_seed):
    """The picture, 800 x 500 RGB."""
    canvas = Canvas()
    for part in (window_frame, sidebar, curve_chart, bar_chart, file_table):
        part(canvas)
    return canvas.finish()
