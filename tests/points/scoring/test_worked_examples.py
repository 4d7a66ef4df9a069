"""The worked figures of docs/ledger.md, reckoned by the engine."""

from datetime import date

import pytest

from points.scoring.documents import rules_from
from points.scoring.engine import Facts, Piece, SoFar, score
from points.scoring.presets import PRESETS
from points.scoring.rules import Served
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8").split("## From minutes to points")[1]
TUESDAY = date(2026, 9, 15)


def table(first_column):
    """Return the rows of the table that begins with this column, as lists of cells."""
    below = PAGE.split(f"| {first_column} |")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("| ").split("|")] for row in below]


def facts(told, rules):
    given = dict(word.split("=") for word in told.split())
    earlier = int(given.get("earlier", 0))
    return Facts(
        activity="图书整理",
        minutes=int(given["minutes"]),
        day=TUESDAY,
        scheduled_minutes=int(given.get("scheduled", 0)),
        manual="manual" in given,
        served=Served(
            recipient=given.get("recipient", ""),
            difficulty=int(given.get("difficulty", 1)),
            organizer="organizer" in given,
        ),
        so_far=SoFar(
            day=(Piece(earlier, earlier * rules.base.units_a_minute),),
            lifetime=int(given.get("lifetime", 0)),
        ),
    )


@pytest.mark.parametrize(("preset", "service", "points", "sentence"), table("Rules"))
def test_service_earns_what_the_page_says(preset, service, points, sentence):
    rules = rules_from(PRESETS[preset].document)

    result = score(facts(service, rules), rules)

    assert (result.points, result.sentence_zh) == (int(points), sentence)


@pytest.mark.parametrize("row", table("Approved"))
def test_a_month_comes_out_as_the_page_says(row):
    order, *figures = row
    rules = rules_from({**PRESETS["default"].document, "caps": {"month": {"points": 100}}})
    earned = {"1": 0, "2": 0, "3": 0}

    for day in order.split(", "):
        minutes = {"1": 480, "2": 300, "3": 60}[day]
        so_far = SoFar(month=sum(earned.values()))
        earned[day] = score(Facts("x", minutes, TUESDAY, so_far=so_far), rules).points

    assert [*earned.values(), sum(earned.values())] == [int(figure) for figure in figures]


def test_the_tables_of_the_page_are_found():
    assert (len(table("Rules")), len(table("Approved"))) == (10, 2)
