"""Turns float layers into integer ones: exponents of activations, weights, proven bounds of sums.

A real value v is held as an integer near v * 2**e. Activations are int16 and saturate; a layer's sums are
int32 with e = e_in + e_w and are shifted right by e_in + e_w - e_out. The exponent of the weights is the
largest for which no input whatsoever can overflow a sum:
    sum |w| * 32768 + |b| + rounding < 2**31 for every output.
"""

import math

import numpy as np
import torch

HEADROOM = 1.5  # calibrated maxima may be exceeded by this factor before an activation saturates
MAX_EXPONENT = 12


def activation_exponent(maximum):
    """The exponent for a tensor whose largest calibrated magnitude is `maximum`."""
    return min(MAX_EXPONENT, math.floor(math.log2(32767 / (max(maximum, 1e-3) * HEADROOM))))


class Layer:
    """A quantised convolution: weights O x kh x kw x I (depthwise: 9 x C), int32 bias, right shift.

    `restore` takes float weights and bias of these shapes back into the module that they came from.
    """

    def __init__(self, name, weight, bias, e_in, e_out, restore, depthwise=False):
        rows = weight.reshape(9, -1).T if depthwise else weight.reshape(weight.shape[0], -1)
        e_w = 15
        while True:
            w = np.round(rows * 2.0**e_w)
            b = np.round(bias * 2.0 ** (e_in + e_w))
            shift = e_in + e_w - e_out
            worst = np.abs(w).sum(1) * 32768 + np.abs(b) + 2.0 ** max(shift - 1, 0)
            if np.abs(w).max() < 32768 and worst.max() < 2**31 and shift <= 30:
                break
            e_w -= 1
        if shift < 1:
            raise ValueError(f"{name}: the shift {shift} is not positive")
        self.name, self.depthwise, self.restore = name, depthwise, restore
        self.shift, self.e_in, self.e_w = shift, e_in, e_w
        self.bias = b.astype(np.int32)
        self.weight = (w.T.reshape(weight.shape) if depthwise else w.reshape(weight.shape)).astype(
            np.int16
        )


def _assign(parameter, values):
    parameter.data.copy_(torch.from_numpy(np.ascontiguousarray(values)))


def conv_layer(name, conv, e_in, e_out, rows=None, inputs=None, gain=1.0):
    """A torch Conv2d as a Layer; `rows` and `inputs` reorder channels, `gain` scales outputs (or each one)."""
    weight = conv.weight.detach().double().numpy().transpose(0, 2, 3, 1)
    bias = conv.bias.detach().double().numpy()
    rows = np.arange(weight.shape[0]) if rows is None else rows
    inputs = np.arange(weight.shape[3]) if inputs is None else inputs
    gain = np.broadcast_to(gain, bias.shape)[rows]

    def restore(w, b):
        weight[np.ix_(rows, range(w.shape[1]), range(w.shape[2]), inputs)] = (
            w / gain[:, None, None, None]
        )
        bias[rows] = b / gain
        _assign(conv.weight, weight.transpose(0, 3, 1, 2))
        _assign(conv.bias, bias)

    return Layer(
        name,
        weight[rows][..., inputs] * gain[:, None, None, None],
        bias[rows] * gain,
        e_in,
        e_out,
        restore,
    )


def depthwise_layer(name, conv, e_in, e_out):
    weight = conv.weight.detach().double().numpy()[:, 0].transpose(1, 2, 0).reshape(9, -1)

    def restore(w, b):
        _assign(conv.weight, w.reshape(3, 3, -1).transpose(2, 0, 1)[:, None])
        _assign(conv.bias, b)

    return Layer(
        name, weight, conv.bias.detach().double().numpy(), e_in, e_out, restore, depthwise=True
    )


def transform_layer(name, parameter, weight, e_in, e_out, inverse):
    """A transform without bias; `inverse` takes weights of the layer's shape to the parameter's."""
    return Layer(
        name,
        weight,
        np.zeros(weight.shape[0]),
        e_in,
        e_out,
        lambda w, _: _assign(parameter, inverse(w)),
    )


def shuffle_order(channels, factor):
    """Channel order (row, column, channel) of what PixelShuffle orders (channel, row, column)."""
    return (
        np.arange(channels * factor * factor)
        .reshape(channels, factor, factor)
        .transpose(1, 2, 0)
        .reshape(-1)
    )
