"""Latents of a tile from its stream (FORMAT.md, §8.3, §8.4)."""

import numpy as np

from reference.arithmetic import ceiling
from reference.container import Tile
from reference.functions import SQUASH_CODED, F, bits, coded, exp, ln, squash_index
from reference.latent_experts import HyperExpert, LatentExpert
from reference.latent_models import (
    AROUND,
    COST,
    HYPER_RECENT,
    HYPER_SUM,
    NODES,
    RECENT,
    SCALE_BY,
    SIGN_NODE,
    SIGNS,
    SUM,
    SURPRISE,
    DecisionModels,
    hyper_counters,
    hyper_sets,
    latent_counters,
    latent_sets,
)
from reference.mixing import ZERO
from reference.range_coder import RangeDecoder
from reference.scale_tables import (
    BUCKETS,
    LOW_SCALES,
    activity,
    bucket_odds,
    cost,
    feature_factor,
    low_bits,
    nonzero,
)
from reference.tensors import blocks, convolve, interpolate, leaky, sat16, spread, wrap32
from reference.weights import Model

LARGEST = 32767
UNIT = F(2.0**-24)
HALF_DECISION = 1 << 23


def scale_index(scales: np.ndarray) -> np.ndarray:
    """Tables of scales for 8 log₂ σ in eighths (§8.3)."""
    return np.clip(((scales + 4) >> 3) + 26, 0, 103)


def half_octaves(x: np.float32, first: int, count: int) -> int:
    """H(first) of x: half octaves from 2^first on, 0 … count − 1."""
    return min(max((int(bits(x)) >> 22) - 2 * (127 + first), 0), count - 1)


def sign_class(value: int) -> int:
    """0: zero, 1: positive, 2: negative."""
    return 0 if value == 0 else 1 if value > 0 else 2


def sign_pair(a: int, b: int) -> int:
    """The class of two values' signs."""
    return 3 * sign_class(a) + sign_class(b)


def clamp127(value: int) -> int:
    """A symbol as contexts have it."""
    return min(max(value, -127), 127)


def read_escape(decoder: RangeDecoder) -> int:
    """A bucket of 20 or more."""
    length = decoder.uniform(4)
    return BUCKETS - 1 + (1 << length) + decoder.uniform(length)


class Neighbours:
    """Values of a map of positions, with zeros beyond the tile."""

    BORDER = 2

    def __init__(self, rows: int, columns: int, channels: int) -> None:
        border = 2 * self.BORDER
        self.map = np.zeros((rows + border, columns + border, channels), np.int64)

    def at(self, row: int, column: int) -> np.ndarray:
        """The channels of a position, from −2 to two beyond the last."""
        return self.map[row + self.BORDER, column + self.BORDER]

    def around(self, row: int, column: int, offsets: list[tuple[int, int]]) -> list[np.ndarray]:
        """The channels of neighbours."""
        return [self.at(row + down, column + right) for down, right in offsets]


