"""The decision, from facts alone: no clock, no database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteers.attendance.choices import Flag, Grade, Intent, ScanResult
from volunteers.attendance.policy import Policy
from volunteers.attendance.rules import decide
from volunteers.attendance.situation import (
    CheckIn,
    CheckOut,
    Facts,
    Fix,
    PresenceFacts,
    ShiftFacts,
    TokenState,
)

NINE = datetime(2026, 9, 15, 1, 0, tzinfo=UTC)
NOON = NINE + timedelta(hours=3)
POLICY = Policy()
SHIFT = ShiftFacts(
    shift_id=1, starts_at=NINE, ends_at=NOON, activity_name="导诊", sign_up_id=7, sign_up_status="confirmed"
)
PRESENCE = PresenceFacts(
    site_id=5, site_name="市二医", checked_in_at=NINE, starts_at=NINE, ends_at=NOON, grade=Grade.A
)
ARRIVING = Facts(
    intent=Intent.IN,
    token=TokenState.LIVE,
    when=NINE,
    site_id=5,
    site_radius_m=200,
    birth_date=date(1990, 1, 1),
    shifts=(SHIFT,),
    fix=Fix(distance_m=12, accuracy_m=20),
)
LEAVING = replace(ARRIVING, intent=Intent.OUT, when=NOON, shifts=(), presence=PRESENCE)


def minutes(number):
    return timedelta(minutes=number)


def at(moment, facts=ARRIVING, **changes: Any):
    return decide(replace(facts, when=moment, **changes), POLICY)


def codes(decision):
    return [reason.code.value for reason in decision.reasons]


def refusal(decision):
    assert decision.result == ScanResult.REFUSED
    assert (decision.grade, decision.flags) == (None, ())
    return codes(decision)


# --- the token ---


@pytest.mark.parametrize("intent", list(Intent))
@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (TokenState.UNREADABLE, "token_unreadable"),
        (TokenState.FORGED, "token_forged"),
        (TokenState.EXPIRED, "token_expired"),
        (TokenState.OUTDATED, "offline_too_old"),
    ],
)
def test_a_token_that_proves_nothing_is_refused_whatever_else_is_true(intent, token, reason):
    decision = decide(replace(ARRIVING, intent=intent, token=token, presence=PRESENCE), POLICY)

    assert refusal(decision) == [reason]


# --- the window ---


@pytest.mark.parametrize(
    ("moment", "result", "flags"),
    [
        pytest.param(NINE - minutes(30), ScanResult.ACCEPTED, (), id="30 min before"),
        pytest.param(NINE, ScanResult.ACCEPTED, (), id="on time"),
        pytest.param(NINE + minutes(15), ScanResult.ACCEPTED, (), id="15 min after"),
        pytest.param(
            NINE
            + minutes(
                15,
            )
            + timedelta(seconds=1),
            ScanResult.PROVISIONAL,
            (Flag.LATE,),
            id="a second later",
        ),
        pytest.param(
            NOON - timedelta(seconds=1), ScanResult.PROVISIONAL, (Flag.LATE,), id="a second before the end"
        ),
    ],
)
def test_check_in_opens_half_an_hour_before_and_is_late_after_a_quarter(moment, result, flags):
    decision = at(moment)

    assert (decision.result, decision.flags, type(decision)) == (result, flags, CheckIn)


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        pytest.param(NINE - minutes(30) - timedelta(seconds=1), "too_early", id="a second too early"),
        pytest.param(NOON, "shift_over", id="at the end"),
        pytest.param(NOON + timedelta(hours=5), "shift_over", id="long after"),
    ],
)
def test_outside_the_window_the_reason_names_the_time(moment, reason):
    assert refusal(at(moment)) == [reason]


def test_the_window_is_a_setting_not_a_law():
    decision = decide(replace(ARRIVING, when=NINE - minutes(60)), Policy(early_minutes=60))

    assert decision.result == ScanResult.ACCEPTED


def test_a_shift_over_midnight_takes_check_ins_after_midnight():
    late_evening = datetime(2026, 9, 15, 15, 50, tzinfo=UTC)  # 23:50 in Guiyang
    night = replace(SHIFT, starts_at=late_evening, ends_at=late_evening + timedelta(hours=6))

    decision = at(late_evening + minutes(14), shifts=(night,))

    assert (decision.result, decision.shift) == (ScanResult.ACCEPTED, night)


# --- the place and the person ---


def test_a_closed_site_takes_no_check_in():
    assert refusal(at(NINE, site_active=False)) == ["site_closed"]


def test_whoever_is_inside_may_leave_a_closed_site():
    assert at(NOON, LEAVING, site_active=False).result == ScanResult.ACCEPTED


def test_a_registration_that_is_not_active_takes_no_check_in():
    assert refusal(at(NINE, volunteer_active=False)) == ["volunteer_not_active"]


def test_whoever_was_suspended_meanwhile_may_still_check_out():
    assert at(NOON, LEAVING, volunteer_active=False).result == ScanResult.ACCEPTED


@pytest.mark.parametrize(
    ("born", "minors_allowed", "min_age", "refused"),
    [
        pytest.param(date(2008, 9, 16), False, 0, True, id="18 tomorrow, adults only"),
        pytest.param(date(2008, 9, 15), False, 0, False, id="18 today, adults only"),
        pytest.param(date(2010, 1, 1), True, 16, False, id="16, from 16"),
        pytest.param(date(2011, 1, 1), True, 16, True, id="15, from 16"),
        pytest.param(date(1990, 1, 1), False, 60, True, id="36, from 60"),
    ],
)
def test_the_age_of_the_activity_holds(born, minors_allowed, min_age, refused):
    shift = replace(SHIFT, minors_allowed=minors_allowed, min_age=min_age)

    decision = at(NINE, birth_date=born, shifts=(shift,))

    assert codes(decision)[0] == ("too_young" if refused else "checked_in")


def test_a_small_child_is_flagged_because_the_guardian_has_to_be_there():
    shift = replace(SHIFT, minors_allowed=True)

    decision = at(NINE, birth_date=date(2017, 1, 1), shifts=(shift,))

    assert (decision.result, decision.flags) == (ScanResult.ACCEPTED, (Flag.ACCOMPANIED,))


# --- the shift ---


def test_without_a_sign_up_there_is_nothing_to_check_in_to():
    assert refusal(at(NINE, shifts=())) == ["not_signed_up"]


def test_somebody_elses_closed_shift_is_no_invitation():
    strange = replace(SHIFT, sign_up_id=None, sign_up_status=None)

    assert refusal(at(NINE, shifts=(strange,))) == ["not_signed_up"]


def test_the_waiting_list_is_no_place():
    waiting = replace(SHIFT, sign_up_status="waiting")

    assert refusal(at(NINE, shifts=(waiting,))) == ["waiting_list"]


def test_a_shift_that_was_called_off_says_so_although_the_sign_up_is_cancelled_too():
    off = replace(SHIFT, cancelled=True, sign_up_status="cancelled")

    assert refusal(at(NINE, shifts=(off,))) == ["shift_cancelled"]


def test_a_walk_in_is_taken_where_the_activity_takes_them():
    open_door = replace(SHIFT, sign_up_id=None, sign_up_status=None, walk_in_allowed=True)

    decision = at(NINE, shifts=(open_door,))

    assert (decision.result, decision.flags) == (ScanResult.ACCEPTED, (Flag.WALK_IN,))


def test_the_place_one_signed_up_for_comes_before_an_open_door():
    open_door = replace(SHIFT, shift_id=2, sign_up_id=None, sign_up_status=None, walk_in_allowed=True)

    assert at(NINE, shifts=(open_door, SHIFT)).shift == SHIFT


def test_between_two_shifts_the_one_about_to_begin_is_meant():
    next_shift = replace(SHIFT, shift_id=2, starts_at=NOON, ends_at=NOON + timedelta(hours=3))

    assert at(NOON - minutes(10), shifts=(SHIFT, next_shift)).shift == next_shift


def test_coming_back_to_a_shift_is_taken_and_flagged():
    decision = at(NINE + minutes(10), shifts=(replace(SHIFT, attended=True),))

    assert (decision.result, decision.flags) == (ScanResult.ACCEPTED, (Flag.RE_ENTRY,))


def test_of_several_refused_shifts_the_nearest_gives_the_reason():
    tonight = replace(
        SHIFT, shift_id=2, starts_at=NOON + timedelta(hours=8), ends_at=NOON + timedelta(hours=9)
    )

    assert refusal(at(NOON + minutes(5), shifts=(SHIFT, tonight))) == ["shift_over"]


# --- already in service ---


def test_scanning_in_again_says_that_one_is_in_already():
    decision = at(NINE + minutes(5), presence=PRESENCE)

    assert refusal(decision) == ["already_checked_in"]
    assert decision.reasons[0].message == "您已签到 09:00，不用再扫，结束时记得签退。"


def test_service_at_another_site_has_to_be_ended_first():
    elsewhere = replace(PRESENCE, site_id=6, site_name="图书馆")

    decision = at(NINE + minutes(5), presence=elsewhere)

    assert refusal(decision) == ["not_checked_out"]
    assert decision.reasons[0].message == "您在「图书馆」的服务还没有签退，请先签退。"


def test_a_shift_just_over_here_has_to_be_ended_first():
    next_shift = replace(SHIFT, shift_id=2, starts_at=NOON, ends_at=NOON + timedelta(hours=3))

    assert refusal(at(NOON + minutes(5), presence=PRESENCE, shifts=(next_shift,))) == ["not_checked_out"]


def test_yesterdays_forgotten_check_out_does_not_block_today():
    yesterday = replace(
        PRESENCE,
        checked_in_at=NINE - timedelta(days=1),
        starts_at=NINE - timedelta(days=1),
        ends_at=NOON - timedelta(days=1),
    )

    decision = at(NINE, presence=yesterday)

    assert (decision.result, decision.closes_stale) == (ScanResult.ACCEPTED, True)


# --- the way out ---


def test_leaving_counts_the_time_of_the_shift():
    decision = at(NOON + minutes(5), LEAVING)

    assert (type(decision), decision.result, decision.minutes) == (CheckOut, ScanResult.ACCEPTED, 180)
    assert decision.reasons[0].message == "签退成功 12:05，本次 3 小时，待负责人确认。"


def test_leaving_without_having_come():
    assert refusal(at(NOON, LEAVING, presence=None)) == ["not_checked_in"]


def test_leaving_at_another_site():
    decision = at(NOON, LEAVING, site_id=6)

    assert refusal(decision) == ["checked_in_elsewhere"]
    assert decision.reasons[0].message == "您是在「市二医」签到的，请到那里签退。"


def test_an_uploaded_check_out_from_before_the_check_in():
    decision = at(NINE - minutes(1), LEAVING, token=TokenState.CAPTURED)

    assert refusal(decision) == ["out_before_in"]


@pytest.mark.parametrize(
    ("after", "result", "flags"),
    [
        pytest.param(minutes(29), ScanResult.ACCEPTED, (), id="29 min after the end"),
        pytest.param(minutes(30), ScanResult.PROVISIONAL, (Flag.LATE_CHECK_OUT,), id="30 min"),
        pytest.param(timedelta(hours=12), ScanResult.PROVISIONAL, (Flag.LATE_CHECK_OUT,), id="12 h"),
    ],
)
def test_leaving_late_is_taken_down_but_earns_nothing_more(after, result, flags):
    decision = at(NOON + after, LEAVING)

    assert (decision.result, decision.flags, decision.minutes) == (result, flags, 180)


def test_leaving_the_next_day_is_too_late():
    assert refusal(at(NOON + timedelta(hours=12, seconds=1), LEAVING)) == ["check_out_too_late"]


def test_the_weaker_end_of_a_presence_gives_its_grade():
    graded_c = replace(PRESENCE, grade=Grade.C)

    assert (at(NOON, LEAVING, fix=None).grade, at(NOON, LEAVING, presence=graded_c).grade) == (
        Grade.B,
        Grade.C,
    )


# --- the evidence ---

NEAR = {"fix": Fix(distance_m=220, accuracy_m=20)}
VAGUE = {"fix": Fix(distance_m=400, accuracy_m=301)}
FAR = {"fix": Fix(distance_m=221, accuracy_m=20)}
FAR_THOUGH_VAGUE = {"fix": Fix(distance_m=5000, accuracy_m=1000)}
SILENT = {"fix": None}
WITHHELD = {"fix": None, "fix_withheld": True}


@pytest.mark.parametrize("facts", [ARRIVING, LEAVING], ids=["in", "out"])
@pytest.mark.parametrize(
    ("token", "place", "expected"),
    [
        (TokenState.LIVE, NEAR, (Grade.A, ["live_code", "near_site"], ())),
        (TokenState.LIVE, VAGUE, (Grade.B, ["live_code", "location_vague"], ())),
        (TokenState.LIVE, SILENT, (Grade.B, ["live_code", "location_not_shared"], ())),
        (TokenState.LIVE, WITHHELD, (Grade.B, ["live_code", "location_not_consented"], ())),
        (TokenState.LIVE, FAR, (Grade.C, ["live_code", "location_far"], (Flag.LOCATION_FAR,))),
        (TokenState.LIVE, FAR_THOUGH_VAGUE, (Grade.C, ["live_code", "location_far"], (Flag.LOCATION_FAR,))),
        (TokenState.CAPTURED, NEAR, (Grade.C, ["offline_code", "near_site"], (Flag.OFFLINE,))),
        (TokenState.CAPTURED, SILENT, (Grade.C, ["offline_code", "location_not_shared"], (Flag.OFFLINE,))),
        (
            TokenState.CAPTURED,
            FAR,
            (Grade.D, ["offline_code", "location_far"], (Flag.LOCATION_FAR, Flag.OFFLINE)),
        ),
    ],
)
def test_the_grade_says_how_good_the_evidence_is(facts, token, place, expected):
    decision = decide(replace(facts, token=token, **place), POLICY)

    assert (decision.grade, codes(decision)[1:], decision.flags) == expected
    result = ScanResult.PROVISIONAL if token is TokenState.CAPTURED else ScanResult.ACCEPTED
    assert decision.result == result


@given(st.integers(0, 20_000_000), st.integers(0, 100_000), st.sampled_from([ARRIVING, LEAVING]))
def test_no_location_ever_turns_a_live_scan_away(distance, accuracy, facts):
    decision = decide(replace(facts, fix=Fix(distance, accuracy)), POLICY)

    assert decision.result == ScanResult.ACCEPTED
    assert decision.grade in {Grade.A, Grade.B, Grade.C}


def test_keeping_ones_location_private_is_never_worse_than_grade_b():
    for facts in (ARRIVING, LEAVING):
        decision = decide(replace(facts, fix=None), POLICY)
        assert (decision.result, decision.grade, decision.flags) == (ScanResult.ACCEPTED, Grade.B, ())
