"""A new phone agreed to while the old one's owner claims, or by two at once: the race, then its absence."""

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from typing import Any

import pytest

from backend.accounts.scopes import Role
from points.giving import contact_requests, donor_files
from points.giving.models import Donor
from tests.concurrency.rivals import Meeting, outcomes, race
from tests.factories.accounts import UserFactory, make_actor
from tests.factories.giving import asked_contact
from tests.factories.market import DonorFactory

pytestmark = pytest.mark.django_db(transaction=True)


def rivals(now: datetime, *, claims: bool, unlocked: bool) -> tuple[Counter[str], Any]:
    """Let one agree and another agree or claim at once; return what they were told, and who has the file."""
    owner = UserFactory.create()
    donor = DonorFactory.create(contact=owner.phone.open(), contact_index=owner.phone_index)
    staff = [make_actor(Role.COMMUNITY_STAFF, "52") for _ in range(3)]
    asked = asked_contact(donor, staff[0], at=now)
    # Without locks both have read the file, or the open request, before one writes.
    meeting = Meeting(2, ('FROM "points_donor"',) if claims else ('FROM "points_contactrequest"',))

    def run(act: Callable[[], Any]) -> None:
        with meeting.unguarded() if unlocked else nullcontext():
            act()

    def agree(actor: Any) -> Callable[[], Any]:
        return lambda: contact_requests.agree_contact(request_id=asked.pk, actor=actor, at=now)

    second = (lambda: donor_files.claim_donors(user=owner, at=now)) if claims else agree(staff[2])
    results = race(*[lambda act=act: run(act) for act in (agree(staff[1]), second)])
    held = Donor.objects.get()
    assert held.contact is not None
    return outcomes(results), (held.user, held.contact.open())


def test_without_locks_the_database_keeps_the_old_owner_out_of_a_file_that_moved(now: datetime) -> None:
    outcome, held = rivals(now, claims=True, unlocked=True)

    assert held == (None, "13900008888")
    assert outcome in ({"done": 1, "database: donor_not_claimable": 1}, {"done": 2})


def test_a_claim_and_an_agreement_at_once_leave_the_file_to_the_new_phone(now: datetime) -> None:
    outcome, held = rivals(now, claims=True, unlocked=False)

    assert held == (None, "13900008888")
    assert outcome in ({"done": 1, "donor_not_claimable": 1}, {"done": 2}), "who came first"


def test_without_locks_the_database_lets_one_of_two_agree(now: datetime) -> None:
    outcome, held = rivals(now, claims=False, unlocked=True)

    assert (outcome, held) == (
        {"done": 1, "database: contact_request_decided": 1},
        (None, "13900008888"),
    )


def test_two_who_agree_at_once_agree_once(now: datetime) -> None:
    outcome, held = rivals(now, claims=False, unlocked=False)

    assert (outcome, held) == ({"done": 1, "contact_request_decided": 1}, (None, "13900008888"))