class LatentDecoder:
    """Decodes the latents of one tile."""

    def __init__(self, model: Model, position: int, tile: Tile, stream: bytes) -> None:
        self.model = model
        self.position = position
        self.rows, self.columns = 2 * ceiling(tile.height, 16), 2 * ceiling(tile.width, 16)
        self.decoder = RangeDecoder(stream)

    def decode(self) -> np.ndarray:
        """The tile's z: rows × columns × channels (§8.3)."""
        shape, entries = self.model.shape, self.model.entries
        hyper = HyperlatentSymbols(self).decode()
        features = convolve(sat16(16 * hyper), entries["hyper_decoder.in"], True)
        features = blocks(features, self.model, "hyper_decoder", shape.hyper_blocks)
        features = spread(convolve(features, entries["hyper_decoder.out"]), 2)
        bias = sat16(interpolate(entries["prior.bias"], self.position))
        features = blocks(sat16(features + bias), self.model, "prior", shape.prior_blocks)
        symbols = LatentSymbols(self)
        z = np.zeros((self.rows, self.columns, shape.latents), np.int64)
        for index, group in enumerate(shape.groups):
            own = features
            if index:
                before = convolve(z[:, :, : group.before], entries[f"prior.from_groups.{index}"])
                own = sat16(features + before)
            part = z[:, :, group.before : group.before + group.channels]
            symbols.begin_group(index)
            self._half(symbols, own, part, index, 0)
            anchors = convolve(part, entries[f"prior.from_anchors.{index}"])
            self._half(symbols, sat16(own + anchors), part, index, 1)
        return z

    def _half(
        self, symbols: "LatentSymbols", features: np.ndarray, z: np.ndarray, index: int, half: int
    ) -> None:
        """Positions whose row + column is even (half 0) or odd (1) of a group."""
        entries = self.model.entries
        hidden = convolve(leaky(features), entries[f"prior.hidden.{index}"], True)
        output = convolve(hidden, entries[f"prior.out.{index}"])
        channels = z.shape[2]
        means, scales = output[:, :, :channels], scale_index(output[:, :, channels:])
        for row in range(self.rows):
            for column in range((row + half) % 2, self.columns, 2):
                values = symbols.decode_position(row, column, half, scales[row, column].tolist())
                sums = wrap32(means[row, column] + 64 * np.array(values))
                z[row, column] = sat16(sums)


class HyperlatentSymbols:
    """Symbols of a tile's hyperlatents."""

    def __init__(self, tile: LatentDecoder) -> None:
        self.tile = tile
        self.shape = tile.model.shape
        entries = tile.model.entries
        self.counters, self.sets = hyper_counters(self.shape), hyper_sets(self.shape)
        start = entries.get("start.hyperlatents")
        self.models = DecisionModels(self.counters.end, self.sets.end, self.sets.end, start)
        self.expert = None
        if "expert.hyperlatents" in entries:
            values = entries["expert.hyperlatents"]
            self.expert = HyperExpert(values, self.shape, tile.position)
        scales = interpolate(entries["hyper_scale"], tile.position)
        self.tables = scale_index(scales).tolist()

    def decode(self) -> np.ndarray:
        """All symbols, rows × columns × channels."""
        rows, columns = self.tile.rows // 2, self.tile.columns // 2
        result = np.zeros((rows, columns, self.shape.hyperlatents), np.int64)
        clamped = Neighbours(rows, columns, self.shape.hyperlatents)
        for row in range(rows):
            for column in range(columns):
                around = clamped.around(row, column, self.shape.hyper_neighbours)
                values = self._decode_position(around)
                result[row, column] = values
                clamped.at(row, column)[:] = np.clip(values, -127, 127)
        return result

    def _decode_position(self, around: list[np.ndarray]) -> list[int]:
        odds = None
        if self.expert is not None:
            odds = self.expert.start_odds([np.clip(symbols, -4, 4) for symbols in around])
        first = [symbols.tolist() for symbols in around[:4]]
        recent = previous = older = 0
        values = []
        for channel in range(self.shape.hyperlatents):
            n = [symbols[channel] for symbols in first]
            sizes = [abs(value) for value in n]
            total = min(2 * sizes[0] + 2 * sizes[1] + sizes[2] + sizes[3], HYPER_SUM - 1)
            entries = self._entries(
                channel,
                total,
                4 * min(sizes[0], 3) + min(sizes[1], 3),
                min(recent, HYPER_RECENT - 1),
                3 * min(previous, 2) + min(older, 2),
                sign_pair(n[0], n[1]),
            )
            pair = (0.0, 0.0) if odds is None else (odds[0, channel], odds[1, channel])
            value = self._symbol(channel, total, entries, pair)
            if self.expert is not None:
                self.expert.add_channel(odds, channel, min(max(value, -4), 4))
            size = abs(clamp127(value))
            recent += min(size, 3)
            previous, older = size, previous
            values.append(value)
        return values

    def _entries(
        self, channel: int, total: int, sizes: int, recent: int, before: int, signs: int
    ) -> list[int]:
        """The first counters of the six entries of a channel."""
        start = self.counters.start
        return [
            start["HYPER_CHANNEL"] + NODES * channel,
            start["HYPER_CHANNEL_SIZES"] + NODES * (channel * 16 + sizes),
            start["HYPER_RECENT_SUM"] + NODES * (recent * HYPER_SUM + total),
            start["HYPER_CHANNEL_BEFORE"] + NODES * (channel * SIGNS + before),
            start["HYPER_CHANNEL_SIGNS"] + NODES * (channel * SIGNS + signs),
            start["HYPER_SUM"] + NODES * total,
        ]

    def _symbol(
        self, channel: int, total: int, entries: list[int], expert: tuple[float, float]
    ) -> int:
        has_expert = 0.0 if self.expert is None else 1.0

        def decide(node: int, prior: float, expert_odds: float) -> bool:
            sets = [
                self.sets.start["HYPER_SET_CHANNEL"] + node * self.shape.hyperlatents + channel,
                self.sets.start["HYPER_SET_SUM"] + node * HYPER_SUM + total,
            ]
            counters = [entry + node for entry in entries]
            odds = (prior, expert_odds, has_expert)
            return self.models.decide(self.tile.decoder, odds, counters, sets)[0]

        table = self.tables[channel]
        size = read_magnitude(self.tile.decoder, table, decide, expert[0])
        if size and decide(SIGN_NODE, 0.0, expert[1]):
            size = -size
        return size


