r"""Mobile numbers of the mainland (rules.md F): `^1[3-9]\d{9}$` after normalising."""

import re

import phonenumbers

from backend.accounts.errors import PhoneInvalid

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_WRITTEN = re.compile(r"[\d\s+().-]+")  # the library would also read letters and extensions


def normalize(text: str) -> str:
    """Return the eleven digits of a mainland mobile number written with spaces, dashes or +86.

    :raises PhoneInvalid: it is none.
    """
    if not _WRITTEN.fullmatch(text):
        raise PhoneInvalid(field="phone")
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException as error:
        raise PhoneInvalid(field="phone") from error
    digits = str(number.national_number)
    if number.country_code != phonenumbers.country_code_for_region("CN") or not _MOBILE.fullmatch(digits):
        raise PhoneInvalid(field="phone")
    return digits
