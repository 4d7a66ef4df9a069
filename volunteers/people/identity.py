"""What a document number proves: its form, and for the resident ID also sex and birth date. Pure.

GB 11643-1999 (rules.md F): six digits of region, eight of birth, three of sequence (odd = male), one check
character. Old region codes are accepted, the 15-digit numbers of before 1999 are not. A right check character
says that the number was copied without a slip; it does not say whose it is.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from volunteers.people.choices import IdType, Sex
from volunteers.people.errors import (
    BirthDateInvalid,
    IdDetailsMismatch,
    IdDetailsMissing,
    IdNumberInvalid,
)

EARLIEST_BIRTH = date(1900, 1, 1)

_FORMS: dict[IdType, re.Pattern[str]] = {
    IdType.RESIDENT_ID: re.compile(r"[1-9][0-9]{16}[0-9X]"),
    IdType.PASSPORT: re.compile(r"[A-Z0-9]{5,17}"),
    IdType.HK_MACAO_PERMIT: re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?"),
    IdType.TAIWAN_PERMIT: re.compile(r"[0-9]{8}(?:[0-9]{2})?"),
    IdType.FOREIGN_RESIDENCE: re.compile(r"[A-Z]{3}[0-9]{12}|9[0-9]{16}[0-9X]"),
}
_SEX_DIGIT = 16


@dataclass(frozen=True)
class Identity:
    """A document number in its one spelling, and what is known of its bearer; its repr hides the number."""

    id_type: IdType
    number: str = field(repr=False)
    sex: Sex
    birth_date: date


def establish(
    *, id_type: str, id_number: str, sex: str | None, birth_date: date | None, today: date
) -> Identity:
    """Return the identity a document proves, compared with what the person said of themselves.

    :raises IdNumberInvalid: wrong form, check character or impossible date (GB 11643-1999).
    :raises IdDetailsMismatch: the resident ID tells another sex or birth date than given.
    :raises IdDetailsMissing: another document, and sex or birth date not given.
    :raises BirthDateInvalid: born in the future or before 1900.
    """
    kind = IdType(id_type)
    # Full-width digits are not folded: they stay as they are, and fail the form.
    number = id_number.strip().upper() if id_number.isascii() else id_number
    if _FORMS[kind].fullmatch(number) is None:
        raise IdNumberInvalid(field="id_number")
    if kind is IdType.RESIDENT_ID:
        return _resident(number=number, sex=sex, birth_date=birth_date, today=today)
    if not sex or birth_date is None:
        raise IdDetailsMissing(field="birth_date" if birth_date is None else "sex")
    if not EARLIEST_BIRTH <= birth_date <= today:
        raise BirthDateInvalid(field="birth_date")
    return Identity(id_type=kind, number=number, sex=Sex(sex), birth_date=birth_date)


def _resident(*, number: str, sex: str | None, birth_date: date | None, today: date) -> Identity:
    try:
        born = ric.get_birth_date(number)
    except ValidationError as error:
        raise IdNumberInvalid(field="id_number") from error
    if number[-1] != ric.calc_check_digit(number) or not EARLIEST_BIRTH <= born <= today:
        raise IdNumberInvalid(field="id_number")
    told = Sex.MALE if int(number[_SEX_DIGIT]) % 2 else Sex.FEMALE
    if sex and sex != told:
        raise IdDetailsMismatch(field="sex")
    if birth_date is not None and birth_date != born:
        raise IdDetailsMismatch(field="birth_date")
    return Identity(id_type=IdType.RESIDENT_ID, number=number, sex=told, birth_date=born)