def read_magnitude(decoder: RangeDecoder, table: int, decide, expert: float) -> int:
    """A magnitude under a scale table, at most 32767; `decide(node, prior, expert)` decides."""
    odds = bucket_odds(table)
    bucket = BUCKETS
    for k in range(BUCKETS):
        if not decide(min(k, 10), odds[k], expert if k == 0 else 0.0):
            bucket = k
            break
    if bucket == BUCKETS:
        bucket = read_escape(decoder)
    count = low_bits(table)
    value = bucket
    for place in range(min(count, 3)):
        value = 2 * value + decide(11 + place, 0.0, 0.0)
    if count > 3:
        value = (value << (count - 3)) + decoder.uniform(count - 3)
    return min(value, LARGEST)


class LatentSymbols:
    """Symbols of a tile's latents."""

    def __init__(self, tile: LatentDecoder) -> None:
        self.tile = tile
        self.shape = tile.model.shape
        entries = tile.model.entries
        values = entries.get("expert.latents")
        self.expert = None if values is None else LatentExpert(values, self.shape)
        self.counters = latent_counters(self.shape)
        self.sets = latent_sets(self.shape, self.expert is not None)
        start = entries.get("start.latents")
        prior_sets = self.sets.start["SET_CHANNEL"]
        self.models = DecisionModels(self.counters.end, self.sets.end, prior_sets, start)
        rows, columns = tile.rows, tile.columns
        self.clamped = Neighbours(rows, columns, self.shape.latents)
        self.features = Neighbours(rows, columns, self.shape.latents)
        self.flags = Neighbours(rows, columns, 1)
        self.found = np.zeros((rows, columns), np.int64)
        self.expected = np.zeros((rows, columns), np.int64)

    def begin_group(self, index: int) -> None:
        """Starts with the first half of a group."""
        self.index = index
        self.group = self.shape.groups[index]
        self.flags = Neighbours(self.tile.rows, self.tile.columns, 1)

    def decode_position(self, row: int, column: int, half: int, tables: list[int]) -> list[int]:
        """Symbols of the group's channels at a position, under these tables of scales."""
        offsets = self.shape.second_half if half else self.shape.first_half
        step = PositionStep(self, row, column, 2 * self.index + half, offsets, tables)
        step.decode()
        return step.values


