"""Hours, against a clerk who counts minute by minute: windows, midnight, breaks, the year 2000 or 2090."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from django.utils.timezone import localdate, localtime
from hypothesis import given
from hypothesis import strategies as st

from volunteers.attendance.choices import Channel, Flag, Intent
from volunteers.attendance.policy import Policy
from volunteers.attendance.presence import Span, without
from volunteers.attendance.rules import decide
from volunteers.attendance.situation import CheckIn, CheckOut, Facts, PresenceFacts, ShiftFacts, TokenState
from volunteers.records.errors import CreditedOverlap, DayIsFull
from volunteers.records.rules import Limits, Presence, credit

MINUTE = timedelta(minutes=1)
POLICY = Policy()

moments = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
shifts = st.builds(
    lambda start, length: (start.replace(microsecond=0), length), moments, st.integers(30, 24 * 60)
)


def facts(intent, when, **more):
    return Facts(
        intent=intent,
        token=TokenState.LIVE,
        when=when,
        site_id=1,
        site_radius_m=200,
        birth_date=date(1970, 1, 1),
        **more,
    )


@given(shifts, st.integers(-3600, 90_000), st.integers(0, 90_000), st.integers(0, 29))
def test_leaving_credits_the_whole_minutes_of_presence_and_shift_less_the_break(shift, came, stayed, pause):
    starts_at, length = shift
    ends_at = starts_at + length * MINUTE
    came_at = starts_at + timedelta(seconds=came)
    left_at = came_at + timedelta(seconds=stayed)
    presence = PresenceFacts(
        site_id=1,
        site_name="市二医",
        checked_in_at=came_at,
        starts_at=starts_at,
        ends_at=ends_at,
        break_minutes=pause,
    )

    decision = decide(facts(Intent.OUT, left_at, presence=presence), POLICY)

    if not isinstance(decision, CheckOut):
        assert left_at > ends_at + timedelta(hours=POLICY.late_check_out_hours)
        return
    seconds = max(0, (min(left_at, ends_at) - max(came_at, starts_at)).total_seconds())
    assert decision.minutes == max(0, int(seconds // 60) - pause)
    assert (Flag.SHORT in decision.flags) == (decision.minutes * 100 < (length - pause) * 60)
    assert 0 <= decision.minutes <= length - pause


@given(shifts, st.integers(-7200, 90_000))
def test_check_in_opens_and_closes_to_the_second(shift, offset):
    starts_at, length = shift
    own = ShiftFacts(
        shift_id=1,
        starts_at=starts_at,
        ends_at=starts_at + length * MINUTE,
        activity_name="导诊",
        sign_up_id=1,
        sign_up_status="confirmed",
    )
    when = starts_at + timedelta(seconds=offset)

    decision = decide(facts(Intent.IN, when, shifts=(own,)), POLICY)

    assert isinstance(decision, CheckIn) == (-1800 <= offset < length * 60)
    if isinstance(decision, CheckIn):
        assert (Flag.LATE in decision.flags) == (offset > 900)


@given(moments)
def test_the_business_day_is_shanghais_all_year_round(moment):
    assert localtime(moment).utcoffset() == timedelta(hours=8)
    assert localdate(moment) == (moment + timedelta(hours=8)).date()


@given(
    st.lists(st.tuples(st.integers(0, 1200), st.integers(1, 400)), min_size=1, max_size=8),
    st.integers(60, 600),
)
def test_whatever_the_order_of_a_day_no_minute_counts_twice_and_the_cap_holds(presences, cap):
    """Approve overlapping presences at several sites one after the other, as a manager would."""
    dawn = datetime(2026, 9, 15, 16, 0, tzinfo=UTC)  # midnight in Shanghai
    taken: list[Span] = []
    spent: Counter[date] = Counter()
    for came, stayed in presences:
        span = Span(dawn + came * MINUTE, dawn + (came + stayed) * MINUTE)
        limits = Limits(daily_minutes=cap, spent=dict(spent), taken=tuple(taken))
        presence = Presence(span.start, span.end, starts_at=span.start, ends_at=span.end, break_minutes=0)
        try:
            credited = credit(presence, limits, minutes=None, reason="")
        except CreditedOverlap:
            assert without(span, taken).minutes < 1
        except DayIsFull:
            assert cap in spent.values()
        else:
            taken.append(credited.span)
            spent[localdate(credited.span.start)] += credited.minutes

    assert max(spent.values()) <= cap
    assert sum(spent.values()) == sum(span.minutes for span in taken)
    ordered = sorted(taken, key=lambda span: span.start)
    assert all(one.end <= other.start for one, other in pairwise(ordered))


@given(
    st.sampled_from(Channel),
    st.sampled_from([TokenState.LIVE, TokenState.CAPTURED]),
    st.booleans(),
)
def test_not_sharing_a_location_never_refuses_anybody(channel, token, withheld):
    starts_at = datetime(2026, 9, 15, 1, 0, tzinfo=UTC)
    own = ShiftFacts(
        shift_id=1,
        starts_at=starts_at,
        ends_at=starts_at + 180 * MINUTE,
        activity_name="导诊",
        sign_up_id=1,
        sign_up_status="confirmed",
    )
    arriving = Facts(
        intent=Intent.IN,
        token=token,
        when=starts_at,
        channel=channel,
        site_id=1,
        birth_date=date(1970, 1, 1),
        shifts=(own,),
        fix_withheld=withheld,
    )

    assert isinstance(decide(arriving, POLICY), CheckIn)
