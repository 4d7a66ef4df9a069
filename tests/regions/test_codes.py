"""Division codes as text: prefixes and ancestors."""

import pytest

from backend.regions.codes import ancestors_of, prefix_of
from backend.regions.models import Region


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("520000000000", "52"),
        ("520100000000", "5201"),
        ("520102000000", "520102"),
        ("520102016000", "520102016"),
        ("520102016001", "520102016001"),
        ("110101001010", "110101001010"),
        ("500000000000", "50"),
        ("441900003000", "441900003"),  # a township directly under a city
        ("429004000000", "429004"),  # a county-level city directly under a province
    ],
)
def test_a_prefix_is_what_all_codes_below_share(code, prefix):
    assert prefix_of(code) == prefix
    assert Region(code=code).prefix == prefix


def test_ancestors_go_from_the_province_down_to_the_code():
    assert ancestors_of("520102016001") == (
        "520000000000",
        "520100000000",
        "520102000000",
        "520102016000",
        "520102016001",
    )


def test_a_province_has_only_itself():
    assert ancestors_of("520000000000") == ("520000000000",)
