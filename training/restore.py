"""Turns a weights file back into a checkpoint, to train on from what is shipped.

    python restore.py ../Sources/CKernels/weights.bin CHECKPOINT

The checkpoint differs from the one that was exported by the rounding of weights to integers.
"""
import struct
import sys

import numpy as np
import torch

from export import anchored_vectors, layers
from model import Model


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
    """Returns {name: (weights, bias)} of layers and {name: rows} of tables."""
    reader = Reader(data)
    magic, version, count = reader.fields("4sHH")
    if magic != b"RDCM" or version != 1:
        raise SystemExit("not a weights file of version 1")
    layer_map, table_map = {}, {}
    for _ in range(count):
        (length,) = reader.fields("B")
        name = reader.fields(f"{length}s")[0].decode()
        (kind,) = reader.fields("B")
        if kind == 2:
            table_map[name] = reader.array("<i4", reader.fields("HH"))
            continue
        *shape, _ = reader.fields("HHHHB") if kind == 0 else (9, *reader.fields("HB"))
        bias = reader.array("<i4", shape[:1] if kind == 0 else shape[1:])
        layer_map[name] = (reader.array("<i2", shape), bias)
    return layer_map, table_map


def main():
    with open(sys.argv[1], "rb") as f:
        layer_map, table_map = parse(f.read())
    model = Model()
    for layer, (e_in, e_w) in zip(layers(model, UnitExponents()), table_map["training.layers"]):
        weight, bias = layer_map[layer.name]
        layer.restore(weight / 2.0 ** e_w, bias / 2.0 ** (e_in + e_w))
    exponents = iter(table_map["training.biases"])
    for name, vector, factor in anchored_vectors(model):
        factor = 2.0 ** next(exponents)[0] if isinstance(factor, str) else factor
        vector.anchors.data.copy_(torch.from_numpy(table_map[name] / factor))
    torch.save({"model": model.state_dict()}, sys.argv[2])


if __name__ == "__main__":
    main()
