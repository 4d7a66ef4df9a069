"""The store the machine of test_counter_machine.py plays in: points, goods, redemptions, and the clock.

Codes, tickets and draws are random, so no step depends on what came out before: `pick` chooses among whatever
there is.
"""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from inspect import getmembers

from django.db import transaction
from django.utils.timezone import localdate
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from backend.accounts.scopes import actor_for
from backend.core.errors import NotFound, Refusal
from points.ballots import drawing
from points.ledger import services as ledger
from points.market import services
from points.market.redemption_models import Redemption
from points.market.slot_errors import SlotTaken
from points.proof.services import close_days
from points.relief.models import ReliefPolicy
from points.stockroom import recalling
from points.stockroom.errors import AlreadyRecalled
from tests.factories.ledger import give
from tests.factories.market import ProductFactory, make_service
from tests.factories.relief import make_case, make_keeper
from tests.factories.stockroom import make_hub
from tests.factories.volunteers import VolunteerFactory, make_household
from tests.properties import counter_book as book
from tests.properties.market_book import (
    FREE,
    FREE_OF_BATCH,
    SPENDABLE,
    STEP,
    Attempts,
    Fate,
    keys,
    number,
)

BEGINNING = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)
REVIEW_ON = date(2027, 8, 1)  # later than any story
MOST_RECALLS = 2
PRICES = (10, 7)
HAIRCUT = 5
SHARE_OF_A_FAMILY = 5  # a month
DAY = timedelta(days=1)

fates = st.one_of(st.just(Fate()), st.integers(1, 18).map(Fate), st.just(Fate(twice=True)))
picks = st.integers(0, 11)
wanted = st.sampled_from([(1, 0), (2, 0), (1, 1), (0, 2), (4, 1)])


def step(*, often=1, **given):
    """Mark what may happen, with what it may be given, and how often.

    They are not rules of their own, because Hypothesis leaves out half of the rules in a story, or more, and
    here it matters what comes together.
    """

    def mark(function):
        function.often = often
        function.chosen = st.tuples(st.just(function.__name__), st.fixed_dictionaries(given))
        return function

    return mark


def steps_of(machine):
    """Return the choice among everything that may happen to a machine."""
    marked = [function for _name, function in getmembers(machine) if hasattr(function, "chosen")]
    return st.sampled_from([each for each in marked for _ in range(each.often)]).flatmap(lambda it: it.chosen)


