"""What a document number proves (GB 11643-1999, rules.md F)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from tests.factories.volunteers import resident_id
from volunteers.people.choices import IdType, Sex
from volunteers.people.errors import (
    BirthDateInvalid,
    IdDetailsMismatch,
    IdDetailsMissing,
    IdNumberInvalid,
)
from volunteers.people.identity import Identity, establish

TODAY = date(2026, 9, 15)
WOMAN = "11010519491231002X"


def resident(number: str, **given_details: object) -> Identity:
    details = {"sex": None, "birth_date": None} | given_details
    return establish(id_type=IdType.RESIDENT_ID, id_number=number, today=TODAY, **details)


@pytest.mark.parametrize(
    ("number", "sex", "born"),
    [
        (WOMAN, Sex.FEMALE, date(1949, 12, 31)),
        ("440524188001010014", None, None),
        ("11010519491231002x", Sex.FEMALE, date(1949, 12, 31)),
        (f" {WOMAN} ", Sex.FEMALE, date(1949, 12, 31)),
        (resident_id(born=date(2000, 2, 29), sequence=7), Sex.MALE, date(2000, 2, 29)),
        (resident_id(area="522101"), Sex.MALE, date(1990, 1, 1)),  # a division that was abolished in 1997
    ],
)
def test_a_resident_id_tells_sex_and_birth_date(number, sex, born):
    if sex is None:  # born in 1880: well formed, and nobody alive
        with pytest.raises(IdNumberInvalid):
            resident(number)
        return

    identity = resident(number)

    assert (identity.sex, identity.birth_date) == (sex, born)
    assert identity.number == number.strip().upper()


@pytest.mark.parametrize(
    "number",
    [
        "110105194912310021",  # wrong check character
        "110105491231002",  # 15 digits, of before 1999
        "１１０１０５１９４９１２３１００２Ｘ",  # full-width
        "１1010519491231002X",
        "11010519491231002Х",  # a Cyrillic letter
        "110105-19491231-002X",
        "01010519491231002X",
        "11010519491231002XX",
        "",
        " ",
        "abc",
        "1101051949123100\x002X",
        "٤10105194912310020",  # an Arabic digit
        "11010519490231002" + ric.calc_check_digit("110105194902310020"),  # 31 February
        resident_id(born=date(2026, 9, 16)),  # tomorrow
        resident_id(born=date(1899, 12, 31)),
    ],
)
def test_a_number_that_cannot_be_is_refused(number):
    with pytest.raises(IdNumberInvalid) as refusal:
        resident(number)

    assert refusal.value.field == "id_number"


def test_the_refusal_does_not_repeat_the_number():
    with pytest.raises(IdNumberInvalid) as refusal:
        resident("110105194912310021")

    assert "1949" not in f"{refusal.value!r} {refusal.value} {refusal.value.data}"


def test_an_identity_hides_its_number_when_printed():
    assert WOMAN not in repr(resident(WOMAN))


def test_details_that_agree_with_the_number_are_welcome():
    assert resident(WOMAN, sex="female", birth_date=date(1949, 12, 31)).sex == Sex.FEMALE


@pytest.mark.parametrize(
    ("details", "field"),
    [({"sex": "male"}, "sex"), ({"birth_date": date(1949, 12, 30)}, "birth_date")],
)
def test_details_that_contradict_the_number_are_refused(details, field):
    with pytest.raises(IdDetailsMismatch) as refusal:
        resident(WOMAN, **details)

    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("id_type", "number", "kept"),
    [
        (IdType.PASSPORT, "e12345678", "E12345678"),
        (IdType.HK_MACAO_PERMIT, "H01234567", "H01234567"),
        (IdType.HK_MACAO_PERMIT, "m0123456701", "M0123456701"),
        (IdType.TAIWAN_PERMIT, "01234567", "01234567"),
        (IdType.FOREIGN_RESIDENCE, "USA110000000001", "USA110000000001"),
        (IdType.FOREIGN_RESIDENCE, "91184019800101001X", "91184019800101001X"),
    ],
)
def test_other_documents_have_forms_of_their_own(id_type, number, kept):
    identity = establish(
        id_type=id_type, id_number=number, sex="male", birth_date=date(1980, 1, 1), today=TODAY
    )

    assert (identity.number, identity.sex, identity.birth_date) == (kept, Sex.MALE, date(1980, 1, 1))


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        (IdType.PASSPORT, "E123"),
        (IdType.PASSPORT, "E1234 5678"),
        (IdType.HK_MACAO_PERMIT, "A01234567"),
        (IdType.TAIWAN_PERMIT, "0123456"),
        (IdType.FOREIGN_RESIDENCE, WOMAN),
    ],
)
def test_a_number_of_another_document_is_refused(id_type, number):
    with pytest.raises(IdNumberInvalid):
        establish(id_type=id_type, id_number=number, sex="male", birth_date=date(1980, 1, 1), today=TODAY)


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"sex": None, "birth_date": date(1980, 1, 1)}, "sex"),
        ({"sex": "male", "birth_date": None}, "birth_date"),
    ],
)
def test_a_passport_does_not_tell_sex_and_birth_date(details, field):
    with pytest.raises(IdDetailsMissing) as refusal:
        establish(id_type=IdType.PASSPORT, id_number="E12345678", today=TODAY, **details)

    assert refusal.value.field == field


@pytest.mark.parametrize("born", [date(2026, 9, 16), date(1899, 12, 31), date.min])
def test_a_birth_date_nobody_can_have_is_refused(born):
    with pytest.raises(BirthDateInvalid):
        establish(id_type=IdType.PASSPORT, id_number="E12345678", sex="male", birth_date=born, today=TODAY)


@given(born=st.dates(date(1900, 1, 1), TODAY), sequence=st.integers(0, 999))
def test_every_well_formed_number_tells_what_it_was_made_of(born, sequence):
    identity = resident(resident_id(born=born, sequence=sequence))

    assert identity.birth_date == born
    assert identity.sex == (Sex.MALE if sequence % 2 else Sex.FEMALE)


@given(position=st.integers(0, 16), shift=st.integers(1, 9))
def test_one_wrong_digit_never_passes(position, shift):
    right = resident_id(born=date(1985, 6, 15), sequence=123)
    wrong = right[:position] + str((int(right[position]) + shift) % 10) + right[position + 1 :]

    with pytest.raises(IdNumberInvalid):
        resident(wrong)
