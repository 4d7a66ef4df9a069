"""docs/integrity.md says what the code does."""

import re

from tests.architecture.sources import ROOT
from volunteers.integrity.draws import text_of
from volunteers.integrity.thresholds import WEIGHTS, Thresholds

TEXT = (ROOT / "docs" / "integrity.md").read_text("utf-8")
ROWS = {
    cells[0].strip("` "): [cell.strip() for cell in cells[1:]]
    for line in TEXT.splitlines()
    if line.startswith("| `")
    for cells in [line.strip("|").split("|")]
}


def test_the_table_has_every_kind_with_its_weight():
    assert {kind: int(row[-1]) for kind, row in ROWS.items()} == {str(kind): w for kind, w in WEIGHTS.items()}


def test_the_table_has_the_figures_in_force():
    figures = Thresholds()

    def numbers(kind, column=1):
        return [int(number) for number in re.findall(r"\d+", ROWS[kind][column])]

    assert numbers("same_device") == [figures.same_device_people, figures.same_device_minutes]
    assert numbers("fast_travel") == [figures.travel_kmh]
    assert numbers("fast_travel", 2) == [figures.travel_least_m]
    assert numbers("same_duration") == [figures.same_duration_people, figures.same_duration_percent]
    assert numbers("quick_approval") == [figures.quick_approvals, figures.quick_seconds]
    assert numbers("closed_hours") == [figures.closed_margin_minutes]
    assert numbers("manual_share") == [
        figures.manual_percent,
        figures.manual_times_peers,
        figures.manual_least,
        figures.manual_days,
    ]
    assert numbers("over_capacity") == [figures.capacity_spare_percent, figures.capacity_margin_minutes]


def test_the_recipe_is_the_one_used():
    assert text_of(period="2026-W37", population=1234) in TEXT
    assert f"{Thresholds().audit_percent} % of the service records" in TEXT