class CounterHub(Attempts, RuleBasedStateMachine):
    """A store with a second one beside it, three volunteers, two families in need."""

    def open_the_counter(self):
        self.story = transaction.atomic()
        self.story._from_testcase = True  # a draw refuses to run inside a transaction, but for a test's own
        self.story.__enter__()
        self.now = BEGINNING
        hub = self.hub = make_hub(8)
        self.goods = (hub.rice, ProductFactory.create(store=hub.store, name="肥皂", points=7))
        self.haircut = make_service(store=hub.store, points=HAIRCUT)
        self.volunteers = [VolunteerFactory.create() for _ in range(3)]
        home = make_household(*self.volunteers[:2])
        keeper = self.keeper = make_keeper()
        ReliefPolicy.objects.create(region_id=hub.store.region_id, monthly_items=SHARE_OF_A_FAMILY)
        self.cases = [make_case(keeper, home, review_on=REVIEW_ON), make_case(keeper, review_on=REVIEW_ON)]
        self.given, self.delivered, self.recalled = 0, 8, 0
        for volunteer in self.volunteers:
            self.award(volunteer, 60, days=60)
        self.take_in(1, 6, localdate(BEGINNING) + 9 * DAY, Fate())
        self.offer(hours=26, places=2, fate=Fate())

    def teardown(self):
        """Forget the story: the next one begins with empty shelves."""
        if hasattr(self, "story"):
            transaction.set_rollback(True)
            self.story.__exit__(None, None, None)

    @property
    def next(self):
        """When the next thing will happen."""
        return self.now + STEP

    def do_if(self, possible, use_case, fate, *, may=Refusal, **how):
        """Do what is possible, and see refused what is not."""
        made = self.do(use_case, fate, may=() if possible else may, **how)
        assert possible or isinstance(made, Refusal)
        return made

    def one_of(self, query, pick, *params):
        found = keys(query, *params)
        return found[pick % len(found)] if found else None

    def lines(self, quantities):
        pairs = zip(self.goods, quantities, strict=True)
        return [services.LineInput(product.pk, quantity) for product, quantity in pairs if quantity]

    def free(self, product, *, share=False, day=None):
        """Return how many are free, without the share of those in need unless they ask."""
        there = number(FREE, product.pk, day or localdate(self.next))
        return there - (0 if share else number(book.SHARE, product.pk))

    def assert_the_share_is_left(self, made, products):
        if not isinstance(made, Refusal):
            for product in products:
                there = number(FREE, product.pk, localdate(self.now))
                assert there >= number(book.SHARE, product.pk)

    # --- points and goods

    def offer(self, *, hours, places, fate):
        begins = self.now + timedelta(hours=hours)
        use_case = partial(
            services.open_slot,
            product=self.haircut,
            starts_at=begins,
            ends_at=begins + timedelta(hours=3),
            capacity=places,
            actor=self.hub.clerk,
        )
        self.do(use_case, fate, may=SlotTaken)

    def award(self, volunteer, points, *, days):
        self.now += STEP
        key, expires_at = f"award:{self.now:%Y%m%d%H%M}:{volunteer.pk}", self.now + timedelta(days=days)
        give(volunteer, points, key=key, at=self.now, expires_at=expires_at)
        self.given += points

    @step(who=st.integers(0, 2), points=st.integers(5, 60), days=st.integers(1, 40))
    def give_points(self, who, points, days):
        self.award(self.volunteers[who], points, days=days)

    @step(
        what=st.integers(0, 1),
        quantity=st.integers(3, 12),
        keeps=st.one_of(st.none(), st.integers(0, 12)),
        fate=fates,
    )
    def deliver(self, what, quantity, keeps, fate):
        self.take_in(what, quantity, None if keeps is None else localdate(self.next) + keeps * DAY, fate)

    def take_in(self, what, quantity, expires_on, fate):
        receive = partial(
            services.receive_batch,
            product=self.goods[what],
            quantity=quantity,
            expires_on=expires_on,
            actor=self.hub.clerk,
        )
        self.do(receive, fate, once=False)
        self.delivered += quantity

    @step(pick=picks, quantity=st.integers(1, 4), fate=fates)
    def write_off(self, pick, quantity, fate):
        batch_id = self.one_of(book.BATCHES, pick)
        use_case = partial(
            services.write_off, batch_id=batch_id, quantity=quantity, reason="受潮", actor=self.hub.clerk
        )
        self.do_if(quantity <= number(FREE_OF_BATCH, batch_id), use_case, fate, once=False)

    @step(pick=picks, fate=fates)
    def recall(self, pick, fate):
        if self.recalled == MOST_RECALLS:
            return
        use_case = partial(
            recalling.open_recall,
            batch_id=self.one_of(book.BATCHES, pick),
            reason="厂家通知",
            actor=self.hub.manager,
        )
        self.do(use_case, fate, may=AlreadyRecalled, in_one=False)
        self.recalled += 1

    # --- redemptions

    @step(often=2, orders=st.lists(st.tuples(st.integers(0, 2), wanted), min_size=1, max_size=2), fate=fates)
    def reserve(self, orders, fate):
        self.reserve_all(orders, fate)

    def reserve_all(self, orders, fate):
        for who, quantities in orders:
            there = all(
                self.free(product) >= quantity
                for product, quantity in zip(self.goods, quantities, strict=True)
                if quantity
            )
            cost = sum(price * quantity for price, quantity in zip(PRICES, quantities, strict=True))
            self.redeem(who, self.lines(quantities), fate, possible=there, cost=cost)

    def redeem(self, who, lines, fate, *, possible, cost):
        volunteer = self.volunteers[who]
        use_case = partial(services.reserve, volunteer=volunteer, store_id=self.hub.store.pk, lines=lines)
        enough = number(SPENDABLE, volunteer.pk, self.next) >= cost
        made = self.do_if(possible and enough, use_case, fate, once=False)
        chosen = {line.product_id for line in lines}
        self.assert_the_share_is_left(made, [product for product in self.goods if product.pk in chosen])

    @step(often=3, pick=picks, elsewhere=st.booleans(), fate=fates)
    def collect(self, pick, elsewhere, fate):
        pk = self.one_of(book.FREE_TO_SETTLE, pick, self.next) or self.one_of(book.WAITING, pick)
        if pk is None:
            return
        collect = partial(services.collect, code=Redemption.objects.get(pk=pk).code)
        if elsewhere:
            self.do_if(False, partial(collect, actor=self.hub.there), fate, may=NotFound)
        possible = number(book.COLLECTABLE, self.next, pk)
        self.do_if(possible, partial(collect, actor=self.hub.clerk), fate)

    @step(often=2, pick=picks, by_owner=st.booleans(), fate=fates)
    def cancel(self, pick, by_owner, fate):
        pk = self.one_of(book.WAITING, pick)
        if pk is None:
            return
        owner = Redemption.objects.get(pk=pk).volunteer
        actor = actor_for(owner.user) if owner and by_owner else self.hub.manager
        use_case = partial(services.cancel, redemption_id=pk, actor=actor)
        self.do_if(number(book.CANCELLABLE, self.next, pk), use_case, fate)

    @step(pick=picks, fate=fates)
    def settle_again(self, pick, fate):
        pk = self.one_of(book.SETTLED, pick)
        if pk is None:
            return
        collect = partial(services.collect, code=Redemption.objects.get(pk=pk).code)
        cancel = partial(services.cancel, redemption_id=pk)
        for use_case in (collect, cancel):
            self.do_if(False, partial(use_case, actor=self.hub.clerk), fate)

    @step(often=3, hours=st.sampled_from([6, 1, 12, 25, 74]), clock=st.booleans(), fate=fates)
    def let_time_pass(self, hours, clock, fate):
        self.now += timedelta(hours=hours)
        if clock:
            self.tick(fate)

    def tick(self, fate):
        """Run what the clock runs, and see that it has left nothing that was due."""
        self.do(services.lapse_due, fate, in_one=False)
        assert number(book.TO_LAPSE, self.now) == 0
        self.do(ledger.expire_lots, fate)
        self.do(recalling.settle_open, fate, in_one=False)
        assert number(book.TO_CALL_OFF, self.now) == 0
        self.do(close_days, fate, in_one=False)
        self.do(drawing.draw_due, fate, in_one=False)
        assert number(book.TO_DRAW, self.now) == 0
