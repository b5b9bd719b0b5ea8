"""Fractal noise, film grain and colour helpers that the pictures share."""

import numpy as np


def lattice(x, y, seed):
    """A hash of integer coordinates, uniform in [0, 1)."""
    h = x.astype(np.int64) * 0x9E3779B1 + y.astype(np.int64) * 0x85EBCA77 + seed * 0xC2B2AE3D
    h = (h & 0xFFFFFFFF).astype(np.uint64)
    for shift, factor in ((15, 0x2C1B3C6D), (12, 0x297A2D39)):
        h = ((h ^ (h >> np.uint64(shift))) * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    return ((h ^ (h >> np.uint64(15))) / 2.0**32).astype(np.float32)


def value_noise(x, y, seed=0):
    """Smooth noise in [0, 1] whose features have the size 1."""
    left, top = np.floor(x), np.floor(y)
    fx, fy = x - left, y - top
    fx = fx * fx * fx * (fx * (fx * 6 - 15) + 10)
    fy = fy * fy * fy * (fy * (fy * 6 - 15) + 10)
    a = lattice(left, top, seed)
    b = lattice(left + 1, top, seed)
    c = lattice(left, top + 1, seed)
    d = lattice(left + 1, top + 1, seed)
    upper = a + (b - a) * fx
    return upper + (c + (d - c) * fx - upper) * fy


def fractal(x, y, octaves=6, seed=0, gain=0.5, ridged=False):
    """Octaves of noise, each twice as fine and `gain` as strong; in [0, 1]."""
    total, weight, norm = np.zeros(np.broadcast(x, y).shape, np.float32), 1.0, 0.0
    for octave in range(octaves):
        # Each octave is turned, so that the lattice never shows.
        n = value_noise(x, y, seed + octave)
        total += weight * ((1 - np.abs(2 * n - 1)) if ridged else n)
        norm += weight
        weight *= gain
        x, y = 1.6 * x + 1.2 * y + 7.3, -1.2 * x + 1.6 * y + 3.1
    return total / norm


def smoothstep(low, high, x):
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a, b, t):
    """`a` where t is 0, `b` where it is 1."""
    return a + (b - a) * t


def color(code):
    """A linear RGB triple from "#rrggbb"."""
    srgb = np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def filmic(light):
    """Scene light to [0, 1] with a soft shoulder: Narkowicz's fit of the ACES curve, 2015."""
    return light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)


def to_srgb(linear):
    """Linear light in [0, 1] to sRGB values in [0, 1]."""
    x = np.clip(linear, 0, 1)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)


def film_grain(image, strength, random):
    """Adds grain to an sRGB image in [0, 1]: strongest in the mid-tones, 1.5 pixels wide."""
    noise = random.standard_normal(image.shape).astype(np.float32)
    for axis in (0, 1):
        noise = 0.6 * noise + 0.2 * (np.roll(noise, 1, axis) + np.roll(noise, -1, axis))
    noise = 0.6 * noise + 0.4 * noise.mean(axis=2, keepdims=True)
    return image + strength * noise * (0.35 + 2.6 * image * (1 - image))


def to_bytes(image):
    """Values in [0, 1] to 8-bit samples."""
    return np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)
