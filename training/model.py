"""The learned model: analysis, hyperprior and context prior, synthesis, post-filter.

    x --analysis--> y --gain--> latents --quantise--> z --1/gain--> synthesis --> post-filter --> x_hat, scale
                                   |                  ^
                                   +-> hyperlatents --+-- prior: channel groups x 2 checkerboard steps

Analysis and synthesis start as an 8x8 DCT in an orthonormal luma-chroma basis inside 16x16 kernels, and
learned branches whose last layer starts at zero improve on them. One set of weights serves every rate: the
position t in [0, 1] between the lowest and the highest lambda selects per-channel gains and biases,
interpolated between ANCHORS vectors. Every operation that the decoder runs is a convolution, an addition, a
leaky ReLU of slope 1/8 or a pixel shuffle, so that export.py can turn it into integer arithmetic. Widths, blocks,
groups and reaches are those of shape.py.
"""

import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from shape import SHAPE, Shape

PIXELS = 192  # samples of 8x8 pixels
ANCHORS = 9
LAMBDA_LOW, LAMBDA_HIGH = 0.0001, 0.3
SLOPE = 0.125
SCALE_UNIT = 4.0  # the scale head predicts SCALE_UNIT * log2(16 sigma)
LOG_SCALE_FLOOR = -3.0
NOISE_SCALE_FLOOR = 0.1


def lambda_of(t):
    """The Lagrangian weight of squared error (per sample, 8-bit) against bits per pixel at position t."""
    return LAMBDA_LOW * (LAMBDA_HIGH / LAMBDA_LOW) ** t


class Block(nn.Module):
    """Depthwise 3x3, then a two-layer pointwise network, added to the input."""

    def __init__(self, channels, expand):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, 1, 1, groups=channels)
        self.expand = nn.Conv2d(channels, channels * expand, 1)
        self.project = nn.Conv2d(channels * expand, channels, 1)
        self.project.weight.data *= 0.2

    def forward(self, x):
        return x + self.project(F.leaky_relu(self.expand(self.depthwise(x)), SLOPE))


def chain(channels, shape):
    return [Block(channels, shape.expansion) for _ in range(shape.blocks)]


class LowerBound(torch.autograd.Function):
    """max(x, bound) whose gradient still flows where it would raise x."""

    @staticmethod
    def forward(ctx, x, bound):
        ctx.save_for_backward(x)
        ctx.bound = bound
        return x.clamp_min(bound)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * ((x >= ctx.bound) | (grad < 0)), None


def gaussian_bits(value, scale):
    """-log2 of the mass that N(0, scale) puts on the unit interval around value."""
    value, scale = value.abs(), scale * math.sqrt(2)
    mass = 0.5 * (torch.erfc((value - 0.5) / scale) - torch.erfc((value + 0.5) / scale))
    return -torch.log2(LowerBound.apply(mass, 1e-9))


def logistic_bits(error, scale):
    """-log2 of the mass that a logistic of this scale puts on the unit interval around error."""
    a, b = (error + 0.5) / scale, (error - 0.5) / scale
    mass = torch.sigmoid(a) - torch.sigmoid(b)
    return -torch.log2(LowerBound.apply(mass, 1e-7))


def compand(v):
    """sign(v) log2(1 + |v|), linear between powers of two: exact in integers."""
    a = 1 + v.abs()
    exponent = torch.floor(torch.log2(a.detach()))
    return torch.sign(v) * (exponent + a * torch.exp2(-exponent) - 1)


def dct_basis():
    """192 orthonormal 3x8x8 images: luma-chroma times DCT, by rising frequency (chroma set back by 3)."""
    dct = np.array(
        [
            [
                math.cos((2 * n + 1) * k * math.pi / 16) * (math.sqrt(1 / 8) if k == 0 else 0.5)
                for n in range(8)
            ]
            for k in range(8)
        ]
    )
    colour = np.array(
        [[3**-0.5] * 3, [2**-0.5, 0, -(2**-0.5)], [-(6**-0.5), 2 * 6**-0.5, -(6**-0.5)]]
    )
    order = sorted(
        (u + v + (3 if c else 0), c, u, v) for c in range(3) for u in range(8) for v in range(8)
    )
    return torch.tensor(
        np.array([np.einsum("c,i,j->cij", colour[c], dct[u], dct[v]) for _, c, u, v in order]),
        dtype=torch.float32,
    )


def quarters(kernel):
    """A 16x16 kernel at stride 8 as one of latents x 192 x 2 x 2 over blocks of 8x8 pixels, faster on CPUs."""
    return kernel.view(-1, 3, 2, 8, 2, 8).permute(0, 1, 3, 5, 2, 4).reshape(-1, PIXELS, 2, 2)


def first_kernels(latents):
    """The DCT inside 16x16 kernels; latents beyond its 192 begin with little noise."""
    kernel = torch.randn(latents, 3, 16, 16) * 0.01
    kernel[:PIXELS] = 0
    kernel[:PIXELS, :, 4:12, 4:12] = dct_basis()[:latents]
    return kernel


