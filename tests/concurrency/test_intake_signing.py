"""Two clerks sign for the same goods at once: first the race, then its absence."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime

import pytest
from django.db import connection

from backend.accounts.scopes import Actor
from points.giving import signing
from points.giving.intake_models import IntakeSignature, Receipt
from points.giving.models import Donation
from points.market.models import Batch
from tests.concurrency.rivals import Meeting, outcomes, race
from tests.factories.database import ignored
from tests.factories.giving import HAND, inspected, make_door
from tests.factories.market import clerk_of

pytestmark = pytest.mark.django_db(transaction=True)

GUARDS = (
    "points.Intake:intake_moves",
    "points.Intake:intake_signed_by_both",
    "points.IntakeSignature:intake_signature_of_its_side",
)


@pytest.fixture
def no_single_signature() -> Iterator[None]:
    """Switch off the constraint that lets each side sign once."""
    (once,) = [each for each in IntakeSignature._meta.constraints if each.name == "intake_signature_once"]
    with connection.schema_editor() as editor:
        editor.remove_constraint(IntakeSignature, once)
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE points_intakesignature CASCADE")
    with connection.schema_editor() as editor:
        editor.add_constraint(IntakeSignature, once)


def both_sign(now: datetime, *, locks: bool, guards: bool) -> Counter[str]:
    door = make_door()
    intake = inspected(door, at=now)
    meeting = Meeting(2, ('FROM "points_intake" ',))

    def sign(clerk: Actor) -> None:
        with ExitStack() as off:
            if not guards:
                off.enter_context(ignored(*GUARDS))
            if not locks:
                off.enter_context(meeting.unguarded())
            signing.sign_as_handler(intake_id=intake.pk, actor=clerk, at=now, hand=HAND)

    clerks = [door.clerk, clerk_of(door.store)]
    return outcomes(race(*[lambda clerk=clerk: sign(clerk) for clerk in clerks]))


def made() -> tuple[int, int, int, int]:
    return (
        Donation.objects.count(),
        Receipt.objects.count(),
        Batch.objects.count(),
        IntakeSignature.objects.count(),
    )


def test_without_locks_and_guards_the_goods_are_booked_twice(now, no_single_signature):
    assert both_sign(now, locks=False, guards=False) == Counter(done=2)
    assert made() == (2, 2, 2, 4)


def test_two_clerks_at_once_make_one_donation_and_both_read_it(now):
    assert both_sign(now, locks=True, guards=True) == Counter(done=2)
    assert made() == (1, 1, 1, 2)


def test_without_locks_the_database_still_books_once(now):
    assert both_sign(now, locks=False, guards=True) == {"done": 1, "database: intake_moved": 1}
    assert made() == (1, 1, 1, 2)
