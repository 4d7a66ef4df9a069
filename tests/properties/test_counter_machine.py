"""Whatever happens at the counter: no place is given twice, nothing goes out twice, no share is sold.

A second state machine beside test_market_machine.py, over what that one leaves out: places in slots, devices
that hand over without network and tell later, goods for families in need and the share kept for them, and
ballots. Any of it may be killed after any statement and is then tried again, or is asked for twice. What must
be true afterwards is in market_book.py and counter_book.py, in plain SQL, and so is what must be answered.
The basic steps are in counter_hub.py, the tablets in counter_devices.py.
"""

from datetime import timedelta
from functools import partial

import pytest
from django.utils.timezone import localdate
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from backend.core.errors import Refusal
from points.ballots import services as ballots
from points.market import services
from points.relief import issuing
from points.relief.services import set_share
from tests.properties import counter_book as book
from tests.properties.counter_devices import Devices
from tests.properties.counter_hub import DAY, HAIRCUT, SHARE_OF_A_FAMILY, fates, picks, step, steps_of, wanted
from tests.properties.market_book import DELIVERED, ISSUED, Fate, faults, number


class Counter(Devices):
    """Slots, families in need and ballots besides."""

    @step(hours=st.sampled_from([1, 5, 26, 50]), places=st.integers(1, 3), fate=fates)
    def open_slot(self, hours, places, fate):
        self.offer(hours=hours, places=places, fate=fate)

    @step(
        pick=picks,
        places=st.one_of(st.none(), st.integers(1, 4)),
        closed=st.sampled_from([None, True, False]),
    )
    def change_slot(self, pick, places, closed):
        slot_id = self.one_of(book.SLOTS, pick)
        change = partial(services.change_slot, slot_id=slot_id, capacity=places, closed=closed)
        possible = places is None or places >= number(book.TAKEN, slot_id)
        self.do_if(possible, partial(change, actor=self.hub.clerk), Fate(), once=False)

    @step(who=st.integers(0, 2), pick=picks, places=st.integers(1, 2), fate=fates)
    def book(self, who, pick, places, fate):
        self.book_one(who, pick, places, fate)

    def book_one(self, who, pick, places, fate):
        slot_id = self.one_of(book.SLOTS, pick)
        possible = number(book.PLACES, slot_id, self.next) >= places
        lines = [services.LineInput(self.haircut.pk, places, slot_id)]
        self.redeem(who, lines, fate, possible=possible, cost=HAIRCUT * places)

    # --- those in need

    @step(what=st.integers(0, 1), quantity=st.sampled_from([0, 2, 4, 9]), fate=fates)
    def keep_a_share(self, what, quantity, fate):
        self.do(
            partial(set_share, product_id=self.goods[what].pk, quantity=quantity, actor=self.hub.manager),
            fate,
        )

    @step(which=st.integers(0, 1), quantities=wanted, fate=fates)
    def help_a_family(self, which, quantities, fate):
        self.help_one(which, quantities, fate)

    def help_one(self, which, quantities, fate):
        case = self.cases[which]
        there = all(
            self.free(product, share=True) >= quantity
            for product, quantity in zip(self.goods, quantities, strict=True)
            if quantity
        )
        had = number(book.HAD_THIS_MONTH, case.household_id, self.next)
        use_case = partial(
            issuing.issue,
            case_id=case.pk,
            store_id=self.hub.store.pk,
            lines=self.lines(quantities),
            actor=self.keeper,
        )
        self.do_if(there and had + sum(quantities) <= SHARE_OF_A_FAMILY, use_case, fate, once=False)

    # --- ballots

    @step(
        what=st.integers(0, 1),
        units=st.integers(1, 3),
        points=st.integers(3, 7),
        entrants=st.lists(st.integers(0, 2), max_size=3),
        fate=fates,
    )
    def open_ballot(self, what, units, points, entrants, fate):
        self.offer_by_lot(what, units, points, entrants, fate)

    def offer_by_lot(self, what, units, points, entrants, fate):
        product, at = self.goods[what], self.next
        use_case = partial(
            ballots.open_ballot,
            product_id=product.pk,
            units=units,
            points=points,
            opens_at=at,
            closes_at=at + DAY,
            draw_at=at + 3 * DAY,
            actor=self.hub.clerk,
        )
        there = self.free(product, day=localdate(at + 6 * DAY))
        made = self.do_if(there >= units, use_case, fate, once=False)
        self.assert_the_share_is_left(made, [product])
        if not isinstance(made, Refusal):
            for who in entrants:
                self.enter_one(made.pk, who, fate)

    @step(pick=picks, who=st.integers(0, 2), fate=fates)
    def enter(self, pick, who, fate):
        ballot_id = self.one_of(book.BALLOTS, pick)
        if ballot_id is not None:
            self.enter_one(ballot_id, who, fate)

    def enter_one(self, ballot_id, who, fate):
        family = [volunteer.pk for volunteer in (self.volunteers[:2] if who < 2 else self.volunteers[2:])]
        use_case = partial(ballots.enter, ballot_id=ballot_id, volunteer=self.volunteers[who])
        self.do_if(number(book.OPEN_TO, ballot_id, self.next, family), use_case, fate)

    @step(pick=picks, fate=fates)
    def call_off(self, pick, fate):
        ballot_id = self.one_of(book.BALLOTS, pick)
        if ballot_id is not None:
            use_case = partial(
                ballots.cancel_ballot, ballot_id=ballot_id, reason="货坏了", actor=self.hub.clerk
            )
            self.do_if(number(book.UNDRAWN, ballot_id), use_case, fate)


class Story(Counter):
    """What may happen, in any order, and what holds whatever happened."""

    @initialize(
        orders=st.lists(st.tuples(st.integers(0, 2), wanted), min_size=1, max_size=3),
        entrants=st.lists(st.integers(0, 2), max_size=3),
        booked=st.integers(0, 2),
        hours=st.sampled_from([20, 0]),
    )
    def begin(self, orders, entrants, booked, hours):
        self.open_the_counter()
        self.reserve_all(orders, Fate())
        self.book_one(booked, 0, 1, Fate())
        self.help_one(0, (1, 0), Fate())
        self.offer_by_lot(1, 2, 5, entrants, Fate())
        self.now += timedelta(hours=hours)
        if hours:
            self.give_list(self.devices[0], Fate(), renew=False)

    @rule(step=steps_of(Counter))
    def happens(self, step):
        name, given = step
        getattr(self, name)(**given)

    @invariant()
    def everything_adds_up(self):
        assert faults(book.FAULTS) == []

    @invariant()
    def as_much_is_there_as_was_asked_for(self):
        assert number(ISSUED) == self.given
        assert number(DELIVERED) == self.delivered


@pytest.mark.django_db
def test_nothing_goes_out_twice_at_the_counter_whatever_happens():
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=16,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
