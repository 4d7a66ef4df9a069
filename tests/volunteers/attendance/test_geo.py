"""Where somebody stood, in metres."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteers.attendance.geo import Crs, distance_m, to_gcj02, to_wgs84

GUIYANG = (26.5783, 106.7135)


def test_a_degree_of_latitude_is_111_kilometres():
    assert distance_m(26.0, 106.7, 27.0, 106.7) == pytest.approx(111_195, abs=1)


def test_a_degree_of_longitude_shrinks_towards_the_pole():
    assert distance_m(60.0, 106.0, 60.0, 107.0) == pytest.approx(55_597, abs=2)


def test_the_other_side_of_the_earth_is_half_its_circumference():
    assert distance_m(0, 0, 0, 180) == pytest.approx(20_015_115, abs=1)


def test_nobody_is_any_distance_from_themselves():
    assert distance_m(*GUIYANG, *GUIYANG) == 0


def test_gcj02_of_a_published_example():
    assert to_gcj02(39.915, 116.404) == pytest.approx((39.91640428150164, 116.41024449916938), abs=1e-9)


def test_wgs84_of_a_published_example():
    assert to_wgs84(39.915, 116.404, Crs.GCJ02) == pytest.approx((39.913596, 116.397756), abs=1e-6)


def test_wgs84_is_left_alone():
    assert to_wgs84(*GUIYANG, Crs.WGS84) == GUIYANG


@pytest.mark.parametrize("place", [(48.8566, 2.3522), (0.0, 110.0), (35.6762, 139.6503)])
def test_outside_china_the_systems_are_the_same(place):
    assert (to_wgs84(*place, Crs.GCJ02), to_gcj02(*place)) == (place, place)


def test_a_gcj02_position_read_as_wgs84_would_be_far_away():
    assert distance_m(*GUIYANG, *to_gcj02(*GUIYANG)) > 500


@given(st.floats(20, 50), st.floats(80, 130))
def test_converting_there_and_back_returns_to_the_same_metre(latitude, longitude):
    back = to_wgs84(*to_gcj02(latitude, longitude), Crs.GCJ02)

    assert distance_m(latitude, longitude, *back) < 1