def same(inputs, outputs, kernel):
    """A convolution whose output has the input's size."""
    return nn.Conv2d(inputs, outputs, kernel, 1, kernel // 2)


def zero(conv):
    nn.init.zeros_(conv.weight)
    nn.init.zeros_(conv.bias)
    return conv


def activation():
    return nn.LeakyReLU(SLOPE)


class AnchoredVector(nn.Module):
    """A vector for every position t, linear between ANCHORS learned ones."""

    def __init__(self, initial):
        super().__init__()
        self.anchors = nn.Parameter(initial.clone())  # ANCHORS x C

    def forward(self, t):
        """t: B values in [0, 1]. Returns B x C x 1 x 1."""
        position = t * (ANCHORS - 1)
        low = position.floor().clamp(0, ANCHORS - 2)
        part = (position - low)[:, None]
        low = low.long()
        return (self.anchors[low] * (1 - part) + self.anchors[low + 1] * part)[:, :, None, None]


class Model(nn.Module):
    def __init__(self, shape=SHAPE):
        super().__init__()
        self.shape = shape
        latents, width, sizes = shape.latents, shape.width, shape.sizes
        kernel = first_kernels(latents)
        self.analysis, self.synthesis = nn.Parameter(kernel.clone()), nn.Parameter(kernel.clone())
        steps = [4.6 / math.sqrt(lambda_of(i / (ANCHORS - 1))) for i in range(ANCHORS)]
        self.log_gain = AnchoredVector(torch.tensor([[-math.log(s)] * latents for s in steps]))

        def bias(channels):
            return AnchoredVector(torch.zeros(ANCHORS, channels))

        self.encoder_in = nn.Conv2d(latents, latents, 1)
        self.encoder_bias = bias(latents)
        self.encoder = nn.Sequential(
            *chain(latents, shape.analysis), zero(nn.Conv2d(latents, latents, 1))
        )

        self.hyper_encoder_in = nn.Conv2d(latents, width, 1)
        self.hyper_encoder = nn.Sequential(
            Block(width, shape.hyper_synthesis.expansion),
            nn.Conv2d(width, width, 2, 2),
            activation(),
            Block(width, shape.hyper_synthesis.expansion),
            nn.Conv2d(width, shape.hyperlatents, 1),
        )
        self.hyper_log_scale = AnchoredVector(torch.zeros(ANCHORS, shape.hyperlatents))
        self.hyper_decoder = nn.Sequential(
            nn.Conv2d(shape.hyperlatents, width, 3, 1, 1),
            activation(),
            *chain(width, shape.hyper_synthesis),
            nn.Conv2d(width, 4 * width, 1),
            nn.PixelShuffle(2),
        )
        self.prior_bias = bias(width)
        self.prior_blocks = nn.Sequential(*chain(width, shape.prior))
        self.from_groups = nn.ModuleList(
            [
                same(sum(sizes[:i]), width, group.groups_kernel)
                for i, group in enumerate(shape.groups)
                if i > 0
            ]
        )
        self.from_anchors = nn.ModuleList(
            [same(group.channels, width, group.first_half_kernel) for group in shape.groups]
        )
        self.parameters_of = nn.ModuleList(
            [
                nn.Sequential(
                    activation(),
                    nn.Conv2d(width, width, 1),
                    activation(),
                    nn.Conv2d(width, 2 * g, 1),
                )
                for g in sizes
            ]
        )

        post = shape.post_width
        self.decoder_in = nn.Conv2d(latents, width, 1)
        self.decoder_bias = bias(width)
        self.decoder = nn.Sequential(*chain(width, shape.synthesis))
        self.decoder_out = zero(nn.Conv2d(width, latents, 1))
        self.side = nn.Conv2d(width, 16 * shape.side, 1)
        self.post_in = nn.Conv2d(12 + shape.side, post, 3, 1, 1)
        self.post_blocks = nn.Sequential(*chain(post, shape.post))
        self.post_out = zero(nn.Conv2d(post, 12, 3, 1, 1))
        self.scale_out = nn.Conv2d(post, 3, 3, 1, 1)
        nn.init.zeros_(self.scale_out.weight)
        nn.init.constant_(self.scale_out.bias, SCALE_UNIT * math.log2(16 * 3.0))

    @classmethod
    def load(cls, checkpoint, device="cpu"):
        """The model that `save` wrote, in its shape; of files without one, in that of shape.py."""
        state = torch.load(checkpoint, map_location=device)
        model = cls(Shape.unpack(state["shape"])[0] if "shape" in state else SHAPE).to(device)
        # As single blocks were called.
        names = {"prior_block.": "prior_blocks.0.", "post_block.": "post_blocks.0."}
        weights = {}
        for name, value in state["model"].items():
            for old, new in names.items():
                name = new + name.removeprefix(old) if name.startswith(old) else name
            weights[name] = value
        model.load_state_dict(weights)
        return model

    def save(self, path, **more):
        torch.save({"model": self.state_dict(), "shape": self.shape.pack(), **more}, path)

    def linear_parameters(self):
        """The transforms that start as a DCT and learn slowly."""
        return [self.analysis, self.synthesis]

    def quantise(self, value, mean, scale, hard):
        """Returns mean + round(value - mean), straight-through, and its bits.

        While training, the bits are those of the rounded value, and teach the scale. Value and mean learn
        from uniform noise in place of rounding instead, with the scale held fixed: noise alone would make
        the scale cover values that rounding turns to zero.
        """
        offset = value - mean
        rounded = torch.round(offset).detach()
        bits = gaussian_bits(rounded, scale)
        if not hard:
            noisy = gaussian_bits(
                offset + torch.rand_like(offset) - 0.5, scale.detach().clamp_min(NOISE_SCALE_FLOOR)
            )
            bits = bits + noisy - noisy.detach()
        return mean + offset + (rounded - offset).detach(), bits

    def analyse(self, x, t):
        """Latents in units of their quantisation step, before rounding: B x latents x H/8 x W/8."""
        with torch.autocast(x.device.type, enabled=False):  # bfloat16 would round large latents
            blocks = F.pixel_unshuffle(F.pad(x, (4, 4, 4, 4)), 8)
            y = F.conv2d(blocks, quarters(self.analysis)) * torch.exp(self.log_gain(t))
        features = F.leaky_relu(self.encoder_in(compand(y)) + self.encoder_bias(t), SLOPE)
        return (y + self.encoder(features)).float()

    def hyper_analyse(self, y):
        return self.hyper_encoder(F.leaky_relu(self.hyper_encoder_in(compand(y)), SLOPE)).float()

    def prior(self, y, t, hard):
        """Codes y. Returns its quantised values and the bits per image, of hyperlatents and of latents."""
        scale = torch.exp(LowerBound.apply(self.hyper_log_scale(t), LOG_SCALE_FLOOR))
        h, hyper_bits = self.quantise(self.hyper_analyse(y), 0.0, scale, hard)
        base = self.prior_blocks(self.hyper_decoder(h) + self.prior_bias(t))
        rows, columns = (
            torch.arange(y.shape[2], device=y.device),
            torch.arange(y.shape[3], device=y.device),
        )
        anchor = ((rows[:, None] + columns[None]) % 2 == 0).float()[None, None]
        bits, done = 0, []
        for i, part in enumerate(torch.split(y, self.shape.sizes, 1)):
            features = base if i == 0 else base + self.from_groups[i - 1](torch.cat(done, 1))

            def distribution(features, i=i):
                mean, log_scale = self.parameters_of[i](features).float().chunk(2, 1)
                return mean, torch.exp(LowerBound.apply(log_scale, LOG_SCALE_FLOOR)).clamp(max=700)

            q0, b0 = self.quantise(part, *distribution(features), hard)
            q1, b1 = self.quantise(
                part, *distribution(features + self.from_anchors[i](q0 * anchor)), hard
            )
            bits = bits + (b0 * anchor + b1 * (1 - anchor)).flatten(1).sum(1)
            done.append(q0 * anchor + q1 * (1 - anchor))
        return torch.cat(done, 1), hyper_bits.flatten(1).sum(1), bits

    def synthesise(self, q, t):
        """Returns x_hat and the scale head's output, SCALE_UNIT log2(16 sigma) at half resolution."""
        features = self.decoder(F.leaky_relu(self.decoder_in(q) + self.decoder_bias(t), SLOPE))
        y = (q + self.decoder_out(features)).float() * torch.exp(-self.log_gain(t))
        with torch.autocast(q.device.type, enabled=False):
            blocks = F.conv2d(y, quarters(self.synthesis).transpose(0, 1).flip(2, 3), padding=1)
            linear = F.pixel_shuffle(blocks, 8)[:, :, 4:-4, 4:-4]
        side = F.pixel_shuffle(self.side(features), 4)
        hidden = F.leaky_relu(
            self.post_in(torch.cat([F.pixel_unshuffle(linear / 32, 2), side.float()], 1)), SLOPE
        )
        hidden = F.leaky_relu(self.post_blocks(hidden), SLOPE)
        return linear + 8 * F.pixel_shuffle(self.post_out(hidden), 2).float(), self.scale_out(
            hidden.detach()
        ).float()

    def forward(self, x, t, hard=False):
        """x: B x 3 x H x W in [-128, 127], H and W multiples of 16; t: B positions in [0, 1].

        Returns x_hat, the scale head's output, and bits per image of hyperlatents, of latents.
        """
        q, hyper_bits, latent_bits = self.prior(self.analyse(x, t), t, hard)
        x_hat, scale = self.synthesise(q, t)
        return x_hat, scale, hyper_bits, latent_bits


def residual_bits(x, x_hat, scale):
    """-log2 P_dec(x | z) per image: a discretised logistic around x_hat (detached)."""
    sigma = torch.exp2(F.interpolate(scale, scale_factor=2, mode="nearest") / SCALE_UNIT) / 16
    return logistic_bits(x - x_hat.detach(), sigma).flatten(1).sum(1)
