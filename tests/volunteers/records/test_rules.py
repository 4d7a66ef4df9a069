"""How many minutes an approval may credit."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteers.attendance.presence import Span
from volunteers.records.errors import (
    AdjustmentReasonRequired,
    CreditedOverlap,
    DayIsFull,
    MinutesExceedShift,
    MinutesRequired,
    NothingToCredit,
    PresenceTooShort,
)
from volunteers.records.rules import Credit, Limits, Presence, credit

NINE = datetime(2026, 9, 15, 1, 0, tzinfo=UTC)
TUESDAY = date(2026, 9, 15)


def after(minutes):
    return NINE + timedelta(minutes=minutes)


THREE_HOURS = Presence(NINE, after(180), starts_at=NINE, ends_at=after(180), break_minutes=0)
ANY_DAY = Limits()
FORGOTTEN = replace(THREE_HOURS, checked_in_at=after(30), checked_out_at=None)


def test_what_was_scanned_is_credited_as_it_is():
    assert credit(THREE_HOURS, ANY_DAY, minutes=None, reason="") == Credit(180, Span(NINE, after(180)))


def test_saying_the_scanned_minutes_is_no_adjustment():
    assert credit(THREE_HOURS, ANY_DAY, minutes=180, reason="").minutes == 180


def test_fewer_minutes_with_a_reason_cover_the_beginning():
    assert credit(THREE_HOURS, ANY_DAY, minutes=120, reason="中途离开") == Credit(120, Span(NINE, after(120)))


def test_other_minutes_without_a_reason_are_refused():
    with pytest.raises(AdjustmentReasonRequired):
        credit(THREE_HOURS, ANY_DAY, minutes=120, reason="")


def test_more_than_the_scans_show_stands_on_the_managers_word():
    short = replace(THREE_HOURS, checked_out_at=after(10))

    assert credit(short, ANY_DAY, minutes=120, reason="手机没电") == Credit(
        120, Span(NINE, after(120)), on_word=True
    )


def test_more_than_the_scans_show_still_ends_with_the_presence_where_it_can():
    late = replace(THREE_HOURS, checked_in_at=after(170))

    assert credit(late, ANY_DAY, minutes=60, reason="先到后扫").span == Span(after(120), after(180))


def test_more_than_the_shift_is_refused_and_the_limit_named():
    with pytest.raises(MinutesExceedShift) as caught:
        credit(THREE_HOURS, ANY_DAY, minutes=181, reason="辛苦")

    assert str(caught.value) == "时长不能超过班次时长，最多 180 分钟。"


def test_staying_on_after_the_shift_is_not_credited():
    stayed = replace(THREE_HOURS, checked_out_at=after(240))

    assert credit(stayed, ANY_DAY, minutes=None, reason="").minutes == 180
    with pytest.raises(MinutesExceedShift):
        credit(stayed, ANY_DAY, minutes=181, reason="加班")


def test_a_break_that_was_not_taken_may_be_given_back():
    with_break = replace(THREE_HOURS, break_minutes=30)

    assert credit(with_break, ANY_DAY, minutes=None, reason="").minutes == 150
    assert credit(with_break, ANY_DAY, minutes=180, reason="没有休息") == Credit(180, Span(NINE, after(180)))


def test_without_a_check_out_somebody_has_to_say_how_long():
    with pytest.raises(MinutesRequired) as caught:
        credit(FORGOTTEN, ANY_DAY, minutes=None, reason="")

    assert str(caught.value) == "这位志愿者没有签退，请填写核实的时长（最多 180 分钟）和理由。"


def test_without_a_check_out_credit_ends_at_the_scheduled_end():
    assert credit(FORGOTTEN, ANY_DAY, minutes=150, reason="负责人在场").span == Span(after(30), after(180))
    with pytest.raises(MinutesExceedShift):
        credit(FORGOTTEN, ANY_DAY, minutes=181, reason="负责人在场")


def test_without_a_check_out_a_reason_is_needed_whatever_the_minutes():
    with pytest.raises(AdjustmentReasonRequired):
        credit(FORGOTTEN, ANY_DAY, minutes=150, reason="")


@pytest.mark.parametrize("minutes", [0, -5])
def test_no_minute_is_nothing_to_credit(minutes):
    with pytest.raises(NothingToCredit):
        credit(THREE_HOURS, ANY_DAY, minutes=minutes, reason="没有服务")


def test_a_presence_before_the_shift_is_nothing_to_credit():
    early = replace(THREE_HOURS, checked_in_at=after(-30), checked_out_at=after(-10))

    with pytest.raises(NothingToCredit):
        credit(early, ANY_DAY, minutes=None, reason="")


@given(st.integers(-30, 179), st.integers(1, 300), st.integers(0, 60), st.integers(1, 400))
def test_no_credit_leaves_the_shift_and_only_a_word_leaves_the_presence(came, stayed, pause, minutes):
    presence = Presence(after(came), after(came + stayed), NINE, after(180), pause)

    try:
        credited = credit(presence, ANY_DAY, minutes=minutes, reason="核实")
    except MinutesExceedShift:
        assert minutes > 180
        return

    assert NINE <= credited.span.start < credited.span.end <= after(180)
    assert credited.minutes == minutes <= credited.span.minutes
    inside = presence.span.start <= credited.span.start and credited.span.end <= presence.span.end
    assert credited.on_word or inside


# --- what the rest of the day says ---


@pytest.mark.parametrize(("minutes", "reason"), [(108, ""), (107, "中途离开")])
def test_from_the_share_of_the_shift_on_no_reason_is_needed_below_it_one_is(minutes, reason):
    presence = replace(THREE_HOURS, checked_out_at=after(minutes))

    assert credit(presence, Limits(min_presence_percent=60), minutes=None, reason=reason).minutes == minutes


def test_less_than_the_share_of_the_shift_without_a_reason_is_refused():
    presence = replace(THREE_HOURS, checked_out_at=after(107))

    with pytest.raises(PresenceTooShort) as caught:
        credit(presence, Limits(min_presence_percent=60), minutes=None, reason="")

    assert str(caught.value) == "在场时间不到班次的 60%，计入时长请写明理由。"


def test_the_share_is_of_the_time_without_the_break():
    presence = replace(THREE_HOURS, checked_out_at=after(120), break_minutes=30)  # 90 of 150 minutes

    assert credit(presence, Limits(min_presence_percent=60), minutes=None, reason="").minutes == 90


def test_the_day_ends_at_its_cap():
    limits = Limits(daily_minutes=480, spent={TUESDAY: 430})

    assert credit(THREE_HOURS, limits, minutes=None, reason="") == Credit(
        50, Span(NINE, after(50)), trimmed="按每日最多 8 小时计"
    )


def test_a_full_day_takes_nothing_more():
    with pytest.raises(DayIsFull):
        credit(THREE_HOURS, Limits(daily_minutes=480, spent={TUESDAY: 480}), minutes=None, reason="")


NIGHT = Presence(after(660), after(1080), starts_at=after(660), ends_at=after(1080), break_minutes=0)


def test_over_midnight_all_of_it_counts_for_the_day_it_began():
    limits = Limits(daily_minutes=480, spent={TUESDAY: 300, date(2026, 9, 16): 480})

    assert credit(NIGHT, limits, minutes=None, reason="").minutes == 180


def test_what_is_left_of_a_night_counts_for_the_day_its_rest_begins():
    until_midnight = Span(after(600), after(900))
    limits = Limits(daily_minutes=480, spent={date(2026, 9, 16): 400}, taken=(until_midnight,))

    credited = credit(NIGHT, limits, minutes=None, reason="")

    assert (credited.minutes, credited.span) == (80, Span(after(900), after(980)))


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([(-60, 30)], (30, 180)),
        ([(150, 300)], (0, 150)),
        ([(60, 90)], (90, 180)),
        ([(0, 60), (120, 180)], (60, 120)),
    ],
)
def test_time_another_record_covers_is_left_out(taken, left):
    limits = Limits(taken=tuple(Span(after(start), after(end)) for start, end in taken))

    credited = credit(THREE_HOURS, limits, minutes=None, reason="")

    assert (credited.span, credited.minutes) == (Span(after(left[0]), after(left[1])), left[1] - left[0])
    assert credited.trimmed == "与其他服务记录重叠的时间已扣除"


def test_when_another_record_covers_all_of_it_there_is_nothing_left():
    with pytest.raises(CreditedOverlap):
        credit(THREE_HOURS, Limits(taken=(Span(after(-5), after(200)),)), minutes=None, reason="")


spans = st.tuples(st.integers(-100, 280), st.integers(1, 200)).map(
    lambda pair: Span(after(pair[0]), after(pair[0] + pair[1]))
)


@given(st.lists(spans, max_size=5), st.integers(1, 480), st.integers(0, 60))
def test_no_minute_counts_twice_and_no_day_beyond_its_cap(taken, left, pause):
    presence = replace(THREE_HOURS, break_minutes=pause)
    limits = Limits(daily_minutes=480, spent={TUESDAY: 480 - left}, taken=tuple(taken))

    try:
        credited = credit(presence, limits, minutes=None, reason="")
    except CreditedOverlap:
        longest = max((piece.minutes for piece in _free(taken)), default=0)
        assert longest <= pause
        return

    assert 0 < credited.minutes <= min(left, credited.span.minutes)
    assert all(other.end <= credited.span.start or credited.span.end <= other.start for other in taken)
    assert NINE <= credited.span.start < credited.span.end <= after(180)


def _free(taken):
    """The pieces of the shift nobody took, found minute by minute."""
    minutes = [
        minute
        for minute in range(180)
        if not any(other.start <= after(minute) < other.end for other in taken)
    ]
    pieces = []
    for minute in minutes:
        if pieces and pieces[-1].end == after(minute):
            pieces[-1] = Span(pieces[-1].start, after(minute + 1))
        else:
            pieces.append(Span(after(minute), after(minute + 1)))
    return pieces
