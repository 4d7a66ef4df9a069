"""The one place that makes public names."""

from datetime import date

import pytest

from points.boards import names
from points.boards.ages import born_by, min_ages
from points.giving.choices import Publicity
from tests.factories.regions import CHENGDU_JINJIANG, COMMUNITY, GUIYANG, RegionFactory
from tests.factories.volunteers import RegistrationPolicyFactory

TODAY = date(2026, 9, 15)


@pytest.mark.parametrize(
    ("consent", "shown"),
    [
        (Publicity.HIDDEN, None),
        (Publicity.NAMED, "张晓明"),
        (Publicity.MASKED, "张*明"),
        (Publicity.ANONYMOUS, "爱心人士"),
        ("", None),
        ("something new", None),
    ],
)
def test_a_donor_is_named_as_they_agreed(consent, shown):
    assert names.of_donor(name="张晓明", consent=consent) == shown


@pytest.mark.parametrize(
    ("consented", "birth_date", "shown"),
    [
        (True, date(1990, 1, 1), "张*明"),
        (False, date(1990, 1, 1), None),
        (True, date(2012, 9, 15), "张*明"),
        (True, date(2012, 9, 16), None),
    ],
)
def test_a_volunteer_is_masked_and_needs_consent_and_fourteen_years(consented, birth_date, shown):
    named = names.of_volunteer(name="张晓明", consented=consented, birth_date=birth_date, today=TODAY)

    assert named == shown


def test_a_region_may_ask_for_more_years_and_never_for_fewer():
    def named(min_age):
        return names.of_volunteer(
            name="张晓明", consented=True, birth_date=date(2013, 1, 1), today=TODAY, min_age=min_age
        )

    assert [named(6), named(13), named(16)] == [None, None, None]
    assert (
        names.of_volunteer(
            name="张晓明", consented=True, birth_date=date(2011, 1, 1), today=TODAY, min_age=16
        )
        is None
    )


@pytest.mark.parametrize(
    ("consented", "full_name", "birth_date", "shown"),
    [
        (True, False, None, "王*英"),
        (True, True, None, "王秀英"),
        (False, True, None, None),
        (True, True, date(2015, 1, 1), None),
        (True, True, date(1960, 1, 1), "王秀英"),
    ],
)
def test_a_good_neighbour_is_masked_unless_they_agreed_to_more(consented, full_name, birth_date, shown):
    named = names.of_honored(
        name="王秀英", consented=consented, full_name=full_name, birth_date=birth_date, today=TODAY
    )

    assert named == shown


def test_who_was_born_on_the_29th_of_february_is_counted_like_everybody():
    assert born_by(date(2028, 2, 29)) == date(2014, 2, 28)
    assert born_by(date(2026, 9, 15)) == date(2012, 9, 15)


@pytest.mark.django_db
def test_the_nearest_policy_above_a_region_decides_its_age():
    RegistrationPolicyFactory.create(region=RegionFactory.create(code=GUIYANG), board_min_age=16)
    RegistrationPolicyFactory.create(region=RegionFactory.create(code="520000000000"), board_min_age=18)

    assert min_ages([COMMUNITY, CHENGDU_JINJIANG, "520300000000"]) == {
        COMMUNITY: 16,
        CHENGDU_JINJIANG: 14,
        "520300000000": 18,
    }
