"""The example of docs/ledger.md, played."""

from datetime import date

import pytest

from points.ledger.models import Lot, Transfer
from points.scoring.services import reverse_records
from tests.architecture.sources import ROOT
from tests.factories.ledger import account, default_rules, serve, take_back
from tests.factories.volunteers import VolunteerFactory
from tests.points.revision.runs import award, newer_rules, points_of, recomputed, standing_of

pytestmark = pytest.mark.django_db

PAGE = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8").split("## When the rules change")[1]
TWELVE_AN_HOUR = {"points": 12, "per_minutes": 60, "step_minutes": 60}


def rows():
    """Return (day, minutes, points before, points after, posted) of each record."""
    below = PAGE.split("| Zhang's record |")[1].split("\n\n")[0].splitlines()[2:]
    for line in below:
        day, *figures = (cell.strip() for cell in line.strip("| ").split("|"))
        yield date.fromisoformat(day), *(int(figure.replace("−", "-")) for figure in figures)


def test_the_records_of_the_page_come_under_new_rules_as_it_says(now):
    default_rules()
    zhang = VolunteerFactory()
    told = list(rows())
    records = [serve(minutes, volunteer=zhang, day=day) for day, minutes, *_ in told]
    award(*records, at=now)
    assert points_of(records) == [before for _, _, before, _, _ in told]

    recomputed(newer_rules(base=TWELVE_AN_HOUR), at=now)

    assert points_of(records) == [after for _, _, _, after, _ in told]
    posted = dict.fromkeys((record.pk for record in records), 0)
    for transfer in Transfer.objects.filter(kind="adjustment"):
        posted[transfer.source_id] = transfer.entries.get(account__volunteer=zhang).amount
    assert list(posted.values()) == [difference for *_, difference in told]
    assert [standing_of(record) for record in records] == ["5201.1", "5201.2", "5201.2", "5201.2"]
    assert [lot.remaining for lot in Lot.objects.order_by("pk")] == [25, 30, 0, 6]

    reverse_records(record_ids=[take_back(records[1]).pk], at=now)
    assert account(zhang).balance == sum(points_of(records)) == 25
