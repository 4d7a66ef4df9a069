"""How many minutes an approval may credit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteers.attendance.presence import Span
from volunteers.records.errors import (
    AdjustmentReasonRequired,
    MinutesExceedShift,
    MinutesRequired,
    NothingToCredit,
)
from volunteers.records.rules import Credit, Presence, credit

NINE = datetime(2026, 9, 15, 1, 0, tzinfo=UTC)


def after(minutes):
    return NINE + timedelta(minutes=minutes)


THREE_HOURS = Presence(NINE, after(180), starts_at=NINE, ends_at=after(180), break_minutes=0)
FORGOTTEN = replace(THREE_HOURS, checked_in_at=after(30), checked_out_at=None)


def test_what_was_scanned_is_credited_as_it_is():
    assert credit(THREE_HOURS, minutes=None, reason="") == Credit(180, Span(NINE, after(180)))


def test_saying_the_scanned_minutes_is_no_adjustment():
    assert credit(THREE_HOURS, minutes=180, reason="").minutes == 180


def test_fewer_minutes_with_a_reason_cover_the_beginning():
    assert credit(THREE_HOURS, minutes=120, reason="中途离开") == Credit(120, Span(NINE, after(120)))


def test_other_minutes_without_a_reason_are_refused():
    with pytest.raises(AdjustmentReasonRequired):
        credit(THREE_HOURS, minutes=120, reason="")


def test_more_than_the_scans_show_stands_on_the_managers_word():
    short = replace(THREE_HOURS, checked_out_at=after(10))

    assert credit(short, minutes=120, reason="手机没电") == Credit(120, Span(NINE, after(120)), on_word=True)


def test_more_than_the_scans_show_still_ends_with_the_presence_where_it_can():
    late = replace(THREE_HOURS, checked_in_at=after(170))

    assert credit(late, minutes=60, reason="先到后扫").span == Span(after(120), after(180))


def test_more_than_the_shift_is_refused_and_the_limit_named():
    with pytest.raises(MinutesExceedShift) as caught:
        credit(THREE_HOURS, minutes=181, reason="辛苦")

    assert str(caught.value) == "时长不能超过班次时长，最多 180 分钟。"


def test_staying_on_after_the_shift_is_not_credited():
    stayed = replace(THREE_HOURS, checked_out_at=after(240))

    assert credit(stayed, minutes=None, reason="").minutes == 180
    with pytest.raises(MinutesExceedShift):
        credit(stayed, minutes=181, reason="加班")


def test_a_break_that_was_not_taken_may_be_given_back():
    with_break = replace(THREE_HOURS, break_minutes=30)

    assert credit(with_break, minutes=None, reason="").minutes == 150
    assert credit(with_break, minutes=180, reason="没有休息") == Credit(180, Span(NINE, after(180)))


def test_without_a_check_out_somebody_has_to_say_how_long():
    with pytest.raises(MinutesRequired) as caught:
        credit(FORGOTTEN, minutes=None, reason="")

    assert str(caught.value) == "这位志愿者没有签退，请填写核实的时长（最多 180 分钟）和理由。"


def test_without_a_check_out_credit_ends_at_the_scheduled_end():
    assert credit(FORGOTTEN, minutes=150, reason="负责人在场").span == Span(after(30), after(180))
    with pytest.raises(MinutesExceedShift):
        credit(FORGOTTEN, minutes=181, reason="负责人在场")


def test_without_a_check_out_a_reason_is_needed_whatever_the_minutes():
    with pytest.raises(AdjustmentReasonRequired):
        credit(FORGOTTEN, minutes=150, reason="")


@pytest.mark.parametrize("minutes", [0, -5])
def test_no_minute_is_nothing_to_credit(minutes):
    with pytest.raises(NothingToCredit):
        credit(THREE_HOURS, minutes=minutes, reason="没有服务")


def test_a_presence_before_the_shift_is_nothing_to_credit():
    early = replace(THREE_HOURS, checked_in_at=after(-30), checked_out_at=after(-10))

    with pytest.raises(NothingToCredit):
        credit(early, minutes=None, reason="")


@given(st.integers(-30, 179), st.integers(1, 300), st.integers(0, 60), st.integers(1, 400))
def test_no_credit_leaves_the_shift_and_only_a_word_leaves_the_presence(came, stayed, pause, minutes):
    presence = Presence(after(came), after(came + stayed), NINE, after(180), pause)

    try:
        credited = credit(presence, minutes=minutes, reason="核实")
    except MinutesExceedShift:
        assert minutes > 180
        return

    assert NINE <= credited.span.start < credited.span.end <= after(180)
    assert credited.minutes == minutes <= credited.span.minutes
    inside = presence.span.start <= credited.span.start and credited.span.end <= presence.span.end
    assert credited.on_word or inside
