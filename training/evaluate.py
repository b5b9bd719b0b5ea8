"""Rate and distortion of a checkpoint in floating point, at 21 positions.

    python evaluate.py [--tune visual] [--against CHECKPOINT] CHECKPOINT IMAGES...

With --against, also what it needs more than that one at equal quality.
"""

import argparse
import math

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import data
from distortion import distortion
from model import Model, lambda_of, residual_bits
from ssimulacra2 import score

POSITIONS = (0.0, 0.25, 0.45, 0.6, 0.8, 1.0)
ALL_POSITIONS = tuple(i / 20 for i in range(21))


def measure(model, image, t, device="cpu", tune="psnr"):
    """Bits per pixel of hyperlatents and of latents, PSNR in dB, SSIMULACRA 2.1, residual bits per pixel,
    R + lambda D."""
    x = data.tensor(image).to(device)
    height, width = x.shape[2:]
    padded = F.pad(x, (0, -width % 16, 0, -height % 16), mode="replicate")
    with torch.no_grad():
        x_hat, scale, hyper_bits, latent_bits = model(
            padded, torch.tensor([t], device=device), hard=True
        )
    x_hat = x_hat[:, :, :height, :width]
    seen = x_hat.round().clamp(-128, 127)
    error = (seen - x).square().mean().item()
    residual = residual_bits(
        padded[:, :, : height & ~1, : width & ~1],
        x_hat[:, :, : height & ~1, : width & ~1],
        scale[:, :, : height // 2, : width // 2],
    )
    pixels = height * width
    hyper, latent = hyper_bits.item() / pixels, latent_bits.item() / pixels
    cost = hyper + latent + lambda_of(t) * distortion(seen, x, tune).item()
    return (
        hyper,
        latent,
        10 * math.log10(65025 / error),
        score(seen, x).item(),
        residual.item() / pixels,
        cost,
    )


def curve(model, images, device="cpu", tune="psnr", positions=POSITIONS):
    """Means over the images of what `measure` returns, a row for each position."""
    model.eval()
    rows = [
        np.mean([measure(model, i, t, device, tune) for i in images], axis=0) for t in positions
    ]
    model.train()
    return np.array(rows)


def validate(model, images, device="cpu", tune="psnr", positions=POSITIONS):
    """One line: t: hyper + latent bpp, mean PSNR, mean SSIMULACRA 2.1, residual bpp, mean R + lambda D."""
    return " | ".join(
        f"{t:.2f}: {hyper + latent:.4f} ({hyper:.3f}) bpp {psnr:.2f} dB {seen:.2f} {residual:.2f} {cost:.4f}"
        for t, (hyper, latent, psnr, seen, residual, cost) in zip(
            positions, curve(model, images, device, tune, positions)
        )
    )


def extra_rate(anchor, test, column, low, high):
    """Mean extra rate of one curve over another at equal quality, as a fraction, and between which qualities."""
    low = max(low, anchor[0, column], test[0, column])
    high = min(high, anchor[-1, column], test[-1, column])
    grid = np.linspace(low, high, 1000)
    gap = [
        np.interp(grid, c[:, column], np.log(c[:, :2].sum(1))) * sign
        for c, sign in ((test, 1), (anchor, -1))
    ]
    return math.expm1(np.sum(gap, axis=0).mean()), low, high


def load_model(checkpoint):
    return Model.load(checkpoint)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint")
    parser.add_argument("images", nargs="+")
    parser.add_argument("--against", metavar="CHECKPOINT")
    parser.add_argument("--tune", choices=["psnr", "visual"], default="psnr", help="what D is")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    images = [np.array(Image.open(f).convert("RGB")) for f in args.images]
    curves = []
    for checkpoint in filter(None, (args.checkpoint, args.against)):
        rows = curve(load_model(checkpoint), images, tune=args.tune, positions=ALL_POSITIONS)
        print(checkpoint)
        print("   t     bpp  (hyper)   PSNR  SSIM2  residual     R+λD")
        for t, (hyper, latent, psnr, seen, residual, cost) in zip(ALL_POSITIONS, rows):
            print(
                f"{t:.2f} {hyper + latent:7.4f} ({hyper:6.4f}) {psnr:6.2f} {seen:6.2f} {residual:9.3f} {cost:8.4f}"
            )
        curves.append(rows)
    if args.against:
        test, anchor = curves
        for column, unit, ends in ((3, "SSIMULACRA 2.1", (40, 85)), (2, "dB of PSNR", (24, 40))):
            extra, low, high = extra_rate(anchor, test, column, *ends)
            print(f"rate {100 * extra:+.2f} % between {low:.1f} and {high:.1f} {unit}")
        cost = (test[:, 5] / anchor[:, 5] - 1).mean()
        print(f"R + λD {100 * cost:+.2f} % in the mean of {len(test)} positions")


if __name__ == "__main__":
    main()
