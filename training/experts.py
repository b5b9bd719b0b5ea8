"""Trains the experts that look at symbols next to the one to be coded, and adds them to a weights file.

    swift run -c release train-start-state symbols weights.bin symbols.bin 1 IMAGE...
    python experts.py symbols.bin weights.bin OUTPUT [--check MORE.bin]

The prior gives all channels of a group their distributions at once; what the first of them turned out to be
says something of the others, and so do the neighbours' errors. An expert turns that into one more input of the
mixing (docs/FORMAT.md, section 8.4), as log-odds of "not zero" and of "negative": for latents a linear one, for
hyperlatents one with a hidden layer. Both are trained on symbols of many images, by the bits of these decisions.
"""

import argparse
import math
import struct
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from shape import VERSION, Shape

FIRST_LOG_SCALE, STEPS_PER_OCTAVE, SCALES = -26, 8, 104  # of the scale tables
LOW_SCALES = 12  # scales below this are low: their latents are coded together
FEATURE_UNIT, FEATURE_LIMIT = 32, 96  # features are symbols over sigma, within 3
HYPER_LIMIT = 4
POSITIONS = 2048  # the last position of the rate range
WEIGHT_UNIT = 4096

SIGMA = 2.0 ** ((np.arange(SCALES) + FIRST_LOG_SCALE) / STEPS_PER_OCTAVE)
RECIPROCAL = np.floor(2.0**16 * FEATURE_UNIT / np.maximum(SIGMA, 0.5) + 0.5).astype(np.int64)
# The prior's log-odds of "not zero".
PRIOR = torch.tensor(
    [math.log(p / (1 - p)) for p in (math.erfc(0.5 / s / math.sqrt(2)) for s in SIGMA.tolist())]
)


def features_of(symbols, scales):
    """int8: symbols over their sigma in 1/32; zero where the scale is low."""
    scaled = (symbols.astype(np.int64) * RECIPROCAL[scales] + (1 << 15)) >> 16
    clamped = np.clip(scaled, -FEATURE_LIMIT, FEATURE_LIMIT)
    return np.where(scales >= LOW_SCALES, clamped, 0).astype(np.int8)


def shifted(padded, places, offsets, border=2):
    """Values at every place of the neighbours: places x offsets x channels."""
    rows, columns = places
    return np.stack([padded[rows + border + y, columns + border + x] for y, x in offsets], 1)


