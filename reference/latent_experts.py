"""Experts of latents and hyperlatents (FORMAT.md, §8.4, *Experts*)."""

import numpy as np

from reference.functions import F
from reference.weights import Shape

UNIT = F(1 / 4096)
FEATURE_UNIT = F(1 / 32)
RATE = F(0.02) / F(1024)


class Parts:
    """Cuts a vector of the weights file into arrays, in order."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values.astype(F) * UNIT
        self.position = 0

    def take(self, *shape: int) -> np.ndarray:
        """The next array of this shape."""
        size = int(np.prod(shape))
        part = self.values[self.position : self.position + size].reshape(shape)
        self.position += size
        return part


class LatentExpert:
    """ln odds of "not zero" and "negative" of the latents of a position in a step.

    Weights learn, so every tile has an expert of its own.
    """

    def __init__(self, values: np.ndarray, shape: Shape) -> None:
        parts = Parts(values)
        self.steps = []
        for step in range(shape.steps):
            group = shape.groups[step // 2]
            n, before = group.channels, group.before
            bias = parts.take(2, n)
            neighbours = parts.take(len(shape.first_half), 2, n) * FEATURE_UNIT
            channels = parts.take(before + n, 2, n) * FEATURE_UNIT
            self.steps.append((bias, neighbours, channels))

    def start_odds(self, step: int, neighbours: list[np.ndarray], before: np.ndarray) -> np.ndarray:
        """Odds, [2][channels of the step], before the first of them is coded.

        `neighbours`: features of the step's channels at each neighbour; `before`: features of the
        groups before at the position.
        """
        bias, neighbour_weights, channel_weights = self.steps[step]
        odds = bias.copy()
        for features, weights in zip(neighbours, neighbour_weights):
            values = features.astype(F)
            odds[0] += np.abs(values) * weights[0]
            odds[1] += values * weights[1]
        for feature, weights in zip(before.tolist(), channel_weights):
            add_feature(odds, feature, weights)
        return odds

    def add_channel(self, step: int, odds: np.ndarray, channel: int, feature: int) -> None:
        """Adds the feature of one of the group's channels, counted among all latents."""
        add_feature(odds, feature, self.steps[step][2][channel])

    def learn_sign(self, step: int, column: int, features: np.ndarray, error: np.float32) -> None:
        """Moves the weights of channels before (`features`) for "negative" of a channel."""
        weights = self.steps[step][2]
        weights[: len(features), 1, column] += (RATE * error) * features.astype(F)


def add_feature(odds: np.ndarray, feature: int, weights: np.ndarray) -> None:
    """Adds weights times a feature's size and value to both odds."""
    if feature:
        odds[0] += F(abs(feature)) * weights[0]
        odds[1] += F(feature) * weights[1]


class HyperExpert:
    """ln odds of "not zero" and "negative" of the hyperlatents of a position."""

    def __init__(self, values: np.ndarray, shape: Shape, position: int) -> None:
        parts = Parts(values)
        channels, hidden = shape.hyperlatents, shape.expert_hidden
        count = len(shape.hyper_neighbours)
        self.neighbours = parts.take(count, channels, 2, hidden)
        self.hidden_bias = horner(parts.take(4, hidden), position)
        self.output = parts.take(hidden, 2, channels)
        self.output_bias = horner(parts.take(4, 2, channels), position)
        self.channels = parts.take(channels, 2, 2, channels)

    def start_odds(self, neighbours: list[np.ndarray]) -> np.ndarray:
        """Odds, [2][channels], from symbols clamped to ±4 at each neighbour."""
        hidden = self.hidden_bias.copy()
        for symbols, weights in zip(neighbours, self.neighbours):
            for channel in np.flatnonzero(symbols):
                value = F(symbols[channel])
                hidden += value * weights[channel, 0] + np.abs(value) * weights[channel, 1]
        hidden = np.where(hidden < 0, hidden * F(0.125), hidden)
        odds = self.output_bias.copy()
        for value, weights in zip(hidden, self.output):
            odds += value * weights
        return odds

    def add_channel(self, odds: np.ndarray, channel: int, symbol: int) -> None:
        """Adds a symbol of the position, clamped to ±4."""
        if symbol:
            weights = self.channels[channel]
            odds += F(symbol) * weights[0]
            odds += F(abs(symbol)) * weights[1]


def horner(rows: np.ndarray, position: int) -> np.ndarray:
    """The polynomial in position / 2048 whose coefficients are four rows, the constant first."""
    x = F(position / 2048)
    total = np.zeros_like(rows[0])
    for row in rows[::-1]:
        total = total * x + row
    return total
