"""Rate-distortion curves: interpolation and the Bjontegaard difference.

Source: G. Bjontegaard, VCEG-M33, 2001, with the monotone cubic of Fritsch and Butland, 1984,
instead of a polynomial fit.
"""

import numpy as np


def _end_slope(h0, h1, d0, d1):
    """The slope at an end from the two nearest pieces (Moler, 2004, section 3.6)."""
    slope = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1)
    if slope * d0 <= 0:
        return 0.0
    return 3 * d0 if d0 * d1 <= 0 and abs(slope) > 3 * abs(d0) else slope


def pchip(x, y, at):
    """The monotone piecewise cubic through (x, y), evaluated at `at`; x must increase.

    The same as scipy's PchipInterpolator, and as `rdcodec bench`.
    """
    x, y, at = (np.asarray(v, float) for v in (x, y, at))
    step, slope = np.diff(x), np.diff(y) / np.diff(x)
    tangent = np.zeros_like(y)
    if len(slope) == 1:
        tangent[:] = slope
    else:
        tangent[0] = _end_slope(step[0], step[1], slope[0], slope[1])
        tangent[-1] = _end_slope(step[-1], step[-2], slope[-1], slope[-2])
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


def within_rates(curve, low, high):
    """The part of a curve between two rates, its ends interpolated."""
    rate, decibels = np.array(sorted(curve)).T
    low, high = max(low, rate[0]), min(high, rate[-1])
    if low >= high:
        return []
    inner = [(r, d) for r, d in zip(rate, decibels) if low < r < high]
    ends = pchip(np.log(rate), decibels, np.log([low, high]))
    return [(low, float(ends[0])), *inner, (high, float(ends[1]))]


def bd_rate(anchor, test, rates=(0, np.inf)):
    """Mean extra rate of `test` over `anchor` at equal quality, as a fraction; and the dB range.

    Only qualities that both reach within `rates` count. None where the curves do not overlap.
    """
    ends = [within_rates(curve, *rates) for curve in (anchor, test)]
    if not all(ends):
        return None
    low, high = max(c[0][1] for c in ends), min(c[-1][1] for c in ends)
    if low >= high:
        return None
    anchor, test = (np.array(sorted(c, key=lambda point: point[1])).T for c in (anchor, test))
    grid = np.linspace(low, high, 2001)
    gap = pchip(test[1], np.log(test[0]), grid) - pchip(anchor[1], np.log(anchor[0]), grid)
    mean = np.sum((gap[1:] + gap[:-1]) / 2) / (len(grid) - 1)
    return float(np.expm1(mean)), (float(low), float(high))