class Symbols:
    """What train-start-state wrote: for every tile its position and symbols."""

    def __init__(self, files, shape):
        self.shape = shape
        self.tiles = []
        for file in files:
            self.read(Path(file).read_bytes())

    def read(self, data):
        at = 0
        while at < len(data):
            height, width, position = struct.unpack_from("<3i", data, at)
            at += 12
            shape = (height // 2, width // 2, self.shape.hyperlatents)
            hyper = np.frombuffer(data, "<i2", math.prod(shape), at).reshape(shape)
            at += 2 * hyper.size
            scales = np.zeros((height, width, self.shape.latents), np.uint8)
            symbols = np.zeros((height, width, self.shape.latents), np.int16)
            first = 0
            for channels in self.shape.sizes:
                for parity in (0, 1):
                    places = self.places(height, width, parity)
                    size = 3 * channels * len(places[0])
                    rows = np.frombuffer(data, np.uint8, size, at).reshape(-1, 3 * channels)
                    at += size
                    group = slice(first, first + channels)
                    scales[*places, group] = rows[:, :channels]
                    symbols[*places, group] = np.ascontiguousarray(rows[:, channels:]).view("<i2")
                first += channels
            self.tiles.append((position, hyper, scales, symbols))

    @staticmethod
    def places(height, width, parity):
        return np.nonzero(np.add.outer(np.arange(height), np.arange(width)) % 2 == parity)

    def of_step(self, group, parity):
        """Features of the position, features of neighbours, scales and symbols of the group's channels."""
        first = sum(self.shape.sizes[:group])
        own = slice(first, first + self.shape.sizes[group])
        neighbours = self.shape.second_neighbours if parity else self.shape.first_neighbours
        parts = []
        for _, _, scales, symbols in self.tiles:
            places = self.places(*scales.shape[:2], parity)
            features = features_of(symbols[..., : own.stop], scales[..., : own.stop])
            padded = np.pad(features[..., own], ((2, 2), (2, 2), (0, 0)))
            parts.append(
                (
                    features[places],
                    shifted(padded, places, neighbours),
                    scales[*places, own],
                    np.clip(symbols[*places, own], -127, 127).astype(np.int8),
                )
            )
        return [torch.from_numpy(np.concatenate(part)) for part in zip(*parts, strict=True)]

    def of_hyperlatents(self):
        """Neighbours' symbols, fraction of the range of rates, and symbols of every position."""
        parts = []
        for position, hyper, _, _ in self.tiles:
            places = np.nonzero(np.ones(hyper.shape[:2], bool))
            clipped = np.clip(hyper, -127, 127).astype(np.int8)
            padded = np.pad(clipped, ((2, 2), (2, 2), (0, 0)))
            near = shifted(padded, places, self.shape.hyper_neighbours)
            fraction = np.full(len(places[0]), position / POSITIONS, np.float32)
            parts.append((near, fraction, clipped[places]))
        return [torch.from_numpy(np.concatenate(part)) for part in zip(*parts, strict=True)]


def decision_bits(logits, symbols, weight):
    """Bits of "not zero" and of "negative"; logits: count x 2 x channels."""
    nonzero = (symbols != 0).float()
    bits = [
        F.binary_cross_entropy_with_logits(
            logits[:, 0], nonzero, weight=weight, reduction="none"
        ).sum(),
        F.binary_cross_entropy_with_logits(
            logits[:, 1], (symbols < 0).float(), weight=weight * nonzero, reduction="none"
        ).sum(),
    ]
    return torch.stack(bits) / math.log(2)


def before(sources, targets):
    """1 where a source's channel is coded before the target's."""
    return (torch.arange(sources)[:, None] < targets[None]).float()


class LatentExpert(nn.Module):
    """Sizes of neighbours and of earlier channels predict "not zero", their signed values the sign."""

    def __init__(self, shape, group):
        super().__init__()
        channels = shape.sizes[group]
        first = sum(shape.sizes[:group])
        self.bias = nn.Parameter(torch.zeros(2, channels))
        self.near = nn.Parameter(torch.zeros(len(shape.first_neighbours), 2, channels))
        self.same = nn.Parameter(torch.zeros(first + channels, 2, channels))
        self.register_buffer("mask", before(first + channels, first + torch.arange(channels)))
        # In the coder the mixing's weights do this.
        self.trust = nn.Parameter(torch.ones(channels))

    def forward(self, same, near, scales, symbols):
        same, near = same.float() / FEATURE_UNIT, near.float() / FEATURE_UNIT
        size = (near.abs() * self.near[:, 0]).sum(1) + same.abs() @ (self.same[:, 0] * self.mask)
        sign = (near * self.near[:, 1]).sum(1) + same @ (self.same[:, 1] * self.mask)
        prior = PRIOR[scales.long()] * self.trust
        return torch.stack([prior + self.bias[0] + size, self.bias[1] + sign], 1)

    def bits(self, batch):
        return decision_bits(self(*batch), batch[3], (batch[2] >= LOW_SCALES).float())

    def vector(self):
        same = self.same * self.mask[:, None]
        return torch.cat([self.bias.flatten(), self.near.flatten(), same.flatten()])


def powers(fraction):
    return torch.stack([fraction**n for n in range(4)], -1)


def hyper_features(symbols):
    """Clamped values, then their sizes."""
    x = symbols.float().clamp(-HYPER_LIMIT, HYPER_LIMIT)
    return torch.stack([x, x.abs()], -1)


class HyperExpert(nn.Module):
    """A hidden layer sees neighbours; channels before are added to what it gives."""

    def __init__(self, shape):
        super().__init__()
        self.channels, hidden = shape.hyperlatents, shape.expert_width
        near = len(shape.hyper_neighbours) * self.channels * 2
        self.near = nn.Parameter(torch.randn(near, hidden) / near**0.5)
        self.hidden_bias = nn.Parameter(torch.zeros(4, hidden))
        self.out = nn.Parameter(torch.zeros(hidden, 2 * self.channels))
        self.bias = nn.Parameter(torch.zeros(4, 2 * self.channels))
        self.same = nn.Parameter(torch.zeros(self.channels, 2, 2, self.channels))
        mask = before(self.channels, torch.arange(self.channels))
        self.register_buffer("mask", mask[:, None, None])
        with torch.no_grad():
            self.bias[0, : self.channels] = -2.5

    def forward(self, near, fraction, symbols):
        t = powers(fraction)
        hidden = hyper_features(near).flatten(1) @ self.near + t @ self.hidden_bias
        logits = F.leaky_relu(hidden, 0.125) @ self.out + t @ self.bias
        same = (self.same * self.mask).flatten(0, 1).flatten(1)
        logits = logits + hyper_features(symbols).flatten(1) @ same
        return logits.unflatten(1, (2, self.channels))

    def bits(self, batch):
        return decision_bits(self(*batch), batch[2], torch.ones(()))

    def vector(self):
        parts = [self.near, self.hidden_bias, self.out, self.bias, self.same * self.mask]
        return torch.cat([p.flatten() for p in parts])


def train(name, module, data, check, steps, rate, size=512):
    """AdamW with a rate that falls to zero; prints bytes of both decisions on `check`."""
    start = time.time()
    optimiser = torch.optim.AdamW(module.parameters(), lr=rate, weight_decay=0.01)
    count = len(data[0])
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = rate * min(1, (step + 1) / 50) * (1 - step / steps)
        chosen = torch.randint(0, count, (size,))
        loss = module.bits([part[chosen] for part in data]).sum() / size
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        sums = sum(
            module.bits([part[k : k + 8192] for part in check])
            for k in range(0, len(check[0]), 8192)
        )
    print(
        f"{name}: {time.time() - start:.0f} s, not zero {sums[0] / 8:.0f}, sign {sums[1] / 8:.0f} bytes",
        flush=True,
    )
    return module.vector().detach()


def with_vectors(weights, vectors):
    """A weights file with more vectors at its end."""
    if b"expert." in weights or b"start." in weights:
        raise SystemExit("the weights have been through here before: give what export.py wrote")
    (count,) = struct.unpack_from("<H", weights, 6)
    parts = [weights[:4], struct.pack("<HH", VERSION, count + len(vectors)), weights[8:]]
    for name, values in vectors.items():
        values = np.clip(np.rint(values.numpy() * WEIGHT_UNIT), -32767, 32767).astype("<i2")
        parts += [bytes([len(name)]), name.encode(), b"\x03", struct.pack("<I", len(values))]
        parts.append(values.tobytes())
    return b"".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("symbols", nargs="+")
    parser.add_argument("weights", help="what export.py wrote")
    parser.add_argument("output")
    parser.add_argument("--check", nargs="*", help="symbols to measure on")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    weights = Path(args.weights).read_bytes()
    shape, _ = Shape.unpack(weights, 8)
    symbols = Symbols(args.symbols, shape)
    check = Symbols(args.check, shape) if args.check else symbols
    steps = [(group, parity) for group in range(len(shape.groups)) for parity in (0, 1)]
    latents = [
        train(
            f"latents {group} {parity}",
            LatentExpert(shape, group),
            symbols.of_step(group, parity),
            check.of_step(group, parity),
            args.steps,
            4e-3,
        )
        for group, parity in steps
    ]
    hyper = train(
        "hyperlatents",
        HyperExpert(shape),
        symbols.of_hyperlatents(),
        check.of_hyperlatents(),
        2 * args.steps,
        4e-3,
    )
    vectors = {"expert.latents": torch.cat(latents), "expert.hyperlatents": hyper}
    Path(args.output).write_bytes(with_vectors(weights, vectors))


if __name__ == "__main__":
    main()