class PositionStep:
    """The latents of a position in a step."""

    def __init__(
        self,
        symbols: LatentSymbols,
        row: int,
        column: int,
        step: int,
        offsets: list[tuple[int, int]],
        tables: list[int],
    ) -> None:
        self.symbols = symbols
        self.place = (row, column)
        self.step = step
        self.tables = tables
        group = symbols.group
        self.own = slice(group.before, group.before + group.channels)
        around = symbols.clamped.around(row, column, offsets[:4])
        self.neighbours = [part[self.own].tolist() for part in around]
        self.offsets = offsets
        self.features = symbols.features.at(row, column)
        self.values = [0] * group.channels
        self.recent = 0
        self.low = [c for c, table in enumerate(tables) if table < LOW_SCALES]
        self.cost_class = 0

    def decode(self) -> None:
        """Decodes all channels and notes what other positions look at."""
        symbols = self.symbols
        if self.low:
            self._decode_low()
        if symbols.expert is not None:
            parts = symbols.features.around(*self.place, self.offsets)
            self.odds = symbols.expert.start_odds(
                self.step, [part[self.own] for part in parts], self.features[: self.own.start]
            )
        for channel, table in enumerate(self.tables):
            if table >= LOW_SCALES:
                self._decode_other(channel, table)
        symbols.clamped.at(*self.place)[self.own] = np.clip(self.values, -127, 127)

    def _surprise(self) -> int:
        found = F(int(self.symbols.found[self.place]))
        expected = F(int(self.symbols.expected[self.place]))
        ratio = (found * F(65536) + F(32768)) / (expected + F(32768))
        return half_octaves(ratio, -3, SURPRISE)

    def _decode_low(self) -> None:
        """Latents of low scales."""
        decoder = self.symbols.tile.decoder
        left = sum(cost(self.tables[channel]) for channel in self.low)
        if not self._flag(left):
            return
        self.symbols.flags.at(*self.place)[0] = 1
        found = False
        for channel in self.low:
            table = self.tables[channel]
            p = nonzero(table)
            if not found:
                x = F(left) * UNIT
                any_left = x - (x * x) * F(0.5) if x < F(0.01) else F(1) - exp(-x)
                p = p / any_left
            left -= cost(table)
            if decoder.decision(coded(p)):
                found = True
                self.values[channel] = self._low_value(table)

    def _flag(self, total: int) -> bool:
        """Whether not all latents of low scales are zero."""
        symbols = self.symbols
        x = F(total) * UNIT
        cost_class = half_octaves(x, -10, COST)
        x = max(x, F(1e-6))
        prior = ln(x + (x * x) * F(0.5)) if x < F(0.01) else ln(exp(x) - F(1))
        around = int(sum(part[0] for part in symbols.flags.around(*self.place, self.offsets[:4])))
        surprise, step = self._surprise(), self.step
        start = symbols.counters.start
        counters = [
            start["FLAG_STEP"] + step,
            start["FLAG_COST_STEP"] + cost_class * symbols.shape.steps + step,
            start["FLAG_STEP_AROUND"] + step * AROUND + around,
            start["FLAG_COST_SURPRISE"] + cost_class * SURPRISE + surprise,
            start["FLAG_COST_AROUND"] + cost_class * AROUND + around,
            start["FLAG_SURPRISE_AROUND"] + surprise * AROUND + around,
        ]
        sets = [
            symbols.sets.start["FLAG_SET_STEP"] + step,
            symbols.sets.start["FLAG_SET_COST_SURPRISE"] + cost_class * SURPRISE + surprise,
        ]
        odds = (prior, 0.0, 0.0 if symbols.expert is None else 1.0)
        return symbols.models.decide(symbols.tile.decoder, odds, counters, sets)[0]

    def _low_value(self, table: int) -> int:
        """A latent of a low scale that is not zero."""
        decoder = self.symbols.tile.decoder
        negative = decoder.decision(HALF_DECISION)
        odds = bucket_odds(table)
        size = BUCKETS
        for k in range(1, BUCKETS):
            if not decoder.decision(SQUASH_CODED[squash_index(odds[k])]):
                size = k
                break
        if size == BUCKETS:
            size = min(read_escape(decoder), LARGEST)
        return -size if negative else size

    def _decode_other(self, channel: int, table: int) -> None:
        """A latent whose scale is not low."""
        symbols = self.symbols
        latent = self.own.start + channel
        scale = table - LOW_SCALES
        by = {divisor: min(scale // divisor, n - 1) for divisor, n in SCALE_BY.items()}
        n = [part[channel] for part in self.neighbours]
        sizes = [abs(value) for value in n]
        pair = 4 * min(sizes[0] + sizes[1], 3) + min(sizes[2] + sizes[3], 3)
        surprise = self._surprise()
        start, step = symbols.counters.start, self.step
        entries = [
            start["MAGNITUDE_CHANNEL_SCALE"] + NODES * (latent * SCALE_BY[5] + by[5]),
            start["MAGNITUDE_SCALE_SUM"] + NODES * (by[2] * SUM + min(sum(sizes), SUM - 1)),
            start["MAGNITUDE_SCALE_SURPRISE"] + NODES * (by[2] * SURPRISE + surprise),
            start["MAGNITUDE_PAIR_CHANNEL"] + NODES * (pair * symbols.shape.latents + latent),
            start["MAGNITUDE_RECENT_SCALE_STEP"]
            + NODES
            * ((min(self.recent, RECENT - 1) * SCALE_BY[3] + by[3]) * symbols.shape.steps + step),
            start["MAGNITUDE_SCALE_STEP"] + NODES * (by[2] * symbols.shape.steps + step),
        ]
        has_expert = symbols.expert is not None
        expert = self.odds[:, channel] if has_expert else (ZERO, ZERO)
        set_start = symbols.sets.start

        def decide_with(
            counters: list[int], node: int, prior: float, expert_odds: float
        ) -> tuple[bool, np.float32]:
            first = set_start["SET_STEP_SCALE"] + (step * NODES + node) * SCALE_BY[8] + by[8]
            second = (node * SCALE_BY[2] + by[2]) * SURPRISE + surprise
            sets = [first, set_start["SET_SCALE_SURPRISE"] + second]
            if has_expert:
                sets.append(set_start["SET_CHANNEL"] + latent * NODES + node)
            odds = (prior, expert_odds, 1.0 if has_expert else 0.0)
            return symbols.models.decide(symbols.tile.decoder, odds, counters, sets)

        def decide(node: int, prior: float, expert_odds: float) -> bool:
            return decide_with([entry + node for entry in entries], node, prior, expert_odds)[0]

        value = read_magnitude(symbols.tile.decoder, table, decide, expert[0])
        symbols.found[self.place] += value != 0
        symbols.expected[self.place] += activity(table)
        if value:
            before = self.values[channel - 1] if channel else 0
            older = self.values[channel - 2] if channel > 1 else 0
            first, second = sign_pair(n[0], n[1]), sign_pair(n[2], n[3])
            counters = [
                start["SIGN_CHANNEL_FIRST"] + latent * SIGNS + first,
                start["SIGN_STEP_NEIGHBOURS"] + (step * SIGNS + first) * SIGNS + second,
                start["SIGN_CHANNEL_BEFORE"] + latent * SIGNS + sign_pair(before, older),
                start["SIGN_CHANNEL_SECOND"] + latent * SIGNS + second,
                start["SIGN_CHANNEL_SCALE"] + latent * SCALE_BY[5] + by[5],
                start["SIGN_PAIR_CHANNEL"] + pair * symbols.shape.latents + latent,
            ]
            negative, error = decide_with(counters, SIGN_NODE, ZERO, expert[1])
            if has_expert:
                symbols.expert.learn_sign(self.step, channel, self.features[:latent], error)
            value = -value if negative else value
        self.values[channel] = value
        self.recent = 3 * self.recent // 4 + min(abs(value), 4)
        product = (value * feature_factor(table) + (1 << 15)) >> 16
        feature = min(max(product, -96), 96)
        self.features[latent] = feature
        if has_expert:
            symbols.expert.add_channel(self.step, self.odds, latent, feature)
