"""Opening hours."""

from datetime import UTC, datetime

import pytest

from venues.sites.hours import first_fault, is_open

WEEKDAYS = {"tue": [["08:30", "12:00"], ["14:00", "17:30"]], "wed": [["22:00", "24:00"]]}


@pytest.mark.parametrize(
    "hours",
    [
        {},
        WEEKDAYS,
        {"mon": []},
        {"sun": [["00:00", "24:00"]]},
        {"mon": [["08:00", "12:00"], ["12:00", "13:00"]]},
    ],
)
def test_hours_in_good_order_have_no_fault(hours):
    assert first_fault(hours) is None


@pytest.mark.parametrize(
    ("hours", "fault"),
    [
        ([], "/"),
        ("always", "/"),
        (None, "/"),
        ({"monday": []}, "/monday"),
        ({"mon": "08:00-12:00"}, "/mon"),
        ({"mon": [["08:00", "09:00"]] * 7}, "/mon"),
        ({"mon": [["08:00"]]}, "/mon/0"),
        ({"mon": ["0800"]}, "/mon/0"),
        ({"mon": [[8, 12]]}, "/mon/0"),
        ({"mon": [["8:00", "12:00"]]}, "/mon/0"),
        ({"mon": [["08:00", "24:01"]]}, "/mon/0"),
        ({"mon": [["12:00", "08:00"]]}, "/mon/0"),
        ({"mon": [["08:00", "08:00"]]}, "/mon/0"),
        ({"mon": [["08:00", "12:00"], ["11:59", "13:00"]]}, "/mon/1"),
        ({"mon": [["14:00", "17:00"], ["08:00", "12:00"]]}, "/mon/1"),
    ],
)
def test_the_first_fault_is_pointed_at(hours, fault):
    assert first_fault(hours) == fault


@pytest.mark.parametrize(
    ("utc", "answer"),
    [
        ((2026, 9, 15, 0, 29), False),  # Tuesday 08:29 in Guiyang
        ((2026, 9, 15, 0, 30), True),
        ((2026, 9, 15, 4, 0), False),  # 12:00, the end is not inside
        ((2026, 9, 15, 6, 0), True),
        ((2026, 9, 16, 15, 59), True),  # Wednesday 23:59
        ((2026, 9, 16, 16, 0), False),  # Thursday 00:00
    ],
)
def test_a_site_is_open_by_the_clock_of_shanghai(utc, answer):
    assert is_open(WEEKDAYS, datetime(*utc, tzinfo=UTC)) is answer


def test_a_site_without_stated_hours_is_always_open(now):
    assert is_open({}, now) is True
