from datetime import UTC, datetime

import pytest

from points.scoring.documents import rules_from
from points.scoring.extras import bonuses, expires_at, months_in_a_row, other_award
from points.scoring.presets import DEFAULT_DOCUMENT
from points.scoring.rules import OtherKind

RULES = rules_from(
    {
        **DEFAULT_DOCUMENT,
        "bonuses": {
            "first_service": 5,
            "months_in_a_row": [{"months": 3, "points": 10}, {"months": 6, "points": 20}],
        },
        "other_awards": {"lecture": {"points": 3, "monthly_limit": 7}},
    }
)


def lines_of(made):
    return [(line.code, line.points, line.text_zh) for line in made]


def test_the_first_service_ever_has_its_bonus_once():
    assert lines_of(bonuses(1, RULES, first_service=True)) == [("first_service", 5, "首次服务")]
    assert bonuses(1, RULES) == ()


def test_the_third_month_in_a_row_has_its_bonus_and_the_fourth_has_none():
    assert lines_of(bonuses(3, RULES)) == [("months_in_a_row", 10, "连续第 3 个月服务")]
    assert bonuses(4, RULES) == ()


@pytest.mark.parametrize(
    ("earlier", "row"),
    [
        (set(), 1),
        ({(2026, 11)}, 1),  # a month was left out
        ({(2026, 12)}, 2),  # across a new year
        ({(2026, 12), (2026, 11), (2026, 10)}, 4),
        ({(2026, 12), (2026, 10), (2027, 2)}, 2),
    ],
)
def test_a_row_ends_where_a_month_is_missing(earlier, row):
    assert months_in_a_row({*earlier, (2027, 1)})[2027, 1] == row


def test_without_bonuses_in_the_rules_there_are_none():
    assert bonuses(3, rules_from(DEFAULT_DOCUMENT), first_service=True) == ()


@pytest.mark.parametrize(
    ("quantity", "so_far", "points", "sentence"),
    [
        (1, 0, 3, "参加讲座 1 次，计 3 积分。"),
        (2, 0, 6, "参加讲座 2 次，计 6 积分。"),
        (1, 6, 1, "参加讲座 1 次，当月以 7 分为限，计 1 积分。"),
        (1, 9, 0, "参加讲座 1 次，当月以 7 分为限，计 0 积分。"),
    ],
)
def test_a_lecture_earns_points_up_to_the_limit_of_the_month_and_never_minutes(
    quantity, so_far, points, sentence
):
    result = other_award(OtherKind.LECTURE, quantity, so_far, RULES)

    assert (result.points, result.minutes_counted, result.pieces) == (points, 0, ())
    assert sum(line.points for line in result.lines) == points
    assert result.sentence_zh == sentence


@pytest.mark.parametrize("kind", OtherKind)
def test_what_the_rules_do_not_name_earns_nothing_and_says_so(kind):
    result = other_award(kind, 1, 0, rules_from(DEFAULT_DOCUMENT))

    assert result.points == 0
    assert result.sentence_zh.endswith("现行规则不计积分。")
    assert result.sentence_en.endswith("these rules give no points.")


@pytest.mark.parametrize(
    ("expiry", "given", "gone"),
    [
        # in UTC; a midnight of Guiyang is 16:00 of the day before
        ({"policy": "end_of_year", "years": 1}, datetime(2026, 9, 12), datetime(2026, 12, 31, 16)),
        ({"policy": "end_of_year", "years": 2}, datetime(2026, 12, 31, 16), datetime(2028, 12, 31, 16)),
        ({"policy": "months", "months": 3}, datetime(2026, 3, 5), datetime(2026, 6, 30, 16)),
        ({"policy": "months", "months": 1}, datetime(2026, 11, 30), datetime(2026, 12, 31, 16)),
        ({"policy": "months", "months": 12}, datetime(2026, 12, 31), datetime(2027, 12, 31, 16)),
    ],
)
def test_points_are_gone_when_the_rules_say(expiry, given, gone):
    rules = rules_from({**DEFAULT_DOCUMENT, "expiry": expiry})

    assert expires_at(given.replace(tzinfo=UTC), rules) == gone.replace(tzinfo=UTC)


def test_points_may_never_expire():
    rules = rules_from({**DEFAULT_DOCUMENT, "expiry": {"policy": "never"}})

    assert expires_at(datetime(2026, 9, 12, tzinfo=UTC), rules) is None
