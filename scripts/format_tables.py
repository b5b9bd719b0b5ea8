"""The tables of docs/FORMAT.md as numbers, read from its text."""

import re
from pathlib import Path

import numpy as np

F = np.float32
DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "FORMAT.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")


def rows_after(heading):
    """Cells of the rows of the table whose header row begins with `heading`."""
    start = TEXT.index("\n" + heading) + 1
    rows = []
    for line in TEXT[start:].split("\n"):
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    return rows


def numbers(text):
    """All numbers of a text, with the minus sign that the document uses."""
    return [float(word) for word in re.findall(r"-?\d*\.?\d+", text.replace("−", "-"))]


def counter_rates():
    """§10.7: rates and quick rates by count."""
    rate, quick = rows_after("| count | 0 | 1 |")[2:4]
    values = [int(number) for number in numbers(" ".join(rate[1:]))]
    quicks = [int(number) for number in numbers(" ".join(quick[1:]))]
    last = quicks.pop()
    return values, quicks + [last] * (20 - len(quicks))


def near_weights():
    rows = rows_after("| helpers | k₀ … k₁₂ |")[2:]
    return np.array([numbers(row[1]) for row in rows], F)


def symbol_shapes():
    rows = rows_after("| octave | 0 | 1 |")[2:]
    return np.array([numbers(" ".join(row[1:])) for row in rows], F)


def transform_scales():
    """§13.5: of the fast inverse DCT."""
    start = TEXT.index("with the scale of its place, row after row")
    lines = [line for line in TEXT[start:].split("\n")[1:] if line.startswith("| ")][2:10]
    return [int(number) for line in lines for number in numbers(line)]


def example_tables():
    """§13.5: K.1 and K.2 of T.81."""
    start = TEXT.index("\nK.1   ") + 1
    both = [numbers(re.sub(r"K\.\d", "", line)) for line in TEXT[start:].split("\n")[:8]]
    return [[int(n) for row in both for n in row[part : part + 8]] for part in (0, 8)]
