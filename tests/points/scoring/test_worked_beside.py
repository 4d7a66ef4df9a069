"""The worked figures of docs/ledger.md about bonuses and other awards, told by the book."""

from datetime import date

import pytest

from backend.accounts.scopes import Role
from points.ledger.queries import balance
from points.scoring import services
from points.scoring.bonus_models import BonusAward
from tests.architecture.sources import ROOT
from tests.factories.accounts import make_actor
from tests.factories.ledger import OtherAwardFactory, rules_in_force, serve, take_back
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db

PAGE = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8").split("## Beside the minutes")[1]
COLUMNS = (None, 6, 7, 8, 9)  # the first service, and the months of the table
MONTHS = {"June": 6, "July": 7, "August": 8, "September": 9}


def table(first_column):
    """Return the rows of the table that begins with this column, as lists of cells."""
    below = PAGE.split(f"| {first_column} |")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row[1:-1].split("|")] for row in below]


def test_bonuses_come_and_go_as_the_page_says(now):
    rules_in_force(
        bonuses={
            "first_service": 5,
            "months_in_a_row": [{"months": 2, "points": 3}, {"months": 3, "points": 10}],
        }
    )
    zhang = VolunteerFactory()
    records = {name: serve(60, volunteer=zhang, day=date(2026, month, 12)) for name, month in MONTHS.items()}
    told = table("Happens")

    for happens, *figures in told:
        what, name = happens.split()
        if what == "approve":
            services.award_records(record_ids=[records[name].pk], at=now)
        else:
            services.reverse_records(record_ids=[take_back(records[name]).pk], at=now)
        standing = {
            row.month and row.month.month: row.points for row in BonusAward.objects.filter(taken_back_at=None)
        }
        shown = [str(standing.get(column, "")) for column in COLUMNS]
        assert [*shown, str(sum(standing.values()))] == figures, happens

    assert len(told) == 6
    assert balance(zhang, at=now).available == 8 + 20  # and the two records that are left


def test_other_awards_earn_what_the_page_says(now):
    rules_in_force(other_awards={"lecture": {"points": 3, "monthly_limit": 7}})
    zhang, checker = VolunteerFactory(), make_actor(Role.COMMUNITY_STAFF, "5201")
    told = table("Approved in this order")

    for award, points, sentence in told:
        kind, *facts = award.split()
        given = dict(word.split("=") for word in facts)
        entered = OtherAwardFactory(
            volunteer=zhang, kind=kind, day=date.fromisoformat(given["day"]), quantity=int(given["quantity"])
        )
        made = services.approve_other_award(award_id=entered.pk, actor=checker, at=now)
        assert (made.points, made.breakdown["zh"]) == (int(points), sentence)

    assert len(told) == 4
    assert balance(zhang, at=now).available == 10
