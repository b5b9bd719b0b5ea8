"""SSIMULACRA 2.1, as a loss that gradients flow through and as a score.

A metric by Jon Sneyers (Cloudinary), fitted to what people said about compressed photographs. Written anew from
its published form, libjxl's tools/ssimulacra2.cc and rust-av/ssimulacra2 (both BSD), where the constants come
from. In linear light, six sizes, each half of the one before; at each, planes of XYB are compared by similarity,
by edges that were not there (ringing) and by edges that were lost (blur), as mean and as fourth-power mean.

The published Gaussian is recursive, but ends after nine samples, so that a window does the same. It takes what lies
beyond the image as zero, which hides errors near borders; the loss mirrors the image instead, so that all of a crop
counts alike.
"""

from functools import lru_cache

import torch
import torch.nn.functional as F

SCALES = 6
# Half of the window: what the recursion (Charalampidis 2016, of sigma 1.5) answers to an impulse
WINDOW = (0.2646211054882, 0.21292859201042, 0.10933537277746, 0.03601111465836, 0.00941436780965)
C2 = 0.0009  # keeps the similarity of flat areas finite
# Keeps the slope of fourth-power means finite; as much as an error of 1e-5 everywhere
LEAST_POWER = 1e-20
# To what three kinds of cone take in, and the bias before the cube root
ABSORBANCE = (
    (0.3, 0.622, 0.078),
    (0.23, 0.692, 0.078),
    (0.24342268924547819, 0.20476744424496821, 0.5518098665095536),
)
BIAS = 0.0037930732552754493
# From cube roots to X, Y and B - Y, each within 0 to 1
OPPONENTS = ((7.0, -7.0, 0.0), (0.5, 0.5, 0.0), (-0.5, -0.5, 1.0))
OFFSETS = (0.42, 0.01, 0.55)
# [X, Y, B - Y][size] in rows of [mean, fourth-power mean][similarity, ringing, blur]
# fmt: off
WEIGHTS = torch.tensor((
    0, 0.0007376606707406586, 0, 0, 0.0007793481682867309, 0,
    0, 0.0004371155730107379, 0, 1.1041726426657346, 0.00066284834129271, 0.00015231632783718752,
    0, 0.0016406437456599754, 0, 1.8422455520539298, 11.441172603757666, 0,
    0.0007989109436015163, 0.000176816438078653, 0, 1.8787594979546387, 10.94906990605142, 0,
    0.0007289346991508072, 0.9677937080626833, 0, 0.00014003424285435884, 0.9981766977854967, 0.00031949755934435053,
    0.0004550992113792063, 0, 0, 0.0013648766163243398, 0, 0,
    0, 0, 0, 7.466890328078848, 0, 17.445833984131262,
    0.0006235601634041466, 0, 0, 6.683678146179332, 0.00037724407979611296, 1.027889937768264,
    225.20515300849274, 0, 0, 19.213238186143016, 0.0011401524586618361, 0.001237755635509985,
    176.39317598450694, 0, 0, 24.43300999870476, 0.28520802612117757, 0.0004485436923833408,
    0, 0, 0, 34.77906344483772, 44.835625328877896, 0,
    0, 0, 0, 0, 0, 0,
    0, 0.0008680556573291698, 0, 0, 0, 0,
    0, 0.0005313191874358747, 0, 0.00016533814161379112, 0, 0,
    0, 0, 0, 0.0004179171803251336, 0.0017290828234722833, 0,
    0.0020827005846636437, 0, 0, 8.826982764996862, 23.19243343998926, 0,
    95.1080498811086, 0.9863978034400682, 0.9834382792465353, 0.0012286405048278493, 171.2667255897307,
    0.9807858872435379,
    0, 0, 0, 0.0005130064588990679, 0, 0.00010854057858411537,
), dtype=torch.float64).view(3, SCALES, 2, 3)
# fmt: on
# What training follows: terms that weigh nearly nothing are left out, which spares chroma at full size, and
# ringing and blur are halved, as the encoder's search found best.
LOSS_WEIGHTS = WEIGHTS * (WEIGHTS > 0.01) * torch.tensor([1, 0.5, 0.5])


