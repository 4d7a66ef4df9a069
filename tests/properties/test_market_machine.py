"""Whatever happens in two stores of a hub: not one bag and not one point is lost, and none appears.

A state machine delivers, reserves, hands over, cancels, lapses, takes returns, recalls, counts, moves goods
between stores and lets points expire, on real PostgreSQL. Any of it may be killed after any statement and is
then tried again, or is asked for twice. What must be true afterwards is in market_book.py, in plain SQL.
"""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import transaction
from django.utils.timezone import localdate
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

from backend.accounts.scopes import Role, actor_for
from backend.core.errors import NotFound, Refusal
from points.ledger import services as ledger
from points.ledger.errors import InsufficientPoints
from points.market import returns, services
from points.market.choices import ReturnCondition
from points.market.errors import NothingToReturn, OutOfStock, ReturnDecidedBySame, ReturnTwice, StockTooLow
from points.market.models import Batch
from points.stockroom import counting, recalling, transferring
from points.stockroom.errors import (
    AlreadyRecalled,
    CountedBelowReserved,
    CounterApproves,
    CountGoingOn,
    NothingLeft,
    RecallLiftedByOpener,
    ReceiverExplainsLoss,
)
from points.stockroom.recall_models import Recall
from points.stockroom.states import CountScope
from tests.factories.accounts import make_actor
from tests.factories.ledger import give
from tests.factories.market import ProductFactory
from tests.factories.stockroom import make_hub
from tests.factories.volunteers import VolunteerFactory
from tests.properties import market_book as book
from tests.properties.market_book import STEP, Attempts, Fate, faults, number

BEGINNING = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)
MOST_RECALLS = 2

fates = st.one_of(
    st.just(Fate()),
    st.integers(1, 15).map(Fate),
    st.just(Fate(twice=True)),
)
orders = st.tuples(
    st.integers(0, 1), st.integers(0, 1), st.sampled_from([(1, 0), (2, 0), (1, 1), (3, 0), (7, 1)])
)


