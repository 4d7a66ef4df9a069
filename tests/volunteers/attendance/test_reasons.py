"""What a volunteer reads."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import translation

from volunteers.attendance.choices import AttendanceStatus, Flag
from volunteers.attendance.reasons import Reason, ReasonCode, clock, duration
from volunteers.attendance.states import MOVES, may_move

PAGE = Path(__file__).resolve().parents[3] / "docs" / "checkin.md"
MORNING = datetime(2026, 9, 15, 1, 2, tzinfo=UTC)


def test_the_page_lists_the_same_reasons_in_the_same_order():
    text = PAGE.read_text("utf-8")
    table = text[text.index("## The reasons") : text.index("## What PostgreSQL")]

    assert re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE) == ReasonCode.values


def test_every_flag_a_decision_raises_is_a_reason_too():
    by_the_clock_or_a_manager = {Flag.FORGOT_CHECK_OUT, Flag.REVERSED, Flag.MANUAL, Flag.PROPOSED}
    under_another_name = {Flag.OFFLINE}

    unexplained = set(Flag) - by_the_clock_or_a_manager - under_another_name - set(ReasonCode.values)

    assert unexplained == set()


@pytest.mark.parametrize("code", list(ReasonCode), ids=lambda code: code.value)
def test_every_sentence_is_chinese_and_tells_what_to_do_or_what_is(code):
    with translation.override("zh-hans"):
        sentence = str(code.label)

    assert re.search(r"[\u4e00-\u9fff]", sentence)
    assert "！" not in sentence


def test_a_sentence_is_filled_in():
    reason = Reason(ReasonCode.NEAR_SITE, {"metres": 12})

    assert reason.as_json() == {"code": "near_site", "message": "距站点 12 米"}


def test_the_time_of_today_is_short():
    assert clock(MORNING, beside=MORNING) == "09:02"


def test_the_time_of_another_day_names_the_day():
    assert clock(MORNING, beside=datetime(2026, 9, 15, 16, 0, tzinfo=UTC)) == "9月15日 09:02"


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "0 分钟"), (59, "59 分钟"), (120, "2 小时"), (150, "2 小时 30 分")]
)
def test_a_duration_reads_as_people_say_it(minutes, text):
    assert duration(minutes) == text


def test_every_state_has_its_moves_and_rejected_and_annulled_are_final():
    assert set(MOVES) == set(AttendanceStatus)
    assert not any(may_move("rejected", after) for after in AttendanceStatus)
    assert may_move("pending", "approved")
    assert may_move("pending", "open")
    assert not any(may_move("annulled", after) for after in AttendanceStatus)
    assert not may_move("open", "approved")
