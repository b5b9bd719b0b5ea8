"""Operations on tensors of 16-bit activations (FORMAT.md, §8.1, §8.2).

Tensors are height × width × channels, in i64 whose values fit in 16 bits.
"""

import math

import numpy as np

from reference.weights import Convolution, Depthwise, Model


def sat16(values: np.ndarray) -> np.ndarray:
    """Clamps to −32768 … 32767."""
    return np.clip(values, -32768, 32767)


def wrap32(values: np.ndarray) -> np.ndarray:
    """Sums as signed integers of 32 bits that wrap around."""
    return values.astype(np.int64).astype(np.int32).astype(np.int64)


def leaky(values: np.ndarray) -> np.ndarray:
    """x, or x >> 3 where x is negative."""
    return np.where(values < 0, values >> 3, values)


def _finish(sums: np.ndarray, shift: int, is_leaky: bool) -> np.ndarray:
    shifted = wrap32(wrap32(sums) + (1 << (shift - 1))) >> shift
    return sat16(leaky(shifted) if is_leaky else shifted)


def convolve_valid(x: np.ndarray, layer: Convolution, is_leaky: bool = False) -> np.ndarray:
    """A convolution without a border: the output is smaller by the kernel less one.

    Sums are made in binary64, which is exact: they stay far below 2⁵³.
    """
    outputs, rows, columns, inputs = layer.weights.shape
    height, width = x.shape[0] - rows + 1, x.shape[1] - columns + 1
    sums = np.zeros((height * width, outputs))
    for row in range(rows):
        for column in range(columns):
            part = x[row : row + height, column : column + width].reshape(-1, inputs)
            sums += part.astype(np.float64) @ layer.weights[:, row, column].T.astype(np.float64)
    total = sums.astype(np.int64).reshape(height, width, outputs) + layer.bias
    return _finish(total, layer.shift, is_leaky)


def convolve(x: np.ndarray, layer: Convolution, is_leaky: bool = False) -> np.ndarray:
    """A *same* convolution: zeros around the input keep the size."""
    rows, columns = layer.weights.shape[1] // 2, layer.weights.shape[2] // 2
    return convolve_valid(np.pad(x, ((rows, rows), (columns, columns), (0, 0))), layer, is_leaky)


def depthwise(x: np.ndarray, layer: Depthwise) -> np.ndarray:
    """A depthwise 3 × 3 convolution, *same* and not leaky."""
    height, width, _ = x.shape
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    total = np.zeros_like(x) + layer.bias
    for row in range(3):
        for column in range(3):
            total += (
                padded[row : row + height, column : column + width] * layer.weights[row, column]
            )
    return _finish(total, layer.shift, False)


def blocks(x: np.ndarray, model: Model, name: str, count: int) -> np.ndarray:
    """The Blocks `name`.0, `name`.1 and so on."""
    for index in range(count):
        prefix = f"{name}.{index}"
        inner = depthwise(x, model.entries[f"{prefix}.depthwise"])
        inner = convolve(inner, model.entries[f"{prefix}.expand"], True)
        x = sat16(x + convolve(inner, model.entries[f"{prefix}.project"]))
    return x


def spread(x: np.ndarray, factor: int) -> np.ndarray:
    """factor² · c channels become factor × factor positions of c."""
    height, width, channels = x.shape
    inner = channels // factor**2
    parts = x.reshape(height, width, factor, factor, inner).transpose(0, 2, 1, 3, 4)
    return parts.reshape(height * factor, width * factor, inner)


def interpolate(table: np.ndarray, position: int) -> np.ndarray:
    """The vector of a table of nine rows at a rate (§8.2)."""
    row = min(position >> 8, 7)
    part = position - 256 * row
    return (table[row] * (256 - part) + table[row + 1] * part + 128) >> 8


def _roots() -> list[int]:
    value, result = 2.0, []
    for _ in range(16):
        value = math.sqrt(value)
        result.append(math.floor(value * 2**30 + 0.5))
    return result


ROOTS = _roots()


def step_of_gain(log_gain: int) -> int:
    """A latent channel's quantisation step, with 12 fraction bits (§8.2)."""
    exponent = 12 * (1 << 16) - log_gain
    mantissa = 1 << 30
    for k, root in enumerate(ROOTS, start=1):
        if exponent >> (16 - k) & 1:
            mantissa = (mantissa * root + (1 << 29)) >> 30
    shift = 30 - min(max(exponent >> 16, 0), 28)
    return max(1, (mantissa + (1 << (shift - 1))) >> shift)
