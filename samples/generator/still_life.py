"""Glazed, marbled and metal balls on planks, path traced with a thin lens and a round lamp."""

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

WIDTH, HEIGHT, SAMPLES, BOUNCES = 768, 512, 56, 4
LAMP, LAMP_RADIUS, LAMP_LIGHT = np.array([-4.2, 6.4, -2.2], np.float32), 1.1, np.float32(42)
EYE, TARGET = np.array([0.5, 2.3, -6.6], np.float32), np.array([0.15, 0.72, 0.0], np.float32)
LENS_RADIUS, FOCUS, FIELD = 0.085, 6.35, 0.56

# Centre x, centre z, radius, texture, two colours, and the roughness of metals (None: glazed).
BALLS = [
    (-0.55, 0.15, 1.05, "marble", "#f1ece0", "#2f5d62", None),
    (1.45, 0.75, 0.88, "plain", "#e0a96d", "#e0a96d", 0.06),
    (0.78, -1.15, 0.50, "stripes", "#c8472f", "#f4e9d4", None),
    (-1.72, -1.05, 0.42, "plain", "#23395b", "#23395b", None),
    (-2.75, 1.75, 0.95, "spots", "#e6b33d", "#7b4b1f", None),
    (0.30, 3.60, 1.20, "plain", "#a8b2b8", "#a8b2b8", 0.16),
    (3.35, 2.60, 0.90, "stripes", "#3b7a57", "#e8e4cf", None),
    (-0.35, -2.25, 0.24, "plain", "#7d2e68", "#7d2e68", None),
    (2.05, -1.35, 0.30, "spots", "#d9dde0", "#30343f", None),
    (-5.20, 4.90, 1.50, "plain", "#8c3a2b", "#8c3a2b", None),
]
CENTERS = np.array([(x, r, z) for x, z, r, *_ in BALLS], np.float32)
RADII = np.array([ball[2] for ball in BALLS], np.float32)
FLOOR, NOTHING, LAMP_HIT = len(BALLS), len(BALLS) + 1, len(BALLS) + 2


def dot(a, b):
    return np.einsum("ij,ij->i", a, b)


def unit(a):
    return a / np.sqrt(dot(a, a))[:, None]


def hit_sphere(origin, direction, center, radius):
    """Distance along each ray to the sphere, infinite where it is missed."""
    offset = origin - center
    b = dot(offset, direction)
    discriminant = b * b - dot(offset, offset) + radius * radius
    t = -b - np.sqrt(np.maximum(discriminant, 0))
    return np.where((discriminant > 0) & (t > 1e-3), t, np.inf)


def nearest(origin, direction):
    """Distance to the first surface and which one it is."""
    down = np.minimum(direction[:, 1], -1e-6)
    t = -origin[:, 1] / down
    t = np.where((down < -1e-4) & (t > 1e-3), t, np.inf)
    surface = np.where(np.isfinite(t), FLOOR, NOTHING)
    spheres = [*zip(CENTERS, RADII, range(len(BALLS))), (LAMP, LAMP_RADIUS, LAMP_HIT)]
    for center, radius, index in spheres:
        candidate = hit_sphere(origin, direction, center, radius)
        closer = candidate < t
        t[closer], surface[closer] = candidate[closer], index
    return t, surface


def is_lit(origin, direction, distance):
    """Whether nothing stands between a point and the lamp."""
    clear = np.ones(len(origin), bool)
    for center, radius in zip(CENTERS, RADII):
        clear &= hit_sphere(origin, direction, center, radius) > distance
    return clear


def sky(direction):
    """A dim evening room: cool above, warm towards the horizon, a window on the right."""
    up = direction[:, 1:2]
    light = mix(color("#c9a27a"), color("#5f7d9c"), smoothstep(0.0, 0.30, up)) * 0.55
    window = smoothstep(0.45, 0.5, direction[:, 0:1]) * smoothstep(0.15, 0.2, up)
    bars = smoothstep(0.06, 0.09, np.abs((direction[:, 0:1] * 4) % 1 - 0.5))
    return (light + 1.6 * window * bars * color("#ffe9c7")).astype(np.float32)


def planks(point):
    """Albedo of the wooden floor."""
    x, z = point[:, 0] * 0.85, point[:, 2]
    plank = np.floor(x)
    shift = value_noise(plank * 7.7, plank * 0, 90) * 40
    grain = fractal(x * 9, z * 0.55 + shift, 5, 31)
    rings = 0.5 + 0.5 * np.sin(46 * fractal(x * 0.9, z * 0.16 + shift, 3, 47) + 3 * grain)
    tone = 0.30 * rings + 0.55 * grain + 0.25 * value_noise(plank * 3.3, plank * 0 + 5, 17)
    base = mix(color("#6b432a"), color("#cf9d68"), tone[:, None])
    edge = np.abs(x - plank - 0.5) * 2
    return base * (1 - 0.8 * smoothstep(0.965, 0.99, edge))[:, None]


