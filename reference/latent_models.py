"""Adaptive models of latents: tables of counters and sets of weights (FORMAT.md, §8.4)."""

import numpy as np

from reference.errors import corrupt
from reference.functions import F
from reference.mixing import Counters, counter_inputs, mixed_decision
from reference.range_coder import RangeDecoder
from reference.weights import Shape

NODES = 16
SIGN_NODE = 14
INPUTS = 16
START_COUNT = 12
NEW_RATE, STARTED_RATE, LAST_RATE = F(0.02), F(0.004), F(0.002)
RATE_FALL = F(0.98)

SCALE_BY = {2: 32, 3: 21, 5: 8, 8: 4}
SUM, PAIR, SURPRISE, RECENT, SIGNS, COST, AROUND = 12, 16, 12, 8, 9, 16, 5
HYPER_SUM, HYPER_SIZES, HYPER_RECENT = 16, 16, 16


class Layout:
    """Tables one after the other: where each starts, counted in counters or in sets."""

    def __init__(self, tables: list[tuple[str, int]], first: int = 0) -> None:
        self.start = {}
        position = first
        for name, size in tables:
            self.start[name] = position
            position += size
        self.end = position


class WeightSets:
    """Sets of sixteen weights, two vectors each, with a rate for each set."""

    def __init__(self, count: int) -> None:
        self.weights = np.zeros((count, 2, 8), F)
        self.rates = [NEW_RATE] * count


class DecisionModels:
    """Counters and sets of weights of a tile's latents or hyperlatents."""

    def __init__(self, counters: int, sets: int, prior_sets: int, start: np.ndarray | None) -> None:
        """`prior_sets`: of how many sets the prior's weight starts at ½."""
        self.counters = Counters(counters)
        self.sets = WeightSets(sets)
        if start is None:
            self.sets.weights[:prior_sets, 0, 0] = F(0.5)
            return
        if len(start) != counters + INPUTS * sets:
            raise corrupt("start of latents in the weights file")
        for index, fast in enumerate(start[:counters].tolist()):
            self.counters.start(index, fast, START_COUNT)
        self.sets.weights[:] = start[counters:].reshape(sets, 2, 8).astype(F) / F(4096)
        self.sets.rates = [STARTED_RATE] * sets

    def decide(
        self,
        decoder: RangeDecoder,
        odds: tuple[float, float, float],
        counters: list[int],
        sets: list[int],
    ) -> tuple[bool, np.float32]:
        """One decision and its error; `odds` are those of prior and expert, and the 1 or 0 that
        tells whether there is an expert."""
        prior, expert, has_expert = odds
        inputs = [prior, expert, *counter_inputs(self.counters, counters), has_expert, 0]
        weights = [self.sets.weights[index] for index in sets]
        rates = [self.sets.rates[index] for index in sets]
        x = np.array(inputs, F).reshape(2, 8)
        bit, error = mixed_decision(decoder, x, weights, rates)
        for index in counters:
            self.counters.update(index, bit)
        for index, rate in zip(sets, rates):
            self.sets.rates[index] = LAST_RATE + (rate - LAST_RATE) * RATE_FALL
        return bit, error


def latent_counters(shape: Shape) -> Layout:
    """Counters of latents, in the order of §8.4."""
    channels, steps = shape.latents, shape.steps
    magnitudes = [
        ("MAGNITUDE_CHANNEL_SCALE", channels * SCALE_BY[5]),
        ("MAGNITUDE_SCALE_SUM", SCALE_BY[2] * SUM),
        ("MAGNITUDE_SCALE_SURPRISE", SCALE_BY[2] * SURPRISE),
        ("MAGNITUDE_PAIR_CHANNEL", PAIR * channels),
        ("MAGNITUDE_RECENT_SCALE_STEP", RECENT * SCALE_BY[3] * steps),
        ("MAGNITUDE_SCALE_STEP", SCALE_BY[2] * steps),
    ]
    others = [
        ("SIGN_CHANNEL_FIRST", channels * SIGNS),
        ("SIGN_STEP_NEIGHBOURS", steps * SIGNS * SIGNS),
        ("SIGN_CHANNEL_BEFORE", channels * SIGNS),
        ("SIGN_CHANNEL_SECOND", channels * SIGNS),
        ("SIGN_CHANNEL_SCALE", channels * SCALE_BY[5]),
        ("SIGN_PAIR_CHANNEL", PAIR * channels),
        ("FLAG_STEP", steps),
        ("FLAG_COST_STEP", COST * steps),
        ("FLAG_STEP_AROUND", steps * AROUND),
        ("FLAG_COST_SURPRISE", COST * SURPRISE),
        ("FLAG_COST_AROUND", COST * AROUND),
        ("FLAG_SURPRISE_AROUND", SURPRISE * AROUND),
    ]
    return Layout([(name, NODES * size) for name, size in magnitudes] + others)


def latent_sets(shape: Shape, has_expert: bool) -> Layout:
    """Sets of weights of latents; those of channels only where there is an expert."""
    return Layout(
        [
            ("SET_STEP_SCALE", shape.steps * NODES * SCALE_BY[8]),
            ("SET_SCALE_SURPRISE", NODES * SCALE_BY[2] * SURPRISE),
            ("FLAG_SET_STEP", shape.steps),
            ("FLAG_SET_COST_SURPRISE", COST * SURPRISE),
            ("SET_CHANNEL", shape.latents * NODES if has_expert else 0),
        ]
    )


def hyper_counters(shape: Shape) -> Layout:
    """Counters of hyperlatents."""
    channels = shape.hyperlatents
    tables = [
        ("HYPER_CHANNEL", channels),
        ("HYPER_CHANNEL_SIZES", channels * HYPER_SIZES),
        ("HYPER_RECENT_SUM", HYPER_RECENT * HYPER_SUM),
        ("HYPER_CHANNEL_BEFORE", channels * SIGNS),
        ("HYPER_CHANNEL_SIGNS", channels * SIGNS),
        ("HYPER_SUM", HYPER_SUM),
    ]
    return Layout([(name, NODES * size) for name, size in tables])


def hyper_sets(shape: Shape) -> Layout:
    """Sets of weights of hyperlatents."""
    return Layout(
        [
            ("HYPER_SET_CHANNEL", NODES * shape.hyperlatents),
            ("HYPER_SET_SUM", NODES * HYPER_SUM),
        ]
    )
