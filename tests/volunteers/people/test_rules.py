"""Age and consents."""

from datetime import date

import pytest

from volunteers.people.choices import ConsentKind, VolunteerStatus
from volunteers.people.errors import ConsentRequired, GuardianRequired, TooYoungToRegister
from volunteers.people.numbers import draw_number
from volunteers.people.rules import age_on, check_age, check_consents
from volunteers.people.states import may_move


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2012, 9, 15), date(2026, 9, 14), 13),
        (date(2012, 9, 15), date(2026, 9, 15), 14),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2026, 9, 15), date(2026, 9, 15), 0),
    ],
)
def test_a_year_of_life_is_complete_on_the_birthday(born, day, age):
    assert age_on(born, day) == age


@pytest.mark.parametrize(("age", "has_guardian"), [(6, True), (17, True), (18, False), (90, False)])
def test_old_enough_people_may_register(age, has_guardian):
    check_age(age=age, min_age=6, guardian_until=18, has_guardian=has_guardian)


def test_under_the_minimum_age_a_guardian_does_not_help():
    with pytest.raises(TooYoungToRegister) as refusal:
        check_age(age=5, min_age=6, guardian_until=18, has_guardian=True)

    assert str(refusal.value) == "未满 6 周岁，暂时不能登记为志愿者。"


@pytest.mark.parametrize("age", [6, 17])
def test_minors_need_a_guardian(age):
    with pytest.raises(GuardianRequired) as refusal:
        check_age(age=age, min_age=6, guardian_until=18, has_guardian=False)

    assert str(refusal.value) == "未满 18 周岁，请填写监护人的姓名和电话，并由监护人同意。"


def test_consents_are_read_once_each():
    assert check_consents(["privacy", "location", "privacy"]) == {ConsentKind.PRIVACY, ConsentKind.LOCATION}


@pytest.mark.parametrize("consents", [[], ["location", "guardian", "honor_board"]])
def test_nothing_is_stored_without_the_consent_to_store_it(consents):
    with pytest.raises(ConsentRequired):
        check_consents(consents)


def test_the_table_of_moves_holds_exactly_these():
    moves = {
        (before.value, after.value)
        for before in VolunteerStatus
        for after in VolunteerStatus
        if may_move(before, after)
    }

    assert moves == {
        ("pending", "active"),
        ("pending", "rejected"),
        ("rejected", "pending"),
        ("rejected", "active"),
        ("active", "suspended"),
        ("suspended", "active"),
    }


def test_numbers_are_twelve_digits_and_do_not_repeat():
    drawn = [draw_number() for _ in range(1000)]

    assert {(len(number), number.isdigit(), number[0] != "0") for number in drawn} == {(12, True, True)}
    assert len(set(drawn)) == 1000
