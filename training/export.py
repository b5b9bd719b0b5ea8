"""Quantises a checkpoint and writes a weights file, to which experts.py and train-start-state add.

    python export.py CHECKPOINT weights.bin [--data DIR]

Activation exponents are calibrated on training images over the whole range of rates. Prints the exponents
and the weights' precision of every layer. The file's format is described in docs/FORMAT.md, section 7.
"""

import argparse
import math
import os
import struct
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import data
from model import PIXELS, SLOPE, Model, compand
from quantize import (
    activation_exponent,
    conv_layer,
    depthwise_layer,
    shuffle_order,
    transform_layer,
)
from shape import VERSION

PIXEL_EXPONENT = 4  # x_hat and transform coefficients: sixteenths
INPUT_EXPONENT = 7  # pixels that enter the analysis
LATENT_EXPONENT = 6  # latents: 1/64 of their step
COMPAND_EXPONENT = 10
HYPER_EXPONENT = 4  # hyperlatents, integers, times 16
HYPER_ANALYSIS_EXPONENT = 10  # hyperlatents before rounding: many lie close to a half
LOG_SCALE_EXPONENT = 3  # 8 log2(sigma) in eighths
CORRECTION_EXPONENT = 9  # what the decoder adds to latents: at low rates 1/64 step is seen
POST_EXPONENT = PIXEL_EXPONENT + 5  # the post-filter sees x_hat / 32
SCALE_HEAD_EXPONENT = 6


class Recorder:
    """The largest magnitude of every named activation."""

    def __init__(self):
        self.maximum = {}

    def __call__(self, name, x):
        self.maximum[name] = max(self.maximum.get(name, 0.0), x.abs().max().item())
        return x

    def exponent(self, name):
        return activation_exponent(self.maximum[name])


def leaky(x):
    return F.leaky_relu(x, SLOPE)


def run_block(record, name, stream, block, x):
    """Runs a Block, recording its inner activations and the stream that it adds to."""
    d = record(name + ".depthwise", block.depthwise(x))
    return record(
        stream, x + record(stream, block.project(record(name + ".expand", leaky(block.expand(d)))))
    )


def run_chain(record, name, stream, blocks, x):
    """Runs blocks that follow each other."""
    for i, block in enumerate(blocks):
        x = run_block(record, f"{name}.{i}", stream, block, x)
    return x


