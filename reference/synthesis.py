"""From latents to x̂, its scales and what the residual coder sees (FORMAT.md, §9)."""

from dataclasses import dataclass

import numpy as np

from reference.arithmetic import ceiling
from reference.container import Filter
from reference.tensors import (
    blocks,
    convolve,
    convolve_valid,
    interpolate,
    leaky,
    sat16,
    spread,
    step_of_gain,
    wrap32,
)
from reference.weights import Model


@dataclass(frozen=True)
class Approximation:
    """Of an image: means are height × width × 3, x̂ − 128 in sixteenths of 8-bit steps before
    the clamp of P_dec; scales are ⌊4 log₂(16 σ)⌋ of 2 × 2 pixels each."""

    means: np.ndarray
    scales: np.ndarray


def synthesize(z: np.ndarray, model: Model, position: int) -> Approximation:
    """The whole map of latents z, rows × columns × channels, as means and scales (§9)."""
    entries, shape = model.entries, model.shape
    bias = sat16(interpolate(entries["decoder.bias"], position))
    features = sat16(leaky(convolve(z, entries["decoder.in"]) + bias))
    features = blocks(features, model, "decoder", shape.blocks)
    gains = interpolate(entries["log_gain"], position)
    steps = np.array([step_of_gain(int(gain)) for gain in gains])
    products = (8 * z + convolve(features, entries["decoder.out"])) * steps
    coefficients = sat16((products + (1 << 16)) >> 17)
    bordered = np.pad(coefficients, ((1, 1), (1, 1), (0, 0)))
    linear = spread(convolve_valid(bordered, entries["synthesis"]), 8)[4:-4, 4:-4]
    side = spread(convolve(features, entries["decoder.side"]), 4)
    height, width, _ = side.shape
    squares = linear.reshape(height, 2, width, 2, 3).transpose(0, 2, 1, 3, 4)
    half = np.concatenate([squares.reshape(height, width, 12), side], axis=2)
    post = convolve(half, entries["post.in"], True)
    post = leaky(blocks(post, model, "post", shape.post_blocks))
    means = sat16(linear + spread(convolve(post, entries["post.out"]), 2))
    scales = np.clip(convolve(post, entries["post.scale"]) >> 6, 0, 63)
    return Approximation(means, scales)


def enlarge(
    small: Approximation, shift: int, width: int, height: int, small_width: int, small_height: int
) -> Approximation:
    """The approximation of the image from that of the reduced one (§9.1)."""
    if shift == 0:
        return Approximation(
            small.means[:height, :width],
            small.scales[: ceiling(height, 2), : ceiling(width, 2)],
        )
    rows, row_parts = _places(height, shift, small_height)
    columns, column_parts = _places(width, shift, small_width)
    one = 1 << (shift + 1)
    total = np.zeros((height, width, 3), np.int64)
    for row, row_weight in ((0, one - row_parts), (1, row_parts)):
        for column, column_weight in ((0, one - column_parts), (1, column_parts)):
            picked = small.means[rows[row]][:, columns[column]]
            total += picked * row_weight[:, None, None] * column_weight[None, :, None]
    means = (total + (1 << (2 * shift + 1))) >> (2 * shift + 2)
    scale_rows = (2 * np.arange(ceiling(height, 2)) >> shift) >> 1
    scale_columns = (2 * np.arange(ceiling(width, 2)) >> shift) >> 1
    return Approximation(means, small.scales[scale_rows][:, scale_columns])


def _places(
    length: int, shift: int, small_length: int
) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    centers = 2 * np.arange(length) + 1 - (1 << shift)
    places = centers >> (shift + 1)
    parts = centers - (places << (shift + 1))
    limit = small_length - 1
    return (np.clip(places, 0, limit), np.clip(places + 1, 0, limit)), parts


def apply_filter(means: np.ndarray, wiener: Filter) -> np.ndarray:
    """The mean with what the filter of a lossy image adds (§9.2), of the whole map."""
    red, green, blue = (means[:, :, channel] for channel in range(3))
    limits = (83, 68, 118)
    planes = (red + green + blue, red - blue, 2 * green - red - blue)
    fine, coarse = [], []
    for plane in planes:
        smooth = _smooth(plane, 1)
        fine.append((16 * plane - smooth + 8) >> 4)
        coarse.append((256 * plane - _smooth(smooth, 2) + 128) >> 8)
    inputs = [*planes, np.full_like(red, 2048), *fine, *coarse]
    for details in (fine, coarse):
        inputs += [np.clip(detail, -limit, limit) for detail, limit in zip(details, limits)]
    u, v, w = (
        wrap32(sum(weight * plane for weight, plane in zip(weights, inputs)))
        for weights in wiener.weights
    )
    sums = (u + v - w, u + 2 * w, u - v - w)
    added = [wrap32(total + (1 << 13)) >> 14 for total in sums]
    return sat16(means + np.stack(added, axis=2))


def _smooth(plane: np.ndarray, distance: int) -> np.ndarray:
    """Weights 1, 2, 1 at −distance, 0, distance, down and across; edges are repeated."""
    for axis in (0, 1):
        border = [(0, 0), (0, 0)]
        border[axis] = (distance, distance)
        padded = np.pad(plane, border, mode="edge")
        length = plane.shape[axis]
        low, middle, high = (
            padded.take(range(start, start + length), axis=axis)
            for start in (0, distance, 2 * distance)
        )
        plane = low + 2 * middle + high
    return plane


@dataclass(frozen=True)
class Prediction:
    """P_dec of the coded image (§9): one mean in sixteenths of a sample step and one scale in
    8-bit steps for each sample; planes × height × width."""

    means: np.ndarray
    scales: np.ndarray


def predict(
    approximation: Approximation, is_grey: bool, color_range: tuple[int, int]
) -> Prediction:
    """P_dec of the colour planes (§9)."""
    means, scales = approximation.means, approximation.scales
    height, width, _ = means.shape
    if is_grey:
        total = means.sum(axis=2, keepdims=True)
        means = np.where(total < 0, -(-total // 3), total // 3)
        scales = scales[:, :, 1:2]
    low, high = color_range
    clamped = np.clip(means + 2048, 0, 4080)
    scaled = 16 * low + (clamped * (high - low) + 127) // 255
    wide = scales.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    return Prediction(scaled.transpose(2, 0, 1), wide.transpose(2, 0, 1))


def lossy_samples(prediction: Prediction, highest: int) -> np.ndarray:
    """x̂, planes × height × width (§9)."""
    return np.minimum((prediction.means + 8) >> 4, highest)
