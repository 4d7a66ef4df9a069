"""Setting goods aside for a household in need: no points, and otherwise as for anybody else.

The transaction locks the case, then batches by id (inside the trigger of the stock move). What comes of it is
a `Redemption` like any other: the same code, the same counter, cancelled and lapsed the same way.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import NotFound, refusal_for
from points.market import queries as market
from points.market import rules
from points.market.choices import Channel, MoveKind, ProductKind
from points.market.errors import OutOfStock, ProductUnavailable, StoreClosed
from points.market.models import StockMove, Store
from points.market.redemption_models import Redemption, RedemptionLine
from points.market.reserving import LineInput, require_sound
from points.market.services import cancel
from points.relief import queries, services
from points.relief.choices import CaseStatus
from points.relief.errors import ReliefCaseNotActive, ReliefQuotaReached, ReliefReviewOverdue
from points.relief.models import ReliefCase, ReliefIssue
from points.relief.rules import Policy, last_day

_TRIES = 3  # how often an issue that lost a race for a batch looks for another one


def issue(
    *, case_id: int, store_id: int, lines: Sequence[LineInput], actor: Actor, at: datetime
) -> ReliefIssue:
    """Set goods aside for a case, from a store whose stock the keeper may change, without points.

    What is kept for relief may be used up; the pick-up code is in `show_code`.

    :raises NotReliefKeeper, NotFound: the actor keeps no list; not their case, not their store.
    :raises BasketEmpty, ProductListedTwice, ProductUnavailable, StoreClosed: the basket cannot be right.
    :raises ReliefCaseNotActive, ReliefReviewOverdue, ReliefQuotaReached: nothing goes out to this case now.
    :raises OutOfStock: fewer are there than asked for.
    :raises ReliefOwnHousehold: the actor lives in that household.
    """
    services.terms_required(actor)
    store = Store.objects.filter(pk=store_id).first()
    if store is None or not market.keeps_stock(actor, store):
        raise NotFound(field="store")
    require_sound(lines)
    wanted = {line.product_id: line.quantity for line in lines}
    for _attempt in range(_TRIES):
        basket = _read_basket(store_id, lines, at=at)
        try:
            return _issue(case_id, store_id, basket, wanted, actor=actor, at=at)
        except IntegrityError as error:
            lost = refusal_for(error)
            if not isinstance(lost, OutOfStock):
                raise lost from error
    raise lost


def show_code(*, issue_id: int, actor: Actor, at: datetime) -> Redemption:
    """Return the redemption of an issue with its pick-up code, to print it or read it out; an audit row.

    :raises NotReliefKeeper, NotFound: the actor keeps no list; not theirs.
    """
    terms = services.terms_required(actor)
    with transaction.atomic():
        found = (
            ReliefIssue.objects.filter(pk=issue_id, case__in=queries.cases_of(terms).order_by())
            .select_related("redemption__store", "redemption__household")
            .prefetch_related("redemption__lines__product")
            .first()
        )
        if found is None:
            raise NotFound
        audit.record(actor=actor, action="relief.code_shown", target=found, at=at)
    return found.redemption


def cancel_issue(*, issue_id: int, actor: Actor, at: datetime) -> ReliefIssue:
    """Call an issue off before it is collected; the goods go back to the shelf.

    :raises NotReliefKeeper, NotFound: the actor keeps no list; not theirs, or not a store they keep.
    :raises RedemptionAlreadyCollected, RedemptionCancelled, RedemptionLapsed: it was settled before.
    """
    terms = services.terms_required(actor)
    found = ReliefIssue.objects.filter(pk=issue_id, case__in=queries.cases_of(terms).order_by()).first()
    if found is None:
        raise NotFound
    found.redemption = cancel(redemption_id=found.redemption_id, actor=actor, at=at)
    return found


def _read_basket(store_id: int, lines: Sequence[LineInput], *, at: datetime) -> Mapping[int, market.Offer]:
    basket = market.basket(
        store_id=store_id,
        wanted={line.product_id: line.quantity for line in lines},
        volunteer_id=None,
        usable_on=localdate(at),
    )
    offers = {} if basket is None else basket.offers
    for position, line in enumerate(lines):
        if line.product_id not in offers or offers[line.product_id].kind != ProductKind.GOODS:
            raise ProductUnavailable(field=f"/lines/{position}/product")
    if basket is not None and not basket.policy.is_open:
        raise StoreClosed(field="store", store=basket.policy.name)
    return offers


@transaction.atomic
def _issue(
    case_id: int,
    store_id: int,
    basket: Mapping[int, market.Offer],
    wanted: Mapping[int, int],
    *,
    actor: Actor,
    at: datetime,
) -> ReliefIssue:
    """Choose batches and write the redemption and its issue.

    :raises IntegrityError: `batch_reserved_within`, somebody took the goods since the basket was read.
    """
    terms = services.terms_required(actor)
    case = services.locked_case(terms, case_id)
    policy = queries.policy_for(case.household.region_id)
    _check_may_have(case, policy, sum(wanted.values()), at=at)
    picks = rules.first_expired_first_out(
        [each for offer in basket.values() for each in offer.batches], wanted
    )
    if isinstance(picks, rules.Shortage):
        short = basket[picks.product_id].terms
        raise OutOfStock(field="lines", product=short.name, left=picks.left, unit=short.unit)
    redemption = _redemption(case, store_id, picks, wanted, policy, at=at)
    made = ReliefIssue.objects.create(
        case=case,
        redemption=redemption,
        keeper=services.term_of_case(terms, case),
        allowed=policy.monthly_items,
        grace_days=policy.grace_days,
        at=at,
    )
    audit.record(actor=actor, action="relief.issued", target=made, at=at)
    StockMove.objects.bulk_create(  # last, as in market.services: from here on batches are locked
        StockMove(
            batch_id=pick.batch.batch_id,
            kind=MoveKind.RESERVE,
            quantity=pick.quantity,
            redemption=redemption,
            at=at,
        )
        for pick in picks
    )
    return made


def _redemption(
    case: ReliefCase,
    store_id: int,
    picks: Sequence[rules.Pick],
    wanted: Mapping[int, int],
    policy: Policy,
    *,
    at: datetime,
) -> Redemption:
    redemption = Redemption.objects.create(
        household=case.household,
        channel=Channel.RELIEF,
        store_id=store_id,
        code=rules.new_code(),
        points=0,
        created_at=at,
        reserved_until=rules.held_until(picks, at=at, hold=timedelta(hours=policy.hold_hours)),
    )
    RedemptionLine.objects.bulk_create(
        RedemptionLine(redemption=redemption, product_id=product_id, quantity=quantity, unit_points=0)
        for product_id, quantity in wanted.items()
    )
    return redemption


def _check_may_have(case: ReliefCase, policy: Policy, items: int, *, at: datetime) -> None:
    if case.status != CaseStatus.ACTIVE:
        raise ReliefCaseNotActive
    if localdate(at) > last_day(case.review_on, policy):
        raise ReliefReviewOverdue(due=case.review_on)
    left = max(0, policy.monthly_items - queries.had_this_month(case.household_id, at=at))
    if items > left:
        raise ReliefQuotaReached(field="lines", most=policy.monthly_items, left=left)
