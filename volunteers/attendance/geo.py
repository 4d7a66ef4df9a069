"""How far from the site somebody stood. Pure; coordinates enter as arguments and leave as metres.

Phones in China report either WGS-84 (browsers) or GCJ-02 (WeChat and most map kits), which differ by some
hundred metres. Sites are stored in WGS-84, so GCJ-02 is converted back by the published formula.
"""

import math
from enum import StrEnum

_EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
_KRASOVSKY_AXIS_M = 6_378_245.0
_KRASOVSKY_ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943
_ORIGIN_LATITUDE, _ORIGIN_LONGITUDE = 35.0, 105.0
_CHINA_LATITUDES, _CHINA_LONGITUDES = (0.8293, 55.8271), (72.004, 137.8347)
_INVERSE_ROUNDS = 4  # each round shrinks the error about a thousandfold; four are below a millimetre


class Crs(StrEnum):
    """The coordinate reference systems a phone may report in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"


def distance_m(latitude_1: float, longitude_1: float, latitude_2: float, longitude_2: float) -> float:
    """Return the great-circle distance of two WGS-84 points, in metres."""
    phi_1, phi_2 = math.radians(latitude_1), math.radians(latitude_2)
    half_phi = (phi_2 - phi_1) / 2
    half_lambda = math.radians(longitude_2 - longitude_1) / 2
    chord = math.sin(half_phi) ** 2 + math.cos(phi_1) * math.cos(phi_2) * math.sin(half_lambda) ** 2
    return 2 * _EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))


def to_wgs84(latitude: float, longitude: float, crs: Crs) -> tuple[float, float]:
    """Return (latitude, longitude) in WGS-84. Outside China the two systems are the same."""
    if crs is Crs.WGS84 or not _in_china(latitude, longitude):
        return latitude, longitude
    guess_latitude, guess_longitude = latitude, longitude
    for _ in range(_INVERSE_ROUNDS):
        shift_latitude, shift_longitude = _gcj02_shift(guess_latitude, guess_longitude)
        guess_latitude, guess_longitude = latitude - shift_latitude, longitude - shift_longitude
    return guess_latitude, guess_longitude


def to_gcj02(latitude: float, longitude: float) -> tuple[float, float]:
    """Return a WGS-84 point as Chinese maps draw it."""
    if not _in_china(latitude, longitude):
        return latitude, longitude
    shift_latitude, shift_longitude = _gcj02_shift(latitude, longitude)
    return latitude + shift_latitude, longitude + shift_longitude


def _in_china(latitude: float, longitude: float) -> bool:
    return (
        _CHINA_LATITUDES[0] <= latitude <= _CHINA_LATITUDES[1]
        and _CHINA_LONGITUDES[0] <= longitude <= _CHINA_LONGITUDES[1]
    )


def _gcj02_shift(latitude: float, longitude: float) -> tuple[float, float]:
    """Return by how many degrees GCJ-02 moves a WGS-84 point."""
    x, y = longitude - _ORIGIN_LONGITUDE, latitude - _ORIGIN_LATITUDE
    ripple = 20 * math.sin(6 * math.pi * x) + 20 * math.sin(2 * math.pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += (ripple + _waves(y, (20, 1), (40, 3), (160, 12), (320, 30))) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += (ripple + _waves(x, (20, 1), (40, 3), (150, 12), (300, 30))) * 2 / 3
    phi = math.radians(latitude)
    flattening = 1 - _KRASOVSKY_ECCENTRICITY_SQUARED * math.sin(phi) ** 2
    meridian = _KRASOVSKY_AXIS_M * (1 - _KRASOVSKY_ECCENTRICITY_SQUARED) / flattening**1.5
    parallel = _KRASOVSKY_AXIS_M / math.sqrt(flattening) * math.cos(phi)
    return math.degrees(north / meridian), math.degrees(east / parallel)


def _waves(value: float, *terms: tuple[int, int]) -> float:
    return sum(height * math.sin(value * math.pi / length) for height, length in terms)
