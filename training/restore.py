"""Turns a weights file back into a checkpoint, to train on from what is shipped.

    python restore.py ../Sources/CKernels/weights.bin CHECKPOINT [--lambda-low L]

The checkpoint differs from the one that was exported by the rounding of weights to integers, and has the file's
shape. With --blocks the synthesis gets more blocks, and with --analysis-blocks the analysis: these are new and
change nothing yet. Weights that were trained for another
LAMBDA_LOW say so by --lambda-low: their vectors are placed anew.
"""

import argparse
import math
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from export import anchored_vectors, layers
from model import ANCHORS, LAMBDA_HIGH, LAMBDA_LOW, AnchoredVector, Model
from shape import VERSION, Shape


class UnitExponents:
    """Stands in for calibrated exponents where only the layers' order and shapes matter."""

    def exponent(self, name):
        return 7


class Reader:
    def __init__(self, data):
        self.data, self.position = data, 0

    def fields(self, layout):
        values = struct.unpack_from("<" + layout, self.data, self.position)
        self.position += struct.calcsize("<" + layout)
        return values

    def array(self, kind, shape):
        count = int(np.prod(shape))
        values = np.frombuffer(self.data, kind, count, self.position).reshape(shape)
        self.position += values.nbytes
        return values.astype(np.float64)


def parse(data):
    """Returns the shape, {name: (weights, bias)} of layers and {name: rows} of tables."""
    reader = Reader(data)
    magic, version, count = reader.fields("4sHH")
    if magic != b"RDCM" or version != VERSION:
        raise SystemExit(f"not a weights file of version {VERSION}")
    shape, reader.position = Shape.unpack(data, reader.position)
    layer_map, table_map = {}, {}
    for _ in range(count):
        (length,) = reader.fields("B")
        name = reader.fields(f"{length}s")[0].decode()
        (kind,) = reader.fields("B")
        if kind == 3:  # experts and the start of adaptive models, which are learned anew
            reader.array("<i2", reader.fields("I"))
            continue
        if kind == 2:
            table_map[name] = reader.array("<i4", reader.fields("HH"))
            continue
        *sizes, _ = reader.fields("HHHHB") if kind == 0 else (9, *reader.fields("HB"))
        bias = reader.array("<i4", sizes[:1] if kind == 0 else sizes[1:])
        layer_map[name] = (reader.array("<i2", sizes), bias)
    return shape, layer_map, table_map


def move_anchors(model, lambda_low):
    """Reads vectors that stood between lambda_low and LAMBDA_HIGH off at today's anchors, gains beyond their ends."""
    old_span, span = (math.log(LAMBDA_HIGH / low) for low in (lambda_low, LAMBDA_LOW))
    places = (ANCHORS - 1) * (1 - (1 - torch.linspace(0, 1, ANCHORS)) * span / old_span)
    low = places.floor().clamp(0, ANCHORS - 2)
    for name, vector in model.named_modules():
        if isinstance(vector, AnchoredVector):
            part = (places - low if name == "log_gain" else (places - low).clamp(0, 1))[:, None]
            old, i = vector.anchors.data, low.long()
            vector.anchors.data = old[i] * (1 - part) + old[i + 1] * part


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("weights")
    parser.add_argument("checkpoint")
    parser.add_argument("--lambda-low", type=float, default=LAMBDA_LOW)
    parser.add_argument("--blocks", type=int, default=0, help="of the synthesis")
    parser.add_argument("--analysis-blocks", type=int, default=0)
    args = parser.parse_args()
    shape, layer_map, table_map = parse(Path(args.weights).read_bytes())
    torch.manual_seed(0)  # for what is new in new blocks
    for chain, blocks in (("synthesis", args.blocks), ("analysis", args.analysis_blocks)):
        old = getattr(shape, chain)
        shape = replace(shape, **{chain: replace(old, blocks=max(blocks, old.blocks))})
    model = Model(shape)
    layer_exponents = dict(zip(layer_map, table_map["training.layers"]))
    for layer in layers(model, UnitExponents()):
        if layer.name in layer_map:
            weight, bias = layer_map[layer.name]
            e_in, e_w = layer_exponents[layer.name]
            layer.restore(weight / 2.0**e_w, bias / 2.0 ** (e_in + e_w))
        elif layer.name.endswith(".project"):
            layer.restore(np.zeros(layer.weight.shape), np.zeros(layer.bias.shape))
    exponents = iter(table_map["training.biases"])
    for name, vector, factor in anchored_vectors(model):
        factor = 2.0 ** next(exponents)[0] if isinstance(factor, str) else factor
        vector.anchors.data.copy_(torch.from_numpy(table_map[name] / factor))
    move_anchors(model, args.lambda_low)
    model.save(args.checkpoint)


if __name__ == "__main__":
    main()
