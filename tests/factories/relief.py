"""Keepers, households on the list, and ballots; made through the services, as the guards demand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from backend.accounts.models import User
from backend.accounts.scopes import Actor, Role, actor_for
from points.ballots import services as ballots
from points.ballots.models import Ballot
from points.market.models import Product
from points.market.redemption_models import Redemption
from points.market.reserving import LineInput
from points.relief import issuing, services
from points.relief.models import ReliefCase, ReliefIssue, ReliefKeeper
from tests.factories.accounts import StaffFactory, make_actor, make_staff
from tests.factories.regions import COMMUNITY, RegionFactory
from tests.factories.volunteers import make_household
from volunteers.people.household_models import Household

NAMED_AT = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
REVIEW_ON = date(2026, 12, 1)


def name_keeper(user: User, *, prefix: str = COMMUNITY, at: datetime = NAMED_AT) -> ReliefKeeper:
    """Name somebody to keep the list of a region."""
    return ReliefKeeper.objects.create(
        user=user,
        region=RegionFactory.create(code=prefix.ljust(12, "0")),
        prefix=prefix,
        named_by=StaffFactory.create(),
        named_at=at,
    )


def make_keeper(prefix: str = COMMUNITY, *, at: datetime = NAMED_AT) -> Actor:
    """Make the actor of community staff who keep the list of their region."""
    user = make_staff(Role.COMMUNITY_STAFF, prefix)
    name_keeper(user, prefix=prefix, at=at)
    return actor_for(user)


def make_case(
    keeper: Actor,
    household: Household | None = None,
    *,
    review_on: date = REVIEW_ON,
    at: datetime = NAMED_AT,
    **changes: Any,
) -> ReliefCase:
    """Put a household on the list."""
    given = {"category": "illness", "reason": "长期透析，无收入"} | changes
    return services.open_case(
        number=(household or make_household()).number, review_on=review_on, actor=keeper, at=at, **given
    )


def give_out(
    case: ReliefCase, product: Product, quantity: int = 1, *, keeper: Actor, at: datetime
) -> ReliefIssue:
    """Set one kind of goods aside for a case."""
    lines = [LineInput(product.pk, quantity)]
    return issuing.issue(case_id=case.pk, store_id=product.store_id, lines=lines, actor=keeper, at=at)


def of_the_list(redemption: Redemption, *, at: datetime) -> ReliefIssue:
    """Make the case, if there is none, and the issue that goods without points are of."""
    household = redemption.household
    case = ReliefCase.objects.filter(household=household).first() or make_case(make_keeper(), household)
    return ReliefIssue.objects.create(
        case=case, redemption=redemption, keeper=case.kept_by, allowed=99, grace_days=14, at=at
    )


def make_ballot(
    product: Product, units: int = 1, *, at: datetime, points: int = 10, draw_at: datetime | None = None
) -> Ballot:
    """Open a ballot whose entries are taken from now on for a day."""
    closes_at = at + timedelta(days=1)
    return ballots.open_ballot(
        product_id=product.pk,
        units=units,
        points=points,
        opens_at=at,
        closes_at=closes_at,
        draw_at=draw_at or at + timedelta(days=3),
        actor=make_actor(Role.PLATFORM_ADMIN),
        at=at,
    )
