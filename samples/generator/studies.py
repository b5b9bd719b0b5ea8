"""Two quiet pictures that test precision: a gradient with fine grain, and a 16-bit radiograph."""

import numpy as np

from .noise import color, film_grain, mix, smoothstep, to_bytes, to_srgb


def gradient(seed):
    """A backdrop lit by two soft lamps, (256, 384, 3) 8-bit RGB."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:256, :384].astype(np.float32) / 256
    left = np.exp(-2.2 * np.hypot(x - 0.25, 0.8 * (y - 0.35)) ** 2)[..., None]
    right = np.exp(-3.0 * np.hypot(0.8 * (x - 1.25), y - 0.75) ** 2)[..., None]
    wall = mix(color("#1b2a4a"), color("#0c1222"), smoothstep(0, 1, y)[..., None])
    light = wall + 0.9 * left * color("#f08a6b") + 0.75 * right * color("#56a3b8")
    return to_bytes(film_grain(to_srgb(light), 0.014, random))


def nautilus(x, y):
    """How much shell an X-ray crosses at (x, y): a logarithmic spiral of walls and septa."""
    growth, turns = 0.178, 2.62
    radius, angle = np.hypot(x, y) + 1e-6, np.arctan2(y, x)
    thickness = np.zeros_like(x)
    for whorl in range(-1, 5):
        theta = angle + 2 * np.pi * whorl
        outer = 0.055 * np.exp(growth * theta)
        inner = outer * np.exp(-2 * np.pi * growth) * 0.90
        across = (2 * radius - outer - inner) / (outer - inner)
        half = (outer - inner) / 2
        inside = (np.abs(across) < 1) & (theta > -3) & (theta < 2 * np.pi * turns)
        wall = 0.085
        shell = np.sqrt(np.maximum(1 - across**2, 0))
        hollow = np.sqrt(np.maximum((1 - wall) ** 2 - across**2, 0))
        # Septa bulge backwards; the last part of the spiral is the animal's open chamber.
        phase = theta * 2.55 + 0.95 * across**2 * 1.4
        distance = np.abs((phase + 0.5) % 1 - 0.5)
        septum = smoothstep(0.11, 0.02, distance) * (theta < 2 * np.pi * turns - 2.3)
        layer = half * (2.4 * (shell - hollow) + 0.30 * septum * hollow)
        growth_lines = 1 + 0.05 * np.sin(90 * theta)
        lip = smoothstep(2 * np.pi * turns, 2 * np.pi * turns - 0.04, theta)
        thickness += np.where(inside, layer * growth_lines * lip, 0)
    return thickness


def radiograph(seed):
    """An X-ray of a shell with photon and readout noise, (384, 384) 16-bit grey."""
    random = np.random.default_rng(seed)
    size, oversampling = 384, 2
    axis = (np.arange(size * oversampling) + 0.5) / (size * oversampling) * 2 - 1
    x, y = np.meshgrid(axis - 0.18, axis - 0.17)
    thickness = nautilus(x * np.cos(0.5) + y * np.sin(0.5), y * np.cos(0.5) - x * np.sin(0.5))
    thickness = thickness.reshape(size, oversampling, size, oversampling).mean(axis=(1, 3))
    y, x = np.mgrid[:size, :size] / size - 0.5
    flux = 52000 * (1 - 0.35 * np.hypot(x - 0.05, y + 0.04) ** 2)
    photons = random.poisson(flux * np.exp(-6.5 * thickness) / 0.9) * 0.9
    # Films are shown as negatives: dense is bright.
    signal = 62000 - (photons + random.normal(0, 12, photons.shape))
    return np.clip(np.round(signal), 0, 65535).astype(np.uint16)
