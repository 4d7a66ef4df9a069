"""Whatever happens to the book, in whatever order and however often: nothing is lost and nothing appears.

A state machine awards, holds, captures, releases, reverses, expires and replays on real PostgreSQL. What must
be true afterwards is reckoned here from what was asked for, not with the ledger's own code.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from points.ledger import queries, services
from points.ledger.errors import HoldAlreadySettled, InsufficientPoints, TransferAlreadyReversed
from points.ledger.models import Account, AccountKind, Entry, Lot, LotUse, Transfer
from tests.factories.ledger import capture, give, hold, release, reverse
from tests.factories.volunteers import VolunteerFactory

BEGINNING = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)


class Book(RuleBasedStateMachine):
    """Two volunteers, and everything that can happen to their points."""

    awards = Bundle("awards")
    holds = Bundle("holds")

    @initialize()
    def open_the_book(self):
        self.story = transaction.atomic()
        self.story.__enter__()
        self.volunteers = [VolunteerFactory(), VolunteerFactory()]
        self.now = BEGINNING
        self.asked = defaultdict(int)
        self.replays = []
        self.held = {}
        self.given = {}
        self.owing_is_possible = False

    def teardown(self):
        """Forget the story: the next one begins with an empty book."""
        if hasattr(self, "story"):
            transaction.set_rollback(True)
            self.story.__exit__(None, None, None)

    def key(self, what):
        return f"{what}:{len(self.replays)}"

    def remember(self, action):
        """Do it now, and keep it for a replay."""
        self.replays.append(action)
        return action()

    @rule(target=awards, who=st.integers(0, 1), points=st.integers(1, 80), days=st.integers(1, 60))
    def award(self, who, points, days):
        key, at, expires_at = self.key("award"), self.now, self.now + timedelta(days=days)
        made = self.remember(
            lambda: give(self.volunteers[who], points, key=key, at=at, expires_at=expires_at)
        )
        self.asked["issued"] += points
        self.given[made.pk] = points
        return made

    @rule(target=holds, who=st.integers(0, 1), percent=st.integers(1, 110))
    def hold(self, who, percent):
        volunteer = self.volunteers[who]
        available = queries.balance(volunteer, at=self.now).available
        points = max(available * percent // 100, 1)
        key, at = self.key("hold"), self.now
        if points > available:
            with pytest.raises(InsufficientPoints) as refusal:
                hold(volunteer, points, key=key, at=at)
            assert refusal.value.data == {"needed": points, "available": available}
            return multiple()
        made = self.remember(lambda: hold(volunteer, points, key=key, at=at))
        self.held[made.pk] = points
        return made

    @rule(held=holds)
    def capture(self, held):
        self.settle(held, capture, "redeemed")

    @rule(held=holds)
    def release(self, held):
        self.settle(held, release, "released")

    def settle(self, held, how, what):
        key, at = self.key(what), self.now
        if held.pk not in self.held:
            with pytest.raises(HoldAlreadySettled):
                how(held, key=key, at=at)
            return
        self.remember(lambda: how(held, key=key, at=at))
        self.asked[what] += self.held.pop(held.pk)

    @rule(award=consumes(awards), again=st.booleans())
    def take_back(self, award, again):
        key, at = self.key("reversal"), self.now
        self.remember(lambda: reverse(award, key=key, at=at))
        self.asked["issued"] -= self.given[award.pk]
        self.owing_is_possible = True
        if again:
            with pytest.raises(TransferAlreadyReversed):
                reverse(award, key=f"{key}:again", at=at)

    @rule(days=st.integers(1, 40), nightly=st.booleans())
    def let_time_pass(self, days, nightly):
        self.now += timedelta(days=days)
        if not nightly:
            return
        while services.expire_lots(at=self.now):
            pass
        mine = Lot.objects.filter(account__volunteer__in=self.volunteers, remaining__gt=0)
        assert not mine.filter(expires_at__lte=self.now).exists()

    @precondition(lambda self: self.replays)
    @rule(data=st.data())
    def deliver_again(self, data):
        before = self.rows()

        data.draw(st.sampled_from(self.replays))()

        assert self.rows() == before

    def rows(self):
        accounts = Account.objects.filter(volunteer__in=self.volunteers).order_by("pk")
        counts = [model.objects.count() for model in (Transfer, Entry, Lot, LotUse)]
        return counts, list(accounts.values_list("balance", "may_go_negative"))

    @invariant()
    def the_database_is_content(self):
        connection.check_constraints()

    @invariant()
    def nothing_is_lost_and_nothing_appears(self):
        totals = Entry.objects.order_by().values_list("account__kind").annotate(Sum("amount"))
        moved = defaultdict(int, totals)
        assert moved[AccountKind.ISSUANCE] == -self.asked["issued"]
        assert moved[AccountKind.HELD] == sum(self.held.values())
        assert moved[AccountKind.REDEEMED] == self.asked["redeemed"]
        assert moved[AccountKind.EXPIRED] >= 0
        assert moved[AccountKind.VOLUNTEER] == sum(self.balances().values())
        assert sum(moved.values()) == 0

    @invariant()
    def balances_are_their_entries_and_their_lots(self):
        for volunteer in self.volunteers:
            mine = (
                Entry.objects.filter(account__volunteer=volunteer).aggregate(total=Sum("amount"))["total"]
                or 0
            )
            lots = Lot.objects.filter(account__volunteer=volunteer)
            left = lots.aggregate(total=Sum("remaining"))["total"] or 0
            balance = self.balances().get(volunteer.pk, 0)
            assert balance == mine
            assert left == max(balance, 0)
            assert self.owing_is_possible or balance >= 0
            used = lots.annotate(used=Coalesce(Sum("uses__amount"), 0))
            assert not used.exclude(remaining=F("amount") + F("used")).exists()

    @invariant()
    def what_is_told_is_what_is_there(self):
        told = [queries.balance(volunteer, at=self.now) for volunteer in self.volunteers]
        assert sum(balance.held for balance in told) == sum(self.held.values())
        for volunteer, balance in zip(self.volunteers, told, strict=True):
            assert balance.available <= self.balances().get(volunteer.pk, 0)

    def balances(self):
        accounts = Account.objects.filter(volunteer__in=self.volunteers)
        return dict(accounts.values_list("volunteer", "balance"))


@pytest.mark.django_db
def test_the_book_holds_whatever_happens():
    run_state_machine_as_test(
        Book,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