class Hub(Attempts, RuleBasedStateMachine):
    """Two stores, two volunteers, and everything that can happen between them."""

    batches = Bundle("batches")
    redemptions = Bundle("redemptions")
    settled = Bundle("settled")
    taken = Bundle("taken")
    brought = Bundle("brought")
    counts = Bundle("counts")
    on_the_way = Bundle("on_the_way")

    @initialize(target=batches)
    def open_the_hub(self):
        self.story = transaction.atomic()
        self.story.__enter__()
        self.now = BEGINNING
        hub = self.hub = make_hub(8)
        self.lifter = make_actor(Role.ORGANIZATION_MANAGER, hub.store.organization_id)
        self.stores = [hub.store, hub.other]
        self.clerks = [(hub.clerk, hub.second), (hub.there, hub.manager)]
        hub.store.near_expiry_days, hub.store.near_expiry_percent = 5, 70
        hub.store.save()
        self.products = [
            (rice, ProductFactory.create(store=rice.store, name="肥皂", points=7, barcode="6901234567809"))
            for rice in (hub.rice, hub.rice_there)
        ]
        self.volunteers = [VolunteerFactory.create(), VolunteerFactory.create()]
        self.given, self.delivered = 0, 8
        self.short, self.recalls, self.recalled = [], [], 0
        for volunteer in self.volunteers:
            self.award(volunteer, 60, days=90)
        later = localdate(BEGINNING) + timedelta(days=4)
        return multiple(
            hub.batch,
            *(
                self.take_in(self.products[where][what], 6, expires_on, Fate())
                for where, what, expires_on in ((0, 0, later), (0, 1, None), (1, 0, later))
            ),
        )

    def teardown(self):
        """Forget the story: the next one begins with empty shelves."""
        if hasattr(self, "story"):
            transaction.set_rollback(True)
            self.story.__exit__(None, None, None)

    def award(self, volunteer, points, *, days):
        self.now += STEP
        key, expires_at = f"award:{self.now:%Y%m%d%H%M}:{volunteer.pk}", self.now + timedelta(days=days)
        give(volunteer, points, key=key, at=self.now, expires_at=expires_at)
        self.given += points

    @rule(who=st.integers(0, 1), points=st.integers(10, 60), days=st.integers(1, 40))
    def give_points(self, who, points, days):
        self.award(self.volunteers[who], points, days=days)

    @rule(
        target=batches,
        where=st.integers(0, 1),
        what=st.integers(0, 1),
        quantity=st.integers(3, 12),
        keeps=st.one_of(st.none(), st.integers(0, 12)),
        fate=fates,
    )
    def deliver(self, where, what, quantity, keeps, fate):
        expires_on = None if keeps is None else localdate(self.now + STEP) + timedelta(days=keeps)
        return self.take_in(self.products[where][what], quantity, expires_on, fate)

    def take_in(self, product, quantity, expires_on, fate):
        clerk = self.clerks[self.stores.index(product.store)][0]
        receive = partial(
            services.receive_batch, product=product, quantity=quantity, expires_on=expires_on, actor=clerk
        )
        batch = self.do(receive, fate, once=False)
        self.delivered += quantity
        return batch

    @rule(target=redemptions, orders=st.lists(orders, min_size=1, max_size=3), fate=fates)
    def reserve(self, orders, fate):
        made = [self.reserve_one(*order, fate) for order in orders]
        return multiple(*(one for one in made if not isinstance(one, Refusal)))

    def reserve_one(self, who, where, wanted, fate):
        lines = [
            services.LineInput(product.pk, quantity)
            for product, quantity in zip(self.products[where], wanted, strict=True)
            if quantity
        ]
        at, volunteer = self.now + STEP, self.volunteers[who]
        there = all(number(book.FREE, line.product_id, localdate(at)) >= line.quantity for line in lines)
        spendable = number(book.SPENDABLE, volunteer.pk, at)
        use_case = partial(services.reserve, volunteer=volunteer, store_id=self.stores[where].pk, lines=lines)
        made = self.do(use_case, fate, may=InsufficientPoints if there else OutOfStock, once=False)
        assert not isinstance(made, InsufficientPoints) or spendable < 10 * wanted[0] + 7 * wanted[1]
        return made

    @rule(
        target=taken,
        waiting=st.lists(consumes(redemptions), min_size=1, max_size=3),
        elsewhere=st.booleans(),
        fate=fates,
    )
    def collect(self, waiting, elsewhere, fate):
        made = [self.collect_one(redemption, fate, elsewhere=elsewhere) for redemption in waiting]
        return multiple(*(one for one in made if not isinstance(one, Refusal)))

    def collect_one(self, redemption, fate, *, elsewhere):
        here = self.stores.index(redemption.store)
        collect = partial(services.collect, code=redemption.code)
        if elsewhere:
            made = self.do(partial(collect, actor=self.clerks[1 - here][0]), fate, may=NotFound)
            assert isinstance(made, NotFound)
        in_time = number(book.COLLECTABLE, redemption.pk, self.now + STEP)
        possible = in_time and not number(book.FROZEN, redemption.pk)
        return self.do(partial(collect, actor=self.clerks[here][0]), fate, may=() if possible else Refusal)

    @rule(target=taken, order=orders, fate=fates)
    def walk_in(self, order, fate):
        made = self.reserve_one(*order, fate)
        taken = made if isinstance(made, Refusal) else self.collect_one(made, fate, elsewhere=False)
        return multiple() if isinstance(taken, Refusal) else taken

    @rule(target=settled, redemption=consumes(redemptions), by_owner=st.booleans(), fate=fates)
    def cancel(self, redemption, by_owner, fate):
        keeper = self.clerks[self.stores.index(redemption.store)][1]
        actor = actor_for(redemption.volunteer.user) if by_owner else keeper
        may = () if number(book.WAITING, redemption.pk) else Refusal
        self.do(partial(services.cancel, redemption_id=redemption.pk, actor=actor), fate, may=may)
        return redemption

    @rule(redemption=st.one_of(taken, settled), fate=fates)
    def settle_again(self, redemption, fate):
        clerk = self.clerks[self.stores.index(redemption.store)][0]
        for use_case in (
            partial(services.collect, code=redemption.code, actor=clerk),
            partial(services.cancel, redemption_id=redemption.pk, actor=clerk),
        ):
            assert isinstance(self.do(use_case, fate, may=Refusal), Refusal)

    @rule(hours=st.sampled_from([1, 10, 25, 60, 24 * 20]), clock=st.booleans(), fate=fates)
    def let_time_pass(self, hours, clock, fate):
        self.now += timedelta(hours=hours)
        if not clock:
            return
        self.do(services.lapse_due, fate, in_one=False)
        self.do(ledger.expire_lots, fate)
        self.do(recalling.settle_open, fate, in_one=False)
        assert number(book.OVERDUE, self.now - 2 * STEP) == 0
        assert number(book.UNSETTLED_RECALLS) == 0

    @rule(
        target=brought,
        redemption=taken,
        condition=st.sampled_from(ReturnCondition.values),
        agreed=st.sampled_from([None, True, True, False]),
        fate=fates,
    )
    def bring_back(self, redemption, condition, agreed, fate):
        clerk = self.clerks[self.stores.index(redemption.store)][0]
        ask = partial(returns.ask_return, redemption_id=redemption.pk, reason="破损", actor=clerk)
        made = self.do(partial(ask, condition=condition), fate, may=(ReturnTwice, NothingToReturn))
        if isinstance(made, Refusal):
            return multiple()
        if agreed is not None:
            self.decide(made, fate, agreed=agreed)
        return made if agreed is None else multiple()

    @rule(back=consumes(brought), agreed=st.booleans(), fate=fates)
    def decide_later(self, back, agreed, fate):
        self.decide(back, fate, agreed=agreed)

    def decide(self, back, fate, *, agreed):
        clerk, second = self.clerks[self.stores.index(back.redemption.store)]
        approve = partial(returns.approve_return, return_id=back.pk)
        assert isinstance(self.do(partial(approve, actor=clerk), fate, may=ReturnDecidedBySame), Refusal)
        refuse = partial(returns.refuse_return, return_id=back.pk, reason="完好")
        self.do(partial(approve if agreed else refuse, actor=second), fate)

    @rule(batch=batches, quantity=st.integers(1, 5), fate=fates)
    def write_off(self, batch, quantity, fate):
        free = number(book.FREE_OF_BATCH, batch.pk)
        clerk = self.clerks[self.stores.index(batch.store)][0]
        use_case = partial(
            services.write_off, batch_id=batch.pk, quantity=quantity, reason="受潮", actor=clerk
        )
        self.do(use_case, fate, may=StockTooLow if quantity > free else (), once=False)

    @rule(
        target=counts,
        batch=batches,
        together=st.booleans(),
        difference=st.integers(-3, 3),
        fate=fates,
    )
    def count(self, batch, together, difference, fate):
        clerk = self.clerks[self.stores.index(batch.store)][0]
        opened = self.do(
            partial(counting.open_count, store=batch.store, scope=CountScope.ALL, actor=clerk),
            fate,
            may=CountGoingOn,
        )
        if isinstance(opened, Refusal):
            return multiple()
        goods = Batch.objects.filter(product=batch.product, expires_on=batch.expires_on)
        if not together:
            goods = goods.filter(pk=batch.pk)
        book = sum(goods.values_list("on_hand", flat=True))
        take_down = partial(
            counting.take_down,
            count_id=opened.pk,
            product_id=batch.product_id,
            counted=max(book + difference, 0),
            actor=clerk,
            expires_on=batch.expires_on,
            batch_id=None if together else batch.pk,
        )
        self.do(take_down, fate, once=False)
        return self.do(partial(counting.close_count, count_id=opened.pk, actor=clerk), fate)

    @rule(counted=consumes(counts), fate=fates)
    def approve_count(self, counted, fate):
        clerk, second = self.clerks[self.stores.index(counted.store)]
        approve = partial(counting.approve_count, count_id=counted.pk)
        assert isinstance(self.do(partial(approve, actor=clerk), fate, may=CounterApproves), Refusal)
        made = self.do(partial(approve, actor=second), fate, may=CountedBelowReserved)
        if isinstance(made, Refusal):
            self.do(partial(counting.abandon_count, count_id=counted.pk, actor=clerk), fate)

    @rule(target=on_the_way, batch=batches, quantity=st.integers(1, 5), fate=fates)
    def send(self, batch, quantity, fate):
        here = self.stores.index(batch.store)
        use_case = partial(
            transferring.send,
            from_store=batch.store,
            to_store_id=self.stores[1 - here].pk,
            lines=[transferring.SentGoods(batch.pk, quantity)],
            actor=self.clerks[here][0],
        )
        made = self.do(use_case, fate, may=Refusal, once=False)
        return multiple() if isinstance(made, Refusal) else made

    @rule(target=batches, sent=consumes(on_the_way), lost=st.sampled_from([0, 0, 1, 5]), fate=fates)
    def receive(self, sent, lost, fate):
        (line,) = sent.lines.all()
        use_case = partial(
            transferring.receive,
            transfer_id=sent.pk,
            counted={line.pk: transferring.CountedGoods(max(line.quantity - lost, 0))},
            actor=self.clerks[self.stores.index(sent.to_store)][0],
        )
        self.do(use_case, fate)
        line.refresh_from_db()
        if lost:
            self.short.append(sent)
        return line.arrived or multiple()

    @rule(target=batches, sent=consumes(on_the_way), fate=fates)
    def take_back(self, sent, fate):
        clerk = self.clerks[self.stores.index(sent.from_store)][0]
        self.do(partial(transferring.take_back, transfer_id=sent.pk, actor=clerk), fate)
        return sent.lines.get().arrived

    @precondition(lambda self: self.short)
    @rule(fate=fates)
    def write_off_what_was_lost(self, fate):
        sent = self.short.pop()
        write_off = partial(transferring.write_off_loss, transfer_id=sent.pk, reason="路上破损")
        receiver = self.clerks[self.stores.index(sent.to_store)][0]
        sender = self.clerks[self.stores.index(sent.from_store)][0]
        assert isinstance(
            self.do(partial(write_off, actor=receiver), fate, may=ReceiverExplainsLoss), Refusal
        )
        self.do(partial(write_off, actor=sender), fate)

    @precondition(lambda self: self.recalled < MOST_RECALLS)
    @rule(batch=consumes(batches), fate=fates)
    def recall(self, batch, fate):
        self.call_back(batch, fate)

    @precondition(lambda self: self.recalled < MOST_RECALLS)
    @rule(redemption=redemptions, fate=fates)
    def recall_what_somebody_chose(self, redemption, fate):
        self.call_back(redemption.moves.earliest("pk").batch, fate)

    def call_back(self, batch, fate):
        use_case = partial(
            recalling.open_recall, batch_id=batch.pk, reason="厂家通知", actor=self.hub.manager
        )
        self.do(use_case, fate, may=AlreadyRecalled, in_one=False)
        self.recalled += 1
        recall = Recall.objects.get(root_id=batch.root_id or batch.pk, lifted_at=None)
        self.recalls = [*(each for each in self.recalls if each != recall), recall]

    @precondition(lambda self: self.recalls)
    @rule(fate=fates)
    def lift_what_was_a_mistake(self, fate):
        recall = self.recalls.pop()
        lift = partial(recalling.lift_recall, recall_id=recall.pk, reason="批次填错了")
        opener = partial(lift, actor=self.hub.manager)
        assert isinstance(self.do(opener, fate, may=RecallLiftedByOpener), Refusal)
        self.do(partial(lift, actor=self.lifter), fate)
        self.recalled -= 1

    @precondition(lambda self: self.recalls)
    @rule(fate=fates)
    def throw_recalled_away(self, fate):
        recall = self.recalls.pop()
        use_case = partial(recalling.write_off_rest, recall_id=recall.pk, actor=self.hub.manager)
        self.do(use_case, fate, may=NothingLeft)

    @invariant()
    def everything_adds_up(self):
        assert faults() == []

    @invariant()
    def as_much_is_there_as_was_asked_for(self):
        assert number(book.ISSUED) == self.given
        assert number(book.DELIVERED) == self.delivered


@pytest.mark.django_db
def test_stock_and_points_balance_whatever_happens():
    run_state_machine_as_test(
        Hub,
        settings=settings(
            max_examples=16,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