def linear_light(x):
    """Samples in [-128, 127], B x 3 x H x W, as light in [0, 1]; what lies beyond is cut off, as the decoder does."""
    x = (x.contiguous() + 128).clamp(0, 255) / 255
    return torch.where(x <= 0.04045, x / 12.92, ((x.clamp_min(0.04) + 0.055) / 1.055) ** 2.4)


def opponents(light, channels):
    """The planes `channels` of X, Y and B - Y."""
    shape = light.shape
    absorbance, matrix = light.new_tensor(ABSORBANCE), light.new_tensor(OPPONENTS)[channels]
    roots = (absorbance @ light.flatten(2) + BIAS) ** (1 / 3) - BIAS ** (1 / 3)
    planes = matrix @ roots + light.new_tensor(OFFSETS)[channels][:, None]
    return planes.view(shape[0], len(channels), *shape[2:])


@lru_cache
def gaussian(size, is_mirrored, kind, device):
    """The window at every place of a row, which is mirrored or zero beyond its ends, as a matrix of size x size.

    On a CPU, products with it are twenty times as fast as convolutions of single planes.
    """
    window = torch.tensor(WINDOW[:0:-1] + WINDOW, dtype=torch.float64)
    place = torch.arange(size)[:, None] + torch.arange(1 - len(WINDOW), len(WINDOW))
    part = window / window.sum() * (is_mirrored | ((place >= 0) & (place < size)))
    place = torch.minimum(place % (2 * size), (-1 - place) % (2 * size))
    matrix = torch.zeros(size, size, dtype=torch.float64).scatter_add_(1, place, part)
    return matrix.to(device, kind)


def means(error):
    """Mean and fourth-power mean over each plane, B x C x 2."""
    square = error.square()
    power = (square.square().mean((2, 3)) + LEAST_POWER) ** 0.25 - LEAST_POWER**0.25
    return torch.stack([error.mean((2, 3)), power], 2)


def terms(a, b, with_edges, is_mirrored):
    """Similarity, ringing and blur that b shows against a, B x C x 2 x 3, or x 1 without edges."""
    rows, columns = (
        gaussian(size, flag, a.dtype, a.device) for size, flag in zip(a.shape[2:], is_mirrored)
    )
    columns = columns.T

    def blurred(plane):
        return rows @ (plane @ columns)

    mean_a, mean_b = blurred(a), blurred(b)
    product = blurred(a * b) - mean_a * mean_b
    squares = blurred(a * a + b * b) - mean_a.square() - mean_b.square()
    similarity = (1 - (mean_a - mean_b).square()) * (2 * product + C2) / (squares + C2)
    result = [means((1 - similarity).clamp_min(0))]
    if with_edges:
        ratio = (1 + (b - mean_b).abs()) / (1 + (a - mean_a).abs()) - 1
        result += [means(ratio.clamp_min(0)), means((-ratio).clamp_min(0))]
    return torch.stack(result, 3)


def weighted_sum(x_hat, x, weights=LOSS_WEIGHTS, is_mirrored=(True, True)):
    """The metric before its last curve, for each image: 0 where both are the same, 6 at a score of 50.

    Samples in [-128, 127], B x 3 x H x W, H and W at least 96. Slopes flow to x_hat. `is_mirrored`: beyond the
    ends of columns and of rows.
    """
    a, b, result = linear_light(x), linear_light(x_hat), 0
    for scale in range(SCALES):
        if scale > 0:
            a, b = (F.avg_pool2d(v, 2, ceil_mode=True, count_include_pad=False) for v in (a, b))
        part = weights[:, scale]
        channels = part.flatten(1).any(1).nonzero().flatten().tolist()
        if not channels:
            continue
        with_edges = bool(part[..., 1:].any())
        found = terms(opponents(a, channels), opponents(b, channels), with_edges, is_mirrored)
        part = part[channels][..., : found.shape[3]].to(found)
        result = result + (found * part).flatten(1).sum(1)
    return result


def score(x_hat, x, is_mirrored=(False, False)):
    """SSIMULACRA 2.1 of each image: 100 where both are the same; 90, 70, 50 and 30 are what its author calls
    visually lossless, high, medium and low quality."""
    v = weighted_sum(x_hat.double(), x.double(), WEIGHTS, is_mirrored) * 0.9562382616834844
    v = 2.326765642916932 * v - 0.020884521182843837 * v**2 + 6.248496625763138e-05 * v**3
    return 100 - 10 * v.clamp_min(0) ** 0.6276336467831387
