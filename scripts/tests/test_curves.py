import numpy as np
import pytest

from curves import CurveError, bd_rate, rate_at

# Points that circulate with implementations of VCEG-M33, and what SciPy makes of them in
# Tests/RDCodecTests/MetricsBDRateTests.swift.
ANCHOR = [(85.95, 31.42), (157.11, 34.24), (309.58, 37.18), (686.76, 40.28)]
TEST = [(112.75, 31.24), (204.93, 34.17), (407.8, 37.21), (893.34, 40.39)]


def test_agrees_with_the_swift_tests():
    value, (low, high) = bd_rate(ANCHOR, TEST)
    assert value == pytest.approx(0.3137987820239754, abs=1e-9)
    assert (low, high) == (31.42, 40.28)


def test_order_of_points_does_not_matter():
    assert bd_rate(ANCHOR[::-1], TEST) == bd_rate(ANCHOR, TEST)


@pytest.mark.parametrize("factor", [0.5, 1, 1.25])
def test_scaled_rates_give_their_factor(factor):
    scaled = [(rate * factor, quality) for rate, quality in ANCHOR]
    assert bd_rate(ANCHOR, scaled)[0] == pytest.approx(factor - 1, abs=1e-9)


def test_only_rates_asked_for_count():
    _, (low, high) = bd_rate(ANCHOR, ANCHOR, (157.11, 309.58))
    assert (low, high) == pytest.approx((34.24, 37.18))


def test_curves_without_a_common_range_give_nothing():
    better = [(rate, quality + 20) for rate, quality in ANCHOR]
    assert bd_rate(ANCHOR, better) is None
    assert bd_rate(ANCHOR, TEST, (1000, 2000)) is None
    assert rate_at(ANCHOR, 50) is None


def test_rate_at_a_point_is_its_rate():
    assert rate_at(ANCHOR, 34.24) == pytest.approx(157.11)


@pytest.mark.parametrize(
    ("curve", "reason"),
    [
        ([(1, 30), (2, 32), (3, 31)], "not monotone: 32.0000 dB at rate 2, 31.0000 dB at 3"),
        ([(1, 30), (1, 30), (2, 32)], "not monotone: 30.0000 dB at rate 1, 30.0000 dB at 1"),
        ([(1, 30), (1, 31)], "not monotone"),
        ([(1, 30), (2, 30)], "not monotone"),
        ([(1, 30)], "needs two points, this one has 1"),
        ([], "needs two points"),
        ([(0, 30), (1, 31)], "a rate is 0"),
        ([(1, 30), (2, np.inf)], "infinite"),
        ([(1, 30), (2, np.nan)], "not a number"),
    ],
)
def test_a_curve_that_does_not_rise_is_refused(curve, reason):
    for pair in ((curve, TEST), (TEST, curve)):
        with pytest.raises(CurveError, match=reason):
            bd_rate(*pair)
    with pytest.raises(CurveError, match=reason):
        rate_at(curve, 30)
