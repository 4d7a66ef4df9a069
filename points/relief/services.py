"""Naming keepers, putting households on the list, reviewing them, and keeping a share of the goods for them.

Reading the list is a service too, because every reading of it is an audit row: who, when, and which cases.
What goes out is in issuing.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.timezone import localdate

from backend.accounts.models import User
from backend.accounts.scopes import Actor, Role, actor_for
from backend.core import audit
from backend.core.errors import Forbidden, NotFound, refusal_for
from backend.regions.queries import get_region, prefix_of
from points.market.models import Product
from points.market.queries import KEEPERS_BY_REGION, stores_kept_by
from points.relief import queries
from points.relief.choices import CaseStatus, ReliefCategory
from points.relief.errors import (
    KeeperNamesSelf,
    KeeperNotStaff,
    NotReliefKeeper,
    ReliefCaseEnded,
    ReliefHouseholdUnknown,
    ReliefReasonRequired,
    ReliefReviewDateInvalid,
    ReliefShareInvalid,
)
from points.relief.models import ReliefCase, ReliefKeeper, ReliefNotice, ReliefReview
from points.relief.rules import MOST_KEPT, Policy, is_review_day
from volunteers.people.household_models import Household

SHARE_SETTERS = (Role.STORE_CLERK, Role.ORGANIZATION_MANAGER, *KEEPERS_BY_REGION)


@dataclass(frozen=True, slots=True)
class Opened:
    """A case as its keeper reads it, with the sealed words opened and the rules that hold for it."""

    case: ReliefCase
    name: str
    contact: str
    reason: str
    policy: Policy
    had_this_month: int
    reviews: Sequence[tuple[ReliefReview, str]]


def name_keeper(*, username: str, region_code: str, actor: Actor, at: datetime) -> ReliefKeeper:
    """Name somebody of the community staff to keep the list of a region.

    :raises Forbidden: not community staff. :raises NotFound: the region is not theirs.
    :raises RegionUnknown: no such region. :raises KeeperNotStaff: nobody of that region's staff.
    :raises KeeperNamesSelf: the actor. :raises KeeperNamed: they keep it already.
    """
    if not actor.has(*queries.NAMERS):
        raise Forbidden
    region = get_region(region_code)
    if not any(region.code.startswith(prefix) for prefix in actor.regions(*queries.NAMERS)):
        raise NotFound(field="region")
    user = User.objects.filter(username=username, is_active=True).first()
    prefix = prefix_of(region.code)
    if user is None or not any(
        prefix.startswith(reach) for reach in actor_for(user).regions(Role.COMMUNITY_STAFF)
    ):
        raise KeeperNotStaff(field="username")
    if user.pk == actor.user_id:
        raise KeeperNamesSelf(field="username")
    try:
        with transaction.atomic():
            keeper = ReliefKeeper.objects.create(
                user=user, region=region, prefix=prefix, named_by_id=actor.user_id, named_at=at
            )
            audit.record(actor=actor, action="relief.keeper_named", target=keeper, at=at)
    except IntegrityError as error:
        raise refusal_for(error) from error
    return keeper


def end_keeper(*, keeper_id: int, actor: Actor, at: datetime) -> ReliefKeeper:
    """End somebody's keeping of the list, also one's own. Ending twice changes nothing.

    :raises Forbidden: not community staff. :raises NotFound: no such keeper in their regions.
    """
    if not actor.has(*queries.NAMERS):
        raise Forbidden
    with transaction.atomic():
        mine = queries.keepers_under(actor).select_for_update(of=("self",))
        keeper = mine.filter(pk=keeper_id).first()
        if keeper is None:
            raise NotFound
        if keeper.ended_at is None:
            keeper.ended_at = at
            keeper.ended_by_id = actor.user_id
            keeper.save(update_fields=["ended_at", "ended_by"])
            audit.record(actor=actor, action="relief.keeper_ended", target=keeper, at=at)
    return keeper


def open_case(
    *, number: str, category: ReliefCategory | str, reason: str, review_on: date, actor: Actor, at: datetime
) -> ReliefCase:
    """Put a household, named by its number, on the list, with the reason and the day of the next review.

    :raises NotReliefKeeper: the actor keeps no list.
    :raises ReliefHouseholdUnknown: no open household of their regions has the number.
    :raises ReliefReasonRequired, ReliefReviewDateInvalid: no reason; no day within a year.
    :raises ReliefOwnHousehold: the actor lives there. :raises ReliefCaseExists: it is on the list.
    """
    terms = terms_required(actor)
    _check_words(reason, review_on, at=at)
    household = Household.objects.filter(number=number, closed_at__isnull=True).first()
    term = None if household is None else _term_for(terms, household.region_id)
    if household is None or term is None:
        raise ReliefHouseholdUnknown(field="number")
    try:
        with transaction.atomic():
            case = ReliefCase.objects.create(
                household=household,
                category=category,
                reason=reason.strip(),
                review_on=review_on,
                kept_by=term,
                opened_at=at,
            )
            audit.record(actor=actor, action="relief.case_opened", target=case, at=at)
    except IntegrityError as error:
        raise refusal_for(error) from error
    return case


def review_case(
    *,
    case_id: int,
    status: CaseStatus | str,
    reason: str,
    review_on: date | None,
    actor: Actor,
    at: datetime,
) -> ReliefCase:
    """Look at a case again: go on, pause or end it, with the reason. Whoever reviews keeps it from then on.

    :raises NotReliefKeeper, NotFound: the actor keeps no list; not theirs.
    :raises ReliefReasonRequired, ReliefReviewDateInvalid: as `open_case`; an ended case has no next review.
    :raises ReliefCaseEnded: it has ended. :raises ReliefOwnHousehold: the actor lives there.
    """
    terms = terms_required(actor)
    ends = status == CaseStatus.ENDED
    _check_words(reason, None if ends else review_on, ends=ends, at=at)
    try:
        with transaction.atomic():
            case = locked_case(terms, case_id)
            if case.status == CaseStatus.ENDED:
                raise ReliefCaseEnded
            ReliefReview.objects.create(
                case=case,
                status=status,
                review_on=None if ends else review_on,
                reason=reason.strip(),
                keeper=term_of_case(terms, case),
                at=at,
            )
            audit.record(
                actor=actor, action="relief.case_reviewed", target=case, at=at, detail={"status": str(status)}
            )
    except IntegrityError as error:
        raise refusal_for(error) from error
    case.refresh_from_db()
    return case


def read_cases(*, actor: Actor, at: datetime, first: int = 0, most: int = 50) -> list[ReliefCase]:
    """Return a stretch of the list as its keepers see it; the reading is an audit row naming the cases.

    :raises NotReliefKeeper: the actor keeps no list.
    """
    terms = terms_required(actor)
    with transaction.atomic():
        cases = list(queries.with_recalls(queries.cases_of(terms))[first : first + most])
        audit.record(
            actor=actor,
            action="relief.list_read",
            target=None,
            at=at,
            detail={"cases": [case.pk for case in cases]},
        )
    return cases


def read_case(*, case_id: int, actor: Actor, at: datetime) -> Opened:
    """Return one case with its sealed words opened; the reading is an audit row.

    :raises NotReliefKeeper, NotFound: the actor keeps no list; not theirs.
    """
    terms = terms_required(actor)
    with transaction.atomic():
        case = queries.with_history(queries.with_recalls(queries.cases_of(terms))).filter(pk=case_id).first()
        if case is None:
            raise NotFound
        audit.record(actor=actor, action="relief.case_read", target=case, at=at)
    household = case.household
    return Opened(
        case=case,
        name=household.name.open(),
        contact=household.contact.open() if household.contact else "",
        reason=case.reason.open(),
        policy=queries.policy_for(household.region_id),
        had_this_month=queries.had_this_month(household.pk, at=at),
        reviews=[(review, review.reason.open()) for review in case.reviews.all()],
    )


def set_share(*, product_id: int, quantity: int, actor: Actor, at: datetime) -> Product:
    """Say how many of a product are always left for households in need. What is reserved already stays.

    :raises Forbidden: the actor's roles never keep a store. :raises NotFound: not in a store they keep.
    :raises ReliefShareInvalid: below zero, or more than a million.
    """
    if not actor.has(*SHARE_SETTERS):
        raise Forbidden
    if not 0 <= quantity <= MOST_KEPT:
        raise ReliefShareInvalid(field="quantity", most=MOST_KEPT)
    with transaction.atomic():
        kept: QuerySet[Product] = Product.objects.select_for_update(of=("self",), no_key=True)
        product = kept.filter(pk=product_id, store__in=stores_kept_by(actor)).first()
        if product is None:
            raise NotFound
        before = product.relief_reserved
        if before != quantity:
            product.relief_reserved = quantity
            product.save(update_fields=["relief_reserved"])
            audit.record(
                actor=actor,
                action="relief.share_set",
                target=product,
                at=at,
                detail={"before": before, "after": quantity},
            )
    return product


def note_overdue(*, at: datetime) -> int:
    """Note every review that is overdue, once per review date; return how many were new."""
    cases = queries.overdue(on=localdate(at)).values_list("pk", "review_on")
    before = ReliefNotice.objects.count()
    ReliefNotice.objects.bulk_create(
        (ReliefNotice(case_id=pk, review_on=review_on, at=at) for pk, review_on in cases),
        ignore_conflicts=True,
    )
    return ReliefNotice.objects.count() - before


def terms_required(actor: Actor) -> list[ReliefKeeper]:
    """Return what the actor is named to keep.

    :raises NotReliefKeeper: nothing.
    """
    terms = list(queries.terms_of(actor))
    if not terms:
        raise NotReliefKeeper
    return terms


def locked_case(terms: Sequence[ReliefKeeper], case_id: int) -> ReliefCase:
    """Return a case of these terms, locked until the transaction ends.

    :raises NotFound: no such case, or not theirs.
    """
    case = queries.cases_of(terms).select_for_update(of=("self",)).filter(pk=case_id).first()
    if case is None:
        raise NotFound
    return case


def term_of_case(terms: Sequence[ReliefKeeper], case: ReliefCase) -> ReliefKeeper:
    """Return the term under which a case of `cases_of(terms)` is kept."""
    return next(term for term in terms if case.household.region_id.startswith(term.prefix))


def _term_for(terms: Sequence[ReliefKeeper], region_code: str) -> ReliefKeeper | None:
    return next((term for term in terms if region_code.startswith(term.prefix)), None)


def _check_words(reason: str, review_on: date | None, *, at: datetime, ends: bool = False) -> None:
    if not reason.strip():
        raise ReliefReasonRequired(field="reason")
    if not ends and (review_on is None or not is_review_day(review_on, at=at)):
        raise ReliefReviewDateInvalid(field="review_on")
