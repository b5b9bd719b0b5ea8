"""Mountains above a lake at dusk: a height field marched from front to back, with film grain."""

import numpy as np

from .noise import (
    color,
    film_grain,
    filmic,
    fractal,
    mix,
    smoothstep,
    to_bytes,
    to_srgb,
    value_noise,
)

WIDTH, HEIGHT, OVERSAMPLING = 640, 400, 2
EYE_HEIGHT, HORIZON, FOCAL, NEAR, FAR = 1.05, 0.46, 1.05, 1.2, 70.0
SUN = np.array([-0.62, 0.30, 0.72], np.float32) / np.linalg.norm([-0.62, 0.30, 0.72])


def terrain(x, z, octaves):
    """Height above the lake; mountains rise towards the back and the sides."""
    ridges = fractal(x * 0.13, z * 0.13, octaves, 21, 0.43, ridged=True)
    hills = fractal(x * 0.35 + 9, z * 0.35, octaves, 63)
    rise = smoothstep(7, 34, z + 0.9 * np.abs(x - 0.12 * z))
    return 8.0 * rise * ridges**1.9 + 1.5 * (hills - 0.54) + 0.5 * rise - 0.05


def sky(x, y, toward_sun):
    """Sky colour at screen coordinates; y is the height above the horizon in [0, 1]."""
    glow = np.exp(-3.2 * toward_sun)[..., None]
    base = mix(color("#f2c9a0"), color("#5b82b5"), smoothstep(-0.02, 0.42, y)[..., None])
    base = base + glow * (color("#ffb066") * 0.5)
    depth = 1 / (y + 0.09)
    puffs = fractal(x * depth * 1.5 + 3, depth * 1.9 + 0.4 * x, 7, 5)
    cover = smoothstep(0.50, 0.72, puffs) * smoothstep(0.0, 0.12, y)
    lit = smoothstep(0.46, 0.64, fractal(x * depth * 1.5 + 2.8, depth * 1.9 + 0.42 * x, 7, 5))
    cloud = mix(color("#fff0dc") * 1.05, color("#8d8796") * 0.75, lit[..., None])
    return mix(base, cloud + glow * 0.25, (0.9 * cover)[..., None])


def shadow(x, z, height):
    """1 in sunlight, 0 in the shadow of the mountains."""
    light = np.ones_like(x)
    for step in (0.2, 0.6, 1.2, 2.2, 4.0, 7.0):
        ray = height + step * SUN[1] / np.hypot(SUN[0], SUN[2])
        sx = x + step * SUN[0] / np.hypot(SUN[0], SUN[2])
        sz = z + step * SUN[2] / np.hypot(SUN[0], SUN[2])
        over = ray - terrain(sx, sz, 4)
        light = np.minimum(light, smoothstep(-0.15, 0.12 * step, over))
    return light


def ground_color(x, z, height):
    """Light that leaves the ground: rock, grass, scree and snow, by height and slope."""
    d = 0.004 * z
    dx = (terrain(x + d, z, 9) - height) / d
    dz = (terrain(x, z + d, 9) - height) / d
    length = np.sqrt(1 + dx * dx + dz * dz)
    sun = np.maximum((-dx * SUN[0] + SUN[1] - dz * SUN[2]) / length, 0) * shadow(x, z, height)
    flat = 1 / length
    patch = fractal(x * 2.1, z * 2.1, 5, 77)
    rock = mix(color("#4d4540"), color("#8a7a6a"), patch[:, None])
    grass = mix(color("#2f3b1c"), color("#6d6a33"), patch[:, None])
    forest = color("#1c2a1a") * (0.6 + 0.8 * value_noise(x * 14, z * 14, 3))[:, None]
    green = mix(grass, forest, smoothstep(0.5, 0.56, fractal(x, z, 4, 12))[:, None])
    albedo = mix(rock, green, (smoothstep(0.55, 0.8, flat) * smoothstep(2.7, 1.5, height))[:, None])
    albedo = mix(color("#a08f74"), albedo, smoothstep(0.02, 0.10, height)[:, None])
    snow = smoothstep(3.3, 4.2, height + 1.5 * (patch - 0.5)) * smoothstep(0.38, 0.6, flat)
    albedo = mix(albedo, color("#f3f5f8"), snow[:, None])
    ambient = color("#8fa8c9") * (0.35 + 0.25 * flat)[:, None]
    return albedo * (2.6 * sun[:, None] * color("#ffd2a0") + ambient)


