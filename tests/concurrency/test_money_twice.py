"""The same money from two windows at once: first the race, then its absence."""

from collections import Counter
from contextlib import nullcontext
from datetime import datetime
from typing import Any

import pytest

from backend.accounts.scopes import Role
from points.giving import services
from points.giving.intake_models import Receipt
from points.giving.models import Donation
from tests.concurrency.rivals import Meeting, outcomes, race
from tests.factories.accounts import OrganizationFactory, make_actor
from tests.factories.market import DonorFactory

pytestmark = pytest.mark.django_db(transaction=True)


def two_windows(now: datetime, *, unlocked: bool = False, **ticket: str) -> Counter[str]:
    body, donor = OrganizationFactory.create(), DonorFactory.create()
    clerks = [make_actor(Role.ORGANIZATION_MANAGER, body.pk) for _ in range(2)]
    # Without locks both have seen that nothing like it stands before one writes.
    meeting = Meeting(2, ('FROM "points_donation"', '"amount_fen" ='))

    def record(clerk: Any) -> None:
        with meeting.unguarded() if unlocked else nullcontext():
            services.record_money(
                donor=donor,
                amount_fen=100_000,
                organization=body,
                received_on=now.date(),
                purpose="助学",
                actor=clerk,
                at=now,
                **ticket,
            )

    return outcomes(race(*[lambda clerk=clerk: record(clerk) for clerk in clerks]))


def made() -> tuple[int, int]:
    return Donation.objects.count(), Receipt.objects.count()


def test_without_the_donors_lock_the_same_money_stands_twice(now: datetime) -> None:
    assert (two_windows(now, unlocked=True), made()) == (Counter(done=2), (2, 2))


def test_two_windows_write_the_same_money_down_once(now: datetime) -> None:
    assert (two_windows(now), made()) == (Counter(done=1, money_looks_recorded=1), (1, 1))


def test_without_the_lock_the_database_still_takes_a_ticket_once(now: datetime) -> None:
    outcome = two_windows(now, unlocked=True, official_ticket="0001", ticket_code="52010125")

    assert outcome == {"done": 1, "database: ticket_already_recorded": 1}
    assert made() == (1, 1)
