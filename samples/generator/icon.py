"""A program icon: soft shadow, smooth edges, and colour that goes on under transparent pixels."""

import numpy as np
from PIL import Image, ImageFilter

from .noise import color, mix, smoothstep, to_bytes, to_srgb

SIZE = 256


def draw(_seed):
    """The picture, 256 x 256 RGBA with straight alpha."""
    y, x = (np.mgrid[:SIZE, :SIZE].astype(np.float32) + 0.5) / SIZE * 2 - 1
    paint = mix(color("#22c1a5"), color("#1b3b8b"), smoothstep(-1, 1, 0.8 * y + 0.6 * x)[..., None])
    paint = paint + 0.35 * np.exp(-3 * np.hypot(x + 0.5, y + 0.7) ** 2)[..., None] * color(
        "#d8fff2"
    )

    # A plate with the outline |x|^5 + |y|^5 = 0.76^5, lit from above.
    plate_radius = (np.abs(x) ** 5 + np.abs(y + 0.04) ** 5) ** 0.2
    plate = smoothstep(0.765, 0.750, plate_radius)
    rim = smoothstep(0.70, 0.75, plate_radius) * smoothstep(0.2, -0.7, y)
    paint = mix(paint, np.ones(3), (0.45 * rim)[..., None])

    # A rate-distortion curve, its glow, and three points on it.
    u = np.clip((x + 0.56) / 1.12, 0.0, 1.0)
    height = 0.46 - 0.98 * np.exp(-3.1 * u)
    slope = 0.98 * 3.1 / 1.12 * np.exp(-3.1 * u)
    distance = np.hypot((y - height) / np.sqrt(1 + slope**2), np.maximum(np.abs(x) - 0.56, 0))
    below = smoothstep(0.0, 0.9, y - height)
    paint = mix(paint, color("#0b1b4d"), (0.6 * below)[..., None])
    paint = paint + 0.30 * np.exp(-((distance / 0.11) ** 2))[..., None] * color("#9fffe6")
    paint = mix(paint, np.ones(3), smoothstep(0.040, 0.024, distance)[..., None])
    for point in (0.13, 0.38, 0.80):
        gap = np.hypot(x + 0.56 - 1.12 * point, y - 0.46 + 0.98 * np.exp(-3.1 * point))
        paint = mix(paint, np.ones(3), smoothstep(0.100, 0.084, gap)[..., None])
        paint = mix(paint, color("#ff8a3d"), smoothstep(0.066, 0.050, gap)[..., None])

    shape = Image.fromarray(to_bytes(np.roll(plate, 9, axis=0)))
    shadow = np.asarray(shape.filter(ImageFilter.GaussianBlur(9)), np.float32) / 255
    alpha = plate + 0.45 * shadow * (1 - plate)
    # Inside the shadow the colour darkens; where alpha is 0 the gradient is still there.
    inside = (plate / np.maximum(alpha, 1e-6))[..., None]
    paint = np.where(alpha[..., None] > 0, mix(0.1 * color("#0b1b4d"), paint, inside), paint)
    return np.dstack([to_bytes(to_srgb(paint)), to_bytes(alpha)])
