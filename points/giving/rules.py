"""What may be given, said and drawn. Pure: no database, no clock."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date

from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from backend.accounts.errors import CreditCodeInvalid, PhoneInvalid
from backend.accounts.phones import normalize
from backend.core.words import plain_line, spelled
from points.giving.errors import (
    BeneficiaryIsDonor,
    BeneficiaryUndeclared,
    DonorIdInvalid,
    DonorNameInvalid,
    SignatureInvalid,
    TicketCodeInvalid,
    TobaccoRefused,
    WordsInvalid,
)

MOST_NAME = 100
MOST_TICKET = 40  # the column
MOST_TICKET_CODE = 20  # the column
TICKET_CODE_FORM = rf"^[0-9]{{1,{MOST_TICKET_CODE}}}$"
_EARLIEST_BIRTH = date(1900, 1, 1)
# Strokes of a finger: absolute moves and lines in whole steps of a canvas of at most 9999.
_DRAWING = re.compile(r"(?:M[0-9]{1,4} [0-9]{1,4}(?:L[0-9]{1,4} [0-9]{1,4})+){1,80}", re.ASCII)
_MOST_DRAWING = 8_000
_FEWEST_POINTS = 6  # a tap is no signature


def plain_name(name: str) -> str:
    """Return a name in its one spelling.

    :raises DonorNameInvalid: not plain text of 1 to 100 characters.
    """
    plain = plain_line(name, most=MOST_NAME)
    if not plain:
        raise DonorNameInvalid(field="name")
    return plain


def plain_words(text: str, *, field: str, most: int, needed: bool = False) -> str:
    """Return one line of plain text of at most `most` characters.

    :raises WordsInvalid: markup, control characters, too long, or missing although needed.
    """
    plain = plain_line(text, most=most)
    if plain is None or (needed and not plain):
        raise WordsInvalid(field=field, most=most)
    return plain


def checked_credit_code(code: str | None, *, field: str = "credit_code") -> str | None:
    """Return a unified social credit code in its one spelling (GB 32100-2015), or None for none.

    :raises CreditCodeInvalid: wrong form or check character.
    """
    if not code:
        return None
    try:
        return str(uscc.validate(code))
    except ValidationError as error:
        raise CreditCodeInvalid(field=field) from error


def checked_resident_id(number: str | None, *, today: date) -> str | None:
    """Return a resident ID number in its one spelling (GB 11643-1999), or None for none.

    A right check character says that the number was copied without a slip, not whose it is.

    :raises DonorIdInvalid: wrong form, impossible birth date or check character.
    """
    if not number:
        return None
    if not number.isascii():
        raise DonorIdInvalid(field="id_number")  # full-width digits are not folded
    try:
        checked = str(ric.validate(number.strip()))
        born = ric.get_birth_date(checked)
    except ValidationError as error:
        raise DonorIdInvalid(field="id_number") from error
    if not _EARLIEST_BIRTH <= born <= today:
        raise DonorIdInvalid(field="id_number")
    return checked


def phone_in(contact: str | None) -> str | None:
    """Return the mobile number a contact is, if it is one; other contacts cannot be claimed by phone."""
    if not contact:
        return None
    try:
        return normalize(contact)
    except PhoneInvalid:
        return None


def checked_ticket(*, code: str, number: str) -> dict[str, str]:
    """Return a fiscal ticket as its columns keep it; code and number together name it (财综〔2024〕1号).

    :raises WordsInvalid: a number that is not plain text.
    :raises TicketCodeInvalid: a code that is not digits, or without a number.
    """
    number = plain_words(number, field="official_ticket", most=MOST_TICKET)
    code = spelled(code)
    if code and not (number and re.fullmatch(TICKET_CODE_FORM, code)):
        raise TicketCodeInvalid(field="ticket_code")
    return {"official_ticket": number, "ticket_code": code}


def refuse_tobacco(texts: Iterable[str], *, words: Sequence[str], field: str) -> None:
    """Let nothing in that promotes tobacco (慈善法 Art 40); the words are a setting.

    :raises TobaccoRefused: one of the words is there.
    """
    for text in texts:
        folded = unicodedata.normalize("NFKC", text).casefold()
        for word in words:
            if word.casefold() in folded:
                raise TobaccoRefused(field=field, word=word)


def checked_beneficiary(
    *, beneficiary: str, code: str | None, unrelated: bool, donor_name: str, donor_code: str | None
) -> tuple[str, str | None]:
    """Return whom a gift is meant for, who is nobody close to the donor (慈善法 Art 40).

    :raises BeneficiaryIsDonor: the donor themselves, by name or by credit code.
    :raises BeneficiaryUndeclared: somebody is named without the declaration that they are no related party.
    """
    beneficiary = plain_words(beneficiary, field="beneficiary", most=MOST_NAME)
    code = checked_credit_code(code, field="beneficiary_code")
    if not beneficiary:
        if code:
            raise WordsInvalid(field="beneficiary", most=MOST_NAME)
        return "", None
    if _folded(beneficiary) == _folded(donor_name) or (code is not None and code == donor_code):
        raise BeneficiaryIsDonor(field="beneficiary")
    if not unrelated:
        raise BeneficiaryUndeclared(field="unrelated")
    return beneficiary, code


def checked_drawing(path: str) -> str:
    """Return a drawn signature: strokes as SVG path data and nothing else.

    :raises SignatureInvalid: something else, a mere tap, or too long.
    """
    if len(path) > _MOST_DRAWING or not _DRAWING.fullmatch(path) or path.count("L") < _FEWEST_POINTS:
        raise SignatureInvalid(field="drawing")
    return path


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