def march(columns, rows, frame, backdrop):
    """Paints the ground over `frame`, nearest first; `backdrop` is the sky that haze fades to."""
    width, height = len(columns), len(rows)
    top = np.full(width, height, np.int64)
    index = np.arange(width)
    z, grid = NEAR, np.arange(height)[:, None]
    while z < FAR:
        x = columns * z / FOCAL
        ground = np.maximum(terrain(x, z, 9), 0)
        screen = HORIZON * height - (ground - EYE_HEIGHT) / z * FOCAL * height
        reach = np.clip(np.ceil(screen), 0, height).astype(np.int64)
        seen = index[reach < top]
        if len(seen):
            xs, zs, heights = x[seen], np.full(len(seen), z, np.float32), ground[seen]
            light = ground_color(xs, zs, heights)
            haze = (1 - np.exp(-((0.014 * z) ** 1.6))) * np.exp(-0.10 * heights)
            light = mix(light, backdrop[seen], haze[:, None])
            # Water is left to the reflection pass: alpha 0.
            painted = np.where(heights > 0, 1, 0)
            band = (grid >= reach[seen]) & (grid < top[seen])
            r, c = np.nonzero(band)
            frame[r, seen[c], :3] = np.where(painted[c, None], light[c], 0)
            frame[r, seen[c], 3] = painted[c]
            top = np.minimum(top, reach)
        z *= 1.005
    frame[grid < top[None, :], 3] = -1


def draw(seed):
    """The picture, (400, 640, 3) 8-bit RGB."""
    random = np.random.default_rng(seed)
    width, height = WIDTH * OVERSAMPLING, HEIGHT * OVERSAMPLING
    columns = ((np.arange(width) + 0.5) / width - 0.5).astype(np.float32) * width / height
    rows = np.arange(height)
    above = (HORIZON * height - rows[:, None]) / height
    x = np.broadcast_to(columns, (height, width))
    toward_sun = np.hypot(x + 0.62, above - 0.12)
    heavens = sky(x, np.maximum(np.broadcast_to(above, x.shape), 0), toward_sun)
    horizon_row = int(HORIZON * height) - 4
    frame = np.zeros((height, width, 4), np.float32)
    march(columns, rows, frame, heavens[horizon_row])
    picture = np.where(frame[..., 3:] == 1, frame[..., :3], heavens)

    # The lake mirrors the rows above the horizon, stretched and broken up by ripples.
    r, c = np.nonzero(frame[..., 3] == 0)
    depth = EYE_HEIGHT / np.maximum((r / height - HORIZON), 0.004)
    ripple = fractal(columns[c] * depth * 3.0, depth * 9.0, 4, 41) - 0.5
    mirror = 2 * HORIZON * height - r + ripple * (r - HORIZON * height) * 0.55
    mirror = np.minimum(np.abs(mirror), horizon_row).astype(np.int64)
    side = np.clip(c + ripple * 14, 0, width - 1).astype(np.int64)
    facing = smoothstep(0.0, 0.5, r / height - HORIZON)[:, None]
    water = mix(0.86 * picture[mirror, side], color("#16303a"), 0.18 + 0.62 * facing)
    picture[r, c] = water * (1 + 0.35 * ripple[:, None])

    small = picture.reshape(HEIGHT, OVERSAMPLING, WIDTH, OVERSAMPLING, 3).mean(axis=(1, 3))
    return to_bytes(film_grain(to_srgb(filmic(0.95 * small)), 0.03, random))
