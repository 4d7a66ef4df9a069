"""Mainland mobile numbers, however people write them."""

import pytest

from backend.accounts.errors import PhoneInvalid
from backend.accounts.phones import normalize


@pytest.mark.parametrize(
    "text",
    [
        "13800001234",
        "138 0000 1234",
        "138-0000-1234",
        "138.0000.1234",
        " 13800001234 ",
        "+8613800001234",
        "+86 138 0000 1234",
        "0086-138-0000-1234",
        "86 13800001234",
        "(+86)138 0000 1234",
        "１３８００００１２３４",
        "138　0000　1234",
    ],
)
def test_one_number_has_one_form(text):
    assert normalize(text) == "13800001234"


@pytest.mark.parametrize("number", ["13000000000", "14700000000", "16600000000", "19999999999"])
def test_every_mobile_prefix_is_taken(number):
    assert normalize(number) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1",
        "12800001234",  # no mobile prefix
        "10086000000",
        "1380000123",  # one short
        "138000012345",  # one long
        "085112345678",  # a landline in Guiyang
        "+1 2025550123",
        "+852 51234567",
        "1380000ABCD",
        "13800001234 ext 5",
        "13800001234x5",
        "13800001234;ext=5",
        "tel:13800001234",
        "13800001234,13900001234",
        "\x0013800001234",
        "13800001234\x00",
        "⑬800001234",
        "手机13800001234",
        "+" * 500,
        "1" * 10_000,
    ],
)
def test_everything_else_is_refused(text):
    with pytest.raises(PhoneInvalid) as refused:
        normalize(text)

    assert (refused.value.code, refused.value.status, refused.value.field) == ("phone_invalid", 400, "phone")