def calibrate(model, record, image, t):
    """Runs the float model on one image, recording every activation that becomes int16."""
    x = data.tensor(image)
    x, t = x[:, :, : x.shape[2] // 16 * 16, : x.shape[3] // 16 * 16], torch.tensor([t])
    y = F.conv2d(x, model.analysis, stride=8, padding=4) * torch.exp(model.log_gain(t))
    f = record(
        "encoder", leaky(record("encoder", model.encoder_in(compand(y)) + model.encoder_bias(t)))
    )
    f = run_chain(record, "encoder", "encoder", model.encoder[:-1], f)
    y = y + model.encoder[-1](f)

    f = record("hyper_encoder", leaky(model.hyper_encoder_in(compand(y))))
    f = run_block(record, "hyper_encoder.0", "hyper_encoder", model.hyper_encoder[0], f)
    f = record("hyper_encoder.low", leaky(model.hyper_encoder[1](f)))
    h = model.hyper_encoder[4](
        run_block(record, "hyper_encoder.1", "hyper_encoder.low", model.hyper_encoder[3], f)
    ).round()
    f = record("hyper_decoder", leaky(model.hyper_decoder[0](h)))
    f = run_chain(record, "hyper_decoder", "hyper_decoder", model.hyper_decoder[2:-2], f)
    base = record("prior", model.hyper_decoder[-2:](f))
    base = run_chain(
        record, "prior", "prior", model.prior_blocks, record("prior", base + model.prior_bias(t))
    )

    rows, columns = torch.arange(y.shape[2]), torch.arange(y.shape[3])
    anchor = ((rows[:, None] + columns[None]) % 2 == 0).float()[None, None]
    done = []
    for i, part in enumerate(torch.split(y, model.shape.sizes, 1)):
        f = (
            base
            if i == 0
            else record(
                "prior", base + record("prior", model.from_groups[i - 1](torch.cat(done, 1)))
            )
        )

        def mean(f, i=i):
            hidden = record(f"prior.hidden.{i}", leaky(model.parameters_of[i][1](leaky(f))))
            return model.parameters_of[i][3](hidden)[:, : model.shape.sizes[i]]

        m = mean(f)
        q0 = m + (part - m).round()
        m = mean(record("prior", f + record("prior", model.from_anchors[i](q0 * anchor))))
        done.append(q0 * anchor + (m + (part - m).round()) * (1 - anchor))
    q = torch.cat(done, 1)

    f = record("decoder", leaky(record("decoder", model.decoder_in(q) + model.decoder_bias(t))))
    f = run_chain(record, "decoder", "decoder", model.decoder, f)
    y = (q + model.decoder_out(f)) * torch.exp(-model.log_gain(t))
    linear = F.conv_transpose2d(y, model.synthesis, stride=8, padding=4)
    record("side", model.side(f))
    post = torch.cat([F.pixel_unshuffle(linear / 32, 2), F.pixel_shuffle(model.side(f), 4)], 1)
    f = record("post", leaky(model.post_in(post)))
    run_chain(record, "post", "post", model.post_blocks, f)


def block_layers(record, name, stream, block):
    e, e_d, e_x = (
        record.exponent(stream),
        record.exponent(name + ".depthwise"),
        record.exponent(name + ".expand"),
    )
    return [
        depthwise_layer(name + ".depthwise", block.depthwise, e, e_d),
        conv_layer(name + ".expand", block.expand, e_d, e_x),
        conv_layer(name + ".project", block.project, e_x, e),
    ]


def chain_layers(record, name, blocks):
    """The layers of blocks that follow each other and add to the stream `name`."""
    return [
        layer
        for i, block in enumerate(blocks)
        for layer in block_layers(record, f"{name}.{i}", name, block)
    ]


def transform_layers(model):
    """Analysis as a 16x16 convolution, synthesis as a 2x2 one to 8x8x3 pixels, moved by half a block."""
    analysis = model.analysis.detach().double().numpy().transpose(0, 2, 3, 1)
    # Its shift is the exponent of the sums, which the encoder reads as they are.
    a = transform_layer(
        "analysis", model.analysis, analysis, INPUT_EXPONENT, 0, lambda w: w.transpose(0, 3, 1, 2)
    )
    synthesis = model.synthesis.detach().double().numpy()  # latent, channel, 16, 16
    # Block m shows pixel r of latent m at kernel position r and of latent m - 1 at r + 8.
    latents = model.shape.latents
    taps = synthesis.reshape(
        latents, 3, 2, 8, 2, 8
    )  # latent, c, half row, row, half column, column
    taps = taps[:, :, ::-1, :, ::-1].transpose(
        3, 5, 1, 2, 4, 0
    )  # row, column, c, tap row, tap column, latent

    def inverse(w):
        halves = w.reshape(8, 8, 3, 2, 2, latents).transpose(5, 2, 3, 0, 4, 1)[:, :, ::-1, :, ::-1]
        return halves.reshape(latents, 3, 16, 16)

    s = transform_layer(
        "synthesis",
        model.synthesis,
        taps.reshape(PIXELS, 2, 2, latents),
        PIXEL_EXPONENT,
        PIXEL_EXPONENT,
        inverse,
    )
    return [a, s]


def layers(model, record):
    e = record.exponent
    result = transform_layers(model)
    result += [
        conv_layer("encoder.in", model.encoder_in, COMPAND_EXPONENT, e("encoder")),
        *chain_layers(record, "encoder", model.encoder[:-1]),
        conv_layer("encoder.out", model.encoder[-1], e("encoder"), LATENT_EXPONENT),
    ]
    result += [
        conv_layer(
            "hyper_encoder.in", model.hyper_encoder_in, COMPAND_EXPONENT, e("hyper_encoder")
        ),
        *block_layers(record, "hyper_encoder.0", "hyper_encoder", model.hyper_encoder[0]),
        conv_layer(
            "hyper_encoder.down", model.hyper_encoder[1], e("hyper_encoder"), e("hyper_encoder.low")
        ),
        *block_layers(record, "hyper_encoder.1", "hyper_encoder.low", model.hyper_encoder[3]),
        conv_layer(
            "hyper_encoder.out",
            model.hyper_encoder[4],
            e("hyper_encoder.low"),
            HYPER_ANALYSIS_EXPONENT,
        ),
    ]
    result += [
        conv_layer("hyper_decoder.in", model.hyper_decoder[0], HYPER_EXPONENT, e("hyper_decoder")),
        *chain_layers(record, "hyper_decoder", model.hyper_decoder[2:-2]),
        conv_layer(
            "hyper_decoder.out",
            model.hyper_decoder[-2],
            e("hyper_decoder"),
            e("prior"),
            rows=shuffle_order(model.shape.width, 2),
        ),
        *chain_layers(record, "prior", model.prior_blocks),
    ]
    for i, g in enumerate(model.shape.sizes):
        if i > 0:
            result.append(
                conv_layer(
                    f"prior.from_groups.{i}", model.from_groups[i - 1], LATENT_EXPONENT, e("prior")
                )
            )
        hidden = e(f"prior.hidden.{i}")
        log_scale_gain = 8 / math.log(2) * 2.0 ** (LOG_SCALE_EXPONENT - LATENT_EXPONENT)
        gain = np.concatenate([np.ones(g), np.full(g, log_scale_gain)])
        result += [
            conv_layer(
                f"prior.from_anchors.{i}", model.from_anchors[i], LATENT_EXPONENT, e("prior")
            ),
            conv_layer(f"prior.hidden.{i}", model.parameters_of[i][1], e("prior"), hidden),
            conv_layer(
                f"prior.out.{i}", model.parameters_of[i][3], hidden, LATENT_EXPONENT, gain=gain
            ),
        ]
    pixels = shuffle_order(3, 2)
    side = model.shape.side
    result += [
        conv_layer("decoder.in", model.decoder_in, LATENT_EXPONENT, e("decoder")),
        *chain_layers(record, "decoder", model.decoder),
        conv_layer("decoder.out", model.decoder_out, e("decoder"), CORRECTION_EXPONENT),
        conv_layer(
            "decoder.side", model.side, e("decoder"), POST_EXPONENT, rows=shuffle_order(side, 4)
        ),
        conv_layer(
            "post.in",
            model.post_in,
            POST_EXPONENT,
            e("post"),
            inputs=np.concatenate([pixels, np.arange(12, 12 + side)]),
        ),
        *chain_layers(record, "post", model.post_blocks),
        conv_layer("post.out", model.post_out, e("post"), PIXEL_EXPONENT, rows=pixels, gain=8.0),
        conv_layer("post.scale", model.scale_out, e("post"), SCALE_HEAD_EXPONENT),
    ]
    return result


def anchored_vectors(model):
    """Every vector per anchor: name, module, and the stream whose exponent it has or a constant factor."""
    log2 = 1 / math.log(2)
    return [
        ("log_gain", model.log_gain, 65536 * log2),
        ("hyper_scale", model.hyper_log_scale, 8 * log2 * 2**LOG_SCALE_EXPONENT),
        ("encoder.bias", model.encoder_bias, "encoder"),
        ("prior.bias", model.prior_bias, "prior"),
        ("decoder.bias", model.decoder_bias, "decoder"),
    ]


def tables(model, record, layer_list):
    """Vectors per anchor as integers, and the exponents that restore.py needs (the program does not)."""
    result = {}
    streams = {}
    for name, vector, factor in anchored_vectors(model):
        if isinstance(factor, str):
            streams[name] = record.exponent(factor)
            factor = 2.0 ** streams[name]
        values = vector.anchors.detach().double().numpy()
        result[name] = np.round(values * factor).astype(np.int32)
    result["training.layers"] = np.array(
        [[layer.e_in, layer.e_w] for layer in layer_list], np.int32
    )
    result["training.biases"] = np.array([[e] for e in streams.values()], np.int32)
    return result


def write(path, shape, layer_list, table_map):
    out = [b"RDCM", struct.pack("<HH", VERSION, len(layer_list) + len(table_map)), shape.pack()]
    for layer in layer_list:
        name = layer.name.encode()
        out += [struct.pack("<B", len(name)), name]
        if layer.depthwise:
            out.append(struct.pack("<BHB", 1, layer.weight.shape[1], layer.shift))
        else:
            out.append(struct.pack("<BHHHHB", 0, *layer.weight.shape, layer.shift))
        out += [layer.bias.astype("<i4").tobytes(), layer.weight.astype("<i2").tobytes()]
    for name, values in table_map.items():
        out += [
            struct.pack("<B", len(name)),
            name.encode(),
            struct.pack("<BHH", 2, *values.shape),
            values.astype("<i4").tobytes(),
        ]
    Path(path).write_bytes(b"".join(out))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint")
    parser.add_argument("out")
    parser.add_argument("--data", default=os.environ.get("RDCODEC_DATA", "../shared/data"))
    args = parser.parse_args()
    model = Model.load(args.checkpoint).eval()
    record = Recorder()
    with torch.no_grad():
        for image in data.load(args.data + "/train", "*.webp")[::40]:
            for t in np.linspace(0, 1, 5):
                calibrate(model, record, image, float(t))
    layer_list = layers(model, record)
    for name in sorted(record.maximum):
        print(
            f"activation {name:24} max {record.maximum[name]:8.2f} exponent {record.exponent(name)}"
        )
    for layer in layer_list:
        print(
            f"layer {layer.name:24} {'x'.join(map(str, layer.weight.shape)):16} weight exponent {layer.e_w} "
            f"largest {np.abs(layer.weight.astype(int)).max()} shift {layer.shift}"
        )
    write(args.out, model.shape, layer_list, tables(model, record, layer_list))


if __name__ == "__main__":
    main()
