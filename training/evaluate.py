"""Rate and distortion of a checkpoint in floating point: python evaluate.py CHECKPOINT IMAGES..."""

import math
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import data
from model import Model, lambda_of, residual_bits

POSITIONS = (0.0, 0.25, 0.45, 0.6, 0.8, 1.0)


def measure(model, image, t, device="cpu"):
    """Bits per pixel of hyperlatents and of latents, PSNR in dB, residual bits per pixel, R + lambda D."""
    x = data.tensor(image).to(device)
    height, width = x.shape[2:]
    padded = F.pad(x, (0, -width % 16, 0, -height % 16), mode="replicate")
    with torch.no_grad():
        x_hat, scale, hyper_bits, latent_bits = model(
            padded, torch.tensor([t], device=device), hard=True
        )
    x_hat = x_hat[:, :, :height, :width]
    error = (x_hat.round().clamp(-128, 127) - x).square().mean().item()
    residual = residual_bits(
        padded[:, :, : height & ~1, : width & ~1],
        x_hat[:, :, : height & ~1, : width & ~1],
        scale[:, :, : height // 2, : width // 2],
    )
    pixels = height * width
    hyper, latent = hyper_bits.item() / pixels, latent_bits.item() / pixels
    cost = hyper + latent + lambda_of(t) * error
    return hyper, latent, 10 * math.log10(65025 / error), residual.item() / pixels, cost


def validate(model, images, device="cpu", positions=POSITIONS):
    """One line: t: hyper + latent bpp, mean PSNR, residual bpp, mean R + lambda D."""
    model.eval()
    rows = []
    for t in positions:
        hyper, latent, psnr, residual, cost = np.mean(
            [measure(model, i, t, device) for i in images], axis=0
        )
        rows.append(
            f"{t:.2f}: {hyper + latent:.4f} ({hyper:.3f}) bpp {psnr:.2f} dB {residual:.2f} {cost:.4f}"
        )
    model.train()
    return " | ".join(rows)


if __name__ == "__main__":
    model = Model()
    model.load_state_dict(torch.load(sys.argv[1], map_location="cpu")["model"])
    print(
        validate(
            model,
            [np.array(Image.open(f).convert("RGB")) for f in sys.argv[2:]],
            positions=[i / 20 for i in range(21)],
        )
    )
