"""Rate-distortion curves: interpolation and the Bjontegaard difference.

Source: G. Bjontegaard, VCEG-M33, 2001, with the monotone cubic of Fritsch and Butland, 1984,
instead of a polynomial fit.
"""

import numpy as np


def pchip(x, y, at):
    """The monotone piecewise cubic through (x, y), evaluated at `at`; x must increase."""
    x, y, at = (np.asarray(v, float) for v in (x, y, at))
    step, slope = np.diff(x), np.diff(y) / np.diff(x)
    tangent = np.zeros_like(y)
    tangent[0], tangent[-1] = slope[0], slope[-1]
    before, after = slope[:-1], slope[1:]
    w1, w2 = 2 * step[1:] + step[:-1], step[1:] + 2 * step[:-1]
    rises = before * after > 0
    harmonic = (w1 + w2)[rises] / (w1[rises] / before[rises] + w2[rises] / after[rises])
    tangent[1:-1][rises] = harmonic
    i = np.clip(np.searchsorted(x, at) - 1, 0, len(step) - 1)
    t, h = (at - x[i]) / step[i], step[i]
    return (
        (1 + 2 * t) * (1 - t) ** 2 * y[i]
        + t * (1 - t) ** 2 * h * tangent[i]
        + t * t * (3 - 2 * t) * y[i + 1]
        + t * t * (t - 1) * h * tangent[i + 1]
    )


def rate_at(curve, quality):
    """Rate at a quality in dB, or None outside the curve; `curve` holds (rate, dB) pairs."""
    rate, decibels = np.array(sorted(curve, key=lambda point: point[1])).T
    if not decibels[0] <= quality <= decibels[-1]:
        return None
    return float(np.exp(pchip(decibels, np.log(rate), quality)))


def bd_rate(anchor, test):
    """Mean extra rate of `test` over `anchor` at equal quality, as a fraction; and the dB range.

    None where the curves do not overlap.
    """
    anchor, test = (np.array(sorted(c, key=lambda point: point[1])).T for c in (anchor, test))
    low, high = max(anchor[1, 0], test[1, 0]), min(anchor[1, -1], test[1, -1])
    if low >= high:
        return None
    grid = np.linspace(low, high, 2001)
    gap = pchip(test[1], np.log(test[0]), grid) - pchip(anchor[1], np.log(anchor[0]), grid)
    mean = np.sum((gap[1:] + gap[:-1]) / 2) / (len(grid) - 1)
    return float(np.expm1(mean)), (float(low), float(high))
