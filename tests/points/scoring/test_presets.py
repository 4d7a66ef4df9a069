"""The presets, each with figures worked out by hand from the practice it was taken from."""

from datetime import UTC, date, datetime

import pytest

from points.scoring.documents import faults_of, rules_from
from points.scoring.engine import Facts, SoFar, score
from points.scoring.extras import expires_at
from points.scoring.presets import DEFAULT_DOCUMENT, PRESETS
from points.scoring.rules import Served

NOW = datetime(2026, 9, 12, tzinfo=UTC)


def earned(preset, minutes, *, so_far=SoFar(), served=Served(), **facts):  # noqa: B008 – frozen
    made = Facts("服务", minutes, date(2026, 9, 15), so_far=so_far, served=served, **facts)
    return score(made, rules_from(PRESETS[preset].document)).points


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_sound(preset):
    assert faults_of(PRESETS[preset].document) == []


def test_the_default_is_the_policy_of_the_platform():
    assert PRESETS["default"].document == DEFAULT_DOCUMENT
    assert [earned("default", minutes) for minutes in (29, 30, 149, 150, 480, 600)] == [0, 5, 20, 25, 80, 80]
    assert [earned("default", 120, served=Served(difficulty=grade)) for grade in (1, 2, 3)] == [20, 24, 30]
    assert (earned("default", 143, scheduled_minutes=240), earned("default", 150, manual=True)) == (0, 0)
    assert expires_at(NOW, rules_from(DEFAULT_DOCUMENT)) == datetime(2027, 12, 31, 16, tzinfo=UTC)


def test_huangshi_gives_a_point_an_hour_until_the_end_of_the_year_and_nothing_for_back_entries():
    assert [earned("huangshi", minutes) for minutes in (59, 60, 150, 240)] == [0, 1, 2, 4]
    assert earned("huangshi", 240, manual=True) == 0
    rules = rules_from(PRESETS["huangshi"].document)
    assert expires_at(NOW, rules) == datetime(2026, 12, 31, 16, tzinfo=UTC)  # 31 December, 24:00


@pytest.mark.parametrize(
    ("difficulty", "organizer", "points"),
    [(1, False, 20), (2, False, 24), (3, False, 30), (1, True, 22), (2, True, 26), (3, True, 33)],
)
def test_hainan_has_three_grades_and_gives_organisers_slightly_more(difficulty, organizer, points):
    assert earned("hainan", 120, served=Served(difficulty=difficulty, organizer=organizer)) == points


@pytest.mark.parametrize(
    ("served", "points"),
    [
        (Served(category="legal"), 2),
        (Served(category="public_safety"), 5),
        (Served(recipient="patients"), 10),
        (Served(recipient="disabled"), 15),
        (Served(category="legal", recipient="disabled"), 15),
        (Served(category="culture"), 6),
    ],
)
def test_xiangtan_pays_by_the_event(served, points):
    assert earned("xiangtan", 180, served=served) == points


def test_nanjing_stops_at_fifteen_hundred_hours():
    assert [earned("nanjing", 180, so_far=SoFar(lifetime=hours)) for hours in (0, 1497, 1498, 1500)] == [
        3,
        3,
        2,
        0,
    ]
    assert expires_at(NOW, rules_from(PRESETS["nanjing"].document)) is None
