"""The draw can be made again with nothing but the numbers of the records."""

from datetime import date, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteers.integrity.draws import Week, drawn, seed_of, size_of, text_of, ticket_of


def test_the_seed_comes_from_a_public_text():
    assert text_of(period="2026-W37", population=1234) == "jishan-audit:2026-W37:1234"
    assert (
        seed_of(period="2026-W37", population=1234)
        == "94942be2174739220f84a6f4baf853f8c0c846ecf71abb813b22d3a633e8b61f"
    )


def test_a_ticket_comes_from_the_seed_and_the_number():
    assert ticket_of(seed="5e", record_id=7) == sha256(b"5e:7").hexdigest()


@pytest.mark.parametrize(
    ("population", "size"), [(0, 0), (1, 1), (50, 1), (51, 2), (100, 2), (101, 3), (5000, 100)]
)
def test_two_per_cent_and_at_least_one(population, size):
    assert size_of(population=population, percent=2) == size


@given(st.sets(st.integers(1, 10**6), max_size=60), st.integers(1, 100))
def test_the_order_in_which_records_are_given_does_not_matter(ids, percent):
    seed = seed_of(period="2026-W37", population=len(ids))
    size = size_of(population=len(ids), percent=percent)

    chosen = drawn(seed=seed, record_ids=sorted(ids), size=size)

    assert drawn(seed=seed, record_ids=sorted(ids, reverse=True), size=size) == chosen
    assert (len(chosen), set(chosen) <= ids) == (size, True)
    assert size >= len(ids) * percent / 100


@pytest.mark.parametrize(
    ("day", "name", "monday"),
    [
        (date(2026, 9, 21), "2026-W38", date(2026, 9, 14)),  # a Monday looks at the week just over
        (date(2026, 9, 27), "2026-W38", date(2026, 9, 14)),  # the Sunday after still does
        (date(2026, 9, 28), "2026-W39", date(2026, 9, 21)),
        (date(2027, 1, 4), "2026-W53", date(2026, 12, 28)),
    ],
)
def test_the_last_week_that_is_over(day, name, monday):
    week = Week.before(day)

    assert (week.name, week.monday) == (name, monday)
    assert week.end - week.start == timedelta(days=7)
    assert f"{week.start:%Y-%m-%d %H:%M %z}" == f"{monday} 00:00 +0800"
