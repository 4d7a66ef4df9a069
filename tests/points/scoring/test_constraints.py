"""What PostgreSQL refuses about awards."""

import pytest

from points.scoring.models import Award
from points.scoring.services import award_records
from tests.factories.database import refused_by
from tests.factories.ledger import default_rules, serve
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhang():
    return VolunteerFactory()


@pytest.fixture
def rules():
    return default_rules()


def award(record, at):
    return award_records(record_ids=[record.pk], at=at)


def test_an_award_is_never_changed_or_removed(zhang, rules, now):
    award(serve(volunteer=zhang), at=now)

    with refused_by("award_append_only"):
        Award.objects.update(points=1000)
    with refused_by("award_append_only"):
        Award.objects.all()._raw_delete("default")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"points": 0, "transfer": None}, "award_once_per_record"),
        ({"points": -25}, "award_sign_by_kind"),
        ({"kind": "recompute"}, "award_previous_by_kind"),
        ({"kind": "reversal"}, "award_sign_by_kind"),
        ({"kind": "supplement"}, "award_sign_by_kind"),
        ({"points": 0}, "award_points_have_a_transfer"),
        ({"transfer": None}, "award_points_have_a_transfer"),
    ],
)
def test_the_database_knows_what_an_award_is(zhang, rules, now, change, constraint):
    award(serve(volunteer=zhang), at=now)
    made = Award.objects.get()
    made.pk = None
    for name, value in change.items():
        setattr(made, name, value)

    with refused_by(constraint):
        made.save(force_insert=True)


def test_a_transfer_stands_for_one_award(zhang, rules, now):
    award(serve(volunteer=zhang), at=now)
    made = Award.objects.get()
    made.pk, made.record = None, serve(volunteer=zhang, hour=15)

    with refused_by("award_transfer_once"):
        made.save(force_insert=True)
