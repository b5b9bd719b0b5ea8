"""Rate-distortion curves: interpolation and the Bjontegaard difference.

Source: G. Bjontegaard, VCEG-M33, 2001, with a monotone cubic (ITU-T HSTP-VID-WPOM, 2020) instead of
a polynomial fit. A curve is a list of (rate, quality in dB).
"""

from itertools import pairwise

import numpy as np
from scipy.interpolate import PchipInterpolator


class CurveError(ValueError):
    """A curve that has no rate at some quality, or several."""


def checked(curve):
    """Rates and qualities of a curve, ascending; raises CurveError unless both rise together."""
    points = sorted((float(rate), float(quality)) for rate, quality in curve)
    if len(points) < 2:
        raise CurveError(f"a curve needs two points, this one has {len(points)}")
    if not np.all(np.isfinite(points)):
        raise CurveError("a point is infinite or not a number: an exact file has no PSNR")
    if points[0][0] <= 0:
        raise CurveError(f"a rate is {points[0][0]:g}, not above 0")
    for (low, before), (high, after) in pairwise(points):
        if low == high or before >= after:
            raise CurveError(
                f"not monotone: {before:.4f} dB at rate {low:.6g}, {after:.4f} dB at {high:.6g}"
            )
    rates, qualities = np.array(points).T
    return rates, qualities


def rate_at(curve, quality):
    """Rate at a quality, or None outside the curve; raises CurveError."""
    rates, qualities = checked(curve)
    if not qualities[0] <= quality <= qualities[-1]:
        return None
    return float(np.exp(PchipInterpolator(qualities, np.log(rates))(quality)))


def _reach(curve, rates):
    """The qualities that a curve has within two rates, or None."""
    own_rates, qualities = checked(curve)
    low, high = max(rates[0], own_rates[0]), min(rates[1], own_rates[-1])
    if low >= high:
        return None
    return PchipInterpolator(np.log(own_rates), qualities)(np.log([low, high]))


def bd_rate(anchor, test, rates=(0, np.inf), qualities=(-np.inf, np.inf)):
    """Mean extra rate of `test` over `anchor` at equal quality, as a fraction; and the range of qualities.

    Only `qualities` that both reach within `rates` count. None where there are none; raises
    CurveError where a curve does not rise.
    """
    reaches = [_reach(curve, rates) for curve in (anchor, test)]
    if any(reach is None for reach in reaches):
        return None
    low = max(qualities[0], *(r[0] for r in reaches))
    high = min(qualities[1], *(r[1] for r in reaches))
    if low >= high:
        return None
    areas = []
    for curve in (anchor, test):
        own_rates, own_qualities = checked(curve)
        areas.append(PchipInterpolator(own_qualities, np.log(own_rates)).integrate(low, high))
    return float(np.expm1((areas[1] - areas[0]) / (high - low))), (float(low), float(high))