def paint(index, normal):
    """Albedo of a ball at the given outward normals."""
    _, _, _, texture, first, second, _ = BALLS[index]
    x, y, z = normal.T
    if texture == "marble":
        warp = fractal(2.2 * x + 5, 2.2 * y + 1.7 * z, 6, 3)
        t = smoothstep(0.55, 1.0, 1 - np.abs(np.sin(5 * (x + 0.6 * y) + 9 * warp)))
    elif texture == "stripes":
        t = smoothstep(-0.05, 0.05, np.sin(9 * (0.8 * y + 0.5 * x + 0.3 * z)))
    elif texture == "spots":
        t = smoothstep(0.58, 0.62, value_noise(5 * x + 3 * z + 9, 5 * y - 2 * z + 4, 8))
    else:
        t = np.zeros_like(x)
    return mix(color(first), color(second), t[:, None])


def shade(surface, point, direction):
    """Albedo, normal, and roughness (negative: glazed) of every hit."""
    albedo, normal = np.zeros_like(point), np.zeros_like(point)
    roughness = np.full(len(point), -1, np.float32)
    on_floor = surface == FLOOR
    albedo[on_floor], normal[on_floor] = planks(point[on_floor]), (0, 1, 0)
    for index, ball in enumerate(BALLS):
        here = surface == index
        normal[here] = (point[here] - CENTERS[index]) / RADII[index]
        albedo[here] = paint(index, normal[here])
        roughness[here] = -1 if ball[6] is None else ball[6]
    return albedo, normal, roughness


def direct_light(point, normal, random):
    """Light from one random spot of the lamp, for a white surface."""
    spot = LAMP + LAMP_RADIUS * unit(random.standard_normal(point.shape).astype(np.float32))
    towards = spot - point
    distance = np.sqrt(dot(towards, towards))
    towards /= distance[:, None]
    cosine = np.maximum(dot(normal, towards), 0)
    to_center = LAMP - point
    solid_angle = LAMP_RADIUS**2 / dot(to_center, to_center)
    visible = is_lit(point, towards, distance - LAMP_RADIUS)
    return LAMP_LIGHT * cosine * solid_angle * visible


def trace(origin, direction, random):
    """Radiance along each ray."""
    radiance = np.zeros_like(origin)
    ray, weight = np.arange(len(origin)), np.ones_like(origin)
    sees_lamp = np.ones(len(origin), bool)
    for _ in range(BOUNCES):
        t, surface = nearest(origin, direction)
        away = surface == NOTHING
        radiance[ray[away]] += weight[away] * sky(direction[away])
        lamp = (surface == LAMP_HIT) & sees_lamp
        radiance[ray[lamp]] += weight[lamp] * LAMP_LIGHT
        on = surface <= FLOOR
        ray, weight, direction, surface = ray[on], weight[on], direction[on], surface[on]
        point = origin[on] + t[on, None] * direction
        albedo, normal, roughness = shade(surface, point, direction)
        point += 2e-3 * normal

        cosine = -dot(direction, normal)
        fresnel = 0.04 + 0.96 * (1 - np.clip(cosine, 0, 1)) ** 5
        fresnel *= np.where(surface == FLOOR, 0.45, 1)
        metal = roughness >= 0
        mirror = metal | (random.random(len(ray), np.float32) < fresnel)
        weight = weight * np.where(mirror & ~metal, 1, albedo.T).T
        matte = ~mirror
        light = direct_light(point[matte], normal[matte], random)
        radiance[ray[matte]] += weight[matte] * light[:, None]

        sphere = unit(random.standard_normal(point.shape).astype(np.float32))
        blur = np.where(metal, roughness, np.where(surface == FLOOR, 0.10, 0.004))[:, None]
        reflected = direction + 2 * cosine[:, None] * normal + blur * sphere
        direction = unit(np.where(mirror[:, None], reflected, normal + 0.999 * sphere))
        origin, sees_lamp = point, mirror
    return np.minimum(radiance, 8)


def draw(seed):
    """The picture, (512, 768, 3) 8-bit RGB."""
    random = np.random.default_rng(seed)
    forward = unit((TARGET - EYE)[None])[0]
    right = unit(np.cross([0, 1, 0], forward)[None])[0]
    up = np.cross(forward, right)
    row, column = np.mgrid[:HEIGHT, :WIDTH].reshape(2, -1).astype(np.float32)
    total = np.zeros((HEIGHT * WIDTH, 3), np.float32)
    for _ in range(SAMPLES):
        jitter = random.random((2, len(row)), np.float32)
        x = (2 * (column + jitter[0]) - WIDTH) / WIDTH * FIELD
        y = (HEIGHT - 2 * (row + jitter[1])) / WIDTH * FIELD
        focus = EYE + FOCUS * (forward + x[:, None] * right + y[:, None] * up)
        angle, radius = 2 * np.pi * random.random(len(row)), np.sqrt(random.random(len(row)))
        lens = LENS_RADIUS * radius * np.array([np.cos(angle), np.sin(angle)])
        origin = (EYE + lens[0][:, None] * right + lens[1][:, None] * up).astype(np.float32)
        total += trace(origin, unit((focus - origin).astype(np.float32)), random)
    light = 0.8 * total.reshape(HEIGHT, WIDTH, 3) / SAMPLES
    return to_bytes(film_grain(to_srgb(filmic(light)), 0.008, random))
